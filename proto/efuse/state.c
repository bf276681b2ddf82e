#include "proto/efuse/state.h"

#include <stdio.h>
#include <string.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/efuse/user.h"

static uint32_t
raw_reg(const struct efuse_raw *raw, size_t offset)
{
	return offset / 4 < EFUSE_WINDOW / 4 ? raw->window[offset / 4] : 0;
}

/* Is the word at `offset` one of the `words` from `from` on? */
static bool
within(size_t offset, size_t from, size_t words)
{
	return offset >= from && offset < from + 4 * words;
}

bool
efuse_raw_needs(const struct efuse_chip *efuse, size_t i)
{
	const struct efuse_control	*control = &efuse->control;
	size_t				 offset = 4 * i;

	for (const struct efuse_block *b = efuse->blocks; b->name != NULL; b++)
		if (within(offset, b->read, b->words))
			return true;
	if (within(offset, control->err0, control->err0_words))
		return true;
	if (control->dec_status != 0 && offset == control->dec_status)
		return true;
	for (size_t b = 0; b < EFUSE_BLOCKS; b++) {
		const struct efuse_error	*e = &control->errors[b];

		if ((e->count_reg != 0 && offset == e->count_reg) ||
		    (e->fail_reg != 0 && offset == e->fail_reg))
			return true;
	}
	return false;
}

/*
 * Blocks with 3/4 coding show their data in the first six of eight registers,
 * already decoded (ESP32 TRM, eFuse Controller).
 */
static void
read_words(struct efuse_state *state)
{
	const struct efuse_block	*b = state->efuse->blocks;

	for (unsigned n = 0; b[n].name != NULL; n++)
		for (size_t i = 0; i < efuse_block_bytes(state, n) / 4; i++)
			state->words[n][i] = raw_reg(&state->raw,
			    b[n].read + 4 * i);
}

/* Word 0 of BLOCK0, WR_DIS, has no register of errors: those there are belong
 * to the words behind it. */
static void
read_errors_block0(struct efuse_state *state)
{
	const struct efuse_control	*control = &state->efuse->control;
	size_t				 first;

	if (control->err0_words == 0)
		return;
	first = state->efuse->blocks[0].words - control->err0_words;
	for (size_t i = 0; i < control->err0_words; i++) {
		uint32_t	err = raw_reg(&state->raw,
				    control->err0 + 4 * i);

		state->err0[first + i] = err;
		state->errors[0] += (unsigned)__builtin_popcount(err);
	}
	state->failed[0] = state->errors[0] != 0;
}

/* ESP32: one register for all coded blocks, which does not count (TRM,
 * EFUSE_DEC_STATUS: 12 bits). */
enum { DEC_STATUS_MASK = 0xfff };

static void
read_errors(struct efuse_state *state)
{
	const struct efuse_control	*control = &state->efuse->control;
	size_t				 blocks;

	read_errors_block0(state);
	blocks = efuse_block_count(state->efuse);
	for (size_t b = 1; b < blocks; b++) {
		const struct efuse_error	*e = &control->errors[b];

		if (control->dec_status != 0)
			state->failed[b] = (raw_reg(&state->raw,
			    control->dec_status) & DEC_STATUS_MASK) != 0;
		if (e->fail_reg != 0)
			state->failed[b] = raw_reg(&state->raw, e->fail_reg) >>
			    e->fail_bit & 1;
		if (e->count_reg != 0)
			state->errors[b] = raw_reg(&state->raw, e->count_reg) >>
			    e->count_shift & e->count_mask;
	}
}

static uint32_t
bit_of(enum efuse_when when)
{
	return (uint32_t)1 << when;
}

