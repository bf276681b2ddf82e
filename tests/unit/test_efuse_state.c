/*
 * proto/efuse/state and value - with registers made by hand; and where
 * ESPFLASHD_VECTORS names a folder of recordings, with every virtual chip that
 * espefuse wrote a summary of.
 */
#include "proto/efuse/state.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/efuse/trusted.h"
#include "proto/efuse/user.h"
#include "proto/efuse/virt.h"
#include "tests/unit/unit.h"

static struct efuse_raw		raw;
static struct efuse_state	st;
static struct why		why;

static const struct efuse_chip *
table(const char *name)
{
	const struct chip	*chip = chip_by_name(name);
	const struct efuse_chip	*efuse;

	assert_non_null(chip);
	/* The newest. */
	efuse = efuse_chip_find(chip, 9999);
	assert_non_null(efuse);
	return efuse;
}

/* A chip with nothing burned. */
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

static void
set_bits(unsigned block, unsigned bit, unsigned count, uint32_t value)
{
	const struct efuse_chip	*efuse;
	unsigned		 at;

	efuse = efuse_chip_find(raw.chip, raw.revision);
	for (unsigned i = 0; i < count; i++) {
		at = bit + i;
		if (value >> i & 1)
			raw.window[efuse->blocks[block].read / 4 + at / 32] |=
			    (uint32_t)1 << at % 32;
	}
}

/* Set a field by name, whatever it holds. */
static void
set(const char *name, uint32_t value)
{
	const struct efuse_field	*f;

	f = efuse_chip_find(raw.chip, raw.revision)->fields;
	while (f->name != NULL && strcmp(f->name, name) != 0)
		f++;
	assert_non_null(f->name);
	set_bits(f->block, f->bit, f->bits, value);
}

static const struct efuse_field *
field(const char *name)
{
	const struct efuse_field	*f = efuse_field_find(&st, name);

	assert_non_null(f);
	return f;
}

static void
expect(const char *name, const char *value)
{
	char	out[EFUSE_TEXT_MAX];

	efuse_value(&st, field(name), out);
	assert_string_equal(out, value);
}

static void
expect_shown(const char *name, const char *value)
{
	char	out[EFUSE_TEXT_MAX];

	efuse_shown(&st, field(name), out);
	assert_string_equal(out, value);
}

static void
expect_hex(const char *name, const char *value)
{
	char	out[EFUSE_TEXT_MAX];

	efuse_raw_hex(&st, field(name), out);
	assert_string_equal(out, value);
}

static void
test_an_empty_chip_has_zeros(void **state)
{
	(void)state;
	empty("esp32c3");
	read_it();
	assert_int_equal(st.coding, EFUSE_RS);
	expect("DIS_ICACHE", "False");
	expect("WR_DIS", "0");
	expect("MAC", "00:00:00:00:00:00 (OK)");
	expect("KEY_PURPOSE_0", "USER");
	expect_shown("SPI_BOOT_CRYPT_CNT", "Disable");
	expect("SPI_BOOT_CRYPT_CNT", "0");
	for (unsigned b = 0; b < efuse_block_count(st.efuse); b++) {
		assert_true(efuse_block_empty(&st, b));
		assert_true(efuse_block_readable(&st, b));
		assert_true(efuse_block_writable(&st, b));
	}
}

