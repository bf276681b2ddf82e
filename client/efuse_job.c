/* efuse_job - the same job on all boards of a run, side by side. */
#include "client/efuse_impl.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "client/client.h"
#include "client/follow.h"
#include "client/member.h"
#include "client/voice.h"
#include "proto/base/err.h"

static void
say_nothing(struct follow *f, struct board *b)
{
	(void)f;
	(void)b;
}

static struct efuse_target *
target_of(struct efuse_run *run, const char *port)
{
	for (size_t i = 0; i < run->count; i++)
		if (strcmp(run->targets[i].port, port) == 0)
			return &run->targets[i];
	return NULL;
}

/* How chips are left in the end.  espefuse leaves them in their loader. */
static const char *
after(const struct efuse_run *run)
{
	return member_text(run->line.params, "after",
	    run->as_tool ? "no-reset" : "hard-reset");
}

/* What the command line says of jobs, and the one port.  Boards are left in
 * their loader between the jobs of a run. */
static struct json_object *
common_params(struct efuse_run *run, const struct efuse_target *t)
{
	struct json_object	*o = json_object_new_object();
	struct json_object	*port = json_object_new_array();

	json_object_object_foreach(run->line.params, name, value)
		json_object_object_add(o, name, json_object_get(value));
	(void)json_object_array_add(port, json_object_new_string(t->port));
	json_object_object_add(o, "port", port);
	json_object_object_add(o, "after",
	    json_object_new_string(run->last ? after(run) : "no-reset"));
	return o;
}

/* Submit the job of one board. */
static int
submit(struct efuse_run *run, struct efuse_target *t, const char *method,
    efuse_make *make, struct follow *f)
{
	struct efuse_call_params	 call = {
		.params = common_params(run, t) };
	struct json_object		*answer = NULL;
	struct client			*c = run->client;
	int				 r = 0;

	if (make != NULL)
		r = make(run, t, &call, &c->why);
	if (r == 0) {
		r = conn_call(&c->conn, method, call.params, call.fds,
		    call.fd_count, &answer, &c->why);
	} else
		json_object_put(call.params);
	for (size_t i = 0; i < call.fd_count; i++)
		(void)close(call.fds[i]);
	if (r == 0)
		r = follow_add(f, member_number(json_object_array_get_idx(
		    member_array(answer, "jobs"), 0), "job", 0));
	json_object_put(answer);
	return r;
}

static void
take_board(struct efuse_run *run, const struct board *b)
{
	struct efuse_target	*t = target_of(run, b->port);

	if (t == NULL)
		return;
	json_object_put(t->result);
	t->result = json_object_get(member(b->object, "result"));
	if (b->why.err != 0)
		(void)efuse_target_fail(run, t, &b->why);
}

/* Submit for all that are left, follow them to their end, take what came. */
static int
run_jobs(struct efuse_run *run, const char *method, efuse_make *make)
{
	struct client		*c = run->client;
	struct efuse_target	*t = NULL;
	struct follow		 f;
	struct why		 why;
	int			 r;

	if ((r = follow_begin(&f, c, true)) < 0) {
		follow_done(&f);
		return r;
	}
	f.alone = true;			/* the run tells what came of it */
	while ((t = efuse_target_next(run, t)) != NULL) {
		if (submit(run, t, method, make, &f) == 0)
			continue;
		why = c->why;
		why_clear(&c->why);
		(void)efuse_target_fail(run, t, &why);
	}
	(void)follow_run(&f);
	show_block_end(&c->show);
	for (size_t i = 0; i < f.count; i++)
		take_board(run, &f.boards[i]);
	r = f.left_alone ? ERR_CANCELED : 0;
	follow_done(&f);
	if (r < 0)
		return why_set(&c->why, r, "left alone; the jobs of the "
		    "daemon go on (espctl jobs)");
	return efuse_targets_outcome(run);
}

int
efuse_jobs(struct efuse_run *run, const char *method, efuse_make *make)
{
	struct client		*c = run->client;
	const struct voice	*voice = c->voice;
	struct voice		 quiet = *voice;
	int			 r;

	/* How the chip is reached is told once. */
	quiet.phase = quiet.progress = say_nothing;
	if (run->connected)
		c->voice = &quiet;
	run->connected = true;
	run->command.method = method;
	r = run_jobs(run, method, make);
	c->voice = voice;
	return r;
}

int
efuse_leave(struct efuse_run *run)
{
	if (run->line.virt || run->last ||
	    strncmp(after(run), "no-reset", 8) == 0)
		return 0;
	run->last = true;
	return efuse_jobs(run, "chip.run", NULL);
}
