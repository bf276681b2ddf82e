#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/client.h"
#include "client/command.h"
#include "client/filter.h"
#include "client/member.h"
#include "proto/base/err.h"

enum {
	COLUMN_PORT, COLUMN_CHIP, COLUMN_DESCRIPTION, COLUMN_SERIAL,
	COLUMN_LOCATION, COLUMN_LABEL, COLUMN_STATE, COLUMN_WORK, COLUMNS,
	GAP	= 2,		/* blanks between two columns */
	CELL	= 160,
	LONG_WORD = 4,		/* letters */
	DESCRIPTION = 14,	/* bytes of one that must give way, at least */
};

/* Words with a blank between them; empty ones are left out. */
static void
add_word(char out[CELL], const char *word)
{
	size_t	n = strlen(out);

	if (word[0] != '\0')
		(void)snprintf(out + n, CELL - n, "%s%s", n > 0 ? " " : "",
		    word);
}

static void
add_labels(char out[CELL], struct json_object *port)
{
	struct json_object	*labels = member_array(port, "labels");

	for (size_t i = 0; i < array_count(labels); i++)
		add_word(out, json_object_get_string(
		    json_object_array_get_idx(labels, i)));
}

static void
add_location(char out[CELL], struct json_object *port)
{
	const char	*interface = member_text(port, "interface", "");

	(void)snprintf(out, CELL, "%s%s%s", member_text(port, "location", ""),
	    interface[0] ? ":" : "", interface);
}

/* Does a text have one of the longer words of a name?  "CP2102N" of "CP2102,
 * CP2102N or CP2104". */
static bool
has_word(const char *text, const char *name)
{
	char	word[CELL];

	while (*name != '\0') {
		size_t	n = strcspn(name, " ,-/");

		if (n >= LONG_WORD && n < sizeof word) {
			(void)snprintf(word, sizeof word, "%.*s", (int)n,
			    name);
			if (strcasestr(text, word) != NULL)
				return true;
		}
		name += n + (name[n] != '\0');
	}
	return false;
}

/* What the device says of itself, after the kind of adapter if that tells
 * more. */
static void
add_description(char out[CELL], struct json_object *port)
{
	const char	*adapter = member_text(port, "adapter", "");
	const char	*text = member_text(port, "description", "");

	if (!has_word(text, adapter))
		add_word(out, adapter);
	add_word(out, text);
}

/* Who has it, if that is known. */
static void
add_state(char out[CELL], struct json_object *port)
{
	const char	*client = member_text(port, "export_client", "");
	const char	*holder = member_text(port, "holder", "");

	if (holder[0] != '\0') {
		(void)snprintf(out, CELL, "held by %s", holder);
		return;
	}
	add_word(out, member_text(port, "state", ""));
	if (client[0] != '\0') {
		add_word(out, "by");
		add_word(out, client);
	}
}

static void
add_work(char out[CELL], struct json_object *port)
{
	long long	waiting = member_number(port, "waiting", 0);
	size_t		n;

	if (member(port, "job") != NULL)
		(void)snprintf(out, CELL, "job %lld of %s",
		    (long long)member_number(port, "job", 0),
		    member_text(port, "user", "somebody"));
	if (member(port, "job") != NULL && waiting > 0) {
		n = strlen(out);
		(void)snprintf(out + n, CELL - n, ", %lld waiting", waiting);
	}
	add_word(out, member_text(port, "export", ""));
}

static void
port_row(struct json_object *port, char row[COLUMNS][CELL])
{
	memset(row, 0, sizeof row[0] * COLUMNS);
	add_word(row[COLUMN_PORT], member_text(port, "port", "?"));
	add_word(row[COLUMN_CHIP], member_text(port, "chip", ""));
	add_word(row[COLUMN_CHIP], member_text(port, "mac", ""));
	add_description(row[COLUMN_DESCRIPTION], port);
	add_word(row[COLUMN_SERIAL], member_text(port, "serial", ""));
	add_location(row[COLUMN_LOCATION], port);
	add_labels(row[COLUMN_LABEL], port);
	add_state(row[COLUMN_STATE], port);
	add_work(row[COLUMN_WORK], port);
}

