#ifndef PROTO_IMAGE_ELF_H
#define PROTO_IMAGE_ELF_H
/*
 * elf - what of a linked program goes into an image: its sections with
 * contents, or its segments.
 *
 * Programs for these chips are ELF files of 32 bits, little-endian, for Xtensa
 * or RISC-V.  Sections count when they have bytes, an address that is not 0,
 * and a type that stands for contents (PROGBITS and the three arrays);
 * segments when they are PT_LOAD, and then by their physical address.
 * Source: System V ABI, chapter 4 and 5; esptool 5.3, ELFFile.
 */
#include <stddef.h>
#include <stdint.h>

#include "proto/base/why.h"
#include "proto/image/note.h"

struct elf_part {
	const char	*name;		/* in the file, or "PHDR" of a segment */
	uint32_t	 addr, align;	/* align: 0 and 1 mean none */
	const uint8_t	*data;		/* in the file */
	size_t		 len;		/* bytes, never 0 */
};

struct elf {
	uint32_t	 entry;
	struct elf_part	*sections;	/* in the order of the file */
	size_t		 section_count;
	struct elf_part	*segments;	/* NULL: the file has none */
	size_t		 segment_count;
};

/*
 * Read an ELF file in memory, which must outlive the struct.  ERR_IMAGE: it is
 * none, or one for another machine, or it names what lies beyond its end, or
 * its parts are more than the file twice over (they share bytes); ERR_NOMEM.
 * All with a sentence that does not name the file.  A section of unknown type
 * is noted.
 */
int elf_read(const void *file, size_t len, struct elf *,
    const struct image_notes *, struct why *);
void elf_done(struct elf *);		/* also after a failure */
#endif
