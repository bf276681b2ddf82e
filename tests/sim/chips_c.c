/*
 * The ESP32-C family.
 *
 * Magic words, eFuse layouts and register addresses: the chips' technical
 * reference manuals and esp-idf's soc headers.  Words inside the ROM of
 * the ESP32-C3 are as the genuine one shows them over READ_REG.
 */
#include "tests/sim/chips.h"

static const struct simreg esp32c2_regs[] = {
	{ 0x40001000, 0x7c41a06f },
	{ 0x60008844, 0x00110000 },	/* revision 1.1 */
	{ 0x6000885c, 0x20000000 },	/* 4 MB of flash inside */
	{ 0 }
};

static const struct simreg esp32c3_regs[] = {
	{ 0x40000000, 0x6910106f },
	{ 0x40001000, 0x1b31506f },
	{ 0x60008850, 0x030c0000 },	/* revision 0.3 */
	{ 0 }
};

static const struct simreg esp32c5_regs[] = {
	{ 0x40001000, 0x5fd1406f },
	{ 0x600b484c, 0x00000010 },	/* revision 1.0 */
	{ 0x60096110, 0x30000000 },	/* its ROM takes the crystal for 48 MHz */
	{ 0 }
};

static const struct simreg esp32c6_regs[] = {
	{ 0x40001000, 0x2ce0806f },
	{ 0x600b0850, 0x00040000 },	/* revision 0.1 */
	{ 0 }
};

static const struct simreg esp32c61_regs[] = {
	{ 0x40001000, 0x33f0206f },
	{ 0x600b484c, 0x00000010 },	/* revision 1.0 */
	{ 0 }
};

const struct simchip simchip_esp32c2 = {
	.name		= "esp32c2",
	.caps		= SIM_MODERN | SIM_KEEPS_BAUD | SIM_LOG_BY_XTAL,
	.status_len	= 4,
	.begin_words	= 5,
	.crypt		= CRYPT_XTS,
	.secinfo_len	= 20,
	.chip_id	= 12,
	.api_version	= 1,
	.xtal_hz	= 40000000,
	.rom_xtal_hz	= 40000000,
	.clkdiv_mul	= 1,
	.clkdiv_addr	= 0x60000014,
	.log_bps	= 115200,
	.boot_offset	= 0x0,
	.spi_base	= 0x60002000,
	.spi_usr = 0x18, .spi_usr1 = 0x1c, .spi_usr2 = 0x20,
	.spi_mosi_len = 0x24, .spi_miso_len = 0x28, .spi_w0 = 0x58,
	.wdt_addr	= 0x60008084,
	.wdt_protect	= 0x6000809c,
	.mac		= SIM_MAC_BLOCK1,
	.mac_addr	= 0x60008840,
	.stub_from	= 1,
	.oui		= { 0x10, 0x97, 0xbd },
	.ram		= { { 0x3fca0000, 0x3fce0000 },
			    { 0x4037c000, 0x403c0000 } },
	.regs		= esp32c2_regs,
	.fuses		= {
		.minor = { { 0x60008844, 16, 4 } },
		.major = { { 0x60008844, 20, 2 } },
		.crypt_count = { 0x60008830, 7, 3 },
		.no_encrypt = { 0x60008830, 6, 1 },
		.secure_boot = { 0x60008830, 21, 1 },
		.key_long = { 0x60008830, 10, 1 },
		.key_hidden = { 0x60008830, 0, 2 },
	},
	.banner		= "ESP-ROM:esp8684-api2-20220127\r\n"
			  "Build:Jan 27 2022\r\n",
	.rst_power	= "rst:0x1 (POWERON),",
	.rst_wdt	= "rst:0x10 (RTCWDT_RTC_RST),",
	.rst_soft	= "rst:0x3 (RTC_SW_SYS_RST),",
	.boot_load	= "boot:0x4 (DOWNLOAD(UART0))\r\n"
			  "waiting for download\r\n",
	.boot_flash	= "boot:0xc (SPI_FAST_FLASH_BOOT)\r\n",
	.boot_good	= "SPIWP:0xee\r\nmode:DIO, clock div:1\r\n",
};

