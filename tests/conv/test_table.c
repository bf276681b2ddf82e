/* table: the places of partitions, from a chip's own table or the job's. */
#include "tests/conv/conv.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/image/partition.h"
#include "proto/serial/secinfo.h"

enum { AT = 0x8000, SECTOR = 4096 };

static struct blob		*small, *code;
static struct link_write	 named[2];

static const char	usual[] =
    "nvs,data,nvs,0x9000,0x6000\n"
    "phy_init,data,phy,,4K\n"
    "factory,app,factory,,512K\n"
    "store,data,spiffs,,64K,encrypted\n";
/* Another layout with the same names. */
static const char	other[] =
    "nvs,data,nvs,0x9000,0x3000\n"
    "factory,app,factory,0x20000,512K\n";

/* ---- what the tests share ---- */

static int
make_blobs(void **state)
{
	(void)state;
	small = board_blob("small.bin", 333, 1, false);
	code = board_blob("code.bin", 100000, 2, true);
	named[0] = (struct link_write){ .blob = code, .partition = "factory",
	    .open = true };
	named[1] = (struct link_write){ .blob = small, .partition = "nvs",
	    .open = true };
	return 0;
}

static int
drop_blobs(void **state)
{
	(void)state;
	blob_unref(small);
	blob_unref(code);
	return 0;
}

static void
make_table(const char *csv, bool md5, uint8_t out[PARTITION_BYTES])
{
	static struct partition_table	t;
	const struct partition_place	place = { AT, &chip_esp32 };
	struct why			why = { 0 };

	if (partition_parse(csv, strlen(csv), &place, &t, NULL, &why) < 0 ||
	    partition_build(&t, md5, out, &why) < 0)
		fail_msg("%s", why.text);
}

/* A table as an image of the job. */
static struct blob *
table_blob(const char *csv)
{
	uint8_t		*bytes = malloc(PARTITION_BYTES + 3);
	struct blob	*blob;
	int		 r;

	assert_non_null(bytes);
	make_table(csv, true, bytes);
	assert_non_null(blob = blob_new("table.bin", bytes,
	    PARTITION_BYTES));
	while ((r = blob_step(blob)) > 0)
		;
	assert_int_equal(r, 0);
	return blob;
}

/* A board with that table in its flash (NULL: none), and what is named. */
static void
begin(const struct chip *chip, bool stub, const char *csv)
{
	board_init(&b, &l, chip);
	board_ready(&b, &l, stub);
	l.flash.table_offset = AT;
	l.flash.writes = named;
	l.flash.write_count = 2;
	if (csv != NULL)
		make_table(csv, true, b.flash + AT);
}

/* A region instead. */
static void
region(const char *name, bool erase, uint32_t bytes)
{
	l.flash.writes = NULL;
	l.flash.write_count = 0;
	(void)snprintf(l.flash.partition, sizeof l.flash.partition, "%s", name);
	l.flash.open = true;
	if (erase) {
		l.flash.erase_bytes = bytes;
		l.flash.erase_rest = bytes == 0;
	} else {
		l.flash.read_bytes = bytes;
		l.flash.read_rest = bytes == 0;
	}
}

/* Refused, with that in the sentence; and nothing was changed. */
static void
refused(int err, const char *says)
{
	static uint8_t	before[BOARD_FLASH];

	memcpy(before, b.flash, BOARD_FLASH);
	assert_int_equal(phase_table(&l), err);
	assert_int_equal(l.why.err, err);
	assert_contains(l.why.text, says);
	assert_memory_equal(before, b.flash, BOARD_FLASH);
	assert_int_equal(b.sent[CMD_FLASH_BEGIN] +
	    b.sent[CMD_FLASH_DEFL_BEGIN] + b.sent[CMD_ERASE_FLASH] +
	    b.sent[CMD_ERASE_REGION], 0);
	assert_false(l.resume.placed);
	board_done(&b, &l);
}

/* ---- places ---- */

