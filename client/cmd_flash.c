#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/client.h"
#include "client/command.h"
#include "client/file.h"
#include "client/follow.h"
#include "client/member.h"
#include "client/report.h"
#include "client/search.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/chip/flashid.h"
#include "proto/rpc/method.h"
#include "proto/rpc/rpc.h"

/* What goes along with a request. */
struct parcel {
	int			*fds;
	size_t			 fd_count;
	/* A read: the wanted name, and for each port an output. */
	const char		*output;	/* NULL: it is none */
	struct file_output	*outputs;
	char			**names;
	size_t			 output_count;
};

/* Those of a read; with `leave` the files stay as they are. */
static void
parcel_close_outputs(struct parcel *p, bool leave)
{
	if (p->output == NULL)
		return;
	for (size_t i = 0; i < p->output_count; i++) {
		file_output_done(&p->outputs[i], leave);
		free(p->names[i]);
	}
	free(p->fds);			/* the outputs had them */
	free(p->outputs);
	free(p->names);
	*p = (struct parcel){ .output = p->output };
}

static void
parcel_done(struct parcel *p)
{
	parcel_close_outputs(p, false);
	for (size_t i = 0; i < p->fd_count; i++)
		(void)close(p->fds[i]);
	free(p->fds);
}

static int
need_size(struct client *c, const char *what, const char *word, uint32_t *value)
{
	if (text_size(word, value) == 0)
		return 0;
	return why_set(&c->why, ERR_USAGE, "%s: \"%.80s\" is no %s; one looks "
	    "like 0x10000, 65536 or 64k", c->args.command->name, word, what);
}

/* One image as the user gave it. */
struct image {
	const char	*name;
	uint32_t	 offset;
	uint64_t	 bytes;
};

static int
image_open(struct client *c, const char *address, const char *path,
    struct image *im, int *fd)
{
	int	r;

	if ((r = need_size(c, "address", address, &im->offset)) < 0)
		return r;
	im->name = path;
	if (im->offset % 4 != 0)
		return why_set(&c->why, ERR_ALIGN, "0x%x is no address for "
		    "'%s': it must be a multiple of 4", im->offset, path);
	r = file_open_image(path, &im->bytes, &c->why);
	if (r < 0)
		return r;
	*fd = r;
	if (im->offset + im->bytes > (uint64_t)UINT32_MAX + 1)
		return why_set(&c->why, ERR_BEYOND_FLASH, "'%s' at 0x%x ends "
		    "beyond 4 GB", path, im->offset);
	return 0;
}

/* Sectors are erased whole, so none may belong to two images. */
static int
images_overlap(struct client *c, const struct image *im, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++) {
			uint64_t	a = im[i].offset, b = im[j].offset;

			if (a / FLASH_SECTOR <= (b + im[j].bytes - 1) / FLASH_SECTOR &&
			    b / FLASH_SECTOR <= (a + im[i].bytes - 1) / FLASH_SECTOR)
				return why_set(&c->why, ERR_OVERLAP, "'%s' "
				    "at 0x%x and '%s' at 0x%x overlap (flash "
				    "is erased in sectors of 4096 bytes)",
				    im[j].name, im[j].offset, im[i].name,
				    im[i].offset);
		}
	return 0;
}

static struct json_object *
image_json(const struct image *im, size_t fd)
{
	struct json_object	*o = json_object_new_object();

	json_object_object_add(o, "offset",
	    json_object_new_int64(im->offset));
	json_object_object_add(o, "fd", json_object_new_int64((int64_t)fd));
	json_object_object_add(o, "name", json_object_new_string(im->name));
	return o;
}

/* Open all pairs of address and file before anything is asked of a board. */
static int
images_pack(struct client *c, struct image *im, struct parcel *p)
{
	struct json_object	*list = json_object_new_array();
	int			 r = 0;

	json_object_object_add(c->args.params, "images", list);
	for (size_t i = 0; i < c->args.operand_count / 2 && r == 0; i++) {
		p->fds[i] = -1;
		r = image_open(c, c->args.operands[2 * i],
		    c->args.operands[2 * i + 1], &im[i], &p->fds[i]);
		if (p->fds[i] >= 0)
			p->fd_count = i + 1;
		if (r == 0)
			(void)json_object_array_add(list,
			    image_json(&im[i], i));
	}
	return r < 0 ? r : images_overlap(c, im, p->fd_count);
}

/* Print the numbers and leave the jobs to the daemon. */
static void
detach(struct client *c, struct json_object *answer)
{
	struct json_object	*jobs = member_array(answer, "jobs");

	for (size_t i = 0; i < array_count(jobs); i++)
		show_out(&c->show, "%lld", (long long)member_number(
		    json_object_array_get_idx(jobs, i), "job", 0));
	client_result(c, json_object_get(answer));
}

/* What was read takes its name; a file that cannot fails its board. */
static void
keep_outputs(struct follow *f, struct parcel *p)
{
	for (size_t i = 0; i < f->count && i < p->output_count; i++) {
		struct board	*b = &f->boards[i];

		if (b->why.err == 0 &&
		    file_output_keep(&p->outputs[i], &b->why) < 0)
			(void)snprintf(b->state, sizeof b->state, "%s",
			    "failed");
	}
}

