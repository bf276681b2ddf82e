/* wire_port over a TCP port on the loopback, in the real loop. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>

#include "daemon/base/loop.h"
#include "daemon/port/port.h"
#include "daemon/wire/fiber.h"
#include "daemon/wire/wire_port.h"
#include "daemon/wire/wire_trace.h"
#include "proto/base/err.h"

enum { LONG_MS = 20000 };	/* a wait that a test must never sit out */

/* One board: the port, its wire, and the far end of the connection. */
struct bench {
	struct port		*port;
	struct wire_port	*wp;
	struct wire		*wire;
	int			 listener, peer;
	int			 open_err;
	bool			 ended;
	int			 got[8];	/* what the conversation saw */
	uint64_t		 took;
	struct loop_timer	 timer;
};

static void
on_open(void *arg, int err, const struct why *why)
{
	struct bench	*b = arg;

	(void)why;
	b->open_err = err;
	loop_stop();
}

static void
on_done(void *arg)
{
	((struct bench *)arg)->ended = true;
	loop_stop();
}

static int
setup(void **state)
{
	struct sockaddr_in	 sa = { .sin_family = AF_INET };
	socklen_t		 len = sizeof sa;
	struct bench		*b = calloc(1, sizeof *b);
	char			 name[64];

	assert_int_equal(loop_init(), 0);
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	b->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(b->listener, (void *)&sa, sizeof sa), 0);
	assert_int_equal(listen(b->listener, 4), 0);
	assert_int_equal(getsockname(b->listener, (void *)&sa, &len), 0);
	(void)snprintf(name, sizeof name, "socket://127.0.0.1:%u",
	    ntohs(sa.sin_port));
	assert_int_equal(port_find(name, &b->port, NULL), 0);
	b->open_err = -1000;
	port_open(b->port, 115200, on_open, b);
	assert_int_equal(b->open_err, -1000);	/* only from the loop */
	assert_int_equal(loop_run(), 0);
	assert_int_equal(b->open_err, 0);
	b->peer = accept(b->listener, NULL, NULL);
	assert_true(b->peer >= 0);
	b->wp = wire_port_new(b->port);
	b->wire = wire_port_wire(b->wp);
	*state = b;
	return 0;
}

static int
teardown(void **state)
{
	struct bench	*b = *state;

	wire_port_free(b->wp);
	loop_timer_clear(&b->timer);
	if (b->peer >= 0)
		close(b->peer);
	close(b->listener);
	port_forget_all();
	loop_done();
	free(b);
	return 0;
}

static void
run(struct bench *b, void (*conversation)(void *))
{
	uint64_t	start = loop_now();

	assert_int_equal(wire_port_run(b->wp, conversation, on_done, b), 0);
	assert_false(b->ended);		/* told by the loop only */
	assert_int_equal(loop_run(), 0);
	assert_true(b->ended);
	b->took = loop_now() - start;
}

static void
talk(void *arg)
{
	struct bench	*b = arg;
	char		 buf[16] = "";
	size_t		 have = 0;
	int		 r = 0;

	b->got[0] = wire_send(b->wire, "ping", 4);
	while (have < 4 && r >= 0) {
		r = wire_recv(b->wire, buf + have, sizeof buf - have, LONG_MS);
		have += r > 0 ? (size_t)r : 0;
	}
	b->got[1] = memcmp(buf, "pong", 4);
	b->got[2] = wire_recv(b->wire, buf, sizeof buf, 10);
	b->got[3] = wire_lines(b->wire, true, false);
	b->got[4] = wire_baud(b->wire, 921600);
}

static void
answer(void *arg)
{
	struct bench	*b = arg;
	char		 buf[4];

	assert_int_equal(recv(b->peer, buf, 4, MSG_WAITALL), 4);
	assert_memory_equal(buf, "ping", 4);
	assert_int_equal(send(b->peer, "pong", 4, 0), 4);
}

static void
test_bytes_pass_and_silence_is_a_timeout(void **state)
{
	struct bench	*b = *state;

	loop_timer_set(&b->timer, 5, answer, b);
	run(b, talk);
	assert_int_equal(b->got[0], 0);
	assert_int_equal(b->got[1], 0);
	assert_int_equal(b->got[2], ERR_TIMEOUT);
	assert_int_equal(b->got[3], ERR_UNSUPPORTED);
	assert_int_equal(b->got[4], 0);
	assert_int_equal(port_baud(b->port), 921600);
	assert_false(port_has_lines(b->port));
}

static void
nap(void *arg)
{
	struct bench	*b = arg;

	b->got[0] = wire_sleep(b->wire, 30);
}

static void
test_a_sleep_is_never_short(void **state)
{
	struct bench	*b = *state;

	run(b, nap);
	assert_int_equal(b->got[0], 0);
	assert_true(b->took >= 30);
}

static void
wait_long(void *arg)
{
	struct bench	*b = arg;
	char		 c;

	b->got[0] = wire_recv(b->wire, &c, 1, LONG_MS);
	b->got[1] = wire_send(b->wire, "x", 1);
	b->got[2] = wire_sleep(b->wire, LONG_MS);
	b->got[3] = wire_flush(b->wire);
	b->got[4] = wire_stopped(b->wire);
	wire_port_rearm(b->wp, 50);
	b->got[5] = wire_send(b->wire, "y", 1);
	b->got[6] = wire_sleep(b->wire, LONG_MS);
}

static void
cancel(void *arg)
{
	wire_port_stop(((struct bench *)arg)->wp, ERR_CANCELED);
}

