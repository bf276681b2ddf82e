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
run(struct client *c, bool esptool, int argc, char **argv)
{
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

/* Which programs espctl can be besides itself. */
struct called {
	enum efuse_call		efuse;
	enum secure_call	secure;
};

/* True: in the voice of esptool, as all of its family speak. */
static bool
who_is_called(struct called *called, int *argc, char **argv, int *skip)
{
	called->secure = SECURE_CALL_NONE;
	called->efuse = efuse_called(argc, argv, skip);
	if (called->efuse != EFUSE_CALL_NONE)
		return called->efuse == EFUSE_CALL_ESPEFUSE;
	called->secure = secure_called(argc, argv, skip);
	if (called->secure != SECURE_CALL_NONE)
		return called->secure == SECURE_CALL_ESPSECURE;
	return esptool_called(*argc, argv, skip);
}

int
main(int argc, char **argv)
{
	struct client		c = { .voice = &voice_espctl };
	struct expand		words;
	struct called		called;
	int			r, skip = 0;
	bool			esptool;

	esptool = who_is_called(&called, &argc, argv, &skip);
	conn_init(&c.conn);
	show_init(&c.show, false, false, false);
	if (esptool) {
		c.voice = &voice_esptool;
		c.esptool.py = strstr(argv[skip], ".py") != NULL;
		argc -= skip;
		argv += skip;
	}
	if ((r = expand_args(&words, argc, argv, &c.why)) == 0)
		r = called.efuse != EFUSE_CALL_NONE ?
		    efuse_main(&c, called.efuse, words.argc, words.argv) :
		    called.secure != SECURE_CALL_NONE ?
		    secure_main(&c, called.secure, words.argc, words.argv) :
		    run(&c, esptool, words.argc, words.argv);
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
		return esptool ? esptool_exit(r) : err_exit(r);
	return c.exit;
}
