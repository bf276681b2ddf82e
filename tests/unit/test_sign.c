/*
 * test_sign - what is signed, and what is taken for a signature.
 *
 * The numbers of steady nonces are those of RFC 6979, A.2.3, A.2.5 and A.2.6.
 */
#include "proto/secure/sign.h"

#include <stdio.h>
#include <string.h>

#include "proto/base/err.h"
#include "proto/base/text.h"
#include "tests/unit/unit.h"

#define EC_PRIVATE(text) \
	"-----BEGIN EC PRIVATE KEY-----\n" text \
	"-----END EC PRIVATE KEY-----\n"

/* The keys of the RFC; none of them brings its public half. */
static const char	rfc_p192[] = EC_PRIVATE(
	"MCkCAQEEGG+rA0k05MD8muZ/W1ZZqdfR/v0YfuCf1KAKBggqhkjOPQMBAQ==\n");
static const char	rfc_p256[] = EC_PRIVATE(
	"MDECAQEEIMmvqdhFunUWa1whV2ex1pNOUMPbNuibEnuKYisSD2choAoGCCqGSM49\n"
	"AwEH\n");
static const char	rfc_p384[] = EC_PRIVATE(
	"MD4CAQEEMGudPa0uG4wcBbGYdbZln03iPDtme/KXupqkd0B4cTfYltVyTkxwqCX4\n"
	"csnqYNLt9aAHBgUrgQQAIg==\n");

struct rfc_row {
	const char	*key;
	const char	*message;
	const char	*rs;
};

static const struct rfc_row rfc_rows[] = {
	{ rfc_p192, "sample",
	    "4b0b8ce98a92866a2820e20aa6b75b56382e0f9bfd5ecb55"
	    "ccdb006926ea9565cbadc840829d8c384e06de1f1e381b85" },
	{ rfc_p192, "test",
	    "3a718bd8b4926c3b52ee6bbe67ef79b18cb6eb62b1ad97ae"
	    "5662e6848a4a19b1f1ae2f72acd4b8bbe50f1eac65d9124f" },
	{ rfc_p256, "sample",
	    "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
	    "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8" },
	{ rfc_p256, "test",
	    "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
	    "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083" },
	{ rfc_p384, "sample",
	    "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa7"
	    "3d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46"
	    "99ef4aeb15f178cea1fe40db2603138f130e740a19624526"
	    "203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8" },
	{ rfc_p384, "test",
	    "8203b63d3c853e8d77227fb377bcf7b7b772e97892a80f36"
	    "ab775d509d7a5feb0542a7f0812998da8f1dd3ca3cf023db"
	    "ddd0760448d42d8a43af45af836fce4de8be06b485e9b61b"
	    "827c2f13173923e06a739f040649a667bf3b828246baa5a5" },
};

static const enum pem_scheme	schemes[] = {
	PEM_RSA_3072, PEM_ECDSA_P192, PEM_ECDSA_P256, PEM_ECDSA_P384,
};

/* One key of each scheme, and one more on P-256: made once. */
static struct pem_key	*keys[UNIT_COUNT(schemes)], *other;

static int
make_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(schemes); i++)
		assert_int_equal(pem_generate(&keys[i], schemes[i], "made.pem",
		    NULL), 0);
	assert_int_equal(pem_generate(&other, PEM_ECDSA_P256, "other.pem",
	    NULL), 0);
	return 0;
}

static int
free_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(schemes); i++)
		pem_free(keys[i]);
	pem_free(other);
	return 0;
}

static struct pem_key *
read_key(const char *pem)
{
	struct pem_key	*k = NULL;
	struct why	 why = { 0 };

	if (pem_read(&k, pem, strlen(pem), "rfc.pem", &why) != 0)
		fail_msg("%s", why.text);
	return k;
}

static void
test_steady_nonces_are_those_of_the_rfc(void **state)
{
	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(rfc_rows); i++) {
		const struct rfc_row	*row = &rfc_rows[i];
		struct pem_key		*k = read_key(row->key);
		size_t			 n = sign_digest_bytes(pem_scheme(k));
		uint8_t			 digest[SIGN_DIGEST_MAX], out[SIGN_MAX];
		char			 hex[2 * SIGN_MAX + 1];
		size_t			 len = 0;

		assert_int_equal(sign_digest(row->message,
		    strlen(row->message), digest, n), 0);
		assert_int_equal(sign_make(k, digest, n, SIGN_RFC6979, out,
		    &len, NULL), 0);
		assert_int_equal(2 * len, strlen(row->rs));
		text_hex(hex, out, len);
		assert_string_equal(hex, row->rs);
		pem_free(k);
	}
}

