#include "daemon/rpc/port_methods.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "daemon/job/queue.h"
#include "daemon/port/bridge.h"
#include "daemon/port/holder.h"
#include "daemon/port/known.h"
#include "daemon/port/select.h"
#include "daemon/rpc/conn.h"
#include "daemon/rpc/export.h"
#include "proto/base/err.h"
#include "proto/rpc/method.h"
#include "proto/rpc/rpc.h"

enum { PORTS_MAX = 1024 };	/* of one answer; no more are ever known */

/* What is not known is not shown. */
static void
add_known(struct json_object *o, const char *name, const char *value)
{
	if (value != NULL && value[0] != '\0')
		rpc_add_text(o, name, value);
}

static void
add_usb(struct json_object *o, const struct port_info *info)
{
	const struct bridge	*bridge;
	char			 hex[8];

	if (info->vid == 0)
		return;
	(void)snprintf(hex, sizeof hex, "%04x", info->vid);
	rpc_add_text(o, "vid", hex);
	(void)snprintf(hex, sizeof hex, "%04x", info->pid);
	rpc_add_text(o, "pid", hex);
	bridge = bridge_find(info->vid, info->pid);
	if (bridge != NULL)
		rpc_add_text(o, "adapter", bridge->name);
}

/* Labels whose selector fits this port. */
static void
add_labels(struct json_object *o, const struct port *port)
{
	struct json_object	*list = json_object_new_array();
	const char		*label, *select;
	struct why		 why;

	for (size_t i = 0; (label = known_label_at(i, &select)) != NULL; i++) {
		why_clear(&why);
		if (port_selected(select, port, &why) > 0)
			json_object_array_add(list,
			    json_object_new_string(label));
	}
	json_object_object_add(o, "labels", list);
}

/* What is remembered of the board at that port. */
static void
add_board(struct json_object *o, const struct port *port)
{
	const struct known	*known;
	char			 identity[PORT_IDENTITY_MAX];

	port_identity(port, identity);
	if ((known = known_find(identity)) == NULL)
		return;
	add_known(o, "chip", known->chip);
	add_known(o, "mac", known->mac);
	add_known(o, "recipe", known->recipe);
}

static void
add_work(struct json_object *o, const struct port *port)
{
	const struct job	*job;
	unsigned		 waiting;

	add_known(o, "export", export_url(port));
	add_known(o, "export_client", export_client(port));
	if ((job = queue_of(port, &waiting)) == NULL)
		return;
	json_object_object_add(o, "job", json_object_new_int64(job->id));
	rpc_add_text(o, "user", job->peer.user);
	rpc_add_text(o, "phase", job->phase != NULL ? job->phase->name : "");
	rpc_add_number(o, "waiting", waiting);
}

/* `search`: its place in a search without a named port; 0: none. */
static struct json_object *
port_json(const struct port *port, size_t search)
{
	static const char *const kinds[] = {
		[PORT_TTY] = "tty", [PORT_RFC2217] = "rfc2217",
		[PORT_TCP] = "tcp",
	};
	const struct port_info	*info = port_info(port);
	struct json_object	*o = json_object_new_object();

	rpc_add_text(o, "port", info->path);
	rpc_add_text(o, "kind", kinds[info->kind]);
	rpc_add_text(o, "state", port_state_name(port_state(port)));
	add_known(o, "description", info->description);
	add_known(o, "driver", info->driver);
	add_known(o, "serial", info->serial);
	add_known(o, "location", info->location);
	add_known(o, "interface", info->interface);
	add_known(o, "by_id", info->by_id);
	add_usb(o, info);
	if (search > 0)
		rpc_add_number(o, "search", search);
	add_labels(o, port);
	add_board(o, port);
	add_work(o, port);
	return o;
}

/* May it be tried without being named? */
static bool
is_candidate(const struct port *port)
{
	return port_state(port) != PORT_GONE &&
	    bridge_is_adapter(port_info(port));
}

