/*
 * leave: every way to end a visit, as the modelled board sees it.
 */
#include "tests/conv/conv.h"

/* Register writes that let a watchdog restart the chip. */
#define S3_WDT	"600080b0=50d83aa1 6000809c=7d0 60008098=d0000102 " \
	"600080b0=0 "
#define C3_WDT	"600080a8=50d83aa1 60008094=7d0 60008090=d0000102 " \
	"600080a8=0 "
/* Strap register of the S3 with the boot pin high, and one that ends force. */
enum { STRAPS = 0x60004038, PIN_HIGH = 8, FORCE = 0x6000812c };

static void
on_usb(uint16_t pid)
{
	l.opt.usb_vid = 0x303a;
	l.opt.usb_pid = pid;
}

/* Ready to be left that way. */
static void
start(const struct chip *chip, bool stub, enum link_after after)
{
	board_init(&b, &l, chip);
	board_ready(&b, &l, stub);
	l.opt.after = after;
}

static void
test_hard_reset_pulses_reset(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	board_ready(&b, &l, true);
	assert_int_equal(phase_leave(&l), 0);
	assert_string_equal(b.lines, "01 00 ");
	assert_int_equal(b.resets, 1);
	assert_false(b.boot_low);
	assert_int_equal(b.now, 100);
	board_done(&b, &l);
}

static void
test_port_without_lines_asks_for_a_reset_by_hand(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	board_ready(&b, &l, true);
	b.no_lines = true;
	(void)phase_leave(&l);
	assert_contains(b.notes, "reset the chip by hand");
	board_done(&b, &l);
}

static void
test_staying_goes_back_to_the_first_rate(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32c3);
	board_ready(&b, &l, false);
	l.opt.baud = 460800;
	assert_int_equal(phase_baud(&l), 0);
	assert_int_equal(b.chip_baud, 460800);
	l.opt.after = LINK_STAY;
	assert_int_equal(phase_leave(&l), 0);
	assert_int_equal(b.chip_baud, 115200);
	assert_string_equal(b.lines, "");
	board_done(&b, &l);
}

static void
test_staying_leaves_the_stub(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	board_ready(&b, &l, true);
	l.opt.after = LINK_STAY;
	assert_int_equal(phase_leave(&l), 0);
	assert_int_equal(b.sent[CMD_FLASH_BEGIN], 1);
	assert_int_equal(b.sent[CMD_FLASH_END], 1);
	l.opt.after = LINK_STAY_STUB;
	b.frames = 0;
	assert_int_equal(phase_leave(&l), 0);
	assert_int_equal(b.frames, 0);
	board_done(&b, &l);
}

static void
test_soft_reset(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	board_ready(&b, &l, false);
	l.opt.after = LINK_SOFT_RESET;
	assert_int_equal(phase_leave(&l), 0);
	assert_int_equal(b.sent[CMD_FLASH_END], 1);
	board_done(&b, &l);
	board_init(&b, &l, &chip_esp8266);
	board_ready(&b, &l, true);
	l.opt.after = LINK_SOFT_RESET;
	assert_int_equal(phase_leave(&l), 0);
	assert_int_equal(b.sent[CMD_RUN_USER_CODE], 1);
	board_done(&b, &l);
	board_init(&b, &l, &chip_esp32);
	board_ready(&b, &l, true);
	l.opt.after = LINK_SOFT_RESET;
	(void)phase_leave(&l);
	assert_contains(b.notes, "ESP8266 only");
	board_done(&b, &l);
}

static void
test_aborted_transfer_ends_with_a_reset_and_no_command(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	board_ready(&b, &l, true);
	l.opt.after = LINK_STAY;
	l.in_transfer = true;
	l.result = ERR_CANCELED;
	assert_int_equal(phase_leave(&l), 0);
	assert_int_equal(b.frames, 0);
	assert_string_equal(b.lines, "01 00 ");
	board_done(&b, &l);
}


