#include "daemon/link/reset.h"

#include <stddef.h>

#include "daemon/link/try.h"
#include "daemon/wire/wire.h"

enum {
	RESET_MS	= 100,	/* EN low */
	BOOT_MS		= 50,	/* boot pin low after EN is released */
	BOOT_SLOW_MS	= 550,
	USB_RESET_MS	= 200,
};

struct recipe {
	const struct reset_step	*steps;
	size_t			 count;
};

/* Source of all rows: esptool, reset.py. */
static const struct reset_step classic[] = {
	{ false, true, RESET_MS }, { true, false, BOOT_MS },
	{ false, false, 0 },
};
static const struct reset_step classic_slow[] = {
	{ false, true, RESET_MS }, { true, false, BOOT_SLOW_MS },
	{ false, false, 0 },
};
static const struct reset_step tight[] = {
	{ false, false, 0 }, { true, true, 0 },
	{ false, true, RESET_MS }, { true, false, BOOT_MS },
	{ false, false, 0 },
};
static const struct reset_step tight_slow[] = {
	{ false, false, 0 }, { true, true, 0 },
	{ false, true, RESET_MS }, { true, false, BOOT_SLOW_MS },
	{ false, false, 0 },
};
/* Passes through "both" on purpose: the chip's USB block looks at changes. */
static const struct reset_step usb_jtag[] = {
	{ false, false, RESET_MS }, { true, false, RESET_MS },
	{ true, true, 0 }, { false, true, RESET_MS }, { false, false, 0 },
};
static const struct reset_step hard[] = {
	{ false, true, RESET_MS }, { false, false, 0 },
};
static const struct reset_step hard_usb[] = {
	{ false, true, USB_RESET_MS }, { false, false, USB_RESET_MS },
};

#define RECIPE(steps)	{ steps, sizeof steps / sizeof steps[0] }
static const struct recipe recipes[] = {
	[RESET_CLASSIC]		= RECIPE(classic),
	[RESET_CLASSIC_SLOW]	= RECIPE(classic_slow),
	[RESET_TIGHT]		= RECIPE(tight),
	[RESET_TIGHT_SLOW]	= RECIPE(tight_slow),
	[RESET_USB_JTAG]	= RECIPE(usb_jtag),
	[RESET_HARD]		= RECIPE(hard),
	[RESET_HARD_USB]	= RECIPE(hard_usb),
};

int
reset_run(struct wire *w, enum reset_recipe which, bool flow_lines)
{
	const struct recipe	*r = &recipes[which];

	(void)flow_lines;
	for (size_t i = 0; i < r->count; i++) {
		const struct reset_step	*s = &r->steps[i];

		TRY(wire_lines(w, s->dtr, s->rts));
		if (s->ms > 0)
			TRY(wire_sleep(w, s->ms));
	}
	return 0;
}

enum reset_recipe
reset_choose(unsigned attempt, bool is_usb_jtag, bool remote,
    enum reset_recipe first)
{
	static const enum reset_recipe local[] = {
		RESET_TIGHT, RESET_TIGHT_SLOW, RESET_CLASSIC,
		RESET_CLASSIC_SLOW,
	};

	(void)first;
	if (is_usb_jtag)
		return RESET_USB_JTAG;
	/* Over a network the lines change one after the other anyway. */
	return local[remote ? 2 + attempt % 2 : attempt % 4];
}
