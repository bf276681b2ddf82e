#ifndef STUBS_CRC_H
#define STUBS_CRC_H
/*
 * crc - CRC-32 of IEEE 802.3, as zlib's.  The table is made at start: it costs
 * no bytes of the upload.
 */
#include <stdint.h>

void crc_make(uint32_t table[256]);

/* Go on by one byte or by many.  `crc` is inverted all the way: begin with
 * ~0 and invert the result. */
static inline uint32_t
crc_byte(const uint32_t table[256], uint32_t crc, uint8_t c)
{
	return table[(crc ^ c) & 0xff] ^ crc >> 8;
}

uint32_t crc_bytes(const uint32_t table[256], uint32_t crc,
    const uint8_t *, uint32_t len);
#endif
