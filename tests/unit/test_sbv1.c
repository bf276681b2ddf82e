/*
 * test_sbv1 - signatures behind applications and digests before bootloaders.
 *
 * The digests were made with esptool's espsecure.  Where ESPFLASHD_VECTORS names
 * a folder of recorded runs of it, those are compared too.
 */
#include "proto/secure/sbv1.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/secure/sign.h"
#include "tests/unit/secure_vectors.h"
#include "tests/unit/unit.h"

enum {
	OUT_MAX		= 256 << 10,
	AT_DIGESTED	= 23,		/* byte of an image's header */
	AES_BLOCK	= 16,
};

static const char	data[] = "an application of any length";

struct keys {
	struct pem_key	*p256, *other, *open, *p192, *p384;
};

static struct pem_key *
new_key(enum pem_scheme scheme, const char *name)
{
	struct pem_key	*k = NULL;
	struct why	 why = { 0 };

	if (pem_generate(&k, scheme, name, &why) != 0)
		fail_msg("%s", why.text);
	return k;
}

/* The public half of a key alone. */
static struct pem_key *
public_of(const struct pem_key *k)
{
	uint8_t		 xy[PEM_POINT_MAX];
	size_t		 len = pem_point(k, xy);
	struct pem_key	*out = NULL;

	assert_int_equal(pem_from_point(&out, pem_scheme(k), xy, len, "public",
	    NULL), 0);
	return out;
}

static int
setup(void **state)
{
	static struct keys	keys;

	keys = (struct keys){
		.p256 = new_key(PEM_ECDSA_P256, "p256"),
		.other = new_key(PEM_ECDSA_P256, "other"),
		.p192 = new_key(PEM_ECDSA_P192, "p192"),
		.p384 = new_key(PEM_ECDSA_P384, "p384"),
	};
	keys.open = public_of(keys.p256);
	*state = &keys;
	return 0;
}

static int
teardown(void **state)
{
	struct keys	*keys = *state;

	pem_free(keys->p256);
	pem_free(keys->other);
	pem_free(keys->open);
	pem_free(keys->p192);
	pem_free(keys->p384);
	return 0;
}

/* data and its signature; the length of both. */
static size_t
sign_data(const struct pem_key *k, size_t len,
    uint8_t file[sizeof(data) + SBV1_SIGNATURE])
{
	struct why	why = { 0 };

	memcpy(file, data, len);
	if (sbv1_sign(k, data, len, file + len, &why) != 0)
		fail_msg("%s", why.text);
	return len + SBV1_SIGNATURE;
}

static void
test_what_was_signed_is_valid_by_both_halves(void **state)
{
	struct keys	*keys = *state;
	uint8_t		 file[sizeof(data) + SBV1_SIGNATURE];
	size_t		 len = sign_data(keys->p256, sizeof(data), file);

	assert_int_equal(le32_get(file + sizeof(data)), 0);
	assert_int_equal(sbv1_check(keys->p256, file, len, NULL), 0);
	assert_int_equal(sbv1_check(keys->open, file, len, NULL), 0);
	len = sign_data(keys->p256, 0, file);
	assert_int_equal(len, SBV1_SIGNATURE);
	assert_int_equal(sbv1_check(keys->open, file, len, NULL), 0);
}

static void
test_the_same_data_has_the_same_signature(void **state)
{
	struct keys	*keys = *state;
	uint8_t		 a[sizeof(data) + SBV1_SIGNATURE], b[sizeof(a)];

	(void)sign_data(keys->p256, sizeof(data), a);
	(void)sign_data(keys->p256, sizeof(data), b);
	assert_memory_equal(a, b, sizeof(a));
	(void)sign_data(keys->other, sizeof(data), b);
	assert_memory_not_equal(a, b, sizeof(a));
}

static void
check_invalid(const struct pem_key *k, const uint8_t *file, size_t len)
{
	struct why	why = { 0 };

	assert_int_equal(sbv1_check(k, file, len, &why), ERR_SIGNATURE);
	assert_non_null(strstr(why.text, "Signature is not valid"));
}

static void
test_any_changed_byte_is_noticed(void **state)
{
	struct keys	*keys = *state;
	uint8_t		 file[sizeof(data) + SBV1_SIGNATURE];
	size_t		 len = sign_data(keys->p256, sizeof(data), file);

	for (size_t i = 0; i < len; i++) {
		if (i >= sizeof(data) && i < len - SBV1_RAW)
			continue;	/* the version has its own test */
		file[i] ^= 0x10;
		check_invalid(keys->open, file, len);
		file[i] ^= 0x10;
	}
	check_invalid(keys->other, file, len);
	assert_int_equal(sbv1_check(keys->open, file, len, NULL), 0);
}

