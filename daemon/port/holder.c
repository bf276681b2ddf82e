#include "daemon/port/holder.h"

#include <ctype.h>
#include <dirent.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "proto/base/text.h"

enum { HOLDER_PATH = 512 };	/* bytes of a device's name */

/*
 * Call fn(arg, target) for what each descriptor of the process leads to, until
 * it answers true; then true.  `skip` is the name of a descriptor that does not
 * count.
 */
static bool
holder_each(const char *pid, const char *skip,
    bool (*fn)(void *arg, const char *target), void *arg)
{
	char		 dir[64], target[512];
	struct dirent	*e;
	ssize_t		 n;
	bool		 found = false;
	DIR		*d;

	(void)snprintf(dir, sizeof dir, "/proc/%.16s/fd", pid);
	if ((d = opendir(dir)) == NULL)
		return false;	/* another user's, or gone meanwhile */
	while (!found && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, skip) == 0)
			continue;
		n = readlinkat(dirfd(d), e->d_name, target, sizeof target - 1);
		if (n < 0)
			continue;
		target[n] = '\0';
		found = fn(arg, target);
	}
	(void)closedir(d);
	return found;
}

static bool
is_that(void *path, const char *target)
{
	return strcmp(target, path) == 0;
}

/* The short name of a program; "a program" when it is gone already. */
static void
holder_program(const char *pid, char *out, size_t size)
{
	char	 path[64], line[64] = "";
	FILE	*f;

	(void)snprintf(path, sizeof path, "/proc/%.16s/comm", pid);
	if ((f = fopen(path, "re")) != NULL) {
		if (fgets(line, sizeof line, f) == NULL)
			line[0] = '\0';
		(void)fclose(f);
	}
	line[strcspn(line, "\n")] = '\0';
	text_clean(out, size, *line ? line : "a program");
}

static void
holder_describe(const char *pid, char *out, size_t size)
{
	char		 path[64], program[32], name[40];
	struct stat	 st;
	struct passwd	 pw, *found = NULL;
	char		 room[1024];

	holder_program(pid, program, sizeof program);
	(void)snprintf(path, sizeof path, "/proc/%.16s", pid);
	if (stat(path, &st) < 0) {
		(void)snprintf(out, size, "%s (pid %.16s)", program, pid);
		return;
	}
	(void)snprintf(name, sizeof name, "%u", st.st_uid);
	if (getpwuid_r(st.st_uid, &pw, room, sizeof room, &found) == 0 &&
	    found != NULL)
		(void)snprintf(name, sizeof name, "%s", pw.pw_name);
	(void)snprintf(out, size, "%s (pid %.16s, user %s)", program, pid,
	    name);
}

/* One line of /proc/locks, proc_locks(5): is it a lock of that file?
 *	1: FLOCK  ADVISORY  WRITE 4711 00:18:35 0 EOF */
static bool
lock_line(const char *line, const struct stat *st, char *pid, size_t size)
{
	const char	*at = strstr(line, "FLOCK ");
	char		 file[64];
	int		 n;

	/* A line with an arrow is one that waits. */
	if (at == NULL || strstr(line, "-> ") != NULL)
		return false;
	for (int i = 0; i < 3; i++) {	/* to the fourth word */
		at += strcspn(at, " ");
		at += strspn(at, " ");
	}
	n = (int)strspn(at, "0123456789");
	(void)snprintf(pid, size, "%.*s", n, at);
	(void)snprintf(file, sizeof file, " %02x:%02x:%ju ",
	    major(st->st_dev), minor(st->st_dev), (uintmax_t)st->st_ino);
	return n > 0 && strncmp(at + n, file, strlen(file)) == 0;
}

/* Of several that have it open, the one that holds the lock. */
static bool
holder_by_lock(const char *path, char *pid, size_t size)
{
	char		 line[256], proc[64];
	struct stat	 st;
	bool		 found = false;
	FILE		*f;

	if (stat(path, &st) < 0 || (f = fopen("/proc/locks", "re")) == NULL)
		return false;
	while (!found && fgets(line, sizeof line, f) != NULL)
		found = lock_line(line, &st, pid, size);
	(void)fclose(f);
	if (!found)
		return false;
	/* It may be one that ended and left the lock to its children. */
	(void)snprintf(proc, sizeof proc, "/proc/%.16s", pid);
	return access(proc, F_OK) == 0;
}

/* The next process; NULL after the last. */
static const char *
next_process(DIR *proc)
{
	struct dirent	*e;

	while ((e = readdir(proc)) != NULL)
		if (isdigit((unsigned char)e->d_name[0]))
			return e->d_name;
	return NULL;
}

void
holder_find(const char *path, int ours, char *out, size_t size)
{
	char		 name[HOLDER_PATH], self[16], skip[16], lock[16];
	const char	*pid;
	DIR		*proc;

	(void)snprintf(out, size,
	    "another program (whose name only root may see)");
	(void)snprintf(name, sizeof name, "%s", path);
	(void)snprintf(self, sizeof self, "%d", (int)getpid());
	(void)snprintf(skip, sizeof skip, "%d", ours);
	if (holder_by_lock(path, lock, sizeof lock)) {
		holder_describe(lock, out, size);
		return;
	}
	if ((proc = opendir("/proc")) == NULL)
		return;
	while ((pid = next_process(proc)) != NULL) {
		if (!holder_each(pid, strcmp(pid, self) == 0 ? skip : "",
		    is_that, name))
			continue;
		holder_describe(pid, out, size);
		break;
	}
	(void)closedir(proc);
}

/* The devices of holder_list(), and the process that is looked at. */
struct holder_search {
	struct holder	*list;
	size_t		 count;
	const char	*pid;
};

/* Never ends the search: a program may have several devices. */
static bool
note_holder(void *arg, const char *target)
{
	struct holder_search	*s = arg;
	struct holder		*h;

	if (strncmp(target, "/dev/", 5) != 0 ||
	    strncmp(target, "/dev/pts/", 9) == 0)
		return false;
	for (h = s->list; h < s->list + s->count; h++)
		if (h->who[0] == '\0' && strcmp(h->path, target) == 0)
			holder_describe(s->pid, h->who, sizeof h->who);
	return false;
}

void
holder_list(struct holder *list, size_t count)
{
	struct holder_search	 s = { .list = list, .count = count };
	char			 self[16], lock[16];
	DIR			*proc;

	(void)snprintf(self, sizeof self, "%d", (int)getpid());
	for (size_t i = 0; i < count; i++) {
		list[i].who[0] = '\0';
		if (holder_by_lock(list[i].path, lock, sizeof lock) &&
		    strcmp(lock, self) != 0)
			holder_describe(lock, list[i].who,
			    sizeof list[i].who);
	}
	if ((proc = opendir("/proc")) == NULL)
		return;
	while ((s.pid = next_process(proc)) != NULL)
		if (strcmp(s.pid, self) != 0)
			(void)holder_each(s.pid, "", note_holder, &s);
	(void)closedir(proc);
}
