/*
 * The stream of the client is worked on in its order: data, then what came
 * after it.  A request that must wait for the port (a rate waits until all data
 * has left) holds back everything behind it, and so the socket.
 */
#include "daemon/rpc/export_client.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>

#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/port/port.h"
#include "daemon/port/port_io.h"
#include "daemon/port/rfc2217_server.h"
#include "daemon/port/tcp.h"
#include "proto/base/buf.h"
#include "proto/base/err.h"

enum {
	IN_MAX		= 8 * 1024,	/* bytes of a client not decoded */
	TO_PORT_MAX	= 16 * 1024,	/* decoded, not taken by the port */
	TO_CLIENT_MAX	= 64 * 1024,	/* encoded, not taken by the client */
	TO_CLIENT_PAUSE	= 16 * 1024,	/* no more is decoded or read then */
	PIECE		= 4096,		/* bytes of the port in one read */
	TURN_PIECES	= 8,		/* reads in one turn of the loop */
	ASK_MS		= 2,		/* between two looks at PORT_WAIT_TIME */
	INPUTS_MS	= 250,		/* between two looks at CTS and others */
	LINGER_MS	= 5000,		/* for what a client wrote that has gone */
	/*
	 * RFC 2217 has no command for both lines, and pyserial waits 50 ms for
	 * each answer.  On the way from "in reset" (RTS) to "boot loader"
	 * (DTR) both are asserted in between; on a board with the usual two
	 * transistors that is no reset, the chip would start its program.  A
	 * change to that is put off so long, for its other half to come.
	 */
	HALF_MS		= 150,
};

struct export_client {
	struct port		*port;
	int			 fd;
	void			(*ended)(void *arg);
	void			*arg;
	char			 who[64];
	struct event		*io;		/* of fd */
	struct event		*closed;	/* the same, while not read */
	struct event		*dev;		/* of the port */
	struct loop_timer	 again;		/* look again at the port */
	struct loop_timer	 inputs;
	struct loop_timer	 half;
	struct loop_timer	 linger;
	struct rfc2217_server	 server;
	struct buf		 in, to_port, to_client;
	bool			 talking;	/* the port is ours */
	bool			 greeted;	/* it knows CTS and the others */
	bool			 over;		/* the client has gone */
	bool			 lingers;	/* it has, linger runs */
	uint64_t		 lingered;	/* bytes sent when it was set */
	bool			 halved;	/* half runs */
	unsigned		 moved;		/* lines changed, not yet set */
	bool			 dtr, rts;	/* as set on the port */
	uint64_t		 sent, received;/* bytes, for the log */
};

enum { MOVED_DTR = 1, MOVED_RTS = 2 };

static void client_step(struct export_client *);

#define CLIENT_LOG(c, level, ...) \
	log_line(level, &(struct log_context){ .port = port_path((c)->port) }, \
	    __VA_ARGS__)

void
export_client_free(struct export_client *c)
{
	struct event	*events[] = { c->io, c->closed, c->dev };

	for (size_t i = 0; i < sizeof events / sizeof *events; i++)
		if (events[i] != NULL)
			event_free(events[i]);
	loop_timer_clear(&c->again);
	loop_timer_clear(&c->inputs);
	loop_timer_clear(&c->half);
	loop_timer_clear(&c->linger);
	buf_done(&c->in);
	buf_done(&c->to_port);
	buf_done(&c->to_client);
	(void)close(c->fd);	/* a socket: nothing is kept back */
	free(c);
}

/*
 * The client is over.  A port that was its own is left as a program's close
 * would leave it, with both lines inactive, and given back.
 */
void
export_client_end(struct export_client *c)
{
	void	(*ended)(void *) = c->ended;
	void	*arg = c->arg;

	if (c->talking) {
		CLIENT_LOG(c, LOG_LEVEL_INFO, "%s left: %llu bytes to the "
		    "chip, %llu from it", c->who, (unsigned long long)c->sent,
		    (unsigned long long)c->received);
		/* If these fail the port has gone: nothing to tidy up. */
		if (c->server.brk)
			(void)port_break(c->port, false);
		if (port_has_lines(c->port))
			(void)port_lines(c->port, false, false);
	}
	export_client_free(c);
	ended(arg);
}

