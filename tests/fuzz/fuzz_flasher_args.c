/* proto/image/flasher_args: any bytes are files with addresses, or are
 * refused. */
#include "proto/image/flasher_args.h"

#include <string.h>

#include "proto/base/err.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct flasher_args	a = { .count = 0 };
	struct why		why = { 0 };
	int			r;

	r = flasher_args_parse((const char *)p, len, &a, &why);
	FUZZ_CHECK(r == 0 || r == ERR_IMAGE || r == ERR_LIMIT);
	FUZZ_CHECK(r == why.err);
	if (r < 0) {
		FUZZ_CHECK(a.count == 0 && a.files == NULL);
		return 0;
	}
	FUZZ_CHECK(a.count > 0 && a.count <= FLASHER_FILES_MAX);
	for (size_t i = 0; i < a.count; i++)
		FUZZ_CHECK(a.files[i].path[0] != '\0' &&
		    strlen(a.files[i].path) <= FLASHER_TEXT_MAX);
	for (int i = 0; i < FLASHER_VALUES; i++)
		FUZZ_CHECK(a.values[i] == NULL || a.values[i][0] != '\0');
	flasher_args_done(&a);
	return 0;
}
