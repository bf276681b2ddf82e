/* proto/efuse: every row of every table. */
#include "proto/efuse/efuse.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

enum { PGM_WORDS = 8 };		/* registers that are filled, without check bytes */

/* Says which table a failed assertion is about. */
static const char *
who(const struct efuse_chip *e)
{
	static char	text[64];

	snprintf(text, sizeof text, "%s from %u", e->chip->name,
	    (unsigned)e->from_revision);
	return text;
}

#define CHECK(e, row, ok) do { \
	if (!(ok)) \
		fail_msg("%s, %s: %s", who(e), row, #ok); \
} while (0)

#define EACH_TABLE(e) \
	for (const struct efuse_chip *const *_e = efuse_chips, *e; \
	    (e = *_e); _e++)
#define EACH_FIELD(e, f) \
	for (const struct efuse_field *f = (e)->fields; f->name; f++)

static size_t
field_count(const struct efuse_chip *e)
{
	size_t	n = 0;

	EACH_FIELD(e, f)
		n++;
	return n;
}

static const struct efuse_field *
field(const struct efuse_chip *e, const char *name, size_t len)
{
	EACH_FIELD(e, f)
		if (strlen(f->name) == len && memcmp(f->name, name, len) == 0)
			return f;
	return NULL;
}

/* Call visit() for each word of a list with ' ' between; how many there are. */
static size_t
words(const char *list, bool (*visit)(const struct efuse_chip *,
    const char *word, size_t len), const struct efuse_chip *e)
{
	size_t	n = 0;

	for (const char *p = list; p && *p; n++) {
		size_t	len = strcspn(p, " ");

		CHECK(e, p, visit(e, p, len));
		p += len;
		p += strspn(p, " ");
	}
	return n;
}

static bool
is_field(const struct efuse_chip *e, const char *word, size_t len)
{
	return field(e, word, len) != NULL;
}

/* How many fields have that name, or had it once. */
static size_t
named(const struct efuse_chip *e, const char *word, size_t len)
{
	size_t	n = 0;

	EACH_FIELD(e, f) {
		const char	*p = f->alt;

		n += strlen(f->name) == len && memcmp(f->name, word, len) == 0;
		while (p && *p) {
			size_t	k = strcspn(p, " ");

			n += k == len && memcmp(p, word, len) == 0;
			p += k;
			p += strspn(p, " ");
		}
	}
	return n;
}

static bool
is_only_one(const struct efuse_chip *e, const char *word, size_t len)
{
	return len > 0 && len < EFUSE_NAME_MAX && named(e, word, len) == 1;
}

static void
test_all_chips_but_the_esp8266_have_a_table(void **state)
{
	(void)state;
	for (size_t i = 0; chips[i]; i++) {
		const struct efuse_chip	*e = efuse_chip_find(chips[i], 0);

		assert_true((e != NULL) == (chips[i] != &chip_esp8266));
		if (e)
			assert_ptr_equal(e->chip, chips[i]);
	}
}

static void
test_a_table_is_for_the_chip_that_it_says(void **state)
{
	(void)state;
	EACH_TABLE(e) {
		CHECK(e, "base", e->base == e->chip->efuse_base);
		CHECK(e, "window", e->window <= EFUSE_WINDOW);
		CHECK(e, "virtual chip",
		    efuse_chip_find(e->chip, e->virt_revision) == e);
	}
	assert_ptr_not_equal(efuse_chip_find(&chip_esp32p4, 299),
	    efuse_chip_find(&chip_esp32p4, 300));
	assert_ptr_equal(efuse_chip_find(&chip_esp32p4, 0),
	    efuse_chip_find(&chip_esp32p4, 299));
	assert_ptr_equal(efuse_chip_find(&chip_esp32p4, 300),
	    efuse_chip_find(&chip_esp32p4, 301));
}

