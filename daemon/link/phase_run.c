/*
 * run: start the program in flash.
 *
 * Where leave restarts the chip, that starts it, and once is enough: a program
 * that runs for a moment and is cut off may count that as a failed start.  Else
 * the ROM is told to go on with its boot.
 */
#include "daemon/link/link.h"

#include "daemon/link/try.h"
#include "proto/base/err.h"

static bool
leave_restarts(const struct link *l)
{
	if (l->opt.after == LINK_WATCHDOG_RESET &&
	    (l->chip->caps & CHIP_WDT_RESET) != 0)
		return true;
	return l->opt.has_lines && (l->opt.after == LINK_HARD_RESET ||
	    l->opt.after == LINK_WATCHDOG_RESET);
}

int
phase_run(struct link *l)
{
	const struct rom_begin	nothing = {
		.block_bytes = ROM_FLASH_BLOCK,
		.five_words = (l->chip->caps & CHIP_ROM_BEGIN5) != 0,
	};
	int			err;

	if (leave_restarts(l))
		return 0;
	if (ext_can(&l->rom, EXT_CAP_RUN)) {
		if ((err = rom_run_user_code(&l->rom)) < 0)
			return link_fail_rom(l, err, "start the program in "
			    "flash");
		l->leave = NULL;
		return 0;
	}
	/* Others take FLASH_END and RUN_USER_CODE and do nothing. */
	if (l->rom.stub)
		return link_fail(l, ERR_UNSUPPORTED, "a flasher stub is "
		    "running, which cannot start the program in flash; only a "
		    "reset can (after hard-reset, on a port with DTR and RTS)");
	TRY(link_attach(l));
	if ((err = rom_flash_begin(&l->rom, &nothing, ROM_REPLY_MS)) < 0)
		return link_fail_rom(l, err, "start the program in flash");
	/* To a ROM "stay" means: run what is in flash.  It may do so before
	 * its answer is out. */
	err = rom_flash_end(&l->rom, false, true, ROM_REPLY_MS);
	if (err < 0 && err != ERR_TIMEOUT && err != ERR_NOISE)
		return link_fail_rom(l, err, "start the program in flash");
	l->leave = NULL;	/* it is not to be disturbed */
	return 0;
}
