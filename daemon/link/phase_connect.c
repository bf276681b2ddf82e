/*
 * connect: bring the chip into its loader and get in step with it.
 *
 * One attempt is a reset and five SYNCs; the recipes for the reset take turns
 * (reset.h).  What the chip prints meanwhile tells why nothing answers.
 */
#include "daemon/link/link.h"

#include <stdio.h>
#include <string.h>

#include "daemon/link/bootlog.h"
#include "daemon/link/reset.h"
#include "daemon/link/try.h"
#include "proto/base/err.h"
#include "proto/base/text.h"

enum {
	SYNCS		= 5,	/* per attempt; esptool 5.3, loader.py */
	QUIET_MS	= 1,	/* no byte for so long: the log is over */
	LISTEN_MS	= 50,	/* a program that never stops printing */
};

/* What a connect has done and seen so far. */
struct attempt {
	bool		can_reset;
	unsigned	resets, syncs;
	bool		noise;		/* bytes came that were no answer */
	struct bootlog	log;
};

/* The rate to begin with: ROMs measure the rate of the first SYNC, and all of
 * them manage LINK_BAUD. */
static uint32_t
first_baud(const struct link *l)
{
	if (l->opt.before == LINK_NO_RESET_NO_SYNC && l->opt.baud != 0)
		return l->opt.baud;
	if (l->opt.baud != 0 && l->opt.baud < LINK_BAUD)
		return l->opt.baud;
	return LINK_BAUD;
}

static int
set_first_baud(struct link *l)
{
	uint32_t	baud = first_baud(l);
	int		err;

	if ((err = wire_baud(l->rom.wire, baud)) < 0)
		return link_fail_rom(l, err, "set the rate of the port");
	l->baud = l->rom.baud = baud;
	return 0;
}

/* By the user's sequence, or by the recipe whose turn it is. */
static int
run_recipe(struct link *l, unsigned turn)
{
	const struct link_options	*o = &l->opt;
	bool				 usb = o->before == LINK_USB_RESET ||
					    link_is_usb_jtag(l);

	l->found.recipe = RESET_NONE;
	if (o->reset_custom.count > 0)
		return reset_run_custom(l->rom.wire, &o->reset_custom);
	l->found.recipe = reset_choose(turn, usb, o->remote, o->first_recipe);
	return reset_run(l->rom.wire, l->found.recipe, o->flow_lines);
}

static int
reset_into_loader(struct link *l, struct attempt *a)
{
	int	err;

	l->in_reset = true;
	err = run_recipe(l, a->resets);
	if (err == ERR_UNSUPPORTED) {
		l->in_reset = a->can_reset = false;
		l->found.recipe = RESET_NONE;
		link_note(l, "this port has no DTR and RTS lines. Chip was "
		    "NOT reset.");
		return 0;
	}
	if (err < 0)
		return link_fail_rom(l, err, "reset the chip");
	l->in_reset = false;
	a->resets++;
	l->found.resets++;
	return 0;
}

/* Is this an error that no further try can mend? */
static bool
is_final(int err)
{
	return err < 0 && err != ERR_TIMEOUT && err != ERR_NOISE;
}

/* Up to five SYNCs: 1 when the loader answers, 0 when not. */
static int
sync_some(struct link *l, struct attempt *a)
{
	bool	stub;
	int	err;

	for (int i = 0; i < SYNCS; i++) {
		err = rom_listen(&l->rom, QUIET_MS, LISTEN_MS);
		if (err == 0) {
			a->syncs++;
			err = rom_sync(&l->rom, &stub);
		}
		if (err == 0) {
			l->rom.stub = l->found.stub_was_there = stub;
			l->rom.ext = (struct ext){ .version = 0 };
			return 1;
		}
		if (is_final(err))
			return link_fail_rom(l, err, "connect to the chip");
		a->noise |= err == ERR_NOISE;
	}
	bootlog_read(&a->log, l->rom.text, l->rom.text_len);
	return 0;
}

/* A chip that starts its program, or tries to, instead of the loader. */
static int
fail_boot_mode(struct link *l, const struct bootlog *b)
{
	char	mode[24] = "", program[BOOTLOG_CRASH + 40] = "";

	if (b->has_boot)
		(void)snprintf(mode, sizeof mode, " (boot:0x%x)", b->boot);
	if (b->crash[0] != '\0')
		(void)snprintf(program, sizeof program, ", which crashes (%s),",
		    b->crash);
	else if (b->no_program)
		(void)snprintf(program, sizeof program, ", of which there is "
		    "none in flash,");
	else if (b->untrusted)
		(void)snprintf(program, sizeof program, ", whose signature "
		    "its secure boot does not accept,");
	return link_fail(l, ERR_BOOT_MODE, "wrong boot mode%s: the chip starts "
	    "its program%s instead of the loader; hold BOOT/GPIO0 low while "
	    "it resets (GPIO9 on C2, C3, C6 and H2) and try again%s%s", mode,
	    program, b->brownout ? "; " : "",
	    b->brownout ? LINK_WEAK_SUPPLY : "");
}

