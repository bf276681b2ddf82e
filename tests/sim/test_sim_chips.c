/* What differs between the simulated chips. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "proto/base/bytes.h"
#include "proto/serial/cmd.h"
#include "tests/sim/bench.h"
#include "tests/sim/boot.h"

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

static void
each(void (*fn)(const struct simchip *))
{
	for (size_t i = 0; simchips[i] != NULL; i++) {
		bench_init(&t, simchips[i]->name);
		fn(simchips[i]);
		bench_done(&t);
		t.board.chip = NULL;
	}
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

/* ---- every row ---- */

static void
check_secinfo(const struct simchip *c)
{
	size_t		 n = bench_words(&t, CMD_GET_SECURITY_INFO, 0);
	const uint8_t	*d = t.reply + CMD_HEADER;

	if (!(c->caps & SIM_SECINFO)) {
		assert_int_not_equal(t.reply[1], CMD_GET_SECURITY_INFO);
		return;
	}
	assert_int_equal(t.reply[1], CMD_GET_SECURITY_INFO);
	assert_int_equal(bench_status(&t, n, c->secinfo_len), 0);
	assert_int_equal(n, CMD_HEADER + c->secinfo_len + c->status_len);
	assert_int_equal(le32_get(d), 0);
	if (strcmp(c->name, "esp32s2") == 0)
		assert_int_equal(c->secinfo_len, 12);
	else
		assert_int_equal(le32_get(d + 12), c->chip_id);
}

static void
test_security_info_names_the_chip(void **state)
{
	(void)state;
	each(check_secinfo);
}

static void
check_mac(const struct simchip *c)
{
	uint8_t		mac[8];

	if (c->mac == SIM_MAC_ESP8266) {
		assert_int_equal(read_reg(c->mac_addr + 12) & 0xffffff,
		    0x5ccf7f);
		return;
	}
	be32_put(mac, read_reg(c->mac_addr + 4));
	be32_put(mac + 4, read_reg(c->mac_addr));
	assert_memory_equal(mac + 2, t.board.mac, 6);
	if (c->caps & SIM_EUI64)
		assert_memory_equal(mac, "\xff\xfe", 2);
}

static void
test_every_chip_has_its_mac_in_its_fuses(void **state)
{
	(void)state;
	each(check_mac);
}

static void
check_stub(const struct simchip *c)
{
	bench_stub(&t);
	assert_int_equal(t.board.mode, c->caps & SIM_NO_STUB ? BOARD_APP :
	    BOARD_STUB);
}

static void
test_a_stub_runs_where_there_is_one(void **state)
{
	(void)state;
	each(check_stub);
}

static void
check_boot(const struct simchip *c)
{
	buf_clear(&t.heard);
	board_lines(&t.board, false, true);
	board_lines(&t.board, true, false);
	bench_ring(&t, ALARM_EN);
	assert_int_equal(t.board.mode, BOARD_ROM);
	assert_int_equal(bench_heard(&t, "waiting for download\r\n"),
	    strcmp(c->name, "esp8266") != 0);
	board_program(&t.board);
	board_lines(&t.board, false, true);
	board_lines(&t.board, false, false);
	bench_ring(&t, ALARM_EN);
	assert_int_equal(t.board.mode, BOARD_APP);
	assert_true(bench_heard(&t, "entry 0x"));
}

static void
test_every_chip_boots_as_its_pin_says(void **state)
{
	(void)state;
	each(check_boot);
}

static void
check_begin(const struct simchip *c)
{
	size_t	n;

	if (c->caps & SIM_ATTACH)
		(void)bench_words(&t, CMD_SPI_ATTACH, 2, 0u, 0u);
	n = bench_words(&t, CMD_FLASH_BEGIN, c->begin_words, 4096u, 4u, 1024u,
	    0x10000u, 0u);
	assert_int_equal(bench_status(&t, n, 0), 0);
	n = bench_words(&t, CMD_FLASH_BEGIN, 9 - c->begin_words, 4096u, 4u,
	    1024u, 0x10000u, 0u);
	assert_int_equal(bench_status(&t, n, 0), 0x0105);
}

static void
test_begin_has_as_many_words_as_the_rom_knows(void **state)
{
	(void)state;
	each(check_begin);
}

static void
write_reg(uint32_t addr, uint32_t value)
{
	size_t	n = bench_words(&t, CMD_WRITE_REG, 4, addr, value, UINT32_MAX,
	    0u);

	assert_int_equal(bench_status(&t, n, 0), 0);
}

/* CONFIG1, CONFIG0 behind the write protection: TRM, "watchdog timers". */
static void
check_watchdog(const struct simchip *c)
{
	if (c->wdt_addr == 0)
		return;
	write_reg(c->wdt_addr, 1u << 31);
	assert_int_equal(t.alarm[ALARM_RESTART], ALARM_OFF);
	write_reg(c->wdt_protect, 0x50d83aa1);
	write_reg(c->wdt_addr + 4, 2000);
	write_reg(c->wdt_addr, 1u << 31 | 5 << 28 | 1 << 8 | 2);
	write_reg(c->wdt_protect, 0);
	assert_int_not_equal(t.alarm[ALARM_RESTART], ALARM_OFF);
	bench_ring(&t, ALARM_RESTART);
	assert_int_equal(t.board.mode, BOARD_APP);
	assert_true(bench_heard(&t, c->rst_wdt));
}

