#ifndef PROTO_EFUSE_PLAN_IMPL_H
#define PROTO_EFUSE_PLAN_IMPL_H
/*
 * plan_impl - what the files of plan share; for this folder only.
 *
 * A plan collects in `want` which bits are to be set, block by block, as the
 * reference does: a field says first what of it is set already, a block is
 * compared as a whole at the end.
 */
#include "proto/efuse/plan.h"

/* Lines of text that grow; a line that found no memory is told by `lost`. */
struct plan_text {
	char	**lines;
	size_t	  count;
	bool	  lost;
};

/* The value of a field as the user wrote it. */
struct plan_value {
	uint32_t number;			/* EFUSE_UINT, EFUSE_BOOL */
	uint8_t	 bytes[EFUSE_BLOCK_BYTES];	/* as bits, lowest first */
};

/* What efuse_plan_confirm() looks for. */
struct plan_check {
	const struct efuse_field *field;
	enum efuse_wish_kind	  kind;
	unsigned		  command;
	uint8_t			  bits[EFUSE_BLOCK_BYTES];
};

enum { PLAN_CHECKS_MAX = EFUSE_WISHES_MAX };

struct efuse_plan {
	struct efuse_state	 before;
	struct efuse_state	 after;
	struct efuse_state	 full;	/* after, with what becomes unreadable */
	bool			 postpone;
	bool			 finished;
	int			 failed;	/* the error that ended it */

	struct efuse_wish	 wishes[EFUSE_WISHES_MAX];
	size_t			 count;
	size_t			 done;		/* of them are in `want` */
	uint32_t		 want[EFUSE_BLOCKS][EFUSE_WORDS];
	/* Bits of fields that are wanted as they are here, and no other way. */
	uint32_t		 claimed[EFUSE_BLOCKS][EFUSE_WORDS];
	uint32_t		 claims[EFUSE_BLOCKS][EFUSE_WORDS];
	/* Bits that no wish may set: what another says would be untrue. */
	uint32_t		 untouched[EFUSE_BLOCKS][EFUSE_WORDS];
	uint32_t		 secrets;	/* blocks: efuse_plan_secrets() */
	uint32_t		 hidden;	/* blocks no line may tell of */
	uint32_t		 shown;		/* ... --show-sensitive-info */
	uint32_t		 always;	/* blocks: --force-write-always */
	bool			 force;		/* incompatible settings */
	bool			 repair;
	bool			 burns;		/* a wish other than repair */

	struct efuse_step	 steps[EFUSE_STEPS_MAX];
	size_t			 step_count;
	struct plan_check	 checks[PLAN_CHECKS_MAX];
	size_t			 check_count;
	struct plan_text	 lines, late, notes;
};

