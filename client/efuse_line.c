#include "client/efuse_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "client/efuse.h"
#include "client/member.h"
#include "client/nearest.h"
#include "client/option.h"
#include "client/rcfile.h"
#include "client/show.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/rpc/method.h"

/* What an option sets, where it is no parameter of a job. */
enum what {
	WHAT_PARAM, WHAT_DEBUG, WHAT_VIRT, WHAT_VIRT_FILE, WHAT_CONFIRM,
	WHAT_POSTPONE, WHAT_NO_POSTPONE, WHAT_TABLE, WHAT_SOCKET, WHAT_JSON,
	WHAT_HELP, WHAT_FORMAT, WHAT_FILE, WHAT_RECOVERY, WHAT_FORCE,
	WHAT_ALWAYS, WHAT_OFFSET, WHAT_SHOW, WHAT_WRITABLE, WHAT_READABLE,
	WHAT_UNPROTECTED, WHAT_PLAIN, WHAT_SILENT,
};

static const struct row {
	const char	*name;		/* NULL ends */
	char		 key;		/* "-c"; 0: none */
	enum what	 what;
	const char	*value;		/* NULL: it takes none */
	unsigned	 needs;		/* efuse_option; 0: of the run */
	const char	*env;
	const char	*help;
} rows[] = {
	{ "chip", 'c', WHAT_PARAM, "CHIP", .env = "ESPTOOL_CHIP",
	  .help = "Chip that must be there, such as esp32c3" },
	{ "port", 'p', WHAT_PARAM, "PORT", .env = "ESPTOOL_PORT",
	  .help = "Serial port of the board" },
	{ "baud", 'b', WHAT_PARAM, "BAUD", .env = "ESPTOOL_BAUD",
	  .help = "Line rate, bit/s" },
	{ "before", 0, WHAT_PARAM, "RESET",
	  .help = "How to get the chip into its loader" },
	{ "after", 'a', WHAT_PARAM, "RESET",
	  .help = "How to leave the chip when all is done" },
	{ "do-not-confirm", 0, WHAT_CONFIRM,
	  .help = "Burn without asking; the plan is shown all the same" },
	{ "postpone", 0, WHAT_POSTPONE,
	  .help = "Burn what protects and locks out last (the usual way)" },
	{ "no-postpone", 0, WHAT_NO_POSTPONE,
	  .help = "Burn all of BLOCK0 at once" },
	{ "extend-efuse-table", 0, WHAT_TABLE, "CSV",
	  .help = "Fields of your own, from ESP-IDF's "
		"esp_efuse_custom_table.csv" },
	{ "virt", 0, WHAT_VIRT,
	  .help = "No board: a chip that is only a file, or nothing at all" },
	{ "path-efuse-file", 0, WHAT_VIRT_FILE, "FILE",
	  .help = "That file, with --virt" },
	{ "debug", 'd', WHAT_DEBUG,
	  .help = "Show the blocks, and keys as well" },
	{ "socket", 0, WHAT_SOCKET, "PATH", .env = "ESPFLASHD_SOCKET",
	  .help = "Socket of the daemon to talk to" },
	{ "json", 0, WHAT_JSON,
	  .help = "Print the result as a line of JSON" },
	{ "no-progress", 0, WHAT_PLAIN,
	  .help = "Plain lines instead of live progress" },
	{ "verbose", 'v', WHAT_PLAIN, .help = "Plain lines, all of them" },
	{ "silent", 's', WHAT_SILENT,
	  .help = "Results and errors only, where nothing is burned" },
	{ "help", 'h', WHAT_HELP, .help = "Show help" },
	{ "format", 0, WHAT_FORMAT, "FORMAT", EFUSE_OPT_FORMAT,
	  .help = "How to show it" },
	{ "file", 0, WHAT_FILE, "FILE", EFUSE_OPT_FILE,
	  .help = "Write it into that file" },
	{ "file-name", 0, WHAT_FILE, "FILE", EFUSE_OPT_FILE_NAME,
	  .help = "Write it into that file, or into one for each block" },
	{ "recovery", 0, WHAT_RECOVERY, .needs = EFUSE_OPT_RECOVERY,
	  .help = "Burn blocks with errors once more" },
	{ "force", 0, WHAT_FORCE, .needs = EFUSE_OPT_FORCE,
	  .help = "Burn although the settings do not go together" },
	{ "offset", 'o', WHAT_OFFSET, "BYTES", EFUSE_OPT_OFFSET,
	  .help = "Where in the block the data begin" },
	{ "no-write-protect", 0, WHAT_WRITABLE, .needs = EFUSE_OPT_PROTECT,
	  .help = "Leave the key block writable" },
	{ "no-read-protect", 0, WHAT_READABLE, .needs = EFUSE_OPT_PROTECT,
	  .help = "Leave the key readable" },
	{ "no-protect-key", 0, WHAT_UNPROTECTED, .needs = EFUSE_OPT_PROTECT,
	  .help = "ESP32: both" },
	{ "force-write-always", 0, WHAT_ALWAYS, .needs = EFUSE_OPT_ALWAYS,
	  .help = "Burn although something is there already; bits that are "
		"set stay set" },
	{ "show-sensitive-info", 0, WHAT_SHOW, .needs = EFUSE_OPT_SHOW,
	  .help = "Show the bytes of keys" },
	{ .name = NULL }
};

