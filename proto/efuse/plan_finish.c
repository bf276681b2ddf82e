#include <stdio.h>
#include <string.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/efuse/coding.h"
#include "proto/efuse/plan_impl.h"

/*
 * Every block is compared with what it holds; then the steps are made, and
 * nothing before that: a plan with an error has none.
 */

/* Chunks of the 3/4 coding: of a block, bits of each. */
enum { CHUNKS = 4, CHUNK_BITS = 8 * CODING_34_DATA };

static bool
words_any(const uint32_t *w)
{
	return plan_any(w, EFUSE_WORDS * sizeof(*w));
}

static bool
words_within(const uint32_t *w, const uint32_t *in)
{
	for (size_t i = 0; i < EFUSE_WORDS; i++)
		if (w[i] & ~in[i])
			return false;
	return true;
}

static const char *
block_name(const struct efuse_plan *p, unsigned block)
{
	return p->before.efuse->blocks[block].name;
}

/* "\t(written ): 0x00..."; of a key without --show-sensitive-info nothing. */
static void
words_line(struct efuse_plan *p, unsigned block, const char *what,
    const uint32_t *words, size_t bit, size_t count)
{
	uint8_t	bytes[EFUSE_BLOCK_BYTES];
	char	text[EFUSE_TEXT_MAX];

	plan_bits_get(words, bit, count, bytes);
	efuse_bits_text(bytes, count, text);
	for (char *c = text + 2; p->hidden >> block & 1 && *c; c++)
		*c = '?';
	plan_say(p, "\t%s%s", what, text);
	explicit_bzero(bytes, sizeof(bytes));
	explicit_bzero(text, sizeof(text));
}

/* A chunk is burned with its check bytes, once.  Said line by line, as the
 * reference counts: the chunk of the last bytes is [0]. */
static int
check_chunks(struct efuse_plan *p, unsigned block, struct why *why)
{
	uint32_t	*want = p->want[block];
	uint32_t	*now = p->before.words[block];
	uint8_t		 w[EFUSE_BLOCK_BYTES], r[EFUSE_BLOCK_BYTES];
	uint8_t		 none[EFUSE_BLOCK_BYTES] = { 0 };
	bool		 bad = false, within, has;

	plan_say(p, "\t(coding scheme = 3/4)");
	for (size_t i = 0; i < CHUNKS; i++) {
		size_t	bit = (CHUNKS - 1 - i) * CHUNK_BITS;

		plan_bits_get(want, bit, CHUNK_BITS, w);
		plan_bits_get(now, bit, CHUNK_BITS, r);
		if (memcmp(w, none, sizeof(w)) == 0 ||
		    memcmp(r, none, sizeof(r)) == 0)
			continue;
		within = has = true;
		for (size_t k = 0; k < sizeof(w); k++) {
			within = within && !(w[k] & ~r[k]);
			has = has && !(r[k] & ~w[k]);
		}
		if (p->before.failed[block] && has)
			continue;	/* cut while it was burned: once more */
		if (within) {
			plan_say(p, "\twritten chunk [%zu] and wr_chunk are "
			    "not empty. %s Continue with empty chunk.", i, has ?
			    "wr_chunk == rd_chunk." :
			    "All bits of wr_chunk are set.");
			for (size_t k = bit; k < bit + CHUNK_BITS; k++)
				want[k / 32] &= ~(1u << k % 32);
			continue;
		}
		plan_say(p, "\twritten chunk [%zu] and wr_chunk are not empty. "
		    "wr_chunk != rd_chunk. Can not burn.", i);
		words_line(p, block, "written ", now, bit, CHUNK_BITS);
		words_line(p, block, "to write", want, bit, CHUNK_BITS);
		bad = true;
	}
	explicit_bzero(w, sizeof(w));
	if (!bad)
		return 0;
	char	text[WHY_MAX];

	(void)snprintf(text, sizeof(text), "\tBurn into %s is forbidden (3/4 "
	    "coding scheme does not allow this).", block_name(p, block));
	return plan_object(p, &p->wishes[p->count - 1],
	    p->always >> block & 1, why, text);
}

