#include "client/hsm_conf.h"

#include <stdio.h>
#include <string.h>

#include "proto/base/err.h"
#include "tests/unit/unit.h"

#define BEGIN	"[hsm_config]\npkcs11_lib = /lib/m.so\nslot = 5\nlabel = key\n"

static struct why	why;

/* "lib|slot|label|label_public|pin" of a file; "-" is NULL. */
static const char *
parse(const char *text)
{
	static char	out[1024];
	struct hsm_conf	conf;

	why_clear(&why);
	if (hsm_conf_parse(&conf, text, strlen(text), "hsm.ini", &why) < 0)
		(void)snprintf(out, sizeof out, "%s", why_text(&why));
	else
		(void)snprintf(out, sizeof out, "%s|%lu|%s|%s|%s", conf.lib,
		    conf.slot, conf.label,
		    conf.label_public != NULL ? conf.label_public : "-",
		    conf.pin != NULL ? conf.pin : "-");
	hsm_conf_done(&conf);
	assert_null(conf.pin);
	return out;
}

static void
test_a_whole_file_is_taken(void **state)
{
	(void)state;
	assert_string_equal(parse("[hsm_config]\n"
	    "pkcs11_lib = /usr/lib/softhsm/libsofthsm2.so\n"
	    "credentials = 1234\nslot = 1108821954\n"
	    "label = Private Key for Digital Signature\n"
	    "label_pubkey = Public Key for Digital Signature\n\n"),
	    "/usr/lib/softhsm/libsofthsm2.so|1108821954|Private Key for "
	    "Digital Signature|Public Key for Digital Signature|1234");
}

static void
test_the_public_label_and_the_pin_may_be_left_out(void **state)
{
	(void)state;
	assert_string_equal(parse(BEGIN), "/lib/m.so|5|key|-|-");
	assert_string_equal(parse(BEGIN "credentials =\nlabel_pubkey:\n"),
	    "/lib/m.so|5|key|-|-");
}

static void
test_lines_are_read_as_configparser_reads_them(void **state)
{
	(void)state;
	assert_string_equal(parse("# note\n; note\n[other]\nlabel = no\n"
	    "[hsm_config] behind\nPkcs11_Lib:/lib/m.so\nSLOT=5\n"
	    "label = a = b # no note\n  ; note\n  c\n\n  d\n"
	    "credentials = ; 1:2 = 3\n[more]\nslot = 7\n"),
	    "/lib/m.so|5|a = b # no note\nc\n\nd|-|; 1:2 = 3");
	assert_string_equal(parse("\xef\xbb\xbf[hsm_config]\r\n"
	    "pkcs11_lib=/lib/m.so\r\nslot=5\r\nlabel=\r\n  x\r\n"),
	    "/lib/m.so|5|x|-|-");
	/* A line that is not further in than its key begins anew. */
	assert_string_equal(parse("  [hsm_config]\n  slot = 5\n  label = x\n"
	    "  pkcs11_lib = y"), "y|5|x|-|-");
}

static void
test_default_speaks_for_what_the_section_leaves_out(void **state)
{
	(void)state;
	assert_string_equal(parse("[DEFAULT]\nslot = 9\ncredentials = 77\n"
	    BEGIN), "/lib/m.so|5|key|-|77");
	assert_string_equal(parse("[hsm_config]\nlabel=x\n[DEFAULT]\n"
	    "slot = 9\npkcs11_lib = y\n"), "y|9|x|-|-");
	/* configparser knows [DEFAULT] by these very letters. */
	assert_non_null(strstr(parse("[default]\nslot = 9\n[hsm_config]\n"
	    "label=x\npkcs11_lib=y\n"), "does not set slot"));
}

static void
test_percent_signs_stand_for_other_values(void **state)
{
	(void)state;
	assert_string_equal(parse("[DEFAULT]\nroot = /opt\n[hsm_config]\n"
	    "dir = %(root)s/lib\npkcs11_lib = %(DIR)s/m.so\nslot = 5\n"
	    "label = 100%%\ncredentials = %%(slot)s\n"),
	    "/opt/lib/m.so|5|100%|-|%(slot)s");
	assert_non_null(strstr(parse(BEGIN "credentials = 12%34\n"),
	    "value of credentials that is none of %% and %(key)s"));
	assert_null(strstr(why_text(&why), "12"));
	assert_non_null(strstr(parse(BEGIN "credentials = 1%(label)\n"),
	    "none of %% and"));
	assert_non_null(strstr(parse(BEGIN "credentials = %(pin77)s\n"),
	    "a key that is not set"));
	assert_null(strstr(why_text(&why), "77"));
}

static void
test_values_in_a_circle_come_to_an_end(void **state)
{
	(void)state;
	assert_non_null(strstr(parse(BEGIN "a = %(b)s\nb = %(a)s\n"
	    "credentials = %(a)s\n"), "in a circle, or for too many"));
	assert_non_null(strstr(parse(BEGIN "a =\nb = %(a)s%(a)s%(a)s%(a)s%(a)s\n"
	    "c = %(b)s%(b)s%(b)s%(b)s%(b)s%(b)s%(b)s%(b)s\n"
	    "credentials = %(c)s%(c)s%(c)s%(c)s%(c)s%(c)s%(c)s\n"),
	    "in a circle, or for too many"));
}

