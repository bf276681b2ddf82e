#ifndef CLIENT_HSM_IMPL_H
#define CLIENT_HSM_IMPL_H
/*
 * hsm_impl - what hsm.c and hsm_key.c share: a session with a token, and how
 * its refusals are told.
 */
#include <stdbool.h>

#include <p11-kit/pkcs11.h>

#include "client/hsm.h"

struct hsm {
	CK_FUNCTION_LIST	*f;	/* of the module; NULL: not loaded */
	bool			 started;	/* C_Initialize() was fine */
	bool			 open, logged_in;
	CK_SESSION_HANDLE	 session;
	unsigned long		 slot;
	char			*pin;	/* for keys that ask at each signature */
};

/* The name of what a function answered, "CKR_..."; NULL: it has none here. */
const char *hsm_answer(CK_RV);

/* ERR_HSM, "the security module cannot DOING: CKR_... (what it means)". */
int hsm_refused(struct why *, CK_RV, const char *doing, ...)
    __attribute__((format(printf, 3, 4)));
#endif
