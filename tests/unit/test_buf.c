/* proto/base/buf */
#include "proto/base/buf.h"

#include <string.h>

#include "proto/base/err.h"
#include "tests/unit/unit.h"

static void
test_bytes_come_out_as_they_went_in(void **state)
{
	struct buf	b;

	(void)state;
	buf_init(&b, 10000);
	assert_null(b.data);
	for (unsigned i = 0; i < 5000; i++)
		assert_int_equal(buf_add_byte(&b, (uint8_t)i), 0);
	assert_int_equal(buf_add(&b, "end", 3), 0);
	assert_int_equal(b.len, 5003);
	for (unsigned i = 0; i < 5000; i++)
		assert_int_equal(b.data[i], (uint8_t)i);
	assert_memory_equal(b.data + 5000, "end", 3);
	buf_done(&b);
	assert_null(b.data);
	assert_int_equal(b.len, 0);
}

static void
test_the_cap_holds_and_the_content_stays(void **state)
{
	struct buf	b;
	uint8_t		*at;

	(void)state;
	buf_init(&b, 100);
	assert_int_equal(buf_reserve(&b, 101, &at), ERR_LIMIT);
	assert_int_equal(buf_reserve(&b, SIZE_MAX, &at), ERR_LIMIT);
	assert_int_equal(buf_add(&b, "0123456789", 10), 0);
	assert_int_equal(buf_reserve(&b, 91, &at), ERR_LIMIT);
	assert_int_equal(b.len, 10);
	assert_memory_equal(b.data, "0123456789", 10);
	assert_int_equal(buf_reserve(&b, 90, &at), 0);
	assert_int_equal(b.cap, 100);
	memset(at, 'x', 90);
	buf_commit(&b, 90);
	assert_int_equal(buf_add_byte(&b, 'y'), ERR_LIMIT);
	assert_int_equal(b.len, 100);
	buf_done(&b);
	assert_int_equal(b.max, 100);
}

static void
test_a_size_that_would_wrap_is_no_memory(void **state)
{
	struct buf	b;
	uint8_t		*at;

	(void)state;
	buf_init(&b, SIZE_MAX);
	assert_int_equal(buf_add(&b, "abc", 3), 0);
	assert_int_equal(buf_reserve(&b, SIZE_MAX / 2, &at), ERR_NOMEM);
	assert_int_equal(buf_reserve(&b, SIZE_MAX - 3, &at), ERR_NOMEM);
	assert_int_equal(buf_reserve(&b, SIZE_MAX, &at), ERR_LIMIT);
	assert_int_equal(b.len, 3);
	assert_memory_equal(b.data, "abc", 3);
	buf_done(&b);
}

static void
test_the_front_can_be_dropped(void **state)
{
	struct buf	b;

	(void)state;
	buf_init(&b, 100);
	assert_int_equal(buf_add(&b, "hello world", 11), 0);
	buf_consume(&b, 0);
	assert_int_equal(b.len, 11);
	buf_consume(&b, 6);
	assert_int_equal(b.len, 5);
	assert_memory_equal(b.data, "world", 5);
	buf_consume(&b, 5);
	assert_int_equal(b.len, 0);
	assert_int_equal(buf_add(&b, "!", 1), 0);
	assert_memory_equal(b.data, "!", 1);
	buf_clear(&b);
	assert_int_equal(b.len, 0);
	buf_done(&b);
}

static void
test_nothing_needs_no_memory(void **state)
{
	struct buf	b;

	(void)state;
	buf_init(&b, 0);
	assert_int_equal(buf_add(&b, NULL, 0), 0);
	assert_null(b.data);
	assert_int_equal(buf_add_byte(&b, 1), ERR_LIMIT);
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes_come_out_as_they_went_in),
		cmocka_unit_test(test_the_cap_holds_and_the_content_stays),
		cmocka_unit_test(test_a_size_that_would_wrap_is_no_memory),
		cmocka_unit_test(test_the_front_can_be_dropped),
		cmocka_unit_test(test_nothing_needs_no_memory),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
