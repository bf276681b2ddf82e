#include "daemon/job/submit.h"

#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "daemon/base/conf.h"
#include "daemon/job/efuse_order.h"
#include "daemon/job/efuse_tokens.h"
#include "daemon/job/place.h"
#include "daemon/job/queue.h"
#include "daemon/job/run.h"
#include "daemon/job/work_parcel.h"
#include "daemon/job/work_queue.h"
#include "daemon/port/port.h"
#include "daemon/port/select.h"
#include "proto/base/err.h"
#include "proto/rpc/method.h"

enum { PORTS_MAX = 256 };	/* of one submission */

/* One submission while it is being checked. */
struct submission {
	const struct op		*op;
	struct json_object	*params;
	struct input_fds	*fds;
	const struct peer	*peer;
	const struct conf	*conf;
	struct input		*input;
	struct efuse_order	*order;
	struct port		*ports[PORTS_MAX];
	size_t			 port_count;
};

/* The ports of one selector.  None may come twice. */
static int
add_ports(struct submission *s, const char *selector, struct why *why)
{
	size_t	before = s->port_count, found = 0;
	int	r;

	r = port_select(selector, s->ports + before, PORTS_MAX - before, &found,
	    why);
	if (r < 0)
		return r;
	s->port_count += found;
	for (size_t i = before; i < s->port_count; i++) {
		if ((r = queue_check(s->ports[i], why)) < 0)
			return r;
		for (size_t j = 0; j < i; j++)
			if (s->ports[j] == s->ports[i])
				return why_set(why, ERR_PARAMS, "%s is named "
				    "twice; one job per port",
				    port_path(s->ports[i]));
	}
	return 0;
}

static int
find_ports(struct submission *s, struct why *why)
{
	struct json_object	*names;
	int			 r;

	names = json_object_object_get(s->params, "port");
	if (json_object_array_length(names) == 0)
		return why_set(why, ERR_PARAMS, "port: it is empty");
	for (size_t i = 0; i < json_object_array_length(names); i++) {
		r = add_ports(s, json_object_get_string(
		    json_object_array_get_idx(names, i)), why);
		if (r < 0)
			return r;
	}
	return 0;
}

/* A sequence of the user's must be one before any board moves. */
static int
check_sequences(const struct submission *s, struct why *why)
{
	static const char *const names[] = {
		"reset_sequence", "hard_reset_sequence",
	};
	struct reset_custom	 scratch;
	struct why		 inner = { 0 };
	const char		*text;
	int			 r;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		text = method_string(s->params, names[i], NULL);
		if (text == NULL)
			continue;
		if ((r = reset_parse(text, &scratch, &inner)) < 0)
			return why_set(why, r, "%s: %s", names[i],
			    why_text(&inner));
	}
	return 0;
}

static int
check_chip(const struct submission *s, struct why *why)
{
	const char	*name = method_string(s->params, "chip", "auto");

	if (strcmp(name, "auto") == 0 || chip_by_name(name) != NULL)
		return 0;
	return why_set(why, ERR_PARAMS, "chip: \"%s\" is none; known are auto, "
	    "%s", name, chip_names());
}

static int
check_limits(const struct submission *s, struct why *why)
{
	size_t	n = s->op->work != NULL ? 1 : s->port_count;

	if (job_active() + n > s->conf->max_jobs)
		return why_set(why, ERR_LIMIT, "%u jobs are under way already "
		    "(max-jobs); wait for one to end", job_active());
	if (job_active_of(s->peer->uid) + n > s->conf->max_jobs_per_user)
		return why_set(why, ERR_LIMIT, "%u jobs of %s are under way "
		    "already (max-jobs-per-user); wait for one to end",
		    job_active_of(s->peer->uid), s->peer->user);
	return 0;
}

/* Where the result of the job on port `i` goes; -1: nowhere. */
static int
output_at(const struct submission *s, size_t i)
{
	struct json_object	*outputs, *index;

	outputs = json_object_object_get(s->params, "output");
	index = outputs ? json_object_array_get_idx(outputs, i) : NULL;
	return index ? (int)json_object_get_int64(index) : -1;
}

static int
check_outputs(const struct submission *s, struct why *why)
{
	if (!(s->op->flags & OP_OUTPUT))
		return 0;
	for (size_t i = 0; i < s->port_count; i++) {
		int	at = output_at(s, i), r;
		char	whose[64];

		(void)snprintf(whose, sizeof whose, "port %zu of %zu", i + 1,
		    s->port_count);
		if ((r = input_check_output(s->fds, at, whose, why)) < 0)
			return r;
		for (size_t j = 0; j < i; j++)
			if (output_at(s, j) == at)
				return why_set(why, ERR_PARAMS, "output: "
				    "descriptor %d is used for two ports", at);
	}
	return 0;
}