/*
 * Descriptions give way until a line fits.  What a user may copy into another
 * command (names, serial numbers, URLs) is never cut.
 */
static void
fit(char (*rows)[COLUMNS][CELL], size_t count)
{
	size_t	width[COLUMNS] = { 0 }, total = GAP * (COLUMNS - 1), n, room;
	size_t	limit = show_width();

	for (size_t i = 0; i < count; i++)
		for (int k = 0; k < COLUMNS; k++)
			if ((n = strlen(rows[i][k])) > width[k])
				width[k] = n;
	for (int k = 0; k < COLUMNS; k++)
		total += width[k];
	if (total <= limit)
		return;
	room = width[COLUMN_DESCRIPTION];
	room = room > total - limit + DESCRIPTION ? room - (total - limit) :
	    DESCRIPTION;
	for (size_t i = 0; i < count; i++)
		if (strlen(rows[i][COLUMN_DESCRIPTION]) > room)
			memcpy(rows[i][COLUMN_DESCRIPTION] + room - 3, "...",
			    sizeof "...");
}

static void
ports_table(struct client *c, struct json_object *ports)
{
	static const char *const	 head[COLUMNS] = { "PORT", "CHIP",
					    "DESCRIPTION", "SERIAL",
					    "LOCATION", "LABEL", "STATE",
					    "WORK" };
	size_t				 n = array_count(ports) + 1;
	const char			**cells;
	char				(*rows)[COLUMNS][CELL];

	cells = calloc(n * COLUMNS, sizeof *cells);
	rows = calloc(n, sizeof *rows);
	if (cells != NULL && rows != NULL) {
		for (int k = 0; k < COLUMNS; k++)
			(void)snprintf(rows[0][k], CELL, "%s", head[k]);
		for (size_t i = 1; i < n; i++)
			port_row(json_object_array_get_idx(ports, i - 1),
			    rows[i]);
		fit(rows, n);
		for (size_t i = 0; i < n * COLUMNS; i++)
			if (rows[i / COLUMNS][i % COLUMNS][0] != '\0')
				cells[i] = rows[i / COLUMNS][i % COLUMNS];
		show_table(&c->show, cells, COLUMNS, n);
	}
	free(rows);
	free(cells);
}

/* Leave those that --port-filter does not want. */
static void
ports_filter(struct client *c, struct json_object *ports)
{
	for (size_t i = array_count(ports); i-- > 0;)
		if (!filter_fits(c->args.filters,
		    json_object_array_get_idx(ports, i)))
			(void)json_object_array_del_idx(ports, i, 1);
}

static int
ports_list(struct client *c, struct json_object **answer)
{
	struct json_object	*params = json_object_new_object();
	char			*selector;
	int			 r;

	if (c->args.operand_count > 0) {
		selector = args_selector(c->args.operands[0]);
		json_object_object_add(params, "select",
		    json_object_new_string(selector != NULL ? selector : ""));
		free(selector);
	}
	r = client_call(c, "port.list", params, answer);
	if (r == 0)
		ports_filter(c, member_array(*answer, "ports"));
	return r;
}

static bool
is_gone(const char *state)
{
	return strcmp(state, "gone") == 0 || strcmp(state, "removed") == 0;
}

/* One line: the port, what happened to it, and what it is. */
static void
tell_change(struct client *c, const char *name, const char *what,
    struct json_object *port)
{
	char	row[COLUMNS][CELL], rest[CELL] = "";

	port_row(port, row);
	if (!is_gone(member_text(port, "state", "")))
		for (int k = COLUMN_CHIP; k < COLUMNS; k++)
			if (k != COLUMN_STATE)
				add_word(rest, row[k]);
	show_out(&c->show, "%s %s%s%s", name, what, rest[0] ? " " : "", rest);
}

/* A port as it is at the beginning, in the form of an event. */
static void
tell_present(struct client *c, struct json_object *port,
    struct json_object *seen)
{
	const char		*name = member_text(port, "port", "?");
	const char		*state = member_text(port, "state", "?");
	struct json_object	*o = json_object_new_object();

