#include "client/efuse.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "client/client.h"
#include "client/efuse_impl.h"
#include "client/esptool.h"
#include "client/member.h"
#include "client/voice.h"
#include "config.h"
#include "proto/base/err.h"
#include "proto/rpc/rpc.h"
#include "proto/secure/secret.h"

enum { ANY = 100000 };		/* operands */

#define NAMES		"EFUSE..."
#define KEY_OPTIONS	(EFUSE_OPT_ALWAYS | EFUSE_OPT_SHOW | EFUSE_OPT_PROTECT)

const struct efuse_verb efuse_verbs[] = {
	{ "read-protect-efuse", NAMES, "Disable reading eFuses, for ever",
	  true, 1, ANY, .about = EFUSE_ABOUT_HIDDEN, .wish = efuse_want_hide },
	{ "write-protect-efuse", NAMES, "Disable writing eFuses, for ever",
	  true, 1, ANY, .about = EFUSE_ABOUT_LOCKED, .wish = efuse_want_lock },
	{ "burn-efuse", "EFUSE VALUE...",
	  "Burn eFuses; a value may be left out where there is only one",
	  true, 1, ANY, EFUSE_OPT_FORCE,
	  .about = EFUSE_ABOUT_FIELDS, .wish = efuse_want_fields },
	{ "burn-block-data", "BLOCK FILE...",
	  "Burn the bytes of files into blocks, no keys", true, 2, ANY,
	  EFUSE_OPT_OFFSET | EFUSE_OPT_ALWAYS, .about = EFUSE_ABOUT_BLOCKS,
	  .wish = efuse_want_data },
	{ "burn-bit", "BLOCK BIT...", "Burn bits of a block by their numbers",
	  true, 2, ANY, EFUSE_OPT_ALWAYS, .about = EFUSE_ABOUT_BLOCKS,
	  .wish = efuse_want_bits },
	{ "burn-key", "BLOCK FILE PURPOSE... (ESP32: BLOCK FILE...)",
	  "Burn keys, say what they are for, and protect them", true, 2, ANY,
	  KEY_OPTIONS, .about = EFUSE_ABOUT_KEYS, .wish = efuse_want_key },
	{ "burn-key-digest",
	  "BLOCK FILE PURPOSE... (ESP32, ESP32-C2: FILE)",
	  "Burn the digests of public keys for secure boot", true, 1, ANY,
	  KEY_OPTIONS, .about = EFUSE_ABOUT_DIGESTS,
	  .wish = efuse_want_digest },
	{ "burn-custom-mac", "MAC", "Burn a MAC address of your own", true, 1,
	  1, EFUSE_OPT_ALWAYS, .wish = efuse_want_mac },
	{ "set-flash-voltage", "1.8V|3.3V|OFF",
	  "Burn which voltage the flash gets (ESP32, S2, S3, E22)", true, 1,
	  1, .wish = efuse_want_voltage },
	{ "summary", "[EFUSE...]", "Show what the eFuses hold", false, 0, ANY,
	  EFUSE_OPT_FORMAT | EFUSE_OPT_FILE, "summary|json|value_only",
	  EFUSE_ABOUT_FIELDS, .read = efuse_read_summary },
	{ "dump", "", "Show the words of all blocks", false, 0, 0,
	  EFUSE_OPT_FORMAT | EFUSE_OPT_FILE_NAME, "default|split|joint",
	  .read = efuse_read_dump },
	{ "get-custom-mac", "", "Show the MAC address of your own", false, 0,
	  0, .read = efuse_read_mac },
	{ "adc-info", "", "Show what was measured of the ADC in the factory",
	  false, 0, 0, .read = efuse_read_adc },
	{ "check-error", "", "Show whether blocks have errors", false, 0, 0,
	  EFUSE_OPT_RECOVERY, .read = efuse_read_check },
	{ .name = NULL }
};

/* What can be said against the commands before anything is done. */
static int
check_line(struct efuse_run *run)
{
	const struct efuse_line	*l = &run->line;
	struct why		*why = &run->client->why;
	bool			 recovery = false;
	size_t			 count = 0;

	for (size_t i = 0; i < l->count; i++) {
		count += l->commands[i].verb->burns;
		recovery |= l->commands[i].recovery;
	}
	run->batch = count > 1;
	run->last = count == 0 && !recovery;	/* reading is one job */
	if (recovery && count > 0)
		return why_set(why, ERR_USAGE, "check-error --recovery burns "
		    "by itself; it does not go with other commands that burn");
	if (l->virt_file != NULL && !l->virt)
		return why_set(why, ERR_USAGE, "--path-efuse-file is for "
		    "--virt; a board keeps its eFuses itself");
	if (!l->virt && run->as_tool && member(l->params, "port") == NULL)
		return why_set(why, ERR_USAGE, "Missing required argument. "
		    "Please specify the --port option.");
	return 0;
}

