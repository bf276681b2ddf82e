#ifndef PROTO_EFUSE_EFUSE_H
#define PROTO_EFUSE_EFUSE_H
/*
 * efuse - the facts about a chip's eFuses: blocks, fields, what a key may be
 * for, and the registers of the controller.  One file per chip, as proto/chip
 * has it; the ESP8266 has none that could be burned.
 *
 * Fuses are bits that can be set once and never cleared.  Bit n of a block is
 * bit n % 32 of its word n / 32, and a field's lowest bit is its least
 * significant one.  Addresses are those of the chip's bus.
 *
 * Sources: the Technical Reference Manuals, chapter "eFuse Controller"; esp-idf
 * components/efuse/<chip> and components/soc/<chip>; esptool 5.3,
 * espefuse/efuse_defs and espefuse/efuse/<chip>/mem_definition.py.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/chip/chip.h"

enum {
	EFUSE_BLOCKS	= 11,		/* most that a chip has */
	EFUSE_WORDS	= 9,		/* words of a block that are read, most */
	EFUSE_BLOCK_BYTES = 4 * EFUSE_WORDS,
	EFUSE_BURN_WORDS = 11,		/* with check bytes */
	EFUSE_WINDOW	= 0x200,	/* bytes of registers, most */
	EFUSE_NO_BIT	= 0xff,		/* there is no such protection bit */
	EFUSE_NOWHERE	= 0xffff,	/* place of a field that is calculated */
	EFUSE_NAME_MAX	= 64,		/* bytes of a name, with NUL */
};

/* How data are kept in a block; block 0 is always EFUSE_PLAIN (its copies are
 * the hardware's business).  Values 0..3 are the fuse CODING_SCHEME (ESP32). */
enum efuse_coding {
	EFUSE_PLAIN	= 0,
	EFUSE_34	= 1,		/* 6 bytes become 8; each 6 once */
	EFUSE_REPEAT	= 2,		/* never used; not supported */
	EFUSE_RECOVERY	= 3,		/* as plain */
	EFUSE_RS	= 4,		/* Reed-Solomon: a block can be written
					 * once only */
};

struct efuse_block {
	const char	*name;		/* "BLOCK_KEY0"; NULL ends a list */
	const char	*alias[2];	/* "BLOCK4"; or NULL */
	uint16_t	 read;		/* offset of its words from the base */
	uint16_t	 write;		/* ... of the registers to fill */
	uint8_t		 wr_dis;	/* bit of WR_DIS, or EFUSE_NO_BIT */
	uint8_t		 words;		/* that can be read, uncoded */
	uint32_t	 rd_dis;	/* bits of RD_DIS; 0: always readable.
					 * Two: the lower, the upper half */
	const char	*purpose;	/* field that says what the key is for */
};

enum efuse_type { EFUSE_BOOL, EFUSE_UINT, EFUSE_BYTES };

/* What a field is besides its bits. */
enum efuse_class {
	EFUSE_CLASS_NONE,
	EFUSE_CLASS_MAC,	/* MAC, CUSTOM_MAC, MAC_EXT, MAC_EUI64 */
	EFUSE_CLASS_KEYBLOCK,
	EFUSE_CLASS_KEYPURPOSE,
	EFUSE_CLASS_BITCOUNT,	/* counts ones; no value burns the next */
	EFUSE_CLASS_VREF,	/* ESP32: reference of the ADC, mV */
	EFUSE_CLASS_ADC_TP,	/* calibration point */
	EFUSE_CLASS_T_SENSOR,	/* tenths of a degree, with sign */
	EFUSE_CLASS_SPIPIN,	/* ESP32: 30, 31 mean GPIO 32, 33 */
	EFUSE_CLASS_WAFER,	/* calculated from here on: no bits */
	EFUSE_CLASS_PKG,
	EFUSE_CLASS_PSRAM_CAP,
	EFUSE_CLASS_RECOVERY,	/* sector of the recovery bootloader */
	EFUSE_CLASS_ROLLBACK,
};

