/*
 * The chips with large RISC-V cores: ESP32-P4, ESP32-S31.
 *
 * Magic words, eFuse layouts and register addresses: the chips' technical
 * reference manuals and esp-idf's soc headers.
 */
#include "tests/sim/chips.h"

static const struct simreg esp32p4_regs[] = {
	{ 0x40001000, 0x0addbad0 },
	{ 0x5012d04c, 0x00000030 },	/* revision 3.0 */
	{ 0 }
};

static const struct simreg esp32s31_regs[] = {
	{ 0x40001000, 0x0031006f },
	{ 0x2071505c, 0x00040000 },	/* revision 0.1 */
	{ 0 }
};

const struct simchip simchip_esp32p4 = {
	.name		= "esp32p4",
	.caps		= SIM_MODERN | SIM_OTG | SIM_USB_JTAG |
			  SIM_FLASH_POWER | SIM_ATTACHED | SIM_STUB_4BYTE,
	.status_len	= 4,
	.begin_words	= 5,
	.crypt		= CRYPT_XTS,
	.secinfo_len	= 20,
	.chip_id	= 18,
	.api_version	= 0,
	.xtal_hz	= 40000000,
	.clkdiv_mul	= 1,
	.log_bps	= 115200,
	.boot_offset	= 0x2000,
	.spi_base	= 0x5008d000,
	.spi_usr = 0x18, .spi_usr1 = 0x1c, .spi_usr2 = 0x20,
	.spi_mosi_len = 0x24, .spi_miso_len = 0x28, .spi_w0 = 0x58,
	.wdt_addr	= 0x50116000,
	.wdt_protect	= 0x50116018,
	.swd_addr	= 0x5011601c,
	.swd_feed	= 1 << 18,
	.swd_protect	= 0x50116020,
	.swd_key	= 0x50d83aa1,
	.strap_addr	= 0x500e0038,
	.strap_boot	= 1 << 3,	/* GPIO35 */
	.force_addr	= 0x50110008,
	.force_bit	= 1 << 2,
	.mac		= SIM_MAC_BLOCK1,
	.mac_addr	= 0x5012d044,
	.oui		= { 0x30, 0xed, 0xa0 },
	.ram		= { { 0x30100000, 0x30102000 },
			    { 0x4ff00000, 0x4ffc0000 },
			    { 0x50108000, 0x50110000 } },
	.regs		= esp32p4_regs,
	.fuses		= {
		.minor = { { 0x5012d04c, 0, 4 } },
		.major = { { 0x5012d04c, 4, 2 },
			   { 0x5012d04c, 23, 1 } },
		.crypt_count = { 0x5012d034, 18, 3 },
		.no_encrypt = { 0x5012d030, 20, 1 },
		.secure_boot = { 0x5012d038, 20, 1 },
		.purpose = { { 0x5012d034, 24, 4 },
			     { 0x5012d034, 28, 4 } },
	},
	.banner		= "ESP-ROM:esp32p4-eco2-20240710\r\n"
			  "Build:Jul 10 2024\r\n",
	.rst_power	= "rst:0x1 (POWERON),",
	.rst_wdt	= "rst:0x10 (LP_WDT_SYS),",
	.rst_soft	= "rst:0xc (SW_CPU),",
	.boot_load	= "boot:0x30c (DOWNLOAD(USB/UART0/SPI))\r\n"
			  "waiting for download\r\n",
	.boot_flash	= "boot:0x30f (SPI_FAST_FLASH_BOOT)\r\n",
	.boot_good	= "SPIWP:0xee\r\nmode:DIO, clock div:1\r\n",
};

const struct simchip simchip_esp32s31 = {
	.name		= "esp32s31",
	.caps		= SIM_MODERN | SIM_OTG | SIM_USB_JTAG |
			  SIM_STUB_4BYTE,
	.status_len	= 4,
	.begin_words	= 5,
	.crypt		= CRYPT_XTS,
	.secinfo_len	= 20,
	.chip_id	= 32,
	.api_version	= 0,
	.xtal_hz	= 40000000,
	.clkdiv_mul	= 1,
	.log_bps	= 115200,
	.boot_offset	= 0x2000,
	.spi_base	= 0x20501000,
	.spi_usr = 0x18, .spi_usr1 = 0x1c, .spi_usr2 = 0x20,
	.spi_mosi_len = 0x24, .spi_miso_len = 0x28, .spi_w0 = 0x58,
	.wdt_addr	= 0x20801000,
	.wdt_protect	= 0x20801018,
	.mac		= SIM_MAC_BLOCK1,
	.mac_addr	= 0x20715050,
	.oui		= { 0x30, 0xed, 0xa0 },
	.ram		= { { 0x2e000000, 0x2e008000 },
			    { 0x2f000000, 0x2f080000 } },
	.regs		= esp32s31_regs,
	.fuses		= {
		.minor = { { 0x2071505c, 18, 4 } },
		.major = { { 0x2071505c, 22, 2 } },
		.crypt_count = { 0x20715034, 21, 3 },
		.no_encrypt = { 0x20715030, 20, 1 },
		.secure_boot = { 0x2071503c, 2, 1 },
		.purpose = { { 0x20715038, 0, 5 },
			     { 0x20715038, 5, 5 } },
	},
	.banner		= "ESP-ROM:esp32s31\r\n",
	.rst_power	= "rst:0x1 (POWERON),",
	.rst_wdt	= "rst:0x10 (LP_WDT_SYS),",
	.rst_soft	= "rst:0xc (SW_CPU),",
	.boot_load	= "boot:0x0 (DOWNLOAD(USB/UART0/SPI))\r\n"
			  "waiting for download\r\n",
	.boot_flash	= "boot:0x8 (SPI_FAST_FLASH_BOOT)\r\n",
	.boot_good	= "SPIWP:0xee\r\nmode:DIO, clock div:1\r\n",
};
