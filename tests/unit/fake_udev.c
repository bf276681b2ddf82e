#include "tests/unit/fake_udev.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <libudev.h>

/* One of these for each: entries and parents live in their owner. */
struct udev { int unused; };
struct udev_list_entry { char name[96]; struct udev_list_entry *next; };

struct udev_device {
	char			 node[64];
	char			 name[64];	/* sysname */
	bool			 interface;	/* the parent that is one */
	struct fake_usb		 usb;
	struct udev_device	*parents[2];
	struct udev_list_entry	 links[2];
};

struct udev_enumerate {
	bool			tty;
	struct udev_list_entry	list[FAKE_USB_MAX];
	size_t			count;
};

struct udev_monitor { int fd; };

static struct { char node[64]; struct fake_usb usb; } table[FAKE_USB_MAX];
static struct udev_monitor	*the_monitor;
static size_t			 live;

bool	fake_no_monitor, fake_no_list;

static void
notice(void)
{
	static const uint64_t	one = 1;

	if (the_monitor != NULL)
		assert(write(the_monitor->fd, &one, sizeof one) == sizeof one);
}

void
fake_plug(const char *node, const struct fake_usb *usb)
{
	for (size_t i = 0; i < FAKE_USB_MAX; i++) {
		if (table[i].node[0] != '\0')
			continue;
		(void)snprintf(table[i].node, sizeof table[i].node, "%s", node);
		table[i].usb = *usb;
		notice();
		return;
	}
	abort();
}

void
fake_unplug(const char *node)
{
	for (size_t i = 0; i < FAKE_USB_MAX; i++)
		if (strcmp(table[i].node, node) == 0)
			table[i].node[0] = '\0';
	notice();
}

void
fake_clear(void)
{
	for (size_t i = 0; i < FAKE_USB_MAX; i++)
		table[i].node[0] = '\0';
}

size_t
fake_live(void)
{
	return live;
}

static void *
make(size_t size)
{
	void	*p = calloc(1, size);

	assert(p != NULL);
	live++;
	return p;
}

static void
unmake(void *p)
{
	live -= p != NULL;
	free(p);
}

struct udev *
udev_new(void)
{
	return make(sizeof (struct udev));
}

struct udev *
udev_unref(struct udev *u)
{
	unmake(u);
	return NULL;
}

struct udev_enumerate *
udev_enumerate_new(struct udev *u)
{
	(void)u;
	return make(sizeof (struct udev_enumerate));
}

struct udev_enumerate *
udev_enumerate_unref(struct udev_enumerate *e)
{
	unmake(e);
	return NULL;
}

int
udev_enumerate_add_match_subsystem(struct udev_enumerate *e, const char *name)
{
	e->tty = strcmp(name, "tty") == 0;
	return 0;
}

int
udev_enumerate_scan_devices(struct udev_enumerate *e)
{
	if (fake_no_list || !e->tty)
		return -EIO;
	for (size_t i = 0; i < FAKE_USB_MAX; i++) {
		if (table[i].node[0] == '\0')
			continue;
		(void)snprintf(e->list[e->count].name,
		    sizeof e->list->name, "/sys/fake%.64s", table[i].node);
		if (e->count > 0)
			e->list[e->count - 1].next = &e->list[e->count];
		e->count++;
	}
	return 0;
}

struct udev_list_entry *
udev_enumerate_get_list_entry(struct udev_enumerate *e)
{
	return e->count > 0 ? e->list : NULL;
}

struct udev_list_entry *
udev_list_entry_get_next(struct udev_list_entry *e)
{
	return e->next;
}

const char *
udev_list_entry_get_name(struct udev_list_entry *e)
{
	return e->name;
}

