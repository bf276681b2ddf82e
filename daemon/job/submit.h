#ifndef DAEMON_JOB_SUBMIT_H
#define DAEMON_JOB_SUBMIT_H
/*
 * submit - from checked parameters to queued jobs: one per port, all of them
 * or none; or the one that needs no port.
 */
#include "daemon/job/job.h"

struct conf;
struct method;

/*
 * Find the ports, check everything that can be checked without touching a
 * chip, and queue one job per port.  On success *answer is {"jobs": [...]}.
 * Returns ERR_PORT_UNKNOWN, ERR_PARAMS, ERR_LIMIT, ERR_NOMEM or an error of
 * the images (daemon/job/input.h), with a sentence; nothing is queued then.
 */
int submit(const struct method *, struct json_object *params,
    struct input_fds *, const struct peer *, const struct conf *,
    struct json_object **answer, struct why *);
#endif
