/* export: a client of an exported pty; the queue that lends it is played. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/base/conf.h"
#include "daemon/base/loop.h"
#include "daemon/job/queue.h"
#include "daemon/port/port.h"
#include "daemon/port/rfc2217.h"
#include "daemon/rpc/export.h"
#include "proto/base/bytes.h"
#include "proto/base/err.h"

enum { LIMIT_MS = 5000 };

/* ---- the queue ---- */

static struct {
	const struct queue_claim *claim;
	struct port	*port;
	int		 refuse;	/* what claims are answered with */
	bool		 holds;		/* the port stays open */
	unsigned	 claims, backs;
	char		 who[64];
} queue;

static void
queue_opened(void *arg, int err, const struct why *why)
{
	(void)arg;
	queue.claim->done(queue.claim->arg, err, why);
}

int
queue_claim(struct port *p, uint32_t baud, const struct queue_claim *claim,
    struct why *why)
{
	queue.claims++;
	memcpy(queue.who, claim->who, sizeof queue.who);
	if (queue.refuse != 0)
		return why_set(why, queue.refuse, "job 7 has it");
	queue.claim = claim;
	queue.port = p;
	port_open(p, baud, queue_opened, NULL);
	return 0;
}

void
queue_give_back(struct port *p)
{
	queue.backs++;
	/* Nobody can tell what a pty's master has not read yet: closing would
	 * drop it. */
	if (!queue.holds)
		port_close(p);
	queue.claim = NULL;
}

/* ---- the port, a pty, and its client ---- */

static int		 master;
static struct port	*port;
static char		 pty_name[64];
static int		 client = -1;
static struct telnet	 telnet;
static char		 heard[4096];	/* what the server said */
static uint8_t		 data[200 * 1024];
static size_t		 data_len;
static struct loop_timer tick;
static bool		 (*until)(void);
static unsigned		 ticks;
static struct conf	 conf;
static unsigned		 watched;

static void
on_option(void *arg, uint8_t verb, uint8_t option)
{
	size_t	n = strlen(heard);

	(void)arg;
	(void)snprintf(heard + n, sizeof heard - n, "%u/%u ", verb, option);
}

static void
on_com_port(void *arg, uint8_t command, const uint8_t *value, size_t len)
{
	size_t	n = strlen(heard);

	(void)arg;
	if (len == 4)
		(void)snprintf(heard + n, sizeof heard - n, "%u=%u ", command,
		    be32_get(value));
	else if (len == 1)
		(void)snprintf(heard + n, sizeof heard - n, "%u=%u ", command,
		    value[0]);
	else
		(void)snprintf(heard + n, sizeof heard - n, "%u=%.*s ",
		    command, (int)len, (const char *)value);
}

/* Take what the server says to the client.  False at its end. */
static bool
listen_once(void)
{
	uint8_t	buf[2048];
	ssize_t	n = recv(client, buf, sizeof buf, MSG_DONTWAIT);
	size_t	got;

	if (n < 0)
		return errno == EAGAIN;
	got = telnet_decode(&telnet, buf, (size_t)n);
	assert_true(data_len + got <= sizeof data);
	memcpy(data + data_len, buf, got);
	data_len += got;
	return n > 0;
}

static void
on_tick(void *arg)
{
	(void)arg;
	if (until() || ++ticks > LIMIT_MS) {
		loop_stop();
		return;
	}
	assert_int_equal(loop_timer_set(&tick, 1, on_tick, NULL), 0);
}

/* Run the loop until fn() is true. */
static void
run_until(bool (*fn)(void))
{
	until = fn;
	ticks = 0;
	assert_int_equal(loop_timer_set(&tick, 0, on_tick, NULL), 0);
	assert_int_equal(loop_run(), 0);
	if (ticks > LIMIT_MS)
		fail_msg("it did not happen; heard %s", heard);
}

static const char	*wanted;

static bool
was_heard(void)
{
	(void)listen_once();
	return strstr(heard, wanted) != NULL;
}

static void
hear(const char *words)
{
	wanted = words;
	run_until(was_heard);
}

static bool
hung_up(void)
{
	return !listen_once();
}

static bool
given_back(void)
{
	return queue.backs > 0;
}

