#include "daemon/wire/wire_port.h"

#include <assert.h>
#include <stdlib.h>

#include <event2/event.h>

#include "daemon/base/loop.h"
#include "daemon/port/port.h"
#include "daemon/port/port_io.h"
#include "daemon/wire/fiber.h"
#include "proto/base/err.h"

enum {
	WIRE_SEND_SLACK_MS = 10000,	/* beyond the time the bytes take */
	WIRE_BAUD_MS	= 8000,		/* old output leaving, server's answer */
	WIRE_ASK_MS	= 2,		/* between two looks at PORT_WAIT_TIME */
	WIRE_CONFIRM_MS	= 100,		/* between two looks at the lines */
	WIRE_TURN_MS	= 20,		/* longest run before others have a turn */
	WIRE_BITS	= 10,		/* of a byte on the line: 8N1 */
};

/*
 * The fiber exists from wire_port_run() until on_end(), which the loop calls
 * after main has returned.  While `waiting`, io or timer will resume
 * it; the other is taken back then.
 */
struct wire_port {
	struct wire		 base;
	struct port		*port;
	struct event		*io;		/* of the port's descriptor */
	struct loop_timer	 timer;		/* end of the present wait */
	struct loop_timer	 end;
	struct loop_timer	 grace;		/* end of wire_port_rearm() */
	struct fiber		*fiber;
	bool			 waiting;
	bool			 rearmed;
	int			 pending;	/* the stop before the rearm */
	uint64_t		 resumed;	/* when it last was given a turn */
	size_t			 stack;
	void			(*done)(void *arg);
	void			*arg;
};

static void
on_end(void *arg)
{
	struct wire_port	*w = arg;

	w->stack = fiber_stack_used(w->fiber);
	fiber_free(w->fiber);
	w->fiber = NULL;
	loop_timer_stop(&w->grace);
	w->done(w->arg);	/* may free w */
}

static void
resume(struct wire_port *w, int value)
{
	(void)event_del(w->io);		/* cannot fail on a made event */
	loop_timer_stop(&w->timer);
	w->waiting = false;
	w->resumed = loop_now();
	if (fiber_resume(w->fiber, value))
		return;
	/* Its end is told from the loop, not from inside run() or stop(). */
	if (loop_timer_set(&w->end, 0, on_end, w) < 0)
		abort();	/* a made timer always fits */
}

static void
on_io(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	resume(arg, 0);
}

static void
on_timer(void *arg)
{
	resume(arg, ERR_TIMEOUT);
}

/* Suspend until one of `what` happens or the clock shows `until`.  Returns 0,
 * ERR_TIMEOUT (maybe a little early) or the sticky error. */
static int
wait_for(struct wire_port *w, short what, uint64_t until)
{
	uint64_t	now = loop_now();
	unsigned	ms = until > now ? (unsigned)(until - now) : 0;
	int		r;

	if (w->base.stop)
		return w->base.stop;
	if (what != 0) {
		if (event_assign(w->io, loop_base(), port_fd(w->port), what,
		    on_io, w) < 0 || event_add(w->io, NULL) < 0)
			return ERR_NOMEM;
	}
	if (loop_timer_set(&w->timer, ms, on_timer, w) < 0) {
		(void)event_del(w->io);
		return ERR_NOMEM;
	}
	w->waiting = true;
	r = fiber_wait();
	return w->base.stop ? w->base.stop : r;
}

/* A line that never falls silent must not keep the loop from the others. */
static int
take_turns(struct wire_port *w)
{
	int	r = 0;

	if (loop_now() - w->resumed >= WIRE_TURN_MS)
		r = wait_for(w, 0, 0);
	return r == ERR_TIMEOUT ? 0 : r;
}

/* What a port answered: an unplugged one stays so. */
static int
note(struct wire_port *w, int r)
{
	if (r == ERR_UNPLUGGED)
		w->base.stop = ERR_UNPLUGGED;
	return r;
}

