/* proto/image/header */
#include "proto/image/header.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <zlib.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "tests/unit/unit.h"

enum { IMAGE_MAX = 4 << 20, DIGEST_AT = 0x40, IMAGE_LEN = DIGEST_AT + 32 };

static const struct header_words	dout = { .mode = "dout" };

/* An image for an ESP32 with two segments of 8 and 4 bytes, a digest, and
 * something behind it. */
static size_t
make_image(uint8_t out[IMAGE_LEN + 8])
{
	memset(out, 0, IMAGE_LEN + 8);
	out[0] = 0xe9;
	out[1] = 2;
	out[2] = 2;
	out[3] = 0x21;
	le32_put(out + 4, 0x40080000);
	le32_put(out + 24, 0x40080000);
	le32_put(out + 28, 8);
	le32_put(out + 40, 0x3ffb0000);
	le32_put(out + 44, 4);
	out[23] = 1;
	memcpy(out + IMAGE_LEN, "trailing", 8);
	return IMAGE_LEN + 8;
}

static void
assert_digest(const uint8_t *image, size_t at)
{
	uint8_t	sum[EVP_MAX_MD_SIZE];

	assert_int_equal(EVP_Digest(image, at, sum, NULL, EVP_sha256(), NULL),
	    1);
	assert_memory_equal(image + at, sum, 32);
}

static void
test_a_header_is_read(void **state)
{
	uint8_t		p[IMAGE_LEN + 8];
	size_t		len = make_image(p), at;
	struct header	h;

	(void)state;
	le16_put(p + 12, 9);
	p[14] = 3;
	le16_put(p + 15, 101);
	le16_put(p + 17, 299);
	assert_int_equal(header_parse(p, len, true, &h), 0);
	assert_int_equal(h.segments, 2);
	assert_int_equal(h.mode, 2);
	assert_int_equal(h.size, 2);
	assert_int_equal(h.freq, 1);
	assert_int_equal(h.entry, 0x40080000);
	assert_int_equal(h.chip_id, 9);
	assert_int_equal(h.min_rev, 3);
	assert_int_equal(h.min_rev_full, 101);
	assert_int_equal(h.max_rev_full, 299);
	assert_true(h.has_digest);
	assert_int_equal(header_digest_at(p, len, &h, &at), 0);
	assert_int_equal(at, DIGEST_AT);
}

static void
test_what_is_no_image_is_told(void **state)
{
	uint8_t		p[IMAGE_LEN + 8];
	size_t		len = make_image(p), at;
	struct header	h;

	(void)state;
	assert_int_equal(header_parse(p, 7, false, &h), ERR_IMAGE);
	assert_int_equal(header_parse(p, 23, true, &h), ERR_IMAGE);
	assert_int_equal(header_parse(p, 23, false, &h), 0);
	p[1] = 17;
	assert_int_equal(header_parse(p, len, true, &h), ERR_IMAGE);
	p[1] = 0;
	assert_int_equal(header_parse(p, len, true, &h), ERR_IMAGE);
	p[1] = 2;
	p[20] = 1;
	assert_int_equal(header_parse(p, len, true, &h), ERR_IMAGE);
	p[20] = 0;
	p[23] = 2;
	assert_int_equal(header_parse(p, len, true, &h), ERR_IMAGE);
	p[23] = 1;
	p[0] = 0xea;
	assert_int_equal(header_parse(p, len, true, &h), ERR_IMAGE);
	p[0] = 0xe9;
	assert_int_equal(header_parse(p, len, true, &h), 0);
	/* Cut anywhere, it has no place for its digest. */
	for (size_t n = HEADER_EXTENDED; n < IMAGE_LEN; n++)
		assert_int_equal(header_digest_at(p, n, &h, &at), ERR_IMAGE);
	assert_int_equal(header_digest_at(p, IMAGE_LEN, &h, &at), 0);
}

static void
test_patching_sets_words_and_digest_and_nothing_else(void **state)
{
	const struct header_words	all = { "qout", "80m", "16MB" };
	uint8_t				p[IMAGE_LEN + 8], was[sizeof p];
	size_t				len = make_image(p);
	uint16_t			params = 0;
	struct why			why = { 0 };

	(void)state;
	memcpy(was, p, len);
	assert_int_equal(header_patch(p, len, &chip_esp32, &all, &params,
	    &why), 0);
	assert_int_equal(params, 0x014f);
	assert_int_equal(p[2], 1);
	assert_int_equal(p[3], 0x4f);
	assert_digest(p, DIGEST_AT);
	assert_memory_equal(p, was, 2);
	assert_memory_equal(p + 4, was + 4, DIGEST_AT - 4);
	assert_memory_equal(p + IMAGE_LEN, "trailing", 8);
	/* One word leaves the others. */
	assert_int_equal(header_patch(p, len, &chip_esp32, &dout, &params,
	    &why), 0);
	assert_int_equal(params, 0x034f);
	assert_digest(p, DIGEST_AT);
}

