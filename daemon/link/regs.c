#include "daemon/link/regs.h"

#include "daemon/link/rom.h"

int
regs_apply(struct rom *r, const struct chip_regop *list)
{
	size_t	n = 0;

	while (list[n].addr != 0)
		n++;
	return rom_write_regs(r, list, n);
}
