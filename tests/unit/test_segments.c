/* segments - program images taken apart; broken ones also in tests/conv. */
#include <string.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/image/segments.h"
#include "tests/unit/unit.h"

enum { SIZE = 96 };

static uint8_t		p[SIZE];
static struct segments	s;
static struct why	why;

/* An image of two segments with 8 and 5 bytes; its length. */
static size_t
make(bool extended)
{
	size_t	at = extended ? 24 : 8;
	uint8_t	sum = 0xef;

	memset(p, 0, sizeof p);
	p[0] = 0xe9;
	p[1] = 2;
	le32_put(p + 4, 0x40380004);
	if (extended)
		le16_put(p + 12, 0x0105);
	le32_put(p + at, 0x40380000);
	le32_put(p + at + 4, 8);
	le32_put(p + at + 16, 0x3fc80000);
	le32_put(p + at + 20, 5);
	for (size_t i = 0; i < 8; i++)
		sum ^= p[at + 8 + i] = (uint8_t)(0x11 * i);
	for (size_t i = 0; i < 5; i++)
		sum ^= p[at + 24 + i] = (uint8_t)(3 + i);
	at = (at + 29) / 16 * 16 + 15;
	p[at] = sum;
	return at + 1;
}

static int
parse(size_t len, bool extended)
{
	why_clear(&why);
	return segments_parse(p, len, extended, &s, &why);
}

static void
test_both_forms_are_taken_apart(void **state)
{
	(void)state;
	for (int extended = 0; extended < 2; extended++) {
		size_t	at = extended ? 24 : 8;

		assert_int_equal(parse(make(extended), extended), 0);
		assert_int_equal(s.entry, 0x40380004);
		assert_int_equal(s.chip_id, extended ? 0x0105 : 0);
		assert_int_equal(s.count, 2);
		assert_int_equal(s.list[0].addr, 0x40380000);
		assert_int_equal(s.list[0].len, 8);
		assert_ptr_equal(s.list[0].data, p + at + 8);
		assert_int_equal(s.list[1].addr, 0x3fc80000);
		assert_int_equal(s.list[1].len, 5);
		assert_ptr_equal(s.list[1].data, p + at + 24);
	}
}

static void
test_every_shorter_image_is_refused(void **state)
{
	size_t	len = make(true);

	(void)state;
	for (size_t n = 0; n < len; n++) {
		assert_int_equal(parse(n, true), ERR_IMAGE);
		assert_int_equal(why.err, ERR_IMAGE);
		assert_string_not_equal(why.text, "");
	}
}

/* A SHA-256 may follow. */
static void
test_what_stands_behind_the_checksum_does_not_matter(void **state)
{
	size_t	len = make(true);

	(void)state;
	assert_true(len + 16 <= sizeof p);
	memset(p + len, 0xa5, 16);
	assert_int_equal(parse(len + 16, true), 0);
}

static void
test_every_changed_byte_of_a_segment_is_noticed(void **state)
{
	size_t	len = make(true);

	(void)state;
	for (size_t i = 32; i < 40; i++) {
		p[i] ^= 0x40;
		assert_int_equal(parse(len, true), ERR_IMAGE);
		assert_non_null(strstr(why.text, "it is damaged"));
		p[i] ^= 0x40;
	}
	assert_int_equal(parse(len, true), 0);
}

static void
test_a_segment_ends_within_the_address_space(void **state)
{
	size_t	len = make(true);

	(void)state;
	le32_put(p + 24, 0xfffffff8);
	assert_int_equal(parse(len, true), 0);
	le32_put(p + 24, 0xfffffff9);
	assert_int_equal(parse(len, true), ERR_IMAGE);
	assert_non_null(strstr(why.text, "end of the address space"));
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_both_forms_are_taken_apart),
		cmocka_unit_test(test_every_shorter_image_is_refused),
		cmocka_unit_test(
		    test_what_stands_behind_the_checksum_does_not_matter),
		cmocka_unit_test(
		    test_every_changed_byte_of_a_segment_is_noticed),
		cmocka_unit_test(test_a_segment_ends_within_the_address_space),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
