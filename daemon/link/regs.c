#include "daemon/link/regs.h"

#include "daemon/link/rom.h"
#include "daemon/link/try.h"
#include "proto/base/err.h"

enum {
	/* esptool 5.3, targets/. */
	WDT_TICKS	= 2000,		/* of the slow clock, until it bites */
	WDT_RESET_MS	= 500,		/* it has restarted by then */
};

/* On; first stage restarts the system; length of the reset; pause in sleep. */
static const uint32_t wdt_bite = 1u << 31 | 5u << 28 | 1u << 8 | 2u;

/* Whole words are written: what a loader makes of a mask was only ever
 * recorded for all ones. */
int
regs_apply(struct rom *r, const struct chip_regop *list)
{
	for (const struct chip_regop *op = list; op->addr != 0; op++) {
		uint32_t	old = 0;

		if (op->mask != UINT32_MAX)
			TRY(rom_read_reg(r, op->addr, &old));
		TRY(rom_write_reg(r, op->addr, (old & ~op->mask) |
		    (op->value & op->mask), UINT32_MAX, op->delay_us));
	}
	return 0;
}

int
regs_wdt_off(struct rom *r, const struct chip_rtc_wdt *w)
{
	const struct chip_regop	list[] = {
		{ w->protect, CHIP_WDT_KEY, UINT32_MAX, 0 },
		{ w->config0, 0, UINT32_MAX, 0 },
		{ w->protect, 0, UINT32_MAX, 0 },
		{ w->swd_protect, w->swd_key, UINT32_MAX, 0 },
		{ w->swd, w->swd_feed, w->swd_feed, 0 },
		{ w->swd_protect, 0, UINT32_MAX, 0 },
		{ .addr = 0 },
	};

	return regs_apply(r, list);
}

int
regs_wdt_reset(struct rom *r, const struct chip_rtc_wdt *w)
{
	const struct chip_regop	list[] = {
		{ w->protect, CHIP_WDT_KEY, UINT32_MAX, 0 },
		{ w->config1, WDT_TICKS, UINT32_MAX, 0 },
		{ w->config0, wdt_bite, UINT32_MAX, 0 },
		{ .addr = 0 },
	};
	int	err;

	TRY(regs_apply(r, list));
	/* It bites within 15 ms: the last answer may be lost. */
	err = rom_post_reg(r, w->protect, 0);
	if (err == 0)
		err = wire_sleep(r->wire, WDT_RESET_MS);
	return err == ERR_UNPLUGGED ? 0 : err;
}
