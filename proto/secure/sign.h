#ifndef PROTO_SECURE_SIGN_H
#define PROTO_SECURE_SIGN_H
/*
 * sign - signatures of digests, as secure boot has them: RSA-PSS (MGF1 and
 * digest SHA-256, salt of 32 bytes) or ECDSA.
 *
 * A signature passes as plain numbers with their highest byte first: RSA 384
 * bytes; ECDSA r, then s, each of the bytes of the curve.
 *
 * Sources: ESP-IDF Programming Guide, "Secure Boot v2"; RFC 8017, 8.1 and 9.1
 * (PSS); FIPS 186-4, 6 (ECDSA); RFC 6979 (nonces without chance).
 */
#include <stddef.h>
#include <stdint.h>

#include "proto/base/why.h"
#include "proto/secure/pem.h"

enum {
	SIGN_MAX	= 384,		/* bytes of a signature */
	SIGN_DIGEST_MAX	= 48,		/* SHA-384 */
	SIGN_DER_MAX	= 120,		/* an ECDSA signature in DER */
};

enum sign_nonce {
	SIGN_RANDOM,
	SIGN_RFC6979,		/* ECDSA: the same bytes each time */
};

/* Bytes of a signature by such a key; of the digest that secure boot v2 signs
 * with it (SHA-256, and SHA-384 for P-384). */
size_t sign_bytes(enum pem_scheme);
size_t sign_digest_bytes(enum pem_scheme);

/* SHA-256 or SHA-384 of `bytes`, by the length of the digest.  ERR_NOMEM. */
int sign_digest(const void *bytes, size_t len, uint8_t *out, size_t out_len);

/* Sign.  *len is sign_bytes().  ERR_PARAMS: no private key; ERR_INTERNAL: no
 * randomness.  The result was checked with the public key. */
int sign_make(const struct pem_key *, const uint8_t *digest, size_t digest_len,
    enum sign_nonce, uint8_t out[SIGN_MAX], size_t *len, struct why *);

/* 0: it was made with the private half of this key from this digest.
 * ERR_SIGNATURE (no sentence): it was not, or has another length. */
int sign_check(const struct pem_key *, const uint8_t *digest,
    size_t digest_len, const uint8_t *signature, size_t len);

/*
 * An ECDSA signature from and to DER, as other tools and security modules pass
 * it.  ERR_PARAMS: that is no such signature, or one of another curve.
 */
int sign_from_der(enum pem_scheme, const uint8_t *der, size_t der_len,
    uint8_t out[SIGN_MAX], size_t *len, struct why *);
#endif
