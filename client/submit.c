#include "client/submit.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/client.h"
#include "client/command.h"
#include "client/follow.h"
#include "client/member.h"
#include "client/option.h"
#include "client/report.h"
#include "client/search.h"
#include "client/voice.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/rpc/rpc.h"

enum { AGAIN_MS = 100 };	/* between two tries (--open-port-attempts) */

int
parcel_add(struct parcel *p, int fd, struct client *c)
{
	int	*fds;

	if (p->fd_count == p->fd_room) {
		size_t	room = p->fd_room > 0 ? 2 * p->fd_room : 8;

		if ((fds = realloc(p->fds, room * sizeof *fds)) == NULL) {
			(void)close(fd);
			return why_set(&c->why, ERR_NOMEM, "out of memory");
		}
		p->fds = fds;
		p->fd_room = room;
	}
	p->fds[p->fd_count] = fd;
	return (int)p->fd_count++;
}

int
parcel_add_output(struct parcel *p, const char *path, struct client *c)
{
	struct file_output	*outputs, *o;
	int			 fd, r;

	outputs = realloc(p->outputs, (p->output_count + 1) * sizeof *outputs);
	if (outputs == NULL)
		return why_set(&c->why, ERR_NOMEM, "out of memory");
	p->outputs = outputs;
	o = &outputs[p->output_count];
	if ((r = file_output_open(o, path, &c->why)) < 0)
		return r;
	if ((fd = fcntl(o->fd, F_DUPFD_CLOEXEC, 0)) < 0 ||
	    (fd = parcel_add(p, fd, c)) < 0) {
		file_output_done(o, false);
		return c->why.err != 0 ? c->why.err : why_set(&c->why,
		    ERR_LIMIT, "too many files are open");
	}
	p->output_count++;
	return fd;
}

/* Let go of the outputs; with `leave` their files stay as they are. */
static void
parcel_close_outputs(struct parcel *p, bool leave)
{
	for (size_t i = 0; i < p->output_count; i++) {
		(void)close(p->fds[--p->fd_count]);
		file_output_done(&p->outputs[i], leave);
		if (p->names != NULL)
			free(p->names[i]);
	}
	free(p->outputs);
	free(p->names);
	p->outputs = NULL;
	p->names = NULL;
	p->output_count = 0;
}

void
parcel_done(struct parcel *p)
{
	parcel_close_outputs(p, false);
	for (size_t i = 0; i < p->fd_count; i++)
		(void)close(p->fds[i]);
	free(p->fds);
}

const char *
submit_port_hint(const struct client *c)
{
	const struct args	*a = &c->args;

	if (!(a->own & 1u << OWN_NO_PROGRESS))
		return "";
	for (size_t i = 0; i < a->operand_count; i++)
		if (strncmp(a->operands[i], "/dev/", 5) == 0 ||
		    strstr(a->operands[i], "://") != NULL)
			return " (-p is --no-progress behind this command: "
			    "name the port with --port, or before it)";
	return "";
}

