#ifndef DAEMON_PORT_SELECT_H
#define DAEMON_PORT_SELECT_H
/*
 * select - which ports a user means.
 *
 * A selector is a device ("/dev/ttyUSB0", any link to one), a URL
 * ("rfc2217://host:port", "socket://host:port"), or conditions separated by
 * blanks or commas that must all hold:
 *	serial=S	USB serial number
 *	location=L	USB socket, "1-2.3", or with the interface "1-2.3:1.1"
 *	vid=303a pid=1001	USB ids, hexadecimal, with or without 0x
 *	interface=1.1	one port of an adapter with several
 *	name=N		part of the device's name or path
 *	mac=M		chip last found there, "aa:bb:cc:dd:ee:ff" (any case,
 *			':' or '-'); a USB-Serial/JTAG has it as serial number
 *	label=L		name given with port.label; a word without '=' and '/'
 *			is a label, too
 *	all		every port that fits, instead of exactly one; alone:
 *			all adapters of bridge.h
 * Values are compared without regard to case; one with blanks or commas stands in
 * double quotes.
 */
#include <stddef.h>

#include "proto/base/why.h"

struct port;

/*
 * Find the ports; at most `max` go to `list`.  0, ERR_PARAMS (not a selector),
 * ERR_PORT_UNKNOWN (none fits; the sentence says what was looked for and, for
 * mac=, how to learn it), ERR_CONFLICT (several fit and "all" was not said:
 * the sentence names them), ERR_LIMIT.
 */
int port_select(const char *selector, struct port **list, size_t max,
    size_t *count, struct why *);

/* Does it make sense, whether or not a port fits?  0 or ERR_PARAMS. */
int port_check_selector(const char *selector, struct why *);

/* True if all conditions of `selector` (without "all") hold for the port. */
int port_selected(const char *selector, const struct port *, struct why *);
#endif
