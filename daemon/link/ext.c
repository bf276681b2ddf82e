#include "daemon/link/ext.h"

#include <assert.h>
#include <string.h>

#include <zlib.h>

#include "daemon/link/rom.h"
#include "daemon/link/rom_impl.h"
#include "daemon/link/try.h"
#include "proto/base/bytes.h"
#include "proto/base/err.h"

enum {
	WORD		= 4,
	SUMMED		= 3,		/* bytes of a header in the check sum */
	STATUS		= 2,
	TRIES		= 4,		/* of a question that is not answered */
	ASK_TRIES	= 3,		/* ... who it is */
	TRY_MS		= 300,		/* ... the first time */
	ROW_MAX		= 1024,		/* bytes of steps in one command */
	WINDOW_MIN	= 2048,		/* less than that is no answer */
	BLOCK_MIN	= 256,
	BATCH_MIN	= WORD * EXT_WORDS_MOST,
	TENTH_MS	= 100,		/* unit of EXT_STEP_POLL */
};

/* ---- packets ---- */

/* Send one request, of words and then data. */
static int
ask(struct rom *r, uint8_t op, const uint32_t *words, size_t count,
    const void *data, size_t len)
{
	uint8_t			head[CMD_HEADER], body[CMD_BLOCK_HEADER];
	uLong			sum;
	struct rom_packet	p = {
		.op = op, .head = body, .head_len = WORD * count,
		.data = data, .len = len,
	};

	assert(p.head_len <= sizeof body);
	for (size_t i = 0; i < count; i++)
		le32_put(body + WORD * i, words[i]);
	cmd_header(head, op, p.head_len + len, 0);
	sum = crc32(0, head + 1, SUMMED);
	sum = crc32(sum, body, (uInt)p.head_len);
	if (len > 0)
		sum = crc32(sum, data, (uInt)len);
	p.sum = (uint32_t)sum;
	return rom_request(r, &p);
}

/* Take apart a frame that came; 0 when it is damaged or no answer of ours. */
static int
take(struct rom *r, size_t len, struct ext_reply *out)
{
	struct cmd_reply	reply;
	const uint8_t		*f = r->frame;

	if (cmd_parse(f, len, &reply) < 0 || reply.len < STATUS + EXT_CRC ||
	    le16_get(f + 2) != reply.len || le32_get(f + len - EXT_CRC) !=
	    (uint32_t)crc32(0, f, (uInt)(len - EXT_CRC))) {
		r->noise = true;
		return 0;
	}
	*out = (struct ext_reply){
		.op = reply.op, .value = reply.value, .data = reply.data,
		.len = reply.len - STATUS - EXT_CRC,
	};
	f = out->data + out->len;
	out->status = f[0] == 0 ? 0 : (uint16_t)(f[0] << 8 | f[1]);
	return 1;
}

int
ext_hear(struct rom *r, struct ext_reply *reply, unsigned ms)
{
	int	n;

	if (ms == 0)
		n = rom_frame_now(r);
	else
		n = rom_next_frame(r, wire_now(r->wire) + ms);
	if (n == 0)
		return ERR_TIMEOUT;
	if (n == ERR_NOISE) {
		r->noise = true;
		return 0;
	}
	return n < 0 ? n : take(r, (size_t)n, reply);
}

/* The answer to the last request. */
static int
answer(struct rom *r, struct ext_reply *reply, unsigned ms)
{
	uint64_t	now, end;
	int		n;

	end = wire_now(r->wire) + ms + rom_line_ms(r, r->tx.len);
	while ((now = wire_now(r->wire)) < end) {
		n = ext_hear(r, reply, (unsigned)(end - now));
		if (n < 0)
			return n;
		if (n > 0 && reply->op == r->op)
			return 0;
	}
	return r->noise ? ERR_NOISE : ERR_TIMEOUT;
}

/* A new question: what came before it says nothing of the line now. */
static void
forget(struct rom *r)
{
	r->noise = false;
	r->slip.skipped = 0;
}

/* Lost or damaged: asking again may help. */
static bool
is_lost(int err)
{
	return err == ERR_TIMEOUT || err == ERR_NOISE;
}

/* A whole command that may be repeated.  Its answer may come twice then, which
 * the caller must be able to bear (or settle). */
static int
command(struct rom *r, uint8_t op, const uint32_t *words, size_t count,
    size_t payload, struct ext_reply *reply)
{
	int	err = ERR_TIMEOUT;

	forget(r);
	for (int i = 0; i < TRIES; i++) {
		TRY(ask(r, op, words, count, NULL, 0));
		err = answer(r, reply, i + 1 < TRIES ? TRY_MS << i :
		    ROM_REPLY_MS);
		if (!is_lost(err))
			break;
	}
	TRY(err);
	r->status = reply->status;
	if (reply->status != 0)
		return ERR_REFUSED;
	return reply->len == payload ? 0 : ERR_NOISE;
}

