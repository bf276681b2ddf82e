#ifndef DAEMON_BASE_LOOP_H
#define DAEMON_BASE_LOOP_H
/*
 * loop - the one event loop of the process: descriptors, timers, calls put
 * off to a later turn.  A thin cover over libevent.
 */
#include <stdbool.h>
#include <stdint.h>

struct event_base;

/* Make the loop; once, first.  ERR_NOMEM. */
int loop_init(void);
void loop_done(void);

/* Run until loop_stop().  Then 0. */
int loop_run(void);
void loop_stop(void);

/* For modules that may use libevent directly (daemon/port, wire, rpc). */
struct event_base *loop_base(void);

/* Milliseconds of the monotonic clock. */
uint64_t loop_now(void);

/*
 * A timer or deferred call: embedded by its owner.  loop_timer_set() calls
 * fn(arg) once after `ms` (0: in the next turn of the loop), replacing an
 * earlier setting.  loop_timer_clear() is safe on a zeroed or unset timer and
 * frees what set() made; call it before the owner goes.
 */
struct loop_timer {
	struct event	*event;
	void		(*fn)(void *arg);
	void		*arg;
};
int loop_timer_set(struct loop_timer *, unsigned ms, void (*fn)(void *),
    void *arg);
void loop_timer_clear(struct loop_timer *);

/* Take the call back but keep the timer's memory for the next set(). */
void loop_timer_stop(struct loop_timer *);

/*
 * A descriptor that is watched: embedded by its owner.  After loop_fd_set()
 * fn(arg) is called whenever it can be read or its other end is closed, until
 * loop_fd_clear(), which is safe on a zeroed one and leaves the descriptor
 * open.  ERR_NOMEM.
 */
struct loop_fd {
	struct event	*event;
	void		(*fn)(void *arg);
	void		*arg;
};
int loop_fd_set(struct loop_fd *, int fd, void (*fn)(void *), void *arg);
void loop_fd_clear(struct loop_fd *);

/* Call fn(arg) when one of SIGTERM, SIGINT, SIGHUP arrives. */
int loop_on_signal(int signum, void (*fn)(void *arg), void *arg);
#endif
