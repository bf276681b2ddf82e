/* The simulated USB: files, modem lines, plugging in and out. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include "tests/shim/lines.h"
#include "tests/sim/usb.h"

enum { LIMIT_S = 10 };

static struct event_base	*base;
static struct usb_bus		 bus;
static struct usb		*usb;
static struct pty		 pty;
static char			 dir[] = "/tmp/test_sim_usb.XXXXXX";
static char			 seen[256];	/* what usb told */

static void
tell(const char *what)
{
	size_t	at = strlen(seen);

	(void)snprintf(seen + at, sizeof(seen) - at, "%s%s",
	    at > 0 ? " " : "", what);
}

static void
on_lines(void *ctx, bool dtr, bool rts)
{
	(void)ctx;
	tell(dtr ? rts ? "11" : "10" : rts ? "01" : "00");
}

static void
on_note(void *ctx, const char *what)
{
	(void)ctx;
	tell(what);
}

static const struct usb_ops ops = { .lines = on_lines, .note = on_note };

/* Until usb has told so much. */
static void
run_until(const char *wanted)
{
	struct timeval	limit = { .tv_sec = LIMIT_S };

	(void)event_base_loopexit(base, &limit);
	while (strcmp(seen, wanted) != 0 && !event_base_got_exit(base))
		(void)event_base_loop(base, EVLOOP_ONCE);
	assert_string_equal(seen, wanted);
	seen[0] = '\0';
}

static void
plug(const char *id, unsigned number)
{
	struct usb_setup	u = {
		.bus = &bus, .number = number, .id = { .ports = 1 },
		.mac = { 0x7c, 0xdf, 0xa1, 0x5e, 0x00, 0x0b },
	};

	assert_true(usb_parse_id(&u.id, id));
	usb = usb_new(base, &u, &ops, NULL);
	assert_int_equal(pty_open(&pty), 0);
	assert_int_equal(usb_plug(usb, &pty), 0);
	seen[0] = '\0';
}

static int
setup(void **state)
{
	(void)state;
	base = event_base_new();
	memcpy(dir + strlen(dir) - 6, "XXXXXX", 6);
	if (base == NULL || mkdtemp(dir) == NULL)
		return -1;
	return usb_bus_open(&bus, dir);
}

static int
teardown(void **state)
{
	static const char *const parts[] = {
		"/dev/serial/by-id", "/dev/serial", "/dev", "/devices",
		"/lines", ""
	};
	char	path[128];

	(void)state;
	usb_free(usb);
	usb = NULL;
	pty_close(&pty);
	event_base_free(base);
	/* Fails when a file is left. */
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", dir, parts[i]);
		if (rmdir(path) != 0)
			return -1;
	}
	return 0;
}

/* A descriptor that asks for the lines; the answer is read with answer(). */
static int
ask(uint8_t op, uint8_t bits)
{
	struct lines_request	r = { op, bits };
	struct sockaddr_un	me = { .sun_family = AF_UNIX };
	struct sockaddr_un	to = { .sun_family = AF_UNIX };
	int			fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	(void)snprintf(to.sun_path, sizeof(to.sun_path), "%s/lines/%u", dir,
	    pty.number);
	assert_int_equal(bind(fd, (struct sockaddr *)&me,
	    sizeof(me.sun_family)), 0);
	assert_int_equal(sendto(fd, &r, sizeof(r), 0, (struct sockaddr *)&to,
	    sizeof(to)), sizeof(r));
	return fd;
}

static unsigned
answer(int fd)
{
	struct lines_answer	a;

	assert_int_equal(recv(fd, &a, sizeof(a), MSG_DONTWAIT), sizeof(a));
	(void)close(fd);
	return a.bits;
}

static unsigned
request(uint8_t op, uint8_t bits)
{
	int	fd = ask(op, bits);

	(void)event_base_loop(base, EVLOOP_ONCE);
	return answer(fd);
}

/* The value of a key in the description; "" when it is not there. */
static const char *
described(unsigned number, const char *key)
{
	static char	line[512];
	char		path[128];
	size_t		n = strlen(key);
	FILE		*f;

	(void)snprintf(path, sizeof(path), "%s/devices/board-%u", dir, number);
	assert_non_null(f = fopen(path, "r"));
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, key, n) == 0 && line[n] == '=') {
			(void)fclose(f);
			return line + n + 1;
		}
	}
	(void)fclose(f);
	return "";
}

static void
test_an_adapter_is_described_and_linked(void **state)
{
	char	target[64] = "";

	(void)state;
	plug("303a:1001", 2);
	assert_string_equal(described(2, "DEVNAME"), pty.path);
	assert_string_equal(described(2, "ID_VENDOR_ID"), "303a");
	assert_string_equal(described(2, "ID_MODEL_ID"), "1001");
	assert_string_equal(described(2, "ID_SERIAL_SHORT"),
	    "7C:DF:A1:5E:00:0B");
	assert_string_equal(described(2, "LOCATION"), "1-1.3");
	assert_string_equal(described(2, "INTERFACE"), "");
	assert_string_equal(strrchr(usb_path(usb), '/'), "/ttyACM2");
	assert_true(readlink(usb_path(usb), target, sizeof(target) - 1) > 0);
	assert_string_equal(target, pty.path);
}

