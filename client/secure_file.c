/*
 * secure_file - inputs read whole, outputs written whole or not at all.
 *
 * While a temporary file is there, signals that end the process wait: nobody
 * else would remove it.
 */
#include "client/secure_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "client/client.h"
#include "client/file.h"
#include "proto/base/err.h"
#include "proto/secure/secret.h"

enum {
	CHUNK		= 65536,	/* bytes that a pipe is read by, at first */
	KEY_MODE	= 0600,
};

#define STDIO		"-"
#define TEMP_SUFFIX	".part-XXXXXX"

static bool
is_stdio(const char *path)
{
	return strcmp(path, STDIO) == 0;
}

static const char *
input_name(const char *path)
{
	return is_stdio(path) ? "standard input" : path;
}

static int
fail_errno(struct why *why, const char *path, const char *doing)
{
	return why_set(why, err_from_errno(errno), "'%s' cannot be %s: %s",
	    path, doing, strerror(errno));
}

/* Room for at least one byte more. */
static int
grow(struct secure_file *f, size_t max, struct why *why)
{
	size_t	 size = f->size * 2;
	uint8_t	*bytes;

	if (f->size == 0)
		size = f->st.st_size > 0 && S_ISREG(f->st.st_mode) ?
		    (size_t)f->st.st_size + 1 : CHUNK;
	/* Keys are not moved about: copies would stay behind. */
	if (size > max + 1 || f->secrecy == SECURE_SECRET)
		size = max + 1;
	if ((bytes = realloc(f->bytes, size)) == NULL)
		return why_set(why, ERR_NOMEM, "out of memory");
	f->bytes = bytes;
	f->size = size;
	return 0;
}

static int
fail_long(const struct secure_file *f, size_t max, struct why *why)
{
	return why_set(why, ERR_LIMIT, "'%s' has more than %zu bytes, which "
	    "is too much for what it is wanted for", input_name(f->path), max);
}

static int
read_all(struct secure_file *f, int fd, size_t max, struct why *why)
{
	ssize_t	n;
	int	r;

	if (S_ISREG(f->st.st_mode) && f->st.st_size > (off_t)max)
		return fail_long(f, max, why);
	for (;;) {
		if (f->len == f->size && (r = grow(f, max, why)) < 0)
			return r;
		n = read(fd, f->bytes + f->len, f->size - f->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_errno(why, input_name(f->path), "read");
		if (n == 0)
			return 0;
		f->len += (size_t)n;
		if (f->len > max)
			return fail_long(f, max, why);
	}
}

/* Remember it; stdin has only one content. */
static int
add_input(struct secure_run *run, const struct secure_file *f)
{
	for (size_t i = 0; i < run->input_count; i++)
		if (is_stdio(f->path) && is_stdio(run->inputs[i].path))
			return why_set(run->why, ERR_USAGE, "\"-\" stands for "
			    "two inputs, but standard input can be read only "
			    "once");
	if (run->input_count == SECURE_INPUTS_MAX)
		return why_set(run->why, ERR_LIMIT, "more than %d files are "
		    "too many for one command", SECURE_INPUTS_MAX);
	run->inputs[run->input_count++] = (struct secure_input){ f->path,
	    f->st };
	return 0;
}

int
secure_read(struct secure_run *run, struct secure_file *f, const char *path,
    size_t max, enum secure_secrecy secrecy)
{
	int	fd = STDIN_FILENO, r;

	*f = (struct secure_file){ .path = path, .secrecy = secrecy };
	if (!is_stdio(path))
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 || fstat(fd, &f->st) < 0)
		r = fail_errno(run->why, input_name(path), "read");
	else if ((r = add_input(run, f)) == 0)
		r = read_all(f, fd, max, run->why);
	if (fd > STDIN_FILENO)
		(void)close(fd);
	if (r < 0)
		secure_file_done(f);
	return r;
}