static void
write_named(const struct chip *chip, bool stub, const char *csv,
    uint32_t factory)
{
	begin(chip, stub, csv);
	assert_int_equal(phase_table(&l), 0);
	assert_int_equal(l.flash.writes[0].offset, factory);
	assert_int_equal(l.flash.writes[1].offset, 0x9000);
	assert_false(l.flash.writes[0].open);
	assert_int_equal(phase_check(&l), 0);
	assert_int_equal(phase_write(&l), 0);
	assert_memory_equal(b.flash + factory, code->data, code->len);
	assert_memory_equal(b.flash + 0x9000, small->data, small->len);
	assert_int_equal(b.flash[0xa000], 0xff);
	/* What all boards share is as it was. */
	assert_true(named[0].open);
	assert_int_equal(named[0].offset, 0);
	board_done(&b, &l);
}

static void
test_each_board_has_its_own_places(void **state)
{
	(void)state;
	write_named(&chip_esp32, true, usual, 0x10000);
	write_named(&chip_esp32, true, other, 0x20000);
	write_named(&chip_esp32c3, false, usual, 0x10000);
	write_named(&chip_esp32, false, other, 0x20000);
	write_named(&chip_esp8266, true, usual, 0x10000);
}

static void
test_an_address_needs_no_table(void **state)
{
	struct link_write	w = { .blob = small, .offset = 0x9000 };

	(void)state;
	begin(&chip_esp32, true, NULL);
	l.flash.writes = &w;
	l.flash.write_count = 1;
	assert_int_equal(phase_table(&l), 0);
	assert_int_equal(b.frames, 0);
	assert_ptr_equal(l.flash.writes, &w);
	board_done(&b, &l);
}

static void
test_a_partition_is_erased_whole_or_its_beginning(void **state)
{
	(void)state;
	begin(&chip_esp32, true, usual);
	memset(b.flash + 0x9000, 0, 0x10000);
	region("nvs", true, 0);
	assert_int_equal(phase_table(&l), 0);
	assert_int_equal(phase_check(&l), 0);
	assert_int_equal(phase_erase(&l), 0);
	assert_int_equal(b.words[CMD_ERASE_REGION][0], 0x9000);
	assert_int_equal(b.words[CMD_ERASE_REGION][1], 0x6000);
	assert_int_equal(b.flash[0xefff], 0xff);
	assert_int_equal(b.flash[0xf000], 0);
	board_done(&b, &l);
	begin(&chip_esp32, true, usual);
	region("nvs", true, 0x2000);
	assert_int_equal(phase_table(&l), 0);
	assert_int_equal(l.flash.erase_offset, 0x9000);
	assert_int_equal(l.flash.erase_bytes, 0x2000);
	board_done(&b, &l);
	/* The end of the partition is not that of the flash. */
	begin(&chip_esp32, true, usual);
	region("nvs", true, 0x7000);
	refused(ERR_BEYOND_FLASH, "0x7000 bytes are more than partition 'nvs' "
	    "has: 0x6000 at 0x9000");
}

static void
test_a_partition_is_erased_in_whole_sectors(void **state)
{
	(void)state;
	begin(&chip_esp32, true, "a,data,nvs,0x9000,0x1800\nb,data,fat,0xb000"
	    ",4K");
	region("a", true, 0);
	assert_int_equal(phase_table(&l), 0);
	assert_int_equal(l.flash.erase_bytes, 0x2000);
	board_done(&b, &l);
	begin(&chip_esp32, true, "a,data,nvs,0x9000,0x1800\nb,data,fat,0xa800"
	    ",2K");
	region("a", true, 0);
	refused(ERR_ALIGN, "erasing the one would erase the other");
	begin(&chip_esp32, true, "a,data,nvs,0x9000,0x1800\nb,data,fat,0xa800"
	    ",2K");
	region("b", false, 0);
	assert_int_equal(phase_table(&l), 0);
	assert_int_equal(l.flash.read_offset, 0xa800);
	assert_int_equal(l.flash.read_bytes, 0x800);
	board_done(&b, &l);
}

struct bytes {
	uint8_t	data[0x10000];
	size_t	len;
};