/* Did the port go away?  Then this is the end of its client. */
static bool
client_port_failed(struct export_client *c, int r)
{
	if (r != ERR_UNPLUGGED)
		return false;
	CLIENT_LOG(c, LOG_LEVEL_WARN, "the port went away from %s",
	    c->who);
	export_client_end(c);
	return true;
}

/* ---- what it asks for ---- */

/* Bring the lines to what was asked, both in one step.  0 or ERR_UNPLUGGED. */
static int
client_set_lines(struct export_client *c)
{
	struct rfc2217_server	*s = &c->server;
	int			 r = 0;

	loop_timer_stop(&c->half);
	c->halved = false;
	c->moved = 0;
	if (c->dtr == s->dtr && c->rts == s->rts)
		return 0;
	c->dtr = s->dtr;
	c->rts = s->rts;
	/* A port without lines (a pty) takes it as a cable without them. */
	if (port_has_lines(c->port))
		r = port_lines(c->port, c->dtr, c->rts);
	if (r < 0 && r != ERR_UNPLUGGED)
		CLIENT_LOG(c, LOG_LEVEL_WARN, "the lines could not be set:"
		    " %s, ignoring", err_sentence(r));
	return r == ERR_UNPLUGGED ? r : 0;
}

static void
client_half_over(void *arg)
{
	struct export_client	*c = arg;

	if (!client_port_failed(c, client_set_lines(c)))
		client_step(c);
}

/* All that the client said so far is read: set what is not half a change. */
static int
client_settle_lines(struct export_client *c)
{
	const struct rfc2217_server	*s = &c->server;
	bool				 half;

	half = c->rts && !c->dtr && s->rts && s->dtr;
	if (c->moved == 0 || !half)
		return client_set_lines(c);
	if (c->halved)
		return 0;
	c->halved = true;
	return loop_timer_set(&c->half, HALF_MS, client_half_over, c);
}

static int
client_wish_lines(struct export_client *c)
{
	struct rfc2217_server	*s = &c->server;
	unsigned		 moves;
	int			 r;

	moves = (s->want_dtr != s->dtr ? MOVED_DTR : 0) |
	    (s->want_rts != s->rts ? MOVED_RTS : 0);
	/* A line that moves twice is a pulse: both must be seen. */
	if ((c->moved & moves) != 0 && (r = client_set_lines(c)) < 0)
		return r;
	c->moved |= moves;
	rfc2217_server_done(s, true);
	return 0;
}

static int
client_wish_baud(struct export_client *c)
{
	uint32_t	baud = c->server.want_baud;
	int		r = port_set_baud(c->port, baud);

	if (r > 0 || r == ERR_UNPLUGGED)
		return r;
	if (r < 0)
		CLIENT_LOG(c, LOG_LEVEL_WARN, "%s wants %u baud: %s",
		    c->who, baud, err_sentence(r));
	/* Told as asked though the port may round it: pyserial takes any
	 * other number for a refusal. */
	rfc2217_server_done(&c->server, r == 0);
	return 0;
}

static int
client_wish_purge(struct export_client *c)
{
	int	r = 0;

	if ((c->server.purge & RFC2217_PURGE_SENT) != 0) {
		buf_clear(&c->to_port);
		r = port_discard(c->port);
	}
	if (r == 0 && (c->server.purge & RFC2217_PURGE_RECEIVED) != 0)
		r = port_flush(c->port);
	rfc2217_server_done(&c->server, r == 0);
	return r;
}

/* Tell what CTS and the like are; nothing if the port cannot tell and was not
 * asked. */
static int
client_tell_inputs(struct export_client *c, bool asked)
{
	int	r = port_inputs(c->port);

	if (r >= 0)
		rfc2217_server_inputs(&c->server, (uint8_t)r, asked);
	else if (asked)
		rfc2217_server_inputs(&c->server, 0, true);
	return r == ERR_UNPLUGGED ? r : 0;
}