struct parse {
	struct efuse_line	*line;
	struct efuse_command	*command;	/* NULL: none yet */
	int			 argc, at;
	char			**argv;
	struct why		*why;
};

static const struct efuse_verb *
verb_find(const char *word)
{
	char	name[OPTION_NAME_MAX];

	if (strlen(word) >= sizeof name)
		return NULL;
	option_dashes(name, sizeof name, word, strlen(word));
	for (const struct efuse_verb *v = efuse_verbs; v->name != NULL; v++)
		if (strcmp(v->name, name) == 0)
			return v;
	return NULL;
}

static const struct row *
row_find(const char *name, char key)
{
	for (const struct row *r = rows; r->name != NULL; r++)
		if (name != NULL ? strcmp(r->name, name) == 0 : r->key == key)
			return r;
	return NULL;
}

/* A parameter that every job takes, by the name of its option; NULL. */
static const struct method_param *
job_param(const char *name)
{
	char	dashed[OPTION_NAME_MAX];

	for (const struct method_param *m = method_job_params; m->name; m++) {
		option_dashes(dashed, sizeof dashed, m->name, strlen(m->name));
		if (strcmp(dashed, name) == 0)
			return m;
	}
	return NULL;
}

static int
set_port(struct efuse_line *l, const char *value, struct why *why)
{
	struct json_object	*list = member_array(l->params, "port");
	char			*selector;

	if (list == NULL) {
		list = json_object_new_array();
		json_object_object_add(l->params, "port", list);
	}
	if ((selector = args_selector(value)) == NULL)
		return why_set(why, ERR_NOMEM, "out of memory");
	(void)json_object_array_add(list, json_object_new_string(selector));
	free(selector);
	return 0;
}

static int
set_param(struct parse *p, const struct method_param *m, const char *source,
    const char *value)
{
	struct json_object	*o, *checked;
	struct why		 reason = { 0 };
	char			 plain[OPTION_NAME_MAX];
	int			 r;

	if (strcmp(m->name, "port") == 0)
		return set_port(p->line, value, p->why);
	if (m->type == METHOD_CHOICE) {
		option_dashes(plain, sizeof plain, value, strlen(value));
		if (strchr(value, '_') != NULL)
			option_older(p->line->older, "Choice '%.40s' for "
			    "option '%s' is deprecated. Use '%s' instead.",
			    value, source, plain);
		value = plain;
	}
	o = m->type == METHOD_BOOL ? json_object_new_boolean(true) :
	    json_object_new_string(value);
	r = method_check_value(m, o, &checked, &reason);
	json_object_put(o);
	if (r < 0)
		return why_set(p->why, ERR_USAGE, "%s: %s", source,
		    why_text(&reason));
	json_object_object_add(p->line->params, m->name, checked);
	return 0;
}

