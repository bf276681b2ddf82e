#include "daemon/link/signatures.h"

#include <stdio.h>
#include <string.h>

#include "daemon/link/fuses.h"
#include "daemon/link/try.h"
#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/efuse/trusted.h"
#include "proto/image/header.h"
#include "proto/secure/sbv1.h"
#include "proto/secure/sbv2.h"

enum {
	NAME_MOST	= 120,	/* bytes shown of a file's name */
	WHAT		= 256,	/* bytes of half a sentence */
	DIGEST_SHOWN	= 8,	/* bytes */
};

/* What a job's images are held against; keys are asked for when one is signed. */
struct check {
	struct link		*l;
	bool			 asked, known;	/* keys */
	struct efuse_trusted	 keys;
};

/* An image within a file. */
struct look {
	struct blob	*blob;
	size_t		 at;		/* it begins there */
	uint32_t	 addr;		/* ... which is here in flash */
	size_t		 len;		/* with its own digest */
};

/* How far a block of a signature sector comes with the chip.  The sector is as
 * good as its best one. */
enum grade {
	NO_BLOCK,
	DAMAGED,
	CHANGED,		/* signs another digest */
	OTHER_SCHEME,		/* the chip has no such keys */
	NO_SHA384,		/* ... not as its fuses are */
	FORGED,			/* not made by the key beside it */
	UNTRUSTED,
	REVOKED,
	STRANGE,		/* what the chip makes of it is not known */
	GOOD,
};

struct verdict {
	enum grade	grade;
	unsigned	block;
	enum pem_scheme	scheme;
	uint8_t		key_digest[PEM_DIGEST];
};

/* ---- the chip ---- */

static bool
has_v2(const struct link *l)
{
	return l->found.security.secure_boot || (link_is_secure(l) &&
	    (l->found.secinfo.flags & SECINFO_SECURE_BOOT) != 0);
}

/* The keys that this chip checks with (enum efuse_signer); 0: not known.  In
 * secure download mode its revision is not either, so what any has counts. */
static unsigned
signers(const struct link *l)
{
	const struct efuse_chip	*e;
	unsigned		 all = 0;

	e = efuse_chip_find(l->chip, l->found.facts.revision);
	if (!link_is_secure(l))
		return e != NULL ? e->signers : 0;
	for (size_t i = 0; (e = efuse_chips[i]) != NULL; i++) {
		if (e->chip == l->chip && e->signers == 0)
			return 0;
		if (e->chip == l->chip)
			all |= e->signers;
	}
	return all;
}

/* The digests of keys, from the fuses, once; a loader that does not let us read
 * them leaves them unknown. */
static int
read_keys(struct check *c)
{
	struct link	*l = c->l;
	int		 err;

	if (c->asked)
		return 0;
	c->asked = true;
	if (link_is_secure(l))
		return 0;
	if ((err = fuses_read_blocks(l, 0)) == 0)
		err = fuses_read_blocks(l,
		    efuse_trusted_blocks(&l->fuses.state));
	if (err == ERR_UNSUPPORTED || err == ERR_REFUSED) {
		why_clear(&l->why);
		return 0;
	}
	TRY(err);
	efuse_trusted(&l->fuses.state, &c->keys);
	c->known = true;
	return 0;
}

/* GOOD also when nobody can tell. */
static enum grade
trust(const struct check *c, const uint8_t digest[PEM_DIGEST])
{
	enum grade	found = c->known ? UNTRUSTED : GOOD;

	for (size_t i = 0; i < c->keys.count; i++) {
		const struct efuse_trusted_key	*k = &c->keys.key[i];

		if (memcmp(k->digest, digest, k->len) != 0)
			continue;
		if (!k->revoked)
			return GOOD;
		found = REVOKED;
	}
	return found;
}

/* Would the chip start what this block signs, if the digest is right?  All but
 * the signature itself. */
static enum grade
fits_chip(const struct check *c, const struct verdict *v)
{
	unsigned	can = signers(c->l);

	if (!efuse_checks(can, v->scheme))
		return OTHER_SCHEME;
	if (v->scheme == PEM_ECDSA_P384 && c->known && can != 0 &&
	    efuse_number(&c->l->fuses.state, "SECURE_BOOT_SHA384_EN") == 0)
		return NO_SHA384;
	return trust(c, v->key_digest);
}

/* ---- an image ---- */

static size_t
fill(size_t len)
{
	return (len + SBV2_SECTOR - 1) / SBV2_SECTOR * SBV2_SECTOR;
}

/* Bytes of the file from the start of the image on. */
static size_t
room(const struct look *k)
{
	return k->blob->file_len - k->at;
}

