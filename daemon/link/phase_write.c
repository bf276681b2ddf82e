/*
 * write: every image to its place in flash, in pieces (piece.h): all of it, only
 * the sectors that differ, or, when the connection was lost, what is left.
 */
#include "daemon/link/link.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "daemon/link/digests.h"
#include "daemon/link/images.h"
#include "daemon/link/piece.h"
#include "daemon/link/retry.h"
#include "daemon/link/try.h"
#include "proto/base/err.h"

static struct piece
piece_of(struct piece_work *k, size_t i)
{
	return (struct piece){
		.work = k, .link = k->link, .i = i,
		.im = &k->link->images[i],
		.encrypt = k->link->flash.writes[i].encrypt,
	};
}

/* ---- what the flash holds ---- */

/* 1 when the flash holds these bytes, 0 when not. */
static int
holds(struct link *l, size_t i, uint32_t addr, uint32_t len,
    const uint8_t md5[BLOB_MD5])
{
	uint8_t	have[BLOB_MD5];
	char	doing[WHY_MAX / 2];
	int	err;

	err = rom_md5(&l->rom, addr, len, have, link_md5_ms(len));
	if (err < 0) {
		(void)snprintf(doing, sizeof doing, "compare the flash at 0x%x "
		    "with %s", addr, l->images[i].blob->name);
		return link_fail_rom(l, err, doing);
	}
	return memcmp(have, md5, BLOB_MD5) == 0;
}

/* 1 when it holds all of that image. */
static int
holds_image(struct link *l, size_t i)
{
	const struct link_image	*im = &l->images[i];
	uint32_t		 offset = l->flash.writes[i].offset;

	/* Not where a loader might not begin to read. */
	if (offset % 4 == 0)
		return holds(l, i, offset, (uint32_t)im->blob->len,
		    im->blob->md5);
	return holds(l, i, im->start, (uint32_t)im->data->len,
	    im->data->md5);
}

/* Nothing else can be said of what the chip encrypts. */
static bool
may_compare(const struct link *l, size_t i)
{
	return link_digests(l) && !l->flash.writes[i].encrypt;
}

/* Where to go on with an image that got as far as `addr`: in its data, 0 for
 * the start. */
static int
find_place(struct link *l, size_t i, uint32_t addr, uint32_t *from)
{
	const struct link_image	*im = &l->images[i];
	uint8_t			 md5[BLOB_MD5];
	uint32_t		 len, last;
	int			 r;

	*from = 0;
	last = im->start + (uint32_t)im->data->len - 1;
	if (addr > last)
		addr = last;
	addr -= addr % FLASH_SECTOR;
	if (!may_compare(l, i) || addr <= im->start)
		return 0;
	len = addr - im->start;
	TRY(images_md5(l, im->data->data, len, md5));
	TRY(r = holds(l, i, im->start, len, md5));
	if (r > 0)
		*from = len;
	return 0;
}

/* ---- one image ---- */

/* The image, or the rest of it. */
static int
write_rest(struct piece_work *k, size_t i, uint32_t from)
{
	struct link		*l = k->link;
	struct link_image	*im = &l->images[i];
	struct piece		 f = piece_of(k, i);
	struct blob		*rest = NULL;
	int			 err;

	if (from > 0)
		TRY(images_blob(l, im->blob->name, im->data->data + from,
		    im->data->len - from, &rest));
	f.blob = from > 0 ? rest : im->data;
	f.addr = im->start + from;
	f.from = from;
	f.counts = true;
	err = piece_write(&f);
	blob_unref(rest);
	return err;
}

/* The place is lost: what is known of it, and the tries. */
static void
tell_retry(struct link *l, const struct why *said, size_t i, uint32_t from)
{
	struct link_image	*im = &l->images[i];
	char			 how[48];

	if (from > 0) {
		im->resumed = true;
		im->resumed_at = im->start + from;
		(void)snprintf(how, sizeof how, "going on at 0x%x",
		    im->resumed_at);
	} else
		(void)snprintf(how, sizeof how, "from its start at 0x%x",
		    l->flash.writes[i].offset);
	retry_note(l, said, how);
}

/* Find out where to go on; connects again as often as it must. */
static int
recover(struct link *l, int err, size_t i, uint32_t *from)
{
	struct why	said;
	uint32_t	last = *from;

	for (;;) {
		TRY(retry_connect(l, err, &said));
		if ((err = find_place(l, i, l->resume.addr, from)) == 0)
			break;
	}
	tell_retry(l, &said, i, *from);
	if (*from > last)
		retry_progress(l);
	return 0;
}