/* When a field is there. */
enum efuse_when {
	EFUSE_ALWAYS,
	EFUSE_CALIBRATED,	/* the chip was: see efuse_chip.calibrated_from;
				 * ESP32: BLK3_PART_RESERVE is set */
	EFUSE_CUSTOM_MAC,	/* ESP32: MAC_VERSION is 1 */
	EFUSE_OLD_REVISION,	/* below efuse_chip.old_until (ESP32-H2) */
	/* Of these an absent one appears when it is named. */
};

/* A raw value and the word for it. */
struct efuse_meaning {
	uint32_t	 value;
	const char	*text;		/* NULL ends a list */
};

struct efuse_field {
	const char	*name;		/* "SPI_BOOT_CRYPT_CNT"; NULL ends */
	const char	*alt;		/* older names, ' ' between; or NULL */
	uint8_t		 block;
	uint8_t		 wr_dis;	/* bit of WR_DIS, or EFUSE_NO_BIT */
	uint16_t	 bit;		/* in the block, or EFUSE_NOWHERE */
	uint16_t	 bits;
	uint8_t		 type;		/* enum efuse_type */
	uint8_t		 class;		/* enum efuse_class */
	uint8_t		 when;		/* enum efuse_when */
	uint32_t	 rd_dis;	/* bits of RD_DIS; 0: always readable */
	const char	*category;	/* "security", "MAC", "spi pad" ... */
	const struct efuse_meaning *meanings;	/* or NULL */
	/* Calculated: the fields it is made of, lowest bits first, ' '
	 * between; or NULL. */
	const char	*parts;
	/* One sentence; NULL: see efuse_describe() (describe.h). */
	const char	*help;
};

/* What a key is for. */
enum efuse_purpose_flag {
	EFUSE_DIGEST	= 1 << 0,	/* of a public key; must stay readable */
	EFUSE_REVERSE	= 1 << 1,	/* the hardware wants its last byte first */
	EFUSE_HIDE	= 1 << 2,	/* protect from reading */
	EFUSE_ECDSA	= 1 << 3,	/* the file is a PEM private key */
	EFUSE_NOT_LAST	= 1 << 4,	/* not in BLOCK_KEY5 (BLOCK9): a defect
					 * of the hardware (esp-idf,
					 * SOC_EFUSE_BLOCK9_KEY_PURPOSE_QUIRK) */
};

struct efuse_purpose {
	const char	*name;		/* "XTS_AES_128_KEY"; NULL ends */
	int16_t		 value;		/* of KEY_PURPOSE_n; negative: virtual,
					 * it takes two blocks ... */
	uint16_t	 flags;
	const char	*halves[2];	/* ... with these purposes */
};

/* A step of the controller's timing: set bits of a register. */
struct efuse_timing {
	uint8_t		xtal_mhz;	/* for this crystal; 0: for all */
	uint16_t	reg;		/* offset; 0 ends a list */
	uint32_t	mask, value;	/* value in place */
};

/* Where a block's errors are told. */
struct efuse_error {
	uint16_t	count_reg;	/* offset; 0: told nowhere */
	uint16_t	fail_reg;
	uint8_t		count_shift, count_mask;
	uint8_t		fail_bit;
};

struct efuse_control {
	uint16_t	conf, cmd;	/* offsets */
	uint16_t	clear;		/* first register to clear; words: */
	uint8_t		clear_words;	/* 0: ESP32, which has no common ones */
	/* UART_DATE: what can be written in the same packet as a command to
	 * read, with a delay and no bit changed, so that the ROM waits.  An
	 * address of the bus; 0: the ROM need not (ESP32). */
	uint32_t	aside;
	uint16_t	err0;		/* block 0: bits its copies differ in */
	uint8_t		err0_words;
	uint16_t	dec_status;	/* ESP32: errors of the 3/4 coding */
	const struct efuse_timing *timing;
	const uint8_t	*xtals;		/* MHz it can be burned with; 0 ends.
					 * NULL: any */
	struct efuse_error errors[EFUSE_BLOCKS];
};