/* esptool 5.3: fields with "show: y", and what is calculated of them. */
static void
test_each_table_has_all_its_fields(void **state)
{
	static const struct {
		const struct chip	*chip;
		uint32_t		 revision;
		size_t			 blocks, fields;
	} want[] = {
		{ &chip_esp32, 300, 4, 52 },
		{ &chip_esp32s2, 100, 11, 95 },
		{ &chip_esp32s3, 2, 11, 112 },
		{ &chip_esp32c2, 100, 4, 49 },
		{ &chip_esp32c3, 4, 11, 86 },
		{ &chip_esp32c5, 100, 11, 114 },
		{ &chip_esp32c6, 0, 11, 88 },
		{ &chip_esp32c61, 0, 11, 90 },
		{ &chip_esp32h2, 0, 11, 91 },
		{ &chip_esp32h21, 0, 11, 81 },
		{ &chip_esp32h4, 0, 11, 115 },
		{ &chip_esp32p4, 103, 11, 131 },
		{ &chip_esp32p4, 300, 11, 146 },
		{ &chip_esp32s31, 0, 10, 94 },
		{ &chip_esp32e22, 0, 11, 52 },
	};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(want); i++) {
		const struct efuse_chip	*e = efuse_chip_find(want[i].chip,
		    want[i].revision);

		if (efuse_block_count(e) != want[i].blocks ||
		    field_count(e) != want[i].fields)
			fail_msg("%s: %zu blocks, %zu fields", who(e),
			    efuse_block_count(e), field_count(e));
	}
	assert_null(efuse_chips[UNIT_COUNT(want)]);
}

static void
test_blocks_lie_in_the_window_side_by_side(void **state)
{
	(void)state;
	EACH_TABLE(e) {
		unsigned	n = efuse_block_count(e);

		assert_true(n > 1 && n <= EFUSE_BLOCKS);
		for (unsigned i = 0; i < n; i++) {
			const struct efuse_block	*b = &e->blocks[i];
			unsigned	end = b->read + 4u * b->words;

			CHECK(e, b->name, b->words > 0);
			CHECK(e, b->name, b->words <= EFUSE_WORDS);
			CHECK(e, b->name, end <= e->window);
			CHECK(e, b->name, b->write + 4u * b->words <= e->window);
			CHECK(e, b->name, (b->wr_dis == EFUSE_NO_BIT) == (i == 0));
			for (unsigned k = 0; k < i; k++) {
				const struct efuse_block *o = &e->blocks[k];

				CHECK(e, b->name, o->read + 4u * o->words <=
				    b->read || end <= o->read);
				CHECK(e, b->name, o->wr_dis != b->wr_dis);
				CHECK(e, b->name, !(o->rd_dis & b->rd_dis));
			}
		}
	}
}

static void
test_blocks_are_found_by_all_their_names(void **state)
{
	(void)state;
	EACH_TABLE(e) {
		for (int i = 0; e->blocks[i].name; i++) {
			const struct efuse_block	*b = &e->blocks[i];
			char				 name[16];

			assert_int_equal(efuse_block_find(e, b->name), i);
			for (size_t k = 0; k < 2 && b->alias[k]; k++)
				assert_int_equal(
				    efuse_block_find(e, b->alias[k]), i);
			snprintf(name, sizeof name, "BLOCK%d", i);
			assert_int_equal(efuse_block_find(e, name), i);
		}
		assert_int_equal(efuse_block_find(e, "BLOCK11"), -1);
		assert_int_equal(efuse_block_find(e, ""), -1);
	}
}

static void
test_a_key_block_names_the_field_with_its_purpose(void **state)
{
	(void)state;
	EACH_TABLE(e)
		for (int i = 0; e->blocks[i].name; i++) {
			const struct efuse_block	*b = &e->blocks[i];
			const struct efuse_field	*f;

			if (!b->purpose)
				continue;
			f = field(e, b->purpose, strlen(b->purpose));
			CHECK(e, b->name, f != NULL);
			CHECK(e, b->name, f->class == EFUSE_CLASS_KEYPURPOSE);
			CHECK(e, b->name, b->rd_dis != 0);
		}
}

