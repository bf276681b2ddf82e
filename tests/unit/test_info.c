/* proto/image/info, proto/image/appdesc */
#include "proto/image/info.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <zlib.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "tests/unit/unit.h"

enum {
	ROOM		= 4096,
	TOLD_MAX	= 512,
	APP_AT		= 0x20,		/* first data of an extended image */
};

/* An image that grows, and what was told of it. */
struct maker {
	uint8_t	*p;
	size_t	 len;
	uint8_t	 sum;
	char	 told[TOLD_MAX];
};

static void
maker_begin(struct maker *m, const struct chip *c, uint8_t digest)
{
	*m = (struct maker){ .p = calloc(1, ROOM), .sum = 0xef };
	assert_non_null(m->p);
	m->p[0] = 0xe9;
	m->p[2] = 2;
	m->p[3] = 0x20;
	le32_put(m->p + 4, 0x40080404);
	m->len = 8;
	if (c->image_id < 0)
		return;
	m->p[8] = 0xee;
	m->p[9] = 0x21;
	m->p[10] = 0x43;
	m->p[11] = 0x65;
	le16_put(m->p + 12, (uint16_t)c->image_id);
	m->p[14] = 3;
	le16_put(m->p + 15, 301);
	le16_put(m->p + 17, 399);
	m->p[23] = digest;
	m->len = 24;
}

static uint8_t *
maker_segment(struct maker *m, size_t header, uint32_t addr, uint32_t len)
{
	uint8_t	*data = m->p + m->len + 8;

	le32_put(m->p + m->len, addr);
	le32_put(m->p + m->len + 4, len);
	for (uint32_t i = 0; i < len; i++)
		data[i] = (uint8_t)(addr + i);
	m->len += 8 + len;
	m->p[header + 1]++;
	return data;
}

static void
maker_end(struct maker *m, size_t first)
{
	unsigned	count = m->p[first + 1];
	size_t		at = first + (first > 0 || m->p[8] != 0xee ? 8 : 24);

	for (unsigned i = 0; i < count; i++) {
		uint32_t	len = le32_get(m->p + at + 4);

		for (uint32_t k = 0; k < len; k++)
			m->sum ^= m->p[at + 8 + k];
		at += 8 + len;
	}
	m->len = m->len / 16 * 16 + 16;
	m->p[m->len - 1] = m->sum;
	if (first == 0 && m->p[8] == 0xee && m->p[23] == 1) {
		assert_int_equal(EVP_Digest(m->p, m->len, m->p + m->len, NULL,
		    EVP_sha256(), NULL), 1);
		m->len += 32;
	}
}

/* An ESP32's with data in flash, code in flash and in RAM. */
static uint8_t *
make_esp32(struct maker *m)
{
	uint8_t	*data;

	maker_begin(m, &chip_esp32, 1);
	data = maker_segment(m, 0, 0x3f400020, 256);
	(void)maker_segment(m, 0, 0x400d0020, 7);
	(void)maker_segment(m, 0, 0x3fff0000, 100);
	return data;
}

static void
tell(void *arg, const char *text)
{
	struct maker	*m = arg;
	size_t		 used = strlen(m->told);

	assert_true(used + strlen(text) + 2 < TOLD_MAX);
	memcpy(m->told + used, text, strlen(text));
	m->told[used + strlen(text)] = '\n';
}

/* Parse exactly these bytes, so that a sanitizer sees a step beyond. */
static int
look(struct maker *m, const struct chip *c, struct info *info, struct why *why)
{
	struct image_notes	 notes = { tell, m };
	uint8_t			*exact = malloc(m->len > 0 ? m->len : 1);
	int			 r;

	assert_non_null(exact);
	memcpy(exact, m->p, m->len);
	*why = (struct why){ 0 };
	r = info_chip(exact, m->len, c, &c, why);
	if (r == 0)
		r = info_parse(exact, m->len, c, &notes, info, why);
	free(exact);
	return r;
}

