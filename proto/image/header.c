#include "proto/image/header.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <zlib.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"

enum {
	SUM_GROUP	= 16,
	WORDS_MAX	= 160,
};

static const struct chip_code modes[] = {
	{ "qio", 0, 0 }, { "qout", 1, 0 }, { "dio", 2, 0 }, { "dout", 3, 0 },
	{ NULL, 0, 0 },
};

int
header_parse(const void *data, size_t len, bool extended, struct header *h)
{
	const uint8_t	*p = data;

	if (len < HEADER_BYTES || p[0] != HEADER_MAGIC)
		return ERR_IMAGE;
	*h = (struct header){
		.segments = p[HEADER_AT_SEGMENTS], .mode = p[HEADER_AT_MODE],
		.size = p[HEADER_AT_SIZE_FREQ] >> 4, .freq = p[HEADER_AT_SIZE_FREQ] & 0xf,
		.entry = le32_get(p + HEADER_AT_ENTRY), .extended = extended,
	};
	if (h->segments == 0 || h->segments > HEADER_SEGMENTS)
		return ERR_IMAGE;
	if (!extended)
		return 0;
	if (len < HEADER_EXTENDED || le32_get(p + HEADER_AT_RESERVED) != 0 ||
	    p[HEADER_AT_DIGEST] > 1)
		return ERR_IMAGE;
	h->chip_id = le16_get(p + HEADER_AT_CHIP);
	h->min_rev = p[HEADER_AT_MIN_REV];
	h->min_rev_full = le16_get(p + HEADER_AT_MIN_REV_FULL);
	h->max_rev_full = le16_get(p + HEADER_AT_MAX_REV_FULL);
	h->has_digest = p[HEADER_AT_DIGEST] == 1;
	return 0;
}

int
header_segment(const void *image, size_t image_len, size_t *at,
    uint32_t *addr, uint32_t *len)
{
	const uint8_t	*p = image;

	*len = 0;
	if (image_len < *at || image_len - *at < HEADER_SEGMENT)
		return ERR_IMAGE;
	*addr = le32_get(p + *at);
	*len = le32_get(p + *at + 4);
	if (*len > image_len - *at - HEADER_SEGMENT)
		return ERR_IMAGE;
	*at += HEADER_SEGMENT + *len;
	return 0;
}

size_t
header_sum_at(size_t end)
{
	return end / SUM_GROUP * SUM_GROUP + SUM_GROUP - 1;
}

uint8_t
header_sum(const void *data, size_t len)
{
	const uint8_t	*p = data;
	uint8_t		 sum = 0;

	for (size_t i = 0; i < len; i++)
		sum ^= p[i];
	return sum;
}

/* That of zlib, negated where its top bit is set, else one more than it. */
uint32_t
header_crc(const void *data, size_t len)
{
	uint32_t	crc = (uint32_t)crc32_z(0, data, len);

	return (crc & 0x80000000u) != 0 ? ~crc : crc + 1;
}

int
header_digest_at(const void *data, size_t len, const struct header *h,
    size_t *at)
{
	size_t		pos = h->extended ? HEADER_EXTENDED : HEADER_BYTES;
	uint32_t	addr, bytes;

	for (unsigned i = 0; i < h->segments; i++)
		if (header_segment(data, len, &pos, &addr, &bytes) < 0)
			return ERR_IMAGE;
	pos = header_sum_at(pos) + 1;
	if (pos > len || (h->has_digest && len - pos < HEADER_SHA256))
		return ERR_IMAGE;
	*at = pos;
	return 0;
}

/* Old images have one byte, of which not all chips think the same. */
static int
check_min_rev(const struct header *h, const struct chip *c, uint32_t revision,
    struct why *why)
{
	uint32_t	rev = (c->caps & CHIP_MIN_REV_MINOR) != 0 ?
			    revision % 100 : revision / 100;

	if (rev >= h->min_rev)
		return 0;
	return why_set(why, ERR_IMAGE, "chip revision %u or higher (this chip "
	    "is revision %u)", h->min_rev, rev);
}

int
header_check_revision(const struct header *h, const struct chip *c,
    uint32_t revision, struct why *why)
{
	char	most[24] = "max rev not set";

	if (!h->extended)
		return 0;
	/* No range, or one that says nothing beside an old minimum. */
	if (h->max_rev_full == 0 || (h->max_rev_full == HEADER_ANY_REV &&
	    h->min_rev_full == 0 && h->min_rev != 0))
		return check_min_rev(h, c, revision, why);
	if (revision >= h->min_rev_full && revision <= h->max_rev_full)
		return 0;
	if (h->max_rev_full != HEADER_ANY_REV)
		(void)snprintf(most, sizeof most, "v%u.%u",
		    h->max_rev_full / 100, h->max_rev_full % 100);
	return why_set(why, ERR_IMAGE, "chip revision in range [v%u.%u - %s] "
	    "(this chip is revision v%u.%u)", h->min_rev_full / 100,
	    h->min_rev_full % 100, most, revision / 100, revision % 100);
}

