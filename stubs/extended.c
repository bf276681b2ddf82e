#include "stubs/extended.h"

#include "proto/base/bytes.h"
#include "stubs/crc.h"
#include "stubs/nor.h"
#include "stubs/packet.h"
#include "stubs/reader.h"
#include "stubs/stub.h"
#include "stubs/writer.h"

bool
extended_intact(struct stub *s, uint32_t len)
{
	const uint8_t	*p = s->frame + CMD_HEADER;
	uint32_t	 crc, n;

	if (le16_get(s->frame + 2) != len)
		return false;
	crc = crc_bytes(s->crc_table, UINT32_MAX, s->frame + 1, 3);
	for (; len > 0; p += n, len -= n) {
		n = len < STUB_SLICE ? len : STUB_SLICE;
		crc = crc_bytes(s->crc_table, crc, p, n);
		stub_pump(s);
	}
	return ~crc == stub_le(s->frame_word[1]);
}

void
extended_info(struct stub *s, const uint32_t *d, uint32_t len)
{
	const uint32_t	info[EXT_INFO_BYTES / 4] = {
		[EXT_INFO_VERSION]	= EXT_VERSION,
		[EXT_INFO_BUILD]	= STUB_BUILD,
		[EXT_INFO_CAPS]		= s->caps,
		[EXT_INFO_WINDOW]	= STUB_RING,
		[EXT_INFO_BLOCK]	= STUB_EXT_BLOCK,
		[EXT_INFO_PART]		= STUB_PART,
		[EXT_INFO_BATCH]	= STUB_BATCH,
		[EXT_INFO_CHIP]		= hal_chip(s),
	};

	(void)d;
	(void)len;
	for (uint32_t i = 0; i < EXT_INFO_BYTES / 4; i++)
		s->scratch[i] = stub_le(info[i]);
	s->payload_len = EXT_INFO_BYTES;
}

void
extended_counters(struct stub *s, const uint32_t *d, uint32_t len)
{
	bool	again = stub_le(d[0]) == 1;

	(void)len;
	s->counters[EXT_COUNT_NOW] = hal_ticks(s);
	for (uint32_t i = 0; i < EXT_COUNTS; i++) {
		s->scratch[i] = stub_le(s->counters[i]);
		if (again)
			s->counters[i] = 0;
	}
	s->payload_len = sizeof(s->counters);
}

/* ---- the stream of blocks ---- */

/* The answer says which block is expected and how far the flash is
 * programmed. */
static void
extended_ack(struct stub *s)
{
	s->value = s->writer.next;
	s->scratch[0] = stub_le(s->writer.pos);
	s->payload = s->scratch;
	s->payload_len = 4;
	packet_answer(s);
}

/* Where a stream has failed, it is closed; whoever asks for more of it gets to
 * know why, each time. */
static void
extended_settle(struct stub *s)
{
	struct writer	*w = &s->writer;
	uint8_t		 e = s->error;

	if (e != STATUS_OK) {
		writer_close(s);
		w->failure = e;
	} else if (!w->stream) {
		s->error = w->failure;
	}
}

void
extended_write(struct stub *s, const uint32_t *d, uint32_t len)
{
	(void)len;
	writer_begin(s, (stub_le(d[2]) & EXT_WRITE_DEFLATE) != 0 ?
	    WRITING_DEFLATED : WRITING_PLAIN, stub_le(d[0]), stub_le(d[1]));
	s->writer.stream = s->error == STATUS_OK;
}

/* How far a block is behind the one that is expected: 0 is that one. */
static uint32_t
extended_gap(const struct stub *s, uint32_t number)
{
	return (number - s->writer.next) & EXT_BLOCK_NUMBER;
}

void
extended_block(struct stub *s, const uint32_t *d, uint32_t len)
{
	struct writer	*w = &s->writer;
	uint32_t	 word = stub_le(d[0]), gap = extended_gap(s, word);

	extended_settle(s);
	if (s->error != STATUS_OK || len <= EXT_BLOCK_HEAD) {
		extended_ack(s);	/* asked for */
		return;
	}
	w->round = (uint8_t)(word >> 24);
	if (gap == 0) {
		w->next++;
		extended_ack(s);
		writer_take(s, s->frame + CMD_HEADER + EXT_BLOCK_HEAD,
		    len - EXT_BLOCK_HEAD);
	} else if (gap > EXT_BLOCK_NUMBER / 2) {
		extended_ack(s);	/* known already */
	} else if (!w->asked_any || w->asked != w->round) {
		s->error = EXT_AGAIN;	/* once in a round */
		extended_ack(s);
		w->asked_any = true;
		w->asked = w->round;
	}
	s->answered = true;
}

/* The answer may have been lost: asked again, it is the same. */
void
extended_end(struct stub *s, const uint32_t *d, uint32_t len)
{
	struct writer	*w = &s->writer;
	uint32_t	 count = stub_le(d[0]);

	(void)len;
	if (w->finished == count) {
		extended_ack(s);
		return;
	}
	extended_settle(s);
	if (s->error == STATUS_OK && w->next < count) {
		s->error = EXT_AGAIN;
		extended_ack(s);
		return;
	}
	if (w->next > count)
		stub_fail(s, STATUS_MUCH);
	if (s->error == STATUS_OK)
		writer_end(s);
	extended_settle(s);
	if (w->stream) {
		writer_close(s);
		w->finished = count;
	}
	extended_ack(s);
}

void
extended_damaged(struct stub *s)
{
	struct writer	*w = &s->writer;

	if (!w->stream || s->error != STATUS_OK)
		return;
	/* What follows in this round is not asked for once more. */
	w->asked_any = true;
	w->asked = w->round;
	s->op = EXT_BLOCK;
	s->error = EXT_AGAIN;
	extended_ack(s);
}

/* ---- reading ---- */

/* What comes out of it are the answers. */
void
extended_read(struct stub *s, const uint32_t *d, uint32_t len)
{
	uint32_t	what = stub_le(d[0]), part = stub_le(d[3]);

	(void)len;
	if (what > EXT_READ_MD5_16)
		stub_fail(s, STATUS_LENGTH);
	if (part > STUB_PART)
		part = STUB_PART;
	reader_begin(s, READING_FLASH + what, stub_le(d[1]), stub_le(d[2]),
	    part, stub_le(d[4]));
	s->answered = s->error == STATUS_OK;
}

void
extended_acked(struct stub *s, const uint32_t *d, uint32_t len)
{
	(void)len;
	reader_acked(s, stub_le(d[0]), stub_le(d[1]) != 0);
	s->answered = true;
}
