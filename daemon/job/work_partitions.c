/* work_partitions - image.partitions: a partition table looked at, checked, and
 * written in its other form. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "daemon/job/op.h"
#include "daemon/job/place.h"
#include "daemon/job/work.h"
#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/image/note.h"
#include "proto/image/partition.h"
#include "proto/rpc/method.h"
#include "proto/rpc/rpc.h"

enum { SIZE_NAME = 24 };

struct look {
	struct work		*work;
	struct partition_place	 place;
	struct partition_table	 table;
	bool			 binary;
	uint64_t		 flash_end;
	const char		*images[PARTITION_ROWS];	/* what goes in */
	struct why		*why;
};

/* ---- the table ---- */

static int
read_options(struct look *k)
{
	struct json_object	*p = k->work->params;
	const char		*chip = method_string(p, "chip", "auto");
	const char		*size = method_string(p, "flash_size", "keep");
	char			 plain[SIZE_NAME];
	uint32_t		 bytes;

	k->place.chip = chip_by_name(chip);
	if (k->place.chip == NULL && strcmp(chip, "auto") != 0)
		return why_set(k->why, ERR_PARAMS, "there is no chip "
		    "\"%.40s\"; auto and %s are known", chip, chip_names());
	k->place.offset = method_number(p, "partition_table_offset",
	    PARTITION_OFFSET);
	if (k->place.offset % PARTITION_AREA != 0)
		return why_set(k->why, ERR_ALIGN, "partition_table_offset: "
		    "0x%x is not a multiple of 0x%x", k->place.offset,
		    PARTITION_AREA);
	/* "2MB-c1" is a way to arrange 2 MB; "keep" is no size. */
	(void)snprintf(plain, sizeof plain, "%.*s", (int)strcspn(size, "-"),
	    size);
	k->flash_end = text_size(plain, &bytes) == 0 ? bytes :
	    (uint64_t)UINT32_MAX + 1;
	return 0;
}

/* The sentence of a check, with the name of the file. */
static int
fail(struct look *k, const struct why *cause)
{
	return why_set(k->why, cause->err, "%s: %s", k->work->file->name,
	    why_text(cause));
}

static int
read_table(struct look *k)
{
	const struct image_notes notes = { work_note_text, k->work };
	const struct work_file	*f = k->work->file;
	struct why		 why = { 0 };
	char			 size[SIZE_NAME];

	k->binary = partition_is_binary(f->data, f->len);
	if (partition_parse(f->data, f->len, &k->place, &k->table, &notes,
	    &why) < 0 ||
	    partition_check(&k->table, k->place.offset, &why) < 0 ||
	    partition_check_rules(&k->table, &k->place, &notes, &why) < 0)
		return fail(k, &why);
	if (k->table.guessed)
		work_note(k->work, "Warning: %s leaves open where some of its "
		    "programs begin; an ESP8266 would have them elsewhere, "
		    "name the chip if it is one", f->name);
	if (k->table.doubtful)
		work_note(k->work, "Warning: %s leaves open where a partition "
		    "begins whose neighbour does not end with a sector; "
		    "releases of ESP-IDF before 5.0 do not align it", f->name);
	if (partition_check_flash(&k->table, k->flash_end, &why) == 0)
		return 0;
	text_size_name(size, sizeof size, (uint32_t)k->flash_end);
	return why_set(k->why, why.err, "%s: %s (%s)", f->name, why.text,
	    size);
}

/* ---- the images ---- */

static uint64_t
end_of(const struct partition *p)
{
	return (uint64_t)p->offset + p->size;
}

static int
too_large(struct look *k, const struct work_file *f, const struct partition *p,
    uint64_t end)
{
	return why_set(k->why, ERR_BEYOND_FLASH, "'%s' (0x%zx bytes) is too "
	    "large for partition '%s' (0x%x bytes at 0x%x): it ends at 0x%llx, "
	    "the partition at 0x%llx", f->name, f->len, p->name, p->size,
	    p->offset, (unsigned long long)end,
	    (unsigned long long)end_of(p));
}

/* What covers the place of the table must be that table. */
static int
check_covered(struct look *k, const struct work_file *f, uint64_t from)
{
	uint64_t	at = k->place.offset;
	uint8_t		rows[PARTITION_BYTES];
	struct why	why = { 0 };
	size_t		n = k->table.count * PARTITION_ROW;

	if (from >= at + PARTITION_AREA || from + f->len <= at)
		return 0;
	if (partition_build(&k->table, k->table.count < PARTITION_ROWS, rows,
	    &why) < 0)
		return fail(k, &why);
	if (from <= at && from + f->len - at >= n &&
	    memcmp(f->data + (at - from), rows, n) == 0)
		return 0;
	if (from == at)
		return why_set(k->why, ERR_CONFLICT, "'%s' goes to 0x%llx, "
		    "where the partition table is, and is not this one",
		    f->name, (unsigned long long)from);
	return why_set(k->why, ERR_OVERLAP, "'%s' (0x%zx bytes at 0x%llx) "
	    "reaches into the partition table at 0x%x", f->name, f->len,
	    (unsigned long long)from, k->place.offset);
}

