/* client/expand: any bytes are words, or are refused; no word has a blank that
 * was not quoted. */
#include "client/expand.h"

#include <string.h>

#include "proto/base/err.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct expand	e = { .argc = 0 };
	struct why	why = { 0 };
	bool		plain = true;
	int		r;

	for (size_t i = 0; i < len; i++)
		plain = plain && strchr("\\'\"", p[i]) == NULL;
	r = expand_text(&e, (const char *)p, len, &why);
	FUZZ_CHECK(r == 0 || r == ERR_USAGE || r == ERR_LIMIT);
	FUZZ_CHECK(e.argc <= EXPAND_WORDS_MAX);
	for (int i = 0; i < e.argc; i++) {
		FUZZ_CHECK(strlen(e.argv[i]) <= len);
		FUZZ_CHECK(!plain || (e.argv[i][0] != '\0' &&
		    strpbrk(e.argv[i], " \t\r\n") == NULL));
	}
	expand_done(&e);
	return 0;
}