/* Its place among all candidates, from 1; 0 when it is none. */
static size_t
search_place(const struct port *port)
{
	size_t	place = 1;

	if (!is_candidate(port))
		return 0;
	for (struct port *p = port_next(NULL); p != NULL; p = port_next(p))
		place += p != port && is_candidate(p) &&
		    bridge_compare(port_info(p), port_info(port)) < 0;
	return place;
}

/* Which other programs have ports that we do not have. */
static void
add_holders(struct json_object *array, struct port *const *list, size_t count)
{
	struct holder	*h = calloc(count + 1, sizeof *h);
	size_t		*at = calloc(count + 1, sizeof *at);
	size_t		 n = 0;

	for (size_t i = 0; h != NULL && at != NULL && i < count; i++)
		if (port_info(list[i])->kind == PORT_TTY &&
		    port_state(list[i]) == PORT_CLOSED) {
			h[n].path = port_path(list[i]);
			at[n++] = i;
		}
	if (n > 0)
		holder_list(h, n);
	for (size_t i = 0; i < n; i++)
		add_known(json_object_array_get_idx(array, at[i]), "holder",
		    h[i].who);
	free(at);
	free(h);
}

static struct json_object *
ports_json(struct port *const *list, size_t count)
{
	struct json_object	*array = json_object_new_array();

	for (size_t i = 0; i < count; i++)
		json_object_array_add(array,
		    port_json(list[i], search_place(list[i])));
	add_holders(array, list, count);
	return array;
}

static int
compare_paths(const void *a, const void *b)
{
	/* ttyUSB2 comes before ttyUSB10. */
	return strverscmp(port_path(*(struct port *const *)a),
	    port_path(*(struct port *const *)b));
}

/* All that are there, by name; what `select` (NULL: everything) fits. */
static int
all_ports(const char *select, struct json_object **result, struct why *why)
{
	struct port	**list;
	size_t		  n = 0;
	int		  r = 0;

	if (select != NULL && (r = port_check_selector(select, why)) < 0)
		return r;
	if ((list = calloc(PORTS_MAX, sizeof *list)) == NULL)
		return ERR_NOMEM;
	for (struct port *p = port_next(NULL); p != NULL; p = port_next(p)) {
		r = select != NULL ? port_selected(select, p, why) : 1;
		if (r < 0)
			break;
		if (r > 0 && port_state(p) != PORT_GONE && n < PORTS_MAX)
			list[n++] = p;
	}
	qsort(list, n, sizeof *list, compare_paths);
	if (r >= 0)
		*result = ports_json(list, n);
	free(list);
	return r < 0 ? r : 0;
}

static struct json_object *
labels_json(void)
{
	struct json_object	*list = json_object_new_array(), *o;
	const char		*label, *select;

	for (size_t i = 0; (label = known_label_at(i, &select)) != NULL; i++) {
		o = json_object_new_object();
		rpc_add_text(o, "label", label);
		rpc_add_text(o, "select", select);
		json_object_array_add(list, o);
	}
	return list;
}

int
port_method_list(const struct call *call, struct json_object **result,
    struct why *why)
{
	struct json_object	*ports;
	int			 r;

	port_rescan();
	r = all_ports(method_string(call->params, "select", NULL), &ports, why);
	if (r < 0)
		return r;
	*result = json_object_new_object();
	json_object_object_add(*result, "ports", ports);
	json_object_object_add(*result, "labels", labels_json());
	return 0;
}

/* Is it one of the first `n`? */
static bool
is_among(struct port *const *list, size_t n, const struct port *port)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == port)
			return true;
	return false;
}

int
port_method_find(const struct call *call, struct json_object **result,
    struct why *why)
{
	struct json_object	*names;
	struct port		**all;
	const char		*name;
	size_t			 n, count = 0;
	int			 r = 0;

