#include "client/filter.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/member.h"
#include "proto/base/err.h"
#include "proto/base/text.h"

enum { VALUE_MAX = 12 };	/* letters of a number */

static bool
same_text(struct json_object *port, const char *name, const char *value)
{
	const char	*text = member_text(port, name, NULL);

	return text != NULL && strcasecmp(text, value) == 0;
}

static bool
part_of(struct json_object *port, const char *name, const char *value)
{
	const char	*text = member_text(port, name, NULL);

	return text != NULL && strcasestr(text, value) != NULL;
}

/* A USB id of the user's.  ERR_PARAMS. */
static int
usb_id(const char *value, uint32_t *id)
{
	char	hex[VALUE_MAX + 3] = "0x";

	if (text_u32(value, id) == 0)
		return *id <= 0xffff ? 0 : ERR_PARAMS;
	if (strlen(value) > VALUE_MAX)
		return ERR_PARAMS;
	memcpy(hex + 2, value, strlen(value) + 1);
	return text_u32(hex, id) == 0 && *id <= 0xffff ? 0 : ERR_PARAMS;
}

/* The daemon writes ids as four hex digits. */
static bool
same_id(struct json_object *port, const char *name, const char *value)
{
	const char	*text = member_text(port, name, "");
	uint8_t		 bytes[2];
	uint32_t	 id;

	return usb_id(value, &id) == 0 &&
	    text_unhex(text, bytes, sizeof bytes) == 2 &&
	    id == ((uint32_t)bytes[0] << 8 | bytes[1]);
}

static bool
fits_name(struct json_object *port, const char *name, const char *value)
{
	(void)name;
	return part_of(port, "port", value) || part_of(port, "by_id", value) ||
	    part_of(port, "description", value);
}

/* "1-2.3", or with the interface "1-2.3:1.1". */
static bool
fits_location(struct json_object *port, const char *name, const char *value)
{
	const char	*interface = member_text(port, "interface", "");
	size_t		 n = strcspn(value, ":");
	const char	*text = member_text(port, name, "");

	return strlen(text) == n && strncasecmp(text, value, n) == 0 &&
	    (value[n] == '\0' || strcasecmp(value + n + 1, interface) == 0);
}

/* A USB-Serial/JTAG has it as serial number. */
static bool
fits_mac(struct json_object *port, const char *name, const char *value)
{
	return same_text(port, name, value) ||
	    same_text(port, "serial", value);
}

static bool
fits_label(struct json_object *port, const char *name, const char *value)
{
	struct json_object	*labels = member_array(port, "labels");

	(void)name;
	for (size_t i = 0; i < array_count(labels); i++)
		if (strcasecmp(json_object_get_string(
		    json_object_array_get_idx(labels, i)), value) == 0)
			return true;
	return false;
}

static const struct key {
	const char	*name;		/* NULL ends */
	bool		 number;
	bool		(*fits)(struct json_object *, const char *name,
			    const char *value);
} keys[] = {
	{ "vid", true, same_id },
	{ "pid", true, same_id },
	{ "name", false, fits_name },
	{ "serial", false, part_of },
	{ "location", false, fits_location },
	{ "mac", false, fits_mac },
	{ "label", false, fits_label },
	{ .name = NULL }
};

/* The key of "key=value", and its value. */
static const struct key *
key_of(struct json_object *filter, const char **value)
{
	const char	*text = json_object_get_string(filter);
	size_t		 n = strcspn(text, "=");

	*value = text[n] == '=' ? text + n + 1 : "";
	for (const struct key *k = keys; k->name != NULL; k++)
		if (strlen(k->name) == n && strncmp(k->name, text, n) == 0)
			return k;
	return NULL;
}

int
filter_check(struct json_object *filters, struct why *why)
{
	struct json_object	*filter;
	const struct key	*k;
	const char		*value;
	uint32_t		 id;

	for (size_t i = 0; i < array_count(filters); i++) {
		filter = json_object_array_get_idx(filters, i);
		if ((k = key_of(filter, &value)) == NULL)
			return why_set(why, ERR_USAGE, "Option "
			    "--port-filter argument key not recognized: "
			    "\"%.40s\" has none of the keys vid, pid, name, "
			    "serial, location, mac and label",
			    json_object_get_string(filter));
		if (value[0] == '\0' ||
		    (k->number && usb_id(value, &id) < 0))
			return why_set(why, ERR_USAGE, "--port-filter: "
			    "\"%.40s\" is no %s", json_object_get_string(
			    filter), k->number ? "USB id; one looks like "
			    "vid=0x303A" : "filter, its value is empty");
	}
	return 0;
}

bool
filter_fits(struct json_object *filters, struct json_object *port)
{
	const char	*value;

	for (const struct key *k = keys; k->name != NULL; k++) {
		bool	asked = false, fits = false;

		for (size_t i = 0; i < array_count(filters) && !fits; i++) {
			if (key_of(json_object_array_get_idx(filters, i),
			    &value) != k)
				continue;
			asked = true;
			fits = k->fits(port, k->name, value);
		}
		if (asked && !fits)
			return false;
	}
	return true;
}
