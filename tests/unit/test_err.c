/* proto/base/err: THE table. */
#include "proto/base/err.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/unit.h"

static void
test_every_row_is_complete_and_in_range(void **state)
{
	(void)state;
	for (int e = -1; e > -ERR_COUNT; e--) {
		int	code = err_rpc_code(e);

		assert_memory_equal(err_name(e), "ERR_", 4);
		assert_true(strlen(err_class(e)) > 0);
		assert_true(strlen(err_sentence(e)) > 0);
		/* One sentence, to be completed by others: no full stop. */
		assert_int_not_equal(err_sentence(e)[strlen(err_sentence(e)) -
		    1], '.');
		assert_true(code == -32700 ||
		    (code >= -32603 && code <= -32600) ||
		    (code >= -32099 && code <= -32000));
		assert_in_range(err_exit(e), 1, 255);
	}
	assert_int_equal(err_rpc_code(0), 0);
	assert_int_equal(err_exit(0), 0);
	assert_string_equal(err_name(0), "ERR_OK");
}

static void
test_names_and_classes_are_unique(void **state)
{
	(void)state;
	for (int a = 0; a > -ERR_COUNT; a--)
		for (int b = 0; b > a; b--) {
			assert_string_not_equal(err_name(a), err_name(b));
			assert_string_not_equal(err_class(a), err_class(b));
		}
}

/* A class word is read by programs: one spelling, lower case. */
static void
test_a_class_is_a_lower_case_word(void **state)
{
	(void)state;
	for (int e = 0; e > -ERR_COUNT; e--)
		assert_int_equal(strspn(err_class(e),
		    "abcdefghijklmnopqrstuvwxyz_"), strlen(err_class(e)));
}

static void
test_a_class_leads_back_to_its_error(void **state)
{
	(void)state;
	for (int e = 0; e > -ERR_COUNT; e--)
		assert_int_equal(err_from_class(err_class(e)), e);
	assert_int_equal(err_from_class("no_such_class"), ERR_INTERNAL);
	assert_int_equal(err_from_class(""), ERR_INTERNAL);
}

static void
test_a_number_that_is_no_error_is_a_defect(void **state)
{
	(void)state;
	assert_string_equal(err_name(1), "ERR_INTERNAL");
	assert_string_equal(err_name(-ERR_COUNT), "ERR_INTERNAL");
	assert_int_equal(err_exit(-12345), err_exit(ERR_INTERNAL));
}

static void
test_errno_of_a_file(void **state)
{
	(void)state;
	assert_int_equal(err_from_errno(ENOENT), ERR_FILE_MISSING);
	assert_int_equal(err_from_errno(ENOTDIR), ERR_FILE_MISSING);
	assert_int_equal(err_from_errno(EACCES), ERR_FILE_DENIED);
	assert_int_equal(err_from_errno(EPERM), ERR_FILE_DENIED);
	assert_int_equal(err_from_errno(EROFS), ERR_FILE_DENIED);
	assert_int_equal(err_from_errno(ENOMEM), ERR_NOMEM);
	assert_int_equal(err_from_errno(ENOSPC), ERR_IO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_row_is_complete_and_in_range),
		cmocka_unit_test(test_names_and_classes_are_unique),
		cmocka_unit_test(test_a_class_is_a_lower_case_word),
		cmocka_unit_test(test_a_class_leads_back_to_its_error),
		cmocka_unit_test(test_a_number_that_is_no_error_is_a_defect),
		cmocka_unit_test(test_errno_of_a_file),
	};

	return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
