#include "client/expand.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/command.h"
#include "proto/base/err.h"
#include "proto/base/text.h"

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

int
expand_text(struct expand *e, const char *text, size_t len, struct why *why)
{
	char	*word = malloc(len + 1);
	size_t	 at = 0, n;
	int	 r;

	if (word == NULL)
		return why_set(why, ERR_NOMEM, "out of memory");
	while ((r = text_word(text, len, &at, word, &n)) > 0)
		if ((r = add_word(e, word, n, why)) < 0)
			break;
	if (r == ERR_PARAMS)
		r = why_set(why, ERR_USAGE, "a quote has no end");
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

/* Does the command read the files itself, since names in them are seen from
 * where they lie?  The first word that is a command's name is the command. */
static bool
stays(int argc, char **argv)
{
	const struct command	*c = NULL;

	for (int i = 1; i < argc && c == NULL; i++)
		c = command_find(argv[i]);
	return c != NULL && (c->options & COMMAND_BUILD) != 0;
}

int
expand_args(struct expand *e, int argc, char **argv, struct why *why)
{
	int	r = 0;

	*e = (struct expand){ .argc = 0 };
	for (int i = 0; i < argc && r == 0; i++) {
		if (i > 0 && argv[i][0] == '@' && argv[i][1] != '\0' &&
		    !stays(i, argv)) {
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
