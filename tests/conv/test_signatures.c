/* check: images that a chip with secure boot would not start. */
#include <stdio.h>
#include <stdlib.h>

#include <zlib.h>

#include "daemon/link/signatures.h"
#include "proto/efuse/efuse.h"
#include "proto/secure/sbv1.h"
#include "proto/secure/sbv2.h"
#include "tests/conv/conv.h"

enum {
	HEAD	= 24,
	SEGMENT	= 5000,
	IMAGE	= (HEAD + 8 + SEGMENT) / 16 * 16 + 16 + 32,
	FILLED	= 8192,		/* to whole sectors */
	SIGNED	= FILLED + SBV2_SECTOR,
	APP_AT	= 0x10000,
	ROOM	= 0x40000,
};

static struct pem_key	*p256, *other, *p192, *p384, *rsa;
static uint8_t		 file[ROOM];	/* what is written */
static const struct efuse_chip *fuses;
static struct link_write w;
static const char	*blob_name = "app.bin";

/* ---- an image, and its signatures ---- */

static void
make_image(const struct chip *chip, size_t at)
{
	uint8_t	*p = file + at;

	memset(p, 0, IMAGE);
	p[0] = 0xe9;
	p[1] = 1;
	le16_put(p + 12, (uint16_t)chip->image_id);
	le16_put(p + 17, 0xffff);
	p[23] = 1;
	le32_put(p + 24, 0x3fff0000);
	le32_put(p + 28, SEGMENT);
	for (size_t i = 0; i < SEGMENT; i++)
		p[32 + i] = (uint8_t)(i * 7);
	memset(p + IMAGE, 0xff, FILLED + SBV2_SECTOR - IMAGE);
}

static struct pem_key *
make_key(enum pem_scheme scheme)
{
	struct pem_key	*k;

	assert_int_equal(pem_generate(&k, scheme, "key", NULL), 0);
	return k;
}

static uint8_t *
block(size_t at, unsigned n)
{
	return file + at + FILLED + n * SBV2_BLOCK;
}

/* Block `n` of the sector behind the image at `at`. */
static void
sign_image(const struct pem_key *k, size_t at, unsigned n)
{
	size_t	len, bytes = sign_digest_bytes(pem_scheme(k));
	uint8_t	sum[SIGN_DIGEST_MAX], sig[SIGN_MAX];

	assert_int_equal(sign_digest(file + at, FILLED, sum, bytes), 0);
	assert_int_equal(sign_make(k, sum, bytes, SIGN_RANDOM, sig, &len,
	    NULL), 0);
	sbv2_write(k, sum, bytes, sig, len, block(at, n));
}

static void
make_signed(const struct chip *chip, const struct pem_key *k)
{
	make_image(chip, 0);
	sign_image(k, 0, 0);
}

/* After its bytes were changed. */
static void
mend_crc(uint8_t *p)
{
	le32_put(p + 1196, (uint32_t)crc32_z(0, p, 1196));
}

static int
make_keys(void **state)
{
	(void)state;
	p256 = make_key(PEM_ECDSA_P256);
	other = make_key(PEM_ECDSA_P256);
	p192 = make_key(PEM_ECDSA_P192);
	p384 = make_key(PEM_ECDSA_P384);
	rsa = make_key(PEM_RSA_3072);
	return 0;
}

static int
drop_keys(void **state)
{
	(void)state;
	pem_free(p256);
	pem_free(other);
	pem_free(p192);
	pem_free(p384);
	pem_free(rsa);
	return 0;
}

/* ---- a chip with fuses ---- */

static void
burn(unsigned blk, unsigned bit, unsigned count, uint32_t value)
{
	for (unsigned i = 0; i < count; i++) {
		unsigned	at = bit + i;

		if ((value >> i & 1) != 0)
			*board_reg(&b, fuses->base + fuses->blocks[blk].read +
			    4 * (at / 32)) |= (uint32_t)1 << at % 32;
	}
}

static void
burn_field(const char *name, uint32_t value)
{
	const struct efuse_field	*f = fuses->fields;

	while (f->name != NULL && strcmp(f->name, name) != 0)
		f++;
	assert_non_null(f->name);
	burn(f->block, f->bit, f->bits, value);
}

