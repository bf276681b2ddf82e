#ifndef PROTO_IMAGE_INFO_H
#define PROTO_IMAGE_INFO_H
/*
 * info - all that can be said of a program image: its headers, segments, check
 * sum and digest, and what the program says of itself.
 *
 * Unlike segments_parse(), which takes only what may go to a chip, this tells
 * of damaged images as much as they hold.  Kinds: that of all chips (with an
 * extended header on all but the ESP8266), and the second one of the ESP8266,
 * whose part for flash comes first, with a header of its own.
 * Sources: as header.h; esptool 5.3, bin_image.py.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/why.h"
#include "proto/chip/chip.h"
#include "proto/image/appdesc.h"
#include "proto/image/header.h"
#include "proto/image/note.h"

struct info_segment {
	uint32_t	addr;
	uint32_t	len;		/* bytes in the file */
	size_t		offset;		/* of its head (8 bytes) in the file */
};

/* Of the extended header. */
struct info_extended {
	uint8_t		wp_pin;
	uint8_t		clk, q, d, cs, hd, wp;	/* drive strengths */
	uint16_t	chip_id;
	uint8_t		min_rev;		/* of old images */
	uint16_t	min_rev_full, max_rev_full;	/* major * 100 + minor */
	bool		has_digest;
};

struct info {
	const struct chip	*chip;		/* whose image it is taken for */
	unsigned		 version;	/* 1, or 2: the second kind */
	uint32_t		 entry;		/* 0: none */
	uint8_t			 mode, size, freq;	/* codes */
	/* Their words; NULL: the chip knows no such code. */
	const char		*mode_word, *size_word, *freq_word;
	struct info_extended	 extended;	/* but of the ESP8266 */
	size_t			 count;
	struct info_segment	 segments[HEADER_SEGMENTS];
	uint8_t			 sum, right_sum; /* as it is, and should be */
	/* has_digest: as it should be, and whether it is there and so. */
	uint8_t			 digest[HEADER_SHA256];
	bool			 digest_valid;
	/* The second kind ends with a CRC-32. */
	bool			 has_crc, crc_valid;
	bool			 has_app, has_boot;
	struct appdesc		 app;
	struct bootdesc		 boot;
};

/*
 * Whose image is it?  `wanted` if not NULL, else what the extended header says,
 * and the ESP8266 where there is none that makes sense.  ERR_IMAGE with a
 * sentence: it cannot be an image.
 */
int info_chip(const uint8_t *, size_t len, const struct chip *wanted,
    const struct chip **, struct why *);

/*
 * Look at an image of that chip.  What is odd is told, "Warning: ...", also of
 * an image that fails.  ERR_IMAGE with a sentence: it is none of that chip, or
 * ends too early.  ERR_UNSUPPORTED: libcrypto has no SHA-256.
 */
int info_parse(const uint8_t *, size_t len, const struct chip *,
    const struct image_notes *, struct info *, struct why *);

/* What an address is for: the name number `i` (0, 1, ...), NULL: no more. */
const char *info_memory(const struct chip *, uint32_t addr, size_t i);
#endif
