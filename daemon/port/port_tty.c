/*
 * port_tty - a serial device of this machine, or a pty.
 *
 * libserialport lists and describes devices (port_desc.c) but does not open
 * them here: it changes the settings before it could know that another program
 * has the device, sets the two modem lines one after the other, and refuses a
 * pty.  So this is termios2 of Linux, which takes any rate.
 */
#include "daemon/port/port_impl.h"

#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/serial.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <event2/event.h>

#include "daemon/base/log.h"
#include "daemon/port/bridge.h"
#include "daemon/port/holder.h"
#include "daemon/port/latency.h"
#include "proto/base/err.h"

/* Made by open, freed by close. */
struct tty {
	struct termios2		before;		/* settings to restore */
	struct serial_struct	serial;		/* with the old flags */
	bool			exclusive;	/* we set TIOCEXCL */
	bool			changed;	/* settings are ours */
	bool			low_latency;	/* we set that flag */
	int			latency_ms;	/* of an FTDI, before; 0: as was */
};

/* Say which program has the device. */
static int
tty_busy(struct port *p)
{
	char	holder[HOLDER_MAX];

	holder_find(p->info.path, p->fd, holder, sizeof holder);
	return why_set(&p->why, ERR_PORT_BUSY, "%s is in use by %s",
	    p->info.path, holder);
}

/* The group whose members may open the device; on Debian that is dialout. */
static void
tty_group(const char *path, char *name, size_t size)
{
	const struct group	*g = NULL;
	struct stat		 st;

	if (stat(path, &st) == 0 && st.st_gid != 0)
		g = getgrgid(st.st_gid);
	(void)snprintf(name, size, "%s", g != NULL ? g->gr_name : "dialout");
}

static int
tty_denied(struct port *p)
{
	const struct passwd	*pw = getpwuid(geteuid());
	const char		*user = pw != NULL ? pw->pw_name : "its user";
	char			 group[32];

	tty_group(p->info.path, group, sizeof group);
	return why_set(&p->why, ERR_PORT_DENIED, "no permission to open %s: "
	    "espflashd runs as %s, who must be in the group %s: sudo usermod "
	    "-aG %s %s, then log out and in again (when it runs as a service: "
	    "systemctl restart espflashd)", p->info.path, user, group, group,
	    user);
}

static int
tty_cannot_open(struct port *p, int errnum)
{
	const char	*path = p->info.path;

	switch (errnum) {
	case EBUSY:
		return tty_busy(p);
	case EACCES:
	case EPERM:
		return tty_denied(p);
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return why_set(&p->why, ERR_PORT_UNKNOWN,
		    "%s: %s; is the board plugged in?", path, strerror(errnum));
	}
	return why_set(&p->why, ERR_PORT_FAILED, "cannot open %s: %s", path,
	    strerror(errnum));
}

/* Take the device for us alone: TIOCEXCL keeps those out who just open it,
 * flock those who ask, as esptool does. */
static int
tty_lock(struct port *p, struct tty *t)
{
	if (flock(p->fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EWOULDBLOCK)
			return tty_busy(p);
		return tty_cannot_open(p, errno);
	}
	if (ioctl(p->fd, TIOCEXCL) < 0)
		return why_set(&p->why, ERR_PORT_FAILED,
		    "%s is not a serial port: %s", p->info.path,
		    strerror(errno));
	t->exclusive = true;
	return 0;
}

/* 8N1, raw, no flow control; closing must not drop the lines. */
static void
tty_raw(struct termios2 *s)
{
	s->c_iflag = 0;
	s->c_oflag = 0;
	s->c_lflag = 0;
	s->c_cflag &= ~(tcflag_t)(CSIZE | PARENB | PARODD | CMSPAR | CSTOPB |
	    CRTSCTS | HUPCL);
	s->c_cflag |= CS8 | CREAD | CLOCAL;
	/* So that "nothing there" is EAGAIN and 0 means hung up. */
	s->c_cc[VMIN] = 1;
	s->c_cc[VTIME] = 0;
}

/* Set the rate as a number (BOTHER), whatever it is; learn the real one. */
static int
tty_set_rate(struct port *p, struct termios2 *s, uint32_t baud)
{
	const struct log_context	context = { .port = p->info.path };

	s->c_cflag &= ~(tcflag_t)(CBAUD | CBAUD << IBSHIFT);
	s->c_cflag |= BOTHER | BOTHER << IBSHIFT;
	s->c_ispeed = s->c_ospeed = baud;
	if (ioctl(p->fd, TCSETS2, s) < 0 || ioctl(p->fd, TCGETS2, s) < 0)
		return errno == EIO || errno == ENXIO || errno == ENODEV ?
		    ERR_UNPLUGGED : ERR_PORT_FAILED;
	if (!port_rate_fits(baud, s->c_ospeed))
		return ERR_PORT_FAILED;
	if (s->c_ospeed != baud && s->c_ospeed != p->baud)
		log_line(LOG_LEVEL_INFO, &context, "the driver made %u baud of "
		    "%u", s->c_ospeed, baud);
	p->baud = s->c_ospeed;
	return 0;
}

