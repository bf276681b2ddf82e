/*
 * Plans of burning eFuses: what is refused, in which steps the rest is burned,
 * and what is said.
 */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "proto/efuse/coding.h"
#include "tests/unit/efuse_plan.h"

static struct bench	b;

/* What is said must name the words. */
#define assert_why(b, words) do {					\
	if (!strstr((b)->why.text, words))				\
		fail_msg("\"%s\" does not say \"%s\"", (b)->why.text, words); \
} while (0)

static void
assert_said(const struct bench *of, const char *line)
{
	if (bench_said(of, line))
		return;
	for (size_t i = 0; i < efuse_plan_lines(of->plan); i++)
		print_error("%s\n", efuse_plan_line(of->plan, i));
	fail_msg("\"%s\" was not said", line);
}

static void
refuse(struct bench *of, const struct efuse_wish *w, int err,
    const char *words)
{
	int	r = bench_wish(of, w);

	if (r != err)
		fail_msg("%d instead of %d: %s", r, err, of->why.text);
	assert_why(of, words);
	assert_int_equal(efuse_plan_steps(of->plan), 0);
	bench_plan(of, true);
}

/* fields */

static void
test_a_value_must_fit_its_field(void **state)
{
	static const struct {
		const char	*chip, *name, *value, *words;
	} rows[] = {
		{ "ESP32-C3", "DIS_ICACHE", "0", "will always burn 0->1" },
		{ "ESP32-C3", "DIS_ICACHE", "2", "will always burn 0->1" },
		{ "ESP32-C3", "DIS_ICACHE", "yes", "is not a number" },
		{ "ESP32-C3", "SOFT_DIS_JTAG", NULL, "New value required" },
		{ "ESP32-C3", "SOFT_DIS_JTAG", "0", "should not be 0" },
		{ "ESP32-C3", "SOFT_DIS_JTAG", "8", "too large" },
		{ "ESP32-C3", "SOFT_DIS_JTAG", "-1", "is not a number" },
		{ "ESP32-C3", "NO_SUCH", "1", "has no eFuse 'NO_SUCH'" },
		{ "ESP32-C3", "BLOCK_KEY0", "0x12", "length of eFuse" },
		{ "ESP32-C3", "BLOCK_KEY0", "xyz", "hexadecimal" },
		{ "ESP32-C3", "KEY_PURPOSE_0", "USER", "out of range" },
		{ "ESP32-C3", "KEY_PURPOSE_0", "0", "out of range" },
		{ "ESP32-C3", "KEY_PURPOSE_0", "2", "out of range" },
		{ "ESP32-C3", "KEY_PURPOSE_0", "KEY", "unknown name" },
		{ "ESP32-S3", "KEY_PURPOSE_0", "XTS_AES_256_KEY",
		  "two key blocks" },
		{ "ESP32", "SPI_PAD_CONFIG_CLK", "30", "30 & 31" },
		{ "ESP32", "SPI_PAD_CONFIG_CLK", "34", "IO pin 34" },
		{ "ESP32", "FLASH_CRYPT_CNT", NULL, "New value required" },
		{ "ESP32-C3", "CUSTOM_MAC", "aa:bb", "6-byte" },
		{ "ESP32-C3", "CUSTOM_MAC", NULL, "Required MAC" },
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		bench_begin(&b, rows[i].chip);
		refuse(&b, wish_field(rows[i].name, rows[i].value), ERR_PARAMS,
		    rows[i].words);
		bench_end(&b);
	}
	(void)state;
}

static void
test_numbers_are_read_as_people_write_them(void **state)
{
	static const char *const values[] = { "5", "0x5", "0b101", "0o5" };

	for (size_t i = 0; i < UNIT_COUNT(values); i++) {
		bench_begin(&b, "ESP32-C3");
		bench_do(&b, wish_field("SOFT_DIS_JTAG", values[i]));
		assert_int_equal(bench_value(&b, "SOFT_DIS_JTAG"), 5);
		bench_end(&b);
	}
	(void)state;
}

static void
test_the_pins_32_and_33_are_kept_as_30_and_31(void **state)
{

	bench_begin(&b, "ESP32");
	bench_do(&b, wish_field("SPI_PAD_CONFIG_CLK", "33"));
	assert_int_equal(bench_value(&b, "SPI_PAD_CONFIG_CLK"), 31);
	bench_end(&b);
	(void)state;
}

static void
test_no_bit_is_cleared(void **state)
{

	bench_begin(&b, "ESP32-C3");
	bench_do(&b, wish_field("SOFT_DIS_JTAG", "2"));
	refuse(&b, wish_field("SOFT_DIS_JTAG", "1"), ERR_SECURITY,
	    "cannot be cleared (value will be 0b011)");
	bench_do(&b, wish_field("SOFT_DIS_JTAG", "3"));
	assert_int_equal(bench_value(&b, "SOFT_DIS_JTAG"), 3);
	bench_end(&b);
	(void)state;
}

static void
test_what_is_set_is_not_burned_again(void **state)
{

	bench_begin(&b, "ESP32-C3");
	bench_do(&b, wish_field("DIS_ICACHE", "1"));
	assert_int_equal(bench_wish(&b, wish_field("DIS_ICACHE", NULL)), 0);
	assert_int_equal(efuse_plan_steps(b.plan), 0);
	assert_int_equal(efuse_plan_late_lines(b.plan), 0);
	assert_said(&b, "\tThe same value for DIS_ICACHE is already burned. Do "
	    "not change the eFuse.");
	assert_said(&b, "Nothing to burn, see messages above.");
	bench_end(&b);
	(void)state;
}

static void
test_of_a_plain_block_only_new_bits_are_burned(void **state)
{
	const struct efuse_step	*s;

	bench_begin(&b, "ESP32-C3");
	bench_do(&b, wish_field("SOFT_DIS_JTAG", "2"));
	assert_int_equal(bench_wish(&b, wish_field("SOFT_DIS_JTAG", "3")), 0);
	s = efuse_plan_step(b.plan, 0);
	assert_non_null(s);
	assert_int_equal(__builtin_popcount(s->burn[1]), 1);
	assert_int_equal(__builtin_popcount(s->want[1]), 2);
	bench_end(&b);
	(void)state;
}

static void
test_a_counter_without_a_value_takes_the_next_bit(void **state)
{

	bench_begin(&b, "ESP32-C3");
	for (uint32_t want = 1; want < 8; want = want << 1 | 1) {
		bench_do(&b, wish_field("SPI_BOOT_CRYPT_CNT", NULL));
		assert_int_equal(bench_value(&b, "SPI_BOOT_CRYPT_CNT"), want);
	}
	refuse(&b, wish_field("SPI_BOOT_CRYPT_CNT", NULL), ERR_SECURITY,
	    "cannot count any further");
	bench_end(&b);
	(void)state;
}