/* "7 resets and 35 SYNCs". */
static void
tell_tries(const struct link *l, const struct attempt *a, char *out,
    size_t size)
{
	if (a->resets > 0)
		(void)snprintf(out, size, "%u resets%s and %u SYNCs", a->resets,
		    l->opt.reset_custom.count > 0 ? " by your own sequence" :
		    "", a->syncs);
	else
		(void)snprintf(out, size, "%u SYNCs without a reset", a->syncs);
}

/* The sentence for a chip that did not answer. */
static int
fail_connect(struct link *l, const struct attempt *a)
{
	const struct bootlog	*b = &a->log;
	char			 tried[80];

	if (l->opt.chip != NULL && l->baud < l->opt.chip->sync_min_bps)
		link_note(l, "an %s may not hear anything below %u "
		    "baud: try a higher baud rate", l->opt.chip->name,
		    l->opt.chip->sync_min_bps);
	tell_tries(l, a, tried, sizeof tried);
	if (b->waits)
		return link_fail(l, ERR_NO_SYNC, "the chip waits for download "
		    "but does not hear us (%s): the TX path seems to be down; "
		    "check the wire from the adapter's TX to the chip's RX",
		    tried);
	if (b->has_boot || b->no_program || b->untrusted)
		return fail_boot_mode(l, b);
	if (b->crash[0] != '\0')
		return link_fail(l, ERR_BOOT_MODE, "the program on the chip "
		    "crashes (%s) and the loader does not answer; hold "
		    "BOOT/GPIO0 low while it resets and try again", b->crash);
	if (b->brownout)
		return link_fail(l, ERR_NO_SYNC, "the chip starts but does not "
		    "get as far as its loader (%s): %s", tried,
		    LINK_WEAK_SUPPLY);
	if (a->noise || l->rom.text_len > 0)
		return link_fail(l, ERR_NO_SYNC, "something answers but it "
		    "makes no sense (%s): the chip may run its program instead "
		    "of the loader (hold BOOT/GPIO0 low while it resets), or "
		    "the line is noisy (check the cable and ground)", tried);
	return link_fail(l, ERR_NO_SYNC, "the chip does not answer (%s): check "
	    "its power supply, the cable, that TX and RX are not swapped, the "
	    "boot pin (BOOT/GPIO0 low while it resets), and that no other "
	    "program uses the port", tried);
}

/* Are no more attempts to be made?  A number of attempts or a sequence that
 * the user chose may take longer than the phase. */
static bool
is_over(const struct link *l, unsigned made)
{
	if (l->opt.attempts != LINK_ATTEMPTS || l->opt.reset_custom.count > 0)
		return l->opt.attempts != 0 && made >= l->opt.attempts;
	return made >= l->opt.attempts || (l->phase_ends != 0 &&
	    wire_now(l->rom.wire) >= l->phase_ends);
}

/* Resets and SYNCs in turn: 1 when the loader answers, 0 when not. */
static int
try_all(struct link *l, struct attempt *a)
{
	int	r = 0;

	/* It went away in the middle of our own reset: that has worked, and
	 * another one would only send it away again. */
	if (l->opt.came_back) {
		TRY(r = sync_some(l, a));
		if (r > 0)
			return r;
	}
	for (unsigned n = 0; !is_over(l, n); n++) {
		if (a->can_reset)
			TRY(reset_into_loader(l, a));
		TRY(r = sync_some(l, a));
		if (r > 0)
			return r;
	}
	return 0;
}

int
phase_connect(struct link *l)
{
	struct attempt	a = { 0 };
	int		r;

	l->found.recipe = RESET_NONE;
	TRY(set_first_baud(l));
	if (l->opt.before == LINK_NO_RESET_NO_SYNC)
		return 0;
	a.can_reset = l->opt.before != LINK_NO_RESET;
	if ((r = rom_flush(&l->rom)) < 0)
		return link_fail_rom(l, r, "connect to the chip");
	TRY(r = try_all(l, &a));
	text_printable(l->found.boot_log, sizeof l->found.boot_log,
	    l->rom.text, l->rom.text_len);
	if (r == 0)
		return fail_connect(l, &a);
	/* What it prints from now on means that it has restarted. */
	l->rom.text_len = 0;
	return 0;
}
