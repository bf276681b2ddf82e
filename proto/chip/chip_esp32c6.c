#include "proto/chip/chip_describe.h"

#include <stdio.h>

enum {
	EFUSE		= 0x600b0800,	/* ESP32-C6 TRM, "eFuse Controller" */
	BLOCK1		= EFUSE + 0x44,	/* EFUSE_RD_MAC_SYS_0 */
};

enum { FLASH_4MB = 1, FLASH_8MB = 2 };	/* FLASH_CAP, word 4 */

static const char *const packages[] = {
	"ESP32-C6 (QFN40)", "ESP32-C6 (QFN32)",
};

/* Bits: esp-idf, esp_efuse_table.csv of the ESP32-C6; words:
 * esptool 5.3, targets/esp32c6.py. */
static const struct chip_layout layout = {
	.addr = BLOCK1, .words = 5,
	.package = { 3, 26, 24 }, .minor = { 3, 21, 18 }, .major = { 3, 23, 22 },
	.name = "ESP32-C6",
	.packages = packages, .package_count = CHIP_COUNT_OF(packages),
	.features = "Wi-Fi 6, BT 5 (LE), IEEE802.15.4, "
	    "Single Core + LP Core, 160MHz",
};

static const char *const sizes[] = { NULL, "4MB", "8MB" };
static const struct chip_memory flash = {
	.kind = "Flash",
	.sizes = sizes, .size_count = CHIP_COUNT_OF(sizes),
};

/* Two kinds share the small package; the flash inside tells them apart. */
static const char *
small_name(uint32_t size)
{
	switch (size) {
	case FLASH_4MB:
		return "ESP32-C6FH4 (QFN32)";
	case FLASH_8MB:
		return "ESP32-C6FH8 (QFN32)";
	default:
		return packages[1];
	}
}

static int
describe(chip_read_reg *read, void *arg, struct chip_facts *facts)
{
	uint32_t	 w[CHIP_LAYOUT_WORDS], size;
	int		 r;

	if ((r = chip_describe(read, arg, &layout, w, facts)) < 0)
		return r;
	size = chip_bits(w[4], 2, 0);
	if (chip_bits(w[3], 26, 24) == 1)
		(void)snprintf(facts->description, sizeof facts->description,
		    "%s", small_name(size));
	chip_add_memory(facts, &flash, size, 0);
	return 0;
}

/* 80 MHz goes by the number of 40 MHz: the ROM reckons the divider wrongly
 * (esptool 5.3, targets/esp32c6.py).  The first one is what the number of an
 * image is told as. */
static const struct chip_code freqs[] = {
	{ "80m", 0x0, 80000000 }, { "40m", 0x0, 40000000 },
	{ "20m", 0x2, 20000000 }, { 0 }
};

const struct chip chip_esp32c6 = {
	.cli		= "esp32c6",
	.name		= "ESP32-C6",
	.image_id	= 13,			/* esp-idf, esp_chip_id_t */
	.caps		= CHIP_ROM_LATER | CHIP_USB_JTAG | CHIP_EUI64,
	.spi		= CHIP_SPI_MEM(0x60003000),
	.efuse_base	= EFUSE,
	.efuse_block1	= BLOCK1,
	.mac		= { .addr = BLOCK1, .form = CHIP_MAC_EFUSE },
	.xtal_mhz	= 40,			/* datasheet: the only one supported */
	.xtal_divider	= 1,
	.boot_offset	= 0x0,			/* esp-idf, bootloader offset */
	.flash_max	= CHIP_ROM_FLASH_MAX,
	.sizes		= chip_sizes,
	.freqs		= freqs,
	/* Of images: esptool 5.3, targets/esp32c6.py and bin_image.py. */
	.ranges		= chip_ranges_c6,
	.irom		= { 0x42000000, 0x42800000 },
	.drom		= { 0x42800000, 0x43000000 },
	.mmu_pages	= 8 << 10 | 16 << 10 | 32 << 10 | 64 << 10,
	.uf2_family	= 0x540ddf62,
	.encrypt_align	= 16,		/* bytes of an XTS block */
	/* esptool 5.3, targets/esp32c6.py. */
	.pins		= { .allowed = CHIP_PINS_TO(30),
			    .usb = CHIP_PIN(12) | CHIP_PIN(13) },
	/* esptool 5.3, targets/esp32c6.py; esp-idf, esp_efuse_table.csv. */
	.security	= {
		.crypt_count	= { EFUSE + 0x34, 7u << 18 },
		.no_encrypt	= { EFUSE + 0x30, 1u << 20 },
		.secure_boot	= { EFUSE + 0x38, 1u << 20 },
		.key_purpose	= CHIP_PURPOSES_4BIT(EFUSE + 0x34),
	},
	/* It is no CHIP_WDT_RESET: after one its USB stays away until the
	 * power goes (esptool 5.3, targets/esp32c6.py). */
	.rtc_wdt	= CHIP_LP_WDT(0x600b1c00, 0),
	.describe	= describe,
	.tested		= CHIP_TESTED_SIM,
};
