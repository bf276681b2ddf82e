/* rfc2217: the codec, fed in every way of cutting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/port/rfc2217.h"
#include "daemon/port/rfc2217_server.h"
#include "proto/base/err.h"
#include "proto/base/text.h"

struct seen {
	char	log[512];
	uint8_t	data[512];
	size_t	len;
};

static void
on_option(void *arg, uint8_t verb, uint8_t option)
{
	struct seen	*s = arg;
	size_t		 n = strlen(s->log);

	(void)snprintf(s->log + n, sizeof s->log - n, "%u/%u ", verb, option);
}

static void
on_com_port(void *arg, uint8_t command, const uint8_t *value, size_t len)
{
	struct seen	*s = arg;
	size_t		 n = strlen(s->log);
	char		 hex[2 * TELNET_SUB_MAX + 1];

	text_hex(hex, value, len);
	(void)snprintf(s->log + n, sizeof s->log - n, "%u=%s ", command, hex);
}

static void
decode(struct seen *s, const uint8_t *in, size_t len, size_t piece)
{
	struct telnet	t = { .on_option = on_option,
			      .on_com_port = on_com_port, .arg = s };
	uint8_t		copy[512];

	*s = (struct seen){ 0 };
	for (size_t at = 0; at < len; at += piece) {
		size_t	n = len - at < piece ? len - at : piece;

		memcpy(copy, in + at, n);
		n = telnet_decode(&t, copy, n);
		memcpy(s->data + s->len, copy, n);
		s->len += n;
	}
}

static void
test_any_cutting_gives_the_same(void **state)
{
	static const uint8_t	in[] = {
		'a', 255, 255, 'b',			/* data with IAC */
		255, 253, 44,				/* DO COM-PORT */
		255, 241,				/* NOP */
		'c',
		255, 250, 44, 101, 0, 0, 255, 255, 0, 255, 240,
		255, 250, 44, 107, 0x30, 255, 240,	/* modem state */
		255, 250, 24, 1, 255, 240,		/* another option */
		255, 252, 0,				/* WONT BINARY */
		'd', 0, 13, 10,
	};
	static const uint8_t	data[] = { 'a', 255, 'b', 'c', 'd', 0, 13, 10 };
	struct seen		s;

	(void)state;
	for (size_t piece = 1; piece <= sizeof in; piece++) {
		decode(&s, in, sizeof in, piece);
		assert_string_equal(s.log, "253/44 101=0000ff00 107=30 252/0 ");
		assert_int_equal(s.len, sizeof data);
		assert_memory_equal(s.data, data, sizeof data);
	}
}

static void
test_a_long_suboption_is_cut_not_kept(void **state)
{
	uint8_t		in[400] = { 255, 250, 44, 100 };
	struct seen	s;

	(void)state;
	memset(in + 4, 'x', sizeof in - 4);
	in[397] = 255;
	in[398] = 240;
	in[399] = 'z';
	decode(&s, in, sizeof in, 7);
	assert_int_equal(strlen(s.log), 5 + 2 * (TELNET_SUB_MAX - 2));
	assert_int_equal(s.len, 1);
	assert_int_equal(s.data[0], 'z');
}

static void
test_an_unended_suboption_ends_at_the_next_command(void **state)
{
	static const uint8_t	in[] = {
		255, 250, 44, 105, 8, 255, 253, 3, 'k'
	};
	struct seen		s;

	(void)state;
	decode(&s, in, sizeof in, 1);
	assert_string_equal(s.log, "105=08 253/3 ");
	assert_int_equal(s.len, 1);
}

static void
test_commands_are_as_in_the_rfc(void **state)
{
	static const uint8_t	want[] = {
		255, 250, 44, 1, 0x00, 0x01, 0xc2, 0x00, 255, 240,
		255, 250, 44, 5, 8, 255, 240,
		255, 251, 44,
		'x', 255, 255,
		255, 250, 44, 1, 0, 0, 255, 255, 0, 255, 240,
	};
	struct buf		out;

	(void)state;
	buf_init(&out, 100);
	assert_int_equal(rfc2217_put_baud(&out, 115200), 0);
	assert_int_equal(rfc2217_put_byte(&out, RFC2217_SET_CONTROL,
	    RFC2217_DTR_ON), 0);
	assert_int_equal(telnet_put_option(&out, TELNET_WILL,
	    TELNET_COM_PORT), 0);
	assert_int_equal(telnet_put_data(&out, "x\xff", 2), 0);
	assert_int_equal(rfc2217_put_baud(&out, 0xff00), 0);
	assert_int_equal(out.len, sizeof want);
	assert_memory_equal(out.data, want, sizeof want);
	buf_done(&out);
}

static void
test_a_full_buffer_is_left_as_it_was(void **state)
{
	struct buf	out;

	(void)state;
	buf_init(&out, 9);
	assert_int_equal(rfc2217_put_baud(&out, 115200), ERR_LIMIT);
	assert_int_equal(out.len, 0);
	assert_int_equal(telnet_put_data(&out, "12345", 5), ERR_LIMIT);
	assert_int_equal(out.len, 0);
	buf_done(&out);
}