/* The block is not empty, and not all that is wanted is set in it. */
static int
check_more(struct efuse_plan *p, unsigned block, struct why *why)
{
	char	text[WHY_MAX];

	switch (efuse_block_coding(&p->before, block)) {
	case EFUSE_34:
		return check_chunks(p, block, why);
	case EFUSE_PLAIN:
	case EFUSE_RECOVERY:
	case EFUSE_REPEAT:
		plan_say(p, "\t(coding scheme = NONE)");
		return 0;
	case EFUSE_RS:
		break;
	}
	plan_say(p, "\t(coding scheme = RS)");
	if (p->before.failed[block] &&
	    words_within(p->before.words[block], p->want[block])) {
		plan_note(p, "%s holds a part of what is burned, as a burn "
		    "that was cut short leaves it: it is burned whole once more",
		    block_name(p, block));
		return 0;
	}
	(void)snprintf(text, sizeof(text), "\tBurn into %s is forbidden (RS "
	    "coding scheme does not allow this).", block_name(p, block));
	if (p->always >> block & 1)
		plan_note(p, "%s is burned a second time: its check bytes will "
		    "be wrong, and the chip may read anything there",
		    block_name(p, block));
	return plan_object(p, &p->wishes[p->count - 1],
	    p->always >> block & 1, why, text);
}

/* Bits that are not set yet, in fields that are protected. */
static int
check_fields(struct efuse_plan *p, unsigned block, struct why *why)
{
	const struct efuse_state	*s = &p->before;
	const struct efuse_field	*f = NULL;
	uint32_t			 more[EFUSE_WORDS];
	uint8_t				 bits[EFUSE_BLOCK_BYTES];

	for (size_t i = 0; i < EFUSE_WORDS; i++)
		more[i] = p->want[block][i] & ~s->words[block][i];
	while ((f = efuse_field_next(s, f))) {
		if (f->block != block || f->bit == EFUSE_NOWHERE)
			continue;
		plan_bits_get(more, f->bit, efuse_field_bits(s, f), bits);
		if (!plan_any(bits, sizeof(bits)))
			continue;
		if (plan_protected(p, f->name, plan_readable(s, f) ||
		    p->always >> block & 1, efuse_writable(s, f), NULL, false,
		    why) < 0)
			return ERR_SECURITY;
	}
	return 0;
}

static int
check_block(struct efuse_plan *p, unsigned block, struct why *why)
{
	const struct efuse_state	*s = &p->before;
	uint32_t			*want = p->want[block];
	const uint32_t			*now = s->words[block];
	size_t				 bits;
	bool				 set, same;
	int				 r;

	if (!words_any(want))
		return 0;
	set = words_within(want, now) && (block == 0 || !s->failed[block]);
	r = plan_protected(p, block_name(p, block),
	    efuse_block_readable(s, block), set ||
	    efuse_block_writable(s, block), &p->wishes[p->count - 1],
	    p->always >> block & 1, why);
	if (r == 0)
		r = check_fields(p, block, why);
	if (r < 0)
		return r;
	if (efuse_block_empty(s, block)) {
		plan_say(p, "[%02u] %-20s is empty, will burn the new value",
		    block, block_name(p, block));
		return 0;
	}
	same = set && words_within(now, want);
	if (same) {
		plan_say(p, "[%02u] %-20s is already written the same value, "
		    "continue with EMPTY_BLOCK", block, block_name(p, block));
		if (p->secrets >> block & 1)
			plan_note(p, "%s holds this key already, as a burn "
			    "that was cut short leaves it: the key is not "
			    "burned again", block_name(p, block));
		memset(want, 0, sizeof(p->want[block]));
		return 0;
	}
	bits = 8 * efuse_block_bytes(s, block);
	plan_say(p, "[%02u] %-20s is not empty", block, block_name(p, block));
	words_line(p, block, "(written ): ", now, 0, bits);
	words_line(p, block, "(to write): ", want, 0, bits);
	if (!set)
		return check_more(p, block, why);
	plan_say(p, "\tAll wr_data bits are set in the written block, continue "
	    "with EMPTY_BLOCK.");
	memset(want, 0, sizeof(p->want[block]));
	return 0;
}

/* The boot ROM reads the digest of a public key: RD_DIS burned as a number may
 * hide one as well. */
