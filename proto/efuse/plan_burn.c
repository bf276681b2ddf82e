#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/err.h"
#include "proto/efuse/describe.h"
#include "proto/efuse/plan_impl.h"

/*
 * burn-efuse: the names of a command are listed block by block before any is
 * burned, and what a coded block will never take afterwards.
 */

enum { NAMES_A_LINE = 5 };

struct burn {
	const struct efuse_field *field;
	struct plan_value	  value;
	bool			  again;	/* named twice, same value */
};

static bool
named(const struct burn *burns, size_t count, const struct efuse_field *f)
{
	for (size_t i = 0; i < count; i++)
		if (burns[i].field == f)
			return true;
	return false;
}

/* The fields of a coded block that are not burned with the others. */
static void
attention(struct efuse_plan *p, const struct burn *burns, size_t count,
    unsigned block)
{
	const struct efuse_field	*f = NULL;
	char				 row[NAMES_A_LINE * (EFUSE_NAME_MAX + 4)];
	size_t				 n = 0, at = 0;

	plan_say(p, "    ATTENTION! This BLOCK uses NOT the NONE coding scheme "
	    "and after 'BURN', these efuses can not be burned in the feature:");
	while ((f = efuse_field_next(&p->before, f))) {
		if (f->block != block || named(burns, count, f))
			continue;
		at += (size_t)snprintf(row + at, sizeof(row) - at, "%s'%s'",
		    n % NAMES_A_LINE ? ", " : "", f->name);
		if (++n % NAMES_A_LINE)
			continue;
		plan_say(p, "               [%s]", row);
		at = 0;
	}
	if (n % NAMES_A_LINE)
		plan_say(p, "               [%s]", row);
	if (n > 0)
		plan_note(p, "block %s can be burned once only: %zu other "
		    "field%s of it can never be burned then",
		    p->before.efuse->blocks[block].name, n, n > 1 ? "s" : "");
}

/* Is any of them in a coded block? */
static bool
list_names(struct efuse_plan *p, const struct burn *burns, size_t count)
{
	size_t	blocks = efuse_block_count(p->before.efuse);
	bool	coded, here, any = false;

	plan_say(p, "The eFuses to burn:");
	for (unsigned b = 0; b < blocks; b++) {
		coded = efuse_block_coding(&p->before, b) == EFUSE_RS ||
		    efuse_block_coding(&p->before, b) == EFUSE_34;
		here = false;
		for (size_t i = 0; i < count; i++) {
			if (burns[i].field->block != b || burns[i].again)
				continue;
			if (!here)
				plan_say(p, "  from BLOCK%u", b);
			plan_say(p, "     - %s", burns[i].field->name);
			here = true;
		}
		if (!here || !coded)
			continue;
		attention(p, burns, count, b);
		any = true;
	}
	return any;
}

/* A key may be burned field by field as well. */
static void
mark_secret(struct efuse_plan *p, const struct efuse_field *f)
{
	if (f->class == EFUSE_CLASS_KEYBLOCK)
		p->secrets |= 1u << f->block;
}

static int
burn_one(struct efuse_plan *p, const struct burn *b,
    const struct efuse_wish *w, struct why *why)
{
	uint8_t	bits[EFUSE_BLOCK_BYTES];
	char	before[EFUSE_TEXT_MAX], after[EFUSE_TEXT_MAX];
	size_t	n = efuse_field_bits(&p->before, b->field);
	int	r;

	mark_secret(p, b->field);
	r = plan_value_fits(p, b->field, &b->value, why);
	if (r < 0)
		return r;
	efuse_bits(&p->before, b->field, bits);
	efuse_bits_text(bits, n, before);
	plan_value_bits(b->field, &b->value, bits);
	efuse_bits_text(bits, n, after);
	plan_say(p, "    - '%s' (%s) %s -> %s", b->field->name,
	    efuse_describe(b->field), before, after);
	plan_remember(p, EFUSE_WISH_FIELD, w->command, b->field, bits);
	return plan_set_value(p, b->field, &b->value, w, why);
}