static struct udev_device *
device_new(const char *node, const struct fake_usb *usb)
{
	struct udev_device	*d = make(sizeof *d), *up;

	(void)snprintf(d->node, sizeof d->node, "%s", node);
	d->usb = *usb;
	if (usb->link != NULL) {
		(void)snprintf(d->links[0].name, sizeof d->links->name,
		    "/dev/serial/by-path/x");
		(void)snprintf(d->links[1].name, sizeof d->links->name,
		    "/dev/serial/by-id/%s", usb->link);
		d->links[0].next = &d->links[1];
	}
	if (usb->interface == NULL)
		return d;
	for (int i = 0; i < 2; i++) {
		up = d->parents[i] = make(sizeof *up);
		up->usb = *usb;
		up->interface = i == 0;
		(void)snprintf(up->name, sizeof up->name, i == 0 ? "%s:%s" :
		    "%s", usb->location, usb->interface);
	}
	return d;
}

struct udev_device *
udev_device_new_from_syspath(struct udev *u, const char *path)
{
	(void)u;
	assert(strncmp(path, "/sys/fake/", 10) == 0);
	for (size_t i = 0; i < FAKE_USB_MAX; i++)
		if (strcmp(table[i].node, path + 9) == 0)
			return device_new(table[i].node, &table[i].usb);
	return NULL;
}

struct udev_device *
udev_device_unref(struct udev_device *d)
{
	unmake(d->parents[0]);
	unmake(d->parents[1]);
	unmake(d);
	return NULL;
}

struct udev_device *
udev_device_get_parent_with_subsystem_devtype(struct udev_device *d,
    const char *subsystem, const char *type)
{
	assert(strcmp(subsystem, "usb") == 0);
	return d->parents[strcmp(type, "usb_interface") == 0 ? 0 : 1];
}

const char *
udev_device_get_devnode(struct udev_device *d)
{
	return d->node;
}

const char *
udev_device_get_sysname(struct udev_device *d)
{
	return d->name;
}

const char *
udev_device_get_driver(struct udev_device *d)
{
	return d->interface ? d->usb.driver : "usb";
}

const char *
udev_device_get_sysattr_value(struct udev_device *d, const char *name)
{
	const struct fake_usb	*u = &d->usb;

	assert(!d->interface && d->name[0] != '\0');
	return strcmp(name, "idVendor") == 0 ? u->vid :
	    strcmp(name, "idProduct") == 0 ? u->pid :
	    strcmp(name, "serial") == 0 ? u->serial :
	    strcmp(name, "manufacturer") == 0 ? u->maker :
	    strcmp(name, "product") == 0 ? u->product :
	    strcmp(name, "bNumInterfaces") == 0 ? u->interfaces : NULL;
}

struct udev_list_entry *
udev_device_get_devlinks_list_entry(struct udev_device *d)
{
	return d->links[0].name[0] != '\0' ? d->links : NULL;
}

struct udev_monitor *
udev_monitor_new_from_netlink(struct udev *u, const char *name)
{
	(void)u;
	assert(strcmp(name, "udev") == 0 && the_monitor == NULL);
	if (fake_no_monitor)
		return NULL;
	the_monitor = make(sizeof *the_monitor);
	the_monitor->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	assert(the_monitor->fd >= 0);
	return the_monitor;
}

struct udev_monitor *
udev_monitor_unref(struct udev_monitor *m)
{
	(void)close(m->fd);
	unmake(m);
	the_monitor = NULL;
	return NULL;
}

int
udev_monitor_filter_add_match_subsystem_devtype(struct udev_monitor *m,
    const char *subsystem, const char *type)
{
	(void)m;
	assert(strcmp(subsystem, "tty") == 0 && type == NULL);
	return 0;
}

int
udev_monitor_enable_receiving(struct udev_monitor *m)
{
	(void)m;
	return 0;
}

int
udev_monitor_get_fd(struct udev_monitor *m)
{
	return m->fd;
}

struct udev_device *
udev_monitor_receive_device(struct udev_monitor *m)
{
	static const struct fake_usb	any;
	uint64_t			n;

	if (read(m->fd, &n, sizeof n) != sizeof n)
		return NULL;
	return device_new("/dev/any", &any);
}
