#include <stdio.h>
#include <string.h>

#include "proto/base/err.h"
#include "proto/efuse/plan_impl.h"

/* After burning: did a step come out, did a command get what it wanted? */

/* Bits of the block that cannot be read any more. */
static void
unreadable(const struct efuse_state *s, unsigned block,
    uint32_t out[EFUSE_WORDS])
{
	uint32_t			 rd = efuse_number(s, "RD_DIS");
	const struct efuse_block	*b = &s->efuse->blocks[block];
	uint32_t			 low = b->rd_dis & -b->rd_dis;
	uint8_t				 ones[EFUSE_BLOCK_BYTES];
	const struct efuse_field	*f = NULL;
	size_t				 bits = 32 * (size_t)b->words;

	memset(ones, 0xff, sizeof(ones));
	memset(out, 0, EFUSE_WORDS * sizeof(*out));
	if (b->rd_dis == low && rd & low)
		plan_bits_or(out, 0, bits, ones);
	if (b->rd_dis != low && rd & low)
		plan_bits_or(out, 0, bits / 2, ones);
	if (b->rd_dis != low && rd & b->rd_dis & ~low)
		plan_bits_or(out, bits / 2, bits / 2, ones);
	while ((f = efuse_field_next(s, f)))
		if (f->block == block && f->bit != EFUSE_NOWHERE &&
		    f->rd_dis & rd && !b->rd_dis)
			plan_bits_or(out, f->bit, f->bits, ones);
}

/* Wanted bits that can be read, and are not set. */
static bool
missing(const struct efuse_step *st, const struct efuse_state *s)
{
	uint32_t	hidden[EFUSE_WORDS];

	unreadable(s, st->block, hidden);
	for (size_t i = 0; i < EFUSE_WORDS; i++)
		if (st->want[i] & ~hidden[i] & ~s->words[st->block][i])
			return true;
	return false;
}

bool
efuse_step_done(const struct efuse_step *st, const struct efuse_state *s)
{
	return !s->failed[st->block] && s->errors[st->block] == 0 &&
	    !missing(st, s);
}

static bool
lost_bits(unsigned block, const struct efuse_state *before,
    const struct efuse_state *after)
{
	uint32_t	hidden[EFUSE_WORDS];

	unreadable(after, block, hidden);
	for (size_t i = 0; i < EFUSE_WORDS; i++)
		if (before->words[block][i] & ~hidden[i] &
		    ~after->words[block][i])
			return true;
	return false;
}

static void
hidden_line(const struct efuse_block *b, char line[EFUSE_TEXT_MAX])
{
	char	alias[64] = "";

	if (b->alias[1])
		(void)snprintf(alias, sizeof(alias), "'%s', '%s'", b->alias[0],
		    b->alias[1]);	/* fits */
	else if (b->alias[0])
		(void)snprintf(alias, sizeof(alias), "'%s'", b->alias[0]);
	(void)snprintf(line, EFUSE_TEXT_MAX, "%s ([%s]) is read-protected. "
	    "Read back the burn value is not possible.\nRead all '0'", b->name,
	    alias);			/* fits */
}

static int
errors_grew(const struct efuse_step *st, const struct efuse_state *before,
    const struct efuse_state *after, struct why *why)
{
	unsigned	b = st->block;

	if ((!after->failed[b] || before->failed[b]) &&
	    after->errors[b] <= before->errors[b])
		return 0;
	return why_set(why, ERR_VERIFY, "Error(s) were detected in eFuses: %s "
	    "was burned, but reads with errors (%u corrected%s); try "
	    "check-error --recovery, then burn the same again",
	    after->efuse->blocks[b].name, after->errors[b],
	    after->failed[b] ? ", more that cannot be" : "");
}

