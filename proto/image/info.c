#include "proto/image/info.h"

#include <string.h>

#include <openssl/evp.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"

enum {
	KIND_2_COUNT	= 4,		/* "segments" of its first header */
	CRC_BYTES	= 4,
	PADDING_END	= 0x10000,
	/* Where an ESP8266 has code and data to be loaded; esptool tells of
	 * segments that are elsewhere or longer than 64 KB. */
	ESP8266_FROM	= 0x3ffe0000,
	ESP8266_TO	= 0x40200000,
	ESP8266_LONGEST	= 0x10000,
};

/* What is passed through the steps of one image. */
struct parse {
	const uint8_t			*p;
	size_t				 len, at;
	const struct image_notes	*notes;
	struct info			*info;
	struct why			*why;
};

/* ---- whose ---- */

int
info_chip(const uint8_t *p, size_t len, const struct chip *wanted,
    const struct chip **chip, struct why *why)
{
	if (len == 0)
		return why_set(why, ERR_IMAGE, "Image is empty.");
	if (p[0] != HEADER_MAGIC && p[0] != HEADER_MAGIC_2)
		return why_set(why, ERR_IMAGE, "This is not a valid image "
		    "(invalid magic number: 0x%x). One begins with %#x, or with "
		    "%#x where it is of the second kind for the ESP8266.", p[0],
		    HEADER_MAGIC, HEADER_MAGIC_2);
	*chip = wanted;
	/* Only the low byte is looked at, as esptool does: the rest is told as
	 * odd. */
	if (*chip == NULL && p[0] == HEADER_MAGIC && len >= HEADER_EXTENDED &&
	    p[HEADER_AT_DIGEST] <= 1)
		*chip = chip_by_image_id(p[HEADER_AT_CHIP]);
	if (*chip == NULL)
		*chip = &chip_esp8266;
	return 0;
}

/* ---- headers ---- */

static const char *
code_word(const struct chip_code *list, uint8_t code)
{
	for (; list != NULL && list->name != NULL; list++)
		if (list->code == code)
			return list->name;
	return NULL;
}

static int
need(const struct parse *x, size_t bytes, const char *what)
{
	if (x->len - x->at >= bytes)
		return 0;
	return why_set(x->why, ERR_IMAGE, "The image ends after %zu bytes, "
	    "within its %s. It is cut short.", x->len, what);
}

/* The eight bytes that every header begins with. */
static int
take_header(struct parse *x, uint8_t magic, uint8_t *count)
{
	const uint8_t	*p = x->p + x->at;
	struct info	*info = x->info;
	int		 r;

	if ((r = need(x, HEADER_BYTES, "header")) < 0)
		return r;
	if (p[0] != magic)
		return why_set(x->why, ERR_IMAGE, "Invalid firmware image "
		    "magic=0x%x: no image of the %s has that here.", p[0],
		    info->chip->name);
	*count = p[HEADER_AT_SEGMENTS];
	info->mode = p[HEADER_AT_MODE];
	info->size = p[HEADER_AT_SIZE_FREQ] >> 4;
	info->freq = p[HEADER_AT_SIZE_FREQ] & 0xf;
	info->entry = le32_get(p + HEADER_AT_ENTRY);
	x->at += HEADER_BYTES;
	return 0;
}

static int
take_extended(struct parse *x)
{
	const uint8_t		*p = x->p;
	struct info_extended	*e = &x->info->extended;
	int			 id = x->info->chip->image_id, r;

	if ((r = need(x, HEADER_EXTENDED - HEADER_BYTES,
	    "extended header")) < 0)
		return r;
	*e = (struct info_extended){
		.wp_pin = p[HEADER_AT_WP_PIN],
		.clk = p[HEADER_AT_DRIVE] & 0xf, .q = p[HEADER_AT_DRIVE] >> 4,
		.d = p[HEADER_AT_DRIVE + 1] & 0xf, .cs = p[HEADER_AT_DRIVE + 1] >> 4,
		.hd = p[HEADER_AT_DRIVE + 2] & 0xf, .wp = p[HEADER_AT_DRIVE + 2] >> 4,
		.chip_id = le16_get(p + HEADER_AT_CHIP),
		.min_rev = p[HEADER_AT_MIN_REV],
		.min_rev_full = le16_get(p + HEADER_AT_MIN_REV_FULL),
		.max_rev_full = le16_get(p + HEADER_AT_MAX_REV_FULL),
		.has_digest = p[HEADER_AT_DIGEST] == 1,
	};
	if (e->chip_id != id)
		image_note(x->notes, "Warning: Unexpected chip ID in image. "
		    "Expected %d but value was %u. Is this image for a "
		    "different chip model?", id, e->chip_id);
	if (p[HEADER_AT_DIGEST] > 1)
		return why_set(x->why, ERR_IMAGE, "Invalid value for "
		    "append_digest field (0x%02x). Should be 0 or 1. Is this "
		    "an image of the %s?", p[HEADER_AT_DIGEST], x->info->chip->name);
	x->at = HEADER_EXTENDED;
	return 0;
}

