#ifndef DAEMON_RPC_METHODS_H
#define DAEMON_RPC_METHODS_H
/*
 * methods - from the name of a method to what it does.  What a method takes
 * and answers stands in proto/rpc/method.c.
 */
#include "daemon/job/input.h"
#include "daemon/rpc/conn.h"
#include "proto/rpc/rpc.h"

enum { METHODS_LATER = 1 };	/* answered by conn_wait() */

/* Check the parameters and do it.  0 with *result, METHODS_LATER, or an error
 * with its sentence. */
int methods_call(struct conn *, const struct rpc_request *,
    struct input_fds *, struct json_object **result, struct why *);

/* What session.hello answers and a new client is greeted with. */
struct json_object *methods_hello(const struct conf *);

/* Call once at the start: the daemon's uptime counts from here. */
void methods_init(void);

/* Every METHOD_JOB has an op and every other method a function; the name of
 * one that has not, or NULL.  For a test. */
const char *methods_missing(void);
#endif
