/*
 * leave: end the visit as the job asked.  Runs after success, failure and
 * cancel alike; what it cannot do is noted and never hides the work's result.
 */
#include "daemon/link/link.h"

#include "daemon/link/reset.h"
#include "daemon/link/try.h"
#include "proto/base/err.h"

enum {
	LEAVE_REPLY_MS	= 500,
};

static int
hard_reset(struct link *l)
{
	bool	usb = link_is_usb_jtag(l);
	int	err;

	err = reset_run(l->rom.wire, usb ? RESET_HARD_USB : RESET_HARD,
	    false);
	/* Whoever never reached the chip need not hear that it stays. */
	if (err == ERR_UNSUPPORTED && l->chip != NULL)
		link_note(l, "this port has no DTR and RTS lines: reset the "
		    "chip by hand to run its program");
	return err;
}

static const struct rom_begin *
nothing(const struct link *l, struct rom_begin *b)
{
	*b = (struct rom_begin){
		.block_bytes = l->rom.stub ? STUB_FLASH_BLOCK :
		    ROM_FLASH_BLOCK,
		.five_words = !l->rom.stub &&
		    (l->chip->caps & CHIP_ROM_BEGIN5) != 0,
	};
	return b;
}

/* Run the program in flash without the lines. */
static int
soft_reset(struct link *l)
{
	struct rom_begin	b;

	if (!l->rom.stub) {
		TRY(rom_flash_begin(&l->rom, nothing(l, &b), LEAVE_REPLY_MS));
		/* To a ROM "stay" means: run what is in flash. */
		return rom_flash_end(&l->rom, false, true, LEAVE_REPLY_MS);
	}
	if ((l->chip->caps & CHIP_STATUS2) == 0) {
		link_note(l, "a soft reset with a flasher stub is for the "
		    "ESP8266 only: the %s was not reset", l->chip->name);
		return ERR_UNSUPPORTED;
	}
	return rom_run_user_code(&l->rom);
}

/* Leave chip and line so that the next program finds them as after a reset
 * into the loader. */
static int
stay(struct link *l)
{
	struct rom_begin	b;

	if (l->baud != LINK_BAUD && l->opt.before != LINK_NO_RESET_NO_SYNC)
		TRY(link_change_baud(l, LINK_BAUD, NULL));
	if (!l->rom.stub)
		return 0;
	TRY(rom_flash_begin(&l->rom, nothing(l, &b), LEAVE_REPLY_MS));
	return rom_flash_end(&l->rom, false, false, LEAVE_REPLY_MS);
}

int
phase_leave(struct link *l)
{
	bool	talks = l->chip != NULL && !l->in_transfer && l->result == 0;
	int	err = 0;

	switch (l->opt.after) {
	case LINK_HARD_RESET:
		return hard_reset(l);
	case LINK_SOFT_RESET:
		if (talks)
			err = soft_reset(l);
		break;
	case LINK_STAY:
		if (talks)
			err = stay(l);
		break;
	case LINK_STAY_STUB:
		return 0;
	case LINK_WATCHDOG_RESET:
		if (l->chip == NULL)
			return 0;
		link_note(l, "the watchdog reset is not known for the %s: it "
		    "was not reset", l->chip->name);
		return ERR_UNSUPPORTED;
	}
	if (err < 0 && err != ERR_UNSUPPORTED)
		link_note(l, "the chip did not answer when it was left: reset "
		    "it before the next job");
	/* In the middle of a transfer only a reset helps. */
	return l->in_transfer ? hard_reset(l) : err;
}
