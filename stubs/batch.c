#include "stubs/batch.h"

#include "stubs/nor.h"
#include "stubs/stub.h"

enum {
	POLL_US		= 10,
	POLLS		= 10000,	/* in a tenth of a second */
	WAIT_MAX_US	= 10000000,
	/* What is read stands in the same buffer, behind the longest row. */
	BATCH_OUT	= (CMD_HEADER + STUB_BATCH) / 4,
};

/* A row that is carried out. */
struct batch {
	const uint32_t	*step;		/* what of it is left... */
	const uint32_t	*end;
	uint32_t	*out;		/* ...and where what is read goes */
	uint32_t	*out_end;
};

/* Are there so many words left?  If not, that is a failure. */
static bool
batch_has(struct stub *s, const uint32_t *at, const uint32_t *end, uint32_t n)
{
	if (n <= (uint32_t)(end - at))
		return true;
	stub_fail(s, STATUS_LENGTH);
	return false;
}

static void
batch_read(struct stub *s, struct batch *b, uint32_t addr, uint32_t n)
{
	if (batch_has(s, b->out, b->out_end, n))
		for (; n > 0; n--, addr += 4)
			*b->out++ = stub_le(hal_read(s, addr));
}

static void
batch_wait(struct stub *s, uint32_t us)
{
	if (us > WAIT_MAX_US)
		stub_fail(s, STATUS_LENGTH);
	for (us /= POLL_US; s->error == STATUS_OK && !s->left; us--) {
		hal_delay(s, POLL_US);
		stub_pump(s);
		if (us == 0)
			break;
	}
}

static void
batch_poll(struct stub *s, uint32_t addr, uint32_t want, uint32_t mask,
    uint32_t tenths)
{
	uint32_t	n = tenths * POLLS;

	while ((hal_read(s, addr) & mask) != want) {
		if (n-- == 0 || s->left) {
			stub_fail(s, STATUS_SPI);
			break;
		}
		hal_delay(s, POLL_US);
		stub_pump(s);
	}
}

/* `word` is the first of its step. */
static void
batch_spi(struct stub *s, struct batch *b, uint32_t word, uint32_t addr,
    uint32_t send, uint32_t read)
{
	struct hal_spi	*spi = &s->spi;

	if (send > EXT_SPI_MAX || read > EXT_SPI_MAX ||
	    (send != 0 && read != 0)) {
		stub_fail(s, STATUS_LENGTH);
		return;
	}
	spi->send = (const uint8_t *)b->step;
	spi->read = (uint8_t *)b->out;
	send = (spi->send_len = send) + 3;
	read = (spi->read_len = read) + 3;
	if (batch_has(s, b->step, b->end, send / 4) &&
	    batch_has(s, b->out, b->out_end, read / 4)) {
		b->step += send / 4;
		b->out += read / 4;
		if (read > 3)
			b->out[-1] = 0;
		spi->addr = addr;
		spi->addr_bits = (uint8_t)(word >> 16);
		spi->dummy_bits = (uint8_t)(word >> 24);
		spi->command = (uint8_t)(word >> 8);
		hal_spi(s, spi);
		nor_touched(s);
	}
	spi->addr_bits = spi->dummy_bits = 0;
	spi->send_len = spi->read_len = 0;
}

static void
batch_step(struct stub *s, struct batch *b)
{
	uint32_t	word = stub_le(b->step[0]), addr = stub_le(b->step[1]);
	uint32_t	x = stub_le(b->step[2]), y = stub_le(b->step[3]);

	b->step += EXT_STEP_BYTES / 4;
	switch (word & 0xff) {
	case EXT_STEP_READ:
		batch_read(s, b, addr, x);
		break;
	case EXT_STEP_WRITE:
		stub_poke(s, addr, x, y);
		nor_touched(s);
		break;
	case EXT_STEP_WAIT:
		batch_wait(s, x);
		break;
	case EXT_STEP_POLL:
		batch_poll(s, addr, x, y, word >> 8 & 0xff);
		break;
	case EXT_STEP_SPI:
		batch_spi(s, b, word, addr, x, y);
		break;
	default:
		stub_fail(s, STATUS_COMMAND);
		break;
	}
}

void
batch_run(struct stub *s, uint32_t len)
{
	struct batch	 b;

	b.step = s->frame_word + CMD_HEADER / 4;
	b.end = b.step + len / 4;
	b.out = s->frame_word + BATCH_OUT;
	b.out_end = b.out + STUB_BATCH / 4;
	s->payload = b.out;
	if (len > STUB_BATCH)
		stub_fail(s, STATUS_LENGTH);
	while (b.step < b.end && s->error == STATUS_OK) {
		if (batch_has(s, b.step, b.end, EXT_STEP_BYTES / 4))
			batch_step(s, &b);
		if (s->error == STATUS_OK)
			s->value++;
		stub_pump(s);
	}
	s->payload_len = (uint32_t)((const uint8_t *)b.out -
	    (const uint8_t *)s->payload);
}
