#ifndef TESTS_SIM_LINE_H
#define TESTS_SIM_LINE_H
/*
 * line - the serial line between an adapter and a chip: bytes take their time,
 * and bytes sent at another rate than the receiver's arrive as garbage.
 *
 * Each direction is a queue of bytes tagged with the rate they were sent at.
 * The owner supplies the clock and calls line_run() when asked to.  With a
 * latency all that was sent arrives so much later, as behind an adapter that
 * collects bytes for its USB; the rate stays what it is.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/buf.h"

struct line_ops {
	uint64_t (*now_us)(void *ctx);
	/* Bytes have arrived, sent at `bps` (0: unknown, always right). */
	void (*to_chip)(void *ctx, uint8_t *, size_t, uint32_t bps);
	void (*to_host)(void *ctx, uint8_t *, size_t, uint32_t bps);
	/* Call line_run() in so many microseconds. */
	void (*wake)(void *ctx, uint64_t us);
};

struct line_chunk {
	uint32_t	bps;
	size_t		len;
	uint64_t	since_us;	/* not on the wire before */
};

enum { LINE_CHUNKS = 128 };

struct line_queue {
	struct buf	bytes;
	struct line_chunk chunk[LINE_CHUNKS];	/* rates of what is queued */
	size_t		chunks;
	uint64_t	free_us;	/* up to when it has been delivered */
	uint64_t	end_us;		/* when the wire is free again */
};

struct line {
	const struct line_ops	*ops;
	void			*ctx;
	bool			 paced;
	uint64_t		 latency_us;	/* each way; 0 at first */
	bool			 running;
	struct line_queue	 up, down;	/* to the host, to the chip */
};

void line_init(struct line *, bool paced, const struct line_ops *, void *ctx);
void line_done(struct line *);

/* `bps` 0 in a paced line takes the time of 115200. */
void line_to_chip(struct line *, const void *, size_t, uint32_t bps);
void line_to_host(struct line *, const void *, size_t, uint32_t bps);
void line_run(struct line *);

/* Forget what has not arrived yet. */
void line_purge_up(struct line *);
void line_purge_down(struct line *);

/* Nothing moves to the host for that long. */
void line_delay_up(struct line *, uint64_t us);

/* Bytes on their way to the chip: stop reading when they are many. */
size_t line_waiting(const struct line *);

/* True when a receiver at `b` understands a sender at `a` (3 % either way). */
bool line_rates_fit(uint32_t a, uint32_t b);

/* What the receiver makes of bytes at the wrong rate. */
void line_garble(uint8_t *, size_t, uint32_t sent_bps, uint32_t bps);
#endif
