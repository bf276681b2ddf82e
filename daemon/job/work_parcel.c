#include "daemon/job/work_parcel.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "daemon/base/conf.h"
#include "proto/base/err.h"

void
work_parcel_free(struct work_parcel *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->file_count; i++) {
		(void)close(p->files[i].fd);	/* read only */
		free(p->files[i].name);
	}
	for (size_t i = 0; i < p->output_count; i++)
		(void)close(p->outputs[i]);	/* whoever wrote it checked */
	free(p);
}

static int
take_file(struct work_parcel *p, struct json_object *file,
    struct input_fds *fds, const struct conf *conf, struct why *why)
{
	struct work_parcel_file	*f = &p->files[p->file_count];
	const char		*name = method_string(file, "name", "?");
	int			 at;

	if ((at = input_find(fds, file, "fd", &f->len, why)) < 0)
		return at;
	p->bytes += f->len;
	if (p->bytes > conf->max_images_bytes)
		return why_set(why, ERR_LIMIT, "%s: with its %zu bytes the "
		    "files of the job are more than this daemon takes into "
		    "memory (max-images-bytes %u)", name, f->len,
		    conf->max_images_bytes);
	if ((f->name = strdup(name)) == NULL)
		return ERR_NOMEM;
	f->offset = method_number(file, "offset", 0);
	f->fd = fds->fd[at];
	fds->fd[at] = -1;
	p->file_count++;
	return 0;
}

static int
take_images(struct work_parcel *p, struct json_object *images,
    struct input_fds *fds, const struct conf *conf, struct why *why)
{
	size_t	n = json_object_array_length(images);
	int	r = 0;

	if (n > METHOD_IMAGES_MAX)
		return why_set(why, ERR_PARAMS, "images: at most %d of them, "
		    "not %zu", METHOD_IMAGES_MAX, n);
	for (size_t i = 0; i < n && r == 0; i++)
		r = take_file(p, json_object_array_get_idx(images, i), fds,
		    conf, why);
	p->image_count = p->file_count;
	return r;
}

static int
take_outputs(struct work_parcel *p, struct json_object *outputs,
    struct input_fds *fds, struct why *why)
{
	size_t	n = json_object_array_length(outputs);
	int	r;

	if (n > WORK_OUTPUTS_MAX)
		return why_set(why, ERR_PARAMS, "output: at most %d of them, "
		    "not %zu", WORK_OUTPUTS_MAX, n);
	for (size_t i = 0; i < n; i++) {
		int64_t	at = json_object_get_int64(
		    json_object_array_get_idx(outputs, i));
		char	whose[32];

		(void)snprintf(whose, sizeof whose, "file %zu of %zu", i + 1,
		    n);
		if ((r = input_check_output(fds, at, whose, why)) < 0)
			return r;
		p->outputs[p->output_count++] = fds->fd[at];
		fds->fd[at] = -1;
	}
	return 0;
}

/* The one METHOD_FILE, whatever it is called. */
static int
take_single(struct work_parcel *p, struct json_object *params,
    struct input_fds *fds, const struct conf *conf, struct why *why)
{
	int	r;

	json_object_object_foreach(params, key, v) {
		(void)key;
		if (!json_object_is_type(v, json_type_object))
			continue;
		assert(p->file == NULL);
		p->file = &p->files[p->file_count];
		if ((r = take_file(p, v, fds, conf, why)) < 0)
			return r;
	}
	return 0;
}

int
work_parcel_take(struct json_object *params, struct input_fds *fds,
    const struct conf *conf, struct work_parcel **out, struct why *why)
{
	struct work_parcel	*p = calloc(1, sizeof *p);
	struct json_object	*list;
	int			 r = 0;

	if (p == NULL)
		return ERR_NOMEM;
	if (json_object_object_get_ex(params, "images", &list))
		r = take_images(p, list, fds, conf, why);
	if (r == 0)
		r = take_single(p, params, fds, conf, why);
	if (r == 0 && json_object_object_get_ex(params, "output", &list))
		r = take_outputs(p, list, fds, why);
	if (r < 0) {
		work_parcel_free(p);
		return r;
	}
	*out = p;
	return 0;
}
