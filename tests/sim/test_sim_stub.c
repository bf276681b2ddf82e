/* A board on which a flasher stub runs: our own source over stub.c. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "proto/base/bytes.h"
#include "proto/serial/cmd.h"
#include "proto/serial/ext.h"
#include "tests/sim/bench.h"
#include "tests/sim/boot.h"

enum {
	AT		= 0x10000,	/* where things are written */
	BLOCK		= 1024,
	NO_COMMAND	= 0xc300,
	SPI_FAILED	= 0xc400,
	BLOCK_64K_US	= 150000,	/* flash_typical */
	SECTOR_US	= 45000,
};

static struct bench	t;
static struct buf	request;

static int
setup(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	buf_init(&request, 1 << 20);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	if (t.board.chip != NULL)
		bench_done(&t);
	buf_done(&request);
	return 0;
}

static void
words(uint8_t *to, size_t n, const uint32_t *from)
{
	for (size_t i = 0; i < n; i++)
		le32_put(to + 4 * i, from[i]);
}

/* Add a request of our own protocol with words as its data. */
static void
add(uint8_t op, size_t n, const uint32_t *from)
{
	uint8_t	data[32];

	words(data, n, from);
	bench_ext(&request, op, data, 4 * n);
}

#define ADD(op, ...)	add(op, sizeof((uint32_t[]){ __VA_ARGS__ }) / 4,	\
	    (const uint32_t[]){ __VA_ARGS__ })

/* Send what was added; the first answer's status, its CRC looked at. */
static unsigned
ask(size_t payload)
{
	size_t	n;

	buf_clear(&t.heard);
	bench_send(&t, request.data, request.len);
	buf_clear(&request);
	n = bench_next(&t);
	assert_true(bench_whole(&t, n));
	return bench_status(&t, n, payload);
}

static unsigned
simple(uint8_t op, uint32_t a, uint32_t b)
{
	return bench_status(&t, bench_words(&t, op, 2, a, b), 0);
}

static unsigned
flash_end(uint32_t stay)
{
	return bench_status(&t, bench_words(&t, CMD_FLASH_END, 1, stay), 0);
}

/* Something that is not blank in each sector. */
static void
dirty(uint32_t at, uint32_t len)
{
	for (uint32_t i = 0; i < len; i += FLASH_SECTOR)
		(void)flash_program(&t.board.flash, at + i, "\0", 1);
}

static void
pattern(uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)(i * 7 + (i >> 8));
}

/* ---- which stub ---- */

static void
test_our_own_stub_tells_about_itself(void **state)
{
	static const struct { const char *chip; uint32_t number, caps, not; }
	known[] = {
		{ "esp8266", UINT32_MAX, EXT_CAP_RUN,
		  EXT_CAP_SECINFO | EXT_CAP_ENCRYPT },
		{ "esp32", 0, EXT_CAP_ENCRYPT, EXT_CAP_SECINFO },
		{ "esp32c3", 5, EXT_CAP_ENCRYPT | EXT_CAP_SECINFO,
		  EXT_CAP_RUN },
		{ "esp32s3", 9, EXT_CAP_4BYTE | EXT_CAP_SECINFO, EXT_CAP_RUN },
	};
	const uint8_t	*info = t.reply + CMD_HEADER;

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		uint32_t	caps;

		bench_init(&t, known[i].chip);
		bench_own_stub(&t);
		assert_true(bench_heard(&t, "\xc0OHAI\xc0"));
		add(EXT_INFO, 0, NULL);
		assert_int_equal(ask(EXT_INFO_BYTES), 0);
		assert_int_equal(le32_get(info + 4 * EXT_INFO_VERSION),
		    EXT_VERSION);
		assert_int_equal(le32_get(info + 4 * EXT_INFO_CHIP),
		    known[i].number);
		caps = le32_get(info + 4 * EXT_INFO_CAPS);
		assert_int_equal(caps & known[i].caps, known[i].caps);
		assert_int_equal(caps & known[i].not, 0);
		assert_true(caps & EXT_CAP_TICKS);
		assert_true(caps & EXT_CAP_RESTART);
		bench_done(&t);
	}
	t.board.chip = NULL;
}

static void
test_a_stub_without_our_mark_knows_nothing_of_that(void **state)
{
	uint8_t	sync[36] = { 0x07, 0x07, 0x12, 0x20 };

	(void)state;
	bench_init(&t, "esp32c3");
	bench_stub(&t);
	for (int op = EXT_INFO; op <= EXT_COUNTERS; op++)
		assert_int_equal(bench_status(&t, bench_ask(&t, (uint8_t)op, 0,
		    NULL, 0), 0), NO_COMMAND);
	(void)bench_ask(&t, CMD_SYNC, 0, sync, sizeof(sync));
	assert_int_equal(t.heard.len, 8 * 12);
}

static void
test_one_stub_starts_the_other(void **state)
{
	(void)state;
	bench_init(&t, "esp32");
	bench_own_stub(&t);
	bench_stub(&t);
	assert_true(bench_heard(&t, "\xc0OHAI\xc0"));
	assert_int_equal(bench_status(&t, bench_ask(&t, EXT_INFO, 0, NULL, 0),
	    0), NO_COMMAND);
	bench_own_stub(&t);
	add(EXT_INFO, 0, NULL);
	assert_int_equal(ask(EXT_INFO_BYTES), 0);
}

