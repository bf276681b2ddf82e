#ifndef STUBS_READER_H
#define STUBS_READER_H
/*
 * reader - flash, or its digests, sent part by part as the host acknowledges.
 */
#include "stubs/state.h"

/* READ_FLASH: frames of `part` bytes, at last an MD5.  EXT_READ.  What is wrong
 * with them is kept in s->error. */
void reader_begin(struct stub *, enum reading, uint32_t addr, uint32_t len,
    uint32_t part, uint32_t window);
void reader_close(struct stub *);

/* So many bytes have arrived; again: send from there once more. */
void reader_acked(struct stub *, uint32_t bytes, bool again);

/* Send the next part if it is its time.  True when it was. */
bool reader_more(struct stub *);
#endif