int
efuse_step_outcome(const struct efuse_step *st,
    const struct efuse_state *before, const struct efuse_state *after,
    char line[EFUSE_TEXT_MAX], struct why *why)
{
	const struct efuse_block	*b = &after->efuse->blocks[st->block];
	uint32_t			 hidden[EFUSE_WORDS];
	bool				 same;
	int				 r;

	r = errors_grew(st, before, after, why);
	if (r < 0)
		return r;
	if (!efuse_block_readable(before, st->block) &&
	    efuse_block_empty(after, st->block)) {
		hidden_line(b, line);
		return 0;
	}
	if (missing(st, after) || lost_bits(st->block, before, after))
		return why_set(why, ERR_VERIFY, "Burn %s was not successful: "
		    "it does not hold all bits that were burned; burn the same "
		    "again", b->name);
	unreadable(after, st->block, hidden);
	if (plan_any(hidden, sizeof(hidden)) && st->block != 0) {
		hidden_line(b, line);
		return 0;
	}
	same = memcmp(st->want, after->words[st->block],
	    sizeof(st->want)) == 0;
	(void)snprintf(line, EFUSE_TEXT_MAX, "BURN BLOCK%-2u - OK (%s)",
	    st->block, same ? "write block == read block" :
	    "all write block bits are set");		/* fits */
	return 0;
}

/* Did the bits of a field arrive? */
static bool
field_arrived(struct efuse_plan *p, const struct plan_check *c,
    const struct efuse_state *after)
{
	const struct efuse_field	*f = c->field;
	uint8_t				 now[EFUSE_BLOCK_BYTES] = { 0 };
	char				 have[EFUSE_TEXT_MAX];
	char				 want[EFUSE_TEXT_MAX];
	size_t				 n = efuse_field_bits(after, f);
	bool				 all = true;

	if (!plan_readable(after, f)) {
		plan_say(p, "Efuse %s is read-protected. Read back the burn "
		    "value is not possible.", f->name);
		return true;
	}
	efuse_bits(after, f, now);
	for (size_t i = 0; i < n; i++)
		if (c->bits[i / 8] >> i % 8 & 1 && !(now[i / 8] >> i % 8 & 1))
			all = false;
	if (all)
		return true;
	efuse_bits_text(now, n, have);
	efuse_bits_text(c->bits, n, want);
	plan_say(p, "%s -> %s Efuse %s failed to burn. Protected?", have, want,
	    f->name);
	return false;
}

static bool
arrived(struct efuse_plan *p, const struct plan_check *c,
    const struct efuse_state *after)
{
	if (c->kind == EFUSE_WISH_FIELD)
		return field_arrived(p, c, after);
	if (c->kind == EFUSE_WISH_HIDE && efuse_readable(after, c->field)) {
		plan_say(p, "Efuse %s is not read-protected.", c->field->name);
		return false;
	}
	if (c->kind == EFUSE_WISH_LOCK && efuse_writable(after, c->field)) {
		plan_say(p, "Efuse %s is not write-protected.",
		    c->field->name);
		return false;
	}
	return true;
}

/* What get-custom-mac says. */
static void
say_mac(struct efuse_plan *p, const struct efuse_field *f,
    const struct efuse_state *after)
{
	char	text[EFUSE_TEXT_MAX];

	efuse_value(after, f, text);
	if (!(after->efuse->flags & EFUSE_CHIP_ESP32))
		plan_say(p, "Custom MAC Address: %s", text);
	else if (efuse_number(after, "MAC_VERSION") > 0)
		plan_say(p, "Custom MAC Address version %u: %s",
		    efuse_number(after, "MAC_VERSION"), text);
	else
		plan_say(p, "Custom MAC Address is not set in the device.");
}

int
efuse_plan_confirm(struct efuse_plan *p, const struct efuse_state *after,
    unsigned command, struct why *why)
{
	bool	ok = true, said = false;

	for (size_t i = 0; i < p->check_count; i++) {
		const struct plan_check	*c = &p->checks[i];

		if (c->command != command)
			continue;
		if (!said && (c->kind == EFUSE_WISH_FIELD ||
		    c->kind == EFUSE_WISH_HIDE || c->kind == EFUSE_WISH_LOCK)) {
			plan_say(p, "Checking eFuses...");
			said = true;
		}
		if (!arrived(p, c, after))
			ok = false;
		if (c->kind == EFUSE_WISH_MAC)
			say_mac(p, c->field, after);
	}
	if (!ok)
		return why_set(why, ERR_VERIFY, "The burn was not successful: "
		    "not all eFuses hold what was to be burned; burn the same "
		    "again");
	plan_say(p, "Successful.");
	return 0;
}