	json_object_object_add(seen, name, json_object_new_string(state));
	tell_change(c, name, state, port);
	json_object_object_add(o, "type", json_object_new_string("port.state"));
	json_object_object_add(o, "port", json_object_new_string(name));
	json_object_object_add(o, "state", json_object_new_string(state));
	json_object_object_add(o, "object", json_object_get(port));
	show_json(&c->show, o);
	json_object_put(o);
}

/* `seen`: the last state of each port. */
static void
tell_event(struct client *c, struct json_object *event,
    struct json_object *seen)
{
	const char	*name = member_text(event, "port", "?");
	const char	*state = member_text(event, "state", "?");
	const char	*before = member_text(seen, name, "removed");
	const char	*what = state;

	if (is_gone(state) && is_gone(before))
		return;
	if (is_gone(state))
		what = "unplugged";
	else if (is_gone(before))
		what = "plugged";
	tell_change(c, name, what, member(event, "object"));
	show_json(&c->show, event);
	json_object_object_add(seen, name, json_object_new_string(state));
}

/* Does the event tell of a port that is wanted?  A selector is the daemon's to
 * judge; a port that went away is wanted when it was. */
static bool
event_wanted(struct client *c, struct json_object *event,
    struct json_object *seen)
{
	const char		*name = member_text(event, "port", "?");
	struct json_object	*answer = NULL, *ports;
	bool			 found = false;

	if (strcmp(member_text(event, "type", ""), "port.state") != 0)
		return false;
	if (is_gone(member_text(event, "state", "")))
		return member(seen, name) != NULL;
	if (c->args.operand_count == 0)
		return filter_fits(c->args.filters, member(event, "object"));
	if (ports_list(c, &answer) < 0) {
		/* One that fits nothing now is no reason to stop. */
		if (c->why.err != ERR_DAEMON)
			why_clear(&c->why);
		return false;
	}
	ports = member_array(answer, "ports");
	for (size_t i = 0; i < array_count(ports); i++)
		if (strcmp(member_text(json_object_array_get_idx(ports, i),
		    "port", ""), name) == 0)
			found = true;
	json_object_put(answer);
	return found;
}

/* Until the user has enough of it: Ctrl-C ends espctl, as anybody expects. */
static int
ports_follow(struct client *c, struct json_object *seen)
{
	struct json_object	*event;
	int			 r;

	while ((r = show_flush(&c->show)) == 0) {
		r = conn_event(&c->conn, -1, -1, &event, &c->why);
		if (r < 0)
			return r;
		if (event_wanted(c, event, seen))
			tell_event(c, event, seen);
		json_object_put(event);
		if (c->why.err != 0)
			return c->why.err;
	}
	return why_set(&c->why, r, "the lines could not be printed");
}

/* Events are asked for first, so that none is missed. */
static int
ports_subscribe(struct client *c)
{
	struct json_object	*params = json_object_new_object(), *o = NULL;
	struct json_object	*types = json_object_new_array();
	int			 r;

	(void)json_object_array_add(types,
	    json_object_new_string("port.state"));
	json_object_object_add(params, "types", types);
	r = client_call(c, "events.subscribe", params, &o);
	json_object_put(o);
	return r;
}

int
cmd_ports(struct client *c)
{
	struct json_object	*o = NULL, *ports, *seen;
	int			 r;

	if ((r = filter_check(c->args.filters, &c->why)) < 0 ||
	    (r = client_connect(c)) < 0 ||
	    (c->args.follow && (r = ports_subscribe(c)) < 0) ||
	    (r = ports_list(c, &o)) < 0)
		return r;
	ports = member_array(o, "ports");
	if (c->args.follow) {
		seen = json_object_new_object();
		for (size_t i = 0; i < array_count(ports); i++)
			tell_present(c, json_object_array_get_idx(ports, i),
			    seen);
		json_object_put(o);
		r = ports_follow(c, seen);
		json_object_put(seen);
		return r;
	}
	if (array_count(ports) > 0)
		ports_table(c, ports);
	else
		show_chat(&c->show, "No serial ports were found.");
	client_result(c, o);
	return 0;
}