static void
test_numbers_out_of_range_are_no_signature(void **state)
{
	struct keys	*keys = *state;
	uint8_t		 file[sizeof(data) + SBV1_SIGNATURE];
	size_t		 len = sign_data(keys->p256, sizeof(data), file);
	uint8_t		*raw = file + len - SBV1_RAW;

	memset(raw, 0, SBV1_RAW);
	check_invalid(keys->open, file, len);
	memset(raw, 0xff, SBV1_RAW);
	check_invalid(keys->open, file, len);
}

static void
test_what_does_not_end_with_a_signature_is_told(void **state)
{
	struct keys	*keys = *state;
	uint8_t		 file[sizeof(data) + SBV1_SIGNATURE];
	size_t		 len = sign_data(keys->p256, sizeof(data), file);
	struct why	 why = { 0 };

	assert_int_equal(sbv1_check(keys->open, file, SBV1_SIGNATURE - 1, &why),
	    ERR_IMAGE);
	assert_non_null(strstr(why.text, "67 bytes are too few"));
	why_clear(&why);
	assert_int_equal(sbv1_check(keys->open, "", 0, &why), ERR_IMAGE);
	why_clear(&why);
	file[sizeof(data) + 3] = 1;
	assert_int_equal(sbv1_check(keys->open, file, len, &why), ERR_IMAGE);
	assert_non_null(strstr(why.text, "version 16777216"));
}

static void
test_only_p256_is_a_key_of_v1(void **state)
{
	struct keys	*keys = *state;
	struct pem_key	*wrong[] = { keys->p192, keys->p384 };
	uint8_t		 file[sizeof(data) + SBV1_SIGNATURE] = { 0 };
	struct why	 why;

	for (size_t i = 0; i < UNIT_COUNT(wrong); i++) {
		why = (struct why){ 0 };
		assert_int_equal(sbv1_sign(wrong[i], data, sizeof(data), file,
		    &why), ERR_PARAMS);
		assert_non_null(strstr(why.text, pem_name(wrong[i])));
		assert_int_equal(sbv1_take(wrong[i], data, sizeof(data), file,
		    file, NULL), ERR_PARAMS);
		assert_int_equal(sbv1_check(wrong[i], file, sizeof(file),
		    NULL), ERR_PARAMS);
	}
	assert_int_equal(sbv1_sign(keys->open, data, sizeof(data), file, NULL),
	    ERR_PARAMS);
}

static void
test_a_signature_made_elsewhere_is_checked_before_it_is_taken(void **state)
{
	struct keys	*keys = *state;
	uint8_t		 file[sizeof(data) + SBV1_SIGNATURE];
	uint8_t		 out[SBV1_SIGNATURE] = { 0x5a };
	struct why	 why = { 0 };
	const uint8_t	*raw = file + sizeof(file) - SBV1_RAW;

	(void)sign_data(keys->p256, sizeof(data), file);
	assert_int_equal(sbv1_take(keys->other, data, sizeof(data), raw, out,
	    &why), ERR_SIGNATURE);
	assert_non_null(strstr(why.text, "other"));
	assert_int_equal(sbv1_take(keys->open, data, sizeof(data) - 1, raw, out,
	    NULL), ERR_SIGNATURE);
	assert_int_equal(out[0], 0x5a);
	assert_int_equal(sbv1_take(keys->open, data, sizeof(data), raw, out,
	    NULL), 0);
	assert_memory_equal(out, file + sizeof(data), sizeof(out));
}

static struct hw_key
counting_key(void)
{
	struct hw_key	k = { .len = 32, .file_len = 32 };

	for (size_t i = 0; i < k.len; i++)
		k.bytes[i] = (uint8_t)i;
	return k;
}