static int
check_role(const struct submission *s, struct why *why)
{
	if (!(s->op->flags & OP_BURNS) || s->peer->may_burn)
		return 0;
	return why_set(why, ERR_DENIED, "%s may not burn eFuses over this "
	    "daemon: only root and members of the group \"%s\" may "
	    "(burn-group); reading them is open to all", s->peer->user,
	    s->conf->burn_group);
}

/* The plan that a token stands for; it is gone then. */
static int
take_token(struct submission *s, struct why *why)
{
	char	identity[PORT_IDENTITY_MAX];

	if (s->port_count != 1)
		return why_set(why, ERR_PARAMS, "port: a token is for one "
		    "board, not for %zu", s->port_count);
	port_identity(s->ports[0], identity);
	return efuse_tokens_take(method_string(s->params, "token", ""),
	    s->peer->uid, identity, &s->order, why);
}

static int
check(struct submission *s, struct why *why)
{
	struct link_flash	scratch = { 0 };
	int			r;

	if ((r = check_role(s, why)) < 0 ||
	    (r = find_ports(s, why)) < 0 || (r = check_chip(s, why)) < 0 ||
	    (r = check_sequences(s, why)) < 0 ||
	    (r = run_check_params(s->params, why)) < 0 ||
	    (r = check_limits(s, why)) < 0 || (r = check_outputs(s, why)) < 0)
		return r;
	if ((s->op->flags & OP_PLACES) != 0 && (r = place_resolve(s->params,
	    s->fds, (s->op->flags & OP_ALTERS) != 0, why)) < 0)
		return r;
	if (s->op->setup != NULL &&
	    (r = s->op->setup(&scratch, s->params, why)) < 0)
		return r;
	if (s->op->flags & OP_TOKEN)
		return take_token(s, why);
	if (s->op->flags & OP_FUSES)
		return efuse_order_new(s->params, s->fds, &s->order, why);
	if (!(s->op->flags & OP_IMAGES))
		return 0;
	return input_new(s->params, s->fds, s->conf, &s->input, why);
}

/* Make the job for port `i` and queue it. */
static int
queue_one(const struct submission *s, size_t i, struct json_object *list)
{
	struct json_object	*o;
	struct job		*j;
	int			 at = output_at(s, i), r;

	j = job_new(s->op, s->ports[i], s->peer, s->params);
	if (j == NULL)
		return ERR_NOMEM;
	j->input = s->input != NULL ? input_ref(s->input) : NULL;
	j->order = s->order != NULL ? efuse_order_ref(s->order) : NULL;
	if (at >= 0) {
		j->output = s->fds->fd[at];
		s->fds->fd[at] = -1;
	}
	if ((r = queue_add(j)) == 0) {
		o = json_object_new_object();
		json_object_object_add(o, "job", json_object_new_int64(j->id));
		json_object_object_add(o, "port",
		    json_object_new_string(job_port(j)));
		json_object_array_add(list, o);
	}
	job_unref(j);
	return r;
}

/* The one job that needs no port. */
static int
queue_work(const struct submission *s, struct json_object *list,
    struct why *why)
{
	struct work_parcel	*parcel;
	struct json_object	*o;
	struct job		*j;
	int			 r;

	if ((r = check_limits(s, why)) < 0 ||
	    (r = work_parcel_take(s->params, s->fds, s->conf, &parcel, why)) < 0)
		return r;
	if ((j = job_new(s->op, NULL, s->peer, s->params)) == NULL) {
		work_parcel_free(parcel);
		return ERR_NOMEM;
	}
	j->parcel = parcel;
	work_add(j);
	o = json_object_new_object();
	json_object_object_add(o, "job", json_object_new_int64(j->id));
	json_object_array_add(list, o);
	job_unref(j);
	return 0;
}

/* One for each port, or none. */
static int
queue_all(struct submission *s, struct json_object *list, struct why *why)
{
	int	r;

	r = check(s, why);
	for (size_t i = 0; i < s->port_count && r == 0; i++)
		r = queue_one(s, i, list);
	input_unref(s->input);
	efuse_order_unref(s->order);
	return r;
}

int
submit(const struct method *method, struct json_object *params,
    struct input_fds *fds, const struct peer *peer, const struct conf *conf,
    struct json_object **answer, struct why *why)
{
	struct submission	 s = {
		.op = op_find(method->name), .params = params, .fds = fds,
		.peer = peer, .conf = conf,
	};
	struct json_object	*list;
	int			 r;

	if (s.op == NULL)
		return why_set(why, ERR_INTERNAL, "%s has no row in the table "
		    "of operations", method->name);
	list = json_object_new_array();
	r = s.op->work != NULL ? queue_work(&s, list, why) :
	    queue_all(&s, list, why);
	if (r < 0) {
		json_object_put(list);
		return r;
	}
	*answer = json_object_new_object();
	json_object_object_add(*answer, "jobs", list);
	return 0;
}
