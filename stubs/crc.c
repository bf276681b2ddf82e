#include "stubs/crc.h"

enum { CRC_BITS = 8 };
#define CRC_POLYNOMIAL	0xedb88320u	/* the bits reversed */

void
crc_make(uint32_t table[256])
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t	c = i;

		for (int bit = 0; bit < CRC_BITS; bit++)
			c = (c & 1) != 0 ? c >> 1 ^ CRC_POLYNOMIAL : c >> 1;
		table[i] = c;
	}
}

uint32_t
crc_bytes(const uint32_t table[256], uint32_t crc, const uint8_t *p,
    uint32_t len)
{
	while (len-- > 0)
		crc = crc_byte(table, crc, *p++);
	return crc;
}
