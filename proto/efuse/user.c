#include "proto/efuse/user.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/err.h"
#include "proto/base/text.h"

enum {
	CELL_MAX	= 256,		/* bytes of a cell, with NUL */
	CELLS		= 5,	/* name, block, start, length, comment */
	SUFFIX_MAX	= 8,		/* "_255" */
	LINE_MAX_BYTES	= 4096,
};

/* A line of the table. */
struct line {
	size_t		number;		/* in the file, from 1 on */
	bool		nameless;	/* one more part of the last one */
	char		name[EFUSE_NAME_MAX];
	char		alt[EFUSE_NAME_MAX];
	char		comment[CELL_MAX];
	unsigned	block;
	uint32_t	bit, bits;
};

/* A table while it is read. */
struct reader {
	const struct efuse_chip	*efuse;
	const char		*file;
	struct why		*why;
	struct line		*lines;
	size_t			 count;
};

static void
trim(const char **at, size_t *len)
{
	while (*len > 0 && isspace((unsigned char)**at)) {
		(*at)++;
		(*len)--;
	}
	while (*len > 0 && isspace((unsigned char)(*at)[*len - 1]))
		(*len)--;
}

/* The n-th cell of a line, without blanks around it; "" when there is none. */
static int
get_cell(const struct reader *r, size_t number, const char *at, size_t len,
    size_t n, char out[CELL_MAX])
{
	size_t	end, skip = n;

	for (;; skip--) {
		const char	*comma = memchr(at, ',', len);

		end = comma != NULL ? (size_t)(comma - at) : len;
		if (skip == 0)
			break;
		if (comma == NULL)
			end = len = 0;
		else {
			at += end + 1;
			len -= end + 1;
		}
	}
	trim(&at, &end);
	if (end >= CELL_MAX && n == CELLS - 1)
		end = CELL_MAX - 1;	/* a comment may be cut */
	if (end >= CELL_MAX)
		return why_set(r->why, ERR_PARAMS, "%s, line %zu: a cell has "
		    "more than %d letters", r->file, number, CELL_MAX - 1);
	memcpy(out, at, end);
	out[end] = '\0';
	return 0;
}

static bool
is_name(const char *s)
{
	if (!isalpha((unsigned char)*s) && *s != '_')
		return false;
	for (; *s != '\0'; s++)
		if (!isalnum((unsigned char)*s) && *s != '_' && *s != '.')
			return false;
	return true;
}

static int
get_name(const struct reader *r, struct line *line, const char *cell)
{
	line->nameless = *cell == '\0';
	if (line->nameless) {
		if (r->count == 0)
			return why_set(r->why, ERR_PARAMS, "%s, line %zu: the "
			    "first field must have a name", r->file,
			    line->number);
		memcpy(line->name, r->lines[r->count - 1].name,
		    sizeof line->name);
		return 0;
	}
	if (!is_name(cell) || strlen(cell) >= EFUSE_NAME_MAX - SUFFIX_MAX)
		return why_set(r->why, ERR_PARAMS, "%s, line %zu: \"%.60s\" "
		    "cannot be a name: it has up to %d letters, digits, '_' "
		    "and '.'", r->file, line->number, cell,
		    EFUSE_NAME_MAX - SUFFIX_MAX - 1);
	snprintf(line->name, sizeof line->name, "%s", cell);
	return 0;
}

/* "EFUSE_BLK3", or the number alone. */
static int
get_block(const struct reader *r, struct line *line, const char *cell)
{
	static const char	prefix[] = "EFUSE_BLK";
	const char		*digits = cell;
	size_t			 blocks = efuse_block_count(r->efuse);
	uint32_t		 n;

	if (strncmp(cell, prefix, sizeof prefix - 1) == 0)
		digits += sizeof prefix - 1;
	if (text_u32(digits, &n) < 0 || n >= blocks)
		return why_set(r->why, ERR_PARAMS, "%s, line %zu: \"%.60s\" "
		    "is no block of the %s, which has %s0 to %s%zu", r->file,
		    line->number, cell, r->efuse->chip->name, prefix, prefix,
		    blocks - 1);
	line->block = n;
	return 0;
}

