#include "proto/chip/chip_describe.h"

enum {
	EFUSE		= 0x3ff5a000,	/* ESP32 TRM, "eFuse Controller": BLOCK0 */
	EFUSE_WORDS	= 7,
	APB_CTL_DATE	= 0x3ff6607c,	/* bit 31: third revision bit (esp-idf, efuse_hal.c) */
};

/*
 * Revisions count as a thermometer: one more bit for each major step (esp-idf,
 * efuse_hal_get_major_chip_version).  Other patterns were never made.
 */
static uint32_t
major(const uint32_t w[EFUSE_WORDS], uint32_t date)
{
	switch (chip_bits(w[3], 15, 15) | chip_bits(w[5], 20, 20) << 1 |
	    chip_bits(date, 31, 31) << 2) {
	case 1:
		return 1;
	case 3:
		return 2;
	case 7:
		return 3;
	default:
		return 0;
	}
}

/* esp-idf, esp_efuse.h, EFUSE_RD_CHIP_VER_PKG_*; names as in the datasheets. */
static void
name_package(const uint32_t w[EFUSE_WORDS], uint32_t major_rev,
    uint32_t package, struct chip_facts *facts)
{
	static const char *const old[] = {
		"ESP32-D0WDQ6", "ESP32-D0WD", "ESP32-D2WD", NULL,
		"ESP32-U4WDH", "ESP32-PICO-D4", "ESP32-PICO-V3-02",
		"ESP32-D0WDR2-V3",
	};
	static const char *const v3[] = {
		"ESP32-D0WDQ6-V3", "ESP32-D0WD-V3", "ESP32-D2WD", NULL,
		"ESP32-U4WDH", "ESP32-PICO-V3", "ESP32-PICO-V3-02",
		"ESP32-D0WDR2-V3",
	};
	static const char *const single[] = { "ESP32-S0WDQ6", "ESP32-S0WD" };

	if (chip_bits(w[3], 0, 0) && package < CHIP_COUNT_OF(single))
		chip_set_package(facts, "ESP32", package, single,
		    CHIP_COUNT_OF(single));
	else
		chip_set_package(facts, "ESP32", package,
		    major_rev == 3 ? v3 : old, CHIP_COUNT_OF(v3));
}

/* ESP32 TRM, eFuse table; esp-idf, esp_efuse_table.csv of the ESP32. */
static void
list_features(const uint32_t w[EFUSE_WORDS], uint32_t package,
    struct chip_facts *facts)
{
	static const char *const codings[] = {
		"None", "3/4", "Repeat (UNSUPPORTED)",
		"None (may contain encoding data)",
	};

	chip_add_feature(facts, "Wi-Fi");
	if (!chip_bits(w[3], 1, 1))
		chip_add_feature(facts, "BT");
	chip_add_feature(facts, "%s Core + LP Core",
	    chip_bits(w[3], 0, 0) ? "Single" : "Dual");
	if (chip_bits(w[3], 13, 13))	/* the rated speed was burned */
		chip_add_feature(facts, "%s",
		    chip_bits(w[3], 12, 12) ? "160MHz" : "240MHz");
	if (package == 2 || (package >= 4 && package <= 6))
		chip_add_feature(facts, "Embedded Flash");
	if (package == 6)
		chip_add_feature(facts, "Embedded PSRAM");
	if (chip_bits(w[4], 12, 8))
		chip_add_feature(facts, "Vref calibration in eFuse");
	if (chip_bits(w[3], 14, 14))
		chip_add_feature(facts, "BLK3 partially reserved");
	chip_add_feature(facts, "Coding Scheme %s",
	    codings[chip_bits(w[6], 1, 0)]);
}

static int
describe(chip_read_reg *read, void *arg, struct chip_facts *facts)
{
	uint32_t	 w[EFUSE_WORDS], date, package, rev;
	int		 r;

	if ((r = chip_read_words(read, arg, EFUSE, w, EFUSE_WORDS)) < 0 ||
	    (r = read(arg, APB_CTL_DATE, &date)) < 0)
		return r;
	rev = major(w, date);
	package = chip_bits(w[3], 11, 9) | chip_bits(w[3], 2, 2) << 3;
	facts->revision = rev * 100 + chip_bits(w[5], 25, 24);
	facts->has_revision = true;
	name_package(w, rev, package, facts);
	list_features(w, package, facts);
	return 0;
}

/* esptool 5.3, targets/esp32.py. */
static const struct chip_range ranges[] = {
	{ 0x3f400000, 0x3f800000, "DROM" },
	{ 0x3f800000, 0x3fc00000, "EXTRAM_DATA" },
	{ 0x3ff80000, 0x3ff82000, "RTC_DRAM" },
	{ 0x3ff90000, 0x40000000, "BYTE_ACCESSIBLE" },
	{ 0x3ffae000, 0x40000000, "DRAM" },
	{ 0x3ffe0000, 0x3ffffffc, "DIRAM_DRAM" },
	{ 0x40000000, 0x40070000, "IROM" },
	{ 0x40070000, 0x40078000, "CACHE_PRO" },
	{ 0x40078000, 0x40080000, "CACHE_APP" },
	{ 0x40080000, 0x400a0000, "IRAM" },
	{ 0x400a0000, 0x400bfffc, "DIRAM_IRAM" },
	{ 0x400c0000, 0x400c2000, "RTC_IRAM" },
	{ 0x400d0000, 0x40400000, "IROM" },
	{ 0x50000000, 0x50002000, "RTC_DATA" },
	{ 0 }
};

