/*
 * test_sbv2 - signature sectors: what is written stands where a chip looks for
 * it, and nothing that was changed passes.
 *
 * Where ESPFLASHD_VECTORS names a folder of recorded runs of espsecure, its
 * sectors are read and made again.
 */
#include "proto/secure/sbv2.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "tests/unit/secure_vectors.h"
#include "tests/unit/unit.h"

enum {
	SCHEMES		= 4,
	AT_CRC		= 1196,
	AT_PAD		= 1200,
	RSA_KEY		= 36,		/* where the key begins */
	RSA_SIGNATURE	= 812,
};

static const char	image[] = "what would be 4096 bytes or more";

/* One signed block of each scheme, and a second key of its kind. */
struct signed_block {
	struct pem_key	*k, *other;
	uint8_t		 digest[SIGN_DIGEST_MAX];
	size_t		 digest_len;
	uint8_t		 signature[SIGN_MAX];
	size_t		 len;
	uint8_t		 sector[SBV2_SECTOR];
};

static const enum pem_scheme schemes[SCHEMES] = {
	PEM_RSA_3072, PEM_ECDSA_P192, PEM_ECDSA_P256, PEM_ECDSA_P384,
};

/* First byte of the signature, and of the byte behind it. */
static const struct { size_t at, key, end; } places[SCHEMES] = {
	{ RSA_SIGNATURE, RSA_KEY, AT_CRC },
	{ 101, 36, 149 },
	{ 101, 36, 165 },
	{ 149, 52, 245 },
};

static void
make_block(struct signed_block *b, enum pem_scheme scheme)
{
	struct why	why = { 0 };

	if (pem_generate(&b->k, scheme, "key", &why) != 0 ||
	    pem_generate(&b->other, scheme, "other", &why) != 0)
		fail_msg("%s", why.text);
	b->digest_len = sign_digest_bytes(scheme);
	assert_int_equal(sign_digest(image, sizeof(image), b->digest,
	    b->digest_len), 0);
	if (sign_make(b->k, b->digest, b->digest_len, SIGN_RANDOM,
	    b->signature, &b->len, &why) != 0)
		fail_msg("%s", why.text);
	memset(b->sector, 0xff, SBV2_SECTOR);
	sbv2_write(b->k, b->digest, b->digest_len, b->signature, b->len,
	    b->sector);
}

static int
setup(void **state)
{
	static struct signed_block	blocks[SCHEMES];

	for (size_t i = 0; i < SCHEMES; i++)
		make_block(&blocks[i], schemes[i]);
	*state = blocks;
	return 0;
}

static int
teardown(void **state)
{
	struct signed_block	*b = *state;

	for (size_t i = 0; i < SCHEMES; i++) {
		pem_free(b[i].k);
		pem_free(b[i].other);
	}
	return 0;
}

static enum sbv2_place
kind_of(enum pem_scheme scheme)
{
	return scheme == PEM_RSA_3072 ? SBV2_BLOCK_RSA : SBV2_BLOCK_ECDSA;
}

static void
mend_crc(uint8_t *block)
{
	le32_put(block + AT_CRC, (uint32_t)crc32(0, block, AT_CRC));
}

static void
test_what_is_written_is_read(void **state)
{
	struct signed_block	*b = *state;
	struct sbv2_block	 got;
	uint8_t			 key[PEM_PUBLIC_MAX], digest[PEM_DIGEST];
	uint8_t			 own[PEM_DIGEST];

	for (size_t i = 0; i < SCHEMES; i++) {
		assert_int_equal(sbv2_read(b[i].sector, 0, &got),
		    kind_of(schemes[i]));
		assert_int_equal(got.scheme, schemes[i]);
		assert_int_equal(got.digest_len, b[i].digest_len);
		assert_memory_equal(got.digest, b[i].digest, got.digest_len);
		assert_int_equal(got.key_len, pem_public(b[i].k, key));
		assert_memory_equal(got.key, key, got.key_len);
		assert_int_equal(pem_digest(b[i].k, digest), 0);
		assert_int_equal(sbv2_key_digest(&got, own), 0);
		assert_memory_equal(own, digest, PEM_DIGEST);
		assert_int_equal(got.signature_len, sign_bytes(schemes[i]));
		assert_memory_equal(got.signature, b[i].signature,
		    got.signature_len);
		assert_int_equal(sbv2_check(&got, b[i].k), 0);
		assert_int_equal(sbv2_check_own(&got), 0);
	}
}

