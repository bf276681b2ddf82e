#include "tests/sim/fuse.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/bytes.h"

enum {
	/* Bits of GET_SECURITY_INFO: esp-idf, esp_rom_efuse.h and
	 * ets_get_security_info's structure. */
	SECINFO_BOOT		= 1 << 0,
	SECINFO_DOWNLOAD	= 1 << 2,
	/* Without keys the ROMs tell of purpose 12 in the last place. */
	SECINFO_LAST		= 0x0c,
};

static const struct simreg *
fuse_find(const struct fuses *f, uint32_t addr)
{
	for (size_t i = 0; i < f->words; i++)
		if (f->word[i].addr == addr)
			return &f->word[i];
	return NULL;
}

static uint32_t *
fuse_word(struct fuses *f, uint32_t addr)
{
	struct simreg	*r;

	for (size_t i = 0; i < f->words; i++)
		if (f->word[i].addr == addr)
			return &f->word[i].value;
	if (f->words == FUSE_WORDS)
		abort();	/* a row or a command line of the sim's own */
	r = &f->word[f->words++];
	*r = (struct simreg){ addr, 0 };
	return &r->value;
}

static void
fuse_or(struct fuses *f, uint32_t addr, uint32_t bits)
{
	*fuse_word(f, addr) |= bits;
}

/* False when the chip has no such bits. */
static bool
fuse_set(struct fuses *f, const struct simbits *b, uint32_t value)
{
	uint32_t	 mask;
	uint32_t	*word;

	if (b->width == 0)
		return false;
	mask = ((1u << b->width) - 1) << b->shift;
	word = fuse_word(f, b->addr);
	*word = (*word & ~mask) | (value << b->shift & mask);
	return true;
}

/* CRC-8 of a MAC as the ESP32's eFuses carry it: polynomial 0x31 reflected
 * (TRM, "eFuse controller", MAC_CRC). */
