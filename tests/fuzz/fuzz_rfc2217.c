/*
 * daemon/port/rfc2217 and rfc2217_server: the first byte sets the chunking,
 * the rest is what the other side sends.  Any chunking gives the same data and
 * the same calls or wishes and answers; what is encoded is decoded.
 */
#include "daemon/port/rfc2217.h"

#include <string.h>

#include "daemon/port/rfc2217_server.h"
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

/* Give the server a chunk; do what it wishes, now and then not. */
static void
serve_chunk(struct rfc2217_server *s, uint8_t *at, size_t len, struct run *run)
{
	size_t	n, taken;

	for (; len > 0; at += taken, len -= taken) {
		n = rfc2217_server_decode(s, at, len, &taken);
		FUZZ_CHECK(taken > 0 && taken <= len && n <= taken);
		run->data = fuzz_fold(run->data, at, n);
		run->n += n;
		if (s->wish == RFC2217_WISH_NONE)
			continue;
		run->calls = run->calls * 31 + (unsigned)s->wish;
		if (s->wish == RFC2217_WISH_INPUTS)
			rfc2217_server_inputs(s, (uint8_t)run->calls, true);
		else
			rfc2217_server_inputs(s, (uint8_t)run->n, false);
		rfc2217_server_done(s, run->calls % 5 != 0);
		FUZZ_CHECK(s->wish == RFC2217_WISH_NONE);
	}
}

static struct run
serve(const uint8_t *p, size_t len, size_t chunk)
{
	struct run		run = { 0 };
	struct rfc2217_server	s;
	struct buf		out;

	buf_init(&out, 64 + 16 * len);
	rfc2217_server_init(&s, &out, 115200);
	while (len > 0) {
		size_t	 have = len < chunk ? len : chunk;
		uint8_t	*copy = malloc(have);	/* it decodes in place */

		FUZZ_CHECK(copy != NULL);
		memcpy(copy, p, have);
		serve_chunk(&s, copy, have, &run);
		free(copy);
		p += have;
		len -= have;
	}
	/* An answer is never much longer than its question. */
	FUZZ_CHECK(!s.failed);
	run.calls = fuzz_fold(run.calls, out.data, out.len);
	buf_done(&out);
	return run;
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
	a = serve(p + 1, len - 1, 1 + p[0] % 16);
	b = serve(p + 1, len - 1, len);
	FUZZ_CHECK(a.calls == b.calls && a.data == b.data && a.n == b.n);
	round_trip(p + 1, len - 1);
	return 0;
}
