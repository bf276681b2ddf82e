/* proto/chip: every row of the tables, and chips as they were recorded. */
#include "proto/chip/chip.h"

#include <stdbool.h>
#include <string.h>

#include "proto/base/err.h"
#include "proto/base/text.h"
#include "tests/unit/unit.h"

/* Registers of a chip; what is not listed cannot be read. */
struct regs {
	struct { uint32_t addr, value; } r[32];
	uint32_t	fail_addr;	/* reading this one ends in fail_err */
	int		fail_err;
	unsigned	missing;	/* reads of registers not listed */
};

static int
read_reg(void *arg, uint32_t addr, uint32_t *value)
{
	struct regs	*regs = arg;

	if (addr == regs->fail_addr)
		return regs->fail_err;
	for (size_t i = 0; i < UNIT_COUNT(regs->r); i++)
		if (regs->r[i].addr == addr) {
			*value = regs->r[i].value;
			return 0;
		}
	regs->missing++;
	*value = 0;
	return 0;
}

static void
assert_mac(const struct chip_facts *facts, const char *want)
{
	char	mac[TEXT_MAC_MAX];

	text_mac(mac, facts->mac);
	assert_string_equal(mac, want);
}

/* Recorded from the mask ROM of an ESP32 (and, for registers that were not
 * read in the recording, its blank fuses). */
static struct regs
recorded_esp32(void)
{
	return (struct regs){ .r = {
		{ 0x3ff5a004, 0x00c40a24 }, { 0x3ff5a008, 0x00fe1001 },
		{ 0x3ff5a00c, 0 }, { 0x3ff5a010, 0 }, { 0x3ff5a014, 0 },
		{ 0x3ff5a018, 0 }, { 0x3ff5a000, 0 },
		{ 0x3ff6607c, 0x96042000 }, { 0x3ff40014, 0x15a },
	} };
}

static struct regs
recorded_esp32c3(void)
{
	return (struct regs){ .r = {
		{ 0x60008844, 0x24fe1001 }, { 0x60008848, 0x0000c40a },
		{ 0x6000884c, 0 }, { 0x60008850, 0x030c0000 },
		{ 0x60008854, 0 }, { 0x60008858, 0 },
	} };
}

static void
test_every_row_is_complete(void **state)
{
	(void)state;
	for (const struct chip *const *c = chips; *c != NULL; c++) {
		const struct chip	*k = *c;
		bool			 measured =
		    k->caps & CHIP_XTAL_MEASURED;

		assert_non_null(k->cli);
		assert_non_null(k->name);
		assert_true(k->image_id >= -1 && k->image_id <= UINT16_MAX);
		assert_int_equal(k->by_magic, k->magic != 0);
		/* Some way to recognise it. */
		assert_true(k->by_magic || k->caps & CHIP_ROM_SECINFO);
		assert_true(k->spi.base != 0 && k->spi.usr != 0);
		assert_int_equal(k->spi.usr1, k->spi.usr + 4);
		assert_int_equal(k->spi.usr2, k->spi.usr1 + 4);
		assert_int_equal(k->spi.mosi_len != 0, k->spi.miso_len != 0);
		assert_true(k->spi.w0 > k->spi.usr2);
		assert_int_not_equal(k->efuse_base, 0);
		assert_true(k->efuse_block1 >= k->efuse_base);
		assert_true(k->mac.addr >= k->efuse_base);
		assert_int_equal(measured, k->xtal_mhz == 0);
		assert_true(!measured || k->uart_clkdiv != 0);
		assert_true(k->xtal_divider == 1 || k->xtal_divider == 2);
		assert_int_equal(k->boot_offset % 0x1000, 0);
		assert_true(k->flash_max >= CHIP_ROM_FLASH_MAX);
		assert_true(k->describe != NULL || k->layout != NULL);
		assert_int_equal(k->stub_none == NULL, k->stub_from == 0);
		/* Flash encryption, and what it can be told with. */
		assert_true(k->encrypt_align == 16 ||
		    k->encrypt_align == 32 || k->security.crypt_count.addr == 0);
		assert_true(k->pins.allowed != 0 ||
		    (k->caps & CHIP_ROM_ATTACH) == 0);
		assert_int_equal(k->pins.usb & ~k->pins.allowed, 0);
		assert_int_equal(k->security.key_managed.addr != 0,
		    (k->caps & CHIP_KEY_MANAGER) != 0);
		assert_int_equal(k->flash_max > CHIP_ROM_FLASH_MAX,
		    k->flash_max == 128 << 20);
		assert_int_equal(k->rom_xtal.mhz != 0 ||
		    k->rom_xtal.field.addr != 0,
		    k->caps & CHIP_ROM_SECINFO && measured &&
		    k->stub_from != UINT32_MAX);
		assert_int_equal(k->stub_old == NULL, k->stub_old_below == 0);
		/* Watchdogs matter where USB-Serial/JTAG is. */
		assert_true(k->rtc_wdt.config0 != 0 ||
		    (k->caps & (CHIP_USB_JTAG | CHIP_WDT_RESET)) == 0);
	}
}