static void
test_hard_reset_over_usb_is_longer(void **state)
{
	(void)state;
	start(&chip_esp32c3, true, LINK_HARD_RESET);
	on_usb(0x1001);
	assert_int_equal(phase_leave(&l), 0);
	assert_string_equal(b.timeline, "01@0 00@200 ");
	assert_int_equal(b.now, 400);
	assert_string_equal(b.writes, "");
	board_done(&b, &l);
}

static void
test_fix_08_hard_reset_behind_flow_control_keeps_dtr(void **state)
{
	(void)state;
	start(&chip_esp32, true, LINK_HARD_RESET);
	l.opt.flow_lines = true;
	assert_int_equal(phase_leave(&l), 0);
	assert_string_equal(b.timeline, "01@0 11@100 10@200 ");
	assert_int_equal(b.now, 200);
	board_done(&b, &l);
}

static void
test_hard_reset_of_the_users_own(void **state)
{
	(void)state;
	start(&chip_esp32s3, true, LINK_HARD_RESET);
	on_usb(0x1001);
	assert_int_equal(reset_parse("R1|W0.02|D1|W5|U0,0", &l.opt.hard_custom,
	    NULL), 0);
	assert_int_equal(phase_leave(&l), 0);
	assert_string_equal(b.timeline, "01@0 11@20 00@5020 ");
	assert_int_equal(b.frames, 0);
	board_done(&b, &l);
}

/* Otherwise it would start its loader for ever. */
static void
test_forced_download_of_an_s3_is_cleared_over_usb(void **state)
{
	(void)state;
	start(&chip_esp32s3, true, LINK_HARD_RESET);
	on_usb(0x1001);
	board_set_reg(&b, STRAPS, PIN_HIGH);
	board_set_reg(&b, FORCE, 0xa1);
	assert_int_equal(phase_leave(&l), 0);
	assert_string_equal(b.writes, "6000812c=a0 ");
	assert_string_equal(b.timeline, "01@0 00@200 ");
	assert_string_equal(b.notes, "");
	board_done(&b, &l);
	/* Over a UART the pin does it all. */
	start(&chip_esp32s3, true, LINK_HARD_RESET);
	assert_int_equal(phase_leave(&l), 0);
	assert_string_equal(b.timeline, "01@0 00@100 ");
	assert_int_equal(b.frames, 0);
	board_done(&b, &l);
}

static void
test_s3_held_in_its_loader_by_hand_is_told_over_usb_jtag(void **state)
{
	(void)state;
	start(&chip_esp32s3, true, LINK_HARD_RESET);
	on_usb(0x1001);
	board_set_reg(&b, STRAPS, 0);
	assert_int_equal(phase_leave(&l), 0);
	assert_contains(b.notes, "the boot pin was low");
	assert_contains(b.notes, "watchdog-reset");
	assert_string_equal(b.timeline, "01@0 00@200 ");
	board_done(&b, &l);
}

static void
test_s3_on_otg_restarts_by_its_watchdog_when_strapped(void **state)
{
	(void)state;
	start(&chip_esp32s3, true, LINK_HARD_RESET);
	on_usb(9);
	board_set_reg(&b, STRAPS, 0);
	assert_int_equal(phase_leave(&l), 0);
	assert_string_equal(b.writes, "6000812c=0 " S3_WDT);
	assert_string_equal(b.lines, "");
	assert_int_equal(b.now, 500);
	board_done(&b, &l);
	start(&chip_esp32s3, true, LINK_HARD_RESET);
	on_usb(9);
	board_set_reg(&b, STRAPS, PIN_HIGH);
	assert_int_equal(phase_leave(&l), 0);
	assert_string_equal(b.writes, "6000812c=0 ");
	assert_string_equal(b.timeline, "01@0 00@200 ");
	assert_int_equal(b.now, 400);
	board_done(&b, &l);
}

