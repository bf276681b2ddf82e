#include "daemon/link/regs.h"

#include "daemon/link/rom.h"
#include "daemon/link/try.h"
#include "proto/base/bytes.h"
#include "proto/base/err.h"

enum {
	WORD		= 4,
	STEPS		= 16,		/* in one call of ext_batch() */
	/* esptool 5.3, targets/. */
	WDT_TICKS	= 2000,		/* of the slow clock, until it bites */
	WDT_RESET_MS	= 500,		/* it has restarted by then */
};

/* On; first stage restarts the system; length of the reset; pause in sleep. */
static const uint32_t wdt_bite = 1u << 31 | 5u << 28 | 1u << 8 | 2u;

/* Up to STEPS * EXT_WORDS_MOST words. */
static int
read_many(struct rom *r, uint32_t addr, uint8_t *out, size_t count)
{
	struct ext_do	steps[STEPS];
	size_t		n = 0;

	for (; count > 0; n++) {
		uint32_t	words = count < EXT_WORDS_MOST ?
				    (uint32_t)count : EXT_WORDS_MOST;

		steps[n] = (struct ext_do){ .step = EXT_STEP_READ,
		    .addr = addr, .x = words, .read = out };
		addr += WORD * words;
		out += WORD * words;
		count -= words;
	}
	return ext_batch(r, steps, n, NULL);
}

int
regs_read(struct rom *r, uint32_t addr, uint8_t *out, size_t count,
    size_t *done)
{
	for (*done = 0; *done < count; ) {
		size_t		at = *done, n = 1;
		uint32_t	value;

		if (ext_there(r)) {
			n = count - at < STEPS * EXT_WORDS_MOST ? count - at :
			    STEPS * EXT_WORDS_MOST;
			TRY(read_many(r, addr + WORD * (uint32_t)at,
			    out + WORD * at, n));
		} else {
			TRY(rom_read_reg(r, addr + WORD * (uint32_t)at,
			    &value));
			le32_put(out + WORD * at, value);
		}
		*done += n;
	}
	return 0;
}

/* Our own stub takes the steps as they are. */
static int
apply_by_ours(struct rom *r, const struct chip_regop *list)
{
	struct ext_do	steps[STEPS];
	size_t		n = 0;

	for (const struct chip_regop *op = list; op->addr != 0; op++) {
		if (n + 2 > STEPS) {
			TRY(ext_batch(r, steps, n, NULL));
			n = 0;
		}
		if (op->delay_us > 0)
			steps[n++] = (struct ext_do){ .step = EXT_STEP_WAIT,
			    .x = op->delay_us };
		steps[n++] = (struct ext_do){ .step = EXT_STEP_WRITE,
		    .addr = op->addr, .x = op->value, .y = op->mask };
	}
	return ext_batch(r, steps, n, NULL);
}

/* Whole words are written: what a loader makes of a mask was only ever
 * recorded for all ones. */
int
regs_apply(struct rom *r, const struct chip_regop *list)
{
	if (ext_there(r))
		return apply_by_ours(r, list);
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
