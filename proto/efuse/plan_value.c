#include <stdlib.h>
#include <string.h>

#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/efuse/plan_impl.h"

/*
 * What a user may write as value: numbers as everywhere; bytes as hex in their
 * order, or after 0x as one number, whose last byte is the first one; a MAC;
 * the name of a key's purpose.
 */

static int
number(const struct efuse_field *f, const char *text, uint32_t *v,
    struct why *why)
{
	if (text_u32(text, v) < 0)
		return why_set(why, ERR_PARAMS, "'%.40s' is not a number that "
		    "%s can have; write it as 5, 0x5 or 0b101", text, f->name);
	return 0;
}

/* burn-efuse of a counter without a value: one more bit. */
static int
next_count(struct efuse_state *s, const struct efuse_field *f, uint32_t *v,
    struct why *why)
{
	uint8_t		bits[EFUSE_BLOCK_BYTES];
	size_t		n = efuse_field_bits(s, f);

	efuse_bits(s, f, bits);
	*v = 0;
	for (size_t i = 0; i < n && i < 32; i++)
		*v |= (uint32_t)(bits[i / 8] >> i % 8 & 1) << i;
	for (size_t i = 0; i < n && i < 32; i++) {
		if (*v >> i & 1)
			continue;
		*v |= 1u << i;
		return 0;
	}
	return why_set(why, ERR_SECURITY, "%u is too large an unsigned integer "
	    "for a bitstring of length %zu. The allowed range is [0, %u]. All "
	    "bits of %s are set; it cannot count any further", *v << 1 | 1, n,
	    *v, f->name);
}

static int
parse_purpose(struct efuse_state *s, const struct efuse_field *f,
    const char *text, uint32_t *v, struct why *why)
{
	struct efuse_purpose		room;
	const struct efuse_purpose	*p;
	uint32_t			n;

	p = efuse_purpose_find(s->efuse, text, &room);
	if (p && p->value > 0) {
		*v = (uint32_t)p->value;
		return 0;
	}
	if (p && p->value < 0)
		return why_set(why, ERR_PARAMS, "%s takes two key blocks; use "
		    "burn-key, which sets %s", text, f->name);
	if (!p && text_u32(text, &n) < 0)
		return why_set(why, ERR_PARAMS, "'%.40s' unknown name: it is "
		    "no purpose that %s can have", text, f->name);
	if (p || !efuse_purpose_of(s->efuse, n, &room) || n == 0)
		return why_set(why, ERR_PARAMS, "'%.40s' can not be set (value "
		    "out of range): burning cannot bring %s to it", text,
		    f->name);
	*v = n;
	return 0;
}

/* The pins 30 and 31 do not exist; the fuse has no room for 32 and 33. */
static int
parse_pin(const struct efuse_field *f, const char *text, uint32_t *v,
    struct why *why)
{
	int	r = number(f, text, v, why);

	if (r < 0)
		return r;
	if (*v == 30 || *v == 31)
		return why_set(why, ERR_PARAMS, "IO pins 30 & 31 cannot be set "
		    "for SPI flash. 0-29, 32 & 33 only.");
	if (*v > 33)
		return why_set(why, ERR_PARAMS, "IO pin %u cannot be set for "
		    "SPI flash. 0-29, 32 & 33 only.", *v);
	if (*v >= 32)
		*v -= 2;
	return 0;
}

/* RFC 7042, 2.1: the lowest bit of the first octet says multicast. */
static int
parse_mac(struct efuse_state *s, const struct efuse_field *f,
    const char *text, uint8_t *out, struct why *why)
{
	size_t	n = efuse_field_bits(s, f) / 8, colons = 0;
	char	hex[3] = "";

	if (!text)
		return why_set(why, ERR_PARAMS, "Required MAC Address in "
		    "AA:CD:EF:01:02:03 format!");
	for (const char *c = text; *c; c++)
		colons += *c == ':';
	if (colons != n - 1)
		return why_set(why, ERR_PARAMS, "MAC Address needs to be a "
		    "%zu-byte hexadecimal format separated by colons (:)!", n);
	if (strlen(text) != 3 * n - 1)
		return why_set(why, ERR_PARAMS, "MAC Address needs to be a "
		    "%zu-byte hexadecimal number (%zu hexadecimal characters)!",
		    n, 2 * n);
	for (size_t i = 0; i < n; i++) {
		memcpy(hex, text + 3 * i, 2);
		if (text_unhex(hex, out + i, 1) != 1 ||
		    (i + 1 < n && text[3 * i + 2] != ':'))
			return why_set(why, ERR_PARAMS, "'%.40s' is not a MAC "
			    "address: two hexadecimal digits between colons",
			    text);
	}
	if (out[0] & 1)
		return why_set(why, ERR_PARAMS, "Custom MAC must be a unicast "
		    "MAC! The first byte must be even");
	return 0;
}

static int
parse_bytes(struct efuse_state *s, const struct efuse_field *f,
    const char *text, uint8_t *out, struct why *why)
{
	size_t	n = efuse_field_bits(s, f) / 8;
	bool	turned = strncmp(text, "0x", 2) == 0;
	int	len;

	/* What is written may be a key: the sentence does not repeat it. */
	len = text_unhex(turned ? text + 2 : text, out, EFUSE_BLOCK_BYTES);
	if (len < 0)
		return why_set(why, ERR_PARAMS, "the value for %s must be %zu "
		    "bytes as hexadecimal digits", f->name, n);
	if ((size_t)len != n)
		return why_set(why, ERR_PARAMS, "The length of eFuse '%s' (%zu "
		    "bits) (given len of the new value= %d bits)", f->name,
		    8 * n, 8 * len);
	for (size_t i = 0; turned && i < n / 2; i++) {
		uint8_t	b = out[i];

		out[i] = out[n - 1 - i];
		out[n - 1 - i] = b;
	}
	return 0;
}

