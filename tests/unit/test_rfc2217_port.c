/* port_rfc2217: servers as they are, each odd in its way. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>

#include "daemon/base/loop.h"
#include "daemon/port/port.h"
#include "daemon/port/port_io.h"
#include "daemon/port/rfc2217.h"
#include "proto/base/bytes.h"
#include "proto/base/err.h"

/* What the server does. */
struct manners {
	bool		will;		/* WILL COM-PORT, not DO */
	bool		deaf_once;	/* drops the settings said first */
	bool		mute_settings;	/* answers about the rate only */
	bool		mute_rate;	/* answers all else */
	bool		echoes_state;	/* SET_CONTROL: always "no flow" */
	bool		late_purge;	/* old data before the answer */
	bool		asks_name;
	uint8_t		bits, flow;	/* what it insists on; 0: nothing */
	uint32_t	rounds_to;	/* every rate; 0: takes it */
};

static struct manners	 manners;
static int		 listener, fd;
static struct event	*accepting, *reading;
static struct telnet	 telnet;
static char		 told[1024];
static unsigned		 signatures;
static bool		 at_end;
static struct port	*port;
static char		 url[96];
static int		 open_err;
static struct why	 open_why;

static void
answer(uint8_t command, const void *value, size_t len)
{
	struct buf	out;

	buf_init(&out, 64);
	assert_int_equal(rfc2217_put(&out, command + RFC2217_ANSWER, value,
	    len), 0);
	assert_int_equal(send(fd, out.data, out.len, MSG_NOSIGNAL), out.len);
	buf_done(&out);
}

static void
note(const char *what, unsigned value)
{
	size_t	n = strlen(told);

	(void)snprintf(told + n, sizeof told - n, "%s%u ", what, value);
}

static void
on_option(void *arg, uint8_t verb, uint8_t option)
{
	const uint8_t	yes[] = { 255, manners.will ? 251 : 253, 44 };

	(void)arg;
	if (verb != TELNET_WILL || option != TELNET_COM_PORT)
		return;
	assert_int_equal(send(fd, yes, 3, MSG_NOSIGNAL), 3);
	if (manners.asks_name)
		answer(RFC2217_SIGNATURE, NULL, 0);
}

static void
on_rate(const uint8_t *value)
{
	uint8_t	rate[4];

	note("baud", be32_get(value));
	if (manners.mute_rate)
		return;
	be32_put(rate, manners.rounds_to != 0 ? manners.rounds_to :
	    be32_get(value));
	if (manners.deaf_once) {
		manners.deaf_once = false;
		return;
	}
	answer(RFC2217_SET_BAUDRATE, rate, 4);
}

static void
on_com_port(void *arg, uint8_t command, const uint8_t *value, size_t len)
{
	uint8_t	v;

	(void)arg;
	if (command == RFC2217_SIGNATURE && len > 0) {
		assert_memory_equal(value, "espflashd", len);
		signatures++;
	}
	if (command == RFC2217_SIGNATURE)
		return;
	if (command == RFC2217_SET_BAUDRATE) {
		on_rate(value);
		return;
	}
	v = value[0];
	note(command == RFC2217_SET_CONTROL ? "c" :
	    command == RFC2217_PURGE_DATA ? "purge" : "s", v);
	if (manners.mute_settings || manners.deaf_once)
		return;
	if (command == RFC2217_SET_DATASIZE && manners.bits != 0)
		v = manners.bits;
	if (command == RFC2217_SET_CONTROL && v < RFC2217_BREAK_ASK &&
	    manners.flow != 0)
		v = manners.flow;
	if (command == RFC2217_SET_CONTROL && manners.echoes_state)
		v = RFC2217_FLOW_NONE;
	if (command == RFC2217_PURGE_DATA && manners.late_purge)
		assert_int_equal(send(fd, "old", 3, MSG_NOSIGNAL), 3);
	answer(command, &v, 1);
	if (command == RFC2217_PURGE_DATA && manners.late_purge)
		assert_int_equal(send(fd, "new", 3, MSG_NOSIGNAL), 3);
}

static void
on_readable(evutil_socket_t s, short what, void *arg)
{
	uint8_t	buf[64];
	ssize_t	n = recv(s, buf, sizeof buf, 0);

	(void)what;
	(void)arg;
	if (n > 0) {
		(void)telnet_decode(&telnet, buf, (size_t)n);
		return;
	}
	assert_int_equal(n, 0);		/* an end, not a reset */
	at_end = true;
	event_del(reading);
}

static void
on_accept(evutil_socket_t s, short what, void *arg)
{
	(void)what;
	(void)arg;
	fd = accept(s, NULL, NULL);
	reading = event_new(loop_base(), fd, EV_READ | EV_PERSIST,
	    on_readable, NULL);
	assert_int_equal(event_add(reading, NULL), 0);
}

