#include <stdio.h>
#include <string.h>

#include "proto/base/err.h"
#include "proto/efuse/plan_impl.h"

/*
 * read-protect-efuse and write-protect-efuse.  A bit protects all fields that
 * share it; they are named.
 */

int
plan_hide(struct efuse_plan *p, const struct efuse_field *f,
    const struct efuse_wish *w, struct why *why)
{
	const struct efuse_field	*rd = plan_field(p, "RD_DIS");

	if (f->rd_dis == 0 || !rd)
		return why_set(why, ERR_UNSUPPORTED, "This eFuse cannot be "
		    "read-disabled: %s has no bit in RD_DIS", f->name);
	if (!efuse_writable(&p->before, rd))
		return why_set(why, ERR_SECURITY, "This eFuse cannot be "
		    "read-disabled due to the RD_DIS field being already "
		    "write-disabled (%s)", f->name);
	return plan_set_number(p, "RD_DIS", f->rd_dis, w, why);
}

int
plan_lock(struct efuse_plan *p, const struct efuse_field *f,
    const struct efuse_wish *w, struct why *why)
{
	const struct efuse_field	*wr = plan_field(p, "WR_DIS");

	if (f->wr_dis == EFUSE_NO_BIT || !wr)
		return why_set(why, ERR_UNSUPPORTED, "This eFuse cannot be "
		    "write-disabled: %s has no bit in WR_DIS", f->name);
	if (!efuse_writable(&p->before, wr))
		return why_set(why, ERR_SECURITY, "This eFuse cannot be "
		    "write-disabled due to the WR_DIS field being already "
		    "write-disabled (%s)", f->name);
	return plan_set_number(p, "WR_DIS", 1u << f->wr_dis, w, why);
}

/* "Permanently read-disabling eFuses A, B" */
static void
say_all(struct efuse_plan *p, const struct efuse_field *of, bool reading)
{
	const struct efuse_field	*f = NULL;
	char				 names[3500];
	size_t				 n = 0, at = 0;

	while ((f = efuse_field_next(&p->before, f))) {
		if (reading ? f->rd_dis != of->rd_dis :
		    f->wr_dis != of->wr_dis)
			continue;
		if (at + EFUSE_NAME_MAX + 2 > sizeof(names))
			continue;	/* no table has that many */
		at += (size_t)snprintf(names + at, sizeof(names) - at, "%s%s",
		    n++ ? ", " : "", f->name);
	}
	plan_say(p, "Permanently %s-disabling eFuse%s %s",
	    reading ? "read" : "write", n > 1 ? "s" : "", names);
}

/* ESP32: the digest of Secure Boot V2 is in BLOCK2 (revision 3 and later). */
static int
readable_esp32(struct efuse_plan *p, const struct efuse_field *f,
    struct why *why)
{
	if (f->block != 2 || plan_number(p, "ABS_DONE_0") ||
	    p->before.raw.revision < 300)
		return 0;
	if (plan_number(p, "ABS_DONE_1"))
		return why_set(why, ERR_SECURITY, "Secure Boot V2 is on "
		    "(ABS_DONE_1 = True), BLOCK2 must be readable, stop this "
		    "operation!");
	plan_say(p, "If Secure Boot V2 is used, BLOCK2 must be readable, "
	    "please stop this operation!");
	plan_note(p, "if Secure Boot V2 is used, BLOCK2 must stay readable");
	return 0;
}

/* ESP32-C2: the upper half may be a digest, and the lower one is a key only
 * when it is said to be. */
static int
readable_one_key(struct efuse_plan *p, const struct efuse_field *f,
    struct why *why)
{
	bool	whole = strcmp(f->name, "BLOCK_KEY0") == 0;
	bool	high = strcmp(f->name, "BLOCK_KEY0_HI_128") == 0;

	if ((whole && !plan_number(p, "XTS_KEY_LENGTH_256")) ||
	    ((whole || high) && plan_number(p, "SECURE_BOOT_EN")))
		return why_set(why, ERR_SECURITY, "%s must be readable, stop "
		    "this operation!", f->name);
	return 0;
}

static int
readable_key(struct efuse_plan *p, const struct efuse_field *f,
    struct why *why)
{
	const struct efuse_block	*b;
	const struct efuse_field	*purpose;
	const struct efuse_purpose	*of;
	struct efuse_purpose		 room;

	b = &p->before.efuse->blocks[f->block];
	purpose = b->purpose ? plan_field(p, b->purpose) : NULL;
	if (!purpose)
		return 0;
	of = efuse_purpose_of(p->before.efuse,
	    plan_purpose(p, purpose, true), &room);
	if (of && of->flags & EFUSE_HIDE)
		return 0;
	return why_set(why, ERR_SECURITY, "%s must be readable, stop this "
	    "operation! It is used as %s", f->name, of ? of->name :
	    "nothing that is known");
}

/* Whoever needs it must still be able to read it. */
static int
must_be_readable(struct efuse_plan *p, const struct efuse_field *f,
    struct why *why)
{
	if (p->before.efuse->flags & EFUSE_CHIP_ESP32)
		return readable_esp32(p, f, why);
	if (p->before.efuse->flags & EFUSE_CHIP_ONE_KEY)
		return readable_one_key(p, f, why);
	return readable_key(p, f, why);
}

int
plan_read_protect(struct efuse_plan *p, const struct efuse_wish *w,
    struct why *why)
{
	const struct efuse_field	*f;
	int				 r;

	f = efuse_field_find(&p->before, w->name);
	plan_remember(p, w->kind, w->command, f, NULL);
	if (!efuse_readable(&p->before, f)) {
		plan_say(p, "Efuse %s is already read protected", f->name);
		return 0;
	}
	r = must_be_readable(p, f, why);
	if (r < 0)
		return r;
	say_all(p, f, true);
	return plan_hide(p, f, w, why);
}

int
plan_write_protect(struct efuse_plan *p, const struct efuse_wish *w,
    struct why *why)
{
	const struct efuse_field	*f;

	f = efuse_field_find(&p->before, w->name);
	plan_remember(p, w->kind, w->command, f, NULL);
	if (!efuse_writable(&p->before, f)) {
		plan_say(p, "Efuse %s is already write protected.", f->name);
		return 0;
	}
	say_all(p, f, false);
	return plan_lock(p, f, w, why);
}
