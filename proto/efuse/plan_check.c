#include <string.h>

#include "proto/base/err.h"
#include "proto/efuse/plan_impl.h"

/* efuse_wish_check(): what of a wish cannot be, whatever else is wished. */

static int
check_field(struct efuse_state *s, const struct efuse_wish *w,
    struct why *why)
{
	const struct efuse_field	*f;
	struct plan_value		 v;
	int				 r;

	if (w->len > EFUSE_WISH_BYTES)
		return why_set(why, ERR_PARAMS, "no value of %s has more than "
		    "%d bytes", w->name, EFUSE_WISH_BYTES);
	f = efuse_field_find(s, w->name);
	if (!f)
		return why_set(why, ERR_PARAMS, "%s has no eFuse '%s'",
		    s->efuse->chip->name, w->name);
	if (w->kind == EFUSE_WISH_HIDE && f->rd_dis == 0)
		return why_set(why, ERR_PARAMS, "This eFuse cannot be "
		    "read-disabled: %s has no bit in RD_DIS", f->name);
	if (w->kind == EFUSE_WISH_LOCK && f->wr_dis == EFUSE_NO_BIT)
		return why_set(why, ERR_PARAMS, "This eFuse cannot be "
		    "write-disabled: %s has no bit in WR_DIS", f->name);
	if (w->kind != EFUSE_WISH_FIELD)
		return 0;
	r = plan_wish_value(s, f, w, &v, why);
	explicit_bzero(&v, sizeof(v));
	return r;
}

static int
check_block(struct efuse_state *s, const struct efuse_wish *w,
    struct why *why)
{
	if (efuse_block_find(s->efuse, w->name) < 0)
		return why_set(why, ERR_PARAMS, "%s has no block '%s' of "
		    "eFuses", s->efuse->chip->name, w->name);
	if (w->len > EFUSE_WISH_BYTES || w->bit_count > EFUSE_WISH_BITS_MAX)
		return why_set(why, ERR_PARAMS, "more bytes or bits than block "
		    "%s has", w->name);
	return 0;
}

/* The ESP32 has no purposes; its digest has one place only, as in the C2. */
static int
check_purpose(struct efuse_state *s, const struct efuse_wish *w,
    struct why *why)
{
	struct efuse_purpose		 room;
	const struct efuse_purpose	*v;
	bool				 digest = w->kind == EFUSE_WISH_DIGEST;

	if (s->efuse->flags & EFUSE_CHIP_ESP32 ||
	    (digest && s->efuse->flags & EFUSE_CHIP_ONE_KEY && !w->purpose))
		return 0;
	if (!w->purpose)
		return why_set(why, ERR_PARAMS, "a key for %s needs its purpose",
		    s->efuse->chip->name);
	v = efuse_purpose_find(s->efuse, w->purpose, &room);
	if (!v)
		return why_set(why, ERR_PARAMS, "%s has no key purpose '%s'",
		    s->efuse->chip->name, w->purpose);
	if (digest && !(v->flags & EFUSE_DIGEST))
		return why_set(why, ERR_PARAMS, "'%s' is no purpose of a "
		    "digest of a public key", w->purpose);
	return 0;
}

static int
check_key(struct efuse_state *s, const struct efuse_wish *w, struct why *why)
{
	uint32_t	flags = s->efuse->flags;
	int		block;

	if (w->len > EFUSE_WISH_BYTES)
		return why_set(why, ERR_PARAMS, "Incorrect key file size %zu: "
		    "no key has more than %d bytes", w->len, EFUSE_WISH_BYTES);
	if (w->name) {
		block = efuse_block_find(s->efuse, w->name);
		if (block <= 0 || !(flags & EFUSE_CHIP_ESP32 ||
		    s->efuse->blocks[block].purpose ||
		    (flags & EFUSE_CHIP_ONE_KEY &&
		    s->efuse->blocks[block].rd_dis)))
			return why_set(why, ERR_PARAMS, "'%s' is no key block "
			    "of %s", w->name, s->efuse->chip->name);
	} else if (w->kind == EFUSE_WISH_KEY ||
	    !(flags & (EFUSE_CHIP_ESP32 | EFUSE_CHIP_ONE_KEY))) {
		return why_set(why, ERR_PARAMS, "a key for %s needs the name "
		    "of a block", s->efuse->chip->name);
	}
	return check_purpose(s, w, why);
}

static int
check_mac(struct efuse_state *s, const struct efuse_wish *w, struct why *why)
{
	const struct efuse_field	*f = efuse_field_find(s, "CUSTOM_MAC");
	struct plan_value		 v;

	if (!f)
		return why_set(why, ERR_UNSUPPORTED, "%s has no CUSTOM_MAC",
		    s->efuse->chip->name);
	return plan_value(s, f, w->value, &v, why);
}

static int
check_voltage(struct efuse_state *s, const struct efuse_wish *w,
    struct why *why)
{
	const char	*v = w->value ? w->value : "";

	if (!(s->efuse->flags & EFUSE_CHIP_VOLTAGE))
		return why_set(why, ERR_UNSUPPORTED, "set_flash_voltage is not "
		    "supported for this chip (%s)", s->efuse->chip->name);
	if (strcmp(v, "1.8V") != 0 && strcmp(v, "3.3V") != 0 &&
	    strcmp(v, "OFF") != 0)
		return why_set(why, ERR_PARAMS, "'%.20s' is no flash voltage: "
		    "1.8V, 3.3V or OFF", v);
	return 0;
}

int
efuse_wish_check(struct efuse_state *s, const struct efuse_wish *w,
    struct why *why)
{
	switch (w->kind) {
	case EFUSE_WISH_FIELD:
	case EFUSE_WISH_HIDE:
	case EFUSE_WISH_LOCK:
		if (!w->name)
			break;
		return check_field(s, w, why);
	case EFUSE_WISH_BITS:
	case EFUSE_WISH_DATA:
		if (!w->name)
			break;
		return check_block(s, w, why);
	case EFUSE_WISH_KEY:
	case EFUSE_WISH_DIGEST:
		return check_key(s, w, why);
	case EFUSE_WISH_MAC:
		return check_mac(s, w, why);
	case EFUSE_WISH_VOLTAGE:
		return check_voltage(s, w, why);
	case EFUSE_WISH_REPAIR:
		return 0;
	}
	return why_set(why, ERR_PARAMS, "a wish for eFuses without the name of "
	    "what is to be burned");
}
