#ifndef DAEMON_LINK_FUSES_H
#define DAEMON_LINK_FUSES_H
/*
 * fuses - the conversation with a chip's eFuse controller: reading its
 * registers, and burning one step of a plan.  No stub is loaded for it.
 *
 * A burn is: timing for the crystal, empty registers, what is to be burned, the
 * command, empty registers again (nobody finds a key there), and the command to
 * read, whose errors are looked at five times; up to three tries.  Order and
 * numbers: Technical Reference Manuals, chapter "eFuse Controller"; esptool 5.3,
 * espefuse/efuse/<chip>/fields.py.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/efuse/plan.h"
#include "proto/efuse/state.h"
#include "proto/efuse/user.h"
#include "proto/efuse/wish.h"

struct link;

enum {
	FUSES_TRIES	= 3,	/* of one step */
	FUSES_READS	= 5,	/* after each try */
};

/* What a job on fuses asks for; it outlives the link. */
struct fuses_order {
	const char *const	*names;		/* fields to tell; count 0: all */
	size_t			 name_count;
	const struct efuse_wish	*wishes;
	size_t			 wish_count;
	bool			 fresh;		/* what is read, read anew */
	bool			 postpone;	/* BLOCK0 in two steps */
	const char		*table;		/* user's fields as CSV; or NULL */
	size_t			 table_len;
	const char		*table_name;	/* of its file */
	/* Burn only a chip with this MAC that still holds this. */
	bool			 bound;
	uint8_t			 mac[6];
	struct efuse_raw	 raw;
};

/* How a step of the plan came out. */
struct fuses_outcome {
	const struct efuse_step	*step;
	unsigned		 tries;
	char			 text[EFUSE_TEXT_MAX];	/* in esptool's words */
};

struct link_fuses {
	const struct fuses_order *order;	/* NULL: nothing special */
	struct efuse_user	 user;		/* fields of its table */
	struct efuse_state	 state;		/* as read last */
	struct efuse_plan	*plan;		/* NULL: none was made */
	struct fuses_outcome	 done[EFUSE_STEPS_MAX];
	size_t			 done_count;
	/* Between the first step and the last: must not be stopped. */
	bool			 burning;
	/* Something was burned, or may have been. */
	bool			 burned;
	/* The chip cannot be read any more, as planned: the sentence. */
	char			 lost[WHY_MAX];
};

void fuses_done(struct link *);		/* frees what the phases made */

/* Read all that counts into l->fuses.state.  ERR_UNSUPPORTED for a chip whose
 * fuses are not known; errors of rom.h with a sentence. */
int fuses_read(struct link *);

/* The same, of BLOCK0 and these blocks (1 << block) alone: all others are 0 in
 * l->fuses.state, and no errors are told. */
int fuses_read_blocks(struct link *, uint32_t blocks);

/* Have the controller read its fuses anew: registers may be older than what a
 * program, or a burn that was cut, has burned. */
int fuses_latch(struct link *);

/* Is there a timing for this chip's crystal?  ERR_UNSUPPORTED. */
int fuses_check_timing(struct link *);

/*
 * Burn one step and read it back; l->fuses.state is then what the chip holds.
 * ERR_VERIFY: it did not take, or the controller stays busy; errors of rom.h.
 * *sent is set once the burn command may have reached the chip.
 */
int fuses_burn(struct link *, const struct efuse_step *, struct fuses_outcome *,
    bool *sent);

/* Do both hold the same bits in all blocks? */
bool fuses_same(const struct efuse_chip *, const struct efuse_raw *,
    const struct efuse_raw *);
#endif
