#include "client/args.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "client/args_impl.h"
#include "client/command.h"
#include "client/option.h"
#include "client/rcfile.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/rpc/method.h"

/* A number of attempts, as connect_attempts has it. */
static int
set_attempts(struct parse *p, const char *source, const char *value)
{
	if (value[0] == '-' && isdigit((unsigned char)value[1]))
		value = "0";
	if (text_u32(value, &p->args->open_attempts) < 0)
		return why_set(p->why, ERR_USAGE, "%s: \"%.40s\" is no whole "
		    "number", source, value);
	return 0;
}

/* All words up to the next option. */
static int
take_words(struct parse *p, struct args_words *w, const char *first)
{
	if (w->words != NULL)
		return why_set(p->why, ERR_USAGE, "%s is there twice",
		    p->argv[p->at]);
	w->words = calloc((size_t)p->argc + 1, sizeof *w->words);
	if (w->words == NULL)
		return why_set(p->why, ERR_NOMEM, "out of memory");
	w->words[w->count++] = first;
	while (p->at + 1 < p->argc && (p->argv[p->at + 1][0] != '-' ||
	    p->argv[p->at + 1][1] == '\0'))
		w->words[w->count++] = p->argv[++p->at];
	return 0;
}

/* One more word of an option that may be there often. */
static int
add_word(struct parse *p, struct args_words *w, const char *word)
{
	if (w->words == NULL)
		w->words = calloc((size_t)p->argc, sizeof *w->words);
	if (w->words == NULL)
		return why_set(p->why, ERR_NOMEM, "out of memory");
	w->words[w->count++] = word;
	return 0;
}

/* esptool 3 wanted "yes" or "no" behind --diff.  Where an address is due, such
 * a word is no address. */
static void
set_diff(struct parse *p)
{
	const char	*next;

	p->args->diff = true;
	if (p->at + 1 >= p->argc || p->args->operand_count % 2 != 0)
		return;
	next = p->argv[p->at + 1];
	if (strcmp(next, "yes") != 0 && strcmp(next, "no") != 0)
		return;
	p->args->diff = next[0] == 'y';
	p->at++;
}