static uint32_t
block_bits(const struct reader *r, unsigned block)
{
	return 32u * r->efuse->blocks[block].words;
}

/* Where it starts, behind the line before when that is not said, and how many
 * bits it has. */
static int
get_bits(const struct reader *r, struct line *line, const char *start,
    const char *length)
{
	const struct line	*last;
	uint32_t		 size = block_bits(r, line->block);

	last = r->count > 0 ? &r->lines[r->count - 1] : NULL;
	line->bit = last != NULL && last->block == line->block ?
	    last->bit + last->bits : 0;
	if (*start != '\0' && text_u32(start, &line->bit) < 0)
		return why_set(r->why, ERR_PARAMS, "%s, line %zu: \"%.60s\" "
		    "is no number of a bit", r->file, line->number, start);
	line->bits = size;
	if (strcmp(length, "MAX_BLK_LEN") != 0 &&
	    (text_u32(length, &line->bits) < 0 || line->bits == 0))
		return why_set(r->why, ERR_PARAMS, "%s, line %zu: \"%.60s\" "
		    "is no number of bits", r->file, line->number, length);
	if (line->bit >= size || line->bits > size - line->bit)
		return why_set(r->why, ERR_PARAMS, "%s, line %zu: %u bits from "
		    "bit %u on do not fit into block %u of the %s, which has "
		    "%u", r->file, line->number, line->bits, line->bit,
		    line->block, r->efuse->chip->name, size);
	return 0;
}

/* Text for terminals: what is no letter becomes '.'. */
static void
copy_letters(char *out, const char *cell)
{
	size_t	left = strlen(cell);

	while (left > 0) {
		size_t	len = text_letter(cell, left);

		if (len == 0) {
			*out++ = '.';
			len = 1;
		} else {
			memcpy(out, cell, len);
			out += len;
		}
		cell += len;
		left -= len;
	}
	*out = '\0';
}

/* "[OTHER_NAME] what it is": other names come first. */
static int
get_comment(const struct reader *r, struct line *line, const char *cell)
{
	const char	*end;

	copy_letters(line->comment, cell);
	if (line->comment[0] != '[' ||
	    (end = strchr(line->comment, ']')) == NULL)
		return 0;
	if ((size_t)(end - line->comment) >= EFUSE_NAME_MAX - SUFFIX_MAX)
		return why_set(r->why, ERR_PARAMS, "%s, line %zu: the other "
		    "name in brackets has more than %d letters", r->file,
		    line->number, EFUSE_NAME_MAX - SUFFIX_MAX - 1);
	snprintf(line->alt, sizeof line->alt, "%.*s",
	    (int)(end - line->comment - 1), line->comment + 1);
	return 0;
}

static int
read_line(struct reader *r, const char *at, size_t len, size_t number)
{
	char		 cell[CELLS][CELL_MAX];
	struct line	*line;
	int		 err;

	if (r->count == EFUSE_USER_MAX)
		return why_set(r->why, ERR_PARAMS, "%s, line %zu: a table has "
		    "up to %d fields", r->file, number, EFUSE_USER_MAX);
	for (size_t i = 0; i < CELLS; i++)
		if ((err = get_cell(r, number, at, len, i, cell[i])) < 0)
			return err;
	line = &r->lines[r->count];
	memset(line, 0, sizeof *line);
	line->number = number;
	if ((err = get_name(r, line, cell[0])) < 0 ||
	    (err = get_block(r, line, cell[1])) < 0 ||
	    (err = get_bits(r, line, cell[2], cell[3])) < 0 ||
	    (err = get_comment(r, line, cell[4])) < 0)
		return err;
	r->count++;
	return 0;
}

static int
read_lines(struct reader *r, const char *text, size_t len)
{
	size_t	number = 0;
	int	err;

	while (len > 0) {
		const char	*end = memchr(text, '\n', len), *at = text;
		size_t		 used, line;

		used = line = end != NULL ? (size_t)(end - text) : len;
		number++;
		trim(&at, &line);
		if (line > LINE_MAX_BYTES)
			return why_set(r->why, ERR_PARAMS,
			    "%s, line %zu is too long", r->file, number);
		if (line > 0 && *at != '#' &&
		    (err = read_line(r, at, line, number)) < 0)
			return err;
		used += end != NULL;
		text += used;
		len -= used;
	}
	return 0;
}

