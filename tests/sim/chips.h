#ifndef TESTS_SIM_CHIPS_H
#define TESTS_SIM_CHIPS_H
/*
 * chips - what differs between the simulated chips: one row each.
 *
 * These tables are written independently of proto/chip, on purpose: a wrong
 * address there must not find the same wrong address here.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum simchip_cap {
	SIM_DEFLATE	= 1 << 0,	/* ROM: FLASH_DEFL_* */
	SIM_MD5		= 1 << 1,	/* ROM: SPI_FLASH_MD5 */
	SIM_BAUD	= 1 << 2,	/* ROM: CHANGE_BAUDRATE */
	SIM_READ	= 1 << 3,	/* ROM: READ_FLASH_SLOW */
	SIM_ATTACH	= 1 << 4,	/* ROM: SPI_ATTACH, SPI_SET_PARAMS */
	SIM_SECINFO	= 1 << 5,	/* ROM and stub: GET_SECURITY_INFO */
	SIM_DATA_UNBEGUN = 1 << 6,	/* ROM takes FLASH_DATA without BEGIN */
	SIM_BEGIN_ATTACHES = 1 << 7,	/* FLASH_BEGIN connects the flash */
	SIM_ERASE_BUG	= 1 << 8,	/* FLASH_BEGIN erases too much, see rom.c */
	SIM_ADDR_MSB	= 1 << 9,	/* SPI address in the top bits of ADDR */
	SIM_SPI_USR1_LEN = 1 << 10,	/* MOSI and MISO lengths are in USR1 */
};

enum simchip_mac {		/* where the factory MAC stands */
	SIM_MAC_ESP8266,	/* OTP words 0x3ff00050.. */
	SIM_MAC_ESP32,		/* eFuse words 1 and 2, with CRC-8 */
	SIM_MAC_BLOCK1,		/* eFuse block 1 words 0 and 1 */
};

struct simreg {
	uint32_t	addr;
	uint32_t	value;
};

struct simram {
	uint32_t	start;
	uint32_t	end;		/* exclusive */
};

struct simchip {
	const char	*name;		/* as on the command line */
	unsigned	 caps;		/* enum simchip_cap */
	unsigned	 status_len;	/* bytes after a ROM's payload */
	unsigned	 begin_words;	/* of FLASH_BEGIN to the ROM */
	uint32_t	 chip_id;	/* GET_SECURITY_INFO */
	uint32_t	 api_version;	/* the same */
	uint32_t	 xtal_hz;
	uint32_t	 rom_xtal_hz;	/* what the ROM believes; 0: the truth */
	uint32_t	 clkdiv_mul;	/* CLKDIV = xtal * this / baud */
	uint32_t	 clkdiv_addr;
	uint32_t	 log_bps;	/* rate of the boot log */
	uint32_t	 boot_offset;	/* of the second-stage image in flash */
	uint32_t	 spi_base;
	uint8_t		 spi_usr, spi_usr1, spi_usr2;	/* offsets */
	uint8_t		 spi_mosi_len, spi_miso_len, spi_w0;
	uint32_t	 wdt_addr;	/* RTC watchdog CONFIG0; 0: not modelled */
	uint32_t	 wdt_protect;	/* its write protection */
	uint32_t	 strap_addr;	/* GPIO_STRAP; 0: not modelled */
	uint32_t	 strap_boot;	/* bit: the boot pin was high */
	uint32_t	 force_addr;	/* bit 0: into the loader; or 0 */
	enum simchip_mac mac;
	uint32_t	 mac_addr;
	uint8_t		 oui[3];
	struct simram	 ram[4];
	const struct simreg *regs;	/* fixed words; ends with address 0 */
	const char	*banner;	/* first lines of the boot log */
	const char	*rst_power;	/* reset by EN, "rst:..." part */
	const char	*rst_wdt;
	const char	*rst_soft;
	const char	*boot_load;	/* "boot:..." and what follows */
	const char	*boot_flash;
	const char	*boot_good;	/* between boot_flash and "load:" */
};

extern const struct simchip *const simchips[];	/* ends with NULL */

const struct simchip *simchip_find(const char *name);
#endif
