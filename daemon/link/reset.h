#ifndef DAEMON_LINK_RESET_H
#define DAEMON_LINK_RESET_H
/*
 * reset - how the modem lines bring a chip into its loader or restart it.
 *
 * A recipe is a row of steps.  DTR asserted pulls the boot pin low, RTS
 * asserted pulls EN low (the chip is in reset); both asserted do neither: the
 * two-transistor circuit of most boards.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/why.h"

struct wire;

enum reset_recipe {
	RESET_NONE,
	RESET_CLASSIC,		/* into the loader, boot pin held 50 ms */
	RESET_CLASSIC_SLOW,	/* ... 550 ms: a large capacitor at EN */
	RESET_TIGHT,		/* through "both" first, as some adapters need */
	RESET_TIGHT_SLOW,
	RESET_USB_JTAG,		/* into the loader of a USB-Serial/JTAG */
	RESET_HARD,		/* restart; runs the program in flash */
	RESET_HARD_USB,
	RESET_HARD_FLOW,	/* restart; DTR stays asserted (flow lines) */
	RESET_COUNT,
};

/* "classic", "classic-slow", "tight", ...; and back (RESET_NONE: unknown). */
const char *reset_name(enum reset_recipe);
enum reset_recipe reset_by_name(const char *);

/* One step: both lines at once, then a pause. */
struct reset_step {
	bool		dtr, rts;
	uint32_t	ms;
};

enum {
	RESET_STEPS_MAX	= 64,		/* of a sequence of the user's */
	RESET_TOTAL_MS	= 60000,	/* all its pauses */
};

/* A sequence that the user wrote. */
struct reset_custom {
	struct reset_step	steps[RESET_STEPS_MAX];
	size_t			count;	/* 0: none */
};

/*
 * Read one: D0 D1 (DTR), R0 R1 (RTS), U0,1 (DTR and RTS at once), W0.1 (pause,
 * seconds), with '|' between them (esptool, "custom reset sequence").  A D or R
 * step leaves the other line as the step before did (inactive at first).
 * ERR_PARAMS; the sentence names the step that is wrong.
 */
int reset_parse(const char *, struct reset_custom *, struct why *);

/* Do it.  `flow_lines`: the adapter couples the lines with flow control, so the
 * last release of the boot pin is left out.  ERR_UNSUPPORTED: this port has no
 * lines. */
int reset_run(struct wire *, enum reset_recipe, bool flow_lines);
int reset_run_custom(struct wire *, const struct reset_custom *);

/* The steps of a recipe, for tests and manuals. */
const struct reset_step *reset_steps(enum reset_recipe, size_t *count);

/* The recipe of a connect attempt (0, 1, ...): they take turns, beginning with
 * `first` (RESET_NONE: the usual order) when it is one of them. */
enum reset_recipe reset_choose(unsigned attempt, bool usb_jtag, bool remote,
    enum reset_recipe first);
#endif
