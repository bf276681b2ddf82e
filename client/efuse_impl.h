#ifndef CLIENT_EFUSE_IMPL_H
#define CLIENT_EFUSE_IMPL_H
/*
 * efuse_impl - what the files of a run of espefuse share.
 *
 * A run owns its boards, their plans and the wishes; key bytes are wiped when
 * the wishes were planned and sent.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/command.h"
#include "client/efuse.h"
#include "client/efuse_line.h"
#include "proto/base/why.h"
#include "proto/efuse/plan.h"
#include "proto/efuse/state.h"
#include "proto/efuse/user.h"
#include "proto/efuse/wish.h"

struct json_object;

enum { EFUSE_TOKEN_MAX = 64 };		/* bytes of a plan's token */

/* A board, or the virtual chip. */
struct efuse_target {
	char			*port;		/* NULL: virtual */
	struct efuse_raw	 raw;
	struct efuse_state	 state;
	struct efuse_user	 user;
	struct efuse_plan	*plan;		/* NULL: none */
	size_t			 told;		/* lines of the plan */
	char			 token[EFUSE_TOKEN_MAX];
	struct json_object	*result;	/* of its last job */
	struct json_object	*report;	/* for --json */
	struct why		 why;		/* err: it is out of the run */
	bool			 idle;		/* has no part in the next job */
	bool			 lost;		/* cannot be read any more, as
						 * it was planned */
};

struct efuse_run {
	struct client		*client;
	struct efuse_line	 line;
	bool			 as_tool;	/* as espefuse */
	struct command		 command;	/* what the jobs are told by */
	struct efuse_target	*targets;
	size_t			 count;
	struct efuse_target	*at;		/* that a command reads */
	struct efuse_wish	*wishes;
	size_t			 wish_count;
	bool			 batch;		/* burn when all are in */
	bool			 connected;	/* a job has told of the chip */
	bool			 last;		/* after this job chips are left
						 * as --after wants it */
};

/* efuse_target.c: the boards. */

/* Find them and read their fuses.  Those that fail are left out (why), all of
 * them: an enum err. */
int efuse_targets_open(struct efuse_run *);
void efuse_targets_done(struct efuse_run *);
/* Another content of its fuses. */
int efuse_target_take(struct efuse_target *, const struct efuse_raw *,
    struct why *);
/* The next one that is still in the run and not idle; NULL starts and ends. */
struct efuse_target *efuse_target_next(struct efuse_run *,
    struct efuse_target *);
/* It is out of the run: told at once when there are others.  Returns the
 * error. */
int efuse_target_fail(struct efuse_run *, struct efuse_target *,
    const struct why *);
/* 0 while one is left; else what they failed with. */
int efuse_targets_outcome(struct efuse_run *);
/* Keep the virtual chip. */
int efuse_virt_save(struct efuse_run *, struct efuse_target *, struct why *);
/* A heading, when there are several. */
void efuse_heading(struct efuse_run *, struct efuse_target *);

/* efuse_help.c: what --help shows of the run, or of one command. */
int efuse_help(struct efuse_run *);

/* The chip that --chip names; "auto" is an ESP32, as espefuse has it.  NULL with
 * a sentence. */
const struct efuse_chip *efuse_named_chip(struct efuse_run *);

/* efuse_job.c: the daemon. */

/* The same method on every board of the run, side by side.  `make` gives the
 * parameters of one besides the port's, and adds descriptors, which are closed
 * after the call; NULL: none.  Results go to target->result, failures to
 * efuse_target_fail(). */
enum { EFUSE_FDS_MAX = 250 };
struct efuse_call_params {
	struct json_object	*params;
	int			 fds[EFUSE_FDS_MAX];
	size_t			 fd_count;
};
typedef int efuse_make(struct efuse_run *, struct efuse_target *,
    struct efuse_call_params *, struct why *);
int efuse_jobs(struct efuse_run *, const char *method, efuse_make *make);
/* Leave the chips as --after wants it, unless the last job did. */
int efuse_leave(struct efuse_run *);

/* efuse_want.c: commands become wishes. */
void efuse_wishes_done(struct efuse_run *);
int efuse_want_fields(struct efuse_run *, size_t command);
int efuse_want_bits(struct efuse_run *, size_t command);
int efuse_want_data(struct efuse_run *, size_t command);
int efuse_want_key(struct efuse_run *, size_t command);
int efuse_want_digest(struct efuse_run *, size_t command);
int efuse_want_mac(struct efuse_run *, size_t command);
int efuse_want_voltage(struct efuse_run *, size_t command);
int efuse_want_hide(struct efuse_run *, size_t command);
int efuse_want_lock(struct efuse_run *, size_t command);
/* check-error --recovery */
int efuse_want_repair(struct efuse_run *, size_t command);
/* ERR_USAGE with the nearest name. */
int efuse_unknown_field(struct efuse_run *, const char *name);

/* efuse_key.c: keys in files.  The wish gets the bytes to burn. */

/* The private scalar of an ECDSA key in PEM, as the wish wants it. */
int efuse_key_scalar(struct efuse_run *, struct efuse_wish *, const char *path);
/* The digest of a public key in PEM. */
int efuse_key_digest(struct efuse_run *, struct efuse_wish *, const char *path);
/* Read a file whole; of more than `max` bytes *len is max + 1.  Pipes are
 * fine: keys come out of them. */
int efuse_key_read(struct efuse_run *, const char *path, uint8_t *out,
    size_t max, size_t *len);

/* efuse_summary.c, efuse_read.c, efuse_adc.c: commands that show. */
int efuse_read_summary(struct efuse_run *, size_t command);
int efuse_read_dump(struct efuse_run *, size_t command);
int efuse_read_mac(struct efuse_run *, size_t command);
int efuse_read_check(struct efuse_run *, size_t command);
int efuse_read_adc(struct efuse_run *, size_t command);
/* With --debug: the words of all blocks, and what tells of errors. */
void efuse_show_all(struct efuse_run *);
/* The name of a file: one of several boards has the port in it.  The caller
 * frees it; NULL: no memory. */
char *efuse_name_for(const struct efuse_run *, const char *path);
/* A file that is there at once and whole, or not at all.  The errors of
 * file_output_open(). */
int efuse_write_file(const char *path, const void *, size_t len,
    struct why *);
/* Is that the format of the command? */
bool efuse_format_is(const struct efuse_command *, const char *format);

/* efuse_burn.c: plan, question, burn. */

/* Add the wishes of a command to the plans, and say what they say. */
int efuse_burn_plan(struct efuse_run *, size_t command);
/* All is in: show, ask, burn, compare.  `command`: the one whose wishes are
 * looked at afterwards; in a batch none is.  `title` goes before the question. */
int efuse_burn_now(struct efuse_run *, size_t command, const char *title);
#endif
