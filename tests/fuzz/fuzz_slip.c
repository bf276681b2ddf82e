/*
 * proto/serial/slip: the first byte sets the chunking, the rest is the stream.
 * Any chunking gives the same frames; what is encoded is decoded.
 */
#include "proto/serial/slip.h"

#include <string.h>

#include "proto/base/err.h"
#include "tests/fuzz/fuzz.h"

enum { ROOM = 48 };

static uint64_t
decode(const uint8_t *p, size_t len, size_t chunk)
{
	struct slip_decoder	d;
	uint8_t			room[ROOM];
	uint64_t		sum = 0;

	slip_init(&d, room, sizeof room);
	while (len > 0) {
		size_t	have = len < chunk ? len : chunk, used;
		int	r = slip_decode(&d, p, have, &used);

		FUZZ_CHECK(used > 0 && used <= have && d.len <= ROOM);
		FUZZ_CHECK(r <= ROOM);
		FUZZ_CHECK(r >= 0 || r == ERR_NOISE || r == ERR_LIMIT);
		FUZZ_CHECK(r != 0 || used == have);
		if (r != 0)
			sum = fuzz_fold(sum, &r, sizeof r);
		if (r > 0)
			sum = fuzz_fold(sum, room, (size_t)r);
		p += used;
		len -= used;
	}
	return fuzz_fold(sum, &d.skipped, sizeof d.skipped);
}

static void
round_trip(const uint8_t *p, size_t len)
{
	struct slip_decoder	d;
	struct buf		out;
	uint8_t			*room = malloc(len);
	size_t			used;

	FUZZ_CHECK(room != NULL);
	buf_init(&out, 2 * len + 2);
	FUZZ_CHECK(slip_encode2(&out, p, len / 3, p + len / 3,
	    len - len / 3) == 0);
	slip_init(&d, room, len);
	FUZZ_CHECK(slip_decode(&d, out.data, out.len, &used) == (int)len);
	FUZZ_CHECK(used == out.len && memcmp(room, p, len) == 0);
	buf_done(&out);
	free(room);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	if (len < 2)
		return 0;
	FUZZ_CHECK(decode(p + 1, len - 1, 1 + p[0] % 16) ==
	    decode(p + 1, len - 1, len));
	round_trip(p + 1, len - 1);
	return 0;
}
