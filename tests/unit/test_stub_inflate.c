/* inflate, md5 and crc of our stub, against zlib and libcrypto. */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "stubs/crc.h"
#include "stubs/inflate.h"
#include "stubs/md5.h"
#include "tests/unit/unit.h"

enum { SIZE = 150000, PACKED = 2 * SIZE };

/* One run: input in bites of `bite` bytes, what comes out. */
struct run {
	const uint8_t	*in;
	size_t		 in_len, in_at, bite;
	uint32_t	 piece;		/* 0: 64 */
	uint8_t		*out;
	size_t		 out_len, out_max;
};

static struct inflate	inflater;
static uint8_t		plain[SIZE], packed[PACKED], theirs[SIZE];
static uint8_t		ours[SIZE];

static bool
more(void *arg)
{
	struct run	*r = arg;
	size_t		 n = r->in_len - r->in_at;

	if (n > r->bite)
		n = r->bite;
	inflater.in = r->in + r->in_at;
	inflater.in_end = inflater.in + n;
	r->in_at += n;
	return n > 0;
}

static bool
sink(void *arg, const uint8_t *p, uint32_t len)
{
	struct run	*r = arg;

	if (len > r->out_max - r->out_len)
		return false;
	memcpy(r->out + r->out_len, p, len);
	r->out_len += len;
	return true;
}

static void
tick(void *arg)
{
	(void)arg;	/* nothing waits in this test */
}

static enum inflate_result
run(struct run *r)
{
	inflater.in = inflater.in_end = NULL;
	inflater.more = more;
	inflater.sink = sink;
	inflater.tick = tick;
	inflater.arg = r;
	inflater.piece = r->piece != 0 ? r->piece : 64;
	return inflate_run(&inflater);
}

static uint32_t
noise(uint32_t *v)
{
	*v = *v * 1103515245 + 12345;
	return *v >> 16;
}

/* Kind 0: noise; 1: one byte; 2: text of few words; 3: of everything some. */
static size_t
make(unsigned kind, size_t len)
{
	uint32_t	v = kind + 1;

	for (size_t i = 0; i < len; i++) {
		unsigned	part = kind == 3 ? (unsigned)(i / 5000) % 3 :
		    kind;

		plain[i] = part == 0 ? (uint8_t)noise(&v) : part == 1 ? 0x41 :
		    (uint8_t)"stub\xc0\xdb, flash "[noise(&v) % 6 + i % 7];
	}
	return len;
}

static size_t
pack(size_t len, int level, int strategy)
{
	z_stream	z = { 0 };

	assert_int_equal(deflateInit2(&z, level, Z_DEFLATED, 15, 9, strategy),
	    Z_OK);
	z.next_in = plain;
	z.avail_in = (uInt)len;
	z.next_out = packed;
	z.avail_out = PACKED;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	(void)deflateEnd(&z);	/* finished */
	return z.total_out;
}

static void
test_what_zlib_packs_comes_out_again(void **state)
{
	static const size_t	bites[] = { 1, 7, 16384 };
	static const int	levels[] = { 0, 1, 6, 9 };
	static const int	strategies[] = { Z_DEFAULT_STRATEGY, Z_FIXED,
	    Z_HUFFMAN_ONLY };
	static const size_t	sizes[] = { 0, 1, 63, 64, 65, 4096, SIZE };
	struct run		r = { .in = packed, .out = ours,
	    .out_max = SIZE };

	(void)state;
	for (unsigned i = 0; i < 4 * UNIT_COUNT(sizes); i++) {
		size_t	len = make(i % 4, sizes[i / 4]);

		for (unsigned k = 0; k < UNIT_COUNT(levels) *
		    UNIT_COUNT(strategies) * UNIT_COUNT(bites); k++) {
			r.in_len = pack(len, levels[k % 4],
			    strategies[k / 4 % 3]);
			r.bite = bites[k / 12];
			r.piece = k % 2 == 0 ? 64 : 4096;
			r.in_at = r.out_len = 0;
			assert_int_equal(run(&r), INFLATE_DONE);
			assert_int_equal(r.out_len, len);
			assert_memory_equal(ours, plain, len);
			assert_ptr_equal(inflater.in, inflater.in_end);
			assert_int_equal(r.in_at, r.in_len);
		}
	}
}

static void
test_what_follows_the_stream_is_left(void **state)
{
	struct run	r = { .in = packed, .out = ours, .out_max = SIZE,
	    .bite = PACKED };

	(void)state;
	r.in_len = pack(make(2, 1000), 9, Z_DEFAULT_STRATEGY);
	memset(packed + r.in_len, 0xff, 5);
	r.in_len += 5;
	assert_int_equal(run(&r), INFLATE_DONE);
	assert_int_equal(inflater.in_end - inflater.in, 5);
}

