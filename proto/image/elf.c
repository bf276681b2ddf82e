/*
 * elf - libelf decodes the headers; where they point to is checked here, and
 * the bytes are then taken from the file itself.
 *
 * libelf gets a copy when the file's e_ident tells of another class or byte
 * order than its headers have: other tools do not look there.  A file that is
 * really laid out otherwise has no size of header entries where one of 32 bits
 * has it, and is refused.
 */
#include "proto/image/elf.h"

#include <libelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"

/* Where a member stands in the ELF header. */
#define AT(member)	offsetof(Elf32_Ehdr, member)

/* A file being read. */
struct reader {
	const uint8_t			*file;
	size_t				 len;
	uint8_t				*copy;	/* with another e_ident */
	Elf				*elf;
	const struct image_notes	*notes;
	struct why			*why;
	const char			*names;	/* string table */
	size_t				 names_len;
	uint64_t			 taken;	/* bytes of all parts */
};

/* Is [at, at + len) in the file? */
static bool
inside(const struct reader *r, uint64_t at, uint64_t len)
{
	return at <= r->len && len <= r->len - at;
}

static int
check_table(const struct reader *r, const char *what, uint32_t at,
    uint32_t count, uint32_t entry)
{
	if (inside(r, at, (uint64_t)count * entry))
		return 0;
	if (at >= r->len)
		return why_set(r->why, ERR_IMAGE, "No %s header found at "
		    "offset 0x%04x in ELF image.", what, at);
	return why_set(r->why, ERR_IMAGE, "Only 0x%zx bytes of its %s headers "
	    "are there (expected 0x%x). Truncated ELF image?", r->len - at,
	    what, count * entry);
}

/* What libelf would take on trust, or differently than we do. */
static int
check_header(const struct reader *r)
{
	const uint8_t	*p = r->file;
	uint32_t	 machine;
	int		 e;

	if (r->len < sizeof(Elf32_Ehdr))
		return why_set(r->why, ERR_IMAGE, "Image does not have a valid "
		    "ELF header: it has %zu bytes, a header %zu", r->len,
		    sizeof(Elf32_Ehdr));
	if (memcmp(p, ELFMAG, SELFMAG) != 0)
		return why_set(r->why, ERR_IMAGE, "Image has invalid ELF magic "
		    "header");
	machine = le16_get(p + AT(e_machine));
	if (machine != EM_XTENSA && machine != EM_RISCV)
		return why_set(r->why, ERR_IMAGE, "Image does not appear to be "
		    "an Xtensa or an RISCV ELF image. (e_machine = 0x%04x)",
		    machine);
	if (le16_get(p + AT(e_shentsize)) != sizeof(Elf32_Shdr))
		return why_set(r->why, ERR_IMAGE, "Image has unexpected "
		    "section header entry size 0x%x (not 0x%zx)",
		    le16_get(p + AT(e_shentsize)), sizeof(Elf32_Shdr));
	if (le16_get(p + AT(e_shnum)) == 0)
		return why_set(r->why, ERR_IMAGE, "Image has 0 section "
		    "headers");
	if ((e = check_table(r, "section", le32_get(p + AT(e_shoff)),
	    le16_get(p + AT(e_shnum)), sizeof(Elf32_Shdr))) < 0)
		return e;
	if (le16_get(p + AT(e_shstrndx)) >= le16_get(p + AT(e_shnum)))
		return why_set(r->why, ERR_IMAGE, "ELF file has no STRTAB "
		    "section at shstrndx %u", le16_get(p + AT(e_shstrndx)));
	if (le16_get(p + AT(e_phnum)) == 0)
		return 0;
	if (le16_get(p + AT(e_phentsize)) != sizeof(Elf32_Phdr))
		return why_set(r->why, ERR_IMAGE, "Image has unexpected "
		    "segment header entry size 0x%x (not 0x%zx)",
		    le16_get(p + AT(e_phentsize)), sizeof(Elf32_Phdr));
	return check_table(r, "segment", le32_get(p + AT(e_phoff)),
	    le16_get(p + AT(e_phnum)), sizeof(Elf32_Phdr));
}