static int
fail_memory(const struct check *c, const struct look *k)
{
	return link_fail(c->l, ERR_NOMEM, "no memory to digest %s",
	    k->blob->name);
}

static int
digest(struct check *c, const struct look *k, size_t bytes, uint8_t *out)
{
	int	r;

	while ((r = blob_digest(k->blob, k->at, fill(k->len), bytes, out)) > 0)
		if ((r = wire_sleep(c->l->rom.wire, 0)) < 0)
			return link_fail_rom(c->l, r, "digest an image");
	return r == 0 ? 0 : fail_memory(c, k);
}

/* One that is intact. */
static int
judge_block(struct check *c, const struct look *k, const struct sbv2_block *b,
    struct verdict *v)
{
	uint8_t	right[SIGN_DIGEST_MAX];

	v->scheme = b->scheme;
	if (sbv2_key_digest(b, v->key_digest) < 0)
		return fail_memory(c, k);
	TRY(digest(c, k, b->digest_len, right));
	v->grade = CHANGED;
	if (memcmp(right, b->digest, b->digest_len) != 0)
		return 0;
	TRY(read_keys(c));
	v->grade = fits_chip(c, v);
	if (v->grade >= UNTRUSTED && sbv2_check_own(b) < 0)
		v->grade = FORGED;
	return 0;
}

static int
judge_place(struct check *c, const struct look *k, unsigned n,
    struct verdict *v)
{
	struct sbv2_block	b;
	const uint8_t		*sector = k->blob->data + k->at + fill(k->len);

	v->block = n;
	switch (sbv2_read(sector, n, &b)) {
	case SBV2_EMPTY:
		v->grade = NO_BLOCK;
		return 0;
	case SBV2_DAMAGED:
		v->grade = DAMAGED;
		return 0;
	case SBV2_STRANGE:
		v->grade = STRANGE;
		return 0;
	case SBV2_BLOCK_RSA:
	case SBV2_BLOCK_ECDSA:
		break;
	}
	return judge_block(c, k, &b, v);
}

static int
judge_v2(struct check *c, const struct look *k, struct verdict *best)
{
	struct verdict	v = { .grade = NO_BLOCK };

	if (room(k) < fill(k->len) + SBV2_SECTOR)
		return 0;
	/* ROMs of the ESP32, ESP32-C3 and ESP32-S3 were seen to look at all
	 * three, but at none when the first place is empty. */
	for (unsigned n = 0; n < SBV2_BLOCKS && best->grade < GOOD; n++) {
		TRY(judge_place(c, k, n, &v));
		if (v.grade == NO_BLOCK && n == 0)
			break;
		if (v.grade > best->grade)
			*best = v;
	}
	return 0;
}

/* Its bootloader has no signature: the chip's own digest is before it. */
static void
judge_v1(const struct link *l, const struct look *k, struct verdict *v)
{
	const uint8_t	*p = k->blob->data + k->at + k->len;

	if (k->addr == l->chip->boot_offset ||
	    (room(k) - k->len >= SBV1_SIGNATURE && le32_get(p) == 0))
		v->grade = GOOD;
}

/* ---- what is told ---- */

/* The first bytes of a digest, which tell keys apart. */
static void
short_hex(char out[2 * DIGEST_SHOWN + 3], const uint8_t *p)
{
	text_hex(out, p, DIGEST_SHOWN);
	memcpy(out + 2 * DIGEST_SHOWN, "..", 3);
}

/* "; it trusts 0123456789abcdef.." */
static void
trusted_text(const struct check *c, char *out, size_t size)
{
	char	hex[2 * DIGEST_SHOWN + 3];
	size_t	at = 0;

	(void)snprintf(out, size, "; no digest of a key is burned in it");
	for (size_t i = 0; i < c->keys.count && at < size; i++) {
		if (c->keys.key[i].revoked)
			continue;
		short_hex(hex, c->keys.key[i].digest);
		at += (size_t)snprintf(out + at, size - at, "%s%s", at == 0 ?
		    "; it trusts " : ", ", hex);
	}
}

