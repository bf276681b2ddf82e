/* check, write, verify and read: what esptool does, without its defects. */
#include "tests/conv/conv.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/evp.h>

enum { SECTOR = 4096, LARGE = 300000 };

static struct blob	*code, *noise, *large, *boot;
static struct link_write writes[2];
static char		 stub_dir[] = "/tmp/conv-write-XXXXXX";

/* ---- what the tests share ---- */

/* A stub that the model takes for one. */
static void
make_stub(const char *chip)
{
	char	path[64];
	FILE	*f;

	(void)snprintf(path, sizeof path, "%s/%s.json", stub_dir, chip);
	assert_non_null(f = fopen(path, "w"));
	assert_true(fprintf(f, "{\"entry\": 1074520064, \"text\": \"%s\", "
	    "\"text_start\": 1074520064, \"data\": \"CIH+Pw==\", "
	    "\"data_start\": 1073605544, \"bss_start\": 1073545216}",
	    "AQIDBAUGBwg=") > 0);
	assert_int_equal(fclose(f), 0);
}

static void
drop_stub_of(const char *chip)
{
	char	path[64];

	(void)snprintf(path, sizeof path, "%s/%s.json", stub_dir, chip);
	(void)unlink(path);
}

/* A bootloader of an ESP32 with one segment and a digest. */
static struct blob *
make_boot(void)
{
	enum { SEGMENT = 3000, SUM = 24 + 8 + SEGMENT };
	size_t		 at = (SUM / 16 + 1) * 16;
	uint8_t		*p = calloc(1, at + 32 + 3), sum[EVP_MAX_MD_SIZE];
	struct blob	*blob;

	assert_non_null(p);
	p[0] = 0xe9;
	p[1] = 1;
	p[2] = 2;
	p[3] = 0x20;
	p[17] = p[18] = 0xff;
	p[23] = 1;
	le32_put(p + 24, 0x3fff0000);
	le32_put(p + 28, SEGMENT);
	memset(p + 32, 0x5a, SEGMENT);
	assert_int_equal(EVP_Digest(p, at, sum, NULL, EVP_sha256(), NULL), 1);
	memcpy(p + at, sum, 32);
	assert_non_null(blob = blob_new("boot.bin", p, at + 32));
	while (blob_step(blob) > 0)
		continue;
	return blob;
}

static int
make_all(void **state)
{
	(void)state;
	code = board_blob("code.bin", 100000, 2, true);
	noise = board_blob("noise.bin", 40001, 3, false);
	large = board_blob("large.bin", LARGE, 4, false);
	boot = make_boot();
	assert_non_null(mkdtemp(stub_dir));
	make_stub("esp32");
	make_stub("esp32c3");
	return 0;
}

static int
drop_all(void **state)
{
	(void)state;
	blob_unref(code);
	blob_unref(noise);
	blob_unref(large);
	blob_unref(boot);
	drop_stub_of("esp32");
	drop_stub_of("esp32c3");
	return rmdir(stub_dir);
}

/* A board whose flash holds what was there before: 0x11 everywhere. */
static void
start(const struct chip *chip, bool stub)
{
	board_init(&b, &l, chip);
	board_ready(&b, &l, stub);
	l.opt.stub_path = stub_dir;
	l.opt.stub = stub ? STUB_ESPRESSIF : STUB_NONE;
	l.found.security = (struct security){ .encrypted = false };
	memset(b.flash, 0x11, BOARD_FLASH);
	l.flash.writes = writes;
}

static void
end(void)
{
	board_done(&b, &l);
}

static void
put(size_t i, struct blob *blob, uint32_t offset)
{
	writes[i] = (struct link_write){ .blob = blob, .offset = offset };
	l.flash.write_count = i + 1;
}

static void
write_and_verify(void)
{
	assert_int_equal(phase_check(&l), 0);
	assert_int_equal(b.frames, 0);
	assert_int_equal(phase_write(&l), 0);
	assert_int_equal(phase_verify(&l), 0);
}

/* Flash holds that file there, and next to it what it did before. */
static void
assert_written(const struct blob *blob, uint32_t offset)
{
	uint32_t	end_at = offset + (uint32_t)blob->file_len;

	assert_memory_equal(b.flash + offset, blob->data, blob->file_len);
	assert_int_equal(b.flash[offset / SECTOR * SECTOR - 1], 0x11);
	assert_int_equal(b.flash[(end_at + SECTOR - 1) / SECTOR * SECTOR],
	    0x11);
}

static void
assert_untouched(void)
{
	for (size_t i = 0; i < BOARD_FLASH; i++)
		assert_int_equal(b.flash[i], 0x11);
}

/* ---- where images begin and end ---- */

static void
test_fix_05_start_that_is_no_multiple_of_four(void **state)
{
	static const uint32_t	offsets[] = { 0x20104, 0x20101, 0x20003 };

	(void)state;
	for (size_t i = 0; i < 3; i++)
		for (int stub = 0; stub < 2; stub++) {
			start(&chip_esp32c3, stub);
			put(0, noise, offsets[i]);
			write_and_verify();
			assert_written(noise, offsets[i]);
			assert_int_equal(b.begin[3] % 4, 0);
			assert_true(l.found.verified);
			end();
		}
}

static void
test_fix_29_a_rom_erases_all_of_the_first_sector(void **state)
{
	(void)state;
	start(&chip_esp32c3, false);
	put(0, noise, 0x20104);
	write_and_verify();
	assert_int_equal(b.begin[3], 0x20000);
	assert_int_equal(b.begin[0] % 1024, 0);
	assert_int_equal(b.flash[0x20000], 0xff);
	end();
}

