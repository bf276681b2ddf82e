#include <stdio.h>
#include <string.h>

#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/efuse/coding.h"
#include "proto/efuse/describe.h"
#include "proto/efuse/plan_impl.h"

enum { BITS_TEXT = EFUSE_TEXT_MAX };

static bool
overrulable(const struct efuse_wish *w)
{
	switch (w->kind) {
	case EFUSE_WISH_BITS:
	case EFUSE_WISH_DATA:
	case EFUSE_WISH_KEY:
	case EFUSE_WISH_DIGEST:
	case EFUSE_WISH_MAC:
		return true;
	case EFUSE_WISH_FIELD:
	case EFUSE_WISH_VOLTAGE:
	case EFUSE_WISH_HIDE:
	case EFUSE_WISH_LOCK:
	case EFUSE_WISH_REPAIR:
		break;
	}
	return false;
}

int
plan_object(struct efuse_plan *p, const struct efuse_wish *w, bool always,
    struct why *why, const char *text)
{
	char	line[WHY_MAX];
	size_t	n = 0;

	if (always) {
		plan_say(p, "%s Skipped because '--force-write-always' option.",
		    text);
		return 0;
	}
	for (const char *c = text; *c && n < sizeof(line) - 1; c++)
		if (*c != '\t')
			line[n++] = *c == '\n' ? ' ' : *c;
	line[n] = '\0';
	return why_set(why, ERR_SECURITY, "%s%s", line, w && overrulable(w) ?
	    " (use '--force-write-always' option to ignore it)" : "");
}

int
plan_protected(struct efuse_plan *p, const char *name, bool readable,
    bool writable, const struct efuse_wish *w, bool always, struct why *why)
{
	char	text[WHY_MAX];
	int	r;

	if (!readable) {
		(void)snprintf(text, sizeof(text), "\t%s is read-protected. "
		    "The written value can not be read, the eFuse/block looks "
		    "as all 0.\n\tBurn in this case may damage an already "
		    "written value.%s", name, !writable || always ? "" :
		    " (If a burn of it was cut short, what is left to do is "
		    "write-protect-efuse.)");	/* cut: names are short */
		r = plan_object(p, w, always, why, text);
		if (r < 0)
			return r;
	}
	/* No option overrules the hardware here. */
	if (!writable)
		return why_set(why, ERR_SECURITY, "%s is write-protected. Burn "
		    "is not possible.", name);
	return 0;
}

/* Bits that are set, or are to be set by now. */
struct bits_now {
	uint8_t	read[EFUSE_BLOCK_BYTES];
	uint8_t	want[EFUSE_BLOCK_BYTES];
};

static bool
within(const uint8_t *bits, const uint8_t *in)
{
	for (size_t i = 0; i < EFUSE_BLOCK_BYTES; i++)
		if (bits[i] & ~in[i])
			return false;
	return true;
}

/* Not one of the bits that are set is missing in what is wanted. */
static int
clears_nothing(struct efuse_plan *p, const struct efuse_field *f,
    const uint8_t *bits, const uint8_t *old, const struct efuse_wish *w,
    struct why *why)
{
	char	text[WHY_MAX], sum[BITS_TEXT];
	uint8_t	all[EFUSE_BLOCK_BYTES];

	if (within(old, bits))
		return 0;
	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = bits[i] | old[i];
	efuse_bits_text(all, efuse_field_bits(&p->before, f), sum);
	if (p->secrets >> f->block & 1)
		(void)snprintf(text, sizeof(text), "\tNew value contains some "
		    "bits that cannot be cleared (%s holds others already)",
		    f->name);		/* cut: names are short */
	else
		(void)snprintf(text, sizeof(text), "\tNew value contains some "
		    "bits that cannot be cleared (value will be %s)", sum);
	explicit_bzero(all, sizeof(all));
	explicit_bzero(sum, sizeof(sum));
	return plan_object(p, w, w->write_always, why, text);
}

