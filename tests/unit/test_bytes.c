/* proto/base/bytes */
#include "proto/base/bytes.h"

#include "tests/unit/unit.h"

static void
test_little_endian(void **state)
{
	static const uint8_t	b[] = { 0, 0x12, 0x34, 0x56, 0xf8 };
	uint8_t			out[5] = { 0 };

	(void)state;
	assert_int_equal(le16_get(b + 1), 0x3412);
	assert_int_equal(le16_get(b + 3), 0xf856);
	assert_true(le32_get(b + 1) == 0xf8563412u);
	le16_put(out + 1, 0xf00d);
	assert_memory_equal(out, "\0\x0d\xf0\0\0", 5);
	le32_put(out + 1, 0xf8563412);
	assert_memory_equal(out, b, 5);
}

static void
test_big_endian(void **state)
{
	static const uint8_t	b[] = { 0, 0xf2, 0x34, 0x56, 0x78 };
	uint8_t			out[5] = { 0 };

	(void)state;
	assert_true(be32_get(b + 1) == 0xf2345678u);
	be32_put(out + 1, 0xf2345678);
	assert_memory_equal(out, b, 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_little_endian),
		cmocka_unit_test(test_big_endian),
	};

	return cmocka_run_group_tests_name("bytes", tests, NULL, NULL);
}
