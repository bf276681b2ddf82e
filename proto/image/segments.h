#ifndef PROTO_IMAGE_SEGMENTS_H
#define PROTO_IMAGE_SEGMENTS_H
/*
 * segments - the parts of a program image in Espressif's format: what goes to
 * which address, and where it starts.
 *
 * After the header (header.h) comes for each segment its address, its size and
 * its bytes.  After the last one stands, at the end of a line of 16 bytes, EF xor
 * all their bytes.
 * Source: esptool, docs/en/advanced-topics/firmware-image-format.rst.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/why.h"
#include "proto/image/header.h"

enum { SEGMENTS_MAX = HEADER_SEGMENTS };

struct segment {
	uint32_t	 addr;
	const uint8_t	*data;		/* inside the image */
	size_t		 len;		/* bytes; may be 0 */
};

struct segments {
	uint32_t	 entry;
	uint16_t	 chip_id;	/* of an extended header */
	size_t		 count;
	struct segment	 list[SEGMENTS_MAX];
};

/* Take an image apart; `extended` tells which header it must have.  ERR_IMAGE
 * with a sentence that says what is wrong, not with which file. */
int segments_parse(const uint8_t *image, size_t len, bool extended,
    struct segments *, struct why *);
#endif
