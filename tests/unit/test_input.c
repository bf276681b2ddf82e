/* input - the images of a submission: what is refused, and what is shared. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "daemon/base/conf.h"
#include "daemon/base/loop.h"
#include "daemon/job/input.h"
#include "proto/base/err.h"

static struct conf conf;
static int ready_calls;

/* A file of `len` bytes that count up from `first`. */
static int
file_of(size_t len, unsigned first)
{
	int		fd = memfd_create("image", MFD_CLOEXEC);
	unsigned char	byte;

	assert_true(fd >= 0);
	for (size_t i = 0; i < len; i++) {
		byte = (unsigned char)(first + i);
		assert_int_equal(write(fd, &byte, 1), 1);
	}
	return fd;
}

static struct json_object *
params_of(size_t count, const uint32_t *offsets, const char *const *names)
{
	struct json_object	*p = json_object_new_object();
	struct json_object	*list = json_object_new_array();

	for (size_t i = 0; i < count; i++) {
		struct json_object	*o = json_object_new_object();

		json_object_object_add(o, "offset",
		    json_object_new_int64(offsets[i]));
		json_object_object_add(o, "fd",
		    json_object_new_int64((int64_t)i));
		json_object_object_add(o, "name",
		    json_object_new_string(names[i]));
		json_object_array_add(list, o);
	}
	json_object_object_add(p, "images", list);
	return p;
}

/* Submit files of these lengths at these offsets. */
static int
submit_files(size_t count, const size_t *lengths, const uint32_t *offsets,
    struct input **in, struct why *why)
{
	static const char *const names[] = { "a.bin", "b.bin", "c.bin" };
	int			 fd[3] = { -1, -1, -1 };
	struct input_fds	 fds = { .fd = fd, .count = count };
	struct json_object	*p = params_of(count, offsets, names);
	int			 r;

	why_clear(why);
	for (size_t i = 0; i < count; i++)
		fd[i] = file_of(lengths[i], 0);
	r = input_new(p, &fds, &conf, in, why);
	json_object_put(p);
	for (size_t i = 0; i < count; i++)
		if (fd[i] >= 0)
			(void)close(fd[i]);
	return r;
}

static void
expect_refusal(size_t count, const size_t *lengths, const uint32_t *offsets,
    int err, const char *part)
{
	struct input	*in = NULL;
	struct why	 why;

	assert_int_equal(submit_files(count, lengths, offsets, &in, &why), err);
	assert_null(in);
	assert_non_null(strstr(why.text, part));
}

static void
on_ready(void)
{
	ready_calls++;
	loop_stop();
}

static void
test_an_empty_file_is_refused_by_name(void **state)
{
	(void)state;
	expect_refusal(1, (size_t[]){ 0 }, (uint32_t[]){ 0 }, ERR_FILE_EMPTY,
	    "a.bin");
}

static void
test_images_that_share_a_sector_are_refused_and_both_named(void **state)
{
	static const size_t	lengths[] = { 4097, 10 };
	static const uint32_t	offsets[] = { 0x0, 0x1800 };

	(void)state;
	expect_refusal(2, lengths, offsets, ERR_OVERLAP, "a.bin at 0x0");
	expect_refusal(2, lengths, offsets, ERR_OVERLAP, "b.bin at 0x1800");
}

static void
test_an_image_beyond_the_limit_is_refused(void **state)
{
	(void)state;
	conf.max_image_bytes = 100;
	expect_refusal(1, (size_t[]){ 101 }, (uint32_t[]){ 0 }, ERR_LIMIT,
	    "max-image-bytes");
	conf_init(&conf);
}

static void
test_something_that_is_no_file_is_refused(void **state)
{
	static const char *const name = "pipe";
	struct json_object	*p = params_of(1, (uint32_t[]){ 0 }, &name);
	struct input		*in;
	struct why		 why = { 0 };
	int			 fd[2];
	struct input_fds	 fds = { .fd = fd, .count = 1 };

	(void)state;
	assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
	assert_int_equal(input_new(p, &fds, &conf, &in, &why), ERR_IMAGE);
	json_object_put(p);
	(void)close(fd[0]);
	(void)close(fd[1]);
}

