#ifndef PROTO_CHIP_CHIP_H
#define PROTO_CHIP_CHIP_H
/*
 * chip - every fact about an Espressif chip that the rest of the program
 * needs, one file per chip with one `const struct chip` and nothing else.
 * A new chip is a new file and one line in chip.c.
 *
 * Addresses and sizes are bytes; an address 0 means "this chip has none".
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chip_facts;
struct chip_layout;

/* How far a row was tried. */
enum chip_tested {
	CHIP_TESTED_SIM,	/* the simulator only */
	CHIP_TESTED_ROM,	/* the genuine mask ROM in an emulator */
	CHIP_TESTED_HARDWARE,
};

/* What a chip's ROM loader or the chip itself has. */
enum chip_cap {
	CHIP_ROM_SECINFO	= 1 << 0,  /* GET_SECURITY_INFO */
	CHIP_ROM_BAUD		= 1 << 1,  /* CHANGE_BAUDRATE */
	CHIP_ROM_DEFLATE	= 1 << 2,  /* FLASH_DEFL_*, and does it right */
	CHIP_ROM_MD5		= 1 << 3,  /* SPI_FLASH_MD5 */
	CHIP_ROM_READ		= 1 << 4,  /* READ_FLASH_SLOW */
	CHIP_ROM_ATTACH		= 1 << 5,  /* SPI_ATTACH and SPI_SET_PARAMS */
	CHIP_ROM_BEGIN5		= 1 << 6,  /* fifth word of *_BEGIN: encrypted */
	CHIP_STATUS2		= 1 << 7,  /* ROM: two status bytes, not four */
	CHIP_USB_JTAG		= 1 << 8,  /* USB-Serial/JTAG */
	CHIP_USB_OTG		= 1 << 9,
	CHIP_ERASE_QUIRK	= 1 << 10, /* ESP8266: FLASH_BEGIN erases too much */
	CHIP_WDT_RESET		= 1 << 11, /* its RTC watchdog may restart it */
	CHIP_XTAL_MEASURED	= 1 << 12, /* crystal from UART_CLKDIV, not fixed */
	CHIP_ADDR_MSB		= 1 << 13, /* SPI_ADDR holds the address in its top bits */
	CHIP_EUI64		= 1 << 14, /* its MAC has two more bytes */
	CHIP_KEY_MANAGER	= 1 << 15, /* may hold the flash encryption key */
	CHIP_SDM_KEEPS_BAUD	= 1 << 16, /* no other rate in secure download */
	CHIP_SECBOOT_NO_STUB	= 1 << 17, /* secure boot: no stub at all */
	CHIP_MIN_REV_MINOR	= 1 << 18, /* old images tell a minor revision */
	CHIP_XTS_256		= 1 << 19, /* flash keys of two halves */
	CHIP_PAGE_TAIL		= 1 << 20, /* old bootloaders lose a short last page */
	CHIP_FAST_LOAD		= 1 << 21, /* its ROM was seen to take a program
					 * for RAM at a higher rate */
};

/* Bits of a register; addr 0: the chip has no such. */
struct chip_field {
	uint32_t	addr, mask;
};

/* A word that a user writes and the number in the image header for it. */
struct chip_code {
	const char	*name;		/* "40m", "4MB"; NULL ends a list */
	uint8_t		 code;		/* nibble */
	uint32_t	 value;		/* Hz, or bytes */
};

/* Addresses from..to; `to` is the first behind them. */
struct chip_range {
	uint32_t	 from, to;
	const char	*name;		/* "IRAM"; NULL ends a list */
};

/* The same without a name. */
struct chip_window {
	uint32_t	from, to;
};

