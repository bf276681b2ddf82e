/*
 * What the simulated chips encrypt, against the ciphertexts of espsecure.
 *
 * They are not part of this tree: ESPFLASHD_VECTORS names their folder;
 * without it the test is skipped.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>
#include <zlib.h>

#include "proto/base/text.h"
#include "tests/sim/crypt.h"

enum { SKIPPED = 77, FILE_MAX = 1 << 20, REACH = 1 << 24 };

static const char	*folder;	/* .../secure */

/* Gzipped or not; malloc'ed. */
static uint8_t *
slurp(const char *name, size_t *len)
{
	char	 path[512];
	uint8_t	*p = malloc(FILE_MAX);
	gzFile	 f;
	int	 n;

	assert_non_null(p);
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (access(path, R_OK) != 0)
		(void)snprintf(path, sizeof(path), "%s/%s.gz", folder, name);
	f = gzopen(path, "rb");
	assert_non_null(f);
	n = gzread(f, p, FILE_MAX - 1);
	assert_true(n >= 0);
	(void)gzclose(f);
	p[n] = '\0';
	*len = (size_t)n;
	return p;
}

/* The argument after that option; the last one when `option` is NULL. */
static const char *
argument(struct json_object *args, const char *option)
{
	size_t	n = json_object_array_length(args);

	for (size_t i = 0; i < n; i++) {
		const char	*a = json_object_get_string(
		    json_object_array_get_idx(args, i));

		if (option == NULL ? i == n - 1 : i > 0 &&
		    strcmp(option, json_object_get_string(
		    json_object_array_get_idx(args, i - 1))) == 0)
			return a;
	}
	return NULL;
}

static bool
agrees(const struct crypt *c, struct json_object *args, uint32_t addr)
{
	size_t	 len, want_len;
	uint8_t	*data = slurp(argument(args, NULL), &len);
	uint8_t	*plain = malloc(FILE_MAX);
	uint8_t	*want = slurp(argument(args, "--output"), &want_len);
	bool	 ok;

	assert_non_null(plain);
	len &= ~(size_t)(CRYPT_ALIGN - 1);	/* the rest is padded at random */
	memcpy(plain, data, len);
	ok = want_len >= len && crypt_run(c, false, addr, data, len) &&
	    memcmp(data, want, len) == 0 &&
	    crypt_run(c, true, addr, data, len) &&
	    memcmp(data, plain, len) == 0;
	free(data);
	free(plain);
	free(want);
	return ok;
}

/* 1: as espsecure says, 0: not so, -1: no chip could do that. */
static int
check(struct json_object *args)
{
	const char	*config = argument(args, "--flash-crypt-conf");
	const char	*text = json_object_to_json_string(args);
	bool		 xts = strstr(text, "--aes-xts") != NULL ||
			    strstr(text, "--aes_xts") != NULL;
	uint32_t	 addr, bits = 0xf;
	struct crypt	 c;
	uint8_t		*key;
	size_t		 len;
	bool		 ok;

	/* The ESP32 has 24 address bits; espsecure also takes more. */
	if (text_u32(argument(args, "--address"), &addr) != 0 ||
	    (!xts && addr >= REACH - CRYPT_ALIGN))
		return -1;
	if (config != NULL && text_u32(config, &bits) != 0)
		return -1;
	key = slurp(argument(args, "--keyfile"), &len);
	ok = crypt_init(&c, xts ? CRYPT_XTS : CRYPT_ESP32, key, len);
	free(key);
	c.config = bits;
	return ok && agrees(&c, args, addr);
}

static void
test_ciphertexts_are_espsecures(void **state)
{
	size_t			 len, bad = 0, count = 0;
	char			*text = (char *)slurp("manifest.json", &len);
	struct json_object	*list = json_tokener_parse(text);

	(void)state;
	free(text);
	assert_non_null(list);
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object	*e = json_object_array_get_idx(list, i);
		const char		*id = json_object_get_string(
		    json_object_object_get(e, "id"));
		int			 r;

		if (strncmp(id, "enc-", 4) != 0 || json_object_object_length(
		    json_object_object_get(e, "outputs")) == 0)
			continue;
		r = check(json_object_object_get(e, "args"));
		count += r == 1;
		bad += r == 0;
		if (r == 0)
			print_error("%s differs\n", id);
	}
	json_object_put(list);
	print_message("%zu ciphertexts\n", count);
	assert_true(count > 0);
	assert_int_equal(bad, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ciphertexts_are_espsecures),
	};
	static char	 path[512];
	const char	*env = getenv("ESPFLASHD_VECTORS");

	(void)snprintf(path, sizeof(path), "%s/secure", env != NULL ? env : "");
	folder = path;
	if (access(path, R_OK) != 0) {
		fprintf(stderr, "skipped: ESPFLASHD_VECTORS names no folder of "
		    "ciphertexts (%s)\n", path);
		return SKIPPED;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
