#include "daemon/link/stream.h"

#include <assert.h>
#include <string.h>

#include "daemon/link/rom_impl.h"
#include "daemon/link/try.h"
#include "proto/base/bytes.h"
#include "proto/base/err.h"

enum {
	WORD		= 4,
	BLOCK_STEP	= 256,
	WINDOW_BLOCKS	= 4,		/* in a window, or they are too long */
	HEAD_BYTES	= CMD_HEADER + EXT_BLOCK_HEAD,
	SILENCE_MS	= 100,		/* then an answer is asked for */
	SILENCE_SHIFT	= 4,		/* each time later, up to so much */
	SPARE		= 128,		/* of the window, for the end and polls */
	DEBT_MS		= 5,		/* between two looks whether it left */
	BACK_MAX	= 10,		/* to one block */
	ERASE_BLOCK	= 65536,
	MADE_AT_ONCE	= 32768,	/* bytes that the stub inflates before
					 * it erases further */
	SLIP_END	= 0xc0,
	SLIP_ESC	= 0xdb,
};

/* ---- blocks ---- */

static uint32_t
choose_block(const struct ext *e)
{
	uint32_t	most = e->window / WINDOW_BLOCKS;

	if (most > e->block)
		most = e->block;
	return most / BLOCK_STEP * BLOCK_STEP;
}

static size_t
block_len(const struct stream *s, uint32_t n)
{
	size_t	from = (size_t)n * s->block;

	return s->len - from < s->block ? s->len - from : s->block;
}

/* Bytes that a block is on the line, or a few more. */
static size_t
line_bytes(const struct stream *s, uint32_t n)
{
	const uint8_t	*p = s->data + (size_t)n * s->block;
	size_t		 len = block_len(s, n);
	size_t		 total = len + 2 * HEAD_BYTES + 2;

	for (size_t i = 0; i < len; i++)
		total += p[i] == SLIP_END || p[i] == SLIP_ESC;
	return total;
}

/* Bytes of flash that the first `n` blocks make. */
static uint32_t
made_by(const struct stream *s, uint32_t n)
{
	size_t	sent = (size_t)n * s->block;

	if (sent > s->len)
		sent = s->len;
	return s->deflate ? blob_inflated(s->blob, 0, sent) : (uint32_t)sent;
}

/* ---- what is under way ---- */

/* What was sent before it went back and is still on the line. */
static uint64_t
debt_left(const struct stream *s)
{
	const struct rom	*r = &s->link->rom;
	uint64_t		 gone;

	gone = (wire_now(r->wire) - s->debt_at) * r->baud / (10 * 1000);
	return r->baud == 0 || gone > s->debt ? 0 : s->debt - gone;
}

static uint64_t
under_way(const struct stream *s)
{
	uint64_t	from = s->base;

	if (s->acked > 0 && s->ends[(s->acked - 1) % STREAM_OUT] > from)
		from = s->ends[(s->acked - 1) % STREAM_OUT];
	return s->sent - from + debt_left(s);
}

/* The next answer must come within this time, or somebody waits in vain. */
static void
set_poll(struct stream *s)
{
	struct rom	*r = &s->link->rom;
	size_t		 bytes = s->block + (size_t)debt_left(s);
	unsigned	 shift = s->polls < SILENCE_SHIFT ? s->polls :
			    SILENCE_SHIFT;

	s->poll_at = wire_now(r->wire) + (SILENCE_MS << shift) +
	    rom_line_ms(r, bytes);
}

/* It got further. */
static void
advance(struct stream *s)
{
	s->heard = wire_now(s->link->rom.wire);
	s->polls = 0;
	set_poll(s);
}

/* ---- sending ---- */

static bool
may_send(const struct stream *s)
{
	uint64_t	out;

	if (s->next == s->blocks || s->link->halt < 0 ||
	    s->next - s->acked >= STREAM_OUT - 1)
		return false;
	out = under_way(s);
	return out == 0 || out + line_bytes(s, s->next) + SPARE <=
	    s->link->rom.ext.window;
}

