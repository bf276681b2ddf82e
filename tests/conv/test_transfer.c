#include "tests/conv/conv.h"

#include <stdlib.h>

/* What the tests of this file write. */
static struct blob		*small, *code, *noise;
static struct link_write	 one[1], two[2];

static void
write_code(struct link *to)
{
	to->flash.writes = one;
	to->flash.write_count = 1;
}

static void
write_two(struct link *to)
{
	to->flash.writes = two;
	to->flash.write_count = 2;
}

static int
make_blobs(void **state)
{
	(void)state;
	small = board_blob("small.bin", 333, 1, false);
	code = board_blob("code.bin", 100000, 2, true);
	noise = board_blob("noise.bin", 40001, 3, false);
	one[0] = (struct link_write){ .blob = code, .offset = 0x10000 };
	two[0] = (struct link_write){ .blob = code, .offset = 0x10000 };
	two[1] = (struct link_write){ .blob = noise, .offset = 0x40000 };
	return 0;
}

static int
drop_blobs(void **state)
{
	(void)state;
	blob_unref(small);
	blob_unref(code);
	blob_unref(noise);
	return 0;
}

static void
assert_flash(const struct link_write *w)
{
	assert_memory_equal(b.flash + w->offset, w->blob->data,
	    w->blob->len);
}

/* Write and verify `two` on that chip; flash must hold it. */
static void
write_and_verify(const struct chip *chip, bool stub, bool plain)
{
	board_init(&b, &l, chip);
	board_ready(&b, &l, stub);
	write_two(&l);
	l.flash.plain = plain;
	memset(b.flash, 0, BOARD_FLASH);
	assert_int_equal(phase_write(&l), 0);
	assert_false(l.in_transfer);
	assert_flash(&two[0]);
	assert_flash(&two[1]);
	/* Nothing beyond the last sector is touched. */
	assert_int_equal(b.flash[two[0].offset - 1], 0);
	assert_int_equal(b.flash[two[1].offset + 0xa000], 0);
	assert_int_equal(b.done, code->file_len + noise->file_len);
	assert_int_equal(b.total, b.done);
	assert_int_equal(phase_verify(&l), 0);
	assert_int_equal(l.found.verified,
	    stub || (chip->caps & CHIP_ROM_MD5) != 0);
	board_done(&b, &l);
}

static void
test_images_are_written_by_every_loader(void **state)
{
	(void)state;
	write_and_verify(&chip_esp32, true, false);
	write_and_verify(&chip_esp32, true, true);
	write_and_verify(&chip_esp32, false, false);
	write_and_verify(&chip_esp32, false, true);
	write_and_verify(&chip_esp32c3, true, false);
	write_and_verify(&chip_esp32c3, false, false);
	write_and_verify(&chip_esp32s3, false, true);
	write_and_verify(&chip_esp8266, true, false);
}

/* The chip's own USB takes smaller blocks than a UART does. */
static void
test_stub_behind_usb_otg_gets_small_blocks(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32s3);
	l.opt.usb_vid = 0x303a;
	l.opt.usb_pid = 9;
	board_ready(&b, &l, true);
	assert_int_equal(rom_mem_block(&l.rom), 0x800);
	write_two(&l);
	assert_int_equal(phase_write(&l), 0);
	assert_int_equal(b.begin[2], 0x800);
	assert_flash(&two[0]);
	assert_flash(&two[1]);
	board_done(&b, &l);
	/* Another port with that number is none of the chip's. */
	board_init(&b, &l, &chip_esp32s3);
	l.opt.usb_pid = 9;
	board_ready(&b, &l, true);
	write_two(&l);
	assert_int_equal(phase_write(&l), 0);
	assert_int_equal(b.begin[2], 0x4000);
	assert_int_equal(rom_mem_block(&l.rom), 0x1800);
	board_done(&b, &l);
}

static void
test_esp8266_rom_writes_and_does_not_claim_to_verify(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp8266);
	board_ready(&b, &l, false);
	write_code(&l);
	assert_int_equal(phase_write(&l), 0);
	assert_int_equal(b.sent[CMD_FLASH_DEFL_BEGIN], 0);
	/* 25 sectors from an erase block's start: 16 are counted twice. */
	assert_int_equal(b.begin[0], 13 * 4096);
	assert_int_equal(b.sent[CMD_FLASH_DATA], 98);
	assert_int_equal(phase_verify(&l), 0);
	assert_false(l.found.verified);
	assert_contains(b.notes, "not verified");
	board_done(&b, &l);
}