static void
say(const void *bytes, size_t len)
{
	assert_int_equal(send(client, bytes, len, MSG_NOSIGNAL), len);
}

static void
say_control(uint8_t command, uint8_t value)
{
	struct buf	out;

	buf_init(&out, 64);
	assert_int_equal(rfc2217_put_byte(&out, command, value), 0);
	say(out.data, out.len);
	buf_done(&out);
}

static int
connect_tcp(const char *url)
{
	struct sockaddr_in	sa = { .sin_family = AF_INET };
	unsigned		number;
	int			fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(sscanf(url, "rfc2217://127.0.0.1:%u", &number), 1);
	sa.sin_port = htons((uint16_t)number);
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (void *)&sa, sizeof sa), 0);
	return fd;
}

static void
come(void)
{
	client = connect_tcp(export_url(port));
	hear("253/44 ");
	say("\xff\xfb\x2c", 3);		/* WILL COM-PORT */
	hear("107=0 ");
}

static void
on_watch(struct port *p)
{
	assert_ptr_equal(p, port);
	watched++;
}

static int
setup(void **state)
{
	(void)state;
	memset(&queue, 0, sizeof queue);
	memset(heard, 0, sizeof heard);
	data_len = 0;
	watched = 0;
	telnet = (struct telnet){ .on_option = on_option,
				  .on_com_port = on_com_port };
	conf_init(&conf);
	(void)snprintf(conf.socket, sizeof conf.socket, "/tmp/test_export.%d",
	    (int)getpid());
	assert_int_equal(loop_init(), 0);
	master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	assert_int_equal(ptsname_r(master, pty_name, sizeof pty_name), 0);
	assert_int_equal(port_find(pty_name, &port, NULL), 0);
	export_init(&conf);
	export_set_watcher(on_watch);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	export_close_all();
	if (client >= 0)
		close(client);
	client = -1;
	if (master >= 0)
		close(master);
	loop_timer_clear(&tick);
	port_forget_all();
	loop_done();
	return 0;
}

/* ---- where ---- */

static void
refused(const char *where, int err, const char *words)
{
	struct why	why = { 0 };

	assert_int_equal(export_begin(port, where, &why), err);
	if (strstr(why.text, words) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", why.text, words);
	assert_int_equal(export_count(), 0);
}

static void
test_only_loopback_is_listened_on(void **state)
{
	(void)state;
	refused("0.0.0.0:0", ERR_DENIED, "open to the network");
	refused("192.0.2.1:4000", ERR_DENIED, "open to the network");
	refused("[::]:4000", ERR_DENIED, "open to the network");
	refused("[::ffff:127.0.0.1]:4000", ERR_DENIED, "open to the network");
	refused("", ERR_PARAMS, "127.0.0.1:port");
	refused("65536", ERR_PARAMS, "127.0.0.1:port");
	refused("host:1", ERR_PARAMS, "127.0.0.1:port");
	refused("127.0.0.1:4000000000000000000000000000000000000000000000"
	    "000000000000000000", ERR_PARAMS, "127.0.0.1:port");
}

static void
test_an_export_is_made_once_and_ended_once(void **state)
{
	struct why	why = { 0 };

	(void)state;
	assert_null(export_url(port));
	assert_int_equal(export_begin(port, "127.0.0.1:0", &why), 0);
	assert_int_equal(strncmp(export_url(port), "rfc2217://127.0.0.1:", 20),
	    0);
	assert_null(export_client(port));
	assert_int_equal(export_count(), 1);
	assert_int_equal(export_begin(port, "0", &why), ERR_CONFLICT);
	assert_non_null(strstr(why.text, export_url(port)));
	assert_int_equal(export_end(port, &why), 0);
	assert_null(export_url(port));
	why_clear(&why);
	assert_int_equal(export_end(port, &why), ERR_CONFLICT);
	assert_non_null(strstr(why.text, "is not exported"));
	assert_int_equal(export_count(), 0);
}

static void
test_a_unix_socket_is_for_its_group_and_goes(void **state)
{
	struct sockaddr_un	 sa = { .sun_family = AF_UNIX };
	struct stat		 st;
	struct why		 why = { 0 };
	const char		*path;
	char			 me[64];

	(void)state;
	assert_int_equal(export_begin(port, "unix", &why), 0);
	assert_int_equal(strncmp(export_url(port), "unix:/tmp/export-pts-",
	    21), 0);
	path = export_url(port) + 5;
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0660);
	(void)snprintf(sa.sun_path, sizeof sa.sun_path, "%s", path);
	client = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(connect(client, (void *)&sa, sizeof sa), 0);
	hear("253/44 ");
	(void)snprintf(me, sizeof me, "pid %d ", (int)getpid());
	assert_int_equal(strncmp(export_client(port), me, strlen(me)), 0);
	assert_string_equal(queue.who, export_client(port));
	assert_int_equal(export_end(port, &why), 0);
	assert_int_equal(stat(sa.sun_path, &st), -1);
	run_until(hung_up);
	/* What a dead process left behind is no hindrance. */
	close(client);
	client = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(client, (void *)&sa, sizeof sa), 0);
	assert_int_equal(export_begin(port, "unix", &why), 0);
}