static void
test_cancel_is_sticky_until_rearmed_and_the_grace_ends(void **state)
{
	struct bench	*b = *state;
	char		 c;

	loop_timer_set(&b->timer, 5, cancel, b);
	run(b, wait_long);
	for (int i = 0; i < 5; i++)
		assert_int_equal(b->got[i], ERR_CANCELED);
	assert_int_equal(b->got[5], 0);
	assert_int_equal(b->got[6], ERR_CANCELED);
	assert_true(b->took < LONG_MS / 2);
	assert_int_equal(recv(b->peer, &c, 1, 0), 1);
	assert_int_equal(c, 'y');
}

static void
unplug(void *arg)
{
	struct bench	*b = arg;

	close(b->peer);
	b->peer = -1;
}

static void
test_unplug_stays_even_when_rearmed(void **state)
{
	struct bench	*b = *state;

	loop_timer_set(&b->timer, 5, unplug, b);
	run(b, wait_long);
	for (int i = 0; i < 7; i++)
		assert_int_equal(b->got[i], ERR_UNPLUGGED);
	assert_true(b->took < LONG_MS / 2);
}

static void
cancel_and_unplug(void *arg)
{
	struct bench	*b = arg;

	wire_port_stop(b->wp, ERR_CANCELED);
	wire_port_stop(b->wp, ERR_INTERRUPTED);
	wire_port_stop(b->wp, ERR_UNPLUGGED);
}

static void
test_unplug_replaces_a_cancel(void **state)
{
	struct bench	*b = *state;

	loop_timer_set(&b->timer, 5, cancel_and_unplug, b);
	run(b, wait_long);
	assert_int_equal(b->got[0], ERR_UNPLUGGED);
	assert_int_equal(b->got[6], ERR_UNPLUGGED);
}

/* A peer that does not read: sending waits, a cancel ends it. */
static void
send_much(void *arg)
{
	struct bench	*b = arg;
	static const uint8_t	block[1 << 16];

	do
		b->got[0] = wire_send(b->wire, block, sizeof block);
	while (b->got[0] == 0);
}

static void
test_cancel_ends_a_send_that_waits(void **state)
{
	struct bench	*b = *state;

	loop_timer_set(&b->timer, 50, cancel, b);
	run(b, send_much);
	assert_int_equal(b->got[0], ERR_CANCELED);
}

static void
leave_then_cancelled(void *arg)
{
	struct bench	*b = arg;

	wire_port_rearm(b->wp, LONG_MS);
	b->got[0] = wire_sleep(b->wire, 20);
}

static void
test_a_cancel_while_leaving_does_not_disturb(void **state)
{
	struct bench	*b = *state;

	loop_timer_set(&b->timer, 1, cancel, b);
	run(b, leave_then_cancelled);
	assert_int_equal(b->got[0], 0);
}

static void
test_stack_use_is_far_below_the_stack(void **state)
{
	struct bench	*b = *state;

	loop_timer_set(&b->timer, 5, answer, b);
	run(b, talk);
	assert_in_range(wire_port_stack(b->wp), 256, FIBER_STACK / 2);
}

static void
test_a_wire_runs_again(void **state)
{
	struct bench	*b = *state;

	loop_timer_set(&b->timer, 5, cancel, b);
	run(b, wait_long);
	b->ended = false;
	run(b, nap);
	assert_int_equal(b->got[0], 0);
	assert_int_equal(wire_stopped(b->wire), 0);
}

static void
collect(void *arg, const char *what, const char *text)
{
	char	*log = arg;
	size_t	 len = strlen(log);

	(void)snprintf(log + len, 512 - len, "%s %s|", what, text);
}

struct traced {
	struct bench		*b;
	struct wire_trace	 trace;
	char			 log[512];
	int			 stopped;
};

static struct traced	traced;

static void
talk_traced(void *arg)
{
	struct wire	*w = wire_trace_init(&traced.trace, traced.b->wire,
			    collect, traced.log);
	uint8_t		 zeros[65] = { 0xc0 };
	char		 c;

	(void)arg;
	wire_send(w, "\xc0\x01", 2);
	wire_send(w, zeros, sizeof zeros);
	wire_recv(w, &c, 1, 1);
	wire_lines(w, true, false);
	wire_baud(w, 460800);
	wire_flush(w);
	wire_port_stop(traced.b->wp, ERR_INTERRUPTED);
	traced.stopped = wire_stopped(w);
}

static void
test_a_trace_tells_what_passes(void **state)
{
	char	hex[129];

	memset(hex, '0', 128);
	memcpy(hex, "c0", 2);
	hex[128] = '\0';
	traced = (struct traced){ .b = *state };
	run(traced.b, talk_traced);
	char want[512];
	(void)snprintf(want, sizeof want, "send c001|send %s... 65 bytes|"
	    "recv ERR_TIMEOUT|lines dtr=1 rts=0|lines ERR_UNSUPPORTED|"
	    "baud 460800|flush |", hex);
	assert_string_equal(traced.log, want);
	assert_int_equal(traced.stopped, ERR_INTERRUPTED);
}

int
main(void)
{
#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest	tests[] = {
		TEST(test_bytes_pass_and_silence_is_a_timeout),
		TEST(test_a_sleep_is_never_short),
		TEST(test_cancel_is_sticky_until_rearmed_and_the_grace_ends),
		TEST(test_unplug_stays_even_when_rearmed),
		TEST(test_unplug_replaces_a_cancel),
		TEST(test_cancel_ends_a_send_that_waits),
		TEST(test_a_cancel_while_leaving_does_not_disturb),
		TEST(test_stack_use_is_far_below_the_stack),
		TEST(test_a_wire_runs_again),
		TEST(test_a_trace_tells_what_passes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
