#ifndef DAEMON_RPC_SOCK_H
#define DAEMON_RPC_SOCK_H
/*
 * sock - Unix sockets: making one to listen on, and who is at the other end.
 */
#include <stdbool.h>

#include "proto/base/why.h"

struct peer;

/*
 * Listen at `path` with mode 0660, after removing what a dead process left
 * there.  Returns the descriptor (non-blocking, the caller's, as is the
 * removal of `path`), ERR_CONFLICT when somebody listens there, ERR_IO, or
 * ERR_PARAMS for a path that is too long.
 */
int sock_listen(const char *path, struct why *);

/* Who is connected, by the kernel's word; but not may_burn.  ERR_DENIED. */
int sock_peer(int fd, struct peer *);

/* Is that one a member of the group, by the groups that he had when he
 * connected?  false when there is no such group. */
bool sock_in_group(int fd, const char *group);
#endif
