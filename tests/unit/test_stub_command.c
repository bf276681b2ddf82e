/*
 * Espressif's protocol, as our stub speaks it: what each command does and
 * refuses.  (Writing: test_stub_write.)
 */
#include <openssl/evp.h>
#include <string.h>
#include <zlib.h>

#include "proto/base/bytes.h"
#include "proto/serial/cmd.h"
#include "tests/unit/stub_board.h"
#include "tests/unit/unit.h"

enum { SIZE = 1 << 20, BLOCK = 0x400 };

static struct stub_board	board;
static uint8_t			answer[BOARD_FRAME], block[BLOCK];
static size_t			len;
static uint32_t			value;

static int
start(bool official, uint32_t caps)
{
	board_init(&board, SIZE);
	board_fill(board.flash, SIZE);
	board_fill(block, BLOCK);
	board.official = official;
	board.caps = caps;
	board_start(&board);
	(void)board_answer(&board, answer);	/* OHAI: test_stub_write */
	return 0;
}

static int
setup(void **state)
{
	(void)state;
	return start(false, EXT_CAP_RESTART | EXT_CAP_TICKS);
}

static int
setup_able(void **state)
{
	(void)state;
	return start(false, EXT_CAP_SECINFO | EXT_CAP_RUN | EXT_CAP_ENCRYPT);
}

static int
setup_official(void **state)
{
	(void)state;
	return start(true, EXT_CAP_RESTART);
}

static int
teardown(void **state)
{
	(void)state;
	assert_int_equal(board.faults, 0);
	board_done(&board);
	return 0;
}

/* The status of the one answer to `op`. */
static unsigned
status(uint8_t op)
{
	board_run(&board);
	return board_status(&board, op, answer, &len, &value);
}

static bool
silent(void)
{
	board_run(&board);
	return board_answer(&board, answer) == 0;
}

static const uint8_t *
md5(const uint8_t *p, size_t n)
{
	static uint8_t	out[16];

	assert_int_equal(EVP_Digest(p, n, out, NULL, EVP_md5(), NULL), 1);
	return out;
}

static void
sync_stub(void)
{
	uint8_t	data[CMD_SYNC_LEN] = { 0x07, 0x07, 0x12, 0x20 };

	memset(data + 4, 0x55, 32);
	board_request(&board, CMD_SYNC, data, sizeof(data));
	for (int i = 0; i < 8; i++) {
		assert_int_equal(status(CMD_SYNC), 0);
		assert_int_equal(value, 0);
	}
	assert_true(silent());
}

static void
test_sync_is_answered_eight_times(void **state)
{
	(void)state;
	sync_stub();
	board_request(&board, CMD_SYNC, "1234", 4);
	assert_int_equal(status(CMD_SYNC), 0xc000);
	assert_true(silent());
}

static void
test_unknown_commands_are_refused(void **state)
{
	(void)state;
	board_request(&board, 0x77, NULL, 0);
	assert_int_equal(status(0x77), 0xc300);
	board_request(&board, 0, NULL, 0);
	assert_int_equal(status(0), 0xc300);
	board_request(&board, CMD_READ_FLASH_SLOW, NULL, 0);
	assert_int_equal(status(CMD_READ_FLASH_SLOW), 0xc300);
}

static void
test_espressifs_stub_knows_nothing_of_ours(void **state)
{
	(void)state;
	for (unsigned op = EXT_INFO; op <= EXT_COUNTERS; op++) {
		board_request(&board, (uint8_t)op, NULL, 0);
		assert_int_equal(status((uint8_t)op), 0xc300);
	}
}

static void
test_noise_is_not_answered(void **state)
{
	(void)state;
	board_raw(&board, "ets Jun  8 2016 00:22:57\r\n", 26);
	board_frame(&board, "\x01\x08\0\0\0\0\0\0", 8);	/* a reply */
	board_frame(&board, "\0\x08\0\0", 4);		/* too short */
	board_raw(&board, "\xc0\0\x0a\x04\0\0\0\0\0\xdb\x11\0\0\0\xc0", 15);
	assert_true(silent());
	sync_stub();
}

