#include "tests/sim/rfc2217.h"

#include <string.h>

#include "proto/base/bytes.h"

enum telnet {
	IAC	= 255,
	DONT	= 254,
	DO	= 253,
	WONT	= 252,
	WILL	= 251,
	SB	= 250,
	SE	= 240,

	OPT_BINARY	= 0,
	OPT_SGA		= 3,
	OPT_COM_PORT	= 44,
};

/* RFC 2217, section 3; the server's codes are these plus 100. */
enum com_port {
	SIGNATURE	= 0,
	SET_BAUDRATE	= 1,
	SET_DATASIZE	= 2,
	SET_PARITY	= 3,
	SET_STOPSIZE	= 4,
	SET_CONTROL	= 5,
	NOTIFY_MODEMSTATE = 7,
	SET_LINESTATE_MASK = 10,
	SET_MODEMSTATE_MASK = 11,
	PURGE_DATA	= 12,
	TO_CLIENT	= 100,

	MODEM_CTS_DSR_CD = 0xb0,
};

void
rfc2217_init(struct rfc2217 *r, const struct rfc2217_ops *ops, void *ctx)
{
	memset(r, 0, sizeof(*r));
	r->ops = ops;
	r->ctx = ctx;
	r->bps = 115200;
	r->datasize = 8;
	r->parity = 1;		/* none */
	r->stopsize = 1;
	r->flow = 1;		/* none */
}

size_t
rfc2217_escape(const uint8_t *p, size_t len, uint8_t *out)
{
	size_t	n = 0;

	for (size_t i = 0; i < len; i++) {
		if (p[i] == IAC)
			out[n++] = IAC;
		out[n++] = p[i];
	}
	return n;
}

static void
rfc2217_option(struct rfc2217 *r, uint8_t opt)
{
	bool	known = opt == OPT_BINARY || opt == OPT_SGA ||
	    opt == OPT_COM_PORT;
	bool	theirs = r->verb == WILL || r->verb == WONT;
	bool	on = r->verb == WILL || r->verb == DO;
	bool	*now, want = on && known;
	uint8_t	answer[3] = { IAC, 0, opt };

	answer[1] = theirs ? (want ? DO : DONT) : (want ? WILL : WONT);
	if (opt < RFC2217_OPTIONS) {
		now = theirs ? &r->them[opt] : &r->us[opt];
		/* An answer only to a change, or the two would never stop. */
		if (*now == want && want == on)
			return;
		*now = want;
	} else if (!on)
		return;
	r->ops->reply(r->ctx, answer, sizeof(answer));
}

static void
rfc2217_answer(struct rfc2217 *r, uint8_t code, const uint8_t *value,
    size_t len)
{
	uint8_t	out[4 + 2 * RFC2217_SUB + 2] = {
		IAC, SB, OPT_COM_PORT, (uint8_t)(code + TO_CLIENT)
	};
	size_t	n = 4 + rfc2217_escape(value, len, out + 4);

	out[n++] = IAC;
	out[n++] = SE;
	r->ops->reply(r->ctx, out, n);
}

/* Section 3, SET-CONTROL: 0..3 flow, 4..6 break, 7..9 DTR, 10..12 RTS; the
 * first of each group asks. */
static uint8_t
rfc2217_control(struct rfc2217 *r, uint8_t v)
{
	switch (v) {
	case 0:
		return r->flow;
	case 1:
	case 2:
	case 3:
		return r->flow = v;
	case 4:
		return r->brk ? 5 : 6;
	case 5:
	case 6:
		r->brk = v == 5;
		return v;
	case 7:
		return r->dtr ? 8 : 9;
	case 8:
	case 9:
		r->dtr = v == 8;
		r->ops->lines(r->ctx, r->dtr, r->rts);
		return v;
	case 10:
		return r->rts ? 11 : 12;
	case 11:
	case 12:
		r->rts = v == 11;
		r->ops->lines(r->ctx, r->dtr, r->rts);
		return v;
	}
	return v == 13 ? 14 : v;	/* inbound flow control: none */
}

static void
rfc2217_baud(struct rfc2217 *r, const uint8_t *value)
{
	uint8_t	now[4];

	if (be32_get(value) != 0) {
		r->bps = be32_get(value);
		r->ops->baud(r->ctx, r->bps);
	}
	be32_put(now, r->bps);
	rfc2217_answer(r, SET_BAUDRATE, now, sizeof(now));
}

