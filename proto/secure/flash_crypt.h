#ifndef PROTO_SECURE_FLASH_CRYPT_H
#define PROTO_SECURE_FLASH_CRYPT_H
/*
 * flash_crypt - bytes as encrypted flash holds them, and back.
 *
 * ESP32: AES-256 used backwards (to encrypt is AES' decryption), 16 bytes at a
 * time with their order turned round; the key is XORed with bits of the address
 * of each 32 bytes, in the parts of it that FLASH_CRYPT_CONFIG names.  Others:
 * AES-XTS over units of 128 bytes, turned round, tweaked by their address.
 *
 * Sources: ESP32 Technical Reference Manual, "External Memory Encryption and
 * Decryption", and those of ESP32-S2 and later; ESP-IDF Programming Guide,
 * "Flash Encryption"; checked against recorded files.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/why.h"
#include "proto/secure/hw_key.h"

enum {
	FLASH_CRYPT_BLOCK	= 16,	/* addresses and lengths are multiples */
	FLASH_CRYPT_UNIT	= 128,	/* of AES-XTS */
	FLASH_CRYPT_CONFIG	= 0xF,	/* all of the key is tweaked */
};

/*
 * In place.  `address`: where in flash the bytes are; it may be negative with
 * the ESP32's scheme only (two's complement, as older files were made).  `len`
 * is a multiple of FLASH_CRYPT_BLOCK.  ERR_ALIGN, ERR_PARAMS (address beyond 32
 * bits; to encrypt with an XTS key whose halves are equal), ERR_NOMEM.
 */
int flash_crypt_esp32(const struct hw_key *, int64_t address,
    unsigned crypt_config, bool decrypt, uint8_t *bytes, size_t len,
    struct why *);
int flash_crypt_xts(const struct hw_key *, int64_t address, bool decrypt,
    uint8_t *bytes, size_t len, struct why *);
#endif