static uint8_t
mac_crc8(const uint8_t mac[6])
{
	uint8_t	crc = 0;

	for (int i = 0; i < 6; i++) {
		crc ^= mac[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (uint8_t)(crc & 1 ? crc >> 1 ^ 0x8c : crc >> 1);
	}
	return crc;
}

static void
fuse_mac(struct fuses *f, const struct simchip *c, const uint8_t *m)
{
	uint32_t	at = c->mac_addr;

	if (c->mac == SIM_MAC_ESP8266) {
		fuse_or(f, at, (uint32_t)m[5] << 24);
		fuse_or(f, at + 4, (uint32_t)m[3] << 8 | m[4]);
		fuse_or(f, at + 12,
		    (uint32_t)m[0] << 16 | (uint32_t)m[1] << 8 | m[2]);
		return;
	}
	fuse_or(f, at, be32_get(m + 2));
	fuse_or(f, at + 4, (uint32_t)m[0] << 8 | m[1]);
	if (c->mac == SIM_MAC_ESP32)
		fuse_or(f, at + 4, (uint32_t)mac_crc8(m) << 16);
	if (c->caps & SIM_EUI64)	/* the usual two: FF FE */
		fuse_or(f, at + 4, 0xfffe0000);
}

/* A number spread over some fields, its lowest bits first. */
static void
fuse_spread(struct fuses *f, const struct simbits part[SIM_PARTS], uint32_t v)
{
	for (int i = 0; i < SIM_PARTS && part[i].width != 0; i++) {
		(void)fuse_set(f, &part[i], v);
		v >>= part[i].width;
	}
}

static uint32_t
fuse_gather(const struct fuses *f, const struct simbits part[SIM_PARTS])
{
	uint32_t	v = 0;
	unsigned	shift = 0;

	for (int i = 0; i < SIM_PARTS && part[i].width != 0; i++) {
		v |= fuse_get(f, &part[i]) << shift;
		shift += part[i].width;
	}
	return v;
}

static bool
fuse_set_revision(struct fuses *f, const struct simchip *c, uint32_t revision)
{
	uint32_t	major = revision / 100;

	if (c->fuses.major[0].width == 0)
		return false;
	if (c->caps & SIM_REV_ONES)
		major = (1u << major) - 1;
	fuse_spread(f, c->fuses.major, major);
	fuse_spread(f, c->fuses.minor, revision % 100);
	return true;
}

/* The key blocks' purposes; the ESP32 has but one kind of key. */
static void
fuse_set_key(struct fuses *f, const struct simchip *c, size_t len)
{
	const struct simfuses	*s = &c->fuses;
	bool			 both = len == FUSE_KEY_MAX;

	(void)fuse_set(f, &s->crypt_config, 0xf);
	if (both)
		(void)fuse_set(f, &s->purpose[1], PURPOSE_XTS_256_2);
	(void)fuse_set(f, &s->purpose[0],
	    both ? PURPOSE_XTS_256_1 : PURPOSE_XTS_128);
	(void)fuse_set(f, &s->key_hidden, len == 16 ? 1 : 3);
	(void)fuse_set(f, &s->key_long, len != 16);
}

static bool
fuse_take(struct fuses *f, const struct simchip *c,
    const struct fuse_traits *t)
{
	const struct simfuses	*s = &c->fuses;

	f->secure_download = t->secure_download;
	/* The mode came with the command that tells of it. */
	if (t->secure_download && !(c->caps & SIM_SECINFO))
		return false;
	if (t->revision != REVISION_USUAL &&
	    !fuse_set_revision(f, c, t->revision))
		return false;
	if (t->secure_boot != 0 && !fuse_set(f, t->secure_boot == 1 ?
	    &s->secure_boot_v1 : &s->secure_boot, 1))
		return false;
	if (t->encryption && !fuse_set(f, &s->crypt_count, 1))
		return false;
	if (t->encryption || t->key_len > 0)
		fuse_set_key(f, c, t->key_len);
	if (t->no_encrypt && !fuse_set(f, &s->no_encrypt, 1))
		return false;
	return !t->octal || fuse_set(f, &s->octal, 1);
}

bool
fuse_init(struct fuses *f, const struct simchip *c, const uint8_t mac[6],
    const struct fuse_traits *t)
{
	bool	ok = true;

	memset(f, 0, sizeof(*f));
	for (const struct simreg *r = c->regs; r->addr != 0; r++)
		*fuse_word(f, r->addr) = r->value;
	fuse_mac(f, c, mac);
	if (t == NULL)
		return true;
	ok = fuse_take(f, c, t);
	for (size_t i = 0; i < t->words; i++)
		*fuse_word(f, t->word[i].addr) = t->word[i].value;
	return ok;
}

void
fuse_put(struct fuses *f, uint32_t addr, uint32_t value)
{
	*fuse_word(f, addr) = value;
}

bool
fuse_read(const struct fuses *f, uint32_t addr, uint32_t *value)
{
	const struct simreg	*r = fuse_find(f, addr);

	if (r != NULL)
		*value = r->value;
	return r != NULL;
}

uint32_t
fuse_get(const struct fuses *f, const struct simbits *b)
{
	uint32_t	v = 0;

	if (b->width == 0)
		return 0;
	(void)fuse_read(f, b->addr, &v);	/* none: blank */
	return v >> b->shift & ((1u << b->width) - 1);
}

bool
fuse_encrypts(const struct fuses *f, const struct simchip *c)
{
	return __builtin_parity(fuse_get(f, &c->fuses.crypt_count)) != 0;
}

bool
fuse_boots_securely(const struct fuses *f, const struct simchip *c)
{
	return fuse_get(f, &c->fuses.secure_boot_v1) != 0 ||
	    fuse_get(f, &c->fuses.secure_boot) != 0;
}

uint32_t
fuse_revision(const struct fuses *f, const struct simchip *c)
{
	uint32_t	major = fuse_gather(f, c->fuses.major);

	if (c->caps & SIM_REV_ONES)
		major = (uint32_t)__builtin_popcount(major);
	return major * 100 + fuse_gather(f, c->fuses.minor);
}

/* Little-endian: flags, crypt count, seven purposes; then, but not from the
 * ESP32-S2, the chip's number and the API's version. */
size_t
fuse_secinfo(const struct fuses *f, const struct simchip *c,
    uint8_t out[SECINFO_MAX])
{
	uint32_t	flags = 0;

	memset(out, 0, SECINFO_MAX);
	if (fuse_get(f, &c->fuses.secure_boot) != 0)
		flags |= SECINFO_BOOT;
	if (f->secure_download)
		flags |= SECINFO_DOWNLOAD;
	le32_put(out, flags);
	out[4] = (uint8_t)fuse_get(f, &c->fuses.crypt_count);
	for (int i = 0; i < SIM_KEYS; i++)
		out[5 + i] = (uint8_t)fuse_get(f, &c->fuses.purpose[i]);
	out[11] = SECINFO_LAST;
	le32_put(out + 12, c->chip_id);
	le32_put(out + 16, c->api_version);
	return c->secinfo_len;
}
