#ifndef PROTO_SECURE_PEM_H
#define PROTO_SECURE_PEM_H
/*
 * pem - keys as their files hold them: RSA of 3072 bits, or ECDSA on P-192,
 * P-256 or P-384, public or private, in PEM; and what a chip knows of them.
 *
 * Private keys stay in the process that reads them.  What is taken out of one is
 * for the caller to wipe (OPENSSL_cleanse); all else is wiped here.
 *
 * Sources: ESP-IDF Programming Guide, "Secure Boot v2" (signature block); the
 * chapters "RSA Accelerator" and "ECDSA" of the Technical Reference Manuals.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/why.h"

enum pem_scheme {
	PEM_RSA_3072,
	PEM_ECDSA_P192,
	PEM_ECDSA_P256,
	PEM_ECDSA_P384,
};

enum {
	PEM_FILE_MAX	= 65536,	/* bytes of a file */
	PEM_DIGEST	= 32,		/* SHA-256 */
	PEM_PUBLIC_MAX	= 776,		/* bytes of a public key in a signature
					 * block */
	PEM_SCALAR_MAX	= 48,		/* of an ECDSA private key */
	PEM_POINT_MAX	= 96,		/* x and y of an ECDSA public key */
	PEM_TEXT_MAX	= 3072,		/* of a key written in PEM */
};

struct pem_key;

/*
 * Read a file's bytes; `name` is for sentences.  A file with a private key is a
 * public one as well.  ERR_PARAMS: no key in PEM, or locked by a password, of a
 * kind or length that secure boot does not know, damaged.  ERR_NOMEM.
 */
int pem_read(struct pem_key **, const void *bytes, size_t len,
    const char *name, struct why *);
void pem_free(struct pem_key *);

/* A new private key from libcrypto's random numbers; RSA with the exponent
 * 65537.  `name` is for sentences.  ERR_NOMEM, ERR_INTERNAL (no randomness). */
int pem_generate(struct pem_key **, enum pem_scheme, const char *name,
    struct why *);

/* A public key from its numbers, as a security module or a signature block has
 * them.  Highest byte first; n and e in any length, x and y each of the bytes of
 * the curve.  ERR_PARAMS: not of 3072 bits; not a point of the curve. */
int pem_from_rsa(struct pem_key **, const uint8_t *n, size_t n_len,
    const uint8_t *e, size_t e_len, const char *name, struct why *);
int pem_from_point(struct pem_key **, enum pem_scheme, const uint8_t *xy,
    size_t len, const char *name, struct why *);

/* x and y, highest byte first: what secure boot v1 calls the raw public key.
 * Returns the length; 0 for RSA. */
size_t pem_point(const struct pem_key *, uint8_t out[PEM_POINT_MAX]);

/*
 * The key as text in PEM, without a final NUL; *len is its length.  Private in
 * the traditional form (BEGIN RSA PRIVATE KEY, BEGIN EC PRIVATE KEY: the caller
 * wipes it), public as BEGIN PUBLIC KEY.  ERR_PARAMS: there is no private one.
 */
int pem_write_private(const struct pem_key *, char out[PEM_TEXT_MAX],
    size_t *len, struct why *);
int pem_write_public(const struct pem_key *, char out[PEM_TEXT_MAX],
    size_t *len, struct why *);

enum pem_scheme pem_scheme(const struct pem_key *);
/* "RSA-3072", "ECDSA P-256" */
const char *pem_scheme_name(enum pem_scheme);
const char *pem_name(const struct pem_key *);	/* of the file */
bool pem_private(const struct pem_key *);

/*
 * The public key as the signature block of secure boot v2 holds it, and its
 * length.  RSA: modulus, exponent, 2^6144 modulo the modulus, and -1/modulus
 * modulo 2^32; 384, 4, 384 and 4 bytes.  ECDSA: the curve (1: P-192, 2: P-256,
 * 3: P-384), x and y, filled up with 0 to 65 bytes (P-384: 97).  All numbers
 * with their lowest byte first.
 */
size_t pem_public(const struct pem_key *, uint8_t out[PEM_PUBLIC_MAX]);

/* SHA-256 of pem_public(): what is burned to trust a key.  ERR_NOMEM. */
int pem_digest(const struct pem_key *, uint8_t out[PEM_DIGEST]);

/*
 * The secret number of an ECDSA key, highest byte first, with 0 in front to make
 * `size` bytes.  ERR_PARAMS: not an ECDSA key, not a private one, or it needs
 * more than `size`.
 */
int pem_scalar(const struct pem_key *, uint8_t *out, size_t size,
    struct why *);
#endif
