/*
 * The chips with Xtensa cores; the ESP32-E22 has another, but its loader is of
 * their kind.
 *
 * Magic words, eFuse layouts and register addresses: the chips' technical
 * reference manuals and esp-idf's soc headers.  Words inside the ROM are
 * as the genuine mask ROMs show them over READ_REG.
 */
#include "tests/sim/chips.h"

static const struct simreg esp8266_regs[] = {
	{ 0x40001000, 0xfff0c101 },
	{ 0 }
};

static const struct simreg esp32_regs[] = {
	{ 0x40001000, 0x00f01d83 },
	{ 0x40001004, 0x00004136 },	/* the next word's first byte is 0x36 */
	{ 0x3ff5a00c, 0x0000a200 },	/* D0WD, revision bit 0, 240 MHz known */
	{ 0x3ff5a010, 0x00000080 },	/* CK8M: 128 */
	{ 0x3ff5a014, 0x00100000 },	/* revision bit 1 */
	{ 0x3ff6607c, 0x96042000 },	/* APB_CTL_DATE: revision bit 2 */
	{ 0 }
};

static const struct simreg esp32s2_regs[] = {
	{ 0x40001000, 0x000007c6 },
	{ 0x3f41a050, 0x00040000 },	/* revision 1.0 */
	{ 0 }
};

static const struct simreg esp32s3_regs[] = {
	{ 0x40000000, 0x1049c500 },
	{ 0x40001000, 0x00000009 },
	{ 0x60007050, 0x00080000 },	/* revision x.2 */
	{ 0 }
};

static const struct simreg esp32e22_regs[] = {
	{ 0x40001000, 0x0000e022 },
	{ 0 }
};

#define DRIVE_LINES							\
	"clk_drv:0x00,q_drv:0x00,d_drv:0x00,cs0_drv:0x00,"		\
	"hd_drv:0x00,wp_drv:0x00\r\n"

const struct simchip simchip_esp8266 = {
	.name		= "esp8266",
	.caps		= SIM_BEGIN_ATTACHES | SIM_ERASE_BUG | SIM_ADDR_MSB |
			  SIM_SPI_USR1_LEN | SIM_LOG_BY_XTAL,
	.status_len	= 2,
	.begin_words	= 4,
	.xtal_hz	= 26000000,
	.clkdiv_mul	= 2,
	.clkdiv_addr	= 0x60000014,
	.log_bps	= 74880,	/* 115200 * 26 / 40 */
	.boot_offset	= 0,
	.spi_base	= 0x60000200,
	.spi_usr = 0x1c, .spi_usr1 = 0x20, .spi_usr2 = 0x24, .spi_w0 = 0x40,
	.mac		= SIM_MAC_ESP8266,
	.mac_addr	= 0x3ff00050,
	.oui		= { 0x5c, 0xcf, 0x7f },
	.ram		= { { 0x3ffe8000, 0x40000000 },
			    { 0x40100000, 0x40110000 } },
	.regs		= esp8266_regs,
	.banner		= "\r\n ets Jan  8 2013,",
	.rst_power	= "rst cause:2, ",
	.rst_wdt	= "rst cause:4, ",
	.rst_soft	= "rst cause:1, ",
	.boot_load	= "boot mode:(1,7)\r\n\r\n",
	.boot_flash	= "boot mode:(3,6)\r\n\r\n",
	.boot_good	= "",
};

const struct simchip simchip_esp32 = {
	.name		= "esp32",
	.caps		= SIM_DEFLATE | SIM_MD5 | SIM_BAUD | SIM_READ |
			  SIM_ATTACH | SIM_ADDR_MSB | SIM_REV_ONES |
			  SIM_ROM_MEASURES | SIM_INFLATE_SPILLS,
	.status_len	= 4,
	.begin_words	= 4,
	.crypt		= CRYPT_ESP32,
	.xtal_hz	= 40000000,
	/* Who does not scale the rate by this is 5 % off. */
	.rom_xtal_hz	= 42000000,
	.cali_addr	= 0x3ff5f06c,	/* TIMG RTCCALICFG1 */
	.clkdiv_mul	= 1,
	.clkdiv_addr	= 0x3ff40014,
	.log_bps	= 115200,
	.boot_offset	= 0x1000,
	.spi_base	= 0x3ff42000,
	.spi_usr = 0x1c, .spi_usr1 = 0x20, .spi_usr2 = 0x24,
	.spi_mosi_len = 0x28, .spi_miso_len = 0x2c, .spi_w0 = 0x80,
	.mac		= SIM_MAC_ESP32,
	.mac_addr	= 0x3ff5a004,
	.oui		= { 0x24, 0x0a, 0xc4 },
	.ram		= { { 0x3ffae000, 0x40000000 },
			    { 0x40070000, 0x400c2000 },
			    { 0x50000000, 0x50002000 } },
	.regs		= esp32_regs,
	.fuses		= {
		.minor = { { 0x3ff5a014, 24, 2 } },
		.major = { { 0x3ff5a00c, 15, 1 }, { 0x3ff5a014, 20, 1 },
			   { 0x3ff6607c, 31, 1 } },
		.crypt_count = { 0x3ff5a000, 20, 7 },
		.key_hidden = { 0x3ff5a000, 16, 1 },
		.crypt_config = { 0x3ff5a014, 28, 4 },
		.no_encrypt = { 0x3ff5a018, 7, 1 },
		.secure_boot_v1 = { 0x3ff5a018, 4, 1 },
		.secure_boot = { 0x3ff5a018, 5, 1 },
	},
	.banner		= "ets Jul 29 2019 12:21:46\r\n\r\n",
	.rst_power	= "rst:0x1 (POWERON_RESET),",
	.rst_wdt	= "rst:0x10 (RTCWDT_RTC_RESET),",
	.rst_soft	= "rst:0xc (SW_CPU_RESET),",
	.boot_load	= "boot:0x3 (DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2)"
			  ")\r\nwaiting for download\r\n",
	.boot_flash	= "boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n",
	.boot_good	= "configsip: 0, SPIWP:0xee\r\n" DRIVE_LINES
			  "mode:DIO, clock div:2\r\n",
};