/* Which fields there are only under a condition that holds. */
static uint32_t
read_shown(const struct efuse_state *state)
{
	const struct efuse_chip	*efuse = state->efuse;
	uint32_t		 shown = bit_of(EFUSE_ALWAYS);
	unsigned		 revision;

	if (efuse->flags & EFUSE_CHIP_ESP32) {
		if (efuse_number(state, "BLK3_PART_RESERVE") != 0)
			shown |= bit_of(EFUSE_CALIBRATED);
		if (efuse_number(state, "MAC_VERSION") == 1)
			shown |= bit_of(EFUSE_CUSTOM_MAC);
		return shown;
	}
	if (efuse->calibrated_from != 0 &&
	    efuse_block_version(state) >= efuse->calibrated_from)
		shown |= bit_of(EFUSE_CALIBRATED);
	/* What the fuses say counts, and on a chip nothing else does. */
	revision = 100 * efuse_number(state, "WAFER_VERSION_MAJOR") +
	    efuse_number(state, "WAFER_VERSION_MINOR");
	if (revision < efuse->old_until)
		shown |= bit_of(EFUSE_OLD_REVISION);
	return shown;
}

int
efuse_state_read(struct efuse_state *out, const struct efuse_raw *raw,
    const struct efuse_user *user, struct why *why)
{
	struct efuse_state	 state;
	unsigned		 coding;

	memset(&state, 0, sizeof state);
	state.efuse = efuse_chip_find(raw->chip, raw->revision);
	if (state.efuse == NULL)
		return why_set(why, ERR_UNSUPPORTED,
		    "the eFuses of the %s are not known",
		    raw->chip != NULL ? raw->chip->name : "chip");
	state.raw = *raw;
	state.user = user;
	state.coding = EFUSE_RS;
	if (state.efuse->flags & EFUSE_CHIP_ESP32) {
		/* BLOCK0, which is never coded, tells how the others are. */
		state.coding = EFUSE_PLAIN;
		read_words(&state);
		coding = efuse_number(&state, "CODING_SCHEME");
		if (coding == EFUSE_REPEAT)
			return why_set(why, ERR_UNSUPPORTED,
			    "the chip's eFuses are coded with scheme 2 "
			    "(repeat), which is not supported");
		if (coding == EFUSE_34)
			state.coding = EFUSE_34;
		memset(state.words, 0, sizeof state.words);
	}
	read_words(&state);
	read_errors(&state);
	state.shown = read_shown(&state);
	*out = state;
	return 0;
}

enum efuse_coding
efuse_block_coding(const struct efuse_state *state, unsigned block)
{
	return block == 0 ? EFUSE_PLAIN : state->coding;
}

size_t
efuse_block_bytes(const struct efuse_state *state, unsigned block)
{
	size_t	bytes = 4 * (size_t)state->efuse->blocks[block].words;

	return efuse_block_coding(state, block) == EFUSE_34 ?
	    bytes * 3 / 4 : bytes;
}

void
efuse_block_get(const struct efuse_state *state, unsigned block,
    uint8_t out[EFUSE_BLOCK_BYTES])
{
	for (size_t i = 0; i < EFUSE_WORDS; i++)
		le32_put(out + 4 * i, state->words[block][i]);
}

bool
efuse_block_empty(const struct efuse_state *state, unsigned block)
{
	for (size_t i = 0; i < EFUSE_WORDS; i++)
		if (state->words[block][i] != 0)
			return false;
	return true;
}

static bool
is_readable(const struct efuse_state *state, uint32_t rd_dis)
{
	return rd_dis == 0 || (efuse_number(state, "RD_DIS") & rd_dis) == 0;
}

static bool
is_writable(const struct efuse_state *state, unsigned wr_dis)
{
	return wr_dis == EFUSE_NO_BIT ||
	    (efuse_number(state, "WR_DIS") >> wr_dis & 1) == 0;
}

bool
efuse_block_readable(const struct efuse_state *state, unsigned block)
{
	return is_readable(state, state->efuse->blocks[block].rd_dis);
}

bool
efuse_block_writable(const struct efuse_state *state, unsigned block)
{
	return is_writable(state, state->efuse->blocks[block].wr_dis);
}