static void
test_registers_are_left_alone_where_they_cannot_help(void **state)
{
	(void)state;
	start(&chip_esp32s3, false, LINK_HARD_RESET);
	on_usb(0x1001);
	l.found.secinfo.flags = SECINFO_SECURE_DOWNLOAD;
	assert_int_equal(phase_leave(&l), 0);
	assert_int_equal(b.frames, 0);
	assert_string_equal(b.lines, "01 00 ");
	board_done(&b, &l);
	start(&chip_esp32s3, false, LINK_HARD_RESET);
	on_usb(0x1001);
	l.result = ERR_TIMEOUT;
	assert_int_equal(phase_leave(&l), 0);
	assert_int_equal(b.frames, 0);
	assert_string_equal(b.lines, "01 00 ");
	board_done(&b, &l);
	/* They may not answer: the lines do it all the same. */
	start(&chip_esp32s3, false, LINK_HARD_RESET);
	on_usb(0x1001);
	board_fault(&b, FAULT_REFUSAL_ALWAYS, CMD_READ_REG, 0);
	assert_int_equal(phase_leave(&l), 0);
	assert_string_equal(b.lines, "01 00 ");
	board_done(&b, &l);
}

static void
test_watchdog_reset_is_four_writes_and_half_a_second(void **state)
{
	static const struct { const struct chip *chip; const char *writes; }
	rows[] = {
		{ &chip_esp32s3, S3_WDT }, { &chip_esp32c3, C3_WDT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		for (int stub = 0; stub < 2; stub++) {
			start(rows[i].chip, stub, LINK_WATCHDOG_RESET);
			assert_int_equal(phase_leave(&l), 0);
			assert_string_equal(b.writes, rows[i].writes);
			assert_string_equal(b.lines, "");
			assert_string_equal(b.notes, "");
			assert_int_equal(b.now, 500);
			board_done(&b, &l);
		}
}

static void
test_chip_without_such_a_watchdog_is_reset_by_the_lines(void **state)
{
	static const struct chip *const	without[] = {
		&chip_esp32, &chip_esp8266,
	};

	(void)state;
	for (size_t i = 0; i < sizeof without / sizeof without[0]; i++) {
		start(without[i], false, LINK_WATCHDOG_RESET);
		assert_int_equal(phase_leave(&l), 0);
		assert_contains(b.notes, "Watchdog hard reset is not supported: the ESP");
		assert_contains(b.notes, "DTR and RTS reset it");
		assert_string_equal(b.lines, "01 00 ");
		assert_string_equal(b.writes, "");
		board_done(&b, &l);
	}
}

static void
test_watchdog_that_cannot_be_reached_is_replaced_by_the_lines(void **state)
{
	(void)state;
	start(&chip_esp32c3, false, LINK_WATCHDOG_RESET);
	l.found.secinfo.flags = SECINFO_SECURE_DOWNLOAD;
	assert_int_equal(phase_leave(&l), 0);
	assert_contains(b.notes, "secure download mode");
	assert_int_equal(b.frames, 0);
	assert_string_equal(b.lines, "01 00 ");
	board_done(&b, &l);
	start(&chip_esp32c3, true, LINK_WATCHDOG_RESET);
	l.in_transfer = true;
	l.result = ERR_CANCELED;
	assert_int_equal(phase_leave(&l), 0);
	assert_contains(b.notes, "no longer answers");
	assert_string_equal(b.lines, "01 00 ");
	board_done(&b, &l);
	start(&chip_esp32c3, true, LINK_WATCHDOG_RESET);
	board_fault(&b, FAULT_REFUSAL, CMD_WRITE_REG, 2);
	assert_int_equal(phase_leave(&l), 0);
	assert_contains(b.notes, "did not answer");
	assert_string_equal(b.lines, "01 00 ");
	board_done(&b, &l);
	/* Never reached: the lines, and no word about watchdogs. */
	board_init(&b, &l, &chip_esp32c3);
	l.opt.after = LINK_WATCHDOG_RESET;
	assert_int_equal(phase_leave(&l), 0);
	assert_string_equal(b.lines, "01 00 ");
	assert_string_equal(b.notes, "");
	board_done(&b, &l);
}

/* A port inside the chip goes away with the reset. */
static void
test_port_that_vanishes_is_no_failure(void **state)
{
	(void)state;
	start(&chip_esp32c3, true, LINK_HARD_RESET);
	on_usb(0x1001);
	b.goes_away = true;
	assert_int_equal(phase_leave(&l), 0);
	assert_string_equal(b.notes, "");
	board_done(&b, &l);
	start(&chip_esp32c3, true, LINK_WATCHDOG_RESET);
	board_fault(&b, FAULT_UNPLUG, CMD_WRITE_REG, 3);
	assert_int_equal(phase_leave(&l), 0);
	assert_string_equal(b.notes, "");
	board_done(&b, &l);
	start(&chip_esp32, true, LINK_STAY);
	board_fault(&b, FAULT_UNPLUG, CMD_FLASH_BEGIN, 0);
	assert_int_equal(phase_leave(&l), 0);
	assert_string_equal(b.notes, "");
	board_done(&b, &l);
}

static void
test_connect_cut_short_does_not_hold_the_chip_in_reset(void **state)
{
	static const enum link_after	after[] = {
		LINK_SOFT_RESET, LINK_STAY, LINK_STAY_STUB,
	};

	(void)state;
	for (size_t i = 0; i < sizeof after / sizeof after[0]; i++) {
		board_init(&b, &l, &chip_esp32);
		l.opt.after = after[i];
		l.in_reset = true;
		l.result = ERR_CANCELED;
		assert_int_equal(phase_leave(&l), 0);
		assert_string_equal(b.lines, "00 ");
		assert_false(l.in_reset);
		board_done(&b, &l);
	}
}

static void
test_silent_chip_is_told_when_it_is_left(void **state)
{
	(void)state;
	start(&chip_esp32, true, LINK_STAY);
	board_fault(&b, FAULT_SILENCE, CMD_FLASH_BEGIN, 0);
	assert_int_equal(phase_leave(&l), ERR_TIMEOUT);
	assert_contains(b.notes, "did not answer when it was left");
	board_done(&b, &l);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_hard_reset_pulses_reset),
		cmocka_unit_test(
		    test_port_without_lines_asks_for_a_reset_by_hand),
		cmocka_unit_test(test_staying_goes_back_to_the_first_rate),
		cmocka_unit_test(test_staying_leaves_the_stub),
		cmocka_unit_test(test_soft_reset),
		cmocka_unit_test(
		    test_aborted_transfer_ends_with_a_reset_and_no_command),
		cmocka_unit_test(test_hard_reset_over_usb_is_longer),
		cmocka_unit_test(test_fix_08_hard_reset_behind_flow_control_keeps_dtr),
		cmocka_unit_test(test_hard_reset_of_the_users_own),
		cmocka_unit_test(
		    test_forced_download_of_an_s3_is_cleared_over_usb),
		cmocka_unit_test(
		    test_s3_held_in_its_loader_by_hand_is_told_over_usb_jtag),
		cmocka_unit_test(
		    test_s3_on_otg_restarts_by_its_watchdog_when_strapped),
		cmocka_unit_test(
		    test_registers_are_left_alone_where_they_cannot_help),
		cmocka_unit_test(
		    test_watchdog_reset_is_four_writes_and_half_a_second),
		cmocka_unit_test(
		    test_chip_without_such_a_watchdog_is_reset_by_the_lines),
		cmocka_unit_test(
		    test_watchdog_that_cannot_be_reached_is_replaced_by_the_lines),
		cmocka_unit_test(test_port_that_vanishes_is_no_failure),
		cmocka_unit_test(
		    test_connect_cut_short_does_not_hold_the_chip_in_reset),
		cmocka_unit_test(test_silent_chip_is_told_when_it_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
