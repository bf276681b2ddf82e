/* port: names, ttys (a pty), and an RFC 2217 server made here. */
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>

#include "daemon/base/loop.h"
#include "daemon/port/latency.h"
#include "daemon/port/holder.h"
#include "daemon/port/port.h"
#include "daemon/port/port_io.h"
#include "daemon/port/rfc2217.h"
#include "daemon/wire/wire_port.h"
#include "proto/base/bytes.h"
#include "proto/base/err.h"

static int		open_err;
static struct why	open_why;

static void
on_open(void *arg, int err, const struct why *why)
{
	(void)arg;
	open_err = err;
	open_why = *why;
	loop_stop();
}

static int
open_port(const char *name, uint32_t baud, struct port **p)
{
	struct why	why = { 0 };

	assert_int_equal(port_find(name, p, &why), 0);
	open_err = -1000;
	port_open(*p, baud, on_open, NULL);
	assert_int_equal(open_err, -1000);
	assert_int_equal(port_state(*p), PORT_OPENING);
	assert_int_equal(loop_run(), 0);
	assert_int_equal(port_state(*p), open_err ? PORT_CLOSED : PORT_OPEN);
	return open_err;
}

/* ---- the server ---- */

struct server {
	int		 listener, fd;
	struct event	*accepting, *reading;
	struct telnet	 telnet;
	bool		 speaks;	/* RFC 2217 */
	bool		 mute;		/* answers nothing */
	bool		 hang_up;	/* closes at once */
	uint32_t	 can_baud;	/* 0: any; else always that */
	char		 log[600];	/* what it was told */
	uint8_t		 data[64];
	size_t		 len;
};

static struct server	server;

static void
server_send(struct buf *out)
{
	assert_int_equal(send(server.fd, out->data, out->len, MSG_NOSIGNAL),
	    out->len);
	buf_done(out);
}

static void
server_option(void *arg, uint8_t verb, uint8_t option)
{
	struct buf	out;

	(void)arg;
	buf_init(&out, 64);
	if (verb == TELNET_WILL)
		telnet_put_option(&out, option != TELNET_COM_PORT ||
		    server.speaks ? TELNET_DO : TELNET_DONT, option);
	else if (verb == TELNET_DO)
		telnet_put_option(&out, TELNET_WILL, option);
	if (out.len > 0 && !server.mute)
		server_send(&out);
	buf_done(&out);
}

static void
server_note(const char *what, unsigned value)
{
	size_t	n = strlen(server.log);

	(void)snprintf(server.log + n, sizeof server.log - n, "%s%u ", what,
	    value);
}

static void
server_com_port(void *arg, uint8_t command, const uint8_t *value, size_t len)
{
	struct buf	out;
	uint8_t		rate[4];

	(void)arg;
	if (command == RFC2217_SIGNATURE)
		return;		/* it has no name */
	buf_init(&out, 64);
	if (command == RFC2217_SET_BAUDRATE) {
		assert_int_equal(len, 4);
		server_note("baud", be32_get(value));
		memcpy(rate, value, 4);
		if (server.can_baud != 0)
			be32_put(rate, server.can_baud);
		/* A notice and data before the answer. */
		rfc2217_put_byte(&out, 107, 0x30);
		telnet_put_data(&out, "\xff!", 2);
		rfc2217_put(&out, command + RFC2217_ANSWER, rate, 4);
	} else {
		assert_int_equal(len, 1);
		server_note(command == RFC2217_SET_CONTROL ? "c" :
		    command == RFC2217_PURGE_DATA ? "purge" : "s", value[0]);
		rfc2217_put(&out, command + RFC2217_ANSWER, value, len);
	}
	server_send(&out);
}

static void
server_read(evutil_socket_t fd, short what, void *arg)
{
	uint8_t	buf[8];		/* small: everything arrives cut */
	ssize_t	n = recv(fd, buf, sizeof buf, 0);
	size_t	got;

	(void)what;
	(void)arg;
	if (n <= 0) {
		event_del(server.reading);
		return;
	}
	got = telnet_decode(&server.telnet, buf, (size_t)n);
	assert_true(server.len + got <= sizeof server.data);
	memcpy(server.data + server.len, buf, got);
	server.len += got;
}

