/* build_esp8266 - the three forms of an image for the ESP8266. */
#include <stdlib.h>
#include <string.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/image/build_impl.h"

enum {
	V2_SEGMENTS	= 4,		/* always */
	SECTOR		= 4096,
	RODATA_HEAD	= 8,		/* room for the head of a segment */
};

static bool
in_irom(const struct builder *b, const struct build_segment *s)
{
	return s->addr >= b->chip->irom.from && s->addr < b->chip->irom.to;
}

/* The one segment that runs from flash; *irom NULL: there is none. */
static int
find_irom(const struct builder *b, const struct build_segment **irom)
{
	size_t	found = 0;

	*irom = NULL;
	for (size_t i = 0; i < b->count; i++)
		if (in_irom(b, &b->segments[i]) && found++ == 0)
			*irom = &b->segments[i];
	if (found > 1)
		return why_set(b->why, ERR_IMAGE, "Found %zu segments that "
		    "could be irom0. Bad ELF file?", found);
	return 0;
}

/* A header, what goes to RAM, and the check sum. */
static int
add_ram(struct builder *b, struct buf *f, const struct build_segment *irom)
{
	size_t	count = b->count - (irom != NULL);
	uint8_t	sum = HEADER_SUM_SEED;
	int	e;

	if ((e = build_header(b, f, HEADER_MAGIC, count)) < 0)
		return e;
	for (size_t i = 0; i < b->count; i++) {
		const struct build_segment	*s = &b->segments[i];

		if (s != irom && (e = build_add(b, f, "", s, 0, &sum)) < 0)
			return e;
	}
	return build_sum(b, f, sum);
}

int
build_esp8266_v1(struct builder *b)
{
	struct build			*r = b->result;
	const struct build_segment	*irom;
	struct buf			*second = &r->files[1].bytes;
	int				 e;

	if ((e = find_irom(b, &irom)) < 0 ||
	    (e = build_room(b, &r->files[0].bytes)) < 0 ||
	    (e = add_ram(b, &r->files[0].bytes, irom)) < 0)
		return e;
	r->segments = b->count - (irom != NULL);
	r->files[0].has_offset = true;
	r->file_count = 1;
	if (irom == NULL)
		return 0;
	r->files[1].has_offset = true;
	r->files[1].offset = irom->addr - b->chip->irom.from;
	r->file_count = 2;
	if ((e = build_room(b, second)) < 0)
		return e;
	return build_bytes(b, second, irom);
}

int
build_esp8266_v2(struct builder *b)
{
	struct build_file		*file = &b->result->files[0];
	struct buf			*f = &file->bytes;
	const struct build_segment	*irom;
	struct build_segment		 first;
	uint8_t				 crc[4];
	int				 e;

	if ((e = find_irom(b, &irom)) < 0 || (e = build_room(b, f)) < 0 ||
	    (e = build_header(b, f, HEADER_MAGIC_2, V2_SEGMENTS)) < 0)
		return e;
	if (irom != NULL) {
		first = *irom;
		first.addr = 0;		/* so that it is not loaded */
		if ((e = build_add(b, f, "", &first,
		    (BUILD_LINE - first.len % BUILD_LINE) % BUILD_LINE,
		    NULL)) < 0)
			return e;
		file->offset = (irom->addr - b->chip->irom.from) / SECTOR *
		    SECTOR;
	}
	if ((e = add_ram(b, f, irom)) < 0)
		return e;
	le32_put(crc, header_crc(f->data, f->len));
	if ((e = buf_add(f, crc, sizeof crc)) < 0)
		return why_set(b->why, e, "no room for the CRC");
	file->has_offset = true;
	b->result->segments = b->count;
	b->result->file_count = 1;
	return 0;
}

/* .flash.rodata keeps room in front for the head of its segment. */
static void
drop_rodata_head(struct build_segment *s)
{
	struct build_segment	head;
	uint32_t		addr = s->addr;

	if (strcmp(s->name, ".flash.rodata") != 0)
		return;
	build_split(s, s->len < RODATA_HEAD ? s->len : RODATA_HEAD, &head);
	s->addr = addr;
}

static int
write_v3(struct builder *b, struct build_segment *sorted, size_t flash_count)
{
	struct buf	*f = &b->result->files[0].bytes;
	uint8_t		 sum = HEADER_SUM_SEED;
	int		 e;

	if ((e = build_header(b, f, HEADER_MAGIC, b->count)) < 0 ||
	    (e = build_check_pages(b, sorted, flash_count)) < 0)
		return e;
	for (size_t i = 0; i < b->count; i++) {
		if (i < flash_count)
			drop_rodata_head(&sorted[i]);
		if ((e = build_add(b, f, "", &sorted[i], 0, &sum)) < 0)
			return e;
	}
	if ((e = build_sum(b, f, sum)) < 0)
		return e;
	f->data[HEADER_AT_SEGMENTS] = (uint8_t)b->count;
	return build_digest(b, f);
}

int
build_esp8266_v3(struct builder *b)
{
	struct build_segment	*sorted = NULL;
	size_t			 flash_count;
	int			 e;

	if ((e = build_sorted(b, &sorted, &flash_count)) < 0)
		return e;
	if ((e = build_room(b, &b->result->files[0].bytes)) == 0)
		e = write_v3(b, sorted, flash_count);
	b->result->segments = b->count;
	b->result->file_count = 1;
	free(sorted);
	return e;
}