static void
assert_fails(struct maker *m, const struct chip *c, const char *part)
{
	struct info	info;
	struct why	why;

	assert_int_equal(look(m, c, &info, &why), ERR_IMAGE);
	if (strstr(why.text, part) == NULL)
		fail_msg("'%s' is not in '%s'", part, why.text);
}

/* ---- what is told ---- */

static void
test_the_headers_are_told(void **state)
{
	struct maker	m;
	struct info	i;
	struct why	why;

	(void)state;
	(void)make_esp32(&m);
	maker_end(&m, 0);
	assert_int_equal(look(&m, NULL, &i, &why), 0);
	assert_ptr_equal(i.chip, &chip_esp32);
	assert_int_equal(i.version, 1);
	assert_int_equal(i.entry, 0x40080404);
	assert_string_equal(i.mode_word, "dio");
	assert_string_equal(i.size_word, "4MB");
	assert_string_equal(i.freq_word, "40m");
	assert_int_equal(i.extended.wp_pin, HEADER_WP_NONE);
	assert_int_equal(i.extended.clk, 1);
	assert_int_equal(i.extended.q, 2);
	assert_int_equal(i.extended.d, 3);
	assert_int_equal(i.extended.cs, 4);
	assert_int_equal(i.extended.hd, 5);
	assert_int_equal(i.extended.wp, 6);
	assert_int_equal(i.extended.min_rev, 3);
	assert_int_equal(i.extended.min_rev_full, 301);
	assert_int_equal(i.extended.max_rev_full, 399);
	assert_string_equal(m.told, "");
	free(m.p);
}

static void
test_the_segments_are_told(void **state)
{
	struct maker	m;
	struct info	i;
	struct why	why;

	(void)state;
	(void)make_esp32(&m);
	maker_end(&m, 0);
	assert_int_equal(look(&m, NULL, &i, &why), 0);
	assert_int_equal(i.count, 3);
	assert_int_equal(i.segments[0].addr, 0x3f400020);
	assert_int_equal(i.segments[0].offset, 24);
	assert_int_equal(i.segments[1].len, 7);
	assert_int_equal(i.segments[2].offset, 24 + 8 + 256 + 8 + 7);
	assert_string_equal(info_memory(i.chip, i.segments[0].addr, 0), "DROM");
	assert_null(info_memory(i.chip, i.segments[0].addr, 1));
	assert_string_equal(info_memory(i.chip, 0x3fff0000, 2), "DIRAM_DRAM");
	assert_string_equal(info_memory(i.chip, 0, 0), "PADDING");
	assert_null(info_memory(i.chip, 0x10000, 0));
	assert_null(info_memory(&chip_esp8266, 0, 0));
	free(m.p);
}

static void
test_the_sums_are_checked(void **state)
{
	struct maker	m;
	struct info	i;
	struct why	why;

	(void)state;
	(void)make_esp32(&m);
	maker_end(&m, 0);
	assert_int_equal(look(&m, NULL, &i, &why), 0);
	assert_int_equal(i.sum, i.right_sum);
	assert_true(i.extended.has_digest && i.digest_valid);
	assert_false(i.has_crc);
	m.p[40] ^= 1;
	assert_int_equal(look(&m, NULL, &i, &why), 0);
	assert_int_equal(i.sum ^ 1, i.right_sum);
	assert_false(i.digest_valid);
	m.p[40] ^= 1;
	m.len--;
	assert_int_equal(look(&m, NULL, &i, &why), 0);
	assert_int_equal(i.sum, i.right_sum);
	assert_false(i.digest_valid);
	m.p[23] = 0;
	assert_int_equal(look(&m, NULL, &i, &why), 0);
	assert_false(i.extended.has_digest);
	free(m.p);
}

