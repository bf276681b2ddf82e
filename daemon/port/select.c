#include "daemon/port/select.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/port/bridge.h"
#include "daemon/port/known.h"
#include "daemon/port/port.h"
#include "proto/base/err.h"

enum {
	CONDITIONS_MAX	= 12,
	VALUE_MAX	= 256,		/* bytes of a value with its NUL */
	DEPTH_MAX	= 4,		/* labels that stand for labels */
	MAC_DIGITS	= 12,
};

enum key {
	KEY_SERIAL, KEY_LOCATION, KEY_VID, KEY_PID, KEY_INTERFACE, KEY_NAME,
	KEY_MAC, KEY_LABEL, KEY_COUNT,
};

static const char *const keys[KEY_COUNT] = {
	[KEY_SERIAL] = "serial", [KEY_LOCATION] = "location",
	[KEY_VID] = "vid", [KEY_PID] = "pid",
	[KEY_INTERFACE] = "interface", [KEY_NAME] = "name",
	[KEY_MAC] = "mac", [KEY_LABEL] = "label",
};

struct condition {
	enum key	key;
	char		value[VALUE_MAX];
};

/* A selector taken apart. */
struct select {
	struct condition	condition[CONDITIONS_MAX];
	size_t			count;
	bool			all;
};

/* Devices and URLs stand for themselves. */
static bool
is_path(const char *s)
{
	return s[0] == '/' || strstr(s, "://") != NULL;
}

/* ---- reading ---- */

static bool
is_gap(char c)
{
	return c == ' ' || c == '\t' || c == ',';
}

/* The next word of `*at` into `word`, quotes taken off; 0 at the end. */
static int
next_word(const char **at, char word[VALUE_MAX], struct why *why)
{
	const char	*s = *at;
	size_t		 n = 0;
	bool		 quoted = false;

	while (is_gap(*s))
		s++;
	if (*s == '\0')
		return 0;
	for (; *s != '\0' && (quoted || !is_gap(*s)); s++) {
		if (*s == '"') {
			quoted = !quoted;
			continue;
		}
		if (n == VALUE_MAX - 1)
			return why_set(why, ERR_PARAMS, "port: a word of the "
			    "selector is longer than %d characters",
			    VALUE_MAX - 1);
		word[n++] = *s;
	}
	if (quoted)
		return why_set(why, ERR_PARAMS, "port: a quote of \"%.100s\" "
		    "is not closed", *at);
	word[n] = '\0';
	*at = s;
	return 1;
}

/* Four hexadecimal digits, with or without 0x. */
static int
usb_number(const char *s, uint16_t *value)
{
	char		*end;
	unsigned long	 n;

	if (!isxdigit((unsigned char)s[0]))
		return ERR_PARAMS;
	n = strtoul(s, &end, 16);
	if (*end != '\0' || n > UINT16_MAX)
		return ERR_PARAMS;
	*value = (uint16_t)n;
	return 0;
}

/* Twelve digits without what stands between them. */
static int
mac_digits(const char *s, char out[MAC_DIGITS + 1])
{
	size_t	n = 0;

	for (; *s != '\0'; s++) {
		if (*s == ':' || *s == '-')
			continue;
		if (!isxdigit((unsigned char)*s) || n == MAC_DIGITS)
			return ERR_PARAMS;
		out[n++] = (char)tolower((unsigned char)*s);
	}
	out[n] = '\0';
	return n == MAC_DIGITS ? 0 : ERR_PARAMS;
}

static int
check_value(const struct condition *c, struct why *why)
{
	char		digits[MAC_DIGITS + 1];
	uint16_t	n;

	if (c->value[0] == '\0')
		return why_set(why, ERR_PARAMS, "port: nothing stands after "
		    "\"%s=\"", keys[c->key]);
	if ((c->key == KEY_VID || c->key == KEY_PID) &&
	    usb_number(c->value, &n) < 0)
		return why_set(why, ERR_PARAMS, "port: %s=%s is no USB number; "
		    "one looks like %s=10c4", keys[c->key], c->value,
		    keys[c->key]);
	if (c->key == KEY_MAC && mac_digits(c->value, digits) < 0)
		return why_set(why, ERR_PARAMS, "port: mac=%s is no MAC "
		    "address; one looks like mac=24:0a:c4:01:02:03", c->value);
	return 0;
}

