/*
 * daemon/link/stubs: the text of a stub image.  What is taken can be loaded;
 * what is refused has a sentence.
 */
#include "daemon/link/stubs.h"

#include <string.h>

#include "proto/base/err.h"
#include "tests/fuzz/fuzz.h"

static void
check_image(const struct stub_image *s)
{
	FUZZ_CHECK(s->text != NULL && s->text_len > 0);
	FUZZ_CHECK((s->data != NULL) == (s->data_len > 0));
	FUZZ_CHECK(s->text_len <= STUB_MAX && s->data_len <= STUB_MAX);
	FUZZ_CHECK(s->entry >= s->text_start);
	FUZZ_CHECK(s->entry - s->text_start < s->text_len);
	FUZZ_CHECK(s->text_len <= UINT32_MAX - s->text_start);
	FUZZ_CHECK(s->data_len <= UINT32_MAX - s->data_start);
	/* Every byte is really there (a sanitizer looks). */
	(void)fuzz_fold(0, s->text, s->text_len);
	if (s->data != NULL)
		(void)fuzz_fold(0, s->data, s->data_len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct stub_image	*s = NULL;
	struct why		 why = { 0 };
	int			 r = stubs_parse((const char *)p, len, &s, &why);

	FUZZ_CHECK(r == 0 || r == ERR_IMAGE);
	FUZZ_CHECK((s != NULL) == (r == 0));
	FUZZ_CHECK(why.err == r && (r == 0) == (why.text[0] == '\0'));
	if (s != NULL)
		check_image(s);
	stubs_free(s);
	return 0;
}
