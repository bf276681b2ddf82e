#ifndef CLIENT_NEAREST_H
#define CLIENT_NEAREST_H
/*
 * nearest - which of many names somebody may have meant who mistyped one.
 */
#include <stddef.h>

enum {
	NEAREST_MAX	= 64,	/* bytes of a name, with NUL */
	NEAREST_HINT	= NEAREST_MAX + 24,	/* of a hint */
};

struct nearest {
	const char	*typed;		/* borrowed */
	char		 name[NEAREST_MAX];	/* the nearest so far */
	unsigned	 distance;
};

void nearest_init(struct nearest *, const char *typed);
/* One of the names there are. */
void nearest_try(struct nearest *, const char *name);
/* "; did you mean ...?", or "" when nothing is near enough; `dash` goes before
 * the name.  Returns `out`. */
const char *nearest_hint(const struct nearest *, const char *dash,
    char out[NEAREST_HINT]);
#endif