/* ---- who is it ---- */

/* A short answer without our check sum: the refusal of another stub. */
static bool
is_stranger(const struct rom *r, size_t len)
{
	struct cmd_reply	reply;

	return cmd_parse(r->frame, len, &reply) == 0 &&
	    reply.op == EXT_INFO && reply.len <= 2 * STATUS &&
	    le16_get(r->frame + 2) == reply.len;
}

static uint32_t
least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* What it said; a version that we do not know, or nonsense, is a stranger. */
static void
know(struct rom *r, const struct ext_reply *reply)
{
	uint32_t	words[EXT_INFO_BYTES / WORD];
	struct ext	e;

	if (reply->status != 0 || reply->len != EXT_INFO_BYTES)
		return;
	for (size_t i = 0; i < EXT_INFO_BYTES / WORD; i++)
		words[i] = le32_get(reply->data + WORD * i);
	e = (struct ext){
		.version = words[EXT_INFO_VERSION],
		.build = words[EXT_INFO_BUILD],
		.caps = words[EXT_INFO_CAPS],
		.window = words[EXT_INFO_WINDOW],
		.block = least(words[EXT_INFO_BLOCK], EXT_BLOCK_MOST),
		.part = least(words[EXT_INFO_PART], EXT_PART_MOST),
		.batch = words[EXT_INFO_BATCH],
		.chip = words[EXT_INFO_CHIP],
	};
	if (e.version == EXT_VERSION && e.window >= WINDOW_MIN &&
	    e.block >= BLOCK_MIN && e.part >= BLOCK_MIN &&
	    e.batch >= BATCH_MIN)
		r->ext = e;
}

/* 1 when the question was answered, by whomever. */
static int
ask_once(struct rom *r, unsigned ms)
{
	uint64_t		end = wire_now(r->wire) + ms;
	struct ext_reply	reply;
	int			n;

	TRY(ask(r, EXT_INFO, NULL, 0, NULL, 0));
	for (;;) {
		n = rom_next_frame(r, end);
		if (is_lost(n))
			return 0;
		if (n < 0)
			return n;
		if (is_stranger(r, (size_t)n))
			return 1;
		if (take(r, (size_t)n, &reply) > 0 && reply.op == EXT_INFO) {
			know(r, &reply);
			return 1;
		}
	}
}

int
ext_ask(struct rom *r)
{
	int	n = 0;

	memset(&r->ext, 0, sizeof r->ext);
	for (int i = 0; n == 0 && i < ASK_TRIES; i++)
		n = ask_once(r, TRY_MS << i);
	forget(r);
	return n < 0 ? n : 0;
}

bool
ext_there(const struct rom *r)
{
	return r->stub && r->ext.version != 0;
}

bool
ext_can(const struct rom *r, enum ext_cap cap)
{
	return ext_there(r) && (r->ext.caps & cap) != 0;
}

int
ext_settle(struct rom *r)
{
	struct ext_reply	reply;

	return command(r, EXT_INFO, NULL, 0, EXT_INFO_BYTES, &reply);
}

/* ---- rows of steps ---- */

/* A row as it goes out. */
struct row {
	uint8_t		 steps[ROW_MAX];
	size_t		 len, reads;	/* bytes */
	unsigned	 ms;		/* that it may take */
	bool		 changes;	/* what a second time might not do */
};

static size_t
whole_words(size_t bytes)
{
	return (bytes + WORD - 1) / WORD * WORD;
}

static size_t
sent_by(const struct ext_do *op)
{
	return op->step == EXT_STEP_SPI && op->send != NULL ? op->x : 0;
}

static size_t
read_by(const struct ext_do *op)
{
	if (op->step == EXT_STEP_READ)
		return WORD * (size_t)op->x;
	return op->step == EXT_STEP_SPI ? op->y : 0;
}

/* Does one more step fit into the row? */
static bool
fits(const struct rom *r, const struct row *row, const struct ext_do *op)
{
	size_t	most = least(r->ext.batch, ROW_MAX);

	return row->len + EXT_STEP_BYTES + whole_words(sent_by(op)) <= most &&
	    row->reads + whole_words(read_by(op)) <= r->ext.batch &&
	    row->reads + whole_words(read_by(op)) <= EXT_PART_MOST;
}

