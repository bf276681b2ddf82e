#include "stubs/writer.h"

#include "stubs/meter.h"
#include "stubs/nor.h"
#include "stubs/packet.h"
#include "stubs/stub.h"

/* What hal_encrypt() does at once, and what of that it may begin with. */
enum { SEAL_BYTES = 32, SEAL_ALIGN = 16 };

/* ---- erasing ---- */

static void
writer_range(struct writer *w, uint32_t addr, uint32_t len)
{
	w->erase = addr & ~(uint32_t)(NOR_SECTOR - 1);
	w->erase_end = len == 0 ? w->erase : (addr + len + NOR_SECTOR - 1) &
	    ~(uint32_t)(NOR_SECTOR - 1);
}

static void
writer_erase_step(struct stub *s)
{
	struct writer	*w = &s->writer;

	w->erase += nor_erase(s, w->erase, w->erase_end - w->erase);
}

static void
writer_erase_to(struct stub *s, uint32_t addr)
{
	struct writer	*w = &s->writer;

	while (s->error == STATUS_OK && w->erase < addr &&
	    w->erase < w->erase_end)
		writer_erase_step(s);
}

bool
writer_ahead(struct stub *s)
{
	struct writer	*w = &s->writer;

	if (w->mode == WRITING_NOTHING || w->erase >= w->erase_end ||
	    s->error != STATUS_OK || nor_busy(s))
		return false;
	writer_erase_step(s);
	return true;
}

void
writer_erase(struct stub *s, uint32_t addr, uint32_t len)
{
	writer_close(s);
	if ((addr | len) % NOR_SECTOR != 0)
		stub_fail(s, STATUS_LENGTH);
	else if (nor_has(s, addr, len))
		nor_unlock(s);
	writer_range(&s->writer, addr, len);
	writer_erase_to(s, UINT32_MAX);
	nor_wait(s);
}

/* ---- data ---- */

/* How many bytes hal_encrypt() may take as they stand. */
static uint32_t
writer_whole(uint32_t pos, const uint8_t *data, uint32_t len)
{
	if (pos % SEAL_BYTES != 0 || (uintptr_t)data % sizeof(uint32_t) != 0)
		return 0;
	len &= ~(uint32_t)(SEAL_BYTES - 1);
	return len < HAL_SEAL ? len : HAL_SEAL;
}

static void
writer_seal(struct stub *s, const uint8_t *data, uint32_t len)
{
	struct writer	*w = &s->writer;

	if (w->pos % SEAL_ALIGN != 0)
		stub_fail(s, STATUS_BLOCK);
	nor_wait(s);
	for (uint32_t at = 0, n; at < len && s->error == STATUS_OK; at += n) {
		const uint8_t	*from = data + at;

		n = writer_whole(w->pos + at, from, len - at);
		if (n == 0) {
			n = SEAL_BYTES - (w->pos + at) % SEAL_BYTES;
			for (uint32_t i = 0; i < n; i++)
				s->slice[i] = at + i < len ? from[i] : 0xff;
			from = s->slice;
		}
		if (hal_encrypt(s, w->pos + at, from, n) != 0)
			stub_fail(s, STATUS_SPI);
		stub_pump(s);
	}
	nor_touched(s);
}

/* As they stand in flash. */
static bool
writer_program(void *arg, const uint8_t *data, uint32_t len)
{
	struct stub	*s = arg;
	struct writer	*w = &s->writer;
	uint32_t	 was = meter_switch(s, EXT_COUNT_PROGRAM);

	if (len > w->end - w->pos)
		stub_fail(s, STATUS_MUCH);
	else
		writer_erase_to(s, w->pos + len);
	if (s->error == STATUS_OK) {
		if (w->encrypted)
			writer_seal(s, data, len);
		else
			nor_program(s, w->pos, data, len);
		w->pos += len;
	}
	(void)meter_switch(s, was);
	return s->error == STATUS_OK;
}