static void
burn_digest(unsigned blk, unsigned bit, const struct pem_key *k)
{
	uint8_t	sum[PEM_DIGEST];

	assert_int_equal(pem_digest(k, sum), 0);
	for (unsigned i = 0; i < PEM_DIGEST && bit + 8 * i < 256; i++)
		burn(blk, bit + 8 * i, 8, sum[i]);
}

/* A chip with secure boot on that trusts `k` (block 4, digest 0), or NULL:
 * nobody. */
static void
begin(const struct chip *chip, const struct pem_key *k)
{
	board_init(&b, &l, chip);
	fuses = efuse_chip_find(chip, 9999);
	assert_non_null(fuses);
	if (chip == &chip_esp32) {
		/* Revision 3.0: three bits, one of them not of a fuse. */
		burn_field("CHIP_VER_REV1", 1);
		burn_field("CHIP_VER_REV2", 1);
		board_set_reg(&b, 0x3ff6607c, 0x80000000);
	}
	burn_field(chip == &chip_esp32 ? "ABS_DONE_1" : "SECURE_BOOT_EN", 1);
	if (k == NULL)
		return;
	if (chip == &chip_esp32)
		burn_digest(2, 0, k);
	else if (chip == &chip_esp32c2)
		burn_digest(3, 128, k);
	else {
		burn_field("KEY_PURPOSE_0", 9);
		burn_digest(4, 0, k);
	}
}

/* Check a write of the first `len` bytes of `file`. */
static int
check_at(uint32_t offset, size_t len)
{
	uint8_t		*copy = malloc(len + 3);
	struct blob	*blob;
	int		 r;

	assert_non_null(copy);
	memcpy(copy, file, len);
	assert_non_null(blob = blob_new(blob_name, copy, len));
	while (blob_step(blob) > 0)
		continue;
	w = (struct link_write){ .blob = blob, .offset = offset };
	l.flash.writes = &w;
	l.flash.write_count = 1;
	r = phase_check(&l);
	blob_unref(blob);
	return r;
}

/* The same with an identified board, which is gone then; what it told is left. */
static void
told(uint32_t offset, size_t len)
{
	board_ready(&b, &l, false);
	b.notes[0] = '\0';
	assert_int_equal(check_at(offset, len), 0);
	board_done(&b, &l);
}

static void
tells(const char *what)
{
	told(APP_AT, SIGNED);
	assert_contains(b.notes, what);
}

static void
is_silent(void)
{
	told(APP_AT, SIGNED);
	assert_string_equal(b.notes, "");
}

/* "0123456789abcdef.." of a key. */
static const char *
digest_text(const struct pem_key *k, char out[20])
{
	uint8_t	sum[PEM_DIGEST];

	assert_int_equal(pem_digest(k, sum), 0);
	for (int i = 0; i < 8; i++)
		(void)snprintf(out + 2 * i, 4, "%02x", sum[i]);
	memcpy(out + 16, "..", 3);
	return out;
}

/* ---- what is told, and what is not ---- */

static void
test_without_secure_boot_nothing_is_asked_or_told(void **state)
{
	(void)state;
	make_image(&chip_esp32c6, 0);
	board_init(&b, &l, &chip_esp32c6);
	told(APP_AT, SIGNED);
	assert_string_equal(b.notes, "");
	assert_int_equal(b.frames, 0);
}

static void
test_an_image_without_a_signature(void **state)
{
	static const char	says[] = "Warning: app.bin at 0x10000 has no "
	    "signature, and secure boot is on in this ESP32-C6: it will not "
	    "start. Sign it with a key that it trusts: espctl secure sign-data "
	    "--version 2 --keyfile KEY --output SIGNED app.bin\n";

	(void)state;
	make_image(&chip_esp32c6, 0);
	begin(&chip_esp32c6, p256);
	told(APP_AT, IMAGE);		/* as the compiler left it */
	assert_string_equal(b.notes, says);
	assert_int_equal(b.frames, 0);	/* no fuse needs to be read for it */
	begin(&chip_esp32c6, p256);
	told(APP_AT, FILLED);
	assert_string_equal(b.notes, says);
	begin(&chip_esp32c6, p256);
	told(APP_AT, SIGNED);		/* an empty sector */
	assert_string_equal(b.notes, says);
	begin(&chip_esp32c6, p256);
	sign_image(p256, 0, 0);
	told(APP_AT, SIGNED - 1);	/* half a sector */
	assert_string_equal(b.notes, says);
}

