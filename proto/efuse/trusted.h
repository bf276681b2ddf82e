#ifndef PROTO_EFUSE_TRUSTED_H
#define PROTO_EFUSE_TRUSTED_H
/*
 * trusted - whose signatures secure boot v2 of a chip accepts: the digests of
 * public keys in its fuses.
 *
 * A digest is the SHA-256 of a key as a signature block holds it.  The ESP32 has
 * one, in BLOCK2; the ESP32-C2 the first half of one, in the upper half of its
 * key block; the others up to three, in blocks of that purpose, each of which
 * can be revoked.  Sources: ESP-IDF Programming Guide, "Secure Boot v2"; esp-idf,
 * components/esp_rom/<chip>/include/<chip>/rom/secure_boot.h.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/efuse/state.h"
#include "proto/secure/pem.h"

enum { EFUSE_TRUSTED_BYTES = 32 };	/* most that is kept of a digest */

struct efuse_trusted_key {
	unsigned	block;
	unsigned	number;		/* SECURE_BOOT_DIGESTn; 0 where there
					 * is but one */
	bool		revoked;
	size_t		len;		/* 32, or 16 (ESP32-C2) */
	uint8_t		digest[EFUSE_TRUSTED_BYTES];
};

struct efuse_trusted {
	size_t				count;
	struct efuse_trusted_key	key[EFUSE_BLOCKS];
};

/* Does secure boot with those `signers` (enum efuse_signer; 0: not known) check
 * signatures by such keys?  Not known: yes. */
bool efuse_checks(unsigned signers, enum pem_scheme);

/* Which blocks hold them (1 << block); of the state only BLOCK0 is looked at. */
uint32_t efuse_trusted_blocks(const struct efuse_state *);

/* The digests, revoked ones too.  One that cannot be read is none: it is hidden
 * from the hardware's check as well. */
void efuse_trusted(const struct efuse_state *, struct efuse_trusted *);

/* Is one of them left that is not revoked? */
bool efuse_trusts_any(const struct efuse_state *);
#endif