/* Which pins a flash chip may hang on (SPI_ATTACH); bit n is GPIO n. */
enum { CHIP_PADS = 5 };			/* CLK, Q, D, HD, CS */
struct chip_pins {
	uint64_t		allowed;	/* 0: SPI_ATTACH takes no pins */
	uint64_t		usb;		/* of those: the USB port's */
	uint8_t			hd_max;		/* highest for HD; 0: none */
	/* Fuses with the pins of a flash in the package, where the ROM does not
	 * look at them itself; else addr 0. */
	struct chip_field	pads[CHIP_PADS];
};

/* What the fuses say of flash encryption and secure boot; see security.h. */
enum { CHIP_KEYS = 6 };
struct chip_security {
	struct chip_field	crypt_count;	/* odd number of ones: on */
	struct chip_field	no_encrypt;	/* the loader may not encrypt */
	struct chip_field	secure_boot_v1;
	struct chip_field	secure_boot;	/* version 2 */
	uint32_t		secure_boot_from;	/* revision */
	struct chip_field	key_purpose[CHIP_KEYS];
	/* ESP32: which address bits tweak the key, and whether that can be
	 * read.  Others: addr 0. */
	struct chip_field	crypt_config, crypt_config_hidden;
	/* ESP32 and ESP32-C2: their one key, the bits that hide it from us (the
	 * lowest its first half), and whether it has 256 bits (addr 0: it
	 * has). */
	uint32_t		key_block;
	struct chip_field	key_hidden, key_long;
	/* CHIP_KEY_MANAGER: the key comes from there. */
	struct chip_field	key_managed;
};

/* The crystal that a ROM reckons its rates with, when it may be another one
 * than the chip has: rate to send = rate * this / crystal. */
struct chip_rom_xtal {
	uint32_t		mhz;		/* 0: see field, or it is right */
	struct chip_field	field;		/* holds MHz */
};

/* The SPI controller that the flash hangs on; offsets from base. */
struct chip_spi {
	uint32_t	base;
	uint16_t	usr, usr1, usr2;
	uint16_t	mosi_len, miso_len;	/* 0: lengths live in USR1 */
	uint16_t	w0;			/* first data word */
};

/*
 * What the ROM of the ESP32 measured its crystal with, to tell the rate that
 * makes it set the one we want.  clock_hz = (cal >> shift & mask) * unit_hz *
 * (low byte of `fuse`) / cycles.  cal 0: the ROM takes a rate as it is.
 */
struct chip_rom_clock {
	uint32_t	cal;		/* register of the measurement */
	uint32_t	fuse;		/* eFuse word: 8 MHz oscillator */
	uint32_t	shift, mask;
	uint32_t	unit_hz, cycles;
};

/* Where the MAC is. */
enum chip_mac_form {
	CHIP_MAC_EFUSE,		/* low 16 bits of addr+4, then addr, big-endian */
	CHIP_MAC_ESP8266,	/* OTP words at addr, addr+4, addr+12 */
};

struct chip_mac {
	uint32_t		addr;
	enum chip_mac_form	form;
};

/* One step on a register.  Bits outside the mask keep what they hold: with a
 * mask of less than all ones the register is read first. */
struct chip_regop {
	uint32_t	addr;		/* 0 ends a list */
	uint32_t	value;
	uint32_t	mask;
	uint32_t	delay_us;	/* waited before the write */
};

/*
 * The RTC watchdog, and the super watchdog that looks after it.  Both keep
 * running in a loader that was entered over USB-Serial/JTAG; the first can
 * restart the whole chip, with its boot pins read anew.
 */
struct chip_rtc_wdt {
	uint32_t	config0, config1, protect;	/* registers */
	uint32_t	swd, swd_protect;	/* registers; 0: no such dog */
	uint32_t	swd_key;		/* opens swd_protect */
	uint32_t	swd_feed;		/* bit: it feeds itself */
};

enum { CHIP_WDT_KEY = 0x50d83aa1 };	/* opens `protect`, all chips */

