#include "proto/rpc/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "proto/base/err.h"

static struct frame	 f;
static struct why	 why;

static int
setup(void **state)
{
	(void)state;
	frame_init(&f);
	why_clear(&why);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	frame_done(&f);
	return 0;
}

static void
add(const char *s)
{
	assert_int_equal(frame_add(&f, s, strlen(s)), 0);
}

/* The next line must be this JSON. */
static void
expect(const char *json)
{
	struct json_object	*o = NULL;

	assert_int_equal(frame_next(&f, &o, &why), 1);
	assert_string_equal(json_object_to_json_string_ext(o,
	    JSON_C_TO_STRING_PLAIN), json);
	json_object_put(o);
}

static void
expect_none(void)
{
	struct json_object	*o = NULL;

	assert_int_equal(frame_next(&f, &o, &why), 0);
	assert_null(o);
}

static void
expect_error(int err, const char *part)
{
	struct json_object	*o = NULL;

	why_clear(&why);
	assert_int_equal(frame_next(&f, &o, &why), err);
	assert_int_equal(why.err, err);
	if (strstr(why.text, part) == NULL)
		fail_msg("\"%s\" lacks \"%s\"", why.text, part);
	assert_null(o);
}

static void
test_a_line_comes_whole_in_any_chunking(void **state)
{
	const char	*text = "{\"a\":[1,2]}\r\n\n  \n\"x\\ny\"\n17\nnull\n{";

	(void)state;
	for (size_t step = 1; step <= strlen(text); step++) {
		size_t	at = 0, lines = 0;
		frame_init(&f);
		while (at < strlen(text)) {
			struct json_object	*o;
			size_t n = strlen(text) - at;

			if (n > step)
				n = step;
			assert_int_equal(frame_add(&f, text + at, n), 0);
			at += n;
			while (frame_next(&f, &o, &why) == 1) {
				lines++;
				if (lines == 3)
					assert_int_equal(
					    json_object_get_int(o), 17);
				json_object_put(o);
			}
		}
		assert_int_equal(lines, 4);
		assert_int_equal(why.err, 0);
		frame_done(&f);
	}
}

static void
test_a_bad_line_does_not_harm_the_next(void **state)
{
	(void)state;
	add("{\"a\":\n{} {}\n{a:1}\n[1,]\n{}x\n{\"ok\":1}\n");
	expect_error(ERR_PARSE, "in the middle");
	expect_error(ERR_PARSE, "byte 3");
	expect_error(ERR_PARSE, "byte");
	expect_error(ERR_PARSE, "byte 3");
	expect_error(ERR_PARSE, "byte 2");
	expect("{\"ok\":1}");
	expect_none();
}

static void
test_a_nul_is_not_the_end_of_a_line(void **state)
{
	(void)state;
	assert_int_equal(frame_add(&f, "{}\0{}\n[]\n", 9), 0);
	expect_error(ERR_PARSE, "follows");
	expect("[]");
}

static void
test_bad_utf8_is_refused(void **state)
{
	(void)state;
	add("\"\xc3\x28\"\n\"\xc3\xa9\"\n");
	expect_error(ERR_PARSE, "not JSON");
	expect("\"\xc3\xa9\"");
}

static void
add_nested(int depth)
{
	for (int i = 0; i < depth; i++)
		add("[");
	add("1");
	for (int i = 0; i < depth; i++)
		add("]");
	add("\n");
}

static void
test_32_levels_pass_and_33_do_not(void **state)
{
	struct json_object	*o = NULL;

	(void)state;
	add_nested(FRAME_DEPTH_MAX);
	assert_int_equal(frame_next(&f, &o, &why), 1);
	json_object_put(o);
	add_nested(FRAME_DEPTH_MAX + 1);
	expect_error(ERR_LIMIT, "32");
	add_nested(100000);
	expect_error(ERR_LIMIT, "32");
}

static void
test_a_line_of_one_megabyte_passes_and_more_does_not(void **state)
{
	char			*s = malloc(FRAME_LINE_MAX + 2);
	struct json_object	*o = NULL;

	(void)state;
	memset(s, 'x', FRAME_LINE_MAX);
	s[0] = s[FRAME_LINE_MAX - 1] = '"';
	s[FRAME_LINE_MAX] = '\n';
	assert_int_equal(frame_add(&f, s, FRAME_LINE_MAX / 2), 0);
	expect_none();
	assert_int_equal(frame_add(&f, s + FRAME_LINE_MAX / 2,
	    FRAME_LINE_MAX + 1 - FRAME_LINE_MAX / 2), 0);
	assert_int_equal(frame_next(&f, &o, &why), 1);
	assert_int_equal(json_object_get_string_len(o), FRAME_LINE_MAX - 2);
	json_object_put(o);

	s[FRAME_LINE_MAX] = 'x';
	assert_int_equal(frame_add(&f, s, FRAME_LINE_MAX), 0);
	assert_int_equal(frame_add(&f, "x", 1), ERR_LIMIT);
	free(s);
}

int
main(void)
{
#define T(x) cmocka_unit_test_setup_teardown(x, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_a_line_comes_whole_in_any_chunking),
		T(test_a_bad_line_does_not_harm_the_next),
		T(test_a_nul_is_not_the_end_of_a_line),
		T(test_bad_utf8_is_refused),
		T(test_32_levels_pass_and_33_do_not),
		T(test_a_line_of_one_megabyte_passes_and_more_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
