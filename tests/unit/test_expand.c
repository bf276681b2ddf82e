#include "client/expand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/esptool.h"
#include "proto/base/err.h"
#include "tests/unit/unit.h"

static struct why	why;

/* The words of a text, as "<a><b>"; or the sentence of a mistake. */
static const char *
words(const char *text)
{
	static char	out[256];
	struct expand	e = { .argc = 0 };
	size_t		at = 0;
	int		r;

	why_clear(&why);
	out[0] = '\0';
	r = expand_text(&e, text, strlen(text), &why);
	for (int i = 0; i < e.argc; i++)
		at += (size_t)snprintf(out + at, sizeof out - at, "<%s>",
		    e.argv[i]);
	expand_done(&e);
	return r < 0 ? why_text(&why) : out;
}

static void
test_words_are_split_as_a_shell_does(void **state)
{
	static const struct { const char *text, *words; } rows[] = {
		{ "", "" }, { " \n\t ", "" },
		{ "flash-id\n", "<flash-id>" },
		{ "a  b\nc\r\n", "<a><b><c>" },
		{ "'a b' \"c d\"", "<a b><c d>" },
		{ "a'b'\"c\"d", "<abcd>" },
		{ "a\\ b", "<a b>" }, { "'a\\b'", "<a\\b>" },
		{ "\"a\\\"b\\\\c\\d\"", "<a\"b\\c\\d>" },
		{ "''", "<>" },
		{ "'open", "a quote has no end" },
		{ "x \"open", "a quote has no end" },
	};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(rows); i++)
		assert_string_equal(words(rows[i].text), rows[i].words);
}

static void
test_a_file_stands_for_its_words(void **state)
{
	char		path[] = "/tmp/test_expand.XXXXXX", at[64], name[] = "e";
	char		*argv[] = { name, at, (char *)"@", (char *)"x", NULL };
	struct expand	e;
	FILE		*f = fdopen(mkstemp(path), "w");

	(void)state;
	assert_non_null(f);
	(void)fputs("-p '/dev/a b'\n@nested\n", f);
	assert_int_equal(fclose(f), 0);
	(void)snprintf(at, sizeof at, "@%s", path);
	assert_int_equal(expand_args(&e, 4, argv, &why), 0);
	assert_true(e.any);
	assert_int_equal(e.argc, 6);
	assert_string_equal(e.argv[1], "-p");
	assert_string_equal(e.argv[2], "/dev/a b");
	assert_string_equal(e.argv[3], "@nested");	/* not looked into */
	assert_string_equal(e.argv[4], "@");
	assert_string_equal(e.argv[5], "x");
	assert_null(e.argv[6]);
	expand_done(&e);
	assert_int_equal(unlink(path), 0);
	why_clear(&why);
	assert_int_equal(expand_args(&e, 2, argv, &why), ERR_FILE_MISSING);
	assert_non_null(strstr(why.text, path));
	expand_done(&e);
}

/* That command looks into the file itself. */
static void
test_a_file_behind_flash_stays(void **state)
{
	static const struct { const char *words[4]; int argc; int r; } rows[] = {
		{ { "e", "flash", "@/no/such/file" }, 3, 0 },
		{ { "e", "-v", "flash", "@/no/such/file" }, 4, 0 },
		{ { "e", "@/no/such/file", "flash" }, 3, ERR_FILE_MISSING },
		{ { "e", "write-flash", "flash", "@/no/such/file" }, 4,
		  ERR_FILE_MISSING },
		{ { "e", "esptool", "@/no/such/file" }, 3, ERR_FILE_MISSING },
	};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		struct expand	e;

		why_clear(&why);
		assert_int_equal(expand_args(&e, rows[i].argc,
		    (char **)rows[i].words, &why), rows[i].r);
		if (rows[i].r == 0)
			assert_string_equal(e.argv[e.argc - 1],
			    "@/no/such/file");
		expand_done(&e);
	}
}

static void
test_there_is_an_end_to_what_is_taken(void **state)
{
	size_t		 size = 2 * (EXPAND_WORDS_MAX + 10);
	char		*text = malloc(size);
	struct expand	 e = { .argc = 0 };

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < size; i++)
		text[i] = i % 2 ? ' ' : 'a';
	why_clear(&why);
	assert_int_equal(expand_text(&e, text, size, &why), ERR_LIMIT);
	assert_int_equal(e.argc, EXPAND_WORDS_MAX);
	expand_done(&e);
	free(text);
	why_clear(&why);
	assert_int_equal(expand_args(&e, 2, (char *[]){ (char *)"e",
	    (char *)"@/dev/zero", NULL }, &why), ERR_LIMIT);
	expand_done(&e);
}

/* esptool 5.3, __init__.py: nothing but 0, 1 and 2. */
static void
test_its_exit_statuses_are_those_of_esptool(void **state)
{
	(void)state;
	for (int err = 0; err > -ERR_COUNT; err--) {
		int	status = esptool_exit(err);

		if (err == 0)
			assert_int_equal(status, 0);
		else if (err == ERR_UNPLUGGED || err == ERR_PORT_FAILED)
			assert_int_equal(status, 1);
		else
			assert_int_equal(status, 2);
	}
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_words_are_split_as_a_shell_does),
		cmocka_unit_test(test_a_file_stands_for_its_words),
		cmocka_unit_test(test_a_file_behind_flash_stays),
		cmocka_unit_test(test_there_is_an_end_to_what_is_taken),
		cmocka_unit_test(test_its_exit_statuses_are_those_of_esptool),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
