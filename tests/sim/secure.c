#include "tests/sim/secure.h"

#include <stdio.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <zlib.h>

#include "proto/base/bytes.h"
#include "tests/sim/boot.h"

enum {
	SECTOR		= 4096,
	BLOCK		= 1216,
	BLOCKS		= 3,		/* in a sector */
	MAGIC		= 0xe7,
	AT_SUM		= 4,		/* of the image */
	AT_CRC		= 1196,
	SHA256		= 32,
	SHA384		= 48,
	AT_HASHED	= 23,		/* of an image: its digest follows */
	RSA_LEN		= 384,
	RSA_PUBLIC		= 776,
	AT_RSA_E	= 384,		/* in the key */
	SALT		= 32,
	EC_PUBLIC		= 65,
	EC_PUBLIC_P384	= 97,
	HALF_MAX	= 48,
	DER_MAX		= 128,
	KEYS		= 6,
	KEY_BYTES	= 32,
	BLOCK0_AT	= 0x2c,		/* registers, from the base on */
	KEY0_AT		= 0x9c,
	DIGEST0		= 9,		/* purpose; the next two as well */
	DIGESTS		= 3,
	ESP32_FROM	= 300,		/* revision */
	TEXT		= 96,
};

/*
 * Where the fuses have what.  Bits are those of BLOCK0; purposes lie one behind
 * the other, revocations too.  Source: esp-idf, esp_efuse_table.csv of each.
 */
static const struct row {
	const struct simchip	*chip;
	uint32_t		 base;
	unsigned		 purpose, width, revoke;
	/* Of those with one digest: its register and length. */
	uint32_t		 only;
	size_t			 only_len;
	bool			 rsa, ecdsa;
} rows[] = {
	{ &simchip_esp32, .only = 0x3ff5a058, .only_len = 32, .rsa = true },
	{ &simchip_esp32c2, .only = 0x60008870, .only_len = 16,
	  .ecdsa = true },
	{ &simchip_esp32s2, 0x3f41a000, 88, 4, 85, .rsa = true },
	{ &simchip_esp32s3, 0x60007000, 88, 4, 85, .rsa = true },
	{ &simchip_esp32c3, 0x60008800, 88, 4, 85, .rsa = true },
	{ &simchip_esp32c5, 0x600b4800, 86, 5, 83, .rsa = true,
	  .ecdsa = true },
	{ &simchip_esp32c6, 0x600b0800, 88, 4, 85, .rsa = true,
	  .ecdsa = true },
	{ &simchip_esp32c61, 0x600b4800, 64, 4, 58, .ecdsa = true },
	{ &simchip_esp32h2, 0x600b0800, 88, 4, 85, .rsa = true,
	  .ecdsa = true },
	{ &simchip_esp32p4, 0x5012d000, 88, 4, 85, .rsa = true,
	  .ecdsa = true },
};

static const struct row *
row_of(const struct board *b)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].chip == b->chip)
			return &rows[i];
	return NULL;
}

/* ---- digests of keys ---- */

static uint32_t
fuse_bits(const struct board *b, const struct row *r, unsigned bit,
    unsigned width)
{
	struct simbits	at = { r->base + BLOCK0_AT + 4 * (bit / 32),
			    (uint8_t)(bit % 32), (uint8_t)width };

	return fuse_get(&b->fuses, &at);
}

/* What a register and those behind it show. */
static void
fuse_bytes(const struct board *b, uint32_t addr, uint8_t *out, size_t len)
{
	for (size_t i = 0; i < len; i += 4) {
		uint32_t	v = 0;

		(void)fuse_read(&b->fuses, addr + (uint32_t)i, &v);
		le32_put(out + i, v);
	}
}

/* Digest number `n`; its length, 0: none, or revoked. */
static size_t
trusted(const struct board *b, const struct row *r, unsigned n,
    uint8_t out[KEY_BYTES])
{
	if (r->only != 0 && n == 0) {
		fuse_bytes(b, r->only, out, r->only_len);
		return r->only_len;
	}
	if (r->only != 0 || fuse_bits(b, r, r->revoke + n, 1) != 0)
		return 0;
	for (unsigned k = 0; k < KEYS; k++)
		if (fuse_bits(b, r, r->purpose + k * r->width, r->width) ==
		    DIGEST0 + n) {
			fuse_bytes(b, r->base + KEY0_AT + k * KEY_BYTES, out,
			    KEY_BYTES);
			return KEY_BYTES;
		}
	return 0;
}

