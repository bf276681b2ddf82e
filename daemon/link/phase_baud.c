/*
 * baud: take chip and line to the rate of the work.
 */
#include "daemon/link/link.h"

#include <stdio.h>

#include "daemon/link/try.h"
#include "proto/base/err.h"

enum {
	SETTLE_MS	= 50,	/* the chip changes its divider; esptool */
	PROOFS		= 3,	/* tries to get an answer at the new rate */
};

/*
 * Some ROMs reckon with a crystal that the chip need not have (struct
 * chip_rom_xtal).  The rate that makes such a ROM set the one we want.
 */
static int
scale_by_xtal(struct link *l, uint32_t baud, uint32_t *scaled)
{
	const struct chip_rom_xtal	*x = &l->chip->rom_xtal;
	uint32_t			 has = l->found.facts.xtal_mhz;
	uint32_t			 rom = x->mhz;

	if (x->field.addr != 0) {
		TRY(rom_read_reg(&l->rom, x->field.addr, &rom));
		rom = (rom & x->field.mask) / (x->field.mask & -x->field.mask);
	}
	/* Anything else is no crystal that such a chip is built with. */
	if (has != 0 && (rom == 40 || rom == 48))
		*scaled = (uint32_t)((uint64_t)baud * rom / has);
	return 0;
}

/*
 * Some ROMs believe in a crystal that they measured against their own 8 MHz
 * oscillator (struct chip_rom_clock).  The rate that makes such a ROM set the
 * one we want; 0 when its measurement cannot be read.
 */
static int
scale_by_clock(struct link *l, uint32_t baud, uint32_t *scaled)
{
	const struct chip_rom_clock	*c = &l->chip->rom_clock;
	uint64_t			 hz, real;
	uint32_t			 cal, word;

	TRY(rom_read_reg(&l->rom, c->cal, &cal));
	TRY(rom_read_reg(&l->rom, c->fuse, &word));
	hz = (uint64_t)(cal >> c->shift & c->mask) * c->unit_hz *
	    (word & 0xff) / c->cycles;
	real = hz > 33000000 ? 40000000 : 26000000;
	*scaled = (uint32_t)(baud * hz / real);
	return 0;
}

/* The rate to tell a ROM so that it sets `baud`. */
static int
scale_baud(struct link *l, uint32_t baud, uint32_t *scaled)
{
	const struct chip_rom_xtal	*x = &l->chip->rom_xtal;

	if (l->chip->rom_clock.cal != 0)
		return scale_by_clock(l, baud, scaled);
	if ((x->mhz != 0 || x->field.addr != 0) && !link_is_secure(l))
		return scale_by_xtal(l, baud, scaled);
	return 0;
}

/* SYNC is harmless, known to every loader in every mode, and answered at
 * once: a wrong rate shows after 100 ms. */
static int
prove(struct link *l)
{
	bool	stub;
	int	err = ERR_TIMEOUT;

	for (int i = 0; i < PROOFS; i++) {
		err = rom_sync(&l->rom, &stub);
		if (err != ERR_TIMEOUT && err != ERR_NOISE)
			break;
		TRY(rom_flush(&l->rom));
	}
	return err;
}

/* Why the chip cannot change its rate, or NULL. */
static const char *
cannot(const struct link *l)
{
	if (!l->rom.stub && l->chip != NULL &&
	    (l->chip->caps & CHIP_ROM_BAUD) == 0)
		return "its ROM loader cannot change the rate";
	if (l->chip != NULL && link_is_secure(l) &&
	    (l->chip->caps & CHIP_SDM_KEEPS_BAUD) != 0)
		return "in secure download mode it knows no other rate";
	return NULL;
}

int
link_change_baud(struct link *l, uint32_t baud, struct why *why)
{
	uint32_t	asked = baud;
	const char	*reason;

	if ((reason = cannot(l)) != NULL)
		return why_set(why, ERR_UNSUPPORTED, "%s", reason);
	if (!l->rom.stub && l->chip != NULL)
		TRY(scale_baud(l, baud, &asked));
	if (asked == 0)
		return why_set(why, ERR_UNSUPPORTED, "its ROM loader does not "
		    "tell how it measured its clock");
	TRY(rom_change_baud(&l->rom, asked, l->rom.stub ? l->baud : 0));
	TRY(wire_baud(l->rom.wire, baud));
	l->baud = l->rom.baud = baud;
	TRY(wire_sleep(l->rom.wire, SETTLE_MS));
	TRY(rom_flush(&l->rom));
	return prove(l);
}

int
phase_baud(struct link *l)
{
	struct why	why = { 0 };
	uint32_t	old = l->baud;
	char		doing[64];
	int		err;

	if (l->opt.baud == 0 || l->opt.baud == l->baud)
		return 0;
	err = link_change_baud(l, l->opt.baud, &why);
	if (err == 0)
		return 0;
	if (err == ERR_UNSUPPORTED) {
		link_note(l, "the %s stays at %u baud: %s", l->chip->name,
		    l->baud, why.err != 0 ? why.text :
		    "its loader cannot change the rate");
		return 0;
	}
	if ((err == ERR_TIMEOUT || err == ERR_NOISE) && l->baud != old)
		return link_fail(l, ERR_TIMEOUT, "the chip does not answer at "
		    "%u baud; try --baud %u", l->opt.baud, old);
	(void)snprintf(doing, sizeof doing, "change to %u baud", l->opt.baud);
	return link_fail_rom(l, err, doing);
}
