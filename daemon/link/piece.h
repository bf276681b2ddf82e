#ifndef DAEMON_LINK_PIECE_H
#define DAEMON_LINK_PIECE_H
/*
 * piece - what one FLASH_BEGIN announces, with its blocks and its end: a whole
 * image, a run of sectors of a differential write, or the rest of an image after
 * the connection was lost.
 *
 * Compressed when it can be, in blocks of the zlib stream; otherwise plain, in
 * blocks filled up with FF.  A stub answers a block before it programs it and
 * tells a failure in the answer to the next command, so each piece ends with
 * FLASH_END, whose answer belongs to its last block.  A ROM leaves its loader
 * on FLASH_END, so it gets none.  Our own stub takes it as a stream (stream.h).
 */
#include "daemon/link/link.h"

/* What all pieces of a job share. */
struct piece_work {
	struct link	*link;
	uint8_t		*pad;		/* room for STUB_FLASH_BLOCK bytes */
	uint64_t	 base, total;	/* for the progress */
	uint64_t	 shown;
};

/* One of them. */
struct piece {
	struct piece_work *work;
	struct link	*link;
	size_t		 i;		/* of the image */
	struct link_image *im;
	const struct blob *blob;	/* what is sent */
	uint32_t	 addr;		/* where it goes */
	uint32_t	 from;		/* where that is in im->data */
	bool		 encrypt;
	bool		 counts;	/* for progress and resume */
	/* Set by piece_write(). */
	bool		 deflate;
	uint32_t	 block;		/* bytes of one block */
	uint32_t	 blocks;
	uint32_t	 carry;		/* bytes moved into the last block */
	uint32_t	 before;	/* bytes the previous block made */
	uint64_t	 made;		/* bytes made by all so far */
};

/* Write it.  resume.addr tells then how far the flash holds its bytes (if it
 * counts), bad_line whether the line is to blame for a refusal.  Failures have
 * their sentence. */
int piece_write(struct piece *);
#endif