/* Boards that burn together are of one kind, and all wishes can be. */
static int
check_boards(struct efuse_run *run)
{
	struct why		*why = &run->client->why;
	struct efuse_target	*first = efuse_target_next(run, NULL), *t;
	int			 r;

	for (t = first; (t = efuse_target_next(run, t)) != NULL;)
		if (t->state.efuse != first->state.efuse)
			return why_set(why, ERR_CONFLICT, "%s and %s are not "
			    "of one kind (%s, %s); burn them one after the "
			    "other", first->port, t->port,
			    first->state.efuse->chip->name,
			    t->state.efuse->chip->name);
	for (size_t i = 0; i < run->wish_count; i++) {
		r = efuse_wish_check(&first->state, &run->wishes[i], why);
		if (r == 0)
			r = efuse_wish_seal(&first->state, &run->wishes[i],
			    why);
		if (r < 0)
			return r;
	}
	return 0;
}

/* All wishes of all commands, before the first of them is done. */
static int
make_wishes(struct efuse_run *run)
{
	bool	any = false;
	int	r;

	run->at = efuse_target_next(run, NULL);
	for (size_t i = 0; i < run->line.count; i++) {
		const struct efuse_verb	*v = run->line.commands[i].verb;

		if (run->line.commands[i].recovery && run->count > 1)
			return why_set(&run->client->why, ERR_USAGE,
			    "check-error --recovery is for one board at a "
			    "time");
		any |= v->burns;
		if (v->burns && (r = v->wish(run, i)) < 0)
			return r;
	}
	return any ? check_boards(run) : 0;
}

static void
say_command(struct efuse_run *run, const struct efuse_command *c)
{
	struct show	*show = &run->client->show;

	if (!run->as_tool && run->line.count == 1)
		return;
	show_chat(show, "\n=== Run \"%s\" command ===", c->verb->name);
}

/* A reading command, board after board. */
static int
do_read(struct efuse_run *run, size_t command)
{
	const struct efuse_verb	*v = run->line.commands[command].verb;
	struct efuse_target	*t = NULL;
	struct client		*c = run->client;
	int			 r;

	while ((t = efuse_target_next(run, t)) != NULL) {
		run->at = t;
		efuse_heading(run, t);
		if (t->lost) {
			show_chat(&c->show, "The eFuses of this chip can not "
			    "be read any more, as it was planned.");
			continue;
		}
		if ((r = v->read(run, command)) == 0)
			continue;
		if (c->why.err == 0)
			return r;	/* it was said */
		struct why	why = c->why;

		why_clear(&c->why);
		(void)efuse_target_fail(run, t, &why);
	}
	return efuse_targets_outcome(run);
}

static int
do_burn(struct efuse_run *run, size_t command)
{
	const struct efuse_command	*c = &run->line.commands[command];
	int				 r;

	if ((c->verb->options & EFUSE_OPT_SHOW) && !c->show &&
	    !run->line.debug)
		show_chat(&run->client->show, "Sensitive data will be hidden "
		    "(see --show-sensitive-info)");
	if ((r = efuse_burn_plan(run, command)) < 0)
		return r;
	if (!run->batch)
		return efuse_burn_now(run, command, "");
	show_chat(&run->client->show, "\nBatch mode is enabled, the burn will "
	    "be done at the end of the command.");
	return 0;
}

/* The commands, the burn of a batch, and what is shown anew after a burn. */
static int
do_commands(struct efuse_run *run)
{
	const struct efuse_line	*l = &run->line;
	bool			 any = false;
	int			 r = 0;

	for (size_t i = 0; i < l->count && r == 0; i++) {
		say_command(run, &l->commands[i]);
		any |= l->commands[i].verb->burns;
		r = l->commands[i].verb->burns ? do_burn(run, i) :
		    do_read(run, i);
	}
	if (r == 0 && run->batch)
		r = efuse_burn_now(run, 0, "");
	for (size_t i = 0; i < l->count && r == 0 && any; i++) {
		if (l->commands[i].verb->burns)
			continue;
		say_command(run, &l->commands[i]);
		r = do_read(run, i);
	}
	return r;
}