static void
test_data_are_not_looked_into(void **state)
{
	(void)state;
	memset(file, 0x5a, SIGNED);
	begin(&chip_esp32c6, p256);
	is_silent();
	make_image(&chip_esp32c6, 0);
	file[0] = 0xe8;			/* encrypted already, say */
	begin(&chip_esp32c6, p256);
	is_silent();
	make_image(&chip_esp32c6, 0);
	le32_put(file + 28, 0x7fffffff);	/* no image to its end */
	begin(&chip_esp32c6, p256);
	is_silent();
}

static void
test_a_trusted_signature_is_no_news(void **state)
{
	(void)state;
	make_signed(&chip_esp32c6, p256);
	begin(&chip_esp32c6, p256);
	is_silent();
	make_signed(&chip_esp32c6, rsa);
	begin(&chip_esp32c6, rsa);
	is_silent();
	make_signed(&chip_esp32c6, p192);
	begin(&chip_esp32c6, p192);
	is_silent();
	make_signed(&chip_esp32, rsa);
	begin(&chip_esp32, rsa);
	is_silent();
	make_signed(&chip_esp32c2, p256);
	begin(&chip_esp32c2, p256);
	is_silent();
}

static void
test_a_key_that_is_not_trusted(void **state)
{
	char	one[20], two[20], says[160];

	(void)state;
	make_signed(&chip_esp32c6, p256);
	begin(&chip_esp32c6, other);
	(void)snprintf(says, sizeof says, "is signed with a key that this chip "
	    "does not trust (its digest is %s; it trusts %s), and secure boot",
	    digest_text(p256, one), digest_text(other, two));
	tells(says);
	begin(&chip_esp32c6, NULL);
	tells("; no digest of a key is burned in it)");
	make_signed(&chip_esp32, rsa);
	begin(&chip_esp32, NULL);
	tells("does not trust");
	make_signed(&chip_esp32c2, p256);
	begin(&chip_esp32c2, other);
	tells("does not trust");
}

static void
test_any_of_three_digests_is_trusted(void **state)
{
	(void)state;
	make_signed(&chip_esp32c6, p256);
	begin(&chip_esp32c6, other);
	burn_field("KEY_PURPOSE_4", 11);
	burn_digest(8, 0, p256);
	is_silent();
	begin(&chip_esp32c6, other);
	burn_digest(8, 0, p256);	/* a block of another purpose */
	tells("does not trust");
}

static void
test_a_revoked_key(void **state)
{
	(void)state;
	make_signed(&chip_esp32c6, p256);
	begin(&chip_esp32c6, p256);
	burn_field("SECURE_BOOT_KEY_REVOKE0", 1);
	tells("is signed with a key that is revoked in this chip (its digest");
	begin(&chip_esp32c6, p256);
	burn_field("SECURE_BOOT_KEY_REVOKE1", 1);
	is_silent();
}

static void
test_an_image_that_was_changed(void **state)
{
	static const char	says[] = "was changed after it was signed "
	    "(block 0 is the signature of other bytes)";
	const size_t		at[] = { 100, IMAGE - 1, FILLED - 1 };

	(void)state;
	for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
		make_signed(&chip_esp32c6, p256);
		file[at[i]] ^= 1;
		begin(&chip_esp32c6, p256);
		tells(says);
	}
}

