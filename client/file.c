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
#include "proto/chip/chip.h"
#include "proto/image/ihex.h"
#include "proto/image/uf2.h"

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

/* ---- files that say themselves where they go ---- */

struct part_list {
	struct file_part	*list;
	size_t			 count;
	uint32_t		 unit;		/* that has one part at most */
};

static int
append(struct file_part *p, const void *data, size_t len, struct why *why)
{
	const char	*from = data;
	ssize_t		 n;

	p->bytes += len;
	while (len > 0) {
		n = write(p->fd, from, len);
		if (n < 0 && errno != EINTR)
			return why_set(why, err_from_errno(errno), "no room "
			    "for a part of it: %s", strerror(errno));
		if (n > 0) {
			from += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* FF up to an address. */
static int
fill_up(struct file_part *p, uint32_t address, struct why *why)
{
	char	ff[256];
	size_t	n;
	int	r;

	memset(ff, 0xff, sizeof ff);
	while (p->offset + p->bytes < address) {
		n = address - (size_t)(p->offset + p->bytes);
		if ((r = append(p, ff, n < sizeof ff ? n : sizeof ff,
		    why)) < 0)
			return r;
	}
	return 0;
}

/* The next region: a part of its own, unless it begins in the piece where the
 * last one ends. */
static int
add_part(struct part_list *l, uint32_t address, const void *data, size_t len,
    struct why *why)
{
	struct file_part	*p = &l->list[l->count];
	uint64_t		 end = 0;
	int			 r;

	if (l->count > 0)
		end = p[-1].offset + p[-1].bytes;
	/* Those of another family may lie before it. */
	if (l->count > 0 && address >= end &&
	    (end - 1) / l->unit == address / l->unit) {
		r = fill_up(p - 1, address, why);
		return r < 0 ? r : append(p - 1, data, len, why);
	}
	if (l->count == FILE_PARTS_MAX)
		return why_set(why, ERR_LIMIT, "it has more than %d parts with "
		    "gaps between them", FILE_PARTS_MAX);
	*p = (struct file_part){ memfd_create("espctl", MFD_CLOEXEC), address,
	    0 };
	if (p->fd < 0)
		return why_set(why, err_from_errno(errno), "no room for a part "
		    "of it: %s", strerror(errno));
	l->count++;
	return append(p, data, len, why);
}

static int
begin_parts(struct part_list *l, uint32_t unit, struct why *why)
{
	*l = (struct part_list){ .unit = unit,
	    .list = calloc(FILE_PARTS_MAX + 1, sizeof *l->list) };
	return l->list != NULL ? 0 : why_set(why, ERR_NOMEM, "out of memory");
}

/* The end of making them: their number, or nothing is left of them. */
static int
end_parts(struct part_list *l, int r, struct file_part **parts)
{
	if (r == 0) {
		*parts = l->list;
		return (int)l->count;
	}
	for (size_t i = 0; i < l->count; i++)
		(void)close(l->list[i].fd);
	free(l->list);
	return r;
}

static int
hex_parts(const char *text, size_t len, uint32_t unit,
    struct file_part **parts, struct why *why)
{
	struct part_list	l;
	struct ihex		h;
	int			r;

	r = ihex_parse(text, len, &h, why);
	if (r == ERR_IMAGE)
		return 0;		/* it just begins like one */
	if (r < 0)
		return r;
	if ((r = begin_parts(&l, unit, why)) == 0) {
		for (size_t i = 0; i < h.count && r == 0; i++)
			r = add_part(&l, h.regions[i].address,
			    h.regions[i].data, h.regions[i].len, why);
		r = end_parts(&l, r, parts);
	}
	ihex_done(&h);
	return r;
}

/* Is it for the chip?  With none, for which is it? */
static int
uf2_for(const struct uf2 *u, const struct chip **chip, struct why *why)
{
	const struct chip	*other = NULL;

	if (*chip == NULL)
		return uf2_chip(u, chip, why);
	if (uf2_has(u, (*chip)->uf2_family))
		return 0;
	(void)uf2_chip(u, &other, NULL);
	return why_set(why, ERR_CHIP_MISMATCH, "the UF2 file is for %s%s, not "
	    "for the %s", other != NULL ? "the " : "", other != NULL ?
	    other->name : "other chips", (*chip)->name);
}

static int
uf2_parts(const void *file, size_t len, uint32_t unit,
    const struct chip **chip, struct file_part **parts, struct why *why)
{
	struct part_list	l;
	struct uf2		u;
	int			r;

	if ((r = uf2_parse(file, len, &u, why)) < 0)
		return r;
	if ((r = uf2_for(&u, chip, why)) == 0 &&
	    (r = begin_parts(&l, unit, why)) == 0) {
		for (size_t i = 0; i < u.count && r == 0; i++) {
			const struct uf2_region	*g = &u.regions[i];

			if (*chip == NULL || g->family == 0 ||
			    g->family == (*chip)->uf2_family)
				r = add_part(&l, g->address, g->data, g->len,
				    why);
		}
		r = end_parts(&l, r, parts);
	}
	uf2_done(&u);
	return r;
}

int
file_parts(int fd, uint64_t bytes, uint32_t unit, const struct chip **chip,
    struct file_part **parts, struct why *why)
{
	char	*text;
	int	 r = 0;

	text = mmap(NULL, bytes, PROT_READ, MAP_PRIVATE, fd, 0);
	if (text == MAP_FAILED)
		return why_set(why, ERR_IO, "it cannot be mapped: %s",
		    strerror(errno));
	if (text[0] == ':')
		r = hex_parts(text, bytes, unit, parts, why);
	else if (uf2_is(text, bytes))
		r = uf2_parts(text, bytes, unit, chip, parts, why);
	(void)munmap(text, bytes);
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