/* Nothing else may change the field: not bits of its block, burned beside it. */
static void
claim(struct efuse_plan *p, const struct efuse_field *f, size_t count,
    const uint8_t *bits, const uint8_t *read)
{
	uint8_t	ones[EFUSE_BLOCK_BYTES];

	memset(ones, 0xff, sizeof(ones));
	plan_bits_or(p->claimed[f->block], f->bit, count, ones);
	plan_bits_or(p->claims[f->block], f->bit, count, bits);
	plan_bits_or(p->claims[f->block], f->bit, count, read);
}

int
plan_set(struct efuse_plan *p, const struct efuse_field *f,
    const uint8_t bits[EFUSE_BLOCK_BYTES], const struct efuse_wish *w,
    struct why *why)
{
	struct efuse_state	*s = &p->before;
	size_t			 n = efuse_field_bits(s, f);
	struct bits_now		 now;
	uint8_t			 old[EFUSE_BLOCK_BYTES];
	bool			 damaged = s->failed[f->block] && f->block > 0;
	bool			 masks;
	int			 r;

	plan_bits_get(s->words[f->block], f->bit, n, now.read);
	plan_bits_get(p->want[f->block], f->bit, n, now.want);
	for (size_t i = 0; i < sizeof(old); i++)
		old[i] = now.read[i] | now.want[i];
	if (!plan_any(bits, sizeof(old)) && !plan_any(old, sizeof(old)))
		return 0;
	/* Masks are made of single bits: others may be set. */
	masks = strcmp(f->name, "WR_DIS") == 0 ||
	    strcmp(f->name, "RD_DIS") == 0;
	if (!masks)
		claim(p, f, n, bits, now.read);
	/* A block that a cut burn left damaged is burned whole once more. */
	if (!damaged && (memcmp(bits, old, sizeof(old)) == 0 ||
	    within(bits, now.read))) {
		plan_say(p, "\tThe same value for %s is already burned. Do not "
		    "change the eFuse.", f->name);
		return 0;
	}
	if (memcmp(bits, now.want, sizeof(old)) == 0) {
		plan_say(p, "\tThe same value for %s is already prepared for "
		    "the burn operation.", f->name);
		return 0;
	}
	if (!masks) {
		r = clears_nothing(p, f, bits, old, w, why);
		if (r < 0)
			return r;
	}
	r = plan_protected(p, f->name, plan_readable(s, f),
	    efuse_writable(s, f), w, w->write_always, why);
	if (r < 0)
		return r;
	plan_bits_or(p->want[f->block], f->bit, n, bits);
	if (w->write_always)
		p->always |= 1u << f->block;
	explicit_bzero(&now, sizeof(now));
	explicit_bzero(old, sizeof(old));
	return 0;
}

int
plan_set_number(struct efuse_plan *p, const char *name, uint32_t value,
    const struct efuse_wish *w, struct why *why)
{
	const struct efuse_field	*f = efuse_field_find(&p->before, name);
	uint8_t				 bits[EFUSE_BLOCK_BYTES];

	if (!f)
		return why_set(why, ERR_UNSUPPORTED, "%s has no %s",
		    p->before.efuse->chip->name, name);
	plan_bits_of_number(value, bits);
	return plan_set(p, f, bits, w, why);
}

void
plan_keep(struct efuse_plan *p, const struct efuse_field *f, uint32_t value)
{
	for (size_t i = 0; f && i < f->bits; i++)
		if (i >= 32 || !(value >> i & 1))
			p->untouched[f->block][(f->bit + i) / 32] |=
			    1u << (f->bit + i) % 32;
}

/* "- 'NAME' 0b00 -> 0b01" of a part that was set. */
static void
part_line(struct efuse_plan *p, const struct efuse_field *f)
{
	uint8_t	bits[EFUSE_BLOCK_BYTES];
	char	before[BITS_TEXT], after[BITS_TEXT];
	size_t	n = efuse_field_bits(&p->before, f);

	efuse_bits(&p->before, f, bits);
	efuse_bits_text(bits, n, before);
	plan_bits_get(p->want[f->block], f->bit, n, bits);
	efuse_bits_text(bits, n, after);
	plan_say(p, "\t    - '%s' %s -> %s", f->name, before, after);
}

