#include "daemon/link/reset.h"

#include <string.h>

#include "daemon/link/try.h"
#include "daemon/wire/wire.h"

#define COUNT(a)	(sizeof (a) / sizeof (a)[0])

enum {
	RESET_MS	= 100,	/* EN low */
	BOOT_MS		= 50,	/* boot pin low after EN is released */
	BOOT_SLOW_MS	= 550,
	USB_RESET_MS	= 200,
};

struct recipe {
	const char		*name;
	const struct reset_step	*steps;
	size_t			 count;
	/* The last step releases the boot pin and is left out where the lines
	 * are coupled with flow control (esptool, CP2102C). */
	bool			 ends_with_release;
};

/* Source of all rows: esptool, reset.py. */

/* One line after the other, as every driver can: it passes through "both",
 * where a board without the two transistors has its boot pin low in time. */
static const struct reset_step classic[] = {
	{ false, true, RESET_MS }, { true, true, 0 }, { true, false, BOOT_MS },
	{ false, false, 0 },
};
static const struct reset_step classic_slow[] = {
	{ false, true, RESET_MS }, { true, true, 0 },
	{ true, false, BOOT_SLOW_MS }, { false, false, 0 },
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
/* A port inside the chip needs time to come back. */
static const struct reset_step hard_usb[] = {
	{ false, true, USB_RESET_MS }, { false, false, USB_RESET_MS },
};
/* DTR must stay asserted, or the adapter holds the chip. */
static const struct reset_step hard_flow[] = {
	{ false, true, RESET_MS }, { true, true, RESET_MS },
	{ true, false, 0 },
};

#define STEPS(s)	.steps = (s), .count = COUNT(s)
static const struct recipe recipes[RESET_COUNT] = {
	[RESET_NONE]		= { .name = "none" },
	[RESET_CLASSIC]		= { .name = "classic", STEPS(classic),
				    .ends_with_release = true },
	[RESET_CLASSIC_SLOW]	= { .name = "classic-slow", STEPS(classic_slow),
				    .ends_with_release = true },
	[RESET_TIGHT]		= { .name = "tight", STEPS(tight),
				    .ends_with_release = true },
	[RESET_TIGHT_SLOW]	= { .name = "tight-slow", STEPS(tight_slow),
				    .ends_with_release = true },
	[RESET_USB_JTAG]	= { .name = "usb-jtag", STEPS(usb_jtag) },
	[RESET_HARD]		= { .name = "hard", STEPS(hard) },
	[RESET_HARD_USB]	= { .name = "hard-usb", STEPS(hard_usb) },
	[RESET_HARD_FLOW]	= { .name = "hard-flow", STEPS(hard_flow) },
};

const char *
reset_name(enum reset_recipe which)
{
	return recipes[which].name;
}

enum reset_recipe
reset_by_name(const char *name)
{
	for (size_t i = RESET_NONE; i < COUNT(recipes); i++)
		if (strcmp(recipes[i].name, name) == 0)
			return (enum reset_recipe)i;
	return RESET_NONE;
}

const struct reset_step *
reset_steps(enum reset_recipe which, size_t *count)
{
	*count = recipes[which].count;
	return recipes[which].steps;
}

static int
run_steps(struct wire *w, const struct reset_step *s, size_t count)
{
	for (; count > 0; s++, count--) {
		TRY(wire_lines(w, s->dtr, s->rts));
		if (s->ms > 0)
			TRY(wire_sleep(w, s->ms));
	}
	return 0;
}

int
reset_run(struct wire *w, enum reset_recipe which, bool flow_lines)
{
	const struct recipe	*r = &recipes[which];
	size_t			 count = r->count;

	if (flow_lines && r->ends_with_release)
		count--;
	return run_steps(w, r->steps, count);
}

int
reset_run_custom(struct wire *w, const struct reset_custom *c)
{
	return run_steps(w, c->steps, c->count);
}

/* Number `n` of a list of `count`, in which `first` goes before the others. */
static enum reset_recipe
take_turns(const enum reset_recipe *list, size_t count, size_t n,
    enum reset_recipe first)
{
	size_t	at = 0;		/* where `first` stands in the list */

	while (at < count && list[at] != first)
		at++;
	if (at < count && n <= at)
		return n == 0 ? first : list[n - 1];
	return list[n];
}

enum reset_recipe
reset_choose(unsigned attempt, bool usb, bool remote, enum reset_recipe first)
{
	static const enum reset_recipe list[] = {
		RESET_TIGHT, RESET_TIGHT_SLOW, RESET_CLASSIC,
		RESET_CLASSIC_SLOW,
	};
	/* Over a network the lines change one after the other anyway. */
	size_t	from = remote ? 2 : 0, count = COUNT(list) - from;

	if (usb)
		return RESET_USB_JTAG;
	return take_turns(list + from, count, attempt % count, first);
}
