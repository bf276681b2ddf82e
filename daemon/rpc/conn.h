#ifndef DAEMON_RPC_CONN_H
#define DAEMON_RPC_CONN_H
/*
 * conn - one client: lines of JSON-RPC in, answers and events out.
 *
 * Descriptors (SCM_RIGHTS) belong to the request whose line comes with them;
 * those that the request does not use are closed when it is answered.  More
 * input is read only while the client takes its output.
 */
#include <stdbool.h>

#include "daemon/job/job.h"
#include "proto/base/why.h"

struct conf;
struct conn;
struct json_object;
struct rpc_request;

enum {
	CONN_FDS_MAX	= 64,			/* descriptors of one request */
	CONN_OUT_PAUSE	= 256 * 1024,		/* bytes: no more input is read */
	CONN_OUT_MAX	= 16 * 1024 * 1024,	/* bytes: the client is cut off */
	CONN_OUT_LAZY	= 64 * 1024,		/* bytes: progress is left out */
	CONN_WAITS_MAX	= 1024,			/* job.wait calls at once */
};

enum { CONN_LATER = 1 };	/* the request is answered by conn_wait() */

/* Who knows the methods; said once, before the first client comes. */
struct conn_service {
	/* Do what the request asks: 0 with *result, CONN_LATER, or an error
	 * with its sentence. */
	int			(*call)(struct conn *,
				    const struct rpc_request *,
				    struct input_fds *,
				    struct json_object **result, struct why *);
	/* The params of the greeting. */
	struct json_object	*(*hello)(const struct conf *);
};
void conn_serve(const struct conn_service *);

/* Take over an accepted socket.  Refuses (one error line, then close) beyond
 * the limits of `conf`. */
void conn_new(int fd, const struct conf *);

/* Say the last words and close all; called at exit. */
void conn_close_all(void);

unsigned conn_count(void);

/* For the methods. */
const struct peer *conn_peer(const struct conn *);
const struct conf *conn_conf(const struct conn *);

/* Which events a connection gets: `filter` is a checked parameter object of
 * events.subscribe (a reference is taken), NULL: none any more. */
void conn_subscribe(struct conn *, struct json_object *filter);

/* Number of the last event so far. */
uint64_t conn_event_seq(void);

/*
 * Answer request `id` when the job has ended or after timeout_ms (0: never)
 * with the job's object.  ERR_LIMIT.
 */
int conn_wait(struct conn *, struct json_object *id, struct job *,
    unsigned timeout_ms, struct why *);

/* The watcher of all jobs (job_set_watcher). */
void conn_job_event(const struct job *, struct json_object *event);

/* An event about that port, for whom it may concern; takes the event over. */
void conn_port_event(const char *port, struct json_object *event);
#endif
