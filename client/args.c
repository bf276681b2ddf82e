#include "client/args.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "client/command.h"
#include "client/show.h"
#include "proto/base/err.h"
#include "proto/chip/chip.h"
#include "proto/rpc/method.h"

enum { NAME_MAX_BYTES = 40 };		/* of a command or an option */

/* Options of espctl itself, which no method knows. */
enum own { OWN_NONE, OWN_JSON, OWN_SOCKET, OWN_NO_WAIT, OWN_NO_PROGRESS,
	OWN_FILTER, OWN_FOLLOW, OWN_REMOVE, OWN_HELP, OWN_VERSION };

/* How a parameter is spelled when not simply by its name, and the rest. */
static const struct spelling {
	const char	*name;		/* "no-compress"; NULL ends */
	char		 letter;	/* or 0 */
	const char	*param;		/* of a method, or NULL */
	bool		 off;		/* sets a boolean to false */
	const char	*env;		/* stands in when it is not given */
	enum own	 own;
	const char	*help;		/* where no method has one */
} spellings[] = {
	{ "port", 'p', "port", .env = "ESPTOOL_PORT" },
	{ "baud", 'b', "baud", .env = "ESPTOOL_BAUD" },
	{ "chip", 'c', "chip", .env = "ESPTOOL_CHIP" },
	{ "before", 0, "before", .env = "ESPTOOL_BEFORE" },
	{ "after", 'a', "after", .env = "ESPTOOL_AFTER" },
	{ "connect-attempts", 0, "connect_attempts",
	  .env = "ESPTOOL_CONNECT_ATTEMPTS" },
	{ "trace", 't', .param = "trace" },
	{ "no-compress", 'u', .param = "plain" },
	{ "compress", 'z', "plain", .off = true,
	  .help = "Send the data compressed (the default)" },
	{ "erase-all", 'e', .param = "erase_all" },
	{ "port-filter", .own = OWN_FILTER,
	  .help = "Without --port: try only such adapters "
		"(vid=, pid=, name=, serial=)" },
	{ "follow", .own = OWN_FOLLOW,
	  .help = "Go on and print a line for each change" },
	{ "remove", .own = OWN_REMOVE, .help = "Forget the label" },
	{ "no-wait", .own = OWN_NO_WAIT,
	  .help = "Print the numbers of the jobs and leave them to the "
		"daemon" },
	{ "no-progress", .own = OWN_NO_PROGRESS,
	  .help = "Plain lines instead of live progress" },
	{ "json", .own = OWN_JSON,
	  .help = "Print events and the result as lines of JSON" },
	{ "socket", .own = OWN_SOCKET, .env = "ESPFLASHD_SOCKET",
	  .help = "Socket of the daemon to talk to" },
	{ "help", 'h', .own = OWN_HELP, .help = "Show help" },
	{ "version", .own = OWN_VERSION, .help = "Show the version" },
	{ .name = NULL }
};

/* An option as found: a spelling, or a parameter by its own name. */
struct option {
	const struct spelling		*spelling;	/* or NULL */
	const struct method_param	*param;		/* or NULL */
};

struct parse {
	struct args	*args;
	int		 argc, at;	/* the word being read */
	char		**argv;
	bool		 version;
	struct why	*why;
};

/* Options are what may be left out, and the port; the rest are operands. */
static bool
is_option(const struct method_param *p)
{
	if (strcmp(p->name, "port") == 0)
		return true;
	return !p->required && p->type != METHOD_FD &&
	    p->type != METHOD_FDS && p->type != METHOD_FILE &&
	    p->type != METHOD_IMAGES;
}

static bool
has_spelling(const char *param)
{
	for (const struct spelling *s = spellings; s->name != NULL; s++)
		if (s->param != NULL && strcmp(s->param, param) == 0)
			return true;
	return false;
}

/* '_' is '-'; cut to size. */
static void
dashes(char *out, size_t size, const char *s, size_t len)
{
	size_t	i;

	for (i = 0; i + 1 < size && i < len; i++)
		out[i] = s[i] == '_' ? '-' : s[i];
	out[i] = '\0';
}

static const struct method *
method_of(const struct command *c)
{
	return c->method != NULL ? method_find(c->method) : NULL;
}

/* Calls fn for every parameter that is an option without a spelling: those of
 * one command, or of all (NULL).  Stops when fn says so. */
