#include "daemon/link/regs.h"

#include "daemon/link/rom.h"
#include "daemon/link/try.h"

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
