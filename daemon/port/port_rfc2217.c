/*
 * port_rfc2217 - a serial port behind a Telnet server with COM port control
 * (ser2net, pyserial's servers, esp_rfc2217_server).
 *
 * Life of p->dev: made by open, freed by close.  While opening, the events of
 * the descriptor are ours; once open they are the wire's, and whatever is read
 * or written also moves what the protocol has to say.
 */
#include "daemon/port/port_impl.h"

#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "daemon/base/log.h"
#include "daemon/port/rfc2217.h"
#include "daemon/port/tcp.h"
#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/base/text.h"

enum {
	RFC_OUT_MAX	= 32 * 1024,	/* encoded bytes waiting for the socket */
	RFC_IN_MAX	= 32 * 1024,	/* decoded bytes nobody has read */
	RFC_PIECE	= 2048,		/* bytes encoded or read in one step */
	/* Settings are told again when nothing was said to them so long: some
	 * servers drop what comes before all options are agreed on. */
	RFC_AGAIN_MS	= 1000,
	RFC_AGAIN_MAX	= 2,	/* then a rate not confirmed is believed */
	/* A server that confirms lines does so within this time. */
	RFC_LINES_MS	= 500,
	/* How long old data is dropped while the answer to a purge is due. */
	RFC_PURGE_MS	= 500,
};

/* What we ask for, and what an answer may say about it. */
static const struct {
	uint8_t		 command, value;
	const char	*words;		/* of an answer that differs */
} rfc_settings[] = {
	{ RFC2217_SET_DATASIZE, 8, "data bits" },
	{ RFC2217_SET_PARITY, RFC2217_PARITY_NONE, "as parity" },
	{ RFC2217_SET_STOPSIZE, RFC2217_STOP_1, "as stop bits" },
	{ RFC2217_SET_CONTROL, RFC2217_FLOW_NONE, "as flow control" },
	{ RFC2217_SET_CONTROL, RFC2217_DTR_OFF, NULL },
	{ RFC2217_SET_CONTROL, RFC2217_RTS_OFF, NULL },
	{ RFC2217_SET_LINE_MASK, 0, NULL },
	{ RFC2217_SET_MODEM_MASK, 0, NULL },
	{ RFC2217_PURGE_DATA, RFC2217_PURGE_BOTH, NULL },
};

struct rfc2217 {
	struct tcp		*tcp;		/* while connecting */
	struct event		*event;		/* while opening */
	struct loop_timer	 deadline;	/* while opening */
	struct loop_timer	 again;		/* while opening */
	struct telnet		 telnet;
	struct buf		 in, out;
	uint32_t		 want;		/* rate asked for */
	uint32_t		 answer;	/* rate the server told since */
	unsigned		 due;		/* answers about the rate */
	unsigned		 repeats;	/* of all settings */
	bool			 asked;
	bool			 answered;
	bool			 heard;		/* it answers some requests */
	bool			 blind;		/* but never tells the rate */
	bool			 odd;		/* it refused a setting: */
	uint8_t			 odd_value;
	const char		*odd_words;
	bool			 ignore_control;/* ?ign_set_control */
	unsigned		 lines_due;	/* answers about DTR and RTS */
	uint64_t		 lines_until;	/* ms: waited for so long */
	bool			 lines_blind;	/* it does not answer to them */
	bool			 purges;	/* it answers to a purge */
	uint64_t		 purge_until;	/* ms: what comes is old; 0 */
	bool			 speaks;	/* it agreed to the option */
	bool			 refused;	/* it refused the option */
	bool			 suspended;	/* it asked us to hold data */
	bool			 failed;	/* out could not grow */
};

static void rfc_step(struct port *);
static void rfc_again(void *);

/* Note once and for all that something could not be queued. */
static void
rfc_queued(struct rfc2217 *r, int err)
{
	if (err < 0)
		r->failed = true;
}

