#include "client/option.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "client/command.h"
#include "client/nearest.h"
#include "client/show.h"
#include "proto/base/err.h"
#include "proto/base/why.h"
#include "proto/rpc/method.h"

enum { OLDER_MAX = 200 };	/* bytes of a sentence about a spelling */

#define WRITE	"write-flash"
#define MOVES	"write-flash read-flash"
#define MERGE	"merge-bin"
#define MAKE	"make-image"

const struct spelling spellings[] = {
	{ "port", "p", .param = "port", .env = "ESPTOOL_PORT" },
	{ "baud", "b", .param = "baud", .env = "ESPTOOL_BAUD" },
	{ "chip", "c", .param = "chip", .env = "ESPTOOL_CHIP" },
	{ "before", .param = "before", .env = "ESPTOOL_BEFORE" },
	{ "after", "a", .param = "after", .env = "ESPTOOL_AFTER" },
	{ "connect-attempts", .param = "connect_attempts",
	  .env = "ESPTOOL_CONNECT_ATTEMPTS", .config = "connect_attempts" },
	{ "open-port-attempts", .own = OWN_OPEN_ATTEMPTS, .value = "N",
	  .env = "ESPTOOL_OPEN_PORT_ATTEMPTS",
	  .config = "open_port_attempts", .needs = COMMAND_JOB,
	  .help = "Try again so often when the board is not there or does "
		"not answer; 0: for ever" },
	{ "reset-sequence", .param = "reset_sequence",
	  .config = "custom_reset_sequence" },
	{ "hard-reset-sequence", .param = "hard_reset_sequence",
	  .config = "custom_hard_reset_sequence" },
	{ "trace", "t", .param = "trace" },
	{ "no-compress", "u", .param = "plain" },
	{ "compress", "z", .param = "plain", .off = true,
	  .help = "Send the data compressed (the default)" },
	{ "erase-all", "e", .param = "erase_all" },
	{ "skip-flashed", "s", WRITE, .param = "skip_flashed" },
	{ "trust-flash-content", .param = "trust_flash_content" },
	{ "no-diff-verify", .param = "trust_flash_content", .older = true },
	{ "ignore-flash-enc-efuse", .param = "ignore_flash_enc_efuse" },
	{ "ignore-flash-encryption-efuse-setting",
	  .param = "ignore_flash_enc_efuse", .older = true },
	{ "flash-freq", "ff", .param = "flash_freq", .env = "ESPTOOL_FF" },
	{ "flash-mode", "fm", .param = "flash_mode", .env = "ESPTOOL_FM" },
	{ "flash-size", "fs", .param = "flash_size", .env = "ESPTOOL_FS" },
	{ "spi-connection", "sc", .param = "spi_connection" },
	{ "encrypt", .own = OWN_ENCRYPT, .needs = COMMAND_WRITE | COMMAND_BUILD,
	  .help = "The chip encrypts all files on their way into the flash" },
	{ "no-encrypt", .own = OWN_NO_ENCRYPT, .needs = COMMAND_BUILD,
	  .help = "Write the files as they are, also those that the build "
		"wants encrypted" },
	{ "encrypt-files", .own = OWN_ENCRYPT_FILES,
	  .value = "ADDRESS FILE ...", .needs = COMMAND_WRITE,
	  .help = "The chip encrypts these, and not the others" },
	{ "verify", .own = OWN_IGNORED, .older = true,
	  .needs = COMMAND_WRITE },		/* it always is */
	{ "diff-with", .own = OWN_DIFF_WITH, .value = "FILE|skip ...",
	  .needs = COMMAND_WRITE,
	  .help = "What the flash holds now, file for file: write only what "
		"differs" },
	{ "format", "f", MERGE, .param = "format" },
	{ "fill-flash-size", .param = "pad_to_size", .older = true },
	{ "target-offset", "t", MERGE, .param = "target_offset" },
	{ "segfile", "f", MAKE, .own = OWN_SEGFILE, .value = "FILE",
	  .needs = COMMAND_SEGMENTS,
	  .help = "File of one more segment (repeatable)" },
	{ "segaddr", "a", MAKE, .own = OWN_SEGADDR, .value = "ADDRESS",
	  .needs = COMMAND_SEGMENTS,
	  .help = "Where in RAM that segment goes (repeatable)" },
	{ "entrypoint", "e", MAKE, .param = "entry" },
	{ "partition-table", .own = OWN_TABLE, .value = "FILE",
	  .needs = COMMAND_TABLE,
	  .help = "Partition table, binary or CSV, that tells where the "
		"named partitions are; without it that in the chip's flash "
		"does" },
	{ "diff", "d", "verify-flash", .own = OWN_DIFF,
	  .needs = COMMAND_VERIFY,
	  .help = "Read what differs and show it byte by byte" },
	{ "image-version", "e", "elf2image", .param = "version" },
	{ "min-rev", "r", "elf2image", .param = "min_rev" },
	{ "output", "o", .own = OWN_OUTPUT, .value = "FILE",
	  .needs = COMMAND_OUTPUT, .help = "File to make" },
	{ "port-filter", .own = OWN_FILTER, .value = "KEY=VALUE ...",
	  .needs = COMMAND_FILTER,
	  .help = "Without --port: try only such adapters "
		"(vid=, pid=, name=, serial=)" },
	{ "follow", .own = OWN_FOLLOW, .needs = COMMAND_FOLLOW,
	  .help = "Go on and print a line for each change" },
	{ "remove", .own = OWN_REMOVE, .needs = COMMAND_REMOVE,
	  .help = "Forget the label" },
	{ "no-wait", .own = OWN_NO_WAIT, .needs = COMMAND_JOB,
	  .help = "Print the numbers of the jobs and leave them to the "
		"daemon" },
	{ "no-progress", "p", MOVES, .own = OWN_NO_PROGRESS,
	  .help = "Plain lines instead of live progress" },
	{ "verbose", "v", .own = OWN_VERBOSE,
	  .help = "Plain lines, all of them" },
	{ "silent", "s", .own = OWN_SILENT,
	  .help = "Results and errors only" },
	{ "stub-version", .own = OWN_IGNORED, .value = "N", .older = true },
	{ "json", .own = OWN_JSON,
	  .help = "Print events and the result as lines of JSON" },
	{ "socket", .own = OWN_SOCKET, .value = "PATH",
	  .env = "ESPFLASHD_SOCKET",
	  .help = "Socket of the daemon to talk to" },
	{ "help", "h", .own = OWN_HELP, .help = "Show help" },
	{ "version", .own = OWN_VERSION, .older = true },
	{ .name = NULL }
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
		if (s->param != NULL && !s->older &&
		    strcmp(s->param, param) == 0)
			return true;
	return false;
}