/* What is wrong, as the middle of a sentence. */
static void
what_text(const struct check *c, const struct verdict *v, char out[WHAT])
{
	char	hex[2 * DIGEST_SHOWN + 3], keys[WHAT / 2];

	short_hex(hex, v->key_digest);
	switch (v->grade) {
	case NO_BLOCK:
		(void)snprintf(out, WHAT, "has no signature");
		break;
	case DAMAGED:
		(void)snprintf(out, WHAT, "has a damaged signature (block %u)",
		    v->block);
		break;
	case STRANGE:
		(void)snprintf(out, WHAT, "has a signature (block %u) of a kind "
		    "that is not known here", v->block);
		break;
	case CHANGED:
		(void)snprintf(out, WHAT, "was changed after it was signed "
		    "(block %u is the signature of other bytes)", v->block);
		break;
	case OTHER_SCHEME:
		(void)snprintf(out, WHAT, "is signed with a key of a kind that "
		    "this chip does not check with (%s)",
		    pem_scheme_name(v->scheme));
		break;
	case NO_SHA384:
		(void)snprintf(out, WHAT, "is signed with a key (%s) that this "
		    "chip only checks with once SECURE_BOOT_SHA384_EN is "
		    "burned", pem_scheme_name(v->scheme));
		break;
	case FORGED:
		(void)snprintf(out, WHAT, "has a signature (block %u) that was "
		    "not made with the key beside it", v->block);
		break;
	case UNTRUSTED:
		trusted_text(c, keys, sizeof keys);
		(void)snprintf(out, WHAT, "is signed with a key that this chip "
		    "does not trust (its digest is %s%s)", hex, keys);
		break;
	case REVOKED:
		(void)snprintf(out, WHAT, "is signed with a key that is revoked "
		    "in this chip (its digest is %s)", hex);
		break;
	case GOOD:
		out[0] = '\0';
		break;
	}
}

/* The keys that would do, by kind. */
static const char *
wanted_key(const struct link *l)
{
	switch (signers(l)) {
	case EFUSE_SIGNER_RSA:
		return "an RSA-3072 key that it trusts";
	case EFUSE_SIGNER_ECDSA:
		return "an ECDSA key that it trusts";
	default:
		return "a key that it trusts";
	}
}

/* All of it, with a command to sign `file`; the length that it has, or would
 * have. */
static int
sentence(const struct check *c, const struct look *k, const struct verdict *v,
    const char *file, char out[WHY_MAX])
{
	const char	*name = k->blob->name;
	size_t		 len = strlen(name);
	bool		 v2 = has_v2(c->l), cut = len > NAME_MOST;
	char		 what[WHAT];

	what_text(c, v, what);
	return snprintf(out, WHY_MAX, "Warning: %s%s at 0x%x %s, and secure "
	    "boot is on in this %s: %s. Sign it with %s: espctl secure "
	    "sign-data --version %d --keyfile KEY --output SIGNED %s",
	    cut ? ".." : "", cut ? name + len - NAME_MOST : name, k->addr,
	    what, c->l->chip->name, v->grade == STRANGE ?
	    "whether it starts cannot be told" : "it will not start",
	    v2 ? wanted_key(c->l) : "the key of its bootloader", v2 ? 2 : 1,
	    file);
}

static void
tell(const struct check *c, const struct look *k, const struct verdict *v)
{
	char	text[WHY_MAX];

	if (sentence(c, k, v, k->blob->name, text) >= WHY_MAX)
		(void)sentence(c, k, v, "FILE", text);
	link_note(c->l, "%s", text);
}

/* ---- all of them ---- */

/* The image in a file, if it begins with one for this chip; it may be a merged
 * file, which has its bootloader further behind. */
static bool
find_image(const struct link *l, size_t i, struct look *k)
{
	const struct blob	*b = l->images[i].blob;
	uint32_t		 offset = l->flash.writes[i].offset;
	struct header		 h;

	*k = (struct look){ .blob = l->images[i].blob, .addr = offset };
	if (offset < l->chip->boot_offset &&
	    l->chip->boot_offset - offset < b->file_len) {
		k->addr = l->chip->boot_offset;
		k->at = k->addr - offset;
	}
	if (header_parse(b->data + k->at, room(k), true, &h) < 0 ||
	    (h.chip_id != HEADER_ANY_CHIP &&
	    h.chip_id != l->chip->image_id) ||
	    header_digest_at(b->data + k->at, room(k), &h, &k->len) < 0)
		return false;
	k->len += h.has_digest ? HEADER_SHA256 : 0;
	return true;
}

static int
check_one(struct check *c, size_t i)
{
	struct verdict	v = { .grade = NO_BLOCK };
	struct look	k;

	if (!find_image(c->l, i, &k))
		return 0;
	if (has_v2(c->l))
		TRY(judge_v2(c, &k, &v));
	else
		judge_v1(c->l, &k, &v);
	if (v.grade != GOOD)
		tell(c, &k, &v);
	return 0;
}

int
signatures_check(struct link *l)
{
	struct check	c = { .l = l };

	if ((!has_v2(l) && !l->found.security.secure_boot_v1) ||
	    l->resume.judged)
		return 0;
	for (size_t i = 0; i < l->flash.write_count; i++)
		TRY(check_one(&c, i));
	l->resume.judged = true;
	return 0;
}