static void
rfc_on_option(void *arg, uint8_t verb, uint8_t option)
{
	struct port	*p = arg;
	struct rfc2217	*r = p->dev;
	bool		 offer = verb == TELNET_WILL;
	bool		 com = option == TELNET_COM_PORT;

	if (com && (verb == TELNET_DO || offer))
		r->speaks = true;
	if (com && verb == TELNET_DONT)
		r->refused = true;
	if (verb == TELNET_WONT || verb == TELNET_DONT)
		return;		/* off is how everything is to begin with */
	if (!telnet_is_new(&r->telnet, offer, option))
		return;
	/* What we want of the server was asked at the start. */
	if (offer)
		rfc_queued(r, telnet_put_option(&r->out,
		    com ? TELNET_DO : TELNET_DONT, option));
	else
		rfc_queued(r, telnet_put_option(&r->out, TELNET_WONT, option));
}

/* An answer about the rate.  When a request was repeated, answers to the older
 * one may still come. */
static void
rfc_rate_told(struct rfc2217 *r, uint32_t rate)
{
	if (r->due > 0)
		r->due--;
	r->answer = rate;
	r->answered = r->asked && (r->due == 0 ||
	    port_rate_fits(r->want, rate));
}

/*
 * An answer about another setting.  It may be what was asked, or what is in
 * force, or nothing at all (0): only what says that the line is no 8N1 without
 * flow control counts.  RFC 2217: an answer to SET_CONTROL need not be about
 * what was asked; those between FLOW_XONXOFF and FLOW_HARDWARE are.
 */
static void
rfc_setting_told(struct rfc2217 *r, uint8_t command, uint8_t value)
{
	bool	control = command == RFC2217_SET_CONTROL;

	r->heard = true;
	if (control && r->lines_due > 0)
		r->lines_due--;		/* whatever it says: it is the order */
	if (control && (r->ignore_control || value < RFC2217_FLOW_XONXOFF ||
	    value > RFC2217_FLOW_HARDWARE))
		return;
	for (size_t i = 0; i < sizeof rfc_settings / sizeof *rfc_settings; i++)
		if (rfc_settings[i].command == command &&
		    rfc_settings[i].words != NULL && value != 0 &&
		    rfc_settings[i].value != value && !r->odd) {
			r->odd = true;
			r->odd_value = value;
			r->odd_words = rfc_settings[i].words;
		}
}

/* The server tells its name, or (empty) asks for ours. */
static void
rfc_signature(struct port *p, const uint8_t *value, size_t len)
{
	const struct log_context	context = { .port = p->info.path };
	struct rfc2217			*r = p->dev;
	char				 name[TELNET_SUB_MAX * 4 + 1];

	if (len == 0) {
		rfc_queued(r, rfc2217_put(&r->out, RFC2217_SIGNATURE,
		    RFC2217_NAME, strlen(RFC2217_NAME)));
		return;
	}
	text_printable(name, sizeof name, (const char *)value, len);
	log_line(LOG_LEVEL_DEBUG, &context, "the server is %s", name);
}

static void
rfc_on_com_port(void *arg, uint8_t command, const uint8_t *value, size_t len)
{
	struct port	*p = arg;
	struct rfc2217	*r = p->dev;

	switch (command) {
	case RFC2217_ANSWER + RFC2217_SIGNATURE:
		rfc_signature(p, value, len);
		return;
	case RFC2217_ANSWER + RFC2217_SET_BAUDRATE:
		if (len >= 4)
			rfc_rate_told(r, be32_get(value));
		return;
	case RFC2217_ANSWER + RFC2217_SET_DATASIZE:
	case RFC2217_ANSWER + RFC2217_SET_PARITY:
	case RFC2217_ANSWER + RFC2217_SET_STOPSIZE:
	case RFC2217_ANSWER + RFC2217_SET_CONTROL:
		if (len >= 1)
			rfc_setting_told(r, command - RFC2217_ANSWER,
			    value[0]);
		return;
	case RFC2217_ANSWER + RFC2217_PURGE_DATA:
		r->purges = true;
		r->purge_until = 0;
		return;
	case RFC2217_ANSWER + RFC2217_FLOW_SUSPEND:
		r->suspended = true;
		return;
	case RFC2217_ANSWER + RFC2217_FLOW_RESUME:
		r->suspended = false;
		return;
	}
	/* Line and modem state notices change nothing. */
}