/* FTDI and others hold bytes back for 16 ms unless told not to.  Most drivers
 * know nothing of it: no error. */
static void
tty_low_latency(struct port *p, struct tty *t)
{
	struct serial_struct	s;
	char			file[LATENCY_FILE_MAX];

	latency_file(p->info.path, file);
	t->latency_ms = latency_lower(file);
	if (ioctl(p->fd, TIOCGSERIAL, &t->serial) < 0 ||
	    (t->serial.flags & ASYNC_LOW_LATENCY) != 0)
		return;
	s = t->serial;
	s.flags |= ASYNC_LOW_LATENCY;
	t->low_latency = ioctl(p->fd, TIOCSSERIAL, &s) == 0;
}

static void
tty_old_latency(struct port *p, struct tty *t)
{
	char	file[LATENCY_FILE_MAX];

	if (t->low_latency)
		(void)ioctl(p->fd, TIOCSSERIAL, &t->serial);
	latency_file(p->info.path, file);
	if (t->latency_ms > 0)
		latency_restore(file, t->latency_ms);
}

static int
tty_set_lines(int fd, bool dtr, bool rts)
{
	int	bits;

	if (ioctl(fd, TIOCMGET, &bits) < 0)
		return -1;
	bits &= ~(TIOCM_DTR | TIOCM_RTS);
	bits |= (dtr ? TIOCM_DTR : 0) | (rts ? TIOCM_RTS : 0);
	return ioctl(fd, TIOCMSET, &bits);
}

/*
 * Both lines to where they leave the chip alone, in one step and only when they
 * are not there.  False on a device without lines (a pty: ENOTTY).
 */
static bool
tty_rest_lines(struct port *p)
{
	int	bits, rest;

	if (ioctl(p->fd, TIOCMGET, &bits) < 0)
		return false;
	rest = bits & ~(TIOCM_DTR | TIOCM_RTS);
	if ((bridge_flags(&p->info) & BRIDGE_FLOW_LINES) != 0)
		rest |= TIOCM_DTR;
	return rest == bits || ioctl(p->fd, TIOCMSET, &rest) == 0;
}

static int
tty_prepare(struct port *p, struct tty *t, uint32_t baud)
{
	struct termios2	s;
	int		r;

	if (ioctl(p->fd, TCGETS2, &t->before) < 0)
		return why_set(&p->why, ERR_PORT_FAILED,
		    "%s is not a serial port: %s", p->info.path,
		    strerror(errno));
	if ((r = tty_lock(p, t)) < 0)
		return r;
	/* The kernel raised both lines at open (tty_port_block_til_ready()),
	 * if the device was not at rate 0. */
	p->has_lines = tty_rest_lines(p);
	s = t->before;
	tty_raw(&s);
	t->changed = true;
	if ((r = tty_set_rate(p, &s, baud)) < 0)
		return why_set(&p->why, r, "%s cannot do %u baud",
		    p->info.path, baud);
	/* Leaving rate 0 or RTS/CTS may have raised them again. */
	if (p->has_lines)
		(void)tty_rest_lines(p);
	tty_low_latency(p, t);
	/* What came before we were there is not for us. */
	(void)ioctl(p->fd, TCFLSH, TCIFLUSH);
	return 0;
}

