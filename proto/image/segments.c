#include "proto/image/segments.h"

#include "proto/base/bytes.h"
#include "proto/base/err.h"

static int
check_header(const uint8_t *p, size_t len, size_t header, struct why *why)
{
	if (len < header)
		return why_set(why, ERR_IMAGE, "it has %zu bytes, its header "
		    "alone takes %zu", len, header);
	if (p[0] == HEADER_MAGIC_2)
		return why_set(why, ERR_IMAGE, "it is an image of the second "
		    "form for the ESP8266, which runs from flash only");
	if (p[0] != HEADER_MAGIC)
		return why_set(why, ERR_IMAGE, "it is no program image: its "
		    "first byte is 0x%02x, not 0x%02x", p[0],
		    HEADER_MAGIC);
	if (p[HEADER_AT_SEGMENTS] == 0 || p[HEADER_AT_SEGMENTS] > SEGMENTS_MAX)
		return why_set(why, ERR_IMAGE, "it says that it has %u "
		    "segments; 1 to %d are possible", p[HEADER_AT_SEGMENTS], SEGMENTS_MAX);
	return 0;
}

/* The segment at *at, which moves behind it. */
static int
take_segment(const uint8_t *p, size_t len, size_t *at, size_t number,
    struct segment *s, struct why *why)
{
	uint32_t	bytes;

	if (header_segment(p, len, at, &s->addr, &bytes) < 0)
		return bytes == 0 ? why_set(why, ERR_IMAGE, "it ends before "
		    "segment %zu", number) : why_set(why, ERR_IMAGE, "it ends "
		    "within segment %zu, which has %u bytes at 0x%08x", number,
		    bytes, s->addr);
	s->len = bytes;
	s->data = p + *at - bytes;
	if (s->len > 0 && s->len - 1 > UINT32_MAX - s->addr)
		return why_set(why, ERR_IMAGE, "segment %zu, %zu bytes at "
		    "0x%08x, reaches beyond the end of the address space",
		    number, s->len, s->addr);
	return 0;
}

static int
check_sum(const uint8_t *p, size_t len, size_t end, const struct segments *out,
    struct why *why)
{
	size_t	at = header_sum_at(end);
	uint8_t	sum = HEADER_SUM_SEED;

	if (at >= len)
		return why_set(why, ERR_IMAGE, "it ends before its checksum");
	for (size_t i = 0; i < out->count; i++)
		sum ^= header_sum(out->list[i].data, out->list[i].len);
	if (p[at] != sum)
		return why_set(why, ERR_IMAGE, "it is damaged: its checksum is "
		    "0x%02x, its bytes give 0x%02x", p[at], sum);
	return 0;
}

int
segments_parse(const uint8_t *image, size_t len, bool extended,
    struct segments *out, struct why *why)
{
	size_t	at = extended ? HEADER_EXTENDED : HEADER_BYTES;
	int	r;

	if ((r = check_header(image, len, at, why)) < 0)
		return r;
	out->entry = le32_get(image + 4);
	out->chip_id = extended ? le16_get(image + HEADER_AT_CHIP) : 0;
	out->count = image[1];
	for (size_t i = 0; i < out->count; i++) {
		r = take_segment(image, len, &at, i + 1, &out->list[i], why);
		if (r < 0)
			return r;
	}
	return check_sum(image, len, at, out, why);
}