static void
test_values_of_a_c3(void **state)
{
	uint8_t	bytes[EFUSE_BLOCK_BYTES];
	char	type[16];

	(void)state;
	empty("esp32c3");
	set_bits(1, 0, 32, 0x03040506);
	set_bits(1, 32, 16, 0x0102);
	set("KEY_PURPOSE_0", 9);
	set("KEY_PURPOSE_1", 15);
	set("SPI_BOOT_CRYPT_CNT", 5);
	set("WDT_DELAY_SEL", 2);
	set("WAFER_VERSION_MINOR_LO", 5);
	set("WAFER_VERSION_MINOR_HI", 1);
	set_bits(4, 0, 32, 0x04030201);
	set_bits(3, 200, 24, 0x030201);
	read_it();
	expect("MAC", "01:02:03:04:05:06 (OK)");
	expect_hex("MAC", "0x060504030201");
	expect("CUSTOM_MAC", "01:02:03:00:00:00 (OK)");
	expect("KEY_PURPOSE_0", "SECURE_BOOT_DIGEST0");
	expect_hex("KEY_PURPOSE_0", "0x9");
	expect("KEY_PURPOSE_1", "FORBIDDEN_STATE");
	/* Five is no number of the table of meanings. */
	expect_shown("SPI_BOOT_CRYPT_CNT", "5");
	expect_shown("WDT_DELAY_SEL", "160000");
	expect("WDT_DELAY_SEL", "2");
	expect("WAFER_VERSION_MINOR", "13");
	expect("BLOCK_KEY0", "01 02 03 04 00 00 00 00 00 00 00 00 00 00 00 00 "
	    "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00");
	assert_false(efuse_block_empty(&st, 4));
	efuse_block_get(&st, 4, bytes);
	assert_memory_equal(bytes, "\1\2\3\4\0", 5);
	assert_int_equal(efuse_number(&st, "WDT_DELAY_SEL"), 2);
	assert_int_equal(efuse_number(&st, "NO_SUCH_FIELD"), 0);
	efuse_field_type(&st, field("BLOCK_KEY0"), type);
	assert_string_equal(type, "bytes:32");
	efuse_field_type(&st, field("WDT_DELAY_SEL"), type);
	assert_string_equal(type, "uint:2");
	efuse_field_type(&st, field("DIS_ICACHE"), type);
	assert_string_equal(type, "bool");
	assert_int_equal(efuse_kind(&st, field("WDT_DELAY_SEL")),
	    EFUSE_IS_TEXT);
	assert_int_equal(efuse_kind(&st, field("WR_DIS")), EFUSE_IS_NUMBER);
	assert_int_equal(efuse_kind(&st, field("DIS_ICACHE")), EFUSE_IS_TRUTH);
	assert_int_equal(efuse_kind(&st, field("MAC")), EFUSE_IS_TEXT);
}

static void
test_protection_is_shown(void **state)
{
	(void)state;
	empty("esp32c3");
	set("RD_DIS", 1 << 2);
	set("WR_DIS", 1u << 23 | 1u << 2);
	read_it();
	assert_false(efuse_block_readable(&st, 6));
	assert_true(efuse_block_readable(&st, 5));
	assert_false(efuse_block_writable(&st, 4));
	assert_true(efuse_block_writable(&st, 6));
	assert_false(efuse_readable(&st, field("BLOCK_KEY2")));
	assert_false(efuse_writable(&st, field("BLOCK_KEY0")));
	assert_false(efuse_writable(&st, field("DIS_ICACHE")));
	assert_true(efuse_writable(&st, field("RD_DIS")));
	assert_int_equal(efuse_kind(&st, field("BLOCK_KEY2")), EFUSE_IS_TEXT);
	expect_shown("BLOCK_KEY2",
	    "?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? "
	    "?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ??");
}

/* The key of the ESP32-C2 has a read protection bit for each half. */
static void
test_half_a_key_can_be_hidden(void **state)
{
	char	out[EFUSE_TEXT_MAX];

	(void)state;
	empty("esp32c2");
	set("RD_DIS", 1);
	set_bits(3, 128, 8, 0x80);
	read_it();
	assert_false(efuse_block_readable(&st, 3));
	assert_false(efuse_readable(&st, field("BLOCK_KEY0")));
	assert_false(efuse_readable(&st, field("BLOCK_KEY0_LOW_128")));
	assert_true(efuse_readable(&st, field("BLOCK_KEY0_HI_128")));
	efuse_shown(&st, field("BLOCK_KEY0"), out);
	assert_string_equal(out,
	    "?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? "
	    "80 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00");
	expect_shown("BLOCK_KEY0_HI_128",
	    "80 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00");
}

static void
test_errors_are_read_per_block(void **state)
{
	const struct efuse_control	*control;

	(void)state;
	empty("esp32c3");
	control = &table("esp32c3")->control;
	/* Bit 40 of BLOCK0 is DIS_ICACHE: bit 8 of the first error word. */
	raw.window[control->err0 / 4] |= 1 << 8;
	raw.window[control->errors[1].count_reg / 4] |=
	    3u << control->errors[1].count_shift;
	raw.window[control->errors[5].fail_reg / 4] |=
	    1u << control->errors[5].fail_bit;
	read_it();
	assert_int_equal(st.errors[0], 1);
	assert_true(st.failed[0]);
	assert_int_equal(st.errors[1], 3);
	assert_false(st.failed[1]);
	assert_true(st.failed[5]);
	assert_false(st.failed[4]);
	assert_false(st.failed[6]);
	assert_true(efuse_field_bad(&st, field("DIS_ICACHE")));
	assert_false(efuse_field_bad(&st, field("DIS_USB_JTAG")));
	assert_false(efuse_field_bad(&st, field("RD_DIS")));
	assert_true(efuse_field_bad(&st, field("BLOCK_KEY1")));
	assert_false(efuse_field_bad(&st, field("BLOCK_KEY0")));
	expect("MAC", "00:00:00:00:00:00 (Block1 has ERRORS:3 FAIL:False)");
}

