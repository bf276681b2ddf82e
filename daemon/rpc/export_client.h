#ifndef DAEMON_RPC_EXPORT_CLIENT_H
#define DAEMON_RPC_EXPORT_CLIENT_H
/*
 * export_client - one client of an exported port: the RFC 2217 server between
 * its socket and the port, with back-pressure both ways and bounded buffers.
 */
struct export_client;
struct port;

enum { EXPORT_CLIENT_BAUD = 115200 };	/* until it says otherwise */

/*
 * Takes over `fd`, a connected non-blocking socket; nothing is read from it
 * before export_client_begin().  ended(arg) is called once it is over and what
 * it wrote has left the port; the client is freed by then.  NULL without
 * memory.
 */
struct export_client *export_client_new(struct port *, int fd, const char *who,
    void (*ended)(void *arg), void *arg);

/* The port is open and the client's from now on.  May end it at once. */
void export_client_begin(struct export_client *);

/* End it now: its port, if it had it, is left as a program's close would leave
 * it, with both lines inactive. */
void export_client_end(struct export_client *);

/* Forget it without a word: it never had its port, or that is gone.  ended()
 * is not called. */
void export_client_free(struct export_client *);

const char *export_client_who(const struct export_client *);
int export_client_fd(const struct export_client *);	/* stays its own */
#endif
