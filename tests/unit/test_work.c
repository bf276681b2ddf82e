/* work - jobs in processes of their own: what comes back, and what does not. */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "daemon/base/conf.h"
#include "daemon/base/loop.h"
#include "daemon/job/job.h"
#include "daemon/job/work.h"
#include "daemon/job/work_parcel.h"
#include "daemon/job/work_queue.h"
#include "proto/base/err.h"
#include "proto/rpc/rpc.h"

static struct conf conf;
static unsigned ended_jobs, wanted_jobs;
static char notes[256];

static int
copy(struct work *w, struct why *why)
{
	work_note(w, "%zu images", w->image_count);
	rpc_add_text(w->result, "file", w->file->name);
	rpc_add_number(w->result, "bytes", w->file->len);
	if (w->image_count > 0)
		rpc_add_number(w->result, "offset", w->images[0].offset);
	return work_output(w, 0, w->file->data, w->file->len, why);
}

static int
refuse(struct work *w, struct why *why)
{
	return why_set(why, ERR_IMAGE, "%s: no good", w->file->name);
}

static int
die(struct work *w, struct why *why)
{
	(void)w;
	(void)why;
	return raise(SIGKILL);
}

static int
leave(struct work *w, struct why *why)
{
	(void)w;
	(void)why;
	_exit(0);
}

static int
hang(struct work *w, struct why *why)
{
	(void)why;
	work_note(w, "hanging");
	while (pause() < 0)
		;		/* until it is killed */
	return 0;
}

/* More text than the daemon takes. */
static int
babble(struct work *w, struct why *why)
{
	static char	text[1 << 20];

	(void)why;
	memset(text, 'x', sizeof text - 1);
	for (int i = 0; i < 16; i++) {
		char	name[16];

		(void)snprintf(name, sizeof name, "%d", i);
		rpc_add_text(w->result, name, text);
	}
	return 0;
}

/* The descriptors it has, besides the first three and that of this count. */
static int
count_fds(struct work *w, struct why *why)
{
	DIR	*dir = opendir("/proc/self/fd");
	unsigned n = 0;

	(void)why;
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	rpc_add_number(w->result, "fds", n - 2 - 3 - 1);
	return 0;
}

static void
watch(const struct job *j, struct json_object *event)
{
	const char	*type = json_object_get_string(
			    json_object_object_get(event, "type"));

	assert_null(json_object_object_get(event, "port"));
	if (strcmp(type, "job.note") == 0) {
		(void)snprintf(notes, sizeof notes, "%s",
		    json_object_get_string(json_object_object_get(event,
		    "text")));
		if (strcmp(notes, "hanging") == 0)
			loop_stop();
	}
	if (job_ended(j) && strcmp(type, "job.state") == 0 &&
	    ++ended_jobs == wanted_jobs)
		loop_stop();
}