static int
collect(void *arg, const void *data, size_t len)
{
	struct bytes	*to = arg;

	assert_true(to->len + len <= sizeof to->data);
	memcpy(to->data + to->len, data, len);
	to->len += len;
	return 0;
}

/* The table does not get into the file, nor its digest into the result. */
static void
test_a_partition_is_read(void **state)
{
	static struct bytes	got;

	(void)state;
	begin(&chip_esp32, true, usual);
	memcpy(b.flash + 0x90000, code->data, 0x10000);
	region("store", false, 0);
	l.flash.sink = collect;
	l.flash.sink_arg = &got;
	assert_int_equal(phase_table(&l), 0);
	assert_int_equal(got.len, 0);
	assert_int_equal(phase_check(&l), 0);
	assert_int_equal(phase_read(&l), 0);
	assert_int_equal(got.len, 0x10000);
	assert_memory_equal(got.data, code->data, 0x10000);
	board_done(&b, &l);
}

/* ---- the table that the job writes ---- */

static void
test_the_table_that_is_written_counts(void **state)
{
	struct link_write	w[2];

	(void)state;
	w[0] = (struct link_write){ .blob = table_blob(other), .offset = AT };
	w[1] = named[0];
	begin(&chip_esp32, true, usual);
	l.flash.writes = w;
	assert_int_equal(phase_table(&l), 0);
	assert_int_equal(l.flash.writes[1].offset, 0x20000);
	assert_int_equal(b.sent[CMD_READ_FLASH], 0);
	board_done(&b, &l);
	/* Where the one in the flash cannot be read, too. */
	begin(&chip_esp32, true, NULL);
	l.flash.writes = w;
	l.flash.erase_all = true;
	l.found.security.encrypted = true;
	assert_int_equal(phase_table(&l), 0);
	assert_int_equal(l.flash.writes[1].offset, 0x20000);
	board_done(&b, &l);
	blob_unref(w[0].blob);
}

/* "merged.bin", from 0x7000 on, has a table in it; or not. */
static void
test_a_table_within_an_image_counts(void **state)
{
	uint8_t			*bytes = malloc(0x2000 + 3);
	struct link_write	 w[2];

	(void)state;
	assert_non_null(bytes);
	memset(bytes, 0, 0x2000);
	make_table(other, true, bytes + 0x1000);
	w[0] = (struct link_write){ .offset = 0x7000,
	    .blob = blob_new("merged.bin", bytes, 0x2000) };
	w[1] = named[0];
	assert_non_null(w[0].blob);
	begin(&chip_esp32, true, usual);
	l.flash.writes = w;
	assert_int_equal(phase_table(&l), 0);
	assert_int_equal(l.flash.writes[1].offset, 0x20000);
	board_done(&b, &l);
	w[0].blob->data[0x1000] = 0;
	begin(&chip_esp32, true, usual);
	l.flash.writes = w;
	refused(ERR_IMAGE, "'merged.bin' goes where the partition table is");
	w[0].offset = 0x8000;
	begin(&chip_esp32, true, usual);
	l.flash.writes = w;
	refused(ERR_IMAGE, "no binary partition table");
	w[0].offset = 0x8800;
	begin(&chip_esp32, true, usual);
	l.flash.writes = w;
	refused(ERR_CONFLICT, "into the middle of the partition table");
	blob_unref(w[0].blob);
}

static void
test_a_table_is_not_replaced_by_the_name_it_gives_itself(void **state)
{
	static const char	with[] = "t,partition_table,primary,,\n"
				    "nvs,data,nvs,,24K\n";
	struct link_write	w[2] = {
		{ .partition = "t", .open = true },
		{ .blob = small, .partition = "nvs", .open = true },
	};

	(void)state;
	w[0].blob = table_blob(other);
	begin(&chip_esp32, true, with);
	l.flash.writes = w;
	refused(ERR_CONFLICT, "write it by its address, 0x8000");
	begin(&chip_esp32, true, with);
	l.flash.writes = w;
	l.flash.write_count = 1;
	assert_int_equal(phase_table(&l), 0);
	assert_int_equal(l.flash.writes[0].offset, AT);
	board_done(&b, &l);
	blob_unref(w[0].blob);
}

