#include "proto/image/merge.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "proto/image/ihex.h"
#include "proto/image/uf2.h"

enum { CHUNK_ALIGN = 4 };

struct work {
	const struct merge	*m;
	struct merge_part	*parts;
	size_t			 count;
	uint8_t			*boot;		/* bootloader with its header
						 * set; NULL: none */
	size_t			 boot_index;	/* its part */
	const struct image_notes *notes;
	struct why		*why;
};

static const char *const formats[] = {
	[MERGE_RAW] = "raw", [MERGE_UF2] = "uf2", [MERGE_HEX] = "hex",
};

bool
merge_format_by_name(const char *name, enum merge_format *format)
{
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
		if (strcmp(formats[i], name) == 0) {
			*format = (enum merge_format)i;
			return true;
		}
	return false;
}

static int
fail_memory(const struct work *w)
{
	return why_set(w->why, ERR_NOMEM, "no memory for the merged file");
}

static const uint8_t *
data_of(const struct work *w, size_t i)
{
	return w->boot != NULL && i == w->boot_index ? w->boot :
	    w->parts[i].data;
}

/* The first byte behind a part. */
static uint64_t
end_of(const struct merge_part *p)
{
	return (uint64_t)p->offset + p->len;
}

/* ---- checks ---- */

/* An empty part comes before what begins where it is. */
static int
by_offset(const void *a, const void *b)
{
	const struct merge_part	*x = a, *y = b;

	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return x->len < y->len ? -1 : x->len > y->len;
}

static int
check_places(const struct work *w)
{
	const struct merge_part	*p = w->parts, *last = NULL;
	uint32_t		 target = w->m->target_offset;

	if (p[0].offset < target)
		return why_set(w->why, ERR_PARAMS, "Output data target offset "
		    "is 0x%x. Input data offset 0x%x is before this ('%s').",
		    target, p[0].offset, p[0].name);
	for (size_t i = 0; i < w->count; i++) {
		if (end_of(&p[i]) > (uint64_t)UINT32_MAX + 1)
			return why_set(w->why, ERR_BEYOND_FLASH, "'%s' at 0x%x "
			    "ends beyond 4 GB", p[i].name, p[i].offset);
		if (p[i].len == 0)
			continue;
		if (last != NULL && p[i].offset < end_of(last))
			return why_set(w->why, ERR_OVERLAP, "Detected overlap "
			    "at address: 0x%x for file: %s ('%s' goes from 0x%x "
			    "to 0x%llx)", p[i].offset, p[i].name, last->name,
			    last->offset, (unsigned long long)end_of(last));
		last = &p[i];
	}
	return 0;
}

static int
check_options(const struct work *w)
{
	const struct merge	*m = w->m;

	if (w->count == 0)
		return why_set(w->why, ERR_PARAMS, "there is nothing to "
		    "merge");
	if (m->chunk_size % CHUNK_ALIGN != 0)
		return why_set(w->why, ERR_PARAMS, "Chunk size should be a "
		    "4-byte aligned number; %u is none", m->chunk_size);
	if (m->format != MERGE_RAW && m->pad_to_size != 0)
		image_note(w->notes, "only raw files are padded, so the size to "
		    "pad to counts for nothing");
	return 0;
}

/* ---- the header ---- */

/* What cannot be patched is told, or is a failure. */
static int
not_patched(const struct work *w, const struct merge_part *p,
    const struct why *why)
{
	if (why->err != ERR_IMAGE)
		return why_set(w->why, why->err, "%s", why->text);
	image_note(w->notes, "Warning: Image file at 0x%x %s, so not changing "
	    "any flash settings.", p->offset, why->text);
	return 0;
}

/* Note what was done to a header; an image for another chip is told of. */
static void
was_patched(const struct work *w, struct merge_part *p, uint16_t params)
{
	const struct chip	*c = w->m->chip;
	struct header		 h;

	p->patched = params != (p->data[2] << 8 | p->data[3]);
	p->params = params;
	if (header_parse(p->data, p->len, c->image_id >= 0, &h) < 0)
		return;
	p->digested = h.has_digest;
	if (h.extended && h.chip_id != HEADER_ANY_CHIP &&
	    h.chip_id != c->image_id)
		image_note(w->notes, "Warning: Unexpected chip ID in image. "
		    "Expected %d but value was %u. Is this image for a "
		    "different chip model?", c->image_id, h.chip_id);
}

/* Set the header of part `i` in a copy, if it is an image. */
static int
patch(struct work *w, size_t i)
{
	struct merge_part	*p = &w->parts[i];
	struct why		 why = { 0 };
	uint8_t			*copy = malloc(p->len);
	uint16_t		 params;

	if (copy == NULL)
		return fail_memory(w);
	memcpy(copy, p->data, p->len);
	if (header_patch(copy, p->len, w->m->chip, &w->m->words, &params,
	    &why) < 0) {
		free(copy);
		return not_patched(w, p, &why);
	}
	was_patched(w, p, params);
	w->boot = copy;
	w->boot_index = i;
	return 0;
}

static int
patch_boot(struct work *w)
{
	const struct header_words	*words = &w->m->words;

	if (words->mode == NULL && words->freq == NULL && words->size == NULL)
		return 0;
	for (size_t i = 0; i < w->count; i++)
		if (w->parts[i].offset == w->m->chip->boot_offset &&
		    w->parts[i].len >= HEADER_BYTES)
			return patch(w, i);
	return 0;
}

/* ---- the three formats ---- */