static void
test_a_name_twice_must_have_one_value(void **state)
{

	bench_begin(&b, "ESP32-C3");
	assert_int_equal(bench_add(&b, wish_field("SOFT_DIS_JTAG", "1")), 0);
	assert_int_equal(bench_add(&b, wish_field("SOFT_DIS_JTAG", "1")), 0);
	assert_int_equal(bench_finish(&b), 0);
	bench_plan(&b, true);
	assert_int_equal(bench_add(&b, wish_field("SOFT_DIS_JTAG", "1")), 0);
	refuse(&b, wish_field("SOFT_DIS_JTAG", "3"), ERR_CONFLICT, "twice");
	bench_end(&b);
	(void)state;
}

static void
test_what_the_factory_burned_is_left_alone(void **state)
{

	bench_begin(&b, "ESP32");
	refuse(&b, wish_field("MAC", "aa:bb:cc:dd:ee:f0"), ERR_SECURITY,
	    "Factory MAC");
	refuse(&b, wish_field("ADC_VREF", "3"), ERR_SECURITY, "VRef");
	refuse(&b, wish_field("WAFER_VERSION_MAJOR", "1"), ERR_SECURITY,
	    "Burning WAFER_VERSION_MAJOR is not supported");
	bench_end(&b);
	bench_begin(&b, "ESP32-C3");
	refuse(&b, wish_field("MAC", "aa:bb:cc:dd:ee:f0"), ERR_SECURITY,
	    "Burning MAC is not supported");
	bench_end(&b);
	(void)state;
}

static void
test_a_number_in_parts_goes_to_all_of_them(void **state)
{

	/* The highest of the twelve bits is lost by the reference. */
	bench_begin(&b, "ESP32-C5");
	bench_do(&b, wish_field("RECOVERY_BOOTLOADER_FLASH_SECTOR", "0x9a5"));
	assert_int_equal(
	    bench_value(&b, "RECOVERY_BOOTLOADER_FLASH_SECTOR_LO"), 0x1a5);
	assert_int_equal(
	    bench_value(&b, "RECOVERY_BOOTLOADER_FLASH_SECTOR_HI"), 4);
	bench_end(&b);
	(void)state;
}

static void
test_protected_fields_are_refused(void **state)
{

	bench_begin(&b, "ESP32-C3");
	bench_do(&b, wish_named(EFUSE_WISH_LOCK, "DIS_ICACHE"));
	refuse(&b, wish_field("DIS_ICACHE", "1"), ERR_SECURITY,
	    "write-protected");
	/* Bits of a block go no other way. */
	refuse(&b, wish_bit("BLOCK0", 40), ERR_SECURITY, "write-protected");
	bench_end(&b);
	bench_begin(&b, "ESP32");
	bench_do(&b, wish_named(EFUSE_WISH_HIDE, "CODING_SCHEME"));
	refuse(&b, wish_field("KEY_STATUS", "1"), ERR_SECURITY,
	    "read-protected");
	bench_end(&b);
	(void)state;
}

static void
test_a_coded_block_names_what_it_will_never_take(void **state)
{

	bench_begin(&b, "ESP32-C3");
	assert_int_equal(bench_wish(&b,
	    wish_field("CUSTOM_MAC", "aa:cd:ef:01:02:03")), 0);
	assert_said(&b, "Burning eFuses (see 'ATTENTION!' above):");
	assert_said(&b, "               ['BLOCK_USR_DATA']");
	assert_int_equal(efuse_plan_notes(b.plan), 1);
	bench_end(&b);
	(void)state;
}

static void
test_incompatible_settings_are_refused(void **state)
{
	struct efuse_wish	w = *wish_field("DIS_USB_JTAG", "1");

	bench_begin(&b, "ESP32-S3");
	bench_do(&b, wish_field("DIS_USB_SERIAL_JTAG", "1"));
	refuse(&b, &w, ERR_CONFLICT, "Incompatible eFuse settings");
	w.force = true;
	assert_int_equal(bench_wish(&b, &w), 0);
	assert_said(&b, "Ignore incompatible eFuse settings.");
	assert_int_equal(efuse_plan_steps(b.plan), 1);
	bench_end(&b);
	/* The same bit by its number. */
	bench_begin(&b, "ESP32-S3");
	assert_int_equal(bench_add(&b,
	    wish_field("DIS_USB_SERIAL_JTAG", "1")), 0);
	w = *wish_bit("BLOCK0", 0);
	w.command = 1;
	for (const struct efuse_field *f = NULL;
	    (f = efuse_field_next(&b.state, f));)
		if (strcmp(f->name, "DIS_USB_JTAG") == 0)
			w.bits[0] = f->bit;
	refuse(&b, &w, ERR_CONFLICT, "Incompatible eFuse settings");
	bench_end(&b);
	(void)state;
}

/* blocks */

static void
test_bits_and_data_must_fit_their_block(void **state)
{
	struct efuse_wish	w;

	bench_begin(&b, "ESP32-C3");
	refuse(&b, wish_bit("BLOCK3", 256), ERR_PARAMS, "in [0..255]");
	refuse(&b, wish_bit("BLOCK99", 0), ERR_PARAMS, "no block 'BLOCK99'");
	refuse(&b, wish_data(EFUSE_WISH_DATA, "BLOCK3", NULL, 1, 31),
	    ERR_PARAMS, "Data does not fit");
	w = *wish_data(EFUSE_WISH_DATA, "BLOCK3", NULL, 1, 8);
	w.offset = 32;
	refuse(&b, &w, ERR_PARAMS, "Invalid offset");
	w.offset = 25;
	refuse(&b, &w, ERR_PARAMS, "Data does not fit");
	w.offset = 24;
	bench_do(&b, &w);
	assert_int_equal(b.state.words[3][6], 0x04030201);
	assert_int_equal(b.state.words[3][5], 0);
	bench_end(&b);
	(void)state;
}

static void
test_a_reed_solomon_block_is_burned_once(void **state)
{
	struct efuse_wish	w = *wish_bit("BLOCK3", 5);
	uint8_t			check[CODING_RS_CHECK], data[32] = { 1 << 4 };
	const struct efuse_step	*s;

	bench_begin(&b, "ESP32-C3");
	assert_int_equal(bench_wish(&b, wish_bit("BLOCK3", 4)), 0);
	assert_int_equal(efuse_plan_steps(b.plan), 1);
	s = efuse_plan_step(b.plan, 0);
	assert_int_equal(s->burn_words, 11);
	coding_rs(data, check);
	assert_memory_equal(&s->burn[8], check, sizeof(check));
	bench_burn(&b, 1);
	bench_plan(&b, true);

	refuse(&b, &w, ERR_SECURITY, "RS coding scheme does not allow this");
	w.write_always = true;
	assert_int_equal(bench_wish(&b, &w), 0);
	assert_said(&b, "\tBurn into BLOCK_USR_DATA is forbidden (RS coding "
	    "scheme does not allow this). Skipped because "
	    "'--force-write-always' option.");
	assert_int_equal(efuse_plan_steps(b.plan), 1);
	/* The bit that is set is no second burn. */
	bench_plan(&b, true);
	assert_int_equal(bench_wish(&b, wish_bit("BLOCK3", 4)), 0);
	assert_int_equal(efuse_plan_steps(b.plan), 0);
	bench_end(&b);
	(void)state;
}

