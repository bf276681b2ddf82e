#include "proto/image/make.h"

#include <stdbool.h>
#include <string.h>

#include "proto/base/buf.h"
#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/chip/chip.h"
#include "proto/image/header.h"

enum {
	WORD		= 4,
	SEGMENT_MAX	= 16 << 20,	/* bytes; no RAM is near that */
};

static uint64_t
end_of(const struct make_segment *s)
{
	return (uint64_t)s->addr + s->len;
}

/* The ROM copies segments to RAM; what runs from flash is no part of it. */
static bool
is_flash(const struct make_segment *s)
{
	const struct chip_window	*irom = &chip_esp8266.irom;

	return s->addr < irom->to && end_of(s) > irom->from;
}

static int
check_segment(const struct make_segment *s, struct why *why)
{
	if (s->addr % WORD != 0)
		return why_set(why, ERR_ALIGN, "'%s' goes to 0x%x, which is no "
		    "multiple of 4", s->name, s->addr);
	if (s->len == 0)
		return why_set(why, ERR_FILE_EMPTY, "'%s' is empty", s->name);
	if (s->len > SEGMENT_MAX || end_of(s) > (uint64_t)UINT32_MAX + 1)
		return why_set(why, ERR_IMAGE, "'%s' is too long for memory at "
		    "0x%x", s->name, s->addr);
	if (is_flash(s))
		return why_set(why, ERR_IMAGE, "'%s' at 0x%x is for flash, not "
		    "for RAM: flash that file itself, at 0x%x", s->name,
		    s->addr, s->addr - chip_esp8266.irom.from);
	return 0;
}

static int
check(const struct make_segment *list, size_t count, struct why *why)
{
	int	r;

	if (count == 0)
		return why_set(why, ERR_PARAMS, "No segments specified");
	if (count > HEADER_SEGMENTS)
		return why_set(why, ERR_PARAMS, "%zu segments are too many; "
		    "the ROM takes %d", count, HEADER_SEGMENTS);
	for (size_t i = 0; i < count; i++) {
		if ((r = check_segment(&list[i], why)) < 0)
			return r;
		for (size_t j = 0; j < i; j++)
			if (list[i].addr < end_of(&list[j]) &&
			    list[j].addr < end_of(&list[i]))
				return why_set(why, ERR_OVERLAP, "'%s' at 0x%x "
				    "and '%s' at 0x%x overlap", list[j].name,
				    list[j].addr, list[i].name, list[i].addr);
	}
	return 0;
}

static void
check_entry(const struct make_segment *list, size_t count, uint32_t entry,
    const struct image_notes *notes)
{
	for (size_t i = 0; i < count; i++)
		if (entry >= list[i].addr && entry < end_of(&list[i]))
			return;
	image_note(notes, "the entry point 0x%x is in none of the segments",
	    entry);
}

static size_t
padded(size_t len)
{
	return (len + WORD - 1) / WORD * WORD;
}

int
make_image(const struct make_segment *list, size_t count, uint32_t entry,
    const struct image_notes *notes, struct buf *out, struct why *why)
{
	size_t	 len = HEADER_BYTES, at = HEADER_BYTES, sum_at;
	uint8_t	*p, sum = HEADER_SUM_SEED;
	int	 r;

	if ((r = check(list, count, why)) < 0)
		return r;
	check_entry(list, count, entry, notes);
	for (size_t i = 0; i < count; i++)
		len += HEADER_SEGMENT + padded(list[i].len);
	sum_at = header_sum_at(len);
	if ((r = buf_reserve(out, sum_at + 1, &p)) < 0)
		return why_set(why, r, "no memory for the image");
	memset(p, 0, sum_at + 1);
	p[0] = HEADER_MAGIC;
	p[HEADER_AT_SEGMENTS] = (uint8_t)count;
	le32_put(p + HEADER_AT_ENTRY, entry);
	for (size_t i = 0; i < count; i++) {
		le32_put(p + at, list[i].addr);
		le32_put(p + at + 4, (uint32_t)padded(list[i].len));
		memcpy(p + at + HEADER_SEGMENT, list[i].data, list[i].len);
		sum ^= header_sum(list[i].data, list[i].len);
		at += HEADER_SEGMENT + padded(list[i].len);
	}
	p[sum_at] = sum;
	buf_commit(out, sum_at + 1);
	return 0;
}