enum {
	EFUSE_WRITE_CODE = 0x5a5a,	/* into conf, before a command */
	EFUSE_READ_CODE	= 0x5aa5,
	EFUSE_READ_CMD	= 1 << 0,	/* into cmd */
	EFUSE_PGM_CMD	= 1 << 1,	/* | block << 2; ESP32: without */
	EFUSE_IDLE_MS	= 250,		/* a command takes no longer */
};

enum efuse_chip_flag {
	EFUSE_CHIP_ESP32	= 1 << 0,	/* registers per block, 3/4 coding */
	EFUSE_CHIP_ONE_KEY	= 1 << 1,	/* ESP32-C2: BLOCK_KEY0 and halves */
	EFUSE_CHIP_VOLTAGE	= 1 << 2,	/* has set-flash-voltage */
	EFUSE_CHIP_PURPOSE_HI	= 1 << 3,	/* KEY_PURPOSE_n_H is its bit 4 */
	EFUSE_CHIP_USB_PAIR	= 1 << 4,	/* DIS_USB_JTAG and
						 * DIS_USB_SERIAL_JTAG must not
						 * both be set (ESP32-S3) */
	EFUSE_CHIP_CUSTOM_KEYS	= 1 << 5,	/* purposes CUSTOM_n */
};

/* Keys that secure boot v2 of a chip checks signatures with (esp-idf, soc_caps.h:
 * SOC_SECURE_BOOT_V2_RSA, _ECC, SOC_ECDSA_SUPPORT_CURVE_P384). */
enum efuse_signer {
	EFUSE_SIGNER_RSA	= 1 << 0,	/* of 3072 bits */
	EFUSE_SIGNER_ECDSA	= 1 << 1,	/* on P-192 and P-256 */
	EFUSE_SIGNER_P384	= 1 << 2,
};

struct efuse_chip {
	const struct chip		*chip;
	/* Of two tables of a chip the one with the higher number that its
	 * revision (major * 100 + minor) reaches. */
	uint16_t			 from_revision;
	uint32_t			 flags;
	uint32_t			 base;
	uint16_t			 window;	/* bytes of a virtual file */
	/* What a virtual chip says it is (esptool 5.3). */
	uint16_t			 virt_revision;
	uint8_t				 virt_xtal;
	const struct efuse_block	*blocks;
	const struct efuse_field	*fields;
	const struct efuse_purpose	*purposes;
	uint8_t				 purpose_bits;	/* CUSTOM_n: 4, 5 */
	struct efuse_control		 control;
	/* Names burned at the very end of BLOCK0, after all else of it was
	 * seen to be right; ' ' between. */
	const char			*late;
	/* EFUSE_CALIBRATED: block version from which on; 0: never. */
	uint16_t			 calibrated_from;
	uint16_t			 old_until;	/* EFUSE_OLD_REVISION */
	/* enum efuse_signer; 0: not known yet. */
	uint8_t				 signers;
};

/* The table for a chip of that revision (major * 100 + minor): the ESP32-P4 has
 * two.  NULL: its fuses are not known. */
const struct efuse_chip *efuse_chip_find(const struct chip *, uint32_t revision);

/* Every table there is, NULL at the end, for tests and lists. */
extern const struct efuse_chip *const efuse_chips[];

/* How many blocks it has. */
size_t efuse_block_count(const struct efuse_chip *);
/* By name or alias; -1: none. */
int efuse_block_find(const struct efuse_chip *, const char *name);

/* By name (CUSTOM_n too, which is put into *room) or by value, where the first
 * name counts; NULL: there is none. */
const struct efuse_purpose *efuse_purpose_find(const struct efuse_chip *,
    const char *name, struct efuse_purpose *room);
const struct efuse_purpose *efuse_purpose_of(const struct efuse_chip *,
    unsigned value, struct efuse_purpose *room);
/* The i-th name that a user may write, CUSTOM_n among them; NULL: no more. */
const char *efuse_purpose_name(const struct efuse_chip *, size_t i,
    char room[EFUSE_NAME_MAX]);
#endif
