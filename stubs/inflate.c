#include "stubs/inflate.h"

enum state {
	IN_HEAD,		/* of the zlib stream */
	IN_BLOCK,		/* its first three bits */
	IN_STORED_SIZE,
	IN_STORED,
	IN_CODES,		/* how many there are of each kind */
	IN_CODE_LENGTHS,	/* of the code for the lengths */
	IN_LENGTHS,
	IN_REPEAT,
	IN_SYMBOL,
	IN_LENGTH_BITS,
	IN_DISTANCE,
	IN_DISTANCE_BITS,
	IN_COPY,
	IN_ADLER,
	IN_CHECKSUM,
	IN_END,
};

/* What a step says to the loop. */
enum step {
	STEP_ON,
	STEP_MORE,		/* input first */
	STEP_DONE,
	STEP_BAD,
};

enum {
	SYMBOL_END	= 256,
	SYMBOL_LENGTH	= 257,		/* the first one */
	SYMBOL_LENGTHS	= 29,
	DISTANCES	= 30,
	CODE_LENGTHS	= 19,
	REPEAT_LAST	= 16,
	REPEAT_ZERO	= 17,

	MORE_BITS	= -1,
	NO_CODE		= -2,

	WINDOW_MASK	= INFLATE_WINDOW - 1,
	TICK_BYTES	= 64,
	ADLER_BASE	= 65521,
};

/* RFC 1951 3.2.5 */
static const uint16_t length_base[SYMBOL_LENGTHS] = {
	3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59,
	67, 83, 99, 115, 131, 163, 195, 227, 258,
};
static const uint8_t length_bits[SYMBOL_LENGTHS] = {
	0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4,
	5, 5, 5, 5, 0,
};
/* RFC 1951 3.2.7 */
static const uint8_t code_length_order[CODE_LENGTHS] = {
	16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
};

void
inflate_begin(struct inflate *f,
    bool (*sink)(void *arg, const uint8_t *, uint32_t len),
    void (*tick)(void *arg), void *arg)
{
	f->bits = f->bit_count = f->out = f->given = 0;
	f->adler_a = 1;
	f->adler_b = 0;
	f->state = IN_HEAD;
	f->last = false;
	f->sink = sink;
	f->tick = tick;
	f->arg = arg;
	f->literal.symbol = f->literal_symbols;
	f->distance.symbol = f->distance_symbols;
}

/* ---- bits ---- */

static void
inflate_fill(struct inflate *f)
{
	while (f->bit_count <= 24 && f->in < f->in_end) {
		f->bits |= (uint32_t)*f->in++ << f->bit_count;
		f->bit_count += 8;
	}
}

static bool
inflate_has(struct inflate *f, uint32_t n)
{
	inflate_fill(f);
	return f->bit_count >= n;
}

static uint32_t
inflate_take(struct inflate *f, uint32_t n)
{
	uint32_t	v = f->bits & ((1u << n) - 1);

	f->bits >>= n;
	f->bit_count -= n;
	return v;
}

/* ---- codes ---- */

/* From the length of each symbol's code; false: there are too many.  Where there
 * are too few, those that are missing are found when they come. */
static bool
inflate_code(struct inflate_code *code, const uint8_t *length, uint32_t n)
{
	uint16_t	at[INFLATE_BITS + 2];
	int32_t		left = 1;

	for (uint32_t i = 0; i <= INFLATE_BITS; i++)
		code->count[i] = 0;
	for (uint32_t i = 0; i < n; i++)
		code->count[length[i]]++;
	code->count[0] = 0;
	at[1] = 0;
	for (uint32_t i = 1; i <= INFLATE_BITS; i++) {
		left = left * 2 - code->count[i];
		if (left < 0)
			return false;
		at[i + 1] = (uint16_t)(at[i] + code->count[i]);
	}
	for (uint32_t i = 0; i < n; i++)
		if (length[i] != 0)
			code->symbol[at[length[i]]++] = (uint16_t)i;
	return true;
}

