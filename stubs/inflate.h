#ifndef STUBS_INFLATE_H
#define STUBS_INFLATE_H
/*
 * inflate - a zlib stream (RFC 1950, 1951) decoded as it comes: it stops at
 * any byte of its input and goes on with the next.
 *
 * What comes out is handed over in pieces of INFLATE_PIECE bytes (the last one
 * shorter) inside the window, which so is the buffer of the flash as well.
 */
#include <stdbool.h>
#include <stdint.h>

enum {
	INFLATE_WINDOW	= 32768,
	INFLATE_PIECE	= 64,		/* one is inflated while the one before
				 * is programmed */
	INFLATE_FAST	= 9,		/* bits that are decoded at once */
	INFLATE_LITERALS = 288,
	INFLATE_DISTANCES = 32,
	INFLATE_BITS	= 15,		/* of the longest code */
};

enum inflate_result {
	INFLATE_MORE,		/* wants more input */
	INFLATE_DONE,		/* ended, its checksum is right */
	INFLATE_BAD,		/* is no such stream, or the sink has refused */
};

/* How many codes there are of each length, and the symbols in their order. */
struct inflate_code {
	uint16_t	 count[INFLATE_BITS + 1];
	uint16_t	*symbol;
};

struct inflate {
	const uint8_t	*in, *in_end;
	uint32_t	 bits;		/* taken from the input, lowest first */
	uint32_t	 bit_count;
	uint32_t	 out;		/* bytes that came out */
	uint32_t	 given;		/* ...and were handed over */
	uint32_t	 adler_a, adler_b;
	uint32_t	 number;	/* what a state has read so far */
	uint16_t	 length;	/* bytes to copy */
	uint16_t	 index;
	uint16_t	 literals, distances, code_lengths;
	uint8_t		 state;
	uint8_t		 symbol;
	bool		 last;		/* block */
	/* Take the bytes; false: no more. */
	bool		(*sink)(void *arg, const uint8_t *, uint32_t len);
	void		(*tick)(void *arg);	/* about every 64 bytes */
	void		*arg;
	struct inflate_code literal, distance;
	uint8_t		 lengths[INFLATE_LITERALS + INFLATE_DISTANCES];
	uint16_t	 literal_symbols[INFLATE_LITERALS];
	uint16_t	 distance_symbols[INFLATE_DISTANCES];
	/* By the next INFLATE_FAST bits: symbol << 4 | bits, 0: longer. */
	uint16_t	 fast[1 << INFLATE_FAST];
	uint8_t		 window[INFLATE_WINDOW];
};

void inflate_begin(struct inflate *,
    bool (*sink)(void *arg, const uint8_t *, uint32_t len),
    void (*tick)(void *arg), void *arg);

/* All of the bytes are taken, unless the stream has ended or is bad.  After
 * INFLATE_BAD only inflate_begin() may follow. */
enum inflate_result inflate_feed(struct inflate *, const uint8_t *,
    uint32_t len);

/* Input bytes that stand behind the end of the stream. */
uint32_t inflate_rest(const struct inflate *);
#endif
