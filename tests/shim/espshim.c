/*
 * espshim.so - a preload library that makes the ptys of `espsim --pty --usb
 * DIR` look like USB serial ports to a program that knows nothing of it.  The
 * environment's ESPSHIM_DIR names DIR; without it everything goes its way.
 *
 *   - ioctl() on such a pty: the four requests for modem lines go to the
 *     simulator and are done when ioctl() returns;
 *   - libudev's functions are answered from DIR/devices (usb.h of the
 *     simulator describes the folder), see shim_udev.c.
 */
#include "tests/shim/shim.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/shim/lines.h"

enum {
	PTY_MAJOR	= 136,	/* of /dev/pts/; Linux, devices.txt */
	ANSWER_S	= 30,	/* a simulator that hangs */
};

int ioctl(int fd, unsigned long request, ...);

const char *
shim_dir(void)
{
	return getenv("ESPSHIM_DIR");
}

void *
shim_next(const char *name)
{
	void	*found = dlsym(RTLD_NEXT, name);

	if (found == NULL) {
		fprintf(stderr, "espshim: there is no %s()\n", name);
		abort();
	}
	return found;
}

/* The socket for the lines of this descriptor's pty: false when it is none of
 * the simulator's. */
static bool
lines_address(int fd, struct sockaddr_un *a)
{
	const char	*dir = shim_dir();
	struct stat	 st;

	if (dir == NULL || fstat(fd, &st) != 0 || !S_ISCHR(st.st_mode) ||
	    major(st.st_rdev) != PTY_MAJOR)
		return false;
	memset(a, 0, sizeof(*a));
	a->sun_family = AF_UNIX;
	return (size_t)snprintf(a->sun_path, sizeof(a->sun_path),
	    "%s/lines/%u", dir, minor(st.st_rdev)) < sizeof(a->sun_path) &&
	    access(a->sun_path, F_OK) == 0;
}

/* Ask and wait for the answer: the lines, or -1 with errno. */
static int
lines_ask(const struct sockaddr_un *to, uint8_t op, int bits)
{
	struct sockaddr_un	me = { .sun_family = AF_UNIX };
	struct timeval		limit = { .tv_sec = ANSWER_S };
	struct lines_request	r = { .op = op };
	struct lines_answer	a = { .bits = LINES_GONE };
	ssize_t			n = -1;
	int			fd;

	r.bits = (uint8_t)((bits & TIOCM_DTR ? LINES_DTR : 0) |
	    (bits & TIOCM_RTS ? LINES_RTS : 0));
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	/* A name of its own, made up by the kernel, for the answer. */
	if (bind(fd, (struct sockaddr *)&me, sizeof(me.sun_family)) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) ==
	    0 && sendto(fd, &r, sizeof(r), 0, (const struct sockaddr *)to,
	    sizeof(*to)) == (ssize_t)sizeof(r)) {
		do
			n = recv(fd, &a, sizeof(a), 0);
		while (n < 0 && errno == EINTR);
	}
	(void)close(fd);
	if (n != (ssize_t)sizeof(a) || (a.bits & LINES_GONE) != 0) {
		errno = EIO;	/* as on a device that was unplugged */
		return -1;
	}
	return a.bits;
}

static int
lines_get(const struct sockaddr_un *to, int *bits)
{
	int	now = lines_ask(to, LINES_GET, 0);

	if (now < 0)
		return -1;
	/* The lines towards the host are not connected on a board. */
	*bits = (now & LINES_DTR ? TIOCM_DTR : 0) |
	    (now & LINES_RTS ? TIOCM_RTS : 0);
	return 0;
}

int
ioctl(int fd, unsigned long request, ...)
{
	int			(*next)(int, unsigned long, ...);
	struct sockaddr_un	 to;
	va_list			 ap;
	void			*arg;
	uint8_t			 op;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	/* From an int the upper half may come sign-extended. */
	switch ((unsigned)request) {
	case TIOCMGET:
		op = LINES_GET;
		break;
	case TIOCMSET:
		op = LINES_SET;
		break;
	case TIOCMBIS:
		op = LINES_RAISE;
		break;
	case TIOCMBIC:
		op = LINES_DROP;
		break;
	default:
		op = 0;
	}
	if (op != 0 && arg != NULL && lines_address(fd, &to)) {
		if (op == LINES_GET)
			return lines_get(&to, arg);
		return lines_ask(&to, op, *(const int *)arg) < 0 ? -1 : 0;
	}
	*(void **)&next = shim_next("ioctl");
	return next(fd, request, arg);
}
