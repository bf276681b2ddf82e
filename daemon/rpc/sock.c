#include "daemon/rpc/sock.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/job/job.h"
#include "proto/base/err.h"

enum { BACKLOG = 128 };

/* Does somebody answer at that address? */
static bool
alive(const struct sockaddr_un *sa)
{
	int	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);
	bool	yes;

	if (fd < 0)
		return false;
	/* EAGAIN: it listens, and many wait. */
	yes = connect(fd, (const struct sockaddr *)sa, sizeof *sa) == 0 ||
	    errno == EAGAIN;
	(void)close(fd);	/* nothing was sent */
	return yes;
}

int
sock_listen(const char *path, struct why *why)
{
	struct sockaddr_un	sa = { .sun_family = AF_UNIX };
	mode_t			mask;
	int			fd, r;

	if (strlen(path) >= sizeof sa.sun_path)
		return why_set(why, ERR_PARAMS, "%s is longer than the %zu "
		    "bytes a socket's name may have", path,
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
	return fd;
}

int
sock_peer(int fd, struct peer *peer)
{
	struct ucred	cred;
	socklen_t	len = sizeof cred;
	struct passwd	*pw;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
		return ERR_DENIED;
	peer->uid = cred.uid;
	peer->pid = cred.pid;
	pw = getpwuid(cred.uid);
	if (pw != NULL)
		(void)snprintf(peer->user, sizeof peer->user, "%s",
		    pw->pw_name);
	else
		(void)snprintf(peer->user, sizeof peer->user, "%u", cred.uid);
	return 0;
}

enum { GROUPS_MAX = 512 };	/* of one peer that are looked at */

bool
sock_in_group(int fd, const char *group)
{
	const struct group	*g = getgrnam(group);
	gid_t			 gids[GROUPS_MAX];
	struct ucred		 cred;
	socklen_t		 len = sizeof cred;
	gid_t			 gid;

	if (g == NULL)
		return false;
	gid = g->gr_gid;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0 &&
	    cred.gid == gid)
		return true;
	/* Somebody with more groups than fit is none of them. */
	len = sizeof gids;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, gids, &len) < 0)
		return false;
	for (size_t i = 0; i < len / sizeof gids[0]; i++)
		if (gids[i] == gid)
			return true;
	return false;
}