const struct chip chip_esp32 = {
	.cli		= "esp32",
	.name		= "ESP32",
	.image_id	= 0,			/* image header, byte 12 */
	.by_magic	= true,			/* no GET_SECURITY_INFO in its ROM */
	.magic		= 0x00f01d83,		/* ROM, word at 0x40001000; recorded */
	/* No CHIP_ROM_DEFLATE: it knows FLASH_DEFL_*, but behind the last byte
	 * it writes what is left in its window of 32 KB, erased or not, and so
	 * destroys what stands there (seen on the genuine ROM). */
	.caps		= CHIP_ROM_BAUD | CHIP_ROM_MD5 |
			  CHIP_ROM_READ | CHIP_ROM_ATTACH |
			  CHIP_XTAL_MEASURED | CHIP_ADDR_MSB |
			  CHIP_PAGE_TAIL,
	/* esp-idf, soc/esp32, spi_reg.h, SPI1. */
	.spi		= { .base = 0x3ff42000, .usr = 0x1c, .usr1 = 0x20,
			    .usr2 = 0x24, .mosi_len = 0x28, .miso_len = 0x2c,
			    .w0 = 0x80 },
	.efuse_base	= EFUSE,
	.efuse_block1	= EFUSE,		/* its revision is in BLOCK0 */
	.mac		= { .addr = EFUSE + 4, .form = CHIP_MAC_EFUSE },
	/* esp-idf, timer_group_reg.h, TIMG_RTCCALICFG1 of group 0; efuse_reg.h,
	 * EFUSE_BLK0_RDATA4; the formula: esptool, facts of its ESP32. */
	.rom_clock	= { .cal = 0x3ff5f06c, .fuse = EFUSE + 0x10,
			    .shift = 7, .mask = 0x1ffffff,
			    .unit_hz = 15625, .cycles = 40 },
	.uart_clkdiv	= 0x3ff40014,		/* uart_reg.h, UART_CLKDIV_REG(0) */
	.xtal_divider	= 1,
	.boot_offset	= 0x1000,		/* esp-idf, bootloader offset */
	.flash_max	= CHIP_ROM_FLASH_MAX,
	.sizes		= chip_sizes,
	.freqs		= chip_freqs,
	/* Of images: esptool 5.3, targets/esp32.py. */
	.ranges		= ranges,
	.irom		= { 0x400d0000, 0x40400000 },
	.drom		= { 0x3f400000, 0x3f800000 },
	.uf2_family	= 0x1c5f21b0,
	.encrypt_align	= 32,			/* bytes: two AES blocks, one tweak */
	/* There is no GPIO 30 or 31 (datasheet, "Pins"); TRM, eFuse table,
	 * SPI_PAD_CONFIG_*. */
	.pins		= {
		.allowed	= CHIP_PINS_TO(33) &
				  ~(CHIP_PIN(30) | CHIP_PIN(31)),
		.pads		= {
			{ EFUSE + 0x14, 0x1f }, { EFUSE + 0x14, 0x1f << 5 },
			{ EFUSE + 0x14, 0x1f << 10 },
			{ EFUSE + 0x0c, 0x1f << 4 },
			{ EFUSE + 0x14, 0x1f << 15 },
		},
	},
	/* ESP32 TRM, eFuse table: FLASH_CRYPT_CNT, DISABLE_DL_ENCRYPT,
	 * ABS_DONE_0 and _1 (in force from v3.0), FLASH_CRYPT_CONFIG, BLOCK1
	 * and RD_DIS. */
	.security	= {
		.crypt_count	= { EFUSE, 0x7fu << 20 },
		.no_encrypt	= { EFUSE + 0x18, 1u << 7 },
		.secure_boot_v1	= { EFUSE + 0x18, 1u << 4 },
		.secure_boot	= { EFUSE + 0x18, 1u << 5 },
		.secure_boot_from = 300,
		.crypt_config	= { EFUSE + 0x14, 0xfu << 28 },
		.crypt_config_hidden = { EFUSE, 1u << 19 },
		.key_block	= EFUSE + 0x38,
		.key_hidden	= { EFUSE, 1u << 16 },
	},
	/* esp-idf, rtc_cntl_reg.h, RTC_CNTL_SDIO_CONF_REG; eFuse XPD_SDIO_*;
	 * gpio_reg.h, GPIO_STRAP_REG, bit 5 is GPIO12. */
	.supply		= { .rtc = 0x3ff48074,
			    .fuse_force = { EFUSE + 0x10, 1u << 16 },
			    .fuse_on = { EFUSE + 0x10, 1u << 14 },
			    .fuse_3v3 = { EFUSE + 0x10, 1u << 15 },
			    .pin_1v8 = { 0x3ff44038, 1u << 5 } },
	.describe	= describe,
	.tested		= CHIP_TESTED_ROM,
};