static void
test_which_words_must_be_read(void **state)
{
	const struct efuse_chip	*efuse = table("esp32c3");
	size_t			 count = 0;

	(void)state;
	assert_true(efuse_raw_needs(efuse, 0x2c / 4));
	assert_true(efuse_raw_needs(efuse, 0x17c / 4 - 1));
	assert_true(efuse_raw_needs(efuse, efuse->control.err0 / 4));
	assert_false(efuse_raw_needs(efuse, 0));
	assert_false(efuse_raw_needs(efuse, efuse->control.cmd / 4));
	/* Blocks, five words of BLOCK0's errors, two of the others'. */
	for (size_t i = 0; i < EFUSE_WINDOW / 4; i++)
		count += efuse_raw_needs(efuse, i);
	assert_int_equal(count, (0x17c - 0x2c) / 4 + 5 + 2);
	efuse = table("esp32");
	assert_true(efuse_raw_needs(efuse, 0x11c / 4));
	assert_true(efuse_raw_needs(efuse, 0));
	assert_false(efuse_raw_needs(efuse, 0x1c / 4));
}

/* All that the words do not name may be 0: nothing else is looked at. */
static void
test_other_words_do_not_matter(void **state)
{
	struct efuse_state	 first;
	const char		*names[] = { "esp32", "esp32c2", "esp32p4" };

	(void)state;
	for (size_t n = 0; n < UNIT_COUNT(names); n++) {
		const struct efuse_chip	*efuse = table(names[n]);

		empty(names[n]);
		for (size_t i = 0; i < EFUSE_WINDOW / 4; i++)
			raw.window[i] = (uint32_t)(i * 0x01030507);
		/* Not the unsupported coding of the ESP32. */
		raw.window[6] = 0;
		read_it();
		first = st;
		for (size_t i = 0; i < EFUSE_WINDOW / 4; i++)
			if (!efuse_raw_needs(efuse, i))
				raw.window[i] = 0;
		read_it();
		assert_memory_equal(st.words, first.words, sizeof st.words);
		assert_memory_equal(st.errors, first.errors, sizeof st.errors);
		assert_memory_equal(st.failed, first.failed, sizeof st.failed);
		assert_int_equal(st.shown, first.shown);
	}
}

static void
test_an_esp32_codes_its_blocks(void **state)
{
	(void)state;
	empty("esp32");
	read_it();
	assert_int_equal(st.coding, EFUSE_PLAIN);
	assert_int_equal(efuse_block_bytes(&st, 1), 32);
	assert_int_equal(efuse_field_bits(&st, field("BLOCK1")), 256);

	set("CODING_SCHEME", EFUSE_34);
	set_bits(1, 0, 32, 0x44332211);
	set_bits(1, 192, 32, 0xffffffff);	/* not data any more */
	raw.window[0x11c / 4] = 1 << 3;
	read_it();
	assert_int_equal(st.coding, EFUSE_34);
	assert_int_equal(efuse_block_coding(&st, 0), EFUSE_PLAIN);
	assert_int_equal(efuse_block_coding(&st, 1), EFUSE_34);
	assert_int_equal(efuse_block_bytes(&st, 0), 28);
	assert_int_equal(efuse_block_bytes(&st, 1), 24);
	assert_int_equal(st.words[1][6], 0);
	assert_int_equal(efuse_field_bits(&st, field("BLOCK1")), 192);
	expect("BLOCK1", "11 22 33 44 00 00 00 00 00 00 00 00 "
	    "00 00 00 00 00 00 00 00 00 00 00 00");
	assert_false(st.failed[0]);
	assert_true(st.failed[1] && st.failed[2] && st.failed[3]);

	empty("esp32");
	set("CODING_SCHEME", EFUSE_RECOVERY);
	read_it();
	assert_int_equal(st.coding, EFUSE_PLAIN);

	empty("esp32");
	set("CODING_SCHEME", EFUSE_REPEAT);
	assert_int_equal(efuse_state_read(&st, &raw, NULL, &why),
	    ERR_UNSUPPORTED);
	assert_non_null(strstr(why_text(&why), "scheme 2"));
}

static void
test_a_mac_of_an_esp32_has_a_check_byte(void **state)
{
	(void)state;
	empty("esp32");
	set_bits(0, 32, 32, 0x03040506);
	set_bits(0, 64, 16, 0x0102);
	read_it();
	expect("MAC", "01:02:03:04:05:06 (CRC 0x00 invalid - calculated 0x80)");
	set("MAC_CRC", 0x80);
	read_it();
	expect("MAC", "01:02:03:04:05:06 (CRC 0x80 OK)");
}

