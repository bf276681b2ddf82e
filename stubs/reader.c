#include "stubs/reader.h"

#include "stubs/nor.h"
#include "stubs/packet.h"

enum {
	/* Bytes of digests in a part: not so many that it takes long until
	 * the next request is seen. */
	DIGEST_PART	= 256,
};

void
reader_close(struct stub *s)
{
	s->reader.mode = READING_NOTHING;
}

void
reader_begin(struct stub *s, enum reading mode, uint32_t addr, uint32_t len,
    uint32_t part, uint32_t window)
{
	struct reader	*r = &s->reader;

	if (part == 0 || part > STUB_PART || mode > READING_MD5_16)
		stub_fail(s, STATUS_LENGTH);
	if (s->error != STATUS_OK || !nor_has(s, addr, len))
		return;
	r->mode = (uint8_t)mode;
	r->ended = false;
	r->addr = addr;
	r->flash_bytes = r->bytes = len;
	r->sent = r->acked = 0;
	r->part = part;
	r->window = window;
	r->digest = 0;
	md5_begin(&s->md5);
	if (mode < READING_MD5_8)
		return;
	r->digest = mode == READING_MD5_8 ? MD5_BYTES / 2 : MD5_BYTES;
	r->bytes = (len + NOR_SECTOR - 1) / NOR_SECTOR * r->digest;
	r->part = DIGEST_PART;
}

void
reader_acked(struct stub *s, uint32_t bytes, bool again)
{
	struct reader	*r = &s->reader;

	if (r->mode == READING_NOTHING || bytes > r->sent)
		return;
	r->acked = bytes;
	if (!again)
		return;
	if (r->digest != 0)		/* whole ones */
		bytes &= ~(uint32_t)(r->digest - 1);
	r->sent = bytes;
	r->ended = false;
}

/* ---- sending ---- */

/* `len` bytes of what is asked for, from where it stands. */
static void
reader_send(struct stub *s, uint32_t len)
{
	struct reader	*r = &s->reader;
	uint32_t	 at = r->sent, n, left;

	for (; len > 0; at += n, len -= n) {
		n = len < STUB_SLICE ? len : STUB_SLICE;
		if (r->digest == 0) {
			nor_read(s, r->addr + at, n);
			if (r->mode == READING_FRAMES)
				md5_add(&s->md5, s->slice, n);
			packet_add(s, s->slice, n);
			continue;
		}
		n = r->digest;
		left = r->flash_bytes - at / n * NOR_SECTOR;
		nor_md5(s, r->addr + at / n * NOR_SECTOR,
		    left < NOR_SECTOR ? left : NOR_SECTOR);
		packet_add(s, s->scratch, n);
	}
}

/* READ_FLASH: frames that are no replies, at last the digest of all. */
static void
reader_send_frame(struct stub *s, uint32_t len)
{
	packet_begin(s);
	if (len > 0) {
		reader_send(s, len);
	} else {
		md5_end(&s->md5, (uint8_t *)s->scratch);
		packet_add(s, s->scratch, MD5_BYTES);
	}
	packet_end(s);
}

static void
reader_send_part(struct stub *s, uint32_t len)
{
	s->op = EXT_READ;
	packet_reply(s, s->reader.sent, len);
	reader_send(s, len);
	if (s->error != STATUS_OK)
		reader_close(s);
	packet_status(s);
}

bool
reader_more(struct stub *s)
{
	struct reader	*r = &s->reader;
	uint32_t	 n = r->bytes - r->sent;
	bool		 last = n == 0;

	if (n > r->part)
		n = r->part;
	if (r->mode == READING_NOTHING || r->ended || (r->sent != r->acked &&
	    (r->sent - r->acked + n > r->window ||
	    (last && r->mode == READING_FRAMES))))
		return false;
	r->ended = last;
	if (r->mode == READING_FRAMES)
		reader_send_frame(s, n);
	else
		reader_send_part(s, n);
	r->sent += n;
	if (s->error != STATUS_OK || (last && r->mode == READING_FRAMES))
		reader_close(s);
	return true;
}