static void
test_no_name_stands_for_two_fields(void **state)
{
	(void)state;
	EACH_TABLE(e)
		EACH_FIELD(e, f) {
			words(f->name, is_only_one, e);
			words(f->alt, is_only_one, e);
		}
}

static void
test_a_field_lies_inside_its_block(void **state)
{
	(void)state;
	EACH_TABLE(e)
		EACH_FIELD(e, f) {
			unsigned	n = efuse_block_count(e);

			CHECK(e, f->name, f->block < n);
			CHECK(e, f->name, f->category && *f->category);
			if (f->bit == EFUSE_NOWHERE)
				continue;
			CHECK(e, f->name, f->bits > 0);
			CHECK(e, f->name, f->bit + f->bits <=
			    32 * e->blocks[f->block].words);
		}
}

static void
test_a_type_fits_its_bits(void **state)
{
	(void)state;
	EACH_TABLE(e)
		EACH_FIELD(e, f) {
			if (f->type == EFUSE_BOOL)
				CHECK(e, f->name, f->bits == 1);
			else if (f->type == EFUSE_UINT)
				CHECK(e, f->name, f->bits > 1 && f->bits <= 32);
			else
				CHECK(e, f->name, f->bits % 8 == 0);
		}
}

static bool
is_whole_block(const struct efuse_chip *e, const struct efuse_field *f)
{
	return f->bit == 0 && f->bits == 32 * e->blocks[f->block].words;
}

/* All but a whole block (a key, the user's data) have bits of their own; the
 * two halves of the ESP32-C2's key lie in a whole block too. */
static void
test_two_fields_share_no_bit(void **state)
{
	(void)state;
	EACH_TABLE(e)
		EACH_FIELD(e, f) {
			if (f->bit == EFUSE_NOWHERE || is_whole_block(e, f))
				continue;
			for (const struct efuse_field *o = f + 1; o->name; o++) {
				if (o->bit == EFUSE_NOWHERE ||
				    o->block != f->block ||
				    is_whole_block(e, o))
					continue;
				if (f->bit < o->bit + o->bits &&
				    o->bit < f->bit + f->bits)
					fail_msg("%s: %s and %s", who(e),
					    f->name, o->name);
			}
		}
}

static void
test_protection_of_a_field_is_that_of_its_block(void **state)
{
	(void)state;
	EACH_TABLE(e) {
		const struct efuse_field	*wr = field(e, "WR_DIS", 6);
		const struct efuse_field	*rd = field(e, "RD_DIS", 6);

		assert_non_null(wr);
		assert_non_null(rd);
		EACH_FIELD(e, f) {
			const struct efuse_block *b = &e->blocks[f->block];

			if (f->bit == EFUSE_NOWHERE)
				continue;
			CHECK(e, f->name, f->wr_dis == EFUSE_NO_BIT ||
			    f->wr_dis < wr->bits);
			CHECK(e, f->name, f->rd_dis >> rd->bits == 0);
			if (f->block == 0)
				continue;
			CHECK(e, f->name, f->wr_dis == b->wr_dis);
			CHECK(e, f->name, (f->rd_dis & ~b->rd_dis) == 0);
			/* esptool's table of the ESP32-S31 lets fields of its
			 * last block be read whatever RD_DIS says. */
			CHECK(e, f->name, !b->rd_dis == !f->rd_dis ||
			    (e->chip == &chip_esp32s31 && f->block == 9));
		}
	}
}

static void
test_a_calculated_field_names_its_parts(void **state)
{
	(void)state;
	EACH_TABLE(e)
		EACH_FIELD(e, f) {
			size_t	bits = 0;

			CHECK(e, f->name, !f->parts == (f->bit != EFUSE_NOWHERE));
			if (!f->parts)
				continue;
			CHECK(e, f->name, words(f->parts, is_field, e) > 1);
			for (const char *p = f->parts; *p;) {
				size_t	len = strcspn(p, " ");

				bits += field(e, p, len)->bits;
				p += len;
				p += strspn(p, " ");
			}
			/* The ESP32 has the third bit in a register. */
			if (f->class == EFUSE_CLASS_WAFER &&
			    (e->flags & EFUSE_CHIP_ESP32))
				bits++;
			CHECK(e, f->name, bits == f->bits);
		}
}

