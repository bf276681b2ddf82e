#include "client/image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

#include "client/client.h"
#include "client/command.h"
#include "client/file.h"
#include "client/member.h"
#include "client/parts.h"
#include "client/place.h"
#include "client/submit.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/chip/chip.h"
#include "proto/chip/flashid.h"
#include "proto/rpc/method.h"

/* One more; NULL when there is no memory. */
static struct image *
add_image(struct images *all, const struct image *im, struct client *c)
{
	struct image	*list;

	list = realloc(all->list, (all->count + 1) * sizeof *list);
	if (list == NULL) {
		(void)why_set(&c->why, ERR_NOMEM, "out of memory");
		return NULL;
	}
	all->list = list;
	list[all->count] = *im;
	return &list[all->count++];
}

/* A file, as one image or as the parts that a HEX or UF2 file has; their descriptors
 * become the parcel's. */
static int
add_file(struct images *all, struct client *c, struct parcel *p,
    const struct image *given)
{
	struct image		 im = *given;
	struct part	*parts = NULL;
	const struct chip	*chip;
	struct why		 why = { 0 };
	int			 fd, n, r = 0;

	fd = file_open_image(im.name, &im.bytes, &c->why);
	if (fd == ERR_FILE_EMPTY)
		return add_image(all, &im, c) != NULL ? 0 : ERR_NOMEM;
	if (fd < 0 || (im.fd = parcel_add(p, fd, c)) < 0)
		return fd < 0 ? fd : im.fd;
	chip = chip_by_name(member_text(c->args.params, "chip", "auto"));
	if ((n = parts_open(fd, im.bytes, FLASH_SECTOR, &chip, &parts,
	    &why)) < 0)
		return why_set(&c->why, n, "'%s': %s", im.name, why_text(&why));
	if (chip != NULL)
		json_object_object_add(c->args.params, "chip",
		    json_object_new_string(chip->cli));
	if (n > 0 && im.partition != NULL)
		r = why_set(&c->why, ERR_USAGE, "'%s' says itself where its "
		    "bytes go, so it cannot go into partition '%s'", im.name,
		    im.partition);
	if (why.err != 0)
		show_chat(&c->show, "Note: '%s' begins like Intel HEX but "
		    "is none (%s); it is taken as it is.", im.name,
		    why_text(&why));
	if (n > 0 && given->offset != 0 && given->offset != parts[0].offset)
		show_chat(&c->show, "Warning: '%s' says itself where it goes "
		    "(0x%x); 0x%x counts for nothing.", im.name,
		    parts[0].offset, given->offset);
	for (int i = 0; i < n; i++) {
		im.offset = parts[i].offset;
		im.bytes = parts[i].bytes;
		im.fd = parcel_add(p, parts[i].fd, c);
		r = im.fd < 0 && r == 0 ? im.fd : r;
		if (r == 0 && add_image(all, &im, c) == NULL)
			r = ERR_NOMEM;
	}
	if (n == 0 && add_image(all, &im, c) == NULL)
		r = ERR_NOMEM;
	free(parts);
	return r;
}

/* FILE ADDRESS instead of ADDRESS FILE? */
static int
check_order(struct client *c, const struct place *place, const char *file)
{
	uint32_t	number;

	if (place->partition == NULL || text_size(file, &number) < 0 ||
	    access(file, F_OK) == 0)
		return 0;
	return why_set(&c->why, ERR_USAGE, "%s: there is no file '%s'; it "
	    "goes: ADDRESS FILE, the other way round",
	    c->args.command->name, file);
}

/* Pairs of address and file, from `count` words, `encrypt` as given. */
static int
add_pairs(struct images *all, struct client *c, struct parcel *p,
    const char *const *words, size_t count, bool encrypt)
{
	struct image	im = { .encrypt = encrypt, .fd = -1, .old_fd = -1 };
	struct place	place;
	int		r;

	if (count % 2 != 0)
		return why_set(&c->why, ERR_USAGE, "%s: \"%.80s\" stands "
		    "alone; it goes: ADDRESS FILE, in pairs%s",
		    c->args.command->name, words[count - 1],
		    submit_port_hint(c));
	for (size_t i = 0; i < count; i += 2) {
		im.name = words[i + 1];
		if ((r = place_parse(c, words[i], &place)) < 0 ||
		    (r = check_order(c, &place, im.name)) < 0)
			return r;
		im.offset = place.offset;
		im.partition = place.partition;
		if ((r = add_file(all, c, p, &im)) < 0)
			return r;
	}
	return 0;
}

