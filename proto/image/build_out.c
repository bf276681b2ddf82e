/* build_out - the bytes of an image, in their order. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/image/build_impl.h"

enum {
	SEGMENT_MAX	= 16 << 20,	/* bytes; less than that */
	ROM_MAP		= 0x40200000,	/* ESP8266: flash begins here */
};

static bool
in(const struct chip_window *r, uint32_t addr)
{
	return addr >= r->from && addr < r->to;
}

bool
build_in_flash(const struct builder *b, uint32_t addr)
{
	if (b->esp8266_v1_v2)
		return false;
	if (b->options->chip->image_id < 0)
		return addr > ROM_MAP;	/* not the first byte: esptool */
	return in(&b->chip->irom, addr) || in(&b->chip->drom, addr);
}

static int
fail_buf(const struct builder *b, int err)
{
	return why_set(b->why, err, err == ERR_NOMEM ? "no memory for the "
	    "image" : "the image became larger than was reckoned");
}

int
build_room(const struct builder *b, struct buf *f)
{
	size_t	 need = HEADER_EXTENDED;
	uint8_t	*at;
	int	 e;

	/* Each segment may be cut in two, have padding of less than two pages,
	 * and end in some zeros. */
	for (size_t i = 0; i < b->count; i++)
		need += b->segments[i].len + 4 * HEADER_SEGMENT + 2 * b->page + 64;
	/* For signatures, for the sum and the digest. */
	need += b->page + 8 * BUILD_LINE + b->options->pad_to;
	buf_init(f, need);
	if ((e = buf_reserve(f, need, &at)) < 0)
		return fail_buf(b, e);
	return 0;
}

int
build_fill(const struct builder *b, struct buf *f, uint8_t value, size_t len)
{
	uint8_t	*at;
	int	 e;

	if ((e = buf_reserve(f, len, &at)) < 0)
		return fail_buf(b, e);
	memset(at, value, len);
	buf_commit(f, len);
	return 0;
}

static int
add(const struct builder *b, struct buf *f, const void *data, size_t len)
{
	int	e = buf_add(f, data, len);

	return e < 0 ? fail_buf(b, e) : 0;
}

int
build_header(const struct builder *b, struct buf *f, uint8_t magic,
    size_t segments)
{
	uint8_t	h[HEADER_BYTES] = {
		magic, (uint8_t)segments, b->mode, b->size_freq,
	};

	le32_put(h + 4, b->entry);
	return add(b, f, h, sizeof h);
}

int
build_bytes(const struct builder *b, struct buf *f,
    const struct build_segment *s)
{
	const struct build_piece	*p = s->piece;
	size_t				 skip = s->skip, left = s->len, n;
	int				 e;

	for (; left > 0; p++, skip = 0) {
		n = 0;
		if (skip < p->len) {
			n = p->len - skip < left ? p->len - skip : left;
			if ((e = add(b, f, p->data + skip, n)) < 0)
				return e;
			left -= n;
		}
		skip += n;	/* now among the zeros */
		n = p->len + p->zeros - skip < left ?
		    p->len + p->zeros - skip : left;
		if ((e = build_fill(b, f, 0, n)) < 0)
			return e;
		left -= n;
	}
	return 0;
}

/* Put the digest of the ELF file into the segment whose head is at `head`. */
static int
place_sha(struct builder *b, struct buf *f, size_t head)
{
	size_t	at = b->sha_at;

	if (!b->has_sha || at < head || at >= f->len)
		return 0;
	if (at < head + HEADER_SEGMENT || at + HEADER_SHA256 > f->len)
		return why_set(b->why, ERR_IMAGE, "Cannot place SHA256 digest "
		    "on segment boundary (elf_sha256_offset=%zu, file_pos=%zu, "
		    "segment_size=%zu)", at, head, f->len - head - HEADER_SEGMENT);
	for (size_t i = 0; i < HEADER_SHA256; i++)
		if (f->data[at + i] != 0)
			return why_set(b->why, ERR_IMAGE, "Contents of segment "
			    "at SHA256 digest offset 0x%zx are not zero. "
			    "Refusing to overwrite.", at);
	memcpy(f->data + at, b->sha, HEADER_SHA256);
	b->sha_done = true;
	return 0;
}

