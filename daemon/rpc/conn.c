/*
 * A connection lives from conn_new() until the client goes, breaks a limit, or
 * the daemon ends.  It is never freed while one of its own requests is being
 * served: conn_lost() only marks it, and the loop frees it in a later turn.
 */
#include "daemon/rpc/conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>
#include <json-c/json.h>

#include "daemon/base/conf.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/port/port.h"
#include "daemon/rpc/sock.h"
#include "proto/base/err.h"
#include "proto/rpc/frame.h"
#include "proto/rpc/method.h"
#include "proto/rpc/rpc.h"

enum {
	READ_MAX	= 16 * 1024,	/* bytes taken in one turn of the loop */
	FLUSH_MS	= 200,		/* for last words to a slow client */
};

/* A job.wait that is not answered yet. */
struct wait {
	TAILQ_ENTRY(wait)	 entry;
	struct conn		*conn;
	struct json_object	*id;
	struct job		*job;
	struct loop_timer	 timer;
};

struct conn {
	TAILQ_ENTRY(conn)	 entry;
	const struct conf	*conf;
	struct peer		 peer;
	int			 fd;
	struct event		*in, *out;
	struct loop_timer	 gone;
	struct frame		 frame;
	struct buf		 pending;	/* output not taken yet */
	int			 fds[CONN_FDS_MAX];
	size_t			 fd_count;
	TAILQ_HEAD(, wait)	 waits;
	unsigned		 wait_count;
	bool			 lost;		/* will be freed */
	struct json_object	*filter;	/* NULL: no events */
};

static TAILQ_HEAD(, conn) conns = TAILQ_HEAD_INITIALIZER(conns);
static const struct conn_service *service;
static uint64_t event_seq;

static void conn_write(struct conn *);
static void take_requests(struct conn *);

void
conn_serve(const struct conn_service *s)
{
	service = s;
}

unsigned
conn_count(void)
{
	struct conn	*c;
	unsigned	 n = 0;

	TAILQ_FOREACH(c, &conns, entry)
		n++;
	return n;
}

const struct peer *
conn_peer(const struct conn *c)
{
	return &c->peer;
}

const struct conf *
conn_conf(const struct conn *c)
{
	return c->conf;
}

static void
wait_free(struct wait *w)
{
	TAILQ_REMOVE(&w->conn->waits, w, entry);
	w->conn->wait_count--;
	loop_timer_clear(&w->timer);
	json_object_put(w->id);
	job_unref(w->job);
	free(w);
}

static void
close_fds(struct conn *c)
{
	for (size_t i = 0; i < c->fd_count; i++)
		if (c->fds[i] >= 0)
			(void)close(c->fds[i]);	/* nobody used it */
	c->fd_count = 0;
}

static void
conn_free(void *arg)
{
	struct conn	*c = arg;
	struct wait	*w;

	TAILQ_REMOVE(&conns, c, entry);
	while ((w = TAILQ_FIRST(&c->waits)) != NULL)
		wait_free(w);
	close_fds(c);
	loop_timer_clear(&c->gone);
	if (c->in != NULL)
		event_free(c->in);
	if (c->out != NULL)
		event_free(c->out);
	json_object_put(c->filter);
	frame_done(&c->frame);
	buf_done(&c->pending);
	(void)close(c->fd);	/* a socket: nothing is kept back */
	free(c);
}

/* The connection is over: no more reading or writing, freed by the loop. */
static void
conn_lost(struct conn *c)
{
	if (c->lost)
		return;
	c->lost = true;
	(void)event_del(c->in);
	(void)event_del(c->out);
	(void)loop_timer_set(&c->gone, 0, conn_free, c);
}

/* Put one message into the output; takes it over. */
static void
conn_send(struct conn *c, struct json_object *message)
{
	size_t		 len;
	const char	*text = json_object_to_json_string_length(message,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len);

	if (!c->lost && (buf_add(&c->pending, text, len) < 0 ||
	    buf_add_byte(&c->pending, '\n') < 0)) {
		log_warn("client of %s (pid %d) does not take its answers, "
		    "closing", c->peer.user, (int)c->peer.pid);
		conn_lost(c);
	}
	json_object_put(message);
	conn_write(c);
}

/* Write what the socket takes; the rest when it is ready again. */
static void
conn_write(struct conn *c)
{
	ssize_t	n;

	while (!c->lost && c->pending.len > 0) {
		n = send(c->fd, c->pending.data, c->pending.len, MSG_NOSIGNAL);
		if (n > 0) {
			buf_consume(&c->pending, (size_t)n);
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN) {
			conn_lost(c);
			return;
		}
		(void)event_add(c->out, NULL);
		break;
	}
	if (!c->lost && c->pending.len < CONN_OUT_PAUSE)
		(void)event_add(c->in, NULL);
	else
		(void)event_del(c->in);
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct conn	*c = arg;

	(void)fd;
	(void)what;
	conn_write(c);
	/* Requests that came while the output was full. */
	take_requests(c);
}

