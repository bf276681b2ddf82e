#include "proto/chip/chip_describe.h"

enum {
	EFUSE		= 0x20715000,	/* esptool 5.3, targets/esp32s31.py */
	BLOCK1		= EFUSE + 0x50,	/* EFUSE_RD_MAC_SYS_0 */
};

static const char *const packages[] = { "ESP32-S31" };

/* Bits: esp-idf, esp_efuse_table.csv of the ESP32-S31; words:
 * esptool 5.3, targets/esp32s31.py. */
static const struct chip_layout layout = {
	.addr = BLOCK1, .words = 5,
	.package = { 4, 7, 6 }, .minor = { 3, 21, 18 }, .major = { 3, 23, 22 },
	.name = "ESP32-S31",
	.packages = packages, .package_count = CHIP_COUNT_OF(packages),
	.features = "Wi-Fi 6, BT 5.4 (LE), IEEE802.15.4, "
	    "Dual Core + LP Core, 300MHz",
};

/* esptool 5.3, targets/esp32s31.py. */
static const struct chip_range ranges[] = {
	{ 0x40000000, 0x54000000, "DROM" },
	{ 0x2f000000, 0x2f080000, "DRAM" },
	{ 0x2f000000, 0x2f080000, "BYTE_ACCESSIBLE" },
	{ 0x2f800000, 0x2f850000, "DROM_MASK" },
	{ 0x2f800000, 0x2f850000, "IROM_MASK" },
	{ 0x40000000, 0x54000000, "IROM" },
	{ 0x2f000000, 0x2f080000, "IRAM" },
	{ 0x2e000000, 0x2e008000, "RTC_IRAM" },
	{ 0x2e000000, 0x2e008000, "RTC_DRAM" },
	{ 0 }
};

const struct chip chip_esp32s31 = {
	.cli		= "esp32s31",
	.name		= "ESP32-S31",
	.image_id	= 32,			/* esp-idf, esp_chip_id_t */
	.caps		= CHIP_ROM_LATER | CHIP_USB_JTAG | CHIP_USB_OTG |
			  CHIP_WDT_RESET | CHIP_KEY_MANAGER | CHIP_XTS_256,
	.spi		= CHIP_SPI_MEM(0x20501000),
	.efuse_base	= EFUSE,
	.efuse_block1	= BLOCK1,
	.mac		= { .addr = BLOCK1, .form = CHIP_MAC_EFUSE },
	.xtal_mhz	= 40,			/* datasheet: the only one supported */
	.xtal_divider	= 1,
	.boot_offset	= 0x2000,		/* esp-idf, bootloader offset */
	.flash_max	= 128 << 20,
	.sizes		= chip_sizes,
	.freqs		= chip_freqs_80m,
	/* Of images: esptool 5.3, targets/esp32s31.py and bin_image.py. */
	.ranges		= ranges,
	.irom		= { 0x40000000, 0x54000000 },
	.drom		= { 0x40000000, 0x54000000 },
	.mmu_pages	= 32 << 10 | 64 << 10 | 128 << 10 | 256 << 10,
	.uf2_family	= 0x3101f7c1,
	.encrypt_align	= 16,		/* bytes of an XTS block */
	/* esptool 5.3, targets/esp32s31.py. */
	.pins		= { .allowed = CHIP_PINS_TO(60),
			    .usb = CHIP_PIN(33) | CHIP_PIN(34) },
	/* esptool 5.3, targets/esp32s31.py; esp-idf, esp_efuse_table.csv. */
	.security	= {
		.crypt_count	= { EFUSE + 0x34, 7u << 21 },
		.no_encrypt	= { EFUSE + 0x30, 1u << 20 },
		.secure_boot	= { EFUSE + 0x3c, 1u << 2 },
		.key_purpose	= {
			{ EFUSE + 0x38, 0x1f },
			{ EFUSE + 0x38, 0x1f << 5 },
			{ EFUSE + 0x38, 0x1f << 10 },
			{ EFUSE + 0x38, 0x1f << 15 },
			{ EFUSE + 0x38, 0x1f << 20 },
		},
		.key_managed	= { EFUSE + 0x34, 1u << 13 },
	},
	/* esptool 5.3, targets/esp32s31.py; where its super watchdog is, is not
	 * known. */
	.rtc_wdt	= { .config0 = 0x20801000, .config1 = 0x20801004,
			    .protect = 0x20801018 },
	.layout		= &layout,
	.tested		= CHIP_TESTED_SIM,
};
