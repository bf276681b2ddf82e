#include "stubs/extended.h"

#include "proto/base/bytes.h"
#include "stubs/batch.h"
#include "stubs/crc.h"
#include "stubs/hal.h"
#include "stubs/packet.h"
#include "stubs/reader.h"
#include "stubs/stub.h"
#include "stubs/writer.h"

bool
extended_intact(struct stub *s, uint32_t len)
{
	const uint8_t	*p = s->frame + CMD_HEADER;
	uint32_t	 crc;

	crc = crc_bytes(s->crc_table, UINT32_MAX, s->frame + 1, 3);
	while (len > 0) {
		uint32_t	n = len < STUB_SLICE ? len : STUB_SLICE;

		crc = crc_bytes(s->crc_table, crc, p, n);
		stub_pump(s);
		p += n;
		len -= n;
	}
	return ~crc == le32_get(s->frame + 4);
}

static void
extended_info(struct stub *s, uint8_t op)
{
	packet_reply(s, op, 0, EXT_INFO_BYTES);
	packet_word(s, EXT_VERSION);
	packet_word(s, STUB_BUILD);
	packet_word(s, s->caps);
	packet_word(s, STUB_RING);
	packet_word(s, STUB_EXT_BLOCK);
	packet_word(s, STUB_PART);
	packet_word(s, STUB_BATCH);
	packet_word(s, hal_chip(s));
	packet_status(s, STATUS_OK);
}

static void
extended_counters(struct stub *s, uint8_t op, bool again)
{
	s->counters[EXT_COUNT_NOW] = hal_ticks(s);
	packet_reply(s, op, 0, sizeof(s->counters));
	for (uint32_t i = 0; i < EXT_COUNTS; i++)
		packet_word(s, s->counters[i]);
	packet_status(s, STATUS_OK);
	for (uint32_t i = 0; again && i < EXT_COUNTS; i++)
		s->counters[i] = 0;
}

/* ---- the stream of blocks ---- */

/* Says which block is expected and how far the flash is programmed. */
static void
extended_ack(struct stub *s, uint8_t op, uint8_t status)
{
	packet_reply(s, op, s->writer.next, 4);
	packet_word(s, s->writer.pos);
	packet_status(s, status);
}

/* What has failed since the last answer ends the stream; every further block
 * is answered with that. */
static void
extended_failed(struct stub *s, uint8_t op, uint8_t status)
{
	writer_close(s);
	s->writer.failure = status;
	extended_ack(s, op, status);
}

static uint8_t
extended_write(struct stub *s, uint32_t len)
{
	uint8_t	e;

	if (len != 12)
		return STATUS_LENGTH;
	e = writer_begin(s, (stub_word(s, 2) & EXT_WRITE_DEFLATE) != 0 ?
	    WRITING_DEFLATED : WRITING_PLAIN, stub_word(s, 0), stub_word(s, 1));
	s->writer.stream = e == STATUS_OK;
	return e;
}

/* A block came that is not the next one. */
static void
extended_gap(struct stub *s, uint8_t op, uint8_t round)
{
	struct writer	*w = &s->writer;

	if (w->asked_any && w->asked == round)
		return;
	w->asked_any = true;
	w->asked = round;
	extended_ack(s, op, EXT_AGAIN);
}

static void
extended_block(struct stub *s, uint8_t op, uint32_t len)
{
	struct writer	*w = &s->writer;
	uint32_t	 number = stub_word(s, 0) & EXT_BLOCK_NUMBER;

	if (!w->stream || s->deferred != STATUS_OK) {
		extended_failed(s, op, s->deferred != STATUS_OK ? s->deferred :
		    w->failure);
		return;
	}
	w->round = (uint8_t)(stub_word(s, 0) >> 24);
	if (len > EXT_BLOCK_HEAD && number > (w->next & EXT_BLOCK_NUMBER)) {
		extended_gap(s, op, w->round);
		return;
	}
	if (len == EXT_BLOCK_HEAD || number != (w->next & EXT_BLOCK_NUMBER)) {
		extended_ack(s, op, STATUS_OK);	/* asked for, or known */
		return;
	}
	w->next++;
	extended_ack(s, op, STATUS_OK);
	s->deferred = writer_take(s, s->frame + CMD_HEADER + EXT_BLOCK_HEAD,
	    len - EXT_BLOCK_HEAD);
}

/* The answer may have been lost: asked again, it is the same. */
static void
extended_end(struct stub *s, uint8_t op, uint32_t count)
{
	struct writer	*w = &s->writer;
	uint8_t		 e = s->deferred;

	if (!w->stream && w->finished == count && count == w->next) {
		extended_ack(s, op, STATUS_OK);
		return;
	}
	if (w->stream && e == STATUS_OK && w->next < count) {
		extended_ack(s, op, EXT_AGAIN);
		return;
	}
	if (e == STATUS_OK)
		e = !w->stream ? w->failure :
		    w->next > count ? STATUS_MUCH : writer_end(s);
	if (e != STATUS_OK) {
		extended_failed(s, op, e);
		return;
	}
	writer_close(s);
	w->finished = count;
	extended_ack(s, op, STATUS_OK);
}

void
extended_damaged(struct stub *s)
{
	struct writer	*w = &s->writer;

	if (!w->stream || s->deferred != STATUS_OK)
		return;
	/* What follows in this round is not asked for once more. */
	w->asked_any = true;
	w->asked = w->round;
	extended_ack(s, EXT_BLOCK, EXT_AGAIN);
}

/* ---- */

/* What comes out of it are the answers. */
static void
extended_read(struct stub *s, uint8_t op, uint32_t len)
{
	uint8_t	e = STATUS_LENGTH;

	if (len == 20)
		e = reader_begin_ext(s, (enum ext_read)stub_word(s, 0),
		    stub_word(s, 1), stub_word(s, 2), stub_word(s, 3),
		    stub_word(s, 4));
	if (e != STATUS_OK)
		packet_answer(s, op, 0, e);
}

void
extended_run(struct stub *s, uint8_t op, uint32_t len)
{
	switch (op) {
	case EXT_INFO:
		extended_info(s, op);
		break;
	case EXT_BATCH:
		batch_run(s, op, len);
		break;
	case EXT_WRITE:
		packet_answer(s, op, 0, extended_write(s, len));
		break;
	case EXT_BLOCK:
		if (len >= EXT_BLOCK_HEAD)
			extended_block(s, op, len);
		break;
	case EXT_END:
		if (len == 4)
			extended_end(s, op, stub_word(s, 0));
		break;
	case EXT_READ:
		extended_read(s, op, len);
		break;
	case EXT_ACK:
		if (len == 8)
			reader_acked(s, stub_word(s, 0), stub_word(s, 1) != 0);
		break;
	case EXT_COUNTERS:
		extended_counters(s, op, len >= 4 && stub_word(s, 0) != 0);
		break;
	default:
		packet_answer(s, op, 0, STATUS_COMMAND);
		break;
	}
}
