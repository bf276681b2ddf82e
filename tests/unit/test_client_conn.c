/* The client's end of the socket, against a server that follows a script. */
#include "client/conn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "client/member.h"
#include "proto/base/err.h"

#define HELLO	"{\"jsonrpc\":\"2.0\",\"method\":\"hello\",\"params\":" \
		"{\"api\":\"1.7\",\"server\":\"test\"}}\n"
#define EVENT(n) "{\"jsonrpc\":\"2.0\",\"method\":\"event\",\"params\":" \
		"{\"type\":\"job.note\",\"job\":" n "}}\n"

static struct conn	c;
static struct why	why;
static int		server;		/* the other end */

static int
setup(void **state)
{
	int	ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	conn_init(&c);
	c.fd = ends[0];
	server = ends[1];
	why_clear(&why);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	conn_done(&c);
	(void)close(server);
	return 0;
}

/* What the server will have said when the client looks. */
static void
say(const char *text)
{
	assert_int_equal(write(server, text, strlen(text)), strlen(text));
}

static void
test_a_greeting_of_the_same_major_version_is_fine(void **state)
{
	(void)state;
	say(HELLO);
	assert_int_equal(conn_open(&c, c.fd, &why), 0);
	assert_string_equal(member_text(c.hello, "server", ""), "test");
}

static void
test_another_major_version_is_refused(void **state)
{
	(void)state;
	say("{\"jsonrpc\":\"2.0\",\"method\":\"hello\",\"params\":"
	    "{\"api\":\"2.0\"}}\n");
	assert_int_equal(conn_open(&c, c.fd, &why), ERR_DAEMON);
	assert_non_null(strstr(why.text, "\"2.0\""));
}

static void
test_a_stranger_is_known_as_one(void **state)
{
	(void)state;
	say("SSH-2.0-x\n");
	assert_int_equal(conn_open(&c, c.fd, &why), ERR_DAEMON);
}

static void
test_a_refusal_instead_of_a_greeting_is_told(void **state)
{
	(void)state;
	say("{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32003,"
	    "\"message\":\"full\",\"data\":{\"class\":\"limit\"}}}\n");
	assert_int_equal(conn_open(&c, c.fd, &why), ERR_LIMIT);
	assert_string_equal(why.text, "full");
}

static void
test_a_hang_up_before_the_greeting_asks_for_another_try(void **state)
{
	(void)state;
	assert_int_equal(shutdown(server, SHUT_RDWR), 0);
	assert_int_equal(conn_open(&c, c.fd, &why), 1);
	assert_int_equal(c.fd, -1);
	assert_int_equal(why.err, 0);
}

static void
test_events_before_the_answer_are_kept_in_order(void **state)
{
	struct json_object	*o = NULL, *event;

	(void)state;
	say(EVENT("1") EVENT("2")
	    "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"x\":5}}\n" EVENT("3"));
	assert_int_equal(conn_call(&c, "m", NULL, NULL, 0, &o, &why), 0);
	assert_int_equal(member_number(o, "x", 0), 5);
	json_object_put(o);
	for (int i = 1; i <= 3; i++) {
		assert_int_equal(conn_event(&c, -1, 0, &event, &why), 1);
		assert_int_equal(member_number(event, "job", 0), i);
		json_object_put(event);
	}
	assert_int_equal(conn_event(&c, -1, 0, &event, &why), 0);
}

static void
test_an_error_comes_back_with_its_class_and_sentence(void **state)
{
	struct json_object	*o = NULL;

	(void)state;
	say("{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32052,"
	    "\"message\":\"gone\",\"data\":{\"class\":\"job_unknown\"}}}\n");
	assert_int_equal(conn_call(&c, "m", NULL, NULL, 0, &o, &why),
	    ERR_JOB_UNKNOWN);
	assert_string_equal(why.text, "gone");
	assert_null(o);
}

static void
test_an_answer_to_something_else_is_skipped(void **state)
{
	struct json_object	*o = NULL;

	(void)state;
	assert_int_equal(conn_post(&c, "job.cancel", NULL, &why), 0);
	say("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"x\":1}}\n"
	    "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{\"x\":2}}\n");
	assert_int_equal(conn_call(&c, "m", NULL, NULL, 0, &o, &why), 0);
	assert_int_equal(member_number(o, "x", 0), 2);
	json_object_put(o);
}

static void
test_descriptors_go_with_the_request(void **state)
{
	union {
		char		bytes[CMSG_SPACE(4 * sizeof(int))];
		struct cmsghdr	align;
	} control;
	char			 text[256] = "", byte;
	struct iovec		 iov = { text, sizeof text - 1 };
	struct msghdr		 m = { .msg_iov = &iov, .msg_iovlen = 1,
				    .msg_control = control.bytes,
				    .msg_controllen = sizeof control.bytes };
	struct json_object	*o = NULL;
	int			 pipes[2], got;

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	say("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":null}\n");
	assert_int_equal(conn_call(&c, "m", NULL, &pipes[1], 1, &o, &why), 0);
	assert_null(o);
	assert_true(recvmsg(server, &m, 0) > 0);
	assert_non_null(strstr(text, "\"method\":\"m\""));
	assert_non_null(CMSG_FIRSTHDR(&m));
	assert_int_equal(CMSG_FIRSTHDR(&m)->cmsg_len, CMSG_LEN(sizeof got));
	memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof got);
	assert_int_equal(write(got, "!", 1), 1);	/* the same pipe */
	assert_int_equal(read(pipes[0], &byte, 1), 1);
	assert_int_equal(byte, '!');
	(void)close(got);
	(void)close(pipes[0]);
	(void)close(pipes[1]);
}

static void
test_a_lost_daemon_is_told(void **state)
{
	struct json_object	*event;

	(void)state;
	say(EVENT("1"));
	assert_int_equal(shutdown(server, SHUT_WR), 0);
	assert_int_equal(conn_event(&c, -1, -1, &event, &why), 1);
	json_object_put(event);
	assert_int_equal(conn_event(&c, -1, -1, &event, &why), ERR_DAEMON);
	assert_int_equal(why.err, ERR_DAEMON);
}

static void
test_another_descriptor_ends_the_wait(void **state)
{
	struct json_object	*event;
	int			 pipes[2];

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(write(pipes[1], "x", 1), 1);
	assert_int_equal(conn_event(&c, pipes[0], -1, &event, &why), 0);
	(void)close(pipes[0]);
	(void)close(pipes[1]);
}

int
main(void)
{
#define T(x) cmocka_unit_test_setup_teardown(x, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_a_greeting_of_the_same_major_version_is_fine),
		T(test_another_major_version_is_refused),
		T(test_a_stranger_is_known_as_one),
		T(test_a_refusal_instead_of_a_greeting_is_told),
		T(test_a_hang_up_before_the_greeting_asks_for_another_try),
		T(test_events_before_the_answer_are_kept_in_order),
		T(test_an_error_comes_back_with_its_class_and_sentence),
		T(test_an_answer_to_something_else_is_skipped),
		T(test_descriptors_go_with_the_request),
		T(test_a_lost_daemon_is_told),
		T(test_another_descriptor_ends_the_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
