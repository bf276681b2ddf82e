/*
 * Random legal wishes on every chip: what a plan says will be, is; no bit is
 * ever cleared; and after any of its steps the same wishes, planned again, come
 * to the same end.
 *
 * Counters without a value are left out: they mean "one more".
 */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "tests/unit/efuse_plan.h"

enum { ROUNDS = 12, WISHES = 7, TRIES = 14, LIVES = 3 };

static struct bench		b;
static struct efuse_wish	wishes[WISHES];
static char			values[WISHES][80];
static size_t			count;
static uint32_t			seed;

/* xorshift32 (Marsaglia 2003): the same numbers on every run. */
static uint32_t
any(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % below;
}

static const struct efuse_field *
any_field(void)
{
	const struct efuse_field	*f = NULL;
	uint32_t			 n = 0;

	while ((f = efuse_field_next(&b.state, f)))
		n++;
	n = any(n);
	while ((f = efuse_field_next(&b.state, f)) && n-- > 0)
		continue;
	return f;
}

static const char *
any_block(void)
{
	return b.efuse->blocks[any(
	    (uint32_t)efuse_block_count(b.efuse))].name;
}

static void
any_value(const struct efuse_field *f, char out[80])
{
	size_t	n = efuse_field_bits(&b.state, f);
	size_t	at = 2;

	if (f->class == EFUSE_CLASS_MAC) {
		(void)snprintf(out, 80, "%02x:%02x:%02x:%02x:%02x:%02x",
		    any(256) & 0xfe, any(256), any(256), any(256), any(256),
		    any(256));
		return;
	}
	if (f->type != EFUSE_BYTES) {
		(void)snprintf(out, 80, "%u",
		    f->bits > 31 ? any(UINT32_MAX) : any(1u << f->bits));
		return;
	}
	(void)snprintf(out, 80, "0x");
	for (size_t i = 0; i < n / 8; i++, at += 2)
		(void)snprintf(out + at, 80 - at, "%02x", any(256));
}

static void
any_data(struct efuse_wish *w, size_t len)
{
	w->len = len;
	for (size_t i = 0; i < len; i++)
		w->data[i] = (uint8_t)any(256);
}

static void
any_key(struct efuse_wish *w)
{
	char		room[EFUSE_NAME_MAX];
	size_t		names = 0;
	const char	*name;

	w->kind = any(4) ? EFUSE_WISH_KEY : EFUSE_WISH_DIGEST;
	w->name = (char *)(uintptr_t)any_block();
	if (b.efuse->flags & EFUSE_CHIP_ESP32 && any(2))
		w->name = (char *)(uintptr_t)"flash_encryption";
	if (b.efuse->flags & EFUSE_CHIP_ONE_KEY)
		w->name = (char *)(uintptr_t)"BLOCK_KEY0";
	while (efuse_purpose_name(b.efuse, names, room))
		names++;
	if (names > 0) {
		struct efuse_purpose		 own;
		const struct efuse_purpose	*p;

		name = efuse_purpose_name(b.efuse,
		    any((uint32_t)names), room);
		p = efuse_purpose_find(b.efuse, name, &own);
		w->purpose = (char *)(uintptr_t)p->name;
		any_data(w, p->value < 0 ? 64 : 32);
		if (strstr(p->name, "128_EFUSE"))
			w->len = 16;
	} else {
		any_data(w, b.state.coding == EFUSE_34 ? 24 : 32);
	}
	w->writable = any(2);
	w->readable = any(2);
}

/* One wish of any kind; it may well be one that is refused. */
static void
any_wish(struct efuse_wish *w, char value[80])
{
	static const char *const	 volts[] = { "1.8V", "3.3V", "OFF" };
	const struct efuse_field	*f = any_field();

	memset(w, 0, sizeof(*w));
	switch (any(8)) {
	case 0:
	case 1:
	case 2:
		w->kind = EFUSE_WISH_FIELD;
		w->name = (char *)(uintptr_t)f->name;
		any_value(f, value);
		w->value = value;
		break;
	case 3:
		w->kind = any(3) ? EFUSE_WISH_LOCK : EFUSE_WISH_HIDE;
		w->name = (char *)(uintptr_t)f->name;
		break;
	case 4:
		any_key(w);
		break;
	case 5:
		w->kind = EFUSE_WISH_BITS;
		w->name = (char *)(uintptr_t)any_block();
		for (w->bit_count = 0; w->bit_count < 3; w->bit_count++)
			w->bits[w->bit_count] = (uint16_t)any(256);
		break;
	case 6:
		w->kind = EFUSE_WISH_DATA;
		w->name = (char *)(uintptr_t)any_block();
		any_data(w, any(2) ? efuse_block_bytes(&b.state,
		    (unsigned)efuse_block_find(b.efuse, w->name)) : 6);
		w->offset = w->len == 6 ? 6 * (1 + any(3)) : 0;
		break;
	default:
		w->kind = any(2) ? EFUSE_WISH_MAC : EFUSE_WISH_VOLTAGE;
		(void)snprintf(value, 80, "%02x:%02x:%02x:%02x:%02x:%02x",
		    any(256) & 0xfe, any(256), any(256), any(256), any(256),
		    any(256));
		w->value = w->kind == EFUSE_WISH_MAC ? value :
		    (char *)(uintptr_t)volts[any(3)];
		break;
	}
}

/* A plan of the first `n` wishes for what the chip holds. */
static int
plan_of(size_t n, bool postpone)
{
	int	r = 0;

	bench_plan(&b, postpone);
	for (size_t i = 0; i < n && r == 0; i++)
		r = bench_add(&b, &wishes[i]);
	return r == 0 ? bench_finish(&b) : r;
}

