/* efuse_burn - from wishes to burned fuses: plan, show it, ask, burn, look. */
#include "client/efuse_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <json-c/json.h>

#include "client/client.h"
#include "client/file.h"
#include "client/member.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/chip/chip.h"
#include "proto/efuse/describe.h"
#include "proto/efuse/json.h"
#include "proto/efuse/virt.h"

enum { LONG_VALUE = 20 };	/* letters of a value that is many bytes */

static void
say(struct efuse_run *run, const char *text)
{
	show_chat(&run->client->show, "%s", text);
}

/* The lines of a plan that were not said yet. */
static void
say_lines(struct efuse_run *run, struct efuse_target *t)
{
	size_t	n = efuse_plan_lines(t->plan);

	for (; t->told < n; t->told++)
		say(run, efuse_plan_line(t->plan, t->told));
}

static void
heading(struct efuse_run *run, const struct efuse_target *t)
{
	if (run->count > 1)
		show_chat(&run->client->show, "--- %s:", t->port);
}

static int
plan_command(struct efuse_run *run, struct efuse_target *t, size_t command,
    struct why *why)
{
	int	r = 0;

	if (t->plan == NULL)
		t->plan = efuse_plan_new(&t->state, run->line.postpone);
	if (t->plan == NULL)
		return why_set(why, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < run->wish_count && r == 0; i++)
		if (run->wishes[i].command == command)
			r = efuse_plan_add(t->plan, &run->wishes[i], why);
	if (r == 0)
		r = efuse_plan_command(t->plan, why);
	return r;
}

/* Do that with each board; one that fails is out of it. */
static int
each(struct efuse_run *run, int (*step)(struct efuse_run *,
    struct efuse_target *, size_t, struct why *), size_t command)
{
	struct efuse_target	*t = NULL;

	while ((t = efuse_target_next(run, t)) != NULL) {
		struct why	why = { 0 };

		if (step(run, t, command, &why) < 0)
			(void)efuse_target_fail(run, t, &why);
	}
	return efuse_targets_outcome(run);
}

static int
plan_and_say(struct efuse_run *run, struct efuse_target *t, size_t command,
    struct why *why)
{
	int	r;

	heading(run, t);
	r = plan_command(run, t, command, why);
	if (t->plan != NULL)
		say_lines(run, t);
	return r;
}

int
efuse_burn_plan(struct efuse_run *run, size_t command)
{
	return each(run, plan_and_say, command);
}

static int
finish(struct efuse_run *run, struct efuse_target *t, size_t command,
    struct why *why)
{
	int	r;

	(void)command;
	heading(run, t);
	if (t->plan == NULL)
		return why_set(why, ERR_INTERNAL, "there is no plan");
	r = efuse_plan_finish(t->plan, why);
	say_lines(run, t);
	return r;
}

static bool
anything_to_burn(struct efuse_run *run)
{
	struct efuse_target	*t = NULL;

	while ((t = efuse_target_next(run, t)) != NULL)
		if (efuse_plan_steps(t->plan) > 0)
			return true;
	return false;
}

/* A value as it is told in a plan: many bytes that say nothing in a word, and
 * masks of protections so that their bits can be seen. */
static const char *
brief(const struct efuse_field *f, const char *text, char out[EFUSE_TEXT_MAX])
{
	size_t		len = strlen(text);
	uint32_t	value;

	if (len > LONG_VALUE && strspn(text, "0 ") == len)
		return "empty";
	if (len > LONG_VALUE && strspn(text, "? ") == len)
		return "(hidden)";
	if ((strcmp(f->name, "WR_DIS") != 0 && strcmp(f->name, "RD_DIS") != 0) ||
	    text_u32(text, &value) < 0)
		return text;
	(void)snprintf(out, EFUSE_TEXT_MAX, "0x%x", value);
	return out;
}

static void
tell_change(void *arg, const struct efuse_change *c)
{
	char	before[EFUSE_TEXT_MAX], after[EFUSE_TEXT_MAX];

	show_chat(&((struct efuse_run *)arg)->client->show,
	    "    %s (BLOCK%u): %s -> %s", c->field->name, c->field->block,
	    brief(c->field, c->before, before),
	    brief(c->field, c->after, after));
}

struct tell {
	struct efuse_run	*run;
	size_t			 count;
};

