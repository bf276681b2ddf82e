#ifndef CLIENT_PARTS_H
#define CLIENT_PARTS_H
/*
 * parts - files that say themselves where their bytes go: Intel HEX and UF2.
 */
#include <stdint.h>

#include "proto/base/why.h"

struct chip;

enum { PARTS_MAX = 256 };	/* of one file */

/* Parts of a file that say where they go: those of an Intel HEX or UF2 file. */
struct part {
	int		 fd;		/* the caller's */
	uint32_t	 offset;
	uint64_t	 bytes;
};

/*
 * The parts of an open image that is such a file.  Returns their number and
 * *parts, which the caller frees; 0: it is none.  What begins with ':' and is no
 * Intel HEX file is that, too, and `why` tells why not.
 * What lies in one piece of `unit` bytes (a sector, which is erased as a whole)
 * becomes one part, with FF in the gaps; 1: gaps stay gaps.
 * *chip is whom it must be for, or NULL: then it becomes the one that a UF2
 * file names, if it does; of several only what is for that chip counts.
 * ERR_CHIP_MISMATCH, ERR_IMAGE, ERR_OVERLAP, ERR_LIMIT with a sentence that does
 * not name the file; ERR_NOMEM, ERR_IO.
 */
int parts_open(int fd, uint64_t bytes, uint32_t unit,
    const struct chip **chip, struct part **parts, struct why *);
#endif
