#include "tests/sim/line.h"

#include <string.h>

enum {
	LINE_MAX	= 4 * 1024 * 1024,
	BITS		= 10,		/* start, eight, stop */
	UNKNOWN_BPS	= 115200,
	TICK_US		= 2000,
	GAP_US		= 100,		/* no pause between two sendings */
};

static void
queue_init(struct line_queue *q)
{
	memset(q, 0, sizeof(*q));
	buf_init(&q->bytes, LINE_MAX);
}

void
line_init(struct line *l, bool paced, const struct line_ops *ops, void *ctx)
{
	l->ops = ops;
	l->ctx = ctx;
	l->paced = paced;
	l->latency_us = 0;
	l->running = false;
	queue_init(&l->up);
	queue_init(&l->down);
}

void
line_done(struct line *l)
{
	buf_done(&l->up.bytes);
	buf_done(&l->down.bytes);
}

/* How long so many bytes are on the wire. */
static uint64_t
line_us(const struct line *l, uint32_t bps, size_t len)
{
	if (!l->paced)
		return 0;
	if (bps == 0)
		bps = UNKNOWN_BPS;
	return ((uint64_t)len * BITS * 1000000 + bps - 1) / bps;
}

static void
queue_add(struct line *l, struct line_queue *q, const void *data, size_t len,
    uint32_t bps)
{
	uint64_t		 now = l->ops->now_us(l->ctx);
	struct line_chunk	*last;
	bool			 pause;

	if (len == 0)
		return;
	if (q->bytes.len == 0)
		q->chunks = 0;
	if (buf_add(&q->bytes, data, len) != 0)
		return;		/* overrun: lost */
	pause = q->end_us + GAP_US < now;
	if (q->end_us < now)
		q->end_us = now;
	q->end_us += line_us(l, bps, len);
	last = &q->chunk[q->chunks];
	if (q->chunks == LINE_CHUNKS ||
	    (q->chunks > 0 && last[-1].bps == bps && !pause)) {
		last[-1].len += len;
		return;
	}
	*last = (struct line_chunk){ bps, len, now };
	q->chunks++;
}

/* How many bytes have arrived by now; at most one chunk's. */
static size_t
queue_due(const struct line *l, struct line_queue *q, uint64_t now)
{
	const struct line_chunk	*c = &q->chunk[0];
	uint32_t		 bps = c->bps != 0 ? c->bps : UNKNOWN_BPS;
	uint64_t		 n;

	if (q->free_us < c->since_us)
		q->free_us = c->since_us;
	if (now < q->free_us + l->latency_us)
		return 0;
	if (!l->paced)
		return c->len;
	n = (now - q->free_us - l->latency_us) * bps / (BITS * 1000000ull);
	if (n > c->len)
		n = c->len;
	q->free_us += line_us(l, bps, n);
	return (size_t)n;
}

static void
queue_run(struct line *l, struct line_queue *q,
    void (*deliver)(void *, uint8_t *, size_t, uint32_t), uint64_t now)
{
	uint8_t	part[2048];

	while (q->bytes.len > 0) {
		size_t		n = queue_due(l, q, now);
		uint32_t	bps = q->chunk[0].bps;

		if (n == 0)
			return;
		q->chunk[0].len -= n;
		while (n > 0) {
			size_t	k = n < sizeof(part) ? n : sizeof(part);

			memcpy(part, q->bytes.data, k);
			buf_consume(&q->bytes, k);
			n -= k;
			if (n == 0 && q->chunk[0].len == 0) {
				q->chunks--;
				memmove(q->chunk, q->chunk + 1,
				    q->chunks * sizeof(q->chunk[0]));
			}
			deliver(l->ctx, part, k, bps);
			if (n > q->bytes.len)
				return;		/* purged meanwhile */
		}
	}
}

static uint64_t
queue_wait(const struct line *l, const struct line_queue *q, uint64_t now)
{
	uint64_t	us = 1;
	uint64_t	from = q->free_us;

	if (q->bytes.len == 0)
		return UINT64_MAX;
	if (l->paced) {
		uint64_t	all = line_us(l, q->chunk[0].bps,
				    q->bytes.len);

		us = all < TICK_US ? all : TICK_US;
	}
	if (from < q->chunk[0].since_us)
		from = q->chunk[0].since_us;
	from += l->latency_us;
	return from > now ? us + from - now : us;
}

/* The first byte has arrived. */
static bool
queue_ready(const struct line *l, const struct line_queue *q, uint64_t now)
{
	return q->bytes.len > 0 && q->free_us + l->latency_us <= now &&
	    q->chunk[0].since_us + l->latency_us <= now;
}

/*
 * Delivering may queue more (a reply) and so come back here: the inner call
 * leaves it to the outer one.
 */
void
line_run(struct line *l)
{
	uint64_t	now, down, up;

	if (l->running)
		return;
	l->running = true;
	for (;;) {
		now = l->ops->now_us(l->ctx);
		queue_run(l, &l->down, l->ops->to_chip, now);
		queue_run(l, &l->up, l->ops->to_host, now);
		down = queue_wait(l, &l->down, now);
		up = queue_wait(l, &l->up, now);
		/* Instantly: a reply to the host may have made it send. */
		if (l->paced || (!queue_ready(l, &l->down, now) &&
		    !queue_ready(l, &l->up, now)))
			break;
	}
	l->running = false;
	if (down != UINT64_MAX || up != UINT64_MAX)
		l->ops->wake(l->ctx, down < up ? down : up);
}

void
line_to_chip(struct line *l, const void *data, size_t len, uint32_t bps)
{
	queue_add(l, &l->down, data, len, bps);
	line_run(l);
}

void
line_to_host(struct line *l, const void *data, size_t len, uint32_t bps)
{
	queue_add(l, &l->up, data, len, bps);
	line_run(l);
}

void
line_purge_up(struct line *l)
{
	buf_clear(&l->up.bytes);
	l->up.chunks = 0;
	l->up.end_us = 0;
}

void
line_purge_down(struct line *l)
{
	buf_clear(&l->down.bytes);
	l->down.chunks = 0;
	l->down.end_us = 0;
}

void
line_delay_up(struct line *l, uint64_t us)
{
	uint64_t	now = l->ops->now_us(l->ctx);

	if (l->up.free_us < now)
		l->up.free_us = now;
	l->up.free_us += us;
}

size_t
line_waiting(const struct line *l)
{
	return l->down.bytes.len;
}

bool
line_rates_fit(uint32_t a, uint32_t b)
{
	uint32_t	diff = a > b ? a - b : b - a;

	return a == 0 || b == 0 || (uint64_t)diff * 100 <= (uint64_t)a * 3;
}

/* Deterministic, and never a SLIP delimiter: a wrong rate does not frame. */
void
line_garble(uint8_t *p, size_t len, uint32_t sent_bps, uint32_t bps)
{
	uint32_t	x = sent_bps * 2654435761u ^ bps;

	for (size_t i = 0; i < len; i++) {
		x = x * 1103515245u + 12345u + p[i];
		p[i] = (uint8_t)(x >> 16);
		if (p[i] == 0xc0)
			p[i] = 0x80;
	}
}