/* One of the formats that the command has. */
static int
set_format(struct parse *p, const char *value)
{
	const char	*formats = p->command->verb->formats;
	const char	*at = formats;
	size_t		 len = strlen(value);

	for (; at != NULL; at = strchr(at, '|'), at = at ? at + 1 : NULL)
		if (strncmp(at, value, len) == 0 &&
		    (at[len] == '|' || at[len] == '\0')) {
			p->command->format = value;
			return 0;
		}
	return why_set(p->why, ERR_USAGE, "--format: \"%.40s\" is none of %s",
	    value, formats);
}

static int
set_command(struct parse *p, const struct row *row, const char *value)
{
	struct efuse_command	*c = p->command;

	switch ((int)row->what) {
	case WHAT_FORMAT:
		return set_format(p, value);
	case WHAT_FILE:
		c->file = value;
		break;
	case WHAT_RECOVERY:
		c->recovery = true;
		break;
	case WHAT_FORCE:
		c->force = true;
		break;
	case WHAT_ALWAYS:
		c->always = true;
		break;
	case WHAT_OFFSET:
		if (text_u32(value, &c->offset) < 0)
			return why_set(p->why, ERR_USAGE, "--offset: "
			    "\"%.40s\" is no number", value);
		break;
	case WHAT_SHOW:
		c->show = true;
		break;
	case WHAT_WRITABLE:
		c->writable = true;
		break;
	case WHAT_READABLE:
		c->readable = true;
		break;
	case WHAT_UNPROTECTED:
		c->writable = c->readable = true;
		break;
	}
	return 0;
}

static int
set_run(struct parse *p, const struct row *row, const char *value)
{
	struct efuse_line	*l = p->line;

	switch ((int)row->what) {
	case WHAT_DEBUG:
		l->debug = true;
		break;
	case WHAT_VIRT:
		l->virt = true;
		break;
	case WHAT_VIRT_FILE:
		l->virt_file = value;
		break;
	case WHAT_CONFIRM:
		l->do_not_confirm = true;
		break;
	case WHAT_POSTPONE:
	case WHAT_NO_POSTPONE:
		l->postpone = row->what == WHAT_POSTPONE;
		break;
	case WHAT_TABLE:
		l->table = value;
		break;
	case WHAT_SOCKET:
		l->socket = value;
		break;
	case WHAT_JSON:
		l->json = true;
		break;
	case WHAT_PLAIN:
		l->plain = true;
		break;
	case WHAT_SILENT:
		l->silent = true;
		break;
	case WHAT_HELP:
		if (p->command != NULL)
			p->command->help = true;
		l->help = true;
		break;
	}
	return 0;
}

static int
unknown(struct parse *p, const char *name)
{
	struct nearest	n;
	char		hint[NEAREST_HINT];

	nearest_init(&n, name);
	for (const struct row *r = rows; r->name != NULL; r++)
		nearest_try(&n, r->name);
	return why_set(p->why, ERR_USAGE, "there is no option --%.40s%s",
	    name, nearest_hint(&n, "--", hint));
}

/* Does the option go with the command that it stands behind? */
static int
check_needs(struct parse *p, const struct row *row)
{
	if (row->needs == 0)
		return 0;
	if (p->command == NULL)
		return why_set(p->why, ERR_USAGE, "--%s stands behind the "
		    "command that it is for", row->name);
	if (!(p->command->verb->options & row->needs))
		return why_set(p->why, ERR_USAGE, "%s has no option --%s",
		    p->command->verb->name, row->name);
	return 0;
}

/* An option; `value` is what stood behind '=', or NULL. */
static int
parse_option(struct parse *p, const struct row *row,
    const struct method_param *m, const char *source, const char *value)
{
	bool	takes = row != NULL ? row->value != NULL :
		    m->type != METHOD_BOOL;
	int	r;

	if (row != NULL && (r = check_needs(p, row)) < 0)
		return r;
	if (!takes && value != NULL)
		return why_set(p->why, ERR_USAGE, "%s takes no value", source);
	if (takes && value == NULL) {
		if (p->at + 1 >= p->argc)
			return why_set(p->why, ERR_USAGE, "%s needs a value",
			    source);
		value = p->argv[++p->at];
	}
	if (row == NULL || row->what == WHAT_PARAM)
		return set_param(p, m, source, value);
	return row->needs != 0 ? set_command(p, row, value) :
	    set_run(p, row, value);
}

