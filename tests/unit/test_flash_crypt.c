/*
 * test_flash_crypt - published and hand-checked cases, the simulator's own
 * ciphers, and, where ESPFLASHD_VECTORS names a folder of recorded runs of
 * espsecure, what it made of files.
 */
#include "proto/secure/flash_crypt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>
#include <zlib.h>

#include "proto/base/err.h"
#include "tests/sim/crypt.h"
#include "tests/unit/unit.h"

enum {
	FILE_MAX	= 65536,
	SMALL		= 1024,
};

/* Repeatable bytes that look like chance (xorshift). */
static uint32_t
next(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static void
fill(uint32_t *seed, uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)(next(seed) >> 24);
}

static void
count(uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)i;
}

static void
reverse(uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len / 2; i++) {
		uint8_t	c = p[i];

		p[i] = p[len - 1 - i];
		p[len - 1 - i] = c;
	}
}

static void
make_key(struct hw_key *k, enum hw_key_use use, const uint8_t *bytes,
    size_t len)
{
	assert_int_equal(hw_key_take(k, use, bytes, len, "key", NULL), 0);
}

/* FIPS 197, C.3, in the byte order of flash; no bit of the key is tweaked. */
static void
test_esp32_is_aes_256_backwards(void **state)
{
	static const uint8_t	plain[] = {
		0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
		0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF,
	};
	static const uint8_t	cipher[] = {
		0x8E, 0xA2, 0xB7, 0xCA, 0x51, 0x67, 0x45, 0xBF,
		0xEA, 0xFC, 0x49, 0x90, 0x4B, 0x49, 0x60, 0x89,
	};
	uint8_t			key[32], p[16];
	struct hw_key		k;

	(void)state;
	count(key, sizeof(key));
	make_key(&k, HW_KEY_ESP32, key, sizeof(key));
	memcpy(p, cipher, sizeof(p));
	reverse(p, sizeof(p));
	assert_int_equal(flash_crypt_esp32(&k, 0x1230, 0, false, p, sizeof(p),
	    NULL), 0);
	reverse(p, sizeof(p));
	assert_memory_equal(p, plain, sizeof(p));
	reverse(p, sizeof(p));
	assert_int_equal(flash_crypt_esp32(&k, 0x1230, 0, true, p, sizeof(p),
	    NULL), 0);
	reverse(p, sizeof(p));
	assert_memory_equal(p, cipher, sizeof(p));
}

/*
 * Bit 5 of the address is the last of each run; with runs of 19 bits three
 * times, then 10, 8, 6 or 4, these are bits 18 37 56 66 / 85 104 123 131 /
 * 150 169 188 194 / 213 232 251 255 of the key, counted from its top.
 */
static void
test_the_address_is_laid_over_the_key(void **state)
{
	static const uint8_t	bit_5[4][32] = {
		{ [2] = 0x20, [4] = 0x04, [7] = 0x80, [8] = 0x20 },
		{ [10] = 0x04, [13] = 0x80, [15] = 0x10, [16] = 0x10 },
		{ [18] = 0x02, [21] = 0x40, [23] = 0x08, [24] = 0x20 },
		{ [26] = 0x04, [29] = 0x80, [31] = 0x11 },
	};
	uint8_t			key[32], a[32], b[32];
	struct hw_key		k, tweaked;

	(void)state;
	count(key, sizeof(key));
	make_key(&k, HW_KEY_ESP32, key, sizeof(key));
	for (unsigned config = 0; config <= 0xF; config++) {
		for (size_t i = 0; i < sizeof(key); i++) {
			key[i] = (uint8_t)i;
			for (unsigned g = 0; g < 4; g++)
				if (config >> g & 1)
					key[i] ^= bit_5[g][i];
		}
		make_key(&tweaked, HW_KEY_ESP32, key, sizeof(key));
		count(a, sizeof(a));
		count(b, sizeof(b));
		assert_int_equal(flash_crypt_esp32(&k, 0x20, config, false, a,
		    sizeof(a), NULL), 0);
		assert_int_equal(flash_crypt_esp32(&tweaked, 0, 0, false, b,
		    sizeof(b), NULL), 0);
		assert_memory_equal(a, b, sizeof(a));
	}
}

