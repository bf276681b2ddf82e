/* proto/base/text */
#include "proto/base/text.h"

#include <string.h>

#include "proto/base/err.h"
#include "tests/unit/unit.h"

static void
test_numbers_in_every_base(void **state)
{
	static const struct { const char *s; uint32_t v; } cases[] = {
		{ "0", 0 }, { "7", 7 }, { "4096", 4096 }, { "010", 10 },
		{ "4294967295", UINT32_MAX }, { "0x1000", 0x1000 },
		{ "0XfFfFfFfF", UINT32_MAX }, { "0o17", 15 }, { "0O7", 7 },
		{ "0b11", 3 }, { "0B101", 5 }, { "0x0b1", 0xb1 },
		{ "0x00000000000001", 1 },
	};
	uint32_t	v;

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		assert_int_equal(text_u32(cases[i].s, &v), 0);
		assert_true(v == cases[i].v);
		assert_int_equal(text_size(cases[i].s, &v), 0);
		assert_true(v == cases[i].v);
	}
}

static void
test_what_is_no_number(void **state)
{
	static const char *const	bad[] = {
		"", " ", " 1", "1 ", "+1", "-1", "0x", "0o", "0b", "0x0x10",
		"0b0b1", "0o8", "0b2", "0xg", "1.0", "1e3", "a", "1a",
		"4294967296", "0x100000000", "99999999999999999999999",
		"1\n", "0x-1", "0x 1", "0x+1", "0b", "x10",
	};
	uint32_t	v = 77;

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(bad); i++) {
		assert_int_equal(text_u32(bad[i], &v), ERR_PARAMS);
		assert_int_equal(text_size(bad[i], &v), ERR_PARAMS);
	}
	assert_int_equal(v, 77);	/* set only on success */
}

static void
test_sizes_with_suffixes(void **state)
{
	static const struct { const char *s; uint32_t v; } cases[] = {
		{ "4k", 4096 }, { "4K", 4096 }, { "4KB", 4096 },
		{ "4kb", 4096 }, { "1M", 1 << 20 }, { "1MB", 1 << 20 },
		{ "16mb", 16 << 20 }, { "12B", 12 }, { "0x10K", 16384 },
		{ "4095M", 4095u << 20 }, { "0M", 0 },
	};
	static const char *const	bad[] = {
		"4096M", "4G", "4KiB", "K", "MB", "4 MB", "4MBB", "4MB ",
		"4294967295K", "1kk",
	};
	uint32_t	v;

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		assert_int_equal(text_size(cases[i].s, &v), 0);
		assert_true(v == cases[i].v);
	}
	for (size_t i = 0; i < UNIT_COUNT(bad); i++)
		assert_int_equal(text_size(bad[i], &v), ERR_PARAMS);
	assert_int_equal(text_u32("4k", &v), ERR_PARAMS);
}

static void
test_hex_and_back(void **state)
{
	uint8_t	all[256], back[256];
	char	hex[2 * 256 + 1];

	(void)state;
	for (unsigned i = 0; i < 256; i++)
		all[i] = (uint8_t)i;
	text_hex(hex, all, sizeof all);
	assert_int_equal(strlen(hex), 512);
	assert_memory_equal(hex, "000102", 6);
	assert_memory_equal(hex + 506, "fdfeff", 6);
	assert_int_equal(text_unhex(hex, back, sizeof back), 256);
	assert_memory_equal(all, back, 256);
	assert_int_equal(text_unhex("C0dB", back, 2), 2);
	assert_memory_equal(back, "\xc0\xdb", 2);
	assert_int_equal(text_unhex("", back, 0), 0);
	text_hex(hex, all, 0);
	assert_string_equal(hex, "");
}

static void
test_what_is_no_hex(void **state)
{
	uint8_t	out[2];

	(void)state;
	assert_int_equal(text_unhex("0", out, 2), ERR_PARAMS);
	assert_int_equal(text_unhex("0g", out, 2), ERR_PARAMS);
	assert_int_equal(text_unhex("00 1", out, 2), ERR_PARAMS);
	assert_int_equal(text_unhex("0x01", out, 2), ERR_PARAMS);
	assert_int_equal(text_unhex("000000", out, 2), ERR_PARAMS);
}

static void
test_size_names(void **state)
{
	static const struct { uint32_t v; const char *s; } cases[] = {
		{ 4 << 20, "4MB" }, { 512 << 10, "512KB" },
		{ 1024, "1KB" }, { 1023, "1023 bytes" }, { 0, "0 bytes" },
		{ (1 << 20) + 1024, "1025KB" },
	};
	char	out[32];

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		text_size_name(out, sizeof out, cases[i].v);
		assert_string_equal(out, cases[i].s);
	}
	text_size_name(out, 4, 1023);	/* cut, not overrun */
	assert_string_equal(out, "102");
}

static void
test_mac(void **state)
{
	static const uint8_t	mac[6] = { 0x24, 0x0a, 0xc4, 0, 0x10, 0xff };
	char			out[TEXT_MAC_MAX];

	(void)state;
	text_mac(out, mac);
	assert_string_equal(out, "24:0a:c4:00:10:ff");
}

static void
test_what_is_not_printable_becomes_a_dot(void **state)
{
	char	out[8];

	(void)state;
	text_printable(out, sizeof out, "a\n\0\x7f\xff~", 6);
	assert_string_equal(out, "a....~");
	text_printable(out, 4, "abcdef", 6);
	assert_string_equal(out, "abc");
	text_printable(out, 1, "abc", 3);
	assert_string_equal(out, "");
	out[0] = 'k';
	text_printable(out, 0, "abc", 3);
	assert_int_equal(out[0], 'k');
	text_clean(out, sizeof out, "a\tb");
	assert_string_equal(out, "a.b");
	text_clean(out, sizeof out, NULL);
	assert_string_equal(out, "");
}

static void
test_a_letter_is_whole_utf8_that_can_be_printed(void **state)
{
	static const struct {
		const char	*text;
		size_t		 bytes;
	} cases[] = {
		{ "a", 1 }, { " ", 1 }, { "\x1f", 0 }, { "\x7f", 0 },
		{ "\xc3\xa4", 2 }, { "\xc3", 0 }, { "\xc0\xaf", 0 },
		{ "\xc2\x80", 0 }, { "\xe2\x82\xac", 3 },
		{ "\xe0\x80\xaf", 0 }, { "\xed\xa0\x80", 0 },
		{ "\xf0\x9f\x98\x80", 4 }, { "\xf0\x9f\x98", 0 },
		{ "\xf4\x90\x80\x80", 0 }, { "\x80", 0 }, { "\xff", 0 },
		{ "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(text_letter(cases[i].text,
		    strlen(cases[i].text)), cases[i].bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_in_every_base),
		cmocka_unit_test(test_what_is_no_number),
		cmocka_unit_test(test_sizes_with_suffixes),
		cmocka_unit_test(test_hex_and_back),
		cmocka_unit_test(test_what_is_no_hex),
		cmocka_unit_test(test_size_names),
		cmocka_unit_test(test_mac),
		cmocka_unit_test(test_what_is_not_printable_becomes_a_dot),
		cmocka_unit_test(
		    test_a_letter_is_whole_utf8_that_can_be_printed),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
