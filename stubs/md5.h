#ifndef STUBS_MD5_H
#define STUBS_MD5_H
/*
 * md5 - MD5 (RFC 1321), for digests of flash that hosts ask for.
 */
#include <stdint.h>

enum { MD5_BYTES = 16, MD5_BLOCK = 64 };

struct md5 {
	uint32_t	state[4];
	uint32_t	len;		/* bytes so far */
	uint8_t		block[MD5_BLOCK];
};

void md5_begin(struct md5 *);
void md5_add(struct md5 *, const uint8_t *, uint32_t len);
void md5_end(struct md5 *, uint8_t out[MD5_BYTES]);
#endif
