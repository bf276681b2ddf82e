#include "daemon/port/rfc2217_server.h"

#include <assert.h>
#include <string.h>

#include "proto/base/bytes.h"

/* RFC 2217: the mask of a session that did not set one. */
enum { MODEM_MASK_INITIAL = 255 };

/* Note once and for all that something could not be queued. */
static void
server_queued(struct rfc2217_server *s, int err)
{
	if (err < 0)
		s->failed = true;
}

static void
server_answer(struct rfc2217_server *s, uint8_t command, uint8_t value)
{
	server_queued(s, rfc2217_put_byte(s->out, command + RFC2217_ANSWER,
	    value));
}

static void
server_answer_baud(struct rfc2217_server *s)
{
	uint8_t	value[4];

	be32_put(value, s->baud);
	server_queued(s, rfc2217_put(s->out,
	    RFC2217_SET_BAUDRATE + RFC2217_ANSWER, value, sizeof value));
}

static void
server_on_option(void *arg, uint8_t verb, uint8_t option)
{
	struct rfc2217_server	*s = arg;
	bool			 offer = verb == TELNET_WILL;
	bool			 com = option == TELNET_COM_PORT;

	if (com && (offer || verb == TELNET_DO))
		s->agreed = true;
	if (com && verb == TELNET_WONT && !s->agreed)
		s->refused = true;
	if (verb == TELNET_WONT || verb == TELNET_DONT)
		return;		/* off is how everything is to begin with */
	if (!telnet_is_new(&s->telnet, offer, option))
		return;
	/* All that we want was asked at the start; a client may also ask us
	 * for the COM port option itself, as pyserial does. */
	if (offer)
		server_queued(s, telnet_put_option(s->out, TELNET_DONT,
		    option));
	else
		server_queued(s, telnet_put_option(s->out,
		    com ? TELNET_WILL : TELNET_WONT, option));
}

/* SET_CONTROL (RFC 2217, table of its values): what needs nothing of the port
 * is answered with what is in force. */
static void
server_control(struct rfc2217_server *s, uint8_t value)
{
	s->want_dtr = s->dtr;
	s->want_rts = s->rts;
	switch (value) {
	case RFC2217_BREAK_ASK:
		value = s->brk ? RFC2217_BREAK_ON : RFC2217_BREAK_OFF;
		break;
	case RFC2217_BREAK_ON:
	case RFC2217_BREAK_OFF:
		s->want_brk = value == RFC2217_BREAK_ON;
		s->wish = RFC2217_WISH_BREAK;
		return;
	case RFC2217_DTR_ASK:
		value = s->dtr ? RFC2217_DTR_ON : RFC2217_DTR_OFF;
		break;
	case RFC2217_DTR_ON:
	case RFC2217_DTR_OFF:
		s->want_dtr = value == RFC2217_DTR_ON;
		s->wish = RFC2217_WISH_LINES;
		return;
	case RFC2217_RTS_ASK:
		value = s->rts ? RFC2217_RTS_ON : RFC2217_RTS_OFF;
		break;
	case RFC2217_RTS_ON:
	case RFC2217_RTS_OFF:
		s->want_rts = value == RFC2217_RTS_ON;
		s->wish = RFC2217_WISH_LINES;
		return;
	case RFC2217_FLOW_IN_ASK:
	case RFC2217_FLOW_IN_NONE:
	case RFC2217_FLOW_IN_XONXOFF:
	case RFC2217_FLOW_IN_HARDWARE:
	case RFC2217_FLOW_IN_DTR:
		value = RFC2217_FLOW_IN_NONE;
		break;
	default:		/* of the output, or not known */
		value = RFC2217_FLOW_NONE;
		break;
	}
	server_answer(s, RFC2217_SET_CONTROL, value);
}

/* A command whose value is one byte. */
static void
server_on_byte(struct rfc2217_server *s, uint8_t command, uint8_t value)
{
	switch (command) {
	case RFC2217_SET_DATASIZE:
		server_answer(s, command, 8);
		return;
	case RFC2217_SET_PARITY:
		server_answer(s, command, RFC2217_PARITY_NONE);
		return;
	case RFC2217_SET_STOPSIZE:
		server_answer(s, command, RFC2217_STOP_1);
		return;
	case RFC2217_SET_CONTROL:
		s->wish_value = value;
		server_control(s, value);
		return;
	case RFC2217_SET_LINE_MASK:
		s->line_mask = value;	/* no port can tell: never a notice */
		server_answer(s, command, value);
		return;
	case RFC2217_SET_MODEM_MASK:
		s->modem_mask = value;
		server_answer(s, command, value);
		return;
	case RFC2217_PURGE_DATA:
		s->wish_value = value;
		s->purge = value & RFC2217_PURGE_BOTH;
		s->wish = RFC2217_WISH_PURGE;
		return;
	}
	/* Nothing else is defined: no answer. */
}

