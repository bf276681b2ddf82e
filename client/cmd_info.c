#include <stdio.h>
#include <stdlib.h>

#include "client/client.h"
#include "client/command.h"
#include "client/member.h"
#include "config.h"
#include "proto/base/err.h"

enum { COLUMNS = 5, CELL = 64 };

/* What is at the port. */
static void
port_work(struct json_object *port, char *out, size_t size)
{
	long long	waiting = member_number(port, "waiting", 0);

	if (member(port, "job") == NULL)
		(void)snprintf(out, size, "-");
	else if (waiting > 0)
		(void)snprintf(out, size, "job %lld of %s, %lld waiting",
		    (long long)member_number(port, "job", 0),
		    member_text(port, "user", "somebody"), waiting);
	else
		(void)snprintf(out, size, "job %lld of %s",
		    (long long)member_number(port, "job", 0),
		    member_text(port, "user", "somebody"));
}

static void
ports_table(struct client *c, struct json_object *ports)
{
	static const char *const	 head[COLUMNS] = { "PORT", "STATE",
					    "DESCRIPTION", "SERIAL", "WORK" };
	size_t				 n = array_count(ports);
	const char			**cells, **row;
	char				(*work)[CELL];
	struct json_object		*port;

	cells = calloc((n + 1) * COLUMNS, sizeof *cells);
	work = calloc(n + 1, sizeof *work);
	for (size_t i = 0; cells != NULL && i < COLUMNS; i++)
		cells[i] = head[i];
	for (size_t i = 0; cells != NULL && work != NULL && i < n; i++) {
		port = json_object_array_get_idx(ports, i);
		row = cells + (i + 1) * COLUMNS;
		row[0] = member_text(port, "port", NULL);
		row[1] = member_text(port, "state", NULL);
		row[2] = member_text(port, "description", NULL);
		row[3] = member_text(port, "serial", NULL);
		port_work(port, work[i], CELL);
		row[4] = work[i];
	}
	if (cells != NULL && work != NULL)
		show_table(&c->show, cells, COLUMNS, n + 1);
	free(work);
	free(cells);
}

int
cmd_ports(struct client *c)
{
	struct json_object	*o = NULL;
	int			 r;

	if ((r = client_connect(c)) < 0 ||
	    (r = client_call(c, "port.list", NULL, &o)) < 0)
		return r;
	if (array_count(member_array(o, "ports")) > 0)
		ports_table(c, member_array(o, "ports"));
	else
		show_chat(&c->show, "No serial ports were found.");
	client_result(c, o);
	return 0;
}

int
cmd_status(struct client *c)
{
	struct json_object	*o = NULL;
	char			 label[CELL];
	int			 r;

	if ((r = client_connect(c)) < 0 ||
	    (r = client_call(c, "daemon.status", NULL, &o)) < 0)
		return r;
	json_object_object_foreach(o, key, value) {
		(void)snprintf(label, sizeof label, "%s:", key);
		show_out(&c->show, "%-16s%s", label,
		    json_object_get_string(value));
	}
	client_result(c, o);
	return 0;
}

int
cmd_version(struct client *c)
{
	struct json_object	*o = json_object_new_object();

	show_out(&c->show, "espctl %s", PACKAGE_VERSION);
	json_object_object_add(o, "version",
	    json_object_new_string(PACKAGE_VERSION));
	client_result(c, o);
	return 0;
}

static void
help_command(struct client *c, const struct command *command)
{
	show_out(&c->show, "usage: espctl [options] %s%s%s", command->name,
	    command->operands[0] ? " " : "", command->operands);
	show_out(&c->show, "%s.", command->help);
	show_out(&c->show, "Options:");
	args_show_options(&c->show, command);
}

int
cmd_help(struct client *c)
{
	const struct command	*command = c->args.command;

	if (command->run != cmd_help) {		/* COMMAND --help */
		help_command(c, command);
		return 0;
	}
	if (c->args.operand_count > 0) {
		command = args_command(c->args.operands[0], &c->why);
		if (command == NULL)
			return ERR_USAGE;
		help_command(c, command);
		return 0;
	}
	show_out(&c->show, "usage: espctl [options] COMMAND [operands]");
	show_out(&c->show, "Commands:");
	for (const struct command *k = commands; k->name != NULL; k++)
		show_out(&c->show, "  %-14s %-22s %s", k->name, k->operands,
		    k->help);
	show_out(&c->show, "\"espctl help COMMAND\" shows the options of "
	    "one; espctl(1) tells more.");
	return 0;
}
