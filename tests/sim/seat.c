/*
 * Lives: a seat belongs to main.c; it owns its board, line, listener, client
 * connection and events.  A client that goes away leaves the board as it is,
 * but its DTR and RTS drop, as on a real port.
 */
#include "tests/sim/seat.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>

#include "proto/base/text.h"
#include "tests/sim/board.h"
#include "tests/sim/boot.h"
#include "tests/sim/line.h"
#include "tests/sim/rfc2217.h"

enum {
	READ_HIGH	= 64 * 1024,	/* bytes on their way to the chip */
	/*
	 * Over RFC 2217 DTR and RTS change one after the other, and pyserial
	 * waits 50 ms for each answer.  On the way from "EN low" to "IO0 low"
	 * both are asserted meanwhile, which would let the chip boot: such a
	 * change waits this long for its other half.
	 */
	HALF_US		= 90000,
	SWAPPED		= 0x8000,	/* in the number that makes a MAC */
	OTG_AWAY_US	= 100000,
	OTG_PROGRAM	= 0x4001,	/* TinyUSB's CDC; "123456" */
	DEFAULT_MS	= 1000,
};

struct seat {
	struct event_base	*base;
	struct seat_setup	 setup;
	struct board		 board;
	struct line		 line;
	struct rfc2217		 telnet;
	uint32_t		 host_bps;	/* 0: unknown */
	int			 listen_fd;
	struct event		*accept_ev;
	struct bufferevent	*client;
	bool			 stopped;	/* too much on its way */
	struct pty		 pty;
	struct pty		 spare;		/* for the next plug */
	struct usb		*usb;
	struct event		*alarm_ev[ALARM_COUNT];
	struct event		*line_ev;
	struct event		*half_ev;
	bool			 dtr, rts;	/* as they were last set */
	bool			 half;		/* a line change waits... */
	uint64_t		 half_us;	/* ...since then */
	struct event		*fault_ev;	/* end of silence */
	struct fault		*faults;
	size_t			 fault_count;
	bool			 silent;
	bool			 unplugged;
	bool			 away;		/* ...but the chip has power */
	const struct fault	*unplug_fault;
	struct event		*unplug_ev, *plug_ev, *otg_ev;
	enum board_mode		 awaited;
	void			(*await_fn)(void *);	/* NULL: nobody waits */
	void			*await_arg;
	char			 title[512];
};

static uint64_t
seat_now(void *ctx)
{
	struct timespec	t;

	(void)ctx;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);	/* cannot fail */
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void
seat_timer(struct event *ev, uint64_t us)
{
	struct timeval	tv = {
		.tv_sec = (time_t)(us / 1000000),
		.tv_usec = (suseconds_t)(us % 1000000),
	};

	(void)event_add(ev, &tv);	/* only fails without memory */
}

/* A line for the log: microseconds of CLOCK_MONOTONIC, board, what. */
static void __attribute__((format(printf, 2, 3)))
seat_log(struct seat *s, const char *format, ...)
{
	va_list	ap;

	if (s->setup.log == NULL)
		return;
	fprintf(s->setup.log, "%llu %u ", (unsigned long long)seat_now(s),
	    s->setup.number);
	va_start(ap, format);
	vfprintf(s->setup.log, format, ap);
	va_end(ap);
	fputc('\n', s->setup.log);
	/* Whoever gets an answer to what he did finds it here. */
	(void)fflush(s->setup.log);
}

static void
seat_moved(struct seat *s, bool dtr, bool rts)
{
	s->dtr = dtr;
	s->rts = rts;
	seat_log(s, "lines dtr=%d rts=%d", dtr, rts);
}

/* ---- the chip's side ---- */

static void
seat_board_send(void *ctx, const void *data, size_t len, uint32_t bps)
{
	struct seat	*s = ctx;

	line_to_host(&s->line, data, len, bps);
}

