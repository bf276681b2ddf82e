#include "client/file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/err.h"

#define TEMP_SUFFIX	".part-XXXXXX"

static int
fail_errno(struct why *why, const char *path, const char *doing)
{
	return why_set(why, err_from_errno(errno), "'%s' cannot be %s: %s",
	    path, doing, strerror(errno));
}

int
file_open_image(const char *path, uint64_t *bytes, struct why *why)
{
	struct stat	st;
	int		fd, r;

	/* Non-blocking: a pipe without a writer must not hold us up. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return fail_errno(why, path, "read");
	if (fstat(fd, &st) < 0)
		r = fail_errno(why, path, "read");
	else if (S_ISDIR(st.st_mode))
		r = why_set(why, ERR_IMAGE, "'%s' is a directory, not an "
		    "image", path);
	else if (!S_ISREG(st.st_mode))
		r = why_set(why, ERR_IMAGE, "'%s' is not a regular file; copy "
		    "it to one first", path);
	else if (st.st_size == 0)
		r = why_set(why, ERR_FILE_EMPTY, "'%s' is empty", path);
	else {
		*bytes = (uint64_t)st.st_size;
		return fd;
	}
	(void)close(fd);
	return r;
}

/* A file beside the target, with the rights a new file would have. */
static int
open_beside(struct file_output *o, struct why *why)
{
	size_t	size = strlen(o->target) + sizeof TEMP_SUFFIX;
	mode_t	mask = umask(0);

	(void)umask(mask);
	if ((o->temp = malloc(size)) == NULL)
		return why_set(why, ERR_NOMEM, "out of memory");
	(void)snprintf(o->temp, size, "%s" TEMP_SUFFIX, o->target);
	o->fd = mkostemp(o->temp, O_CLOEXEC);
	if (o->fd < 0) {
		free(o->temp);
		o->temp = NULL;
		return fail_errno(why, o->target, "written");
	}
	(void)fchmod(o->fd, 0666 & ~mask);	/* else it stays private */
	return 0;
}

int
file_output_rename(struct file_output *o, const char *path, struct why *why)
{
	char	*name, *target;

	if (o->path != NULL && strcmp(o->path, path) == 0)
		return 0;
	name = strdup(path);
	/* A link is followed, so that it stays a link. */
	if ((target = realpath(path, NULL)) == NULL)
		target = strdup(path);
	if (name == NULL || target == NULL) {
		free(name);
		free(target);
		return why_set(why, ERR_NOMEM, "out of memory");
	}
	free(o->path);
	free(o->target);
	o->path = name;
	o->target = target;
	return 0;
}

int
file_output_open(struct file_output *o, const char *path, struct why *why)
{
	struct stat	st;
	int		r;

	*o = (struct file_output){ .fd = -1 };
	if ((r = file_output_rename(o, path, why)) < 0)
		return r;
	if (stat(o->target, &st) < 0 || S_ISREG(st.st_mode)) {
		if (access(o->target, F_OK) == 0 &&
		    access(o->target, W_OK) < 0)
			r = fail_errno(why, path, "written");
		else
			r = open_beside(o, why);
	} else if (S_ISDIR(st.st_mode))
		r = why_set(why, ERR_FILE_DENIED, "'%s' is a directory", path);
	else if ((o->fd = memfd_create("espctl", MFD_CLOEXEC)) < 0)
		r = fail_errno(why, path, "written");
	else
		r = 0;		/* /dev/stdout: copied there at the end */
	if (r < 0)
		file_output_done(o, 0);
	return r;
}

/* Copy what came to a special file. */
static int
copy_out(const struct file_output *o, struct why *why)
{
	off_t	at = 0;
	ssize_t	n;
	int	fd = open(o->target, O_WRONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return fail_errno(why, o->target, "written");
	do
		n = sendfile(fd, o->fd, &at, 1 << 20);
	while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0) {
		(void)fail_errno(why, o->target, "written");
		(void)close(fd);
		return why->err;
	}
	return close(fd) < 0 ? fail_errno(why, o->target, "written") : 0;
}

int
file_output_keep(struct file_output *o, struct why *why)
{
	if (o->temp == NULL)
		return copy_out(o, why);
	if (fsync(o->fd) < 0 && errno != EINVAL && errno != EROFS)
		return fail_errno(why, o->target, "written");
	if (rename(o->temp, o->target) < 0)
		return fail_errno(why, o->target, "written");
	free(o->temp);
	o->temp = NULL;
	return 0;
}

void
file_output_done(struct file_output *o, int leave)
{
	if (o->fd >= 0)
		(void)close(o->fd);
	if (o->temp != NULL && !leave)
		(void)unlink(o->temp);
	free(o->temp);
	free(o->target);
	free(o->path);
	*o = (struct file_output){ .fd = -1 };
}

char *
file_name_for(const char *path, const char *port)
{
	const char	*slash = strrchr(path, '/'), *dot, *s;
	size_t		 stem, size = strlen(path) + strlen(port) + 2;
	char		*name = malloc(size), *p;

	if (name == NULL)
		return NULL;
	dot = strrchr(slash != NULL ? slash + 1 : path, '.');
	/* ".bin" is a name, not an extension. */
	if (dot == NULL || dot == path || dot[-1] == '/')
		dot = path + strlen(path);
	if (strncmp(port, "/dev/", 5) == 0)
		port += 5;
	else if ((s = strstr(port, "://")) != NULL)
		port = s + 3;
	stem = (size_t)(dot - path);
	(void)snprintf(name, size, "%.*s-%s%s", (int)stem, path, port, dot);
	for (p = name + stem + 1; p < name + stem + 1 + strlen(port); p++)
		if (!isalnum((unsigned char)*p) && *p != '.' && *p != '-')
			*p = '_';
	return name;
}
