/* cmd_partitions - partition tables: shown, checked, and turned from CSV into
 * what is flashed, and back. */
#include "client/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/client.h"
#include "client/member.h"
#include "client/place.h"
#include "client/work.h"
#include "proto/base/err.h"
#include "proto/base/text.h"

enum { COLUMNS = 7, CELL = 64, IMAGES_AT = 1 };

static int
add_image(struct client *c, struct parcel *p, struct json_object *list,
    const char *word, const char *path)
{
	struct json_object	*o;
	struct place		 place;
	uint64_t		 bytes;
	int			 fd, r;

	if ((r = place_parse(c, word, &place)) < 0)
		return r;
	fd = file_open_image(path, &bytes, &c->why);
	if (fd < 0 || (fd = parcel_add(p, fd, c)) < 0)
		return fd;
	o = json_object_new_object();
	json_object_object_add(o, "offset", place_json(&place));
	json_object_object_add(o, "fd", json_object_new_int(fd));
	json_object_object_add(o, "name", json_object_new_string(path));
	(void)json_object_array_add(list, o);
	return 0;
}

/* What is behind the table: files and where they are to go. */
static int
add_images(struct client *c, struct parcel *p)
{
	const struct args	*a = &c->args;
	struct json_object	*list;
	int			 r = 0;

	if (a->operand_count == IMAGES_AT)
		return 0;
	if ((a->operand_count - IMAGES_AT) % 2 != 0)
		return why_set(&c->why, ERR_USAGE, "%s: \"%.80s\" stands "
		    "alone; behind the table it goes: ADDRESS|PARTITION FILE, "
		    "in pairs", a->command->name,
		    a->operands[a->operand_count - 1]);
	list = json_object_new_array();
	json_object_object_add(a->params, "images", list);
	for (size_t i = IMAGES_AT; i < a->operand_count && r == 0; i += 2)
		r = add_image(c, p, list, a->operands[i], a->operands[i + 1]);
	return r;
}

/* Cells of one row; the texts are the caller's. */
struct texts {
	char	offset[CELL], size[CELL], flags[CELL];
};

static void
fill_row(struct json_object *o, struct texts *t, const char *row[COLUMNS])
{
	bool	encrypted = json_object_get_boolean(member(o, "encrypted"));
	bool	readonly = json_object_get_boolean(member(o, "readonly"));

	(void)snprintf(t->offset, CELL, "0x%llx",
	    (long long)member_number(o, "offset", 0));
	text_size_name(t->size, CELL, (uint32_t)member_number(o, "size", 0));
	(void)snprintf(t->flags, CELL, "%s%s%s", encrypted ? "encrypted" : "",
	    encrypted && readonly ? ":" : "", readonly ? "readonly" : "");
	row[0] = member_text(o, "name", "?");
	row[1] = member_text(o, "type", "?");
	row[2] = member_text(o, "subtype", "?");
	row[3] = t->offset;
	row[4] = t->size;
	row[5] = encrypted || readonly ? t->flags : NULL;
	row[6] = member_text(o, "image", NULL);
}

static int
show_partitions(struct client *c, struct json_object *result)
{
	static const char *const	 head[COLUMNS] = { "NAME", "TYPE",
					    "SUBTYPE", "OFFSET", "SIZE",
					    "FLAGS", "FILE" };
	struct json_object		*list = member_array(result,
					    "partitions");
	size_t				 n = array_count(list);
	const char			**cells;
	struct texts			*texts;

	cells = calloc((n + 1) * COLUMNS, sizeof *cells);
	texts = calloc(n + 1, sizeof *texts);
	if (cells == NULL || texts == NULL) {
		free(cells);
		free(texts);
		return why_set(&c->why, ERR_NOMEM, "out of memory");
	}
	memcpy(cells, head, sizeof head);
	for (size_t i = 0; i < n; i++)
		fill_row(json_object_array_get_idx(list, i), &texts[i],
		    cells + (i + 1) * COLUMNS);
	show_table(&c->show, cells, COLUMNS, n + 1);
	free(texts);
	free(cells);
	return 0;
}

static int
tell(struct client *c, struct json_object *result)
{
	if (strcmp(member_text(result, "md5", ""), "missing") == 0)
		show_chat(&c->show, "The table has no MD5: a chip could not "
		    "tell whether it is damaged.");
	if (c->args.output == NULL)
		return show_partitions(c, result);
	show_chat(&c->show, "%s: %zu partitions, %lld bytes (%s)",
	    c->args.output, array_count(member_array(result, "partitions")),
	    (long long)member_number(result, "bytes", 0),
	    member_text(result, "format", "?"));
	return 0;
}

static int
look(struct client *c, struct parcel *p)
{
	struct json_object	*result = NULL;
	int			 r;

	if (c->args.output == NULL && (member(c->args.params, "format") !=
	    NULL || member(c->args.params, "no_md5") != NULL))
		return why_set(&c->why, ERR_USAGE, "%s: --format and --no-md5 "
		    "are for the file that --output names",
		    c->args.command->name);
	if ((r = work_file(c, p, "table", c->args.operands[0])) < 0 ||
	    (r = add_images(c, p)) < 0)
		return r;
	if (c->args.output != NULL &&
	    (r = work_output(c, p, c->args.output)) < 0)
		return r;
	if ((r = work_run(c, p, &result)) < 0)
		return r;
	if (c->args.output != NULL)
		r = work_keep(c, p, 0, NULL);
	if (r == 0 && (r = tell(c, result)) == 0)
		client_result(c, result);
	else
		json_object_put(result);
	return r;
}

int
cmd_partitions(struct client *c)
{
	struct parcel	p = { 0 };
	int		r;

	r = look(c, &p);
	parcel_done(&p);
	return r;
}