const struct simchip simchip_esp32s2 = {
	.name		= "esp32s2",
	.caps		= SIM_MODERN | SIM_OTG | SIM_ATTACHED,
	.status_len	= 4,
	.begin_words	= 5,
	.crypt		= CRYPT_XTS,
	.secinfo_len	= 12,
	.chip_id	= 2,		/* of its USB */
	.xtal_hz	= 40000000,
	.clkdiv_mul	= 1,
	.clkdiv_addr	= 0x3f400014,
	.log_bps	= 115200,
	.boot_offset	= 0x1000,
	.spi_base	= 0x3f402000,
	.spi_usr = 0x18, .spi_usr1 = 0x1c, .spi_usr2 = 0x20,
	.spi_mosi_len = 0x24, .spi_miso_len = 0x28, .spi_w0 = 0x58,
	.wdt_addr	= 0x3f408094,
	.wdt_protect	= 0x3f4080ac,
	.strap_addr	= 0x3f404038,
	.strap_boot	= 1 << 3,	/* GPIO0 */
	.force_addr	= 0x3f408128,
	.force_bit	= 1 << 0,
	.mac		= SIM_MAC_BLOCK1,
	.mac_addr	= 0x3f41a044,
	.oui		= { 0x7c, 0xdf, 0xa1 },
	.ram		= { { 0x3ff9e000, 0x3ffa0000 },
			    { 0x3ffb0000, 0x40000000 },
			    { 0x40020000, 0x40072000 },
			    { 0x50000000, 0x50002000 } },
	.regs		= esp32s2_regs,
	.fuses		= {
		.minor = { { 0x3f41a054, 4, 3 },
			   { 0x3f41a050, 20, 1 } },
		.major = { { 0x3f41a050, 18, 2 } },
		.crypt_count = { 0x3f41a034, 18, 3 },
		.no_encrypt = { 0x3f41a030, 19, 1 },
		.secure_boot = { 0x3f41a038, 20, 1 },
		.purpose = { { 0x3f41a034, 24, 4 },
			     { 0x3f41a034, 28, 4 } },
	},
	.banner		= "ESP-ROM:esp32s2-rc4-20191025\r\n"
			  "Build:Oct 25 2019\r\n",
	.rst_power	= "rst:0x1 (POWERON),",
	.rst_wdt	= "rst:0x10 (RTCWDT_RTC_RESET),",
	.rst_soft	= "rst:0x3 (RTC_SW_SYS_RST),",
	.boot_load	= "boot:0x0 (DOWNLOAD(USB/UART0/1/SPI))\r\n"
			  "waiting for download\r\n",
	.boot_flash	= "boot:0x8 (SPI_FAST_FLASH_BOOT)\r\n",
	.boot_good	= "SPIWP:0xee\r\nmode:DIO, clock div:1\r\n",
};