/* What will not work any more once the fields are burned. */
static void
warnings(struct efuse_plan *p, const struct burn *burns, size_t count)
{
	const struct efuse_state	*s = &p->before;

	if (named(burns, count, plan_field(p, "ENABLE_SECURITY_DOWNLOAD"))) {
		plan_say(p, "ENABLE_SECURITY_DOWNLOAD -> 1: eFuses will not be "
		    "read back for confirmation because this mode disables any "
		    "SRAM and register operations.");
		plan_say(p, "                               espefuse will not "
		    "work.");
		plan_say(p, "                               esptool can "
		    "read/write only flash.");
	}
	if (named(burns, count, plan_field(p, "DIS_DOWNLOAD_MODE"))) {
		plan_say(p, "DIS_DOWNLOAD_MODE -> 1: eFuses will not be read "
		    "back for confirmation because this mode disables any "
		    "communication with the chip.");
		plan_say(p, "                        espefuse/esptool will not "
		    "work because they will not be able to connect to the "
		    "chip.");
	}
	/* The ROM of revision 3 heeds it at the next reset (ESP-IDF,
	 * "UART Download Mode"). */
	if (s->efuse->flags & EFUSE_CHIP_ESP32 && s->raw.revision >= 300 &&
	    named(burns, count, plan_field(p, "UART_DOWNLOAD_DIS"))) {
		plan_say(p, "UART_DOWNLOAD_DIS -> 1: eFuses will be read for "
		    "confirmation, but after that connection to the chip will "
		    "become impossible.");
		plan_say(p, "                        espefuse/esptool will not "
		    "work.");
	}
}

static int
read_burns(struct efuse_plan *p, const struct efuse_wish *w, size_t count,
    struct burn *burns, struct why *why)
{
	for (size_t i = 0; i < count; i++) {
		struct burn	*b = &burns[i];
		int		 r;

		b->field = efuse_field_find(&p->before, w[i].name);
		r = plan_wish_value(&p->before, b->field, &w[i], &b->value,
		    why);
		if (r < 0)
			return r;
		for (size_t k = 0; k < i && !b->again; k++) {
			if (burns[k].field != b->field)
				continue;
			if (memcmp(&burns[k].value, &b->value,
			    sizeof(b->value)) != 0)
				return why_set(why, ERR_CONFLICT, "%s is named "
				    "twice, with different values", w[i].name);
			b->again = true;
		}
	}
	return 0;
}

int
plan_fields(struct efuse_plan *p, const struct efuse_wish *w, size_t count,
    struct why *why)
{
	struct burn	*burns = calloc(count, sizeof(*burns));
	bool		 coded;
	int		 r;

	if (!burns)
		return ERR_NOMEM;
	r = read_burns(p, w, count, burns, why);
	if (r < 0)
		goto out;
	coded = list_names(p, burns, count);
	plan_say(p, "%s", "");
	plan_say(p, "Burning eFuses%s:", coded ? " (see 'ATTENTION!' above)" :
	    "");
	for (size_t i = 0; i < count && r == 0; i++)
		if (!burns[i].again)
			r = burn_one(p, &burns[i], &w[i], why);
	if (r < 0)
		goto out;
	plan_say(p, "%s", "");
	warnings(p, burns, count);
	for (size_t i = 0; i < count; i++)
		p->force |= w[i].force;
	if (!plan_incompatible(p))
		goto out;
	if (p->force)
		plan_say(p, "Ignore incompatible eFuse settings.");
	else
		r = why_set(why, ERR_CONFLICT, "Incompatible eFuse settings "
		    "detected, abort. (use --force flag to skip it).");
out:
	explicit_bzero(burns, count * sizeof(*burns));
	free(burns);
	return r;
}

/* The ROM of the ESP32-S3 has a defect: with both it cannot be reached. */
bool
plan_incompatible(struct efuse_plan *p)
{
	const struct efuse_field	*f;
	static const char *const	 names[2] = {
		"DIS_USB_JTAG", "DIS_USB_SERIAL_JTAG"
	};
	bool				 now[2], then[2];

	if (!(p->before.efuse->flags & EFUSE_CHIP_USB_PAIR))
		return false;
	for (size_t i = 0; i < 2; i++) {
		f = plan_field(p, names[i]);
		if (!f)
			return false;
		now[i] = efuse_number(&p->before, names[i]) != 0;
		then[i] = p->want[f->block][f->bit / 32] >> f->bit % 32 & 1;
	}
	if (!(now[0] && then[1]) && !(then[0] && now[1]) &&
	    !(then[0] && then[1]))
		return false;
	plan_say(p, "DIS_USB_JTAG and DIS_USB_SERIAL_JTAG cannot be set "
	    "together due to a bug in the ROM bootloader!");
	return true;
}
