#ifndef TESTS_UNIT_STUB_BOARD_H
#define TESTS_UNIT_STUB_BOARD_H
/*
 * stub_board - our stub on a small machine for tests: a line without a rate, a
 * flash that is strict, and a clock that jumps.  The stub runs in a fiber until
 * there is nothing for it to do.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/serial/ext.h"
#include "stubs/stub.h"

enum {
	BOARD_IN	= 1 << 20,	/* bytes, of the line */
	BOARD_OUT	= 1 << 20,
	BOARD_REGS	= 64,		/* words, from address 0 on */
};

enum board_left { BOARD_STAYS, BOARD_JUMPED, BOARD_RESTARTED, BOARD_RAN };

struct stub_board {
	struct stub	*stub;
	struct fiber	*fiber;
	bool		 official;
	uint32_t	 caps;		/* enum ext_cap */
	uint8_t		 in[BOARD_IN];
	size_t		 in_len, in_at;
	uint8_t		 out[BOARD_OUT];
	size_t		 out_len, out_at;
	uint32_t	 fifo;		/* most bytes taken at once, 0: all */

	uint8_t		*flash;
	uint32_t	 flash_size;	/* a power of two */
	uint8_t		 maker;
	uint8_t		 status[2];
	uint8_t		 fixed;		/* bits of the first that stay */
	bool		 no_32k;	/* does not know that erase */
	bool		 dead;		/* busy for ever */
	bool		 polled;	/* was asked since the last idling */
	uint64_t	 now_us, busy_until_us;
	unsigned	 faults;	/* what a flash must not be told */
	unsigned	 erases, programs, far, reads;
	uint32_t	 sealed;	/* bytes by hal_encrypt() */
	uint32_t	 reg[BOARD_REGS];
	uint32_t	 pins, baud, entry;
	enum board_left	 left;
};

/* A blank flash of `flash_size`; board_start() runs the stub up to its
 * greeting. */
void board_init(struct stub_board *, uint32_t flash_size);
void board_start(struct stub_board *);
void board_done(struct stub_board *);

/* Let the stub work until it waits for bytes. */
void board_run(struct stub_board *);

/* A frame to the stub: raw bytes of the line, data as a frame, a request of
 * the one protocol or the other (whose checksums are made). */
void board_raw(struct stub_board *, const void *, size_t len);
void board_frame(struct stub_board *, const void *, size_t len);
void board_request(struct stub_board *, uint8_t op, const void *, size_t len);
void board_block(struct stub_board *, uint8_t op, uint32_t seq, const void *,
    size_t len);
void board_words(struct stub_board *, uint8_t op, unsigned n, ...);

/* The next frame that the stub has sent; its length, 0: there is none.  `out`
 * is big enough for every frame. */
enum { BOARD_FRAME = 20000 };
size_t board_answer(struct stub_board *, uint8_t out[BOARD_FRAME]);

/* Status bytes of the next answer, which must be one to `op` and sound (length,
 * CRC).  Its payload stands behind the header in `out`, *len bytes; *value (or
 * NULL) its value. */
unsigned board_status(struct stub_board *, uint8_t op,
    uint8_t out[BOARD_FRAME], size_t *len, uint32_t *value);

/* Data of which half can be compressed, with bytes that need escapes. */
void board_fill(uint8_t *, size_t len);
#endif
