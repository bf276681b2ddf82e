/*
 * test_pem - what burn-key and burn-key-digest need of a key.
 *
 * The keys were made by openssl for this test and guard nothing; their digests
 * are those of esptool's espsecure.  Where ESPFLASHD_VECTORS names a folder of
 * recorded runs of espsecure, those are compared too.
 */
#include "proto/secure/pem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "tests/unit/unit.h"

#define BEGIN(what)	"-----BEGIN " what "-----\n"
#define END(what)	"-----END " what "-----\n"

static const char p192_key[] =
	BEGIN("EC PRIVATE KEY")
	"MF8CAQEEGC5a2q0SwU4p7+6YPcoN1EAmeVqqrHaQw6AKBggqhkjOPQMBAaE0AzIA\n"
	"BA7PIBeeeyZunEkFDB6OddtGbrV7VA2JBu2IaByfkwEbTP7Br1mGIBjyc93KauUP\n"
	"ZQ==\n"
	END("EC PRIVATE KEY");

static const char p256_key[] =
	BEGIN("PRIVATE KEY")
	"MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgiCZoGysoQGnKpiB6\n"
	"NWvytSKTz3h+EbFzVJRCYpfaM4uhRANCAARC/je5PVjIyZz6wrS+iI6fT8Y34WqI\n"
	"9Elxn/JMH6usKX52g3UogrKajScYBQzsEC1GvCH261gHGT/2VyHoeJy+\n"
	END("PRIVATE KEY");

static const char p256_public[] =
	BEGIN("PUBLIC KEY")
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEQv43uT1YyMmc+sK0voiOn0/GN+Fq\n"
	"iPRJcZ/yTB+rrCl+doN1KIKymo0nGAUM7BAtRrwh9utYBxk/9lch6Hicvg==\n"
	END("PUBLIC KEY");

static const char p256_locked[] =
	BEGIN("ENCRYPTED PRIVATE KEY")
	"MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAifKsa/YhJ+ZgICCAAw\n"
	"DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEGf5uK1ikdgHUFCC5kmpjKMEgZBG\n"
	"MvbRRsEdGQdCECAlJMUk7KFgTY5OysSFaBrojGDXnQnuFMqgr3u1mtLZHENHIih9\n"
	"uVBYqZynEY+ddaIsE6iy58jupcN/53XILmAENprW6M7eerhqYfDnEQsz99XW1QSA\n"
	"iVUyC6kzfSQo8YDQEyF9MPx3yumwgM/uSrW1X5ywbMk99C5AsKWO9EEipFQaUbU=\n"
	END("ENCRYPTED PRIVATE KEY");

static const char p256_locked_old[] =
	BEGIN("EC PRIVATE KEY")
	"Proc-Type: 4,ENCRYPTED\n"
	"DEK-Info: AES-128-CBC,113B6B4AC7F31683A1F8FDA15BF49750\n"
	"\n"
	"HQC8o97v5g44OhzTkAulTS99Vy+jqBJIodOrTkPMSLgFvs/KHR5LmfRJaGhYbkYU\n"
	"8n8GHllXGhp0dAqcgftCcew2SR1lIz2IESoVeAwtdmQwmFyoq4d0u//sgxQg6y6Y\n"
	"3QEmyWsnkvh3OWMZ7RoSLjJq8lOSyJQrWqJ4EHa5XN0=\n"
	END("EC PRIVATE KEY");

static const char p384_key[] =
	BEGIN("EC PRIVATE KEY")
	"MIGkAgEBBDDS2CGIwGSHnTNl+vNJiTjbOTx69SBfxWIB46QO5kTkkW1WYUjEVd//\n"
	"aHLLf56gHWKgBwYFK4EEACKhZANiAASFDkdRO3azSKMEV/8lO+8qsyE5wI7AL4g5\n"
	"r6CuldIySw6hbY13Z1aU+5utJoRz3x5F1aOnELdcffgQdUKRiUwCpBhGFmuj9cls\n"
	"QEbSrrXHbReF5GeOVDhX0QsnNLCQot4=\n"
	END("EC PRIVATE KEY");

