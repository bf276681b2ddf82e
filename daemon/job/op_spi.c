/* op_spi - jobs that speak with the flash chip itself. */
#include <json-c/json.h>

#include "daemon/job/op.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/rpc/method.h"
#include "proto/rpc/rpc.h"

static const struct phase status_phases[] = {
	PHASES_ATTACH,
	{ "status",	phase_status,	5000 },
	{ 0 },
};

static const struct phase set_phases[] = {
	PHASES_ATTACH,
	{ "status",	phase_set_status, 15000 },
	{ 0 },
};

static const struct phase sfdp_phases[] = {
	PHASES_ATTACH,
	{ "sfdp",	phase_sfdp,	5000 },
	{ 0 },
};

static int
status_setup(struct link_flash *f, struct json_object *params,
    struct why *why)
{
	struct link_status	*s = &f->status;

	s->bytes = method_number(params, "bytes", 2);
	s->value = method_number(params, "value", 0);
	s->non_volatile = method_bool(params, "non_volatile");
	if (s->value >> 8 * s->bytes != 0)
		return why_set(why, ERR_PARAMS, "value: 0x%x does not fit in "
		    "the %u status register%s that shall be written", s->value,
		    s->bytes, s->bytes == 1 ? "" : "s");
	return 0;
}

static int
sfdp_setup(struct link_flash *f, struct json_object *params, struct why *why)
{
	f->sfdp_address = method_number(params, "address", 0);
	f->sfdp_bytes = method_number(params, "size", 4);
	if (f->sfdp_address + f->sfdp_bytes > 1u << 24)
		return why_set(why, ERR_PARAMS, "%u bytes from 0x%x reach "
		    "beyond what SFDP can have, 16 MB", f->sfdp_bytes,
		    f->sfdp_address);
	return 0;
}

static void
status_result(const struct link *l, struct json_object *result)
{
	op_flash_result(l, result);
	rpc_add_number(result, "status", l->found.status[0]);
	rpc_add_number(result, "bytes", l->flash.status.bytes);
}

static void
set_result(const struct link *l, struct json_object *result)
{
	op_flash_result(l, result);
	rpc_add_number(result, "before", l->found.status[0]);
	rpc_add_number(result, "wanted", l->flash.status.value);
	rpc_add_number(result, "after", l->found.status[1]);
	rpc_add_number(result, "bytes", l->flash.status.bytes);
}

static void
sfdp_result(const struct link *l, struct json_object *result)
{
	char	hex[2 * LINK_SFDP_MAX + 1];

	text_hex(hex, l->found.sfdp, l->flash.sfdp_bytes);
	op_flash_result(l, result);
	rpc_add_number(result, "address", l->flash.sfdp_address);
	rpc_add_text(result, "data", hex);
}

const struct op op_spi[] = {
	{ .method = "flash.status", .phases = status_phases,
	  .setup = status_setup, .result = status_result },
	{ .method = "flash.set_status", .phases = set_phases,
	  .setup = status_setup, .result = set_result },
	{ .method = "flash.sfdp", .phases = sfdp_phases,
	  .setup = sfdp_setup, .result = sfdp_result },
	{ 0 },
};
