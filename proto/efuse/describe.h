#ifndef PROTO_EFUSE_DESCRIBE_H
#define PROTO_EFUSE_DESCRIBE_H
/*
 * describe - what a field is, in one sentence; and what its being burned makes
 * impossible.  By name: a name means the same on all chips, and where it does
 * not the row of the chip has a sentence of its own (efuse_field.help).
 */
#include "proto/efuse/efuse.h"
#include "proto/efuse/state.h"

/* Never NULL; "" for a user's own field without a comment. */
const char *efuse_describe(const struct efuse_field *);

/*
 * What cannot be done any more once `after` holds, which could be done while
 * `before` did: one sentence each, the gravest first ("nobody can connect to
 * the loader in ROM again: DIS_DOWNLOAD_MODE").  tell() may be called not at all.
 */
void efuse_consequences(const struct efuse_state *before,
    const struct efuse_state *after, void (*tell)(void *arg, const char *),
    void *arg);
#endif