static const char rsa_public[] =
	BEGIN("PUBLIC KEY")
	"MIIBojANBgkqhkiG9w0BAQEFAAOCAY8AMIIBigKCAYEAy4sP5FlJX6ee5/uhu39p\n"
	"Sw27gaPVpuD6dVKE3LEZ/7HhJfOcjl58eyC/cYeJagUKKWbrSJHNeZEAcYAspAbE\n"
	"ZaCQjR92ZK/GrpX7exSxy9TzrEeyBbIv8bKCnINo2qomR4NrJZt/W74uB7d03AGA\n"
	"hUjKQyuvId8OvluB0Jcxd3hzWth9PuVqnWkMvlnBPqlY5ruZMhqQdUPDpzLdD5l9\n"
	"K7wTpQf6IzL9Db6wIwzgpAAWiav2p8+bNPNaHtx54iOvnYkVhafhClmwFlKzWKe0\n"
	"4PSmsVQ/DKtXgFDPhPouEvZ/VNek59ven3o6TSqqILZkFXadophZfnlJxKjjlx28\n"
	"vgI73CZk38827neK8s84I1CjNYWoDu+U8+TyFVRKChbXMnlzVLFMjKWSNzA+uce2\n"
	"GFIIA9yUCNrSHrMWNtT2lx19UHJnAIub7vfo9mMCm+2u5ZBEp5J0SDZd58+LjBQY\n"
	"is7kNaYTgRgOmY0uIdFyvUIUJ1aTryiOlJqVUCkQXGzvAgMBAAE=\n"
	END("PUBLIC KEY");

static const char rsa_2048[] =
	BEGIN("PUBLIC KEY")
	"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAq2ennUvb7BPWSmw048xR\n"
	"7xk5nEXV6wXtJUTH3Wp5Lf5BxHmL69cg2U/23tmIEO3wdwCf4n5yHRalEdm9/qVJ\n"
	"zWAucuxOfmj/+TGOrQ99/R9xxFkSRxaOr6V8cUP1ZP0YlPj6GMsROHnMA8FcY4OM\n"
	"XonPAs2lp9w5U+qHTJ8pftO+0c+YTaEvpHwgo3WZHn1D/HO5I9neqSxl6QUTB9SD\n"
	"zx5ncgeFD5fe9Tk6do9oiEzxEQF5it/VKnkx7lGFmoQKTYIBpVww9HeAOz4uCdED\n"
	"6tVIoMqcdiBLZqqPMSWC8OSBS6l+kl3UaBlDPJzO3VxqAtJNYisRJm1/fB2FDu5n\n"
	"owIDAQAB\n"
	END("PUBLIC KEY");

static const char koblitz_public[] =
	BEGIN("PUBLIC KEY")
	"MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEh8e4qqZTuEfKWRfPvkHY9EXwv6LxAbQz\n"
	"c1/Xq+cFSKkkddiCzejxVhk6uJ5ZMfo5CvzS29zvXZ5xXyJ44BiXKw==\n"
	END("PUBLIC KEY");

static const char ed25519_public[] =
	BEGIN("PUBLIC KEY")
	"MCowBQYDK2VwAyEAQTAwQXE0T9bd4guSJ9AXC7mVwMHDUkfp/JwnI5p5m3Q=\n"
	END("PUBLIC KEY");

static const char p192_digest[] =
	"c6a47999fbb6cae0765bd811df0548a5d061b94503688235ebdc37e25b0f1479";
static const char p256_digest[] =
	"abf81699649b891e76ed91636ee8ed201bf56f7713c55cfa50953f461487843f";
static const char p384_digest[] =
	"eeafe9a309fa6c771e6936cffc9b1f00682bd9c2f6b7bfe8696b5b2c4fe849e7";
static const char rsa_digest[] =
	"7416b69fd54a2641c7f4f847c5c1f0c83f87e4c4134699c20d717f151132be12";

static struct pem_key *
read_key(const char *pem)
{
	struct why	 why = { 0 };
	struct pem_key	*k = NULL;

	if (pem_read(&k, pem, strlen(pem), "key.pem", &why) != 0)
		fail_msg("%s", why.text);
	return k;
}

static void
check_digest(const char *pem, enum pem_scheme scheme, const char *want)
{
	struct pem_key	*k = read_key(pem);
	uint8_t		 digest[PEM_DIGEST];
	char		 hex[2 * PEM_DIGEST + 1];

	assert_int_equal(pem_scheme(k), scheme);
	assert_int_equal(pem_digest(k, digest), 0);
	text_hex(hex, digest, sizeof(digest));
	assert_string_equal(hex, want);
	pem_free(k);
}

