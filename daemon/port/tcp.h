#ifndef DAEMON_PORT_TCP_H
#define DAEMON_PORT_TCP_H
/*
 * tcp - a connection to host and service, made without blocking the loop.
 *
 * Numbers and "localhost" need no name server.  Other names are asked of the
 * name servers of resolv.conf and of the hosts file; names that only an
 * nsswitch module knows (mDNS) are not found.
 */
#include <stddef.h>

#include "proto/base/why.h"

struct tcp;

/* Called once from the loop: `fd` (non-blocking, no delay, close-on-exec, now
 * the callee's) and err 0, or -1 with ERR_PORT_UNKNOWN, ERR_PORT_FAILED,
 * ERR_TIMEOUT, ERR_NOMEM.  The struct tcp is gone by then. */
typedef void tcp_done(void *arg, int fd, int err, const struct why *why);

/* Begin; at most `ms` for everything.  NULL when there is no memory. */
struct tcp *tcp_connect(const char *host, const char *service, unsigned ms,
    tcp_done *done, void *arg);

/* Give up; done is not called.  NULL is fine. */
void tcp_cancel(struct tcp *);

/* No delay, and a peer that vanished without a word is noticed within half a
 * minute; done by tcp_connect(), for sockets that were accepted. */
void tcp_tune(int fd);

/* read(2) and write(2) of a connection in the manner of port_io.h. */
int tcp_read(int fd, void *, size_t);
int tcp_write(int fd, const void *, size_t);

/*
 * Close a connection so that the peer takes in all that was sent: closing with
 * something unread would reset it, and a server that answers meanwhile would
 * lose what it has not read, the end of a reset for example.  The descriptor
 * lives on for a moment, unseen.
 */
void tcp_part(int fd);

/* Forget the name servers and what is still parting; at exit. */
void tcp_forget_all(void);
#endif
