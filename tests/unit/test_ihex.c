#include "proto/image/ihex.h"

#include <stdio.h>
#include <string.h>

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
		assert_int_equal(why.err, ERR_IMAGE);
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

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_bytes_that_touch_are_one_region),
		cmocka_unit_test(
		    test_fix_23_a_merged_file_gets_no_padding_between_regions),
		cmocka_unit_test(test_bases_of_both_kinds),
		cmocka_unit_test(test_mistakes_are_refused_with_their_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