/* When more of what was under way before has left the line. */
static uint64_t
look_again_at(const struct stream *s)
{
	uint64_t	now = wire_now(s->link->rom.wire);

	return debt_left(s) > 0 && s->next < s->blocks &&
	    now + DEBT_MS < s->poll_at ? now + DEBT_MS : s->poll_at;
}

static int
send_block(struct stream *s)
{
	struct rom	*r = &s->link->rom;
	uint32_t	 n = s->next;

	TRY(ext_block(r, s->rounds, n, s->data + (size_t)n * s->block,
	    block_len(s, n)));
	/* After a pause nothing has been missed yet. */
	if (s->next == s->acked)
		set_poll(s);
	s->sent += r->tx.len;
	s->ends[n % STREAM_OUT] = s->sent;
	s->next = n + 1;
	if (s->high < s->next)
		s->high = s->next;
	return 0;
}

static int
send_end(struct stream *s)
{
	struct rom	*r = &s->link->rom;

	TRY(ext_end(r, s->blocks));
	s->sent += r->tx.len;
	s->ended = true;
	set_poll(s);
	return 0;
}

/* Ask for an answer, that of the end if that is what is missing. */
static int
poll(struct stream *s)
{
	struct rom	*r = &s->link->rom;

	s->polls++;
	if (s->ended)
		return send_end(s);
	TRY(ext_block(r, s->rounds, s->next, NULL, 0));
	s->sent += r->tx.len;
	s->marks[s->marks_in++ % STREAM_MARKS] = s->next;
	if (s->marks_in - s->marks_out > STREAM_MARKS)
		s->marks_out++;
	set_poll(s);
	return 0;
}

/* ---- answers ---- */

/* Send again from block `n` on. */
static int
go_back(struct stream *s, uint32_t n)
{
	bool	again = s->rounds > 0 && s->back_to == n;

	s->back_count = again ? s->back_count + 1 : 1;
	if (s->back_count > BACK_MAX)
		return ERR_NOISE;
	s->debt = under_way(s);
	s->debt_at = wire_now(s->link->rom.wire);
	s->base = s->sent;
	s->rounds++;
	s->back_to = s->next = n;
	s->back_fresh = true;
	s->ended = false;
	s->polls = 0;
	/* What is answered to polls from before says nothing any more. */
	memset(s->marks, 0, sizeof s->marks);
	set_poll(s);
	return 0;
}

/* The stub has all blocks before `n`. */
static void
take_until(struct stream *s, uint32_t n)
{
	if (n <= s->acked)
		return;
	s->acked = n;
	if (s->next < n)
		s->next = n;
	s->back_fresh = false;
	s->back_count = 0;
	advance(s);
}

/* The stub asks for block `n`, or somebody who polled learned that it has not
 * come.  One loss may be asked for more than once. */
static int
on_again(struct stream *s, uint32_t n)
{
	take_until(s, n);
	if (n == s->blocks)
		s->ended = false;	/* it is the end that was damaged */
	if (n < s->acked || n >= s->high || (s->back_fresh && n == s->back_to))
		return 0;
	return go_back(s, n);
}

static int
on_answer(struct stream *s, const struct ext_reply *reply)
{
	uint32_t	n = reply->value, sure = s->sure;

	if (reply->len == WORD)
		sure = le32_get(reply->data) - s->addr;
	if (sure > s->blob->len)
		return ERR_NOISE;
	if (sure > s->sure)
		s->heard = wire_now(s->link->rom.wire);
	s->sure = sure;
	if (n != s->acked || s->marks_in == s->marks_out) {
		take_until(s, n);
		return 0;
	}
	/* The answer to the oldest poll, or to a block that had been taken
	 * before.  A stub that is busy answers polls much later. */
	s->polls = 0;
	set_poll(s);
	return n < s->marks[s->marks_out++ % STREAM_MARKS] ? go_back(s, n) : 0;
}

