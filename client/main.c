/* espctl - the client of espflashd: command lines become jobs. */
#include <stdlib.h>
#include <string.h>

#include "client/client.h"
#include "client/command.h"
#include "client/efuse.h"
#include "client/expand.h"
#include "client/member.h"
#include "client/secure.h"
#include "client/voice.h"
#include "proto/base/err.h"
#include "proto/rpc/rpc.h"

/* Why nothing came of it; jobs have told theirs. */
static void
tell(struct client *c)
{
	struct json_object	*o;

	if (c->why.err == 0)
		return;
	if (!c->show.json) {
		c->voice->failed(c);
		return;
	}
	o = json_object_new_object();
	json_object_object_add(o, "type", json_object_new_string("result"));
	json_object_object_add(o, "exit",
	    json_object_new_int(err_exit(c->why.err)));
	json_object_object_add(o, "error", rpc_error_object(&c->why, NULL));
	show_json(&c->show, o);
	json_object_put(o);
}

/* What there is to say of a configuration file. */
static void
tell_config(struct client *c)
{
	for (size_t i = 0; i < array_count(c->config.invalid); i++)
		show_chat(&c->show, "%s; this file is left out",
		    json_object_get_string(json_object_array_get_idx(
		    c->config.invalid, i)));
	if (c->config.path == NULL)
		return;
	show_chat(&c->show, "Configuration from %s", c->config.path);
	for (size_t i = 0; i < array_count(c->config.unknown); i++)
		show_chat(&c->show, "%s: nobody knows the option %s, ignoring",
		    c->config.path, json_object_get_string(
		    json_object_array_get_idx(c->config.unknown, i)));
}

static int
run_espctl(struct client *c)
{
	if (c->args.help)
		return cmd_help(c);
	if (c->args.command->method != NULL)
		tell_config(c);
	return c->args.command->run(c);
}

static int
run_esptool(struct client *c, int argc)
{
	int	r;

	if ((r = esptool_begin(c)) < 0)
		return r;
	if (argc == 1)
		c->exit = 2;		/* help, and yet nothing was done */
	if (argc == 1 || c->args.help)
		return esptool_help(c);
	if (c->args.command->run == cmd_version)
		return esptool_version(c);
	return c->args.command->run(c);
}

/* Understand the command line and do what it says. */
static int
run(struct client *c, int argc, char **argv)
{
	bool				esptool = c->called.as_tool;
	const struct args_source	from = { getenv, &c->config, esptool };
	int				r;

	rcfile_load(&c->config);
	r = args_parse(&c->args, argc, argv, &from, &c->why);
	show_init(&c->show, c->args.json, c->args.no_progress,
	    c->args.silent);
	if (!esptool)
		return r < 0 ? r : run_espctl(c);
	show_esptool(&c->show);
	if (r < 0 && argc > 1) {
		struct why	why = c->why;

		(void)esptool_begin(c);
		c->why = why;
		return r;
	}
	why_clear(&c->why);
	return run_esptool(c, argc);
}

static int
run_part(struct client *c, int argc, char **argv)
{
	switch (c->called.part) {
	case CALLED_EFUSE:
		return efuse_main(c, argc, argv);
	case CALLED_SECURE:
		return secure_main(c, argc, argv);
	case CALLED_JOBS:
		break;
	}
	return run(c, argc, argv);
}

int
main(int argc, char **argv)
{
	struct client	c = { .voice = &voice_espctl };
	struct expand	words;
	int		r;

	c.called = called_as(&argc, &argv);
	if (c.called.as_tool)
		c.voice = &voice_esptool;
	conn_init(&c.conn);
	show_init(&c.show, false, false, false);
	if ((r = expand_args(&words, argc, argv, &c.why)) == 0)
		r = run_part(&c, words.argc, words.argv);
	if (r < 0)
		tell(&c);
	if (show_flush(&c.show) < 0) {
		show_error(&c.show, "the result could not be printed");
		r = r == 0 ? ERR_IO : r;
	}
	conn_done(&c.conn);
	args_done(&c.args);
	rcfile_done(&c.config);
	expand_done(&words);
	if (r < 0)
		return c.called.as_tool ? esptool_exit(r) : err_exit(r);
	return c.exit;
}
