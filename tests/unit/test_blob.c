/* proto/image/blob */
#include "proto/image/blob.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <zlib.h>

#include "tests/unit/unit.h"

enum { ENOUGH = 100000 };	/* steps after which a blob counts as stuck */

/* A small generator, so that every run sees the same bytes. */
static uint32_t
next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static uint8_t *
room(size_t len)
{
	uint8_t	*p = malloc(len + 3);

	assert_non_null(p);
	return p;
}

static uint8_t *
noise(size_t len)
{
	uint8_t		*p = room(len);
	uint32_t	 seed = 0x1234567;

	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)(next_random(&seed) >> 11);
	return p;
}

/* Half noise, half a pattern: like a firmware. */
static uint8_t *
mixed(size_t len)
{
	uint8_t	*p = noise(len);

	for (size_t i = 0; i < len; i++)
		if (i / 3000 % 2)
			p[i] = (uint8_t)(i / 7);
	return p;
}

/* All steps; returns how many there were, the last included. */
static unsigned
finish(struct blob *b)
{
	unsigned	n = 1;
	int		r;

	for (; (r = blob_step(b)) == 1; n++)
		assert_true(n < ENOUGH);
	assert_int_equal(r, 0);
	assert_null(b->work);
	assert_int_equal(blob_step(b), 0);
	return n;
}

static void
assert_digest(const EVP_MD *md, const void *p, size_t len, const uint8_t *want)
{
	uint8_t		out[EVP_MAX_MD_SIZE];
	unsigned	n;

	assert_int_equal(EVP_Digest(p, len, out, &n, md, NULL), 1);
	assert_memory_equal(out, want, n);
}

/* Bytes that come out of the first `len` bytes of z, by zlib in one go. */
static size_t
inflate_prefix(const struct blob *b, size_t len)
{
	uint8_t		*out = malloc(b->len);
	z_stream	 z = { 0 };
	size_t		 total;

	assert_non_null(out);
	assert_int_equal(inflateInit(&z), Z_OK);
	z.next_in = b->z;
	z.avail_in = (uInt)len;
	z.next_out = out;
	z.avail_out = (uInt)b->len;
	(void)inflate(&z, Z_SYNC_FLUSH);	/* a prefix ends in an error */
	total = z.total_out;
	if (len == b->z_len)
		assert_memory_equal(out, b->data, b->len);
	inflateEnd(&z);
	free(out);
	return total;
}

static void
check_marks(const struct blob *b)
{
	size_t	n = (b->z_len + BLOB_MARK - 1) / BLOB_MARK;

	assert_int_equal(b->inflated[0], 0);
	for (size_t i = 1; i <= n; i++) {
		size_t	at = i * BLOB_MARK < b->z_len ? i * BLOB_MARK :
			    b->z_len;

		assert_true(b->inflated[i] >= b->inflated[i - 1]);
		assert_int_equal(b->inflated[i], inflate_prefix(b, at));
	}
	assert_int_equal(b->inflated[n], b->len);
}

static void
test_a_firmware_is_digested_compressed_and_marked(void **state)
{
	enum { LEN = 300001 };
	struct blob	*b = blob_new("app.bin", mixed(LEN), LEN);
	uint32_t	 sum = 0;

	(void)state;
	assert_non_null(b);
	finish(b);
	assert_string_equal(b->name, "app.bin");
	assert_int_equal(b->file_len, LEN);
	assert_int_equal(b->len, LEN + 3);
	assert_memory_equal(b->data + LEN, "\xff\xff\xff", 3);
	assert_digest(EVP_md5(), b->data, b->len, b->md5);
	assert_digest(EVP_sha256(), b->data, LEN, b->sha256);
	assert_true(b->z_len > 0 && b->z_len < b->len);
	check_marks(b);
	/* In blocks as they go to a chip, the sum is the whole. */
	for (size_t at = 0; at < b->z_len; at += 4 * BLOB_MARK)
		sum += blob_inflated(b, at, 4 * BLOB_MARK);
	assert_int_equal(sum, b->len);
	blob_unref(b);
}

static void
test_much_comes_out_of_little(void **state)
{
	enum { LEN = 4 << 20 };
	uint8_t		*zero = room(LEN);
	struct blob	*b;

	(void)state;
	memset(zero, 0, LEN);
	b = blob_new("zero", zero, LEN);
	assert_non_null(b);
	/* Neither pass does more than a step's bytes at once. */
	assert_true(finish(b) >= 2 * (LEN / BLOB_STEP));
	assert_true(b->z_len < LEN / 500);
	check_marks(b);
	blob_unref(b);
}

