/* daemon/link/bootlog */
#include "daemon/link/bootlog.h"

#include <string.h>

#include "tests/unit/unit.h"

static struct bootlog
read_text(const char *text)
{
	struct bootlog	log = { .has_reset = false };

	bootlog_read(&log, text, strlen(text));
	return log;
}

static void
test_nothing_is_made_of_nothing(void **state)
{
	static const char *const	empty[] = {
		"", "hello\r\n", "rst:", "rst:0x", "rst:0xg", "boot:0x",
		"boot:0x (", "boot mode:(3,6)", "invalid", "waiting for",
	};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(empty); i++) {
		struct bootlog	log = read_text(empty[i]);

		assert_false(log.has_reset || log.has_boot || log.waits ||
		    log.brownout || log.no_program);
		assert_string_equal(log.crash, "");
	}
}

static void
test_reset_and_boot_as_roms_print_them(void **state)
{
	static const struct {
		const char	*text, *reset;
		uint32_t	 boot;
		bool		 brownout, waits;
	} cases[] = {
		{ "rst:0x1 (POWERON_RESET),boot:0x3 (DOWNLOAD_BOOT(UART0/UART1/"
		    "SDIO_REI_REO_V2))\r\nwaiting for download\r\n",
		    "rst:0x1 (POWERON_RESET)", 3, false, true },
		{ "rst:0x15 (USB_UART_CHIP_RESET),boot:0x7 (DOWNLOAD(USB/UART0)"
		    ")\r\nwait uart0 download\r\n",
		    "rst:0x15 (USB_UART_CHIP_RESET)", 7, false, true },
		{ "rst:0xf (RTCWDT_BROWN_OUT_RESET),boot:0x13 (SPI",
		    "rst:0xf (RTCWDT_BROWN_OUT_RESET)", 0x13, true, false },
		{ "rst:0xf (BROWNOUT_RST),boot:0xc (SPI_FAST_FLASH_BOOT)",
		    "rst:0xf (BROWNOUT_RST)", 0xc, true, false },
		/* The last one counts, but a brown-out is remembered. */
		{ "rst:0xf (X),boot:0x1 rst:0x1 (Y),boot:0x8 (Z)",
		    "rst:0x1 (Y)", 8, true, false },
		/* Cut off. */
		{ "rst:0x1 (POWER", "rst:0x1 (POWER", 0, false, false },
	};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		struct bootlog	log = read_text(cases[i].text);

		assert_true(log.has_reset);
		assert_string_equal(log.reset, cases[i].reset);
		assert_int_equal(log.has_boot, cases[i].boot != 0);
		assert_int_equal(log.boot, cases[i].boot);
		assert_int_equal(log.brownout, cases[i].brownout);
		assert_int_equal(log.waits, cases[i].waits);
	}
}

static void
test_crash_has_the_reason_in_brackets(void **state)
{
	static const struct { const char *text, *crash; } cases[] = {
		{ "Guru Meditation Error: Core  0 panic'ed (LoadProhibited). "
		    "Exc", "Guru Meditation Error: LoadProhibited" },
		{ "Guru Meditation Error: Core  0 panic'ed (Load",
		    "Guru Meditation Error: Load" },
		{ "Guru Meditation Error: Core  0 panic'ed\r\n(no)",
		    "Guru Meditation Error" },
		{ "Guru Meditation Error (", "Guru Meditation Error" },
		{ "Guru Meditation Error: Core 0 panic'ed (\x1b[2J\x01)",
		    "Guru Meditation Error: .[2J." },
		{ "Fatal exception (28):\nepc1", "Fatal exception: 28" },
		{ "Guru Meditation Error: Core 0 panic'ed (A)\r\nGuru "
		    "Meditation Error: Core 1 panic'ed (B)",
		    "Guru Meditation Error: B" },
	};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(cases); i++)
		assert_string_equal(read_text(cases[i].text).crash,
		    cases[i].crash);
}

static void
test_flash_without_a_program(void **state)
{
	(void)state;
	assert_true(read_text("invalid header: 0xffffffff\r\n").no_program);
	assert_true(read_text("flash read err, 1000\r\n").no_program);
	assert_false(read_text("rst:0x1 (POWERON)").no_program);
}

static void
test_signature_that_is_not_accepted(void **state)
{
	(void)state;
	assert_true(read_text("secure boot v2 enabled\r\nSig block 0 invalid: "
	    "Image digest does not match\r\nsecure boot verification failed"
	    "\r\n").untrusted);
	assert_false(read_text("secure boot verification succeeded\r\n")
	    .untrusted);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_nothing_is_made_of_nothing),
		cmocka_unit_test(test_reset_and_boot_as_roms_print_them),
		cmocka_unit_test(test_crash_has_the_reason_in_brackets),
		cmocka_unit_test(test_flash_without_a_program),
		cmocka_unit_test(test_signature_that_is_not_accepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
