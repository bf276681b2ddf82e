/*
 * proto/secure/sbv2: any sector is read at all places, and a block that its own
 * key made is written again as it was; any signature comes back from a block.
 *
 * The first byte says which CRCs are mended (or nothing gets past them) and
 * which key writes; the sector follows, with FF where the input ends.
 */
#include "proto/secure/sbv2.h"

#include <string.h>

#include <zlib.h>

#include "proto/base/bytes.h"
#include "tests/fuzz/fuzz.h"

enum {
	SCHEMES		= 4,
	AT_CRC		= 1196,
	RSA_BYTES	= 384,
	COORDINATE_MAX	= PEM_POINT_MAX / 2,
	BITS_CRC	= 7,	/* of the first byte: one for each block */
	SHIFT_KEY	= 3,
};

/* Base points of the curves (FIPS 186-4, D.1.2): public keys of the number 1. */
static const uint8_t	p192[] = {
	0x18, 0x8d, 0xa8, 0x0e, 0xb0, 0x30, 0x90, 0xf6,
	0x7c, 0xbf, 0x20, 0xeb, 0x43, 0xa1, 0x88, 0x00,
	0xf4, 0xff, 0x0a, 0xfd, 0x82, 0xff, 0x10, 0x12,
	0x07, 0x19, 0x2b, 0x95, 0xff, 0xc8, 0xda, 0x78,
	0x63, 0x10, 0x11, 0xed, 0x6b, 0x24, 0xcd, 0xd5,
	0x73, 0xf9, 0x77, 0xa1, 0x1e, 0x79, 0x48, 0x11,
};
static const uint8_t	p256[] = {
	0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47,
	0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2,
	0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0,
	0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96,
	0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b,
	0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16,
	0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce,
	0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5,
};
static const uint8_t	p384[] = {
	0xaa, 0x87, 0xca, 0x22, 0xbe, 0x8b, 0x05, 0x37,
	0x8e, 0xb1, 0xc7, 0x1e, 0xf3, 0x20, 0xad, 0x74,
	0x6e, 0x1d, 0x3b, 0x62, 0x8b, 0xa7, 0x9b, 0x98,
	0x59, 0xf7, 0x41, 0xe0, 0x82, 0x54, 0x2a, 0x38,
	0x55, 0x02, 0xf2, 0x5d, 0xbf, 0x55, 0x29, 0x6c,
	0x3a, 0x54, 0x5e, 0x38, 0x72, 0x76, 0x0a, 0xb7,
	0x36, 0x17, 0xde, 0x4a, 0x96, 0x26, 0x2c, 0x6f,
	0x5d, 0x9e, 0x98, 0xbf, 0x92, 0x92, 0xdc, 0x29,
	0xf8, 0xf4, 0x1d, 0xbd, 0x28, 0x9a, 0x14, 0x7c,
	0xe9, 0xda, 0x31, 0x13, 0xb5, 0xf0, 0xb8, 0xc0,
	0x0a, 0x60, 0xb1, 0xce, 0x1d, 0x7e, 0x81, 0x9d,
	0x7a, 0x43, 0x1d, 0x7c, 0x90, 0xea, 0x0e, 0x5f,
};
static const uint8_t	exponent[] = { 1, 0, 1 };

static struct pem_key *
fixed_key(unsigned which)
{
	struct pem_key	*k = NULL;
	uint8_t		 n[RSA_BYTES];
	int		 rc;

	if (which == 0) {
		memset(n, 0xff, sizeof(n));
		rc = pem_from_rsa(&k, n, sizeof(n), exponent, sizeof(exponent),
		    "fixed", NULL);
	} else if (which == 1)
		rc = pem_from_point(&k, PEM_ECDSA_P192, p192, sizeof(p192),
		    "fixed", NULL);
	else if (which == 2)
		rc = pem_from_point(&k, PEM_ECDSA_P256, p256, sizeof(p256),
		    "fixed", NULL);
	else
		rc = pem_from_point(&k, PEM_ECDSA_P384, p384, sizeof(p384),
		    "fixed", NULL);
	FUZZ_CHECK(rc == 0);
	return k;
}

static void
reverse(uint8_t *out, const uint8_t *in, size_t len)
{
	for (size_t i = 0; i < len; i++)
		out[i] = in[len - 1 - i];
}

/* The key that a block brings; NULL: none. */
static struct pem_key *
key_of(const struct sbv2_block *b)
{
	struct pem_key	*k = NULL;
	uint8_t		 n[RSA_BYTES], e[4];
	size_t		 half = b->signature_len / 2;
	int		 rc;

	if (b->scheme == PEM_RSA_3072) {
		reverse(n, b->key, sizeof(n));
		reverse(e, b->key + sizeof(n), sizeof(e));
		rc = pem_from_rsa(&k, n, sizeof(n), e, sizeof(e), "own", NULL);
	} else {
		FUZZ_CHECK(half <= COORDINATE_MAX);
		reverse(n, b->key + 1, half);
		reverse(n + half, b->key + 1 + half, half);
		rc = pem_from_point(&k, b->scheme, n, 2 * half, "own", NULL);
	}
	return rc == 0 ? k : NULL;
}

