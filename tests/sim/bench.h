#ifndef TESTS_SIM_BENCH_H
#define TESTS_SIM_BENCH_H
/*
 * bench - a board on the bench: no line, no loop, a clock that only moves when
 * the board works.  For the sim's own tests.
 */
#include <stddef.h>
#include <stdint.h>

#include "proto/base/buf.h"
#include "tests/sim/board.h"

struct bench {
	struct board	board;
	struct buf	heard;		/* what the board sent */
	uint64_t	now_us;
	uint64_t	alarm[ALARM_COUNT];	/* when; ALARM_OFF: not */
	unsigned	alarms;		/* how often one was set */
	uint32_t	heard_bps;	/* of the last bytes heard */
	unsigned	commands;
	char		note[80];	/* the last one */
	uint8_t		reply[BOARD_PACKET];	/* by bench_ask() */
};

/* A board in download mode with 4 MB of blank flash, its log forgotten. */
void bench_init(struct bench *, const char *chip);
void bench_init_as(struct bench *, const char *chip,
    const struct board_traits *, uint32_t flash_size);
void bench_done(struct bench *);

/* Let time pass until no work is left (other alarms stay). */
void bench_work(struct bench *);

/* Let the next alarm of this kind ring. */
void bench_ring(struct bench *, enum board_alarm);

/* Let so much time pass; alarms ring. */
void bench_wait(struct bench *, uint64_t us);

/* Raw bytes to the chip, then work. */
void bench_send(struct bench *, const void *, size_t);

/* The first frame heard goes to reply[]; its length, 0 when there is none. */
size_t bench_frame(struct bench *);

/* The same, and it is taken out of `heard`. */
size_t bench_next(struct bench *);

/* One request with its checksum field; the first frame of the answer goes to
 * reply[]; returns its length, 0 when nothing came.  heard keeps it all. */
size_t bench_ask(struct bench *, uint8_t op, uint32_t checksum,
    const void *data, size_t len);

/* As above with words as data. */
size_t bench_words(struct bench *, uint8_t op, size_t count, ...);

/* A *_DATA block with the right checksum. */
size_t bench_block(struct bench *, uint8_t op, uint32_t seq, const void *,
    size_t len);

/* status << 8 | error of the reply (of `len` bytes) after `payload`. */
unsigned bench_status(const struct bench *, size_t len, size_t payload);

/* Upload something with the greeting in it and start it: a stub in the place
 * of Espressif's, or our own. */
void bench_stub(struct bench *);
void bench_own_stub(struct bench *);

/* A request of our own protocol (proto/serial/ext.h), to be sent. */
void bench_ext(struct buf *, uint8_t op, const void *data, size_t len);
/* The frame of `len` bytes in reply[] ends with the right CRC-32. */
bool bench_whole(const struct bench *, size_t len);

/* The text heard holds this. */
bool bench_heard(const struct bench *, const char *);
#endif
