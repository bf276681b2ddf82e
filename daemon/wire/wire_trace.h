#ifndef DAEMON_WIRE_WIRE_TRACE_H
#define DAEMON_WIRE_WIRE_TRACE_H
/*
 * wire_trace - a wire that tells what passes over another wire.
 */
#include "daemon/wire/wire.h"

/* Called for each piece: `what` is "send", "recv", "lines", "baud" or
 * "flush"; `text` is a printable line without newline (hex of at most
 * WIRE_TRACE_BYTES bytes, then "... N bytes"; or the name of the error that
 * the call ended with). */
typedef void wire_trace_fn(void *arg, const char *what, const char *text);

enum { WIRE_TRACE_BYTES = 64 };

struct wire_trace {
	struct wire	 base;
	wire_trace_fn	*fn;
	void		*arg;
	bool		 hidden;	/* bytes are told as "(N bytes hidden)" */
};

/* Wrap `inner`; both live until the conversation ends.  Returns &t->base. */
struct wire *wire_trace_init(struct wire_trace *t, struct wire *inner,
    wire_trace_fn *fn, void *arg);
#endif
