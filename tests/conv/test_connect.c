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
	assert_string_equal(b.notes, "this port has no DTR and RTS lines. "
	    "Chip was NOT reset.\n");
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

/* Every line change of a round and its time. */
static void
test_local_port_takes_the_recipes_in_turn(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	b.silent = true;
	l.opt.attempts = 4;
	assert_int_equal(phase_connect(&l), ERR_NO_SYNC);
	/* 505 ms of SYNCs after each. */
	assert_string_equal(b.timeline,
	    "00@0 11@0 01@0 10@100 00@150 "
	    "00@655 11@655 01@655 10@755 00@1305 "
	    "01@1810 11@1910 10@1910 00@1960 "
	    "01@2465 11@2565 10@2565 00@3115 ");
	assert_int_equal(l.found.recipe, RESET_CLASSIC_SLOW);
	board_done(&b, &l);
}

static void
test_usb_jtag_recipe_has_its_times(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32c3);
	l.opt.before = LINK_USB_RESET;	/* asked for, whatever the port */
	assert_int_equal(phase_connect(&l), 0);
	assert_string_equal(b.timeline, "00@0 10@100 11@200 01@200 00@300 ");
	assert_int_equal(l.found.recipe, RESET_USB_JTAG);
	board_done(&b, &l);
}

static void
test_fix_08_flow_control_keeps_the_boot_pin(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	b.silent = l.opt.flow_lines = true;
	l.opt.attempts = 4;
	assert_int_equal(phase_connect(&l), ERR_NO_SYNC);
	assert_string_equal(b.lines, "00 11 01 10 00 11 01 10 01 11 10 "
	    "01 11 10 ");
	board_done(&b, &l);
}

/* A board with a large capacitor at EN needs the second recipe; the next
 * connect begins with it. */
static void
test_recipe_that_worked_comes_first_next_time(void **state)
{
	enum reset_recipe	worked;

	(void)state;
	board_init(&b, &l, &chip_esp32);
	b.slow_en_ms = 500;
	assert_int_equal(phase_connect(&l), 0);
	assert_int_equal(l.found.resets, 2);
	worked = l.found.recipe;
	assert_int_equal(worked, RESET_TIGHT_SLOW);
	board_done(&b, &l);
	board_init(&b, &l, &chip_esp32);
	b.slow_en_ms = 500;
	l.opt.first_recipe = worked;
	assert_int_equal(phase_connect(&l), 0);
	assert_int_equal(l.found.resets, 1);
	assert_int_equal(l.found.recipe, worked);
	board_done(&b, &l);
}

static void
test_sequence_of_the_users_replaces_ours(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32);
	b.silent = true;
	l.opt.attempts = 2;
	l.opt.first_recipe = RESET_CLASSIC;
	assert_int_equal(reset_parse("D0|R1|W0.2|D1|R0|W0.3|D0",
	    &l.opt.reset_custom, NULL), 0);
	assert_int_equal(phase_connect(&l), ERR_NO_SYNC);
	assert_string_equal(b.timeline,
	    "00@0 01@0 11@200 10@200 00@500 "
	    "00@1005 01@1005 11@1205 10@1205 00@1505 ");
	assert_contains(l.why.text, "2 resets by your own sequence and 10 "
	    "SYNCs");
	b.silent = false;
	l.why = (struct why){ 0 };
	assert_int_equal(phase_connect(&l), 0);
	assert_int_equal(l.found.recipe, RESET_NONE);
	board_done(&b, &l);
}

static void
test_port_that_goes_away_in_the_reset_comes_back_without_one(void **state)
{
	(void)state;
	board_init(&b, &l, &chip_esp32s3);
	l.opt.usb_pid = 0x1001;
	b.goes_away = true;
	assert_int_equal(phase_connect(&l), ERR_UNPLUGGED);
	assert_int_equal(b.sent[CMD_SYNC], 0);
	assert_true(l.in_reset);
	board_done(&b, &l);
	board_init(&b, &l, &chip_esp32s3);
	l.opt.usb_pid = 0x1001;
	l.opt.came_back = true;
	assert_int_equal(phase_connect(&l), 0);
	assert_string_equal(b.lines, "");
	assert_int_equal(l.found.resets, 0);
	assert_int_equal(l.found.recipe, RESET_NONE);
	board_done(&b, &l);
	/* It may have come back in its program: then it is reset after all. */
	board_init(&b, &l, &chip_esp32);
	b.silent = l.opt.came_back = true;
	b.slow_en_ms = 1;
	assert_int_equal(phase_connect(&l), 0);
	assert_int_equal(l.found.resets, 1);
	assert_int_equal(b.sent[CMD_SYNC], 6);
	board_done(&b, &l);
}

