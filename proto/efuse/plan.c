#include "proto/efuse/plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/err.h"
#include "proto/efuse/plan_impl.h"

/*
 * A plan owns copies of its wishes; the bytes of a key are wiped when its
 * command is done, what is to be burned when the plan is freed.
 */

void
plan_text_add(struct plan_text *t, const char *fmt, ...)
{
	char	**more = realloc(t->lines, (t->count + 1) * sizeof(*more));
	va_list	  ap;

	if (!more) {
		t->lost = true;
		return;
	}
	t->lines = more;
	va_start(ap, fmt);
	if (vasprintf(&t->lines[t->count], fmt, ap) < 0)
		t->lost = true;
	else
		t->count++;
	va_end(ap);
}

void
plan_text_done(struct plan_text *t)
{
	for (size_t i = 0; i < t->count; i++) {
		explicit_bzero(t->lines[i], strlen(t->lines[i]));
		free(t->lines[i]);
	}
	free(t->lines);
	*t = (struct plan_text){ NULL, 0, false };
}

struct efuse_plan *
efuse_plan_new(const struct efuse_state *s, bool postpone)
{
	struct efuse_plan	*p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->before = *s;
	p->after = *s;
	p->full = *s;
	p->postpone = postpone;
	return p;
}

void
efuse_plan_free(struct efuse_plan *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->count; i++)
		efuse_wish_done(&p->wishes[i]);
	plan_text_done(&p->lines);
	plan_text_done(&p->late);
	plan_text_done(&p->notes);
	explicit_bzero(p, sizeof(*p));
	free(p);
}

int
efuse_plan_add(struct efuse_plan *p, const struct efuse_wish *w,
    struct why *why)
{
	int	r;

	if (p->failed)
		return why_set(why, p->failed, "this plan of eFuses was "
		    "refused already; begin another");
	if (p->finished)
		return why_set(why, ERR_CONFLICT, "this plan of eFuses is "
		    "finished; begin another");
	if (p->count == EFUSE_WISHES_MAX)
		return p->failed = why_set(why, ERR_LIMIT, "more than %d "
		    "wishes for eFuses at once; burn them in two parts",
		    EFUSE_WISHES_MAX);
	if (p->count > p->done && p->wishes[p->done].command != w->command) {
		r = efuse_plan_command(p, why);
		if (r < 0)
			return r;
	}
	r = efuse_wish_check(&p->before, w, why);
	if (r == 0)
		r = plan_wish_copy(&p->wishes[p->count], w);
	if (r < 0)
		return p->failed = r;
	p->count++;
	return 0;
}

/* Wishes of a command that are of the kind of its first one. */
static int
plan_kind(struct efuse_plan *p, const struct efuse_wish *w, size_t count,
    struct why *why)
{
	uint32_t	flags = p->before.efuse->flags;

	if (w->kind == EFUSE_WISH_FIELD)
		return plan_fields(p, w, count, why);
	if (w->kind == EFUSE_WISH_KEY || w->kind == EFUSE_WISH_DIGEST) {
		if (flags & EFUSE_CHIP_ESP32)
			return plan_keys_esp32(p, w, count, why);
		if (flags & EFUSE_CHIP_ONE_KEY)
			return plan_keys_one(p, w, count, why);
		return plan_keys(p, w, count, why);
	}
	for (int r; count-- > 0; w++) {
		r = 0;
		if (w->kind == EFUSE_WISH_BITS)
			r = plan_block_bits(p, w, why);
		else if (w->kind == EFUSE_WISH_DATA)
			r = plan_block_data(p, w, why);
		else if (w->kind == EFUSE_WISH_MAC)
			r = plan_mac(p, w, why);
		else if (w->kind == EFUSE_WISH_VOLTAGE)
			r = plan_voltage(p, w, why);
		else if (w->kind == EFUSE_WISH_HIDE)
			r = plan_read_protect(p, w, why);
		else if (w->kind == EFUSE_WISH_LOCK)
			r = plan_write_protect(p, w, why);
		else
			p->repair = true;
		if (r < 0)
			return r;
	}
	return 0;
}

int
efuse_plan_command(struct efuse_plan *p, struct why *why)
{
	size_t	n;
	int	r = p->failed;

	while (r == 0 && p->done < p->count) {
		struct efuse_wish	*w = &p->wishes[p->done];

		for (n = 1; p->done + n < p->count &&
		    w[n].kind == w->kind && w[n].command == w->command; n++)
			continue;
		if (w->kind != EFUSE_WISH_REPAIR)
			p->burns = true;
		r = plan_kind(p, w, n, why);
		p->done += n;
		for (size_t i = 0; i < n; i++)
			explicit_bzero(w[i].data, sizeof(w[i].data));
	}
	if (r == 0 && p->lines.lost)
		r = ERR_NOMEM;
	if (r < 0 && !p->failed)
		p->failed = r;
	return r < 0 ? r : 0;
}

void
plan_remember(struct efuse_plan *p, enum efuse_wish_kind kind,
    unsigned command, const struct efuse_field *f, const uint8_t *bits)
{
	struct plan_check	*c = &p->checks[p->check_count];

	if (p->check_count == PLAN_CHECKS_MAX)
		return;		/* there are not more wishes than that */
	c->kind = kind;
	c->command = command;
	c->field = f;
	if (bits)
		memcpy(c->bits, bits, sizeof(c->bits));
	p->check_count++;
}

size_t
efuse_plan_steps(const struct efuse_plan *p)
{
	return p->step_count;
}

const struct efuse_step *
efuse_plan_step(const struct efuse_plan *p, size_t i)
{
	return i < p->step_count ? &p->steps[i] : NULL;
}

const struct efuse_state *
efuse_plan_before(const struct efuse_plan *p)
{
	return &p->before;
}

const struct efuse_state *
efuse_plan_after(const struct efuse_plan *p)
{
	return &p->after;
}

uint32_t
efuse_plan_secrets(const struct efuse_plan *p)
{
	return p->secrets;
}

static const char *
line_of(const struct plan_text *t, size_t i)
{
	return i < t->count ? t->lines[i] : NULL;
}

size_t
efuse_plan_lines(const struct efuse_plan *p)
{
	return p->lines.count;
}

const char *
efuse_plan_line(const struct efuse_plan *p, size_t i)
{
	return line_of(&p->lines, i);
}

size_t
efuse_plan_late_lines(const struct efuse_plan *p)
{
	return p->late.count;
}

const char *
efuse_plan_late_line(const struct efuse_plan *p, size_t i)
{
	return line_of(&p->late, i);
}

size_t
efuse_plan_notes(const struct efuse_plan *p)
{
	return p->notes.count;
}

const char *
efuse_plan_note(const struct efuse_plan *p, size_t i)
{
	return line_of(&p->notes, i);
}
