/* cmd_merge - files made of files: merge-bin and make-image. */
#include "client/command.h"

#include <string.h>

#include "client/client.h"
#include "client/image.h"
#include "client/member.h"
#include "client/work.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/chip/chip.h"
#include "proto/rpc/method.h"

static int
check_output(struct client *c)
{
	if (c->args.output != NULL)
		return 0;
	return why_set(&c->why, ERR_USAGE, "%s: --output (-o) is missing: the "
	    "name of the file that is made", c->args.command->name);
}

/* There is no board that could tell. */
static int
check_chip(struct client *c)
{
	if (chip_by_name(member_text(c->args.params, "chip", "auto")) != NULL)
		return 0;
	return why_set(&c->why, ERR_USAGE, "Specify the --chip argument: which "
	    "chip is it for? (%s)", chip_names());
}

/* What became of each file, and what came of them all. */
static void
tell_merged(struct client *c, struct json_object *result)
{
	struct show		*s = &c->show;
	struct json_object	*list = member_array(result, "images"), *o;
	bool			 uf2;

	uf2 = strcmp(member_text(result, "format", ""), "uf2") == 0;
	for (size_t i = 0; i < array_count(list); i++) {
		o = json_object_array_get_idx(list, i);
		if (uf2)
			show_out(s, "Adding '%s' at 0x%llx...",
			    member_text(o, "name", "?"),
			    (long long)member_number(o, "offset", 0));
		if (member(o, "patched") != NULL)
			show_out(s, "Flash parameters set to %s.",
			    member_text(o, "patched", "?"));
		if (json_object_get_boolean(member(o, "digest_updated")))
			show_out(s, "SHA digest in image updated.");
	}
	if (uf2)
		show_out(s, "Wrote 0x%llx bytes to file '%s', ready to be "
		    "flashed with any ESP USB Bridge.",
		    (long long)member_number(result, "bytes", 0),
		    c->args.output);
	else
		show_out(s, "Wrote 0x%llx bytes to file '%s', ready to flash "
		    "to offset 0x%llx.",
		    (long long)member_number(result, "bytes", 0),
		    c->args.output,
		    (long long)member_number(result, "offset", 0));
}

/* Do it, keep the file, and tell. */
static int
make_file(struct client *c, struct parcel *p,
    void (*tell)(struct client *, struct json_object *))
{
	struct json_object	*result = NULL;
	int			 r;

	if ((r = work_output(c, p, c->args.output)) < 0 ||
	    (r = work_run(c, p, &result)) < 0)
		return r;
	if ((r = work_keep(c, p, 0, NULL)) == 0) {
		tell(c, result);
		client_result(c, result);
	} else
		json_object_put(result);
	return r;
}

int
cmd_merge(struct client *c)
{
	struct parcel	p = { 0 };
	struct images	images;
	int		r;

	if ((r = check_output(c)) < 0 || (r = check_chip(c)) < 0)
		return r;
	if ((r = images_open_all(&images, c, &p)) == 0)
		r = make_file(c, &p, tell_merged);
	images_done(&images);
	parcel_done(&p);
	return r;
}

/* ---- make-image ---- */

static void
tell_made(struct client *c, struct json_object *result)
{
	show_out(&c->show, "Wrote 0x%llx bytes with %lld segment%s to file "
	    "'%s'.", (long long)member_number(result, "bytes", 0),
	    (long long)member_number(result, "segments", 0),
	    member_number(result, "segments", 0) == 1 ? "" : "s",
	    c->args.output);
}

static int
add_segment(struct client *c, struct parcel *p, struct json_object *list,
    const char *path, const char *word)
{
	struct json_object	*o;
	uint32_t		 addr;
	uint64_t		 bytes;
	int			 fd;

	if (text_u32(word, &addr) < 0)
		return why_set(&c->why, ERR_USAGE, "%s: \"%.80s\" is no "
		    "address; one looks like 0x40100000",
		    c->args.command->name, word);
	fd = file_open_image(path, &bytes, &c->why);
	if (fd < 0 || (fd = parcel_add(p, fd, c)) < 0)
		return fd;
	o = json_object_new_object();
	json_object_object_add(o, "offset", json_object_new_int64(addr));
	json_object_object_add(o, "fd", json_object_new_int(fd));
	json_object_object_add(o, "name", json_object_new_string(path));
	(void)json_object_array_add(list, o);
	return 0;
}

static int
add_segments(struct client *c, struct parcel *p)
{
	const struct args	*a = &c->args;
	struct json_object	*list;
	int			 r = 0;

	if (a->segfiles.count == 0)
		return why_set(&c->why, ERR_USAGE, "No segments specified: "
		    "-f FILE -a ADDRESS for each");
	if (a->segfiles.count != a->segaddrs.count)
		return why_set(&c->why, ERR_USAGE, "Number of specified files "
		    "does not match number of specified addresses: %zu -f and "
		    "%zu -a", a->segfiles.count, a->segaddrs.count);
	if (a->segfiles.count > METHOD_IMAGES_MAX)
		return why_set(&c->why, ERR_USAGE, "%zu segments are too many",
		    a->segfiles.count);
	list = json_object_new_array();
	json_object_object_add(a->params, "images", list);
	for (size_t i = 0; i < a->segfiles.count && r == 0; i++)
		r = add_segment(c, p, list, a->segfiles.words[i],
		    a->segaddrs.words[i]);
	return r;
}

int
cmd_make_image(struct client *c)
{
	const char	*chip = member_text(c->args.params, "chip", "esp8266");
	struct parcel	 p = { 0 };
	int		 r;

	/* Only esptool's command line lets it come so far. */
	if (chip_by_name(chip) != NULL && chip_by_name(chip) != &chip_esp8266)
		return why_set(&c->why, ERR_USAGE, "make-image makes images "
		    "for the ESP8266 only");
	c->args.output = c->args.operands[0];
	if ((r = add_segments(c, &p)) == 0)
		r = make_file(c, &p, tell_made);
	parcel_done(&p);
	return r;
}