static void
server_on_com_port(void *arg, uint8_t command, const uint8_t *value,
    size_t len)
{
	struct rfc2217_server	*s = arg;

	s->agreed = true;	/* whatever it said of the option */
	switch (command) {
	case RFC2217_SIGNATURE:
		if (len == 0)	/* else it tells its own */
			server_queued(s, rfc2217_put(s->out,
			    RFC2217_SIGNATURE + RFC2217_ANSWER, RFC2217_NAME,
			    strlen(RFC2217_NAME)));
		return;
	case RFC2217_SET_BAUDRATE:
		if (len < 4)
			return;
		s->want_baud = be32_get(value);
		if (s->want_baud == 0)	/* asks */
			server_answer_baud(s);
		else
			s->wish = RFC2217_WISH_BAUD;
		return;
	case RFC2217_LINE_STATE:
		server_answer(s, command, 0);
		return;
	case RFC2217_MODEM_STATE:
		s->wish = RFC2217_WISH_INPUTS;
		return;
	case RFC2217_FLOW_SUSPEND:
	case RFC2217_FLOW_RESUME:
		s->suspended = command == RFC2217_FLOW_SUSPEND;
		return;
	}
	if (len >= 1)
		server_on_byte(s, command, value[0]);
}

void
rfc2217_server_init(struct rfc2217_server *s, struct buf *out, uint32_t baud)
{
	*s = (struct rfc2217_server){
		.telnet = { .on_option = server_on_option,
		    .on_com_port = server_on_com_port, .arg = s },
		.out = out, .baud = baud, .modem_mask = MODEM_MASK_INITIAL,
	};
	server_queued(s, rfc2217_greet(&s->telnet, out, TELNET_DO));
}

size_t
rfc2217_server_decode(struct rfc2217_server *s, uint8_t *data, size_t len,
    size_t *taken)
{
	assert(s->wish == RFC2217_WISH_NONE);
	return telnet_decode_one(&s->telnet, data, len, taken);
}

/* What a SET_CONTROL that was done or not is answered with: a request that
 * could not be done gets its opposite. */
static uint8_t
server_in_force(const struct rfc2217_server *s)
{
	switch (s->wish_value) {
	case RFC2217_DTR_ON:
	case RFC2217_DTR_OFF:
		return s->dtr ? RFC2217_DTR_ON : RFC2217_DTR_OFF;
	case RFC2217_RTS_ON:
	case RFC2217_RTS_OFF:
		return s->rts ? RFC2217_RTS_ON : RFC2217_RTS_OFF;
	}
	return s->brk ? RFC2217_BREAK_ON : RFC2217_BREAK_OFF;
}

void
rfc2217_server_done(struct rfc2217_server *s, bool done)
{
	enum rfc2217_wish	wish = s->wish;

	s->wish = RFC2217_WISH_NONE;
	switch (wish) {
	case RFC2217_WISH_NONE:
	case RFC2217_WISH_INPUTS:
		return;
	case RFC2217_WISH_BAUD:
		if (done)
			s->baud = s->want_baud;
		server_answer_baud(s);
		return;
	case RFC2217_WISH_LINES:
		if (done) {
			s->dtr = s->want_dtr;
			s->rts = s->want_rts;
		}
		server_answer(s, RFC2217_SET_CONTROL, server_in_force(s));
		return;
	case RFC2217_WISH_BREAK:
		if (done)
			s->brk = s->want_brk;
		server_answer(s, RFC2217_SET_CONTROL, server_in_force(s));
		return;
	case RFC2217_WISH_PURGE:
		server_answer(s, RFC2217_PURGE_DATA, s->wish_value);
		return;
	}
}

int
rfc2217_server_data(struct rfc2217_server *s, const void *data, size_t len)
{
	return telnet_put_data(s->out, data, len);
}

void
rfc2217_server_inputs(struct rfc2217_server *s, uint8_t inputs, bool asked)
{
	/* RFC 2217: a line's change stands four bits below it. */
	uint8_t	changed = (uint8_t)((inputs ^ s->inputs) & 0xf0);
	uint8_t	state = (uint8_t)((inputs & 0xf0) | changed >> 4);

	s->inputs = inputs & 0xf0;
	if (asked)
		server_answer(s, RFC2217_MODEM_STATE, state);
	else if (s->agreed && ((changed | changed >> 4) & s->modem_mask) != 0)
		server_answer(s, RFC2217_MODEM_STATE, state & s->modem_mask);
}
