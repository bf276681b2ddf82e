#ifndef DAEMON_PORT_KNOWN_H
#define DAEMON_PORT_KNOWN_H
/*
 * known - what the daemon remembers of the boards it has met, and the labels
 * that users gave.  Kept in one JSON file, replaced as a whole a moment after
 * a change and at the end; a file that cannot be read is said and put aside,
 * never overwritten.
 *
 * The key of a board is port_identity().  Labels are compared without regard to
 * case.
 */
#include <stddef.h>
#include <stdint.h>

#include "proto/base/why.h"

struct known {
	char	identity[320];
	char	chip[16];	/* "esp32c3"; "" unknown */
	char	mac[18];	/* "aa:bb:cc:dd:ee:ff"; "" unknown */
	char	recipe[24];	/* reset_name() of what worked; "" unknown */
};

enum {
	KNOWN_MAX	= 4096,	/* boards; the one not seen longest is forgotten */
	KNOWN_LABELS_MAX = 1024,
	KNOWN_LABEL_MAX	= 48,	/* bytes of a label with its NUL */
};

/* Read the file; it need not exist.  Without a call nothing is kept.  A file
 * that makes no sense is renamed to *.bad and logged.  ERR_IO, ERR_NOMEM. */
int known_open(const char *path, struct why *);
/* Write what is not yet written, forget all. */
void known_close(void);

/* NULL when nothing is known.  Valid until the next call of this module. */
const struct known *known_find(const char *identity);

/* NULL or "" leaves that member as it was. */
void known_set(const char *identity, const char *chip, const char *mac,
    const char *recipe);

/* Tie a label to a selector; NULL or "" removes it.  ERR_PARAMS: a label is
 * 1 to 47 letters, digits, '-', '_' and '.', and not "all".  ERR_LIMIT. */
int known_set_label(const char *label, const char *selector, struct why *);
/* What it is tied to, or NULL. */
const char *known_label(const char *label);
/* The i-th label, NULL after the last. */
const char *known_label_at(size_t i, const char **selector);
#endif