static void
test_names_ids_and_magics_are_unique(void **state)
{
	(void)state;
	for (const struct chip *const *a = chips; *a != NULL; a++)
		for (const struct chip *const *b = chips; b < a; b++) {
			assert_string_not_equal((*a)->cli, (*b)->cli);
			assert_string_not_equal((*a)->name, (*b)->name);
			if ((*a)->image_id >= 0)
				assert_int_not_equal((*a)->image_id,
				    (*b)->image_id);
			if ((*a)->by_magic)
				assert_int_not_equal((*a)->magic,
				    (*b)->magic);
		}
}

/* Every code is a nibble of its own, but for the 40 MHz of an ESP32-C6, whose
 * number is that of 80 MHz, too: the ROM makes them of it. */
static void
check_codes(const struct chip *chip, const struct chip_code *list)
{
	unsigned	seen = 0;

	assert_non_null(list);
	for (const struct chip_code *c = list; c->name != NULL; c++) {
		assert_true(c->code <= 15);
		if (chip != &chip_esp32c6 || strcmp(c->name, "40m") != 0)
			assert_int_equal(seen & 1u << c->code, 0);
		assert_true(c->value > 0);
		seen |= 1u << c->code;
	}
	assert_true(seen != 0);
}

static void
test_size_and_clock_codes_are_distinct_nibbles(void **state)
{
	(void)state;
	for (const struct chip *const *c = chips; *c != NULL; c++) {
		check_codes(*c, (*c)->sizes);
		check_codes(*c, (*c)->freqs);
	}
}

static void
test_watchdog_rows_are_whole(void **state)
{
	(void)state;
	for (const struct chip *const *c = chips; *c != NULL; c++) {
		const struct chip_rtc_wdt	*w = &(*c)->rtc_wdt;
		const struct chip_strap		*s = &(*c)->strap;

		if (w->config0 != 0) {
			assert_int_equal(w->config1, w->config0 + 4);
			assert_true(w->protect > w->config1);
			assert_int_equal(w->protect % 4, 0);
		}
		assert_int_equal(w->swd != 0, w->swd_protect != 0);
		assert_int_equal(w->swd != 0, w->swd_key != 0);
		assert_int_equal(w->swd != 0, w->swd_feed != 0);
		assert_int_equal(s->pins != 0, s->boot_pin != 0);
		assert_int_equal(s->force != 0, s->forced != 0);
		assert_true(s->pins != 0 || s->force == 0);
		/* The ROM's USB-OTG is left by a watchdog, or as its boot
		 * pin says. */
		assert_true(((*c)->caps & CHIP_USB_OTG) == 0 ||
		    ((*c)->caps & CHIP_WDT_RESET) != 0 || s->pins != 0);
	}
}

static void
test_a_chip_is_found_by_any_spelling_of_its_name(void **state)
{
	(void)state;
	for (const struct chip *const *c = chips; *c != NULL; c++) {
		assert_ptr_equal(chip_by_name((*c)->cli), *c);
		assert_ptr_equal(chip_by_name((*c)->name), *c);
	}
	assert_ptr_equal(chip_by_name("Esp32-(s3)"), &chip_esp32s3);
	assert_ptr_equal(chip_by_name("ESP-32"), &chip_esp32);
	assert_null(chip_by_name(""));
	assert_null(chip_by_name("esp"));
	assert_null(chip_by_name("esp32s"));
	assert_null(chip_by_name("esp32s33"));
	assert_null(chip_by_name("esp32 s3"));
}

static void
test_a_chip_is_found_by_its_numbers(void **state)
{
	(void)state;
	assert_ptr_equal(chip_by_image_id(0), &chip_esp32);
	assert_ptr_equal(chip_by_image_id(5), &chip_esp32c3);
	assert_ptr_equal(chip_by_image_id(9), &chip_esp32s3);
	assert_ptr_equal(chip_by_image_id(2), &chip_esp32s2);
	assert_ptr_equal(chip_by_image_id(12), &chip_esp32c2);
	assert_ptr_equal(chip_by_image_id(13), &chip_esp32c6);
	assert_ptr_equal(chip_by_image_id(16), &chip_esp32h2);
	assert_ptr_equal(chip_by_image_id(18), &chip_esp32p4);
	assert_ptr_equal(chip_by_image_id(20), &chip_esp32c61);
	assert_ptr_equal(chip_by_image_id(23), &chip_esp32c5);
	assert_ptr_equal(chip_by_image_id(25), &chip_esp32h21);
	assert_ptr_equal(chip_by_image_id(28), &chip_esp32h4);
	assert_ptr_equal(chip_by_image_id(31), &chip_esp32e22);
	assert_ptr_equal(chip_by_image_id(32), &chip_esp32s31);
	assert_null(chip_by_image_id(0xffffffff));
	assert_null(chip_by_image_id(0xffff));
	assert_ptr_equal(chip_by_magic(0xfff0c101), &chip_esp8266);
	assert_ptr_equal(chip_by_magic(0x00f01d83), &chip_esp32);
	assert_ptr_equal(chip_by_magic(0x000007c6), &chip_esp32s2);
	assert_null(chip_by_magic(0));
	assert_null(chip_by_magic(0x12345678));
}

