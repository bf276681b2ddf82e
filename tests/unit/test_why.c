/* proto/base/why */
#include "proto/base/why.h"

#include <string.h>

#include "proto/base/err.h"
#include "tests/unit/unit.h"

static void
test_the_first_reason_stands(void **state)
{
	struct why	why = { 0 };

	(void)state;
	assert_int_equal(why_set(&why, ERR_ALIGN, "0x%x is odd", 0x11),
	    ERR_ALIGN);
	assert_int_equal(why_set(&why, ERR_IO, "later"), ERR_IO);
	assert_int_equal(why.err, ERR_ALIGN);
	assert_string_equal(why_text(&why), "0x11 is odd");
}

static void
test_a_cleared_one_takes_a_new_reason(void **state)
{
	struct why	why = { 0 };

	(void)state;
	(void)why_set(&why, ERR_ALIGN, "old");
	why_clear(&why);
	assert_int_equal(why.err, 0);
	(void)why_set(&why, ERR_IO, "new");
	assert_string_equal(why_text(&why), "new");
}

static void
test_nobody_wants_to_know(void **state)
{
	(void)state;
	assert_int_equal(why_set(NULL, ERR_IO, "%s", "nothing"), ERR_IO);
}

static void
test_a_long_sentence_is_cut(void **state)
{
	struct why	why = { 0 };
	char		big[2 * WHY_MAX];

	(void)state;
	memset(big, 'x', sizeof big - 1);
	big[sizeof big - 1] = '\0';
	(void)why_set(&why, ERR_IO, "%s", big);
	assert_int_equal(strlen(why.text), WHY_MAX - 1);
}

static void
test_without_a_text_the_table_speaks(void **state)
{
	struct why	why = { .err = ERR_TIMEOUT };

	(void)state;
	assert_string_equal(why_text(&why), err_sentence(ERR_TIMEOUT));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_first_reason_stands),
		cmocka_unit_test(test_a_cleared_one_takes_a_new_reason),
		cmocka_unit_test(test_nobody_wants_to_know),
		cmocka_unit_test(test_a_long_sentence_is_cut),
		cmocka_unit_test(test_without_a_text_the_table_speaks),
	};

	return cmocka_run_group_tests_name("why", tests, NULL, NULL);
}