static int
parse_long(struct parse *p, const char *word)
{
	size_t				 len = strcspn(word, "=");
	char				 name[OPTION_NAME_MAX];
	char				 source[OPTION_NAME_MAX + 2];
	const struct row		*row;
	const struct method_param	*m;

	option_dashes(name, sizeof name, word, len);
	(void)snprintf(source, sizeof source, "--%s", name);
	if (len >= sizeof name)
		return unknown(p, name);
	row = row_find(name, 0);
	m = job_param(name);
	if (row == NULL && m == NULL)
		return unknown(p, name);
	if (memchr(word, '_', len) != NULL)
		option_older(p->line->older, "Option '--%.*s' is deprecated. "
		    "Use '%s' instead.", (int)len, word, source);
	return parse_option(p, row, m, source,
	    word[len] == '=' ? word + len + 1 : NULL);
}

/* "-p/dev/ttyUSB0", "-p X", "-d" */
static int
parse_letter(struct parse *p, const char *word)
{
	const struct row	*row = row_find(NULL, word[0]);
	char			 source[3] = { '-', word[0], '\0' };
	const char		*value = word[1] != '\0' ? word + 1 : NULL;

	if (row == NULL)
		return why_set(p->why, ERR_USAGE, "there is no option %s",
		    source);
	if (value != NULL && row->value != NULL && value[0] == '=')
		value++;
	return parse_option(p, row, job_param(row->name), source, value);
}

static int
parse_word(struct parse *p, const char *word)
{
	const struct efuse_verb	*verb = verb_find(word);
	struct nearest		 n;
	char			 hint[NEAREST_HINT];

	if (verb != NULL) {
		p->command = &p->line->commands[p->line->count++];
		p->command->verb = verb;
		p->command->format = verb->formats;
		if (strchr(word, '_') != NULL)
			option_older(p->line->older, "Command '%.40s' is "
			    "deprecated. Use '%s' instead.", word, verb->name);
		p->command->words = p->line->words + p->line->word_count;
		return 0;
	}
	if (p->command != NULL) {
		p->line->words[p->line->word_count++] = word;
		p->command->count++;
		return 0;
	}
	if (strcmp(word, "execute-scripts") == 0 ||
	    strcmp(word, "execute_scripts") == 0)
		return why_set(p->why, ERR_USAGE, "REMOVED: execute-scripts "
		    "is no command any more; several commands behind each "
		    "other, or the methods efuse.plan and efuse.burn of the "
		    "daemon, take its place");
	nearest_init(&n, word);
	for (const struct efuse_verb *v = efuse_verbs; v->name != NULL; v++)
		nearest_try(&n, v->name);
	return why_set(p->why, ERR_USAGE, "No such command '%.40s'%s", word,
	    nearest_hint(&n, "", hint));
}

static int
parse_words(struct parse *p)
{
	bool		 options = true;
	const char	*word;
	int		 r = 0;

	for (p->at = 1; p->at < p->argc && r == 0; p->at++) {
		word = p->argv[p->at];
		if (options && strcmp(word, "--") == 0)
			options = false;
		else if (options && strncmp(word, "--", 2) == 0)
			r = parse_long(p, word + 2);
		else if (options && word[0] == '-' && word[1] != '\0')
			r = parse_letter(p, word + 1);
		else
			r = parse_word(p, word);
	}
	return r;
}

/* What the command line leaves open. */
static int
parse_env(struct parse *p, args_env *env)
{
	const char	*value;
	int		 r;

	for (const struct row *row = rows; row->name != NULL; row++) {
		if (row->env == NULL || (value = env(row->env)) == NULL ||
		    value[0] == '\0')
			continue;
		if (row->what == WHAT_SOCKET) {
			if (p->line->socket == NULL)
				p->line->socket = value;
			continue;
		}
		if (member(p->line->params, row->name) != NULL)
			continue;
		r = set_param(p, job_param(row->name), row->env, value);
		if (r < 0)
			return r;
	}
	return 0;
}