static void
test_a_stream_cut_anywhere_is_cut(void **state)
{
	struct run	r = { .in = packed, .out = ours, .out_max = SIZE,
	    .bite = 100 };
	size_t		len;

	(void)state;
	len = pack(make(3, 12000), 9, Z_DEFAULT_STRATEGY);
	for (r.in_len = 0; r.in_len < len; r.in_len++) {
		r.in_at = r.out_len = 0;
		assert_int_equal(run(&r), INFLATE_CUT);
		assert_memory_equal(ours, plain, r.out_len);
	}
}

static void
test_a_sink_that_is_full_ends_it(void **state)
{
	struct run	r = { .in = packed, .out = ours, .out_max = 999,
	    .bite = 100 };

	(void)state;
	r.in_len = pack(make(2, 1000), 9, Z_DEFAULT_STRATEGY);
	assert_int_equal(run(&r), INFLATE_BAD);
}

static bool
zlib_takes(size_t len, size_t *out)
{
	uLongf	n = SIZE;
	bool	ok = uncompress(theirs, &n, packed, (uLong)len) == Z_OK;

	*out = n;
	return ok;
}

/* Ours may take codes that zlib calls incomplete; the checksum then still
 * fits.  It never takes less than zlib. */
static void
test_damaged_streams_never_come_out_as_something_else(void **state)
{
	struct run	r = { .in = packed, .out = ours, .out_max = SIZE,
	    .bite = 50 };
	uint32_t	v = 7;
	size_t		len, n;

	(void)state;
	for (unsigned i = 0; i < 3000; i++) {
		len = make(i % 4, 3000);
		r.in_len = pack(len, 9, i % 3 == 0 ? Z_FIXED :
		    Z_DEFAULT_STRATEGY);
		for (unsigned k = 0; k <= i % 3; k++)
			packed[noise(&v) % r.in_len] ^= (uint8_t)(1u <<
			    noise(&v) % 8);
		r.in_at = r.out_len = 0;
		if (run(&r) == INFLATE_DONE)
			assert_memory_equal(ours, plain, len);
		else
			assert_false(zlib_takes(r.in_len, &n) && n == len &&
			    memcmp(theirs, plain, len) == 0);
	}
}

static void
test_noise_is_no_stream(void **state)
{
	struct run	r = { .in = packed, .out = ours, .out_max = SIZE,
	    .bite = 64, .in_len = 2000 };
	uint32_t	v = 99;

	(void)state;
	for (unsigned i = 0; i < 2000; i++) {
		for (size_t k = 0; k < r.in_len; k++)
			packed[k] = (uint8_t)noise(&v);
		packed[0] = 0x78;
		packed[1] = 0x9c;
		r.in_at = r.out_len = 0;
		assert_int_not_equal(run(&r), INFLATE_DONE);
	}
}

static void
test_md5_is_that_of_libcrypto(void **state)
{
	struct md5	m;
	uint8_t		want[MD5_BYTES], got[MD5_BYTES];

	(void)state;
	(void)make(0, SIZE);
	for (size_t len = 0; len < 700; len += 1 + len / 70) {
		for (size_t bite = 1; bite < 200; bite += 21) {
			md5_begin(&m);
			for (size_t at = 0, n; at < len; at += n) {
				n = len - at < bite ? len - at : bite;
				md5_add(&m, plain + at, (uint32_t)n);
			}
			md5_end(&m, got);
			assert_int_equal(EVP_Digest(plain, len, want, NULL,
			    EVP_md5(), NULL), 1);
			assert_memory_equal(got, want, MD5_BYTES);
		}
	}
}

static void
test_crc_is_that_of_zlib(void **state)
{
	uint32_t	table[256];

	(void)state;
	(void)make(0, SIZE);
	crc_make(table);
	for (size_t len = 0; len < 1000; len += 13)
		assert_int_equal(~crc_bytes(table, UINT32_MAX, plain,
		    (uint32_t)len), crc32(0, plain, (uInt)len));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_zlib_packs_comes_out_again),
		cmocka_unit_test(test_what_follows_the_stream_is_left),
		cmocka_unit_test(test_a_stream_cut_anywhere_is_cut),
		cmocka_unit_test(test_a_sink_that_is_full_ends_it),
		cmocka_unit_test(
		    test_damaged_streams_never_come_out_as_something_else),
		cmocka_unit_test(test_noise_is_no_stream),
		cmocka_unit_test(test_md5_is_that_of_libcrypto),
		cmocka_unit_test(test_crc_is_that_of_zlib),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
