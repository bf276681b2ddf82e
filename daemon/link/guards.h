#ifndef DAEMON_LINK_GUARDS_H
#define DAEMON_LINK_GUARDS_H
/*
 * guards - what the fuses of a chip forbid: changes of its flash after which
 * it would not start any more.  Nothing is sent.
 *
 * All return 0 or ERR_SECURITY (ERR_UNSUPPORTED, ERR_ALIGN for what cannot be
 * at all) with a sentence; most do not apply with opt.force.
 */
#include "daemon/link/link.h"

/* Secure boot, key manager and flash encryption, for all writes. */
int guards_write(struct link *);

/* Erasing of `bytes` from `offset`; bytes 0: everything. */
int guards_erase(struct link *, uint32_t offset, uint32_t bytes);
#endif