/* IEEE 1619, vector 4 (the first 128 of its bytes, data unit 0). */
static void
test_xts_is_that_of_the_standard(void **state)
{
	static const uint8_t	key[] = {
		0x27, 0x18, 0x28, 0x18, 0x28, 0x45, 0x90, 0x45,
		0x23, 0x53, 0x60, 0x28, 0x74, 0x71, 0x35, 0x26,
		0x31, 0x41, 0x59, 0x26, 0x53, 0x58, 0x97, 0x93,
		0x23, 0x84, 0x62, 0x64, 0x33, 0x83, 0x27, 0x95,
	};
	static const uint8_t	cipher[] = {
		0x27, 0xA7, 0x47, 0x9B, 0xEF, 0xA1, 0xD4, 0x76,
		0x48, 0x9F, 0x30, 0x8C, 0xD4, 0xCF, 0xA6, 0xE2,
		0xA9, 0x6E, 0x4B, 0xBE, 0x32, 0x08, 0xFF, 0x25,
		0x28, 0x7D, 0xD3, 0x81, 0x96, 0x16, 0xE8, 0x9C,
		0xC7, 0x8C, 0xF7, 0xF5, 0xE5, 0x43, 0x44, 0x5F,
		0x83, 0x33, 0xD8, 0xFA, 0x7F, 0x56, 0x00, 0x00,
		0x05, 0x27, 0x9F, 0xA5, 0xD8, 0xB5, 0xE4, 0xAD,
		0x40, 0xE7, 0x36, 0xDD, 0xB4, 0xD3, 0x54, 0x12,
		0x32, 0x80, 0x63, 0xFD, 0x2A, 0xAB, 0x53, 0xE5,
		0xEA, 0x1E, 0x0A, 0x9F, 0x33, 0x25, 0x00, 0xA5,
		0xDF, 0x94, 0x87, 0xD0, 0x7A, 0x5C, 0x92, 0xCC,
		0x51, 0x2C, 0x88, 0x66, 0xC7, 0xE8, 0x60, 0xCE,
		0x93, 0xFD, 0xF1, 0x66, 0xA2, 0x49, 0x12, 0xB4,
		0x22, 0x97, 0x61, 0x46, 0xAE, 0x20, 0xCE, 0x84,
		0x6B, 0xB7, 0xDC, 0x9B, 0xA9, 0x4A, 0x76, 0x7A,
		0xAE, 0xF2, 0x0C, 0x0D, 0x61, 0xAD, 0x02, 0x65,
	};
	uint8_t			p[FLASH_CRYPT_UNIT];
	struct hw_key		k;

	(void)state;
	make_key(&k, HW_KEY_XTS, key, sizeof(key));
	count(p, sizeof(p));
	reverse(p, sizeof(p));
	assert_int_equal(flash_crypt_xts(&k, 0, false, p, sizeof(p), NULL), 0);
	reverse(p, sizeof(p));
	assert_memory_equal(p, cipher, sizeof(p));
}

