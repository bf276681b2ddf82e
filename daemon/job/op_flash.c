/* op_flash - jobs that work on the flash chip. */
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "daemon/job/op.h"
#include "daemon/job/place.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/rpc/method.h"
#include "proto/rpc/rpc.h"

static const struct phase id_phases[] = {
	PHASES_ATTACH,
	{ 0 },
};

static const struct phase write_phases[] = {
	PHASES_ATTACH,
	{ "table",	phase_table,	0 },	/* with partitions only */
	{ "check",	phase_check,	0 },	/* headers are set here */
	{ "erase",	phase_erase,	0 },	/* with erase_all only */
	{ "write",	phase_write,	0 },
	{ "verify",	phase_verify,	0 },
	{ 0 },
};

static const struct phase verify_phases[] = {
	PHASES_ATTACH,
	{ "table",	phase_table,	0 },	/* with partitions only */
	{ "check",	phase_check,	0 },	/* headers are set here */
	{ "verify",	phase_verify,	0 },
	{ 0 },
};

static const struct phase erase_phases[] = {
	PHASES_ATTACH,
	{ "check",	phase_check,	0 },	/* headers are set here */
	{ "erase",	phase_erase,	0 },
	{ 0 },
};

static const struct phase region_phases[] = {
	PHASES_ATTACH,
	{ "table",	phase_table,	0 },	/* with partitions only */
	{ "check",	phase_check,	0 },	/* headers are set here */
	{ "erase",	phase_erase,	0 },
	{ 0 },
};

static const struct phase read_phases[] = {
	PHASES_ATTACH,
	{ "table",	phase_table,	0 },	/* with partitions only */
	{ "check",	phase_check,	0 },	/* headers are set here */
	{ "read",	phase_read,	0 },
	{ 0 },
};

/* Is there an image with an "old" one? */
static bool
has_old(struct json_object *params)
{
	struct json_object	*list;

	list = json_object_object_get(params, "images");
	for (size_t i = 0; i < json_object_array_length(list); i++)
		if (json_object_object_get_ex(
		    json_object_array_get_idx(list, i), "old", NULL))
			return true;
	return false;
}

static void
table_setup(struct link_flash *f, struct json_object *params)
{
	f->table_offset = method_number(params, "partition_table_offset",
	    PARTITION_OFFSET);
}

/* Where a region begins; open while only the chip can tell. */
static uint32_t
place_setup(struct link_flash *f, struct json_object *params)
{
	struct place	place;

	table_setup(f, params);
	place_of(params, &place);
	memcpy(f->partition, place.partition, sizeof f->partition);
	f->open = place.open;
	return place.offset;
}

static int
write_setup(struct link_flash *f, struct json_object *params, struct why *why)
{
	table_setup(f, params);
	f->plain = method_bool(params, "plain");
	f->erase_all = method_bool(params, "erase_all");
	f->skip_flashed = method_bool(params, "skip_flashed");
	f->trust_old = method_bool(params, "trust_flash_content");
	f->ignore_crypt_config = method_bool(params, "ignore_flash_enc_efuse");
	if (f->skip_flashed && has_old(params))
		return why_set(why, ERR_PARAMS, "skip_flashed and an \"old\" "
		    "image (--diff-with) exclude each other");
	return 0;
}

static int
verify_setup(struct link_flash *f, struct json_object *params, struct why *why)
{
	(void)why;
	table_setup(f, params);
	f->must_verify = true;
	return 0;
}

static int
erase_all_setup(struct link_flash *f, struct json_object *params,
    struct why *why)
{
	(void)params;
	(void)why;
	f->erase_all = true;
	return 0;
}

static int
region_setup(struct link_flash *f, struct json_object *params, struct why *why)
{
	f->erase_offset = place_setup(f, params);
	f->erase_bytes = method_number(params, "size", 0);
	if (f->erase_offset % FLASH_SECTOR != 0)
		return why_set(why, ERR_ALIGN, "the offset 0x%x is not a "
		    "multiple of 0x1000: flash is erased in sectors of 4096 "
		    "bytes", f->erase_offset);
	f->erase_rest = f->erase_bytes == 0;
	if (f->erase_bytes % FLASH_SECTOR != 0)
		return why_set(why, ERR_ALIGN, "the size 0x%x is not a "
		    "multiple of 0x1000: flash is erased in sectors of "
		    "4096 bytes", f->erase_bytes);
	return 0;
}

static int
read_setup(struct link_flash *f, struct json_object *params, struct why *why)
{
	(void)why;
	f->read_offset = place_setup(f, params);
	f->read_bytes = method_number(params, "size", 0);
	f->read_rest = f->read_bytes == 0;
	return 0;
}

static void
add_digest(struct json_object *o, const uint8_t md5[BLOB_MD5])
{
	char	hex[2 * BLOB_MD5 + 1];

	text_hex(hex, md5, BLOB_MD5);
	rpc_add_text(o, "md5", hex);
}

/* What the chip's fuses and pins say of the flash, where they do. */
static void
add_fuses(const struct link *l, struct json_object *flash)
{
	const struct chip_facts	*f = &l->found.facts;

	if (link_is_secure(l))
		return;
	if (l->chip->octal.addr != 0)
		rpc_add_number(flash, "lines", f->octal ? 8 : 4);
	if (f->flash_voltage != NULL)
		rpc_add_text(flash, "voltage", f->flash_voltage);
	if (f->flash_voltage_by != NULL)
		rpc_add_text(flash, "voltage_by", f->flash_voltage_by);
}

