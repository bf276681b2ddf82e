#ifndef CLIENT_FILTER_H
#define CLIENT_FILTER_H
/*
 * filter - esptool's --port-filter: which adapters a search may try.
 *
 * Each is KEY=VALUE; of one key any may fit, and one of each key must.
 *	vid=0x303A pid=4097	USB ids; hexadecimal with 0x, as in esptool (a
 *				value with letters is hexadecimal anyhow)
 *	name=S			part of the device's path, link or name
 *	serial=S		part of the serial number
 *	location=L		USB socket, whole
 *	mac=M			MAC address, whole
 *	label=L			a label, whole
 * Letter case does not matter.
 */
#include <stdbool.h>

#include "proto/base/why.h"

struct json_object;

/* Check an array of filters (NULL: none).  ERR_USAGE: a key nobody knows, or a
 * number that is none. */
int filter_check(struct json_object *filters, struct why *);

/* Does a port of port.list fit checked filters? */
bool filter_fits(struct json_object *filters, struct json_object *port);
#endif
