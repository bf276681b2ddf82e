#include "proto/serial/slip.h"

#include "proto/base/err.h"

enum {
	SLIP_END	= 0xc0,
	SLIP_ESC	= 0xdb,
	SLIP_ESC_END	= 0xdc,
	SLIP_ESC_ESC	= 0xdd,
};

static uint8_t *
escape(uint8_t *at, const uint8_t *p, size_t len)
{
	for (; len > 0; len--, p++) {
		if (*p == SLIP_END || *p == SLIP_ESC) {
			*at++ = SLIP_ESC;
			*at++ = *p == SLIP_END ? SLIP_ESC_END : SLIP_ESC_ESC;
		} else
			*at++ = *p;
	}
	return at;
}

int
slip_encode2(struct buf *out, const void *head, size_t head_len,
    const void *data, size_t len)
{
	uint8_t	*start, *at;
	int	 r;

	/* Every byte may need two; a 16 KB block costs 33 KB for a moment. */
	if ((r = buf_reserve(out, 2 * (head_len + len) + 2, &start)) < 0)
		return r;
	at = start;
	*at++ = SLIP_END;
	at = escape(at, head, head_len);
	at = escape(at, data, len);
	*at++ = SLIP_END;
	buf_commit(out, (size_t)(at - start));
	return 0;
}

int
slip_encode(struct buf *out, const void *data, size_t len)
{
	return slip_encode2(out, NULL, 0, data, len);
}

void
slip_init(struct slip_decoder *d, uint8_t *buf, size_t size)
{
	*d = (struct slip_decoder){ .buf = buf, .size = size };
}

void
slip_reset(struct slip_decoder *d)
{
	slip_init(d, d->buf, d->size);
}

/* The frame is spoilt: forget it and wait for the next C0. */
static int
lost(struct slip_decoder *d, int err)
{
	d->inside = false;
	d->escape = false;
	d->len = 0;
	return err;
}

/* Take one byte.  Returns as slip_decode(). */
static int
step(struct slip_decoder *d, uint8_t c)
{
	int	n = (int)d->len;

	if (!d->inside) {
		d->inside = c == SLIP_END;
		d->skipped += c != SLIP_END;
		return 0;
	}
	if (c == SLIP_END) {
		bool	cut = d->escape;

		d->escape = false;
		d->len = 0;
		/*
		 * This C0 may close a frame or, when noise held a C0 before
		 * it, open one: what follows is taken as a frame either way.
		 */
		d->inside = true;
		return cut ? ERR_NOISE : n;
	}
	if (c == SLIP_ESC && !d->escape) {
		d->escape = true;
		return 0;
	}
	if (d->escape) {
		if (c != SLIP_ESC_END && c != SLIP_ESC_ESC)
			return lost(d, ERR_NOISE);
		c = c == SLIP_ESC_END ? SLIP_END : SLIP_ESC;
		d->escape = false;
	}
	if (d->len == d->size)
		return lost(d, ERR_LIMIT);
	d->buf[d->len++] = c;
	return 0;
}

int
slip_decode(struct slip_decoder *d, const void *data, size_t len, size_t *used)
{
	const uint8_t	*p = data;
	int		 r = 0;

	for (*used = 0; *used < len && r == 0; (*used)++)
		r = step(d, p[*used]);
	return r;
}
