/* client/hsm_conf: any bytes configure a security module, or are refused. */
#include "client/hsm_conf.h"

#include <string.h>

#include "proto/base/err.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct hsm_conf	 conf;
	struct why	 why = { 0 };
	int		 r;

	r = hsm_conf_parse(&conf, (const char *)p, len, "f", &why);
	FUZZ_CHECK(r == 0 || r == ERR_PARAMS);
	FUZZ_CHECK(r == why.err);
	if (r == 0) {
		FUZZ_CHECK(conf.lib[0] != '\0' && conf.label[0] != '\0');
		FUZZ_CHECK(conf.label_public == NULL ||
		    conf.label_public[0] != '\0');
		FUZZ_CHECK(conf.pin == NULL || conf.pin[0] != '\0');
	}
	hsm_conf_done(&conf);
	FUZZ_CHECK(conf.pin == NULL && conf.lib == NULL);
	hsm_conf_done(&conf);
	return 0;
}
