/*
 * port_desc - what the system knows of a tty that is not on USB.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <libserialport.h>

#include "daemon/port/port_impl.h"
#include "proto/base/text.h"

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
	text_clean(info->driver, sizeof info->driver,
	    slash != NULL ? slash + 1 : target);
}

void
port_describe(struct port_info *info)
{
	struct sp_port	*sp;
	const char	*slash = strrchr(info->path, '/');
	const char	*tty = slash != NULL ? slash + 1 : info->path;

	info->driver[0] = info->description[0] = '\0';
	/* libserialport refuses what it does not list, a pty for one. */
	if (sp_get_port_by_name(info->path, &sp) != SP_OK)
		return;
	text_clean(info->description, sizeof info->description,
	    sp_get_port_description(sp));
	sp_free_port(sp);
	port_driver(info, tty);
}
