#ifndef PROTO_IMAGE_MERGE_H
#define PROTO_IMAGE_MERGE_H
/*
 * merge - several files with their places in flash as one file: the plain
 * bytes of that piece of flash, a UF2 file, or an Intel HEX file.
 *
 * The header of the bootloader is set as it is when flashed (header.h).
 * Facts: esptool 5.3, cmds.py; two of its defects are not here: a pad_to_size
 * that is too small is an error, and the blocks of a UF2 file are numbered
 * through.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/why.h"
#include "proto/chip/chip.h"
#include "proto/image/header.h"
#include "proto/image/note.h"

struct buf;

enum merge_format {
	MERGE_RAW,
	MERGE_UF2,
	MERGE_HEX,
};

enum {
	/* Bytes that plain output may have, unless one input is longer: the
	 * largest flash that a header knows. */
	MERGE_RAW_MAX	= 128 << 20,
	/* Bytes of any other output. */
	MERGE_TEXT_MAX	= 512 << 20,
};

/* "raw", "uf2", "hex"; false: something else. */
bool merge_format_by_name(const char *, enum merge_format *);

struct merge_part {
	const char	*name;		/* for sentences */
	uint32_t	 offset;	/* in flash */
	const uint8_t	*data;
	size_t		 len;		/* may be 0 */
	/* Set by merge_images(). */
	bool		 patched;	/* other bytes 2 and 3 ... */
	uint16_t	 params;	/* ... which are these, big-endian */
	bool		 digested;	/* and its digest made anew */
};

struct merge {
	const struct chip	*chip;
	enum merge_format	 format;
	struct header_words	 words;		/* NULL: as they are */
	/* Where plain output will begin in flash; nothing may lie before it,
	 * whatever the format. */
	uint32_t		 target_offset;
	uint32_t		 pad_to_size;	/* plain output ends there with
						 * FF; 0: where the data do */
	uint32_t		 chunk_size;	/* UF2: bytes of a block, a
						 * multiple of 4; 0: all it has
						 * room for */
	bool			 md5_disable;	/* UF2: without digests */
};

/*
 * Merge.  The parts are put in order of their offsets, and what became of them
 * is noted in them.  `out` holds the file then and is the caller's; it is
 * initialised here, and empty after a failure: ERR_PARAMS (no parts, an option
 * that does not fit), ERR_OVERLAP, ERR_BEYOND_FLASH, ERR_LIMIT, ERR_NOMEM,
 * ERR_UNSUPPORTED (no MD5 in libcrypto).
 */
int merge_images(const struct merge *, struct merge_part *, size_t count,
    const struct image_notes *, struct buf *out, struct why *);
#endif