static bool
is_users(const struct efuse_state *state, const struct efuse_field *field)
{
	uintptr_t	at = (uintptr_t)field, first;

	if (state->user == NULL)
		return false;
	first = (uintptr_t)state->user->fields;
	return at >= first &&
	    at < first + state->user->count * sizeof *field;
}

const struct efuse_field *
efuse_field_next(const struct efuse_state *state,
    const struct efuse_field *field)
{
	const struct efuse_field	*next;

	next = field == NULL ? state->efuse->fields : field + 1;
	if (field == NULL || !is_users(state, field)) {
		while (next->name != NULL &&
		    (state->shown & bit_of(next->when)) == 0)
			next++;
		if (next->name != NULL)
			return next;
		if (state->user == NULL || state->user->count == 0)
			return NULL;
		next = state->user->fields;
	}
	return next->name != NULL ? next : NULL;
}

/* Is `name` one of the words in `list`? */
static bool
has_word(const char *list, const char *name)
{
	size_t	len = strlen(name);

	while (list != NULL && *list != '\0') {
		size_t	word = strcspn(list, " ");

		if (word == len && strncmp(list, name, len) == 0)
			return true;
		list += word + strspn(list + word, " ");
	}
	return false;
}

static bool
is_named(const struct efuse_field *field, const char *name)
{
	return strcmp(field->name, name) == 0 || has_word(field->alt, name);
}

const struct efuse_field *
efuse_field_find(struct efuse_state *state, const char *name)
{
	const struct efuse_field	*field = NULL;

	while ((field = efuse_field_next(state, field)) != NULL)
		if (is_named(field, name))
			return field;
	for (field = state->efuse->fields; field->name != NULL; field++) {
		/* What an older revision had is something else on this one. */
		if (field->when == EFUSE_OLD_REVISION ||
		    !is_named(field, name))
			continue;
		state->shown |= bit_of(field->when);
		return field;
	}
	return NULL;
}

size_t
efuse_field_bits(const struct efuse_state *state,
    const struct efuse_field *field)
{
	size_t	block = 8 * efuse_block_bytes(state, field->block);

	if (field->class == EFUSE_CLASS_KEYBLOCK && field->bits > block)
		return block;
	return field->bits;
}

bool
efuse_readable(const struct efuse_state *state,
    const struct efuse_field *field)
{
	return is_readable(state, field->rd_dis);
}

bool
efuse_writable(const struct efuse_state *state,
    const struct efuse_field *field)
{
	return is_writable(state, field->wr_dis);
}

/* `count` bits from bit `at` of `words` on, lowest first. */
static void
copy_bits(const uint32_t words[EFUSE_WORDS], size_t at, size_t count,
    uint8_t out[EFUSE_BLOCK_BYTES])
{
	memset(out, 0, EFUSE_BLOCK_BYTES);
	for (size_t i = 0; i < count && at + i < 32 * EFUSE_WORDS; i++)
		if (words[(at + i) / 32] >> (at + i) % 32 & 1)
			out[i / 8] |= (uint8_t)(1 << i % 8);
}

bool
efuse_field_bad(const struct efuse_state *state,
    const struct efuse_field *field)
{
	uint8_t	bits[EFUSE_BLOCK_BYTES];

	if (field->block != 0)
		return state->errors[field->block] != 0 ||
		    state->failed[field->block];
	if (field->bit == EFUSE_NOWHERE)
		return false;
	copy_bits(state->err0, field->bit, field->bits, bits);
	for (size_t i = 0; i < sizeof bits; i++)
		if (bits[i] != 0)
			return true;
	return false;
}

/* The row of that name that is or could be there. */
static const struct efuse_field *
row(const struct efuse_state *state, const char *name, size_t len)
{
	const struct efuse_field	*f = state->efuse->fields;

	for (; f->name != NULL; f++)
		if (strncmp(f->name, name, len) == 0 && f->name[len] == '\0')
			return f;
	return NULL;
}

/*
 * IEEE's EUI-64 of a chip with MAC and MAC_EXT: three bytes of the MAC, two of
 * the extension, three of the MAC; the first byte first, as it is written.  The
 * fields have their first byte on top.
 */
