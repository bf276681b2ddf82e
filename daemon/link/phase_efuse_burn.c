/*
 * efuse burn: carry out the plan, step by step, each read back before the next.
 *
 * Between the first step and the last nothing stops it but the chip: half a plan
 * is worse than none.  A chip that is told to shut its loader does so as soon as
 * its controller has read the fuses; then the chip is looked for once more, and
 * what it answers must be what the plan made it to be.
 */
#include "daemon/link/link.h"

#include <stdio.h>
#include <string.h>

#include "daemon/link/try.h"
#include "proto/base/err.h"
#include "proto/base/text.h"

/* What a step may take from us. */
struct shut {
	const char	*download;	/* nobody can connect any more ... */
	const char	*secure;	/* ... or read a register ... */
	const char	*usb;		/* ... or not over this port */
};

/* The first of these fields that the step burns a bit of; NULL: none. */
static const char *
burns_one(struct link *l, const struct efuse_step *s, const char *const *names)
{
	for (; *names != NULL; names++) {
		const struct efuse_field	*f;

		f = efuse_field_find(&l->fuses.state, *names);
		if (f != NULL && f->block == s->block && f->bit != EFUSE_NOWHERE
		    && (s->want[f->bit / 32] >> f->bit % 32 & 1) != 0)
			return f->name;
	}
	return NULL;
}

static struct shut
shut_by(struct link *l, const struct efuse_step *s)
{
	static const char *const	download[] = {
		"DIS_DOWNLOAD_MODE", "UART_DOWNLOAD_DIS", NULL,
	};
	static const char *const	secure[] = {
		"ENABLE_SECURITY_DOWNLOAD", NULL,
	};
	static const char *const	jtag[] = {
		"DIS_USB_SERIAL_JTAG", "DIS_USB_SERIAL_JTAG_DOWNLOAD_MODE",
		"DIS_USB_DEVICE", NULL,
	};
	static const char *const	otg[] = {
		"DIS_USB", "DIS_USB_OTG", "DIS_USB_DOWNLOAD_MODE",
		"DIS_USB_OTG_DOWNLOAD_MODE", NULL,
	};
	struct shut			shut = { 0 };

	shut.download = burns_one(l, s, download);
	shut.secure = burns_one(l, s, secure);
	if (link_is_usb_jtag(l))
		shut.usb = burns_one(l, s, jtag);
	else if (link_is_usb_otg(l))
		shut.usb = burns_one(l, s, otg);
	return shut;
}

/* The end of a sentence about a failure. */
static void
tell_done(const struct link *l, char *out, size_t size)
{
	size_t	steps = efuse_plan_steps(l->fuses.plan), len = 0;

	if (!l->fuses.burned) {
		(void)snprintf(out, size, "nothing was burned");
		return;
	}
	len = (size_t)snprintf(out, size, "%zu of %zu steps are done",
	    l->fuses.done_count, steps);
	for (size_t i = 0; i < l->fuses.done_count && len < size; i++)
		len += (size_t)snprintf(out + len, size - len, "%s%s",
		    i == 0 ? " (" : ", ", l->fuses.state.efuse->blocks[
		    l->fuses.done[i].step->block].name);
	if (len < size)
		(void)snprintf(out + len, size - len, "%s; the same burned "
		    "again finishes it", l->fuses.done_count > 0 ? ")" : "");
}

/* The failure that was recorded, and how far the plan came. */
static int
fail_after(struct link *l, int err)
{
	struct why	said = l->why;
	char		done[200];

	tell_done(l, done, sizeof done);
	why_clear(&l->why);
	return link_fail(l, err, "%.290s; %s", said.err != 0 ? said.text :
	    err_sentence(err), done);
}

static int
lose(struct link *l, const char *name, const char *what)
{
	why_clear(&l->why);
	(void)snprintf(l->fuses.lost, sizeof l->fuses.lost, "%s: %s, as it was "
	    "planned; its last step could not be read back", name, what);
	return 1;
}

/* From the reset on, without telling its phases anew. */
static int
connect_again(struct link *l)
{
	const struct link_hooks	*hooks = l->hooks;
	int			 err;

	l->hooks = NULL;
	l->rom.stub = false;
	l->rom.text_len = 0;
	l->found.has_secinfo = false;
	l->opt.secure_ok = true;
	l->opt.has_expected = false;
	err = phase_connect(l);
	if (err >= 0)
		err = phase_identify(l);
	l->hooks = hooks;
	return err < 0 ? err : 0;
}

