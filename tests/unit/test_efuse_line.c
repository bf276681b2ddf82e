/* The command line of espefuse. */
#include "client/efuse_line.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "client/efuse.h"
#include "client/member.h"
#include "client/rcfile.h"
#include "proto/base/err.h"

enum { WORDS_MAX = 32 };

static char *
no_env(const char *name)
{
	(void)name;
	return NULL;
}

static char *
chip_env(const char *name)
{
	static char	chip[] = "esp32c3";

	return strcmp(name, "ESPTOOL_CHIP") == 0 ? chip : NULL;
}

static const struct args_source	bare = { .env = no_env };

/* Words with blanks between them, as a shell gives them. */
static int
parse(struct efuse_line *l, const char *text, struct why *why)
{
	static char	 copy[512];
	char		*argv[WORDS_MAX] = { (char *)"espefuse" }, *rest, *word;
	int		 argc = 1;

	assert_true(strlen(text) < sizeof copy);
	memcpy(copy, text, strlen(text) + 1);
	for (word = strtok_r(copy, " ", &rest); word != NULL;
	    word = strtok_r(NULL, " ", &rest))
		argv[argc++] = word;
	return efuse_line_parse(l, argc, argv, &bare, why);
}

static void
assert_refused(const char *text, const char *part)
{
	struct efuse_line	l;
	struct why		why = { 0 };

	assert_int_equal(parse(&l, text, &why), ERR_USAGE);
	if (strstr(why_text(&why), part) == NULL)
		fail_msg("\"%s\" without \"%s\"", why_text(&why), part);
	efuse_line_done(&l);
}

static void
commands_follow_each_other_with_their_words(void **state)
{
	struct efuse_line	l;
	struct why		why = { 0 };

	(void)state;
	assert_int_equal(parse(&l, "--virt burn-bit BLOCK2 3 4 burn-efuse "
	    "DIS_ICACHE 1 summary", &why), 0);
	assert_true(l.virt);
	assert_int_equal(l.count, 3);
	assert_string_equal(l.commands[0].verb->name, "burn-bit");
	assert_int_equal(l.commands[0].count, 3);
	assert_string_equal(l.commands[0].words[2], "4");
	assert_string_equal(l.commands[1].words[0], "DIS_ICACHE");
	assert_int_equal(l.commands[2].count, 0);
	efuse_line_done(&l);
}

static void
options_stand_anywhere(void **state)
{
	struct efuse_line	l;
	struct why		why = { 0 };

	(void)state;
	assert_int_equal(parse(&l, "burn-key BLOCK4 --no-read-protect key -d "
	    "USER --chip=esp32c3 --force-write-always summary --format json "
	    "--do-not-confirm -p/dev/ttyS7", &why), 0);
	assert_int_equal(l.commands[0].count, 3);
	assert_string_equal(l.commands[0].words[2], "USER");
	assert_true(l.commands[0].readable && l.commands[0].always);
	assert_false(l.commands[0].writable);
	assert_string_equal(l.commands[1].format, "json");
	assert_true(l.debug && l.do_not_confirm && l.postpone);
	assert_string_equal(member_text(l.params, "chip", ""), "esp32c3");
	assert_string_equal(json_object_get_string(json_object_array_get_idx(
	    member_array(l.params, "port"), 0)), "/dev/ttyS7");
	efuse_line_done(&l);
}

static void
older_spellings_are_told(void **state)
{
	struct efuse_line	l;
	struct why		why = { 0 };

	(void)state;
	assert_int_equal(parse(&l, "--before no_reset --do_not_confirm "
	    "burn_custom_mac aa:bb:cc:dd:ee:f0", &why), 0);
	assert_int_equal(array_count(l.older), 3);
	assert_string_equal(member_text(l.params, "before", ""), "no-reset");
	assert_true(l.do_not_confirm);
	efuse_line_done(&l);
}

static void
no_protect_key_is_both(void **state)
{
	struct efuse_line	l;
	struct why		why = { 0 };

	(void)state;
	assert_int_equal(parse(&l, "--no-postpone burn-key BLOCK3 f "
	    "--no-protect-key", &why), 0);
	assert_true(l.commands[0].readable && l.commands[0].writable);
	assert_false(l.postpone);
	efuse_line_done(&l);
}

static void
what_cannot_be_meant_is_refused(void **state)
{
	(void)state;
	assert_refused("sumary", "did you mean summary?");
	assert_refused("summary --recovery", "no option --recovery");
	assert_refused("--recovery check-error", "behind the command");
	assert_refused("--virtu summary", "did you mean --virt?");
	assert_refused("summary --format xml", "--format");
	assert_refused("dump --format", "needs a value");
	assert_refused("--virt=yes dump", "takes no value");
	assert_refused("burn-efuse", "needs");
	assert_refused("dump BLOCK0", "BLOCK0");
	assert_refused("burn-custom-mac a b", "'b'");
	assert_refused("burn-block-data -o x BLOCK3 f", "no number");
	assert_refused("-q summary", "-q");
	assert_refused("execute_scripts a.py", "REMOVED");
	assert_refused("--baud fast summary", "--baud");
}

static void
the_environment_stands_in(void **state)
{
	char			*argv[] = { (char *)"espefuse",
				    (char *)"summary", NULL };
	struct args_source	 from = { .env = chip_env };
	struct efuse_line	 l;
	struct why		 why = { 0 };

	(void)state;
	assert_int_equal(efuse_line_parse(&l, 2, argv, &from, &why), 0);
	assert_string_equal(member_text(l.params, "chip", ""), "esp32c3");
	efuse_line_done(&l);
}

static void
a_configuration_file_speaks_for_jobs(void **state)
{
	char			*argv[] = { (char *)"espefuse",
				    (char *)"summary", NULL };
	struct rcfile		 config = { .path = (char *)"esptool.cfg" };
	struct args_source	 from = { .env = no_env, .config = &config };
	struct efuse_line	 l;
	struct why		 why = { 0 };

	(void)state;
	config.values = json_object_new_object();
	json_object_object_add(config.values, "custom_reset_sequence",
	    json_object_new_string("D0|W0.1"));
	assert_int_equal(efuse_line_parse(&l, 2, argv, &from, &why), 0);
	assert_string_equal(member_text(l.params, "reset_sequence", ""),
	    "D0|W0.1");
	efuse_line_done(&l);
	json_object_put(config.values);
}

static void
help_needs_no_operands(void **state)
{
	struct efuse_line	l;
	struct why		why = { 0 };

	(void)state;
	assert_int_equal(parse(&l, "burn-key --help", &why), 0);
	assert_true(l.help && l.commands[0].help);
	efuse_line_done(&l);
}

static void
words_behind_two_dashes_are_no_options(void **state)
{
	struct efuse_line	l;
	struct why		why = { 0 };

	(void)state;
	assert_int_equal(parse(&l, "burn-block-data BLOCK3 -- --force",
	    &why), 0);
	assert_string_equal(l.commands[0].words[1], "--force");
	efuse_line_done(&l);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(commands_follow_each_other_with_their_words),
		cmocka_unit_test(options_stand_anywhere),
		cmocka_unit_test(older_spellings_are_told),
		cmocka_unit_test(no_protect_key_is_both),
		cmocka_unit_test(what_cannot_be_meant_is_refused),
		cmocka_unit_test(the_environment_stands_in),
		cmocka_unit_test(a_configuration_file_speaks_for_jobs),
		cmocka_unit_test(help_needs_no_operands),
		cmocka_unit_test(words_behind_two_dashes_are_no_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
