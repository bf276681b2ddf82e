/*
 * test_efuse_words - every field has a sentence of its own.
 */
#include "proto/efuse/describe.h"

#include <string.h>

#include "tests/unit/unit.h"

static void
test_a_field_is_described_by_its_name(void **state)
{
	const struct efuse_field first = { .name = "ABS_DONE_0" };
	const struct efuse_field middle = { .name = "JTAG_DISABLE" };
	const struct efuse_field series = { .name = "ADC2_HI_DOUT_ATTEN3" };
	const struct efuse_field last = { .name = "XTS_KEY_LENGTH_256" };

	(void)state;
	assert_non_null(strstr(efuse_describe(&first), "Secure boot v1"));
	assert_string_equal(efuse_describe(&middle), "JTAG is off for ever");
	assert_string_equal(efuse_describe(&series),
	    "Calibration: high reading of ADC2 at 12 dB");
	assert_non_null(strstr(efuse_describe(&last), "256 bits"));
}

static void
test_a_sentence_of_the_row_comes_first(void **state)
{
	const struct efuse_field f = {
		.name = "JTAG_DISABLE", .help = "something else",
	};

	(void)state;
	assert_string_equal(efuse_describe(&f), "something else");
}

static void
test_a_field_of_the_user_has_no_words_of_ours(void **state)
{
	const struct efuse_field f = { .name = "MY_SERIAL_NUMBER" };

	(void)state;
	assert_string_equal(efuse_describe(&f), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_field_is_described_by_its_name),
		cmocka_unit_test(test_a_sentence_of_the_row_comes_first),
		cmocka_unit_test(test_a_field_of_the_user_has_no_words_of_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