static void
test_what_is_missing_is_named(void **state)
{
	(void)state;
	assert_non_null(strstr(parse(""), "hsm.ini has no section [hsm_config]"));
	assert_non_null(strstr(parse("[hsm_config]\nslot=1\nlabel=x\n"),
	    "does not set pkcs11_lib"));
	assert_non_null(strstr(parse("[hsm_config]\npkcs11_lib=y\nlabel=x\n"),
	    "does not set slot"));
	assert_non_null(strstr(parse("[hsm_config]\npkcs11_lib=y\nslot=1\n"),
	    "does not set label"));
	assert_non_null(strstr(parse("[hsm_config]\npkcs11_lib=y\nslot=1\n"
	    "label =\n"), "sets label to nothing"));
	assert_int_equal(why.err, ERR_PARAMS);
}

static void
test_a_slot_is_a_number(void **state)
{
	static const char *const	wrong[] = { "one", "-1", "+1", "1x", "0x",
					    "1 2", "99999999999999999999" };
	char				text[128];

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(wrong); i++) {
		(void)snprintf(text, sizeof text, "[hsm_config]\nlabel=x\n"
		    "pkcs11_lib=y\nslot=%s\n", wrong[i]);
		assert_non_null(strstr(parse(text), "slot is none of"));
	}
	assert_string_equal(parse("[hsm_config]\nlabel=x\npkcs11_lib=y\n"
	    "slot=0x1F\n"), "y|31|x|-|-");
	assert_string_equal(parse("[hsm_config]\nlabel=x\npkcs11_lib=y\n"
	    "slot=007\n"), "y|7|x|-|-");
}

static void
test_mistakes_name_their_line_and_never_show_it(void **state)
{
	(void)state;
	assert_non_null(strstr(parse(BEGIN "4711\n"), "hsm.ini, line 5"));
	assert_null(strstr(why_text(&why), "4711"));
	assert_non_null(strstr(parse("slot = 4711\n" BEGIN), "line 1"));
	assert_non_null(strstr(parse(BEGIN "= 4711\n"), "line 5"));
	assert_non_null(strstr(parse(BEGIN "Slot = 4711\n"),
	    "line 5: [hsm_config] sets this option twice"));
	assert_null(strstr(why_text(&why), "4711"));
	assert_non_null(strstr(parse(BEGIN BEGIN), "line 5: a second section"));
}

static void
test_large_files_and_binary_ones_are_refused(void **state)
{
	static char	text[HSM_CONF_MAX + 1];
	struct hsm_conf	conf;

	(void)state;
	memset(text, '\n', sizeof text);
	why_clear(&why);
	assert_int_equal(hsm_conf_parse(&conf, text, sizeof text, "f", &why),
	    ERR_PARAMS);
	assert_non_null(strstr(why_text(&why), "more than 65536 bytes"));
	hsm_conf_done(&conf);
	why_clear(&why);
	assert_int_equal(hsm_conf_parse(&conf, "[a]\0", 4, "f", &why),
	    ERR_PARAMS);
	assert_string_equal(why_text(&why), "f is no text");
	hsm_conf_done(&conf);
}

static void
test_more_than_fits_is_refused(void **state)
{
	static char	text[16384];
	size_t		n;

	(void)state;
	n = (size_t)snprintf(text, sizeof text, BEGIN "credentials = ");
	memset(text + n, '7', 4096);
	assert_int_equal(strlen(parse(text)), 1023);	/* cut, not refused */
	text[n + 4096] = '7';
	assert_non_null(strstr(parse(text), "more than 4096 bytes"));
	assert_null(strstr(why_text(&why), "77"));
	n = (size_t)snprintf(text, sizeof text, BEGIN);
	for (int i = 0; i < 256; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "x%d=\n", i);
	assert_non_null(strstr(parse(text), "more than 256 options"));
}

int
main(void)
{
	static const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_a_whole_file_is_taken),
		cmocka_unit_test(
		    test_the_public_label_and_the_pin_may_be_left_out),
		cmocka_unit_test(
		    test_lines_are_read_as_configparser_reads_them),
		cmocka_unit_test(
		    test_default_speaks_for_what_the_section_leaves_out),
		cmocka_unit_test(test_percent_signs_stand_for_other_values),
		cmocka_unit_test(test_values_in_a_circle_come_to_an_end),
		cmocka_unit_test(test_what_is_missing_is_named),
		cmocka_unit_test(test_a_slot_is_a_number),
		cmocka_unit_test(
		    test_mistakes_name_their_line_and_never_show_it),
		cmocka_unit_test(test_large_files_and_binary_ones_are_refused),
		cmocka_unit_test(test_more_than_fits_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
