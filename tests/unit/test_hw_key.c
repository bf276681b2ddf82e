/*
 * test_hw_key - from a key file to the key that the AES hardware has.
 */
#include "proto/secure/hw_key.h"

#include <string.h>

#include "proto/base/err.h"
#include "tests/unit/unit.h"

/* Bytes 0, 1, 2, ... */
static void
count(uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)i;
}

static int
take(struct hw_key *k, enum hw_key_use use, size_t len, struct why *why)
{
	uint8_t	file[HW_KEY_MAX + 1];

	count(file, sizeof(file));
	memset(k, 0xEE, sizeof(*k));
	why_clear(why);
	return hw_key_take(k, use, file, len, "key.bin", why);
}

static void
test_whole_keys_are_taken_as_they_are(void **state)
{
	uint8_t		want[HW_KEY_MAX];
	struct hw_key	k;
	struct why	why;

	(void)state;
	count(want, sizeof(want));
	assert_int_equal(take(&k, HW_KEY_ESP32, 32, &why), 0);
	assert_int_equal(k.len, 32);
	assert_int_equal(k.file_len, 32);
	assert_memory_equal(k.bytes, want, 32);
	assert_int_equal(take(&k, HW_KEY_XTS, 64, &why), 0);
	assert_int_equal(k.len, 64);
	assert_int_equal(k.file_len, 64);
	assert_memory_equal(k.bytes, want, 64);
}

/* 3/4 coding: the third 64-bit word is followed by the second once more. */
static void
test_24_bytes_are_filled_up_with_their_middle(void **state)
{
	static const uint8_t	more[] = { 8, 9, 10, 11, 12, 13, 14, 15 };
	uint8_t			want[HW_KEY_MAX];
	struct hw_key		k;
	struct why		why;

	(void)state;
	count(want, sizeof(want));
	memcpy(want + 24, more, sizeof(more));
	assert_int_equal(take(&k, HW_KEY_ESP32, 24, &why), 0);
	assert_int_equal(k.len, 32);
	assert_int_equal(k.file_len, 24);
	assert_memory_equal(k.bytes, want, 32);
}

/* SHA-256 of 00 01 ... 0F, by sha256sum. */
static void
test_16_bytes_become_their_sha256(void **state)
{
	static const uint8_t	want[] = {
		0xBE, 0x45, 0xCB, 0x26, 0x05, 0xBF, 0x36, 0xBE,
		0xBD, 0xE6, 0x84, 0x84, 0x1A, 0x28, 0xF0, 0xFD,
		0x43, 0xC6, 0x98, 0x50, 0xA3, 0xDC, 0xE5, 0xFE,
		0xDB, 0xA6, 0x99, 0x28, 0xEE, 0x3A, 0x89, 0x91,
	};
	struct hw_key		k;
	struct why		why;

	(void)state;
	assert_int_equal(take(&k, HW_KEY_XTS, 16, &why), 0);
	assert_int_equal(k.len, 32);
	assert_int_equal(k.file_len, 16);
	assert_memory_equal(k.bytes, want, sizeof(want));
	assert_int_equal(take(&k, HW_KEY_ANY, 16, &why), 0);
	assert_memory_equal(k.bytes, want, sizeof(want));
}

/* Every length with every use. */
static void
test_each_use_takes_its_lengths_alone(void **state)
{
	static const struct {
		enum hw_key_use	use;
		size_t		len[4];
	} rows[] = {
		{ HW_KEY_ANY, { 16, 24, 32 } },
		{ HW_KEY_ESP32, { 24, 32 } },
		{ HW_KEY_XTS, { 16, 32, 64 } },
	};
	struct hw_key	k;
	struct why	why;

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		for (size_t len = 0; len <= HW_KEY_MAX + 1; len++) {
			int	want = ERR_PARAMS;

			for (size_t j = 0; j < 4; j++)
				if (len > 0 && rows[i].len[j] == len)
					want = 0;
			assert_int_equal(take(&k, rows[i].use, len, &why),
			    want);
			if (want != 0)
				assert_non_null(strstr(why.text, "key.bin"));
		}
	}
}

static void
test_refusals_say_what_would_do(void **state)
{
	struct hw_key	k;
	struct why	why;

	(void)state;
	(void)take(&k, HW_KEY_XTS, 20, &why);
	assert_non_null(strstr(why.text,
	    "wrong length (20 bytes): 16, 24, 32 or 64 expected"));
	(void)take(&k, HW_KEY_ESP32, 16, &why);
	assert_non_null(strstr(why.text,
	    "ESP32 supports only 192 and 256-bit keys"));
	assert_non_null(strstr(why.text, "128 bits. Use --aes-xts"));
	(void)take(&k, HW_KEY_XTS, 24, &why);
	assert_non_null(strstr(why.text,
	    "AES_XTS supports only 128, 256, and 512-bit keys"));
}

static void
test_a_key_that_is_done_is_wiped(void **state)
{
	static const struct hw_key	none;
	struct hw_key			k;
	struct why			why;

	(void)state;
	assert_int_equal(take(&k, HW_KEY_XTS, 64, &why), 0);
	hw_key_done(&k);
	assert_memory_equal(&k, &none, sizeof(k));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_keys_are_taken_as_they_are),
		cmocka_unit_test(test_24_bytes_are_filled_up_with_their_middle),
		cmocka_unit_test(test_16_bytes_become_their_sha256),
		cmocka_unit_test(test_each_use_takes_its_lengths_alone),
		cmocka_unit_test(test_refusals_say_what_would_do),
		cmocka_unit_test(test_a_key_that_is_done_is_wiped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
