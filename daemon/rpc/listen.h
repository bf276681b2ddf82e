#ifndef DAEMON_RPC_LISTEN_H
#define DAEMON_RPC_LISTEN_H
/*
 * listen - the Unix socket that clients come to.
 */
#include "proto/base/why.h"

struct conf;

/*
 * Begin to listen: on the socket that the service manager (or espctl) passed,
 * else on conf->socket, which is made with mode 0660 after making sure that no
 * other daemon listens there.  `conf` stays the caller's and must live on.
 * ERR_CONFLICT: another daemon listens; ERR_IO; ERR_PARAMS for a path that is
 * too long.
 */
int listen_start(const struct conf *, struct why *);

/* No new clients; removes the socket if it was made here. */
void listen_stop(void);
#endif