static void
test_fix_11_numbers_are_those_of_the_user_not_the_filled_up_ones(void **state)
{
	(void)state;
	start(&chip_esp32c3, false);
	put(0, noise, 0x20104);
	write_and_verify();
	assert_int_equal(b.total, noise->len);
	assert_int_equal(b.done, b.total);
	assert_contains(b.notes, "Flash address 0x00020104");
	assert_contains(b.notes, "0x104 bytes before");
	end();
}

/* A compressible image whose zlib stream ends a few bytes into a block. */
static struct blob *
blob_with_a_small_tail(uint32_t block)
{
	for (size_t len = 6000; len < 60000; len += 4) {
		struct blob	*blob = board_blob("tail.bin", len, 7, true);

		if (blob->z_len > block && blob->z_len % block >= 1 &&
		    blob->z_len % block <= 5)
			return blob;
		blob_unref(blob);
	}
	return NULL;
}

static void
test_fix_04_no_block_holds_only_the_check_sum(void **state)
{
	struct blob	*blob = blob_with_a_small_tail(ROM_FLASH_BLOCK);

	(void)state;
	assert_non_null(blob);
	start(&chip_esp32c3, false);
	put(0, blob, 0x10000);
	write_and_verify();
	assert_written(blob, 0x10000);
	assert_int_equal(b.sent[CMD_FLASH_DEFL_DATA],
	    (blob->z_len + ROM_FLASH_BLOCK - 1) / ROM_FLASH_BLOCK);
	assert_int_equal(b.begin[1], b.sent[CMD_FLASH_DEFL_DATA]);
	assert_true(b.last_block > ROM_FLASH_BLOCK / 2);
	assert_int_equal(b.block_bytes, blob->z_len);
	end();
	blob_unref(blob);
}

static void
test_fix_17_addresses_above_16_mb_are_whole(void **state)
{
	(void)state;
	start(&chip_esp32s3, true);
	l.found.flash_bytes = l.found.flash.size = 32 << 20;
	put(0, noise, 0x1234000);
	assert_int_equal(phase_check(&l), 0);
	assert_int_equal(phase_write(&l), 0);
	assert_int_equal(b.begin[3], 0x1234000);
	assert_untouched();
	end();
}

/* ---- a failure belongs to its block ---- */

static void
test_late_failure_names_the_block_before(void **state)
{
	(void)state;
	start(&chip_esp32, true);
	put(0, large, 0x10000);
	board_fault(&b, FAULT_LATE, CMD_FLASH_DATA, 3);
	b.fault_status = 0xc400;
	assert_int_equal(phase_write(&l), ERR_REFUSED);
	assert_contains(l.why.text, "large.bin at 0x10000 (block 4 of 19)");
	end();
	/* What is wrong with a block itself is this one's. */
	start(&chip_esp32, true);
	put(0, large, 0x10000);
	board_fault(&b, FAULT_LATE, CMD_FLASH_DATA, 3);
	b.fault_status = 0xc200;
	assert_int_equal(phase_write(&l), ERR_REFUSED);
	assert_contains(l.why.text, "(block 5 of 19)");
	end();
}

/* Bytes that got lost make a packet shorter than it says. */
static void
test_short_block_is_sent_again(void **state)
{
	(void)state;
	for (int stub = 0; stub < 2; stub++) {
		start(&chip_esp32c3, stub);
		put(0, large, 0x10000);
		board_fault(&b, FAULT_REFUSAL, CMD_FLASH_DATA, 3);
		b.fault_status = stub ? 0xc000 : 0x0105;
		write_and_verify();
		assert_written(large, 0x10000);
		assert_contains(b.notes, stub ?
		    "came over damaged, retrying (2 of 3)" :
		    "retrying (1 of 3), from its start");
		assert_int_equal(b.sent[CMD_FLASH_BEGIN], 1 + !stub);
		end();
	}
}

/* The first connection got further than none; three more do not. */
static void
test_block_that_always_comes_damaged_is_tried_after_a_reset(void **state)
{
	(void)state;
	start(&chip_esp32c3, true);
	put(0, large, 0x10000);
	board_fault(&b, FAULT_REFUSAL_ALWAYS, CMD_FLASH_DATA, 6);
	b.fault_status = 0xc100;
	assert_int_equal(phase_write(&l), ERR_REFUSED);
	assert_int_equal(b.sent[CMD_FLASH_BEGIN], 5);
	assert_int_equal(b.sent[CMD_FLASH_DATA], 6 + 5 * 3);
	assert_int_equal(b.begin[3], 0x10000 + 5 * STUB_FLASH_BLOCK);
	assert_contains(l.why.text, "the checksum is wrong");
	end();
}

/* ---- headers ---- */

static void
test_bootloader_gets_another_header_in_a_copy(void **state)
{
	uint8_t	was[4], sum[EVP_MAX_MD_SIZE];
	size_t	at = boot->file_len - 32;

	(void)state;
	for (int stub = 0; stub < 2; stub++) {
		start(&chip_esp32, stub);
		put(0, boot, 0x1000);
		put(1, noise, 0x10000);
		memcpy(was, boot->data, sizeof was);
		l.flash.header = (struct link_header){ "dout", "80m", "4MB" };
		write_and_verify();
		assert_memory_equal(boot->data, was, sizeof was);
		assert_int_equal(b.flash[0x1002], 3);
		assert_int_equal(b.flash[0x1003], 0x2f);
		assert_int_equal(EVP_Digest(b.flash + 0x1000, at, sum, NULL,
		    EVP_sha256(), NULL), 1);
		assert_memory_equal(b.flash + 0x1000 + at, sum, 32);
		assert_true(l.images[0].patched);
		assert_int_equal(l.images[0].params, 0x032f);
		assert_false(l.images[1].patched);
		assert_true(l.found.verified);
		/* The same words: the same bytes are looked for. */
		l.flash.must_verify = true;
		assert_int_equal(phase_verify(&l), 0);
		end();
	}
}

