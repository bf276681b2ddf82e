#include "daemon/job/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "proto/base/err.h"
#include "proto/chip/chip.h"
#include "proto/chip/flashid.h"
#include "proto/rpc/method.h"
#include "proto/rpc/rpc.h"

/* A table with what is needed to use it. */
struct resolve {
	struct partition_table	 table;
	const char		*name;		/* of its file */
	bool			 chip_known;
	bool			 alters;
	struct why		*why;
};

void
place_of(struct json_object *o, struct place *p)
{
	struct json_object	*v = json_object_object_get(o, "offset");
	const char		*name;

	*p = (struct place){ .open = json_object_is_type(v,
	    json_type_string) };
	name = p->open ? json_object_get_string(v) :
	    method_string(o, "partition", "");
	(void)snprintf(p->partition, sizeof p->partition, "%s", name);
	if (p->open)
		return;
	p->offset = method_number(o, "offset", 0);
	p->room = method_number(o, "room", 0);
	p->secret = method_bool(o, "secret");
}

/* ---- the file ---- */

/* A small file: reading it takes no longer than a step of an image. */
static int
check_size(struct resolve *r, size_t len)
{
	if (len == 0)
		return why_set(r->why, ERR_FILE_EMPTY, "%s: the file is empty, "
		    "a partition table is wanted", r->name);
	if (len > PARTITION_FILE_MAX)
		return why_set(r->why, ERR_IMAGE, "%s: %zu bytes are too much "
		    "for a partition table", r->name, len);
	return 0;
}

static int
parse(struct resolve *r, const uint8_t *data, size_t len,
    const struct partition_place *place)
{
	struct why	why = { 0 };
	int		err;

	err = partition_parse(data, len, place, &r->table, NULL, &why);
	if (err == 0)
		err = partition_check(&r->table, place->offset, &why);
	return err < 0 ? why_set(r->why, err, "%s: %s", r->name,
	    why_text(&why)) : 0;
}

static int
load(struct resolve *r, struct json_object *params, struct json_object *file,
    const struct input_fds *fds)
{
	const struct partition_place	 place = {
		method_number(params, "partition_table_offset",
		    PARTITION_OFFSET),
		chip_by_name(method_string(params, "chip", "auto")),
	};
	size_t				 len;
	uint8_t				*data;
	int				 at, err;

	r->name = json_object_get_string(json_object_object_get(file, "name"));
	r->chip_known = place.chip != NULL;
	if ((at = input_find(fds, file, "fd", &len, r->why)) < 0)
		return at;
	if ((err = check_size(r, len)) < 0)
		return err;
	if ((data = malloc(len)) == NULL)
		return ERR_NOMEM;
	err = input_read(fds->fd[at], r->name, data, len, r->why);
	if (err == 0)
		err = parse(r, data, len, &place);
	free(data);
	return err;
}

/* ---- the names ---- */

/* *sectors: its bytes in whole sectors, where the job alters it; may be NULL. */
static int
find(struct resolve *r, const char *name, const struct partition **p,
    uint32_t *sectors)
{
	struct why	why = { 0 };
	uint32_t	bytes;
	int		err;

	err = partition_get(&r->table, name, p, &why);
	if (err == 0 && r->alters)
		err = partition_sectors(&r->table, *p,
		    sectors != NULL ? sectors : &bytes, &why);
	if (err < 0)
		return why_set(r->why, err, "%s: %s", r->name,
		    why_text(&why));
	if (r->table.doubtful)
		return why_set(r->why, ERR_PARAMS, "%s leaves open where a "
		    "partition begins whose neighbour does not end with a "
		    "sector; not all releases of ESP-IDF put it at the same "
		    "place: write its offset", r->name);
	if (r->table.guessed && !r->chip_known)
		return why_set(r->why, ERR_PARAMS, "%s leaves open where some "
		    "of its programs begin, and that depends on the chip: say "
		    "which it is (chip, --chip), or write their offsets",
		    r->name);
	return 0;
}

static void
put(struct json_object *o, const struct partition *p)
{
	json_object_object_add(o, "offset", json_object_new_int64(p->offset));
	rpc_add_text(o, "partition", p->name);
	rpc_add_number(o, "room", p->size);
	json_object_object_add(o, "secret", json_object_new_boolean(
	    p->type == PARTITION_APP ||
	    (p->flags & PARTITION_ENCRYPTED) != 0));
}

static int
resolve_image(struct resolve *r, struct json_object *image)
{
	const struct partition	*p;
	struct place		 place;
	int			 err;

	place_of(image, &place);
	if (!place.open)
		return 0;
	if ((err = find(r, place.partition, &p, NULL)) < 0)
		return err;
	put(image, p);
	return 0;
}

static int
resolve_region(struct resolve *r, struct json_object *params)
{
	const struct partition	*p;
	struct place		 place;
	uint32_t		 size, all;
	int			 err;

	place_of(params, &place);
	if (!place.open)
		return 0;
	if ((err = find(r, place.partition, &p, &all)) < 0)
		return err;
	size = method_number(params, "size", 0);
	if (size > p->size)
		return why_set(r->why, ERR_BEYOND_FLASH, "0x%x bytes are more "
		    "than partition '%s' has: 0x%x at 0x%x", size, p->name,
		    p->size, p->offset);
	if (size == 0)
		json_object_object_add(params, "size", json_object_new_int64(
		    r->alters ? all : p->size));
	put(params, p);
	return 0;
}

int
place_resolve(struct json_object *params, const struct input_fds *fds,
    bool alters, struct why *why)
{
	struct resolve		*r;
	struct json_object	*file, *images;
	uint32_t		 at;
	int			 err;

	at = method_number(params, "partition_table_offset", 0);
	if (at % FLASH_SECTOR != 0)
		return why_set(why, ERR_ALIGN, "partition_table_offset: 0x%x "
		    "is not a multiple of 0x1000; a partition table begins "
		    "with a sector of flash", at);
	if (!json_object_object_get_ex(params, "partition_table", &file))
		return 0;
	if ((r = calloc(1, sizeof *r)) == NULL)
		return ERR_NOMEM;
	r->alters = alters;
	r->why = why;
	err = load(r, params, file, fds);
	if (err == 0 && !json_object_object_get_ex(params, "images", &images))
		err = resolve_region(r, params);
	else if (err == 0)
		for (size_t i = 0; i < json_object_array_length(images) &&
		    err == 0; i++)
			err = resolve_image(r, json_object_array_get_idx(
			    images, i));
	free(r);
	return err;
}
