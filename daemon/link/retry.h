#ifndef DAEMON_LINK_RETRY_H
#define DAEMON_LINK_RETRY_H
/*
 * retry - a transfer that was cut short by a bad line or a chip that restarted
 * is gone on with after connecting anew.
 */
#include "daemon/link/link.h"

/*
 * The transfer failed with `err`, which was recorded.  0 when the chip is
 * connected again: the same chip, its loader, rate and flash as before; the
 * failure is forgotten then.  Otherwise `err` (it cannot be mended this way, or
 * was tried too often), or what made connecting impossible if that was
 * ERR_CANCELED, ERR_INTERRUPTED or ERR_UNPLUGGED.  *said is what had happened,
 * for a note that ends in retry_note().
 */
int retry_connect(struct link *, int err, struct why *said);

/* "<said>; retrying (1 of 3), <how>". */
void retry_note(struct link *, const struct why *said, const char *how);

/* It got further than ever before: the tries count anew. */
void retry_progress(struct link *);
#endif
