#include "proto/chip/chip_describe.h"

enum {
	EFUSE		= 0x600b1800,	/* esptool 5.3, targets/esp32h4.py */
	BLOCK1		= EFUSE + 0x44,	/* EFUSE_RD_MAC_SYS_0 */
};

static const char *const packages[] = { "ESP32-H4 (QFN40)" };

/* Bits: esp-idf, esp_efuse_table.csv of the ESP32-H4; words:
 * esptool 5.3, targets/esp32h4.py. */
static const struct chip_layout layout = {
	.addr = BLOCK1, .words = 5,
	.package = { 4, 14, 12 }, .minor = { 3, 21, 18 }, .major = { 3, 23, 22 },
	.name = "ESP32-H4",
	.packages = packages, .package_count = CHIP_COUNT_OF(packages),
	.features = "BT 5 (LE), IEEE802.15.4, Dual Core, 96MHz",
};

/* esptool 5.3, targets/esp32h4.py. */
static const struct chip_range ranges[] = {
	{ 0x42000000, 0x44000000, "DROM" },
	{ 0x40810000, 0x40860000, "DRAM" },
	{ 0x40810000, 0x40860000, "BYTE_ACCESSIBLE" },
	{ 0x40000000, 0x40050000, "DROM_MASK" },
	{ 0x40000000, 0x40050000, "IROM_MASK" },
	{ 0x42000000, 0x44000000, "IROM" },
	{ 0x40810000, 0x40860000, "IRAM" },
	{ 0x50000000, 0x50004000, "RTC_IRAM" },
	{ 0x50000000, 0x50004000, "RTC_DRAM" },
	{ 0x60000000, 0x60100000, "MEM_INTERNAL2" },
	{ 0 }
};

const struct chip chip_esp32h4 = {
	.cli		= "esp32h4",
	.name		= "ESP32-H4",
	.image_id	= 28,			/* esp-idf, esp_chip_id_t */
	.caps		= CHIP_ROM_LATER | CHIP_USB_JTAG | CHIP_EUI64 |
			  CHIP_KEY_MANAGER | CHIP_XTS_256,
	.spi		= CHIP_SPI_MEM(0x60099000),
	.efuse_base	= EFUSE,
	.efuse_block1	= BLOCK1,
	.mac		= { .addr = BLOCK1, .form = CHIP_MAC_EFUSE },
	.xtal_mhz	= 32,			/* datasheet: the only one supported */
	.xtal_divider	= 1,
	.boot_offset	= 0x2000,		/* esp-idf, bootloader offset */
	.flash_max	= CHIP_ROM_FLASH_MAX,
	.sizes		= chip_sizes,
	.freqs		= chip_freqs_48m,
	/* Of images: esptool 5.3, targets/esp32h4.py and bin_image.py. */
	.ranges		= ranges,
	.irom		= { 0x42000000, 0x42800000 },
	.drom		= { 0x42800000, 0x43000000 },
	.mmu_pages	= 8 << 10 | 16 << 10 | 32 << 10 | 64 << 10,
	.uf2_family	= 0x9e0baa8a,
	.encrypt_align	= 16,		/* bytes of an XTS block */
	/* esptool 5.3, targets/esp32h4.py. */
	.pins		= { .allowed = CHIP_PINS_TO(39),
			    .usb = CHIP_PIN(13) | CHIP_PIN(14) },
	/* esptool 5.3, targets/esp32h4.py; esp-idf, esp_efuse_table.csv. */
	.security	= {
		.crypt_count	= { EFUSE + 0x30, 7u << 23 },
		.no_encrypt	= { EFUSE + 0x30, 1u << 14 },
		.secure_boot	= { EFUSE + 0x38, 1u << 5 },
		.key_purpose	= {
			{ EFUSE + 0x34, 0x1f },
			{ EFUSE + 0x34, 0x1f << 5 },
			{ EFUSE + 0x34, 0x1f << 10 },
			{ EFUSE + 0x34, 0x1f << 15 },
			{ EFUSE + 0x34, 0x1f << 20 },
			{ EFUSE + 0x34, 0x1f << 25 },
		},
		.key_managed	= { EFUSE + 0x38, 1u << 20 },
	},
	/* esp-idf, timer_group_reg.h (the watchdog of timer group 0 runs in
	 * its loader) and lp_wdt_reg.h. */
	.rtc_wdt	= { .config0 = 0x60090048, .config1 = 0x6009004c,
			    .protect = 0x60090064, .swd = 0x600b541c,
			    .swd_protect = 0x600b5420, .swd_key = CHIP_WDT_KEY,
			    .swd_feed = 1u << 18 },
	.layout		= &layout,
	.tested		= CHIP_TESTED_SIM,
};
