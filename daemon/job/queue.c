/*
 * A queue is made for the first job of a port and lives until the daemon
 * ends.  What running a job takes (struct run: wire, link, packet buffers)
 * exists only while one runs.
 */
#include "daemon/job/queue.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "daemon/base/conf.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/port/port.h"
#include "daemon/wire/wire_port.h"
#include "daemon/wire/wire_trace.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/rpc/method.h"
#include "proto/rpc/rpc.h"

struct queue;

/* One running job. */
struct run {
	struct job		*job;
	struct wire_port	*wire;
	struct wire_trace	 trace;
	struct link		 link;
	off_t			 written;	/* bytes of a read so far */
};

struct queue {
	TAILQ_ENTRY(queue)	 entry;
	struct port		*port;
	TAILQ_HEAD(, job)	 jobs;		/* the first one may run */
	bool			 opening;
	unsigned		 tries;		/* to open the port, in a row */
	struct run		*run;		/* NULL: nothing runs */
	struct loop_timer	 next;
	struct loop_timer	 halt;		/* a write had its last block */
};

enum {
	HALT_MS		= 8000,	/* a 16 KB block at 57600 baud, and some */
	OPEN_TRIES	= 5,	/* of a remote port that is busy */
	OPEN_AGAIN_MS	= 200,
};

static TAILQ_HEAD(, queue) queues = TAILQ_HEAD_INITIALIZER(queues);
static const struct conf *conf;
static void (*stopped_fn)(void);
static bool stopping;

static void start_next(void *);

static void
inputs_ready(void)
{
	struct queue	*q;

	TAILQ_FOREACH(q, &queues, entry)
		(void)loop_timer_set(&q->next, 0, start_next, q);
}

void
queue_init(const struct conf *c)
{
	conf = c;
	input_set_ready(inputs_ready);
}

void
queue_done(void)
{
	struct queue	*q;

	input_done();
	while ((q = TAILQ_FIRST(&queues)) != NULL) {
		assert(q->run == NULL && TAILQ_EMPTY(&q->jobs));
		TAILQ_REMOVE(&queues, q, entry);
		loop_timer_clear(&q->next);
		loop_timer_clear(&q->halt);
		free(q);
	}
}

static struct queue *
queue_find(const struct port *port)
{
	struct queue	*q;

	TAILQ_FOREACH(q, &queues, entry)
		if (q->port == port)
			return q;
	return NULL;
}

static struct queue *
queue_new(struct port *port)
{
	struct queue	*q = calloc(1, sizeof *q);

	if (q == NULL)
		return NULL;
	q->port = port;
	TAILQ_INIT(&q->jobs);
	TAILQ_INSERT_TAIL(&queues, q, entry);
	return q;
}

/* Each waiting job knows its place and whose turn it is. */
static void
renumber(struct queue *q)
{
	struct job	*j, *first = TAILQ_FIRST(&q->jobs);
	unsigned	 n = 0;

	TAILQ_FOREACH(j, &q->jobs, queued) {
		j->ahead = n++;
		j->first = j == first ? NULL : first;
	}
}

/* Take a job out of the queue; the caller then ends it. */
static void
take_out(struct queue *q, struct job *j)
{
	TAILQ_REMOVE(&q->jobs, j, queued);
	j->ahead = 0;
	j->first = NULL;
	renumber(q);
}

/* When the last job of a stopping daemon has ended, say so. */
static void
check_stopped(void)
{
	struct queue	*q;

	if (!stopping)
		return;
	TAILQ_FOREACH(q, &queues, entry)
		if (!TAILQ_EMPTY(&q->jobs))
			return;
	stopped_fn();
}

/* The first job of the queue has ended: the next one, or close the port. */
static void
finish(struct queue *q, enum job_state state, const struct why *why)
{
	struct job	*j = TAILQ_FIRST(&q->jobs);

	take_out(q, j);
	if (TAILQ_EMPTY(&q->jobs) && port_state(q->port) != PORT_CLOSED)
		port_close(q->port);
	job_set_state(j, state, why);
	job_unref(j);
	job_forget_old(conf);
	(void)loop_timer_set(&q->next, 0, start_next, q);
	check_stopped();
}

