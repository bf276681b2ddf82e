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
#include <stdint.h>

struct wire;

enum reset_recipe {
	RESET_CLASSIC,		/* into the loader, boot pin held 50 ms */
	RESET_CLASSIC_SLOW,	/* ... 550 ms: a large capacitor at EN */
	RESET_TIGHT,		/* through "both" first, as some adapters need */
	RESET_TIGHT_SLOW,
	RESET_USB_JTAG,		/* into the loader of a USB-Serial/JTAG */
	RESET_HARD,		/* restart; runs the program in flash */
	RESET_HARD_USB,
};

/* Do it.  ERR_UNSUPPORTED: this port has no lines. */
int reset_run(struct wire *, enum reset_recipe);

/* The recipe of a connect attempt (0, 1, ...): they take turns. */
enum reset_recipe reset_choose(unsigned attempt, bool usb_jtag, bool remote);
#endif
