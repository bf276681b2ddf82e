#include "daemon/port/tcp.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/dns.h>
#include <event2/event.h>
#include <event2/util.h>

#include "daemon/base/loop.h"
#include "proto/base/err.h"

enum {
	TCP_ADDRS	= 8,	/* addresses of one name that are tried */
	/* A peer that vanished without a word is noticed in about that time. */
	TCP_ALIVE_IDLE_S = 10,	/* silence before it is asked */
	TCP_ALIVE_EACH_S = 5,	/* between two questions */
	TCP_ALIVE_COUNT	= 3,	/* of them without an answer */
	TCP_UNHEARD_MS	= 25000,	/* sent and not acknowledged */
	TCP_PART_MS	= 2000,	/* for a peer to close when we have */
	TCP_EXIT_MS	= 500,	/* the same for all when the program ends */
};

struct tcp_addr {
	struct sockaddr_storage	sa;
	socklen_t		len;
	int			family;
};

/*
 * Life: made by tcp_connect(), freed by tcp_finish() just before done is
 * called, or by tcp_cancel().  A question to a name server cannot be taken
 * back at once: its answer comes to a tcp_question that no longer has a tcp.
 */
struct tcp_question {
	struct tcp			*tcp;
	struct evdns_getaddrinfo_request *request;
};

struct tcp {
	char			 host[256];
	char			 service[32];
	struct tcp_addr		 addr[TCP_ADDRS];
	size_t			 naddr, tried;
	int			 fd;
	struct event		*event;		/* of fd */
	struct loop_timer	 deadline;
	struct loop_timer	 start;
	struct tcp_question	*question;
	tcp_done		*done;
	void			*arg;
	int			 err;
	struct why		 why;
};

/* A connection that we closed and whose other end has not yet. */
struct parting {
	LIST_ENTRY(parting)	 entry;
	int			 fd;
	struct event		*event;
	struct loop_timer	 limit;
};

static LIST_HEAD(, parting)	 partings = LIST_HEAD_INITIALIZER(partings);
static struct evdns_base	*tcp_dns;	/* made when needed */
static size_t			 tcp_asked;	/* questions not answered */

static void tcp_try(struct tcp *);

static void
tcp_drop_fd(struct tcp *t)
{
	if (t->event != NULL)
		event_free(t->event);
	t->event = NULL;
	if (t->fd >= 0)
		(void)close(t->fd);	/* nothing was written to it */
	t->fd = -1;
}

void
tcp_cancel(struct tcp *t)
{
	if (t == NULL)
		return;
	tcp_drop_fd(t);
	loop_timer_clear(&t->deadline);
	loop_timer_clear(&t->start);
	if (t->question != NULL) {
		t->question->tcp = NULL;
		if (t->question->request != NULL)
			evdns_getaddrinfo_cancel(t->question->request);
	}
	free(t);
}

/* Tell the end.  The socket passes on with err 0. */
static void
tcp_finish(struct tcp *t, int err)
{
	tcp_done	*done = t->done;
	struct why	 why = t->why;
	void		*arg = t->arg;
	int		 fd = -1;

	if (err == 0) {
		fd = t->fd;
		t->fd = -1;
	}
	tcp_cancel(t);
	done(arg, fd, err, &why);
}

static void
tcp_late(void *arg)
{
	struct tcp	*t = arg;

	tcp_finish(t, why_set(&t->why, ERR_TIMEOUT,
	    "%s does not answer on port %s; is it switched on and reachable?",
	    t->host, t->service));
}

/* The address did not work: note why, try the next. */
static void
tcp_refused(struct tcp *t, int errnum)
{
	tcp_drop_fd(t);
	if (errnum == ECONNREFUSED)
		t->err = why_set(&t->why, ERR_PORT_UNKNOWN,
		    "nobody listens on port %s of %s", t->service, t->host);
	else
		t->err = why_set(&t->why, ERR_PORT_FAILED,
		    "cannot connect to %s port %s: %s", t->host, t->service,
		    strerror(errnum));
	tcp_try(t);
}

/* If one of these cannot be set things are merely slow. */
void
tcp_tune(int fd)
{
	static const struct { int level, name, value; } options[] = {
		/* A command is one small packet that must not wait. */
		{ IPPROTO_TCP, TCP_NODELAY, 1 },
		{ SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, TCP_ALIVE_IDLE_S },
		{ IPPROTO_TCP, TCP_KEEPINTVL, TCP_ALIVE_EACH_S },
		{ IPPROTO_TCP, TCP_KEEPCNT, TCP_ALIVE_COUNT },
		{ IPPROTO_TCP, TCP_USER_TIMEOUT, TCP_UNHEARD_MS },
	};

	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		(void)setsockopt(fd, options[i].level, options[i].name,
		    &options[i].value, sizeof options[i].value);
}

