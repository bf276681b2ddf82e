#include <stdint.h>
#include <string.h>

#include <json-c/json.h>

#include "proto/base/err.h"
#include "proto/efuse/efuse.h"
#include "proto/efuse/wish.h"

/* Indexed by enum efuse_wish_kind. */
static const char *const kinds[] = {
	[EFUSE_WISH_FIELD] = "field",
	[EFUSE_WISH_BITS] = "bits",
	[EFUSE_WISH_DATA] = "data",
	[EFUSE_WISH_KEY] = "key",
	[EFUSE_WISH_DIGEST] = "digest",
	[EFUSE_WISH_MAC] = "mac",
	[EFUSE_WISH_VOLTAGE] = "voltage",
	[EFUSE_WISH_HIDE] = "hide",
	[EFUSE_WISH_LOCK] = "lock",
	[EFUSE_WISH_REPAIR] = "repair",
};
enum {
	KINDS = sizeof(kinds) / sizeof(kinds[0]),
	VALUE_MAX = 2 * EFUSE_BLOCK_BYTES + 2,	/* "0x" and a block */
	FD_MAX = 255,
};

static const struct flag {
	const char	*name;
	size_t		 at;
} flags[] = {
	{ "writable", offsetof(struct efuse_wish, writable) },
	{ "readable", offsetof(struct efuse_wish, readable) },
	{ "force", offsetof(struct efuse_wish, force) },
	{ "write_always", offsetof(struct efuse_wish, write_always) },
	{ "show", offsetof(struct efuse_wish, show) },
};
enum { FLAGS = sizeof(flags) / sizeof(flags[0]) };

static bool *
flag_of(struct efuse_wish *w, const struct flag *f)
{
	return (bool *)((char *)w + f->at);
}

static int
parse_string(char **out, struct json_object *o, const char *key, size_t max,
    struct why *why)
{
	if (!json_object_is_type(o, json_type_string))
		return why_set(why, ERR_PARAMS, "\"%s\" of a wish for eFuses "
		    "must be a string", key);
	if ((size_t)json_object_get_string_len(o) > max ||
	    strlen(json_object_get_string(o)) !=
	    (size_t)json_object_get_string_len(o))
		return why_set(why, ERR_PARAMS, "\"%s\" of a wish for eFuses "
		    "is longer than %zu characters, or holds a NUL", key, max);
	*out = strdup(json_object_get_string(o));
	return *out ? 0 : ERR_NOMEM;
}

/* The largest is `max`. */
static int
parse_number(size_t *out, struct json_object *o, const char *key, size_t max,
    struct why *why)
{
	int64_t	v = json_object_get_int64(o);

	if (!json_object_is_type(o, json_type_int) || v < 0 ||
	    (uint64_t)v > max)
		return why_set(why, ERR_PARAMS, "\"%s\" of a wish for eFuses "
		    "must be a number from 0 to %zu", key, max);
	*out = (size_t)v;
	return 0;
}

static int
parse_bits(struct efuse_wish *w, struct json_object *o, struct why *why)
{
	size_t	n, bit = 0;
	int	r;

	if (!json_object_is_type(o, json_type_array) ||
	    (n = json_object_array_length(o)) > EFUSE_WISH_BITS_MAX)
		return why_set(why, ERR_PARAMS, "\"bits\" of a wish for eFuses "
		    "must be a list of at most %d bit numbers",
		    EFUSE_WISH_BITS_MAX);
	for (size_t i = 0; i < n; i++) {
		r = parse_number(&bit, json_object_array_get_idx(o, i), "bits",
		    UINT16_MAX, why);
		if (r < 0)
			return r;
		w->bits[i] = (uint16_t)bit;
	}
	w->bit_count = n;
	return 0;
}

static int
parse_kind(struct efuse_wish *w, struct json_object *o, struct why *why)
{
	const char	*s = json_object_get_string(o);

	for (size_t i = 0; i < KINDS; i++) {
		if (!json_object_is_type(o, json_type_string) ||
		    strcmp(s, kinds[i]) != 0)
			continue;
		w->kind = (enum efuse_wish_kind)i;
		return 0;
	}
	return why_set(why, ERR_PARAMS, "\"burn\" of a wish for eFuses must be "
	    "field, bits, data, key, digest, mac, voltage, hide, lock or repair");
}

