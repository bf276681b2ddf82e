/* op_efuse - jobs that read and burn eFuses. */
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "daemon/job/efuse_order.h"
#include "daemon/job/efuse_tokens.h"
#include "daemon/job/job.h"
#include "daemon/job/op.h"
#include "daemon/port/port.h"
#include "proto/base/err.h"
#include "proto/efuse/json.h"
#include "proto/rpc/method.h"
#include "proto/rpc/rpc.h"

enum { SUPPLY_MAX = 512 };

/* None of them loads a stub: what runs in the chip's RAM stays what it is. */
static const struct phase read_phases[] = {
	PHASES_IDENTIFY,
	{ "efuses",	phase_efuse_read, 60000 },
	{ 0 },
};

static const struct phase plan_phases[] = {
	PHASES_IDENTIFY,
	{ "efuses",	phase_efuse_fresh, 60000 },
	{ "plan",	phase_efuse_plan, 5000 },
	{ 0 },
};

static const struct phase burn_phases[] = {
	PHASES_IDENTIFY,
	{ "efuses",	phase_efuse_fresh, 60000 },
	{ "plan",	phase_efuse_plan, 5000 },
	{ "burn",	phase_efuse_burn, 0 },
	{ 0 },
};

static void
add_raw(const struct link *l, struct json_object *result)
{
	json_object_object_add(result, "efuse",
	    efuse_raw_json(&l->fuses.state.raw));
}

/* ---- reading ---- */

static void
summary_result(const struct link *l, struct json_object *result)
{
	const struct fuses_order	*o = l->fuses.order;
	struct efuse_state		 s = l->fuses.state;
	struct json_object		*list = json_object_new_array();
	const struct efuse_field	*f = NULL;
	char				 supply[SUPPLY_MAX] = "";

	for (size_t i = 0; i < o->name_count; i++)
		(void)json_object_array_add(list, efuse_field_json(&s,
		    efuse_field_find(&s, o->names[i])));
	while (o->name_count == 0 && (f = efuse_field_next(&s, f)) != NULL)
		(void)json_object_array_add(list, efuse_field_json(&s, f));
	efuse_supply(&s, supply, sizeof supply);
	json_object_object_add(result, "efuses", list);
	json_object_object_add(result, "supply",
	    json_object_new_string(supply));
}

static void
read_result(const struct link *l, struct json_object *result)
{
	struct efuse_state	s = l->fuses.state;

	json_object_object_add(result, "efuse", efuse_field_json(&s,
	    efuse_field_find(&s, l->fuses.order->names[0])));
}

static struct json_object *
block_json(const struct efuse_state *s, unsigned i)
{
	struct json_object	*o = json_object_new_object();
	struct json_object	*words = json_object_new_array();
	char			 hex[12];

	rpc_add_text(o, "name", s->efuse->blocks[i].name);
	rpc_add_number(o, "number", i);
	for (size_t w = 0; w < efuse_block_bytes(s, i) / 4; w++) {
		(void)snprintf(hex, sizeof hex, "0x%08x", s->words[i][w]);
		(void)json_object_array_add(words, json_object_new_string(hex));
	}
	json_object_object_add(o, "words", words);
	return o;
}

/* The blocks that have errors. */
static void
add_errors(const struct link *l, struct json_object *result)
{
	const struct efuse_state	*s = &l->fuses.state;
	struct json_object		*list = json_object_new_array(), *o;
	size_t				 n = efuse_block_count(s->efuse);

	for (unsigned i = 0; i < n; i++) {
		if (s->errors[i] == 0 && !s->failed[i])
			continue;
		o = json_object_new_object();
		rpc_add_text(o, "block", s->efuse->blocks[i].name);
		rpc_add_number(o, "number", i);
		rpc_add_number(o, "count", s->errors[i]);
		json_object_object_add(o, "failed",
		    json_object_new_boolean(s->failed[i]));
		(void)json_object_array_add(list, o);
	}
	json_object_object_add(result, "errors", list);
}

static void
dump_result(const struct link *l, struct json_object *result)
{
	const struct efuse_state	*s = &l->fuses.state;
	struct json_object		*blocks = json_object_new_array();
	size_t				 n = efuse_block_count(s->efuse);

	add_raw(l, result);
	for (unsigned i = 0; i < n; i++)
		(void)json_object_array_add(blocks, block_json(s, i));
	json_object_object_add(result, "blocks", blocks);
	add_errors(l, result);
}

static void
check_result(const struct link *l, struct json_object *result)
{
	add_raw(l, result);
	add_errors(l, result);
}

/* ---- planning and burning ---- */

/* The members of the plan beside ours. */
static void
plan_result(const struct link *l, struct json_object *result)
{
	struct json_object	*plan = efuse_plan_json(l->fuses.plan);

	add_raw(l, result);
	json_object_object_foreach(plan, key, v)
		json_object_object_add(result, key, json_object_get(v));
	json_object_put(plan);
}

static int
plan_finish(struct job *j, const struct link *l, struct json_object *result,
    struct why *why)
{
	struct efuse_order	*bound;
	char			 token[EFUSE_TOKEN_LEN] = "";
	char			 identity[PORT_IDENTITY_MAX];
	int			 r;

	if (efuse_plan_steps(l->fuses.plan) > 0) {
		bound = efuse_order_bind(j->order, l->found.facts.mac,
		    &l->fuses.state.raw);
		if (bound == NULL)
			return why_set(why, ERR_NOMEM, "no memory for the "
			    "plan");
		port_identity(j->port, identity);
		r = efuse_tokens_add(bound, j->peer.uid, identity, token, why);
		efuse_order_unref(bound);
		if (r < 0)
			return r;
	}
	json_object_object_add(result, "token", json_object_new_string(token));
	rpc_add_number(result, "valid_s", EFUSE_TOKEN_S);
	return 0;
}

static void
burn_result(const struct link *l, struct json_object *result)
{
	const struct link_fuses	*f = &l->fuses;
	struct json_object	*steps = json_object_new_array(), *o;

	for (size_t i = 0; i < f->done_count; i++) {
		o = json_object_new_object();
		rpc_add_text(o, "block",
		    f->state.efuse->blocks[f->done[i].step->block].name);
		json_object_object_add(o, "late",
		    json_object_new_boolean(f->done[i].step->late));
		rpc_add_number(o, "tries", f->done[i].tries);
		rpc_add_text(o, "outcome", f->done[i].text);
		(void)json_object_array_add(steps, o);
	}
	json_object_object_add(result, "steps", steps);
	if (f->lost[0] != '\0')
		rpc_add_text(result, "lost", f->lost);
	else
		add_raw(l, result);
}

const struct op op_efuse[] = {
	{ .method = "efuse.summary", .phases = read_phases,
	  .result = summary_result, .flags = OP_FUSES },
	{ .method = "efuse.dump", .phases = read_phases,
	  .result = dump_result, .flags = OP_FUSES },
	{ .method = "efuse.read", .phases = read_phases,
	  .result = read_result, .flags = OP_FUSES },
	{ .method = "efuse.check", .phases = read_phases,
	  .result = check_result, .flags = OP_FUSES },
	{ .method = "efuse.plan", .phases = plan_phases,
	  .result = plan_result, .finish = plan_finish,
	  .flags = OP_FUSES | OP_BURNS },
	{ .method = "efuse.burn", .phases = burn_phases,
	  .result = burn_result, .flags = OP_TOKEN | OP_BURNS },
	{ 0 },
};