/* Hand the file to libelf. */
static int
begin(struct reader *r)
{
	const uint8_t	*p = r->file;
	/* libelf reads only, but its prototype does not say so. */
	uint8_t		*image = (uint8_t *)(uintptr_t)p;

	if (p[EI_CLASS] != ELFCLASS32 || p[EI_DATA] != ELFDATA2LSB ||
	    p[EI_VERSION] != EV_CURRENT) {
		image_note(r->notes, "Warning: the ELF file calls itself one "
		    "of class %u, byte order %u and version %u, but its headers "
		    "are little-endian of 32 bits; they count", p[EI_CLASS],
		    p[EI_DATA], p[EI_VERSION]);
		if ((image = r->copy = malloc(r->len)) == NULL)
			return why_set(r->why, ERR_NOMEM, "no memory for a "
			    "file of %zu bytes", r->len);
		memcpy(image, p, r->len);
		image[EI_CLASS] = ELFCLASS32;
		image[EI_DATA] = ELFDATA2LSB;
		image[EI_VERSION] = EV_CURRENT;
	}
	if (elf_version(EV_CURRENT) == EV_NONE ||
	    (r->elf = elf_memory((char *)image, r->len)) == NULL ||
	    elf_kind(r->elf) != ELF_K_ELF)
		return why_set(r->why, ERR_IMAGE, "libelf cannot read it: %s",
		    elf_errmsg(-1));
	return 0;
}

/* A copy: where the machine allows it libelf points into the file, at whatever
 * odd place the file has its headers. */
static bool
section_header(struct reader *r, size_t i, Elf32_Shdr *h)
{
	Elf_Scn		*s = elf_getscn(r->elf, i);
	const void	*p = s != NULL ? elf32_getshdr(s) : NULL;

	if (p != NULL)
		memcpy(h, p, sizeof *h);
	return p != NULL;
}

static int
find_names(struct reader *r)
{
	unsigned		 at = le16_get(r->file + AT(e_shstrndx));
	Elf32_Shdr		 h;

	if (!section_header(r, at, &h))
		return why_set(r->why, ERR_IMAGE, "ELF file has no STRTAB "
		    "section at shstrndx %u", at);
	if (h.sh_type != SHT_STRTAB)
		image_note(r->notes, "Warning: ELF file has incorrect STRTAB "
		    "section type 0x%02x", h.sh_type);
	if (!inside(r, h.sh_offset, h.sh_size))
		return why_set(r->why, ERR_IMAGE, "the names of its sections, "
		    "0x%x bytes at 0x%x, lie beyond the end of the file",
		    h.sh_size, h.sh_offset);
	r->names = (const char *)r->file + h.sh_offset;
	r->names_len = h.sh_size;
	return 0;
}

/* Take the bytes of a part, which must be in the file. */
static int
take(struct reader *r, struct elf_part *part, uint32_t at, uint32_t len)
{
	if (!inside(r, at, len))
		return why_set(r->why, ERR_IMAGE, "%s at 0x%08x lies beyond "
		    "the end of the file: 0x%x bytes at offset 0x%x, and the file "
		    "has 0x%zx. Truncated ELF image?", part->name, part->addr,
		    len, at, r->len);
	/* What a linker makes shares no bytes worth speaking of. */
	if ((r->taken += len) > 2 * (uint64_t)r->len)
		return why_set(r->why, ERR_IMAGE, "its parts share too many "
		    "bytes: together they are more than twice the file");
	part->data = r->file + at;
	part->len = len;
	return 0;
}