static void
test_damaged_strange_and_forged_signatures(void **state)
{
	(void)state;
	make_signed(&chip_esp32c6, p256);
	block(0, 0)[50] ^= 1;
	begin(&chip_esp32c6, p256);
	tells("has a damaged signature (block 0)");
	make_signed(&chip_esp32c6, p256);
	block(0, 0)[1] = 9;
	mend_crc(block(0, 0));
	begin(&chip_esp32c6, p256);
	tells("has a signature (block 0) of a kind that is not known here, and "
	    "secure boot is on in this ESP32-C6: whether it starts cannot be "
	    "told. Sign");
	make_signed(&chip_esp32c6, p256);
	block(0, 0)[101] ^= 1;
	mend_crc(block(0, 0));
	begin(&chip_esp32c6, p256);
	tells("has a signature (block 0) that was not made with the key beside "
	    "it");
}

static void
test_one_good_block_is_enough(void **state)
{
	(void)state;
	make_signed(&chip_esp32c6, other);
	sign_image(rsa, 0, 1);
	sign_image(p256, 0, 2);
	block(0, 1)[50] ^= 1;
	begin(&chip_esp32c6, p256);
	is_silent();
	begin(&chip_esp32c6, p192);
	tells("does not trust");	/* more to the point than the damage */
}

/* As ROMs were seen to do. */
static void
test_places_of_blocks(void **state)
{
	(void)state;
	make_image(&chip_esp32c6, 0);
	sign_image(p256, 0, 1);
	begin(&chip_esp32c6, p256);
	tells("has no signature");	/* none in the first place */
	sign_image(other, 0, 0);
	memset(block(0, 1), 0xff, SBV2_BLOCK);
	sign_image(p256, 0, 2);
	begin(&chip_esp32c6, p256);
	is_silent();
	/* All three, also where fuses have one digest. */
	make_signed(&chip_esp32c2, other);
	sign_image(p256, 0, 1);
	begin(&chip_esp32c2, p256);
	is_silent();
}

static void
test_kinds_of_keys_that_a_chip_does_not_check(void **state)
{
	(void)state;
	make_signed(&chip_esp32c3, p256);
	begin(&chip_esp32c3, p256);
	tells("a key of a kind that this chip does not check with (ECDSA "
	    "P-256), and secure boot is on in this ESP32-C3: it will not "
	    "start. Sign it with an RSA-3072 key that it trusts: espctl");
	make_signed(&chip_esp32c2, rsa);
	begin(&chip_esp32c2, rsa);
	tells("(RSA-3072), and secure boot is on in this ESP32-C2: it will not "
	    "start. Sign it with an ECDSA key");
	make_signed(&chip_esp32c6, p384);
	begin(&chip_esp32c6, p384);
	tells("does not check with (ECDSA P-384)");
	make_signed(&chip_esp32c5, p384);
	begin(&chip_esp32c5, p384);
	tells("only checks with once SECURE_BOOT_SHA384_EN is burned");
	begin(&chip_esp32c5, p384);
	burn_field("SECURE_BOOT_SHA384_EN", 1);
	is_silent();
}

/* Of a chip that tells nothing of itself only what is sure is told. */
static void
test_secure_download_mode(void **state)
{
	(void)state;
	make_signed(&chip_esp32c6, p256);
	begin(&chip_esp32c6, NULL);
	b.flags = SECINFO_SECURE_DOWNLOAD | SECINFO_SECURE_BOOT;
	l.opt.secure_ok = true;
	is_silent();
	assert_int_equal(b.sent[CMD_READ_REG], 0);
	make_signed(&chip_esp32c3, p256);
	begin(&chip_esp32c3, NULL);
	b.flags = SECINFO_SECURE_DOWNLOAD | SECINFO_SECURE_BOOT;
	l.opt.secure_ok = true;
	tells("does not check with");
	make_image(&chip_esp32c6, 0);
	begin(&chip_esp32c6, NULL);
	b.flags = SECINFO_SECURE_DOWNLOAD | SECINFO_SECURE_BOOT;
	l.opt.secure_ok = true;
	tells("has no signature");
	begin(&chip_esp32c6, NULL);
	b.flags = SECINFO_SECURE_DOWNLOAD;	/* without secure boot */
	l.opt.secure_ok = true;
	is_silent();
}

