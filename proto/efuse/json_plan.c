/* Plans as they travel; what the other objects are is in json.c. */
#include "proto/efuse/json.h"

#include <json-c/json.h>

#include "proto/efuse/describe.h"

static void
add_text(struct json_object *o, const char *name, const char *text)
{
	json_object_object_add(o, name, json_object_new_string(text));
}

/* How many bits of a key are set is nobody's business. */
static struct json_object *
step_json(const struct efuse_plan *plan, const struct efuse_step *step)
{
	const struct efuse_chip	*e = efuse_plan_before(plan)->efuse;
	struct json_object	*o = json_object_new_object();
	unsigned		 bits = 0;

	for (size_t i = 0; i < EFUSE_WORDS; i++)
		bits += (unsigned)__builtin_popcount(step->want[i]);
	add_text(o, "block", e->blocks[step->block].name);
	json_object_object_add(o, "late",
	    json_object_new_boolean(step->late));
	if ((efuse_plan_secrets(plan) >> step->block & 1) == 0)
		json_object_object_add(o, "bits", json_object_new_int64(bits));
	return o;
}

struct json_object *
efuse_steps_json(const struct efuse_plan *plan)
{
	struct json_object	*steps = json_object_new_array();

	for (size_t i = 0; i < efuse_plan_steps(plan); i++)
		(void)json_object_array_add(steps, step_json(plan,
		    efuse_plan_step(plan, i)));
	return steps;
}

static void
add_change(void *list, const struct efuse_change *change)
{
	struct json_object	*o = json_object_new_object();

	add_text(o, "name", change->field->name);
	add_text(o, "before", change->before);
	add_text(o, "after", change->after);
	json_object_array_add(list, o);
}

static void
add_sentence(void *list, const char *sentence)
{
	json_object_array_add(list, json_object_new_string(sentence));
}

struct json_object *
efuse_plan_json(const struct efuse_plan *plan)
{
	struct json_object	*o = json_object_new_object();
	struct json_object	*changes = json_object_new_array();
	struct json_object	*consequences = json_object_new_array();
	struct json_object	*notes = json_object_new_array();

	efuse_plan_changes(plan, add_change, changes);
	efuse_consequences(efuse_plan_before(plan), efuse_plan_after(plan),
	    add_sentence, consequences);
	for (size_t i = 0; i < efuse_plan_notes(plan); i++)
		add_sentence(notes, efuse_plan_note(plan, i));
	json_object_object_add(o, "steps", efuse_steps_json(plan));
	json_object_object_add(o, "changes", changes);
	json_object_object_add(o, "consequences", consequences);
	json_object_object_add(o, "notes", notes);
	return o;
}
