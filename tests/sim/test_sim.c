/* The simulated board, without a line or a loop around it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "proto/base/bytes.h"
#include "proto/base/text.h"
#include "proto/serial/cmd.h"
#include "proto/serial/ext.h"
#include "tests/sim/bench.h"
#include "tests/sim/boot.h"
#include "tests/sim/fault.h"
#include "tests/sim/line.h"
#include "tests/sim/rfc2217.h"

static struct bench	t;

static int
setup(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
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

static uint32_t
read_reg(uint32_t addr)
{
	size_t	n = bench_words(&t, CMD_READ_REG, 1, addr);

	assert_true(n >= CMD_HEADER + 2);
	assert_int_equal(t.reply[1], CMD_READ_REG);
	assert_int_equal(bench_status(&t, n, 0), 0);
	return le32_get(t.reply + 4);
}

static void
write_reg(uint32_t addr, uint32_t value)
{
	size_t	n = bench_words(&t, CMD_WRITE_REG, 4, addr, value, UINT32_MAX,
	    0u);

	assert_int_equal(bench_status(&t, n, 0), 0);
}

/* ---- boot ---- */

/* The usual sequence: EN low, then IO0 low while EN rises. */
static void
test_reset_with_io0_low_enters_download_mode(void **state)
{
	(void)state;
	bench_init(&t, "esp32");
	board_lines(&t.board, false, true);
	assert_int_equal(t.board.mode, BOARD_RESET);
	board_lines(&t.board, true, false);
	bench_ring(&t, ALARM_EN);
	assert_int_equal(t.board.mode, BOARD_ROM);
	assert_true(bench_heard(&t, "rst:0x1 (POWERON_RESET),boot:0x3 "));
	assert_true(bench_heard(&t, "waiting for download\r\n"));
}

static void
test_reset_with_io0_high_boots_from_flash(void **state)
{
	(void)state;
	bench_init(&t, "esp32");
	board_lines(&t.board, false, true);
	board_lines(&t.board, false, false);
	bench_ring(&t, ALARM_EN);
	assert_int_equal(t.board.mode, BOARD_APP);
	assert_true(bench_heard(&t, "boot:0x13 (SPI_FAST_FLASH_BOOT)"));
	assert_true(bench_heard(&t, "invalid header: 0xffffffff"));
}

static void
test_both_lines_asserted_pull_neither_pin(void **state)
{
	(void)state;
	bench_init(&t, "esp32c3");
	board_lines(&t.board, false, true);
	board_lines(&t.board, true, true);
	bench_ring(&t, ALARM_EN);
	assert_int_equal(t.board.mode, BOARD_APP);
}

static void
test_dtr_alone_does_not_disturb_a_running_loader(void **state)
{
	(void)state;
	bench_init(&t, "esp32c3");
	board_lines(&t.board, true, true);
	board_lines(&t.board, false, false);
	assert_int_equal(t.board.mode, BOARD_ROM);
	assert_int_equal(read_reg(0x40001000), 0x1b31506f);
}

static void
test_a_program_stays_started(void **state)
{
	static const char *const chips[] = {
		"esp8266", "esp32", "esp32s3", "esp32c3"
	};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		bench_init(&t, chips[i]);
		board_program(&t.board);
		board_lines(&t.board, false, false);
		board_reset(&t.board, t.board.chip->rst_power);
		assert_true(bench_heard(&t, "entry 0x"));
		assert_int_equal(t.alarm[ALARM_RESTART], ALARM_OFF);
		bench_done(&t);
	}
	memset(&t, 0, sizeof(t));
}

/* Do what "00 11 01+100 10+50 00" says (DTR, RTS, then a pause of ms), the
 * board being in its program before; true when it ends in its loader. */
static bool
resets_into_loader(unsigned circuit, const char *steps)
{
	bool	loader;

	bench_init(&t, "esp32c3");
	board_unpower(&t.board);
	t.board.circuit = circuit;
	board_program(&t.board);
	board_power(&t.board);
	assert_int_equal(t.board.mode, BOARD_APP);
	for (const char *s = steps; *s != '\0'; s += strspn(s, " ")) {
		uint64_t	ms = 0;

		board_lines(&t.board, s[0] == '1', s[1] == '1');
		for (s += 2; *s != '\0' && *s != ' '; s++)
			ms = *s == '+' ? 0 : ms * 10 + (uint64_t)(*s - '0');
		bench_wait(&t, ms * 1000);
	}
	bench_wait(&t, 400000);
	loader = t.board.mode == BOARD_ROM;
	bench_done(&t);
	memset(&t, 0, sizeof(t));
	return loader;
}