static void
check_same(const struct sbv2_block *a, const struct sbv2_block *b)
{
	uint8_t	of_a[PEM_DIGEST], of_b[PEM_DIGEST];

	FUZZ_CHECK(a->scheme == b->scheme);
	FUZZ_CHECK(a->digest_len == b->digest_len);
	FUZZ_CHECK(memcmp(a->digest, b->digest, a->digest_len) == 0);
	FUZZ_CHECK(a->key_len == b->key_len);
	FUZZ_CHECK(memcmp(a->key, b->key, a->key_len) == 0);
	FUZZ_CHECK(sbv2_key_digest(a, of_a) == 0);
	FUZZ_CHECK(sbv2_key_digest(b, of_b) == 0);
	FUZZ_CHECK(memcmp(of_a, of_b, PEM_DIGEST) == 0);
	FUZZ_CHECK(a->signature_len == b->signature_len);
	FUZZ_CHECK(memcmp(a->signature, b->signature, a->signature_len) == 0);
}

/* Written with its own key it says the same. */
static void
check_again(const struct sbv2_block *b)
{
	struct pem_key		*k = key_of(b);
	static uint8_t		 sector[SBV2_SECTOR];
	uint8_t			 public[PEM_PUBLIC_MAX];
	struct sbv2_block	 got;
	int			 own = sbv2_check_own(b);

	FUZZ_CHECK(k != NULL || own != 0);
	if (k == NULL)
		return;
	FUZZ_CHECK(pem_public(k, public) == b->key_len);
	if (memcmp(public, b->key, b->key_len) == 0) {
		sbv2_write(k, b->digest, b->digest_len, b->signature,
		    b->signature_len, sector);
		FUZZ_CHECK(sbv2_read(sector, 0, &got) >= SBV2_BLOCK_RSA);
		check_same(b, &got);
		FUZZ_CHECK(sbv2_check(b, k) == own);
	} else
		FUZZ_CHECK(own != 0);
	pem_free(k);
}

static void
check_place(const uint8_t *sector, unsigned n)
{
	const uint8_t		*p = sector + n * SBV2_BLOCK;
	struct sbv2_block	 b;
	enum sbv2_place		 place = sbv2_read(sector, n, &b);

	FUZZ_CHECK((place == SBV2_EMPTY) == (p[0] != 0xe7));
	if (place < SBV2_BLOCK_RSA)
		return;
	FUZZ_CHECK(p[1] == (place == SBV2_BLOCK_RSA ? 2 : 3));
	FUZZ_CHECK((place == SBV2_BLOCK_RSA) == (b.scheme == PEM_RSA_3072));
	FUZZ_CHECK(b.digest_len == sign_digest_bytes(b.scheme));
	FUZZ_CHECK(b.signature_len == sign_bytes(b.scheme));
	check_again(&b);
}

/* Any digest and signature come back from a block that was written. */
static void
check_write(unsigned which, const uint8_t *bytes)
{
	struct pem_key		*k = fixed_key(which);
	enum pem_scheme		 scheme = pem_scheme(k);
	size_t			 len = sign_digest_bytes(scheme);
	static uint8_t		 sector[SBV2_SECTOR];
	uint8_t			 key[PEM_PUBLIC_MAX];
	struct sbv2_block	 got;

	sbv2_write(k, bytes, len, bytes + len, sign_bytes(scheme),
	    sector + SBV2_BLOCK);
	FUZZ_CHECK(sbv2_read(sector, 1, &got) >= SBV2_BLOCK_RSA);
	FUZZ_CHECK(got.scheme == scheme && got.digest_len == len);
	FUZZ_CHECK(memcmp(got.digest, bytes, len) == 0);
	FUZZ_CHECK(got.key_len == pem_public(k, key));
	FUZZ_CHECK(memcmp(got.key, key, got.key_len) == 0);
	FUZZ_CHECK(got.signature_len == sign_bytes(scheme));
	FUZZ_CHECK(memcmp(got.signature, bytes + len, got.signature_len) == 0);
	pem_free(k);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t	 sector[SBV2_SECTOR];
	uint8_t		*p, how = size > 0 ? data[0] : 0;

	memset(sector, 0xff, sizeof(sector));
	if (size > 1)
		memcpy(sector, data + 1,
		    size - 1 < sizeof(sector) ? size - 1 : sizeof(sector));
	for (unsigned n = 0; n < SBV2_BLOCKS; n++) {
		p = sector + n * SBV2_BLOCK;
		if ((how & BITS_CRC) >> n & 1)
			le32_put(p + AT_CRC, (uint32_t)crc32(0, p, AT_CRC));
		check_place(sector, n);
	}
	check_write((how >> SHIFT_KEY) % SCHEMES, sector);
	return 0;
}
