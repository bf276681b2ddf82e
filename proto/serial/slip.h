#ifndef PROTO_SERIAL_SLIP_H
#define PROTO_SERIAL_SLIP_H
/*
 * slip - frames on a serial line (RFC 1055).  Espressif's loaders begin and
 * end every frame with 0xC0 of its own; inside, C0 is DB DC and DB is DB DD
 * (serial-protocol.rst, "Low Level Protocol").
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/buf.h"

/* Append one whole frame that carries `len` bytes.  Errors of buf_add(). */
int slip_encode(struct buf *out, const void *data, size_t len);

/* As above for a frame given in two parts (header, payload). */
int slip_encode2(struct buf *out, const void *head, size_t head_len,
    const void *data, size_t len);

/*
 * The decoder takes bytes in any chunking.  Bytes outside frames (a boot log,
 * noise) are skipped and counted.  A bad escape or a frame that is too long is
 * reported once; the decoder is then in step again with the next C0.
 * `buf` belongs to the caller and must live as long as the decoder.
 */
struct slip_decoder {
	uint8_t	*buf;		/* the frame being built */
	size_t	 size;		/* its room, bytes */
	size_t	 len;		/* bytes of the frame so far */
	size_t	 skipped;	/* bytes outside frames since slip_reset() */
	bool	 inside;	/* a C0 has opened a frame */
	bool	 escape;	/* the last byte was DB */
};

void slip_init(struct slip_decoder *, uint8_t *buf, size_t size);

/* Forget a half frame and the count of skipped bytes. */
void slip_reset(struct slip_decoder *);

/*
 * Take bytes from data until a frame is whole or the bytes are used up; *used
 * is how many were taken.  Returns the length of the frame in buf (> 0), 0
 * when more bytes are needed, ERR_NOISE for a bad escape, ERR_LIMIT for a
 * frame longer than the buffer.  Empty frames (two C0 in a row) are skipped.
 */
int slip_decode(struct slip_decoder *, const void *data, size_t len,
    size_t *used);
#endif