/* Hand queued bytes to the socket. */
static int
rfc_push(struct port *p)
{
	struct rfc2217	*r = p->dev;
	int		 n;

	if (r->failed)
		return ERR_UNPLUGGED;	/* the conversation is torn */
	while (r->out.len > 0) {
		n = tcp_write(p->fd, r->out.data, r->out.len);
		if (n < 0)
			return n;
		if (n == 0)
			return PORT_WAIT_IO;
		buf_consume(&r->out, (size_t)n);
	}
	return PORT_DONE;
}

/* Data that the server sent before it read our purge is dropped. */
static bool
rfc_is_old(struct rfc2217 *r)
{
	if (r->purge_until != 0 && loop_now() >= r->purge_until)
		r->purge_until = 0;
	return r->purge_until != 0;
}

/* Read one piece from the socket and decode it into `buf`.  Returns the bytes
 * of data, 0 when nothing more is there now. */
static int
rfc_take(struct port *p, uint8_t *buf, size_t size)
{
	struct rfc2217	*r = p->dev;
	size_t		 n = 0, at, have, taken;
	int		 got;

	while (n == 0) {
		if ((got = tcp_read(p->fd, buf, size)) <= 0)
			return got;
		for (at = 0; at < (size_t)got; at += taken) {
			bool	old = rfc_is_old(r);

			have = telnet_decode_one(&r->telnet, buf + at,
			    (size_t)got - at, &taken);
			if (!old)
				memmove(buf + n, buf + at, have);
			n += old ? 0 : have;
		}
	}
	return (int)n;
}

/* Look for answers; keep the data that comes with them. */
static int
rfc_pump(struct port *p)
{
	struct rfc2217	*r = p->dev;
	uint8_t		*at;
	int		 n;

	while (buf_reserve(&r->in, RFC_PIECE, &at) == 0) {
		if ((n = rfc_take(p, at, RFC_PIECE)) <= 0)
			return n;
		buf_commit(&r->in, (size_t)n);
	}
	return 0;	/* full: the reader's turn */
}

static short
port_rfc2217_events(const struct port *p, bool reading, bool writing)
{
	const struct rfc2217	*r = p->dev;
	short			 what = 0;

	/* A full buffer must not wake us again and again. */
	if ((reading || r->suspended) && r->in.len + RFC_PIECE <= r->in.max)
		what |= EV_READ;
	if (r->out.len > 0 || (writing && !r->suspended))
		what |= EV_WRITE;
	return what;
}

static int
port_rfc2217_read(struct port *p, void *buf, size_t size)
{
	struct rfc2217	*r = p->dev;
	size_t		 n = size < r->in.len ? size : r->in.len;
	int		 got;

	if (n > 0) {
		memcpy(buf, r->in.data, n);
		buf_consume(&r->in, n);
		return (int)n;
	}
	if (rfc_push(p) < 0)
		return ERR_UNPLUGGED;
	got = rfc_take(p, buf, size);
	if (got == 0 && rfc_push(p) < 0)	/* replies to options */
		return ERR_UNPLUGGED;
	return got;
}

static int
port_rfc2217_write(struct port *p, const void *data, size_t len)
{
	struct rfc2217	*r = p->dev;
	const uint8_t	*at = data;
	size_t		 n, taken = 0;
	int		 err;

	if (r->suspended && (err = rfc_pump(p)) < 0)
		return err;
	while (!r->suspended && taken < len) {
		if ((err = rfc_push(p)) < 0)
			return err;
		n = len - taken < RFC_PIECE ? len - taken : RFC_PIECE;
		if (telnet_put_data(&r->out, at + taken, n) < 0)
			break;		/* full: when the socket has taken some */
		taken += n;
	}
	if ((err = rfc_push(p)) < 0)
		return err;
	return (int)taken;
}