/* The simulator's ciphers were written on their own, from the manuals. */
static void
check_against_simulator(uint32_t *seed, enum crypt_scheme scheme,
    size_t key_len)
{
	uint8_t		file[HW_KEY_MAX], a[SMALL], b[SMALL], plain[SMALL];
	int64_t		address = next(seed) % (16u << 20) & ~15u;
	unsigned	config = next(seed) % 16;
	size_t		len = next(seed) % SMALL & ~15u;
	struct hw_key	k;
	struct crypt	c;

	fill(seed, file, sizeof(file));
	fill(seed, plain, sizeof(plain));
	memcpy(a, plain, sizeof(a));
	memcpy(b, plain, sizeof(b));
	make_key(&k, scheme == CRYPT_ESP32 ? HW_KEY_ESP32 : HW_KEY_XTS, file,
	    key_len);
	assert_true(crypt_init(&c, scheme, file, key_len));
	c.config = config;
	assert_true(crypt_run(&c, false, (uint32_t)address, b, len));
	for (int decrypt = 0; decrypt < 2; decrypt++) {
		int	rc = scheme == CRYPT_ESP32 ?
			    flash_crypt_esp32(&k, address, config, decrypt, a,
			    len, NULL) :
			    flash_crypt_xts(&k, address, decrypt, a, len, NULL);

		assert_int_equal(rc, 0);
		assert_memory_equal(a, decrypt ? plain : b, sizeof(a));
	}
}

static void
test_it_is_what_the_simulated_chips_do(void **state)
{
	uint32_t	seed = 20250801;

	(void)state;
	for (int i = 0; i < 100; i++) {
		check_against_simulator(&seed, CRYPT_ESP32, 24);
		check_against_simulator(&seed, CRYPT_ESP32, 32);
		check_against_simulator(&seed, CRYPT_XTS, 16);
		check_against_simulator(&seed, CRYPT_XTS, 32);
		check_against_simulator(&seed, CRYPT_XTS, 64);
	}
}

/* However the bytes are cut: what a part becomes hangs on its address alone. */
static void
test_parts_are_those_of_the_whole(void **state)
{
	uint32_t	seed = 42;
	uint8_t		key[64], whole[SMALL], parts[SMALL];
	struct hw_key	k, e;
	size_t		n;

	(void)state;
	fill(&seed, key, sizeof(key));
	make_key(&k, HW_KEY_XTS, key, sizeof(key));
	make_key(&e, HW_KEY_ESP32, key, 32);
	for (int esp32 = 0; esp32 < 2; esp32++) {
		fill(&seed, whole, sizeof(whole));
		memcpy(parts, whole, sizeof(parts));
		for (size_t at = 0; at < SMALL; at += n) {
			n = 16 * (1 + next(&seed) % 20);
			if (n > SMALL - at)
				n = SMALL - at;
			if (esp32)
				assert_int_equal(flash_crypt_esp32(&e,
				    (int64_t)(0x10010 + at), 0xF, false,
				    parts + at, n, NULL), 0);
			else
				assert_int_equal(flash_crypt_xts(&k,
				    (int64_t)(0x10010 + at), false,
				    parts + at, n, NULL), 0);
		}
		if (esp32)
			assert_int_equal(flash_crypt_esp32(&e, 0x10010, 0xF,
			    false, whole, SMALL, NULL), 0);
		else
			assert_int_equal(flash_crypt_xts(&k, 0x10010, false,
			    whole, SMALL, NULL), 0);
		assert_memory_equal(whole, parts, SMALL);
	}
}

