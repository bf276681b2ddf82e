#include "proto/chip/chip_describe.h"

enum {
	EFUSE		= 0x60008800,	/* ESP32-C3 TRM, "eFuse Controller" */
	BLOCK1		= EFUSE + 0x44,	/* EFUSE_RD_MAC_SPI_SYS_0 */
};

static const char *const packages[] = {
	"ESP32-C3 (QFN32)", "ESP8685 (QFN28)", "ESP32-C3 AZ (QFN32)",
	"ESP8686 (QFN24)",
};

/* Bits: esp-idf, esp_efuse_table.csv of the ESP32-C3. */
static const struct chip_layout layout = {
	.addr = BLOCK1, .words = 6,
	.package = { 3, 23, 21 }, .minor = { 3, 20, 18 }, .major = { 5, 25, 24 },
	.minor_high = { 5, 23, 23 },
	.name = "ESP32-C3",
	.packages = packages, .package_count = CHIP_COUNT_OF(packages),
	.features = "Wi-Fi, BT 5 (LE), Single Core, 160MHz",
};

static const char *const sizes[] = { NULL, "4MB", "2MB", "1MB", "8MB" };
static const char *const makers[] = {
	NULL, "XMC", "GD", "FM", "TT", "ZBIT",
};
static const struct chip_memory flash = {
	.kind = "Flash",
	.sizes = sizes, .size_count = CHIP_COUNT_OF(sizes),
	.makers = makers, .maker_count = CHIP_COUNT_OF(makers),
};

static int
describe(chip_read_reg *read, void *arg, struct chip_facts *facts)
{
	uint32_t	w[CHIP_LAYOUT_WORDS];
	int		r;

	if ((r = chip_describe(read, arg, &layout, w, facts)) < 0)
		return r;
	chip_add_memory(facts, &flash, chip_bits(w[3], 29, 27),
	    chip_bits(w[4], 2, 0));
	return 0;
}

/* esptool 5.3, targets/esp32c3.py. */
static const struct chip_range ranges[] = {
	{ 0x3c000000, 0x3c800000, "DROM" },
	{ 0x3fc80000, 0x3fce0000, "DRAM" },
	{ 0x3fc88000, 0x3fd00000, "BYTE_ACCESSIBLE" },
	{ 0x3ff00000, 0x3ff20000, "DROM_MASK" },
	{ 0x40000000, 0x40060000, "IROM_MASK" },
	{ 0x42000000, 0x42800000, "IROM" },
	{ 0x4037c000, 0x403e0000, "IRAM" },
	{ 0x50000000, 0x50002000, "RTC_IRAM" },
	{ 0x50000000, 0x50002000, "RTC_DRAM" },
	{ 0x600fe000, 0x60100000, "MEM_INTERNAL2" },
	{ 0 }
};

const struct chip chip_esp32c3 = {
	.cli		= "esp32c3",
	.name		= "ESP32-C3",
	.image_id	= 5,			/* image header; ROM, recorded */
	.caps		= CHIP_ROM_LATER | CHIP_USB_JTAG | CHIP_WDT_RESET |
			  CHIP_SECBOOT_NO_STUB | CHIP_MIN_REV_MINOR |
			  CHIP_FAST_LOAD,
	.spi		= CHIP_SPI_MEM(0x60002000),
	.efuse_base	= EFUSE,
	.efuse_block1	= BLOCK1,
	.mac		= { .addr = BLOCK1, .form = CHIP_MAC_EFUSE },
	.uart_clkdiv	= 0x60000014,		/* uart_reg.h, UART_CLKDIV_REG(0) */
	.xtal_mhz	= 40,			/* datasheet: the only one supported */
	.xtal_divider	= 1,
	.boot_offset	= 0x0,			/* esp-idf, bootloader offset */
	.flash_max	= CHIP_ROM_FLASH_MAX,
	.sizes		= chip_sizes,
	.freqs		= chip_freqs,
	/* Of images: esptool 5.3, targets/esp32c3.py. */
	.ranges		= ranges,
	.irom		= { 0x42000000, 0x42800000 },
	.drom		= { 0x3c000000, 0x3c800000 },
	.uf2_family	= 0xd42ba06c,
	.encrypt_align	= 16,			/* bytes of an XTS block */
	/* esptool 5.3, targets/esp32c3.py. */
	.pins		= { .allowed = CHIP_PINS_TO(21),
			    .usb = CHIP_PIN(18) | CHIP_PIN(19) },
	/* esptool 5.3, targets/esp32c3.py; esp-idf, esp_efuse_table.csv. */
	.security	= {
		.crypt_count	= { EFUSE + 0x34, 7u << 18 },
		.no_encrypt	= { EFUSE + 0x30, 1u << 20 },
		.secure_boot	= { EFUSE + 0x38, 1u << 20 },
		.key_purpose	= CHIP_PURPOSES_4BIT(EFUSE + 0x34),
	},
	/* ESP32-C3 TRM, "Low-power Management", RTC_CNTL_WDT*, RTC_CNTL_SWD*;
	 * esptool 5.3, targets/esp32c3.py. */
	.rtc_wdt	= { .config0 = 0x60008090, .config1 = 0x60008094,
			    .protect = 0x600080a8, .swd = 0x600080ac,
			    .swd_protect = 0x600080b0, .swd_key = 0x8f1d312a,
			    .swd_feed = 1u << 31 },
	.describe	= describe,
	.tested		= CHIP_TESTED_ROM,
};
