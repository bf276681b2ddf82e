#ifndef STUBS_WRITER_H
#define STUBS_WRITER_H
/*
 * writer - a range of flash that is erased ahead of the data, and the data:
 * inflated or as they are.  What fails is kept in s->error.
 */
#include "stubs/state.h"

/* Open a write of `len` bytes at `addr`; one that is open is forgotten. */
void writer_begin(struct stub *, enum writing, uint32_t len, uint32_t addr);
void writer_close(struct stub *);

/* The next data.  A deflated stream is worked on in the first of these calls:
 * where it needs more, other requests are served in it (stub_turn()), and the
 * next call brings the data.  Where the answer is owed (s->writer.owed), it is
 * sent when all of the data is worked on. */
void writer_take(struct stub *, const uint8_t *, uint32_t len);

/* Wait until all is in flash; it is a failure if something is missing. */
void writer_end(struct stub *);

/* With nothing else to do: start to erase what will be needed, if the flash is
 * free.  True when there was something to do. */
bool writer_ahead(struct stub *);

/* Erase whole sectors, and wait. */
void writer_erase(struct stub *, uint32_t addr, uint32_t len);
#endif
