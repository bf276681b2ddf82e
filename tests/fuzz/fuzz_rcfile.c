/* client/rcfile: any bytes are a configuration file, or are refused. */
#include "client/rcfile.h"

#include <json-c/json.h>

#include "proto/base/err.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct json_object	*values = NULL;
	struct why		 why = { 0 };
	int			 r;

	r = rcfile_parse((const char *)p, len, &values, &why);
	FUZZ_CHECK(r == 0 || r == ERR_PARAMS);
	FUZZ_CHECK(r == why.err);
	FUZZ_CHECK(r == 0 || values == NULL);
	json_object_put(values);
	return 0;
}
