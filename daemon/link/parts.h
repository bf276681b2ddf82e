#ifndef DAEMON_LINK_PARTS_H
#define DAEMON_LINK_PARTS_H
/*
 * parts - a windowed read through our own stub: bytes of flash, or digests of its
 * sectors, in order and each with a check sum; what was lost or damaged is asked
 * for again (proto/serial/ext.h, "Reading").
 */
#include <stdint.h>

#include "daemon/link/rom.h"

struct parts {
	/* Set by the caller. */
	struct rom	*rom;
	enum ext_read	 what;
	uint32_t	 offset, bytes;		/* of flash */
	/* The next bytes, `len` at most PARTS_MAX.  An enum err ends the
	 * read. */
	int		(*take)(void *arg, const uint8_t *, size_t len);
	void		*arg;
	/* How it went, also after a failure. */
	unsigned	 asked;			/* times for something again */
	/* Inside. */
	uint32_t	 all, done;		/* bytes that come, and came */
	uint32_t	 part, window, acked;
	bool		 fresh;			/* nothing new since it asked */
	bool		 ended;
	uint64_t	 heard, ask_at;
	unsigned	 waits;			/* questions since then */
};

enum { PARTS_MAX = EXT_PART_MOST };

/* Read all of it; the rest of the struct is zero before.  ERR_REFUSED with
 * rom->status; ERR_TIMEOUT and ERR_NOISE for a line over which nothing gets
 * further.  No sentence is made, but by take(). */
int parts_read(struct parts *);
#endif
