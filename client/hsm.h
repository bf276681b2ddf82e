#ifndef CLIENT_HSM_H
#define CLIENT_HSM_H
/*
 * hsm - keys that never leave their security module: signatures through PKCS#11
 * (OASIS, PKCS #11 Cryptographic Token Interface 2.40).
 *
 * The module's library is loaded by libp11-kit.  RSA is signed by CKM_RSA_PKCS_
 * PSS (SHA-256, MGF1-SHA-256, salt 32), which modules allow that would not sign
 * raw numbers; ECDSA by CKM_ECDSA.  Functions that fail leave a sentence that
 * says what the module answered, by its PKCS#11 name.
 */
#include <stddef.h>
#include <stdint.h>

#include "client/hsm_conf.h"
#include "proto/base/why.h"
#include "proto/secure/pem.h"
#include "proto/secure/sign.h"

struct hsm;

/* Load the library, find the slot, log in with conf->pin (the caller has asked
 * for it).  ERR_FILE_MISSING, ERR_HSM. */
int hsm_open(struct hsm **, const struct hsm_conf *, struct why *);
/* Log out and unload; NULL is fine. */
void hsm_close(struct hsm *);

/* The public key with that label.  ERR_HSM: none, or several; ERR_PARAMS: of a
 * kind that secure boot does not know. */
int hsm_public(struct hsm *, const char *label, struct pem_key **,
    struct why *);

/* Sign a digest with the private key of that label, whose public half is given:
 * the result was checked with it (ERR_SIGNATURE).  As sign_make(). */
int hsm_sign(struct hsm *, const char *label, const struct pem_key *public,
    const uint8_t *digest, size_t digest_len, uint8_t out[SIGN_MAX],
    size_t *len, struct why *);
#endif
