#include "daemon/rpc/listen.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/event.h>
#include <systemd/sd-daemon.h>

#include "daemon/base/conf.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/rpc/conn.h"
#include "proto/base/err.h"

enum { BACKLOG = 128 };

static struct event *accept_event;
static const struct conf *settings;
static char made_path[sizeof ((struct sockaddr_un *)0)->sun_path];

static void
on_accept(evutil_socket_t fd, short what, void *arg)
{
	int	client;

	(void)what;
	(void)arg;
	client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (client >= 0)
		conn_new(client, settings);
	else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
		log_warn("a client could not be accepted: %s, ignoring",
		    strerror(errno));
}

/* Does a daemon answer at that address? */
static bool
alive(const struct sockaddr_un *sa)
{
	int	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool	yes;

	if (fd < 0)
		return false;
	yes = connect(fd, (const struct sockaddr *)sa, sizeof *sa) == 0;
	(void)close(fd);	/* nothing was sent */
	return yes;
}

static int
socket_new(const char *path, struct why *why)
{
	struct sockaddr_un	sa = { .sun_family = AF_UNIX };
	mode_t			mask;
	int			fd, r;

	if (strlen(path) >= sizeof sa.sun_path)
		return why_set(why, ERR_PARAMS, "socket: %s is longer than the "
		    "%zu bytes a socket's name may have", path,
		    sizeof sa.sun_path - 1);
	memcpy(sa.sun_path, path, strlen(path) + 1);
	if (alive(&sa))
		return why_set(why, ERR_CONFLICT, "another daemon listens on "
		    "%s; stop it, or give this one another --socket", path);
	(void)unlink(path);	/* left behind by one that is gone */
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return why_set(why, ERR_IO, "socket: %s", strerror(errno));
	mask = umask(0117);
	r = bind(fd, (struct sockaddr *)&sa, sizeof sa);
	(void)umask(mask);
	if (r < 0 || listen(fd, BACKLOG) < 0) {
		(void)why_set(why, ERR_IO, "cannot listen on %s: %s", path,
		    strerror(errno));
		(void)close(fd);
		return ERR_IO;
	}
	memcpy(made_path, sa.sun_path, sizeof made_path);
	return fd;
}

int
listen_start(const struct conf *conf, struct why *why)
{
	int	n = sd_listen_fds(1), fd;

	if (n > 1)
		return why_set(why, ERR_PARAMS, "%d sockets were passed, one "
		    "is wanted", n);
	fd = n == 1 ? SD_LISTEN_FDS_START : socket_new(conf->socket, why);
	if (fd < 0)
		return fd;
	if (evutil_make_socket_nonblocking(fd) < 0 ||
	    sd_is_socket(fd, AF_UNIX, SOCK_STREAM, 1) <= 0)
		return why_set(why, ERR_PARAMS, "what was passed is not a "
		    "listening Unix stream socket");
	settings = conf;
	accept_event = event_new(loop_base(), fd, EV_READ | EV_PERSIST,
	    on_accept, NULL);
	if (accept_event == NULL || event_add(accept_event, NULL) < 0)
		return why_set(why, ERR_NOMEM, "no memory to listen");
	return 0;
}

void
listen_stop(void)
{
	if (accept_event == NULL)
		return;
	(void)close(event_get_fd(accept_event));
	event_free(accept_event);
	accept_event = NULL;
	if (made_path[0] != '\0')
		(void)unlink(made_path);	/* may be gone already */
}
