/*
 * export - an export lives from export_begin() to export_end(); its client, of
 * which there is at most one, from the accept until it has gone and what it
 * wrote has left the port, or until the port is lost.
 *
 * The stream of the client is worked on in its order: data, then what came
 * after it.  A request that must wait for the port (a rate waits until all data
 * has left) holds back everything behind it, and so the socket.
 */
#include "daemon/rpc/export.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "daemon/base/conf.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/job/job.h"
#include "daemon/job/queue.h"
#include "daemon/port/port.h"
#include "daemon/port/port_io.h"
#include "daemon/port/rfc2217_server.h"
#include "daemon/port/tcp.h"
#include "daemon/rpc/sock.h"
#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "proto/base/text.h"

enum {
	EXPORT_BAUD	= 115200,	/* until the client says otherwise */
	EXPORT_BACKLOG	= 8,
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

struct export;

struct client {
	struct export		*x;
	int			 fd;
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

struct export {
	TAILQ_ENTRY(export)	 entry;
	struct port		*port;
	struct event		*accept;
	char			 url[128];
	char			 path[108];	/* of a Unix socket; "": TCP */
	struct queue_claim	 claim;
	struct client		*client;
};

static TAILQ_HEAD(, export)	 exports = TAILQ_HEAD_INITIALIZER(exports);
static const struct conf	*settings;
static void			 (*watcher)(struct port *);

static void client_step(struct client *);

static void
export_tell(const struct export *x)
{
	if (watcher != NULL)
		watcher(x->port);
}

#define EXPORT_LOG(x, level, ...) \
	log_line(level, &(struct log_context){ .port = port_path((x)->port) }, \
	    __VA_ARGS__)

/* ---- a client ---- */

static void
client_free(struct client *c)
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
static void
client_end(struct client *c)
{
	struct export	*x = c->x;

	if (c->talking) {
		EXPORT_LOG(x, LOG_LEVEL_INFO, "%s left: %llu bytes to the "
		    "chip, %llu from it", c->who, (unsigned long long)c->sent,
		    (unsigned long long)c->received);
		/* If these fail the port has gone: nothing to tidy up. */
		if (c->server.brk)
			(void)port_break(x->port, false);
		if (port_has_lines(x->port))
			(void)port_lines(x->port, false, false);
	}
	x->client = NULL;
	client_free(c);
	queue_give_back(x->port);
	export_tell(x);
}

/* Did the port go away?  Then this is the end of its client. */
static bool
client_port_failed(struct client *c, int r)
{
	if (r != ERR_UNPLUGGED)
		return false;
	EXPORT_LOG(c->x, LOG_LEVEL_WARN, "the port went away from %s",
	    c->who);
	client_end(c);
	return true;
}

/* ---- what it asks for ---- */

/* Bring the lines to what was asked, both in one step.  0 or ERR_UNPLUGGED. */
static int
client_set_lines(struct client *c)
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
	if (port_has_lines(c->x->port))
		r = port_lines(c->x->port, c->dtr, c->rts);
	if (r < 0 && r != ERR_UNPLUGGED)
		EXPORT_LOG(c->x, LOG_LEVEL_WARN, "the lines could not be set:"
		    " %s, ignoring", err_sentence(r));
	return r == ERR_UNPLUGGED ? r : 0;
}

static void
client_half_over(void *arg)
{
	struct client	*c = arg;

	if (!client_port_failed(c, client_set_lines(c)))
		client_step(c);
}

/* All that the client said so far is read: set what is not half a change. */
static int
client_settle_lines(struct client *c)
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
client_wish_lines(struct client *c)
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
client_wish_baud(struct client *c)
{
	uint32_t	baud = c->server.want_baud;
	int		r = port_set_baud(c->x->port, baud);

	if (r > 0 || r == ERR_UNPLUGGED)
		return r;
	if (r < 0)
		EXPORT_LOG(c->x, LOG_LEVEL_WARN, "%s wants %u baud: %s",
		    c->who, baud, err_sentence(r));
	/* Told as asked though the port may round it: pyserial takes any
	 * other number for a refusal. */
	rfc2217_server_done(&c->server, r == 0);
	return 0;
}

static int
client_wish_purge(struct client *c)
{
	int	r = 0;

	if ((c->server.purge & RFC2217_PURGE_SENT) != 0) {
		buf_clear(&c->to_port);
		r = port_discard(c->x->port);
	}
	if (r == 0 && (c->server.purge & RFC2217_PURGE_RECEIVED) != 0)
		r = port_flush(c->x->port);
	rfc2217_server_done(&c->server, r == 0);
	return r;
}

/* Tell what CTS and the like are; nothing if the port cannot tell and was not
 * asked. */
static int
client_tell_inputs(struct client *c, bool asked)
{
	int	r = port_inputs(c->x->port);

	if (r >= 0)
		rfc2217_server_inputs(&c->server, (uint8_t)r, asked);
	else if (asked)
		rfc2217_server_inputs(&c->server, 0, true);
	return r == ERR_UNPLUGGED ? r : 0;
}

/* Do what it wishes; all data before it has been given to the port, but for a
 * purge.  Returns 0, PORT_WAIT_*, or ERR_UNPLUGGED. */
static int
client_do(struct client *c)
{
	struct port	*p = c->x->port;
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
client_feed(struct client *c)
{
	struct buf	*b = &c->to_port;
	int		 n;

	while (b->len > 0) {
		n = port_write(c->x->port, b->data, b->len);
		if (n <= 0)
			return n < 0 ? ERR_UNPLUGGED : PORT_WAIT_IO;
		buf_consume(b, (size_t)n);
		c->sent += (unsigned)n;
	}
	return port_push(c->x->port);
}

/* Decode what is there up to the next request.  Returns 1 if something was
 * taken, 0, or ERR_UNPLUGGED. */
static int
client_decode(struct client *c)
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
client_receive(struct client *c)
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
client_down(struct client *c)
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
client_listens(const struct client *c)
{
	return c->over || (c->to_client.len <= TO_CLIENT_PAUSE &&
	    !c->server.suspended);
}

/* Hand encoded bytes to the socket. */
static void
client_send(struct client *c)
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
client_up(struct client *c)
{
	uint8_t	piece[PIECE / 2];
	int	n;

	for (int i = 0; client_listens(c); i++) {
		if (i == TURN_PIECES)
			return PORT_WAIT_TIME;
		n = port_read(c->x->port, piece, sizeof piece);
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
client_linger(struct client *c)
{
	c->lingers = true;
	c->lingered = c->sent;
	return loop_timer_set(&c->linger, LINGER_MS, client_late, c);
}

static void
client_late(void *arg)
{
	struct client	*c = arg;

	if (c->sent != c->lingered && client_linger(c) == 0)
		return;
	EXPORT_LOG(c->x, LOG_LEVEL_WARN, "%s has gone and the port does not "
	    "take what it wrote: %zu bytes are dropped", c->who,
	    c->to_port.len);
	client_end(c);
}

/* It has hung up, but what it said before cannot be read yet. */
static void
client_on_closed(evutil_socket_t fd, short what, void *arg)
{
	struct client	*c = arg;

	(void)fd;
	(void)what;
	if (client_linger(c) < 0)
		client_end(c);
}

/* Watch a descriptor for `what` anew; 0: not at all. */
static int
client_watch(struct client *c, struct event *event, int fd, short what,
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
client_wait(struct client *c, int r)
{
	bool	reads = !c->over && c->in.len == 0 &&
	    c->server.wish == RFC2217_WISH_NONE;
	bool	writes = r == PORT_WAIT_IO;
	short	dev = port_events(c->x->port, client_listens(c) || (writes &&
	    c->to_port.len == 0),
	    writes && c->to_port.len > 0);
	short	io = (short)((reads ? EV_READ : 0) |
	    (c->to_client.len > 0 ? EV_WRITE : 0));

	if (r == PORT_WAIT_TIME || (writes && dev == 0)) {
		if (loop_timer_set(&c->again, ASK_MS, client_on_timer, c) < 0)
			return ERR_NOMEM;
	} else
		loop_timer_stop(&c->again);
	if (client_watch(c, c->dev, port_fd(c->x->port), dev,
	    client_on_event) < 0 ||
	    client_watch(c, c->io, c->fd, io, client_on_event) < 0)
		return ERR_NOMEM;
	return client_watch(c, c->closed, c->fd, reads || c->over ||
	    c->lingers ? 0 : EV_CLOSED, client_on_closed);
}

/* The client has gone.  Returns 0 when all it said is done and out. */
static int
client_drain(struct client *c, int r)
{
	struct port	*p = c->x->port;

	if (r != 0 || c->in.len > 0 || c->to_port.len > 0)
		return r != 0 ? r : PORT_WAIT_TIME;
	r = port_set_baud(p, port_baud(p));
	return r < 0 ? 0 : r;
}

/* Do what can be done now, then wait for more. */
static void
client_step(struct client *c)
{
	int	r = client_down(c), up;

	if (client_port_failed(c, r))
		return;
	up = client_up(c);
	if (client_port_failed(c, up))
		return;
	if (c->over && (r = client_drain(c, r)) == 0) {
		client_end(c);
		return;
	}
	if ((c->over && !c->lingers && client_linger(c) < 0) ||
	    c->server.failed || c->server.refused ||
	    client_wait(c, r == 0 ? up : r) < 0) {
		EXPORT_LOG(c->x, LOG_LEVEL_WARN, "%s is cut off: %s", c->who,
		    c->server.refused ? "it does not speak RFC 2217" :
		    "no memory");
		client_end(c);
	}
}

static void
client_look_at_inputs(void *arg)
{
	struct client	*c = arg;
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

/* The port is the client's. */
static void
client_begin(struct client *c)
{
	struct port	*p = c->x->port;

	EXPORT_LOG(c->x, LOG_LEVEL_INFO, "%s has the port", c->who);
	c->talking = true;
	rfc2217_server_init(&c->server, &c->to_client, EXPORT_BAUD);
	/* Whatever was before.  If a rate must wait for a server, or lines
	 * cannot be set, the client will find out as with any port. */
	(void)port_set_baud(p, EXPORT_BAUD);
	if (port_has_lines(p))
		(void)port_lines(p, false, false);
	if (port_inputs(p) >= 0 && loop_timer_set(&c->inputs, INPUTS_MS,
	    client_look_at_inputs, c) < 0)
		c->server.failed = true;
	export_tell(c->x);
	client_step(c);
}

/* No: said in words, for people and for the log. */
static void
client_turn_away(const struct export *x, int fd, const char *who,
    const char *why)
{
	char	text[WHY_MAX + 4];
	int	n = snprintf(text, sizeof text, "%s\r\n", why);

	EXPORT_LOG(x, LOG_LEVEL_INFO, "%s is turned away: %s", who, why);
	/* A courtesy: whether it can be read does not matter. */
	(void)send(fd, text, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* The queue answers the claim. */
static void
export_claimed(void *arg, int err, const struct why *why)
{
	struct export	*x = arg;
	struct client	*c = x->client;

	if (c == NULL) {
		if (err == 0)
			queue_give_back(x->port);
		return;
	}
	if (err == 0) {
		client_begin(c);
		return;
	}
	client_turn_away(x, c->fd, c->who, why_text(why));
	x->client = NULL;
	client_free(c);
}

static void
export_lost(void *arg)
{
	struct export	*x = arg;
	struct client	*c = x->client;

	if (c == NULL)
		return;
	EXPORT_LOG(x, LOG_LEVEL_WARN, "the port went away from %s", c->who);
	x->client = NULL;
	client_free(c);
	export_tell(x);
}

/* Who is at the other end: "tcp 127.0.0.1:51234", "pid 4711 anna". */
static void
client_name(int fd, const struct export *x, char *out, size_t size)
{
	struct sockaddr_storage	 sa = { 0 };
	socklen_t		 len = sizeof sa;
	char			 text[INET6_ADDRSTRLEN] = "?";
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&sa;
	const struct sockaddr_in *four = (const struct sockaddr_in *)&sa;
	struct peer		 peer = { .user = "?" };

	if (x->path[0] != '\0') {
		(void)sock_peer(fd, &peer);	/* else "pid 0 ?" */
		(void)snprintf(out, size, "pid %d %s", (int)peer.pid,
		    peer.user);
		return;
	}
	(void)getpeername(fd, (struct sockaddr *)&sa, &len);
	if (sa.ss_family == AF_INET6) {
		(void)inet_ntop(AF_INET6, &six->sin6_addr, text, sizeof text);
		(void)snprintf(out, size, "tcp [%s]:%u", text,
		    ntohs(six->sin6_port));
		return;
	}
	(void)inet_ntop(AF_INET, &four->sin_addr, text, sizeof text);
	(void)snprintf(out, size, "tcp %s:%u", text, ntohs(four->sin_port));
}

/* Takes over `fd`.  NULL without memory. */
static struct client *
client_new(struct export *x, int fd, const char *who)
{
	struct client	*c = calloc(1, sizeof *c);

	if (c == NULL) {
		(void)close(fd);	/* nobody to serve it */
		return NULL;
	}
	c->x = x;
	c->fd = fd;
	(void)snprintf(c->who, sizeof c->who, "%s", who);
	buf_init(&c->in, IN_MAX);
	buf_init(&c->to_port, TO_PORT_MAX);
	buf_init(&c->to_client, TO_CLIENT_MAX);
	c->io = event_new(loop_base(), fd, EV_READ, client_on_event, c);
	c->closed = event_new(loop_base(), fd, EV_CLOSED, client_on_closed,
	    c);
	c->dev = event_new(loop_base(), -1, 0, client_on_event, c);
	if (c->io == NULL || c->closed == NULL || c->dev == NULL) {
		client_free(c);
		return NULL;
	}
	return c;
}

static void
export_on_accept(evutil_socket_t fd, short what, void *arg)
{
	struct export	*x = arg;
	struct why	 why = { 0 };
	char		 who[64];
	int		 s, r;

	(void)what;
	s = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (s < 0)
		return;		/* it is gone again, or there is no room */
	if (x->path[0] == '\0')
		tcp_tune(s);
	client_name(s, x, who, sizeof who);
	if (x->client != NULL) {
		(void)why_set(&why, ERR_PORT_BUSY, "%s is in use by %s",
		    port_path(x->port), x->client->who);
		client_turn_away(x, s, who, why.text);
		(void)close(s);	/* nothing is kept back */
		return;
	}
	if ((x->client = client_new(x, s, who)) == NULL)
		return;
	memcpy(x->claim.who, who, sizeof x->claim.who);
	r = queue_claim(x->port, EXPORT_BAUD, &x->claim, &why);
	if (r < 0) {
		(void)why_set(&why, r, "%s", err_sentence(r));
		export_claimed(x, r, &why);
	}
}

/* ---- exports ---- */

void
export_init(const struct conf *conf)
{
	settings = conf;
}

void
export_set_watcher(void (*fn)(struct port *))
{
	watcher = fn;
}

static struct export *
export_of(const struct port *p)
{
	struct export	*x;

	TAILQ_FOREACH(x, &exports, entry)
		if (x->port == p)
			return x;
	return NULL;
}

static bool
is_loopback(const struct sockaddr_storage *sa)
{
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)sa;
	const struct sockaddr_in *four = (const struct sockaddr_in *)sa;

	if (sa->ss_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
	return sa->ss_family == AF_INET &&
	    ntohl(four->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

/* "4000", "127.0.0.1:4000", "[::1]:4000".  False: it is none of these. */
static bool
parse_address(const char *text, struct sockaddr_storage *sa, socklen_t *len)
{
	struct sockaddr_in6	*six = (struct sockaddr_in6 *)sa;
	struct sockaddr_in	*four = (struct sockaddr_in *)sa;
	const char		*colon = strrchr(text, ':');
	size_t			 n = colon != NULL ? (size_t)(colon - text) : 0;
	char			 host[64] = "127.0.0.1";
	uint32_t		 number;

	if (text_u32(colon != NULL ? colon + 1 : text, &number) < 0 ||
	    number > UINT16_MAX || n >= sizeof host)
		return false;
	if (colon != NULL)
		(void)snprintf(host, sizeof host, "%.*s", (int)n, text);
	if (n > 2 && host[0] == '[' && host[n - 1] == ']') {
		host[n - 1] = '\0';
		six->sin6_family = AF_INET6;
		six->sin6_port = htons((uint16_t)number);
		*len = sizeof *six;
		return inet_pton(AF_INET6, host + 1, &six->sin6_addr) == 1;
	}
	four->sin_family = AF_INET;
	four->sin_port = htons((uint16_t)number);
	*len = sizeof *four;
	return inet_pton(AF_INET, host, &four->sin_addr) == 1;
}

static int
listen_address(const char *text, struct sockaddr_storage *sa, socklen_t *len,
    struct why *why)
{
	if (!parse_address(text, sa, len))
		return why_set(why, ERR_PARAMS, "listen is a TCP port, "
		    "127.0.0.1:port, [::1]:port or unix, not \"%.60s\"",
		    text);
	if (!is_loopback(sa))
		return why_set(why, ERR_DENIED, "%s is open to the network; "
		    "ports are exported on loopback or a Unix socket only",
		    text);
	return 0;
}

/* Listen and note the URL; returns the descriptor. */
static int
export_listen_tcp(struct export *x, const char *text, struct why *why)
{
	struct sockaddr_storage	 sa = { 0 };
	const struct sockaddr_in *four = (const struct sockaddr_in *)&sa;
	socklen_t		 len = sizeof sa;
	char			 host[INET6_ADDRSTRLEN];
	int			 fd, r, one = 1;

	if ((r = listen_address(text, &sa, &len, why)) < 0)
		return r;
	fd = socket(sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);
	if (fd < 0)
		return why_set(why, ERR_IO, "socket: %s", strerror(errno));
	/* An address that was just used must do. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) < 0 ||
	    bind(fd, (struct sockaddr *)&sa, len) < 0 ||
	    listen(fd, EXPORT_BACKLOG) < 0 ||
	    getsockname(fd, (struct sockaddr *)&sa, &len) < 0) {
		(void)why_set(why, ERR_IO, "cannot listen on %s: %s", text,
		    strerror(errno));
		(void)close(fd);	/* was never used */
		return ERR_IO;
	}
	if (sa.ss_family == AF_INET6)
		(void)snprintf(x->url, sizeof x->url, "rfc2217://[::1]:%u",
		    ntohs(((struct sockaddr_in6 *)&sa)->sin6_port));
	else
		(void)snprintf(x->url, sizeof x->url, "rfc2217://%s:%u",
		    inet_ntop(AF_INET, &four->sin_addr, host, sizeof host),
		    ntohs(four->sin_port));
	return fd;
}

/* "export-ttyUSB0" beside the daemon's own socket. */
static int
export_listen_unix(struct export *x, struct why *why)
{
	const char	*own = settings->socket;
	const char	*slash = strrchr(own, '/');
	const char	*name = port_path(x->port);
	size_t		 folder = slash != NULL ? (size_t)(slash - own) + 1 : 0;
	size_t		 n;
	int		 fd;

	if (strncmp(name, "/dev/", 5) == 0)
		name += 5;
	n = (size_t)snprintf(x->path, sizeof x->path, "%.*sexport-%s",
	    (int)folder, own, name);
	if (n >= sizeof x->path)
		return why_set(why, ERR_PARAMS, "%.*sexport-%s is too long for"
		    " a socket's name; listen on TCP", (int)folder, own, name);
	for (char *s = x->path + folder; *s != '\0'; s++)
		if (strchr("/:?#&=[]", *s) != NULL)
			*s = '-';
	if ((fd = sock_listen(x->path, why)) < 0)
		return fd;
	(void)snprintf(x->url, sizeof x->url, "unix:%s", x->path);
	return fd;
}

static void
export_free(struct export *x)
{
	if (x->accept != NULL) {
		(void)close(event_get_fd(x->accept));
		event_free(x->accept);
		if (x->path[0] != '\0')
			(void)unlink(x->path);	/* may be gone already */
	}
	free(x);
}

int
export_begin(struct port *p, const char *listen, struct why *why)
{
	struct export	*x = export_of(p);
	int		 fd;

	if (x != NULL)
		return why_set(why, ERR_CONFLICT, "%s is exported already, as "
		    "%s", port_path(p), x->url);
	if ((x = calloc(1, sizeof *x)) == NULL)
		return ERR_NOMEM;
	x->port = p;
	x->claim = (struct queue_claim){
		.done = export_claimed, .lost = export_lost, .arg = x,
	};
	fd = strcmp(listen, "unix") == 0 ? export_listen_unix(x, why) :
	    export_listen_tcp(x, listen, why);
	if (fd < 0) {
		export_free(x);
		return fd;
	}
	x->accept = event_new(loop_base(), fd, EV_READ | EV_PERSIST,
	    export_on_accept, x);
	if (x->accept == NULL || event_add(x->accept, NULL) < 0) {
		if (x->accept == NULL)
			(void)close(fd);	/* nobody was there */
		export_free(x);
		return ERR_NOMEM;
	}
	port_hold(p);
	TAILQ_INSERT_TAIL(&exports, x, entry);
	EXPORT_LOG(x, LOG_LEVEL_INFO, "exported as %s", x->url);
	return 0;
}

static void
export_stop(struct export *x)
{
	struct port	*p = x->port;

	TAILQ_REMOVE(&exports, x, entry);
	if (x->client != NULL)
		client_end(x->client);
	EXPORT_LOG(x, LOG_LEVEL_INFO, "no longer exported");
	export_free(x);
	port_release(p);
}

int
export_end(struct port *p, struct why *why)
{
	struct export	*x = export_of(p);

	if (x == NULL)
		return why_set(why, ERR_CONFLICT, "%s is not exported",
		    port_path(p));
	export_stop(x);
	return 0;
}

void
export_close_all(void)
{
	struct export	*x;

	while ((x = TAILQ_FIRST(&exports)) != NULL)
		export_stop(x);
}

const char *
export_url(const struct port *p)
{
	const struct export	*x = export_of(p);

	return x != NULL ? x->url : NULL;
}

const char *
export_client(const struct port *p)
{
	const struct export	*x = export_of(p);

	return x != NULL && x->client != NULL ? x->client->who : NULL;
}

size_t
export_count(void)
{
	struct export	*x;
	size_t		 n = 0;

	TAILQ_FOREACH(x, &exports, entry)
		n++;
	return n;
}
