#ifndef TESTS_UNIT_ELF_MAKER_H
#define TESTS_UNIT_ELF_MAKER_H
/*
 * elf_maker - small ELF files for tests: sections with contents, and a segment
 * for each.  elf_start(), the sections, elf_finish(); then the bytes may be
 * damaged.
 */
#include <assert.h>
#include <elf.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { ELF_MAKER_SECTIONS = 24, ELF_MAKER_BYTES = 512 << 10 };

struct elf_maker {
	size_t		len;
	unsigned	count;		/* of sections with contents */
	Elf32_Shdr	sections[ELF_MAKER_SECTIONS];
	char		names[512];
	size_t		names_len;
	uint8_t		bytes[ELF_MAKER_BYTES];
};

static inline void
elf_start(struct elf_maker *m)
{
	m->count = 0;
	m->names_len = 1;
	m->len = sizeof(Elf32_Ehdr);
	memset(m->names, 0, sizeof m->names);
	memset(m->bytes, 0, m->len);
}

static inline void
elf_add_zeros(struct elf_maker *m, const char *name, uint32_t addr,
    uint32_t len)
{
	Elf32_Shdr	*s = &m->sections[m->count++];

	assert(m->count <= ELF_MAKER_SECTIONS);
	assert(m->len + len + 4096 < sizeof m->bytes);
	assert(m->names_len + strlen(name) + 1 < sizeof m->names);
	*s = (Elf32_Shdr){
		.sh_name = (Elf32_Word)m->names_len, .sh_type = SHT_PROGBITS,
		.sh_flags = SHF_ALLOC, .sh_addr = addr, .sh_size = len,
		.sh_offset = (Elf32_Off)m->len, .sh_addralign = 4,
	};
	memset(m->bytes + m->len, 0, len);
	memcpy(m->names + m->names_len, name, strlen(name));
	m->names_len += strlen(name) + 1;
	m->len += len;
}

/* A section of bytes that are not all the same. */
static inline void
elf_add(struct elf_maker *m, const char *name, uint32_t addr, uint32_t len)
{
	size_t	at = m->len;

	elf_add_zeros(m, name, addr, len);
	for (uint32_t i = 0; i < len; i++)
		m->bytes[at + i] = (uint8_t)(addr / 7 + i * 13 + (i >> 8) + 1);
}

/* Of the section that was added last. */
static inline void
elf_align(struct elf_maker *m, uint32_t align)
{
	m->sections[m->count - 1].sh_addralign = align;
}

static inline void
elf_put(struct elf_maker *m, const void *p, size_t len)
{
	assert(m->len + len <= sizeof m->bytes);
	memcpy(m->bytes + m->len, p, len);
	m->len += len;
}

static inline void
elf_finish(struct elf_maker *m, uint32_t entry)
{
	Elf32_Ehdr	e = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB,
			     EV_CURRENT },
		.e_type = ET_EXEC, .e_machine = EM_RISCV,
		.e_version = EV_CURRENT, .e_entry = entry,
		.e_ehsize = sizeof(Elf32_Ehdr),
		.e_phentsize = sizeof(Elf32_Phdr),
		.e_shentsize = sizeof(Elf32_Shdr),
		.e_phnum = (Elf32_Half)m->count,
		.e_shnum = (Elf32_Half)(m->count + 2),
		.e_shstrndx = (Elf32_Half)(m->count + 1),
	};
	Elf32_Shdr	none = { 0 }, names = {
		.sh_type = SHT_STRTAB, .sh_offset = (Elf32_Off)m->len,
		.sh_size = (Elf32_Word)m->names_len,
	};

	elf_put(m, m->names, m->names_len);
	elf_put(m, "\0\0\0", (4 - m->len % 4) % 4);
	e.e_phoff = (Elf32_Off)m->len;
	for (unsigned i = 0; i < m->count; i++) {
		const Elf32_Shdr	*s = &m->sections[i];
		Elf32_Phdr		 p = {
			.p_type = PT_LOAD, .p_offset = s->sh_offset,
			.p_vaddr = s->sh_addr, .p_paddr = s->sh_addr,
			.p_filesz = s->sh_size, .p_memsz = s->sh_size,
			.p_align = s->sh_addralign,
		};

		elf_put(m, &p, sizeof p);
	}
	e.e_shoff = (Elf32_Off)m->len;
	elf_put(m, &none, sizeof none);
	elf_put(m, m->sections, m->count * sizeof *m->sections);
	elf_put(m, &names, sizeof names);
	memcpy(m->bytes, &e, sizeof e);
}
#endif