/* Names that were looked up in a file when the job came. */
static void
test_a_table_of_a_file_must_be_the_one_that_is_written(void **state)
{
	struct link_write	w[2];

	(void)state;
	w[0] = (struct link_write){ .blob = table_blob(other), .offset = AT };
	w[1] = (struct link_write){ .blob = code, .partition = "factory",
	    .offset = 0x20000 };
	begin(&chip_esp32, true, usual);
	l.flash.writes = w;
	assert_int_equal(phase_table(&l), 0);
	assert_int_equal(b.frames, 0);
	board_done(&b, &l);
	w[1].offset = 0x10000;
	begin(&chip_esp32, true, usual);
	l.flash.writes = w;
	refused(ERR_CONFLICT, "but not by the one that is written");
	blob_unref(w[0].blob);
	w[0].blob = table_blob("factory,app,factory,0x20000,64K");
	w[1].offset = 0x20000;
	begin(&chip_esp32, true, usual);
	l.flash.writes = w;
	refused(ERR_CONFLICT, "but not by the one that is written");
	blob_unref(w[0].blob);
}

/* ---- going on ---- */

/* The first attempt may have written half a table, or erased it. */
static void
test_a_later_attempt_keeps_the_places(void **state)
{
	struct link_resume	resume;

	(void)state;
	begin(&chip_esp32, true, usual);
	assert_int_equal(phase_table(&l), 0);
	assert_true(l.resume.placed);
	resume = l.resume;
	board_done(&b, &l);
	begin(&chip_esp32, true, other);
	l.resume = resume;
	assert_int_equal(phase_table(&l), 0);
	assert_int_equal(l.flash.writes[0].offset, 0x10000);
	assert_int_equal(b.frames, 0);
	board_done(&b, &l);
	/* A region, likewise. */
	begin(&chip_esp32, true, usual);
	region("nvs", true, 0);
	assert_int_equal(phase_table(&l), 0);
	resume = l.resume;
	board_done(&b, &l);
	begin(&chip_esp32, true, NULL);
	region("nvs", true, 0);
	l.resume = resume;
	assert_int_equal(phase_table(&l), 0);
	assert_int_equal(l.flash.erase_offset, 0x9000);
	assert_int_equal(l.flash.erase_bytes, 0x6000);
	board_done(&b, &l);
}

/* What an earlier attempt got of a file is no matter for the table. */
static void
test_a_read_that_goes_on_goes_on_in_its_file(void **state)
{
	(void)state;
	begin(&chip_esp32, true, usual);
	region("store", false, 0);
	l.resume.read_bytes = 0x1000;
	assert_int_equal(phase_table(&l), 0);
	assert_int_equal(l.resume.read_bytes, 0x1000);
	assert_int_equal(b.sent[CMD_SPI_FLASH_MD5], 0);
	assert_int_equal(l.flash.read_bytes, 0x10000);
	board_done(&b, &l);
}

static void
test_a_silence_while_the_table_is_read(void **state)
{
	(void)state;
	begin(&chip_esp32, false, usual);
	board_fault(&b, FAULT_HANG, CMD_READ_FLASH_SLOW, 5);
	assert_int_equal(phase_table(&l), 0);
	assert_int_equal(l.flash.writes[0].offset, 0x10000);
	assert_contains(b.notes, "retrying (1 of 3)");
	board_done(&b, &l);
}

static void
have_names(struct link *to)
{
	make_table(usual, true, b.flash + AT);
	to->flash.table_offset = AT;
	to->flash.writes = named;
	to->flash.write_count = 2;
}

static void
test_faults_while_the_table_is_read(void **state)
{
	(void)state;
	check_faults(&chip_esp32, true, phase_table, have_names,
	    CMD_READ_FLASH, 0);
	check_faults(&chip_esp32, false, phase_table, have_names,
	    CMD_READ_FLASH_SLOW, 7);
}

/* ---- refusals ---- */

