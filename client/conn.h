#ifndef CLIENT_CONN_H
#define CLIENT_CONN_H
/*
 * conn - the client's end of the socket: calls that block until they are
 * answered, and events that come in between.
 *
 * ERR_DAEMON: the daemon is gone, silent, or not one of ours.  Errors that the
 * daemon answers come back as they are, with its sentence.
 */
#include <stdbool.h>
#include <stddef.h>

#include "proto/base/why.h"
#include "proto/rpc/frame.h"

struct json_object;

enum {
	CONN_ANSWER_MS	= 60000,	/* every call but a wait ends by then */
	CONN_FDS_MAX	= 253,		/* SCM_MAX_FD of Linux */
};

struct conn {
	int			 fd;		/* -1: closed */
	int			 last_id;
	struct frame		 frame;
	struct json_object	*events;	/* array: came during a call */
	struct json_object	*hello;		/* params of the greeting */
};

void conn_init(struct conn *);
void conn_done(struct conn *);

/* Take over a connected socket and read the greeting.  1: the other end hung
 * up before it said anything (a daemon that was just leaving); the connection
 * is closed then, and another try may help. */
int conn_open(struct conn *, int fd, struct why *);

/* Call and wait for the answer.  `params` is taken over and may be NULL; the
 * descriptors stay the caller's.  *result is the caller's. */
int conn_call(struct conn *, const char *method, struct json_object *params,
    const int *fds, size_t fd_count, struct json_object **result,
    struct why *);

/* Send a request whose answer nobody waits for. */
int conn_post(struct conn *, const char *method, struct json_object *params,
    struct why *);

/*
 * Wait for an event, at most `timeout_ms` (-1: for ever), or until `other_fd`
 * (-1: none) can be read.  1: *event is the caller's; 0: nothing came, or
 * other_fd is ready.
 */
int conn_event(struct conn *, int other_fd, int timeout_ms,
    struct json_object **event, struct why *);
#endif