/* ---- patching ---- */

static int
fail_word(const struct chip_code *list, const struct chip *c,
    const char *what, const char *word, struct why *why)
{
	char	known[WORDS_MAX] = "";
	size_t	at = 0;

	for (; list != NULL && list->name != NULL && at < sizeof known; list++)
		at += (size_t)snprintf(known + at, sizeof known - at, "%s%s",
		    at > 0 ? ", " : "", list->name);
	return why_set(why, ERR_PARAMS, "Flash %s '%s' is not supported by the "
	    "%s; supported: %s", what, word, c->name,
	    known[0] != '\0' ? known : "none");
}

/* The code of a word; NULL leaves *code as it is. */
static int
find_code(const struct chip_code *list, const struct chip *c,
    const char *what, const char *word, uint8_t *code, struct why *why)
{
	if (word == NULL)
		return 0;
	for (const struct chip_code *p = list; p != NULL && p->name != NULL;
	    p++)
		if (strcmp(p->name, word) == 0) {
			*code = p->code;
			return 0;
		}
	return fail_word(list, c, what, word, why);
}

int
header_set_words(struct header *h, const struct chip *c,
    const struct header_words *w, struct why *why)
{
	int	r;

	if ((r = find_code(modes, c, "mode", w->mode, &h->mode, why)) < 0 ||
	    (r = find_code(c->freqs, c, "frequency", w->freq, &h->freq,
	    why)) < 0)
		return r;
	return find_code(c->sizes, c, "size", w->size, &h->size, why);
}

/* Is this an image of that chip, from end to end? */
static int
check_whole(const uint8_t *data, size_t len, const struct chip *c,
    struct header *h, size_t *digest_at, struct why *why)
{
	if (header_parse(data, len, c->image_id >= 0, h) < 0)
		return why_set(why, ERR_IMAGE, "doesn't look like an image "
		    "file");
	if (header_digest_at(data, len, h, digest_at) < 0)
		return why_set(why, ERR_IMAGE, "is not a valid %s image (its "
		    "segments do not fit into it)", c->name);
	return 0;
}

/* The header as the words want it, and where the digest is. */
static int
plan(const uint8_t *data, size_t len, const struct chip *c,
    const struct header_words *w, struct header *h, size_t *digest_at,
    struct why *why)
{
	int	r;

	if ((r = check_whole(data, len, c, h, digest_at, why)) < 0)
		return r;
	return header_set_words(h, c, w, why);
}

static uint16_t
params_of(const struct header *h)
{
	return (uint16_t)(h->mode << 8 | h->size << 4 | h->freq);
}

int
header_params(const uint8_t *data, size_t len, const struct chip *c,
    const struct header_words *w, uint16_t *params, struct why *why)
{
	struct header	h;
	size_t		at;
	int		r;

	if ((r = plan(data, len, c, w, &h, &at, why)) == 0)
		*params = params_of(&h);
	return r;
}

int
header_patch(uint8_t *data, size_t len, const struct chip *c,
    const struct header_words *w, uint16_t *params, struct why *why)
{
	struct header	h;
	uint8_t		sum[EVP_MAX_MD_SIZE], old[2];
	size_t		at;
	int		r;

	if ((r = plan(data, len, c, w, &h, &at, why)) < 0)
		return r;
	memcpy(old, data + HEADER_AT_MODE, sizeof old);
	data[HEADER_AT_MODE] = h.mode;
	data[HEADER_AT_SIZE_FREQ] = (uint8_t)(h.size << 4 | h.freq);
	if (h.has_digest &&
	    EVP_Digest(data, at, sum, NULL, EVP_sha256(), NULL) != 1) {
		memcpy(data + HEADER_AT_MODE, old, sizeof old);
		return why_set(why, ERR_NOMEM, "libcrypto has no SHA-256");
	}
	if (h.has_digest)
		memcpy(data + at, sum, HEADER_SHA256);
	*params = params_of(&h);
	return 0;
}

const char *
header_mode_word(uint8_t mode)
{
	for (const struct chip_code *m = modes; m->name != NULL; m++)
		if (m->code == mode)
			return m->name;
	return NULL;
}

const char *
header_size_word(const struct chip *c, uint32_t bytes)
{
	for (const struct chip_code *p = c->sizes; p != NULL && p->name != NULL;
	    p++)
		if (p->value == bytes)
			return p->name;
	return NULL;
}