/* Codes come highest bit first: their bits are turned around here. */
static void
inflate_fast(struct inflate *f)
{
	uint32_t	code = 0, at = 0;

	for (uint32_t i = 0; i < 1 << INFLATE_FAST; i++)
		f->fast[i] = 0;
	for (uint32_t len = 1; len <= INFLATE_FAST; len++, code <<= 1) {
		for (uint32_t n = f->literal.count[len]; n > 0; n--, code++) {
			uint32_t	turned = 0;

			for (uint32_t b = 0; b < len; b++)
				turned |= (code >> b & 1) << (len - 1 - b);
			for (; turned < 1 << INFLATE_FAST; turned += 1u << len)
				f->fast[turned] = (uint16_t)
				    (f->literal_symbols[at] << 4 | len);
			at++;
		}
		f->tick(f->arg);
	}
}

/* The next symbol, bit by bit; MORE_BITS or NO_CODE. */
static int32_t
inflate_symbol(struct inflate *f, const struct inflate_code *c)
{
	uint32_t	code = 0, first = 0, at = 0;

	inflate_fill(f);
	for (uint32_t len = 1; len <= INFLATE_BITS; len++) {
		if (len > f->bit_count)
			return MORE_BITS;
		code |= f->bits >> (len - 1) & 1;
		if (code < first + c->count[len]) {
			(void)inflate_take(f, len);
			return c->symbol[at + code - first];
		}
		at += c->count[len];
		first = (first + c->count[len]) << 1;
		code <<= 1;
	}
	return NO_CODE;
}

static int32_t
inflate_literal(struct inflate *f)
{
	uint32_t	e;

	inflate_fill(f);
	e = f->fast[f->bits & ((1 << INFLATE_FAST) - 1)];
	if (e == 0 || (e & 15) > f->bit_count)
		return inflate_symbol(f, &f->literal);
	(void)inflate_take(f, e & 15);
	return (int32_t)(e >> 4);
}

/* ---- output ---- */

/* Modulo ADLER_BASE without a division: 65536 leaves 15. */
static uint32_t
inflate_modulo(uint32_t v)
{
	v = (v & 0xffff) + (v >> 16) * 15;
	v = (v & 0xffff) + (v >> 16) * 15;
	return v >= ADLER_BASE ? v - ADLER_BASE : v;
}

/* Hand over what has come out since the last time. */
static bool
inflate_give(struct inflate *f)
{
	const uint8_t	*p = f->window + (f->given & WINDOW_MASK);
	uint32_t	 n = f->out - f->given;

	f->given = f->out;
	for (uint32_t i = 0; i < n; i++) {
		f->adler_a += p[i];
		f->adler_b += f->adler_a;
		if (i % TICK_BYTES == TICK_BYTES - 1 || i == n - 1) {
			f->adler_a = inflate_modulo(f->adler_a);
			f->adler_b = inflate_modulo(f->adler_b);
			f->tick(f->arg);
		}
	}
	return n == 0 || f->sink(f->arg, p, n);
}

/* A byte comes out; false when the sink wants no more. */
static inline bool
inflate_put(struct inflate *f, uint8_t c)
{
	f->window[f->out++ & WINDOW_MASK] = c;
	if (f->out % TICK_BYTES != 0)
		return true;
	if (f->out % INFLATE_PIECE == 0)
		return inflate_give(f);
	f->tick(f->arg);
	return true;
}

/* ---- steps: one for each state ---- */

static enum step
inflate_next(struct inflate *f, enum state state)
{
	f->state = (uint8_t)state;
	return STEP_ON;
}

/* RFC 1950 2.2: deflate, and the two bytes are a multiple of 31. */
static enum step
inflate_head(struct inflate *f)
{
	uint32_t	head;

	if (!inflate_has(f, 16))
		return STEP_MORE;
	head = inflate_take(f, 16);
	if ((head & 0x0f) != 8 || (head & 0xf0) > 0x70 ||
	    (head & 0x2000) != 0)
		return STEP_BAD;
	head = (head & 0xff) << 8 | head >> 8;
	for (uint32_t n = 31u << 11; n >= 31; n >>= 1)
		if (head >= n)
			head -= n;
	return head != 0 ? STEP_BAD : inflate_next(f, IN_BLOCK);
}

