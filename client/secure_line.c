#include "client/secure_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "client/nearest.h"
#include "client/option.h"
#include "client/show.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/secure/flash_crypt.h"

enum what {
	WHAT_KEYFILE, WHAT_OUTPUT, WHAT_IV, WHAT_VERSION, WHAT_SCHEME,
	WHAT_APPEND, WHAT_HSM, WHAT_HSM_CONFIG, WHAT_PUB_KEY, WHAT_SIGNATURE,
	WHAT_SKIP, WHAT_KEYLEN, WHAT_ADDRESS, WHAT_CRYPT_CONF, WHAT_XTS,
	WHAT_JSON, WHAT_PLAIN, WHAT_SILENT, WHAT_HELP,
};

static const struct row {
	const char	*name;		/* NULL ends */
	char		 key;		/* "-k"; 0: none */
	enum what	 what;
	const char	*value;		/* NULL: it takes none */
	unsigned	 needs;		/* secure_option; 0: every run has it */
	bool		 several;	/* files, up to the next option */
	const char	*help;
} rows[] = {
	{ "keyfile", 'k', WHAT_KEYFILE, "FILE", SECURE_OPT_KEYFILE,
	  .help = "File with the key" },
	{ "keyfile", 'k', WHAT_KEYFILE, "FILE...", SECURE_OPT_KEYFILES,
	  .several = true,
	  .help = "Private keys in PEM, up to three for version 2" },
	{ "output", 'o', WHAT_OUTPUT, "FILE", SECURE_OPT_OUTPUT,
	  .help = "Where the result goes; - is stdout" },
	{ "iv", 0, WHAT_IV, "FILE", SECURE_OPT_IV,
	  .help = "128 bytes instead of random ones, for tests only" },
	{ "version", 'v', WHAT_VERSION, "1|2", SECURE_OPT_VERSION,
	  .help = "Version of secure boot" },
	{ "scheme", 's', WHAT_SCHEME, "SCHEME", SECURE_OPT_SCHEME,
	  .help = "rsa3072, ecdsa192, ecdsa256 or ecdsa384" },
	{ "append-signatures", 'a', WHAT_APPEND, .needs = SECURE_OPT_APPEND,
	  .help = "Keep the signatures that the image has already" },
	{ "hsm", 0, WHAT_HSM, .needs = SECURE_OPT_HSM,
	  .help = "Use the key in a security module (PKCS#11)" },
	{ "hsm-config", 0, WHAT_HSM_CONFIG, "FILE", SECURE_OPT_HSM,
	  .help = "Which module, slot and key that is" },
	{ "pub-key", 0, WHAT_PUB_KEY, "FILE...", SECURE_OPT_PRECALC,
	  .several = true,
	  .help = "Public keys in PEM, one for each --signature" },
	{ "signature", 0, WHAT_SIGNATURE, "FILE...", SECURE_OPT_PRECALC,
	  .several = true,
	  .help = "Signatures that were made elsewhere" },
	{ "skip-padding", 0, WHAT_SKIP, .needs = SECURE_OPT_SKIP,
	  .help = "The image is not filled up to whole sectors (version 2)" },
	{ "keylen", 'l', WHAT_KEYLEN, "BITS", SECURE_OPT_KEYLEN,
	  .help = "Length of the key, usually 256" },
	{ "address", 'a', WHAT_ADDRESS, "ADDRESS", SECURE_OPT_ADDRESS,
	  .help = "Where in flash the data are" },
	{ "flash-crypt-conf", 0, WHAT_CRYPT_CONF, "BITS",
	  SECURE_OPT_CRYPT_CONF,
	  .help = "ESP32: FLASH_CRYPT_CONFIG of its eFuses, usually 0xF" },
	{ "aes-xts", 'x', WHAT_XTS, .needs = SECURE_OPT_XTS,
	  .help = "AES-XTS, as all chips but the ESP32 have it" },
	{ "json", 0, WHAT_JSON,
	  .help = "Print the result as a line of JSON" },
	{ "no-progress", 0, WHAT_PLAIN, .help = "Plain lines, as always here" },
	{ "silent", 's', WHAT_SILENT, .help = "Results and errors only" },
	{ "help", 'h', WHAT_HELP, .help = "Show help" },
	{ .name = NULL }
};

struct parse {
	struct secure_line	*line;
	int			 argc, at;
	char			**argv;
	const char		*verb_word;	/* as it was typed */
	const char		*eater;		/* took several files */
	struct why		*why;
};