/* Without a digest there is none to make, whatever stands there. */
static void
test_no_digest_is_written_where_there_is_none(void **state)
{
	uint8_t		p[IMAGE_LEN + 8];
	size_t		len = make_image(p);
	uint16_t	params;
	struct why	why = { 0 };

	(void)state;
	p[23] = 0;
	assert_int_equal(header_patch(p, len, &chip_esp32, &dout, &params,
	    &why), 0);
	for (size_t i = DIGEST_AT; i < IMAGE_LEN; i++)
		assert_int_equal(p[i], 0);
}

/* The ESP8266 has no extended header: byte 23 is one like any other. */
static void
test_esp8266_image_with_a_one_in_byte_23(void **state)
{
	uint8_t		p[64] = { 0xe9, 1, 0, 0x40 };
	uint16_t	params;
	struct why	why = { 0 };

	(void)state;
	le32_put(p + 8, 0x40100000);
	le32_put(p + 12, 32);
	p[23] = 1;
	assert_int_equal(header_patch(p, sizeof p, &chip_esp8266, &dout,
	    &params, &why), 0);
	assert_int_equal(params, 0x0340);
	assert_int_equal(p[23], 1);
	assert_int_equal(p[48], 0);
}

static void
assert_refused(uint8_t *p, size_t len, const struct header_words *w, int err,
    const char *says)
{
	uint8_t		was[IMAGE_LEN + 8];
	uint16_t	params = 0x1234;
	struct why	why = { 0 };

	memcpy(was, p, len);
	assert_int_equal(header_patch(p, len, &chip_esp32, w, &params, &why),
	    err);
	assert_int_equal(why.err, err);
	assert_non_null(strstr(why.text, says));
	assert_memory_equal(p, was, len);
	assert_int_equal(params, 0x1234);
}

static void
test_what_lies_about_itself_is_left_alone(void **state)
{
	const struct header_words	fast = { .freq = "60m" };
	const struct header_words	small = { .size = "256KB" };
	const struct header_words	odd = { .mode = "dual" };
	uint8_t				p[IMAGE_LEN + 8];
	size_t				len = make_image(p);

	(void)state;
	assert_refused(p, len, &fast, ERR_PARAMS, "frequency '60m'");
	assert_refused(p, len, &small, ERR_PARAMS, "1MB, 2MB, 4MB");
	assert_refused(p, len, &odd, ERR_PARAMS, "qio, qout, dio, dout");
	assert_refused(p, len - 16, &dout, ERR_IMAGE, "not a valid ESP32");
	le32_put(p + 44, 0xfffffff0);
	assert_refused(p, len, &dout, ERR_IMAGE, "segments do not fit");
	le32_put(p + 44, 4);
	p[1] = 16;
	assert_refused(p, len, &dout, ERR_IMAGE, "segments do not fit");
	p[0] = 0xff;
	assert_refused(p, len, &dout, ERR_IMAGE, "look like an image");
}

static void
assert_revision(uint8_t min, uint16_t from, uint16_t to, uint32_t revision,
    const struct chip *c, const char *says)
{
	const struct header	h = {
		.extended = true, .min_rev = min, .min_rev_full = from,
		.max_rev_full = to,
	};
	struct why		why = { 0 };
	int			r = header_check_revision(&h, c, revision,
				    &why);

	assert_int_equal(r, says == NULL ? 0 : ERR_IMAGE);
	if (says != NULL)
		assert_non_null(strstr(why.text, says));
}

static void
test_revisions_are_compared_as_the_image_is_old_or_new(void **state)
{
	struct chip	minor = chip_esp32c3;

	(void)state;
	minor.caps |= CHIP_MIN_REV_MINOR;
	assert_revision(0, 0, 0xffff, 0, &chip_esp32, NULL);
	assert_revision(0, 255, 0xffff, 254, &chip_esp32,
	    "in range [v2.55 - max rev not set] (this chip is revision v2.54)");
	assert_revision(0, 255, 0xffff, 255, &chip_esp32, NULL);
	assert_revision(0, 0, 199, 200, &chip_esp32, "[v0.0 - v1.99]");
	assert_revision(9, 0, 199, 100, &chip_esp32, NULL);
	/* Old ones: the major revision, or the minor one. */
	assert_revision(3, 0, 0, 299, &chip_esp32,
	    "chip revision 3 or higher (this chip is revision 2)");
	assert_revision(3, 0, 0xffff, 299, &chip_esp32, "revision 3 or higher");
	assert_revision(3, 0, 0, 300, &chip_esp32, NULL);
	assert_revision(4, 0, 0, 3, &minor, "(this chip is revision 3)");
	assert_revision(4, 0, 0, 4, &minor, NULL);
}

