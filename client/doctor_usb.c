/* doctor_usb - how full and how well fed the USB is. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/doctor_impl.h"
#include "proto/base/text.h"

enum {
	CONTROLLERS_MAX	= 16,
	/* Many xHCI controllers have 32 device slots, and Intel's hold
	 * 96 endpoints in all (uhubctl issue 276); told a quarter before. */
	SLOTS		= 32,
	ENDPOINTS_INTEL	= 96,
	/* USB 2.0, 7.2.1: a hub without a supply has 500 mA, one unit load
	 * (100 mA) of it for itself. */
	HUB_BUDGET_MA	= 400,
	SELF_POWERED	= 0x40,		/* bmAttributes */
};

struct controller {
	char		path[128];	/* "/sys/devices/pci0000:00/..." */
	unsigned	devices;
	unsigned	endpoints;
};

struct slots {
	struct doctor		*d;
	struct controller	 list[CONTROLLERS_MAX];
	size_t			 count;
};

struct presence {
	struct doctor	*d;
	const char	*vid, *pid;
	bool		 found;
};

/* What the devices of a hub ask for. */
struct load {
	struct doctor	*d;
	const char	*hub;		/* "1-2" */
	unsigned	 devices, ma;
};

static bool
hex_file(const struct doctor *d, const char *device, const char *file,
    uint32_t *value)
{
	char	text[16], number[20];

	if (!tree_line(d->root, text, sizeof text, "/sys/bus/usb/devices/%s/%s",
	    device, file))
		return false;
	(void)snprintf(number, sizeof number, "0x%s", text);
	return text_u32(number, value) == 0;
}

/* "usb1" is a root hub, "1-2:1.0" an interface. */
static bool
is_device(const char *name)
{
	return strncmp(name, "usb", 3) != 0 && strchr(name, ':') == NULL &&
	    strchr(name, '-') != NULL;
}

static void
try_present(const char *name, void *arg)
{
	struct presence	*w = arg;
	char		 vid[8], pid[8];

	if (is_device(name) && tree_line(w->d->root, vid, sizeof vid,
	    "/sys/bus/usb/devices/%s/idVendor", name) &&
	    tree_line(w->d->root, pid, sizeof pid,
	    "/sys/bus/usb/devices/%s/idProduct", name) &&
	    strcmp(vid, w->vid) == 0 && strcmp(pid, w->pid) == 0)
		w->found = true;
}

bool
doctor_usb_present(struct doctor *d, const char *vid, const char *pid)
{
	struct presence	w = { .d = d, .vid = vid, .pid = pid };

	(void)tree_each(d->root, try_present, &w, "/sys/bus/usb/devices");
	return w.found;
}

/* The controller of a device or interface: what is above its root hub. */
static struct controller *
controller_of(struct slots *w, const char *name)
{
	char	path[TREE_PATH_MAX], *hub;

	if (!tree_real(w->d->root, path, "/sys/bus/usb/devices/%s", name) ||
	    (hub = strstr(path, "/usb")) == NULL)
		return NULL;
	*hub = '\0';
	if (strlen(path) >= sizeof w->list[0].path)
		return NULL;
	for (size_t i = 0; i < w->count; i++)
		if (strcmp(w->list[i].path, path) == 0)
			return &w->list[i];
	if (w->count == CONTROLLERS_MAX)
		return NULL;
	w->list[w->count] = (struct controller){ .devices = 0 };
	(void)snprintf(w->list[w->count].path, sizeof w->list[0].path,
	    "%.127s", path);
	return &w->list[w->count++];
}

static void
count_one(const char *name, void *arg)
{
	struct slots		*w = arg;
	struct controller	*c;
	uint32_t		 endpoints;

	if (strncmp(name, "usb", 3) == 0 || strchr(name, '-') == NULL ||
	    (c = controller_of(w, name)) == NULL)
		return;
	if (is_device(name)) {
		c->devices++;
		c->endpoints++;		/* the one for control */
	} else if (hex_file(w->d, name, "bNumEndpoints", &endpoints))
		c->endpoints += endpoints;
}