/* A burn that was cut short left some bits, and check bytes that do not fit. */
static void
test_a_block_cut_while_it_was_burned_is_burned_whole(void **state)
{
	struct efuse_wish	w = *wish_data(EFUSE_WISH_DATA, "BLOCK3", NULL,
				    0x11, 32);
	const struct efuse_step	*s;
	static struct efuse_state	cut;

	bench_begin(&b, "ESP32-C3");
	cut = b.state;
	cut.words[3][0] = 0x14131211 & 0x0000ffff;
	cut.failed[3] = true;
	efuse_plan_free(b.plan);
	b.plan = efuse_plan_new(&cut, true);
	assert_int_equal(bench_wish(&b, &w), 0);
	assert_int_equal(efuse_plan_steps(b.plan), 1);
	s = efuse_plan_step(b.plan, 0);
	assert_int_equal(s->burn[0], 0x14131211);
	/* Bits of something else are still something else. */
	cut.words[3][0] |= 1u << 31;
	efuse_plan_free(b.plan);
	b.plan = efuse_plan_new(&cut, true);
	assert_int_equal(bench_wish(&b, &w), ERR_SECURITY);
	bench_end(&b);
	(void)state;
}

static void
begin_34(struct bench *of)
{
	bench_begin(of, "ESP32");
	bench_do(of, wish_field("CODING_SCHEME", "1"));
	assert_int_equal(of->state.coding, EFUSE_34);
}

static void
test_chunks_of_the_34_coding_are_burned_once_each(void **state)
{
	struct efuse_wish	w = *wish_data(EFUSE_WISH_DATA, "BLOCK3", NULL,
				    1, 6);

	begin_34(&b);
	w.offset = 6;
	assert_int_equal(bench_wish(&b, &w), 0);
	assert_int_equal(efuse_plan_step(b.plan, 0)->burn_words, 8);
	/* XOR of 1..6 is 7; 1*1 + 2*1 + 3*2 + 4*1 + 5*2 + 6*2 is 35. */
	assert_int_equal(efuse_plan_step(b.plan, 0)->burn[3], 0x23070605);
	bench_burn(&b, 1);
	bench_plan(&b, true);
	/* The same chunk and another one: only the other is burned. */
	w = *wish_data(EFUSE_WISH_DATA, "BLOCK3", NULL, 1, 12);
	w.offset = 6;
	memcpy(w.data + 6, w.data, 6);
	assert_int_equal(bench_wish(&b, &w), 0);
	assert_said(&b, "\twritten chunk [2] and wr_chunk are not empty. "
	    "wr_chunk == rd_chunk. Continue with empty chunk.");
	assert_int_equal(efuse_plan_step(b.plan, 0)->burn[2], 0);
	assert_int_equal(efuse_plan_step(b.plan, 0)->burn[4], 0x04030201);
	bench_plan(&b, true);
	/* One more bit in it: its check bytes cannot change. */
	refuse(&b, wish_bit("BLOCK3", 50), ERR_SECURITY, "3/4 coding scheme");
	bench_end(&b);
	(void)state;
}

static void
test_the_coding_is_not_changed_beside_what_it_codes(void **state)
{
	struct efuse_wish	w = *wish_bit("BLOCK3", 0);

	bench_begin(&b, "ESP32");
	w.command = 1;
	assert_int_equal(bench_add(&b, wish_field("CODING_SCHEME", "1")), 0);
	refuse(&b, &w, ERR_CONFLICT, "burn CODING_SCHEME first");
	refuse(&b, wish_field("CODING_SCHEME", "2"), ERR_UNSUPPORTED,
	    "CODING_SCHEME 2");
	/* 3 means what 0 does. */
	assert_int_equal(bench_add(&b, wish_field("CODING_SCHEME", "3")), 0);
	assert_int_equal(bench_wish(&b, &w), 0);
	bench_end(&b);
	(void)state;
}

/* steps */

static void
test_block0_is_last_and_in_two_steps(void **state)
{
	const struct efuse_step	*s;

	bench_begin(&b, "ESP32-C3");
	assert_int_equal(bench_wish(&b, wish_data(EFUSE_WISH_KEY, "BLOCK_KEY3",
	    "HMAC_UP", 1, 32)), 0);
	assert_int_equal(efuse_plan_steps(b.plan), 3);
	s = efuse_plan_step(b.plan, 0);
	assert_int_equal(s->block, 7);
	s = efuse_plan_step(b.plan, 1);
	assert_true(s->block == 0 && !s->late);
	assert_int_equal(s->want[0], 0);		/* WR_DIS */
	s = efuse_plan_step(b.plan, 2);
	assert_true(s->block == 0 && s->late);
	assert_int_not_equal(s->want[0], 0);
	assert_string_equal(efuse_plan_late_line(b.plan, 0),
	    "Burn postponed eFuses from BLOCK0.");

	bench_plan(&b, false);
	assert_int_equal(bench_wish(&b, wish_data(EFUSE_WISH_KEY, "BLOCK_KEY3",
	    "HMAC_UP", 1, 32)), 0);
	assert_int_equal(efuse_plan_steps(b.plan), 2);
	assert_int_equal(efuse_plan_late_lines(b.plan), 0);
	bench_end(&b);
	(void)state;
}

static void
test_what_shuts_us_out_is_in_the_late_step(void **state)
{
	static const struct {
		const char	*chip, *field;
	} rows[] = {
		{ "ESP32", "UART_DOWNLOAD_DIS" }, { "ESP32", "ABS_DONE_1" },
		{ "ESP32", "FLASH_CRYPT_CNT" },
		{ "ESP32-C3", "DIS_DOWNLOAD_MODE" },
		{ "ESP32-C3", "ENABLE_SECURITY_DOWNLOAD" },
		{ "ESP32-C3", "SPI_BOOT_CRYPT_CNT" },
		{ "ESP32-C3", "SECURE_BOOT_EN" }, { "ESP32-C2", "WR_DIS" },
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		bench_begin(&b, rows[i].chip);
		assert_int_equal(bench_wish(&b,
		    wish_field(rows[i].field, "1")), 0);
		assert_int_equal(efuse_plan_steps(b.plan), 1);
		assert_true(efuse_plan_step(b.plan, 0)->late);
		bench_end(&b);
	}
	(void)state;
}

static void
test_the_wrong_crystal_is_refused_before_anything(void **state)
{

	bench_begin(&b, "ESP32-C3");
	b.raw.xtal_mhz = 26;
	bench_plan(&b, true);
	refuse(&b, wish_field("DIS_ICACHE", "1"), ERR_UNSUPPORTED, "xtal=40M");
	b.raw.xtal_mhz = 0;
	bench_plan(&b, true);
	refuse(&b, wish_field("DIS_ICACHE", "1"), ERR_UNSUPPORTED, "xtal=40M");
	bench_end(&b);
	bench_begin(&b, "ESP32-C2");
	b.raw.xtal_mhz = 26;
	bench_plan(&b, true);
	assert_int_equal(bench_wish(&b, wish_field("DIS_PAD_JTAG", "1")), 0);
	bench_end(&b);
	(void)state;
}

