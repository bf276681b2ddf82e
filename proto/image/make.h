#ifndef PROTO_IMAGE_MAKE_H
#define PROTO_IMAGE_MAKE_H
/*
 * make - an image for the ROM of the ESP8266 from plain files that each go to
 * an address of its RAM (esptool's make_image, which it had up to version 4).
 *
 * Header (flash settings all 0: QIO, 512 KB, 40 MHz), the segments in their
 * order, each filled up with zeros to a multiple of 4, and the check sum.
 * Source: esptool 3.1, docs; image format: header.h.
 */
#include <stddef.h>
#include <stdint.h>

#include "proto/base/why.h"
#include "proto/image/note.h"

struct buf;

struct make_segment {
	const char	*name;		/* for sentences */
	uint32_t	 addr;		/* where it goes */
	const uint8_t	*data;
	size_t		 len;
};

/*
 * Append the image.  ERR_PARAMS (none, or more than 16 segments), ERR_ALIGN
 * (the ROM writes words), ERR_OVERLAP, ERR_IMAGE (nothing for RAM), ERR_NOMEM,
 * ERR_LIMIT of the buf.
 */
int make_image(const struct make_segment *, size_t count, uint32_t entry,
    const struct image_notes *, struct buf *out, struct why *);
#endif
