#ifndef PROTO_EFUSE_PLAN_H
#define PROTO_EFUSE_PLAN_H
/*
 * plan - from what a chip holds and what is wanted to which bits are burned in
 * which order, before anything is.  What is not legal is refused here: nothing
 * is burned of a plan with an error.
 *
 * Order: the highest block first, BLOCK0 last and in two steps, so that what
 * protects, or shuts us out, is burned when all else was seen to be right.
 *
 * The same wishes planned again after a burn that was cut short lead to what is
 * left of it: what is set already is not burned again.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/why.h"
#include "proto/efuse/state.h"
#include "proto/efuse/wish.h"

enum { EFUSE_STEPS_MAX = EFUSE_BLOCKS + 1 };

/* One burn of one block. */
struct efuse_step {
	unsigned	block;
	bool		late;		/* second step of BLOCK0 */
	bool		repair;		/* the same bits once more */
	uint32_t	want[EFUSE_WORDS];	/* bits to be set, decoded */
	uint32_t	burn[EFUSE_BURN_WORDS];	/* what goes into registers */
	size_t		burn_words;
};

struct efuse_plan;

/* `postpone`: BLOCK0 in two steps.  The state is copied, its user table is
 * borrowed.  NULL: no memory. */
struct efuse_plan *efuse_plan_new(const struct efuse_state *, bool postpone);
/* Wipes what it knew. */
void efuse_plan_free(struct efuse_plan *);

/*
 * Can it be a wish for that chip: a name, a value, a length that fit?  What can
 * be said before anything of a command is done; efuse_plan_add() asks it too.
 * ERR_PARAMS, ERR_UNSUPPORTED.
 */
int efuse_wish_check(struct efuse_state *, const struct efuse_wish *,
    struct why *);

/*
 * Bytes for a key block given as the value of a field become the data of the
 * wish, so that they travel as a descriptor like those of other keys.  Others
 * are left as they are.
 */
int efuse_wish_seal(struct efuse_state *, struct efuse_wish *, struct why *);

/*
 * Add one wish; it is copied.  ERR_PARAMS (a name or value that cannot be),
 * ERR_SECURITY (the fuses forbid it: protected, would clear a bit, written once
 * already, ...), ERR_CONFLICT (against another wish), with a sentence.  A plan
 * that refused a wish is good for nothing any more.
 */
int efuse_plan_add(struct efuse_plan *, const struct efuse_wish *,
    struct why *);
/* After the last wish of a command: what a command does and checks as a whole;
 * its lines are said here.  Errors as above.  Not needed before a wish of the
 * next command or efuse_plan_finish(), which do it. */
int efuse_plan_command(struct efuse_plan *, struct why *);

/* All wishes are in: compare every block with what it holds, make the steps.
 * ERR_SECURITY, ERR_UNSUPPORTED (the wrong crystal). */
int efuse_plan_finish(struct efuse_plan *, struct why *);

/* 0: there is nothing left to burn. */
size_t efuse_plan_steps(const struct efuse_plan *);
const struct efuse_step *efuse_plan_step(const struct efuse_plan *, size_t i);

/* What the chip should hold when all was burned: also what can no longer be
 * read (as 0), and protected. */
const struct efuse_state *efuse_plan_before(const struct efuse_plan *);
const struct efuse_state *efuse_plan_after(const struct efuse_plan *);

/* Each field that changes, in the order of the table: its value before and
 * after, key bytes as "??" unless the wish says `show`. */
struct efuse_change {
	const struct efuse_field *field;
	char			 before[EFUSE_TEXT_MAX];
	char			 after[EFUSE_TEXT_MAX];
};
void efuse_plan_changes(const struct efuse_plan *,
    void (*tell)(void *arg, const struct efuse_change *), void *arg);

/* What was said while it was made, in esptool's words: lines without '\n',
 * those of efuse_plan_add() and efuse_plan_finish() one after the other. */
size_t efuse_plan_lines(const struct efuse_plan *);
const char *efuse_plan_line(const struct efuse_plan *, size_t i);

/* What esptool says between the last step before the late one and that: "Burn
 * postponed eFuses from BLOCK0." and what of those is burned already. */
size_t efuse_plan_late_lines(const struct efuse_plan *);
const char *efuse_plan_late_line(const struct efuse_plan *, size_t i);

/* What a user should know of the plan besides its changes, in our words: a
 * sentence each ("notes" in JSON), never with key bytes. */
size_t efuse_plan_notes(const struct efuse_plan *);
const char *efuse_plan_note(const struct efuse_plan *, size_t i);

/* Which blocks a wish of the plan puts a secret into: traces must not show
 * them.  Bit n is block n. */
uint32_t efuse_plan_secrets(const struct efuse_plan *);

/*
 * How a step came out, from what was read before and after it: 0, with a line
 * in esptool's words ("BURN BLOCK4  - OK (write block == read block)"), or
 * ERR_VERIFY with a sentence.
 */
int efuse_step_outcome(const struct efuse_step *, const struct efuse_state *before,
    const struct efuse_state *after, char line[EFUSE_TEXT_MAX], struct why *);
/* Are all its bits set, and is the block without errors?  false: try again. */
bool efuse_step_done(const struct efuse_step *, const struct efuse_state *);

/* After the last step: do all fields hold what the wishes of that command
 * said?  ERR_VERIFY.  Lines as above are added ("Checking eFuses...", "Custom
 * MAC Address: ...", "Successful."). */
int efuse_plan_confirm(struct efuse_plan *, const struct efuse_state *after,
    unsigned command, struct why *);
#endif
