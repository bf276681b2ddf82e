#include "proto/image/flasher_args.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/err.h"
#include "tests/unit/unit.h"

static struct flasher_args	args;
static struct why		why;

static int
parse(const char *text)
{
	flasher_args_done(&args);
	why_clear(&why);
	return flasher_args_parse(text, strlen(text), &args, &why);
}

static int
teardown(void **state)
{
	(void)state;
	flasher_args_done(&args);
	return 0;
}

/* "1000:boot.bin 10000:app.bin!": an encrypted file ends with '!'. */
static const char *
files(void)
{
	static char	out[512];
	size_t		at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < args.count && at < sizeof out; i++)
		at += (size_t)snprintf(out + at, sizeof out - at, "%s%x:%s%s",
		    i > 0 ? " " : "", args.files[i].offset,
		    args.files[i].path, args.files[i].encrypt ? "!" : "");
	return out;
}

#define IDF_HEAD \
	"{ \"write_flash_args\" : [ \"--flash_mode\", \"dio\",\n" \
	"  \"--flash_size\", \"2MB\", \"--flash_freq\", \"40m\" ],\n" \
	"  \"flash_settings\" : { \"flash_mode\": \"dio\",\n" \
	"  \"flash_size\": \"2MB\", \"flash_freq\": \"40m\" },\n" \
	"  \"flash_files\" : { \"0x1000\" : \"bootloader/bootloader.bin\",\n" \
	"  \"0x10000\" : \"hello.bin\", \"0x8000\" : \"pt/table.bin\" },\n"
#define IDF_TAIL \
	"  \"extra_esptool_args\" : { \"after\"  : \"no_reset\",\n" \
	"  \"before\" : \"default_reset\", \"stub\"   : %s,\n" \
	"  \"chip\"   : \"esp32s3\" } }\n"

static void
test_all_of_a_build_is_taken(void **state)
{
	char	text[2048];

	(void)state;
	(void)snprintf(text, sizeof text, IDF_HEAD
	    "\"bootloader\" : { \"offset\" : \"0x1000\", \"file\" : "
	    "\"bootloader/bootloader.bin\", \"encrypted\" : \"true\" },"
	    "\"app\" : { \"offset\" : \"65536\", \"file\" : \"hello.bin\", "
	    "\"encrypted\" : true },"
	    "\"partition-table\" : { \"offset\" : \"0x8000\", \"file\" : "
	    "\"pt/table.bin\", \"encrypted\" : \"false\" },"
	    IDF_TAIL, "false");
	assert_int_equal(parse(text), 0);
	assert_string_equal(files(), "1000:bootloader/bootloader.bin! "
	    "10000:hello.bin! 8000:pt/table.bin");
	assert_string_equal(args.values[FLASHER_CHIP], "esp32s3");
	assert_string_equal(args.values[FLASHER_BEFORE], "default_reset");
	assert_string_equal(args.values[FLASHER_AFTER], "no_reset");
	assert_string_equal(args.values[FLASHER_MODE], "dio");
	assert_string_equal(args.values[FLASHER_FREQ], "40m");
	assert_string_equal(args.values[FLASHER_SIZE], "2MB");
	assert_null(args.values[FLASHER_SPI]);
	assert_true(args.flags[FLASHER_NO_STUB]);
	assert_false(args.flags[FLASHER_FORCE]);

	(void)snprintf(text, sizeof text, IDF_HEAD IDF_TAIL, "true");
	assert_int_equal(parse(text), 0);
	assert_false(args.flags[FLASHER_NO_STUB]);
}

/* Releases of ESP-IDF before 4.1 said neither chip nor stub. */
static void
test_what_is_not_said_is_left_open(void **state)
{
	(void)state;
	assert_int_equal(parse(" \n{\"flash_files\":{\"0\":\"a\"}}\n\n"), 0);
	assert_string_equal(files(), "0:a");
	for (int i = 0; i < FLASHER_VALUES; i++)
		assert_null(args.values[i]);
	for (int i = 0; i < FLASHER_FLAGS; i++)
		assert_false(args.flags[i]);
}

static void
test_words_are_read_as_esptool_reads_them(void **state)
{
	(void)state;
	assert_int_equal(parse("--flash_mode dio --flash-freq=40m -fs 2MB \n"
	    "0x1000 bootloader/bootloader.bin\r\n0x10000 'my app.bin'\n"
	    "0x8000 pt.bin"), 0);
	assert_string_equal(files(), "1000:bootloader/bootloader.bin "
	    "10000:my app.bin 8000:pt.bin");
	assert_string_equal(args.values[FLASHER_MODE], "dio");
	assert_string_equal(args.values[FLASHER_FREQ], "40m");
	assert_string_equal(args.values[FLASHER_SIZE], "2MB");

	assert_int_equal(parse("-z -u --force --erase_all -sc 1,2,3,4,5 "
	    "--ignore-flash-encryption-efuse-setting -p 0 a"), 0);
	assert_true(args.flags[FLASHER_PLAIN]);
	assert_true(args.flags[FLASHER_FORCE]);
	assert_true(args.flags[FLASHER_ERASE_ALL]);
	assert_true(args.flags[FLASHER_IGNORE_EFUSE]);
	assert_false(args.flags[FLASHER_SKIP_FLASHED]);
	assert_string_equal(args.values[FLASHER_SPI], "1,2,3,4,5");
	assert_int_equal(parse("-u -z 0 a"), 0);
	assert_false(args.flags[FLASHER_PLAIN]);
}

