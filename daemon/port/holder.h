#ifndef DAEMON_PORT_HOLDER_H
#define DAEMON_PORT_HOLDER_H
/*
 * holder - which program has a device open, found in /proc.
 */
#include <stddef.h>

enum { HOLDER_MAX = 128 };

/* "minicom (pid 4711, user anna)", or words that say that it cannot be seen.
 * Of several it is the one that has locked it (flock).
 * `ours` is a descriptor of this process that does not count, or -1. */
void holder_find(const char *path, int ours, char *out, size_t size);

/* A device, and who else has it: as above; "" when nobody is seen to. */
struct holder {
	const char	*path;
	char		 who[HOLDER_MAX];
};

/* Fill `who` of all of them in one pass.  This process does not count.  Of a
 * pty only who has locked it is told: some program has its other end, and often
 * this one, too. */
void holder_list(struct holder *, size_t count);
#endif
