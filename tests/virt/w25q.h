#ifndef TESTS_VIRT_W25Q_H
#define TESTS_VIRT_W25Q_H
/*
 * w25q - a serial flash chip in virtual time, which forgives nothing: a command
 * while it is busy, a program or erase without WREN, a bit that would have to
 * become 1, bytes beyond the page or the chip are all counted as errors.
 *
 * Times are nanoseconds; who calls keeps the clock.  Typical times of a W25Q32
 * (data sheet): sector 45 ms, 32 KB 120 ms, 64 KB 150 ms, page 0.7 ms, here
 * 30 us and 2.5 us per byte; the whole chip 64 KB after 64 KB.
 */
#include <stdbool.h>
#include <stdint.h>

#include "stubs/hal.h"

enum {
	W25Q_SECTOR	= 4096,
	W25Q_BLOCK	= 65536,
	W25Q_PAGE	= 256,
	W25Q_NEVER	= 0x7fffffff,
};

struct w25q {
	uint8_t		*data;
	uint32_t	 size;
	uint8_t		 status[3];	/* WEL and BUSY are kept apart */
	uint8_t		 locked;	/* bits of status[0] that stay */
	bool		 never_ready;	/* busy for ever from now on */
	unsigned	 stuck_after;	/* ... after so many changes */
	unsigned	 slow;		/* all times are so many times longer */
	bool		 enabled;	/* WEL */
	bool		 reset_enabled;
	uint64_t	 ready;		/* busy until then */
	uint64_t	 busy_ns;	/* all of that together */
	unsigned	 programs, erases;
	unsigned	 sector_erases, half_erases, block_erases;
	uint64_t	 programmed;	/* bytes */
	unsigned	 errors;
	const char	*error;		/* the first */
};

/* A chip of `size` bytes, a power of two, filled with `fill`. */
void w25q_init(struct w25q *, uint32_t size, uint8_t fill);
void w25q_done(struct w25q *);

bool w25q_is_busy(const struct w25q *, uint64_t now);

/* A transaction that ended now. */
void w25q_run(struct w25q *, const struct hal_spi *, uint64_t now);
#endif
