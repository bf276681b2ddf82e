#include "proto/chip/chip_describe.h"

enum {
	EFUSE		= 0x60007000,	/* ESP32-S3 TRM, "eFuse Controller" */
	BLOCK1		= EFUSE + 0x44,	/* EFUSE_RD_MAC_SPI_SYS_0 */
	BLOCK2		= EFUSE + 0x5c,	/* EFUSE_RD_SYS_PART1_DATA0 */
	BLOCK1_WORDS	= 6,
	BLOCK2_WORDS	= 5,
};

/* Bits: esp-idf, esp_efuse_table.csv of the ESP32-S3. */
static void
read_revision(const uint32_t w[BLOCK1_WORDS], const uint32_t w2[BLOCK2_WORDS],
    struct chip_facts *facts)
{
	uint32_t	minor = chip_bits(w[5], 23, 23) << 3 |
			    chip_bits(w[3], 20, 18);
	uint32_t	major = chip_bits(w[5], 25, 24);

	facts->has_revision = true;
	/* The first silicon (v0.0) carries other bits by mistake; its block
	 * layout 1.1 gives it away (esp-idf, efuse_hal.c, "ECO0"). */
	if ((minor & 7) == 0 && chip_bits(w2[4], 1, 0) == 1 &&
	    chip_bits(w[3], 26, 24) == 1)
		facts->revision = 0;
	else
		facts->revision = major * 100 + minor;
}

static const char *const flash_sizes[] = { NULL, "8MB", "4MB" };
static const char *const flash_makers[] = {
	NULL, "XMC", "GD", "FM", "TT", "BY",
};
static const struct chip_memory flash = {
	.kind = "Flash",
	.sizes = flash_sizes, .size_count = CHIP_COUNT_OF(flash_sizes),
	.makers = flash_makers, .maker_count = CHIP_COUNT_OF(flash_makers),
};

static const char *const psram_sizes[] = { NULL, "8MB", "2MB", "16MB", "4MB" };
static const char *const psram_makers[] = { NULL, "AP_3v3", "AP_1v8" };
static const struct chip_memory psram = {
	.kind = "PSRAM",
	.sizes = psram_sizes, .size_count = CHIP_COUNT_OF(psram_sizes),
	.makers = psram_makers, .maker_count = CHIP_COUNT_OF(psram_makers),
};

static void
list_features(const uint32_t w[BLOCK1_WORDS], struct chip_facts *facts)
{
	chip_add_feature(facts, "Wi-Fi");
	chip_add_feature(facts, "BT 5 (LE)");
	chip_add_feature(facts, "Dual Core + LP Core");
	chip_add_feature(facts, "240MHz");
	chip_add_memory(facts, &flash, chip_bits(w[3], 29, 27),
	    chip_bits(w[4], 2, 0));
	chip_add_memory(facts, &psram,
	    chip_bits(w[5], 19, 19) << 2 | chip_bits(w[4], 4, 3),
	    chip_bits(w[4], 8, 7));
}

static int
describe(chip_read_reg *read, void *arg, struct chip_facts *facts)
{
	static const char *const packages[] = {
		"ESP32-S3 (QFN56)", "ESP32-S3-PICO-1 (LGA56)",
	};
	uint32_t	w[BLOCK1_WORDS], w2[BLOCK2_WORDS];
	int		r;

	if ((r = chip_read_words(read, arg, BLOCK1, w, BLOCK1_WORDS)) < 0 ||
	    (r = chip_read_words(read, arg, BLOCK2, w2, BLOCK2_WORDS)) < 0)
		return r;
	read_revision(w, w2, facts);
	chip_set_package(facts, "ESP32-S3", chip_bits(w[3], 23, 21), packages,
	    CHIP_COUNT_OF(packages));
	list_features(w, facts);
	return 0;
}

const struct chip chip_esp32s3 = {
	.cli		= "esp32s3",
	.name		= "ESP32-S3",
	.image_id	= 9,			/* image header; ROM, recorded */
	.caps		= CHIP_ROM_SECINFO | CHIP_ROM_BAUD | CHIP_ROM_DEFLATE |
			  CHIP_ROM_MD5 | CHIP_ROM_READ | CHIP_ROM_ATTACH |
			  CHIP_ROM_BEGIN5 | CHIP_USB_JTAG | CHIP_USB_OTG |
			  CHIP_WDT_RESET,
	/* esp-idf, soc/esp32s3, spi_mem_reg.h, SPI1. */
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
	.flash_max	= 128 << 20,		/* by the stub, 32-bit addresses */
	.sizes		= chip_sizes,
	.freqs		= chip_freqs,
	/* ESP32-S3 TRM, "Low-power Management", RTC_CNTL_WDT*, RTC_CNTL_SWD*;
	 * esptool reference, 3.6. */
	.rtc_wdt	= { .config0 = 0x60008098, .config1 = 0x6000809c,
			    .protect = 0x600080b0, .swd = 0x600080b4,
			    .swd_protect = 0x600080b8, .swd_key = 0x8f1d312a,
			    .swd_feed = 1u << 31 },
	/* esp-idf, gpio_reg.h, GPIO_STRAP_REG, bit 3 is GPIO0; rtc_cntl_reg.h,
	 * RTC_CNTL_OPTION1_REG, RTC_CNTL_FORCE_DOWNLOAD_BOOT: it outlives a
	 * restart by RTS over USB (arduino-esp32, issue 6762). */
	.strap		= { .pins = 0x60004038, .boot_pin = 1u << 3,
			    .force = 0x6000812c, .forced = 1u << 0 },
	.describe	= describe,
	.tested		= CHIP_TESTED_ROM,
};
