/* proto/efuse/virt */
#include "proto/efuse/virt.h"

#include <string.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/efuse/coding.h"
#include "tests/unit/unit.h"

static struct efuse_raw		raw;
static struct efuse_state	st;
static struct why		why;

static const struct efuse_chip *
table(const char *name)
{
	return efuse_chip_find(chip_by_name(name), 9999);
}

static void
empty(const char *name)
{
	virt_new(&raw, table(name));
}

static void
read_it(void)
{
	why_clear(&why);
	assert_int_equal(efuse_state_read(&st, &raw, NULL, &why), 0);
}

/* A step that sets `bytes`, coded as the chip wants it. */
static struct efuse_step
step_of(unsigned block, const void *bytes, size_t len)
{
	struct efuse_step	step = { .block = block };
	uint8_t			data[64] = { 0 }, coded[64];

	read_it();
	memcpy(data, bytes, len);
	for (size_t i = 0; i < EFUSE_WORDS; i++)
		step.want[i] = le32_get(data + 4 * i);
	memcpy(coded, data, sizeof coded);
	step.burn_words = EFUSE_WORDS;
	if (efuse_block_coding(&st, block) == EFUSE_34)
		coding_34(data, 24, coded);
	if (efuse_block_coding(&st, block) == EFUSE_RS) {
		coding_rs(data, coded + CODING_RS_DATA);
		step.burn_words = 11;
	}
	for (size_t i = 0; i < EFUSE_BURN_WORDS; i++)
		step.burn[i] = le32_get(coded + 4 * i);
	return step;
}

static void
burn(unsigned block, const void *bytes, size_t len)
{
	struct efuse_step	step = step_of(block, bytes, len);

	assert_int_equal(virt_burn(&raw, &step, &why), 0);
	read_it();
}

static void
test_a_file_is_the_registers_turned_end_to_end(void **state)
{
	uint8_t	file[EFUSE_WINDOW];

	(void)state;
	empty("esp32c3");
	assert_int_equal(raw.revision, 4);
	assert_int_equal(raw.xtal_mhz, 40);
	raw.window[0x9c / 4] = 0x44332211;
	assert_int_equal(virt_save(&raw, file), 0x200);
	assert_memory_equal(file + 0x200 - 0x9c - 4, "\x44\x33\x22\x11", 4);
	memset(&raw, 0xaa, sizeof raw);
	assert_int_equal(virt_load(&raw, table("esp32c3"), file, 0x200, &why),
	    0);
	assert_int_equal(raw.window[0x9c / 4], 0x44332211);
	assert_int_equal(raw.window[0x98 / 4], 0);
	assert_int_equal(raw.xtal_mhz, 40);

	empty("esp32");
	assert_int_equal(virt_save(&raw, file), 0x120);
	assert_int_equal(raw.date >> 31, 1);
}

static void
test_a_file_of_another_length_is_refused(void **state)
{
	static const uint8_t	file[EFUSE_WINDOW];
	static const size_t	wrong[] = { 0, 0x11c, 0x120, 0x1fc };

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(wrong); i++) {
		why_clear(&why);
		assert_int_equal(virt_load(&raw, table("esp32c3"), file,
		    wrong[i], &why), ERR_PARAMS);
		assert_non_null(strstr(why_text(&why), "512 bytes"));
	}
	assert_int_equal(virt_load(&raw, table("esp32"), file, 0x200, &why),
	    ERR_PARAMS);
}

static void
test_bits_are_set_and_never_cleared(void **state)
{
	(void)state;
	empty("esp32c3");
	burn(0, "\0\0\0\0\0\x01", 6);
	assert_int_equal(st.words[0][1], 0x100);
	burn(0, "\0\0\0\0\0\x02", 6);
	assert_int_equal(st.words[0][1], 0x300);
}

static void
test_wrong_check_bytes_are_not_burned(void **state)
{
	struct efuse_step	step;
	struct efuse_raw	before;

	(void)state;
	empty("esp32c3");
	step = step_of(4, "\1\2\3", 3);
	step.burn[8] ^= 1;
	before = raw;
	why_clear(&why);
	assert_int_equal(virt_burn(&raw, &step, &why), ERR_INTERNAL);
	assert_memory_equal(&raw, &before, sizeof raw);
	assert_non_null(strstr(why_text(&why), "BLOCK_KEY0"));
}

