#ifndef CLIENT_FOLLOW_H
#define CLIENT_FOLLOW_H
/*
 * follow - watch jobs until all of them have ended, with live progress.
 *
 * follow_begin() comes before the jobs are submitted, so that no event is
 * missed; then follow_add() each job; then follow_run().
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/why.h"

struct client;
struct json_object;

/* One job as far as we have heard. */
struct board {
	int64_t			 job;
	char			*port;
	char			*method;
	char			 state[16];
	char			 phase[24];
	char			 spoken[24];	/* the last that esptool's
						 * words told of */
	char			 waits[80];	/* for whom, while queued */
	int64_t			 done, total;	/* bytes of the phase */
	int64_t			 rate_ms;	/* when `rate_done` were done */
	int64_t			 rate_done;
	int64_t			 started_ms;	/* of the job, as seen here */
	int64_t			 phase_ms;	/* when the phase began */
	int64_t			 work_ms;	/* that reading, dumping or
						 * erasing took; 0: not seen */
	bool			 ended;
	bool			 worked;	/* came further than who it is */
	bool			 told;		/* why it failed was shown */
	struct why		 why;		/* err 0: it succeeded */
	struct json_object	*found;		/* of the chip; or NULL */
	struct json_object	*object;	/* when ended; or NULL */
};

struct follow {
	struct client	*client;
	struct board	*boards;
	size_t		 count;
	size_t		 left;		/* not ended yet */
	int		 signals;	/* signalfd of Ctrl-C */
	bool		 own;		/* Ctrl-C cancels the jobs */
	bool		 search;	/* a port that does not answer is passed
					 * over, and its failure not told */
	bool		 hold;		/* so is the failure of a verify */
	bool		 alone;		/* a job without a board: nothing of it
					 * is told but its notes */
	bool		 cancelled;	/* it has been pressed */
	bool		 left_alone;	/* jobs go on without us */
	int64_t		 drawn_ms;
	bool		 dirty;
};

/* Ask for events and catch Ctrl-C from now on.  0 or an enum err. */
int follow_begin(struct follow *, struct client *, bool own);
void follow_done(struct follow *);

/* Follow this job too; asks the daemon how it stands. */
int follow_add(struct follow *, int64_t job);

/* Until all have ended or are left alone.  Returns 0; ERR_DAEMON when the
 * daemon went away (the boards it left carry that, too). */
int follow_run(struct follow *);

/* Searching: is that board passed over? */
bool follow_passes(const struct follow *, const struct board *);

/* Show why a board failed, once. */
void follow_tell(struct follow *, struct board *);

/* 0 when all succeeded, the common error, or ERR_GROUP. */
int follow_outcome(const struct follow *);
#endif
