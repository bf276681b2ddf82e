#ifndef DAEMON_LINK_RESET_H
#define DAEMON_LINK_RESET_H
/*
 * reset - how the modem lines bring a chip into its loader or restart it.
 *
 * A recipe is a row of steps.  DTR asserted pulls the boot pin low, RTS
 * asserted pulls EN low (the chip is in reset); both asserted do neither: the
 * two-transistor circuit of most boards.  On a board without that circuit both
 * asserted do both.
 *
 * The steps, as DTR RTS (1: asserted), and the milliseconds after each:
 *
 *   tight         00, 11, 01, 100 ms, 10, 50 ms, 00      into the loader; a
 *                 local port, attempt 1, 5, ...
 *   tight-slow    00, 11, 01, 100 ms, 10, 550 ms, 00     a large capacitor at
 *                 EN; a local port, attempt 2, 6, ...
 *   classic       01, 100 ms, 11, 10, 50 ms, 00          one line after the
 *                 other; a local port, attempt 3, 7, ...; a remote one, 1, 3,
 *                 ...
 *   classic-slow  01, 100 ms, 11, 10, 550 ms, 00         a local port, attempt
 *                 4, 8, ...; a remote one, 2, 4, ...
 *   usb-jtag      00, 100 ms, 10, 100 ms, 11, 01, 100 ms, 00   a USB-Serial/
 *                 JTAG (USB product 1001) or when asked for; then no other
 *   hard          01, 100 ms, 00                         restart
 *   hard-usb      01, 200 ms, 00, 200 ms                 restart over the
 *                 chip's own USB
 *   hard-flow     01, 100 ms, 11, 100 ms, 10             restart behind an
 *                 adapter that couples the lines with flow control; DTR stays
 *
 * With such an adapter the last step of the tight and classic recipes, which
 * releases the boot pin, is left out.  Source: esptool's reset strategies
 * (reset.py, serial-protocol and configuration-file pages).
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
 * seconds), with '|' between them and no blanks (esptool, "custom reset
 * sequence").  A D or R step leaves the other line as the step before did
 * (released at first).  Pauses are rounded up to whole milliseconds.
 * ERR_PARAMS; the sentence names the step that is wrong.  It is data: nothing
 * of it is ever executed.
 */
int reset_parse(const char *, struct reset_custom *, struct why *);

/* Do it.  `flow_lines`: the adapter couples the lines with flow control, so the
 * last release of the boot pin is left out.  RESET_NONE does nothing.  A
 * failure may leave the chip in reset.  ERR_UNSUPPORTED: this port has no
 * lines. */
int reset_run(struct wire *, enum reset_recipe, bool flow_lines);
int reset_run_custom(struct wire *, const struct reset_custom *);

/* The steps of a recipe, for tests and manuals; none for RESET_NONE. */
const struct reset_step *reset_steps(enum reset_recipe, size_t *count);

/* The recipe of a connect attempt (0, 1, ...): they take turns.  `first` goes
 * before the others when it is one of them (RESET_NONE: the usual order). */
enum reset_recipe reset_choose(unsigned attempt, bool usb_jtag, bool remote,
    enum reset_recipe first);
#endif