/* ---- streams ---- */

static void
test_blocks_in_a_row_are_written(void **state)
{
	static uint8_t	data[8 * BLOCK], back[sizeof(data)];
	uint8_t	block[4 + BLOCK];
	size_t	n = sizeof(data) / BLOCK;

	(void)state;
	pattern(data, sizeof(data));
	bench_init(&t, "esp32c3");
	t.board.flash.times = flash_typical;
	bench_own_stub(&t);
	dirty(AT, sizeof(data));
	ADD(EXT_WRITE, sizeof(data), AT, 0);
	for (size_t i = 0; i < n; i++) {
		le32_put(block, (uint32_t)i);
		memcpy(block + 4, data + i * BLOCK, BLOCK);
		bench_ext(&request, EXT_BLOCK, block, sizeof(block));
	}
	ADD(EXT_END, (uint32_t)n);
	t.commands = 0;
	assert_int_equal(ask(0), 0);
	assert_int_equal(t.commands, n + 2);
	for (size_t i = 1; i <= n; i++) {
		assert_int_equal(bench_status(&t, bench_next(&t), 4), 0);
		assert_int_equal(t.reply[1], EXT_BLOCK);
		assert_int_equal(le32_get(t.reply + 4), i);
	}
	assert_int_equal(bench_status(&t, bench_next(&t), 4), 0);
	assert_int_equal(t.reply[1], EXT_END);
	assert_int_equal(bench_next(&t), 0);
	flash_read(&t.board.flash, AT, back, sizeof(back));
	assert_memory_equal(back, data, sizeof(data));
}

/* ---- time ---- */

static void
test_erasing_takes_the_time_of_the_flash(void **state)
{
	uint64_t	before;

	(void)state;
	bench_init(&t, "esp32");
	t.board.flash.times = flash_typical;
	bench_own_stub(&t);
	dirty(AT, 0x12000);
	before = t.now_us;
	assert_int_equal(simple(CMD_ERASE_REGION, AT, 0x12000), 0);
	/* Besides, it looks into the sectors. */
	assert_in_range(t.now_us - before,
	    BLOCK_64K_US + 2 * SECTOR_US - 2000,
	    BLOCK_64K_US + 2 * SECTOR_US + 5000);
	before = t.now_us;
	assert_int_equal(simple(CMD_ERASE_REGION, AT, 0x12000), 0);
	assert_true(t.now_us - before < SECTOR_US + BLOCK_64K_US);
}

static void
test_short_waits_need_no_alarm_each(void **state)
{
	static uint8_t	data[16384];
	uint64_t	before;
	unsigned	alarms;

	(void)state;
	pattern(data, sizeof(data));
	bench_init(&t, "esp32");
	t.board.flash.times = flash_typical;
	bench_stub(&t);
	before = t.now_us;
	alarms = t.alarms;
	assert_int_equal(bench_status(&t, bench_words(&t, CMD_FLASH_BEGIN, 4,
	    (uint32_t)sizeof(data), 1u, (uint32_t)sizeof(data), AT), 0), 0);
	assert_int_equal(bench_status(&t, bench_block(&t, CMD_FLASH_DATA, 0,
	    data, sizeof(data)), 0), 0);
	assert_int_equal(flash_end(1), 0);
	/* 256 transactions, each with two commands and some looks. */
	assert_in_range(t.now_us - before, 256 * 190, 256 * 300);
	assert_true(t.alarms - alarms < (t.now_us - before) / 1000);
}

static void
test_a_flash_that_is_not_there_is_given_up(void **state)
{
	struct board_traits	traits = board_usual;
	uint8_t			block[64] = { 0 };
	uint64_t		before;

	(void)state;
	traits.spi_pins = 1;
	bench_init_as(&t, "esp32", &traits, 4 << 20);
	bench_own_stub(&t);
	assert_true(bench_heard(&t, "\xc0OHAI\xc0"));
	assert_true(t.now_us < 10000);
	before = t.now_us;
	(void)bench_words(&t, CMD_FLASH_BEGIN, 4, 64u, 1u, 64u, AT);
	(void)bench_block(&t, CMD_FLASH_DATA, 0, block, sizeof(block));
	assert_int_equal(flash_end(1), SPI_FAILED);
	assert_true(t.now_us - before < 60000000);
}

/* ---- resets ---- */

static void
test_a_reset_ends_it_in_the_middle_of_its_work(void **state)
{
	(void)state;
	bench_init(&t, "esp32c3");
	t.board.flash.times = flash_typical;
	for (int i = 0; i < 3; i++) {
		bench_own_stub(&t);
		dirty(AT, FLASH_SECTOR);
		ADD(EXT_WRITE, FLASH_SECTOR, AT, 0);
		ADD(EXT_END, 0);
		board_receive(&t.board, request.data, request.len);
		assert_int_equal(t.board.mode, BOARD_STUB);
		board_lines(&t.board, false, true);
		assert_int_equal(t.board.mode, BOARD_RESET);
		board_receive(&t.board, request.data, request.len);
		buf_clear(&request);
		board_lines(&t.board, true, false);
		bench_wait(&t, 10000);
		assert_int_equal(t.board.mode, BOARD_ROM);
		board_lines(&t.board, false, false);
	}
}

