/*
 * partition_csv - partition tables as people write them: a line for each,
 * "name, type, subtype, offset, size, flags"; what stands open follows from the
 * lines before.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/chip/flashid.h"
#include "proto/image/partition_impl.h"

enum {
	FIELDS		= 6,
	FIELD_MAX	= 40,	/* bytes of one that is no name, with NUL */
	TYPE_MAX	= 254,	/* 255 stands for any */
	SUBTYPE_MAX	= 255,	/* examples of ESP-IDF have it */
	MEGABYTE	= 1024 * 1024,
	KILOBYTE	= 1024,
	WORD		= 4,	/* bytes; data of an ESP8266 begins with one */
	ROW_MAX		= 160,	/* bytes of a line that we write */
};

/* A part of a line, without blanks around it. */
struct field {
	const char	*text;
	size_t		 len;
};

struct csv {
	const struct partition_place	*place;
	struct partition_table		*table;
	const struct image_notes	*notes;
	struct why			*why;
	unsigned			 line;
	struct field			 name;	/* of its partition */
	uint64_t			 end;	/* of what came so far */
	const struct partition		*last;	/* or NULL */
};

static int
bad(struct csv *c, const char *what, const struct field *f)
{
	char	text[FIELD_MAX];

	text_printable(text, sizeof text, f->text, f->len);
	return why_set(c->why, ERR_IMAGE, "line %u of the partition table: "
	    "\"%s\" %s", c->line, text, what);
}

/* ---- fields ---- */

static struct field
trim(const char *text, size_t len)
{
	while (len > 0 && isspace((unsigned char)text[0])) {
		text++;
		len--;
	}
	while (len > 0 && isspace((unsigned char)text[len - 1]))
		len--;
	return (struct field){ text, len };
}

/* Those that are missing are empty; what is too much is left alone, as
 * ESP-IDF does. */
static void
split(const char *line, size_t len, struct field fields[FIELDS])
{
	for (size_t i = 0; i < FIELDS; i++) {
		const char	*comma = memchr(line, ',', len);
		size_t		 n = comma != NULL ? (size_t)(comma - line) :
				    len;

		fields[i] = trim(line, n);
		n += comma != NULL;
		line += n;
		len -= n;
	}
}

/* A field as a string; false when it is too long for anything known. */
static bool
word_of(const struct field *f, char out[FIELD_MAX])
{
	if (f->len >= FIELD_MAX || memchr(f->text, '\0', f->len) != NULL)
		return false;
	memcpy(out, f->text, f->len);
	out[f->len] = '\0';
	return true;
}

static bool
is_word(const struct field *f, const char *word)
{
	return f->len == strlen(word) &&
	    strncasecmp(f->text, word, f->len) == 0;
}

/* What stands open; ESP-IDF's manual writes N/A where the place of a
 * bootloader is not the table's to say. */
static bool
is_open(const struct field *f, const struct partition *p)
{
	return f->len == 0 || ((p->type == PARTITION_BOOTLOADER ||
	    p->type == PARTITION_TABLE) && is_word(f, "N/A"));
}

/* A number, with K or M behind it.  "010" is left to nobody's guess. */
static int
number(const struct field *f, uint32_t *value)
{
	char	word[FIELD_MAX];

	if (!word_of(f, word) || (word[0] == '0' &&
	    isdigit((unsigned char)word[1])))
		return ERR_PARAMS;
	return text_size(word, value);
}

static int
take_name(struct csv *c, const struct field *f, struct partition *p)
{
	size_t	len = f->len;

	if (partition_text(f->text, len) != len)
		return bad(c, "is a name with bytes that are no text", f);
	if (memchr(f->text, '$', len) != NULL)
		return bad(c, "has a '$': variables have no value here, write "
		    "what is meant", f);
	if (len > PARTITION_NAME) {
		len = partition_text(f->text, PARTITION_NAME);
		image_note(c->notes, "Warning: the name \"%.*s\" in line %u is "
		    "longer than %d bytes and cut to \"%.*s\"",
		    (int)(f->len < FIELD_MAX ? f->len : FIELD_MAX), f->text,
		    c->line, PARTITION_NAME, (int)len, f->text);
	}
	memcpy(p->name, f->text, len);
	return 0;
}