static void
test_a_descriptor_that_did_not_come_is_refused(void **state)
{
	static const char *const name = "a.bin";
	struct json_object	*p = params_of(1, (uint32_t[]){ 0 }, &name);
	struct input		*in;
	struct why		 why = { 0 };
	struct input_fds	 fds = { .fd = NULL, .count = 0 };

	(void)state;
	assert_int_equal(input_new(p, &fds, &conf, &in, &why), ERR_PARAMS);
	json_object_put(p);
}

static void
test_the_same_image_is_kept_in_memory_once(void **state)
{
	static const size_t	 length = 5001;
	static const uint32_t	 offsets[] = { 0x1000, 0x9000 };
	struct input		*one, *two;
	const struct link_write	*a, *b;
	struct why		 why;
	size_t			 n;

	(void)state;
	ready_calls = 0;
	assert_int_equal(submit_files(1, &length, &offsets[0], &one, &why), 0);
	assert_int_equal(input_state(one, &why), 0);
	assert_int_equal(loop_run(), 0);
	assert_int_equal(ready_calls, 1);
	assert_int_equal(input_state(one, &why), 1);
	assert_int_equal(submit_files(1, &length, &offsets[1], &two, &why), 0);
	assert_int_equal(loop_run(), 0);
	a = input_writes(one, &n);
	b = input_writes(two, &n);
	assert_int_equal(n, 1);
	assert_ptr_equal(a->blob, b->blob);
	assert_int_equal(a->blob->file_len, length);
	assert_int_equal(b->offset, 0x9000);
	input_unref(one);
	input_unref(two);
}

/* Submit parameters written as JSON, with two files, and wait for them. */
static struct input *
submit_text(const char *text)
{
	int			 fd[] = { file_of(40, 0), file_of(50, 7) };
	struct input_fds	 fds = { .fd = fd, .count = 2 };
	struct json_object	*p = json_tokener_parse(text);
	struct input		*in = NULL;
	struct why		 why = { 0 };

	assert_non_null(p);
	assert_int_equal(input_new(p, &fds, &conf, &in, &why), 0);
	assert_int_equal(loop_run(), 0);
	assert_int_equal(input_state(in, &why), 1);
	json_object_put(p);
	for (size_t i = 0; i < 2; i++)
		if (fd[i] >= 0)
			(void)close(fd[i]);
	return in;
}

static void
test_what_the_flash_holds_comes_with_its_image(void **state)
{
	struct input		*in;
	const struct link_write	*w;
	size_t			 n;

	(void)state;
	in = submit_text("{\"images\":[{\"offset\":4097,\"fd\":0,\"old\":1,"
	    "\"name\":\"a\",\"encrypt\":true}]}");
	w = input_writes(in, &n);
	assert_int_equal(n, 1);
	assert_int_equal(w->offset, 4097);
	assert_true(w->encrypt);
	assert_int_equal(w->blob->file_len, 40);
	assert_int_equal(w->old->file_len, 50);
	assert_int_equal(w->old->data[0], 7);
	input_unref(in);
}

static void
test_one_image_without_an_offset_is_read_too(void **state)
{
	struct input		*in;
	const struct link_write	*w;
	size_t			 n;

	(void)state;
	in = submit_text("{\"image\":{\"fd\":1,\"name\":\"program\"}}");
	w = input_writes(in, &n);
	assert_int_equal(n, 1);
	assert_string_equal(w->blob->name, "program");
	assert_int_equal(w->blob->file_len, 50);
	assert_null(w->old);
	input_unref(in);
}

static int
setup(void **state)
{
	(void)state;
	conf_init(&conf);
	input_set_ready(on_ready);
	return loop_init();
}

static int
teardown(void **state)
{
	(void)state;
	input_done();
	loop_done();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_empty_file_is_refused_by_name),
		cmocka_unit_test(
		    test_images_that_share_a_sector_are_refused_and_both_named),
		cmocka_unit_test(test_an_image_beyond_the_limit_is_refused),
		cmocka_unit_test(test_something_that_is_no_file_is_refused),
		cmocka_unit_test(
		    test_a_descriptor_that_did_not_come_is_refused),
		cmocka_unit_test(test_the_same_image_is_kept_in_memory_once),
		cmocka_unit_test(
		    test_what_the_flash_holds_comes_with_its_image),
		cmocka_unit_test(test_one_image_without_an_offset_is_read_too),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
