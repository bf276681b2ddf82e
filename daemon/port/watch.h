#ifndef DAEMON_PORT_WATCH_H
#define DAEMON_PORT_WATCH_H
/*
 * watch - USB serial devices that are plugged in and out (libudev).
 *
 * Without a running udev the list still works and the notices do not: then
 * port_rescan() at each port.list is all there is.
 */
#include <stddef.h>

struct port_info;

/* Tell of changes from now on: changed() is called from the loop soon after
 * each, once for several.  ERR_IO: no notices can be had. */
int watch_start(void (*changed)(void));
void watch_stop(void);

/* Call fn for every USB serial device there is now, with all that udev knows
 * of it.  0, ERR_IO, ERR_NOMEM. */
int watch_list(void (*fn)(void *arg, const struct port_info *), void *arg);
#endif