static void
test_fields_that_are_there_only_sometimes(void **state)
{
	const struct efuse_field	*f = NULL;
	unsigned			 before = 0, after = 0;

	(void)state;
	empty("esp32");
	read_it();
	while ((f = efuse_field_next(&st, f)) != NULL) {
		assert_int_not_equal(f->when, EFUSE_CUSTOM_MAC);
		before++;
	}
	/* Named, it is there from now on, with those of its kind. */
	assert_non_null(efuse_field_find(&st, "CUSTOM_MAC"));
	while ((f = efuse_field_next(&st, f)) != NULL)
		after++;
	assert_int_equal(after, before + 2);
	set("MAC_VERSION", 1);
	read_it();
	assert_int_not_equal(st.shown & 1u << EFUSE_CUSTOM_MAC, 0);
	assert_int_equal(st.shown & 1u << EFUSE_CALIBRATED, 0);
	set("BLK3_PART_RESERVE", 1);
	read_it();
	assert_int_not_equal(st.shown & 1u << EFUSE_CALIBRATED, 0);
	assert_null(efuse_field_find(&st, "NO_SUCH_FIELD"));
	assert_null(efuse_field_find(&st, ""));
	assert_null(efuse_field_find(&st, " "));

	empty("esp32c3");
	set("BLK_VERSION_MINOR", 7);
	read_it();
	assert_int_equal(efuse_block_version(&st), 7);
	assert_int_equal(st.shown & 1u << EFUSE_CALIBRATED, 0);
	set("BLK_VERSION_MAJOR", 1);
	read_it();
	assert_int_equal(efuse_block_version(&st), 107);
	assert_int_not_equal(st.shown & 1u << EFUSE_CALIBRATED, 0);
}

/* ESP32-H2: a fuse that only revisions up to 1.1 have. */
static void
test_an_old_fuse_is_not_on_a_new_chip(void **state)
{
	(void)state;
	empty("esp32h2");
	read_it();
	assert_non_null(efuse_field_find(&st, "ECDSA_FORCE_USE_HARDWARE_K"));
	set("WAFER_VERSION_MAJOR", 1);
	set("WAFER_VERSION_MINOR", 1);
	read_it();
	assert_non_null(efuse_field_find(&st, "ECDSA_FORCE_USE_HARDWARE_K"));
	set("WAFER_VERSION_MINOR", 2);
	read_it();
	assert_null(efuse_field_find(&st, "ECDSA_FORCE_USE_HARDWARE_K"));
}

static void
test_a_field_has_older_names(void **state)
{
	(void)state;
	empty("esp32c3");
	read_it();
	assert_ptr_equal(field("MAC_CUSTOM"), field("CUSTOM_MAC"));
	assert_ptr_equal(field("USER_DATA_MAC_CUSTOM"), field("CUSTOM_MAC"));
	assert_null(efuse_field_find(&st, "USER_DATA_MAC"));
	assert_null(efuse_field_find(&st, "MAC_CUSTOM USER_DATA_MAC_CUSTOM"));
}

static void
test_calibration_of_an_esp32(void **state)
{
	(void)state;
	empty("esp32");
	read_it();
	expect("ADC_VREF", "1100");
	expect("ADC1_TP_LOW", "278");
	expect("ADC2_TP_HIGH", "3406");
	set("ADC_VREF", 0x13);			/* -3 */
	set("ADC1_TP_LOW", 0x7f);		/* -1 */
	set("ADC2_TP_LOW", 2);
	set("ADC1_TP_HIGH", 0x100);		/* -256 */
	set("SPI_PAD_CONFIG_CLK", 29);
	set("SPI_PAD_CONFIG_Q", 30);
	read_it();
	expect("ADC_VREF", "1079");
	expect("ADC1_TP_LOW", "274");
	expect("ADC2_TP_LOW", "429");
	expect("ADC1_TP_HIGH", "2241");
	expect("SPI_PAD_CONFIG_CLK", "29");
	expect("SPI_PAD_CONFIG_Q", "32");
}

static void
test_calibration_of_the_others(void **state)
{
	(void)state;
	empty("esp32s2");
	set("TEMP_CALIB", 0x103);
	set("ADC_CALIB", 0xd);
	read_it();
	expect("TEMP_CALIB", "-0.3");
	assert_int_equal(efuse_kind(&st, field("TEMP_CALIB")), EFUSE_IS_REAL);
	expect("ADC_CALIB", "-20");
	empty("esp32s2");
	set("TEMP_CALIB", 0x100);
	read_it();
	expect("TEMP_CALIB", "0.0");
	empty("esp32s2");
	set("TEMP_CALIB", 123);
	read_it();
	expect("TEMP_CALIB", "12.3");
}

