#ifndef PROTO_BASE_WHY_H
#define PROTO_BASE_WHY_H
/*
 * why - the sentence a user reads when something failed, made where the facts
 * are known and carried upwards beside the error code.
 *
 * A sentence says what, where, and what to do next; no final newline.
 */
enum { WHY_MAX = 512 };		/* bytes, with the final NUL; longer is cut */

struct why {
	int	err;		/* enum err; 0: nothing failed */
	char	text[WHY_MAX];
};

/* Record `err` with its sentence and return `err`, so that a failure is one
 * expression: return why_set(why, ERR_ALIGN, "...", ...).  The first reason
 * stands: a later one does not replace it.  `why` may be NULL. */
int why_set(struct why *why, int err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Forget what was recorded. */
void why_clear(struct why *why);

/* The sentence: the recorded text, or the table's when there is none. */
const char *why_text(const struct why *why);
#endif
