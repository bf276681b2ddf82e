/*
 * The ESP32-P4's switch for its flash's supply.  Revisions 3.1 and 3.2 start
 * with it off: their flash is for 1.8 V or 3.3 V, and only the host knows
 * which.  On comes it when the pads are powered, the regulator was tied high
 * once and let go with no target of its own, and "force on" is set.
 *
 * Revision 3.2 with the fuse for it switches on by itself; but once more after
 * a reset, when it was on already, does not end well before the host has taken
 * "force on" back.  Source: ESP32-P4 errata, and esp-idf's pmu_reg.h.
 */
#include "tests/sim/board.h"

enum {
	PAD_GROUP	= 0x5011010c,
	LDO		= 0x501151b8,
	LDO_HIGH	= 1 << 7,	/* tied high */
	LDO_USUAL	= 0x40 << 23,	/* some target */
	LDO_ANALOG	= 0x501151bc,
	ANALOG_LIMIT	= 1 << 27,	/* of current, while it comes on */
	DATE		= 0x501153fc,
	DATE_FORCE	= 3 << 0,
	DATE_USUAL	= 0x02405230,
	REVISION_FIRST	= 301,
	REVISION_FUSE	= 302,		/* has the fuse */
};
#define LDO_TARGET	(0xffu << 23)

static const struct simbits switch_on = { 0x5012d034, 16, 1 };

static bool
power_matters(const struct board *b)
{
	uint32_t	revision;

	if (!(b->chip->caps & SIM_FLASH_POWER))
		return false;
	revision = fuse_revision(&b->fuses, b->chip);
	return revision == REVISION_FIRST || revision == REVISION_FUSE;
}

static bool
power_by_fuse(const struct board *b)
{
	return fuse_revision(&b->fuses, b->chip) == REVISION_FUSE &&
	    fuse_get(&b->fuses, &switch_on) != 0;
}

void
power_init(struct board *b, bool cold)
{
	b->powered = true;
	b->tied = false;
	if (!power_matters(b))
		return;
	b->powered = cold && power_by_fuse(b);
	regs_set(b, LDO, LDO_USUAL);
	regs_set(b, DATE, DATE_USUAL | (power_by_fuse(b) ? DATE_FORCE : 0));
}

void
power_written(struct board *b, uint32_t addr)
{
	uint32_t	ldo, date;

	if (!power_matters(b) || (addr != PAD_GROUP && addr != LDO &&
	    addr != LDO_ANALOG && addr != DATE))
		return;
	ldo = regs_read(b, LDO);
	date = regs_read(b, DATE);
	if (power_by_fuse(b)) {
		b->powered = (date & DATE_FORCE) == 0 || b->powered;
		return;
	}
	b->tied |= (ldo & LDO_HIGH) != 0;
	b->powered = b->tied && (ldo & (LDO_HIGH | LDO_TARGET)) == 0 &&
	    (regs_read(b, LDO_ANALOG) & ANALOG_LIMIT) == 0 &&
	    (date & DATE_FORCE) == DATE_FORCE &&
	    (regs_read(b, PAD_GROUP) & 1) != 0;
}