static void
test_boards_work_side_by_side(void **state)
{
	static struct bench	other;
	uint64_t		now;

	(void)state;
	bench_init(&t, "esp32");
	bench_init(&other, "esp32s3");
	t.board.flash.times = other.board.flash.times = flash_typical;
	bench_own_stub(&t);
	bench_stub(&other);
	dirty(AT, FLASH_SECTOR);
	(void)flash_program(&other.board.flash, AT, "\0", 1);
	ADD(EXT_WRITE, FLASH_SECTOR, AT, 0);
	now = t.now_us = other.now_us;
	buf_clear(&t.heard);
	board_receive(&t.board, request.data, request.len);
	assert_int_equal(bench_status(&other, bench_words(&other,
	    CMD_ERASE_REGION, 2, (uint32_t)AT, (uint32_t)FLASH_SECTOR), 0), 0);
	assert_true(other.now_us >= now + SECTOR_US - 2000);
	bench_work(&t);
	assert_int_equal(bench_status(&t, bench_frame(&t), 0), 0);
	assert_int_equal(t.reply[1], EXT_WRITE);
	assert_true(t.now_us >= now + SECTOR_US - 2000);
	bench_done(&other);
}

static void
test_an_exception_hangs_it_without_an_answer(void **state)
{
	(void)state;
	bench_init(&t, "esp32");
	bench_own_stub(&t);
	assert_int_equal(bench_words(&t, CMD_READ_REG, 1, 0u), 0);
	assert_int_equal(t.board.mode, BOARD_HUNG);
	board_lines(&t.board, false, true);
	board_lines(&t.board, true, false);
	bench_wait(&t, 10000);
	assert_int_equal(t.board.mode, BOARD_ROM);
}

static void
test_only_ours_goes_back_to_the_loader(void **state)
{
	(void)state;
	bench_init(&t, "esp32");
	bench_stub(&t);
	(void)bench_words(&t, CMD_FLASH_BEGIN, 4, 0u, 0u, BLOCK, 0u);
	(void)flash_end(0);
	assert_int_equal(t.board.mode, BOARD_STUB);
	bench_own_stub(&t);
	(void)bench_words(&t, CMD_FLASH_BEGIN, 4, 0u, 0u, BLOCK, 0u);
	assert_int_equal(flash_end(0), 0);
	assert_int_equal(t.board.mode, BOARD_ROM);
	assert_true(bench_heard(&t, "waiting for download"));
}

static void
test_run_user_code_starts_what_is_in_flash(void **state)
{
	(void)state;
	bench_init(&t, "esp8266");
	board_program(&t.board);
	bench_own_stub(&t);
	(void)bench_words(&t, CMD_RUN_USER_CODE, 0);
	assert_int_equal(t.board.mode, BOARD_APP);
}

static void
test_the_rate_changes_after_the_answer(void **state)
{
	(void)state;
	bench_init(&t, "esp32c3");
	bench_own_stub(&t);
	assert_int_equal(simple(CMD_CHANGE_BAUDRATE, 921600, 115200), 0);
	assert_int_equal(t.heard_bps, 115200);
	assert_int_equal(t.board.bps, 921600);
	(void)bench_words(&t, CMD_READ_REG, 1, 0x40001000u);
	assert_int_equal(t.heard_bps, 921600);
}

static void
test_ours_stops_the_watchdogs_itself(void **state)
{
	struct board_traits	traits = board_usual;

	(void)state;
	traits.watchdogs = true;
	bench_init_as(&t, "esp32c3", &traits, 4 << 20);
	bench_own_stub(&t);
	assert_int_equal(t.alarm[ALARM_DOG], ALARM_OFF);
	bench_wait(&t, 20000000);
	assert_int_equal(t.board.mode, BOARD_STUB);
	bench_stub(&t);
	assert_int_equal(t.board.mode, BOARD_STUB);
}

int
main(void)
{
#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	static const struct CMUnitTest	tests[] = {
		TEST(test_our_own_stub_tells_about_itself),
		TEST(test_a_stub_without_our_mark_knows_nothing_of_that),
		TEST(test_one_stub_starts_the_other),
		TEST(test_blocks_in_a_row_are_written),
		TEST(test_erasing_takes_the_time_of_the_flash),
		TEST(test_short_waits_need_no_alarm_each),
		TEST(test_a_flash_that_is_not_there_is_given_up),
		TEST(test_a_reset_ends_it_in_the_middle_of_its_work),
		TEST(test_boards_work_side_by_side),
		TEST(test_an_exception_hangs_it_without_an_answer),
		TEST(test_only_ours_goes_back_to_the_loader),
		TEST(test_run_user_code_starts_what_is_in_flash),
		TEST(test_the_rate_changes_after_the_answer),
		TEST(test_ours_stops_the_watchdogs_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
