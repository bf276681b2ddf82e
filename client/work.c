#include "client/work.h"

#include "client/client.h"
#include "client/command.h"
#include "client/follow.h"
#include "client/member.h"
#include "proto/base/err.h"
#include "proto/rpc/method.h"

int
work_file(struct client *c, struct parcel *p, const char *name,
    const char *path)
{
	struct json_object	*o;
	uint64_t		 bytes;
	int			 fd;

	fd = file_open_image(path, &bytes, &c->why);
	if (fd < 0 || (fd = parcel_add(p, fd, c)) < 0)
		return fd;
	o = json_object_new_object();
	json_object_object_add(o, "fd", json_object_new_int(fd));
	json_object_object_add(o, "name", json_object_new_string(path));
	json_object_object_add(c->args.params, name, o);
	return 0;
}

int
work_output(struct client *c, struct parcel *p, const char *path)
{
	struct json_object	*list = member_array(c->args.params, "output");
	int			 fd;

	if ((fd = parcel_add_output(p, path, c)) < 0)
		return fd;
	if (list == NULL) {
		list = json_object_new_array();
		json_object_object_add(c->args.params, "output", list);
	}
	(void)json_object_array_add(list, json_object_new_int(fd));
	return 0;
}

/* Follow the one job of an answer to its end. */
static int
follow_job(struct client *c, struct follow *f, struct json_object *answer,
    struct json_object **result)
{
	struct json_object	*jobs = member_array(answer, "jobs");
	int			 r;

	r = follow_add(f, member_number(json_object_array_get_idx(jobs, 0),
	    "job", 0));
	if (r < 0)
		return r;
	(void)follow_run(f);		/* the job tells of a lost daemon */
	if (f->left_alone)
		return ERR_CANCELED;
	if (f->boards[0].why.err != 0) {
		c->why = f->boards[0].why;
		return c->why.err;
	}
	*result = json_object_get(member(f->boards[0].object, "result"));
	return 0;
}

/* Called in esptool's place, all commands take the options of all boards. */
static void
drop_others(struct client *c)
{
	const struct method	*m = method_find(c->args.command->method);
	struct json_object	*mine = json_object_new_object();

	json_object_object_foreach(c->args.params, name, value)
		if (method_param(m, name) != NULL)
			json_object_object_add(mine, name,
			    json_object_get(value));
	json_object_put(c->args.params);
	c->args.params = mine;
}

int
work_run(struct client *c, struct parcel *p, struct json_object **result)
{
	struct json_object	*answer = NULL;
	struct follow		 f;
	int			 r;

	if (c->args.no_wait)
		return why_set(&c->why, ERR_USAGE, "%s is done at once: "
		    "--no-wait is for boards", c->args.command->name);
	drop_others(c);
	if ((r = client_connect(c)) < 0)
		return r;
	if ((r = follow_begin(&f, c, true)) == 0) {
		f.alone = true;
		r = conn_call(&c->conn, c->args.command->method,
		    json_object_get(c->args.params), p->fds, p->fd_count,
		    &answer, &c->why);
	}
	if (r == 0)
		r = follow_job(c, &f, answer, result);
	json_object_put(answer);
	follow_done(&f);
	return r;
}

int
work_keep(struct client *c, struct parcel *p, size_t i, const char *path)
{
	struct file_output	*o = &p->outputs[i];
	int			 r;

	if (path != NULL && (r = file_output_rename(o, path, &c->why)) < 0)
		return r;
	return file_output_keep(o, &c->why);
}
