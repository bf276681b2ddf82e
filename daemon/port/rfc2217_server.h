#ifndef DAEMON_PORT_RFC2217_SERVER_H
#define DAEMON_PORT_RFC2217_SERVER_H
/*
 * rfc2217_server - the access server's side of RFC 2217 as bytes and state:
 * what a client asks for, what is in force, and the answers.  No descriptor,
 * no clock, no port: the owner does what is wished and says how it went.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/port/rfc2217.h"
#include "proto/base/buf.h"

enum rfc2217_wish {
	RFC2217_WISH_NONE,
	RFC2217_WISH_BAUD,	/* .want_baud */
	RFC2217_WISH_LINES,	/* .want_dtr and .want_rts, one of them new */
	RFC2217_WISH_BREAK,	/* .want_brk */
	RFC2217_WISH_PURGE,	/* .purge */
	RFC2217_WISH_INPUTS,	/* a call of rfc2217_server_inputs() */
};

struct rfc2217_server {
	struct telnet		 telnet;
	struct buf		*out;		/* for the client; the owner's */
	bool			 agreed;	/* the client speaks RFC 2217 */
	bool			 refused;	/* it will not */
	bool			 failed;	/* out could not grow: hang up */
	bool			 suspended;	/* it wants no data for now */
	/* In force. */
	uint32_t		 baud;
	bool			 dtr, rts, brk;
	uint8_t			 line_mask, modem_mask;
	uint8_t			 inputs;	/* last told, high half */
	/* The wish that is not answered yet. */
	enum rfc2217_wish	 wish;
	uint8_t			 wish_value;	/* of SET_CONTROL, PURGE_DATA */
	uint32_t		 want_baud;
	bool			 want_dtr, want_rts, want_brk;
	uint8_t			 purge;		/* bits of RFC2217_PURGE_BOTH */
};

/* Begin: lines inactive, 8N1 without flow control at `baud`; greets. */
void rfc2217_server_init(struct rfc2217_server *, struct buf *out,
    uint32_t baud);

/*
 * Decode in place up to the first thing the client said that is no data.
 * Returns how many bytes of data there were before it (moved to the front);
 * *taken: bytes used.  When .wish is set then, it must be done and answered
 * with rfc2217_server_done() before this is called again.
 */
size_t rfc2217_server_decode(struct rfc2217_server *, uint8_t *, size_t len,
    size_t *taken);

/* The wish was done, or could not be: answers what is in force now. */
void rfc2217_server_done(struct rfc2217_server *, bool done);

/* Data for the client.  ERR_LIMIT, ERR_NOMEM. */
int rfc2217_server_data(struct rfc2217_server *, const void *, size_t len);

/* What the port's inputs are (high half of RFC 2217's modem state); the client
 * is told of changes that it wants to know; `asked`: in any case. */
void rfc2217_server_inputs(struct rfc2217_server *, uint8_t inputs, bool asked);
#endif
