#include "proto/image/make.h"

#include <string.h>

#include "proto/base/buf.h"
#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/image/segments.h"
#include "tests/unit/unit.h"

static struct buf	out;
static struct why	why;
static int		told;

static void
tell(void *arg, const char *text)
{
	(void)arg;
	told += strstr(text, "in none of the segments") != NULL;
}

static const struct image_notes	notes = { .tell = tell };

static int
make(const struct make_segment *list, size_t count, uint32_t entry)
{
	told = 0;
	why_clear(&why);
	buf_init(&out, 1 << 20);
	return make_image(list, count, entry, &notes, &out, &why);
}

#define SEGMENT(at, text) \
	{ .name = text, .addr = (at), \
	  .data = (const uint8_t *)(text), .len = sizeof(text) - 1 }

static void
test_an_image_has_its_segments_and_check_sum(void **state)
{
	const struct make_segment	list[] = {
		SEGMENT(0x40100000, "text1"), SEGMENT(0x3ffe8000, "data"),
	};
	static const uint8_t		wanted[48] = {
		0xe9, 2, 0, 0, 0x04, 0x00, 0x10, 0x40,
		0x00, 0x00, 0x10, 0x40, 8, 0, 0, 0,
		't', 'e', 'x', 't', '1', 0, 0, 0,
		0x00, 0x80, 0xfe, 0x3f, 4, 0, 0, 0,
		'd', 'a', 't', 'a',
		[47] = 0xef ^ 't' ^ 'e' ^ 'x' ^ 't' ^ '1' ^ 'd' ^ 'a' ^ 't' ^
		    'a',
	};
	struct segments			s;

	(void)state;
	assert_int_equal(make(list, 2, 0x40100004), 0);
	assert_int_equal(told, 0);
	assert_int_equal(out.len, sizeof wanted);
	assert_memory_equal(out.data, wanted, sizeof wanted);
	assert_int_equal(segments_parse(out.data, out.len, false, &s, &why), 0);
	assert_int_equal(s.count, 2);
	assert_int_equal(s.entry, 0x40100004);
	assert_int_equal(s.list[1].addr, 0x3ffe8000);
	buf_done(&out);
}

static void
test_an_entry_outside_is_told(void **state)
{
	const struct make_segment	list[] = { SEGMENT(0x40100000, "text") };

	(void)state;
	assert_int_equal(make(list, 1, 0x40100004), 0);
	assert_int_equal(told, 1);
	buf_done(&out);
}

static void
assert_refused(const struct make_segment *list, size_t count, int err,
    const char *part)
{
	assert_int_equal(make(list, count, 0), err);
	assert_int_equal(out.len, 0);
	if (strstr(why.text, part) == NULL)
		fail_msg("%s: %s", part, why.text);
	buf_done(&out);
}

static void
test_what_the_rom_cannot_load_is_refused(void **state)
{
	static const struct make_segment	odd[] = { SEGMENT(0x40100002, "a") };
	static const struct make_segment	empty[] = { SEGMENT(0x40100000, "") };
	static const struct make_segment	flash[] = { SEGMENT(0x40210000, "a") };
	static const struct make_segment	top[] = { SEGMENT(0xfffffffc, "abcde") };
	static const struct make_segment	twice[] = {
		SEGMENT(0x40100000, "abcde"), SEGMENT(0x40100004, "f"),
	};
	struct make_segment			many[17];

	(void)state;
	for (uint32_t i = 0; i < 17; i++)
		many[i] = (struct make_segment)SEGMENT(0x40100000 + 4 * i, "a");
	assert_refused(NULL, 0, ERR_PARAMS, "No segments specified");
	assert_refused(many, 17, ERR_PARAMS, "17 segments are too many");
	assert_refused(odd, 1, ERR_ALIGN, "no multiple of 4");
	assert_refused(empty, 1, ERR_FILE_EMPTY, "is empty");
	assert_refused(flash, 1, ERR_IMAGE, "flash that file itself, at "
	    "0x10000");
	assert_refused(top, 1, ERR_IMAGE, "too long for memory");
	assert_refused(twice, 2, ERR_OVERLAP, "'abcde' at 0x40100000 and 'f' "
	    "at 0x40100004 overlap");
	assert_int_equal(make(many, 16, 0x40100000), 0);
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_an_image_has_its_segments_and_check_sum),
		cmocka_unit_test(test_an_entry_outside_is_told),
		cmocka_unit_test(test_what_the_rom_cannot_load_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
