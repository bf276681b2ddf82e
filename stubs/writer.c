#include "stubs/writer.h"

#include "stubs/hal.h"
#include "stubs/meter.h"
#include "stubs/nor.h"
#include "stubs/stub.h"

/* What hal_encrypt() does at once, and what of that it may begin with. */
enum { SEAL_BYTES = 32, SEAL_ALIGN = 16 };

/* ---- erasing ---- */

static void
writer_range(struct writer *w, uint32_t addr, uint32_t len)
{
	w->erase = addr & ~(uint32_t)(NOR_SECTOR - 1);
	w->erase_end = (addr + len + NOR_SECTOR - 1) &
	    ~(uint32_t)(NOR_SECTOR - 1);
	if (len == 0)
		w->erase_end = w->erase;
}

static uint8_t
writer_erase_step(struct stub *s)
{
	struct writer	*w = &s->writer;
	uint32_t	 step = 0;
	uint8_t		 e;

	e = nor_erase(s, w->erase, w->erase_end - w->erase, &step);
	w->erase += step;
	return e;
}

static uint8_t
writer_erase_to(struct stub *s, uint32_t addr)
{
	struct writer	*w = &s->writer;
	uint8_t		 e = STATUS_OK;

	while (e == STATUS_OK && w->erase < addr && w->erase < w->erase_end)
		e = writer_erase_step(s);
	return e;
}

bool
writer_ahead(struct stub *s)
{
	struct writer	*w = &s->writer;
	uint8_t		 e;

	if (w->mode == WRITING_NOTHING || w->erase >= w->erase_end ||
	    nor_busy(s))
		return false;
	if ((e = writer_erase_step(s)) != STATUS_OK) {
		s->deferred = e;
		w->erase = w->erase_end;
	}
	return true;
}

uint8_t
writer_erase(struct stub *s, uint32_t addr, uint32_t len)
{
	uint8_t	e;

	writer_close(s);
	if (addr % NOR_SECTOR != 0 || len % NOR_SECTOR != 0 ||
	    !nor_has(s, addr, len))
		return STATUS_LENGTH;
	if ((e = nor_unlock(s)) != STATUS_OK)
		return e;
	writer_range(&s->writer, addr, len);
	if ((e = writer_erase_to(s, addr + len)) != STATUS_OK)
		return e;
	return nor_wait(s);
}

/* ---- data ---- */

static uint8_t
writer_seal(struct stub *s, const uint8_t *data, uint32_t len)
{
	struct writer	*w = &s->writer;
	uint8_t		 piece[SEAL_BYTES] __attribute__((aligned(4))), e;

	if (w->pos % SEAL_ALIGN != 0)
		return STATUS_BLOCK;
	if ((e = nor_wait(s)) != STATUS_OK)
		return e;
	for (uint32_t at = 0, n; at < len; at += n) {
		n = SEAL_BYTES - (w->pos + at) % SEAL_BYTES;
		for (uint32_t i = 0; i < n; i++)
			piece[i] = at + i < len ? data[at + i] : 0xff;
		if (hal_encrypt(s, w->pos + at, piece, n) != 0)
			return STATUS_SPI;
		stub_pump(s);
	}
	nor_touched(s);
	return STATUS_OK;
}

/* As they stand in flash. */
static uint8_t
writer_program(struct stub *s, const uint8_t *data, uint32_t len)
{
	struct writer	*w = &s->writer;
	uint32_t	 was = meter_switch(s, EXT_COUNT_PROGRAM);
	uint8_t		 e;

	e = writer_erase_to(s, w->pos + len);
	if (e == STATUS_OK)
		e = w->encrypted ? writer_seal(s, data, len) :
		    nor_program(s, w->pos, data, len);
	w->pos += len;
	(void)meter_switch(s, was);
	return e;
}

static bool
writer_sink(void *arg, const uint8_t *data, uint32_t len)
{
	struct stub	*s = arg;
	struct writer	*w = &s->writer;

	s->deferred = STATUS_MUCH;
	if (len <= w->end - w->pos)
		s->deferred = writer_program(s, data, len);
	return s->deferred == STATUS_OK;
}

static void
writer_tick(void *arg)
{
	stub_pump(arg);
}

static uint8_t
writer_inflate(struct stub *s, const uint8_t *data, uint32_t len)
{
	struct writer		*w = &s->writer;
	enum inflate_result	 r;
	uint32_t		 was;

	if (w->inflated)	/* Espressif's protocol may pad its blocks */
		return w->stream && len > 0 ? STATUS_MUCH : STATUS_OK;
	was = meter_switch(s, EXT_COUNT_INFLATE);
	r = inflate_feed(&s->inflate, data, len);
	(void)meter_switch(s, was);
	if (r == INFLATE_BAD)
		return s->deferred != STATUS_OK ? s->deferred : STATUS_INFLATE;
	if (r == INFLATE_MORE)
		return STATUS_OK;
	w->inflated = true;
	if (w->stream && inflate_rest(&s->inflate) > 0)
		return STATUS_MUCH;
	return w->pos < w->end ? STATUS_LITTLE : STATUS_OK;
}

uint8_t
writer_take(struct stub *s, const uint8_t *data, uint32_t len)
{
	struct writer	*w = &s->writer;
	uint32_t	 left = w->end - w->pos;

	if (w->mode == WRITING_DEFLATED)
		return writer_inflate(s, data, len);
	if (len > left) {
		/* The last block of Espressif's protocol comes padded. */
		if (w->stream || left == 0)
			return STATUS_MUCH;
		len = left;
	}
	return writer_program(s, data, len);
}

/* ---- begin and end ---- */

void
writer_close(struct stub *s)
{
	s->writer.mode = WRITING_NOTHING;
	s->writer.stream = false;
	s->writer.finished = UINT32_MAX;
	s->writer.failure = STATUS_CLOSED;
	s->deferred = STATUS_OK;
}

uint8_t
writer_begin(struct stub *s, enum writing mode, uint32_t len, uint32_t addr)
{
	struct writer	*w = &s->writer;
	uint8_t		 e;

	writer_close(s);
	if (!nor_has(s, addr, len))
		return STATUS_LENGTH;
	if (len > 0 && (e = nor_unlock(s)) != STATUS_OK)
		return e;
	w->mode = (uint8_t)mode;
	w->encrypted = w->inflated = w->asked_any = false;
	w->round = 0;
	w->next = 0;
	w->pos = addr;
	w->end = addr + len;
	writer_range(w, addr, len);
	if (mode == WRITING_DEFLATED)
		inflate_begin(&s->inflate, writer_sink, writer_tick, s);
	return STATUS_OK;
}

uint8_t
writer_end(struct stub *s)
{
	struct writer	*w = &s->writer;

	if (w->mode == WRITING_NOTHING)
		return STATUS_CLOSED;
	if (w->pos != w->end ||
	    (w->stream && w->mode == WRITING_DEFLATED && !w->inflated))
		return STATUS_LITTLE;
	return nor_wait(s);
}