int
secure_read_data(struct secure_run *run, struct secure_file *f,
    const char *path)
{
	return secure_read(run, f, path, SECURE_DATA_MAX, SECURE_PUBLIC);
}

void
secure_file_done(struct secure_file *f)
{
	if (f->bytes != NULL && f->secrecy == SECURE_SECRET)
		secret_wipe(f->bytes, f->size);
	free(f->bytes);
	*f = (struct secure_file){ 0 };
}

int
secure_check_output(struct secure_run *run, const char *path,
    const char *except)
{
	struct stat	st;

	if ((is_stdio(path) ? fstat(STDOUT_FILENO, &st) : stat(path, &st)) < 0)
		return 0;		/* nothing is there yet */
	for (size_t i = 0; i < run->input_count && S_ISREG(st.st_mode); i++) {
		const struct secure_input	*in = &run->inputs[i];

		if (st.st_dev != in->st.st_dev || st.st_ino != in->st.st_ino)
			continue;
		if (in->path == except)		/* in place */
			continue;
		return why_set(run->why, ERR_CONFLICT, "The input \"%s\" and "
		    "output \"%s\" should not be the same!",
		    input_name(in->path), path);
	}
	return 0;
}

static int
write_all(int fd, const void *bytes, size_t len)
{
	const uint8_t	*at = bytes;
	ssize_t		 n;

	while (len > 0) {
		n = write(fd, at, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

static int
write_pieces(int fd, const char *path, const struct iovec *pieces,
    size_t count, struct why *why)
{
	for (size_t i = 0; i < count; i++)
		if (write_all(fd, pieces[i].iov_base, pieces[i].iov_len) < 0)
			return fail_errno(why, path, "written");
	return 0;
}

/* Signals wait until `old` is set again. */
static void
hold_signals(sigset_t *old)
{
	static const int	ends[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	sigset_t		set;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		(void)sigaddset(&set, ends[i]);
	(void)sigprocmask(SIG_BLOCK, &set, old);
}

/* What is replaced keeps its mode; and its owner, where we may give that. */
static void
keep_mode(const struct file_output *o)
{
	struct stat	st;

	if (o->temp == NULL || stat(o->target, &st) < 0)
		return;
	/* Neither is worth failing for. */
	if (fchown(o->fd, st.st_uid, st.st_gid) < 0)
		(void)!fchown(o->fd, (uid_t)-1, st.st_gid);
	(void)fchmod(o->fd, st.st_mode & 07777);
}

int
secure_write(struct secure_run *run, const char *path,
    const struct iovec *pieces, size_t count)
{
	struct file_output	o;
	sigset_t		old;
	int			r;

	if (is_stdio(path))
		return write_pieces(STDOUT_FILENO, "standard output", pieces,
		    count, run->why);
	hold_signals(&old);
	if ((r = file_output_open(&o, path, run->why)) == 0) {
		if (o.temp == NULL)	/* a pipe may never be read */
			(void)sigprocmask(SIG_SETMASK, &old, NULL);
		keep_mode(&o);
		r = write_pieces(o.fd, path, pieces, count, run->why);
		if (r == 0)
			r = file_output_keep(&o, run->why);
		file_output_done(&o, 0);
	}
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	return r;
}

static int
fail_exists(struct secure_run *run, const char *path)
{
	return why_set(run->why, ERR_CONFLICT, "Key file %s already exists, "
	    "and no key is ever overwritten: give another name, or move that "
	    "file away first", path);
}

int
secure_check_key(struct secure_run *run, const char *path,
    enum secure_key_place place)
{
	struct stat	st;

	if (is_stdio(path) || lstat(path, &st) < 0)
		return 0;
	if (place == SECURE_KEY_EMPTY && S_ISREG(st.st_mode) &&
	    st.st_size == 0)
		return 0;
	return fail_exists(run, path);
}

/* Fill an empty file, as mkstemp() makes them; who made it may hold it open,
 * so it stays the same file. */
static int
fill_key(struct secure_run *run, const char *path, const void *bytes,
    size_t len)
{
	struct stat	st;
	int		fd, r = 0;

	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY |
	    O_NONBLOCK);
	if (fd < 0)
		return fail_errno(run->why, path, "written");
	/* A second one that fills it must not come between. */
	if (flock(fd, LOCK_EX | LOCK_NB) < 0 || fstat(fd, &st) < 0)
		r = fail_errno(run->why, path, "written");
	else if (!S_ISREG(st.st_mode) || st.st_size != 0)
		r = fail_exists(run, path);
	else if ((st.st_mode & 077) != 0 && fchmod(fd, KEY_MODE) < 0)
		r = why_set(run->why, ERR_FILE_DENIED, "'%s' can be read by "
		    "others, and that cannot be changed: %s", path,
		    strerror(errno));
	else if (write_all(fd, bytes, len) < 0 || fsync(fd) < 0) {
		r = fail_errno(run->why, path, "written");
		(void)!ftruncate(fd, 0);	/* as empty as it was */
	}
	(void)close(fd);
	return r;
}

/* Its name is not lost with the power; it is there all the same. */
static void
sync_folder(const char *path)
{
	const char	*slash = strrchr(path, '/');
	char		*folder;
	int		 fd;

	folder = slash == NULL ? strdup(".") :
	    strndup(path, slash == path ? 1 : (size_t)(slash - path));
	if (folder == NULL)
		return;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(folder);
	if (fd < 0)
		return;
	(void)fsync(fd);
	(void)close(fd);
}

/* Give the temporary file its name unless that is taken. */
static int
name_key(struct secure_run *run, const char *temp, const char *path)
{
	if (link(temp, path) == 0) {
		(void)unlink(temp);
		return 0;
	}
	if (errno == EEXIST)
		return fail_exists(run, path);
	/* File systems without links: FAT, and such over a network. */
	if ((errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS ||
	    errno == EMLINK) && renameat2(AT_FDCWD, temp, AT_FDCWD, path,
	    RENAME_NOREPLACE) == 0)
		return 0;
	return errno == EEXIST ? fail_exists(run, path) :
	    fail_errno(run->why, path, "written");
}

static int
make_key(struct secure_run *run, const char *path, const void *bytes,
    size_t len)
{
	size_t	 size = strlen(path) + sizeof TEMP_SUFFIX;
	char	*temp = malloc(size);
	int	 fd, r = 0;

	if (temp == NULL)
		return why_set(run->why, ERR_NOMEM, "out of memory");
	(void)snprintf(temp, size, "%s" TEMP_SUFFIX, path);
	if ((fd = mkostemp(temp, O_CLOEXEC)) < 0) {
		free(temp);
		return fail_errno(run->why, path, "written");
	}
	/* mkostemp() makes it for its owner alone. */
	if (write_all(fd, bytes, len) < 0 || fsync(fd) < 0)
		r = fail_errno(run->why, path, "written");
	if (close(fd) < 0 && r == 0)
		r = fail_errno(run->why, path, "written");
	if (r == 0)
		r = name_key(run, temp, path);
	if (r < 0)
		(void)unlink(temp);
	free(temp);
	if (r == 0)
		sync_folder(path);
	return r;
}

int
secure_write_key(struct secure_run *run, const char *path,
    enum secure_key_place place, const void *bytes, size_t len)
{
	const struct iovec	piece = { .iov_base = (void *)(uintptr_t)bytes,
				    .iov_len = len };
	struct stat		st;
	sigset_t		old;
	int			r;

	if (is_stdio(path))
		return write_pieces(STDOUT_FILENO, "standard output", &piece,
		    1, run->why);
	hold_signals(&old);
	if (place == SECURE_KEY_EMPTY && lstat(path, &st) == 0)
		r = fill_key(run, path, bytes, len);
	else
		r = make_key(run, path, bytes, len);
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	return r;
}
