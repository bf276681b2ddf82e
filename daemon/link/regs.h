#ifndef DAEMON_LINK_REGS_H
#define DAEMON_LINK_REGS_H
/*
 * regs - register steps (proto/chip) carried out over a link.  All return the
 * errors of rom.h.
 */
#include <stddef.h>
#include <stdint.h>

#include "proto/chip/chip.h"

struct rom;

/* Read `count` words from `addr` on into `out`, in the chip's order of bytes;
 * *done were read, also after a failure.  Our own stub reads many at once. */
int regs_read(struct rom *, uint32_t addr, uint8_t *out, size_t count,
    size_t *done);

/* Do all steps of a list that an address 0 ends. */
int regs_apply(struct rom *, const struct chip_regop *list);

/* Keep the watchdogs from restarting the chip. */
int regs_wdt_off(struct rom *, const struct chip_rtc_wdt *);

/* Let the watchdog restart the chip and wait until it has, half a second.
 * Nothing answers afterwards; a port inside the chip goes away, which is no
 * error. */
int regs_wdt_reset(struct rom *, const struct chip_rtc_wdt *);
#endif