static void
tell_consequence(void *arg, const char *sentence)
{
	struct tell	*tell = arg;

	if (tell->count++ == 0)
		say(tell->run, "What this changes for ever:");
	show_chat(&tell->run->client->show, "    - %s", sentence);
}

/* "Steps: BLOCK4, BLOCK0, BLOCK0 once more" */
static void
tell_steps(struct efuse_run *run, const struct efuse_target *t)
{
	char	text[EFUSE_STEPS_MAX * 40] = "";
	size_t	at = 0, n = efuse_plan_steps(t->plan);

	for (size_t i = 0; i < n && at < sizeof text; i++) {
		const struct efuse_step	*s = efuse_plan_step(t->plan, i);

		at += (size_t)snprintf(text + at, sizeof text - at,
		    "%sBLOCK%u%s", i > 0 ? ", then " : "", s->block, s->late ?
		    " with what protects and locks out" : "");
	}
	show_chat(&run->client->show, "Steps: %s", text);
}

static void
show_notes(struct efuse_run *run, const struct efuse_target *t)
{
	for (size_t i = 0; i < efuse_plan_notes(t->plan); i++)
		show_chat(&run->client->show, "Note: %s",
		    efuse_plan_note(t->plan, i));
}

/* The plan in our own words: what will be different, and what impossible. */
static int
show_plan(struct efuse_run *run, struct efuse_target *t, size_t command,
    struct why *why)
{
	struct tell	tell = { .run = run };

	(void)command;
	(void)why;
	if (t->report != NULL)
		json_object_object_add(t->report, "plan",
		    efuse_plan_json(t->plan));
	if (efuse_plan_steps(t->plan) == 0) {
		show_notes(run, t);
		return 0;
	}
	show_chat(&run->client->show, "The plan for %s%s%s:",
	    t->state.efuse->chip->name, t->port != NULL ? " at " : "",
	    t->port != NULL ? t->port : "");
	efuse_plan_changes(t->plan, tell_change, run);
	tell_steps(run, t);
	efuse_consequences(efuse_plan_before(t->plan),
	    efuse_plan_after(t->plan), tell_consequence, &tell);
	show_notes(run, t);
	return 0;
}

/* Anything but BURN is a no, and so is the end of the input. */
static int
ask(struct efuse_run *run, const char *title)
{
	struct show	*show = &run->client->show;
	char		*line = NULL;
	size_t		 room = 0;
	ssize_t		 n;
	bool		 yes;

	show_chat(show, "%s. \nThis is an irreversible operation!", title);
	if (run->line.do_not_confirm)
		return 0;
	if (run->line.json)
		return why_set(&run->client->why, ERR_USAGE, "--json asks "
		    "nobody: it burns with --do-not-confirm only");
	show_chat(show, "Type 'BURN' (all capitals) to continue.");
	n = getline(&line, &room, stdin);
	if (n > 0 && line[n - 1] == '\n')
		line[--n] = '\0';
	yes = n >= 0 && strcmp(line, "BURN") == 0;
	free(line);
	if (yes)
		return 0;
	say(run, "Aborting.");
	show_error(show, "%s", "nothing was burned");
	return ERR_CANCELED;
}

static void
say_late(struct efuse_run *run, struct efuse_target *t)
{
	for (size_t i = 0; i < efuse_plan_late_lines(t->plan); i++)
		say(run, efuse_plan_late_line(t->plan, i));
}

/* Burn a step into the virtual chip and see how it came out. */
static int
virt_step(struct efuse_run *run, struct efuse_target *t,
    const struct efuse_step *step, struct why *why)
{
	struct efuse_state	before = t->state;
	struct efuse_raw	raw = t->raw;
	char			line[EFUSE_TEXT_MAX];
	int			r;

	if ((r = virt_burn(&raw, step, why)) < 0 ||
	    (r = efuse_target_take(t, &raw, why)) < 0 ||
	    (r = efuse_virt_save(run, t, why)) < 0)
		return r;
	line[0] = '\0';
	r = efuse_step_outcome(step, &before, &t->state, line, why);
	if (line[0] != '\0')
		say(run, line);
	return r;
}

static int
burn_virt(struct efuse_run *run, struct efuse_target *t, struct why *why)
{
	size_t	n = efuse_plan_steps(t->plan);
	bool	late = false;
	int	r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		const struct efuse_step	*step = efuse_plan_step(t->plan, i);

		if (step->late) {
			say_late(run, t);
			late = true;
		}
		r = virt_step(run, t, step, why);
	}
	if (r == 0 && !late)
		say_late(run, t);
	return r;
}

