/* op_chip - jobs that ask the chip about itself, or let it go. */
#include <string.h>

#include <json-c/json.h>

#include "daemon/job/op.h"
#include "proto/chip/security.h"
#include "proto/rpc/rpc.h"

static const struct phase ask[] = {
	PHASES_IDENTIFY,
	{ 0 },
};

static const struct phase run_phases[] = {
	PHASES_IDENTIFY,
	{ "run",	phase_run,	10000 },
	{ 0 },
};

static const struct phase security_phases[] = {
	PHASES_IDENTIFY,
	{ "security",	phase_security,	5000 },
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

static struct json_object *
flag_names(uint32_t flags)
{
	struct json_object	*list = json_object_new_array();

	for (uint32_t bit = 1; bit != 0; bit <<= 1) {
		const char	*name = secinfo_flag_name(bit);

		if ((flags & bit) != 0 && name != NULL)
			json_object_array_add(list,
			    json_object_new_string(name));
	}
	return list;
}

/* Only a key that this chip has is named. */
static struct json_object *
key_purposes(const struct link *l)
{
	const struct secinfo	*s = &l->found.secinfo;
	struct json_object	*list = json_object_new_array();

	for (unsigned i = 0; i < SECINFO_KEYS; i++) {
		struct json_object	*o = json_object_new_object();

		rpc_add_number(o, "key", i);
		rpc_add_number(o, "purpose", s->key_purposes[i]);
		if (i < CHIP_KEYS &&
		    l->chip->security.key_purpose[i].addr != 0)
			rpc_add_text(o, "name",
			    security_purpose_name(s->key_purposes[i]));
		json_object_array_add(list, o);
	}
	return list;
}

static void
add_bool(struct json_object *o, const char *name, bool value)
{
	json_object_object_add(o, name, json_object_new_boolean(value));
}

static void
security_result(const struct link *l, struct json_object *result)
{
	const struct secinfo	*s = &l->found.secinfo;

	rpc_add_number(result, "flags", s->flags);
	json_object_object_add(result, "flag_names", flag_names(s->flags));
	rpc_add_number(result, "crypt_count", s->crypt_count);
	add_bool(result, "encrypted",
	    __builtin_popcount(s->crypt_count) % 2 == 1);
	json_object_object_add(result, "key_purposes", key_purposes(l));
	if (s->has_chip_id) {
		rpc_add_number(result, "chip_id", s->chip_id);
		rpc_add_number(result, "api_version", s->api_version);
	}
	add_bool(result, "secure_boot", s->flags & SECINFO_SECURE_BOOT);
	add_bool(result, "secure_download",
	    s->flags & SECINFO_SECURE_DOWNLOAD);
}

const struct op op_chip[] = {
	{ .method = "chip.mac", .phases = ask },
	{ .method = "chip.id", .phases = ask, .result = chip_id_result },
	{ .method = "chip.run", .phases = run_phases },
	{ .method = "chip.security", .phases = security_phases,
	  .result = security_result, .flags = OP_SECURE },
	{ 0 },
};
