/*
 * write: every image to its place in flash.
 *
 * Compressed when it can be, in blocks of the zlib stream; otherwise plain, in
 * blocks filled up with FF.  A stub answers a block before it programs it and
 * tells a failure in the answer to the next command, so each piece ends with
 * FLASH_END, whose answer belongs to its last block.  A ROM leaves its loader
 * on FLASH_END, so it gets none.
 *
 * A piece is what one FLASH_BEGIN announces: a whole image, a run of sectors
 * of a differential write, or the rest of an image after the connection was
 * lost.
 */
#include "daemon/link/link.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "daemon/link/images.h"
#include "daemon/link/retry.h"
#include "daemon/link/try.h"
#include "proto/base/err.h"

enum {
	SECTORS_PER_BLOCK = 16,		/* ESP8266: 64 KB erase blocks */
	ERASE_BLOCK	= 65536,
	INFLATE_WINDOW	= 32768,	/* a loader programs so much at a time */
	TAIL_MIN	= 16,		/* bytes of a zlib stream that surely
					 * hold more than its end */
	/* A block came over with other bytes, or with fewer. */
	STATUS_ROM_CHECKSUM = 0x0107,
	STATUS_ROM_INVALID = 0x0105,
	STATUS_STUB_CHECKSUM = 0xc100,
	STATUS_STUB_LENGTH = 0xc000,
	/* A stub's: what became of the block before. */
	STATUS_STUB_FLASH = 0xc400,
	STATUS_STUB_INFLATE = 0xc700,
	STATUS_STUB_SHORT = 0xc800,
	STATUS_STUB_LONG = 0xc900,
};

/* All images. */
struct work {
	struct link	*link;
	uint8_t		*pad;		/* room for one block */
	uint64_t	 base, total;	/* for the progress */
	uint64_t	 shown;
};

/* One piece on its way. */
struct flow {
	struct work	*work;
	struct link	*link;
	size_t		 i;		/* of the image */
	struct link_image *im;
	const struct blob *blob;	/* what is sent */
	uint32_t	 addr;		/* where it goes */
	uint32_t	 from;		/* where that is in im->data */
	bool		 encrypt;
	bool		 deflate;
	bool		 counts;	/* for progress and resume */
	uint32_t	 block;		/* bytes of one block */
	uint32_t	 blocks;
	uint32_t	 carry;		/* bytes moved into the last block */
	uint32_t	 before;	/* bytes the previous block made */
	uint64_t	 made;		/* bytes made by all so far */
};

/* What FLASH_BEGIN must be told so that the ESP8266's ROM erases `bytes` and
 * not more: it counts the sectors up to the next erase block twice.
 * Source: esptool reference 4.9. */
static uint32_t
quirk_erase(uint32_t offset, uint32_t bytes)
{
	uint32_t	n = (bytes + FLASH_SECTOR - 1) / FLASH_SECTOR;
	uint32_t	start = offset / FLASH_SECTOR;
	uint32_t	head = SECTORS_PER_BLOCK - start % SECTORS_PER_BLOCK;

	if (head > n)
		head = n;
	return (n < 2 * head ? (n + 1) / 2 : n - head) * FLASH_SECTOR;
}

/* Each piece by itself: one that does not shrink says nothing of the next.
 * What a ROM shall encrypt it gets plain; and in secure download mode it knows
 * of no other way. */
static bool
may_deflate(const struct flow *f)
{
	const struct link	*l = f->link;

	if (f->blob->z_len == 0 || l->flash.plain || link_is_secure(l))
		return false;
	return l->rom.stub ||
	    (!f->encrypt && (l->chip->caps & CHIP_ROM_DEFLATE) != 0);
}

static void
plan(struct flow *f)
{
	uint32_t	len, rest;

	f->block = rom_flash_block(&f->link->rom);
	f->deflate = may_deflate(f);
	len = (uint32_t)(f->deflate ? f->blob->z_len : f->blob->len);
	f->blocks = (len + f->block - 1) / f->block;
	rest = len % f->block;
	f->carry = 0;
	f->before = 0;
	f->made = 0;
	/* A loader that has all its bytes takes no block that only holds the
	 * end of the stream and its check sum. */
	if (f->deflate && f->blocks > 1 && rest > 0 && rest < TAIL_MIN)
		f->carry = f->block / 2;
}

static uint32_t
user_address(const struct flow *f)
{
	return f->link->flash.writes[f->i].offset;
}

static int
fail_write(struct flow *f, int err, const char *part, uint32_t number)
{
	char	doing[WHY_MAX / 2];

	if (number > 0)
		(void)snprintf(doing, sizeof doing, "write %s at 0x%x (%s %u "
		    "of %u)", f->im->blob->name, user_address(f), part,
		    number, f->blocks);
	else
		(void)snprintf(doing, sizeof doing, "write %s at 0x%x (%s)",
		    f->im->blob->name, user_address(f), part);
	return link_fail_rom(f->link, err, doing);
}

