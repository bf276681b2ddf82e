/* proto/image/ihex: any bytes are regions in order and apart, or are refused. */
#include "proto/image/ihex.h"

#include "proto/base/err.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct ihex	h;
	struct why	why = { 0 };
	uint64_t	end = 0, sum = 0;
	int		r;

	r = ihex_parse(p, len, &h, &why);
	FUZZ_CHECK(r == 0 || r == ERR_IMAGE);
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
	ihex_done(&h);
	return 0;
}
