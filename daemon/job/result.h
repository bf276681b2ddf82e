#ifndef DAEMON_JOB_RESULT_H
#define DAEMON_JOB_RESULT_H
/*
 * result - what a job that was done answers: the chip and the line, as every
 * job does, and what its kind of job adds.
 */
struct job;
struct json_object;
struct link;

/* What is known of chip and line once the chip is identified; the caller's. */
struct json_object *result_found(const struct job *, const struct link *);

/* The result of a job whose link has ended well; the caller's. */
struct json_object *result_json(const struct job *, const struct link *);
#endif
