#include "proto/chip/chip_describe.h"

enum {
	EFUSE		= 0x60008800,	/* ESP32-C3 TRM, "eFuse Controller" */
	BLOCK1		= EFUSE + 0x44,	/* EFUSE_RD_MAC_SPI_SYS_0 */
	BLOCK1_WORDS	= 6,
};

static void
list_features(const uint32_t w[BLOCK1_WORDS], struct chip_facts *facts)
{
	static const char *const sizes[] = {
		NULL, "4MB", "2MB", "1MB", "8MB",
	};
	static const char *const makers[] = {
		NULL, "XMC", "GD", "FM", "TT", "ZBIT",
	};
	static const struct chip_memory flash = {
		.kind = "Flash",
		.sizes = sizes, .size_count = CHIP_COUNT_OF(sizes),
		.makers = makers, .maker_count = CHIP_COUNT_OF(makers),
	};

	chip_add_feature(facts, "Wi-Fi");
	chip_add_feature(facts, "BT 5 (LE)");
	chip_add_feature(facts, "Single Core");
	chip_add_feature(facts, "160MHz");
	chip_add_memory(facts, &flash, chip_bits(w[3], 29, 27),
	    chip_bits(w[4], 2, 0));
}

/* Bits: esp-idf, esp_efuse_table.csv of the ESP32-C3. */
static int
describe(chip_read_reg *read, void *arg, struct chip_facts *facts)
{
	static const char *const packages[] = {
		"ESP32-C3 (QFN32)", "ESP8685 (QFN28)", "ESP32-C3 AZ (QFN32)",
		"ESP8686 (QFN24)",
	};
	uint32_t	w[BLOCK1_WORDS];
	int		r;

	if ((r = chip_read_words(read, arg, BLOCK1, w, BLOCK1_WORDS)) < 0)
		return r;
	facts->revision = chip_bits(w[5], 25, 24) * 100 +
	    (chip_bits(w[5], 23, 23) << 3 | chip_bits(w[3], 20, 18));
	facts->has_revision = true;
	chip_set_package(facts, "ESP32-C3", chip_bits(w[3], 23, 21), packages,
	    CHIP_COUNT_OF(packages));
	list_features(w, facts);
	return 0;
}

const struct chip chip_esp32c3 = {
	.cli		= "esp32c3",
	.name		= "ESP32-C3",
	.image_id	= 5,			/* image header; ROM, recorded */
	.caps		= CHIP_ROM_SECINFO | CHIP_ROM_BAUD | CHIP_ROM_DEFLATE |
			  CHIP_ROM_MD5 | CHIP_ROM_READ | CHIP_ROM_ATTACH |
			  CHIP_ROM_BEGIN5 | CHIP_USB_JTAG | CHIP_WDT_RESET,
	/* esp-idf, soc/esp32c3, spi_mem_reg.h, SPI1. */
	.spi		= { .base = 0x60002000, .usr = 0x18, .usr1 = 0x1c,
			    .usr2 = 0x20, .mosi_len = 0x24, .miso_len = 0x28,
			    .w0 = 0x58 },
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
	/* ESP32-C3 TRM, "Low-power Management", RTC_CNTL_WDT*, RTC_CNTL_SWD*;
	 * esptool reference, 3.6. */
	.rtc_wdt	= { .config0 = 0x60008090, .config1 = 0x60008094,
			    .protect = 0x600080a8, .swd = 0x600080ac,
			    .swd_protect = 0x600080b0, .swd_key = 0x8f1d312a,
			    .swd_feed = 1u << 31 },
	.describe	= describe,
	.tested		= CHIP_TESTED_ROM,
};