/* Parts of HEX and UF2 files count, too. */
static int
check_count(size_t count, struct client *c)
{
	if (count <= METHOD_IMAGES_MAX)
		return 0;
	return why_set(&c->why, ERR_USAGE, "%zu files, or parts of files, are "
	    "too many; %d are possible", count, METHOD_IMAGES_MAX);
}

static int
check_ends(const struct images *all, struct client *c)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct image	*im = &all->list[i];

		if (im->offset + im->bytes > (uint64_t)UINT32_MAX + 1)
			return why_set(&c->why, ERR_BEYOND_FLASH, "'%s' at "
			    "0x%x ends beyond 4 GB", im->name, im->offset);
	}
	return 0;
}

/* As esptool: an empty file is left out, and said to be.  When there is
 * nothing else the user must have made a mistake. */
static int
check_all(struct images *all, struct client *c)
{
	size_t	full = 0;
	int	r;

	for (size_t i = 0; i < all->count; i++)
		full += all->list[i].bytes > 0;
	if ((r = check_count(full, c)) < 0)
		return r;
	if (full == 0)
		return c->why.err;	/* of the last empty one */
	why_clear(&c->why);
	for (size_t i = 0; i < all->count; i++)
		if (all->list[i].bytes == 0)
			show_chat(&c->show, "Warning: '%s' is empty.",
			    all->list[i].name);
	return 0;
}

static int
by_offset(const void *a, const void *b)
{
	const struct image	*x = a, *y = b;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* Sectors are erased whole, so none may belong to two images.  The daemon looks
 * at those whose place it has to find first. */
static int
overlap(const struct images *all, struct client *c)
{
	for (size_t i = 0; i < all->count; i++)
		for (size_t j = 0; j < all->count; j++) {
			const struct image	*a = &all->list[i];
			const struct image	*b = &all->list[j];

			/* b comes behind a; with two at one address, the
			 * one that was written later. */
			if (i == j || a->bytes == 0 || b->bytes == 0 ||
			    a->partition != NULL || b->partition != NULL ||
			    b->offset < a->offset ||
			    (b->offset == a->offset && j < i))
				continue;
			if (b->offset / FLASH_SECTOR >
			    (a->offset + a->bytes - 1) / FLASH_SECTOR)
				continue;
			return why_set(&c->why, ERR_OVERLAP, "Detected overlap "
			    "at address: 0x%x for file: %s ('%s' at 0x%x "
			    "reaches into the same sector, and flash is "
			    "erased in sectors of 4096 bytes)", b->offset,
			    b->name, a->name, a->offset);
		}
	return 0;
}

/* The files that the flash holds now, in the order of those to be written; a
 * HEX file is as many as it has parts. */
static int
open_old(struct images *all, struct client *c, struct parcel *p)
{
	const struct args_words	*words = &c->args.diff_with;
	struct images		 old = { .count = 0 };
	struct image		 im = { .fd = -1, .old_fd = -1 };
	int			 r = 0;

	for (size_t i = 0; i < words->count && r == 0; i++) {
		im.name = words->words[i];
		if (strcasecmp(im.name, "skip") != 0)
			r = add_file(&old, c, p, &im);
		else if (access(im.name, F_OK) == 0)
			r = why_set(&c->why, ERR_USAGE, "--diff-with: there "
			    "is a file '%s' here; write ./%s for the file, or "
			    "rename it to leave one out", im.name, im.name);
		else if (add_image(&old, &im, c) == NULL)
			r = ERR_NOMEM;
	}
	if (r == 0 && old.count > all->count)
		r = why_set(&c->why, ERR_USAGE, "--diff-with: %zu files for "
		    "%zu that are written are too many", old.count,
		    all->count);
	for (size_t i = 0; i < old.count && r == 0; i++)
		all->list[i].old_fd = old.list[i].fd;
	images_done(&old);
	return r;
}

static struct json_object *
image_json(const struct image *im)
{
	const struct place	 place = { im->offset, im->partition };
	struct json_object	*o = json_object_new_object();

	json_object_object_add(o, "offset", place_json(&place));
	json_object_object_add(o, "fd", json_object_new_int64(im->fd));
	json_object_object_add(o, "name", json_object_new_string(im->name));
	if (im->encrypt)
		json_object_object_add(o, "encrypt",
		    json_object_new_boolean(true));
	if (im->old_fd >= 0)
		json_object_object_add(o, "old",
		    json_object_new_int64(im->old_fd));
	return o;
}

/* What does not go together. */
static int
check_options(struct client *c)
{
	const struct args	*a = &c->args;

	if (a->encrypt && a->encrypt_files.count > 0)
		return why_set(&c->why, ERR_USAGE, "Options --encrypt and "
		    "--encrypt-files must not be specified at the same time: "
		    "the one is for all files");
	if (json_object_get_boolean(member(a->params, "trust_flash_content")) &&
	    a->diff_with.count == 0)
		return why_set(&c->why, ERR_USAGE, "Option "
		    "--trust-flash-content requires --diff-with");
	if (json_object_get_boolean(member(a->params, "skip_flashed")) &&
	    a->diff_with.count > 0)
		return why_set(&c->why, ERR_USAGE, "--diff-with and "
		    "--skip-flashed exclude each other");
	return 0;
}

/* Parameter "images"; of empty ones only when they are wanted. */
static void
add_param(const struct images *all, struct client *c, bool empty)
{
	struct json_object	*list = json_object_new_array();

	for (size_t i = 0; i < all->count; i++)
		if (empty || all->list[i].bytes > 0)
			(void)json_object_array_add(list,
			    image_json(&all->list[i]));
	json_object_object_add(c->args.params, "images", list);
}

/* All files are there: check them, and make them a parameter. */
static int
finish(struct images *all, struct client *c, struct parcel *p)
{
	int	r;

	if ((r = check_ends(all, c)) < 0 || (r = check_all(all, c)) < 0 ||
	    (r = overlap(all, c)) < 0 || (r = open_old(all, c, p)) < 0)
		return r;
	add_param(all, c, false);
	return 0;
}

/* Is a partition among them, whose place is not known here? */
static bool
is_named(const struct images *all)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->list[i].partition != NULL)
			return true;
	return false;
}