void
option_dashes(char *out, size_t size, const char *s, size_t len)
{
	size_t	i;

	for (i = 0; i + 1 < size && i < len; i++)
		out[i] = s[i] == '_' ? '-' : s[i];
	out[i] = '\0';
}

/* Does a list ("write-flash read-flash") hold that word? */
static bool
list_has(const char *list, const char *word)
{
	size_t	len;

	for (; *list != '\0'; list += len, list += *list == ' ') {
		len = strcspn(list, " ");
		if (strlen(word) == len && strncmp(list, word, len) == 0)
			return true;
	}
	return false;
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
				    (c->numbers == NULL ||
				    !list_has(c->numbers, p->name)) &&
				    fn(p, arg))
					return true;
	}
	return false;
}

const struct method_param *
option_param(const char *name)
{
	const struct method_param	*p;
	const struct method		*m;

	for (const struct command *c = commands; c->name != NULL; c++)
		if ((m = method_of(c)) != NULL &&
		    (p = method_param(m, name)) != NULL)
			return p;
	return NULL;
}

/* The parameter as the command has it, or else as some command. */
static const struct method_param *
param_of(const struct method *m, const char *name)
{
	const struct method_param	*p = m != NULL ? method_param(m, name) :
					    NULL;

	return p != NULL ? p : option_param(name);
}

struct lookup {
	const char			*name;	/* with dashes */
	const struct method_param	*param;
};

static bool
lookup_matches(const struct method_param *p, void *arg)
{
	struct lookup	*l = arg;
	char		 name[OPTION_NAME_MAX];

	option_dashes(name, sizeof name, p->name, strlen(p->name));
	if (strcmp(name, l->name) != 0)
		return false;
	l->param = p;
	return true;
}

bool
option_find(const char *name, const struct command *command, struct option *o)
{
	const struct method		*m = command != NULL ?
					    method_of(command) : NULL;
	const struct method_param	*p;
	struct lookup			 l = { .name = name };

	*o = (struct option){ 0 };
	for (const struct spelling *s = spellings; s->name != NULL; s++) {
		if (strcmp(s->name, name) != 0)
			continue;
		if (s->param == NULL && m != NULL &&
		    (p = method_param(m, name)) != NULL && is_option(p)) {
			o->param = p;
			return true;
		}
		o->spelling = s;
		o->param = s->param != NULL ? param_of(m, s->param) : NULL;
		return s->param == NULL || o->param != NULL;
	}
	if (!each_param(NULL, lookup_matches, &l))
		return false;
	/* Methods may mean different things by one name. */
	p = m != NULL ? method_param(m, l.param->name) : NULL;
	o->param = p != NULL && (p->type == METHOD_BOOL) ==
	    (l.param->type == METHOD_BOOL) ? p : l.param;
	return true;
}