static void
test_sizes_have_words(void **state)
{
	(void)state;
	assert_string_equal(header_size_word(&chip_esp32, 4 << 20), "4MB");
	assert_null(header_size_word(&chip_esp32, 3 << 20));
}

/* ---- images that another tool has patched ---- */

static size_t
load(const char *folder, const char *name, uint8_t *out)
{
	char	path[512];
	gzFile	file;
	int	n;

	(void)snprintf(path, sizeof path, "%s/merge/%s", folder, name);
	if ((file = gzopen(path, "rb")) == NULL) {
		(void)snprintf(path, sizeof path, "%s/merge/%s.gz", folder,
		    name);
		file = gzopen(path, "rb");
	}
	assert_non_null(file);
	n = gzread(file, out, IMAGE_MAX);
	assert_int_equal(gzclose(file), Z_OK);
	assert_true(n > 0);
	return (size_t)n;
}

struct vector {
	const char		*in, *out;
	const struct chip	*chip;
	struct header_words	 words;
	int			 err;
};

static void
check_vector(const char *folder, const struct vector *v, uint8_t *in,
    uint8_t *out)
{
	size_t		in_len = load(folder, v->in, in);
	size_t		out_len = load(folder, v->out, out);
	uint32_t	at = v->chip->boot_offset;
	uint16_t	params;
	struct why	why = { 0 };

	assert_true(out_len >= at + in_len);
	assert_int_equal(header_patch(in, in_len, v->chip, &v->words, &params,
	    &why), v->err);
	assert_memory_equal(out + at, in, in_len);
}

static void
test_other_tools_come_to_the_same_bytes(void **state)
{
	static const struct vector	vectors[] = {
		{ "in/bootloader_esp32.bin", "out/raw-fm-qout/m.bin",
		  &chip_esp32, { .mode = "qout" }, 0 },
		{ "in/bootloader_esp32.bin", "out/raw-fm-dio/m.bin",
		  &chip_esp32, { .mode = "dio" }, 0 },
		{ "in/bootloader_esp32.bin", "out/raw-ff-26m/m.bin",
		  &chip_esp32, { .freq = "26m" }, 0 },
		{ "in/bootloader_esp32.bin", "out/raw-fs-128MB/m.bin",
		  &chip_esp32, { .size = "128MB" }, 0 },
		{ "in/bootloader_esp32_v5_2.bin", "out/raw-flash-all/m.bin",
		  &chip_esp32, { "dout", "80m", "16MB" }, 0 },
		{ "in/rand5000.bin", "out/raw-flash-not-image/m.bin",
		  &chip_esp32, { .mode = "dout" }, ERR_IMAGE },
		{ "in/one_kb_all_ef.bin", "out/raw-flash-ef/m.bin",
		  &chip_esp32, { .mode = "dout" }, ERR_IMAGE },
		{ "in/bootloader_esp32c3.bin", "out/raw-flash-c3/m.bin",
		  &chip_esp32c3, { "dout", "20m", "8MB" }, 0 },
		{ "in/boot_plus_tail.bin", "out/raw-merged-again/m.bin",
		  &chip_esp32, { .mode = "qio", .freq = "80m" }, 0 },
		{ "in/boot_bad_digest.bin", "out/raw-bad-digest-in/m.bin",
		  &chip_esp32, { .mode = "dout" }, 0 },
	};
	const char			*folder = getenv("ESPFLASHD_VECTORS");
	uint8_t				*in, *out;

	(void)state;
	if (folder == NULL || access(folder, R_OK) != 0) {
		skip();
		return;
	}
	in = malloc(IMAGE_MAX);
	out = malloc(IMAGE_MAX);
	assert_non_null(in);
	assert_non_null(out);
	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
		check_vector(folder, &vectors[i], in, out);
	free(in);
	free(out);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_a_header_is_read),
		cmocka_unit_test(test_what_is_no_image_is_told),
		cmocka_unit_test(
		    test_patching_sets_words_and_digest_and_nothing_else),
		cmocka_unit_test(test_no_digest_is_written_where_there_is_none),
		cmocka_unit_test(test_esp8266_image_with_a_one_in_byte_23),
		cmocka_unit_test(test_what_lies_about_itself_is_left_alone),
		cmocka_unit_test(
		    test_revisions_are_compared_as_the_image_is_old_or_new),
		cmocka_unit_test(test_sizes_have_words),
		cmocka_unit_test(test_other_tools_come_to_the_same_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