static void
test_data_before_a_command_comes_before_it(void **state)
{
	uint8_t		in[] = {
		'a', 255, 250, 44, 12, 1, 255, 240, 'b', 'c', 255, 251, 44, 'd',
	};
	struct seen	s = { 0 };
	struct telnet	t = { .on_option = on_option,
			      .on_com_port = on_com_port, .arg = &s };
	size_t		taken;

	(void)state;
	assert_int_equal(telnet_decode_one(&t, in, sizeof in, &taken), 1);
	assert_int_equal(taken, 8);
	assert_string_equal(s.log, "12=01 ");
	assert_int_equal(telnet_decode_one(&t, in + 8, 6, &taken), 2);
	assert_int_equal(taken, 5);
	assert_memory_equal(in + 8, "bc", 2);
	assert_string_equal(s.log, "12=01 251/44 ");
	assert_int_equal(telnet_decode_one(&t, in + 13, 1, &taken), 1);
	assert_int_equal(taken, 1);
}

/* ---- the server ---- */

struct serving {
	struct rfc2217_server	s;
	struct buf		out;
};

static void
serving_init(struct serving *v)
{
	buf_init(&v->out, 4096);
	rfc2217_server_init(&v->s, &v->out, 115200);
	buf_clear(&v->out);
}

/* The client says these bytes; returns how many were data. */
static size_t
hears(struct serving *v, const void *bytes, size_t len)
{
	uint8_t	copy[64];
	size_t	taken, n;

	memcpy(copy, bytes, len);
	n = rfc2217_server_decode(&v->s, copy, len, &taken);
	assert_int_equal(taken, len);
	return n;
}

/* A suboption of one byte. */
static void
asks(struct serving *v, uint8_t command, uint8_t value)
{
	const uint8_t	bytes[] = { 255, 250, 44, command, value, 255, 240 };

	assert_int_equal(hears(v, bytes, sizeof bytes), 0);
}

static void
answers(struct serving *v, uint8_t command, uint8_t value)
{
	const uint8_t	bytes[] = { 255, 250, 44, command, value, 255, 240 };

	assert_int_equal(v->out.len, sizeof bytes);
	assert_memory_equal(v->out.data, bytes, sizeof bytes);
	buf_clear(&v->out);
}

static void
test_a_server_greets_and_answers_each_option_once(void **state)
{
	static const uint8_t	greeting[] = {
		255, 251, 0, 255, 253, 0, 255, 251, 3, 255, 253, 3,
		255, 253, 44,
	};
	struct serving		v;

	(void)state;
	buf_init(&v.out, 4096);
	rfc2217_server_init(&v.s, &v.out, 115200);
	assert_int_equal(v.out.len, sizeof greeting);
	assert_memory_equal(v.out.data, greeting, sizeof greeting);
	buf_clear(&v.out);
	/* Agreement to what was offered needs no answer. */
	(void)hears(&v, "\xff\xfd\x00", 3);
	(void)hears(&v, "\xff\xfb\x00", 3);
	(void)hears(&v, "\xff\xfb\x2c", 3);
	assert_int_equal(v.out.len, 0);
	assert_true(v.s.agreed);
	/* No echo; the COM port option the other way round, too. */
	(void)hears(&v, "\xff\xfd\x01", 3);
	(void)hears(&v, "\xff\xfd\x01", 3);
	(void)hears(&v, "\xff\xfb\x18", 3);
	(void)hears(&v, "\xff\xfd\x2c", 3);
	assert_int_equal(v.out.len, 9);
	assert_memory_equal(v.out.data, "\xff\xfc\x01\xff\xfe\x18\xff\xfb\x2c",
	    9);
	buf_done(&v.out);
}

static void
test_a_client_that_refuses_is_known(void **state)
{
	struct serving	v;

	(void)state;
	serving_init(&v);
	(void)hears(&v, "\xff\xfc\x01", 3);
	assert_false(v.s.refused);
	(void)hears(&v, "\xff\xfc\x2c", 3);
	assert_true(v.s.refused);
	buf_done(&v.out);
}

static void
test_a_rate_is_answered_when_it_holds(void **state)
{
	static const uint8_t	fast[] = {
		255, 250, 44, 1, 0, 0x0e, 0x10, 0, 255, 240 };
	static const uint8_t	told[] = {
		255, 250, 44, 101, 0, 0x0e, 0x10, 0, 255, 240 };
	static const uint8_t	is[] = {
		255, 250, 44, 101, 0, 0x01, 0xc2, 0, 255, 240 };
	struct serving		v;

	(void)state;
	serving_init(&v);
	(void)hears(&v, fast, sizeof fast);
	assert_int_equal(v.s.wish, RFC2217_WISH_BAUD);
	assert_int_equal(v.s.want_baud, 921600);
	assert_int_equal(v.out.len, 0);
	rfc2217_server_done(&v.s, false);	/* the port cannot */
	assert_int_equal(v.s.wish, RFC2217_WISH_NONE);
	assert_memory_equal(v.out.data, is, sizeof is);
	buf_clear(&v.out);
	(void)hears(&v, fast, sizeof fast);
	rfc2217_server_done(&v.s, true);
	assert_int_equal(v.out.len, sizeof told);
	assert_memory_equal(v.out.data, told, sizeof told);
	assert_int_equal(v.s.baud, 921600);
	buf_done(&v.out);
}

