#ifndef CLIENT_SEARCH_H
#define CLIENT_SEARCH_H
/*
 * search - which ports a command means: those that were named, or the boards
 * to try when none was.
 */
#include <stdbool.h>
#include <stddef.h>

#include "proto/base/why.h"

struct client;
struct json_object;

/* Turn the selectors of params "port" into the names of ports, each once.
 * Errors are those of port.find. */
int search_named(struct client *);

/*
 * No port was named: the ports that may be tried, as port.list shows them, best
 * first.  Those are adapters that boards come with, as far as --port-filter
 * lets them; nothing else is ever touched.  *ports is the caller's and not
 * empty; ERR_PORT_UNKNOWN when there is none, with a sentence that says what
 * is plugged in.
 */
int search_ports(struct client *, struct json_object **ports);

/* The port is at work for somebody: 0, or ERR_PORT_BUSY with who it is. */
int search_busy(struct json_object *port, struct why *);

/* After that error of one port, may the next be tried?  Then the first has
 * done no work. */
bool search_goes_on(int err);
#endif