	if ((all = calloc(PORTS_MAX, sizeof *all)) == NULL)
		return ERR_NOMEM;
	names = json_object_object_get(call->params, "port");
	for (size_t i = 0; i < json_object_array_length(names); i++) {
		name = json_object_get_string(
		    json_object_array_get_idx(names, i));
		r = port_select(name, all + count, PORTS_MAX - count, &n, why);
		if (r < 0)
			break;
		for (size_t end = count + n, k = count; k < end; k++)
			if (!is_among(all, count, all[k]))
				all[count++] = all[k];
	}
	if (r == 0) {
		*result = json_object_new_object();
		json_object_object_add(*result, "ports",
		    ports_json(all, count));
	}
	free(all);
	return r;
}

/*
 * A device's name may be another board's tomorrow: a label given to one is tied
 * to the board itself, or to its socket.
 */
static int
tie_to_board(const char *select, char out[PORT_IDENTITY_MAX], struct why *why)
{
	struct port	*port;
	size_t		 n;
	int		 r;

	if (select[0] != '/') {
		if (strlen(select) >= PORT_IDENTITY_MAX)
			return why_set(why, ERR_PARAMS, "select: it is longer "
			    "than %d characters", PORT_IDENTITY_MAX - 1);
		memcpy(out, select, strlen(select) + 1);
		return 0;
	}
	if ((r = port_select(select, &port, 1, &n, why)) < 0)
		return r;
	port_identity(port, out);
	return 0;
}

int
port_method_label(const struct call *call, struct json_object **result,
    struct why *why)
{
	const char	*label = method_string(call->params, "label", "");
	const char	*select = method_string(call->params, "select", NULL);
	char		 tied[PORT_IDENTITY_MAX] = "";
	int		 r;

	port_rescan();
	if (select != NULL && ((r = port_check_selector(select, why)) < 0 ||
	    (r = tie_to_board(select, tied, why)) < 0))
		return r;
	if (select == NULL && known_label(label) == NULL)
		return why_set(why, ERR_PARAMS, "label: there is no \"%s\"",
		    label);
	if ((r = known_set_label(label, select != NULL ? tied : NULL, why)) < 0)
		return r;
	*result = json_object_new_object();
	rpc_add_text(*result, "label", label);
	if (select != NULL)
		rpc_add_text(*result, "select", tied);
	return 0;
}

/* The one port that the parameters name. */
static int
one_port(const struct call *call, struct port **port, struct why *why)
{
	struct port	*list[2];
	size_t		 n;
	int		 r;

	r = port_select(method_string(call->params, "port", ""), list, 2, &n,
	    why);
	if (r < 0)
		return r;
	if (n != 1)
		return why_set(why, ERR_PARAMS, "port: one is wanted, not %zu",
		    n);
	*port = list[0];
	return 0;
}

int
port_method_export(const struct call *call, struct json_object **result,
    struct why *why)
{
	struct port	*port;
	int		 r;

	if ((r = one_port(call, &port, why)) < 0)
		return r;
	r = export_begin(port, method_string(call->params, "listen", "0"), why);
	if (r < 0)
		return r;
	*result = json_object_new_object();
	rpc_add_text(*result, "port", port_path(port));
	rpc_add_text(*result, "url", export_url(port));
	return 0;
}

int
port_method_unexport(const struct call *call, struct json_object **result,
    struct why *why)
{
	struct port	*port;
	int		 r;

	if ((r = one_port(call, &port, why)) < 0 ||
	    (r = export_end(port, why)) < 0)
		return r;
	*result = json_object_new_object();
	rpc_add_text(*result, "port", port_path(port));
	return 0;
}

void
port_methods_event(struct port *port, enum port_event what)
{
	struct json_object	*e = json_object_new_object();
	const char		*state = port_state_name(port_state(port));

	if (what == PORT_REMOVED)
		state = "removed";
	else
		queue_port(port);
	rpc_add_text(e, "type", "port.state");
	rpc_add_text(e, "port", port_path(port));
	rpc_add_text(e, "state", state);
	if (what != PORT_REMOVED)
		json_object_object_add(e, "object",
		    port_json(port, search_place(port)));
	conn_port_event(port_path(port), e);
}
