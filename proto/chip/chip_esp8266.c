#include "proto/chip/chip_describe.h"

#include <stdio.h>

enum {
	OTP		= 0x3ff00050,	/* four words; ESP8266 RTOS SDK, efuse_register.h */
	OTP_WORDS	= 4,
};

/* Mb of flash inside an ESP8285; 0 when the fuses name no size known. */
static unsigned
embedded_mbit(const uint32_t w[OTP_WORDS])
{
	unsigned	a = chip_bits(w[0], 4, 4);
	unsigned	b = chip_bits(w[3], 25, 25);
	unsigned	size = chip_bits(w[3], 27, 26);	/* 0 small, 1 large */

	if (a == b || size > 1)
		return 0;
	return a ? 8u << size : 16u << size;
}

/* Bit 4 of the first or bit 16 of the third word tells an ESP8285; bit 5 of
 * the first: its flash bears 105 degrees.  Source: esptool, esp8266.py. */
static int
describe(chip_read_reg *read, void *arg, struct chip_facts *facts)
{
	uint32_t	 w[OTP_WORDS];
	unsigned	 mbit;
	int		 r;

	if ((r = chip_read_words(read, arg, OTP, w, OTP_WORDS)) < 0)
		return r;
	facts->has_revision = false;
	chip_add_feature(facts, "Wi-Fi");
	chip_add_feature(facts, "160MHz");
	if (!chip_bits(w[0], 4, 4) && !chip_bits(w[2], 16, 16)) {
		(void)snprintf(facts->description, sizeof facts->description,
		    "ESP8266EX");
		return 0;
	}
	mbit = embedded_mbit(w);
	if (mbit == 8 || mbit == 16)
		(void)snprintf(facts->description, sizeof facts->description,
		    "ESP8285%c%02u", chip_bits(w[0], 5, 5) ? 'H' : 'N', mbit);
	else
		(void)snprintf(facts->description, sizeof facts->description,
		    "ESP8285");
	chip_add_feature(facts, "Embedded Flash");
	return 0;
}

/* Image header, esptool, "Firmware Image Format" of the ESP8266.  "-c1" is
 * another memory map. */
static const struct chip_code sizes[] = {
	{ "256KB", 1, 256 << 10 }, { "512KB", 0, 512 << 10 },
	{ "1MB", 2, 1 << 20 }, { "2MB", 3, 2 << 20 }, { "4MB", 4, 4 << 20 },
	{ "2MB-c1", 5, 2 << 20 }, { "4MB-c1", 6, 4 << 20 },
	{ "8MB", 8, 8 << 20 }, { "16MB", 9, 16 << 20 }, { 0 }
};

/* esptool 5.3, targets/esp8266.py. */
static const struct chip_range ranges[] = {
	{ 0x3ff00000, 0x3ff00010, "DPORT" },
	{ 0x3ffe8000, 0x40000000, "DRAM" },
	{ 0x40100000, 0x40108000, "IRAM" },
	{ 0x40201010, 0x402e1010, "IROM" },
	{ 0 }
};

const struct chip chip_esp8266 = {
	.cli		= "esp8266",
	.name		= "ESP8266",
	.image_id	= -1,			/* its image header has no chip id */
	.by_magic	= true,
	.magic		= 0xfff0c101,		/* ROM, word at 0x40001000 */
	/* serial-protocol.rst for the ESP8266: no rate change, no
	 * compression, no MD5, no attach and no flash read in the ROM. */
	.caps		= CHIP_STATUS2 | CHIP_ERASE_QUIRK | CHIP_XTAL_MEASURED |
			  CHIP_ADDR_MSB,
	/* RTOS SDK, spi_register.h; lengths are in SPI_USER1. */
	.spi		= { .base = 0x60000200, .usr = 0x1c, .usr1 = 0x20,
			    .usr2 = 0x24, .w0 = 0x40 },
	.efuse_base	= OTP,
	.efuse_block1	= OTP,
	.mac		= { .addr = OTP, .form = CHIP_MAC_ESP8266 },
	.uart_clkdiv	= 0x60000014,		/* uart_register.h, UART_CLKDIV */
	.xtal_divider	= 2,			/* the UART runs at twice the crystal */
	.boot_offset	= 0x0,
	.flash_max	= CHIP_ROM_FLASH_MAX,
	.sizes		= sizes,
	.freqs		= chip_freqs,
	/* Of images: esptool 5.3, targets/esp8266.py. */
	.ranges		= ranges,
	.irom		= { 0x40200000, 0x40300000 },
	.uf2_family	= 0x7eab61ed,
	.describe	= describe,
	.tested		= CHIP_TESTED_SIM,
};
