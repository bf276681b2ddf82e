#ifndef CLIENT_DOCTOR_IMPL_H
#define CLIENT_DOCTOR_IMPL_H
/*
 * doctor_impl - what the checks share.
 */
#include "client/doctor.h"
#include "client/tree.h"

struct stat;

/* Note a finding; advice NULL: none is needed.  `check` lives for ever. */
void doctor_say(struct doctor *, enum doctor_verdict, const char *check,
    const char *advice, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* Fill ttys from /sys/class/tty.  0 or ERR_NOMEM. */
int doctor_find_ttys(struct doctor *);

/* May the user read and write that file?  `path` is below the root. */
bool doctor_may_use(const struct doctor *, const char *path,
    const struct stat *);
/* Is the user in that group now; is it only written in /etc/group, so that it
 * counts from the next login? */
bool doctor_in_group(const struct doctor *, gid_t);
bool doctor_will_be_in_group(const struct doctor *, const char *group);
/* Name of a group from /etc/group, or its number. */
void doctor_group_name(const struct doctor *, gid_t, char *out, size_t size);

/* The pid of a running program of that name; 0: none. */
long doctor_process(const struct doctor *, const char *name);

/* Where udev looks for rules, most important first; NULL ends. */
extern const char *const doctor_rules_dirs[];
/* The system's daemon can be used by this user. */
bool doctor_daemon_usable(const struct doctor *);

/* doctor_usb.c */
bool doctor_usb_present(struct doctor *, const char *vid, const char *pid);
void doctor_check_slots(struct doctor *);
void doctor_check_power(struct doctor *);
#endif
