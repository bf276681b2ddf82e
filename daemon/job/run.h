#ifndef DAEMON_JOB_RUN_H
#define DAEMON_JOB_RUN_H
/*
 * run - one attempt at a job over its open port: the wire, the link with its
 * packet buffers, and the fiber that the conversation runs in.  A job whose
 * board goes away and comes back has several, one after the other.
 */
#include <stdbool.h>
#include <stdint.h>

#include "daemon/job/job.h"
#include "daemon/link/link.h"

struct conf;
struct run;

/* What one attempt tells the next. */
struct run_past {
	unsigned		 losses;	/* times the board went away */
	const struct phase	*lost_in;	/* the last time */
	bool			 has_mac;	/* of the chip it began on */
	uint8_t			 mac[6];
	struct link_resume	 resume;	/* how far it came */
	bool			 final;		/* it must not begin again */
};

/* Check what only an attempt would look at: spi_connection.  0 or ERR_PARAMS
 * with a sentence. */
int run_check_params(struct json_object *params, struct why *);

/* The rate to open the job's port with. */
uint32_t run_first_baud(const struct job *);

/*
 * Start the conversation of `job`, whose port is open.  done(arg) is called
 * from the loop after it has ended; then run_end() and run_free().  NULL when
 * there is no memory.
 */
struct run *run_start(struct job *, const struct conf *,
    const struct run_past *, void (*done)(void *arg), void *arg);

/* Stop with this error: a write after its block, everything else as soon as
 * the chip can be left in order.  What burns eFuses goes on to its end. */
void run_stop(struct run *, int err);
bool run_burns(const struct run *);

/* How it ended: 0 with the job's result set, or the error with its sentence.
 * What was learned of the chip is remembered and goes into `past`. */
int run_end(struct run *, struct run_past *past, struct why *);
void run_free(struct run *);
#endif