/* What chip it is decides which fields there are; the factory burns that. */
static bool
another_chip(const struct efuse_wish *w)
{
	const struct efuse_field	*f = NULL;
	int				 block;

	if (!w->name)
		return false;
	block = efuse_block_find(b.efuse, w->name);
	while ((f = efuse_field_next(&b.state, f)))
		if (strcmp(f->category, "identity") == 0 &&
		    (f->block == block || strcmp(f->name, w->name) == 0))
			return true;
	return false;
}

static void
collect(bool postpone)
{
	count = 0;
	for (size_t i = 0; i < TRIES && count < WISHES; i++) {
		any_wish(&wishes[count], values[count]);
		if (b.efuse->old_until > 0 && another_chip(&wishes[count]))
			continue;
		wishes[count].command = (unsigned)count;
		if (plan_of(count + 1, postpone) == 0)
			count++;
	}
}

/* What failed, so that it can be made by hand. */
static void
tell(void)
{
	print_error("%s, coding %d:\n", b.efuse->chip->name, b.state.coding);
	for (size_t i = 0; i < count; i++) {
		const struct efuse_wish	*w = &wishes[i];

		print_error("  kind %d name %s value %s purpose %s len %zu "
		    "offset %zu bits %u %u %u\n", w->kind,
		    w->name ? w->name : "-", w->value ? w->value : "-",
		    w->purpose ? w->purpose : "-", w->len, w->offset,
		    w->bits[0], w->bits[1], w->bits[2]);
	}
	for (size_t i = 0; i < efuse_plan_steps(b.plan); i++)
		print_error("  step: block %u%s\n",
		    efuse_plan_step(b.plan, i)->block,
		    efuse_plan_step(b.plan, i)->late ? ", late" : "");
}

static void
same_words(const struct efuse_state *a, const struct efuse_state *with)
{
	for (size_t i = 0; i < efuse_block_count(b.efuse); i++) {
		if (memcmp(a->words[i], with->words[i],
		    sizeof(a->words[i])) != 0)
			tell();
		assert_memory_equal(a->words[i], with->words[i],
		    sizeof(a->words[i]));
	}
}

/* Bits that could be read, and still can, are as they were. */
static void
nothing_cleared(const struct efuse_state *was, const struct efuse_state *is)
{
	const struct efuse_field	*f = NULL;
	uint8_t				 old[EFUSE_BLOCK_BYTES];
	uint8_t				 now[EFUSE_BLOCK_BYTES];

	while ((f = efuse_field_next(was, f))) {
		if (f->bit == EFUSE_NOWHERE || !efuse_readable(is, f) ||
		    (!f->rd_dis && !efuse_block_readable(is, f->block)))
			continue;
		efuse_bits(was, f, old);
		efuse_bits(is, f, now);
		for (size_t i = 0; i < sizeof(old); i++) {
			if (!(old[i] & ~now[i]))
				continue;
			tell();
			fail_msg("bits of %s were cleared", f->name);
		}
	}
}

/* Burned to the end, as predicted, whatever step it is cut after. */
static void
check_plan(bool postpone)
{
	static struct efuse_state	before, after;
	static struct efuse_raw		start;
	size_t				steps;

	start = b.raw;
	if (plan_of(count, postpone) < 0)
		fail_msg("%s", b.why.text);
	steps = efuse_plan_steps(b.plan);
	before = b.state;
	after = *efuse_plan_after(b.plan);
	for (size_t cut = 0; cut < steps; cut++) {
		b.raw = start;
		if (plan_of(count, postpone) < 0)
			fail_msg("%s", b.why.text);
		bench_burn(&b, cut);
		if (plan_of(count, postpone) < 0) {
			tell();
			fail_msg("after %zu of %zu steps: %s", cut, steps,
			    b.why.text);
		}
		if (efuse_plan_steps(b.plan) > steps - cut) {
			tell();
			fail_msg("more than %zu steps after %zu", steps - cut,
			    cut);
		}
		bench_burn(&b, EFUSE_STEPS_MAX);
		same_words(&after, &b.state);
		nothing_cleared(&before, &b.state);
	}
	for (unsigned i = 0; i < count; i++)
		if (efuse_plan_confirm(b.plan, &b.state, i, &b.why) < 0) {
			tell();
			fail_msg("%s: %s", efuse_plan_line(b.plan,
			    efuse_plan_lines(b.plan) - 1), b.why.text);
		}
}

static void
test_random_wishes_come_out_as_planned(void **state)
{
	size_t	burned = 0;

	for (size_t c = 0; efuse_chips[c]; c++) {
		seed = 0x9e3779b9u ^ (uint32_t)(c * 2654435761u);
		for (size_t round = 0; round < ROUNDS; round++) {
			bench_begin(&b, efuse_chips[c]->chip->name);
			b.efuse = efuse_chips[c];
			b.tell = tell;
			virt_new(&b.raw, b.efuse);
			b.raw.revision = b.efuse->virt_revision;
			bench_plan(&b, true);
			if (b.efuse->flags & EFUSE_CHIP_ESP32 && round % 2)
				bench_do(&b, wish_field("CODING_SCHEME", "1"));
			for (size_t life = 0; life < LIVES; life++) {
				collect(round % 3 != 0);
				check_plan(round % 3 != 0);
				burned += count;
			}
			bench_end(&b);
		}
	}
	/* The wishes must not all have been refused. */
	assert_true(burned > 1000);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_random_wishes_come_out_as_planned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