/* Keep the descriptors that came with a message. */
static void
take_fds(struct conn *c, struct msghdr *msg)
{
	struct cmsghdr	*cm;

	for (cm = CMSG_FIRSTHDR(msg); cm != NULL; cm = CMSG_NXTHDR(msg, cm)) {
		size_t	n = (cm->cmsg_len - CMSG_LEN(0)) / sizeof (int);
		int	fd;

		if (cm->cmsg_level != SOL_SOCKET ||
		    cm->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < n; i++) {
			memcpy(&fd, CMSG_DATA(cm) + i * sizeof fd, sizeof fd);
			if (c->fd_count < CONN_FDS_MAX)
				c->fds[c->fd_count++] = fd;
			else
				(void)close(fd);	/* beyond the limit */
		}
	}
}

/* Receive once: bytes, 0 at the end, -1 with errno. */
static ssize_t
receive(struct conn *c, void *data, size_t size)
{
	union {
		struct cmsghdr	align;
		char		room[CMSG_SPACE(CONN_FDS_MAX * sizeof (int))];
	} control;
	struct iovec	iov = { .iov_base = data, .iov_len = size };
	struct msghdr	msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof control.room,
	};
	ssize_t		n = recvmsg(c->fd, &msg, MSG_CMSG_CLOEXEC);

	if (n >= 0)
		take_fds(c, &msg);
	return n;
}

/* Answer one request, unless it is answered later or needs no answer. */
static void
answer(struct conn *c, struct json_object *message)
{
	struct rpc_request	 rq = { 0 };
	struct why		 why = { 0 };
	struct json_object	*result = NULL;
	struct input_fds	 fds = { .fd = c->fds, .count = c->fd_count };
	int			 r;

	r = rpc_request_parse(message, &rq, &why);
	if (r == 0)
		r = service->call(c, &rq, &fds, &result, &why);
	if (r == CONN_LATER)
		return;
	if (r < 0 && why.err == 0)
		(void)why_set(&why, r, "%s", err_sentence(r));
	if (rq.has_id || (r < 0 && rq.method == NULL))
		conn_send(c, r < 0 ? rpc_error(rq.id, &why, NULL) :
		    rpc_result(rq.id, result));
	else
		json_object_put(result);
}

/* Serve all whole lines, as long as the client takes the answers. */
static void
take_requests(struct conn *c)
{
	struct json_object	*message;
	struct why		 why;
	int			 r;

	while (!c->lost && c->pending.len < CONN_OUT_PAUSE) {
		why_clear(&why);
		if ((r = frame_next(&c->frame, &message, &why)) == 0)
			return;
		if (r < 0)
			conn_send(c, rpc_error(NULL, &why, NULL));
		else {
			answer(c, message);
			json_object_put(message);
		}
		close_fds(c);
	}
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct conn	*c = arg;
	char		 data[2048];
	struct why	 why = { 0 };
	bool		 over = false;
	ssize_t		 n;
	int		 r = 0;

	(void)fd;
	(void)what;
	for (size_t got = 0; got < READ_MAX && r == 0; got += (size_t)n) {
		n = receive(c, data, sizeof data);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		over = n <= 0;
		if (over)
			break;
		r = frame_add(&c->frame, data, (size_t)n);
	}
	take_requests(c);	/* also what came right before the end */
	if (over) {
		conn_lost(c);
		return;
	}
	if (r < 0) {
		(void)why_set(&why, ERR_REQUEST, "a line is longer than %d "
		    "bytes; the connection is closed", FRAME_LINE_MAX);
		conn_send(c, rpc_error(NULL, &why, NULL));
		conn_lost(c);
	}
}

/* Too many clients?  Counts the new one. */
static bool
too_many(const struct conn *c)
{
	struct conn	*other;
	unsigned	 all = 0, mine = 0;

	TAILQ_FOREACH(other, &conns, entry) {
		all += !other->lost;
		mine += !other->lost && other->peer.uid == c->peer.uid;
	}
	return all > c->conf->max_clients ||
	    mine > c->conf->max_clients_per_user;
}

/* May who is there burn eFuses? */
static bool
may_burn(const struct conn *c)
{
	return c->conf->burn_group[0] == '\0' || c->peer.uid == 0 ||
	    c->peer.uid == getuid() ||
	    sock_in_group(c->fd, c->conf->burn_group);
}

void
conn_new(int fd, const struct conf *conf)
{
	struct conn	*c = calloc(1, sizeof *c);
	struct why	 why = { 0 };

	if (c == NULL) {
		(void)close(fd);	/* no memory to serve it */
		return;
	}
	c->fd = fd;
	c->conf = conf;
	TAILQ_INIT(&c->waits);
	TAILQ_INSERT_TAIL(&conns, c, entry);
	frame_init(&c->frame);
	buf_init(&c->pending, CONN_OUT_MAX);
	c->in = event_new(loop_base(), fd, EV_READ | EV_PERSIST, on_readable, c);
	c->out = event_new(loop_base(), fd, EV_WRITE, on_writable, c);
	if (c->in == NULL || c->out == NULL || sock_peer(fd, &c->peer) < 0) {
		conn_free(c);
		return;
	}
	c->peer.may_burn = may_burn(c);
	if (too_many(c)) {
		(void)why_set(&why, ERR_LIMIT, "too many clients are connected "
		    "(max-clients, max-clients-per-user); close some first");
		conn_send(c, rpc_error(NULL, &why, NULL));
		conn_lost(c);
		return;
	}
	(void)event_add(c->in, NULL);
	conn_send(c, rpc_notification("hello", service->hello(conf)));
}

