#include "daemon/job/efuse_order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "proto/base/err.h"
#include "proto/rpc/method.h"

enum { TABLE_MAX = 256 * 1024 };	/* bytes of a table of fields */

struct efuse_order {
	unsigned		 refs;
	struct efuse_order	*base;		/* of a bound one */
	struct fuses_order	 order;		/* points into what follows */
	char			**names;
	struct efuse_wish	*wishes;
	size_t			 wish_count;	/* that were parsed */
	char			*table, *table_name;
};

struct efuse_order *
efuse_order_ref(struct efuse_order *o)
{
	o->refs++;
	return o;
}

void
efuse_order_unref(struct efuse_order *o)
{
	if (o == NULL || --o->refs > 0)
		return;
	for (size_t i = 0; i < o->wish_count; i++)
		efuse_wish_done(&o->wishes[i]);
	for (size_t i = 0; o->names != NULL && i < o->order.name_count; i++)
		free(o->names[i]);
	free(o->names);
	free(o->wishes);
	free(o->table);
	free(o->table_name);
	efuse_order_unref(o->base);
	free(o);
}

const struct fuses_order *
efuse_order_get(const struct efuse_order *o)
{
	return &o->order;
}

struct efuse_order *
efuse_order_bind(struct efuse_order *base, const uint8_t mac[6],
    const struct efuse_raw *raw)
{
	struct efuse_order	*o = calloc(1, sizeof *o);

	if (o == NULL)
		return NULL;
	o->refs = 1;
	o->base = efuse_order_ref(base);
	o->order = base->order;
	o->order.bound = true;
	memcpy(o->order.mac, mac, sizeof o->order.mac);
	o->order.raw = *raw;
	return o;
}

static int
take_names(struct efuse_order *o, struct json_object *params)
{
	struct json_object	*list = NULL;
	const char		*one = method_string(params, "name", NULL);
	size_t			 n = one != NULL;

	if (json_object_object_get_ex(params, "names", &list))
		n = json_object_array_length(list);
	if (n == 0)
		return 0;
	if ((o->names = calloc(n, sizeof *o->names)) == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		o->names[i] = strdup(one != NULL ? one :
		    json_object_get_string(json_object_array_get_idx(list, i)));
		if (o->names[i] == NULL)
			return ERR_NOMEM;
		o->order.name_count++;
	}
	o->order.names = (const char *const *)o->names;
	return 0;
}

/* What a wish burns comes as a file of its own. */
static int
take_data(struct efuse_wish *w, size_t i, struct json_object *wish,
    const struct input_fds *fds, struct why *why)
{
	struct why	inner = { 0 };
	int		at, r;

	if ((at = input_find(fds, wish, "fd", &w->len, &inner)) < 0)
		return why_set(why, at, "wish %zu: %s", i + 1,
		    why_text(&inner));
	if (w->len == 0 || w->len > sizeof w->data) {
		w->len = 0;
		return why_set(why, ERR_PARAMS, "wish %zu: its data are 1 to "
		    "%zu bytes", i + 1, sizeof w->data);
	}
	r = input_read(fds->fd[at], "the data of a wish", w->data, w->len,
	    why);
	if (r < 0)
		w->len = 0;
	return r;
}

static int
take_wish(struct efuse_order *o, size_t i, struct json_object *wish,
    const struct input_fds *fds, struct why *why)
{
	struct efuse_wish	*w = &o->wishes[i];
	struct why		 inner = { 0 };
	int			 fd = -1, r;

	if ((r = efuse_wish_parse(w, wish, &fd, &inner)) < 0)
		return why_set(why, r, "wish %zu: %s", i + 1,
		    why_text(&inner));
	o->wish_count = i + 1;
	/* Who has the key may look at it himself. */
	w->show = false;
	return fd < 0 ? 0 : take_data(w, i, wish, fds, why);
}

static int
take_wishes(struct efuse_order *o, struct json_object *list,
    const struct input_fds *fds, struct why *why)
{
	size_t	n = json_object_array_length(list);
	int	r;

	if (n > EFUSE_WISHES_MAX)
		return why_set(why, ERR_LIMIT, "%zu wishes are too many, %d "
		    "are possible", n, EFUSE_WISHES_MAX);
	if ((o->wishes = calloc(n, sizeof *o->wishes)) == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++)
		if ((r = take_wish(o, i, json_object_array_get_idx(list, i),
		    fds, why)) < 0)
			return r;
	o->order.wishes = o->wishes;
	o->order.wish_count = n;
	return 0;
}

static int
take_table(struct efuse_order *o, struct json_object *file,
    const struct input_fds *fds, struct why *why)
{
	const char	*name = method_string(file, "name", "table");
	size_t		 len;
	int		 at;

	if ((at = input_find(fds, file, "fd", &len, why)) < 0)
		return at;
	if (len > TABLE_MAX)
		return why_set(why, ERR_LIMIT, "%s: %zu bytes are too many for "
		    "a table of eFuses, %d are possible", name, len,
		    TABLE_MAX);
	o->table = malloc(len + 1);
	o->table_name = strdup(name);
	if (o->table == NULL || o->table_name == NULL)
		return ERR_NOMEM;
	o->table[len] = '\0';
	o->order.table = o->table;
	o->order.table_len = len;
	o->order.table_name = o->table_name;
	return input_read(fds->fd[at], name, o->table, len, why);
}

int
efuse_order_new(struct json_object *params, const struct input_fds *fds,
    struct efuse_order **out, struct why *why)
{
	struct efuse_order	*o = calloc(1, sizeof *o);
	struct json_object	*v;
	int			 r;

	if (o == NULL)
		return ERR_NOMEM;
	o->refs = 1;
	o->order.fresh = method_bool(params, "fresh");
	o->order.postpone = method_bool(params, "postpone");
	r = take_names(o, params);
	if (r == 0 && json_object_object_get_ex(params, "wishes", &v))
		r = take_wishes(o, v, fds, why);
	if (r == 0 && json_object_object_get_ex(params, "table", &v))
		r = take_table(o, v, fds, why);
	if (r < 0)
		efuse_order_unref(o);
	else
		*out = o;
	return r;
}