static int
parse_bool(const struct efuse_field *f, const char *text, uint32_t *v,
    struct why *why)
{
	*v = 1;
	if (!text)
		return 0;
	if (number(f, text, v, why) < 0)
		return ERR_PARAMS;
	if (*v != 1)
		return why_set(why, ERR_PARAMS, "New value is not accepted for "
		    "eFuse '%s' (will always burn 0->1), given value=%u",
		    f->name, *v);
	return 0;
}

int
plan_value(struct efuse_state *s, const struct efuse_field *f,
    const char *text, struct plan_value *v, struct why *why)
{
	int	r;

	memset(v, 0, sizeof(*v));
	if (f->class == EFUSE_CLASS_MAC)
		return parse_mac(s, f, text, v->bytes, why);
	if (f->type == EFUSE_BOOL && f->class != EFUSE_CLASS_KEYPURPOSE)
		return parse_bool(f, text, &v->number, why);
	if (f->class == EFUSE_CLASS_BITCOUNT)
		return text ? number(f, text, &v->number, why) :
		    next_count(s, f, &v->number, why);
	if (!text)
		return why_set(why, ERR_PARAMS, "New value required for eFuse "
		    "'%s' (given None)", f->name);
	if (f->type == EFUSE_BYTES)
		return parse_bytes(s, f, text, v->bytes, why);
	if (f->class == EFUSE_CLASS_KEYPURPOSE)
		return parse_purpose(s, f, text, &v->number, why);
	if (f->class == EFUSE_CLASS_SPIPIN)
		r = parse_pin(f, text, &v->number, why);
	else
		r = number(f, text, &v->number, why);
	if (r == 0 && v->number == 0)
		return why_set(why, ERR_PARAMS, "New value should not be 0 for "
		    "'%s' (given value= 0)", f->name);
	return r;
}

/* The value of a wish, which may be sealed. */
int
plan_wish_value(struct efuse_state *s, const struct efuse_field *f,
    const struct efuse_wish *w, struct plan_value *v, struct why *why)
{
	size_t	n = efuse_field_bits(s, f) / 8;

	if (w->value || w->len == 0 || f->type != EFUSE_BYTES)
		return plan_value(s, f, w->value, v, why);
	memset(v, 0, sizeof(*v));
	if (w->len != n || w->len > sizeof(v->bytes))
		return why_set(why, ERR_PARAMS, "The length of eFuse '%s' (%zu "
		    "bits) (given len of the new value= %zu bits)", f->name,
		    8 * n, 8 * w->len);
	memcpy(v->bytes, w->data, w->len);
	return 0;
}

int
efuse_wish_seal(struct efuse_state *s, struct efuse_wish *w, struct why *why)
{
	const struct efuse_field	*f;
	struct plan_value		 v;
	int				 r;

	if (w->kind != EFUSE_WISH_FIELD || !w->name || !w->value)
		return 0;
	f = efuse_field_find(s, w->name);
	if (!f || f->class != EFUSE_CLASS_KEYBLOCK)
		return 0;
	r = plan_value(s, f, w->value, &v, why);
	if (r < 0)
		return r;
	w->len = efuse_field_bits(s, f) / 8;
	memcpy(w->data, v.bytes, w->len);
	explicit_bzero(&v, sizeof(v));
	explicit_bzero(w->value, strlen(w->value));
	free(w->value);
	w->value = NULL;
	return 0;
}

/* Bits that a number for the field may have: its own, and for a purpose those
 * of KEY_PURPOSE_n_H. */
static size_t
number_bits(struct efuse_plan *p, const struct efuse_field *f)
{
	if (f->class == EFUSE_CLASS_KEYPURPOSE &&
	    p->before.efuse->flags & EFUSE_CHIP_PURPOSE_HI && f->bits == 4)
		return 5;
	return f->bits;
}

int
plan_value_fits(struct efuse_plan *p, const struct efuse_field *f,
    const struct plan_value *v, struct why *why)
{
	size_t	n = number_bits(p, f);
	char	type[16];

	if (f->type == EFUSE_BYTES || f->class == EFUSE_CLASS_MAC || n >= 32 ||
	    v->number >> n == 0)
		return 0;
	efuse_field_type(&p->before, f, type);
	plan_say(p, "New value '%u' is not suitable for %s (%s)", v->number,
	    f->name, type);
	return why_set(why, ERR_PARAMS, "%u is too large an unsigned integer "
	    "for a bitstring of length %zu. The allowed range is [0, %u]. %s "
	    "holds no more",
	    v->number, n, (1u << n) - 1, f->name);
}

void
plan_value_bits(const struct efuse_field *f, const struct plan_value *v,
    uint8_t out[EFUSE_BLOCK_BYTES])
{
	if (f->type == EFUSE_BYTES || f->class == EFUSE_CLASS_MAC)
		memcpy(out, v->bytes, EFUSE_BLOCK_BYTES);
	else
		plan_bits_of_number(v->number, out);
}
