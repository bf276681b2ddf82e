#include "client/conn.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <json-c/json.h>

#include "client/member.h"
#include "proto/base/err.h"
#include "proto/rpc/method.h"
#include "proto/rpc/rpc.h"

enum {
	CHUNK		= 2048,		/* bytes of one read */
	HELLO_MS	= 10000,	/* a daemon that starts needs a moment */
};

void
conn_init(struct conn *c)
{
	*c = (struct conn){ .fd = -1 };
	frame_init(&c->frame);
}

static void
conn_close(struct conn *c)
{
	if (c->fd >= 0)
		(void)close(c->fd);
	c->fd = -1;
}

void
conn_done(struct conn *c)
{
	conn_close(c);
	frame_done(&c->frame);
	json_object_put(c->events);
	json_object_put(c->hello);
	c->events = c->hello = NULL;
}

static int64_t
now_ms(void)
{
	struct timespec	ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int
conn_gone(struct why *why)
{
	return why_set(why, ERR_DAEMON, "the daemon closed the connection");
}

/* More bytes into the frame.  1: some came; 0: none in time, or other_fd is
 * ready. */
static int
conn_read(struct conn *c, int other_fd, int timeout_ms, struct why *why)
{
	struct pollfd	p[2] = {
		{ .fd = c->fd, .events = POLLIN },
		{ .fd = other_fd, .events = POLLIN },
	};
	char		chunk[CHUNK];
	ssize_t		n;
	int		r;

	do
		r = poll(p, other_fd >= 0 ? 2 : 1, timeout_ms);
	while (r < 0 && errno == EINTR);
	if (r <= 0 || (other_fd >= 0 && p[1].revents != 0))
		return 0;
	do
		n = read(c->fd, chunk, sizeof chunk);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return conn_gone(why);
	if ((r = frame_add(&c->frame, chunk, (size_t)n)) < 0)
		return why_set(why, ERR_DAEMON, "the daemon sends a line "
		    "without end");
	return 1;
}

/* The next message.  1, or 0 as conn_read(). */
static int
conn_message(struct conn *c, int other_fd, int timeout_ms,
    struct json_object **message, struct why *why)
{
	struct why	reason = { 0 };
	int		r;

	for (;;) {
		if ((r = frame_next(&c->frame, message, &reason)) == 1)
			return 1;
		if (r < 0)
			return why_set(why, ERR_DAEMON, "the daemon sends "
			    "what is not JSON: %s", why_text(&reason));
		if ((r = conn_read(c, other_fd, timeout_ms, why)) <= 0)
			return r;
	}
}

/* The params of a notification of that name; NULL when it is another. */
static struct json_object *
conn_notification(struct json_object *message, const char *name)
{
	if (member(message, "id") != NULL ||
	    strcmp(member_text(message, "method", ""), name) != 0)
		return NULL;
	return member(message, "params");
}

/* A client of another major version would misunderstand every answer. */
static int
conn_check_hello(struct conn *c, struct why *why)
{
	const char	*api = member_text(c->hello, "api", "");
	size_t		 major = strcspn(METHOD_API, ".") + 1;

	if (strncmp(api, METHOD_API, major) != 0)
		return why_set(why, ERR_DAEMON, "the daemon (%s) speaks "
		    "version \"%s\" of the interface, espctl %s",
		    member_text(c->hello, "server", "nameless"), api,
		    METHOD_API);
	return 0;
}

int
conn_open(struct conn *c, int fd, struct why *why)
{
	struct json_object	*message;
	struct why		 gone = { 0 };
	int			 r;

	c->fd = fd;
	r = conn_message(c, -1, HELLO_MS, &message, &gone);
	if (r < 0 && c->frame.line.len == 0) {
		conn_close(c);
		return 1;
	}
	if (r < 0)
		return why_set(why, gone.err, "%s", why_text(&gone));
	if (r == 0)
		return why_set(why, ERR_DAEMON, "the daemon does not greet; "
		    "it hangs, or it is no espflashd");
	if (member(message, "error") != NULL) {		/* it is full */
		rpc_error_read(member(message, "error"), &gone);
		json_object_put(message);
		return why_set(why, gone.err, "%s", why_text(&gone));
	}
	c->hello = json_object_get(conn_notification(message, "hello"));
	json_object_put(message);
	if (c->hello == NULL)
		return why_set(why, ERR_DAEMON,
		    "what answers at the socket is no espflashd");
	return conn_check_hello(c, why);
}

/* All bytes; the descriptors go with the first. */
static int
conn_send(struct conn *c, const char *p, size_t len, const int *fds,
    size_t fd_count, struct why *why)
{
	union {
		char		bytes[CMSG_SPACE(CONN_FDS_MAX * sizeof(int))];
		struct cmsghdr	align;
	} control;
	struct iovec	 iov;
	struct msghdr	 m = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr	*h;
	ssize_t		 n;

	if (fd_count > CONN_FDS_MAX)
		return why_set(why, ERR_LIMIT, "%zu files are too many, %d "
		    "can be passed at once", fd_count, CONN_FDS_MAX);
	while (len > 0) {
		iov = (struct iovec){ .iov_base = (void *)p, .iov_len = len };
		m.msg_control = NULL;
		m.msg_controllen = 0;
		if (fd_count > 0) {
			memset(&control, 0, sizeof control);
			m.msg_control = control.bytes;
			m.msg_controllen = CMSG_SPACE(fd_count * sizeof *fds);
			h = CMSG_FIRSTHDR(&m);
			h->cmsg_level = SOL_SOCKET;
			h->cmsg_type = SCM_RIGHTS;
			h->cmsg_len = CMSG_LEN(fd_count * sizeof *fds);
			memcpy(CMSG_DATA(h), fds, fd_count * sizeof *fds);
		}
		n = sendmsg(c->fd, &m, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return conn_gone(why);
		p += n;
		len -= (size_t)n;
		fd_count = 0;
	}
	return 0;
}

static int
conn_request(struct conn *c, const char *method, struct json_object *params,
    const int *fds, size_t fd_count, struct why *why)
{
	struct json_object	*o = rpc_request(method, params, ++c->last_id);
	const char		*text;
	size_t			 len;
	int			 r;

	text = json_object_to_json_string_length(o, JSON_C_TO_STRING_PLAIN |
	    JSON_C_TO_STRING_NOSLASHESCAPE, &len);
	r = conn_send(c, text, len, fds, fd_count, why);
	if (r == 0)
		r = conn_send(c, "\n", 1, NULL, 0, why);
	json_object_put(o);
	return r;
}

/* Put an event aside; what is neither event nor answer is for later versions. */
static void
conn_keep(struct conn *c, struct json_object *message)
{
	struct json_object	*event = conn_notification(message, "event");

	if (event == NULL)
		return;
	if (c->events == NULL)
		c->events = json_object_new_array();
	(void)json_object_array_add(c->events, json_object_get(event));
}

/* Is it the answer to the last request?  Then 1 with the result, or the
 * error. */
static int
conn_answer(struct conn *c, struct json_object *message,
    struct json_object **result, struct why *why)
{
	struct json_object	*error = member(message, "error");
	struct why		 theirs;

	if (member(message, "method") != NULL ||
	    member_number(message, "id", error != NULL ? c->last_id : 0) !=
	    c->last_id)
		return 0;
	if (error != NULL) {
		rpc_error_read(error, &theirs);
		return why_set(why, theirs.err, "%s", why_text(&theirs));
	}
	*result = json_object_get(member(message, "result"));
	return 1;
}

int
conn_call(struct conn *c, const char *method, struct json_object *params,
    const int *fds, size_t fd_count, struct json_object **result,
    struct why *why)
{
	int64_t			 ends = now_ms() + CONN_ANSWER_MS, left;
	struct json_object	*message;
	int			 r;

	r = conn_request(c, method, params, fds, fd_count, why);
	if (r < 0)
		return r;
	while ((left = ends - now_ms()) > 0) {
		r = conn_message(c, -1, (int)left, &message, why);
		if (r < 0)
			return r;
		if (r == 0)
			break;
		r = conn_answer(c, message, result, why);
		if (r == 0)
			conn_keep(c, message);
		json_object_put(message);
		if (r != 0)
			return r < 0 ? r : 0;
	}
	return why_set(why, ERR_DAEMON, "the daemon does not answer %s",
	    method);
}

int
conn_post(struct conn *c, const char *method, struct json_object *params,
    struct why *why)
{
	return conn_request(c, method, params, NULL, 0, why);
}

int
conn_event(struct conn *c, int other_fd, int timeout_ms,
    struct json_object **event, struct why *why)
{
	struct json_object	*message;
	int			 r;

	if (array_count(c->events) > 0) {
		*event = json_object_get(json_object_array_get_idx(c->events,
		    0));
		(void)json_object_array_del_idx(c->events, 0, 1);
		return 1;
	}
	do {
		r = conn_message(c, other_fd, timeout_ms, &message, why);
		if (r <= 0)
			return r;
		*event = json_object_get(conn_notification(message, "event"));
		json_object_put(message);
	} while (*event == NULL);	/* a late answer */
	return 1;
}