static void
test_all_stands_where_a_chip_looks(void **state)
{
	struct signed_block	*b = *state;
	const uint8_t		*p, *s;
	size_t			 number;

	for (size_t i = 0; i < SCHEMES; i++) {
		p = b[i].sector;
		assert_int_equal(p[0], 0xe7);
		assert_int_equal(p[1], i == 0 ? 2 : 3);
		assert_int_equal(p[2], schemes[i] == PEM_ECDSA_P384);
		assert_int_equal(p[3], 0);
		assert_memory_equal(p + 4, b[i].digest, b[i].digest_len);
		if (i > 0)
			assert_int_equal(p[places[i].key], i);
		number = i == 0 ? b[i].len : b[i].len / 2;
		s = p + places[i].at;
		for (size_t j = 0; j < b[i].len; j++)
			assert_int_equal(s[j], b[i].signature[j / number *
			    number + number - 1 - j % number]);
		for (size_t j = places[i].end; j < AT_CRC; j++)
			assert_int_equal(p[j], 0);
		assert_int_equal(le32_get(p + AT_CRC),
		    (uint32_t)crc32(0, p, AT_CRC));
		for (size_t j = AT_PAD; j < SBV2_BLOCK; j++)
			assert_int_equal(p[j], 0);
	}
}

static void
test_each_place_is_read_by_itself(void **state)
{
	struct signed_block	*b = *state;
	struct sbv2_block	 got;
	static uint8_t		 sector[SBV2_SECTOR];

	memset(sector, 0xff, sizeof(sector));
	for (unsigned n = 0; n < SBV2_BLOCKS; n++)
		assert_int_equal(sbv2_read(sector, n, &got), SBV2_EMPTY);
	memcpy(sector + SBV2_BLOCK, b[0].sector, SBV2_BLOCK);
	memcpy(sector + 2 * SBV2_BLOCK, b[3].sector, SBV2_BLOCK);
	assert_int_equal(sbv2_read(sector, 0, &got), SBV2_EMPTY);
	assert_int_equal(sbv2_read(sector, 1, &got), SBV2_BLOCK_RSA);
	assert_int_equal(sbv2_check(&got, b[0].k), 0);
	assert_int_equal(sbv2_read(sector, 2, &got), SBV2_BLOCK_ECDSA);
	assert_int_equal(got.scheme, PEM_ECDSA_P384);
	assert_int_equal(sbv2_check(&got, b[3].k), 0);
}

static void
test_any_changed_byte_breaks_the_crc(void **state)
{
	struct signed_block	*b = *state;
	struct sbv2_block	 got;
	uint8_t			*p = b[2].sector;
	enum sbv2_place		 want;

	for (size_t i = 0; i < SBV2_BLOCK; i++) {
		p[i] ^= 0x40;
		want = i == 0 ? SBV2_EMPTY :
		    i < AT_PAD ? SBV2_DAMAGED : SBV2_BLOCK_ECDSA;
		assert_int_equal(sbv2_read(p, 0, &got), want);
		p[i] ^= 0x40;
	}
	assert_int_equal(sbv2_read(p, 0, &got), SBV2_BLOCK_ECDSA);
}

/* A byte of a block changed, with a CRC that knows it. */
static enum sbv2_place
read_changed(const struct signed_block *b, size_t at, uint8_t value,
    struct sbv2_block *got)
{
	static uint8_t	sector[SBV2_SECTOR];

	memcpy(sector, b->sector, sizeof(sector));
	sector[at] = value;
	mend_crc(sector);
	return sbv2_read(sector, 0, got);
}