static void
seat_board_alarm(void *ctx, enum board_alarm which, uint64_t us)
{
	struct seat	*s = ctx;

	if (us == ALARM_OFF)
		(void)event_del(s->alarm_ev[which]);
	else
		seat_timer(s->alarm_ev[which], us);
}

static void
seat_note(void *ctx, const char *text)
{
	struct seat	*s = ctx;

	seat_log(s, "%s", text);
	if (s->setup.verbose)
		fprintf(stderr, "espsim: board %u (%s): %s\n",
		    s->setup.number, s->setup.chip->name, text);
}

static void
seat_awaited(struct seat *s)
{
	void	(*fn)(void *) = s->await_fn;

	if (fn == NULL || s->board.mode != s->awaited)
		return;
	s->await_fn = NULL;
	fn(s->await_arg);
}

void
seat_await(struct seat *s, enum board_mode mode, void (*fn)(void *), void *arg)
{
	s->awaited = mode;
	s->await_fn = fn;
	s->await_arg = arg;
	seat_awaited(s);
}

static void
seat_board_note(void *ctx, const char *text)
{
	struct seat	*s = ctx;

	seat_note(s, text);
	seat_awaited(s);
}

/* ---- faults ---- */

static void
seat_fault(struct seat *s, const struct fault *f)
{
	uint32_t	ms = f->has_arg ? f->arg : DEFAULT_MS;

	switch (f->kind) {
	case FAULT_DROP:
	case FAULT_CORRUPT:
		break;		/* done to the bytes */
	case FAULT_DELAY:
		line_delay_up(&s->line, (uint64_t)ms * 1000);
		seat_note(s, "fault: delay");
		break;
	case FAULT_SILENT:
		s->silent = true;
		if (f->has_arg)
			seat_timer(s->fault_ev, (uint64_t)ms * 1000);
		seat_note(s, "fault: silent");
		break;
	case FAULT_RESET:
	case FAULT_UNPLUG:
		/* Not in the middle of a command: from the loop. */
		s->unplug_fault = f;
		event_active(s->unplug_ev, EV_TIMEOUT, 1);
		break;
	}
}

static size_t
seat_faults(struct seat *s, enum fault_when dir, uint8_t *p, size_t len)
{
	for (size_t i = 0; i < s->fault_count; i++) {
		bool	happens = false;

		len = fault_bytes(&s->faults[i], dir, p, len, &happens);
		if (happens)
			seat_fault(s, &s->faults[i]);
	}
	return len;
}

static void
seat_board_command(void *ctx, uint8_t op)
{
	struct seat	*s = ctx;

	for (size_t i = 0; i < s->fault_count; i++)
		if (fault_command(&s->faults[i], op))
			seat_fault(s, &s->faults[i]);
}

static void
seat_board_booted(void *ctx)
{
	struct seat	*s = ctx;

	/* Not in the middle of what the chip does: from the loop. */
	if (s->setup.otg && s->usb != NULL && !s->unplugged)
		event_active(s->otg_ev, EV_TIMEOUT, 1);
}

static const struct board_ops board_ops = {
	.send		= seat_board_send,
	.alarm		= seat_board_alarm,
	.now_us		= seat_now,
	.command	= seat_board_command,
	.note		= seat_board_note,
	.booted		= seat_board_booted,
};

/* ---- the line ---- */

static void
seat_resume(struct seat *s)
{
	if (!s->stopped || line_waiting(&s->line) > READ_HIGH / 2)
		return;
	s->stopped = false;
	if (s->client != NULL)
		(void)bufferevent_enable(s->client, EV_READ);
}

static void
seat_to_chip(void *ctx, uint8_t *p, size_t len, uint32_t bps)
{
	struct seat	*s = ctx;
	struct board	*b = &s->board;

	len = seat_faults(s, FAULT_RX, p, len);
	if (b->mode == BOARD_ROM && b->autobaud && bps != 0 && len > 0) {
		/* The ROM measures the host's rate on the first bytes. */
		b->bps = bps;
		b->autobaud = false;
	}
	if (!line_rates_fit(bps, b->bps))
		line_garble(p, len, bps, b->bps);
	board_receive(b, p, len);
	seat_resume(s);
}

