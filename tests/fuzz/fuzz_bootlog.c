/*
 * daemon/link/bootlog: anything a chip may print.
 */
#include "daemon/link/bootlog.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

static void
check_printable(const char *s, size_t size)
{
	FUZZ_CHECK(memchr(s, '\0', size) != NULL);
	for (; *s != '\0'; s++)
		FUZZ_CHECK(*s >= ' ' && *s <= '~');
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct bootlog	log = { .has_reset = false };

	bootlog_read(&log, (const char *)p, len);
	check_printable(log.reset, sizeof log.reset);
	check_printable(log.crash, sizeof log.crash);
	FUZZ_CHECK(log.has_reset == (log.reset[0] != '\0'));
	FUZZ_CHECK(log.has_boot || log.boot == 0);
	return 0;
}
