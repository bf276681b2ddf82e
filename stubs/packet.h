#ifndef STUBS_PACKET_H
#define STUBS_PACKET_H
/*
 * packet - the line of the stub: received bytes wait in a ring, frames (SLIP,
 * RFC 1055) are taken out of it, replies are made and sent.
 */
#include "stubs/state.h"

enum {
	PACKET_NONE	= 0,	/* not whole yet */
	PACKET_DAMAGED	= -1,	/* too long, or a wrong escape */
};

/* The next frame into s->frame: its length, PACKET_NONE or PACKET_DAMAGED.
 * It stays there until the next call. */
int32_t packet_next(struct stub *);

/* A frame of any bytes: the delimiter, which begins or ends it, and what stands
 * between. */
void packet_begin(struct stub *);
void packet_add(struct stub *, const void *, uint32_t len);
void packet_end(struct stub *);

/* A reply to s->op, whose `len` bytes of payload packet_add() gives.  Its end
 * is the status s->error, which is 0 again then, and behind that the CRC that
 * replies of enum ext_op have. */
void packet_reply(struct stub *, uint32_t value, uint32_t len);
void packet_status(struct stub *);

/* The whole reply: with s->value and s->payload.  It is the answer to the
 * request (s->answered). */
void packet_answer(struct stub *);
#endif
