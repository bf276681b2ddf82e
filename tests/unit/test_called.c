/* client/called */
#include "client/called.h"

#include <string.h>

#include "tests/unit/unit.h"

enum { WORDS_MAX = 8 };

static struct called
called(const char *text, int *argc, char **argv[])
{
	static char	*words[WORDS_MAX], copy[256];
	char		*rest, *word;

	memcpy(copy, text, strlen(text) + 1);
	*argc = 0;
	for (word = strtok_r(copy, " ", &rest); word != NULL;
	    word = strtok_r(NULL, " ", &rest))
		words[(*argc)++] = word;
	words[*argc] = NULL;
	*argv = words;
	return called_as(argc, argv);
}

static void
test_who_is_called(void **state)
{
	static const struct {
		const char	*text, *first;
		struct called	 is;
		int		 argc;
	} rows[] = {
		{ "espctl flash-id", "espctl", { CALLED_JOBS, 0, 0 }, 2 },
		{ "espctl", "espctl", { CALLED_JOBS, 0, 0 }, 1 },
		{ "espctl esptool x", "esptool", { CALLED_JOBS, 1, 0 }, 2 },
		{ "/bin/espctl esptool.py", "esptool.py",
		    { CALLED_JOBS, 1, 1 }, 1 },
		{ "/x/esptool.py", "/x/esptool.py", { CALLED_JOBS, 1, 1 }, 1 },
		{ "myesptool flash-id", "myesptool", { CALLED_JOBS, 0, 0 }, 2 },
		{ "esptool2 flash-id", "esptool2", { CALLED_JOBS, 0, 0 }, 2 },
		{ "/x.py/espefuse dump", "/x.py/espefuse",
		    { CALLED_EFUSE, 1, 0 }, 2 },
		{ "espctl espefuse dump", "espefuse",
		    { CALLED_EFUSE, 1, 0 }, 2 },
		{ "espctl --json -p /dev/ttyS7 efuse dump", "espctl",
		    { CALLED_EFUSE, 0, 0 }, 5 },
		{ "espctl label efuse", "espctl", { CALLED_JOBS, 0, 0 }, 3 },
		{ "espctl -p efuse ports", "espctl", { CALLED_JOBS, 0, 0 }, 4 },
		{ "espsecure.py -h", "espsecure.py", { CALLED_SECURE, 1, 1 },
		    2 },
		{ "espctl espsecure -h", "espsecure", { CALLED_SECURE, 1, 0 },
		    2 },
		{ "espctl --json secure -h", "espctl", { CALLED_SECURE, 0, 0 },
		    3 },
		{ "espctl -p secure ports", "espctl", { CALLED_JOBS, 0, 0 },
		    4 },
	};
	char	**argv;
	int	  argc;

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		struct called	is = called(rows[i].text, &argc, &argv);

		assert_int_equal(is.part, rows[i].is.part);
		assert_int_equal(is.as_tool, rows[i].is.as_tool);
		assert_int_equal(is.py, rows[i].is.py);
		assert_int_equal(argc, rows[i].argc);
		assert_string_equal(argv[0], rows[i].first);
		assert_null(argv[argc]);
	}
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_who_is_called),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