/* An image of `len` bytes behind its head; the head is in `out`. */
static void
make_boot(size_t iv_len, size_t len, bool digested, struct buf *out)
{
	struct hw_key	k = counting_key();
	struct why	why = { 0 };
	uint8_t		iv[SBV1_IV], image[512];

	for (size_t i = 0; i < sizeof(iv); i++)
		iv[i] = (uint8_t)(7 * i + 3);
	for (size_t i = 0; i < len; i++)
		image[i] = (uint8_t)(11 * i + 5);
	image[0] = 0xe9;
	image[1] = 0;
	image[AT_DIGESTED] = digested;
	buf_init(out, OUT_MAX);
	if (sbv1_bootloader(&k, iv, iv_len, image, len, digested, out,
	    &why) != 0)
		fail_msg("%s", why.text);
	assert_memory_equal(out->data, iv, iv_len);
	assert_in_range(out->len, SBV1_HEAD, SBV1_HEAD + len + SBV1_IV);
	if (len > out->len - SBV1_HEAD)
		len = out->len - SBV1_HEAD;
	assert_memory_equal(out->data + SBV1_HEAD, image, len);
}

static void
check_boot(size_t iv_len, size_t len, bool digested, size_t whole,
    const char *digest)
{
	struct buf	out;
	char		hex[2 * SBV1_DIGEST + 1];

	make_boot(iv_len, len, digested, &out);
	assert_int_equal(out.len, SBV1_HEAD + whole);
	text_hex(hex, out.data + iv_len, SBV1_DIGEST);
	assert_string_equal(hex, digest);
	for (size_t i = iv_len + SBV1_DIGEST; i < SBV1_HEAD; i++)
		assert_int_equal(out.data[i], 0xff);
	for (size_t i = len; i < whole; i++)
		assert_int_equal(out.data[SBV1_HEAD + i], 0xff);
	buf_done(&out);
}

static void
test_a_bootloader_has_the_digest_of_espsecure(void **state)
{
	(void)state;
	check_boot(SBV1_IV, 300, false, 384,
	    "d44820739203ece2a673ccd2d5035f796f6b210a34c50da42176fa6d005cde55"
	    "81333df68f14128e2a6e1bddfcc064488e1e52505e31d9b9e778d30bf79ba028");
	check_boot(AES_BLOCK, 300, false, 384,
	    "4a14bf94616c4a35fe63ccaaa745c8a9bcf6a65839a5cc36be1476b42f36db38"
	    "b64df5af550aec64653f1a51273def11374ecc8cb3fc351879fb313c216ec077");
}

/* 128 bytes of image and a SHA-256: the hardware stops before the latter. */
static void
test_a_sha256_that_begins_a_block_is_not_seen(void **state)
{
	struct buf	out;

	(void)state;
	check_boot(SBV1_IV, 160, true, 128,
	    "dac5e56545a496f42b6cfcb674922a5b12e58b6be3c2ee12b3e26e95fc7b1853"
	    "c9cf474af4f78ee3eb75cc1c55abc90a780867ab1a1072e6f50c042f80ab6e6b");
	make_boot(SBV1_IV, 160, false, &out);
	assert_int_equal(out.len, SBV1_HEAD + 256);
	buf_done(&out);
	make_boot(SBV1_IV, 161, true, &out);
	assert_int_equal(out.len, SBV1_HEAD + 256);
	buf_done(&out);
	make_boot(SBV1_IV, 256, true, &out);
	assert_int_equal(out.len, SBV1_HEAD + 256);
	buf_done(&out);
}

static void
test_what_makes_no_bootloader_is_refused(void **state)
{
	static const uint8_t	 bytes[SBV1_IV];
	static const size_t	 bad[] = { 0, 8, 127, 144 };
	struct hw_key		 k = counting_key();
	struct buf		 out;
	struct why		 why = { 0 };

	(void)state;
	buf_init(&out, SBV1_HEAD + 128);
	for (size_t i = 0; i < UNIT_COUNT(bad); i++)
		assert_int_equal(sbv1_bootloader(&k, bytes, bad[i], bytes, 16,
		    false, &out, NULL), ERR_PARAMS);
	assert_int_equal(sbv1_bootloader(&k, bytes, SBV1_IV, bytes, 129, false,
	    &out, NULL), ERR_LIMIT);
	k.len = 64;
	assert_int_equal(sbv1_bootloader(&k, bytes, SBV1_IV, bytes, 16, false,
	    &out, &why), ERR_PARAMS);
	assert_non_null(strstr(why.text, "512"));
	assert_int_equal(out.len, 0);
	buf_done(&out);
}

