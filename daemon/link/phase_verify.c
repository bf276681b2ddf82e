/*
 * verify: the chip digests what is in its flash, and the digests are compared.
 */
#include "daemon/link/link.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "daemon/link/images.h"
#include "daemon/link/retry.h"
#include "daemon/link/try.h"
#include "proto/base/err.h"
#include "proto/base/text.h"

enum { HEX_MD5 = 2 * BLOB_MD5 + 1, EMPTY_STEP = 512 };

/* 1 when `md5` is the digest of `len` bytes FF. */
static int
is_empty(const uint8_t md5[BLOB_MD5], size_t len)
{
	EVP_MD_CTX	*ctx = EVP_MD_CTX_new();
	uint8_t		 ff[EMPTY_STEP], sum[EVP_MAX_MD_SIZE];
	int		 ok;

	memset(ff, 0xff, sizeof ff);
	ok = ctx != NULL && EVP_DigestInit_ex(ctx, EVP_md5(), NULL) == 1;
	while (ok && len > 0) {
		size_t	n = len < sizeof ff ? len : sizeof ff;

		ok = EVP_DigestUpdate(ctx, ff, n) == 1;
		len -= n;
	}
	ok = ok && EVP_DigestFinal_ex(ctx, sum, NULL) == 1 &&
	    memcmp(sum, md5, BLOB_MD5) == 0;
	EVP_MD_CTX_free(ctx);
	return ok;
}

static int
fail_mismatch(struct link *l, const struct link_write *w,
    const struct blob *wanted)
{
	char	want[HEX_MD5], have[HEX_MD5];

	text_hex(want, wanted->md5, BLOB_MD5);
	text_hex(have, l->found.md5, BLOB_MD5);
	if (is_empty(l->found.md5, wanted->len))
		return link_fail(l, ERR_VERIFY, "%s at 0x%x: the flash is "
		    "empty there (all FF), so nothing was written: MD5 %s, "
		    "expected %s", w->blob->name, w->offset, have, want);
	return link_fail(l, ERR_VERIFY, "%s at 0x%x: the flash holds something "
	    "else: MD5 %s, expected %s", w->blob->name, w->offset, have,
	    want);
}

/* Bytes and address to compare.  Where a loader might not begin to read, what
 * was written before the image is compared, too. */
static const struct blob *
wanted(const struct link *l, size_t i, uint32_t *addr)
{
	const struct link_image	*im = &l->images[i];

	*addr = l->flash.writes[i].offset;
	if (*addr % 4 == 0 || l->flash.must_verify)
		return im->blob;
	*addr = im->start;
	return im->data;
}

static int
digest(struct link *l, size_t i, uint32_t addr, uint32_t len)
{
	const struct link_write	*w = &l->flash.writes[i];
	char			 doing[WHY_MAX / 2];
	int			 err;

	err = rom_md5(&l->rom, addr, len, l->found.md5, link_md5_ms(len));
	if (err == 0)
		return 0;
	(void)snprintf(doing, sizeof doing, "verify %s at 0x%x",
	    w->blob->name, w->offset);
	return link_fail_rom(l, err, doing);
}

static int
verify_one(struct link *l, size_t i)
{
	const struct blob	*b;
	struct why		 said;
	uint32_t		 addr;
	int			 err;

	b = wanted(l, i, &addr);
	while ((err = digest(l, i, addr, (uint32_t)b->len)) < 0) {
		TRY(retry_connect(l, err, &said));
		retry_note(l, &said, "verifying again");
	}
	if (memcmp(l->found.md5, b->md5, BLOB_MD5) != 0)
		return fail_mismatch(l, &l->flash.writes[i], b);
	l->images[i].verified = true;
	return 0;
}

/* What this loader cannot compare is told, or is a failure where comparing is
 * the job. */
static int
cannot_verify(struct link *l)
{
	const char	*mode = link_is_secure(l) ?
			    " in secure download mode" : "";

	if (l->flash.must_verify)
		return link_fail(l, ERR_UNSUPPORTED, "cannot verify: "
		    "the ROM loader of the %s cannot digest its flash"
		    "%s; this needs the flasher stub", l->chip->name, mode);
	link_note(l, "not verified: the ROM loader of the %s cannot "
	    "digest its flash%s", l->chip->name, mode);
	return 0;
}

/* Is there anything to compare, or was it done? */
static bool
is_open(struct link *l, size_t i)
{
	const struct link_image	*im = &l->images[i];

	if (l->flash.writes[i].encrypt)
		return false;
	return !im->verified && !im->skipped;
}

int
phase_verify(struct link *l)
{
	uint64_t	done = 0, total = 0;
	bool		encrypted = false;

	TRY(images_prepare(l));
	l->found.verified = false;
	if (!link_digests(l))
		return cannot_verify(l);
	for (size_t i = 0; i < l->flash.write_count; i++) {
		encrypted |= l->flash.writes[i].encrypt;
		if (is_open(l, i))
			total += l->images[i].blob->len;
	}
	if (encrypted)
		link_note(l, "not verified: what the chip encrypted cannot be "
		    "compared");
	for (size_t i = 0; i < l->flash.write_count; i++) {
		if (!is_open(l, i))
			continue;
		link_progress(l, done, total);
		TRY(verify_one(l, i));
		TRY(link_check_deadline(l));
		done += l->images[i].blob->len;
	}
	link_progress(l, done, total);
	l->found.verified = l->flash.write_count > 0;
	for (size_t i = 0; i < l->flash.write_count; i++)
		l->found.verified &= l->images[i].verified;
	return 0;
}
