#include "tests/sim/line.h"

#include <string.h>

enum {
	LINE_MAX	= 4 * 1024 * 1024,
	BITS		= 10,		/* start, eight, stop */
	UNKNOWN_BPS	= 115200,
	TICK_US		= 2000,
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

static void
queue_add(struct line *l, struct line_queue *q, const void *data, size_t len,
    uint32_t bps)
{
	uint64_t	now = l->ops->now_us(l->ctx);

	if (len == 0)
		return;
	if (q->bytes.len == 0) {
		q->chunks = 0;
		if (q->free_us < now)
			q->free_us = now;
	}
	if (buf_add(&q->bytes, data, len) != 0)
		return;		/* overrun: lost */
	if (q->chunks > 0 && (q->chunk[q->chunks - 1].bps == bps ||
	    q->chunks == LINE_CHUNKS)) {
		q->chunk[q->chunks - 1].len += len;
		return;
	}
	q->chunk[q->chunks++] = (struct line_chunk){ bps, len };
}

/* How many bytes have arrived by now; at most one chunk's. */
static size_t
queue_due(const struct line *l, struct line_queue *q, uint64_t now)
{
	uint32_t	bps = q->chunk[0].bps != 0 ? q->chunk[0].bps :
	    UNKNOWN_BPS;
	uint64_t	n;

	if (now < q->free_us)
		return 0;
	if (!l->paced)
		return q->chunk[0].len;
	n = (now - q->free_us) * bps / (BITS * 1000000ull);
	if (n > q->chunk[0].len)
		n = q->chunk[0].len;
	q->free_us += (n * BITS * 1000000ull + bps - 1) / bps;
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
	uint64_t	us = TICK_US;

	if (q->bytes.len == 0)
		return UINT64_MAX;
	if (l->paced) {
		uint32_t	bps = q->chunk[0].bps != 0 ?
		    q->chunk[0].bps : UNKNOWN_BPS;
		uint64_t	all = q->bytes.len * BITS * 1000000ull / bps +
		    1;

		us = all < TICK_US ? all : TICK_US;
	}
	if (q->free_us > now)
		us += q->free_us - now;
	return us;
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
		if (l->paced || ((down == UINT64_MAX || l->down.free_us > now)
		    && (up == UINT64_MAX || l->up.free_us > now)))
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
}

void
line_purge_down(struct line *l)
{
	buf_clear(&l->down.bytes);
	l->down.chunks = 0;
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