static void
test_the_list_of_names_is_the_list_of_chips(void **state)
{
	char	want[256] = "";

	(void)state;
	for (const struct chip *const *c = chips; *c != NULL; c++) {
		if (c != chips)
			strncat(want, ", ", sizeof want - strlen(want) - 1);
		strncat(want, (*c)->cli, sizeof want - strlen(want) - 1);
	}
	assert_string_equal(chip_names(), want);
}

static void
test_recorded_esp32_is_described_as_esptool_does(void **state)
{
	struct regs		regs = recorded_esp32();
	struct chip_facts	f;

	(void)state;
	assert_int_equal(chip_identify(&chip_esp32, read_reg, &regs, 115200,
	    &f), 0);
	/* Nothing forced, the pin low. */
	assert_string_equal(f.flash_voltage, "3.3V");
	assert_int_equal(regs.missing, 2);
	assert_string_equal(f.description, "ESP32-D0WDQ6");
	assert_string_equal(f.features,
	    "Wi-Fi, BT, Dual Core + LP Core, Coding Scheme None");
	assert_true(f.has_revision);
	assert_int_equal(f.revision, 0);
	assert_int_equal(f.xtal_mhz, 40);
	assert_mac(&f, "10:01:00:c4:0a:24");
}

static void
test_recorded_esp32c3_is_described_as_esptool_does(void **state)
{
	struct regs		regs = recorded_esp32c3();
	struct chip_facts	f;

	(void)state;
	assert_int_equal(chip_identify(&chip_esp32c3, read_reg, &regs, 115200,
	    &f), 0);
	assert_int_equal(regs.missing, 0);
	assert_string_equal(f.description, "ESP32-C3 (QFN32)");
	assert_string_equal(f.features,
	    "Wi-Fi, BT 5 (LE), Single Core, 160MHz");
	assert_int_equal(f.revision, 3);
	assert_int_equal(f.xtal_mhz, 40);
	assert_mac(&f, "c4:0a:24:fe:10:01");
}

/* The emulated ESP32-S3 has blank fuses, its MAC is all zero. */
static void
test_recorded_esp32s3_is_described_as_esptool_does(void **state)
{
	struct regs		regs = { .fail_addr = 1 };
	struct chip_facts	f;

	(void)state;
	assert_int_equal(chip_identify(&chip_esp32s3, read_reg, &regs, 115200,
	    &f), 0);
	assert_string_equal(f.description, "ESP32-S3 (QFN56)");
	assert_string_equal(f.features,
	    "Wi-Fi, BT 5 (LE), Dual Core + LP Core, 240MHz");
	assert_int_equal(f.revision, 0);
	assert_int_equal(f.xtal_mhz, 40);
	assert_mac(&f, "00:00:00:00:00:00");
}

static void
test_esp32_v3_pico_with_psram(void **state)
{
	struct regs		regs = recorded_esp32();
	struct chip_facts	f;

	(void)state;
	/* Package 6; revision bits 15 and 20 and the APB date's; minor 1;
	 * rated 240 MHz; Vref; coding scheme 3/4. */
	regs.r[2].value = 6u << 9 | 1u << 15 | 1u << 13;
	regs.r[3].value = 9u << 8;
	regs.r[4].value = 1u << 20 | 1u << 24;
	regs.r[5].value = 1;
	assert_int_equal(chip_identify(&chip_esp32, read_reg, &regs, 115200,
	    &f), 0);
	assert_string_equal(f.description, "ESP32-PICO-V3-02");
	assert_int_equal(f.revision, 301);
	assert_string_equal(f.features, "Wi-Fi, BT, Dual Core + LP Core, "
	    "240MHz, Embedded Flash, Embedded PSRAM, "
	    "Vref calibration in eFuse, Coding Scheme 3/4");
}

static void
test_esp32_variants_by_package_and_cores(void **state)
{
	static const struct {
		uint32_t	 w3, w5;
		const char	*name;
	} cases[] = {
		{ 1u << 9, 0, "ESP32-D0WD" },
		{ 1u << 9 | 1u << 15, 1u << 20, "ESP32-D0WD-V3" },
		{ 1u << 9 | 1, 0, "ESP32-S0WD" },
		{ 1, 0, "ESP32-S0WDQ6" },
		{ 5u << 9, 0, "ESP32-PICO-D4" },
		{ 5u << 9 | 1u << 15, 1u << 20, "ESP32-PICO-V3" },
		{ 4u << 9 | 1, 0, "ESP32-U4WDH" },
		{ 3u << 9, 0, "ESP32 (unknown package 3)" },
		{ 1u << 2, 0, "ESP32 (unknown package 8)" },
	};
	struct chip_facts	f;

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		struct regs	regs = recorded_esp32();

		regs.r[2].value = cases[i].w3;
		regs.r[4].value = cases[i].w5;
		assert_int_equal(chip_identify(&chip_esp32, read_reg, &regs,
		    115200, &f), 0);
		assert_string_equal(f.description, cases[i].name);
	}
}

