#include "proto/image/uf2.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/buf.h"
#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/chip/chip.h"
#include "tests/unit/unit.h"

enum { DATA = 1000 };

static uint8_t	data[DATA];

static int
fill_data(void **state)
{
	(void)state;
	for (size_t i = 0; i < DATA; i++)
		data[i] = (uint8_t)(i * 3 + i / 256);
	return 0;
}

static const struct uf2_form	plain = { 0xc47e5767, 476, false };
static const struct uf2_form	digests = { 0xc47e5767, 452, true };

static struct buf
write_file(const struct uf2_region *r, size_t count, const struct uf2_form *f)
{
	struct buf	b;

	buf_init(&b, uf2_size(r, count, f));
	assert_int_equal(uf2_write(r, count, f, &b, NULL), 0);
	assert_int_equal(b.len, b.max);
	return b;
}

/* A file of `len` bytes that go to 0x1000. */
static struct buf
simple(size_t len, const struct uf2_form *f)
{
	const struct uf2_region	r = { .address = 0x1000, .len = len,
				    .data = data };

	return write_file(&r, 1, f);
}

static void
assert_refused(const struct buf *b, size_t len, int err, const char *part)
{
	struct uf2	u;
	struct why	why = { 0 };

	assert_int_equal(uf2_parse(b->data, len, &u, &why), err);
	if (strstr(why_text(&why), part) == NULL)
		fail_msg("%s: %s", part, why_text(&why));
}

static void
test_blocks_are_as_the_format_says(void **state)
{
	struct buf		b = simple(500, &digests);
	const uint8_t		*p = b.data + UF2_BLOCK;
	static const uint8_t	head[] = {
		0x55, 0x46, 0x32, 0x0a, 0x57, 0x51, 0x5d, 0x9e,
		0x00, 0x60, 0, 0, 0xc4, 0x11, 0, 0, 48, 0, 0, 0,
		1, 0, 0, 0, 2, 0, 0, 0, 0x67, 0x57, 0x7e, 0xc4,
	};

	(void)state;
	assert_int_equal(b.len, 2 * UF2_BLOCK);
	assert_memory_equal(p, head, sizeof head);
	assert_memory_equal(p + 32, data + 452, 48);
	assert_int_equal(le32_get(p + 80), 0x11c4);
	assert_int_equal(le32_get(p + 84), 48);
	for (size_t i = 104; i < 508; i++)
		assert_int_equal(p[i], 0);
	assert_int_equal(le32_get(p + 508), 0x0ab16f30);
	buf_done(&b);
	b = simple(476, &plain);
	assert_int_equal(b.len, UF2_BLOCK);
	assert_int_equal(le32_get(b.data + 8), 0x2000);
	assert_memory_equal(b.data + 32, data, 476);
	buf_done(&b);
}

static void
test_blocks_are_numbered_through_all_files(void **state)
{
	const struct uf2_region	r[] = {
		{ .address = 0x1000, .len = 600, .data = data },
		{ .address = 0x8000, .len = 0 },
		{ .address = 0x9000, .len = 1, .data = data },
	};
	struct buf		b = write_file(r, 3, &plain);

	(void)state;
	assert_int_equal(b.len, 3 * UF2_BLOCK);
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(le32_get(b.data + i * UF2_BLOCK + 20), i);
		assert_int_equal(le32_get(b.data + i * UF2_BLOCK + 24), 3);
	}
	buf_done(&b);
}

static void
test_what_was_written_is_read(void **state)
{
	const struct uf2_region	r[] = {
		{ .address = 0x8000, .len = 1, .data = data },
		{ .address = 0x1000, .len = 600, .data = data },
		{ .address = 0x1258, .len = 400, .data = data + 600 },
	};
	struct buf		b = write_file(r, 3, &digests);
	struct uf2		u;

	(void)state;
	assert_int_equal(uf2_parse(b.data, b.len, &u, NULL), 0);
	assert_int_equal(u.count, 2);
	assert_int_equal(u.regions[0].address, 0x1000);
	assert_int_equal(u.regions[0].len, 1000);
	assert_int_equal(u.regions[0].family, 0xc47e5767);
	assert_memory_equal(u.regions[0].data, data, 1000);
	assert_int_equal(u.regions[1].address, 0x8000);
	assert_int_equal(u.regions[1].len, 1);
	uf2_done(&u);
	buf_done(&b);
}

/* esptool numbers each file that it puts in from 0. */
static void
test_numbers_may_begin_anew(void **state)
{
	struct buf	b = simple(600, &plain);
	struct uf2	u;

	(void)state;
	b.max *= 2;
	for (size_t i = 0; i < 2; i++) {
		uint8_t	block[UF2_BLOCK];

		memcpy(block, b.data + i * UF2_BLOCK, UF2_BLOCK);
		le32_put(block + 12, le32_get(block + 12) + 0x1000);
		assert_int_equal(buf_add(&b, block, sizeof block), 0);
	}
	assert_int_equal(uf2_parse(b.data, b.len, &u, NULL), 0);
	assert_int_equal(u.count, 2);
	assert_int_equal(u.regions[1].address, 0x2000);
	assert_int_equal(u.regions[1].len, 600);
	uf2_done(&u);
	buf_done(&b);
}

static void
test_a_file_that_is_not_whole_is_refused(void **state)
{
	struct buf	b = simple(1000, &plain);

	(void)state;
	assert_refused(&b, 0, ERR_IMAGE, "not whole");
	assert_refused(&b, 700, ERR_IMAGE, "within a block");
	assert_refused(&b, 1024, ERR_IMAGE, "ends behind block 2 of 3");
	memmove(b.data + 512, b.data + 1024, 512);
	assert_refused(&b, 1024, ERR_IMAGE, "number 2 of 3 where 1 of 3");
	buf_done(&b);
}

