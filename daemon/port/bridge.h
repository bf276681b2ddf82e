#ifndef DAEMON_PORT_BRIDGE_H
#define DAEMON_PORT_BRIDGE_H
/*
 * bridge - the USB adapters that boards come with, by vendor and product id:
 * what they are called and what is special about them.
 *
 * It is also the list of what may be tried when no port was named: a device
 * that is not in it belongs to somebody else and is never poked.
 */
#include <stdbool.h>
#include <stdint.h>

struct port_info;

enum bridge_flag {
	BRIDGE_ESPRESSIF	= 1 << 0,	/* made by them: searched first */
	BRIDGE_USB_JTAG		= 1 << 1,	/* USB-Serial/JTAG of the chip */
	BRIDGE_USB_OTG		= 1 << 2,	/* USB-OTG of the chip: comes and
						 * goes with its resets */
	/* DTR and RTS pass through a flow control circuit: DTR must stay
	 * asserted after a reset (esptool, flow-control adapters). */
	BRIDGE_FLOW_LINES	= 1 << 3,
};

struct bridge {
	uint16_t	vid, pid;	/* pid 0: all of that vendor; vid 0 ends */
	const char	*name;		/* "CP2102N" */
	unsigned	flags;
	const char	*source;	/* data sheet, driver, ... */
};

extern const struct bridge bridges[];

/* The row that fits best, or NULL. */
const struct bridge *bridge_find(uint16_t vid, uint16_t pid);

/* A device of this machine that may be tried without being named. */
bool bridge_is_adapter(const struct port_info *);

/* The flags of that port's row; 0 without one. */
unsigned bridge_flags(const struct port_info *);

/* Order for a search without a named port, best first: negative when `a` comes
 * before `b` (as for qsort).  Espressif's own first, then by device name. */
int bridge_compare(const struct port_info *a, const struct port_info *b);
#endif
