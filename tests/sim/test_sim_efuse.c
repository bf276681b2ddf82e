/* The eFuse controllers, from the wire. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/bytes.h"
#include "proto/efuse/coding.h"
#include "proto/efuse/efuse.h"
#include "proto/serial/cmd.h"
#include "tests/sim/bench.h"
#include "tests/sim/efuse_code.h"

enum {
	/* ESP32-C3 technical reference manual, "eFuse Controller". */
	C3		= 0x60008800,
	C3_KEY0		= C3 + 0x9c,
	C3_ERR0		= C3 + 0x17c,
	C3_RS0		= C3 + 0x1c0,
	C3_CONF		= C3 + 0x1cc,
	C3_CMD		= C3 + 0x1d4,
	C3_BLOCK0	= C3 + 0x2c,
	KEY0		= 4,

	/* ESP32's. */
	ESP32		= 0x3ff5a000,
	ESP32_BLOCK3	= ESP32 + 0x78,
	ESP32_WDATA0	= ESP32 + 0x1c,
	ESP32_WDATA3	= ESP32 + 0xd8,
	ESP32_DEC	= ESP32 + 0x11c,

	C2		= 0x60008800,
	C2_KEY		= C2 + 0x60,

	LOOKS		= 10,
};

static struct bench		t;
static struct board_traits	traits;

static int
setup(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	traits = board_usual;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	if (t.board.chip != NULL)
		bench_done(&t);
	return 0;
}

static void
start(const char *chip)
{
	if (t.board.chip != NULL)
		bench_done(&t);
	bench_init_as(&t, chip, &traits, 1 << 20);
}

/* EN pressed with the boot pin low. */
static void
reset(void)
{
	t.board.io0 = false;
	board_reset(&t.board, t.board.chip->rst_power);
	buf_clear(&t.heard);
}

static uint32_t
get(uint32_t addr)
{
	size_t	n = bench_words(&t, CMD_READ_REG, 1, addr);

	assert_int_equal(bench_status(&t, n, 0), 0);
	return le32_get(t.reply + 4);
}

static void
put(uint32_t addr, uint32_t value)
{
	size_t	n = bench_words(&t, CMD_WRITE_REG, 4, addr, value, UINT32_MAX,
	    0u);

	assert_int_equal(bench_status(&t, n, 0), 0);
}

static void
idle(uint32_t cmd)
{
	for (int i = 0; i < LOOKS; i++)
		if (get(cmd) == 0)
			return;
	fail_msg("a command never ends");
}

/* ---- chips with one set of registers to fill ---- */

static void
c3_times(void)
{
	put(C3 + 0x1e8, 0xff << 9 | 0x28);
	put(C3 + 0x1f0, 0x300000);
	put(C3 + 0x1f4, 0x190);
}

static void
c3_fill(const uint32_t *words, size_t n)
{
	for (size_t i = 0; i < CODE_WORDS; i++)
		put(C3 + 4 * (uint32_t)i, i < n ? words[i] : 0);
}

static void
c3_program(unsigned block)
{
	put(C3_CONF, 0x5a5a);
	put(C3_CMD, 2 | block << 2);
	idle(C3_CMD);
}

static void
c3_read(void)
{
	put(C3_CONF, 0x5aa5);
	put(C3_CMD, 1);
	idle(C3_CMD);
}

static void
c3_burn(unsigned block, const uint32_t *words, size_t n)
{
	c3_times();
	c3_fill(words, n);
	c3_program(block);
	c3_read();
}

/* One bit of BLOCK0. */
static void
c3_bit(unsigned bit)
{
	uint32_t	words[6] = { 0 };

	words[bit / 32] = 1u << bit % 32;
	c3_burn(0, words, 6);
}

static uint32_t
c3_has(unsigned bit)
{
	return get(C3_BLOCK0 + bit / 32 * 4) >> bit % 32 & 1;
}

static const uint32_t	data[CODE_DATA] = {
	0x04030201, 0x08070605, 0x0c0b0a09, 0x100f0e0d,
	0x14131211, 0x18171615, 0x1c1b1a19, 0x201f1e1d,
};