static int
port_rfc2217_lines(struct port *p, bool dtr, bool rts)
{
	struct rfc2217	*r = p->dev;
	int		 err;

	/* Both in one packet, so that the server sets them one right after the
	 * other; DTR first, as a host does that has only one ioctl for each. */
	rfc_queued(r, rfc2217_put_byte(&r->out, RFC2217_SET_CONTROL,
	    dtr ? RFC2217_DTR_ON : RFC2217_DTR_OFF));
	rfc_queued(r, rfc2217_put_byte(&r->out, RFC2217_SET_CONTROL,
	    rts ? RFC2217_RTS_ON : RFC2217_RTS_OFF));
	r->lines_due += 2;
	r->lines_until = loop_now() + RFC_LINES_MS;
	err = rfc_push(p);
	return err < 0 ? err : 0;
}

/* So that a pause between two steps of a reset is as long at the far end as it
 * is here, however late the step before arrived. */
static int
port_rfc2217_lines_are_set(struct port *p)
{
	struct rfc2217	*r = p->dev;
	int		 err;

	if ((err = rfc_push(p)) < 0 || (err = rfc_pump(p)) < 0)
		return err;
	if (r->lines_due == 0 || r->lines_blind || r->ignore_control)
		return PORT_DONE;
	if (loop_now() < r->lines_until)
		return PORT_WAIT_IO;
	r->lines_blind = true;
	return PORT_DONE;
}

static void
rfc_ask_rate(struct rfc2217 *r, uint32_t baud)
{
	r->asked = true;
	r->answered = false;
	r->want = baud;
	r->due++;
	rfc_queued(r, rfc2217_put_baud(&r->out, baud));
}

/* Of a server that never tells its rate. */
static int
rfc_rate_believed(struct port *p)
{
	struct rfc2217	*r = p->dev;

	r->asked = false;
	p->baud = r->want;
	return PORT_DONE;
}

static int
port_rfc2217_baud(struct port *p, uint32_t baud)
{
	struct rfc2217	*r = p->dev;
	int		 err;

	if (!r->asked || r->want != baud)
		rfc_ask_rate(r, baud);
	if ((err = rfc_push(p)) < 0)
		return err;
	if (err == PORT_DONE && r->blind)
		return rfc_rate_believed(p);
	if ((err = rfc_pump(p)) < 0)
		return err;
	if (!r->answered)
		return PORT_WAIT_IO;
	r->asked = false;
	if (!port_rate_fits(baud, r->answer))
		return ERR_PORT_FAILED;
	p->baud = r->answer;
	return PORT_DONE;
}

/* One command of one byte, sent as soon as it can be. */
static int
rfc_tell(struct port *p, uint8_t command, uint8_t value)
{
	struct rfc2217	*r = p->dev;
	int		 err;

	rfc_queued(r, rfc2217_put_byte(&r->out, command, value));
	err = rfc_push(p);
	return err < 0 ? err : 0;
}

static int
port_rfc2217_flush(struct port *p)
{
	struct rfc2217	*r = p->dev;
	uint8_t		 junk[512];
	int		 n;

	buf_clear(&r->in);
	/* Bounded: a server that never stops must not keep us here. */
	for (int i = 0; i < 256; i++) {
		if ((n = rfc_take(p, junk, sizeof junk)) < 0)
			return n;
		if (n == 0)
			break;
	}
	if (r->purges)
		r->purge_until = loop_now() + RFC_PURGE_MS;
	return rfc_tell(p, RFC2217_PURGE_DATA, RFC2217_PURGE_RECEIVED);
}

/* What is in `out` was encoded and may be half sent: it goes. */
static int
port_rfc2217_discard(struct port *p)
{
	return rfc_tell(p, RFC2217_PURGE_DATA, RFC2217_PURGE_SENT);
}

static int
port_rfc2217_hold(struct port *p, bool on)
{
	return rfc_tell(p, RFC2217_SET_CONTROL,
	    on ? RFC2217_BREAK_ON : RFC2217_BREAK_OFF);
}

