/*
 * proto/rpc/frame: the first byte sets the chunking, the rest is what a client
 * sends.  Any chunking gives the same values and the same refusals.
 */
#include "proto/rpc/frame.h"

#include <string.h>

#include <json-c/json.h>

#include "proto/base/err.h"
#include "tests/fuzz/fuzz.h"

/* All lines that are whole by now. */
static uint64_t
take(struct frame *f, uint64_t sum)
{
	struct json_object	*json = NULL;
	struct why		 why = { 0 };
	int			 r;

	while ((r = frame_next(f, &json, &why)) != 0) {
		FUZZ_CHECK(r == 1 || r == ERR_PARSE || r == ERR_LIMIT);
		FUZZ_CHECK(r == 1 || (why.err == r && why.text[0] != '\0'));
		sum = fuzz_fold(sum, &r, sizeof r);
		if (r == 1) {
			const char	*s = json_object_to_json_string(json);

			sum = fuzz_fold(sum, s, strlen(s));
			json_object_put(json);
		}
		json = NULL;
		why_clear(&why);
	}
	return sum;
}

static uint64_t
decode(const uint8_t *p, size_t len, size_t chunk)
{
	struct frame	f;
	uint64_t	sum = 0;

	frame_init(&f);
	while (len > 0) {
		size_t	have = len < chunk ? len : chunk;

		FUZZ_CHECK(frame_add(&f, p, have) == 0);
		sum = take(&f, sum);
		p += have;
		len -= have;
	}
	frame_done(&f);
	return sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	/* Beyond this frame_add() may refuse; its unit test looks at that. */
	if (len < 2 || len > FRAME_LINE_MAX)
		return 0;
	FUZZ_CHECK(decode(p + 1, len - 1, 1 + p[0] % 32) ==
	    decode(p + 1, len - 1, len));
	return 0;
}