static int
take_number(struct csv *c, const struct field *f, uint32_t max,
    const char *what, uint8_t *value)
{
	uint32_t	n;

	if (number(f, &n) < 0 || n > max)
		return bad(c, what, f);
	*value = (uint8_t)n;
	return 0;
}

static int
take_type(struct csv *c, const struct field *f, struct partition *p)
{
	const struct partition_word	*w;

	for (w = partition_types; w->word != NULL; w++)
		if (is_word(f, w->word)) {
			p->type = w->type;
			return 0;
		}
	return take_number(c, f, TYPE_MAX, "is no type; app, data, bootloader, "
	    "partition_table and numbers up to 254 are known", &p->type);
}

static int
take_subtype(struct csv *c, const struct field *f, struct partition *p)
{
	const struct partition_word	*w;

	if (f->len == 0 && p->type != PARTITION_APP) {
		p->subtype = PARTITION_UNDEFINED;
		return 0;
	}
	for (w = partition_subtypes; w->word != NULL; w++)
		if (w->type == p->type && is_word(f, w->word)) {
			p->subtype = w->subtype;
			return 0;
		}
	return take_number(c, f, SUBTYPE_MAX, "is no subtype of that type, "
	    "and no number up to 255", &p->subtype);
}

static int
take_flags(struct csv *c, const struct field *f, struct partition *p)
{
	static const struct { const char *word; uint32_t flag; } flags[] = {
		{ "encrypted", PARTITION_ENCRYPTED },
		{ "readonly", PARTITION_READONLY },
		{ "", 0 },
	};
	size_t	at = 0, i;

	while (at < f->len) {
		const char	*colon = memchr(f->text + at, ':', f->len - at);
		struct field	 one;

		one.text = f->text + at;
		one.len = colon != NULL ? (size_t)(colon - one.text) :
		    f->len - at;
		at += one.len + 1;
		for (i = 0; i < sizeof flags / sizeof flags[0]; i++)
			if (is_word(&one, flags[i].word))
				break;
		if (i == sizeof flags / sizeof flags[0])
			return bad(c, "is no flag; encrypted and readonly are "
			    "known", &one);
		p->flags |= flags[i].flag;
	}
	return 0;
}

/* ---- places ---- */

/* Where a bootloader goes the chip says; the table's own place is known. */
static int
fixed_offset(struct csv *c, const struct field *f, struct partition *p)
{
	const struct chip	*chip = c->place->chip;
	bool			 table = p->type == PARTITION_TABLE;
	uint32_t		 at = table ? c->place->offset :
				    chip != NULL ? chip->boot_offset : 0;

	if (!table && chip == NULL && is_open(f, p))
		return bad(c, "leaves open where the bootloader is; name the "
		    "chip, or write its offset and size", &c->name);
	if (!is_open(f, p) && number(f, &p->offset) < 0)
		return bad(c, "is no offset", f);
	if (!is_open(f, p) && (table || chip != NULL) && p->offset != at)
		return bad(c, table ? "is not where the partition table is" :
		    "is not where the bootloader of this chip is", f);
	if (is_open(f, p))
		p->offset = at;
	return 0;
}

/* The next free place. */
static int
next_offset(struct csv *c, struct partition *p)
{
	const struct chip	*chip = c->place->chip;
	bool			 esp8266 = chip != NULL && chip->image_id < 0;
	uint32_t		 align = p->type == PARTITION_APP ?
				    partition_app_align(chip) :
				    esp8266 ? WORD : FLASH_SECTOR;
	uint64_t		 at = (c->end + align - 1) / align * align;

	if (p->type == PARTITION_BOOTLOADER &&
	    p->subtype == PARTITION_RECOVERY)
		return bad(c, "leaves open where the recovery bootloader is; "
		    "the fuses of the chip say so, write it here, too",
		    &c->name);
	if (at > UINT32_MAX)
		return bad(c, "begins beyond 4 GB", &c->name);
	if (chip == NULL && p->type == PARTITION_APP && c->end % align != 0)
		c->table->guessed = true;
	if (!esp8266 && p->type != PARTITION_APP && c->end % align != 0)
		c->table->doubtful = true;
	p->offset = (uint32_t)at;
	return 0;
}