static const struct secure_verb *
verb_find(const char *word)
{
	char	name[OPTION_NAME_MAX];

	if (strlen(word) >= sizeof name)
		return NULL;
	option_dashes(name, sizeof name, word, strlen(word));
	for (const struct secure_verb *v = secure_verbs; v->name; v++)
		if (strcmp(v->name, name) == 0)
			return v;
	return NULL;
}

static bool
fits(const struct row *r, const struct secure_verb *v)
{
	return r->needs == 0 || (v != NULL && (v->options & r->needs) != 0);
}

/* The option of the command before one of every run; else one of another
 * command.  NULL: nobody has it. */
static const struct row *
row_find(const struct secure_verb *v, const char *name, char key)
{
	const struct row	*found = NULL;

	for (const struct row *r = rows; r->name != NULL; r++) {
		if (name != NULL ? strcmp(r->name, name) != 0 : r->key != key)
			continue;
		if (found == NULL || (!fits(found, v) && fits(r, v)))
			found = r;
	}
	return found;
}

/* Any whole number, as Python's int(word, 0) takes it, of at most 32 bits and
 * a sign. */
static int
parse_number(struct parse *p, const char *source, const char *value,
    int64_t *out)
{
	const char	*digits = value;
	uint32_t	 number;

	if (*digits == '-' || *digits == '+')
		digits++;
	if (text_u32(digits, &number) < 0)
		return why_set(p->why, ERR_USAGE, "%s: \"%.40s\" is no whole "
		    "number of at most 32 bits", source, value);
	*out = *value == '-' ? -(int64_t)number : (int64_t)number;
	return 0;
}

static int
set_keylen(struct parse *p, const char *source, const char *value)
{
	int64_t	bits;
	int	r;

	if ((r = parse_number(p, source, value, &bits)) < 0)
		return r;
	if (bits <= 0 || bits > UINT16_MAX)
		return why_set(p->why, ERR_USAGE, "%s: no key has %.40s bits",
		    source, value);
	p->line->keylen = (unsigned)bits;
	return 0;
}

static int
set_crypt_conf(struct parse *p, const char *source, const char *value)
{
	int64_t	bits;
	int	r;

	if ((r = parse_number(p, source, value, &bits)) == 0)
		p->line->crypt_conf = (unsigned)bits;
	return r;
}

static int
set_version(struct parse *p, const char *source, const char *value)
{
	if (strcmp(value, "1") != 0 && strcmp(value, "2") != 0)
		return why_set(p->why, ERR_USAGE, "%s: \"%.40s\" is none of 1 "
		    "and 2, the versions of secure boot", source, value);
	p->line->version = value[0] == '1' ? 1 : 2;
	return 0;
}

static int
set_scheme(struct parse *p, const char *source, const char *value)
{
	if (!text_choice("rsa3072|ecdsa192|ecdsa256|ecdsa384", value))
		return why_set(p->why, ERR_USAGE, "%s: \"%.40s\" is none of "
		    "rsa3072, ecdsa192, ecdsa256 and ecdsa384", source, value);
	p->line->scheme = value;
	return 0;
}

static void
set_flag(struct secure_line *l, enum what what)
{
	l->append |= what == WHAT_APPEND;
	l->hsm |= what == WHAT_HSM;
	l->skip_padding |= what == WHAT_SKIP;
	l->xts |= what == WHAT_XTS;
	l->json |= what == WHAT_JSON;
	l->plain |= what == WHAT_PLAIN;
	l->silent |= what == WHAT_SILENT;
	l->help |= what == WHAT_HELP;
}

static void
add_name(struct secure_names *n, const char *value)
{
	n->names[n->count++] = value;
}

static int
set_value(struct parse *p, const struct row *row, const char *source,
    const char *value)
{
	struct secure_line	*l = p->line;

	switch ((int)row->what) {
	case WHAT_KEYFILE:
		l->keyfile = value;
		add_name(&l->keys, value);
		break;
	case WHAT_PUB_KEY:
		add_name(&l->pub_keys, value);
		break;
	case WHAT_SIGNATURE:
		add_name(&l->signatures, value);
		break;
	case WHAT_OUTPUT:
		l->output = value;
		break;
	case WHAT_IV:
		l->iv = value;
		break;
	case WHAT_HSM_CONFIG:
		l->hsm_config = value;
		break;
	case WHAT_VERSION:
		return set_version(p, source, value);
	case WHAT_SCHEME:
		return set_scheme(p, source, value);
	case WHAT_KEYLEN:
		return set_keylen(p, source, value);
	case WHAT_ADDRESS:
		return parse_number(p, source, value, &l->address);
	case WHAT_CRYPT_CONF:
		return set_crypt_conf(p, source, value);
	}
	return 0;
}

