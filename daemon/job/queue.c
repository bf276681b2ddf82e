/*
 * A queue is made for the first job or claim of a port and lives until it has
 * nothing to do and the port is closed.  What running a job takes exists only
 * while one runs (run.h).
 *
 * What a queue does with its port, one at a time:
 *
 *	nothing		the port is closed, or gone
 *	opening		for the first job, or for a claim
 *	running		the first job has the port
 *	waiting		the first job's board went away; it may come back
 *	lent		a claim has the port
 *	holding		the port is open and rests, for the next job
 */
#include "daemon/job/queue.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/conf.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/job/run.h"
#include "daemon/port/port.h"
#include "proto/base/err.h"
#include "proto/rpc/method.h"

struct queue {
	TAILQ_ENTRY(queue)	 entry;
	struct port		*port;		/* held */
	TAILQ_HEAD(, job)	 jobs;		/* the first one may run */
	bool			 opening;
	unsigned		 tries;		/* to open the port, in a row */
	struct run		*run;		/* NULL: nothing runs */
	struct run_past		 past;		/* of the first job */
	bool			 waiting;	/* for the first job's board */
	struct loop_timer	 again;		/* while waiting: look for it */
	uint64_t		 until;		/* ... no longer than this */
	bool			 claimed;
	bool			 lent;		/* the claim has the port */
	struct queue_claim	 claim;
	uint32_t		 claim_baud;
	struct loop_timer	 next;
	struct loop_timer	 hold;		/* the end of holding */
};

enum {
	OPEN_TRIES	= 5,	/* of a remote port that is busy */
	OPEN_AGAIN_MS	= 200,
	WAIT_LOOK_MS	= 500,	/* where nobody tells of new devices */
	LOSSES_MAX	= 8,	/* of one job: then the cable is to blame */
};

/* What a job is in while its board is away. */
static const struct phase phase_reattach = { .name = "reattach" };

static TAILQ_HEAD(, queue) queues = TAILQ_HEAD_INITIALIZER(queues);
static const struct conf *conf;
static void (*stopped_fn)(void);
static bool stopping;

static void start_next(void *);

static void
poke(struct queue *q)
{
	(void)loop_timer_set(&q->next, 0, start_next, q);
}

static void
inputs_ready(void)
{
	struct queue	*q;

	TAILQ_FOREACH(q, &queues, entry)
		poke(q);
}

void
queue_init(const struct conf *c)
{
	conf = c;
	input_set_ready(inputs_ready);
}

static void
queue_free(struct queue *q)
{
	assert(q->run == NULL && TAILQ_EMPTY(&q->jobs));
	TAILQ_REMOVE(&queues, q, entry);
	loop_timer_clear(&q->next);
	loop_timer_clear(&q->again);
	loop_timer_clear(&q->hold);
	port_release(q->port);
	free(q);
}

