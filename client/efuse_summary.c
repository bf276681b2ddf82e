/* efuse_summary - every field with its value, in espefuse's layout (espefuse 5.3,
 * base_operations.py), which scripts take apart. */
#include "client/efuse_impl.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "client/client.h"
#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "proto/efuse/describe.h"
#include "proto/efuse/json.h"

enum {
	COLUMN		= 50,		/* letters of a description on a line */
	LONG_VALUE	= 20,		/* letters; more begin a line */
	CATEGORIES_MAX	= 32,
	CATEGORY_MAX	= 40,		/* letters */
};

/* "spi pad" as "Spi Pad" */
static void
title(char out[CATEGORY_MAX], const char *s)
{
	bool	inside = false;
	size_t	i;

	for (i = 0; s[i] != '\0' && i < CATEGORY_MAX - 1; i++) {
		unsigned char	ch = (unsigned char)s[i];

		out[i] = (char)(inside ? tolower(ch) : toupper(ch));
		inside = isalpha(ch);
	}
	out[i] = '\0';
}

static int
compare_titles(const void *a, const void *b)
{
	char	x[CATEGORY_MAX], y[CATEGORY_MAX];

	title(x, *(const char *const *)a);
	title(y, *(const char *const *)b);
	return strcmp(x, y);
}

/* The categories of the fields that are there, in the order of their titles. */
static size_t
categories(const struct efuse_state *s, const char *list[CATEGORIES_MAX])
{
	const struct efuse_field	*f = NULL;
	size_t				 n = 0, i;

	while ((f = efuse_field_next(s, f)) != NULL) {
		for (i = 0; i < n; i++)
			if (strcmp(list[i], f->category) == 0)
				break;
		if (i == n && n < CATEGORIES_MAX)
			list[n++] = f->category;
	}
	qsort(list, n, sizeof *list, compare_titles);
	return n;
}

/* Is the field wanted?  Without names all are. */
static bool
wanted(struct efuse_run *run, const struct efuse_command *c,
    const struct efuse_field *f)
{
	for (size_t i = 0; i < c->count; i++)
		if (efuse_field_find(&run->at->state, c->words[i]) == f)
			return true;
	return c->count == 0;
}

static int
check_names(struct efuse_run *run, const struct efuse_command *c)
{
	for (size_t i = 0; i < c->count; i++)
		if (efuse_field_find(&run->at->state, c->words[i]) == NULL)
			return efuse_unknown_field(run, c->words[i]);
	return 0;
}

/* Its name, where it is, whether that has errors, and what a key is for. */
static void
field_title(struct efuse_state *s, const struct efuse_field *f, char *out,
    size_t size)
{
	const char			*purpose;
	const struct efuse_field	*p = NULL;
	char				 value[EFUSE_TEXT_MAX];
	int				 n;

	n = snprintf(out, size, "%s (BLOCK%u)%s", f->name, f->block,
	    efuse_field_bad(s, f) ? "[error]" : "");
	purpose = s->efuse->blocks[f->block].purpose;
	if (f->class != EFUSE_CLASS_KEYBLOCK || purpose == NULL ||
	    (p = efuse_field_find(s, purpose)) == NULL ||
	    n < 0 || (size_t)n >= size)
		return;
	efuse_value(s, p, value);
	(void)snprintf(out + n, size - (size_t)n, "\n  Purpose: %s\n ", value);
}

static const char *
rights(const struct efuse_state *s, const struct efuse_field *f)
{
	bool	r = efuse_readable(s, f), w = efuse_writable(s, f);

	return r ? w ? "R/W" : "R/-" : w ? "-/W" : "-/-";
}

static int
add_line(struct buf *b, const char *line)
{
	int	r = buf_add(b, line, strlen(line));

	return r < 0 ? r : buf_add(b, "\n", 1);
}

static int
add_field(struct buf *b, struct efuse_state *s, const struct efuse_field *f)
{
	const char	*help = efuse_describe(f);
	size_t		 len = strlen(help);
	uint8_t		 bits[EFUSE_BLOCK_BYTES];
	char		 name[2 * EFUSE_TEXT_MAX], value[EFUSE_TEXT_MAX];
	char		 raw[EFUSE_TEXT_MAX + 2] = "", line[1024];
	int		 r;

	field_title(s, f, name, sizeof name);
	efuse_shown(s, f, value);
	if (f->type != EFUSE_BYTES) {
		efuse_bits(s, f, bits);
		raw[0] = '(';
		efuse_bits_text(bits, efuse_field_bits(s, f), raw + 1);
		(void)strncat(raw, ")", sizeof raw - strlen(raw) - 1);
	}
	(void)snprintf(line, sizeof line, "%-50s %-50.*s%s = %s %s %s", name,
	    COLUMN, help, strlen(value) > LONG_VALUE ? "\n  " : "", value,
	    rights(s, f), raw);
	if ((r = add_line(b, line)) < 0)
		return r;
	for (size_t i = COLUMN; i < len; i += COLUMN) {
		(void)snprintf(line, sizeof line, "%-50s %-50.*s", "", COLUMN,
		    help + i);
		if ((r = add_line(b, line)) < 0)
			return r;
	}
	return 0;
}

static int
add_category(struct efuse_run *run, const struct efuse_command *c,
    struct buf *b, const char *category)
{
	struct efuse_state		*s = &run->at->state;
	const struct efuse_field	*f = NULL;
	char				 text[CATEGORY_MAX];
	bool				 any = false;
	int				 r;

	while ((f = efuse_field_next(s, f)) != NULL) {
		if (strcmp(f->category, category) != 0 || !wanted(run, c, f))
			continue;
		if (!any) {
			title(text, category);
			if ((r = buf_add(b, text, strlen(text))) < 0 ||
			    (r = add_line(b, " fuses:")) < 0)
				return r;
		}
		any = true;
		if ((r = add_field(b, s, f)) < 0)
			return r;
	}
	return any ? add_line(b, "") : 0;
}