static void
test_a_frame_that_is_too_long_is_dropped(void **state)
{
	(void)state;
	board_raw(&board, "\xc0", 1);
	memset(block, 0x11, BLOCK);
	for (int i = 0; i < 20; i++)
		board_raw(&board, block, BLOCK);
	assert_true(silent());
	sync_stub();
}

static void
test_a_length_that_does_not_fit_is_refused(void **state)
{
	(void)state;
	board_frame(&board, "\0\x0a\x05\0\0\0\0\0\x04\0\0\0", 12);
	assert_int_equal(status(CMD_READ_REG), 0xc000);
	board_words(&board, CMD_SPI_ATTACH, 2, 0, 0);
	assert_int_equal(status(CMD_SPI_ATTACH), 0xc000);
	board_words(&board, CMD_FLASH_BEGIN, 3, 0, 0, 0);
	assert_int_equal(status(CMD_FLASH_BEGIN), 0xc000);
}

static void
test_registers(void **state)
{
	uint64_t	before = board.now_us;

	(void)state;
	board.reg[2] = 0x12345678;
	board_words(&board, CMD_READ_REG, 1, 8);
	assert_int_equal(status(CMD_READ_REG), 0);
	assert_int_equal(value, 0x12345678);
	board_words(&board, CMD_WRITE_REG, 8, 8, 0xffffffff, 0xff00, 500,
	    12, 0xcafe, UINT32_MAX, 0);
	assert_int_equal(status(CMD_WRITE_REG), 0);
	assert_int_equal(board.reg[2], 0x1234ff78);
	assert_int_equal(board.reg[3], 0xcafe);
	assert_true(board.now_us - before >= 500);
	board_words(&board, CMD_WRITE_REG, 3, 8, 0, 0);
	assert_int_equal(status(CMD_WRITE_REG), 0xc000);
}

static void
test_memory_is_loaded_and_entered(void **state)
{
	(void)state;
	board.reg[6] = 0xaabbccdd;
	board_words(&board, CMD_MEM_BEGIN, 4, 11, 1, 11, 16);
	assert_int_equal(status(CMD_MEM_BEGIN), 0);
	board_block(&board, CMD_MEM_DATA, 0, "hello world", 11);
	assert_int_equal(status(CMD_MEM_DATA), 0);
	assert_memory_equal(&board.reg[4], "hello wo", 8);
	assert_int_equal(board.reg[6], 0xaa646c72);	/* "rld", the rest is */
	board_block(&board, CMD_MEM_DATA, 0, "1", 1);
	assert_int_equal(status(CMD_MEM_DATA), 0xc900);
	board_words(&board, CMD_MEM_END, 2, 1, 0);
	assert_int_equal(status(CMD_MEM_END), 0);
	assert_int_equal(board.left, BOARD_STAYS);
	board_words(&board, CMD_MEM_END, 2, 0, 0x40100000);
	assert_int_equal(status(CMD_MEM_END), 0);
	assert_int_equal(board.left, BOARD_JUMPED);
	assert_int_equal(board.entry, 0x40100000);
	assert_null(board.fiber);
}

static void
test_attach_baud_and_parameters(void **state)
{
	(void)state;
	board_words(&board, CMD_SPI_ATTACH, 1, 0x92c81c6);
	assert_int_equal(status(CMD_SPI_ATTACH), 0);
	assert_int_equal(board.pins, 0x92c81c6);
	board_words(&board, CMD_CHANGE_BAUDRATE, 2, 921600, 115200);
	assert_int_equal(status(CMD_CHANGE_BAUDRATE), 0);
	assert_int_equal(board.baud, 921600);
	board_words(&board, CMD_SPI_SET_PARAMS, 6, 0, 0x8000, 65536, 4096, 256,
	    0xffff);
	assert_int_equal(status(CMD_SPI_SET_PARAMS), 0);
	board_words(&board, CMD_SPI_FLASH_MD5, 4, 0x7000, 0x1000, 0, 0);
	assert_int_equal(status(CMD_SPI_FLASH_MD5), 0);
	board_words(&board, CMD_SPI_FLASH_MD5, 4, 0x7000, 0x1001, 0, 0);
	assert_int_equal(status(CMD_SPI_FLASH_MD5), 0xc000);
}

