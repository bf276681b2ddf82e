#ifndef PROTO_SECURE_SBV2_H
#define PROTO_SECURE_SBV2_H
/*
 * sbv2 - the signature sector of secure boot v2: 4096 bytes behind an image that
 * was filled up with FF to a multiple of 4096, with room for three blocks of
 * 1216 bytes; FF is what no block uses.
 *
 *	0	E7, the magic
 *	1	version: 2 RSA-PSS, 3 ECDSA
 *	2	ECDSA: 0 SHA-256, 1 SHA-384; byte 3 is 0
 *	4	digest of the image; 32 bytes, or 48
 *	36/52	the public key (pem_public()): what the digest in fuses is of
 *	812	RSA: the signature, 384 bytes, lowest first
 *	101/149	ECDSA: r and s, lowest byte first; 64 or 96 bytes
 *	1196	CRC32 of all before it, then 16 bytes 0
 *
 * Sources: ESP-IDF Programming Guide, "Secure Boot v2" (signature block
 * format); esp-idf, components/bootloader_support, esp_secure_boot.h.
 */
#include <stddef.h>
#include <stdint.h>

#include "proto/base/why.h"
#include "proto/secure/pem.h"
#include "proto/secure/sign.h"

enum {
	SBV2_SECTOR	= 4096,
	SBV2_BLOCK	= 1216,
	SBV2_BLOCKS	= 3,
};

struct sbv2_block {
	enum pem_scheme	scheme;
	uint8_t		digest[SIGN_DIGEST_MAX];	/* of the image */
	size_t		digest_len;
	uint8_t		key[PEM_PUBLIC_MAX];	/* as in the block */
	size_t		key_len;
	uint8_t		signature[SIGN_MAX];	/* as sign.h has it */
	size_t		signature_len;
};

/* What stands in a place for a block. */
enum sbv2_place {
	SBV2_EMPTY,		/* no magic */
	SBV2_DAMAGED,		/* the CRC is wrong */
	SBV2_STRANGE,		/* intact, of an unknown version or curve */
	SBV2_BLOCK_RSA,
	SBV2_BLOCK_ECDSA,
};

/* Block `n` of a sector.  *block is set for the last two. */
enum sbv2_place sbv2_read(const uint8_t sector[SBV2_SECTOR], unsigned n,
    struct sbv2_block *block);

/* SHA-256 of the key that the block brings: what a chip trusts.  ERR_NOMEM. */
int sbv2_key_digest(const struct sbv2_block *, uint8_t out[PEM_DIGEST]);

/* Make a block of a digest and its signature (sign.h). */
void sbv2_write(const struct pem_key *, const uint8_t *digest,
    size_t digest_len, const uint8_t *signature, size_t len,
    uint8_t out[SBV2_BLOCK]);

/* Is the signature one of the block's digest, by that key?  0, ERR_SIGNATURE
 * (also when the key is of another kind).  The key need not be the block's.
 * Whether the digest is that of an image is for the caller to see, in all its
 * bytes: P-192 signs no more than the first 24. */
int sbv2_check(const struct sbv2_block *, const struct pem_key *);

/* The same by the key that the block brings, as the chip does when it trusts
 * that key's digest. */
int sbv2_check_own(const struct sbv2_block *);
#endif
