#ifndef DAEMON_JOB_RESULT_H
#define DAEMON_JOB_RESULT_H
/*
 * result - what a job that was done answers: the chip and the line, as every
 * job does, and what its kind of job adds.
 */
struct job;
struct json_object;
struct link;
struct why;

/* What is known of chip and line once the chip is identified; the caller's. */
struct json_object *result_found(const struct job *, const struct link *);

/* The result of a job whose link has ended well; the caller's.  NULL with a
 * sentence when its kind of job could not finish it. */
struct json_object *result_json(struct job *, const struct link *, struct why *);
#endif
