/*
 * Lives: an adapter belongs to its seat; while it is plugged in it owns its
 * files, its socket, its watch and their events.
 */
#include "tests/sim/usb.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "proto/base/text.h"
#include "tests/shim/lines.h"

/* An adapter as its vendor sells it. */
struct product {
	uint16_t	 vid, pid;
	const char	*driver;
	const char	*maker, *name;		/* USB strings */
	const char	*udev_maker, *udev_name; /* as udev writes them */
	unsigned	 interfaces;		/* per board */
	bool		 has_serial;
};

/* The last row stands for all others. */
static const struct product products[] = {
	{ 0x10c4, 0xea60, "cp210x", "Silicon Labs",
	    "CP2102N USB to UART Bridge Controller", "Silicon_Labs",
	    "CP2102N_USB_to_UART_Bridge_Controller", 1, true },
	{ 0x10c4, 0xea64, "cp210x", "Silicon Labs",
	    "CP2102C USB to UART Bridge Controller", "Silicon_Labs",
	    "CP2102C_USB_to_UART_Bridge_Controller", 1, true },
	{ 0x1a86, 0x7523, "ch341", NULL, "USB Serial", "1a86", "USB_Serial", 1,
	    false },
	{ 0x0403, 0x6001, "ftdi_sio", "FTDI", "FT232R USB UART", "FTDI",
	    "FT232R_USB_UART", 1, true },
	{ 0x0403, 0x6010, "ftdi_sio", "FTDI", "Dual RS232-HS", "FTDI",
	    "Dual_RS232-HS", 1, true },
	{ 0x303a, 0x1001, "cdc_acm", "Espressif",
	    "USB JTAG/serial debug unit", "Espressif",
	    "USB_JTAG_serial_debug_unit", 3, true },
	{ 0x303a, 0x0002, "cdc_acm", "Espressif", "ESP32-S2", "Espressif",
	    "ESP32-S2", 2, true },
	{ 0x303a, 0x0009, "cdc_acm", "Espressif", "ESP32-S3", "Espressif",
	    "ESP32-S3", 2, true },
	{ 0x303a, 0x0012, "cdc_acm", "Espressif", "ESP32-P4", "Espressif",
	    "ESP32-P4", 2, true },
	{ 0x303a, 0x001f, "cdc_acm", "Espressif", "ESP32-E22", "Espressif",
	    "ESP32-E22", 2, true },
	{ 0x303a, 0x0020, "cdc_acm", "Espressif", "ESP32-S31", "Espressif",
	    "ESP32-S31", 2, true },
	{ 0x303a, 0x4001, "cdc_acm", "Espressif Systems", "Espressif Device",
	    "Espressif_Systems", "Espressif_Device", 2, true },
	{ 0, 0, "usbserial", "Somebody", "Something", "Somebody", "Something",
	    1, true },
};

struct usb {
	struct usb_setup	 setup;
	const struct usb_ops	*ops;
	void			*ctx;
	struct event_base	*base;
	const struct product	*product;
	const struct pty	*pty;		/* NULL: unplugged */
	unsigned		 node;		/* number in its name */
	bool			 had_node;
	char			 device[USB_PATH];
	char			 by_id[USB_PATH]; /* after "/dev/" */
	char			 file[USB_PATH];
	char			 socket_path[USB_PATH];
	int			 lines_fd, watch_fd;
	struct event		*lines_ev, *watch_ev;
	unsigned		 opens;
	uint8_t			 lines;		/* enum lines_bits */
};

static const struct product *
usb_product(const struct usb_id *id)
{
	const struct product	*p = products;

	while (p->vid != 0 && (p->vid != id->vid || p->pid != id->pid))
		p++;
	return p;
}

bool
usb_parse_id(struct usb_id *id, const char *s)
{
	uint8_t	vid[2], pid[2];

	if (strlen(s) != 9 || s[4] != ':')
		return false;
	if (text_unhex(s + 5, pid, sizeof(pid)) != 2)
		return false;
	char	first[5] = { s[0], s[1], s[2], s[3] };

	if (text_unhex(first, vid, sizeof(vid)) != 2)
		return false;
	id->vid = (uint16_t)(vid[0] << 8 | vid[1]);
	id->pid = (uint16_t)(pid[0] << 8 | pid[1]);
	return true;
}

