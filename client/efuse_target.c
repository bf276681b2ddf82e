/* efuse_target - the boards of a run, or its virtual chip. */
#include "client/efuse_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <json-c/json.h>

#include "client/client.h"
#include "client/member.h"
#include "client/search.h"
#include "client/voice.h"
#include "proto/base/err.h"
#include "proto/chip/chip.h"
#include "proto/efuse/json.h"
#include "proto/efuse/virt.h"

enum {
	TABLE_MAX	= 256 * 1024,	/* bytes of a user's table */
	REVISION_NEW	= UINT16_MAX,	/* the newest one that is known */
};

struct efuse_target *
efuse_target_next(struct efuse_run *run, struct efuse_target *t)
{
	t = t == NULL ? run->targets : t + 1;
	while (t < run->targets + run->count && (t->why.err != 0 || t->idle))
		t++;
	return t < run->targets + run->count ? t : NULL;
}

void
efuse_heading(struct efuse_run *run, struct efuse_target *t)
{
	if (run->count > 1)
		show_out(&run->client->show, "--- %s: %s", t->port,
		    t->state.efuse != NULL ? t->state.efuse->chip->name : "?");
}

int
efuse_target_fail(struct efuse_run *run, struct efuse_target *t,
    const struct why *why)
{
	t->why = *why;
	if (run->count > 1)
		show_error(&run->client->show, "%s: %s", t->port,
		    why_text(why));
	return why->err;
}

int
efuse_targets_outcome(struct efuse_run *run)
{
	struct client	*c = run->client;
	int		 err = 0;

	for (size_t i = 0; i < run->count; i++)
		if (run->targets[i].why.err == 0)
			return 0;
	if (run->count == 1) {
		c->why = run->targets[0].why;
		return c->why.err;
	}
	for (size_t i = 0; i < run->count; i++)
		err = i == 0 || err == run->targets[i].why.err ?
		    run->targets[i].why.err : ERR_GROUP;
	return why_set(&c->why, err, "all boards failed (why stands above)");
}

/* The user's own fields, for the chip of that board. */
static int
read_table(struct efuse_run *run, struct efuse_target *t,
    const struct efuse_chip *e)
{
	struct why	*why = &run->client->why;
	char		*text;
	size_t		 len;
	int		 r;

	if (run->line.table == NULL || t->user.fields != NULL)
		return 0;
	if ((text = malloc(TABLE_MAX)) == NULL)
		return why_set(why, ERR_NOMEM, "out of memory");
	r = efuse_key_read(run, run->line.table, (uint8_t *)text, TABLE_MAX,
	    &len);
	if (r == 0 && len > TABLE_MAX)
		r = why_set(why, ERR_LIMIT, "'%s' is too large for a table of "
		    "eFuses", run->line.table);
	if (r == 0)
		r = efuse_user_read(&t->user, e, text, len, run->line.table,
		    why);
	free(text);
	return r;
}

int
efuse_target_take(struct efuse_target *t, const struct efuse_raw *raw,
    struct why *why)
{
	struct efuse_state	s;
	int			r;

	r = efuse_state_read(&s, raw, t->user.count > 0 ? &t->user : NULL,
	    why);
	if (r < 0)
		return r;
	/* Fields that were named stay, and this one espefuse always names. */
	s.shown |= t->state.shown;
	(void)efuse_field_find(&s, "CUSTOM_MAC");
	t->raw = *raw;
	t->state = s;
	return 0;
}

const struct efuse_chip *
efuse_named_chip(struct efuse_run *run)
{
	const char			*name;
	const struct chip		*chip;
	const struct efuse_chip		*e = NULL;

	name = member_text(run->line.params, "chip", "auto");
	if (strcmp(name, "auto") == 0)
		name = "esp32";
	if ((chip = chip_by_name(name)) != NULL)
		e = efuse_chip_find(chip, REVISION_NEW);
	if (e == NULL)
		(void)why_set(&run->client->why, ERR_USAGE, "--chip: %.40s is "
		    "no chip whose eFuses are known", name);
	return e;
}

/* What is in the file; an empty one, or none, is a new chip. */
static int
virt_load_file(struct efuse_run *run, struct efuse_raw *raw,
    const struct efuse_chip *e)
{
	const char	*path = run->line.virt_file;
	uint8_t		 bytes[EFUSE_WINDOW];
	size_t		 len = 0;
	int		 r;

	virt_new(raw, e);
	if (path == NULL || (access(path, F_OK) < 0 && errno == ENOENT))
		return 0;
	r = efuse_key_read(run, path, bytes, sizeof bytes, &len);
	if (r == 0 && len > 0)
		r = virt_load(raw, e, bytes, len, &run->client->why);
	explicit_bzero(bytes, sizeof bytes);
	return r;
}

int
efuse_virt_save(struct efuse_run *run, struct efuse_target *t,
    struct why *why)
{
	uint8_t	bytes[EFUSE_WINDOW];
	size_t	len;
	int	r;

	if (run->line.virt_file == NULL)
		return 0;
	len = virt_save(&t->raw, bytes);
	r = efuse_write_file(run->line.virt_file, bytes, len, why);
	explicit_bzero(bytes, sizeof bytes);
	return r;
}

