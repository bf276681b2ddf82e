#include "proto/chip/chip_describe.h"

enum {
	EFUSE		= 0x600b4800,	/* ESP32-C61 TRM, "eFuse Controller" */
	BLOCK1		= EFUSE + 0x44,	/* EFUSE_RD_MAC_SYS_0 */
};

static const char *const packages[] = { "ESP32-C61" };

/* Bits: esp-idf, esp_efuse_table.csv of the ESP32-C61; words:
 * esptool 5.3, targets/esp32c61.py. */
static const struct chip_layout layout = {
	.addr = BLOCK1, .words = 3,
	.package = { 2, 28, 26 }, .minor = { 2, 3, 0 }, .major = { 2, 5, 4 },
	.name = "ESP32-C61",
	.packages = packages, .package_count = CHIP_COUNT_OF(packages),
	.features = "Wi-Fi 6, BT 5 (LE), Single Core, 160MHz",
};

/* esptool 5.3, targets/esp32c61.py. */
static const struct chip_range ranges[] = {
	{ 0x42000000, 0x44000000, "DROM" },
	{ 0x40800000, 0x40860000, "DRAM" },
	{ 0x40800000, 0x40860000, "BYTE_ACCESSIBLE" },
	{ 0x4004ac00, 0x40050000, "DROM_MASK" },
	{ 0x40000000, 0x4004ac00, "IROM_MASK" },
	{ 0x42000000, 0x44000000, "IROM" },
	{ 0x40800000, 0x40860000, "IRAM" },
	{ 0x50000000, 0x50004000, "RTC_IRAM" },
	{ 0x50000000, 0x50004000, "RTC_DRAM" },
	{ 0x600fe000, 0x60100000, "MEM_INTERNAL2" },
	{ 0 }
};

const struct chip chip_esp32c61 = {
	.cli		= "esp32c61",
	.name		= "ESP32-C61",
	.image_id	= 20,			/* esp-idf, esp_chip_id_t */
	.caps		= CHIP_ROM_LATER | CHIP_USB_JTAG | CHIP_WDT_RESET,
	.spi		= CHIP_SPI_MEM(0x60003000),
	.efuse_base	= EFUSE,
	.efuse_block1	= BLOCK1,
	.mac		= { .addr = BLOCK1, .form = CHIP_MAC_EFUSE },
	.xtal_mhz	= 40,			/* datasheet: the only one supported */
	.xtal_divider	= 1,
	.boot_offset	= 0x0,			/* esp-idf, bootloader offset */
	.flash_max	= 128 << 20,
	.sizes		= chip_sizes,
	.freqs		= chip_freqs_80m,
	/* Of images: esptool 5.3, targets/esp32c61.py and bin_image.py. */
	.ranges		= ranges,
	.irom		= { 0x42000000, 0x42800000 },
	.drom		= { 0x42800000, 0x43000000 },
	.mmu_pages	= 8 << 10 | 16 << 10 | 32 << 10 | 64 << 10,
	.uf2_family	= 0x77d850c4,
	.encrypt_align	= 16,		/* bytes of an XTS block */
	/* esptool 5.3, targets/esp32c61.py. */
	.pins		= { .allowed = CHIP_PINS_TO(30),
			    .usb = CHIP_PIN(12) | CHIP_PIN(13) },
	/* esptool 5.3, targets/esp32c61.py; esp-idf, esp_efuse_table.csv. */
	.security	= {
		.crypt_count	= { EFUSE + 0x30, 7u << 23 },
		.no_encrypt	= { EFUSE + 0x30, 1u << 14 },
		.secure_boot	= { EFUSE + 0x34, 1u << 26 },
		.key_purpose	= {
			{ EFUSE + 0x34, 0xf },
			{ EFUSE + 0x34, 0xf << 4 },
			{ EFUSE + 0x34, 0xf << 8 },
			{ EFUSE + 0x34, 0xf << 12 },
			{ EFUSE + 0x34, 0xf << 16 },
			{ EFUSE + 0x34, 0xf << 20 },
		},
	},
	.rtc_wdt	= CHIP_LP_WDT(0x600b1c00, 0),
	.layout		= &layout,
	.tested		= CHIP_TESTED_SIM,
};