static int
parse_flag(struct efuse_wish *w, struct json_object *o, const char *key,
    struct why *why)
{
	for (size_t i = 0; i < FLAGS; i++) {
		if (strcmp(key, flags[i].name) != 0)
			continue;
		if (!json_object_is_type(o, json_type_boolean))
			return why_set(why, ERR_PARAMS, "\"%s\" of a wish for "
			    "eFuses must be true or false", key);
		*flag_of(w, &flags[i]) = json_object_get_boolean(o);
		return 0;
	}
	return why_set(why, ERR_PARAMS, "a wish for eFuses has no \"%.32s\"",
	    key);
}

static int
parse_member(struct efuse_wish *w, const char *key, struct json_object *o,
    int *fd, struct why *why)
{
	size_t	v = 0;
	int	r;

	if (strcmp(key, "burn") == 0)
		return parse_kind(w, o, why);
	if (strcmp(key, "name") == 0)
		return parse_string(&w->name, o, key, EFUSE_NAME_MAX - 1, why);
	if (strcmp(key, "value") == 0)
		return parse_string(&w->value, o, key, VALUE_MAX, why);
	if (strcmp(key, "purpose") == 0)
		return parse_string(&w->purpose, o, key, EFUSE_NAME_MAX - 1,
		    why);
	if (strcmp(key, "bits") == 0)
		return parse_bits(w, o, why);
	if (strcmp(key, "command") == 0) {
		r = parse_number(&v, o, key, EFUSE_WISHES_MAX - 1, why);
		w->command = (unsigned)v;
		return r;
	}
	if (strcmp(key, "offset") == 0)
		return parse_number(&w->offset, o, key, UINT16_MAX, why);
	if (strcmp(key, "fd") == 0) {
		r = parse_number(&v, o, key, FD_MAX, why);
		if (r == 0)
			*fd = (int)v;
		return r;
	}
	return parse_flag(w, o, key, why);
}

int
efuse_wish_parse(struct efuse_wish *w, struct json_object *o, int *fd,
    struct why *why)
{
	struct efuse_wish	got = { .kind = EFUSE_WISH_FIELD };
	struct json_object	*burn;
	int			at = -1, r = 0;

	if (!json_object_is_type(o, json_type_object) ||
	    !json_object_object_get_ex(o, "burn", &burn))
		return why_set(why, ERR_PARAMS, "a wish for eFuses must be an "
		    "object with \"burn\"");
	json_object_object_foreach(o, key, member) {
		r = parse_member(&got, key, member, &at, why);
		if (r < 0)
			break;
	}
	if (r < 0) {
		efuse_wish_done(&got);
		return r;
	}
	*w = got;
	*fd = at;
	return 0;
}

static void
add_string(struct json_object *o, const char *key, const char *s)
{
	if (s)
		json_object_object_add(o, key, json_object_new_string(s));
}

struct json_object *
efuse_wish_json(const struct efuse_wish *w, int fd)
{
	struct json_object	*o = json_object_new_object(), *bits;

	add_string(o, "burn", kinds[w->kind]);
	json_object_object_add(o, "command",
	    json_object_new_int((int)w->command));
	add_string(o, "name", w->name);
	add_string(o, "value", w->value);
	add_string(o, "purpose", w->purpose);
	if (w->offset > 0)
		json_object_object_add(o, "offset",
		    json_object_new_int((int)w->offset));
	if (w->bit_count > 0) {
		bits = json_object_new_array();
		for (size_t i = 0; i < w->bit_count; i++)
			json_object_array_add(bits,
			    json_object_new_int(w->bits[i]));
		json_object_object_add(o, "bits", bits);
	}
	for (size_t i = 0; i < FLAGS; i++)
		if (*(const bool *)((const char *)w + flags[i].at))
			json_object_object_add(o, flags[i].name,
			    json_object_new_boolean(true));
	if (fd >= 0)
		json_object_object_add(o, "fd", json_object_new_int(fd));
	return o;
}
