#ifndef PROTO_IMAGE_IHEX_H
#define PROTO_IMAGE_IHEX_H
/*
 * ihex - files in Intel HEX: lines of ":LLAAAATT data CC" (length, address,
 * type, sum to zero), which say themselves where their bytes go.
 * Source: Intel, "Hexadecimal Object File Format Specification", 1988.
 */
#include <stddef.h>
#include <stdint.h>

#include "proto/base/why.h"

struct buf;

/* Bytes that follow each other without a gap. */
struct ihex_region {
	uint32_t	 address;
	size_t		 len;		/* > 0 */
	const uint8_t	*data;		/* within the struct ihex */
};

struct ihex {
	struct ihex_region	*regions;	/* by address */
	size_t			 count;		/* > 0 */
	uint8_t			*bytes;		/* of all regions */
};

/* Read a whole file.  ERR_IMAGE with the line that makes no sense; ERR_OVERLAP
 * where two lines set one byte; ERR_NOMEM.  ihex_done() after success only. */
int ihex_parse(const void *text, size_t len, struct ihex *, struct why *);
void ihex_done(struct ihex *);

/* Bytes that ihex_write() appends at most. */
size_t ihex_size_max(const struct ihex_region *, size_t count);

/*
 * Append a file that holds the regions, which are ordered by address and apart
 * (an empty one makes no line): lines of 16 bytes that end at gaps and at 64
 * KB, and bases only where an address needs more than 16 bits.  Regions that
 * touch are one, as they are to a reader.  ERR_NOMEM, ERR_LIMIT of the buf.
 * Source: what intelhex 2.3 (esptool's library) writes.
 */
int ihex_write(const struct ihex_region *, size_t count, struct buf *);
#endif