static void
test_the_first_version_signs_applications(void **state)
{
	uint8_t	*behind = file + IMAGE;

	(void)state;
	make_image(&chip_esp32, 0);
	board_init(&b, &l, &chip_esp32);
	fuses = efuse_chip_find(&chip_esp32, 0);
	burn_field("ABS_DONE_0", 1);
	told(APP_AT, IMAGE + SBV1_SIGNATURE - 1);
	assert_string_equal(b.notes, "Warning: app.bin at 0x10000 has no "
	    "signature, and secure boot is on in this ESP32: it will not "
	    "start. Sign it with the key of its bootloader: espctl secure "
	    "sign-data --version 1 --keyfile KEY --output SIGNED app.bin\n");
	board_init(&b, &l, &chip_esp32);
	burn_field("ABS_DONE_0", 1);
	tells("has no signature");	/* FF behind it */
	memset(behind, 0x33, SBV1_SIGNATURE);
	board_init(&b, &l, &chip_esp32);
	burn_field("ABS_DONE_0", 1);
	tells("has no signature");	/* of no known version */
	le32_put(behind, 0);
	board_init(&b, &l, &chip_esp32);
	burn_field("ABS_DONE_0", 1);
	is_silent();
	/* Its bootloader is written only by force, and has a digest. */
	make_image(&chip_esp32, 0);
	board_init(&b, &l, &chip_esp32);
	burn_field("ABS_DONE_0", 1);
	l.opt.force = true;
	told(0x1000, IMAGE);
	assert_string_equal(b.notes, "");
}

static void
test_an_esp32_before_3_0_has_no_second_version(void **state)
{
	(void)state;
	make_image(&chip_esp32, 0);
	begin(&chip_esp32, rsa);
	board_set_reg(&b, 0x3ff6607c, 0);
	is_silent();
}

static void
test_force_does_not_silence_it(void **state)
{
	(void)state;
	make_image(&chip_esp32c6, 0);
	begin(&chip_esp32c6, p256);
	l.opt.force = true;
	tells("has no signature");
}

static void
test_verifying_starts_nothing(void **state)
{
	(void)state;
	make_image(&chip_esp32c6, 0);
	begin(&chip_esp32c6, p256);
	l.flash.must_verify = true;
	is_silent();
}

/* A merged file begins with FF where the bootloader lies further behind. */
static void
test_the_bootloader_in_a_merged_file(void **state)
{
	(void)state;
	memset(file, 0xff, sizeof file);
	make_image(&chip_esp32, 0x1000);
	begin(&chip_esp32, rsa);
	told(0, ROOM);
	assert_contains(b.notes, "app.bin at 0x1000 has no signature");
	sign_image(rsa, 0x1000, 0);
	begin(&chip_esp32, rsa);
	told(0, ROOM);
	assert_string_equal(b.notes, "");
}

/* The end of a name tells most; what does not fit is not cut in the middle of a
 * command. */
static void
test_long_names(void **state)
{
	char	path[400], says[200];

	(void)state;
	make_image(&chip_esp32c6, 0);
	memset(path, 'd', sizeof path);
	memcpy(path + sizeof path - 9, "/app.bin", 9);
	(void)snprintf(says, sizeof says, "Warning: ..%s at 0x10000 has",
	    path + sizeof path - 1 - 120);
	for (size_t cut = 0; cut < sizeof path; cut += 100) {
		blob_name = path + cut;
		begin(&chip_esp32c6, p256);
		told(APP_AT, SIGNED);
		assert_contains(b.notes, cut < 280 ? says : "Warning: dddd");
		assert_contains(b.notes, cut < 280 ? "SIGNED FILE\n" :
		    "d/app.bin\n");
	}
	blob_name = "app.bin";
}

static void
test_it_is_told_once(void **state)
{
	(void)state;
	make_image(&chip_esp32c6, 0);
	begin(&chip_esp32c6, p256);
	board_ready(&b, &l, false);
	assert_int_equal(check_at(APP_AT, SIGNED), 0);
	assert_contains(b.notes, "has no signature");
	b.notes[0] = '\0';
	assert_int_equal(check_at(APP_AT, SIGNED), 0);
	assert_string_equal(b.notes, "");
	board_done(&b, &l);
}

/* ---- the line ---- */

static int	pauses, pauses_left;
static int	(*real_sleep)(struct wire *, unsigned);