static void
test_an_image_without_segments_is_told(void **state)
{
	struct maker	m;
	struct info	i;
	struct why	why;

	(void)state;
	maker_begin(&m, &chip_esp32c3, 0);
	maker_end(&m, 0);
	assert_int_equal(look(&m, NULL, &i, &why), 0);
	assert_int_equal(i.count, 0);
	assert_int_equal(i.right_sum, 0xef);
	assert_false(i.has_app || i.has_boot);
	free(m.p);
}

static void
test_codes_that_a_chip_does_not_know_have_no_word(void **state)
{
	struct maker	m;
	struct info	i;
	struct why	why;

	(void)state;
	(void)make_esp32(&m);
	maker_end(&m, 0);
	m.p[2] = 9;
	m.p[3] = 0x9a;
	assert_int_equal(look(&m, NULL, &i, &why), 0);
	assert_null(i.mode_word);
	assert_null(i.size_word);
	assert_null(i.freq_word);
	assert_int_equal(i.mode, 9);
	assert_int_equal(i.size, 9);
	assert_int_equal(i.freq, 0xa);
	free(m.p);
}

/* ---- descriptions ---- */

static void
describe_app(uint8_t *p)
{
	memset(p, 0, APPDESC_BYTES);
	le32_put(p, 0xabcd5432);
	le32_put(p + 4, 5);
	memcpy(p + 16, "v1.2", 5);
	memset(p + 48, 'p', 32);
	memcpy(p + 80, "12:34:56", 9);
	memcpy(p + 96, "Jan  2 2026", 12);
	memcpy(p + 112, "v5.4\0.1", 7);
	memset(p + 144, 0xab, 32);
	le16_put(p + 176, 1);
	le16_put(p + 178, 199);
	p[180] = 15;
}

static void
test_an_application_describes_itself(void **state)
{
	struct maker	m;
	struct info	i;
	struct why	why;

	(void)state;
	describe_app(make_esp32(&m));
	maker_end(&m, 0);
	assert_int_equal(look(&m, NULL, &i, &why), 0);
	assert_true(i.has_app);
	assert_false(i.has_boot);
	assert_int_equal(i.app.secure_version, 5);
	assert_string_equal(i.app.version, "v1.2");
	assert_int_equal(strlen(i.app.project), 32);
	assert_string_equal(i.app.time, "12:34:56");
	assert_string_equal(i.app.date, "Jan  2 2026");
	assert_string_equal(i.app.idf_version, "v5.4.1");
	assert_int_equal(i.app.elf_sha256[31], 0xab);
	assert_int_equal(i.app.min_efuse_rev, 1);
	assert_int_equal(i.app.max_efuse_rev, 199);
	assert_int_equal(i.app.mmu_page, 32768);
	m.p[APP_AT] ^= 1;
	assert_int_equal(look(&m, NULL, &i, &why), 0);
	assert_false(i.has_app);
	free(m.p);
}

static void
test_texts_that_are_none_do_not_reach_a_terminal(void **state)
{
	static const struct { const char *is, *shown; } cases[] = {
		{ "plain", "plain" },
		{ "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80",
		    "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80" },
		{ "\x1b[2J", "?[2J" },
		{ "\xff\xfe", "??" },
		{ "\xc3", "?" },			/* cut */
		{ "\xc0\xaf", "??" },			/* longer than need be */
		{ "\xed\xa0\x80", "???" },		/* a surrogate */
		{ "\xc2\x9b" "2J", "??2J" },		/* C1 */
		{ "\xf4\x90\x80\x80", "????" },		/* beyond the last */
		{ "a\x7f" "b", "a?b" },
	};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		uint8_t		p[APPDESC_BYTES];
		struct appdesc	d;

		describe_app(p);
		memset(p + 16, 0, 32);
		memcpy(p + 16, cases[i].is, strlen(cases[i].is));
		assert_int_equal(appdesc_parse(p, sizeof p, &d), 0);
		assert_string_equal(d.version, cases[i].shown);
		memset(p + 16, 0, 32);
		memcpy(p + 48 - strlen(cases[i].is), cases[i].is,
		    strlen(cases[i].is));
		assert_int_equal(appdesc_parse(p, sizeof p, &d), 0);
		assert_string_equal(d.version, cases[i].shown);
	}
}