static int
check_length(const struct builder *b, const char *name, size_t len)
{
	if (len % 4 != 0)
		return why_set(b->why, ERR_IMAGE, "Invalid %s segment length "
		    "0x%zx. It has to be multiple of 4.", name, len);
	if (len >= SEGMENT_MAX)
		return why_set(b->why, ERR_IMAGE, "Invalid %s segment length "
		    "0x%zx. The 16 MB limit has been exceeded.", name, len);
	return 0;
}

int
build_add(struct builder *b, struct buf *f, const char *name,
    const struct build_segment *s, size_t zeros, uint8_t *sum)
{
	size_t	at = f->len;
	uint8_t	head[HEADER_SEGMENT];
	int	e;

	if ((e = check_length(b, name, s->len + zeros)) < 0)
		return e;
	le32_put(head, s->addr);
	le32_put(head + 4, (uint32_t)(s->len + zeros));
	if ((e = add(b, f, head, sizeof head)) < 0 ||
	    (e = build_bytes(b, f, s)) < 0 ||
	    (e = build_fill(b, f, 0, zeros)) < 0 ||
	    (e = place_sha(b, f, at)) < 0)
		return e;
	if (sum != NULL)
		*sum ^= header_sum(f->data + at + HEADER_SEGMENT, s->len + zeros);
	return 0;
}

int
build_add_zeros(struct builder *b, struct buf *f, const char *name,
    size_t zeros, uint8_t *sum)
{
	static const struct build_segment	nothing = { .name = "" };

	return build_add(b, f, name, &nothing, zeros, sum);
}

void
build_split(struct build_segment *s, size_t len, struct build_segment *front)
{
	assert(len <= s->len);
	*front = *s;
	front->len = len;
	s->addr += (uint32_t)len;
	s->len -= len;
	for (s->skip += len; s->len > 0 &&
	    s->skip >= s->piece->len + s->piece->zeros; s->piece++)
		s->skip -= s->piece->len + s->piece->zeros;
}

int
build_sum(const struct builder *b, struct buf *f, uint8_t sum)
{
	int	e = build_fill(b, f, 0, header_sum_at(f->len) - f->len);

	return e < 0 ? e : add(b, f, &sum, 1);
}

int
build_digest(const struct builder *b, struct buf *f)
{
	uint8_t	sum[EVP_MAX_MD_SIZE];

	if (EVP_Digest(f->data, f->len, sum, NULL, EVP_sha256(), NULL) != 1)
		return why_set(b->why, ERR_NOMEM, "libcrypto has no SHA-256");
	return add(b, f, sum, HEADER_SHA256);
}

/* ---- order ---- */

/* They lie in an array in the order in which they are linked, and `piece`
 * points into one, too. */
static int
by_address(const void *va, const void *vb)
{
	const struct build_segment	*a = va, *b = vb;

	if (a->addr != b->addr)
		return a->addr < b->addr ? -1 : 1;
	return a->piece < b->piece ? -1 : 1;
}

int
build_sorted(const struct builder *b, struct build_segment **sorted,
    size_t *flash_count)
{
	struct build_segment	*s = calloc(b->count + 1, sizeof *s);
	size_t			 n = 0;

	if (s == NULL)
		return why_set(b->why, ERR_NOMEM, "no memory for %zu segments",
		    b->count);
	for (size_t i = 0; i < b->count; i++)
		if (build_in_flash(b, b->segments[i].addr))
			s[n++] = b->segments[i];
	*flash_count = n;
	for (size_t i = 0; i < b->count; i++)
		if (!build_in_flash(b, b->segments[i].addr))
			s[n++] = b->segments[i];
	qsort(s, *flash_count, sizeof *s, by_address);
	qsort(s + *flash_count, n - *flash_count, sizeof *s, by_address);
	*sorted = s;
	return 0;
}

int
build_check_pages(const struct builder *b, const struct build_segment *s,
    size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (s[i].addr / b->page == s[i - 1].addr / b->page)
			return why_set(b->why, ERR_IMAGE, "Segment loaded at "
			    "0x%08x lands in same %u KB flash mapping as "
			    "segment loaded at 0x%08x. Can't generate binary. "
			    "Suggest changing linker script or ELF to merge "
			    "sections.", s[i].addr, b->page / 1024,
			    s[i - 1].addr);
	return 0;
}