static void
test_md5(void **state)
{
	(void)state;
	board_words(&board, CMD_SPI_FLASH_MD5, 4, 0x1003, 70001, 0, 0);
	assert_int_equal(status(CMD_SPI_FLASH_MD5), 0);
	assert_int_equal(len, 16);
	assert_memory_equal(answer + CMD_HEADER,
	    md5(board.flash + 0x1003, 70001), 16);
}

static void
test_nothing_beyond_the_flash(void **state)
{
	(void)state;
	board_words(&board, CMD_SPI_FLASH_MD5, 4, SIZE, 1, 0, 0);
	assert_int_equal(status(CMD_SPI_FLASH_MD5), 0xc000);
	board_words(&board, CMD_FLASH_BEGIN, 4, 0xfffff000, 1, BLOCK, 0x2000);
	assert_int_equal(status(CMD_FLASH_BEGIN), 0xc000);
	board_words(&board, CMD_FLASH_DEFL_BEGIN, 4, SIZE, 1, BLOCK, 1);
	assert_int_equal(status(CMD_FLASH_DEFL_BEGIN), 0xc000);
	board_block(&board, CMD_FLASH_DEFL_DATA, 0, block, BLOCK);
	assert_int_equal(status(CMD_FLASH_DEFL_DATA), 0xc600);
	board_words(&board, CMD_ERASE_REGION, 2, SIZE - 4096, 8192);
	assert_int_equal(status(CMD_ERASE_REGION), 0xc000);
	board_words(&board, CMD_READ_FLASH, 4, SIZE - 10, 11, BLOCK, 1);
	assert_int_equal(status(CMD_READ_FLASH), 0xc000);
	assert_int_equal(board.erases + board.programs, 0);
}

static void
test_erasing_a_region_takes_the_biggest_steps(void **state)
{
	(void)state;
	board_words(&board, CMD_ERASE_REGION, 2, 0x7000, 0x1a000);
	assert_int_equal(status(CMD_ERASE_REGION), 0);
	/* 7000; 8000 of 32 KB; 10000 of 64 KB; 20000 of 4 KB */
	assert_int_equal(board.erases, 4);
	assert_int_not_equal(board.flash[0x7000 - 1], 0xff);
	for (uint32_t at = 0x7000; at < 0x21000; at++)
		assert_int_equal(board.flash[at], 0xff);
	assert_int_not_equal(board.flash[0x21000], 0xff);
	board_words(&board, CMD_ERASE_REGION, 2, 0x7000, 0x1a000);
	assert_int_equal(status(CMD_ERASE_REGION), 0);
	assert_int_equal(board.erases, 4);		/* is blank already */
	board_words(&board, CMD_ERASE_REGION, 2, 0x800, 0x1000);
	assert_int_equal(status(CMD_ERASE_REGION), 0xc000);
}

static void
test_a_flash_without_the_32_kb_erase(void **state)
{
	(void)state;
	board.no_32k = true;
	board_words(&board, CMD_ERASE_REGION, 2, 0x8000, 0x8000);
	assert_int_equal(status(CMD_ERASE_REGION), 0);
	assert_int_equal(board.erases, 8);
	for (uint32_t at = 0x8000; at < 0x10000; at++)
		assert_int_equal(board.flash[at], 0xff);
}

static void
test_erasing_all(void **state)
{
	(void)state;
	board_request(&board, CMD_ERASE_FLASH, NULL, 0);
	assert_int_equal(status(CMD_ERASE_FLASH), 0);
	assert_int_equal(board.flash[SIZE - 1], 0xff);
	assert_int_equal(board.erases, 1);
}

static void
ack(uint32_t bytes)
{
	uint8_t	b[4];

	le32_put(b, bytes);
	board_frame(&board, b, sizeof(b));
	board_run(&board);
}

static void
test_reading_frames(void **state)
{
	static const uint32_t at[] = { 0, 1000, 2000, 2500 };

	(void)state;
	board_words(&board, CMD_READ_FLASH, 4, 0x123, 2500, 1000, 64);
	assert_int_equal(status(CMD_READ_FLASH), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(board_answer(&board, answer),
		    at[i + 1] - at[i]);
		assert_memory_equal(answer, board.flash + 0x123 + at[i],
		    at[i + 1] - at[i]);
		if (i == 0)
			continue;
		/* Two are under way, not more. */
		assert_int_equal(board_answer(&board, answer), 0);
		if (i == 2)
			ack(at[2]);
		assert_int_equal(board_answer(&board, answer), 0);
		ack(at[i == 1 ? 1 : 3]);
	}
	assert_int_equal(board_answer(&board, answer), 16);
	assert_memory_equal(answer, md5(board.flash + 0x123, 2500), 16);
	assert_true(silent());
}