static void
test_what_does_not_lie_in_flash_is_refused(void **state)
{
	static const struct {
		int64_t	address;
		size_t	len;
		int	esp32, xts;
	} rows[] = {
		{ 8, 16, ERR_ALIGN, ERR_ALIGN },
		{ 0x1001, 16, ERR_ALIGN, ERR_ALIGN },
		{ 0, 8, ERR_ALIGN, ERR_ALIGN },
		{ 0, 0, 0, 0 },
		{ -16, 32, 0, ERR_PARAMS },
		{ -8, 32, ERR_ALIGN, ERR_PARAMS },
		{ INT64_C(0xFFFFFFF0), 16, 0, 0 },
		{ INT64_C(0xFFFFFFF0), 32, ERR_PARAMS, ERR_PARAMS },
		{ INT64_C(0x100000000), 16, ERR_PARAMS, ERR_PARAMS },
		{ INT64_MAX, 16, ERR_PARAMS, ERR_PARAMS },
		{ INT64_MIN, 16, ERR_PARAMS, ERR_PARAMS },
		{ INT32_MIN, 16, 0, ERR_PARAMS },
	};
	static const uint8_t	zeros[32];
	uint8_t			key[64], p[32];
	struct hw_key		k, e;
	struct why		why;

	(void)state;
	count(key, sizeof(key));
	make_key(&k, HW_KEY_XTS, key, sizeof(key));
	make_key(&e, HW_KEY_ESP32, key, 32);
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		memset(p, 0, sizeof(p));
		why_clear(&why);
		assert_int_equal(flash_crypt_xts(&k, rows[i].address, false, p,
		    rows[i].len, &why), rows[i].xts);
		assert_int_equal(why.err, rows[i].xts);
		if (rows[i].xts != 0)
			assert_memory_equal(p, zeros, sizeof(p));
		memset(p, 0, sizeof(p));
		why_clear(&why);
		assert_int_equal(flash_crypt_esp32(&e, rows[i].address, 0xF,
		    false, p, rows[i].len, &why), rows[i].esp32);
		assert_int_equal(why.err, rows[i].esp32);
		if (rows[i].esp32 != 0)
			assert_memory_equal(p, zeros, sizeof(p));
	}
}

/* A chip whose key was never burned has one of zeros: what it wrote can be read,
 * but nothing is encrypted for it. */
static void
test_equal_halves_do_not_encrypt(void **state)
{
	static const uint8_t	zeros[32];
	uint8_t			p[32], q[32];
	struct hw_key		k;
	struct crypt		c;
	struct why		why;

	(void)state;
	count(p, sizeof(p));
	count(q, sizeof(q));
	why_clear(&why);
	make_key(&k, HW_KEY_XTS, zeros, sizeof(zeros));
	assert_int_equal(flash_crypt_xts(&k, 0, false, p, sizeof(p), &why),
	    ERR_PARAMS);
	assert_non_null(strstr(why.text, "halves"));
	assert_memory_equal(p, q, sizeof(p));
	assert_true(crypt_init(&c, CRYPT_XTS, zeros, sizeof(zeros)));
	assert_true(crypt_run(&c, false, 0x80, p, sizeof(p)));
	assert_int_equal(flash_crypt_xts(&k, 0x80, true, p, sizeof(p), NULL),
	    0);
	assert_memory_equal(p, q, sizeof(p));
}

/* A file of the recordings; large ones are stored as NAME.gz. */
static size_t
load(const char *folder, const char *name, uint8_t *out, size_t size)
{
	char	path[512];
	gzFile	f;
	int	n;

	(void)snprintf(path, sizeof(path), "%s/secure/%s", folder, name);
	if (access(path, R_OK) != 0)
		(void)snprintf(path, sizeof(path), "%s/secure/%s.gz", folder,
		    name);
	f = gzopen(path, "rb");
	if (f == NULL)
		fail_msg("%s cannot be opened", path);
	n = gzread(f, out, (unsigned)size);
	assert_true(n >= 0 && (size_t)n < size);
	gzclose(f);
	return (size_t)n;
}

static const char *
word(struct json_object *args, size_t i)
{
	return json_object_get_string(json_object_array_get_idx(args, i));
}

struct recorded {
	const char	*key, *file, *output;
	const char	*address;
	unsigned	 config;
	bool		 xts, decrypt;
};

static void
read_args(struct json_object *args, struct recorded *r)
{
	size_t	n = json_object_array_length(args);

	memset(r, 0, sizeof(*r));
	r->config = FLASH_CRYPT_CONFIG;
	r->decrypt = strncmp(word(args, 0), "decrypt", 7) == 0;
	for (size_t i = 1; i < n; i++) {
		const char	*w = word(args, i);

		if (strcmp(w, "--keyfile") == 0)
			r->key = word(args, ++i);
		else if (strcmp(w, "--output") == 0)
			r->output = word(args, ++i);
		else if (strcmp(w, "--address") == 0)
			r->address = word(args, ++i);
		else if (strcmp(w, "--flash-crypt-conf") == 0)
			r->config = (unsigned)strtoul(word(args, ++i), NULL, 0);
		else if (strcmp(w, "-x") == 0 || strcmp(w, "--aes-xts") == 0 ||
		    strcmp(w, "--aes_xts") == 0)
			r->xts = true;
		else
			r->file = w;
	}
}

