/*
 * sbv2 - see sbv2.h.
 *
 * Which scheme a block is of is said by three bytes: the version, the digest and
 * the curve; the row of the table with those says where everything else stands.
 */
#include "proto/secure/sbv2.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"

enum {
	MAGIC		= 0xE7,
	VERSION_RSA	= 2,
	VERSION_ECDSA	= 3,
	AT_MAGIC	= 0,
	AT_VERSION	= 1,
	AT_SHA		= 2,	/* ECDSA only */
	AT_DIGEST	= 4,
	AT_CRC		= 1196,	/* of all bytes before it */
	RSA_BYTES	= 384,
	RSA_EXPONENT	= 4,
};

struct layout {
	enum pem_scheme	scheme;
	uint8_t		version;
	uint8_t		sha;
	uint8_t		curve;		/* ECDSA: first byte of the key */
	size_t		digest;		/* bytes */
	size_t		key;
	size_t		number;		/* of one number of a signature */
	size_t		numbers;
};

static const struct layout layouts[] = {
	{ .scheme = PEM_RSA_3072, .version = VERSION_RSA, .digest = 32,
	  .key = PEM_PUBLIC_MAX, .number = RSA_BYTES, .numbers = 1 },
	{ .scheme = PEM_ECDSA_P192, .version = VERSION_ECDSA, .curve = 1,
	  .digest = 32, .key = 65, .number = 24, .numbers = 2 },
	{ .scheme = PEM_ECDSA_P256, .version = VERSION_ECDSA, .curve = 2,
	  .digest = 32, .key = 65, .number = 32, .numbers = 2 },
	{ .scheme = PEM_ECDSA_P384, .version = VERSION_ECDSA, .sha = 1,
	  .curve = 3, .digest = 48, .key = 97, .number = 48, .numbers = 2 },
};

/* A chip's numbers begin with their lowest byte, all others with the highest. */
static void
reverse(uint8_t *out, const uint8_t *in, size_t len)
{
	for (size_t i = 0; i < len; i++)
		out[i] = in[len - 1 - i];
}

static void
reverse_numbers(uint8_t *out, const uint8_t *in, const struct layout *l)
{
	for (size_t i = 0; i < l->numbers; i++)
		reverse(out + i * l->number, in + i * l->number, l->number);
}

static const struct layout *
layout_of(enum pem_scheme scheme)
{
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
		if (layouts[i].scheme == scheme)
			return &layouts[i];
	abort();		/* the table has all schemes */
}

/* The row for a block; NULL: no such version, digest or curve. */
static const struct layout *
find_layout(const uint8_t *p)
{
	const struct layout	*l;

	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		l = &layouts[i];
		if (p[AT_VERSION] != l->version)
			continue;
		if (l->version == VERSION_RSA)
			return l;
		if (p[AT_SHA] == l->sha && p[AT_DIGEST + l->digest] == l->curve)
			return l;
	}
	return NULL;
}

static uint32_t
block_crc(const uint8_t *p)
{
	return (uint32_t)crc32(0, p, AT_CRC);
}

enum sbv2_place
sbv2_read(const uint8_t sector[SBV2_SECTOR], unsigned n,
    struct sbv2_block *block)
{
	const uint8_t		*p = sector + n * SBV2_BLOCK, *key;
	const struct layout	*l;

	assert(n < SBV2_BLOCKS);
	if (p[AT_MAGIC] != MAGIC)
		return SBV2_EMPTY;
	if (le32_get(p + AT_CRC) != block_crc(p))
		return SBV2_DAMAGED;
	l = find_layout(p);
	if (l == NULL)
		return SBV2_STRANGE;
	key = p + AT_DIGEST + l->digest;
	*block = (struct sbv2_block){
		.scheme = l->scheme,
		.digest_len = l->digest,
		.key_len = l->key,
		.signature_len = l->numbers * l->number,
	};
	memcpy(block->digest, p + AT_DIGEST, l->digest);
	memcpy(block->key, key, l->key);
	reverse_numbers(block->signature, key + l->key, l);
	return l->version == VERSION_RSA ? SBV2_BLOCK_RSA : SBV2_BLOCK_ECDSA;
}

int
sbv2_key_digest(const struct sbv2_block *b, uint8_t out[PEM_DIGEST])
{
	return sign_digest(b->key, b->key_len, out, PEM_DIGEST);
}

void
sbv2_write(const struct pem_key *k, const uint8_t *digest, size_t digest_len,
    const uint8_t *signature, size_t len, uint8_t out[SBV2_BLOCK])
{
	const struct layout	*l = layout_of(pem_scheme(k));
	uint8_t			 public[PEM_PUBLIC_MAX];
	uint8_t			*key = out + AT_DIGEST + l->digest;
	size_t			 key_len = pem_public(k, public);

	assert(digest_len == l->digest && key_len == l->key);
	assert(len == l->numbers * l->number);
	memset(out, 0, SBV2_BLOCK);
	out[AT_MAGIC] = MAGIC;
	out[AT_VERSION] = l->version;
	out[AT_SHA] = l->sha;
	memcpy(out + AT_DIGEST, digest, l->digest);
	memcpy(key, public, l->key);
	reverse_numbers(key + l->key, signature, l);
	le32_put(out + AT_CRC, block_crc(out));
}

int
sbv2_check(const struct sbv2_block *b, const struct pem_key *k)
{
	if (pem_scheme(k) != b->scheme)
		return ERR_SIGNATURE;
	return sign_check(k, b->digest, b->digest_len, b->signature,
	    b->signature_len);
}

/* The key that stands in the block; NULL: that is none. */
static struct pem_key *
own_key(const struct sbv2_block *b)
{
	const struct layout	*l = layout_of(b->scheme);
	uint8_t			 n[RSA_BYTES], e[RSA_EXPONENT];
	struct pem_key		*k = NULL;
	int			 rc;

	if (b->scheme == PEM_RSA_3072) {
		reverse(n, b->key, sizeof(n));
		reverse(e, b->key + sizeof(n), sizeof(e));
		rc = pem_from_rsa(&k, n, sizeof(n), e, sizeof(e),
		    "the signature block", NULL);
	} else {
		reverse_numbers(n, b->key + 1, l);
		rc = pem_from_point(&k, b->scheme, n, l->numbers * l->number,
		    "the signature block", NULL);
	}
	return rc == 0 ? k : NULL;
}

/* A chip computes with all numbers of the key, so the derived ones (RSA) must be
 * right as well. */
int
sbv2_check_own(const struct sbv2_block *b)
{
	struct pem_key	*k = own_key(b);
	uint8_t		 public[PEM_PUBLIC_MAX];
	bool		 whole;
	int		 rc;

	if (k == NULL)
		return ERR_SIGNATURE;
	whole = pem_public(k, public) == b->key_len &&
	    memcmp(public, b->key, b->key_len) == 0;
	rc = whole ? sbv2_check(b, k) : ERR_SIGNATURE;
	pem_free(k);
	return rc;
}