static void
test_recorded_signatures_are_the_same(void **state)
{
	size_t		 len, want_len;
	uint8_t		*in, *want, out[SBV1_SIGNATURE];
	struct pem_key	*k;

	(void)state;
	if (vector_folder() == NULL) {
		skip();
		return;
	}
	k = vector_key("in/ecdsa256_secure_boot_signing_key.pem");
	in = vector_load("in/bootloader.bin", &len);
	want = vector_load("out/sign-v1-ecdsa256/s.bin", &want_len);
	assert_int_equal(want_len, len + SBV1_SIGNATURE);
	assert_int_equal(sbv1_sign(k, in, len, out, NULL), 0);
	assert_memory_equal(out, want + len, SBV1_SIGNATURE);
	assert_int_equal(sbv1_check(k, want, want_len, NULL), 0);
	free(want);
	want = vector_load("in/v1_flip.bin", &want_len);
	check_invalid(k, want, want_len);
	free(want);
	want = vector_load("in/v1_sigflip.bin", &want_len);
	check_invalid(k, want, want_len);
	free(want);
	free(in);
	pem_free(k);
}

struct boot_vector {
	const char	*key, *iv, *image, *out;
};

/* As hw_key.h has it: 128 bits are hashed, 192 are filled up. */
static struct hw_key
load_key(const char *name)
{
	struct hw_key	 k = { .len = 32 };
	uint8_t		*bytes = vector_load(name, &k.file_len);

	if (k.file_len == 16) {
		assert_int_equal(sign_digest(bytes, 16, k.bytes, 32), 0);
	} else {
		memcpy(k.bytes, bytes, k.file_len);
		memcpy(k.bytes + 24, bytes + (k.file_len == 24 ? 8 : 24), 8);
	}
	free(bytes);
	return k;
}

static void
check_boot_vector(const struct boot_vector *v)
{
	struct hw_key	 k = load_key(v->key);
	size_t		 iv_len, len, want_len;
	uint8_t		*iv = vector_load(v->iv, &iv_len);
	uint8_t		*image = vector_load(v->image, &len);
	uint8_t		*want = vector_load(v->out, &want_len);
	struct buf	 out;
	struct why	 why = { 0 };

	buf_init(&out, OUT_MAX);
	if (sbv1_bootloader(&k, iv, iv_len, image, len,
	    image[AT_DIGESTED] != 0, &out, &why) != 0)
		fail_msg("%s", why.text);
	assert_int_equal(out.len, want_len);
	assert_memory_equal(out.data, want, want_len);
	buf_done(&out);
	free(want);
	free(image);
	free(iv);
}

static void
test_recorded_bootloaders_are_the_same(void **state)
{
	static const struct boot_vector	vectors[] = {
		{ "in/256bit_key.bin", "in/digest_iv.bin", "in/bootloader.bin",
		  "out/dsb-256/o.bin" },
		{ "in/key16.bin", "in/digest_iv.bin", "in/bootloader.bin",
		  "out/dsb-k16/o.bin" },
		{ "in/key24.bin", "in/digest_iv.bin", "in/bootloader.bin",
		  "out/dsb-k24/o.bin" },
		{ "in/key32.bin", "in/256bit_iv.bin", "in/bootloader.bin",
		  "out/dsb-iv-short/o.bin" },
		{ "in/key32.bin", "in/digest_iv.bin", "in/bootloader.bin",
		  "out/dsb-default-out/boot-digest-0x0000.bin" },
		{ "in/key32.bin", "in/digest_iv.bin",
		  "in/bootloader_esp32c3.bin", "out/dsb-image32c3/o.bin" },
		{ "in/key32.bin", "in/digest_iv.bin",
		  "in/bootloader_esp32_v5_2.bin", "out/dsb-image32v52/o.bin" },
	};

	(void)state;
	if (vector_folder() == NULL) {
		skip();
		return;
	}
	for (size_t i = 0; i < UNIT_COUNT(vectors); i++)
		check_boot_vector(&vectors[i]);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_what_was_signed_is_valid_by_both_halves),
		cmocka_unit_test(test_the_same_data_has_the_same_signature),
		cmocka_unit_test(test_any_changed_byte_is_noticed),
		cmocka_unit_test(test_numbers_out_of_range_are_no_signature),
		cmocka_unit_test(
		    test_what_does_not_end_with_a_signature_is_told),
		cmocka_unit_test(test_only_p256_is_a_key_of_v1),
		cmocka_unit_test(
		    test_a_signature_made_elsewhere_is_checked_before_it_is_taken),
		cmocka_unit_test(test_a_bootloader_has_the_digest_of_espsecure),
		cmocka_unit_test(test_a_sha256_that_begins_a_block_is_not_seen),
		cmocka_unit_test(test_what_makes_no_bootloader_is_refused),
		cmocka_unit_test(test_recorded_signatures_are_the_same),
		cmocka_unit_test(test_recorded_bootloaders_are_the_same),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