/* What a silent chip prints, and what the user is told. */
static void
test_what_the_chip_prints_is_explained(void **state)
{
	static const struct { const char *prints; int err; const char *says[3]; }
	cases[] = {
		{ "rst:0xf (RTCWDT_BROWN_OUT_RESET),boot:0x13 (SPI_FAST_FLASH_"
		    "BOOT)\r\n", ERR_BOOT_MODE, { "wrong boot mode (boot:0x13)",
		    "; its power supply is too weak (brown-out): use another",
		    "a better cable" } },
		{ "rst:0xf (BROWN_OUT_RST)\r\n", ERR_NO_SYNC,
		    { "(7 resets and 35 SYNCs): its power supply is too weak" } },
		{ "Brownout detector was triggered\r\n", ERR_NO_SYNC,
		    { "power supply is too weak" } },
		{ "rst:0x1 (POWERON),boot:0x8 (SPI_FAST_FLASH_BOOT)\r\n"
		    "invalid header: 0xffffffff\r\ninvalid header: 0xffff",
		    ERR_BOOT_MODE, { "(boot:0x8): the chip starts its program, "
		    "of which there is none in flash, instead of the loader" } },
		{ "invalid header: 0xffffffff\r\n", ERR_BOOT_MODE,
		    { "wrong boot mode: the chip starts its program, of which "
		    "there is none in flash," } },
		{ "flash read err, 1000\r\nets_main.c 371\r\n", ERR_BOOT_MODE,
		    { "there is none in flash" } },
		{ "secure boot v2 enabled\r\nSig block 0 signed with untrusted "
		    "key\r\nsecure boot verification failed\r\n",
		    ERR_BOOT_MODE, { "its program, whose signature its secure "
		    "boot does not accept, instead of the loader" } },
		{ "boot:0x13 (SPI_FAST_FLASH_BOOT)\r\nGuru Meditation Error: "
		    "Core  0 panic'ed (LoadProhibited). Exception was "
		    "unhandled.\r\n", ERR_BOOT_MODE, { "its program, which "
		    "crashes (Guru Meditation Error: LoadProhibited), instead",
		    "boot:0x13" } },
		{ "Guru Meditation Error: Core  1 panic'ed (Interrupt wdt tim",
		    ERR_BOOT_MODE, { "the program on the chip crashes (Guru "
		    "Meditation Error: Interrupt wdt tim)" } },
		{ "Guru Meditation Error", ERR_BOOT_MODE,
		    { "crashes (Guru Meditation Error) and the loader" } },
		{ "Fatal exception (28):\r\nepc1=0x40100003", ERR_BOOT_MODE,
		    { "crashes (Fatal exception: 28)" } },
		/* A loader that was reached once counts. */
		{ "boot:0x3 (DOWNLOAD_BOOT)\r\nwaiting for download\r\n"
		    "boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n", ERR_NO_SYNC,
		    { "TX path" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		board_init(&b, &l, &chip_esp32);
		b.silent = true;
		b.boot_text = cases[i].prints;
		assert_int_equal(phase_connect(&l), cases[i].err);
		for (size_t k = 0; k < 3 && cases[i].says[k] != NULL; k++)
			assert_contains(l.why.text, cases[i].says[k]);
		board_done(&b, &l);
	}
}

static void
test_restart_in_the_middle_of_the_work_is_told(void **state)
{
	static const struct { const char *prints, *says; } cases[] = {
		{ "ets Jul 29 2019 12:21:46\r\nrst:0xf (RTCWDT_BROWN_OUT_RESET"
		    "),boot:0x13 (", "restarted in the middle of the work "
		    "(rst:0xf (RTCWDT_BROWN_OUT_RESET)); its power supply" },
		{ "rst:0x7 (TG0WDT_SYS_RESET),boot:0x13", "restarted in the "
		    "middle of the work (rst:0x7 (TG0WDT_SYS_RESET)); check" },
	};
	uint32_t	value;
	int		err;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		board_init(&b, &l, &chip_esp32);
		b.boot_text = "rst:0x1 (POWERON_RESET),boot:0x3\r\n";
		board_ready(&b, &l, false);
		board_fault(&b, FAULT_SILENCE, CMD_READ_REG, 0);
		assert_int_equal(buf_add(&b.rx, cases[i].prints,
		    strlen(cases[i].prints)), 0);
		err = rom_read_reg(&l.rom, CHIP_MAGIC_REG, &value);
		assert_int_equal(err, ERR_NOISE);
		(void)link_fail_rom(&l, err, "read a register");
		assert_contains(l.why.text, cases[i].says);
		board_done(&b, &l);
	}
	/* What it printed before it was in step does not count. */
	board_init(&b, &l, &chip_esp32);
	b.boot_text = "rst:0x1 (POWERON_RESET),boot:0x3\r\n";
	board_ready(&b, &l, false);
	board_fault(&b, FAULT_SILENCE, CMD_READ_REG, 0);
	err = rom_read_reg(&l.rom, CHIP_MAGIC_REG, &value);
	(void)link_fail_rom(&l, err, "read a register");
	assert_contains(l.why.text, "fell silent");
	board_done(&b, &l);
}

static void
test_another_board_is_not_worked_on(void **state)
{
	static const uint8_t	same[] = { 0x11, 0x22, 0x33, 0x44, 0x55, 0x66 };

	(void)state;
	board_init(&b, &l, &chip_esp32c3);
	l.opt.usb_pid = 0x1001;
	l.opt.has_expected = true;
	memcpy(l.opt.expected_mac, same, sizeof same);
	assert_int_equal(phase_connect(&l), 0);
	assert_int_equal(phase_identify(&l), 0);
	board_done(&b, &l);
	board_init(&b, &l, &chip_esp32c3);
	l.opt.usb_pid = 0x1001;
	l.opt.has_expected = true;
	memcpy(l.opt.expected_mac, same, sizeof same);
	l.opt.expected_mac[5] = 0x67;
	assert_int_equal(phase_connect(&l), 0);
	assert_int_equal(phase_identify(&l), ERR_CHIP_MISMATCH);
	assert_string_equal(l.why.text, "another board was plugged in: its MAC "
	    "is 11:22:33:44:55:66, the job began on 11:22:33:44:55:67; nothing "
	    "was written to it");
	assert_int_equal(b.sent[CMD_WRITE_REG], 0);
	board_done(&b, &l);
	board_init(&b, &l, &chip_esp32c3);
	b.flags = SECINFO_SECURE_DOWNLOAD;
	l.opt.secure_ok = true;
	l.opt.has_expected = true;
	assert_int_equal(phase_connect(&l), 0);
	assert_int_equal(phase_identify(&l), ERR_CHIP_MISMATCH);
	assert_contains(l.why.text, "does not tell its MAC");
	board_done(&b, &l);
}

/* GET_SECURITY_INFO, which this ROM does not know, then a register. */
static uint64_t
ask_unknown_then_read(unsigned copies, unsigned late_ms, bool after_sync)
{
	struct secinfo	info;
	uint32_t	value = 0;
	uint64_t	from;

	board_init(&b, &l, &chip_esp32);
	b.copies = copies;
	b.late_ms = late_ms;
	assert_int_equal(phase_connect(&l), 0);
	if (!after_sync)
		assert_int_equal(rom_read_reg(&l.rom, CHIP_MAGIC_REG, &value),
		    0);
	from = b.now;
	assert_int_equal(rom_security_info(&l.rom, &info), ERR_UNSUPPORTED);
	assert_int_equal(rom_read_reg(&l.rom, CHIP_MAGIC_REG, &value), 0);
	assert_int_equal(value, chip_esp32.magic);
	from = b.now - from;
	board_done(&b, &l);
	return from;
}

/* The next command must not get the answers of the one before. */
static void
test_copies_of_an_unknown_answer_are_drained(void **state)
{
	(void)state;
	/* As recorded; not a millisecond is lost. */
	assert_int_equal(ask_unknown_then_read(8, 0, true), 0);
	/* An adapter that delivers late costs what it takes, no more. */
	assert_int_equal(ask_unknown_then_read(8, 60, true), 60);
	assert_int_equal(ask_unknown_then_read(8, 199, true), 199);
	/* Eight copies of something else. */
	assert_int_equal(ask_unknown_then_read(8, 0, false), 0);
	assert_int_equal(ask_unknown_then_read(8, 60, false), 60);
	/* Fewer: esptool's 200 ms, once. */
	assert_int_equal(ask_unknown_then_read(1, 0, false), 200);
	assert_int_equal(ask_unknown_then_read(3, 60, true), 260);
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
		cmocka_unit_test(test_local_port_takes_the_recipes_in_turn),
		cmocka_unit_test(test_usb_jtag_recipe_has_its_times),
		cmocka_unit_test(test_fix_08_flow_control_keeps_the_boot_pin),
		cmocka_unit_test(test_recipe_that_worked_comes_first_next_time),
		cmocka_unit_test(test_sequence_of_the_users_replaces_ours),
		cmocka_unit_test(
		    test_port_that_goes_away_in_the_reset_comes_back_without_one),
		cmocka_unit_test(test_what_the_chip_prints_is_explained),
		cmocka_unit_test(
		    test_restart_in_the_middle_of_the_work_is_told),
		cmocka_unit_test(test_another_board_is_not_worked_on),
		cmocka_unit_test(test_copies_of_an_unknown_answer_are_drained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
