/*
 * hsm_conf - see hsm_conf.h.
 *
 * The options are first noted where they stand in the text, which is the
 * caller's to wipe; what is copied out of it is wiped here, since each of them
 * may be the PIN.
 */
#include "client/hsm_conf.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/ini.h"
#include "proto/base/err.h"
#include "proto/secure/secret.h"

#define SECTION		"hsm_config"

enum {
	OPTIONS_MAX	= 256,		/* in the sections that count */
	VALUE_MAX	= 4096,		/* bytes of a value */
	DEPTH_MAX	= 10,		/* configparser: of %(key)s in values */
	INSERTS_MAX	= 256,		/* %(key)s in one value, all told */
};

struct option {
	struct ini_span	name, value;	/* the value: all its lines */
	bool		own;		/* not of [DEFAULT] */
};

struct conf {
	const char	*name;		/* of the file */
	struct why	*why;
	struct option	 options[OPTIONS_MAX];
	size_t		 count;
};

/* A value in the making. */
struct value {
	const char	*option;	/* for sentences */
	char		 text[VALUE_MAX + 1];
	size_t		 len;
	unsigned	 inserts;
};

static const struct option *
find(const struct conf *c, struct ini_span name, bool own)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct option	*o = &c->options[i];

		if (o->own == own && o->name.len == name.len &&
		    strncasecmp(o->name.p, name.p, name.len) == 0)
			return o;
	}
	return NULL;
}

/* In the section, or else what [DEFAULT] says for all sections. */
static const struct option *
look_up(const struct conf *c, struct ini_span name)
{
	const struct option	*o = find(c, name, true);

	return o != NULL ? o : find(c, name, false);
}

static int
add(struct conf *c, const struct ini_line *line, bool own)
{
	if (find(c, line->name, own) != NULL)
		return why_set(c->why, ERR_PARAMS, "%s, line %u: [%s] sets this "
		    "option twice", c->name, line->number,
		    own ? SECTION : "DEFAULT");
	if (c->count == OPTIONS_MAX)
		return why_set(c->why, ERR_PARAMS, "%s, line %u: more than %d "
		    "options", c->name, line->number, OPTIONS_MAX);
	c->options[c->count++] = (struct option){ .name = line->name,
	    .value = line->value, .own = own };
	return 0;
}

/* The line itself is never shown: the PIN may be what went wrong. */
static int
scan(struct conf *c, const char *text, size_t len)
{
	enum { OTHER, DEFAULT, OWN } in = OTHER;
	struct ini		 ini;
	struct ini_line		 line;
	bool			 seen = false;
	int			 r = 0;

	ini_init(&ini, text, len);
	while (r == 0 && ini_next(&ini, &line)) {
		if (line.kind == INI_BAD)
			return why_set(c->why, ERR_PARAMS, "%s, line %u is none "
			    "of \"[section]\", \"key = value\" and \"# note\"",
			    c->name, line.number);
		if (line.kind == INI_SECTION) {
			in = ini_is(line.name, SECTION) ? OWN :
			    ini_is(line.name, "DEFAULT") ? DEFAULT : OTHER;
			if (in == OWN && seen)
				return why_set(c->why, ERR_PARAMS, "%s, line "
				    "%u: a second section [" SECTION "]",
				    c->name, line.number);
			seen = seen || in == OWN;
		} else if (in != OTHER && line.kind == INI_OPTION) {
			r = add(c, &line, in == OWN);
		} else if (in != OTHER && line.value.len > 0) {
			struct ini_span	*all = &c->options[c->count - 1].value;

			all->len = (size_t)(line.value.p + line.value.len -
			    all->p);
		}
	}
	if (r == 0 && !seen)
		return why_set(c->why, ERR_PARAMS, "%s has no section ["
		    SECTION "], in which the security module's pkcs11_lib, "
		    "slot and label stand", c->name);
	return r;
}

static int
append(const struct conf *c, struct value *v, const char *p, size_t len)
{
	if (len > VALUE_MAX - v->len)
		return why_set(c->why, ERR_PARAMS, "%s: the value of %s has more "
		    "than %d bytes", c->name, v->option, VALUE_MAX);
	memcpy(v->text + v->len, p, len);
	v->len += len;
	return 0;
}

static int expand(const struct conf *, struct value *, const struct option *,
    unsigned depth);

/* What stands at a '%': "%%", or "%(key)s".  *used is its length. */
static int
expand_mark(const struct conf *c, struct value *v, struct ini_span s,
    unsigned depth, size_t *used)
{
	const char		*end;
	struct ini_span		 key;
	const struct option	*o;

	if (s.len >= 2 && s.p[1] == '%') {
		*used = 2;
		return append(c, v, "%", 1);
	}
	end = s.len > 2 && s.p[1] == '(' ?
	    memchr(s.p + 2, ')', s.len - 2) : NULL;
	if (end == NULL || end == s.p + 2 || end + 1 == s.p + s.len ||
	    end[1] != 's')
		return why_set(c->why, ERR_PARAMS, "%s: a %% in the value of %s "
		    "that is none of %%%% and %%(key)s: write %%%% for a plain "
		    "%%", c->name, v->option);
	key = ini_trim((struct ini_span){ s.p + 2, (size_t)(end - s.p) - 2 });
	o = look_up(c, key);
	if (o == NULL)
		return why_set(c->why, ERR_PARAMS, "%s: the value of %s asks for "
		    "%%(key)s of a key that is not set", c->name, v->option);
	if (depth == DEPTH_MAX || v->inserts++ == INSERTS_MAX)
		return why_set(c->why, ERR_PARAMS, "%s: the value of %s asks for "
		    "other values in a circle, or for too many", c->name,
		    v->option);
	*used = (size_t)(end + 2 - s.p);
	return expand(c, v, o, depth + 1);
}

