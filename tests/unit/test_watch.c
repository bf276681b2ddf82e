/* watch and the rescan: boards that come and go.  The boards are ptys, what
 * the system says of them is made up (fake_udev). */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/base/loop.h"
#include "daemon/port/port.h"
#include "daemon/port/port_io.h"
#include "daemon/port/watch.h"
#include "proto/base/err.h"
#include "tests/unit/fake_udev.h"

static const struct fake_usb cp2102n = {
	.vid = "10c4", .pid = "ea60", .serial = "7c98d1065b23ec11",
	.location = "1-2.3", .interface = "1.0", .interfaces = " 1",
	.driver = "cp210x", .maker = "Silicon Labs",
	.product = "CP2102N USB to UART Bridge Controller",
	.link = "usb-Silicon_Labs_CP2102N_7c98d1065b23ec11-if00-port0",
};
static const struct fake_usb ch340 = {
	.vid = "1a86", .pid = "7523", .location = "1-4", .interface = "1.0",
	.interfaces = " 1", .driver = "ch341", .product = "USB Serial",
};
static const struct fake_usb jtag = {
	.vid = "303a", .pid = "1001", .serial = "7C:DF:A1:00:00:01",
	.location = "1-1", .interface = "1.0", .interfaces = " 3",
	.driver = "cdc_acm", .maker = "Espressif",
	.product = "USB JTAG/serial debug unit",
};
/* The ROM of an ESP32-S2 in the same socket. */
static const struct fake_usb otg = {
	.vid = "303a", .pid = "0002", .serial = "0", .location = "1-1",
	.interface = "1.0", .interfaces = " 3", .driver = "cdc_acm",
};

/* ---- what the watcher was told ---- */

static char	told[400];

static void
watch(struct port *p, enum port_event event)
{
	size_t	n = strlen(told);

	(void)snprintf(told + n, sizeof told - n, "%s%s ",
	    event == PORT_ADDED ? "+" : event == PORT_REMOVED ? "-" : "",
	    event == PORT_REMOVED ? "" : port_state_name(port_state(p)));
}

static void
assert_told(const char *what)
{
	assert_string_equal(told, what);
	told[0] = '\0';
}

static void
stop(void *arg)
{
	(void)arg;
	loop_stop();
}

/* Give everything that was put off its turn. */
static void
turns(unsigned ms)
{
	struct loop_timer	t = { 0 };

	assert_int_equal(loop_timer_set(&t, ms, stop, NULL), 0);
	assert_int_equal(loop_run(), 0);
	loop_timer_clear(&t);
}

static void
rescan(void)
{
	port_rescan();
	turns(0);
	turns(0);
}

/* ---- boards ---- */

/* The node is a link to the pty, so that names are ours to give. */
struct board {
	int	master;
	char	node[64];
};

static char	dir[] = "/tmp/test_watch.XXXXXX";

static void
pty_open(struct board *b, char pts[64])
{
	b->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	assert_true(b->master >= 0);
	assert_int_equal(grantpt(b->master), 0);
	assert_int_equal(unlockpt(b->master), 0);
	assert_int_equal(ptsname_r(b->master, pts, 64), 0);
}

static void
plug(struct board *b, const char *name, const struct fake_usb *usb)
{
	char	pts[64];

	pty_open(b, pts);
	(void)snprintf(b->node, sizeof b->node, "%s/%s", dir, name);
	assert_int_equal(symlink(pts, b->node), 0);
	fake_plug(b->node, usb);
}

static void
unplug(struct board *b)
{
	fake_unplug(b->node);
	assert_int_equal(unlink(b->node), 0);
	assert_int_equal(close(b->master), 0);
}

/* Out, and something else in under the same name: a new device node. */
static void
swap(struct board *b, const struct fake_usb *usb)
{
	int	old = b->master;

	fake_unplug(b->node);
	assert_int_equal(unlink(b->node), 0);
	plug(b, strrchr(b->node, '/') + 1, usb);
	assert_int_equal(close(old), 0);
}

/* Out and in again, under another name. */
static void
move(struct board *b, const char *name, const struct fake_usb *usb)
{
	struct board	old = *b;

	plug(b, name, usb);
	unplug(&old);
}