static void
test_damaged_blocks_are_burned_as_they_read(void **state)
{
	struct efuse_wish	w = *wish_named(EFUSE_WISH_REPAIR, NULL);
	static struct efuse_state	damaged;

	bench_begin(&b, "ESP32-C3");
	bench_do(&b, wish_data(EFUSE_WISH_DATA, "BLOCK3", NULL, 1, 32));
	bench_do(&b, wish_data(EFUSE_WISH_DATA, "BLOCK2", NULL, 1, 32));
	bench_do(&b, wish_field("DIS_ICACHE", "1"));
	damaged = b.state;
	damaged.errors[0] = 1;
	damaged.failed[0] = true;
	damaged.errors[2] = 7;
	damaged.failed[2] = true;	/* what it reads is not what it was */
	damaged.errors[3] = 2;
	damaged.errors[4] = 1;		/* empty */
	efuse_plan_free(b.plan);
	b.plan = efuse_plan_new(&damaged, true);
	assert_int_equal(bench_wish(&b, &w), 0);
	assert_int_equal(efuse_plan_steps(b.plan), 2);
	assert_int_equal(efuse_plan_step(b.plan, 0)->block, 3);
	assert_true(efuse_plan_step(b.plan, 0)->repair);
	assert_memory_equal(efuse_plan_step(b.plan, 0)->want,
	    damaged.words[3], sizeof(damaged.words[3]));
	assert_int_equal(efuse_plan_step(b.plan, 1)->block, 0);
	assert_int_equal(efuse_plan_step(b.plan, 1)->burn[1],
	    damaged.words[0][1]);
	assert_int_equal(efuse_plan_notes(b.plan), 1);
	bench_end(&b);
	(void)state;
}

/* keys */

static void
test_a_key_is_reversed_marked_and_protected(void **state)
{
	struct efuse_wish	w = *wish_data(EFUSE_WISH_KEY, "BLOCK_KEY0",
				    "XTS_AES_128_KEY", 1, 32);

	bench_begin(&b, "ESP32-C3");
	assert_int_equal(bench_wish(&b, &w), 0);
	assert_int_equal(efuse_plan_step(b.plan, 0)->want[0], 0x1d1e1f20);
	assert_int_equal(efuse_plan_secrets(b.plan), 1 << 4);
	assert_said(&b, "\tReversing byte order for AES-XTS hardware "
	    "peripheral...");
	bench_burn(&b, 3);
	assert_int_equal(bench_value(&b, "KEY_PURPOSE_0"), 4);
	assert_int_equal(bench_value(&b, "RD_DIS"), 1);
	assert_true(efuse_block_empty(&b.state, 4));
	assert_false(efuse_block_writable(&b.state, 4));
	bench_plan(&b, true);
	refuse(&b, &w, ERR_SECURITY, "read-protected");
	bench_end(&b);
	(void)state;
}

static void
test_the_protection_of_a_key_can_be_left_out(void **state)
{
	struct efuse_wish	w = *wish_data(EFUSE_WISH_KEY, "BLOCK4",
				    "HMAC_UP", 1, 32);

	w.readable = w.writable = true;
	bench_begin(&b, "ESP32-C3");
	bench_do(&b, &w);
	assert_int_equal(b.state.words[4][0], 0x04030201);
	assert_true(efuse_block_writable(&b.state, 4));
	/* What the key is for is protected in any case. */
	assert_false(efuse_writable(&b.state,
	    efuse_field_find(&b.state, "KEY_PURPOSE_0")));
	bench_end(&b);
	(void)state;
}

static void
test_keys_that_cannot_be_are_refused(void **state)
{
	static const struct {
		const char	*chip, *block, *purpose;
		size_t		 len;
		int		 err;
		const char	*words;
	} rows[] = {
		{ "ESP32-C3", "BLOCK_KEY0", "USER", 24, ERR_PARAMS,
		  "Incorrect key file size 24" },
		{ "ESP32-C3", "BLOCK_KEY0", "NONE", 32, ERR_PARAMS,
		  "no key purpose 'NONE'" },
		{ "ESP32-C3", "BLOCK0", "USER", 32, ERR_PARAMS,
		  "no key block" },
		{ "ESP32-C3", "BLOCK_KEY0", NULL, 32, ERR_PARAMS,
		  "needs its purpose" },
		{ "ESP32-C3", NULL, "USER", 32, ERR_PARAMS,
		  "needs the name" },
		{ "ESP32-C3", "BLOCK_KEY5", "XTS_AES_128_KEY", 32,
		  ERR_UNSUPPORTED, "hardware bug" },
		{ "ESP32-H2", "BLOCK_KEY5", "ECDSA_KEY", 32,
		  ERR_UNSUPPORTED, "hardware bug" },
		{ "ESP32-S3", "BLOCK_KEY0", "XTS_AES_256_KEY", 32, ERR_PARAMS,
		  "should be 64 bytes" },
		{ "ESP32", "BLOCK1", NULL, 24, ERR_PARAMS,
		  "Incorrect key file size 24" },
		{ "ESP32-C2", "BLOCK_KEY0", "XTS_AES_128_KEY", 16, ERR_PARAMS,
		  "Incorrect key file size 16" },
		{ "ESP32-C2", "BLOCK_KEY0", "SECURE_BOOT_DIGEST", 24,
		  ERR_PARAMS, "Wrong length" },
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		bench_begin(&b, rows[i].chip);
		refuse(&b, wish_data(EFUSE_WISH_KEY, rows[i].block,
		    rows[i].purpose, 1, rows[i].len), rows[i].err,
		    rows[i].words);
		bench_end(&b);
	}
	(void)state;
}

static void
test_a_purpose_that_is_set_stays(void **state)
{

	bench_begin(&b, "ESP32-C3");
	bench_do(&b, wish_field("KEY_PURPOSE_0", "HMAC_UP"));
	refuse(&b, wish_data(EFUSE_WISH_KEY, "BLOCK_KEY0", "USER", 1, 32),
	    ERR_SECURITY, "bits cannot be cleared");
	refuse(&b, wish_data(EFUSE_WISH_KEY, "BLOCK_KEY0", "HMAC_DOWN_ALL", 1,
	    32), ERR_SECURITY, "cannot be cleared");
	bench_do(&b, wish_named(EFUSE_WISH_LOCK, "KEY_PURPOSE_1"));
	refuse(&b, wish_data(EFUSE_WISH_KEY, "BLOCK_KEY1", "HMAC_UP", 1, 32),
	    ERR_SECURITY, "write protection bit is set");
	bench_end(&b);
	(void)state;
}

static void
test_no_sentence_tells_a_key(void **state)
{
	struct efuse_wish	w = *wish_data(EFUSE_WISH_KEY, "BLOCK_KEY0",
				    "HMAC_UP", 0x51, 32);
	struct efuse_wish	more = w;

	bench_begin(&b, "ESP32-C3");
	w.readable = w.writable = true;
	bench_do(&b, &w);
	more.data[0] = 0xf1;
	more.data[1] = 0x40;
	assert_int_equal(bench_wish(&b, &more), ERR_SECURITY);
	assert_null(strstr(b.why.text, "f1"));
	bench_plan(&b, true);
	more.write_always = true;
	assert_int_equal(bench_wish(&b, &more), 0);
	for (size_t i = 0; i < efuse_plan_lines(b.plan); i++) {
		assert_null(strstr(efuse_plan_line(b.plan, i), "5756"));
		assert_null(strstr(efuse_plan_line(b.plan, i), "56 57"));
	}
	for (size_t i = 0; i < efuse_plan_notes(b.plan); i++)
		assert_null(strstr(efuse_plan_note(b.plan, i), "5756"));
	bench_end(&b);
	(void)state;
}

