/* proto/serial/secinfo */
#include "proto/serial/secinfo.h"

#include <string.h>

#include "proto/base/err.h"
#include "tests/unit/unit.h"

/* Recorded from the mask ROM of an ESP32-C3, without header and status. */
static const uint8_t	recorded[] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0c, 5, 0, 0, 0, 3, 0, 0, 0,
};

static void
test_recorded_answer_of_an_esp32c3(void **state)
{
	struct secinfo	info;

	(void)state;
	assert_int_equal(secinfo_parse(recorded, sizeof recorded, &info), 0);
	assert_int_equal(info.flags, 0);
	assert_int_equal(info.crypt_count, 0);
	assert_true(info.has_chip_id);
	assert_int_equal(info.chip_id, 5);
	assert_int_equal(info.api_version, 3);
	assert_int_equal(info.key_purposes[6], 0x0c);
}

static void
test_the_short_form_has_no_chip_id(void **state)
{
	static const uint8_t	s2[SECINFO_LEN_S2] = {
		5, 0, 0, 0x80, 7, 1, 2, 3, 4, 5, 6, 7,
	};
	struct secinfo		info;

	(void)state;
	assert_int_equal(secinfo_parse(s2, sizeof s2, &info), 0);
	assert_true(info.flags == 0x80000005);
	assert_int_equal(info.crypt_count, 7);
	assert_memory_equal(info.key_purposes, "\1\2\3\4\5\6\7", 7);
	assert_false(info.has_chip_id);
	assert_int_equal(info.chip_id, 0);
	/* Something between the forms is the short one. */
	assert_int_equal(secinfo_parse(recorded, 19, &info), 0);
	assert_false(info.has_chip_id);
}

static void
test_too_short_is_noise_and_longer_is_fine(void **state)
{
	uint8_t		longer[32] = { 0 };
	struct secinfo	info;

	(void)state;
	memcpy(longer, recorded, sizeof recorded);
	for (size_t len = 0; len < SECINFO_LEN_S2; len++)
		assert_int_equal(secinfo_parse(recorded, len, &info),
		    ERR_NOISE);
	assert_int_equal(secinfo_parse(longer, sizeof longer, &info), 0);
	assert_int_equal(info.chip_id, 5);
}

static void
test_every_flag_has_one_name(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit <= 10; bit++)
		assert_non_null(secinfo_flag_name(1u << bit));
	assert_string_equal(secinfo_flag_name(SECINFO_SECURE_DOWNLOAD),
	    "secure download mode");
	assert_null(secinfo_flag_name(0));
	assert_null(secinfo_flag_name(3));
	assert_null(secinfo_flag_name(1u << 11));
	assert_null(secinfo_flag_name(1u << 31));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recorded_answer_of_an_esp32c3),
		cmocka_unit_test(test_the_short_form_has_no_chip_id),
		cmocka_unit_test(test_too_short_is_noise_and_longer_is_fine),
		cmocka_unit_test(test_every_flag_has_one_name),
	};

	return cmocka_run_group_tests_name("secinfo", tests, NULL, NULL);
}