static int
setup(void **state)
{
	struct sockaddr_in	sa = { .sin_family = AF_INET };
	socklen_t		len = sizeof sa;

	(void)state;
	manners = (struct manners){ 0 };
	telnet = (struct telnet){ .on_option = on_option,
				  .on_com_port = on_com_port };
	told[0] = '\0';
	signatures = 0;
	at_end = false;
	fd = -1;
	reading = NULL;
	assert_int_equal(loop_init(), 0);
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (void *)&sa, sizeof sa), 0);
	assert_int_equal(listen(listener, 4), 0);
	assert_int_equal(getsockname(listener, (void *)&sa, &len), 0);
	(void)snprintf(url, sizeof url, "rfc2217://127.0.0.1:%u",
	    ntohs(sa.sin_port));
	accepting = event_new(loop_base(), listener, EV_READ | EV_PERSIST,
	    on_accept, NULL);
	return event_add(accepting, NULL);
}

static int
teardown(void **state)
{
	(void)state;
	event_free(accepting);
	if (reading != NULL)
		event_free(reading);
	if (fd >= 0)
		close(fd);
	close(listener);
	port_forget_all();
	loop_done();
	return 0;
}

static void
on_open(void *arg, int err, const struct why *why)
{
	(void)arg;
	open_err = err;
	open_why = *why;
	loop_stop();
}

static int
open_port(void)
{
	assert_int_equal(port_find(url, &port, NULL), 0);
	port_open(port, 115200, on_open, NULL);
	assert_int_equal(loop_run(), 0);
	return open_err;
}

static void
stop(void *arg)
{
	(void)arg;
	loop_stop();
}

/* Let the loop run for a moment: what is on its way arrives. */
static void
moment(void)
{
	struct loop_timer	t = { 0 };

	assert_int_equal(loop_timer_set(&t, 20, stop, NULL), 0);
	assert_int_equal(loop_run(), 0);
	loop_timer_clear(&t);
}

