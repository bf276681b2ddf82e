#include "proto/efuse/virt.h"

#include <string.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/efuse/coding.h"

/* APB_CTRL_DATE's top bit: an ESP32 of revision 3 (esptool 5.3 --virt). */
#define ESP32_DATE	0x80000000u

void
virt_new(struct efuse_raw *raw, const struct efuse_chip *efuse)
{
	memset(raw, 0, sizeof *raw);
	raw->chip = efuse->chip;
	raw->revision = efuse->virt_revision;
	raw->xtal_mhz = efuse->virt_xtal;
	if (efuse->flags & EFUSE_CHIP_ESP32)
		raw->date = ESP32_DATE;
}

int
virt_load(struct efuse_raw *raw, const struct efuse_chip *efuse,
    const void *data, size_t len, struct why *why)
{
	const uint8_t	*bytes = data;
	uint8_t		 turned[EFUSE_WINDOW];

	if (len != efuse->window)
		return why_set(why, ERR_PARAMS, "a file with the eFuses of a "
		    "virtual %s has %u bytes, this one has %zu; leave it out "
		    "or name a new one to begin with empty eFuses",
		    efuse->chip->name, efuse->window, len);
	for (size_t i = 0; i < len; i++)
		turned[i] = bytes[len - 1 - i];
	virt_new(raw, efuse);
	for (size_t i = 0; i < len / 4; i++)
		raw->window[i] = le32_get(turned + 4 * i);
	return 0;
}

size_t
virt_save(const struct efuse_raw *raw, uint8_t out[EFUSE_WINDOW])
{
	const struct efuse_chip	*efuse;
	uint8_t			 straight[EFUSE_WINDOW];
	size_t			 len = EFUSE_WINDOW;

	efuse = efuse_chip_find(raw->chip, raw->revision);
	if (efuse != NULL)
		len = efuse->window;
	for (size_t i = 0; i < len / 4; i++)
		le32_put(straight + 4 * i, raw->window[i]);
	for (size_t i = 0; i < len; i++)
		out[i] = straight[len - 1 - i];
	return len;
}

/*
 * espefuse's virtual chip ors the numbers of the timing into the registers
 * without moving them to their places, and a file must come out as its own
 * would: the registers mean nothing to a chip that is only a file.
 */
static void
set_timing(struct efuse_raw *raw, const struct efuse_chip *efuse)
{
	const struct efuse_timing	*t = efuse->control.timing;

	for (; t != NULL && t->reg != 0; t++) {
		if (t->mask == 0 || (t->xtal_mhz != 0 &&
		    t->xtal_mhz != raw->xtal_mhz))
			continue;
		raw->window[t->reg / 4] |=
		    t->value >> __builtin_ctz(t->mask) & t->mask;
	}
}

/* From what goes into the registers to the bits of the block. */
static int
decode(const struct efuse_state *state, const struct efuse_step *step,
    uint32_t data[EFUSE_BURN_WORDS], struct why *why)
{
	uint8_t	coded[4 * EFUSE_BURN_WORDS], plain[CODING_RS_DATA] = { 0 };
	uint8_t	check[CODING_RS_CHECK];
	bool	fits = true;

	memcpy(data, step->burn, sizeof step->burn);
	for (size_t i = 0; i < EFUSE_BURN_WORDS; i++)
		le32_put(coded + 4 * i, step->burn[i]);
	switch (efuse_block_coding(state, step->block)) {
	case EFUSE_34:
		fits = coding_34_check(coded, CODING_RS_DATA, plain);
		for (size_t i = 0; i < CODING_RS_DATA / 4; i++)
			data[i] = le32_get(plain + 4 * i);
		break;
	case EFUSE_RS:
		coding_rs(coded, check);
		fits = memcmp(check, coded + CODING_RS_DATA,
		    CODING_RS_CHECK) == 0;
		break;
	case EFUSE_PLAIN:
	case EFUSE_REPEAT:
	case EFUSE_RECOVERY:
		break;
	}
	if (!fits)
		return why_set(why, ERR_INTERNAL, "the check bytes for %s are "
		    "wrong; nothing was burned",
		    state->efuse->blocks[step->block].name);
	return 0;
}

