/* op_mem - jobs that work on the chip's memory and registers. */
#include <json-c/json.h>

#include "daemon/job/op.h"
#include "proto/base/err.h"
#include "proto/rpc/method.h"
#include "proto/rpc/rpc.h"

/* None of them needs a stub, which would overwrite a part of what is asked
 * for. */
static const struct phase read_phases[] = {
	PHASES_IDENTIFY,
	{ "read",	phase_mem_read,	5000 },
	{ 0 },
};

static const struct phase write_phases[] = {
	PHASES_IDENTIFY,
	{ "write",	phase_mem_write, 5000 },
	{ 0 },
};

static const struct phase dump_phases[] = {
	PHASES_IDENTIFY,
	{ "baud",	phase_baud,	5000 },
	{ "dump",	phase_mem_dump,	0 },
	{ 0 },
};

static const struct phase load_phases[] = {
	PHASES_IDENTIFY,
	{ "baud",	phase_baud,	5000 },
	{ "load",	phase_ram,	0 },
	{ 0 },
};

/* A word is at a multiple of 4. */
static int
word_setup(struct link_flash *f, struct json_object *params, struct why *why)
{
	f->mem.address = method_number(params, "address", 0);
	f->mem.value = method_number(params, "value", 0);
	f->mem.mask = method_number(params, "mask", UINT32_MAX);
	if (f->mem.address % 4 != 0)
		return why_set(why, ERR_ALIGN, "the address 0x%x is not a "
		    "multiple of 4: the chip's memory is accessed in words of "
		    "4 bytes", f->mem.address);
	return 0;
}

static int
dump_setup(struct link_flash *f, struct json_object *params, struct why *why)
{
	f->mem.address = method_number(params, "address", 0);
	f->mem.bytes = method_number(params, "size", 0);
	if (f->mem.bytes - 1 > UINT32_MAX - f->mem.address)
		return why_set(why, ERR_PARAMS, "0x%x bytes from 0x%x reach "
		    "beyond the end of the address space", f->mem.bytes,
		    f->mem.address);
	return 0;
}

static void
read_result(const struct link *l, struct json_object *result)
{
	rpc_add_number(result, "address", l->flash.mem.address);
	rpc_add_number(result, "value", l->found.word);
}

static void
write_result(const struct link *l, struct json_object *result)
{
	rpc_add_number(result, "address", l->flash.mem.address);
	rpc_add_number(result, "value", l->flash.mem.value);
	rpc_add_number(result, "mask", l->flash.mem.mask);
}

static void
dump_result(const struct link *l, struct json_object *result)
{
	rpc_add_number(result, "address", l->flash.mem.address);
	rpc_add_number(result, "bytes", l->flash.mem.bytes);
}

static void
load_result(const struct link *l, struct json_object *result)
{
	rpc_add_number(result, "entry", l->found.ram_entry);
	rpc_add_number(result, "segments", l->found.ram_segments);
}

const struct op op_mem[] = {
	{ .method = "mem.read", .phases = read_phases, .setup = word_setup,
	  .result = read_result },
	{ .method = "mem.write", .phases = write_phases, .setup = word_setup,
	  .result = write_result },
	{ .method = "mem.dump", .phases = dump_phases, .setup = dump_setup,
	  .result = dump_result, .flags = OP_OUTPUT },
	{ .method = "ram.load", .phases = load_phases,
	  .result = load_result, .flags = OP_IMAGES },
	{ 0 },
};