/* Do what it wishes; all data before it has been given to the port, but for a
 * purge.  Returns 0, PORT_WAIT_*, or ERR_UNPLUGGED. */
static int
client_do(struct export_client *c)
{
	struct port	*p = c->port;
	int		 r = 0;

	if (c->server.wish == RFC2217_WISH_LINES)
		return client_wish_lines(c);
	if (c->server.wish == RFC2217_WISH_PURGE)
		return client_wish_purge(c);
	if (c->server.wish == RFC2217_WISH_INPUTS) {
		r = client_tell_inputs(c, true);
		rfc2217_server_done(&c->server, r == 0);
		return r;
	}
	if (c->moved != 0 && (r = client_set_lines(c)) < 0)
		return r;
	if (c->server.wish == RFC2217_WISH_BAUD)
		return client_wish_baud(c);
	/* A break comes after the data. */
	if ((r = port_set_baud(p, port_baud(p))) > 0 || r == ERR_UNPLUGGED)
		return r;
	r = port_break(p, c->server.want_brk);
	rfc2217_server_done(&c->server, r == 0 || r == ERR_UNSUPPORTED);
	return r == ERR_UNPLUGGED ? r : 0;
}

/* ---- the two ways ---- */

/* Give the port what it takes.  0: all; PORT_WAIT_IO; ERR_UNPLUGGED. */
static int
client_feed(struct export_client *c)
{
	struct buf	*b = &c->to_port;
	int		 n;

	while (b->len > 0) {
		n = port_write(c->port, b->data, b->len);
		if (n <= 0)
			return n < 0 ? ERR_UNPLUGGED : PORT_WAIT_IO;
		buf_consume(b, (size_t)n);
		c->sent += (unsigned)n;
	}
	return port_push(c->port);
}

/* Decode what is there up to the next request.  Returns 1 if something was
 * taken, 0, or ERR_UNPLUGGED. */
static int
client_decode(struct export_client *c)
{
	size_t	n, taken, len = c->in.len;
	int	r = 0;

	if (c->to_port.max - c->to_port.len < len)
		len = c->to_port.max - c->to_port.len;
	if (len == 0 || c->to_client.len > TO_CLIENT_PAUSE)
		return 0;
	n = rfc2217_server_decode(&c->server, c->in.data, len, &taken);
	if (n > 0 && c->moved != 0)
		r = client_set_lines(c);
	if (buf_add(&c->to_port, c->in.data, n) < 0)
		c->server.failed = true;
	buf_consume(&c->in, taken);
	/* pyserial reports an error for them until it was told once. */
	if (c->server.agreed && !c->greeted && r == 0) {
		c->greeted = true;
		r = client_tell_inputs(c, true);
	}
	return r < 0 ? r : 1;
}

/* Take more from the socket.  Returns 1 if something came, else 0. */
static int
client_receive(struct export_client *c)
{
	uint8_t	*at;
	int	 n;

	if (c->over || c->in.len > 0 ||
	    buf_reserve(&c->in, IN_MAX, &at) < 0)
		return 0;
	n = tcp_read(c->fd, at, IN_MAX);
	if (n > 0)
		buf_commit(&c->in, (size_t)n);
	else if (n < 0)
		c->over = true;
	return n > 0;
}

/* Work on what the client says, in its order, as far as the port lets us.
 * Returns 0, PORT_WAIT_IO, PORT_WAIT_TIME or ERR_UNPLUGGED. */
static int
client_down(struct export_client *c)
{
	int	fed, r, turn = 0;

	for (;;) {
		if ((fed = client_feed(c)) < 0)
			return fed;
		if (c->server.wish == RFC2217_WISH_PURGE || (fed == 0 &&
		    c->server.wish != RFC2217_WISH_NONE)) {
			if ((r = client_do(c)) != 0)
				return r;
			continue;
		}
		if (c->server.wish != RFC2217_WISH_NONE)
			return fed;
		if ((r = client_decode(c)) < 0)
			return r;
		if (r > 0)
			continue;
		if (c->in.len > 0)
			return fed;
		if ((r = client_settle_lines(c)) < 0)
			return r;
		if (turn++ == TURN_PIECES || client_receive(c) == 0)
			return fed;
	}
}

