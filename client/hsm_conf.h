#ifndef CLIENT_HSM_CONF_H
#define CLIENT_HSM_CONF_H
/*
 * hsm_conf - where the key in a security module is: the section [hsm_config] of
 * an INI file, as espsecure takes it (espsecure 5.3, esp_hsm_sign).
 *
 *	[hsm_config]
 *	pkcs11_lib = /usr/lib/softhsm/libsofthsm2.so
 *	slot = 1108821954
 *	label = Private Key for Digital Signature
 *	label_pubkey = Public Key for Digital Signature	 (else that of label)
 *	credentials = 1234				 (else it is asked for)
 */
#include <stddef.h>

#include "proto/base/why.h"

enum { HSM_CONF_MAX = 65536 };	/* bytes of a file */

struct hsm_conf {
	char		*lib;		/* path of the module */
	unsigned long	 slot;		/* the module's number of it */
	char		*label;		/* of the private key */
	char		*label_public;	/* NULL: the same */
	char		*pin;		/* NULL: to be asked for */
};

/* `name` is for sentences, none of which has the PIN.  ERR_PARAMS, ERR_NOMEM. */
int hsm_conf_parse(struct hsm_conf *, const char *text, size_t len,
    const char *name, struct why *);
/* Wipe the PIN and free all; also after a failure. */
void hsm_conf_done(struct hsm_conf *);
#endif