static void
test_esp32_revision_pattern_that_was_never_made_is_zero(void **state)
{
	struct regs		regs = recorded_esp32();
	struct chip_facts	f;

	(void)state;
	regs.r[4].value = 1u << 20;	/* second step without the first */
	assert_int_equal(chip_identify(&chip_esp32, read_reg, &regs, 115200,
	    &f), 0);
	assert_int_equal(f.revision, 0);
}

static void
test_esp32c3_memory_and_package(void **state)
{
	struct regs		regs = recorded_esp32c3();
	struct chip_facts	f;

	(void)state;
	/* Revision 1.9, ESP8685, 4 MB of XMC. */
	regs.r[3].value = 1u << 27 | 1u << 21 | 1u << 18;
	regs.r[4].value = 1;
	regs.r[5].value = 1u << 24 | 1u << 23;
	assert_int_equal(chip_identify(&chip_esp32c3, read_reg, &regs, 115200,
	    &f), 0);
	assert_string_equal(f.description, "ESP8685 (QFN28)");
	assert_int_equal(f.revision, 109);
	assert_string_equal(f.features,
	    "Wi-Fi, BT 5 (LE), Single Core, 160MHz, Embedded Flash 4MB (XMC)");

	regs.r[3].value = 7u << 27 | 7u << 21;
	assert_int_equal(chip_identify(&chip_esp32c3, read_reg, &regs, 115200,
	    &f), 0);
	assert_string_equal(f.description, "ESP32-C3 (unknown package 7)");
	assert_string_equal(f.features, "Wi-Fi, BT 5 (LE), Single Core, "
	    "160MHz, Unknown Embedded Flash (XMC)");
}

static void
test_esp32s3_memory_and_first_silicon(void **state)
{
	struct regs		regs = { .r = {
		/* 8 MB of flash by GD, revision bits 0.8, block layout x.1 */
		{ 0x60007050, 1u << 27 | 1u << 24 },
		/* 8 MB of PSRAM by AP */
		{ 0x60007054, 1u << 7 | 1u << 3 | 2 },
		{ 0x60007058, 1u << 23 },
		{ 0x6000706c, 1 },	/* block layout 1.x */
	} };
	struct chip_facts	f;

	(void)state;
	assert_int_equal(chip_identify(&chip_esp32s3, read_reg, &regs, 115200,
	    &f), 0);
	assert_int_equal(f.revision, 0);
	assert_string_equal(f.features, "Wi-Fi, BT 5 (LE), Dual Core + LP Core, "
	    "240MHz, Embedded Flash 8MB (GD), Embedded PSRAM 8MB (AP_3v3)");

	regs.r[0].value = 2u << 18;	/* revision 0.10, layout 1.0 */
	assert_int_equal(chip_identify(&chip_esp32s3, read_reg, &regs, 115200,
	    &f), 0);
	assert_int_equal(f.revision, 10);
}

static struct regs
esp8266(uint32_t w0, uint32_t w1, uint32_t w2, uint32_t w3)
{
	return (struct regs){ .r = {
		{ 0x3ff00050, w0 }, { 0x3ff00054, w1 }, { 0x3ff00058, w2 },
		{ 0x3ff0005c, w3 }, { 0x60000014, 451 },
	} };
}

static void
test_esp8266_prefix_of_the_mac(void **state)
{
	struct regs		regs = esp8266(0x33000000, 0x00001122, 0, 0);
	struct chip_facts	f;

	(void)state;
	assert_int_equal(chip_identify(&chip_esp8266, read_reg, &regs, 115200,
	    &f), 0);
	assert_mac(&f, "18:fe:34:11:22:33");
	assert_false(f.has_revision);
	assert_string_equal(f.description, "ESP8266EX");
	assert_string_equal(f.features, "Wi-Fi, 160MHz");
	assert_int_equal(f.xtal_mhz, 26);

	regs = esp8266(0x33000000, 0x00011122, 0, 0);
	assert_int_equal(chip_identify(&chip_esp8266, read_reg, &regs, 115200,
	    &f), 0);
	assert_mac(&f, "ac:d0:74:11:22:33");

	regs = esp8266(0x33000000, 0x00021122, 0, 0x005ccf7f);
	assert_int_equal(chip_identify(&chip_esp8266, read_reg, &regs, 115200,
	    &f), 0);
	assert_mac(&f, "5c:cf:7f:11:22:33");

	regs = esp8266(0x33000000, 0x00021122, 0, 0);
	assert_int_equal(chip_identify(&chip_esp8266, read_reg, &regs, 115200,
	    &f), ERR_CHIP_UNKNOWN);
}

