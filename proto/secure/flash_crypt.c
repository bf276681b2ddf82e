#include "proto/secure/flash_crypt.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"

enum {
	BLOCK		= FLASH_CRYPT_BLOCK,
	XTS_UNIT	= FLASH_CRYPT_UNIT,
	ESP32_UNIT	= 32,		/* bytes with one key */
	ESP32_KEY	= 32,
	KEY_BITS	= 256,
	ADDRESS_LOW	= 5,		/* lowest bit that tweaks a key... */
	RUN_BITS	= 19,		/* ...and so many of them: to bit 23 */
	GROUPS		= 4,		/* of key bits, one for each config bit */
	GROUP_RUNS	= 3,		/* whole ones, then one that is cut */
	LIMBS		= KEY_BITS / 32,
};

/* A number of 256 bits, lowest 32 first; what overflows is lost. */
struct wide {
	uint32_t	limb[LIMBS];
};

/* Which bits of the key are what. */
struct tweak {
	struct wide	cut;		/* in a run that is cut short */
	struct wide	range;		/* named by FLASH_CRYPT_CONFIG */
};

/* Bits of the address (from ADDRESS_LOW on) in the last run of each group. */
static const unsigned cut_bits[GROUPS] = { 10, 8, 6, 4 };

static uint64_t
swap_get(const uint8_t *p)
{
	uint64_t	v;

	memcpy(&v, p, sizeof(v));
	return __builtin_bswap64(v);
}

/* Turn bytes round; `len` is a multiple of 16. */
static void
turn(uint8_t *p, size_t len)
{
	uint8_t	*q = p + len - sizeof(uint64_t);

	for (; p < q; p += sizeof(uint64_t), q -= sizeof(uint64_t)) {
		uint64_t	a = swap_get(p), b = swap_get(q);

		memcpy(p, &b, sizeof(b));
		memcpy(q, &a, sizeof(a));
	}
}

static int
failed(struct why *why)
{
	ERR_clear_error();
	return why_set(why, ERR_NOMEM, "out of memory");
}

static int
check_place(int64_t address, int64_t lowest, size_t len, struct why *why)
{
	const char	*minus = address < 0 ? "-" : "";
	uint64_t	 size = address < 0 ? -(uint64_t)address :
			    (uint64_t)address;

	if (address < lowest || (int64_t)UINT32_MAX < address ||
	    len > (uint64_t)((int64_t)UINT32_MAX + 1 - address))
		return why_set(why, ERR_PARAMS, "%zu bytes at address %s0x%llx "
		    "do not lie within 32 bits", len, minus,
		    (unsigned long long)size);
	if (address % BLOCK != 0)
		return why_set(why, ERR_ALIGN, "the flash address %s0x%llx "
		    "must be a multiple of 16", minus,
		    (unsigned long long)size);
	if (len % BLOCK != 0)
		return why_set(why, ERR_ALIGN, "the data length (%zu) must be "
		    "a multiple of 16", len);
	return 0;
}

/* Add v * 2^shift. */
static void
wide_add(struct wide *w, int64_t v, unsigned shift)
{
	uint64_t	sum = 0;

	for (unsigned i = shift / 32; i < LIMBS; i++) {
		int		down = (int)(i * 32) - (int)shift;
		uint32_t	part;

		if (down < 0)
			part = (uint32_t)((uint64_t)v << -down);
		else
			part = (uint32_t)(v >> (down > 63 ? 63 : down));
		sum += (uint64_t)w->limb[i] + part;
		w->limb[i] = (uint32_t)sum;
		sum >>= 32;
	}
}

/* Set bits from `low` up to and without `high`. */
static void
wide_set(struct wide *w, unsigned low, unsigned high)
{
	for (unsigned i = low; i < high; i++)
		w->limb[i / 32] |= UINT32_C(1) << i % 32;
}

static void
tweak_init(struct tweak *t, unsigned config)
{
	unsigned	high = KEY_BITS, low;

	memset(t, 0, sizeof(*t));
	for (unsigned g = 0; g < GROUPS; g++) {
		low = high - GROUP_RUNS * RUN_BITS - cut_bits[g];
		if (config >> g & 1)
			wide_set(&t->range, low, high);
		wide_set(&t->cut, low, low + cut_bits[g]);
		high = low;
	}
}

/*
 * Bits 23 to 5 of the address stand side by side all along the key, from its
 * top; the last of four runs has only the lowest of them.  They are put there by
 * addition: an address of more than 24 bits, or below 0, that no ESP32 has, runs
 * over into the next run, and files that were made so can be read.
 */
static void
tweak_key(const struct tweak *t, const uint8_t *key, int64_t address,
    uint8_t out[ESP32_KEY])
{
	struct wide	whole = { 0 }, cut = { 0 };
	int64_t		v = address >> ADDRESS_LOW;
	unsigned	low = KEY_BITS;

	for (unsigned g = 0; g < GROUPS; g++) {
		for (unsigned r = 0; r < GROUP_RUNS; r++) {
			low -= RUN_BITS;
			wide_add(&whole, v, low);
		}
		low -= cut_bits[g];
		wide_add(&cut, v, low);
	}
	for (unsigned i = 0; i < LIMBS; i++) {
		const uint8_t	*from = key + ESP32_KEY - 4 * (i + 1);
		uint32_t	 x;

		x = (whole.limb[i] | (cut.limb[i] & t->cut.limb[i])) &
		    t->range.limb[i];
		be32_put(out + ESP32_KEY - 4 * (i + 1), be32_get(from) ^ x);
	}
}

