/* What boards say and do with what is in their flash.  The ROMs' sentences are
 * those that the genuine ROMs of ESP32, ESP32-S3 and ESP32-C3 said of the same
 * images in an emulator. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "proto/base/bytes.h"
#include "tests/sim/bench.h"
#include "tests/sim/boot.h"

enum {
	ROOM		= 0x21000,
	APP_AT		= 0x10000,
	APP_SIZE	= 0x100000,
	TABLE_AT	= 0x8000,
	FLASH_MAPPED	= 64 << 10,
};

static struct bench	t;

/* An image that grows. */
struct image {
	uint8_t	*p;
	size_t	 len, header;
	uint8_t	 sum;
};

static struct image	im;

static int
setup(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	im = (struct image){ .p = calloc(1, ROOM) };
	return im.p == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	free(im.p);
	if (t.board.chip != NULL)
		bench_done(&t);
	return 0;
}

static void
begin(uint32_t entry)
{
	const struct simchip	*c = t.board.chip;

	memset(im.p, 0, ROOM);
	im.header = c->status_len == 2 ? 8 : 24;
	im.sum = 0xef;
	im.p[0] = 0xe9;
	le32_put(im.p + 4, entry);
	im.len = im.header;
	if (im.header == 8)
		return;
	im.p[8] = 0xee;
	le16_put(im.p + 12, (uint16_t)c->chip_id);
	im.p[23] = 1;
}

static uint8_t *
segment(uint32_t addr, uint32_t len)
{
	uint8_t	*data = im.p + im.len + 8;

	le32_put(im.p + im.len, addr);
	le32_put(im.p + im.len + 4, len);
	memset(data, 0x5a, len);
	if (len % 2 != 0)
		im.sum ^= 0x5a;
	im.len += 8 + len;
	im.p[1]++;
	return data;
}

/* Padding up to where the data of a segment at that address may lie. */
static void
align(uint32_t addr, uint32_t page)
{
	uint32_t	at = (uint32_t)im.len + 8;

	if (at % page != addr % page)
		(void)segment(0, (addr - (at + 8)) % page);
}

static void
end(void)
{
	im.len = im.len / 16 * 16 + 16;
	im.p[im.len - 1] = im.sum;
	if (im.header == 8)
		return;
	assert_int_equal(EVP_Digest(im.p, im.len, im.p + im.len, NULL,
	    EVP_sha256(), NULL), 1);
	im.len += 32;
}

/* What is in the flash at `at` is the image now, and the board starts. */
static void
boots(uint32_t at)
{
	flash_erase(&t.board.flash, at, (ROOM + 4095) / 4096 * 4096);
	flash_program(&t.board.flash, at, im.p, im.len);
	buf_clear(&t.heard);
	t.alarm[ALARM_RESTART] = ALARM_OFF;
	board_lines(&t.board, false, false);
	board_reset(&t.board, t.board.chip->rst_power);
}

static void
assert_starts(const char *note)
{
	assert_string_equal(t.note, note);
	assert_int_equal(t.alarm[ALARM_RESTART], ALARM_OFF);
}

static void
assert_fails(const char *heard, const char *note)
{
	assert_true(bench_heard(&t, heard));
	if (strncmp(t.note, "does not start: ", 16) != 0 ||
	    strstr(t.note, note) == NULL)
		fail_msg("%s", t.note);
	assert_int_not_equal(t.alarm[ALARM_RESTART], ALARM_OFF);
}

static uint32_t
ram(void)
{
	return t.board.chip->ram[0].start;
}

/* ---- the ROM ---- */

static void
small_image(void)
{
	begin(ram());
	(void)segment(ram(), 8);
	(void)segment(ram() + 0x100, 16);
	end();
}

static void
test_a_newer_rom_loads_a_program(void **state)
{
	(void)state;
	bench_init(&t, "esp32c3");
	small_image();
	boots(0);
	assert_true(bench_heard(&t, "load:0x3fc80000,len:0x8\r\n"
	    "load:0x3fc80100,len:0x10\r\nentry 0x3fc80000\r\n"));
	assert_starts("starts: entry 0x3fc80000");
}

static void
test_an_older_rom_loads_a_program(void **state)
{
	(void)state;
	bench_init(&t, "esp32");
	small_image();
	im.p[im.len - 1] ^= 1;		/* the digest is nothing to it */
	boots(0x1000);
	assert_true(bench_heard(&t, "load:0x3ffae000,len:8\r\n"
	    "load:0x3ffae100,len:16\r\nentry 0x3ffae000\r\n"));
	assert_false(bench_heard(&t, "SHA-256"));
	assert_starts("starts: entry 0x3ffae000");
}

static void
test_the_esp8266_has_a_short_header(void **state)
{
	(void)state;
	bench_init(&t, "esp8266");
	small_image();
	boots(0);
	assert_starts("starts: entry 0x3ffe8000");
}

