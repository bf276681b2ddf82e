#include "client/expand.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/base/err.h"

static int
add_word(struct expand *e, const char *word, size_t len, struct why *why)
{
	char	**argv;

	if (e->argc >= EXPAND_WORDS_MAX)
		return why_set(why, ERR_LIMIT, "the command line has more "
		    "than %d words", EXPAND_WORDS_MAX);
	argv = realloc(e->argv, ((size_t)e->argc + 2) * sizeof *argv);
	if (argv == NULL)
		return why_set(why, ERR_NOMEM, "out of memory");
	e->argv = argv;
	argv[e->argc] = strndup(word, len);
	if (argv[e->argc] == NULL)
		return why_set(why, ERR_NOMEM, "out of memory");
	argv[++e->argc] = NULL;
	return 0;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\0';
}

/* One word from *at on, without its quotes, into out.  False: a quote does not
 * end. */
static bool
one_word(const char *text, size_t len, size_t *at, char *out, size_t *out_len)
{
	char	quote = '\0';
	size_t	i = *at;

	*out_len = 0;
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
	*at = i;
	return quote == '\0';
}

int
expand_text(struct expand *e, const char *text, size_t len, struct why *why)
{
	char	*word = malloc(len + 1);
	size_t	 at = 0, n;
	int	 r = 0;

	if (word == NULL)
		return why_set(why, ERR_NOMEM, "out of memory");
	while (r == 0) {
		while (at < len && is_blank(text[at]))
			at++;
		if (at == len)
			break;
		if (one_word(text, len, &at, word, &n))
			r = add_word(e, word, n, why);
		else
			r = why_set(why, ERR_USAGE, "a quote has no end");
	}
	free(word);
	return r;
}

static int
add_file(struct expand *e, const char *path, struct why *why)
{
	struct why	 inner = { 0 };
	char		*text = malloc(EXPAND_FILE_MAX + 1);
	size_t		 len = 0;
	ssize_t		 n = 0;
	int		 r, fd;

	if (text == NULL)
		return why_set(why, ERR_NOMEM, "out of memory");
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0) {
		free(text);
		return why_set(why, err_from_errno(errno), "'%s' cannot be "
		    "read: %s", path, strerror(errno));
	}
	while (len <= EXPAND_FILE_MAX &&
	    (n = read(fd, text + len, EXPAND_FILE_MAX + 1 - len)) > 0)
		len += (size_t)n;
	if (n < 0)
		r = why_set(why, err_from_errno(errno), "'%s' cannot be "
		    "read: %s", path, strerror(errno));
	else if (len > EXPAND_FILE_MAX)
		r = why_set(why, ERR_LIMIT, "'%s' is larger than %d bytes, "
		    "too large for words of a command line", path,
		    EXPAND_FILE_MAX);
	else if ((r = expand_text(e, text, len, &inner)) < 0)
		r = why_set(why, r, "@%s: %s", path, why_text(&inner));
	(void)close(fd);
	free(text);
	return r;
}

int
expand_args(struct expand *e, int argc, char **argv, struct why *why)
{
	int	r = 0;

	*e = (struct expand){ .argc = 0 };
	for (int i = 0; i < argc && r == 0; i++) {
		if (i > 0 && argv[i][0] == '@' && argv[i][1] != '\0') {
			e->any = true;
			r = add_file(e, argv[i] + 1, why);
		} else
			r = add_word(e, argv[i], strlen(argv[i]), why);
	}
	return r;
}

void
expand_done(struct expand *e)
{
	for (int i = 0; i < e->argc; i++)
		free(e->argv[i]);
	free(e->argv);
	*e = (struct expand){ .argc = 0 };
}
