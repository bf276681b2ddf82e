/* doctor_tree - who and what there is: the user's rights, ttys, processes. */
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/doctor_ids.h"
#include "client/doctor_impl.h"
#include "proto/base/err.h"
#include "proto/base/text.h"

/* The lines of etc/60-espflashd.rules. */
static const struct { const char *vid, *pids; } known[] = { DOCTOR_IDS };

bool
doctor_in_group(const struct doctor *d, gid_t gid)
{
	for (size_t i = 0; i < d->user.group_count; i++)
		if (d->user.groups[i] == gid)
			return true;
	return false;
}

struct group_line {
	const char	*group;		/* wanted name, or NULL */
	gid_t		 gid;		/* else wanted number */
	char		 name[64];	/* found */
	char		 members[256];
};

/* "dialout:x:20:anna,bert" */
static bool
group_fits(const char *line, void *arg)
{
	struct group_line	*g = arg;
	char			 name[64], members[256] = "";
	unsigned		 gid;
	int			 used = 0;

	if (strcspn(line, ":") >= sizeof name)
		return false;
	(void)snprintf(name, sizeof name, "%.*s", (int)strcspn(line, ":"),
	    line);
	line = strchr(line, ':');
	if (line == NULL || (line = strchr(line + 1, ':')) == NULL)
		return false;
	gid = 0;
	for (line++; isdigit((unsigned char)*line); line++, used++)
		gid = gid * 10 + (unsigned)(*line - '0');
	if (used == 0 || (g->group != NULL ? strcmp(name, g->group) != 0 :
	    gid != g->gid))
		return false;
	if (*line == ':')
		(void)snprintf(members, sizeof members, "%.255s", line + 1);
	memcpy(g->name, name, sizeof name);
	memcpy(g->members, members, sizeof members);
	return true;
}

void
doctor_group_name(const struct doctor *d, gid_t gid, char *out, size_t size)
{
	struct group_line	g = { .gid = gid };

	if (tree_find_line(d->root, group_fits, &g, "/etc/group"))
		(void)snprintf(out, size, "%s", g.name);
	else
		(void)snprintf(out, size, "%u", (unsigned)gid);
}

bool
doctor_will_be_in_group(const struct doctor *d, const char *group)
{
	struct group_line	 g = { .group = group };
	size_t			 n = strlen(d->user.name);

	if (!tree_find_line(d->root, group_fits, &g, "/etc/group"))
		return false;
	for (const char *m = g.members; *m != '\0';) {
		size_t	len = strcspn(m, ",");

		if (len == n && strncmp(m, d->user.name, n) == 0)
			return true;
		m += len + (m[len] == ',');
	}
	return false;
}

bool
doctor_may_use(const struct doctor *d, const char *path, const struct stat *st)
{
	char	full[TREE_PATH_MAX];
	mode_t	bits;

	/* Access control lists, too. */
	if (d->user.self)
		return tree_path(full, d->root, "%s", path) &&
		    faccessat(AT_FDCWD, full, R_OK | W_OK, AT_EACCESS) == 0;
	if (d->user.uid == 0)
		return true;
	if (d->user.uid == st->st_uid)
		bits = st->st_mode >> 6;
	else if (doctor_in_group(d, st->st_gid))
		bits = st->st_mode >> 3;
	else
		bits = st->st_mode;
	return (bits & 06) == 06;
}

struct find_process {
	const struct doctor	*d;
	const char		*name;
	long			 pid;
};

static void
try_process(const char *pid, void *arg)
{
	struct find_process	*f = arg;
	char			 name[32];
	uint32_t		 number;

	if (f->pid == 0 && text_u32(pid, &number) == 0 &&
	    tree_line(f->d->root, name, sizeof name, "/proc/%s/comm", pid) &&
	    strcmp(name, f->name) == 0)
		f->pid = number;
}

long
doctor_process(const struct doctor *d, const char *name)
{
	struct find_process	f = { .d = d, .name = name };

	(void)tree_each(d->root, try_process, &f, "/proc");
	return f.pid;
}

/* Is `pid` one of "ea60|ea70"?  "" are all. */
static bool
pid_among(const char *pid, const char *pids)
{
	size_t	n = strlen(pid);

	if (pids[0] == '\0')
		return true;
	for (const char *p = pids; *p != '\0';) {
		size_t	len = strcspn(p, "|");

		if (len == n && strncmp(p, pid, n) == 0)
			return true;
		p += len + (p[len] == '|');
	}
	return false;
}

static bool
is_known(const char *vid, const char *pid)
{
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strcmp(known[i].vid, vid) == 0 &&
		    pid_among(pid, known[i].pids))
			return true;
	return false;
}

/* Up from a tty to the USB device it belongs to.  False: it is of no USB. */
static bool
find_usb(const struct doctor *d, const char *name, char usb[TREE_PATH_MAX],
    char *vid, size_t size)
{
	char	*slash;

	if (!tree_real(d->root, usb, "/sys/class/tty/%s", name))
		return false;
	while ((slash = strrchr(usb, '/')) != NULL && slash != usb) {
		if (tree_line(d->root, vid, size, "%s/idVendor", usb))
			return true;
		*slash = '\0';
	}
	return false;
}

static void
try_tty(const char *name, void *arg)
{
	struct doctor		*d = arg;
	struct doctor_tty	*t, *ttys;
	char			 usb[TREE_PATH_MAX], driver[256], vid[8];
	const char		*slash;

	if (d->ttys == NULL || !find_usb(d, name, usb, vid, sizeof vid) ||
	    strlen(usb) >= sizeof t->usb || strlen(name) >= sizeof t->name)
		return;
	ttys = realloc(d->ttys, (d->tty_count + 1) * sizeof *ttys);
	if (ttys == NULL) {
		free(d->ttys);
		d->ttys = NULL;		/* out of memory */
		return;
	}
	d->ttys = ttys;
	t = &ttys[d->tty_count++];
	*t = (struct doctor_tty){ 0 };
	memcpy(t->vid, vid, sizeof vid);
	(void)snprintf(t->name, sizeof t->name, "%.31s", name);
	(void)snprintf(t->usb, sizeof t->usb, "%.255s", usb);
	(void)tree_line(d->root, t->pid, sizeof t->pid, "%s/idProduct", usb);
	(void)tree_line(d->root, t->product, sizeof t->product, "%s/product",
	    usb);
	(void)tree_line(d->root, t->number, sizeof t->number,
	    "/sys/class/tty/%s/dev", name);
	if (tree_link(d->root, driver, sizeof driver,
	    "/sys/class/tty/%s/device/driver", name)) {
		slash = strrchr(driver, '/');
		(void)snprintf(t->driver, sizeof t->driver, "%.31s",
		    slash != NULL ? slash + 1 : driver);
	}
	t->known = is_known(t->vid, t->pid);
}

int
doctor_find_ttys(struct doctor *d)
{
	d->tty_count = 0;
	if ((d->ttys = malloc(sizeof *d->ttys)) == NULL)
		return ERR_NOMEM;
	(void)tree_each(d->root, try_tty, d, "/sys/class/tty");
	return d->ttys == NULL ? ERR_NOMEM : 0;
}