/* 1 when the section was taken, 0 when it does not count. */
static int
take_section(struct reader *r, const Elf32_Shdr *h, struct elf_part *part)
{
	int	e;

	if (h->sh_addr == 0 || h->sh_size == 0)
		return 0;
	switch (h->sh_type) {
	case SHT_PROGBITS:
	case SHT_INIT_ARRAY:
	case SHT_FINI_ARRAY:
	case SHT_PREINIT_ARRAY:
		break;
	case SHT_NOBITS:
	case SHT_STRTAB:
		return 0;
	default:
		image_note(r->notes, "Warning: Unknown section type 0x%02x in "
		    "ELF file", h->sh_type);
		return 0;
	}
	if (h->sh_name >= r->names_len || memchr(r->names + h->sh_name, '\0',
	    r->names_len - h->sh_name) == NULL)
		return why_set(r->why, ERR_IMAGE, "the name of its section at "
		    "0x%08x is not among its names", h->sh_addr);
	*part = (struct elf_part){
		.name = r->names + h->sh_name, .addr = h->sh_addr,
		.align = h->sh_addralign,
	};
	if ((e = take(r, part, h->sh_offset, h->sh_size)) < 0)
		return e;
	return 1;
}

static int
read_sections(struct reader *r, struct elf *e)
{
	size_t	count = le16_get(r->file + AT(e_shnum));
	int	got;

	if ((got = find_names(r)) < 0)
		return got;
	if ((e->sections = calloc(count, sizeof *e->sections)) == NULL)
		return why_set(r->why, ERR_NOMEM, "no memory for %zu sections",
		    count);
	r->taken = 0;
	for (size_t i = 0; i < count; i++) {
		Elf32_Shdr	h;

		if (!section_header(r, i, &h))
			return why_set(r->why, ERR_IMAGE, "libelf cannot read "
			    "section %zu: %s", i, elf_errmsg(-1));
		got = take_section(r, &h, &e->sections[e->section_count]);
		if (got < 0)
			return got;
		e->section_count += (size_t)got;
	}
	return 0;
}

static int
read_segments(struct reader *r, struct elf *e)
{
	size_t			 count = le16_get(r->file + AT(e_phnum)), told;
	const uint8_t		*table;
	Elf32_Phdr		 h;
	int			 got;

	if (count == 0)
		return 0;
	/* FFFF means that section 0 has the number: no linker does it here. */
	if (elf_getphdrnum(r->elf, &told) != 0 || told != count ||
	    (table = (const void *)elf32_getphdr(r->elf)) == NULL)
		return why_set(r->why, ERR_IMAGE, "libelf cannot read its %zu "
		    "segments: %s", count, elf_errmsg(-1));
	if ((e->segments = calloc(count, sizeof *e->segments)) == NULL)
		return why_set(r->why, ERR_NOMEM, "no memory for %zu segments",
		    count);
	r->taken = 0;
	for (size_t i = 0; i < count; i++) {
		struct elf_part	*part = &e->segments[e->segment_count];

		memcpy(&h, table + i * sizeof h, sizeof h);
		if (h.p_type != PT_LOAD || h.p_paddr == 0 || h.p_filesz == 0)
			continue;
		*part = (struct elf_part){
			.name = "PHDR", .addr = h.p_paddr,
			.align = h.p_align,
		};
		if ((got = take(r, part, h.p_offset, h.p_filesz)) < 0)
			return got;
		e->segment_count++;
	}
	return 0;
}

int
elf_read(const void *file, size_t len, struct elf *e,
    const struct image_notes *notes, struct why *why)
{
	struct reader	r = {
		.file = file, .len = len, .notes = notes, .why = why,
	};
	int		got;

	*e = (struct elf){ 0 };
	if ((got = check_header(&r)) < 0)
		return got;
	e->entry = le32_get(r.file + AT(e_entry));
	if ((got = begin(&r)) == 0 && (got = read_sections(&r, e)) == 0)
		got = read_segments(&r, e);
	(void)elf_end(r.elf);	/* a count of users that is 0 */
	free(r.copy);
	return got;
}

void
elf_done(struct elf *e)
{
	free(e->sections);
	free(e->segments);
	*e = (struct elf){ 0 };
}
