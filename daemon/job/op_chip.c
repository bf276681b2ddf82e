/* op_chip - jobs that ask the chip about itself and leave its flash alone. */
#include <string.h>

#include <json-c/json.h>

#include "daemon/job/op.h"

static const struct phase ask[] = {
	{ "connect",	phase_connect,	0 },	/* attempts decide */
	{ "identify",	phase_identify,	10000 },
	{ 0 },
};

/* Only the ESP8266 has an id of its own. */
static void
chip_id_result(const struct link *l, struct json_object *result)
{
	if (l->found.facts.id != 0)
		json_object_object_add(result, "chip_id",
		    json_object_new_int64(l->found.facts.id));
}

const struct op op_chip[] = {
	{ .method = "chip.mac", .phases = ask },
	{ .method = "chip.id", .phases = ask, .result = chip_id_result },
	{ 0 },
};