static int
check_digests(struct efuse_plan *p, struct why *why)
{
	const struct efuse_block	*b = p->before.efuse->blocks;
	const struct efuse_field	*f;
	const struct efuse_purpose	*of;
	struct efuse_purpose		 room;
	uint32_t			 more;

	more = plan_number(p, "RD_DIS") & ~efuse_number(&p->before, "RD_DIS");
	for (; b->name && !p->force; b++) {
		f = b->purpose && b->rd_dis & more ?
		    plan_field(p, b->purpose) : NULL;
		of = f ? efuse_purpose_of(p->before.efuse,
		    plan_purpose(p, f, true), &room) : NULL;
		if (of && of->flags & EFUSE_DIGEST)
			return why_set(why, ERR_SECURITY, "%s must be "
			    "readable, stop this operation! It holds %s, which "
			    "the chip reads when it starts", b->name, of->name);
	}
	return 0;
}

/* ESP32: blocks 1 to 3 would read as something else than was burned. */
static int
check_recoded(struct efuse_plan *p, struct why *why)
{
	for (unsigned b = 1; b < efuse_block_count(p->before.efuse); b++) {
		if (words_any(p->want[b]))
			return why_set(why, ERR_CONFLICT, "%s would be burned "
			    "with the coding that CODING_SCHEME changes; burn "
			    "CODING_SCHEME first, and then the block",
			    block_name(p, b));
		if (!efuse_block_empty(&p->before, b) && !p->force)
			return why_set(why, ERR_SECURITY, "%s was burned with "
			    "another coding than CODING_SCHEME would say: it "
			    "would read as something else (burn-efuse --force "
			    "burns it all the same)", block_name(p, b));
	}
	return 0;
}

/* ESP32: how blocks 1 to 3 are kept is a fuse itself. */
static int
check_coding(struct efuse_plan *p, struct why *why)
{
	const struct efuse_field	*f = plan_field(p, "CODING_SCHEME");
	unsigned			 now, then;
	bool				 others = false;

	if (!f)
		return 0;
	now = efuse_number(&p->before, f->name);
	then = plan_number(p, f->name);
	if (then != now && then == EFUSE_REPEAT)
		return why_set(why, ERR_UNSUPPORTED, "CODING_SCHEME 2 (repeat) "
		    "is used by nobody: no tool could read the chip any more");
	if (then == EFUSE_34 && f->rd_dis & plan_number(p, "RD_DIS") &&
	    !p->force)
		return why_set(why, ERR_SECURITY, "CODING_SCHEME must be "
		    "readable: every tool would take BLOCK1 to BLOCK3 as not "
		    "coded, and burn them wrong");
	if ((then == EFUSE_34) != (p->before.coding == EFUSE_34) &&
	    then != now)
		return check_recoded(p, why);
	for (unsigned b = 1; b < efuse_block_count(p->before.efuse); b++)
		others = others || words_any(p->want[b]);
	if (others && !efuse_readable(&p->before, f))
		plan_note(p, "CODING_SCHEME can not be read: the blocks are "
		    "burned as if they were not coded");
	return 0;
}

static int
check_crystal(struct efuse_plan *p, struct why *why)
{
	const uint8_t	*xtals = p->before.efuse->control.xtals;
	char		 list[32] = "";
	size_t		 n = 0;

	if (!xtals || p->step_count == 0)
		return 0;
	for (size_t i = 0; xtals[i]; i++) {
		if (xtals[i] == p->before.raw.xtal_mhz)
			return 0;
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%uM",
		    i ? " and " : "", xtals[i]);	/* two of them */
	}
	return why_set(why, ERR_UNSUPPORTED, "The eFuse supports only xtal=%s "
	    "(xtal was %u): %s cannot be burned with this crystal; nothing was "
	    "burned", list, p->before.raw.xtal_mhz,
	    p->before.efuse->chip->name);
}

