#include "client/rcfile.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "client/ini.h"
#include "proto/base/err.h"

#define SECTION		"esptool"

enum { PATH_BYTES = 1024 };	/* longer ones are not looked at */

/* What may stand in the file.  Timeouts come from the work itself here, so
 * that those of esptool have nothing to act on. */
static const struct {
	const char	*name;
	bool		 used;
} keys[] = {
	{ "connect_attempts", true },
	{ "open_port_attempts", true },
	{ "custom_reset_sequence", true },
	{ "custom_hard_reset_sequence", true },
	{ "timeout", false },
	{ "chip_erase_timeout", false },
	{ "max_timeout", false },
	{ "sync_timeout", false },
	{ "md5_timeout_per_mb", false },
	{ "erase_region_timeout_per_mb", false },
	{ "erase_write_timeout_per_mb", false },
	{ "mem_end_rom_timeout", false },
	{ "serial_write_timeout", false },
	{ "write_block_attempts", false },
	{ "reset_delay", false },
};

/* A value that goes on in an indented line. */
static void
append(struct json_object *values, const char *key, struct ini_span more)
{
	struct json_object	*old = json_object_object_get(values, key);
	char			*text;

	if (asprintf(&text, "%s %.*s", json_object_get_string(old),
	    (int)more.len, more.p) < 0)
		return;
	json_object_object_add(values, key, json_object_new_string(text));
	free(text);
}

/* "key = value" in the section. */
static int
take_option(struct json_object *values, const struct ini_line *line,
    char **key, struct why *why)
{
	free(*key);
	if ((*key = strndup(line->name.p, line->name.len)) == NULL)
		return why_set(why, ERR_NOMEM, "out of memory");
	for (char *p = *key; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	if (json_object_object_get_ex(values, *key, NULL))
		return why_set(why, ERR_PARAMS, "line %u: option '%.40s' in "
		    "section '" SECTION "' already exists", line->number, *key);
	json_object_object_add(values, *key,
	    json_object_new_string_len(line->value.p, (int)line->value.len));
	return 0;
}

int
rcfile_parse(const char *text, size_t len, struct json_object **values,
    struct why *why)
{
	struct ini		 ini;
	struct ini_line		 line;
	struct json_object	*found = NULL;
	char			*key = NULL;
	bool			 inside = false;
	int			 r = 0;

	if (memchr(text, '\0', len) != NULL)
		return why_set(why, ERR_PARAMS, "it is no text");
	ini_init(&ini, text, len);
	while (r == 0 && ini_next(&ini, &line)) {
		if (line.kind == INI_SECTION) {
			inside = ini_is(line.name, SECTION);
			if (inside && found == NULL)
				found = json_object_new_object();
		} else if (inside && line.kind == INI_MORE) {
			if (line.value.len > 0)
				append(found, key, line.value);
		} else if (inside && line.kind == INI_OPTION)
			r = take_option(found, &line, &key, why);
		else if (inside)
			r = why_set(why, ERR_PARAMS, "line %u is none of \"key "
			    "= value\"", line.number);
	}
	free(key);
	if (r < 0)
		json_object_put(found);
	else
		*values = found;
	return r;
}

/* The text of a file; NULL when there is none to be read. */
static char *
slurp(const char *path, size_t *len)
{
	int	 fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char	*text = fd >= 0 ? malloc(RCFILE_MAX) : NULL;
	ssize_t	 n;

	*len = 0;
	while (text != NULL && *len < RCFILE_MAX &&
	    (n = read(fd, text + *len, RCFILE_MAX - *len)) != 0) {
		if (n < 0) {
			free(text);
			text = NULL;
			break;
		}
		*len += (size_t)n;
	}
	if (fd >= 0)
		(void)close(fd);
	return text;
}

static void
note(struct json_object *array, const char *text)
{
	(void)json_object_array_add(array, json_object_new_string(text));
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(json_object_get_string(*(struct json_object *const *)a),
	    json_object_get_string(*(struct json_object *const *)b));
}

/* Keep the options that are known, and say which are not. */
static void
sort_out(struct rcfile *c, struct json_object *values)
{
	json_object_object_foreach(values, name, value) {
		size_t	i = 0, n = sizeof keys / sizeof keys[0];

		while (i < n && strcmp(keys[i].name, name) != 0)
			i++;
		if (i == n)
			note(c->unknown, name);
		else if (!keys[i].used)
			note(c->idle, name);
		else
			json_object_object_add(c->values, name,
			    json_object_get(value));
	}
	json_object_array_sort(c->unknown, by_name);
	json_object_array_sort(c->idle, by_name);
}

/* True if that file is the one. */
static bool
try_file(struct rcfile *c, const char *path)
{
	struct json_object	*values = NULL;
	struct why		 why = { 0 };
	size_t			 len;
	char			*text = slurp(path, &len), line[WHY_MAX];

	if (text == NULL)
		return false;
	if (rcfile_parse(text, len, &values, &why) < 0) {
		(void)snprintf(line, sizeof line, "%s: %s", path,
		    why_text(&why));
		note(c->invalid, line);
	}
	free(text);
	if (values == NULL)
		return false;
	sort_out(c, values);
	json_object_put(values);
	if ((c->path = realpath(path, NULL)) == NULL)
		c->path = strdup(path);
	return c->path != NULL;
}

static bool
try_directory(struct rcfile *c, const char *dir)
{
	static const char *const	names[] = { "esptool.cfg", "setup.cfg",
					    "tox.ini" };
	char				path[PATH_BYTES];

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (snprintf(path, sizeof path, "%s/%s", dir, names[i]) <
		    (int)sizeof path && try_file(c, path))
			return true;
	return false;
}

void
rcfile_load(struct rcfile *c)
{
	const char	*named = getenv("ESPTOOL_CFGFILE");
	const char	*home = getenv("HOME");
	char		 cwd[PATH_BYTES], dir[PATH_BYTES];

	*c = (struct rcfile){ .values = json_object_new_object(),
	    .unknown = json_object_new_array(),
	    .idle = json_object_new_array(),
	    .invalid = json_object_new_array() };
	if (named != NULL && try_file(c, named)) {
		c->from_env = true;
		return;
	}
	if (getcwd(cwd, sizeof cwd) == NULL)
		cwd[0] = '\0';
	else if (try_directory(c, cwd))
		return;
	if (home == NULL || home[0] != '/')
		return;
	(void)snprintf(dir, sizeof dir, "%s/.config/esptool", home);
	if (!try_directory(c, dir) && strcmp(home, cwd) != 0)
		(void)try_directory(c, home);
}

void
rcfile_done(struct rcfile *c)
{
	free(c->path);
	json_object_put(c->values);
	json_object_put(c->unknown);
	json_object_put(c->idle);
	json_object_put(c->invalid);
	*c = (struct rcfile){ .path = NULL };
}

const char *
rcfile_value(const struct rcfile *c, const char *key)
{
	struct json_object	*v;

	return json_object_object_get_ex(c->values, key, &v) ?
	    json_object_get_string(v) : NULL;
}
