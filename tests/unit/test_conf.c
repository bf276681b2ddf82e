/* conf, and the levels of log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/base/conf.h"
#include "daemon/base/log.h"
#include "proto/base/err.h"

/* Read `text` as a file; the path's place in a sentence becomes "F". */
static int
read_text(struct conf *c, const char *text, char *said, size_t size)
{
	char		 path[] = "/tmp/test_conf.XXXXXX";
	int		 fd = mkstemp(path), r;
	struct why	 why = { 0 };

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	r = conf_read(c, path, &why);
	unlink(path);
	if (strncmp(why.text, path, strlen(path)) == 0)
		(void)snprintf(said, size, "F%s", why.text + strlen(path));
	else
		(void)snprintf(said, size, "%s", why.text);
	return r;
}

static void
test_the_defaults_are_those_of_the_table(void **state)
{
	struct conf	c;

	(void)state;
	conf_init(&c);
	assert_int_equal(c.max_clients, 256);
	assert_int_equal(c.max_clients_per_user, 64);
	assert_int_equal(c.max_jobs, 4096);
	assert_int_equal(c.max_jobs_per_user, 1024);
	assert_int_equal(c.max_image_bytes, 32u << 20);
	assert_int_equal(c.max_images_bytes, 512u << 20);
	assert_int_equal(c.job_keep_s, 3600);
	assert_int_equal(c.stop_timeout_s, 30);
	assert_int_equal(c.idle_exit_s, 0);
	assert_string_equal(c.log_level, "info");
	assert_non_null(strstr(c.stub_path, "/stubs"));
}

static void
test_a_row_has_all_it_needs(void **state)
{
	const struct conf_setting	*s;

	(void)state;
	for (s = conf_settings; s->name != NULL; s++) {
		assert_non_null(s->help);
		assert_non_null(s->initial);
		assert_true(s->offset + (s->size ? s->size : 4) <=
		    sizeof(struct conf));
		assert_true(s->size > 0 || s->min < s->max);
	}
}

static void
test_a_file_sets_values(void **state)
{
	struct conf	c;
	char		said[600];

	(void)state;
	conf_init(&c);
	assert_int_equal(read_text(&c, "# of the lab\n\n  max-clients = 9\n"
	    "max-image-bytes=4MB\nsocket = /tmp/a b.sock \nlog-level=debug",
	    said, sizeof said), 0);
	assert_int_equal(c.max_clients, 9);
	assert_int_equal(c.max_image_bytes, 4u << 20);
	assert_string_equal(c.socket, "/tmp/a b.sock");
	assert_string_equal(c.log_level, "debug");
}

static void
test_errors_name_file_and_line(void **state)
{
	static const struct { const char *text, *said; } row[] = {
		{ "\n\nmax-client = 9\n",
		  "F:3: there is no setting \"max-client\"" },
		{ "max-clients = nine\n",
		  "F:1: max-clients is a whole number, not \"nine\"" },
		{ "max-clients = 4k\n",
		  "F:1: max-clients is a whole number, not \"4k\"" },
		{ "# x\nmax-clients = 0\n",
		  "F:2: max-clients is 1 to 65536, not 0" },
		{ "max-clients\n", "F:1: \"max-clients\" is not"
		  " \"name = value\"" },
		{ "log-level = loud\n", "F:1: log-level is one of "
		  "err|warn|notice|info|debug, not \"loud\"" },
		{ "stub = mine\n", "F:1: stub is one of "
		  "auto|own|espressif|none, not \"mine\"" },
		{ "socket =\n", "F:1: socket is empty" },
	};
	struct conf	c;
	char		said[600];

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		conf_init(&c);
		assert_int_equal(read_text(&c, row[i].text, said, sizeof said),
		    ERR_PARAMS);
		assert_string_equal(said, row[i].said);
		assert_int_equal(c.max_clients, 256);
	}
}

static void
test_lines_and_strings_have_limits(void **state)
{
	struct conf	 c;
	struct why	 why = { 0 };
	static char	 text[3000];
	char		 said[600];

	(void)state;
	conf_init(&c);
	memset(text, 'x', sizeof text);
	text[sizeof text - 1] = '\0';
	assert_int_equal(read_text(&c, text, said, sizeof said), ERR_PARAMS);
	assert_string_equal(said, "F:1: the line is longer than 2046"
	    " characters");
	text[108] = '\0';
	assert_int_equal(conf_set(&c, "socket", text, &why), ERR_PARAMS);
	assert_string_equal(why.text, "socket is longer than 107 characters");
	text[107] = '\0';
	assert_int_equal(conf_set(&c, "socket", text, NULL), 0);
}

static void
test_a_missing_file_is_said_to_be_missing(void **state)
{
	struct conf	c;
	struct why	why = { 0 };

	(void)state;
	conf_init(&c);
	assert_int_equal(conf_read(&c, "/nonexistent/c", &why),
	    ERR_FILE_MISSING);
	assert_string_equal(why.text,
	    "/nonexistent/c: No such file or directory");
}

static void
test_levels_have_names(void **state)
{
	enum log_level	level;

	(void)state;
	assert_int_equal(log_level_parse("debug", &level), 0);
	assert_int_equal(level, LOG_LEVEL_DEBUG);
	assert_int_equal(log_level_parse("DEBUG", &level), ERR_PARAMS);
}

/* What log_line() writes to stderr, into `out`. */
static void
capture(char *out, size_t size, const struct log_context *context,
    const char *text)
{
	int	saved = dup(2), pipes[2];
	ssize_t	n;

	assert_int_equal(pipe(pipes), 0);
	dup2(pipes[1], 2);
	log_line(LOG_LEVEL_DEBUG, context, "dropped");
	log_line(LOG_LEVEL_WARN, context, "%s", text);
	dup2(saved, 2);
	close(saved);
	close(pipes[1]);
	n = read(pipes[0], out, size - 1);
	close(pipes[0]);
	assert_true(n > 0);
	out[n] = '\0';
}

static void
test_a_line_has_a_prefix_and_a_context(void **state)
{
	const struct log_context	context = {
		.port = "/dev/ttyUSB0", .job = "3", .phase = "write",
	};
	char	line[2000], big[2000];

	(void)state;
	setenv("JOURNAL_STREAM", "8:1", 1);
	capture(line, sizeof line, &context, "two\nlines");
	assert_string_equal(line,
	    "<4>port=/dev/ttyUSB0 job=3 phase=write: two lines\n");
	memset(big, 'y', sizeof big);
	big[sizeof big - 1] = '\0';
	capture(line, sizeof line, NULL, big);
	assert_in_range(strlen(line), 1000, 1100);
	unsetenv("JOURNAL_STREAM");
	capture(line, sizeof line, NULL, "hello");
	assert_non_null(strstr(line, " warn: hello\n"));
	assert_int_equal(line[2], ':');
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_the_defaults_are_those_of_the_table),
		cmocka_unit_test(test_a_row_has_all_it_needs),
		cmocka_unit_test(test_a_file_sets_values),
		cmocka_unit_test(test_errors_name_file_and_line),
		cmocka_unit_test(test_lines_and_strings_have_limits),
		cmocka_unit_test(test_a_missing_file_is_said_to_be_missing),
		cmocka_unit_test(test_levels_have_names),
		cmocka_unit_test(test_a_line_has_a_prefix_and_a_context),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
