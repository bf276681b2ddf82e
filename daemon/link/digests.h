#ifndef DAEMON_LINK_DIGESTS_H
#define DAEMON_LINK_DIGESTS_H
/*
 * digests - which sectors of an image the flash does not hold, by the digests
 * that our own stub makes of them.
 */
#include <stdbool.h>
#include <stddef.h>

struct link;

/* Can that be asked of this loader, for image `i`? */
bool digests_can(const struct link *, size_t i);

/* Compare: the sectors that differ as l->images[i].regions, or none and 1 when
 * so many differ that all of it had better be written.  0 when done; else an
 * enum err with its sentence. */
int digests_diff(struct link *, size_t i);
#endif