static void
c3_key(uint32_t words[CODE_WORDS])
{
	memcpy(words, data, sizeof(data));
	code_rs(data, words + CODE_DATA);
}

static void
test_what_is_burned_shows_after_a_read_command(void **state)
{
	uint32_t	words[CODE_WORDS];

	(void)state;
	start("esp32c3");
	c3_key(words);
	c3_times();
	c3_fill(words, CODE_WORDS);
	c3_program(KEY0);
	assert_int_equal(get(C3_KEY0), 0);
	c3_read();
	for (uint32_t i = 0; i < CODE_DATA; i++)
		assert_int_equal(get(C3_KEY0 + 4 * i), data[i]);
	assert_int_equal(get(C3_RS0), 0);
	reset();
	assert_int_equal(get(C3_KEY0 + 28), data[7]);
}

static void
test_a_command_needs_its_code(void **state)
{
	uint32_t	words[6] = { 0, 1 << 8 };

	(void)state;
	start("esp32c3");
	c3_times();
	c3_fill(words, 6);
	put(C3_CONF, 0x5aa5);
	put(C3_CMD, 2);
	idle(C3_CMD);
	c3_read();
	assert_int_equal(c3_has(40), 0);
	assert_int_equal(t.board.efuse.programs, 0);
	c3_fill(words, 6);
	c3_program(0);
	put(C3_CONF, 0x5a5a);
	put(C3_CMD, 1);
	idle(C3_CMD);
	assert_int_equal(c3_has(40), 0);
	c3_read();
	assert_int_equal(c3_has(40), 1);
}

static void
test_nothing_is_burned_with_wrong_times(void **state)
{
	uint32_t	words[6] = { 0, 1 << 8 };

	(void)state;
	start("esp32c3");
	c3_fill(words, 6);
	c3_program(0);
	assert_non_null(strstr(t.note, "times"));
	c3_read();
	assert_int_equal(c3_has(40), 0);
	c3_bit(40);
	assert_int_equal(c3_has(40), 1);
}

static void
test_a_bit_is_never_cleared(void **state)
{
	(void)state;
	start("esp32c3");
	c3_bit(40);
	c3_bit(41);
	assert_int_equal(c3_has(40), 1);
	put(C3_BLOCK0 + 4, 0);
	assert_int_equal(c3_has(40), 1);
	reset();
	assert_int_equal(c3_has(40) && c3_has(41), 1);
}

