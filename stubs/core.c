/*
 * core - what the stub does all the time: take the next request, and meanwhile
 * read on, erase ahead, or wait.
 */
#include "stubs/command.h"
#include "stubs/crc.h"
#include "stubs/extended.h"
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

void
stub_fail(struct stub *s, enum status e)
{
	if (s->error == STATUS_OK)
		s->error = (uint8_t)e;
}

void
stub_poke(struct stub *s, uint32_t addr, uint32_t value, uint32_t mask)
{
	if (mask != UINT32_MAX)
		value = (value & mask) | (hal_read(s, addr) & ~mask);
	hal_write(s, addr, value);
}

/* A request of Espressif's protocol: it ends whatever else goes on.  But
 * neither stream nor read is disturbed by what only looks like one: there is no
 * CRC where ours have one, but a number below 256. */
static void
core_plain(struct stub *s, uint32_t len)
{
	bool	ours = s->writer.stream || s->reader.mode > READING_FRAMES;

	if (ours && stub_le(s->frame_word[1]) > UINT8_MAX) {
		extended_damaged(s);
		return;
	}
	reader_close(s);
	if (s->op == CMD_SYNC)
		s->error = STATUS_OK;
	if (s->writer.stream || s->op == CMD_SYNC)
		writer_close(s);
	command_run(s, len);
}

static void
core_extended(struct stub *s, uint32_t len)
{
	uint8_t	e = s->error;

	if (!extended_intact(s, len)) {
		extended_damaged(s);
		return;
	}
	if (s->op != EXT_ACK)
		reader_close(s);
	s->error = STATUS_OK;
	if (e != STATUS_OK) {		/* the stream's; others go on */
		writer_close(s);
		s->writer.failure = e;
	}
	command_run(s, len);
}

/* What came: a request, an acknowledgement, or noise. */
static void
core_frame(struct stub *s, int32_t n)
{
	uint32_t	len = (uint32_t)n - CMD_HEADER;

	if (n == ACK_BYTES && s->reader.mode == READING_FRAMES) {
		reader_acked(s, stub_le(s->frame_word[0]), false);
		return;
	}
	if (n < CMD_HEADER || s->frame[0] != CMD_REQUEST) {
		extended_damaged(s);
		return;
	}
	s->op = s->frame[1];
	if (s->op >= EXT_INFO && !s->official)
		core_extended(s, len);
	else
		core_plain(s, len);
}

void
stub_turn(struct stub *s)
{
	int32_t		n = packet_next(s);
	uint32_t	was;

	if (n != PACKET_NONE) {
		core_frame(s, n);
	} else if (!reader_more(s) && !writer_ahead(s)) {
		was = meter_switch(s, EXT_COUNT_IDLE);
		hal_idle(s);
		(void)meter_switch(s, was);
	}
}

void
stub_main(struct stub *s, void *hal, bool official)
{
	s->hal = hal;
	s->official = official;
	writer_close(s);
	crc_make(s->crc_table);
	hal_init(s);
	s->caps = hal_caps(s);
	s->meter_since = hal_ticks(s);
	nor_identify(s);
	s->error = STATUS_OK;	/* one that hangs is for the commands to tell */
	packet_begin(s);
	packet_add(s, core_mark, GREETING);
	packet_end(s);
	while (!s->left)
		stub_turn(s);
}
