/*
 * port_desc - what the system knows of a tty: libserialport and /sys.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libserialport.h>

#include "daemon/port/port_impl.h"
#include "proto/base/text.h"

/* Names come from the device: keep them printable. */
static void
port_copy(char *out, size_t size, const char *s)
{
	text_printable(out, size, s != NULL ? s : "",
	    s != NULL ? strlen(s) : 0);
}

/* The driver's name is the last part of what .../device/driver points to. */
static void
port_driver(struct port_info *info, const char *tty)
{
	char		 path[256], target[512];
	const char	*slash;
	ssize_t		 n;

	(void)snprintf(path, sizeof path, "/sys/class/tty/%.200s/device/driver",
	    tty);
	if ((n = readlink(path, target, sizeof target - 1)) < 0)
		return;
	target[n] = '\0';
	slash = strrchr(target, '/');
	port_copy(info->driver, sizeof info->driver,
	    slash != NULL ? slash + 1 : target);
}

/* .../usb1/1-2/1-2.3/1-2.3:1.0/...: the part before the last "N-N:" names the
 * socket the cable is in. */
static void
port_location(struct port_info *info, const char *tty)
{
	char		 path[256], *real;
	const char	*part, *next, *colon;

	(void)snprintf(path, sizeof path, "/sys/class/tty/%.200s/device", tty);
	if ((real = realpath(path, NULL)) == NULL)
		return;
	for (part = real; *part != '\0'; part = next) {
		part += *part == '/';
		next = strchrnul(part, '/');
		colon = memchr(part, ':', (size_t)(next - part));
		if (colon == NULL || !isdigit((unsigned char)*part) ||
		    memchr(part, '-', (size_t)(colon - part)) == NULL)
			continue;
		text_printable(info->location, sizeof info->location, part,
		    (size_t)(colon - part));
	}
	free(real);
}

void
port_describe(struct port_info *info)
{
	struct sp_port	*sp;
	const char	*slash = strrchr(info->path, '/');
	const char	*tty = slash != NULL ? slash + 1 : info->path;
	int		 vid, pid;

	info->driver[0] = info->description[0] = info->serial[0] = '\0';
	info->location[0] = '\0';
	info->vid = info->pid = 0;
	/* libserialport refuses what it does not list, a pty for one. */
	if (sp_get_port_by_name(info->path, &sp) != SP_OK)
		return;
	port_copy(info->description, sizeof info->description,
	    sp_get_port_description(sp));
	port_copy(info->serial, sizeof info->serial,
	    sp_get_port_usb_serial(sp));
	if (sp_get_port_usb_vid_pid(sp, &vid, &pid) == SP_OK) {
		info->vid = (uint16_t)vid;
		info->pid = (uint16_t)pid;
	}
	sp_free_port(sp);
	port_driver(info, tty);
	port_location(info, tty);
}