/* 8N1, no flow control, lines inactive, no notices; the rate comes last, so
 * that its answer says that all the rest was read. */
static void
rfc_configure(struct rfc2217 *r)
{
	rfc_queued(r, rfc2217_put(&r->out, RFC2217_SIGNATURE, NULL, 0));
	for (size_t i = 0; i < sizeof rfc_settings / sizeof *rfc_settings; i++)
		rfc_queued(r, rfc2217_put_byte(&r->out,
		    rfc_settings[i].command, rfc_settings[i].value));
	rfc_ask_rate(r, r->want);
}

/* The opening is over: the descriptor's events are the wire's now. */
static void
rfc_end(struct port *p, int err)
{
	struct rfc2217	*r = p->dev;

	if (r->event != NULL)
		event_free(r->event);
	r->event = NULL;
	loop_timer_clear(&r->deadline);
	loop_timer_clear(&r->again);
	port_opened(p, err);
}

static void
rfc_no_telnet(struct port *p)
{
	rfc_end(p, why_set(&p->why, ERR_PORT_FAILED, "%s port %s does not"
	    " speak RFC 2217 (Telnet with COM port control); for a bare stream"
	    " write socket://%s:%s", p->host, p->service, p->host,
	    p->service));
}

static void
rfc_settled(struct port *p)
{
	const struct log_context	context = { .port = p->info.path };
	struct rfc2217			*r = p->dev;

	r->asked = false;
	if (r->odd) {
		rfc_end(p, why_set(&p->why, ERR_PORT_FAILED, "%s port %s does"
		    " not take 8N1 without flow control (it answers %u %s);"
		    " change the settings of that server", p->host, p->service,
		    r->odd_value, r->odd_words));
		return;
	}
	if (!port_rate_fits(r->want, r->answer)) {
		rfc_end(p, why_set(&p->why, ERR_PORT_FAILED,
		    "%s port %s cannot do %u baud (it says %u)", p->host,
		    p->service, r->want, r->answer));
		return;
	}
	if (r->answer != r->want)
		log_line(LOG_LEVEL_INFO, &context, "the server set %u baud "
		    "for %u", r->answer, r->want);
	p->baud = r->answer;
	p->has_lines = true;
	rfc_end(p, 0);
}

static void
rfc_late(void *arg)
{
	struct port	*p = arg;
	struct rfc2217	*r = p->dev;

	if (!r->speaks) {
		rfc_no_telnet(p);
		return;
	}
	rfc_end(p, why_set(&p->why, ERR_TIMEOUT,
	    "%s port %s did not confirm %u baud in %d s", p->host, p->service,
	    r->want, PORT_SETTLE_MS / 1000));
}

/* Watch for what rfc_step() waits for. */
static void
rfc_ready(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	rfc_step(arg);
}

static void
rfc_watch(struct port *p)
{
	struct rfc2217	*r = p->dev;
	short		 what = port_rfc2217_events(p, true, false);

	(void)event_del(r->event);	/* cannot fail on a made event */
	if (event_assign(r->event, loop_base(), p->fd, what, rfc_ready, p) < 0 ||
	    event_add(r->event, NULL) < 0)
		rfc_end(p, ERR_NOMEM);
}

static void
rfc_hung_up(struct port *p)
{
	rfc_end(p, why_set(&p->why, ERR_PORT_BUSY, "%s port %s closed the"
	    " connection at once; another client may have the port", p->host,
	    p->service));
}

/* One step of the opening: agree on the option, then settings, then done. */
static void
rfc_step(struct port *p)
{
	struct rfc2217	*r = p->dev;
	bool		 configured = r->asked;

	if (rfc_push(p) < 0 || rfc_pump(p) < 0) {
		rfc_hung_up(p);
		return;
	}
	if (r->refused && !r->speaks) {
		rfc_no_telnet(p);
		return;
	}
	if (r->answered) {
		rfc_settled(p);
		return;
	}
	if (r->speaks && !configured) {
		rfc_configure(r);
		if (rfc_push(p) < 0 || loop_timer_set(&r->again, RFC_AGAIN_MS,
		    rfc_again, p) < 0) {
			rfc_hung_up(p);
			return;
		}
	}
	rfc_watch(p);
}