static void
test_fields_that_are_calculated(void **state)
{
	static const uint8_t	revisions[8] = { 0, 1, 0, 2, 0, 0, 0, 3 };

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		empty("esp32");
		set("CHIP_VER_REV1", i & 1);
		set("CHIP_VER_REV2", i >> 1 & 1);
		raw.date = i & 4 ? 0x96042000 : 0x16042000;
		read_it();
		assert_int_equal(efuse_number(&st, "WAFER_VERSION_MAJOR"),
		    revisions[i]);
	}
	empty("esp32");
	set("CHIP_PACKAGE", 5);
	set("CHIP_PACKAGE_4BIT", 1);
	read_it();
	expect("PKG_VERSION", "13");
	expect_hex("PKG_VERSION", "0xd");

	empty("esp32c6");
	set_bits(1, 0, 32, 0x03040506);
	set_bits(1, 32, 16, 0x0102);
	set("MAC_EXT", 0xfffe);
	read_it();
	expect("MAC_EUI64", "01:02:03:ff:fe:04:05:06 (OK)");
	expect_hex("MAC_EUI64", "0x010203fffe040506");
	expect("MAC_EXT", "ff:fe (OK)");

	empty("esp32s3");
	set("PSRAM_CAP", 2);
	set("PSRAM_CAP_3", 1);
	read_it();
	expect("PSRAM_CAPACITY", "6");

	empty("esp32c5");
	set("RECOVERY_BOOTLOADER_FLASH_SECTOR_LO", 0x155);
	set("RECOVERY_BOOTLOADER_FLASH_SECTOR_HI", 5);
	set("BOOTLOADER_ANTI_ROLLBACK_SECURE_VERSION_LO", 6);
	set("BOOTLOADER_ANTI_ROLLBACK_SECURE_VERSION_HI", 1);
	read_it();
	assert_int_equal(efuse_number(&st, "RECOVERY_BOOTLOADER_FLASH_SECTOR"),
	    0xb55);
	expect("BOOTLOADER_ANTI_ROLLBACK_SECURE_VERSION", "14");
}

static struct efuse_trusted	trusts;

/* A digest: bytes that count up from `first`. */
static void
put_digest(unsigned block, unsigned bit, uint8_t first)
{
	for (unsigned i = 0; i < 32 && bit + 8 * i < 256; i++)
		set_bits(block, bit + 8 * i, 8, (uint8_t)(first + i));
}

static void
read_trusted(void)
{
	read_it();
	efuse_trusted(&st, &trusts);
}

static void
test_keys_that_a_c3_trusts(void **state)
{
	(void)state;
	empty("esp32c3");
	put_digest(4, 0, 1);		/* of no purpose */
	set("KEY_PURPOSE_2", 11);
	put_digest(6, 0, 0x40);
	set("KEY_PURPOSE_5", 9);
	put_digest(9, 0, 0x80);
	set("KEY_PURPOSE_3", 10);	/* but nothing in it */
	set("SECURE_BOOT_KEY_REVOKE2", 1);
	read_trusted();
	assert_int_equal(efuse_trusted_blocks(&st),
	    1 << 6 | 1 << 7 | 1 << 9);
	assert_int_equal(trusts.count, 2);
	assert_int_equal(trusts.key[0].block, 6);
	assert_int_equal(trusts.key[0].number, 2);
	assert_true(trusts.key[0].revoked);
	assert_int_equal(trusts.key[1].block, 9);
	assert_int_equal(trusts.key[1].number, 0);
	assert_false(trusts.key[1].revoked);
	assert_int_equal(trusts.key[1].len, 32);
	assert_int_equal(trusts.key[1].digest[0], 0x80);
	assert_int_equal(trusts.key[1].digest[31], 0x9f);
	assert_true(efuse_trusts_any(&st));
	set("RD_DIS", 1 << 5);		/* of that block */
	read_trusted();
	assert_int_equal(trusts.count, 1);
	assert_false(efuse_trusts_any(&st));
}

static void
test_the_one_key_that_an_esp32_trusts(void **state)
{
	(void)state;
	empty("esp32");
	read_trusted();
	assert_int_equal(efuse_trusted_blocks(&st), 1 << 2);
	assert_int_equal(trusts.count, 0);
	put_digest(2, 0, 7);
	read_trusted();
	assert_int_equal(trusts.count, 1);
	assert_int_equal(trusts.key[0].len, 32);
	assert_int_equal(trusts.key[0].digest[31], 7 + 31);
}

