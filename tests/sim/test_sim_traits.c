/* Boards that differ from the usual ones with their chips. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "proto/base/bytes.h"
#include "proto/base/text.h"
#include "proto/serial/cmd.h"
#include "tests/sim/bench.h"
#include "tests/sim/boot.h"
#include "tests/sim/traits.h"

enum {
	INVALID		= 0x0105,	/* as a ROM says it */
	BEYOND		= 0xc000,	/* ...and a stub */
	AT		= 0x10000,	/* where things are written */
	LARGE		= 32 << 20,
	SDATA		= 2048,
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

/* An option as on the command line. */
static void
trait(const char *name, const char *value)
{
	const struct trait_option	*o = trait_options;

	while (strcmp(o->name, name) != 0)
		assert_non_null((++o)->name);
	assert_true(o->take(&traits, value));
}

static bool
trait_taken(const char *name, const char *value)
{
	struct board_traits		 b = board_usual;
	const struct trait_option	*o = trait_options;

	while (strcmp(o->name, name) != 0)
		o++;
	return o->take(&b, value);
}

static void
start(const char *chip)
{
	if (t.board.chip != NULL)
		bench_done(&t);
	bench_init_as(&t, chip, &traits, 4 << 20);
}

static unsigned
words4(uint8_t op, uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
	return bench_status(&t, bench_words(&t, op, 4, a, b, c, d), 0);
}

