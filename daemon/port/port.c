/*
 * port - the list of ports and their states.  Ports are made by port_find()
 * and port_rescan().  One whose device is gone is freed by sweep(), which only
 * the loop calls, once nobody holds it; the others live until
 * port_forget_all().
 */
#include "daemon/port/port.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <event2/event.h>

#include "daemon/base/log.h"
#include "daemon/port/port_impl.h"
#include "daemon/port/tcp.h"
#include "proto/base/err.h"

enum {
	PORTS_MAX	= 1024,	/* names come from clients */
	PORTS_URLS_KEPT	= 512,	/* with more, URLs that nobody uses go */
};

static struct port	*ports;
static size_t		 ports_count;
static void		 (*watcher)(struct port *, enum port_event);
static struct loop_timer rescan_timer, sweep_timer;

struct port *
port_next(struct port *iter)
{
	return iter == NULL ? ports : iter->next;
}

const char *
port_state_name(enum port_state state)
{
	switch (state) {
	case PORT_CLOSED:
		return "closed";
	case PORT_OPENING:
		return "opening";
	case PORT_OPEN:
		return "open";
	case PORT_GONE:
		return "gone";
	}
	return "unknown";
}

void
port_set_watcher(void (*fn)(struct port *, enum port_event))
{
	watcher = fn;
}

void
port_tell(struct port *p, enum port_event event)
{
	if (watcher != NULL)
		watcher(p, event);
}

void
port_set_state(struct port *p, enum port_state state)
{
	const struct log_context	context = { .port = p->info.path };

	if (p->state == state)
		return;
	log_line(LOG_LEVEL_DEBUG, &context, "%s -> %s",
	    port_state_name(p->state), port_state_name(state));
	p->state = state;
	port_tell(p, PORT_CHANGED);
}

/* ---- coming and going ---- */

static bool
sweepable(const struct port *p)
{
	if (p->holds > 0)
		return false;
	return p->state == PORT_GONE || (p->info.kind != PORT_TTY &&
	    p->state == PORT_CLOSED && ports_count > PORTS_URLS_KEPT);
}

static void
sweep(void *arg)
{
	struct port	**at = &ports, *p;

	(void)arg;
	while ((p = *at) != NULL) {
		if (!sweepable(p)) {
			at = &p->next;
			continue;
		}
		port_tell(p, PORT_REMOVED);
		loop_timer_clear(&p->report);
		*at = p->next;
		free(p);
		ports_count--;
	}
}

static void
rescan(void *arg)
{
	(void)arg;
	port_rescan();
}

static void
soon(struct loop_timer *t, unsigned ms, void (*fn)(void *))
{
	if (loop_base() != NULL && loop_timer_set(t, ms, fn, NULL) < 0)
		log_warn("no memory for a timer of the ports, ignoring");
}

void
port_rescan_soon(void)
{
	soon(&rescan_timer, PORT_RESCAN_MS, rescan);
}

void
port_sweep_soon(void)
{
	soon(&sweep_timer, 0, sweep);
}

void
port_hold(struct port *p)
{
	p->holds++;
}

void
port_release(struct port *p)
{
	assert(p->holds > 0);
	if (--p->holds == 0)
		port_sweep_soon();
}

/* ---- names ---- */

static bool
port_is_device(const char *path)
{
	struct stat	st;

	return stat(path, &st) == 0 && S_ISCHR(st.st_mode);
}

/* A name may be that of a port that is gone, and of one that is there now. */
static struct port *
port_by_path(const char *path)
{
	struct port	*p, *lost = NULL;

	for (p = ports; p != NULL; p = p->next) {
		if (p->state == PORT_GONE || strcmp(p->info.path, path) != 0)
			continue;
		if (!p->lost)
			return p;
		lost = p;
	}
	return lost;
}

int
port_add(const char *path, enum port_kind kind, struct port **out,
    struct why *why)
{
	static const struct port_ops *const ops[] = {
		[PORT_TTY] = &port_tty_ops,
		[PORT_RFC2217] = &port_rfc2217_ops,
		[PORT_TCP] = &port_tcp_ops,
	};
	struct port	*p, **end = &ports;

