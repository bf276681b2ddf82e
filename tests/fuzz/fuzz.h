#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H
/*
 * fuzz - what the targets share.
 *
 * A target is one function that takes any bytes.  With --enable-fuzz libFuzzer
 * calls it; in every other build tests/fuzz/replay.c calls it with each file
 * of tests/fuzz/corpus/NAME, so that `make check` replays what was found.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* As assert(), but never compiled out. */
#define FUZZ_CHECK(x)	((x) ? (void)0 : abort())

/* Results of a run, folded into one number (FNV-1a), to compare two runs. */
static inline uint64_t
fuzz_fold(uint64_t sum, const void *data, size_t len)
{
	const uint8_t	*p = data;

	while (len-- > 0)
		sum = (sum ^ *p++) * 0x100000001b3u;
	return sum;
}
#endif
