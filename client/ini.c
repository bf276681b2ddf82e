#include "client/ini.h"

#include <ctype.h>
#include <string.h>

static const char	mark[] = "\xef\xbb\xbf";	/* UTF-8's, of editors */

struct ini_span
ini_trim(struct ini_span s)
{
	while (s.len > 0 && isspace((unsigned char)s.p[0])) {
		s.p++;
		s.len--;
	}
	while (s.len > 0 && isspace((unsigned char)s.p[s.len - 1]))
		s.len--;
	return s;
}

bool
ini_is(struct ini_span s, const char *word)
{
	return s.len == strlen(word) && memcmp(s.p, word, s.len) == 0;
}

void
ini_init(struct ini *ini, const char *text, size_t len)
{
	size_t	skip = sizeof mark - 1;

	if (len < skip || memcmp(text, mark, skip) != 0)
		skip = 0;
	*ini = (struct ini){ .rest = { text + skip, len - skip } };
}

/* The next line, without its end: LF, CR or both. */
static bool
next_line(struct ini_span *rest, struct ini_span *line)
{
	size_t	n = 0;

	if (rest->len == 0)
		return false;
	while (n < rest->len && rest->p[n] != '\n' && rest->p[n] != '\r')
		n++;
	*line = (struct ini_span){ rest->p, n };
	if (n + 1 < rest->len && rest->p[n] == '\r' && rest->p[n + 1] == '\n')
		n++;
	if (n < rest->len)
		n++;
	rest->p += n;
	rest->len -= n;
	return true;
}

static bool
is_note(struct ini_span s)
{
	return s.len > 0 && (s.p[0] == '#' || s.p[0] == ';');
}

/* "[name]", and whatever stands behind it. */
static bool
is_section(struct ini_span s, struct ini_span *name)
{
	size_t	n = s.len;

	if (n == 0 || s.p[0] != '[')
		return false;
	while (n > 0 && s.p[n - 1] != ']')
		n--;
	if (n < sizeof "[]")
		return false;
	*name = (struct ini_span){ s.p + 1, n - 2 };
	return true;
}

static bool
is_option(struct ini_span s, struct ini_span *name, struct ini_span *value)
{
	size_t	n = 0;

	while (n < s.len && s.p[n] != '=' && s.p[n] != ':')
		n++;
	if (n == s.len)
		return false;
	*name = ini_trim((struct ini_span){ s.p, n });
	*value = ini_trim((struct ini_span){ s.p + n + 1, s.len - n - 1 });
	return name->len > 0;
}

bool
ini_next(struct ini *ini, struct ini_line *out)
{
	struct ini_span	line, text;
	size_t		indent;

	for (;;) {
		if (!next_line(&ini->rest, &line))
			return false;
		ini->number++;
		text = ini_trim(line);
		if (is_note(text))
			continue;
		if (text.len > 0 || ini->option)
			break;
	}
	indent = (size_t)(text.p - line.p);
	*out = (struct ini_line){ .kind = INI_MORE, .number = ini->number,
	    .value = text };
	if (text.len == 0 || (ini->option && indent > ini->indent))
		return true;
	ini->indent = indent;
	if (is_section(text, &out->name)) {
		out->kind = INI_SECTION;
		ini->section = true;
		ini->option = false;
	} else if (ini->section && is_option(text, &out->name, &out->value)) {
		out->kind = INI_OPTION;
		ini->option = true;
	} else
		out->kind = INI_BAD;
	return true;
}

size_t
ini_join(struct ini_span all, char *out)
{
	struct ini_span	line;
	size_t		n = 0;

	for (bool first = true; next_line(&all, &line); first = false) {
		line = ini_trim(line);
		if (!first && is_note(line))
			continue;
		if (!first)
			out[n++] = '\n';
		memcpy(out + n, line.p, line.len);
		n += line.len;
	}
	return n;
}
