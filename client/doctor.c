#include "client/doctor.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/doctor_impl.h"
#include "proto/base/err.h"
#include "proto/base/text.h"

#define SOCKET		RUNSTATEDIR "/espflashd/espflashd.sock"
#define RULES		"60-espflashd.rules"
/* udev_device(7): programs must not ask this device for a modem. */
#define MM_IGNORE	"E:ID_MM_DEVICE_IGNORE=1"

enum {
	FINDINGS_MAX	= 500,
	ADVICE_MAX	= 200,
	LATENCY_GOOD_MS	= 1,
};

/* udev(7), RULES FILES. */
const char *const doctor_rules_dirs[] = {
	"/etc/udev/rules.d", "/run/udev/rules.d", "/usr/local/lib/udev/rules.d",
	"/usr/lib/udev/rules.d", "/lib/udev/rules.d", NULL
};

void
doctor_say(struct doctor *d, enum doctor_verdict verdict, const char *check,
    const char *advice, const char *fmt, ...)
{
	struct doctor_finding	*f;
	va_list			 ap;

	if (d->finding_count == FINDINGS_MAX)
		return;
	f = &d->findings[d->finding_count++];
	*f = (struct doctor_finding){ .verdict = verdict, .check = check };
	va_start(ap, fmt);
	(void)vsnprintf(f->text, sizeof f->text, fmt, ap);
	va_end(ap);
	if (advice != NULL)
		(void)snprintf(f->advice, sizeof f->advice, "%s", advice);
}

static void
check_adapters(struct doctor *d)
{
	size_t	known = 0;

	for (size_t i = 0; i < d->tty_count; i++) {
		const struct doctor_tty	*t = &d->ttys[i];

		known += t->known;
		doctor_say(d, t->known ? DOCTOR_OK : DOCTOR_NOTE, "adapters",
		    t->known ? NULL : "If a board is behind it, name it with "
		    "--port; it is never tried by itself.",
		    "/dev/%s is %s%s(%s:%s)%s", t->name, t->product,
		    t->product[0] ? " " : "", t->vid, t->pid,
		    t->known ? "" : ", no kind that boards come with");
	}
	if (known == 0)
		doctor_say(d, DOCTOR_NOTE, "adapters", "Plug the board in; if "
		    "it is, try another cable (many carry power only) and "
		    "another socket, and look at \"sudo dmesg\".",
		    "no adapter of a known kind is plugged in");
}

/* What makes a device usable: a group to be in, or rules that give it one. */
static void
advise_group(const struct doctor *d, const struct stat *st, char *out,
    size_t size)
{
	char	group[64];

	doctor_group_name(d, st->st_gid, group, sizeof group);
	if ((st->st_mode & 060) != 060 || st->st_gid == 0)
		(void)snprintf(out, size, "Install the udev rules of "
		    "espflashd (" RULES ") and plug the device in again.");
	else if (doctor_will_be_in_group(d, group))
		(void)snprintf(out, size, "You were put into the group %s "
		    "since you logged in: log out and in again.", group);
	else
		(void)snprintf(out, size, "sudo usermod -aG %s %s, then log "
		    "out and in again.", group, d->user.name);
}

static void
check_permission(struct doctor *d)
{
	bool		by_daemon = doctor_daemon_usable(d);
	struct stat	st;
	char		path[64], advice[ADVICE_MAX], group[64];

	for (size_t i = 0; i < d->tty_count; i++) {
		if (!d->ttys[i].known)
			continue;
		(void)snprintf(path, sizeof path, "/dev/%s", d->ttys[i].name);
		if (!tree_stat(d->root, &st, "%s", path)) {
			doctor_say(d, DOCTOR_PROBLEM, "permission", "In a "
			    "container: give it the device, or only the "
			    "daemon's socket.", "%s is not there, though the "
			    "kernel knows the device", path);
			continue;
		}
		if (doctor_may_use(d, path, &st)) {
			doctor_say(d, DOCTOR_OK, "permission", NULL,
			    "you may open %s", path);
			continue;
		}
		doctor_group_name(d, st.st_gid, group, sizeof group);
		advise_group(d, &st, advice, sizeof advice);
		doctor_say(d, by_daemon ? DOCTOR_NOTE : DOCTOR_PROBLEM,
		    "permission", advice, "you may not open %s (group %s, mode "
		    "%04o)%s", path, group, (unsigned)st.st_mode & 07777,
		    by_daemon ? "; the daemon does it for you" : "");
	}
}

struct find_holder {
	struct doctor	*d;
	const char	*pid;
};

