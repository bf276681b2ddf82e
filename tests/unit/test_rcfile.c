#include "client/rcfile.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <json-c/json.h>

#include "proto/base/err.h"
#include "tests/unit/unit.h"

static struct why	why;
static char		root[] = "/tmp/test_rcfile.XXXXXX", *cwd;

/* The section as JSON; "none", or the sentence of a mistake. */
static const char *
parse(const char *text)
{
	static char		 out[256];
	struct json_object	*values = NULL;

	why_clear(&why);
	if (rcfile_parse(text, strlen(text), &values, &why) < 0) {
		assert_null(values);
		return why_text(&why);
	}
	(void)snprintf(out, sizeof out, "%s", values == NULL ? "none" :
	    json_object_to_json_string_ext(values, JSON_C_TO_STRING_PLAIN |
	    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(values);
	return out;
}

static void
test_only_the_section_esptool_counts(void **state)
{
	(void)state;
	assert_string_equal(parse(""), "none");
	assert_string_equal(parse("[tox]\na = 1\na = 1\nwhat is this\n"),
	    "none");
	assert_string_equal(parse("[esptool]\n"), "{}");
	assert_string_equal(parse("[flake8]\nx=1\n[esptool]\ntimeout=3\n"
	    "[other]\ntimeout=4\n"), "{\"timeout\":\"3\"}");
	assert_string_equal(parse("[wrong section name]"), "none");
}

static void
test_lines_are_read_as_ini_files_have_them(void **state)
{
	(void)state;
	assert_string_equal(parse("[esptool]\n# note\n; note\n\n"
	    "Timeout: 3\r\nconnect_attempts=7"),
	    "{\"timeout\":\"3\",\"connect_attempts\":\"7\"}");
	assert_string_equal(parse("[esptool]\ncustom_reset_sequence = D0|W0.1\n"
	    "   |R1\n"), "{\"custom_reset_sequence\":\"D0|W0.1 |R1\"}");
	assert_string_equal(parse("[esptool]\na =\n"), "{\"a\":\"\"}");
}

static void
test_mistakes_name_their_line(void **state)
{
	(void)state;
	assert_string_equal(parse("[esptool]\nconnect_attempts = 5\n"
	    "connect_attempts = 9\n"), "line 3: option 'connect_attempts' in "
	    "section 'esptool' already exists");
	assert_non_null(strstr(parse("[esptool]\n\nnonsense\n"), "line 3"));
	assert_non_null(strstr(parse("[esptool]\n= 3\n"), "line 2"));
	assert_int_equal(why.err, ERR_PARAMS);
}

static void
put(const char *name, const char *text)
{
	FILE	*f = fopen(name, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void
test_the_first_file_with_the_section_is_it(void **state)
{
	struct rcfile	c;
	char		path[64];

	(void)state;
	put("esptool.cfg", "[other]\n");
	put("tox.ini", "[esptool]\nconnect_attempts = 4\n");
	rcfile_load(&c);
	(void)snprintf(path, sizeof path, "%s/tox.ini", root);
	assert_string_equal(c.path, path);
	assert_false(c.from_env);
	assert_string_equal(rcfile_value(&c, "connect_attempts"), "4");
	assert_null(rcfile_value(&c, "open_port_attempts"));
	rcfile_done(&c);
	put("named.ini", "[esptool]\nconnect_attempts = 6\n");
	assert_int_equal(setenv("ESPTOOL_CFGFILE", "named.ini", 1), 0);
	rcfile_load(&c);
	assert_true(c.from_env);
	assert_string_equal(rcfile_value(&c, "connect_attempts"), "6");
	rcfile_done(&c);
	/* As esptool: one that is missing is not missed. */
	assert_int_equal(setenv("ESPTOOL_CFGFILE", "nowhere.ini", 1), 0);
	rcfile_load(&c);
	assert_string_equal(c.path, path);
	rcfile_done(&c);
	assert_int_equal(unlink("tox.ini"), 0);
	assert_int_equal(mkdir(".config", 0700), 0);
	assert_int_equal(mkdir(".config/esptool", 0700), 0);
	put(".config/esptool/setup.cfg", "[esptool]\n");
	rcfile_load(&c);
	assert_non_null(strstr(c.path, ".config/esptool/setup.cfg"));
	rcfile_done(&c);
}

static void
expect_list(struct json_object *list, const char *want)
{
	assert_string_equal(json_object_to_json_string_ext(list,
	    JSON_C_TO_STRING_PLAIN), want);
}

static void
test_what_has_no_effect_is_told(void **state)
{
	struct rcfile	c;

	(void)state;
	put("esptool.cfg", "[esptool]\nconnect_attempts = 9\ntimoout = 2\n"
	    "bits = 2\nreset_delay = 1\n");
	rcfile_load(&c);
	expect_list(c.unknown, "[\"bits\",\"timoout\"]");
	expect_list(c.idle, "[\"reset_delay\"]");
	expect_list(c.invalid, "[]");
	assert_null(rcfile_value(&c, "reset_delay"));
	rcfile_done(&c);
	put("esptool.cfg", "[esptool]\na = 1\na = 2\n");
	rcfile_load(&c);
	assert_null(c.path);
	assert_int_equal(json_object_array_length(c.invalid), 1);
	assert_non_null(strstr(json_object_get_string(c.invalid),
	    "option 'a' in section 'esptool' already exists"));
	rcfile_done(&c);
}

static int
setup(void **state)
{
	(void)state;
	(void)snprintf(root, sizeof root, "/tmp/test_rcfile.XXXXXX");
	cwd = realpath(".", NULL);
	if (cwd == NULL || mkdtemp(root) == NULL || chdir(root) < 0)
		return -1;
	(void)unsetenv("ESPTOOL_CFGFILE");
	return setenv("HOME", root, 1);
}

static int
teardown(void **state)
{
	static const char *const	names[] = { "esptool.cfg", "tox.ini",
					    "named.ini",
					    ".config/esptool/setup.cfg" };

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(names); i++)
		(void)unlink(names[i]);
	(void)rmdir(".config/esptool");
	(void)rmdir(".config");
	if (chdir(cwd) < 0 || rmdir(root) < 0)
		return -1;
	free(cwd);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_only_the_section_esptool_counts),
		cmocka_unit_test(test_lines_are_read_as_ini_files_have_them),
		cmocka_unit_test(test_mistakes_name_their_line),
		cmocka_unit_test_setup_teardown(
		    test_the_first_file_with_the_section_is_it, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_what_has_no_effect_is_told, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
