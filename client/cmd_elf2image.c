/* cmd_elf2image - an image from a linked program. */
#include "client/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/client.h"
#include "client/member.h"
#include "client/work.h"
#include "proto/base/err.h"
#include "proto/chip/chip.h"

enum {
	NAME_MORE	= sizeof "-0x00000000.bin",
	SECTOR		= 4096,
	FILES		= 2,
};

/* What is to be made, and how it is called. */
struct making {
	struct client		*c;
	const struct chip	*chip;
	unsigned		 version;	/* ESP8266: 1..3; else 0 */
	const char		*elf, *output;	/* output NULL: by the ELF */
	char			*name;		/* of the last name_of() */
};

/* How much of a path stands before its ".elf", as in Python's splitext(): dots
 * that begin the name begin no suffix. */
static size_t
stem(const char *path)
{
	const char	*slash = strrchr(path, '/');
	const char	*name = slash != NULL ? slash + 1 : path;
	const char	*dot = strrchr(name, '.');

	name += strspn(name, ".");
	return dot != NULL && dot > name ? (size_t)(dot - path) : strlen(path);
}

static int __attribute__((format(printf, 2, 3)))
set_name(struct making *m, const char *fmt, ...)
{
	size_t	size = strlen(m->elf) + NAME_MORE +
		    (m->output != NULL ? strlen(m->output) : 0);
	va_list	ap;

	free(m->name);
	if ((m->name = malloc(size)) == NULL)
		return why_set(&m->c->why, ERR_NOMEM, "out of memory");
	va_start(ap, fmt);
	(void)vsnprintf(m->name, size, fmt, ap);
	va_end(ap);
	return 0;
}

/* The name of the file for that place in flash, as scripts expect it of
 * esptool. */
static int
name_of(struct making *m, uint32_t offset)
{
	int	base = (int)stem(m->elf);

	if (m->version == 1 && m->output != NULL)
		return set_name(m, "%s0x%05x.bin", m->output, offset);
	if (m->version == 1)
		return set_name(m, "%s-0x%05x.bin", m->elf, offset);
	if (m->output != NULL)
		return set_name(m, "%s", m->output);
	if (m->version == 2)
		return set_name(m, "%.*s-0x%05x.bin", base, m->elf,
		    offset / SECTOR * SECTOR);
	return set_name(m, "%.*s.bin", base, m->elf);
}

static int
check_chip(struct making *m)
{
	const char	*name = member_text(m->c->args.params, "chip", "auto");

	if ((m->chip = chip_by_name(name)) == NULL)
		return why_set(&m->c->why, ERR_USAGE, "Specify the --chip "
		    "argument (choose from %s).", chip_names());
	if (m->chip->image_id < 0)
		m->version = (unsigned)member_number(m->c->args.params,
		    "version", 1);
	return 0;
}

/* Room for what comes, beside the names that are wanted. */
static int
open_files(struct making *m, struct parcel *p)
{
	int	r;

	if ((r = work_file(m->c, p, "elf", m->elf)) < 0)
		return r;
	for (uint32_t i = 0; i < (m->version == 1 ? FILES : 1); i++)
		if ((r = name_of(m, i)) < 0 ||
		    (r = work_output(m->c, p, m->name)) < 0)
			return r;
	return 0;
}

/* Give the files their names, and tell them in the result. */
static int
keep_files(struct making *m, struct parcel *p, struct json_object *result)
{
	struct json_object	*list = member_array(result, "files"), *file;
	int			 r;

	for (size_t i = 0; i < array_count(list); i++) {
		file = json_object_array_get_idx(list, i);
		if ((r = name_of(m, (uint32_t)member_number(file, "offset",
		    0))) < 0)
			return r;
		if (i >= p->output_count)
			return why_set(&m->c->why, ERR_INTERNAL, "more files "
			    "came than were asked for");
		if ((r = work_keep(m->c, p, i, m->name)) < 0)
			return r;
		json_object_object_add(file, "name",
		    json_object_new_string(m->name));
	}
	return 0;
}

/* In esptool's words and order. */
static void
tell_esptool(struct making *m, struct json_object *result)
{
	struct show	*s = &m->c->show;
	int64_t		 merged = member_number(result, "merged_sections", 0);

	if (json_object_get_boolean(member(result, "mmu_page_size_guessed")))
		show_chat(s, "MMU page size not specified, set to %lld KB",
		    (long long)member_number(result, "mmu_page_size", 0) /
		    1024);
	if (json_object_get_boolean(member(m->c->args.params,
	    "ram_only_header")))
		show_chat(s, "Image has only RAM segments visible. ROM "
		    "segments are hidden and SHA256 digest is not appended.");
	if (merged > 0)
		show_chat(s, "Merged %lld ELF section%s.", (long long)merged,
		    merged > 1 ? "s" : "");
	show_chat(s, "Successfully created %s image.", m->chip->name);
}

static void
tell(struct making *m, struct json_object *result)
{
	struct json_object	*list = member_array(result, "files"), *file;
	struct json_object	*offset;

	for (size_t i = 0; i < array_count(list); i++) {
		file = json_object_array_get_idx(list, i);
		offset = member(file, "offset");
		show_out(&m->c->show, "%s: %lld bytes for the %s",
		    member_text(file, "name", "?"),
		    (long long)member_number(file, "bytes", 0),
		    m->chip->name);
		if (offset != NULL)
			show_out(&m->c->show, "  belongs to 0x%llx",
			    (long long)json_object_get_int64(offset));
	}
}

static int
make(struct making *m, struct parcel *p)
{
	struct json_object	*result = NULL;
	int			 r;

	if ((r = check_chip(m)) < 0 || (r = open_files(m, p)) < 0)
		return r;
	if (m->c->show.esptool)
		show_chat(&m->c->show, "Creating %s image...", m->chip->name);
	if ((r = work_run(m->c, p, &result)) < 0)
		return r;
	if ((r = keep_files(m, p, result)) < 0) {
		json_object_put(result);
		return r;
	}
	if (m->c->show.esptool)
		tell_esptool(m, result);
	else
		tell(m, result);
	client_result(m->c, result);
	return 0;
}

int
cmd_elf2image(struct client *c)
{
	struct making	m = {
		.c = c, .elf = c->args.operands[0], .output = c->args.output,
	};
	struct parcel	p = { 0 };
	int		r;

	r = make(&m, &p);
	parcel_done(&p);
	free(m.name);
	return r;
}