static void
seat_to_host(void *ctx, uint8_t *p, size_t len, uint32_t bps)
{
	struct seat	*s = ctx;
	uint8_t		 escaped[2 * 1024];

	len = seat_faults(s, FAULT_TX, p, len);
	if (s->client == NULL || s->silent)
		return;
	if (!line_rates_fit(s->host_bps, bps))
		line_garble(p, len, bps, s->host_bps);
	if (s->setup.kind != SEAT_RFC2217) {
		(void)bufferevent_write(s->client, p, len);
		return;
	}
	for (size_t n; len > 0; len -= n, p += n) {
		n = len < sizeof(escaped) / 2 ? len : sizeof(escaped) / 2;
		(void)bufferevent_write(s->client, escaped,
		    rfc2217_escape(p, n, escaped));
	}
}

static void
seat_wake(void *ctx, uint64_t us)
{
	struct seat	*s = ctx;

	seat_timer(s->line_ev, us);
}

static const struct line_ops line_ops = {
	.now_us		= seat_now,
	.to_chip	= seat_to_chip,
	.to_host	= seat_to_host,
	.wake		= seat_wake,
};

/* ---- the host's side ---- */

static void
seat_data(void *ctx, const uint8_t *p, size_t len)
{
	struct seat	*s = ctx;

	line_to_chip(&s->line, p, len, s->host_bps);
	if (!s->stopped && s->client != NULL &&
	    line_waiting(&s->line) > READ_HIGH) {
		s->stopped = true;
		(void)bufferevent_disable(s->client, EV_READ);
	}
}

static void
seat_reply(void *ctx, const uint8_t *p, size_t len)
{
	struct seat	*s = ctx;

	if (s->client != NULL)
		(void)bufferevent_write(s->client, p, len);
}

static void
seat_baud(void *ctx, uint32_t bps)
{
	struct seat	*s = ctx;

	s->host_bps = bps;
}

static void
seat_lines(void *ctx, bool dtr, bool rts)
{
	struct seat	*s = ctx;
	uint64_t	 now = seat_now(s);

	if (dtr == s->dtr && rts == s->rts)
		return;
	seat_moved(s, dtr, rts);
	if (s->half && now - s->half_us >= HALF_US)
		board_lines_since(&s->board, true, true, s->half_us);
	s->half = dtr && rts && s->board.rts && !s->board.dtr &&
	    (s->board.circuit & (CIRCUIT_TIGHT | CIRCUIT_USB_JTAG)) == 0;
	if (s->half) {
		s->half_us = now;
		seat_timer(s->half_ev, HALF_US);
		return;
	}
	(void)event_del(s->half_ev);
	board_lines(&s->board, dtr, rts);
}

static void
seat_purge(void *ctx, bool from_port, bool to_port)
{
	struct seat	*s = ctx;

	if (from_port)
		line_purge_up(&s->line);
	if (to_port)
		line_purge_down(&s->line);
	seat_resume(s);
}

static const struct rfc2217_ops telnet_ops = {
	.data	= seat_data,
	.reply	= seat_reply,
	.baud	= seat_baud,
	.lines	= seat_lines,
	.purge	= seat_purge,
};

/* The client is gone; what was on its way to it is lost. */
static void
seat_forget(struct seat *s)
{
	if (s->client == NULL)
		return;
	bufferevent_free(s->client);
	s->client = NULL;
	s->stopped = false;
	s->half = false;
	(void)event_del(s->half_ev);
	line_purge_up(&s->line);
}