static int
expand_text(const struct conf *c, struct value *v, struct ini_span s,
    unsigned depth)
{
	int	r = 0;

	while (r == 0 && s.len > 0) {
		const char	*mark = memchr(s.p, '%', s.len);
		size_t		 n = mark != NULL ? (size_t)(mark - s.p) : s.len;

		if (n > 0)
			r = append(c, v, s.p, n);
		else
			r = expand_mark(c, v, s, depth, &n);
		s.p += n;
		s.len -= n;
	}
	return r;
}

/* Add the value of an option to `v`. */
static int
expand(const struct conf *c, struct value *v, const struct option *o,
    unsigned depth)
{
	size_t	 size = o->value.len + 1;
	char	*joined = malloc(size);
	int	 r;

	if (joined == NULL)
		return why_set(c->why, ERR_NOMEM, "out of memory");
	r = expand_text(c, v, ini_trim((struct ini_span){ joined,
	    ini_join(o->value, joined) }), depth);
	secret_wipe(joined, size);
	free(joined);
	return r;
}

/* *out is NULL when an option that need not be set is not, or to nothing. */
static int
take(const struct conf *c, const char *option, bool needed, char **out)
{
	const struct option	*o;
	struct value		*v;
	int			 r;

	*out = NULL;
	o = look_up(c, (struct ini_span){ option, strlen(option) });
	if (o == NULL)
		return !needed ? 0 : why_set(c->why, ERR_PARAMS, "%s does not "
		    "set %s in its section [" SECTION "]", c->name, option);
	v = calloc(1, sizeof *v);
	if (v == NULL)
		return why_set(c->why, ERR_NOMEM, "out of memory");
	v->option = option;
	r = expand(c, v, o, 1);
	if (r == 0 && needed && v->len == 0)
		r = why_set(c->why, ERR_PARAMS, "%s sets %s to nothing",
		    c->name, option);
	if (r == 0 && v->len > 0 && (*out = strdup(v->text)) == NULL)
		r = why_set(c->why, ERR_NOMEM, "out of memory");
	secret_wipe(v, sizeof *v);
	free(v);
	return r;
}

static int
take_slot(const struct conf *c, unsigned long *slot)
{
	char	*text, *end;
	int	 base, r = take(c, "slot", true, &text);

	if (r < 0)
		return r;
	base = strncasecmp(text, "0x", 2) == 0 ? 16 : 10;
	errno = 0;
	*slot = strtoul(text, &end, base);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0)
		r = why_set(c->why, ERR_PARAMS, "%s: slot is none of the "
		    "module's numbers, such as 0 or 1108821954", c->name);
	free(text);
	return r;
}

static int
take_all(const struct conf *c, struct hsm_conf *conf)
{
	int	r;

	if ((r = take(c, "pkcs11_lib", true, &conf->lib)) < 0 ||
	    (r = take_slot(c, &conf->slot)) < 0 ||
	    (r = take(c, "label", true, &conf->label)) < 0 ||
	    (r = take(c, "label_pubkey", false, &conf->label_public)) < 0 ||
	    (r = take(c, "credentials", false, &conf->pin)) < 0)
		return r;
	return 0;
}

int
hsm_conf_parse(struct hsm_conf *conf, const char *text, size_t len,
    const char *name, struct why *why)
{
	struct conf	*c;
	int		 r;

	*conf = (struct hsm_conf){ .lib = NULL };
	if (len > HSM_CONF_MAX)
		return why_set(why, ERR_PARAMS, "%s has more than %d bytes: that "
		    "is no configuration of a security module", name,
		    HSM_CONF_MAX);
	if (memchr(text, '\0', len) != NULL)
		return why_set(why, ERR_PARAMS, "%s is no text", name);
	c = calloc(1, sizeof *c);
	if (c == NULL)
		return why_set(why, ERR_NOMEM, "out of memory");
	c->name = name;
	c->why = why;
	r = scan(c, text, len);
	if (r == 0)
		r = take_all(c, conf);
	free(c);
	return r;
}

void
hsm_conf_done(struct hsm_conf *conf)
{
	free(conf->lib);
	free(conf->label);
	free(conf->label_public);
	if (conf->pin != NULL)
		secret_wipe(conf->pin, strlen(conf->pin));
	free(conf->pin);
	*conf = (struct hsm_conf){ .lib = NULL };
}