/* Where plain output ends in flash, in *end. */
static int
raw_end(const struct work *w, uint64_t *end)
{
	const struct merge	*m = w->m;
	uint64_t		 most = MERGE_RAW_MAX;
	const struct merge_part	*last = &w->parts[0];

	for (size_t i = 0; i < w->count; i++) {
		if (w->parts[i].len > most)
			most = w->parts[i].len;
		if (end_of(&w->parts[i]) >= end_of(last))
			last = &w->parts[i];
	}
	/* As esptool does, up to where an empty last part would be. */
	*end = end_of(last);
	if (m->pad_to_size != 0 && m->pad_to_size < *end)
		return why_set(w->why, ERR_PARAMS, "0x%x bytes to pad to are "
		    "too few: '%s' at 0x%x ends at 0x%llx", m->pad_to_size,
		    last->name, last->offset, (unsigned long long)*end);
	if (m->pad_to_size != 0)
		*end = m->pad_to_size;
	if (*end < m->target_offset)	/* nothing but empty parts before it */
		*end = m->target_offset;
	if (*end - m->target_offset > most)
		return why_set(w->why, ERR_BEYOND_FLASH, "from 0x%x to the end "
		    "of '%s' at 0x%x are more than 128 MB, and no flash is "
		    "larger", m->target_offset, last->name, last->offset);
	return 0;
}

static int
merge_raw(const struct work *w, struct buf *out)
{
	uint64_t	 end;
	size_t		 len;
	uint8_t		*p;
	int		 r;

	if ((r = raw_end(w, &end)) < 0)
		return r;
	len = (size_t)(end - w->m->target_offset);
	buf_init(out, len);
	if (len == 0)
		return 0;
	if (buf_reserve(out, len, &p) < 0)
		return fail_memory(w);
	memset(p, 0xff, len);
	for (size_t i = 0; i < w->count; i++)
		if (w->parts[i].len > 0)
			memcpy(p + (w->parts[i].offset - w->m->target_offset),
			    data_of(w, i), w->parts[i].len);
	buf_commit(out, len);
	return 0;
}

static int
fail_output(const struct work *w, int err)
{
	if (err != ERR_LIMIT)
		return why_set(w->why, err, "no memory for the merged file");
	return why_set(w->why, err, "the merged file would be larger than %u "
	    "MB", MERGE_TEXT_MAX >> 20);
}

/* How UF2 blocks are to be. */
static struct uf2_form
uf2_form(const struct work *w)
{
	const struct merge	*m = w->m;
	struct uf2_form		 f = {
		.family = m->chip->uf2_family, .chunk = m->chunk_size,
		.md5 = !m->md5_disable,
	};
	uint32_t		 most = uf2_chunk_max(f.md5);

	if (f.family == 0)
		image_note(w->notes, "Warning: No UF2 family ID found for %s, "
		    "using 0x0 as default.", m->chip->name);
	if (f.chunk > most)
		image_note(w->notes, "a UF2 block has room for %u bytes%s, so "
		    "that is its size", most, f.md5 ? " and their digest" : "");
	if (f.chunk == 0 || f.chunk > most)
		f.chunk = most;
	return f;
}

static int
merge_uf2(const struct work *w, struct buf *out)
{
	const struct uf2_form	 f = uf2_form(w);
	struct uf2_region	*regions = calloc(w->count, sizeof *regions);
	int			 r;

	if (regions == NULL)
		return fail_memory(w);
	for (size_t i = 0; i < w->count; i++)
		regions[i] = (struct uf2_region){
			.address = w->parts[i].offset, .len = w->parts[i].len,
			.data = data_of(w, i),
		};
	if (uf2_size(regions, w->count, &f) > MERGE_TEXT_MAX)
		r = fail_output(w, ERR_LIMIT);
	else {
		buf_init(out, uf2_size(regions, w->count, &f));
		r = uf2_write(regions, w->count, &f, out, w->why);
	}
	free(regions);
	return r;
}

static int
merge_hex(const struct work *w, struct buf *out)
{
	struct ihex_region	*regions = calloc(w->count, sizeof *regions);
	size_t			 size;
	int			 r;

	if (regions == NULL)
		return fail_memory(w);
	if (w->count == 1)
		image_note(w->notes, "Warning: Only one input file specified: "
		    "if it was merged before, the FF between its parts becomes "
		    "part of the output.");
	for (size_t i = 0; i < w->count; i++)
		regions[i] = (struct ihex_region){
			.address = w->parts[i].offset, .len = w->parts[i].len,
			.data = data_of(w, i),
		};
	size = ihex_size_max(regions, w->count);
	buf_init(out, size < MERGE_TEXT_MAX ? size : MERGE_TEXT_MAX);
	if ((r = ihex_write(regions, w->count, out)) < 0)
		r = fail_output(w, r);
	free(regions);
	return r;
}

int
merge_images(const struct merge *m, struct merge_part *parts, size_t count,
    const struct image_notes *notes, struct buf *out, struct why *why)
{
	struct work	w = { .m = m, .parts = parts, .count = count,
			    .notes = notes, .why = why };
	int		r;

	buf_init(out, 0);
	if ((r = check_options(&w)) < 0)
		return r;
	qsort(parts, count, sizeof *parts, by_offset);
	if ((r = check_places(&w)) < 0 || (r = patch_boot(&w)) < 0)
		goto out;
	switch (m->format) {
	case MERGE_RAW:
		r = merge_raw(&w, out);
		break;
	case MERGE_UF2:
		r = merge_uf2(&w, out);
		break;
	case MERGE_HEX:
		r = merge_hex(&w, out);
		break;
	}
out:
	free(w.boot);
	if (r < 0)
		buf_done(out);
	return r;
}