static void
test_esp8285_names_by_flash_and_temperature(void **state)
{
	static const struct {
		uint32_t	 w0, w2, w3;
		const char	*name;
	} cases[] = {
		{ 0x10, 0, 0, "ESP8285N08" },
		{ 0x30, 0, 0, "ESP8285H08" },
		{ 0x10, 0, 1u << 26, "ESP8285N16" },
		{ 0x20, 1u << 16, 1u << 25, "ESP8285H16" },
		{ 0x00, 1u << 16, 3u << 25, "ESP8285" },	/* 4 MB */
		{ 0x10, 0, 1u << 27, "ESP8285" },
		{ 0x10, 0, 1u << 25, "ESP8285" },
	};
	struct chip_facts	f;

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		struct regs	regs = esp8266(cases[i].w0, 0, cases[i].w2,
				    cases[i].w3);

		assert_int_equal(chip_identify(&chip_esp8266, read_reg, &regs,
		    115200, &f), 0);
		assert_string_equal(f.description, cases[i].name);
		assert_string_equal(f.features,
		    "Wi-Fi, 160MHz, Embedded Flash");
	}
}

/* A chip by the words of its fuses, with what it must be called. */
struct described {
	const struct chip	*chip;
	struct regs		 regs;
	uint32_t		 baud_div;	/* of a measured crystal; or 0 */
	uint32_t		 xtal_mhz, revision;
	const char		*description, *features;
};

/* Words by the tables of esptool 5.3, targets/; each row sets bits of
 * every field that counts. */
static const struct described	later[] = {
	{ &chip_esp32s2, { .r = {
		/* 4 MB of flash, 2 MB of PSRAM, v1.9, calibration 2 */
		{ 0x3f41a050, 1u << 28 | 2u << 21 | 1u << 20 | 1u << 18 },
		{ 0x3f41a054, 1u << 4 | 5 }, { 0x3f41a06c, 2u << 4 } } },
	    0, 40, 109, "ESP32-S2FNR2",
	    "Wi-Fi, Single Core, 240MHz, Embedded Flash 4MB, Embedded PSRAM "
	    "2MB, ADC and temperature sensor calibration in BLK2 of eFuse V2" },
	{ &chip_esp32s2, { .r = { { 0x3f41a050, 0 } } }, 0, 40, 0, "ESP32-S2",
	    "Wi-Fi, Single Core, 240MHz, No Embedded Flash, No Embedded "
	    "PSRAM, No calibration in BLK2 of eFuse" },
	{ &chip_esp32s2, { .r = { { 0x3f41a050, 1u << 21 },
		{ 0x3f41a06c, 7u << 4 } } }, 0, 40, 0, "ESP32-S2FH2",
	    "Wi-Fi, Single Core, 240MHz, Embedded Flash 2MB, No Embedded "
	    "PSRAM, Unknown calibration in BLK2" },
	{ &chip_esp32s2, { .r = { { 0x3f41a050, 2u << 21 } } }, 0, 40, 0,
	    "ESP32-S2FH4", NULL },
	{ &chip_esp32s2, { .r = { { 0x3f41a050, 1u << 28 } } }, 0, 40, 0,
	    "ESP32-S2R2", NULL },
	{ &chip_esp32s2, { .r = { { 0x3f41a050, 9u << 28 | 7u << 21 } } }, 0,
	    40, 0, "ESP32-S2 (unknown flash 7, PSRAM 9)", NULL },
	{ &chip_esp32c2, { .r = {
		{ 0x60008844, 1u << 22 | 1u << 20 | 2u << 16 },
		{ 0x6000885c, 1u << 29 | 5u << 24 } } },
	    226, 26, 102, "ESP8684H", "Wi-Fi, BT 5 (LE), Single Core, 120MHz, "
	    "Embedded Flash 4MB (ZBIT)" },
	{ &chip_esp32c2, { .r = { { 0x60008844, 3u << 20 | 15u << 16 } } },
	    347, 40, 315, "ESP32-C2",
	    "Wi-Fi, BT 5 (LE), Single Core, 120MHz" },
	{ &chip_esp32c5, { .r = { { 0x600b484c, 1u << 4 | 2 } } }, 417, 48,
	    102, "ESP32-C5", "Wi-Fi 6 (dual-band), BT 5 (LE), IEEE802.15.4, "
	    "Single Core + LP Core, 240MHz" },
	{ &chip_esp32c5, { .r = { { 0x600b484c, 2u << 26 } } }, 347, 40, 0,
	    "ESP32-C5 (unknown package 2)", NULL },
	{ &chip_esp32c6, { .r = { { 0x600b0850, 3u << 22 | 11u << 18 } } }, 0,
	    40, 311, "ESP32-C6 (QFN40)", "Wi-Fi 6, BT 5 (LE), IEEE802.15.4, "
	    "Single Core + LP Core, 160MHz" },
	{ &chip_esp32c6, { .r = { { 0x600b0850, 1u << 24 },
		{ 0x600b0854, 1 } } }, 0, 40, 0, "ESP32-C6FH4 (QFN32)",
	    "Wi-Fi 6, BT 5 (LE), IEEE802.15.4, Single Core + LP Core, 160MHz, "
	    "Embedded Flash 4MB" },
	{ &chip_esp32c6, { .r = { { 0x600b0850, 1u << 24 },
		{ 0x600b0854, 2 } } }, 0, 40, 0, "ESP32-C6FH8 (QFN32)", NULL },
	{ &chip_esp32c6, { .r = { { 0x600b0850, 1u << 24 },
		{ 0x600b0854, 7 } } }, 0, 40, 0, "ESP32-C6 (QFN32)",
	    "Wi-Fi 6, BT 5 (LE), IEEE802.15.4, Single Core + LP Core, 160MHz, "
	    "Unknown Embedded Flash" },
	{ &chip_esp32c61, { .r = { { 0x600b484c, 1u << 4 } } }, 0, 40, 100,
	    "ESP32-C61", "Wi-Fi 6, BT 5 (LE), Single Core, 160MHz" },
	{ &chip_esp32h2, { .r = { { 0x600b0850, 1u << 21 | 2u << 18 } } }, 0,
	    32, 102, "ESP32-H2",
	    "BT 5 (LE), IEEE802.15.4, Single Core, 96MHz" },
	{ &chip_esp32h2, { .r = { { 0x600b0854, 5 } } }, 0, 32, 0,
	    "ESP32-H2 (unknown package 5)", NULL },
	{ &chip_esp32h21, { .r = { { 0x600b4058, 2u << 8 | 9u << 4 } } }, 0,
	    32, 209, "ESP32-H21",
	    "BT 5 (LE), IEEE802.15.4, Single Core, 96MHz" },
	{ &chip_esp32h4, { .r = { { 0x600b1850, 1u << 22 | 14u << 18 } } }, 0,
	    32, 114, "ESP32-H4 (QFN40)",
	    "BT 5 (LE), IEEE802.15.4, Dual Core, 96MHz" },
	{ &chip_esp32p4, { .r = { { 0x5012d04c, 1u << 23 | 1u << 4 | 3 } } },
	    0, 40, 503, "ESP32-P4", "Dual Core + LP Core, 400MHz" },
	{ &chip_esp32p4, { .r = { { 0x5012d04c, 3u << 4 | 1 | 1u << 20 } } },
	    0, 40, 301, "ESP32-P4 (unknown package 1)", NULL },
	{ &chip_esp32s31, { .r = { { 0x2071505c, 1u << 22 | 3u << 18 } } }, 0,
	    40, 103, "ESP32-S31", "Wi-Fi 6, BT 5.4 (LE), IEEE802.15.4, "
	    "Dual Core + LP Core, 300MHz" },
	{ &chip_esp32s31, { .r = { { 0x20715060, 3u << 6 } } }, 0, 40, 0,
	    "ESP32-S31 (unknown package 3)", NULL },
	{ &chip_esp32e22, { .r = { { 0xc400804c, UINT32_MAX } } }, 347, 40, 0,
	    "ESP32-E22", "Wi-Fi 6E (tri-band, 2x2 MU-MIMO), BT 5.4 (LE) + "
	    "Classic, Dual Core, 500MHz" },
};

