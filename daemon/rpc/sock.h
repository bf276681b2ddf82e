#ifndef DAEMON_RPC_SOCK_H
#define DAEMON_RPC_SOCK_H
/*
 * sock - Unix sockets: making one to listen on, and who is at the other end.
 */
#include "proto/base/why.h"

struct peer;

/*
 * Listen at `path` with mode 0660, after removing what a dead process left
 * there.  Returns the descriptor (non-blocking, the caller's, as is the
 * removal of `path`), ERR_CONFLICT when somebody listens there, ERR_IO, or
 * ERR_PARAMS for a path that is too long.
 */
int sock_listen(const char *path, struct why *);

/* Who is connected, by the kernel's word.  ERR_DENIED. */
int sock_peer(int fd, struct peer *);
#endif
