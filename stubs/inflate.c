#include "stubs/inflate.h"

enum {
	SYMBOL_END	= 256,
	SYMBOL_LENGTH	= 257,		/* the first one */
	SYMBOL_258	= 28,		/* the longest, behind the others */
	LENGTHS		= 29,
	DISTANCES	= 30,
	CODE_LENGTHS	= 19,
	REPEAT_LAST	= 16,
	REPEAT_ZERO	= 17,

	WINDOW_MASK	= INFLATE_WINDOW - 1,
	TICK_BYTES	= 16,		/* of input */
	ADLER_BASE	= 65521,
};

/* RFC 1951 3.2.7 */
static const uint8_t code_length_order[CODE_LENGTHS] = {
	16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
};

/* What is wrong first counts; from there on all input is 0. */
static void
inflate_fail(struct inflate *f, enum inflate_result r)
{
	if (f->result == INFLATE_DONE)
		f->result = (uint8_t)r;
}

/* ---- bits ---- */

static void
inflate_fill(struct inflate *f, uint32_t n)
{
	for (; f->bit_count < n; f->bit_count += 8) {
		while (f->in == f->in_end && f->result == INFLATE_DONE)
			if (!f->more(f->arg))
				inflate_fail(f, INFLATE_CUT);
		if (f->result != INFLATE_DONE)
			continue;
		f->bits |= (uint32_t)*f->in++ << f->bit_count;
		if ((uintptr_t)f->in % TICK_BYTES == 0)
			f->tick(f->arg);
	}
}

/* At most 16. */
static uint32_t
inflate_bits(struct inflate *f, uint32_t n)
{
	uint32_t	v;

	inflate_fill(f, n);
	v = f->bits & ((1u << n) - 1);
	f->bits >>= n;
	f->bit_count -= n;
	return v;
}

/* ---- codes ---- */

/* From the length of each symbol's code.  There must not be too many; where
 * there are too few, those that are missing are found when they come. */
static void
inflate_code(struct inflate *f, struct inflate_code *code,
    const uint8_t *length, uint32_t n)
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
			inflate_fail(f, INFLATE_BAD);
		at[i + 1] = (uint16_t)(at[i] + code->count[i]);
	}
	for (uint32_t i = 0; i < n; i++)
		if (length[i] != 0)
			code->symbol[at[length[i]]++] = (uint16_t)i;
	f->tick(f->arg);
}

/* The next symbol, bit by bit.  In a stream that goes on there always are as
 * many bits as the longest code has: the checksum is still to come. */