/* Refused, with a sentence that holds `part` and the file's name. */
static void
check_refused(const void *bytes, size_t len, const char *part)
{
	struct why	 why = { 0 };
	struct pem_key	*k = NULL;

	assert_int_equal(pem_read(&k, bytes, len, "key.pem", &why), ERR_PARAMS);
	assert_null(k);
	if (strstr(why.text, part) == NULL ||
	    strstr(why.text, "key.pem") == NULL)
		fail_msg("\"%s\" says nothing of \"%s\"", why.text, part);
}

static void
test_digests_are_those_of_espsecure(void **state)
{
	(void)state;
	check_digest(p192_key, PEM_ECDSA_P192, p192_digest);
	check_digest(p256_key, PEM_ECDSA_P256, p256_digest);
	check_digest(p384_key, PEM_ECDSA_P384, p384_digest);
	check_digest(rsa_public, PEM_RSA_3072, rsa_digest);
}

static void
test_public_and_private_file_have_the_same_digest(void **state)
{
	(void)state;
	check_digest(p256_public, PEM_ECDSA_P256, p256_digest);
}

static void
test_words_before_and_behind_a_key_do_no_harm(void **state)
{
	char	text[1024];

	(void)state;
	(void)snprintf(text, sizeof(text), "key of line 4\r\n%s\nthe end\n",
	    p256_public);
	check_digest(text, PEM_ECDSA_P256, p256_digest);
}

static void
test_an_ecdsa_key_is_curve_x_y_lowest_byte_first(void **state)
{
	struct pem_key	*k = read_key(p192_key);
	uint8_t		 out[PEM_PUBLIC_MAX];
	static const uint8_t	nothing[16];

	(void)state;
	assert_int_equal(pem_public(k, out), 65);
	assert_int_equal(out[0], 1);
	/* X ends in ...056f: its file says 0ecf2017..., highest byte first. */
	assert_int_equal(out[24], 0x0e);
	assert_int_equal(out[23], 0xcf);
	assert_memory_equal(out + 1 + 48, nothing, sizeof(nothing));
	pem_free(k);
	k = read_key(p384_key);
	assert_int_equal(pem_public(k, out), 97);
	assert_int_equal(out[0], 3);
	pem_free(k);
}

static void
test_an_rsa_key_brings_its_inverse(void **state)
{
	struct pem_key	*k = read_key(rsa_public);
	uint8_t		 out[PEM_PUBLIC_MAX];

	(void)state;
	assert_int_equal(pem_public(k, out), PEM_PUBLIC_MAX);
	assert_int_equal(le32_get(out + 384), 65537);
	/* modulus * m = -1 modulo 2^32 */
	assert_int_equal(le32_get(out) * le32_get(out + 772), UINT32_MAX);
	pem_free(k);
}

static void
test_a_scalar_comes_highest_byte_first_with_zeros_in_front(void **state)
{
	static const uint8_t	 d192[32] = {
		0, 0, 0, 0, 0, 0, 0, 0,
		0x2e, 0x5a, 0xda, 0xad, 0x12, 0xc1, 0x4e, 0x29,
		0xef, 0xee, 0x98, 0x3d, 0xca, 0x0d, 0xd4, 0x40,
		0x26, 0x79, 0x5a, 0xaa, 0xac, 0x76, 0x90, 0xc3,
	};
	static const uint8_t	 nothing[16];
	struct pem_key		*k = read_key(p192_key);
	uint8_t			 out[64];

	(void)state;
	assert_int_equal(pem_scalar(k, out, 32, NULL), 0);
	assert_memory_equal(out, d192, sizeof(d192));
	pem_free(k);

	k = read_key(p256_key);
	assert_int_equal(pem_scalar(k, out, 32, NULL), 0);
	assert_int_equal(out[0], 0x88);
	assert_int_equal(out[31], 0x8b);
	pem_free(k);

	k = read_key(p384_key);
	assert_int_equal(pem_scalar(k, out, 64, NULL), 0);
	assert_memory_equal(out, nothing, sizeof(nothing));
	assert_int_equal(out[16], 0xd2);
	assert_int_equal(out[63], 0x62);
	pem_free(k);
}

static void
check_no_scalar(const char *pem, size_t size, const char *part)
{
	struct pem_key	*k = read_key(pem);
	struct why	 why = { 0 };
	uint8_t		 out[64] = { 0x5a };

	assert_int_equal(pem_scalar(k, out, size, &why), ERR_PARAMS);
	assert_non_null(strstr(why.text, part));
	assert_int_equal(out[0], 0x5a);
	pem_free(k);
}