static void
set(struct regs *regs, uint32_t addr, uint32_t value)
{
	size_t	i = 0;

	while (regs->r[i].addr != 0)
		assert_true(++i < UNIT_COUNT(regs->r));
	regs->r[i].addr = addr;
	regs->r[i].value = value;
}

static void
test_later_chips_are_described_by_their_fuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(later); i++) {
		const struct described	*d = &later[i];
		struct regs		 regs = d->regs;
		struct chip_facts	 f;

		regs.fail_addr = 1;
		if (d->baud_div != 0)
			set(&regs, d->chip->uart_clkdiv, d->baud_div);
		assert_int_equal(chip_identify(d->chip, read_reg, &regs,
		    115200, &f), 0);
		assert_string_equal(f.description, d->description);
		if (d->features != NULL)
			assert_string_equal(f.features, d->features);
		assert_true(f.has_revision);
		assert_int_equal(f.revision, d->revision);
		assert_int_equal(f.xtal_mhz, d->xtal_mhz);
	}
}

/* Chips that the ESP32-S2 begins have it in the first two words of a block;
 * some have an EUI-64, two bytes more, in the rest of the second. */
static void
test_mac_and_its_two_more_bytes(void **state)
{
	static const struct { const struct chip *chip; uint32_t addr; }
	rows[] = {
		{ &chip_esp32s2, 0x3f41a044 }, { &chip_esp32s3, 0x60007044 },
		{ &chip_esp32c2, 0x60008840 }, { &chip_esp32c3, 0x60008844 },
		{ &chip_esp32c5, 0x600b4844 }, { &chip_esp32c6, 0x600b0844 },
		{ &chip_esp32c61, 0x600b4844 }, { &chip_esp32h2, 0x600b0844 },
		{ &chip_esp32h21, 0x600b4044 }, { &chip_esp32h4, 0x600b1844 },
		{ &chip_esp32p4, 0x5012d044 }, { &chip_esp32s31, 0x20715050 },
		{ &chip_esp32e22, 0xc4008044 },
	};
	static const uint8_t	ext[] = { 0xff, 0xfe };
	struct chip_facts	f;

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		struct regs	regs = { .fail_addr = 1 };

		set(&regs, rows[i].addr, 0xf9f72ca2);
		set(&regs, rows[i].addr + 4, 0xfffe6055);
		assert_int_equal(chip_identify(rows[i].chip, read_reg, &regs,
		    115200, &f), 0);
		assert_mac(&f, "60:55:f9:f7:2c:a2");
		assert_memory_equal(f.mac_ext, ext, 2);
	}
	assert_true(chip_esp32c5.caps & chip_esp32c6.caps & chip_esp32h2.caps &
	    chip_esp32h21.caps & chip_esp32h4.caps & CHIP_EUI64);
	assert_false((chip_esp32c61.caps | chip_esp32s31.caps |
	    chip_esp32p4.caps | chip_esp32s3.caps) & CHIP_EUI64);
}

