/*
 * build - from the options and the parts of a program to segments; the forms
 * of the image are build_esp32.c and build_esp8266.c, what they write with is
 * build_out.c.
 */
#include "proto/image/build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/image/appdesc.h"
#include "proto/image/build_impl.h"

enum {
	IMAGE_HEADS	= HEADER_EXTENDED + HEADER_SEGMENT,
	GAP_MAX		= 16 << 20,	/* a segment has less */
	KB		= 1024,
};

static const char app_desc_name[] = ".flash.appdesc";

/* ---- options ---- */

static int
check_options(struct builder *b)
{
	const struct build_options	*o = b->options;

	if (o->chip->image_id < 0 && (o->version < 1 || o->version > 3))
		return why_set(b->why, ERR_PARAMS, "an ESP8266 image is of "
		    "version 1, 2 or 3, not %u", o->version);
	b->esp8266_v1_v2 = o->chip->image_id < 0 && o->version < 3;
	b->chip = o->chip->image_id < 0 && !b->esp8266_v1_v2 ? &chip_esp32 :
	    o->chip;
	b->digest = !o->no_digest && !o->ram_only_header;
	/* An image of version 3 has no place to say that it has none. */
	if (o->chip->image_id < 0)
		b->digest = true;
	if (o->pad_to > BUILD_PAD_MAX)
		return why_set(b->why, ERR_PARAMS, "no flash has %u bytes; an "
		    "image can be padded to %u MB", o->pad_to,
		    BUILD_PAD_MAX >> 20);
	return 0;
}

static int
set_words(struct builder *b)
{
	struct header_words	words = b->options->words;
	struct header		h = { 0 };
	int			e;

	if (words.mode == NULL)
		words.mode = "qio";
	if (words.size == NULL)
		words.size = "1MB";
	if ((e = header_set_words(&h, b->chip, &words, b->why)) < 0)
		return e;
	b->mode = h.mode;
	b->size_freq = (uint8_t)(h.size << 4 | h.freq);
	return 0;
}

/* ---- pages of the MMU ---- */

static int
fail_page(const struct builder *b, uint64_t bytes)
{
	char	sizes[64] = "";
	size_t	at = 0;

	for (uint32_t p = 1; p != 0; p <<= 1)
		if ((b->chip->mmu_pages & p) != 0 && at < sizeof sizes)
			at += (size_t)snprintf(sizes + at, sizeof sizes - at,
			    "%s%uKB", at > 0 ? ", " : "", p / KB);
	return why_set(b->why, ERR_PARAMS, "%llu bytes is not a valid %s page "
	    "size, select from %s.", (unsigned long long)bytes, b->chip->name,
	    sizes);
}

static int
set_page(struct builder *b, uint64_t bytes)
{
	if (b->esp8266_v1_v2)
		image_note(b->notes, "Warning: Changing MMU page size is not "
		    "supported on %s!", b->chip->name);
	else if (b->chip->mmu_pages == 0 && bytes != b->page)
		image_note(b->notes, "Warning: Changing MMU page size is not "
		    "supported on %s! Defaulting to %uKB.", b->chip->name,
		    b->page / KB);
	else if (b->chip->mmu_pages != 0 && (bytes > UINT32_MAX ||
	    (bytes & (bytes - 1)) != 0 || (b->chip->mmu_pages & bytes) == 0))
		return fail_page(b, bytes);
	else
		b->page = (uint32_t)bytes;
	return 0;
}

static const struct elf_part *
find_app_desc(const struct elf_part *parts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strstr(parts[i].name, app_desc_name) != NULL)
			return &parts[i];
	return NULL;
}

/* Since ESP-IDF 5.4 a description tells the page; before that it stood at the
 * beginning of one, behind the heads of the image. */
static int
page_of_app_desc(struct builder *b, const struct elf_part *desc)
{
	if (desc->len < APPDESC_BYTES || le32_get(desc->data) != APPDESC_MAGIC)
		return 0;
	if (desc->data[APPDESC_MMU_PAGE_AT] != 0)
		return set_page(b, desc->data[APPDESC_MMU_PAGE_AT] < 32 ?
		    UINT64_C(1) << desc->data[APPDESC_MMU_PAGE_AT] : UINT64_MAX);
	for (uint32_t p = 1u << 31; p != 0; p >>= 1)
		if ((b->chip->mmu_pages & p) != 0 &&
		    (desc->addr - IMAGE_HEADS) % p == 0) {
			b->page = p;
			b->result->mmu_guessed = true;
			return 0;
		}
	image_note(b->notes, "Warning: App description segment is not aligned "
	    "to MMU page size, probably linker script issue or wrong MMU page "
	    "size. Try to set MMU page size parameter manually.");
	return 0;
}