/* Wait until what the port was given has left our hands. */
static int
push(struct wire_port *w, uint64_t until)
{
	int	r;

	for (;;) {
		if (w->base.stop)
			return w->base.stop;
		if ((r = port_push(w->port)) <= 0)
			return note(w, r);
		if (loop_now() >= until)
			return ERR_TIMEOUT;
		r = wait_for(w, port_events(w->port, false, true), until);
		if (r < 0 && r != ERR_TIMEOUT)
			return r;
	}
}

static int
wp_send(struct wire *base, const void *data, size_t len)
{
	struct wire_port	*w = (struct wire_port *)base;
	const uint8_t		*at = data;
	uint32_t		 baud = port_baud(w->port);
	uint64_t		 until;
	int			 r;

	until = loop_now() + WIRE_SEND_SLACK_MS +
	    (uint64_t)len * WIRE_BITS * 1000 / (baud ? baud : 1);
	while (len > 0) {
		if ((r = take_turns(w)) < 0)
			return r;
		if (w->base.stop)
			return w->base.stop;
		if ((r = port_write(w->port, at, len)) < 0)
			return note(w, r);
		at += r;
		len -= (size_t)r;
		if (r > 0)
			continue;
		if (loop_now() >= until)
			return ERR_TIMEOUT;
		r = wait_for(w, port_events(w->port, false, true), until);
		if (r < 0 && r != ERR_TIMEOUT)
			return r;
	}
	return push(w, until);
}

static int
wp_recv(struct wire *base, void *buf, size_t size, unsigned ms)
{
	struct wire_port	*w = (struct wire_port *)base;
	uint64_t		 until = loop_now() + ms;
	int			 r;

	if ((r = take_turns(w)) < 0)
		return r;
	for (;;) {
		if (w->base.stop)
			return w->base.stop;
		if ((r = port_read(w->port, buf, size)) != 0)
			return note(w, r);
		if (loop_now() >= until)
			return ERR_TIMEOUT;
		r = wait_for(w, port_events(w->port, true, false), until);
		if (r < 0 && r != ERR_TIMEOUT)
			return r;
	}
}

/* A pause begins when the lines are as they were set. */
static int
await_lines(struct wire_port *w)
{
	int	r;

	for (;;) {
		if (w->base.stop)
			return w->base.stop;
		if ((r = port_lines_are_set(w->port)) <= 0)
			return note(w, r);
		/* The port gives up by itself. */
		r = wait_for(w, port_events(w->port, true, false),
		    loop_now() + WIRE_CONFIRM_MS);
		if (r < 0 && r != ERR_TIMEOUT)
			return r;
	}
}

static int
wp_sleep(struct wire *base, unsigned ms)
{
	struct wire_port	*w = (struct wire_port *)base;
	uint64_t		 until;
	int			 r;

	if ((r = await_lines(w)) < 0)
		return r;
	/* The millisecond that has begun does not count: no pause of a reset
	 * is too short. */
	until = loop_now() + ms + 1;
	do {
		r = wait_for(w, 0, until);
		if (r < 0 && r != ERR_TIMEOUT)
			return r;
	} while (loop_now() < until);
	return 0;
}

static int
wp_lines(struct wire *base, bool dtr, bool rts)
{
	struct wire_port	*w = (struct wire_port *)base;
	int			 r;

	if (w->base.stop)
		return w->base.stop;
	if ((r = port_lines(w->port, dtr, rts)) < 0)
		return note(w, r);
	return push(w, loop_now() + WIRE_SEND_SLACK_MS);
}

static int
wp_baud(struct wire *base, uint32_t baud)
{
	struct wire_port	*w = (struct wire_port *)base;
	uint64_t		 now, until = loop_now() + WIRE_BAUD_MS, next;
	int			 r;

	for (;;) {
		if (w->base.stop)
			return w->base.stop;
		if ((r = port_set_baud(w->port, baud)) <= 0)
			return note(w, r);
		if ((now = loop_now()) >= until)
			return ERR_TIMEOUT;
		next = r == PORT_WAIT_TIME ? now + WIRE_ASK_MS : until;
		r = wait_for(w, r == PORT_WAIT_TIME ? 0 :
		    port_events(w->port, true, false), next);
		if (r < 0 && r != ERR_TIMEOUT)
			return r;
	}
}