static void
test_only_a_private_ecdsa_key_that_fits_has_a_scalar(void **state)
{
	(void)state;
	check_no_scalar(rsa_public, 32, "ECDSA private key is needed");
	check_no_scalar(p256_public, 32, "private one is needed");
	check_no_scalar(p384_key, 32, "48 bytes, and 32 fit");
}

static void
test_a_key_knows_whether_it_is_private(void **state)
{
	struct pem_key	*secret = read_key(p256_key);
	struct pem_key	*open = read_key(p256_public);

	(void)state;
	assert_true(pem_private(secret));
	assert_false(pem_private(open));
	assert_string_equal(pem_scheme_name(pem_scheme(open)), "ECDSA P-256");
	pem_free(secret);
	pem_free(open);
	pem_free(NULL);
}

static void
test_what_is_no_key_is_refused(void **state)
{
	static const uint8_t	 raw[32] = { 0x30, 0x82, 1, 2 };
	static char		 large[PEM_FILE_MAX + 1];
	char			 torn[sizeof(p256_key)];

	(void)state;
	check_refused("", 0, "PEM format");
	check_refused(raw, sizeof(raw), "PEM format");
	check_refused(large, sizeof(large), "65537 bytes");
	memcpy(torn, p256_key, sizeof(torn));
	torn[60] ^= 1;
	check_refused(torn, sizeof(torn) / 2, "PEM format");
}

/* Whoever asks on a terminal hangs a production line. */
static void
test_a_locked_key_is_refused_without_a_question(void **state)
{
	(void)state;
	check_refused(p256_locked, sizeof(p256_locked) - 1, "password");
	check_refused(p256_locked_old, sizeof(p256_locked_old) - 1, "password");
}

static void
test_keys_that_no_chip_knows_are_refused(void **state)
{
	(void)state;
	check_refused(rsa_2048, sizeof(rsa_2048) - 1, "2048");
	check_refused(koblitz_public, sizeof(koblitz_public) - 1, "NIST256p");
	check_refused(ed25519_public, sizeof(ed25519_public) - 1,
	    "neither an RSA nor an ECDSA");
}

/* x = 1, y = 1 is on none of the curves. */
static void
test_a_point_beside_its_curve_is_refused(void **state)
{
	static const char	beside[] =
	BEGIN("PUBLIC KEY")
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
	"AAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQ==\n"
	END("PUBLIC KEY");

	(void)state;
	check_refused(beside, sizeof(beside) - 1, "PEM format");
}

static struct pem_key *
make_key(enum pem_scheme scheme)
{
	struct why	 why = { 0 };
	struct pem_key	*k = NULL;

	if (pem_generate(&k, scheme, "made.pem", &why) != 0)
		fail_msg("%s", why.text);
	assert_string_equal(pem_name(k), "made.pem");
	assert_int_equal(pem_scheme(k), scheme);
	return k;
}

static void
check_same_public(const struct pem_key *a, const struct pem_key *b)
{
	uint8_t	one[PEM_PUBLIC_MAX], two[PEM_PUBLIC_MAX];
	size_t	len = pem_public(a, one);

	assert_int_equal(pem_public(b, two), len);
	assert_memory_equal(one, two, len);
}

/* A key that was made, as text, read again; and its public half alike. */
static void
check_text(enum pem_scheme scheme, const char *first_line)
{
	struct pem_key	*k = make_key(scheme), *again, *open = NULL;
	char		 text[PEM_TEXT_MAX + 1];
	size_t		 len = 0;

	assert_true(pem_private(k));
	assert_int_equal(pem_write_private(k, text, &len, NULL), 0);
	assert_int_equal(strncmp(text, first_line, strlen(first_line)), 0);
	text[len] = '\0';
	again = read_key(text);
	assert_true(pem_private(again));
	check_same_public(k, again);
	pem_free(again);

	assert_int_equal(pem_write_public(k, text, &len, NULL), 0);
	text[len] = '\0';
	assert_ptr_equal(strstr(text, "-----BEGIN PUBLIC KEY-----\n"), text);
	open = read_key(text);
	assert_false(pem_private(open));
	check_same_public(k, open);
	assert_int_equal(pem_write_private(open, text, &len, NULL),
	    ERR_PARAMS);
	pem_free(open);
	pem_free(k);
}

