/*
 * build_esp32 - the form of an image that all chips but the ESP8266 have.
 *
 * Bytes of the flash show in memory page by page, so each segment that runs
 * from there must lie in the file as it lies in its page; what the RAM gets
 * fills the gaps before it.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/image/build_impl.h"

enum {
	/* Bootloaders of old ESP-IDF leave out the last page of a segment that
	 * has fewer bytes in it than this. */
	TAIL		= 0x24,
	/* Of a signed image of secure boot version 1, behind its digest: a
	 * version, the signature, and zeros up to a line. */
	SIGNATURE_V1	= 4 + 64 + 12,
};

/* An image on its way. */
struct layout {
	struct builder		*b;
	struct buf		*f;
	struct build_segment	*flash, *ram;
	size_t			 flash_count, ram_count;
	size_t			 written;	/* segments, with padding */
	uint8_t			 sum;
};

static int
extended_header(const struct layout *l)
{
	const struct build_options	*o = l->b->options;
	uint8_t				 h[HEADER_EXTENDED - HEADER_BYTES] = {
		HEADER_WP_NONE,
	};

	le16_put(h + 4, (uint16_t)o->chip->image_id);
	h[6] = o->min_rev;
	le16_put(h + 7, o->min_rev_full);
	le16_put(h + 9, o->max_rev_full);
	h[15] = l->b->digest;
	return buf_add(l->f, h, sizeof h);
}

/* The segment of that name comes first, so that its bytes stand where other
 * programs look for them. */
static void
put_first(struct build_segment *s, size_t count, const char *name)
{
	struct build_segment	found;

	for (size_t i = 0; i < count; i++)
		if (strcmp(s[i].name, name) == 0) {
			found = s[i];
			memmove(s + 1, s, i * sizeof *s);
			s[0] = found;
			return;
		}
}

static int
add(struct layout *l, const char *name, const struct build_segment *s,
    size_t zeros, uint8_t *sum)
{
	l->written++;
	return build_add(l->b, l->f, name, s, zeros, sum);
}

static int
add_zeros(struct layout *l, const char *name, size_t zeros, uint8_t *sum)
{
	l->written++;
	return build_add_zeros(l->b, l->f, name, zeros, sum);
}

static int
add_flash(struct layout *l, const struct build_segment *s, uint8_t *sum)
{
	size_t	tail = (l->f->len + s->len + HEADER_SEGMENT) % l->b->page;
	bool	longer = (l->b->chip->caps & CHIP_PAGE_TAIL) != 0 &&
		    tail < TAIL;

	return add(l, s->name, s, longer ? TAIL - tail : 0, sum);
}

/*
 * How many bytes a segment before `s` must have, so that s lies right in its
 * page.  *aligned: none is needed.  A gap with no room for its head grows by a
 * page; and one may be a page longer than needed, since esptool's are.
 */
static size_t
gap_before(const struct layout *l, const struct build_segment *s,
    bool *aligned)
{
	int64_t	page = l->b->page;
	int64_t	gap = page - (int64_t)l->f->len % page +
		    (int64_t)s->addr % page - HEADER_SEGMENT;

	*aligned = gap % page == 0;
	if (*aligned)
		return 0;
	gap -= HEADER_SEGMENT;
	return (size_t)(gap < 0 ? gap + page : gap);
}

/* Fill a gap with what RAM gets anyway, if there is some of it. */
static int
fill_gap(struct layout *l, const struct build_segment *next, size_t gap)
{
	struct build_segment	part;
	size_t			len = gap;

	if (l->ram_count == 0 || gap <= HEADER_SEGMENT)
		return add_zeros(l, next->name, gap, &l->sum);
	if (len > l->ram[0].len)
		len = l->ram[0].len;
	build_split(&l->ram[0], len, &part);
	if (l->ram[0].len == 0) {
		l->ram++;
		l->ram_count--;
	}
	return add(l, next->name, &part, 0, &l->sum);
}

static int
lay_out(struct layout *l)
{
	bool	aligned;
	size_t	gap;
	int	e;

	while (l->flash_count > 0) {
		gap = gap_before(l, l->flash, &aligned);
		if (!aligned) {
			if ((e = fill_gap(l, l->flash, gap)) < 0)
				return e;
			continue;
		}
		if ((e = add_flash(l, l->flash, &l->sum)) < 0)
			return e;
		l->flash++;
		l->flash_count--;
	}
	for (; l->ram_count > 0; l->ram++, l->ram_count--)
		if ((e = add(l, l->ram->name, l->ram, 0, &l->sum)) < 0)
			return e;
	return 0;
}

