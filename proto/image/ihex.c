#include "proto/image/ihex.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "proto/base/text.h"

enum {
	HEADER		= 4,		/* length, address, type */
	RECORD_MAX	= HEADER + 255 + 1,
	TYPE_DATA	= 0,
	TYPE_END	= 1,
	TYPE_SEGMENT	= 2,		/* base: << 4 */
	TYPE_START	= 3,
	TYPE_LINEAR	= 4,		/* base: << 16 */
	TYPE_START32	= 5,
	LINE_BYTES	= 16,		/* of a data line that is written */
	LINE_MAX	= 2 * (HEADER + LINE_BYTES + 1) + 2,
	BASE_LINE	= 2 * (HEADER + 2 + 1) + 2,
};

/* A line of data: `len` bytes at `data`. */
struct record {
	uint32_t	 address;
	uint32_t	 len;
	const uint8_t	*data;
};

struct parse {
	uint8_t		*bytes;		/* of all lines, as they came */
	size_t		 used;
	struct record	*records;
	size_t		 count, room;
	uint32_t	 base;
	bool		 ended;
	unsigned	 line;
	struct why	*why;
};

static int
bad(struct parse *p, const char *what)
{
	return why_set(p->why, ERR_IMAGE, "line %u %s",
	    p->line, what);
}

static int
add_data(struct parse *p, uint32_t address, const uint8_t *data, uint32_t len)
{
	struct record	*r;

	if (len == 0)
		return 0;
	if ((uint64_t)address + len > (uint64_t)UINT32_MAX + 1)
		return bad(p, "goes beyond 4 GB");
	if (p->count == p->room) {
		size_t	room = p->room > 0 ? 2 * p->room : 256;

		if ((r = realloc(p->records, room * sizeof *r)) == NULL)
			return why_set(p->why, ERR_NOMEM, "out of memory");
		p->records = r;
		p->room = room;
	}
	memcpy(p->bytes + p->used, data, len);
	p->records[p->count++] = (struct record){ address, len,
	    p->bytes + p->used };
	p->used += len;
	return 0;
}

/* One record, checked and without its sum. */
static int
take_record(struct parse *p, const uint8_t *r, size_t len)
{
	uint32_t	offset = (uint32_t)(r[1] << 8 | r[2]);
	uint32_t	n = r[0], value;

	if (len != HEADER + n)
		return bad(p, "is not as long as it says");
	switch (r[3]) {
	case TYPE_DATA:
		return add_data(p, p->base + offset, r + HEADER, n);
	case TYPE_END:
		p->ended = true;
		return 0;
	case TYPE_SEGMENT:
	case TYPE_LINEAR:
		if (n != 2)
			return bad(p, "sets a base that is not two bytes");
		value = (uint32_t)(r[4] << 8 | r[5]);
		p->base = r[3] == TYPE_LINEAR ? value << 16 : value << 4;
		return 0;
	case TYPE_START:
	case TYPE_START32:
		return 0;		/* where a program begins */
	default:
		return bad(p, "is of a type that nobody knows");
	}
}

static int
take_line(struct parse *p, const char *text, size_t len)
{
	char	hex[2 * RECORD_MAX + 1];
	uint8_t	record[RECORD_MAX], sum = 0;
	int	n;

	while (len > 0 && (text[len - 1] == '\r' || text[len - 1] == ' ' ||
	    text[len - 1] == '\t'))
		len--;
	if (len == 0)
		return 0;
	if (p->ended)
		return bad(p, "follows the end record");
	if (text[0] != ':' || len - 1 >= sizeof hex)
		return bad(p, "is no record");
	memcpy(hex, text + 1, len - 1);
	hex[len - 1] = '\0';
	n = strlen(hex) == len - 1 ? text_unhex(hex, record, sizeof record) :
	    ERR_PARAMS;
	if (n < HEADER + 1)
		return bad(p, "is no record");
	for (int i = 0; i < n; i++)
		sum = (uint8_t)(sum + record[i]);
	if (sum != 0)
		return bad(p, "has a wrong check sum");
	return take_record(p, record, (size_t)n - 1);
}

static int
take_lines(struct parse *p, const char *text, size_t len)
{
	const char	*end;
	size_t		 n;
	int		 r = 0;

	for (; len > 0 && r == 0; text += n, len -= n) {
		end = memchr(text, '\n', len);
		n = end != NULL ? (size_t)(end - text) : len;
		p->line++;
		r = take_line(p, text, n);
		n += end != NULL;
	}
	if (r == 0 && p->count == 0)
		return why_set(p->why, ERR_IMAGE, "the Intel HEX file holds "
		    "no data");
	return r;
}

static int
by_address(const void *a, const void *b)
{
	const struct record	*x = a, *y = b;

	return x->address < y->address ? -1 : x->address > y->address;
}