static void
test_a_short_description_is_none(void **state)
{
	uint8_t		p[APPDESC_BYTES];
	struct appdesc	d;
	struct bootdesc	b;

	(void)state;
	describe_app(p);
	assert_int_equal(appdesc_parse(p, APPDESC_BYTES, &d), 0);
	assert_int_equal(appdesc_parse(p, APPDESC_BYTES - 1, &d), ERR_IMAGE);
	p[180] = 32;
	assert_int_equal(appdesc_parse(p, APPDESC_BYTES, &d), 0);
	assert_int_equal(d.mmu_page, 0);
	p[0] = 0x50;
	assert_int_equal(bootdesc_parse(p, BOOTDESC_BYTES, &b), 0);
	assert_int_equal(bootdesc_parse(p, BOOTDESC_BYTES - 1, &b), ERR_IMAGE);
}

static void
describe_boot(uint8_t *p)
{
	memset(p, 0, BOOTDESC_BYTES);
	p[0] = 0x50;
	p[3] = 2;
	le32_put(p + 4, 1);
	memcpy(p + 8, "v5.2", 5);
	memcpy(p + 40, "Apr 25 2023 00:13:32", 21);
}

static void
test_a_bootloader_describes_itself(void **state)
{
	struct maker	m;
	struct info	i;
	struct why	why;

	(void)state;
	maker_begin(&m, &chip_esp32, 1);
	describe_boot(maker_segment(&m, 0, 0x3fff0030, 100));
	(void)maker_segment(&m, 0, 0x40080000, 100);
	maker_end(&m, 0);
	assert_int_equal(look(&m, NULL, &i, &why), 0);
	assert_true(i.has_boot);
	assert_false(i.has_app);
	assert_int_equal(i.boot.version, 1);
	assert_int_equal(i.boot.secure_version, 2);
	assert_string_equal(i.boot.idf_version, "v5.2");
	assert_string_equal(i.boot.date_time, "Apr 25 2023 00:13:32");
	free(m.p);
}

/* RAM of an ESP32-C6 is for code and data: the last one of it is code here. */
static void
test_a_bootloader_describes_itself_in_front_of_its_code(void **state)
{
	struct maker	 m;
	struct info	 i;
	struct why	 why;
	uint8_t		*front;

	(void)state;
	maker_begin(&m, &chip_esp32c6, 1);
	front = maker_segment(&m, 0, 0x40870000, 100);
	(void)maker_segment(&m, 0, 0x40860000, 100);
	describe_boot(front);
	maker_end(&m, 0);
	assert_int_equal(look(&m, NULL, &i, &why), 0);
	assert_true(i.has_boot);
	assert_string_equal(i.boot.idf_version, "v5.2");
	/* Code that happens to begin with that byte. */
	memset(front + 8, 0x93, 32);
	assert_int_equal(look(&m, NULL, &i, &why), 0);
	assert_false(i.has_boot);
	free(m.p);
}

/* ---- whose it is ---- */

static void
test_the_chip_is_found(void **state)
{
	(void)state;
	for (size_t k = 0; chips[k] != NULL; k++) {
		const struct chip	*c = chips[k];
		struct maker		 m;
		struct info		 i;
		struct why		 why;

		maker_begin(&m, c, 0);
		(void)maker_segment(&m, 0, 0x40100000, 16);
		maker_end(&m, 0);
		assert_int_equal(look(&m, NULL, &i, &why), 0);
		assert_ptr_equal(i.chip, c);
		assert_int_equal(i.sum, i.right_sum);
		free(m.p);
	}
}

