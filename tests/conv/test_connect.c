#include "tests/conv/conv.h"

/* 4 recipes with the boot pin low for 50 ms, 3 with 550 ms, 100 ms in reset
 * each; 35 SYNCs of 100 ms, 1 ms of listening before each. */
static const uint64_t silent_ms = 4 * 150 + 3 * 650 + 35 * 101;

static void
test_chip_in_its_loader_answers_at_once(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	b.boot_text = "rst:0x1 (POWERON_RESET),boot:0x3 (DOWNLOAD_BOOT)\r\n"
	    "waiting for download\r\n";
	assert_int_equal(phase_connect(&l), 0);
	assert_int_equal(b.sent[CMD_SYNC], 1);
	assert_int_equal(l.found.resets, 1);
	assert_true(b.boot_low);
	assert_string_equal(b.lines, "00 11 01 10 00 ");
	assert_false(l.found.stub_was_there);
	assert_contains(l.found.boot_log, "waiting for download");
	board_done(&b, &l);
}

static void
test_silent_chip_is_reset_seven_times(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	b.silent = true;
	assert_int_equal(phase_connect(&l), ERR_NO_SYNC);
	assert_int_equal(b.resets, 7);
	assert_int_equal(b.sent[CMD_SYNC], 7 * 5);
	assert_int_equal(b.now, silent_ms);
	assert_string_equal(l.why.text, "the chip does not answer (7 resets "
	    "and 35 SYNCs): check its power supply, the cable, that TX and RX "
	    "are not swapped, the boot pin (BOOT/GPIO0 low while it resets), "
	    "and that no other program uses the port");
	board_done(&b, &l);
}

static void
test_remote_port_uses_the_classic_recipes(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	b.silent = true;
	l.opt.remote = true;
	l.opt.attempts = 2;
	assert_int_equal(phase_connect(&l), ERR_NO_SYNC);
	assert_string_equal(b.lines, "01 11 10 00 01 11 10 00 ");
	assert_int_equal(b.now, 150 + 650 + 10 * 101);
	board_done(&b, &l);
}

static void
test_usb_jtag_has_a_recipe_of_its_own(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32c3);
	l.opt.usb_vid = 0x303a;
	l.opt.usb_pid = 0x1001;
	assert_int_equal(phase_connect(&l), 0);
	assert_string_equal(b.lines, "00 10 11 01 00 ");
	board_done(&b, &l);
}

static void
test_program_that_boots_is_named_as_wrong_boot_mode(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	b.silent = true;
	b.boot_text = "rst:0x1 (POWERON_RESET),boot:0x13 "
	    "(SPI_FAST_FLASH_BOOT)\r\n";
	assert_int_equal(phase_connect(&l), ERR_BOOT_MODE);
	assert_contains(l.why.text, "wrong boot mode (boot:0x13)");
	assert_contains(l.why.text, "hold BOOT/GPIO0 low");
	board_done(&b, &l);
}

static void
test_loader_that_does_not_hear_us_is_a_broken_tx(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32s3);
	b.silent = true;
	b.boot_text = "rst:0x1 (POWERON),boot:0x7 (DOWNLOAD(USB/UART0))\r\n"
	    "wait uart0 download\r\n";
	assert_int_equal(phase_connect(&l), ERR_NO_SYNC);
	assert_contains(l.why.text, "TX path");
	board_done(&b, &l);
}

static void
test_chattering_program_does_not_hold_us_up(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	b.garbage = true;
	assert_int_equal(phase_connect(&l), ERR_NO_SYNC);
	assert_contains(l.why.text, "makes no sense");
	assert_int_equal(b.sent[CMD_SYNC], 35);
	assert_true(b.now <= silent_ms + 35 * 50);
	board_done(&b, &l);
}

static void
test_crashing_program_is_told(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	b.silent = true;
	b.boot_text = "Guru Meditation Error: Core  0 panic'ed\r\n";
	assert_int_equal(phase_connect(&l), ERR_BOOT_MODE);
	assert_contains(l.why.text, "Guru Meditation");
	board_done(&b, &l);
}

static void
test_port_without_lines_is_noted_once(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	b.no_lines = b.silent = true;
	assert_int_equal(phase_connect(&l), ERR_NO_SYNC);
	assert_int_equal(l.found.resets, 0);
	assert_int_equal(b.now, 35 * 101);
	assert_string_equal(b.notes, "this port has no DTR and RTS lines, so "
	    "the chip was not reset; continuing without\n");
	assert_contains(l.why.text, "35 SYNCs without a reset");
	board_done(&b, &l);
}

static void
test_no_reset_leaves_the_lines_alone(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	l.opt.before = LINK_NO_RESET;
	assert_int_equal(phase_connect(&l), 0);
	assert_string_equal(b.lines, "");
	assert_int_equal(b.now, 1);
	board_done(&b, &l);
}

static void
test_no_reset_no_sync_sends_nothing(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	l.opt.before = LINK_NO_RESET_NO_SYNC;
	l.opt.baud = 460800;
	assert_int_equal(phase_connect(&l), 0);
	assert_int_equal(b.frames, 0);
	assert_int_equal(b.baud, 460800);
	assert_string_equal(b.lines, "");
	board_done(&b, &l);
}

