/* A stub of our own on a board: what it understands beyond the others.  Faults
 * are on whole packets; the real stub and its bytes are tests/virt's. */
#include "tests/conv/board.h"

#include <assert.h>
#include <string.h>

#include <openssl/evp.h>
#include <zlib.h>

#include "proto/base/bytes.h"

enum { MOST = 4096, SECTOR = 4096, AGAIN = EXT_AGAIN << 8 };

static uint32_t
word(const uint8_t *p, size_t n)
{
	return le32_get(p + 4 * n);
}

/* Does this countdown end now? */
static bool
falls_on(unsigned *left)
{
	return *left > 0 && --*left == 0;
}

static void
answer(struct board *b, uint8_t op, uint32_t value, const void *payload,
    size_t len, uint16_t status)
{
	static uint8_t	out[CMD_HEADER + MOST + 2 + EXT_CRC];
	size_t	total = CMD_HEADER + len + 2 + EXT_CRC;

	assert(len <= MOST);
	out[0] = CMD_REPLY;
	out[1] = op;
	le16_put(out + 2, (uint16_t)(total - CMD_HEADER));
	le32_put(out + 4, value);
	if (len > 0)
		memcpy(out + CMD_HEADER, payload, len);
	out[CMD_HEADER + len] = (uint8_t)(status >> 8);
	out[CMD_HEADER + len + 1] = (uint8_t)status;
	le32_put(out + total - EXT_CRC,
	    (uint32_t)crc32(0, out, (uInt)(total - EXT_CRC)));
	b->ext.answers++;
	if (falls_on(&b->ext.lose_answer))
		return;
	out[4] ^= falls_on(&b->ext.spoil_answer);
	board_say(b, out, total);
}

static void
info(struct board *b)
{
	static const uint32_t	words[EXT_INFO_BYTES / 4] = {
		EXT_VERSION, 0x1234, EXT_CAP_TICKS, BOARD_WINDOW, 4096, 4096,
		1024, 5,
	};
	uint8_t			out[EXT_INFO_BYTES];

	for (size_t i = 0; i < EXT_INFO_BYTES / 4; i++)
		le32_put(out + 4 * i, words[i]);
	le32_put(out, b->ext.version != 0 ? b->ext.version : EXT_VERSION);
	le32_put(out + 4 * EXT_INFO_CAPS, EXT_CAP_TICKS | b->ext.caps);
	answer(b, EXT_INFO, 0, out, sizeof out, 0);
}

/* ---- writing ---- */

static void
acknowledge(struct board *b, uint16_t status)
{
	uint8_t	addr[4];

	le32_put(addr, b->pos);
	answer(b, EXT_BLOCK, b->ext.expected, addr, sizeof addr, status);
}

static void
open_stream(struct board *b, const uint8_t *p)
{
	b->ext.open = true;
	b->ext.expected = b->ext.round = 0;
	b->ext.asked = false;
	b->ext.end_status = 0xc600;
	b->left = word(p, 0);
	b->pos = b->ext.start = word(p, 1);
	b->deflate = (word(p, 2) & EXT_WRITE_DEFLATE) != 0;
	(void)inflateReset(&b->z);
	board_erase(b, b->pos, b->left);
	answer(b, EXT_WRITE, 0, NULL, 0, 0);
}

static void
ask_again(struct board *b)
{
	if (!b->ext.asked)
		acknowledge(b, AGAIN);
	b->ext.asked = true;
}

static void
take_block(struct board *b, const uint8_t *p, size_t len)
{
	uint32_t	n = word(p, 0) & EXT_BLOCK_NUMBER;
	uint32_t	round = word(p, 0) >> 24;
	uint16_t	status = 0;

	if (!b->ext.open || b->ext.end_status != 0xc600) {
		acknowledge(b, b->ext.end_status);
		return;
	}
	if (round != b->ext.round)
		b->ext.asked = false;
	b->ext.round = round;
	if (len > EXT_BLOCK_HEAD && n > b->ext.expected) {
		ask_again(b);
		return;
	}
	if (len > EXT_BLOCK_HEAD && n == b->ext.expected) {
		b->ext.expected++;
		status = board_take(b, p + EXT_BLOCK_HEAD,
		    len - EXT_BLOCK_HEAD);
		if (b->ext.weak != 0)
			b->flash[b->ext.weak] = 0;
		if (falls_on(&b->ext.fail_block))
			status = 0xc400;
	}
	if (status != 0)
		b->ext.end_status = status;
	acknowledge(b, status);
}

static void
end_stream(struct board *b, const uint8_t *p)
{
	if (b->ext.open && b->ext.expected < word(p, 0)) {
		answer(b, EXT_END, b->ext.expected, NULL, 0, AGAIN);
		return;
	}
	if (b->ext.open && b->ext.end_status == 0xc600)
		b->ext.end_status = b->left > 0 ? 0xc800 : 0;
	b->ext.open = false;
	answer(b, EXT_END, b->ext.expected, NULL, 0, b->ext.end_status);
}

/* ---- reading ---- */

/* What the range turns into, `len` bytes of it from `at` on. */
static void
get_part(struct board *b, uint32_t at, uint8_t *out, uint32_t len)
{
	uint32_t	each = b->ext.what == EXT_READ_MD5_8 ? 8 : 16, from, n;
	uint8_t		sum[EVP_MAX_MD_SIZE];

	if (b->ext.what == EXT_READ_FLASH) {
		memcpy(out, b->flash + b->ext.start + at, len);
		return;
	}
	assert(at % each == 0 && len % each == 0);
	for (uint32_t i = at / each; i < (at + len) / each; i++) {
		from = i * SECTOR;
		n = b->ext.bytes - from < SECTOR ? b->ext.bytes - from : SECTOR;
		assert(EVP_Digest(b->flash + b->ext.start + from, n, sum, NULL,
		    EVP_md5(), NULL) == 1);
		memcpy(out + i * each - at, sum, each);
	}
}

