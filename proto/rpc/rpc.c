#include "proto/rpc/rpc.h"

#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "proto/base/err.h"

/* JSON-RPC 2.0, section 4: a string, a number, or null. */
static bool
rpc_id_fits(struct json_object *id)
{
	switch (json_object_get_type(id)) {
	case json_type_null:
	case json_type_string:
	case json_type_int:
	case json_type_double:
		return true;
	case json_type_boolean:
	case json_type_object:
	case json_type_array:
		break;
	}
	return false;
}

int
rpc_request_parse(struct json_object *message, struct rpc_request *r,
    struct why *why)
{
	struct json_object	*o;
	struct rpc_request	 found = { 0 };

	if (json_object_is_type(message, json_type_array))
		return why_set(why, ERR_REQUEST, "a batch of requests is not "
		    "taken; send them one per line");
	if (!json_object_is_type(message, json_type_object))
		return why_set(why, ERR_REQUEST, "a request is a JSON object");
	found.has_id = json_object_object_get_ex(message, "id", &found.id);
	if (found.has_id && !rpc_id_fits(found.id))
		return why_set(why, ERR_REQUEST,
		    "\"id\" is neither a string nor a number");
	if (!json_object_object_get_ex(message, "jsonrpc", &o) ||
	    !json_object_is_type(o, json_type_string) ||
	    strcmp(json_object_get_string(o), "2.0") != 0)
		return why_set(why, ERR_REQUEST, "\"jsonrpc\" is not \"2.0\"");
	if (!json_object_object_get_ex(message, "method", &o) ||
	    !json_object_is_type(o, json_type_string))
		return why_set(why, ERR_REQUEST,
		    "\"method\" is missing or not a string");
	found.method = json_object_get_string(o);
	if (json_object_object_get_ex(message, "params", &found.params) &&
	    !json_object_is_type(found.params, json_type_object) &&
	    !json_object_is_type(found.params, json_type_array))
		return why_set(why, ERR_REQUEST, "\"params\" is not an object");
	*r = found;
	return 0;
}

static struct json_object *
rpc_envelope(void)
{
	struct json_object	*o = json_object_new_object();

	json_object_object_add(o, "jsonrpc", json_object_new_string("2.0"));
	return o;
}

struct json_object *
rpc_notification(const char *method, struct json_object *params)
{
	struct json_object	*o = rpc_envelope();

	json_object_object_add(o, "method", json_object_new_string(method));
	if (params != NULL)
		json_object_object_add(o, "params", params);
	return o;
}

struct json_object *
rpc_request(const char *method, struct json_object *params, int id)
{
	struct json_object	*o = rpc_notification(method, params);

	json_object_object_add(o, "id", json_object_new_int(id));
	return o;
}

/* An id is shared, not copied: only its count of references changes. */
static struct json_object *
rpc_id(const struct json_object *id)
{
	return json_object_get((struct json_object *)id);
}

struct json_object *
rpc_result(const struct json_object *id, struct json_object *result)
{
	struct json_object	*o = rpc_envelope();

	json_object_object_add(o, "id", rpc_id(id));
	json_object_object_add(o, "result", result);
	return o;
}

struct json_object *
rpc_error_object(const struct why *why, struct json_object *data)
{
	struct json_object	*o = json_object_new_object();
	struct why		 w = *why;

	if (w.err == ERR_OK)		/* an error without an error */
		w.err = ERR_INTERNAL;
	if (data == NULL)
		data = json_object_new_object();
	json_object_object_add(data, "class",
	    json_object_new_string(err_class(w.err)));
	json_object_object_add(data, "exit",
	    json_object_new_int(err_exit(w.err)));
	json_object_object_add(o, "code",
	    json_object_new_int(err_rpc_code(w.err)));
	json_object_object_add(o, "message",
	    json_object_new_string(why_text(&w)));
	json_object_object_add(o, "data", data);
	return o;
}

struct json_object *
rpc_error(const struct json_object *id, const struct why *why,
    struct json_object *data)
{
	struct json_object	*o = rpc_envelope();

	json_object_object_add(o, "id", rpc_id(id));
	json_object_object_add(o, "error", rpc_error_object(why, data));
	return o;
}

/* By class, which is ours, or else by code, which any server has. */
static int
rpc_error_err(struct json_object *error)
{
	struct json_object	*data, *o;
	int			 err, code;

	if (json_object_object_get_ex(error, "data", &data) &&
	    json_object_is_type(data, json_type_object) &&
	    json_object_object_get_ex(data, "class", &o) &&
	    json_object_is_type(o, json_type_string)) {
		err = err_from_class(json_object_get_string(o));
		return err == ERR_OK ? ERR_INTERNAL : err;
	}
	if (!json_object_object_get_ex(error, "code", &o))
		return ERR_INTERNAL;
	code = json_object_get_int(o);
	for (err = -1; err > -ERR_COUNT; err--)
		if (err_rpc_code(err) == code)
			return err;
	return ERR_INTERNAL;
}

void
rpc_error_read(struct json_object *error, struct why *why)
{
	struct json_object	*o;

	why_clear(why);
	if (!json_object_is_type(error, json_type_object)) {
		(void)why_set(why, ERR_INTERNAL, "an error without content");
		return;
	}
	if (json_object_object_get_ex(error, "message", &o) &&
	    json_object_is_type(o, json_type_string))
		(void)why_set(why, rpc_error_err(error), "%s",
		    json_object_get_string(o));
	else
		why->err = rpc_error_err(error);
}

void
rpc_add_text(struct json_object *o, const char *name, const char *text)
{
	if (text[0] != '\0')
		json_object_object_add(o, name, json_object_new_string(text));
}

void
rpc_add_number(struct json_object *o, const char *name, uint64_t value)
{
	json_object_object_add(o, name,
	    json_object_new_int64((int64_t)value));
}

struct json_object *
rpc_seconds(double seconds)
{
	char	text[32];

	(void)snprintf(text, sizeof text, "%.3f", seconds);
	return json_object_new_double_s(seconds, text);
}