/* One descriptor of a process: is it one of the ttys? */
static void
try_descriptor(const char *fd, void *arg)
{
	struct find_holder	*h = arg;
	struct doctor		*d = h->d;
	char			 target[256], program[32], advice[ADVICE_MAX];

	if (!tree_link(d->root, target, sizeof target, "/proc/%s/fd/%s",
	    h->pid, fd) || strncmp(target, "/dev/", 5) != 0)
		return;
	for (size_t i = 0; i < d->tty_count; i++) {
		if (!d->ttys[i].known ||
		    strcmp(target + 5, d->ttys[i].name) != 0)
			continue;
		(void)tree_line(d->root, program, sizeof program,
		    "/proc/%s/comm", h->pid);
		if (strcmp(program, "espflashd") == 0)
			continue;
		(void)snprintf(advice, sizeof advice, "Leave that program "
		    "(or: kill %.16s), or give it \"espctl export %s\".",
		    h->pid, d->ttys[i].name);
		doctor_say(d, DOCTOR_PROBLEM, "holder", advice, "%s is held "
		    "by %s (pid %s)", target, program[0] ? program :
		    "a program", h->pid);
	}
}

static void
try_holder(const char *pid, void *arg)
{
	struct find_holder	h = { .d = arg, .pid = pid };

	if (isdigit((unsigned char)pid[0]))
		(void)tree_each(h.d->root, try_descriptor, &h, "/proc/%s/fd",
		    pid);
}

static void
check_holder(struct doctor *d)
{
	size_t	before = d->finding_count;

	(void)tree_each(d->root, try_holder, d, "/proc");
	if (d->finding_count == before && d->tty_count > 0)
		doctor_say(d, DOCTOR_OK, "holder", NULL, "nobody %sholds an "
		    "adapter", d->user.uid == 0 ? "" : "that you may see ");
}

bool
doctor_daemon_usable(const struct doctor *d)
{
	struct stat	st;

	return tree_stat(d->root, &st, SOCKET) && S_ISSOCK(st.st_mode) &&
	    doctor_may_use(d, SOCKET, &st);
}

static bool
unit_installed(const struct doctor *d)
{
	static const char *const	dirs[] = { "/etc/systemd/system",
					    "/usr/local/lib/systemd/system",
					    "/usr/lib/systemd/system",
					    "/lib/systemd/system" };
	struct stat			st;

	for (size_t i = 0; i < sizeof dirs / sizeof dirs[0]; i++)
		if (tree_stat(d->root, &st, "%s/espflashd.socket", dirs[i]))
			return true;
	return false;
}

static void
check_daemon(struct doctor *d)
{
	struct stat	st;
	char		group[64], advice[ADVICE_MAX];
	long		pid = doctor_process(d, "espflashd");

	if (!tree_stat(d->root, &st, SOCKET) || !S_ISSOCK(st.st_mode)) {
		if (unit_installed(d))
			doctor_say(d, DOCTOR_NOTE, "daemon", "sudo systemctl "
			    "enable --now espflashd.socket", "the service "
			    "espflashd is installed and not started");
		else
			doctor_say(d, DOCTOR_OK, "daemon", NULL, "there is "
			    "no daemon for all users; espctl starts one for "
			    "you when it needs it");
		return;
	}
	if (doctor_may_use(d, SOCKET, &st)) {
		doctor_say(d, DOCTOR_OK, "daemon", NULL, "you may use the "
		    "daemon (%s); it %s", SOCKET, pid > 0 ? "runs" :
		    "is started when somebody does");
		return;
	}
	doctor_group_name(d, st.st_gid, group, sizeof group);
	advise_group(d, &st, advice, sizeof advice);
	doctor_say(d, DOCTOR_PROBLEM, "daemon", advice, "you may not use the "
	    "daemon's socket %s (group %s)", SOCKET, group);
}

static void
check_rules(struct doctor *d)
{
	struct stat	st;

	if (!tree_stat(d->root, &st, "/run/udev")) {
		doctor_say(d, DOCTOR_NOTE, "udev-rules", "In a container that "
		    "is so; the rules belong on its host.",
		    "udev does not run here");
		return;
	}
	for (size_t i = 0; doctor_rules_dirs[i] != NULL; i++) {
		if (!tree_stat(d->root, &st, "%s/" RULES,
		    doctor_rules_dirs[i]))
			continue;
		if (!S_ISREG(st.st_mode) || st.st_size == 0)
			break;		/* /dev/null: masked */
		doctor_say(d, DOCTOR_OK, "udev-rules", NULL, "%s/" RULES
		    " is installed", doctor_rules_dirs[i]);
		return;
	}
	doctor_say(d, DOCTOR_PROBLEM, "udev-rules", "Copy etc/" RULES " to "
	    "/etc/udev/rules.d, run \"sudo udevadm control --reload\" and "
	    "plug the boards in again.", "the udev rules of espflashd ("
	    RULES ") are not installed");
}

