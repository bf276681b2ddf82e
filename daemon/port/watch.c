#include "daemon/port/watch.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>
#include <libudev.h>

#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/port/port.h"
#include "proto/base/err.h"
#include "proto/base/text.h"

/* One plug makes several notices; a hub full of boards makes hundreds. */
enum { WATCH_GATHER_MS = 50 };

static struct udev		*udev;
static struct udev_monitor	*monitor;
static struct event		*notice;
static struct loop_timer	 gather;
static bool			 gathering;
static void			 (*tell)(void);

static unsigned
number(const char *s, int base)
{
	return s != NULL ? (unsigned)strtoul(s, NULL, base) : 0;
}

/* The kernel's names: devices "1-2.3", interfaces "1-2.3:1.0" (Linux,
 * Documentation/driver-api/usb/usb.rst). */
static void
describe_interface(struct port_info *info, struct udev_device *usb,
    struct udev_device *interface)
{
	const char	*name = udev_device_get_sysname(interface);
	const char	*colon = name != NULL ? strchr(name, ':') : NULL;
	const char	*driver = udev_device_get_driver(interface);
	unsigned	 all;

	text_clean(info->driver, sizeof info->driver, driver);
	/*
	 * How many ports has the adapter?  CDC takes two interfaces for one
	 * (control and data), and Espressif's has a third for JTAG; the drivers
	 * of vendors take one.
	 */
	all = number(udev_device_get_sysattr_value(usb, "bNumInterfaces"), 10);
	if (colon != NULL &&
	    all > (strcmp(info->driver, "cdc_acm") == 0 ? 3 : 1))
		text_clean(info->interface, sizeof info->interface, colon + 1);
}

static void
describe_product(struct port_info *info, struct udev_device *usb)
{
	const char	*maker, *product;
	char		 text[256];

	maker = udev_device_get_sysattr_value(usb, "manufacturer");
	product = udev_device_get_sysattr_value(usb, "product");
	(void)snprintf(text, sizeof text, "%s%s%s", maker != NULL ? maker : "",
	    maker != NULL && product != NULL ? " " : "",
	    product != NULL ? product : "");
	text_clean(info->description, sizeof info->description, text);
}

static void
describe_links(struct port_info *info, struct udev_device *tty)
{
	static const char	 by_id[] = "/dev/serial/by-id/";
	struct udev_list_entry	*e;
	const char		*name;

	for (e = udev_device_get_devlinks_list_entry(tty); e != NULL;
	    e = udev_list_entry_get_next(e)) {
		name = udev_list_entry_get_name(e);
		if (name != NULL && strncmp(name, by_id, sizeof by_id - 1) == 0)
			text_clean(info->by_id, sizeof info->by_id, name);
	}
}

/* False for what is not a USB serial device.  The texts come from the device:
 * they are made printable. */
static bool
describe(struct port_info *info, struct udev_device *tty)
{
	struct udev_device	*usb, *interface;
	const char		*node = udev_device_get_devnode(tty);

	*info = (struct port_info){ .kind = PORT_TTY };
	if (node == NULL || strlen(node) >= sizeof info->path)
		return false;
	/* The parents belong to the tty. */
	interface = udev_device_get_parent_with_subsystem_devtype(tty, "usb",
	    "usb_interface");
	usb = udev_device_get_parent_with_subsystem_devtype(tty, "usb",
	    "usb_device");
	if (usb == NULL || interface == NULL)
		return false;
	text_clean(info->path, sizeof info->path, node);
	text_clean(info->location, sizeof info->location,
	    udev_device_get_sysname(usb));
	text_clean(info->serial, sizeof info->serial,
	    udev_device_get_sysattr_value(usb, "serial"));
	info->vid = (uint16_t)number(
	    udev_device_get_sysattr_value(usb, "idVendor"), 16);
	info->pid = (uint16_t)number(
	    udev_device_get_sysattr_value(usb, "idProduct"), 16);
	describe_interface(info, usb, interface);
	describe_product(info, usb);
	describe_links(info, tty);
	return true;
}

static int
list_ttys(struct udev *u, void (*fn)(void *, const struct port_info *),
    void *arg)
{
	static const char	 virtual[] = "/sys/devices/virtual/";
	struct udev_enumerate	*all = udev_enumerate_new(u);
	struct udev_list_entry	*e;
	const char		*name;
	struct udev_device	*tty;
	struct port_info	 info;

	if (all == NULL)
		return ERR_NOMEM;
	if (udev_enumerate_add_match_subsystem(all, "tty") < 0 ||
	    udev_enumerate_scan_devices(all) < 0) {
		udev_enumerate_unref(all);
		return ERR_IO;
	}
	for (e = udev_enumerate_get_list_entry(all); e != NULL;
	    e = udev_list_entry_get_next(e)) {
		name = udev_list_entry_get_name(e);
		/* The 64 consoles, which take the most time. */
		if (strncmp(name, virtual, sizeof virtual - 1) == 0)
			continue;
		tty = udev_device_new_from_syspath(u, name);
		if (tty == NULL)
			continue;	/* gone meanwhile */
		if (describe(&info, tty))
			fn(arg, &info);
		udev_device_unref(tty);
	}
	udev_enumerate_unref(all);
	return 0;
}

int
watch_list(void (*fn)(void *arg, const struct port_info *), void *arg)
{
	struct udev	*u = udev_new();
	int		 r;

	if (u == NULL)
		return ERR_NOMEM;
	r = list_ttys(u, fn, arg);
	udev_unref(u);
	return r;
}

static void
on_gathered(void *arg)
{
	(void)arg;
	gathering = false;
	tell();
}

static void
on_notice(evutil_socket_t fd, short what, void *arg)
{
	struct udev_device	*d;

	(void)fd;
	(void)what;
	(void)arg;
	/* What it was does not matter: watch_list() tells how things are.  Also
	 * when notices were lost (ENOBUFS). */
	while ((d = udev_monitor_receive_device(monitor)) != NULL)
		udev_device_unref(d);
	if (gathering)
		return;
	if (loop_timer_set(&gather, WATCH_GATHER_MS, on_gathered, NULL) < 0)
		log_warn("no memory to note a change of devices, ignoring");
	else
		gathering = true;
}

int
watch_start(void (*changed)(void))
{
	if (monitor != NULL)
		return 0;
	tell = changed;
	if ((udev = udev_new()) != NULL)
		monitor = udev_monitor_new_from_netlink(udev, "udev");
	if (monitor == NULL ||
	    udev_monitor_filter_add_match_subsystem_devtype(monitor, "tty",
	    NULL) < 0 || udev_monitor_enable_receiving(monitor) < 0) {
		watch_stop();
		return ERR_IO;
	}
	notice = event_new(loop_base(), udev_monitor_get_fd(monitor),
	    EV_READ | EV_PERSIST, on_notice, NULL);
	if (notice == NULL || event_add(notice, NULL) < 0) {
		watch_stop();
		return ERR_IO;
	}
	return 0;
}

void
watch_stop(void)
{
	if (notice != NULL)
		event_free(notice);
	notice = NULL;
	loop_timer_clear(&gather);
	gathering = false;
	if (monitor != NULL)
		udev_monitor_unref(monitor);
	monitor = NULL;
	if (udev != NULL)
		udev_unref(udev);
	udev = NULL;
}
