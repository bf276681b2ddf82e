#ifndef PROTO_CHIP_CHIP_DESCRIBE_H
#define PROTO_CHIP_CHIP_DESCRIBE_H
/*
 * chip_describe - what the describe functions of proto/chip/chip_*.c share.
 * For this folder only.
 */
#include <stddef.h>
#include <stdint.h>

#include "proto/chip/chip.h"

#define CHIP_COUNT_OF(a)	(sizeof (a) / sizeof (a)[0])

/* Bits high..low of an eFuse word, as the documents write them: [23:21]. */
static inline uint32_t
chip_bits(uint32_t word, unsigned high, unsigned low)
{
	return (word >> low) & (UINT32_MAX >> (31 - (high - low)));
}

/* Read `n` words from addr on; out[i] is the word at addr + 4 * i.  Returns 0
 * or the error of read(). */
int chip_read_words(chip_read_reg *read, void *arg, uint32_t addr,
    uint32_t *out, size_t n);

/* Append one item to the features, ", " between; what does not fit is cut. */
void chip_add_feature(struct chip_facts *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Set the description to names[package], or say that the package is new.  A
 * NULL in names is a number that was never given out. */
void chip_set_package(struct chip_facts *, const char *chip, uint32_t package,
    const char *const *names, size_t n);

/* One kind of memory inside a package. */
struct chip_memory {
	const char		*kind;		/* "Flash", "PSRAM" */
	const char *const	*sizes;		/* by fuse value; [0] unused: none */
	size_t			 size_count;
	const char *const	*makers;	/* by fuse value; NULL: not told */
	size_t			 maker_count;
};

/* Append "Embedded Flash 4MB (XMC)"; nothing when `size` is 0; a size that is
 * not in the table is said to be unknown. */
void chip_add_memory(struct chip_facts *, const struct chip_memory *,
    uint32_t size, uint32_t maker);

/* Bits high..low of a word of an eFuse block; word 0 (the MAC): none. */
struct chip_span {
	uint8_t	word, high, low;
};

/* Where a chip's fuses tell what it is, and the words for that. */
struct chip_layout {
	uint32_t		 addr;		/* of word 0 of the block */
	size_t			 words;		/* to read, at most ... */
	struct chip_span	 package, minor, major;
	struct chip_span	 minor_high, major_high; /* above those */
	const char		*name;		/* "ESP32-C5" */
	const char *const	*packages;	/* chip_set_package() */
	size_t			 package_count;
	const char		*features;	/* what all of them have */
};

enum { CHIP_LAYOUT_WORDS = 8 };

/* Fill description, features and revision by a layout; the words of the block
 * are left in `w` for what is special.  Returns 0 or the error of read(). */
int chip_describe(chip_read_reg *read, void *arg, const struct chip_layout *,
    uint32_t w[CHIP_LAYOUT_WORDS], struct chip_facts *);

/* Image header: sizes of every chip but the ESP8266, clocks of most. */
extern const struct chip_code chip_sizes[], chip_freqs[];
/* Clocks of C5, C61, S31; of H2, H21, H4. */
extern const struct chip_code chip_freqs_80m[], chip_freqs_48m[];
/* Address space of C6, H2, H21. */
extern const struct chip_range chip_ranges_c6[];

/* What the ROM loaders of all chips from the ESP32-S2 on can do
 * (serial-protocol.rst, "Commands"). */
#define CHIP_ROM_LATER	(CHIP_ROM_SECINFO | CHIP_ROM_BAUD | \
	CHIP_ROM_DEFLATE | CHIP_ROM_MD5 | CHIP_ROM_READ | CHIP_ROM_ATTACH | \
	CHIP_ROM_BEGIN5)

/* The SPI controller of all chips from the ESP32-S2 on (esp-idf,
 * spi_mem_reg.h, SPI1). */
#define CHIP_SPI_MEM(b)	{ .base = (b), .usr = 0x18, .usr1 = 0x1c, \
	.usr2 = 0x20, .mosi_len = 0x24, .miso_len = 0x28, .w0 = 0x58 }

/* GPIO 0 to n as bits of struct chip_pins. */
#define CHIP_PINS_TO(n)	(UINT64_MAX >> (63 - (n)))
#define CHIP_PIN(n)	(UINT64_C(1) << (n))

/* Six key purposes of four bits: the two highest of one word, then four of
 * the next (esp-idf, esp_efuse_table.csv, KEY_PURPOSE_0..5). */
#define CHIP_PURPOSES_4BIT(word) { \
	{ (word), 0xfu << 24 }, { (word), 0xfu << 28 }, \
	{ (word) + 4, 0xf }, { (word) + 4, 0xf << 4 }, \
	{ (word) + 4, 0xf << 8 }, { (word) + 4, 0xf << 12 } }

/* VDD_SPI_FORCE, _XPD, _TIEH of S2 and S3, and the pin that counts without
 * them (GPIO45). */
#define CHIP_SUPPLY_SPI(word, strap) { .fuse_force = { (word), 1u << 6 }, \
	.fuse_on = { (word), 1u << 4 }, .fuse_3v3 = { (word), 1u << 5 }, \
	.pin_1v8 = { (strap), 1u << 4 } }

/* The watchdogs of chips with an LP_WDT block; in some of them the last three
 * registers lie four bytes further (`shift`).  esp-idf, lp_wdt_reg.h. */
#define CHIP_LP_WDT(b, shift) { .config0 = (b), .config1 = (b) + 4, \
	.protect = (b) + 0x18 + (shift), .swd = (b) + 0x1c + (shift), \
	.swd_protect = (b) + 0x20 + (shift), .swd_key = CHIP_WDT_KEY, \
	.swd_feed = 1u << 18 }
#endif
