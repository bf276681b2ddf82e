#ifndef TESTS_SIM_CHIPS_H
#define TESTS_SIM_CHIPS_H
/*
 * chips - what differs between the simulated chips: one row each.
 *
 * These tables are written independently of proto/chip, on purpose: a wrong
 * address there must not find the same wrong address here.  One file for each
 * family: chips_xtensa.c, chips_c.c, chips_h.c, chips_p.c.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/sim/crypt.h"

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
	SIM_EUI64	= 1 << 11,	/* two more bytes of MAC above the six */
	SIM_NO_STUB	= 1 << 12,	/* nobody has written one */
	SIM_KEEPS_BAUD	= 1 << 13,	/* no other rate in secure download */
	SIM_FLASH_POWER	= 1 << 14,	/* some revisions: see regs.c */
	SIM_REV_ONES	= 1 << 15,	/* major revision: how many ones */
	SIM_LOG_BY_XTAL	= 1 << 16,	/* the boot log's rate is what the
					 * crystal makes of it */
	SIM_OTG		= 1 << 17,	/* USB-OTG; the ROM's product is the
					 * chip's number */
	SIM_USB_JTAG	= 1 << 18,	/* USB-Serial/JTAG */
	SIM_FORCE_STAYS	= 1 << 24,	/* no reset over USB-OTG takes that
					 * back; others' do */
	SIM_ROM_MEASURES = 1 << 19,	/* rom_xtal_hz is what the ROM makes
					 * of xtal_hz, not all it knows */
	SIM_ATTACHED	= 1 << 20,	/* the ROM has connected the flash */
	SIM_STUB_4BYTE	= 1 << 21,	/* its stub reaches beyond 16 MB */
	SIM_SECBOOT_NO_STUB = 1 << 22,	/* no stub lives with secure boot */
	SIM_SECBOOT_NO_JUMP = 1 << 23,	/* with it MEM_END starts nothing */
	SIM_INFLATE_SPILLS = 1 << 25,	/* ROM: FLASH_DEFL_* writes behind the
					 * end, see rom.c */
};

/* What the ROM of every chip after the ESP32 knows. */
#define SIM_MODERN (SIM_DEFLATE | SIM_MD5 | SIM_BAUD | SIM_READ |	\
    SIM_ATTACH | SIM_SECINFO | SIM_DATA_UNBEGUN)

enum simchip_mac {		/* where the factory MAC stands */
	SIM_MAC_ESP8266,	/* OTP words 0x3ff00050.. */
	SIM_MAC_ESP32,		/* eFuse words 1 and 2, with CRC-8 */
	SIM_MAC_BLOCK1,		/* eFuse block 1 words 0 and 1 */
};

struct simreg {
	uint32_t	addr;
	uint32_t	value;
};

/* Some bits of a word; width 0: the chip has none. */
struct simbits {
	uint32_t	addr;
	uint8_t		shift;
	uint8_t		width;
};

enum { SIM_PARTS = 3, SIM_KEYS = 2 };

/* What is in the fuses besides the MAC. */
struct simfuses {
	struct simbits	minor[SIM_PARTS], major[SIM_PARTS]; /* low bits first */
	struct simbits	crypt_count;	/* flash encryption: odd */
	struct simbits	crypt_config;	/* ESP32: bits that tweak the key */
	struct simbits	no_encrypt;	/* not by the loader */
	struct simbits	secure_boot_v1, secure_boot;
	struct simbits	purpose[SIM_KEYS];	/* of the first key blocks */
	struct simbits	key_long;	/* ESP32-C2: its key has 256 bits */
	struct simbits	key_hidden;	/* from reading: each half of the
					 * ESP32-C2's, the ESP32's block */
	struct simbits	octal;		/* the flash has eight data lines */
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
	unsigned	 secinfo_len;	/* GET_SECURITY_INFO: 20, or 12 without
					 * the two words below */
	enum crypt_scheme crypt;
	uint32_t	 chip_id;	/* GET_SECURITY_INFO */
	uint32_t	 api_version;	/* the same */
	uint32_t	 xtal_hz;
	uint32_t	 rom_xtal_hz;	/* what the ROM believes; 0: the truth */
	uint32_t	 cali_addr;	/* ESP32: where it keeps that */
	uint32_t	 clkdiv_mul;	/* CLKDIV = xtal * this / baud */
	uint32_t	 clkdiv_addr;
	uint32_t	 log_bps;	/* rate of the boot log */
	uint32_t	 boot_offset;	/* of the second-stage image in flash */
	uint32_t	 spi_base;
	uint8_t		 spi_usr, spi_usr1, spi_usr2;	/* offsets */
	uint8_t		 spi_mosi_len, spi_miso_len, spi_w0;
	uint32_t	 wdt_addr;	/* RTC watchdog CONFIG0; 0: not modelled */
	uint32_t	 wdt_protect;	/* its write protection */
	uint32_t	 swd_addr;	/* super watchdog; 0: not modelled */
	uint32_t	 swd_feed;	/* bit: it feeds itself */
	uint32_t	 swd_protect;	/* its write protection */
	uint32_t	 swd_key;	/* opens that */
	uint32_t	 strap_addr;	/* GPIO_STRAP; 0: not modelled */
	uint32_t	 strap_boot;	/* bit: the boot pin was high */
	uint32_t	 force_addr;	/* into the loader whatever the pin; */
	uint32_t	 force_bit;	/* or 0 */
	uint32_t	 stub_from;	/* revision below which no stub runs */
	uint32_t	 hook_addr;	/* ESP32-S3: READ_FLASH_SLOW jumps to
					 * what is written here */
	enum simchip_mac mac;
	uint32_t	 mac_addr;
	uint8_t		 oui[3];
	struct simram	 ram[5];
	const struct simreg *regs;	/* fixed words and fuses; ends with
					 * address 0 */
	struct simfuses	 fuses;
	const char	*banner;	/* first lines of the boot log */
	const char	*rst_power;	/* reset by EN, "rst:..." part */
	const char	*rst_wdt;
	const char	*rst_soft;
	const char	*boot_load;	/* "boot:..." and what follows */
	const char	*boot_flash;
	const char	*boot_good;	/* between boot_flash and "load:" */
};

extern const struct simchip simchip_esp8266, simchip_esp32, simchip_esp32s2,
    simchip_esp32s3, simchip_esp32c2, simchip_esp32c3, simchip_esp32c5,
    simchip_esp32c6, simchip_esp32c61, simchip_esp32h2, simchip_esp32h21,
    simchip_esp32h4, simchip_esp32p4, simchip_esp32s31, simchip_esp32e22;

extern const struct simchip *const simchips[];	/* ends with NULL */

const struct simchip *simchip_find(const char *name);
#endif
