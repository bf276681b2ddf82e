#ifndef STUBS_INFLATE_H
#define STUBS_INFLATE_H
/*
 * inflate - a zlib stream (RFC 1950, 1951) decoded.  It asks for its input when
 * it needs it, and hands over what comes out piece by piece.
 */
#include <stdbool.h>
#include <stdint.h>

enum {
	INFLATE_WINDOW	= 32768,
	INFLATE_LITERALS = 288,
	INFLATE_DISTANCES = 32,
	INFLATE_BITS	= 15,		/* of the longest code */
};

enum inflate_result {
	INFLATE_DONE,		/* ended, its checksum is right */
	INFLATE_CUT,		/* there was no more input */
	INFLATE_BAD,		/* is no such stream, or the sink has refused */
};

/* How many codes there are of each length, and the symbols in their order. */
struct inflate_code {
	uint16_t	count[INFLATE_BITS + 1];
	uint16_t	symbol[INFLATE_LITERALS];
};

struct inflate {
	const uint8_t	*in, *in_end;	/* set by more() */
	uint32_t	 bits;		/* taken from the input, lowest first */
	uint32_t	 bit_count;
	uint32_t	 out;		/* bytes that came out */
	uint32_t	 given;		/* ...and were handed over */
	uint32_t	 adler_a, adler_b;
	uint32_t	 piece;		/* bytes handed over at once (the last
					 * are fewer): a power of two, <= 4096 */
	uint8_t		 result;	/* what it ends with; INFLATE_DONE: goes
					 * on */
	/* Set `in` and `in_end` to more bytes; false: there are none. */
	bool		(*more)(void *arg);
	/* Take the bytes; false: no more. */
	bool		(*sink)(void *arg, const uint8_t *, uint32_t len);
	/* Called at least each 64 bytes of work. */
	void		(*tick)(void *arg);
	void		*arg;
	struct inflate_code literal, distance;
	uint8_t		 lengths[INFLATE_LITERALS + INFLATE_DISTANCES];
	uint8_t		 window[INFLATE_WINDOW];
};

/* A whole stream; the callbacks, `arg` and `piece` are set, and `in` to the first bytes
 * (or in == in_end).  What is not used of the input stays there. */
enum inflate_result inflate_run(struct inflate *);
#endif