static uint32_t
read_reg(uint32_t addr)
{
	size_t	n = bench_words(&t, CMD_READ_REG, 1, addr);

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

static void
attach(uint32_t pins)
{
	assert_int_equal(bench_status(&t, bench_words(&t, CMD_SPI_ATTACH, 2,
	    pins, 0u), 0), 0);
}

/* ---- what is burned ---- */

static void
test_a_revision_stands_where_the_manuals_say(void **state)
{
	(void)state;
	trait("revision", "1.1");
	start("esp32c3");
	assert_int_equal(read_reg(0x60008850) >> 18 & 7, 1);
	assert_int_equal(read_reg(0x60008858) >> 24 & 3, 1);
	trait("revision", "3.1");
	start("esp32");
	assert_int_equal(read_reg(0x3ff5a00c) >> 15 & 1, 1);
	assert_int_equal(read_reg(0x3ff5a014) >> 20 & 1, 1);
	assert_int_equal(read_reg(0x3ff6607c) >> 31, 1);
	assert_int_equal(read_reg(0x3ff5a014) >> 24 & 3, 1);
	trait("revision", "1.0");
	start("esp32");
	assert_int_equal(read_reg(0x3ff6607c) >> 31, 0);
	assert_int_equal(read_reg(0x3ff5a014) >> 20 & 1, 0);
	trait("revision", "5.2");
	start("esp32p4");
	assert_int_equal(read_reg(0x5012d04c) & 0x80003f, 0x800012);
}

static void
test_a_word_of_the_fuses_can_be_given(void **state)
{
	(void)state;
	trait("efuse", "0x60008854=0x12345678");
	trait("efuse", "0x60008850=0");
	start("esp32c3");
	assert_int_equal(read_reg(0x60008854), 0x12345678);
	assert_int_equal(read_reg(0x60008850), 0);
	/* It is burned: nothing that a host writes changes it. */
	write_reg(0x60008854, 1);
	assert_int_equal(read_reg(0x60008854), 0x12345678);
}

static void
test_what_is_no_trait_is_refused(void **state)
{
	(void)state;
	assert_false(trait_taken("revision", "3"));
	assert_false(trait_taken("revision", "3.x"));
	assert_false(trait_taken("xtal", "41"));
	assert_false(trait_taken("efuse", "0x60008854"));
	assert_false(trait_taken("efuse", "0x60008855=1"));
	assert_false(trait_taken("secure-boot", "3"));
	assert_false(trait_taken("flash-key", "/nonexistent"));
	assert_false(trait_taken("spi-pins", "1,2,3,4"));
	assert_false(trait_taken("spi-pins", "1,2,3,4,5,6"));
	assert_false(trait_taken("spi-pins", "1,2,3,4,64"));
	assert_false(trait_taken("flash-is", "octal,large"));
	assert_false(trait_taken("flash-status", "0x1000000"));
}

static bool
possible(const char *chip, const char *name, const char *value)
{
	static struct board	 b;
	const struct board	*like = &t.board;
	int			 r;

	traits = board_usual;
	start("esp8266");
	trait(name, value);
	r = board_init(&b, simchip_find(chip), &traits, 0, 1 << 20, NULL,
	    like->ops, like->ctx);
	board_done(&b);
	assert_true(r == 0 || r == -EOPNOTSUPP);
	return r == 0;
}

static void
test_a_chip_cannot_have_what_it_has_no_fuse_for(void **state)
{
	(void)state;
	assert_false(possible("esp8266", "secure-boot", "2"));
	assert_false(possible("esp8266", "flash-encryption", NULL));
	assert_false(possible("esp32", "secure-download", NULL));
	assert_false(possible("esp32c3", "secure-boot", "1"));
	assert_false(possible("esp32c3", "flash-is", "octal"));
	assert_true(possible("esp32", "secure-boot", "1"));
	assert_true(possible("esp32s3", "flash-is", "octal"));
}

static void
test_the_crystal_shows_in_the_divider_and_in_the_rates(void **state)
{
	(void)state;
	trait("xtal", "26");
	start("esp32");
	assert_int_equal(read_reg(0x3ff40014), 26000000 / 115200);
	/* 546 cycles: the ROM believes in 27.3 MHz. */
	assert_int_equal(read_reg(0x3ff5f06c) >> 7, 546);
	assert_int_equal(bench_status(&t, bench_words(&t, CMD_CHANGE_BAUDRATE,
	    2, 230400u * 105 / 100, 0u), 0), 0);
	assert_int_equal(t.board.bps, 230400);
	start("esp32c2");
	assert_int_equal(t.board.bps, 74880);
	(void)bench_words(&t, CMD_CHANGE_BAUDRATE, 2, 400000u, 0u);
	assert_int_equal(t.board.bps, 260000);
	traits = board_usual;
	trait("xtal", "40");
	start("esp32c5");
	(void)bench_words(&t, CMD_CHANGE_BAUDRATE, 2, 480000u, 0u);
	assert_int_equal(t.board.bps, 400000);
}

/* ---- locked ---- */

static void
test_secure_download_takes_eight_commands(void **state)
{
	static const uint8_t	taken[] = {
		CMD_SYNC, CMD_FLASH_BEGIN, CMD_FLASH_DATA, CMD_FLASH_END,
		CMD_SPI_ATTACH, CMD_SPI_SET_PARAMS, CMD_CHANGE_BAUDRATE,
		CMD_GET_SECURITY_INFO
	};

	(void)state;
	trait("secure-download", NULL);
	for (unsigned op = CMD_FLASH_BEGIN; op <= CMD_GET_SECURITY_INFO; op++) {
		bool	known = memchr(taken, (int)op, sizeof(taken)) != NULL;
		size_t	n;

		start("esp32c3");
		n = bench_words(&t, (uint8_t)op, 1, 0x40001000u);
		assert_int_equal(t.reply[1] == op, known);
		if (!known)
			assert_int_equal(bench_status(&t, n, 0), INVALID);
	}
	start("esp32c3");
	(void)bench_words(&t, CMD_GET_SECURITY_INFO, 0);
	assert_int_equal(le32_get(t.reply + CMD_HEADER), 1 << 2);
}

static void
test_secure_download_still_writes(void **state)
{
	uint8_t	data[1024], back[1024];

	(void)state;
	memset(data, 0xa5, sizeof(data));
	trait("secure-download", NULL);
	start("esp32s2");
	attach(0);
	assert_int_equal(bench_status(&t, bench_words(&t, CMD_FLASH_BEGIN, 5,
	    1024u, 1u, 1024u, AT, 0u), 0), 0);
	assert_int_equal(bench_status(&t, bench_block(&t, CMD_FLASH_DATA, 0,
	    data, sizeof(data)), 0), 0);
	flash_read(&t.board.flash, AT, back, sizeof(back));
	assert_memory_equal(data, back, sizeof(data));
	/* Without SET_PARAMS the ROM knows of 2 MB. */
	assert_int_equal(bench_status(&t, bench_words(&t, CMD_FLASH_BEGIN, 5,
	    1024u, 1u, 1024u, 2u << 20, 0u), 0), 0x0106);
}

static void
test_two_chips_keep_their_rate_in_secure_download(void **state)
{
	static const char *const	keep[] = { "esp32c2", "esp32c5" };

	(void)state;
	trait("secure-download", NULL);
	for (size_t i = 0; i < 2; i++) {
		start(keep[i]);
		(void)bench_words(&t, CMD_CHANGE_BAUDRATE, 2, 460800u, 0u);
		assert_int_equal(t.board.bps, 115200);
	}
	start("esp32c6");
	(void)bench_words(&t, CMD_CHANGE_BAUDRATE, 2, 460800u, 0u);
	assert_int_equal(t.board.bps, 460800);
}

static void
test_secure_boot_of_the_s3_starts_a_stub_by_its_hook_only(void **state)
{
	const uint32_t	hook = 0x3fcef688;
	uint32_t	rom;

	(void)state;
	trait("secure-boot", "2");
	start("esp32s3");
	(void)bench_words(&t, CMD_GET_SECURITY_INFO, 0);
	assert_int_equal(le32_get(t.reply + CMD_HEADER) & 1, 1);
	bench_stub(&t);
	assert_int_equal(t.board.mode, BOARD_ROM);
	assert_int_equal(bench_status(&t, bench_frame(&t), 0), INVALID);
	(void)bench_words(&t, CMD_MEM_END, 2, 1u, 0u);
	rom = read_reg(hook);
	assert_int_not_equal(rom, 0);
	write_reg(hook, 0x40378000);
	(void)bench_words(&t, CMD_READ_FLASH_SLOW, 2, 0u, 0u);
	assert_int_equal(t.board.mode, BOARD_STUB);
	assert_memory_equal(t.reply, "OHAI", 4);
}

static void
test_stubs_that_do_not_run_say_nothing(void **state)
{
	(void)state;
	trait("secure-boot", "2");
	start("esp32c3");
	bench_stub(&t);
	assert_int_equal(t.board.mode, BOARD_APP);
	traits = board_usual;
	trait("revision", "0.0");
	start("esp32c2");
	bench_stub(&t);
	assert_int_equal(t.board.mode, BOARD_APP);
}

/* ---- encryption ---- */

/* Write `len` bytes by the loader that runs, in blocks; its last status. */
static unsigned
write_encrypted(const uint8_t *data, uint32_t len, uint32_t block)
{
	uint32_t	blocks = (len + block - 1) / block;
	unsigned	e;

	e = bench_status(&t, bench_words(&t, CMD_FLASH_BEGIN, 5, len, blocks,
	    block, AT, 1u), 0);
	for (uint32_t i = 0; i < blocks && e == 0; i++) {
		uint32_t	n = len - i * block < block ? len - i * block :
		    block;

		e = bench_status(&t, bench_block(&t, CMD_FLASH_DATA, i,
		    data + i * block, n), 0);
	}
	return e;
}

static unsigned
deflate_encrypted(const uint8_t *data, uint32_t len, uint32_t block)
{
	static uint8_t	packed[2 * SDATA];
	uLongf		size = sizeof(packed);
	uint32_t	blocks, n;
	unsigned	e;

	assert_int_equal(compress2(packed, &size, data, len, 9), Z_OK);
	blocks = ((uint32_t)size + block - 1) / block;
	e = bench_status(&t, bench_words(&t, CMD_FLASH_DEFL_BEGIN, 5, len,
	    blocks, block, AT, 1u), 0);
	for (uint32_t i = 0; i < blocks && e == 0; i++) {
		n = (uint32_t)size - i * block;
		e = bench_status(&t, bench_block(&t, CMD_FLASH_DEFL_DATA, i,
		    packed + i * block, n < block ? n : block), 0);
	}
	return e;
}

static void
pattern(uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)(i * 7 + i / 256 + (i & 0x55));
}

