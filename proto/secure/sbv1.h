#ifndef PROTO_SECURE_SBV1_H
#define PROTO_SECURE_SBV1_H
/*
 * sbv1 - secure boot v1, of the ESP32: the signature behind an application, and
 * the digest before a bootloader.
 *
 * The signature is 68 bytes at the end of the file: a version, 0, and an ECDSA
 * signature (P-256, SHA-256) of all before it.  The bootloader's digest is made
 * with the secret key of the chip: AES-256 in ECB over 128 random bytes and the
 * image, SHA-512 of what comes out, each with the byte order of the hardware;
 * the random bytes, the digest, FF up to 4 KB, then the image.
 *
 * Sources: ESP-IDF Programming Guide, "Secure Boot v1"; ESP32 Technical
 * Reference Manual, "Secure Boot"; checked against recorded files.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/buf.h"
#include "proto/base/why.h"
#include "proto/secure/hw_key.h"
#include "proto/secure/pem.h"

enum {
	SBV1_SIGNATURE	= 68,	/* bytes behind the data */
	SBV1_RAW	= 64,	/* of them r and s, highest byte first */
	SBV1_IV		= 128,	/* random bytes before the digest */
	SBV1_DIGEST	= 64,	/* SHA-512 */
	SBV1_HEAD	= 4096,	/* IV, digest and FF: the image begins here */
};

/* The 68 bytes for `data`.  ERR_PARAMS: the key is not on P-256, or public. */
int sbv1_sign(const struct pem_key *, const void *data, size_t len,
    uint8_t out[SBV1_SIGNATURE], struct why *);

/* The same of a signature that was made elsewhere (r and s).  ERR_SIGNATURE: it
 * is not one of `data` by this key. */
int sbv1_take(const struct pem_key *, const void *data, size_t len,
    const uint8_t raw[SBV1_RAW], uint8_t out[SBV1_SIGNATURE], struct why *);

/* Does the end of `file` sign what is before it?  ERR_SIGNATURE, ERR_IMAGE (too
 * short, or an unknown version), ERR_PARAMS (key). */
int sbv1_check(const struct pem_key *, const void *file, size_t len,
    struct why *);

/*
 * Head and image, as the chip wants them from address 0: added to `out`.
 * `digested`: a SHA-256 follows the image (byte 23 of its header), which the
 * hardware reads up to its last whole 128 bytes only; `image` begins where
 * SBV1_HEAD ends, without a digest that is cut there, filled up with FF to 128
 * bytes.  A chip wants SBV1_IV bytes of iv; fewer (16 at least, a multiple of
 * 16) are made as espsecure makes them.  ERR_PARAMS: another iv_len, or a key of
 * 512 bits.  ERR_LIMIT, ERR_NOMEM.
 */
int sbv1_bootloader(const struct hw_key *, const uint8_t *iv, size_t iv_len,
    const void *image, size_t len, bool digested, struct buf *out,
    struct why *);
#endif
