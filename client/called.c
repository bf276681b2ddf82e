#include "client/called.h"

#include <string.h>

#include "client/efuse_line.h"
#include "client/secure_line.h"

#define PY	".py"

/* A tool, and its name as a command of espctl. */
static const struct tool {
	const char		*name;
	enum called_part	 part;
	/* The place of that command in argv; 0: another one is called. */
	int			(*find)(int argc, char **argv);
} tools[] = {
	{ "esptool", CALLED_JOBS, NULL },
	{ "espefuse", CALLED_EFUSE, efuse_line_find },
	{ "espsecure", CALLED_SECURE, secure_line_find },
};

static bool
is_tool(const struct tool *t, const char *word, bool *py)
{
	size_t	len = strlen(t->name);

	if (strncmp(word, t->name, len) != 0)
		return false;
	*py = strcmp(word + len, PY) == 0;
	return *py || word[len] == '\0';
}

static const char *
without_folders(const char *path)
{
	const char	*slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static bool
called_as_tool(struct called *c, const char *word)
{
	for (size_t i = 0; i < sizeof tools / sizeof *tools; i++)
		if (is_tool(&tools[i], word, &c->py)) {
			c->part = tools[i].part;
			return c->as_tool = true;
		}
	return false;
}

static void
take_out(int *argc, char **argv, int at)
{
	memmove(argv + at, argv + at + 1, (size_t)(*argc - at) * sizeof *argv);
	(*argc)--;
}

struct called
called_as(int *argc, char ***argv)
{
	struct called	c = { CALLED_JOBS, false, false };
	int		at;

	if (*argc > 0 && called_as_tool(&c, without_folders((*argv)[0])))
		return c;
	if (*argc > 1 && called_as_tool(&c, (*argv)[1])) {
		(*argc)--;
		(*argv)++;
		return c;
	}
	for (size_t i = 0; i < sizeof tools / sizeof *tools; i++)
		if (tools[i].find != NULL &&
		    (at = tools[i].find(*argc, *argv)) != 0) {
			take_out(argc, *argv, at);
			c.part = tools[i].part;
			return c;
		}
	return c;
}