/* Blocks that have the same key. */
static bool
run_blocks(EVP_CIPHER_CTX *aes, uint8_t *p, size_t len)
{
	int	n;

	for (size_t i = 0; i < len; i += BLOCK)
		turn(p + i, BLOCK);
	if (EVP_CipherUpdate(aes, p, &n, p, (int)len) != 1 || n != (int)len)
		return false;
	for (size_t i = 0; i < len; i += BLOCK)
		turn(p + i, BLOCK);
	return true;
}

static bool
run_esp32(EVP_CIPHER_CTX *aes, const struct hw_key *k, const struct tweak *t,
    int64_t address, uint8_t *p, size_t len)
{
	uint8_t	key[ESP32_KEY];
	bool	ok = true;

	while (ok && len > 0) {
		size_t	n = ESP32_UNIT - (uint64_t)address % ESP32_UNIT;

		if (n > len)
			n = len;
		tweak_key(t, k->bytes, address, key);
		ok = EVP_CipherInit_ex2(aes, NULL, key, NULL, -1, NULL) == 1 &&
		    run_blocks(aes, p, n);
		p += n;
		address += (int64_t)n;
		len -= n;
	}
	OPENSSL_cleanse(key, sizeof(key));
	return ok;
}

int
flash_crypt_esp32(const struct hw_key *k, int64_t address,
    unsigned crypt_config, bool decrypt, uint8_t *bytes, size_t len,
    struct why *why)
{
	EVP_CIPHER_CTX	*aes;
	struct tweak	 t;
	bool		 ok;
	int		 rc = check_place(address, INT32_MIN, len, why);

	if (rc != 0)
		return rc;
	aes = EVP_CIPHER_CTX_new();
	tweak_init(&t, crypt_config);
	/* AES runs the other way round: to encrypt is to decipher. */
	ok = aes != NULL && EVP_CipherInit_ex2(aes, EVP_aes_256_ecb(), NULL,
	    NULL, decrypt ? 1 : 0, NULL) == 1 &&
	    EVP_CIPHER_CTX_set_padding(aes, 0) == 1 &&
	    run_esp32(aes, k, &t, address, bytes, len);
	EVP_CIPHER_CTX_free(aes);
	return ok ? 0 : failed(why);
}

static bool
run_unit(EVP_CIPHER_CTX *xts, uint32_t address, uint8_t unit[XTS_UNIT])
{
	uint8_t	iv[BLOCK] = { 0 };
	int	n;

	le32_put(iv, address);
	turn(unit, XTS_UNIT);
	if (EVP_CipherInit_ex2(xts, NULL, NULL, iv, -1, NULL) != 1 ||
	    EVP_CipherUpdate(xts, unit, &n, unit, XTS_UNIT) != 1)
		return false;
	turn(unit, XTS_UNIT);
	return n == XTS_UNIT;
}

/* A unit of which only a part is there: its blocks do not depend on each
 * other. */
static bool
run_part(EVP_CIPHER_CTX *xts, uint32_t address, uint8_t *p, size_t len)
{
	uint8_t	 unit[XTS_UNIT] = { 0 };
	size_t	 in = address % XTS_UNIT;
	bool	 ok;

	memcpy(unit + in, p, len);
	ok = run_unit(xts, address - (uint32_t)in, unit);
	if (ok)
		memcpy(p, unit + in, len);
	OPENSSL_cleanse(unit, sizeof(unit));
	return ok;
}

static bool
run_xts(EVP_CIPHER_CTX *xts, uint32_t address, uint8_t *p, size_t len)
{
	bool	ok = true;

	while (ok && len > 0) {
		size_t	n = XTS_UNIT - address % XTS_UNIT;

		if (n > len)
			n = len;
		ok = n == XTS_UNIT ? run_unit(xts, address, p) :
		    run_part(xts, address, p, n);
		p += n;
		address += (uint32_t)n;
		len -= n;
	}
	return ok;
}

int
flash_crypt_xts(const struct hw_key *k, int64_t address, bool decrypt,
    uint8_t *bytes, size_t len, struct why *why)
{
	const EVP_CIPHER	*cipher = k->len == HW_KEY_MAX ?
				    EVP_aes_256_xts() : EVP_aes_128_xts();
	EVP_CIPHER_CTX		*xts;
	bool			 ok;
	int			 rc = check_place(address, 0, len, why);

	if (rc != 0)
		return rc;
	/* libcrypto's own check, which it makes for encryption only: what such
	 * a key has encrypted can be read. */
	if (!decrypt && CRYPTO_memcmp(k->bytes, k->bytes + k->len / 2,
	    k->len / 2) == 0)
		return why_set(why, ERR_PARAMS, "both halves of the key are the "
		    "same: AES-XTS does not protect with such a key; make one "
		    "with generate-flash-encryption-key");
	xts = EVP_CIPHER_CTX_new();
	ok = xts != NULL && EVP_CipherInit_ex2(xts, cipher, k->bytes, NULL,
	    decrypt ? 0 : 1, NULL) == 1 &&
	    run_xts(xts, (uint32_t)address, bytes, len);
	EVP_CIPHER_CTX_free(xts);
	return ok ? 0 : failed(why);
}