static int
add_condition(struct select *s, char *word, struct why *why)
{
	struct condition	*c = &s->condition[s->count];
	char			*equals = strchr(word, '=');
	const char		*value = equals != NULL ? equals + 1 : word;
	int			 key = KEY_LABEL;

	if (s->count == CONDITIONS_MAX)
		return why_set(why, ERR_PARAMS, "port: more than %d conditions",
		    CONDITIONS_MAX);
	if (equals != NULL) {
		*equals = '\0';
		for (key = 0; key < KEY_COUNT; key++)
			if (strcasecmp(keys[key], word) == 0)
				break;
		if (key == KEY_COUNT)
			return why_set(why, ERR_PARAMS, "port: \"%s=\" is no "
			    "condition; there are serial, location, mac, label,"
			    " vid, pid, interface and name", word);
	}
	c->key = (enum key)key;
	memcpy(c->value, value, strlen(value) + 1);
	s->count++;
	return check_value(c, why);
}

static int
parse(const char *text, struct select *s, struct why *why)
{
	const char	*at = text;
	char		 word[VALUE_MAX];
	int		 r;

	s->count = 0;
	s->all = false;
	while ((r = next_word(&at, word, why)) > 0) {
		if (strcasecmp(word, "all") == 0)
			s->all = true;
		else if ((r = add_condition(s, word, why)) < 0)
			return r;
	}
	if (r == 0 && s->count == 0 && !s->all)
		return why_set(why, ERR_PARAMS, "port: the selector is empty");
	return r;
}

int
port_check_selector(const char *text, struct why *why)
{
	struct select	s;

	return is_path(text) ? 0 : parse(text, &s, why);
}

/* ---- comparing ---- */

static int selected(const char *, const struct port *, int depth, struct why *);

static bool
fits_location(const struct port_info *info, const char *value)
{
	char	full[64];

	(void)snprintf(full, sizeof full, "%s:%s", info->location,
	    info->interface);
	return strcasecmp(info->location, value) == 0 ||
	    (info->interface[0] != '\0' && strcasecmp(full, value) == 0);
}

static bool
fits_mac(const struct port *p, const char *value)
{
	const struct known	*known;
	char			 identity[PORT_IDENTITY_MAX];
	char			 wanted[MAC_DIGITS + 1], is[MAC_DIGITS + 1];

	if (mac_digits(value, wanted) < 0)
		return false;
	port_identity(p, identity);
	known = known_find(identity);
	if (known != NULL && mac_digits(known->mac, is) == 0)
		return strcmp(is, wanted) == 0;
	/* The chip's own USB has it as its serial number. */
	return (bridge_flags(port_info(p)) & BRIDGE_USB_JTAG) != 0 &&
	    mac_digits(port_info(p)->serial, is) == 0 &&
	    strcmp(is, wanted) == 0;
}

static int
fits_label(const struct port *p, const char *label, int depth,
    struct why *why)
{
	const char	*select = known_label(label);

	if (select == NULL)
		return why_set(why, ERR_PORT_UNKNOWN, "there is no port and no "
		    "label \"%s\" (\"espctl labels\" lists the labels)", label);
	if (depth == DEPTH_MAX)
		return why_set(why, ERR_PARAMS, "the label \"%s\" stands for "
		    "itself in the end", label);
	return selected(select, p, depth + 1, why);
}

/* 1: it holds, 0: not, or an error. */
static int
fits(const struct condition *c, const struct port *p, int depth,
    struct why *why)
{
	const struct port_info	*info = port_info(p);
	uint16_t		 n = 0;

	switch (c->key) {
	case KEY_SERIAL:
		return strcasecmp(info->serial, c->value) == 0;
	case KEY_LOCATION:
		return fits_location(info, c->value);
	case KEY_VID:
		return usb_number(c->value, &n) == 0 && info->vid == n;
	case KEY_PID:
		return usb_number(c->value, &n) == 0 && info->pid == n &&
		    info->vid != 0;
	case KEY_INTERFACE:
		return strcasecmp(info->interface, c->value) == 0;
	case KEY_NAME:
		return strcasestr(info->path, c->value) != NULL;
	case KEY_MAC:
		return fits_mac(p, c->value);
	case KEY_LABEL:
		return fits_label(p, c->value, depth, why);
	case KEY_COUNT:
		break;
	}
	return 0;
}

static int
fits_all(const struct select *s, const struct port *p, int depth,
    struct why *why)
{
	int	r;

	for (size_t i = 0; i < s->count; i++)
		if ((r = fits(&s->condition[i], p, depth, why)) <= 0)
			return r;
	return 1;
}

