#ifndef DAEMON_WIRE_WIRE_H
#define DAEMON_WIRE_WIRE_H
/*
 * wire - what a conversation may do to a serial line.
 *
 * The functions that can wait (all but wire_now() and wire_stopped()) suspend
 * the conversation, never the program.  Besides what is listed each of them
 * may return
 *   ERR_TIMEOUT    nothing came before the deadline
 *   ERR_CANCELED   the job was cancelled
 *   ERR_INTERRUPTED the daemon is stopping
 *   ERR_UNPLUGGED  the port went away
 * The last three are sticky: every later call returns the same, until the
 * runner rearms the wire so that the chip can be left in order.
 *
 * Times are milliseconds of a monotonic clock, rates are baud.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wire;

struct wire_ops {
	int		(*send)(struct wire *, const void *, size_t);
	int		(*recv)(struct wire *, void *, size_t, unsigned ms);
	int		(*sleep)(struct wire *, unsigned ms);
	int		(*lines)(struct wire *, bool dtr, bool rts);
	int		(*baud)(struct wire *, uint32_t baud);
	int		(*flush)(struct wire *);
	uint64_t	(*now)(const struct wire *);
};

/* Embedded first in every kind of wire. */
struct wire {
	const struct wire_ops	*ops;
	int			 stop;	/* 0 or the sticky error */
	struct wire		*inner;	/* the wire this one wraps, or NULL */
};

/* Hand all bytes to the line.  The deadline is the time they take at the
 * line's rate, and then some.  Returns 0. */
static inline int
wire_send(struct wire *w, const void *data, size_t len)
{
	return w->ops->send(w, data, len);
}

/* Wait at most `ms` for bytes; returns how many came, 1..size. */
static inline int
wire_recv(struct wire *w, void *buf, size_t size, unsigned ms)
{
	return w->ops->recv(w, buf, size, ms);
}

static inline int
wire_sleep(struct wire *w, unsigned ms)
{
	return w->ops->sleep(w, ms);
}

/* Set both modem lines at once; true is asserted (low on the pin).
 * ERR_UNSUPPORTED when this kind of port has no lines. */
static inline int
wire_lines(struct wire *w, bool dtr, bool rts)
{
	return w->ops->lines(w, dtr, rts);
}

/* Change the line's rate, after everything sent has left. */
static inline int
wire_baud(struct wire *w, uint32_t baud)
{
	return w->ops->baud(w, baud);
}

/* Throw away what was received and not yet read. */
static inline int
wire_flush(struct wire *w)
{
	return w->ops->flush(w);
}

static inline uint64_t
wire_now(const struct wire *w)
{
	return w->ops->now(w);
}

/* The sticky error, or 0.  Does not wait: for long computations. */
static inline int
wire_stopped(const struct wire *w)
{
	while (w->inner != NULL)
		w = w->inner;
	return w->stop;
}
#endif