static void
refused(const char *words)
{
	assert_int_equal(open_port(), ERR_PORT_FAILED);
	if (strstr(open_why.text, words) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", open_why.text, words);
}

static void
test_the_option_may_be_agreed_on_the_other_way_round(void **state)
{
	(void)state;
	manners.will = true;
	assert_int_equal(open_port(), 0);
}

static void
test_settings_said_too_early_are_said_again(void **state)
{
	(void)state;
	manners.deaf_once = true;
	assert_int_equal(open_port(), 0);
	assert_string_equal(told,
	    "s8 s1 s1 c1 c9 c12 s0 s0 purge3 baud115200 "
	    "s8 s1 s1 c1 c9 c12 s0 s0 purge3 baud115200 ");
	/* The answer that is still due confuses nobody. */
	for (int i = 0; port_set_baud(port, 921600) == PORT_WAIT_IO; i++) {
		assert_true(i < 100);
		moment();
	}
	assert_int_equal(port_baud(port), 921600);
}

static void
test_answers_about_the_rate_are_enough(void **state)
{
	(void)state;
	manners.mute_settings = true;
	assert_int_equal(open_port(), 0);
}

static void
test_a_rate_that_is_never_confirmed_is_believed(void **state)
{
	(void)state;
	manners.mute_rate = true;
	assert_int_equal(open_port(), 0);
	assert_int_equal(port_baud(port), 115200);
	assert_int_equal(port_set_baud(port, 460800), PORT_DONE);
	assert_int_equal(port_baud(port), 460800);
	moment();
	assert_non_null(strstr(told, "baud460800"));
}

static void
test_a_state_as_answer_is_no_refusal(void **state)
{
	(void)state;
	manners.echoes_state = true;
	assert_int_equal(open_port(), 0);
}

static void
test_a_server_that_is_not_8n1_is_told_of(void **state)
{
	(void)state;
	manners.bits = 7;
	refused("does not take 8N1 without flow control (it answers 7 data "
	    "bits)");
}

static void
test_a_server_with_flow_control_is_told_of(void **state)
{
	(void)state;
	manners.flow = RFC2217_FLOW_HARDWARE;
	refused("(it answers 3 as flow control)");
}

static void
test_ign_set_control_ignores_what_it_says(void **state)
{
	size_t	n = strlen(url);

	(void)state;
	manners.flow = RFC2217_FLOW_HARDWARE;
	(void)snprintf(url + n, sizeof url - n,
	    "?ign_set_control&timeout=3&logging=debug");
	assert_int_equal(open_port(), 0);
}

static void
test_a_rounded_rate_is_the_rate(void **state)
{
	(void)state;
	manners.rounds_to = 117647;
	assert_int_equal(open_port(), 0);
	assert_int_equal(port_baud(port), 117647);
}

static void
test_a_name_is_told_when_asked(void **state)
{
	(void)state;
	manners.asks_name = true;
	assert_int_equal(open_port(), 0);
	assert_int_equal(signatures, 1);
}

static void
test_break_and_purges_are_passed_on(void **state)
{
	(void)state;
	assert_int_equal(open_port(), 0);
	told[0] = '\0';
	assert_int_equal(port_break(port, true), 0);
	assert_int_equal(port_break(port, false), 0);
	assert_int_equal(port_discard(port), 0);
	assert_int_equal(port_flush(port), 0);
	assert_int_equal(port_inputs(port), ERR_UNSUPPORTED);
	moment();
	assert_string_equal(told, "c5 c6 purge2 purge1 ");
}

static void
lines_until_set(bool dtr, bool rts)
{
	told[0] = '\0';
	assert_int_equal(port_lines(port, dtr, rts), 0);
	assert_int_equal(port_lines_are_set(port), PORT_WAIT_IO);
	for (int i = 0; port_lines_are_set(port) == PORT_WAIT_IO; i++) {
		assert_true(i < 100);
		moment();
	}
}

static void
test_the_lines_are_set_when_the_server_has_answered(void **state)
{
	(void)state;
	assert_int_equal(open_port(), 0);
	assert_int_equal(port_lines_are_set(port), PORT_DONE);
	lines_until_set(true, false);
	assert_string_equal(told, "c8 c12 ");
	manners.echoes_state = true;	/* an answer is an answer */
	lines_until_set(false, true);
	assert_string_equal(told, "c9 c11 ");
}

static void
test_who_never_answers_about_lines_is_waited_for_once(void **state)
{
	(void)state;
	manners.mute_settings = true;
	assert_int_equal(open_port(), 0);
	lines_until_set(true, false);
	assert_string_equal(told, "c8 c12 ");
	assert_int_equal(port_lines(port, false, true), 0);
	assert_int_equal(port_lines_are_set(port), PORT_DONE);
}

/* What the server sent before it read the purge is old, what it sends after
 * that is not. */
static void
test_data_on_its_way_during_a_purge_is_dropped(void **state)
{
	char	buf[16];
	size_t	have = 0;
	int	n;

	(void)state;
	assert_int_equal(open_port(), 0);
	manners.late_purge = true;
	assert_int_equal(send(fd, "older", 5, MSG_NOSIGNAL), 5);
	assert_int_equal(port_flush(port), 0);
	for (int i = 0; have < 3; i++) {
		assert_true(i < 100);
		moment();
		n = port_read(port, buf + have, sizeof buf - have);
		assert_true(n >= 0);
		have += (size_t)n;
	}
	assert_int_equal(have, 3);
	assert_memory_equal(buf, "new", 3);
}

/* Closing must not reset the connection while the server still answers. */
static void
test_the_last_commands_before_a_close_arrive(void **state)
{
	(void)state;
	assert_int_equal(open_port(), 0);
	told[0] = '\0';
	for (int i = 0; i < 50; i++)
		assert_int_equal(port_lines(port, i % 2 == 0, i % 2 != 0), 0);
	assert_int_equal(port_lines(port, false, false), 0);
	port_close(port);
	for (int i = 0; !at_end; i++) {
		assert_true(i < 100);
		moment();
	}
	assert_string_equal(told + strlen(told) - 7, "c9 c12 ");
	assert_int_equal(strlen(told), 25 * (7 + 7) + 7);
}

static void
test_a_dead_peer_will_be_noticed(void **state)
{
	int		value = 0;
	socklen_t	len = sizeof value;

	(void)state;
	assert_int_equal(open_port(), 0);
	assert_int_equal(getsockopt(port_fd(port), SOL_SOCKET, SO_KEEPALIVE,
	    &value, &len), 0);
	assert_int_equal(value, 1);
	assert_int_equal(getsockopt(port_fd(port), IPPROTO_TCP,
	    TCP_USER_TIMEOUT, &value, &len), 0);
	assert_in_range(value, 5000, 30000);
}

int
main(void)
{
#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest	tests[] = {
		TEST(test_the_option_may_be_agreed_on_the_other_way_round),
		TEST(test_settings_said_too_early_are_said_again),
		TEST(test_answers_about_the_rate_are_enough),
		TEST(test_a_rate_that_is_never_confirmed_is_believed),
		TEST(test_a_state_as_answer_is_no_refusal),
		TEST(test_a_server_that_is_not_8n1_is_told_of),
		TEST(test_a_server_with_flow_control_is_told_of),
		TEST(test_ign_set_control_ignores_what_it_says),
		TEST(test_a_rounded_rate_is_the_rate),
		TEST(test_a_name_is_told_when_asked),
		TEST(test_break_and_purges_are_passed_on),
		TEST(test_the_lines_are_set_when_the_server_has_answered),
		TEST(test_who_never_answers_about_lines_is_waited_for_once),
		TEST(test_data_on_its_way_during_a_purge_is_dropped),
		TEST(test_the_last_commands_before_a_close_arrive),
		TEST(test_a_dead_peer_will_be_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