static void
flash_result(const struct link *l, struct json_object *result)
{
	const struct flashid	*id = &l->found.flash;
	struct json_object	*o = json_object_new_object();
	const char		*maker = flashid_maker(id->manufacturer);
	char			 hex[8];

	(void)snprintf(hex, sizeof hex, "%02x", id->manufacturer);
	rpc_add_text(o, "manufacturer", hex);
	(void)snprintf(hex, sizeof hex, "%04x", id->device);
	rpc_add_text(o, "device", hex);
	if (maker != NULL)
		rpc_add_text(o, "maker", maker);
	if (id->size != 0)
		rpc_add_number(o, "size", id->size);
	add_fuses(l, o);
	json_object_object_add(result, "flash", o);
}

void
op_flash_result(const struct link *l, struct json_object *result)
{
	flash_result(l, result);
}

static void
add_partition(struct json_object *o, const char *name)
{
	if (name[0] != '\0')
		rpc_add_text(o, "partition", name);
}

/* What became of each image of a write or verify. */
static void
images_result(const struct link *l, struct json_object *result)
{
	struct json_object	*list = json_object_new_array();

	flash_result(l, result);
	for (size_t i = 0; i < l->flash.write_count; i++) {
		const struct link_write	*w = &l->flash.writes[i];
		struct json_object	*o = json_object_new_object();

		rpc_add_text(o, "name", w->blob->name);
		add_partition(o, w->partition);
		rpc_add_number(o, "offset", w->offset);
		rpc_add_number(o, "bytes", w->blob->file_len);
		add_digest(o, l->images[i].blob->md5);
		json_object_object_add(o, "verified",
		    json_object_new_boolean(l->images[i].verified));
		json_object_array_add(list, o);
	}
	json_object_object_add(result, "images", list);
}

static void
add_true(struct json_object *o, const char *name, bool value)
{
	if (value)
		json_object_object_add(o, name, json_object_new_boolean(true));
}

/* The sectors of a differential write. */
static void
add_regions(const struct link_image *im, struct json_object *o)
{
	struct json_object	*list = json_object_new_array(), *region;
	uint32_t		 sectors = 0;

	for (size_t i = 0; i < im->region_count; i++) {
		region = json_object_new_object();
		rpc_add_number(region, "offset", im->regions[i].addr);
		rpc_add_number(region, "sectors", im->regions[i].sectors);
		json_object_array_add(list, region);
		sectors += im->regions[i].sectors;
	}
	rpc_add_number(o, "sectors", sectors);
	json_object_object_add(o, "regions", list);
}

/* What a write knows more of an image than a verify. */
static void
add_written(const struct link *l, size_t i, struct json_object *o)
{
	const struct link_image	*im = &l->images[i];
	char			 text[8];

	if (im->sent_z != 0)
		rpc_add_number(o, "compressed", im->sent_z);
	add_true(o, "skipped", im->skipped);
	add_true(o, "encrypted", l->flash.writes[i].encrypt);
	if (im->patched) {
		(void)snprintf(text, sizeof text, "0x%04x", im->params);
		rpc_add_text(o, "patched", text);
		add_true(o, "digest_updated", im->redigested);
	}
	if (im->region_count > 0)
		add_regions(im, o);
	if (im->resumed)
		rpc_add_number(o, "resumed", im->resumed_at);
	json_object_object_add(o, "seconds", rpc_seconds(
	    (double)im->ms / 1000));
}

static void
write_result(const struct link *l, struct json_object *result)
{
	struct json_object	*list;
	uint64_t		 ms = 0;

	images_result(l, result);
	list = json_object_object_get(result, "images");
	for (size_t i = 0; i < l->flash.write_count; i++) {
		struct json_object	*o = json_object_array_get_idx(list, i);

		add_written(l, i, o);
		ms += l->images[i].ms;
	}
	json_object_object_add(result, "write_seconds", rpc_seconds(
	    (double)ms / 1000));
}

static void
erase_result(const struct link *l, struct json_object *result)
{
	bool	all = l->flash.erase_all;

	flash_result(l, result);
	add_partition(result, l->flash.partition);
	rpc_add_number(result, "offset", all ? 0 : l->flash.erase_offset);
	rpc_add_number(result, "bytes",
	    all ? l->found.flash_bytes : l->flash.erase_bytes);
}

static void
read_result(const struct link *l, struct json_object *result)
{
	flash_result(l, result);
	add_partition(result, l->flash.partition);
	rpc_add_number(result, "offset", l->flash.read_offset);
	rpc_add_number(result, "bytes", l->flash.read_bytes);
	add_digest(result, l->found.md5);
}

const struct op op_flash[] = {
	{ .method = "flash.id", .phases = id_phases, .result = flash_result },
	{ .method = "flash.write", .phases = write_phases,
	  .setup = write_setup, .result = write_result,
	  .flags = OP_IMAGES | OP_SECURE | OP_PLACES | OP_ALTERS },
	{ .method = "flash.verify", .phases = verify_phases,
	  .setup = verify_setup, .result = images_result,
	  .flags = OP_IMAGES | OP_PLACES },
	{ .method = "flash.erase", .phases = erase_phases,
	  .setup = erase_all_setup, .result = erase_result },
	{ .method = "flash.erase_region", .phases = region_phases,
	  .setup = region_setup, .result = erase_result,
	  .flags = OP_SECURE | OP_PLACES | OP_ALTERS },
	{ .method = "flash.read", .phases = read_phases,
	  .setup = read_setup, .result = read_result,
	  .flags = OP_OUTPUT | OP_PLACES },
	{ 0 },
};