static void
test_meanings_ascend_and_fit_the_field(void **state)
{
	(void)state;
	EACH_TABLE(e)
		EACH_FIELD(e, f) {
			const struct efuse_meaning	*m = f->meanings;

			if (!m)
				continue;
			CHECK(e, f->name, m->text != NULL);
			for (; m->text; m++) {
				CHECK(e, f->name, f->bits < 32);
				CHECK(e, f->name, m->value >> f->bits == 0);
				CHECK(e, f->name, m == f->meanings ||
				    m[-1].value < m->value);
				CHECK(e, f->name, *m->text);
			}
		}
}

static void
test_classes_are_where_they_can_be(void **state)
{
	(void)state;
	EACH_TABLE(e)
		EACH_FIELD(e, f) {
			if (f->class == EFUSE_CLASS_MAC)
				CHECK(e, f->name, f->type == EFUSE_BYTES);
			if (f->class == EFUSE_CLASS_KEYBLOCK)
				CHECK(e, f->name, f->type == EFUSE_BYTES &&
				    f->block > 0);
			if (f->class == EFUSE_CLASS_KEYPURPOSE)
				CHECK(e, f->name, f->block == 0 && e->purposes);
			if (f->class >= EFUSE_CLASS_WAFER)
				CHECK(e, f->name, f->bit == EFUSE_NOWHERE);
			if (f->when == EFUSE_CUSTOM_MAC)
				CHECK(e, f->name, e->flags & EFUSE_CHIP_ESP32);
			if (f->when == EFUSE_OLD_REVISION)
				CHECK(e, f->name, e->old_until > 0);
		}
}

/* How many values a purpose can have. */
static int
purpose_limit(const struct efuse_chip *e)
{
	const struct efuse_field	*f = field(e, "KEY_PURPOSE_0", 13);
	unsigned			 bits = 2;	/* ESP32-C2: no field */

	if (f)
		bits = f->bits + !!(e->flags & EFUSE_CHIP_PURPOSE_HI);
	if (e->purpose_bits)
		CHECK(e, "purpose_bits", e->purpose_bits == bits);
	return 1 << bits;
}

static void
check_purpose(const struct efuse_chip *e, const struct efuse_purpose *p)
{
	struct efuse_purpose	 room;

	CHECK(e, p->name, efuse_purpose_find(e, p->name, &room) == p);
	CHECK(e, p->name, strlen(p->name) < EFUSE_NAME_MAX);
	CHECK(e, p->name, p->value < purpose_limit(e));
	CHECK(e, p->name, (p->value < 0) == (p->halves[0] != NULL));
	/* A digest must stay readable. */
	CHECK(e, p->name, !(p->flags & EFUSE_DIGEST) ||
	    !(p->flags & (EFUSE_HIDE | EFUSE_REVERSE)));
	for (size_t i = 0; i < 2 && p->value < 0; i++) {
		const struct efuse_purpose	*h;

		h = efuse_purpose_find(e, p->halves[i], &room);
		CHECK(e, p->name, h && h->value > 0);
		CHECK(e, p->name, h->flags & EFUSE_HIDE);
	}
	if (p->value >= 0)
		CHECK(e, p->name,
		    efuse_purpose_of(e, p->value, &room)->value == p->value);
}

static void
test_purposes_are_legal_and_found(void **state)
{
	(void)state;
	EACH_TABLE(e) {
		struct efuse_purpose	room;

		CHECK(e, "purposes", !e->purposes ==
		    !!(e->flags & EFUSE_CHIP_ESP32));
		for (const struct efuse_purpose *p = e->purposes;
		    p && p->name; p++)
			check_purpose(e, p);
		assert_null(efuse_purpose_find(e, "NOTHING", &room));
		assert_null(efuse_purpose_of(e, 32, &room));
	}
}

