/* work_info - image.info: what an image holds, as JSON.
 * The members are told in man/espflashd-rpc.7. */
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "daemon/job/op.h"
#include "daemon/job/work.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/image/ihex.h"
#include "proto/image/info.h"
#include "proto/image/uf2.h"
#include "proto/rpc/method.h"
#include "proto/rpc/rpc.h"

static void
add_bool(struct json_object *o, const char *name, bool value)
{
	json_object_object_add(o, name, json_object_new_boolean(value));
}

static void
add_hex(struct json_object *o, const char *name,
    const uint8_t sum[HEADER_SHA256])
{
	char	hex[2 * HEADER_SHA256 + 1];

	text_hex(hex, sum, HEADER_SHA256);
	rpc_add_text(o, name, hex);
}

static void
add_header(struct json_object *o, const struct info *info)
{
	rpc_add_number(o, "version", info->version);
	rpc_add_number(o, "entry", info->entry);
	rpc_add_number(o, "flash_size_code", info->size);
	rpc_add_number(o, "flash_freq_code", info->freq);
	rpc_add_number(o, "flash_mode_code", info->mode);
	if (info->size_word != NULL)
		rpc_add_text(o, "flash_size", info->size_word);
	if (info->freq_word != NULL)
		rpc_add_text(o, "flash_freq", info->freq_word);
	if (info->mode_word != NULL)
		rpc_add_text(o, "flash_mode", info->mode_word);
}

static void
add_extended(struct json_object *o, const struct info_extended *e)
{
	struct json_object	*x = json_object_new_object();
	struct json_object	*drive = json_object_new_object();
	const struct chip	*c = chip_by_image_id(e->chip_id);

	rpc_add_number(x, "wp_pin", e->wp_pin);
	rpc_add_number(drive, "clk", e->clk);
	rpc_add_number(drive, "q", e->q);
	rpc_add_number(drive, "d", e->d);
	rpc_add_number(drive, "cs0", e->cs);
	rpc_add_number(drive, "hd", e->hd);
	rpc_add_number(drive, "wp", e->wp);
	json_object_object_add(x, "drive", drive);
	rpc_add_number(x, "chip_id", e->chip_id);
	if (c != NULL)
		rpc_add_text(x, "chip", c->name);
	rpc_add_number(x, "min_rev", e->min_rev);
	rpc_add_number(x, "min_rev_full", e->min_rev_full);
	rpc_add_number(x, "max_rev_full", e->max_rev_full);
	json_object_object_add(o, "extended", x);
}

static void
add_segments(struct json_object *o, const struct info *info)
{
	struct json_object	*list = json_object_new_array();

	for (size_t i = 0; i < info->count; i++) {
		const struct info_segment *s = &info->segments[i];
		struct json_object	*one = json_object_new_object();
		struct json_object	*memory = json_object_new_array();
		const char		*name;

		rpc_add_number(one, "address", s->addr);
		rpc_add_number(one, "bytes", s->len);
		rpc_add_number(one, "file_offset", s->offset);
		for (size_t k = 0; (name = info_memory(info->chip, s->addr,
		    k)) != NULL; k++)
			(void)json_object_array_add(memory,
			    json_object_new_string(name));
		json_object_object_add(one, "memory", memory);
		(void)json_object_array_add(list, one);
	}
	json_object_object_add(o, "segments", list);
}

static void
add_sums(struct json_object *o, const struct info *info)
{
	struct json_object	*sum = json_object_new_object(), *digest;

	rpc_add_number(sum, "stored", info->sum);
	rpc_add_number(sum, "calculated", info->right_sum);
	add_bool(sum, "valid", info->sum == info->right_sum);
	json_object_object_add(o, "checksum", sum);
	if (info->has_crc)
		add_bool(o, "crc_valid", info->crc_valid);
	if (!info->extended.has_digest)
		return;
	digest = json_object_new_object();
	add_hex(digest, "sha256", info->digest);
	add_bool(digest, "valid", info->digest_valid);
	json_object_object_add(o, "digest", digest);
}

static void
add_app(struct json_object *o, const struct appdesc *d)
{
	struct json_object	*x = json_object_new_object();

	rpc_add_text(x, "project", d->project);
	rpc_add_text(x, "version", d->version);
	rpc_add_text(x, "date", d->date);
	rpc_add_text(x, "time", d->time);
	add_hex(x, "elf_sha256", d->elf_sha256);
	rpc_add_text(x, "idf_version", d->idf_version);
	rpc_add_number(x, "min_efuse_rev", d->min_efuse_rev);
	rpc_add_number(x, "max_efuse_rev", d->max_efuse_rev);
	if (d->mmu_page != 0)
		rpc_add_number(x, "mmu_page_size", d->mmu_page);
	rpc_add_number(x, "secure_version", d->secure_version);
	json_object_object_add(o, "app", x);
}