/* ---- a client ---- */

static void
test_a_client_is_named_and_the_port_given_back(void **state)
{
	(void)state;
	assert_int_equal(export_begin(port, "0", NULL), 0);
	come();
	assert_int_equal(strncmp(export_client(port), "tcp 127.0.0.1:", 14),
	    0);
	assert_int_equal(queue.claims, 1);
	assert_int_equal(watched, 1);
	close(client);
	client = -1;
	run_until(given_back);
	assert_null(export_client(port));
	assert_int_equal(watched, 2);
	assert_int_equal(port_state(port), PORT_CLOSED);
	come();
	assert_int_equal(queue.claims, 2);
}

static void
test_a_client_while_a_job_runs_is_turned_away(void **state)
{
	(void)state;
	assert_int_equal(export_begin(port, "0", NULL), 0);
	queue.refuse = ERR_PORT_BUSY;
	client = connect_tcp(export_url(port));
	run_until(hung_up);
	assert_int_equal(data_len, 14);
	assert_memory_equal(data, "job 7 has it\r\n", 14);
	assert_null(export_client(port));
	assert_int_equal(queue.backs, 0);
}

static void
test_a_second_client_is_turned_away(void **state)
{
	int	first;

	(void)state;
	assert_int_equal(export_begin(port, "0", NULL), 0);
	come();
	first = client;
	data_len = 0;
	client = connect_tcp(export_url(port));
	run_until(hung_up);
	data[data_len] = '\0';
	assert_non_null(strstr((char *)data, "is in use by tcp 127.0.0.1:"));
	assert_int_equal(queue.claims, 1);
	close(client);
	client = first;
	say_control(RFC2217_SET_DATASIZE, 7);
	hear("102=8 ");
}

static void
test_a_lost_port_ends_its_client(void **state)
{
	(void)state;
	assert_int_equal(export_begin(port, "0", NULL), 0);
	come();
	port_close(port);
	queue.claim->lost(queue.claim->arg);
	run_until(hung_up);
	assert_null(export_client(port));
	assert_int_equal(queue.backs, 0);
	assert_int_equal(export_count(), 1);
}

static void
test_a_port_that_hangs_up_ends_its_client(void **state)
{
	(void)state;
	assert_int_equal(export_begin(port, "0", NULL), 0);
	come();
	close(master);
	master = -1;
	run_until(hung_up);
	assert_int_equal(queue.backs, 1);
	assert_null(export_client(port));
}

/* ---- bytes ---- */

static uint8_t	big[96 * 1024];
static uint8_t	at_chip[200 * 1024];
static size_t	at_chip_len, at_chip_want;

static bool
chip_has_it(void)
{
	ssize_t	n = read(master, at_chip + at_chip_len,
	    sizeof at_chip - at_chip_len);

	at_chip_len += n > 0 ? (size_t)n : 0;
	(void)listen_once();
	return at_chip_len >= at_chip_want;
}

static void
chip_gets(const void *want, size_t len)
{
	at_chip_len = 0;
	at_chip_want = len;
	run_until(chip_has_it);
	assert_int_equal(at_chip_len, len);
	assert_memory_equal(at_chip, want, len);
}

static bool
client_has_it(void)
{
	(void)listen_once();
	return data_len >= 4;
}