static void
server_accept(evutil_socket_t fd, short what, void *arg)
{
	(void)what;
	(void)arg;
	server.fd = accept(fd, NULL, NULL);
	if (server.hang_up) {
		close(server.fd);
		server.fd = -1;
		return;
	}
	server.reading = event_new(loop_base(), server.fd,
	    EV_READ | EV_PERSIST, server_read, NULL);
	event_add(server.reading, NULL);
	if (!server.mute)	/* some servers ask first */
		assert_int_equal(send(server.fd, "\xff\xfb\x01", 3, 0), 3);
}

static void
server_url(char *url, size_t size)
{
	struct sockaddr_in	sa = { .sin_family = AF_INET };
	socklen_t		len = sizeof sa;

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server.fd = -1;
	server.telnet.on_option = server_option;
	server.telnet.on_com_port = server_com_port;
	server.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server.listener, (void *)&sa, sizeof sa), 0);
	assert_int_equal(listen(server.listener, 4), 0);
	assert_int_equal(getsockname(server.listener, (void *)&sa, &len), 0);
	(void)snprintf(url, size, "rfc2217://localhost:%u?ign_set_control",
	    ntohs(sa.sin_port));
	server.accepting = event_new(loop_base(), server.listener,
	    EV_READ | EV_PERSIST, server_accept, NULL);
	event_add(server.accepting, NULL);
}

static int
setup(void **state)
{
	(void)state;
	server = (struct server){ .listener = -1, .fd = -1, .speaks = true };
	return loop_init();
}

static int
teardown(void **state)
{
	(void)state;
	if (server.accepting != NULL)
		event_free(server.accepting);
	if (server.reading != NULL)
		event_free(server.reading);
	if (server.fd >= 0)
		close(server.fd);
	if (server.listener >= 0)
		close(server.listener);
	port_forget_all();
	loop_done();
	return 0;
}

/* ---- names ---- */

