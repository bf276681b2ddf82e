/*
 * A job is born queued in job_new(), which puts it into the registry with a
 * reference of its own; the queue of its port holds another until it has
 * ended.  Ended jobs leave the registry by job_forget_old().
 */
#include "daemon/job/job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <json-c/json.h>

#include "daemon/base/conf.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/job/efuse_order.h"
#include "daemon/job/work_parcel.h"
#include "daemon/port/port.h"
#include "proto/base/err.h"
#include "proto/rpc/rpc.h"

enum {
	PROGRESS_MS	= 100,	/* between two progress events of a job */
	NOTES_MAX	= 64,	/* kept per job */
};

static TAILQ_HEAD(job_list, job) jobs = TAILQ_HEAD_INITIALIZER(jobs);
static unsigned job_count;
static uint32_t last_id;
static void (*watcher)(const struct job *, struct json_object *);

static double
unix_time(void)
{
	struct timespec	ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (double)ts.tv_sec + (double)(ts.tv_nsec / 1000000) / 1000;
}

void
job_set_watcher(void (*fn)(const struct job *, struct json_object *))
{
	watcher = fn;
}

struct job *
job_new(const struct op *op, struct port *port, const struct peer *peer,
    struct json_object *params)
{
	struct job	*j = calloc(1, sizeof *j);

	if (j == NULL)
		return NULL;
	j->id = ++last_id;
	j->refs = 2;		/* the caller's and the registry's */
	j->op = op;
	j->port = port;
	if (port != NULL)
		port_hold(port);
	j->peer = *peer;
	j->params = json_object_get(params);
	j->output = -1;
	j->submitted = unix_time();
	TAILQ_INSERT_TAIL(&jobs, j, entry);
	job_count++;
	return j;
}

struct job *
job_ref(struct job *j)
{
	j->refs++;
	return j;
}

const char *
job_port(const struct job *j)
{
	if (j->op->work != NULL)
		return NULL;
	return j->port != NULL ? port_path(j->port) :
	    j->where != NULL ? j->where : "?";
}

/* What only a job that can still run needs. */
static void
release(struct job *j)
{
	if (j->port != NULL) {
		j->where = strdup(port_path(j->port));	/* or "?" */
		port_release(j->port);
	}
	j->port = NULL;
	input_unref(j->input);
	j->input = NULL;
	work_parcel_free(j->parcel);
	j->parcel = NULL;
	efuse_order_unref(j->order);
	j->order = NULL;
	if (j->output >= 0)
		(void)close(j->output);	/* written data was checked */
	j->output = -1;
}

void
job_unref(struct job *j)
{
	if (--j->refs > 0)
		return;
	release(j);
	json_object_put(j->params);
	json_object_put(j->notes);
	json_object_put(j->result);
	free(j->where);
	free(j);
}

struct job *
job_find(uint32_t id)
{
	struct job	*j;

	TAILQ_FOREACH(j, &jobs, entry)
		if (j->id == id)
			return j;
	return NULL;
}

struct job *
job_next(struct job *iter)
{
	return iter == NULL ? TAILQ_FIRST(&jobs) : TAILQ_NEXT(iter, entry);
}

unsigned
job_active(void)
{
	struct job	*j;
	unsigned	 n = 0;

	TAILQ_FOREACH(j, &jobs, entry)
		n += !job_ended(j);
	return n;
}

unsigned
job_active_of(uid_t uid)
{
	struct job	*j;
	unsigned	 n = 0;

	TAILQ_FOREACH(j, &jobs, entry)
		n += !job_ended(j) && j->peer.uid == uid;
	return n;
}

bool
job_ended(const struct job *j)
{
	return j->state > JOB_RUNNING;
}

const char *
job_state_name(enum job_state state)
{
	static const char *const names[] = {
		[JOB_NEW] = "new",
		[JOB_QUEUED] = "queued", [JOB_RUNNING] = "running",
		[JOB_DONE] = "done", [JOB_FAILED] = "failed",
		[JOB_CANCELLED] = "cancelled",
		[JOB_INTERRUPTED] = "interrupted",
	};

	return names[state];
}

enum job_state
job_end_state(int err)
{
	return err == 0 ? JOB_DONE : err == ERR_CANCELED ? JOB_CANCELLED :
	    err == ERR_INTERRUPTED ? JOB_INTERRUPTED : JOB_FAILED;
}

/* Log a line about a job, with its port and phase. */
static void
say(const struct job *j, enum log_level level, const char *text,
    const char *more)
{
	char			id[16];
	struct log_context	context = {
		.port = job_port(j), .job = id,
		.phase = j->phase ? j->phase->name : NULL,
	};

	(void)snprintf(id, sizeof id, "%u", j->id);
	log_line(level, &context, "%s%s", text, more);
}

static void
add_port(struct json_object *o, const struct job *j)
{
	if (job_port(j) != NULL)
		json_object_object_add(o, "port",
		    json_object_new_string(job_port(j)));
}

static struct json_object *
event_new(const struct job *j, const char *type)
{
	struct json_object	*e = json_object_new_object();

	json_object_object_add(e, "type", json_object_new_string(type));
	json_object_object_add(e, "job", json_object_new_int64(j->id));
	add_port(e, j);
	return e;
}

/* Tell the watcher and let go of the event. */
static void
tell(const struct job *j, struct json_object *event)
{
	if (watcher != NULL)
		watcher(j, event);
	json_object_put(event);
}

