/*
 * read: flash to the job's sink, in order, as it comes.
 */
#include "daemon/link/link.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "daemon/link/try.h"
#include "proto/base/err.h"
#include "proto/base/text.h"

enum {
	FRAME		= 0x1000,	/* bytes of one frame of a stub */
	WINDOW		= 64,		/* what esptool asks for */
	HEX_MD5		= 2 * BLOB_MD5 + 1,
};

static int
fail_read(struct link *l, int err, uint32_t done)
{
	char	doing[64];

	(void)snprintf(doing, sizeof doing, "read the flash at 0x%x",
	    l->flash.read_offset + done);
	return link_fail_rom(l, err, doing);
}

/* Hand bytes on and count them. */
static int
deliver(struct link *l, EVP_MD_CTX *ctx, const uint8_t *data, size_t len,
    uint32_t *done)
{
	int	err;

	if (EVP_DigestUpdate(ctx, data, len) != 1)
		return link_fail(l, ERR_INTERNAL, "no MD5 from libcrypto");
	err = l->flash.sink(l->flash.sink_arg, data, len);
	if (err < 0)
		return link_fail(l, err, "what was read could not be stored: "
		    "%s", err_sentence(err));
	*done += (uint32_t)len;
	link_progress(l, *done, l->flash.read_bytes);
	return link_check_deadline(l);
}

/* A stub ends with the digest of what it sent. */
static int
check_digest(struct link *l, EVP_MD_CTX *ctx)
{
	const uint8_t	*theirs;
	uint8_t		 sum[EVP_MAX_MD_SIZE];
	char		 want[HEX_MD5], have[HEX_MD5];
	int		 n;

	n = rom_read_frame(&l->rom, &theirs, ROM_REPLY_MS);
	if (n < 0)
		return fail_read(l, n, l->flash.read_bytes);
	if (n != BLOB_MD5)
		return link_fail(l, ERR_NOISE, "could not read the flash: its "
		    "digest has %d bytes instead of %d; read again, at a "
		    "lower baud rate", n, BLOB_MD5);
	if (EVP_DigestFinal_ex(ctx, sum, NULL) != 1)
		return link_fail(l, ERR_INTERNAL, "no MD5 from libcrypto");
	l->in_transfer = false;
	memcpy(l->found.md5, sum, BLOB_MD5);
	if (memcmp(sum, theirs, BLOB_MD5) == 0)
		return 0;
	text_hex(want, theirs, BLOB_MD5);
	text_hex(have, sum, BLOB_MD5);
	return link_fail(l, ERR_NOISE, "what was read came over the line "
	    "damaged (MD5 %s, the chip says %s); read again, at a lower baud "
	    "rate", have, want);
}

static int
read_by_stub(struct link *l, EVP_MD_CTX *ctx)
{
	const uint32_t	 total = l->flash.read_bytes;
	const uint8_t	*data;
	uint32_t	 done = 0;
	int		 n;

	n = rom_read_begin(&l->rom, l->flash.read_offset, total, FRAME,
	    WINDOW);
	if (n < 0)
		return fail_read(l, n, 0);
	l->in_transfer = true;
	while (done < total) {
		uint32_t	want = total - done < FRAME ? total - done :
				    FRAME;

		n = rom_read_frame(&l->rom, &data, ROM_REPLY_MS);
		if (n < 0)
			return fail_read(l, n, done);
		if ((uint32_t)n != want)
			return link_fail(l, ERR_NOISE, "could not read the "
			    "flash at 0x%x: %d bytes came instead of %u; read "
			    "again, at a lower baud rate",
			    l->flash.read_offset + done, n, want);
		TRY(deliver(l, ctx, data, (size_t)n, &done));
		if ((n = rom_read_ack(&l->rom, done)) < 0)
			return fail_read(l, n, done);
	}
	return check_digest(l, ctx);
}

static int
read_by_rom(struct link *l, EVP_MD_CTX *ctx)
{
	uint8_t		data[ROM_READ_SLOW];
	uint32_t	done = 0;

	if ((l->chip->caps & CHIP_ROM_READ) == 0)
		return link_fail(l, ERR_UNSUPPORTED, "the ROM loader of the %s "
		    "cannot read the flash; this needs the flasher stub",
		    l->chip->name);
	while (done < l->flash.read_bytes) {
		uint32_t	n = l->flash.read_bytes - done;
		int		err;

		if (n > sizeof data)
			n = sizeof data;
		err = rom_read_slow(&l->rom, l->flash.read_offset + done,
		    data, n);
		if (err < 0)
			return fail_read(l, err, done);
		TRY(deliver(l, ctx, data, n, &done));
	}
	if (EVP_DigestFinal_ex(ctx, l->found.md5, NULL) != 1)
		return link_fail(l, ERR_INTERNAL, "no MD5 from libcrypto");
	return 0;
}

int
phase_read(struct link *l)
{
	EVP_MD_CTX	*ctx;
	int		 err;

	link_progress(l, 0, l->flash.read_bytes);
	if (l->flash.read_bytes == 0)
		return 0;
	ctx = EVP_MD_CTX_new();
	if (ctx == NULL || EVP_DigestInit_ex(ctx, EVP_md5(), NULL) != 1)
		err = link_fail(l, ERR_INTERNAL, "no MD5 from libcrypto");
	else if (l->rom.stub)
		err = read_by_stub(l, ctx);
	else
		err = read_by_rom(l, ctx);
	EVP_MD_CTX_free(ctx);
	return err;
}
