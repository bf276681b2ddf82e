/*
 * proto/image/header: the first byte chooses the chip and the words, the rest
 * is the image.  What is patched keeps its length and all but a few bytes; what
 * is refused is not touched.
 */
#include "proto/image/header.h"

#include <string.h>

#include "proto/base/err.h"
#include "tests/fuzz/fuzz.h"

enum { LEN_MAX = 1 << 16, SHA256 = 32 };

static void
check_parts(const uint8_t *p, size_t len, const struct chip *c)
{
	struct header	h;
	struct why	why = { 0 };
	size_t		at;

	if (header_parse(p, len, c->image_id >= 0, &h) < 0)
		return;
	FUZZ_CHECK(h.segments >= 1 && h.segments <= 16);
	FUZZ_CHECK(h.size <= 0xf && h.freq <= 0xf);
	(void)header_check_revision(&h, c, 300, &why);
	if (header_digest_at(p, len, &h, &at) < 0)
		return;
	FUZZ_CHECK(at % 16 == 0 && at <= len);
	FUZZ_CHECK(!h.has_digest || at + SHA256 <= len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static uint8_t		 image[LEN_MAX];
	const struct chip	*c;
	struct header_words	 w = { 0 };
	struct why		 why = { 0 };
	uint16_t		 params = 0;
	size_t			 changed = 0;
	int			 r;

	if (len == 0 || len > LEN_MAX)
		return 0;
	c = p[0] & 1 ? &chip_esp8266 : &chip_esp32;
	w.mode = p[0] & 2 ? "dout" : NULL;
	w.freq = p[0] & 4 ? "40m" : NULL;
	w.size = p[0] & 8 ? "4MB" : NULL;
	p++;
	len--;
	memcpy(image, p, len);
	check_parts(image, len, c);
	r = header_patch(image, len, c, &w, &params, &why);
	FUZZ_CHECK(r == 0 || r == ERR_IMAGE || r == ERR_PARAMS);
	FUZZ_CHECK(why.err == r);
	for (size_t i = 0; i < len; i++)
		changed += image[i] != p[i];
	FUZZ_CHECK(changed <= (r == 0 ? 2u + SHA256 : 0u));
	return 0;
}