static void
test_no_table_is_refused(void **state)
{
	(void)state;
	begin(&chip_esp32, true, NULL);
	refused(ERR_IMAGE, "it is empty there (all FF)");
	begin(&chip_esp32, true, NULL);
	memcpy(b.flash + AT, code->data, 0x1000);
	refused(ERR_IMAGE, "no partition table at 0x8000: what is there "
	    "begins with");
	/* Text that would be a table in a file. */
	begin(&chip_esp32, true, NULL);
	memcpy(b.flash + AT, usual, sizeof usual);
	refused(ERR_IMAGE, "no partition table at 0x8000");
	begin(&chip_esp32, true, usual);
	l.flash.table_offset = 0x9000;
	refused(ERR_IMAGE, "no partition table at 0x9000");
	begin(&chip_esp32, true, usual);
	l.flash.table_offset = BOARD_FLASH - 0x800;
	refused(ERR_BEYOND_FLASH, "the flash ends at 0x100000");
}

static void
test_a_damaged_table_is_refused(void **state)
{
	(void)state;
	begin(&chip_esp32, true, usual);
	b.flash[AT + 6] ^= 1;
	refused(ERR_IMAGE, "the MD5 of its rows");
	begin(&chip_esp32, true, "a,data,nvs,,4K\nb,data,nvs,,4K\n");
	b.flash[AT + 32 + 5] = 0x90;
	memset(b.flash + AT + 64, 0xff, 32);
	refused(ERR_OVERLAP, "overlap");
	begin(&chip_esp32, true, "nvs,data,nvs,,4K\nnvt,data,nvs,,4K\n");
	b.flash[AT + 32 + 14] = 's';
	memset(b.flash + AT + 64, 0xff, 32);
	refused(ERR_IMAGE, "two partitions are named 'nvs'");
}

static void
test_a_table_without_md5_is_digested_by_a_rom(void **state)
{
	(void)state;
	begin(&chip_esp32, true, NULL);
	make_table(usual, false, b.flash + AT);
	assert_int_equal(phase_table(&l), 0);
	assert_int_equal(b.sent[CMD_SPI_FLASH_MD5], 0);
	board_done(&b, &l);
	begin(&chip_esp32, false, NULL);
	make_table(usual, false, b.flash + AT);
	assert_int_equal(phase_table(&l), 0);
	assert_int_equal(b.sent[CMD_SPI_FLASH_MD5], 1);
	board_done(&b, &l);
	begin(&chip_esp32, false, NULL);
	make_table(usual, false, b.flash + AT);
	board_fault(&b, FAULT_REFUSAL_ALWAYS, CMD_SPI_FLASH_MD5, 0);
	refused(ERR_REFUSED, "digest the partition table");
}

static void
test_what_cannot_be_read_in_the_clear_is_refused(void **state)
{
	(void)state;
	begin(&chip_esp32, true, usual);
	l.found.security.encrypted = true;
	refused(ERR_SECURITY, "flash encryption is on");
	assert_int_equal(b.sent[CMD_READ_FLASH], 0);
	begin(&chip_esp32c3, false, usual);
	l.found.has_secinfo = true;
	l.found.secinfo.flags = SECINFO_SECURE_DOWNLOAD;
	refused(ERR_SECURITY, "in secure download mode");
	begin(&chip_esp8266, false, usual);
	refused(ERR_UNSUPPORTED, "needs the flasher stub");
	begin(&chip_esp32, true, usual);
	l.flash.erase_all = true;
	refused(ERR_CONFLICT, "the whole flash is to be erased");
}

static void
test_what_does_not_fit_is_refused(void **state)
{
	(void)state;
	begin(&chip_esp32, true, "nvs,data,nvs,,4K\nfactory,app,factory,,64K");
	refused(ERR_BEYOND_FLASH, "'code.bin' has 100000 bytes and does not "
	    "fit into partition 'factory', which has 65536 at 0x10000");
	begin(&chip_esp32, true, "nvs,data,nvs,,4K\nfactory,app,factory,,1M");
	refused(ERR_BEYOND_FLASH, "reaches beyond the end of the flash");
	begin(&chip_esp32, true, "factory,app,factory,,512K");
	refused(ERR_PARAMS, "there is no partition 'nvs' in the partition "
	    "table; it has factory");
	begin(&chip_esp32, true, "nvs,data,nvs,0x9100,4K\n"
	    "factory,app,factory,,512K");
	refused(ERR_ALIGN, "within a sector of flash");
}

