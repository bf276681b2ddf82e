#ifndef DAEMON_JOB_QUEUE_H
#define DAEMON_JOB_QUEUE_H
/*
 * queue - the jobs of each port, one after the other; all ports side by side.
 * The port is opened for the first job and closed when the queue is empty.
 */
#include "daemon/job/job.h"

struct conf;

/* Use these settings from now on; they stay the caller's. */
void queue_init(const struct conf *);
void queue_done(void);

/* Put a job at the end of the queue of its port and start it when its turn
 * comes.  Takes a reference until it has ended.  ERR_NOMEM. */
int queue_add(struct job *);

/* Stop a job: a waiting one ends at once, a running one as soon as its chip
 * can be left in order; an ended one is left alone. */
void queue_cancel(struct job *);

/* End all jobs with ERR_INTERRUPTED: waiting ones at once, a running write
 * after its block.  empty() is called from the loop when none is left. */
void queue_stop(void (*empty)(void));

/* The running job of a port, and how many wait; for showing. */
const struct job *queue_of(const struct port *, unsigned *waiting);
#endif