static int
unknown(struct parse *p, const char *name)
{
	const struct secure_verb	*v = p->line->verb;
	struct nearest			 n;
	char				 hint[NEAREST_HINT];

	nearest_init(&n, name);
	for (const struct row *r = rows; r->name != NULL; r++)
		if (fits(r, v))
			nearest_try(&n, r->name);
	return why_set(p->why, ERR_USAGE, "there is no option --%.40s%s",
	    name, nearest_hint(&n, "--", hint));
}

/* An option; `value` is what stood behind '=', or NULL. */
static int
parse_option(struct parse *p, const struct row *row, const char *source,
    const char *value)
{
	struct secure_line	*l = p->line;
	int			 r;

	if (!fits(row, l->verb))
		return l->verb != NULL ? why_set(p->why, ERR_USAGE, "%s has "
		    "no option %s", l->verb->name, source) :
		    why_set(p->why, ERR_USAGE, "%s stands behind the command "
		    "that it is for", source);
	if (row->value == NULL) {
		if (value != NULL)
			return why_set(p->why, ERR_USAGE, "%s takes no value",
			    source);
		set_flag(l, row->what);
		return 0;
	}
	if (value == NULL) {
		if (p->at + 1 >= p->argc)
			return why_set(p->why, ERR_USAGE, "%s needs a value",
			    source);
		value = p->argv[++p->at];
	}
	if ((r = set_value(p, row, source, value)) < 0 || !row->several)
		return r;
	while (p->at + 1 < p->argc && p->argv[p->at + 1][0] != '-') {
		p->eater = row->name;
		(void)set_value(p, row, source, p->argv[++p->at]);
	}
	return 0;
}

static int
parse_long(struct parse *p, const char *word)
{
	size_t			 len = strcspn(word, "=");
	char			 name[OPTION_NAME_MAX];
	char			 source[OPTION_NAME_MAX + 2];
	const struct row	*row;

	option_dashes(name, sizeof name, word, len);
	(void)snprintf(source, sizeof source, "--%s", name);
	row = len < sizeof name ? row_find(p->line->verb, name, 0) : NULL;
	if (row == NULL)
		return unknown(p, name);
	if (memchr(word, '_', len) != NULL)
		option_older(p->line->older, "Option '--%.*s' is deprecated. "
		    "Use '%s' instead.", (int)len, word, source);
	return parse_option(p, row, source,
	    word[len] == '=' ? word + len + 1 : NULL);
}

/* "-k key.pem", "-kkey.pem", "-v2", "-ax" */
static int
parse_letters(struct parse *p, const char *word)
{
	const struct row	*row;
	const char		*value;
	char			 source[] = "-?";
	int			 r = 0;

	for (; *word != '\0' && r == 0; word++) {
		source[1] = *word;
		if ((row = row_find(p->line->verb, NULL, *word)) == NULL)
			return why_set(p->why, ERR_USAGE, "there is no option "
			    "%s", source);
		if (row->value == NULL) {
			r = parse_option(p, row, source, NULL);
			continue;
		}
		value = word[1] == '=' ? word + 2 : word + 1;
		return parse_option(p, row, source, word[1] ? value : NULL);
	}
	return r;
}

static int
parse_verb(struct parse *p, const char *word)
{
	const struct secure_verb	*v = verb_find(word);
	struct nearest			 n;
	char				 hint[NEAREST_HINT];

	if (v != NULL) {
		p->line->verb = v;
		p->verb_word = word;
		return 0;
	}
	if (p->line->help)
		return 0;		/* all commands are shown */
	nearest_init(&n, word);
	for (v = secure_verbs; v->name != NULL; v++)
		if (v->today == NULL)
			nearest_try(&n, v->name);
	return why_set(p->why, ERR_USAGE, "No such command '%.40s'%s", word,
	    nearest_hint(&n, "", hint));
}

static int
parse_word(struct parse *p, const char *word)
{
	struct secure_line	*l = p->line;

	if (l->verb == NULL)
		return parse_verb(p, word);
	if (l->verb->operand == NULL || l->operand != NULL)
		return why_set(p->why, ERR_USAGE, "'%.100s' is one word too "
		    "many: %s takes %s", word, l->verb->name,
		    l->verb->operand != NULL ? l->verb->operand : "options "
		    "only");
	l->operand = word;
	return 0;
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
			r = parse_letters(p, word + 1);
		else
			r = parse_word(p, word);
	}
	return r;
}

