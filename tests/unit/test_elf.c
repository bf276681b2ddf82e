/* elf - programs read; damaged ones refused with what is wrong with them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/image/elf.h"
#include "tests/unit/elf_maker.h"
#include "tests/unit/unit.h"

enum { DRAM = 0x3ffb0000, IRAM = 0x40080000 };

static struct elf_maker	m;
static struct elf	e;
static struct why	why;
static char		notes[1024];

static void
note(void *arg, const char *text)
{
	size_t	at = strlen(notes);

	(void)arg;
	(void)snprintf(notes + at, sizeof notes - at, "%s\n", text);
}

static int
read_file(const void *p, size_t len)
{
	static const struct image_notes	n = { note, NULL };

	elf_done(&e);
	why_clear(&why);
	notes[0] = '\0';
	return elf_read(p, len, &e, &n, &why);
}

static void
make_two(void)
{
	elf_start(&m);
	elf_add(&m, ".dram0.data", DRAM, 0x20);
	elf_add(&m, ".iram0.text", IRAM, 0x31);
	elf_finish(&m, IRAM + 4);
}

/* The file with a number of the ELF header, or of section `i`, set anew. */
#define EHDR(member)	offsetof(Elf32_Ehdr, member)
#define SHDR(i, member) \
	(le32_get(m.bytes + EHDR(e_shoff)) + (i) * sizeof(Elf32_Shdr) + \
	offsetof(Elf32_Shdr, member))
#define PHDR(i, member) \
	(le32_get(m.bytes + EHDR(e_phoff)) + (i) * sizeof(Elf32_Phdr) + \
	offsetof(Elf32_Phdr, member))

