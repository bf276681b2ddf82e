/* proto/chip/flashid */
#include "proto/chip/flashid.h"

#include "tests/unit/unit.h"

static uint32_t
size_of(uint32_t rdid)
{
	struct flashid	id;

	flashid_parse(rdid, &id);
	return id.size;
}

/* Recorded from the emulated boards: a GD25Q32. */
static void
test_recorded_id(void **state)
{
	struct flashid	id;

	(void)state;
	flashid_parse(0x001640c8, &id);
	assert_int_equal(id.manufacturer, 0xc8);
	assert_int_equal(id.device, 0x4016);
	assert_int_equal(id.size, 4 << 20);
	assert_string_equal(flashid_maker(id.manufacturer), "GigaDevice");
	/* The fourth byte of the register is not part of the answer. */
	flashid_parse(0xff1640c8, &id);
	assert_int_equal(id.size, 4 << 20);
}

static void
test_all_ways_to_count_capacity(void **state)
{
	(void)state;
	assert_int_equal(size_of(0x1140ef), 0);
	assert_int_equal(size_of(0x1240ef), 256 << 10);
	assert_int_equal(size_of(0x1840ef), 16 << 20);
	assert_int_equal(size_of(0x1c40ef), 256 << 20);
	assert_int_equal(size_of(0x1d40ef), 0);
	assert_int_equal(size_of(0x1f40ef), 0);
	assert_int_equal(size_of(0x2040ef), 64 << 20);
	assert_int_equal(size_of(0x2140ef), 128 << 20);
	assert_int_equal(size_of(0x2240ef), 256 << 20);
	assert_int_equal(size_of(0x2340ef), 0);
	assert_int_equal(size_of(0x3140ef), 0);
	assert_int_equal(size_of(0x3240ef), 256 << 10);
	assert_int_equal(size_of(0x3a40ef), 64 << 20);
	assert_int_equal(size_of(0x3b40ef), 0);
}

static void
test_adesto_counts_in_the_second_byte(void **state)
{
	(void)state;
	assert_int_equal(size_of(0x01831f), 0);
	assert_int_equal(size_of(0x01841f), 512 << 10);	/* AT25SF041 */
	assert_int_equal(size_of(0x01861f), 2 << 20);	/* AT25SF161 */
	assert_int_equal(size_of(0x01891f), 16 << 20);	/* AT25SF128 */
	assert_int_equal(size_of(0x018a1f), 0);
	/* Its third byte means nothing, even if it looks like a size. */
	assert_int_equal(size_of(0x16801f), 0);
}

static void
test_absent_flash(void **state)
{
	(void)state;
	assert_true(flashid_absent(0xffffff));
	assert_true(flashid_absent(0xffffffff));
	assert_true(flashid_absent(0));
	assert_true(flashid_absent(0xffff3f));
	assert_false(flashid_absent(0x1640c8));
	assert_int_equal(size_of(0xffffff), 0);
	assert_int_equal(size_of(0), 0);
}

static void
test_makers_are_named_once(void **state)
{
	unsigned	known = 0;

	(void)state;
	for (unsigned i = 0; i < 256; i++)
		if (flashid_maker((uint8_t)i) != NULL) {
			known++;
			for (unsigned k = 0; k < i; k++)
				if (flashid_maker((uint8_t)k) != NULL)
					assert_string_not_equal(
					    flashid_maker((uint8_t)k),
					    flashid_maker((uint8_t)i));
		}
	assert_true(known >= 10);
	assert_string_equal(flashid_maker(0xef), "Winbond");
	assert_null(flashid_maker(0xff));
	assert_null(flashid_maker(0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recorded_id),
		cmocka_unit_test(test_all_ways_to_count_capacity),
		cmocka_unit_test(test_adesto_counts_in_the_second_byte),
		cmocka_unit_test(test_absent_flash),
		cmocka_unit_test(test_makers_are_named_once),
	};

	return cmocka_run_group_tests_name("flashid", tests, NULL, NULL);
}
