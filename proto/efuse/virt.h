#ifndef PROTO_EFUSE_VIRT_H
#define PROTO_EFUSE_VIRT_H
/*
 * virt - a chip that is only a file, as espefuse --virt has it: its registers
 * from the base on as little-endian words, the whole then turned end to end
 * (the last register's highest byte comes first).  0x120 bytes for the ESP32,
 * 0x200 for all others.
 */
#include <stddef.h>
#include <stdint.h>

#include "proto/base/why.h"
#include "proto/efuse/plan.h"
#include "proto/efuse/state.h"

/* A new chip with nothing burned. */
void virt_new(struct efuse_raw *, const struct efuse_chip *);
/* From and into a file's bytes.  ERR_PARAMS: another length. */
int virt_load(struct efuse_raw *, const struct efuse_chip *, const void *,
    size_t len, struct why *);
size_t virt_save(const struct efuse_raw *, uint8_t out[EFUSE_WINDOW]);

/* Burn one step: what the controller does, write protection, read protection
 * and the registers it leaves behind. */
int virt_burn(struct efuse_raw *, const struct efuse_step *, struct why *);
#endif
