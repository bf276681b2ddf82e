#include "client/esptool.h"

#include <string.h>

#include "client/client.h"
#include "client/command.h"
#include "client/member.h"
#include "client/option.h"
#include "config.h"
#include "proto/base/err.h"

static void
tell_list(struct client *c, const char *before, struct json_object *list)
{
	for (size_t i = 0; i < array_count(list); i++)
		show_chat(&c->show, "%s%s", before, json_object_get_string(
		    json_object_array_get_idx(list, i)));
}

void
esptool_tell_py(struct client *c, const char *tool)
{
	if (c->called.py)
		show_error(&c->show, "Warning: DEPRECATED: '%s.py' is "
		    "deprecated. Please use '%s' instead.", tool, tool);
}

void
esptool_tell_older(struct client *c, struct json_object *older)
{
	tell_list(c, "Warning: Deprecated: ", older);
}

/* "a, b" */
static void
tell_joined(struct client *c, const char *before, struct json_object *list)
{
	if (array_count(list) == 0)
		return;
	show_part(&c->show, before);
	show_part(&c->show, array_count(list) > 1 ? "s: " : ": ");
	for (size_t i = 0; i < array_count(list); i++) {
		show_part(&c->show, i > 0 ? ", " : "");
		show_part(&c->show, json_object_get_string(
		    json_object_array_get_idx(list, i)));
	}
	show_part(&c->show, "\n");
	c->show.open = false;
}

static void
tell_config(struct client *c)
{
	tell_list(c, "Note: Ignoring invalid config file ", c->config.invalid);
	if (c->config.path == NULL)
		return;
	tell_joined(c, "Note: Ignoring unknown config file option",
	    c->config.unknown);
	tell_joined(c, "Note: Without effect here, as timeouts come from the "
	    "work itself, config file option", c->config.idle);
	show_chat(&c->show, "Loaded custom configuration from %s%s",
	    c->config.path, c->config.from_env ?
	    " (set with ESPTOOL_CFGFILE)" : "");
}

/* A port is tried again only when it is clear what is tried. */
static void
check_attempts(struct client *c)
{
	if (c->args.open_attempts == 1 ||
	    (member(c->args.params, "port") != NULL &&
	    member(c->args.params, "chip") != NULL))
		return;
	c->args.open_attempts = 1;
	show_chat(&c->show, "Warning: The ESPTOOL_OPEN_PORT_ATTEMPTS "
	    "(open_port_attempts) option can only be used with --port and "
	    "--chip arguments.");
}

/* Of several --port the last counts, as of every other option. */
static void
last_port(struct client *c)
{
	struct json_object	*ports = member_array(c->args.params, "port");
	size_t			 n = array_count(ports);
	struct json_object	*last;

	if (n < 2)
		return;
	last = json_object_get(json_object_array_get_idx(ports, n - 1));
	ports = json_object_new_array();
	(void)json_object_array_add(ports, last);
	json_object_object_add(c->args.params, "port", ports);
}

int
esptool_begin(struct client *c)
{
	bool	plain = c->args.command != NULL && c->args.command->method ==
		    NULL;

	esptool_tell_py(c, "esptool");
	esptool_tell_older(c, c->args.older);
	show_chat(&c->show, "esptool v" ESPTOOL_VERSION " (espflashd "
	    PACKAGE_VERSION ")");
	tell_config(c);
	if (c->args.command == NULL)
		return 0;
	if (!(c->args.command->options & COMMAND_ESPTOOL) && !c->args.help)
		return why_set(&c->why, ERR_USAGE, "No such command '%s'; "
		    "espctl has it", c->args.command->name);
	if (c->args.silent && (c->args.own & 1u << OWN_VERBOSE))
		return why_set(&c->why, ERR_CONFLICT, "Cannot use both "
		    "--verbose and --silent options at the same time.");
	if (c->args.silent && json_object_get_boolean(member(c->args.params,
	    "trace")))
		return why_set(&c->why, ERR_CONFLICT, "Cannot use both "
		    "--trace and --silent options at the same time.");
	last_port(c);
	if (!plain)
		check_attempts(c);
	return 0;
}

int
esptool_exit(int err)
{
	/* What pySerial reports once a port is open ends with 1. */
	if (err == ERR_UNPLUGGED || err == ERR_PORT_FAILED)
		return 1;
	return err < 0 ? 2 : 0;
}

int
esptool_version(struct client *c)
{
	show_out(&c->show, ESPTOOL_VERSION);
	return 0;
}

int
esptool_help(struct client *c)
{
	const struct command	*one = c->args.command;

	if (c->called.py)
		show_out(&c->show, "DEPRECATED: call \"esptool\" instead of "
		    "\"esptool.py\".");
	if (one != NULL && (one->options & COMMAND_ESPTOOL)) {
		show_out(&c->show, "Usage: esptool [OPTIONS] %s [OPTIONS] %s",
		    one->name, one->operands);
		show_out(&c->show, "\n%s.\n\nOptions:", one->help);
		option_show(&c->show, one);
		return 0;
	}
	show_out(&c->show, "Usage: esptool [OPTIONS] COMMAND [ARGS]...");
	show_out(&c->show, "\nesptool v" ESPTOOL_VERSION " - as espflashd "
	    PACKAGE_VERSION " does it.\n\nCommands:");
	command_list(&c->show, COMMAND_ESPTOOL);
	show_out(&c->show, "\n\"esptool COMMAND -h\" shows the options of "
	    "one; espctl(1) tells more.");
	return 0;
}