static int
begin(struct flow *f)
{
	struct link		*l = f->link;
	uint32_t		 len = (uint32_t)f->blob->len;
	struct rom_begin	 b = {
		.bytes = len, .blocks = f->blocks, .block_bytes = f->block,
		.offset = f->addr, .deflate = f->deflate,
		.encrypt = f->encrypt,
		.five_words = l->rom.stub ? f->encrypt :
		    (l->chip->caps & CHIP_ROM_BEGIN5) != 0,
	};
	int			 err;

	/* A ROM counts the inflated bytes in blocks too. */
	if (f->deflate && !l->rom.stub)
		b.bytes = (len + f->block - 1) / f->block * f->block;
	if (!l->rom.stub && (l->chip->caps & CHIP_ERASE_QUIRK) != 0)
		b.bytes = quirk_erase(f->addr, len);
	l->in_transfer = true;
	/* A ROM erases now, a stub as it goes. */
	err = rom_flash_begin(&l->rom, &b, l->rom.stub ? ROM_REPLY_MS :
	    link_write_ms(len));
	if (err == ERR_REFUSED && l->rom.stub && f->encrypt &&
	    l->rom.status == STATUS_STUB_LENGTH)
		return link_fail(l, ERR_UNSUPPORTED, "could not write %s at "
		    "0x%x: this flasher stub is too old to let the chip "
		    "encrypt", f->im->blob->name, user_address(f));
	return err < 0 ? fail_write(f, err, "begin", 0) : 0;
}

/* Where block `n` begins in what is sent, and how long it is. */
static size_t
block_at(const struct flow *f, uint32_t n, size_t *from)
{
	size_t	len = f->deflate ? f->blob->z_len : f->blob->len;
	size_t	end = (size_t)(n + 1) * f->block;

	*from = (size_t)n * f->block;
	if (n + 1 == f->blocks) {
		*from -= f->carry;
		return len - *from;
	}
	if (n + 2 == f->blocks)
		end -= f->carry;
	return end - *from;
}

/* Bytes of block `n`; *data points to them, or into `pad` when the block is
 * filled up. */
static size_t
get_block(const struct flow *f, uint32_t n, const uint8_t **data)
{
	size_t	from, len = block_at(f, n, &from);

	if (f->deflate) {
		*data = f->blob->z + from;
		return len;
	}
	*data = f->blob->data + from;
	if (len == f->block)
		return len;
	memset(f->work->pad, 0xff, f->block);
	memcpy(f->work->pad, f->blob->data + from, len);
	*data = f->work->pad;
	return f->block;
}

/* Bytes of flash that block `n` makes. */
static uint32_t
made_by(const struct flow *f, uint32_t n)
{
	size_t	from, len = block_at(f, n, &from);

	return f->deflate ? blob_inflated(f->blob, from, len) : (uint32_t)len;
}

/* Time for the answer to a block that makes `bytes` of flash, after one that
 * made f->before.  A stub answers when the block before is done, and may have
 * to erase a whole block for each window of it. */
static unsigned
block_ms(const struct flow *f, uint32_t bytes)
{
	uint64_t	n = f->before;

	if (!f->link->rom.stub)
		return link_write_ms(bytes);
	return link_write_ms(n + ((n + INFLATE_WINDOW - 1) / INFLATE_WINDOW +
	    1) * ERASE_BLOCK);
}

/* A block that came over damaged was not taken, so it may be sent again.
 * After a silence nobody knows whether it was taken: no second try. */
static bool
was_damaged(const struct rom *r, int err)
{
	return err == ERR_REFUSED && (r->stub ?
	    r->status == STATUS_STUB_CHECKSUM ||
	    r->status == STATUS_STUB_LENGTH :
	    r->status == STATUS_ROM_CHECKSUM);
}

/* A ROM that got too few bytes forgets the whole transfer (mask ROM of the
 * ESP32-C3: every later block is refused alike). */
static bool
was_forgotten(const struct rom *r, int err)
{
	return err == ERR_REFUSED && !r->stub &&
	    r->status == STATUS_ROM_INVALID;
}

/* A stub tells here how the block before went. */
static bool
was_before(const struct rom *r, int err)
{
	return err == ERR_REFUSED && r->stub &&
	    (r->status == STATUS_STUB_FLASH ||
	    r->status == STATUS_STUB_INFLATE ||
	    r->status == STATUS_STUB_SHORT || r->status == STATUS_STUB_LONG);
}

/* Flash surely holds the bytes up to here, so a later attempt may look whether
 * it can go on from there. */
static void
keep_place(const struct flow *f)
{
	uint64_t	sure = f->made;

	if (!f->counts)
		return;
	if (f->link->rom.stub)
		sure -= f->before;
	if (f->deflate)
		sure = sure / INFLATE_WINDOW * INFLATE_WINDOW;
	f->link->resume.addr = (uint32_t)(f->addr + sure);
}

