#include "tests/sim/efuse_code.h"

#include <string.h>

#include "proto/base/bytes.h"

enum {
	FIELD		= 0x1d,		/* x^8 = x^4 + x^3 + x^2 + 1 */
	BYTES		= 4 * CODE_WORDS,
	CHECK		= 12,
	DATA_BYTES	= BYTES - CHECK,
	GROUPS_34	= 4,
	GROUP_34	= 6,		/* bytes of data of 8 */
};

/* ---- GF(256) ---- */

static uint8_t
times(uint8_t a, uint8_t b)
{
	uint8_t	product = 0;

	for (; b != 0; b >>= 1) {
		if (b & 1)
			product ^= a;
		a = (uint8_t)(a << 1 ^ (a & 0x80 ? FIELD : 0));
	}
	return product;
}

static uint8_t
power(uint8_t a, unsigned n)
{
	uint8_t	r = 1;

	while (n-- > 0)
		r = times(r, a);
	return r;
}

static uint8_t
inverse(uint8_t a)
{
	return power(a, 254);
}

/* Lowest power first. */
static uint8_t
value_at(const uint8_t *poly, unsigned count, uint8_t x)
{
	uint8_t	r = 0;

	while (count-- > 0)
		r = times(r, x) ^ poly[count];
	return r;
}

/* ---- Reed-Solomon ---- */

/* The product of (x + 2^i) for i below 12, without x^12, highest power
 * first. */
static const uint8_t generator[CHECK] = {
	0x44, 0x77, 0x43, 0x76, 0xdc, 0x1f, 0x07, 0x54, 0x5c, 0x7f, 0xd5, 0x61,
};

void
code_rs(const uint32_t data[CODE_DATA], uint32_t check[3])
{
	uint8_t	rest[CHECK + 1] = { 0 }, bytes[DATA_BYTES];

	for (unsigned i = 0; i < CODE_DATA; i++)
		le32_put(bytes + 4 * (size_t)i, data[i]);
	for (unsigned i = 0; i < DATA_BYTES; i++) {
		uint8_t	lead = bytes[i] ^ rest[0];

		for (unsigned k = 0; k < CHECK; k++)
			rest[k] = rest[k + 1] ^ times(lead, generator[k]);
	}
	for (unsigned i = 0; i < 3; i++)
		check[i] = le32_get(rest + 4 * (size_t)i);
}

/* The values at the roots; false: all are zero, nothing is wrong. */
static bool
syndromes(const uint8_t bytes[BYTES], uint8_t s[CHECK])
{
	uint8_t	any = 0;

	for (unsigned k = 0; k < CHECK; k++) {
		uint8_t	x = power(2, k);

		s[k] = 0;
		for (unsigned i = 0; i < BYTES; i++)
			s[k] = times(s[k], x) ^ bytes[i];
		any |= s[k];
	}
	return any != 0;
}

/* The shortest recurrence (Berlekamp, Massey): its length. */
static unsigned
locator(const uint8_t s[CHECK], uint8_t now[CHECK + 1])
{
	uint8_t		old[CHECK + 1] = { 1 }, keep[CHECK + 1], last = 1;
	unsigned	length = 0, shift = 1;

	memset(now, 0, CHECK + 1);
	now[0] = 1;
	for (unsigned n = 0; n < CHECK; n++, shift++) {
		uint8_t	gap = s[n], factor;

		for (unsigned i = 1; i <= length; i++)
			gap ^= times(now[i], s[n - i]);
		if (gap == 0)
			continue;
		memcpy(keep, now, sizeof(keep));
		factor = times(gap, inverse(last));
		for (unsigned i = shift; i <= CHECK; i++)
			now[i] ^= times(factor, old[i - shift]);
		if (2 * length > n)
			continue;
		length = n + 1 - length;
		memcpy(old, keep, sizeof(old));
		last = gap;
		shift = 0;
	}
	return length;
}

/* By how much the byte at the place of power X, 1/X being `x`, is wrong
 * (Forney). */
static uint8_t
error_at(const uint8_t s[CHECK], const uint8_t poly[CHECK + 1], uint8_t x)
{
	uint8_t	top[CHECK] = { 0 }, slope[CHECK] = { 0 };

	for (unsigned i = 0; i < CHECK; i++)
		for (unsigned k = 0; k <= i; k++)
			top[i] ^= times(poly[k], s[i - k]);
	for (unsigned i = 1; i <= CHECK; i += 2)
		slope[i - 1] = poly[i];
	return times(times(inverse(x), value_at(top, CHECK, x)),
	    inverse(value_at(slope, CHECK, x)));
}

int
code_rs_correct(uint32_t words[CODE_WORDS])
{
	uint8_t		bytes[BYTES], s[CHECK], poly[CHECK + 1];
	unsigned	wrong, found = 0;

	for (unsigned i = 0; i < CODE_WORDS; i++)
		le32_put(bytes + 4 * (size_t)i, words[i]);
	if (!syndromes(bytes, s))
		return 0;
	wrong = locator(s, poly);
	if (wrong > CODE_CORRECTED)
		return -1;
	for (unsigned i = 0; i < BYTES; i++) {
		uint8_t	x = inverse(power(2, BYTES - 1 - i));

		if (value_at(poly, CHECK + 1, x) != 0)
			continue;
		bytes[i] ^= error_at(s, poly, x);
		found++;
	}
	if (found != wrong || syndromes(bytes, s))
		return -1;
	for (unsigned i = 0; i < CODE_WORDS; i++)
		words[i] = le32_get(bytes + 4 * (size_t)i);
	return (int)wrong;
}

/* ---- 3/4 ---- */

/* What is behind six bytes: their XOR, and the sum of place times ones. */
static void
check_34(const uint8_t in[GROUP_34], uint8_t out[2])
{
	unsigned	sum = 0;

	out[0] = 0;
	for (unsigned i = 0; i < GROUP_34; i++) {
		out[0] ^= in[i];
		sum += (i + 1) * (unsigned)__builtin_popcount(in[i]);
	}
	out[1] = (uint8_t)sum;
}

void
code_34(uint32_t words[CODE_DATA])
{
	uint8_t	bytes[4 * CODE_DATA], coded[4 * CODE_DATA];

	for (size_t i = 0; i < CODE_DATA; i++)
		le32_put(bytes + 4 * i, words[i]);
	for (size_t i = 0; i < GROUPS_34; i++) {
		memcpy(coded + 8 * i, bytes + GROUP_34 * i, GROUP_34);
		check_34(coded + 8 * i, coded + 8 * i + GROUP_34);
	}
	for (size_t i = 0; i < CODE_DATA; i++)
		words[i] = le32_get(coded + 4 * i);
}

void
code_34_back(const uint32_t coded[CODE_DATA], uint32_t out[CODE_DATA],
    unsigned *wrong)
{
	uint8_t	bytes[4 * CODE_DATA], data[4 * CODE_DATA] = { 0 }, check[2];

	*wrong = 0;
	for (size_t i = 0; i < CODE_DATA; i++)
		le32_put(bytes + 4 * i, coded[i]);
	for (size_t i = 0; i < GROUPS_34; i++) {
		const uint8_t	*group = bytes + 8 * i;

		memcpy(data + GROUP_34 * i, group, GROUP_34);
		check_34(group, check);
		if (memcmp(check, group + GROUP_34, sizeof(check)) != 0)
			*wrong |= 1u << i;
	}
	for (size_t i = 0; i < CODE_DATA; i++)
		out[i] = le32_get(data + 4 * i);
}
