#ifndef STUBS_EXTENDED_H
#define STUBS_EXTENDED_H
/*
 * extended - the protocol of our own (proto/serial/ext.h).
 */
#include "stubs/state.h"

/* Does the CRC of the request in s->frame fit, whose data has `len` bytes? */
bool extended_intact(struct stub *, uint32_t len);

/* Carry it out, and answer it. */
void extended_run(struct stub *, uint8_t op, uint32_t len);

/* Something came that is damaged: while a stream is open the block that is
 * expected next is asked for. */
void extended_damaged(struct stub *);
#endif
