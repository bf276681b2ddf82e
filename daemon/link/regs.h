#ifndef DAEMON_LINK_REGS_H
#define DAEMON_LINK_REGS_H
/*
 * regs - lists of register steps (proto/chip) carried out over a link.
 */
#include <stddef.h>

#include "proto/chip/chip.h"

struct rom;

/* Do all steps of a list that an address 0 ends.  Errors of rom.h. */
int regs_apply(struct rom *, const struct chip_regop *list);
#endif
