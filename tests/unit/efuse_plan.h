#ifndef TESTS_UNIT_EFUSE_PLAN_H
#define TESTS_UNIT_EFUSE_PLAN_H
/*
 * efuse_plan - a virtual chip and a plan for it, for the tests of plans.
 */
#include "tests/unit/unit.h"

#include <string.h>

#include "proto/base/err.h"
#include "proto/efuse/plan.h"
#include "proto/efuse/state.h"
#include "proto/efuse/virt.h"

struct bench {
	const struct efuse_chip	*efuse;
	struct efuse_raw	 raw;
	struct efuse_state	 state;
	struct efuse_plan	*plan;
	struct why		 why;
	void			(*tell)(void);	/* what was tried, on failure */
};

static inline const struct efuse_chip *
bench_table(const char *chip)
{
	for (size_t i = 0; efuse_chips[i]; i++)
		if (strcmp(efuse_chips[i]->chip->name, chip) == 0)
			return efuse_chips[i];
	return NULL;
}

static inline void
bench_read(struct bench *b)
{
	why_clear(&b->why);
	assert_int_equal(efuse_state_read(&b->state, &b->raw, NULL, &b->why),
	    0);
}

/* Another plan for what the chip holds now. */
static inline void
bench_plan(struct bench *b, bool postpone)
{
	bench_read(b);
	efuse_plan_free(b->plan);
	b->plan = efuse_plan_new(&b->state, postpone);
	assert_non_null(b->plan);
}

/* An empty chip. */
static inline void
bench_begin(struct bench *b, const char *chip)
{
	memset(b, 0, sizeof(*b));
	b->efuse = bench_table(chip);
	assert_non_null(b->efuse);
	virt_new(&b->raw, b->efuse);
	bench_plan(b, true);
}

static inline void
bench_end(struct bench *b)
{
	efuse_plan_free(b->plan);
	b->plan = NULL;
}

static inline int
bench_add(struct bench *b, const struct efuse_wish *w)
{
	return efuse_plan_add(b->plan, w, &b->why);
}

static inline int
bench_finish(struct bench *b)
{
	return efuse_plan_finish(b->plan, &b->why);
}

/* Add one wish and finish: the first error of both. */
static inline int
bench_wish(struct bench *b, const struct efuse_wish *w)
{
	int	r = bench_add(b, w);

	return r < 0 ? r : bench_finish(b);
}

/* Burn the first `count` steps; each must come out. */
static inline void
bench_burn(struct bench *b, size_t count)
{
	static struct efuse_state	before;
	char				line[EFUSE_TEXT_MAX];

	for (size_t i = 0; i < count && i < efuse_plan_steps(b->plan); i++) {
		const struct efuse_step	*s = efuse_plan_step(b->plan, i);

		bench_read(b);
		before = b->state;
		assert_int_equal(virt_burn(&b->raw, s, &b->why), 0);
		bench_read(b);
		if (!efuse_step_done(s, &b->state) && b->tell)
			b->tell();
		assert_true(efuse_step_done(s, &b->state));
		if (efuse_step_outcome(s, &before, &b->state, line, &b->why) < 0)
			fail_msg("%s", b->why.text);
	}
	bench_read(b);
}

/* Plan a wish, burn it, and plan afresh. */
static inline void
bench_do(struct bench *b, const struct efuse_wish *w)
{
	if (bench_wish(b, w) < 0)
		fail_msg("%s", b->why.text);
	bench_burn(b, EFUSE_STEPS_MAX);
	bench_plan(b, true);
}

/* Wishes are made in a ring: copy one to change or to keep it. */
static inline struct efuse_wish *
wish_named(enum efuse_wish_kind kind, const char *name)
{
	static struct efuse_wish	 ring[8];
	static size_t			 next;
	struct efuse_wish		*w = &ring[next++ % UNIT_COUNT(ring)];

	memset(w, 0, sizeof(*w));
	w->kind = kind;
	w->name = (char *)(uintptr_t)name;
	return w;
}

static inline struct efuse_wish *
wish_field(const char *name, const char *value)
{
	struct efuse_wish	*w = wish_named(EFUSE_WISH_FIELD, name);

	w->value = (char *)(uintptr_t)value;
	return w;
}

static inline struct efuse_wish *
wish_value(enum efuse_wish_kind kind, const char *value)
{
	struct efuse_wish	*w = wish_named(kind, NULL);

	w->value = (char *)(uintptr_t)value;
	return w;
}

static inline struct efuse_wish *
wish_bit(const char *block, uint16_t bit)
{
	struct efuse_wish	*w = wish_named(EFUSE_WISH_BITS, block);

	w->bits[0] = bit;
	w->bit_count = 1;
	return w;
}

/* Bytes from `first` on, each one more than the one before. */
static inline struct efuse_wish *
wish_data(enum efuse_wish_kind kind, const char *block, const char *purpose,
    uint8_t first, size_t len)
{
	struct efuse_wish	*w = wish_named(kind, block);

	w->purpose = (char *)(uintptr_t)purpose;
	w->len = len;
	for (size_t i = 0; i < len; i++)
		w->data[i] = (uint8_t)(first + i);
	return w;
}

static inline bool
bench_said(const struct bench *b, const char *line)
{
	for (size_t i = 0; i < efuse_plan_lines(b->plan); i++)
		if (strcmp(efuse_plan_line(b->plan, i), line) == 0)
			return true;
	return false;
}

static inline uint32_t
bench_value(const struct bench *b, const char *field)
{
	return efuse_number(&b->state, field);
}
#endif
