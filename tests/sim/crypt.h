#ifndef TESTS_SIM_CRYPT_H
#define TESTS_SIM_CRYPT_H
/*
 * crypt - flash encryption as the chips do it: what lands in flash for some
 * bytes at an address.
 *
 * Sources: ESP32 technical reference manual, "Flash encryption/decryption",
 * and ESP32-S2's, "External memory encryption and decryption".
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum crypt_scheme {
	CRYPT_NONE,
	CRYPT_ESP32,		/* AES-256 by 32 bytes, key by address */
	CRYPT_XTS,		/* AES-XTS by 128 bytes */
};

enum { CRYPT_ALIGN = 16, CRYPT_KEY_MAX = 64 };

struct crypt {
	enum crypt_scheme scheme;
	uint8_t		key[CRYPT_KEY_MAX];
	size_t		key_len;	/* 32, or 64: XTS with AES-256 */
	unsigned	config;		/* ESP32: bits of FLASH_CRYPT_CONFIG */
};

/*
 * `key` is a key file's contents: 32 bytes; ESP32 also 24 (coding scheme 3/4),
 * XTS also 64, or 16 that the hardware makes 32 of; 0 bytes: 32 of zeros.
 * False when that is no key for the scheme.
 */
bool crypt_init(struct crypt *, enum crypt_scheme, const uint8_t *key,
    size_t len);

/* In place; address and length are multiples of CRYPT_ALIGN.  False when
 * libcrypto fails. */
bool crypt_run(const struct crypt *, bool decrypt, uint32_t addr, uint8_t *,
    size_t len);
#endif
