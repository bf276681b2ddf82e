#ifndef DAEMON_PORT_PORT_IMPL_H
#define DAEMON_PORT_PORT_IMPL_H
/*
 * port_impl - the inside of a port, for this folder only.
 */
#include <sys/stat.h>

#include "daemon/base/loop.h"
#include "daemon/port/port.h"
#include "daemon/port/port_io.h"

enum {
	PORT_CONNECT_MS	= 5000,		/* a connection being made */
	PORT_SETTLE_MS	= 5000,		/* a Telnet server answering */
	PORT_RESCAN_MS	= 50,		/* a device going away completely */
	PORT_HOST_MAX	= 200,
	PORT_SERVICE_MAX = 32,
};

/* A device node as it was when its device was looked at: another device under
 * the same name has another one. */
struct port_node {
	dev_t		dev, rdev;
	ino_t		ino;
	struct timespec	changed;
};

/* What a kind of port can do; see port_io.h.  open() ends with a call of
 * port_opened(), from the loop or before it returns; close() releases what
 * open() took, however far that came. */
struct port_ops {
	void	(*open)(struct port *, uint32_t baud);
	void	(*close)(struct port *);
	short	(*events)(const struct port *, bool reading, bool writing);
	int	(*read)(struct port *, void *, size_t);
	int	(*write)(struct port *, const void *, size_t);
	int	(*push)(struct port *);
	int	(*lines)(struct port *, bool dtr, bool rts);
	int	(*baud)(struct port *, uint32_t baud);
	int	(*flush)(struct port *);
	/* These may be NULL: ERR_UNSUPPORTED; lines_are_set: always at once;
	 * discard: nothing to drop. */
	int	(*lines_are_set)(struct port *);
	int	(*discard)(struct port *);
	int	(*hold)(struct port *, bool on);	/* a break */
	int	(*inputs)(struct port *);
};

struct port {
	struct port		*next;
	struct port_info	 info;
	const struct port_ops	*ops;
	enum port_state		 state;
	int			 fd;		/* -1: none */
	uint32_t		 baud;
	bool			 has_lines;
	char			 host[PORT_HOST_MAX];	/* of a URL */
	char			 service[PORT_SERVICE_MAX];
	void			*dev;		/* of the kind, while open */
	port_done		*done;
	void			*arg;
	struct loop_timer	 report;
	int			 err;		/* of the last open */
	struct why		 why;
	unsigned		 holds;		/* port_hold() */
	struct port_node	 node;		/* of a device */
	bool			 seen;		/* by the rescan under way */
	/* While it is open: its device is gone, or is another one by now.  The
	 * port keeps its identity and becomes PORT_GONE when it is closed. */
	bool			 lost;
	bool			 checking;	/* port_open() looks for it */
	struct event		*idle;		/* port_rest() */
};

extern const struct port_ops port_tty_ops;
extern const struct port_ops port_tcp_ops;
extern const struct port_ops port_rfc2217_ops;

/* The open has ended: 0, or an error whose sentence is in p->why.  After an
 * error the port module calls ops->close(). */
void port_opened(struct port *, int err);

/* True if a line at `real` baud can stand for one at `asked`: UARTs bear about
 * 3 % between both ends. */
bool port_rate_fits(uint32_t asked, uint32_t real);

/* Fill info from what the system knows of a tty that is not on USB. */
void port_describe(struct port_info *);

/* ---- port.c for port_scan.c ---- */

/* A port of that name and kind at the end of the list; the watcher is told by
 * the caller, when the port is complete.  ERR_PORT_UNKNOWN, ERR_LIMIT,
 * ERR_NOMEM. */
int port_add(const char *path, enum port_kind, struct port **, struct why *);

/* The only place that changes a state; tells the watcher. */
void port_set_state(struct port *, enum port_state);
void port_tell(struct port *, enum port_event);

/* In a later turn of the loop: rescan; forget what may be forgotten.  Later,
 * so that nobody's pointer dies under his hands. */
void port_rescan_soon(void);
void port_sweep_soon(void);

/* ---- port_scan.c ---- */

void port_node_get(const char *path, struct port_node *);
/* False if the device node is another one than that which was looked at. */
bool port_node_same(const struct port *);
/* The same, and nobody changed its owner or mode either. */
bool port_node_untouched(const struct port *);

void port_info_identity(const struct port_info *, char out[PORT_IDENTITY_MAX]);

/* The next rescan looks for ports that are not on USB, too; they do not come
 * and go, and looking may open them. */
void port_scan_reset(void);
#endif
