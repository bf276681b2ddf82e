#include "daemon/port/rfc2217.h"

#include <string.h>

#include "proto/base/bytes.h"

enum telnet_state {
	TELNET_DATA,		/* plain bytes */
	TELNET_AFTER_IAC,
	TELNET_AFTER_VERB,	/* the option follows */
	TELNET_IN_SUB,
	TELNET_SUB_IAC,		/* IAC inside a suboption */
};

static void
telnet_keep(struct telnet *t, uint8_t c)
{
	if (t->sublen < sizeof t->sub)
		t->sub[t->sublen++] = c;
}

static void
telnet_end_sub(struct telnet *t)
{
	if (t->sublen >= 2 && t->sub[0] == TELNET_COM_PORT) {
		t->called = true;
		t->on_com_port(t->arg, t->sub[1], t->sub + 2, t->sublen - 2);
	}
	t->sublen = 0;
}

/* The byte after IAC outside a suboption.  Returns the next state. */
static enum telnet_state
telnet_command(struct telnet *t, uint8_t c)
{
	if (c >= TELNET_WILL && c <= TELNET_DONT) {
		t->verb = c;
		return TELNET_AFTER_VERB;
	}
	if (c == TELNET_SB) {
		t->sublen = 0;
		return TELNET_IN_SUB;
	}
	return TELNET_DATA;	/* NOP and the like say nothing to us */
}

/* One byte.  Returns true if it is data. */
static bool
telnet_byte(struct telnet *t, uint8_t c)
{
	bool	data = false;

	switch ((enum telnet_state)t->state) {
	case TELNET_DATA:
		data = c != TELNET_IAC;
		t->state = data ? TELNET_DATA : TELNET_AFTER_IAC;
		break;
	case TELNET_AFTER_IAC:
		data = c == TELNET_IAC;
		t->state = data ? TELNET_DATA : (int)telnet_command(t, c);
		break;
	case TELNET_AFTER_VERB:
		t->state = TELNET_DATA;
		t->called = true;
		t->on_option(t->arg, t->verb, c);
		break;
	case TELNET_IN_SUB:
		if (c == TELNET_IAC)
			t->state = TELNET_SUB_IAC;
		else
			telnet_keep(t, c);
		break;
	case TELNET_SUB_IAC:
		if (c == TELNET_IAC) {
			telnet_keep(t, c);
			t->state = TELNET_IN_SUB;
			break;
		}
		/* Anything but SE here is an error of the other side: the
		 * suboption ends all the same. */
		telnet_end_sub(t);
		t->state = c == TELNET_SE ? TELNET_DATA :
		    (int)telnet_command(t, c);
		break;
	}
	return data;
}

size_t
telnet_decode_one(struct telnet *t, uint8_t *data, size_t len, size_t *taken)
{
	size_t	n = 0, i = 0;

	t->called = false;
	while (i < len && !t->called) {
		uint8_t	c = data[i++];

		if (telnet_byte(t, c))
			data[n++] = c;
	}
	*taken = i;
	return n;
}

size_t
telnet_decode(struct telnet *t, uint8_t *data, size_t len)
{
	size_t	n = 0;

	for (size_t i = 0; i < len; i++) {
		uint8_t	c = data[i];

		if (telnet_byte(t, c))
			data[n++] = c;
	}
	return n;
}

int
telnet_put_data(struct buf *out, const void *data, size_t len)
{
	const uint8_t	*from = data;
	uint8_t		*at;
	size_t		 n = 0;
	int		 r;

	if ((r = buf_reserve(out, 2 * len, &at)) < 0)
		return r;
	for (size_t i = 0; i < len; i++) {
		at[n++] = from[i];
		if (from[i] == TELNET_IAC)
			at[n++] = TELNET_IAC;
	}
	buf_commit(out, n);
	return 0;
}

int
telnet_put_option(struct buf *out, uint8_t verb, uint8_t option)
{
	const uint8_t	bytes[] = { TELNET_IAC, verb, option };

	return buf_add(out, bytes, sizeof bytes);
}

int
rfc2217_put(struct buf *out, uint8_t command, const void *value, size_t len)
{
	const uint8_t	begin[] = {
		TELNET_IAC, TELNET_SB, TELNET_COM_PORT, command
	};
	const uint8_t	end[] = { TELNET_IAC, TELNET_SE };
	size_t		before = out->len;
	int		r;

	if ((r = buf_add(out, begin, sizeof begin)) < 0 ||
	    (r = telnet_put_data(out, value, len)) < 0 ||
	    (r = buf_add(out, end, sizeof end)) < 0)
		out->len = before;
	return r;
}

int
rfc2217_put_byte(struct buf *out, uint8_t command, uint8_t value)
{
	return rfc2217_put(out, command, &value, 1);
}

int
rfc2217_put_baud(struct buf *out, uint32_t baud)
{
	uint8_t	value[4];

	be32_put(value, baud);	/* RFC 2217: network byte order */
	return rfc2217_put(out, RFC2217_SET_BAUDRATE, value, sizeof value);
}

bool
telnet_is_new(struct telnet *t, bool offer, uint8_t option)
{
	uint8_t	bit = (uint8_t)(1u << (option & 7));
	uint8_t	*byte = &t->replied[offer][option >> 3];
	bool	was = (*byte & bit) != 0;

	*byte |= bit;
	return !was;
}

int
rfc2217_greet(struct telnet *t, struct buf *out, uint8_t verb)
{
	const struct { uint8_t verb, option; } say[] = {
		{ TELNET_WILL, TELNET_BINARY }, { TELNET_DO, TELNET_BINARY },
		{ TELNET_WILL, TELNET_SGA }, { TELNET_DO, TELNET_SGA },
		{ verb, TELNET_COM_PORT },
	};
	int	r;

	for (size_t i = 0; i < sizeof say / sizeof *say; i++) {
		r = telnet_put_option(out, say[i].verb, say[i].option);
		if (r < 0)
			return r;
		(void)telnet_is_new(t, say[i].verb == TELNET_DO,
		    say[i].option);
	}
	return 0;
}