/* ---- the modem lines ---- */

static void
usb_set_lines(struct usb *u, uint8_t bits)
{
	if (bits == u->lines)
		return;
	u->lines = bits;
	u->ops->lines(u->ctx, (bits & LINES_DTR) != 0,
	    (bits & LINES_RTS) != 0);
}

/* Programs that opened or closed the device since we last looked.  The kernel
 * raises both lines at every open (tty_port_raise_dtr_rts()). */
void
usb_look(struct usb *u)
{
	/* Room for one: a watched file's events have no name. */
	struct inotify_event	e;

	while (u->watch_fd >= 0 &&
	    read(u->watch_fd, &e, sizeof(e)) == (ssize_t)sizeof(e)) {
		if ((e.mask & IN_OPEN) != 0) {
			u->opens++;
			u->ops->note(u->ctx, "open");
			usb_set_lines(u, LINES_DTR | LINES_RTS);
		}
		if ((e.mask & IN_CLOSE) == 0)
			continue;
		u->ops->note(u->ctx, "close");
		if (--u->opens == 0 && pty_hupcl(u->pty))
			usb_set_lines(u, 0);
	}
}

static void
usb_watch_cb(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	usb_look(ctx);
}

static void
usb_request(struct usb *u, const struct lines_request *r)
{
	uint8_t	bits = r->bits & (LINES_DTR | LINES_RTS);

	switch (r->op) {
	case LINES_SET:
		usb_set_lines(u, bits);
		break;
	case LINES_RAISE:
		usb_set_lines(u, u->lines | bits);
		break;
	case LINES_DROP:
		usb_set_lines(u, u->lines & (uint8_t)~bits);
		break;
	}
}

/* Answer what has been asked. */
static void
usb_requests(struct usb *u, bool gone)
{
	struct lines_request	r;
	struct lines_answer	a;
	struct sockaddr_un	from;
	socklen_t		len = sizeof(from);

	while (recvfrom(u->lines_fd, &r, sizeof(r), MSG_DONTWAIT,
	    (struct sockaddr *)&from, &len) == (ssize_t)sizeof(r)) {
		if (!gone)
			usb_request(u, &r);
		a.bits = gone ? LINES_GONE : u->lines;
		/* Who asked may have gone away. */
		(void)sendto(u->lines_fd, &a, sizeof(a), MSG_DONTWAIT,
		    (struct sockaddr *)&from, len);
		len = sizeof(from);
	}
}

static void
usb_lines_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct usb	*u = ctx;

	(void)fd;
	(void)what;
	usb_look(u);	/* it was opened before it was asked to do anything */
	usb_requests(u, false);
}

static int
usb_open_lines(struct usb *u)
{
	struct sockaddr_un	a = { .sun_family = AF_UNIX };

	(void)snprintf(u->socket_path, sizeof(u->socket_path), "%s/lines/%u",
	    u->setup.bus->dir, u->pty->number);
	if (strlen(u->socket_path) >= sizeof(a.sun_path))
		return -ENAMETOOLONG;
	memcpy(a.sun_path, u->socket_path, strlen(u->socket_path));
	u->lines_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);
	(void)unlink(u->socket_path);	/* of a program that was killed */
	if (u->lines_fd < 0 ||
	    bind(u->lines_fd, (struct sockaddr *)&a, sizeof(a)) != 0)
		return -errno;
	u->lines_ev = event_new(u->base, u->lines_fd, EV_READ | EV_PERSIST,
	    usb_lines_cb, u);
	return event_add(u->lines_ev, NULL) == 0 ? 0 : -ENOMEM;
}

static int
usb_open_watch(struct usb *u)
{
	u->opens = 0;
	u->watch_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (u->watch_fd < 0 || inotify_add_watch(u->watch_fd, u->pty->path,
	    IN_OPEN | IN_CLOSE) < 0)
		return -errno;
	u->watch_ev = event_new(u->base, u->watch_fd, EV_READ | EV_PERSIST,
	    usb_watch_cb, u);
	return event_add(u->watch_ev, NULL) == 0 ? 0 : -ENOMEM;
}

