/*
 * The ESP32-H family.
 *
 * Magic words, eFuse layouts and register addresses: the chips' technical
 * reference manuals and esp-idf's soc headers.
 */
#include "tests/sim/chips.h"

static const struct simreg esp32h2_regs[] = {
	{ 0x40001000, 0xd7b73e80 },
	{ 0x600b0850, 0x00040000 },	/* revision 0.1 */
	{ 0 }
};

static const struct simreg esp32h21_regs[] = {
	{ 0x40001000, 0x00a8806f },
	{ 0x600b4058, 0x00000010 },	/* revision 0.1 */
	{ 0 }
};

static const struct simreg esp32h4_regs[] = {
	{ 0x40001000, 0x0010006f },
	{ 0x600b1850, 0x00080000 },	/* revision 0.2 */
	{ 0 }
};

const struct simchip simchip_esp32h2 = {
	.name		= "esp32h2",
	.caps		= SIM_MODERN | SIM_USB_JTAG | SIM_EUI64,
	.status_len	= 4,
	.begin_words	= 5,
	.crypt		= CRYPT_XTS,
	.secinfo_len	= 20,
	.chip_id	= 16,
	.api_version	= 0,
	.xtal_hz	= 32000000,
	.clkdiv_mul	= 1,
	.clkdiv_addr	= 0x60000014,
	.log_bps	= 115200,
	.boot_offset	= 0x0,
	.spi_base	= 0x60003000,
	.spi_usr = 0x18, .spi_usr1 = 0x1c, .spi_usr2 = 0x20,
	.spi_mosi_len = 0x24, .spi_miso_len = 0x28, .spi_w0 = 0x58,
	.wdt_addr	= 0x600b1c00,
	.wdt_protect	= 0x600b1c1c,
	.swd_addr	= 0x600b1c20,
	.swd_feed	= 1 << 18,
	.swd_protect	= 0x600b1c24,
	.swd_key	= 0x50d83aa1,
	.mac		= SIM_MAC_BLOCK1,
	.mac_addr	= 0x600b0844,
	.oui		= { 0x48, 0x31, 0xb7 },
	.ram		= { { 0x40800000, 0x40850000 },
			    { 0x50000000, 0x50001000 } },
	.regs		= esp32h2_regs,
	.fuses		= {
		.minor = { { 0x600b0850, 18, 3 } },
		.major = { { 0x600b0850, 21, 2 } },
		.crypt_count = { 0x600b0834, 18, 3 },
		.no_encrypt = { 0x600b0830, 20, 1 },
		.secure_boot = { 0x600b0838, 20, 1 },
		.purpose = { { 0x600b0834, 24, 4 },
			     { 0x600b0834, 28, 4 } },
	},
	.banner		= "ESP-ROM:esp32h2-20221101\r\nBuild:Nov  1 2022\r\n",
	.rst_power	= "rst:0x1 (POWERON),",
	.rst_wdt	= "rst:0x10 (LP_WDT_SYS),",
	.rst_soft	= "rst:0xc (SW_CPU),",
	.boot_load	= "boot:0x4 (DOWNLOAD(USB/UART0))\r\n"
			  "waiting for download\r\n",
	.boot_flash	= "boot:0xc (SPI_FAST_FLASH_BOOT)\r\n",
	.boot_good	= "SPIWP:0xee\r\nmode:DIO, clock div:1\r\n",
};