static int
counting_sleep(struct wire *wire, unsigned ms)
{
	pauses++;
	if (pauses_left > 0 && --pauses_left == 0)
		wire->stop = ERR_CANCELED;
	return real_sleep(wire, ms);
}

/* Other boards go on while a large image is digested, and it can be stopped. */
static void
test_a_digest_is_made_in_steps(void **state)
{
	struct wire_ops	ops;

	(void)state;
	memset(file, 0xff, sizeof file);
	make_image(&chip_esp32c6, 0);
	le32_put(file + 28, ROOM - 3 * SBV2_SECTOR);
	/* Signs something else, so that it has to be digested. */
	sign_image(p256, 0, 0);
	memmove(file + ROOM - 2 * SBV2_SECTOR, block(0, 0), SBV2_SECTOR);
	for (int stop = 0; stop < 2; stop++) {
		begin(&chip_esp32c6, p256);
		board_ready(&b, &l, false);
		ops = *b.wire.ops;
		real_sleep = ops.sleep;
		ops.sleep = counting_sleep;
		b.wire.ops = &ops;
		pauses = 0;
		pauses_left = stop;
		assert_int_equal(check_at(APP_AT, ROOM), stop ?
		    ERR_CANCELED : 0);
		if (stop)
			assert_contains(l.why.text, "cancelled before it "
			    "could digest an image");
		else
			assert_contains(b.notes, "was changed");
		assert_int_equal(pauses, stop ? 1 : (ROOM - 2 * SBV2_SECTOR) /
		    BLOB_STEP);
		board_done(&b, &l);
	}
}

/* What a warning needs to know may fail, but the write goes on if the line
 * does. */
static void
test_fuses_that_cannot_be_read(void **state)
{
	static const struct {
		enum board_fault	 fault;
		int			 err;
	} cases[] = {
		{ FAULT_REFUSAL_ALWAYS, 0 },
		{ FAULT_SILENCE, ERR_TIMEOUT },
		{ FAULT_GARBAGE, ERR_NOISE },
		{ FAULT_CANCEL, ERR_CANCELED },
		{ FAULT_UNPLUG, ERR_UNPLUGGED },
	};

	(void)state;
	make_signed(&chip_esp32c6, p256);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		begin(&chip_esp32c6, other);
		board_ready(&b, &l, false);
		board_fault(&b, cases[i].fault, CMD_READ_REG, i);
		assert_int_equal(check_at(APP_AT, SIGNED), cases[i].err);
		assert_int_equal(l.why.err, cases[i].err);
		assert_string_equal(b.notes, "");
		board_done(&b, &l);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_secure_boot_nothing_is_asked_or_told),
		cmocka_unit_test(test_an_image_without_a_signature),
		cmocka_unit_test(test_data_are_not_looked_into),
		cmocka_unit_test(test_a_trusted_signature_is_no_news),
		cmocka_unit_test(test_a_key_that_is_not_trusted),
		cmocka_unit_test(test_any_of_three_digests_is_trusted),
		cmocka_unit_test(test_a_revoked_key),
		cmocka_unit_test(test_an_image_that_was_changed),
		cmocka_unit_test(test_damaged_strange_and_forged_signatures),
		cmocka_unit_test(test_one_good_block_is_enough),
		cmocka_unit_test(test_places_of_blocks),
		cmocka_unit_test(test_kinds_of_keys_that_a_chip_does_not_check),
		cmocka_unit_test(test_secure_download_mode),
		cmocka_unit_test(test_the_first_version_signs_applications),
		cmocka_unit_test(test_an_esp32_before_3_0_has_no_second_version),
		cmocka_unit_test(test_force_does_not_silence_it),
		cmocka_unit_test(test_verifying_starts_nothing),
		cmocka_unit_test(test_the_bootloader_in_a_merged_file),
		cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_it_is_told_once),
		cmocka_unit_test(test_a_digest_is_made_in_steps),
		cmocka_unit_test(test_fuses_that_cannot_be_read),
	};

	return cmocka_run_group_tests_name("signatures", tests, make_keys,
	    drop_keys);
}