static int
run(const struct recorded *r, const char *folder, uint8_t *p, size_t *len)
{
	uint8_t		key[SMALL];
	struct hw_key	k;
	int64_t		address;
	char		*end;
	int		rc;

	rc = hw_key_take(&k, r->xts ? HW_KEY_XTS : HW_KEY_ESP32, key,
	    load(folder, r->key, key, sizeof(key)), r->key, NULL);
	*len = load(folder, r->file, p, FILE_MAX);
	if (rc != 0)
		return rc;
	address = strtoll(r->address, &end, 0);
	assert_int_equal(*end, '\0');
	if (r->xts)
		return flash_crypt_xts(&k, address, r->decrypt, p, *len, NULL);
	return flash_crypt_esp32(&k, address, r->config, r->decrypt, p, *len,
	    NULL);
}

/* Returns whether it was one of ours: command lines that were wrong, lengths
 * that the command fills up or refuses, are not. */
static bool
check_vector(const char *folder, struct json_object *row)
{
	const char	*id = json_object_get_string(
			    json_object_object_get(row, "id"));
	int		 status = json_object_get_int(
			    json_object_object_get(row, "exit"));
	struct recorded	 r;
	static uint8_t	 p[FILE_MAX], want[FILE_MAX];
	size_t		 len;
	int		 rc;

	read_args(json_object_object_get(row, "args"), &r);
	if (r.address == NULL || strcmp(r.address, "zz") == 0 ||
	    strstr(id, "len0") != NULL || strcmp(id, "enc-e32-len1000") == 0)
		return false;
	rc = run(&r, folder, p, &len);
	if ((rc != 0) != (status != 0))
		fail_msg("%s: %s, recorded: %d", id, err_name(rc), status);
	if (rc != 0)
		return true;
	assert_int_equal(load(folder, r.output, want, sizeof(want)), len);
	if (memcmp(p, want, len) != 0)
		fail_msg("%s: other bytes", id);
	return true;
}

static void
test_recorded_files_are_the_same(void **state)
{
	const char		*folder = getenv("ESPFLASHD_VECTORS");
	char			 path[512];
	struct json_object	*list, *row;
	size_t			 checked = 0;
	const char		*id;

	(void)state;
	if (folder == NULL || access(folder, R_OK) != 0) {
		skip();
		return;
	}
	(void)snprintf(path, sizeof(path), "%s/secure/manifest.json", folder);
	list = json_object_from_file(path);
	assert_non_null(list);
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		row = json_object_array_get_idx(list, i);
		id = json_object_get_string(json_object_object_get(row, "id"));
		if (strncmp(id, "enc-", 4) == 0 || strncmp(id, "dec-", 4) == 0 ||
		    strncmp(id, "decrt-", 6) == 0)
			checked += check_vector(folder, row);
	}
	json_object_put(list);
	assert_in_range(checked, 80, 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_esp32_is_aes_256_backwards),
		cmocka_unit_test(test_the_address_is_laid_over_the_key),
		cmocka_unit_test(test_xts_is_that_of_the_standard),
		cmocka_unit_test(test_it_is_what_the_simulated_chips_do),
		cmocka_unit_test(test_parts_are_those_of_the_whole),
		cmocka_unit_test(test_what_does_not_lie_in_flash_is_refused),
		cmocka_unit_test(test_equal_halves_do_not_encrypt),
		cmocka_unit_test(test_recorded_files_are_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
