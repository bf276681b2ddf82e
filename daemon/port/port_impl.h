#ifndef DAEMON_PORT_PORT_IMPL_H
#define DAEMON_PORT_PORT_IMPL_H
/*
 * port_impl - the inside of a port, for this folder only.
 */
#include "daemon/base/loop.h"
#include "daemon/port/port.h"
#include "daemon/port/port_io.h"

enum {
	PORT_CONNECT_MS	= 5000,		/* a connection being made */
	PORT_SETTLE_MS	= 5000,		/* a Telnet server answering */
	PORT_HOST_MAX	= 200,
	PORT_SERVICE_MAX = 32,
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
	/* These may be NULL: ERR_UNSUPPORTED; discard: nothing to drop. */
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

/* Fill info from what the system knows of a tty. */
void port_describe(struct port_info *);
#endif