static void
test_half_a_digest_of_a_c2(void **state)
{
	(void)state;
	empty("esp32c2");
	set_bits(3, 0, 32, 0x01020304);	/* half a flash key */
	read_trusted();
	assert_int_equal(trusts.count, 0);
	put_digest(3, 128, 0x21);
	read_trusted();
	assert_int_equal(efuse_trusted_blocks(&st), 1 << 3);
	assert_int_equal(trusts.count, 1);
	assert_int_equal(trusts.key[0].len, 16);
	assert_int_equal(trusts.key[0].digest[0], 0x21);
	assert_int_equal(trusts.key[0].digest[15], 0x30);
	set("RD_DIS", 1);		/* the flash key alone */
	assert_true(efuse_trusts_any(&st));
	set("RD_DIS", 2);
	read_trusted();
	assert_int_equal(trusts.count, 0);
}

/* ESP32-P4 from 3.0 on: the purpose's fifth bit is a field of its own. */
static void
test_a_purpose_in_two_fields(void **state)
{
	(void)state;
	empty("esp32p4");
	set("KEY_PURPOSE_1", 0);
	set("KEY_PURPOSE_1_H", 1);
	set("KEY_PURPOSE_0", 4);
	read_it();
	expect("KEY_PURPOSE_1", "ECDSA_KEY_P192");
	expect("KEY_PURPOSE_0", "XTS_AES_128_KEY");
	expect("KEY_PURPOSE_1_H", "True");
}

static void
test_bits_as_people_read_them(void **state)
{
	static const uint8_t	bits[EFUSE_BLOCK_BYTES] = { 0x3c, 0xa5, 0x81,
	    0xf0, 0x05 };
	static const struct {
		size_t		 count;
		const char	*text;
	} cases[] = {
		{ 0, "" }, { 1, "0b0" }, { 3, "0b100" }, { 4, "0xc" },
		{ 7, "0b0111100" }, { 8, "0x3c" }, { 16, "0xa53c" },
		{ 31, "0b1110000100000011010010100111100" },
		{ 32, "0xf081a53c" }, { 33, "0xf840d29e, 0b0" },
		{ 35, "0xbe1034a7, 0b100" }, { 36, "0x5f081a53c" },
	};
	char			 out[EFUSE_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		efuse_bits_text(bits, cases[i].count, out);
		assert_string_equal(out, cases[i].text);
	}
}

static void
test_what_feeds_the_flash(void **state)
{
	char	out[512];

	(void)state;
	empty("esp32");
	read_it();
	efuse_supply(&st, out, sizeof out);
	assert_non_null(strstr(out, "GPIO12"));
	set("XPD_SDIO_FORCE", 1);
	read_it();
	efuse_supply(&st, out, sizeof out);
	assert_string_equal(out, "Flash voltage (VDD_SDIO) internal regulator "
	    "disabled by efuse.");
	set("XPD_SDIO_REG", 1);
	read_it();
	efuse_supply(&st, out, sizeof out);
	assert_string_equal(out,
	    "Flash voltage (VDD_SDIO) set to 1.8V by efuse.");
	set("XPD_SDIO_TIEH", 1);
	read_it();
	efuse_supply(&st, out, sizeof out);
	assert_string_equal(out,
	    "Flash voltage (VDD_SDIO) set to 3.3V by efuse.");
	empty("esp32s3");
	read_it();
	efuse_supply(&st, out, sizeof out);
	assert_non_null(strstr(out, "LDO\nGPIO45=Low"));
	empty("esp32c3");
	read_it();
	efuse_supply(&st, out, sizeof out);
	assert_string_equal(out, "");
}

static void
test_a_chip_without_fuses_is_told(void **state)
{
	(void)state;
	memset(&raw, 0, sizeof raw);
	raw.chip = chip_by_name("esp8266");
	why_clear(&why);
	assert_int_equal(efuse_state_read(&st, &raw, NULL, &why),
	    ERR_UNSUPPORTED);
	assert_non_null(strstr(why_text(&why), "ESP8266"));
}

/* Every field of every chip, with all bits set and with none, can be told. */
static void
test_every_field_has_a_value(void **state)
{
	char	out[EFUSE_TEXT_MAX];

	(void)state;
	for (size_t n = 0; efuse_chips[n] != NULL; n++) {
		const struct efuse_field	*f = NULL;

		for (int full = 0; full < 2; full++) {
			virt_new(&raw, efuse_chips[n]);
			raw.revision = efuse_chips[n]->from_revision;
			if (full)
				memset(raw.window, 0xff, sizeof raw.window);
			if (efuse_chips[n]->flags & EFUSE_CHIP_ESP32)
				raw.window[6] &= ~3u;
			read_it();
			assert_ptr_equal(st.efuse, efuse_chips[n]);
			st.shown = 0xff;
			while ((f = efuse_field_next(&st, f)) != NULL) {
				efuse_value(&st, f, out);
				assert_true(out[0] != '\0');
				efuse_shown(&st, f, out);
				assert_true(out[0] != '\0');
				efuse_raw_hex(&st, f, out);
				assert_true(strlen(out) >= 3);
				assert_int_equal(efuse_readable(&st, f),
				    !full || f->rd_dis == 0);
				assert_int_equal(efuse_writable(&st, f),
				    !full || f->wr_dis == EFUSE_NO_BIT);
			}
		}
	}
}