static void
test_steps_follow_the_length(void **state)
{
	enum { LEN = 3 * BLOB_STEP };
	struct blob	*b = blob_new("noise", noise(LEN), LEN);

	(void)state;
	assert_non_null(b);
	assert_int_equal(finish(b), 3);	/* nothing to mark */
	blob_unref(b);
	b = blob_new("noise", noise(LEN + 1), LEN + 1);
	assert_non_null(b);
	assert_int_equal(finish(b), 4);
	blob_unref(b);
}

static void
test_what_does_not_shrink_is_sent_plain(void **state)
{
	enum { LEN = 200000 };
	struct blob	*b = blob_new("noise", noise(LEN), LEN);

	(void)state;
	assert_non_null(b);
	finish(b);
	assert_int_equal(b->z_len, 0);
	assert_null(b->z);
	assert_null(b->inflated);
	assert_int_equal(blob_inflated(b, 0, 1024), 0);
	assert_digest(EVP_md5(), b->data, LEN, b->md5);
	assert_digest(EVP_sha256(), b->data, LEN, b->sha256);
	blob_unref(b);
}

static void
test_one_byte(void **state)
{
	uint8_t		*p = room(1);
	struct blob	*b;

	(void)state;
	p[0] = 0xe9;
	b = blob_new("one", p, 1);
	assert_non_null(b);
	finish(b);
	assert_int_equal(b->len, 4);
	assert_int_equal(b->file_len, 1);
	assert_memory_equal(b->data, "\xe9\xff\xff\xff", 4);
	assert_int_equal(b->z_len, 0);
	assert_digest(EVP_md5(), b->data, 4, b->md5);
	assert_digest(EVP_sha256(), b->data, 1, b->sha256);
	blob_unref(b);
}

/* The padding straddles the edge of a step. */
static void
test_lengths_around_a_step(void **state)
{
	(void)state;
	for (int d = -5; d <= 5; d++) {
		size_t		 len = (size_t)(BLOB_STEP + d);
		struct blob	*b = blob_new("edge", mixed(len), len);

		assert_non_null(b);
		finish(b);
		assert_digest(EVP_md5(), b->data, b->len, b->md5);
		assert_digest(EVP_sha256(), b->data, len, b->sha256);
		check_marks(b);
		blob_unref(b);
	}
}

static void
test_an_empty_image_is_refused(void **state)
{
	(void)state;
	assert_null(blob_new("empty", room(0), 0));
}

static void
test_a_range_is_rounded_outwards_and_clipped(void **state)
{
	enum { LEN = 100000 };
	struct blob	*b = blob_new("app", mixed(LEN), LEN);
	size_t		 last;

	(void)state;
	assert_non_null(b);
	finish(b);
	assert_true(b->z_len > 4 * BLOB_MARK);
	assert_int_equal(blob_inflated(b, 0, 1), b->inflated[1]);
	assert_int_equal(blob_inflated(b, BLOB_MARK + 1, BLOB_MARK),
	    b->inflated[3] - b->inflated[1]);
	assert_int_equal(blob_inflated(b, 0, SIZE_MAX), b->len);
	assert_int_equal(blob_inflated(b, b->z_len, 1), 0);
	assert_int_equal(blob_inflated(b, SIZE_MAX, SIZE_MAX), 0);
	last = (b->z_len - 1) / BLOB_MARK;
	assert_int_equal(blob_inflated(b, last * BLOB_MARK, BLOB_MARK),
	    b->len - b->inflated[last]);
	blob_unref(b);
}

/* Given back half made, at every step there is (leaks show under ASan). */
static void
test_a_blob_may_go_at_any_step(void **state)
{
	enum { LEN = 2 * BLOB_STEP + 10 };

	(void)state;
	for (unsigned stop = 0; stop < 6; stop++) {
		struct blob	*b = blob_new("app", mixed(LEN), LEN);

		assert_non_null(b);
		for (unsigned i = 0; i < stop; i++)
			assert_in_range(blob_step(b), 0, 1);
		blob_unref(b);
	}
	blob_unref(NULL);
}

