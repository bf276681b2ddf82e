/* args_value - what the words of a command line mean. */
#include "client/args_impl.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "client/command.h"
#include "client/option.h"
#include "proto/base/err.h"
#include "proto/chip/chip.h"
#include "proto/rpc/method.h"

/* Flash sizes as they were named before esptool 3: in megabits. */
static const struct {
	const char	*megabits, *name;
} old_sizes[] = {
	{ "2m", "256KB" }, { "4m", "512KB" }, { "8m", "1MB" },
	{ "16m", "2MB" }, { "16m-c1", "2MB-c1" }, { "32m", "4MB" },
	{ "32m-c1", "4MB-c1" }, { "64m", "8MB" }, { "128m", "16MB" },
};

/* Words that esptool takes and the method table does not. */
static const char *
param_value(const struct method_param *m, const char *value, char *buf,
    size_t size)
{
	if (strcmp(m->name, "flash_size") == 0)
		for (size_t i = 0; i < sizeof old_sizes / sizeof old_sizes[0];
		    i++)
			if (strcmp(value, old_sizes[i].megabits) == 0)
				return old_sizes[i].name;
	if (m->type == METHOD_CHOICE) {		/* default_reset */
		option_dashes(buf, size, value, strlen(value));
		return buf;
	}
	/* esptool: zero or less is for ever. */
	if (strcmp(m->name, "connect_attempts") == 0 && value[0] == '-' &&
	    isdigit((unsigned char)value[1]))
		return "0";
	return value;
}

/* "key=value" with one of esptool's keys or ours? */
static bool
is_condition(const char *word)
{
	size_t	n = strspn(word, "abcdefghijklmnopqrstuvwxyz");

	return n > 0 && word[n] == '=';
}

/* Does a bare word name a device?  "ttyUSB0" does, and so does a link that
 * somebody's udev rule made in /dev. */
static bool
is_device_word(const char *word)
{
	char	path[OPTION_NAME_MAX + 8], target[2];

	if (strncmp(word, "tty", 3) == 0)
		return true;
	if (strlen(word) >= OPTION_NAME_MAX)
		return false;
	(void)snprintf(path, sizeof path, "/dev/%s", word);
	return readlink(path, target, sizeof target) > 0;
}

/* The daemon has another working directory: a device is named from the root. */
char *
args_selector(const char *word)
{
	char	*cwd, *path;

	if (strstr(word, "://") != NULL || word[0] == '/' ||
	    is_condition(word) || word[strcspn(word, " ,")] != '\0')
		return strdup(word);
	if (strchr(word, '/') == NULL) {
		if (word[0] == '\0' || !is_device_word(word))
			return strdup(word);
		return asprintf(&path, "/dev/%s", word) < 0 ? NULL : path;
	}
	if ((cwd = realpath(".", NULL)) == NULL)
		return strdup(word);
	if (asprintf(&path, "%s/%s", cwd, word) < 0)
		path = NULL;
	free(cwd);
	return path;
}

static struct json_object *
port_value(const char *word)
{
	char			*selector = args_selector(word);
	struct json_object	*o;

	o = json_object_new_string(selector != NULL ? selector : word);
	free(selector);
	return o;
}

/* One more of an option that adds up; `one` is an array of it, taken over. */
static int
add_string(struct parse *p, const char *source, struct json_object *array,
    struct json_object *one)
{
	struct json_object	*v = json_object_array_get_idx(one, 0);
	int			 r = 0;

	for (size_t i = 0; i < json_object_array_length(array); i++)
		if (json_object_equal(json_object_array_get_idx(array, i), v))
			r = why_set(p->why, ERR_USAGE, "%s: %s is given twice",
			    source, json_object_get_string(v));
	if (r == 0)
		(void)json_object_array_add(array, json_object_get(v));
	json_object_put(one);
	return r;
}

int
args_set(struct parse *p, const struct method_param *m, const char *source,
    const char *value)
{
	struct json_object	*o, *v, *array = NULL;
	struct why		 why = { 0 };
	char			 buf[OPTION_NAME_MAX];
	const char		*text;
	int			 r;

	if (strcmp(m->name, "chip") == 0 && strcmp(value, "auto") != 0 &&
	    chip_by_name(value) == NULL)
		return why_set(p->why, ERR_USAGE, "%s: there is no chip "
		    "\"%.40s\"; auto and %s are known", source, value,
		    chip_names());
	value = param_value(m, value, buf, sizeof buf);
	v = strcmp(m->name, "port") == 0 ? port_value(value) :
	    json_object_new_string(value);
	r = method_check_value(m, v, &o, &why);
	json_object_put(v);
	if (r < 0) {
		/* Not the name that programs use. */
		text = strstr(why.text, "\": ");
		return why_set(p->why, ERR_USAGE, "%s: %s", source,
		    text != NULL ? text + 3 : why_text(&why));
	}
	if (m->type == METHOD_STRINGS && json_object_object_get_ex(
	    p->args->params, m->name, &array))
		return add_string(p, source, array, o);
	json_object_object_add(p->args->params, m->name, o);
	return 0;
}

int
args_default(struct args *a, const char *name, const char *source,
    const char *value, struct why *why)
{
	const struct method		*m = method_find(a->command->method);
	const struct method_param	*param = method_param(m, name);
	struct parse			 p = { .args = a, .why = why };

	assert(param != NULL);
	if (json_object_object_get_ex(a->params, name, NULL))
		return 0;
	return args_set(&p, param, source, value);
}

/* One filter, "vid=0x303A"; filter.h judges its value. */
static int
add_filter(struct parse *p, const char *word)
{
	struct json_object	**list = &p->args->filters;

	if (!is_condition(word))
		return why_set(p->why, ERR_USAGE, "Option --port-filter "
		    "argument must consist of key=value. \"%.40s\" is "
		    "none; one looks like vid=0x303A, pid=0x1001, name=ttyACM "
		    "or serial=ABC", word);
	if (*list == NULL)
		*list = json_object_new_array();
	(void)json_object_array_add(*list, json_object_new_string(word));
	return 0;
}

int
args_filters(struct parse *p, const char *word)
{
	int	r = add_filter(p, word);

	while (r == 0 && p->at + 1 < p->argc &&
	    is_condition(p->argv[p->at + 1]))
		r = add_filter(p, p->argv[++p->at]);
	return r;
}
