/* select - selectors against a handful of ports that this test makes up: the
 * functions of port.h that select.c calls are here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/port/bridge.h"
#include "daemon/port/known.h"
#include "daemon/port/port.h"
#include "daemon/port/select.h"
#include "proto/base/err.h"

struct port {
	struct port_info	info;
	const char		*identity;
	enum port_state		 state;
};

static struct port ports[] = {
	{ { .path = "/dev/ttyUSB0", .serial = "A1", .location = "1-2.3",
	    .vid = 0x10c4, .pid = 0xea60 }, "serial=A1 vid=10c4", 0 },
	{ { .path = "/dev/ttyUSB1", .serial = "FT9", .location = "1-4",
	    .interface = "1.0", .vid = 0x0403, .pid = 0x6010 },
	    "serial=FT9 vid=0403 interface=1.0", 0 },
	{ { .path = "/dev/ttyUSB2", .serial = "FT9", .location = "1-4",
	    .interface = "1.1", .vid = 0x0403, .pid = 0x6010 },
	    "serial=FT9 vid=0403 interface=1.1", 0 },
	{ { .path = "/dev/ttyACM0", .serial = "60:55:F9:00:00:01",
	    .location = "1-5", .vid = 0x303a, .pid = 0x1001 },
	    "serial=60:55:F9:00:00:01 vid=303a", 0 },
	{ { .path = "/dev/ttyACM1", .serial = "printer", .location = "1-6",
	    .vid = 0x04b8, .pid = 0x0001 }, "serial=printer vid=04b8", 0 },
	{ { .path = "/dev/ttyS0" }, "/dev/ttyS0", 0 },
	{ { .path = "rfc2217://lab:4000", .kind = PORT_RFC2217 },
	    "rfc2217://lab:4000", 0 },
	{ { .path = "/dev/ttyUSB7", .serial = "away one", .location = "1-7",
	    .vid = 0x10c4, .pid = 0xea60 }, "location=1-7", PORT_GONE },
};
enum { PORTS = sizeof ports / sizeof ports[0] };

struct port *
port_next(struct port *p)
{
	return p == NULL ? ports : p == &ports[PORTS - 1] ? NULL : p + 1;
}

const struct port_info *
port_info(const struct port *p)
{
	return &p->info;
}

const char *
port_path(const struct port *p)
{
	return p->info.path;
}

enum port_state
port_state(const struct port *p)
{
	return p->state;
}

void
port_identity(const struct port *p, char out[PORT_IDENTITY_MAX])
{
	(void)snprintf(out, PORT_IDENTITY_MAX, "%s", p->identity);
}

void
port_rescan(void)
{
}

int
port_find(const char *name, struct port **out, struct why *why)
{
	for (size_t i = 0; i < PORTS; i++)
		if (strcmp(ports[i].info.path, name) == 0) {
			*out = &ports[i];
			return 0;
		}
	return why_set(why, ERR_PORT_UNKNOWN, "there is no port %s", name);
}

bool
bridge_is_adapter(const struct port_info *info)
{
	return info->vid == 0x10c4 || info->vid == 0x0403 ||
	    info->vid == 0x303a;
}

unsigned
bridge_flags(const struct port_info *info)
{
	return info->vid == 0x303a ? BRIDGE_USB_JTAG : 0;
}

/* "0 3": the numbers of what a selector finds, or the name of its error. */
static const char *
found(const char *selector)
{
	static char	 text[64];
	struct port	*list[PORTS];
	struct why	 why = { 0 };
	size_t		 count = 99, n = 0;
	int		 r;

	r = port_select(selector, list, PORTS, &count, &why);
	if (r < 0) {
		assert_int_equal(why.err, r);
		return err_name(r);
	}
	text[0] = '\0';
	for (size_t i = 0; i < count; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%zu",
		    i > 0 ? " " : "", (size_t)(list[i] - ports));
	return text;
}

