#ifndef TESTS_SHIM_TOKEN_H
#define TESTS_SHIM_TOKEN_H
/*
 * token - make a token and keys in it, over PKCS#11, for tests of those who use
 * them.  What goes wrong ends the process with a line on stderr.
 */
#include <stdbool.h>

/* Where SoftHSM's library is on this machine; NULL: nowhere. */
const char *token_softhsm(void);

/* SoftHSM keeps its tokens in `dir` from now on, in this process and those it
 * starts: a file for $SOFTHSM2_CONF is made there. */
void token_keep_in(const char *dir);

/* A new token in an empty slot; returns the number of the slot it has now. */
unsigned long token_make(const char *lib, const char *label, const char *pin);

/*
 * A key pair in the token.  `kind` is rsa3072, rsa2048, p192, p256, p384 or
 * p521; a label may be "": that half is thrown away.  With `sign` false the key
 * may not sign.
 */
void token_key(const char *lib, unsigned long slot, const char *pin,
    const char *kind, const char *label, const char *label_public, bool sign);
#endif