/* Was the option given that must be? */
static bool
given(const struct secure_line *l, unsigned option)
{
	switch (option) {
	case SECURE_OPT_KEYFILE:
		return l->keyfile != NULL || l->hsm;	/* it has the key */
	case SECURE_OPT_OUTPUT:
		return l->output != NULL;
	case SECURE_OPT_VERSION:
		return l->version != 0;
	case SECURE_OPT_ADDRESS:
		return l->address != INT64_MIN;
	}
	return true;
}

/* What must be there and is not. */
static int
check_missing(struct parse *p)
{
	struct secure_line		*l = p->line;
	const struct secure_verb	*v = l->verb;
	const char			*of = "";

	for (const struct row *r = rows; r->name != NULL; r++)
		if ((v->required & r->needs) != 0 && !given(l, r->needs))
			return why_set(p->why, ERR_USAGE, "%s needs --%s %s",
			    v->name, r->name, r->value);
	if (v->operand == NULL || l->operand != NULL)
		return 0;
	if (p->eater != NULL)
		of = "; all words behind an option for several files are "
		    "taken as files, so it stands ahead of those options, or "
		    "behind \"--\"";
	return why_set(p->why, ERR_USAGE, "%s needs %s%s", v->name, v->operand,
	    of);
}

/* What the command line leaves open. */
static void
set_defaults(struct secure_line *l)
{
	if (l->version == 0)
		l->version = 1;
	if (l->keylen == 0)
		l->keylen = 256;
}

int
secure_line_parse(struct secure_line *l, int argc, char **argv,
    struct why *why)
{
	struct parse		 p = { .line = l, .argc = argc, .argv = argv,
				    .why = why };
	struct secure_names	*lists[] = { &l->keys, &l->pub_keys,
				    &l->signatures };
	int			 r;

	*l = (struct secure_line){ .older = json_object_new_array(),
	    .address = INT64_MIN, .crypt_conf = FLASH_CRYPT_CONFIG };
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		lists[i]->names = calloc((size_t)argc + 1,
		    sizeof *lists[i]->names);
		if (lists[i]->names == NULL)
			return why_set(why, ERR_NOMEM, "out of memory");
	}
	r = parse_words(&p);
	if (p.verb_word != NULL && strchr(p.verb_word, '_') != NULL)
		option_older(l->older, "Command '%.40s' is deprecated. Use "
		    "'%s' instead.", p.verb_word, l->verb->name);
	if (r < 0 || l->help || l->verb == NULL)
		return r;
	r = check_missing(&p);
	set_defaults(l);
	return r;
}

void
secure_line_done(struct secure_line *l)
{
	json_object_put(l->older);
	free(l->keys.names);
	free(l->pub_keys.names);
	free(l->signatures.names);
	*l = (struct secure_line){ 0 };
}

int
secure_line_find(int argc, char **argv)
{
	const struct row	*row;
	const char		*word;

	for (int i = 1; i < argc; i++) {
		word = argv[i];
		if (strcmp(word, "secure") == 0)
			return i;
		if (word[0] != '-' || word[1] == '\0')
			return 0;
		row = word[1] == '-' ? row_find(NULL, word + 2, 0) :
		    row_find(NULL, NULL, word[1]);
		if (row == NULL || row->needs != 0)
			return 0;
	}
	return 0;
}

static void
show_row(struct show *s, const struct row *r, char key, bool needed)
{
	char	left[64];

	(void)snprintf(left, sizeof left, "--%s%s%s", r->name,
	    r->value ? " " : "", r->value ? r->value : "");
	show_out(s, "  %s%c%s %-24s %s%s", key ? "-" : " ", key ? key : ' ',
	    key ? "," : " ", left, r->help, needed ? " (needed)" : "");
}

void
secure_line_options(struct show *s, const struct secure_verb *v)
{
	for (const struct row *r = rows; r->name != NULL; r++)
		if (r->needs != 0 && fits(r, v))
			show_row(s, r, r->key, v->required & r->needs);
	for (const struct row *r = rows; r->name != NULL; r++)
		if (r->needs == 0)	/* a letter can be the command's */
			show_row(s, r, row_find(v, NULL, r->key) == r ?
			    r->key : '\0', false);
}
