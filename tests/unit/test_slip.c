/* proto/serial/slip */
#include "proto/serial/slip.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/err.h"
#include "tests/unit/unit.h"

/* What came out of a stream: frames and errors, in order. */
struct seen {
	int	results[16];
	uint8_t	frames[16][64];
	size_t	n;
};

/* Decode `len` bytes in pieces of `chunk`. */
static void
feed(struct slip_decoder *d, const uint8_t *p, size_t len, size_t chunk,
    struct seen *seen)
{
	for (size_t at = 0; at < len; at += chunk) {
		size_t	have = len - at < chunk ? len - at : chunk;
		size_t	done = 0, used;

		while (done < have) {
			int	r = slip_decode(d, p + at + done, have - done,
				    &used);

			assert_in_range(used, 1, have - done);
			done += used;
			if (r == 0) {
				assert_int_equal(done, have);
				continue;
			}
			assert_true(seen->n < UNIT_COUNT(seen->results));
			if (r > 0)
				memcpy(seen->frames[seen->n], d->buf,
				    (size_t)r);
			seen->results[seen->n++] = r;
		}
	}
}

static void
test_encoding(void **state)
{
	struct buf	b;

	(void)state;
	buf_init(&b, 100);
	assert_int_equal(slip_encode(&b, "a\xc0z\xdb\xdc", 5), 0);
	assert_int_equal(b.len, 9);
	assert_memory_equal(b.data, "\xc0" "a\xdb\xdcz\xdb\xdd\xdc\xc0", 9);
	buf_clear(&b);
	assert_int_equal(slip_encode2(&b, "\xc0", 1, "b", 1), 0);
	assert_int_equal(b.len, 5);
	assert_memory_equal(b.data, "\xc0\xdb\xdc" "b\xc0", 5);
	buf_done(&b);
}

static void
test_encoding_beyond_the_cap_leaves_the_buffer(void **state)
{
	struct buf	b;
	char		big[100] = { 0 };

	(void)state;
	buf_init(&b, 50);
	assert_int_equal(slip_encode(&b, "ab", 2), 0);
	assert_int_equal(slip_encode(&b, big, sizeof big), ERR_LIMIT);
	assert_int_equal(b.len, 4);
	buf_done(&b);
}

/* Boot text, three frames, an empty one, and one delimiter for two frames. */
static void
test_every_chunking_gives_the_same_frames(void **state)
{
	static const uint8_t	stream[] = "boot:0x13\r\n"
	    "\xc0" "ab\xdb\xdc" "c\xc0" "\xc0\xc0" "d\xc0" "\xdb\xdd\xc0";
	uint8_t			room[16];
	struct slip_decoder	d;

	(void)state;
	for (size_t chunk = 1; chunk <= sizeof stream - 1; chunk++) {
		struct seen	seen = { 0 };

		slip_init(&d, room, sizeof room);
		feed(&d, stream, sizeof stream - 1, chunk, &seen);
		assert_int_equal(seen.n, 3);
		assert_int_equal(seen.results[0], 4);
		assert_memory_equal(seen.frames[0], "ab\xc0" "c", 4);
		assert_int_equal(seen.results[1], 1);
		assert_memory_equal(seen.frames[1], "d", 1);
		assert_int_equal(seen.results[2], 1);
		assert_memory_equal(seen.frames[2], "\xdb", 1);
		assert_int_equal(d.skipped, 11);
	}
}

static void
test_a_bad_escape_is_told_once_and_the_next_frame_comes(void **state)
{
	static const uint8_t	stream[] =
	    "\xc0" "ab\xdb\x01" "rest\xc0" "\xc0" "ok\xc0";
	uint8_t			room[16];
	struct slip_decoder	d;

	(void)state;
	for (size_t chunk = 1; chunk <= sizeof stream - 1; chunk++) {
		struct seen	seen = { 0 };

		slip_init(&d, room, sizeof room);
		feed(&d, stream, sizeof stream - 1, chunk, &seen);
		assert_int_equal(seen.n, 2);
		assert_int_equal(seen.results[0], ERR_NOISE);
		assert_int_equal(seen.results[1], 2);
		assert_memory_equal(seen.frames[1], "ok", 2);
	}
}

static void
test_an_escape_cut_by_the_end_of_the_frame(void **state)
{
	static const uint8_t	stream[] = "\xc0" "ab\xdb\xc0" "ok\xc0";
	uint8_t			room[16];
	struct slip_decoder	d;
	struct seen		seen = { 0 };

	(void)state;
	slip_init(&d, room, sizeof room);
	feed(&d, stream, sizeof stream - 1, 100, &seen);
	assert_int_equal(seen.n, 2);
	assert_int_equal(seen.results[0], ERR_NOISE);
	assert_int_equal(seen.results[1], 2);
}

