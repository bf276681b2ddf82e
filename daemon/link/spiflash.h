#ifndef DAEMON_LINK_SPIFLASH_H
#define DAEMON_LINK_SPIFLASH_H
/*
 * spiflash - commands straight to the flash chip, through the registers of
 * the SPI controller ("user" transactions).  For what the loader has no
 * command for; needs a flash that is attached and registers that may be
 * accessed.  Our own stub carries them out itself, a list of them in one round
 * trip.
 *
 * All return the errors of rom.h, and ERR_FLASH: the controller does not
 * finish.  Each register costs a round trip, so a row of transactions shares
 * one struct spiflash.
 */
#include <stddef.h>
#include <stdint.h>

struct chip;
struct rom;

enum { SPIFLASH_DATA_MAX = 64 };	/* bytes of one transaction */

/* One transaction: command, then an address of `addr_bits` (0: none), then
 * `dummy_bits`, then data sent or data read (not both). */
struct spiflash_op {
	uint8_t		 command;
	uint8_t		 addr_bits;
	uint32_t	 addr;
	uint8_t		 dummy_bits;
	uint8_t		 send_bytes, read_bytes;
	const uint8_t	*send;
	uint8_t		*read;		/* what is read goes here */
};

/* A row of transactions; the registers that the loader's own flash functions
 * rely on are put back at its end. */
struct spiflash {
	struct rom		*rom;
	const struct chip	*chip;
	uint32_t		 usr, usr2;	/* as they were */
	uint32_t		 usr_now;
};

int spiflash_open(struct spiflash *, struct rom *, const struct chip *);
int spiflash_run(struct spiflash *, const struct spiflash_op *);
/* One after the other; at most SPIFLASH_LIST_MAX. */
enum { SPIFLASH_LIST_MAX = 4 };
int spiflash_list(struct spiflash *, const struct spiflash_op *, size_t count);
int spiflash_close(struct spiflash *);

/* Commands alone, at most SPIFLASH_COMMANDS_MAX. */
enum { SPIFLASH_COMMANDS_MAX = 4 };
int spiflash_commands(struct spiflash *, const uint8_t *, size_t count);
int spiflash_command(struct spiflash *, uint8_t command);

/* JEDEC id: maker in the low byte, then type, then capacity. */
int spiflash_id(struct spiflash *, uint32_t *rdid);
/* The same, and the byte of its own description that names the maker. */
int spiflash_id_and_maker(struct spiflash *, uint32_t *rdid, uint8_t *maker);

/* `len` bytes (at most SPIFLASH_DATA_MAX) of the flash's own description. */
int spiflash_sfdp(struct spiflash *, uint32_t addr, uint8_t *out, size_t len);

/* Reset the flash: 0x66, 0x99. */
int spiflash_reset(struct spiflash *);

/* The first `count` (1 to 3) status registers, the first in the low byte. */
int spiflash_status(struct spiflash *, unsigned count, uint32_t *status);
#endif