static void
test_encryption_is_for_all_files_or_for_those_behind_it(void **state)
{
	(void)state;
	assert_int_equal(parse("0 a --encrypt 4096 b"), 0);
	assert_string_equal(files(), "0:a! 1000:b!");
	assert_int_equal(parse("-fm dio\n0x8000 p\n--encrypt-files\n0 a\n"
	    "0x1000 b --flash_size 2MB 0x2000 c"), 0);
	assert_string_equal(files(), "8000:p 0:a! 1000:b! 2000:c");
	assert_int_equal(parse("{\"write_flash_args\": [\"--encrypt\"],"
	    "\"flash_files\":{\"0\":\"a\",\"1\":\"b\"}}"), 0);
	assert_string_equal(files(), "0:a! 1:b!");
}

static void
test_what_makes_no_sense_is_told(void **state)
{
	static const struct { const char *text, *part; } rows[] = {
		{ "", "it names no files" },
		{ "--flash_mode dio", "it names no files" },
		{ "0x1000", "no file behind the address 0x1000" },
		{ "0 a --flash_mode", "--flash-mode has no value" },
		{ "0 a --flash_mode --encrypt", "--flash-mode has no value" },
		{ "0 --encrypt a", "no file behind the address 0" },
		{ "0 a --diff-with b", "option --diff-with is not known" },
		{ "0 a --", "option -- is not known" },
		{ "0 a --encrypt=1", "--encrypt takes no value" },
		{ "app a", "\"app\" is no address" },
		{ "0x100000000 a", "\"0x100000000\" is no address" },
		{ "0 ''", "the file at 0 has no name" },
		{ "0 'a", "a quote has no end" },
		{ "-fm dio -fm qio 0 a", "\"dio\" in one place and \"qio\"" },
		{ "-fm '' 0 a", "flash_mode is empty" },
		{ "{", "no JSON" },
		{ "{\"flash_files\":{\"0\":\"a\"}} x", "behind its end" },
		{ "{}", "it names no files" },
		{ "{\"flash_files\":{}}", "it names no files" },
		{ "{\"flash_files\":[]}", "\"flash_files\" is no object" },
		{ "{\"flash_files\":{\"0\":1}}", "the file at 0 is no text" },
		{ "{\"flash_files\":{\"0\":\"a\\u0000b\"}}", "is no text" },
		{ "{\"flash_files\":{\"x\":\"a\"}}", "\"x\" is no address" },
		{ "{\"write_flash_args\":[\"0\",\"a\"]}", "\"0\" is no option" },
		{ "{\"write_flash_args\":[\"-fm\"]}", "has no value" },
		{ "{\"write_flash_args\":[7]}", "word 1 of" },
		{ "{\"write_flash_args\":7}", "is no array" },
		{ "{\"flash_settings\":{\"flash_size\":4}}",
		  "\"flash_size\" of \"flash_settings\" is no text" },
		{ "{\"write_flash_args\":[\"-fs\",\"2MB\"],"
		  "\"flash_settings\":{\"flash_size\":\"4MB\"}}",
		  "flash_size is \"2MB\" in one place and \"4MB\"" },
		{ "{\"extra_esptool_args\":{\"stub\":\"no\"}}",
		  "\"stub\" is neither true nor false" },
		{ "{\"flash_files\":{\"0\":\"a\"},\"app\":{\"offset\":\"0\","
		  "\"encrypted\":1}}", "\"encrypted\" is neither" },
		{ "{\"flash_files\":{\"0\":\"a\"},\"app\":{\"offset\":0,"
		  "\"encrypted\":true}}", "the offset of \"app\"" },
	};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		assert_int_equal(parse(rows[i].text), ERR_IMAGE);
		if (strstr(why_text(&why), rows[i].part) == NULL)
			fail_msg("%s: %s", rows[i].text, why_text(&why));
	}
}

static void
test_what_is_too_much_is_refused(void **state)
{
	char	*text = malloc(FLASHER_ARGS_MAX + 2);
	size_t	 at = 0;

	(void)state;
	assert_non_null(text);
	memset(text, ' ', FLASHER_ARGS_MAX + 1);
	text[FLASHER_ARGS_MAX + 1] = '\0';
	memcpy(text, "0 a", 3);
	assert_int_equal(parse(text), ERR_LIMIT);
	text[FLASHER_ARGS_MAX] = '\0';
	assert_int_equal(parse(text), 0);

	for (int i = 0; i <= FLASHER_FILES_MAX; i++)
		at += (size_t)snprintf(text + at, FLASHER_ARGS_MAX - at,
		    "%d f ", i * 4096);
	assert_int_equal(parse(text), ERR_LIMIT);

	memcpy(text, "0 ", 2);
	memset(text + 2, 'a', FLASHER_TEXT_MAX + 1);
	text[FLASHER_TEXT_MAX + 3] = '\0';
	assert_int_equal(parse(text), ERR_LIMIT);
	text[FLASHER_TEXT_MAX + 2] = '\0';
	assert_int_equal(parse(text), 0);

	memset(text, '[', FLASHER_ARGS_MAX);
	memcpy(text, "{\"a\":", 5);
	text[FLASHER_ARGS_MAX] = '\0';
	assert_int_equal(parse(text), ERR_IMAGE);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test_teardown(test_all_of_a_build_is_taken,
		    teardown),
		cmocka_unit_test_teardown(test_what_is_not_said_is_left_open,
		    teardown),
		cmocka_unit_test_teardown(
		    test_words_are_read_as_esptool_reads_them, teardown),
		cmocka_unit_test_teardown(
		    test_encryption_is_for_all_files_or_for_those_behind_it,
		    teardown),
		cmocka_unit_test_teardown(test_what_makes_no_sense_is_told,
		    teardown),
		cmocka_unit_test_teardown(test_what_is_too_much_is_refused,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