static void
test_a_value_has_its_first_name(void **state)
{
	const struct efuse_chip	*p4 = efuse_chip_find(&chip_esp32p4, 300);
	const struct efuse_chip	*c3 = efuse_chip_find(&chip_esp32c3, 4);
	struct efuse_purpose	 room;

	(void)state;
	assert_string_equal(efuse_purpose_of(p4, 1, &room)->name,
	    "ECDSA_KEY_P256");
	assert_int_equal(efuse_purpose_find(p4, "ECDSA_KEY", &room)->value, 1);
	assert_string_equal(efuse_purpose_of(c3, 1, &room)->name, "RESERVED");
	assert_null(efuse_purpose_of(c3, 2, &room));
}

static void
test_custom_purposes_fill_what_is_free(void **state)
{
	const struct efuse_chip		*c6 = efuse_chip_find(&chip_esp32c6, 0);
	const struct efuse_chip		*c3 = efuse_chip_find(&chip_esp32c3, 4);
	struct efuse_purpose		 room;
	const struct efuse_purpose	*p;

	(void)state;
	assert_string_equal(efuse_purpose_of(c6, 2, &room)->name, "CUSTOM_2");
	p = efuse_purpose_find(c6, "CUSTOM_DIGEST_15", &room);
	assert_int_equal(p->value, 15);
	assert_int_equal(p->flags, EFUSE_DIGEST);
	p = efuse_purpose_find(c6, "CUSTOM_MAX", &room);
	assert_int_equal(p->value, 15);
	assert_int_equal(p->flags, 0);
	p = efuse_purpose_find(c6, "CUSTOM_DIGEST_MAX", &room);
	assert_int_equal(p->flags, EFUSE_DIGEST);
	/* 4 is XTS_AES_128_KEY, 16 has five bits, and the ESP32-C3 none. */
	assert_null(efuse_purpose_find(c6, "CUSTOM_4", &room));
	assert_null(efuse_purpose_find(c6, "CUSTOM_16", &room));
	assert_null(efuse_purpose_find(c3, "CUSTOM_2", &room));
}

static void
test_purposes_are_listed_once_each(void **state)
{
	(void)state;
	EACH_TABLE(e) {
		char			 a[EFUSE_NAME_MAX], b[EFUSE_NAME_MAX];
		struct efuse_purpose	 room;
		const char		*p, *q;
		size_t			 n = 0;

		while ((p = efuse_purpose_name(e, n, a))) {
			assert_non_null(efuse_purpose_find(e, p, &room));
			for (size_t k = 0; k < n; k++) {
				q = efuse_purpose_name(e, k, b);
				CHECK(e, p, strcmp(p, q) != 0);
			}
			n++;
		}
		CHECK(e, "purposes", (n > 0) == (e->purposes != NULL));
	}
}

/* Hardware of some chips cannot use BLOCK_KEY5 for these. */
static void
test_block9_refuses_keys_that_its_hardware_cannot_use(void **state)
{
	static const struct {
		const struct chip	*chip;
		const char		*name;
		bool			 refused;
	} want[] = {
		{ &chip_esp32s3, "XTS_AES_256_KEY_1", true },
		{ &chip_esp32c3, "XTS_AES_128_KEY", true },
		{ &chip_esp32c3, "HMAC_UP", false },
		{ &chip_esp32c6, "XTS_AES_128_KEY", true },
		{ &chip_esp32h2, "XTS_AES_128_KEY", true },
		{ &chip_esp32h2, "ECDSA_KEY", true },
		{ &chip_esp32p4, "XTS_AES_128_KEY", false },
	};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(want); i++) {
		struct efuse_purpose		 room;
		const struct efuse_purpose	*p;

		p = efuse_purpose_find(efuse_chip_find(want[i].chip, 300),
		    want[i].name, &room);
		assert_int_equal(!!(p->flags & EFUSE_NOT_LAST),
		    want[i].refused);
	}
}