static void
test_data_goes_both_ways_with_every_byte(void **state)
{
	(void)state;
	assert_int_equal(export_begin(port, "0", NULL), 0);
	come();
	say("\xc0\xff\xff\r\x00\n", 6);
	chip_gets("\xc0\xff\r\x00\n", 5);
	data_len = 0;
	assert_int_equal(write(master, "\xff\x00\r\xff", 4), 4);
	run_until(client_has_it);
	assert_int_equal(data_len, 4);
	assert_memory_equal(data, "\xff\x00\r\xff", 4);
}

static bool
some_ticks(void)
{
	(void)listen_once();
	return ticks >= 20;
}

/* Requests are done where they stand among the data: the rate changes after
 * the bytes before it and before those behind. */
static void
test_a_rate_changes_in_its_place(void **state)
{
	struct buf	out;

	(void)state;
	assert_int_equal(export_begin(port, "0", NULL), 0);
	come();
	memset(big, 'b', sizeof big);
	buf_init(&out, 40000);
	telnet_put_data(&out, big, 20000);	/* more than a pty takes */
	rfc2217_put_baud(&out, 921600);
	telnet_put_data(&out, "after", 5);
	memcpy(big + 20000, "after", 5);
	say(out.data, out.len);
	buf_done(&out);
	run_until(some_ticks);
	assert_int_equal(port_baud(port), 115200);
	chip_gets(big, 20005);
	hear("101=921600 ");
	assert_int_equal(port_baud(port), 921600);
	say("\xff\xfa\x2c\x01\0\0\0\0\xff\xf0", 10);	/* asks */
	heard[0] = '\0';
	hear("101=921600 ");
}

static void
test_questions_are_answered_with_what_is_in_force(void **state)
{
	static const struct { uint8_t command, value; const char *answer; }
	rows[] = {
		{ RFC2217_SET_DATASIZE, 0, "102=8 " },
		{ RFC2217_SET_DATASIZE, 7, "102=8 " },
		{ RFC2217_SET_PARITY, 3, "103=1 " },
		{ RFC2217_SET_STOPSIZE, 2, "104=1 " },
		{ RFC2217_SET_CONTROL, RFC2217_FLOW_ASK, "105=1 " },
		{ RFC2217_SET_CONTROL, RFC2217_FLOW_HARDWARE, "105=1 " },
		{ RFC2217_SET_CONTROL, RFC2217_FLOW_IN_XONXOFF, "105=14 " },
		{ RFC2217_SET_CONTROL, RFC2217_FLOW_DSR, "105=1 " },
		{ RFC2217_SET_CONTROL, RFC2217_BREAK_ASK, "105=6 " },
		{ RFC2217_SET_CONTROL, RFC2217_BREAK_ON, "105=5 " },
		{ RFC2217_SET_CONTROL, RFC2217_BREAK_ASK, "105=5 " },
		{ RFC2217_SET_CONTROL, RFC2217_BREAK_OFF, "105=6 " },
		{ RFC2217_SET_CONTROL, RFC2217_DTR_ASK, "105=9 " },
		{ RFC2217_SET_CONTROL, RFC2217_DTR_ON, "105=8 " },
		{ RFC2217_SET_CONTROL, RFC2217_DTR_ASK, "105=8 " },
		{ RFC2217_SET_CONTROL, RFC2217_RTS_ASK, "105=12 " },
		{ RFC2217_SET_CONTROL, RFC2217_RTS_ON, "105=11 " },
		{ RFC2217_SET_CONTROL, RFC2217_DTR_OFF, "105=9 " },
		{ RFC2217_SET_CONTROL, RFC2217_RTS_ASK, "105=11 " },
		{ RFC2217_SET_LINE_MASK, 16, "110=16 " },
		{ RFC2217_SET_MODEM_MASK, 240, "111=240 " },
		{ RFC2217_PURGE_DATA, RFC2217_PURGE_RECEIVED, "112=1 " },
		{ RFC2217_PURGE_DATA, RFC2217_PURGE_SENT, "112=2 " },
		{ RFC2217_PURGE_DATA, RFC2217_PURGE_BOTH, "112=3 " },
		{ RFC2217_LINE_STATE, 0, "106=0 " },
		{ RFC2217_MODEM_STATE, 0, "107=0 " },
	};

	(void)state;
	assert_int_equal(export_begin(port, "0", NULL), 0);
	come();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		heard[0] = '\0';
		say_control(rows[i].command, rows[i].value);
		hear(rows[i].answer);
		assert_string_equal(heard, rows[i].answer);
	}
	say("\xff\xfa\x2c\x00\xff\xf0", 6);
	hear("100=espflashd ");
}

