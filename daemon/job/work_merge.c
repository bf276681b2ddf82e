/* work_merge - image.merge and image.make: files made of files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "daemon/job/op.h"
#include "daemon/job/work.h"
#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "proto/image/make.h"
#include "proto/image/merge.h"
#include "proto/image/note.h"
#include "proto/rpc/method.h"
#include "proto/rpc/rpc.h"

enum {
	PAD_MIN		= 256 << 10,	/* the smallest flash there is */
	PAD_MAX		= 128 << 20,
	MAKE_MAX	= 512 << 20,	/* bytes of an image; far too many */
};

/* A word of a header; NULL: keep what is there. */
static const char *
word(struct json_object *params, const char *name)
{
	const char	*s = method_string(params, name, "keep");

	return strcmp(s, "keep") == 0 ? NULL : s;
}

static int
read_options(const struct work *w, struct merge *m, struct why *why)
{
	struct json_object	*p = w->params;
	const char		*chip = method_string(p, "chip", "");
	uint32_t		 pad = method_number(p, "pad_to_size", 0);

	*m = (struct merge){
		.chip = chip_by_name(chip),
		.words = { .mode = word(p, "flash_mode"),
		    .freq = word(p, "flash_freq"),
		    .size = word(p, "flash_size") },
		.target_offset = method_number(p, "target_offset", 0),
		.pad_to_size = pad,
		.chunk_size = method_number(p, "chunk_size", 0),
		.md5_disable = method_bool(p, "md5_disable"),
	};
	if (m->chip == NULL)
		return why_set(why, ERR_PARAMS, "there is no chip \"%.40s\"; "
		    "%s are known", chip, chip_names());
	if (!merge_format_by_name(method_string(p, "format", "raw"),
	    &m->format))
		return why_set(why, ERR_PARAMS, "there is no such format");
	if (json_object_object_get_ex(p, "pad_to_size", NULL) &&
	    (pad < PAD_MIN || pad > PAD_MAX || (pad & (pad - 1)) != 0))
		return why_set(why, ERR_PARAMS, "no flash has 0x%x bytes to "
		    "pad to; 256KB, 512KB, 1MB, 2MB, 4MB, 8MB, 16MB, 32MB, "
		    "64MB and 128MB are possible", pad);
	return 0;
}

static void
add_parts(struct json_object *result, const struct merge_part *parts,
    size_t count)
{
	struct json_object	*list = json_object_new_array(), *o;
	char			 params[8];

	for (size_t i = 0; i < count; i++) {
		const struct merge_part	*p = &parts[i];

		o = json_object_new_object();
		rpc_add_text(o, "name", p->name);
		rpc_add_number(o, "offset", p->offset);
		rpc_add_number(o, "bytes", (int64_t)p->len);
		if (p->patched) {
			(void)snprintf(params, sizeof params, "0x%04x",
			    p->params);
			rpc_add_text(o, "patched", params);
		}
		if (p->digested)
			json_object_object_add(o, "digest_updated",
			    json_object_new_boolean(true));
		(void)json_object_array_add(list, o);
	}
	json_object_object_add(result, "images", list);
}

int
work_merge(struct work *w, struct why *why)
{
	const struct image_notes	 notes = { work_note_text, w };
	struct merge_part		*parts;
	struct merge			 m;
	struct buf			 out;
	int				 r;

	if ((r = read_options(w, &m, why)) < 0)
		return r;
	if ((parts = calloc(w->image_count + 1, sizeof *parts)) == NULL)
		return why_set(why, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < w->image_count; i++)
		parts[i] = (struct merge_part){
			.name = w->images[i].name,
			.offset = w->images[i].offset,
			.data = w->images[i].data, .len = w->images[i].len,
		};
	r = merge_images(&m, parts, w->image_count, &notes, &out, why);
	if (r == 0)
		r = work_output(w, 0, out.data, out.len, why);
	if (r == 0) {
		rpc_add_text(w->result, "format", method_string(w->params,
		    "format", "raw"));
		rpc_add_number(w->result, "bytes", (int64_t)out.len);
		rpc_add_number(w->result, "offset", m.target_offset);
		add_parts(w->result, parts, w->image_count);
	}
	buf_done(&out);
	free(parts);
	return r;
}

int
work_make(struct work *w, struct why *why)
{
	const struct image_notes	 notes = { work_note_text, w };
	struct make_segment		*list;
	struct buf			 out;
	int				 r;

	if ((list = calloc(w->image_count + 1, sizeof *list)) == NULL)
		return why_set(why, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < w->image_count; i++)
		list[i] = (struct make_segment){
			.name = w->images[i].name,
			.addr = w->images[i].offset,
			.data = w->images[i].data, .len = w->images[i].len,
		};
	buf_init(&out, MAKE_MAX);
	r = make_image(list, w->image_count, method_number(w->params, "entry",
	    0), &notes, &out, why);
	if (r == 0)
		r = work_output(w, 0, out.data, out.len, why);
	if (r == 0) {
		rpc_add_number(w->result, "bytes", (int64_t)out.len);
		rpc_add_number(w->result, "segments", (int64_t)w->image_count);
	}
	buf_done(&out);
	free(list);
	return r;
}
