#include "tests/sim/pty.h"

#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* As a serial port is after it was plugged in, but raw: what the chip says at
 * its start is not to be echoed back to it.  The rate is a number (BOTHER), as
 * <termios.h> knows only the usual ones. */
static void
pty_settings(int slave)
{
	struct termios2	t;

	if (ioctl(slave, TCGETS2, &t) != 0)
		return;
	t.c_iflag = t.c_oflag = t.c_lflag = 0;
	t.c_cflag = CS8 | CREAD | HUPCL | BOTHER | BOTHER << IBSHIFT;
	t.c_ispeed = t.c_ospeed = 115200;
	(void)ioctl(slave, TCSETS2, &t);
}

int
pty_open(struct pty *p)
{
	int	e;

	p->slave = -1;
	p->master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (p->master < 0)
		return -errno;
	if (grantpt(p->master) == 0 && unlockpt(p->master) == 0 &&
	    ptsname_r(p->master, p->path, sizeof(p->path)) == 0 &&
	    ioctl(p->master, TIOCGPTN, &p->number) == 0)
		p->slave = open(p->path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (p->slave < 0) {
		e = errno;
		pty_close(p);
		return -e;
	}
	pty_settings(p->slave);
	return 0;
}

void
pty_close(struct pty *p)
{
	if (p->master >= 0)
		(void)close(p->master);
	if (p->slave >= 0)
		(void)close(p->slave);
	p->master = p->slave = -1;
}

uint32_t
pty_bps(const struct pty *p)
{
	struct termios2	t;

	return ioctl(p->slave, TCGETS2, &t) == 0 ? t.c_ospeed : 0;
}

bool
pty_hupcl(const struct pty *p)
{
	struct termios2	t;

	return ioctl(p->slave, TCGETS2, &t) == 0 && (t.c_cflag & HUPCL) != 0;
}