static bool
each_param(const struct command *only, bool (*fn)(const struct method_param *,
    void *), void *arg)
{
	const struct method_param	*tables[2];
	const struct method		*m;

	for (const struct command *c = commands; c->name != NULL; c++) {
		if ((only != NULL && c != only) || (m = method_of(c)) == NULL)
			continue;
		tables[0] = m->params;
		tables[1] = m->flags & METHOD_JOB ? method_job_params : NULL;
		for (int i = 0; i < 2; i++)
			for (const struct method_param *p = tables[i];
			    p != NULL && p->name != NULL; p++)
				if (is_option(p) && !has_spelling(p->name) &&
				    fn(p, arg))
					return true;
	}
	return false;
}

/* Some method's parameter of that name. */
static const struct method_param *
param_named(const char *name)
{
	const struct method_param	*p;
	const struct method		*m;

	for (const struct command *c = commands; c->name != NULL; c++)
		if ((m = method_of(c)) != NULL &&
		    (p = method_param(m, name)) != NULL)
			return p;
	return NULL;
}

struct lookup {
	const char			*name;	/* with dashes */
	const struct method_param	*param;
};

static bool
lookup_matches(const struct method_param *p, void *arg)
{
	struct lookup	*l = arg;
	char		 name[NAME_MAX_BYTES];

	dashes(name, sizeof name, p->name, strlen(p->name));
	if (strcmp(name, l->name) != 0)
		return false;
	l->param = p;
	return true;
}

static bool
option_find(const char *name, struct option *o)
{
	struct lookup	l = { .name = name };

	*o = (struct option){ 0 };
	for (const struct spelling *s = spellings; s->name != NULL; s++)
		if (strcmp(s->name, name) == 0) {
			o->spelling = s;
			o->param = s->param ? param_named(s->param) : NULL;
			return true;
		}
	if (!each_param(NULL, lookup_matches, &l))
		return false;
	o->param = l.param;
	return true;
}

static bool
option_letter(char letter, struct option *o)
{
	for (const struct spelling *s = spellings; s->name != NULL; s++)
		if (s->letter == letter)
			return option_find(s->name, o);
	return false;
}

static bool
option_takes_value(const struct option *o)
{
	if (o->param != NULL)
		return o->param->type != METHOD_BOOL;
	return o->spelling->own == OWN_SOCKET || o->spelling->own == OWN_FILTER;
}

/* How many letters differ (Levenshtein). */
static unsigned
distance(const char *a, const char *b)
{
	unsigned	row[NAME_MAX_BYTES + 1], before, above, best;
	size_t		n = strlen(b);

	if (n > NAME_MAX_BYTES)
		return NAME_MAX_BYTES;
	for (size_t j = 0; j <= n; j++)
		row[j] = (unsigned)j;
	for (size_t i = 0; a[i] != '\0'; i++) {
		before = row[0];
		row[0] = (unsigned)i + 1;
		for (size_t j = 0; j < n; j++) {
			above = row[j + 1];
			best = before + (a[i] != b[j]);
			if (above + 1 < best)
				best = above + 1;
			if (row[j] + 1 < best)
				best = row[j] + 1;
			row[j + 1] = best;
			before = above;
		}
	}
	return row[n];
}

/* The nearest name so far. */
struct nearest {
	const char	*typed;
	char		 name[NAME_MAX_BYTES];
	unsigned	 distance;
};

static void
nearest_try(struct nearest *n, const char *name)
{
	unsigned	d = distance(n->typed, name);

	if (d >= n->distance)
		return;
	n->distance = d;
	(void)snprintf(n->name, sizeof n->name, "%s", name);
}

static bool
nearest_param(const struct method_param *p, void *arg)
{
	char	name[NAME_MAX_BYTES];

	dashes(name, sizeof name, p->name, strlen(p->name));
	nearest_try(arg, name);
	return false;
}

/* "; did you mean ...?" or nothing, when nothing is near enough. */
static void
nearest_hint(const struct nearest *n, const char *dash, char *out, size_t size)
{
	out[0] = '\0';
	if (n->name[0] != '\0')
		(void)snprintf(out, size, "; did you mean %s%s?", dash,
		    n->name);
}

static struct nearest
nearest_to(const char *typed)
{
	/* A third of the letters may be wrong, not more. */
	return (struct nearest){ .typed = typed,
	    .distance = (unsigned)strlen(typed) / 3 + 2 };
}

