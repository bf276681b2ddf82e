/* methods - the table and the functions behind it belong together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/job/op.h"
#include "daemon/rpc/methods.h"
#include "proto/rpc/method.h"

static void
test_every_method_of_the_table_is_served(void **state)
{
	const char	*name = methods_missing();

	(void)state;
	if (name != NULL)
		fail_msg("%s is in the table of methods, nobody serves it",
		    name);
}

/* Phases have names that differ, and a way out. */
static void
test_every_job_has_phases_with_names_of_their_own(void **state)
{
	(void)state;
	for (const struct method *m = methods; m->name != NULL; m++) {
		const struct op	*op = op_find(m->name);

		if (m->flags & METHOD_WORK) {
			assert_non_null(op);
			assert_non_null(op->work);
		}
		if (!(m->flags & METHOD_JOB))
			continue;
		assert_non_null(op);
		assert_non_null(op->phases[0].name);
		for (size_t i = 0; op->phases[i].name != NULL; i++) {
			assert_non_null(op->phases[i].run);
			for (size_t k = 0; k < i; k++)
				assert_string_not_equal(op->phases[i].name,
				    op->phases[k].name);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_method_of_the_table_is_served),
		cmocka_unit_test(
		    test_every_job_has_phases_with_names_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
