/*
 * port_tcp - a bare TCP stream as a port: bytes, but neither modem lines nor a
 * rate.  p->dev is the connection while it is being made.
 */
#include "daemon/port/port_impl.h"


#include <event2/event.h>

#include "daemon/port/tcp.h"
#include "proto/base/err.h"

static void
port_tcp_connected(void *arg, int fd, int err, const struct why *why)
{
	struct port	*p = arg;

	p->dev = NULL;
	p->fd = fd;
	p->why = *why;
	port_opened(p, err);
}

static void
port_tcp_open(struct port *p, uint32_t baud)
{
	p->baud = baud;		/* remembered only */
	p->dev = tcp_connect(p->host, p->service, PORT_CONNECT_MS,
	    port_tcp_connected, p);
	if (p->dev == NULL)
		port_opened(p, ERR_NOMEM);
}

static void
port_tcp_close(struct port *p)
{
	tcp_cancel(p->dev);
	p->dev = NULL;
	if (p->fd >= 0)
		tcp_part(p->fd);
	p->fd = -1;
}

static short
port_tcp_events(const struct port *p, bool reading, bool writing)
{
	(void)p;
	return (short)((reading ? EV_READ : 0) | (writing ? EV_WRITE : 0));
}

static int
port_tcp_read(struct port *p, void *buf, size_t size)
{
	return tcp_read(p->fd, buf, size);
}

static int
port_tcp_write(struct port *p, const void *buf, size_t len)
{
	return tcp_write(p->fd, buf, len);
}

static int
port_tcp_push(struct port *p)
{
	(void)p;
	return PORT_DONE;	/* nothing is held back */
}

static int
port_tcp_lines(struct port *p, bool dtr, bool rts)
{
	(void)p;
	(void)dtr;
	(void)rts;
	return ERR_UNSUPPORTED;
}

static int
port_tcp_baud(struct port *p, uint32_t baud)
{
	p->baud = baud;
	return PORT_DONE;
}

static int
port_tcp_flush(struct port *p)
{
	char	junk[512];
	int	r;

	/* Bounded: a peer that never stops must not keep us here. */
	for (int i = 0; i < 256; i++)
		if ((r = tcp_read(p->fd, junk, sizeof junk)) <= 0)
			return r;
	return 0;
}

const struct port_ops port_tcp_ops = {
	.open = port_tcp_open,
	.close = port_tcp_close,
	.events = port_tcp_events,
	.read = port_tcp_read,
	.write = port_tcp_write,
	.push = port_tcp_push,
	.lines = port_tcp_lines,
	.baud = port_tcp_baud,
	.flush = port_tcp_flush,
};