static uint32_t
inflate_symbol(struct inflate *f, const struct inflate_code *c)
{
	const uint16_t	*count = c->count, *symbol = c->symbol;
	uint32_t	 bits, n = 0;
	int32_t		 code = 0;

	inflate_fill(f, INFLATE_BITS);
	bits = f->bits;
	do {		/* `code` counts from the first code of its length */
		code = code * 2 + (int32_t)(bits & 1);
		bits >>= 1;
		symbol += *count++;
		code -= *count;
		n++;
	} while (code >= 0 && n < INFLATE_BITS);
	f->bits = bits;
	f->bit_count -= n;
	if (code >= 0) {
		inflate_fail(f, INFLATE_BAD);
		return SYMBOL_END;
	}
	return symbol[*count + code];
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
static void
inflate_give(struct inflate *f)
{
	const uint8_t	*p = f->window + (f->given & WINDOW_MASK);
	uint32_t	 n = f->out - f->given;

	f->given = f->out;
	for (uint32_t i = 0; i < n; i++) {
		f->adler_a += p[i];
		f->adler_b += f->adler_a;
	}
	f->adler_a = inflate_modulo(f->adler_a);
	f->adler_b = inflate_modulo(f->adler_b);
	f->tick(f->arg);
	if (n > 0 && f->result == INFLATE_DONE && !f->sink(f->arg, p, n))
		inflate_fail(f, INFLATE_BAD);
}

static void
inflate_put(struct inflate *f, uint32_t c)
{
	f->window[f->out++ & WINDOW_MASK] = (uint8_t)c;
	if ((f->out & (f->piece - 1)) == 0)
		inflate_give(f);
}

/* ---- blocks ---- */

/* Whole bytes, behind how many they are and its complement. */
static void
inflate_stored(struct inflate *f)
{
	uint32_t	len;

	(void)inflate_bits(f, f->bit_count % 8);
	len = inflate_bits(f, 16);
	if ((inflate_bits(f, 16) ^ len) != 0xffff)
		inflate_fail(f, INFLATE_BAD);
	for (; len > 0 && f->result == INFLATE_DONE; len--)
		inflate_put(f, inflate_bits(f, 8));
}

/* RFC 1951 3.2.6 */
static void
inflate_fixed(struct inflate *f)
{
	uint8_t	*len = f->lengths;

	for (uint32_t i = 0; i < INFLATE_LITERALS; i++)
		len[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
	for (uint32_t i = 0; i < INFLATE_DISTANCES; i++)
		len[INFLATE_LITERALS + i] = 5;
	inflate_code(f, &f->literal, len, INFLATE_LITERALS);
	inflate_code(f, &f->distance, len + INFLATE_LITERALS,
	    INFLATE_DISTANCES);
}

/* RFC 1951 3.2.7: 16 repeats the last length, 17 and 18 are zeros. */
static void
inflate_lengths(struct inflate *f, uint32_t n)
{
	uint8_t	*len = f->lengths;

	for (uint32_t i = 0, again; i < n && f->result == INFLATE_DONE;) {
		uint32_t	v = inflate_symbol(f, &f->literal);

		if (v < REPEAT_LAST) {
			len[i++] = (uint8_t)v;
			continue;
		}
		again = v == REPEAT_LAST ? 3 + inflate_bits(f, 2) :
		    v == REPEAT_ZERO ? 3 + inflate_bits(f, 3) :
		    11 + inflate_bits(f, 7);
		v = v == REPEAT_LAST && i > 0 ? len[i - 1] : 0;
		if (again > n - i)
			inflate_fail(f, INFLATE_BAD);
		for (; again > 0 && i < n; again--)
			len[i++] = (uint8_t)v;
	}
}

static void
inflate_dynamic(struct inflate *f)
{
	uint32_t	literals = inflate_bits(f, 5) + SYMBOL_LENGTH;
	uint32_t	distances = inflate_bits(f, 5) + 1;
	uint32_t	n = inflate_bits(f, 4) + 4;

	for (uint32_t i = 0; i < CODE_LENGTHS; i++)
		f->lengths[code_length_order[i]] = i < n ?
		    (uint8_t)inflate_bits(f, 3) : 0;
	inflate_code(f, &f->literal, f->lengths, CODE_LENGTHS);
	inflate_lengths(f, literals + distances);
	if (f->result != INFLATE_DONE)
		return;
	inflate_code(f, &f->literal, f->lengths, literals);
	inflate_code(f, &f->distance, f->lengths + literals, distances);
}

/* RFC 1951 3.2.5: how the lengths (steps of 4 symbols) and distances (of 2)
 * grow: each step has one more bit, which follow.  `shift` is 2 or 1. */
static uint32_t
inflate_scale(struct inflate *f, uint32_t symbol, uint32_t shift)
{
	uint32_t	step = 1u << shift, bits;

	if (symbol < 2 * step)
		return symbol;
	bits = (symbol >> shift) - 1;
	return ((step + symbol % step) << bits) + inflate_bits(f, bits);
}

static void
inflate_copy(struct inflate *f, uint32_t symbol)
{
	uint32_t	len, distance;

	len = symbol == SYMBOL_258 ? 258 : 3 + inflate_scale(f, symbol, 2);
	distance = inflate_symbol(f, &f->distance);
	if (symbol >= LENGTHS || distance >= DISTANCES) {
		inflate_fail(f, INFLATE_BAD);
		return;
	}
	distance = 1 + inflate_scale(f, distance, 1);
	if (distance > f->out)
		inflate_fail(f, INFLATE_BAD);
	for (; len > 0 && f->result == INFLATE_DONE; len--)
		inflate_put(f, f->window[(f->out - distance) & WINDOW_MASK]);
}

static void
inflate_codes(struct inflate *f)
{
	uint32_t	symbol;

	while (f->result == INFLATE_DONE) {
		symbol = inflate_symbol(f, &f->literal);
		if (symbol == SYMBOL_END)
			break;
		if (symbol < SYMBOL_END)
			inflate_put(f, symbol);
		else
			inflate_copy(f, symbol - SYMBOL_LENGTH);
	}
}

static void
inflate_block(struct inflate *f)
{
	switch (inflate_bits(f, 2)) {
	case 0:
		inflate_stored(f);
		return;
	case 1:
		inflate_fixed(f);
		break;
	case 2:
		inflate_dynamic(f);
		break;
	default:
		inflate_fail(f, INFLATE_BAD);
		break;
	}
	inflate_codes(f);
}

enum inflate_result
inflate_run(struct inflate *f)
{
	uint32_t	head, last;

	f->bits = f->bit_count = f->out = f->given = f->adler_b = 0;
	f->adler_a = 1;
	f->result = INFLATE_DONE;
	/* RFC 1950 2.2: method, window; no dictionary.  That the two bytes are
	 * a multiple of 31 is left to the checksum at the end. */
	head = inflate_bits(f, 16);
	if ((head & 0x208f) != 8)
		inflate_fail(f, INFLATE_BAD);
	do {
		last = inflate_bits(f, 1);
		inflate_block(f);
	} while (last == 0 && f->result == INFLATE_DONE);
	inflate_give(f);
	(void)inflate_bits(f, f->bit_count % 8);
	for (uint32_t i = 0; i < 4; i++)
		head = head << 8 | inflate_bits(f, 8);
	if (head != (f->adler_b << 16 | f->adler_a))
		inflate_fail(f, INFLATE_BAD);
	return (enum inflate_result)f->result;
}
