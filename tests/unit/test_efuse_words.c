/*
 * test_efuse_words - every field has a sentence of its own, and what burning it
 * makes impossible is told.
 */
#include "proto/efuse/describe.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "proto/efuse/virt.h"
#include "tests/unit/unit.h"

enum {
	LONGEST	= 110,		/* bytes of a sentence */
	MOST	= 2048,		/* fields of all chips */
};

/* Names that are the same thing on another chip. */
static const char *const twins[][2] = {
	{ "DISABLE_APP_CPU", "DIS_APP_CPU" },
	{ "BLOCK_SYS_DATA2", "SYS_DATA_PART2" },
	{ "DIS_CACHE", "DIS_ICACHE" },
	{ "DIS_USB", "DIS_USB_OTG" },
	{ "DIS_USB_DOWNLOAD_MODE", "DIS_USB_OTG_DOWNLOAD_MODE" },
	{ "HARD_DIS_JTAG", "JTAG_DISABLE" },
	{ "HUK_GEN_STATE", "KM_HUK_GEN_STATE" },
};

static void
test_a_field_is_described_by_its_name(void **state)
{
	const struct efuse_field first = { .name = "ABS_DONE_0" };
	const struct efuse_field middle = { .name = "JTAG_DISABLE" };
	const struct efuse_field series = { .name = "ADC2_HI_DOUT_ATTEN3" };
	const struct efuse_field last = { .name = "XTS_KEY_LENGTH_256" };

	(void)state;
	assert_non_null(strstr(efuse_describe(&first), "Secure boot v1"));
	assert_string_equal(efuse_describe(&middle), "JTAG is off for ever");
	assert_string_equal(efuse_describe(&series),
	    "Calibration: high reading of ADC2 at 12 dB");
	assert_non_null(strstr(efuse_describe(&last), "256 bits"));
}

static void
test_a_sentence_of_the_row_comes_first(void **state)
{
	const struct efuse_field f = {
		.name = "JTAG_DISABLE", .help = "something else",
	};

	(void)state;
	assert_string_equal(efuse_describe(&f), "something else");
}

static void
test_a_field_of_the_user_has_no_words_of_ours(void **state)
{
	const struct efuse_field f = { .name = "MY_SERIAL_NUMBER" };

	(void)state;
	assert_string_equal(efuse_describe(&f), "");
}

/* Without '_': ADC1_AVE_INITCODE_ATTEN0 is ADC1_AVE_INIT_CODE_ATTEN0. */
static void
bare(const char *name, char out[EFUSE_NAME_MAX])
{
	size_t	n = 0;

	for (; *name != '\0'; name++)
		if (*name != '_')
			out[n++] = *name;
	out[n] = '\0';
}

static bool
same_thing(const char *a, const char *b)
{
	char	one[EFUSE_NAME_MAX], two[EFUSE_NAME_MAX];

	bare(a, one);
	bare(b, two);
	if (strcmp(one, two) == 0)
		return true;
	for (size_t i = 0; i < UNIT_COUNT(twins); i++)
		if ((strcmp(a, twins[i][0]) == 0 &&
		    strcmp(b, twins[i][1]) == 0) ||
		    (strcmp(a, twins[i][1]) == 0 &&
		    strcmp(b, twins[i][0]) == 0))
			return true;
	return false;
}

/* One sentence: no dot at its end or inside, no space too many. */
static void
check_sentence(const struct efuse_field *f, const char *s)
{
	size_t	len = strlen(s);

	if (len == 0 || len > LONGEST || strstr(s, "  ") != NULL ||
	    strstr(s, ". ") != NULL || s[len - 1] == '.' ||
	    s[len - 1] == ' ' || islower((unsigned char)s[0]))
		fail_msg("%s: \"%s\"", f->name, s);
}

static void
test_every_field_of_every_chip_has_a_sentence(void **state)
{
	size_t	fields = 0;

	(void)state;
	for (const struct efuse_chip *const *c = efuse_chips; *c != NULL; c++)
		for (const struct efuse_field *f = (*c)->fields;
		    f->name != NULL; f++, fields++)
			check_sentence(f, efuse_describe(f));
	assert_in_range(fields, 1000, MOST);
}

