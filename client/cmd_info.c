#include <stdio.h>

#include "client/client.h"
#include "client/command.h"
#include "client/member.h"
#include "client/option.h"
#include "config.h"
#include "proto/base/err.h"

enum { LABEL_MAX = 64 };

int
cmd_daemon_status(struct client *c)
{
	struct json_object	*o = NULL;
	char			 label[LABEL_MAX];
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
	option_show(&c->show, command);
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
		command = option_command(c->args.operands[0], &c->why);
		if (command == NULL)
			return ERR_USAGE;
		help_command(c, command);
		return 0;
	}
	show_out(&c->show, "usage: espctl [options] COMMAND [operands]");
	show_out(&c->show, "Commands:");
	command_list(&c->show, 0);
	show_out(&c->show, "\"espctl help COMMAND\" shows the options of "
	    "one; espctl(1) tells more.");
	return 0;
}