static int
find_page(struct builder *b, const struct elf *e)
{
	const struct elf_part	*desc;

	b->page = b->esp8266_v1_v2 ? 0 : CHIP_MMU_PAGE;
	if (b->options->mmu_page != 0)
		return set_page(b, b->options->mmu_page);
	desc = find_app_desc(e->sections, e->section_count);
	if (desc == NULL || b->chip->mmu_pages == 0 ||
	    !build_in_flash(b, desc->addr))
		return 0;
	return page_of_app_desc(b, desc);
}

/* ---- the digest of the ELF file ---- */

static int
find_sha(struct builder *b, const void *elf, size_t len,
    const struct elf_part *parts, size_t count)
{
	const struct elf_part	*desc = find_app_desc(parts, count);

	b->sha_at = b->options->elf_sha_at;
	if (b->sha_at == 0 && desc != NULL && build_in_flash(b, desc->addr))
		b->sha_at = IMAGE_HEADS + APPDESC_SHA256_AT;
	if (b->sha_at == 0)
		return 0;
	if (EVP_Digest(elf, len, b->sha, NULL, EVP_sha256(), NULL) != 1)
		return why_set(b->why, ERR_NOMEM, "libcrypto has no SHA-256");
	b->has_sha = true;
	return 0;
}

/* ---- parts to segments ---- */

struct ordered {
	struct elf_part	part;
	size_t		number;
};

static int
by_address(const void *va, const void *vb)
{
	const struct ordered	*a = va, *b = vb;

	if (a->part.addr != b->part.addr)
		return a->part.addr < b->part.addr ? -1 : 1;
	return a->number < b->number ? -1 : 1;
}

/* Sort a copy of the parts, equal addresses as they came. */
static int
sort_parts(const struct builder *b, struct elf_part *parts, size_t count)
{
	struct ordered	*o;

	if (count < 2)
		return 0;
	if ((o = calloc(count, sizeof *o)) == NULL)
		return why_set(b->why, ERR_NOMEM, "no memory for %zu parts",
		    count);
	for (size_t i = 0; i < count; i++)
		o[i] = (struct ordered){ parts[i], i };
	qsort(o, count, sizeof *o, by_address);
	for (size_t i = 0; i < count; i++)
		parts[i] = o[i].part;
	free(o);
	return 0;
}

/* Are both the same kinds of memory? */
static bool
same_memory(const struct chip *c, uint32_t a, uint32_t b)
{
	for (const struct chip_range *r = c->ranges; r != NULL &&
	    r->name != NULL; r++)
		if ((a >= r->from && a < r->to) != (b >= r->from && b < r->to))
			return false;
	return true;
}

/*
 * An image that shows RAM alone may come from programs with odd linker
 * scripts: zeros that stand between two parts for the alignment of the second
 * become bytes of the first.
 */
static int
fill_gap(const struct builder *b, const struct elf_part *part,
    const struct elf_part *next, struct build_piece *piece)
{
	uint64_t	end = (uint64_t)part->addr + piece->len + piece->zeros;
	uint64_t	align = next->align > 0 ? next->align : 1;
	uint64_t	gap = (align - end % align) % align;

	if (gap == 0 || end + gap != next->addr)
		return 0;
	if (gap >= GAP_MAX)
		return why_set(b->why, ERR_IMAGE, "the gap between %s and %s "
		    "is 0x%llx bytes. The 16 MB limit has been exceeded.",
		    part->name, next->name, (unsigned long long)gap);
	image_note(b->notes, "Inserting %u bytes padding between %s and %s",
	    (unsigned)gap, part->name, next->name);
	piece->zeros += gap;
	return 0;
}

/* Does the second follow the first at once, in the same memory? */
static bool
joins(const struct builder *b, const struct elf_part *part,
    const struct build_piece *piece, const struct elf_part *next)
{
	return (uint64_t)part->addr + piece->len + piece->zeros ==
	    next->addr && same_memory(b->chip, part->addr, next->addr);
}