	if (strlen(path) >= sizeof p->info.path)
		return why_set(why, ERR_PORT_UNKNOWN, "the port name is longer"
		    " than %zu characters", sizeof p->info.path - 1);
	if (ports_count == PORTS_MAX)
		return why_set(why, ERR_LIMIT, "%d ports are known already",
		    PORTS_MAX);
	if ((p = calloc(1, sizeof *p)) == NULL)
		return ERR_NOMEM;
	memcpy(p->info.path, path, strlen(path) + 1);
	p->info.kind = kind;
	p->ops = ops[kind];
	p->fd = -1;
	p->has_lines = kind == PORT_RFC2217 ||
	    (kind == PORT_TTY && strncmp(path, "/dev/pts/", 9) != 0);
	while (*end != NULL)
		end = &(*end)->next;
	*end = p;
	ports_count++;
	*out = p;
	return 0;
}

/* Split "host:service" or "[host]:service", up to '/', '?' or '#': options
 * that other programs put there (?ign_set_control) are not for us. */
static int
port_split(const char *s, char *host, char *service)
{
	char		 text[256];
	char		*name = text, *colon;

	(void)snprintf(text, sizeof text, "%.*s", (int)strcspn(s, "/?#"), s);
	if ((colon = strrchr(text, ':')) == NULL)
		return ERR_PORT_UNKNOWN;
	*colon++ = '\0';
	if (*name == '[' && name[strlen(name) - 1] == ']') {
		name[strlen(name) - 1] = '\0';
		name++;
	} else if (strchr(name, ':') != NULL)
		return ERR_PORT_UNKNOWN;
	if (*name == '\0' || strlen(name) >= PORT_HOST_MAX ||
	    *colon == '\0' || strlen(colon) >= PORT_SERVICE_MAX)
		return ERR_PORT_UNKNOWN;
	if (strspn(colon, "0123456789") != strlen(colon))
		return ERR_PORT_UNKNOWN;
	memcpy(host, name, strlen(name) + 1);
	memcpy(service, colon, strlen(colon) + 1);
	return 0;
}

static int
port_find_url(const char *url, const char *rest, struct port **out,
    struct why *why)
{
	char		 host[PORT_HOST_MAX], service[PORT_SERVICE_MAX];
	enum port_kind	 kind;
	int		 r;

	if (strncmp(url, "rfc2217://", 10) == 0)
		kind = PORT_RFC2217;
	else if (strncmp(url, "socket://", 9) == 0)
		kind = PORT_TCP;
	else
		return why_set(why, ERR_PORT_UNKNOWN, "%.100s: ports are"
		    " devices, rfc2217://host:port or socket://host:port", url);
	if (port_split(rest, host, service) < 0)
		return why_set(why, ERR_PORT_UNKNOWN, "%.200s is not like"
		    " rfc2217://host:port, where port is a number", url);
	if ((r = port_add(url, kind, out, why)) < 0)
		return r;
	memcpy((*out)->host, host, sizeof host);
	memcpy((*out)->service, service, sizeof service);
	port_tell(*out, PORT_ADDED);
	if (ports_count > PORTS_URLS_KEPT)
		port_sweep_soon();
	return 0;
}

/* `path` is without symbolic links. */
static int
port_find_device(const char *path, struct port **out, struct why *why)
{
	struct port	*p;
	int		 r;

	if (!port_is_device(path))
		return why_set(why, ERR_PORT_UNKNOWN,
		    "%.200s is not a device", path);
	p = port_by_path(path);
	if (p == NULL || (p->state == PORT_CLOSED && !port_node_untouched(p))) {
		port_rescan();
		p = port_by_path(path);
	}
	if (p == NULL) {	/* not listed: a pty, or in a container */
		if ((r = port_add(path, PORT_TTY, &p, why)) < 0)
			return r;
		port_describe(&p->info);
		port_node_get(path, &p->node);
		port_tell(p, PORT_ADDED);
	}
	*out = p;
	return 0;
}