static void
check_register(const struct efuse_chip *e, const char *what, unsigned reg)
{
	CHECK(e, what, reg % 4 == 0);
	CHECK(e, what, reg + 4u <= e->window);
	for (size_t i = 0; e->blocks[i].name; i++) {
		const struct efuse_block	*b = &e->blocks[i];

		CHECK(e, what, reg < b->read || reg >= b->read + 4u * b->words);
	}
}

static void
test_registers_lie_in_the_window_outside_the_blocks(void **state)
{
	(void)state;
	EACH_TABLE(e) {
		const struct efuse_control	*c = &e->control;

		check_register(e, "conf", c->conf);
		check_register(e, "cmd", c->cmd);
		for (size_t i = 0; i < c->err0_words; i++)
			check_register(e, "err0", c->err0 + 4 * i);
		if (e->flags & EFUSE_CHIP_ESP32)
			check_register(e, "dec_status", c->dec_status);
		else
			/* BLOCK0 of the ESP32-S31 fills nine. */
			assert_int_equal(c->clear_words,
			    e->blocks[0].words > PGM_WORDS ?
			    EFUSE_BURN_WORDS : PGM_WORDS);
		for (size_t i = 0; i < EFUSE_BLOCKS; i++) {
			const struct efuse_error	*r = &c->errors[i];

			if (r->count_reg)
				check_register(e, "errors", r->count_reg);
			if (r->fail_reg)
				check_register(e, "errors", r->fail_reg);
		}
	}
}

/* Two blocks never tell their errors with the same bits. */
static void
test_each_block_tells_its_own_errors(void **state)
{
	(void)state;
	EACH_TABLE(e) {
		size_t	n = efuse_block_count(e);
		struct { unsigned reg; uint32_t bits; } seen[2 * EFUSE_BLOCKS];
		size_t	used = 0;

		for (size_t i = 0; i < EFUSE_BLOCKS; i++) {
			const struct efuse_error *r = &e->control.errors[i];

			if (e->flags & EFUSE_CHIP_ESP32 || i == 0 || i >= n) {
				assert_int_equal(r->count_reg, 0);
				continue;
			}
			assert_int_not_equal(r->count_reg, 0);
			seen[used].reg = r->count_reg;
			seen[used++].bits = (uint32_t)r->count_mask <<
			    r->count_shift;
			if (r->fail_reg) {
				seen[used].reg = r->fail_reg;
				seen[used++].bits = 1u << r->fail_bit;
			}
		}
		for (size_t i = 0; i < used; i++)
			for (size_t k = 0; k < i; k++)
				CHECK(e, "errors", seen[i].reg != seen[k].reg ||
				    !(seen[i].bits & seen[k].bits));
	}
}

/* esp-idf, soc/CHIP/register/soc/efuse_reg.h: of BLOCK1 and the last block.
 * Some of them are elsewhere in esptool 5.3. */