static bool
is_mm_ignore(const char *line, void *arg)
{
	(void)arg;
	return strcmp(line, MM_IGNORE) == 0;
}

/* udev marks the tty, the USB device, or both. */
static bool
mm_ignores(const struct doctor *d, const struct doctor_tty *t)
{
	char	number[16];

	if (tree_find_line(d->root, is_mm_ignore, NULL, "/run/udev/data/c%s",
	    t->number))
		return true;
	return tree_line(d->root, number, sizeof number, "%s/dev", t->usb) &&
	    tree_find_line(d->root, is_mm_ignore, NULL, "/run/udev/data/c%s",
	    number);
}

static void
check_modem_manager(struct doctor *d)
{
	long	pid = doctor_process(d, "ModemManager");

	if (pid == 0) {
		doctor_say(d, DOCTOR_OK, "modem-manager", NULL,
		    "ModemManager does not run");
		return;
	}
	for (size_t i = 0; i < d->tty_count; i++) {
		const struct doctor_tty	*t = &d->ttys[i];

		if (!t->known)
			continue;
		if (mm_ignores(d, t))
			doctor_say(d, DOCTOR_OK, "modem-manager", NULL,
			    "ModemManager keeps off /dev/%s", t->name);
		else
			doctor_say(d, DOCTOR_PROBLEM, "modem-manager",
			    "Install the udev rules of espflashd (" RULES ") "
			    "and plug it in again, or: sudo systemctl disable "
			    "--now ModemManager", "ModemManager (pid %ld) may "
			    "take /dev/%s for a modem and talk to it", pid,
			    t->name);
	}
}

/* brltty's own rules name the adapters of braille displays by "1a86/7523" or
 * by separate keys; those two ids are boards far more often. */
static const struct { const char *vid, *pid; } stolen[] = {
	{ "1a86", "7523" }, { "10c4", "ea60" },
};

struct find_rule {
	struct doctor	*d;
	const char	*dir;
	size_t		 rank;		/* of the dir: those before win */
	char		 file[64];	/* found; "": none */
	bool		 steals[2];	/* of stolen[] */
};

static bool
rule_steals(const char *line, void *arg)
{
	struct find_rule	*f = arg;

	line += strspn(line, " \t");
	for (size_t i = 0; i < 2 && line[0] != '#'; i++)
		if (strcasestr(line, stolen[i].vid) != NULL &&
		    strcasestr(line, stolen[i].pid) != NULL)
			f->steals[i] = true;
	return false;			/* all lines */
}

static void
try_rule(const char *name, void *arg)
{
	struct find_rule	*f = arg;
	struct stat		 st;

	if (strstr(name, "brltty") == NULL || strlen(name) >= sizeof f->file)
		return;
	for (size_t i = 0; i < f->rank; i++)
		if (tree_stat(f->d->root, &st, "%s/%s", doctor_rules_dirs[i],
		    name))
			return;		/* another one stands in for it */
	(void)tree_find_line(f->d->root, rule_steals, f, "%s/%s", f->dir,
	    name);
	if (f->file[0] == '\0' && (f->steals[0] || f->steals[1]))
		(void)snprintf(f->file, sizeof f->file, "%.63s", name);
}

static void
check_brltty(struct doctor *d)
{
	struct find_rule	f = { .d = d };
	bool			here = false;
	char			advice[ADVICE_MAX];

	for (; doctor_rules_dirs[f.rank] != NULL; f.rank++) {
		f.dir = doctor_rules_dirs[f.rank];
		(void)tree_each(d->root, try_rule, &f, "%s", f.dir);
	}
	if (f.file[0] == '\0') {
		doctor_say(d, DOCTOR_OK, "brltty", NULL, "brltty takes no "
		    "adapter for a braille display");
		return;
	}
	/* The tty is gone as soon as brltty has the adapter: look at USB. */
	for (size_t i = 0; i < 2; i++)
		here = here || (f.steals[i] && doctor_usb_present(d,
		    stolen[i].vid, stolen[i].pid));
	(void)snprintf(advice, sizeof advice, "Without a braille display: "
	    "sudo apt remove brltty, or sudo ln -s /dev/null "
	    "/etc/udev/rules.d/%s; then plug the board in again.", f.file);
	doctor_say(d, here ? DOCTOR_PROBLEM : DOCTOR_NOTE, "brltty", advice,
	    "brltty takes adapters %s%s%s for braille displays (%s)",
	    f.steals[0] ? "1a86:7523" : "",
	    f.steals[0] && f.steals[1] ? " and " : "",
	    f.steals[1] ? "10c4:ea60" : "", f.file);
}

