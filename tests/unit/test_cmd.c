/* proto/serial/cmd */
#include "proto/serial/cmd.h"

#include <string.h>

#include "proto/base/err.h"
#include "tests/unit/unit.h"

static void
test_checksum(void **state)
{
	(void)state;
	assert_int_equal(cmd_checksum("", 0), 0xef);
	assert_int_equal(cmd_checksum("\xef", 1), 0);
	assert_int_equal(cmd_checksum("\x01\x02\x04", 3), 0xef ^ 7);
}

/* READ_REG of the magic word, as recorded on a line. */
static void
test_header_of_a_request(void **state)
{
	uint8_t	h[CMD_HEADER];

	(void)state;
	cmd_header(h, CMD_READ_REG, 4, 0);
	assert_memory_equal(h, "\x00\x0a\x04\x00\0\0\0\0", CMD_HEADER);
	cmd_header(h, CMD_FLASH_DATA, 0x4010, 0xa5);
	assert_memory_equal(h, "\x00\x03\x10\x40\xa5\0\0\0", CMD_HEADER);
}

/* Recorded: an ESP32 answers READ_REG of 0x40001000. */
static void
test_a_recorded_reply_with_four_status_bytes(void **state)
{
	static const uint8_t	f[] = { 1, 0x0a, 4, 0, 0x83, 0x1d, 0xf0, 0,
		0, 0, 0, 0 };
	struct cmd_reply	r;
	uint16_t		status = 99;

	(void)state;
	assert_int_equal(cmd_parse(f, sizeof f, &r), 0);
	assert_int_equal(r.op, CMD_READ_REG);
	assert_int_equal(r.value, 0x00f01d83);
	assert_int_equal(r.len, 4);
	assert_ptr_equal(r.data, f + 8);
	assert_int_equal(cmd_status(&r, 0, &status), 0);
	assert_int_equal(status, 0);
}

static void
test_two_status_bytes(void **state)
{
	static const uint8_t	ok[] = { 1, 2, 2, 0, 0, 0, 0, 0, 0, 0 };
	static const uint8_t	bad[] = { 1, 2, 2, 0, 0, 0, 0, 0, 0xc1, 0 };
	struct cmd_reply	r;
	uint16_t		status = 99;

	(void)state;
	assert_int_equal(cmd_parse(ok, sizeof ok, &r), 0);
	assert_int_equal(cmd_status(&r, 0, &status), 0);
	assert_int_equal(status, 0);
	assert_int_equal(cmd_parse(bad, sizeof bad, &r), 0);
	assert_int_equal(cmd_status(&r, 0, &status), 0);
	assert_int_equal(status, 0xc100);
	assert_string_equal(cmd_status_name(status), "the checksum is wrong");
}

/* The status stands behind the payload, whatever the payload holds. */
static void
test_fix_18_status_0107_behind_a_payload_is_a_check_sum(void **state)
{
	static const uint8_t	f[] = { 1, 0x13, 18, 0, 0, 0, 0, 0,
		1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 1, 7 };
	struct cmd_reply	r;
	uint16_t		status = 99;

	(void)state;
	assert_int_equal(cmd_parse(f, sizeof f, &r), 0);
	assert_int_equal(cmd_status(&r, 16, &status), 0);
	assert_int_equal(status, 0x0107);
	assert_string_equal(cmd_status_name(status), "the checksum is wrong");
}

static void
test_a_refusal_shorter_than_the_payload(void **state)
{
	static const uint8_t	f[] = { 1, 0x13, 4, 0, 0, 0, 0, 0, 1, 6, 0, 0 };
	struct cmd_reply	r;
	uint16_t		status = 99;

	(void)state;
	assert_int_equal(cmd_parse(f, sizeof f, &r), 0);
	assert_int_equal(cmd_status(&r, 32, &status), 0);
	assert_int_equal(status, 0x0106);
}

static void
test_a_short_reply_that_refuses_nothing_is_noise(void **state)
{
	static const uint8_t	f[] = { 1, 0x13, 4, 0, 0, 0, 0, 0, 0, 6, 0, 0 };
	struct cmd_reply	r;
	uint16_t		status = 99;

	(void)state;
	assert_int_equal(cmd_parse(f, sizeof f, &r), 0);
	assert_int_equal(cmd_status(&r, 32, &status), ERR_NOISE);
	assert_int_equal(cmd_parse(f, 9, &r), 0);	/* one status byte */
	assert_int_equal(cmd_status(&r, 0, &status), ERR_NOISE);
	assert_int_equal(cmd_parse(f, 8, &r), 0);	/* none */
	assert_int_equal(cmd_status(&r, 0, &status), ERR_NOISE);
	assert_int_equal(status, 99);
}

static void
test_what_is_no_reply(void **state)
{
	static const uint8_t	f[] = { 0, 0x0a, 4, 0, 0, 0, 0, 0, 0, 0 };
	struct cmd_reply	r;

	(void)state;
	assert_int_equal(cmd_parse(f, sizeof f, &r), ERR_NOISE);
	for (size_t len = 0; len < CMD_HEADER; len++)
		assert_int_equal(cmd_parse("\x01\x0a\x04\0\0\0\0", len, &r),
		    ERR_NOISE);
}

static void
test_names(void **state)
{
	char	room[CMD_NAME_MAX];

	(void)state;
	assert_string_equal(cmd_name(CMD_READ_REG, room), "READ_REG");
	assert_string_equal(cmd_name(CMD_RUN_USER_CODE, room),
	    "RUN_USER_CODE");
	assert_string_equal(cmd_name(0x77, room), "command 0x77");
	for (unsigned op = 0; op < 256; op++)
		assert_true(strlen(cmd_name((uint8_t)op, room)) > 0);
	assert_string_equal(cmd_status_name(0x0105),
	    "the message is invalid or the command unknown");
	assert_string_equal(cmd_status_name(0xc300), "the command is unknown");
	assert_string_equal(cmd_status_name(0x4242), "unknown error");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_checksum),
		cmocka_unit_test(test_header_of_a_request),
		cmocka_unit_test(test_a_recorded_reply_with_four_status_bytes),
		cmocka_unit_test(test_two_status_bytes),
		cmocka_unit_test(test_fix_18_status_0107_behind_a_payload_is_a_check_sum),
		cmocka_unit_test(test_a_refusal_shorter_than_the_payload),
		cmocka_unit_test(test_a_short_reply_that_refuses_nothing_is_noise),
		cmocka_unit_test(test_what_is_no_reply),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("cmd", tests, NULL, NULL);
}