/* It answers, but not about the rate: believe it. */
static void
rfc_go_blind(struct port *p)
{
	const struct log_context	context = { .port = p->info.path };
	struct rfc2217			*r = p->dev;

	log_line(LOG_LEVEL_WARN, &context, "the server does not confirm the "
	    "rate, ignoring");
	r->blind = true;
	r->answer = r->want;
	rfc_settled(p);
}

/* No answer to the rate so far: say all of it again. */
static void
rfc_again(void *arg)
{
	struct port	*p = arg;
	struct rfc2217	*r = p->dev;

	if (r->heard && r->repeats == RFC_AGAIN_MAX) {
		rfc_go_blind(p);
		return;
	}
	r->repeats++;
	rfc_configure(r);
	if (loop_timer_set(&r->again, RFC_AGAIN_MS, rfc_again, p) < 0)
		rfc_end(p, ERR_NOMEM);
	else
		rfc_step(p);
}

static void
rfc_connected(void *arg, int fd, int err, const struct why *why)
{
	struct port	*p = arg;
	struct rfc2217	*r = p->dev;

	r->tcp = NULL;
	if (err < 0) {
		p->why = *why;
		rfc_end(p, err);
		return;
	}
	p->fd = fd;
	r->event = event_new(loop_base(), fd, EV_READ, rfc_ready, p);
	if (r->event == NULL ||
	    loop_timer_set(&r->deadline, PORT_SETTLE_MS, rfc_late, p) < 0) {
		rfc_end(p, ERR_NOMEM);
		return;
	}
	rfc_queued(r, rfc2217_greet(&r->telnet, &r->out, TELNET_WILL));
	rfc_step(p);
}

static void
port_rfc2217_open(struct port *p, uint32_t baud)
{
	struct rfc2217	*r;

	if ((r = calloc(1, sizeof *r)) == NULL) {
		port_opened(p, ERR_NOMEM);
		return;
	}
	p->dev = r;
	buf_init(&r->in, RFC_IN_MAX);
	buf_init(&r->out, RFC_OUT_MAX);
	r->telnet.on_option = rfc_on_option;
	r->telnet.on_com_port = rfc_on_com_port;
	r->telnet.arg = p;
	r->want = baud;
	/* An option of pyserial's URLs for servers that answer oddly; others
	 * (?logging=, ?timeout=, ?poll_modem) mean nothing here. */
	r->ignore_control = strstr(p->info.path, "ign_set_control") != NULL;
	r->tcp = tcp_connect(p->host, p->service, PORT_CONNECT_MS,
	    rfc_connected, p);
	if (r->tcp == NULL)
		port_opened(p, ERR_NOMEM);
}

static void
port_rfc2217_close(struct port *p)
{
	struct rfc2217	*r = p->dev;

	if (r == NULL)
		return;
	tcp_cancel(r->tcp);
	if (r->event != NULL)
		event_free(r->event);
	loop_timer_clear(&r->deadline);
	loop_timer_clear(&r->again);
	if (p->fd >= 0)
		tcp_part(p->fd);
	p->fd = -1;
	buf_done(&r->in);
	buf_done(&r->out);
	free(r);
	p->dev = NULL;
}

const struct port_ops port_rfc2217_ops = {
	.open = port_rfc2217_open,
	.close = port_rfc2217_close,
	.events = port_rfc2217_events,
	.read = port_rfc2217_read,
	.write = port_rfc2217_write,
	.push = rfc_push,
	.lines = port_rfc2217_lines,
	.lines_are_set = port_rfc2217_lines_are_set,
	.baud = port_rfc2217_baud,
	.flush = port_rfc2217_flush,
	.discard = port_rfc2217_discard,
	.hold = port_rfc2217_hold,
};
