/*
 * write: every image to its place in flash.
 *
 * Compressed when it can be, in blocks of the zlib stream; otherwise plain, in
 * blocks filled up with FF.  A stub answers a block before it programs it and
 * tells a failure in the answer to the next command, so each image ends with
 * FLASH_END, whose answer belongs to its last block.  A ROM leaves its loader
 * on FLASH_END, so it gets none.
 */
#include "daemon/link/link.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "daemon/link/try.h"
#include "proto/base/err.h"

enum {
	SECTORS_PER_BLOCK = 16,		/* ESP8266: 64 KB erase blocks */
	ERASE_BLOCK	= 65536,
	STUB_WINDOW	= 32768,	/* a stub programs so much at a time */
	STATUS_ROM_CHECKSUM = 0x0107,
	STATUS_STUB_CHECKSUM = 0xc100,
};

/* One image on its way. */
struct flow {
	struct link		*link;
	const struct blob	*blob;
	uint32_t		 offset;	/* in flash, of the first byte sent */
	uint32_t		 lead;		/* bytes FF before the image */
	bool			 deflate;
	uint32_t		 block;		/* bytes of one block */
	uint32_t		 blocks;
	uint32_t		 before;	/* bytes the previous block made */
	uint64_t		 base, total;	/* for the progress */
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

/* Bytes that a ROM must be given before the image: it erases from the start
 * of the sector only when told so. */
static uint32_t
lead_bytes(const struct link *l, const struct link_write *w)
{
	return l->rom.stub ? 0 : w->offset % FLASH_SECTOR;
}

bool
link_deflates(const struct link *l, const struct link_write *w)
{
	return w->blob->z_len > 0 && !l->flash.plain &&
	    lead_bytes(l, w) == 0 && (l->rom.stub || (l->chip != NULL &&
	    (l->chip->caps & CHIP_ROM_DEFLATE) != 0));
}

static void
plan(struct flow *f, struct link *l, const struct link_write *w)
{
	uint32_t	len;

	*f = (struct flow){ .link = l, .blob = w->blob, .offset = w->offset };
	f->block = rom_flash_block(&l->rom);
	f->lead = lead_bytes(l, w);
	f->offset -= f->lead;
	f->deflate = link_deflates(l, w);
	len = f->deflate ? (uint32_t)w->blob->z_len :
	    (uint32_t)w->blob->len + f->lead;
	f->blocks = (len + f->block - 1) / f->block;
}

static int
fail_write(struct flow *f, int err, const char *part, uint32_t number)
{
	char	doing[WHY_MAX / 2];

	if (number > 0)
		(void)snprintf(doing, sizeof doing, "write %s at 0x%x (%s %u "
		    "of %u)", f->blob->name, f->offset + f->lead, part,
		    number, f->blocks);
	else
		(void)snprintf(doing, sizeof doing, "write %s at 0x%x (%s)",
		    f->blob->name, f->offset + f->lead, part);
	return link_fail_rom(f->link, err, doing);
}

static int
begin(struct flow *f)
{
	struct link		*l = f->link;
	uint32_t		 len = (uint32_t)f->blob->len + f->lead;
	struct rom_begin	 b = {
		.bytes = len, .blocks = f->blocks, .block_bytes = f->block,
		.offset = f->offset, .deflate = f->deflate,
		.five_words = !l->rom.stub &&
		    (l->chip->caps & CHIP_ROM_BEGIN5) != 0,
	};
	int			 err;

	/* A ROM counts the inflated bytes in blocks too. */
	if (f->deflate && !l->rom.stub)
		b.bytes = (len + f->block - 1) / f->block * f->block;
	if (!l->rom.stub && (l->chip->caps & CHIP_ERASE_QUIRK) != 0)
		b.bytes = quirk_erase(f->offset, len);
	l->in_transfer = true;
	/* A ROM erases now, a stub as it goes. */
	err = rom_flash_begin(&l->rom, &b, l->rom.stub ? ROM_REPLY_MS :
	    link_write_ms(len));
	return err < 0 ? fail_write(f, err, "begin", 0) : 0;
}

/* Bytes of block `n`; *data points to them, or into `pad` when the block
 * needs FF before or after the image. */
static size_t
get_block(const struct flow *f, uint32_t n, uint8_t *pad,
    const uint8_t **data)
{
	const struct blob	*b = f->blob;
	uint64_t		 from = (uint64_t)n * f->block;
	size_t			 skip, len;

	if (f->deflate) {
		*data = b->z + from;
		return b->z_len - from < f->block ? b->z_len - from :
		    f->block;
	}
	skip = from < f->lead ? f->lead - from : 0;
	if (skip > f->block)
		skip = f->block;
	from = from < f->lead ? 0 : from - f->lead;
	len = b->len - from < f->block - skip ? b->len - from :
	    f->block - skip;
	if (skip == 0 && len == f->block) {
		*data = b->data + from;
		return f->block;
	}
	memset(pad, 0xff, f->block);
	memcpy(pad + skip, b->data + from, len);
	*data = pad;
	return f->block;
}

/* Bytes of flash that block `n` makes. */
static uint32_t
made_by(const struct flow *f, uint32_t n, size_t len)
{
	if (f->deflate)
		return blob_inflated(f->blob, (size_t)n * f->block, len);
	return (uint32_t)len;
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
	return link_write_ms(n + ((n + STUB_WINDOW - 1) / STUB_WINDOW + 1) *
	    ERASE_BLOCK);
}

/* A block that came over damaged was not taken, so it may be sent again.
 * After a silence nobody knows whether it was taken: no second try. */
static bool
was_damaged(const struct rom *r, int err)
{
	return err == ERR_REFUSED && (r->status == STATUS_ROM_CHECKSUM ||
	    r->status == STATUS_STUB_CHECKSUM);
}

static int
send_block(struct flow *f, uint32_t n, uint8_t *pad)
{
	struct link	*l = f->link;
	const uint8_t	*data;
	size_t		 len = get_block(f, n, pad, &data);
	uint32_t	 made = made_by(f, n, len);
	int		 err;

	for (int try = 1; ; try++) {
		err = rom_flash_data(&l->rom, f->deflate, n, data, len,
		    block_ms(f, made));
		if (!was_damaged(&l->rom, err) || try == ROM_TRIES)
			break;
		link_note(l, "block %u of %u of %s came over damaged, "
		    "retrying (%d of %d)", n + 1, f->blocks, f->blob->name,
		    try + 1, ROM_TRIES);
	}
	if (err < 0)
		return fail_write(f, err, "block", n + 1);
	f->before = made;
	return 0;
}

static void
show(const struct flow *f, uint32_t n)
{
	uint64_t	done = f->base;
	uint64_t	sent = (uint64_t)(n + 1) * f->block;

	if (n + 1 == f->blocks)
		done += f->blob->len;
	else if (f->deflate)
		done += blob_inflated(f->blob, 0, (size_t)sent);
	else if (sent > f->lead)
		done += sent - f->lead;
	link_progress(f->link, done, f->total);
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
	return 0;
}

static int
write_one(struct flow *f, uint8_t *pad)
{
	uint32_t	gone = f->offset % FLASH_SECTOR;

	assert((f->offset + f->lead) % 4 == 0);
	if (gone != 0 || f->lead != 0)
		link_note(f->link, "%s at 0x%x does not start on a sector: "
		    "the %u bytes before it are erased too", f->blob->name,
		    f->offset + f->lead, gone + f->lead);
	TRY(begin(f));
	for (uint32_t n = 0; n < f->blocks; n++) {
		/* A daemon that stops lets the block before this one end. */
		if (f->link->halt < 0)
			return fail_write(f, f->link->halt, "block", n + 1);
		TRY(send_block(f, n, pad));
		show(f, n);
		TRY(link_check_deadline(f->link));
	}
	return finish(f);
}

int
phase_write(struct link *l)
{
	struct flow	f;
	struct buf	pad;
	uint8_t		*room;
	uint64_t	total = 0, base = 0, start;
	int		err = 0;

	assert(l->flash.write_count <= LINK_WRITES_MAX);
	for (size_t i = 0; i < l->flash.write_count; i++)
		total += l->flash.writes[i].blob->len;
	buf_init(&pad, STUB_FLASH_BLOCK);
	if ((err = buf_reserve(&pad, STUB_FLASH_BLOCK, &room)) < 0)
		return link_fail_rom(l, err, "write");
	link_progress(l, 0, total);
	for (size_t i = 0; i < l->flash.write_count && err == 0; i++) {
		start = wire_now(l->rom.wire);
		plan(&f, l, &l->flash.writes[i]);
		f.base = base;
		f.total = total;
		err = write_one(&f, room);
		base += f.blob->len;
		l->found.write_ms[i] =
		    (uint32_t)(wire_now(l->rom.wire) - start);
	}
	buf_done(&pad);
	return err;
}
