#include <string.h>

#include "proto/base/err.h"
#include "proto/efuse/plan_impl.h"

/* burn-custom-mac and set-flash-voltage. */

int
plan_mac(struct efuse_plan *p, const struct efuse_wish *w, struct why *why)
{
	const struct efuse_field	*f;
	struct plan_value		 v;
	int				 r;

	f = efuse_field_find(&p->before, "CUSTOM_MAC");
	r = plan_value(&p->before, f, w->value, &v, why);
	if (r == 0)
		r = plan_set_value(p, f, &v, w, why);
	/* The ESP32-C2 asks a bit whether there is one. */
	if (r == 0 && plan_field(p, "CUSTOM_MAC_USED"))
		r = plan_set_number(p, "CUSTOM_MAC_USED", 1, w, why);
	plan_remember(p, w->kind, w->command, f, v.bytes);
	return r;
}

/* Three bits: take no notice of the strapping pin, regulator on, 3.3 V. */
static const struct voltage {
	const char	*rail, *force, *on, *high;
	const char	*stop;		/* what ends the sentences */
} voltages[] = {
	{ "VDD_SDIO", "XPD_SDIO_FORCE", "XPD_SDIO_REG", "XPD_SDIO_TIEH", "." },
	{ "VDD_SPI", "VDD_SPI_FORCE", "VDD_SPI_XPD", "VDD_SPI_TIEH", "" },
};

static void
say_voltage(struct efuse_plan *p, const struct voltage *v, bool off, bool high,
    bool was_high)
{
	if (off) {
		plan_say(p, "Disable internal flash voltage regulator (%s). "
		    "SPI flash will need to be powered from an external source.",
		    v->rail);
		plan_say(p, "The following eFuse is burned: %s.", v->force);
		plan_say(p, "It is possible to later re-enable the internal "
		    "regulator %s by burning an additional eFuse%s", was_high ?
		    "to 3.3V" : "to 1.8V or 3.3V", v->stop);
	} else if (high) {
		plan_say(p, "Enable internal flash voltage regulator (%s) to "
		    "3.3V.", v->rail);
		plan_say(p, "The following eFuses are burned: %s, %s, %s.",
		    v->force, v->on, v->high);
	} else {
		plan_say(p, "Set internal flash voltage regulator (%s) to "
		    "1.8V.", v->rail);
		plan_say(p, "The following eFuses are burned: %s, %s.",
		    v->force, v->on);
		plan_say(p, "It is possible to later increase the voltage to "
		    "3.3V (permanently) by burning additional eFuse %s%s",
		    v->high, v->stop);
	}
}

int
plan_voltage(struct efuse_plan *p, const struct efuse_wish *w,
    struct why *why)
{
	const struct voltage	*v = &voltages[
	    p->before.efuse->flags & EFUSE_CHIP_ESP32 ? 0 : 1];
	bool			 off = strcmp(w->value, "OFF") == 0;
	bool			 high = strcmp(w->value, "3.3V") == 0;
	bool			 was_high;
	int			 r;

	was_high = plan_number(p, v->high) != 0;
	if (off && plan_number(p, v->on))
		return why_set(why, ERR_SECURITY, "Can't set flash regulator "
		    "to OFF as %s eFuse is already burned.", v->on);
	if (!off && !high && was_high)
		return why_set(why, ERR_SECURITY, "Can't set regulator to 1.8V "
		    "as %s eFuse is already burned.", v->high);
	say_voltage(p, v, off, high, was_high);
	r = plan_set_number(p, v->force, 1, w, why);
	if (off)
		plan_keep(p, plan_field(p, v->on), 0);
	if (!off && !high)
		plan_keep(p, plan_field(p, v->high), 0);
	if (r == 0 && !off)
		r = plan_set_number(p, v->on, 1, w, why);
	if (r == 0 && high)
		r = plan_set_number(p, v->high, 1, w, why);
	if (r == 0)
		plan_say(p, "%s setting complete.", v->rail);
	return r;
}