/* Set (0: only ask) one of the small settings. */
static void
rfc2217_setting(struct rfc2217 *r, uint8_t code, uint8_t *setting, uint8_t v)
{
	if (v != 0)
		*setting = v;
	rfc2217_answer(r, code, setting, 1);
}

static void
rfc2217_sub(struct rfc2217 *r)
{
	const uint8_t	*v = r->sub + 2;
	static const uint8_t name[] = "espsim";
	uint8_t		code, byte;

	if (r->sub_len < 2 || r->sub[0] != OPT_COM_PORT)
		return;
	code = r->sub[1];
	if (code == SIGNATURE) {
		rfc2217_answer(r, code, name, sizeof(name) - 1);
		return;
	}
	if (r->sub_len < (code == SET_BAUDRATE ? 6u : 3u))
		return;
	byte = v[0];
	switch (code) {
	case SET_BAUDRATE:
		rfc2217_baud(r, v);
		break;
	case SET_DATASIZE:
		rfc2217_setting(r, code, &r->datasize, byte);
		break;
	case SET_PARITY:
		rfc2217_setting(r, code, &r->parity, byte);
		break;
	case SET_STOPSIZE:
		rfc2217_setting(r, code, &r->stopsize, byte);
		break;
	case SET_CONTROL:
		byte = rfc2217_control(r, byte);
		rfc2217_answer(r, code, &byte, 1);
		break;
	case SET_LINESTATE_MASK:
		r->line_mask = byte;
		rfc2217_answer(r, code, &byte, 1);
		break;
	case SET_MODEMSTATE_MASK:
		r->modem_mask = byte;
		rfc2217_answer(r, code, &byte, 1);
		byte = MODEM_CTS_DSR_CD & r->modem_mask;
		rfc2217_answer(r, NOTIFY_MODEMSTATE, &byte, 1);
		break;
	case PURGE_DATA:
		r->ops->purge(r->ctx, byte & 1, byte & 2);
		rfc2217_answer(r, code, &byte, 1);
		break;
	}
}

static void
rfc2217_special(struct rfc2217 *r, uint8_t c)
{
	static const uint8_t	iac = IAC;

	r->state = TELNET_DATA;
	if (c == IAC)
		r->ops->data(r->ctx, &iac, 1);
	else if (c >= WILL) {
		r->verb = c;
		r->state = TELNET_OPTION;
	} else if (c == SB) {
		r->sub_len = 0;
		r->state = TELNET_SUB;
	}
}

static void
rfc2217_sub_byte(struct rfc2217 *r, uint8_t c)
{
	if (r->sub_len < sizeof(r->sub))
		r->sub[r->sub_len++] = c;
}

static void
rfc2217_byte(struct rfc2217 *r, uint8_t c)
{
	switch (r->state) {
	case TELNET_DATA:
		break;		/* not reached: taken in runs */
	case TELNET_IAC:
		rfc2217_special(r, c);
		break;
	case TELNET_OPTION:
		r->state = TELNET_DATA;
		rfc2217_option(r, c);
		break;
	case TELNET_SUB:
		if (c == IAC)
			r->state = TELNET_SUB_IAC;
		else
			rfc2217_sub_byte(r, c);
		break;
	case TELNET_SUB_IAC:
		r->state = c == SE ? TELNET_DATA : TELNET_SUB;
		if (c == SE)
			rfc2217_sub(r);
		else
			rfc2217_sub_byte(r, c);
		break;
	}
}

void
rfc2217_receive(struct rfc2217 *r, const uint8_t *p, size_t len)
{
	while (len > 0) {
		const uint8_t	*iac = p;
		size_t		 n;

		if (r->state != TELNET_DATA) {
			rfc2217_byte(r, *p++);
			len--;
			continue;
		}
		iac = memchr(p, IAC, len);
		n = iac != NULL ? (size_t)(iac - p) : len;
		if (n > 0)
			r->ops->data(r->ctx, p, n);
		p += n;
		len -= n;
		if (len > 0) {
			r->state = TELNET_IAC;
			p++;
			len--;
		}
	}
}