const struct simchip simchip_esp32c3 = {
	.name		= "esp32c3",
	.caps		= SIM_MODERN | SIM_USB_JTAG |
			  SIM_SECBOOT_NO_STUB,
	.status_len	= 4,
	.begin_words	= 5,
	.crypt		= CRYPT_XTS,
	.secinfo_len	= 20,
	.chip_id	= 5,
	.api_version	= 3,
	.xtal_hz	= 40000000,
	.clkdiv_mul	= 1,
	.clkdiv_addr	= 0x60000014,
	.log_bps	= 115200,
	.boot_offset	= 0,
	.spi_base	= 0x60002000,
	.spi_usr = 0x18, .spi_usr1 = 0x1c, .spi_usr2 = 0x20,
	.spi_mosi_len = 0x24, .spi_miso_len = 0x28, .spi_w0 = 0x58,
	.wdt_addr	= 0x60008090,
	.wdt_protect	= 0x600080a8,
	.swd_addr	= 0x600080ac,
	.swd_feed	= 1u << 31,
	.swd_protect	= 0x600080b0,
	.swd_key	= 0x8f1d312a,
	.strap_addr	= 0x60004038,
	.strap_boot	= 1 << 3,	/* GPIO9 */
	.mac		= SIM_MAC_BLOCK1,
	.mac_addr	= 0x60008844,
	.oui		= { 0x7c, 0xdf, 0xa1 },
	.ram		= { { 0x3fc80000, 0x3fce0000 },
			    { 0x4037c000, 0x403e0000 },
			    { 0x50000000, 0x50002000 } },
	.regs		= esp32c3_regs,
	.fuses		= {
		.minor = { { 0x60008850, 18, 3 },
			   { 0x60008858, 23, 1 } },
		.major = { { 0x60008858, 24, 2 } },
		.crypt_count = { 0x60008834, 18, 3 },
		.no_encrypt = { 0x60008830, 20, 1 },
		.secure_boot = { 0x60008838, 20, 1 },
		.purpose = { { 0x60008834, 24, 4 },
			     { 0x60008834, 28, 4 } },
	},
	.banner		= "ESP-ROM:esp32c3-api1-20210207\r\n"
			  "Build:Feb  7 2021\r\n",
	.rst_power	= "rst:0x1 (POWERON),",
	.rst_wdt	= "rst:0x10 (RTCWDT_RTC_RST),",
	.rst_soft	= "rst:0x3 (RTC_SW_SYS_RST),",
	.boot_load	= "boot:0x4 (DOWNLOAD(USB/UART0/1))\r\n"
			  "waiting for download\r\n",
	.boot_flash	= "boot:0xc (SPI_FAST_FLASH_BOOT)\r\n",
	.boot_good	= "SPIWP:0xee\r\nmode:DIO, clock div:1\r\n",
};

const struct simchip simchip_esp32c5 = {
	.name		= "esp32c5",
	.caps		= SIM_MODERN | SIM_USB_JTAG |
			  SIM_KEEPS_BAUD | SIM_EUI64 | SIM_LOG_BY_XTAL |
			  SIM_STUB_4BYTE,
	.status_len	= 4,
	.begin_words	= 5,
	.crypt		= CRYPT_XTS,
	.secinfo_len	= 20,
	.chip_id	= 23,
	.api_version	= 0,
	.xtal_hz	= 48000000,
	.rom_xtal_hz	= 48000000,
	.clkdiv_mul	= 1,
	.clkdiv_addr	= 0x60000014,
	.log_bps	= 115200,
	.boot_offset	= 0x2000,
	.spi_base	= 0x60003000,
	.spi_usr = 0x18, .spi_usr1 = 0x1c, .spi_usr2 = 0x20,
	.spi_mosi_len = 0x24, .spi_miso_len = 0x28, .spi_w0 = 0x58,
	.wdt_addr	= 0x600b1c00,
	.wdt_protect	= 0x600b1c18,
	.swd_addr	= 0x600b1c1c,
	.swd_feed	= 1 << 18,
	.swd_protect	= 0x600b1c20,
	.swd_key	= 0x50d83aa1,
	.mac		= SIM_MAC_BLOCK1,
	.mac_addr	= 0x600b4844,
	.oui		= { 0xd0, 0xcf, 0x13 },
	.ram		= { { 0x40800000, 0x40860000 },
			    { 0x50000000, 0x50004000 } },
	.regs		= esp32c5_regs,
	.fuses		= {
		.minor = { { 0x600b484c, 0, 4 } },
		.major = { { 0x600b484c, 4, 2 } },
		.crypt_count = { 0x600b4834, 16, 3 },
		.no_encrypt = { 0x600b4830, 20, 1 },
		.secure_boot = { 0x600b4838, 25, 1 },
		.purpose = { { 0x600b4834, 22, 5 },
			     { 0x600b4834, 27, 5 } },
	},
	.banner		= "ESP-ROM:esp32c5-eco2-20250121\r\n"
			  "Build:Jan 21 2025\r\n",
	.rst_power	= "rst:0x1 (POWERON),",
	.rst_wdt	= "rst:0x10 (LP_WDT_SYS),",
	.rst_soft	= "rst:0xc (SW_CPU),",
	.boot_load	= "boot:0x20 (DOWNLOAD(USB/UART0/SDIO))\r\n"
			  "waiting for download\r\n",
	.boot_flash	= "boot:0x18 (SPI_FAST_FLASH_BOOT)\r\n",
	.boot_good	= "SPIWP:0xee\r\nmode:DIO, clock div:1\r\n",
};