/* A program's word counts most, then the fuses, then the pin. */
static void
test_flash_voltage_and_who_set_it(void **state)
{
	static const struct {
		const struct chip	*chip;
		uint32_t		 addr, word, addr2, word2;
		const char		*volts, *by;
	} rows[] = {
		{ &chip_esp32, 0, 0, 0, 0, "3.3V", "a strapping pin" },
		{ &chip_esp32, 0x3ff44038, 0x20, 0, 0, "1.8V",
		    "a strapping pin" },
		{ &chip_esp32, 0x3ff5a010, 7u << 14, 0x3ff44038, 0x20, "3.3V",
		    "eFuse" },
		{ &chip_esp32, 0x3ff5a010, 5u << 14, 0, 0, "1.8V", "eFuse" },
		{ &chip_esp32, 0x3ff5a010, 6u << 14, 0, 0, "OFF", "eFuse" },
		{ &chip_esp32, 0x3ff48074, 1u << 22, 0x3ff5a010, 7u << 14,
		    "OFF", "RTC_CNTL" },
		{ &chip_esp32, 0x3ff48074, 1u << 31 | 1u << 22, 0, 0, "1.8V",
		    "RTC_CNTL" },
		{ &chip_esp32, 0x3ff48074, 1u << 31 | 3u << 29 | 1u << 22, 0,
		    0, "1.9V", "RTC_CNTL" },
		{ &chip_esp32, 0x3ff48074, 1u << 31, 0, 0, "3.3V",
		    "a strapping pin" },
		{ &chip_esp32s2, 0x3f41a034, 7u << 4, 0, 0, "3.3V", "eFuse" },
		{ &chip_esp32s2, 0x3f404038, 1u << 4, 0, 0, "1.8V",
		    "a strapping pin" },
		{ &chip_esp32s3, 0x60007034, 5u << 4, 0, 0, "1.8V", "eFuse" },
		{ &chip_esp32s3, 0x60004038, 8, 0, 0, "3.3V",
		    "a strapping pin" },
	};
	struct chip_facts	f;

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		struct regs	regs = { .fail_addr = 1 };

		set(&regs, rows[i].addr, rows[i].word);
		set(&regs, rows[i].addr2, rows[i].word2);
		assert_int_equal(chip_identify(rows[i].chip, read_reg, &regs,
		    115200, &f), 0);
		assert_string_equal(f.flash_voltage, rows[i].volts);
		assert_string_equal(f.flash_voltage_by, rows[i].by);
	}
	/* Others do not tell. */
	for (const struct chip *const *c = chips; *c != NULL; c++) {
		struct regs	regs = { .fail_addr = 1 };

		if ((*c)->supply.pin_1v8.addr != 0 || *c == &chip_esp8266)
			continue;
		assert_int_equal(chip_identify(*c, read_reg, &regs, 115200,
		    &f), 0);
		assert_null(f.flash_voltage);
		assert_null(f.flash_voltage_by);
	}
}

static void
test_eight_data_lines_by_fuse(void **state)
{
	static const struct { const struct chip *chip; uint32_t addr; }
	rows[] = {
		{ &chip_esp32s2, 0x3f41a03c }, { &chip_esp32s3, 0x6000703c },
	};
	struct chip_facts	f;

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(rows); i++)
		for (uint32_t bit = 8; bit <= 10; bit++) {
			struct regs	regs = { .fail_addr = 1 };

			set(&regs, rows[i].addr, 1u << bit);
			assert_int_equal(chip_identify(rows[i].chip, read_reg,
			    &regs, 115200, &f), 0);
			assert_int_equal(f.octal, bit == 9);
		}
}

