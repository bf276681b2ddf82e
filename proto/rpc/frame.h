#ifndef PROTO_RPC_FRAME_H
#define PROTO_RPC_FRAME_H
/*
 * frame - one JSON text per line, fed in any chunking.
 */
#include <stddef.h>

#include "proto/base/buf.h"
#include "proto/base/why.h"

struct json_object;

enum {
	FRAME_LINE_MAX	= 1024 * 1024,	/* bytes of one line */
	FRAME_DEPTH_MAX	= 32,		/* nesting of arrays and objects */
};

struct frame {
	struct buf	line;		/* bytes as they came */
	size_t		taken;		/* of them are lines already taken */
	size_t		scanned;	/* up to here no newline was found */
	size_t		tail;		/* length of the unfinished last line */
};

void frame_init(struct frame *);
void frame_done(struct frame *);

/* Add received bytes (at most FRAME_LINE_MAX at once, and all whole lines taken
 * before the next).  ERR_LIMIT when a line grows beyond FRAME_LINE_MAX: the
 * stream is lost then.  ERR_NOMEM. */
int frame_add(struct frame *, const void *, size_t len);

/* Take the next whole line: 1 with *json (the caller puts it; NULL is how
 * json-c says null), 0 when no line
 * is whole yet, ERR_PARSE (not JSON, rubbish after it, not UTF-8), ERR_LIMIT
 * (nested deeper than FRAME_DEPTH_MAX); after these two the next call goes on
 * with the next line.  Empty lines are skipped. */
int frame_next(struct frame *, struct json_object **json, struct why *);
#endif
