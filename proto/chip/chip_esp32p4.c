#include "proto/chip/chip_describe.h"

enum {
	EFUSE		= 0x5012d000,	/* ESP32-P4 TRM, "eFuse Controller" */
	BLOCK1		= EFUSE + 0x44,	/* EFUSE_RD_MAC_SYS_0 */
	/* esp-idf, lp_system_reg.h and pmu_reg.h. */
	PAD_GROUP	= 0x5011010c,	/* LP_SYSTEM_REG_ANA_XPD_PAD_GROUP */
	LDO		= 0x501151b8,	/* PMU_EXT_LDO_P0_0P1A */
	LDO_ANA		= 0x501151bc,	/* PMU_EXT_LDO_P0_0P1A_ANA */
	PMU_DATE	= 0x501153fc,
	LDO_TIEH	= 1 << 7,	/* PMU_0P1A_FORCE_TIEH_SEL_0 */
	LDO_CUR_LIM	= 1 << 27,	/* PMU_ANA_0P1A_EN_CUR_LIM_0 */
	DATE_FORCE	= 3,		/* PMU_DATE: flash supply forced on */
};

static const char *const packages[] = { "ESP32-P4" };

/* Bits: esp-idf, esp_efuse_table.csv of the ESP32-P4; words:
 * esptool 5.3, targets/esp32p4.py. */
static const struct chip_layout layout = {
	.addr = BLOCK1, .words = 3,
	.package = { 2, 22, 20 }, .minor = { 2, 3, 0 }, .major = { 2, 5, 4 },
	.major_high = { 2, 23, 23 },
	.name = "ESP32-P4",
	.packages = packages, .package_count = CHIP_COUNT_OF(packages),
	.features = "Dual Core + LP Core, 400MHz",
};

/* Order and times: esptool 5.3, targets/esp32p4.py. */
static const struct chip_regop flash_on[] = {
	{ PAD_GROUP, 1, UINT32_MAX, 0 },
	{ LDO_ANA, LDO_CUR_LIM, LDO_CUR_LIM, 10000 },
	{ LDO, LDO_TIEH, LDO_TIEH, 0 },
	{ PMU_DATE, DATE_FORCE, DATE_FORCE, 0 },
	{ LDO_ANA, 0, LDO_CUR_LIM, 50 },
	{ LDO, 0, 0xffu << 23, 0 },	/* PMU_0P1A_TARGET0_0 */
	{ LDO, LDO_TIEH, LDO_TIEH, 0 },	/* takes over the fuse's voltage */
	{ LDO, 0, LDO_TIEH, 0 },
	{ .addr = 0 }
};

/* The ROM forces the supply on at each visit, which fails the second time.
 * Only these two bits: the others hold a date. */
static const struct chip_regop flash_force_off[] = {
	{ PMU_DATE, 0, DATE_FORCE, 0 },
	{ .addr = 0 }
};

/* esptool 5.3, targets/esp32p4.py. */
static const struct chip_range ranges[] = {
	{ 0x40000000, 0x4c000000, "DROM" },
	{ 0x4ff00000, 0x4ffa0000, "DRAM" },
	{ 0x4ff00000, 0x4ffa0000, "BYTE_ACCESSIBLE" },
	{ 0x4fc00000, 0x4fc20000, "DROM_MASK" },
	{ 0x4fc00000, 0x4fc20000, "IROM_MASK" },
	{ 0x40000000, 0x4c000000, "IROM" },
	{ 0x4ff00000, 0x4ffa0000, "IRAM" },
	{ 0x50108000, 0x50110000, "RTC_IRAM" },
	{ 0x50108000, 0x50110000, "RTC_DRAM" },
	{ 0x600fe000, 0x60100000, "MEM_INTERNAL2" },
	{ 0 }
};

const struct chip chip_esp32p4 = {
	.cli		= "esp32p4",
	.name		= "ESP32-P4",
	.image_id	= 18,			/* esp-idf, esp_chip_id_t */
	.caps		= CHIP_ROM_LATER | CHIP_USB_JTAG | CHIP_USB_OTG |
			  CHIP_WDT_RESET | CHIP_KEY_MANAGER | CHIP_XTS_256,
	.spi		= CHIP_SPI_MEM(0x5008d000),
	.efuse_base	= EFUSE,
	.efuse_block1	= BLOCK1,
	.mac		= { .addr = BLOCK1, .form = CHIP_MAC_EFUSE },
	.xtal_mhz	= 40,			/* datasheet: the only one supported */
	.xtal_divider	= 1,
	.boot_offset	= 0x2000,		/* esp-idf, bootloader offset */
	.flash_max	= 128 << 20,
	.sizes		= chip_sizes,
	.freqs		= chip_freqs,
	/* Of images: esptool 5.3, targets/esp32p4.py. */
	.ranges		= ranges,
	.irom		= { 0x40000000, 0x4c000000 },
	.drom		= { 0x40000000, 0x4c000000 },
	.uf2_family	= 0x3d308e94,
	.encrypt_align	= 16,		/* bytes of an XTS block */
	/* esptool 5.3, targets/esp32p4.py. */
	.pins		= { .allowed = CHIP_PINS_TO(54),
			    .usb = CHIP_PIN(24) | CHIP_PIN(25) },
	/* esptool 5.3, targets/esp32p4.py; esp-idf, esp_efuse_table.csv. */
	.security	= {
		.crypt_count	= { EFUSE + 0x34, 7u << 18 },
		.no_encrypt	= { EFUSE + 0x30, 1u << 20 },
		.secure_boot	= { EFUSE + 0x38, 1u << 20 },
		.key_purpose	= CHIP_PURPOSES_4BIT(EFUSE + 0x34),
		.key_managed	= { EFUSE + 0x34, 1u << 10 },
	},
	.rtc_wdt	= CHIP_LP_WDT(0x50116000, 0),
	/* Revisions 3.1 and 3.2; the fuse is DOWNLOAD_MODE_XPD_ON. */
	.flash_power	= { .from = 301, .to = 302, .on = flash_on,
			    .settle_us = 1800, .rom_from = 302,
			    .rom_does = { EFUSE + 0x34, 1u << 16 },
			    .off_again = flash_force_off },
	/* Another memory map before v3.0 (esptool 5.3, targets/esp32p4.py). */
	.stub_old_below	= 300,
	.stub_old	= "esp32p4-rev1",
	.layout		= &layout,
	.tested		= CHIP_TESTED_SIM,
};