static void
test_what_no_chip_knows_is_strange(void **state)
{
	static const uint8_t	 versions[] = { 0, 1, 4, 0xff };
	struct signed_block	*b = *state;
	struct sbv2_block	 got = { .key_len = 77 };

	for (size_t i = 0; i < SCHEMES; i++)
		for (size_t j = 0; j < UNIT_COUNT(versions); j++)
			assert_int_equal(read_changed(&b[i], 1, versions[j],
			    &got), SBV2_STRANGE);
	/* SHA-256 with the large curve, SHA-384 with a small one, another */
	assert_int_equal(read_changed(&b[3], 2, 0, &got), SBV2_STRANGE);
	assert_int_equal(read_changed(&b[2], 2, 1, &got), SBV2_STRANGE);
	assert_int_equal(read_changed(&b[2], 2, 2, &got), SBV2_STRANGE);
	assert_int_equal(read_changed(&b[1], 36, 0, &got), SBV2_STRANGE);
	assert_int_equal(read_changed(&b[2], 36, 3, &got), SBV2_STRANGE);
	assert_int_equal(read_changed(&b[3], 52, 2, &got), SBV2_STRANGE);
	assert_int_equal(got.key_len, 77);
}

/* ECDSA on P-192 signs the first 24 bytes of a digest (FIPS 186-4, 6.4): the
 * others are found by whoever compares it with that of the image. */
static bool
is_signed(enum pem_scheme scheme, size_t at)
{
	return scheme != PEM_ECDSA_P192 || at < 28 || at >= 36;
}

static void
test_a_forged_crc_does_not_help(void **state)
{
	struct signed_block	*b = *state;
	struct sbv2_block	 got;

	for (size_t i = 0; i < SCHEMES; i++)
		for (size_t at = 4; at < places[i].end; at += 13) {
			if (i > 0 && at == places[i].key)
				continue;	/* the curve */
			if (!is_signed(schemes[i], at))
				continue;
			if (read_changed(&b[i], at, b[i].sector[at] ^ 4,
			    &got) != kind_of(schemes[i]))
				fail_msg("byte %zu", at);
			if (sbv2_check_own(&got) != ERR_SIGNATURE)
				fail_msg("byte %zu of %s", at,
				    pem_scheme_name(schemes[i]));
		}
}

/* 2^6144 mod n and -1/n are not in the signature, but a chip computes with
 * them. */
static void
test_derived_numbers_of_an_rsa_key_count_as_well(void **state)
{
	struct signed_block	*b = *state;
	struct sbv2_block	 got;

	assert_int_equal(read_changed(&b[0], 500, b[0].sector[500] ^ 1, &got),
	    SBV2_BLOCK_RSA);
	assert_int_equal(sbv2_check(&got, b[0].k), 0);
	assert_int_equal(sbv2_check_own(&got), ERR_SIGNATURE);
	assert_int_equal(read_changed(&b[0], 808, b[0].sector[808] ^ 1, &got),
	    SBV2_BLOCK_RSA);
	assert_int_equal(sbv2_check_own(&got), ERR_SIGNATURE);
}

static void
test_other_keys_do_not_fit(void **state)
{
	struct signed_block	*b = *state;
	struct sbv2_block	 got;

	for (size_t i = 0; i < SCHEMES; i++) {
		(void)sbv2_read(b[i].sector, 0, &got);	/* shown above */
		assert_int_equal(sbv2_check(&got, b[i].other), ERR_SIGNATURE);
		for (size_t j = 0; j < SCHEMES; j++)
			assert_int_equal(sbv2_check(&got, b[j].k),
			    i == j ? 0 : ERR_SIGNATURE);
	}
}

/* The signature is right, but the block brings another key. */
static void
test_a_block_with_a_key_that_is_not_its_signers_is_not_its_own(void **state)
{
	struct signed_block	*b = *state;
	struct sbv2_block	 got;
	static uint8_t		 sector[SBV2_SECTOR];

	for (size_t i = 0; i < SCHEMES; i++) {
		sbv2_write(b[i].other, b[i].digest, b[i].digest_len,
		    b[i].signature, b[i].len, sector);
		assert_int_equal(sbv2_read(sector, 0, &got),
		    kind_of(schemes[i]));
		assert_int_equal(sbv2_check(&got, b[i].k), 0);
		assert_int_equal(sbv2_check(&got, b[i].other), ERR_SIGNATURE);
		assert_int_equal(sbv2_check_own(&got), ERR_SIGNATURE);
	}
}

/* Its blocks are whole, its digests those of the image, and what is made again
 * is the same. */