static int
wp_flush(struct wire *base)
{
	struct wire_port	*w = (struct wire_port *)base;
	int			 r;

	if (w->base.stop)
		return w->base.stop;
	if ((r = port_flush(w->port)) < 0)
		return note(w, r);
	return push(w, loop_now() + WIRE_SEND_SLACK_MS);
}

static uint64_t
wp_now(const struct wire *base)
{
	(void)base;
	return loop_now();
}

static const struct wire_ops wire_port_ops = {
	.send = wp_send, .recv = wp_recv, .sleep = wp_sleep,
	.lines = wp_lines, .baud = wp_baud, .flush = wp_flush, .now = wp_now,
};

struct wire_port *
wire_port_new(struct port *port)
{
	struct wire_port	*w;

	if ((w = calloc(1, sizeof *w)) == NULL)
		return NULL;
	w->base.ops = &wire_port_ops;
	w->port = port;
	w->io = event_new(loop_base(), -1, 0, on_io, w);
	if (w->io == NULL) {
		free(w);
		return NULL;
	}
	return w;
}

void
wire_port_free(struct wire_port *w)
{
	if (w == NULL)
		return;
	assert(w->fiber == NULL);
	event_free(w->io);
	loop_timer_clear(&w->timer);
	loop_timer_clear(&w->end);
	loop_timer_clear(&w->grace);
	free(w);
}

struct wire *
wire_port_wire(struct wire_port *w)
{
	return &w->base;
}

int
wire_port_run(struct wire_port *w, void (*main)(void *), void (*done)(void *),
    void *arg)
{
	assert(w->fiber == NULL && port_state(w->port) == PORT_OPEN);
	/* Made now, so that it cannot fail when the conversation ends. */
	if (loop_timer_set(&w->end, 0, on_end, w) < 0)
		return ERR_NOMEM;
	if ((w->fiber = fiber_new(main, arg)) == NULL) {
		loop_timer_clear(&w->end);
		return ERR_NOMEM;
	}
	loop_timer_stop(&w->end);
	w->base.stop = 0;
	w->rearmed = false;
	w->pending = 0;
	w->done = done;
	w->arg = arg;
	resume(w, 0);
	return 0;
}

/* Mark it, and let a waiting conversation see it in the next turn. */
static void
halt(struct wire_port *w, int err)
{
	w->base.stop = err;
	if (!w->waiting)
		return;
	if (loop_timer_set(&w->timer, 0, on_timer, w) < 0)
		abort();	/* it was set before: memory is not needed */
}

void
wire_port_stop(struct wire_port *w, int err)
{
	if (w->fiber == NULL)
		return;
	if (err == ERR_UNPLUGGED) {
		halt(w, err);
		return;
	}
	/* A chip being left in order is given the time it was promised. */
	if (w->rearmed && w->base.stop == 0) {
		if (w->pending == 0)
			w->pending = err;
		return;
	}
	if (w->base.stop == 0)
		halt(w, err);
}

static void
on_grace(void *arg)
{
	struct wire_port	*w = arg;

	if (w->base.stop == 0)
		halt(w, w->pending ? w->pending : ERR_TIMEOUT);
}

void
wire_port_rearm(struct wire_port *w, unsigned ms)
{
	assert(w->fiber != NULL && !w->waiting);
	if (w->base.stop == ERR_UNPLUGGED)
		return;
	if (loop_timer_set(&w->grace, ms, on_grace, w) < 0)
		return;		/* without an end there is no grace */
	if (w->base.stop != 0)
		w->pending = w->base.stop;
	w->base.stop = 0;
	w->rearmed = true;
}

size_t
wire_port_stack(const struct wire_port *w)
{
	return w->stack;
}
