#include "client/doctor.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "client/tree.h"

#define DEVICE	"/devices/pci0000:00/0000:00:14.0"
#define PCI	"/sys" DEVICE
#define RULES	"60-espflashd.rules"

enum { CHECKS_MAX = 32 };

/* A machine in a folder, and who looks at it. */
static char			 root[64];
static struct doctor_user	 user;
static struct doctor		 doctor;
/* Checks that were seen to find something, and to be content. */
static bool			 found[CHECKS_MAX], content[CHECKS_MAX];

static void
make_parents(char *path)
{
	for (char *p = path + strlen(root) + 1; (p = strchr(p, '/')) != NULL;
	    p++) {
		*p = '\0';
		(void)mkdir(path, 0755);
		*p = '/';
	}
}

static void __attribute__((format(printf, 2, 3)))
put(const char *text, const char *fmt, ...)
{
	char	path[TREE_PATH_MAX], rest[512];
	va_list	ap;
	FILE	*f;

	va_start(ap, fmt);
	(void)vsnprintf(rest, sizeof rest, fmt, ap);
	va_end(ap);
	(void)snprintf(path, sizeof path, "%s%s", root, rest);
	make_parents(path);
	f = fopen(path, "w");
	assert_non_null(f);
	(void)fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static void __attribute__((format(printf, 2, 3)))
put_link(const char *target, const char *fmt, ...)
{
	char	path[TREE_PATH_MAX], rest[512];
	va_list	ap;

	va_start(ap, fmt);
	(void)vsnprintf(rest, sizeof rest, fmt, ap);
	va_end(ap);
	(void)snprintf(path, sizeof path, "%s%s", root, rest);
	make_parents(path);
	assert_int_equal(symlink(target, path), 0);
}

static void
set_mode(const char *path, mode_t mode)
{
	char	full[TREE_PATH_MAX];

	(void)snprintf(full, sizeof full, "%s%s", root, path);
	assert_int_equal(chmod(full, mode), 0);
}

/* The group that files made here have. */
static gid_t
file_group(void)
{
	struct stat	st;

	assert_int_equal(stat(root, &st), 0);
	return st.st_gid;
}

/* A USB device at a place like "1-2" below the controller. */
static void
plug(const char *place, const char *vid, const char *pid)
{
	char	target[256];

	put(vid, PCI "/usb1/%s/idVendor", place);
	put(pid, PCI "/usb1/%s/idProduct", place);
	(void)snprintf(target, sizeof target, "../../.." "%s/usb1/%s",
	    DEVICE, place);
	put_link(target, "/sys/bus/usb/devices/%s", place);
}

/* An adapter with a tty, laid out as Linux does. */
static void
plug_tty(const char *name, const char *place, const char *vid, const char *pid,
    const char *driver)
{
	char	target[256], dir[160];

	plug(place, vid, pid);
	put("Bridge\n", PCI "/usb1/%s/product", place);
	put("189:5\n", PCI "/usb1/%s/dev", place);
	(void)snprintf(dir, sizeof dir, PCI "/usb1/%s/%s:1.0/%s", place, place,
	    name);
	put("188:0\n", "%s/tty/%s/dev", dir, name);
	(void)snprintf(target, sizeof target, "../../bus/usb-serial/%s",
	    driver);
	put_link(target, "%s/driver", dir);
	put_link("../..", "%s/tty/%s/device", dir, name);
	(void)snprintf(target, sizeof target, "../..%s/tty/%s", dir + 4, name);
	put_link(target, "/sys/class/tty/%s", name);
	put("", "/dev/%s", name);
	(void)snprintf(target, sizeof target, "/dev/%s", name);
	set_mode(target, 0660);
}

/* A program that runs. */
static void
run_program(const char *pid, const char *name)
{
	put(name, "/proc/%s/comm", pid);
}

static size_t
check_index(const char *name)
{
	for (size_t i = 0; doctor_checks[i].name != NULL; i++)
		if (strcmp(doctor_checks[i].name, name) == 0)
			return i;
	fail_msg("there is no check %s", name);
	return 0;
}

static void
look(void)
{
	doctor_done(&doctor);
	assert_int_equal(doctor_run(&doctor, root, &user), 0);
}

/* The check has such a finding, with that in its text or advice. */
static void
finds(const char *check, enum doctor_verdict verdict, const char *part)
{
	look();
	for (size_t i = 0; i < doctor.finding_count; i++) {
		const struct doctor_finding	*f = &doctor.findings[i];

		if (strcmp(f->check, check) != 0 || f->verdict != verdict ||
		    (strstr(f->text, part) == NULL &&
		    strstr(f->advice, part) == NULL))
			continue;
		assert_true((verdict == DOCTOR_OK) == (f->advice[0] == '\0'));
		if (verdict != DOCTOR_OK)
			found[check_index(check)] = true;
		return;
	}
	for (size_t i = 0; i < doctor.finding_count; i++)
		print_message("%s: %s -> %s\n", doctor.findings[i].check,
		    doctor.findings[i].text, doctor.findings[i].advice);
	fail_msg("%s does not say \"%s\"", check, part);
}

/* The check has nothing but good to say. */
static void
is_content(const char *check)
{
	look();
	for (size_t i = 0; i < doctor.finding_count; i++)
		if (strcmp(doctor.findings[i].check, check) == 0 &&
		    doctor.findings[i].verdict != DOCTOR_OK)
			fail_msg("%s: %s", check, doctor.findings[i].text);
	content[check_index(check)] = true;
}

static int
setup(void **state)
{
	(void)state;
	(void)snprintf(root, sizeof root, "/tmp/doctor.XXXXXX");
	assert_non_null(mkdtemp(root));
	/* Somebody else than the owner of these files, in no group. */
	user = (struct doctor_user){ .name = "anna", .uid = geteuid() + 1000 };
	put("root:x:0:\nstaff:x:50:anna\n", "/etc/group");
	put("", "/run/udev/control");
	put("6.1.0-40-amd64\n", "/proc/sys/kernel/osrelease");
	return 0;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int
teardown(void **state)
{
	(void)state;
	doctor_done(&doctor);
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void
test_adapters_of_known_kinds_are_told_from_strangers(void **state)
{
	(void)state;
	finds("adapters", DOCTOR_NOTE, "no adapter of a known kind");
	plug_tty("ttyUSB1", "1-3", "1234\n", "5678\n", "pl2303");
	finds("adapters", DOCTOR_NOTE, "never tried by itself");
	finds("adapters", DOCTOR_NOTE, "no adapter of a known kind");
	plug_tty("ttyUSB0", "1-2", "10c4\n", "ea60\n", "cp210x");
	finds("adapters", DOCTOR_OK, "/dev/ttyUSB0 is Bridge (10c4:ea60)");
}

static void
test_known_adapters_are_those_of_the_udev_rules(void **state)
{
	(void)state;
	plug_tty("ttyACM0", "1-1", "303a\n", "1001\n", "cdc_acm");
	plug_tty("ttyACM1", "1-2", "303a\n", "4001\n", "cdc_acm");
	plug_tty("ttyUSB0", "1-3", "0403\n", "6011\n", "ftdi_sio");
	plug_tty("ttyUSB1", "1-4", "1a86\n", "55d4\n", "ch343");
	is_content("adapters");
	assert_int_equal(doctor.tty_count, 4);
}

static void
test_ttys_that_are_no_usb_are_left_out(void **state)
{
	(void)state;
	put("4:64\n", "/sys/devices/pnp0/00:00/tty/ttyS0/dev");
	put_link("../../devices/pnp0/00:00/tty/ttyS0", "/sys/class/tty/ttyS0");
	look();
	assert_int_equal(doctor.tty_count, 0);
}

static void
test_permission_names_the_group_and_the_command(void **state)
{
	gid_t	gid = file_group();
	char	groups[64];

	(void)state;
	plug_tty("ttyUSB0", "1-2", "10c4\n", "ea60\n", "cp210x");
	finds("permission", DOCTOR_PROBLEM, "you may not open /dev/ttyUSB0");
	user.groups = &gid;
	user.group_count = 1;
	is_content("permission");
	user.group_count = 0;
	if (gid == 0)
		return;		/* root's files: rules must change that */
	(void)snprintf(groups, sizeof groups, "ports:x:%u:bert\n",
	    (unsigned)gid);
	put(groups, "/etc/group");
	finds("permission", DOCTOR_PROBLEM, "sudo usermod -aG ports anna");
}

/* Group and mode of a device; as root only, others cannot give files away. */
static void
give_away(const char *path, gid_t gid, mode_t mode)
{
	char	full[TREE_PATH_MAX];

	(void)snprintf(full, sizeof full, "%s%s", root, path);
	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(full, 0, gid), 0);
	set_mode(path, mode);
}

static void
test_a_new_group_counts_from_the_next_login(void **state)
{
	(void)state;
	plug_tty("ttyUSB0", "1-2", "10c4\n", "ea60\n", "cp210x");
	give_away("/dev/ttyUSB0", 50, 0660);
	finds("permission", DOCTOR_PROBLEM, "log out and in again");
	finds("permission", DOCTOR_PROBLEM, "into the group staff");
	put("root:x:0:\nstaff:x:50:joanna,ann\n", "/etc/group");
	finds("permission", DOCTOR_PROBLEM, "sudo usermod -aG staff anna");
	give_away("/dev/ttyUSB0", 50, 0600);
	finds("permission", DOCTOR_PROBLEM, "Install the udev rules");
}

static void
test_a_device_without_node_is_told(void **state)
{
	char	path[128];

	(void)state;
	plug_tty("ttyUSB0", "1-2", "10c4\n", "ea60\n", "cp210x");
	(void)snprintf(path, sizeof path, "%s/dev/ttyUSB0", root);
	assert_int_equal(unlink(path), 0);
	finds("permission", DOCTOR_PROBLEM, "is not there");
}

static void
test_a_holder_is_named_and_the_daemon_is_none(void **state)
{
	(void)state;
	plug_tty("ttyUSB0", "1-2", "10c4\n", "ea60\n", "cp210x");
	run_program("812", "espflashd\n");
	put_link("/dev/ttyUSB0", "/proc/812/fd/9");
	is_content("holder");
	run_program("4711", "minicom\n");
	put_link("/dev/ttyUSB0", "/proc/4711/fd/5");
	finds("holder", DOCTOR_PROBLEM,
	    "/dev/ttyUSB0 is held by minicom (pid 4711)");
	finds("holder", DOCTOR_PROBLEM, "espctl export ttyUSB0");
}

static int
listen_at(const char *path)
{
	struct sockaddr_un	 a = { .sun_family = AF_UNIX };
	char			 full[TREE_PATH_MAX];
	int			 fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)snprintf(full, sizeof full, "%s%s", root, path);
	make_parents(full);
	/* The name alone: the whole path may be too long for a socket. */
	*strrchr(full, '/') = '\0';
	assert_int_equal(chdir(full), 0);
	(void)snprintf(a.sun_path, sizeof a.sun_path, "%s",
	    strrchr(path, '/') + 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(chdir("/"), 0);
	return fd;
}

static void
test_the_daemons_socket_must_be_ours_to_use(void **state)
{
	static const char	path[] = RUNSTATEDIR "/espflashd/espflashd.sock";
	gid_t			gid = file_group();
	int			fd;

	(void)state;
	is_content("daemon");
	put("", "/usr/lib/systemd/system/espflashd.socket");
	finds("daemon", DOCTOR_NOTE, "enable --now espflashd.socket");
	fd = listen_at(path);
	set_mode(path, 0660);
	finds("daemon", DOCTOR_PROBLEM, "you may not use the daemon's socket");
	plug_tty("ttyUSB0", "1-2", "10c4\n", "ea60\n", "cp210x");
	finds("permission", DOCTOR_PROBLEM, "you may not open");
	set_mode(path, 0666);
	finds("permission", DOCTOR_NOTE, "the daemon does it for you");
	set_mode(path, 0660);
	user.groups = &gid;
	user.group_count = 1;
	is_content("daemon");
	finds("daemon", DOCTOR_OK, "started when somebody does");
	run_program("812", "espflashd\n");
	finds("daemon", DOCTOR_OK, "it runs");
	(void)close(fd);
}

static void
test_udev_rules_may_be_in_any_of_their_places(void **state)
{
	(void)state;
	finds("udev-rules", DOCTOR_PROBLEM, "not installed");
	put("# rules\n", "/usr/local/lib/udev/rules.d/" RULES);
	is_content("udev-rules");
	/* A file of that name without a word switches them off. */
	put("", "/etc/udev/rules.d/" RULES);
	finds("udev-rules", DOCTOR_PROBLEM, "not installed");
}

static void
test_without_udev_its_rules_are_not_missed(void **state)
{
	char	path[128];

	(void)state;
	(void)snprintf(path, sizeof path, "%s/run/udev/control", root);
	assert_int_equal(unlink(path), 0);
	(void)snprintf(path, sizeof path, "%s/run/udev", root);
	assert_int_equal(rmdir(path), 0);
	finds("udev-rules", DOCTOR_NOTE, "udev does not run here");
}

static void
test_modem_manager_must_keep_off(void **state)
{
	(void)state;
	plug_tty("ttyACM0", "1-2", "303a\n", "1001\n", "cdc_acm");
	is_content("modem-manager");
	run_program("77", "ModemManager\n");
	finds("modem-manager", DOCTOR_PROBLEM, "may take /dev/ttyACM0");
	put("I:123\nE:ID_MM_DEVICE_IGNORE=0\n", "/run/udev/data/c188:0");
	finds("modem-manager", DOCTOR_PROBLEM, "ModemManager (pid 77)");
	put("I:123\nE:ID_MM_DEVICE_IGNORE=1\n", "/run/udev/data/c188:0");
	is_content("modem-manager");
	put("I:123\n", "/run/udev/data/c188:0");
	put("E:ID_MM_DEVICE_IGNORE=1\n", "/run/udev/data/c189:5");
	is_content("modem-manager");
}

static void
test_brltty_is_a_problem_when_its_prey_is_there(void **state)
{
	static const char	rule[] = "ENV{PRODUCT}==\"1A86/7523/*\", "
				    "ENV{BRLTTY_BRAILLE_DRIVER}=\"bm\"\n";

	(void)state;
	put("#ENV{PRODUCT}==\"1a86/7523/*\"\nENV{PRODUCT}==\"403/6001/*\"\n",
	    "/usr/lib/udev/rules.d/85-brltty.rules");
	is_content("brltty");
	put(rule, "/usr/lib/udev/rules.d/85-brltty.rules");
	finds("brltty", DOCTOR_NOTE, "1a86:7523 for braille");
	plug("1-4", "10c4\n", "ea60\n");
	finds("brltty", DOCTOR_NOTE, "apt remove brltty");
	plug("1-5", "1a86\n", "7523\n");	/* no tty: brltty has it */
	finds("brltty", DOCTOR_PROBLEM, "/etc/udev/rules.d/85-brltty.rules");
	put("", "/etc/udev/rules.d/85-brltty.rules");
	is_content("brltty");
}

static void
test_a_long_latency_timer_is_noted(void **state)
{
	(void)state;
	plug_tty("ttyUSB0", "1-2", "0403\n", "6001\n", "ftdi_sio");
	is_content("latency");		/* no timer there */
	put("16\n", PCI "/usb1/1-2/1-2:1.0/ttyUSB0/latency_timer");
	finds("latency", DOCTOR_NOTE, "for 16 ms");
	put("1\n", PCI "/usb1/1-2/1-2:1.0/ttyUSB0/latency_timer");
	is_content("latency");
	finds("latency", DOCTOR_OK, "at once");
}

static void
test_ch340_is_a_problem_with_some_kernels_only(void **state)
{
	static const struct { const char *release; bool bad; } rows[] = {
		{ "5.13.9-arch1\n", false }, { "5.13.10-arch1\n", true },
		{ "5.14.0\n", true }, { "5.14.21-lp\n", true },
		{ "5.15.0-91-generic\n", false }, { "6.1.0\n", false },
		{ "4.13.10\n", false },
	};

	(void)state;
	plug_tty("ttyUSB0", "1-2", "1a86\n", "7523\n", "ch341-uart");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		put(rows[i].release, "/proc/sys/kernel/osrelease");
		if (rows[i].bad)
			finds("ch340", DOCTOR_PROBLEM, "ESP8266");
		else
			is_content("ch340");
	}
}

/* `count` devices with that many endpoints besides the one for control. */
static void
plug_many(unsigned first, unsigned count, const char *endpoints)
{
	char	place[16], target[256];

	for (unsigned i = first; i < first + count; i++) {
		(void)snprintf(place, sizeof place, "1-%u", i);
		plug(place, "303a\n", "1001\n");
		put(endpoints, PCI "/usb1/%s/%s:1.0/bNumEndpoints", place,
		    place);
		(void)snprintf(target, sizeof target, "../../.." "%s/usb1/"
		    "%s/%s:1.0", DEVICE, place, place);
		put_link(target, "/sys/bus/usb/devices/%s:1.0", place);
	}
}

static void
test_a_controller_is_noted_before_it_is_full(void **state)
{
	(void)state;
	put_link("../../../bus/pci/drivers/xhci_hcd", PCI "/driver");
	put("0x1b21\n", PCI "/vendor");
	plug_many(1, 20, "04\n");
	is_content("usb-slots");
	finds("usb-slots", DOCTOR_OK, "20 devices with 100 endpoints");
	put("0x8086\n", PCI "/vendor");
	finds("usb-slots", DOCTOR_NOTE, "100 endpoints");
	put("0x1b21\n", PCI "/vendor");
	plug_many(21, 4, "04\n");
	finds("usb-slots", DOCTOR_NOTE, "24 devices");
}

static void
test_controllers_of_another_kind_have_no_such_limits(void **state)
{
	(void)state;
	put_link("../../../bus/pci/drivers/ehci-pci", PCI "/driver");
	plug_many(1, 30, "04\n");
	is_content("usb-slots");
}

static void
test_a_hub_without_supply_must_not_feed_too_much(void **state)
{
	(void)state;
	plug("1-6", "05e3\n", "0608\n");
	put("09\n", PCI "/usb1/1-6/bDeviceClass");
	put("a0\n", PCI "/usb1/1-6/bmAttributes");
	plug("1-6.1", "303a\n", "1001\n");
	put("100mA\n", PCI "/usb1/1-6.1/bMaxPower");
	is_content("usb-power");
	plug("1-6.2", "303a\n", "1001\n");
	put("500mA\n", PCI "/usb1/1-6.2/bMaxPower");
	finds("usb-power", DOCTOR_NOTE, "ask for 600 mA");
	put("e0\n", PCI "/usb1/1-6/bmAttributes");
	is_content("usb-power");
}

static void
test_problems_are_counted(void **state)
{
	(void)state;
	look();
	assert_int_equal(doctor_problems(&doctor), 1);	/* the rules */
	put("# rules\n", "/usr/lib/udev/rules.d/" RULES);
	look();
	assert_int_equal(doctor_problems(&doctor), 0);
}

static void
test_every_check_was_seen_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; doctor_checks[i].name != NULL; i++) {
		assert_non_null(doctor_checks[i].looks_at);
		if (!found[i] || !content[i])
			fail_msg("%s has no case", doctor_checks[i].name);
	}
}

int
main(void)
{
#define T(x) cmocka_unit_test_setup_teardown(x, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_adapters_of_known_kinds_are_told_from_strangers),
		T(test_known_adapters_are_those_of_the_udev_rules),
		T(test_ttys_that_are_no_usb_are_left_out),
		T(test_permission_names_the_group_and_the_command),
		T(test_a_new_group_counts_from_the_next_login),
		T(test_a_device_without_node_is_told),
		T(test_a_holder_is_named_and_the_daemon_is_none),
		T(test_the_daemons_socket_must_be_ours_to_use),
		T(test_udev_rules_may_be_in_any_of_their_places),
		T(test_without_udev_its_rules_are_not_missed),
		T(test_modem_manager_must_keep_off),
		T(test_brltty_is_a_problem_when_its_prey_is_there),
		T(test_a_long_latency_timer_is_noted),
		T(test_ch340_is_a_problem_with_some_kernels_only),
		T(test_a_controller_is_noted_before_it_is_full),
		T(test_controllers_of_another_kind_have_no_such_limits),
		T(test_a_hub_without_supply_must_not_feed_too_much),
		T(test_problems_are_counted),
		cmocka_unit_test(test_every_check_was_seen_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
