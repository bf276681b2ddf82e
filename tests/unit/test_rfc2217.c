/* rfc2217: the codec, fed in every way of cutting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/port/rfc2217.h"
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
