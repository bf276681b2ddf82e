#ifndef STUBS_WRITER_H
#define STUBS_WRITER_H
/*
 * writer - a range of flash that is erased ahead of the data, and the data:
 * inflated or as they are.  Functions return an enum status.
 */
#include "stubs/state.h"

/* Open a write of `len` bytes at `addr`; one that is open is forgotten. */
uint8_t writer_begin(struct stub *, enum writing, uint32_t len, uint32_t addr);
void writer_close(struct stub *);

/* The next data.  What is not 0 stands for everything that follows. */
uint8_t writer_take(struct stub *, const uint8_t *, uint32_t len);

/* Is all in flash? */
uint8_t writer_end(struct stub *);

/* With nothing else to do: start to erase what will be needed, if the flash is
 * free.  True when there was something to do. */
bool writer_ahead(struct stub *);

/* Erase whole sectors, and wait. */
uint8_t writer_erase(struct stub *, uint32_t addr, uint32_t len);
#endif
