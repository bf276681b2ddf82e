#include "proto/chip/chip_describe.h"

enum {
	EFUSE		= 0x600b4800,	/* ESP32-C5 TRM, "eFuse Controller" */
	BLOCK1		= EFUSE + 0x44,	/* EFUSE_RD_MAC_SYS_0 */
};

static const char *const packages[] = { "ESP32-C5" };

/* Bits: esp-idf, esp_efuse_table.csv of the ESP32-C5; words:
 * esptool 5.3, targets/esp32c5.py. */
static const struct chip_layout layout = {
	.addr = BLOCK1, .words = 3,
	.package = { 2, 28, 26 }, .minor = { 2, 3, 0 }, .major = { 2, 5, 4 },
	.name = "ESP32-C5",
	.packages = packages, .package_count = CHIP_COUNT_OF(packages),
	.features = "Wi-Fi 6 (dual-band), BT 5 (LE), IEEE802.15.4, "
	    "Single Core + LP Core, 240MHz",
};

/* esptool 5.3, targets/esp32c5.py. */
static const struct chip_range ranges[] = {
	{ 0x42000000, 0x44000000, "DROM" },
	{ 0x40800000, 0x40860000, "DRAM" },
	{ 0x40800000, 0x40860000, "BYTE_ACCESSIBLE" },
	{ 0x4003a000, 0x40040000, "DROM_MASK" },
	{ 0x40000000, 0x4003a000, "IROM_MASK" },
	{ 0x42000000, 0x44000000, "IROM" },
	{ 0x40800000, 0x40860000, "IRAM" },
	{ 0x50000000, 0x50004000, "RTC_IRAM" },
	{ 0x50000000, 0x50004000, "RTC_DRAM" },
	{ 0x600fe000, 0x60100000, "MEM_INTERNAL2" },
	{ 0 }
};

const struct chip chip_esp32c5 = {
	.cli		= "esp32c5",
	.name		= "ESP32-C5",
	.image_id	= 23,			/* esp-idf, esp_chip_id_t */
	.caps		= CHIP_ROM_LATER | CHIP_USB_JTAG | CHIP_WDT_RESET |
			  CHIP_XTAL_MEASURED | CHIP_EUI64 | CHIP_KEY_MANAGER |
			  CHIP_SDM_KEEPS_BAUD,
	.spi		= CHIP_SPI_MEM(0x60003000),
	.efuse_base	= EFUSE,
	.efuse_block1	= BLOCK1,
	.mac		= { .addr = BLOCK1, .form = CHIP_MAC_EFUSE },
	.uart_clkdiv	= 0x60000014,		/* uart_reg.h, UART_CLKDIV_REG(0) */
	.xtal_divider	= 1,
	.boot_offset	= 0x2000,		/* esp-idf, bootloader offset */
	.flash_max	= 128 << 20,
	.sizes		= chip_sizes,
	.freqs		= chip_freqs_80m,
	/* Of images: esptool 5.3, targets/esp32c5.py. */
	.ranges		= ranges,
	.irom		= { 0x42000000, 0x44000000 },
	.drom		= { 0x42000000, 0x44000000 },
	.uf2_family	= 0xf71c0343,
	.encrypt_align	= 16,		/* bytes of an XTS block */
	/* esptool 5.3, targets/esp32c5.py. */
	.pins		= { .allowed = CHIP_PINS_TO(28),
			    .usb = CHIP_PIN(13) | CHIP_PIN(14) },
	/* esptool 5.3, targets/esp32c5.py; esp-idf, esp_efuse_table.csv. */
	.security	= {
		.crypt_count	= { EFUSE + 0x34, 7u << 16 },
		.no_encrypt	= { EFUSE + 0x30, 1u << 20 },
		.secure_boot	= { EFUSE + 0x38, 1u << 25 },
		.key_purpose	= {
			{ EFUSE + 0x34, 0x1f << 22 },
			{ EFUSE + 0x34, 0x1fu << 27 },
			{ EFUSE + 0x38, 0x1f },
			{ EFUSE + 0x38, 0x1f << 5 },
			{ EFUSE + 0x38, 0x1f << 10 },
			{ EFUSE + 0x38, 0x1f << 15 },
		},
		.key_managed	= { EFUSE + 0x34, 1u << 11 },
	},
	/* esp-idf, pcr_reg.h, PCR_SYSCLK_CONF, CLK_XTAL_FREQ: what the ROM
	 * believes, 40 or 48. */
	.rom_xtal	= { .field = { 0x60096110, 0x7fu << 24 } },
	.rtc_wdt	= CHIP_LP_WDT(0x600b1c00, 0),
	.layout		= &layout,
	.tested		= CHIP_TESTED_SIM,
};