static void
test_each_condition_finds_its_port(void **state)
{
	static const char *const cases[][2] = {
		{ "/dev/ttyUSB0", "0" }, { "rfc2217://lab:4000", "6" },
		{ "serial=A1", "0" }, { "SERIAL=a1", "0" },
		{ "location=1-2.3", "0" }, { "location=1-4:1.1", "2" },
		{ "location=1-4 interface=1.0", "1" },
		{ "serial=FT9,interface=1.1", "2" },
		{ "vid=10c4", "0" }, { "vid=0x10C4 pid=EA60", "0" },
		{ "pid=1001", "3" }, { "name=ttyS", "5" },
		{ "name=ACM vid=303a", "3" },
		{ "mac=60:55:f9:00:00:01", "3" },
		{ "mac=60-55-F9-00-00-01", "3" },
		{ "mac=6055f9000001", "3" }, { "  serial=A1  ,", "0" },
		{ "serial=\"away one\"", "7" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_string_equal(found(cases[i][0]), cases[i][1]);
}

static void
test_all_means_every_adapter_and_no_strangers(void **state)
{
	(void)state;
	assert_string_equal(found("all"), "0 1 2 3");
	assert_string_equal(found("all vid=0403"), "1 2");
	assert_string_equal(found("name=tty all"), "0 1 2 3 4 5");
}

static void
test_several_without_all_are_a_conflict_that_names_them(void **state)
{
	struct port	*list[1];
	struct why	 why = { 0 };
	size_t		 n;

	(void)state;
	assert_string_equal(found("vid=0403"), "ERR_CONFLICT");
	/* Even when there is room for one only. */
	assert_int_equal(port_select("serial=FT9", list, 1, &n, &why),
	    ERR_CONFLICT);
	assert_non_null(strstr(why_text(&why), "2 ports"));
	assert_non_null(strstr(why_text(&why), "/dev/ttyUSB1"));
	why_clear(&why);
	assert_int_equal(port_select("all", list, 1, &n, &why), ERR_LIMIT);
}

static void
test_what_is_no_selector_is_said(void **state)
{
	static const char *const wrong[] = {
		"", "  ", "serial=", "vid=xyz", "vid=12345", "vid=-1",
		"mac=12:34", "mac=6055f900000g", "colour=red",
		"serial=\"A1", "a b c d e f g h i j k l m",
	};

	struct why	why;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		assert_string_equal(found(wrong[i]), "ERR_PARAMS");
		why_clear(&why);
		assert_int_equal(port_check_selector(wrong[i], &why),
		    ERR_PARAMS);
		assert_int_equal(why.err, ERR_PARAMS);
	}
	why_clear(&why);
	assert_int_equal(port_check_selector("serial=nobody", &why), 0);
	assert_int_equal(port_check_selector("/dev/nowhere", &why), 0);
	assert_int_equal(port_check_selector("some-label", &why), 0);
}

static void
test_what_nobody_has_is_unknown(void **state)
{
	struct port	*list[1];
	struct why	 why = { 0 };
	size_t		 n;

	(void)state;
	assert_string_equal(found("serial=B2"), "ERR_PORT_UNKNOWN");
	assert_string_equal(found("nobody"), "ERR_PORT_UNKNOWN");
	assert_string_equal(found("/dev/ttyUSB9"), "ERR_PORT_UNKNOWN");
	assert_int_equal(port_select("mac=111111111111", list, 1, &n, &why),
	    ERR_PORT_UNKNOWN);
	assert_non_null(strstr(why_text(&why), "read-mac"));
}

static void
test_a_mac_is_that_of_the_last_job_there(void **state)
{
	(void)state;
	known_set("serial=A1 vid=10c4", "esp32", "24:0a:c4:01:02:03", NULL);
	assert_string_equal(found("mac=24:0A:C4:01:02:03"), "0");
	/* The last job knew better than the serial number. */
	known_set("serial=60:55:F9:00:00:01 vid=303a", "esp32c3",
	    "60:55:f9:00:00:02", NULL);
	assert_string_equal(found("mac=60:55:f9:00:00:01"),
	    "ERR_PORT_UNKNOWN");
	known_close();
}

static void
test_a_label_is_an_alias(void **state)
{
	struct why	why = { 0 };

	(void)state;
	assert_int_equal(known_set_label("jig", "location=1-2.3", &why), 0);
	assert_int_equal(known_set_label("ftdi", "vid=0403", &why), 0);
	assert_int_equal(known_set_label("far", "rfc2217://lab:4000", &why), 0);
	assert_int_equal(known_set_label("dev", "/dev/ttyS0", &why), 0);
	assert_int_equal(known_set_label("indirect", "label=jig", &why), 0);
	assert_int_equal(known_set_label("self", "self", &why), 0);
	assert_string_equal(found("jig"), "0");
	assert_string_equal(found("label=JIG"), "0");
	assert_string_equal(found("indirect"), "0");
	assert_string_equal(found("label=ftdi interface=1.1"), "2");
	assert_string_equal(found("all ftdi"), "1 2");
	assert_string_equal(found("far"), "6");
	assert_string_equal(found("dev"), "5");
	assert_string_equal(found("jig serial=B2"), "ERR_PORT_UNKNOWN");
	assert_string_equal(found("self"), "ERR_PARAMS");
	known_close();
}

static void
test_a_port_that_is_away_is_found_only_when_nothing_else_fits(void **state)
{
	(void)state;
	assert_string_equal(found("location=1-7"), "7");
	assert_string_equal(found("vid=10c4 pid=ea60"), "0");
}

static void
test_an_identity_is_a_selector_of_its_port(void **state)
{
	struct why	why = { 0 };

	(void)state;
	for (size_t i = 0; i < PORTS; i++)
		if (ports[i].identity[0] != '/')
			assert_int_equal(port_selected(ports[i].identity,
			    &ports[i], &why), 1);
	assert_int_equal(port_selected("serial=A1", &ports[1], &why), 0);
	assert_int_equal(port_selected("serial=", &ports[1], &why),
	    ERR_PARAMS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_condition_finds_its_port),
		cmocka_unit_test(
		    test_all_means_every_adapter_and_no_strangers),
		cmocka_unit_test(
		    test_several_without_all_are_a_conflict_that_names_them),
		cmocka_unit_test(test_what_is_no_selector_is_said),
		cmocka_unit_test(test_what_nobody_has_is_unknown),
		cmocka_unit_test(test_a_mac_is_that_of_the_last_job_there),
		cmocka_unit_test(test_a_label_is_an_alias),
		cmocka_unit_test(
		    test_a_port_that_is_away_is_found_only_when_nothing_else_fits),
		cmocka_unit_test(test_an_identity_is_a_selector_of_its_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