static void
seat_hangup(struct seat *s)
{
	/* Our slave is open as long as the pty is. */
	if (s->client == NULL || s->setup.kind == SEAT_PTY)
		return;
	seat_forget(s);
	if (s->setup.kind != SEAT_RFC2217)
		return;
	if (s->dtr || s->rts)
		seat_moved(s, false, false);
	board_lines(&s->board, false, false);
}

static void
seat_read_cb(struct bufferevent *bev, void *ctx)
{
	struct seat	*s = ctx;
	uint8_t		 part[2048];
	size_t		 n;

	while (s->client == bev &&
	    (n = bufferevent_read(bev, part, sizeof(part))) > 0) {
		if (s->setup.kind == SEAT_RFC2217) {
			rfc2217_receive(&s->telnet, part, n);
			continue;
		}
		if (s->setup.kind == SEAT_PTY)
			s->host_bps = pty_bps(&s->pty);
		seat_data(s, part, n);
	}
}

static void
seat_event_cb(struct bufferevent *bev, short what, void *ctx)
{
	struct seat	*s = ctx;

	if (!(what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) || bev != s->client)
		return;
	seat_read_cb(bev, s);
	seat_hangup(s);
}

static void
seat_client(struct seat *s, int fd)
{
	int	one = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	s->client = bufferevent_socket_new(s->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (s->client == NULL) {
		(void)close(fd);
		return;
	}
	bufferevent_setcb(s->client, seat_read_cb, NULL, seat_event_cb, s);
	if (s->setup.kind == SEAT_RFC2217) {
		rfc2217_init(&s->telnet, &telnet_ops, s);
		s->host_bps = s->telnet.bps;
	}
	(void)bufferevent_enable(s->client, EV_READ | EV_WRITE);
}

static void
seat_accept_cb(evutil_socket_t lfd, short what, void *ctx)
{
	struct seat	*s = ctx;
	int		 fd;

	(void)what;
	fd = accept4((int)lfd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return;		/* it went away again */
	if (s->client != NULL) {
		seat_note(s, "a second client is refused");
		(void)close(fd);
		return;
	}
	seat_client(s, fd);
}

/* ---- plugging in and out ---- */

static int
seat_listen(struct seat *s)
{
	struct sockaddr_in	a = { .sin_family = AF_INET };
	socklen_t		len = sizeof(a);
	int			one = 1;
	int			fd;

	if (inet_pton(AF_INET, s->setup.host, &a.sin_addr) != 1)
		return -EINVAL;
	a.sin_port = htons(s->setup.port);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0 ||
	    listen(fd, 4) != 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) != 0) {
		int	e = errno;

		(void)close(fd);
		return -e;
	}
	s->setup.port = ntohs(a.sin_port);	/* the same after a replug */
	s->listen_fd = fd;
	s->accept_ev = event_new(s->base, fd, EV_READ | EV_PERSIST,
	    seat_accept_cb, s);
	(void)event_add(s->accept_ev, NULL);
	return 0;
}

static void
seat_unlisten(struct seat *s)
{
	if (s->accept_ev != NULL)
		event_free(s->accept_ev);
	s->accept_ev = NULL;
	if (s->listen_fd >= 0)
		(void)close(s->listen_fd);
	s->listen_fd = -1;
}

/* ---- the pty's lines ---- */

/* What was written before the lines changed reaches the chip before that. */
static void
seat_pty_drain(struct seat *s)
{
	uint8_t	part[2048];
	ssize_t	n;

	s->host_bps = pty_bps(&s->pty);
	while (s->client != NULL &&
	    (n = read(s->pty.master, part, sizeof(part))) > 0)
		seat_data(s, part, (size_t)n);
}

static void
seat_usb_lines(void *ctx, bool dtr, bool rts)
{
	struct seat	*s = ctx;

	seat_pty_drain(s);
	seat_moved(s, dtr, rts);
	board_lines(&s->board, dtr, rts);
}

static const struct usb_ops usb_ops = {
	.lines	= seat_usb_lines,
	.note	= seat_note,
};