/* Espressif's does not send ahead. */
static void
test_reading_frames_one_by_one(void **state)
{
	(void)state;
	board_words(&board, CMD_READ_FLASH, 4, 0, 200, 100, 64);
	assert_int_equal(status(CMD_READ_FLASH), 0);
	assert_int_equal(board_answer(&board, answer), 100);
	assert_int_equal(board_answer(&board, answer), 0);
	ack(100);
	assert_int_equal(board_answer(&board, answer), 100);
	assert_int_equal(board_answer(&board, answer), 0);
	ack(200);
	assert_int_equal(board_answer(&board, answer), 16);
}

static void
test_a_request_ends_reading(void **state)
{
	(void)state;
	board_words(&board, CMD_READ_FLASH, 4, 0, 8192, 4096, 64);
	assert_int_equal(status(CMD_READ_FLASH), 0);
	assert_int_equal(board_answer(&board, answer), 4096);
	assert_int_equal(board_answer(&board, answer), 4096);
	sync_stub();
	ack(8192);
	assert_true(silent());
	board_words(&board, CMD_READ_FLASH, 4, 0, 8192, 4097, 64);
	assert_int_equal(status(CMD_READ_FLASH), 0xc000);
	board_words(&board, CMD_READ_FLASH, 4, 0, 8192, 0, 64);
	assert_int_equal(status(CMD_READ_FLASH), 0xc000);
}

static void
test_a_damaged_block_is_refused_and_may_come_again(void **state)
{
	(void)state;
	board_words(&board, CMD_FLASH_BEGIN, 4, BLOCK, 1, BLOCK, 0);
	assert_int_equal(status(CMD_FLASH_BEGIN), 0);
	board_block(&board, CMD_FLASH_DATA, 0, block, BLOCK);
	board.in[board.in_len - 2] ^= 1;
	assert_int_equal(status(CMD_FLASH_DATA), 0xc100);
	board_words(&board, CMD_FLASH_END, 1, 1);
	assert_int_equal(status(CMD_FLASH_END), 0xc000);	/* too little */
	board_block(&board, CMD_FLASH_DATA, 0, block, BLOCK);
	assert_int_equal(status(CMD_FLASH_DATA), 0);
	board_words(&board, CMD_FLASH_END, 1, 1);
	assert_int_equal(status(CMD_FLASH_END), 0);
	assert_memory_equal(board.flash, block, BLOCK);
	board_words(&board, CMD_FLASH_END, 1, 1);
	assert_int_equal(status(CMD_FLASH_END), 0xc600);
}

static void
test_a_failure_is_told_by_the_next_command(void **state)
{
	(void)state;
	board_words(&board, CMD_FLASH_BEGIN, 4, BLOCK, 1, BLOCK, 0);
	assert_int_equal(status(CMD_FLASH_BEGIN), 0);
	for (int i = 0; i < 2; i++) {
		board_block(&board, CMD_FLASH_DATA, 0, block, BLOCK);
		assert_int_equal(status(CMD_FLASH_DATA), 0);
	}
	board_words(&board, CMD_READ_REG, 1, 8);
	assert_int_equal(status(CMD_READ_REG), 0xc900);	/* too much */
	board_words(&board, CMD_READ_REG, 1, 8);
	assert_int_equal(status(CMD_READ_REG), 0);
	board_words(&board, CMD_FLASH_DEFL_BEGIN, 4, BLOCK, 1, BLOCK, 0);
	assert_int_equal(status(CMD_FLASH_DEFL_BEGIN), 0);
	board_block(&board, CMD_FLASH_DEFL_DATA, 0, block, BLOCK);
	assert_int_equal(status(CMD_FLASH_DEFL_DATA), 0);
	sync_stub();					/* always works */
	board_block(&board, CMD_FLASH_DEFL_DATA, 0, block, BLOCK);
	assert_int_equal(status(CMD_FLASH_DEFL_DATA), 0xc600);
}

