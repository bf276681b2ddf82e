/*
 * leave: end the visit as the job asked.  Runs after success, failure and
 * cancel alike; what it cannot do is noted and never hides the work's result.
 */
#include "daemon/link/link.h"

#include "daemon/link/regs.h"
#include "daemon/link/reset.h"
#include "daemon/link/try.h"
#include "proto/base/err.h"

enum {
	LEAVE_REPLY_MS	= 500,
};

/* Does the chip still do what it is told? */
static bool
talks(const struct link *l)
{
	return l->chip != NULL && !l->in_transfer && l->result == 0;
}

/*
 * Over the chip's own USB, before the lines do it: RTS restarts the chip but
 * does not read its boot pin anew, and a download that a program forced stays
 * forced.  Would it start its loader again?  Order: esptool 5.3, targets,
 * ESP32-S3.
 */
static int
stays_in_loader(struct link *l, bool *stays)
{
	const struct chip_strap	*s = &l->chip->strap;
	const struct chip_regop	 unforce[] = {
		{ s->force, 0, s->forced, 0 }, { .addr = 0 },
	};
	uint32_t		 pins, force = 0;

	if (s->sticky)
		TRY(regs_apply(&l->rom, unforce));
	TRY(rom_read_reg(&l->rom, s->pins, &pins));
	if (s->force != 0)
		TRY(rom_read_reg(&l->rom, s->force, &force));
	*stays = (pins & s->boot_pin) == 0 && (force & s->forced) == 0;
	return 0;
}

/* As far as its registers can do it.  Returns 1 when the chip has been
 * restarted here. */
static int
reset_over_usb(struct link *l)
{
	bool	can = link_is_usb_otg(l) &&
		    (l->chip->caps & CHIP_WDT_RESET) != 0;
	bool	stays = can;	/* where no pin tells: the USB-OTG does */

	if (link_is_secure(l))
		return 0;
	if (l->chip->strap.pins != 0)
		TRY(stays_in_loader(l, &stays));
	if (!stays)
		return 0;
	if (can) {
		TRY(regs_wdt_reset(&l->rom, &l->chip->rtc_wdt));
		return 1;
	}
	link_note(l, "the boot pin was low when the chip got its power, so "
	    "over USB it starts its loader again: press its reset button%s",
	    (l->chip->caps & CHIP_WDT_RESET) != 0 ? ", plug it in again, or "
	    "leave it with watchdog-reset" : " or plug it in again");
	return 0;
}

static int
pulse_lines(struct link *l, bool usb)
{
	if (l->opt.hard_custom.count > 0)
		return reset_run_custom(l->rom.wire, &l->opt.hard_custom);
	return reset_run(l->rom.wire, usb ? RESET_HARD_USB :
	    l->opt.flow_lines ? RESET_HARD_FLOW : RESET_HARD,
	    l->opt.flow_lines);
}

static int
hard_reset(struct link *l)
{
	bool	usb = link_is_usb_jtag(l) || link_is_usb_otg(l);
	int	err = 0;

	if (usb && talks(l) && l->opt.hard_custom.count == 0)
		err = reset_over_usb(l);
	/* The lines do it even when the registers did not answer. */
	if (err > 0 || err == ERR_UNPLUGGED)
		return 0;
	err = pulse_lines(l, usb);
	l->in_reset = false;
	/* Whoever never reached the chip need not hear that it stays. */
	if (err == ERR_UNSUPPORTED && l->chip != NULL)
		link_note(l, "this port has no DTR and RTS lines: reset the "
		    "chip by hand to run its program%s",
		    (l->chip->caps & CHIP_WDT_RESET) != 0 ?
		    ", or leave it with watchdog-reset" : "");
	return err;
}

/* Why the watchdog cannot restart this chip, or NULL. */
static const char *
no_watchdog(const struct link *l)
{
	if ((l->chip->caps & CHIP_WDT_RESET) == 0)
		return "has none that could do it";
	if (link_is_secure(l))
		return "lets nobody use it in secure download mode";
	if (!talks(l))
		return "no longer answers";
	return NULL;
}

static int
watchdog_reset(struct link *l)
{
	const char	*reason;
	int		 err;

	if (l->chip == NULL)
		return hard_reset(l);
	if ((reason = no_watchdog(l)) == NULL) {
		err = regs_wdt_reset(&l->rom, &l->chip->rtc_wdt);
		if (err == 0 || err == ERR_UNPLUGGED)
			return 0;
		reason = "did not answer";
	}
	link_note(l, "Watchdog hard reset is not supported: the %s %s; DTR and RTS reset it",
	    l->chip->name, reason);
	return hard_reset(l);
}

static const struct rom_begin *
nothing(const struct link *l, struct rom_begin *b)
{
	*b = (struct rom_begin){
		.block_bytes = rom_flash_block(&l->rom),
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
	if (ext_there(&l->rom) ? ext_can(&l->rom, EXT_CAP_RUN) :
	    (l->chip->caps & CHIP_STATUS2) != 0)
		return rom_run_user_code(&l->rom);
	link_note(l, "a soft reset with a flasher stub is for the ESP8266 "
	    "only: the %s was not reset", l->chip->name);
	return ERR_UNSUPPORTED;
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

/* As the job asked, when it is not a hard reset. */
static int
leave_gently(struct link *l)
{
	int	err = 0;

	if (talks(l) && l->opt.after == LINK_SOFT_RESET)
		err = soft_reset(l);
	if (talks(l) && l->opt.after == LINK_STAY)
		err = stay(l);
	if (err < 0 && err != ERR_UNSUPPORTED && err != ERR_UNPLUGGED)
		link_note(l, "the chip did not answer when it was left: reset "
		    "it before the next job");
	return err;
}

/* What was asked, with the errors that it met. */
static int
leave(struct link *l)
{
	switch (l->opt.after) {
	case LINK_HARD_RESET:
		return hard_reset(l);
	case LINK_WATCHDOG_RESET:
		return watchdog_reset(l);
	case LINK_STAY_STUB:
		return 0;
	case LINK_SOFT_RESET:
	case LINK_STAY:
		break;
	}
	/* In the middle of a transfer only a reset helps. */
	return l->in_transfer ? hard_reset(l) : leave_gently(l);
}

int
phase_leave(struct link *l)
{
	int	err = leave(l);

	/* A connect that was cut short must not hold the chip in reset. */
	if (l->in_reset && (err = wire_lines(l->rom.wire, l->opt.flow_lines,
	    false)) == 0)
		l->in_reset = false;
	/* A port inside the chip goes away with the reset. */
	return err == ERR_UNPLUGGED ? 0 : err;
}
