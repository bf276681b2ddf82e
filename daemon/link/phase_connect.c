/*
 * connect: bring the chip into its loader and get in step with it.
 *
 * One attempt is a reset and five SYNCs; the recipes for the reset take turns
 * (reset.h).  What the chip prints meanwhile tells why nothing answers.
 */
#include "daemon/link/link.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "daemon/link/reset.h"
#include "daemon/link/try.h"
#include "proto/base/err.h"
#include "proto/base/text.h"

enum {
	SYNCS		= 5,	/* per attempt; esptool §_connect_attempt */
	QUIET_MS	= 1,	/* no byte for so long: the log is over */
	LISTEN_MS	= 50,	/* a program that never stops printing */
};

/* What a connect has seen so far. */
struct attempt {
	bool	 can_reset;
	unsigned syncs;
	bool	 noise;		/* bytes came that were no answer */
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

static int
reset_into_loader(struct link *l, struct attempt *a, unsigned n)
{
	bool	usb = l->opt.before == LINK_USB_RESET ||
		    link_is_usb_jtag(l);
	int	err;

	err = reset_run(l->rom.wire, reset_choose(n, usb, l->opt.remote,
	    RESET_NONE), false);
	if (err == ERR_UNSUPPORTED) {
		a->can_reset = false;
		link_note(l, "this port has no DTR and RTS lines, so the chip "
		    "was not reset; continuing without");
		return 0;
	}
	if (err < 0)
		return link_fail_rom(l, err, "reset the chip");
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
			return 1;
		}
		if (is_final(err))
			return link_fail_rom(l, err, "connect to the chip");
		a->noise |= err == ERR_NOISE;
	}
	return 0;
}

/* The number after the last "boot:" of the log: true when there is one. */
static bool
boot_mode(const struct rom *r, uint32_t *mode)
{
	static const char	key[] = "boot:0x";
	const char		*at = r->text, *end = r->text + r->text_len;
	bool			 seen = false;

	while ((at = memmem(at, (size_t)(end - at), key, sizeof key - 1))) {
		char	number[2 + 8 + 1] = "0x";
		size_t	n = 2;

		at += sizeof key - 1;
		while (n < sizeof number - 1 && at < end && isxdigit(
		    (unsigned char)*at))
			number[n++] = *at++;
		if (text_u32(number, mode) == 0)
			seen = true;
	}
	return seen;
}

static bool
log_has(const struct rom *r, const char *what)
{
	return memmem(r->text, r->text_len, what, strlen(what)) != NULL;
}

/* The sentence for a chip that did not answer. */
static int
fail_connect(struct link *l, const struct attempt *a)
{
	const struct rom	*r = &l->rom;
	uint32_t		 mode;
	char			 tried[64];

	if (l->found.resets > 0)
		(void)snprintf(tried, sizeof tried, "%u resets and %u SYNCs",
		    l->found.resets, a->syncs);
	else
		(void)snprintf(tried, sizeof tried, "%u SYNCs without a reset",
		    a->syncs);
	/* ESP32 and C3 say "waiting for download", the S3 "wait uart0
	 * download". */
	if (log_has(r, "waiting for download") || log_has(r, "wait uart"))
		return link_fail(l, ERR_NO_SYNC, "the chip waits for download "
		    "but does not hear us (%s): the TX path seems to be down; "
		    "check the wire from the adapter's TX to the chip's RX",
		    tried);
	if (boot_mode(r, &mode))
		return link_fail(l, ERR_BOOT_MODE, "wrong boot mode (boot:0x%x"
		    "): the chip starts its program instead of the loader; "
		    "hold BOOT/GPIO0 low while it resets (GPIO9 on C2, C3, C6 "
		    "and H2) and try again", mode);
	if (log_has(r, "Guru Meditation Error"))
		return link_fail(l, ERR_BOOT_MODE, "the program on the chip "
		    "crashes (Guru Meditation Error) and the loader does not "
		    "answer; hold BOOT/GPIO0 low while it resets and try "
		    "again");
	if (a->noise || r->text_len > 0)
		return link_fail(l, ERR_NO_SYNC, "something answers but it "
		    "makes no sense (%s): the chip may run its program instead "
		    "of the loader (hold BOOT/GPIO0 low while it resets), or "
		    "the line is noisy (check the cable and ground)", tried);
	return link_fail(l, ERR_NO_SYNC, "the chip does not answer (%s): check "
	    "its power supply, the cable, that TX and RX are not swapped, the "
	    "boot pin (BOOT/GPIO0 low while it resets), and that no other "
	    "program uses the port", tried);
}

static bool
past_deadline(const struct link *l)
{
	return l->phase_ends != 0 && wire_now(l->rom.wire) >= l->phase_ends;
}

int
phase_connect(struct link *l)
{
	struct attempt	a = { 0 };
	int		r = 0;

	TRY(set_first_baud(l));
	if (l->opt.before == LINK_NO_RESET_NO_SYNC)
		return 0;
	a.can_reset = l->opt.before != LINK_NO_RESET;
	if ((r = rom_flush(&l->rom)) < 0)
		return link_fail_rom(l, r, "connect to the chip");
	for (unsigned n = 0; l->opt.attempts == 0 || n < l->opt.attempts; n++) {
		if (past_deadline(l))
			break;
		if (a.can_reset)
			TRY(reset_into_loader(l, &a, n));
		TRY(r = sync_some(l, &a));
		if (r > 0)
			break;
	}
	text_printable(l->found.boot_log, sizeof l->found.boot_log,
	    l->rom.text, l->rom.text_len);
	return r > 0 ? 0 : fail_connect(l, &a);
}