static void
test_each_circuit_has_its_own_sequence(void **state)
{
	static const char *const recipes[] = {
		"00 11 01+100 10+50 00",		/* tight */
		"00 11 01+100 10+550 00",		/* tight-slow */
		"01+100 11 10+50 00",			/* classic */
		"01+100 11 10+550 00",			/* classic-slow */
		"00+100 10+100 11 01+100 00",		/* usb-jtag */
		"01+100 00",				/* hard */
	};
	static const struct {
		unsigned	 circuit;
		const char	*loader;	/* Y: that one enters it */
	} row[] = {
		{ 0,					"YYYY--" },
		{ CIRCUIT_TIGHT,			"YY----" },
		{ CIRCUIT_CLASSIC,			"--YY--" },
		{ CIRCUIT_SLOW,				"-Y-Y--" },
		{ CIRCUIT_CLASSIC | CIRCUIT_SLOW,	"---Y--" },
		{ CIRCUIT_USB_JTAG,			"----Y-" },
		{ CIRCUIT_NO_BOOT,			"------" },
		{ CIRCUIT_NO_BOOT | CIRCUIT_USB_JTAG,	"------" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		for (size_t k = 0; k < 6; k++)
			assert_int_equal(resets_into_loader(row[i].circuit,
			    recipes[k]), row[i].loader[k] == 'Y');
}

/* The alarm that EN is high rings late: the straps count as they were. */
static void
test_straps_are_sampled_when_en_was_high(void **state)
{
	(void)state;
	bench_init(&t, "esp32");
	board_lines(&t.board, false, true);
	board_lines(&t.board, true, false);
	t.now_us += 50000;
	board_lines(&t.board, false, false);
	assert_int_equal(t.board.mode, BOARD_ROM);
	assert_int_equal(t.alarm[ALARM_EN], ALARM_OFF);
}

static void
test_a_usb_jtag_block_resets_at_once_and_does_not_hold(void **state)
{
	(void)state;
	bench_init(&t, "esp32c3");
	t.board.circuit = CIRCUIT_USB_JTAG;
	board_lines(&t.board, false, true);
	assert_int_equal(t.board.mode, BOARD_RESET);
	bench_ring(&t, ALARM_EN);
	assert_int_equal(t.board.mode, BOARD_APP);
	board_lines(&t.board, false, false);
	assert_int_equal(t.alarm[ALARM_EN], ALARM_OFF);
}

static void
test_over_usb_otg_the_loader_is_forced_until_that_is_withdrawn(void **state)
{
	(void)state;
	bench_init(&t, "esp32s3");
	board_unpower(&t.board);
	t.board.circuit = CIRCUIT_USB_OTG;
	board_power(&t.board);
	board_lines(&t.board, false, true);
	board_lines(&t.board, true, false);
	bench_ring(&t, ALARM_EN);
	assert_int_equal(t.board.mode, BOARD_ROM);
	assert_int_equal(read_reg(0x60004038), 1 << 3);
	assert_int_equal(read_reg(0x6000812c), 1);
	board_lines(&t.board, false, true);
	board_lines(&t.board, false, false);
	bench_ring(&t, ALARM_EN);
	assert_int_equal(t.board.mode, BOARD_ROM);
	write_reg(0x6000812c, 0);
	board_lines(&t.board, false, true);
	board_lines(&t.board, false, false);
	bench_ring(&t, ALARM_EN);
	assert_int_equal(t.board.mode, BOARD_APP);
}

static void
test_the_watchdog_is_write_protected(void **state)
{
	(void)state;
	bench_init(&t, "esp32c3");
	assert_int_equal(read_reg(0x60004038), 0);	/* booted by the pin */
	write_reg(0x60008090, 1u << 31);
	assert_int_equal(t.alarm[ALARM_RESTART], ALARM_OFF);
	write_reg(0x600080a8, 0x50d83aa1);
	write_reg(0x60008090, 1u << 31);
	assert_int_not_equal(t.alarm[ALARM_RESTART], ALARM_OFF);
}

/* ---- ROM ---- */

static void
test_each_rom_shows_its_magic_and_mac(void **state)
{
	static const struct { const char *chip; uint32_t magic; } row[] = {
		{ "esp8266", 0xfff0c101 }, { "esp32", 0x00f01d83 },
		{ "esp32s3", 0x00000009 }, { "esp32c3", 0x1b31506f },
	};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		bench_init(&t, row[i].chip);
		assert_int_equal(read_reg(0x40001000), row[i].magic);
		bench_done(&t);
	}
	bench_init(&t, "esp32c3");
	assert_int_equal(read_reg(0x60008844), 0xa15e0007);
	assert_int_equal(read_reg(0x60008848), 0x00007cdf);
}

static void
test_sync_is_answered_eight_times_and_so_is_the_refusal_after_it(void **state)
{
	uint8_t	sync[36] = { 0x07, 0x07, 0x12, 0x20 };

	(void)state;
	bench_init(&t, "esp32c3");
	bench_ask(&t, CMD_SYNC, 0, sync, sizeof(sync));
	assert_int_equal(t.heard.len, 8 * 14);
	assert_int_equal(le32_get(t.reply + 4), 0x20120707);
	size_t	n = bench_ask(&t, 0x77, 0, NULL, 0);
	assert_int_equal(t.heard.len, 8 * 14);
	assert_int_equal(t.reply[1], CMD_SYNC);
	assert_int_equal(bench_status(&t, n, 0), 0x0105);
}

static void
test_esp8266_answers_with_two_status_bytes(void **state)
{
	(void)state;
	bench_init(&t, "esp8266");
	assert_int_equal(bench_words(&t, CMD_READ_REG, 1, 0x40001000u), 10);
	assert_int_equal(le16_get(t.reply + 2), 2);
	assert_int_equal(bench_status(&t, bench_words(&t, CMD_SPI_FLASH_MD5, 4,
	    0u, 4096u, 0u, 0u), 0), 0x0105);
}

static void
test_a_block_with_a_wrong_checksum_cannot_be_repeated(void **state)
{
	uint8_t	block[16 + 64] = { 64 };

	(void)state;
	bench_init(&t, "esp32");
	bench_words(&t, CMD_MEM_BEGIN, 4, 64u, 1u, 64u, 0x3ffb2000u);
	assert_int_equal(bench_status(&t, bench_ask(&t, CMD_MEM_DATA, 1, block,
	    sizeof(block)), 0), 0x0107);
	assert_int_equal(bench_status(&t, bench_block(&t, CMD_MEM_DATA, 0,
	    block, 64), 0), 0x0105);
}

static void
test_flash_is_not_reachable_before_it_is_attached(void **state)
{
	(void)state;
	bench_init(&t, "esp32");
	assert_int_equal(bench_status(&t, bench_words(&t, CMD_FLASH_BEGIN, 4,
	    1024u, 1u, 1024u, 0x10000u), 0), 0x0106);
	bench_words(&t, CMD_SPI_ATTACH, 2, 0u, 0u);
	assert_int_equal(bench_status(&t, bench_words(&t, CMD_FLASH_BEGIN, 4,
	    1024u, 1u, 1024u, 0x10000u), 0), 0);
}

static void
test_rom_takes_flash_for_two_megabytes_until_told(void **state)
{
	(void)state;
	bench_init(&t, "esp32c3");
	bench_words(&t, CMD_SPI_ATTACH, 2, 0u, 0u);
	assert_int_equal(bench_status(&t, bench_words(&t, CMD_READ_FLASH_SLOW,
	    2, 0x200000u, 64u), 64), 0x0109);
	bench_words(&t, CMD_SPI_SET_PARAMS, 6, 0u, 4u << 20, 65536u, 4096u,
	    256u, 0xffffu);
	assert_int_equal(bench_status(&t, bench_words(&t, CMD_READ_FLASH_SLOW,
	    2, 0x200000u, 64u), 64), 0);
	assert_int_equal(t.reply[CMD_HEADER], 0xff);
}

static void
test_rom_begin_erases_and_data_is_programmed(void **state)
{
	uint8_t	data[1024], back[1025];

	(void)state;
	bench_init(&t, "esp32c3");
	bench_words(&t, CMD_SPI_ATTACH, 2, 0u, 0u);
	memset(data, 0, sizeof(data));
	flash_program(&t.board.flash, 0x10000, data, sizeof(data));
	memset(data, 0x5a, sizeof(data));
	bench_words(&t, CMD_FLASH_BEGIN, 5, 1024u, 1u, 1024u, 0x10000u, 0u);
	assert_int_equal(bench_status(&t, bench_block(&t, CMD_FLASH_DATA, 0,
	    data, sizeof(data)), 0), 0);
	flash_read(&t.board.flash, 0x10000, back, sizeof(back));
	assert_memory_equal(back, data, sizeof(data));
	assert_int_equal(back[1024], 0xff);
}

/* n sectors asked for from a block's start: twice as many go. */
static void
test_esp8266_erases_too_much(void **state)
{
	static const uint8_t	zero[3 * FLASH_SECTOR];
	uint8_t			back[3];

	(void)state;
	bench_init(&t, "esp8266");
	flash_program(&t.board.flash, 0x10000, zero, sizeof(zero));
	bench_words(&t, CMD_FLASH_BEGIN, 4, 4096u, 4u, 1024u, 0x10000u);
	for (uint32_t i = 0; i < 3; i++)
		flash_read(&t.board.flash, 0x10000 + i * FLASH_SECTOR,
		    &back[i], 1);
	assert_int_equal(back[0], 0xff);
	assert_int_equal(back[1], 0xff);
	assert_int_equal(back[2], 0x00);
}

static void
test_esp32_rate_must_be_scaled_by_its_calibration(void **state)
{
	uint32_t	cali, ck8m;

	(void)state;
	bench_init(&t, "esp32");
	t.board.bps = 115200;
	assert_int_equal(read_reg(0x3ff40014), 347);
	cali = read_reg(0x3ff5f06c) >> 7;
	ck8m = read_reg(0x3ff5a010) & 0xff;
	uint64_t rom = (uint64_t)cali * 15625 * ck8m / 40;
	bench_words(&t, CMD_CHANGE_BAUDRATE, 2,
	    (uint32_t)(460800ull * rom / 40000000), 0u);
	assert_true(line_rates_fit(460800, t.board.bps));
	bench_words(&t, CMD_CHANGE_BAUDRATE, 2, 460800u, 0u);
	assert_false(line_rates_fit(460800, t.board.bps));
}

static void
test_code_without_a_greeting_does_not_become_a_stub(void **state)
{
	(void)state;
	bench_init(&t, "esp32");
	bench_words(&t, CMD_MEM_BEGIN, 4, 16u, 1u, 0x1800u, 0x40080000u);
	bench_block(&t, CMD_MEM_DATA, 0, "Hello world\n    ", 16);
	bench_words(&t, CMD_MEM_END, 2, 0u, 0x40080000u);
	assert_int_equal(t.board.mode, BOARD_APP);
	assert_false(bench_heard(&t, "OHAI"));
	assert_int_equal(bench_words(&t, CMD_READ_REG, 1, 0x40001000u), 0);
}

/* ---- stub ---- */

static void
test_stub_greets_and_answers_sync_with_value_zero(void **state)
{
	uint8_t	sync[36] = { 0x07, 0x07, 0x12, 0x20 };

	(void)state;
	bench_init(&t, "esp32s3");
	bench_stub(&t);
	assert_true(bench_heard(&t, "\xc0OHAI\xc0"));
	assert_int_equal(bench_ask(&t, CMD_SYNC, 0, sync, sizeof(sync)), 10);
	assert_int_equal(t.heard.len, 8 * 12);
	assert_int_equal(le32_get(t.reply + 4), 0);
	assert_int_equal(bench_status(&t, bench_ask(&t, 0x77, 0, NULL, 0), 0),
	    0xc300);
}

static void
test_stub_acknowledges_first_and_reports_a_bad_stream_later(void **state)
{
	uint8_t	junk[64];

	(void)state;
	bench_init(&t, "esp32");
	bench_stub(&t);
	memset(junk, 0xa5, sizeof(junk));
	bench_words(&t, CMD_FLASH_DEFL_BEGIN, 4, 4096u, 1u, 0x4000u, 0u);
	assert_int_equal(bench_status(&t, bench_block(&t, CMD_FLASH_DEFL_DATA,
	    0, junk, sizeof(junk)), 0), 0);
	assert_int_equal(bench_status(&t, bench_words(&t, CMD_SPI_FLASH_MD5, 4,
	    0u, 4096u, 0u, 0u), 0), 0xc700);
	assert_int_equal(bench_status(&t, bench_words(&t, CMD_SPI_FLASH_MD5, 4,
	    0u, 4096u, 0u, 0u), 16), 0);
}

static void
test_a_wrong_adler_sum_is_noticed_by_rom_and_stub(void **state)
{
	/* zlib's "AAAA...": 64 bytes, with the last byte of the sum changed. */
	uint8_t		z[64];
	uLongf		z_len = sizeof(z);
	uint8_t		plain[64];

	(void)state;
	memset(plain, 'A', sizeof(plain));
	assert_int_equal(compress(z, &z_len, plain, sizeof(plain)), Z_OK);
	z[z_len - 1] ^= 1;
	bench_init(&t, "esp32");
	bench_words(&t, CMD_SPI_ATTACH, 2, 0u, 0u);
	bench_words(&t, CMD_FLASH_DEFL_BEGIN, 4, 64u, 1u, 1024u, 0u);
	assert_int_equal(bench_status(&t, bench_block(&t, CMD_FLASH_DEFL_DATA,
	    0, z, z_len), 0), 0x010c);
	bench_stub(&t);
	bench_words(&t, CMD_FLASH_DEFL_BEGIN, 4, 64u, 1u, 1024u, 0u);
	bench_block(&t, CMD_FLASH_DEFL_DATA, 0, z, z_len);
	assert_int_equal(bench_status(&t, bench_words(&t, CMD_FLASH_DEFL_END,
	    1, 1u), 0), 0xc700);
}

/* What stands behind a compressed block of 64 bytes, after it was written. */
static uint8_t
behind_compressed(const char *chip, unsigned begin_words, uint32_t distance)
{
	uint8_t		z[64], plain[64], byte;
	uLongf		z_len = sizeof(z);

	memset(plain, 'A', sizeof(plain));
	assert_int_equal(compress(z, &z_len, plain, sizeof(plain)), Z_OK);
	bench_init(&t, chip);
	bench_words(&t, CMD_SPI_ATTACH, 2, 0u, 0u);
	bench_words(&t, CMD_FLASH_DEFL_BEGIN, begin_words, 1024u, 1u, 1024u,
	    0u, 0u);
	assert_int_equal(bench_status(&t, bench_block(&t, CMD_FLASH_DEFL_DATA,
	    0, z, z_len), 0), 0);
	flash_read(&t.board.flash, distance, &byte, 1);
	bench_done(&t);
	memset(&t, 0, sizeof(t));
	return byte;
}

static void
test_the_rom_of_an_esp32_writes_its_whole_window(void **state)
{
	(void)state;
	assert_int_equal(behind_compressed("esp32", 4, 63), 'A');
	assert_int_not_equal(behind_compressed("esp32", 4, 64), 0xff);
	assert_int_not_equal(behind_compressed("esp32", 4, 32767), 0xff);
	assert_int_equal(behind_compressed("esp32", 4, 32768), 0xff);
	assert_int_equal(behind_compressed("esp32c3", 5, 64), 0xff);
}

static void
test_stub_reads_flash_frame_by_frame(void **state)
{
	static const uint8_t	ack[] = "\xc0\x10\0\0\0\xc0";
	uint8_t			digest[16];

	(void)state;
	bench_init(&t, "esp32");
	bench_stub(&t);
	flash_program(&t.board.flash, 0x1000, "sixteen bytes...last", 20);
	bench_words(&t, CMD_READ_FLASH, 4, 0x1000u, 20u, 16u, 64u);
	assert_true(bench_heard(&t, "\xc0sixteen bytes...\xc0"));
	assert_false(bench_heard(&t, "last"));
	buf_clear(&t.heard);
	bench_send(&t, ack, 6);
	assert_true(bench_heard(&t, "\xc0last\xc0"));
	buf_clear(&t.heard);
	bench_send(&t, "\xc0\x14\0\0\0\xc0", 6);
	assert_int_equal(bench_frame(&t), sizeof(digest));
	assert_true(flash_md5(&t.board.flash, 0x1000, 20, digest));
	assert_memory_equal(t.reply, digest, sizeof(digest));
}

static void
test_stub_stays_when_the_port_is_closed_and_opened(void **state)
{
	(void)state;
	bench_init(&t, "esp32c3");
	bench_stub(&t);
	board_lines(&t.board, true, true);
	board_lines(&t.board, false, false);
	assert_int_equal(t.board.mode, BOARD_STUB);
	board_lines(&t.board, false, true);
	assert_int_equal(t.board.mode, BOARD_RESET);
}

static void
test_work_takes_the_time_of_the_flash(void **state)
{
	uint64_t	before;

	(void)state;
	bench_init(&t, "esp32");
	t.board.flash.times = flash_typical;
	bench_words(&t, CMD_SPI_ATTACH, 2, 0u, 0u);
	before = t.now_us;
	assert_int_equal(bench_status(&t, bench_words(&t, CMD_FLASH_BEGIN, 4,
	    0x12000u, 72u, 1024u, 0x10000u), 0), 0);
	assert_int_equal(t.now_us - before, 150000 + 2 * 45000);
}

/* ---- flash over registers ---- */

/* A user transaction on the ESP32's SPI1 as a host makes it. */
static uint32_t
spi_read(uint8_t cmd, uint32_t addr_bits, uint32_t addr)
{
	uint32_t	usr = 1u << 31 | 1u << 28;

	if (addr_bits != 0) {
		usr |= 1u << 30;
		write_reg(0x3ff42020, (addr_bits - 1) << 26);
		write_reg(0x3ff42004, addr << (32 - addr_bits));
	}
	write_reg(0x3ff4202c, 31);
	write_reg(0x3ff4201c, usr);
	write_reg(0x3ff42024, 7u << 28 | cmd);
	write_reg(0x3ff42000, 1u << 18);
	return read_reg(0x3ff42080);
}

static void
test_jedec_and_sfdp_over_spi_registers(void **state)
{
	(void)state;
	bench_init(&t, "esp32");
	assert_int_equal(spi_read(0x9f, 0, 0), 0xffffffff);	/* no pins */
	bench_words(&t, CMD_SPI_ATTACH, 2, 0u, 0u);
	assert_int_equal(spi_read(0x9f, 0, 0), 0x1640ef);
	assert_int_equal(spi_read(0x5a, 24, 0), 0x50444653);
}

static void
test_flash_needs_write_enable_and_only_clears_bits(void **state)
{
	struct flash	f;
	uint8_t		rx[1];

	(void)state;
	assert_int_equal(flash_init(&f, &board_usual.flash, 1 << 20,
	    NULL), 0);
	flash_spi(&f, 0, 0x02, 0x100, (const uint8_t *)"\x0f", 1, rx, 0);
	flash_spi(&f, 0, 0x03, 0x100, NULL, 0, rx, 1);
	assert_int_equal(rx[0], 0xff);
	flash_spi(&f, 0, 0x06, 0, NULL, 0, rx, 0);
	flash_spi(&f, 0, 0x02, 0x100, (const uint8_t *)"\x0f", 1, rx, 0);
	flash_spi(&f, 0, 0x06, 0, NULL, 0, rx, 0);
	flash_spi(&f, 0, 0x02, 0x100, (const uint8_t *)"\xf3", 1, rx, 0);
	flash_spi(&f, 0, 0x03, 0x100, NULL, 0, rx, 1);
	assert_int_equal(rx[0], 0x03);
	flash_spi(&f, 0, 0x06, 0, NULL, 0, rx, 0);
	flash_spi(&f, 0, 0x20, 0xfff, NULL, 0, rx, 0);
	flash_spi(&f, 0, 0x03, 0x100, NULL, 0, rx, 1);
	assert_int_equal(rx[0], 0xff);
	flash_done(&f);
}

static void
test_flash_is_busy_while_it_erases(void **state)
{
	struct flash	f;
	uint8_t		rx[1];

	(void)state;
	assert_int_equal(flash_init(&f, &board_usual.flash, 1 << 20,
	    NULL), 0);
	f.times = flash_typical;
	flash_spi(&f, 0, 0x06, 0, NULL, 0, rx, 0);
	flash_spi(&f, 0, 0xd8, 0, NULL, 0, rx, 0);
	flash_spi(&f, 149999, 0x05, 0, NULL, 0, rx, 1);
	assert_int_equal(rx[0] & 1, 1);
	flash_spi(&f, 150000, 0x05, 0, NULL, 0, rx, 1);
	assert_int_equal(rx[0] & 1, 0);
	flash_done(&f);
}

/* ---- faults ---- */

static void
test_faults_are_read_and_hit_their_byte_once(void **state)
{
	struct fault	f;
	uint8_t		p[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	bool		happens = false;

	(void)state;
	assert_true(fault_parse(&f, "3:drop@tx:10:2"));
	assert_int_equal(f.board, 3);
	assert_int_equal(fault_bytes(&f, FAULT_RX, p, 8, &happens), 8);
	assert_int_equal(fault_bytes(&f, FAULT_TX, p, 8, &happens), 8);
	assert_int_equal(fault_bytes(&f, FAULT_TX, p, 8, &happens), 6);
	assert_int_equal(p[0], 1);
	assert_int_equal(p[1], 4);
	assert_int_equal(fault_bytes(&f, FAULT_TX, p, 6, &happens), 6);
	assert_false(happens);
}

static void
test_faults_count_commands_by_name(void **state)
{
	struct fault	f;

	(void)state;
	assert_true(fault_parse(&f, "2:unplug@cmd:FLASH_DEFL_DATA:2"));
	assert_false(fault_command(&f, CMD_FLASH_DEFL_DATA));
	assert_false(fault_command(&f, CMD_SYNC));
	assert_true(fault_command(&f, CMD_FLASH_DEFL_DATA));
	assert_false(fault_command(&f, CMD_FLASH_DEFL_DATA));
	assert_true(fault_parse(&f, "2:unplug@cmd:DATA:3"));
	assert_false(fault_command(&f, CMD_FLASH_DEFL_DATA));
	assert_false(fault_command(&f, CMD_MEM_DATA));
	assert_false(fault_command(&f, EXT_BLOCK));
	assert_true(fault_command(&f, CMD_FLASH_DATA));
	assert_false(fault_parse(&f, "2:unplug"));
	assert_false(fault_parse(&f, "2:explode@tx:1"));
	assert_false(fault_parse(&f, "2:drop@tx:x"));
}

/* ---- line ---- */

static uint64_t	 clock_us, woken_us;
static size_t	 arrived;

static uint64_t
line_now(void *ctx)
{
	(void)ctx;
	return clock_us;
}

static void
line_arrive(void *ctx, uint8_t *p, size_t len, uint32_t bps)
{
	(void)ctx;
	(void)p;
	(void)bps;
	arrived += len;
}

static void
line_wake(void *ctx, uint64_t us)
{
	(void)ctx;
	woken_us = us;
}

static void
test_a_paced_line_takes_ten_bits_a_byte(void **state)
{
	static const struct line_ops ops = {
		line_now, line_arrive, line_arrive, line_wake
	};
	static struct line l;
	uint8_t		block[1000] = { 0 };

	(void)state;
	clock_us = 0;
	arrived = 0;
	line_init(&l, true, &ops, NULL);
	line_to_chip(&l, block, sizeof(block), 100000);
	while (arrived < sizeof(block)) {
		assert_true(woken_us > 0);
		clock_us += woken_us;
		line_run(&l);
	}
	assert_in_range(clock_us, 100000, 101000);
	line_done(&l);
}

/* Ring until all has arrived; when the first and the last byte did. */
static void
line_follow(struct line *l, size_t all, uint64_t *first, uint64_t *last)
{
	*first = 0;
	while (arrived < all) {
		clock_us += woken_us;
		line_run(l);
		if (*first == 0 && arrived > 0)
			*first = clock_us;
	}
	*last = clock_us;
}

static void
test_latency_delays_both_ways_and_keeps_pauses(void **state)
{
	static const struct line_ops ops = {
		line_now, line_arrive, line_arrive, line_wake
	};
	static struct line l;
	uint8_t		block[1000] = { 0 };
	uint64_t	first, last;

	(void)state;
	for (int paced = 0; paced < 2; paced++) {
		clock_us = 1000000;
		arrived = 0;
		line_init(&l, paced, &ops, NULL);
		l.latency_us = 8000;
		line_to_chip(&l, block, sizeof(block), 100000);
		line_follow(&l, sizeof(block), &first, &last);
		assert_in_range(first, 1008000, paced ? 1010000 : 1008001);
		assert_in_range(last, paced ? 1108000 : 1008000,
		    paced ? 1108100 : 1008001);
		arrived = 0;
		clock_us = 2000000;
		line_to_host(&l, block, 1, 1000000);
		clock_us = 2005000;
		line_to_host(&l, block, 1, 1000000);
		clock_us = 2008020;
		line_run(&l);
		assert_int_equal(arrived, 1);
		line_follow(&l, 2, &first, &last);
		assert_in_range(last, 2013000, 2013020);
		line_done(&l);
	}
}

static void
test_a_wrong_rate_makes_garbage_without_delimiters(void **state)
{
	uint8_t	p[256];

	(void)state;
	memset(p, 0xc0, sizeof(p));
	line_garble(p, sizeof(p), 115200, 921600);
	assert_null(memchr(p, 0xc0, sizeof(p)));
	assert_true(line_rates_fit(115200, 114285));
	assert_false(line_rates_fit(115200, 109714));
	assert_true(line_rates_fit(0, 9600));
}

/* ---- RFC 2217 ---- */

static uint8_t	 said[256];
static size_t	 said_len;
static uint8_t	 got[64];
static size_t	 got_len;
static int	 lines;

static void
telnet_data(void *ctx, const uint8_t *p, size_t len)
{
	(void)ctx;
	memcpy(got + got_len, p, len);
	got_len += len;
}

static void
telnet_reply(void *ctx, const uint8_t *p, size_t len)
{
	(void)ctx;
	memcpy(said + said_len, p, len);
	said_len += len;
}

static void
telnet_baud(void *ctx, uint32_t bps)
{
	(void)ctx;
	assert_int_equal(bps, 921600);
}

static void
telnet_lines(void *ctx, bool dtr, bool rts)
{
	(void)ctx;
	lines = dtr | rts << 1;
}

static void
telnet_purge(void *ctx, bool from, bool to)
{
	(void)ctx;
	(void)from;
	(void)to;
}

static const struct rfc2217_ops telnet_ops = {
	telnet_data, telnet_reply, telnet_baud, telnet_lines, telnet_purge
};

/* `say` as hex, byte by byte; what is answered must be `hear`. */
static void
telnet_case(struct rfc2217 *r, const char *say, const char *hear)
{
	uint8_t	in[64];
	char	out[2 * sizeof(said) + 1];
	int	n = text_unhex(say, in, sizeof(in));

	assert_true(n > 0);
	said_len = 0;
	for (int i = 0; i < n; i++)
		rfc2217_receive(r, in + i, 1);
	text_hex(out, said, said_len);
	assert_string_equal(out, hear);
}

static void
test_rfc2217_is_agreed_on_and_obeyed(void **state)
{
	struct rfc2217	r;
	uint8_t		out[8];

	(void)state;
	rfc2217_init(&r, &telnet_ops, NULL);
	telnet_case(&r, "fffb2c", "fffd2c");		/* WILL: DO */
	telnet_case(&r, "fffb2c", "");			/* said already */
	telnet_case(&r, "fffd00", "fffb00");		/* DO: WILL */
	telnet_case(&r, "fffd01", "fffc01");		/* echo: WONT */
	telnet_case(&r, "fffa2c01000e1000fff0", "fffa2c65000e1000fff0");
	telnet_case(&r, "fffa2c0508fff0", "fffa2c6908fff0");
	assert_int_equal(lines, 1);
	telnet_case(&r, "fffa2c050bfff0", "fffa2c690bfff0");
	assert_int_equal(lines, 3);
	telnet_case(&r, "fffa2c0c03fff0", "fffa2c7003fff0");
	telnet_case(&r, "fffa2c0affff" "fff0", "fffa2c6effff" "fff0");
	got_len = 0;
	telnet_case(&r, "41ffff42", "");
	assert_int_equal(got_len, 3);
	assert_memory_equal(got, "A\xff" "B", 3);
	assert_int_equal(rfc2217_escape((const uint8_t *)"\xff" "1", 2, out),
	    3);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_reset_with_io0_low_enters_download_mode),
		TEST(test_reset_with_io0_high_boots_from_flash),
		TEST(test_both_lines_asserted_pull_neither_pin),
		TEST(test_dtr_alone_does_not_disturb_a_running_loader),
		TEST(test_a_program_stays_started),
		TEST(test_each_circuit_has_its_own_sequence),
		TEST(test_straps_are_sampled_when_en_was_high),
		TEST(test_over_usb_otg_the_loader_is_forced_until_that_is_withdrawn),
		TEST(test_the_watchdog_is_write_protected),
		TEST(test_a_usb_jtag_block_resets_at_once_and_does_not_hold),
		TEST(test_each_rom_shows_its_magic_and_mac),
		TEST(test_sync_is_answered_eight_times_and_so_is_the_refusal_after_it),
		TEST(test_esp8266_answers_with_two_status_bytes),
		TEST(test_a_block_with_a_wrong_checksum_cannot_be_repeated),
		TEST(test_flash_is_not_reachable_before_it_is_attached),
		TEST(test_rom_takes_flash_for_two_megabytes_until_told),
		TEST(test_rom_begin_erases_and_data_is_programmed),
		TEST(test_esp8266_erases_too_much),
		TEST(test_esp32_rate_must_be_scaled_by_its_calibration),
		TEST(test_code_without_a_greeting_does_not_become_a_stub),
		TEST(test_stub_greets_and_answers_sync_with_value_zero),
		TEST(test_stub_acknowledges_first_and_reports_a_bad_stream_later),
		TEST(test_a_wrong_adler_sum_is_noticed_by_rom_and_stub),
		TEST(test_the_rom_of_an_esp32_writes_its_whole_window),
		TEST(test_stub_reads_flash_frame_by_frame),
		TEST(test_stub_stays_when_the_port_is_closed_and_opened),
		TEST(test_work_takes_the_time_of_the_flash),
		TEST(test_jedec_and_sfdp_over_spi_registers),
		TEST(test_flash_needs_write_enable_and_only_clears_bits),
		TEST(test_flash_is_busy_while_it_erases),
		TEST(test_faults_are_read_and_hit_their_byte_once),
		TEST(test_faults_count_commands_by_name),
		TEST(test_a_paced_line_takes_ten_bits_a_byte),
		TEST(test_latency_delays_both_ways_and_keeps_pauses),
		TEST(test_a_wrong_rate_makes_garbage_without_delimiters),
		TEST(test_rfc2217_is_agreed_on_and_obeyed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