static int
seat_plug_pty(struct seat *s)
{
	int	r = 0;

	s->pty = s->spare;
	s->spare.master = s->spare.slave = -1;
	if (s->pty.master < 0)
		r = pty_open(&s->pty);
	if (r == 0 && s->usb != NULL)
		r = usb_plug(s->usb, &s->pty);
	if (r != 0)
		return r;
	seat_client(s, s->pty.master);
	seat_log(s, "plug %s %s", s->usb != NULL ? usb_path(s->usb) :
	    s->pty.path, s->pty.path);
	return s->client == NULL ? -ENOMEM : 0;
}

/* A new pty is had before the old one is given back: its number will differ. */
static void
seat_unplug_pty(struct seat *s)
{
	if (pty_open(&s->spare) != 0)
		seat_note(s, "no pty for the next plug");
	/* Hung up at once: libevent closes what it frees only later, and until
	 * then a pty without its lines would be no modem to its user. */
	if (s->client != NULL && bufferevent_setfd(s->client, -1) == 0)
		(void)close(s->pty.master);
	seat_forget(s);
	s->pty.master = -1;
	if (s->usb != NULL)
		usb_unplug(s->usb);
	pty_close(&s->pty);
}

/* ---- plugging ---- */

static void
seat_board_setup(struct seat *s)
{
	s->board.flash.times = *s->setup.times;
	s->board.circuit = s->setup.circuit;
	if (s->setup.program)
		board_program(&s->board);
}

static int
seat_open(struct seat *s)
{
	char		where[USB_PATH + 16], mac[TEXT_MAC_MAX];
	const char	*kind;
	int		r;

	r = s->setup.kind == SEAT_PTY ? seat_plug_pty(s) : seat_listen(s);
	if (r != 0)
		return r;
	kind = s->setup.kind == SEAT_RFC2217 ? "rfc2217" : "socket";
	if (s->setup.kind != SEAT_PTY)
		(void)snprintf(where, sizeof(where), "%s://%.40s:%u", kind,
		    s->setup.host, s->setup.port);
	else
		(void)snprintf(where, sizeof(where), "%s", s->usb != NULL ?
		    usb_path(s->usb) : s->pty.path);
	text_mac(mac, s->board.mac);
	(void)snprintf(s->title, sizeof(s->title), "%s %s %s", where,
	    s->setup.chip->name, mac);
	return 0;
}

static void
seat_power(struct seat *s)
{
	if (s->setup.kind != SEAT_RFC2217 && s->usb == NULL)
		s->board.no_lines = true;
	board_power(&s->board);
}

int
seat_unplug(struct seat *s)
{
	if (s->unplugged && !s->away)
		return -EALREADY;
	(void)event_del(s->plug_ev);
	(void)event_del(s->otg_ev);
	seat_log(s, "unplug");
	if (s->away) {
		s->away = false;
	} else if (s->setup.kind == SEAT_PTY) {
		seat_unplug_pty(s);
	} else {
		seat_hangup(s);
		seat_unlisten(s);
	}
	s->unplugged = true;
	s->dtr = s->rts = false;
	line_purge_down(&s->line);
	board_unpower(&s->board);
	return 0;
}

/* The chip has started: its USB-OTG goes and comes again. */
static void
seat_otg_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct seat	*s = ctx;

	(void)fd;
	(void)what;
	if (s->unplugged)
		return;
	s->unplugged = s->away = true;
	seat_log(s, "away");
	seat_unplug_pty(s);
	s->dtr = s->rts = false;
	board_lines(&s->board, false, false);
	seat_timer(s->plug_ev, OTG_AWAY_US);
}

static void
seat_otg_product(struct seat *s)
{
	/* The ROM calls itself by its chip's number, serial number "0". */
	bool	loader = s->away && (s->board.mode == BOARD_ROM ||
		    s->board.mode == BOARD_STUB);

	usb_become(s->usb, loader ? (uint16_t)s->setup.chip->chip_id :
	    OTG_PROGRAM,
	    loader ? "0" : "123456");
}