static void
test_blank_flash_does_not_start(void **state)
{
	(void)state;
	bench_init(&t, "esp32s3");
	memset(im.p, 0xff, 64);
	im.len = 64;
	boots(0);
	assert_fails("invalid header: 0xffffffff\r\n", "no image");
}

static void
test_a_wrong_check_sum_does_not_start(void **state)
{
	static const struct { const char *chip, *heard; uint32_t at; } rows[] = {
		{ "esp32c3", "Checksum failure. Calculated 0xef stored 0xee\r\n",
		  0 },
		{ "esp32", "csum err:0xef!=0xee\r\n", 0x1000 },
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		bench_init(&t, rows[i].chip);
		small_image();
		im.p[im.len - 33] ^= 1;
		boots(rows[i].at);
		assert_fails(rows[i].heard, "check sum");
		assert_false(bench_heard(&t, "entry"));
		if (i == 0)
			bench_done(&t);
	}
}

static void
test_a_wrong_digest_is_told_and_starts(void **state)
{
	(void)state;
	bench_init(&t, "esp32c3");
	small_image();
	memset(im.p + im.len - 32, 0x55, 32);
	boots(0);
	assert_true(bench_heard(&t, "SHA-256 comparison failed:\r\n"
	    "Calculated: "));
	assert_true(bench_heard(&t, "\r\nExpected: 5555555555555555555555555555"
	    "555555555555555555555555555555555555\r\n"
	    "Attempting to boot anyway...\r\nentry 0x3fc80000\r\n"));
	assert_starts("starts: entry 0x3fc80000");
}

static void
test_another_chips_program_does_not_start(void **state)
{
	(void)state;
	bench_init(&t, "esp32c3");
	small_image();
	im.p[12] = 7;
	boots(0);
	assert_fails("Invalid chip id. Expected 5 read 7. Bootloader for wrong "
	    "chip?\r\n", "another chip");
	bench_done(&t);
	bench_init(&t, "esp32");
	small_image();
	im.p[12] = 2;
	boots(0x1000);
	assert_fails("boot:", "another chip");
	assert_false(bench_heard(&t, "load:"));
}

static void
test_a_program_that_cannot_be_loaded_does_not_start(void **state)
{
	(void)state;
	bench_init(&t, "esp32s3");
	begin(ram());
	(void)segment(ram(), 5);
	end();
	boots(0);
	assert_fails("len:0x5\r\nInvalid image block, can't boot.\r\n",
	    "multiple of 4");
	begin(ram());
	(void)segment(0x3c000020, 16);
	end();
	boots(0);
	assert_fails("load:0x3c000020,len:0x10\r\nGuru Meditation", "in RAM");
	small_image();
	im.p[1] = 17;
	boots(0);
	assert_fails("Invalid image block count: 17 (max 16)\r\n", "segments");
}

/* ---- an application ---- */

/* A second stage, and a table with one partition of that type. */
static void
lay_table(uint8_t type)
{
	static const uint8_t	magic[2] = { 0xaa, 0x50 };
	uint8_t			entry[32] = { magic[0], magic[1], type };

	le32_put(entry + 4, APP_AT);
	le32_put(entry + 8, APP_SIZE);
	memcpy(entry + 12, "factory", 8);
	flash_program(&t.board.flash, TABLE_AT, entry, sizeof(entry));
	board_program(&t.board);
}

struct windows {
	const char	*chip;
	uint32_t	 data, code;
};

static void
build_app(const struct windows *w, uint32_t page)
{
	begin(w->code + 0x100);
	(void)segment(w->data, 64);
	(void)segment(ram(), 32);
	align(w->code, page);
	(void)segment(w->code, 0x200);
	end();
}

static const struct windows	esp32c3 = {
	"esp32c3", 0x3c000020, 0x42010020
};

static void
test_an_application_starts_on_every_chip_that_maps_flash(void **state)
{
	static const struct windows	all[] = {
		{ "esp32", 0x3f400020, 0x400d0020 },
		{ "esp32s2", 0x3f000020, 0x40080020 },
		{ "esp32s3", 0x3c000020, 0x42000020 },
		{ "esp32c2", 0x3c000020, 0x42000020 },
		{ "esp32c3", 0x3c000020, 0x42000020 },
		{ "esp32c5", 0x42000020, 0x42010020 },
		{ "esp32c6", 0x42000020, 0x42010020 },
		{ "esp32c61", 0x42000020, 0x42010020 },
		{ "esp32h2", 0x42000020, 0x42010020 },
		{ "esp32h21", 0x42000020, 0x42010020 },
		{ "esp32h4", 0x42000020, 0x42010020 },
		{ "esp32p4", 0x40000020, 0x40010020 },
		{ "esp32s31", 0x40000020, 0x40010020 },
		{ "esp32e22", 0x3c000020, 0x3c010020 },
	};
	char	note[64];

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		bench_init(&t, all[i].chip);
		lay_table(0);
		build_app(&all[i], FLASH_MAPPED);
		boots(APP_AT);
		(void)snprintf(note, sizeof(note), "starts: app at 0x10000, "
		    "entry 0x%08x", (unsigned)all[i].code + 0x100);
		assert_starts(note);
		assert_true(bench_heard(&t, "(    64) map\r\n"));
		assert_true(bench_heard(&t, "(    32) load\r\n"));
		assert_true(bench_heard(&t, "boot: Loaded app from partition "
		    "at offset 0x10000\r\n"));
		bench_done(&t);
	}
	memset(&t, 0, sizeof(t));
}