/* A hundred boards share one patched bootloader. */
static void
test_changed_copies_are_made_once(void **state)
{
	struct blob	*first;

	(void)state;
	start(&chip_esp32, true);
	put(0, boot, 0x1000);
	l.flash.header.mode = "qout";
	assert_int_equal(phase_check(&l), 0);
	first = blob_ref(l.images[0].data);
	end();
	for (int i = 0; i < 3; i++) {
		start(&chip_esp32, i > 0);
		put(0, boot, 0x1000);
		l.flash.header.mode = i < 2 ? "qout" : "dout";
		assert_int_equal(phase_check(&l), 0);
		assert_int_equal(l.images[0].data == first, i < 2);
		end();
	}
	blob_unref(first);
}

static void
test_headers_stay_where_they_must(void **state)
{
	(void)state;
	start(&chip_esp32, true);	/* another address */
	put(0, boot, 0x2000);
	l.flash.header.mode = "dout";
	write_and_verify();
	assert_written(boot, 0x2000);
	assert_false(l.images[0].patched);
	end();
	start(&chip_esp32, true);	/* no image */
	put(0, noise, 0x1000);
	l.flash.header.mode = "dout";
	write_and_verify();
	assert_written(noise, 0x1000);
	assert_contains(b.notes, "so not changing any flash settings");
	end();
	start(&chip_esp32, true);	/* its digest would not be believed */
	l.found.security.secure_boot = true;
	put(0, boot, 0x1000);
	l.flash.header.mode = "dout";
	write_and_verify();
	assert_written(boot, 0x1000);
	assert_contains(b.notes, "Security features enabled");
	end();
	start(&chip_esp32, true);	/* nothing asked for */
	put(0, boot, 0x1000);
	write_and_verify();
	assert_written(boot, 0x1000);
	assert_string_equal(b.notes, "");
	end();
}

static void
test_detected_size_goes_into_the_header(void **state)
{
	(void)state;
	start(&chip_esp32, true);
	put(0, boot, 0x1000);
	l.found.flash.size = 1 << 20;
	l.flash.header.size = "detect";
	write_and_verify();
	assert_int_equal(b.flash[0x1003], 0x00);
	end();
	start(&chip_esp32, true);
	put(0, boot, 0x1000);
	l.flash.header.size = "detect";
	write_and_verify();
	assert_int_equal(b.flash[0x1003], 0x20);
	assert_contains(b.notes, "could not be detected, so 4MB is set");
	end();
}

static void
test_word_that_the_chip_does_not_know_is_refused(void **state)
{
	(void)state;
	start(&chip_esp32, true);
	put(0, boot, 0x1000);
	l.flash.header.freq = "60m";
	assert_int_equal(phase_check(&l), ERR_PARAMS);
	assert_contains(l.why.text, "frequency '60m' is not supported");
	assert_int_equal(b.frames, 0);
	end();
}

/* ---- what need not be written ---- */

static void
test_what_is_flashed_is_skipped(void **state)
{
	(void)state;
	start(&chip_esp32, true);
	put(0, code, 0x10000);
	put(1, noise, 0x40000);
	l.flash.skip_flashed = true;
	memcpy(b.flash + 0x10000, code->data, code->len);
	write_and_verify();
	assert_true(l.images[0].skipped);
	assert_false(l.images[1].skipped);
	assert_true(l.found.verified);
	assert_int_equal(b.sent[CMD_FLASH_DEFL_BEGIN], 0);
	assert_int_equal(b.sent[CMD_FLASH_BEGIN], 1);
	/* Each is compared once before, and what was written once after. */
	assert_int_equal(b.sent[CMD_SPI_FLASH_MD5], 3);
	assert_written(noise, 0x40000);
	end();
}

/* A copy of `noise` in which these bytes are others. */
static struct blob *
old_noise(const size_t *at, size_t count)
{
	uint8_t		*p = malloc(noise->file_len + 3);
	struct blob	*old;

	assert_non_null(p);
	memcpy(p, noise->data, noise->file_len);
	for (size_t i = 0; i < count; i++)
		p[at[i]] ^= 1;
	assert_non_null(old = blob_new("old.bin", p, noise->file_len));
	while (blob_step(old) > 0)
		continue;
	return old;
}

static void
put_old(struct blob *old, uint32_t offset)
{
	put(0, noise, offset);
	writes[0].old = old;
	memcpy(b.flash + offset, old->data, old->len);
}

static void
test_only_sectors_that_differ_are_written(void **state)
{
	static const size_t	at[] = { 5, 5000, 8191, 0x8004 };
	struct blob		*old = old_noise(at, 4);

	(void)state;
	for (int stub = 0; stub < 2; stub++) {
		start(&chip_esp32c3, stub);
		put_old(old, 0x40000);
		write_and_verify();
		assert_written(noise, 0x40000);
		assert_int_equal(l.images[0].region_count, 2);
		assert_int_equal(l.images[0].regions[0].addr, 0x40000);
		assert_int_equal(l.images[0].regions[0].sectors, 2);
		assert_int_equal(l.images[0].regions[1].addr, 0x48000);
		assert_int_equal(l.images[0].regions[1].sectors, 1);
		assert_int_equal(b.sent[CMD_FLASH_BEGIN] +
		    b.sent[CMD_FLASH_DEFL_BEGIN], 2);
		assert_int_equal(b.sent[CMD_SPI_FLASH_MD5], 1);
		assert_true(l.found.verified);
		end();
	}
	/* Not aligned: sectors are those of the flash. */
	start(&chip_esp32c3, true);
	put_old(old, 0x40104);
	write_and_verify();
	assert_memory_equal(b.flash + 0x40104, noise->data, noise->file_len);
	assert_int_equal(l.images[0].regions[0].addr, 0x40000);
	assert_int_equal(l.images[0].regions[0].sectors, 3);
	assert_int_equal(l.images[0].region_count, 2);
	assert_int_equal(b.flash[0x40000], 0xff);
	assert_int_equal(b.flash[0x3ffff], 0x11);
	end();
	blob_unref(old);
}