static void
show(const struct flow *f)
{
	struct work	*k = f->work;
	uint32_t	 lead = user_address(f) - f->im->start;
	uint64_t	 done = f->from + f->made;

	done = done > lead ? done - lead : 0;
	if (done > f->im->blob->len)
		done = f->im->blob->len;
	done += k->base;
	/* What is sent a second time has been shown. */
	if (f->counts && done > k->shown)
		k->shown = done;
	link_progress(f->link, k->shown, k->total);
}

static int
send_block(struct flow *f, uint32_t n)
{
	struct link	*l = f->link;
	const uint8_t	*data;
	size_t		 len = get_block(f, n, &data);
	uint32_t	 made = made_by(f, n);
	int		 err;

	for (int try = 1; ; try++) {
		err = rom_flash_data(&l->rom, f->deflate, n, data, len,
		    block_ms(f, made));
		if (!was_damaged(&l->rom, err) || try == ROM_TRIES)
			break;
		link_note(l, "block %u of %u of %s came over damaged, "
		    "retrying (%d of %d)", n + 1, f->blocks,
		    f->im->blob->name, try + 1, ROM_TRIES);
	}
	/* The line is to blame: connecting anew may help. */
	l->bad_line = was_damaged(&l->rom, err) ||
	    was_forgotten(&l->rom, err);
	if (was_before(&l->rom, err))
		return n == 0 ? fail_write(f, err, "erase", 0) :
		    fail_write(f, err, "block", n);
	if (err < 0)
		return fail_write(f, err, "block", n + 1);
	f->before = made;
	f->made += made;
	keep_place(f);
	show(f);
	return 0;
}

/* The answer to this one tells how the last block went. */
static int
finish(struct flow *f)
{
	struct link	*l = f->link;
	int		 err = 0;

	if (l->rom.stub)
		err = rom_flash_end(&l->rom, f->deflate, true,
		    block_ms(f, 0));
	if (err < 0)
		return fail_write(f, err, "last block", 0);
	l->in_transfer = false;
	if (f->counts)
		l->resume.addr = f->addr + (uint32_t)f->blob->len;
	if (f->deflate)
		f->im->sent_z += (uint32_t)f->blob->z_len;
	return 0;
}

/* Send a piece that is planned. */
static int
write_piece(struct flow *f)
{
	plan(f);
	assert(f->addr % 4 == 0);
	TRY(begin(f));
	for (uint32_t n = 0; n < f->blocks; n++) {
		/* A daemon that stops lets the block before this one end. */
		if (f->link->halt < 0)
			return fail_write(f, f->link->halt, "block", n + 1);
		TRY(send_block(f, n));
		TRY(link_check_deadline(f->link));
	}
	return finish(f);
}

static struct flow
flow_of(struct work *k, size_t i)
{
	return (struct flow){
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
write_rest(struct work *k, size_t i, uint32_t from)
{
	struct link		*l = k->link;
	struct link_image	*im = &l->images[i];
	struct flow		 f = flow_of(k, i);
	struct blob		*rest = NULL;
	int			 err;

	if (from > 0)
		TRY(images_blob(l, im->blob->name, im->data->data + from,
		    im->data->len - from, &rest));
	f.blob = from > 0 ? rest : im->data;
	f.addr = im->start + from;
	f.from = from;
	f.counts = true;
	err = write_piece(&f);
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
write_whole(struct work *k, size_t i, uint32_t from)
{
	int	err;

	while ((err = write_rest(k, i, from)) < 0)
		TRY(recover(k->link, err, i, &from));
	return 0;
}

static int
write_region(struct work *k, size_t i, const struct link_region *r)
{
	struct flow	f = flow_of(k, i);
	struct blob	*b;
	int		err;

	TRY(images_region(k->link, i, r, &b));
	f.blob = b;
	f.addr = r->addr;
	err = write_piece(&f);
	blob_unref(b);
	return err;
}

/* Only the sectors that differ.  Each is written whole, so that after a loss
 * all of them may be written again. */
static int
write_regions(struct work *k, size_t i)
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
write_differing(struct work *k, size_t i)
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

/* What need not be written, or not all of it: 1 when that is done. */
static int
try_less(struct work *k, size_t i, bool less)
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
write_image(struct work *k, size_t i, const struct link_resume *past,
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
write_all(struct work *k)
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
		im->ms = (uint32_t)(wire_now(l->rom.wire) - start);
		TRY(err);
		retry_progress(l);
		k->base += im->blob->len;
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
	struct work	k = { .link = l };
	struct buf	pad;
	int		err;

	assert(l->flash.write_count <= LINK_WRITES_MAX);
	TRY(images_prepare(l));
	for (size_t i = 0; i < l->flash.write_count; i++)
		k.total += l->images[i].blob->len;
	buf_init(&pad, STUB_FLASH_BLOCK);
	if ((err = buf_reserve(&pad, STUB_FLASH_BLOCK, &k.pad)) < 0)
		return link_fail_rom(l, err, "write");
	err = write_all(&k);
	buf_done(&pad);
	return err;
}