static void
put(struct row *row, const struct ext_do *op)
{
	uint8_t	*p = row->steps + row->len;
	size_t	 n = sent_by(op);

	p[0] = (uint8_t)op->step;
	p[1] = op->command;
	p[2] = op->addr_bits;
	p[3] = op->dummy_bits;
	le32_put(p + 4, op->addr);
	le32_put(p + 8, op->x);
	le32_put(p + 12, op->y);
	memset(p + EXT_STEP_BYTES, 0, whole_words(n));
	if (n > 0)
		memcpy(p + EXT_STEP_BYTES, op->send, n);
	row->len += EXT_STEP_BYTES + whole_words(n);
	row->reads += whole_words(read_by(op));
	row->ms += op->step == EXT_STEP_WAIT ? op->x / 1000 + 1 :
	    op->step == EXT_STEP_POLL ? TENTH_MS * op->command : 0;
	row->changes |= op->step == EXT_STEP_WRITE || n > 0;
}

/* Hand on what the steps read. */
static int
get(const struct ext_reply *reply, const struct ext_do *ops, size_t count)
{
	size_t	at = 0;

	for (size_t i = 0; i < count; i++) {
		size_t	n = read_by(&ops[i]);

		if (n == 0)
			continue;
		if (at + whole_words(n) > reply->len)
			return ERR_NOISE;
		memcpy(ops[i].read, reply->data + at, n);
		at += whole_words(n);
	}
	return at == reply->len ? 0 : ERR_NOISE;
}

/* Send a row until it is answered; *asked is how often it was. */
static int
send_row(struct rom *r, const struct row *row, struct ext_reply *reply,
    int *asked)
{
	int	last = row->changes ? 1 : TRIES, err;

	forget(r);
	for (*asked = 1; ; ++*asked) {
		TRY(ask(r, EXT_BATCH, NULL, 0, row->steps, row->len));
		err = answer(r, reply, row->ms + (*asked < last ?
		    TRY_MS << *asked : ROM_REPLY_MS));
		if (!is_lost(err) || *asked == last)
			return err;
	}
}

/* One command of `count` steps; *done of them were done. */
static int
run_row(struct rom *r, const struct row *row, const struct ext_do *ops,
    size_t count, size_t *done)
{
	struct ext_reply	reply;
	int			asked;

	TRY(send_row(r, row, &reply, &asked));
	if (reply.value > count)
		return ERR_NOISE;
	TRY(get(&reply, ops, reply.value));
	*done += reply.value;
	r->status = reply.status;
	if (reply.status != 0)
		return ERR_REFUSED;
	if (reply.value != count)
		return ERR_NOISE;
	/* The next row must not get an answer to this one. */
	return asked > 1 ? ext_settle(r) : 0;
}

int
ext_batch(struct rom *r, const struct ext_do *ops, size_t count, size_t *done)
{
	size_t	sure = 0;
	int	err = 0;

	while (count > 0 && err == 0) {
		struct row	row = { .len = 0 };
		size_t		n = 0;

		while (n < count && fits(r, &row, &ops[n]))
			put(&row, &ops[n++]);
		assert(n > 0);
		err = run_row(r, &row, ops, n, &sure);
		ops += n;
		count -= n;
	}
	if (done != NULL)
		*done = sure;
	return err;
}

/* ---- writing and reading ---- */

int
ext_write(struct rom *r, uint32_t bytes, uint32_t offset, uint32_t flags)
{
	const uint32_t		words[] = { bytes, offset, flags };
	struct ext_reply	reply;

	return command(r, EXT_WRITE, words, 3, 0, &reply);
}

int
ext_block(struct rom *r, unsigned round, uint32_t number, const void *data,
    size_t len)
{
	const uint32_t	word = round << 24 | (number & EXT_BLOCK_NUMBER);

	return ask(r, EXT_BLOCK, &word, 1, data, len);
}

int
ext_end(struct rom *r, uint32_t blocks)
{
	return ask(r, EXT_END, &blocks, 1, NULL, 0);
}

int
ext_read(struct rom *r, enum ext_read what, uint32_t offset, uint32_t bytes,
    uint32_t part_bytes, uint32_t window)
{
	uint8_t	last[WORD];
	const uint32_t	words[] = { (uint32_t)what, offset, bytes, part_bytes };

	le32_put(last, window);
	return ask(r, EXT_READ, words, 4, last, sizeof last);
}

int
ext_ack(struct rom *r, uint32_t bytes, bool again)
{
	const uint32_t	words[] = { bytes, again };

	return ask(r, EXT_ACK, words, 2, NULL, 0);
}

int
ext_counters(struct rom *r, bool again, uint32_t words[EXT_COUNTS])
{
	const uint32_t		word = again;
	struct ext_reply	reply;

	TRY(command(r, EXT_COUNTERS, &word, 1, WORD * EXT_COUNTS, &reply));
	for (size_t i = 0; i < EXT_COUNTS; i++)
		words[i] = le32_get(reply.data + WORD * i);
	return 0;
}
