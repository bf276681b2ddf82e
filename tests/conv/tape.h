#ifndef TESTS_CONV_TAPE_H
#define TESTS_CONV_TAPE_H
/*
 * tape - a recorded conversation between a host and a chip, and a wire that
 * answers from it: a request gets what the recorded chip said to the request
 * of the same meaning, in whatever order they come.
 *
 * A file has lines "ms direction hex", '>' to the chip and '<' from it; '#'
 * starts a remark.  It may be gzipped.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/wire/wire.h"
#include "proto/base/buf.h"
#include "proto/chip/chip.h"
#include "proto/serial/slip.h"

enum { TAPE_FRAME = 0x8000, TAPE_KEY = 32 };

/* One request and all that came before the next one. */
struct tape_turn {
	uint8_t		*sent, *got;	/* decoded frame; raw bytes */
	size_t		 sent_len, got_len;
	uint8_t		 key[TAPE_KEY];	/* what the request means */
	size_t		 key_len;
	bool		 used;
};

struct tape {
	struct wire		 wire;
	const struct chip	*chip;
	struct tape_turn	*turns;
	size_t			 count, room;
	uint64_t		 now;
	unsigned		 asked;		/* requests answered */
	unsigned		 blank;		/* registers not on the tape */
	unsigned		 differ[256];	/* by command: other bytes than
						 * the recorded request */
	uint8_t			 spi_command;	/* last one set up */
	struct slip_decoder	 slip;
	uint8_t			 frame[TAPE_FRAME];
	struct buf		 rx;
};

/* Read a file; 0 when it cannot be opened. */
int tape_load(struct tape *, const struct chip *, const char *path);
void tape_done(struct tape *);
#endif