struct seen {
	const char	*name;
	char		 before[EFUSE_TEXT_MAX], after[EFUSE_TEXT_MAX];
	bool		 found;
};

static void
look(void *arg, const struct efuse_change *c)
{
	struct seen	*s = arg;

	if (strcmp(c->field->name, s->name) != 0)
		return;
	s->found = true;
	memcpy(s->before, c->before, sizeof(s->before));
	memcpy(s->after, c->after, sizeof(s->after));
}

static void
test_a_key_given_as_a_value_does_not_travel_as_text(void **state)
{
	struct efuse_wish	w = *wish_field("BLOCK_KEY1", NULL);
	struct efuse_wish	plain = *wish_field("DIS_ICACHE", "1");

	bench_begin(&b, "ESP32-C3");
	w.value = strdup("0x202122232425262728292a2b2c2d2e2f"
	    "303132333435363738393a3b3c3d3e3f");
	assert_int_equal(efuse_wish_seal(&b.state, &w, NULL), 0);
	assert_null(w.value);
	assert_int_equal(w.len, 32);
	assert_int_equal(w.data[0], 0x3f);
	assert_int_equal(efuse_wish_seal(&b.state, &plain, NULL), 0);
	assert_string_equal(plain.value, "1");
	assert_int_equal(bench_wish(&b, &w), 0);
	assert_int_equal(efuse_plan_secrets(b.plan), 1 << 5);
	bench_burn(&b, EFUSE_STEPS_MAX);
	assert_int_equal(b.state.words[5][0], 0x3c3d3e3f);
	bench_plan(&b, true);
	w.len = 31;
	refuse(&b, &w, ERR_PARAMS, "length of eFuse");
	bench_end(&b);
	(void)state;
}

static void
test_changes_tell_what_was_and_what_will_be(void **state)
{
	struct efuse_wish	w = *wish_data(EFUSE_WISH_KEY, "BLOCK_KEY0",
				    "HMAC_UP", 1, 32);
	struct seen		s = { .name = "BLOCK_KEY0" };
	struct seen		p = { .name = "KEY_PURPOSE_0" };
	struct seen		d = { .name = "DIS_ICACHE" };

	bench_begin(&b, "ESP32-C3");
	assert_int_equal(bench_wish(&b, &w), 0);
	efuse_plan_changes(b.plan, look, &s);
	efuse_plan_changes(b.plan, look, &p);
	efuse_plan_changes(b.plan, look, &d);
	assert_true(s.found && p.found && !d.found);
	assert_string_equal(s.after, "?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? "
	    "?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ??");
	assert_string_equal(p.before, "USER");
	assert_string_equal(p.after, "HMAC_UP");
	bench_plan(&b, true);
	w.show = true;
	assert_int_equal(bench_wish(&b, &w), 0);
	efuse_plan_changes(b.plan, look, &s);
	assert_non_null(strstr(s.after, "01 02 03"));
	bench_end(&b);
	(void)state;
}

static void
test_a_long_key_takes_the_named_block_and_the_next_free_one(void **state)
{
	struct efuse_wish	w = *wish_data(EFUSE_WISH_KEY, "BLOCK_KEY0",
				    "XTS_AES_256_KEY", 1, 64);

	bench_begin(&b, "ESP32-S3");
	bench_do(&b, wish_bit("BLOCK_KEY1", 9));
	w.readable = w.writable = true;
	bench_do(&b, &w);
	assert_int_equal(bench_value(&b, "KEY_PURPOSE_0"), 2);
	assert_int_equal(bench_value(&b, "KEY_PURPOSE_1"), 0);
	assert_int_equal(bench_value(&b, "KEY_PURPOSE_2"), 3);
	/* Each half is turned by itself. */
	assert_int_equal(b.state.words[4][0], 0x1d1e1f20);
	assert_int_equal(b.state.words[6][0], 0x3d3e3f40);
	/* The same again finds both halves. */
	assert_int_equal(bench_wish(&b, &w), 0);
	assert_int_equal(efuse_plan_steps(b.plan), 0);
	bench_end(&b);
	(void)state;
}

static void
test_the_second_half_is_not_put_where_it_cannot_work(void **state)
{
	struct efuse_wish	w = *wish_data(EFUSE_WISH_KEY, "BLOCK_KEY4",
				    "XTS_AES_256_KEY", 1, 64);

	/* KEY5 comes next, but has the defect; round it goes. */
	bench_begin(&b, "ESP32-S3");
	bench_do(&b, &w);
	assert_int_equal(bench_value(&b, "KEY_PURPOSE_5"), 0);
	assert_int_equal(bench_value(&b, "KEY_PURPOSE_0"), 3);
	bench_end(&b);
	bench_begin(&b, "ESP32-S2");
	bench_do(&b, &w);
	assert_int_equal(bench_value(&b, "KEY_PURPOSE_5"), 3);
	bench_end(&b);
	bench_begin(&b, "ESP32-S3");
	for (uint16_t i = 0; i < 4; i++) {
		const char *const keys[] = { "BLOCK_KEY0", "BLOCK_KEY1",
		    "BLOCK_KEY2", "BLOCK_KEY3" };

		bench_do(&b, wish_bit(keys[i], 0));
	}
	refuse(&b, &w, ERR_SECURITY, "two free keyblocks");
	bench_end(&b);
	(void)state;
}

static void
test_a_half_that_is_burned_is_found_again(void **state)
{
	struct efuse_wish	w = *wish_data(EFUSE_WISH_KEY, "BLOCK_KEY0",
				    "XTS_AES_256_KEY", 1, 64);

	for (size_t cut = 1; cut < 4; cut++) {
		bench_begin(&b, "ESP32-S3");
		assert_int_equal(bench_wish(&b, &w), 0);
		assert_int_equal(efuse_plan_steps(b.plan), 4);
		bench_burn(&b, cut);
		bench_plan(&b, true);
		assert_int_equal(bench_wish(&b, &w), 0);
		assert_int_equal(efuse_plan_steps(b.plan), 4 - cut);
		bench_burn(&b, EFUSE_STEPS_MAX);
		assert_int_equal(bench_value(&b, "KEY_PURPOSE_0"), 2);
		assert_int_equal(bench_value(&b, "KEY_PURPOSE_1"), 3);
		assert_int_equal(bench_value(&b, "KEY_PURPOSE_2"), 0);
		assert_int_equal(bench_value(&b, "RD_DIS"), 3);
		bench_end(&b);
	}
	(void)state;
}