void plan_text_add(struct plan_text *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void plan_text_done(struct plan_text *);
#define plan_say(p, ...)	plan_text_add(&(p)->lines, __VA_ARGS__)
#define plan_note(p, ...)	plan_text_add(&(p)->notes, __VA_ARGS__)

/* Wishes are copied, with their strings.  ERR_NOMEM. */
int plan_wish_copy(struct efuse_wish *, const struct efuse_wish *);

/* Bits of words, from `bit` on; the rest of the last byte is 0. */
void plan_bits_get(const uint32_t *words, size_t bit, size_t count,
    uint8_t out[EFUSE_BLOCK_BYTES]);
void plan_bits_or(uint32_t *words, size_t bit, size_t count,
    const uint8_t *bits);
void plan_bits_of_number(uint32_t number, uint8_t out[EFUSE_BLOCK_BYTES]);
bool plan_any(const void *, size_t len);

/* A field by name, without making one appear that is not there. */
const struct efuse_field *plan_field(const struct efuse_plan *,
    const char *name);
/* The i-th word of `list`; false: there are not so many. */
bool plan_word_at(const char *list, size_t i, char out[EFUSE_NAME_MAX]);

/* ... as efuse_wish_check(), with the value. */
int plan_value(struct efuse_state *, const struct efuse_field *,
    const char *text, struct plan_value *, struct why *);
int plan_wish_value(struct efuse_state *, const struct efuse_field *,
    const struct efuse_wish *, struct plan_value *, struct why *);
/* Does the number fit into the field?  Else the reference says a line first. */
int plan_value_fits(struct efuse_plan *, const struct efuse_field *,
    const struct plan_value *, struct why *);
void plan_value_bits(const struct efuse_field *, const struct plan_value *,
    uint8_t out[EFUSE_BLOCK_BYTES]);

/*
 * An objection that --force-write-always overrules: a line then, else
 * ERR_SECURITY.  `text` is as the reference prints it: a tab before each line.
 */
int plan_object(struct efuse_plan *, const struct efuse_wish *, bool always,
    struct why *, const char *text);
/* Is the name (of a field or block) protected from reading or writing? */
int plan_protected(struct efuse_plan *, const char *name, bool readable,
    bool writable, const struct efuse_wish *, bool always, struct why *);

/* Want these bits of a field to be set; what is set already is said and left
 * out.  plan_set_number() of a field by name, which the chip has. */
int plan_set(struct efuse_plan *, const struct efuse_field *,
    const uint8_t bits[EFUSE_BLOCK_BYTES], const struct efuse_wish *,
    struct why *);
int plan_set_number(struct efuse_plan *, const char *name, uint32_t value,
    const struct efuse_wish *, struct why *);
/* No wish may set other bits of the field than these. */
void plan_keep(struct efuse_plan *, const struct efuse_field *,
    uint32_t value);
void plan_keep_purpose(struct efuse_plan *, const struct efuse_field *,
    unsigned value);
/* With what goes with it: a key's purpose, a number in parts, a MAC. */
int plan_set_value(struct efuse_plan *, const struct efuse_field *,
    const struct plan_value *, const struct efuse_wish *, struct why *);
int plan_set_purpose(struct efuse_plan *, const struct efuse_field *,
    unsigned value, const struct efuse_wish *, struct why *);
/* Protect from reading, from writing. */
int plan_hide(struct efuse_plan *, const struct efuse_field *,
    const struct efuse_wish *, struct why *);
int plan_lock(struct efuse_plan *, const struct efuse_field *,
    const struct efuse_wish *, struct why *);

/* What a key is for: a raw value, as read; with what is wanted by now. */
unsigned plan_purpose(const struct efuse_plan *, const struct efuse_field *,
    bool wanted);

/* Can it be read: not hidden itself, nor with the whole of its block (fields of
 * the ESP32-S31's BLOCK9 have no bit of their own)? */
bool plan_readable(const struct efuse_state *, const struct efuse_field *);
/* The bits of a field of up to 32 bits, with what is wanted by now; 0 when there
 * is none of that name. */
uint32_t plan_number(const struct efuse_plan *, const char *name);

/* One command's wishes, all of one kind. */
int plan_fields(struct efuse_plan *, const struct efuse_wish *, size_t count,
    struct why *);
int plan_block_bits(struct efuse_plan *, const struct efuse_wish *,
    struct why *);
int plan_block_data(struct efuse_plan *, const struct efuse_wish *,
    struct why *);
int plan_keys(struct efuse_plan *, const struct efuse_wish *, size_t count,
    struct why *);
int plan_keys_esp32(struct efuse_plan *, const struct efuse_wish *,
    size_t count, struct why *);
int plan_keys_one(struct efuse_plan *, const struct efuse_wish *, size_t count,
    struct why *);
int plan_mac(struct efuse_plan *, const struct efuse_wish *, struct why *);
int plan_voltage(struct efuse_plan *, const struct efuse_wish *, struct why *);
int plan_read_protect(struct efuse_plan *, const struct efuse_wish *,
    struct why *);
int plan_write_protect(struct efuse_plan *, const struct efuse_wish *,
    struct why *);
/* Two settings that must not be together: said, true. */
bool plan_incompatible(struct efuse_plan *);

/* " - BLOCK_KEY0 -> [?? ??]", and that a wish puts a key into the block. */
void plan_key_line(struct efuse_plan *, const struct efuse_field *,
    const uint8_t *data, size_t len, const struct efuse_wish *);
int plan_key_length(size_t len, size_t want, struct why *);

/* Remember what efuse_plan_confirm() has to look for. */
void plan_remember(struct efuse_plan *, enum efuse_wish_kind, unsigned command,
    const struct efuse_field *, const uint8_t *bits);

/* What the fuses will be after the steps: fills `after` and `full`. */
int plan_predict(struct efuse_plan *, struct why *);
#endif
