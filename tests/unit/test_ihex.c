#include "proto/image/ihex.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "tests/unit/unit.h"

static struct why	why;

/* Regions as "10000:01020304 11000:05"; or the sentence of a mistake. */
static const char *
regions(const char *text)
{
	static char	out[256];
	struct ihex	h;
	size_t		at = 0;

	why_clear(&why);
	if (ihex_parse(text, strlen(text), &h, &why) < 0) {
		assert_true(why.err == ERR_IMAGE || why.err == ERR_OVERLAP);
		return why_text(&why);
	}
	for (size_t i = 0; i < h.count; i++) {
		char	hex[64];

		text_hex(hex, h.regions[i].data, h.regions[i].len);
		at += (size_t)snprintf(out + at, sizeof out - at, "%s%x:%s",
		    i > 0 ? " " : "", h.regions[i].address, hex);
	}
	ihex_done(&h);
	return out;
}

#define END	":00000001FF\n"

static void
test_bytes_that_touch_are_one_region(void **state)
{
	(void)state;
	assert_string_equal(regions(":0400000001020304F2\r\n"
	    ":020004000506EF\n" END), "0:010203040506");
	assert_string_equal(regions(":0400000001020304F2"), "0:01020304");
}

static void
test_fix_23_a_merged_file_gets_no_padding_between_regions(void **state)
{
	(void)state;
	assert_string_equal(regions(":0100050009F1\n:0400000001020304F2\n"
	    END), "0:01020304 5:09");
	assert_string_equal(regions(":020000040001F9\n:0400000001020304F2\n"
	    ":0410000005060708D2\n" END), "10000:01020304 11000:05060708");
}

static void
test_bases_of_both_kinds(void **state)
{
	(void)state;
	assert_string_equal(regions(":020000021200EA\n:0100010007F7\n" END),
	    "12001:07");
	assert_string_equal(regions(":020000044000BA\n:0100010007F7\n"
	    ":0400000540000000B7\n" END), "40000001:07");
}

static void
test_mistakes_are_refused_with_their_line(void **state)
{
	static const struct { const char *text, *part; } rows[] = {
		{ END, "holds no data" },
		{ ":", "line 1 is no record" },
		{ "hello\n", "line 1 is no record" },
		{ ":0400000001020304F3\n", "line 1 has a wrong check sum" },
		{ ":0500000001020304F1\n", "line 1 is not as long" },
		{ ":04000000010203F2\n", "line 1" },
		{ "\n:0100000901F5\n", "line 2 is of a type" },
		{ ":01000004FFFC\n", "line 1 sets a base" },
		{ END ":0100000001FE\n", "line 2 follows the end" },
		{ ":0200000001 02FB\n", "line 1 is no record" },
		{ ":020000000102FB\n:0100010005F9\n" END, "0x1 twice" },
		{ ":02000004FFFFFC\n:02FFFF000102FD\n", "beyond 4 GB" },
	};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(rows); i++)
		if (strstr(regions(rows[i].text), rows[i].part) == NULL)
			fail_msg("%s: %s", rows[i].text, why.text);
}

static void
test_a_byte_that_is_set_twice_is_an_overlap(void **state)
{
	struct ihex	h;

	(void)state;
	why_clear(&why);
	assert_int_equal(ihex_parse(":020000000102FB\n:0100010005F9\n" END,
	    15 + 1 + 13 + 1 + 12, &h, &why), ERR_OVERLAP);
}

/* ---- writing ---- */

static const char *
written(const struct ihex_region *r, size_t count)
{
	static char	out[512];
	struct buf	b;

	buf_init(&b, ihex_size_max(r, count));
	assert_int_equal(ihex_write(r, count, &b), 0);
	assert_true(b.len < sizeof out);
	memcpy(out, b.data, b.len);
	out[b.len] = '\0';
	buf_done(&b);
	return out;
}

static const uint8_t	twenty[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
			    14, 15, 16, 17, 18, 19 };

static void
test_lines_have_16_bytes_and_end_at_gaps(void **state)
{
	const struct ihex_region	one[] = { { 0x1003, 20, twenty } };
	const struct ihex_region	two[] = {
		{ 0x10, 3, twenty }, { 0x20, 0, NULL }, { 0x21, 1, twenty },
	};

	(void)state;
	assert_string_equal(written(one, 1),
	    ":10100300000102030405060708090A0B0C0D0E0F65\n"
	    ":041013001011121393\n" END);
	assert_string_equal(written(two, 3),
	    ":03001000000102EA\n:0100210000DE\n" END);
}

static void
test_regions_that_touch_are_written_as_one(void **state)
{
	const struct ihex_region	r[] = {
		{ 0, 3, twenty }, { 3, 2, twenty + 3 },
	};

	(void)state;
	assert_string_equal(written(r, 2), ":050000000001020304F1\n" END);
}

/* Nobody needs a base below 64 KB; above it, even the first one is told. */
static void
test_bases_are_written_where_they_are_needed(void **state)
{
	const struct ihex_region	low[] = { { 0xffff, 1, twenty } };
	const struct ihex_region	over[] = { { 0xffff, 2, twenty } };
	const struct ihex_region	high[] = { { 0x400000, 1, twenty } };

	(void)state;
	assert_string_equal(written(low, 1), ":01FFFF000001\n" END);
	assert_string_equal(written(over, 1), ":020000040000FA\n"
	    ":01FFFF000001\n:020000040001F9\n:0100000001FE\n" END);
	assert_string_equal(written(high, 1), ":020000040040BA\n"
	    ":0100000000FF\n" END);
}

static void
test_nothing_is_an_end_record(void **state)
{
	(void)state;
	assert_string_equal(written(NULL, 0), END);
}

/* Wherever a region begins: it comes back, within the room that was asked. */
static void
test_what_was_written_is_read(void **state)
{
	uint8_t		*data = calloc(1, 0x20000);
	struct ihex	h;

	(void)state;
	assert_non_null(data);
	for (size_t i = 0; i < 0x20000; i++)
		data[i] = (uint8_t)(i * 7 + i / 251);
	for (uint32_t at = 0xfff0; at < 0x10002; at++) {
		struct ihex_region	r = { at, 0x20000, data };
		struct buf		b;

		buf_init(&b, ihex_size_max(&r, 1));
		assert_int_equal(ihex_write(&r, 1, &b), 0);
		assert_int_equal(ihex_parse(b.data, b.len, &h, &why), 0);
		assert_int_equal(h.count, 1);
		assert_int_equal(h.regions[0].address, at);
		assert_int_equal(h.regions[0].len, 0x20000);
		assert_memory_equal(h.regions[0].data, data, 0x20000);
		ihex_done(&h);
		buf_done(&b);
	}
	free(data);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_bytes_that_touch_are_one_region),
		cmocka_unit_test(
		    test_fix_23_a_merged_file_gets_no_padding_between_regions),
		cmocka_unit_test(test_bases_of_both_kinds),
		cmocka_unit_test(test_mistakes_are_refused_with_their_line),
		cmocka_unit_test(test_a_byte_that_is_set_twice_is_an_overlap),
		cmocka_unit_test(test_lines_have_16_bytes_and_end_at_gaps),
		cmocka_unit_test(test_regions_that_touch_are_written_as_one),
		cmocka_unit_test(test_bases_are_written_where_they_are_needed),
		cmocka_unit_test(test_nothing_is_an_end_record),
		cmocka_unit_test(test_what_was_written_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
