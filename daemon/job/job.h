#ifndef DAEMON_JOB_JOB_H
#define DAEMON_JOB_JOB_H
/*
 * job - one piece of work on one port, or with files alone: who asked, what
 * state it is in, what came out.  A job outlives the connection that submitted
 * it and is remembered for a while after it has ended.
 *
 * Jobs live by counted references: the registry holds one until the job is
 * forgotten, the queue of its port one until it has ended.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "daemon/job/input.h"
#include "daemon/job/op.h"
#include "proto/base/why.h"

struct conf;
struct efuse_order;
struct json_object;
struct port;
struct work_parcel;

/* The other end of a connection, by the kernel's word. */
struct peer {
	uid_t	uid;
	pid_t	pid;
	char	user[32];	/* name, or the number */
	bool	may_burn;	/* eFuses: setting burn-group */
};

enum job_state {
	JOB_NEW,		/* made, not yet queued */
	JOB_QUEUED,
	JOB_RUNNING,
	JOB_DONE,
	JOB_FAILED,
	JOB_CANCELLED,
	JOB_INTERRUPTED,	/* the daemon was stopped first */
};

struct job {
	uint32_t		 id;		/* from 1, never used again */
	unsigned		 refs;
	TAILQ_ENTRY(job)	 entry;		/* in the registry */
	TAILQ_ENTRY(job)	 queued;	/* in the queue of its port, or
						 * of what needs none */
	unsigned		 ahead;		/* jobs before it in that queue */
	const struct job	*first;		/* whose turn it is there; NULL:
						 * its own, or it has ended */
	const struct op		*op;
	struct port		*port;		/* held; NULL once it has ended,
						 * and where none is needed */
	char			*where;		/* its last name then */
	struct peer		 peer;
	struct json_object	*params;	/* checked */
	struct input		*input;		/* NULL: no images */
	struct work_parcel	*parcel;	/* files of a job without port */
	struct efuse_order	*order;		/* of eFuses; NULL: none */
	int			 output;	/* descriptor, or -1 */
	enum job_state		 state;
	const struct phase	*phase;		/* running one, or NULL */
	uint64_t		 done, total;	/* bytes of the phase */
	uint64_t		 told_ms;	/* last progress event */
	struct json_object	*notes;		/* array of strings, or NULL */
	struct json_object	*result;	/* when done */
	struct why		 why;		/* when it ended otherwise */
	double			 submitted, started, ended;	/* Unix time, s */
	uint64_t		 started_ms;	/* of the monotonic clock */
};

/* One watcher of everything that happens to jobs; called from the loop or from
 * inside a conversation, and must not wait.  `event` is borrowed: type, job,
 * port and the changed members. */
void job_set_watcher(void (*fn)(const struct job *, struct json_object *event));

/* A new job with one reference for the caller; takes a reference on params.
 * `port` is NULL for one that needs none.  What it works with is put into it
 * then.  NULL when there is no memory. */
struct job *job_new(const struct op *, struct port *, const struct peer *,
    struct json_object *params);
struct job *job_ref(struct job *);
void job_unref(struct job *);

struct job *job_find(uint32_t id);
struct job *job_next(struct job *iter);		/* oldest first; NULL starts */

/* Waiting or running jobs: of all users, or of one. */
unsigned job_active(void);
unsigned job_active_of(uid_t);

bool job_ended(const struct job *);
/* The name of its port now, or when it ended; NULL: it needs none. */
const char *job_port(const struct job *);
const char *job_state_name(enum job_state);

/* The one place where a state changes; logs old -> new and tells the watcher.
 * For an end state `why` says why (NULL for JOB_DONE). */
void job_set_state(struct job *, enum job_state, const struct why *why);
/* The end state of a job that ended with this error. */
enum job_state job_end_state(int err);
/* `found` tells what is known of the chip; it is taken over, or NULL. */
void job_set_phase(struct job *, const struct phase *,
    struct json_object *found);
/* At most ten events a second and job; the last one is always told. */
void job_set_progress(struct job *, uint64_t done, uint64_t total);
void job_add_note(struct job *, const char *text);
void job_trace(struct job *, const char *what, const char *text);

/* The object that proto/rpc/method.h describes. */
struct json_object *job_json(const struct job *);

/* Forget jobs that ended more than conf->job_keep_s ago, and the oldest ended
 * ones beyond conf->max_jobs. */
void job_forget_old(const struct conf *);
void job_forget_all(void);
#endif
