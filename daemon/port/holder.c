#include "daemon/port/holder.h"

#include <ctype.h>
#include <dirent.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/text.h"

/* True if one of the descriptors below `dir` ("/proc/4711/fd") leads to
 * `path`; `skip` is the name of one that does not count. */
static bool
holder_has(const char *dir, const char *path, const char *skip)
{
	char		 target[512];
	struct dirent	*e;
	ssize_t		 n;
	bool		 found = false;
	DIR		*d;

	if ((d = opendir(dir)) == NULL)
		return false;	/* another user's, or gone meanwhile */
	while (!found && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, skip) == 0)
			continue;
		n = readlinkat(dirfd(d), e->d_name, target, sizeof target - 1);
		if (n < 0)
			continue;
		target[n] = '\0';
		found = strcmp(target, path) == 0;
	}
	(void)closedir(d);
	return found;
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
	text_printable(out, size, *line ? line : "a program",
	    strlen(*line ? line : "a program"));
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

void
holder_find(const char *path, int ours, char *out, size_t size)
{
	char		 dir[64], self[16], skip[16];
	struct dirent	*e;
	bool		 own;
	DIR		*proc;

	(void)snprintf(out, size,
	    "another program (whose name only root may see)");
	(void)snprintf(self, sizeof self, "%d", (int)getpid());
	(void)snprintf(skip, sizeof skip, "%d", ours);
	if ((proc = opendir("/proc")) == NULL)
		return;
	while ((e = readdir(proc)) != NULL) {
		if (!isdigit((unsigned char)e->d_name[0]))
			continue;
		own = strcmp(e->d_name, self) == 0;
		(void)snprintf(dir, sizeof dir, "/proc/%.16s/fd", e->d_name);
		if (!holder_has(dir, path, own ? skip : ""))
			continue;
		holder_describe(e->d_name, out, size);
		break;
	}
	(void)closedir(proc);
}