static void
send_parts(struct board *b)
{
	struct board_ext	*e = &b->ext;
	static uint8_t		 part[MOST];

	while (e->at < e->all && e->at - e->acked + e->part <= e->window) {
		uint32_t	n = e->all - e->at < e->part ? e->all - e->at :
				    e->part;

		get_part(b, e->at, part, n);
		answer(b, EXT_READ, e->at, part, n, 0);
		e->at += n;
	}
	if (e->at == e->all && !e->told) {
		e->told = true;
		answer(b, EXT_READ, e->all, NULL, 0, 0);
	}
}

static void
open_read(struct board *b, const uint8_t *p)
{
	struct board_ext	*e = &b->ext;
	uint32_t		 each;

	e->what = word(p, 0);
	e->start = word(p, 1);
	e->bytes = word(p, 2);
	e->part = word(p, 3);
	e->window = word(p, 4);
	assert(e->part > 0 && e->part <= MOST && e->window >= e->part);
	if (e->start + e->bytes > BOARD_FLASH) {
		answer(b, EXT_READ, 0, NULL, 0, 0xc000);
		return;
	}
	each = e->what == EXT_READ_MD5_8 ? 8 : 16;
	e->all = e->what == EXT_READ_FLASH ? e->bytes :
	    (e->bytes + SECTOR - 1) / SECTOR * each;
	e->at = e->acked = 0;
	e->reading = true;
	e->told = false;
	send_parts(b);
}

static void
on_ack(struct board *b, const uint8_t *p)
{
	struct board_ext	*e = &b->ext;

	if (!e->reading)
		return;
	e->acked = word(p, 0);
	if (word(p, 1) != 0) {
		e->at = e->acked;
		e->told = false;
		e->again++;
	}
	send_parts(b);
}

/* ---- rows ---- */

/* One step; its bytes go to *out.  Returns how long it was. */
static size_t
do_step(struct board *b, const uint8_t *p, uint8_t **out)
{
	uint32_t	addr = word(p, 1), x = word(p, 2), y = word(p, 3);
	uint32_t	*r;

	switch (p[0]) {
	case EXT_STEP_READ:
		for (uint32_t i = 0; i < x; i++, *out += 4)
			le32_put(*out, board_read(b, addr + 4 * i));
		break;
	case EXT_STEP_WRITE:
		r = board_reg(b, addr);
		board_write(b, addr, (*r & ~y) | (x & y));
		break;
	case EXT_STEP_WAIT:
		b->now += x / 1000;
		break;
	case EXT_STEP_SPI:
		memset(*out, 0, (y + 3) / 4 * 4);
		board_spi_direct(b, p[1], p[2] > 0 ? &addr : NULL,
		    p + EXT_STEP_BYTES, x, *out, y);
		*out += (y + 3) / 4 * 4;
		return EXT_STEP_BYTES + (x + 3) / 4 * 4;
	default:
		assert(false);
	}
	return EXT_STEP_BYTES;
}

static void
batch(struct board *b, const uint8_t *p, size_t len)
{
	static uint8_t	 out[MOST];
	uint8_t		*to = out;
	uint32_t	 done = 0;
	uint16_t	 status = 0;

	for (size_t at = 0; at < len; done++) {
		if (falls_on(&b->ext.fail_step)) {
			status = 0xc400;
			break;
		}
		at += do_step(b, p + at, &to);
		assert(at <= len && to <= out + sizeof out);
	}
	answer(b, EXT_BATCH, done, out, (size_t)(to - out), status);
}

bool
board_ext(struct board *b, const uint8_t *f, size_t len)
{
	uint8_t		 op = f[1];
	const uint8_t	*p = f + CMD_HEADER;
	uLong		 sum = crc32(0, f + 1, 3);

	if (!b->stub || !b->ext.there || op < EXT_INFO || op > EXT_COUNTERS)
		return false;
	len -= CMD_HEADER;
	sum = crc32(sum, p, (uInt)len);
	assert((uint32_t)sum == le32_get(f + 4));
	if (falls_on(&b->ext.lose_request))
		return true;
	if (falls_on(&b->ext.spoil_request) || (op == EXT_BLOCK &&
	    b->ext.spoil_block != 0 && len > EXT_BLOCK_HEAD &&
	    (word(p, 0) & EXT_BLOCK_NUMBER) == b->ext.spoil_block)) {
		if (b->ext.open)
			acknowledge(b, AGAIN);
		return true;
	}
	b->ext.reading &= op == EXT_ACK;
	if (op == EXT_INFO)
		info(b);
	if (op == EXT_BATCH)
		batch(b, p, len);
	if (op == EXT_WRITE)
		open_stream(b, p);
	if (op == EXT_BLOCK)
		take_block(b, p, len);
	if (op == EXT_END)
		end_stream(b, p);
	if (op == EXT_READ)
		open_read(b, p);
	if (op == EXT_ACK)
		on_ack(b, p);
	if (op == EXT_COUNTERS)
		answer(b, op, 0, (uint8_t [4 * EXT_COUNTS]){ 7 },
		    4 * EXT_COUNTS, 0);
	return true;
}
