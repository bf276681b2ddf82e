/*
 * The daemon reads what a process tells (work.h) until its pipe is closed, which
 * is when the process is gone.
 */
#include "daemon/job/work_queue.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/wait.h>
#include <unistd.h>

#include <json-c/json.h>

#include "daemon/base/loop.h"
#include "daemon/job/job.h"
#include "daemon/job/work.h"
#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "proto/rpc/rpc.h"

enum {
	LINE_MAX_BYTES	= 8 << 20,	/* one of the process's lines */
	READ_BYTES	= 64 << 10,
	DEADLINE_MS	= 300 * 1000,	/* what takes longer hangs */
};

/* A job in its process. */
struct running {
	TAILQ_ENTRY(running)	 entry;
	struct job		*job;		/* held */
	pid_t			 pid;
	int			 pipe;
	struct loop_fd		 watch;
	struct loop_timer	 deadline;
	struct buf		 line;		/* what came of the next line */
	struct json_object	*last;		/* "result" or "error"; NULL */
	struct why		 stopped;	/* by us; err 0: it was not */
};

static TAILQ_HEAD(, running) at_work = TAILQ_HEAD_INITIALIZER(at_work);
static TAILQ_HEAD(, job) waiting = TAILQ_HEAD_INITIALIZER(waiting);
static unsigned running_count;

static void start_waiting(void);

/* Half of the processors may be busy with files. */
static unsigned
running_max(void)
{
	long	n = sysconf(_SC_NPROCESSORS_ONLN);

	return n > 3 ? (unsigned)n / 2 : 1;
}

static void
end_job(struct job *j, const struct why *why)
{
	job_set_state(j, job_end_state(why->err), why->err < 0 ? why : NULL);
	job_unref(j);
}

static void
died(int status, struct why *why)
{
	if (WIFSIGNALED(status))
		(void)why_set(why, ERR_INTERNAL, "the process that did the "
		    "work was ended by signal %d (%s); please report it with "
		    "the file", WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else
		(void)why_set(why, ERR_INTERNAL, "the process that did the "
		    "work ended without a word; please report it with the "
		    "file");
}

/* The pipe is closed, so the process is gone or about to. */
static void
ended(struct running *r)
{
	struct json_object	*error, *result;
	struct job		*j = r->job;
	struct why		 why = r->stopped;
	int			 status = 0;

	loop_fd_clear(&r->watch);
	loop_timer_clear(&r->deadline);
	(void)close(r->pipe);
	while (waitpid(r->pid, &status, 0) < 0 && errno == EINTR)
		;
	TAILQ_REMOVE(&at_work, r, entry);
	running_count--;
	if (why.err == 0 && r->last == NULL)
		died(status, &why);
	else if (why.err == 0 &&
	    json_object_object_get_ex(r->last, "error", &error))
		rpc_error_read(error, &why);
	else if (why.err == 0 &&
	    json_object_object_get_ex(r->last, "result", &result))
		j->result = json_object_get(result);
	json_object_put(r->last);
	buf_done(&r->line);
	free(r);
	end_job(j, &why);
	start_waiting();
}

static void
take_line(struct running *r, const char *text, size_t len)
{
	struct json_tokener	*parser = json_tokener_new();
	struct json_object	*o = NULL, *note;

	if (parser != NULL)
		o = json_tokener_parse_ex(parser, text, (int)len);
	json_tokener_free(parser);
	if (json_object_object_get_ex(o, "note", &note)) {
		job_add_note(r->job, json_object_get_string(note));
		json_object_put(o);
		return;
	}
	json_object_put(r->last);
	r->last = o;
}

static void
take_lines(struct running *r)
{
	uint8_t	*end;

	while (r->line.len > 0 &&
	    (end = memchr(r->line.data, '\n', r->line.len)) != NULL) {
		size_t	len = (size_t)(end - r->line.data);

		take_line(r, (const char *)r->line.data, len);
		buf_consume(&r->line, len + 1);
	}
}

static void
stop_running(struct running *r, const struct why *why)
{
	if (r->stopped.err == 0)
		r->stopped = *why;
	(void)kill(r->pid, SIGKILL);
}

static void
readable(void *arg)
{
	struct running	*r = arg;
	struct why	 why = { 0 };
	uint8_t		*at;
	ssize_t		 n;

	if (buf_reserve(&r->line, READ_BYTES, &at) < 0) {
		(void)why_set(&why, ERR_LIMIT, "what came out is more than %d "
		    "bytes of JSON; the file has too many parts",
		    LINE_MAX_BYTES);
		stop_running(r, &why);
		ended(r);
		return;
	}
	n = read(r->pipe, at, READ_BYTES);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		ended(r);
		return;
	}
	buf_commit(&r->line, (size_t)n);
	take_lines(r);
}