static int
take_offset(struct csv *c, const struct field *f, struct partition *p)
{
	if (is_open(f, p))
		return next_offset(c, p);
	if (number(f, &p->offset) < 0)
		return bad(c, "is no offset; one looks like 0x10000, 65536 or "
		    "64K", f);
	if (p->offset >= c->end)
		return 0;
	if (c->last == NULL)
		return why_set(c->why, ERR_OVERLAP, "line %u of the partition "
		    "table: offset 0x%x, but the table takes 0x%x to 0x%llx; "
		    "0x%llx is the first free one", c->line, p->offset,
		    c->place->offset, (unsigned long long)c->end - 1,
		    (unsigned long long)c->end);
	return why_set(c->why, ERR_OVERLAP, "line %u of the partition table: "
	    "offset 0x%x, but partition '%s' before it ends at 0x%llx; "
	    "partitions stand in the order of their offsets", c->line,
	    p->offset, c->last->name, (unsigned long long)c->end);
}

/* What goes by itself when it stands open. */
static int
open_size(struct csv *c, struct partition *p)
{
	const struct chip	*chip = c->place->chip;

	if (p->type == PARTITION_TABLE) {
		p->size = PARTITION_AREA;
		return 0;
	}
	if (p->type != PARTITION_BOOTLOADER)
		return bad(c, "has no size", &c->name);
	if (chip == NULL || chip->boot_offset >= c->place->offset)
		return bad(c, "leaves open how large the bootloader is; name "
		    "the chip, or write its offset and size", &c->name);
	p->size = c->place->offset - chip->boot_offset;
	return 0;
}

/* A size, or "-0x10000": up to there. */
static int
take_size(struct csv *c, const struct field *f, struct partition *p)
{
	struct field	rest = *f;
	uint32_t	end;

	if (is_open(f, p))
		return open_size(c, p);
	if (f->text[0] == '-') {
		rest.text++;
		rest.len--;
		if (number(&rest, &end) < 0 || end <= p->offset)
			return bad(c, "is no end behind the offset", f);
		p->size = end - p->offset;
		return 0;
	}
	if (number(f, &p->size) < 0 || p->size == 0)
		return bad(c, "is no size; one looks like 0x6000, 24576 or "
		    "24K", f);
	if ((uint64_t)p->offset + p->size > (uint64_t)UINT32_MAX + 1)
		return bad(c, "ends beyond 4 GB", f);
	return 0;
}

/* ---- lines ---- */

static int
take_fields(struct csv *c, const struct field f[FIELDS], struct partition *p)
{
	bool	fixed;
	int	r;

	c->name = f[0];
	if ((r = take_name(c, &f[0], p)) < 0 ||
	    (r = take_type(c, &f[1], p)) < 0 ||
	    (r = take_subtype(c, &f[2], p)) < 0)
		return r;
	fixed = partition_is_primary(p, PARTITION_BOOTLOADER) ||
	    partition_is_primary(p, PARTITION_TABLE);
	r = fixed ? fixed_offset(c, &f[3], p) : take_offset(c, &f[3], p);
	if (r < 0 || (r = take_size(c, &f[4], p)) < 0 ||
	    (r = take_flags(c, &f[5], p)) < 0)
		return r;
	if (!fixed) {
		c->end = (uint64_t)p->offset + p->size;
		c->last = p;
	}
	return 0;
}

static int
take_line(struct csv *c, const char *text, size_t len)
{
	struct field	 line = trim(text, len), fields[FIELDS];

	if (line.len == 0 || line.text[0] == '#')
		return 0;
	if (c->table->count == PARTITION_ROWS)
		return why_set(c->why, ERR_LIMIT, "line %u of the partition "
		    "table: more than %d partitions are not possible", c->line,
		    PARTITION_ROWS);
	split(line.text, line.len, fields);
	return take_fields(c, fields, &c->table->list[c->table->count++]);
}