static int
file_of(const char *text)
{
	int	fd = memfd_create("file", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	return fd;
}

static struct op ops[8];	/* live as long as their jobs */
static size_t op_count;

static struct job *
add(int (*fn)(struct work *, struct why *), const char *params, int *fd,
    size_t count)
{
	static const struct peer	 peer = { .user = "anna" };
	struct input_fds		 fds = { .fd = fd, .count = count };
	struct json_object		*o = json_tokener_parse(params);
	struct work_parcel		*parcel = NULL;
	struct why			 why = { 0 };
	struct job			*j;

	assert_non_null(o);
	assert_int_equal(work_parcel_take(o, &fds, &conf, &parcel, &why), 0);
	ops[op_count] = (struct op){ .method = "image.test", .work = fn };
	j = job_new(&ops[op_count++], NULL, &peer, o);
	assert_non_null(j);
	j->parcel = parcel;
	json_object_put(o);
	work_add(j);
	return j;
}

static void
run_until_ended(unsigned n)
{
	wanted_jobs = n;
	if (ended_jobs < n)
		assert_int_equal(loop_run(), 0);
	assert_int_equal(ended_jobs, n);
}

static int
setup(void **state)
{
	(void)state;
	conf_init(&conf);
	ended_jobs = wanted_jobs = 0;
	op_count = 0;
	notes[0] = '\0';
	job_set_watcher(watch);
	return loop_init();
}

static int
teardown(void **state)
{
	(void)state;
	job_forget_all();
	loop_done();
	/* No process is left. */
	return waitpid(-1, NULL, WNOHANG) == -1 ? 0 : -1;
}

static int64_t
result_number(const struct job *j, const char *name)
{
	return json_object_get_int64(json_object_object_get(j->result, name));
}

static void
test_result_notes_and_output_come_back(void **state)
{
	int		 out = memfd_create("out", MFD_CLOEXEC);
	int		 fd[3] = { file_of("hello"), file_of("abc"), dup(out) };
	char		 text[8] = "";
	struct job	*j;

	(void)state;
	j = add(copy, "{\"elf\":{\"fd\":0,\"name\":\"a.elf\"},\"images\":"
	    "[{\"fd\":1,\"name\":\"b\",\"offset\":4096}],\"output\":[2]}",
	    fd, 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(fd[i], -1);
	run_until_ended(1);
	assert_int_equal(j->state, JOB_DONE);
	assert_string_equal(notes, "1 images");
	assert_int_equal(result_number(j, "bytes"), 5);
	assert_int_equal(result_number(j, "offset"), 4096);
	assert_int_equal(pread(out, text, sizeof text, 0), 5);
	assert_string_equal(text, "hello");
	assert_null(job_port(j));
	job_unref(j);
	(void)close(out);
}

static void
expect_error(int (*fn)(struct work *, struct why *), int err,
    const char *part)
{
	int		 fd[1] = { file_of("hello") };
	struct job	*j;

	j = add(fn, "{\"elf\":{\"fd\":0,\"name\":\"a.elf\"}}", fd, 1);
	run_until_ended(1);
	assert_int_equal(j->state, JOB_FAILED);
	assert_int_equal(j->why.err, err);
	assert_non_null(strstr(j->why.text, part));
	job_unref(j);
}

static void
test_an_error_comes_back_with_its_sentence(void **state)
{
	(void)state;
	expect_error(refuse, ERR_IMAGE, "a.elf: no good");
}

static void
test_an_output_that_is_missing_is_an_error(void **state)
{
	(void)state;
	expect_error(copy, ERR_PARAMS, "0 descriptors came along");
}

static void
test_a_process_that_dies_fails_its_job_only(void **state)
{
	(void)state;
	expect_error(die, ERR_INTERNAL, "signal 9");
}

static void
test_a_process_that_says_nothing_is_an_error(void **state)
{
	(void)state;
	expect_error(leave, ERR_INTERNAL, "without a word");
}

static void
test_too_much_of_a_result_is_refused(void **state)
{
	(void)state;
	expect_error(babble, ERR_LIMIT, "too many parts");
}

static void
test_the_process_has_no_descriptors_of_others(void **state)
{
	int		 fd[2] = { file_of("hello"), file_of("x") };
	int		 other = open("/dev/null", O_RDONLY);
	struct job	*j;

	(void)state;
	j = add(count_fds, "{\"elf\":{\"fd\":1,\"name\":\"a.elf\"}}", fd, 2);
	run_until_ended(1);
	/* Its pipe and its file. */
	assert_int_equal(result_number(j, "fds"), 2);
	job_unref(j);
	(void)close(fd[0]);
	(void)close(other);
}

/* Several hang and more wait behind them: each can be stopped. */
static void
test_running_and_waiting_ones_can_be_stopped(void **state)
{
	struct job	*jobs[8];

	(void)state;
	for (int i = 0; i < 8; i++)
		jobs[i] = add(hang, "{}", NULL, 0);
	assert_int_equal(loop_run(), 0);	/* until the first one hangs */
	assert_string_equal(notes, "hanging");
	assert_int_equal(jobs[0]->state, JOB_RUNNING);
	work_stop(jobs[0], ERR_CANCELED);
	if (jobs[7]->state == JOB_QUEUED) {
		work_stop(jobs[7], ERR_CANCELED);
		assert_int_equal(jobs[7]->state, JOB_CANCELLED);
	}
	wanted_jobs = ended_jobs + 1;
	while (!job_ended(jobs[0]))
		assert_int_equal(loop_run(), 0);
	assert_int_equal(jobs[0]->state, JOB_CANCELLED);
	work_stop_all(ERR_INTERRUPTED);
	for (int i = 1; i < 7; i++)
		assert_int_equal(jobs[i]->state, JOB_INTERRUPTED);
	for (int i = 0; i < 8; i++)
		job_unref(jobs[i]);
}

static void
expect_refusal(const char *params, int *fd, size_t count, int err,
    const char *part)
{
	struct input_fds	 fds = { .fd = fd, .count = count };
	struct json_object	*o = json_tokener_parse(params);
	struct work_parcel	*parcel = NULL;
	struct why		 why = { 0 };

	assert_non_null(o);
	assert_int_equal(work_parcel_take(o, &fds, &conf, &parcel, &why), err);
	assert_non_null(strstr(why.text, part));
	assert_null(parcel);
	json_object_put(o);
}

static void
test_bad_descriptors_are_refused(void **state)
{
	int	fd[3] = { file_of("hello"), open("/dev/null", O_RDONLY),
		    open("/dev/null", O_WRONLY) };

	(void)state;
	expect_refusal("{\"elf\":{\"fd\":7,\"name\":\"a.elf\"}}", fd, 2,
	    ERR_PARAMS, "descriptor 7");
	expect_refusal("{\"elf\":{\"fd\":1,\"name\":\"a.elf\"}}", fd, 2,
	    ERR_IMAGE, "not a regular file");
	expect_refusal("{\"output\":[1]}", fd, 2, ERR_FILE_DENIED,
	    "not open for writing");
	expect_refusal("{\"output\":[2]}", fd, 3, ERR_PARAMS,
	    "not that of a regular file");
	conf.max_images_bytes = 4;
	expect_refusal("{\"elf\":{\"fd\":0,\"name\":\"a.elf\"}}", fd, 2,
	    ERR_LIMIT, "a.elf: with its 5 bytes");
	for (int i = 0; i < 3; i++)
		(void)close(fd[i]);
}

#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_result_notes_and_output_come_back),
		T(test_an_error_comes_back_with_its_sentence),
		T(test_an_output_that_is_missing_is_an_error),
		T(test_a_process_that_dies_fails_its_job_only),
		T(test_a_process_that_says_nothing_is_an_error),
		T(test_too_much_of_a_result_is_refused),
		T(test_the_process_has_no_descriptors_of_others),
		T(test_running_and_waiting_ones_can_be_stopped),
		T(test_bad_descriptors_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