static bool
is_trusted(const struct board *b, const struct row *r, const uint8_t *key,
    size_t len)
{
	uint8_t	sum[EVP_MAX_MD_SIZE], digest[KEY_BYTES];
	size_t	n;

	if (EVP_Digest(key, len, sum, NULL, EVP_sha256(), NULL) != 1)
		return false;
	for (unsigned i = 0; i < DIGESTS; i++)
		if ((n = trusted(b, r, i, digest)) > 0 &&
		    memcmp(sum, digest, n) == 0)
			return true;
	return false;
}

bool
secure_on(const struct board *b)
{
	static const uint8_t	 empty[KEY_BYTES];
	const struct row	*r = row_of(b);
	uint8_t			 digest[KEY_BYTES];
	bool			 burned;

	if (r == NULL || fuse_get(&b->fuses, &b->chip->fuses.secure_boot) == 0)
		return false;
	if (b->chip == &simchip_esp32 &&
	    fuse_revision(&b->fuses, b->chip) < ESP32_FROM)
		return false;
	/* Any that was burned, revoked or not. */
	burned = r->only != 0 && trusted(b, r, 0, digest) > 0 &&
	    memcmp(digest, empty, r->only_len) != 0;
	for (unsigned k = 0; r->only == 0 && k < KEYS; k++) {
		uint32_t	p = fuse_bits(b, r, r->purpose + k * r->width,
				    r->width);

		burned |= p >= DIGEST0 && p < DIGEST0 + DIGESTS;
	}
	return burned;
}

/* ---- signatures ---- */

static void
turn(uint8_t *to, const uint8_t *from, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to[i] = from[len - 1 - i];
}

static EVP_PKEY *
make_key(const char *kind, OSSL_PARAM_BLD *bld)
{
	OSSL_PARAM	*params = OSSL_PARAM_BLD_to_param(bld);
	EVP_PKEY_CTX	*ctx = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
	EVP_PKEY	*key = NULL;

	if (params == NULL || ctx == NULL ||
	    EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	return key;
}

static EVP_PKEY *
rsa_key(const uint8_t *p)
{
	OSSL_PARAM_BLD	*bld = OSSL_PARAM_BLD_new();
	BIGNUM		*n = BN_lebin2bn(p, RSA_LEN, NULL);
	BIGNUM		*e = BN_lebin2bn(p + AT_RSA_E, 4, NULL);
	EVP_PKEY	*key = NULL;

	if (bld != NULL && n != NULL && e != NULL &&
	    OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
	    OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, e) == 1)
		key = make_key("RSA", bld);
	OSSL_PARAM_BLD_free(bld);
	BN_free(n);
	BN_free(e);
	return key;
}

static EVP_PKEY *
ec_key(const char *curve, const uint8_t *xy, size_t half)
{
	OSSL_PARAM_BLD	*bld = OSSL_PARAM_BLD_new();
	uint8_t		 point[1 + 2 * HALF_MAX] = { 4 };
	EVP_PKEY	*key = NULL;

	turn(point + 1, xy, half);
	turn(point + 1 + half, xy + half, half);
	if (bld != NULL && OSSL_PARAM_BLD_push_utf8_string(bld,
	    OSSL_PKEY_PARAM_GROUP_NAME, curve, 0) == 1 &&
	    OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY,
	    point, 1 + 2 * half) == 1)
		key = make_key("EC", bld);
	OSSL_PARAM_BLD_free(bld);
	return key;
}

/* Frees the key, which may be NULL. */
static bool
is_signed(EVP_PKEY *key, bool pss, const uint8_t *sum, size_t sum_len,
    const uint8_t *sig, size_t sig_len)
{
	EVP_PKEY_CTX	*ctx = key != NULL ? EVP_PKEY_CTX_new(key, NULL) :
			    NULL;
	bool		 good;

	good = ctx != NULL && EVP_PKEY_verify_init(ctx) == 1 && (!pss ||
	    (EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, SALT) == 1 &&
	    EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1)) &&
	    EVP_PKEY_verify(ctx, sig, sig_len, sum, sum_len) == 1;
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
	return good;
}

static bool
rsa_signed(const uint8_t *block)
{
	uint8_t	sig[RSA_LEN];

	turn(sig, block + AT_SUM + SHA256 + RSA_PUBLIC, sizeof(sig));
	return is_signed(rsa_key(block + AT_SUM + SHA256), true,
	    block + AT_SUM, SHA256, sig, sizeof(sig));
}

/* r and s as libcrypto wants them; the length, 0: it failed. */
static size_t
der(const uint8_t *rs, size_t half, uint8_t out[DER_MAX])
{
	ECDSA_SIG	*sig = ECDSA_SIG_new();
	uint8_t		*end = out;
	int		 len = 0;

	if (sig != NULL && ECDSA_SIG_set0(sig,
	    BN_lebin2bn(rs, (int)half, NULL),
	    BN_lebin2bn(rs + half, (int)half, NULL)) == 1)
		len = i2d_ECDSA_SIG(sig, &end);
	ECDSA_SIG_free(sig);
	return len > 0 ? (size_t)len : 0;
}

