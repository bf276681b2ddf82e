#ifndef TESTS_SIM_RFC2217_H
#define TESTS_SIM_RFC2217_H
/*
 * rfc2217 - the server's side of Telnet's COM-PORT option (RFC 2217): takes
 * the byte stream of a client apart and answers its negotiation.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rfc2217_ops {
	/* Bytes for the serial port. */
	void (*data)(void *ctx, const uint8_t *, size_t);
	/* Telnet bytes for the client. */
	void (*reply)(void *ctx, const uint8_t *, size_t);
	void (*baud)(void *ctx, uint32_t bps);
	void (*lines)(void *ctx, bool dtr, bool rts);
	/* Throw away what came from the port, what is on its way to it. */
	void (*purge)(void *ctx, bool from_port, bool to_port);
};

enum { RFC2217_OPTIONS = 48, RFC2217_SUB = 64 };

struct rfc2217 {
	const struct rfc2217_ops *ops;
	void		*ctx;
	enum {
		TELNET_DATA, TELNET_IAC, TELNET_OPTION, TELNET_SUB,
		TELNET_SUB_IAC
	} state;
	uint8_t		verb;			/* WILL, WONT, DO, DONT */
	bool		us[RFC2217_OPTIONS];	/* we do it */
	bool		them[RFC2217_OPTIONS];	/* the client does it */
	uint8_t		sub[RFC2217_SUB];
	size_t		sub_len;
	uint32_t	bps;
	uint8_t		datasize, parity, stopsize, flow;
	bool		dtr, rts, brk;
	uint8_t		line_mask, modem_mask;
};

void rfc2217_init(struct rfc2217 *, const struct rfc2217_ops *, void *ctx);

void rfc2217_receive(struct rfc2217 *, const uint8_t *, size_t);

/* Bytes from the port, with Telnet's escapes; `out` takes 2 * len bytes;
 * returns how many there are. */
size_t rfc2217_escape(const uint8_t *, size_t len, uint8_t *out);
#endif