int
submit_size(struct client *c, const char *what, const char *word,
    uint32_t *value)
{
	if (text_size(word, value) == 0)
		return 0;
	return why_set(&c->why, ERR_USAGE, "%s: \"%.80s\" is no %s; one looks "
	    "like 0x10000, 65536 or 64k%s", c->args.command->name, word, what,
	    submit_port_hint(c));
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
output_twice(struct client *c, const struct parcel *p, const char *name)
{
	for (size_t i = 0; i < p->output_count; i++)
		if (strcmp(p->names[i], name) == 0)
			return why_set(&c->why, ERR_USAGE, "two ports would "
			    "write to '%s'; read them one after the other",
			    name);
	return 0;
}

/* One more of them; takes the name over. */
static int
output_open(struct client *c, struct parcel *p, char *name,
    struct json_object *list)
{
	int	fd;

	if (name == NULL)
		return why_set(&c->why, ERR_NOMEM, "out of memory");
	if ((fd = output_twice(c, p, name)) < 0 ||
	    (fd = parcel_add_output(p, name, c)) < 0) {
		free(name);
		return fd;
	}
	p->names[p->output_count - 1] = name;
	(void)json_object_array_add(list, json_object_new_int(fd));
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
	int			 r = 0;

	if (path == NULL)
		return 0;
	list = json_object_new_array();
	json_object_object_add(c->args.params, "output", list);
	if ((p->names = calloc(n, sizeof *p->names)) == NULL)
		return why_set(&c->why, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < n && r == 0; i++)
		r = output_open(c, p, n == 1 ? strdup(path) :
		    file_name_for(path, json_object_get_string(
		    json_object_array_get_idx(ports, i))), list);
	return r;
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
 * the parcel's outputs are done with then.  With `quiet` a board that does not
 * answer is not reported: the caller goes on.
 */
static int
submit(struct client *c, struct parcel *p, bool quiet)
{
	struct json_object	*answer = NULL;
	struct follow		 f;
	int			 r;

	if ((r = follow_begin(&f, c, true)) == 0) {
		f.search = quiet;
		f.hold = p->hold;
		r = conn_call(&c->conn, c->args.command->method,
		    json_object_get(c->args.params), p->fds, p->fd_count,
		    &answer, &c->why);
	}
	if (r == 0 && c->args.no_wait)
		detach(c, answer);
	else if (r == 0)
		r = follow_jobs(c, &f, p, answer);
	if (r == 0 && quiet && !c->args.no_wait && p->of > 1)
		say_chosen(c, &f, p->of);
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

	c->voice->passed(c, member_text(port, "port", "?"));
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
			c->voice->port(c, member_text(port, "port", "?"),
			    false);
			if ((r = outputs_open(c, p)) < 0)
				return r;
			p->of = n;
			r = submit(c, p, true);
		}
		if (c->why.err == 0 || !search_goes_on(c->why.err))
			return r;
		passed_over(c, port);
		all = i == 0 || all == r ? r : 0;
		why_clear(&c->why);
	}
	return none_left(c, n, all);
}

/* May a named port be tried again after that? */
static bool
worth_another(const struct why *why)
{
	return why->err == ERR_PORT_UNKNOWN || (search_goes_on(why->err) &&
	    why->err != ERR_CHIP_MISMATCH);
}

/* The ports that were named.  With --open-port-attempts a board that is not
 * there yet, or does not answer yet, is tried again. */
static int
run_named(struct client *c, struct parcel *p)
{
	struct json_object	*named = json_object_get(member(c->args.params,
				    "port"));
	uint32_t		 left = c->args.open_attempts;
	bool			 last, first = true;
	int			 r;

	do {
		last = left == 1;
		left -= left > 0;
		json_object_object_add(c->args.params, "port",
		    json_object_get(named));
		if (first && json_object_array_length(named) == 1)
			c->voice->port(c, json_object_get_string(
			    json_object_array_get_idx(named, 0)), true);
		if ((r = search_named(c)) == 0 && (r = outputs_open(c, p)) == 0)
			r = submit(c, p, !last);
		if (last || c->why.err == 0 || !worth_another(&c->why))
			break;
		c->voice->again(c, first);
		first = false;
		why_clear(&c->why);
	} while (poll(NULL, 0, AGAIN_MS) == 0);
	json_object_put(named);
	return r;
}

static int
run_search(struct client *c, struct parcel *p)
{
	struct json_object	*ports = NULL, *port;
	int			 r;

	r = search_ports(c, &ports);
	c->voice->search(c, r == 0 ? array_count(ports) : 0);
	if (r < 0)
		return r;
	if (array_count(ports) > 1)
		r = submit_first(c, p, ports);
	else {
		port = json_object_array_get_idx(ports, 0);
		set_port(c, port);
		c->voice->port(c, member_text(port, "port", "?"), false);
		if ((r = outputs_open(c, p)) == 0)
			r = submit(c, p, false);
	}
	json_object_put(ports);
	return r;
}

int
submit_run(struct client *c, struct parcel *p)
{
	int	r;

	if ((r = client_connect(c)) < 0)
		return r;
	return member(c->args.params, "port") != NULL ? run_named(c, p) :
	    run_search(c, p);
}