static int
is_named(const char *path, const struct port *p)
{
	char	*real;
	int	 same;

	if (strstr(path, "://") != NULL)
		return strcmp(path, port_path(p)) == 0;
	if ((real = realpath(path, NULL)) == NULL)
		return 0;
	same = strcmp(real, port_path(p)) == 0;
	free(real);
	return same;
}

static int
selected(const char *text, const struct port *p, int depth, struct why *why)
{
	struct select	s;
	int		r;

	if (is_path(text))
		return is_named(text, p);
	if ((r = parse(text, &s, why)) < 0)
		return r;
	return fits_all(&s, p, depth, why);
}

int
port_selected(const char *text, const struct port *p, struct why *why)
{
	return selected(text, p, 0, why);
}

/* ---- finding ---- */

struct found {
	struct port	**list;		/* the first `max` of them */
	size_t		 max, count;
};

static void
found_add(struct found *f, struct port *p)
{
	if (f->count < f->max)
		f->list[f->count] = p;
	f->count++;
}

static int
find_fitting(const struct select *s, bool gone, struct found *f,
    struct why *why)
{
	int	r;

	for (struct port *p = port_next(NULL); p != NULL; p = port_next(p)) {
		if ((port_state(p) == PORT_GONE) != gone ||
		    /* "all" alone never means a stranger's device. */
		    (s->count == 0 && !bridge_is_adapter(port_info(p))))
			continue;
		if ((r = fits_all(s, p, 0, why)) < 0)
			return r;
		if (r > 0)
			found_add(f, p);
	}
	return 0;
}

static int
fail_none(const char *text, const struct select *s, struct why *why)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->condition[i].key == KEY_MAC)
			return why_set(why, ERR_PORT_UNKNOWN, "no port is known"
			    " to have the chip %.100s; a MAC address is known "
			    "once a job was there: espctl --port all read-mac",
			    text);
	return why_set(why, ERR_PORT_UNKNOWN, "no port fits \"%.100s\"; is the "
	    "board plugged in? (\"espctl ports\" lists them)", text);
}

static int
fail_several(const char *text, const struct found *f, struct why *why)
{
	char	names[160] = "";
	size_t	n = 0;

	for (size_t i = 0; i < f->count && i < f->max && n < sizeof names; i++)
		n += (size_t)snprintf(names + n, sizeof names - n, "%s%s",
		    i > 0 ? ", " : "", port_path(f->list[i]));
	return why_set(why, ERR_CONFLICT, "\"%.100s\" fits %zu ports (%s%s); "
	    "say more, or add \"all\"", text, f->count, names,
	    n >= sizeof names ? "..." : "");
}

static int
fail_limit(size_t max, struct why *why)
{
	return why_set(why, ERR_LIMIT, "port: more than %zu ports", max);
}

/* A label that stands for a device or URL, which need not be listed yet. */
static const char *
label_path(const struct select *s)
{
	const char	*select = NULL;

	if (s->count == 1 && s->condition[0].key == KEY_LABEL)
		select = known_label(s->condition[0].value);
	return select != NULL && is_path(select) ? select : NULL;
}

/* A word that is neither label nor condition may be a device's name. */
static int
check_words(const char *text, const struct select *s, struct why *why)
{
	struct port	*p;

	if (s->count != 1 || s->condition[0].key != KEY_LABEL ||
	    known_label(s->condition[0].value) != NULL ||
	    strchr(text, '=') != NULL)
		return 0;
	return port_find(text, &p, why);
}

int
port_select(const char *text, struct port **list, size_t max, size_t *count,
    struct why *why)
{
	struct found	f = { .list = list, .max = max };
	struct select	s = { .all = false };
	const char	*path = is_path(text) ? text : NULL;
	int		r;

	*count = 0;
	if (path == NULL && (r = parse(text, &s, why)) < 0)
		return r;
	if (path == NULL)
		path = label_path(&s);
	if (path != NULL) {
		if (max == 0)
			return fail_limit(max, why);
		if ((r = port_find(path, &list[0], why)) == 0)
			*count = 1;
		return r;
	}
	if ((r = check_words(text, &s, why)) < 0)
		return r;
	port_rescan();
	if ((r = find_fitting(&s, false, &f, why)) < 0)
		return r;
	/* One that is waited for may be named, too. */
	if (f.count == 0 && (r = find_fitting(&s, true, &f, why)) < 0)
		return r;
	if (f.count == 0)
		return fail_none(text, &s, why);
	if (f.count > 1 && !s.all)
		return fail_several(text, &f, why);
	if (f.count > max)
		return fail_limit(max, why);
	*count = f.count;
	return 0;
}