static void
test_an_escape_twice_is_noise(void **state)
{
	static const uint8_t	stream[] = "\xc0\xdb\xdb\xdc\xc0";
	uint8_t			room[16];
	struct slip_decoder	d;
	struct seen		seen = { 0 };

	(void)state;
	slip_init(&d, room, sizeof room);
	feed(&d, stream, sizeof stream - 1, 100, &seen);
	assert_int_equal(seen.n, 1);
	assert_int_equal(seen.results[0], ERR_NOISE);
}

static void
test_a_frame_that_is_too_long_is_told_once(void **state)
{
	static const uint8_t	stream[] =
	    "\xc0" "12345678\xc0" "\xc0" "123456789\xc0"
	    "\xc0" "1234567\xdb\xdc" "x\xc0" "\xc0" "ok\xc0";
	uint8_t			room[8];
	struct slip_decoder	d;

	(void)state;
	for (size_t chunk = 1; chunk <= sizeof stream - 1; chunk++) {
		struct seen	seen = { 0 };

		slip_init(&d, room, sizeof room);
		feed(&d, stream, sizeof stream - 1, chunk, &seen);
		assert_int_equal(seen.n, 4);
		assert_int_equal(seen.results[0], 8);
		assert_int_equal(seen.results[1], ERR_LIMIT);
		assert_int_equal(seen.results[2], ERR_LIMIT);
		assert_int_equal(seen.results[3], 2);
		assert_memory_equal(seen.frames[3], "ok", 2);
	}
}

static void
test_reset_forgets_a_half_frame(void **state)
{
	uint8_t			room[16];
	struct slip_decoder	d;
	struct seen		seen = { 0 };

	(void)state;
	slip_init(&d, room, sizeof room);
	feed(&d, (const uint8_t *)"xx\xc0" "half\xdb", 8, 8, &seen);
	assert_int_equal(seen.n, 0);
	assert_int_equal(d.skipped, 2);
	slip_reset(&d);
	assert_int_equal(d.skipped, 0);
	feed(&d, (const uint8_t *)"\xdc\xc0" "ok\xc0", 5, 5, &seen);
	assert_int_equal(seen.n, 1);
	assert_int_equal(seen.results[0], 2);
	assert_memory_equal(seen.frames[0], "ok", 2);
	assert_int_equal(d.skipped, 1);
}

static uint32_t
next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

/* Many special bytes, every length, random chunks. */
static void
test_what_is_encoded_is_decoded(void **state)
{
	static const uint8_t	special[] = { 0xc0, 0xdb, 0xdc, 0xdd };
	uint32_t		seed = 20240607;
	uint8_t			in[64], room[64];
	struct buf		b;

	(void)state;
	buf_init(&b, 1000);
	for (unsigned round = 0; round < 3000; round++) {
		struct slip_decoder	d;
		struct seen		seen = { 0 };
		size_t			len = 1 + round % sizeof in;

		for (size_t i = 0; i < len; i++) {
			uint32_t	r = next_random(&seed);

			in[i] = r & 1 ? special[r >> 8 & 3] :
			    (uint8_t)(r >> 16);
		}
		buf_clear(&b);
		assert_int_equal(slip_encode(&b, in, len), 0);
		assert_null(memchr(b.data + 1, 0xc0, b.len - 2));
		slip_init(&d, room, sizeof room);
		feed(&d, b.data, b.len, 1 + next_random(&seed) % 9, &seen);
		assert_int_equal(seen.n, 1);
		assert_int_equal(seen.results[0], len);
		assert_memory_equal(seen.frames[0], in, len);
	}
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_encoding),
		cmocka_unit_test(test_encoding_beyond_the_cap_leaves_the_buffer),
		cmocka_unit_test(test_every_chunking_gives_the_same_frames),
		cmocka_unit_test(test_a_bad_escape_is_told_once_and_the_next_frame_comes),
		cmocka_unit_test(test_an_escape_cut_by_the_end_of_the_frame),
		cmocka_unit_test(test_an_escape_twice_is_noise),
		cmocka_unit_test(test_a_frame_that_is_too_long_is_told_once),
		cmocka_unit_test(test_reset_forgets_a_half_frame),
		cmocka_unit_test(test_what_is_encoded_is_decoded),
	};

	return cmocka_run_group_tests_name("slip", tests, NULL, NULL);
}
