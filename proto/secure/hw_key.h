#ifndef PROTO_SECURE_HW_KEY_H
#define PROTO_SECURE_HW_KEY_H
/*
 * hw_key - a key as eFuses hold it and the AES hardware uses it: 256 or 512
 * bits, made from what is in a file.
 *
 * 16 bytes: their SHA-256; 24 bytes: bytes 8..15 once more behind them, as 3/4
 * coding leaves them in an ESP32; 32 and 64 bytes as they are.
 *
 * Sources: ESP32 Technical Reference Manual, "eFuse Controller" (3/4 coding);
 * of the ESP32-C2, "External Memory Encryption" (128 bits).
 */
#include <stddef.h>
#include <stdint.h>

#include "proto/base/why.h"

enum { HW_KEY_MAX = 64 };

enum hw_key_use {
	HW_KEY_ANY,		/* secure boot v1: 16, 24 or 32 bytes */
	HW_KEY_ESP32,		/* its flash encryption: 24 or 32 */
	HW_KEY_XTS,		/* AES-XTS: 16, 32 or 64 */
};

struct hw_key {
	uint8_t	bytes[HW_KEY_MAX];
	size_t	len;		/* 32 or 64 */
	size_t	file_len;	/* 16, 24, 32 or 64 */
};

/* `name` is for sentences.  ERR_PARAMS: a length that does not go with `use`. */
int hw_key_take(struct hw_key *, enum hw_key_use, const void *file,
    size_t len, const char *name, struct why *);
/* Wipe it. */
void hw_key_done(struct hw_key *);
#endif
