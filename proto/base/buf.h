#ifndef PROTO_BASE_BUF_H
#define PROTO_BASE_BUF_H
/*
 * buf - bytes that grow at the end, up to a cap that the owner sets.
 *
 * A struct buf is embedded by its owner: buf_init() first, buf_done() last.
 * ERR_LIMIT: the cap is reached; ERR_NOMEM: no memory.  After either the
 * content is what it was before the call.
 */
#include <stddef.h>
#include <stdint.h>

struct buf {
	uint8_t	*data;		/* NULL while nothing was ever put in */
	size_t	 len;		/* bytes in use */
	size_t	 cap;		/* bytes allocated */
	size_t	 max;		/* the cap */
};

void buf_init(struct buf *, size_t max);
void buf_done(struct buf *);

/* Make it empty; the memory stays. */
void buf_clear(struct buf *);

/* Room for `len` more bytes at the end; out: where they go.  buf_commit()
 * then says how many were really written. */
int buf_reserve(struct buf *, size_t len, uint8_t **at);
void buf_commit(struct buf *, size_t len);

int buf_add(struct buf *, const void *, size_t len);
int buf_add_byte(struct buf *, uint8_t);

/* Drop `len` bytes (at most len in use) from the front. */
void buf_consume(struct buf *, size_t len);
#endif