static int
port_find_tty(const char *name, struct port **out, struct why *why)
{
	char		 guess[64], *real;
	int		 r;

	if (*name != '/') {
		(void)snprintf(guess, sizeof guess, "/dev/%.40s", name);
		return why_set(why, ERR_PORT_UNKNOWN, port_is_device(guess) ?
		    "there is no port %.200s; did you mean /dev/%.200s?" :
		    "there is no port and no label %.200s; ports look like"
		    " /dev/ttyUSB0 or rfc2217://host:port", name, name);
	}
	/* Two names of one device are one port. */
	if ((real = realpath(name, NULL)) == NULL)
		return why_set(why, ERR_PORT_UNKNOWN, "%.200s: %s%s", name,
		    strerror(errno), errno == ENOENT ?
		    "; is the board plugged in?" : "");
	r = port_find_device(real, out, why);
	free(real);
	return r;
}

int
port_find(const char *name, struct port **out, struct why *why)
{
	const char	*scheme = strstr(name, "://");

	if (scheme == NULL)
		return port_find_tty(name, out, why);
	if ((*out = port_by_path(name)) != NULL)
		return 0;
	return port_find_url(name, scheme + 3, out, why);
}

void
port_forget_all(void)
{
	struct port	*p;

	watcher = NULL;
	while ((p = ports) != NULL) {
		port_close(p);
		ports = p->next;
		free(p);
	}
	ports_count = 0;
	loop_timer_clear(&rescan_timer);
	loop_timer_clear(&sweep_timer);
	port_scan_reset();
	tcp_forget_all();
}

void
port_identity(const struct port *p, char out[PORT_IDENTITY_MAX])
{
	port_info_identity(&p->info, out);
}

const struct port_info *
port_info(const struct port *p)
{
	return &p->info;
}

const char *
port_path(const struct port *p)
{
	return p->info.path;
}

enum port_state
port_state(const struct port *p)
{
	return p->state;
}

uint32_t
port_baud(const struct port *p)
{
	return p->baud;
}

bool
port_has_lines(const struct port *p)
{
	return p->has_lines;
}

/* ---- open and closed ---- */

static void
port_report(void *arg)
{
	struct port	*p = arg;
	struct why	 why = p->why;
	port_done	*done = p->done;
	int		 err = p->err;

	p->done = NULL;
	if (err < 0)
		port_close(p);
	else
		port_set_state(p, PORT_OPEN);
	done(p->arg, err, &why);
}

void
port_opened(struct port *p, int err)
{
	p->err = err;
	if (err < 0 && p->why.err == 0)
		(void)why_set(&p->why, err, "%s: %s", p->info.path,
		    err_sentence(err));
	if (loop_timer_set(&p->report, 0, port_report, p) < 0)
		abort();	/* made by port_open() */
}

/* A device node alone says little: is it still the board that it was? */
static bool
port_is_there(struct port *p)
{
	if (p->info.kind != PORT_TTY)
		return true;
	p->checking = true;
	if (p->lost || !port_node_untouched(p))
		port_rescan();
	p->checking = false;
	return !p->lost;
}

void
port_open(struct port *p, uint32_t baud, port_done *done, void *arg)
{
	assert(p->state == PORT_CLOSED || p->state == PORT_GONE);
	why_clear(&p->why);
	p->done = done;
	p->arg = arg;
	p->lost = p->state == PORT_GONE;
	port_set_state(p, PORT_OPENING);
	/* A small fixed allocation, made before anything is opened. */
	if (loop_timer_set(&p->report, 0, port_report, p) < 0)
		abort();
	loop_timer_stop(&p->report);
	if (port_is_there(p)) {
		p->ops->open(p, baud);
		return;
	}
	port_opened(p, why_set(&p->why, ERR_PORT_UNKNOWN, "%s is not there any"
	    " more; is the board plugged in?", p->info.path));
}

