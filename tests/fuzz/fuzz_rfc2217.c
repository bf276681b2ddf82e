/*
 * daemon/port/rfc2217: the first byte sets the chunking, the rest is what a
 * server sends.  Any chunking gives the same data and the same calls; what is
 * encoded is decoded.
 */
#include "daemon/port/rfc2217.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

struct run {
	uint64_t	calls, data;
	size_t		n;	/* bytes of data */
};

static void
on_option(void *arg, uint8_t verb, uint8_t option)
{
	struct run	*run = arg;
	uint8_t		 both[] = { verb, option };

	FUZZ_CHECK(verb >= TELNET_WILL && verb <= TELNET_DONT);
	run->calls = fuzz_fold(run->calls, both, sizeof both);
}

static void
on_com_port(void *arg, uint8_t command, const uint8_t *value, size_t len)
{
	struct run	*run = arg;

	FUZZ_CHECK(len <= TELNET_SUB_MAX);
	run->calls = fuzz_fold(run->calls, &command, 1);
	run->calls = fuzz_fold(run->calls, value, len);
}

static struct run
decode(const uint8_t *p, size_t len, size_t chunk)
{
	struct run	run = { 0 };
	struct telnet	t = {
		.on_option = on_option, .on_com_port = on_com_port, .arg = &run,
	};

	while (len > 0) {
		size_t	 have = len < chunk ? len : chunk, n;
		uint8_t	*copy = malloc(have);	/* it decodes in place */

		FUZZ_CHECK(copy != NULL);
		memcpy(copy, p, have);
		n = telnet_decode(&t, copy, have);
		FUZZ_CHECK(n <= have);
		run.data = fuzz_fold(run.data, copy, n);
		run.n += n;
		free(copy);
		p += have;
		len -= have;
	}
	return run;
}

static void
round_trip(const uint8_t *p, size_t len)
{
	struct buf	out;
	struct run	run;

	buf_init(&out, 2 * len);
	FUZZ_CHECK(telnet_put_data(&out, p, len) == 0);
	run = decode(out.data, out.len, out.len);
	FUZZ_CHECK(run.n == len && run.data == fuzz_fold(0, p, len));
	FUZZ_CHECK(run.calls == 0);
	buf_done(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct run	a, b;

	if (len < 2)
		return 0;
	a = decode(p + 1, len - 1, 1 + p[0] % 16);
	b = decode(p + 1, len - 1, len);
	FUZZ_CHECK(a.calls == b.calls && a.data == b.data && a.n == b.n);
	round_trip(p + 1, len - 1);
	return 0;
}
