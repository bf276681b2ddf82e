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
	char		path[256];	/* as given: device or URL */
	char		driver[32];
	char		description[128];
	char		serial[64];	/* USB serial number */
	char		location[32];	/* USB bus-port, "1-2.3" */
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

/* Look at the machine's serial devices again (libserialport): new ones are
 * added, vanished ones become PORT_GONE.  Never opens any. */
void port_rescan(void);

/* Forget all ports; at exit. */
void port_forget_all(void);

const struct port_info *port_info(const struct port *);
const char *port_path(const struct port *);
enum port_state port_state(const struct port *);
const char *port_state_name(enum port_state);

/*
 * Open it: 8N1 at `baud`, exclusive, non-blocking, modem lines left inactive.
 * done(arg, err, why) comes from the event loop, later than this returns, with
 * 0 or ERR_PORT_UNKNOWN, ERR_PORT_BUSY (the sentence names the holder's pid and
 * program), ERR_PORT_DENIED (with the hint about the dialout group),
 * ERR_PORT_FAILED, ERR_TIMEOUT.  Asserts that it is closed or gone.
 */
typedef void port_done(void *arg, int err, const struct why *why);
void port_open(struct port *, uint32_t baud, port_done *done, void *arg);

/* Close it; restores what was changed.  A pending open is given up and its
 * done is not called. */
void port_close(struct port *);

/* Baud rate of the open port as it really is. */
uint32_t port_baud(const struct port *);

/* True if the port has modem lines (a bare TCP stream has none). */
bool port_has_lines(const struct port *);
#endif
