#include "client/search.h"

#include <stdio.h>
#include <string.h>

#include "client/client.h"
#include "client/filter.h"
#include "client/member.h"
#include "proto/base/err.h"

enum { NAMED_MAX = 4 };		/* devices that a sentence names */

int
search_named(struct client *c)
{
	struct json_object	*params, *answer = NULL, *list, *ports;
	int			 r;

	params = json_object_new_object();
	json_object_object_add(params, "port",
	    json_object_get(member(c->args.params, "port")));
	if ((r = client_call(c, "port.find", params, &answer)) < 0)
		return r;
	ports = member_array(answer, "ports");
	list = json_object_new_array();
	for (size_t i = 0; i < array_count(ports); i++)
		(void)json_object_array_add(list, json_object_get(member(
		    json_object_array_get_idx(ports, i), "port")));
	json_object_object_add(c->args.params, "port", list);
	json_object_put(answer);
	return 0;
}

/* Its place in a search; 0: it is never tried by itself. */
static int64_t
place(struct json_object *port)
{
	return member_number(port, "search", 0);
}

static int
compare(const void *a, const void *b)
{
	int64_t	x = place(*(struct json_object *const *)a);
	int64_t	y = place(*(struct json_object *const *)b);

	return x < y ? -1 : x > y;
}

/* "/dev/ttyUSB1 (1234:5678), /dev/ttyS0": what is there all the same. */
static void
others(struct json_object *ports, bool usb, char *out, size_t size)
{
	size_t	at = 0, named = 0;
	int	n;

	out[0] = '\0';
	for (size_t i = 0; i < array_count(ports) && at < size; i++) {
		struct json_object	*port;

		port = json_object_array_get_idx(ports, i);
		if (place(port) > 0 || (member(port, "vid") != NULL) != usb)
			continue;
		if (named++ == NAMED_MAX) {
			(void)snprintf(out + at, size - at, " and more");
			return;
		}
		n = snprintf(out + at, size - at, usb ? "%s%s (%s:%s)" : "%s%s",
		    at > 0 ? ", " : "", member_text(port, "port", "?"),
		    member_text(port, "vid", "?"),
		    member_text(port, "pid", "?"));
		at += (size_t)n;
	}
}

/* Nothing to try: say what there is and how to name it. */
static int
nothing(struct client *c, struct json_object *ports, size_t known)
{
	char	strangers[200], plain[200];

	if (known > 0)
		return why_set(&c->why, ERR_PORT_UNKNOWN, "none of the %zu "
		    "boards fits --port-filter (\"espctl ports\" lists them)",
		    known);
	others(ports, true, strangers, sizeof strangers);
	if (strangers[0] != '\0')
		return why_set(&c->why, ERR_PORT_UNKNOWN, "no USB adapter of "
		    "a kind that boards come with is plugged in; others are "
		    "not touched unless --port names them: %s", strangers);
	others(ports, false, plain, sizeof plain);
	return why_set(&c->why, ERR_PORT_UNKNOWN, "no board was found: no USB "
	    "serial adapter is plugged in; plug it in, or name a port with "
	    "--port%s%s%s", plain[0] ? " (there are " : "", plain,
	    plain[0] ? ")" : "");
}

int
search_ports(struct client *c, struct json_object **found)
{
	struct json_object	*answer = NULL, *ports, *list;
	size_t			 known = 0;
	int			 r;

	if ((r = filter_check(c->args.filters, &c->why)) < 0 ||
	    (r = client_call(c, "port.list", NULL, &answer)) < 0)
		return r;
	ports = member_array(answer, "ports");
	list = json_object_new_array();
	for (size_t i = 0; i < array_count(ports); i++) {
		struct json_object	*port;

		port = json_object_array_get_idx(ports, i);
		known += place(port) > 0;
		if (place(port) > 0 && filter_fits(c->args.filters, port))
			(void)json_object_array_add(list,
			    json_object_get(port));
	}
	json_object_array_sort(list, compare);
	if (array_count(list) > 0)
		*found = list;
	else {
		r = nothing(c, ports, known);
		json_object_put(list);
	}
	json_object_put(answer);
	return r;
}

int
search_busy(struct json_object *port, struct why *why)
{
	const char	*client = member_text(port, "export_client", "");

	if (member(port, "job") != NULL)
		return why_set(why, ERR_PORT_BUSY, "job %lld of %s is at work "
		    "there", (long long)member_number(port, "job", 0),
		    member_text(port, "user", "somebody"));
	if (client[0] != '\0')
		return why_set(why, ERR_PORT_BUSY, "%s has it (it is "
		    "exported)", client);
	return 0;
}

bool
search_goes_on(int err)
{
	/* A chip that is another than --chip asked for was left alone. */
	return err == ERR_NO_SYNC || err == ERR_BOOT_MODE ||
	    err == ERR_PORT_BUSY || err == ERR_PORT_DENIED ||
	    err == ERR_UNPLUGGED || err == ERR_PORT_FAILED ||
	    err == ERR_CHIP_MISMATCH;
}