/*
 * The chip fell silent, or refuses, after a step that may have made it so.
 * 0: it is there again and can be read; 1: it is lost as planned; or the error
 * that was there.
 */
static int
look_again(struct link *l, const struct shut *shut, int err)
{
	struct why	said = l->why;
	uint8_t		mac[sizeof l->found.facts.mac];
	int		r;

	if (err == ERR_UNPLUGGED)
		return shut->usb == NULL ? err : lose(l, shut->usb, "the chip "
		    "has left its USB port");
	if (err != ERR_TIMEOUT && err != ERR_NOISE && err != ERR_REFUSED &&
	    err != ERR_UNSUPPORTED)
		return err;
	memcpy(mac, l->found.facts.mac, sizeof mac);
	why_clear(&l->why);
	r = connect_again(l);
	if (r < 0 && shut->download != NULL &&
	    (r == ERR_NO_SYNC || r == ERR_BOOT_MODE))
		return lose(l, shut->download, "the chip's loader answers "
		    "nobody any more");
	if (r == 0 && link_is_secure(l) && shut->secure != NULL)
		return lose(l, shut->secure, "the chip is in secure download "
		    "mode now, which lets nobody read eFuses");
	if (r == 0 && !link_is_secure(l) &&
	    memcmp(mac, l->found.facts.mac, sizeof mac) == 0) {
		why_clear(&l->why);
		return 0;
	}
	l->why = said;
	return err;
}

/* It could be reached again: is what the step burns there? */
static int
look_at_step(struct link *l, const struct efuse_step *s,
    const struct efuse_state *before, struct fuses_outcome *d)
{
	TRY(fuses_read(l));
	return efuse_step_outcome(s, before, &l->fuses.state, d->text, &l->why);
}

/* 0: the step is done; 1: so are all, and the chip is lost; or an error. */
static int
do_step(struct link *l, const struct efuse_step *s)
{
	const struct efuse_state	 before = l->fuses.state;
	const struct shut		 shut = shut_by(l, s);
	struct fuses_outcome		*d;
	bool				 sent;
	int				 r;

	d = &l->fuses.done[l->fuses.done_count];
	*d = (struct fuses_outcome){ .step = s };
	r = fuses_burn(l, s, d, &sent);
	l->fuses.burned |= sent;
	if (r < 0 && sent && (shut.download != NULL || shut.secure != NULL ||
	    shut.usb != NULL)) {
		r = look_again(l, &shut, r);
		if (r == 0)
			r = look_at_step(l, s, &before, d);
		if (r == 1)
			(void)snprintf(d->text, sizeof d->text, "%s is "
			    "enabled.", shut.download != NULL ? shut.download :
			    shut.secure != NULL ? shut.secure : shut.usb);
	}
	if (r >= 0)
		l->fuses.done_count++;
	return r;
}

static int
begin(struct link *l)
{
	int	err = l->halt;

	if (err == 0)
		err = wire_stopped(l->rom.wire);
	if (err != 0)
		return link_fail_rom(l, err, "burn anything");
	if (l->hooks == NULL || l->hooks->burn == NULL)
		return 0;
	return l->hooks->burn(l->hook_arg, 0, NULL, &l->why);
}

/* Once burning has begun, that something cannot be written down is no reason to
 * stop in the middle. */
static void
record(struct link *l, const struct why *failed)
{
	struct why	why = { 0 };

	if (l->hooks != NULL && l->hooks->burn != NULL &&
	    l->hooks->burn(l->hook_arg, l->fuses.done_count, failed, &why) < 0)
		link_note(l, "%s", why_text(&why));
}

static int
burn_all(struct link *l)
{
	size_t	n = efuse_plan_steps(l->fuses.plan);
	int	r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		link_progress(l, i, n);
		r = do_step(l, efuse_plan_step(l->fuses.plan, i));
		if (r >= 0)
			record(l, NULL);
	}
	if (r == 1 && l->fuses.done_count < n)
		r = link_fail(l, ERR_VERIFY, "%s", l->fuses.lost);
	if (r < 0) {
		r = fail_after(l, r);
		record(l, &l->why);
		return r;
	}
	link_progress(l, n, n);
	return r;
}

int
phase_efuse_burn(struct link *l)
{
	int	r;

	if (efuse_plan_steps(l->fuses.plan) == 0)
		return 0;
	TRY(begin(l));
	l->fuses.burning = true;
	r = burn_all(l);
	if (r == 0)
		r = fuses_read(l);
	l->fuses.burning = false;
	return r < 0 ? r : 0;
}