static void
add_boot(struct json_object *o, const struct bootdesc *d)
{
	struct json_object	*x = json_object_new_object();

	rpc_add_number(x, "version", d->version);
	rpc_add_text(x, "idf_version", d->idf_version);
	rpc_add_text(x, "date_time", d->date_time);
	rpc_add_number(x, "secure_version", d->secure_version);
	json_object_object_add(o, "bootloader", x);
}

static void
add_info(struct json_object *o, const struct info *info)
{
	add_header(o, info);
	if (info->chip->image_id >= 0)
		add_extended(o, &info->extended);
	add_segments(o, info);
	add_sums(o, info);
	if (info->has_app)
		add_app(o, &info->app);
	if (info->has_boot)
		add_boot(o, &info->boot);
}

/* ---- the job ---- */

/* What is odd, each under the image that it is of. */
static void
add_warning(void *array, const char *text)
{
	static const char	begins[] = "Warning: ";

	if (strncmp(text, begins, sizeof begins - 1) == 0)
		text += sizeof begins - 1;
	(void)json_object_array_add(array, json_object_new_string(text));
}

/*
 * The low byte of a length is enough to make the header of an ESP8266's image
 * look like an extended one.  Where that makes no sound image, but the other
 * kind does, it is that.
 */
static bool
is_esp8266(const uint8_t *p, size_t len)
{
	struct info	info;

	return info_parse(p, len, &chip_esp8266, NULL, &info, NULL) == 0 &&
	    info.count > 0 && info.sum == info.right_sum;
}

static bool
is_sound(const uint8_t *p, size_t len, const struct chip *chip)
{
	struct info	info;

	return info_parse(p, len, chip, NULL, &info, NULL) == 0 &&
	    info.sum == info.right_sum;
}

/* Fill one member of "images".  The error that it failed with has its sentence
 * as member "error", too. */
static int
look(const uint8_t *p, size_t len, const struct chip *wanted,
    struct json_object *o, struct why *why)
{
	struct json_object	*warnings = json_object_new_array();
	struct image_notes	 notes = { add_warning, warnings };
	const struct chip	*chip;
	struct info		 info;
	int			 r;

	rpc_add_number(o, "bytes", len);
	if ((r = info_chip(p, len, wanted, &chip, why)) == 0) {
		if (wanted == NULL && !is_sound(p, len, chip) &&
		    is_esp8266(p, len))
			chip = &chip_esp8266;
		rpc_add_text(o, "chip", chip->name);
		r = info_parse(p, len, chip, &notes, &info, why);
	}
	if (r == 0)
		add_info(o, &info);
	else
		rpc_add_text(o, "error", why_text(why));
	if (json_object_array_length(warnings) > 0)
		json_object_object_add(o, "warnings", warnings);
	else
		json_object_put(warnings);
	return r;
}

/* The name of the file is said, and where nobody named a chip, that too. */
static int
fail(struct work *w, const struct why *cause, bool detected, bool esp8266,
    struct why *why)
{
	return why_set(why, cause->err, "%s: %s%s", w->file->name,
	    why_text(cause), detected && esp8266 ? " As its header names no "
	    "other chip it was taken for an image of the ESP8266; name the "
	    "chip if it is of another one." : "");
}

static void
tell_warnings(struct work *w, struct json_object *image)
{
	struct json_object	*list = NULL;

	if (!json_object_object_get_ex(image, "warnings", &list))
		return;
	for (size_t i = 0; i < json_object_array_length(list); i++)
		work_note(w, "Warning: %s", json_object_get_string(
		    json_object_array_get_idx(list, i)));
}

/* A file that is one image, or that has all its bytes in one place. */
static int
look_at_one(struct work *w, const uint8_t *p, size_t len,
    const struct chip *wanted, struct json_object *images, struct why *why)
{
	struct json_object	*o = json_object_new_object(), *chip = NULL;
	struct why		 cause = { 0 };
	int			 r = look(p, len, wanted, o, &cause);

	if (r < 0) {
		/* There will be no result to tell them. */
		tell_warnings(w, o);
		(void)json_object_object_get_ex(o, "chip", &chip);
		r = fail(w, &cause, wanted == NULL, chip != NULL && strcmp(
		    json_object_get_string(chip), chip_esp8266.name) == 0, why);
	}
	(void)json_object_array_add(images, o);
	return r;
}

/* ---- files that say where their bytes go ---- */

struct part {
	uint32_t	 offset;
	const uint8_t	*data;
	size_t		 len;
};

/* Several in one file.  One that is no image, as a partition table, is no
 * failure.  The first one tells the chip of them all. */
