#include "stubs/reader.h"

#include "stubs/nor.h"
#include "stubs/packet.h"

enum {
	FRAME_MAX	= 4096,		/* of READ_FLASH */
	FRAMES_AHEAD	= 2,		/* of which the host has not
					 * acknowledged one */
	DIGEST_SHORT	= 8,
	/* Bytes of digests in a part: not so many that it takes long until
	 * the next request is seen. */
	DIGEST_PART	= 256,
};

void
reader_close(struct stub *s)
{
	s->reader.mode = READING_NOTHING;
}

static uint8_t
reader_open(struct stub *s, enum reading mode, uint32_t addr, uint32_t len)
{
	struct reader	*r = &s->reader;

	reader_close(s);
	if (!nor_has(s, addr, len))
		return STATUS_LENGTH;
	r->mode = (uint8_t)mode;
	r->ended = false;
	r->addr = addr;
	r->flash_bytes = r->bytes = len;
	r->sent = r->acked = 0;
	return STATUS_OK;
}

uint8_t
reader_begin(struct stub *s, uint32_t addr, uint32_t len, uint32_t part)
{
	struct reader	*r = &s->reader;

	if (part == 0 || part > FRAME_MAX)
		return STATUS_LENGTH;
	r->part = part;
	r->window = s->official ? part : FRAMES_AHEAD * part;
	md5_begin(&s->md5);
	return reader_open(s, READING_FRAMES, addr, len);
}

uint8_t
reader_begin_ext(struct stub *s, enum ext_read what, uint32_t addr,
    uint32_t len, uint32_t part, uint32_t window)
{
	struct reader	*r = &s->reader;
	uint8_t		 e;

	if (part == 0 || what > EXT_READ_MD5_16)
		return STATUS_LENGTH;
	e = reader_open(s, what == EXT_READ_FLASH ? READING_FLASH :
	    READING_DIGESTS, addr, len);
	r->part = part < STUB_PART ? part : STUB_PART;
	r->window = window;
	if (what == EXT_READ_FLASH)
		return e;
	r->digest = what == EXT_READ_MD5_8 ? DIGEST_SHORT : MD5_BYTES;
	r->bytes = (len + NOR_SECTOR - 1) / NOR_SECTOR * r->digest;
	if (r->part > DIGEST_PART)
		r->part = DIGEST_PART;
	r->part = r->part < r->digest ? r->digest :
	    r->part & ~(uint32_t)(r->digest - 1);
	return e;
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
	if (r->mode == READING_DIGESTS)		/* whole ones */
		bytes &= ~(uint32_t)(r->digest - 1);
	r->sent = bytes;
	r->ended = false;
}

/* ---- sending ---- */

static uint8_t
reader_send_flash(struct stub *s, uint32_t len)
{
	struct reader	*r = &s->reader;
	uint32_t	 addr = r->addr + r->sent;
	uint8_t		 slice[STUB_SLICE], e = STATUS_OK;

	while (len > 0) {
		uint32_t	n = len < sizeof(slice) ? len : sizeof(slice);

		if (e == STATUS_OK)
			e = nor_read(s, addr, slice, n);
		if (r->mode == READING_FRAMES)
			md5_add(&s->md5, slice, n);
		packet_add(s, slice, n);
		addr += n;
		len -= n;
	}
	return e;
}

static uint8_t
reader_send_digests(struct stub *s, uint32_t len)
{
	struct reader	*r = &s->reader;
	uint32_t	 at = r->sent / r->digest * NOR_SECTOR;
	uint8_t		 digest[MD5_BYTES], e = STATUS_OK;

	for (; len > 0; len -= r->digest) {
		uint32_t	n = r->flash_bytes - at;

		if (n > NOR_SECTOR)
			n = NOR_SECTOR;
		if (e == STATUS_OK)
			e = nor_md5(s, r->addr + at, n, digest);
		packet_add(s, digest, r->digest);
		at += NOR_SECTOR;
	}
	return e;
}

/* READ_FLASH ends with the digest of all that was sent. */
static void
reader_send_end(struct stub *s)
{
	uint8_t	digest[MD5_BYTES];

	md5_end(&s->md5, digest);
	packet_begin(s);
	packet_add(s, digest, sizeof(digest));
	packet_end(s);
	reader_close(s);
}

static void
reader_send_frame(struct stub *s, uint32_t len)
{
	packet_begin(s);
	s->deferred = reader_send_flash(s, len);
	packet_end(s);
	if (s->deferred != STATUS_OK)
		reader_close(s);
}

static void
reader_send_part(struct stub *s, uint32_t len)
{
	struct reader	*r = &s->reader;
	uint8_t		 e;

	packet_reply(s, EXT_READ, r->sent, len);
	e = r->mode == READING_DIGESTS ? reader_send_digests(s, len) :
	    reader_send_flash(s, len);
	packet_status(s, e);
	if (e != STATUS_OK)
		reader_close(s);
}

bool
reader_more(struct stub *s)
{
	struct reader	*r = &s->reader;
	uint32_t	 left = r->bytes - r->sent;
	uint32_t	 n = left < r->part ? left : r->part;

	if (r->mode == READING_NOTHING || r->ended)
		return false;
	if (left == 0 && r->mode == READING_FRAMES) {
		if (r->acked != r->bytes)
			return false;
		reader_send_end(s);
		return true;
	}
	if (r->sent != r->acked && r->sent - r->acked + n > r->window)
		return false;
	if (r->mode == READING_FRAMES)
		reader_send_frame(s, n);
	else
		reader_send_part(s, n);
	r->sent += n;
	r->ended = left == 0;
	return true;
}