static int
set_part(struct efuse_plan *p, const char *name, uint32_t value,
    const struct efuse_wish *w, struct why *why)
{
	const struct efuse_field	*f;
	int				 r;

	r = plan_set_number(p, name, value, w, why);
	f = r == 0 ? plan_field(p, name) : NULL;
	if (f)
		part_line(p, f);
	return r;
}

/*
 * A number that is kept in several fields, lowest bits first in the row.  The
 * reference takes two parts from the upper one on, more from the lowest.
 */
static int
set_parts(struct efuse_plan *p, const struct efuse_field *f, uint32_t value,
    const struct efuse_wish *w, struct why *why)
{
	char				 name[EFUSE_NAME_MAX];
	const struct efuse_field	*part;
	uint32_t			 values[8] = { 0 };
	size_t				 count = 0, shift = 0, at;
	int				 r;

	for (; count < 8 && plan_word_at(f->parts, count, name); count++) {
		part = efuse_field_find(&p->before, name);
		if (!part)
			return why_set(why, ERR_INTERNAL, "%s is made of %s, "
			    "which %s has not", f->name, name,
			    p->before.efuse->chip->name);
		values[count] = value >> shift & ((1u << part->bits) - 1);
		shift += part->bits;
	}
	for (size_t i = 0; i < count; i++) {
		at = count == 2 ? 1 - i : i;
		(void)plan_word_at(f->parts, at, name);	/* it was found */
		r = set_part(p, name, values[at], w, why);
		if (r < 0)
			return r;
	}
	return 0;
}

/* ESP32: the MAC in BLOCK3 has a version and a CRC. */
static int
set_mac_esp32(struct efuse_plan *p, const struct efuse_field *f,
    const uint8_t *bits, const struct efuse_wish *w, struct why *why);

static void
mac_line(struct efuse_plan *p, const struct efuse_field *f,
    const char *value)
{
	uint8_t	bits[EFUSE_BLOCK_BYTES];
	char	before[BITS_TEXT];

	efuse_bits(&p->before, f, bits);
	efuse_bits_text(bits, efuse_field_bits(&p->before, f), before);
	plan_say(p, "    - '%s' (%s) %s -> %s", f->name, efuse_describe(f),
	    before, value);
}

static int
set_mac(struct efuse_plan *p, const struct efuse_field *f,
    const uint8_t *bits, const struct efuse_wish *w, struct why *why)
{
	bool	esp32 = p->before.efuse->flags & EFUSE_CHIP_ESP32;
	char	text[BITS_TEXT];

	if (strcmp(f->name, "CUSTOM_MAC") != 0 && esp32)
		return why_set(why, ERR_SECURITY, "Writing Factory MAC address "
		    "is not supported");
	if (strcmp(f->name, "CUSTOM_MAC") != 0)
		return why_set(why, ERR_SECURITY, "Burning %s is not supported.",
		    f->name);
	if (esp32)
		return set_mac_esp32(p, f, bits, w, why);
	efuse_bits_text(bits, efuse_field_bits(&p->before, f), text);
	mac_line(p, f, text);
	return plan_set(p, f, bits, w, why);
}

static int
set_mac_esp32(struct efuse_plan *p, const struct efuse_field *f,
    const uint8_t *bits, const struct efuse_wish *w, struct why *why)
{
	const struct efuse_field	*version, *crc;
	uint32_t			 now;
	char				 text[BITS_TEXT];
	uint8_t				 sum;
	int				 r = 0;

	version = efuse_field_find(&p->before, "MAC_VERSION");
	crc = efuse_field_find(&p->before, "CUSTOM_MAC_CRC");
	if (!version || !crc)
		return why_set(why, ERR_INTERNAL, "no MAC_VERSION or "
		    "CUSTOM_MAC_CRC in the table of %s",
		    p->before.efuse->chip->name);
	now = plan_number(p, "MAC_VERSION");
	if (now > 1 && !w->write_always)
		return why_set(why, ERR_SECURITY, "MAC_VERSION = %u, should be "
		    "0 or 1.", now);
	if (now <= 1)
		plan_keep(p, version, 1);
	if (now == 0) {
		mac_line(p, version, "0x1");
		r = plan_set_number(p, version->name, 1, w, why);
	}
	if (r < 0)
		return r;
	efuse_bits_text(bits, efuse_field_bits(&p->before, f), text);
	mac_line(p, f, text);
	r = plan_set(p, f, bits, w, why);
	if (r < 0)
		return r;
	sum = coding_mac_crc(bits);
	(void)snprintf(text, sizeof(text), "0x%x", sum);	/* short */
	mac_line(p, crc, text);
	return plan_set_number(p, crc->name, sum, w, why);
}