void
queue_done(void)
{
	struct queue	*q;

	input_done();
	while ((q = TAILQ_FIRST(&queues)) != NULL)
		queue_free(q);
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
queue_get(struct port *port)
{
	struct queue	*q = queue_find(port);

	if (q != NULL || (q = calloc(1, sizeof *q)) == NULL)
		return q;
	q->port = port;
	port_hold(port);
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

static bool
is_open(const struct queue *q)
{
	return port_state(q->port) == PORT_OPEN;
}

static void
hold_over(void *arg)
{
	struct queue	*q = arg;

	if (is_open(q))
		port_close(q->port);
	queue_free(q);
}

/*
 * If neither a job nor a claim needs the port now: a device of this machine
 * stays open for a while, so that no line moves before the next job; what
 * belongs to a server is given back at once.
 */
static void
rest(struct queue *q)
{
	unsigned	ms = 0;

	if (q->claimed || !TAILQ_EMPTY(&q->jobs))
		return;
	if (is_open(q) && port_info(q->port)->kind == PORT_TTY && !stopping)
		ms = conf->hold_port_s < UINT32_MAX / 1000 ?
		    conf->hold_port_s * 1000 : UINT32_MAX;
	if (ms > 0)
		port_rest(q->port);
	else if (port_state(q->port) == PORT_OPEN ||
	    port_state(q->port) == PORT_OPENING)
		port_close(q->port);
	/* Freed by the timer, as callers may still look at it. */
	(void)loop_timer_set(&q->hold, ms, hold_over, q);
}

/* The first job of the queue has ended: the next one, or rest. */
static void
finish(struct queue *q, enum job_state state, const struct why *why)
{
	struct job	*j = TAILQ_FIRST(&q->jobs);

	take_out(q, j);
	q->past = (struct run_past){ 0 };
	q->waiting = false;
	loop_timer_stop(&q->again);
	rest(q);
	job_set_state(j, state, why);
	job_unref(j);
	job_forget_old(conf);
	poke(q);
	check_stopped();
}

static void
finish_err(struct queue *q, const struct why *why)
{
	finish(q, job_end_state(why->err), why);
}

/* ---- a board that went away ---- */

static unsigned
reattach_s(const struct job *j)
{
	return method_number(j->params, "reattach_s", 0);
}

static void
vanished(struct queue *q)
{
	struct job	*j = TAILQ_FIRST(&q->jobs);
	struct why	 why = { 0 };
	char		 identity[PORT_IDENTITY_MAX];

	if (q->opening)
		port_close(q->port);
	q->opening = false;
	port_identity(q->port, identity);
	if (q->past.losses > LOSSES_MAX)
		(void)why_set(&why, ERR_UNPLUGGED, "the port vanished %u times:"
		    " %s; check cable, hub and power supply", q->past.losses,
		    port_path(q->port));
	else
		(void)why_set(&why, ERR_UNPLUGGED, "the port vanished: %s did "
		    "not come back within %u s; plug the board in and run the "
		    "job again", identity, reattach_s(j));
	finish_err(q, &why);
}

/* Look whether it is back; a watcher may have told before (queue_port()). */
static void
look(void *arg)
{
	struct queue	*q = arg;

	if (loop_now() >= q->until) {
		vanished(q);
		return;
	}
	port_rescan();
	if (!q->opening)
		start_next(q);
	if (q->waiting)
		(void)loop_timer_set(&q->again, WAIT_LOOK_MS, look, q);
}

/* The first job waits for its board from now on. */
static void
wait_for_board(struct queue *q)
{
	struct job	*j = TAILQ_FIRST(&q->jobs);
	char		 text[WHY_MAX];
	unsigned	 s = reattach_s(j);

	if (s == 0 || q->past.losses > LOSSES_MAX || stopping) {
		vanished(q);
		return;
	}
	(void)snprintf(text, sizeof text, "%s went away%s%s; waiting up to %u s"
	    " for the board to come back", port_path(q->port),
	    q->past.lost_in != NULL ? " during " : "",
	    q->past.lost_in != NULL ? q->past.lost_in->name : "", s);
	if (j->state != JOB_RUNNING)
		job_set_state(j, JOB_RUNNING, NULL);
	job_add_note(j, text);
	job_set_phase(j, &phase_reattach, NULL);
	q->waiting = true;
	q->until = loop_now() + (uint64_t)s * 1000;
	(void)loop_timer_set(&q->again, WAIT_LOOK_MS, look, q);
	poke(q);
}

/* The conversation has ended; called from the loop. */
static void
run_done(void *arg)
{
	struct queue	*q = arg;
	struct run	*run = q->run;
	struct why	 why = { 0 };
	int		 err;

	err = run_end(run, &q->past, &why);
	q->run = NULL;
	run_free(run);
	if (err == 0) {
		finish(q, JOB_DONE, NULL);
		return;
	}
	if (err == ERR_UNPLUGGED) {
		port_close(q->port);
		if (!q->past.final) {
			wait_for_board(q);
			return;
		}
	}
	finish_err(q, &why);
}

static void
begin(struct queue *q, struct job *j)
{
	struct why	why = { 0 };

	q->waiting = false;
	loop_timer_stop(&q->again);
	port_wake(q->port);
	if (j->state != JOB_RUNNING)
		job_set_state(j, JOB_RUNNING, NULL);
	q->run = run_start(j, conf, &q->past, run_done, q);
	if (q->run != NULL)
		return;
	(void)why_set(&why, ERR_NOMEM, "no memory to run the job");
	finish_err(q, &why);
}

/* ---- opening ---- */

/* Nobody has claimed the port any more. */
static void
unclaim(struct queue *q)
{
	q->claimed = q->lent = false;
	rest(q);
	poke(q);
}

/* May opening be tried again after this error? */
static bool
open_again(struct queue *q, int err)
{
	/* What is plugged in gets its rights a moment later. */
	if (q->waiting)
		return true;
	/* A server may take a moment to notice that we had left. */
	return err == ERR_PORT_BUSY && ++q->tries < OPEN_TRIES &&
	    port_info(q->port)->kind != PORT_TTY;
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
	if (open_again(q, err)) {
		if (!q->waiting)
			(void)loop_timer_set(&q->next, OPEN_AGAIN_MS,
			    start_next, q);
		return;
	}
	q->tries = 0;
	if (q->claimed) {
		unclaim(q);
		q->claim.done(q->claim.arg, err, why);
	} else
		finish_err(q, why);
}

static void
open_port(struct queue *q, uint32_t baud)
{
	q->opening = true;
	port_open(q->port, baud, opened, q);
}

static void
start_claim(struct queue *q)
{
	if (!is_open(q)) {
		open_port(q, q->claim_baud);
		return;
	}
	port_wake(q->port);
	q->lent = true;
	q->claim.done(q->claim.arg, 0, NULL);
}

/* Start the first job if everything it needs is there. */
static void
start_next(void *arg)
{
	struct queue	*q = arg;
	struct job	*j = TAILQ_FIRST(&q->jobs);
	struct why	 why = { 0 };
	int		 r;

	if (q->run != NULL || q->opening)
		return;
	if (q->claimed && !q->lent)
		start_claim(q);
	if (q->claimed || j == NULL)
		return;
	loop_timer_stop(&q->hold);
	r = j->input == NULL ? 1 : input_state(j->input, &why);
	if (r == 0)
		return;		/* inputs_ready() comes back */
	if (r < 0)
		finish_err(q, &why);
	else if (is_open(q))
		begin(q, j);
	else if (port_state(q->port) != PORT_GONE)
		open_port(q, run_first_baud(j));
	else if (!q->waiting)
		wait_for_board(q);
}

void
queue_port(struct port *port)
{
	struct queue	*q = queue_find(port);

	if (q == NULL || q->run != NULL)
		return;
	if (q->lent && port_state(port) == PORT_GONE) {
		unclaim(q);
		q->claim.lost(q->claim.arg);
	} else if (port_state(port) == PORT_GONE)
		rest(q);
	poke(q);
}

/* ---- claims ---- */

int
queue_claim(struct port *port, uint32_t baud, const struct queue_claim *claim,
    struct why *why)
{
	struct queue		*q = queue_find(port);
	const struct job	*j = q != NULL ? TAILQ_FIRST(&q->jobs) : NULL;

	if (j != NULL)
		return why_set(why, ERR_PORT_BUSY, "%s is in use by job %u (%s)"
		    " of %s", port_path(port), j->id, j->op->method,
		    j->peer.user);
	if (q != NULL && q->claimed)
		return why_set(why, ERR_PORT_BUSY, "%s is in use by %s",
		    port_path(port), q->claim.who);
	if (port_state(port) == PORT_GONE)
		return why_set(why, ERR_UNPLUGGED, "%s is not plugged in",
		    port_path(port));
	if ((q = queue_get(port)) == NULL)
		return ERR_NOMEM;
	loop_timer_stop(&q->hold);
	q->claimed = true;
	q->claim = *claim;
	q->claim_baud = baud;
	poke(q);
	return 0;
}

void
queue_give_back(struct port *port)
{
	struct queue	*q = queue_find(port);

	if (q == NULL || !q->claimed)
		return;
	if (q->opening)
		port_close(port);
	q->opening = false;
	unclaim(q);
}

/* ---- jobs ---- */

int
queue_check(const struct port *port, struct why *why)
{
	const struct queue	*q = queue_find(port);

	if (q == NULL || !q->claimed ||
	    strcmp(conf->export_busy, "refuse") != 0)
		return 0;
	return why_set(why, ERR_PORT_BUSY, "%s is lent to %s (espctl export); "
	    "let that end first", port_path(port), q->claim.who);
}

/* Say why the job does not begin yet. */
static void
note_claim(const struct queue *q, struct job *j)
{
	char	text[WHY_MAX];

	(void)snprintf(text, sizeof text, "waits until %s has left %s",
	    q->claim.who, port_path(q->port));
	job_add_note(j, text);
}

int
queue_add(struct job *j)
{
	struct queue	*q = queue_get(j->port);

	if (q == NULL)
		return ERR_NOMEM;
	if (q->claimed)
		note_claim(q, j);
	job_ref(j);
	TAILQ_INSERT_TAIL(&q->jobs, j, queued);
	renumber(q);
	job_set_state(j, JOB_QUEUED, NULL);
	loop_timer_stop(&q->hold);
	poke(q);
	return 0;
}

static void
job_stop(struct queue *q, struct job *j, int err)
{
	struct why	why = { 0 };

	if (q->run != NULL && j == TAILQ_FIRST(&q->jobs)) {
		run_stop(q->run, err);
		return;
	}
	(void)why_set(&why, err, "%s", err_sentence(err));
	if (j == TAILQ_FIRST(&q->jobs)) {
		if (q->opening && !q->claimed) {
			port_close(q->port);
			q->opening = false;
		}
		finish(q, job_end_state(err), &why);
		return;
	}
	take_out(q, j);
	job_set_state(j, job_end_state(err), &why);
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

bool
queue_burns(void)
{
	struct queue	*q;

	TAILQ_FOREACH(q, &queues, entry)
		if (q->run != NULL && run_burns(q->run))
			return true;
	return false;
}