static void
tcp_writable(evutil_socket_t fd, short what, void *arg)
{
	struct tcp	*t = arg;
	socklen_t	 len = sizeof(int);
	int		 errnum = 0;

	(void)what;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &errnum, &len) < 0)
		errnum = errno;
	if (errnum != 0) {
		tcp_refused(t, errnum);
		return;
	}
	tcp_tune(fd);
	tcp_finish(t, 0);
}

/* Connect to the next address; fails when there is none left. */
static void
tcp_try(struct tcp *t)
{
	struct tcp_addr	*a;

	if (t->tried == t->naddr) {
		tcp_finish(t, t->err);
		return;
	}
	a = &t->addr[t->tried++];
	t->fd = socket(a->family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);
	if (t->fd < 0) {
		tcp_refused(t, errno);
		return;
	}
	if (connect(t->fd, (struct sockaddr *)&a->sa, a->len) < 0 &&
	    errno != EINPROGRESS) {
		tcp_refused(t, errno);
		return;
	}
	t->event = event_new(loop_base(), t->fd, EV_WRITE, tcp_writable, t);
	if (t->event == NULL || event_add(t->event, NULL) < 0)
		tcp_finish(t, ERR_NOMEM);
}

static void
tcp_take(struct tcp *t, const struct evutil_addrinfo *ai)
{
	struct tcp_addr	*a;

	for (; ai != NULL && t->naddr < TCP_ADDRS; ai = ai->ai_next) {
		if (ai->ai_addrlen > sizeof a->sa)
			continue;
		a = &t->addr[t->naddr++];
		memcpy(&a->sa, ai->ai_addr, ai->ai_addrlen);
		a->len = (socklen_t)ai->ai_addrlen;
		a->family = ai->ai_family;
	}
}

static void
tcp_unknown(struct tcp *t, int eai)
{
	tcp_finish(t, why_set(&t->why, ERR_PORT_UNKNOWN,
	    "the address of %s is not known: %s", t->host,
	    evutil_gai_strerror(eai)));
}

static void
tcp_answer(int eai, struct evutil_addrinfo *ai, void *arg)
{
	struct tcp_question	*q = arg;
	struct tcp		*t = q->tcp;

	free(q);
	tcp_asked--;
	if (t != NULL) {
		t->question = NULL;
		tcp_take(t, ai);
		if (t->naddr == 0)
			tcp_unknown(t, eai);
		else
			tcp_try(t);
	}
	if (ai != NULL)
		evutil_freeaddrinfo(ai);
}

static void
tcp_forget_servers(void)
{
	if (tcp_dns != NULL)
		evdns_base_free(tcp_dns, 0);
	tcp_dns = NULL;
	tcp_asked = 0;
}

/* Learn the name servers of today: a daemon outlives many networks.  Not
 * while a question is under way. */
static void
tcp_read_servers(void)
{
	if (tcp_asked > 0)
		return;
	tcp_forget_servers();
	tcp_dns = evdns_base_new(loop_base(),
	    EVDNS_BASE_DISABLE_WHEN_INACTIVE);
	/* Without resolv.conf there still is the hosts file. */
	if (tcp_dns != NULL)
		(void)evdns_base_resolv_conf_parse(tcp_dns, DNS_OPTIONS_ALL,
		    "/etc/resolv.conf");
}

static void
tcp_ask(struct tcp *t, const struct evutil_addrinfo *hints)
{
	struct evdns_getaddrinfo_request	*request;
	struct tcp_question			*q;

	tcp_read_servers();
	if (tcp_dns == NULL || (q = calloc(1, sizeof *q)) == NULL) {
		tcp_unknown(t, EVUTIL_EAI_FAIL);
		return;
	}
	q->tcp = t;
	t->question = q;
	tcp_asked++;
	request = evdns_getaddrinfo(tcp_dns, t->host, t->service, hints,
	    tcp_answer, q);
	if (request != NULL)	/* else it was answered already: q is gone */
		q->request = request;
}