/*
 * Recordings.
 */
enum { PATH_SIZE = 512, TEXT_SIZE = 1 << 18, JSON_CASES = 78 };

static char	folder[PATH_SIZE];

static const char *
member(struct json_object *c, const char *name)
{
	const char	*text;

	text = json_object_get_string(json_object_object_get(c, name));
	return text != NULL ? text : "";
}

/* A text of the recordings, packed or not; zlib reads both. */
static char *
text_of(const char *name)
{
	static char	 text[TEXT_SIZE];
	char		 path[3 * PATH_SIZE];
	gzFile		 in;
	int		 got;

	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	if ((in = gzopen(path, "rb")) == NULL) {
		(void)snprintf(path, sizeof path, "%s/%s.gz", folder, name);
		in = gzopen(path, "rb");
	}
	if (in == NULL)
		fail_msg("%s cannot be opened", name);
	got = gzread(in, text, sizeof text - 1);
	gzclose(in);
	assert_true(got >= 0);
	text[got] = '\0';
	return text;
}

static const char *
argument(struct json_object *c, const char *option)
{
	struct json_object	*args = json_object_object_get(c, "args");
	size_t			 count = json_object_array_length(args);

	for (size_t i = 0; i + 1 < count; i++)
		if (strcmp(json_object_get_string(json_object_array_get_idx(
		    args, i)), option) == 0)
			return json_object_get_string(
			    json_object_array_get_idx(args, i + 1));
	return "";
}

/* The chip as the case found it. */
static void
load_case(struct json_object *c)
{
	const struct efuse_chip	*efuse = table(argument(c, "--chip"));
	struct json_object	*setup = json_object_object_get(c, "setup");
	char			 path[2 * PATH_SIZE];
	uint8_t			 data[EFUSE_WINDOW];
	size_t			 len;
	FILE			*in;

	virt_new(&raw, efuse);
	if (setup == NULL)
		return;
	(void)snprintf(path, sizeof path, "%s/%s", folder,
	    member(json_object_array_get_idx(setup, 0), "copy"));
	if ((in = fopen(path, "rb")) == NULL)
		fail_msg("%s cannot be opened", path);
	len = fread(data, 1, sizeof data, in);
	(void)fclose(in);
	assert_int_equal(virt_load(&raw, efuse, data, len, &why), 0);
}

/* A user's own fields, when the case has any. */
static void
load_table(struct json_object *c, struct efuse_user *user)
{
	const char	*csv = argument(c, "--extend-efuse-table");
	char		*text;

	if (*csv == '\0')
		return;
	text = text_of(csv);
	if (efuse_user_read(user, table(argument(c, "--chip")), text,
	    strlen(text), csv, &why) < 0)
		fail_msg("%s", why_text(&why));
}

static void
check_text(const char *id, const char *name, struct json_object *want,
    const char *key, const char *got)
{
	if (strcmp(member(want, key), got) != 0)
		fail_msg("%s: %s: %s is \"%s\", not \"%s\"", id, name, key,
		    got, member(want, key));
}

static void
check_number(const char *id, const char *name, struct json_object *want,
    const char *key, int64_t got)
{
	struct json_object	*v = json_object_object_get(want, key);

	if (v == NULL || json_object_get_int64(v) != got)
		fail_msg("%s: %s: %s is %lld, not %s", id, name, key,
		    (long long)got, member(want, key));
}

static void
check_value(const char *id, const struct efuse_field *f,
    struct json_object *want)
{
	static const enum json_type	types[] = {
		[EFUSE_IS_TEXT] = json_type_string,
		[EFUSE_IS_NUMBER] = json_type_int,
		[EFUSE_IS_TRUTH] = json_type_boolean,
		[EFUSE_IS_REAL] = json_type_double,
	};
	struct json_object		*v;
	char				 out[EFUSE_TEXT_MAX];

	v = json_object_object_get(want, "value");
	assert_int_equal(json_object_get_type(v),
	    types[efuse_kind(&st, f)]);
	efuse_shown(&st, f, out);
	if (json_object_is_type(v, json_type_boolean))
		assert_string_equal(out, json_object_get_boolean(v) ?
		    "True" : "False");
	else
		check_text(id, f->name, want, "value", out);
}

static void
check_field(const char *id, const struct efuse_field *f,
    struct json_object *want)
{
	char	out[EFUSE_TEXT_MAX];

