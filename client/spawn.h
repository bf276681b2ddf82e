#ifndef CLIENT_SPAWN_H
#define CLIENT_SPAWN_H
/*
 * spawn - find the daemon's socket, or start a private daemon for this user.
 *
 * A private daemon gets a socket that listens already (LISTEN_FDS, as from
 * systemd), so that nobody has to poll for its start, and leaves by itself
 * when it is idle.  It holds no port between jobs, and remembers boards and
 * labels in the user's state directory ($XDG_STATE_HOME/espflashd, or
 * ~/.local/state/espflashd; without a home it does not).  A lock file keeps two
 * clients from starting two daemons.
 */
#include <stddef.h>

#include "proto/base/why.h"

/*
 * A connected socket.  With `path` only that one is tried; with NULL the
 * system's, then the user's, then a private daemon is started.  Blocks while
 * another client is starting one.  Returns the descriptor, ERR_DAEMON or
 * ERR_DENIED.
 */
int spawn_connect(const char *path, struct why *);
/* Where the private daemon writes its log; 0, or an error when it has no place
 * to be. */
int spawn_log(char *out, size_t size, struct why *why);
#endif