/* ---- files ---- */

int
usb_bus_open(struct usb_bus *bus, const char *dir)
{
	static const char *const parts[] = {
		"", "/dev", "/dev/serial", "/dev/serial/by-id", "/devices",
		"/lines"
	};
	char	path[USB_PATH];

	bus->dir = dir;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if ((size_t)snprintf(path, sizeof(path), "%s%s", dir,
		    parts[i]) >= sizeof(path) - USB_TEXT)
			return -ENAMETOOLONG;
		if (mkdir(path, 0777) != 0 && errno != EEXIST)
			return -errno;
	}
	return 0;
}

static void
usb_serial(const struct usb *u, char *out, size_t size)
{
	const struct usb_id	*id = &u->setup.id;
	const uint8_t		*m = u->setup.mac;
	unsigned		 last = (m[5] - id->place) & UINT8_MAX;

	out[0] = '\0';
	if (id->no_serial || (id->serial[0] == '\0' && !u->product->has_serial))
		return;
	if (id->serial[0] != '\0')
		(void)snprintf(out, size, "%s", id->serial);
	else if (id->vid == 0x303a)	/* a USB-Serial/JTAG tells its MAC */
		(void)snprintf(out, size, "%02X:%02X:%02X:%02X:%02X:%02X",
		    m[0], m[1], m[2], m[3], m[4], m[5]);
	else
		(void)snprintf(out, size, "a0%02x%02x%02x%02x%02x%02x00ed11",
		    m[0], m[1], m[2], m[3], m[4], last);
}

static bool
usb_is_acm(const struct usb *u)
{
	return strcmp(u->product->driver, "cdc_acm") == 0;
}

static void
usb_name(struct usb *u, const char *serial)
{
	struct usb_bus	*bus = u->setup.bus;
	unsigned	 n = u->had_node ? 0 : u->setup.number;

	/* The lowest that is free, but never the same again. */
	while (n < USB_NODES - 1 &&
	    (bus->taken[n] || (u->had_node && n == u->node)))
		n++;
	bus->taken[n] = true;
	u->node = n;
	u->had_node = true;
	(void)snprintf(u->device, sizeof(u->device), "%s/dev/tty%s%u",
	    bus->dir, usb_is_acm(u) ? "ACM" : "USB", n);
	(void)snprintf(u->by_id, sizeof(u->by_id),
	    "serial/by-id/usb-%s_%s%s%s-if%02u%s", u->product->udev_maker,
	    u->product->udev_name, serial[0] != '\0' ? "_" : "", serial,
	    u->setup.id.place, usb_is_acm(u) ? "" : "-port0");
	(void)snprintf(u->file, sizeof(u->file), "%s/devices/board-%u",
	    bus->dir, u->setup.number);
}

static void
usb_describe(const struct usb *u, FILE *f, const char *serial)
{
	const struct usb_id	*id = &u->setup.id;
	const struct product	*p = u->product;

	fprintf(f, "DEVNAME=%s\n", u->pty->path);
	fprintf(f, "SYSNAME=%s\n", strrchr(u->device, '/') + 1);
	fprintf(f, "ID_VENDOR_ID=%04x\nID_MODEL_ID=%04x\n", id->vid, id->pid);
	if (serial[0] != '\0')
		fprintf(f, "ID_SERIAL_SHORT=%s\n", serial);
	fprintf(f, "ID_VENDOR=%s\nID_MODEL=%s\n", p->udev_maker, p->udev_name);
	if (p->maker != NULL)
		fprintf(f, "MANUFACTURER=%s\n", p->maker);
	fprintf(f, "PRODUCT=%s\n", p->name);
	fprintf(f, "LOCATION=1-1.%u\n", u->setup.number - id->place + 1);
	if (id->ports > 1)
		fprintf(f, "INTERFACE=1.%u\n", u->setup.id.place);
	fprintf(f, "INTERFACES=%u\n", id->ports * p->interfaces);
	fprintf(f, "ID_USB_INTERFACE_NUM=%02u\n", u->setup.id.place);
	fprintf(f, "ID_USB_DRIVER=%s\nBY_ID=/dev/%s\n", p->driver, u->by_id);
}

