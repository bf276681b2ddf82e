#include "proto/chip/chip_describe.h"

enum {
	EFUSE		= 0x60007000,	/* ESP32-S3 TRM, "eFuse Controller" */
	BLOCK1		= EFUSE + 0x44,	/* EFUSE_RD_MAC_SPI_SYS_0 */
	BLOCK2		= EFUSE + 0x5c,	/* EFUSE_RD_SYS_PART1_DATA0 */
	REPEAT1		= EFUSE + 0x34,	/* EFUSE_RD_REPEAT_DATA1: VDD_SPI_* */
	STRAP		= 0x60004038,	/* esp-idf, gpio_reg.h, GPIO_STRAP_REG */
	BLOCK2_WORDS	= 5,
};

static const char *const packages[] = {
	"ESP32-S3 (QFN56)", "ESP32-S3-PICO-1 (LGA56)",
};

/* Bits: esp-idf, esp_efuse_table.csv of the ESP32-S3. */
static const struct chip_layout layout = {
	.addr = BLOCK1, .words = 6,
	.package = { 3, 23, 21 }, .minor = { 3, 20, 18 }, .major = { 5, 25, 24 },
	.minor_high = { 5, 23, 23 },
	.name = "ESP32-S3",
	.packages = packages, .package_count = CHIP_COUNT_OF(packages),
	.features = "Wi-Fi, BT 5 (LE), Dual Core + LP Core, 240MHz",
};

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

/* The first silicon (v0.0) carries other bits by mistake; its block layout
 * 1.1 gives it away (esp-idf, efuse_hal.c, "ECO0"). */
static bool
is_first_silicon(const uint32_t w[CHIP_LAYOUT_WORDS],
    const uint32_t w2[BLOCK2_WORDS])
{
	return chip_bits(w[3], 20, 18) == 0 && chip_bits(w2[4], 1, 0) == 1 &&
	    chip_bits(w[3], 26, 24) == 1;
}

static int
describe(chip_read_reg *read, void *arg, struct chip_facts *facts)
{
	uint32_t	w[CHIP_LAYOUT_WORDS], w2[BLOCK2_WORDS];
	int		r;

	if ((r = chip_describe(read, arg, &layout, w, facts)) < 0 ||
	    (r = chip_read_words(read, arg, BLOCK2, w2, BLOCK2_WORDS)) < 0)
		return r;
	if (is_first_silicon(w, w2))
		facts->revision = 0;
	chip_add_memory(facts, &flash, chip_bits(w[3], 29, 27),
	    chip_bits(w[4], 2, 0));
	chip_add_memory(facts, &psram,
	    chip_bits(w[5], 19, 19) << 2 | chip_bits(w[4], 4, 3),
	    chip_bits(w[4], 8, 7));
	return 0;
}

/* esptool 5.3, targets/esp32s3.py. */
static const struct chip_range ranges[] = {
	{ 0x3c000000, 0x3d000000, "DROM" },
	{ 0x3d000000, 0x3e000000, "EXTRAM_DATA" },
	{ 0x600fe000, 0x60100000, "RTC_DRAM" },
	{ 0x3fc88000, 0x3fd00000, "BYTE_ACCESSIBLE" },
	{ 0x3fc88000, 0x403e2000, "MEM_INTERNAL" },
	{ 0x3fc88000, 0x3fd00000, "DRAM" },
	{ 0x40000000, 0x4001a100, "IROM_MASK" },
	{ 0x40370000, 0x403e0000, "IRAM" },
	{ 0x600fe000, 0x60100000, "RTC_IRAM" },
	{ 0x42000000, 0x42800000, "IROM" },
	{ 0x50000000, 0x50002000, "RTC_DATA" },
	{ 0 }
};

const struct chip chip_esp32s3 = {
	.cli		= "esp32s3",
	.name		= "ESP32-S3",
	.image_id	= 9,			/* image header; ROM, recorded */
	.caps		= CHIP_ROM_LATER | CHIP_USB_JTAG | CHIP_USB_OTG |
			  CHIP_WDT_RESET | CHIP_XTS_256 | CHIP_FAST_LOAD,
	.spi		= CHIP_SPI_MEM(0x60002000),
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
	/* Of images: esptool 5.3, targets/esp32s3.py. */
	.ranges		= ranges,
	.irom		= { 0x42000000, 0x44000000 },
	.drom		= { 0x3c000000, 0x3e000000 },
	.uf2_family	= 0xc47e5767,
	.encrypt_align	= 16,			/* bytes of an XTS block */
	/* esptool 5.3, targets/esp32s3.py. */
	.pins		= { .allowed = CHIP_PINS_TO(48) &
				~(CHIP_PINS_TO(25) & ~CHIP_PINS_TO(21)),
			    .usb = CHIP_PIN(19) | CHIP_PIN(20),
			    .hd_max = 46 },
	/* esptool 5.3, targets/esp32s3.py; esp-idf, esp_efuse_table.csv. */
	.security	= {
		.crypt_count	= { EFUSE + 0x34, 7u << 18 },
		.no_encrypt	= { EFUSE + 0x30, 1u << 20 },
		.secure_boot	= { EFUSE + 0x38, 1u << 20 },
		.key_purpose	= CHIP_PURPOSES_4BIT(EFUSE + 0x34),
	},
	/* rom_spiflash_legacy_funcs.read (esptool 5.3, targets/esp32s3.py). */
	.secboot_hook	= 0x3fcef688,
	/* ESP32-S3 TRM, "Low-power Management", RTC_CNTL_WDT*, RTC_CNTL_SWD*;
	 * esptool 5.3, targets/esp32s3.py. */
	.rtc_wdt	= { .config0 = 0x60008098, .config1 = 0x6000809c,
			    .protect = 0x600080b0, .swd = 0x600080b4,
			    .swd_protect = 0x600080b8, .swd_key = 0x8f1d312a,
			    .swd_feed = 1u << 31 },
	/* Bit 3 is GPIO0, bit 4 GPIO45; rtc_cntl_reg.h,
	 * RTC_CNTL_OPTION1_REG, RTC_CNTL_FORCE_DOWNLOAD_BOOT: it outlives a
	 * restart by RTS over USB (arduino-esp32, issue 6762). */
	.strap		= { .pins = STRAP, .boot_pin = 1u << 3,
			    .force = 0x6000812c, .forced = 1u << 0,
			    .sticky = true },
	.supply		= CHIP_SUPPLY_SPI(REPEAT1, STRAP),
	.octal		= { EFUSE + 0x3c, 1u << 9 },	/* FLASH_TYPE */
	.describe	= describe,
	.tested		= CHIP_TESTED_ROM,
};
