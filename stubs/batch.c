#include "stubs/batch.h"

#include "proto/base/bytes.h"
#include "stubs/hal.h"
#include "stubs/nor.h"
#include "stubs/packet.h"
#include "stubs/stub.h"

enum {
	POLL_US		= 10,
	POLLS		= 10000,	/* in a tenth of a second */
	WAIT_SLICE_US	= 100,
	WAIT_MAX_US	= 10000000,
	/* What is read stands in the same buffer, behind the longest row. */
	BATCH_OUT	= CMD_HEADER + STUB_BATCH,
};

/* A row that is carried out. */
struct batch {
	const uint8_t	*step;		/* the one that it is at */
	uint32_t	 left;		/* bytes from there on */
	uint8_t		*out;
	uint32_t	 room;		/* words for what is read */
};

static void
batch_put(struct batch *b, uint32_t v)
{
	le32_put(b->out, v);
	b->out += 4;
	b->room--;
}

static uint8_t
batch_read(struct stub *s, struct batch *b, uint32_t addr, uint32_t n)
{
	if (n > b->room)
		return STATUS_LENGTH;
	for (; n > 0; n--, addr += 4)
		batch_put(b, hal_read(s, addr));
	return STATUS_OK;
}

static uint8_t
batch_wait(struct stub *s, uint32_t us)
{
	if (us > WAIT_MAX_US)
		return STATUS_LENGTH;
	while (us > 0 && !s->left) {
		uint32_t	n = us < WAIT_SLICE_US ? us : WAIT_SLICE_US;

		hal_delay(s, n);
		stub_pump(s);
		us -= n;
	}
	return STATUS_OK;
}

static uint8_t
batch_poll(struct stub *s, uint32_t addr, uint32_t want, uint32_t mask,
    uint32_t tenths)
{
	for (uint32_t n = tenths * POLLS;; n--) {
		if ((hal_read(s, addr) & mask) == want)
			return STATUS_OK;
		if (n == 0 || s->left)
			return STATUS_SPI;
		hal_delay(s, POLL_US);
		stub_pump(s);
	}
}

static uint8_t
batch_spi(struct stub *s, struct batch *b, struct hal_spi *spi)
{
	uint32_t	words = (spi->send_len + 3) / 4;

	if (spi->send_len > EXT_SPI_MAX || spi->read_len > EXT_SPI_MAX ||
	    (spi->send_len > 0 && spi->read_len > 0) ||
	    (spi->addr_bits != 0 && spi->addr_bits != 24 &&
	    spi->addr_bits != 32) || (spi->read_len + 3) / 4 > b->room ||
	    EXT_STEP_BYTES + 4 * words > b->left)
		return STATUS_LENGTH;
	spi->send = b->step + EXT_STEP_BYTES;
	spi->read = b->out;
	for (uint32_t n = spi->read_len; n % 4 != 0; n++)
		b->out[n] = 0;
	hal_spi(s, spi);
	nor_touched(s);
	b->out += (spi->read_len + 3) / 4 * 4;
	b->room -= (spi->read_len + 3) / 4;
	b->step += 4 * words;
	b->left -= 4 * words;
	return STATUS_OK;
}

static uint8_t
batch_step(struct stub *s, struct batch *b)
{
	const uint8_t	*p = b->step;
	uint32_t	 addr = le32_get(p + 4);
	uint32_t	 x = le32_get(p + 8), y = le32_get(p + 12);
	struct hal_spi	 spi = { .command = p[1], .addr_bits = p[2],
	    .dummy_bits = p[3], .addr = addr, .send_len = x, .read_len = y };

	switch (p[0]) {
	case EXT_STEP_READ:
		return batch_read(s, b, addr, x);
	case EXT_STEP_WRITE:
		if (y != UINT32_MAX)
			x = (x & y) | (hal_read(s, addr) & ~y);
		hal_write(s, addr, x);
		nor_touched(s);
		return STATUS_OK;
	case EXT_STEP_WAIT:
		return batch_wait(s, x);
	case EXT_STEP_POLL:
		return batch_poll(s, addr, x, y, p[1]);
	case EXT_STEP_SPI:
		return batch_spi(s, b, &spi);
	}
	return STATUS_COMMAND;
}

void
batch_run(struct stub *s, uint8_t op, uint32_t len)
{
	struct batch	 b = { .step = s->frame + CMD_HEADER, .left = len,
	    .out = s->frame + BATCH_OUT, .room = STUB_BATCH / 4 };
	uint32_t	 done = 0;
	uint8_t		 e = len > STUB_BATCH ? STATUS_LENGTH : STATUS_OK;

	while (e == STATUS_OK && b.left > 0) {
		e = STATUS_LENGTH;
		if (b.left < EXT_STEP_BYTES ||
		    (e = batch_step(s, &b)) != STATUS_OK)
			break;
		b.step += EXT_STEP_BYTES;
		b.left -= EXT_STEP_BYTES;
		done++;
		stub_pump(s);
	}
	len = STUB_BATCH - 4 * b.room;
	packet_reply(s, op, done, len);
	packet_add(s, s->frame + BATCH_OUT, len);
	packet_status(s, e);
}