static void
refused(const char *name, const char *says)
{
	struct port	*p = NULL;
	struct why	 why = { 0 };

	assert_int_equal(port_find(name, &p, &why), ERR_PORT_UNKNOWN);
	if (strstr(why.text, says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", why.text, says);
}

static void
test_wrong_names_are_refused_with_a_reason(void **state)
{
	(void)state;
	refused("/dev/ttyNOSUCH9", "is the board plugged in?");
	refused("/etc/passwd", "is not a device");
	refused("ttyNOSUCH9", "ports look like /dev/ttyUSB0");
	refused("null", "did you mean /dev/null?");
	refused("http://a:1", "rfc2217://host:port");
	refused("rfc2217://a", "port is a number");
	refused("rfc2217://:1", "port is a number");
	refused("socket://a:b", "port is a number");
	refused("socket://a:b:1", "port is a number");
	refused("", "there is no port");
	assert_null(port_next(NULL));
}

static void
test_a_port_is_found_again_under_every_name(void **state)
{
	struct port	*a, *b;
	char		 link[] = "/tmp/test_port.XXXXXX";

	(void)state;
	assert_int_equal(port_find("socket://[::1]:99", &a, NULL), 0);
	assert_int_equal(port_find("socket://[::1]:99", &b, NULL), 0);
	assert_ptr_equal(a, b);
	assert_int_equal(port_info(a)->kind, PORT_TCP);
	assert_int_equal(port_find("/dev/null", &a, NULL), 0);
	close(mkstemp(link));
	unlink(link);
	assert_int_equal(symlink("/dev/null", link), 0);
	assert_int_equal(port_find(link, &b, NULL), 0);
	unlink(link);
	assert_ptr_equal(a, b);
	assert_string_equal(port_path(b), "/dev/null");
	port_rescan();
	assert_int_equal(port_state(a), PORT_CLOSED);
}

static void
test_a_device_that_is_no_tty_is_not_opened(void **state)
{
	struct port	*p;

	(void)state;
	assert_int_equal(open_port("/dev/null", 115200, &p), ERR_PORT_FAILED);
	assert_non_null(strstr(open_why.text, "is not a serial port"));
}

static void
test_nobody_listening_is_said(void **state)
{
	struct port	*p;
	char		 url[80];

	(void)state;
	server_url(url, sizeof url);
	event_free(server.accepting);
	server.accepting = NULL;
	close(server.listener);
	server.listener = -1;
	assert_int_equal(open_port(url, 115200, &p), ERR_PORT_UNKNOWN);
	assert_non_null(strstr(open_why.text, "nobody listens on port"));
}

/* ---- pty ---- */

struct pty {
	int		 master;
	char		 name[64];
	struct port	*port;
	struct wire_port *wp;
	int		 got[6];
};

static void
pty_open(struct pty *t)
{
	t->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(t->master >= 0);
	assert_int_equal(grantpt(t->master), 0);
	assert_int_equal(unlockpt(t->master), 0);
	assert_int_equal(ptsname_r(t->master, t->name, sizeof t->name), 0);
}

static void
pty_done(void *arg)
{
	(void)arg;
	loop_stop();
}

/* The master echoes nothing by itself: the test plays the chip. */
static void
pty_talk(void *arg)
{
	struct pty	*t = arg;
	struct wire	*w = wire_port_wire(t->wp);
	char		 buf[8];

	t->got[0] = wire_lines(w, true, false);
	t->got[1] = wire_send(w, "a\n\xff", 3);
	assert_int_equal(read(t->master, buf, sizeof buf), 3);
	assert_memory_equal(buf, "a\n\xff", 3);
	t->got[2] = wire_baud(w, 1234567);
	assert_int_equal(write(t->master, "\r\x03\x11", 3), 3);
	t->got[3] = wire_recv(w, buf, sizeof buf, 1000);
	assert_memory_equal(buf, "\r\x03\x11", 3);
	assert_int_equal(write(t->master, "old", 3), 3);
	t->got[4] = wire_flush(w);
	close(t->master);
	t->master = -1;
	t->got[5] = wire_recv(w, buf, sizeof buf, 1000);
}

static void
test_a_pty_is_a_port_without_lines(void **state)
{
	struct pty	t = { 0 };

	(void)state;
	pty_open(&t);
	assert_int_equal(open_port(t.name, 460800, &t.port), 0);
	assert_int_equal(port_baud(t.port), 460800);
	assert_false(port_has_lines(t.port));
	t.wp = wire_port_new(t.port);
	assert_int_equal(wire_port_run(t.wp, pty_talk, pty_done, &t), 0);
	assert_int_equal(loop_run(), 0);
	wire_port_free(t.wp);
	assert_int_equal(t.got[0], ERR_UNSUPPORTED);
	assert_int_equal(t.got[1], 0);
	assert_int_equal(t.got[2], 0);
	assert_int_equal(port_baud(t.port), 1234567);
	assert_int_equal(t.got[3], 3);
	assert_int_equal(t.got[4], 0);
	assert_int_equal(t.got[5], ERR_UNPLUGGED);
	port_close(t.port);
	assert_int_equal(port_state(t.port), PORT_GONE);
}

static void
test_a_locked_tty_names_its_holder(void **state)
{
	struct pty	t = { 0 };
	char		pid[32];
	int		fd;

	(void)state;
	pty_open(&t);
	fd = open(t.name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(open_port(t.name, 115200, &t.port), ERR_PORT_BUSY);
	(void)snprintf(pid, sizeof pid, "(pid %d, user ", (int)getpid());
	assert_non_null(strstr(open_why.text, "test_port"));
	assert_non_null(strstr(open_why.text, pid));
	close(fd);
	assert_int_equal(open_port(t.name, 115200, &t.port), 0);
	port_close(t.port);
	close(t.master);
}

/* A child that has the device open, until its pipe ends. */
static pid_t
open_in_child(const char *path, bool lock, int *until)
{
	int	ready[2], end[2], fd;
	pid_t	pid;
	char	c;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	assert_int_equal(pipe2(end, O_CLOEXEC), 0);
	if ((pid = fork()) == 0) {
		close(end[1]);
		fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
		if (fd < 0 || (lock && flock(fd, LOCK_EX | LOCK_NB) < 0) ||
		    write(ready[1], "!", 1) != 1)
			_exit(1);
		_exit(read(end[0], &c, 1) != 0);
	}
	close(ready[1]);
	close(end[0]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	*until = end[1];
	return pid;
}

static void
test_the_one_with_the_lock_is_named(void **state)
{
	struct pty	t = { 0 };
	char		words[40];
	pid_t		pid;
	int		fd, until, status;

	(void)state;
	pty_open(&t);
	fd = open(t.name, O_RDWR | O_NOCTTY | O_CLOEXEC);	/* no lock */
	pid = open_in_child(t.name, true, &until);
	assert_int_equal(open_port(t.name, 115200, &t.port), ERR_PORT_BUSY);
	(void)snprintf(words, sizeof words, "in use by test_port (pid %d, ",
	    (int)pid);
	if (strstr(open_why.text, words) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", open_why.text, words);
	close(until);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(open_port(t.name, 115200, &t.port), 0);
	port_close(t.port);
	close(fd);
	close(t.master);
}

/* A device that hardly anybody uses serves as one of several. */
static void
test_a_list_of_devices_tells_who_has_each(void **state)
{
	struct holder	list[3] = { { .path = "/dev/full" } };
	struct pty	t = { 0 };
	char		words[40];
	pid_t		pid;
	int		ours, until, status;

	(void)state;
	pty_open(&t);
	list[1].path = t.name;
	list[2].path = "/dev/nobody-has-this";
	ours = open("/dev/full", O_WRONLY | O_CLOEXEC);
	assert_true(ours >= 0);
	holder_list(list, 3);
	assert_string_equal(list[0].who, "");	/* we do not count */
	pid = open_in_child("/dev/full", false, &until);
	holder_list(list, 3);
	(void)snprintf(words, sizeof words, "test_port (pid %d, user ",
	    (int)pid);
	assert_non_null(strstr(list[0].who, words));
	assert_string_equal(list[1].who, "");
	assert_string_equal(list[2].who, "");
	close(until);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(ours);			/* a child would have it, too */
	/* A pty is told of when it is locked. */
	pid = open_in_child(t.name, true, &until);
	holder_list(list, 3);
	(void)snprintf(words, sizeof words, "(pid %d, user ", (int)pid);
	assert_string_equal(list[0].who, "");
	assert_non_null(strstr(list[1].who, words));
	close(until);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(t.master);
}

static void
test_settings_come_back_but_none_that_moves_a_line(void **state)
{
	struct pty	t = { 0 };
	struct termios	s;

	(void)state;
	pty_open(&t);
	assert_int_equal(tcgetattr(t.master, &s), 0);
	cfsetspeed(&s, B9600);
	s.c_cflag |= HUPCL | CRTSCTS;
	s.c_lflag |= ICANON | ECHO;
	assert_int_equal(tcsetattr(t.master, TCSANOW, &s), 0);
	assert_int_equal(open_port(t.name, 921600, &t.port), 0);
	assert_int_equal(tcgetattr(t.master, &s), 0);
	assert_int_not_equal(cfgetospeed(&s), B9600);
	assert_int_equal(s.c_lflag & (ICANON | ECHO), 0);
	assert_int_equal(s.c_cflag & (HUPCL | CRTSCTS), 0);
	port_close(t.port);
	assert_int_equal(tcgetattr(t.master, &s), 0);
	assert_int_equal(cfgetospeed(&s), B9600);
	assert_int_equal(s.c_lflag & (ICANON | ECHO), ICANON | ECHO);
	assert_int_equal(s.c_cflag & (HUPCL | CRTSCTS), 0);
	close(t.master);
}

static void
test_the_lock_keeps_others_out(void **state)
{
	struct pty	t = { 0 };
	int		fd;

	(void)state;
	pty_open(&t);
	fd = open(t.name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_int_equal(open_port(t.name, 115200, &t.port), 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), -1);
	port_close(t.port);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	close(fd);
	close(t.master);
}

/* ---- an FTDI's latency timer ---- */

static void
latency_is(const char *before, int was, const char *after)
{
	char	 file[] = "/tmp/test_port.XXXXXX", line[16] = "";
	int	 fd = mkstemp(file);
	FILE	*f;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, before, strlen(before)), strlen(before));
	close(fd);
	assert_int_equal(latency_lower(file), was);
	f = fopen(file, "re");
	assert_non_null(fgets(line, sizeof line, f));
	fclose(f);
	assert_string_equal(line, after);
	if (was > 0) {
		latency_restore(file, was);
		f = fopen(file, "re");
		assert_non_null(fgets(line, sizeof line, f));
		fclose(f);
		assert_string_equal(line, before);
	}
	unlink(file);
}

static void
test_the_latency_timer_is_lowered_and_restored(void **state)
{
	char	file[LATENCY_FILE_MAX];

	(void)state;
	latency_is("16\n", 16, "1\n");
	latency_is("255\n", 255, "1\n");
	latency_is("1\n", 0, "1\n");
	latency_is("0\n", 0, "0\n");
	latency_is("many\n", 0, "many\n");
	assert_int_equal(latency_lower("/nowhere/latency_timer"), 0);
	latency_file("/dev/ttyUSB0", file);
	assert_string_equal(file, "/sys/class/tty/ttyUSB0/device/latency_timer");
}

/* ---- RFC 2217 ---- */

static void
test_an_rfc2217_port_is_configured_then_open(void **state)
{
	struct port	*p;
	char		 url[80];

	(void)state;
	server_url(url, sizeof url);
	assert_int_equal(open_port(url, 115200, &p), 0);
	assert_int_equal(port_baud(p), 115200);
	assert_true(port_has_lines(p));
	/* 8N1, no flow control, DTR off, RTS off, no notices, nothing old. */
	assert_string_equal(server.log,
	    "s8 s1 s1 c1 c9 c12 s0 s0 purge3 baud115200 ");
}

static void
test_refusal_is_told_and_socket_is_suggested(void **state)
{
	struct port	*p;
	char		 url[80];

	(void)state;
	server.speaks = false;
	server_url(url, sizeof url);
	assert_int_equal(open_port(url, 115200, &p), ERR_PORT_FAILED);
	assert_non_null(strstr(open_why.text, "does not speak RFC 2217"));
	assert_non_null(strstr(open_why.text, "socket://localhost:"));
}

static void
test_a_rate_the_server_cannot_do_is_refused(void **state)
{
	struct port	*p;
	char		 url[80];

	(void)state;
	server.can_baud = 9600;
	server_url(url, sizeof url);
	assert_int_equal(open_port(url, 115200, &p), ERR_PORT_FAILED);
	assert_non_null(strstr(open_why.text,
	    "cannot do 115200 baud (it says 9600)"));
}

static void
test_a_server_that_hangs_up_is_told(void **state)
{
	struct port	*p;
	char		 url[80];

	(void)state;
	server.hang_up = true;
	server_url(url, sizeof url);
	assert_int_equal(open_port(url, 115200, &p), ERR_PORT_BUSY);
	assert_non_null(strstr(open_why.text, "another client may have"));
}

static void
stop_now(void *arg)
{
	(void)arg;
	loop_stop();
}

static void
test_closing_gives_up_an_open_that_waits(void **state)
{
	struct loop_timer	 t = { 0 };
	struct port		*p;
	char			 url[80];

	(void)state;
	server.mute = true;
	server_url(url, sizeof url);
	assert_int_equal(port_find(url, &p, NULL), 0);
	open_err = -1000;
	port_open(p, 115200, on_open, NULL);
	loop_timer_set(&t, 30, stop_now, NULL);
	assert_int_equal(loop_run(), 0);
	assert_int_equal(port_state(p), PORT_OPENING);
	port_close(p);
	assert_int_equal(port_state(p), PORT_CLOSED);
	loop_timer_set(&t, 5, stop_now, NULL);
	assert_int_equal(loop_run(), 0);
	assert_int_equal(open_err, -1000);
	loop_timer_clear(&t);
}

static struct wire_port	*wp;
static int		 got[8];
static uint8_t		 bytes[16];

static void
rfc_talk(void *arg)
{
	struct wire	*w = wire_port_wire(wp);
	size_t		 have = 0;
	int		 r = 0;

	(void)arg;
	/* Two pieces "\xff!" came with the two rate answers. */
	got[0] = wire_baud(w, 921600);
	while (have < 4 && r >= 0) {
		r = wire_recv(w, bytes + have, sizeof bytes - have, 2000);
		have += r > 0 ? (size_t)r : 0;
	}
	got[1] = (int)have;
	got[2] = wire_lines(w, false, true);
	got[3] = wire_lines(w, true, false);
	got[4] = wire_send(w, "\xc0\xff\x00", 3);
	got[5] = wire_flush(w);
	server.can_baud = 300;
	got[6] = wire_baud(w, 2000000);
	close(server.fd);
	server.fd = -1;
	event_del(server.reading);
	while ((r = wire_recv(w, bytes + 8, 8, 2000)) > 0)
		;
	got[7] = r;
}

static void
test_an_rfc2217_port_talks(void **state)
{
	struct port	*p;
	char		 url[80];

	(void)state;
	server_url(url, sizeof url);
	assert_int_equal(open_port(url, 115200, &p), 0);
	server.log[0] = '\0';
	wp = wire_port_new(p);
	assert_int_equal(wire_port_run(wp, rfc_talk, pty_done, NULL), 0);
	assert_int_equal(loop_run(), 0);
	wire_port_free(wp);
	assert_int_equal(got[0], 0);
	assert_int_equal(port_baud(p), 921600);
	assert_int_equal(got[1], 4);
	assert_memory_equal(bytes, "\xff!\xff!", 4);
	for (int i = 2; i <= 5; i++)
		assert_int_equal(got[i], 0);
	assert_int_equal(got[6], ERR_PORT_FAILED);
	assert_int_equal(got[7], ERR_UNPLUGGED);
	assert_string_equal(server.log,
	    "baud921600 c9 c11 c8 c12 purge1 baud2000000 ");
	assert_int_equal(server.len, 3);
	assert_memory_equal(server.data, "\xc0\xff\x00", 3);
}

static void
server_flow(uint8_t command)
{
	struct buf	out;

	buf_init(&out, 64);
	rfc2217_put(&out, command + RFC2217_ANSWER, NULL, 0);
	server_send(&out);
}

static void
resume_flow(void *arg)
{
	(void)arg;
	got[3] = (int)server.len;
	server_flow(RFC2217_FLOW_RESUME);
}

static void
suspended_talk(void *arg)
{
	struct wire		*w = wire_port_wire(wp);
	struct loop_timer	*t = arg;
	int			 r;

	server_flow(RFC2217_FLOW_SUSPEND);
	while ((r = wire_recv(w, bytes, sizeof bytes, 30)) > 0)
		;
	got[0] = r;
	loop_timer_set(t, 20, resume_flow, NULL);
	got[1] = wire_send(w, "held", 4);
	/* The server reads what was sent while we wait for nothing. */
	while (server.len < 4 && wire_sleep(w, 1) == 0)
		;
}

static void
test_data_is_held_while_the_server_asks_for_it(void **state)
{
	struct loop_timer	 t = { 0 };
	struct port		*p;
	char			 url[80];

	(void)state;
	server_url(url, sizeof url);
	assert_int_equal(open_port(url, 115200, &p), 0);
	wp = wire_port_new(p);
	assert_int_equal(wire_port_run(wp, suspended_talk, pty_done, &t), 0);
	assert_int_equal(loop_run(), 0);
	wire_port_free(wp);
	loop_timer_clear(&t);
	assert_int_equal(got[0], ERR_TIMEOUT);
	assert_int_equal(got[1], 0);
	assert_int_equal(got[3], 0);	/* nothing came before the resume */
	assert_memory_equal(server.data, "held", 4);
}

int
main(void)
{
#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest	tests[] = {
		TEST(test_wrong_names_are_refused_with_a_reason),
		TEST(test_a_port_is_found_again_under_every_name),
		TEST(test_a_device_that_is_no_tty_is_not_opened),
		TEST(test_nobody_listening_is_said),
		TEST(test_a_pty_is_a_port_without_lines),
		TEST(test_a_locked_tty_names_its_holder),
		TEST(test_the_one_with_the_lock_is_named),
		TEST(test_a_list_of_devices_tells_who_has_each),
		TEST(test_settings_come_back_but_none_that_moves_a_line),
		TEST(test_the_lock_keeps_others_out),
		TEST(test_the_latency_timer_is_lowered_and_restored),
		TEST(test_an_rfc2217_port_is_configured_then_open),
		TEST(test_refusal_is_told_and_socket_is_suggested),
		TEST(test_a_rate_the_server_cannot_do_is_refused),
		TEST(test_a_server_that_hangs_up_is_told),
		TEST(test_closing_gives_up_an_open_that_waits),
		TEST(test_an_rfc2217_port_talks),
		TEST(test_data_is_held_while_the_server_asks_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
