#include "client/verify.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "client/client.h"
#include "client/follow.h"
#include "client/image.h"
#include "client/member.h"
#include "client/place.h"
#include "client/submit.h"
#include "proto/base/err.h"
#include "proto/chip/chip.h"
#include "proto/image/header.h"
#include "proto/rpc/method.h"

/* What is written and verified: the file, and FF up to a multiple of 4. */
static size_t
whole_words(const struct image *im)
{
	return (im->bytes + 3) / 4 * 4;
}

enum { FD_DATA, FD_TABLE, FDS };	/* what goes along with a read */

/* The parameters of a read of one image, as the verify had them. */
static struct json_object *
read_params(struct client *c, const struct image *im)
{
	const struct method	*m = method_find("flash.read");
	const struct place	 place = { im->offset, im->partition };
	struct json_object	*o = json_object_new_object(), *table;

	json_object_object_foreach(c->args.params, name, value)
		if (method_param(m, name) != NULL)
			json_object_object_add(o, name,
			    json_object_get(value));
	if (member(o, "partition_table") != NULL) {
		table = json_object_new_object();
		json_object_object_add(table, "fd",
		    json_object_new_int(FD_TABLE));
		json_object_object_add(table, "name",
		    json_object_new_string(c->args.table));
		json_object_object_add(o, "partition_table", table);
	}
	json_object_object_add(o, "offset", place_json(&place));
	json_object_object_add(o, "size",
	    json_object_new_int64((int64_t)whole_words(im)));
	json_object_object_add(o, "output", json_object_new_int(FD_DATA));
	return o;
}

/* What the flash holds there, into `fd`.  Fills client->why and the offset of a
 * named partition; the chip's name is the caller's. */
static int
read_flash(struct client *c, struct image *im, const struct parcel *p, int fd,
    char **chip)
{
	struct json_object	*answer = NULL, *jobs, *table, *result;
	int			 fds[FDS] = { fd, -1 };
	struct follow		 f;
	int			 r;

	table = member(c->args.params, "partition_table");
	if (table != NULL)
		fds[FD_TABLE] = p->fds[member_number(table, "fd", 0)];
	if ((r = follow_begin(&f, c, true)) == 0)
		r = conn_call(&c->conn, "flash.read", read_params(c, im), fds,
		    table != NULL ? FDS : 1, &answer, &c->why);
	jobs = member_array(answer, "jobs");
	if (r == 0 && array_count(jobs) == 1)
		r = follow_add(&f, member_number(json_object_array_get_idx(
		    jobs, 0), "job", 0));
	if (r == 0)
		(void)follow_run(&f);	/* the board tells of a lost daemon */
	if (r == 0 && f.count == 1) {
		c->why = f.boards[0].why;
		f.boards[0].told = true;
		r = c->why.err;
		result = member(f.boards[0].object, "result");
		*chip = strdup(member_text(result, "chip", ""));
		im->offset = (uint32_t)member_number(result, "offset",
		    im->offset);
	}
	json_object_put(answer);
	follow_done(&f);
	return r;
}

/* A word of the parameters that changes the header; NULL. */
static const char *
word(struct client *c, const char *name)
{
	const char	*w = member_text(c->args.params, name, "keep");

	return strcmp(w, "keep") == 0 || strcmp(w, "detect") == 0 ? NULL : w;
}

/* The file as it would be written. */
static void
patch(struct client *c, const struct image *im, const char *chip_name,
    uint8_t *data)
{
	const struct header_words	 words = { word(c, "flash_mode"),
					    word(c, "flash_freq"),
					    word(c, "flash_size") };
	const struct chip		*chip = chip_by_name(chip_name);
	struct why			 why = { 0 };
	uint16_t			 params;

	if (chip == NULL || im->offset != chip->boot_offset ||
	    (!words.mode && !words.freq && !words.size))
		return;
	/* What is no image is written as it is, too. */
	(void)header_patch(data, im->bytes, chip, &words, &params, &why);
}

static void
compare(struct client *c, const struct image *im, const uint8_t *flash,
    const uint8_t *image)
{
	size_t		n = 0;
	uint32_t	first = 0;

	for (size_t i = 0; i < whole_words(im); i++)
		if (flash[i] != image[i] && n++ == 0)
			first = im->offset + (uint32_t)i;
	if (n == 0) {
		show_out(&c->show, "'%s' at 0x%08x: Verification successful "
		    "(no difference).", im->name, im->offset);
		return;
	}
	show_out(&c->show, "'%s': Verification failed: %zu differences, first "
	    "at 0x%08x:", im->name, n, first);
	for (size_t i = 0; i < whole_words(im); i++)
		if (flash[i] != image[i])
			show_out(&c->show, "   0x%08x %02x %02x",
			    im->offset + (uint32_t)i, flash[i], image[i]);
}

/* The file, filled up; the caller frees it.  NULL: out of memory, or the file
 * has become shorter. */
static uint8_t *
load(const struct image *im, int fd)
{
	uint8_t	*data = malloc(whole_words(im));

	if (data == NULL)
		return NULL;
	memset(data, 0xff, whole_words(im));
	if (pread(fd, data, im->bytes, 0) == (ssize_t)im->bytes)
		return data;
	free(data);
	return NULL;
}

/* ERR_* with client->why, or 0. */
static int
one(struct client *c, const struct image *given, const struct parcel *p)
{
	struct image	 place = *given, *im = &place;
	char		*chip = NULL;
	uint8_t		*flash = MAP_FAILED, *image = load(im, p->fds[im->fd]);
	int		 fd = memfd_create("espctl", MFD_CLOEXEC), r;

	if (fd < 0 || image == NULL)
		r = why_set(&c->why, ERR_NOMEM, "out of memory");
	else if ((r = read_flash(c, im, p, fd, &chip)) == 0) {
		flash = mmap(NULL, whole_words(im), PROT_READ, MAP_PRIVATE,
		    fd, 0);
		if (flash == MAP_FAILED)
			r = why_set(&c->why, ERR_NOMEM, "out of memory");
	}
	if (r == 0) {
		patch(c, im, chip, image);
		compare(c, im, flash, image);
	}
	if (flash != MAP_FAILED)
		(void)munmap(flash, whole_words(im));
	if (fd >= 0)
		(void)close(fd);
	free(image);
	free(chip);
	return r;
}

void
verify_differences(struct client *c, const struct images *images,
    const struct parcel *p)
{
	const struct why	verdict = c->why;
	bool			silent = c->show.silent;
	int			r = 0;

	if (array_count(member_array(c->args.params, "port")) != 1) {
		show_chat(&c->show, "--diff shows the differences of one "
		    "board at a time.");
		return;
	}
	c->show.silent = true;
	for (size_t i = 0; i < images->count && r == 0; i++) {
		why_clear(&c->why);
		if (images->list[i].bytes > 0)
			r = one(c, &images->list[i], p);
	}
	c->show.silent = silent;
	if (r < 0)
		show_error(&c->show, "the flash could not be read to show "
		    "the differences: %s", why_text(&c->why));
	c->why = verdict;
}
