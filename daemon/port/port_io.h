#ifndef DAEMON_PORT_PORT_IO_H
#define DAEMON_PORT_PORT_IO_H
/*
 * port_io - what daemon/wire does with an open port.  Nothing here waits: what
 * cannot be done now says what to wait for.
 *
 * All of these may return ERR_UNPLUGGED; the port must be open.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct port;

enum {
	PORT_DONE	= 0,
	PORT_WAIT_IO	= 1,	/* ask again after one of port_events() */
	PORT_WAIT_TIME	= 2,	/* ask again in a few milliseconds */
};

/* The descriptor to watch; stays the port's. */
int port_fd(const struct port *);

/* The libevent flags to watch for, to go on reading or writing; 0 when only
 * time can help. */
short port_events(const struct port *, bool reading, bool writing);

/* Returns how many bytes came, 0 when there are none now. */
int port_read(struct port *, void *, size_t);

/* Returns how many bytes were taken, 0 when there is no room now. */
int port_write(struct port *, const void *, size_t);

/* PORT_DONE once everything written has been handed to the system,
 * PORT_WAIT_IO before. */
int port_push(struct port *);

/* Set both lines in one step.  ERR_UNSUPPORTED, ERR_PORT_FAILED. */
int port_lines(struct port *, bool dtr, bool rts);

/* PORT_DONE once the lines are as they were set; PORT_WAIT_IO while a server
 * has yet to tell.  One that tells nothing is waited for only once. */
int port_lines_are_set(struct port *);

/* Change the rate after all output has left; call again with the same rate
 * until it is PORT_DONE.  ERR_PORT_FAILED when the port cannot do that rate. */
int port_set_baud(struct port *, uint32_t baud);

/* Drop what was received and not read. */
int port_flush(struct port *);

/* Drop what was written and has not left yet, as far as it can be reached. */
int port_discard(struct port *);

/* Hold the line at "space" (a break), or let it go.  ERR_UNSUPPORTED,
 * ERR_PORT_FAILED. */
int port_break(struct port *, bool on);

/* The lines the other end drives, in the bits of RFC 2217's modem state. */
enum {
	PORT_CTS	= 0x10,
	PORT_DSR	= 0x20,
	PORT_RI		= 0x40,
	PORT_CD		= 0x80,
};

/* Returns those that are active; ERR_UNSUPPORTED when the port cannot tell. */
int port_inputs(struct port *);
#endif