/* Find the addresses: numbers here, names by asking. */
static void
tcp_resolve(void *arg)
{
	struct tcp		*t = arg;
	struct evutil_addrinfo	 hints = {
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM,
		.ai_protocol = IPPROTO_TCP,
		.ai_flags = EVUTIL_AI_NUMERICHOST | EVUTIL_AI_NUMERICSERV,
	};
	static const char	*const local[] = { "127.0.0.1", "::1" };
	const char		*const *names = local;
	struct evutil_addrinfo	*ai;
	const char		*host = t->host;
	size_t			 n = 2;

	if (strcasecmp(host, "localhost") != 0) {
		names = &host;
		n = 1;
	}
	for (size_t i = 0; i < n; i++) {
		ai = NULL;
		if (evutil_getaddrinfo(names[i], t->service, &hints, &ai) == 0)
			tcp_take(t, ai);
		if (ai != NULL)
			evutil_freeaddrinfo(ai);
	}
	if (t->naddr > 0) {
		tcp_try(t);
		return;
	}
	hints.ai_flags = EVUTIL_AI_NUMERICSERV;
	tcp_ask(t, &hints);
}

struct tcp *
tcp_connect(const char *host, const char *service, unsigned ms, tcp_done *done,
    void *arg)
{
	struct tcp	*t;

	if ((t = calloc(1, sizeof *t)) == NULL)
		return NULL;
	assert(strlen(host) < sizeof t->host);
	assert(strlen(service) < sizeof t->service);
	memcpy(t->host, host, strlen(host) + 1);
	memcpy(t->service, service, strlen(service) + 1);
	t->fd = -1;
	t->done = done;
	t->arg = arg;
	if (loop_timer_set(&t->deadline, ms, tcp_late, t) < 0 ||
	    loop_timer_set(&t->start, 0, tcp_resolve, t) < 0) {
		tcp_cancel(t);
		return NULL;
	}
	return t;
}

int
tcp_read(int fd, void *buf, size_t size)
{
	ssize_t	n;

	if (size > INT_MAX)
		size = INT_MAX;
	do
		n = recv(fd, buf, size, 0);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		return (int)n;
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return 0;
	return ERR_UNPLUGGED;
}

int
tcp_write(int fd, const void *buf, size_t len)
{
	ssize_t	n;

	if (len > INT_MAX)
		len = INT_MAX;
	do
		n = send(fd, buf, len, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return (int)n;
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS)
		return 0;
	return ERR_UNPLUGGED;
}

/* ---- parting ---- */

static void
parting_free(struct parting *g)
{
	LIST_REMOVE(g, entry);
	loop_timer_clear(&g->limit);
	if (g->event != NULL)
		event_free(g->event);
	(void)close(g->fd);	/* all that could be delivered was */
	free(g);
}

static void
parting_late(void *arg)
{
	parting_free(arg);
}

static void
parting_read(evutil_socket_t fd, short what, void *arg)
{
	char	junk[512];
	int	r;

	(void)what;
	/* Bounded: the loop calls again. */
	for (int i = 0; i < 16; i++)
		if ((r = tcp_read(fd, junk, sizeof junk)) == 0)
			return;
		else if (r < 0) {
			parting_free(arg);
			return;
		}
}

void
tcp_part(int fd)
{
	struct parting	*g;

	if (shutdown(fd, SHUT_WR) < 0 ||
	    (g = calloc(1, sizeof *g)) == NULL) {
		(void)close(fd);	/* it is gone already, or no memory */
		return;
	}
	g->fd = fd;
	LIST_INSERT_HEAD(&partings, g, entry);
	g->event = event_new(loop_base(), fd, EV_READ | EV_PERSIST,
	    parting_read, g);
	if (g->event == NULL || event_add(g->event, NULL) < 0 ||
	    loop_timer_set(&g->limit, TCP_PART_MS, parting_late, g) < 0)
		parting_free(g);
}

/* The program ends: give the peers a last moment to take in what was sent. */
static void
partings_wait(void)
{
	struct parting	*g, *next;
	uint64_t	 end = loop_now() + TCP_EXIT_MS;
	struct pollfd	 p = { .events = POLLIN };
	char		 junk[512];
	int		 left;

	for (g = LIST_FIRST(&partings); g != NULL; g = next) {
		next = LIST_NEXT(g, entry);
		p.fd = g->fd;
		do
			left = (int)(end - loop_now());
		while (left > 0 && poll(&p, 1, left) > 0 &&
		    tcp_read(g->fd, junk, sizeof junk) >= 0);
	}
}

void
tcp_forget_all(void)
{
	partings_wait();
	while (!LIST_EMPTY(&partings))
		parting_free(LIST_FIRST(&partings));
	tcp_forget_servers();
}