static void
test_made_keys_are_written_in_the_traditional_form(void **state)
{
	static const char	ec[] = "-----BEGIN EC PRIVATE KEY-----\n";

	(void)state;
	check_text(PEM_RSA_3072, "-----BEGIN RSA PRIVATE KEY-----\n");
	check_text(PEM_ECDSA_P192, ec);
	check_text(PEM_ECDSA_P256, ec);
	check_text(PEM_ECDSA_P384, ec);
}

static void
test_a_key_is_written_as_it_was_read(void **state)
{
	struct pem_key	*k = read_key(p384_key);
	char		 text[PEM_TEXT_MAX];
	size_t		 len = 0;

	(void)state;
	assert_int_equal(pem_write_private(k, text, &len, NULL), 0);
	assert_int_equal(len, sizeof(p384_key) - 1);
	assert_memory_equal(text, p384_key, len);
	pem_free(k);
	k = read_key(rsa_public);
	assert_int_equal(pem_write_public(k, text, &len, NULL), 0);
	assert_int_equal(len, sizeof(rsa_public) - 1);
	assert_memory_equal(text, rsa_public, len);
	pem_free(k);
}

/* A file may leave y out, or spell out its curve: others read the plain form. */
static void
test_unusual_forms_are_written_in_the_plain_one(void **state)
{
	static const char	compressed[] =
	BEGIN("PUBLIC KEY")
	"MDkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDIgACQv43uT1YyMmc+sK0voiOn0/GN+Fq\n"
	"iPRJcZ/yTB+rrCk=\n"
	END("PUBLIC KEY");
	static const char	explicit[] =
	BEGIN("PUBLIC KEY")
	"MIIBSzCCAQMGByqGSM49AgEwgfcCAQEwLAYHKoZIzj0BAQIhAP////8AAAABAAAA\n"
	"AAAAAAAAAAAA////////////////MFsEIP////8AAAABAAAAAAAAAAAAAAAA////\n"
	"///////////8BCBaxjXYqjqT57PrvVV2mIa8ZR0GsMxTsPY7zjw+J9JgSwMVAMSd\n"
	"NgiG5wSTamZ44ROdJreBn36QBEEEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5\n"
	"RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9QIhAP////8AAAAA\n"
	"//////////+85vqtpxeehPO5ysL8YyVRAgEBA0IABEL+N7k9WMjJnPrCtL6Ijp9P\n"
	"xjfhaoj0SXGf8kwfq6wpfnaDdSiCspqNJxgFDOwQLUa8IfbrWAcZP/ZXIeh4nL4=\n"
	END("PUBLIC KEY");
	static const char *const	forms[] = { compressed, explicit };
	char				text[PEM_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(forms); i++) {
		struct pem_key	*k = read_key(forms[i]);
		size_t		 len = 0;

		assert_int_equal(pem_write_public(k, text, &len, NULL), 0);
		assert_int_equal(len, sizeof(p256_public) - 1);
		assert_memory_equal(text, p256_public, len);
		pem_free(k);
		check_digest(forms[i], PEM_ECDSA_P256, p256_digest);
	}
}

static void
test_no_two_keys_are_the_same(void **state)
{
	struct pem_key	*a = make_key(PEM_ECDSA_P256);
	struct pem_key	*b = make_key(PEM_ECDSA_P256);
	uint8_t		 one[PEM_DIGEST], two[PEM_DIGEST];

	(void)state;
	assert_int_equal(pem_digest(a, one), 0);
	assert_int_equal(pem_digest(b, two), 0);
	assert_memory_not_equal(one, two, PEM_DIGEST);
	pem_free(a);
	pem_free(b);
}

static void
test_a_point_is_x_and_y_highest_byte_first(void **state)
{
	struct pem_key	*k = read_key(p192_key), *again = NULL;
	uint8_t		 xy[PEM_POINT_MAX];

	(void)state;
	assert_int_equal(pem_point(k, xy), 48);
	assert_int_equal(xy[0], 0x0e);
	assert_int_equal(xy[1], 0xcf);
	assert_int_equal(xy[47], 0x65);
	assert_int_equal(pem_from_point(&again, PEM_ECDSA_P192, xy, 48,
	    "xy.bin", NULL), 0);
	assert_false(pem_private(again));
	assert_string_equal(pem_name(again), "xy.bin");
	check_same_public(k, again);
	pem_free(again);
	pem_free(k);
	k = read_key(rsa_public);
	assert_int_equal(pem_point(k, xy), 0);
	pem_free(k);
}

