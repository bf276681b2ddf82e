/*
 * read: flash to the job's sink, in order, as it comes.
 *
 * Our own stub sends parts, each with a check sum; another one frames and at last
 * their digest; a ROM is asked for a few bytes at a time.  When the connection is
 * lost, what came so far is compared with the chip's own digest of it, and the
 * rest is read.
 */
#include "daemon/link/link.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "daemon/link/parts.h"
#include "daemon/link/retry.h"
#include "daemon/link/try.h"
#include "proto/base/err.h"
#include "proto/base/text.h"

enum {
	FRAME		= 0x1000,	/* bytes of one frame of a stub */
	WINDOW		= 64,		/* what esptool asks for */
	HEX_MD5		= 2 * BLOB_MD5 + 1,
};

/* A read under way. */
struct reading {
	struct link	*link;
	EVP_MD_CTX	*all;		/* of what the sink got */
	EVP_MD_CTX	*part;		/* of what this command brought */
	bool		 whole;		/* `all` began with the first byte */
	uint32_t	 done;		/* bytes the sink got */
	uint32_t	 best;		/* most that a loss has left */
};

static int
fail_digest(struct link *l)
{
	return link_fail(l, ERR_INTERNAL, "no MD5 from libcrypto");
}

static int
fail_read(struct reading *r, int err)
{
	const struct link_flash	*f = &r->link->flash;
	char			 doing[96];

	(void)snprintf(doing, sizeof doing, "read the flash at 0x%x (after %u "
	    "of %u bytes)", f->read_offset + r->done, r->done, f->read_bytes);
	return link_fail_rom(r->link, err, doing);
}

static int
start_digest(struct link *l, EVP_MD_CTX *ctx)
{
	return EVP_DigestInit_ex(ctx, EVP_md5(), NULL) == 1 ? 0 :
	    fail_digest(l);
}

/* The digest so far; the context goes on. */
static int
peek_digest(struct link *l, const EVP_MD_CTX *ctx, uint8_t md5[BLOB_MD5])
{
	EVP_MD_CTX	*copy = EVP_MD_CTX_new();
	uint8_t		 sum[EVP_MAX_MD_SIZE];
	bool		 ok;

	ok = copy != NULL && EVP_MD_CTX_copy_ex(copy, ctx) == 1 &&
	    EVP_DigestFinal_ex(copy, sum, NULL) == 1;
	EVP_MD_CTX_free(copy);
	if (!ok)
		return fail_digest(l);
	memcpy(md5, sum, BLOB_MD5);
	return 0;
}

/* Hand bytes on and count them. */
static int
deliver(struct reading *r, const uint8_t *data, size_t len)
{
	struct link	*l = r->link;

	if (EVP_DigestUpdate(r->all, data, len) != 1 ||
	    EVP_DigestUpdate(r->part, data, len) != 1)
		return fail_digest(l);
	TRY(link_sink(l, data, len));
	r->done += (uint32_t)len;
	link_progress(l, r->done, l->flash.read_bytes);
	return link_check_deadline(l);
}

/* A stub ends with the digest of what it sent. */
static int
check_digest(struct reading *r)
{
	struct link	*l = r->link;
	const uint8_t	*theirs;
	uint8_t		 sum[BLOB_MD5];
	char		 want[HEX_MD5], have[HEX_MD5];
	int		 n;

	n = rom_read_frame(&l->rom, &theirs, ROM_REPLY_MS);
	if (n < 0)
		return fail_read(r, n);
	if (n != BLOB_MD5)
		return link_fail(l, ERR_NOISE, "could not read the flash: its "
		    "digest has %d bytes instead of %d; read again, at a "
		    "lower baud rate", n, BLOB_MD5);
	TRY(peek_digest(l, r->part, sum));
	l->in_transfer = false;
	if (memcmp(sum, theirs, BLOB_MD5) == 0)
		return 0;
	text_hex(want, theirs, BLOB_MD5);
	text_hex(have, sum, BLOB_MD5);
	return link_fail(l, ERR_NOISE, "what was read came over the line "
	    "damaged (MD5 %s, the chip says %s); read again, at a lower baud "
	    "rate", have, want);
}

static int
on_part(void *arg, const uint8_t *data, size_t len)
{
	return deliver(arg, data, len);
}

static int
read_by_ours(struct reading *r)
{
	struct link	*l = r->link;
	struct parts	 p = {
		.rom = &l->rom, .what = EXT_READ_FLASH,
		.offset = l->flash.read_offset + r->done,
		.bytes = l->flash.read_bytes - r->done,
		.take = on_part, .arg = r,
	};
	int		 err;

	if (p.bytes == 0)
		return 0;
	l->in_transfer = true;
	err = parts_read(&p);
	if (p.asked > 0)
		link_note(l, "%u time%s something came damaged, late or not at "
		    "all while the flash was read, and was asked for again",
		    p.asked, p.asked == 1 ? "" : "s");
	if (err < 0)
		return fail_read(r, err);
	l->in_transfer = false;
	return 0;
}