/* A digest of a part, and how many steps it took. */
static unsigned
digest_part(struct blob *b, size_t from, size_t len, size_t bytes,
    uint8_t *out)
{
	unsigned	n = 1;
	int		r;

	while ((r = blob_digest(b, from, len, bytes, out)) > 0)
		assert_true(++n < ENOUGH);
	assert_int_equal(r, 0);
	return n;
}

static void
test_a_part_is_digested_once_in_steps(void **state)
{
	enum { LEN = 3 * BLOB_STEP + 10, FROM = 7, PART = 2 * BLOB_STEP + 1 };
	struct blob	*b = blob_new("app", mixed(LEN), LEN);
	uint8_t		 want[EVP_MAX_MD_SIZE], got[EVP_MAX_MD_SIZE];

	(void)state;
	assert_non_null(b);
	finish(b);
	assert_int_equal(EVP_Digest(b->data + FROM, PART, want, NULL,
	    EVP_sha256(), NULL), 1);
	assert_int_equal(digest_part(b, FROM, PART, 32, got), 3);
	assert_memory_equal(got, want, 32);
	assert_int_equal(digest_part(b, FROM, PART, 32, got), 1);
	assert_memory_equal(got, want, 32);
	assert_int_equal(EVP_Digest(b->data + FROM, PART, want, NULL,
	    EVP_sha384(), NULL), 1);
	assert_int_equal(digest_part(b, FROM, PART, 48, got), 3);
	assert_memory_equal(got, want, 48);
	assert_int_equal(digest_part(b, LEN, 0, 32, got), 1);
	blob_unref(b);
}

/* Two boards at once share the work; one that is cut short leaves nothing. */
static void
test_whoever_waits_for_a_digest_does_some_of_it(void **state)
{
	enum { LEN = 3 * BLOB_STEP };
	struct blob	*b = blob_new("app", mixed(LEN), LEN);
	uint8_t		 one[32] = { 0 }, two[32] = { 1 };

	(void)state;
	assert_non_null(b);
	finish(b);
	assert_int_equal(blob_digest(b, 0, LEN, 32, one), 1);
	assert_int_equal(blob_digest(b, 0, LEN, 32, two), 1);
	assert_int_equal(blob_digest(b, 0, LEN, 32, one), 0);
	assert_int_equal(blob_digest(b, 0, LEN, 32, two), 0);
	assert_memory_equal(one, two, 32);
	assert_int_equal(blob_digest(b, 1, LEN - 1, 32, one), 1);
	blob_unref(b);
}

/* Parts are asked for by address: their number must not grow. */
static void
test_few_digests_are_kept(void **state)
{
	enum { LEN = 2000 };
	struct blob	*b = blob_new("app", mixed(LEN), LEN);
	uint8_t		 got[32], want[EVP_MAX_MD_SIZE];

	(void)state;
	assert_non_null(b);
	finish(b);
	for (unsigned round = 0; round < 2; round++)
		for (size_t from = 0; from < 100; from++) {
			assert_int_equal(EVP_Digest(b->data + from, LEN - from,
			    want, NULL, EVP_sha256(), NULL), 1);
			(void)digest_part(b, from, LEN - from, 32, got);
			assert_memory_equal(got, want, 32);
		}
	blob_unref(b);
}

static void
test_the_last_reference_frees(void **state)
{
	struct blob	*b = blob_new("app", mixed(100), 100);

	(void)state;
	assert_non_null(b);
	assert_ptr_equal(blob_ref(b), b);
	assert_int_equal(b->refs, 2);
	blob_unref(b);
	assert_int_equal(b->refs, 1);
	finish(b);
	blob_unref(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_firmware_is_digested_compressed_and_marked),
		cmocka_unit_test(test_much_comes_out_of_little),
		cmocka_unit_test(test_steps_follow_the_length),
		cmocka_unit_test(test_what_does_not_shrink_is_sent_plain),
		cmocka_unit_test(test_one_byte),
		cmocka_unit_test(test_lengths_around_a_step),
		cmocka_unit_test(test_an_empty_image_is_refused),
		cmocka_unit_test(test_a_range_is_rounded_outwards_and_clipped),
		cmocka_unit_test(test_a_blob_may_go_at_any_step),
		cmocka_unit_test(test_the_last_reference_frees),
		cmocka_unit_test(test_a_part_is_digested_once_in_steps),
		cmocka_unit_test(test_whoever_waits_for_a_digest_does_some_of_it),
		cmocka_unit_test(test_few_digests_are_kept),
	};

	return cmocka_run_group_tests_name("blob", tests, NULL, NULL);
}
