#include "proto/base/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "proto/base/err.h"

/* Digits of any base; *end is the first character after them. */
static int
number(const char *s, uint64_t *value, char **end)
{
	int	base = 10;

	if (s[0] == '0' && s[1] != '\0' && strchr("xXoObB", s[1]) != NULL) {
		base = s[1] == 'x' || s[1] == 'X' ? 16 :
		    s[1] == 'o' || s[1] == 'O' ? 8 : 2;
		s += 2;
		/* strtoull() would take a second prefix. */
		if (s[0] == '0' && ((base == 16 && strchr("xX", s[1])) ||
		    (base == 2 && strchr("bB", s[1]))) && s[1] != '\0')
			return ERR_PARAMS;
	}
	if (!isxdigit((unsigned char)*s))	/* no sign, no white space */
		return ERR_PARAMS;
	errno = 0;
	*value = strtoull(s, end, base);
	return errno != 0 || *end == s ? ERR_PARAMS : 0;
}

int
text_u32(const char *s, uint32_t *value)
{
	uint64_t	 v;
	char		*end;

	if (number(s, &v, &end) < 0 || *end != '\0' || v > UINT32_MAX)
		return ERR_PARAMS;
	*value = (uint32_t)v;
	return 0;
}

int
text_size(const char *s, uint32_t *value)
{
	static const struct { const char *name; unsigned shift; } suffixes[] = {
		{ "", 0 }, { "B", 0 }, { "K", 10 }, { "KB", 10 },
		{ "M", 20 }, { "MB", 20 },
	};
	uint64_t	 v;
	char		*end;

	if (number(s, &v, &end) < 0 || v > UINT32_MAX)
		return ERR_PARAMS;
	for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
		if (strcasecmp(end, suffixes[i].name) != 0)
			continue;
		if (v << suffixes[i].shift > UINT32_MAX)
			return ERR_PARAMS;
		*value = (uint32_t)(v << suffixes[i].shift);
		return 0;
	}
	return ERR_PARAMS;
}

void
text_hex(char *out, const void *p, size_t len)
{
	static const char	 digits[] = "0123456789abcdef";
	const uint8_t		*b = p;

	for (size_t i = 0; i < len; i++) {
		*out++ = digits[b[i] >> 4];
		*out++ = digits[b[i] & 15];
	}
	*out = '\0';
}

int
text_unhex(const char *s, void *out, size_t size)
{
	uint8_t	*b = out;
	size_t	 len = strlen(s);
	char	 pair[3] = { 0 };

	if (len % 2 != 0 || len / 2 > size ||
	    strspn(s, "0123456789abcdefABCDEF") != len)
		return ERR_PARAMS;
	for (size_t i = 0; i < len / 2; i++) {
		memcpy(pair, s + 2 * i, 2);
		b[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return (int)(len / 2);
}

void
text_size_name(char *out, size_t size, uint32_t bytes)
{
	if (bytes >= 1u << 20 && bytes % (1u << 20) == 0)
		(void)snprintf(out, size, "%uMB", bytes >> 20);
	else if (bytes >= 1u << 10 && bytes % (1u << 10) == 0)
		(void)snprintf(out, size, "%uKB", bytes >> 10);
	else
		(void)snprintf(out, size, "%u bytes", bytes);
}

void
text_mac(char out[TEXT_MAC_MAX], const uint8_t mac[6])
{
	(void)snprintf(out, TEXT_MAC_MAX, "%02x:%02x:%02x:%02x:%02x:%02x",
	    mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

void
text_printable(char *out, size_t size, const void *s, size_t len)
{
	const unsigned char	*p = s;
	size_t			 n = 0;

	for (; n + 1 < size && n < len; n++)
		out[n] = p[n] >= 0x20 && p[n] < 0x7f ? (char)p[n] : '.';
	if (size > 0)
		out[n] = '\0';
}

void
text_clean(char *out, size_t size, const char *s)
{
	text_printable(out, size, s, s != NULL ? strlen(s) : 0);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\0';
}

int
text_word(const char *text, size_t len, size_t *at, char *out, size_t *out_len)
{
	char	quote = '\0';
	size_t	i = *at;

	while (i < len && is_blank(text[i]))
		i++;
	*out_len = 0;
	out[0] = '\0';
	*at = i;
	if (i == len)
		return 0;
	for (; i < len && (quote != '\0' || !is_blank(text[i])); i++) {
		char	c = text[i];

		if (quote != '\0' && c == quote)
			quote = '\0';
		else if (quote == '\0' && (c == '"' || c == '\''))
			quote = c;
		else if (c == '\\' && quote != '\'' && i + 1 < len &&
		    (quote == '\0' || text[i + 1] == '"' ||
		    text[i + 1] == '\\'))
			out[(*out_len)++] = text[++i];
		else
			out[(*out_len)++] = c;
	}
	out[*out_len] = '\0';
	*at = i;
	return quote == '\0' ? 1 : ERR_PARAMS;
}

bool
text_choice(const char *choices, const char *word)
{
	size_t	len;

	for (const char *s = choices; *s != '\0'; s += len) {
		s += *s == '|';
		len = strcspn(s, "|");
		if (strlen(word) == len && strncmp(word, s, len) == 0)
			return true;
	}
	return false;
}

size_t
text_letter(const void *text, size_t len)
{
	const uint8_t	*p = text;
	size_t		 n;

	if (len == 0)
		return 0;
	if (p[0] < 0x80)
		return p[0] >= 0x20 && p[0] != 0x7f;
	n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	if (p[0] < 0xc2 || p[0] > 0xf4 || n > len)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	/* Longer than need be, a surrogate, beyond U+10FFFF; and the control
	 * characters of ISO 8859. */
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f) ||
	    (p[0] == 0xc2 && p[1] < 0xa0))
		return 0;
	return n;
}
