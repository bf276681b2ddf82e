#ifndef TESTS_UNIT_FAKE_UDEV_H
#define TESTS_UNIT_FAKE_UDEV_H
/*
 * fake_udev - libudev's functions as daemon/port/watch.c uses them, answered
 * from a table of plugged devices.  A program that links it never asks the
 * machine's own.
 */
#include <stdbool.h>
#include <stddef.h>

enum { FAKE_USB_MAX = 64 };

/* NULL: the device has no such attribute. */
struct fake_usb {
	const char	*vid, *pid;	/* "303a" */
	const char	*serial;
	const char	*location;	/* "1-2.3" */
	const char	*interface;	/* "1.0"; NULL: it is no USB device */
	const char	*interfaces;	/* " 2", as the kernel writes it */
	const char	*driver;
	const char	*maker, *product;
	const char	*link;		/* in /dev/serial/by-id */
};

/* Put one in, or take it out; the notice comes with it. */
void fake_plug(const char *node, const struct fake_usb *);
void fake_unplug(const char *node);
/* Take out all, without a notice. */
void fake_clear(void);

/* Objects that were made and not given back. */
size_t fake_live(void);

/* What fails from now on. */
extern bool fake_no_monitor, fake_no_list;
#endif