static void
test_fix_07_unexpected_flash_content_is_written_whole(void **state)
{
	static const size_t	at[] = { 5000 };
	struct blob		*old = old_noise(at, 1);

	(void)state;
	for (int stub = 0; stub < 2; stub++) {
		start(&chip_esp32c3, stub);
		put_old(old, 0x40000);
		b.flash[0x46000] ^= 0x80;
		write_and_verify();
		assert_written(noise, 0x40000);
		assert_contains(b.notes, "Verification failed after fast "
		    "reflash");
		assert_contains(b.notes, "Reflashing the whole image");
		assert_int_equal(l.images[0].region_count, 0);
		assert_true(l.found.verified);
		end();
	}
	blob_unref(old);
}

static void
test_nothing_changed_is_compared_unless_trusted(void **state)
{
	struct blob	*same = old_noise(NULL, 0);

	(void)state;
	start(&chip_esp32, true);
	put_old(same, 0x40000);
	write_and_verify();
	assert_true(l.images[0].skipped && l.images[0].verified);
	assert_int_equal(b.sent[CMD_FLASH_BEGIN], 0);
	end();
	start(&chip_esp32, true);	/* it is not there */
	put_old(same, 0x40000);
	b.flash[0x40000] ^= 1;
	write_and_verify();
	assert_written(noise, 0x40000);
	assert_false(l.images[0].skipped);
	assert_contains(b.notes, "Data not found in flash");
	end();
	start(&chip_esp32, true);	/* nobody looks */
	put_old(same, 0x40000);
	b.flash[0x40000] ^= 1;
	l.flash.trust_old = true;
	write_and_verify();
	assert_true(l.images[0].skipped);
	assert_false(l.images[0].verified);
	assert_false(l.found.verified);
	assert_int_equal(b.frames, 0);
	end();
	blob_unref(same);
}

static void
test_old_images_are_no_use_where_nothing_can_be_compared(void **state)
{
	struct blob	*same = old_noise(NULL, 0);

	(void)state;
	start(&chip_esp8266, false);
	put_old(same, 0x40000);
	l.flash.trust_old = true;
	assert_int_equal(phase_write(&l), 0);
	assert_int_equal(b.sent[CMD_FLASH_BEGIN], 1);
	assert_contains(b.notes, "all data is flashed");
	end();
	start(&chip_esp32, true);
	put_old(same, 0x40000);
	l.flash.erase_all = true;
	memset(b.flash, 0xff, BOARD_FLASH);
	assert_int_equal(phase_write(&l), 0);
	assert_contains(b.notes, "the whole flash is erased");
	assert_memory_equal(b.flash + 0x40000, noise->data, noise->len);
	end();
	blob_unref(same);
}

/* ---- encryption ---- */

static void
may_encrypt(void)
{
	l.found.security = (struct security){
		.encrypted = true, .has_key = true,
	};
}

static void
test_encrypted_write_tells_the_chip_so(void **state)
{
	(void)state;
	start(&chip_esp32, true);
	may_encrypt();
	put(0, code, 0x10000);
	put(1, noise, 0x40000);
	writes[0].encrypt = true;
	assert_int_equal(phase_check(&l), 0);
	assert_int_equal(phase_write(&l), 0);
	assert_int_equal(b.sent[CMD_FLASH_DEFL_BEGIN], 1);
	/* Each ends as it began, whatever the others are. */
	assert_int_equal(b.sent[CMD_FLASH_DEFL_END], 1);
	assert_int_equal(b.sent[CMD_FLASH_END], 1);
	assert_int_equal(b.begin[4], 0);	/* noise, the last one */
	assert_int_equal(phase_verify(&l), 0);
	assert_contains(b.notes, "not verified: what the chip encrypted");
	assert_false(l.images[0].verified);
	assert_true(l.images[1].verified);
	assert_false(l.found.verified);
	end();
}

static void
test_encrypted_image_is_filled_up_to_whole_units(void **state)
{
	(void)state;
	for (int stub = 0; stub < 2; stub++) {
		start(&chip_esp32c3, stub);
		may_encrypt();
		put(0, code, 0x10010);
		if (!stub)
			writes[0].offset = 0x10000;
		writes[0].encrypt = true;
		assert_int_equal(phase_check(&l), 0);
		assert_int_equal(l.images[0].data->len % 16, 0);
		assert_int_equal(phase_write(&l), 0);
		assert_int_equal(b.begin[4], 1);
		/* A ROM inflates or encrypts, not both. */
		assert_int_equal(b.sent[CMD_FLASH_DEFL_BEGIN], stub);
		end();
	}
	start(&chip_esp32, true);
	may_encrypt();
	put(0, noise, 0x10020);
	writes[0].encrypt = true;
	assert_int_equal(phase_check(&l), 0);
	assert_int_equal(l.images[0].data->len, 40032);
	end();
}

/* ---- guards ---- */

