/*
 * An export lives from export_begin() to export_end(); its client, of which
 * there is at most one, from the accept until it has gone and what it wrote has
 * left the port, or until the port is lost.
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
#include "daemon/port/tcp.h"
#include "daemon/rpc/export_client.h"
#include "daemon/rpc/sock.h"
#include "proto/base/err.h"
#include "proto/base/text.h"

enum { EXPORT_BACKLOG = 8 };

struct export {
	TAILQ_ENTRY(export)	 entry;
	struct port		*port;
	struct event		*accept;
	char			 url[128];
	char			 path[108];	/* of a Unix socket; "": TCP */
	struct queue_claim	 claim;
	struct export_client	*client;
};

static TAILQ_HEAD(, export)	 exports = TAILQ_HEAD_INITIALIZER(exports);
static const struct conf	*settings;
static void			 (*watcher)(struct port *);

static void
export_tell(const struct export *x)
{
	if (watcher != NULL)
		watcher(x->port);
}

#define EXPORT_LOG(x, level, ...) \
	log_line(level, &(struct log_context){ .port = port_path((x)->port) }, \
	    __VA_ARGS__)

/* ---- clients ---- */

/* Its client is over. */
static void
export_ended(void *arg)
{
	struct export	*x = arg;

	x->client = NULL;
	queue_give_back(x->port);
	export_tell(x);
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
	struct export		*x = arg;
	struct export_client	*c = x->client;

	if (c == NULL) {
		if (err == 0)
			queue_give_back(x->port);
		return;
	}
	if (err == 0) {
		export_client_begin(c);
		if (x->client != NULL)
			export_tell(x);
		return;
	}
	client_turn_away(x, export_client_fd(c), export_client_who(c),
	    why_text(why));
	x->client = NULL;
	export_client_free(c);
}

static void
export_lost(void *arg)
{
	struct export		*x = arg;
	struct export_client	*c = x->client;

	if (c == NULL)
		return;
	EXPORT_LOG(x, LOG_LEVEL_WARN, "the port went away from %s",
	    export_client_who(c));
	x->client = NULL;
	export_client_free(c);
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
		    port_path(x->port), export_client_who(x->client));
		client_turn_away(x, s, who, why.text);
		(void)close(s);	/* nothing is kept back */
		return;
	}
	x->client = export_client_new(x->port, s, who, export_ended, x);
	if (x->client == NULL)
		return;
	memcpy(x->claim.who, who, sizeof x->claim.who);
	r = queue_claim(x->port, EXPORT_CLIENT_BAUD, &x->claim, &why);
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
		export_client_end(x->client);
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

	return x != NULL && x->client != NULL ? export_client_who(x->client) :
	    NULL;
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