/* ---- segments ---- */

static void
warn_segment(const struct parse *x, uint32_t addr, uint32_t len)
{
	if (x->info->chip->image_id >= 0)
		return;
	if (addr < ESP8266_FROM || addr > ESP8266_TO || len > ESP8266_LONGEST)
		image_note(x->notes, "Warning: Suspicious segment 0x%x, "
		    "length %u", addr, len);
}

static int
take_segment(struct parse *x, bool flash)
{
	struct info		*info = x->info;
	struct info_segment	 s = { .offset = x->at };
	int			 r;

	if ((r = need(x, HEADER_SEGMENT, "segments")) < 0)
		return r;
	s.addr = le32_get(x->p + x->at);
	s.len = le32_get(x->p + x->at + 4);
	x->at += HEADER_SEGMENT;
	if (!flash)
		warn_segment(x, s.addr, s.len);
	if (s.len > x->len - x->at)
		return why_set(x->why, ERR_IMAGE, "End of file reading "
		    "segment 0x%x, length %u (actual length %zu). The image is "
		    "damaged, cut short, or not one of the %s.", s.addr, s.len,
		    x->len - x->at, info->chip->name);
	/* How many there are is counted on, to be told. */
	if (info->count < HEADER_SEGMENTS)
		info->segments[info->count] = s;
	info->count++;
	x->at += s.len;
	return 0;
}

/* Those that the check sum is of, and it. */
static int
take_segments(struct parse *x, uint8_t count)
{
	struct info	*info = x->info;
	size_t		 first = info->count;
	int		 r;

	for (unsigned i = 0; i < count; i++)
		if ((r = take_segment(x, false)) < 0)
			return r;
	if (info->count > HEADER_SEGMENTS)
		return why_set(x->why, ERR_IMAGE, "Invalid segment count %zu "
		    "(max %d). Usually this indicates a linker script "
		    "problem.", info->count, HEADER_SEGMENTS);
	x->at = header_sum_at(x->at);
	if (x->at >= x->len)
		return why_set(x->why, ERR_IMAGE, "The image ends before its "
		    "checksum. It is cut short.");
	info->sum = x->p[x->at++];
	info->right_sum = HEADER_SUM_SEED;
	for (size_t i = first; i < info->count; i++) {
		const struct info_segment *s = &info->segments[i];

		info->right_sum ^= header_sum(x->p + s->offset +
		    HEADER_SEGMENT, s->len);
	}
	return 0;
}

/* ---- the second kind of the ESP8266 ---- */

static void
compare_headers(const struct parse *x, const struct info *first)
{
	const struct info	*second = x->info;
	unsigned		 was = first->size << 4 | first->freq;
	unsigned		 is = second->size << 4 | second->freq;

	if (first->mode != second->mode)
		image_note(x->notes, "Warning: Flash mode value in first "
		    "header (0x%02x) disagrees with second (0x%02x). Using "
		    "second value.", first->mode, second->mode);
	if (was != is)
		image_note(x->notes, "Warning: Flash size/freq value in first "
		    "header (0x%02x) disagrees with second (0x%02x). Using "
		    "second value.", was, is);
	if (first->entry != second->entry)
		image_note(x->notes, "Warning: Entrypoint address in first "
		    "header (0x%08x) disagrees with second header (0x%08x). "
		    "Using second value.", first->entry, second->entry);
}

/* The part for flash, and the header behind it. */
static int
take_second_kind(struct parse *x, uint8_t *count)
{
	struct info	first;
	int		r;

	x->info->version = 2;
	if ((r = take_header(x, HEADER_MAGIC_2, count)) < 0)
		return r;
	if (*count != KIND_2_COUNT)
		image_note(x->notes, "Warning: V2 header has unexpected "
		    "\"segment\" count %u (usually %d)", *count, KIND_2_COUNT);
	if ((r = take_segment(x, true)) < 0)
		return r;
	/* Wherever it is to lie in flash is not known; the file says 0. */
	x->info->segments[0].addr = 0;
	first = *x->info;
	if ((r = take_header(x, HEADER_MAGIC, count)) < 0)
		return r;
	compare_headers(x, &first);
	return 0;
}

