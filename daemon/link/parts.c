#include "daemon/link/parts.h"

#include <assert.h>

#include "daemon/link/rom_impl.h"
#include "daemon/link/try.h"
#include "proto/base/err.h"
#include "proto/chip/flashid.h"

enum {
	WINDOW		= 32 * 1024,	/* bytes of flash under way */
	/* Digests leave in small parts, so that one fits into the chip's FIFO
	 * and goes out while it computes the next. */
	DIGEST_PART	= 96,
	DIGEST_WINDOW	= 4096,
	ACKS		= 4,		/* in a window */
	SILENCE_MS	= 100,		/* then something is asked for again */
	SILENCE_SHIFT	= 4,		/* each time later, up to so much */
	PATIENCE_MS	= 3000,
	MD5_US_PER_BYTE	= 8,		/* as link_md5_ms(), without a floor */
	SHORT_DIGEST	= 8,
	LONG_DIGEST	= 16,
};

static uint32_t
digest_bytes(const struct parts *p)
{
	return p->what == EXT_READ_MD5_8 ? SHORT_DIGEST : LONG_DIGEST;
}

static void
plan(struct parts *p)
{
	const struct ext	*e = &p->rom->ext;

	if (p->what == EXT_READ_FLASH) {
		p->part = e->part;
		p->window = WINDOW;
		p->all = p->bytes;
		return;
	}
	p->part = DIGEST_PART;
	p->window = DIGEST_WINDOW;
	p->all = (p->bytes + FLASH_SECTOR - 1) / FLASH_SECTOR *
	    digest_bytes(p);
}

/* What the stub may need for one part, besides the line. */
static unsigned
work_ms(const struct parts *p)
{
	uint64_t	bytes;

	if (p->what == EXT_READ_FLASH)
		return 0;
	bytes = (uint64_t)p->part / digest_bytes(p) * FLASH_SECTOR;
	return (unsigned)(bytes * MD5_US_PER_BYTE / 1000);
}

/* When to ask again; what is under way comes first. */
static void
set_ask(struct parts *p)
{
	unsigned	shift = p->waits < SILENCE_SHIFT ? p->waits :
			    SILENCE_SHIFT;

	p->ask_at = wire_now(p->rom->wire) + (SILENCE_MS << shift) +
	    work_ms(p) + rom_line_ms(p->rom, p->waits > 0 ? p->window :
	    p->part + EXT_FRAME);
}

static int
begin(struct parts *p)
{
	return ext_read(p->rom, p->what, p->offset, p->bytes, p->part,
	    p->window);
}

/* Something is missing.  As long as nothing came at all, the question is. */
static int
ask_again(struct parts *p)
{
	p->asked++;
	p->waits++;
	p->fresh = true;
	set_ask(p);
	return p->done == 0 ? begin(p) : ext_ack(p->rom, p->done, true);
}

/* One loss shows in every part behind it. */
static int
miss(struct parts *p)
{
	return p->fresh ? 0 : ask_again(p);
}

/* Let it send more, now and then. */
static int
acknowledge(struct parts *p)
{
	if (p->done - p->acked < p->window / ACKS || p->done == p->all)
		return 0;
	p->acked = p->done;
	return ext_ack(p->rom, p->done, false);
}

static int
on_part(struct parts *p, const struct ext_reply *reply)
{
	struct rom	*r = p->rom;

	r->op = EXT_READ;
	r->status = reply->status;
	if (reply->status != 0)
		return ERR_REFUSED;
	if (reply->value < p->done)
		return 0;	/* it came before: asked for twice */
	if (reply->value != p->done)
		return miss(p);
	if (reply->len == 0) {
		p->ended = p->done == p->all;
		return 0;
	}
	if (reply->len > p->all - p->done)
		return ERR_NOISE;
	TRY(p->take(p->arg, reply->data, reply->len));
	p->done += (uint32_t)reply->len;
	p->fresh = false;
	p->waits = 0;
	p->heard = wire_now(r->wire);
	set_ask(p);
	return acknowledge(p);
}

/* What is there counts, however late we come to look. */
static int
step(struct parts *p)
{
	struct rom		*r = p->rom;
	uint64_t		 now = wire_now(r->wire);
	struct ext_reply	 reply;
	int			 n;

	n = ext_hear(r, &reply, now < p->ask_at ?
	    (unsigned)(p->ask_at - now) : 0);
	/* Anything else is late, to a question before this. */
	if (n > 0)
		return reply.op == EXT_READ ? on_part(p, &reply) : 0;
	if (n < 0 && n != ERR_TIMEOUT)
		return n;
	now = wire_now(r->wire);
	if (now - p->heard >= PATIENCE_MS + work_ms(p) +
	    rom_line_ms(r, p->window))
		return r->noise ? ERR_NOISE : ERR_TIMEOUT;
	if (now >= p->ask_at)
		return ask_again(p);
	return n == 0 ? miss(p) : 0;
}

int
parts_read(struct parts *p)
{
	struct rom	*r = p->rom;

	assert(ext_there(r));
	plan(p);
	r->noise = false;
	TRY(begin(p));
	p->heard = wire_now(r->wire);
	set_ask(p);
	while (!p->ended)
		TRY(step(p));
	/* What was asked for twice may come twice. */
	return p->asked > 0 ? ext_settle(r) : 0;
}