/* What is in flash is the data's ciphertext, and its plain text after that. */
static void
check_sealed(const uint8_t *data, uint32_t len)
{
	uint8_t	back[SDATA];

	flash_read(&t.board.flash, AT, back, len);
	assert_memory_not_equal(back, data, len);
	assert_true(crypt_run(&t.board.crypt, true, AT, back, len));
	assert_memory_equal(back, data, len);
	flash_read(&t.board.flash, AT + len, back, 16);
	assert_memory_equal(back, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
}

static void
test_encrypted_writes_leave_ciphertext(void **state)
{
	static const char *const	chips[] = {
		"esp32", "esp32s2", "esp32s3", "esp32c2", "esp32c3", "esp32p4"
	};
	uint8_t	data[SDATA];

	(void)state;
	pattern(data, sizeof(data));
	for (size_t i = 0; i < sizeof(chips) / sizeof(chips[0]); i++) {
		start(chips[i]);
		bench_stub(&t);
		assert_int_equal(write_encrypted(data, SDATA, 1024), 0);
		check_sealed(data, SDATA);
		assert_int_equal(deflate_encrypted(data, SDATA, 333), 0);
		check_sealed(data, SDATA);
	}
}

static void
test_a_rom_encrypts_when_begin_says_so(void **state)
{
	uint8_t	data[SDATA];

	(void)state;
	pattern(data, sizeof(data));
	start("esp32c6");
	attach(0);
	assert_int_equal(write_encrypted(data, SDATA, 1024), 0);
	check_sealed(data, SDATA);
	assert_int_equal(deflate_encrypted(data, SDATA, 1024), 0);
	check_sealed(data, SDATA);
}

static void
test_reading_encrypted_flash_gives_its_ciphertext(void **state)
{
	uint8_t	data[64], raw[64];

	(void)state;
	pattern(data, sizeof(data));
	start("esp32c3");
	attach(0);
	assert_int_equal(write_encrypted(data, sizeof(data), 64), 0);
	flash_read(&t.board.flash, AT, raw, sizeof(raw));
	(void)bench_words(&t, CMD_READ_FLASH_SLOW, 2, (uint32_t)AT, 64u);
	assert_memory_equal(t.reply + CMD_HEADER, raw, sizeof(raw));
	assert_memory_not_equal(raw, data, sizeof(raw));
}

static void
test_the_loader_does_not_encrypt_when_a_fuse_forbids_it(void **state)
{
	uint8_t	data[64], raw[64];

	(void)state;
	pattern(data, sizeof(data));
	trait("flash-encryption", NULL);
	trait("no-encrypt", NULL);
	start("esp32c3");
	attach(0);
	assert_int_equal(write_encrypted(data, sizeof(data), 64), INVALID);
	bench_stub(&t);
	assert_int_equal(write_encrypted(data, sizeof(data), 64), 0xc400);
	flash_read(&t.board.flash, AT, raw, sizeof(raw));
	assert_int_equal(raw[0], 0xff);
}

static void
test_fuses_tell_of_encryption(void **state)
{
	(void)state;
	trait("flash-encryption", NULL);
	start("esp32");
	assert_int_equal(read_reg(0x3ff5a000) >> 20 & 0x7f, 1);
	assert_int_equal(read_reg(0x3ff5a014) >> 28, 0xf);
	assert_int_equal(read_reg(0x3ff5a000) >> 16 & 1, 1);
	start("esp32h4");
	(void)bench_words(&t, CMD_GET_SECURITY_INFO, 0);
	assert_int_equal(t.reply[CMD_HEADER + 4], 1);	/* count */
	assert_int_equal(t.reply[CMD_HEADER + 5], 4);	/* XTS-AES-128 */
	assert_int_equal(read_reg(0x600b1834) & 0x1f, 4);
}

static void
test_an_encrypted_program_boots(void **state)
{
	uint8_t	first;

	(void)state;
	trait("flash-encryption", NULL);
	for (size_t i = 0; i < 2; i++) {
		start(i == 0 ? "esp32" : "esp32c3");
		board_program(&t.board);
		flash_read(&t.board.flash, t.board.chip->boot_offset, &first,
		    1);
		assert_int_not_equal(first, 0xe9);
		board_lines(&t.board, false, true);
		board_lines(&t.board, false, false);
		bench_ring(&t, ALARM_EN);
		assert_true(bench_heard(&t, "entry 0x"));
	}
}

/*
 * Ciphertexts by espsecure encrypt-flash-data of 32 bytes 00 01 .. 1f at
 * 0x10000, with the key 00 01 .. 1f.
 */
static void
test_ciphertexts_are_those_of_the_chips(void **state)
{
	static const struct {
		enum crypt_scheme	 scheme;
		const char		*hex;
	} known[] = {
		{ CRYPT_ESP32, "83630c7cfe5f7a97258302bbf469bbaa"
		    "d1ee15f32aa45a1b5a3239e452effdcd" },
		{ CRYPT_XTS, "2c2a288e9e96647587883012b81d1739"
		    "6a80540eebdd2f9e323e7017d6d650de" },
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct crypt	c;
		uint8_t		key[32], data[32], want[32];

		for (uint8_t k = 0; k < 32; k++)
			key[k] = data[k] = k;
		assert_true(crypt_init(&c, known[i].scheme, key, sizeof(key)));
		c.config = 0xf;
		assert_true(crypt_run(&c, false, 0x10000, data, sizeof(data)));
		assert_int_equal(text_unhex(known[i].hex, want, sizeof(want)),
		    32);
		assert_memory_equal(data, want, sizeof(want));
	}
}

/* ---- flash ---- */

static void
test_a_flash_on_other_pins_needs_them_named(void **state)
{
	(void)state;
	trait("spi-pins", "6,7,8,9,11");
	start("esp32");
	assert_int_equal(t.board.traits.spi_pins, 0x092c81c6);
	attach(0);
	assert_int_equal(words4(CMD_FLASH_BEGIN, 1024, 1, 1024, AT), 0x0106);
	attach(0x092c81c6);
	assert_int_equal(words4(CMD_FLASH_BEGIN, 1024, 1, 1024, AT), 0);
	trait("spi-pins", "HSPI");
	start("esp32");
	attach(1);
	assert_int_equal(words4(CMD_FLASH_BEGIN, 1024, 1, 1024, AT), 0);
}

/* The read-id command by the registers of a newer chip. */
static uint32_t
flash_id(uint32_t spi)
{
	write_reg(spi + 0x18, 1u << 28 | 1u << 31);
	write_reg(spi + 0x28, 23);
	write_reg(spi + 0x20, 7u << 28 | 0x9f);
	write_reg(spi, 1 << 18);
	return read_reg(spi + 0x58) & 0xffffff;
}

static void
test_a_second_flash_is_chosen_by_its_pins(void **state)
{
	uint8_t	back[1];

	(void)state;
	trait("second-flash", "HSPI");
	start("esp32");
	attach(0);
	assert_int_equal(words4(CMD_FLASH_BEGIN, 4, 1, 4, AT), 0);
	(void)bench_block(&t, CMD_FLASH_DATA, 0, "1111", 4);
	attach(1);
	assert_int_equal(t.board.flash.size, 8 << 20);
	assert_int_equal(words4(CMD_FLASH_BEGIN, 4, 1, 4, AT), 0);
	(void)bench_block(&t, CMD_FLASH_DATA, 0, "2222", 4);
	flash_read(&t.board.flash, AT, back, 1);
	assert_int_equal(back[0], '2');
	/* A reset brings the first one back. */
	board_reset(&t.board, "");
	assert_int_equal(t.board.flash.size, 4 << 20);
	flash_read(&t.board.flash, AT, back, 1);
	assert_int_equal(back[0], '1');
}

static void
test_some_roms_have_attached_the_flash_already(void **state)
{
	(void)state;
	start("esp32s2");
	assert_int_equal(flash_id(0x3f402000), 0x1640ef);
	start("esp32p4");
	assert_int_equal(flash_id(0x5008d000), 0x1640ef);
	start("esp32s3");
	assert_int_equal(flash_id(0x60002000), 0xffffff);
	attach(0);
	assert_int_equal(flash_id(0x60002000), 0x1640ef);
}

static struct flash *
flash_with(const char *name, const char *value)
{
	traits = board_usual;
	trait(name, value);
	start("esp32s3");
	return &t.board.flash;
}

static uint8_t
spi(struct flash *f, uint8_t cmd, uint32_t addr, const char *tx, size_t len)
{
	uint8_t	rx[1];

	flash_spi(f, 0, cmd, addr, (const uint8_t *)tx, len, rx, 1);
	return rx[0];
}

static void
test_a_flash_may_have_no_sfdp(void **state)
{
	struct flash	*f = flash_with("flash-is", "no-sfdp");

	(void)state;
	assert_int_equal(spi(f, 0x5a, 0, NULL, 0), 0xff);
	assert_int_equal(spi(f, 0x9f, 0, NULL, 0), 0xef);
}

static void
test_an_octal_flash_is_told_of_by_its_fuse_and_its_maker(void **state)
{
	struct flash	*f = flash_with("flash-is", "octal");

	(void)state;
	assert_int_equal(spi(f, 0x9f, 0, NULL, 0), 0xc2);
	assert_int_equal(read_reg(0x6000703c) >> 9 & 1, 1);
}

static void
test_an_xmc_flash_starts_well_only_after_a_deep_sleep(void **state)
{
	struct flash	*f = flash_with("flash-is", "xmc-failed");
	uint8_t		 id[3];

	(void)state;
	flash_spi(f, 0, 0x9f, 0, NULL, 0, id, sizeof(id));
	assert_memory_equal(id, "\x20\xff\xff", 3);
	assert_int_equal(spi(f, 0x5a, 0x10, NULL, 0), 0x20);
	(void)flash_program(f, 0, "\0", 1);
	assert_int_equal(spi(f, 0x03, 0, NULL, 0), 0xff);
	/* The usual sleep alone mends nothing. */
	(void)spi(f, 0xb9, 0, NULL, 0);
	(void)spi(f, 0xab, 0, NULL, 0);
	flash_spi(f, 0, 0x9f, 0, NULL, 0, id, sizeof(id));
	assert_int_equal(id[1], 0xff);
	(void)spi(f, 0xb9, 0, NULL, 0);
	(void)spi(f, 0x79, 0, NULL, 0);
	(void)spi(f, 0xff, 0, NULL, 0);
	(void)spi(f, 0xab, 0, NULL, 0);
	flash_spi(f, 0, 0x9f, 0, NULL, 0, id, sizeof(id));
	assert_memory_equal(id, "\x20\x40\x16", 3);
	flash_power(f);
	flash_spi(f, 0, 0x9f, 0, NULL, 0, id, sizeof(id));
	assert_int_equal(id[1], 0xff);
}

static void
test_a_volatile_status_is_gone_with_the_power(void **state)
{
	struct flash	*f = flash_with("flash-status", "0x000200");

	(void)state;
	assert_int_equal(spi(f, 0x35, 0, NULL, 0), 0x02);
	(void)spi(f, 0x50, 0, NULL, 0);
	(void)spi(f, 0x31, 0, "\x03", 1);
	assert_int_equal(spi(f, 0x35, 0, NULL, 0), 0x03);
	flash_power(f);
	assert_int_equal(spi(f, 0x35, 0, NULL, 0), 0x02);
	(void)spi(f, 0x06, 0, NULL, 0);
	(void)spi(f, 0x31, 0, "\x03", 1);
	flash_power(f);
	assert_int_equal(spi(f, 0x35, 0, NULL, 0), 0x03);
	/* 0x50 lets nothing but the status be written. */
	(void)spi(f, 0x50, 0, NULL, 0);
	(void)spi(f, 0x02, 0, "\0", 1);
	assert_int_equal(spi(f, 0x03, 0, NULL, 0), 0xff);
}

static void
test_fixed_status_bits_do_not_change(void **state)
{
	struct flash	*f;

	(void)state;
	traits = board_usual;
	trait("flash-status", "0x040000");
	trait("flash-fixed", "0x050080");
	start("esp32s3");
	f = &t.board.flash;
	(void)spi(f, 0x06, 0, NULL, 0);
	(void)spi(f, 0x11, 0, "\xff", 1);
	assert_int_equal(spi(f, 0x15, 0, NULL, 0), 0xfe);
	(void)spi(f, 0x06, 0, NULL, 0);
	(void)spi(f, 0x01, 0, "\xe0", 1);
	assert_int_equal(spi(f, 0x05, 0, NULL, 0), 0x60);
}

static void
test_loaders_lift_the_protection_if_they_can(void **state)
{
	struct flash	*f = flash_with("flash-status", "0x1c");

	(void)state;
	(void)flash_program(f, AT, "\0", 1);
	assert_int_equal(spi(f, 0x03, AT, NULL, 0), 0xff);
	bench_stub(&t);
	assert_int_equal(bench_status(&t, bench_words(&t, CMD_ERASE_REGION, 2,
	    (uint32_t)AT, 4096u), 0), 0);
	assert_false(flash_protected(f));
	trait("flash-fixed", "0x1c");
	start("esp32s3");
	attach(0);
	assert_int_equal(bench_status(&t, bench_words(&t, CMD_FLASH_BEGIN, 5,
	    1024u, 1u, 1024u, AT, 0u), 0), 0x0106);
	bench_stub(&t);
	assert_int_equal(bench_status(&t, bench_words(&t, CMD_ERASE_FLASH, 0),
	    0), 0xc500);
}

static void
test_three_address_bytes_reach_16_mb(void **state)
{
	struct flash	*f = &t.board.flash;
	uint8_t		 back[1];

	(void)state;
	bench_init_as(&t, "esp32s3", &board_usual, LARGE);
	(void)spi(f, 0x06, 0, NULL, 0);
	(void)spi(f, 0x02, LARGE - 256, "\x11", 1);
	(void)spi(f, 0x06, 0, NULL, 0);
	(void)spi(f, 0x12, LARGE - 256, "\x22", 1);
	flash_read(f, LARGE / 2 - 256, back, 1);
	assert_int_equal(back[0], 0x11);
	flash_read(f, LARGE - 256, back, 1);
	assert_int_equal(back[0], 0x22);
}

static void
test_some_stubs_reach_beyond_16_mb(void **state)
{
	static const struct { const char *chip; bool far; } known[] = {
		{ "esp32", false }, { "esp32s3", true }, { "esp32c5", true },
		{ "esp32c6", false }, { "esp32p4", true },
	};
	uint8_t	there[1], back[1];

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		bench_init_as(&t, known[i].chip, &board_usual, LARGE);
		bench_stub(&t);
		assert_int_equal(words4(CMD_FLASH_BEGIN, 4, 1, 4,
		    LARGE / 2 + AT), known[i].far ? 0 : BEYOND);
		(void)bench_block(&t, CMD_FLASH_DATA, 0, "1234", 4);
		(void)bench_words(&t, CMD_FLASH_END, 1, 1u);
		flash_read(&t.board.flash, LARGE / 2 + AT, there, 1);
		flash_read(&t.board.flash, AT, back, 1);
		assert_int_equal(there[0] == '1', known[i].far);
		assert_int_equal(back[0], 0xff);
		bench_done(&t);
		t.board.chip = NULL;
	}
}

