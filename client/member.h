#ifndef CLIENT_MEMBER_H
#define CLIENT_MEMBER_H
/*
 * member - read the members of what the daemon sent.  All take NULL or another
 * type than wanted for "not there": an answer is never trusted to be complete.
 */
#include <stdbool.h>
#include <stdint.h>

#include <json-c/json.h>

static inline struct json_object *
member(struct json_object *o, const char *name)
{
	struct json_object	*v = NULL;

	if (json_object_is_type(o, json_type_object))
		(void)json_object_object_get_ex(o, name, &v);
	return v;
}

static inline struct json_object *
member_array(struct json_object *o, const char *name)
{
	struct json_object	*v = member(o, name);

	return json_object_is_type(v, json_type_array) ? v : NULL;
}

static inline const char *
member_text(struct json_object *o, const char *name, const char *absent)
{
	struct json_object	*v = member(o, name);

	return json_object_is_type(v, json_type_string) ?
	    json_object_get_string(v) : absent;
}

static inline int64_t
member_number(struct json_object *o, const char *name, int64_t absent)
{
	struct json_object	*v = member(o, name);

	return json_object_is_type(v, json_type_int) ?
	    json_object_get_int64(v) : absent;
}

static inline double
member_double(struct json_object *o, const char *name)
{
	return json_object_get_double(member(o, name));
}

static inline size_t
array_count(struct json_object *array)
{
	return array != NULL ? json_object_array_length(array) : 0;
}
#endif