bool
option_key(const char *key, size_t len, const struct command *command,
    struct option *o)
{
	const struct spelling	*found = NULL;

	for (const struct spelling *s = spellings; s->name != NULL; s++) {
		if (s->key == NULL || strlen(s->key) != len ||
		    strncmp(s->key, key, len) != 0)
			continue;
		if (s->behind == NULL && found == NULL)
			found = s;
		else if (s->behind != NULL && command != NULL &&
		    list_has(s->behind, command->name))
			found = s;
	}
	return found != NULL && option_find(found->name, command, o);
}

bool
option_takes_value(const struct option *o)
{
	if (o->param != NULL)
		return o->param->type != METHOD_BOOL;
	return o->spelling->value != NULL;
}

const char *
option_name_of(const char *param)
{
	for (const struct spelling *s = spellings; s->name != NULL; s++)
		if (s->param != NULL && !s->older &&
		    strcmp(s->param, param) == 0)
			return s->name;
	return param;
}

bool
option_fits(const struct command *c, const struct spelling *s)
{
	const struct method	*m = method_of(c);
	unsigned		 has = c->options;

	if (m != NULL && (m->flags & METHOD_JOB))
		has |= COMMAND_JOB | COMMAND_FILTER;
	return s->needs == 0 || (has & s->needs) != 0;
}

static bool
nearest_param(const struct method_param *p, void *arg)
{
	char	name[OPTION_NAME_MAX];

	option_dashes(name, sizeof name, p->name, strlen(p->name));
	nearest_try(arg, name);
	return false;
}

void
option_older(struct json_object *array, const char *fmt, ...)
{
	char	text[OLDER_MAX];
	va_list	ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	(void)json_object_array_add(array, json_object_new_string(text));
}

int
option_unknown(const char *name, struct why *why)
{
	struct nearest	n;
	char		hint[NEAREST_HINT];

	nearest_init(&n, name);
	for (const struct spelling *s = spellings; s->name != NULL; s++)
		if (!s->older)
			nearest_try(&n, s->name);
	(void)each_param(NULL, nearest_param, &n);
	return why_set(why, ERR_USAGE, "there is no option --%s%s", name,
	    nearest_hint(&n, "--", hint));
}

const struct command *
option_command(const char *word, struct why *why)
{
	const struct command	*found;
	struct nearest		 n;
	char			 name[OPTION_NAME_MAX], hint[NEAREST_HINT];

	option_dashes(name, sizeof name, word, strlen(word));
	if (strlen(word) < sizeof name && (found = command_find(name)) != NULL)
		return found;
	nearest_init(&n, name);
	for (const struct command *c = commands; c->name != NULL; c++)
		nearest_try(&n, c->name);
	(void)nearest_hint(&n, "", hint);
	(void)why_set(why, ERR_USAGE, "there is no command \"%.40s\"%s", word,
	    hint[0] ? hint : "; espctl help lists them all");
	return NULL;
}

/* One line of help: the option with its value, and what it is for. */
static void
show_option(struct show *show, const struct spelling *s, const char *key,
    const char *name, const struct method_param *m, const char *help)
{
	char	left[128], initial[64] = "", dashed[8] = "";

	if (key != NULL)
		(void)snprintf(dashed, sizeof dashed, "-%s,", key);
	(void)snprintf(left, sizeof left, "%-4s --%s%s%s", dashed, name,
	    m == NULL && s->value != NULL ? " " : "",
	    m == NULL ? s->value != NULL ? s->value : "" :
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
	char	name[OPTION_NAME_MAX];

	option_dashes(name, sizeof name, m->name, strlen(m->name));
	show_option(arg, NULL, NULL, name, m, m->help);
	return false;
}

/* The key of an option, unless it is another's with that command. */
static const char *
key_here(const struct spelling *s, const struct command *c)
{
	struct option	o;

	if (s->key == NULL || !option_key(s->key, strlen(s->key), c, &o) ||
	    o.spelling != s)
		return NULL;
	return s->key;
}

void
option_show(struct show *show, const struct command *c)
{
	const struct method		*m = method_of(c);
	const struct method_param	*p;

	for (const struct spelling *s = spellings; s->name != NULL; s++) {
		p = m != NULL && s->param != NULL ?
		    method_param(m, s->param) : NULL;
		if (s->param != NULL && p == NULL)
			continue;
		if (s->older || !option_fits(c, s))
			continue;
		show_option(show, s, key_here(s, c), s->name, p,
		    s->help != NULL ? s->help : p->help);
	}
	if (m != NULL)
		(void)each_param(c, show_param, show);
}