static void
test_an_adapter_may_have_no_serial_number(void **state)
{
	(void)state;
	plug("1a86:7523", 0);
	assert_string_equal(described(0, "ID_SERIAL_SHORT"), "");
	assert_string_equal(described(0, "BY_ID"),
	    "/dev/serial/by-id/usb-1a86_USB_Serial-if00-port0");
}

static void
test_requests_move_the_lines_and_tell_them(void **state)
{
	(void)state;
	plug("10c4:ea60", 0);
	assert_int_equal(request(LINES_GET, 0), 0);
	assert_int_equal(request(LINES_SET, LINES_RTS), LINES_RTS);
	assert_int_equal(request(LINES_RAISE, LINES_DTR),
	    LINES_DTR | LINES_RTS);
	assert_int_equal(request(LINES_DROP, LINES_RTS), LINES_DTR);
	/* Nothing moves: nothing is told. */
	assert_int_equal(request(LINES_SET, LINES_DTR), LINES_DTR);
	assert_int_equal(request(LINES_GET, LINES_RTS), LINES_DTR);
	assert_string_equal(seen, "01 11 10");
}

static void
test_open_raises_both_lines_and_close_drops_them_with_hupcl(void **state)
{
	struct termios	t;
	int		fd, other;

	(void)state;
	plug("10c4:ea60", 0);
	assert_true((fd = open(pty.path, O_RDWR | O_NOCTTY)) >= 0);
	run_until("open 11");
	assert_int_equal(request(LINES_SET, LINES_DTR), LINES_DTR);
	assert_true((other = open(pty.path, O_RDWR | O_NOCTTY)) >= 0);
	run_until("10 open 11");
	(void)close(other);
	run_until("close");		/* it was not the last */
	assert_int_equal(tcgetattr(fd, &t), 0);
	assert_true((t.c_cflag & HUPCL) != 0);
	(void)close(fd);
	run_until("close 00");

	assert_true((fd = open(pty.path, O_RDWR | O_NOCTTY)) >= 0);
	run_until("open 11");
	t.c_cflag &= ~(tcflag_t)HUPCL;
	assert_int_equal(tcsetattr(fd, TCSANOW, &t), 0);
	(void)close(fd);
	run_until("close");
	assert_int_equal(request(LINES_GET, 0), LINES_DTR | LINES_RTS);
}

/* It is opened, then asked to do something: in this order, though the two come
 * over different ways. */
static void
test_an_open_comes_before_the_request_after_it(void **state)
{
	int	fd;

	(void)state;
	plug("10c4:ea60", 0);
	assert_true((fd = open(pty.path, O_RDWR | O_NOCTTY)) >= 0);
	assert_int_equal(request(LINES_SET, 0), 0);
	assert_string_equal(seen, "open 11 00");
	(void)close(fd);
}

static void
test_it_comes_back_under_another_name(void **state)
{
	char	first[USB_PATH];

	(void)state;
	plug("10c4:ea60", 0);
	(void)snprintf(first, sizeof(first), "%s", usb_path(usb));
	usb_unplug(usb);
	assert_int_equal(access(first, F_OK), -1);
	assert_int_equal(usb_plug(usb, &pty), 0);
	assert_string_not_equal(usb_path(usb), first);
	usb_unplug(usb);
	assert_int_equal(usb_plug(usb, &pty), 0);
	assert_string_equal(usb_path(usb), first);
}

static void
test_who_waits_for_the_lines_hears_that_it_was_unplugged(void **state)
{
	int	fd;

	(void)state;
	plug("10c4:ea60", 0);
	fd = ask(LINES_SET, LINES_RTS);
	usb_unplug(usb);
	assert_int_equal(answer(fd), LINES_GONE);
	assert_string_equal(seen, "");
}

static void
test_a_pty_takes_any_rate(void **state)
{
	struct termios	t;

	(void)state;
	assert_int_equal(pty_open(&pty), 0);
	assert_int_equal(pty_bps(&pty), 115200);
	assert_int_equal(tcgetattr(pty.slave, &t), 0);
	assert_int_equal(cfsetspeed(&t, B921600), 0);
	assert_int_equal(tcsetattr(pty.slave, TCSANOW, &t), 0);
	assert_int_equal(pty_bps(&pty), 921600);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_an_adapter_is_described_and_linked),
		TEST(test_an_adapter_may_have_no_serial_number),
		TEST(test_requests_move_the_lines_and_tell_them),
		TEST(test_open_raises_both_lines_and_close_drops_them_with_hupcl),
		TEST(test_an_open_comes_before_the_request_after_it),
		TEST(test_it_comes_back_under_another_name),
		TEST(test_who_waits_for_the_lines_hears_that_it_was_unplugged),
		TEST(test_a_pty_takes_any_rate),
	};

	pty.master = pty.slave = -1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
