#include "daemon/link/retry.h"

#include <stdio.h>
#include <string.h>

#include "proto/base/err.h"

enum { LOST_AT_BAUD = 2 };	/* so often at one rate: take a lower one */

/* Could connecting anew help? */
static bool
is_lost(const struct link *l, int err)
{
	return (err == ERR_TIMEOUT || err == ERR_NOISE ||
	    (err == ERR_REFUSED && l->bad_line)) && l->halt == 0 &&
	    l->opt.before != LINK_NO_RESET_NO_SYNC;
}

/* The row that every job on the flash begins with. */
static int
run_phases(struct link *l)
{
	static int (*const phases[])(struct link *) = {
		phase_connect, phase_identify, phase_stub, phase_baud,
		phase_attach,
	};
	int	err = 0;

	for (size_t i = 0; i < sizeof phases / sizeof phases[0] && err >= 0;
	    i++)
		err = phases[i](l);
	return err < 0 ? err : 0;
}

/* From the reset on; what the phases would tell was told before. */
static int
connect_again(struct link *l)
{
	const struct link_hooks	*hooks = l->hooks;
	bool			 stub = l->rom.stub;
	int			 err;

	if (!link_is_secure(l)) {
		l->opt.has_expected = true;
		memcpy(l->opt.expected_mac, l->found.facts.mac,
		    sizeof l->opt.expected_mac);
	}
	l->hooks = NULL;
	l->rom.stub = false;
	l->rom.text_len = 0;
	err = run_phases(l);
	l->hooks = hooks;
	if (err == 0 && l->rom.stub != stub)
		return link_fail(l, ERR_STUB, "another loader answers than "
		    "before");
	if (err == 0)
		l->in_transfer = false;
	return err;
}

/* A rate that failed twice is too high. */
static void
choose_baud(struct link *l)
{
	uint32_t	baud = l->opt.baud;

	if (++l->lost_at_baud < LOST_AT_BAUD || baud <= LINK_BAUD)
		return;
	l->lost_at_baud = 0;
	l->opt.baud = baud / 2 > LINK_BAUD ? baud / 2 : LINK_BAUD;
	link_note(l, "%u baud failed %d times, so the work goes on at %u",
	    baud, LOST_AT_BAUD, l->opt.baud);
}

/* What ended the first time and what the second; the first is the failure. */
static int
fail_both(struct link *l, const struct why *said, const struct why *again)
{
	char	text[WHY_MAX];

	(void)snprintf(text, sizeof text, "%.240s; it could not be reached "
	    "again: %.220s", said->text, again->text);
	why_clear(&l->why);
	return why_set(&l->why, said->err, "%s", text);
}

int
retry_connect(struct link *l, int err, struct why *said)
{
	struct why	again;
	int		r;

	*said = l->why;
	if (!is_lost(l, err) || l->lost >= l->opt.reconnects)
		return err;
	l->bad_line = false;
	l->lost++;
	choose_baud(l);
	why_clear(&l->why);
	r = connect_again(l);
	if (r == 0)
		return 0;
	if (r == ERR_CANCELED || r == ERR_INTERRUPTED || r == ERR_UNPLUGGED ||
	    r == ERR_CHIP_MISMATCH)
		return r;
	again = l->why;
	return fail_both(l, said, &again);
}

void
retry_note(struct link *l, const struct why *said, const char *how)
{
	link_note(l, "%.300s; retrying (%u of %u), %s", said->text, l->lost,
	    l->opt.reconnects, how);
}

void
retry_progress(struct link *l)
{
	l->lost = 0;
}