int
images_open(struct images *all, struct client *c, struct parcel *p)
{
	const struct args	*a = &c->args;
	int			 r;

	*all = (struct images){ .list = NULL };
	if ((r = check_options(c)) < 0 ||
	    (r = add_pairs(all, c, p, a->operands, a->operand_count,
	    a->encrypt)) < 0 ||
	    (r = add_pairs(all, c, p, a->encrypt_files.words,
	    a->encrypt_files.count, true)) < 0)
		return r;
	/* As esptool does, which counts --diff-with by that order. */
	if (a->encrypt_files.count > 0 && !is_named(all))
		qsort(all->list, all->count, sizeof *all->list, by_offset);
	return finish(all, c, p);
}

int
images_add(struct images *all, struct client *c, struct parcel *p,
    const struct image *given, size_t count)
{
	int	r;

	*all = (struct images){ .list = NULL };
	if ((r = check_options(c)) < 0)
		return r;
	for (size_t i = 0; i < count; i++)
		if ((r = add_file(all, c, p, &given[i])) < 0)
			return r;
	return finish(all, c, p);
}

/* Nothing, as a file. */
static int
open_empty(struct image *im, struct client *c, struct parcel *p)
{
	int	fd = memfd_create("espctl", MFD_CLOEXEC);

	if (fd < 0)
		return why_set(&c->why, ERR_IO, "'%s': %s", im->name,
		    strerror(errno));
	im->fd = parcel_add(p, fd, c);
	return im->fd < 0 ? im->fd : 0;
}

int
images_open_all(struct images *all, struct client *c, struct parcel *p)
{
	const struct args	*a = &c->args;
	int			 r;

	*all = (struct images){ .list = NULL };
	if ((r = add_pairs(all, c, p, a->operands, a->operand_count,
	    false)) < 0)
		return r;
	why_clear(&c->why);		/* of empty files */
	for (size_t i = 0; i < all->count; i++)
		if (all->list[i].bytes == 0 &&
		    (r = open_empty(&all->list[i], c, p)) < 0)
			return r;
	if ((r = check_ends(all, c)) < 0 ||
	    (r = check_count(all->count, c)) < 0 || (r = overlap(all, c)) < 0)
		return r;
	add_param(all, c, true);
	return 0;
}

void
images_done(struct images *all)
{
	free(all->list);
	*all = (struct images){ .list = NULL };
}
