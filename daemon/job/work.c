/*
 * The process of a job tells its end over a pipe, a JSON text per line:
 *
 *	{"note": "..."}			any number of these, then one of
 *	{"result": {...}}
 *	{"error": {...}}		as rpc_error_object() makes it
 *
 * The daemon reads until the pipe is closed, which is when the process is gone.
 * What ended without one of the last two died of something else.
 */
#include "daemon/job/work.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <json-c/json.h>

#include "daemon/base/conf.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/job/job.h"
#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "proto/rpc/method.h"
#include "proto/rpc/rpc.h"

enum {
	FILES_MAX	= METHOD_IMAGES_MAX + 1,
	OUTPUTS_MAX	= 8,
	LINE_MAX_BYTES	= 8 << 20,	/* one of the process's lines */
	READ_BYTES	= 64 << 10,
	DEADLINE_MS	= 300 * 1000,	/* what takes longer hangs */
	NICE		= 10,
};

/* A file that came along, not yet read. */
struct parcel_file {
	char		*name;
	int		 fd;
	size_t		 len;
	uint32_t	 offset;
};

struct work_parcel {
	struct parcel_file	*file;		/* of a METHOD_FILE, or NULL */
	struct parcel_file	 files[FILES_MAX];	/* images first */
	size_t			 file_count, image_count;
	int			 outputs[OUTPUTS_MAX];
	size_t			 output_count;
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

/* ---- what comes along ---- */

void
work_parcel_free(struct work_parcel *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->file_count; i++) {
		(void)close(p->files[i].fd);	/* read only */
		free(p->files[i].name);
	}
	for (size_t i = 0; i < p->output_count; i++)
		(void)close(p->outputs[i]);	/* whoever wrote it checked */
	free(p);
}

/* Check one file before anything is read. */
static int
check_file(const char *name, int fd, const struct conf *conf, size_t *len,
    struct why *why)
{
	struct stat	st;

	if (fstat(fd, &st) < 0)
		return why_set(why, ERR_IO, "%s: %s", name, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return why_set(why, ERR_IMAGE, "%s: not a regular file; copy "
		    "it into one first", name);
	if (st.st_size > conf->max_image_bytes)
		return why_set(why, ERR_LIMIT, "%s: %lld bytes are more than "
		    "this daemon takes for one file (max-image-bytes %u)",
		    name, (long long)st.st_size, conf->max_image_bytes);
	*len = (size_t)st.st_size;
	return 0;
}

static int
take_file(struct work_parcel *p, struct json_object *file,
    struct input_fds *fds, const struct conf *conf, struct why *why)
{
	struct parcel_file	*f = &p->files[p->file_count];
	const char		*name;
	size_t			 at;
	int			 r;

	name = json_object_get_string(json_object_object_get(file, "name"));
	at = (size_t)json_object_get_int64(json_object_object_get(file, "fd"));
	if (at >= fds->count || fds->fd[at] < 0)
		return why_set(why, ERR_PARAMS, "%s: its descriptor %zu did "
		    "not come along or is used twice", name, at);
	if ((r = check_file(name, fds->fd[at], conf, &f->len, why)) < 0)
		return r;
	if ((f->name = strdup(name)) == NULL)
		return ERR_NOMEM;
	f->offset = method_number(file, "offset", 0);
	f->fd = fds->fd[at];
	fds->fd[at] = -1;
	p->file_count++;
	return 0;
}

static int
take_images(struct work_parcel *p, struct json_object *images,
    struct input_fds *fds, const struct conf *conf, struct why *why)
{
	size_t	n = json_object_array_length(images);
	int	r = 0;

	if (n > METHOD_IMAGES_MAX)
		return why_set(why, ERR_PARAMS, "images: at most %d of them, "
		    "not %zu", METHOD_IMAGES_MAX, n);
	for (size_t i = 0; i < n && r == 0; i++)
		r = take_file(p, json_object_array_get_idx(images, i), fds,
		    conf, why);
	p->image_count = p->file_count;
	return r;
}

static int
take_outputs(struct work_parcel *p, struct json_object *outputs,
    struct input_fds *fds, struct why *why)
{
	size_t	n = json_object_array_length(outputs);
	int	r;

