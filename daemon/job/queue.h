#ifndef DAEMON_JOB_QUEUE_H
#define DAEMON_JOB_QUEUE_H
/*
 * queue - the jobs of each port, one after the other; all ports side by side.
 *
 * The port is opened for the first job.  When none is left, a device of this
 * machine rests open for conf->hold_port_s, so that no line moves between two
 * jobs; what belongs to a server is closed at once.
 *
 * When the board of a job goes away, the job waits for it (parameter
 * reattach_s), whatever its device is then called, and begins anew.
 */
#include "daemon/job/job.h"

struct conf;

/* Use these settings from now on; they stay the caller's. */
void queue_init(const struct conf *);
void queue_done(void);

/* ERR_PORT_BUSY with a sentence when no job may be added now. */
int queue_check(const struct port *, struct why *);

/* Something happened to that port (port_set_watcher). */
void queue_port(struct port *);

/* Put a job at the end of the queue of its port and start it when its turn
 * comes.  Takes a reference until it has ended.  ERR_NOMEM. */
int queue_add(struct job *);

/* Stop a job: a waiting one ends at once, a running one as soon as its chip
 * can be left in order; an ended one is left alone. */
void queue_cancel(struct job *);

/* End all jobs with ERR_INTERRUPTED: waiting ones at once, a running write
 * after its block.  empty() is called from the loop when none is left. */
void queue_stop(void (*empty)(void));

/*
 * Somebody else wants to speak over the port while no job runs (an export).
 * done(arg, err, why) comes from the loop once it is theirs, open at `baud`;
 * or with ERR_PORT_BUSY when a job runs or waits (the sentence names it), or
 * with why it cannot be opened.  Until queue_give_back() jobs wait or are
 * refused (conf->export_busy); lost(arg) tells that the port went away, which
 * gives it back, too.  A second claim is ERR_PORT_BUSY.
 */
struct queue_claim {
	void	(*done)(void *arg, int err, const struct why *);
	void	(*lost)(void *arg);
	void	*arg;
	char	who[64];	/* for the jobs that wait or are refused */
};
int queue_claim(struct port *, uint32_t baud, const struct queue_claim *,
    struct why *);
void queue_give_back(struct port *);

/* Does one of them burn eFuses just now?  That ends by itself. */
bool queue_burns(void);

/* The running job of a port, and how many wait; for showing. */
const struct job *queue_of(const struct port *, unsigned *waiting);
#endif
