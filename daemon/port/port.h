#ifndef DAEMON_PORT_PORT_H
#define DAEMON_PORT_PORT_H
/*
 * port - one serial port of the machine or of the network: its name, what is
 * known of it, and the open device.  Who may use it is decided above.
 *
 * Kinds by name: "/dev/ttyUSB0" (tty), "rfc2217://host:port",
 * "socket://host:port".  A port is registered for as long as the daemon knows
 * it; its address in memory does not change.  Ports belong to this module.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/why.h"

enum port_kind { PORT_TTY, PORT_RFC2217, PORT_TCP };

enum port_state {
	PORT_CLOSED,	/* known, not open */
	PORT_OPENING,	/* a connection is being made */
	PORT_OPEN,
	PORT_GONE,	/* it was there and is not any more */
};

/* What the system knows of an adapter; "" or 0 where it knows nothing. */
struct port_info {
	char		path[256];	/* device (without symbolic links) or URL;
					 * may change when the board comes back */
	char		by_id[256];	/* /dev/serial/by-id/... */
	char		driver[32];
	char		description[128];
	char		serial[64];	/* USB serial number */
	char		location[32];	/* USB bus-port, "1-2.3" */
	char		interface[8];	/* "1.1": which port of an adapter with
					 * several; "" when it has one */
	uint16_t	vid, pid;
	enum port_kind	kind;
};

struct port;

/* All ports in the order they were found; *iter starts as NULL. */
struct port *port_next(struct port *iter);

/* The port of that name, making an entry for a URL or an existing device.
 * ERR_PORT_UNKNOWN: no such device, not a device, or not a URL we know; the
 * sentence in `why` says which and what to do. */
int port_find(const char *name, struct port **, struct why *);

/*
 * Look at the machine's serial devices again: new ones are added, vanished ones
 * become PORT_GONE, and one that comes back (port_identity() is the same)
 * is the same port again, whatever its device is now called.  An open port
 * keeps its name and identity until it is closed.  A port that is gone and that
 * nobody holds is forgotten in the next turn of the loop.  Never opens a USB
 * device.
 */
void port_rescan(void);

/* Who needs a port to stay known though it is gone; counted. */
void port_hold(struct port *);
void port_release(struct port *);

enum port_event {
	PORT_ADDED,
	PORT_CHANGED,		/* its state or what is known of it */
	PORT_REMOVED,		/* about to be forgotten */
};

/* The one watcher of all ports; called from the loop, or from inside the call
 * that made the change.  It must not close or forget ports. */
void port_set_watcher(void (*fn)(struct port *, enum port_event));

/*
 * What stays the same when the board comes back under another device name, as
 * a selector (select.h): "serial=... vid=... [interface=...]", else
 * "location=...", else the path.  An adapter without a serial number of its
 * own ("0001" of every CP2102) is known by its location.
 */
enum { PORT_IDENTITY_MAX = 320 };
void port_identity(const struct port *, char out[PORT_IDENTITY_MAX]);

/* Forget all ports; at exit. */
void port_forget_all(void);

const struct port_info *port_info(const struct port *);
const char *port_path(const struct port *);
enum port_state port_state(const struct port *);
const char *port_state_name(enum port_state);

/*
 * Open it: 8N1 at `baud`, exclusive, non-blocking, modem lines left inactive
 * (DTR active on BRIDGE_FLOW_LINES adapters).
 * done(arg, err, why) comes from the event loop, later than this returns, with
 * 0 or ERR_PORT_UNKNOWN, ERR_PORT_BUSY (the sentence names the holder's pid and
 * program), ERR_PORT_DENIED (the sentence names the group to join),
 * ERR_PORT_FAILED, ERR_TIMEOUT.  Asserts that it is closed or gone.
 */
typedef void port_done(void *arg, int err, const struct why *why);
void port_open(struct port *, uint32_t baud, port_done *done, void *arg);

/* Close it; restores what was changed.  A pending open is given up and its
 * done is not called. */
void port_close(struct port *);

/*
 * Nobody talks over this open port for now: what it says is thrown away, and
 * when it goes away it is closed and becomes PORT_GONE (a URL: PORT_CLOSED).  port_wake() ends that
 * (no-op when it does not rest); closing does, too.
 */
void port_rest(struct port *);
void port_wake(struct port *);

/* Baud rate of the open port as it really is. */
uint32_t port_baud(const struct port *);

/* True if the port has modem lines (a bare TCP stream has none). */
bool port_has_lines(const struct port *);
#endif