static enum job_state
end_state(int err)
{
	return err == 0 ? JOB_DONE : err == ERR_CANCELED ? JOB_CANCELLED :
	    err == ERR_INTERRUPTED ? JOB_INTERRUPTED : JOB_FAILED;
}

static void
finish_err(struct queue *q, const struct why *why)
{
	finish(q, end_state(why->err), why);
}

/* What every job on a chip answers. */
static struct json_object *
result_json(const struct run *run)
{
	const struct link	*l = &run->link;
	const struct chip_facts	*f = &l->found.facts;
	struct json_object	*o = json_object_new_object();
	char			 text[32];

	json_object_object_add(o, "chip", json_object_new_string(l->chip->name));
	json_object_object_add(o, "description",
	    json_object_new_string(f->description));
	json_object_object_add(o, "features",
	    json_object_new_string(f->features));
	if (f->has_revision) {
		(void)snprintf(text, sizeof text, "v%u.%u", f->revision / 100,
		    f->revision % 100);
		json_object_object_add(o, "revision",
		    json_object_new_string(text));
	}
	if (f->xtal_mhz != 0)
		json_object_object_add(o, "crystal_mhz",
		    json_object_new_int64(f->xtal_mhz));
	text_mac(text, f->mac);
	json_object_object_add(o, "mac", json_object_new_string(text));
	json_object_object_add(o, "stub", json_object_new_boolean(l->rom.stub));
	json_object_object_add(o, "baud", json_object_new_int64(l->baud));
	if (run->job->op->result != NULL)
		run->job->op->result(l, o);
	json_object_object_add(o, "seconds", rpc_seconds(
	    (double)(loop_now() - run->job->started_ms) / 1000));
	return o;
}

/* The conversation has ended; called from the loop. */
static void
run_done(void *arg)
{
	struct queue	*q = arg;
	struct run	*run = q->run;
	struct job	*j = run->job;
	struct why	 why = run->link.why;
	int		 err = run->link.result;

	loop_timer_clear(&q->halt);
	if (err == 0)
		j->result = result_json(run);
	q->run = NULL;
	link_done(&run->link);
	wire_port_free(run->wire);
	free(run);
	if (err == 0) {
		finish(q, JOB_DONE, NULL);
		return;
	}
	(void)why_set(&why, err, "%s", err_sentence(err));
	if (err == ERR_UNPLUGGED)
		port_close(q->port);
	finish_err(q, &why);
}

static void
on_phase(void *arg, const struct phase *phase)
{
	job_set_phase(((struct queue *)arg)->run->job, phase);
}

static void
on_progress(void *arg, uint64_t done, uint64_t total)
{
	job_set_progress(((struct queue *)arg)->run->job, done, total);
}

static void
on_note(void *arg, const char *text)
{
	job_add_note(((struct queue *)arg)->run->job, text);
}

static const struct link_hooks hooks = {
	.phase = on_phase, .progress = on_progress, .note = on_note,
};

static void
on_trace(void *arg, const char *what, const char *text)
{
	job_trace(((struct run *)arg)->job, what, text);
}

static void
rearm(void *arg, unsigned ms)
{
	wire_port_rearm(((struct queue *)arg)->run->wire, ms);
}

/* Put the bytes of a read into the client's file. */
static int
sink(void *arg, const void *data, size_t len)
{
	struct run	*run = arg;
	const char	*p = data;
	ssize_t		 n;

	while (len > 0) {
		n = pwrite(run->job->output, p, len, run->written);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return link_fail(&run->link, ERR_IO, "the output file "
			    "could not be written after %lld bytes: %s",
			    (long long)run->written,
			    n < 0 ? strerror(errno) : "no room");
		p += n;
		len -= (size_t)n;
		run->written += n;
	}
	return 0;
}

