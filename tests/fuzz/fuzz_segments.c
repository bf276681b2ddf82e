/*
 * proto/image/segments: any file as a program for RAM.  The first byte chooses
 * the form of the header.
 */
#include "proto/image/segments.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct segments	s;
	struct why	why = { 0 };

	if (len == 0)
		return 0;
	if (segments_parse(p + 1, len - 1, p[0] & 1, &s, &why) < 0) {
		FUZZ_CHECK(why.text[0] != '\0');
		return 0;
	}
	FUZZ_CHECK(s.count >= 1 && s.count <= SEGMENTS_MAX);
	for (size_t i = 0; i < s.count; i++) {
		FUZZ_CHECK(s.list[i].data >= p + 1);
		FUZZ_CHECK(s.list[i].data + s.list[i].len <= p + len);
		FUZZ_CHECK(s.list[i].len == 0 ||
		    s.list[i].addr + (s.list[i].len - 1) <= UINT32_MAX);
	}
	return 0;
}
