/*
 * efuse read: what the chip's fuses hold.
 */
#include "daemon/link/link.h"

#include "daemon/link/try.h"
#include "proto/base/err.h"

/* A name that is none is told before anything is. */
static int
check_names(struct link *l)
{
	const struct fuses_order	*o = l->fuses.order;
	struct efuse_state		*s = &l->fuses.state;

	for (size_t i = 0; o != NULL && i < o->name_count; i++)
		if (efuse_field_find(s, o->names[i]) == NULL)
			return link_fail(l, ERR_PARAMS, "the %s has no eFuse "
			    "\"%.64s\"; without a name all are told",
			    l->chip->name, o->names[i]);
	return 0;
}

int
phase_efuse_read(struct link *l)
{
	const struct fuses_order	*o = l->fuses.order;

	TRY(o != NULL && o->fresh ? phase_efuse_fresh(l) : fuses_read(l));
	return check_names(l);
}

int
phase_efuse_fresh(struct link *l)
{
	/* The first time tells which table, so which registers. */
	TRY(fuses_read(l));
	TRY(fuses_latch(l));
	return fuses_read(l);
}
