#include "daemon/wire/wire_trace.h"

#include <stdio.h>

#include "proto/base/err.h"
#include "proto/base/text.h"

/* Room for the hex and the "... N bytes" behind it. */
enum { WIRE_TRACE_TEXT = 2 * WIRE_TRACE_BYTES + 40 };

static void
tell_bytes(struct wire_trace *t, const char *what, const void *data, size_t len)
{
	char	text[WIRE_TRACE_TEXT];
	size_t	shown = len < WIRE_TRACE_BYTES ? len : WIRE_TRACE_BYTES;

	if (t->hidden) {
		(void)snprintf(text, sizeof text, "(%zu bytes hidden)", len);
		t->fn(t->arg, what, text);
		return;
	}
	text_hex(text, data, shown);
	if (shown < len)
		(void)snprintf(text + 2 * shown, sizeof text - 2 * shown,
		    "... %zu bytes", len);
	t->fn(t->arg, what, text);
}

/* A call that failed is told by the name of its error. */
static int
tell_result(struct wire_trace *t, const char *what, int r)
{
	if (r < 0)
		t->fn(t->arg, what, err_name(r));
	return r;
}

static int
wt_send(struct wire *w, const void *data, size_t len)
{
	struct wire_trace	*t = (struct wire_trace *)w;

	tell_bytes(t, "send", data, len);
	return tell_result(t, "send", wire_send(t->base.inner, data, len));
}

static int
wt_recv(struct wire *w, void *buf, size_t size, unsigned ms)
{
	struct wire_trace	*t = (struct wire_trace *)w;
	int			 r = wire_recv(t->base.inner, buf, size, ms);

	if (r > 0)
		tell_bytes(t, "recv", buf, (size_t)r);
	return tell_result(t, "recv", r);
}

static int
wt_sleep(struct wire *w, unsigned ms)
{
	return wire_sleep(w->inner, ms);
}

static int
wt_lines(struct wire *w, bool dtr, bool rts)
{
	struct wire_trace	*t = (struct wire_trace *)w;
	char			 text[32];

	(void)snprintf(text, sizeof text, "dtr=%d rts=%d", dtr, rts);
	t->fn(t->arg, "lines", text);
	return tell_result(t, "lines", wire_lines(t->base.inner, dtr, rts));
}

static int
wt_baud(struct wire *w, uint32_t baud)
{
	struct wire_trace	*t = (struct wire_trace *)w;
	char			 text[16];

	(void)snprintf(text, sizeof text, "%u", baud);
	t->fn(t->arg, "baud", text);
	return tell_result(t, "baud", wire_baud(t->base.inner, baud));
}

static int
wt_flush(struct wire *w)
{
	struct wire_trace	*t = (struct wire_trace *)w;

	t->fn(t->arg, "flush", "");
	return tell_result(t, "flush", wire_flush(t->base.inner));
}

static uint64_t
wt_now(const struct wire *w)
{
	return wire_now(w->inner);
}

static const struct wire_ops wire_trace_ops = {
	.send = wt_send, .recv = wt_recv, .sleep = wt_sleep,
	.lines = wt_lines, .baud = wt_baud, .flush = wt_flush, .now = wt_now,
};

struct wire *
wire_trace_init(struct wire_trace *t, struct wire *inner, wire_trace_fn *fn,
    void *arg)
{
	*t = (struct wire_trace){
		.base = { .ops = &wire_trace_ops, .inner = inner },
		.fn = fn, .arg = arg,
	};
	return &t->base;
}