/* The check ends with that, and nothing went over the line. */
static void
assert_refused(int err, const char *says)
{
	assert_int_equal(phase_check(&l), err);
	assert_contains(l.why.text, says);
	assert_int_equal(b.frames, 0);
	assert_untouched();
	why_clear(&l.why);
}

static void
assert_allowed_by_force(void)
{
	l.opt.force = true;
	assert_int_equal(phase_check(&l), 0);
	l.opt.force = false;
}

static void
test_fix_16_secure_boot_v1_guards_the_bootloader_v2_does_not(void **state)
{
	(void)state;
	start(&chip_esp32, true);
	put(0, boot, 0x7000);
	l.found.security.secure_boot_v1 = true;
	assert_refused(ERR_SECURITY, "Secure Boot V1 detected, writing to "
	    "flash regions < 0x8000 is disabled");
	assert_allowed_by_force();
	writes[0].offset = 0x8000;
	assert_int_equal(phase_check(&l), 0);
	writes[0].offset = 0x1000;
	l.found.security = (struct security){ .secure_boot = true };
	assert_int_equal(phase_check(&l), 0);
	end();
}

static void
test_key_recovery_info_is_guarded(void **state)
{
	(void)state;
	start(&chip_esp32c3, true);
	put(0, noise, 0x1000);
	may_encrypt();
	l.found.security.key_is_managed = true;
	assert_refused(ERR_SECURITY, "Key Manager detected, writing");
	writes[0].encrypt = true;
	assert_refused(ERR_SECURITY, "Key Manager detected, writing");
	assert_allowed_by_force();
	writes[0].offset = 0x2000;
	assert_int_equal(phase_check(&l), 0);
	l.flash.write_count = 0;
	l.flash.erase_bytes = 0x1000;
	assert_refused(ERR_SECURITY, "Key Manager detected, erasing");
	end();
}

static void
test_plain_bytes_are_kept_from_a_chip_that_decrypts(void **state)
{
	(void)state;
	start(&chip_esp32c3, true);
	put(0, noise, 0x10000);
	may_encrypt();
	assert_int_equal(phase_check(&l), 0);	/* development mode */
	l.found.security.no_encrypt = true;
	assert_refused(ERR_SECURITY, "download manual encrypt disabled");
	assert_allowed_by_force();
	end();
	start(&chip_esp32c3, false);
	put(0, noise, 0x10000);
	l.found.has_secinfo = true;
	l.found.secinfo.flags = SECINFO_SECURE_DOWNLOAD;
	assert_int_equal(phase_check(&l), 0);
	l.found.secinfo.crypt_count = 7;
	assert_refused(ERR_SECURITY, "secure download mode enabled");
	assert_allowed_by_force();
	end();
}

static void
test_encryption_needs_a_chip_and_fuses_for_it(void **state)
{
	(void)state;
	start(&chip_esp8266, true);
	put(0, noise, 0x10000);
	writes[0].encrypt = true;
	assert_refused(ERR_UNSUPPORTED, "does not support encrypted flashing");
	end();
	start(&chip_esp32, false);
	put(0, noise, 0x10000);
	writes[0].encrypt = true;
	assert_refused(ERR_UNSUPPORTED, "ROM bootloader does not support");
	end();
	start(&chip_esp32, true);
	put(0, noise, 0x10000);
	writes[0].encrypt = true;
	assert_refused(ERR_SECURITY, "key is not programmed");
	l.flash.ignore_crypt_config = true;
	assert_int_equal(phase_check(&l), 0);
	l.flash.ignore_crypt_config = false;
	may_encrypt();
	l.found.security.crypt_config_bad = true;
	assert_refused(ERR_SECURITY, "FLASH_CRYPT_CONFIG");
	may_encrypt();
	l.found.security.no_encrypt = true;
	assert_refused(ERR_SECURITY, "encrypt functionality in UART download "
	    "mode disabled");
	end();
}

/* What is encrypted is looked at, wherever it stands in the list. */
static void
test_alignment_is_that_of_the_encrypted_images(void **state)
{
	(void)state;
	start(&chip_esp32, true);
	may_encrypt();
	put(0, code, 0x10010);
	put(1, noise, 0x40010);
	writes[1].encrypt = true;
	assert_refused(ERR_ALIGN, "'noise.bin' (address 0x40010) is not 32 "
	    "byte aligned");
	writes[1].offset = 0x40020;
	assert_int_equal(phase_check(&l), 0);
	end();
}

static void
test_erasing_is_guarded(void **state)
{
	(void)state;
	start(&chip_esp32, true);
	l.flash.erase_all = true;
	l.found.security.encrypted = true;
	assert_refused(ERR_SECURITY, "Active security features detected");
	l.found.security = (struct security){ .secure_boot = true };
	assert_refused(ERR_SECURITY, "Active security features detected");
	l.found.security = (struct security){ .secure_boot_v1 = true };
	assert_refused(ERR_SECURITY, "erasing flash is disabled");
	l.flash.erase_all = false;
	l.flash.erase_bytes = 0x1000;
	assert_refused(ERR_SECURITY, "erasing flash is disabled");
	end();
}

static void
test_fix_12_force_and_erase_all_work_together(void **state)
{
	(void)state;
	start(&chip_esp32, true);
	put(0, noise, 0x10000);
	l.found.security.secure_boot = true;
	l.flash.erase_all = true;
	assert_refused(ERR_SECURITY, "erasing flash is disabled");
	l.opt.force = true;
	assert_int_equal(phase_check(&l), 0);
	assert_int_equal(phase_erase(&l), 0);
	assert_int_equal(phase_write(&l), 0);
	assert_int_equal(b.flash[0], 0xff);
	assert_memory_equal(b.flash + 0x10000, noise->data, noise->len);
	end();
}

