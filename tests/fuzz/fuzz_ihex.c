/* proto/image/ihex: any bytes are regions in order and apart, or are refused;
 * what is written of them reads as the same. */
#include "proto/image/ihex.h"

#include <string.h>

#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "tests/fuzz/fuzz.h"

static void
check_written(const struct ihex *h)
{
	struct ihex	again;
	struct buf	b;

	buf_init(&b, ihex_size_max(h->regions, h->count));
	FUZZ_CHECK(ihex_write(h->regions, h->count, &b) == 0);
	FUZZ_CHECK(ihex_parse(b.data, b.len, &again, NULL) == 0);
	FUZZ_CHECK(again.count == h->count);
	for (size_t i = 0; i < h->count; i++) {
		const struct ihex_region	*x = &h->regions[i];
		const struct ihex_region	*y = &again.regions[i];

		FUZZ_CHECK(x->address == y->address && x->len == y->len);
		FUZZ_CHECK(memcmp(x->data, y->data, x->len) == 0);
	}
	ihex_done(&again);
	buf_done(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct ihex	h;
	struct why	why = { 0 };
	uint64_t	end = 0, sum = 0;
	int		r;

	r = ihex_parse(p, len, &h, &why);
	FUZZ_CHECK(r == 0 || r == ERR_IMAGE || r == ERR_OVERLAP);
	if (r < 0)
		return 0;
	FUZZ_CHECK(h.count > 0);
	for (size_t i = 0; i < h.count; i++) {
		const struct ihex_region	*g = &h.regions[i];

		FUZZ_CHECK(g->len > 0 && g->len <= len / 2);
		FUZZ_CHECK(i == 0 || g->address > end);
		end = (uint64_t)g->address + g->len;
		FUZZ_CHECK(end <= (uint64_t)UINT32_MAX + 1);
		sum = fuzz_fold(sum, g->data, g->len);
	}
	FUZZ_CHECK(sum != 0 || h.regions[0].len > 0);
	check_written(&h);
	ihex_done(&h);
	return 0;
}
