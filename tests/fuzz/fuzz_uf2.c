/* proto/image/uf2: any bytes are regions in order and apart, or are refused;
 * what is written of them reads as the same. */
#include "proto/image/uf2.h"

#include <string.h>

#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "proto/chip/chip.h"
#include "tests/fuzz/fuzz.h"

/* Regions [from, to) of one family, with chunks and digests as `len` says. */
static void
check_written(const struct uf2 *u, size_t from, size_t to, size_t len)
{
	struct uf2_form	f = { .family = u->regions[from].family,
			    .md5 = len % 2 == 0 };
	struct uf2	again;
	struct buf	b;
	size_t		at = 0;

	f.chunk = (uint32_t)(len / 2 % uf2_chunk_max(f.md5)) + 1;
	/* Small chunks of much would be a lot. */
	if (len > 4096)
		f.chunk = uf2_chunk_max(f.md5);
	buf_init(&b, uf2_size(u->regions + from, to - from, &f));
	FUZZ_CHECK(uf2_write(u->regions + from, to - from, &f, &b, NULL) == 0);
	FUZZ_CHECK(b.len == b.max);
	FUZZ_CHECK(uf2_parse(b.data, b.len, &again, NULL) == 0);
	FUZZ_CHECK(again.count == to - from);
	for (size_t i = from; i < to; i++, at++) {
		const struct uf2_region	*x = &u->regions[i];
		const struct uf2_region	*y = &again.regions[at];

		FUZZ_CHECK(x->address == y->address && x->len == y->len);
		FUZZ_CHECK(x->family == y->family);
		FUZZ_CHECK(memcmp(x->data, y->data, x->len) == 0);
	}
	uf2_done(&again);
	buf_done(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	const struct chip	*chip;
	struct uf2		 u;
	struct why		 why = { 0 };
	uint64_t		 end = 0, total = 0;
	size_t			 from = 0;
	int			 r;

	r = uf2_parse(p, len, &u, &why);
	FUZZ_CHECK(r == 0 || r == ERR_IMAGE || r == ERR_OVERLAP);
	if (r < 0)
		return 0;
	FUZZ_CHECK(uf2_is(p, len) && u.count > 0);
	for (size_t i = 0; i < u.count; i++) {
		const struct uf2_region	*g = &u.regions[i];

		if (g->family != u.regions[from].family) {
			FUZZ_CHECK(g->family > u.regions[from].family);
			check_written(&u, from, i, len);
			from = i;
		}
		FUZZ_CHECK(g->len > 0);
		FUZZ_CHECK(i == from || g->address > end);
		end = (uint64_t)g->address + g->len;
		FUZZ_CHECK(end <= (uint64_t)UINT32_MAX + 1);
		FUZZ_CHECK(uf2_has(&u, g->family));
		total += g->len;
	}
	FUZZ_CHECK(total <= len / UF2_BLOCK * UF2_DATA);
	check_written(&u, from, u.count, len);
	r = uf2_chip(&u, &chip, &why);
	FUZZ_CHECK(r == 0 || r == ERR_IMAGE);
	uf2_done(&u);
	return 0;
}