/* What goes into the registers for these bits of a block. */
static void
code_step(struct efuse_plan *p, struct efuse_step *st)
{
	const struct efuse_chip	*e = p->before.efuse;
	uint8_t			 data[EFUSE_BLOCK_BYTES];
	uint8_t			 coded[4 * EFUSE_BURN_WORDS] = { 0 };

	plan_bits_get(st->want, 0, 32 * EFUSE_WORDS, data);
	/* BLOCK0 of the ESP32-S31 is longer than the registers for data. */
	st->burn_words = e->blocks[st->block].words;
	if (!(e->flags & EFUSE_CHIP_ESP32) &&
	    st->burn_words < CODING_RS_DATA / 4)
		st->burn_words = CODING_RS_DATA / 4;
	switch (efuse_block_coding(&p->before, st->block)) {
	case EFUSE_RS:
		memcpy(coded, data, CODING_RS_DATA);
		coding_rs(data, coded + CODING_RS_DATA);
		st->burn_words = EFUSE_BURN_WORDS;
		break;
	case EFUSE_34:
		coding_34(data, CHUNKS * CODING_34_DATA, coded);
		break;
	case EFUSE_PLAIN:
	case EFUSE_RECOVERY:
	case EFUSE_REPEAT:
		/* What is set is left alone, unless its copies differ. */
		for (size_t i = 0; i < EFUSE_WORDS; i++) {
			uint32_t	w = p->before.words[st->block][i];

			if (st->block == 0)
				w &= ~p->before.err0[i];
			le32_put(coded + 4 * i,
			    st->repair ? st->want[i] : st->want[i] & ~w);
		}
		break;
	}
	for (size_t i = 0; i < st->burn_words; i++)
		st->burn[i] = le32_get(coded + 4 * i);
	explicit_bzero(data, sizeof(data));
	explicit_bzero(coded, sizeof(coded));
}

static void
add_step(struct efuse_plan *p, unsigned block, bool late, bool repair,
    const uint32_t *want)
{
	struct efuse_step	*st = &p->steps[p->step_count];

	*st = (struct efuse_step){ .block = block, .late = late,
	    .repair = repair };
	memcpy(st->want, want, sizeof(st->want));
	code_step(p, st);
	if (plan_any(st->burn, st->burn_words * sizeof(st->burn[0])))
		p->step_count++;
}

/* The bits of BLOCK0 that are burned at the very end. */
static void
late_mask(struct efuse_plan *p, uint32_t mask[EFUSE_WORDS])
{
	char				 name[EFUSE_NAME_MAX];
	uint8_t				 ones[EFUSE_BLOCK_BYTES];
	const struct efuse_field	*f;

	memset(ones, 0xff, sizeof(ones));
	memset(mask, 0, EFUSE_WORDS * sizeof(*mask));
	for (size_t i = 0; plan_word_at(p->before.efuse->late, i, name); i++) {
		f = plan_field(p, name);
		if (f)
			plan_bits_or(mask, f->bit, f->bits, ones);
	}
}

static void
split_block0(struct efuse_plan *p)
{
	uint32_t	mask[EFUSE_WORDS], part[EFUSE_WORDS];

	late_mask(p, mask);
	for (int late = 0; late < 2; late++) {
		for (size_t i = 0; i < EFUSE_WORDS; i++)
			part[i] = p->want[0][i] & (late ? mask[i] : ~mask[i]);
		if (words_any(part))
			add_step(p, 0, late, false, part);
	}
}

/* The reference says this whenever it burns anything. */
static void
say_late(struct efuse_plan *p)
{
	char				 name[EFUSE_NAME_MAX];
	const struct efuse_field	*f;
	uint8_t				 now[EFUSE_BLOCK_BYTES];
	uint8_t				 want[EFUSE_BLOCK_BYTES];
	bool				 more;

	plan_text_add(&p->late, "Burn postponed eFuses from BLOCK0.");
	for (size_t i = 0; plan_word_at(p->before.efuse->late, i, name); i++) {
		f = plan_field(p, name);
		if (!f)
			continue;
		plan_bits_get(p->before.words[0], f->bit, f->bits, now);
		plan_bits_get(p->want[0], f->bit, f->bits, want);
		more = false;
		for (size_t k = 0; k < sizeof(now); k++)
			more = more || want[k] & ~now[k];
		if (!more && plan_any(now, sizeof(now)))
			plan_text_add(&p->late, "\tThe same value for %s is "
			    "already burned. Do not change the eFuse.", name);
	}
}

/*
 * Blocks with errors are burned as they read once more.  A Reed-Solomon block
 * that could not be corrected reads as something else than was burned: to burn
 * that would make it worse.
 */