	check_value(id, f, want);
	efuse_raw_hex(&st, f, out);
	check_text(id, f->name, want, "raw_value", out);
	efuse_field_type(&st, f, out);
	check_text(id, f->name, want, "efuse_type", out);
	check_text(id, f->name, want, "category", f->category);
	check_number(id, f->name, want, "bit_len",
	    (int64_t)efuse_field_bits(&st, f));
	check_number(id, f->name, want, "block", f->block);
	check_number(id, f->name, want, "readable", efuse_readable(&st, f));
	check_number(id, f->name, want, "writeable", efuse_writable(&st, f));
	if (f->bit == EFUSE_NOWHERE) {
		assert_null(json_object_object_get(want, "word"));
		return;
	}
	check_number(id, f->name, want, "word", f->bit / 32);
	check_number(id, f->name, want, "pos", f->bit % 32);
}

static void
run_case(struct json_object *c)
{
	const char			*id = member(c, "id"), *text;
	const struct efuse_field	*f = NULL;
	struct efuse_user		 user = { 0 };
	struct json_object		*all;
	int				 count = 0;

	load_case(c);
	load_table(c, &user);
	why_clear(&why);
	assert_int_equal(efuse_state_read(&st, &raw, &user, &why), 0);
	/* espefuse's command line always names it. */
	(void)efuse_field_find(&st, "CUSTOM_MAC");
	text = strstr(text_of(member(c, "stdout")), "\n{");
	if (text == NULL)
		fail_msg("%s: no JSON", id);
	if ((all = json_tokener_parse(text)) == NULL)
		fail_msg("%s: bad JSON", id);
	while ((f = efuse_field_next(&st, f)) != NULL) {
		struct json_object	*want;

		want = json_object_object_get(all, f->name);
		if (want == NULL)
			fail_msg("%s: %s is not there", id, f->name);
		check_field(id, f, want);
		count++;
	}
	assert_int_equal(count, json_object_object_length(all));
	json_object_put(all);
	efuse_user_done(&user);
}

static bool
is_json_case(struct json_object *c)
{
	return strcmp(argument(c, "--format"), "json") == 0 &&
	    *argument(c, "--file") == '\0' &&
	    json_object_get_int(json_object_object_get(c, "exit")) == 0;
}

static void
test_recorded_summaries_are_found_again(void **state)
{
	const char		*top = getenv("ESPFLASHD_VECTORS");
	char			 path[2 * PATH_SIZE];
	struct json_object	*all;
	unsigned		 done = 0;

	(void)state;
	(void)snprintf(folder, sizeof folder, "%s/efuse",
	    top != NULL ? top : "/nonexistent");
	(void)snprintf(path, sizeof path, "%s/manifest.json", folder);
	if ((all = json_object_from_file(path)) == NULL)
		skip();
	for (size_t i = 0; i < json_object_array_length(all); i++) {
		struct json_object	*c = json_object_array_get_idx(all, i);

		if (!is_json_case(c))
			continue;
		run_case(c);
		done++;
	}
	json_object_put(all);
	assert_true(done >= JSON_CASES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_empty_chip_has_zeros),
		cmocka_unit_test(test_values_of_a_c3),
		cmocka_unit_test(test_protection_is_shown),
		cmocka_unit_test(test_half_a_key_can_be_hidden),
		cmocka_unit_test(test_errors_are_read_per_block),
		cmocka_unit_test(test_which_words_must_be_read),
		cmocka_unit_test(test_other_words_do_not_matter),
		cmocka_unit_test(test_an_esp32_codes_its_blocks),
		cmocka_unit_test(test_a_mac_of_an_esp32_has_a_check_byte),
		cmocka_unit_test(test_fields_that_are_there_only_sometimes),
		cmocka_unit_test(test_an_old_fuse_is_not_on_a_new_chip),
		cmocka_unit_test(test_a_field_has_older_names),
		cmocka_unit_test(test_calibration_of_an_esp32),
		cmocka_unit_test(test_calibration_of_the_others),
		cmocka_unit_test(test_fields_that_are_calculated),
		cmocka_unit_test(test_a_purpose_in_two_fields),
		cmocka_unit_test(test_keys_that_a_c3_trusts),
		cmocka_unit_test(test_the_one_key_that_an_esp32_trusts),
		cmocka_unit_test(test_half_a_digest_of_a_c2),
		cmocka_unit_test(test_bits_as_people_read_them),
		cmocka_unit_test(test_what_feeds_the_flash),
		cmocka_unit_test(test_a_chip_without_fuses_is_told),
		cmocka_unit_test(test_every_field_has_a_value),
		cmocka_unit_test(test_recorded_summaries_are_found_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