static void
eui64_bits(const struct efuse_state *state, uint8_t out[EFUSE_BLOCK_BYTES])
{
	const struct efuse_field	*mac = row(state, "MAC", 3);
	const struct efuse_field	*ext = row(state, "MAC_EXT", 7);
	uint8_t				 m[EFUSE_BLOCK_BYTES] = { 0 };
	uint8_t				 e[EFUSE_BLOCK_BYTES] = { 0 };

	if (mac != NULL)
		efuse_bits(state, mac, m);
	if (ext != NULL)
		efuse_bits(state, ext, e);
	for (size_t i = 0; i < 3; i++) {
		out[i] = m[5 - i];
		out[5 + i] = m[2 - i];
	}
	out[3] = e[1];
	out[4] = e[0];
}

/* ESP32: two fuses and a bit of a register make a code for each revision
 * (esp-idf, components/efuse/esp32, efuse_hal_get_major_chip_version). */
static uint32_t
esp32_revision(const struct efuse_state *state)
{
	static const uint8_t	revision[8] = { [1] = 1, [3] = 2, [7] = 3 };

	return revision[(state->raw.date >> 31) << 2 |
	    efuse_number(state, "CHIP_VER_REV2") << 1 |
	    efuse_number(state, "CHIP_VER_REV1")];
}

/* The parts one on the other, the first lowest. */
static uint32_t
parts_value(const struct efuse_state *state, const char *parts)
{
	uint8_t		bits[EFUSE_BLOCK_BYTES];
	uint32_t	value = 0;
	unsigned	shift = 0;

	while (parts != NULL && *parts != '\0') {
		size_t				 len = strcspn(parts, " ");
		const struct efuse_field	*f = row(state, parts, len);

		if (f != NULL && shift + f->bits <= 32) {
			efuse_bits(state, f, bits);
			value |= le32_get(bits) << shift;
			shift += f->bits;
		}
		parts += len + strspn(parts + len, " ");
	}
	return value;
}

void
efuse_bits(const struct efuse_state *state, const struct efuse_field *field,
    uint8_t out[EFUSE_BLOCK_BYTES])
{
	if (field->bit != EFUSE_NOWHERE) {
		copy_bits(state->words[field->block], field->bit,
		    efuse_field_bits(state, field), out);
		return;
	}
	memset(out, 0, EFUSE_BLOCK_BYTES);
	if (field->class == EFUSE_CLASS_MAC)
		eui64_bits(state, out);
	else if (field->class == EFUSE_CLASS_WAFER &&
	    (state->efuse->flags & EFUSE_CHIP_ESP32) != 0)
		le32_put(out, esp32_revision(state));
	else
		le32_put(out, parts_value(state, field->parts));
}

uint32_t
efuse_number(const struct efuse_state *state, const char *name)
{
	const struct efuse_field	*f = row(state, name, strlen(name));
	uint8_t				 bits[EFUSE_BLOCK_BYTES];

	if (f == NULL || f->bits > 32)
		return 0;
	efuse_bits(state, f, bits);
	return le32_get(bits);
}

const struct efuse_purpose *
efuse_block_purpose(const struct efuse_state *state, unsigned block,
    struct efuse_purpose *room)
{
	const struct efuse_block	*b = &state->efuse->blocks[block];
	char				 high[EFUSE_NAME_MAX];
	uint32_t			 value;

	if (b->purpose == NULL)
		return NULL;
	value = efuse_number(state, b->purpose);
	(void)snprintf(high, sizeof(high), "%s_H", b->purpose);
	if (state->efuse->flags & EFUSE_CHIP_PURPOSE_HI)
		value |= efuse_number(state, high) << 4;
	return efuse_purpose_of(state->efuse, value, room);
}

unsigned
efuse_block_version(const struct efuse_state *state)
{
	return 100 * efuse_number(state, "BLK_VERSION_MAJOR") +
	    efuse_number(state, "BLK_VERSION_MINOR");
}
