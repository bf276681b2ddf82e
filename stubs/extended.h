#ifndef STUBS_EXTENDED_H
#define STUBS_EXTENDED_H
/*
 * extended - the protocol of our own (proto/serial/ext.h).
 */
#include "stubs/state.h"

/* Is the request in s->frame, whose data has `len` bytes, as it was sent? */
bool extended_intact(struct stub *, uint32_t len);

/* Something came that is damaged: while a stream is open the block that is
 * expected next is asked for. */
void extended_damaged(struct stub *);

/* The requests, by the words of their data, each after the check of its length
 * (but of EXT_BLOCK). */
void extended_info(struct stub *, const uint32_t *, uint32_t len);
void extended_counters(struct stub *, const uint32_t *, uint32_t len);
void extended_write(struct stub *, const uint32_t *, uint32_t len);
void extended_block(struct stub *, const uint32_t *, uint32_t len);
void extended_end(struct stub *, const uint32_t *, uint32_t len);
void extended_read(struct stub *, const uint32_t *, uint32_t len);
void extended_acked(struct stub *, const uint32_t *, uint32_t len);
#endif
