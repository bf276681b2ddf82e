#ifndef TESTS_SIM_USB_H
#define TESTS_SIM_USB_H
/*
 * usb - the USB adapter between a host and a board that is a pty: what the host
 * would know of it, its device file and its modem lines, in a folder that
 * espshim.so looks into:
 *
 *	DIR/dev/ttyUSB0		link to /dev/pts/N (ttyACM0 for some adapters)
 *	DIR/dev/serial/by-id/.. link to the same
 *	DIR/devices/board-0	KEY=VALUE lines: what udev would tell
 *	DIR/lines/N		datagram socket for the lines, see shim/lines.h
 *
 * A program that opens the device raises both lines, as the kernel does; the
 * last close drops them when HUPCL is set.
 */
#include <stdbool.h>
#include <stdint.h>

#include <event2/event.h>

#include "tests/sim/pty.h"

enum { USB_TEXT = 64, USB_PATH = 256, USB_NODES = 4096 };

/* What all adapters of a program share. */
struct usb_bus {
	const char	*dir;
	bool		 taken[USB_NODES];	/* numbers of device names */
};

/* What is written on an adapter. */
struct usb_id {
	uint16_t	vid, pid;
	unsigned	ports;			/* boards at one adapter... */
	unsigned	place;			/* ...and which this one is */
	char		serial[USB_TEXT];	/* "": the usual one */
	bool		no_serial;
};

struct usb_setup {
	struct usb_bus	*bus;
	struct usb_id	 id;
	unsigned	 number;		/* of the board */
	uint8_t		 mac[6];		/* serial numbers are made of it */
};

struct usb_ops {
	/* The lines have changed; both at once. */
	void (*lines)(void *ctx, bool dtr, bool rts);
	/* For the log: "open", "close". */
	void (*note)(void *ctx, const char *);
};

struct usb;

/* "303a:1001"; false when it is not that. */
bool usb_parse_id(struct usb_id *, const char *);

/* Make the folder.  0 or negative errno. */
int usb_bus_open(struct usb_bus *, const char *dir);

struct usb *usb_new(struct event_base *, const struct usb_setup *,
    const struct usb_ops *, void *ctx);
void usb_free(struct usb *);

/* Another product from the next plug on, with a serial number of its own. */
void usb_become(struct usb *, uint16_t pid, const char *serial);

/* Another board's adapter is in that place from the next plug on. */
void usb_move(struct usb *, const uint8_t mac[6]);

/* It appears, with that pty; its name is never the one it had before.  The pty
 * stays the caller's and must stay open until usb_unplug().  0 or negative
 * errno. */
int usb_plug(struct usb *, const struct pty *);
/* It vanishes; lines() is not called. */
void usb_unplug(struct usb *);

/* Take note of who opened or closed it up to now. */
void usb_look(struct usb *);

/* DIR/dev/ttyUSB0; the last one while it is unplugged. */
const char *usb_path(const struct usb *);
#endif