static void
test_stub_gets_compressed_blocks_and_an_end(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	board_ready(&b, &l, true);
	write_two(&l);
	assert_int_equal(phase_write(&l), 0);
	assert_int_equal(b.sent[CMD_FLASH_DEFL_BEGIN], 1);
	assert_int_equal(b.sent[CMD_FLASH_DEFL_DATA],
	    (code->z_len + STUB_FLASH_BLOCK - 1) / STUB_FLASH_BLOCK);
	assert_int_equal(b.sent[CMD_FLASH_DEFL_END], 1);
	/* Random bytes do not shrink: they go plain, the other image not. */
	assert_int_equal(b.sent[CMD_FLASH_BEGIN], 1);
	assert_int_equal(b.sent[CMD_FLASH_DATA], 3);
	assert_int_equal(b.sent[CMD_FLASH_END], 1);
	assert_int_equal(l.images[0].sent_z, code->z_len);
	assert_int_equal(l.images[1].sent_z, 0);
	board_done(&b, &l);
}

static void
test_rom_gets_no_end(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32c3);
	board_ready(&b, &l, false);
	write_two(&l);
	assert_int_equal(phase_write(&l), 0);
	assert_int_equal(b.sent[CMD_FLASH_END], 0);
	assert_int_equal(b.sent[CMD_FLASH_DEFL_END], 0);
	board_done(&b, &l);
}

static void
test_unaligned_start(void **state)
{
	struct link_write	w = { .blob = small, .offset = 0x10104 };
	(void)state;
	for (int stub = 0; stub < 2; stub++) {
		board_init(&b, &l, &chip_esp32c3);
		board_ready(&b, &l, stub);
		memset(b.flash, 0, BOARD_FLASH);
		l.flash.writes = &w;
		l.flash.write_count = 1;
		assert_int_equal(phase_write(&l), 0);
		assert_flash(&w);
		assert_int_equal(b.begin[3], stub ? 0x10104 : 0x10000);
		assert_int_equal(b.flash[0x10103], 0xff);
		assert_int_equal(b.flash[0xffff], 0);
		assert_contains(b.notes, "Flash address 0x00010104 is not "
		    "aligned to a 0x1000 byte flash sector. 0x104 bytes before "
		    "this address will be erased.");
		assert_int_equal(b.done, small->file_len);
		board_done(&b, &l);
	}
}

static void
test_faults_in_a_write(void **state)
{
	(void)state;
	check_faults(&chip_esp32, true, phase_write, write_code,
	    CMD_FLASH_DEFL_BEGIN, 0);
	check_faults(&chip_esp32, true, phase_write, write_code,
	    CMD_FLASH_DEFL_DATA, 1);
	check_faults(&chip_esp32, true, phase_write, write_code,
	    CMD_FLASH_DEFL_END, 0);
	check_faults(&chip_esp32c3, false, phase_write, write_two,
	    CMD_FLASH_DATA, 5);
	check_faults(&chip_esp32c3, false, phase_write, write_two,
	    CMD_FLASH_BEGIN, 0);
}

static void
test_block_damaged_on_the_line_is_sent_again(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	board_ready(&b, &l, true);
	write_code(&l);
	board_fault(&b, FAULT_REFUSAL, CMD_FLASH_DEFL_DATA, 1);
	b.fault_status = 0xc100;
	assert_int_equal(phase_write(&l), 0);
	assert_flash(&one[0]);
	assert_contains(b.notes, "block 2 of");
	assert_contains(b.notes, "retrying (2 of 3)");
	board_done(&b, &l);
}

static void
test_block_damaged_three_times_ends_the_write(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32c3);
	board_ready(&b, &l, false);
	write_code(&l);
	l.flash.plain = true;
	l.opt.reconnects = 0;
	board_fault(&b, FAULT_REFUSAL_ALWAYS, CMD_FLASH_DATA, 0);
	b.fault_status = 0x0107;
	assert_int_equal(phase_write(&l), ERR_REFUSED);
	assert_int_equal(b.sent[CMD_FLASH_DATA], 3);
	assert_contains(l.why.text, "code.bin at 0x10000 (block 1 of 98)");
	assert_contains(l.why.text, "checksum");
	board_done(&b, &l);
}

