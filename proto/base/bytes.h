#ifndef PROTO_BASE_BYTES_H
#define PROTO_BASE_BYTES_H
/*
 * bytes - little- and big-endian numbers in byte arrays.  Freestanding: the
 * code that runs on the chip uses this header too.  No alignment is needed.
 */
#include <stddef.h>
#include <stdint.h>

static inline uint16_t
le16_get(const void *p)
{
	const uint8_t	*b = p;

	return (uint16_t)(b[0] | b[1] << 8);
}

static inline uint32_t
le32_get(const void *p)
{
	const uint8_t	*b = p;

	return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
	    (uint32_t)b[3] << 24;
}

static inline void
le16_put(void *p, uint16_t v)
{
	uint8_t	*b = p;

	b[0] = (uint8_t)v;
	b[1] = (uint8_t)(v >> 8);
}

static inline void
le32_put(void *p, uint32_t v)
{
	le16_put(p, (uint16_t)v);
	le16_put((uint8_t *)p + 2, (uint16_t)(v >> 16));
}

static inline uint32_t
be32_get(const void *p)
{
	const uint8_t	*b = p;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
	    (uint32_t)b[2] << 8 | (uint32_t)b[3];
}

static inline void
be32_put(void *p, uint32_t v)
{
	uint8_t	*b = p;

	b[0] = (uint8_t)(v >> 24);
	b[1] = (uint8_t)(v >> 16);
	b[2] = (uint8_t)(v >> 8);
	b[3] = (uint8_t)v;
}
#endif
