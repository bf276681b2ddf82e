#include "tests/sim/chips.h"

#include <string.h>

/*
 * Magic words, eFuse layouts and register addresses: the chips' technical
 * reference manuals and esp-idf's soc headers.  Words inside the ROM are as
 * the genuine mask ROMs show them over READ_REG.
 */
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
	/*
	 * RTC_CALI: 840 -> the ROM believes in 840 * 15625 * 128 / 40 = 42 MHz
	 * where 40 MHz are: who does not scale the rate is 5 % off.
	 */
	{ 0x3ff5f06c, 840u << 7 },
	{ 0 }
};

static const struct simreg esp32c3_regs[] = {
	{ 0x40000000, 0x6910106f },
	{ 0x40001000, 0x1b31506f },
	{ 0x60008850, 0x030c0000 },	/* revision 0.3 */
	{ 0 }
};

static const struct simreg esp32s3_regs[] = {
	{ 0x40000000, 0x1049c500 },
	{ 0x40001000, 0x00000009 },
	{ 0x60007050, 0x00080000 },	/* revision x.2 */
	{ 0 }
};

#define DRIVE_LINES							\
	"clk_drv:0x00,q_drv:0x00,d_drv:0x00,cs0_drv:0x00,"		\
	"hd_drv:0x00,wp_drv:0x00\r\n"

static const struct simchip esp8266 = {
	.name		= "esp8266",
	.caps		= SIM_BEGIN_ATTACHES | SIM_ERASE_BUG | SIM_ADDR_MSB |
			  SIM_SPI_USR1_LEN,
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

static const struct simchip esp32 = {
	.name		= "esp32",
	.caps		= SIM_DEFLATE | SIM_MD5 | SIM_BAUD | SIM_READ |
			  SIM_ATTACH | SIM_ADDR_MSB,
	.status_len	= 4,
	.begin_words	= 4,
	.xtal_hz	= 40000000,
	.rom_xtal_hz	= 42000000,	/* see RTC_CALI above */
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

static const struct simchip esp32s3 = {
	.name		= "esp32s3",
	.caps		= SIM_DEFLATE | SIM_MD5 | SIM_BAUD | SIM_READ |
			  SIM_ATTACH | SIM_SECINFO | SIM_DATA_UNBEGUN,
	.status_len	= 4,
	.begin_words	= 5,
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
	.strap_addr	= 0x60004038,
	.strap_boot	= 1 << 3,	/* GPIO0 */
	.force_addr	= 0x6000812c,	/* RTC_CNTL_OPTION1 */
	.mac		= SIM_MAC_BLOCK1,
	.mac_addr	= 0x60007044,
	.oui		= { 0xf4, 0x12, 0xfa },
	.ram		= { { 0x3fc88000, 0x3fd00000 },
			    { 0x40370000, 0x403e0000 },
			    { 0x50000000, 0x50002000 },
			    { 0x600fe000, 0x60100000 } },
	.regs		= esp32s3_regs,
	.banner		= "ESP-ROM:esp32s3-20210327\r\nBuild:Mar 27 2021\r\n",
	.rst_power	= "rst:0x1 (POWERON),",
	.rst_wdt	= "rst:0x10 (RTCWDT_RTC_RST),",
	.rst_soft	= "rst:0x3 (RTC_SW_SYS_RST),",
	.boot_load	= "boot:0x0 (DOWNLOAD(USB/UART0))\r\n"
			  "waiting for download\r\n",
	.boot_flash	= "boot:0x8 (SPI_FAST_FLASH_BOOT)\r\n",
	.boot_good	= "SPIWP:0xee\r\nmode:DIO, clock div:1\r\n",
};

static const struct simchip esp32c3 = {
	.name		= "esp32c3",
	.caps		= SIM_DEFLATE | SIM_MD5 | SIM_BAUD | SIM_READ |
			  SIM_ATTACH | SIM_SECINFO | SIM_DATA_UNBEGUN,
	.status_len	= 4,
	.begin_words	= 5,
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
	.strap_addr	= 0x60004038,
	.strap_boot	= 1 << 3,	/* GPIO9 */
	.mac		= SIM_MAC_BLOCK1,
	.mac_addr	= 0x60008844,
	.oui		= { 0x7c, 0xdf, 0xa1 },
	.ram		= { { 0x3fc80000, 0x3fce0000 },
			    { 0x4037c000, 0x403e0000 },
			    { 0x50000000, 0x50002000 } },
	.regs		= esp32c3_regs,
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

const struct simchip *const simchips[] = {
	&esp8266, &esp32, &esp32s3, &esp32c3, NULL
};

const struct simchip *
simchip_find(const char *name)
{
	for (size_t i = 0; simchips[i] != NULL; i++)
		if (strcmp(simchips[i]->name, name) == 0)
			return simchips[i];
	return NULL;
}