/* Not what somebody gave by mistake: a program, a picture. */
static int
check_text(const char *text, size_t len, struct why *why)
{
	if (len > PARTITION_FILE_MAX)
		return why_set(why, ERR_IMAGE, "%zu bytes are too much for a "
		    "partition table", len);
	if (memchr(text, '\0', len) != NULL)
		return why_set(why, ERR_IMAGE, "that is no partition table: it "
		    "begins with %02x %02x, a binary one with aa 50, and CSV "
		    "is text", (uint8_t)text[0],
		    len > 1 ? (uint8_t)text[1] : 0);
	return 0;
}

int
partition_parse_csv(const char *text, size_t len,
    const struct partition_place *place, struct partition_table *t,
    const struct image_notes *notes, struct why *why)
{
	static const char	mark[] = "\xef\xbb\xbf";
	struct csv		c = {
		.place = place, .table = t, .notes = notes, .why = why,
		.end = (uint64_t)place->offset + PARTITION_AREA,
	};
	size_t			n;
	int			r;

	if ((r = check_text(text, len, why)) < 0)
		return r;
	if (len >= 3 && memcmp(text, mark, 3) == 0) {
		text += 3;
		len -= 3;
	}
	for (; len > 0; text += n, len -= n) {
		const char	*end = memchr(text, '\n', len);

		n = end != NULL ? (size_t)(end - text) : len;
		c.line++;
		if ((r = take_line(&c, text, n)) < 0)
			return r;
		n += end != NULL;
	}
	return t->count > 0 ? 0 : why_set(why, ERR_IMAGE, "the partition table "
	    "is empty");
}

/* ---- writing ---- */

/* Would it be read back as it is? */
static bool
is_plain_name(const char *name)
{
	struct field	f = trim(name, strlen(name));

	return f.len == strlen(name) && name[0] != '#' &&
	    strpbrk(name, ",$") == NULL;
}

static void
size_word(uint32_t size, char out[PARTITION_WORD])
{
	if (size % MEGABYTE == 0)
		(void)snprintf(out, PARTITION_WORD, "%uM", size / MEGABYTE);
	else if (size % KILOBYTE == 0)
		(void)snprintf(out, PARTITION_WORD, "%uK", size / KILOBYTE);
	else
		(void)snprintf(out, PARTITION_WORD, "0x%x", size);
}

static int
put_line(const struct partition *p, struct buf *out, struct why *why)
{
	char	type[PARTITION_WORD], subtype[PARTITION_WORD];
	char	size[PARTITION_WORD], row[ROW_MAX];
	bool	encrypted = (p->flags & PARTITION_ENCRYPTED) != 0;
	bool	readonly = (p->flags & PARTITION_READONLY) != 0;

	if (!is_plain_name(p->name))
		return why_set(why, ERR_IMAGE, "the name \"%s\" cannot be "
		    "written as CSV", p->name);
	partition_type_word(p, type);
	partition_subtype_word(p, subtype);
	size_word(p->size, size);
	(void)snprintf(row, sizeof row, "%s,%s,%s,0x%x,%s,%s%s%s\n", p->name,
	    type, subtype, p->offset, size, encrypted ? "encrypted" : "",
	    encrypted && readonly ? ":" : "", readonly ? "readonly" : "");
	return buf_add(out, row, strlen(row));
}

int
partition_csv(const struct partition_table *t, struct buf *out,
    struct why *why)
{
	/* The first two lines are what scripts compare with. */
	static const char	head[] = "# ESP-IDF Partition Table\n"
				    "# Name, Type, SubType, Offset, Size, "
				    "Flags\n";
	int			r;

	r = buf_add(out, head, sizeof head - 1);
	for (size_t i = 0; i < t->count && r == 0; i++)
		r = put_line(&t->list[i], out, why);
	return r < 0 ? why_set(why, r, "no memory for the CSV") : 0;
}
