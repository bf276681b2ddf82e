#include <stdio.h>
#include <stdlib.h>

#include "client/client.h"
#include "client/command.h"
#include "client/follow.h"
#include "client/member.h"
#include "client/report.h"
#include "proto/base/err.h"
#include "proto/base/text.h"

enum { COLUMNS = 6, CELL = 96 };

static int
need_job(struct client *c, const char *word, uint32_t *job)
{
	if (text_u32(word, job) == 0 && *job > 0)
		return 0;
	return why_set(&c->why, ERR_USAGE, "%s: \"%.40s\" is no number of a "
	    "job (\"espctl jobs\" lists them)", c->args.command->name, word);
}

/* The whole command line must make sense before anything is done. */
static int
need_jobs(struct client *c)
{
	uint32_t	job;
	int		r;

	for (size_t i = 0; i < c->args.operand_count; i++)
		if ((r = need_job(c, c->args.operands[i], &job)) < 0)
			return r;
	return 0;
}

/* What the job is at, or why it ended. */
static void
job_detail(struct json_object *job, char *out, size_t size)
{
	struct json_object	*error = member(job, "error");
	struct json_object	*first = member(job, "waiting_for");
	long long		 done = member_number(job, "done", 0);
	long long		 total = member_number(job, "total", 0);

	out[0] = '\0';
	if (error != NULL)
		(void)snprintf(out, size, "%s", member_text(error, "message",
		    ""));
	else if (first != NULL)
		(void)snprintf(out, size, "waits for job %lld of %s, "
		    "%lld ahead", (long long)member_number(first, "job", 0),
		    member_text(first, "user", "somebody"),
		    (long long)member_number(job, "ahead", 0));
	else if (total > 0)
		(void)snprintf(out, size, "%s %lld%%",
		    member_text(job, "phase", ""), done * 100 / total);
	else
		(void)snprintf(out, size, "%s", member_text(job, "phase", ""));
}

static void
jobs_table(struct client *c, struct json_object *jobs)
{
	static const char *const	 head[COLUMNS] = { "JOB", "STATE",
					    "METHOD", "PORT", "USER",
					    "DETAIL" };
	size_t				 n = array_count(jobs);
	const char			**cells, **row;
	char				(*text)[2][CELL];
	struct json_object		*job;

	cells = calloc((n + 1) * COLUMNS, sizeof *cells);
	text = calloc(n + 1, sizeof *text);
	for (size_t i = 0; cells != NULL && i < COLUMNS; i++)
		cells[i] = head[i];
	for (size_t i = 0; cells != NULL && text != NULL && i < n; i++) {
		job = json_object_array_get_idx(jobs, i);
		row = cells + (i + 1) * COLUMNS;
		(void)snprintf(text[i][0], CELL, "%lld",
		    (long long)member_number(job, "job", 0));
		job_detail(job, text[i][1], CELL);
		row[0] = text[i][0];
		row[1] = member_text(job, "state", NULL);
		row[2] = member_text(job, "method", NULL);
		row[3] = member_text(job, "port", NULL);
		row[4] = member_text(job, "user", NULL);
		row[5] = text[i][1];
	}
	if (cells != NULL && text != NULL)
		show_table(&c->show, cells, COLUMNS, n + 1);
	free(text);
	free(cells);
}

int
cmd_jobs(struct client *c)
{
	struct json_object	*o = NULL;
	int			 r;

	if ((r = client_connect(c)) < 0 ||
	    (r = client_call(c, "job.list", NULL, &o)) < 0)
		return r;
	jobs_table(c, member_array(o, "jobs"));
	client_result(c, o);
	return 0;
}

int
cmd_cancel(struct client *c)
{
	struct json_object	*params, *o;
	uint32_t		 job;
	int			 r;

	if ((r = need_jobs(c)) < 0 || (r = client_connect(c)) < 0)
		return r;
	for (size_t i = 0; i < c->args.operand_count; i++) {
		(void)need_job(c, c->args.operands[i], &job);
		params = json_object_new_object();
		json_object_object_add(params, "job",
		    json_object_new_int64(job));
		o = NULL;
		r = client_call(c, "job.cancel", params, &o);
		if (r < 0)
			return r;
		show_out(&c->show, "Job %u: %s", job,
		    member_text(o, "state", "?"));
		client_result(c, o);
	}
	return 0;
}

int
cmd_wait(struct client *c)
{
	struct follow	f;
	uint32_t	job;
	int		r;

	if ((r = need_jobs(c)) < 0 || (r = client_connect(c)) < 0)
		return r;
	r = follow_begin(&f, c, false);
	for (size_t i = 0; i < c->args.operand_count && r == 0; i++) {
		(void)need_job(c, c->args.operands[i], &job);
		r = follow_add(&f, job);
	}
	if (r == 0) {
		(void)follow_run(&f);	/* the boards tell */
		r = ERR_CANCELED;
		if (!f.left_alone)
			r = report_follow(&f, NULL);
	}
	follow_done(&f);
	return r;
}