static void
check_crc(struct parse *x)
{
	struct info	*info = x->info;

	if (info->version != 2 || x->len - x->at < CRC_BYTES)
		return;
	info->has_crc = true;
	info->crc_valid = le32_get(x->p + x->at) == header_crc(x->p, x->at);
}

/* ---- what comes after ---- */

static int
check_digest(struct parse *x)
{
	struct info	*info = x->info;
	uint8_t		 sum[EVP_MAX_MD_SIZE];

	if (info->chip->image_id < 0 || !info->extended.has_digest)
		return 0;
	if (EVP_Digest(x->p, x->at, sum, NULL, EVP_sha256(), NULL) != 1)
		return why_set(x->why, ERR_UNSUPPORTED,
		    "libcrypto has no SHA-256");
	memcpy(info->digest, sum, HEADER_SHA256);
	info->digest_valid = x->len - x->at >= HEADER_SHA256 &&
	    memcmp(x->p + x->at, sum, HEADER_SHA256) == 0;
	return 0;
}

static bool
is_memory(const struct chip *c, uint32_t addr, const char *name)
{
	const char	*found;

	for (size_t i = 0; (found = info_memory(c, addr, i)) != NULL; i++)
		if (strcmp(found, name) == 0)
			return true;
	return false;
}

static bool
boot_at(struct parse *x, const struct info_segment *s)
{
	return bootdesc_parse(x->p + s->offset + HEADER_SEGMENT, s->len,
	    &x->info->boot) == 0;
}

/* The same where code might stand as well, of which one byte says little. */
static bool
boot_in_front(struct parse *x)
{
	const struct info_segment	*s = &x->info->segments[0];
	const char			*idf = x->info->boot.idf_version;

	return is_memory(x->info->chip, s->addr, "DRAM") && boot_at(x, s) &&
	    idf[0] != '\0' && strchr(idf, '?') == NULL;
}

/*
 * An application has it in the first segment of data in flash.  A bootloader
 * has it in RAM, and as RAM may be code as well as data, every segment of it
 * might: the last one counts, as with esptool, or else the very first one, where
 * linkers put it.
 */
static void
find_descriptions(struct parse *x)
{
	struct info			*info = x->info;
	const struct info_segment	*app = NULL, *last = NULL;

	for (size_t i = 0; i < info->count; i++) {
		const struct info_segment *s = &info->segments[i];

		if (app == NULL && is_memory(info->chip, s->addr, "DROM"))
			app = s;
		else if (s->len >= BOOTDESC_BYTES &&
		    is_memory(info->chip, s->addr, "DRAM"))
			last = s;
	}
	if (app != NULL && app->len > 0)
		info->has_app = appdesc_parse(x->p + app->offset +
		    HEADER_SEGMENT, app->len, &info->app) == 0;
	else if (last != NULL)
		info->has_boot = boot_at(x, last) || boot_in_front(x);
}

static int
parse(struct parse *x)
{
	struct info	*info = x->info;
	uint8_t		 count;
	int		 r;

	if (info->chip->image_id < 0 && x->len > 0 && x->p[0] == HEADER_MAGIC_2)
		r = take_second_kind(x, &count);
	else if ((r = take_header(x, HEADER_MAGIC, &count)) == 0 &&
	    info->chip->image_id >= 0)
		r = take_extended(x);
	if (r < 0 || (r = take_segments(x, count)) < 0 ||
	    (r = check_digest(x)) < 0)
		return r;
	check_crc(x);
	info->mode_word = header_mode_word(info->mode);
	info->size_word = code_word(info->chip->sizes, info->size);
	info->freq_word = code_word(info->chip->freqs, info->freq);
	find_descriptions(x);
	return 0;
}

int
info_parse(const uint8_t *p, size_t len, const struct chip *chip,
    const struct image_notes *notes, struct info *info, struct why *why)
{
	struct parse	x = {
		.p = p, .len = len, .notes = notes, .info = info, .why = why,
	};

	*info = (struct info){ .chip = chip, .version = 1 };
	return parse(&x);
}

const char *
info_memory(const struct chip *c, uint32_t addr, size_t i)
{
	/* Address 0 is that of a segment that only moves the next one. */
	if (c->image_id >= 0 && addr < PADDING_END)
		return i == 0 ? "PADDING" : NULL;
	for (const struct chip_range *r = c->ranges; r != NULL &&
	    r->name != NULL; r++)
		if (addr >= r->from && addr < r->to && i-- == 0)
			return r->name;
	return NULL;
}