static void
repair_steps(struct efuse_plan *p)
{
	const struct efuse_state	*s = &p->before;
	unsigned			 b = (unsigned)efuse_block_count(s->efuse);

	while (b-- > 0) {
		if ((!s->failed[b] && s->errors[b] == 0) ||
		    efuse_block_empty(s, b))
			continue;
		if (efuse_block_coding(s, b) == EFUSE_RS && s->failed[b])
			plan_note(p, "%s has more errors than its check bytes "
			    "can correct: it is left alone; burn what it was "
			    "to hold once more instead", block_name(p, b));
		else if (!efuse_block_writable(s, b))
			plan_note(p, "%s has errors, but it is write-protected",
			    block_name(p, b));
		else
			add_step(p, b, false, true, s->words[b]);
	}
}

/* What a field gets is what was asked for it, not more: a key or a MAC with the
 * bits of another wish in it is another one. */
static int
check_claims(struct efuse_plan *p, struct why *why)
{
	const struct efuse_field	*f = NULL;
	uint32_t			 more[EFUSE_WORDS];
	uint8_t				 bits[EFUSE_BLOCK_BYTES];

	while ((f = efuse_field_next(&p->before, f))) {
		const uint32_t	*claimed = p->claimed[f->block];

		if (f->bit == EFUSE_NOWHERE)
			continue;
		for (size_t i = 0; i < EFUSE_WORDS; i++)
			more[i] = p->want[f->block][i] &
			    ((claimed[i] & ~p->claims[f->block][i]) |
			    p->untouched[f->block][i]);
		plan_bits_get(more, f->bit, efuse_field_bits(&p->before, f),
		    bits);
		if (plan_any(bits, sizeof(bits)))
			return why_set(why, ERR_CONFLICT, "%s is to be burned "
			    "with one value, and another wish would set more "
			    "bits of it", f->name);
	}
	return 0;
}

static int
check_all(struct efuse_plan *p, struct why *why)
{
	unsigned	count = (unsigned)efuse_block_count(p->before.efuse);
	int		r;

	r = check_claims(p, why);
	if (r < 0)
		return r;
	plan_say(p, "%s", "");
	plan_say(p, "Check all blocks for burn...");
	plan_say(p, "idx, BLOCK_NAME,          Conclusion");
	for (unsigned b = 0; b < count; b++) {
		r = check_block(p, b, why);
		if (r < 0)
			return r;
	}
	/* burn-efuse asked already; bits and blocks come this way. */
	if (!p->force && plan_incompatible(p))
		return why_set(why, ERR_CONFLICT, "Incompatible eFuse settings "
		    "detected, abort. (use --force flag to skip it).");
	r = check_digests(p, why);
	return r == 0 ? check_coding(p, why) : r;
}

static void
make_steps(struct efuse_plan *p)
{
	unsigned	b = (unsigned)efuse_block_count(p->before.efuse);

	while (b-- > 1)
		if (words_any(p->want[b]))
			add_step(p, b, false, false, p->want[b]);
	if (p->postpone)
		split_block0(p);
	else if (words_any(p->want[0]))
		add_step(p, 0, false, false, p->want[0]);
	if (p->step_count == 0)
		plan_say(p, "Nothing to burn, see messages above.");
	else if (p->postpone)
		say_late(p);
}

int
efuse_plan_finish(struct efuse_plan *p, struct why *why)
{
	int	r = efuse_plan_command(p, why);

	if (r == 0 && p->burns && p->repair)
		r = why_set(why, ERR_CONFLICT, "repair damaged blocks first, "
		    "and burn the rest when they read well");
	if (r == 0 && p->burns)
		r = check_all(p, why);
	if (r == 0 && p->repair)
		repair_steps(p);
	if (r == 0 && p->burns)
		make_steps(p);
	if (r == 0)
		r = check_crystal(p, why);
	if (r == 0)
		r = plan_predict(p, why);
	if (r == 0 && (p->lines.lost || p->late.lost || p->notes.lost))
		r = ERR_NOMEM;
	if (r < 0) {
		explicit_bzero(p->steps, sizeof(p->steps));
		p->step_count = 0;
		p->failed = r;
	}
	p->finished = true;
	return r;
}