static void
test_errors_are_told_where_the_hardware_does(void **state)
{
	static const struct {
		const struct chip	*chip;
		unsigned		 reg, last, last_reg, last_shift;
	} want[] = {
		{ &chip_esp32s2, 0x1c0, 10, 0x1c4, 4 },
		{ &chip_esp32s3, 0x1c0, 10, 0x1c4, 4 },
		{ &chip_esp32c2, 0x084, 3, 0x084, 8 },
		{ &chip_esp32c3, 0x1c0, 10, 0x1c4, 4 },
		{ &chip_esp32c5, 0x190, 10, 0x194, 4 },
		{ &chip_esp32c6, 0x1c0, 10, 0x1c4, 4 },
		{ &chip_esp32c61, 0x190, 10, 0x194, 4 },
		{ &chip_esp32h2, 0x1c0, 10, 0x1c4, 4 },
		{ &chip_esp32h21, 0x190, 10, 0x194, 4 },
		{ &chip_esp32h4, 0x190, 10, 0x194, 4 },
		{ &chip_esp32p4, 0x1c0, 10, 0x1c4, 4 },
		{ &chip_esp32s31, 0x188, 9, 0x18c, 0 },
	};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(want); i++) {
		const struct efuse_chip *e = efuse_chip_find(want[i].chip, 300);
		const struct efuse_error *r = e->control.errors;

		CHECK(e, "BLOCK1", r[1].count_reg == want[i].reg &&
		    r[1].fail_reg == want[i].reg && r[1].count_shift == 0);
		/* The ESP32-C3 has the bits for failure one block later. */
		CHECK(e, "BLOCK1", r[1].fail_bit ==
		    (e->chip == &chip_esp32c3 ? 7 : 3));
		CHECK(e, "last", r[want[i].last].count_reg == want[i].last_reg);
		CHECK(e, "last",
		    r[want[i].last].count_shift == want[i].last_shift);
	}
}

static void
test_timing_stays_in_its_bits(void **state)
{
	(void)state;
	EACH_TABLE(e) {
		const struct efuse_timing	*t = e->control.timing;
		const uint8_t			*x = e->control.xtals;

		for (; t && t->reg; t++) {
			check_register(e, "timing", t->reg);
			CHECK(e, "timing", (t->value & ~t->mask) == 0);
			CHECK(e, "timing", t->xtal_mhz == 0 ||
			    (x && strchr((const char *)x, t->xtal_mhz)));
		}
		/* A virtual chip can be burned. */
		CHECK(e, "crystal", !x ||
		    strchr((const char *)x, e->virt_xtal));
	}
}

static void
test_late_names_are_fields_of_block0(void **state)
{
	(void)state;
	EACH_TABLE(e) {
		CHECK(e, e->late, words(e->late, is_field, e) >= 5);
		for (const char *p = e->late; *p;) {
			size_t	len = strcspn(p, " ");

			CHECK(e, p, field(e, p, len)->block == 0);
			p += len;
			p += strspn(p, " ");
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_chips_but_the_esp8266_have_a_table),
		cmocka_unit_test(test_a_table_is_for_the_chip_that_it_says),
		cmocka_unit_test(test_each_table_has_all_its_fields),
		cmocka_unit_test(test_blocks_lie_in_the_window_side_by_side),
		cmocka_unit_test(test_blocks_are_found_by_all_their_names),
		cmocka_unit_test(
		    test_a_key_block_names_the_field_with_its_purpose),
		cmocka_unit_test(test_no_name_stands_for_two_fields),
		cmocka_unit_test(test_a_field_lies_inside_its_block),
		cmocka_unit_test(test_a_type_fits_its_bits),
		cmocka_unit_test(test_two_fields_share_no_bit),
		cmocka_unit_test(
		    test_protection_of_a_field_is_that_of_its_block),
		cmocka_unit_test(test_a_calculated_field_names_its_parts),
		cmocka_unit_test(test_meanings_ascend_and_fit_the_field),
		cmocka_unit_test(test_classes_are_where_they_can_be),
		cmocka_unit_test(test_purposes_are_legal_and_found),
		cmocka_unit_test(test_a_value_has_its_first_name),
		cmocka_unit_test(test_custom_purposes_fill_what_is_free),
		cmocka_unit_test(test_purposes_are_listed_once_each),
		cmocka_unit_test(
		    test_block9_refuses_keys_that_its_hardware_cannot_use),
		cmocka_unit_test(
		    test_registers_lie_in_the_window_outside_the_blocks),
		cmocka_unit_test(test_each_block_tells_its_own_errors),
		cmocka_unit_test(test_errors_are_told_where_the_hardware_does),
		cmocka_unit_test(test_timing_stays_in_its_bits),
		cmocka_unit_test(test_late_names_are_fields_of_block0),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
