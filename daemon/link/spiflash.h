#ifndef DAEMON_LINK_SPIFLASH_H
#define DAEMON_LINK_SPIFLASH_H
/*
 * spiflash - commands straight to the flash chip, through the registers of
 * the SPI controller ("user" transactions).  For loaders that have no command
 * for it; needs a flash that is attached and registers that may be accessed.
 */
#include <stddef.h>
#include <stdint.h>

struct chip;
struct rom;

/* One transaction: command, then an address of `addr_bits` (0: none), then
 * `dummy_bits`, then up to 32 bits read.  Errors of rom.h; ERR_FLASH: the
 * controller does not finish. */
struct spiflash_op {
	uint8_t		command;
	uint8_t		addr_bits;
	uint32_t	addr;
	uint8_t		dummy_bits;
	uint8_t		read_bits;
};

int spiflash_run(struct rom *, const struct chip *,
    const struct spiflash_op *, uint32_t *answer);

/* JEDEC id: maker in the low byte, then type, then capacity. */
int spiflash_id(struct rom *, const struct chip *, uint32_t *rdid);

/* Wake the flash and reset it: 0xAB, 0x66, 0x99. */
int spiflash_reset(struct rom *, const struct chip *);
#endif