static void
test_the_scalar_of_p384_begins_in_the_named_block(void **state)
{
	struct efuse_wish	w = *wish_data(EFUSE_WISH_KEY, "BLOCK_KEY3",
				    "ECDSA_KEY_P384", 1, 64);

	w.readable = true;
	bench_begin(&b, "ESP32-C5");
	bench_do(&b, &w);
	assert_int_equal(bench_value(&b, "KEY_PURPOSE_3"), 18);	/* _H */
	assert_int_equal(bench_value(&b, "KEY_PURPOSE_4"), 17);	/* _L */
	assert_int_equal(b.state.words[7][0], 0x1d1e1f20);
	bench_end(&b);
	(void)state;
}

static void
test_a_purpose_of_five_bits_is_kept_in_two_fields(void **state)
{

	bench_begin(&b, "ESP32-P4");
	bench_do(&b, wish_data(EFUSE_WISH_KEY, "BLOCK_KEY4", "ECDSA_KEY_P192",
	    1, 32));
	assert_int_equal(bench_value(&b, "KEY_PURPOSE_4"), 0);
	assert_int_equal(bench_value(&b, "KEY_PURPOSE_4_H"), 1);
	bench_do(&b, wish_field("KEY_PURPOSE_0", "ECDSA_KEY_P192"));
	assert_int_equal(bench_value(&b, "KEY_PURPOSE_0_H"), 1);
	bench_end(&b);
	(void)state;
}

static void
test_one_block_takes_one_key(void **state)
{
	struct efuse_wish	w = *wish_data(EFUSE_WISH_KEY, "BLOCK_KEY0",
				    "USER", 1, 32);
	struct efuse_wish	bit = *wish_bit("BLOCK4", 0);

	bench_begin(&b, "ESP32-C3");
	assert_int_equal(bench_add(&b, &w), 0);
	w.name = (char *)(uintptr_t)"BLOCK4";
	refuse(&b, &w, ERR_CONFLICT, "Found repeated ['BLOCK_KEY0']");
	assert_int_equal(bench_add(&b, &w), 0);
	bit.command = 1;
	bit.bits[0] = 255;
	refuse(&b, &bit, ERR_CONFLICT, "would set more bits of it");
	bench_end(&b);
	(void)state;
}

static void
test_old_h2_makes_its_ecdsa_safe(void **state)
{
	struct efuse_wish	w = *wish_data(EFUSE_WISH_KEY, "BLOCK_KEY0",
				    "ECDSA_KEY", 1, 32);

	bench_begin(&b, "ESP32-H2");
	bench_do(&b, &w);
	assert_int_equal(bench_value(&b, "ECDSA_FORCE_USE_HARDWARE_K"), 1);
	bench_end(&b);
	bench_begin(&b, "ESP32-H2");
	assert_int_equal(bench_add(&b,
	    wish_field("WAFER_VERSION_MINOR", "2")), 0);
	bench_do(&b, wish_field("WAFER_VERSION_MAJOR", "1"));
	assert_int_equal(bench_wish(&b, &w), 0);
	assert_false(bench_said(&b, "\tECDSA_FORCE_USE_HARDWARE_K: 0 -> 1"));
	bench_end(&b);
	(void)state;
}

static void
test_a_digest_stays_readable(void **state)
{
	struct efuse_wish	w = *wish_data(EFUSE_WISH_DIGEST, "BLOCK_KEY2",
				    "SECURE_BOOT_DIGEST0", 1, 32);

	bench_begin(&b, "ESP32-C3");
	refuse(&b, wish_data(EFUSE_WISH_DIGEST, "BLOCK_KEY2", "USER", 1, 32),
	    ERR_PARAMS, "no purpose of a digest");
	bench_do(&b, &w);
	assert_int_equal(b.state.words[6][0], 0x04030201);
	assert_int_equal(bench_value(&b, "RD_DIS"), 0);
	refuse(&b, wish_named(EFUSE_WISH_HIDE, "BLOCK_KEY2"), ERR_SECURITY,
	    "must be readable");
	/* By an older name, and by the number, too. */
	refuse(&b, wish_named(EFUSE_WISH_HIDE, "KEY2"), ERR_SECURITY,
	    "must be readable");
	refuse(&b, wish_field("RD_DIS", "4"), ERR_SECURITY,
	    "must be readable");
	refuse(&b, wish_named(EFUSE_WISH_HIDE, "BLOCK_KEY1"), ERR_SECURITY,
	    "must be readable");	/* USER: no one else reads it */
	bench_end(&b);
	(void)state;
}

static void
test_esp32_keys_are_for_what_their_block_is_called(void **state)
{

	bench_begin(&b, "ESP32");
	bench_do(&b, wish_data(EFUSE_WISH_KEY, "BLOCK2", NULL, 1, 32));
	assert_int_equal(b.state.words[2][0], 0x04030201);
	assert_int_equal(bench_value(&b, "RD_DIS"), 0);
	assert_int_equal(bench_wish(&b, wish_data(EFUSE_WISH_KEY,
	    "flash_encryption", NULL, 1, 32)), 0);
	assert_int_equal(efuse_plan_step(b.plan, 0)->want[0], 0x1d1e1f20);
	bench_burn(&b, EFUSE_STEPS_MAX);
	assert_int_equal(bench_value(&b, "RD_DIS"), 1);
	assert_false(efuse_block_writable(&b.state, 1));
	bench_end(&b);
	begin_34(&b);
	bench_do(&b, wish_data(EFUSE_WISH_KEY, "BLOCK1", NULL, 1, 24));
	assert_int_equal(b.state.words[1][5], 0x18171615);
	bench_end(&b);
	(void)state;
}

static void
test_esp32_digests_need_revision_3_and_no_coding(void **state)
{
	struct efuse_wish	w = *wish_data(EFUSE_WISH_DIGEST, NULL, NULL, 1,
				    32);

	begin_34(&b);
	refuse(&b, &w, ERR_UNSUPPORTED, "'None' coding scheme");
	bench_end(&b);
	bench_begin(&b, "ESP32");
	b.raw.revision = 100;
	bench_plan(&b, true);
	refuse(&b, &w, ERR_UNSUPPORTED, "Incorrect chip revision");
	b.raw.revision = 300;
	bench_plan(&b, true);
	bench_do(&b, &w);
	assert_int_equal(b.state.words[2][0], 0x04030201);
	bench_do(&b, wish_field("ABS_DONE_1", "1"));
	refuse(&b, wish_named(EFUSE_WISH_HIDE, "BLOCK2"), ERR_SECURITY,
	    "Secure Boot V2 is on");
	bench_end(&b);
	(void)state;
}