/* ---- the rest of the quirks ---- */

static void
test_a_program_in_ram_says_its_text(void **state)
{
	static const char	stub[] = "xRo&bo(ro'Eb\0OHAI";
	static const char	image[] = "\x36\x41\0code\0abc\0Hello world!\n";

	(void)state;
	start("esp8266");
	/* Code may look like text; and a stub's is no program's. */
	(void)bench_words(&t, CMD_MEM_BEGIN, 4, (uint32_t)sizeof(stub), 1u,
	    0x1800u, 0x40108000u);
	(void)bench_block(&t, CMD_MEM_DATA, 0, stub, sizeof(stub));
	(void)bench_words(&t, CMD_MEM_END, 2, 0u, 0x40108000u);
	assert_int_equal(t.board.mode, BOARD_STUB);
	(void)bench_words(&t, CMD_MEM_BEGIN, 4, (uint32_t)sizeof(image), 1u,
	    0x1800u, 0x40108000u);
	(void)bench_block(&t, CMD_MEM_DATA, 0, image, sizeof(image));
	(void)bench_words(&t, CMD_MEM_END, 2, 0u, 0x40108000u);
	/* First the loader's answer, then the program. */
	assert_int_equal(t.reply[1], CMD_MEM_END);
	assert_int_equal(t.board.mode, BOARD_APP);
	assert_true(bench_heard(&t, "Hello world!\n"));
	buf_clear(&t.heard);
	bench_wait(&t, 1000000);
	assert_true(bench_heard(&t, "Hello world!\nHello world!\n"));
	board_lines(&t.board, false, true);
	buf_clear(&t.heard);
	bench_wait(&t, 1000000);
	assert_int_equal(t.heard.len, 0);
}