/* Write what is left to clients that take it at once, then close all. */
void
conn_close_all(void)
{
	struct timeval	 tv = { .tv_usec = FLUSH_MS * 1000 };
	struct conn	*c;

	while ((c = TAILQ_FIRST(&conns)) != NULL) {
		if (!c->lost && c->pending.len > 0 &&
		    evutil_make_socket_nonblocking(c->fd) == 0 &&
		    setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &tv,
		    sizeof tv) == 0)
			conn_write(c);
		conn_free(c);
	}
}

void
conn_subscribe(struct conn *c, struct json_object *filter)
{
	json_object_put(c->filter);
	c->filter = json_object_get(filter);
}

uint64_t
conn_event_seq(void)
{
	return event_seq;
}

static void
wait_answer(struct wait *w)
{
	struct conn	*c = w->conn;

	conn_send(c, rpc_result(w->id, job_json(w->job)));
	wait_free(w);
}

static void
wait_over(void *arg)
{
	wait_answer(arg);
}

int
conn_wait(struct conn *c, struct json_object *id, struct job *job,
    unsigned timeout_ms, struct why *why)
{
	struct wait	*w;

	if (c->wait_count >= CONN_WAITS_MAX)
		return why_set(why, ERR_LIMIT, "this connection waits for %d "
		    "jobs already", CONN_WAITS_MAX);
	if ((w = calloc(1, sizeof *w)) == NULL)
		return ERR_NOMEM;
	w->conn = c;
	w->id = json_object_get(id);
	w->job = job_ref(job);
	TAILQ_INSERT_TAIL(&c->waits, w, entry);
	c->wait_count++;
	if (timeout_ms > 0)
		(void)loop_timer_set(&w->timer, timeout_ms, wait_over, w);
	return 0;
}

/* Answer everybody who waits for a job that has ended. */
static void
job_over(struct conn *c, const struct job *job)
{
	struct wait	*w, *next;

	for (w = TAILQ_FIRST(&c->waits); w != NULL; w = next) {
		next = TAILQ_NEXT(w, entry);
		if (w->job == job)
			wait_answer(w);
	}
}

/* Is `word` in the filter's list of that name?  No list: `absent`. */
static bool
listed(struct json_object *filter, const char *name, const char *word,
    bool absent)
{
	struct json_object	*list = json_object_object_get(filter, name);

	if (list == NULL)
		return absent;
	for (size_t i = 0; i < json_object_array_length(list); i++)
		if (strcmp(word, json_object_get_string(
		    json_object_array_get_idx(list, i))) == 0)
			return true;
	return false;
}

/* An event and what it is about. */
struct event_about {
	struct json_object	*event;
	const char		*type;
	const char		*port;
	uint32_t		 job;		/* 0: none */
};

static bool
wanted(struct json_object *filter, const struct event_about *e)
{
	uint32_t	only = method_number(filter, "job", 0);

	/* The trace is long: only who asks for it by name gets it. */
	return (only == 0 || only == e->job) &&
	    listed(filter, "port", e->port, true) &&
	    listed(filter, "types", e->type,
	    strcmp(e->type, "job.trace") != 0);
}

static void
event_to(struct conn *c, const struct event_about *e)
{
	if (c->filter == NULL || !wanted(c->filter, e))
		return;
	/* A slow reader goes without progress before anything else. */
	if (c->pending.len > CONN_OUT_LAZY &&
	    (strcmp(e->type, "job.progress") == 0 ||
	    strcmp(e->type, "job.trace") == 0))
		return;
	conn_send(c, rpc_notification("event", json_object_get(e->event)));
}

/* Number it, date it, send it to whoever asked for such. */
static void
event_to_all(struct event_about *e)
{
	struct timespec	 ts;
	struct conn	*c;

	e->type = json_object_get_string(
	    json_object_object_get(e->event, "type"));
	clock_gettime(CLOCK_REALTIME, &ts);
	json_object_object_add(e->event, "seq",
	    json_object_new_int64((int64_t)++event_seq));
	json_object_object_add(e->event, "time", rpc_seconds(
	    (double)ts.tv_sec + (double)(ts.tv_nsec / 1000000) / 1000));
	TAILQ_FOREACH(c, &conns, entry)
		event_to(c, e);
}

void
conn_job_event(const struct job *job, struct json_object *event)
{
	struct event_about	 about = {
		.event = event, .port = job_port(job), .job = job->id,
	};
	struct conn		*c;

	event_to_all(&about);
	if (!job_ended(job))
		return;
	TAILQ_FOREACH(c, &conns, entry)
		job_over(c, job);
}

void
conn_port_event(const char *port, struct json_object *event)
{
	struct event_about	about = { .event = event, .port = port };

	event_to_all(&about);
	json_object_put(event);
}