/* Which of a chip's two tables counts, as espefuse has it. */
static void
say_table(struct efuse_run *run, const struct efuse_target *t)
{
	const struct efuse_chip	*e = t->state.efuse;

	if (run->as_tool && efuse_chip_find(e->chip,
	    0) != efuse_chip_find(e->chip, REVISION_NEW))
		show_chat(&run->client->show, "Loading eFuses for %s v%u.%u...",
		    e->chip->name, t->raw.revision / 100,
		    t->raw.revision / 10 % 10);
}

static int
open_virt(struct efuse_run *run)
{
	struct why			*why = &run->client->why;
	const struct efuse_chip		*e = efuse_named_chip(run);
	struct efuse_target		*t;
	struct efuse_raw		 raw;
	struct stat			 st;
	int				 r;

	if (e == NULL)
		return why->err;
	if ((run->targets = calloc(1, sizeof *run->targets)) == NULL)
		return why_set(why, ERR_NOMEM, "out of memory");
	run->count = 1;
	t = run->targets;
	if ((r = virt_load_file(run, &raw, e)) < 0 ||
	    (r = read_table(run, t, efuse_chip_find(e->chip,
	    raw.revision))) < 0 || (r = efuse_target_take(t, &raw, why)) < 0)
		return r;
	say_table(run, t);
	/* A new chip is there from now on. */
	if (run->line.virt_file != NULL &&
	    (stat(run->line.virt_file, &st) < 0 || st.st_size == 0))
		return efuse_virt_save(run, t, why);
	return 0;
}

/* The ports, by name: params "port" of the command line, or the only board. */
static int
find_ports(struct efuse_run *run)
{
	struct client		*c = run->client;
	struct json_object	*ports = NULL, *list;
	size_t			 n;
	int			 r;

	if (member(c->args.params, "port") != NULL)
		return search_named(c);
	if ((r = search_ports(c, &ports)) < 0)
		return r;
	if ((n = array_count(ports)) > 1)
		r = why_set(&c->why, ERR_USAGE, "there are %zu boards; say "
		    "which with --port (--port all: all of them)", n);
	else {
		list = json_object_new_array();
		(void)json_object_array_add(list, json_object_get(member(
		    json_object_array_get_idx(ports, 0), "port")));
		json_object_object_add(c->args.params, "port", list);
	}
	json_object_put(ports);
	return r;
}

/* What a dump says. */
static int
take_dump(struct efuse_run *run, struct efuse_target *t)
{
	struct efuse_raw	 raw;
	struct why		*why = &run->client->why;
	const struct efuse_chip	*e;
	int			 r;

	if ((r = efuse_raw_parse(&raw, member(t->result, "efuse"), why)) < 0)
		return r;
	if ((e = efuse_chip_find(raw.chip, raw.revision)) == NULL)
		return why_set(why, ERR_UNSUPPORTED, "the eFuses of %s are "
		    "not known", raw.chip->name);
	if ((r = read_table(run, t, e)) < 0 ||
	    (r = efuse_target_take(t, &raw, why)) < 0)
		return r;
	say_table(run, t);
	return 0;
}

/* What is to be burned is planned from what the fuses are, not from what the
 * chip read when it started. */
static int
make_dump(struct efuse_run *run, struct efuse_target *t,
    struct efuse_call_params *call, struct why *why)
{
	(void)t;
	(void)why;
	json_object_object_add(call->params, "fresh",
	    json_object_new_boolean(!run->last));
	return 0;
}

static int
open_boards(struct efuse_run *run)
{
	struct client		*c = run->client;
	struct json_object	*ports;
	int			 r;

	if ((r = client_connect(c)) < 0 || (r = find_ports(run)) < 0)
		return r;
	ports = member_array(c->args.params, "port");
	run->targets = calloc(array_count(ports), sizeof *run->targets);
	if (run->targets == NULL)
		return why_set(&c->why, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < array_count(ports); i++) {
		struct efuse_target	*t = &run->targets[run->count++];

		t->port = strdup(json_object_get_string(
		    json_object_array_get_idx(ports, i)));
		if (t->port == NULL)
			return why_set(&c->why, ERR_NOMEM, "out of memory");
	}
	if (run->count == 1)
		c->voice->port(c, run->targets[0].port, true);
	if ((r = efuse_jobs(run, "efuse.dump", make_dump)) < 0)
		return r;
	for (struct efuse_target *t = NULL;
	    (t = efuse_target_next(run, t)) != NULL;)
		if (take_dump(run, t) < 0) {
			struct why	why = c->why;

			why_clear(&c->why);
			(void)efuse_target_fail(run, t, &why);
		}
	return efuse_targets_outcome(run);
}

int
efuse_targets_open(struct efuse_run *run)
{
	int	r = run->line.virt ? open_virt(run) : open_boards(run);

	for (size_t i = 0; i < run->count && run->line.json; i++) {
		struct efuse_target	*t = &run->targets[i];

		t->report = json_object_new_object();
		if (t->port != NULL)
			json_object_object_add(t->report, "port",
			    json_object_new_string(t->port));
		if (t->state.efuse != NULL)
			json_object_object_add(t->report, "chip",
			    json_object_new_string(
			    t->state.efuse->chip->name));
	}
	return r;
}

void
efuse_targets_done(struct efuse_run *run)
{
	for (size_t i = 0; i < run->count; i++) {
		struct efuse_target	*t = &run->targets[i];

		free(t->port);
		efuse_plan_free(t->plan);
		efuse_user_done(&t->user);
		json_object_put(t->result);
		json_object_put(t->report);
	}
	free(run->targets);
	run->targets = NULL;
	run->count = 0;
}