/* True while more of the port is wanted: it is read only when the client takes
 * what came before. */
static bool
client_listens(const struct export_client *c)
{
	return c->over || (c->to_client.len <= TO_CLIENT_PAUSE &&
	    !c->server.suspended);
}

/* Hand encoded bytes to the socket. */
static void
client_send(struct export_client *c)
{
	int	n = 1;

	if (c->over)
		buf_clear(&c->to_client);	/* nobody reads it */
	while (c->to_client.len > 0 && n > 0) {
		n = tcp_write(c->fd, c->to_client.data, c->to_client.len);
		if (n > 0)
			buf_consume(&c->to_client, (size_t)n);
	}
	if (n < 0)
		c->over = true;
}

/* From the port to the client.  0, PORT_WAIT_TIME when there may be more that
 * no event would tell of, or ERR_UNPLUGGED. */
static int
client_up(struct export_client *c)
{
	uint8_t	piece[PIECE / 2];
	int	n;

	for (int i = 0; client_listens(c); i++) {
		if (i == TURN_PIECES)
			return PORT_WAIT_TIME;
		n = port_read(c->port, piece, sizeof piece);
		if (n < 0)
			return n;
		if (n == 0)
			break;
		c->received += (unsigned)n;
		if (!c->over && rfc2217_server_data(&c->server, piece,
		    (size_t)n) < 0)
			c->server.failed = true;
		client_send(c);
	}
	client_send(c);
	return 0;
}

/* ---- waiting ---- */

static void
client_on_event(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	client_step(arg);
}

static void
client_on_timer(void *arg)
{
	client_step(arg);
}

static void client_late(void *);

/* It has gone; what it said before may take as long as the port goes on
 * taking it. */
static int
client_linger(struct export_client *c)
{
	c->lingers = true;
	c->lingered = c->sent;
	return loop_timer_set(&c->linger, LINGER_MS, client_late, c);
}

static void
client_late(void *arg)
{
	struct export_client	*c = arg;

	if (c->sent != c->lingered && client_linger(c) == 0)
		return;
	CLIENT_LOG(c, LOG_LEVEL_WARN, "%s has gone and the port does not "
	    "take what it wrote: %zu bytes are dropped", c->who,
	    c->to_port.len);
	export_client_end(c);
}

/* It has hung up, but what it said before cannot be read yet. */
static void
client_on_closed(evutil_socket_t fd, short what, void *arg)
{
	struct export_client	*c = arg;

	(void)fd;
	(void)what;
	if (client_linger(c) < 0)
		export_client_end(c);
}

/* Watch a descriptor for `what` anew; 0: not at all. */
static int
client_watch(struct export_client *c, struct event *event, int fd, short what,
    event_callback_fn fn)
{
	(void)event_del(event);		/* cannot fail on a made event */
	if (what == 0)
		return 0;
	if (event_assign(event, loop_base(), fd, what, fn, c) < 0 ||
	    event_add(event, NULL) < 0)
		return ERR_NOMEM;
	return 0;
}

static int
client_wait(struct export_client *c, int r)
{
	bool	reads = !c->over && c->in.len == 0 &&
	    c->server.wish == RFC2217_WISH_NONE;
	bool	writes = r == PORT_WAIT_IO;
	short	dev = port_events(c->port, client_listens(c) || (writes &&
	    c->to_port.len == 0),
	    writes && c->to_port.len > 0);
	short	io = (short)((reads ? EV_READ : 0) |
	    (c->to_client.len > 0 ? EV_WRITE : 0));

	if (r == PORT_WAIT_TIME || (writes && dev == 0)) {
		if (loop_timer_set(&c->again, ASK_MS, client_on_timer, c) < 0)
			return ERR_NOMEM;
	} else
		loop_timer_stop(&c->again);
	if (client_watch(c, c->dev, port_fd(c->port), dev,
	    client_on_event) < 0 ||
	    client_watch(c, c->io, c->fd, io, client_on_event) < 0)
		return ERR_NOMEM;
	return client_watch(c, c->closed, c->fd, reads || c->over ||
	    c->lingers ? 0 : EV_CLOSED, client_on_closed);
}