static void
test_an_application_lies_in_flash_as_in_its_pages(void **state)
{
	(void)state;
	bench_init(&t, "esp32c3");
	lay_table(0);
	begin(esp32c3.code);
	(void)segment(esp32c3.data, 64);
	(void)segment(esp32c3.code, 64);
	end();
	boots(APP_AT);
	assert_fails("esp_image: Segment 1 load address 0x42010020, doesn't "
	    "match data 0x00010068\r\n", "Segment 1");
	assert_true(bench_heard(&t, "No bootable app partitions"));
}

static void
test_a_description_tells_other_pages(void **state)
{
	uint8_t	*desc;

	(void)state;
	bench_init(&t, "esp32c6");
	lay_table(0);
	for (unsigned i = 0; i < 2; i++) {
		begin(0x42008020);
		desc = segment(0x42000020, 256);
		memset(desc, 0, 256);
		if (i == 0) {
			le32_put(desc, 0xabcd5432);
			desc[180] = 14;
			im.sum ^= 0xab ^ 0xcd ^ 0x54 ^ 0x32 ^ 14;
		}
		align(0x42004020, 16 << 10);
		(void)segment(0x42008020, 32);
		end();
		boots(APP_AT);
		if (i == 0)
			assert_starts("starts: app at 0x10000, entry "
			    "0x42008020");
		else
			assert_fails("doesn't match data", "Segment 2");
	}
}

static void
test_a_damaged_application_does_not_start(void **state)
{
	(void)state;
	bench_init(&t, "esp32c3");
	lay_table(0);
	build_app(&esp32c3, FLASH_MAPPED);
	im.p[40] ^= 1;
	boots(APP_AT);
	assert_fails("esp_image: Checksum failed. Calculated 0x", "Checksum");
	build_app(&esp32c3, FLASH_MAPPED);
	im.p[im.len - 1] ^= 1;
	boots(APP_AT);
	assert_fails("Image hash failed - image is corrupt\r\n", "hash");
	im.p[23] = 0;
	boots(APP_AT);
	assert_starts("starts: app at 0x10000, entry 0x42010120");
	im.p[0] = 0xff;
	boots(APP_AT);
	assert_fails("image at 0x10000 has invalid magic byte", "magic");
}

static void
test_an_application_of_another_chip_or_nowhere_does_not_start(void **state)
{
	(void)state;
	bench_init(&t, "esp32c3");
	lay_table(0);
	build_app(&esp32c3, FLASH_MAPPED);
	im.p[12] = 9;
	boots(APP_AT);
	assert_fails("boot_comm: mismatch chip ID, expected 5, found 9\r\n",
	    "chip ID");
	begin(ram());
	(void)segment(0x60000000, 16);
	end();
	boots(APP_AT);
	assert_fails("bad load address range", "Segment 0");
	begin(0x10);
	(void)segment(ram(), 16);
	end();
	boots(APP_AT);
	assert_fails("entry 0x00000010 is no memory", "entry");
}

static void
test_a_table_without_an_application_does_not_start(void **state)
{
	(void)state;
	bench_init(&t, "esp32c3");
	lay_table(1);
	build_app(&esp32c3, FLASH_MAPPED);
	boots(APP_AT);
	assert_fails("No bootable app partitions in the partition table\r\n",
	    "no application");
}

int
main(void)
{
#define TEST(x) cmocka_unit_test_setup_teardown(x, setup, teardown)
	static const struct CMUnitTest	tests[] = {
		TEST(test_a_newer_rom_loads_a_program),
		TEST(test_an_older_rom_loads_a_program),
		TEST(test_the_esp8266_has_a_short_header),
		TEST(test_blank_flash_does_not_start),
		TEST(test_a_wrong_check_sum_does_not_start),
		TEST(test_a_wrong_digest_is_told_and_starts),
		TEST(test_another_chips_program_does_not_start),
		TEST(test_a_program_that_cannot_be_loaded_does_not_start),
		TEST(test_an_application_starts_on_every_chip_that_maps_flash),
		TEST(test_an_application_lies_in_flash_as_in_its_pages),
		TEST(test_a_description_tells_other_pages),
		TEST(test_a_damaged_application_does_not_start),
		TEST(test_an_application_of_another_chip_or_nowhere_does_not_start),
		TEST(test_a_table_without_an_application_does_not_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