static void
look_at_each(const struct part *parts, size_t count, const struct chip *wanted,
    struct json_object *images)
{
	for (size_t i = 0; i < count; i++) {
		struct json_object	*o = json_object_new_object(), *chip;
		struct why		 cause = { 0 };

		rpc_add_number(o, "offset", parts[i].offset);
		if (look(parts[i].data, parts[i].len, wanted, o, &cause) == 0 &&
		    i == 0 && wanted == NULL &&
		    json_object_object_get_ex(o, "chip", &chip))
			wanted = chip_by_name(json_object_get_string(chip));
		(void)json_object_array_add(images, o);
	}
}

static int
look_at_parts(struct work *w, const struct part *parts, size_t count,
    const struct chip *wanted, struct json_object *images, struct why *why)
{
	if (count == 1)
		return look_at_one(w, parts[0].data, parts[0].len, wanted,
		    images, why);
	look_at_each(parts, count, wanted, images);
	return 0;
}

static int
look_at_hex(struct work *w, const struct chip *wanted,
    struct json_object *images, struct why *why)
{
	struct why	 cause = { 0 };
	struct part	*parts;
	struct ihex	 h;
	int		 r;

	if (ihex_parse(w->file->data, w->file->len, &h, &cause) < 0)
		return fail(w, &cause, false, false, why);
	parts = calloc(h.count, sizeof *parts);
	for (size_t i = 0; parts != NULL && i < h.count; i++)
		parts[i] = (struct part){ h.regions[i].address,
		    h.regions[i].data, h.regions[i].len };
	r = parts == NULL ? why_set(why, ERR_NOMEM, "out of memory") :
	    look_at_parts(w, parts, h.count, wanted, images, why);
	free(parts);
	ihex_done(&h);
	return r;
}

/* What a UF2 file has for that chip, or for its only one. */
static int
take_uf2(struct work *w, const struct uf2 *u, const struct chip **chip,
    struct part *parts, size_t *count, struct why *why)
{
	struct why	cause = { 0 };

	*count = 0;
	if (*chip == NULL && uf2_chip(u, chip, &cause) < 0)
		return fail(w, &cause, false, false, why);
	for (size_t i = 0; i < u->count; i++) {
		const struct uf2_region *r = &u->regions[i];

		if (*chip != NULL && r->family != 0 &&
		    r->family != (*chip)->uf2_family)
			continue;
		parts[(*count)++] = (struct part){ r->address, r->data,
		    r->len };
	}
	if (*count == 0)
		return why_set(why, ERR_CHIP_MISMATCH, "%s: the UF2 file has "
		    "nothing for the %s.", w->file->name, (*chip)->name);
	return 0;
}

static int
look_at_uf2(struct work *w, const struct chip *wanted,
    struct json_object *images, struct why *why)
{
	struct why	 cause = { 0 };
	struct part	*parts;
	struct uf2	 u;
	size_t		 count = 0;
	int		 r;

	if (uf2_parse(w->file->data, w->file->len, &u, &cause) < 0)
		return fail(w, &cause, false, false, why);
	parts = calloc(u.count, sizeof *parts);
	r = parts == NULL ? why_set(why, ERR_NOMEM, "out of memory") :
	    take_uf2(w, &u, &wanted, parts, &count, why);
	if (r == 0)
		r = look_at_parts(w, parts, count, wanted, images, why);
	free(parts);
	uf2_done(&u);
	return r;
}

static int
find_chip(struct work *w, const struct chip **chip, struct why *why)
{
	const char	*name = method_string(w->params, "chip", "auto");

	*chip = NULL;
	if (strcmp(name, "auto") == 0)
		return 0;
	if ((*chip = chip_by_name(name)) == NULL)
		return why_set(why, ERR_PARAMS, "There is no chip '%s'; known "
		    "are %s, and auto.", name, chip_names());
	return 0;
}

int
work_info(struct work *w, struct why *why)
{
	struct json_object	*images = json_object_new_array();
	const struct chip	*chip;
	int			 r;

	if ((r = find_chip(w, &chip, why)) < 0) {
		json_object_put(images);
		return r;
	}
	rpc_add_number(w->result, "bytes", w->file->len);
	add_bool(w->result, "detected", chip == NULL);
	if (w->file->len > 0 && w->file->data[0] == ':')
		r = look_at_hex(w, chip, images, why);
	else if (uf2_is(w->file->data, w->file->len))
		r = look_at_uf2(w, chip, images, why);
	else
		r = look_at_one(w, w->file->data, w->file->len, chip, images,
		    why);
	add_bool(w->result, "merged", json_object_array_length(images) > 1);
	json_object_object_add(w->result, "images", images);
	return r;
}