static void
test_a_running_stub_answers_sync_with_value_0(void **state)
{
	static const uint8_t	sync[CMD_SYNC_LEN] = { 7, 7, 0x12, 0x20, 'U' };
	size_t			n;

	(void)state;
	start("esp32");
	n = bench_ask(&t, CMD_SYNC, 0, sync, sizeof(sync));
	assert_int_equal(bench_status(&t, n, 0), 0);
	assert_int_not_equal(le32_get(t.reply + 4), 0);
	bench_stub(&t);
	/* The port is closed and opened: both lines rise and fall. */
	board_lines(&t.board, true, true);
	board_lines(&t.board, false, false);
	n = bench_ask(&t, CMD_SYNC, 0, sync, sizeof(sync));
	assert_int_equal(bench_status(&t, n, 0), 0);
	assert_int_equal(le32_get(t.reply + 4), 0);
}

/* The P4's sequence for its flash's supply; esp-idf, "pmu_ll". */
static void
power_on_p4(void)
{
	const uint32_t	ldo = 0x501151b8, analog = 0x501151bc;
	const uint32_t	date = 0x501153fc;

	write_reg(0x5011010c, 1);
	write_reg(analog, read_reg(analog) | 1 << 27);
	write_reg(ldo, read_reg(ldo) | 1 << 7);
	write_reg(date, read_reg(date) | 3);
	write_reg(analog, read_reg(analog) & ~(1u << 27));
	write_reg(ldo, read_reg(ldo) & ~(0xffu << 23));
	write_reg(ldo, read_reg(ldo) & ~(1u << 7));
}