static void
inflate_fixed(struct inflate *f)
{
	uint8_t	*len = f->lengths;

	for (uint32_t i = 0; i < INFLATE_LITERALS; i++)
		len[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
	(void)inflate_code(&f->literal, len, INFLATE_LITERALS);
	for (uint32_t i = 0; i < INFLATE_DISTANCES; i++)
		len[i] = 5;
	(void)inflate_code(&f->distance, len, INFLATE_DISTANCES);
	inflate_fast(f);
}

static enum step
inflate_block(struct inflate *f)
{
	if (f->last) {
		(void)inflate_take(f, f->bit_count & 7);
		return inflate_next(f, IN_ADLER);
	}
	if (!inflate_has(f, 3))
		return STEP_MORE;
	f->last = inflate_take(f, 1) != 0;
	switch (inflate_take(f, 2)) {
	case 0:
		(void)inflate_take(f, f->bit_count & 7);
		return inflate_next(f, IN_STORED_SIZE);
	case 1:
		inflate_fixed(f);
		return inflate_next(f, IN_SYMBOL);
	case 2:
		return inflate_next(f, IN_CODES);
	default:
		return STEP_BAD;
	}
}

/* Whole bytes from here on: 32 bits fit. */
static enum step
inflate_stored_size(struct inflate *f)
{
	if (!inflate_has(f, 32))
		return STEP_MORE;
	f->length = (uint16_t)inflate_take(f, 16);
	if ((inflate_take(f, 16) ^ f->length) != 0xffff)
		return STEP_BAD;
	return inflate_next(f, IN_STORED);
}

static enum step
inflate_stored(struct inflate *f)
{
	for (; f->length > 0; f->length--) {
		if (!inflate_has(f, 8))
			return STEP_MORE;
		if (!inflate_put(f, (uint8_t)inflate_take(f, 8))) {
			f->length--;
			return STEP_BAD;
		}
	}
	return inflate_next(f, IN_BLOCK);
}

static enum step
inflate_codes(struct inflate *f)
{
	if (!inflate_has(f, 14))
		return STEP_MORE;
	f->literals = (uint16_t)(inflate_take(f, 5) + SYMBOL_LENGTH);
	f->distances = (uint16_t)(inflate_take(f, 5) + 1);
	f->code_lengths = (uint16_t)(inflate_take(f, 4) + 4);
	for (uint32_t i = 0; i < CODE_LENGTHS; i++)
		f->lengths[i] = 0;
	f->index = 0;
	return inflate_next(f, IN_CODE_LENGTHS);
}

static enum step
inflate_code_lengths(struct inflate *f)
{
	for (; f->index < f->code_lengths; f->index++) {
		if (!inflate_has(f, 3))
			return STEP_MORE;
		f->lengths[code_length_order[f->index]] =
		    (uint8_t)inflate_take(f, 3);
	}
	if (!inflate_code(&f->literal, f->lengths, CODE_LENGTHS))
		return STEP_BAD;
	f->index = 0;
	return inflate_next(f, IN_LENGTHS);
}

static enum step
inflate_lengths_done(struct inflate *f)
{
	if (!inflate_code(&f->literal, f->lengths, f->literals) ||
	    !inflate_code(&f->distance, f->lengths + f->literals,
	    f->distances))
		return STEP_BAD;
	inflate_fast(f);
	return inflate_next(f, IN_SYMBOL);
}

static enum step
inflate_lengths(struct inflate *f)
{
	int32_t	v;

	while (f->index < f->literals + f->distances) {
		v = inflate_symbol(f, &f->literal);
		if (v == MORE_BITS)
			return STEP_MORE;
		if (v == NO_CODE)
			return STEP_BAD;
		if (v >= REPEAT_LAST) {
			f->symbol = (uint8_t)v;
			return inflate_next(f, IN_REPEAT);
		}
		f->lengths[f->index++] = (uint8_t)v;
	}
	return inflate_lengths_done(f);
}

/* RFC 1951 3.2.7: 16 repeats the last length, 17 and 18 are zeros. */
static enum step
inflate_repeat(struct inflate *f)
{
	uint32_t	bits = 7, n = 11;
	uint8_t		len = 0;

	if (f->symbol == REPEAT_LAST) {
		if (f->index == 0)
			return STEP_BAD;
		len = f->lengths[f->index - 1];
		bits = 2;
		n = 3;
	} else if (f->symbol == REPEAT_ZERO) {
		bits = 3;
		n = 3;
	}
	if (!inflate_has(f, bits))
		return STEP_MORE;
	n += inflate_take(f, bits);
	if (f->index + n > (uint32_t)f->literals + f->distances)
		return STEP_BAD;
	while (n-- > 0)
		f->lengths[f->index++] = len;
	return inflate_next(f, IN_LENGTHS);
}

static enum step
inflate_symbols(struct inflate *f)
{
	int32_t	v;

	for (;;) {
		v = inflate_literal(f);
		if (v >= SYMBOL_END || v < 0)
			break;
		if (!inflate_put(f, (uint8_t)v))
			return STEP_BAD;
	}
	if (v == MORE_BITS)
		return STEP_MORE;
	if (v == SYMBOL_END)
		return inflate_next(f, IN_BLOCK);
	if (v == NO_CODE || v >= SYMBOL_LENGTH + SYMBOL_LENGTHS)
		return STEP_BAD;
	f->symbol = (uint8_t)(v - SYMBOL_LENGTH);
	return inflate_next(f, IN_LENGTH_BITS);
}

static enum step
inflate_length_bits(struct inflate *f)
{
	uint32_t	bits = length_bits[f->symbol];

	if (!inflate_has(f, bits))
		return STEP_MORE;
	f->length = (uint16_t)(length_base[f->symbol] + inflate_take(f, bits));
	return inflate_next(f, IN_DISTANCE);
}

static enum step
inflate_distance(struct inflate *f)
{
	int32_t	v = inflate_symbol(f, &f->distance);

	if (v == MORE_BITS)
		return STEP_MORE;
	if (v == NO_CODE || v >= DISTANCES)
		return STEP_BAD;
	f->symbol = (uint8_t)v;
	return inflate_next(f, IN_DISTANCE_BITS);
}

/* RFC 1951 3.2.5: from the fourth on, each two have one more bit. */
static enum step
inflate_distance_bits(struct inflate *f)
{
	uint32_t	v = f->symbol, bits = v < 4 ? 0 : (v >> 1) - 1;

	if (!inflate_has(f, bits))
		return STEP_MORE;
	f->number = v < 4 ? v + 1 : ((2 + (v & 1)) << bits) + 1;
	f->number += inflate_take(f, bits);
	return f->number > f->out ? STEP_BAD : inflate_next(f, IN_COPY);
}

static enum step
inflate_copy(struct inflate *f)
{
	for (; f->length > 0; f->length--)
		if (!inflate_put(f,
		    f->window[(f->out - f->number) & WINDOW_MASK]))
			return STEP_BAD;
	return inflate_next(f, IN_SYMBOL);
}

static enum step
inflate_adler(struct inflate *f)
{
	return inflate_give(f) ? inflate_next(f, IN_CHECKSUM) : STEP_BAD;
}

/* RFC 1950 2.2: highest byte first. */
static enum step
inflate_checksum(struct inflate *f)
{
	if (!inflate_has(f, 32))
		return STEP_MORE;
	if (f->bits != __builtin_bswap32(f->adler_b << 16 | f->adler_a))
		return STEP_BAD;
	f->bit_count = 0;
	return inflate_next(f, IN_END);
}

static enum step
inflate_step(struct inflate *f)
{
	switch ((enum state)f->state) {
	case IN_HEAD:		return inflate_head(f);
	case IN_BLOCK:		return inflate_block(f);
	case IN_STORED_SIZE:	return inflate_stored_size(f);
	case IN_STORED:		return inflate_stored(f);
	case IN_CODES:		return inflate_codes(f);
	case IN_CODE_LENGTHS:	return inflate_code_lengths(f);
	case IN_LENGTHS:	return inflate_lengths(f);
	case IN_REPEAT:		return inflate_repeat(f);
	case IN_SYMBOL:		return inflate_symbols(f);
	case IN_LENGTH_BITS:	return inflate_length_bits(f);
	case IN_DISTANCE:	return inflate_distance(f);
	case IN_DISTANCE_BITS:	return inflate_distance_bits(f);
	case IN_COPY:		return inflate_copy(f);
	case IN_ADLER:		return inflate_adler(f);
	case IN_CHECKSUM:	return inflate_checksum(f);
	case IN_END:		return STEP_DONE;
	}
	return STEP_BAD;
}

enum inflate_result
inflate_feed(struct inflate *f, const uint8_t *p, uint32_t len)
{
	enum step	step;

	f->in = p;
	f->in_end = p + len;
	do {
		step = inflate_step(f);
	} while (step == STEP_ON);
	if (step == STEP_MORE)
		return INFLATE_MORE;
	return step == STEP_DONE ? INFLATE_DONE : INFLATE_BAD;
}

uint32_t
inflate_rest(const struct inflate *f)
{
	return (uint32_t)(f->in_end - f->in) + f->bit_count / 8;
}