static int
on_reply(struct stream *s, const struct ext_reply *reply)
{
	struct rom	*r = &s->link->rom;

	/* Late, to a question before this. */
	if (reply->op != EXT_BLOCK && (reply->op != EXT_END || !s->ended))
		return 0;
	if (reply->status >> 8 == EXT_AGAIN)
		return reply->value > s->high ? ERR_NOISE :
		    on_again(s, reply->value);
	r->op = reply->op;
	r->status = reply->status;
	if (reply->status != 0)
		return ERR_REFUSED;
	if (reply->op == EXT_END) {
		s->acked = s->blocks;
		s->sure = (uint32_t)s->blob->len;
		s->done = true;
		return 0;
	}
	return reply->value > s->high ? ERR_NOISE : on_answer(s, reply);
}

/* ---- all of it ---- */

/* Time for the stub to do what it has been given, at the worst. */
static unsigned
patience_ms(const struct stream *s)
{
	uint64_t	n = made_by(s, s->next);

	n = n > s->sure ? n - s->sure : 0;
	return link_write_ms(n + ((n + MADE_AT_ONCE - 1) / MADE_AT_ONCE + 1) *
	    ERASE_BLOCK) + rom_line_ms(&s->link->rom, (size_t)under_way(s));
}

/* Nothing can be sent: wait for an answer.  What is there counts, however late
 * we come to look. */
static int
wait_answer(struct stream *s)
{
	struct rom		*r = &s->link->rom;
	uint64_t		 now = wire_now(r->wire), at = look_again_at(s);
	struct ext_reply	 reply;
	int			 n;

	n = ext_hear(r, &reply, now < at ? (unsigned)(at - now) : 0);
	if (n > 0)
		return on_reply(s, &reply);
	if (n < 0 && n != ERR_TIMEOUT)
		return n;
	now = wire_now(r->wire);
	if (now - s->heard >= patience_ms(s))
		return r->noise || s->back_count > 0 ? ERR_NOISE : ERR_TIMEOUT;
	return now >= s->poll_at ? poll(s) : 0;
}

/* Take the answers that have come meanwhile. */
static int
take_answers(struct stream *s)
{
	struct ext_reply	reply;
	int			n = 0;

	while (!s->done && (n = ext_hear(&s->link->rom, &reply, 0)) >= 0)
		if (n > 0)
			TRY(on_reply(s, &reply));
	return s->done || n == ERR_TIMEOUT ? 0 : n;
}

/* A daemon that stops lets what was taken be programmed: the answer to one more
 * question comes after that. */
static int
settle(struct stream *s)
{
	if (!s->settling) {
		s->settling = true;
		return poll(s);
	}
	return s->polls > 0 ? wait_answer(s) : s->link->halt;
}

static int
step(struct stream *s)
{
	if (may_send(s)) {
		TRY(send_block(s));
		return take_answers(s);
	}
	if (s->link->halt < 0 && s->acked == s->next)
		return settle(s);
	if (s->next == s->blocks && !s->ended && s->link->halt == 0)
		return send_end(s);
	return wait_answer(s);
}

int
stream_write(struct stream *s)
{
	struct rom	*r = &s->link->rom;

	assert(ext_there(r) && s->addr % 4 == 0);
	s->data = s->deflate ? s->blob->z : s->blob->data;
	s->len = s->deflate ? s->blob->z_len : s->blob->len;
	s->block = choose_block(&r->ext);
	s->blocks = (uint32_t)((s->len + s->block - 1) / s->block);
	TRY(ext_write(r, (uint32_t)s->blob->len, s->addr,
	    s->deflate ? EXT_WRITE_DEFLATE : 0));
	advance(s);
	while (!s->done) {
		TRY(step(s));
		TRY(s->told(s->arg, s->sure));
	}
	return 0;
}