static void
test_silent_block_is_not_sent_twice(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	board_ready(&b, &l, true);
	write_code(&l);
	board_fault(&b, FAULT_SILENCE, CMD_FLASH_DEFL_DATA, 0);
	assert_int_equal(phase_write(&l), ERR_TIMEOUT);
	assert_int_equal(b.sent[CMD_FLASH_DEFL_DATA], 1);
	assert_true(l.in_transfer);
	board_done(&b, &l);
}

/* The stub answers the last block and fails to program it. */
static void
test_late_failure_names_the_image_it_belongs_to(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	board_ready(&b, &l, true);
	write_two(&l);
	board_fault(&b, FAULT_LATE, CMD_FLASH_DEFL_DATA,
	    (unsigned)(code->z_len / STUB_FLASH_BLOCK));
	b.fault_status = 0xc400;
	assert_int_equal(phase_write(&l), ERR_REFUSED);
	assert_contains(l.why.text, "code.bin at 0x10000 (last block)");
	assert_contains(l.why.text, "0xc400");
	assert_int_equal(b.sent[CMD_FLASH_BEGIN], 0);
	board_done(&b, &l);
}

static void
test_halt_ends_the_write_after_a_block(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	board_ready(&b, &l, true);
	write_code(&l);
	l.halt = ERR_INTERRUPTED;
	assert_int_equal(phase_write(&l), ERR_INTERRUPTED);
	assert_int_equal(b.sent[CMD_FLASH_DEFL_DATA], 0);
	assert_contains(l.why.text, "run the job again");
	board_done(&b, &l);
}

/* A kilobyte of a zlib stream may be a megabyte of flash. */
static void
test_deadline_counts_inflated_bytes(void **state)
{
	uint8_t		*zero = calloc(1, 1000000 + 3);
	struct blob	*empty = blob_new("zero.bin", zero, 1000000);
	struct link_write w = { .blob = empty, .offset = 0 };

	(void)state;
	while (blob_step(empty) > 0)
		continue;
	assert_true(empty->z_len < ROM_FLASH_BLOCK);
	board_init(&b, &l, &chip_esp32c3);
	board_ready(&b, &l, false);
	l.flash.writes = &w;
	l.flash.write_count = 1;
	l.opt.reconnects = 0;
	board_fault(&b, FAULT_SILENCE, CMD_FLASH_DEFL_DATA, 0);
	assert_int_equal(phase_write(&l), ERR_TIMEOUT);
	assert_true(b.now >= 40000 && b.now < 41000);
	board_done(&b, &l);
	blob_unref(empty);
}

static void
test_verify_tells_what_differs(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	board_ready(&b, &l, true);
	write_two(&l);
	assert_int_equal(phase_write(&l), 0);
	b.flash[0x40005] ^= 1;
	assert_int_equal(phase_verify(&l), ERR_VERIFY);
	assert_false(l.found.verified);
	assert_contains(l.why.text, "noise.bin at 0x40000");
	assert_contains(l.why.text, "expected");
	board_done(&b, &l);
}

static void
test_verify_tells_that_flash_is_empty(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32c3);
	board_ready(&b, &l, false);
	write_code(&l);
	assert_int_equal(phase_verify(&l), ERR_VERIFY);
	assert_contains(l.why.text, "empty");
	board_done(&b, &l);
}

static void
test_faults_in_a_verify(void **state)
{
	(void)state;
	check_faults(&chip_esp32, true, phase_verify, write_code,
	    CMD_SPI_FLASH_MD5, 0);
	check_faults(&chip_esp32c3, false, phase_verify, write_code,
	    CMD_SPI_FLASH_MD5, 0);
}

/* Where a read goes. */
struct sink {
	uint8_t	data[70000];
	size_t	len;
	int	err;
};

static struct sink	sink;

static int
take(void *arg, const void *p, size_t len)
{
	struct sink	*s = arg;

	if (s->err < 0)
		return s->err;
	assert_true(s->len + len <= sizeof s->data);
	memcpy(s->data + s->len, p, len);
	s->len += len;
	return 0;
}

