/*
 * verify: the chip digests what is in its flash, and the digests are compared.
 */
#include "daemon/link/link.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

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
fail_mismatch(struct link *l, const struct link_write *w)
{
	char	want[HEX_MD5], have[HEX_MD5];

	text_hex(want, w->blob->md5, BLOB_MD5);
	text_hex(have, l->found.md5, BLOB_MD5);
	if (is_empty(l->found.md5, w->blob->len))
		return link_fail(l, ERR_VERIFY, "%s at 0x%x: the flash is "
		    "empty there (all FF), so nothing was written: MD5 %s, "
		    "expected %s", w->blob->name, w->offset, have, want);
	return link_fail(l, ERR_VERIFY, "%s at 0x%x: the flash holds something "
	    "else: MD5 %s, expected %s", w->blob->name, w->offset, have,
	    want);
}

static int
verify_one(struct link *l, const struct link_write *w)
{
	char	doing[WHY_MAX / 2];
	int	err;

	err = rom_md5(&l->rom, w->offset, (uint32_t)w->blob->len,
	    l->found.md5, link_md5_ms(w->blob->len));
	if (err < 0) {
		(void)snprintf(doing, sizeof doing, "verify %s at 0x%x",
		    w->blob->name, w->offset);
		return link_fail_rom(l, err, doing);
	}
	if (memcmp(l->found.md5, w->blob->md5, BLOB_MD5) != 0)
		return fail_mismatch(l, w);
	return 0;
}

int
phase_verify(struct link *l)
{
	uint64_t	done = 0, total = 0;

	l->found.verified = false;
	if (!l->rom.stub && ((l->chip->caps & CHIP_ROM_MD5) == 0 ||
	    link_is_secure(l))) {
		if (l->flash.must_verify)
			return link_fail(l, ERR_UNSUPPORTED, "cannot verify: "
			    "the ROM loader of the %s cannot digest its flash"
			    "%s; this needs the flasher stub", l->chip->name,
			    link_is_secure(l) ? " in secure download mode" :
			    "");
		link_note(l, "not verified: the ROM loader of the %s cannot "
		    "digest its flash%s", l->chip->name, link_is_secure(l) ?
		    " in secure download mode" : "");
		return 0;
	}
	for (size_t i = 0; i < l->flash.write_count; i++)
		total += l->flash.writes[i].blob->len;
	for (size_t i = 0; i < l->flash.write_count; i++) {
		link_progress(l, done, total);
		TRY(verify_one(l, &l->flash.writes[i]));
		TRY(link_check_deadline(l));
		done += l->flash.writes[i].blob->len;
	}
	link_progress(l, done, total);
	l->found.verified = l->flash.write_count > 0;
	return 0;
}