/* The client has gone.  Returns 0 when all it said is done and out. */
static int
client_drain(struct export_client *c, int r)
{
	struct port	*p = c->port;

	if (r != 0 || c->in.len > 0 || c->to_port.len > 0)
		return r != 0 ? r : PORT_WAIT_TIME;
	r = port_set_baud(p, port_baud(p));
	return r < 0 ? 0 : r;
}

/* Do what can be done now, then wait for more. */
static void
client_step(struct export_client *c)
{
	int	r = client_down(c), up;

	if (client_port_failed(c, r))
		return;
	up = client_up(c);
	if (client_port_failed(c, up))
		return;
	if (c->over && (r = client_drain(c, r)) == 0) {
		export_client_end(c);
		return;
	}
	if ((c->over && !c->lingers && client_linger(c) < 0) ||
	    c->server.failed || c->server.refused ||
	    client_wait(c, r == 0 ? up : r) < 0) {
		CLIENT_LOG(c, LOG_LEVEL_WARN, "%s is cut off: %s", c->who,
		    c->server.refused ? "it does not speak RFC 2217" :
		    "no memory");
		export_client_end(c);
	}
}

static void
client_look_at_inputs(void *arg)
{
	struct export_client	*c = arg;
	int		 r = 0;

	if (c->server.agreed && c->server.modem_mask != 0)
		r = client_tell_inputs(c, false);
	if (client_port_failed(c, r))
		return;
	if (loop_timer_set(&c->inputs, INPUTS_MS, client_look_at_inputs,
	    c) < 0)
		c->server.failed = true;
	client_step(c);
}

/* ---- coming and going ---- */

void
export_client_begin(struct export_client *c)
{
	struct port	*p = c->port;

	CLIENT_LOG(c, LOG_LEVEL_INFO, "%s has the port", c->who);
	c->talking = true;
	rfc2217_server_init(&c->server, &c->to_client, EXPORT_CLIENT_BAUD);
	/* Whatever was before.  If a rate must wait for a server, or lines
	 * cannot be set, the client will find out as with any port. */
	(void)port_set_baud(p, EXPORT_CLIENT_BAUD);
	if (port_has_lines(p))
		(void)port_lines(p, false, false);
	if (port_inputs(p) >= 0 && loop_timer_set(&c->inputs, INPUTS_MS,
	    client_look_at_inputs, c) < 0)
		c->server.failed = true;
	client_step(c);
}

const char *
export_client_who(const struct export_client *c)
{
	return c->who;
}

int
export_client_fd(const struct export_client *c)
{
	return c->fd;
}

struct export_client *
export_client_new(struct port *port, int fd, const char *who,
    void (*ended)(void *arg), void *arg)
{
	struct export_client	*c = calloc(1, sizeof *c);

	if (c == NULL) {
		(void)close(fd);	/* nobody to serve it */
		return NULL;
	}
	c->port = port;
	c->fd = fd;
	c->ended = ended;
	c->arg = arg;
	(void)snprintf(c->who, sizeof c->who, "%s", who);
	buf_init(&c->in, IN_MAX);
	buf_init(&c->to_port, TO_PORT_MAX);
	buf_init(&c->to_client, TO_CLIENT_MAX);
	c->io = event_new(loop_base(), fd, EV_READ, client_on_event, c);
	c->closed = event_new(loop_base(), fd, EV_CLOSED, client_on_closed,
	    c);
	c->dev = event_new(loop_base(), -1, 0, client_on_event, c);
	if (c->io == NULL || c->closed == NULL || c->dev == NULL) {
		export_client_free(c);
		return NULL;
	}
	return c;
}