static void
read_some(struct link *to)
{
	sink.len = 0;
	sink.err = 0;
	to->flash.sink = take;
	to->flash.sink_arg = &sink;
	to->flash.read_offset = 0x20003;
	to->flash.read_bytes = 65537;
}

static void
test_read_gives_every_byte_in_order(void **state)
{
	(void)state;
	for (int stub = 0; stub < 2; stub++) {
		board_init(&b, &l, &chip_esp32);
		board_ready(&b, &l, stub);
		read_some(&l);
		for (size_t i = 0; i < BOARD_FLASH; i++)
			b.flash[i] = (uint8_t)(i * 7 + i / 4096);
		assert_int_equal(phase_read(&l), 0);
		assert_int_equal(sink.len, 65537);
		assert_memory_equal(sink.data, b.flash + 0x20003, 65537);
		assert_int_equal(b.done, 65537);
		assert_int_equal(b.sent[CMD_READ_FLASH_SLOW],
		    stub ? 0 : 1025);
		assert_false(l.in_transfer);
		board_done(&b, &l);
	}
}

static void
test_read_of_nothing_asks_for_nothing(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	board_ready(&b, &l, true);
	read_some(&l);
	l.flash.read_bytes = 0;
	assert_int_equal(phase_read(&l), 0);
	assert_int_equal(b.frames, 0);
	assert_int_equal(sink.len, 0);
	board_done(&b, &l);
}

static void
test_read_with_a_wrong_digest_fails(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	board_ready(&b, &l, true);
	read_some(&l);
	l.opt.reconnects = 0;
	b.spoil_read = true;
	assert_int_equal(phase_read(&l), ERR_NOISE);
	assert_contains(l.why.text, "damaged (MD5");
	board_done(&b, &l);
}

static void
test_full_disk_ends_a_read(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	board_ready(&b, &l, true);
	read_some(&l);
	sink.err = ERR_IO;
	assert_int_equal(phase_read(&l), ERR_IO);
	assert_contains(l.why.text, "could not be stored");
	assert_true(l.in_transfer);
	board_done(&b, &l);
}

static void
test_esp8266_rom_cannot_read(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp8266);
	board_ready(&b, &l, false);
	read_some(&l);
	assert_int_equal(phase_read(&l), ERR_UNSUPPORTED);
	assert_contains(l.why.text, "needs the flasher stub");
	board_done(&b, &l);
}

static void
test_faults_in_a_read(void **state)
{
	(void)state;
	check_faults(&chip_esp32, true, phase_read, read_some, CMD_READ_FLASH,
	    0);
	check_faults(&chip_esp32, false, phase_read, read_some,
	    CMD_READ_FLASH_SLOW, 9);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_images_are_written_by_every_loader),
		cmocka_unit_test(test_stub_behind_usb_otg_gets_small_blocks),
		cmocka_unit_test(
		    test_esp8266_rom_writes_and_does_not_claim_to_verify),
		cmocka_unit_test(test_stub_gets_compressed_blocks_and_an_end),
		cmocka_unit_test(test_rom_gets_no_end),
		cmocka_unit_test(test_unaligned_start),
		cmocka_unit_test(test_faults_in_a_write),
		cmocka_unit_test(test_block_damaged_on_the_line_is_sent_again),
		cmocka_unit_test(
		    test_block_damaged_three_times_ends_the_write),
		cmocka_unit_test(test_silent_block_is_not_sent_twice),
		cmocka_unit_test(
		    test_late_failure_names_the_image_it_belongs_to),
		cmocka_unit_test(test_halt_ends_the_write_after_a_block),
		cmocka_unit_test(test_deadline_counts_inflated_bytes),
		cmocka_unit_test(test_verify_tells_what_differs),
		cmocka_unit_test(test_verify_tells_that_flash_is_empty),
		cmocka_unit_test(test_faults_in_a_verify),
		cmocka_unit_test(test_read_gives_every_byte_in_order),
		cmocka_unit_test(test_read_of_nothing_asks_for_nothing),
		cmocka_unit_test(test_read_with_a_wrong_digest_fails),
		cmocka_unit_test(test_full_disk_ends_a_read),
		cmocka_unit_test(test_esp8266_rom_cannot_read),
		cmocka_unit_test(test_faults_in_a_read),
	};

	return cmocka_run_group_tests(tests, make_blobs, drop_blobs);
}
