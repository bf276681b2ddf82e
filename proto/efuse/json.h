#ifndef PROTO_EFUSE_JSON_H
#define PROTO_EFUSE_JSON_H
/*
 * json - fuses and plans as they travel between daemon and clients.
 */
#include "proto/base/why.h"
#include "proto/efuse/plan.h"
#include "proto/efuse/state.h"

struct json_object;

/* {"chip": "ESP32-C3", "revision": 4, "crystal_mhz": 40, "date": n,
 *  "registers": hex of the window, low byte of each word first}.
 * ERR_PARAMS: not such an object. */
struct json_object *efuse_raw_json(const struct efuse_raw *);
int efuse_raw_parse(struct efuse_raw *, struct json_object *, struct why *);

/* One field as espefuse's JSON has it: name, value, raw_value, readable,
 * writeable, description, category, block, word, pos, efuse_type, bit_len. */
struct json_object *efuse_field_json(const struct efuse_state *,
    const struct efuse_field *);

/* [{"block": "BLOCK0", "late": bool, "bits": count}], in their order; without a
 * count where the block gets a secret. */
struct json_object *efuse_steps_json(const struct efuse_plan *);

/* {"steps": as above, "changes": [{"name", "before", "after"}],
 *  "consequences": ["..."], "notes": ["..."]} */
struct json_object *efuse_plan_json(const struct efuse_plan *);
#endif