/* Key bytes go through a descriptor, never through JSON. */
static int
add_data(const struct efuse_wish *w, struct efuse_call_params *call,
    struct why *why)
{
	int	fd;

	if (call->fd_count == EFUSE_FDS_MAX)
		return why_set(why, ERR_LIMIT, "more than %d blocks of data "
		    "at once are too many", EFUSE_FDS_MAX);
	if ((fd = memfd_create("wish", MFD_CLOEXEC)) < 0)
		return why_set(why, ERR_IO, "no memory can be shared with "
		    "the daemon");
	call->fds[call->fd_count++] = fd;
	if (write(fd, w->data, w->len) != (ssize_t)w->len ||
	    lseek(fd, 0, SEEK_SET) < 0)
		return why_set(why, ERR_IO, "data cannot be handed to the "
		    "daemon");
	return (int)call->fd_count - 1;
}

/* The user's own fields, which wishes may name. */
static int
add_table(struct efuse_run *run, struct efuse_call_params *call,
    struct why *why)
{
	struct json_object	*o;
	uint64_t		 bytes;
	int			 fd;

	if (run->line.table == NULL)
		return 0;
	if ((fd = file_open_image(run->line.table, &bytes, why)) < 0)
		return fd;
	call->fds[call->fd_count++] = fd;
	o = json_object_new_object();
	json_object_object_add(o, "fd",
	    json_object_new_int((int)call->fd_count - 1));
	json_object_object_add(o, "name",
	    json_object_new_string(run->line.table));
	json_object_object_add(call->params, "table", o);
	return 0;
}

static int
make_plan(struct efuse_run *run, struct efuse_target *t,
    struct efuse_call_params *call, struct why *why)
{
	struct json_object	*list = json_object_new_array();
	int			 fd, r;

	(void)t;
	r = add_table(run, call, why);
	for (size_t i = 0; i < run->wish_count && r == 0; i++) {
		const struct efuse_wish	*w = &run->wishes[i];

		fd = w->len > 0 ? add_data(w, call, why) : -1;
		r = w->len > 0 && fd < 0 ? fd : 0;
		(void)json_object_array_add(list, efuse_wish_json(w, fd));
	}
	json_object_object_add(call->params, "wishes", list);
	json_object_object_add(call->params, "postpone",
	    json_object_new_boolean(run->line.postpone));
	return r;
}

/* The daemon read the chip again and planned by itself: both must say the same,
 * bit for bit. */
static int
compare_plan(struct efuse_run *run, struct efuse_target *t, size_t command,
    struct why *why)
{
	struct json_object	*ours = efuse_plan_json(t->plan);
	struct efuse_raw	 raw;
	bool			 same;
	int			 r;

	(void)run;
	(void)command;
	same = json_object_equal(member(ours, "steps"),
	    member(t->result, "steps"));
	json_object_put(ours);
	if ((r = efuse_raw_parse(&raw, member(t->result, "efuse"), why)) < 0)
		return r;
	for (size_t i = 0; i < EFUSE_WINDOW / 4; i++)
		if (efuse_raw_needs(t->state.efuse, i) &&
		    raw.window[i] != t->raw.window[i])
			return why_set(why, ERR_CONFLICT, "nothing was "
			    "burned: the chip does not hold any more what was "
			    "read first; try again");
	if (raw.chip != t->raw.chip || raw.revision != t->raw.revision || !same)
		return why_set(why, ERR_CONFLICT, "nothing was burned: the "
		    "daemon's plan is another than espctl's; are they of the "
		    "same version?");
	(void)snprintf(t->token, sizeof t->token, "%s",
	    member_text(t->result, "token", ""));
	if (t->token[0] == '\0' && efuse_plan_steps(t->plan) > 0)
		return why_set(why, ERR_CONFLICT, "nothing was burned: the "
		    "daemon has nothing to burn");
	return 0;
}

/* Boards with nothing to burn do not take part in that. */
static int
make_burn(struct efuse_run *run, struct efuse_target *t,
    struct efuse_call_params *call, struct why *why)
{
	(void)run;
	(void)why;
	json_object_object_add(call->params, "token",
	    json_object_new_string(t->token));
	return 0;
}

