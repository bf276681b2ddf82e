#include "tests/sim/crypt.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/sha.h>

#include "proto/base/bytes.h"

enum {
	BLOCK		= CRYPT_ALIGN,
	UNIT_ESP32	= 32,		/* bytes with one key */
	UNIT_XTS	= 128,		/* bytes with one tweak */
	KEY_BITS	= 256,
	TOP_BIT		= 23,		/* of an address that tweaks a key... */
	LOW_BIT		= 5,		/* ...and the lowest */
	GROUPS		= 4,		/* of key bits, one for each config bit */
	REPEATS		= 3,		/* TOP_BIT to LOW_BIT, in each group */
};

bool
crypt_init(struct crypt *c, enum crypt_scheme scheme, const uint8_t *key,
    size_t len)
{
	memset(c, 0, sizeof(*c));
	c->scheme = scheme;
	c->key_len = len == CRYPT_KEY_MAX ? len : KEY_BITS / 8;
	if (len > sizeof(c->key))
		return false;
	if (len == 16 && scheme == CRYPT_XTS)
		(void)SHA256(key, len, c->key);
	else if (len > 0)
		memcpy(c->key, key, len);
	/* Coding scheme 3/4: the hardware takes 8 of the 24 bytes twice. */
	if (len == 24 && scheme == CRYPT_ESP32)
		memcpy(c->key + 24, c->key + 8, 8);
	switch (scheme) {
	case CRYPT_ESP32:
		return len == 0 || len == 24 || len == 32;
	case CRYPT_XTS:
		return len == 0 || len == 16 || len == 32 || len == 64;
	case CRYPT_NONE:
		break;
	}
	return len == 0;
}

static void
reverse(uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len / 2; i++) {
		uint8_t	c = p[i];

		p[i] = p[len - 1 - i];
		p[len - 1 - i] = c;
	}
}

/* One AES block in place, by a context set up with aes_open(). */
static bool
aes_block(EVP_CIPHER_CTX *aes, uint8_t *p)
{
	int	n;

	return EVP_CipherUpdate(aes, p, &n, p, BLOCK) == 1;
}

static bool
aes_open(EVP_CIPHER_CTX *aes, const uint8_t *key, size_t len, bool decrypt)
{
	return aes != NULL && EVP_CipherInit_ex(aes, len == 16 ?
	    EVP_aes_128_ecb() : EVP_aes_256_ecb(), NULL, key, NULL,
	    decrypt ? 0 : 1) == 1 && EVP_CIPHER_CTX_set_padding(aes, 0) == 1;
}

/*
 * Bits 23 to 5 of the address are laid over the key from its top, again and
 * again; each fourth repetition is cut short, after 14, 12, 10 and 8.  Each
 * bit of the configuration lets one such group through.
 */
static void
tweak_key(const struct crypt *c, uint32_t addr, uint8_t key[KEY_BITS / 8])
{
	static const unsigned	cut[GROUPS] = { 14, 12, 10, 8 };
	unsigned		at = 0;

	memcpy(key, c->key, KEY_BITS / 8);
	for (unsigned g = 0; g < GROUPS; g++) {
		for (unsigned r = 0; r <= REPEATS; r++) {
			unsigned	bit = r < REPEATS ? TOP_BIT : cut[g];

			for (; bit >= LOW_BIT; bit--, at++)
				if ((c->config >> g & 1) && addr >> bit & 1)
					key[at / 8] ^= (uint8_t)(0x80 >>
					    at % 8);
		}
	}
}

/* AES runs the other way round: to encrypt is to decipher. */
static bool
run_esp32(const struct crypt *c, EVP_CIPHER_CTX *aes, bool decrypt,
    uint32_t addr, uint8_t *p, size_t len)
{
	uint8_t	key[KEY_BITS / 8];

	for (; len > 0; len -= BLOCK, p += BLOCK, addr += BLOCK) {
		tweak_key(c, addr & ~(UNIT_ESP32 - 1u), key);
		reverse(p, BLOCK);
		if (!aes_open(aes, key, sizeof(key), !decrypt) ||
		    !aes_block(aes, p))
			return false;
		reverse(p, BLOCK);
	}
	return true;
}

/* In the field of XTS (IEEE 1619): times x, lowest byte first. */
static void
tweak_double(uint8_t t[BLOCK])
{
	uint8_t	carry = t[BLOCK - 1] >> 7;

	for (int i = BLOCK - 1; i > 0; i--)
		t[i] = (uint8_t)(t[i] << 1 | t[i - 1] >> 7);
	t[0] = (uint8_t)(t[0] << 1 ^ (carry ? 0x87 : 0));
}

/* libcrypto's own XTS refuses a key of zeros, which a blank chip has. */
static bool
run_unit(const struct crypt *c, EVP_CIPHER_CTX *aes, bool decrypt,
    uint32_t addr, uint8_t unit[UNIT_XTS])
{
	size_t	half = c->key_len / 2;
	uint8_t	t[BLOCK] = { 0 };

	le32_put(t, addr);
	if (!aes_open(aes, c->key + half, half, false) || !aes_block(aes, t) ||
	    !aes_open(aes, c->key, half, decrypt))
		return false;
	for (uint8_t *p = unit; p < unit + UNIT_XTS; p += BLOCK) {
		for (int i = 0; i < BLOCK; i++)
			p[i] ^= t[i];
		if (!aes_block(aes, p))
			return false;
		for (int i = 0; i < BLOCK; i++)
			p[i] ^= t[i];
		tweak_double(t);
	}
	return true;
}

/* A unit's bytes are turned round; what is missing of it does not matter, as
 * its blocks do not depend on each other. */
static bool
run_xts(const struct crypt *c, EVP_CIPHER_CTX *aes, bool decrypt,
    uint32_t addr, uint8_t *p, size_t len)
{
	uint8_t	unit[UNIT_XTS];

	while (len > 0) {
		size_t	in = addr % UNIT_XTS;
		size_t	n = UNIT_XTS - in;

		if (n > len)
			n = len;
		memset(unit, 0, sizeof(unit));
		memcpy(unit + in, p, n);
		reverse(unit, sizeof(unit));
		if (!run_unit(c, aes, decrypt, addr - (uint32_t)in, unit))
			return false;
		reverse(unit, sizeof(unit));
		memcpy(p, unit + in, n);
		p += n;
		addr += (uint32_t)n;
		len -= n;
	}
	return true;
}

bool
crypt_run(const struct crypt *c, bool decrypt, uint32_t addr, uint8_t *p,
    size_t len)
{
	EVP_CIPHER_CTX	*aes = EVP_CIPHER_CTX_new();
	bool		 ok = false;

	if (c->scheme == CRYPT_ESP32)
		ok = run_esp32(c, aes, decrypt, addr, p, len);
	else if (c->scheme == CRYPT_XTS)
		ok = run_xts(c, aes, decrypt, addr, p, len);
	EVP_CIPHER_CTX_free(aes);
	return ok;
}
