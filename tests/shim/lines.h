#ifndef TESTS_SHIM_LINES_H
#define TESTS_SHIM_LINES_H
/*
 * lines - what espshim.so and espsim say to each other about the modem lines
 * of a pty: a datagram with a request to DIR/lines/N (for /dev/pts/N), and a
 * datagram back to the sender when it is done.
 */
#include <stdint.h>

enum lines_op {
	LINES_GET	= '?',
	LINES_SET	= '=',	/* both lines as `bits` says (TIOCMSET) */
	LINES_RAISE	= '+',	/* those in `bits` (TIOCMBIS) */
	LINES_DROP	= '-',	/* those in `bits` (TIOCMBIC) */
};

enum lines_bits {
	LINES_DTR	= 1 << 0,
	LINES_RTS	= 1 << 1,
	LINES_GONE	= 1 << 7,	/* answer: the device was unplugged */
};

struct lines_request {
	uint8_t	op;		/* enum lines_op */
	uint8_t	bits;
};

/* The lines as they are now, or LINES_GONE. */
struct lines_answer {
	uint8_t	bits;
};
#endif
