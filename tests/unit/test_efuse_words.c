/*
 * test_efuse_words - every field has a sentence of its own.
 */
#include "proto/efuse/describe.h"

#include <ctype.h>
#include <string.h>

#include "tests/unit/unit.h"

enum {
	LONGEST	= 110,		/* bytes of a sentence */
	MOST	= 2048,		/* fields of all chips */
};

/* Names that are the same thing on another chip. */
static const char *const twins[][2] = {
	{ "DISABLE_APP_CPU", "DIS_APP_CPU" },
	{ "BLOCK_SYS_DATA2", "SYS_DATA_PART2" },
	{ "DIS_CACHE", "DIS_ICACHE" },
	{ "DIS_USB", "DIS_USB_OTG" },
	{ "DIS_USB_DOWNLOAD_MODE", "DIS_USB_OTG_DOWNLOAD_MODE" },
	{ "HARD_DIS_JTAG", "JTAG_DISABLE" },
	{ "HUK_GEN_STATE", "KM_HUK_GEN_STATE" },
};

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

/* Without '_': ADC1_AVE_INITCODE_ATTEN0 is ADC1_AVE_INIT_CODE_ATTEN0. */
static void
bare(const char *name, char out[EFUSE_NAME_MAX])
{
	size_t	n = 0;

	for (; *name != '\0'; name++)
		if (*name != '_')
			out[n++] = *name;
	out[n] = '\0';
}

static bool
same_thing(const char *a, const char *b)
{
	char	one[EFUSE_NAME_MAX], two[EFUSE_NAME_MAX];

	bare(a, one);
	bare(b, two);
	if (strcmp(one, two) == 0)
		return true;
	for (size_t i = 0; i < UNIT_COUNT(twins); i++)
		if ((strcmp(a, twins[i][0]) == 0 &&
		    strcmp(b, twins[i][1]) == 0) ||
		    (strcmp(a, twins[i][1]) == 0 &&
		    strcmp(b, twins[i][0]) == 0))
			return true;
	return false;
}

/* One sentence: no dot at its end or inside, no space too many. */
static void
check_sentence(const struct efuse_field *f, const char *s)
{
	size_t	len = strlen(s);

	if (len == 0 || len > LONGEST || strstr(s, "  ") != NULL ||
	    strstr(s, ". ") != NULL || s[len - 1] == '.' ||
	    s[len - 1] == ' ' || islower((unsigned char)s[0]))
		fail_msg("%s: \"%s\"", f->name, s);
}

static void
test_every_field_of_every_chip_has_a_sentence(void **state)
{
	size_t	fields = 0;

	(void)state;
	for (const struct efuse_chip *const *c = efuse_chips; *c != NULL; c++)
		for (const struct efuse_field *f = (*c)->fields;
		    f->name != NULL; f++, fields++)
			check_sentence(f, efuse_describe(f));
	assert_in_range(fields, 1000, MOST);
}

static void
test_no_two_fields_share_a_sentence(void **state)
{
	static const struct efuse_field	*all[MOST];
	size_t				 n = 0;

	(void)state;
	for (const struct efuse_chip *const *c = efuse_chips; *c != NULL; c++)
		for (const struct efuse_field *f = (*c)->fields;
		    f->name != NULL && n < MOST; f++)
			all[n++] = f;
	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++)
			if (strcmp(efuse_describe(all[i]),
			    efuse_describe(all[k])) == 0 &&
			    !same_thing(all[i]->name, all[k]->name))
				fail_msg("%s and %s: \"%s\"", all[i]->name,
				    all[k]->name, efuse_describe(all[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_field_of_every_chip_has_a_sentence),
		cmocka_unit_test(test_no_two_fields_share_a_sentence),
		cmocka_unit_test(test_a_field_is_described_by_its_name),
		cmocka_unit_test(test_a_sentence_of_the_row_comes_first),
		cmocka_unit_test(test_a_field_of_the_user_has_no_words_of_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