/* Complete at once: whoever is told of the name finds all of it. */
static int
usb_write(const struct usb *u, const char *serial)
{
	char	 hidden[USB_PATH];
	FILE	*f;

	(void)snprintf(hidden, sizeof(hidden), "%s/.board-%u",
	    u->setup.bus->dir, u->setup.number);
	f = fopen(hidden, "we");
	if (f == NULL)
		return -errno;
	usb_describe(u, f, serial);
	if (fclose(f) != 0 || rename(hidden, u->file) != 0)
		return -errno;
	return 0;
}

static int
usb_link(const struct usb *u)
{
	char	path[2 * USB_PATH];

	(void)snprintf(path, sizeof(path), "%s/dev/%s", u->setup.bus->dir,
	    u->by_id);
	(void)unlink(u->device);
	if (symlink(u->pty->path, u->device) != 0)
		return -errno;
	/* Adapters without a serial number share this name: the last wins. */
	(void)unlink(path);
	return symlink(u->pty->path, path) == 0 ? 0 : -errno;
}

/* Only what is ours: another adapter may have taken the name meanwhile. */
static void
usb_unlink_by_id(const struct usb *u)
{
	char	path[2 * USB_PATH], target[64];
	ssize_t	n;

	(void)snprintf(path, sizeof(path), "%s/dev/%s", u->setup.bus->dir,
	    u->by_id);
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return;
	target[n] = '\0';
	if (strcmp(target, u->pty->path) == 0)
		(void)unlink(path);
}

/* ---- life ---- */

struct usb *
usb_new(struct event_base *base, const struct usb_setup *setup,
    const struct usb_ops *ops, void *ctx)
{
	struct usb	*u = calloc(1, sizeof(*u));

	if (u == NULL)
		abort();
	u->base = base;
	u->setup = *setup;
	u->ops = ops;
	u->ctx = ctx;
	u->lines_fd = u->watch_fd = -1;
	u->product = usb_product(&u->setup.id);
	return u;
}

void
usb_become(struct usb *u, uint16_t pid, const char *serial)
{
	u->setup.id.pid = pid;
	(void)snprintf(u->setup.id.serial, sizeof(u->setup.id.serial), "%s",
	    serial);
	u->product = usb_product(&u->setup.id);
}

void
usb_move(struct usb *u, const uint8_t mac[6])
{
	memcpy(u->setup.mac, mac, sizeof(u->setup.mac));
}

int
usb_plug(struct usb *u, const struct pty *pty)
{
	char	serial[USB_TEXT];
	int	r;

	u->pty = pty;
	u->lines = 0;
	usb_serial(u, serial, sizeof(serial));
	usb_name(u, serial);
	if ((r = usb_open_lines(u)) != 0 || (r = usb_open_watch(u)) != 0 ||
	    (r = usb_link(u)) != 0 || (r = usb_write(u, serial)) != 0)
		usb_unplug(u);
	return r;
}

static void
usb_close(struct event **ev, int *fd)
{
	if (*ev != NULL)
		event_free(*ev);
	*ev = NULL;
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

void
usb_unplug(struct usb *u)
{
	if (u->pty == NULL)
		return;
	(void)unlink(u->file);
	usb_unlink_by_id(u);
	(void)unlink(u->device);
	(void)unlink(u->socket_path);
	if (u->lines_fd >= 0) {
		/* No more requests; those that wait hear of it. */
		(void)shutdown(u->lines_fd, SHUT_RD);
		usb_requests(u, true);
	}
	usb_close(&u->lines_ev, &u->lines_fd);
	usb_close(&u->watch_ev, &u->watch_fd);
	u->setup.bus->taken[u->node] = false;
	u->pty = NULL;
}

void
usb_free(struct usb *u)
{
	if (u == NULL)
		return;
	usb_unplug(u);
	free(u);
}

const char *
usb_path(const struct usb *u)
{
	return u->device;
}
