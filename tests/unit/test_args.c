#include "client/args.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "client/command.h"
#include "client/file.h"
#include "client/filter.h"
#include "client/rcfile.h"
#include "proto/base/err.h"
#include "proto/rpc/method.h"

enum { WORDS_MAX = 32 };

static struct args	 args;
static struct why	 why;
static char		*line;
static const char	*env_name, *env_value;

static char *
env(const char *name)
{
	return env_name != NULL && strcmp(name, env_name) == 0 ?
	    (char *)env_value : NULL;
}

static struct args_source	source = { .env = env };

/* Parse a command line; words are what stands between blanks. */
static int
parse(const char *words)
{
	char	*argv[WORDS_MAX] = { (char *)"espctl" }, *save = NULL;
	int	 argc = 1;

	args_done(&args);
	free(line);
	why_clear(&why);
	line = strdup(words);
	for (char *w = strtok_r(line, " ", &save); w != NULL;
	    w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	return args_parse(&args, argc, argv, &source, &why);
}

static int
teardown(void **state)
{
	(void)state;
	args_done(&args);
	free(line);
	line = NULL;
	env_name = env_value = NULL;
	source.config = NULL;
	source.lenient = false;
	return 0;
}

static void
expect(const char *words, const char *params)
{
	if (parse(words) != 0)
		fail_msg("%s: %s", words, why_text(&why));
	assert_string_equal(json_object_to_json_string_ext(args.params,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE), params);
}

static void
expect_error(const char *words, const char *part)
{
	assert_int_equal(parse(words), ERR_USAGE);
	if (strstr(why.text, part) == NULL)
		fail_msg("%s: \"%s\" lacks \"%s\"", words, why.text, part);
	assert_null(strchr(why.text, '\n'));
}

static void
test_every_command_has_its_method(void **state)
{
	(void)state;
	for (const struct command *c = commands; c->name != NULL; c++) {
		assert_ptr_equal(command_find(c->name), c);
		assert_non_null(c->run);
		assert_non_null(c->help);
		assert_true(c->min <= c->max);
		assert_true((c->max > 0) == (c->operands[0] != '\0'));
		assert_true(c->method == NULL || method_find(c->method) != NULL);
	}
}

static void
test_options_stand_before_or_after_the_command(void **state)
{
	const char	*params = "{\"port\":[\"/dev/a\"],\"baud\":460800}";

	(void)state;
	expect("-p /dev/a -b 460800 flash-id", params);
	expect("flash-id --port /dev/a --baud 460800", params);
	expect("-p/dev/a flash-id --baud=460800", params);
	expect("--port=/dev/a flash-id -b460800", params);
	assert_string_equal(args.command->method, "flash.id");
}

static void
test_old_spellings_are_the_new_ones(void **state)
{
	(void)state;
	expect("--port /dev/a --before default_reset --after no_reset_stub "
	    "--no_stub --connect_attempts 3 flash_id",
	    "{\"port\":[\"/dev/a\"],\"before\":\"default-reset\","
	    "\"after\":\"no-reset-stub\",\"no_stub\":true,"
	    "\"connect_attempts\":3}");
	expect("write_flash -z 0x1000 a_b.bin --erase_all",
	    "{\"plain\":false,\"erase_all\":true}");
	assert_int_equal(args.operand_count, 2);
	assert_string_equal(args.operands[1], "a_b.bin");
	expect("-c ESP32-S3 chip_id --connect-attempts -1",
	    "{\"chip\":\"ESP32-S3\",\"connect_attempts\":0}");
}

static void
test_ports_add_up_and_other_options_replace(void **state)
{
	(void)state;
	expect("-p /dev/a -p rfc2217://h:1 -b 9600 -b 115200 read-mac",
	    "{\"port\":[\"/dev/a\",\"rfc2217://h:1\"],\"baud\":115200}");
	expect("-p ttyUSB0 read-mac", "{\"port\":[\"/dev/ttyUSB0\"]}");
}

static void
test_a_port_is_any_selector(void **state)
{
	static const struct { const char *word, *selector; } rows[] = {
		{ "/dev/ttyUSB0", "/dev/ttyUSB0" },
		{ "rfc2217://host:4000?x", "rfc2217://host:4000?x" },
		{ "ttyACM3", "/dev/ttyACM3" },
		{ "stdin", "/dev/stdin" },	/* a link in /dev */
		{ "bench-7", "bench-7" },	/* a label */
		{ "all", "all" },
		{ "all vid=303a", "all vid=303a" },
		{ "vid=303a pid=1001", "vid=303a pid=1001" },
		{ "serial=a/b", "serial=a/b" },
		{ "location=1-2.3:1.1", "location=1-2.3:1.1" },
		{ "bench,left", "bench,left" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char	*selector = args_selector(rows[i].word);

		assert_string_equal(selector, rows[i].selector);
		free(selector);
	}
	expect("-p serial=A -p all -p label=b read-mac",
	    "{\"port\":[\"serial=A\",\"all\",\"label=b\"]}");
}

static void
test_a_relative_device_is_named_from_the_root(void **state)
{
	char	*selector, *here, *want;

	(void)state;
	here = realpath(".", NULL);
	assert_non_null(here);
	assert_true(asprintf(&want, "%s/./my=port", here) > 0);
	selector = args_selector("./my=port");
	assert_string_equal(selector, want);
	free(selector);
	free(want);
	free(here);
}

static const char *
filters_text(void)
{
	return json_object_to_json_string_ext(args.filters,
	    JSON_C_TO_STRING_PLAIN);
}

static void
test_port_filters_add_up_and_take_all_that_follow(void **state)
{
	(void)state;
	expect("--port-filter vid=0x303A --port_filter=pid=4097 flash-id", "{}");
	assert_string_equal(filters_text(),
	    "[\"vid=0x303A\",\"pid=4097\"]");
	expect("--port-filter vid=0x303A serial=AB name=ACM flash-id", "{}");
	assert_string_equal(filters_text(),
	    "[\"vid=0x303A\",\"serial=AB\",\"name=ACM\"]");
	expect("flash-id --port-filter mac=1 --no-stub", "{\"no_stub\":true}");
	expect("ports --port-filter vid=0x303A", "{}");
	expect_error("flash-id --port-filter", "needs a value");
	expect_error("flash-id --port-filter 303a", "none; one looks like");
	expect_error("flash-id -p /dev/a --port-filter vid=1", "one of them");
	expect_error("jobs --port-filter vid=1", "jobs has no option");
	env_name = "ESPTOOL_PORT";
	env_value = "/dev/b";
	expect("flash-id --port-filter vid=1", "{}");
}

/* Do the filters let a port through?  1, 0, or -1: they are wrong. */
static int
filter(const char *filters, const char *port)
{
	struct json_object	*f = json_tokener_parse(filters);
	struct json_object	*p = json_tokener_parse(port);
	int			 r;

	assert_non_null(f);
	assert_non_null(p);
	why_clear(&why);
	r = filter_check(f, &why) < 0 ? -1 : filter_fits(f, p);
	json_object_put(f);
	json_object_put(p);
	return r;
}

static void
test_a_filter_is_any_of_one_key_and_all_of_the_keys(void **state)
{
	static const char	port[] = "{\"port\":\"/dev/ttyUSB0\","
				    "\"vid\":\"303a\",\"pid\":\"1001\","
				    "\"serial\":\"AA:bb:01\","
				    "\"description\":\"USB JTAG\","
				    "\"location\":\"1-2.3\","
				    "\"interface\":\"1.0\","
				    "\"mac\":\"aa:bb:01:02:03:04\","
				    "\"labels\":[\"left\",\"top\"]}";
	static const struct { const char *filters; int fits; } rows[] = {
		{ "[]", 1 },
		{ "[\"vid=0x303A\"]", 1 }, { "[\"vid=12346\"]", 1 },
		{ "[\"vid=303a\"]", 1 }, { "[\"vid=0x303b\"]", 0 },
		{ "[\"pid=1001\"]", 0 },		/* decimal, as esptool */
		{ "[\"pid=0x1001\"]", 1 },
		{ "[\"vid=1\",\"vid=0x303A\"]", 1 },
		{ "[\"vid=0x303A\",\"pid=1\"]", 0 },
		{ "[\"vid=0x303A\",\"pid=0x1001\"]", 1 },
		{ "[\"name=usb0\"]", 1 }, { "[\"name=jtag\"]", 1 },
		{ "[\"name=ACM\"]", 0 },
		{ "[\"serial=BB\"]", 1 }, { "[\"serial=cc\"]", 0 },
		{ "[\"location=1-2.3\"]", 1 }, { "[\"location=1-2\"]", 0 },
		{ "[\"location=1-2.3:1.0\"]", 1 },
		{ "[\"location=1-2.3:1.1\"]", 0 },
		{ "[\"mac=AA:BB:01:02:03:04\"]", 1 }, { "[\"mac=aa\"]", 0 },
		{ "[\"label=Top\"]", 1 }, { "[\"label=to\"]", 0 },
		{ "[\"vid=\"]", -1 }, { "[\"vid=0x303AA\"]", -1 },
		{ "[\"vid=xyz\"]", -1 }, { "[\"colour=red\"]", -1 },
		{ "[\"serial=\"]", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (filter(rows[i].filters, port) != rows[i].fits)
			fail_msg("%s", rows[i].filters);
	assert_int_equal(filter("[\"vid=1\"]", "{\"port\":\"/dev/a\"}"), 0);
}

static void
test_options_of_espctl_go_with_their_commands(void **state)
{
	(void)state;
	expect("ports --follow", "{}");
	assert_true(args.follow);
	expect("label left --remove", "{}");
	assert_true(args.remove);
	expect_error("jobs --follow", "jobs has no option --follow");
	expect_error("ports --remove", "ports has no option --remove");
	expect_error("labels left", "\"left\" is too much");
	expect_error("label", "NAME [SELECTOR]");
}

static void
test_short_options_may_stand_together(void **state)
{
	(void)state;
	expect("-uetp /dev/a write-flash 0 f",
	    "{\"plain\":true,\"erase_all\":true,\"trace\":true,"
	    "\"port\":[\"/dev/a\"]}");
}

static void
test_keys_of_two_letters(void **state)
{
	(void)state;
	expect("write-flash -fm dio -ff=40m -fs 4MB -sc 6,17,8,11,16 0 f",
	    "{\"flash_mode\":\"dio\",\"flash_freq\":\"40m\","
	    "\"flash_size\":\"4MB\","
	    "\"spi_connection\":\"6,17,8,11,16\"}");
	expect_error("write-flash -fm fast 0 f", "-fm: ");
	expect_error("write-flash -fx 0 f", "there is no option -f");
	expect_error("read-mac -fm dio", "read-mac has no option --flash-mode");
}

/* esptool 5.3, __init__.py: letters collide between the levels. */
static void
test_a_letter_may_mean_another_option_behind_its_command(void **state)
{
	(void)state;
	expect("-p /dev/a write-flash -p 0 f", "{\"port\":[\"/dev/a\"]}");
	assert_true(args.no_progress);
	expect("flash-id -p /dev/a", "{\"port\":[\"/dev/a\"]}");
	assert_false(args.no_progress);
	expect("-p /dev/a read-flash 0 all f -p", "{\"port\":[\"/dev/a\"]}");
	assert_true(args.no_progress);
	expect("-s write-flash -s 0 f", "{\"skip_flashed\":true}");
	assert_true(args.silent);
	expect("-s flash-id", "{}");
	assert_true(args.silent);
	expect("verify-flash -d 0 f", "{}");
	assert_true(args.diff);
}

static void
test_flash_sizes_in_megabits(void **state)
{
	static const struct { const char *old, *now; } rows[] = {
		{ "2m", "256KB" }, { "4m", "512KB" }, { "8m", "1MB" },
		{ "16m", "2MB" }, { "32m", "4MB" }, { "64m", "8MB" },
		{ "128m", "16MB" }, { "16m-c1", "2MB-c1" },
		{ "32m-c1", "4MB-c1" }, { "4MB-c1", "4MB-c1" },
		{ "detect", "detect" },
	};
	char	words[64], params[64];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		(void)snprintf(words, sizeof words,
		    "write_flash --flash_size %s 0 f", rows[i].old);
		(void)snprintf(params, sizeof params,
		    "{\"flash_size\":\"%s\"}", rows[i].now);
		expect(words, params);
	}
	expect_error("write-flash -fs 10MB 0 f", "-fs: ");
}

static void
expect_words(const struct args_words *w, const char *want)
{
	char	got[80] = "";
	size_t	at = 0;

	for (size_t i = 0; i < w->count; i++)
		at += (size_t)snprintf(got + at, sizeof got - at, "%s%s",
		    i > 0 ? " " : "", w->words[i]);
	assert_string_equal(got, want);
}

static void
test_some_options_take_all_words_up_to_the_next(void **state)
{
	(void)state;
	expect("write-flash 0 a 4096 b --diff-with x skip --force",
	    "{\"force\":true}");
	expect_words(&args.diff_with, "x skip");
	assert_int_equal(args.operand_count, 4);
	expect("write-flash --encrypt-files 0 a 0x1000 b", "{}");
	expect_words(&args.encrypt_files, "0 a 0x1000 b");
	assert_int_equal(args.operand_count, 0);
	expect_error("write-flash 0 a --diff-with", "needs a value");
	expect_error("write-flash 0 a --diff-with x -u --diff-with y",
	    "twice");
	expect_error("read-flash 0 1 f --encrypt", "no option --encrypt");
	expect_error("flash-id --diff-with x", "no option --diff-with");
}

/* What seed/esptool-v3-readme.md and its release wrote. */
static void
test_spellings_of_esptool_3(void **state)
{
	(void)state;
	expect("--before default_reset write_flash "
	    "--ignore-flash-encryption-efuse-setting --flash_mode dio 0 f",
	    "{\"before\":\"default-reset\",\"ignore_flash_enc_efuse\":true,"
	    "\"flash_mode\":\"dio\"}");
	expect("write_flash 0 f --no-diff-verify --diff-with o",
	    "{\"trust_flash_content\":true}");
	expect("verify_flash --diff yes 0 f", "{}");
	assert_true(args.diff);
	assert_int_equal(args.operand_count, 2);
	expect("verify_flash --diff no 0 f", "{}");
	assert_false(args.diff);
	expect("write_flash_status --non-volatile --bytes 3 0x123456",
	    "{\"non_volatile\":true,\"bytes\":3}");
	expect("read_flash_sfdp 0 4", "{}");
	expect("write_flash --verify 0 f", "{}");
	expect_error("read_flash --verify 0 1 f", "no option --verify");
}

/* -t, -f, -a and -e are other options with other commands, and --format and
 * --pad-to-size mean what they mean to the command's own method. */
static void
test_letters_behind_merge_bin_and_make_image(void **state)
{
	(void)state;
	expect("merge-bin -o m -f hex -t 0x1000 --chunk-size 8 "
	    "--pad-to-size 4MB 0 f", "{\"format\":\"hex\","
	    "\"target_offset\":4096,\"chunk_size\":8,"
	    "\"pad_to_size\":4194304}");
	assert_string_equal(args.output, "m");
	expect("make_image -f a -a 0x10 -f b -a 0x20 -e 0x14 out",
	    "{\"entry\":20}");
	assert_int_equal(args.segfiles.count, 2);
	assert_string_equal(args.segfiles.words[1], "b");
	assert_string_equal(args.segaddrs.words[0], "0x10");
	assert_int_equal(args.operand_count, 1);
	expect_error("merge-bin -f elf -o m 0 f", "raw|uf2|hex");
	expect_error("merge-bin --segfile a 0 f", "no option --segfile");
	expect_error("merge-bin --chunk-size -1 0 f", "chunk-size");
	expect("write-flash -e 0 f", "{\"erase_all\":true}");
}

static void
test_older_spellings_are_noted_in_their_order(void **state)
{
	(void)state;
	expect("--before default_reset write_flash --flash_size keep "
	    "--flash_mode=keep 0 f_f", "{\"before\":\"default-reset\","
	    "\"flash_size\":\"keep\",\"flash_mode\":\"keep\"}");
	assert_string_equal(json_object_to_json_string_ext(args.older,
	    JSON_C_TO_STRING_PLAIN), "["
	    "\"Choice 'default_reset' for option '--before' is deprecated. "
	    "Use 'default-reset' instead.\","
	    "\"Command 'write_flash' is deprecated. Use 'write-flash' "
	    "instead.\","
	    "\"Option '--flash_size' is deprecated. Use '--flash-size' "
	    "instead.\","
	    "\"Option '--flash_mode' is deprecated. Use '--flash-mode' "
	    "instead.\"]");
	expect("merge_bin --fill-flash-size 4MB -o m 0 f",
	    "{\"pad_to_size\":4194304}");
	assert_non_null(strstr(json_object_get_string(args.older), "Option "
	    "'--fill-flash-size' is deprecated. Use '--pad-to-size' instead."));
	expect("write-flash 0 f_f", "{}");
	assert_int_equal(json_object_array_length(args.older), 0);
}

static void
test_attempts_to_open_a_port(void **state)
{
	(void)state;
	expect("flash-id", "{}");
	assert_int_equal(args.open_attempts, 1);
	expect("flash-id --open-port-attempts 5", "{}");
	assert_int_equal(args.open_attempts, 5);
	env_name = "ESPTOOL_OPEN_PORT_ATTEMPTS";
	env_value = "0";
	expect("flash-id", "{}");
	assert_int_equal(args.open_attempts, 0);
	expect("flash-id --open-port-attempts 2", "{}");
	assert_int_equal(args.open_attempts, 2);
	expect("jobs", "{}");
	env_value = "often";
	expect_error("flash-id", "ESPTOOL_OPEN_PORT_ATTEMPTS: \"often\" is no "
	    "whole number");
}

static void
test_a_configuration_file_comes_last(void **state)
{
	static char	path[] = "/etc/esptool.cfg";
	struct rcfile	config = { .path = path };

	(void)state;
	config.values = json_tokener_parse("{\"connect_attempts\":\"3\","
	    "\"custom_reset_sequence\":\"D0|R1\","
	    "\"open_port_attempts\":\"4\"}");
	source.config = &config;
	expect("flash-id", "{\"connect_attempts\":3,"
	    "\"reset_sequence\":\"D0|R1\"}");
	assert_int_equal(args.open_attempts, 4);
	expect("flash-id --connect-attempts 9 --reset-sequence R0 "
	    "--open-port-attempts 1", "{\"connect_attempts\":9,"
	    "\"reset_sequence\":\"R0\"}");
	assert_int_equal(args.open_attempts, 1);
	env_name = "ESPTOOL_CONNECT_ATTEMPTS";
	env_value = "5";
	expect("flash-id", "{\"connect_attempts\":5,"
	    "\"reset_sequence\":\"D0|R1\"}");
	env_name = NULL;
	json_object_put(config.values);
	config.values = json_tokener_parse("{\"connect_attempts\":\"abc\"}");
	expect_error("flash-id", "/etc/esptool.cfg: connect_attempts: a whole "
	    "number is wanted");
	expect("jobs", "{}");
	json_object_put(config.values);
}

static void
test_esptool_takes_the_options_of_jobs_with_every_command(void **state)
{
	(void)state;
	expect_error("--chip esp32 version", "version has no option --chip");
	source.lenient = true;
	expect("--chip esp32 --port /dev/a --baud 9600 version",
	    "{\"chip\":\"esp32\",\"port\":[\"/dev/a\"],\"baud\":9600}");
	expect_error("version --erase-all", "version has no option");
}

static void
test_what_follows_two_dashes_is_an_operand(void **state)
{
	(void)state;
	expect("write-flash 0 -- -file", "{}");
	assert_string_equal(args.operands[1], "-file");
}

static void
test_the_environment_fills_in_what_is_not_given(void **state)
{
	(void)state;
	env_name = "ESPTOOL_BAUD";
	env_value = "230400";
	expect("flash-id", "{\"baud\":230400}");
	expect("flash-id -b 9600", "{\"baud\":9600}");
	expect("ports", "{}");
	env_value = "fast";
	expect_error("flash-id", "ESPTOOL_BAUD: a whole number");
	env_name = "ESPTOOL_PORT";
	env_value = "/dev/b";
	expect("flash-id", "{\"port\":[\"/dev/b\"]}");
	env_name = "ESPFLASHD_SOCKET";
	env_value = "/run/x";
	expect("jobs", "{}");
	assert_string_equal(args.socket, "/run/x");
	expect("jobs --socket /run/y", "{}");
	assert_string_equal(args.socket, "/run/y");
}

static void
test_each_mistake_is_one_line_with_the_nearest_name(void **state)
{
	(void)state;
	expect_error("", "no command");
	expect_error("wriet-flash 0 f", "did you mean write-flash?");
	expect_error("frobnicate", "espctl help");
	expect_error("flash-id --buad 9600", "did you mean --baud?");
	expect_error("flash-id --no-stbu", "did you mean --no-stub?");
	expect_error("flash-id --frobnicate", "no option --frobnicate");
	expect_error("flash-id -x", "no option -x");
	expect_error("flash-id --baud", "--baud needs a value");
	expect_error("flash-id -b", "-b needs a value");
	expect_error("flash-id -b 9600x", "-b: a whole number");
	expect_error("flash-id --baud 200", "--baud: 200 is too small");
	expect_error("flash-id --no-stub=1", "--no-stub takes no value");
	expect_error("flash-id --before later", "one of default-reset|");
	expect_error("flash-id --chip esp99", "esp32c3");
	expect_error("flash-id --port=", "--port: it is empty");
	expect_error("flash-id -p /dev/a -p /dev/a", "twice");
	expect_error("erase-flash --no-compress", "erase-flash has no option");
	expect_error("ports --baud 9600", "ports has no option --baud");
	expect_error("ports --no-wait", "ports has no option --no-wait");
	expect_error("read-flash 0", "ADDRESS SIZE|ALL FILE");
	expect_error("erase-flash 0", "\"0\" is too much");
}

static void
test_json_is_known_even_when_the_line_is_wrong(void **state)
{
	(void)state;
	expect_error("flash-id --frobnicate --json", "frobnicate");
	assert_true(args.json);
}

static void
test_help_needs_nothing_else(void **state)
{
	(void)state;
	assert_int_equal(parse("write-flash --help"), 0);
	assert_true(args.help);
	assert_int_equal(parse("--help"), 0);
	assert_string_equal(args.command->name, "help");
	assert_int_equal(parse("--version"), 0);
	assert_string_equal(args.command->name, "version");
}

static void
test_each_port_has_a_file_of_its_own(void **state)
{
	static const struct { const char *path, *port, *name; } rows[] = {
		{ "dump.bin", "/dev/ttyUSB0", "dump-ttyUSB0.bin" },
		{ "a.b/dump", "/dev/serial/by-id/x", "a.b/dump-serial_by-id_x" },
		{ "d/.bin", "rfc2217://h:40?x", "d/.bin-h_40_x" },
		{ ".x.y", "socket://[::1]:4", ".x-___1__4.y" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char	*name = file_name_for(rows[i].path, rows[i].port);

		assert_string_equal(name, rows[i].name);
		free(name);
	}
}

int
main(void)
{
#define T(x) cmocka_unit_test_teardown(x, teardown)
	const struct CMUnitTest tests[] = {
		T(test_every_command_has_its_method),
		T(test_options_stand_before_or_after_the_command),
		T(test_old_spellings_are_the_new_ones),
		T(test_ports_add_up_and_other_options_replace),
		T(test_a_port_is_any_selector),
		T(test_a_relative_device_is_named_from_the_root),
		T(test_port_filters_add_up_and_take_all_that_follow),
		T(test_a_filter_is_any_of_one_key_and_all_of_the_keys),
		T(test_options_of_espctl_go_with_their_commands),
		T(test_short_options_may_stand_together),
		T(test_keys_of_two_letters),
		T(test_a_letter_may_mean_another_option_behind_its_command),
		T(test_flash_sizes_in_megabits),
		T(test_some_options_take_all_words_up_to_the_next),
		T(test_spellings_of_esptool_3),
		T(test_letters_behind_merge_bin_and_make_image),
		T(test_older_spellings_are_noted_in_their_order),
		T(test_attempts_to_open_a_port),
		T(test_a_configuration_file_comes_last),
		T(test_esptool_takes_the_options_of_jobs_with_every_command),
		T(test_what_follows_two_dashes_is_an_operand),
		T(test_the_environment_fills_in_what_is_not_given),
		T(test_each_mistake_is_one_line_with_the_nearest_name),
		T(test_json_is_known_even_when_the_line_is_wrong),
		T(test_help_needs_nothing_else),
		T(test_each_port_has_a_file_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
