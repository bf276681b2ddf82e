#include "stubs/md5.h"

#include "proto/base/bytes.h"

/* RFC 1321 3.4: 2^32 * |sin(i + 1)|. */
static const uint32_t md5_sines[64] = {
	0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee,
	0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
	0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be,
	0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
	0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa,
	0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
	0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed,
	0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
	0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c,
	0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
	0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05,
	0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
	0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039,
	0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
	0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1,
	0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};
static const uint8_t md5_turns[16] = {
	7, 12, 17, 22,  5, 9, 14, 20,  4, 11, 16, 23,  6, 10, 15, 21,
};

static void
md5_work(uint32_t state[4], const uint8_t *p)
{
	uint32_t	word[16], a = state[0], b = state[1], c = state[2];
	uint32_t	d = state[3], f, at;

	for (uint32_t i = 0; i < 16; i++)
		word[i] = le32_get(p + 4 * i);
	for (uint32_t i = 0; i < 64; i++) {
		uint32_t	turn = md5_turns[(i >> 4) * 4 + (i & 3)];

		if (i < 16) {
			f = d ^ (b & (c ^ d));
			at = i;
		} else if (i < 32) {
			f = c ^ (d & (b ^ c));
			at = 5 * i + 1;
		} else if (i < 48) {
			f = b ^ c ^ d;
			at = 3 * i + 5;
		} else {
			f = c ^ (b | ~d);
			at = 7 * i;
		}
		f += a + md5_sines[i] + word[at & 15];
		a = d;
		d = c;
		c = b;
		b += f << turn | f >> (32 - turn);
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
}

void
md5_begin(struct md5 *m)
{
	m->state[0] = 0x67452301;	/* RFC 1321 3.3 */
	m->state[1] = 0xefcdab89;
	m->state[2] = 0x98badcfe;
	m->state[3] = 0x10325476;
	m->len = 0;
}

void
md5_add(struct md5 *m, const uint8_t *p, uint32_t len)
{
	while (len > 0) {
		uint32_t	at = m->len % MD5_BLOCK;

		if (at == 0 && len >= MD5_BLOCK) {	/* not copied */
			md5_work(m->state, p);
			p += MD5_BLOCK;
			len -= MD5_BLOCK;
			m->len += MD5_BLOCK;
			continue;
		}
		m->block[at] = *p++;
		len--;
		m->len++;
		if (at == MD5_BLOCK - 1)
			md5_work(m->state, m->block);
	}
}

void
md5_end(struct md5 *m, uint8_t out[MD5_BYTES])
{
	uint8_t		c = 0x80, bits[8] = { 0 };

	le32_put(bits, m->len << 3);
	bits[4] = (uint8_t)(m->len >> 29);
	do {
		md5_add(m, &c, 1);
		c = 0;
	} while (m->len % MD5_BLOCK != MD5_BLOCK - sizeof(bits));
	md5_add(m, bits, sizeof(bits));
	for (uint32_t i = 0; i < 4; i++)
		le32_put(out + 4 * i, m->state[i]);
}
