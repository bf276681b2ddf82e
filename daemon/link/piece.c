#include "daemon/link/piece.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "daemon/link/stream.h"
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

/* What FLASH_BEGIN must be told so that the ESP8266's ROM erases `bytes` and
 * not more: it counts the sectors up to the next erase block twice.
 * Source: esptool 5.3, loader.py. */
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
may_deflate(const struct piece *f)
{
	const struct link	*l = f->link;

	if (f->blob->z_len == 0 || l->flash.plain || link_is_secure(l))
		return false;
	return l->rom.stub ||
	    (!f->encrypt && (l->chip->caps & CHIP_ROM_DEFLATE) != 0);
}

static void
plan(struct piece *f)
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
user_address(const struct piece *f)
{
	return f->link->flash.writes[f->i].offset;
}

static int
fail_write(struct piece *f, int err, const char *part, uint32_t number)
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
begin(struct piece *f)
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

	if (f->encrypt && ext_there(&l->rom) &&
	    !ext_can(&l->rom, EXT_CAP_ENCRYPT))
		return link_fail(l, ERR_UNSUPPORTED, "could not write %s at "
		    "0x%x: our flasher stub cannot let the %s encrypt; take "
		    "another one (--stub espressif or none)",
		    f->im->blob->name, user_address(f), l->chip->name);
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
block_at(const struct piece *f, uint32_t n, size_t *from)
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
get_block(const struct piece *f, uint32_t n, const uint8_t **data)
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
made_by(const struct piece *f, uint32_t n)
{
	size_t	from, len = block_at(f, n, &from);

	return f->deflate ? blob_inflated(f->blob, from, len) : (uint32_t)len;
}

/* Time for the answer to a block that makes `bytes` of flash, after one that
 * made f->before.  A stub answers when the block before is done, and may have
 * to erase a whole block for each window of it. */
static unsigned
block_ms(const struct piece *f, uint32_t bytes)
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
keep_place(const struct piece *f)
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
show(const struct piece *f)
{
	struct piece_work *k = f->work;
	uint32_t	 lead = user_address(f) - f->im->start;
	uint64_t	 done = f->from + f->made;

	done = done > lead ? done - lead : 0;
	if (done > f->im->blob->file_len)
		done = f->im->blob->file_len;
	done += k->base;
	/* What is sent a second time has been shown. */
	if (f->counts && done > k->shown)
		k->shown = done;
	link_progress(f->link, k->shown, k->total);
}

static int
send_block(struct piece *f, uint32_t n)
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

/* All of it is in flash. */
static int
end(struct piece *f)
{
	struct link	*l = f->link;

	l->in_transfer = false;
	if (f->counts)
		l->resume.addr = f->addr + (uint32_t)f->blob->len;
	if (f->deflate)
		f->im->sent_z += (uint32_t)f->blob->z_len;
	return 0;
}

/* The answer to this one tells how the last block went. */
static int
finish(struct piece *f)
{
	struct link	*l = f->link;
	int		 err = 0;

	if (l->rom.stub)
		err = rom_flash_end(&l->rom, f->deflate, true,
		    block_ms(f, 0));
	return err < 0 ? fail_write(f, err, "last block", 0) : end(f);
}

/* ---- our own stub ---- */

/* It tells how far the flash holds its bytes. */
static int
on_told(void *arg, uint32_t sure)
{
	struct piece	*f = arg;
	struct link	*l = f->link;

	if (sure != f->made) {
		f->made = sure;
		if (f->counts)
			l->resume.addr = f->addr + sure;
		show(f);
	}
	return link_check_deadline(l);
}

static void
note_damage(const struct piece *f, const struct stream *s)
{
	if (s->rounds > 0)
		link_note(f->link, "the line lost or damaged something %u "
		    "time%s while %s was written; that was sent again",
		    s->rounds, s->rounds == 1 ? "" : "s", f->im->blob->name);
}

static int
write_stream(struct piece *f)
{
	struct link	*l = f->link;
	struct stream	 s = {
		.link = l, .blob = f->blob, .deflate = f->deflate,
		.addr = f->addr, .told = on_told, .arg = f,
	};
	int		 err;

	l->in_transfer = true;
	err = stream_write(&s);
	f->blocks = s.blocks;
	note_damage(f, &s);
	if (err == ERR_REFUSED && s.acked == s.blocks)
		return fail_write(f, err, "last block", 0);
	if (err < 0)
		return fail_write(f, err, s.high > 0 ? "block" : "begin",
		    s.high > 0 ? s.acked + 1 : 0);
	(void)on_told(f, (uint32_t)f->blob->len);
	return end(f);
}

int
piece_write(struct piece *f)
{
	plan(f);
	assert(f->addr % 4 == 0);
	/* What the chip encrypts it takes in blocks, one by one. */
	if (ext_there(&f->link->rom) && !f->encrypt)
		return write_stream(f);
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
