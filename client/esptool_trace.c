/* esptool_trace - what passes over the line, as "esptool --trace" shows it. */
#include "client/esptool.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "client/client.h"
#include "client/follow.h"
#include "client/member.h"
#include "proto/base/text.h"
#include "proto/serial/cmd.h"

enum { TRACE_MAX = 256 };	/* bytes of one traced piece */

/* The bytes of a traced piece; `len` is how many there were. */
static size_t
trace_bytes(const char *text, uint8_t out[TRACE_MAX], size_t *len)
{
	char		hex[2 * TRACE_MAX + 1];
	size_t		n = strspn(text, "0123456789abcdef");
	const char	*rest = text + n;
	int		r;

	if (n >= sizeof hex)
		n = sizeof hex - 1;
	memcpy(hex, text, n);
	hex[n] = '\0';
	if ((r = text_unhex(hex, out, TRACE_MAX)) < 0)
		r = 0;
	*len = (size_t)r;
	if (strncmp(rest, "... ", 4) == 0)
		(void)sscanf(rest, "... %zu bytes", len);
	return (size_t)r;
}

static void __attribute__((format(printf, 3, 4)))
trace_line(struct client *c, int64_t ms, const char *fmt, ...)
{
	char	text[4 * TRACE_MAX];
	va_list	ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	show_chat(&c->show, "TRACE +%.3f   %s",
	    (double)(ms - c->esptool.trace_ms) / 1000, text);
	c->esptool.trace_ms = ms;
}

/* A command is told by its name, too. */
static void
trace_send(struct client *c, int64_t ms, const uint8_t *p, size_t n,
    size_t len, const char *hex)
{
	char	name[CMD_NAME_MAX];

	if (n > 4 && p[0] == 0xc0 && p[1] == CMD_REQUEST)
		trace_line(c, ms, "--- Cmd %s (0x%02x) | data_len %u | data: "
		    "%.64s%s", cmd_name(p[2], name), p[2],
		    p[3] | p[4] << 8, hex, strlen(hex) > 64 ? "..." : "");
	trace_line(c, ms, "Write %zu bytes: %s", len, hex);
}

static void
trace_recv(struct client *c, int64_t ms, const uint8_t *p, size_t n,
    size_t len, const char *hex)
{
	struct slip_decoder	*d = &c->esptool.slip;
	char			 frame[2 * ESPTOOL_FRAME_MAX + 1];
	size_t			 at = 0, used;
	int			 r;

	if (d->buf == NULL)
		slip_init(d, c->esptool.frame, sizeof c->esptool.frame);
	trace_line(c, ms, "Read %zu bytes: %s", len, hex);
	while (at < n) {
		r = slip_decode(d, p + at, n - at, &used);
		at += used;
		if (r > 0) {
			text_hex(frame, d->buf, (size_t)r);
			trace_line(c, ms, "Received full packet: %s", frame);
		} else if (used == 0)
			break;
	}
	if (n < len)
		slip_reset(d);		/* the rest was not traced */
}

void
esptool_trace(struct follow *f, struct board *b, struct json_object *event)
{
	const char	*what = member_text(event, "what", "");
	const char	*text = member_text(event, "text", "");
	int64_t		 ms = member_number(event, "ms", 0);
	uint8_t		 bytes[TRACE_MAX];
	size_t		 n, len;

	(void)b;
	n = trace_bytes(text, bytes, &len);
	if (strcmp(what, "send") == 0 && n > 0)
		trace_send(f->client, ms, bytes, n, len, text);
	else if (strcmp(what, "recv") == 0 && n > 0)
		trace_recv(f->client, ms, bytes, n, len, text);
	else
		trace_line(f->client, ms, "%s %s", what, text);
}