static bool
any_errors(const struct efuse_state *s)
{
	for (size_t i = 0; i < efuse_block_count(s->efuse); i++)
		if (s->failed[i] || s->errors[i] != 0)
			return true;
	return false;
}

static int
summary_text(struct efuse_run *run, const struct efuse_command *c,
    struct buf *b)
{
	struct efuse_state	*s = &run->at->state;
	const char		*list[CATEGORIES_MAX];
	size_t			 n = categories(s, list);
	char			 supply[512];
	int			 r;

	if ((r = add_line(b, "EFUSE_NAME (Block) Description  = [Meaningful "
	    "Value] [Readable/Writeable] (Hex Value)")) < 0 ||
	    (r = add_line(b, "-----------------------------------------------"
	    "-----------------------------------------")) < 0)
		return r;
	for (size_t i = 0; i < n; i++)
		if ((r = add_category(run, c, b, list[i])) < 0)
			return r;
	efuse_supply(s, supply, sizeof supply);
	if ((r = add_line(b, supply)) == 0 && any_errors(s))
		r = add_line(b, "WARNING: Coding scheme has encoding bit "
		    "error warnings");
	return r;
}

static int
compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* An object as Python's json.dump(sort_keys=True, indent=4) has it; members
 * that are objects, too. */
static int
add_object(struct buf *b, struct json_object *o, int depth)
{
	size_t		 n = (size_t)json_object_object_length(o), i = 0;
	const char	**keys, *text;
	char		 head[EFUSE_NAME_MAX + 32];
	int		 r;

	if (n == 0)
		return buf_add(b, "{}", 2);
	if ((keys = calloc(n, sizeof *keys)) == NULL)
		return ERR_NOMEM;
	json_object_object_foreach(o, name, value) {
		(void)value;
		keys[i++] = name;
	}
	qsort(keys, n, sizeof *keys, compare_keys);
	for (r = i = 0; i < n && r >= 0; i++) {
		struct json_object	*v = json_object_object_get(o, keys[i]);

		(void)snprintf(head, sizeof head, "%s\n%*s\"%.63s\": ",
		    i == 0 ? "{" : ",", 4 * (depth + 1), "", keys[i]);
		r = buf_add(b, head, strlen(head));
		if (r < 0)
			break;
		if (json_object_is_type(v, json_type_object)) {
			r = add_object(b, v, depth + 1);
			continue;
		}
		text = json_object_to_json_string_ext(v,
		    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
		r = buf_add(b, text, strlen(text));
	}
	free(keys);
	(void)snprintf(head, sizeof head, "\n%*s}", 4 * depth, "");
	return r < 0 ? r : buf_add(b, head, strlen(head));
}

static struct json_object *
summary_object(struct efuse_run *run, const struct efuse_command *c)
{
	struct json_object		*o = json_object_new_object();
	const struct efuse_field	*f = NULL;

	while ((f = efuse_field_next(&run->at->state, f)) != NULL)
		if (wanted(run, c, f))
			json_object_object_add(o, f->name,
			    efuse_field_json(&run->at->state, f));
	return o;
}

static int
summary_json(struct efuse_run *run, const struct efuse_command *c,
    struct buf *b)
{
	struct json_object	*o = summary_object(run, c);
	int			 r = add_object(b, o, 0);

	json_object_put(o);
	return r;
}

/* With --format value_only there is one name. */
static int
summary_value(struct efuse_run *run, const struct efuse_command *c,
    struct buf *b)
{
	char	value[EFUSE_TEXT_MAX];

	efuse_shown(&run->at->state, efuse_field_find(&run->at->state,
	    c->words[0]), value);
	return add_line(b, value);
}

static int
summary_print(struct efuse_run *run, const struct efuse_command *c,
    const struct buf *b)
{
	struct show	*show = &run->client->show;
	char		*path;
	int		 r;

	if (c->file == NULL) {
		/* The last line end comes with show_out(). */
		size_t	len = b->len > 0 && b->data[b->len - 1] == '\n' ?
			    b->len - 1 : b->len;

		show_out(show, "%.*s", (int)len, (const char *)b->data);
		return 0;
	}
	if ((path = efuse_name_for(run, c->file)) == NULL)
		return why_set(&run->client->why, ERR_NOMEM, "out of memory");
	show_chat(show, "Saving eFuse values to %s", path);
	r = efuse_write_file(path, b->data, b->len, &run->client->why);
	if (r == 0)
		show_chat(show, "%s", efuse_format_is(c, "json") ? "" : "Done");
	free(path);
	return r;
}

int
efuse_read_summary(struct efuse_run *run, size_t command)
{
	const struct efuse_command	*c = &run->line.commands[command];
	struct why			*why = &run->client->why;
	struct buf			 b;
	int				 r;

	if (efuse_format_is(c, "value_only") && c->count != 1)
		return why_set(why, ERR_PARAMS, "The 'value_only' format can "
		    "be used exactly for one eFuse.");
	if ((r = check_names(run, c)) < 0)
		return r;
	if (run->at->report != NULL)
		json_object_object_add(run->at->report, "efuses",
		    summary_object(run, c));
	buf_init(&b, 1024 * 1024);
	if (efuse_format_is(c, "json"))
		r = summary_json(run, c, &b);
	else if (efuse_format_is(c, "value_only"))
		r = summary_value(run, c, &b);
	else
		r = summary_text(run, c, &b);
	if (r < 0)
		r = why_set(why, ERR_NOMEM, "out of memory");
	else
		r = summary_print(run, c, &b);
	buf_done(&b);
	return r;
}
