#ifndef TESTS_CONV_CONV_H
#define TESTS_CONV_CONV_H
/*
 * conv - what every conversation test includes: cmocka and the board.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "tests/conv/board.h"

#define assert_contains(text, what) \
	do { \
		if (strstr((text), (what)) == NULL) \
			fail_msg("\"%s\" lacks \"%s\"", (text), (what)); \
	} while (0)

/* Of the running test; too large for a stack frame. */
static struct board	b;
static struct link	l;

/* One fault and how the phase must end. */
struct fault_case {
	enum board_fault	 fault;
	int			 err;
	const char		*says;
};

/* Silence, garbage, refusal, cancel and unplug of `op` within `phase`. */
static inline void
check_faults(const struct chip *chip, bool stub, int (*phase)(struct link *),
    void (*setup)(struct link *), uint8_t op, unsigned skip)
{
	static const struct fault_case	cases[] = {
		{ FAULT_SILENCE, ERR_TIMEOUT, "fell silent" },
		{ FAULT_GARBAGE, ERR_NOISE, "makes no sense" },
		{ FAULT_REFUSAL_ALWAYS, ERR_REFUSED, "status 0x0108" },
		{ FAULT_CANCEL, ERR_CANCELED, "cancelled before" },
		{ FAULT_UNPLUG, ERR_UNPLUGGED, "port went away" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		board_init(&b, &l, chip);
		board_ready(&b, &l, stub);
		if (setup != NULL)
			setup(&l);
		board_fault(&b, cases[i].fault, op, skip);
		assert_int_equal(phase(&l), cases[i].err);
		assert_int_equal(l.why.err, cases[i].err);
		assert_contains(l.why.text, cases[i].says);
		board_done(&b, &l);
	}
}
#endif