static int
merge(struct builder *b, const struct elf_part *parts, size_t count)
{
	const bool	 fill = b->options->ram_only_header &&
			    b->options->chip->image_id >= 0;
	uint64_t	 gaps = 0;
	int		 e;

	b->pieces = calloc(count + 1, sizeof *b->pieces);
	b->segments = calloc(count + 1, sizeof *b->segments);
	if (b->pieces == NULL || b->segments == NULL)
		return why_set(b->why, ERR_NOMEM, "no memory for %zu parts",
		    count);
	for (size_t i = 0; i < count; i++) {
		struct build_piece	*p = &b->pieces[i];

		*p = (struct build_piece){ parts[i].data, parts[i].len,
		    (4 - parts[i].len % 4) % 4 };
		if (fill && i + 1 < count &&
		    (e = fill_gap(b, &parts[i], &parts[i + 1], p)) < 0)
			return e;
		if ((gaps += p->zeros) > 2 * GAP_MAX)
			return why_set(b->why, ERR_IMAGE, "the gaps between "
			    "its parts are more than %u MB", 2 * GAP_MAX >> 20);
		if (i == 0 || !joins(b, &parts[i - 1], p - 1, &parts[i]))
			b->segments[b->count++] = (struct build_segment){
				.name = parts[i].name, .addr = parts[i].addr,
				.piece = p,
			};
		b->segments[b->count - 1].len += p->len + p->zeros;
	}
	b->result->merged = count - b->count;
	return 0;
}

static int
take_parts(struct builder *b, const struct elf *e, const void *file,
    size_t len)
{
	struct elf_part	*parts = b->options->use_segments ? e->segments :
			    e->sections;
	size_t		 count = b->options->use_segments ? e->segment_count :
			    e->section_count;
	int		 r;

	if (parts == NULL)
		return why_set(b->why, ERR_IMAGE, "it has no segments (program "
		    "headers); leave out use_segments");
	if ((r = find_sha(b, file, len, parts, count)) < 0)
		return r;
	if (b->options->ram_only_header &&
	    (r = sort_parts(b, parts, count)) < 0)
		return r;
	if ((r = merge(b, parts, count)) < 0)
		return r;
	if (b->count > HEADER_SEGMENTS)
		return why_set(b->why, ERR_IMAGE, "Invalid segment count %zu "
		    "(max %u). Usually this indicates a linker script problem.",
		    b->count, HEADER_SEGMENTS);
	if (b->count == 0)
		image_note(b->notes, "Warning: the ELF file has nothing to "
		    "load: the image is empty");
	return 0;
}

/* ---- all of it ---- */

static int
build(struct builder *b)
{
	if (b->options->chip->image_id >= 0)
		return build_esp32(b);
	if (b->options->version == 1)
		return build_esp8266_v1(b);
	return b->options->version == 2 ? build_esp8266_v2(b) :
	    build_esp8266_v3(b);
}

static int
run(struct builder *b, const void *file, size_t len, struct elf *e)
{
	int	r;

	if ((r = check_options(b)) < 0 ||
	    (r = elf_read(file, len, e, b->notes, b->why)) < 0 ||
	    (r = find_page(b, e)) < 0 || (r = set_words(b)) < 0)
		return r;
	b->entry = e->entry;
	if ((r = take_parts(b, e, file, len)) < 0 || (r = build(b)) < 0)
		return r;
	b->result->mmu_page = b->page;
	if (b->has_sha && !b->sha_done)
		image_note(b->notes, "Warning: the image has no byte at 0x%x, "
		    "so the SHA-256 of the ELF file is not in it", b->sha_at);
	if (b->result->segments > HEADER_SEGMENTS)
		image_note(b->notes, "Warning: the image has %zu segments with "
		    "its padding, and a loader takes %u", b->result->segments,
		    HEADER_SEGMENTS);
	return 0;
}

int
build_image(const void *elf, size_t len, const struct build_options *o,
    struct build *result, const struct image_notes *notes, struct why *why)
{
	struct elf	e = { 0 };
	struct builder	b = {
		.options = o, .notes = notes, .why = why, .result = result,
	};
	int		r;

	*result = (struct build){ 0 };
	r = run(&b, elf, len, &e);
	elf_done(&e);
	free(b.pieces);
	free(b.segments);
	return r;
}

void
build_done(struct build *r)
{
	for (size_t i = 0; i < BUILD_FILES; i++)
		buf_done(&r->files[i].bytes);
	*r = (struct build){ 0 };
}

int
build_pad_size(const char *word, uint32_t *bytes, struct why *why)
{
	size_t		len = strlen(word);
	uint32_t	n;

	/* Without its unit a number could mean anything. */
	if (len < 3 || (strcmp(word + len - 2, "KB") != 0 &&
	    strcmp(word + len - 2, "MB") != 0))
		return why_set(why, ERR_PARAMS, "Unknown size %s: give it with "
		    "KB or MB, such as 64KB", word);
	if (text_size(word, &n) < 0 || n == 0 || n > BUILD_PAD_MAX)
		return why_set(why, ERR_PARAMS, "Unknown size %s: 1KB to %uMB "
		    "is possible", word, BUILD_PAD_MAX >> 20);
	*bytes = n;
	return 0;
}
