#include "daemon/job/work.h"

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
#include <unistd.h>

#include <json-c/json.h>

#include "daemon/job/work_parcel.h"
#include "proto/base/err.h"
#include "proto/rpc/rpc.h"

enum { NICE = 10 };

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
read_file(const struct work_parcel_file *p, struct work_file *f,
    struct why *why)
{
	uint8_t	*data = malloc(p->len + 1);	/* never NULL for no bytes */
	int	 r;

	if (data == NULL)
		return why_set(why, ERR_NOMEM, "%s: no memory for its %zu "
		    "bytes", p->name, p->len);
	if ((r = input_read(p->fd, p->name, data, p->len, why)) < 0) {
		free(data);
		return r;
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
	int		keep[WORK_FILES_MAX + WORK_OUTPUTS_MAX + 1];
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
work_do(work_fn *fn, const struct work_parcel *p, struct work *w,
    struct why *why)
{
	struct work_file	*files = calloc(WORK_FILES_MAX, sizeof *files);
	int			 r = files != NULL ? 0 : ERR_NOMEM;

	for (size_t i = 0; i < p->file_count && r == 0; i++)
		r = read_file(&p->files[i], &files[i], why);
	if (r < 0)
		return r;
	w->images = files;
	w->image_count = p->image_count;
	if (p->file != NULL)
		w->file = &files[p->file - p->files];
	return fn(w, why);
}

void
work_main(work_fn *fn, const struct work_parcel *p, struct json_object *params,
    int pipe, pid_t daemon)
{
	struct work	w = {
		.params = params, .outputs = p->outputs,
		.output_count = p->output_count, .tell = pipe,
		.result = json_object_new_object(),
	};
	struct why	why = { 0 };
	int		r;

	settle(p, pipe, daemon);
	r = work_do(fn, p, &w, &why);
	if (r < 0 && why.err == 0)
		(void)why_set(&why, r, "%s", err_sentence(r));
	if (r < 0)
		tell(pipe, "error", rpc_error_object(&why, NULL));
	else
		tell(pipe, "result", w.result);
	_exit(EXIT_SUCCESS);
}