/* Two ports may make one name: "/dev/a" and "a:". */
static int
output_twice(struct client *c, const struct parcel *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(p->names[i], p->names[n]) == 0)
			return why_set(&c->why, ERR_USAGE, "two ports would "
			    "write to '%s'; read them one after the other",
			    p->names[n]);
	return 0;
}

/* The files of a read: one for each port of the parameters. */
static int
outputs_open(struct client *c, struct parcel *p)
{
	struct json_object	*ports = member_array(c->args.params, "port");
	struct json_object	*list;
	const char		*path = p->output;
	size_t			 n = array_count(ports);
	int			 r;

	if (path == NULL)
		return 0;
	list = json_object_new_array();
	json_object_object_add(c->args.params, "output", list);
	p->fds = calloc(n, sizeof *p->fds);
	p->outputs = calloc(n, sizeof *p->outputs);
	p->names = calloc(n, sizeof *p->names);
	if (p->fds == NULL || p->outputs == NULL || p->names == NULL)
		return why_set(&c->why, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < n; i++) {
		p->names[i] = n == 1 ? strdup(path) : file_name_for(path,
		    json_object_get_string(json_object_array_get_idx(ports,
		    i)));
		if (p->names[i] == NULL)
			return why_set(&c->why, ERR_NOMEM, "out of memory");
		p->outputs[i].fd = -1;
		p->output_count = i + 1;
		if ((r = output_twice(c, p, i)) < 0 ||
		    (r = file_output_open(&p->outputs[i], p->names[i],
		    &c->why)) < 0)
			return r;
		p->fds[i] = p->outputs[i].fd;
		p->fd_count = i + 1;
		(void)json_object_array_add(list,
		    json_object_new_int64((int64_t)i));
	}
	return 0;
}

/* Follow the jobs of an answer to their end.  A board that a search passes over
 * is not reported; its error is the client's then. */
static int
follow_jobs(struct client *c, struct follow *f, struct parcel *p,
    struct json_object *answer)
{
	struct json_object	*jobs = member_array(answer, "jobs");
	int			 r = 0;

	for (size_t i = 0; i < array_count(jobs) && r == 0; i++)
		r = follow_add(f, member_number(
		    json_object_array_get_idx(jobs, i), "job", 0));
	if (r < 0)
		return r;
	(void)follow_run(f);		/* the boards tell of a lost daemon */
	for (size_t i = 0; i < p->output_count && f->left_alone; i++)
		if (p->outputs[i].temp != NULL)
			show_chat(&c->show, "What is read comes into '%s'.",
			    p->outputs[i].temp);
	if (f->left_alone)
		return ERR_CANCELED;
	if (f->count == 1 && follow_passes(f, &f->boards[0])) {
		show_block_end(&c->show);
		c->why = f->boards[0].why;
		return c->why.err;
	}
	keep_outputs(f, p);
	return report_follow(f, p->names);
}

/* Which board it was, when that was not the user's choice. */
static void
say_chosen(struct client *c, const struct follow *f, size_t of)
{
	const struct board	*b = f->boards;
	struct json_object	*result = member(b->object, "result");

	show_chat(&c->show, "Done by the board at %s (%s, MAC %s), the first "
	    "of %zu to answer.", b->port, member_text(result, "chip", "?"),
	    member_text(result, "mac", "unknown"), of);
}

/*
 * Submit for the ports of the parameters, with the parcel, and see it through;
 * the parcel's outputs are done with then.  `of`: how many boards are being
 * searched; 0 when the ports were named.
 */
static int
submit(struct client *c, struct parcel *p, size_t of)
{
	struct json_object	*answer = NULL;
	struct follow		 f;
	int			 r;

	if ((r = follow_begin(&f, c, true)) == 0) {
		f.search = of > 0;
		r = conn_call(&c->conn, c->args.command->method,
		    json_object_get(c->args.params), p->fds, p->fd_count,
		    &answer, &c->why);
	}
	if (r == 0 && c->args.no_wait)
		detach(c, answer);
	else if (r == 0)
		r = follow_jobs(c, &f, p, answer);
	if (r == 0 && of > 0)
		say_chosen(c, &f, of);
	/* Nobody can name the file of a job that goes on without us. */
	parcel_close_outputs(p, f.left_alone);
	json_object_put(answer);
	follow_done(&f);
	return r;
}

static void
set_port(struct client *c, struct json_object *port)
{
	struct json_object	*list = json_object_new_array();

	(void)json_object_array_add(list, json_object_get(member(port,
	    "port")));
	json_object_object_add(c->args.params, "port", list);
}

/* One board of a search has failed, and the next is tried. */
static void
passed_over(struct client *c, struct json_object *port)
{
	struct json_object	*o = json_object_new_object();

	show_chat(&c->show, "%s: %s", member_text(port, "port", "?"),
	    why_text(&c->why));
	json_object_object_add(o, "type", json_object_new_string("search"));
	json_object_object_add(o, "port", json_object_get(member(port,
	    "port")));
	json_object_object_add(o, "error", rpc_error_object(&c->why, NULL));
	show_json(&c->show, o);
	json_object_put(o);
}