/* The whole image from `from` on, however often the connection is lost. */
static int
write_whole(struct piece_work *k, size_t i, uint32_t from)
{
	int	err;

	while ((err = write_rest(k, i, from)) < 0)
		TRY(recover(k->link, err, i, &from));
	return 0;
}

static int
write_region(struct piece_work *k, size_t i, const struct link_region *r)
{
	struct piece	f = piece_of(k, i);
	struct blob	*b;
	int		err;

	TRY(images_region(k->link, i, r, &b));
	f.blob = b;
	f.addr = r->addr;
	err = piece_write(&f);
	blob_unref(b);
	return err;
}

/* Only the sectors that differ.  Each is written whole, so that after a loss
 * all of them may be written again. */
static int
write_regions(struct piece_work *k, size_t i)
{
	struct link		*l = k->link;
	struct link_image	*im = &l->images[i];
	struct why		 said;
	int			 err = 0;

	for (size_t r = 0; r < im->region_count; ) {
		err = write_region(k, i, &im->regions[r]);
		if (err == 0) {
			r++;
			continue;
		}
		TRY(retry_connect(l, err, &said));
		retry_note(l, &said, "with the sectors that differ");
	}
	return 0;
}

/* Was it what should be there before?  1: nothing is left to do. */
static int
write_differing(struct piece_work *k, size_t i)
{
	struct link		*l = k->link;
	struct link_image	*im = &l->images[i];
	int			 r;

	TRY(images_diff(l, i));
	if (im->region_count == 0 && l->flash.trust_old) {
		im->skipped = true;
		link_note(l, "%s at 0x%x: no changed sectors, and the flash "
		    "content is trusted: neither written nor verified",
		    im->blob->name, l->flash.writes[i].offset);
		return 1;
	}
	TRY(write_regions(k, i));
	TRY(r = holds_image(l, i));
	if (r > 0) {
		im->verified = true;
		im->skipped = im->region_count == 0;
		return 1;
	}
	if (im->region_count > 0)
		link_note(l, "%s at 0x%x: Verification failed after fast "
		    "reflash (the flash did not hold what was expected). "
		    "Reflashing the whole image...", im->blob->name,
		    l->flash.writes[i].offset);
	else
		link_note(l, "%s at 0x%x: no sector has changed, but the flash "
		    "does not hold it. Data not found in flash, flashing the "
		    "whole image...", im->blob->name,
		    l->flash.writes[i].offset);
	im->region_count = 0;
	im->sent_z = 0;
	return 0;
}

/* Only the sectors that the flash does not hold: 1 when nothing is left to
 * do. */
static int
write_missing(struct piece_work *k, size_t i)
{
	struct link		*l = k->link;
	struct link_image	*im = &l->images[i];
	int			 r;

	TRY(r = digests_diff(l, i));
	if (r > 0)
		return 0;
	if (im->region_count == 0) {
		im->skipped = im->verified = true;
		return 1;
	}
	TRY(write_regions(k, i));
	TRY(r = holds_image(l, i));
	im->verified = r > 0;
	if (r > 0)
		return 1;
	link_note(l, "%s at 0x%x: the flash does not hold it after the "
	    "sectors that differed were written; all of it is written",
	    im->blob->name, l->flash.writes[i].offset);
	im->region_count = 0;
	im->sent_z = 0;
	return 0;
}

/* What need not be written, or not all of it: 1 when that is done. */
static int
try_less(struct piece_work *k, size_t i, bool less)
{
	struct link		*l = k->link;
	struct link_image	*im = &l->images[i];
	int			 r;

	if (!less || !may_compare(l, i))
		return 0;
	if (im->old != NULL)
		return write_differing(k, i);
	if (!l->flash.skip_flashed)
		return 0;
	if (digests_can(l, i))
		return write_missing(k, i);
	TRY(r = holds_image(l, i));
	im->skipped = im->verified = r > 0;
	return r;
}

static void
note_unaligned(struct link *l, size_t i)
{
	uint32_t	offset = l->flash.writes[i].offset;

	if (offset % FLASH_SECTOR != 0 && !l->flash.erase_all)
		link_note(l, "Flash address 0x%08x is not aligned to a 0x%x "
		    "byte flash sector. 0x%x bytes before this address will "
		    "be erased.", offset, FLASH_SECTOR, offset % FLASH_SECTOR);
}