static enum link_before
before_of(const char *word)
{
	return strcmp(word, "usb-reset") == 0 ? LINK_USB_RESET :
	    strcmp(word, "no-reset") == 0 ? LINK_NO_RESET :
	    strcmp(word, "no-reset-no-sync") == 0 ? LINK_NO_RESET_NO_SYNC :
	    LINK_DEFAULT_RESET;
}

static enum link_after
after_of(const char *word)
{
	return strcmp(word, "soft-reset") == 0 ? LINK_SOFT_RESET :
	    strcmp(word, "no-reset") == 0 ? LINK_STAY :
	    strcmp(word, "no-reset-stub") == 0 ? LINK_STAY_STUB :
	    strcmp(word, "watchdog-reset") == 0 ? LINK_WATCHDOG_RESET :
	    LINK_HARD_RESET;
}

static struct link_options
options_of(const struct job *j)
{
	const struct port_info	*info = port_info(j->port);
	struct json_object	*p = j->params;

	return (struct link_options){
		.chip = chip_by_name(method_string(p, "chip", "auto")),
		.baud = method_number(p, "baud", LINK_BAUD),
		.before = before_of(method_string(p, "before", "")),
		.after = after_of(method_string(p, "after", "")),
		.no_stub = method_bool(p, "no_stub"),
		.attempts = method_number(p, "connect_attempts", 7),
		.stub_path = conf->stub_path,
		.usb_vid = info->vid, .usb_pid = info->pid,
		.has_lines = port_has_lines(j->port),
		.remote = info->kind == PORT_RFC2217,
	};
}

/* The line's rate before anything was said: what the ROM speaks, or what a
 * chip that must not be touched was left at. */
static uint32_t
first_baud(const struct job *j)
{
	uint32_t	baud = method_number(j->params, "baud", LINK_BAUD);
	const char	*before = method_string(j->params, "before", "");

	if (before_of(before) == LINK_NO_RESET_NO_SYNC || baud < LINK_BAUD)
		return baud;
	return LINK_BAUD;
}

/* Make what a running job needs; false when there is no memory. */
static bool
run_new(struct queue *q, struct job *j)
{
	struct run	*run = calloc(1, sizeof *run);
	struct wire	*wire;

	if (run == NULL)
		return false;
	if ((run->wire = wire_port_new(q->port)) == NULL) {
		free(run);
		return false;
	}
	run->job = j;
	wire = wire_port_wire(run->wire);
	if (method_bool(j->params, "trace"))
		wire = wire_trace_init(&run->trace, wire, on_trace, run);
	link_init(&run->link, wire);
	run->link.opt = options_of(j);
	run->link.baud = port_baud(q->port);
	run->link.phases = j->op->phases;
	run->link.leave = phase_leave;
	run->link.hooks = &hooks;
	run->link.hook_arg = q;
	run->link.rearm = rearm;
	run->link.flash.sink = sink;
	run->link.flash.sink_arg = run;
	if (j->input != NULL)
		run->link.flash.writes = input_writes(j->input,
		    &run->link.flash.write_count);
	q->run = run;
	return true;
}

/* The conversation; runs in its fiber. */
static void
run_main(void *arg)
{
	struct queue	*q = arg;

	link_main(&q->run->link);
}

static void
run_start(struct queue *q, struct job *j)
{
	struct why	why = { 0 };
	struct run	*run;

	if (!run_new(q, j)) {
		(void)why_set(&why, ERR_NOMEM, "no memory to run the job");
		finish_err(q, &why);
		return;
	}
	run = q->run;
	/* Cannot fail: the same parameters were accepted at submission. */
	if (j->op->setup != NULL)
		(void)j->op->setup(&run->link.flash, j->params, &why);
	job_set_state(j, JOB_RUNNING, NULL);
	if (wire_port_run(run->wire, run_main, run_done, q) == 0)
		return;
	(void)why_set(&run->link.why, ERR_NOMEM, "no memory for a stack");
	run->link.result = ERR_NOMEM;
	run_done(q);
}