static void
test_c2_has_one_key_or_two_halves(void **state)
{
	struct efuse_wish	low = *wish_data(EFUSE_WISH_KEY, "BLOCK_KEY0",
	    "XTS_AES_128_KEY_DERIVED_FROM_128_EFUSE_BITS", 1, 16);
	struct efuse_wish	digest = *wish_data(EFUSE_WISH_DIGEST, NULL,
	    NULL, 0x81, 32);
	struct efuse_wish	whole = *wish_data(EFUSE_WISH_KEY, "BLOCK_KEY0",
	    "XTS_AES_128_KEY", 1, 32);

	bench_begin(&b, "ESP32-C2");
	assert_int_equal(bench_add(&b, &low), 0);
	digest.command = 1;
	assert_int_equal(bench_wish(&b, &digest), 0);
	assert_int_equal(efuse_plan_step(b.plan, 0)->want[0], 0x0d0e0f10);
	assert_int_equal(efuse_plan_step(b.plan, 0)->want[4], 0x84838281);
	bench_burn(&b, EFUSE_STEPS_MAX);
	assert_int_equal(bench_value(&b, "RD_DIS"), 1);
	assert_int_equal(b.state.words[3][0], 0);
	assert_int_equal(b.state.words[3][7], 0x908f8e8d);
	bench_end(&b);

	bench_begin(&b, "ESP32-C2");
	assert_int_equal(bench_add(&b, &low), 0);
	refuse(&b, &whole, ERR_CONFLICT, "incompatible");
	assert_int_equal(bench_add(&b, &low), 0);
	refuse(&b, &low, ERR_CONFLICT, "Found repeated");
	bench_do(&b, &whole);
	assert_int_equal(bench_value(&b, "XTS_KEY_LENGTH_256"), 1);
	assert_int_equal(bench_value(&b, "RD_DIS"), 3);
	bench_end(&b);

	bench_begin(&b, "ESP32-C2");
	refuse(&b, wish_named(EFUSE_WISH_HIDE, "BLOCK_KEY0"), ERR_SECURITY,
	    "must be readable");
	bench_do(&b, wish_field("SECURE_BOOT_EN", "1"));
	refuse(&b, wish_named(EFUSE_WISH_HIDE, "BLOCK_KEY0_HI_128"),
	    ERR_SECURITY, "must be readable");
	bench_do(&b, wish_named(EFUSE_WISH_HIDE, "BLOCK_KEY0_LOW_128"));
	assert_int_equal(bench_value(&b, "RD_DIS"), 1);
	bench_end(&b);
	(void)state;
}

/* the rest */

static void
test_a_mac_goes_where_the_chip_looks_for_it(void **state)
{
	struct efuse_wish	w = *wish_value(EFUSE_WISH_MAC,
				    "aa:cd:ef:01:02:03");

	bench_begin(&b, "ESP32");
	bench_do(&b, &w);
	assert_int_equal(bench_value(&b, "MAC_VERSION"), 1);
	(void)efuse_field_find(&b.state, "CUSTOM_MAC_CRC");
	assert_int_equal(bench_value(&b, "CUSTOM_MAC_CRC"), 0x56);
	refuse(&b, wish_value(EFUSE_WISH_MAC, "fe:22:33:44:55:66"),
	    ERR_SECURITY, "cannot be cleared");
	bench_end(&b);
	bench_begin(&b, "ESP32");
	bench_do(&b, wish_field("MAC_VERSION", "2"));
	refuse(&b, &w, ERR_SECURITY, "MAC_VERSION = 2");
	bench_end(&b);
	bench_begin(&b, "ESP32-C2");
	bench_do(&b, &w);
	assert_int_equal(bench_value(&b, "CUSTOM_MAC_USED"), 1);
	refuse(&b, wish_value(EFUSE_WISH_MAC, "01:cd:ef:01:02:03"),
	    ERR_PARAMS, "unicast");
	refuse(&b, wish_value(EFUSE_WISH_MAC, "zz:cd:ef:01:02:03"),
	    ERR_PARAMS, "is not a MAC address");
	refuse(&b, wish_value(EFUSE_WISH_MAC, "aa:cd:ef:01:02:0"),
	    ERR_PARAMS, "12 hexadecimal characters");
	bench_end(&b);
	(void)state;
}

static void
test_the_flash_voltage_goes_only_up(void **state)
{

	bench_begin(&b, "ESP32");
	bench_do(&b, wish_value(EFUSE_WISH_VOLTAGE, "OFF"));
	assert_int_equal(bench_value(&b, "XPD_SDIO_FORCE"), 1);
	assert_int_equal(bench_value(&b, "XPD_SDIO_REG"), 0);
	bench_do(&b, wish_value(EFUSE_WISH_VOLTAGE, "1.8V"));
	assert_int_equal(bench_value(&b, "XPD_SDIO_REG"), 1);
	refuse(&b, wish_value(EFUSE_WISH_VOLTAGE, "OFF"), ERR_SECURITY,
	    "XPD_SDIO_REG");
	bench_do(&b, wish_value(EFUSE_WISH_VOLTAGE, "3.3V"));
	assert_int_equal(bench_value(&b, "XPD_SDIO_TIEH"), 1);
	refuse(&b, wish_value(EFUSE_WISH_VOLTAGE, "1.8V"), ERR_SECURITY,
	    "XPD_SDIO_TIEH");
	bench_end(&b);
	bench_begin(&b, "ESP32-S3");
	bench_do(&b, wish_value(EFUSE_WISH_VOLTAGE, "3.3V"));
	assert_int_equal(bench_value(&b, "VDD_SPI_FORCE"), 1);
	assert_int_equal(bench_value(&b, "VDD_SPI_TIEH"), 1);
	refuse(&b, wish_value(EFUSE_WISH_VOLTAGE, "5V"), ERR_PARAMS, "5V");
	bench_end(&b);
	bench_begin(&b, "ESP32-C3");
	refuse(&b, wish_value(EFUSE_WISH_VOLTAGE, "3.3V"), ERR_UNSUPPORTED,
	    "not supported for this chip");
	bench_end(&b);
	(void)state;
}

static void
test_protection_needs_its_own_register(void **state)
{

	bench_begin(&b, "ESP32-C3");
	refuse(&b, wish_named(EFUSE_WISH_HIDE, "DIS_ICACHE"), ERR_PARAMS,
	    "cannot be read-disabled");
	refuse(&b, wish_named(EFUSE_WISH_LOCK, "WR_DIS"), ERR_PARAMS,
	    "cannot be write-disabled");
	bench_do(&b, wish_field("KEY_PURPOSE_0", "HMAC_UP"));
	bench_do(&b, wish_named(EFUSE_WISH_LOCK, "RD_DIS"));
	refuse(&b, wish_named(EFUSE_WISH_HIDE, "BLOCK_KEY0"), ERR_SECURITY,
	    "RD_DIS field being already write-disabled");
	bench_end(&b);
	bench_begin(&b, "ESP32");
	bench_do(&b, wish_field("WR_DIS", "2"));	/* protects itself */
	refuse(&b, wish_named(EFUSE_WISH_LOCK, "DIS_CACHE"), ERR_SECURITY,
	    "WR_DIS field being already write-disabled");
	bench_end(&b);
	(void)state;
}

static void
test_all_that_share_a_protection_are_named(void **state)
{

	bench_begin(&b, "ESP32");
	assert_int_equal(bench_wish(&b,
	    wish_named(EFUSE_WISH_LOCK, "CODING_SCHEME")), 0);
	assert_said(&b, "Permanently write-disabling eFuses BLK3_PART_RESERVE, "
	    "FLASH_CRYPT_CONFIG, CODING_SCHEME, KEY_STATUS");
	bench_end(&b);
	(void)state;
}

