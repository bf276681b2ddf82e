#ifndef CLIENT_DOCTOR_H
#define CLIENT_DOCTOR_H
/*
 * doctor - what on this machine keeps boards from being flashed.
 *
 * A table of checks.  Each looks at files only: no port is opened, no daemon
 * needed.  All files are read below a root, so that a test can build a machine
 * in a folder.
 */
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum doctor_verdict { DOCTOR_OK, DOCTOR_NOTE, DOCTOR_PROBLEM };

struct doctor_finding {
	enum doctor_verdict	 verdict;
	const char		*check;		/* name of the check */
	char			 text[240];	/* what was found */
	char			 advice[240];	/* what to do; "" with OK */
};

/* Whose rights count. */
struct doctor_user {
	const char	*name;
	uid_t		 uid;
	const gid_t	*groups;	/* all, the first one too */
	size_t		 group_count;
	bool		 self;		/* the process itself: the kernel knows
					 * of rights that a mode does not tell */
};

/* A tty of a USB adapter. */
struct doctor_tty {
	char	name[32];		/* "ttyUSB0" */
	char	vid[8], pid[8];		/* "10c4", "ea60" */
	char	product[80];		/* or "" */
	char	driver[32];		/* "cp210x" */
	char	number[16];		/* "188:0" */
	char	usb[256];		/* "/sys/devices/..." of the adapter */
	bool	known;			/* of a kind that boards come with */
};

struct doctor {
	const char		*root;		/* "": this machine */
	struct doctor_user	 user;
	struct doctor_tty	*ttys;
	size_t			 tty_count;
	struct doctor_finding	*findings;
	size_t			 finding_count;
};

struct doctor_check {
	const char	*name;		/* "permission"; NULL ends */
	const char	*looks_at;	/* for the manual and its test */
	void		(*run)(struct doctor *);
};

extern const struct doctor_check doctor_checks[];

/* Look at everything.  0 or ERR_NOMEM; doctor_done() in any case. */
int doctor_run(struct doctor *, const char *root, const struct doctor_user *);
void doctor_done(struct doctor *);

/* How many findings are problems. */
size_t doctor_problems(const struct doctor *);
const char *doctor_verdict_name(enum doctor_verdict);
#endif