static void
clear_bits(uint32_t words[], size_t at, size_t count)
{
	for (; count > 0; at++, count--)
		words[at / 32] &= ~((uint32_t)1 << at % 32);
}

/* Does the field mean these bits on this chip? */
static bool
has_bits(const struct efuse_state *state, const struct efuse_field *field,
    unsigned block)
{
	return field->block == block && field->bit != EFUSE_NOWHERE &&
	    (field->when != EFUSE_OLD_REVISION ||
	    (state->shown >> EFUSE_OLD_REVISION & 1) != 0);
}

/* Bits that are protected from writing do not take. */
static void
mask_protected(const struct efuse_state *state, unsigned block,
    uint32_t data[EFUSE_BURN_WORDS])
{
	const struct efuse_field	*f = state->efuse->fields;

	if (!efuse_block_writable(state, block)) {
		memset(data, 0, EFUSE_BURN_WORDS * sizeof *data);
		return;
	}
	for (; f->name != NULL; f++)
		if (has_bits(state, f, block) && !efuse_writable(state, f))
			clear_bits(data, f->bit, f->bits);
}

static void
hide_block(struct efuse_raw *raw, const struct efuse_state *state,
    unsigned block, uint32_t hidden)
{
	const struct efuse_block	*b = &state->efuse->blocks[block];
	uint32_t			*words = &raw->window[b->read / 4];
	uint32_t			 lower = b->rd_dis & -b->rd_dis;
	size_t				 bits, half;

	bits = 8 * efuse_block_bytes(state, block);
	half = lower != b->rd_dis ? bits / 2 : bits;
	if (hidden & lower)
		clear_bits(words, 0, half);
	if (hidden & ~lower)
		clear_bits(words, half, bits - half);
}

/* Bits that are protected from reading read as zeros, and a virtual chip has
 * nowhere else to keep them: they are gone. */
static void
hide_protected(struct efuse_raw *raw, const struct efuse_state *state)
{
	uint32_t	rd_dis = efuse_number(state, "RD_DIS");
	size_t		blocks = efuse_block_count(state->efuse);

	for (unsigned n = 0; n < blocks; n++) {
		const struct efuse_block	*b = &state->efuse->blocks[n];
		const struct efuse_field	*f = state->efuse->fields;

		if (rd_dis & b->rd_dis) {
			hide_block(raw, state, n, rd_dis & b->rd_dis);
			continue;
		}
		for (; f->name != NULL; f++)
			if (has_bits(state, f, n) && (rd_dis & f->rd_dis) != 0)
				clear_bits(&raw->window[b->read / 4], f->bit,
				    efuse_field_bits(state, f));
	}
}

/*
 * What the command leaves in registers: what it wrote there was cleared but
 * for what lies behind efuse_control.clear_words, on most chips the check
 * bytes.
 */
static void
leave_registers(struct efuse_raw *raw, const struct efuse_control *control,
    const struct efuse_block *block, const struct efuse_step *step)
{
	if (control->clear_words != 0)
		for (size_t i = control->clear_words; i < step->burn_words; i++)
			raw->window[block->write / 4 + i] = step->burn[i];
	raw->window[control->conf / 4] = EFUSE_READ_CODE;
	raw->window[control->cmd / 4] = 0;
}

int
virt_burn(struct efuse_raw *raw, const struct efuse_step *step,
    struct why *why)
{
	const struct efuse_block	*block;
	struct efuse_state		 state;
	struct efuse_raw		 burned = *raw;
	uint32_t			 data[EFUSE_BURN_WORDS];
	int				 err;

	if ((err = efuse_state_read(&state, raw, NULL, why)) < 0)
		return err;
	if ((err = decode(&state, step, data, why)) < 0)
		return err;
	mask_protected(&state, step->block, data);
	set_timing(&burned, state.efuse);
	block = &state.efuse->blocks[step->block];
	for (size_t i = 0; i < efuse_block_bytes(&state, step->block) / 4; i++)
		burned.window[block->read / 4 + i] |= data[i];
	leave_registers(&burned, &state.efuse->control, block, step);
	if ((err = efuse_state_read(&state, &burned, NULL, why)) < 0)
		return err;
	hide_protected(&burned, &state);
	*raw = burned;
	return 0;
}