static int
read_by_stub(struct reading *r)
{
	struct link	*l = r->link;
	const uint32_t	 total = l->flash.read_bytes;
	const uint32_t	 from = r->done;
	const uint8_t	*data;
	int		 n;

	if (from == total)
		return 0;
	n = rom_read_begin(&l->rom, l->flash.read_offset + from, total - from,
	    FRAME, WINDOW);
	if (n < 0)
		return fail_read(r, n);
	l->in_transfer = true;
	while (r->done < total) {
		uint32_t	want = total - r->done < FRAME ?
				    total - r->done : FRAME;

		n = rom_read_frame(&l->rom, &data, ROM_REPLY_MS);
		if (n < 0)
			return fail_read(r, n);
		if ((uint32_t)n != want)
			return link_fail(l, ERR_NOISE, "could not read the "
			    "flash at 0x%x: %d bytes came instead of %u; read "
			    "again, at a lower baud rate",
			    l->flash.read_offset + r->done, n, want);
		TRY(deliver(r, data, (size_t)n));
		if ((n = rom_read_ack(&l->rom, r->done - from)) < 0)
			return fail_read(r, n);
	}
	return check_digest(r);
}

static int
read_by_rom(struct reading *r)
{
	struct link	*l = r->link;
	uint8_t		 data[ROM_READ_SLOW];

	if ((l->chip->caps & CHIP_ROM_READ) == 0)
		return link_fail(l, ERR_UNSUPPORTED, "the ROM loader of the %s "
		    "cannot read the flash; this needs the flasher stub",
		    l->chip->name);
	while (r->done < l->flash.read_bytes) {
		uint32_t	n = l->flash.read_bytes - r->done;
		int		err;

		if (n > sizeof data)
			n = sizeof data;
		err = rom_read_slow(&l->rom, l->flash.read_offset + r->done,
		    data, n);
		if (err < 0)
			return fail_read(r, err);
		TRY(deliver(r, data, n));
	}
	return 0;
}

static int
read_part(struct reading *r)
{
	TRY(start_digest(r->link, r->part));
	if (ext_there(&r->link->rom))
		return read_by_ours(r);
	return r->link->rom.stub ? read_by_stub(r) : read_by_rom(r);
}

/* ---- going on ---- */

/* From the first byte again. */
static int
start_again(struct reading *r)
{
	struct link	*l = r->link;

	if (r->done > 0 && l->flash.sink_again == NULL)
		return link_fail(l, ERR_NOISE, "what was read came over the "
		    "line damaged; read again, at a lower baud rate");
	if (r->done > 0)
		l->flash.sink_again(l->flash.sink_arg);
	r->done = 0;
	r->whole = true;
	link_progress(l, 0, l->flash.read_bytes);
	return start_digest(l, r->all);
}

/* Does the flash hold what the sink has got, whose digest is this? */
static int
check_place(struct reading *r, const uint8_t md5[BLOB_MD5])
{
	struct link	*l = r->link;
	uint8_t		 have[BLOB_MD5];
	int		 err;

	if (r->done == 0 || !link_digests(l))
		return start_again(r);
	err = rom_md5(&l->rom, l->flash.read_offset, r->done, have,
	    link_md5_ms(r->done));
	if (err < 0)
		return fail_read(r, err);
	return memcmp(have, md5, BLOB_MD5) == 0 ? 0 : start_again(r);
}

/* After a loss: the place to go on from, connecting as often as it takes. */
static int
recover(struct reading *r, int err)
{
	struct link	*l = r->link;
	struct why	 said;
	uint32_t	 last = r->done;
	uint8_t		 md5[BLOB_MD5];
	char		 how[48];

	TRY(peek_digest(l, r->all, md5));
	for (;;) {
		TRY(retry_connect(l, err, &said));
		if ((err = check_place(r, md5)) == 0)
			break;
	}
	(void)snprintf(how, sizeof how, "%s at 0x%x", r->done > 0 ?
	    "going on" : "from the start", l->flash.read_offset + r->done);
	retry_note(l, &said, how);
	if (r->done == last && last > r->best) {
		r->best = last;
		retry_progress(l);
	}
	return 0;
}

/* Where an attempt before this one was. */
static int
take_place(struct reading *r)
{
	struct link	*l = r->link;
	uint32_t	 done = l->resume.read_bytes;

	if (done == 0)
		return 0;
	r->done = done;
	r->whole = false;
	TRY(check_place(r, l->resume.read_md5));
	link_note(l, "going on at 0x%x", l->flash.read_offset + r->done);
	return 0;
}

/* ... and where this one is, for the next. */
static void
keep_place(struct reading *r)
{
	struct link_resume	*p = &r->link->resume;

	/* What came before this attempt is known by its own digest only. */
	if (!r->whole || peek_digest(r->link, r->all, p->read_md5) < 0)
		return;
	p->read_bytes = r->done;
}

/* The digest of all that was read. */
static int
tell_digest(struct reading *r)
{
	struct link	*l = r->link;
	int		 err;

	if (r->whole)
		return peek_digest(l, r->all, l->found.md5);
	err = rom_md5(&l->rom, l->flash.read_offset, l->flash.read_bytes,
	    l->found.md5, link_md5_ms(l->flash.read_bytes));
	return err < 0 ? fail_read(r, err) : 0;
}

static int
read_all(struct reading *r)
{
	int	err;

	TRY(start_digest(r->link, r->all));
	TRY(take_place(r));
	while ((err = read_part(r)) < 0)
		TRY(recover(r, err));
	return tell_digest(r);
}

int
phase_read(struct link *l)
{
	struct reading	r = { .link = l, .whole = true };
	int		err;

	link_progress(l, 0, l->flash.read_bytes);
	if (l->flash.read_bytes == 0)
		return 0;
	r.all = EVP_MD_CTX_new();
	r.part = EVP_MD_CTX_new();
	err = r.all != NULL && r.part != NULL ? read_all(&r) : fail_digest(l);
	if (err == ERR_UNPLUGGED)
		keep_place(&r);
	EVP_MD_CTX_free(r.all);
	EVP_MD_CTX_free(r.part);
	return err;
}