/* What the daemon says of the burn. */
static int
take_burn(struct efuse_run *run, struct efuse_target *t, size_t command,
    struct why *why)
{
	struct json_object	*steps = member_array(t->result, "steps");
	const char		*lost = member_text(t->result, "lost", NULL);
	struct efuse_raw	 raw;
	bool			 late = false;
	int			 r;

	(void)command;
	heading(run, t);
	for (size_t i = 0; i < array_count(steps); i++) {
		struct json_object	*o;

		o = json_object_array_get_idx(steps, i);
		if (json_object_get_boolean(member(o, "late"))) {
			say_late(run, t);
			late = true;
		}
		say(run, member_text(o, "outcome", ""));
	}
	if (!late && array_count(steps) > 0)
		say_late(run, t);
	if (t->report != NULL)
		json_object_object_add(t->report, "steps",
		    json_object_get(steps));
	if (lost != NULL) {
		t->lost = true;
		say(run, lost);
		return 0;
	}
	if ((r = efuse_raw_parse(&raw, member(t->result, "efuse"), why)) < 0)
		return r;
	return efuse_target_take(t, &raw, why);
}

/* The boards whose plan is not empty burn, the others wait. */
static int
burn_boards(struct efuse_run *run)
{
	struct efuse_target	*t = NULL;
	int			 r;

	while ((t = efuse_target_next(run, t)) != NULL)
		if (efuse_plan_steps(t->plan) == 0)
			t->idle = true;
	r = efuse_jobs(run, "efuse.burn", make_burn);
	if (r == 0)
		r = each(run, take_burn, 0);
	for (size_t i = 0; i < run->count; i++)
		run->targets[i].idle = false;
	return r;
}

static int
virt_and_say(struct efuse_run *run, struct efuse_target *t, size_t command,
    struct why *why)
{
	(void)command;
	return burn_virt(run, t, why);
}

/* The same of every command of a batch, which says but one line. */
static int
confirm_batch(struct efuse_run *run, struct efuse_target *t, struct why *why)
{
	int	r = 0;

	for (size_t i = 0; i < run->line.count && r == 0; i++)
		if (run->line.commands[i].verb->burns)
			r = efuse_plan_confirm(t->plan, &t->state,
			    (unsigned)i, why);
	if (r < 0)
		say_lines(run, t);
	else
		say(run, "Successful.");
	return r;
}

/* Does every field hold what was wanted? */
static int
confirm(struct efuse_run *run, struct efuse_target *t, size_t command,
    struct why *why)
{
	int	r;

	heading(run, t);
	if (t->lost) {
		say(run, "Successful.");
		return 0;
	}
	if (run->batch)
		r = confirm_batch(run, t, why);
	else {
		r = efuse_plan_confirm(t->plan, &t->state, (unsigned)command,
		    why);
		say_lines(run, t);
	}
	run->at = t;
	if (r == 0)
		efuse_show_all(run);
	return r;
}

static int
burn_it(struct efuse_run *run, const char *title)
{
	int	r;

	if (!run->line.virt && ((r = efuse_jobs(run, "efuse.plan",
	    make_plan)) < 0 || (r = each(run, compare_plan, 0)) < 0))
		return r;
	if ((r = ask(run, title)) < 0)
		return r;
	r = run->line.virt ? each(run, virt_and_say, 0) : burn_boards(run);
	for (size_t i = 0; i < run->count && r == 0; i++)
		if (run->targets[i].why.err == 0 && !run->targets[i].lost) {
			say(run, "Reading updated eFuses...");
			break;
		}
	return r;
}

int
efuse_burn_now(struct efuse_run *run, size_t command, const char *title)
{
	bool	repair = title[0] != '\0';
	int	r;

	if ((r = each(run, finish, command)) < 0 ||
	    (r = each(run, show_plan, command)) < 0)
		return r;
	if (anything_to_burn(run))
		r = burn_it(run, title);
	/* A repair wants nothing but what is there: the caller looks. */
	if (r == 0 && !repair)
		r = each(run, confirm, command);
	for (size_t i = 0; i < run->count; i++) {
		efuse_plan_free(run->targets[i].plan);
		run->targets[i].plan = NULL;
		run->targets[i].told = 0;
	}
	efuse_wishes_done(run);
	return r;
}
