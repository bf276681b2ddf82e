/*
 * daemon/link/reset_parse: a sequence that a user wrote.
 */
#include "daemon/link/reset.h"

#include <string.h>

#include "proto/base/err.h"
#include "tests/fuzz/fuzz.h"

static void
check_taken(const struct reset_custom *c)
{
	uint32_t	total = 0;

	FUZZ_CHECK(c->count > 0 && c->count <= RESET_STEPS_MAX);
	for (size_t i = 0; i < c->count; i++) {
		FUZZ_CHECK(c->steps[i].ms <= RESET_TOTAL_MS - total);
		total += c->steps[i].ms;
	}
}

static void
check_refused(const struct reset_custom *c, const struct why *why)
{
	FUZZ_CHECK(c->count == 0);
	FUZZ_CHECK(why->err == ERR_PARAMS);
	for (const char *s = why->text; *s != '\0'; s++)
		FUZZ_CHECK(*s >= ' ' && *s <= '~');
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct reset_custom	c = { .count = 0 };
	struct why		why = { 0 };
	char			*text = malloc(len + 1);
	int			 r;

	FUZZ_CHECK(text != NULL);
	memcpy(text, p, len);
	text[len] = '\0';
	r = reset_parse(text, &c, &why);
	FUZZ_CHECK(r == 0 || r == ERR_PARAMS);
	if (r == 0)
		check_taken(&c);
	else
		check_refused(&c, &why);
	free(text);
	return 0;
}
