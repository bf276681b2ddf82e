/*
 * Our own protocol (proto/serial/ext.h), as our stub speaks it: streams that are
 * disturbed, reading in a window, batches, counters, and what is done to the
 * flash.  (Streams that are not disturbed: test_stub_write.)
 */
#include <openssl/evp.h>
#include <string.h>
#include <zlib.h>

#include "proto/base/bytes.h"
#include "proto/serial/cmd.h"
#include "tests/unit/stub_board.h"
#include "tests/unit/unit.h"

enum { SIZE = 1 << 20, BLOCK = 1024, BLOCKS = 6, BYTES = BLOCK * BLOCKS };

static struct stub_board	board;
static uint8_t			answer[BOARD_FRAME], data[BYTES];
static size_t			len;
static uint32_t			value;
static const uint8_t *const	payload = answer + CMD_HEADER;

static void
start(uint32_t size, uint8_t fill)
{
	board_init(&board, size);
	memset(board.flash, fill, size);
	board_fill(data, BYTES);
	board_start(&board);
	(void)board_answer(&board, answer);	/* OHAI: test_stub_write */
}

static int
setup(void **state)
{
	(void)state;
	start(SIZE, 0x12);
	return 0;
}

static int
setup_blank(void **state)
{
	(void)state;
	start(SIZE, 0xff);
	return 0;
}

