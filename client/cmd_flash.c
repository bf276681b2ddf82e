/* cmd_flash - what works on the flash chip. */
#include "client/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/client.h"
#include "client/image.h"
#include "client/member.h"
#include "client/option.h"
#include "client/parts.h"
#include "client/place.h"
#include "client/submit.h"
#include "client/verify.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/chip/chip.h"
#include "proto/chip/flashid.h"
#include "proto/rpc/method.h"

int
cmd_plain(struct client *c)
{
	struct parcel	p = { 0 };

	return submit_run(c, &p);
}

int
cmd_write(struct client *c)
{
	struct parcel	p = { 0 };
	struct images	images;
	int		r;

	if ((r = images_open(&images, c, &p)) == 0 &&
	    (r = place_table(c, &p)) == 0) {
		c->images = &images;
		r = submit_run(c, &p);
		if (c->args.diff && (r == ERR_VERIFY || r == ERR_GROUP))
			verify_differences(c, &images, &p);
		c->images = NULL;
	}
	images_done(&images);
	parcel_done(&p);
	return r;
}

/* ADDRESS and SIZE, or ALL; `n` operands.  Of a partition all is meant when no
 * size is given. */
static int
region(struct client *c, size_t n)
{
	const char	*word = n > 1 ? c->args.operands[1] : "all";
	struct place	 place;
	uint32_t	 size;
	int		 r;

	if ((r = place_parse(c, c->args.operands[0], &place)) < 0)
		return r;
	if (n < 2 && place.partition == NULL)
		return why_set(&c->why, ERR_USAGE, "%s: something is missing "
		    "behind the address; it goes: espctl %s %s",
		    c->args.command->name, c->args.command->name,
		    c->args.command->operands);
	json_object_object_add(c->args.params, "offset", place_json(&place));
	if (strcasecmp(word, "all") == 0) {
		json_object_object_add(c->args.params, "size",
		    json_object_new_string("all"));
		return 0;
	}
	if ((r = submit_size(c, "size", word, &size)) < 0)
		return r;
	if (size == 0)
		return why_set(&c->why, ERR_USAGE, "%s: a size of 0 is "
		    "nothing to do", c->args.command->name);
	json_object_object_add(c->args.params, "size",
	    json_object_new_int64(size));
	return 0;
}

int
cmd_region(struct client *c)
{
	struct parcel	p = { 0 };
	int64_t		offset, size;
	int		r;

	if ((r = region(c, c->args.operand_count)) < 0)
		return r;
	offset = member_number(c->args.params, "offset", 0);
	size = member_number(c->args.params, "size", 0);
	if (offset % FLASH_SECTOR != 0 || size % FLASH_SECTOR != 0)
		return why_set(&c->why, ERR_ALIGN, "flash is erased in "
		    "sectors: %s 0x%llx is not a multiple of 4096 (0x1000)",
		    offset % FLASH_SECTOR ? "the address" : "the size",
		    (long long)(offset % FLASH_SECTOR ? offset : size));
	if ((r = place_table(c, &p)) == 0)
		r = submit_run(c, &p);
	parcel_done(&p);
	return r;
}

/* What comes goes into a file. */
static int
into_file(struct client *c, const char *path)
{
	struct parcel	p = { .output = path };
	int		r;

	if (c->args.no_wait)
		return why_set(&c->why, ERR_USAGE, "%s must wait: the file "
		    "gets its name when all of it has come",
		    c->args.command->name);
	if ((r = place_table(c, &p)) == 0)
		r = submit_run(c, &p);
	parcel_done(&p);
	return r;
}

int
cmd_read(struct client *c)
{
	size_t	n = c->args.operand_count;
	int	r;

	/* The file comes last. */
	if ((r = region(c, n - 1)) < 0)
		return r;
	return into_file(c, c->args.operands[n - 1]);
}

/* An operand that is a parameter by that name. */
static int
operand(struct client *c, size_t i, const char *name)
{
	const char	*word = c->args.operands[i];
	uint32_t	 value;

	if (text_u32(word, &value) < 0)
		return why_set(&c->why, ERR_USAGE, "%s: \"%.80s\" is no %s; "
		    "one looks like 0x40000000 or 123",
		    c->args.command->name, word, name);
	json_object_object_add(c->args.params, name,
	    json_object_new_int64(value));
	return 0;
}

int
cmd_numbers(struct client *c)
{
	const char	*names = c->args.command->numbers;
	char		 name[OPTION_NAME_MAX];
	size_t		 len;
	int		 r;

	for (size_t i = 0; i < c->args.operand_count; i++) {
		len = strcspn(names, " ");
		(void)snprintf(name, sizeof name, "%.*s", (int)len, names);
		if ((r = operand(c, i, name)) < 0)
			return r;
		names += len + (names[len] == ' ');
	}
	return cmd_plain(c);
}

int
cmd_dump(struct client *c)
{
	uint32_t	size;
	int		r;

	if ((r = operand(c, 0, "address")) < 0 ||
	    (r = submit_size(c, "size", c->args.operands[1], &size)) < 0)
		return r;
	json_object_object_add(c->args.params, "size",
	    json_object_new_int64(size));
	return into_file(c, c->args.operands[2]);
}

/* A program is one file, and so is a HEX file that holds one. */
static int
open_program(struct client *c, struct parcel *p, const char *path)
{
	struct part	*parts = NULL;
	const struct chip	*chip;
	struct why		 why = { 0 };
	uint64_t		 bytes;
	int			 fd, n, r;

	if ((fd = file_open_image(path, &bytes, &c->why)) < 0 ||
	    (r = parcel_add(p, fd, c)) < 0)
		return fd < 0 ? fd : r;
	chip = chip_by_name(member_text(c->args.params, "chip", "auto"));
	if ((n = parts_open(fd, bytes, 1, &chip, &parts, &why)) < 0)
		return why_set(&c->why, n, "'%s': %s", path, why_text(&why));
	for (int i = 0; i < n && r >= 0; i++)
		r = parcel_add(p, parts[i].fd, c);
	free(parts);
	if (n > 1)
		return why_set(&c->why, ERR_IMAGE, "'%s' holds %d separate "
		    "parts; a program for RAM is one", path, n);
	return r;
}

int
cmd_load_ram(struct client *c)
{
	struct parcel		 p = { 0 };
	struct json_object	*o;
	const char		*path = c->args.operands[0];
	int			 r;

	if ((r = open_program(c, &p, path)) >= 0) {
		o = json_object_new_object();
		json_object_object_add(o, "fd", json_object_new_int64(r));
		json_object_object_add(o, "name",
		    json_object_new_string(path));
		json_object_object_add(c->args.params, "image", o);
		r = submit_run(c, &p);
	}
	parcel_done(&p);
	return r;
}