/* None of the boards did it; `err` is what they failed with if it was the same
 * with all, else 0. */
static int
none_left(struct client *c, size_t count, int err)
{
	err = err != 0 ? err : ERR_NO_SYNC;
	why_clear(&c->why);
	return why_set(&c->why, err, "none of the %zu boards did it (why "
	    "stands above); --port names another one", count);
}

/* Several could be meant: the first that answers does it. */
static int
submit_first(struct client *c, struct parcel *p, struct json_object *ports)
{
	size_t	n = array_count(ports);
	int	r = 0, all = 0;

	if (c->args.no_wait)
		return why_set(&c->why, ERR_USAGE, "there are %zu boards, and "
		    "finding the one that answers means waiting; say which "
		    "with --port", n);
	for (size_t i = 0; i < n; i++) {
		struct json_object	*port;

		port = json_object_array_get_idx(ports, i);
		set_port(c, port);
		if ((r = search_busy(port, &c->why)) == 0) {
			show_chat(&c->show, "Port %s",
			    member_text(port, "port", "?"));
			if ((r = outputs_open(c, p)) < 0)
				return r;
			r = submit(c, p, n);
		}
		if (c->why.err == 0 || !search_goes_on(c->why.err))
			return r;
		passed_over(c, port);
		all = i == 0 || all == r ? r : 0;
		why_clear(&c->why);
	}
	return none_left(c, n, all);
}

/* Connect, find out which ports are meant, and do it. */
static int
run(struct client *c, struct parcel *p)
{
	struct json_object	*ports = NULL;
	int			 r;

	if ((r = client_connect(c)) < 0)
		return r;
	if (member(c->args.params, "port") != NULL)
		r = search_named(c);
	else if ((r = search_ports(c, &ports)) == 0) {
		if (array_count(ports) > 1) {
			r = submit_first(c, p, ports);
			json_object_put(ports);
			return r;
		}
		set_port(c, json_object_array_get_idx(ports, 0));
		show_chat(&c->show, "Port %s", member_text(
		    json_object_array_get_idx(ports, 0), "port", "?"));
		json_object_put(ports);
	}
	if (r < 0 || (r = outputs_open(c, p)) < 0)
		return r;
	return submit(c, p, 0);
}

int
cmd_plain(struct client *c)
{
	struct parcel	p = { 0 };

	return run(c, &p);
}

int
cmd_write(struct client *c)
{
	struct parcel	 p = { 0 };
	size_t		 n = c->args.operand_count / 2;
	struct image	*images;
	int		 r;

	if (c->args.operand_count % 2 != 0)
		return why_set(&c->why, ERR_USAGE, "%s: \"%.80s\" stands "
		    "alone; it goes: ADDRESS FILE, in pairs",
		    c->args.command->name, c->args.operands[2 * n]);
	if (n > METHOD_IMAGES_MAX)
		return why_set(&c->why, ERR_USAGE, "%zu files are too many, "
		    "%d are possible", n, METHOD_IMAGES_MAX);
	images = calloc(n, sizeof *images);
	p.fds = calloc(n, sizeof *p.fds);
	if (images == NULL || p.fds == NULL)
		r = why_set(&c->why, ERR_NOMEM, "out of memory");
	else if ((r = images_pack(c, images, &p)) == 0)
		r = run(c, &p);
	free(images);
	parcel_done(&p);
	return r;
}

static int
region(struct client *c)
{
	uint32_t	offset, size;
	int		r;

	if ((r = need_size(c, "address", c->args.operands[0], &offset)) < 0 ||
	    (r = need_size(c, "size", c->args.operands[1], &size)) < 0)
		return r;
	if (size == 0)
		return why_set(&c->why, ERR_USAGE, "%s: a size of 0 is "
		    "nothing to do", c->args.command->name);
	json_object_object_add(c->args.params, "offset",
	    json_object_new_int64(offset));
	json_object_object_add(c->args.params, "size",
	    json_object_new_int64(size));
	return 0;
}

int
cmd_region(struct client *c)
{
	uint32_t	offset, size;
	int		r;

	if ((r = region(c)) < 0)
		return r;
	offset = method_number(c->args.params, "offset", 0);
	size = method_number(c->args.params, "size", 0);
	if (offset % FLASH_SECTOR != 0 || size % FLASH_SECTOR != 0)
		return why_set(&c->why, ERR_ALIGN, "flash is erased in "
		    "sectors: %s 0x%x is not a multiple of 4096 (0x1000)",
		    offset % FLASH_SECTOR ? "the address" : "the size",
		    offset % FLASH_SECTOR ? offset : size);
	return cmd_plain(c);
}

int
cmd_read(struct client *c)
{
	struct parcel	p = { 0 };
	int		r;

	if (c->args.no_wait)
		return why_set(&c->why, ERR_USAGE, "read-flash must wait: the "
		    "file gets its name when all of it has come");
	if ((r = region(c)) < 0)
		return r;
	p.output = c->args.operands[2];
	r = run(c, &p);
	parcel_done(&p);
	return r;
}