const struct simchip simchip_esp32s3 = {
	.name		= "esp32s3",
	.caps		= SIM_MODERN | SIM_OTG | SIM_USB_JTAG |
			  SIM_STUB_4BYTE | SIM_SECBOOT_NO_JUMP |
			  SIM_FORCE_STAYS,
	.status_len	= 4,
	.begin_words	= 5,
	.crypt		= CRYPT_XTS,
	.secinfo_len	= 20,
	.chip_id	= 9,
	.api_version	= 0,
	.xtal_hz	= 40000000,
	.clkdiv_mul	= 1,
	.clkdiv_addr	= 0x60000014,
	.log_bps	= 115200,
	.boot_offset	= 0,
	.spi_base	= 0x60002000,
	.spi_usr = 0x18, .spi_usr1 = 0x1c, .spi_usr2 = 0x20,
	.spi_mosi_len = 0x24, .spi_miso_len = 0x28, .spi_w0 = 0x58,
	.wdt_addr	= 0x60008098,
	.wdt_protect	= 0x600080b0,
	.swd_addr	= 0x600080b4,
	.swd_feed	= 1u << 31,
	.swd_protect	= 0x600080b8,
	.swd_key	= 0x8f1d312a,
	.strap_addr	= 0x60004038,
	.strap_boot	= 1 << 3,	/* GPIO0 */
	.force_addr	= 0x6000812c,	/* RTC_CNTL_OPTION1 */
	.force_bit	= 1 << 0,
	.hook_addr	= 0x3fcef688,
	.mac		= SIM_MAC_BLOCK1,
	.mac_addr	= 0x60007044,
	.oui		= { 0xf4, 0x12, 0xfa },
	.ram		= { { 0x3fc88000, 0x3fd00000 },
			    { 0x40370000, 0x403e0000 },
			    { 0x50000000, 0x50002000 },
			    { 0x600fe000, 0x60100000 } },
	.regs		= esp32s3_regs,
	.fuses		= {
		.minor = { { 0x60007050, 18, 3 },
			   { 0x60007058, 23, 1 } },
		.major = { { 0x60007058, 24, 2 } },
		.crypt_count = { 0x60007034, 18, 3 },
		.no_encrypt = { 0x60007030, 20, 1 },
		.secure_boot = { 0x60007038, 20, 1 },
		.purpose = { { 0x60007034, 24, 4 },
			     { 0x60007034, 28, 4 } },
		.octal = { 0x6000703c, 9, 1 },
	},
	.banner		= "ESP-ROM:esp32s3-20210327\r\nBuild:Mar 27 2021\r\n",
	.rst_power	= "rst:0x1 (POWERON),",
	.rst_wdt	= "rst:0x10 (RTCWDT_RTC_RST),",
	.rst_soft	= "rst:0x3 (RTC_SW_SYS_RST),",
	.boot_load	= "boot:0x0 (DOWNLOAD(USB/UART0))\r\n"
			  "waiting for download\r\n",
	.boot_flash	= "boot:0x8 (SPI_FAST_FLASH_BOOT)\r\n",
	.boot_good	= "SPIWP:0xee\r\nmode:DIO, clock div:1\r\n",
};

const struct simchip simchip_esp32e22 = {
	.name		= "esp32e22",
	.caps		= SIM_MODERN | SIM_OTG | SIM_NO_STUB,
	.status_len	= 4,
	.begin_words	= 5,
	.crypt		= CRYPT_XTS,
	.secinfo_len	= 20,
	.chip_id	= 31,
	.api_version	= 0,
	.xtal_hz	= 40000000,
	.clkdiv_mul	= 1,
	.clkdiv_addr	= 0xc3102014,
	.log_bps	= 115200,
	.boot_offset	= 0x0,
	.spi_base	= 0xc3003000,
	.spi_usr = 0x18, .spi_usr1 = 0x1c, .spi_usr2 = 0x20,
	.spi_mosi_len = 0x24, .spi_miso_len = 0x28, .spi_w0 = 0x58,
	.strap_addr	= 0xc310d000,
	.strap_boot	= 1 << 3,	/* boot pin */
	.force_addr	= 0x3f408128,
	.force_bit	= 1 << 0,
	.mac		= SIM_MAC_BLOCK1,
	.mac_addr	= 0xc4008044,
	.oui		= { 0x8c, 0xfd, 0x49 },
	.ram		= { { 0x30fe0000, 0x31200000 },
			    { 0xc0000000, 0xc0008000 } },
	.regs		= esp32e22_regs,
	.fuses		= {
		/* As far as is known it has the ESP32's. */
		.crypt_count = { 0x3ff5a000, 20, 7 },
		.no_encrypt = { 0x3ff5a018, 7, 1 },
		.secure_boot = { 0xc4008038, 20, 1 },
		.purpose = { { 0xc4008034, 24, 4 },
			     { 0xc4008034, 28, 4 } },
	},
	.banner		= "ESP-ROM:esp32e22\r\n",
	.rst_power	= "rst:0x1 (POWERON),",
	.rst_wdt	= "rst:0x10 (RTCWDT_RTC_RST),",
	.rst_soft	= "rst:0x3 (RTC_SW_SYS_RST),",
	.boot_load	= "boot:0x0 (DOWNLOAD(USB/UART0/SPI))\r\n"
			  "waiting for download\r\n",
	.boot_flash	= "boot:0x8 (SPI_FAST_FLASH_BOOT)\r\n",
	.boot_good	= "SPIWP:0xee\r\nmode:DIO, clock div:1\r\n",
};
