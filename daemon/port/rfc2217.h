#ifndef DAEMON_PORT_RFC2217_H
#define DAEMON_PORT_RFC2217_H
/*
 * rfc2217 - Telnet (RFC 854, 855) with the COM port control option
 * (RFC 2217) as bytes: a decoder that takes any chunking and encoders.  No
 * descriptor, no clock.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/buf.h"

enum {	/* RFC 854 */
	TELNET_SE	= 240,
	TELNET_SB	= 250,
	TELNET_WILL	= 251,
	TELNET_WONT	= 252,
	TELNET_DO	= 253,
	TELNET_DONT	= 254,
	TELNET_IAC	= 255,
};

enum {	/* options: RFC 856, RFC 858, RFC 2217 */
	TELNET_BINARY	= 0,
	TELNET_SGA	= 3,
	TELNET_COM_PORT	= 44,
};

/* RFC 2217, "COM PORT OPTION Commands": what a client sends; a server answers
 * with the number plus RFC2217_ANSWER. */
enum {
	RFC2217_SIGNATURE	= 0,
	RFC2217_SET_BAUDRATE	= 1,
	RFC2217_SET_DATASIZE	= 2,
	RFC2217_SET_PARITY	= 3,
	RFC2217_SET_STOPSIZE	= 4,
	RFC2217_SET_CONTROL	= 5,
	RFC2217_LINE_STATE	= 6,	/* a notice; a client may ask for it */
	RFC2217_MODEM_STATE	= 7,
	RFC2217_FLOW_SUSPEND	= 8,
	RFC2217_FLOW_RESUME	= 9,
	RFC2217_SET_LINE_MASK	= 10,
	RFC2217_SET_MODEM_MASK	= 11,
	RFC2217_PURGE_DATA	= 12,
	RFC2217_ANSWER		= 100,
};

/* Values of SET_CONTROL; the _ASK ones are answered with what is in force. */
enum {
	RFC2217_FLOW_ASK	= 0,
	RFC2217_FLOW_NONE	= 1,
	RFC2217_FLOW_XONXOFF	= 2,
	RFC2217_FLOW_HARDWARE	= 3,
	RFC2217_BREAK_ASK	= 4,
	RFC2217_BREAK_ON	= 5,
	RFC2217_BREAK_OFF	= 6,
	RFC2217_DTR_ASK		= 7,
	RFC2217_DTR_ON		= 8,
	RFC2217_DTR_OFF		= 9,
	RFC2217_RTS_ASK		= 10,
	RFC2217_RTS_ON		= 11,
	RFC2217_RTS_OFF		= 12,
	RFC2217_FLOW_IN_ASK	= 13,
	RFC2217_FLOW_IN_NONE	= 14,
	RFC2217_FLOW_IN_XONXOFF	= 15,
	RFC2217_FLOW_IN_HARDWARE = 16,
	RFC2217_FLOW_DCD	= 17,	/* of the output */
	RFC2217_FLOW_IN_DTR	= 18,
	RFC2217_FLOW_DSR	= 19,	/* of the output */
};

/* Values of PURGE_DATA. */
enum {
	RFC2217_PURGE_RECEIVED	= 1,	/* what came from the chip */
	RFC2217_PURGE_SENT	= 2,	/* what is on its way to it */
	RFC2217_PURGE_BOTH	= 3,
};

/* Values of SET_PARITY and SET_STOPSIZE: 8N1. */
enum { RFC2217_PARITY_NONE = 1, RFC2217_STOP_1 = 1 };

/* How we call ourselves when asked (SIGNATURE). */
#define RFC2217_NAME "espflashd"

enum { TELNET_SUB_MAX = 64 };	/* bytes of a suboption kept; more is cut */

struct telnet {
	int	state;
	uint8_t	verb;		/* WILL, WONT, DO or DONT being read */
	uint8_t	sub[TELNET_SUB_MAX];
	size_t	sublen;
	bool	called;			/* a callback was called */
	uint8_t	replied[2][32];	/* to DO, to WILL: one bit per option that we
				 * answered or asked for */
	/* The other side says WILL, WONT, DO or DONT to an option. */
	void	(*on_option)(void *arg, uint8_t verb, uint8_t option);
	/* A COM port suboption: its command (from a server: plus
	 * RFC2217_ANSWER) and value. */
	void	(*on_com_port)(void *arg, uint8_t command, const uint8_t *value,
		    size_t len);
	void	*arg;
};

/* Decode `len` bytes in place: what is data moves to the front, and its length
 * is returned; the rest goes to the callbacks. */
size_t telnet_decode(struct telnet *, uint8_t *data, size_t len);

/* The same up to and with the first callback, for those to whom the order of
 * data and commands matters.  Out: how many bytes were taken. */
size_t telnet_decode_one(struct telnet *, uint8_t *data, size_t len,
    size_t *taken);

/*
 * True if nothing was said yet about that option, to which the other side says
 * DO or WILL (`offer`): now it must be answered.  Each option is answered once:
 * no loop of politeness (RFC 854).
 */
bool telnet_is_new(struct telnet *, bool offer, uint8_t option);

/*
 * What both sides say first: all is sent 8-bit clean, and the COM port option
 * is offered (`verb` TELNET_WILL, a client) or asked for (TELNET_DO, a server).
 * The answers to it need none.  ERR_LIMIT, ERR_NOMEM.
 */
int rfc2217_greet(struct telnet *, struct buf *out, uint8_t verb);

/* Append to `out`; ERR_LIMIT, ERR_NOMEM leave it as it was. */
int telnet_put_data(struct buf *out, const void *data, size_t len);
int telnet_put_option(struct buf *out, uint8_t verb, uint8_t option);
int rfc2217_put(struct buf *out, uint8_t command, const void *value,
    size_t len);
int rfc2217_put_byte(struct buf *out, uint8_t command, uint8_t value);
int rfc2217_put_baud(struct buf *out, uint32_t baud);
#endif
