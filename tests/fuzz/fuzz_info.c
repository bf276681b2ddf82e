/*
 * proto/image/info: any file as a program image.  The first byte chooses the
 * chip, or none.
 */
#include "proto/image/info.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

static void
tell(void *arg, const char *text)
{
	unsigned	*told = arg;

	FUZZ_CHECK(text[0] != '\0');
	(*told)++;
}

static void
check_segments(const struct info *info, size_t len)
{
	FUZZ_CHECK(info->count <= HEADER_SEGMENTS);
	for (size_t i = 0; i < info->count; i++) {
		const struct info_segment *s = &info->segments[i];

		FUZZ_CHECK(s->offset + 8 + s->len < len);
		(void)info_memory(info->chip, s->addr, 0);
	}
}

static void
check_text(const char *text)
{
	FUZZ_CHECK(memchr(text, '\0', APPDESC_TEXT) != NULL);
	for (; *text != '\0'; text++)
		FUZZ_CHECK((uint8_t)*text >= 0x20 && *text != 0x7f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	const struct chip	*chip = NULL;
	unsigned		 told = 0;
	struct image_notes	 notes = { tell, &told };
	struct info		 info;
	struct why		 why = { 0 };

	if (len == 0)
		return 0;
	for (unsigned i = 0; i < p[0] && chips[i] != NULL; i++)
		chip = chips[i];
	p++;
	len--;
	if (info_chip(p, len, chip, &chip, &why) < 0 ||
	    info_parse(p, len, chip, &notes, &info, &why) < 0) {
		FUZZ_CHECK(why.text[0] != '\0');
		return 0;
	}
	check_segments(&info, len);
	if (info.has_app) {
		check_text(info.app.project);
		check_text(info.app.version);
		check_text(info.app.date);
	}
	if (info.has_boot)
		check_text(info.boot.date_time);
	FUZZ_CHECK(told <= 2 * 256);
	return 0;
}