static void
test_another_chip_than_expected_is_told(void **state)
{
	struct maker	m;
	struct info	i;
	struct why	why;

	(void)state;
	(void)make_esp32(&m);
	maker_end(&m, 0);
	assert_int_equal(look(&m, &chip_esp32c3, &i, &why), 0);
	assert_ptr_equal(i.chip, &chip_esp32c3);
	assert_string_equal(m.told, "Warning: Unexpected chip ID in image. "
	    "Expected 5 but value was 0. Is this image for a different chip "
	    "model?\n");
	/* Its high byte is not what tells the chip. */
	m.told[0] = '\0';
	memset(m.told, 0, sizeof m.told);
	m.p[13] = 1;
	assert_int_equal(look(&m, NULL, &i, &why), 0);
	assert_ptr_equal(i.chip, &chip_esp32);
	assert_non_null(strstr(m.told, "value was 256"));
	free(m.p);
}

static void
test_what_is_no_image_is_refused(void **state)
{
	struct maker	m;

	(void)state;
	(void)make_esp32(&m);
	maker_end(&m, 0);
	m.p[0] = 0xed;
	assert_fails(&m, NULL, "This is not a valid image (invalid magic "
	    "number: 0xed)");
	m.p[0] = 0xea;
	assert_fails(&m, &chip_esp32, "Invalid firmware image magic=0xea");
	m.p[0] = 0xe9;
	m.p[23] = 2;
	assert_fails(&m, &chip_esp32, "append_digest");
	m.len = 0;
	assert_fails(&m, NULL, "Image is empty");
	free(m.p);
}

static void
test_an_image_that_ends_early_is_refused(void **state)
{
	struct maker	m;
	struct info	i;
	struct why	why;
	size_t		whole;

	(void)state;
	(void)make_esp32(&m);
	maker_end(&m, 0);
	whole = m.len - 32;
	for (m.len = 1; m.len < whole; m.len++)
		assert_int_equal(look(&m, &chip_esp32, &i, &why), ERR_IMAGE);
	assert_int_equal(look(&m, &chip_esp32, &i, &why), 0);
	m.len = 100;
	assert_fails(&m, &chip_esp32, "End of file reading segment 0x3f400020,"
	    " length 256 (actual length 68)");
	free(m.p);
}

static void
test_too_many_segments_are_refused(void **state)
{
	struct maker	m;
	struct info	i;
	struct why	why;

	(void)state;
	maker_begin(&m, &chip_esp32, 0);
	for (unsigned k = 0; k < 16; k++)
		(void)maker_segment(&m, 0, 0x3fff0000, 4);
	maker_end(&m, 0);
	assert_int_equal(look(&m, NULL, &i, &why), 0);
	assert_int_equal(i.count, 16);
	m.p[1] = 40;
	m.p[m.len - 1] = 0;
	m.len = ROOM;
	assert_fails(&m, NULL, "Invalid segment count 40 (max 16)");
	free(m.p);
}

/* ---- ESP8266 ---- */

static void
test_odd_segments_of_an_esp8266_are_told(void **state)
{
	struct maker	m;
	struct info	i;
	struct why	why;

	(void)state;
	maker_begin(&m, &chip_esp8266, 0);
	(void)maker_segment(&m, 0, 0x3ffe8000, 16);
	(void)maker_segment(&m, 0, 0x3ffdffff, 4);
	(void)maker_segment(&m, 0, 0x40200001, 4);
	(void)maker_segment(&m, 0, 0x40200000, 4);
	maker_end(&m, 0);
	assert_int_equal(look(&m, NULL, &i, &why), 0);
	assert_string_equal(m.told,
	    "Warning: Suspicious segment 0x3ffdffff, length 4\n"
	    "Warning: Suspicious segment 0x40200001, length 4\n");
	assert_int_equal(i.count, 4);
	free(m.p);
}

/* The second kind: a part for flash, then an image of the first. */
static size_t
make_second_kind(struct maker *m)
{
	size_t	second;

	maker_begin(m, &chip_esp8266, 0);
	m->p[0] = 0xea;
	(void)maker_segment(m, 0, 0x40201010, 64);
	m->p[1] = 4;
	second = m->len;
	memcpy(m->p + second, m->p, 8);
	m->p[second] = 0xe9;
	m->p[second + 1] = 0;
	m->len += 8;
	(void)maker_segment(m, second, 0x40100000, 20);
	(void)maker_segment(m, second, 0x3ffe8000, 12);
	maker_end(m, second);
	return second;
}