static void
check_no_point(enum pem_scheme scheme, const uint8_t *xy, size_t len)
{
	struct pem_key	*k = NULL;
	struct why	 why = { 0 };

	assert_int_equal(pem_from_point(&k, scheme, xy, len, "xy.bin", &why),
	    ERR_PARAMS);
	assert_null(k);
	assert_non_null(strstr(why.text, "xy.bin"));
}

static void
test_what_is_no_point_is_refused(void **state)
{
	struct pem_key	*k = read_key(p256_public);
	uint8_t		 xy[PEM_POINT_MAX] = { 0 };
	size_t		 len = pem_point(k, xy);

	(void)state;
	check_no_point(PEM_ECDSA_P256, xy, len - 1);
	check_no_point(PEM_ECDSA_P256, xy, PEM_POINT_MAX);
	check_no_point(PEM_ECDSA_P256, xy, 0);
	check_no_point(PEM_ECDSA_P384, xy, len);
	check_no_point(PEM_ECDSA_P192, xy, 48);
	xy[63] ^= 1;
	check_no_point(PEM_ECDSA_P256, xy, len);
	memset(xy, 0, sizeof(xy));
	check_no_point(PEM_ECDSA_P256, xy, len);
	memset(xy, 0xff, sizeof(xy));
	check_no_point(PEM_ECDSA_P384, xy, 96);
	pem_free(k);
}

/* Numbers of RSA from the end of the key, where the first byte is lowest. */
static void
turn(uint8_t *out, const uint8_t *in, size_t len)
{
	for (size_t i = 0; i < len; i++)
		out[i] = in[len - 1 - i];
}

static void
test_rsa_numbers_make_a_key(void **state)
{
	struct pem_key	*k = read_key(rsa_public), *again = NULL;
	uint8_t		 block[PEM_PUBLIC_MAX], n[1 + 384] = { 0 }, e[4];
	struct why	 why = { 0 };

	(void)state;
	(void)pem_public(k, block);
	turn(n + 1, block, 384);
	turn(e, block + 384, 4);
	/* with zeros in front, and without */
	assert_int_equal(pem_from_rsa(&again, n, 385, e, 4, "token", NULL), 0);
	check_same_public(k, again);
	pem_free(again);
	assert_int_equal(pem_from_rsa(&again, n + 1, 384, e + 1, 3, "token",
	    NULL), 0);
	check_same_public(k, again);
	pem_free(again);
	pem_free(k);

	again = NULL;
	assert_int_equal(pem_from_rsa(&again, n + 1, 256, e, 4, "token", &why),
	    ERR_PARAMS);
	assert_non_null(strstr(why.text, "2048"));
	assert_int_equal(pem_from_rsa(&again, n, 0, e, 0, "token", NULL),
	    ERR_PARAMS);
	n[384] &= 0xfe;			/* an even modulus */
	assert_int_equal(pem_from_rsa(&again, n + 1, 384, e, 4, "token", NULL),
	    ERR_PARAMS);
	assert_null(again);
}

/* Once in each 100 characters of its text, but in those of d, which nothing is
 * signed with, and of the last number: a signature shows what is wrong there. */
static void
test_an_rsa_key_that_was_changed_is_refused(void **state)
{
	enum { D_BEGIN = 530, D_END = 1050, LINE = 65 };
	struct pem_key	*k = make_key(PEM_RSA_3072);
	static char	 text[PEM_TEXT_MAX];
	size_t		 len = 0, begin;
	char		 old;

	(void)state;
	assert_int_equal(pem_write_private(k, text, &len, NULL), 0);
	pem_free(k);
	begin = sizeof("-----BEGIN RSA PRIVATE KEY-----");
	for (size_t at = 20; at < 2050; at += 100) {
		size_t	i = begin + at / (LINE - 1) * LINE + at % (LINE - 1);

		if (at > D_BEGIN && at < D_END)
			continue;
		old = text[i];
		text[i] = old == 'A' ? 'B' : 'A';
		k = NULL;
		if (pem_read(&k, text, len, "key.pem", NULL) == 0)
			fail_msg("changed at %zu of %zu: %.64s", at, len,
			    text + i);
		text[i] = old;
	}
}

/* A file whose private number is not that of its public one: the last byte of
 * the private number was changed. */