static int
set_own(struct parse *p, const struct spelling *s, const char *source,
    const char *value)
{
	struct args	*a = p->args;

	a->own |= 1u << s->own;
	switch (s->own) {
	case OWN_NONE:
	case OWN_IGNORED:
		break;
	case OWN_FILTER:
		return args_filters(p, value);
	case OWN_ENCRYPT_FILES:
		return take_words(p, &a->encrypt_files, value);
	case OWN_DIFF_WITH:
		return take_words(p, &a->diff_with, value);
	case OWN_OPEN_ATTEMPTS:
		return set_attempts(p, source, value);
	case OWN_SEGFILE:
		return add_word(p, &a->segfiles, value);
	case OWN_SEGADDR:
		return add_word(p, &a->segaddrs, value);
	case OWN_ENCRYPT:
		a->encrypt = true;
		break;
	case OWN_NO_ENCRYPT:
		a->no_encrypt = true;
		break;
	case OWN_DIFF:
		set_diff(p);
		break;
	case OWN_FOLLOW:
		a->follow = true;
		break;
	case OWN_REMOVE:
		a->remove = true;
		break;
	case OWN_TABLE:
		a->table = value;
		break;
	case OWN_OUTPUT:
		a->output = value;
		break;
	case OWN_JSON:
		a->json = true;
		break;
	case OWN_SOCKET:
		a->socket = value;
		break;
	case OWN_NO_WAIT:
		a->no_wait = true;
		break;
	case OWN_NO_PROGRESS:
	case OWN_VERBOSE:
		a->no_progress = true;
		break;
	case OWN_SILENT:
		a->silent = true;
		break;
	case OWN_HELP:
		a->help = true;
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
	const struct method_param	*param = o->param;
	char				 plain[OPTION_NAME_MAX];

	if (param == NULL)
		return set_own(p, o->spelling, source, value);
	if (param->type == METHOD_CHOICE && strchr(value, '_') != NULL) {
		option_dashes(plain, sizeof plain, value, strlen(value));
		option_older(p->args->older, "Choice '%.40s' for option '%s' "
		    "is deprecated. Use '%s' instead.", value, source, plain);
	}
	if (param->type != METHOD_BOOL)
		return args_set(p, param, source, value);
	json_object_object_add(p->args->params, param->name,
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

/* An option that is known, written as `source`; behind '=' was `value`, or
 * NULL. */
static int
parse_option(struct parse *p, const struct option *o, const char *source,
    const char *value)
{
	int	r;

	if (!option_takes_value(o)) {
		if (value != NULL)
			return why_set(p->why, ERR_USAGE, "%s takes no value",
			    source);
	} else if (value == NULL && (r = take_value(p, source, &value)) < 0)
		return r;
	return set_option(p, o, source, value);
}

static int
parse_long(struct parse *p, const char *word)
{
	size_t		 len = strcspn(word, "=");
	char		 name[OPTION_NAME_MAX], source[OPTION_NAME_MAX + 2];
	const char	*known;
	struct option	 o;

	option_dashes(name, sizeof name, word, len);
	(void)snprintf(source, sizeof source, "--%s", name);
	if (len >= sizeof name || !option_find(name, p->args->command, &o))
		return option_unknown(name, p->why);
	if (o.spelling != NULL && o.spelling->older && o.param != NULL) {
		known = option_name_of(o.param->name);
		option_dashes(name, sizeof name, known, strlen(known));
		option_older(p->args->older, "Option '--%.*s' is deprecated. "
		    "Use '--%s' instead.", (int)len, word, name);
	} else if (memchr(word, '_', len) != NULL)
		option_older(p->args->older, "Option '--%.*s' is deprecated. "
		    "Use '%s' instead.", (int)len, word, source);
	return parse_option(p, &o, source,
	    word[len] == '=' ? word + len + 1 : NULL);
}

/* "-b115200", "-b 115200", "-uz". */
static int
parse_letters(struct parse *p, const char *letters)
{
	const char	*value;
	char		 source[3] = "-x";
	struct option	 o;
	int		 r;

	for (; *letters != '\0'; letters++) {
		source[1] = *letters;
		if (!option_key(letters, 1, p->args->command, &o))
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

/* "-fm dio", "-fm=dio"; else letters. */
static int
parse_short(struct parse *p, const char *word)
{
	size_t		 len = strcspn(word, "=");
	char		 source[8];
	struct option	 o;

	if (len < 2 || len >= sizeof source - 1 ||
	    !option_key(word, len, p->args->command, &o))
		return parse_letters(p, word);
	(void)snprintf(source, sizeof source, "-%.*s", (int)len, word);
	return parse_option(p, &o, source,
	    word[len] == '=' ? word + len + 1 : NULL);
}

static int
parse_operand(struct parse *p, const char *word)
{
	struct args	*a = p->args;

	if (a->command != NULL) {
		a->operands[a->operand_count++] = word;
		return 0;
	}
	if ((a->command = option_command(word, p->why)) == NULL)
		return ERR_USAGE;
	if (strchr(word, '_') != NULL)
		option_older(p->args->older, "Command '%.40s' is deprecated. "
		    "Use '%s' instead.", word, a->command->name);
	return 0;
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

/* One option that the command line did not give, from elsewhere. */
static int
fill_in(struct parse *p, const struct spelling *s, const struct method *m,
    const char *source, const char *value)
{
	const struct method_param	*param;
	struct args			*a = p->args;

	if (s->own == OWN_SOCKET && a->socket == NULL)
		a->socket = value;
	if (s->own == OWN_OPEN_ATTEMPTS && option_fits(a->command, s) &&
	    !(a->own & 1u << s->own))
		return set_own(p, s, source, value);
	if (m == NULL || s->param == NULL ||
	    (param = method_param(m, s->param)) == NULL ||
	    json_object_object_get_ex(a->params, s->param, NULL))
		return 0;
	/* What the command line says of ports counts more. */
	if (strcmp(s->param, "port") == 0 && a->filters != NULL)
		return 0;
	return args_set(p, param, source, value);
}

/* Whatever the user did not give comes from the environment, and then from a
 * configuration file. */
static int
parse_elsewhere(struct parse *p, const struct method *m)
{
	const struct rcfile	*config = p->from->config;
	char		 source[WHY_MAX];
	const char	*value;
	int		 r;

	for (const struct spelling *s = spellings; s->name != NULL; s++) {
		if (s->env != NULL && (value = p->from->env(s->env)) != NULL &&
		    value[0] != '\0' &&
		    (r = fill_in(p, s, m, s->env, value)) < 0)
			return r;
		if (config == NULL || s->config == NULL ||
		    (value = rcfile_value(config, s->config)) == NULL)
			continue;
		(void)snprintf(source, sizeof source, "%s: %s", config->path,
		    s->config);
		if ((r = fill_in(p, s, m, source, value)) < 0)
			return r;
	}
	return 0;
}

/* Options of our own that the command has no use for. */
static int
parse_fits_own(struct parse *p)
{
	const struct args	*a = p->args;

	for (const struct spelling *s = spellings; s->name != NULL; s++)
		if (s->own != OWN_NONE && (a->own & 1u << s->own) &&
		    !(p->from->lenient && s->own == OWN_FILTER) &&
		    !option_fits(a->command, s))
			return why_set(p->why, ERR_USAGE, "%s has no option "
			    "--%s", a->command->name, s->name);
	if (a->filters != NULL &&
	    json_object_object_get_ex(a->params, "port", NULL))
		return why_set(p->why, ERR_USAGE, "--port names the board, "
		    "--port-filter lets it be searched for; give one of them");
	return 0;
}

/* An option that esptool takes with every command. */
static bool
is_common(const char *name)
{
	for (const struct method_param *m = method_job_params; m->name; m++)
		if (strcmp(m->name, name) == 0)
			return true;
	return false;
}

/* Does the command know what stood before it? */
static int
parse_fits(struct parse *p, const struct method *m)
{
	const struct command	*c = p->args->command;
	char			 option[OPTION_NAME_MAX];
	const char		*known;

	json_object_object_foreach(p->args->params, name, value) {
		(void)value;
		if (m != NULL && method_param(m, name) != NULL)
			continue;
		if (p->from->lenient && is_common(name))
			continue;
		known = option_name_of(name);
		option_dashes(option, sizeof option, known, strlen(known));
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

	/* The files may all be among --encrypt-files. */
	if (n < c->min && (n > 0 || p->args->encrypt_files.count == 0))
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
args_parse(struct args *a, int argc, char **argv,
    const struct args_source *from, struct why *why)
{
	struct parse		 p = { .args = a, .argc = argc, .argv = argv,
				    .from = from, .why = why };
	const struct method	*m;
	int			 r;

	*a = (struct args){ .params = json_object_new_object(),
	    .older = json_object_new_array(), .open_attempts = 1 };
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
	m = a->command->method != NULL ? method_find(a->command->method) : NULL;
	if ((r = parse_fits(&p, m)) < 0 || (r = parse_count(&p)) < 0)
		return r;
	return parse_elsewhere(&p, m);
}

void
args_done(struct args *a)
{
	json_object_put(a->params);
	json_object_put(a->filters);
	json_object_put(a->older);
	free(a->operands);
	free(a->encrypt_files.words);
	free(a->diff_with.words);
	free(a->segfiles.words);
	free(a->segaddrs.words);
	*a = (struct args){ 0 };
}
