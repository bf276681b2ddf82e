#include "proto/chip/chip_describe.h"

#include <stdio.h>

enum {
	EFUSE		= 0x3f41a000,	/* ESP32-S2 TRM, "eFuse Controller" */
	BLOCK1		= EFUSE + 0x44,	/* EFUSE_RD_MAC_SPI_SYS_0 */
	BLOCK2_W4	= EFUSE + 0x6c,	/* EFUSE_RD_SYS_PART1_DATA4 */
	REPEAT1		= EFUSE + 0x34,	/* EFUSE_RD_REPEAT_DATA1: VDD_SPI_* */
	STRAP		= 0x3f404038,	/* esp-idf, gpio_reg.h, GPIO_STRAP_REG */
};

/* Bits: esp-idf, esp_efuse_table.csv of the ESP32-S2.  What it is called goes
 * by the memory inside, not by its package. */
static const struct chip_layout layout = {
	.addr = BLOCK1, .words = 5,
	.package = { 4, 3, 0 }, .minor = { 4, 6, 4 }, .major = { 3, 19, 18 },
	.minor_high = { 3, 20, 20 },
	.name = "ESP32-S2",
	.features = "Wi-Fi, Single Core, 240MHz",
};

/* esptool 5.3, targets/esp32s2.py. */
static const struct { uint32_t flash, psram; const char *name; } kinds[] = {
	{ 0, 0, "ESP32-S2" }, { 1, 0, "ESP32-S2FH2" }, { 2, 0, "ESP32-S2FH4" },
	{ 2, 1, "ESP32-S2FNR2" }, { 0, 1, "ESP32-S2R2" },
};

static void
name_kind(uint32_t flash, uint32_t psram, struct chip_facts *facts)
{
	for (size_t i = 0; i < CHIP_COUNT_OF(kinds); i++)
		if (kinds[i].flash == flash && kinds[i].psram == psram) {
			(void)snprintf(facts->description,
			    sizeof facts->description, "%s", kinds[i].name);
			return;
		}
	(void)snprintf(facts->description, sizeof facts->description,
	    "ESP32-S2 (unknown flash %u, PSRAM %u)", flash, psram);
}

static void
list_features(uint32_t flash, uint32_t psram, uint32_t calibration,
    struct chip_facts *facts)
{
	static const char *const sizes[] = { NULL, "2MB", "4MB" };
	static const struct chip_memory flash_memory = {
		.kind = "Flash",
		.sizes = sizes, .size_count = CHIP_COUNT_OF(sizes),
	};
	static const struct chip_memory psram_memory = {
		.kind = "PSRAM",
		.sizes = sizes, .size_count = CHIP_COUNT_OF(sizes),
	};

	if (flash == 0)
		chip_add_feature(facts, "No Embedded Flash");
	chip_add_memory(facts, &flash_memory, flash, 0);
	if (psram == 0)
		chip_add_feature(facts, "No Embedded PSRAM");
	chip_add_memory(facts, &psram_memory, psram, 0);
	if (calibration == 0)
		chip_add_feature(facts, "No calibration in BLK2 of eFuse");
	else if (calibration <= 2)
		chip_add_feature(facts, "ADC and temperature sensor "
		    "calibration in BLK2 of eFuse V%u", calibration);
	else
		chip_add_feature(facts, "Unknown calibration in BLK2");
}

static int
describe(chip_read_reg *read, void *arg, struct chip_facts *facts)
{
	uint32_t	w[CHIP_LAYOUT_WORDS], w2;
	uint32_t	flash, psram;
	int		r;

	if ((r = chip_describe(read, arg, &layout, w, facts)) < 0 ||
	    (r = read(arg, BLOCK2_W4, &w2)) < 0)
		return r;
	flash = chip_bits(w[3], 24, 21);
	psram = chip_bits(w[3], 31, 28);
	name_kind(flash, psram, facts);
	list_features(flash, psram, chip_bits(w2, 6, 4), facts);
	return 0;
}

