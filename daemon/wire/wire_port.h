#ifndef DAEMON_WIRE_WIRE_PORT_H
#define DAEMON_WIRE_WIRE_PORT_H
/*
 * wire_port - a wire over an open port: runs one conversation in a fiber of
 * its own inside the event loop.
 */
#include <stdint.h>

#include "daemon/wire/wire.h"

struct port;
struct wire_port;

/* A wire for `port`, which must be open while a conversation runs.  `port`
 * stays the caller's.  NULL when there is no memory. */
struct wire_port *wire_port_new(struct port *port);

/* Not while a conversation runs (assert).  NULL is fine. */
void wire_port_free(struct wire_port *);

/* The wire that the conversation speaks to. */
struct wire *wire_port_wire(struct wire_port *);

/*
 * Start main(arg) as a conversation; it runs until its first wait before this
 * returns.  done(arg) is called from the event loop after main has returned.
 * ERR_NOMEM when no stack can be had (done is not called then).
 */
int wire_port_run(struct wire_port *, void (*main)(void *arg),
    void (*done)(void *arg), void *arg);

/* Make every wait of the conversation return `err` (ERR_CANCELED,
 * ERR_INTERRUPTED, ERR_UNPLUGGED), from now on.  The first one stands, but
 * ERR_UNPLUGGED replaces the others.  No-op when nothing runs. */
void wire_port_stop(struct wire_port *, int err);

/* Called by the conversation itself: after a cancel, let it go on for at most
 * `ms` more so that the chip can be left in order.  An unplugged port stays
 * unplugged. */
void wire_port_rearm(struct wire_port *, unsigned ms);

/* Deepest stack use of the last conversation, bytes. */
size_t wire_port_stack(const struct wire_port *);
#endif
