#include "proto/efuse/wish.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/err.h"
#include "proto/efuse/plan_impl.h"

static char *
copy(const char *s)
{
	return s ? strdup(s) : NULL;
}

int
plan_wish_copy(struct efuse_wish *to, const struct efuse_wish *from)
{
	*to = *from;
	to->name = copy(from->name);
	to->value = copy(from->value);
	to->purpose = copy(from->purpose);
	if ((from->name && !to->name) || (from->value && !to->value) ||
	    (from->purpose && !to->purpose)) {
		efuse_wish_done(to);
		return ERR_NOMEM;
	}
	return 0;
}

void
efuse_wish_done(struct efuse_wish *w)
{
	if (w->value)	/* burn-efuse BLOCK_KEY0 0x...: a key as well */
		explicit_bzero(w->value, strlen(w->value));
	free(w->name);
	free(w->value);
	free(w->purpose);
	explicit_bzero(w, sizeof(*w));
}