/* ---- all of them ---- */

/* An attempt before this one came past this image: 1 when it is still there. */
static int
was_written(struct link *l, size_t i, const struct link_resume *past)
{
	int	r;

	if (i >= past->image || !may_compare(l, i))
		return 0;
	TRY(r = holds_image(l, i));
	l->images[i].verified = r > 0;
	return r;
}

/* The image that an earlier attempt left in its middle. */
static int
find_past_place(struct link *l, size_t i, const struct link_resume *past,
    uint32_t *from)
{
	struct link_image	*im = &l->images[i];

	*from = 0;
	if (i != past->image || past->addr == 0)
		return 0;
	TRY(find_place(l, i, past->addr, from));
	if (*from == 0)
		return 0;
	im->resumed = true;
	im->resumed_at = im->start + *from;
	link_note(l, "%s: going on at 0x%x", im->blob->name, im->resumed_at);
	return 0;
}

static int
write_image(struct piece_work *k, size_t i, const struct link_resume *past,
    bool less)
{
	struct link	*l = k->link;
	struct why	 said;
	uint32_t	 from;
	int		 r;

	TRY(r = was_written(l, i, past));
	if (r > 0)
		return 0;
	l->resume.image = i;
	l->resume.addr = i == past->image ? past->addr : 0;
	TRY(find_past_place(l, i, past, &from));
	if (from == 0) {
		r = try_less(k, i, less);
		if (r > 0)
			return 0;
		if (r < 0) {
			TRY(retry_connect(l, r, &said));
			retry_note(l, &said, "all of it is written");
		}
		note_unaligned(l, i);
	}
	return write_whole(k, i, from);
}

/* May sectors that do not differ be left alone?  What was asked for and cannot
 * be is told. */
static bool
may_do_less(struct link *l)
{
	const struct link_flash	*f = &l->flash;
	const char		*reason = NULL;
	bool			 old = false, encrypt = false;

	for (size_t i = 0; i < f->write_count; i++) {
		old |= f->writes[i].old != NULL;
		encrypt |= f->writes[i].encrypt;
	}
	if (!old && !f->skip_flashed)
		return false;
	if (f->erase_all)
		reason = "the whole flash is erased";
	else if (link_is_secure(l))
		reason = "secure download mode tells nothing of the flash";
	else if (!link_digests(l))
		reason = "the ROM loader cannot digest the flash";
	if (reason != NULL) {
		link_note(l, "%s: %s; all data is flashed", old ?
		    "only changed sectors cannot be written" :
		    "what is flashed already cannot be skipped", reason);
		return false;
	}
	if (encrypt)
		link_note(l, "what the chip encrypts cannot be compared and is "
		    "flashed whole");
	return true;
}

static int
write_all(struct piece_work *k)
{
	struct link			*l = k->link;
	const struct link_resume	 past = l->resume;
	bool				 less = may_do_less(l);

	link_progress(l, 0, k->total);
	for (size_t i = 0; i < l->flash.write_count; i++) {
		struct link_image	*im = &l->images[i];
		uint64_t		 start = wire_now(l->rom.wire);
		int			 err;

		err = write_image(k, i, &past, less);
		/* 0 says that its turn did not come. */
		im->ms = 1 + (uint32_t)(wire_now(l->rom.wire) - start);
		TRY(err);
		retry_progress(l);
		k->base += im->blob->file_len;
		if (k->base > k->shown)
			k->shown = k->base;
		link_progress(l, k->shown, k->total);
		if (i < l->resume.image)
			continue;	/* an earlier attempt came further */
		l->resume.image = i + 1;
		l->resume.addr = 0;
	}
	return 0;
}

int
phase_write(struct link *l)
{
	struct piece_work	k = { .link = l };
	struct buf	pad;
	int		err;

	assert(l->flash.write_count <= LINK_WRITES_MAX);
	TRY(images_prepare(l));
	for (size_t i = 0; i < l->flash.write_count; i++)
		k.total += l->images[i].blob->file_len;
	buf_init(&pad, STUB_FLASH_BLOCK);
	if ((err = buf_reserve(&pad, STUB_FLASH_BLOCK, &k.pad)) < 0)
		return link_fail_rom(l, err, "write");
	err = write_all(&k);
	buf_done(&pad);
	return err;
}