static void
test_a_late_p4_powers_its_flash_when_told_to(void **state)
{
	(void)state;
	trait("revision", "3.1");
	start("esp32p4");
	attach(0);
	assert_int_equal(flash_id(0x5008d000), 0xffffff);
	power_on_p4();
	assert_int_equal(flash_id(0x5008d000), 0x1640ef);
	traits = board_usual;
	start("esp32p4");
	assert_int_equal(flash_id(0x5008d000), 0x1640ef);
}

static void
test_a_p4_with_its_fuse_powers_its_flash_once(void **state)
{
	(void)state;
	trait("revision", "3.2");
	trait("efuse", "0x5012d034=0x10000");
	start("esp32p4");
	assert_int_equal(flash_id(0x5008d000), 0x1640ef);
	board_lines(&t.board, false, true);
	board_lines(&t.board, true, false);
	bench_ring(&t, ALARM_EN);
	assert_int_equal(flash_id(0x5008d000), 0xffffff);
	write_reg(0x501153fc, read_reg(0x501153fc) & ~3u);
	assert_int_equal(flash_id(0x5008d000), 0x1640ef);
}

static void
test_watchdogs_bite_who_does_not_stop_them(void **state)
{
	(void)state;
	trait("watchdogs", NULL);
	start("esp32c3");
	assert_int_not_equal(t.alarm[ALARM_DOG], ALARM_OFF);
	bench_ring(&t, ALARM_DOG);
	assert_true(bench_heard(&t, "rst:0x10 (RTCWDT_RTC_RST)"));
	start("esp32c3");
	write_reg(0x600080a8, 0x50d83aa1);
	write_reg(0x60008090, 0);
	write_reg(0x600080ac, 1u << 31);	/* still protected */
	assert_int_not_equal(t.alarm[ALARM_DOG], ALARM_OFF);
	write_reg(0x600080b0, 0x8f1d312a);
	write_reg(0x600080ac, 1u << 31);
	assert_int_equal(t.alarm[ALARM_DOG], ALARM_OFF);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		TEST(test_a_revision_stands_where_the_manuals_say),
		TEST(test_a_word_of_the_fuses_can_be_given),
		TEST(test_what_is_no_trait_is_refused),
		TEST(test_a_chip_cannot_have_what_it_has_no_fuse_for),
		TEST(test_the_crystal_shows_in_the_divider_and_in_the_rates),
		TEST(test_secure_download_takes_eight_commands),
		TEST(test_secure_download_still_writes),
		TEST(test_two_chips_keep_their_rate_in_secure_download),
		TEST(test_secure_boot_of_the_s3_starts_a_stub_by_its_hook_only),
		TEST(test_stubs_that_do_not_run_say_nothing),
		TEST(test_encrypted_writes_leave_ciphertext),
		TEST(test_a_rom_encrypts_when_begin_says_so),
		TEST(test_reading_encrypted_flash_gives_its_ciphertext),
		TEST(test_the_loader_does_not_encrypt_when_a_fuse_forbids_it),
		TEST(test_fuses_tell_of_encryption),
		TEST(test_an_encrypted_program_boots),
		TEST(test_ciphertexts_are_those_of_the_chips),
		TEST(test_a_flash_on_other_pins_needs_them_named),
		TEST(test_a_second_flash_is_chosen_by_its_pins),
		TEST(test_some_roms_have_attached_the_flash_already),
		TEST(test_a_flash_may_have_no_sfdp),
		TEST(test_an_octal_flash_is_told_of_by_its_fuse_and_its_maker),
		TEST(test_an_xmc_flash_starts_well_only_after_a_deep_sleep),
		TEST(test_a_volatile_status_is_gone_with_the_power),
		TEST(test_fixed_status_bits_do_not_change),
		TEST(test_loaders_lift_the_protection_if_they_can),
		TEST(test_three_address_bytes_reach_16_mb),
		TEST(test_some_stubs_reach_beyond_16_mb),
		TEST(test_a_program_in_ram_says_its_text),
		TEST(test_a_running_stub_answers_sync_with_value_0),
		TEST(test_a_late_p4_powers_its_flash_when_told_to),
		TEST(test_a_p4_with_its_fuse_powers_its_flash_once),
		TEST(test_watchdogs_bite_who_does_not_stop_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