/* The stub inflates in the middle of a stream, and serves requests meanwhile. */
static void
test_other_requests_between_deflated_blocks(void **state)
{
	static uint8_t	packed[2 * BLOCK];
	uLongf		n = sizeof(packed);

	(void)state;
	assert_int_equal(compress2(packed, &n, block, BLOCK, 9), Z_OK);
	for (int again = 0; again < 2; again++) {
		board_words(&board, CMD_FLASH_DEFL_BEGIN, 4, BLOCK, 1, BLOCK,
		    0x10);
		assert_int_equal(status(CMD_FLASH_DEFL_BEGIN), 0);
		board_block(&board, CMD_FLASH_DEFL_DATA, 0, packed, 100);
		assert_int_equal(status(CMD_FLASH_DEFL_DATA), 0);
		board_words(&board, CMD_READ_REG, 1, 8);
		assert_int_equal(status(CMD_READ_REG), 0);
	}
	board_block(&board, CMD_FLASH_DEFL_DATA, 1, packed + 100, n - 100);
	assert_int_equal(status(CMD_FLASH_DEFL_DATA), 0);
	board_words(&board, CMD_FLASH_DEFL_END, 1, 1);
	assert_int_equal(status(CMD_FLASH_DEFL_END), 0);
	assert_memory_equal(board.flash + 0x10, block, BLOCK);
	/* One that is never finished is forgotten. */
	board_words(&board, CMD_FLASH_DEFL_BEGIN, 4, BLOCK, 1, BLOCK, 0x8000);
	assert_int_equal(status(CMD_FLASH_DEFL_BEGIN), 0);
	board_block(&board, CMD_FLASH_DEFL_DATA, 0, packed, 100);
	assert_int_equal(status(CMD_FLASH_DEFL_DATA), 0);
	board_words(&board, CMD_FLASH_BEGIN, 4, BLOCK, 1, BLOCK, 0x9000);
	assert_int_equal(status(CMD_FLASH_BEGIN), 0);
	board_block(&board, CMD_FLASH_DATA, 0, block, BLOCK);
	assert_int_equal(status(CMD_FLASH_DATA), 0);
	board_words(&board, CMD_FLASH_END, 1, 1);
	assert_int_equal(status(CMD_FLASH_END), 0);
	assert_memory_equal(board.flash + 0x9000, block, BLOCK);
}

static void
test_restart(void **state)
{
	(void)state;
	board_words(&board, CMD_FLASH_BEGIN, 4, 0, 0, BLOCK, 0);
	assert_int_equal(status(CMD_FLASH_BEGIN), 0);
	board_words(&board, CMD_FLASH_END, 1, 0);
	assert_int_equal(status(CMD_FLASH_END), 0);
	assert_int_equal(board.left, BOARD_RESTARTED);
	assert_null(board.fiber);
}

static void
test_what_a_chip_cannot_is_refused(void **state)
{
	(void)state;
	board_request(&board, CMD_GET_SECURITY_INFO, NULL, 0);
	assert_int_equal(status(CMD_GET_SECURITY_INFO), 0xff00);
	board_words(&board, CMD_FLASH_BEGIN, 5, BLOCK, 1, BLOCK, 0, 1);
	assert_int_equal(status(CMD_FLASH_BEGIN), 0xff00);
	board_request(&board, CMD_RUN_USER_CODE, NULL, 0);
	assert_true(silent());
	assert_int_equal(board.left, BOARD_STAYS);
}

static void
test_security_info_and_running_the_program(void **state)
{
	(void)state;
	board_request(&board, CMD_GET_SECURITY_INFO, NULL, 0);
	assert_int_equal(status(CMD_GET_SECURITY_INFO), 0);
	assert_int_equal(len, 20);
	board_request(&board, CMD_RUN_USER_CODE, NULL, 0);
	assert_true(silent());
	assert_int_equal(board.left, BOARD_RAN);
}

