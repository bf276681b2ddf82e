#ifndef PROTO_IMAGE_BUILD_H
#define PROTO_IMAGE_BUILD_H
/*
 * build - an image for the flash of a chip from a linked program (ELF).
 *
 * The image is made as esptool 5.3 makes it, byte for byte: build systems
 * compare.  Source of every rule: esptool, bin_image.py, and the images that
 * it makes; the header: header.h.
 *
 * An ESP8266 knows three forms: version 1 is two files, of which the second
 * holds what runs from flash, as it is; version 2 puts that in front, behind
 * a header of its own; version 3 is laid out like that of an ESP32, without the
 * extended header.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/buf.h"
#include "proto/base/why.h"
#include "proto/chip/chip.h"
#include "proto/image/header.h"
#include "proto/image/note.h"

struct build_options {
	const struct chip	*chip;
	unsigned		 version;	/* ESP8266: 1, 2 or 3 */
	bool			 use_segments;	/* not sections */
	bool			 ram_only_header;  /* the ROM sees RAM alone */
	bool			 no_digest;	/* at the end */
	bool			 secure_pad, secure_pad_v2;
	uint32_t		 elf_sha_at;	/* in the image; 0: see below */
	uint8_t			 min_rev;
	uint16_t		 min_rev_full, max_rev_full;
	uint32_t		 mmu_page;	/* bytes; 0: what fits */
	uint32_t		 pad_to;	/* a multiple of that; 0: none */
	struct header_words	 words;		/* NULLs: qio, 1MB, code 0 */
};

enum {
	BUILD_FILES	= 2,
	BUILD_PAD_MAX	= 128 << 20,	/* of pad_to: the largest flash */
};

struct build_file {
	struct buf	bytes;
	bool		has_offset;	/* ESP8266: its place is known */
	uint32_t	offset;		/* in flash */
};

struct build {
	size_t			merged;		/* parts put to another */
	size_t			segments;	/* of the image, with padding */
	uint32_t		mmu_page;	/* bytes; 0: none */
	bool			mmu_guessed;	/* from an address */
	size_t			file_count;
	struct build_file	files[BUILD_FILES];
};

/*
 * Make the files of an image.  The SHA-256 of the ELF file is put where
 * elf_sha_at says, else where an application's description in flash has
 * room for it.  ERR_IMAGE (no such program, or none that fits the chip),
 * ERR_PARAMS (options that do not go together or with the chip), ERR_NOMEM,
 * ERR_LIMIT; with a sentence that does not name the file.
 */
int build_image(const void *elf, size_t len, const struct build_options *,
    struct build *, const struct image_notes *, struct why *);
void build_done(struct build *);	/* also after a failure */

/* A multiple to pad to: "64KB", "4MB".  ERR_PARAMS with a sentence. */
int build_pad_size(const char *word, uint32_t *bytes, struct why *);
#endif
