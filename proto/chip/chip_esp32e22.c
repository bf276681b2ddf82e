#include "proto/chip/chip_describe.h"

#include <stdio.h>

enum {
	EFUSE		= 0xc4008000,	/* esptool 5.3, targets/esp32e22.py */
	BLOCK1		= EFUSE + 0x44,	/* EFUSE_RD_MAC_SYS_0 */
};

/* Its fuses have no place for a revision or a package yet. */
static int
describe(chip_read_reg *read, void *arg, struct chip_facts *facts)
{
	(void)read;
	(void)arg;
	facts->has_revision = true;
	(void)snprintf(facts->description, sizeof facts->description,
	    "ESP32-E22");
	chip_add_feature(facts, "Wi-Fi 6E (tri-band, 2x2 MU-MIMO)");
	chip_add_feature(facts, "BT 5.4 (LE) + Classic");
	chip_add_feature(facts, "Dual Core");
	chip_add_feature(facts, "500MHz");
	return 0;
}

/* esptool 5.3, targets/esp32e22.py. */
static const struct chip_range ranges[] = {
	{ 0x3c000000, 0x40000000, "DROM" },
	{ 0x31000000, 0x31200000, "DRAM" },
	{ 0x31000000, 0x31200000, "BYTE_ACCESSIBLE" },
	{ 0x30000000, 0x30120000, "DROM_MASK" },
	{ 0x30000000, 0x30120000, "IROM_MASK" },
	{ 0x3c000000, 0x40000000, "IROM" },
	{ 0x30fe0000, 0x31200000, "IRAM" },
	{ 0xc0000000, 0xc0008000, "RTC_IRAM" },
	{ 0xc0000000, 0xc0008000, "RTC_DRAM" },
	{ 0 }
};

const struct chip chip_esp32e22 = {
	.cli		= "esp32e22",
	.name		= "ESP32-E22",
	.image_id	= 31,			/* esp-idf, esp_chip_id_t */
	.caps		= CHIP_ROM_LATER | CHIP_USB_OTG | CHIP_XTAL_MEASURED |
			  CHIP_XTS_256,
	.spi		= CHIP_SPI_MEM(0xc3003000),
	.efuse_base	= EFUSE,
	.efuse_block1	= BLOCK1,
	.mac		= { .addr = BLOCK1, .form = CHIP_MAC_EFUSE },
	.uart_clkdiv	= 0xc3102014,		/* esptool 5.3, targets/esp32e22.py */
	.xtal_divider	= 1,
	.boot_offset	= 0x0,			/* esp-idf, bootloader offset */
	.flash_max	= CHIP_ROM_FLASH_MAX,
	.sizes		= chip_sizes,
	.freqs		= chip_freqs,
	/* Of images: esptool 5.3, targets/esp32e22.py. */
	.ranges		= ranges,
	.irom		= { 0x3c000000, 0x40000000 },
	.drom		= { 0x3c000000, 0x40000000 },
	.uf2_family	= 0x1c5f21b0,
	.encrypt_align	= 16,		/* bytes of an XTS block */
	/* esptool 5.3, targets/esp32e22.py. */
	.pins		= { .allowed = CHIP_PINS_TO(52),
			    .usb = CHIP_PIN(18) | CHIP_PIN(19) },
	/* esptool 5.3, targets/esp32e22.py; flash encryption has no fuses yet. */
	.security	= {
		.secure_boot	= { EFUSE + 0x38, 1u << 20 },
		.key_purpose	= CHIP_PURPOSES_4BIT(EFUSE + 0x34),
	},
	/* Its boot pin; esptool 5.3, targets/esp32e22.py. */
	.strap		= { .pins = 0xc310d000, .boot_pin = 1u << 3 },
	.stub_from	= UINT32_MAX,
	.stub_none	= "there is no flasher stub for the ESP32-E22 yet",
	.describe	= describe,
	.tested		= CHIP_TESTED_SIM,
};
