#ifndef DAEMON_JOB_WORK_QUEUE_H
#define DAEMON_JOB_WORK_QUEUE_H
/*
 * work_queue - jobs that need no board: whose turn it is, and the processes
 * that do them (work.h).  Half of the processors may be busy so.
 */
struct job;

/* Start a job when a processor is free for it; others wait their turn.  Takes
 * a reference until it has ended. */
void work_add(struct job *);
/* End a job that waits or runs with this error; an ended one is left alone. */
void work_stop(struct job *, int err);
/* The same with all of them; none is left then. */
void work_stop_all(int err);
#endif