static void
test_a_watchdog_restarts_its_chip(void **state)
{
	(void)state;
	each(check_watchdog);
}

static void
check_force(const struct simchip *c)
{
	if (c->force_addr == 0)
		return;
	assert_int_equal(read_reg(c->strap_addr), 0);	/* IO0 was low */
	write_reg(c->force_addr, UINT32_MAX);
	assert_int_equal(read_reg(c->force_addr), c->force_bit);
	/* The pin is high now, but that is not looked at. */
	board_reset(&t.board, c->rst_soft);
	assert_int_equal(t.board.mode, BOARD_ROM);
	write_reg(c->force_addr, 0);
	board_reset(&t.board, c->rst_soft);
	assert_int_equal(t.board.mode, BOARD_APP);
}

static void
test_a_program_can_force_the_loader_on_chips_with_usb_otg(void **state)
{
	(void)state;
	each(check_force);
	assert_int_equal(simchip_find("esp32p4")->force_bit, 4);
}

static void
restart(bool dtr)
{
	board_lines(&t.board, false, true);
	board_lines(&t.board, dtr, false);
	board_lines(&t.board, false, false);
	bench_ring(&t, ALARM_EN);
}

/* Over USB-OTG the lines force the loader and take that back; but not the
 * ESP32-S3's, whose host has to. */
static void
check_otg(const struct simchip *c)
{
	if (c->force_addr == 0)
		return;
	t.board.circuit = CIRCUIT_USB_OTG;
	board_lines(&t.board, false, true);
	board_lines(&t.board, true, false);
	bench_ring(&t, ALARM_EN);
	board_lines(&t.board, false, false);
	assert_int_equal(read_reg(c->force_addr), c->force_bit);
	restart(false);
	assert_int_equal(t.board.mode, strcmp(c->name, "esp32s3") == 0 ?
	    BOARD_ROM : BOARD_APP);
	if (t.board.mode != BOARD_ROM || c->wdt_addr == 0)
		return;
	/* The watchdog's reset takes it with it, too. */
	check_watchdog(c);
}

static void
test_the_lines_force_the_loader_over_usb_otg(void **state)
{
	(void)state;
	each(check_otg);
}

/* What the manuals say, once more, for those that others were made of. */
static void
test_some_addresses_are_those_of_the_manuals(void **state)
{
	static const struct {
		const char	*name;
		uint32_t	 spi, mac, boot, wdt;
	} known[] = {
		{ "esp32s2", 0x3f402000, 0x3f41a044, 0x1000, 0x3f408094 },
		{ "esp32s3", 0x60002000, 0x60007044, 0, 0x60008098 },
		{ "esp32c2", 0x60002000, 0x60008840, 0, 0x60008084 },
		{ "esp32c3", 0x60002000, 0x60008844, 0, 0x60008090 },
		{ "esp32c5", 0x60003000, 0x600b4844, 0x2000, 0x600b1c00 },
		{ "esp32c6", 0x60003000, 0x600b0844, 0, 0x600b1c00 },
		{ "esp32c61", 0x60003000, 0x600b4844, 0, 0x600b1c00 },
		{ "esp32h2", 0x60003000, 0x600b0844, 0, 0x600b1c00 },
		{ "esp32h21", 0x60003000, 0x600b4044, 0, 0x600b1c00 },
		{ "esp32h4", 0x60099000, 0x600b1844, 0x2000, 0x60090048 },
		{ "esp32p4", 0x5008d000, 0x5012d044, 0x2000, 0x50116000 },
		{ "esp32s31", 0x20501000, 0x20715050, 0x2000, 0x20801000 },
		{ "esp32e22", 0xc3003000, 0xc4008044, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		const struct simchip	*c = simchip_find(known[i].name);

		assert_non_null(c);
		assert_int_equal(c->spi_base, known[i].spi);
		assert_int_equal(c->mac_addr, known[i].mac);
		assert_int_equal(c->boot_offset, known[i].boot);
		assert_int_equal(c->wdt_addr, known[i].wdt);
	}
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		TEST(test_security_info_names_the_chip),
		TEST(test_every_chip_has_its_mac_in_its_fuses),
		TEST(test_a_stub_runs_where_there_is_one),
		TEST(test_every_chip_boots_as_its_pin_says),
		TEST(test_begin_has_as_many_words_as_the_rom_knows),
		TEST(test_a_watchdog_restarts_its_chip),
		TEST(test_a_program_can_force_the_loader_on_chips_with_usb_otg),
		TEST(test_the_lines_force_the_loader_over_usb_otg),
		TEST(test_some_addresses_are_those_of_the_manuals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