static void
test_the_second_kind_of_the_esp8266_is_told(void **state)
{
	struct maker	m;
	struct info	i;
	struct why	why;
	uint32_t	crc;

	(void)state;
	(void)make_second_kind(&m);
	assert_int_equal(look(&m, NULL, &i, &why), 0);
	assert_int_equal(i.version, 2);
	assert_int_equal(i.count, 3);
	assert_int_equal(i.segments[0].addr, 0);
	assert_int_equal(i.segments[0].len, 64);
	assert_int_equal(i.segments[1].addr, 0x40100000);
	assert_int_equal(i.sum, i.right_sum);
	assert_false(i.has_crc);
	assert_string_equal(m.told, "");
	crc = (uint32_t)crc32_z(0, m.p, m.len);
	le32_put(m.p + m.len, (crc >> 31) != 0 ? ~crc : crc + 1);
	m.len += 4;
	assert_int_equal(look(&m, NULL, &i, &why), 0);
	assert_true(i.has_crc && i.crc_valid);
	m.p[m.len - 1] ^= 0x40;
	assert_int_equal(look(&m, NULL, &i, &why), 0);
	assert_true(i.has_crc && !i.crc_valid);
	free(m.p);
}

static void
test_two_headers_that_disagree_are_told(void **state)
{
	struct maker	m;
	struct info	i;
	struct why	why;
	size_t		second;

	(void)state;
	second = make_second_kind(&m);
	m.p[1] = 5;
	m.p[second + 2] = 0;
	m.p[second + 3] = 0x4f;
	m.p[second + 4] = 0;
	assert_int_equal(look(&m, NULL, &i, &why), 0);
	assert_string_equal(m.told,
	    "Warning: V2 header has unexpected \"segment\" count 5 (usually "
	    "4)\n"
	    "Warning: Flash mode value in first header (0x02) disagrees with "
	    "second (0x00). Using second value.\n"
	    "Warning: Flash size/freq value in first header (0x20) disagrees "
	    "with second (0x4f). Using second value.\n"
	    "Warning: Entrypoint address in first header (0x40080404) "
	    "disagrees with second header (0x40080400). Using second value.\n");
	assert_int_equal(i.entry, 0x40080400);
	assert_string_equal(i.freq_word, "80m");
	m.p[second] = 0xea;
	assert_fails(&m, NULL, "magic=0xea");
	free(m.p);
}

int
main(void)
{
	static const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_the_headers_are_told),
		cmocka_unit_test(test_the_segments_are_told),
		cmocka_unit_test(test_the_sums_are_checked),
		cmocka_unit_test(test_an_image_without_segments_is_told),
		cmocka_unit_test(
		    test_codes_that_a_chip_does_not_know_have_no_word),
		cmocka_unit_test(test_an_application_describes_itself),
		cmocka_unit_test(
		    test_texts_that_are_none_do_not_reach_a_terminal),
		cmocka_unit_test(test_a_short_description_is_none),
		cmocka_unit_test(test_a_bootloader_describes_itself),
		cmocka_unit_test(
		    test_a_bootloader_describes_itself_in_front_of_its_code),
		cmocka_unit_test(test_the_chip_is_found),
		cmocka_unit_test(test_another_chip_than_expected_is_told),
		cmocka_unit_test(test_what_is_no_image_is_refused),
		cmocka_unit_test(test_an_image_that_ends_early_is_refused),
		cmocka_unit_test(test_too_many_segments_are_refused),
		cmocka_unit_test(test_odd_segments_of_an_esp8266_are_told),
		cmocka_unit_test(test_the_second_kind_of_the_esp8266_is_told),
		cmocka_unit_test(test_two_headers_that_disagree_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
