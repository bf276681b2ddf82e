/*
 * core - what the stub does all the time: take the next request, and meanwhile
 * read on, erase ahead, or wait.
 */
#include "proto/base/bytes.h"
#include "stubs/command.h"
#include "stubs/crc.h"
#include "stubs/extended.h"
#include "stubs/hal.h"
#include "stubs/meter.h"
#include "stubs/nor.h"
#include "stubs/packet.h"
#include "stubs/reader.h"
#include "stubs/stub.h"
#include "stubs/writer.h"

enum {
	GREETING	= 4,
	ACK_BYTES	= 4,	/* of READ_FLASH: a frame that is no request */
};

/* The greeting, and the mark by which a simulator knows an image of ours. */
static const char core_mark[8] __attribute__((used)) = "OHAIESPF";

uint32_t
stub_size(void)
{
	return sizeof(struct stub);
}

void *
stub_hal(const struct stub *s)
{
	return s->hal;
}

void
stub_stop(struct stub *s)
{
	s->left = true;
}

uint32_t
stub_word(const struct stub *s, uint32_t n)
{
	return le32_get(s->frame + CMD_HEADER + 4 * n);
}

/* A stream is never disturbed by what only looks like a request: those of the
 * old protocol have no CRC there, but a number below 256. */
static bool
core_plausible(const struct stub *s, uint32_t len)
{
	return le16_get(s->frame + 2) == len && le32_get(s->frame + 4) < 256;
}

/* A request of Espressif's protocol: it ends whatever else goes on. */
static void
core_plain(struct stub *s, uint8_t op, uint32_t len)
{
	uint8_t	e = s->deferred;

	if (s->writer.stream && !core_plausible(s, len)) {
		extended_damaged(s);
		return;
	}
	reader_close(s);
	if (s->writer.stream || (op == CMD_SYNC && len == CMD_SYNC_LEN))
		writer_close(s);
	if (le16_get(s->frame + 2) != len ||
	    (op == CMD_SYNC && len != CMD_SYNC_LEN)) {
		packet_answer(s, op, 0, STATUS_LENGTH);
	} else if (op == CMD_SYNC) {
		command_sync(s);
	} else if (e != STATUS_OK) {
		writer_close(s);
		packet_answer(s, op, 0, e);
	} else {
		command_run(s, op, len);
	}
}

static void
core_extended(struct stub *s, uint8_t op, uint32_t len)
{
	if (le16_get(s->frame + 2) != len || !extended_intact(s, len)) {
		extended_damaged(s);
		return;
	}
	if (op != EXT_ACK)
		reader_close(s);
	extended_run(s, op, len);
}

/* What came: a request, an acknowledgement, or noise. */
static void
core_frame(struct stub *s, int32_t n)
{
	uint8_t	op = s->frame[1];

	if (n == ACK_BYTES && s->reader.mode == READING_FRAMES) {
		reader_acked(s, le32_get(s->frame), false);
		return;
	}
	if (n < CMD_HEADER || s->frame[0] != CMD_REQUEST) {
		extended_damaged(s);
		return;
	}
	if (op >= EXT_INFO && !s->official)
		core_extended(s, op, (uint32_t)n - CMD_HEADER);
	else
		core_plain(s, op, (uint32_t)n - CMD_HEADER);
}

static void
core_idle(struct stub *s)
{
	uint32_t	was = meter_switch(s, EXT_COUNT_IDLE);

	hal_idle(s);
	(void)meter_switch(s, was);
}

void
stub_main(struct stub *s, void *hal, bool official)
{
	int32_t	n;

	s->hal = hal;
	s->official = official;
	writer_close(s);
	crc_make(s->crc_table);
	hal_init(s);
	s->caps = hal_caps(s);
	s->meter_since = hal_ticks(s);
	nor_identify(s);
	packet_begin(s);
	packet_add(s, core_mark, GREETING);
	packet_end(s);
	while (!s->left) {
		n = packet_next(s);
		if (n != PACKET_NONE)
			core_frame(s, n);
		else if (!reader_more(s) && !writer_ahead(s))
			core_idle(s);
	}
}