static void
opened(void *arg, int err, const struct why *why)
{
	struct queue	*q = arg;

	q->opening = false;
	if (err == 0) {
		q->tries = 0;
		start_next(q);
		return;
	}
	/* A server may take a moment to notice that we had left. */
	if (err == ERR_PORT_BUSY && ++q->tries < OPEN_TRIES &&
	    port_info(q->port)->kind != PORT_TTY) {
		(void)loop_timer_set(&q->next, OPEN_AGAIN_MS, start_next, q);
		return;
	}
	q->tries = 0;
	finish_err(q, why);
}

/* Start the first job if everything it needs is there. */
static void
start_next(void *arg)
{
	struct queue	*q = arg;
	struct job	*j = TAILQ_FIRST(&q->jobs);
	struct why	 why = { 0 };
	int		 r;

	if (j == NULL || q->run != NULL || q->opening)
		return;
	r = j->input == NULL ? 1 : input_state(j->input, &why);
	if (r == 0)
		return;		/* inputs_ready() comes back */
	if (r < 0) {
		finish_err(q, &why);
		return;
	}
	if (port_state(q->port) == PORT_OPEN) {
		run_start(q, j);
		return;
	}
	q->opening = true;
	port_open(q->port, first_baud(j), opened, q);
}

int
queue_add(struct job *j)
{
	struct queue	*q = queue_find(j->port);

	if (q == NULL && (q = queue_new(j->port)) == NULL)
		return ERR_NOMEM;
	job_ref(j);
	TAILQ_INSERT_TAIL(&q->jobs, j, queued);
	renumber(q);
	job_set_state(j, JOB_QUEUED, NULL);
	return loop_timer_set(&q->next, 0, start_next, q);
}

static void
halt_late(void *arg)
{
	struct queue	*q = arg;

	if (q->run != NULL)
		wire_port_stop(q->run->wire, q->run->link.halt);
}

/* Stop the job that runs.  A write gets the time to end its block, so that
 * the flash holds whole blocks and the chip no half packet. */
static void
run_stop(struct queue *q, int err)
{
	struct run	*run = q->run;
	bool		 writing;

	writing = run->job->phase != NULL &&
	    strcmp(run->job->phase->name, "write") == 0;
	run->link.halt = err;
	if (writing)
		(void)loop_timer_set(&q->halt, HALT_MS, halt_late, q);
	else
		wire_port_stop(run->wire, err);
}

static void
job_stop(struct queue *q, struct job *j, int err)
{
	struct why	why = { 0 };

	if (q->run != NULL && q->run->job == j) {
		run_stop(q, err);
		return;
	}
	(void)why_set(&why, err, "%s", err_sentence(err));
	if (j == TAILQ_FIRST(&q->jobs)) {
		if (q->opening)
			port_close(q->port);
		q->opening = false;
		finish(q, end_state(err), &why);
		return;
	}
	take_out(q, j);
	job_set_state(j, end_state(err), &why);
	job_unref(j);
}

void
queue_cancel(struct job *j)
{
	if (!job_ended(j))
		job_stop(queue_find(j->port), j, ERR_CANCELED);
}

void
queue_stop(void (*empty)(void))
{
	struct queue	*q;
	struct job	*j, *next;

	stopped_fn = empty;
	TAILQ_FOREACH(q, &queues, entry)
		for (j = TAILQ_FIRST(&q->jobs); j != NULL; j = next) {
			next = TAILQ_NEXT(j, queued);
			job_stop(q, j, ERR_INTERRUPTED);
		}
	stopping = true;
	check_stopped();
}

const struct job *
queue_of(const struct port *port, unsigned *waiting)
{
	const struct queue	*q = queue_find(port);
	const struct job	*j, *first = NULL;

	*waiting = 0;
	if (q == NULL)
		return NULL;
	TAILQ_FOREACH(j, &q->jobs, queued) {
		if (first == NULL)
			first = j;
		else
			(*waiting)++;
	}
	return first;
}
