/*
 * The writing of our stub, by Espressif's protocol and by our own, on a small
 * machine (stub_board).
 */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "proto/serial/cmd.h"
#include "tests/unit/stub_board.h"
#include "tests/unit/unit.h"

enum { SIZE = 200000, AT = 0x10000, BLOCK = 4096 };

static struct stub_board	board;
static uint8_t			data[SIZE], answer[BOARD_FRAME], block[0x4000];

static int
setup(void **state)
{
	(void)state;
	board_fill(data, SIZE);
	board_init(&board, 1 << 20);
	memset(board.flash, 0x12, board.flash_size);
	board_start(&board);
	assert_int_equal(board_answer(&board, answer), 4);
	assert_memory_equal(answer, "OHAI", 4);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	assert_int_equal(board.faults, 0);
	board_done(&board);
	return 0;
}

static unsigned
status(uint8_t op, uint32_t *value)
{
	size_t	n;

	return board_status(&board, op, answer, &n, value);
}

static void
check_flash(void)
{
	assert_memory_equal(board.flash + AT, data, SIZE);
	/* Not a byte beyond its sectors. */
	assert_int_equal(board.flash[AT - 1], 0x12);
	assert_int_equal(board.flash[(AT + SIZE + 4095) & ~4095], 0x12);
}

static void
test_plain_blocks_of_the_old_protocol(void **state)
{
	(void)state;
	board_words(&board, CMD_FLASH_BEGIN, 5, SIZE, 13, 0x4000, AT, 0);
	board_run(&board);
	assert_int_equal(status(CMD_FLASH_BEGIN, NULL), 0);
	for (uint32_t at = 0, n = 0; at < SIZE; at += 0x4000, n++) {
		size_t	len = SIZE - at < 0x4000 ? SIZE - at : 0x4000;

		memset(block, 0xff, sizeof(block));
		memcpy(block, data + at, len);
		board_block(&board, CMD_FLASH_DATA, n, block, sizeof(block));
		board_run(&board);
		assert_int_equal(status(CMD_FLASH_DATA, NULL), 0);
	}
	board_words(&board, CMD_FLASH_END, 1, 1);
	board_run(&board);
	assert_int_equal(status(CMD_FLASH_END, NULL), 0);
	check_flash();
}

static void
test_deflated_blocks_of_the_old_protocol(void **state)
{
	uLongf	len = compressBound(SIZE);
	uint8_t	*packed = malloc(len);

	(void)state;
	assert_int_equal(compress2(packed, &len, data, SIZE, 9), Z_OK);
	board_words(&board, CMD_FLASH_DEFL_BEGIN, 4, SIZE, 13, 0x4000, AT);
	for (uint32_t at = 0, n = 0; at < len; at += 0x4000, n++) {
		board_block(&board, CMD_FLASH_DEFL_DATA, n, packed + at,
		    len - at < 0x4000 ? len - at : 0x4000);
		board_run(&board);
	}
	board_words(&board, CMD_FLASH_DEFL_END, 1, 1);
	board_run(&board);
	assert_int_equal(status(CMD_FLASH_DEFL_BEGIN, NULL), 0);
	for (uint32_t at = 0; at < len; at += 0x4000)
		assert_int_equal(status(CMD_FLASH_DEFL_DATA, NULL), 0);
	assert_int_equal(status(CMD_FLASH_DEFL_END, NULL), 0);
	check_flash();
	free(packed);
}

static void
test_a_stream(void **state)
{
	uint32_t	value, n = 0;

	(void)state;
	board_words(&board, EXT_WRITE, 3, SIZE, AT, 0);
	board_run(&board);
	assert_int_equal(status(EXT_WRITE, NULL), 0);
	for (uint32_t at = 0; at < SIZE; at += BLOCK, n++) {
		board_block(&board, EXT_BLOCK, n, data + at,
		    SIZE - at < BLOCK ? SIZE - at : BLOCK);
		if (n % 7 == 6)		/* all that it has room for */
			board_run(&board);
	}
	board_words(&board, EXT_END, 1, n);
	board_run(&board);
	for (uint32_t i = 1; i <= n; i++) {
		assert_int_equal(status(EXT_BLOCK, &value), 0);
		assert_int_equal(value, i);
	}
	assert_int_equal(status(EXT_END, &value), 0);
	assert_int_equal(value, n);
	check_flash();
}

static void
test_a_deflated_stream(void **state)
{
	uLongf		 len = compressBound(SIZE);
	uint8_t		*packed = malloc(len);
	uint32_t	 n = 0;

	(void)state;
	assert_int_equal(compress2(packed, &len, data, SIZE, 9), Z_OK);
	board_words(&board, EXT_WRITE, 3, SIZE, AT, EXT_WRITE_DEFLATE);
	for (uint32_t at = 0; at < len; at += BLOCK, n++) {
		board_block(&board, EXT_BLOCK, n, packed + at,
		    len - at < BLOCK ? len - at : BLOCK);
		if (n % 7 == 6)
			board_run(&board);
	}
	board_words(&board, EXT_END, 1, n);
	board_run(&board);
	assert_int_equal(status(EXT_WRITE, NULL), 0);
	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(status(EXT_BLOCK, NULL), 0);
	assert_int_equal(status(EXT_END, NULL), 0);
	check_flash();
	free(packed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_plain_blocks_of_the_old_protocol, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_deflated_blocks_of_the_old_protocol, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_stream, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_a_deflated_stream, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