static void
show_debug(struct efuse_run *run)
{
	struct efuse_target	*t = NULL;

	while ((t = efuse_target_next(run, t)) != NULL) {
		run->at = t;
		efuse_show_all(run);
	}
}

/* The last line of --json, of a failure, too. */
static void
show_result(struct efuse_run *run)
{
	struct client		*c = run->client;
	struct json_object	*o = json_object_new_object(), *boards;

	boards = json_object_new_array();
	for (size_t i = 0; i < run->count; i++) {
		struct efuse_target	*t = &run->targets[i];

		if (t->report == NULL)
			continue;
		if (t->why.err != 0)
			json_object_object_add(t->report, "error",
			    rpc_error_object(&t->why, NULL));
		(void)json_object_array_add(boards,
		    json_object_get(t->report));
	}
	json_object_object_add(o, "type", json_object_new_string("result"));
	json_object_object_add(o, "exit",
	    json_object_new_int(err_exit(c->why.err)));
	if (c->why.err != 0)
		json_object_object_add(o, "error",
		    rpc_error_object(&c->why, NULL));
	json_object_object_add(o, "boards", boards);
	show_json(&c->show, o);
	json_object_put(o);
}

/* Some boards may have failed while others went on. */
static int
outcome(struct efuse_run *run, int r)
{
	size_t	failed = 0;

	for (size_t i = 0; i < run->count; i++)
		failed += run->targets[i].why.err != 0;
	if (r < 0 || failed == 0)
		return r;
	return why_set(&run->client->why, ERR_GROUP, "%zu of %zu boards "
	    "failed (why stands above)", failed, run->count);
}

static int
run_line(struct efuse_run *run)
{
	struct client	*c = run->client;
	struct why	 why;
	int		 r, left;

	if ((r = check_line(run)) < 0)
		return r;
	/* From here on a failure is one of the work. */
	run->command = (struct command){ .name = "efuse",
	    .method = "efuse.dump" };
	c->args.command = &run->command;
	if ((r = efuse_targets_open(run)) == 0) {
		show_debug(run);
		if ((r = make_wishes(run)) == 0)
			r = do_commands(run);
		r = outcome(run, r);
		why = c->why;
		why_clear(&c->why);
		for (size_t i = 0; i < run->count; i++)
			run->targets[i].idle = run->targets[i].lost;
		left = efuse_leave(run);
		if (r != 0)
			c->why = why;
		else
			r = left;
	}
	return r;
}

static bool
burns(const struct efuse_line *l)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->commands[i].verb->burns || l->commands[i].recovery)
			return true;
	return false;
}

static void
say_begin(struct efuse_run *run)
{
	struct client	*c = run->client;

	esptool_tell_py(c, "espefuse");
	if (run->as_tool)
		show_chat(&c->show, "espefuse v" ESPTOOL_VERSION
		    " (espflashd " PACKAGE_VERSION ")");
	esptool_tell_older(c, run->line.older);
}

/* Not a part of efuse_main(): its stack is wiped when it is done. */
static __attribute__((noinline)) int
run_efuse(struct client *c, int argc, char **argv)
{
	const struct args_source from = { getenv, &c->config, false };
	struct efuse_run	run = { .client = c,
				    .as_tool = c->called.as_tool };
	int			r;

	rcfile_load(&c->config);
	r = efuse_line_parse(&run.line, argc, argv, &from, &c->why);
	/* A plan is never silent. */
	show_init(&c->show, run.line.json, run.line.plain, run.line.silent &&
	    !burns(&run.line));
	if (run.as_tool)
		show_esptool(&c->show);
	c->args.params = json_object_get(run.line.params);
	c->args.socket = run.line.socket;
	say_begin(&run);
	if (r == 0 && (run.line.help || run.line.count == 0))
		r = efuse_help(&run);
	else if (r == 0)
		r = run_line(&run);
	if (run.line.json && !run.line.help)
		show_result(&run);
	else if (c->why.err != 0)
		c->voice->failed(c);
	why_clear(&c->why);		/* all was said */
	c->args.command = NULL;
	efuse_wishes_done(&run);
	efuse_targets_done(&run);
	efuse_line_done(&run.line);
	return r;
}

int
efuse_main(struct client *c, int argc, char **argv)
{
	int	r;

	(void)secret_begin();		/* nothing has used libcrypto yet */
	r = run_efuse(c, argc, argv);
	secret_wipe_stack();
	return r;
}

int
cmd_efuse(struct client *c)
{
	return why_set(&c->why, ERR_USAGE, "write \"espctl efuse\" first, "
	    "and options behind it");
}