/* The block that is owed an answer is worked on. */
static void	writer_settle(struct stub *);

static void
writer_tick(void *arg)
{
	stub_pump(arg);
}

/* The inflating needs more: go on serving requests until one brings it.  False
 * when there will be none. */
static bool
writer_more(void *arg)
{
	struct stub	*s = arg;
	struct writer	*w = &s->writer;
	uint32_t	 was = meter_switch(s, EXT_COUNT_NOW);

	writer_settle(s);
	while (s->inflate.in == s->inflate.in_end && !w->cut && !s->left)
		stub_turn(s);
	(void)meter_switch(s, was);
	return !w->cut && !s->left;
}

static void
writer_inflate(struct stub *s)
{
	struct writer	*w = &s->writer;
	uint32_t	 was = meter_switch(s, EXT_COUNT_INFLATE);

	/* One piece is inflated while the one before is programmed; what the
	 * chip encrypts goes there in as few as possible. */
	s->inflate.piece = w->encrypted ? HAL_SEAL : STUB_SLICE;
	w->inflating = true;
	w->cut = false;
	switch (inflate_run(&s->inflate)) {
	case INFLATE_DONE:
		w->inflated = true;
		if (w->pos != w->end)
			stub_fail(s, STATUS_LITTLE);
		break;
	case INFLATE_BAD:
		stub_fail(s, STATUS_INFLATE);
		break;
	case INFLATE_CUT:
		break;
	}
	w->inflating = false;
	(void)meter_switch(s, was);
}

void
writer_take(struct stub *s, const uint8_t *data, uint32_t len)
{
	struct writer	*w = &s->writer;
	uint32_t	 left = w->end - w->pos;

	if (w->mode == WRITING_DEFLATED) {
		s->inflate.in = data;
		s->inflate.in_end = data + len;
		if (w->inflating)	/* waits for it in writer_more() */
			return;
		if (!w->inflated)
			writer_inflate(s);
		/* Espressif's protocol may pad its blocks. */
		if (w->stream && s->inflate.in != s->inflate.in_end)
			stub_fail(s, STATUS_MUCH);
	} else {
		/* There the last block comes padded. */
		if (len > left && left > 0 && !w->stream)
			len = left;
		(void)writer_program(s, data, len);	/* s->error tells */
	}
	writer_settle(s);
}

static void
writer_settle(struct stub *s)
{
	if (s->writer.owed) {
		s->writer.owed = false;
		packet_answer(s);
	}
}

/* ---- begin and end ---- */

void
writer_close(struct stub *s)
{
	struct writer	*w = &s->writer;

	w->mode = WRITING_NOTHING;
	w->stream = false;
	w->owed = false;
	w->cut = true;
	w->failure = STATUS_CLOSED;
	w->finished = UINT32_MAX;
}

void
writer_begin(struct stub *s, enum writing mode, uint32_t len, uint32_t addr)
{
	struct writer	*w = &s->writer;

	writer_close(s);
	if (!nor_has(s, addr, len))
		return;
	if (len > 0)
		nor_unlock(s);
	w->mode = s->error == STATUS_OK ? (uint8_t)mode : WRITING_NOTHING;
	w->encrypted = w->inflated = w->asked_any = false;
	w->round = 0;
	w->next = 0;
	w->pos = addr;
	w->end = addr + len;
	writer_range(w, addr, len);
	s->inflate.more = writer_more;
	s->inflate.sink = writer_program;
	s->inflate.tick = writer_tick;
	s->inflate.arg = s;
}

void
writer_end(struct stub *s)
{
	struct writer	*w = &s->writer;

	if (w->mode == WRITING_NOTHING)
		stub_fail(s, w->failure);
	else if (w->pos != w->end ||
	    (w->stream && w->mode == WRITING_DEFLATED && !w->inflated))
		stub_fail(s, STATUS_LITTLE);
	nor_wait(s);
}
