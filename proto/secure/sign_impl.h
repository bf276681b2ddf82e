#ifndef PROTO_SECURE_SIGN_IMPL_H
#define PROTO_SECURE_SIGN_IMPL_H
/*
 * sign_impl - the part of sign that libcrypto does not do before 3.2.
 */
#include <openssl/bn.h>

#include "proto/secure/pem_impl.h"

/*
 * An ECDSA signature with the nonce of RFC 6979, made of SHA-256 or SHA-384 by
 * the length of the digest: r and s, highest byte first, each of the bytes of
 * the curve.  `d` is the private number.  ERR_INTERNAL: libcrypto has no memory, or
 * no random numbers to blind with.
 */
int sign_rfc6979(const struct pem_curve *, const BIGNUM *d,
    const uint8_t *digest, size_t digest_len, uint8_t *out);
#endif