static void
test_encrypted_data(void **state)
{
	uint8_t	packed[BLOCK + 100];
	uLongf	n = sizeof(packed);

	(void)state;
	board_words(&board, CMD_FLASH_BEGIN, 5, BLOCK, 1, BLOCK, 0x2000, 1);
	assert_int_equal(status(CMD_FLASH_BEGIN), 0);
	board_block(&board, CMD_FLASH_DATA, 0, block, BLOCK);
	assert_int_equal(status(CMD_FLASH_DATA), 0);
	assert_int_equal(board.sealed, BLOCK);
	board_words(&board, CMD_FLASH_END, 1, 1);
	assert_int_equal(status(CMD_FLASH_END), 0);
	for (int i = 0; i < BLOCK; i++)
		assert_int_equal(board.flash[0x2000 + i], block[i] ^ 0x5a);
	/* Deflated, in two blocks: each is answered when it is worked on. */
	memset(block, 0x33, BLOCK);
	assert_int_equal(compress2(packed, &n, block, BLOCK, 0), Z_OK);
	board_words(&board, CMD_FLASH_DEFL_BEGIN, 5, BLOCK, 1, BLOCK, 0x3000,
	    1);
	assert_int_equal(status(CMD_FLASH_DEFL_BEGIN), 0);
	board_block(&board, CMD_FLASH_DEFL_DATA, 0, packed, 600);
	assert_int_equal(status(CMD_FLASH_DEFL_DATA), 0);
	assert_int_equal(board.sealed, BLOCK);	/* in one go, at its end */
	board_block(&board, CMD_FLASH_DEFL_DATA, 1, packed + 600, n - 600);
	assert_int_equal(status(CMD_FLASH_DEFL_DATA), 0);
	assert_int_equal(board.sealed, 2 * BLOCK);
	board_words(&board, CMD_FLASH_DEFL_END, 1, 1);
	assert_int_equal(status(CMD_FLASH_DEFL_END), 0);
	assert_int_equal(board.flash[0x3000 + BLOCK - 1], 0x33 ^ 0x5a);
	assert_true(silent());
}

static void
test_a_flash_that_hangs_ends_in_a_status(void **state)
{
	(void)state;
	board.dead = true;
	board_words(&board, CMD_WRITE_REG, 4, 8, 0, UINT32_MAX, 0);
	assert_int_equal(status(CMD_WRITE_REG), 0);
	board_words(&board, CMD_SPI_FLASH_MD5, 4, 0, SIZE, 0, 0);
	assert_int_equal(status(CMD_SPI_FLASH_MD5), 0xc400);
	board_words(&board, CMD_ERASE_REGION, 2, 0, 0x10000);
	assert_int_equal(status(CMD_ERASE_REGION), 0xc400);
	board_words(&board, CMD_READ_REG, 1, 8);
	assert_int_equal(status(CMD_READ_REG), 0);
	assert_int_equal(board.erases, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_sync_is_answered_eight_times),
		T(test_unknown_commands_are_refused),
		cmocka_unit_test_setup_teardown(
		    test_espressifs_stub_knows_nothing_of_ours,
		    setup_official, teardown),
		T(test_noise_is_not_answered),
		T(test_a_frame_that_is_too_long_is_dropped),
		T(test_a_length_that_does_not_fit_is_refused),
		T(test_registers),
		T(test_memory_is_loaded_and_entered),
		T(test_attach_baud_and_parameters),
		T(test_md5),
		T(test_nothing_beyond_the_flash),
		T(test_erasing_a_region_takes_the_biggest_steps),
		T(test_a_flash_without_the_32_kb_erase),
		T(test_erasing_all),
		T(test_reading_frames),
		cmocka_unit_test_setup_teardown(
		    test_reading_frames_one_by_one, setup_official, teardown),
		T(test_a_request_ends_reading),
		T(test_a_damaged_block_is_refused_and_may_come_again),
		T(test_a_failure_is_told_by_the_next_command),
		T(test_other_requests_between_deflated_blocks),
		T(test_restart),
		T(test_what_a_chip_cannot_is_refused),
		cmocka_unit_test_setup_teardown(
		    test_security_info_and_running_the_program, setup_able,
		    teardown),
		cmocka_unit_test_setup_teardown(test_encrypted_data,
		    setup_able, teardown),
		T(test_a_flash_that_hangs_ends_in_a_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
