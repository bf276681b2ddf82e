#ifndef STUBS_BATCH_H
#define STUBS_BATCH_H
/*
 * batch - EXT_BATCH: a row of steps in one command (enum ext_step).
 */
#include "stubs/state.h"

/* Carry out the steps, `len` bytes. */
void batch_run(struct stub *, const uint32_t *, uint32_t len);
#endif