static bool
ec_signed(const uint8_t *block)
{
	static const struct { const char *name; size_t half; } curves[] = {
		{ NULL, 0 }, { "P-192", 24 }, { "P-256", 32 }, { "P-384", 48 },
	};
	bool		 long_sum = block[2] == 1;
	size_t		 sum_len = long_sum ? SHA384 : SHA256;
	const uint8_t	*key = block + AT_SUM + sum_len;
	size_t		 len = long_sum ? EC_PUBLIC_P384 : EC_PUBLIC, n;
	unsigned	 curve = key[0];
	uint8_t		 sig[DER_MAX];

	if (curve < 1 || curve > 3 || (curve == 3) != long_sum)
		return false;
	if ((n = der(key + len, curves[curve].half, sig)) == 0)
		return false;
	return is_signed(ec_key(curves[curve].name, key + 1,
	    curves[curve].half), false, block + AT_SUM, sum_len, sig, n);
}

/* ---- an image ---- */

struct image {
	struct board	*board;
	uint32_t	 at, len;	/* filled up to whole sectors */
};

static bool
has_sum(const struct image *i, const uint8_t *block, bool is_long)
{
	EVP_MD_CTX	*ctx = EVP_MD_CTX_new();
	uint8_t		 part[BOOT_READ_MAX], sum[EVP_MAX_MD_SIZE];
	bool		 good;

	good = ctx != NULL && EVP_DigestInit_ex(ctx, is_long ? EVP_sha384() :
	    EVP_sha256(), NULL) == 1;
	for (uint32_t n = 0; n < i->len && good; n += sizeof(part)) {
		boot_read(i->board, i->at + n, part, sizeof(part));
		good = EVP_DigestUpdate(ctx, part, sizeof(part)) == 1;
	}
	good = good && EVP_DigestFinal_ex(ctx, sum, NULL) == 1 &&
	    memcmp(sum, block + AT_SUM, is_long ? SHA384 : SHA256) == 0;
	EVP_MD_CTX_free(ctx);
	return good;
}

/* What is wrong with a block; NULL: nothing. */
static const char *
refuses(const struct image *i, const struct row *r, const uint8_t *block)
{
	/* ROMs that know but one kind were seen not to look. */
	bool	rsa = block[1] == 2 || !r->ecdsa;
	bool	is_long = !rsa && block[2] == 1;

	if (crc32_z(0, block, AT_CRC) != le32_get(block + AT_CRC))
		return "invalid: Stored CRC";
	if (rsa ? !r->rsa : block[1] != 3)
		return "invalid: Version";
	if (!has_sum(i, block, is_long))
		return "invalid: Image digest does not match";
	if (!is_trusted(i->board, r, block + AT_SUM + (is_long ? SHA384 :
	    SHA256), rsa ? RSA_PUBLIC : is_long ? EC_PUBLIC_P384 : EC_PUBLIC))
		return "signed with untrusted key";
	if (!(rsa ? rsa_signed(block) : ec_signed(block)))
		return "invalid: Signature";
	return NULL;
}

bool
secure_verify(struct board *b, uint32_t at, uint32_t end,
    void (*say)(struct board *, const char *))
{
	const struct row	*r = row_of(b);
	struct image		 i = { .board = b, .at = at };
	uint8_t			 block[BLOCK], hashed;
	const char		*why;
	char			 line[TEXT];

	boot_read(b, at + AT_HASHED, &hashed, 1);
	i.len = (end - at + (hashed == 1 ? SHA256 : 0) + SECTOR - 1) /
	    SECTOR * SECTOR;
	for (unsigned n = 0; n < BLOCKS; n++) {
		for (unsigned k = 0; k < BLOCK; k += BOOT_READ_MAX)
			boot_read(b, at + i.len + n * BLOCK + k, block + k,
			    BLOCK - k < BOOT_READ_MAX ? BLOCK - k :
			    BOOT_READ_MAX);
		/* Seen: without a first one none is looked at. */
		if (block[0] != MAGIC && n == 0)
			return false;
		if (block[0] != MAGIC)
			continue;
		if ((why = refuses(&i, r, block)) == NULL)
			return true;
		(void)snprintf(line, sizeof(line), "Sig block %u %s\r\n", n,
		    why);
		if (say != NULL)
			say(b, line);
	}
	return false;
}