/* An image at an address: into which partitions does it come? */
static int
check_address(struct look *k, const struct work_file *f, uint32_t from)
{
	uint64_t	end = (uint64_t)from + f->len;
	bool		found = false;
	int		r;

	if (end > k->flash_end)
		return why_set(k->why, ERR_BEYOND_FLASH, "'%s' (0x%zx bytes "
		    "at 0x%x) ends beyond the flash at 0x%llx", f->name,
		    f->len, from, (unsigned long long)k->flash_end);
	if ((r = check_covered(k, f, from)) < 0)
		return r;
	for (size_t i = 0; i < k->table.count; i++) {
		const struct partition	*p = &k->table.list[i];

		if (from >= end_of(p) || end <= p->offset)
			continue;
		/* One that begins earlier is of several parts. */
		if (from >= p->offset && end > end_of(p))
			return too_large(k, f, p, end);
		k->images[i] = f->name;
		found = true;
	}
	if (!found && from >= k->place.offset + (uint64_t)PARTITION_AREA)
		work_note(k->work, "Warning: '%s' at 0x%x is in none of the "
		    "partitions", f->name, from);
	return 0;
}

static int
check_named(struct look *k, const struct work_file *f, const char *name)
{
	const struct partition	*p;
	struct why		 why = { 0 };
	int			 r;

	if (partition_get(&k->table, name, &p, &why) < 0)
		return fail(k, &why);
	if (f->len > p->size)
		return too_large(k, f, p, p->offset + (uint64_t)f->len);
	if ((r = check_covered(k, f, p->offset)) < 0)
		return r;
	k->images[p - k->table.list] = f->name;
	return 0;
}

static int
check_images(struct look *k)
{
	struct json_object	*list;
	struct place		 place;
	int			 r = 0;

	if (!json_object_object_get_ex(k->work->params, "images", &list))
		return 0;
	for (size_t i = 0; i < k->work->image_count && r == 0; i++) {
		const struct work_file	*f = &k->work->images[i];

		place_of(json_object_array_get_idx(list, i), &place);
		r = place.open ? check_named(k, f, place.partition) :
		    check_address(k, f, place.offset);
	}
	return r;
}

/* ---- what comes out ---- */

static int
write_csv(struct look *k)
{
	struct buf	csv;
	struct why	why = { 0 };
	int		r;

	buf_init(&csv, 2 * PARTITION_FILE_MAX);
	if (partition_csv(&k->table, &csv, &why) < 0)
		r = fail(k, &why);
	else
		r = work_output(k->work, 0, csv.data, csv.len, k->why);
	rpc_add_number(k->work->result, "bytes", csv.len);
	buf_done(&csv);
	return r;
}

static int
write_binary(struct look *k)
{
	uint8_t		bytes[PARTITION_BYTES];
	struct why	why = { 0 };

	if (partition_build(&k->table, !method_bool(k->work->params,
	    "no_md5"), bytes, &why) < 0)
		return fail(k, &why);
	rpc_add_number(k->work->result, "bytes", sizeof bytes);
	return work_output(k->work, 0, bytes, sizeof bytes, k->why);
}

/* The form that was asked for, or the one that it has not. */
static int
write_output(struct look *k)
{
	const char	*format = method_string(k->work->params, "format",
			    k->binary ? "csv" : "binary");

	if (k->work->output_count == 0)
		return 0;
	rpc_add_text(k->work->result, "format", format);
	return strcmp(format, "csv") == 0 ? write_csv(k) : write_binary(k);
}

static void
add_flag(struct json_object *o, const char *name, bool set)
{
	json_object_object_add(o, name, json_object_new_boolean(set));
}

static void
add_partitions(const struct look *k, struct json_object *result)
{
	struct json_object	*list = json_object_new_array(), *o;
	char			 word[PARTITION_WORD];

	for (size_t i = 0; i < k->table.count; i++) {
		const struct partition	*p = &k->table.list[i];

		o = json_object_new_object();
		rpc_add_text(o, "name", p->name);
		partition_type_word(p, word);
		rpc_add_text(o, "type", word);
		partition_subtype_word(p, word);
		rpc_add_text(o, "subtype", word);
		rpc_add_number(o, "offset", p->offset);
		rpc_add_number(o, "size", p->size);
		add_flag(o, "encrypted", (p->flags & PARTITION_ENCRYPTED) != 0);
		add_flag(o, "readonly", (p->flags & PARTITION_READONLY) != 0);
		if (k->images[i] != NULL)
			rpc_add_text(o, "image", k->images[i]);
		(void)json_object_array_add(list, o);
	}
	json_object_object_add(result, "partitions", list);
}

static int
look(struct look *k)
{
	struct json_object	*o = k->work->result;
	int			 r;

	if ((r = read_options(k)) < 0 || (r = read_table(k)) < 0 ||
	    (r = check_images(k)) < 0 || (r = write_output(k)) < 0)
		return r;
	rpc_add_number(o, "offset", k->place.offset);
	rpc_add_text(o, "source", k->binary ? "binary" : "csv");
	if (k->binary)
		rpc_add_text(o, "md5", k->table.has_md5 ? "valid" : "missing");
	add_partitions(k, o);
	return 0;
}

int
work_partitions(struct work *w, struct why *why)
{
	struct look	*k = calloc(1, sizeof *k);
	int		 r;

	if (k == NULL)
		return ERR_NOMEM;
	k->work = w;
	k->why = why;
	r = look(k);
	free(k);
	return r;
}