static void
test_digests_are_sha_256_and_sha_384(void **state)
{
	uint8_t	digest[SIGN_DIGEST_MAX];
	char	hex[2 * SIGN_DIGEST_MAX + 1];

	(void)state;
	assert_int_equal(sign_digest("abc", 3, digest, 32), 0);
	text_hex(hex, digest, 32);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad");
	assert_int_equal(sign_digest("abc", 3, digest, 48), 0);
	text_hex(hex, digest, 48);
	assert_string_equal(hex, "cb00753f45a35e8bb5a03d699ac65007"
	    "272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
}

static void
test_lengths_are_those_of_the_blocks(void **state)
{
	(void)state;
	assert_int_equal(sign_bytes(PEM_RSA_3072), 384);
	assert_int_equal(sign_bytes(PEM_ECDSA_P192), 48);
	assert_int_equal(sign_bytes(PEM_ECDSA_P256), 64);
	assert_int_equal(sign_bytes(PEM_ECDSA_P384), 96);
	assert_int_equal(sign_digest_bytes(PEM_ECDSA_P192), 32);
	assert_int_equal(sign_digest_bytes(PEM_ECDSA_P384), 48);
}

static size_t
sign(const struct pem_key *k, enum sign_nonce nonce, uint8_t out[SIGN_MAX],
    uint8_t digest[SIGN_DIGEST_MAX])
{
	struct why	why = { 0 };
	size_t		len = 0;

	assert_int_equal(sign_digest("image", 5, digest,
	    sign_digest_bytes(pem_scheme(k))), 0);
	if (sign_make(k, digest, sign_digest_bytes(pem_scheme(k)), nonce, out,
	    &len, &why) != 0)
		fail_msg("%s", why.text);
	assert_int_equal(len, sign_bytes(pem_scheme(k)));
	return len;
}

static void
test_what_is_signed_is_signed_and_nothing_else_is(void **state)
{
	uint8_t	out[SIGN_MAX], digest[SIGN_DIGEST_MAX];
	size_t	len, n;

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(schemes); i++) {
		len = sign(keys[i], SIGN_RANDOM, out, digest);
		n = sign_digest_bytes(schemes[i]);
		assert_int_equal(sign_check(keys[i], digest, n, out, len), 0);
		for (size_t at = 0; at < len; at += 7) {
			out[at] ^= 0x10;
			assert_int_equal(sign_check(keys[i], digest, n, out,
			    len), ERR_SIGNATURE);
			out[at] ^= 0x10;
		}
		/* of the last bytes P-192 sees none */
		digest[3] ^= 1;
		assert_int_equal(sign_check(keys[i], digest, n, out, len),
		    ERR_SIGNATURE);
	}
}

static void
test_a_signature_by_another_key_is_none(void **state)
{
	uint8_t	out[SIGN_MAX], digest[SIGN_DIGEST_MAX];
	size_t	len = sign(keys[2], SIGN_RANDOM, out, digest);

	(void)state;
	assert_int_equal(sign_check(other, digest, 32, out, len),
	    ERR_SIGNATURE);
	for (size_t i = 0; i < UNIT_COUNT(schemes); i++)
		if (schemes[i] != PEM_ECDSA_P256)
			assert_int_equal(sign_check(keys[i], digest,
			    sign_digest_bytes(schemes[i]), out, len),
			    ERR_SIGNATURE);
}

static void
test_other_lengths_are_no_signatures(void **state)
{
	uint8_t	out[SIGN_MAX + 1] = { 0 }, digest[SIGN_DIGEST_MAX];
	size_t	len;

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(schemes); i++) {
		size_t	n = sign_digest_bytes(schemes[i]);

		len = sign(keys[i], SIGN_RANDOM, out, digest);
		assert_int_equal(sign_check(keys[i], digest, n, out, len - 1),
		    ERR_SIGNATURE);
		assert_int_equal(sign_check(keys[i], digest, n, out, len + 1),
		    ERR_SIGNATURE);
		assert_int_equal(sign_check(keys[i], digest, n, out, 0),
		    ERR_SIGNATURE);
		assert_int_equal(sign_check(keys[i], digest, n - 1, out, len),
		    ERR_SIGNATURE);
	}
}

static void
test_zeros_and_ff_are_no_signatures(void **state)
{
	uint8_t	zeros[SIGN_MAX] = { 0 }, ff[SIGN_MAX], digest[48] = { 0 };

	(void)state;
	memset(ff, 0xff, sizeof(ff));
	for (size_t i = 0; i < UNIT_COUNT(schemes); i++) {
		size_t	n = sign_digest_bytes(schemes[i]);
		size_t	len = sign_bytes(schemes[i]);

		assert_int_equal(sign_check(keys[i], digest, n, zeros, len),
		    ERR_SIGNATURE);
		assert_int_equal(sign_check(keys[i], digest, n, ff, len),
		    ERR_SIGNATURE);
	}
}

