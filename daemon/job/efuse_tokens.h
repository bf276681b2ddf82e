#ifndef DAEMON_JOB_EFUSE_TOKENS_H
#define DAEMON_JOB_EFUSE_TOKENS_H
/*
 * efuse_tokens - plans that may be burned: a random number each, which stands
 * for what is to be burned, for the chip it was planned for as it was then, for
 * the port, and for the user who planned it.
 *
 * A token is good for one burn within EFUSE_TOKEN_S, in this daemon: they are in
 * memory only.  What it held is wiped when it is used, too old, or pushed out
 * by newer ones.
 */
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "proto/base/why.h"

struct efuse_order;

enum {
	EFUSE_TOKEN_S	= 600,	/* seconds */
	EFUSE_TOKENS_MAX = 256,
	EFUSE_TOKEN_LEN	= 33,	/* 128 bits in hex, and NUL */
};

/* Keep what was planned; takes a reference.  `identity` is port_identity().
 * ERR_NOMEM, or ERR_INTERNAL when there are no random numbers. */
int efuse_tokens_add(struct efuse_order *, uid_t, const char *identity,
    char token[EFUSE_TOKEN_LEN], struct why *);

/* Take it out: the caller has its reference then.  ERR_PARAMS: there is none;
 * ERR_DENIED: it is another user's; ERR_CONFLICT: for another port.  What is
 * refused stays. */
int efuse_tokens_take(const char *token, uid_t, const char *identity,
    struct efuse_order **out, struct why *);

size_t efuse_tokens_count(void);

/* Wipe all; at exit. */
void efuse_tokens_done(void);
#endif