static void
port_tty_open(struct port *p, uint32_t baud)
{
	struct tty	*t;

	if ((t = calloc(1, sizeof *t)) == NULL) {
		port_opened(p, ERR_NOMEM);
		return;
	}
	p->dev = t;
	p->fd = open(p->info.path,
	    O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (p->fd < 0) {
		port_opened(p, tty_cannot_open(p, errno));
		return;
	}
	port_opened(p, tty_prepare(p, t, baud));
}

/* The settings as they were, except for what would move a line now (HUPCL when
 * it is closed, a driver's own RTS, rate 0). */
static void
tty_old_settings(struct port *p, struct tty *t)
{
	t->before.c_cflag &= ~(tcflag_t)(HUPCL | CRTSCTS);
	if ((t->before.c_cflag & CBAUD) == B0) {
		t->before.c_cflag |= BOTHER;
		t->before.c_ospeed = p->baud;
	}
	(void)ioctl(p->fd, TCSETS2, &t->before);
}

/* All of it may fail on a device that is gone: then there is nothing left to
 * restore. */
static void
port_tty_close(struct port *p)
{
	struct tty	*t = p->dev;

	if (p->fd >= 0) {
		/* Closing would wait for output that nobody wants now. */
		if (t->changed)
			(void)ioctl(p->fd, TCFLSH, TCOFLUSH);
		tty_old_latency(p, t);
		if (t->changed)
			tty_old_settings(p, t);
		if (t->exclusive)
			(void)ioctl(p->fd, TIOCNXCL);
		(void)close(p->fd);
	}
	p->fd = -1;
	free(t);
	p->dev = NULL;
}

static short
port_tty_events(const struct port *p, bool reading, bool writing)
{
	(void)p;
	return (short)((reading ? EV_READ : 0) | (writing ? EV_WRITE : 0));
}

/* What read(2) and write(2) say, in the manner of port_io.h. */
static int
tty_result(ssize_t n)
{
	if (n > 0)
		return (int)n;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return ERR_UNPLUGGED;	/* hung up, EIO, ENXIO, ENODEV */
}

static int
port_tty_read(struct port *p, void *buf, size_t size)
{
	return tty_result(read(p->fd, buf, size < INT_MAX ? size : INT_MAX));
}

static int
port_tty_write(struct port *p, const void *buf, size_t len)
{
	ssize_t	n = write(p->fd, buf, len < INT_MAX ? len : INT_MAX);

	return n == 0 ? 0 : tty_result(n);
}

static int
port_tty_push(struct port *p)
{
	(void)p;
	return PORT_DONE;	/* the kernel has it all */
}

static int
port_tty_lines(struct port *p, bool dtr, bool rts)
{
	if (!p->has_lines)
		return ERR_UNSUPPORTED;
	if (tty_set_lines(p->fd, dtr, rts) == 0)
		return 0;
	return errno == EIO || errno == ENXIO || errno == ENODEV ?
	    ERR_UNPLUGGED : ERR_PORT_FAILED;
}

/* True while bytes written are still on their way out. */
static bool
tty_sending(int fd)
{
	int	n = 0, status = TIOCSER_TEMT;

	if (ioctl(fd, TIOCOUTQ, &n) == 0 && n > 0)
		return true;
	/* Not every driver can tell about the shift register. */
	return ioctl(fd, TIOCSERGETLSR, &status) == 0 &&
	    (status & TIOCSER_TEMT) == 0;
}

static int
port_tty_baud(struct port *p, uint32_t baud)
{
	struct termios2	s;

	if (tty_sending(p->fd))
		return PORT_WAIT_TIME;
	if (ioctl(p->fd, TCGETS2, &s) < 0)
		return ERR_UNPLUGGED;
	return tty_set_rate(p, &s, baud);
}

static int
port_tty_flush(struct port *p)
{
	return ioctl(p->fd, TCFLSH, TCIFLUSH) < 0 ? ERR_UNPLUGGED : 0;
}

static int
port_tty_discard(struct port *p)
{
	return ioctl(p->fd, TCFLSH, TCOFLUSH) < 0 ? ERR_UNPLUGGED : 0;
}

/* What a failed ioctl says of a port that was open. */
static int
tty_failure(void)
{
	return errno == EIO || errno == ENXIO || errno == ENODEV ?
	    ERR_UNPLUGGED : ERR_PORT_FAILED;
}

static int
port_tty_hold(struct port *p, bool on)
{
	if (ioctl(p->fd, on ? TIOCSBRK : TIOCCBRK) == 0)
		return 0;
	return errno == ENOTTY || errno == EINVAL ? ERR_UNSUPPORTED :
	    tty_failure();
}

static int
port_tty_inputs(struct port *p)
{
	int	bits;

	if (!p->has_lines)
		return ERR_UNSUPPORTED;
	if (ioctl(p->fd, TIOCMGET, &bits) < 0)
		return tty_failure();
	return ((bits & TIOCM_CTS) != 0 ? PORT_CTS : 0) |
	    ((bits & TIOCM_DSR) != 0 ? PORT_DSR : 0) |
	    ((bits & TIOCM_RI) != 0 ? PORT_RI : 0) |
	    ((bits & TIOCM_CD) != 0 ? PORT_CD : 0);
}

const struct port_ops port_tty_ops = {
	.open = port_tty_open,
	.close = port_tty_close,
	.events = port_tty_events,
	.read = port_tty_read,
	.write = port_tty_write,
	.push = port_tty_push,
	.lines = port_tty_lines,
	.baud = port_tty_baud,
	.flush = port_tty_flush,
	.discard = port_tty_discard,
	.hold = port_tty_hold,
	.inputs = port_tty_inputs,
};