static void
test_each_bit_of_wr_dis_protects_its_group(void **state)
{
	static const struct { uint8_t wr_dis, in, out; } groups[] = {
		{ 0, 32, 40 }, { 2, 40, 48 }, { 3, 80, 82 }, { 4, 82, 85 },
		{ 8, 88, 92 }, { 13, 111, 116 }, { 15, 116, 117 },
		{ 18, 157, 158 }, { 19, 161, 57 }, { 30, 58, 51 },
		{ 31, 50, 52 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		start("esp32c3");
		c3_bit(groups[i].wr_dis);
		c3_bit(groups[i].in);
		c3_bit(groups[i].out);
		assert_int_equal(c3_has(groups[i].in), 0);
		assert_int_equal(c3_has(groups[i].out), 1);
	}
}

static void
test_a_block_is_protected_by_its_bit(void **state)
{
	uint32_t	words[CODE_WORDS];

	(void)state;
	start("esp32c3");
	c3_key(words);
	c3_bit(23);
	c3_burn(KEY0, words, CODE_WORDS);
	assert_int_equal(get(C3_KEY0), 0);
	c3_burn(KEY0 + 1, words, CODE_WORDS);
	assert_int_equal(get(C3_KEY0 + 0x20), data[0]);
}

static void
test_a_hidden_block_reads_as_zeros(void **state)
{
	uint32_t	words[CODE_WORDS];

	(void)state;
	start("esp32c3");
	c3_key(words);
	c3_burn(KEY0, words, CODE_WORDS);
	c3_burn(KEY0 + 1, words, CODE_WORDS);
	c3_bit(32);
	for (uint32_t i = 0; i < CODE_DATA; i++)
		assert_int_equal(get(C3_KEY0 + 4 * i), 0);
	assert_int_equal(get(C3_KEY0 + 0x20), data[0]);
	assert_int_equal(get(C3_RS0), 0);
}

/* Of this chip a failure is told one block too high. */
static void
test_a_second_writing_of_a_coded_block_spoils_it(void **state)
{
	uint32_t	words[CODE_WORDS], more[CODE_WORDS] = { 0xf0f0f0f0,
	    0xf0f0f0f0, 0xf0f0f0f0, 0xf0f0f0f0 };

	(void)state;
	start("esp32c3");
	c3_key(words);
	c3_burn(KEY0, words, CODE_WORDS);
	code_rs(more, more + CODE_DATA);
	c3_burn(KEY0, more, CODE_WORDS);
	assert_int_equal(get(C3_KEY0), data[0] | more[0]);
	assert_int_equal(get(C3_RS0), 7u << 12 | 1u << 19);
	start("esp32c6");
	assert_int_equal(get(0x600b09c0), 0);
}

static void
test_some_wrong_bytes_are_put_right(void **state)
{
	uint32_t	words[CODE_WORDS];

	(void)state;
	traits.fuse_fault.weak = 1;
	start("esp32c3");
	c3_key(words);
	c3_burn(KEY0, words, CODE_WORDS);
	assert_int_equal(get(C3_KEY0), data[0]);
	assert_int_equal(get(C3_RS0), 1 << 12);
	c3_burn(KEY0, words, CODE_WORDS);
	assert_int_equal(get(C3_RS0), 0);
}

static void
test_a_bit_of_block0_may_not_be_taken(void **state)
{
	(void)state;
	traits.fuse_fault.weak = 1;
	start("esp32c3");
	c3_bit(40);
	assert_int_equal(c3_has(40), 0);
	c3_bit(40);
	assert_int_equal(c3_has(40), 1);
}

static void
test_copies_of_block0_that_differ_are_told(void **state)
{
	(void)state;
	traits.fuse_fault.copy = 1;
	start("esp32c3");
	c3_bit(80);
	assert_int_equal(c3_has(80), 1);
	assert_int_equal(get(C3_ERR0 + 4), 1 << 16);
	c3_bit(80);
	assert_int_equal(get(C3_ERR0 + 4), 0);
}

static void
test_a_ruined_block_and_a_stuck_controller(void **state)
{
	(void)state;
	traits.fuse_fault.ruined = 1 << 6;
	start("esp32s3");
	assert_int_equal(get(0x600071c0), 0xfu << 20);
	traits.fuse_fault.stuck = true;
	start("esp32c3");
	put(C3_CONF, 0x5aa5);
	put(C3_CMD, 1);
	for (int i = 0; i < 3 * LOOKS; i++)
		assert_int_equal(get(C3_CMD), 1);
}

/* ---- the ESP32 ---- */

static void
esp32_burn(void)
{
	put(ESP32 + 0x118, 80);
	put(ESP32 + 0xf8, 0xffa0);
	put(ESP32 + 0xfc, 0x5a5a);
	put(ESP32 + 0x104, 2);
	idle(ESP32 + 0x104);
	put(ESP32 + 0xfc, 0x5aa5);
	put(ESP32 + 0x104, 1);
	idle(ESP32 + 0x104);
}

static void
test_the_esp32_burns_all_blocks_at_once(void **state)
{
	(void)state;
	start("esp32");
	put(ESP32_WDATA0 + 24, 1 << 6);
	put(ESP32_WDATA3 + 4, 0x1234);
	esp32_burn();
	assert_int_equal(get(ESP32 + 24) & 1 << 6, 1 << 6);
	assert_int_equal(get(ESP32_BLOCK3 + 4), 0x1234);
	assert_int_equal(get(ESP32_DEC), 0);
}

static void
test_three_quarter_coding_is_undone_and_checked(void **state)
{
	uint32_t	coded[CODE_DATA], out[CODE_DATA];
	unsigned	wrong;

	(void)state;
	traits.fuse.word[0] = (struct simreg){ ESP32 + 24, 1 };
	traits.fuse.words = 1;
	start("esp32");
	memcpy(coded, data, sizeof(data));
	code_34(coded);
	for (uint32_t i = 0; i < CODE_DATA; i++)
		put(ESP32_WDATA3 + 4 * i, coded[i]);
	esp32_burn();
	for (uint32_t i = 0; i < 6; i++)
		assert_int_equal(get(ESP32_BLOCK3 + 4 * i), data[i]);
	assert_int_equal(get(ESP32_DEC), 0);
	/* A bit more in the second group. */
	for (uint32_t i = 0; i < CODE_DATA; i++)
		put(ESP32_WDATA3 + 4 * i, i == 2 ? 1u << 31 : 0);
	esp32_burn();
	assert_int_equal(get(ESP32_DEC), 2 << 8);
	code_34_back(coded, out, &wrong);
	assert_int_equal(wrong, 0);
	assert_memory_equal(out, data, 24);
}

/* ---- the ESP32-C2's one key ---- */

static void
test_halves_of_a_key_are_hidden_apart(void **state)
{
	(void)state;
	for (unsigned half = 0; half < 2; half++) {
		uint32_t	words[CODE_WORDS], bit = 1u << half;

		start("esp32c2");
		c3_key(words);
		put(C2 + 0x108, 0xff << 9 | 0x28);
		put(C2 + 0x110, 200 << 8);
		put(C2 + 0x114, 0x300000);
		put(C2 + 0x118, 0x190);
		for (int step = 0; step < 2; step++) {
			for (uint32_t i = 0; i < CODE_WORDS; i++)
				put(C2 + 4 * i, step == 0 ? words[i] :
				    i == 1 ? bit : 0);
			put(C2 + 0x8c, 0x5a5a);
			put(C2 + 0x94, 2 | (step == 0 ? 3 << 2 : 0));
			idle(C2 + 0x94);
		}
		put(C2 + 0x8c, 0x5aa5);
		put(C2 + 0x94, 1);
		idle(C2 + 0x94);
		assert_int_equal(get(C2_KEY), half == 0 ? 0 : data[0]);
		assert_int_equal(get(C2_KEY + 16), half == 0 ? data[4] : 0);
	}
}

/* ---- what comes of it ---- */

static void
test_secure_download_counts_from_the_read_command_on(void **state)
{
	size_t	n;

	(void)state;
	start("esp32c3");
	c3_times();
	c3_fill((uint32_t[]){ 0, 0, 0, 0, 1 << 5 }, 5);
	c3_program(0);
	put(C3_CONF, 0x5aa5);
	assert_int_equal(bench_words(&t, CMD_WRITE_REG, 4, C3_CMD, 1u,
	    UINT32_MAX, 0u), 0);
	assert_int_equal(t.board.mode, BOARD_ROM);
	n = bench_words(&t, CMD_READ_REG, 1, C3_CMD);
	assert_int_not_equal(bench_status(&t, n, 0), 0);
	n = bench_ask(&t, CMD_GET_SECURITY_INFO, 0, NULL, 0);
	assert_int_equal(t.reply[8] & 4, 4);
	assert_int_not_equal(n, 0);
	reset();
	n = bench_words(&t, CMD_READ_REG, 1, C3_CMD);
	assert_int_not_equal(bench_status(&t, n, 0), 0);
}

static void
test_a_shut_loader_falls_silent(void **state)
{
	(void)state;
	start("esp32c3");
	c3_times();
	c3_fill((uint32_t[]){ 0, 0, 0, 0, 1 }, 5);
	c3_program(0);
	put(C3_CONF, 0x5aa5);
	assert_int_equal(bench_words(&t, CMD_WRITE_REG, 4, C3_CMD, 1u,
	    UINT32_MAX, 0u), 0);
	assert_int_equal(t.board.mode, BOARD_HUNG);
	reset();
	assert_int_equal(t.board.mode, BOARD_APP);
}

/* UART_DOWNLOAD_DIS: from revision 3 on, and looked at in a reset. */
static void
test_the_esp32_is_shut_by_the_next_reset(void **state)
{
	(void)state;
	traits.fuse.revision = 301;
	start("esp32");
	put(ESP32_WDATA0, 1 << 27);
	esp32_burn();
	assert_int_equal(t.board.mode, BOARD_ROM);
	reset();
	assert_int_equal(t.board.mode, BOARD_APP);
	traits.fuse.revision = 100;
	start("esp32");
	put(ESP32_WDATA0, 1 << 27);
	esp32_burn();
	reset();
	assert_int_equal(t.board.mode, BOARD_ROM);
}

static void
test_a_burned_key_encrypts_the_flash(void **state)
{
	uint32_t	words[CODE_WORDS];

	(void)state;
	start("esp32c3");
	c3_key(words);
	c3_burn(KEY0, words, CODE_WORDS);
	c3_burn(0, (uint32_t[]){ 0, 1, 1 << 18, 0 }, 4);
	c3_burn(0, (uint32_t[]){ 0, 0, 4 << 24, 0 }, 4);
	assert_false(t.board.crypt.key[0] == 0x20);
	reset();
	assert_true(fuse_encrypts(&t.board.fuses, t.board.chip));
	assert_int_equal(t.board.crypt.key_len, 32);
	for (int i = 0; i < 32; i++)
		assert_int_equal(t.board.crypt.key[i], 32 - i);
}

/* ---- held, and kept ---- */

static void
test_a_board_is_held_before_or_behind_a_burning(void **state)
{
	(void)state;
	for (int before = 0; before < 2; before++) {
		start("esp32c3");
		t.board.efuse.hold = 1;
		t.board.efuse.hold_before = before != 0;
		c3_times();
		c3_fill((uint32_t[]){ 0, 1 << 8 }, 2);
		put(C3_CONF, 0x5a5a);
		assert_int_equal(bench_words(&t, CMD_WRITE_REG, 4, C3_CMD, 2u,
		    UINT32_MAX, 0u), 0);
		assert_int_equal(t.board.mode, BOARD_HELD);
		reset();
		assert_int_equal(c3_has(40), before == 0);
	}
}

static void
test_a_held_board_goes_on(void **state)
{
	(void)state;
	start("esp32c3");
	t.board.efuse.hold = 1;
	t.board.efuse.hold_before = true;
	c3_times();
	c3_fill((uint32_t[]){ 0, 1 << 8 }, 2);
	put(C3_CONF, 0x5a5a);
	assert_int_equal(bench_words(&t, CMD_WRITE_REG, 4, C3_CMD, 2u,
	    UINT32_MAX, 0u), 0);
	board_go_on(&t.board);
	bench_work(&t);
	assert_int_not_equal(bench_frame(&t), 0);
	buf_clear(&t.heard);
	c3_read();
	assert_int_equal(c3_has(40), 1);
}

static void
test_fuses_are_kept_in_a_file(void **state)
{
	char		path[] = "/tmp/espsim-fuses-XXXXXX", byte[4];
	uint32_t	words[CODE_WORDS];
	struct stat	st;
	FILE		*f;

	(void)state;
	assert_non_null(mkdtemp(path));
	traits.fuse_path = "espsim-fuses";
	assert_int_equal(chdir(path), 0);
	start("esp32c3");
	c3_key(words);
	c3_burn(KEY0, words, CODE_WORDS);
	assert_int_equal(stat("espsim-fuses", &st), 0);
	assert_int_equal(st.st_size, 0x200);
	/* The register of the highest address is first, its high byte first. */
	f = fopen("espsim-fuses", "rbe");
	assert_non_null(f);
	assert_int_equal(fseek(f, 0x200 - 0x9c - 4, SEEK_SET), 0);
	assert_int_equal(fread(byte, 1, 4, f), 4);
	assert_int_equal(fclose(f), 0);
	assert_memory_equal(byte, "\x04\x03\x02\x01", 4);
	start("esp32c3");
	assert_int_equal(get(C3_KEY0 + 28), data[7]);
	assert_int_equal(get(C3_RS0), 0);
	assert_int_equal(unlink("espsim-fuses"), 0);
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(rmdir(path), 0);
}

/* Not even check bytes of what the board began with are left. */
static void
test_a_blank_file_is_a_blank_chip(void **state)
{
	static const uint8_t	blank[0x200];
	char			path[] = "/tmp/test_sim_efuse.XXXXXX";
	int			fd = mkstemp(path);

	(void)state;
	assert_int_equal(write(fd, blank, sizeof(blank)), sizeof(blank));
	assert_int_equal(close(fd), 0);
	traits.fuse_path = path;
	start("esp32c3");
	for (uint32_t at = 0x2c; at < 0x17c; at += 4)
		assert_int_equal(get(C3 + at), 0);
	assert_int_equal(get(C3_RS0), 0);
	assert_int_equal(unlink(path), 0);
}

static void
test_a_file_of_another_length_is_refused(void **state)
{
	char		 path[] = "/tmp/test_sim_efuse.XXXXXX";
	int		 fd = mkstemp(path);
	struct board	*like = &t.board;
	static struct board b;

	(void)state;
	assert_int_equal(write(fd, "short", 5), 5);
	assert_int_equal(close(fd), 0);
	start("esp32c3");
	traits.fuse_path = path;
	assert_int_equal(board_init(&b, like->chip, &traits, 0, 1 << 20, NULL,
	    like->ops, like->ctx), -EINVAL);
	board_done(&b);
	assert_int_equal(unlink(path), 0);
}

/* ---- check bytes ---- */

static void
test_up_to_six_wrong_bytes_are_found(void **state)
{
	uint32_t	words[CODE_WORDS], same[CODE_WORDS];
	uint32_t	seed = 1;

	(void)state;
	for (int wrong = 0; wrong <= 6; wrong++) {
		c3_key(words);
		memcpy(same, words, sizeof(same));
		for (int i = 0; i < wrong; i++) {
			seed = seed * 1664525 + 1013904223;
			words[(7 * i + 3) % 44 / 4] ^= (seed >> 24 | 1) <<
			    (7 * i + 3) % 4 * 8;
		}
		assert_int_equal(code_rs_correct(words), wrong);
		assert_memory_equal(words, same, sizeof(same));
	}
	for (size_t i = 0; i < CODE_WORDS; i++)
		words[i] ^= 0x5a;
	assert_true(code_rs_correct(words) < 0);
}

/* ---- against the model's tables ---- */

static void
test_check_bytes_are_those_of_the_model(void **state)
{
	uint32_t	words[CODE_WORDS], seed = 1;
	uint8_t		bytes[CODING_RS_DATA], check[CODING_RS_CHECK], out[32];

	(void)state;
	for (int round = 0; round < 50; round++) {
		for (int i = 0; i < CODE_DATA; i++) {
			seed = seed * 1664525 + 1013904223;
			words[i] = seed;
			le32_put(bytes + 4 * i, seed);
		}
		code_rs(words, words + CODE_DATA);
		coding_rs(bytes, check);
		for (int i = 0; i < 3; i++)
			assert_int_equal(words[CODE_DATA + i],
			    le32_get(check + 4 * i));
		code_34(words);
		coding_34(bytes, 24, out);
		for (int i = 0; i < CODE_DATA; i++)
			assert_int_equal(words[i], le32_get(out + 4 * i));
	}
}

static const struct efuse_chip *
model(const struct simefuse_row *r)
{
	const struct efuse_chip	*e = efuse_chip_find(chip_by_name(r->chip),
				    r->from_revision);

	assert_non_null(e);
	return e;
}

/* Bits of BLOCK0 by the groups, as the other table has them by fields. */
static void
test_groups_agree_with_the_fields(void **state)
{
	(void)state;
	for (const struct simefuse_row *r = simefuse_rows; r->chip; r++) {
		for (const struct efuse_field *f = model(r)->fields; f->name;
		    f++) {
			unsigned	wr = EFUSE_NO_BIT;

			/* esp-idf has no fields of old revisions. */
			if (f->block != 0 || f->bit == EFUSE_NOWHERE ||
			    f->when == EFUSE_OLD_REVISION)
				continue;
			for (const struct simefuse_group *g = r->groups;
			    g->count > 0; g++)
				if (f->bit >= g->first &&
				    f->bit < g->first + g->count)
					wr = g->wr_dis;
			if (wr != f->wr_dis)
				fail_msg("%s: %s: %u, not %u", r->chip,
				    f->name, wr, f->wr_dis);
		}
	}
}

static void
test_blocks_and_registers_agree_with_the_model(void **state)
{
	(void)state;
	for (const struct simefuse_row *r = simefuse_rows; r->chip; r++) {
		const struct efuse_chip	*e = model(r);

		assert_int_equal(r->base, e->base);
		assert_int_equal(r->window, e->window);
		assert_int_equal(r->conf, e->control.conf);
		assert_int_equal(r->cmd, e->control.cmd);
		assert_int_equal(r->err0, e->control.err0);
		assert_int_equal(r->err0_words, e->control.err0_words);
		assert_int_equal(r->dec_status, e->control.dec_status);
		for (unsigned n = 0; n < efuse_block_count(e); n++) {
			const struct efuse_block	*b = &e->blocks[n];

			assert_int_equal(r->block[n].read, b->read);
			assert_int_equal(r->block[n].words, b->words);
			assert_int_equal(r->block[n].wr_dis, b->wr_dis);
			if (r->wdata[0] != 0)
				assert_int_equal(r->wdata[n], b->write);
		}
	}
}

/* What they set before a burning is what this one wants. */
static void
test_times_agree_with_the_model(void **state)
{
	(void)state;
	for (const struct simefuse_row *r = simefuse_rows; r->chip; r++) {
		const struct efuse_timing	*all = model(r)->control.timing;

		for (const struct simefuse_time *w = r->times;
		    w != NULL && w->mask != 0; w++) {
			uint32_t	v = 0;

			for (const struct efuse_timing *s = all; s != NULL &&
			    s->reg != 0; s++)
				if (s->reg == w->reg && (s->xtal_mhz == 0 ||
				    w->xtal_mhz == 0 ||
				    s->xtal_mhz == w->xtal_mhz))
					v |= s->value;
			if ((v & w->mask) != w->value)
				fail_msg("%s: 0x%x: 0x%x, not 0x%x", r->chip,
				    w->reg, v, w->value);
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest	tests[] = {
		TEST(test_what_is_burned_shows_after_a_read_command),
		TEST(test_a_command_needs_its_code),
		TEST(test_nothing_is_burned_with_wrong_times),
		TEST(test_a_bit_is_never_cleared),
		TEST(test_each_bit_of_wr_dis_protects_its_group),
		TEST(test_a_block_is_protected_by_its_bit),
		TEST(test_a_hidden_block_reads_as_zeros),
		TEST(test_a_second_writing_of_a_coded_block_spoils_it),
		TEST(test_some_wrong_bytes_are_put_right),
		TEST(test_a_bit_of_block0_may_not_be_taken),
		TEST(test_copies_of_block0_that_differ_are_told),
		TEST(test_a_ruined_block_and_a_stuck_controller),
		TEST(test_the_esp32_burns_all_blocks_at_once),
		TEST(test_three_quarter_coding_is_undone_and_checked),
		TEST(test_halves_of_a_key_are_hidden_apart),
		TEST(test_secure_download_counts_from_the_read_command_on),
		TEST(test_a_shut_loader_falls_silent),
		TEST(test_the_esp32_is_shut_by_the_next_reset),
		TEST(test_a_burned_key_encrypts_the_flash),
		TEST(test_a_board_is_held_before_or_behind_a_burning),
		TEST(test_a_held_board_goes_on),
		TEST(test_fuses_are_kept_in_a_file),
		TEST(test_a_blank_file_is_a_blank_chip),
		TEST(test_a_file_of_another_length_is_refused),
		TEST(test_up_to_six_wrong_bytes_are_found),
		TEST(test_check_bytes_are_those_of_the_model),
		TEST(test_groups_agree_with_the_fields),
		TEST(test_blocks_and_registers_agree_with_the_model),
		TEST(test_times_agree_with_the_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