const struct simchip simchip_esp32h21 = {
	.name		= "esp32h21",
	.caps		= SIM_MODERN | SIM_USB_JTAG |
			  SIM_EUI64 | SIM_NO_STUB,
	.status_len	= 4,
	.begin_words	= 5,
	.crypt		= CRYPT_XTS,
	.secinfo_len	= 20,
	.chip_id	= 25,
	.api_version	= 0,
	.xtal_hz	= 32000000,
	.clkdiv_mul	= 1,
	.clkdiv_addr	= 0x60000014,
	.log_bps	= 115200,
	.boot_offset	= 0x0,
	.spi_base	= 0x60003000,
	.spi_usr = 0x18, .spi_usr1 = 0x1c, .spi_usr2 = 0x20,
	.spi_mosi_len = 0x24, .spi_miso_len = 0x28, .spi_w0 = 0x58,
	.wdt_addr	= 0x600b1c00,
	.wdt_protect	= 0x600b1c1c,
	.swd_addr	= 0x600b1c20,
	.swd_feed	= 1 << 18,
	.swd_protect	= 0x600b1c24,
	.swd_key	= 0x50d83aa1,
	.mac		= SIM_MAC_BLOCK1,
	.mac_addr	= 0x600b4044,
	.oui		= { 0xa0, 0x85, 0xe3 },
	.ram		= { { 0x40800000, 0x40850000 },
			    { 0x50000000, 0x50001000 } },
	.regs		= esp32h21_regs,
	.fuses		= {
		.minor = { { 0x600b4058, 4, 4 } },
		.major = { { 0x600b4058, 8, 2 } },
		.crypt_count = { 0x600b4034, 18, 3 },
		.no_encrypt = { 0x600b4030, 20, 1 },
		.secure_boot = { 0x600b4038, 20, 1 },
		.purpose = { { 0x600b4034, 24, 4 },
			     { 0x600b4034, 28, 4 } },
	},
	.banner		= "ESP-ROM:esp32h21\r\n",
	.rst_power	= "rst:0x1 (POWERON),",
	.rst_wdt	= "rst:0x10 (LP_WDT_SYS),",
	.rst_soft	= "rst:0xc (SW_CPU),",
	.boot_load	= "boot:0x4 (DOWNLOAD(USB/UART0))\r\n"
			  "waiting for download\r\n",
	.boot_flash	= "boot:0xc (SPI_FAST_FLASH_BOOT)\r\n",
	.boot_good	= "SPIWP:0xee\r\nmode:DIO, clock div:1\r\n",
};

const struct simchip simchip_esp32h4 = {
	.name		= "esp32h4",
	.caps		= SIM_MODERN | SIM_USB_JTAG | SIM_EUI64,
	.status_len	= 4,
	.begin_words	= 5,
	.crypt		= CRYPT_XTS,
	.secinfo_len	= 20,
	.chip_id	= 28,
	.api_version	= 0,
	.xtal_hz	= 32000000,
	.clkdiv_mul	= 1,
	.clkdiv_addr	= 0x60000014,
	.log_bps	= 115200,
	.boot_offset	= 0x2000,
	.spi_base	= 0x60099000,
	.spi_usr = 0x18, .spi_usr1 = 0x1c, .spi_usr2 = 0x20,
	.spi_mosi_len = 0x24, .spi_miso_len = 0x28, .spi_w0 = 0x58,
	.wdt_addr	= 0x60090048,
	.wdt_protect	= 0x60090064,
	.swd_addr	= 0x600b541c,
	.swd_feed	= 1 << 18,
	.swd_protect	= 0x600b5420,
	.swd_key	= 0x50d83aa1,
	.mac		= SIM_MAC_BLOCK1,
	.mac_addr	= 0x600b1844,
	.oui		= { 0x98, 0xa3, 0x16 },
	.ram		= { { 0x40800000, 0x40860000 },
			    { 0x50000000, 0x50004000 } },
	.regs		= esp32h4_regs,
	.fuses		= {
		.minor = { { 0x600b1850, 18, 4 } },
		.major = { { 0x600b1850, 22, 2 } },
		.crypt_count = { 0x600b1830, 23, 3 },
		.no_encrypt = { 0x600b1830, 14, 1 },
		.secure_boot = { 0x600b1838, 5, 1 },
		.purpose = { { 0x600b1834, 0, 5 },
			     { 0x600b1834, 5, 5 } },
	},
	.banner		= "ESP-ROM:esp32h4\r\n",
	.rst_power	= "rst:0x1 (POWERON),",
	.rst_wdt	= "rst:0x10 (LP_WDT_SYS),",
	.rst_soft	= "rst:0xc (SW_CPU),",
	.boot_load	= "boot:0x4 (DOWNLOAD(USB/UART0))\r\n"
			  "waiting for download\r\n",
	.boot_flash	= "boot:0xc (SPI_FAST_FLASH_BOOT)\r\n",
	.boot_good	= "SPIWP:0xee\r\nmode:DIO, clock div:1\r\n",
};
