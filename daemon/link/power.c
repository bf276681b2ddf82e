/*
 * power: what has to be done for the supply of the flash before anybody talks
 * to it, the stub included: it attaches the flash when it starts.
 */
#include "daemon/link/link.h"

#include "daemon/link/regs.h"
#include "daemon/link/try.h"
#include "proto/base/err.h"

/* The regulator as the user wants it.  Never 3.3 V: a flash for 1.8 V would
 * not survive it. */
static int
set_supply(struct link *l)
{
	struct chip_facts	*f = &l->found.facts;
	uint32_t		 value = CHIP_SDIO_FORCE | CHIP_SDIO_PD_EN;
	int			 err;

	if (l->chip->supply.rtc == 0)
		return link_fail(l, ERR_UNSUPPORTED, "the supply of the flash "
		    "cannot be overridden: that is not supported by the %s, "
		    "only by the ESP32", l->chip->name);
	if (l->opt.vddsdio != LINK_VDD_OFF)
		value |= CHIP_SDIO_XPD;
	if (l->opt.vddsdio == LINK_VDD_1V9)
		value |= CHIP_SDIO_DREFH | CHIP_SDIO_DREFM | CHIP_SDIO_DREFL;
	err = rom_write_reg(&l->rom, l->chip->supply.rtc, value, UINT32_MAX,
	    0);
	if (err < 0)
		return link_fail_rom(l, err, "set the supply of the flash");
	f->flash_voltage = l->opt.vddsdio == LINK_VDD_OFF ? "OFF" :
	    l->opt.vddsdio == LINK_VDD_1V8 ? "1.8V" : "1.9V";
	f->flash_voltage_by = "RTC_CNTL";
	return 0;
}

/* Does the job touch the flash at all? */
static bool
attaches(const struct link *l)
{
	for (const struct phase *p = l->phases; p != NULL && p->name != NULL;
	    p++)
		if (p->run == phase_attach)
			return true;
	return false;
}

/* Revisions that leave the flash without power in the loader. */
static int
switch_on(struct link *l)
{
	const struct chip_flash_power	*p = &l->chip->flash_power;
	const uint32_t			 rev = l->found.facts.revision;
	uint32_t			 fuses;

	if (rev < p->from || rev > p->to)
		return 0;
	if (p->rom_from != 0 && rev >= p->rom_from) {
		TRY(rom_read_reg(&l->rom, p->rom_does.addr, &fuses));
		if ((fuses & p->rom_does.mask) != 0)
			return regs_apply(&l->rom, p->off_again);
	}
	TRY(regs_apply(&l->rom, p->on));
	return wire_sleep(l->rom.wire, (p->settle_us + 999) / 1000);
}

int
link_power(struct link *l)
{
	int	err;

	if (l->opt.vddsdio != LINK_VDD_KEEP)
		TRY(set_supply(l));
	if (l->chip->flash_power.to == 0 || link_is_secure(l) || !attaches(l))
		return 0;
	if ((err = switch_on(l)) < 0)
		return link_fail_rom(l, err, "switch on the flash chip");
	return 0;
}