/* What a chip's boot was told by its pins and by a program. */
struct chip_strap {
	uint32_t	pins, boot_pin;		/* register; bit: was high */
	uint32_t	force, forced;		/* register; bit: into loader */
	bool		sticky;		/* the bit outlives a restart by RTS */
};

/*
 * What sets the supply of the flash chip: a register, when a program has
 * forced it there, or fuses, when they are in force, or a pin at the start.
 */
struct chip_supply {
	uint32_t		rtc;	/* RTC_CNTL_SDIO_CONF; 0: no such */
	struct chip_field	fuse_force, fuse_on, fuse_3v3;
	struct chip_field	pin_1v8;
};

/* Bits of chip_supply.rtc: ESP32 TRM, RTC_CNTL_SDIO_CONF_REG. */
enum {
	CHIP_SDIO_XPD	= 1u << 31,	/* regulator on */
	CHIP_SDIO_DREFH	= 3u << 29,	/* all three: 1.9 V instead of 1.8 V */
	CHIP_SDIO_DREFM	= 3u << 27,
	CHIP_SDIO_DREFL	= 3u << 25,
	CHIP_SDIO_FORCE	= 1u << 22,	/* this register counts, not the fuses */
	CHIP_SDIO_PD_EN	= 1u << 21,	/* off in deep sleep */
};

/*
 * A chip that leaves its flash without power in the loader: revisions from ..
 * to need `on` and then settle_us before the flash is touched.  From
 * rom_from on a fuse lets the ROM do that, and then `off_again` undoes what
 * would keep a second visit from working.
 */
struct chip_flash_power {
	uint32_t			 from, to;	/* to 0: not needed */
	const struct chip_regop		*on;
	uint32_t			 settle_us;
	uint32_t			 rom_from;
	struct chip_field		 rom_does;
	const struct chip_regop		*off_again;
};

/* Reads a register for chip_describe(); ERR_* of the conversation. */
typedef int chip_read_reg(void *arg, uint32_t addr, uint32_t *value);

enum { CHIP_TEXT_MAX = 192 };	/* bytes of a description or feature list */

struct chip_facts {
	char		description[CHIP_TEXT_MAX];  /* "ESP32-D0WD-V3" */
	char		features[CHIP_TEXT_MAX];     /* "Wi-Fi, BT, ..." */
	uint32_t	revision;	/* major * 100 + minor */
	bool		has_revision;	/* the ESP8266 has none */
	uint32_t	xtal_mhz;	/* crystal, fixed or measured; 0: unknown */
	uint8_t		mac[6];
	uint8_t		mac_ext[2];	/* CHIP_EUI64: after mac[2] */
	uint32_t	id;		/* of an ESP8266; 0: the chip has none */
	bool		octal;		/* fuses: flash has eight data lines */
	const char	*flash_voltage;	/* "3.3V", "1.8V", "OFF"; or NULL */
	const char	*flash_voltage_by; /* "eFuse", "a strapping pin", ... */
};

