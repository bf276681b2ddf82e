#include "proto/chip/chip_describe.h"

enum {
	EFUSE		= 0x600b0800,	/* ESP32-H2 TRM, "eFuse Controller" */
	BLOCK1		= EFUSE + 0x44,	/* EFUSE_RD_MAC_SYS_0 */
};

static const char *const packages[] = { "ESP32-H2" };

/* Bits: esp-idf, esp_efuse_table.csv of the ESP32-H2; words:
 * esptool 5.3, targets/esp32h2.py. */
static const struct chip_layout layout = {
	.addr = BLOCK1, .words = 5,
	.package = { 4, 2, 0 }, .minor = { 3, 20, 18 }, .major = { 3, 22, 21 },
	.name = "ESP32-H2",
	.packages = packages, .package_count = CHIP_COUNT_OF(packages),
	.features = "BT 5 (LE), IEEE802.15.4, Single Core, 96MHz",
};

const struct chip chip_esp32h2 = {
	.cli		= "esp32h2",
	.name		= "ESP32-H2",
	.image_id	= 16,			/* esp-idf, esp_chip_id_t */
	.caps		= CHIP_ROM_LATER | CHIP_USB_JTAG | CHIP_EUI64,
	.spi		= CHIP_SPI_MEM(0x60003000),
	.efuse_base	= EFUSE,
	.efuse_block1	= BLOCK1,
	.mac		= { .addr = BLOCK1, .form = CHIP_MAC_EFUSE },
	.xtal_mhz	= 32,			/* datasheet: the only one supported */
	.xtal_divider	= 1,
	.boot_offset	= 0x0,			/* esp-idf, bootloader offset */
	.flash_max	= CHIP_ROM_FLASH_MAX,
	.sizes		= chip_sizes,
	.freqs		= chip_freqs_48m,
	/* Of images: esptool 5.3, targets/esp32h2.py and bin_image.py. */
	.ranges		= chip_ranges_c6,
	.irom		= { 0x42000000, 0x42800000 },
	.drom		= { 0x42800000, 0x43000000 },
	.mmu_pages	= 8 << 10 | 16 << 10 | 32 << 10 | 64 << 10,
	.uf2_family	= 0x332726f6,
	.encrypt_align	= 16,		/* bytes of an XTS block */
	/* esptool 5.3, targets/esp32h2.py. */
	.pins		= { .allowed = CHIP_PINS_TO(27),
			    .usb = CHIP_PIN(26) | CHIP_PIN(27) },
	/* esptool 5.3, targets/esp32h2.py; esp-idf, esp_efuse_table.csv. */
	.security	= {
		.crypt_count	= { EFUSE + 0x34, 7u << 18 },
		.no_encrypt	= { EFUSE + 0x30, 1u << 20 },
		.secure_boot	= { EFUSE + 0x38, 1u << 20 },
		.key_purpose	= CHIP_PURPOSES_4BIT(EFUSE + 0x34),
	},
	.rtc_wdt	= CHIP_LP_WDT(0x600b1c00, 4),
	.layout		= &layout,
	.tested		= CHIP_TESTED_SIM,
};