const struct simchip simchip_esp32c6 = {
	.name		= "esp32c6",
	.caps		= SIM_MODERN | SIM_USB_JTAG | SIM_EUI64,
	.status_len	= 4,
	.begin_words	= 5,
	.crypt		= CRYPT_XTS,
	.secinfo_len	= 20,
	.chip_id	= 13,
	.api_version	= 0,
	.xtal_hz	= 40000000,
	.clkdiv_mul	= 1,
	.clkdiv_addr	= 0x60000014,
	.log_bps	= 115200,
	.boot_offset	= 0x0,
	.spi_base	= 0x60003000,
	.spi_usr = 0x18, .spi_usr1 = 0x1c, .spi_usr2 = 0x20,
	.spi_mosi_len = 0x24, .spi_miso_len = 0x28, .spi_w0 = 0x58,
	.wdt_addr	= 0x600b1c00,
	.wdt_protect	= 0x600b1c18,
	.swd_addr	= 0x600b1c1c,
	.swd_feed	= 1 << 18,
	.swd_protect	= 0x600b1c20,
	.swd_key	= 0x50d83aa1,
	.mac		= SIM_MAC_BLOCK1,
	.mac_addr	= 0x600b0844,
	.oui		= { 0x60, 0x55, 0xf9 },
	.ram		= { { 0x40800000, 0x40880000 },
			    { 0x50000000, 0x50004000 } },
	.regs		= esp32c6_regs,
	.fuses		= {
		.minor = { { 0x600b0850, 18, 4 } },
		.major = { { 0x600b0850, 22, 2 } },
		.crypt_count = { 0x600b0834, 18, 3 },
		.no_encrypt = { 0x600b0830, 20, 1 },
		.secure_boot = { 0x600b0838, 20, 1 },
		.purpose = { { 0x600b0834, 24, 4 },
			     { 0x600b0834, 28, 4 } },
	},
	.banner		= "ESP-ROM:esp32c6-20220919\r\nBuild:Sep 19 2022\r\n",
	.rst_power	= "rst:0x1 (POWERON),",
	.rst_wdt	= "rst:0x10 (LP_WDT_SYS),",
	.rst_soft	= "rst:0xc (SW_CPU),",
	.boot_load	= "boot:0x4 (DOWNLOAD(USB/UART0/SDIO_FEI_FEO))\r\n"
			  "waiting for download\r\n",
	.boot_flash	= "boot:0xc (SPI_FAST_FLASH_BOOT)\r\n",
	.boot_good	= "SPIWP:0xee\r\nmode:DIO, clock div:1\r\n",
};

const struct simchip simchip_esp32c61 = {
	.name		= "esp32c61",
	.caps		= SIM_MODERN | SIM_USB_JTAG | SIM_STUB_4BYTE,
	.status_len	= 4,
	.begin_words	= 5,
	.crypt		= CRYPT_XTS,
	.secinfo_len	= 20,
	.chip_id	= 20,
	.api_version	= 0,
	.xtal_hz	= 40000000,
	.clkdiv_mul	= 1,
	.clkdiv_addr	= 0x60000014,
	.log_bps	= 115200,
	.boot_offset	= 0x0,
	.spi_base	= 0x60003000,
	.spi_usr = 0x18, .spi_usr1 = 0x1c, .spi_usr2 = 0x20,
	.spi_mosi_len = 0x24, .spi_miso_len = 0x28, .spi_w0 = 0x58,
	.wdt_addr	= 0x600b1c00,
	.wdt_protect	= 0x600b1c18,
	.swd_addr	= 0x600b1c1c,
	.swd_feed	= 1 << 18,
	.swd_protect	= 0x600b1c20,
	.swd_key	= 0x50d83aa1,
	.mac		= SIM_MAC_BLOCK1,
	.mac_addr	= 0x600b4844,
	.oui		= { 0x30, 0xed, 0xa0 },
	.ram		= { { 0x40800000, 0x40850000 },
			    { 0x50000000, 0x50004000 } },
	.regs		= esp32c61_regs,
	.fuses		= {
		.minor = { { 0x600b484c, 0, 4 } },
		.major = { { 0x600b484c, 4, 2 } },
		.crypt_count = { 0x600b4830, 23, 3 },
		.no_encrypt = { 0x600b4830, 14, 1 },
		.secure_boot = { 0x600b4834, 26, 1 },
		.purpose = { { 0x600b4834, 0, 4 },
			     { 0x600b4834, 4, 4 } },
	},
	.banner		= "ESP-ROM:esp32c61-20240228\r\n"
			  "Build:Feb 28 2024\r\n",
	.rst_power	= "rst:0x1 (POWERON),",
	.rst_wdt	= "rst:0x10 (LP_WDT_SYS),",
	.rst_soft	= "rst:0xc (SW_CPU),",
	.boot_load	= "boot:0x4 (DOWNLOAD(USB/UART0/SDIO))\r\n"
			  "waiting for download\r\n",
	.boot_flash	= "boot:0xc (SPI_FAST_FLASH_BOOT)\r\n",
	.boot_good	= "SPIWP:0xee\r\nmode:DIO, clock div:1\r\n",
};
