#include "client/nearest.h"

#include <stdio.h>
#include <string.h>

/* How many letters differ (Levenshtein). */
static unsigned
distance(const char *a, const char *b)
{
	unsigned	row[NEAREST_MAX + 1], before, above, best;
	size_t		n = strlen(b);

	if (n > NEAREST_MAX)
		return NEAREST_MAX;
	for (size_t j = 0; j <= n; j++)
		row[j] = (unsigned)j;
	for (size_t i = 0; a[i] != '\0'; i++) {
		before = row[0];
		row[0] = (unsigned)i + 1;
		for (size_t j = 0; j < n; j++) {
			above = row[j + 1];
			best = before + (a[i] != b[j]);
			if (above + 1 < best)
				best = above + 1;
			if (row[j] + 1 < best)
				best = row[j] + 1;
			row[j + 1] = best;
			before = above;
		}
	}
	return row[n];
}

void
nearest_init(struct nearest *n, const char *typed)
{
	/* A third of the letters may be wrong, not more. */
	*n = (struct nearest){ .typed = typed,
	    .distance = (unsigned)strlen(typed) / 3 + 2 };
}

void
nearest_try(struct nearest *n, const char *name)
{
	unsigned	d;

	if (strlen(n->typed) >= NEAREST_MAX)
		return;
	if ((d = distance(n->typed, name)) >= n->distance)
		return;
	n->distance = d;
	(void)snprintf(n->name, sizeof n->name, "%s", name);
}

const char *
nearest_hint(const struct nearest *n, const char *dash, char out[NEAREST_HINT])
{
	out[0] = '\0';
	if (n->name[0] != '\0')
		(void)snprintf(out, NEAREST_HINT, "; did you mean %s%s?", dash,
		    n->name);
	return out;
}