/* Byte for byte what espefuse's own file would be. */
static void
test_registers_are_left_as_the_command_leaves_them(void **state)
{
	uint8_t	check[CODING_RS_CHECK], data[CODING_RS_DATA] = "key";

	(void)state;
	empty("esp32c3");
	burn(4, "key", 3);
	assert_int_equal(raw.window[0], 0);
	coding_rs(data, check);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(raw.window[0x20 / 4 + i],
		    le32_get(check + 4 * i));
	assert_int_equal(raw.window[st.efuse->control.conf / 4],
	    EFUSE_READ_CODE);
	assert_int_equal(raw.window[st.efuse->control.cmd / 4], 0);
	empty("esp32");
	burn(1, "key", 3);
	assert_int_equal(raw.window[0x98 / 4], 0);
}

static void
test_34_coding_is_taken_off(void **state)
{
	struct efuse_step	step;

	(void)state;
	empty("esp32");
	burn(0, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 25);
	assert_int_equal(st.coding, EFUSE_34);
	burn(1, "abcdefghijklmnopqrstuvwx", 24);
	assert_int_equal(st.words[1][0], 0x64636261);
	assert_int_equal(st.words[1][5], 0x78777675);
	assert_int_equal(raw.window[0x38 / 4 + 6], 0);
	step = step_of(2, "abc", 3);
	step.burn[1] ^= 1u << 16;
	assert_int_equal(virt_burn(&raw, &step, &why), ERR_INTERNAL);
}

static void
test_protected_bits_do_not_take(void **state)
{
	(void)state;
	empty("esp32c3");
	burn(0, "\x04\0\x80\0", 4);		/* WR_DIS 2, 23 */
	burn(4, "\xff", 1);
	assert_true(efuse_block_empty(&st, 4));
	burn(5, "\xff", 1);
	assert_int_equal(st.words[5][0], 0xff);
	/* DIS_ICACHE is under bit 2, RD_DIS is not. */
	burn(0, "\0\0\0\0\x40\x01", 6);
	assert_int_equal(st.words[0][1], 0x40);
}

/* The protection that is burned takes effect for the next burn. */
static void
test_a_block_can_be_burned_with_its_own_protection(void **state)
{
	(void)state;
	empty("esp32c3");
	burn(0, "\x04\0\0\0\0\x01", 6);
	assert_int_equal(st.words[0][1], 0x100);
	burn(0, "\0\0\0\0\0\x02", 6);
	assert_int_equal(st.words[0][1], 0x100);
}

static void
test_hidden_blocks_read_as_zeros(void **state)
{
	(void)state;
	empty("esp32c3");
	burn(4, "key", 3);
	burn(5, "key", 3);
	burn(0, "\0\0\0\0\x01", 5);
	assert_true(efuse_block_empty(&st, 4));
	assert_false(efuse_block_empty(&st, 5));
	burn(4, "key", 3);
	assert_true(efuse_block_empty(&st, 4));
}

static void
test_halves_are_hidden_one_by_one(void **state)
{
	(void)state;
	empty("esp32c2");
	burn(3, "0123456789abcdef0123456789abcdef", 32);
	assert_false(efuse_block_empty(&st, 3));
	/* RD_DIS is at bit 32 of BLOCK0. */
	burn(0, "\0\0\0\0\2", 5);
	assert_int_equal(st.words[3][0], 0x33323130);
	assert_int_equal(st.words[3][4], 0);
	assert_int_equal(st.words[3][7], 0);
	burn(0, "\0\0\0\0\1", 5);
	assert_true(efuse_block_empty(&st, 3));
}

/* ESP32: RD_DIS bit 3 hides fields of BLOCK0. */
static void
test_hidden_fields_read_as_zeros(void **state)
{
	(void)state;
	empty("esp32");
	/* FLASH_CRYPT_CONFIG and VOL_LEVEL_HP_INV, which cannot be hidden. */
	burn(0, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xf0", 24);
	burn(0, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xc0", 23);
	assert_int_equal(efuse_number(&st, "FLASH_CRYPT_CONFIG"), 15);
	burn(0, "\0\0\x08", 3);
	assert_int_equal(efuse_number(&st, "FLASH_CRYPT_CONFIG"), 0);
	assert_int_equal(efuse_number(&st, "VOL_LEVEL_HP_INV"), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_file_is_the_registers_turned_end_to_end),
		cmocka_unit_test(test_a_file_of_another_length_is_refused),
		cmocka_unit_test(test_bits_are_set_and_never_cleared),
		cmocka_unit_test(test_wrong_check_bytes_are_not_burned),
		cmocka_unit_test(
		    test_registers_are_left_as_the_command_leaves_them),
		cmocka_unit_test(test_34_coding_is_taken_off),
		cmocka_unit_test(test_protected_bits_do_not_take),
		cmocka_unit_test(
		    test_a_block_can_be_burned_with_its_own_protection),
		cmocka_unit_test(test_hidden_blocks_read_as_zeros),
		cmocka_unit_test(test_halves_are_hidden_one_by_one),
		cmocka_unit_test(test_hidden_fields_read_as_zeros),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