static void
test_halves_that_do_not_belong_together_are_refused(void **state)
{
	static const char	torn[] =
	BEGIN("EC PRIVATE KEY")
	"MF8CAQEEGC5a2q0SwU4p7+6YPcoN1EAmeVqqrHaQxKAKBggqhkjOPQMBAaE0AzIA\n"
	"BA7PIBeeeyZunEkFDB6OddtGbrV7VA2JBu2IaByfkwEbTP7Br1mGIBjyc93KauUP\n"
	"ZQ==\n"
	END("EC PRIVATE KEY");

	(void)state;
	check_refused(torn, sizeof(torn) - 1, "damaged");
}

static size_t
load(const char *folder, const char *name, uint8_t *out, size_t size)
{
	char	 path[512];
	FILE	*f;
	size_t	 n;

	(void)snprintf(path, sizeof(path), "%s/secure/%s", folder, name);
	f = fopen(path, "rb");
	if (f == NULL)
		fail_msg("%s is missing", path);
	n = fread(out, 1, size, f);
	(void)fclose(f);
	return n;
}

/* The argument behind `option`. */
static const char *
argument(struct json_object *args, const char *option)
{
	for (size_t i = 0; i + 1 < json_object_array_length(args); i++)
		if (strcmp(json_object_get_string(
		    json_object_array_get_idx(args, i)), option) == 0)
			return json_object_get_string(
			    json_object_array_get_idx(args, i + 1));
	fail_msg("no %s", option);
	return NULL;
}

static void
check_vector(const char *folder, struct json_object *args)
{
	static uint8_t	 pem[8192];
	uint8_t		 want[64], digest[PEM_DIGEST];
	const char	*file = argument(args, "--keyfile");
	struct pem_key	*k;
	struct why	 why = { 0 };
	size_t		 len = load(folder, file, pem, sizeof(pem));

	if (pem_read(&k, pem, len, file, &why) != 0)
		fail_msg("%s", why.text);
	assert_int_equal(pem_digest(k, digest), 0);
	assert_int_equal(load(folder, argument(args, "--output"), want,
	    sizeof(want)), PEM_DIGEST);
	assert_memory_equal(digest, want, PEM_DIGEST);
	pem_free(k);
}

static void
test_recorded_digests_are_the_same(void **state)
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
		if (strncmp(id, "dsbv2-", 6) != 0 &&
		    strncmp(id, "drsa-", 5) != 0)
			continue;
		check_vector(folder, json_object_object_get(row, "args"));
		checked++;
	}
	json_object_put(list);
	assert_in_range(checked, 20, 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_digests_are_those_of_espsecure),
		cmocka_unit_test(
		    test_public_and_private_file_have_the_same_digest),
		cmocka_unit_test(
		    test_words_before_and_behind_a_key_do_no_harm),
		cmocka_unit_test(
		    test_an_ecdsa_key_is_curve_x_y_lowest_byte_first),
		cmocka_unit_test(test_an_rsa_key_brings_its_inverse),
		cmocka_unit_test(
		    test_a_scalar_comes_highest_byte_first_with_zeros_in_front),
		cmocka_unit_test(
		    test_only_a_private_ecdsa_key_that_fits_has_a_scalar),
		cmocka_unit_test(test_a_key_knows_whether_it_is_private),
		cmocka_unit_test(test_what_is_no_key_is_refused),
		cmocka_unit_test(
		    test_a_locked_key_is_refused_without_a_question),
		cmocka_unit_test(test_keys_that_no_chip_knows_are_refused),
		cmocka_unit_test(test_a_point_beside_its_curve_is_refused),
		cmocka_unit_test(
		    test_made_keys_are_written_in_the_traditional_form),
		cmocka_unit_test(test_a_key_is_written_as_it_was_read),
		cmocka_unit_test(
		    test_unusual_forms_are_written_in_the_plain_one),
		cmocka_unit_test(test_no_two_keys_are_the_same),
		cmocka_unit_test(test_a_point_is_x_and_y_highest_byte_first),
		cmocka_unit_test(test_what_is_no_point_is_refused),
		cmocka_unit_test(test_rsa_numbers_make_a_key),
		cmocka_unit_test(test_an_rsa_key_that_was_changed_is_refused),
		cmocka_unit_test(
		    test_halves_that_do_not_belong_together_are_refused),
		cmocka_unit_test(test_recorded_digests_are_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