struct chip {
	const char		*cli;		/* "esp32c3": --chip, file names */
	const char		*name;		/* "ESP32-C3" */
	int			 image_id;	/* image header; -1: none (ESP8266) */
	bool			 by_magic;	/* known by `magic`, not by chip id */
	uint32_t		 magic;		/* word at CHIP_MAGIC_REG */
	uint32_t		 caps;		/* enum chip_cap */
	struct chip_spi		 spi;
	uint32_t		 efuse_base;
	uint32_t		 efuse_block1;	/* W0 of the revision fields */
	struct chip_mac		 mac;
	struct chip_rom_clock	 rom_clock;
	uint32_t		 uart_clkdiv;	/* register of the divider */
	uint32_t		 xtal_mhz;	/* fixed crystal; 0: measured */
	uint32_t		 xtal_divider;	/* of the measurement; 1 or 2 */
	uint32_t		 boot_offset;	/* where the bootloader lives */
	/* Bytes of flash that can be reached at most; without a stub never
	 * more than CHIP_ROM_FLASH_MAX. */
	uint32_t		 flash_max;
	const struct chip_code	*sizes;		/* image header; NULL: none */
	const struct chip_code	*freqs;
	/* What addresses are for, in the order in which esptool names it; one
	 * may be several things. */
	const struct chip_range	*ranges;
	/* Where flash shows as code and as data; `to` 0: it does not. */
	struct chip_window	 irom, drom;
	/* Sizes that a page of that can have, or'ed; CHIP_MMU_PAGE when nothing
	 * is said.  0: no other is possible. */
	uint32_t		 mmu_pages;
	uint32_t		 uf2_family;	/* of UF2 files */
	uint32_t		 encrypt_align;	/* bytes encrypted at once */
	struct chip_pins	 pins;
	struct chip_security	 security;
	struct chip_rom_xtal	 rom_xtal;
	uint32_t		 sync_min_bps;	/* its ROM may miss a slower SYNC */
	/* S3 with secure boot: the ROM jumps through this word of its RAM when
	 * it reads the flash, so that a stub can be started. */
	uint32_t		 secboot_hook;
	struct chip_rtc_wdt	 rtc_wdt;	/* config0 0: none known */
	struct chip_strap	 strap;		/* pins 0: not needed */
	struct chip_supply	 supply;	/* pin_1v8.addr 0: not told */
	struct chip_field	 octal;		/* fuse: eight data lines */
	struct chip_flash_power	 flash_power;
	/* Revisions (major * 100 + minor) below `stub_old_below` take the stub
	 * `stub_old` instead of the one named `cli`; 0 and NULL: no such. */
	uint32_t		 stub_old_below;
	const char		*stub_old;
	/* Why no stub works on revisions below stub_from (or on any, with
	 * UINT32_MAX); NULL: one does. */
	uint32_t		 stub_from;
	const char		*stub_none;
	/* Fill description, features, revision: by a layout, or where that
	 * does not tell all, by a function (mac, xtal and what has a column
	 * are done by the caller), which returns 0 or the error of read(). */
	const struct chip_layout *layout;	/* chip_describe.h */
	int			(*describe)(chip_read_reg *read, void *arg,
				    struct chip_facts *);
	enum chip_tested	 tested;
};

enum {
	CHIP_MMU_PAGE		= 64 << 10,
	CHIP_MAGIC_REG		= 0x40001000,	/* every ROM has a word of its own here */
	CHIP_ROM_FLASH_MAX	= 16 << 20,	/* ROM loaders send 24-bit addresses */
};

extern const struct chip chip_esp8266, chip_esp32, chip_esp32s2, chip_esp32s3,
    chip_esp32c2, chip_esp32c3, chip_esp32c5, chip_esp32c6, chip_esp32c61,
    chip_esp32h2, chip_esp32h21, chip_esp32h4, chip_esp32p4, chip_esp32s31,
    chip_esp32e22;

/* All chips, NULL at the end. */
extern const struct chip *const chips[];

/* By command line name: letter case, '-', '(' and ')' do not matter, so that
 * "ESP32-S3" is "esp32s3".  NULL when there is none. */
const struct chip *chip_by_name(const char *);
const struct chip *chip_by_image_id(uint32_t id);
const struct chip *chip_by_magic(uint32_t magic);
/* The chip whose ROM answers GET_SECURITY_INFO, but without a chip id. */
const struct chip *chip_without_id(void);

/* Names of all chips, "esp8266, esp32, ...", for messages. */
const char *chip_names(void);

/*
 * Read MAC, crystal, revision, package and features of a connected chip.
 * `baud` is the line's real rate (the crystal of some chips is measured
 * against it).  Returns 0, ERR_CHIP_UNKNOWN (unknown OUI), or read()'s error.
 */
int chip_identify(const struct chip *, chip_read_reg *read, void *arg,
    uint32_t baud, struct chip_facts *);
#endif
