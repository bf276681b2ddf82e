#include "client/tree.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/base/text.h"

enum { LINE_MAX_BYTES = 512 };

static bool __attribute__((format(printf, 3, 0)))
join(char out[TREE_PATH_MAX], const char *root, const char *fmt, va_list ap)
{
	size_t	n = strlen(root);
	int	r;

	if (n >= TREE_PATH_MAX)
		return false;
	memcpy(out, root, n);
	r = vsnprintf(out + n, TREE_PATH_MAX - n, fmt, ap);
	return r >= 0 && (size_t)r < TREE_PATH_MAX - n;
}

/* Path from the last two arguments of the function around it. */
#define JOIN(out, root, fmt, ok)		\
	do {					\
		va_list	ap_;			\
						\
		va_start(ap_, fmt);		\
		ok = join(out, root, fmt, ap_);	\
		va_end(ap_);			\
	} while (0)

bool
tree_path(char out[TREE_PATH_MAX], const char *root, const char *fmt, ...)
{
	bool	ok;

	JOIN(out, root, fmt, ok);
	return ok;
}

bool
tree_stat(const char *root, struct stat *st, const char *fmt, ...)
{
	char	path[TREE_PATH_MAX];
	bool	ok;

	JOIN(path, root, fmt, ok);
	return ok && stat(path, st) == 0;
}

bool
tree_line(const char *root, char *out, size_t size, const char *fmt, ...)
{
	char	 path[TREE_PATH_MAX], line[LINE_MAX_BYTES];
	FILE	*f;
	bool	 ok;

	out[0] = '\0';
	JOIN(path, root, fmt, ok);
	if (!ok || (f = fopen(path, "re")) == NULL)
		return false;
	ok = fgets(line, sizeof line, f) != NULL;
	(void)fclose(f);
	if (!ok)
		return false;
	text_printable(out, size, line, strcspn(line, "\n"));
	return true;
}

bool
tree_link(const char *root, char *out, size_t size, const char *fmt, ...)
{
	char	path[TREE_PATH_MAX];
	ssize_t	n;
	bool	ok;

	out[0] = '\0';
	JOIN(path, root, fmt, ok);
	if (!ok || (n = readlink(path, out, size - 1)) < 0)
		return false;
	out[n] = '\0';
	return (size_t)n < size - 1;
}

bool
tree_real(const char *root, char out[TREE_PATH_MAX], const char *fmt, ...)
{
	char	 path[TREE_PATH_MAX], top[TREE_PATH_MAX] = "";
	char	*real;
	size_t	 n;
	bool	 ok;

	out[0] = '\0';
	JOIN(path, root, fmt, ok);
	if (!ok || (real = realpath(path, NULL)) == NULL)
		return false;
	if (root[0] != '\0') {
		char	*real_root = realpath(root, NULL);

		(void)snprintf(top, sizeof top, "%s",
		    real_root != NULL ? real_root : root);
		free(real_root);
	}
	n = strlen(top);
	ok = strncmp(real, top, n) == 0 && strlen(real + n) < TREE_PATH_MAX;
	if (ok)
		(void)snprintf(out, TREE_PATH_MAX, "%s", real + n);
	free(real);
	return ok;
}

bool
tree_find_line(const char *root, bool (*fits)(const char *, void *), void *arg,
    const char *fmt, ...)
{
	char	 path[TREE_PATH_MAX], line[LINE_MAX_BYTES];
	FILE	*f;
	bool	 ok, found = false;

	JOIN(path, root, fmt, ok);
	if (!ok || (f = fopen(path, "re")) == NULL)
		return false;
	while (!found && fgets(line, sizeof line, f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		found = fits(line, arg);
	}
	(void)fclose(f);
	return found;
}

bool
tree_each(const char *root, void (*fn)(const char *, void *), void *arg,
    const char *fmt, ...)
{
	char		  path[TREE_PATH_MAX];
	struct dirent	**names;
	bool		  ok;
	int		  n;

	JOIN(path, root, fmt, ok);
	if (!ok || (n = scandir(path, &names, NULL, alphasort)) < 0)
		return false;
	for (int i = 0; i < n; i++) {
		if (strcmp(names[i]->d_name, ".") != 0 &&
		    strcmp(names[i]->d_name, "..") != 0)
			fn(names[i]->d_name, arg);
		free(names[i]);
	}
	free(names);
	return true;
}