/* Bits may be named together and one by one: NAME and NAME.PART. */
static bool
same_root(const char *a, const char *b)
{
	size_t	root = strcspn(a, ".");

	return root == strcspn(b, ".") && strncmp(a, b, root) == 0 &&
	    (a[root] == '.' || b[root] == '.');
}

static int
check_overlap(const struct reader *r)
{
	for (size_t i = 0; i < r->count; i++)
		for (size_t k = 0; k < i; k++) {
			const struct line	*a = &r->lines[k];
			const struct line	*b = &r->lines[i];

			if (a->block != b->block ||
			    a->bit + a->bits <= b->bit ||
			    b->bit + b->bits <= a->bit ||
			    same_root(a->name, b->name))
				continue;
			return why_set(r->why, ERR_PARAMS, "%s, line %zu: %s "
			    "has bits that %s of line %zu has, too", r->file,
			    b->number, b->name, a->name, a->number);
		}
	return 0;
}

/* A field of several lines: which one of them this is; -1: it has one line. */
static int
part_of(const struct reader *r, size_t i)
{
	int	part = 0;

	while (r->lines[i - (size_t)part].nameless)
		part++;
	if (part == 0 && (i + 1 == r->count || !r->lines[i + 1].nameless))
		return -1;
	return part;
}

/*
 * Words as names of fields: '.' is written '_', and each of several lines of a
 * field has its number.  Room is enough: a word is SUFFIX_MAX shorter than
 * EFUSE_NAME_MAX, but several of them may be longer together.
 */
static char *
names_of(const char *words, int part)
{
	char	out[2 * EFUSE_NAME_MAX * SUFFIX_MAX];
	size_t	at = 0;

	while (*words != '\0') {
		size_t	len = strcspn(words, " ");

		if (at > 0)
			out[at++] = ' ';
		for (size_t i = 0; i < len; i++)
			out[at++] = words[i] == '.' ? '_' : words[i];
		if (part >= 0 && len > 0)
			at += (size_t)snprintf(out + at, SUFFIX_MAX, "_%d",
			    part);
		words += len + strspn(words + len, " ");
	}
	out[at] = '\0';
	return strdup(out);
}

/* What protects the bits: of a coded block the whole; of two halves of a key
 * what each has; of BLOCK0 what protects a known field of these bits. */
static void
set_protection(const struct reader *r, struct efuse_field *field)
{
	const struct efuse_block	*b = &r->efuse->blocks[field->block];
	const struct efuse_field	*f = r->efuse->fields;
	uint32_t			 lower = b->rd_dis & -b->rd_dis;
	unsigned			 half = 16u * b->words;

	field->wr_dis = b->wr_dis;
	field->rd_dis = b->rd_dis;
	if (b->rd_dis != lower && field->bit >= half)
		field->rd_dis &= ~lower;
	if (b->rd_dis != lower && field->bit + field->bits <= half)
		field->rd_dis = lower;
	for (; field->block == 0 && f->name != NULL; f++)
		if (f->block == 0 && f->bit != EFUSE_NOWHERE &&
		    f->bit < field->bit + field->bits &&
		    field->bit < f->bit + f->bits) {
			field->wr_dis = f->wr_dis;
			field->rd_dis = f->rd_dis;
			return;
		}
}