/* The ports that have a USB location; the machine may have others. */
static size_t
count(void)
{
	struct port	*p;
	size_t		 n = 0;

	for (p = port_next(NULL); p != NULL; p = port_next(p))
		n += port_info(p)->location[0] != '\0';
	return n;
}

static struct port *
the_port(const char *node)
{
	struct port	*p;

	for (p = port_next(NULL); p != NULL; p = port_next(p))
		if (strcmp(port_path(p), node) == 0 &&
		    port_state(p) != PORT_GONE)
			return p;
	fail_msg("there is no port %s", node);
	return NULL;
}

static size_t
descriptors(void)
{
	DIR	*d = opendir("/proc/self/fd");
	size_t	 n = 0;

	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static int	open_err;
static struct why open_why;

static void
on_open(void *arg, int err, const struct why *why)
{
	(void)arg;
	open_err = err;
	open_why = *why;
	loop_stop();
}

static int
open_port(struct port *p)
{
	port_open(p, 115200, on_open, NULL);
	assert_int_equal(loop_run(), 0);
	return open_err;
}

static int
setup(void **state)
{
	(void)state;
	told[0] = '\0';
	(void)snprintf(dir, sizeof dir, "/tmp/test_watch.XXXXXX");
	if (loop_init() < 0 || mkdtemp(dir) == NULL)
		return -1;
	port_rescan();		/* the machine's own */
	port_set_watcher(watch);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	watch_stop();
	port_forget_all();
	loop_done();
	fake_clear();
	fake_no_monitor = fake_no_list = false;
	if (rmdir(dir) < 0)	/* a test that failed left something */
		(void)fprintf(stderr, "%s stays\n", dir);
	return fake_live() == 0 ? 0 : -1;
}

/* ---- the list ---- */

static void
test_a_device_is_described(void **state)
{
	const struct port_info	*info;
	struct board		 b;
	char			 identity[PORT_IDENTITY_MAX];

	(void)state;
	plug(&b, "ttyUSB0", &cp2102n);
	rescan();
	assert_told("+closed ");
	info = port_info(the_port(b.node));
	assert_int_equal(info->vid, 0x10c4);
	assert_int_equal(info->pid, 0xea60);
	assert_string_equal(info->serial, "7c98d1065b23ec11");
	assert_string_equal(info->location, "1-2.3");
	assert_string_equal(info->interface, "");
	assert_string_equal(info->driver, "cp210x");
	assert_string_equal(info->description,
	    "Silicon Labs CP2102N USB to UART Bridge Controller");
	assert_string_equal(info->by_id, "/dev/serial/by-id/"
	    "usb-Silicon_Labs_CP2102N_7c98d1065b23ec11-if00-port0");
	port_identity(the_port(b.node), identity);
	assert_string_equal(identity, "serial=7c98d1065b23ec11 vid=10c4");
	unplug(&b);
}

/* Fix of esptool 5.3.1: by the name under /dev/serial/by-id its USB numbers,
 * and with them the reset of a USB-Serial/JTAG, were not found. */
static void
test_fix_01_a_port_named_by_a_symlink_has_usb_numbers(void **state)
{
	const struct port_info	*info;
	struct board		 b;
	struct port		*p;
	char			 node[64], link[64];

	(void)state;
	pty_open(&b, node);
	(void)snprintf(link, sizeof link, "%s/by-id", dir);
	assert_int_equal(symlink(node, link), 0);
	fake_plug(node, &cp2102n);
	rescan();
	assert_int_equal(port_find(link, &p, NULL), 0);
	assert_ptr_equal(p, the_port(node));
	info = port_info(p);
	assert_int_equal(info->vid, 0x10c4);
	assert_int_equal(info->pid, 0xea60);
	fake_unplug(node);
	assert_int_equal(unlink(link), 0);
	assert_int_equal(close(b.master), 0);
}

static void
identity_is(const struct fake_usb *usb, const char *expected)
{
	struct board	b;
	char		identity[PORT_IDENTITY_MAX];

	plug(&b, "ttyUSB0", usb);
	rescan();
	port_identity(the_port(b.node), identity);
	assert_string_equal(identity, expected);
	unplug(&b);
	rescan();
	assert_int_equal(count(), 0);
}

static void
test_an_identity_is_what_stays(void **state)
{
	struct fake_usb	u = cp2102n;

	(void)state;
	u.serial = "0001";
	identity_is(&u, "location=1-2.3");
	u.serial = "123456";
	identity_is(&u, "location=1-2.3");
	u.serial = NULL;
	identity_is(&u, "location=1-2.3");
	u.interfaces = " 2";
	u.interface = "1.1";
	identity_is(&u, "location=1-2.3:1.1");
	u.serial = "AB12";
	identity_is(&u, "serial=AB12 vid=10c4 interface=1.1");
	u.serial = "AB 1,2";
	u.interfaces = "1";
	identity_is(&u, "serial=\"AB 1,2\" vid=10c4");
	u.serial = "A\"B 12";
	identity_is(&u, "location=1-2.3");
	identity_is(&jtag, "serial=7C:DF:A1:00:00:01 vid=303a");
	u = jtag;
	u.interfaces = " 4";	/* two CDC ports */
	u.interface = "1.2";
	identity_is(&u, "serial=7C:DF:A1:00:00:01 vid=303a interface=1.2");
}

static void
test_what_is_not_on_usb_is_not_listed(void **state)
{
	static const struct fake_usb	other = { .driver = "serial8250" };
	struct board			b;

	(void)state;
	plug(&b, "ttyUSB0", &other);
	rescan();
	assert_told("");
	unplug(&b);
}

/* Others use ptys, too: take new ones until the name comes again. */
static bool
pty_again(struct board *b)
{
	struct board	more[32];
	char		pts[64] = "";
	int		n = 0;

	while (n < 32 && strcmp(pts, b->node) != 0)
		pty_open(&more[n++], pts);
	b->master = more[n - 1].master;
	for (int i = 0; i < n - 1; i++)
		close(more[i].master);
	return strcmp(pts, b->node) == 0;
}

static void
test_a_pty_is_known_by_its_name(void **state)
{
	struct board	 b;
	struct port	*p;
	char		 identity[PORT_IDENTITY_MAX];
	bool		 again;

	(void)state;
	pty_open(&b, b.node);
	assert_int_equal(port_find(b.node, &p, NULL), 0);
	port_identity(p, identity);
	assert_string_equal(identity, b.node);
	port_hold(p);
	close(b.master);
	rescan();
	assert_int_equal(port_state(p), PORT_GONE);
	assert_told("+closed gone ");
	again = pty_again(&b);
	rescan();
	assert_int_equal(port_state(p), again ? PORT_CLOSED : PORT_GONE);
	close(b.master);
	port_release(p);
}

static void
test_a_list_that_fails_changes_nothing(void **state)
{
	struct board	 b;
	struct port	*p;

	(void)state;
	plug(&b, "ttyUSB0", &cp2102n);
	rescan();
	p = the_port(b.node);
	fake_no_list = true;
	rescan();
	assert_ptr_equal(the_port(b.node), p);
	assert_told("+closed ");
	unplug(&b);
}

/* ---- coming and going ---- */

static void
test_a_renamed_node_keeps_its_port(void **state)
{
	struct board	 b;
	struct port	*p;

	(void)state;
	plug(&b, "ttyUSB0", &cp2102n);
	rescan();
	p = the_port(b.node);
	port_hold(p);
	unplug(&b);
	rescan();
	assert_int_equal(port_state(p), PORT_GONE);
	assert_told("+closed gone ");
	plug(&b, "ttyUSB1", &cp2102n);
	rescan();
	assert_int_equal(port_state(p), PORT_CLOSED);
	assert_string_equal(port_path(p), b.node);
	assert_ptr_equal(the_port(b.node), p);
	assert_told("closed ");
	assert_int_equal(count(), 1);
	port_release(p);
	unplug(&b);
}

static void
test_a_move_between_two_rescans_keeps_the_port(void **state)
{
	struct board	 b;
	struct port	*p;

	(void)state;
	plug(&b, "ttyUSB0", &cp2102n);
	rescan();
	p = the_port(b.node);
	move(&b, "ttyUSB1", &cp2102n);
	rescan();
	assert_ptr_equal(the_port(b.node), p);
	assert_told("+closed gone closed ");
	unplug(&b);
}

static void
test_a_stranger_at_the_same_node_is_a_new_port(void **state)
{
	struct board	 b;
	struct port	*p, *q;

	(void)state;
	plug(&b, "ttyUSB0", &cp2102n);
	rescan();
	p = the_port(b.node);
	port_hold(p);
	swap(&b, &ch340);
	rescan();
	assert_int_equal(port_state(p), PORT_GONE);
	q = the_port(b.node);
	assert_ptr_not_equal(p, q);
	assert_string_equal(port_info(q)->driver, "ch341");
	port_release(p);
	turns(0);
	assert_int_equal(count(), 1);
	assert_told("+closed gone +closed - ");
	unplug(&b);
}

static void
test_two_boards_that_swap_names_swap_nothing_else(void **state)
{
	struct board	 a, b;
	struct port	*p, *q;

	(void)state;
	plug(&a, "ttyUSB0", &cp2102n);
	plug(&b, "ttyUSB1", &ch340);
	rescan();
	p = the_port(a.node);
	q = the_port(b.node);
	swap(&a, &ch340);
	swap(&b, &cp2102n);
	rescan();
	assert_ptr_equal(the_port(a.node), q);
	assert_ptr_equal(the_port(b.node), p);
	assert_int_equal(count(), 2);
	unplug(&a);
	unplug(&b);
}

static void
test_a_stranger_is_not_opened_before_the_rescan(void **state)
{
	struct board	 b;
	struct port	*p, *q;

	(void)state;
	plug(&b, "ttyUSB0", &cp2102n);
	rescan();
	p = the_port(b.node);
	port_hold(p);
	swap(&b, &ch340);
	assert_int_equal(port_state(p), PORT_CLOSED);	/* nobody looked */
	assert_int_equal(open_port(p), ERR_PORT_UNKNOWN);
	assert_non_null(strstr(open_why.text, "is the board plugged in?"));
	assert_int_equal(port_state(p), PORT_GONE);
	q = the_port(b.node);
	assert_ptr_not_equal(p, q);
	assert_int_equal(open_port(q), 0);
	port_close(q);
	port_release(p);
	unplug(&b);
}

static void
test_a_moved_port_opens_under_its_new_name(void **state)
{
	struct board	 b;
	struct port	*p;

	(void)state;
	plug(&b, "ttyUSB0", &cp2102n);
	rescan();
	p = the_port(b.node);
	move(&b, "ttyUSB1", &cp2102n);
	assert_int_equal(open_port(p), 0);
	assert_string_equal(port_path(p), b.node);
	assert_int_equal(port_write(p, "x", 1), 1);
	port_close(p);
	assert_int_equal(port_state(p), PORT_CLOSED);
	unplug(&b);
}

static void
test_an_open_port_stays_itself_until_closed(void **state)
{
	struct board	 b;
	struct port	*p;
	char		 was[64], c;

	(void)state;
	plug(&b, "ttyUSB0", &cp2102n);
	rescan();
	p = the_port(b.node);
	port_hold(p);
	assert_int_equal(open_port(p), 0);
	(void)snprintf(was, sizeof was, "%s", b.node);
	move(&b, "ttyUSB1", &cp2102n);	/* back before anybody noticed */
	told[0] = '\0';
	rescan();
	assert_told("");
	assert_int_equal(port_state(p), PORT_OPEN);
	assert_string_equal(port_path(p), was);
	assert_int_equal(port_read(p, &c, 1), ERR_UNPLUGGED);
	port_close(p);
	assert_told("gone ");
	turns(100);			/* it looks again by itself */
	assert_told("closed ");
	assert_string_equal(port_path(p), b.node);
	assert_int_equal(open_port(p), 0);
	assert_int_equal(count(), 1);
	port_close(p);
	port_release(p);
	unplug(&b);
}

static void
test_an_open_port_is_gone_when_its_name_is_another_s(void **state)
{
	struct board	 b;
	struct port	*p, *q;

	(void)state;
	plug(&b, "ttyUSB0", &cp2102n);
	rescan();
	p = the_port(b.node);
	port_hold(p);
	assert_int_equal(open_port(p), 0);
	swap(&b, &ch340);
	rescan();
	assert_int_equal(port_state(p), PORT_OPEN);
	assert_int_equal(count(), 2);
	port_close(p);
	assert_int_equal(port_state(p), PORT_GONE);
	q = the_port(b.node);
	assert_string_equal(port_info(q)->driver, "ch341");
	port_release(p);
	unplug(&b);
}

static void
test_clones_with_one_number_are_not_mixed_up(void **state)
{
	struct fake_usb	 second = cp2102n;
	struct board	 a, b;
	struct port	*p, *q;

	(void)state;
	second.location = "1-2.4";
	plug(&a, "ttyUSB0", &cp2102n);
	plug(&b, "ttyUSB1", &second);
	rescan();
	p = the_port(a.node);
	q = the_port(b.node);
	assert_ptr_not_equal(p, q);
	port_hold(p);
	port_hold(q);
	unplug(&a);
	unplug(&b);
	rescan();
	second.location = "1-7";	/* which of the two? */
	plug(&b, "ttyUSB1", &second);
	rescan();
	assert_int_equal(port_state(p), PORT_GONE);
	assert_int_equal(port_state(q), PORT_GONE);
	unplug(&b);
	second.location = "1-2.4";
	plug(&b, "ttyUSB2", &second);
	rescan();
	assert_ptr_equal(the_port(b.node), q);
	assert_int_equal(port_state(p), PORT_GONE);
	port_release(p);
	port_release(q);
	unplug(&b);
}

/* ---- Espressif's own ---- */

static void
test_a_chip_that_comes_back_as_another_product_is_the_same(void **state)
{
	struct fake_usb	 app = jtag;
	struct board	 b;
	struct port	*p;

	(void)state;
	app.pid = "4001";
	app.serial = "7CDFA1000001";
	plug(&b, "ttyUSB0", &app);
	rescan();
	p = the_port(b.node);
	port_hold(p);
	unplug(&b);
	rescan();
	plug(&b, "ttyUSB0", &otg);
	rescan();
	assert_ptr_equal(the_port(b.node), p);
	assert_int_equal(port_info(p)->pid, 0x0002);
	unplug(&b);
	rescan();
	plug(&b, "ttyUSB0", &app);
	rescan();
	assert_ptr_equal(the_port(b.node), p);
	assert_int_equal(count(), 1);
	assert_told("+closed gone closed gone closed ");
	port_release(p);
	unplug(&b);
}

static void
test_another_board_in_the_socket_is_another_one(void **state)
{
	struct fake_usb	 second = jtag;
	struct board	 b;
	struct port	*p;

	(void)state;
	plug(&b, "ttyUSB0", &jtag);
	rescan();
	p = the_port(b.node);
	port_hold(p);
	unplug(&b);
	second.serial = "7C:DF:A1:00:00:02";
	plug(&b, "ttyUSB0", &second);
	rescan();
	assert_int_equal(port_state(p), PORT_GONE);
	assert_ptr_not_equal(the_port(b.node), p);
	unplug(&b);
	/* Nor an adapter of somebody else. */
	second = ch340;
	second.location = jtag.location;
	plug(&b, "ttyUSB0", &second);
	rescan();
	assert_int_equal(port_state(p), PORT_GONE);
	assert_told("+closed gone +closed gone +closed - ");
	port_release(p);
	unplug(&b);
}

/* ---- rest ---- */

static void
test_a_resting_port_throws_away_and_notices_the_end(void **state)
{
	struct board	 b;
	struct port	*p;
	char		 noise[512] = "";
	ssize_t		 r;

	(void)state;
	plug(&b, "ttyUSB0", &cp2102n);
	rescan();
	p = the_port(b.node);
	port_hold(p);
	assert_int_equal(open_port(p), 0);
	port_rest(p);
	port_rest(p);
	for (size_t n = 0; n < 100000;) {	/* more than a pty holds */
		r = write(b.master, noise, sizeof noise);
		n += r > 0 ? (size_t)r : 0;
		turns(0);
	}
	port_wake(p);
	(void)port_flush(p);
	turns(2);
	port_rest(p);
	told[0] = '\0';
	unplug(&b);
	turns(5);
	assert_told("gone ");
	port_release(p);
	turns(0);
	assert_told("- ");
	assert_int_equal(count(), 0);
}

static void
test_a_rescan_closes_a_resting_port(void **state)
{
	struct board	 b;
	struct port	*p;

	(void)state;
	plug(&b, "ttyUSB0", &cp2102n);
	rescan();
	p = the_port(b.node);
	port_hold(p);
	assert_int_equal(open_port(p), 0);
	port_rest(p);
	told[0] = '\0';
	fake_unplug(b.node);	/* its descriptor says nothing yet */
	port_rescan();
	assert_told("gone ");
	assert_int_equal(unlink(b.node), 0);
	assert_int_equal(close(b.master), 0);
	port_release(p);
}

/* ---- notices ---- */

static void
test_plugging_is_noticed(void **state)
{
	struct board	a, b;

	(void)state;
	assert_int_equal(watch_start(port_rescan), 0);
	assert_int_equal(watch_start(port_rescan), 0);
	plug(&a, "ttyUSB0", &cp2102n);
	plug(&b, "ttyUSB1", &ch340);
	turns(0);
	assert_told("");		/* gathered */
	turns(100);
	assert_told("+closed +closed ");
	unplug(&a);
	turns(100);
	assert_told("gone - ");
	unplug(&b);
	turns(100);
	assert_int_equal(count(), 0);
	watch_stop();
	plug(&a, "ttyUSB0", &cp2102n);
	told[0] = '\0';
	turns(80);
	assert_told("");
	unplug(&a);
}

static void
test_without_udev_there_are_no_notices(void **state)
{
	(void)state;
	fake_no_monitor = true;
	assert_int_equal(watch_start(port_rescan), ERR_IO);
}

static void
test_a_thousand_cycles_leave_nothing(void **state)
{
	struct board	 b, base;
	struct port	*held;
	size_t		 fds;

	(void)state;
	plug(&base, "ttyACM0", &jtag);
	rescan();
	held = the_port(base.node);
	port_hold(held);
	unplug(&base);
	rescan();
	fds = descriptors();
	port_set_watcher(NULL);
	for (int i = 0; i < 1000; i++) {
		plug(&b, "ttyUSB0", i % 2 != 0 ? &cp2102n : &ch340);
		rescan();
		assert_int_equal(count(), 2);
		if (i % 10 == 0) {
			struct port	*p = the_port(b.node);

			port_hold(p);
			assert_int_equal(open_port(p), 0);
			if (i % 20 == 0)
				port_rest(p);
			unplug(&b);
			rescan();
			port_close(p);
			port_release(p);
		} else
			unplug(&b);
		rescan();
		assert_int_equal(count(), 1);
	}
	assert_int_equal(descriptors(), fds);
	plug(&base, "ttyACM0", &jtag);
	rescan();
	assert_ptr_equal(the_port(base.node), held);
	port_release(held);
	unplug(&base);
}

int
main(void)
{
#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest	tests[] = {
		TEST(test_a_device_is_described),
		TEST(test_fix_01_a_port_named_by_a_symlink_has_usb_numbers),
		TEST(test_an_identity_is_what_stays),
		TEST(test_what_is_not_on_usb_is_not_listed),
		TEST(test_a_pty_is_known_by_its_name),
		TEST(test_a_list_that_fails_changes_nothing),
		TEST(test_a_renamed_node_keeps_its_port),
		TEST(test_a_move_between_two_rescans_keeps_the_port),
		TEST(test_a_stranger_at_the_same_node_is_a_new_port),
		TEST(test_two_boards_that_swap_names_swap_nothing_else),
		TEST(test_a_stranger_is_not_opened_before_the_rescan),
		TEST(test_a_moved_port_opens_under_its_new_name),
		TEST(test_an_open_port_stays_itself_until_closed),
		TEST(test_an_open_port_is_gone_when_its_name_is_another_s),
		TEST(test_clones_with_one_number_are_not_mixed_up),
		TEST(test_a_chip_that_comes_back_as_another_product_is_the_same),
		TEST(test_another_board_in_the_socket_is_another_one),
		TEST(test_a_resting_port_throws_away_and_notices_the_end),
		TEST(test_a_rescan_closes_a_resting_port),
		TEST(test_plugging_is_noticed),
		TEST(test_without_udev_there_are_no_notices),
		TEST(test_a_thousand_cycles_leave_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