static void
test_a_refused_plan_stays_refused(void **state)
{

	bench_begin(&b, "ESP32-C3");
	assert_int_equal(bench_add(&b, wish_field("DIS_ICACHE", "0")),
	    ERR_PARAMS);
	assert_int_equal(bench_wish(&b, wish_field("DIS_ICACHE", "1")),
	    ERR_PARAMS);
	assert_int_equal(efuse_plan_steps(b.plan), 0);
	bench_end(&b);
	(void)state;
}

static void
test_wishes_have_a_limit(void **state)
{
	struct efuse_wish	w = *wish_bit("BLOCK2", 1);

	bench_begin(&b, "ESP32-C3");
	for (unsigned i = 0; i < EFUSE_WISHES_MAX; i++) {
		w.command = i;
		assert_int_equal(bench_add(&b, &w), 0);
	}
	assert_int_equal(bench_add(&b, &w), ERR_LIMIT);
	bench_end(&b);
	(void)state;
}

static void
test_what_did_not_arrive_is_told(void **state)
{
	static struct efuse_state	before, after;
	const struct efuse_step	*s;
	char			line[EFUSE_TEXT_MAX];

	bench_begin(&b, "ESP32-C3");
	assert_int_equal(bench_wish(&b, wish_field("SOFT_DIS_JTAG", "3")), 0);
	s = efuse_plan_step(b.plan, 0);
	before = after = b.state;
	assert_false(efuse_step_done(s, &after));
	assert_int_equal(efuse_step_outcome(s, &before, &after, line, &b.why),
	    ERR_VERIFY);
	assert_int_equal(efuse_plan_confirm(b.plan, &after, 0, NULL),
	    ERR_VERIFY);
	assert_said(&b, "0b000 -> 0b011 Efuse SOFT_DIS_JTAG failed to burn. "
	    "Protected?");
	after = *efuse_plan_after(b.plan);
	assert_true(efuse_step_done(s, &after));
	assert_int_equal(efuse_step_outcome(s, &before, &after, line, NULL), 0);
	assert_string_equal(line, "BURN BLOCK0  - OK (write block == read "
	    "block)");
	assert_int_equal(efuse_plan_confirm(b.plan, &after, 0, NULL), 0);
	assert_said(&b, "Successful.");
	after.errors[0] = 1;
	after.failed[0] = true;
	assert_false(efuse_step_done(s, &after));
	why_clear(&b.why);
	assert_int_equal(efuse_step_outcome(s, &before, &after, line, &b.why),
	    ERR_VERIFY);
	assert_why(&b, "check-error --recovery");
	/* A bit that was there before must be there still. */
	after = *efuse_plan_after(b.plan);
	before.words[0][2] = 1;
	assert_int_equal(efuse_step_outcome(s, &before, &after, line, NULL),
	    ERR_VERIFY);
	bench_end(&b);
	(void)state;
}

static void
test_a_mac_is_told_when_it_was_burned(void **state)
{

	bench_begin(&b, "ESP32-C3");
	assert_int_equal(bench_wish(&b, wish_value(EFUSE_WISH_MAC,
	    "aa:cd:ef:01:02:03")), 0);
	bench_burn(&b, EFUSE_STEPS_MAX);
	assert_int_equal(efuse_plan_confirm(b.plan, &b.state, 0, NULL), 0);
	assert_said(&b, "Custom MAC Address: aa:cd:ef:01:02:03 (OK)");
	bench_end(&b);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_a_value_must_fit_its_field),
		cmocka_unit_test(test_numbers_are_read_as_people_write_them),
		cmocka_unit_test(test_the_pins_32_and_33_are_kept_as_30_and_31),
		cmocka_unit_test(test_no_bit_is_cleared),
		cmocka_unit_test(test_what_is_set_is_not_burned_again),
		cmocka_unit_test(test_of_a_plain_block_only_new_bits_are_burned),
		cmocka_unit_test(test_a_counter_without_a_value_takes_the_next_bit),
		cmocka_unit_test(test_a_name_twice_must_have_one_value),
		cmocka_unit_test(test_what_the_factory_burned_is_left_alone),
		cmocka_unit_test(test_a_number_in_parts_goes_to_all_of_them),
		cmocka_unit_test(test_protected_fields_are_refused),
		cmocka_unit_test(test_a_coded_block_names_what_it_will_never_take),
		cmocka_unit_test(test_incompatible_settings_are_refused),
		cmocka_unit_test(test_bits_and_data_must_fit_their_block),
		cmocka_unit_test(test_a_reed_solomon_block_is_burned_once),
		cmocka_unit_test(test_a_block_cut_while_it_was_burned_is_burned_whole),
		cmocka_unit_test(test_chunks_of_the_34_coding_are_burned_once_each),
		cmocka_unit_test(test_the_coding_is_not_changed_beside_what_it_codes),
		cmocka_unit_test(test_block0_is_last_and_in_two_steps),
		cmocka_unit_test(test_what_shuts_us_out_is_in_the_late_step),
		cmocka_unit_test(test_the_wrong_crystal_is_refused_before_anything),
		cmocka_unit_test(test_damaged_blocks_are_burned_as_they_read),
		cmocka_unit_test(test_a_key_is_reversed_marked_and_protected),
		cmocka_unit_test(test_the_protection_of_a_key_can_be_left_out),
		cmocka_unit_test(test_keys_that_cannot_be_are_refused),
		cmocka_unit_test(test_a_purpose_that_is_set_stays),
		cmocka_unit_test(test_no_sentence_tells_a_key),
		cmocka_unit_test(test_a_key_given_as_a_value_does_not_travel_as_text),
		cmocka_unit_test(test_changes_tell_what_was_and_what_will_be),
		cmocka_unit_test(test_a_long_key_takes_the_named_block_and_the_next_free_one),
		cmocka_unit_test(test_the_second_half_is_not_put_where_it_cannot_work),
		cmocka_unit_test(test_a_half_that_is_burned_is_found_again),
		cmocka_unit_test(test_the_scalar_of_p384_begins_in_the_named_block),
		cmocka_unit_test(test_a_purpose_of_five_bits_is_kept_in_two_fields),
		cmocka_unit_test(test_one_block_takes_one_key),
		cmocka_unit_test(test_old_h2_makes_its_ecdsa_safe),
		cmocka_unit_test(test_a_digest_stays_readable),
		cmocka_unit_test(test_esp32_keys_are_for_what_their_block_is_called),
		cmocka_unit_test(test_esp32_digests_need_revision_3_and_no_coding),
		cmocka_unit_test(test_c2_has_one_key_or_two_halves),
		cmocka_unit_test(test_a_mac_goes_where_the_chip_looks_for_it),
		cmocka_unit_test(test_the_flash_voltage_goes_only_up),
		cmocka_unit_test(test_protection_needs_its_own_register),
		cmocka_unit_test(test_all_that_share_a_protection_are_named),
		cmocka_unit_test(test_a_refused_plan_stays_refused),
		cmocka_unit_test(test_wishes_have_a_limit),
		cmocka_unit_test(test_what_did_not_arrive_is_told),
		cmocka_unit_test(test_a_mac_is_told_when_it_was_burned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
