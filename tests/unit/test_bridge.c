/* bridge: the table of adapters, and the udev rules that list the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/port/bridge.h"
#include "daemon/port/port.h"

static void
test_each_row_is_complete_and_found(void **state)
{
	size_t	n = 0;

	(void)state;
	for (const struct bridge *b = bridges; b->vid != 0; b++, n++) {
		assert_non_null(b->name);
		assert_non_null(b->source);
		assert_ptr_equal(bridge_find(b->vid, b->pid), b);
		assert_int_equal((b->flags & BRIDGE_ESPRESSIF) != 0,
		    b->vid == 0x303a);
	}
	assert_true(n > 15);
}

static void
test_strangers_are_not_in_it(void **state)
{
	static const struct port_info
		stranger = { .kind = PORT_TTY, .vid = 0x2341, .pid = 0x0043 },
		remote = { .kind = PORT_RFC2217, .vid = 0x10c4, .pid = 0xea60 },
		adapter = { .kind = PORT_TTY, .vid = 0x10c4, .pid = 0xea60 };

	(void)state;
	assert_null(bridge_find(0, 0));
	assert_null(bridge_find(0, 0xea60));
	assert_null(bridge_find(0x10c4, 0));
	assert_null(bridge_find(0x10c4, 0x8a2a));	/* a Zigbee stick */
	assert_null(bridge_find(0x2341, 0x0043));	/* an Arduino Uno */
	assert_false(bridge_is_adapter(&stranger));
	assert_false(bridge_is_adapter(&remote));
	assert_true(bridge_is_adapter(&adapter));
}

static void
test_espressif_is_known_by_its_vendor_id(void **state)
{
	struct port_info	info = { .vid = 0x303a, .pid = 0x1001 };

	(void)state;
	assert_int_equal(bridge_flags(&info),
	    BRIDGE_ESPRESSIF | BRIDGE_USB_JTAG);
	info.pid = 0x0009;
	assert_string_equal(bridge_find(info.vid, info.pid)->name,
	    "ESP32-S3 USB-OTG");
	info.pid = 0x8123;
	assert_int_equal(bridge_flags(&info),
	    BRIDGE_ESPRESSIF | BRIDGE_USB_OTG);
	info.vid = 0x10c4;
	info.pid = 0xea64;
	assert_int_equal(bridge_flags(&info), BRIDGE_FLOW_LINES);
	info.vid = 0;
	assert_int_equal(bridge_flags(&info), 0);
}

static int
compare(const void *a, const void *b)
{
	return bridge_compare(a, b);
}

static void
test_a_search_begins_with_espressif_then_goes_by_name(void **state)
{
	struct port_info	list[] = {
		{ .path = "/dev/ttyUSB10", .vid = 0x10c4, .pid = 0xea60 },
		{ .path = "/dev/ttyACM1", .vid = 0x303a, .pid = 0x1001 },
		{ .path = "/dev/ttyUSB2", .vid = 0x1a86, .pid = 0x7523 },
		{ .path = "/dev/ttyACM0", .vid = 0x1a86, .pid = 0x55d4 },
		{ .path = "/dev/ttyACM2", .vid = 0x303a, .pid = 0x4001 },
	};
	static const char *const	order[] = {
		"/dev/ttyACM1", "/dev/ttyACM2", "/dev/ttyACM0", "/dev/ttyUSB2",
		"/dev/ttyUSB10",
	};

	(void)state;
	qsort(list, 5, sizeof *list, compare);
	for (size_t i = 0; i < 5; i++)
		assert_string_equal(list[i].path, order[i]);
}

/* ---- etc/60-espflashd.rules ---- */

struct ids {
	struct { uint16_t vid, pid; } id[64];
	size_t	count;
};

static bool
ids_have(const struct ids *l, uint16_t vid, uint16_t pid)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->id[i].vid == vid && l->id[i].pid == pid)
			return true;
	return false;
}

static void
ids_add(struct ids *l, unsigned long vid, unsigned long pid)
{
	assert_true(l->count < 64);
	l->id[l->count].vid = (uint16_t)vid;
	l->id[l->count++].pid = (uint16_t)pid;
}

/* ATTRS{idVendor}=="10c4", ATTRS{idProduct}=="ea60|ea70" */
static void
ids_line(struct ids *l, const char *line)
{
	static const char	vendor[] = "ATTRS{idVendor}==\"";
	static const char	product[] = "ATTRS{idProduct}==\"";
	const char		*v = strstr(line, vendor);
	const char		*p = strstr(line, product);
	unsigned long		 vid;
	char			*end;

	if (v == NULL || line[0] == '#')
		return;
	vid = strtoul(v + sizeof vendor - 1, &end, 16);
	assert_int_equal(*end, '"');
	if (p == NULL) {
		ids_add(l, vid, 0);
		return;
	}
	p += sizeof product - 1;
	do {
		ids_add(l, vid, strtoul(p, &end, 16));
		p = end + 1;
	} while (*end == '|');
	assert_int_equal(*end, '"');
}

static void
test_the_udev_rules_list_the_same_adapters(void **state)
{
	const char	*top = getenv("abs_top_srcdir");
	struct ids	 rules = { .count = 0 };
	char		 path[512], line[1024];
	FILE		*f;

	(void)state;
	(void)snprintf(path, sizeof path, "%s/etc/60-espflashd.rules",
	    top != NULL ? top : ".");
	if ((f = fopen(path, "re")) == NULL)
		fail_msg("cannot open %s", path);
	while (fgets(line, sizeof line, f) != NULL)
		ids_line(&rules, line);
	fclose(f);
	assert_true(rules.count > 10);
	for (size_t i = 0; i < rules.count; i++)
		if (bridge_find(rules.id[i].vid, rules.id[i].pid) == NULL &&
		    rules.id[i].pid != 0)
			fail_msg("%04x:%04x is not in bridges[]",
			    rules.id[i].vid, rules.id[i].pid);
	for (const struct bridge *b = bridges; b->vid != 0; b++)
		if (!ids_have(&rules, b->vid, b->pid) &&
		    !ids_have(&rules, b->vid, 0))
			fail_msg("%04x:%04x (%s) is not in %s", b->vid, b->pid,
			    b->name, path);
	/* A rule for a whole vendor needs a row for it. */
	for (size_t i = 0; i < rules.count; i++)
		if (rules.id[i].pid == 0)
			assert_int_equal(bridge_find(rules.id[i].vid, 0)->pid,
			    0);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_each_row_is_complete_and_found),
		cmocka_unit_test(test_strangers_are_not_in_it),
		cmocka_unit_test(test_espressif_is_known_by_its_vendor_id),
		cmocka_unit_test(
		    test_a_search_begins_with_espressif_then_goes_by_name),
		cmocka_unit_test(test_the_udev_rules_list_the_same_adapters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