static void
check_latency(struct doctor *d)
{
	char		text[16];
	uint32_t	ms;

	for (size_t i = 0; i < d->tty_count; i++) {
		const struct doctor_tty	*t = &d->ttys[i];

		if (!t->known || !tree_line(d->root, text, sizeof text,
		    "/sys/class/tty/%s/device/latency_timer", t->name) ||
		    text_u32(text, &ms) < 0)
			continue;
		if (ms > LATENCY_GOOD_MS)
			doctor_say(d, DOCTOR_NOTE, "latency", "The daemon "
			    "lowers it while it works; for other programs "
			    "install the udev rules of espflashd.",
			    "/dev/%s collects what it receives for %u ms",
			    t->name, (unsigned)ms);
		else
			doctor_say(d, DOCTOR_OK, "latency", NULL,
			    "/dev/%s hands over at once", t->name);
	}
}

/* "5.13.10-arch1" -> 5, 13, 10. */
static void
release_numbers(const char *s, unsigned number[3])
{
	for (int i = 0; i < 3; i++) {
		number[i] = 0;
		while (isdigit((unsigned char)*s) && number[i] < 100000)
			number[i] = number[i] * 10 + (unsigned)(*s++ - '0');
		if (*s == '.')
			s++;
	}
}

/* From 5.13.10 up to 5.14 the driver ch341 lost bytes of an ESP8266's loader
 * (esptool, issue 653). */
static bool
release_is_bad(const unsigned n[3])
{
	return n[0] == 5 && ((n[1] == 13 && n[2] >= 10) || n[1] == 14);
}

static void
check_ch340(struct doctor *d)
{
	char		release[80];
	unsigned	number[3];

	(void)tree_line(d->root, release, sizeof release,
	    "/proc/sys/kernel/osrelease");
	release_numbers(release, number);
	for (size_t i = 0; i < d->tty_count; i++) {
		const struct doctor_tty	*t = &d->ttys[i];

		if (strncmp(t->driver, "ch341", 5) != 0)
			continue;
		if (release_is_bad(number))
			doctor_say(d, DOCTOR_PROBLEM, "ch340", "Use another "
			    "kernel than 5.13.10 to 5.14, or the adapter's "
			    "rate as low as -b 115200.", "/dev/%s: the driver "
			    "ch341 of Linux %s does not work with ESP8266 "
			    "boards", t->name, release);
		else
			doctor_say(d, DOCTOR_OK, "ch340", NULL, "/dev/%s: the "
			    "driver ch341 rounds rates; if a fast one fails, "
			    "try -b 460800", t->name);
	}
}

const struct doctor_check doctor_checks[] = {
	{ "adapters", "which USB serial adapters are plugged in, and whether "
	  "boards come with such", check_adapters },
	{ "permission", "whether you may open them, and which group may",
	  check_permission },
	{ "holder", "whether another program has one of them", check_holder },
	{ "daemon", "whether the daemon's socket is there and yours to use",
	  check_daemon },
	{ "udev-rules", "whether the udev rules are installed", check_rules },
	{ "modem-manager", "whether ModemManager runs and keeps off",
	  check_modem_manager },
	{ "brltty", "whether brltty takes adapters for braille displays",
	  check_brltty },
	{ "latency", "the latency timer of FTDI chips", check_latency },
	{ "ch340", "kernels whose driver of CH340 chips is broken",
	  check_ch340 },
	{ "usb-slots", "how near each USB controller is to its limits",
	  doctor_check_slots },
	{ "usb-power", "hubs without a supply that must feed too much",
	  doctor_check_power },
	{ .name = NULL }
};

int
doctor_run(struct doctor *d, const char *root, const struct doctor_user *user)
{
	int	r;

	*d = (struct doctor){ .root = root, .user = *user };
	d->findings = calloc(FINDINGS_MAX, sizeof *d->findings);
	if (d->findings == NULL)
		return ERR_NOMEM;
	if ((r = doctor_find_ttys(d)) < 0)
		return r;
	for (const struct doctor_check *c = doctor_checks; c->name; c++)
		c->run(d);
	return 0;
}

void
doctor_done(struct doctor *d)
{
	free(d->ttys);
	free(d->findings);
	d->ttys = NULL;
	d->findings = NULL;
}

size_t
doctor_problems(const struct doctor *d)
{
	size_t	n = 0;

	for (size_t i = 0; i < d->finding_count; i++)
		n += d->findings[i].verdict == DOCTOR_PROBLEM;
	return n;
}

const char *
doctor_verdict_name(enum doctor_verdict v)
{
	static const char *const	names[] = { "ok", "note", "problem" };

	return names[v];
}
