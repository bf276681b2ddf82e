#include "proto/efuse/json.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/efuse/describe.h"

static void
add_text(struct json_object *o, const char *name, const char *text)
{
	json_object_object_add(o, name, json_object_new_string(text));
}

static void
add_number(struct json_object *o, const char *name, uint64_t value)
{
	json_object_object_add(o, name, json_object_new_uint64(value));
}

static void
add_truth(struct json_object *o, const char *name, bool value)
{
	json_object_object_add(o, name, json_object_new_boolean(value));
}

/* A chip without a table has no end but that of the room for it. */
static size_t
window_of(const struct efuse_raw *raw)
{
	const struct efuse_chip	*efuse;

	efuse = efuse_chip_find(raw->chip, raw->revision);
	return efuse != NULL ? efuse->window : EFUSE_WINDOW;
}

struct json_object *
efuse_raw_json(const struct efuse_raw *raw)
{
	struct json_object	*o = json_object_new_object();
	uint8_t			 bytes[EFUSE_WINDOW];
	char			 hex[2 * EFUSE_WINDOW + 1];

	for (size_t i = 0; i < EFUSE_WINDOW / 4; i++)
		le32_put(bytes + 4 * i, raw->window[i]);
	text_hex(hex, bytes, window_of(raw));
	add_text(o, "chip", raw->chip->name);
	add_number(o, "revision", raw->revision);
	add_number(o, "crystal_mhz", raw->xtal_mhz);
	add_number(o, "date", raw->date);
	add_text(o, "registers", hex);
	return o;
}

static int
parse_number(struct json_object *o, const char *name, uint32_t *out,
    struct why *why)
{
	struct json_object	*v = json_object_object_get(o, name);
	int64_t			 n;

	if (!json_object_is_type(v, json_type_int) ||
	    (n = json_object_get_int64(v)) < 0 || n > UINT32_MAX)
		return why_set(why, ERR_PARAMS,
		    "\"efuse\" has no number \"%s\"", name);
	*out = (uint32_t)n;
	return 0;
}

static const char *
text_in(struct json_object *o, const char *name)
{
	struct json_object	*v = json_object_object_get(o, name);

	return json_object_is_type(v, json_type_string) ?
	    json_object_get_string(v) : NULL;
}

int
efuse_raw_parse(struct efuse_raw *out, struct json_object *o, struct why *why)
{
	struct efuse_raw	 raw;
	uint8_t			 bytes[EFUSE_WINDOW];
	const char		*name, *hex;
	int			 err;

	memset(&raw, 0, sizeof raw);
	if (!json_object_is_type(o, json_type_object))
		return why_set(why, ERR_PARAMS, "\"efuse\" is no object");
	name = text_in(o, "chip");
	if (name == NULL || (raw.chip = chip_by_name(name)) == NULL)
		return why_set(why, ERR_PARAMS,
		    "\"efuse\" names no chip that is known: %.40s",
		    name != NULL ? name : "none");
	if ((err = parse_number(o, "revision", &raw.revision, why)) < 0 ||
	    (err = parse_number(o, "crystal_mhz", &raw.xtal_mhz, why)) < 0 ||
	    (err = parse_number(o, "date", &raw.date, why)) < 0)
		return err;
	hex = text_in(o, "registers");
	if (hex == NULL || text_unhex(hex, bytes, sizeof bytes) !=
	    (int)window_of(&raw))
		return why_set(why, ERR_PARAMS, "\"registers\" of \"efuse\" "
		    "are not the %zu bytes that the %s has, in hex",
		    window_of(&raw), raw.chip->name);
	for (size_t i = 0; i < window_of(&raw) / 4; i++)
		raw.window[i] = le32_get(bytes + 4 * i);
	*out = raw;
	return 0;
}

/* A number of more than 64 bits is written as it is, which JSON allows. */
static struct json_object *
number_json(const char *text, size_t bits)
{
	if (bits <= 64 && *text != '-')
		return json_object_new_uint64(strtoull(text, NULL, 10));
	if (bits <= 32)
		return json_object_new_int64(strtoll(text, NULL, 10));
	return json_object_new_double_s(strtod(text, NULL), text);
}

static struct json_object *
value_json(const struct efuse_state *state, const struct efuse_field *field)
{
	char	text[EFUSE_TEXT_MAX];

	efuse_shown(state, field, text);
	switch (efuse_kind(state, field)) {
	case EFUSE_IS_TEXT:
		return json_object_new_string(text);
	case EFUSE_IS_NUMBER:
		return number_json(text, efuse_field_bits(state, field));
	case EFUSE_IS_TRUTH:
		return json_object_new_boolean(strcmp(text, "True") == 0);
	case EFUSE_IS_REAL:
		return json_object_new_double_s(strtod(text, NULL), text);
	}
	return NULL;
}

struct json_object *
efuse_field_json(const struct efuse_state *state,
    const struct efuse_field *field)
{
	struct json_object	*o = json_object_new_object();
	bool			 placed = field->bit != EFUSE_NOWHERE;
	char			 text[EFUSE_TEXT_MAX], type[16];

	add_text(o, "name", field->name);
	json_object_object_add(o, "value", value_json(state, field));
	efuse_raw_hex(state, field, text);
	add_text(o, "raw_value", text);
	add_truth(o, "readable", efuse_readable(state, field));
	add_truth(o, "writeable", efuse_writable(state, field));
	add_text(o, "description", efuse_describe(field));
	add_text(o, "category", field->category);
	add_number(o, "block", field->block);
	json_object_object_add(o, "word", placed ?
	    json_object_new_int(field->bit / 32) : NULL);
	json_object_object_add(o, "pos", placed ?
	    json_object_new_int(field->bit % 32) : NULL);
	efuse_field_type(state, field, type);
	add_text(o, "efuse_type", type);
	add_number(o, "bit_len", efuse_field_bits(state, field));
	return o;
}
