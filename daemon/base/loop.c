#include "daemon/base/loop.h"

#include <assert.h>
#include <signal.h>
#include <time.h>

#include <event2/event.h>

#include "proto/base/err.h"

enum { LOOP_SIGNALS = 8 };

struct loop_signal {
	struct event	*event;
	void		(*fn)(void *arg);
	void		*arg;
};

static struct event_base	*loop;
static struct loop_signal	 loop_signals[LOOP_SIGNALS];

int
loop_init(void)
{
	struct event_config	*config;

	assert(loop == NULL);
	if ((config = event_config_new()) == NULL)
		return ERR_NOMEM;
	/* Without this a timer set late in a long callback counts from the
	 * time the callback began: resets would be too short. */
	(void)event_config_set_flag(config, EVENT_BASE_FLAG_NO_CACHE_TIME);
	loop = event_base_new_with_config(config);
	event_config_free(config);
	return loop == NULL ? ERR_NOMEM : 0;
}

void
loop_done(void)
{
	if (loop == NULL)
		return;
	for (size_t i = 0; i < LOOP_SIGNALS; i++) {
		if (loop_signals[i].event != NULL)
			event_free(loop_signals[i].event);
		loop_signals[i] = (struct loop_signal){ 0 };
	}
	event_base_free(loop);
	loop = NULL;
}

int
loop_run(void)
{
	if (event_base_loop(loop, EVLOOP_NO_EXIT_ON_EMPTY) < 0)
		return ERR_INTERNAL;
	return 0;
}

void
loop_stop(void)
{
	(void)event_base_loopbreak(loop);	/* cannot fail on a loop */
}

struct event_base *
loop_base(void)
{
	return loop;
}

uint64_t
loop_now(void)
{
	struct timespec	ts;

	/* CLOCK_MONOTONIC always exists on Linux. */
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void
loop_timer_fire(evutil_socket_t fd, short what, void *arg)
{
	struct loop_timer	*t = arg;

	(void)fd;
	(void)what;
	t->fn(t->arg);		/* may clear or free the timer */
}

int
loop_timer_set(struct loop_timer *t, unsigned ms, void (*fn)(void *), void *arg)
{
	struct timeval	tv = { ms / 1000, (ms % 1000) * 1000 };

	if (t->event == NULL)
		t->event = event_new(loop, -1, 0, loop_timer_fire, t);
	if (t->event == NULL)
		return ERR_NOMEM;
	t->fn = fn;
	t->arg = arg;
	return event_add(t->event, &tv) < 0 ? ERR_NOMEM : 0;
}

void
loop_timer_stop(struct loop_timer *t)
{
	if (t->event != NULL)
		(void)event_del(t->event);	/* cannot fail on a made one */
}

void
loop_timer_clear(struct loop_timer *t)
{
	if (t->event != NULL)
		event_free(t->event);
	t->event = NULL;
}

static void
loop_fd_fire(evutil_socket_t fd, short what, void *arg)
{
	struct loop_fd	*f = arg;

	(void)fd;
	(void)what;
	f->fn(f->arg);		/* may clear or free it */
}

int
loop_fd_set(struct loop_fd *f, int fd, void (*fn)(void *), void *arg)
{
	f->fn = fn;
	f->arg = arg;
	f->event = event_new(loop, fd, EV_READ | EV_PERSIST, loop_fd_fire, f);
	if (f->event == NULL)
		return ERR_NOMEM;
	return event_add(f->event, NULL) < 0 ? ERR_NOMEM : 0;
}

void
loop_fd_clear(struct loop_fd *f)
{
	if (f->event != NULL)
		event_free(f->event);
	f->event = NULL;
}

static void
loop_signal_fire(evutil_socket_t signum, short what, void *arg)
{
	struct loop_signal	*s = arg;

	(void)signum;
	(void)what;
	s->fn(s->arg);
}

int
loop_on_signal(int signum, void (*fn)(void *), void *arg)
{
	const struct sigaction	 ignore = { .sa_handler = SIG_IGN };
	struct loop_signal	*s = loop_signals;

	while (s->event != NULL)
		if (++s == loop_signals + LOOP_SIGNALS)
			return ERR_LIMIT;
	s->fn = fn;
	s->arg = arg;
	/* What libevent restores at the end: one more signal then, while the
	 * program leaves in order, must not kill it. */
	(void)sigaction(signum, &ignore, NULL);
	s->event = evsignal_new(loop, signum, loop_signal_fire, s);
	if (s->event == NULL)
		return ERR_NOMEM;
	return event_add(s->event, NULL) < 0 ? ERR_NOMEM : 0;
}