static int
setup_big(void **state)
{
	(void)state;
	start(32 << 20, 0xff);
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
next(uint8_t op)
{
	return board_status(&board, op, answer, &len, &value);
}

static unsigned
status(uint8_t op)
{
	board_run(&board);
	return next(op);
}

static bool
silent(void)
{
	board_run(&board);
	return board_answer(&board, answer) == 0;
}

/* ---- streams ---- */

static void
open_stream(uint32_t at)
{
	board_words(&board, EXT_WRITE, 3, BYTES, at, 0);
	assert_int_equal(status(EXT_WRITE), 0);
}

static void
send(uint32_t round, uint32_t n)
{
	board_block(&board, EXT_BLOCK, round << 24 | n, data + n * BLOCK,
	    BLOCK);
}

/* The next answer is one to a block: so many are taken. */
static void
expect(unsigned want, uint32_t taken)
{
	assert_int_equal(status(EXT_BLOCK), want);
	assert_int_equal(value, taken);
	assert_int_equal(len, 4);
}

static void
finish(uint32_t at)
{
	board_words(&board, EXT_END, 1, BLOCKS);
	assert_int_equal(status(EXT_END), 0);
	assert_int_equal(value, BLOCKS);
	assert_int_equal(le32_get(payload), at + BYTES);
	assert_true(silent());
	assert_memory_equal(board.flash + at, data, BYTES);
}

static void
test_a_gap_is_asked_for_once_in_a_round(void **state)
{
	(void)state;
	open_stream(0);
	send(0, 0);
	expect(0, 1);
	for (uint32_t n = 2; n < BLOCKS; n++)
		send(0, n);
	expect(EXT_AGAIN << 8, 1);
	assert_true(silent());
	send(1, 2);			/* lost once more */
	send(1, 3);
	expect(EXT_AGAIN << 8, 1);
	assert_true(silent());
	for (uint32_t n = 1; n < BLOCKS; n++) {
		send(2, n);
		expect(0, n + 1);
	}
	finish(0);
}

static void
test_each_damaged_packet_is_asked_for(void **state)
{
	(void)state;
	open_stream(0x1000);
	send(0, 0);
	expect(0, 1);
	for (int i = 0; i < 2; i++) {
		send(0, 1);
		board.in[board.in_len - 20] ^= 0x04;
		expect(EXT_AGAIN << 8, 1);
	}
	send(0, 2);		/* a gap of a round that was answered */
	assert_true(silent());
	board_raw(&board, "noise\xc0", 6);
	expect(EXT_AGAIN << 8, 1);
	for (uint32_t n = 1; n < BLOCKS; n++) {
		send(1, n);
		expect(0, n + 1);
	}
	finish(0x1000);
}

static void
test_what_looks_like_an_old_command_does_not_disturb(void **state)
{
	(void)state;
	open_stream(0);
	send(0, 0);
	board.in[2] ^= 0x20;	/* EXT_BLOCK becomes RUN_USER_CODE */
	expect(EXT_AGAIN << 8, 0);
	for (uint32_t n = 0; n < BLOCKS; n++) {
		send(1, n);
		expect(0, n + 1);
	}
	finish(0);
}

static void
test_a_block_without_data_asks_for_the_state(void **state)
{
	(void)state;
	open_stream(0);
	send(0, 0);
	expect(0, 1);
	board_block(&board, EXT_BLOCK, 7 << 24 | 5, NULL, 0);
	expect(0, 1);
	assert_int_equal(le32_get(payload), BLOCK);
	for (uint32_t n = 1; n < BLOCKS; n++) {
		send(0, n);
		expect(0, n + 1);
	}
	finish(0);
}

static void
test_a_block_that_came_before_is_acknowledged(void **state)
{
	(void)state;
	open_stream(0);
	for (uint32_t n = 0; n < BLOCKS; n++) {
		send(0, n);
		expect(0, n + 1);
		send(1, 0);
		expect(0, n + 1);
	}
	finish(0);
}

static void
test_the_end_with_missing_blocks_asks_for_them(void **state)
{
	(void)state;
	open_stream(0);
	for (uint32_t n = 0; n + 1 < BLOCKS; n++) {
		send(0, n);
		expect(0, n + 1);
	}
	for (int i = 0; i < 2; i++) {
		board_words(&board, EXT_END, 1, BLOCKS);
		assert_int_equal(status(EXT_END), EXT_AGAIN << 8);
		assert_int_equal(value, BLOCKS - 1);
	}
	send(1, BLOCKS - 1);
	expect(0, BLOCKS);
	finish(0);
	finish(0);		/* if the answer was lost */
	board_request(&board, CMD_ERASE_REGION, "\0\0\0\0\0\0\0\0", 8);
	assert_int_equal(status(CMD_ERASE_REGION), 0);
	board_words(&board, EXT_END, 1, BLOCKS);
	assert_int_equal(status(EXT_END), 0xc600);
}

static void
test_a_stream_may_begin_anew(void **state)
{
	(void)state;
	open_stream(0);
	send(0, 0);
	expect(0, 1);
	open_stream(0x3000);
	for (uint32_t n = 0; n < BLOCKS; n++) {
		send(0, n);
		expect(0, n + 1);
	}
	finish(0x3000);
}

static void
test_a_stream_that_fails_tells_why_each_time(void **state)
{
	(void)state;
	board_words(&board, EXT_WRITE, 3, BYTES, 0, EXT_WRITE_DEFLATE);
	assert_int_equal(status(EXT_WRITE), 0);
	memset(data, 0xee, BLOCK);
	for (uint32_t n = 0; n < 3; n++)
		send(0, n);
	expect(0, 1);
	expect(0xc700, 1);
	expect(0xc700, 1);
	board_request(&board, EXT_INFO, NULL, 0);
	assert_int_equal(status(EXT_INFO), 0);
	board_words(&board, EXT_END, 1, 3);
	assert_int_equal(status(EXT_END), 0xc700);
	board_words(&board, CMD_READ_REG, 1, 0);
	assert_int_equal(status(CMD_READ_REG), 0);
	board_fill(data, BYTES);
	open_stream(0);
	for (uint32_t n = 0; n < BLOCKS; n++) {
		send(0, n);
		expect(0, n + 1);
	}
	finish(0);
}

static void
test_too_much_and_too_little(void **state)
{
	(void)state;
	board_words(&board, EXT_WRITE, 3, BLOCK, 0, 0);
	assert_int_equal(status(EXT_WRITE), 0);
	send(0, 0);
	expect(0, 1);
	send(0, 1);
	expect(0, 2);
	board_words(&board, EXT_END, 1, 2);
	assert_int_equal(status(EXT_END), 0xc900);
	board_words(&board, EXT_WRITE, 3, BLOCK + 1, 0, 0);
	assert_int_equal(status(EXT_WRITE), 0);
	send(0, 0);
	expect(0, 1);
	board_words(&board, EXT_END, 1, 1);
	assert_int_equal(status(EXT_END), 0xc800);
	board_words(&board, EXT_WRITE, 3, BLOCK, SIZE - BLOCK + 1, 0);
	assert_int_equal(status(EXT_WRITE), 0xc000);
	send(0, 0);
	assert_int_equal(status(EXT_BLOCK), 0xc600);
}

static void
test_sync_and_the_old_protocol_close_a_stream(void **state)
{
	uint8_t	sync[CMD_SYNC_LEN] = { 0x07, 0x07, 0x12, 0x20 };

	(void)state;
	memset(sync + 4, 0x55, 32);
	open_stream(0);
	board_request(&board, CMD_SYNC, sync, sizeof(sync));
	for (int i = 0; i < 8; i++)
		assert_int_equal(status(CMD_SYNC), 0);
	send(0, 0);
	expect(0xc600, 0);
	open_stream(0);
	board_words(&board, CMD_READ_REG, 1, 0);
	assert_int_equal(status(CMD_READ_REG), 0);
	send(0, 0);
	expect(0xc600, 0);
}

static void
test_requests_damaged_without_a_stream_are_not_answered(void **state)
{
	(void)state;
	board_request(&board, EXT_INFO, NULL, 0);
	board.in[5] ^= 1;
	assert_true(silent());
	board_words(&board, EXT_INFO, 1, 0);
	assert_int_equal(status(EXT_INFO), 0xc000);
	board_request(&board, 0xfe, NULL, 0);
	assert_int_equal(status(0xfe), 0xc300);
}

/* Every bit of a stream, from its opening to its end, is changed once. */
static void
test_a_bit_changed_anywhere_costs_a_question_or_an_answer(void **state)
{
	(void)state;
	for (size_t at = 0; at < 1100; at += 7) {
		open_stream(0x2000);
		send(0, 0);
		board.in[at % board.in_len] ^= (uint8_t)(1u << at % 8);
		board_run(&board);
		/* What the host does: it asks, and goes on from there. */
		board_raw(&board, "\xc0", 1);
		board_block(&board, EXT_BLOCK, 1 << 24, NULL, 0);
		board_run(&board);
		while (board.out_at < board.out_len)
			(void)next(EXT_BLOCK);
		assert_true(value <= 1);
		for (uint32_t n = value; n < BLOCKS; n++)
			send(2, n);
		board_run(&board);
		board.out_at = board.out_len = 0;
		finish(0x2000);
	}
}

/* ---- the flash ---- */

static void
test_blank_sectors_are_not_erased(void **state)
{
	(void)state;
	open_stream(0);
	for (uint32_t n = 0; n < BLOCKS; n++) {
		send(0, n);
		expect(0, n + 1);
	}
	finish(0);
	assert_int_equal(board.erases, 0);
	board_words(&board, EXT_COUNTERS, 1, 0);
	assert_int_equal(status(EXT_COUNTERS), 0);
	assert_int_equal(le32_get(payload + 4 * EXT_COUNT_BLANK), 2);
}

/* Its first bytes are blank, others are not. */
static void
test_a_sector_that_only_begins_blank_is_erased(void **state)
{
	(void)state;
	board.flash[4095] = 0;
	open_stream(0);
	for (uint32_t n = 0; n < BLOCKS; n++) {
		send(0, n);
		expect(0, n + 1);
	}
	finish(0);
	assert_int_equal(board.erases, 1);
}

static void
test_protection_is_cleared(void **state)
{
	(void)state;
	board.status[0] = 0x1c;
	board.status[1] = 0x42;		/* CMP, and four lines */
	open_stream(0);
	assert_int_equal(board.status[0], 0);
	assert_int_equal(board.status[1], 0x02);
	board.maker = 0xc2;		/* 0x35 is something else there */
	board_words(&board, CMD_SPI_ATTACH, 1, 0);
	assert_int_equal(status(CMD_SPI_ATTACH), 0);
	board.status[0] = 0x7c;
	open_stream(0);
	assert_int_equal(board.status[0], 0x40);
	board.status[0] = board.fixed = 0x04;
	board_words(&board, EXT_WRITE, 3, BYTES, 0, 0);
	assert_int_equal(status(EXT_WRITE), 0xc500);
}

static void
test_the_other_half_of_32_mb(void **state)
{
	const uint32_t	at = (16 << 20) - BLOCK;

	(void)state;
	memset(board.flash + at, 0x55, 2 * BLOCK);
	open_stream(at);
	for (uint32_t n = 0; n < BLOCKS; n++) {
		send(0, n);
		expect(0, n + 1);
	}
	finish(at);
	assert_true(board.far > 0);
	board_words(&board, CMD_SPI_FLASH_MD5, 4, (31 << 20), 1 << 20, 0, 0);
	assert_int_equal(status(CMD_SPI_FLASH_MD5), 0);
}

/* ---- reading ---- */

static void
part(uint32_t at, const uint8_t *want, size_t n)
{
	assert_int_equal(next(EXT_READ), 0);
	assert_int_equal(value, at);
	assert_int_equal(len, n);
	assert_memory_equal(payload, want, n);
}

static void
acked(uint32_t bytes, uint32_t again)
{
	board_words(&board, EXT_ACK, 2, bytes, again);
	board_run(&board);
}

static void
test_reading_keeps_to_the_window(void **state)
{
	uint8_t	*flash = board.flash + 0x777;

	(void)state;
	memcpy(flash, data, 2500);
	board_words(&board, EXT_READ, 5, EXT_READ_FLASH, 0x777, 2500, 1000,
	    2100);
	board_run(&board);
	part(0, flash, 1000);
	part(1000, flash + 1000, 1000);
	assert_int_equal(board_answer(&board, answer), 0);
	acked(0, 0);
	assert_int_equal(board_answer(&board, answer), 0);
	acked(1000, 0);
	part(2000, flash + 2000, 500);
	part(2500, NULL, 0);
	/* Some of it was lost: all from there again. */
	acked(1000, 1);
	part(1000, flash + 1000, 1000);
	part(2000, flash + 2000, 500);
	part(2500, NULL, 0);
	acked(2500, 1);
	part(2500, NULL, 0);
	acked(9999, 1);
	assert_true(silent());
	board_request(&board, EXT_INFO, NULL, 0);
	assert_int_equal(status(EXT_INFO), 0);
	acked(0, 1);
	assert_true(silent());
}

static void
test_reading_is_refused_beyond_the_flash(void **state)
{
	(void)state;
	board_words(&board, EXT_READ, 5, EXT_READ_FLASH, SIZE, 1, 1000, 2000);
	assert_int_equal(status(EXT_READ), 0xc000);
	board_words(&board, EXT_READ, 5, EXT_READ_FLASH, 0, 1, 0, 2000);
	assert_int_equal(status(EXT_READ), 0xc000);
	board_words(&board, EXT_READ, 5, 3, 0, 1, 1000, 2000);
	assert_int_equal(status(EXT_READ), 0xc000);
	board_words(&board, EXT_READ, 5, EXT_READ_FLASH, SIZE, 0, 1000, 2000);
	board_run(&board);
	part(0, NULL, 0);
	assert_true(silent());
}

/* All digests of a range, however they are cut into parts. */
static void
digests(uint32_t what, uint32_t each, uint32_t at, uint32_t bytes)
{
	uint8_t		md5[16];
	uint32_t	done = 0, total = (bytes + 4095) / 4096 * each;

	board_words(&board, EXT_READ, 5, what, at, bytes, 4096, 1 << 20);
	board_run(&board);
	while (done < total) {
		assert_int_equal(next(EXT_READ), 0);
		assert_int_equal(value, done);
		assert_true(len > 0 && len % each == 0);
		for (size_t i = 0; i < len; i += each, done += each) {
			uint32_t	s = done / each * 4096;
			uint32_t	n = bytes - s < 4096 ? bytes - s : 4096;

			assert_int_equal(EVP_Digest(board.flash + at + s, n,
			    md5, NULL, EVP_md5(), NULL), 1);
			assert_memory_equal(payload + i, md5, each);
		}
	}
	assert_int_equal(next(EXT_READ), 0);
	assert_int_equal(value, total);
	assert_int_equal(len, 0);
}

static void
test_digests(void **state)
{
	(void)state;
	memcpy(board.flash + 0x3000, data, BYTES);
	digests(EXT_READ_MD5_8, 8, 0, SIZE);
	digests(EXT_READ_MD5_16, 16, 0x800, 100001);
}

static void
test_digests_are_sent_again_as_whole_ones(void **state)
{
	uint8_t	first[BOARD_FRAME / 10];
	size_t	n;

	(void)state;
	board_words(&board, EXT_READ, 5, EXT_READ_MD5_8, 0, 0x4000, 4096,
	    4096);
	board_run(&board);
	assert_int_equal(next(EXT_READ), 0);
	n = len;
	assert_int_equal(n, 32);
	memcpy(first, payload, n);
	part(n, NULL, 0);
	acked(19, 1);
	part(16, first + 16, n - 16);
	part(n, NULL, 0);
}

/* ---- the rest ---- */

static void
test_info(void **state)
{
	(void)state;
	board_request(&board, EXT_INFO, NULL, 0);
	assert_int_equal(status(EXT_INFO), 0);
	assert_int_equal(len, EXT_INFO_BYTES);
	assert_int_equal(le32_get(payload), EXT_VERSION);
	assert_int_equal(le32_get(payload + 4 * EXT_INFO_CAPS), board.caps);
	assert_true(le32_get(payload + 4 * EXT_INFO_WINDOW) >= 16384);
	assert_true(le32_get(payload + 4 * EXT_INFO_BLOCK) >= 1024);
	assert_int_equal(le32_get(payload + 4 * EXT_INFO_CHIP), 5);
}

static void
test_counters(void **state)
{
	(void)state;
	open_stream(0);
	for (uint32_t n = 0; n < BLOCKS; n++) {
		send(0, n);
		expect(0, n + 1);
	}
	finish(0);
	board_words(&board, EXT_COUNTERS, 1, 1);
	assert_int_equal(status(EXT_COUNTERS), 0);
	assert_int_equal(len, 4 * EXT_COUNTS);
	assert_int_equal(le32_get(payload + 4 * EXT_COUNT_ERASES), 2);
	assert_int_equal(le32_get(payload + 4 * EXT_COUNT_PROGRAMS),
	    board.programs);
	/* 90 ms of erasing at 40 ticks per us; some of it while idle */
	assert_in_range(le32_get(payload + 4 * EXT_COUNT_ERASE) +
	    le32_get(payload + 4 * EXT_COUNT_IDLE), 3600000, 4000000);
	assert_in_range(le32_get(payload + 4 * EXT_COUNT_PROGRAM),
	    board.programs * 150 * 40, board.programs * 250 * 40);
	assert_int_equal(le32_get(payload + 4 * EXT_COUNT_LOST), 0);
	assert_in_range(le32_get(payload + 4 * EXT_COUNT_PEAK), BLOCK,
	    2 * BLOCK);
	board_words(&board, EXT_COUNTERS, 1, 0);
	assert_int_equal(status(EXT_COUNTERS), 0);
	assert_int_equal(le32_get(payload + 4 * EXT_COUNT_PROGRAMS), 0);
}

/* A host that does not keep to the window. */
static void
test_what_finds_no_room_is_counted(void **state)
{
	static uint8_t	flood[60000];

	(void)state;
	memset(flood, 0x11, sizeof(flood));
	open_stream(0);
	send(0, 0);
	board_raw(&board, flood, sizeof(flood));
	expect(0, 1);
	board_raw(&board, "\xc0", 1);
	expect(EXT_AGAIN << 8, 1);
	board_words(&board, EXT_COUNTERS, 1, 0);
	assert_int_equal(status(EXT_COUNTERS), 0);
	assert_true(le32_get(payload + 4 * EXT_COUNT_LOST) > 0);
	for (uint32_t n = 1; n < BLOCKS; n++) {
		send(1, n);
		expect(0, n + 1);
	}
	finish(0);
}

static size_t
step(uint8_t *p, uint32_t kind, uint32_t addr, uint32_t x, uint32_t y)
{
	le32_put(p, kind);
	le32_put(p + 4, addr);
	le32_put(p + 8, x);
	le32_put(p + 12, y);
	return EXT_STEP_BYTES;
}

static void
test_a_batch(void **state)
{
	uint8_t		p[256];
	size_t		n = 0;
	uint64_t	before = board.now_us;

	(void)state;
	board.reg[4] = 0x11112222;
	board.reg[5] = 0x55556666;
	board.flash[0x100] = 0xab;
	n += step(p + n, EXT_STEP_WRITE, 16, 0xff00ff, 0xffff);
	n += step(p + n, EXT_STEP_READ, 16, 2, 0);
	n += step(p + n, EXT_STEP_WAIT, 0, 1000, 0);
	n += step(p + n, EXT_STEP_POLL | 1 << 8, 20, 0x6666, 0xffff);
	n += step(p + n, EXT_STEP_SPI | 0x9f << 8, 0, 0, 3);
	n += step(p + n, EXT_STEP_SPI | 0x03 << 8 | 24 << 16, 0x100, 0, 1);
	n += step(p + n, EXT_STEP_SPI | 0x06 << 8, 0, 0, 0);
	n += step(p + n, EXT_STEP_SPI | 0x01 << 8, 0, 2, 0);
	le32_put(p + n, 0x0200);
	n += 4;
	board_request(&board, EXT_BATCH, p, n);
	assert_int_equal(status(EXT_BATCH), 0);
	assert_int_equal(value, 8);
	assert_int_equal(len, 16);
	assert_int_equal(le32_get(payload), 0x111100ff);
	assert_int_equal(le32_get(payload + 4), 0x55556666);
	assert_int_equal(le32_get(payload + 8), 0x1440ef);
	assert_int_equal(le32_get(payload + 12), 0xab);
	assert_int_equal(board.status[1], 2);
	assert_true(board.now_us - before >= 1000);
}

/* A stream that was given up: the flash still erases for it. */
static void
test_a_batch_waits_for_what_the_stub_began(void **state)
{
	uint8_t	p[EXT_STEP_BYTES];
	size_t	n = step(p, EXT_STEP_SPI | 0x9f << 8, 0, 0, 3);

	(void)state;
	board_words(&board, EXT_WRITE, 3, BYTES, 0, 0);
	send(0, 0);
	board_request(&board, EXT_BATCH, p, n);
	assert_int_equal(status(EXT_WRITE), 0);
	expect(0, 1);
	assert_int_equal(next(EXT_BATCH), 0);
	assert_int_equal(le32_get(payload), 0x1440ef);
}

/* A row ends at its first step that fails, and says which. */
static void
bad_batch(const uint8_t *p, size_t n, unsigned want, uint32_t done)
{
	board_request(&board, EXT_BATCH, p, n);
	assert_int_equal(status(EXT_BATCH), want);
	assert_int_equal(value, done);
}

static void
test_batches_that_fail(void **state)
{
	static uint8_t	p[4096];
	size_t		n = step(p, EXT_STEP_READ, 0, 1, 0);

	(void)state;
	(void)step(p + n, EXT_STEP_POLL | 2 << 8, 0, 1, 1);
	bad_batch(p, 2 * n, 0xc400, 1);
	assert_int_equal(len, 4);
	(void)step(p + n, 9, 0, 0, 0);
	bad_batch(p, 2 * n, 0xc300, 1);
	bad_batch(p, n + 12, 0xc000, 1);
	(void)step(p, EXT_STEP_READ, 0, 10000, 0);
	bad_batch(p, n, 0xc000, 0);
	(void)step(p, EXT_STEP_READ, 0, UINT32_MAX, 0);
	bad_batch(p, n, 0xc000, 0);
	(void)step(p, EXT_STEP_SPI | 0x03 << 8 | 24 << 16, 0, 0, 65);
	bad_batch(p, n, 0xc000, 0);
	(void)step(p, EXT_STEP_SPI | 0x02 << 8 | 24 << 16, 0, 64, 0);
	bad_batch(p, n, 0xc000, 0);
	(void)step(p, EXT_STEP_SPI | 0x02 << 8 | 24 << 16, 0, UINT32_MAX, 0);
	bad_batch(p, n, 0xc000, 0);
	(void)step(p, EXT_STEP_WAIT, 0, UINT32_MAX, 0);
	bad_batch(p, n, 0xc000, 0);
	bad_batch(p, sizeof(p), 0xc000, 0);
	bad_batch(p, 0, 0, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define T_BLANK(name) \
	cmocka_unit_test_setup_teardown(name, setup_blank, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_gap_is_asked_for_once_in_a_round),
		T(test_each_damaged_packet_is_asked_for),
		T(test_what_looks_like_an_old_command_does_not_disturb),
		T(test_a_block_without_data_asks_for_the_state),
		T(test_a_block_that_came_before_is_acknowledged),
		T(test_the_end_with_missing_blocks_asks_for_them),
		T(test_a_stream_may_begin_anew),
		T(test_a_stream_that_fails_tells_why_each_time),
		T(test_too_much_and_too_little),
		T(test_sync_and_the_old_protocol_close_a_stream),
		T(test_requests_damaged_without_a_stream_are_not_answered),
		T(test_a_bit_changed_anywhere_costs_a_question_or_an_answer),
		T_BLANK(test_blank_sectors_are_not_erased),
		T_BLANK(test_a_sector_that_only_begins_blank_is_erased),
		T(test_protection_is_cleared),
		cmocka_unit_test_setup_teardown(test_the_other_half_of_32_mb,
		    setup_big, teardown),
		T(test_reading_keeps_to_the_window),
		T(test_reading_is_refused_beyond_the_flash),
		T(test_digests),
		T(test_digests_are_sent_again_as_whole_ones),
		T(test_info),
		T(test_counters),
		T(test_what_finds_no_room_is_counted),
		T(test_a_batch),
		T(test_a_batch_waits_for_what_the_stub_began),
		T(test_batches_that_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