static void
test_fix_26_real_size_counts_whatever_the_user_says(void **state)
{
	(void)state;
	start(&chip_esp32, true);
	put(0, noise, 0xf8000);
	l.found.flash.size = 1 << 20;
	l.found.flash_bytes = 4 << 20;
	assert_refused(ERR_BEYOND_FLASH, "will not fit in 1048576 bytes");
	l.found.flash_bytes = 1 << 19;
	writes[0].offset = 0x78000;
	assert_refused(ERR_BEYOND_FLASH, "will not fit in 524288 bytes");
	l.found.flash.size = l.found.flash_bytes = 0;
	assert_int_equal(phase_check(&l), 0);
	end();
}

static void
test_all_up_to_the_end(void **state)
{
	(void)state;
	start(&chip_esp32, true);
	l.flash.read_offset = 0x1000;
	l.flash.read_rest = true;
	l.flash.erase_offset = 0x2000;
	l.flash.erase_rest = true;
	assert_int_equal(phase_check(&l), 0);
	assert_int_equal(l.flash.read_bytes, BOARD_FLASH - 0x1000);
	assert_int_equal(l.flash.erase_bytes, BOARD_FLASH - 0x2000);
	l.flash.read_offset = BOARD_FLASH;
	assert_refused(ERR_BEYOND_FLASH, "Can't access flash regions larger "
	    "than detected flash size");
	l.flash.read_offset = 0;
	l.found.flash_bytes = 0;
	assert_refused(ERR_PARAMS, "size of the flash is not known");
	end();
}

/* ---- going on ---- */

static void
hang(enum board_fault fault, unsigned after)
{
	board_fault(&b, fault, CMD_FLASH_DATA, after);
	l.flash.plain = true;
	put(0, large, 0x10000);
}

static void
test_write_goes_on_where_the_chip_fell_silent(void **state)
{
	(void)state;
	for (int stub = 0; stub < 2; stub++) {
		uint32_t	block = stub ? STUB_FLASH_BLOCK :
				    ROM_FLASH_BLOCK;
		unsigned	n = 200000 / block;

		start(&chip_esp32c3, stub);
		hang(FAULT_HANG, n);
		write_and_verify();
		assert_written(large, 0x10000);
		assert_true(l.found.verified);
		assert_int_equal(l.rom.stub, stub);
		assert_true(l.images[0].resumed);
		/* Whole sectors of what was acknowledged. */
		assert_int_equal(l.images[0].resumed_at,
		    0x10000 + (n - stub) * block / SECTOR * SECTOR);
		/* Sent again: that and what the reset cut, no more. */
		assert_true(b.block_bytes <= LARGE + 3 * STUB_FLASH_BLOCK);
		assert_contains(b.notes, "fell silent at FLASH_DATA");
		assert_contains(b.notes, "retrying (1 of 3), going on at 0x");
		assert_int_equal(b.done, b.total);
		end();
	}
}

/* More losses than tries: each time it got further. */
static void
test_tries_count_anew_when_it_got_further(void **state)
{
	(void)state;
	start(&chip_esp32, true);
	hang(FAULT_HANG, 6);
	b.fault_again = true;
	put(0, large, 0x10000);
	write_and_verify();
	assert_written(large, 0x10000);
	assert_true(b.sent[CMD_FLASH_BEGIN] >= 4);
	assert_contains(b.notes, "retrying (1 of 3)");
	assert_null(strstr(b.notes, "retrying (2 of 3)"));
	end();
}

static void
test_write_that_began_within_a_sector_goes_on(void **state)
{
	(void)state;
	for (int stub = 0; stub < 2; stub++) {
		start(&chip_esp32c3, stub);
		hang(FAULT_HANG, stub ? 9 : 150);
		put(0, large, 0x20103);
		write_and_verify();
		assert_written(large, 0x20103);
		assert_true(l.images[0].resumed);
		assert_int_equal(l.images[0].resumed_at % SECTOR, 0);
		assert_int_equal(b.done, b.total);
		end();
	}
}

static void
test_compressed_write_goes_on_with_a_compressed_rest(void **state)
{
	(void)state;
	start(&chip_esp32, true);
	put(0, code, 0x10000);
	board_fault(&b, FAULT_NOISE, CMD_FLASH_DEFL_DATA, 2);
	write_and_verify();
	assert_written(code, 0x10000);
	assert_int_equal(b.sent[CMD_FLASH_DEFL_BEGIN], 2);
	assert_int_equal(b.sent[CMD_FLASH_BEGIN], 0);
	assert_true(l.images[0].resumed_at > 0x10000);
	assert_int_equal(b.begin[3], l.images[0].resumed_at);
	assert_int_equal(b.begin[0], code->len -
	    (l.images[0].resumed_at - 0x10000));
	assert_contains(b.notes, "makes no sense");
	end();
}

/* What was acknowledged is not there: a brown-out, say. */
static void
test_write_starts_anew_when_the_flash_lost_bytes(void **state)
{
	(void)state;
	start(&chip_esp32c3, false);
	hang(FAULT_HANG, 100);
	b.spoil_on_reset = 0x10005;
	write_and_verify();
	assert_written(large, 0x10000);
	assert_false(l.images[0].resumed);
	assert_contains(b.notes, "from its start at 0x10000");
	end();
}

