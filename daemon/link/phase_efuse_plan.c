/*
 * efuse plan: which bits are burned in which order.  Nothing is sent.
 */
#include "daemon/link/link.h"

#include <string.h>

#include "daemon/link/try.h"
#include "proto/base/err.h"
#include "proto/base/text.h"

/* A burn is for the chip that the plan was made for, as it was then. */
static int
check_bound(struct link *l)
{
	const struct fuses_order	*o = l->fuses.order;
	char				 is[TEXT_MAC_MAX], was[TEXT_MAC_MAX];

	if (!o->bound)
		return 0;
	text_mac(is, l->found.facts.mac);
	text_mac(was, o->mac);
	if (memcmp(l->found.facts.mac, o->mac, sizeof o->mac) != 0)
		return link_fail(l, ERR_CHIP_MISMATCH, "another board is at "
		    "this port than the plan was made for: its MAC is %s, not "
		    "%s; nothing was burned, make a plan for this one", is,
		    was);
	if (!fuses_same(l->fuses.state.efuse, &l->fuses.state.raw, &o->raw))
		return link_fail(l, ERR_CONFLICT, "the eFuses of the chip %s "
		    "have changed since the plan was made; nothing was burned, "
		    "plan again", is);
	return 0;
}

static int
add_wishes(struct link *l)
{
	const struct fuses_order	*o = l->fuses.order;

	for (size_t i = 0; i < o->wish_count; i++) {
		TRY(efuse_plan_add(l->fuses.plan, &o->wishes[i], &l->why));
		if (i + 1 == o->wish_count ||
		    o->wishes[i + 1].command != o->wishes[i].command)
			TRY(efuse_plan_command(l->fuses.plan, &l->why));
	}
	return 0;
}

int
phase_efuse_plan(struct link *l)
{
	const struct fuses_order	*o = l->fuses.order;

	TRY(check_bound(l));
	l->fuses.plan = efuse_plan_new(&l->fuses.state, o->postpone);
	if (l->fuses.plan == NULL)
		return link_fail(l, ERR_NOMEM, "no memory for the plan");
	TRY(add_wishes(l));
	TRY(efuse_plan_finish(l->fuses.plan, &l->why));
	return efuse_plan_steps(l->fuses.plan) == 0 ? 0 :
	    fuses_check_timing(l);
}
