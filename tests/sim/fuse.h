#ifndef TESTS_SIM_FUSE_H
#define TESTS_SIM_FUSE_H
/*
 * fuse - what the registers of a board's chip show of its eFuses: its MAC,
 * revision and security; and the words of its ROM.  The controller (efuse.h)
 * changes it when more is burned.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/sim/chips.h"

enum {
	FUSE_WORDS	= 160,
	FUSE_KEY_MAX	= 64,		/* XTS-AES-256 */
	FUSE_EXTRA	= 32,
	SECINFO_MAX	= 20,
	REVISION_USUAL	= UINT32_MAX,

	/* Purposes of key blocks: TRM of the ESP32-C3, "eFuse controller",
	 * KEY_PURPOSE_n. */
	PURPOSE_XTS_256_1	= 2,
	PURPOSE_XTS_256_2	= 3,
	PURPOSE_XTS_128		= 4,
};

/* How a board's chip differs from what its row says. */
struct fuse_traits {
	bool		secure_download;
	unsigned	secure_boot;	/* 0, or the version: 1, 2 */
	bool		encryption;	/* of the flash is on */
	bool		no_encrypt;	/* ...but not by the loader */
	/* The key, as in a key file; 0 bytes: one of zeros (ESP32: 32 bytes,
	 * others: 32, or 64 of XTS-AES-256). */
	uint8_t		key[FUSE_KEY_MAX];
	size_t		key_len;
	uint32_t	revision;	/* major * 100 + minor; REVISION_USUAL */
	bool		octal;		/* the flash's eight lines are told of */
	struct simreg	word[FUSE_EXTRA];	/* as --efuse says; these win */
	size_t		words;
};

struct fuses {
	struct simreg	word[FUSE_WORDS];
	size_t		words;
	bool		secure_download;
};

/* False when the chip has no such fuse. */
bool fuse_init(struct fuses *, const struct simchip *, const uint8_t mac[6],
    const struct fuse_traits *);

/* From now on that word shows this. */
void fuse_put(struct fuses *, uint32_t addr, uint32_t value);

/* False when that address has no fixed word. */
bool fuse_read(const struct fuses *, uint32_t addr, uint32_t *value);

/* 0 when the chip has no such bits. */
uint32_t fuse_get(const struct fuses *, const struct simbits *);

/* Flash encryption or secure boot is on. */
bool fuse_encrypts(const struct fuses *, const struct simchip *);
bool fuse_boots_securely(const struct fuses *, const struct simchip *);
uint32_t fuse_revision(const struct fuses *, const struct simchip *);

/* The answer to GET_SECURITY_INFO; its length. */
size_t fuse_secinfo(const struct fuses *, const struct simchip *,
    uint8_t out[SECINFO_MAX]);
#endif