static void
test_a_damaged_block_is_refused(void **state)
{
	struct buf	b = simple(300, &digests);

	(void)state;
	b.data[40] ^= 1;
	assert_refused(&b, b.len, ERR_IMAGE, "digest does not fit");
	b.data[40] ^= 1;
	b.data[510] ^= 1;
	assert_refused(&b, b.len, ERR_IMAGE, "does not look like one");
	b.data[510] ^= 1;
	b.data[4] ^= 1;
	assert_refused(&b, b.len, ERR_IMAGE, "does not look like one");
	b.data[4] ^= 1;
	le32_put(b.data + 16, 477);
	assert_refused(&b, b.len, ERR_IMAGE, "more than it can");
	le32_put(b.data + 16, 300);
	le32_put(b.data + 12, 0xffffff00);
	assert_refused(&b, b.len, ERR_IMAGE, "beyond 4 GB");
	buf_done(&b);
}

/* The format has the digest in the last 24 bytes of the data. */
static void
test_a_digest_at_the_end_of_the_data_is_checked(void **state)
{
	struct buf	b = simple(300, &digests);
	struct uf2	u;

	(void)state;
	memmove(b.data + 508 - 24, b.data + 332, 24);
	memset(b.data + 332, 0, 24);
	assert_int_equal(uf2_parse(b.data, b.len, &u, NULL), 0);
	uf2_done(&u);
	b.data[507] ^= 1;
	assert_refused(&b, b.len, ERR_IMAGE, "digest does not fit");
	buf_done(&b);
}

static void
test_a_byte_set_twice_is_an_overlap(void **state)
{
	const struct uf2_region	r[] = {
		{ .address = 0x1000, .len = 600, .data = data },
		{ .address = 0x1257, .len = 1, .data = data },
	};
	struct buf		b = write_file(r, 2, &plain);

	(void)state;
	assert_refused(&b, b.len, ERR_OVERLAP, "0x1257 twice");
	buf_done(&b);
}

static void
test_remarks_are_left_out_and_files_refused(void **state)
{
	struct buf	b = simple(600, &plain);
	struct uf2	u;

	(void)state;
	le32_put(b.data + 8, 0x2001);
	assert_int_equal(uf2_parse(b.data, b.len, &u, NULL), 0);
	assert_int_equal(u.count, 1);
	assert_int_equal(u.regions[0].address, 0x1000 + 476);
	uf2_done(&u);
	le32_put(b.data + 512 + 8, 0x2001);
	assert_refused(&b, b.len, ERR_IMAGE, "holds nothing");
	le32_put(b.data + 8, 0x3000);
	assert_refused(&b, b.len, ERR_IMAGE, "for a file on the board");
	buf_done(&b);
}

static void
test_it_tells_for_which_chip_it_is(void **state)
{
	struct buf		b = simple(600, &plain);
	const struct chip	*chip;
	struct uf2		u;
	struct why		why = { 0 };

	(void)state;
	assert_int_equal(uf2_parse(b.data, b.len, &u, NULL), 0);
	assert_int_equal(uf2_chip(&u, &chip, &why), 0);
	assert_ptr_equal(chip, &chip_esp32s3);
	assert_true(uf2_has(&u, chip_esp32s3.uf2_family));
	assert_false(uf2_has(&u, chip_esp32c3.uf2_family));
	uf2_done(&u);
	/* Half of it for another one. */
	le32_put(b.data + 28, chip_esp32c3.uf2_family);
	assert_int_equal(uf2_parse(b.data, b.len, &u, NULL), 0);
	assert_int_equal(u.count, 2);
	assert_int_equal(uf2_chip(&u, &chip, &why), ERR_IMAGE);
	assert_non_null(strstr(why.text, "2 kinds of chips (ESP32-S3, "
	    "ESP32-C3); say --chip"));
	uf2_done(&u);
	/* Not told at all. */
	for (size_t i = 0; i < 2; i++)
		le32_put(b.data + 512 * i + 8, 0);
	assert_int_equal(uf2_parse(b.data, b.len, &u, NULL), 0);
	assert_int_equal(u.count, 1);
	assert_int_equal(uf2_chip(&u, &chip, &why), 0);
	assert_null(chip);
	assert_true(uf2_has(&u, chip_esp32c3.uf2_family));
	uf2_done(&u);
	buf_done(&b);
}

static void
test_only_the_magic_tells_a_uf2_file(void **state)
{
	struct buf	b = simple(1, &plain);

	(void)state;
	assert_true(uf2_is(b.data, 8));
	assert_false(uf2_is(b.data, 7));
	assert_false(uf2_is(data, sizeof data));
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_blocks_are_as_the_format_says),
		cmocka_unit_test(test_blocks_are_numbered_through_all_files),
		cmocka_unit_test(test_what_was_written_is_read),
		cmocka_unit_test(test_numbers_may_begin_anew),
		cmocka_unit_test(test_a_file_that_is_not_whole_is_refused),
		cmocka_unit_test(test_a_damaged_block_is_refused),
		cmocka_unit_test(
		    test_a_digest_at_the_end_of_the_data_is_checked),
		cmocka_unit_test(test_a_byte_set_twice_is_an_overlap),
		cmocka_unit_test(test_remarks_are_left_out_and_files_refused),
		cmocka_unit_test(test_it_tells_for_which_chip_it_is),
		cmocka_unit_test(test_only_the_magic_tells_a_uf2_file),
	};

	return cmocka_run_group_tests(tests, fill_data, NULL);
}