static void
refused16(size_t at, uint16_t value, const char *sentence)
{
	make_two();
	le16_put(m.bytes + at, value);
	assert_int_equal(read_file(m.bytes, m.len), ERR_IMAGE);
	if (strstr(why.text, sentence) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", sentence, why.text);
}

static void
refused32(size_t at, uint32_t value, const char *sentence)
{
	make_two();
	le32_put(m.bytes + at, value);
	assert_int_equal(read_file(m.bytes, m.len), ERR_IMAGE);
	if (strstr(why.text, sentence) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", sentence, why.text);
}

static void
test_sections_and_segments_are_read(void **state)
{
	(void)state;
	make_two();
	assert_int_equal(read_file(m.bytes, m.len), 0);
	assert_int_equal(e.entry, IRAM + 4);
	assert_int_equal(e.section_count, 2);
	assert_string_equal(e.sections[0].name, ".dram0.data");
	assert_int_equal(e.sections[0].addr, DRAM);
	assert_int_equal(e.sections[1].len, 0x31);
	assert_ptr_equal(e.sections[1].data, m.bytes + sizeof(Elf32_Ehdr) +
	    0x20);
	assert_int_equal(e.segment_count, 2);
	assert_string_equal(e.segments[1].name, "PHDR");
	assert_int_equal(e.segments[1].addr, IRAM);
	assert_int_equal(e.segments[1].len, 0x31);
	assert_string_equal(notes, "");
}

static void
test_what_is_not_loaded_does_not_count(void **state)
{
	(void)state;
	make_two();
	le32_put(m.bytes + SHDR(1, sh_addr), 0);
	le32_put(m.bytes + SHDR(2, sh_type), SHT_NOBITS);
	le32_put(m.bytes + PHDR(0, p_type), PT_NOTE);
	le32_put(m.bytes + PHDR(1, p_filesz), 0);
	assert_int_equal(read_file(m.bytes, m.len), 0);
	assert_int_equal(e.section_count, 0);
	assert_int_equal(e.segment_count, 0);
	assert_non_null(e.segments);	/* the file has some */
}

/* No rule says that headers begin at multiples of anything. */
static void
test_headers_may_lie_at_odd_places(void **state)
{
	static const struct { size_t at, count, size; } tables[] = {
		{ EHDR(e_shoff), EHDR(e_shnum), sizeof(Elf32_Shdr) },
		{ EHDR(e_phoff), EHDR(e_phnum), sizeof(Elf32_Phdr) },
	};

	(void)state;
	make_two();
	for (size_t i = 0; i < UNIT_COUNT(tables); i++) {
		size_t	bytes = le16_get(m.bytes + tables[i].count) *
			    tables[i].size;

		m.len |= 1;
		memcpy(m.bytes + m.len, m.bytes + le32_get(m.bytes +
		    tables[i].at), bytes);
		le32_put(m.bytes + tables[i].at, (uint32_t)m.len);
		m.len += bytes;
	}
	assert_int_equal(read_file(m.bytes, m.len), 0);
	assert_int_equal(e.section_count, 2);
	assert_int_equal(e.segment_count, 2);
	assert_int_equal(e.sections[1].addr, IRAM);
	assert_int_equal(e.segments[1].len, 0x31);
}

static void
test_unknown_types_are_noted(void **state)
{
	(void)state;
	make_two();
	le32_put(m.bytes + SHDR(1, sh_type), 0x99);
	assert_int_equal(read_file(m.bytes, m.len), 0);
	assert_int_equal(e.section_count, 1);
	assert_string_equal(notes,
	    "Warning: Unknown section type 0x99 in ELF file\n");
}

static void
test_headers_count_and_not_what_the_file_calls_itself(void **state)
{
	(void)state;
	make_two();
	m.bytes[EI_CLASS] = ELFCLASS64;
	m.bytes[EI_DATA] = ELFDATA2MSB;
	assert_int_equal(read_file(m.bytes, m.len), 0);
	assert_int_equal(e.section_count, 2);
	/* The bytes are those of the file, also where they are its header. */
	assert_ptr_equal(e.sections[0].data, m.bytes + sizeof(Elf32_Ehdr));
	assert_non_null(strstr(notes, "Warning: "));
}

static void
test_every_cut_is_refused(void **state)
{
	uint8_t	*cut;

	(void)state;
	make_two();
	for (size_t len = 0; len < m.len; len++) {
		cut = malloc(len + (len == 0));	/* so that overruns show */
		assert_non_null(cut);
		memcpy(cut, m.bytes, len);
		assert_int_equal(read_file(cut, len), ERR_IMAGE);
		assert_string_not_equal(why.text, "");
		free(cut);
	}
	elf_done(&e);
}

static void
test_headers_that_make_no_sense_are_refused(void **state)
{
	(void)state;
	refused32(0, 0x464c457e, "invalid ELF magic");
	refused16(EHDR(e_machine), EM_ARM, "(e_machine = 0x0028)");
	refused16(EHDR(e_shentsize), 64, "entry size 0x40 (not 0x28)");
	refused16(EHDR(e_phentsize), 56, "entry size 0x38 (not 0x20)");
	refused16(EHDR(e_shnum), 0, "0 section headers");
	refused16(EHDR(e_shnum), 0xffff, "Truncated ELF image?");
	refused16(EHDR(e_phnum), 0xffff, "Truncated ELF image?");
	refused16(EHDR(e_shstrndx), 4, "no STRTAB section at shstrndx 4");
	refused16(EHDR(e_shstrndx), SHN_XINDEX, "shstrndx 65535");
	refused32(EHDR(e_shoff), 0xfffffff0, "No section header found");
	refused32(EHDR(e_phoff), 0xfffffff0, "No segment header found");
}

static void
test_parts_beyond_the_end_are_refused(void **state)
{
	(void)state;
	make_two();
	refused32(SHDR(1, sh_offset), 0xffffffff, "beyond the end");
	refused32(SHDR(1, sh_size), 0xffffffff, ".dram0.data at 0x3ffb0000");
	refused32(SHDR(3, sh_offset), (uint32_t)m.len, "names of its sections");
	refused32(SHDR(1, sh_name), 0xffffffff, "not among its names");
	refused32(SHDR(3, sh_size), 20, "not among its names");
	refused32(PHDR(0, p_offset), 0xffffffff, "beyond the end");
	refused32(PHDR(1, p_filesz), (uint32_t)m.len, "PHDR at 0x40080000");
}

static void
test_parts_that_share_the_file_are_refused(void **state)
{
	(void)state;
	elf_start(&m);
	elf_add(&m, ".a", DRAM, 0x1000);
	for (uint32_t i = 1; i < 5; i++)
		elf_add(&m, ".b", DRAM + 0x1000 * i, 4);
	for (uint32_t i = 1; i < 5; i++) {
		m.sections[i].sh_offset = m.sections[0].sh_offset;
		m.sections[i].sh_size = 0x1000;
	}
	elf_finish(&m, DRAM);
	assert_int_equal(read_file(m.bytes, m.len), ERR_IMAGE);
	assert_non_null(strstr(why.text, "more than twice the file"));
}

static int
put_away(void **state)
{
	(void)state;
	elf_done(&e);
	return 0;
}

int
main(void)
{
	static const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_sections_and_segments_are_read),
		cmocka_unit_test(test_what_is_not_loaded_does_not_count),
		cmocka_unit_test(test_headers_may_lie_at_odd_places),
		cmocka_unit_test(test_unknown_types_are_noted),
		cmocka_unit_test(
		    test_headers_count_and_not_what_the_file_calls_itself),
		cmocka_unit_test(test_every_cut_is_refused),
		cmocka_unit_test(test_headers_that_make_no_sense_are_refused),
		cmocka_unit_test(test_parts_beyond_the_end_are_refused),
		cmocka_unit_test(test_parts_that_share_the_file_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, put_away);
}
