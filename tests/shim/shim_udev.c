/*
 * libudev for the devices in DIR/devices; one file there is one tty.  Of it
 * grows the usual row of devices, each the parent of the one before:
 *
 *	tty            .../usb1/1-1/1-1.3/1-1.3:1.0/ttyUSB0/tty/ttyUSB0
 *	usb-serial     .../usb1/1-1/1-1.3/1-1.3:1.0/ttyUSB0   (not with CDC)
 *	usb_interface  .../usb1/1-1/1-1.3/1-1.3:1.0
 *	usb_device     .../usb1/1-1/1-1.3
 *
 * Lives: a tty owns its parents, as in libudev: they are not to be released.
 * In a process that is not concerned each function calls the real one.
 */
#include "tests/shim/shim.h"

#include <dirent.h>
#include <errno.h>
#include <libudev.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

enum { TEXT = 256, PAIRS = 24, EVENT_BYTES = 2 * sizeof(struct inotify_event) };

/* Once for each function: go on to the real one unless the process is
 * concerned. */
#define REAL(function, ...)						\
	do {								\
		if (shim_dir() == NULL)					\
			return ((__typeof__(&function))			\
			    shim_next(#function))(__VA_ARGS__);		\
	} while (0)

struct udev {
	unsigned	refs;
};

struct udev_list_entry {
	struct udev_list_entry	*next;
	char			 name[TEXT];
	char			 value[TEXT];
};

enum level { LEVEL_TTY, LEVEL_SERIAL, LEVEL_INTERFACE, LEVEL_USB, LEVELS };

/* All four of a row hold the same properties; `level` says which it is. */
struct udev_device {
	unsigned		 refs;		/* of the tty */
	struct udev		*udev;
	enum level		 level;
	struct udev_device	*parent;
	char			 file[32];	/* in DIR/devices */
	char			 action[8];
	char			 syspath[TEXT];
	struct udev_list_entry	*properties;
	struct udev_list_entry	*links;
};

struct udev_enumerate {
	unsigned		 refs;
	struct udev		*udev;
	bool			 others;	/* asks for what we have not */
	struct udev_list_entry	*list;
};

struct udev_monitor {
	unsigned		 refs;
	struct udev		*udev;
	bool			 others;
	int			 fd;
	struct udev_device	*known[TEXT];	/* for the notices of removal */
};

static void *
shim_new(size_t size)
{
	void	*p = calloc(1, size);

	if (p == NULL)
		abort();
	return p;
}

/* ---- lists ---- */

static void
list_add(struct udev_list_entry **list, const char *name, const char *value)
{
	struct udev_list_entry	*e = shim_new(sizeof(*e));

	(void)snprintf(e->name, sizeof(e->name), "%s", name);
	(void)snprintf(e->value, sizeof(e->value), "%s", value);
	while (*list != NULL && strcmp((*list)->name, name) < 0)
		list = &(*list)->next;
	e->next = *list;
	*list = e;
}

static void
list_free(struct udev_list_entry *e)
{
	while (e != NULL) {
		struct udev_list_entry	*next = e->next;

		free(e);
		e = next;
	}
}

static const char *
list_value(const struct udev_list_entry *e, const char *name)
{
	for (; e != NULL; e = e->next)
		if (strcmp(e->name, name) == 0)
			return e->value;
	return NULL;
}

struct udev_list_entry *
udev_list_entry_get_next(struct udev_list_entry *e)
{
	REAL(udev_list_entry_get_next, e);
	return e != NULL ? e->next : NULL;
}

struct udev_list_entry *
udev_list_entry_get_by_name(struct udev_list_entry *e, const char *name)
{
	REAL(udev_list_entry_get_by_name, e, name);
	while (e != NULL && strcmp(e->name, name) != 0)
		e = e->next;
	return e;
}

const char *
udev_list_entry_get_name(struct udev_list_entry *e)
{
	REAL(udev_list_entry_get_name, e);
	return e != NULL ? e->name : NULL;
}

const char *
udev_list_entry_get_value(struct udev_list_entry *e)
{
	REAL(udev_list_entry_get_value, e);
	return e != NULL ? e->value : NULL;
}

/* ---- the library ---- */

struct udev *
udev_new(void)
{
	struct udev	*u;

	REAL(udev_new);
	u = shim_new(sizeof(*u));
	u->refs = 1;
	return u;
}

struct udev *
udev_ref(struct udev *u)
{
	REAL(udev_ref, u);
	if (u != NULL)
		u->refs++;
	return u;
}

struct udev *
udev_unref(struct udev *u)
{
	REAL(udev_unref, u);
	if (u != NULL && --u->refs == 0)
		free(u);
	return NULL;
}

/* ---- devices ---- */

static bool
device_read(struct udev_device *d)
{
	char	 path[2 * TEXT], line[2 * TEXT], *value;
	FILE	*f;

	(void)snprintf(path, sizeof(path), "%s/devices/%s", shim_dir(),
	    d->file);
	f = fopen(path, "re");
	if (f == NULL)
		return false;
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		value = strchr(line, '=');
		if (value == NULL)
			continue;
		*value++ = '\0';
		list_add(&d->properties, line, value);
	}
	(void)fclose(f);
	return list_value(d->properties, "DEVNAME") != NULL;
}

static const char *
device_property(const struct udev_device *d, const char *name)
{
	const char	*value = list_value(d->properties, name);

	return value != NULL ? value : "";
}

/* "1-2.3:1.0" of an adapter with one port, too. */
static void
interface_name(const struct udev_device *d, char *out, size_t size)
{
	const char	*interface = device_property(d, "INTERFACE");

	(void)snprintf(out, size, "%.64s:%.16s", device_property(d, "LOCATION"),
	    interface[0] != '\0' ? interface : "1.0");
}

static bool
device_is_cdc(const struct udev_device *d)
{
	return strcmp(device_property(d, "ID_USB_DRIVER"), "cdc_acm") == 0;
}

static void
device_syspath(struct udev_device *d)
{
	const char	*location = device_property(d, "LOCATION");
	const char	*tty = device_property(d, "SYSNAME");
	char		 interface[96], hub[TEXT], serial[96] = "";
	size_t		 at = 0, n;

	/* Each socket on the way: "1-2" then "1-2.3". */
	hub[0] = '\0';
	for (n = 1; n <= strlen(location); n++)
		if (location[n] == '.' || location[n] == '\0')
			at += (size_t)snprintf(hub + at, sizeof(hub) - at,
			    "/%.*s", (int)n, location);
	interface_name(d, interface, sizeof(interface));
	if (!device_is_cdc(d))
		(void)snprintf(serial, sizeof(serial), "/%.64s", tty);
	at = (size_t)snprintf(d->syspath, sizeof(d->syspath),
	    "/sys/devices/pci0000:00/0000:00:14.0/usb%.1s%.64s", location,
	    hub);
	if (d->level == LEVEL_USB)
		return;
	at += (size_t)snprintf(d->syspath + at, sizeof(d->syspath) - at,
	    "/%.64s", interface);
	if (d->level == LEVEL_INTERFACE)
		return;
	at += (size_t)snprintf(d->syspath + at, sizeof(d->syspath) - at, "%s",
	    serial);
	if (d->level == LEVEL_SERIAL)
		return;
	(void)snprintf(d->syspath + at, sizeof(d->syspath) - at, "/tty/%.32s",
	    tty);
}

static void
device_free(struct udev_device *d)
{
	while (d != NULL) {
		struct udev_device	*parent = d->parent;

		list_free(d->properties);
		list_free(d->links);
		free(d);
		d = parent;
	}
}

static struct udev_device *
device_level(struct udev *u, const char *file, enum level level)
{
	struct udev_device	*d = shim_new(sizeof(*d));

	d->udev = u;
	d->level = level;
	(void)snprintf(d->file, sizeof(d->file), "%s", file);
	if (!device_read(d)) {
		device_free(d);
		return NULL;
	}
	device_syspath(d);
	return d;
}

/* The tty of a file in DIR/devices with all its parents; NULL when the file is
 * not there (any more). */
static struct udev_device *
device_new(struct udev *u, const char *file)
{
	struct udev_device	*tty = device_level(u, file, LEVEL_TTY);
	struct udev_device	*d = tty;

	if (tty == NULL)
		return NULL;
	tty->refs = 1;
	list_add(&tty->links, device_property(tty, "BY_ID"), "");
	for (int level = LEVEL_SERIAL; level < LEVELS; level++) {
		if (level == LEVEL_SERIAL && device_is_cdc(tty))
			continue;
		d->parent = device_level(u, file, (enum level)level);
		d = d->parent;
		if (d == NULL) {	/* it went away between two looks */
			device_free(tty);
			return NULL;
		}
	}
	return tty;
}

/* Call fn for each tty until it returns true; takes the device over then. */
static struct udev_device *
device_search(struct udev *u, bool (*fn)(const struct udev_device *,
    const void *), const void *arg)
{
	struct udev_device	*d, *found = NULL;
	const struct dirent	*e;
	char			 path[TEXT];
	DIR			*dir;

	(void)snprintf(path, sizeof(path), "%s/devices", shim_dir());
	dir = opendir(path);
	if (dir == NULL)
		return NULL;
	while (found == NULL && (e = readdir(dir)) != NULL) {
		if (e->d_name[0] == '.' ||
		    (d = device_new(u, e->d_name)) == NULL)
			continue;
		if (fn(d, arg))
			found = d;
		else
			device_free(d);
	}
	(void)closedir(dir);
	return found;
}

static bool
device_at(const struct udev_device *d, const void *syspath)
{
	return strcmp(d->syspath, syspath) == 0;
}

struct udev_device *
udev_device_new_from_syspath(struct udev *u, const char *syspath)
{
	struct udev_device	*d;

	REAL(udev_device_new_from_syspath, u, syspath);
	d = device_search(u, device_at, syspath);
	if (d == NULL)
		errno = ENODEV;
	return d;
}

static bool
device_called(const struct udev_device *d, const void *name)
{
	return strcmp(device_property(d, "SYSNAME"), name) == 0;
}

struct udev_device *
udev_device_new_from_subsystem_sysname(struct udev *u, const char *subsystem,
    const char *sysname)
{
	REAL(udev_device_new_from_subsystem_sysname, u, subsystem, sysname);
	if (strcmp(subsystem, "tty") != 0)
		return NULL;
	return device_search(u, device_called, sysname);
}

struct udev_device *
udev_device_ref(struct udev_device *d)
{
	REAL(udev_device_ref, d);
	if (d != NULL)
		d->refs++;
	return d;
}

struct udev_device *
udev_device_unref(struct udev_device *d)
{
	REAL(udev_device_unref, d);
	if (d != NULL && --d->refs == 0)
		device_free(d);
	return NULL;
}

struct udev_device *
udev_device_get_parent(struct udev_device *d)
{
	REAL(udev_device_get_parent, d);
	return d != NULL ? d->parent : NULL;
}

const char *
udev_device_get_subsystem(struct udev_device *d)
{
	static const char *const names[LEVELS] = {
		[LEVEL_TTY] = "tty", [LEVEL_SERIAL] = "usb-serial",
		[LEVEL_INTERFACE] = "usb", [LEVEL_USB] = "usb",
	};

	REAL(udev_device_get_subsystem, d);
	return d != NULL ? names[d->level] : NULL;
}

const char *
udev_device_get_devtype(struct udev_device *d)
{
	static const char *const names[LEVELS] = {
		[LEVEL_INTERFACE] = "usb_interface", [LEVEL_USB] = "usb_device",
	};

	REAL(udev_device_get_devtype, d);
	return d != NULL ? names[d->level] : NULL;
}

struct udev_device *
udev_device_get_parent_with_subsystem_devtype(struct udev_device *d,
    const char *subsystem, const char *devtype)
{
	const char	*type;

	REAL(udev_device_get_parent_with_subsystem_devtype, d, subsystem,
	    devtype);
	while (d != NULL && (d = d->parent) != NULL) {
		type = udev_device_get_devtype(d);
		if (strcmp(udev_device_get_subsystem(d), subsystem) == 0 &&
		    (devtype == NULL ||
		    (type != NULL && strcmp(type, devtype) == 0)))
			return d;
	}
	return NULL;
}

const char *
udev_device_get_driver(struct udev_device *d)
{
	REAL(udev_device_get_driver, d);
	if (d == NULL || d->level == LEVEL_TTY)
		return NULL;
	return d->level == LEVEL_USB ? "usb" :
	    list_value(d->properties, "ID_USB_DRIVER");
}

const char *
udev_device_get_syspath(struct udev_device *d)
{
	REAL(udev_device_get_syspath, d);
	return d != NULL ? d->syspath : NULL;
}

const char *
udev_device_get_devpath(struct udev_device *d)
{
	REAL(udev_device_get_devpath, d);
	return d != NULL ? d->syspath + strlen("/sys") : NULL;
}

const char *
udev_device_get_sysname(struct udev_device *d)
{
	REAL(udev_device_get_sysname, d);
	return d != NULL ? strrchr(d->syspath, '/') + 1 : NULL;
}

/* "3" of "ttyUSB3". */
const char *
udev_device_get_sysnum(struct udev_device *d)
{
	const char	*name, *end;

	REAL(udev_device_get_sysnum, d);
	if (d == NULL)
		return NULL;
	name = udev_device_get_sysname(d);
	end = name + strlen(name);
	while (end > name && strchr("0123456789", end[-1]) != NULL)
		end--;
	return *end != '\0' ? end : NULL;
}

const char *
udev_device_get_devnode(struct udev_device *d)
{
	REAL(udev_device_get_devnode, d);
	return d != NULL && d->level == LEVEL_TTY ?
	    list_value(d->properties, "DEVNAME") : NULL;
}

const char *
udev_device_get_action(struct udev_device *d)
{
	REAL(udev_device_get_action, d);
	return d != NULL && d->action[0] != '\0' ? d->action : NULL;
}

int
udev_device_get_is_initialized(struct udev_device *d)
{
	REAL(udev_device_get_is_initialized, d);
	return d != NULL;
}

struct udev_list_entry *
udev_device_get_devlinks_list_entry(struct udev_device *d)
{
	REAL(udev_device_get_devlinks_list_entry, d);
	return d != NULL ? d->links : NULL;
}

struct udev_list_entry *
udev_device_get_properties_list_entry(struct udev_device *d)
{
	REAL(udev_device_get_properties_list_entry, d);
	return d != NULL ? d->properties : NULL;
}

/* udev writes its ID_* to the tty. */
const char *
udev_device_get_property_value(struct udev_device *d, const char *name)
{
	REAL(udev_device_get_property_value, d, name);
	return d != NULL && d->level == LEVEL_TTY ?
	    list_value(d->properties, name) : NULL;
}

const char *
udev_device_get_sysattr_value(struct udev_device *d, const char *name)
{
	static const struct {
		enum level	 level;
		const char	*attribute, *property;
	} table[] = {
		{ LEVEL_USB, "idVendor", "ID_VENDOR_ID" },
		{ LEVEL_USB, "idProduct", "ID_MODEL_ID" },
		{ LEVEL_USB, "serial", "ID_SERIAL_SHORT" },
		{ LEVEL_USB, "manufacturer", "MANUFACTURER" },
		{ LEVEL_USB, "product", "PRODUCT" },
		{ LEVEL_USB, "bNumInterfaces", "INTERFACES" },
		{ LEVEL_INTERFACE, "bInterfaceNumber", "ID_USB_INTERFACE_NUM" },
	};

	REAL(udev_device_get_sysattr_value, d, name);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (d != NULL && d->level == table[i].level &&
		    strcmp(table[i].attribute, name) == 0)
			return list_value(d->properties, table[i].property);
	return NULL;
}

/* ---- what there is ---- */

struct udev_enumerate *
udev_enumerate_new(struct udev *u)
{
	struct udev_enumerate	*e;

	REAL(udev_enumerate_new, u);
	e = shim_new(sizeof(*e));
	e->refs = 1;
	e->udev = u;
	return e;
}

struct udev_enumerate *
udev_enumerate_ref(struct udev_enumerate *e)
{
	REAL(udev_enumerate_ref, e);
	if (e != NULL)
		e->refs++;
	return e;
}

struct udev_enumerate *
udev_enumerate_unref(struct udev_enumerate *e)
{
	REAL(udev_enumerate_unref, e);
	if (e != NULL && --e->refs == 0) {
		list_free(e->list);
		free(e);
	}
	return NULL;
}

int
udev_enumerate_add_match_subsystem(struct udev_enumerate *e,
    const char *subsystem)
{
	REAL(udev_enumerate_add_match_subsystem, e, subsystem);
	if (strcmp(subsystem, "tty") != 0)
		e->others = true;
	return 0;
}

static bool
enumerate_take(const struct udev_device *d, const void *arg)
{
	struct udev_list_entry	**list = *(struct udev_list_entry **const *)
	    arg;

	list_add(list, d->syspath, "");
	return false;
}

int
udev_enumerate_scan_devices(struct udev_enumerate *e)
{
	struct udev_list_entry	**list = &e->list;

	REAL(udev_enumerate_scan_devices, e);
	list_free(e->list);
	e->list = NULL;
	if (!e->others)
		(void)device_search(e->udev, enumerate_take, &list);
	return 0;
}

struct udev_list_entry *
udev_enumerate_get_list_entry(struct udev_enumerate *e)
{
	REAL(udev_enumerate_get_list_entry, e);
	return e->list;
}

/* ---- notices ---- */

struct udev_monitor *
udev_monitor_new_from_netlink(struct udev *u, const char *name)
{
	struct udev_monitor	*m;

	REAL(udev_monitor_new_from_netlink, u, name);
	m = shim_new(sizeof(*m));
	m->refs = 1;
	m->udev = u;
	m->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	return m;
}

struct udev_monitor *
udev_monitor_ref(struct udev_monitor *m)
{
	REAL(udev_monitor_ref, m);
	if (m != NULL)
		m->refs++;
	return m;
}

struct udev_monitor *
udev_monitor_unref(struct udev_monitor *m)
{
	REAL(udev_monitor_unref, m);
	if (m == NULL || --m->refs > 0)
		return NULL;
	for (size_t i = 0; i < TEXT; i++)
		device_free(m->known[i]);
	if (m->fd >= 0)
		(void)close(m->fd);
	free(m);
	return NULL;
}

int
udev_monitor_filter_add_match_subsystem_devtype(struct udev_monitor *m,
    const char *subsystem, const char *devtype)
{
	REAL(udev_monitor_filter_add_match_subsystem_devtype, m, subsystem,
	    devtype);
	if (strcmp(subsystem, "tty") != 0 || devtype != NULL)
		m->others = true;
	return 0;
}

int
udev_monitor_filter_update(struct udev_monitor *m)
{
	REAL(udev_monitor_filter_update, m);
	return 0;
}

int
udev_monitor_set_receive_buffer_size(struct udev_monitor *m, int size)
{
	REAL(udev_monitor_set_receive_buffer_size, m, size);
	return 0;
}

/* Keep a copy of it: when it is removed its file tells nothing any more. */
static void
monitor_know(struct udev_monitor *m, const char *file)
{
	size_t	i;

	for (i = 0; i < TEXT && m->known[i] != NULL; i++)
		if (strcmp(m->known[i]->file, file) == 0)
			break;
	if (i == TEXT)
		return;		/* more boards than anybody has */
	device_free(m->known[i]);
	m->known[i] = device_new(m->udev, file);
}

static bool
monitor_take(const struct udev_device *d, const void *arg)
{
	monitor_know(*(struct udev_monitor *const *)arg, d->file);
	return false;
}

int
udev_monitor_enable_receiving(struct udev_monitor *m)
{
	char	path[TEXT];

	REAL(udev_monitor_enable_receiving, m);
	(void)snprintf(path, sizeof(path), "%s/devices", shim_dir());
	if (m->fd < 0 || (!m->others && inotify_add_watch(m->fd, path,
	    IN_MOVED_TO | IN_DELETE | IN_ONLYDIR) < 0))
		return -errno;
	(void)device_search(m->udev, monitor_take, &m);
	return 0;
}

int
udev_monitor_get_fd(struct udev_monitor *m)
{
	REAL(udev_monitor_get_fd, m);
	return m->fd;
}

static struct udev_device *
monitor_removed(struct udev_monitor *m, const char *file)
{
	struct udev_device	*d;

	for (size_t i = 0; i < TEXT; i++) {
		d = m->known[i];
		if (d == NULL || strcmp(d->file, file) != 0)
			continue;
		/* monitor_know() fills the first gap. */
		memmove(&m->known[i], &m->known[i + 1],
		    (TEXT - 1 - i) * sizeof(m->known[0]));
		m->known[TEXT - 1] = NULL;
		return d;
	}
	return NULL;
}

/* One notice for each that makes the descriptor readable: names in that folder
 * are short ("board-12"), so that this is room for one and not for two. */
struct udev_device *
udev_monitor_receive_device(struct udev_monitor *m)
{
	union {
		struct inotify_event	event;
		char			bytes[EVENT_BYTES];
	} in;
	struct udev_device	*d = NULL;

	REAL(udev_monitor_receive_device, m);
	while (d == NULL && read(m->fd, &in, sizeof(in)) >
	    (ssize_t)sizeof(in.event)) {
		if (in.event.name[0] == '.')
			continue;
		if ((in.event.mask & IN_DELETE) != 0) {
			d = monitor_removed(m, in.event.name);
		} else {
			monitor_know(m, in.event.name);
			d = device_new(m->udev, in.event.name);
		}
		if (d != NULL)
			(void)snprintf(d->action, sizeof(d->action), "%s",
			    (in.event.mask & IN_DELETE) != 0 ? "remove" :
			    "add");
	}
	return d;
}