/*
 * What the ROM is to see comes first, with its check sum; the rest lies behind
 * that as it will be shown, where the image is flashed to the place of a
 * bootloader.
 */
static int
lay_out_ram_first(struct layout *l)
{
	const uint32_t	boot = l->b->chip->boot_offset;
	size_t		ram = l->ram_count;
	int		e;

	for (size_t i = 0; i < ram; i++)
		if ((e = add(l, l->ram[i].name, &l->ram[i], 0, &l->sum)) < 0)
			return e;
	if ((e = build_sum(l->b, l->f, l->sum)) < 0)
		return e;
	for (size_t i = l->flash_count; i-- > 0;) {
		const struct build_segment	*s = &l->flash[i];
		uint32_t			 gap;

		/* Pages are powers of two: it may wrap. */
		gap = (s->addr - (uint32_t)l->f->len - 2 * HEADER_SEGMENT) %
		    l->b->page;
		if (gap < boot)
			gap += l->b->page;
		if ((e = add_zeros(l, s->name, gap - boot, NULL)) < 0 ||
		    (e = add_flash(l, s, NULL)) < 0)
			return e;
	}
	l->f->data[HEADER_AT_SEGMENTS] = (uint8_t)ram;
	return 0;
}

/* Zeros, so that the signature will stand where the bootloader of secure boot
 * wants it: all that shows in memory is signed. */
static int
pad_for_signature(struct layout *l)
{
	const struct build_options	*o = l->b->options;
	uint32_t			 page = l->b->page, behind;
	uint32_t			 at;

	if (o->secure_pad_v2)
		behind = HEADER_SHA256;	/* its sector is the next page's */
	else if (o->secure_pad && l->b->chip->security.secure_boot_v1.addr)
		behind = HEADER_SHA256 + SIGNATURE_V1;
	else
		return 0;
	if (!l->b->digest)
		return why_set(l->b->why, ERR_PARAMS, "secure_pad only applies "
		    "if a SHA-256 digest is also appended to the image");
	at = (uint32_t)l->f->len + HEADER_SEGMENT + BUILD_LINE + behind;
	return add_zeros(l, "", (page - at % page) % page, &l->sum);
}

/* The end of an image of which all can be seen. */
static int
finish(struct layout *l)
{
	int	e;

	if ((e = build_sum(l->b, l->f, l->sum)) < 0)
		return e;
	l->f->data[HEADER_AT_SEGMENTS] = (uint8_t)l->written;
	return l->b->digest ? build_digest(l->b, l->f) : 0;
}

static int
write_image(struct layout *l)
{
	const struct build_options	*o = l->b->options;
	size_t				 over;
	int				 e;

	if ((e = build_header(l->b, l->f, HEADER_MAGIC, l->b->count)) < 0 ||
	    (e = extended_header(l)) < 0 ||
	    (e = build_check_pages(l->b, l->flash, l->flash_count)) < 0 ||
	    (e = o->ram_only_header ? lay_out_ram_first(l) : lay_out(l)) < 0 ||
	    (e = pad_for_signature(l)) < 0 ||
	    (e = o->ram_only_header ? 0 : finish(l)) < 0)
		return e;
	if (o->pad_to == 0 || (over = l->f->len % o->pad_to) == 0)
		return 0;
	return build_fill(l->b, l->f, 0xff, o->pad_to - over);
}

int
build_esp32(struct builder *b)
{
	struct build_segment	*sorted = NULL;
	struct layout		 l = {
		.b = b, .f = &b->result->files[0].bytes,
		.sum = HEADER_SUM_SEED,
	};
	int			 e;

	if ((e = build_sorted(b, &sorted, &l.flash_count)) < 0)
		return e;
	l.flash = sorted;
	l.ram = sorted + l.flash_count;
	l.ram_count = b->count - l.flash_count;
	put_first(l.flash, l.flash_count, ".flash.appdesc");
	put_first(l.ram, l.ram_count, ".dram0.bootdesc");
	if ((e = build_room(b, l.f)) == 0)
		e = write_image(&l);
	b->result->file_count = 1;
	b->result->segments = l.written;
	free(sorted);
	return e;
}
