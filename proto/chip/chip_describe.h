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

/* Image header: sizes of every chip but the ESP8266, clocks of most. */
extern const struct chip_code chip_sizes[], chip_freqs[];
#endif