static int
make_field(const struct reader *r, size_t i, struct efuse_field *field)
{
	const struct line	*line = &r->lines[i];
	char			 help[CELL_MAX + 32];
	int			 part = part_of(r, i);

	*field = (struct efuse_field){
		.block		= (uint8_t)line->block,
		.bit		= (uint16_t)line->bit,
		.bits		= (uint16_t)line->bits,
		.type		= EFUSE_UINT,
		.class		= EFUSE_CLASS_NONE,
		.when		= EFUSE_ALWAYS,
		.category	= "User",
	};
	if (line->bits == 1)
		field->type = EFUSE_BOOL;
	else if (line->bits > 32 && line->bits % 8 == 0)
		field->type = EFUSE_BYTES;
	set_protection(r, field);
	snprintf(help, sizeof help, "%s%s(%u-%u)", line->comment,
	    *line->comment != '\0' ? " " : "", line->bit,
	    line->bit + line->bits - 1);
	field->name = names_of(line->name, part);
	field->alt = names_of(line->alt, part);
	field->help = strdup(help);
	if (field->name == NULL || field->alt == NULL || field->help == NULL)
		return why_set(r->why, ERR_NOMEM, "out of memory");
	return 0;
}

/* Does a field answer to a name that is `len` long? */
static bool
answers(const struct efuse_field *f, const char *name, size_t len)
{
	const char	*list = f->alt;

	if (strlen(f->name) == len && strncmp(f->name, name, len) == 0)
		return true;
	while (list != NULL && *list != '\0') {
		size_t	word = strcspn(list, " ");

		if (word == len && strncmp(list, name, len) == 0)
			return true;
		list += word + strspn(list + word, " ");
	}
	return false;
}

static int
check_name(const struct reader *r, const struct efuse_field *own,
    const struct efuse_field *field, const char *name, size_t len)
{
	const struct efuse_field	*f = r->efuse->fields;
	size_t				 line;

	line = r->lines[field - own].number;
	for (; f->name != NULL; f++)
		if (answers(f, name, len))
			return why_set(r->why, ERR_PARAMS, "%s, line %zu: the "
			    "%s has a field %.*s already", r->file, line,
			    r->efuse->chip->name, (int)len, name);
	for (f = own; f < field; f++)
		if (answers(f, name, len))
			return why_set(r->why, ERR_PARAMS, "%s, line %zu: the "
			    "name %.*s is that of line %zu, too", r->file,
			    line, (int)len, name, r->lines[f - own].number);
	return 0;
}

static int
check_names(const struct reader *r, const struct efuse_field *own,
    const struct efuse_field *field)
{
	const char	*list = field->alt;
	int		 err;

	err = check_name(r, own, field, field->name, strlen(field->name));
	while (err == 0 && *list != '\0') {
		size_t	word = strcspn(list, " ");

		err = check_name(r, own, field, list, word);
		list += word + strspn(list + word, " ");
	}
	return err;
}

static int
make_fields(const struct reader *r, struct efuse_user *user)
{
	int	err;

	user->fields = calloc(r->count + 1, sizeof *user->fields);
	if (user->fields == NULL)
		return why_set(r->why, ERR_NOMEM, "out of memory");
	for (; user->count < r->count; user->count++) {
		struct efuse_field	*field = &user->fields[user->count];

		err = make_field(r, user->count, field);
		if (err == 0)
			err = check_names(r, user->fields, field);
		if (err < 0) {
			user->count++;		/* it is freed, too */
			return err;
		}
	}
	return 0;
}

int
efuse_user_read(struct efuse_user *user, const struct efuse_chip *efuse,
    const char *text, size_t len, const char *name, struct why *why)
{
	struct reader	r = { .efuse = efuse, .file = name, .why = why };
	int		err;

	memset(user, 0, sizeof *user);
	r.lines = calloc(EFUSE_USER_MAX, sizeof *r.lines);
	if (r.lines == NULL)
		return why_set(why, ERR_NOMEM, "out of memory");
	err = read_lines(&r, text, len);
	if (err == 0)
		err = check_overlap(&r);
	if (err == 0)
		err = make_fields(&r, user);
	free(r.lines);
	if (err < 0)
		efuse_user_done(user);
	return err;
}

void
efuse_user_done(struct efuse_user *user)
{
	for (size_t i = 0; i < user->count; i++) {
		free((char *)user->fields[i].name);
		free((char *)user->fields[i].alt);
		free((char *)user->fields[i].help);
	}
	free(user->fields);
	memset(user, 0, sizeof *user);
}