int
cmd_label(struct client *c)
{
	const char		*name = c->args.operands[0];
	struct json_object	*params, *o = NULL;
	char			*selector = NULL;
	int			 r;

	if (c->args.remove == (c->args.operand_count > 1))
		return why_set(&c->why, ERR_USAGE, "label: %s; it goes: "
		    "espctl label NAME SELECTOR, or espctl label NAME --remove",
		    c->args.remove ? "a label that is removed needs no port" :
		    "the port is missing");
	if ((r = client_connect(c)) < 0)
		return r;
	params = json_object_new_object();
	json_object_object_add(params, "label", json_object_new_string(name));
	if (!c->args.remove) {
		selector = args_selector(c->args.operands[1]);
		json_object_object_add(params, "select",
		    json_object_new_string(selector != NULL ? selector : ""));
		free(selector);
	}
	if ((r = client_call(c, "port.label", params, &o)) < 0)
		return r;
	if (c->args.remove)
		show_out(&c->show, "%s is forgotten.", name);
	else
		show_out(&c->show, "%s is %s", member_text(o, "label", name),
		    member_text(o, "select", "?"));
	client_result(c, o);
	return 0;
}

int
cmd_labels(struct client *c)
{
	struct json_object	*o = NULL, *labels, *result;
	const char		**cells;
	size_t			 n;
	int			 r;

	if ((r = client_connect(c)) < 0 ||
	    (r = client_call(c, "port.list", NULL, &o)) < 0)
		return r;
	labels = member_array(o, "labels");
	n = array_count(labels);
	cells = calloc((n + 1) * 2, sizeof *cells);
	for (size_t i = 0; cells != NULL && i < n; i++) {
		struct json_object	*label;

		label = json_object_array_get_idx(labels, i);
		cells[2 * i + 2] = member_text(label, "label", NULL);
		cells[2 * i + 3] = member_text(label, "select", NULL);
	}
	if (n == 0)
		show_chat(&c->show, "There are no labels.");
	else if (cells != NULL) {
		cells[0] = "LABEL";
		cells[1] = "PORT";
		show_table(&c->show, cells, 2, n + 1);
	}
	free(cells);
	result = json_object_new_object();
	json_object_object_add(result, "labels", json_object_get(labels));
	json_object_put(o);
	client_result(c, result);
	return 0;
}

/* The port of export and unexport: the operand, or --port. */
static int
one_port(struct client *c)
{
	struct json_object	*given = member(c->args.params, "port");
	char			*selector;

	if (c->args.operand_count > 0) {
		selector = args_selector(c->args.operands[0]);
		json_object_object_add(c->args.params, "port",
		    json_object_new_string(selector != NULL ? selector : ""));
		free(selector);
		return 0;
	}
	if (json_object_is_type(given, json_type_array)) {
		if (json_object_array_length(given) > 1)
			return why_set(&c->why, ERR_USAGE, "%s: one port at a "
			    "time", c->args.command->name);
		given = json_object_array_get_idx(given, 0);
		json_object_object_add(c->args.params, "port",
		    json_object_get(given));
	}
	if (given == NULL)
		return why_set(&c->why, ERR_USAGE, "%s: which port? it goes: "
		    "espctl %s PORT", c->args.command->name,
		    c->args.command->name);
	return 0;
}

static int
call_for_port(struct client *c, struct json_object **o)
{
	int	r;

	if ((r = one_port(c)) < 0 || (r = client_connect(c)) < 0)
		return r;
	return client_call(c, c->args.command->method,
	    json_object_get(c->args.params), o);
}

/* The URL alone goes to stdout, for $(...). */
int
cmd_export(struct client *c)
{
	struct json_object	*o = NULL;
	int			 r;

	if ((r = call_for_port(c, &o)) < 0)
		return r;
	show_chat(&c->show, "%s is lent until \"espctl unexport\"",
	    member_text(o, "port", "The port"));
	show_out(&c->show, "%s", member_text(o, "url", ""));
	client_result(c, o);
	return 0;
}

int
cmd_unexport(struct client *c)
{
	struct json_object	*o = NULL;
	int			 r;

	if ((r = call_for_port(c, &o)) < 0)
		return r;
	show_chat(&c->show, "%s is lent no longer", member_text(o, "port",
	    "The port"));
	client_result(c, o);
	return 0;
}
