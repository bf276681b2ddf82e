#ifndef DAEMON_RPC_METHODS_H
#define DAEMON_RPC_METHODS_H
/*
 * methods - from the name of a method to what it does.  What a method takes
 * and answers stands in proto/rpc/method.c.
 */
#include "proto/base/why.h"

struct conn;
struct json_object;

/* What a method gets. */
struct call {
	struct conn		*conn;
	struct json_object	*id;	/* borrowed */
	struct json_object	*params;/* checked */
};

/* Returns 0 with *result, CONN_LATER, or an error with its sentence. */
typedef int method_fn(const struct call *, struct json_object **result,
    struct why *);

/* Begin to serve all methods to the clients of daemon/rpc/conn.h; the daemon's
 * uptime counts from here. */
void methods_init(void);

/* Every METHOD_JOB has an op and every other method a function; the name of
 * one that has not, or NULL.  For a test. */
const char *methods_missing(void);
#endif
