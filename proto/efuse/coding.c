#include "proto/efuse/coding.h"

#include <string.h>

/* Product in GF(256) over x^8 + x^4 + x^3 + x^2 + 1. */
static uint8_t
gf_mul(uint8_t a, uint8_t b)
{
	uint8_t	product = 0;

	for (; b != 0; b >>= 1) {
		if (b & 1)
			product ^= a;
		a = (uint8_t)(a << 1 ^ (a & 0x80 ? 0x1d : 0));
	}
	return product;
}

/* The generator: (x - 2^0)(x - 2^1)...(x - 2^11); its leading 1 is left out,
 * gen[0] belongs to x^11. */
static void
rs_generator(uint8_t gen[CODING_RS_CHECK])
{
	uint8_t	root = 1;

	memset(gen, 0, CODING_RS_CHECK);
	for (size_t n = 0; n < CODING_RS_CHECK; n++) {
		uint8_t	lead = 1;

		/* Times (x + root), in place: n is the degree so far. */
		for (size_t i = 0; i <= n; i++) {
			uint8_t	was = gen[i];

			gen[i] = (uint8_t)(was ^ gf_mul(lead, root));
			lead = was;
		}
		root = gf_mul(root, 2);
	}
}

void
coding_rs(const uint8_t data[CODING_RS_DATA], uint8_t check[CODING_RS_CHECK])
{
	uint8_t	gen[CODING_RS_CHECK], rest[CODING_RS_CHECK + 1] = { 0 };

	rs_generator(gen);
	/* The rest of data * x^12 by the generator; data[0] leads. */
	for (size_t i = 0; i < CODING_RS_DATA; i++) {
		uint8_t	lead = data[i] ^ rest[0];

		for (size_t k = 0; k < CODING_RS_CHECK; k++)
			rest[k] = rest[k + 1] ^ gf_mul(lead, gen[k]);
	}
	memcpy(check, rest, CODING_RS_CHECK);
}

static void
check_34(const uint8_t six[CODING_34_DATA], uint8_t check[2])
{
	unsigned	exclusive = 0, sum = 0;

	for (unsigned i = 0; i < CODING_34_DATA; i++) {
		exclusive ^= six[i];
		sum += (i + 1) * (unsigned)__builtin_popcount(six[i]);
	}
	check[0] = (uint8_t)exclusive;
	check[1] = (uint8_t)sum;	/* 168 at most */
}

void
coding_34(const uint8_t *data, size_t len, uint8_t *out)
{
	for (; len >= CODING_34_DATA; len -= CODING_34_DATA) {
		memcpy(out, data, CODING_34_DATA);
		check_34(data, out + CODING_34_DATA);
		data += CODING_34_DATA;
		out += CODING_34_BYTES;
	}
}

bool
coding_34_check(const uint8_t *coded, size_t len, uint8_t *out)
{
	bool	fits = true;

	for (; len >= CODING_34_BYTES; len -= CODING_34_BYTES) {
		uint8_t	check[2];

		check_34(coded, check);
		if (memcmp(check, coded + CODING_34_DATA, sizeof check) != 0)
			fits = false;
		memcpy(out, coded, CODING_34_DATA);
		coded += CODING_34_BYTES;
		out += CODING_34_DATA;
	}
	return fits;
}

uint8_t
coding_mac_crc(const uint8_t mac[6])
{
	unsigned	crc = 0;

	for (size_t i = 0; i < 6; i++) {
		crc ^= mac[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x8cu : 0);
	}
	return (uint8_t)crc;
}
