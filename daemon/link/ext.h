#ifndef DAEMON_LINK_EXT_H
#define DAEMON_LINK_EXT_H
/*
 * ext - the commands that only our own flasher stub knows, one function each;
 * proto/serial/ext.h says what passes.
 *
 * All carry check sums both ways, so that what the line damaged never counts as
 * something else.  All but those that say so wait for the answer, and return
 * the errors of rom.h.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/serial/ext.h"

struct rom;

/* What the stub said of itself; all 0 for a loader that does not know this. */
struct ext {
	uint32_t	version;	/* 0: none of ours */
	uint32_t	build;
	uint32_t	caps;		/* enum ext_cap */
	uint32_t	window;		/* bytes; see enum EXT_INFO_* */
	uint32_t	block, part, batch;
	uint32_t	chip;
};

enum {
	EXT_BLOCK_MOST	= 4096,		/* data bytes of a block that we send */
	EXT_PART_MOST	= 4096,		/* ... of a part that we ask for */
	EXT_WORDS_MOST	= 64,		/* words of one step that reads */
	EXT_FRAME	= 2 + 8 + 2 + EXT_CRC,	/* bytes around the payload of
						 * an answer */
};

/* Ask a stub whether it is one of ours: rom->ext.  A stub that is not, or that
 * says something we do not understand, is no error. */
int ext_ask(struct rom *);

/* It is one of ours; and can do that besides. */
bool ext_there(const struct rom *);
bool ext_can(const struct rom *, enum ext_cap);

/* ---- rows of steps ---- */

/* What one step does; see enum ext_step. */
struct ext_do {
	enum ext_step	 step;
	uint8_t		 command;	/* EXT_STEP_SPI; of EXT_STEP_POLL the
					 * tenths of a second */
	uint8_t		 addr_bits, dummy_bits;
	uint32_t	 addr;
	uint32_t	 x, y;
	const uint8_t	*send;		/* EXT_STEP_SPI: x bytes, or NULL */
	uint8_t		*read;		/* what it reads goes here: 4 * x bytes
					 * of EXT_STEP_READ, in the chip's
					 * order; y of EXT_STEP_SPI */
};

/* Do them all in order, in as few commands as they take.  After a refusal
 * (ERR_REFUSED) *done of them were done; it may be NULL.  After a silence those
 * that change something are not sent again: whether they were done is not
 * known. */
int ext_batch(struct rom *, const struct ext_do *, size_t count, size_t *done);

/* ---- writing and reading ---- */

/* An answer in which the check sum is right. */
struct ext_reply {
	uint8_t		 op;
	uint32_t	 value;
	uint16_t	 status;	/* as rom->status; 0: done */
	const uint8_t	*data;		/* in rom->frame */
	size_t		 len;
};

int ext_write(struct rom *, uint32_t bytes, uint32_t offset, uint32_t flags);

/* Send only; the answers are taken with ext_hear().  No data asks for nothing
 * but the answer. */
int ext_block(struct rom *, unsigned round, uint32_t number, const void *,
    size_t len);
int ext_end(struct rom *, uint32_t blocks);
int ext_read(struct rom *, enum ext_read what, uint32_t offset, uint32_t bytes,
    uint32_t part_bytes, uint32_t window);
int ext_ack(struct rom *, uint32_t bytes, bool again);

/*
 * The next answer, which must come within `ms` (0: now, or not at all).
 * Returns 1 with it, 0 when something came that was damaged or no answer,
 * ERR_TIMEOUT when nothing did.
 */
int ext_hear(struct rom *, struct ext_reply *, unsigned ms);

/* Wait until the stub has answered everything that was sent, and forget that:
 * after questions that were repeated. */
int ext_settle(struct rom *);

/* What it counted; `again`: it begins with zero again. */
int ext_counters(struct rom *, bool again, uint32_t words[EXT_COUNTS]);
#endif
