#include "proto/chip/security.h"

enum {
	/* esp-idf, esp_efuse.h, esp_efuse_purpose_t. */
	PURPOSE_XTS_256_1	= 2,
	PURPOSE_XTS_256_2	= 3,
	PURPOSE_XTS_128		= 4,
	PURPOSE_MAX		= 31,	/* the widest field has five bits */
	KEY_WORDS		= 8,	/* of 256 bits */
};

const char *
security_purpose_name(unsigned purpose)
{
	static const char *const names[] = {
		"USER/EMPTY", "ECDSA_KEY", "XTS_AES_256_KEY_1",
		"XTS_AES_256_KEY_2", "XTS_AES_128_KEY", "HMAC_DOWN_ALL",
		"HMAC_DOWN_JTAG", "HMAC_DOWN_DIGITAL_SIGNATURE", "HMAC_UP",
		"SECURE_BOOT_DIGEST0", "SECURE_BOOT_DIGEST1",
		"SECURE_BOOT_DIGEST2", "KM_INIT_KEY",
		"XTS_AES_256_PSRAM_KEY_1", "XTS_AES_256_PSRAM_KEY_2",
		"XTS_AES_128_PSRAM_KEY", "ECDSA_KEY_P192", "ECDSA_KEY_P384_L",
		"ECDSA_KEY_P384_H", "SDC_KEY_DIGEST",
	};

	return purpose < sizeof names / sizeof names[0] ? names[purpose] :
	    "unknown";
}

/* A reader that stops at the first failure, so that what follows reads in the
 * order it happens; fields of one word in a row cost one register. */
struct reader {
	chip_read_reg	*read;
	void		*arg;
	int		 err;
	uint32_t	 addr, word;	/* read last; addr 0: none yet */
};

static uint32_t
get(struct reader *r, const struct chip_field *f)
{
	if (f->addr == 0 || r->err < 0)
		return 0;
	if (f->addr != r->addr) {
		r->addr = f->addr;
		r->err = r->read(r->arg, f->addr, &r->word);
	}
	return r->err < 0 ? 0 : r->word & f->mask;
}

static bool
is_odd(uint32_t bits)
{
	return __builtin_parity(bits) != 0;
}

/* Is one of the keys, or both halves of one, for the flash? */
static bool
purpose_is_there(struct reader *r, const struct chip *chip)
{
	const struct chip_security	*s = &chip->security;
	uint32_t			 seen = 0;

	for (size_t i = 0; i < CHIP_KEYS; i++) {
		const struct chip_field	*f = &s->key_purpose[i];

		if (f->addr != 0)
			seen |= 1u << ((get(r, f) / (f->mask & -f->mask)) &
			    PURPOSE_MAX);
	}
	if ((seen & 1u << PURPOSE_XTS_128) != 0)
		return true;
	return (chip->caps & CHIP_XTS_256) != 0 &&
	    (seen & 1u << PURPOSE_XTS_256_1) != 0 &&
	    (seen & 1u << PURPOSE_XTS_256_2) != 0;
}

/* A key that cannot be read was burned and locked; one that can is a key when
 * it is not all zero. */
static bool
key_is_there(struct reader *r, const struct chip_security *s)
{
	bool		is_long = s->key_long.addr == 0 ||
			    get(r, &s->key_long) != 0;
	uint32_t	hides = s->key_hidden.mask;
	uint32_t	hidden = get(r, &s->key_hidden);
	size_t		words = is_long ? KEY_WORDS : KEY_WORDS / 2;

	if (!is_long)
		hides &= -hides;	/* a short key is the first half */
	if ((hidden & hides) == hides)
		return true;
	for (size_t i = 0; i < words; i++) {
		struct chip_field	word = {
			s->key_block + 4 * (uint32_t)i, UINT32_MAX,
		};

		if (get(r, &word) != 0)
			return true;
	}
	return false;
}

int
security_read(const struct chip *chip, uint32_t revision, bool key,
    chip_read_reg *read, void *arg, struct security *out)
{
	const struct chip_security	*s = &chip->security;
	struct reader			 r = { .read = read, .arg = arg };
	struct security			 found = { 0 };

	found.secure_boot_v1 = get(&r, &s->secure_boot_v1) != 0;
	found.secure_boot = revision >= s->secure_boot_from &&
	    get(&r, &s->secure_boot) != 0;
	found.no_encrypt = get(&r, &s->no_encrypt) != 0;
	found.encrypted = is_odd(get(&r, &s->crypt_count));
	found.key_is_managed = get(&r, &s->key_managed) != 0;
	if (key)
		found.has_key = found.key_is_managed || (s->key_block != 0 ?
		    key_is_there(&r, s) : purpose_is_there(&r, chip));
	if (s->crypt_config.addr != 0)
		found.crypt_config_bad =
		    get(&r, &s->crypt_config_hidden) == 0 &&
		    get(&r, &s->crypt_config) != s->crypt_config.mask;
	if (r.err < 0)
		return r.err;
	*out = found;
	return 0;
}