int
seat_plug(struct seat *s)
{
	int	r;

	if (!s->unplugged)
		return -EALREADY;
	(void)event_del(s->plug_ev);
	if (s->setup.otg && s->usb != NULL)
		seat_otg_product(s);
	r = seat_open(s);
	if (r != 0)
		return r;
	if (!s->away) {
		seat_note(s, "plugged in again");
		seat_power(s);
	}
	s->unplugged = s->away = false;
	return 0;
}

struct board *
seat_board(struct seat *s)
{
	return &s->board;
}

int
seat_look(struct seat *s)
{
	if (s->usb != NULL)
		usb_look(s->usb);
	return 0;
}

int
seat_swap(struct seat *s)
{
	const struct seat_setup	*u = &s->setup;
	struct board_traits	 traits = u->traits;
	int			 r;

	traits.fuse_path = NULL;
	(void)seat_unplug(s);		/* may be so already */
	board_done(&s->board);
	r = board_init(&s->board, u->chip, &traits, u->number | SWAPPED,
	    u->flash_size, NULL, &board_ops, s);
	if (r != 0)
		return r;
	seat_board_setup(s);
	if (s->usb != NULL)
		usb_move(s->usb, s->board.mac);
	return seat_plug(s);
}

/* From the loop: a reset or the end of the port. */
static void
seat_unplug_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct seat		*s = ctx;
	const struct fault	*f = s->unplug_fault;

	(void)fd;
	(void)what;
	if (f->kind == FAULT_RESET) {
		bool	io0 = s->board.io0;

		seat_note(s, "fault: reset");
		if (f->has_arg)
			s->board.io0 = f->arg == 0;
		board_reset(&s->board, s->setup.chip->rst_power);
		s->board.io0 = io0;
		return;
	}
	seat_note(s, "fault: unplugged");
	(void)seat_unplug(s);		/* may be so already */
	if (f->has_arg)
		seat_timer(s->plug_ev, (uint64_t)f->arg * 1000);
}

static void
seat_plug_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct seat	*s = ctx;
	int		 r;

	(void)fd;
	(void)what;
	r = seat_plug(s);
	if (r != 0 && r != -EALREADY)
		fprintf(stderr, "espsim: %s: %s\n", s->title, strerror(-r));
}

static void
seat_fault_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct seat	*s = ctx;

	(void)fd;
	(void)what;
	s->silent = false;
}

static void
seat_alarm_cb(struct seat *s, enum board_alarm which)
{
	board_alarm(&s->board, which);
}

static void
seat_work_cb(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	seat_alarm_cb(ctx, ALARM_WORK);
}

static void
seat_en_cb(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	seat_alarm_cb(ctx, ALARM_EN);
}

static void
seat_restart_cb(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	seat_alarm_cb(ctx, ALARM_RESTART);
}

static void
seat_dog_cb(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	seat_alarm_cb(ctx, ALARM_DOG);
}

static void
seat_speak_cb(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	seat_alarm_cb(ctx, ALARM_SPEAK);
}

static void
seat_line_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct seat	*s = ctx;

	(void)fd;
	(void)what;
	line_run(&s->line);
}

static void
seat_half_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct seat	*s = ctx;

	(void)fd;
	(void)what;
	s->half = false;
	board_lines_since(&s->board, s->telnet.dtr, s->telnet.rts, s->half_us);
}

/* ---- life ---- */

