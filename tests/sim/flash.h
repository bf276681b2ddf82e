#ifndef TESTS_SIM_FLASH_H
#define TESTS_SIM_FLASH_H
/*
 * flash - a serial NOR flash of the W25Q family: erasing sets bits, programming
 * clears them, and each takes its time.
 *
 * Contents live in a file (mapped) or in memory, there only the sectors that
 * were ever programmed.  Addresses wrap at the size, as on the part.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FLASH_PAGE	= 256,
	FLASH_SECTOR	= 4096,
	FLASH_BLOCK32	= 32 * 1024,
	FLASH_BLOCK	= 64 * 1024,
};

/* Microseconds of work; all 0 is a flash without delays. */
struct flash_times {
	uint32_t	page_us;	/* at most, of these: */
	uint32_t	first_us;	/* first byte of a page */
	uint32_t	byte_ns;	/* each more */
	uint32_t	sector_us;
	uint32_t	block32_us;
	uint32_t	block_us;
	uint32_t	chip_us;
	uint32_t	read_ns;	/* per byte */
};
extern const struct flash_times flash_typical;	/* W25Q32JV data sheet */
extern const struct flash_times flash_instant;

/* How a flash differs from a usual W25Q. */
struct flash_traits {
	bool		no_sfdp;	/* none is told: FF */
	bool		octal;		/* a Macronix with eight lines */
	/* An XMC part that has not started well: it hardly knows who it is and
	 * keeps nothing, until it was sent to sleep deeply and woken. */
	bool		xmc_failed;
	uint32_t	status;		/* its registers when new, 1 lowest */
	uint32_t	fixed;		/* ...and bits that nobody can change */
};

enum { FLASH_STATUS = 3 };		/* registers */

struct flash {
	struct flash_traits traits;
	uint32_t	 size;		/* bytes, a power of two */
	uint8_t		*map;		/* the file, or NULL */
	uint8_t	       **sector;	/* without a file; NULL: blank */
	struct flash_times times;
	uint8_t		 status[FLASH_STATUS];	/* 1 to 3; WEL is bit 1 */
	uint8_t		 kept[FLASH_STATUS];	/* what they are when power
						 * comes */
	bool		 volatile_next;	/* 0x50: a status write is not kept */
	bool		 sleeping;	/* deep power-down */
	bool		 failed;	/* traits.xmc_failed, and not yet mended */
	uint8_t		 slept;		/* the last sleep command, 0: none */
	bool		 reset_armed;	/* 0x66 was the last command */
	uint64_t	 busy_until_us;	/* of a command over SPI */
};

/* `path` NULL: in memory.  A file that is new or too short is filled up with
 * 0xFF.  Returns 0 or a negative errno. */
int flash_init(struct flash *, const struct flash_traits *, uint32_t size,
    const char *path);
void flash_done(struct flash *);

/* Power was cut: the volatile state goes, the contents stay. */
void flash_power(struct flash *);

/* Its block protection lets nothing be written or erased. */
bool flash_protected(const struct flash *);
/* Take that away, as loaders do before they write; false when it stays. */
bool flash_unprotect(struct flash *);

void flash_read(const struct flash *, uint32_t addr, void *, size_t len);

/* Clear the bits that are 0 in the data; returns the time it takes in us. */
uint64_t flash_program(struct flash *, uint32_t addr, const void *, size_t len);

/* Erase whole sectors from a sector's start, by the largest steps that fit;
 * returns the time in us. */
uint64_t flash_erase(struct flash *, uint32_t addr, uint32_t len);
uint64_t flash_erase_chip(struct flash *);

/* Time to read `len` bytes, us. */
uint64_t flash_read_us(const struct flash *, size_t len);

/* MD5 of a range; false when libcrypto fails. */
bool flash_md5(const struct flash *, uint32_t addr, uint32_t len,
    uint8_t digest[16]);

/* One transaction on the pins: command, address, up to 64 bytes each way.
 * `rx` is always filled. */
void flash_spi(struct flash *, uint64_t now_us, uint8_t cmd, uint32_t addr,
    const uint8_t *tx, size_t tx_len, uint8_t *rx, size_t rx_len);
#endif
