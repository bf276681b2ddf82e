#include "stubs/batch.h"

#include "stubs/nor.h"
#include "stubs/stub.h"

enum {
	STEP_WORDS	= EXT_STEP_BYTES / 4,
	POLL_US		= 10,
	POLLS		= 10000,	/* in a tenth of a second */
	WAIT_MAX_US	= 10000000,
	/* What is read stands in the same buffer, behind the longest row. */
	BATCH_OUT	= (CMD_HEADER + STUB_BATCH) / 4,
};

static void
batch_wait(struct stub *s, uint32_t us)
{
	if (us > WAIT_MAX_US)
		stub_fail(s, STATUS_LENGTH);
	while (s->error == STATUS_OK && us > 0 && !s->left) {
		us -= us < POLL_US ? us : POLL_US;
		hal_delay(s, POLL_US);
		stub_pump(s);
	}
}

static void
batch_poll(struct stub *s, uint32_t addr, uint32_t want, uint32_t mask,
    uint32_t tenths)
{
	for (uint32_t n = tenths * POLLS; (hal_read(s, addr) & mask) != want;
	    n--) {
		if (n == 0 || s->left) {
			stub_fail(s, STATUS_SPI);
			break;
		}
		hal_delay(s, POLL_US);
		stub_pump(s);
	}
}

/* So many of a transaction's bytes take how much?  Too many: more than there
 * ever is. */
static uint32_t
batch_words(uint32_t bytes)
{
	bytes = stub_le(bytes);
	return bytes > EXT_SPI_MAX ? STUB_BATCH : (bytes + 3) / 4;
}

/* The transaction of a step; what it sends stands behind that. */
static void
batch_spi(struct stub *s, const uint32_t *d, uint32_t *out)
{
	const uint8_t	*kind = (const uint8_t *)d;
	struct hal_spi	*spi = &s->spi;

	spi->command = kind[1];
	spi->addr_bits = kind[2];
	spi->dummy_bits = kind[3];
	spi->addr = stub_le(d[1]);
	spi->send_len = stub_le(d[2]);
	spi->read_len = stub_le(d[3]);
	spi->send = (const uint8_t *)(d + STEP_WORDS);
	spi->read = (uint8_t *)out;
	out[spi->read_len / 4] = 0;	/* there is room behind all of it */
	hal_spi(s, spi);
	nor_touched(s);
	spi->addr_bits = spi->dummy_bits = 0;
	spi->send_len = spi->read_len = 0;
}

/* `n`: words that an EXT_STEP_READ reads. */
static void
batch_step(struct stub *s, const uint32_t *d, uint32_t *out, uint32_t n)
{
	uint32_t	kind = stub_le(d[0]), addr = stub_le(d[1]);
	uint32_t	x = stub_le(d[2]), y = stub_le(d[3]);

	switch (kind & 0xff) {
	case EXT_STEP_READ:
		for (; n > 0; n--, addr += 4)
			*out++ = stub_le(hal_read(s, addr));
		break;
	case EXT_STEP_WRITE:
		stub_poke(s, addr, x, y);
		nor_touched(s);
		break;
	case EXT_STEP_WAIT:
		batch_wait(s, x);
		break;
	case EXT_STEP_POLL:
		batch_poll(s, addr, x, y, kind >> 8 & 0xff);
		break;
	case EXT_STEP_SPI:
		batch_spi(s, d, out);
		break;
	default:
		stub_fail(s, STATUS_COMMAND);
		break;
	}
}

void
batch_run(struct stub *s, const uint32_t *d, uint32_t len)
{
	uint32_t	*out = s->frame_word + BATCH_OUT;
	uint32_t	 room = STUB_BATCH / 4, words, n;

	s->payload = out;
	/* What we began ends first.  But nothing is asked between two steps of
	 * the host: some (a reset) must follow one another. */
	if (s->nor_work > EXT_COUNT_IDLE)
		nor_wait(s);
	if (len > STUB_BATCH)
		stub_fail(s, STATUS_LENGTH);
	for (len /= 4; len > 0 && s->error == STATUS_OK; len -= words) {
		words = STEP_WORDS;
		n = 0;
		if ((d[0] & stub_le(0xff)) == stub_le(EXT_STEP_READ))
			n = stub_le(d[2]);
		if ((d[0] & stub_le(0xff)) == stub_le(EXT_STEP_SPI)) {
			words += batch_words(d[2]);
			n = batch_words(d[3]);
		}
		if (words > len || n > room) {
			stub_fail(s, STATUS_LENGTH);
			break;
		}
		batch_step(s, d, out, n);
		d += words;
		out += n;
		room -= n;
		s->value += s->error == STATUS_OK;
		stub_pump(s);
	}
	s->payload_len = STUB_BATCH - 4 * room;
}
