#include <stdio.h>
#include <string.h>

#include "proto/base/err.h"
#include "proto/efuse/plan_impl.h"

/*
 * What a plan leads to: the fuses as they will read, and what of it changes.
 * The prediction is made from the bits, not by burning a chip that is a file:
 * so the one can be held against the other.
 */

static uint32_t *
word_at(struct efuse_raw *raw, const struct efuse_block *b, size_t i)
{
	return &raw->window[b->read / 4 + i];
}

/* Zeros where reading is forbidden: blocks, halves of them, fields. */
static void
hide(struct efuse_raw *raw, const struct efuse_state *full)
{
	uint32_t			 rd = efuse_number(full, "RD_DIS");
	const struct efuse_field	*f = NULL;

	for (const struct efuse_block *b = full->efuse->blocks; b->name; b++) {
		uint32_t	low = b->rd_dis & -b->rd_dis;
		bool		halves = b->rd_dis != low;
		size_t		half = b->words / 2;

		if (rd & low)
			memset(word_at(raw, b, 0), 0,
			    4 * (halves ? half : b->words));
		if (halves && rd & b->rd_dis & ~low)
			memset(word_at(raw, b, half), 0, 4 * half);
	}
	while ((f = efuse_field_next(full, f))) {
		const struct efuse_block *b = &full->efuse->blocks[f->block];

		/* A key's field lies in a block that was hidden above. */
		if (!(f->rd_dis & rd) || f->bit == EFUSE_NOWHERE || b->rd_dis)
			continue;
		for (size_t i = f->bit; i < (size_t)f->bit + f->bits; i++)
			*word_at(raw, b, i / 32) &= ~(1u << i % 32);
	}
}

int
plan_predict(struct efuse_plan *p, struct why *why)
{
	struct efuse_raw	raw = p->before.raw;
	int			r;

	for (size_t s = 0; s < p->step_count; s++) {
		const struct efuse_step	*st = &p->steps[s];
		const struct efuse_block *b =
		    &p->before.efuse->blocks[st->block];

		for (size_t i = 0; i < b->words; i++)
			*word_at(&raw, b, i) |= st->want[i];
	}
	r = efuse_state_read(&p->full, &raw, p->before.user, why);
	if (r == 0) {
		hide(&raw, &p->full);
		r = efuse_state_read(&p->after, &raw, p->before.user, why);
	}
	explicit_bzero(&raw, sizeof(raw));
	p->full.shown |= p->before.shown;
	p->after.shown |= p->before.shown;
	return r;
}

/* "?? ?? ??" for bytes that are nobody's business. */
static void
mask(const struct efuse_state *s, const struct efuse_field *f,
    char out[EFUSE_TEXT_MAX])
{
	size_t	n = efuse_field_bits(s, f) / 8;

	if (f->type != EFUSE_BYTES || 3 * n > EFUSE_TEXT_MAX) {
		(void)snprintf(out, EFUSE_TEXT_MAX, "?");
		return;
	}
	for (size_t i = 0; i < n; i++)
		memcpy(out + 3 * i, "?? ", 3);
	out[n ? 3 * n - 1 : 0] = '\0';
}

/* Its bits, or what they mean: that may depend on other bits. */
static bool
changed(const struct efuse_plan *p, const struct efuse_field *f)
{
	uint8_t	a[EFUSE_BLOCK_BYTES] = { 0 }, b[EFUSE_BLOCK_BYTES] = { 0 };
	char	before[EFUSE_TEXT_MAX], after[EFUSE_TEXT_MAX];
	bool	differ;

	efuse_bits(&p->before, f, a);
	efuse_bits(&p->full, f, b);
	efuse_meaning(&p->before, f, before);
	efuse_meaning(&p->full, f, after);
	differ = memcmp(a, b, sizeof(a)) != 0 || strcmp(before, after) != 0;
	explicit_bzero(b, sizeof(b));
	explicit_bzero(after, sizeof(after));
	return differ;
}

void
efuse_plan_changes(const struct efuse_plan *p,
    void (*tell)(void *arg, const struct efuse_change *), void *arg)
{
	const struct efuse_field	*f = NULL;
	struct efuse_change		 c;
	uint32_t			 keys = p->hidden |
					     (p->secrets & ~p->shown);

	if (p->failed)
		return;
	while ((f = efuse_field_next(&p->full, f))) {
		if (!changed(p, f))
			continue;
		c.field = f;
		efuse_shown(&p->before, f, c.before);
		if (keys >> f->block & 1)
			mask(&p->full, f, c.after);
		else
			efuse_meaning(&p->full, f, c.after);
		tell(arg, &c);
		explicit_bzero(&c, sizeof(c));
	}
}