static void
test_pins_that_a_flash_may_hang_on(void **state)
{
	static const struct {
		const struct chip	*chip;
		unsigned		 last;		/* GPIO */
		unsigned		 gap, gap_end;	/* not these */
		unsigned		 usb;		/* and the next one; 0: none */
	} rows[] = {
		{ &chip_esp32, 33, 30, 31, 0 }, { &chip_esp32s2, 46, 22, 25, 19 },
		{ &chip_esp32s3, 48, 22, 25, 19 },
		{ &chip_esp32c2, 20, 99, 99, 0 },
		{ &chip_esp32c3, 21, 99, 99, 18 },
		{ &chip_esp32c5, 28, 99, 99, 13 },
		{ &chip_esp32c6, 30, 99, 99, 12 },
		{ &chip_esp32c61, 30, 99, 99, 12 },
		{ &chip_esp32h2, 27, 99, 99, 26 },
		{ &chip_esp32h21, 27, 99, 99, 26 },
		{ &chip_esp32h4, 39, 99, 99, 13 },
		{ &chip_esp32p4, 54, 99, 99, 24 },
		{ &chip_esp32s31, 60, 99, 99, 33 },
		{ &chip_esp32e22, 52, 99, 99, 18 },
	};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		const struct chip_pins	*p = &rows[i].chip->pins;

		for (unsigned n = 0; n < 64; n++) {
			bool	gap = n >= rows[i].gap && n <= rows[i].gap_end;
			bool	usb = rows[i].usb != 0 &&
				    (n == rows[i].usb || n == rows[i].usb + 1);

			assert_int_equal(p->allowed >> n & 1,
			    n <= rows[i].last && !gap);
			assert_int_equal(p->usb >> n & 1, usb);
		}
		assert_int_equal(p->hd_max,
		    rows[i].chip == &chip_esp32s3 ? 46 : 0);
	}
	assert_int_equal(chip_esp8266.pins.allowed, 0);
}

static void
test_only_the_s2_answers_without_its_number(void **state)
{
	(void)state;
	assert_ptr_equal(chip_without_id(), &chip_esp32s2);
}

static void
test_the_crystal_follows_divider_and_rate(void **state)
{
	static const struct { uint32_t baud, div, mhz; } cases[] = {
		{ 115200, 225, 26 }, { 115200, 347, 40 }, { 115200, 417, 48 },
		{ 921600, 28, 26 }, { 74880, 534, 40 },
		/* the fraction above bit 19 does not count */
		{ 115200, 347 | 0xf00000, 40 },
	};
	struct chip_facts	f;

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		struct regs	regs = recorded_esp32();

		regs.r[8].value = cases[i].div;
		assert_int_equal(chip_identify(&chip_esp32, read_reg, &regs,
		    cases[i].baud, &f), 0);
		assert_int_equal(f.xtal_mhz, cases[i].mhz);
	}
}

/* Whatever register it is that cannot be read. */
static void
test_an_error_of_the_conversation_comes_back(void **state)
{
	static const uint32_t	addrs[] = {
		0x3ff5a004, 0x3ff5a008, 0x3ff5a00c, 0x3ff6607c, 0x3ff40014,
	};
	struct chip_facts	f;

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(addrs); i++) {
		struct regs	regs = recorded_esp32();

		regs.fail_addr = addrs[i];
		regs.fail_err = ERR_UNPLUGGED;
		assert_int_equal(chip_identify(&chip_esp32, read_reg, &regs,
		    115200, &f), ERR_UNPLUGGED);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_row_is_complete),
		cmocka_unit_test(test_names_ids_and_magics_are_unique),
		cmocka_unit_test(test_size_and_clock_codes_are_distinct_nibbles),
		cmocka_unit_test(test_watchdog_rows_are_whole),
		cmocka_unit_test(test_a_chip_is_found_by_any_spelling_of_its_name),
		cmocka_unit_test(test_a_chip_is_found_by_its_numbers),
		cmocka_unit_test(test_the_list_of_names_is_the_list_of_chips),
		cmocka_unit_test(test_recorded_esp32_is_described_as_esptool_does),
		cmocka_unit_test(test_recorded_esp32c3_is_described_as_esptool_does),
		cmocka_unit_test(test_recorded_esp32s3_is_described_as_esptool_does),
		cmocka_unit_test(test_esp32_v3_pico_with_psram),
		cmocka_unit_test(test_esp32_variants_by_package_and_cores),
		cmocka_unit_test(test_esp32_revision_pattern_that_was_never_made_is_zero),
		cmocka_unit_test(test_esp32c3_memory_and_package),
		cmocka_unit_test(test_esp32s3_memory_and_first_silicon),
		cmocka_unit_test(test_esp8266_prefix_of_the_mac),
		cmocka_unit_test(test_esp8285_names_by_flash_and_temperature),
		cmocka_unit_test(test_later_chips_are_described_by_their_fuses),
		cmocka_unit_test(test_mac_and_its_two_more_bytes),
		cmocka_unit_test(test_flash_voltage_and_who_set_it),
		cmocka_unit_test(test_eight_data_lines_by_fuse),
		cmocka_unit_test(test_pins_that_a_flash_may_hang_on),
		cmocka_unit_test(test_only_the_s2_answers_without_its_number),
		cmocka_unit_test(test_the_crystal_follows_divider_and_rate),
		cmocka_unit_test(test_an_error_of_the_conversation_comes_back),
	};

	return cmocka_run_group_tests_name("chip", tests, NULL, NULL);
}