static void
test_running_stub_is_recognised(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	b.stub = true;
	assert_int_equal(phase_connect(&l), 0);
	assert_true(l.found.stub_was_there);
	assert_true(l.rom.stub);
	board_done(&b, &l);
}

static void
test_loader_that_answers_sync_once_costs_little(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	b.odd_sync = true;
	assert_int_equal(phase_connect(&l), 0);
	assert_int_equal(b.now, 150 + 1 + 100);
	board_done(&b, &l);
}

static void
test_slow_rate_is_used_from_the_start(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	b.chip_baud = 9600;
	l.opt.baud = 9600;
	assert_int_equal(phase_connect(&l), 0);
	assert_int_equal(l.baud, 9600);
	board_done(&b, &l);
}

static void
test_usual_number_of_attempts_has_a_deadline(void **state)
{
	static const struct phase	phases[] = {
		{ "connect", phase_connect, 1000 }, { NULL, NULL, 0 },
	};

	(void)state;
	board_init(&b, &l, &chip_esp32);
	b.silent = true;
	l.phases = phases;
	link_main(&l);
	assert_int_equal(l.result, ERR_NO_SYNC);
	assert_true(b.now >= 1000 && b.now < 3000);
	board_done(&b, &l);
}

/* Past every deadline, until it is cancelled. */
static void
test_connect_for_ever_goes_on_until_it_is_cancelled(void **state)
{
	static const struct phase	phases[] = {
		{ "connect", phase_connect, 1000 }, { NULL, NULL, 0 },
	};

	(void)state;
	board_init(&b, &l, &chip_esp32);
	board_fault(&b, FAULT_CANCEL, CMD_SYNC, 1000);
	b.garbage_sync = true;
	l.opt.attempts = 0;
	l.phases = phases;
	link_main(&l);
	assert_int_equal(l.result, ERR_CANCELED);
	assert_int_equal(b.sent[CMD_SYNC], 1001);
	assert_int_equal(l.found.resets, 201);
	assert_contains(l.why.text, "cancelled before it could connect");
	board_done(&b, &l);
}

static void
test_number_of_attempts_that_was_asked_for_is_kept(void **state)
{
	static const struct phase	phases[] = {
		{ "connect", phase_connect, 1000 }, { NULL, NULL, 0 },
	};

	(void)state;
	board_init(&b, &l, &chip_esp32);
	b.silent = true;
	l.opt.attempts = 20;
	l.phases = phases;
	link_main(&l);
	assert_int_equal(l.result, ERR_NO_SYNC);
	assert_int_equal(l.found.resets, 20);
	board_done(&b, &l);
}

static void
test_cancel_and_unplug_end_it_at_once(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	board_fault(&b, FAULT_CANCEL, CMD_SYNC, 0);
	assert_int_equal(phase_connect(&l), ERR_CANCELED);
	assert_contains(l.why.text, "cancelled before it could connect");
	board_done(&b, &l);
	board_init(&b, &l, &chip_esp32);
	board_fault(&b, FAULT_UNPLUG, CMD_SYNC, 0);
	assert_int_equal(phase_connect(&l), ERR_UNPLUGGED);
	assert_int_equal(b.sent[CMD_SYNC], 1);
	board_done(&b, &l);
}

static void
test_refused_sync_is_tried_again(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	board_fault(&b, FAULT_REFUSAL, CMD_SYNC, 0);
	assert_int_equal(phase_connect(&l), 0);
	assert_int_equal(b.sent[CMD_SYNC], 2);
	board_done(&b, &l);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_chip_in_its_loader_answers_at_once),
		cmocka_unit_test(test_silent_chip_is_reset_seven_times),
		cmocka_unit_test(test_remote_port_uses_the_classic_recipes),
		cmocka_unit_test(test_usb_jtag_has_a_recipe_of_its_own),
		cmocka_unit_test(
		    test_program_that_boots_is_named_as_wrong_boot_mode),
		cmocka_unit_test(
		    test_loader_that_does_not_hear_us_is_a_broken_tx),
		cmocka_unit_test(test_chattering_program_does_not_hold_us_up),
		cmocka_unit_test(test_crashing_program_is_told),
		cmocka_unit_test(test_port_without_lines_is_noted_once),
		cmocka_unit_test(test_no_reset_leaves_the_lines_alone),
		cmocka_unit_test(test_no_reset_no_sync_sends_nothing),
		cmocka_unit_test(test_running_stub_is_recognised),
		cmocka_unit_test(
		    test_loader_that_answers_sync_once_costs_little),
		cmocka_unit_test(test_slow_rate_is_used_from_the_start),
		cmocka_unit_test(test_usual_number_of_attempts_has_a_deadline),
		cmocka_unit_test(
		    test_connect_for_ever_goes_on_until_it_is_cancelled),
		cmocka_unit_test(
		    test_number_of_attempts_that_was_asked_for_is_kept),
		cmocka_unit_test(test_cancel_and_unplug_end_it_at_once),
		cmocka_unit_test(test_refused_sync_is_tried_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