void
port_close(struct port *p)
{
	bool	gone;

	port_wake(p);
	loop_timer_clear(&p->report);
	p->done = NULL;
	if (p->state != PORT_OPENING && p->state != PORT_OPEN)
		return;
	p->ops->close(p);
	p->baud = 0;
	gone = p->info.kind == PORT_TTY && (p->lost || !port_node_same(p));
	p->lost = false;
	port_set_state(p, gone ? PORT_GONE : PORT_CLOSED);
	/* It may be back already, and that was told while it was open. */
	if (gone)
		port_rescan_soon();
}

/* What a port answered: a device that hung up is gone, even if its name is
 * still there for a moment. */
static int
port_note(struct port *p, int r)
{
	if (r == ERR_UNPLUGGED)
		p->lost = true;
	return r;
}

/* ---- at rest ---- */

static void idle_read(evutil_socket_t, short, void *);

static void
idle_watch(struct port *p)
{
	static const struct timeval	later = { .tv_usec = 50000 };
	short				what = port_events(p, true, false);

	if (event_assign(p->idle, loop_base(), what == 0 ? -1 : p->fd, what,
	    idle_read, p) < 0 ||
	    event_add(p->idle, what == 0 ? &later : NULL) < 0)
		log_warn("%s is not watched, ignoring", p->info.path);
}

static void
idle_read(evutil_socket_t fd, short what, void *arg)
{
	struct port	*p = arg;
	char		 junk[1024];
	int		 r;

	(void)fd;
	(void)what;
	/* Bounded: a board that never stops talking must not keep us here. */
	r = port_push(p);
	for (int i = 0; i < 16 && r >= 0; i++)
		if ((r = port_read(p, junk, sizeof junk)) == 0)
			break;
	if (r < 0)
		port_close(p);
	else
		idle_watch(p);
}

void
port_rest(struct port *p)
{
	assert(p->state == PORT_OPEN);
	if (p->idle != NULL)
		return;
	p->idle = event_new(loop_base(), -1, 0, idle_read, p);
	if (p->idle != NULL)
		idle_watch(p);
}

void
port_wake(struct port *p)
{
	if (p->idle != NULL)
		event_free(p->idle);
	p->idle = NULL;
}

/* ---- what daemon/wire does with it ---- */

bool
port_rate_fits(uint32_t asked, uint32_t real)
{
	uint64_t	diff = asked > real ? asked - real : real - asked;

	return diff * 100 <= (uint64_t)asked * 3;
}

int
port_fd(const struct port *p)
{
	return p->fd;
}

short
port_events(const struct port *p, bool reading, bool writing)
{
	return p->ops->events(p, reading, writing);
}

int
port_read(struct port *p, void *buf, size_t size)
{
	return port_note(p, p->ops->read(p, buf, size));
}

int
port_write(struct port *p, const void *data, size_t len)
{
	return port_note(p, p->ops->write(p, data, len));
}

int
port_push(struct port *p)
{
	return port_note(p, p->ops->push(p));
}

int
port_lines(struct port *p, bool dtr, bool rts)
{
	return port_note(p, p->ops->lines(p, dtr, rts));
}

int
port_lines_are_set(struct port *p)
{
	if (p->ops->lines_are_set == NULL)
		return PORT_DONE;
	return port_note(p, p->ops->lines_are_set(p));
}

int
port_set_baud(struct port *p, uint32_t baud)
{
	return port_note(p, p->ops->baud(p, baud));
}

int
port_flush(struct port *p)
{
	return port_note(p, p->ops->flush(p));
}

int
port_discard(struct port *p)
{
	return p->ops->discard != NULL ? p->ops->discard(p) : 0;
}

int
port_break(struct port *p, bool on)
{
	return p->ops->hold != NULL ? p->ops->hold(p, on) : ERR_UNSUPPORTED;
}

int
port_inputs(struct port *p)
{
	return p->ops->inputs != NULL ? p->ops->inputs(p) : ERR_UNSUPPORTED;
}