static void
seat_events(struct seat *s)
{
	static const event_callback_fn fn[ALARM_COUNT] = {
		[ALARM_WORK]	= seat_work_cb,
		[ALARM_EN]	= seat_en_cb,
		[ALARM_RESTART]	= seat_restart_cb,
		[ALARM_DOG]	= seat_dog_cb,
		[ALARM_SPEAK]	= seat_speak_cb,
	};

	for (int i = 0; i < ALARM_COUNT; i++)
		s->alarm_ev[i] = evtimer_new(s->base, fn[i], s);
	s->line_ev = evtimer_new(s->base, seat_line_cb, s);
	s->half_ev = evtimer_new(s->base, seat_half_cb, s);
	s->fault_ev = evtimer_new(s->base, seat_fault_cb, s);
	s->unplug_ev = evtimer_new(s->base, seat_unplug_cb, s);
	s->plug_ev = evtimer_new(s->base, seat_plug_cb, s);
	s->otg_ev = evtimer_new(s->base, seat_otg_cb, s);
}

static void
seat_take_faults(struct seat *s)
{
	const struct seat_setup	*u = &s->setup;

	s->faults = calloc(u->fault_count + 1, sizeof(*s->faults));
	if (s->faults == NULL)
		abort();
	for (size_t i = 0; i < u->fault_count; i++)
		if (u->faults[i].board == u->number)
			s->faults[s->fault_count++] = u->faults[i];
}

static void
seat_usb(struct seat *s)
{
	struct usb_setup	u = {
		.bus = s->setup.bus, .id = s->setup.usb_id,
		.number = s->setup.number,
	};

	if (s->setup.kind != SEAT_PTY || u.bus == NULL)
		return;
	memcpy(u.mac, s->board.mac, sizeof(u.mac));
	if (s->setup.otg)
		u.id.vid = 0x303a;
	s->usb = usb_new(s->base, &u, &usb_ops, s);
	if (s->setup.otg)
		seat_otg_product(s);
}

struct seat *
seat_new(struct event_base *base, const struct seat_setup *setup)
{
	struct seat	*s = calloc(1, sizeof(*s));
	int		 r;

	if (s == NULL)
		abort();
	s->base = base;
	s->setup = *setup;
	s->listen_fd = -1;
	s->pty.master = s->pty.slave = -1;
	s->spare = s->pty;
	seat_events(s);
	seat_take_faults(s);
	line_init(&s->line, setup->paced, &line_ops, s);
	s->line.latency_us = (uint64_t)setup->latency_ms * 1000;
	r = board_init(&s->board, setup->chip, &setup->traits,
	    setup->number, setup->flash_size, setup->flash_path, &board_ops,
	    s);
	if (r != 0) {
		fprintf(stderr, "espsim: %s: %s\n", r == -EOPNOTSUPP ?
		    setup->chip->name : setup->flash_path != NULL ?
		    setup->flash_path : "flash", r == -EOPNOTSUPP ?
		    "this chip cannot be like that" : strerror(-r));
		seat_free(s);
		return NULL;
	}
	seat_board_setup(s);
	s->unplugged = true;
	seat_usb(s);
	r = seat_open(s);
	if (r != 0) {
		fprintf(stderr, "espsim: %s:%u: %s\n", s->usb != NULL ?
		    setup->bus->dir : setup->host, setup->port, strerror(-r));
		seat_free(s);
		return NULL;
	}
	seat_power(s);
	s->unplugged = false;
	return s;
}

void
seat_free(struct seat *s)
{
	if (s == NULL)
		return;
	seat_unlisten(s);
	if (s->client != NULL)
		bufferevent_free(s->client);
	s->pty.master = -1;		/* the client's */
	usb_free(s->usb);
	pty_close(&s->pty);
	pty_close(&s->spare);
	for (int i = 0; i < ALARM_COUNT; i++)
		event_free(s->alarm_ev[i]);
	event_free(s->line_ev);
	event_free(s->half_ev);
	event_free(s->fault_ev);
	event_free(s->unplug_ev);
	event_free(s->plug_ev);
	event_free(s->otg_ev);
	line_done(&s->line);
	board_done(&s->board);
	free(s->faults);
	free(s);
}

const char *
seat_title(const struct seat *s)
{
	return s->title;
}
