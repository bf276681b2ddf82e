#ifndef DAEMON_LINK_STREAM_H
#define DAEMON_LINK_STREAM_H
/*
 * stream - a windowed write through our own stub: blocks are sent without
 * waiting for their answers, as far as the stub's window reaches, and sent again
 * from where one was lost or damaged (proto/serial/ext.h, "Writing").
 */
#include "daemon/link/link.h"

enum {
	STREAM_OUT	= 64,		/* blocks under way at most */
	STREAM_MARKS	= 16,		/* polls that are remembered */
};

struct stream {
	/* Set by the caller. */
	struct link		*link;
	const struct blob	*blob;
	bool			 deflate;	/* send its zlib stream */
	uint32_t		 addr;		/* where it goes */
	/* So many of its bytes are in flash for sure; called now and then.  An
	 * enum err ends the write. */
	int			(*told)(void *arg, uint32_t sure);
	void			*arg;
	/* How it went, also after a failure. */
	uint32_t		 blocks;	/* there are */
	uint32_t		 acked;		/* of those, taken by the stub */
	unsigned		 rounds;	/* times it went back */
	/* Inside. */
	const uint8_t		*data;
	size_t			 len;
	uint32_t		 block;		/* bytes */
	uint32_t		 next, high;	/* to be sent; sent at most */
	uint32_t		 sure;		/* bytes in flash */
	bool			 ended, done;	/* END is sent; answered */
	bool			 settling;	/* it was told to halt */
	uint64_t		 sent, base;	/* wire bytes; uncounted ones */
	uint64_t		 ends[STREAM_OUT]; /* ... at the end of a block */
	uint64_t		 debt, debt_at;	/* under way from before */
	uint64_t		 heard;		/* when it got further */
	uint64_t		 poll_at;
	unsigned		 polls;		/* since it got further */
	/* `next` at each poll whose answer has not been seen, in order. */
	uint32_t		 marks[STREAM_MARKS];
	unsigned		 marks_in, marks_out;
	uint32_t		 back_to;	/* where it went back to */
	bool			 back_fresh;	/* and nothing came since */
	unsigned		 back_count;
};

/*
 * Write all of it; the rest of the struct is zero before.  Done when the stub
 * has all of it in flash.  ERR_REFUSED with rom->status for what the stub cannot
 * do; ERR_TIMEOUT and ERR_NOISE for a line over which nothing gets further;
 * link->halt when that was set, after what was under way is in flash.  No
 * sentence is made, but by told().
 */
int stream_write(struct stream *);
#endif