/* What a configuration file says of jobs. */
static int
parse_config(struct parse *p, const struct rcfile *config)
{
	char	source[300];
	int	r;

	for (const struct spelling *s = spellings; s->name != NULL; s++) {
		const struct method_param	*m = job_param(s->name);
		const char			*value;

		if (m == NULL || s->config == NULL ||
		    member(p->line->params, m->name) != NULL ||
		    (value = rcfile_value(config, s->config)) == NULL)
			continue;
		(void)snprintf(source, sizeof source, "%s: %s", config->path,
		    s->config);
		if ((r = set_param(p, m, source, value)) < 0)
			return r;
	}
	return 0;
}

static int
check_counts(struct parse *p)
{
	for (size_t i = 0; i < p->line->count; i++) {
		const struct efuse_command	*c = &p->line->commands[i];

		if (c->help)
			continue;
		if (c->count < c->verb->min)
			return why_set(p->why, ERR_USAGE, "%s needs %s",
			    c->verb->name, c->verb->operands);
		if (c->count > c->verb->max)
			return why_set(p->why, ERR_USAGE, "No such command "
			    "'%.40s': %s takes %s", c->words[c->verb->max],
			    c->verb->name, c->verb->max == 0 ? "no operands" :
			    c->verb->operands);
	}
	return 0;
}

int
efuse_line_parse(struct efuse_line *l, int argc, char **argv,
    const struct args_source *from, struct why *why)
{
	struct parse	p = { .line = l, .argc = argc, .argv = argv,
			    .why = why };
	int		r;

	*l = (struct efuse_line){ .params = json_object_new_object(),
	    .older = json_object_new_array(), .postpone = true };
	l->commands = calloc((size_t)argc + 1, sizeof *l->commands);
	l->words = calloc((size_t)argc + 1, sizeof *l->words);
	if (l->commands == NULL || l->words == NULL)
		return why_set(why, ERR_NOMEM, "out of memory");
	if ((r = parse_words(&p)) < 0 || l->help ||
	    (r = check_counts(&p)) < 0)
		return r;
	if ((r = parse_env(&p, from->env)) < 0 || from->config == NULL)
		return r;
	return parse_config(&p, from->config);
}

void
efuse_line_done(struct efuse_line *l)
{
	json_object_put(l->params);
	json_object_put(l->older);
	free(l->commands);
	free(l->words);
	*l = (struct efuse_line){ 0 };
}

int
efuse_line_find(int argc, char **argv)
{
	const struct method_param	*m;
	const struct row		*row;
	char				 name[OPTION_NAME_MAX];

	for (int i = 1; i < argc; i++) {
		const char	*word = argv[i];

		if (strcmp(word, "efuse") == 0)
			return i;
		if (word[0] != '-')
			return 0;
		if (word[1] != '-') {
			row = row_find(NULL, word[1]);
			i += row != NULL && row->value && word[2] == '\0';
			continue;
		}
		option_dashes(name, sizeof name, word + 2, strlen(word + 2));
		row = row_find(name, 0);
		m = job_param(name);
		i += row != NULL ? row->value != NULL :
		    m != NULL && m->type != METHOD_BOOL;
	}
	return 0;
}

void
efuse_line_options(struct show *s, unsigned needs)
{
	char	left[64];

	for (const struct row *r = rows; r->name != NULL; r++) {
		if (needs == 0 ? r->needs != 0 : !(r->needs & needs))
			continue;
		(void)snprintf(left, sizeof left, "--%s%s%s", r->name,
		    r->value ? " " : "", r->value ? r->value : "");
		show_out(s, "  %s%c%s %-28s %s", r->key ? "-" : " ",
		    r->key ? r->key : ' ', r->key ? "," : " ", left, r->help);
	}
}
