#include "proto/efuse/trusted.h"

#include <stdio.h>
#include <string.h>

enum {
	ESP32_BLOCK	= 2,
	ONE_KEY_BLOCK	= 3,		/* ESP32-C2 */
	UPPER_HALF	= 16,		/* its digest begins at this byte */
	HALF		= 16,
	RD_DIS_UPPER	= 1 << 1,
	KEYS		= 3,		/* SECURE_BOOT_DIGEST0..2 */
};

#define PURPOSE	"SECURE_BOOT_DIGEST"
#define REVOKE	"SECURE_BOOT_KEY_REVOKE"

bool
efuse_checks(unsigned signers, enum pem_scheme scheme)
{
	unsigned	need = 0;

	switch (scheme) {
	case PEM_RSA_3072:
		need = EFUSE_SIGNER_RSA;
		break;
	case PEM_ECDSA_P192:
	case PEM_ECDSA_P256:
		need = EFUSE_SIGNER_ECDSA;
		break;
	case PEM_ECDSA_P384:
		need = EFUSE_SIGNER_P384;
		break;
	}
	return signers == 0 || (signers & need) != 0;
}

/* Which digest the block holds, 0..2; -1: none. */
static int
number(const struct efuse_state *s, unsigned block)
{
	const struct efuse_purpose	*p;
	struct efuse_purpose		 room;
	char				 name[EFUSE_NAME_MAX];

	p = efuse_block_purpose(s, block, &room);
	for (int i = 0; p != NULL && i < KEYS; i++) {
		(void)snprintf(name, sizeof name, PURPOSE "%d", i);
		if (strcmp(p->name, name) == 0)
			return i;
	}
	return -1;
}

uint32_t
efuse_trusted_blocks(const struct efuse_state *s)
{
	uint32_t	blocks = 0;

	if ((s->efuse->flags & EFUSE_CHIP_ESP32) != 0)
		return 1u << ESP32_BLOCK;
	if ((s->efuse->flags & EFUSE_CHIP_ONE_KEY) != 0)
		return 1u << ONE_KEY_BLOCK;
	for (unsigned b = 1; s->efuse->blocks[b].name != NULL; b++)
		if (number(s, b) >= 0)
			blocks |= 1u << b;
	return blocks;
}

static bool
is_revoked(const struct efuse_state *s, unsigned n)
{
	char	name[EFUSE_NAME_MAX];

	(void)snprintf(name, sizeof name, REVOKE "%u", n);
	return efuse_number(s, name) != 0;
}

static bool
is_empty(const uint8_t *p, size_t len)
{
	while (len > 0 && p[len - 1] == 0)
		len--;
	return len == 0;
}

/* Take the digest at byte `at` of a block, if there is one. */
static void
add(struct efuse_trusted *t, const struct efuse_state *s, unsigned block,
    size_t at, size_t len)
{
	struct efuse_trusted_key	*k = &t->key[t->count];
	uint8_t				 bytes[EFUSE_BLOCK_BYTES];
	int				 n = number(s, block);

	efuse_block_get(s, block, bytes);
	if (is_empty(bytes + at, len))
		return;
	*k = (struct efuse_trusted_key){
		.block = block, .number = n > 0 ? (unsigned)n : 0,
		.revoked = n >= 0 && is_revoked(s, (unsigned)n), .len = len,
	};
	memcpy(k->digest, bytes + at, len);
	t->count++;
}

void
efuse_trusted(const struct efuse_state *s, struct efuse_trusted *t)
{
	uint32_t	blocks = efuse_trusted_blocks(s);

	*t = (struct efuse_trusted){ .count = 0 };
	if ((s->efuse->flags & EFUSE_CHIP_ONE_KEY) != 0) {
		if ((efuse_number(s, "RD_DIS") & RD_DIS_UPPER) == 0)
			add(t, s, ONE_KEY_BLOCK, UPPER_HALF, HALF);
		return;
	}
	for (unsigned b = 0; b < EFUSE_BLOCKS; b++)
		if ((blocks >> b & 1) != 0 && efuse_block_readable(s, b))
			add(t, s, b, 0, EFUSE_TRUSTED_BYTES);
}

bool
efuse_trusts_any(const struct efuse_state *s)
{
	struct efuse_trusted	t;

	efuse_trusted(s, &t);
	for (size_t i = 0; i < t.count; i++)
		if (!t.key[i].revoked)
			return true;
	return false;
}