/* esptool 5.3, targets/esp32s2.py. */
static const struct chip_range ranges[] = {
	{ 0x3f000000, 0x3ff80000, "DROM" },
	{ 0x3f500000, 0x3ff80000, "EXTRAM_DATA" },
	{ 0x3ff9e000, 0x3ffa0000, "RTC_DRAM" },
	{ 0x3ff9e000, 0x40000000, "BYTE_ACCESSIBLE" },
	{ 0x3ff9e000, 0x40072000, "MEM_INTERNAL" },
	{ 0x3ffb0000, 0x40000000, "DRAM" },
	{ 0x40000000, 0x4001a100, "IROM_MASK" },
	{ 0x40020000, 0x40070000, "IRAM" },
	{ 0x40070000, 0x40072000, "RTC_IRAM" },
	{ 0x40080000, 0x40800000, "IROM" },
	{ 0x50000000, 0x50002000, "RTC_DATA" },
	{ 0 }
};

const struct chip chip_esp32s2 = {
	.cli		= "esp32s2",
	.name		= "ESP32-S2",
	.image_id	= 2,			/* image header */
	.by_magic	= true,			/* its security info has no id */
	.magic		= 0x000007c6,		/* ROM, word at 0x40001000 */
	/* No CHIP_ROM_DEFLATE: nobody has seen that this ROM does better than
	 * the ESP32's, as those of ESP32-C3 and ESP32-S3 do. */
	.caps		= (CHIP_ROM_LATER & ~CHIP_ROM_DEFLATE) | CHIP_USB_OTG |
			  CHIP_WDT_RESET | CHIP_XTS_256,
	.spi		= CHIP_SPI_MEM(0x3f402000),
	.efuse_base	= EFUSE,
	.efuse_block1	= BLOCK1,
	.mac		= { .addr = BLOCK1, .form = CHIP_MAC_EFUSE },
	.xtal_mhz	= 40,			/* datasheet: the only one supported */
	.xtal_divider	= 1,
	.boot_offset	= 0x1000,		/* esp-idf, bootloader offset */
	.flash_max	= CHIP_ROM_FLASH_MAX,
	.sizes		= chip_sizes,
	.freqs		= chip_freqs,
	/* Of images: esptool 5.3, targets/esp32s2.py. */
	.ranges		= ranges,
	.irom		= { 0x40080000, 0x40b80000 },
	.drom		= { 0x3f000000, 0x3f3f0000 },
	.uf2_family	= 0xbfdd4eee,
	.encrypt_align	= 16,			/* bytes of an XTS block */
	/* esptool 5.3, targets/esp32s2.py. */
	.pins		= { .allowed = CHIP_PINS_TO(46) &
				~(CHIP_PINS_TO(25) & ~CHIP_PINS_TO(21)),
			    .usb = CHIP_PIN(19) | CHIP_PIN(20) },
	/* esptool 5.3, targets/esp32s2.py; esp-idf, esp_efuse_table.csv. */
	.security	= {
		.crypt_count	= { EFUSE + 0x34, 7u << 18 },
		.no_encrypt	= { EFUSE + 0x30, 1u << 19 },
		.secure_boot	= { EFUSE + 0x38, 1u << 20 },
		.key_purpose	= CHIP_PURPOSES_4BIT(EFUSE + 0x34),
	},
	/* esp-idf, rtc_cntl_reg.h, RTC_CNTL_WDT*; it has no USB-Serial/JTAG,
	 * so its super watchdog does not matter. */
	.rtc_wdt	= { .config0 = 0x3f408094, .config1 = 0x3f408098,
			    .protect = 0x3f4080ac },
	/* Bit 3 is GPIO0, bit 4 GPIO45; RTC_CNTL_OPTION1_REG,
	 * RTC_CNTL_FORCE_DOWNLOAD_BOOT. */
	.strap		= { .pins = STRAP, .boot_pin = 1u << 3,
			    .force = 0x3f408128, .forced = 1u << 0 },
	.supply		= CHIP_SUPPLY_SPI(REPEAT1, STRAP),
	.octal		= { EFUSE + 0x3c, 1u << 9 },	/* FLASH_TYPE */
	.describe	= describe,
	.tested		= CHIP_TESTED_SIM,
};
