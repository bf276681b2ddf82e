/*
 * reset_parse - the reset sequences that users write.  Pure: text in, rows
 * out.
 */
#include "daemon/link/reset.h"

#include <ctype.h>
#include <string.h>

#include "proto/base/err.h"
#include "proto/base/text.h"

enum {
	STEP_SHOWN	= 32,		/* bytes of a bad step that are shown */
	SECONDS_MAX	= RESET_TOTAL_MS / 1000,
};

/* Where the reading is. */
struct reader {
	const char		*at;	/* the running step */
	size_t			 len;	/* of it */
	unsigned		 number;	/* from 1 */
	uint32_t		 total_ms;
	struct reset_custom	*out;
	struct why		*why;
};

static int
bad_step(struct reader *r, const char *reason)
{
	char	shown[STEP_SHOWN];

	text_printable(shown, sizeof shown, r->at, r->len);
	return why_set(r->why, ERR_PARAMS, "step %u of the reset sequence, "
	    "\"%s\", is wrong: %s", r->number, shown, reason);
}

static bool
is_bit(char c)
{
	return c == '0' || c == '1';
}

static int
add(struct reader *r, bool dtr, bool rts)
{
	struct reset_custom	*c = r->out;

	if (c->count == RESET_STEPS_MAX)
		return bad_step(r, "a sequence has at most 64 steps that set "
		    "lines");
	c->steps[c->count++] = (struct reset_step){ .dtr = dtr, .rts = rts };
	return 0;
}

/* Digits with a fraction behind them or without, to milliseconds, rounded up;
 * false when it is something else or too much. */
static bool
read_ms(const char *s, size_t len, uint32_t *ms)
{
	uint32_t	value = 0, unit = 1000, rest = 0;
	size_t		i = 0;

	for (; i < len && isdigit((unsigned char)s[i]); i++) {
		value = value * 10 + (uint32_t)(s[i] - '0');
		if (value > SECONDS_MAX)
			return false;
	}
	if (i == 0)
		return false;
	value *= 1000;
	if (i < len && (s[i++] != '.' || i == len))
		return false;
	for (; i < len && isdigit((unsigned char)s[i]); i++) {
		unit /= 10;
		value += unit * (uint32_t)(s[i] - '0');
		rest |= unit == 0 && s[i] != '0';
	}
	*ms = value + rest;
	return i == len;
}

/* A pause belongs to the step before it. */
static int
add_pause(struct reader *r)
{
	uint32_t	ms;

	if (!read_ms(r->at + 1, r->len - 1, &ms))
		return bad_step(r, "W takes seconds from 0 to 60, as in W0.1");
	if (ms > RESET_TOTAL_MS - r->total_ms)
		return bad_step(r, "all pauses together are longer than 60 "
		    "seconds");
	r->total_ms += ms;
	if (r->out->count == 0 && add(r, false, false) < 0)
		return ERR_PARAMS;
	r->out->steps[r->out->count - 1].ms += ms;
	return 0;
}

static int
read_step(struct reader *r)
{
	const struct reset_custom	*c = r->out;
	bool				 dtr = false, rts = false;

	if (c->count > 0) {
		dtr = c->steps[c->count - 1].dtr;
		rts = c->steps[c->count - 1].rts;
	}
	switch (r->len == 0 ? '\0' : r->at[0]) {
	case 'D':
		if (r->len != 2 || !is_bit(r->at[1]))
			return bad_step(r, "D takes 0 or 1");
		return add(r, r->at[1] == '1', rts);
	case 'R':
		if (r->len != 2 || !is_bit(r->at[1]))
			return bad_step(r, "R takes 0 or 1");
		return add(r, dtr, r->at[1] == '1');
	case 'U':
		if (r->len != 4 || !is_bit(r->at[1]) || r->at[2] != ',' ||
		    !is_bit(r->at[3]))
			return bad_step(r, "U takes DTR and RTS, as in U0,1");
		return add(r, r->at[1] == '1', r->at[3] == '1');
	case 'W':
		return add_pause(r);
	default:
		return bad_step(r, "a step is D0, D1, R0, R1, U0,1 or W0.1, "
		    "with | between steps and no blanks");
	}
}

int
reset_parse(const char *text, struct reset_custom *out, struct why *why)
{
	struct reset_custom	found = { .count = 0 };
	struct reader		r = { .at = text, .out = &found, .why = why };

	if (*text == '\0')
		return why_set(why, ERR_PARAMS, "the reset sequence is empty");
	for (;;) {
		r.number++;
		r.len = strcspn(r.at, "|");
		if (read_step(&r) < 0)
			return ERR_PARAMS;
		if (r.at[r.len] == '\0')
			break;
		r.at += r.len + 1;
	}
	*out = found;
	return 0;
}
