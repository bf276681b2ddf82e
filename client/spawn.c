#include "client/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/base/err.h"

#define SYSTEM_SOCKET	RUNSTATEDIR "/espflashd/espflashd.sock"
#define SOCKET_NAME	"espflashd.sock"
#define IDLE_EXIT_S	"30"

enum {
	BACKLOG		= 64,
	HOME_MAX	= 108,	/* bytes: a socket's path is no longer */
	STATE_MAX	= 240,	/* bytes; the daemon takes 255 */
	PROGRAM_MAX	= 1024,
	LISTEN_FD	= 3,	/* sd_listen_fds(3): SD_LISTEN_FDS_START */
};

/* The places of a private daemon, all in one directory. */
struct home {
	char	socket[sizeof ((struct sockaddr_un *)0)->sun_path];
	char	lock[HOME_MAX + 32];
	char	log[HOME_MAX + 32];
	char	state[STATE_MAX];	/* where it remembers, or "none" */
};

static int
address(const char *path, struct sockaddr_un *a, struct why *why)
{
	*a = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof a->sun_path)
		return why_set(why, ERR_USAGE, "the path of the socket is too "
		    "long (%zu bytes, %zu are possible): %s", strlen(path),
		    sizeof a->sun_path - 1, path);
	memcpy(a->sun_path, path, strlen(path) + 1);
	return 0;
}

