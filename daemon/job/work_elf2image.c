/* work_elf2image - image.elf2image: an image from a linked program. */
#include <string.h>

#include <json-c/json.h>

#include "daemon/job/op.h"
#include "daemon/job/work.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/image/build.h"
#include "proto/rpc/method.h"
#include "proto/rpc/rpc.h"

static void
set_flags(struct json_object *p, struct build_options *o)
{
	o->use_segments = method_bool(p, "use_segments");
	o->ram_only_header = method_bool(p, "ram_only_header");
	o->no_digest = method_bool(p, "dont_append_digest");
	o->secure_pad = method_bool(p, "secure_pad");
	o->secure_pad_v2 = method_bool(p, "secure_pad_v2");
}

static int
set_options(struct json_object *p, struct build_options *o, struct why *why)
{
	const char	*name = method_string(p, "chip", "");
	const char	*page = method_string(p, "flash_mmu_page_size", NULL);
	const char	*pad = method_string(p, "pad_to_size", NULL);

	*o = (struct build_options){
		.chip = chip_by_name(name),
		.version = method_number(p, "version", 1),
		.elf_sha_at = method_number(p, "elf_sha256_offset", 0),
		.min_rev = (uint8_t)method_number(p, "min_rev", 0),
		.min_rev_full = (uint16_t)method_number(p, "min_rev_full", 0),
		.max_rev_full = (uint16_t)method_number(p, "max_rev_full",
		    HEADER_ANY_REV),
		.words = {
			.mode = method_string(p, "flash_mode", NULL),
			.freq = method_string(p, "flash_freq", NULL),
			.size = method_string(p, "flash_size", NULL),
		},
	};
	if (o->chip == NULL)
		return why_set(why, ERR_PARAMS, "there is no chip \"%.40s\"; "
		    "an image is for one of %s", name, chip_names());
	set_flags(p, o);
	if (page != NULL && text_size(page, &o->mmu_page) < 0)
		return why_set(why, ERR_PARAMS, "flash_mmu_page_size: \"%.40s\" "
		    "is no size", page);
	return pad != NULL ? build_pad_size(pad, &o->pad_to, why) : 0;
}

static void
add_files(struct json_object *result, const struct build *b)
{
	struct json_object	*list = json_object_new_array(), *file;

	for (size_t i = 0; i < b->file_count; i++) {
		file = json_object_new_object();
		rpc_add_number(file, "output", i);
		rpc_add_number(file, "bytes", b->files[i].bytes.len);
		if (b->files[i].has_offset)
			rpc_add_number(file, "offset", b->files[i].offset);
		(void)json_object_array_add(list, file);
	}
	json_object_object_add(result, "files", list);
}

static int
write_files(struct work *w, const struct build_options *o,
    const struct build *b, struct why *why)
{
	int	r;

	for (size_t i = 0; i < b->file_count; i++) {
		const struct buf	*f = &b->files[i].bytes;

		if ((r = work_output(w, i, f->data, f->len, why)) < 0)
			return r;
	}
	rpc_add_text(w->result, "chip", o->chip->name);
	rpc_add_number(w->result, "merged_sections", b->merged);
	rpc_add_number(w->result, "segments", b->segments);
	if (b->mmu_page != 0)
		rpc_add_number(w->result, "mmu_page_size", b->mmu_page);
	json_object_object_add(w->result, "mmu_page_size_guessed",
	    json_object_new_boolean(b->mmu_guessed));
	add_files(w->result, b);
	return 0;
}

int
work_elf2image(struct work *w, struct why *why)
{
	const struct image_notes	notes = { work_note_text, w };
	struct build_options		o;
	struct build			b = { 0 };
	struct why			cause = { 0 };
	int				r;

	if ((r = set_options(w->params, &o, why)) < 0)
		return r;
	r = build_image(w->file->data, w->file->len, &o, &b, &notes, &cause);
	if (r == 0)
		r = write_files(w, &o, &b, why);
	else if (r == ERR_PARAMS)
		*why = cause;
	else
		(void)why_set(why, r, "'%s': %s", w->file->name,
		    why_text(&cause));
	build_done(&b);
	return r;
}