static void
test_three_losses_without_progress_end_the_write(void **state)
{
	(void)state;
	start(&chip_esp32, true);
	put(0, large, 0x10000);
	board_fault(&b, FAULT_HANG, CMD_FLASH_BEGIN, 0);
	b.fault_again = true;
	assert_int_equal(phase_write(&l), ERR_TIMEOUT);
	assert_int_equal(b.sent[CMD_FLASH_BEGIN], 4);
	assert_contains(b.notes, "retrying (3 of 3)");
	assert_contains(l.why.text, "fell silent at FLASH_BEGIN");
	end();
}

static void
test_rate_that_fails_twice_is_lowered(void **state)
{
	(void)state;
	start(&chip_esp32, true);
	put(0, large, 0x10000);
	l.opt.baud = 921600;
	l.found.flash_bytes = BOARD_FLASH;
	assert_int_equal(phase_baud(&l), 0);
	board_fault(&b, FAULT_HANG, CMD_FLASH_BEGIN, 0);
	b.fault_again = true;
	assert_int_equal(phase_write(&l), ERR_TIMEOUT);
	assert_contains(b.notes, "921600 baud failed 2 times, so the work "
	    "goes on at 460800");
	assert_int_equal(l.baud, 460800);
	end();
}

static void
test_another_chip_is_not_gone_on_with(void **state)
{
	(void)state;
	start(&chip_esp32, true);
	hang(FAULT_HANG, 5);
	board_set_reg(&b, chip_esp32.mac.addr, 0x33445577);
	assert_int_equal(phase_write(&l), ERR_CHIP_MISMATCH);
	assert_contains(l.why.text, "another board");
	assert_int_equal(b.sent[CMD_FLASH_BEGIN], 1);
	end();
}

static void
test_encrypted_image_starts_anew(void **state)
{
	(void)state;
	start(&chip_esp32c3, false);
	may_encrypt();
	hang(FAULT_HANG, 100);
	writes[0].encrypt = true;
	assert_int_equal(phase_write(&l), 0);
	assert_int_equal(b.sent[CMD_SPI_FLASH_MD5], 0);
	assert_int_equal(b.begin[3], 0x10000);
	assert_int_equal(b.begin[4], 1);
	assert_contains(b.notes, "from its start");
	end();
}

static void
test_lost_verify_is_done_again(void **state)
{
	(void)state;
	start(&chip_esp32, true);
	put(0, noise, 0x10000);
	assert_int_equal(phase_write(&l), 0);
	board_fault(&b, FAULT_HANG, CMD_SPI_FLASH_MD5, 0);
	assert_int_equal(phase_verify(&l), 0);
	assert_true(l.found.verified);
	assert_contains(b.notes, "verifying again");
	end();
}

/* The port went away: the next attempt has a link of its own. */
static void
test_fix_28_next_attempt_goes_on_where_the_port_went_away(void **state)
{
	struct link_resume	resume;

	(void)state;
	start(&chip_esp32c3, false);
	hang(FAULT_UNPLUG, 200);
	put(0, code, 0x80000);
	put(1, large, 0x10000);
	assert_int_equal(phase_write(&l), ERR_UNPLUGGED);
	resume = l.resume;
	assert_int_equal(resume.image, 1);
	/* 98 blocks were the first image's. */
	assert_int_equal(resume.addr, 0x10000 + 102 * ROM_FLASH_BLOCK);
	link_done(&l);
	b.wire.stop = 0;
	b.fault = FAULT_NONE;
	b.block_bytes = 0;
	link_init(&l, &b.wire);
	l.opt.has_lines = true;
	l.opt.stub = STUB_NONE;
	board_ready(&b, &l, false);
	l.flash.writes = writes;
	l.flash.write_count = 2;
	l.flash.plain = true;
	l.resume = resume;
	write_and_verify();
	assert_written(code, 0x80000);
	assert_written(large, 0x10000);
	assert_int_equal(b.sent[CMD_FLASH_BEGIN], 1);
	assert_int_equal(b.begin[3], 0x10000 + 100 * ROM_FLASH_BLOCK);
	assert_int_equal(l.images[1].resumed_at, b.begin[3]);
	assert_true(b.block_bytes < LARGE - 99 * ROM_FLASH_BLOCK);
	end();
}

static void
test_what_was_erased_is_not_erased_again(void **state)
{
	(void)state;
	start(&chip_esp32, true);
	l.flash.erase_all = true;
	assert_int_equal(phase_erase(&l), 0);
	assert_true(l.resume.erased);
	assert_int_equal(phase_erase(&l), 0);
	assert_int_equal(b.sent[CMD_ERASE_FLASH], 1);
	end();
}

/* ---- reading ---- */

struct sink {
	uint8_t	 data[LARGE];
	size_t	 len;
	unsigned again;
};

static struct sink	sink;

static int
take(void *arg, const void *p, size_t len)
{
	struct sink	*s = arg;

	assert_true(s->len + len <= sizeof s->data);
	memcpy(s->data + s->len, p, len);
	s->len += len;
	return 0;
}

static void
take_again(void *arg)
{
	struct sink	*s = arg;

	s->len = 0;
	s->again++;
}

static void
start_read(const struct chip *chip, bool stub)
{
	start(chip, stub);
	memcpy(b.flash + 0x20000, large->data, large->len);
	sink.len = 0;
	sink.again = 0;
	l.flash.sink = take;
	l.flash.sink_again = take_again;
	l.flash.sink_arg = &sink;
	l.flash.read_offset = 0x20000;
	l.flash.read_bytes = LARGE;
}

static void
assert_read(void)
{
	assert_int_equal(sink.len, LARGE);
	assert_memory_equal(sink.data, large->data, LARGE);
	assert_memory_equal(l.found.md5, large->md5, BLOB_MD5);
}