/* A connected socket, or an error with errno as connect(2) left it. */
static int
try_connect(const char *path, struct why *why)
{
	struct sockaddr_un	a;
	int			fd, r, error;

	if ((r = address(path, &a, why)) < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return why_set(why, ERR_IO, "no socket can be made: %s",
		    strerror(errno));
	do
		r = connect(fd, (struct sockaddr *)&a, sizeof a);
	while (r < 0 && errno == EINTR);
	if (r == 0)
		return fd;
	error = errno;
	(void)close(fd);
	errno = error;
	if (error == EACCES || error == EPERM)
		return why_set(why, ERR_DENIED, "the daemon's socket %s may "
		    "not be used by you; its group is the one to be in "
		    "(ls -l shows it)", path);
	return why_set(why, ERR_DAEMON, "no daemon answers at %s: %s", path,
	    strerror(error));
}

/* /tmp is everybody's: the directory must be ours and closed to others. */
static int
own_directory(const char *path, struct why *why)
{
	struct stat	st;

	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return why_set(why, ERR_DAEMON, "%s cannot be made: %s", path,
		    strerror(errno));
	if (lstat(path, &st) < 0 || !S_ISDIR(st.st_mode) ||
	    st.st_uid != geteuid() || (st.st_mode & 077) != 0)
		return why_set(why, ERR_DENIED, "%s is not a directory of "
		    "yours alone (mode 0700); remove it", path);
	return 0;
}

/* Make a directory and those above it that are ours to make. */
static bool
make_directories(char *path)
{
	for (char *p = path + 1; (p = strchr(p, '/')) != NULL; p++) {
		*p = '\0';
		(void)mkdir(path, 0700);	/* most are there */
		*p = '/';
	}
	return mkdir(path, 0700) == 0 || errno == EEXIST;
}

/* Where boards and labels are remembered (XDG base directories).  A user
 * without a home goes without. */
static void
state_find(char out[STATE_MAX])
{
	const char	*state = getenv("XDG_STATE_HOME");
	const char	*home = getenv("HOME");
	int		 n = STATE_MAX;

	if (state != NULL && state[0] == '/')
		n = snprintf(out, STATE_MAX, "%s/espflashd", state);
	else if (home != NULL && home[0] == '/' && home[1] != '\0')
		n = snprintf(out, STATE_MAX, "%s/.local/state/espflashd",
		    home);
	if (n >= STATE_MAX || !make_directories(out) || access(out, W_OK) < 0)
		(void)snprintf(out, STATE_MAX, "none");
}

static int
home_find(struct home *h, struct why *why)
{
	const char	*run = getenv("XDG_RUNTIME_DIR");
	char		 dir[HOME_MAX];
	int		 n, r;

	if (run != NULL && run[0] == '/' && access(run, W_OK) == 0)
		n = snprintf(dir, sizeof dir, "%s", run);
	else {
		n = snprintf(dir, sizeof dir, "/tmp/espflashd-%u",
		    (unsigned)geteuid());
		if ((r = own_directory(dir, why)) < 0)
			return r;
	}
	if (n >= (int)sizeof dir ||
	    snprintf(h->socket, sizeof h->socket, "%s/" SOCKET_NAME, dir) >=
	    (int)sizeof h->socket)
		return why_set(why, ERR_DAEMON,
		    "the path of the runtime directory is too long");
	(void)snprintf(h->lock, sizeof h->lock, "%s/espflashd.lock", dir);
	(void)snprintf(h->log, sizeof h->log, "%s/espflashd.log", dir);
	return 0;
}

/* The lock goes with its descriptor. */
static int
home_lock(const struct home *h, struct why *why)
{
	int	fd, r;

	fd = open(h->lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return why_set(why, ERR_DAEMON, "%s cannot be made: %s",
		    h->lock, strerror(errno));
	do
		r = flock(fd, LOCK_EX);
	while (r < 0 && errno == EINTR);
	if (r == 0)
		return fd;
	(void)close(fd);
	return why_set(why, ERR_DAEMON, "%s cannot be locked: %s", h->lock,
	    strerror(errno));
}

/* A socket that listens in place of a dead one; under the lock. */
static int
listen_at(const char *path, struct why *why)
{
	struct sockaddr_un	a;
	mode_t			mask;
	int			fd, r;

	if ((r = address(path, &a, why)) < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return why_set(why, ERR_IO, "no socket can be made: %s",
		    strerror(errno));
	(void)unlink(path);	/* may not be there */
	mask = umask(0177);
	r = bind(fd, (struct sockaddr *)&a, sizeof a);
	(void)umask(mask);
	if (r == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	r = why_set(why, ERR_DAEMON, "%s cannot be listened at: %s", path,
	    strerror(errno));
	(void)close(fd);
	return r;
}

/* Where espflashd may be, best first; 0 when there are no more. */
static int
candidate(unsigned i, char *out, size_t size)
{
	const char	*given = getenv("ESPFLASHD");
	ssize_t		 n;
	char		*slash;

	out[0] = '\0';
	switch (i) {
	case 0:
		if (given != NULL)
			(void)snprintf(out, size, "%s", given);
		return 1;
	case 1:
		n = readlink("/proc/self/exe", out, size - 1);
		out[n > 0 ? n : 0] = '\0';
		if ((slash = strrchr(out, '/')) == NULL ||
		    (size_t)(slash - out) + sizeof "/espflashd" > size)
			out[0] = '\0';
		else
			(void)snprintf(slash, size - (size_t)(slash - out),
			    "/espflashd");
		return 1;
	case 2:
		(void)snprintf(out, size, "%s", SBINDIR "/espflashd");
		return 1;
	default:
		return 0;
	}
}

static void
daemon_descriptors(const struct home *h, int listener, int report)
{
	int	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int	log = open(h->log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND |
		    O_CLOEXEC | O_NOFOLLOW, 0600);

	(void)dup2(null, STDIN_FILENO);
	(void)dup2(log >= 0 ? log : null, STDOUT_FILENO);
	(void)dup2(log >= 0 ? log : null, STDERR_FILENO);
	(void)dup2(listener, LISTEN_FD);
	/* Nothing else of ours: a pipe of the caller's would stay open for as
	 * long as the daemon lives.  The report closes itself. */
	if (report > LISTEN_FD + 1)
		(void)close_range(LISTEN_FD + 1, (unsigned)report - 1, 0);
	(void)close_range((unsigned)report + 1, ~0u, 0);
}

/* The grandchild: becomes the daemon, or reports why not. */
static void
daemon_exec(const struct home *h, int listener, int report)
{
	char		 program[PROGRAM_MAX], pid[16];
	char		 state[STATE_MAX + 16];
	/* Its user does not expect a port to be held between two jobs. */
	char		*argv[] = { program, (char *)"--socket",
			    (char *)h->socket, (char *)"--idle-exit",
			    (char *)IDLE_EXIT_S, (char *)"--set",
			    (char *)"hold-port-s=0", (char *)"--set", state,
			    NULL };
	sigset_t	 none;
	int		 error = ENOENT;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	daemon_descriptors(h, listener, report);
	(void)snprintf(state, sizeof state, "state-dir=%s", h->state);
	(void)snprintf(pid, sizeof pid, "%d", (int)getpid());
	(void)setenv("LISTEN_PID", pid, 1);
	(void)setenv("LISTEN_FDS", "1", 1);
	(void)unsetenv("LISTEN_FDNAMES");
	(void)unsetenv("NOTIFY_SOCKET");
	(void)unsetenv("JOURNAL_STREAM");
	for (unsigned i = 0; candidate(i, program, sizeof program); i++) {
		if (program[0] == '\0')
			continue;
		(void)execv(program, argv);
		if (errno != ENOENT)
			error = errno;
	}
	(void)snprintf(program, sizeof program, "espflashd");
	(void)execvp(program, argv);
	if (errno != ENOENT)
		error = errno;
	/* Nobody can be told when this fails. */
	if (write(report, &error, sizeof error) < 0)
		_exit(126);
	_exit(127);
}

/* Start the daemon, a child of nobody; returns when it runs. */
static int
daemon_start(const struct home *h, int listener, struct why *why)
{
	int	report[2], error, status;
	pid_t	child;
	ssize_t	n;

	if (pipe2(report, O_CLOEXEC) < 0 || (child = fork()) < 0)
		return why_set(why, ERR_DAEMON, "no daemon can be started: %s",
		    strerror(errno));
	if (child == 0) {
		/* Numbers above those that the daemon begins with. */
		int	end = fcntl(report[1], F_DUPFD_CLOEXEC, 64);
		int	ear = fcntl(listener, F_DUPFD_CLOEXEC, 64);

		(void)setsid();
		if (end < 0 || ear < 0 || (child = fork()) != 0)
			_exit(end < 0 || ear < 0 || child < 0);
		daemon_exec(h, ear, end);
	}
	(void)close(report[1]);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	do
		n = read(report[0], &error, sizeof error);
	while (n < 0 && errno == EINTR);
	(void)close(report[0]);
	if (n == (ssize_t)sizeof error)
		return why_set(why, ERR_DAEMON, "espflashd cannot be started: "
		    "%s", strerror(error));
	return 0;
}

/* Connect to the private daemon and start it when it is not there. */
static int
connect_private(struct home *h, struct why *why)
{
	struct why	nobody = { 0 };
	int		fd, lock, listener, r;

	if ((lock = home_lock(h, why)) < 0)
		return lock;
	/* Another client may just have done it. */
	if ((fd = try_connect(h->socket, &nobody)) < 0) {
		state_find(h->state);
		listener = fd == ERR_DAEMON ? listen_at(h->socket, why) :
		    why_set(why, fd, "%s", why_text(&nobody));
		if ((fd = listener) >= 0) {
			r = daemon_start(h, listener, why);
			fd = r < 0 ? r : try_connect(h->socket, why);
			(void)close(listener);
		}
	}
	(void)close(lock);
	return fd;
}

int
spawn_connect(const char *path, struct why *why)
{
	struct why	nobody = { 0 };
	struct home	h;
	int		fd, r;

	if (path != NULL)
		return try_connect(path, why);
	fd = try_connect(SYSTEM_SOCKET, &nobody);
	if (fd >= 0)
		return fd;
	if (fd != ERR_DAEMON)
		return why_set(why, fd, "%s", why_text(&nobody));
	if ((r = home_find(&h, why)) < 0)
		return r;
	why_clear(&nobody);
	fd = try_connect(h.socket, &nobody);
	return fd >= 0 ? fd : connect_private(&h, why);
}

int
spawn_log(char *out, size_t size, struct why *why)
{
	struct home	h;
	int		r;

	if ((r = home_find(&h, why)) < 0)
		return r;
	(void)snprintf(out, size, "%s", h.log);
	return 0;
}