static void
test_no_two_fields_share_a_sentence(void **state)
{
	static const struct efuse_field	*all[MOST];
	size_t				 n = 0;

	(void)state;
	for (const struct efuse_chip *const *c = efuse_chips; *c != NULL; c++)
		for (const struct efuse_field *f = (*c)->fields;
		    f->name != NULL && n < MOST; f++)
			all[n++] = f;
	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++)
			if (strcmp(efuse_describe(all[i]),
			    efuse_describe(all[k])) == 0 &&
			    !same_thing(all[i]->name, all[k]->name))
				fail_msg("%s and %s: \"%s\"", all[i]->name,
				    all[k]->name, efuse_describe(all[i]));
}

/* What was told, one line each. */
struct told {
	char	text[8192];
	size_t	lines;
};

static void
take(void *arg, const char *line)
{
	struct told	*t = arg;
	size_t		 n = strlen(t->text);

	(void)snprintf(t->text + n, sizeof(t->text) - n, "%s\n", line);
	t->lines++;
}

static const struct efuse_chip *
table(const struct chip *chip, uint32_t revision)
{
	const struct efuse_chip	*e = efuse_chip_find(chip, revision);

	assert_non_null(e);
	return e;
}

static const struct efuse_field *
field(const struct efuse_chip *e, const char *name)
{
	for (const struct efuse_field *f = e->fields; f->name != NULL; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	fail_msg("%s has no %s", e->chip->name, name);
	return NULL;
}

/* Set the bits of a field of up to 32 bits. */
static void
put(struct efuse_raw *raw, const char *name, uint32_t value)
{
	const struct efuse_chip		*e = table(raw->chip, raw->revision);
	const struct efuse_field	*f = field(e, name);

	for (unsigned i = 0; i < 32; i++) {
		size_t	at = f->bit + i;

		if (value >> i & 1)
			raw->window[(e->blocks[f->block].read + at / 32 * 4) /
			    4] |= (uint32_t)1 << at % 32;
	}
}

static void
ask(const struct efuse_raw *was, const struct efuse_raw *is, struct told *told)
{
	static struct efuse_state	before, after;

	memset(told, 0, sizeof(*told));
	assert_int_equal(efuse_state_read(&before, was, NULL, NULL), 0);
	assert_int_equal(efuse_state_read(&after, is, NULL, NULL), 0);
	efuse_consequences(&before, &after, take, told);
}

/* One value burned on a new chip. */
static void
burn_on(const struct efuse_chip *e, const char *name, uint32_t value,
    struct told *told)
{
	static struct efuse_raw	was, is;

	virt_new(&was, e);
	is = was;
	put(&is, name, value);
	ask(&was, &is, told);
}

static void
burn(const struct chip *chip, const char *name, uint32_t value,
    struct told *told)
{
	burn_on(table(chip, UINT32_MAX), name, value, told);
}

static void
expect(const struct told *t, const char *part)
{
	if (strstr(t->text, part) == NULL)
		fail_msg("not told: \"%s\" in\n%s", part, t->text);
}

static void
expect_not(const struct told *t, const char *part)
{
	if (strstr(t->text, part) != NULL)
		fail_msg("told: \"%s\" in\n%s", part, t->text);
}

static void
test_nothing_burned_has_no_consequence(void **state)
{
	static struct told	told;
	static struct efuse_raw	raw;

	(void)state;
	for (const struct efuse_chip *const *c = efuse_chips; *c != NULL; c++) {
		virt_new(&raw, *c);
		ask(&raw, &raw, &told);
		assert_int_equal(told.lines, 0);
	}
}

static void
test_a_lost_loader_is_told(void **state)
{
	static struct told	told;

	(void)state;
	burn(&chip_esp32c3, "DIS_DOWNLOAD_MODE", 1, &told);
	assert_string_equal(told.text, "no tool can connect to the loader in "
	    "ROM again, also not this one: DIS_DOWNLOAD_MODE\n");
	burn(&chip_esp32s3, "ENABLE_SECURITY_DOWNLOAD", 1, &told);
	expect(&told, "only writes flash from now on");
	burn(&chip_esp32, "UART_DOWNLOAD_DIS", 1, &told);
	expect(&told, "no tool can connect");
}

static void
test_an_old_esp32_does_not_know_uart_download_dis(void **state)
{
	static struct told	told;
	static struct efuse_raw	was, is;

	(void)state;
	virt_new(&was, table(&chip_esp32, UINT32_MAX));
	was.revision = 100;
	is = was;
	put(&is, "UART_DOWNLOAD_DIS", 1);
	ask(&was, &is, &told);
	assert_int_equal(told.lines, 0);
}

static void
test_secure_boot_without_a_digest_starts_nothing(void **state)
{
	static struct told	told;

	(void)state;
	burn(&chip_esp32c3, "SECURE_BOOT_EN", 1, &told);
	assert_ptr_equal(strstr(told.text, "nothing starts on this chip"),
	    told.text);
	expect(&told, "only signed bootloaders start");
	burn(&chip_esp32c2, "SECURE_BOOT_EN", 1, &told);
	expect(&told, "nothing starts on this chip");
	burn(&chip_esp32, "ABS_DONE_1", 1, &told);
	expect(&told, "nothing starts on this chip");
}

/* SECURE_BOOT_DIGEST1 in BLOCK_KEY2, and secure boot on. */
static void
trusted_c3(struct efuse_raw *raw)
{
	const struct efuse_chip		*e = table(&chip_esp32c3, 3);
	struct efuse_purpose		 room;
	const struct efuse_purpose	*p;

	p = efuse_purpose_find(e, "SECURE_BOOT_DIGEST1", &room);
	assert_non_null(p);
	virt_new(raw, e);
	put(raw, "KEY_PURPOSE_2", (uint32_t)p->value);
	put(raw, "BLOCK_KEY2", 0x12345678);
}

static void
test_secure_boot_with_a_digest_starts(void **state)
{
	static struct told	told;
	static struct efuse_raw	was, is;

	(void)state;
	trusted_c3(&was);
	is = was;
	put(&is, "SECURE_BOOT_EN", 1);
	ask(&was, &is, &told);
	assert_string_equal(told.text, "only signed bootloaders start from now "
	    "on; that cannot be turned off: SECURE_BOOT_EN\n");
}

static void
test_the_last_key_revoked_or_hidden_starts_nothing(void **state)
{
	static struct told	told;
	static struct efuse_raw	was, is;

	(void)state;
	trusted_c3(&was);
	put(&was, "SECURE_BOOT_EN", 1);
	is = was;
	put(&is, "SECURE_BOOT_KEY_REVOKE0", 1);
	ask(&was, &is, &told);
	expect_not(&told, "nothing starts");
	put(&is, "SECURE_BOOT_KEY_REVOKE1", 1);
	ask(&was, &is, &told);
	expect(&told, "nothing starts");
	expect(&told, "second secure boot key");

	is = was;
	put(&is, "RD_DIS", 1 << 2);
	ask(&was, &is, &told);
	expect(&told, "nothing starts");
	expect(&told, "read that again: BLOCK_KEY2 (RD_DIS bit 2)");
}

static void
test_flash_encryption_goes_on_and_off_and_stays_on(void **state)
{
	static struct told	told;
	static struct efuse_raw	was, is;

	(void)state;
	virt_new(&was, table(&chip_esp32s2, UINT32_MAX));
	put(&was, "KEY_PURPOSE_0", 4);		/* XTS_AES_128_KEY */
	is = was;
	put(&is, "SPI_BOOT_CRYPT_CNT", 1);
	ask(&was, &is, &told);
	assert_string_equal(told.text, "flash encryption is on: what lies in "
	    "flash unencrypted does not start: SPI_BOOT_CRYPT_CNT\n");
	was = is;
	put(&is, "SPI_BOOT_CRYPT_CNT", 3);
	ask(&was, &is, &told);
	assert_string_equal(told.text, "flash encryption is off: what lies in "
	    "flash encrypted does not start: SPI_BOOT_CRYPT_CNT\n");
	was = is;
	put(&is, "SPI_BOOT_CRYPT_CNT", 7);
	ask(&was, &is, &told);
	expect(&told, "flash encryption is on:");
	expect(&told, "can never be turned off again: SPI_BOOT_CRYPT_CNT\n");
}

static void
test_flash_encryption_without_a_key_is_told(void **state)
{
	static struct told	told;

	(void)state;
	burn(&chip_esp32s3, "SPI_BOOT_CRYPT_CNT", 1, &told);
	expect(&told, "without a key");
	burn(&chip_esp32, "FLASH_CRYPT_CNT", 1, &told);
	expect(&told, "without a key");
	burn(&chip_esp32c2, "SPI_BOOT_CRYPT_CNT", 1, &told);
	expect(&told, "without a key");
}

static void
test_write_protection_names_all_that_it_covers(void **state)
{
	static struct told	told;

	(void)state;
	burn(&chip_esp32c3, "WR_DIS", 1 << 5, &told);
	assert_string_equal(told.text, "no bit of these can be burned again: "
	    "SECURE_BOOT_KEY_REVOKE0 (WR_DIS bit 5)\n");
	burn(&chip_esp32, "WR_DIS", 1 << 2, &told);
	expect(&told, "FLASH_CRYPT_CNT, UART_DOWNLOAD_DIS (WR_DIS bit 2)");
	burn(&chip_esp32, "WR_DIS", 1 << 9, &told);
	expect(&told, "burned again: BLOCK3 (WR_DIS bit 9)");
	burn(&chip_esp32c2, "WR_DIS", 1 << 7, &told);
	expect(&told, "burned again: BLOCK_KEY0 (WR_DIS bit 7)");
	/* Twenty fields and more: as many as fit, and how many are left. */
	burn(&chip_esp32c3, "WR_DIS", 1 << 20, &told);
	expect(&told, " more (WR_DIS bit 20)");
}

static void
test_halves_of_a_key_are_hidden_one_by_one(void **state)
{
	static struct told	told;

	(void)state;
	burn(&chip_esp32c2, "RD_DIS", 1, &told);
	assert_string_equal(told.text, "no program and no tool can read that "
	    "again: BLOCK_KEY0_LOW_128 (RD_DIS bit 0)\n");
	burn(&chip_esp32c2, "RD_DIS", 3, &told);
	expect(&told, "BLOCK_KEY0_HI_128 (RD_DIS bit 1)");
}

/* A block without a field of its own is named all the same. */
static void
test_every_bit_of_both_masks_is_told_where_it_does_something(void **state)
{
	static struct told	told;
	static char		part[32];

	(void)state;
	for (const struct efuse_chip *const *c = efuse_chips; *c != NULL; c++)
		for (const struct efuse_block *b = (*c)->blocks + 1; b->name;
		    b++) {
			for (unsigned i = 0; i < 8; i++) {
				if ((b->rd_dis >> i & 1) == 0)
					continue;
				burn_on(*c, "RD_DIS", 1u << i, &told);
				(void)snprintf(part, sizeof(part),
				    "(RD_DIS bit %u)", i);
				expect(&told, part);
			}
			if (b->wr_dis == EFUSE_NO_BIT)
				continue;
			burn_on(*c, "WR_DIS", 1u << b->wr_dis, &told);
			(void)snprintf(part, sizeof(part), "(WR_DIS bit %u)",
			    b->wr_dis);
			expect(&told, part);
		}
}

/* The trap of burning a key after secure boot: RD_DIS is locked by then. */
static void
test_a_secret_that_can_never_be_hidden_is_told(void **state)
{
	static struct told	told;
	static struct efuse_raw	was, is;

	(void)state;
	virt_new(&was, table(&chip_esp32s2, UINT32_MAX));
	put(&was, "KEY_PURPOSE_3", 4);		/* XTS_AES_128_KEY */
	put(&was, "BLOCK_KEY3", 7);
	is = was;
	put(&is, "WR_DIS", 1);
	ask(&was, &is, &told);
	expect(&told, "every program can read the secret key "
	    "(XTS_AES_128_KEY) for ever: BLOCK_KEY3\n");
	expect(&told, "RD_DIS is locked");
	expect_not(&told, "(WR_DIS bit 0)");
	put(&is, "RD_DIS", 1 << 3);
	ask(&was, &is, &told);
	expect_not(&told, "every program can read");
}

static void
test_a_coded_block_is_full_at_once(void **state)
{
	static struct told	told;
	static struct efuse_raw	was, is;

	(void)state;
	burn(&chip_esp32c6, "BLOCK_USR_DATA", 1, &told);
	assert_string_equal(told.text, "nothing can be added to the block, "
	    "not even a bit: BLOCK_USR_DATA\n");
	burn(&chip_esp32, "BLOCK3", 1, &told);
	assert_int_equal(told.lines, 0);
	virt_new(&was, table(&chip_esp32, UINT32_MAX));
	put(&was, "CODING_SCHEME", 1);
	is = was;
	put(&is, "BLOCK3", 1);
	ask(&was, &is, &told);
	assert_string_equal(told.text, "each group of 6 bytes that holds "
	    "something cannot be added to: BLOCK3\n");
}

static void
test_another_flash_supply_is_told(void **state)
{
	static struct told	told;

	(void)state;
	burn(&chip_esp32, "XPD_SDIO_FORCE", 1, &told);
	expect(&told, "a flash chip that needs another supply");
	burn(&chip_esp32s3, "VDD_SPI_FORCE", 1, &told);
	expect(&told, "a flash chip that needs another supply");
	burn(&chip_esp32c3, "VDD_SPI_AS_GPIO", 1, &told);
	expect_not(&told, "another supply");
}

static void
test_other_wires_are_told(void **state)
{
	static struct told	told;

	(void)state;
	burn(&chip_esp32, "SPI_PAD_CONFIG_CLK", 5, &told);
	expect(&told, "another pin from now on: SPI_PAD_CONFIG_CLK\n");
	burn(&chip_esp32c3, "USB_EXCHG_PINS", 1, &told);
	expect(&told, "USB does not work any more: USB_EXCHG_PINS\n");
}

static void
test_lost_parts_are_told_in_the_words_of_the_field(void **state)
{
	static struct told	told;

	(void)state;
	burn(&chip_esp32c3, "DIS_TWAI", 1, &told);
	assert_string_equal(told.text,
	    "the TWAI (CAN) controller is off for ever: DIS_TWAI\n");
	burn(&chip_esp32h4, "DIS_CORE1", 1, &told);
	assert_string_equal(told.text,
	    "CPU core 1 is off for ever: DIS_CORE1\n");
	burn(&chip_esp32p4, "DIS_SWD", 1, &told);
	assert_string_equal(told.text,
	    "the super watchdog is off: DIS_SWD\n");
	burn(&chip_esp32, "DISABLE_BT", 1, &told);
	assert_string_equal(told.text,
	    "Bluetooth is off for ever: DISABLE_BT\n");
}

static void
test_the_gravest_comes_first(void **state)
{
	static struct told	told;
	static struct efuse_raw	was, is;

	(void)state;
	virt_new(&was, table(&chip_esp32c3, UINT32_MAX));
	is = was;
	put(&is, "DIS_TWAI", 1);
	put(&is, "WR_DIS", 1 << 2);
	put(&is, "DIS_PAD_JTAG", 1);
	put(&is, "DIS_DOWNLOAD_MODE", 1);
	ask(&was, &is, &told);
	assert_int_equal(told.lines, 4);
	assert_ptr_equal(strstr(told.text, "no tool can connect"), told.text);
	assert_true(strstr(told.text, "no JTAG") <
	    strstr(told.text, "(WR_DIS bit 2)"));
	assert_true(strstr(told.text, "(WR_DIS bit 2)") <
	    strstr(told.text, "TWAI (CAN)"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_field_of_every_chip_has_a_sentence),
		cmocka_unit_test(test_no_two_fields_share_a_sentence),
		cmocka_unit_test(test_a_field_is_described_by_its_name),
		cmocka_unit_test(test_a_sentence_of_the_row_comes_first),
		cmocka_unit_test(test_a_field_of_the_user_has_no_words_of_ours),
		cmocka_unit_test(test_nothing_burned_has_no_consequence),
		cmocka_unit_test(test_a_lost_loader_is_told),
		cmocka_unit_test(
		    test_an_old_esp32_does_not_know_uart_download_dis),
		cmocka_unit_test(
		    test_secure_boot_without_a_digest_starts_nothing),
		cmocka_unit_test(test_secure_boot_with_a_digest_starts),
		cmocka_unit_test(
		    test_the_last_key_revoked_or_hidden_starts_nothing),
		cmocka_unit_test(
		    test_flash_encryption_goes_on_and_off_and_stays_on),
		cmocka_unit_test(test_flash_encryption_without_a_key_is_told),
		cmocka_unit_test(
		    test_write_protection_names_all_that_it_covers),
		cmocka_unit_test(test_halves_of_a_key_are_hidden_one_by_one),
		cmocka_unit_test(
		    test_every_bit_of_both_masks_is_told_where_it_does_something),
		cmocka_unit_test(
		    test_a_secret_that_can_never_be_hidden_is_told),
		cmocka_unit_test(test_a_coded_block_is_full_at_once),
		cmocka_unit_test(test_another_flash_supply_is_told),
		cmocka_unit_test(test_other_wires_are_told),
		cmocka_unit_test(
		    test_lost_parts_are_told_in_the_words_of_the_field),
		cmocka_unit_test(test_the_gravest_comes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