	if (n > OUTPUTS_MAX)
		return why_set(why, ERR_PARAMS, "output: at most %d of them, "
		    "not %zu", OUTPUTS_MAX, n);
	for (size_t i = 0; i < n; i++) {
		int64_t	at = json_object_get_int64(
		    json_object_array_get_idx(outputs, i));
		char	whose[32];

		(void)snprintf(whose, sizeof whose, "file %zu of %zu", i + 1,
		    n);
		if ((r = input_check_output(fds, at, whose, why)) < 0)
			return r;
		p->outputs[p->output_count++] = fds->fd[at];
		fds->fd[at] = -1;
	}
	return 0;
}

/* The one METHOD_FILE, whatever it is called. */
static int
take_single(struct work_parcel *p, struct json_object *params,
    struct input_fds *fds, const struct conf *conf, struct why *why)
{
	int	r;

	json_object_object_foreach(params, key, v) {
		(void)key;
		if (!json_object_is_type(v, json_type_object))
			continue;
		assert(p->file == NULL);
		p->file = &p->files[p->file_count];
		if ((r = take_file(p, v, fds, conf, why)) < 0)
			return r;
	}
	return 0;
}

int
work_take(struct json_object *params, struct input_fds *fds,
    const struct conf *conf, struct work_parcel **out, struct why *why)
{
	struct work_parcel	*p = calloc(1, sizeof *p);
	struct json_object	*list;
	int			 r = 0;

	if (p == NULL)
		return ERR_NOMEM;
	if (json_object_object_get_ex(params, "images", &list))
		r = take_images(p, list, fds, conf, why);
	if (r == 0)
		r = take_single(p, params, fds, conf, why);
	if (r == 0 && json_object_object_get_ex(params, "output", &list))
		r = take_outputs(p, list, fds, why);
	if (r < 0) {
		work_parcel_free(p);
		return r;
	}
	*out = p;
	return 0;
}

/* ---- in the process ---- */

static int
write_all(int fd, const void *data, size_t len)
{
	const char	*p = data;

	while (len > 0) {
		ssize_t	n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ERR_IO;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* A line to the daemon; takes the object over. */
static void
tell(int fd, const char *what, struct json_object *value)
{
	struct json_object	*o = json_object_new_object();
	const char		*text;
	size_t			 len;

	json_object_object_add(o, what, value);
	text = json_object_to_json_string_length(o, JSON_C_TO_STRING_PLAIN,
	    &len);
	/* A daemon that does not hear it is gone. */
	if (write_all(fd, text, len) < 0 || write_all(fd, "\n", 1) < 0)
		_exit(EXIT_FAILURE);
	json_object_put(o);
}

void
work_note_text(void *work, const char *text)
{
	const struct work	*w = work;

	tell(w->tell, "note", json_object_new_string(text));
}

void
work_note(struct work *w, const char *fmt, ...)
{
	char	text[WHY_MAX];
	va_list	ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	work_note_text(w, text);
}

int
work_output(struct work *w, size_t i, const void *data, size_t len,
    struct why *why)
{
	if (i >= w->output_count)
		return why_set(why, ERR_PARAMS, "output: %zu files come out, "
		    "and %zu descriptors came along", i + 1, w->output_count);
	if (write_all(w->outputs[i], data, len) < 0)
		return why_set(why, ERR_IO, "output: file %zu cannot be "
		    "written: %s", i + 1, strerror(errno));
	return 0;
}

static int
read_file(const struct parcel_file *p, struct work_file *f, struct why *why)
{
	uint8_t	*data = malloc(p->len + 1);	/* never NULL for no bytes */
	size_t	 have = 0;

	if (data == NULL)
		return why_set(why, ERR_NOMEM, "%s: no memory for its %zu "
		    "bytes", p->name, p->len);
	while (have < p->len) {
		ssize_t	n = pread(p->fd, data + have, p->len - have,
		    (off_t)have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			free(data);
			return why_set(why, ERR_IO, "%s: %s", p->name, n < 0 ?
			    strerror(errno) :
			    "became shorter while it was read");
		}
		have += (size_t)n;
	}
	*f = (struct work_file){ .name = p->name, .data = data, .len = p->len,
	    .offset = p->offset };
	return 0;
}

/* Keep no port, no client and no listening socket open: close all but what the
 * job came with. */
static void
close_others(const struct work_parcel *p, int pipe)
{
	int		keep[FILES_MAX + OUTPUTS_MAX + 1];
	size_t		n = 0;
	unsigned	from = STDERR_FILENO + 1;

	keep[n++] = pipe;
	for (size_t i = 0; i < p->file_count; i++)
		keep[n++] = p->files[i].fd;
	for (size_t i = 0; i < p->output_count; i++)
		keep[n++] = p->outputs[i];
	while (from != 0) {
		unsigned	next = 0;

		for (size_t i = 0; i < n; i++)
			if ((unsigned)keep[i] >= from &&
			    (next == 0 || (unsigned)keep[i] < next))
				next = (unsigned)keep[i];
		if (next == 0)
			(void)close_range(from, ~0u, 0);
		else if (next > from)
			(void)close_range(from, next - 1, 0);
		from = next == 0 ? 0 : next + 1;
	}
}

/* Be a process of its own, that boards do not notice. */
static void
settle(const struct work_parcel *p, int pipe, pid_t daemon)
{
	static const int	 signals[] = { SIGTERM, SIGINT, SIGHUP, SIGPIPE };
	struct sigaction	 action = { .sa_handler = SIG_DFL };
	struct sched_param	 param = { 0 };

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != daemon)
		_exit(EXIT_FAILURE);
	for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
		(void)sigaction(signals[i], &action, NULL);
	close_others(p, pipe);
	/* Where the system does not let us, it is less polite, no more. */
	(void)setpriority(PRIO_PROCESS, 0, NICE);
	(void)sched_setscheduler(0, SCHED_BATCH, &param);
}

static int
work_do(const struct op *op, const struct work_parcel *p, struct work *w,
    struct why *why)
{
	struct work_file	*files = calloc(FILES_MAX, sizeof *files);
	int			 r = files != NULL ? 0 : ERR_NOMEM;

	for (size_t i = 0; i < p->file_count && r == 0; i++)
		r = read_file(&p->files[i], &files[i], why);
	if (r < 0)
		return r;
	w->images = files;
	w->image_count = p->image_count;
	if (p->file != NULL)
		w->file = &files[p->file - p->files];
	return op->work(w, why);
}

/* All of the process's life. */
static void __attribute__((noreturn))
work_main(const struct job *j, int pipe, pid_t daemon)
{
	struct work_parcel	*p = j->parcel;
	struct work		 w = {
		.params = j->params, .outputs = p->outputs,
		.output_count = p->output_count, .tell = pipe,
		.result = json_object_new_object(),
	};
	struct why		 why = { 0 };
	int			 r;

	settle(p, pipe, daemon);
	r = work_do(j->op, p, &w, &why);
	if (r < 0 && why.err == 0)
		(void)why_set(&why, r, "%s", err_sentence(r));
	if (r < 0)
		tell(pipe, "error", rpc_error_object(&why, NULL));
	else
		tell(pipe, "result", w.result);
	_exit(EXIT_SUCCESS);
}

/* ---- in the daemon ---- */

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
		work_main(j, pipe[1], self);
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
work_stop(struct job *j, const struct why *why)
{
	struct running	*r;

	if (job_ended(j))
		return;
	TAILQ_FOREACH(r, &at_work, entry)
		if (r->job == j) {
			stop_running(r, why);
			return;
		}
	TAILQ_REMOVE(&waiting, j, queued);
	end_job(j, why);
}

void
work_stop_all(const struct why *why)
{
	struct running	*r;
	struct job	*j;

	while ((j = TAILQ_FIRST(&waiting)) != NULL)
		work_stop(j, why);
	while ((r = TAILQ_FIRST(&at_work)) != NULL) {
		stop_running(r, why);
		ended(r);
	}
}