static void
test_random_nonces_differ_and_steady_ones_do_not(void **state)
{
	uint8_t	a[SIGN_MAX], b[SIGN_MAX], digest[SIGN_DIGEST_MAX];
	size_t	len;

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(schemes); i++) {
		len = sign(keys[i], SIGN_RANDOM, a, digest);
		(void)sign(keys[i], SIGN_RANDOM, b, digest);
		assert_memory_not_equal(a, b, len);
		if (schemes[i] == PEM_RSA_3072)
			continue;
		(void)sign(keys[i], SIGN_RFC6979, a, digest);
		(void)sign(keys[i], SIGN_RFC6979, b, digest);
		assert_memory_equal(a, b, len);
	}
}

static void
test_a_public_key_does_not_sign(void **state)
{
	struct pem_key	*k = NULL;
	struct why	 why = { 0 };
	uint8_t		 xy[PEM_POINT_MAX], out[SIGN_MAX] = { 0x5a };
	uint8_t		 digest[32] = { 0 };
	size_t		 len = 7;

	(void)state;
	assert_int_equal(pem_from_point(&k, PEM_ECDSA_P256, xy,
	    pem_point(other, xy), "point.bin", &why), 0);
	assert_int_equal(sign_make(k, digest, sizeof(digest), SIGN_RANDOM, out,
	    &len, &why), ERR_PARAMS);
	assert_non_null(strstr(why.text, "point.bin"));
	assert_non_null(strstr(why.text, "private"));
	assert_int_equal(len, 7);
	assert_int_equal(out[0], 0x5a);
	pem_free(k);
}

static const uint8_t	der_p192[] = {
	0x30, 0x08, 0x02, 0x02, 0x00, 0x81, 0x02, 0x02, 0x12, 0x34,
};

static void
test_numbers_in_der_get_zeros_in_front(void **state)
{
	uint8_t	out[SIGN_MAX], want[48] = { 0 };
	size_t	len = 0;

	(void)state;
	want[23] = 0x81;
	want[46] = 0x12;
	want[47] = 0x34;
	assert_int_equal(sign_from_der(PEM_ECDSA_P192, der_p192,
	    sizeof(der_p192), out, &len, NULL), 0);
	assert_int_equal(len, sizeof(want));
	assert_memory_equal(out, want, sizeof(want));
}

static void
check_no_der(enum pem_scheme scheme, const uint8_t *der, size_t der_len)
{
	struct why	why = { 0 };
	uint8_t		out[SIGN_MAX];
	size_t		len = 7;

	assert_int_equal(sign_from_der(scheme, der, der_len, out, &len, &why),
	    ERR_PARAMS);
	assert_non_null(strstr(why.text, "DER"));
	assert_int_equal(len, 7);
}

static void
test_what_is_no_signature_in_der_is_refused(void **state)
{
	static const uint8_t	zero[] = {
		0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x01,
	};
	static const uint8_t	negative[] = {
		0x30, 0x06, 0x02, 0x01, 0x81, 0x02, 0x01, 0x01,
	};
	uint8_t			longer[sizeof(der_p192) + 1] = { 0 };
	uint8_t			wide[2 + 2 * 27] = { 0x30, 2 * 27 };

	(void)state;
	for (size_t n = 0; n < sizeof(der_p192); n++)
		check_no_der(PEM_ECDSA_P192, der_p192, n);
	memcpy(longer, der_p192, sizeof(der_p192));
	check_no_der(PEM_ECDSA_P192, longer, sizeof(longer));
	check_no_der(PEM_ECDSA_P192, zero, sizeof(zero));
	check_no_der(PEM_ECDSA_P192, negative, sizeof(negative));
	/* two numbers of 25 bytes: they are of a larger curve */
	for (size_t at = 2; at < sizeof(wide); at += 27) {
		memset(wide + at, 0x11, 27);
		wide[at] = 0x02;
		wide[at + 1] = 25;
	}
	check_no_der(PEM_ECDSA_P192, wide, sizeof(wide));
	assert_int_equal(sign_from_der(PEM_ECDSA_P256, wide, sizeof(wide),
	    (uint8_t[SIGN_MAX]){ 0 }, &(size_t){ 0 }, NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steady_nonces_are_those_of_the_rfc),
		cmocka_unit_test(test_digests_are_sha_256_and_sha_384),
		cmocka_unit_test(test_lengths_are_those_of_the_blocks),
		cmocka_unit_test(
		    test_what_is_signed_is_signed_and_nothing_else_is),
		cmocka_unit_test(test_a_signature_by_another_key_is_none),
		cmocka_unit_test(test_other_lengths_are_no_signatures),
		cmocka_unit_test(test_zeros_and_ff_are_no_signatures),
		cmocka_unit_test(
		    test_random_nonces_differ_and_steady_ones_do_not),
		cmocka_unit_test(test_a_public_key_does_not_sign),
		cmocka_unit_test(test_numbers_in_der_get_zeros_in_front),
		cmocka_unit_test(test_what_is_no_signature_in_der_is_refused),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
