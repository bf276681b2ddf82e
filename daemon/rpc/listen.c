#include "daemon/rpc/listen.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/event.h>
#include <systemd/sd-daemon.h>

#include "daemon/base/conf.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/rpc/conn.h"
#include "daemon/rpc/sock.h"
#include "proto/base/err.h"

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

/* A socket of our own at `path`. */
static int
socket_new(const char *path, struct why *why)
{
	int	fd = sock_listen(path, why);

	if (fd >= 0)	/* so it is not too long */
		memcpy(made_path, path, strlen(path) + 1);
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
