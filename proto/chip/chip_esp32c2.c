#include "proto/chip/chip_describe.h"

enum {
	EFUSE		= 0x60008800,	/* ESP8684 TRM, "eFuse Controller" */
	BLOCK2		= EFUSE + 0x40,	/* EFUSE_RD_BLK2_DATA0: the MAC */
	BLOCK0		= EFUSE + 0x30,	/* EFUSE_RD_REPEAT_DATA0 */
};

static const char *const packages[] = { "ESP32-C2", "ESP8684H" };

/* Bits: esp-idf, esp_efuse_table.csv of the ESP32-C2; words:
 * esptool 5.3, targets/esp32c2.py. */
static const struct chip_layout layout = {
	.addr = BLOCK2, .words = 8,
	.package = { 1, 24, 22 }, .minor = { 1, 19, 16 }, .major = { 1, 21, 20 },
	.name = "ESP32-C2",
	.packages = packages, .package_count = CHIP_COUNT_OF(packages),
	.features = "Wi-Fi, BT 5 (LE), Single Core, 120MHz",
};

static const char *const sizes[] = { NULL, "4MB", "2MB", "1MB" };
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
	chip_add_memory(facts, &flash, chip_bits(w[7], 31, 29),
	    chip_bits(w[7], 26, 24));
	return 0;
}

/* Its SPI clock comes from 60 MHz (esptool 5.3, targets/esp32c2.py). */
static const struct chip_code freqs[] = {
	{ "60m", 0xf, 60000000 }, { "30m", 0x0, 30000000 },
	{ "20m", 0x1, 20000000 }, { "15m", 0x2, 15000000 }, { 0 }
};

/* esptool 5.3, targets/esp32c2.py. */
static const struct chip_range ranges[] = {
	{ 0x3c000000, 0x3c400000, "DROM" },
	{ 0x3fca0000, 0x3fce0000, "DRAM" },
	{ 0x3fc88000, 0x3fd00000, "BYTE_ACCESSIBLE" },
	{ 0x3ff00000, 0x3ff50000, "DROM_MASK" },
	{ 0x40000000, 0x40090000, "IROM_MASK" },
	{ 0x42000000, 0x42400000, "IROM" },
	{ 0x4037c000, 0x403c0000, "IRAM" },
	{ 0 }
};

const struct chip chip_esp32c2 = {
	.cli		= "esp32c2",
	.name		= "ESP32-C2",
	.image_id	= 12,			/* esp-idf, esp_chip_id_t */
	.caps		= CHIP_ROM_LATER | CHIP_WDT_RESET | CHIP_XTAL_MEASURED |
			  CHIP_SDM_KEEPS_BAUD,
	.spi		= CHIP_SPI_MEM(0x60002000),
	.efuse_base	= EFUSE,
	.efuse_block1	= BLOCK2,
	.mac		= { .addr = BLOCK2, .form = CHIP_MAC_EFUSE },
	.uart_clkdiv	= 0x60000014,		/* uart_reg.h, UART_CLKDIV_REG(0) */
	.xtal_divider	= 1,
	.boot_offset	= 0x0,			/* esp-idf, bootloader offset */
	.flash_max	= CHIP_ROM_FLASH_MAX,
	.sizes		= chip_sizes,
	.freqs		= freqs,
	/* Of images: esptool 5.3, targets/esp32c2.py and bin_image.py. */
	.ranges		= ranges,
	.irom		= { 0x42000000, 0x42400000 },
	.drom		= { 0x3c000000, 0x3c400000 },
	.mmu_pages	= 16 << 10 | 32 << 10 | 64 << 10,
	.uf2_family	= 0x2b88d29c,
	.encrypt_align	= 16,			/* bytes of an XTS block */
	/* esptool 5.3, targets/esp32c2.py. */
	.pins		= { .allowed = CHIP_PINS_TO(20) },
	/* esptool 5.3, targets/esp32c2.py; one key block for all. */
	.security	= {
		.crypt_count	= { BLOCK0, 7u << 7 },
		.no_encrypt	= { BLOCK0, 1u << 6 },
		.secure_boot	= { BLOCK0, 1u << 21 },
		.key_block	= EFUSE + 0x60,		/* BLOCK_KEY0 */
		.key_hidden	= { BLOCK0, 3 },	/* RD_DIS */
		.key_long	= { BLOCK0, 1u << 10 },
	},
	/* The ROM takes every crystal for one of 40 MHz (esptool 5.3,
	 * targets/esp32c2.py). */
	.rom_xtal	= { .mhz = 40 },
	.sync_min_bps	= 115200,		/* esptool 5.3, targets/esp32c2.py */
	/* esp-idf, rtc_cntl_reg.h, RTC_CNTL_WDT*. */
	.rtc_wdt	= { .config0 = 0x60008084, .config1 = 0x60008088,
			    .protect = 0x6000809c },
	.stub_from	= 1,
	.stub_none	= "no flasher stub works on the first ESP32-C2 "
			  "(v0.0)",
	.describe	= describe,
	.tested		= CHIP_TESTED_SIM,
};