void
job_set_state(struct job *j, enum job_state state, const struct why *why)
{
	struct json_object	*e;
	char			 text[WHY_MAX + 64];

	(void)snprintf(text, sizeof text, ": %s -> %s%s%s",
	    job_state_name(j->state), job_state_name(state),
	    why != NULL ? ": " : "", why != NULL ? why_text(why) : "");
	say(j, state == JOB_FAILED ? LOG_LEVEL_WARN : LOG_LEVEL_INFO,
	    j->op->method, text);
	j->state = state;
	if (why != NULL)
		j->why = *why;
	if (state == JOB_RUNNING) {
		j->started = unix_time();
		j->started_ms = loop_now();
	}
	e = event_new(j, "job.state");
	json_object_object_add(e, "state",
	    json_object_new_string(job_state_name(state)));
	if (job_ended(j)) {
		j->ended = unix_time();
		j->phase = NULL;
		release(j);
		json_object_object_add(e, "object", job_json(j));
	}
	tell(j, e);
}

void
job_set_phase(struct job *j, const struct phase *phase,
    struct json_object *found)
{
	struct json_object	*e;

	j->phase = phase;
	j->done = j->total = 0;
	j->told_ms = 0;
	say(j, LOG_LEVEL_DEBUG, "begins", "");
	e = event_new(j, "job.phase");
	json_object_object_add(e, "phase",
	    json_object_new_string(phase->name));
	if (found != NULL)
		json_object_object_add(e, "found", found);
	tell(j, e);
}

void
job_set_progress(struct job *j, uint64_t done, uint64_t total)
{
	uint64_t		 now = loop_now();
	struct json_object	*e;

	j->done = done;
	j->total = total;
	if (done != total && now - j->told_ms < PROGRESS_MS)
		return;
	j->told_ms = now;
	e = event_new(j, "job.progress");
	if (j->phase != NULL)
		json_object_object_add(e, "phase",
		    json_object_new_string(j->phase->name));
	json_object_object_add(e, "done", json_object_new_int64((int64_t)done));
	json_object_object_add(e, "total",
	    json_object_new_int64((int64_t)total));
	tell(j, e);
}

void
job_add_note(struct job *j, const char *text)
{
	struct json_object	*e;

	say(j, LOG_LEVEL_INFO, text, "");
	if (j->notes == NULL)
		j->notes = json_object_new_array();
	if (json_object_array_length(j->notes) < NOTES_MAX)
		json_object_array_add(j->notes, json_object_new_string(text));
	e = event_new(j, "job.note");
	json_object_object_add(e, "text", json_object_new_string(text));
	tell(j, e);
}

void
job_trace(struct job *j, const char *what, const char *text)
{
	struct json_object	*e = event_new(j, "job.trace");

	json_object_object_add(e, "what", json_object_new_string(what));
	json_object_object_add(e, "text", json_object_new_string(text));
	json_object_object_add(e, "ms",
	    json_object_new_int64((int64_t)(loop_now() - j->started_ms)));
	tell(j, e);
}

static void
add_time(struct json_object *o, const char *name, double when)
{
	if (when > 0)
		json_object_object_add(o, name, rpc_seconds(when));
}

/* Whose turn it is while this job waits. */
static void
add_queue(struct json_object *o, const struct job *j)
{
	struct json_object	*w;

	json_object_object_add(o, "ahead", json_object_new_int64(j->ahead));
	if (j->first == NULL)
		return;
	w = json_object_new_object();
	json_object_object_add(w, "job", json_object_new_int64(j->first->id));
	json_object_object_add(w, "user",
	    json_object_new_string(j->first->peer.user));
	json_object_object_add(w, "method",
	    json_object_new_string(j->first->op->method));
	json_object_object_add(o, "waiting_for", w);
}

struct json_object *
job_json(const struct job *j)
{
	struct json_object	*o = json_object_new_object();

	json_object_object_add(o, "job", json_object_new_int64(j->id));
	json_object_object_add(o, "method",
	    json_object_new_string(j->op->method));
	add_port(o, j);
	json_object_object_add(o, "user",
	    json_object_new_string(j->peer.user));
	json_object_object_add(o, "state",
	    json_object_new_string(job_state_name(j->state)));
	if (j->state == JOB_QUEUED)
		add_queue(o, j);
	if (j->phase != NULL) {
		json_object_object_add(o, "phase",
		    json_object_new_string(j->phase->name));
		json_object_object_add(o, "done",
		    json_object_new_int64((int64_t)j->done));
		json_object_object_add(o, "total",
		    json_object_new_int64((int64_t)j->total));
	}
	if (j->notes != NULL)
		json_object_object_add(o, "notes", json_object_get(j->notes));
	add_time(o, "submitted", j->submitted);
	add_time(o, "started", j->started);
	add_time(o, "ended", j->ended);
	if (j->result != NULL)
		json_object_object_add(o, "result", json_object_get(j->result));
	if (j->why.err != 0)
		json_object_object_add(o, "error",
		    rpc_error_object(&j->why, NULL));
	return o;
}

static void
forget(struct job *j)
{
	TAILQ_REMOVE(&jobs, j, entry);
	job_count--;
	job_unref(j);
}

void
job_forget_old(const struct conf *conf)
{
	double		 limit = unix_time() - conf->job_keep_s;
	struct job	*j, *next;

	for (j = TAILQ_FIRST(&jobs); j != NULL; j = next) {
		next = TAILQ_NEXT(j, entry);
		if (job_ended(j) &&
		    (j->ended < limit || job_count > conf->max_jobs))
			forget(j);
	}
}

void
job_forget_all(void)
{
	struct job	*j;

	while ((j = TAILQ_FIRST(&jobs)) != NULL)
		forget(j);
}