static void
check_recorded(const char *name, unsigned blocks)
{
	size_t			 len;
	uint8_t			*file = vector_load(name, &len), *sector;
	uint8_t			 digest[SIGN_DIGEST_MAX];
	struct sbv2_block	 b;
	enum sbv2_place		 place;

	assert_true(len > SBV2_SECTOR);
	len -= SBV2_SECTOR;
	sector = file + len;
	for (unsigned n = 0; n < SBV2_BLOCKS; n++) {
		place = sbv2_read(sector, n, &b);
		if (n >= blocks) {
			assert_int_equal(place, SBV2_EMPTY);
			continue;
		}
		assert_true(place >= SBV2_BLOCK_RSA);
		assert_int_equal(sbv2_check_own(&b), 0);
		assert_int_equal(sign_digest(file, len, digest, b.digest_len),
		    0);
		assert_memory_equal(b.digest, digest, b.digest_len);
	}
	free(file);
}

static void
test_recorded_sectors_are_whole(void **state)
{
	static const char *const	names[] = {
		"rsa", "ecdsa192", "ecdsa256", "ecdsa384",
	};
	char				path[128];

	(void)state;
	if (vector_folder() == NULL) {
		skip();
		return;
	}
	for (size_t i = 0; i < UNIT_COUNT(names); i++) {
		(void)snprintf(path, sizeof(path),
		    "in/bootloader_signed_v2_%s.bin", names[i]);
		check_recorded(path, 1);
		(void)snprintf(path, sizeof(path),
		    "in/bootloader_multi_signed_v2_%s.bin", names[i]);
		check_recorded(path, 3);
	}
	check_recorded("out/sign-v2-rsa-3keys/s.bin", 3);
	check_recorded("out/sign-v2-append-mixed/s.bin", 2);
	check_recorded("out/sign-v2-rsa-skip-padding/s.bin", 1);
}

/* A signature that was made elsewhere gives the recorded block. */
static void
check_made(const char *scheme)
{
	char			 key[128], from[128], want_name[128];
	size_t			 len, want_len, signature_len, digest_len;
	uint8_t			*signature, *want, out[SBV2_BLOCK];
	uint8_t			 plain[SIGN_MAX], digest[SIGN_DIGEST_MAX];
	struct pem_key		*k;

	(void)snprintf(key, sizeof(key), "in/%s_secure_boot_signing_pubkey.pem",
	    scheme);
	(void)snprintf(from, sizeof(from),
	    "in/pre_calculated_bootloader_signature_%s.bin", scheme);
	(void)snprintf(want_name, sizeof(want_name),
	    "out/sign-v2-precalc-%s/s.bin", scheme);
	k = vector_key(key);
	signature = vector_load(from, &len);
	want = vector_load(want_name, &want_len);
	signature_len = len;
	if (pem_scheme(k) == PEM_RSA_3072)
		memcpy(plain, signature, sizeof(plain));
	else
		assert_int_equal(sign_from_der(pem_scheme(k), signature, len,
		    plain, &signature_len, NULL), 0);
	digest_len = sign_digest_bytes(pem_scheme(k));
	assert_int_equal(sign_digest(want, want_len - SBV2_SECTOR, digest,
	    digest_len), 0);
	sbv2_write(k, digest, digest_len, plain, signature_len, out);
	assert_memory_equal(out, want + want_len - SBV2_SECTOR, sizeof(out));
	free(want);
	free(signature);
	pem_free(k);
}

static void
test_recorded_blocks_are_made_again(void **state)
{
	(void)state;
	if (vector_folder() == NULL) {
		skip();
		return;
	}
	check_made("rsa");
	check_made("ecdsa192");
	check_made("ecdsa384");
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_what_is_written_is_read),
		cmocka_unit_test(test_all_stands_where_a_chip_looks),
		cmocka_unit_test(test_each_place_is_read_by_itself),
		cmocka_unit_test(test_any_changed_byte_breaks_the_crc),
		cmocka_unit_test(test_what_no_chip_knows_is_strange),
		cmocka_unit_test(test_a_forged_crc_does_not_help),
		cmocka_unit_test(
		    test_derived_numbers_of_an_rsa_key_count_as_well),
		cmocka_unit_test(test_other_keys_do_not_fit),
		cmocka_unit_test(
		    test_a_block_with_a_key_that_is_not_its_signers_is_not_its_own),
		cmocka_unit_test(test_recorded_sectors_are_whole),
		cmocka_unit_test(test_recorded_blocks_are_made_again),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