static bool
is_xhci(const struct doctor *d, const struct controller *c)
{
	char	driver[256];

	return tree_link(d->root, driver, sizeof driver, "%s/driver",
	    c->path) && strstr(driver, "xhci") != NULL;
}

static bool
is_intel(const struct doctor *d, const struct controller *c)
{
	char	vendor[16];

	return tree_line(d->root, vendor, sizeof vendor, "%s/vendor",
	    c->path) && strcmp(vendor, "0x8086") == 0;
}

void
doctor_check_slots(struct doctor *d)
{
	struct slots	w = { .d = d };

	(void)tree_each(d->root, count_one, &w, "/sys/bus/usb/devices");
	for (size_t i = 0; i < w.count; i++) {
		const struct controller	*c = &w.list[i];
		const char		*name = strrchr(c->path, '/') + 1;

		if (!is_xhci(d, c))
			continue;
		if (c->devices >= SLOTS * 3 / 4)
			doctor_say(d, DOCTOR_NOTE, "usb-slots", "Put some on "
			    "another controller (a PCIe card); what comes "
			    "beyond the limit is not seen at all.", "%u "
			    "devices at the USB controller %s; many hold %d",
			    c->devices, name, SLOTS);
		else if (is_intel(d, c) && c->endpoints >=
		    ENDPOINTS_INTEL * 3 / 4)
			doctor_say(d, DOCTOR_NOTE, "usb-slots", "Put some on "
			    "another controller (a PCIe card), or plug them "
			    "into USB 2 sockets.", "%u endpoints at the USB "
			    "controller %s; Intel's hold %d", c->endpoints,
			    name, ENDPOINTS_INTEL);
		else
			doctor_say(d, DOCTOR_OK, "usb-slots", NULL, "%u "
			    "devices with %u endpoints at the USB controller "
			    "%s", c->devices, c->endpoints, name);
	}
}

/* "1-2.3" is plugged into "1-2". */
static bool
is_child(const char *name, const char *hub)
{
	size_t	n = strlen(hub);

	return is_device(name) && strncmp(name, hub, n) == 0 &&
	    name[n] == '.' && strchr(name + n + 1, '.') == NULL;
}

static void
add_child(const char *name, void *arg)
{
	struct load	*w = arg;
	char		 text[16];
	uint32_t	 ma;

	if (!is_child(name, w->hub) || !tree_line(w->d->root, text,
	    sizeof text, "/sys/bus/usb/devices/%s/bMaxPower", name))
		return;
	text[strcspn(text, "m")] = '\0';	/* "500mA" */
	if (text_u32(text, &ma) < 0)
		return;
	w->devices++;
	w->ma += ma;
}

static void
try_hub(const char *name, void *arg)
{
	struct doctor	*d = arg;
	struct load	 w = { .d = d, .hub = name };
	uint32_t	 class, attributes;

	if (!is_device(name) || !hex_file(d, name, "bDeviceClass", &class) ||
	    class != 9 || !hex_file(d, name, "bmAttributes", &attributes) ||
	    (attributes & SELF_POWERED) != 0)
		return;
	(void)tree_each(d->root, add_child, &w, "/sys/bus/usb/devices");
	if (w.ma > HUB_BUDGET_MA)
		doctor_say(d, DOCTOR_NOTE, "usb-power", "Use a hub with a "
		    "supply of its own; chips that get too little restart "
		    "while they write.", "the hub at %s has no supply, and "
		    "its %u devices ask for %u mA of %d", name, w.devices,
		    w.ma, HUB_BUDGET_MA);
	else
		doctor_say(d, DOCTOR_OK, "usb-power", NULL, "the hub at %s "
		    "feeds %u devices with %u mA", name, w.devices, w.ma);
}

void
doctor_check_power(struct doctor *d)
{
	(void)tree_each(d->root, try_hub, d, "/sys/bus/usb/devices");
}