static int
unknown_option(struct parse *p, const char *name)
{
	struct nearest	n = nearest_to(name);
	char		hint[80];

	for (const struct spelling *s = spellings; s->name != NULL; s++)
		nearest_try(&n, s->name);
	(void)each_param(NULL, nearest_param, &n);
	nearest_hint(&n, "--", hint, sizeof hint);
	return why_set(p->why, ERR_USAGE, "there is no option --%s%s", name,
	    hint);
}

const struct command *
args_command(const char *word, struct why *why)
{
	const struct command	*found;
	struct nearest		 n;
	char			 name[NAME_MAX_BYTES], hint[80];

	dashes(name, sizeof name, word, strlen(word));
	if (strlen(word) < sizeof name && (found = command_find(name)) != NULL)
		return found;
	n = nearest_to(name);
	for (const struct command *c = commands; c->name != NULL; c++)
		nearest_try(&n, c->name);
	nearest_hint(&n, "", hint, sizeof hint);
	(void)why_set(why, ERR_USAGE, "there is no command \"%.40s\"%s", word,
	    hint[0] ? hint : "; espctl help lists them all");
	return NULL;
}

/* Words that esptool takes and the method table does not. */
static const char *
param_value(const struct method_param *m, const char *value, char *buf,
    size_t size)
{
	if (m->type == METHOD_CHOICE) {		/* default_reset */
		dashes(buf, size, value, strlen(value));
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
	char	path[NAME_MAX_BYTES + 8], target[2];

	if (strncmp(word, "tty", 3) == 0)
		return true;
	if (strlen(word) >= NAME_MAX_BYTES)
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

/* Give a parameter its value; `source` is how the user wrote its name. */
static int
set_param(struct parse *p, const struct method_param *m, const char *source,
    const char *value)
{
	struct json_object	*o, *v, *array = NULL;
	struct why		 why = { 0 };
	char			 buf[NAME_MAX_BYTES];
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

/* One filter, "vid=0x303A"; filter.h judges its value. */
static int
add_filter(struct parse *p, const char *word)
{
	struct json_object	**list = &p->args->filters;

	if (!is_condition(word))
		return why_set(p->why, ERR_USAGE, "--port-filter: \"%.40s\" is "
		    "none; one looks like vid=0x303A, pid=0x1001, name=ttyACM "
		    "or serial=ABC", word);
	if (*list == NULL)
		*list = json_object_new_array();
	(void)json_object_array_add(*list, json_object_new_string(word));
	return 0;
}

/* esptool's takes all the filters that follow. */
static int
add_filters(struct parse *p, const char *word)
{
	int	r = add_filter(p, word);

	while (r == 0 && p->at + 1 < p->argc &&
	    is_condition(p->argv[p->at + 1]))
		r = add_filter(p, p->argv[++p->at]);
	return r;
}

static int
set_own(struct parse *p, enum own own, const char *value)
{
	switch (own) {
	case OWN_NONE:
		break;
	case OWN_FILTER:
		return add_filters(p, value);
	case OWN_FOLLOW:
		p->args->follow = true;
		break;
	case OWN_REMOVE:
		p->args->remove = true;
		break;
	case OWN_JSON:
		p->args->json = true;
		break;
	case OWN_SOCKET:
		p->args->socket = value;
		break;
	case OWN_NO_WAIT:
		p->args->no_wait = true;
		break;
	case OWN_NO_PROGRESS:
		p->args->no_progress = true;
		break;
	case OWN_HELP:
		p->args->help = true;
		break;
	case OWN_VERSION:
		p->version = true;
		break;
	}
	return 0;
}

/* An option with what stands behind it; `source` is how it was written. */
static int
set_option(struct parse *p, const struct option *o, const char *source,
    const char *value)
{
	if (o->param == NULL)
		return set_own(p, o->spelling->own, value);
	if (o->param->type != METHOD_BOOL)
		return set_param(p, o->param, source, value);
	json_object_object_add(p->args->params, o->param->name,
	    json_object_new_boolean(o->spelling == NULL || !o->spelling->off));
	return 0;
}

/* The next word as the value of an option. */
static int
take_value(struct parse *p, const char *source, const char **value)
{
	if (p->at + 1 >= p->argc)
		return why_set(p->why, ERR_USAGE, "%s needs a value", source);
	*value = p->argv[++p->at];
	return 0;
}

static int
parse_long(struct parse *p, const char *word)
{
	const char	*value = NULL;
	size_t		 len = strcspn(word, "=");
	char		 name[NAME_MAX_BYTES], source[NAME_MAX_BYTES + 2];
	struct option	 o;
	int		 r;

	dashes(name, sizeof name, word, len);
	(void)snprintf(source, sizeof source, "--%s", name);
	if (len >= sizeof name || !option_find(name, &o))
		return unknown_option(p, name);
	if (word[len] == '=')
		value = word + len + 1;
	if (!option_takes_value(&o)) {
		if (value != NULL)
			return why_set(p->why, ERR_USAGE, "%s takes no value",
			    source);
	} else if (value == NULL && (r = take_value(p, source, &value)) < 0)
		return r;
	return set_option(p, &o, source, value);
}

/* "-b115200", "-b 115200", "-uz". */
static int
parse_short(struct parse *p, const char *letters)
{
	const char	*value;
	char		 source[3] = "-x";
	struct option	 o;
	int		 r;

	for (; *letters != '\0'; letters++) {
		source[1] = *letters;
		if (!option_letter(*letters, &o))
			return why_set(p->why, ERR_USAGE, "there is no option "
			    "%s; espctl help lists them all", source);
		if (!option_takes_value(&o)) {
			if ((r = set_option(p, &o, source, NULL)) < 0)
				return r;
			continue;
		}
		value = letters + 1;
		if (*value == '\0' && (r = take_value(p, source, &value)) < 0)
			return r;
		return set_option(p, &o, source, value);
	}
	return 0;
}

static int
parse_operand(struct parse *p, const char *word)
{
	struct args	*a = p->args;

	if (a->command != NULL) {
		a->operands[a->operand_count++] = word;
		return 0;
	}
	a->command = args_command(word, p->why);
	return a->command == NULL ? ERR_USAGE : 0;
}

static int
parse_words(struct parse *p)
{
	bool	options = true;
	int	r;

	for (p->at = 1; p->at < p->argc; p->at++) {
		const char	*word = p->argv[p->at];

		if (options && strcmp(word, "--") == 0) {
			options = false;
			continue;
		}
		if (options && word[0] == '-' && word[1] == '-')
			r = parse_long(p, word + 2);
		else if (options && word[0] == '-' && word[1] != '\0')
			r = parse_short(p, word + 1);
		else
			r = parse_operand(p, word);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Whatever the user did not give comes from the environment. */
static int
parse_env(struct parse *p, args_env *env, const struct method *m)
{
	const struct method_param	*param;
	const char			*value;
	int				 r;

	for (const struct spelling *s = spellings; s->name != NULL; s++) {
		if (s->env == NULL || (value = env(s->env)) == NULL ||
		    value[0] == '\0')
			continue;
		if (s->own == OWN_SOCKET && p->args->socket == NULL)
			p->args->socket = value;
		if (m == NULL || s->param == NULL ||
		    (param = method_param(m, s->param)) == NULL ||
		    json_object_object_get_ex(p->args->params, s->param, NULL))
			continue;
		/* What the command line says of ports counts more. */
		if (strcmp(s->param, "port") == 0 && p->args->filters != NULL)
			continue;
		if ((r = set_param(p, param, s->env, value)) < 0)
			return r;
	}
	return 0;
}

/* Does that command take the option of espctl's own? */
static bool
own_fits(const struct command *c, enum own own)
{
	const struct method	*m = method_of(c);
	bool			 job = m != NULL && (m->flags & METHOD_JOB);

	if (own == OWN_NO_WAIT)
		return job;
	if (own == OWN_FILTER)
		return job || (c->options & COMMAND_FILTER);
	if (own == OWN_FOLLOW)
		return c->options & COMMAND_FOLLOW;
	if (own == OWN_REMOVE)
		return c->options & COMMAND_REMOVE;
	return true;
}

static int
parse_fits_own(struct parse *p)
{
	const struct args	*a = p->args;
	const struct {
		bool		 given;
		enum own	 own;
		const char	*name;
	} rows[] = {
		{ a->no_wait, OWN_NO_WAIT, "no-wait" },
		{ a->filters != NULL, OWN_FILTER, "port-filter" },
		{ a->follow, OWN_FOLLOW, "follow" },
		{ a->remove, OWN_REMOVE, "remove" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].given && !own_fits(a->command, rows[i].own))
			return why_set(p->why, ERR_USAGE, "%s has no option "
			    "--%s", a->command->name, rows[i].name);
	if (a->filters != NULL &&
	    json_object_object_get_ex(a->params, "port", NULL))
		return why_set(p->why, ERR_USAGE, "--port names the board, "
		    "--port-filter lets it be searched for; give one of them");
	return 0;
}

/* Does the command know what stood before it? */
static int
parse_fits(struct parse *p, const struct method *m)
{
	const struct command	*c = p->args->command;
	const char		*option;

	json_object_object_foreach(p->args->params, name, value) {
		(void)value;
		if (m != NULL && method_param(m, name) != NULL)
			continue;
		option = name;
		for (const struct spelling *s = spellings; s->name; s++)
			if (s->param != NULL && strcmp(s->param, name) == 0) {
				option = s->name;
				break;
			}
		return why_set(p->why, ERR_USAGE, "%s has no option --%s",
		    c->name, option);
	}
	return parse_fits_own(p);
}

static int
parse_count(struct parse *p)
{
	const struct command	*c = p->args->command;
	size_t			 n = p->args->operand_count;

	if (n < c->min)
		return why_set(p->why, ERR_USAGE, "%s: something is missing; "
		    "it goes: espctl %s %s", c->name, c->name, c->operands);
	if (n > c->max)
		return why_set(p->why, ERR_USAGE, "%s: \"%.80s\" is too much; "
		    "it goes: espctl %s%s%s", c->name,
		    p->args->operands[c->max], c->name,
		    c->operands[0] ? " " : "", c->operands);
	return 0;
}

int
args_parse(struct args *a, int argc, char **argv, args_env *env,
    struct why *why)
{
	struct parse		 p = { .args = a, .argc = argc, .argv = argv,
				    .why = why };
	const struct method	*m;
	int			 r;

	*a = (struct args){ .params = json_object_new_object() };
	a->operands = calloc((size_t)argc + 1, sizeof *a->operands);
	if (a->operands == NULL)
		return why_set(why, ERR_NOMEM, "out of memory");
	r = parse_words(&p);
	for (int i = 1; i < argc && r < 0; i++)	/* behind the mistake, too */
		if (strcmp(argv[i], "--json") == 0)
			a->json = true;
	if (r < 0)
		return r;
	if (a->command == NULL && p.version)
		a->command = command_find("version");
	if (a->command == NULL && a->help)
		a->command = command_find("help");
	if (a->command == NULL)
		return why_set(why, ERR_USAGE,
		    "no command is given; espctl help lists them all");
	if (a->help)
		return 0;
	m = method_of(a->command);
	if ((r = parse_fits(&p, m)) < 0 || (r = parse_count(&p)) < 0)
		return r;
	return parse_env(&p, env, m);
}

void
args_done(struct args *a)
{
	json_object_put(a->params);
	json_object_put(a->filters);
	free(a->operands);
	*a = (struct args){ 0 };
}

/* One line of help: the option with its value, and what it is for. */
static void
show_option(struct show *show, const struct spelling *s, const char *name,
    const struct method_param *m, const char *help)
{
	char	left[128], initial[64] = "";
	char	key[4] = "   ";

	if (s != NULL && s->letter != 0)
		(void)snprintf(key, sizeof key, "-%c,", s->letter);
	(void)snprintf(left, sizeof left, "%s --%s%s", key, name,
	    m == NULL ? s->own == OWN_SOCKET ? " PATH" :
	    s->own == OWN_FILTER ? " KEY=VALUE ..." : "" :
	    m->type == METHOD_BOOL ? "" :
	    m->type == METHOD_STRINGS ? " NAME (repeatable)" :
	    m->type == METHOD_NUMBER ? " N" : " WORD");
	if (m != NULL && m->initial != NULL && m->type != METHOD_BOOL)
		(void)snprintf(initial, sizeof initial, " [%s]", m->initial);
	show_out(show, "  %-32s %s%s", left, help, initial);
	if (m != NULL && m->choices != NULL)
		show_out(show, "  %-32s one of %s", "", m->choices);
}

static bool
show_param(const struct method_param *m, void *arg)
{
	char	name[NAME_MAX_BYTES];

	dashes(name, sizeof name, m->name, strlen(m->name));
	show_option(arg, NULL, name, m, m->help);
	return false;
}

void
args_show_options(struct show *show, const struct command *c)
{
	const struct method		*m = method_of(c);
	const struct method_param	*p;

	for (const struct spelling *s = spellings; s->name != NULL; s++) {
		p = m != NULL && s->param != NULL ?
		    method_param(m, s->param) : NULL;
		if (s->param != NULL && p == NULL)
			continue;
		if (s->own == OWN_VERSION || !own_fits(c, s->own))
			continue;
		show_option(show, s, s->name, p,
		    s->help != NULL ? s->help : p->help);
	}
	if (m != NULL)
		(void)each_param(c, show_param, show);
}