static void
test_fix_22_read_from_a_chip_that_stops_sending_ends(void **state)
{
	(void)state;
	start_read(&chip_esp32, true);
	l.opt.reconnects = 0;
	b.silent_after = 21;
	assert_int_equal(phase_read(&l), ERR_TIMEOUT);
	assert_contains(l.why.text, "at 0x34000 (after 81920 of 300000 bytes)");
	assert_true(b.now < 10000);
	end();
}

static void
test_read_goes_on_where_the_chip_stopped(void **state)
{
	(void)state;
	start_read(&chip_esp32, true);
	b.silent_after = 21;
	assert_int_equal(phase_read(&l), 0);
	assert_read();
	assert_int_equal(sink.again, 0);
	assert_int_equal(b.sent[CMD_READ_FLASH], 2);
	assert_int_equal(b.read_start, 0x34000);
	assert_contains(b.notes, "going on at 0x34000");
	end();
	start_read(&chip_esp32c3, false);
	board_fault(&b, FAULT_HANG, CMD_READ_FLASH_SLOW, 1000);
	assert_int_equal(phase_read(&l), 0);
	assert_read();
	assert_int_equal(sink.again, 0);
	assert_true(b.sent[CMD_READ_FLASH_SLOW] <= LARGE / 64 + 2);
	end();
}

/* Damaged bytes are only found at the end, or when asked for their digest. */
static void
test_read_starts_again_when_bytes_came_damaged(void **state)
{
	(void)state;
	start_read(&chip_esp32, true);
	b.silent_after = 21;
	b.damage_frame = 3;
	assert_int_equal(phase_read(&l), 0);
	assert_read();
	assert_int_equal(sink.again, 1);
	end();
	start_read(&chip_esp32, true);
	b.damage_frame = 3;
	assert_int_equal(phase_read(&l), 0);
	assert_read();
	assert_int_equal(sink.again, 1);
	end();
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_fix_05_start_that_is_no_multiple_of_four),
		cmocka_unit_test(
		    test_fix_29_a_rom_erases_all_of_the_first_sector),
		cmocka_unit_test(
		    test_fix_11_numbers_are_those_of_the_user_not_the_filled_up_ones),
		cmocka_unit_test(test_fix_04_no_block_holds_only_the_check_sum),
		cmocka_unit_test(test_fix_17_addresses_above_16_mb_are_whole),
		cmocka_unit_test(test_late_failure_names_the_block_before),
		cmocka_unit_test(test_short_block_is_sent_again),
		cmocka_unit_test(
		    test_block_that_always_comes_damaged_is_tried_after_a_reset),
		cmocka_unit_test(test_bootloader_gets_another_header_in_a_copy),
		cmocka_unit_test(test_changed_copies_are_made_once),
		cmocka_unit_test(test_headers_stay_where_they_must),
		cmocka_unit_test(test_detected_size_goes_into_the_header),
		cmocka_unit_test(
		    test_word_that_the_chip_does_not_know_is_refused),
		cmocka_unit_test(test_what_is_flashed_is_skipped),
		cmocka_unit_test(test_only_sectors_that_differ_are_written),
		cmocka_unit_test(
		    test_fix_07_unexpected_flash_content_is_written_whole),
		cmocka_unit_test(
		    test_nothing_changed_is_compared_unless_trusted),
		cmocka_unit_test(
		    test_old_images_are_no_use_where_nothing_can_be_compared),
		cmocka_unit_test(test_encrypted_write_tells_the_chip_so),
		cmocka_unit_test(
		    test_encrypted_image_is_filled_up_to_whole_units),
		cmocka_unit_test(
		    test_fix_16_secure_boot_v1_guards_the_bootloader_v2_does_not),
		cmocka_unit_test(test_key_recovery_info_is_guarded),
		cmocka_unit_test(
		    test_plain_bytes_are_kept_from_a_chip_that_decrypts),
		cmocka_unit_test(test_encryption_needs_a_chip_and_fuses_for_it),
		cmocka_unit_test(
		    test_alignment_is_that_of_the_encrypted_images),
		cmocka_unit_test(test_erasing_is_guarded),
		cmocka_unit_test(test_fix_12_force_and_erase_all_work_together),
		cmocka_unit_test(
		    test_fix_26_real_size_counts_whatever_the_user_says),
		cmocka_unit_test(test_all_up_to_the_end),
		cmocka_unit_test(test_write_goes_on_where_the_chip_fell_silent),
		cmocka_unit_test(test_tries_count_anew_when_it_got_further),
		cmocka_unit_test(test_write_that_began_within_a_sector_goes_on),
		cmocka_unit_test(
		    test_compressed_write_goes_on_with_a_compressed_rest),
		cmocka_unit_test(
		    test_write_starts_anew_when_the_flash_lost_bytes),
		cmocka_unit_test(
		    test_three_losses_without_progress_end_the_write),
		cmocka_unit_test(test_rate_that_fails_twice_is_lowered),
		cmocka_unit_test(test_another_chip_is_not_gone_on_with),
		cmocka_unit_test(test_encrypted_image_starts_anew),
		cmocka_unit_test(test_lost_verify_is_done_again),
		cmocka_unit_test(
		    test_fix_28_next_attempt_goes_on_where_the_port_went_away),
		cmocka_unit_test(test_what_was_erased_is_not_erased_again),
		cmocka_unit_test(
		    test_fix_22_read_from_a_chip_that_stops_sending_ends),
		cmocka_unit_test(test_read_goes_on_where_the_chip_stopped),
		cmocka_unit_test(
		    test_read_starts_again_when_bytes_came_damaged),
	};

	return cmocka_run_group_tests(tests, make_all, drop_all);
}