static void
test_lines_are_wished_one_at_a_time(void **state)
{
	struct serving	v;

	(void)state;
	serving_init(&v);
	asks(&v, RFC2217_SET_CONTROL, RFC2217_RTS_ON);
	assert_int_equal(v.s.wish, RFC2217_WISH_LINES);
	assert_true(v.s.want_rts);
	assert_false(v.s.want_dtr);
	rfc2217_server_done(&v.s, true);
	answers(&v, 105, RFC2217_RTS_ON);
	asks(&v, RFC2217_SET_CONTROL, RFC2217_DTR_ON);
	assert_true(v.s.want_rts);
	assert_true(v.s.want_dtr);
	rfc2217_server_done(&v.s, false);
	answers(&v, 105, RFC2217_DTR_OFF);
	asks(&v, RFC2217_SET_CONTROL, RFC2217_DTR_ASK);
	answers(&v, 105, RFC2217_DTR_OFF);
	asks(&v, RFC2217_SET_CONTROL, RFC2217_RTS_ASK);
	answers(&v, 105, RFC2217_RTS_ON);
	buf_done(&v.out);
}

static void
test_only_8n1_without_flow_control_is_had(void **state)
{
	struct serving	v;

	(void)state;
	serving_init(&v);
	for (uint8_t value = 0; value < 10; value++) {
		asks(&v, RFC2217_SET_DATASIZE, value);
		answers(&v, 102, 8);
		asks(&v, RFC2217_SET_PARITY, value);
		answers(&v, 103, 1);
		asks(&v, RFC2217_SET_STOPSIZE, value);
		answers(&v, 104, 1);
	}
	for (uint8_t value = 0; value < 4; value++) {
		asks(&v, RFC2217_SET_CONTROL, value);
		answers(&v, 105, RFC2217_FLOW_NONE);
	}
	for (uint8_t value = 13; value < 17; value++) {
		asks(&v, RFC2217_SET_CONTROL, value);
		answers(&v, 105, RFC2217_FLOW_IN_NONE);
	}
	asks(&v, RFC2217_LINE_STATE, 0);
	answers(&v, 106, 0);
	buf_done(&v.out);
}

static void
test_changes_of_inputs_are_told_as_the_mask_says(void **state)
{
	struct serving	v;

	(void)state;
	serving_init(&v);
	rfc2217_server_inputs(&v.s, 0x10, false);
	assert_int_equal(v.out.len, 0);		/* it has not agreed yet */
	(void)hears(&v, "\xff\xfb\x2c", 3);
	rfc2217_server_inputs(&v.s, 0x30, false);
	answers(&v, 107, 0x32);			/* DSR, and that it changed */
	rfc2217_server_inputs(&v.s, 0x30, false);
	assert_int_equal(v.out.len, 0);
	asks(&v, RFC2217_SET_MODEM_MASK, 0x80);
	answers(&v, 111, 0x80);
	rfc2217_server_inputs(&v.s, 0x10, false);
	assert_int_equal(v.out.len, 0);
	rfc2217_server_inputs(&v.s, 0x90, false);
	answers(&v, 107, 0x80);
	asks(&v, RFC2217_MODEM_STATE, 0);
	assert_int_equal(v.s.wish, RFC2217_WISH_INPUTS);
	rfc2217_server_inputs(&v.s, 0x90, true);
	rfc2217_server_done(&v.s, true);
	answers(&v, 107, 0x90);
	buf_done(&v.out);
}

static void
test_a_client_may_ask_for_silence(void **state)
{
	struct serving	v;

	(void)state;
	serving_init(&v);
	(void)hears(&v, "\xff\xfa\x2c\x08\xff\xf0", 6);
	assert_true(v.s.suspended);
	(void)hears(&v, "\xff\xfa\x2c\x09\xff\xf0", 6);
	assert_false(v.s.suspended);
	buf_done(&v.out);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_any_cutting_gives_the_same),
		cmocka_unit_test(test_a_long_suboption_is_cut_not_kept),
		cmocka_unit_test(
		    test_an_unended_suboption_ends_at_the_next_command),
		cmocka_unit_test(test_commands_are_as_in_the_rfc),
		cmocka_unit_test(test_a_full_buffer_is_left_as_it_was),
		cmocka_unit_test(test_data_before_a_command_comes_before_it),
		cmocka_unit_test(
		    test_a_server_greets_and_answers_each_option_once),
		cmocka_unit_test(test_a_client_that_refuses_is_known),
		cmocka_unit_test(test_a_rate_is_answered_when_it_holds),
		cmocka_unit_test(test_lines_are_wished_one_at_a_time),
		cmocka_unit_test(test_only_8n1_without_flow_control_is_had),
		cmocka_unit_test(
		    test_changes_of_inputs_are_told_as_the_mask_says),
		cmocka_unit_test(test_a_client_may_ask_for_silence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