static void
test_a_name_and_an_address_must_not_meet(void **state)
{
	struct link_write	w[2];

	(void)state;
	w[0] = named[0];
	w[1] = (struct link_write){ .blob = small, .offset = 0x28000 };
	begin(&chip_esp32, true, usual);
	l.flash.writes = w;
	refused(ERR_OVERLAP, "code.bin at 0x10000 (partition factory) and "
	    "small.bin at 0x28000 (by its address)");
	w[1].offset = 0x29000;
	begin(&chip_esp32, true, usual);
	l.flash.writes = w;
	assert_int_equal(phase_table(&l), 0);
	board_done(&b, &l);
	w[1] = named[0];
	begin(&chip_esp32, true, usual);
	l.flash.writes = w;
	refused(ERR_OVERLAP, "overlap");
}

static void
test_nothing_is_done_at_a_place_that_is_open(void **state)
{
	(void)state;
	begin(&chip_esp32, true, usual);
	assert_int_equal(phase_check(&l), ERR_INTERNAL);
	board_done(&b, &l);
	begin(&chip_esp32, true, usual);
	region("nvs", true, 0);
	assert_int_equal(phase_check(&l), ERR_INTERNAL);
	board_done(&b, &l);
}

static void
test_plain_bytes_for_an_encrypted_partition_are_told(void **state)
{
	struct link_write	w = { .blob = small, .offset = 0x90000,
				    .partition = "store", .secret = true };

	(void)state;
	begin(&chip_esp32, true, NULL);
	l.flash.writes = &w;
	l.flash.write_count = 1;
	l.found.security.encrypted = true;
	assert_int_equal(phase_table(&l), 0);
	assert_contains(b.notes, "partition 'store' is an encrypted one, but "
	    "small.bin is written as it is");
	board_done(&b, &l);
	w.encrypt = true;
	begin(&chip_esp32, true, NULL);
	l.flash.writes = &w;
	l.flash.write_count = 1;
	l.found.security.encrypted = true;
	assert_int_equal(phase_table(&l), 0);
	assert_string_equal(b.notes, "");
	board_done(&b, &l);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_each_board_has_its_own_places),
		cmocka_unit_test(test_an_address_needs_no_table),
		cmocka_unit_test(
		    test_a_partition_is_erased_whole_or_its_beginning),
		cmocka_unit_test(test_a_partition_is_erased_in_whole_sectors),
		cmocka_unit_test(test_a_partition_is_read),
		cmocka_unit_test(test_the_table_that_is_written_counts),
		cmocka_unit_test(test_a_table_within_an_image_counts),
		cmocka_unit_test(
		    test_a_table_is_not_replaced_by_the_name_it_gives_itself),
		cmocka_unit_test(
		    test_a_table_of_a_file_must_be_the_one_that_is_written),
		cmocka_unit_test(test_a_later_attempt_keeps_the_places),
		cmocka_unit_test(test_a_read_that_goes_on_goes_on_in_its_file),
		cmocka_unit_test(test_a_silence_while_the_table_is_read),
		cmocka_unit_test(test_faults_while_the_table_is_read),
		cmocka_unit_test(test_no_table_is_refused),
		cmocka_unit_test(test_a_damaged_table_is_refused),
		cmocka_unit_test(
		    test_a_table_without_md5_is_digested_by_a_rom),
		cmocka_unit_test(
		    test_what_cannot_be_read_in_the_clear_is_refused),
		cmocka_unit_test(test_what_does_not_fit_is_refused),
		cmocka_unit_test(test_a_name_and_an_address_must_not_meet),
		cmocka_unit_test(
		    test_nothing_is_done_at_a_place_that_is_open),
		cmocka_unit_test(
		    test_plain_bytes_for_an_encrypted_partition_are_told),
	};

	return cmocka_run_group_tests(tests, make_blobs, drop_blobs);
}