/* The records in order, as regions without gaps. */
static int
join(struct parse *p, struct ihex *h)
{
	struct ihex_region	*last = NULL;
	const struct record	*r;
	size_t			 at = 0;

	qsort(p->records, p->count, sizeof *p->records, by_address);
	for (size_t i = 0; i < p->count; i++) {
		r = &p->records[i];
		if (last != NULL && r->address - last->address < last->len)
			return why_set(p->why, ERR_OVERLAP, "the Intel HEX file "
			    "sets the byte at 0x%x twice", r->address);
		memcpy(h->bytes + at, r->data, r->len);
		if (last != NULL && r->address - last->address == last->len)
			last->len += r->len;
		else {
			last = &h->regions[h->count++];
			*last = (struct ihex_region){ r->address, r->len,
			    h->bytes + at };
		}
		at += r->len;
	}
	return 0;
}

int
ihex_parse(const void *text, size_t len, struct ihex *h, struct why *why)
{
	struct parse	p = { .why = why };
	int		r;

	*h = (struct ihex){ .count = 0 };
	/* Two digits make a byte: it cannot become more. */
	if ((p.bytes = malloc(len / 2 + 1)) == NULL)
		return why_set(why, ERR_NOMEM, "out of memory");
	if ((r = take_lines(&p, text, len)) == 0) {
		h->regions = calloc(p.count, sizeof *h->regions);
		h->bytes = malloc(p.used);
		r = h->regions != NULL && h->bytes != NULL ? join(&p, h) :
		    why_set(why, ERR_NOMEM, "out of memory");
	}
	free(p.bytes);
	free(p.records);
	if (r < 0)
		ihex_done(h);
	return r;
}

void
ihex_done(struct ihex *h)
{
	free(h->regions);
	free(h->bytes);
	*h = (struct ihex){ .count = 0 };
}

/* ---- writing ---- */

size_t
ihex_size_max(const struct ihex_region *regions, size_t count)
{
	size_t	size = BASE_LINE + LINE_MAX;	/* the first base, the end */

	/* Each 64 KB begin with a base and may begin and end with short
	 * lines. */
	for (size_t i = 0; i < count; i++)
		size += regions[i].len / LINE_BYTES * LINE_MAX +
		    ((regions[i].len >> 16) + 2) * (BASE_LINE + 2 * LINE_MAX);
	return size;
}

static int
put_record(struct buf *out, uint8_t type, uint16_t offset, const void *data,
    size_t len)
{
	static const char	digits[] = "0123456789ABCDEF";
	uint8_t			r[HEADER + LINE_BYTES + 1];
	uint8_t			sum = 0, *text;
	int			err;

	r[0] = (uint8_t)len;
	r[1] = (uint8_t)(offset >> 8);
	r[2] = (uint8_t)offset;
	r[3] = type;
	if (len > 0)
		memcpy(r + HEADER, data, len);
	for (size_t i = 0; i < HEADER + len; i++)
		sum = (uint8_t)(sum + r[i]);
	r[HEADER + len] = (uint8_t)-sum;
	if ((err = buf_reserve(out, LINE_MAX, &text)) < 0)
		return err;
	*text++ = ':';
	for (size_t i = 0; i < HEADER + len + 1; i++) {
		*text++ = (uint8_t)digits[r[i] >> 4];
		*text++ = (uint8_t)digits[r[i] & 0xf];
	}
	*text = '\n';
	buf_commit(out, 2 * (HEADER + len + 1) + 2);
	return 0;
}

/* A line that is being filled; its bytes go to address - len .. address. */
struct line {
	struct buf	*out;
	bool		 bases;		/* are needed at all */
	uint32_t	 base;		/* the last one written */
	uint64_t	 address;
	size_t		 len;
	uint8_t		 data[LINE_BYTES];
};

enum { NO_BASE = 0x10000 };

static int
flush_line(struct line *l)
{
	uint32_t	at = (uint32_t)(l->address - l->len);
	uint8_t		base[2] = { (uint8_t)(at >> 24), (uint8_t)(at >> 16) };
	size_t		len = l->len;
	int		r;

	if (len == 0)
		return 0;
	l->len = 0;
	if (l->bases && l->base != at >> 16) {
		l->base = at >> 16;
		if ((r = put_record(l->out, TYPE_LINEAR, 0, base,
		    sizeof base)) < 0)
			return r;
	}
	return put_record(l->out, TYPE_DATA, (uint16_t)at, l->data, len);
}

static int
put_region(struct line *l, const struct ihex_region *region)
{
	int	r;

	if (l->address != region->address) {
		if ((r = flush_line(l)) < 0)
			return r;
		l->address = region->address;
	}
	for (size_t i = 0; i < region->len; i++) {
		l->data[l->len++] = region->data[i];
		l->address++;
		if ((l->len == LINE_BYTES || (l->address & 0xffff) == 0) &&
		    (r = flush_line(l)) < 0)
			return r;
	}
	return 0;
}

int
ihex_write(const struct ihex_region *regions, size_t count, struct buf *out)
{
	struct line	l = { .out = out, .base = NO_BASE };
	int		r;

	for (size_t i = 0; i < count; i++)
		if (regions[i].len > 0 &&
		    regions[i].address + (uint64_t)regions[i].len > 0x10000)
			l.bases = true;
	for (size_t i = 0; i < count; i++)
		if (regions[i].len > 0 &&
		    (r = put_region(&l, &regions[i])) < 0)
			return r;
	if ((r = flush_line(&l)) < 0)
		return r;
	return put_record(out, TYPE_END, 0, NULL, 0);
}
