#include "proto/secure/hw_key.h"

#include <stdbool.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "proto/base/err.h"

enum {
	LEN_128	= 16,
	LEN_192	= 24,
	LEN_256	= 32,
	LEN_512	= 64,
	AGAIN	= 8,		/* 192 bits: what the hardware takes twice... */
	AGAIN_AT = 8,		/* ...and where it stands */
	BITS	= 8,
};

static bool
is_length(size_t len)
{
	return len == LEN_128 || len == LEN_192 || len == LEN_256 ||
	    len == LEN_512;
}

static int
check_use(enum hw_key_use use, size_t len, const char *name, struct why *why)
{
	size_t	bits = len * BITS;

	switch (use) {
	case HW_KEY_ANY:
		if (len == LEN_512)
			return why_set(why, ERR_PARAMS, "secure boot v1 "
			    "supports only 128, 192 and 256-bit keys; the key "
			    "in %s has %zu bits", name, bits);
		return 0;
	case HW_KEY_ESP32:
		if (len != LEN_192 && len != LEN_256)
			return why_set(why, ERR_PARAMS, "ESP32 supports only "
			    "192 and 256-bit keys; the key in %s has %zu bits. "
			    "Use --aes-xts for other chips", name, bits);
		return 0;
	case HW_KEY_XTS:
		if (len == LEN_192)
			return why_set(why, ERR_PARAMS, "AES_XTS supports only "
			    "128, 256, and 512-bit keys; the key in %s has %zu "
			    "bits. Leave --aes-xts out for an ESP32", name,
			    bits);
		return 0;
	}
	return ERR_INTERNAL;
}

int
hw_key_take(struct hw_key *k, enum hw_key_use use, const void *file,
    size_t len, const char *name, struct why *why)
{
	int	rc;

	if (!is_length(len))
		return why_set(why, ERR_PARAMS, "the key file %s contains "
		    "wrong length (%zu bytes): 16, 24, 32 or 64 expected",
		    name, len);
	rc = check_use(use, len, name, why);
	if (rc != 0)
		return rc;
	if (len == LEN_128) {
		if (EVP_Digest(file, len, k->bytes, NULL, EVP_sha256(),
		    NULL) != 1)
			return why_set(why, ERR_NOMEM, "out of memory");
	} else {
		memcpy(k->bytes, file, len);
	}
	if (len == LEN_192)
		memcpy(k->bytes + LEN_192, k->bytes + AGAIN_AT, AGAIN);
	k->len = len == LEN_512 ? LEN_512 : LEN_256;
	k->file_len = len;
	return 0;
}

void
hw_key_done(struct hw_key *k)
{
	OPENSSL_cleanse(k, sizeof(*k));
}