/* More than any buffer holds, and nobody loses a byte. */
static size_t	big_at;

static bool
big_is_through(void)
{
	ssize_t	n;

	if (big_at < sizeof big) {
		n = send(client, big + big_at, sizeof big - big_at,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
		big_at += n > 0 ? (size_t)n : 0;
	}
	return chip_has_it();
}

static void
test_a_slow_port_holds_its_client_back(void **state)
{
	(void)state;
	assert_int_equal(export_begin(port, "0", NULL), 0);
	come();
	for (size_t i = 0; i < sizeof big; i++)
		big[i] = (uint8_t)(i * 7 % 255);	/* never 255 */
	big_at = at_chip_len = 0;
	at_chip_want = sizeof big;
	run_until(big_is_through);
	assert_memory_equal(at_chip, big, sizeof big);
}

static size_t	written;

static bool
client_has_all(void)
{
	ssize_t	n;

	if (written < sizeof big) {
		n = write(master, big + written, sizeof big - written);
		written += n > 0 ? (size_t)n : 0;
	}
	if (ticks < 50)
		return false;	/* the client does not read at first */
	(void)listen_once();
	return data_len >= sizeof big;
}

static void
test_a_slow_client_holds_the_port_back(void **state)
{
	int	small = 32768;

	(void)state;
	assert_int_equal(export_begin(port, "0", NULL), 0);
	come();
	(void)setsockopt(client, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	for (size_t i = 0; i < sizeof big; i++)
		big[i] = (uint8_t)(i % 3 ? i * 11 : 255);
	written = data_len = 0;
	run_until(client_has_all);
	assert_int_equal(data_len, sizeof big);
	assert_memory_equal(data, big, sizeof big);
}

static bool
chip_has_it_and_port_is_back(void)
{
	ssize_t	n = read(master, at_chip + at_chip_len,
	    sizeof at_chip - at_chip_len);

	at_chip_len += n > 0 ? (size_t)n : 0;
	return queue.backs > 0 && at_chip_len >= 30000;
}

/* As with a device: what was written before the close is sent. */
static void
test_what_a_client_wrote_before_it_left_arrives(void **state)
{
	(void)state;
	assert_int_equal(export_begin(port, "0", NULL), 0);
	come();
	queue.holds = true;
	memset(big, 'x', 30000);
	say(big, 30000);
	close(client);
	client = -1;
	at_chip_len = 0;
	run_until(chip_has_it_and_port_is_back);
	assert_int_equal(at_chip_len, 30000);
}

static void
test_a_client_that_will_not_speak_is_cut_off(void **state)
{
	(void)state;
	assert_int_equal(export_begin(port, "0", NULL), 0);
	client = connect_tcp(export_url(port));
	hear("253/44 ");
	say("\xff\xfc\x2c", 3);		/* WONT COM-PORT */
	run_until(hung_up);
	assert_int_equal(queue.backs, 1);
}

int
main(void)
{
#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest	tests[] = {
		TEST(test_only_loopback_is_listened_on),
		TEST(test_an_export_is_made_once_and_ended_once),
		TEST(test_a_unix_socket_is_for_its_group_and_goes),
		TEST(test_a_client_is_named_and_the_port_given_back),
		TEST(test_a_client_while_a_job_runs_is_turned_away),
		TEST(test_a_second_client_is_turned_away),
		TEST(test_a_lost_port_ends_its_client),
		TEST(test_a_port_that_hangs_up_ends_its_client),
		TEST(test_data_goes_both_ways_with_every_byte),
		TEST(test_a_rate_changes_in_its_place),
		TEST(test_questions_are_answered_with_what_is_in_force),
		TEST(test_a_slow_port_holds_its_client_back),
		TEST(test_a_slow_client_holds_the_port_back),
		TEST(test_what_a_client_wrote_before_it_left_arrives),
		TEST(test_a_client_that_will_not_speak_is_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
