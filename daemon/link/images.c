#include "daemon/link/images.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "daemon/link/try.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/image/header.h"

enum {
	WORD		= 4,		/* flash is written in words */
	DIGEST_STEP	= 256 * 1024,	/* bytes between two pauses */
	SIZE_NAME	= 24,
};

/* Keys of blobs made from another one (blob_kin()). */
#define KEY_PATCHED(c, params) \
	(UINT64_C(1) << 40 | (uint64_t)((c)->image_id >= 0) << 32 | (params))
#define KEY_FILLED(lead, unit) \
	(UINT64_C(2) << 40 | (uint64_t)(unit) << 32 | (lead))

/* ESP-IDF's default, and esptool's when it cannot tell. */
#define UNKNOWN_SIZE "4MB"

static int
fail_memory(struct link *l, const char *name)
{
	return link_fail(l, ERR_NOMEM, "no memory for a copy of %s", name);
}

/* Do what is left to do of a blob; its reference goes when that fails. */
static int
complete(struct link *l, struct blob *b, struct blob **out)
{
	int	r;

	while ((r = blob_step(b)) > 0) {
		/* Other boards go on meanwhile. */
		if ((r = wire_sleep(l->rom.wire, 0)) < 0)
			break;
	}
	if (r == 0) {
		*out = b;
		return 0;
	}
	(void)(r == ERR_NOMEM || r == ERR_UNSUPPORTED ?
	    fail_memory(l, b->name) :
	    link_fail_rom(l, r, "make an image ready"));
	blob_unref(b);
	return l->why.err;
}

/* Take over `data` (malloc'ed, with room for 3 more bytes).  Other boards find
 * it at `parent` then, which may be NULL. */
static int
take(struct link *l, const char *name, uint8_t *data, size_t len,
    struct blob *parent, uint64_t key, struct blob **out)
{
	struct blob	*b = blob_new(name, data, len);

	if (b == NULL)
		return fail_memory(l, name);
	if (parent != NULL)
		blob_add_kin(parent, key, b);
	return complete(l, b, out);
}

int
images_blob(struct link *l, const char *name, const void *bytes, size_t len,
    struct blob **out)
{
	uint8_t	*copy = malloc(len + 3);

	if (copy == NULL)
		return fail_memory(l, name);
	memcpy(copy, bytes, len);
	return take(l, name, copy, len, NULL, 0, out);
}