static void
too_late(void *arg)
{
	struct running	*r = arg;
	struct why	 why = { 0 };

	(void)why_set(&why, ERR_TIMEOUT, "it was not done after %d s; please "
	    "report it with the file", DEADLINE_MS / 1000);
	stop_running(r, &why);
}

/* Fork; the pipe of the new process, or -1. */
static int
launch(struct job *j, pid_t *pid)
{
	pid_t	self = getpid();
	int	pipe[2];

	if (pipe2(pipe, O_CLOEXEC) < 0)
		return -1;
	*pid = fork();
	if (*pid == 0)
		work_main(j->op->work, j->parcel, j->params, pipe[1], self);
	(void)close(pipe[1]);
	if (*pid < 0) {
		(void)close(pipe[0]);
		return -1;
	}
	return pipe[0];
}

static void
start(struct job *j)
{
	struct running	*r = calloc(1, sizeof *r);
	struct why	 why = { 0 };

	job_set_state(j, JOB_RUNNING, NULL);
	if (r == NULL || (r->pipe = launch(j, &r->pid)) < 0) {
		free(r);
		(void)why_set(&why, ERR_NOMEM, "no memory or process to do the"
		    " job in");
		end_job(j, &why);
		return;
	}
	r->job = j;
	buf_init(&r->line, LINE_MAX_BYTES);
	TAILQ_INSERT_TAIL(&at_work, r, entry);
	running_count++;
	if (loop_timer_set(&r->deadline, DEADLINE_MS, too_late, r) == 0 &&
	    loop_fd_set(&r->watch, r->pipe, readable, r) == 0)
		return;
	(void)why_set(&why, ERR_NOMEM, "no memory to watch the job");
	stop_running(r, &why);
	ended(r);
}

static void
start_waiting(void)
{
	struct job	*j;

	while (running_count < running_max() &&
	    (j = TAILQ_FIRST(&waiting)) != NULL) {
		TAILQ_REMOVE(&waiting, j, queued);
		start(j);
	}
}

void
work_add(struct job *j)
{
	job_ref(j);
	job_set_state(j, JOB_QUEUED, NULL);
	TAILQ_INSERT_TAIL(&waiting, j, queued);
	start_waiting();
}

void
work_stop(struct job *j, int err)
{
	struct running	*r;
	struct why	 why = { 0 };

	if (job_ended(j))
		return;
	(void)why_set(&why, err, "%s", err_sentence(err));
	TAILQ_FOREACH(r, &at_work, entry)
		if (r->job == j) {
			stop_running(r, &why);
			return;
		}
	TAILQ_REMOVE(&waiting, j, queued);
	end_job(j, &why);
}

void
work_stop_all(int err)
{
	struct running	*r;
	struct job	*j;

	while ((j = TAILQ_FIRST(&waiting)) != NULL)
		work_stop(j, err);
	while ((r = TAILQ_FIRST(&at_work)) != NULL) {
		work_stop(r->job, err);
		ended(r);
	}
}
