#ifndef DAEMON_RPC_EXPORT_H
#define DAEMON_RPC_EXPORT_H
/*
 * export - lend a port to programs that want to have it themselves (a
 * terminal, esptool, a monitor) while no job runs on it: an RFC 2217 server on
 * loopback or a Unix socket for each exported port.
 *
 * One client at a time.  A client claims the port (queue.h) when it comes and
 * gives it back when it goes; while a job has the port, clients are turned away
 * at once, so that bytes of a job and of a client never mix.
 */
#include <stddef.h>

#include "proto/base/why.h"

struct conf;
struct json_object;
struct port;

void export_init(const struct conf *);
void export_close_all(void);

/*
 * Begin: `listen` is "0" or "4000" (TCP of 127.0.0.1; 0: any free), "[::1]:4000",
 * "127.0.0.1:4000", or "unix" (a socket beside the daemon's own, mode 0660).
 * Other addresses are ERR_DENIED: a port must not be open to the network.
 * ERR_CONFLICT when it is exported already (the sentence says where), ERR_IO.
 */
int export_begin(struct port *, const char *listen, struct why *);
/* ERR_CONFLICT: it is not exported. */
int export_end(struct port *, struct why *);

/* Where: "rfc2217://127.0.0.1:4000" or "unix:/run/..."; NULL: not exported. */
const char *export_url(const struct port *);
/* Who is connected now: "tcp 127.0.0.1:51234", "pid 4711 anna"; NULL: nobody. */
const char *export_client(const struct port *);
/* Exports there are: a daemon with some is not idle. */
size_t export_count(void);

/* The one watcher: called when a client has come to an exported port or has
 * left it.  It must not begin or end exports. */
void export_set_watcher(void (*fn)(struct port *));
#endif