void
plan_keep_purpose(struct efuse_plan *p, const struct efuse_field *f,
    unsigned value)
{
	char	high[EFUSE_NAME_MAX];

	(void)snprintf(high, sizeof(high), "%s_H", f->name);	/* short */
	plan_keep(p, f, value);
	plan_keep(p, plan_field(p, high), value >> 4);
}

int
plan_set_purpose(struct efuse_plan *p, const struct efuse_field *f,
    unsigned value, const struct efuse_wish *w, struct why *why)
{
	struct efuse_purpose		 room;
	const struct efuse_purpose	*purpose;
	char				 high[EFUSE_NAME_MAX];
	int				 r = 0;

	purpose = efuse_purpose_of(p->before.efuse, value, &room);
	if (purpose && purpose->flags & EFUSE_NOT_LAST &&
	    strcmp(f->name, "KEY_PURPOSE_5") == 0)
		return why_set(why, ERR_UNSUPPORTED, "%s can not have %s key "
		    "due to a hardware bug (please see TRM for more details); "
		    "take another block", f->name, purpose->name);
	(void)snprintf(high, sizeof(high), "%s_H", f->name);	/* short */
	plan_keep_purpose(p, f, value);
	if (!(p->before.efuse->flags & EFUSE_CHIP_PURPOSE_HI) ||
	    !plan_field(p, high))
		return plan_set_number(p, f->name, value, w, why);
	if (value & 0xf)
		r = set_part(p, f->name, value & 0xf, w, why);
	if (r == 0 && value >> 4)
		r = set_part(p, high, value >> 4, w, why);
	return r;
}

static int
not_burnable(const struct efuse_field *f, struct why *why)
{
	if (f->class == EFUSE_CLASS_VREF)
		return why_set(why, ERR_SECURITY, "Writing to VRef is not "
		    "supported.");
	return why_set(why, ERR_SECURITY, "Burning %s is not supported.",
	    f->name);
}

int
plan_set_value(struct efuse_plan *p, const struct efuse_field *f,
    const struct plan_value *v, const struct efuse_wish *w, struct why *why)
{
	uint8_t	bits[EFUSE_BLOCK_BYTES];

	plan_value_bits(f, v, bits);
	switch ((enum efuse_class)f->class) {
	case EFUSE_CLASS_MAC:
		return set_mac(p, f, bits, w, why);
	case EFUSE_CLASS_KEYPURPOSE:
		return plan_set_purpose(p, f, v->number, w, why);
	case EFUSE_CLASS_RECOVERY:
	case EFUSE_CLASS_ROLLBACK:
		return set_parts(p, f, v->number, w, why);
	case EFUSE_CLASS_VREF:
	case EFUSE_CLASS_WAFER:
	case EFUSE_CLASS_PKG:
	case EFUSE_CLASS_PSRAM_CAP:
		return not_burnable(f, why);
	case EFUSE_CLASS_NONE:
	case EFUSE_CLASS_KEYBLOCK:
	case EFUSE_CLASS_BITCOUNT:
	case EFUSE_CLASS_ADC_TP:
	case EFUSE_CLASS_T_SENSOR:
	case EFUSE_CLASS_SPIPIN:
		break;
	}
	return plan_set(p, f, bits, w, why);
}