int
images_md5(struct link *l, const void *bytes, size_t len,
    uint8_t md5[BLOB_MD5])
{
	EVP_MD_CTX	*ctx = EVP_MD_CTX_new();
	const uint8_t	*p = bytes;
	uint8_t		 sum[EVP_MAX_MD_SIZE];
	bool		 ok;
	int		 err = 0;

	ok = ctx != NULL && EVP_DigestInit_ex(ctx, EVP_md5(), NULL) == 1;
	while (ok && err == 0 && len > 0) {
		size_t	n = len < DIGEST_STEP ? len : DIGEST_STEP;

		ok = EVP_DigestUpdate(ctx, p, n) == 1;
		p += n;
		if ((len -= n) > 0)
			err = wire_sleep(l->rom.wire, 0);
	}
	ok = ok && EVP_DigestFinal_ex(ctx, sum, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	if (err < 0)
		return link_fail_rom(l, err, "digest an image");
	if (!ok)
		return link_fail(l, ERR_INTERNAL, "no MD5 from libcrypto");
	memcpy(md5, sum, BLOB_MD5);
	return 0;
}

/* ---- the header ---- */

static bool
is_set(const struct link_header *h)
{
	return h->mode != NULL || h->freq != NULL || h->size != NULL;
}

/* The word for the size that was detected. */
static const char *
detected(struct link *l)
{
	const char	*word;
	char		 size[SIZE_NAME];

	word = header_size_word(l->chip, l->found.flash.size);
	if (word != NULL)
		return word;
	if (l->found.flash.size == 0)
		link_note(l, "the flash size could not be detected, so "
		    UNKNOWN_SIZE " is set");
	else {
		text_size_name(size, sizeof size, l->found.flash.size);
		link_note(l, "a header cannot tell of %s of flash, so "
		    UNKNOWN_SIZE " is set", size);
	}
	return UNKNOWN_SIZE;
}

/* May headers be changed at all? */
static bool
may_patch(struct link *l)
{
	const struct security	*s = &l->found.security;

	if (!is_set(&l->flash.header))
		return false;
	if (!link_is_secure(l) && !s->secure_boot && !s->secure_boot_v1)
		return true;
	link_note(l, "Security features enabled, so not changing any flash "
	    "settings");
	return false;
}

/* What cannot be patched is told, or is a failure. */
static int
not_patched(struct link *l, const struct blob *b, const struct why *why,
    bool tell)
{
	if (why->err != ERR_IMAGE)
		return link_fail(l, why->err, "%s: %s", b->name, why->text);
	if (tell)
		link_note(l, "Image file at 0x%x %s, so not changing any flash "
		    "settings.", l->chip->boot_offset, why->text);
	return 0;
}

/* A copy of a bootloader with its header set; *out stays NULL when it is none.
 * `im` is where to tell, NULL for an old image. */
static int
patch(struct link *l, struct blob *b, const struct header_words *words,
    struct link_image *im, struct blob **out)
{
	const struct chip	*c = l->chip;
	uint8_t			*copy;
	uint16_t		 params;
	struct header		 h;
	struct why		 why = { 0 };
	struct blob		*kin;

	if (header_params(b->data, b->file_len, c, words, &params, &why) < 0)
		return not_patched(l, b, &why, im != NULL);
	if (im != NULL) {
		im->patched = params != (b->data[2] << 8 | b->data[3]);
		im->params = params;
		im->redigested = im->patched && header_parse(b->data,
		    b->file_len, c->image_id >= 0, &h) == 0 && h.has_digest;
	}
	if ((kin = blob_kin(b, KEY_PATCHED(c, params))) != NULL)
		return complete(l, kin, out);
	if ((copy = malloc(b->file_len + 3)) == NULL)
		return fail_memory(l, b->name);
	memcpy(copy, b->data, b->file_len);
	if (header_patch(copy, b->file_len, c, words, &params, &why) < 0) {
		free(copy);
		return link_fail(l, why.err, "%s: %s", b->name, why.text);
	}
	return take(l, b->name, copy, b->file_len, b, KEY_PATCHED(c, params),
	    out);
}

/* With its header set, if it is a bootloader. */
static int
set_header(struct link *l, struct blob *b, uint32_t offset,
    const struct header_words *words, struct link_image *im, struct blob **out)
{
	*out = NULL;
	if (words != NULL && offset == l->chip->boot_offset &&
	    b->file_len >= HEADER_BYTES)
		TRY(patch(l, b, words, im, out));
	if (*out == NULL)
		*out = blob_ref(b);
	return 0;
}

/* ---- filling up ---- */

/* With `lead` bytes FF before it, and with FF to a multiple of `unit` behind. */
static int
fill_up(struct link *l, struct blob *b, uint32_t lead, uint32_t unit,
    struct blob **out)
{
	size_t	 len = lead + b->file_len;
	size_t	 full = (len + unit - 1) / unit * unit;
	uint8_t	*copy;
	struct blob *kin;

	if (lead == 0 && (b->file_len + WORD - 1) / WORD * WORD == full) {
		*out = blob_ref(b);
		return 0;
	}
	if ((kin = blob_kin(b, KEY_FILLED(lead, unit))) != NULL)
		return complete(l, kin, out);
	if ((copy = malloc(full + 3)) == NULL)
		return fail_memory(l, b->name);
	memset(copy, 0xff, full);
	memcpy(copy + lead, b->data, b->file_len);
	return take(l, b->name, copy, full, b, KEY_FILLED(lead, unit), out);
}

/* Bytes that must come before an image: a ROM erases from the start of a
 * sector only when told so, and flash is written in words. */
static uint32_t
lead_of(const struct link *l, uint32_t offset)
{
	return offset % (l->rom.stub ? WORD : FLASH_SECTOR);
}

static int
prepare_one(struct link *l, size_t i, const struct header_words *words)
{
	const struct link_write	*w = &l->flash.writes[i];
	struct link_image	*im = &l->images[i];
	uint32_t		 lead = lead_of(l, w->offset);
	struct blob		*old;
	int			 err;

	TRY(set_header(l, w->blob, w->offset, words, im, &im->blob));
	TRY(fill_up(l, im->blob, lead, w->encrypt && l->chip->encrypt_align > 0
	    ? l->chip->encrypt_align : WORD, &im->data));
	im->start = w->offset - lead;
	if (w->old == NULL)
		return 0;
	TRY(set_header(l, w->old, w->offset, words, NULL, &old));
	err = fill_up(l, old, lead, WORD, &im->old);
	blob_unref(old);
	return err;
}

int
images_prepare(struct link *l)
{
	struct header_words		 words;
	const struct header_words	*wanted = NULL;

	if (l->flash.write_count == 0 ||
	    l->images[l->flash.write_count - 1].data != NULL)
		return 0;
	if (may_patch(l)) {
		words = (struct header_words){
			.mode = l->flash.header.mode,
			.freq = l->flash.header.freq,
			.size = l->flash.header.size,
		};
		if (words.size != NULL && strcmp(words.size, "detect") == 0)
			words.size = detected(l);
		wanted = &words;
	}
	for (size_t i = 0; i < l->flash.write_count; i++)
		TRY(prepare_one(l, i, wanted));
	return 0;
}

void
images_done(struct link *l)
{
	for (size_t i = 0; i < LINK_WRITES_MAX; i++) {
		struct link_image	*im = &l->images[i];

		blob_unref(im->blob);
		blob_unref(im->data);
		blob_unref(im->old);
		free(im->regions);
		*im = (struct link_image){ .blob = NULL };
	}
}

/* ---- what differs ---- */

static uint8_t
byte_at(const struct blob *b, size_t at)
{
	return at < b->len ? b->data[at] : 0xff;
}

/* Do the two differ between these offsets? */
static bool
differs(const struct link_image *im, size_t from, size_t to)
{
	size_t	both = im->data->len < im->old->len ? im->data->len :
		    im->old->len;

	if (to <= both)
		return memcmp(im->data->data + from, im->old->data + from,
		    to - from) != 0;
	for (; from < to; from++)
		if (byte_at(im->data, from) != byte_at(im->old, from))
			return true;
	return false;
}

void
images_add_sector(struct link_image *im, uint32_t addr)
{
	struct link_region	*last;

	if (im->region_count > 0) {
		last = &im->regions[im->region_count - 1];
		if (last->addr + last->sectors * FLASH_SECTOR == addr) {
			last->sectors++;
			return;
		}
	}
	im->regions[im->region_count++] = (struct link_region){
		.addr = addr, .sectors = 1,
	};
}

int
images_no_sectors(struct link *l, size_t i)
{
	struct link_image	*im = &l->images[i];

	free(im->regions);
	im->region_count = 0;
	im->regions = calloc(im->data->len / FLASH_SECTOR + 3,
	    sizeof *im->regions);
	return im->regions == NULL ? fail_memory(l, im->blob->name) : 0;
}

/* The length that counts is that of the new image, filled up to whole sectors
 * from its start; what is missing on either side counts as FF (esptool 5.3,
 * cmds.py). */
int
images_diff(struct link *l, size_t i)
{
	struct link_image	*im = &l->images[i];
	size_t			 end = (im->data->len + FLASH_SECTOR - 1) /
				    FLASH_SECTOR * FLASH_SECTOR;
	uint64_t		 stop = (uint64_t)im->start + end;
	uint64_t		 addr = im->start / FLASH_SECTOR * FLASH_SECTOR;

	TRY(images_no_sectors(l, i));
	for (; addr < stop; addr += FLASH_SECTOR) {
		uint64_t	from = addr > im->start ? addr - im->start : 0;
		uint64_t	to = addr + FLASH_SECTOR < stop ?
				    addr + FLASH_SECTOR - im->start : end;

		if (differs(im, (size_t)from, (size_t)to))
			images_add_sector(im, (uint32_t)addr);
	}
	return 0;
}

int
images_region(struct link *l, size_t i, const struct link_region *r,
    struct blob **out)
{
	const struct link_image	*im = &l->images[i];
	size_t			 len = (size_t)r->sectors * FLASH_SECTOR;
	uint8_t			*copy = malloc(len + 3);
	size_t			 skip, from, n;

	if (copy == NULL)
		return fail_memory(l, im->blob->name);
	memset(copy, 0xff, len);
	skip = r->addr < im->start ? im->start - r->addr : 0;
	from = r->addr < im->start ? 0 : r->addr - im->start;
	if (from < im->data->len) {
		n = im->data->len - from;
		if (n > len - skip)
			n = len - skip;
		memcpy(copy + skip, im->data->data + from, n);
	}
	return take(l, im->blob->name, copy, len, NULL, 0, out);
}
