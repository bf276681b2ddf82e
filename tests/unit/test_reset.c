/* daemon/link/reset: the recipes, and the sequences that users write. */
#include "daemon/link/reset.h"

#include <stdio.h>
#include <string.h>

#include "proto/base/err.h"
#include "tests/unit/unit.h"

enum { TEXT = 1024 };

/* Steps as the header writes them: "01, 100 ms, 00". */
static const char *
written(const struct reset_step *s, size_t count)
{
	static char	text[TEXT];
	size_t		len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		len += (size_t)snprintf(text + len, sizeof text - len,
		    "%s%d%d", i == 0 ? "" : ", ", s[i].dtr, s[i].rts);
		if (s[i].ms > 0)
			len += (size_t)snprintf(text + len, sizeof text - len,
			    ", %u ms", s[i].ms);
		assert_true(len < sizeof text);
	}
	return text;
}

static const char *
parsed(const char *sequence)
{
	struct reset_custom	c = { .count = 0 };
	struct why		why = { 0 };

	if (reset_parse(sequence, &c, &why) < 0)
		fail_msg("%s: %s", sequence, why.text);
	assert_int_equal(why.err, 0);
	return written(c.steps, c.count);
}

static void
test_recipes_are_the_documented_ones(void **state)
{
	static const struct {
		enum reset_recipe	 which;
		const char		*name, *steps;
	} rows[] = {
		{ RESET_NONE, "none", "" },
		{ RESET_TIGHT, "tight", "00, 11, 01, 100 ms, 10, 50 ms, 00" },
		{ RESET_TIGHT_SLOW, "tight-slow",
		    "00, 11, 01, 100 ms, 10, 550 ms, 00" },
		{ RESET_CLASSIC, "classic",
		    "01, 100 ms, 11, 10, 50 ms, 00" },
		{ RESET_CLASSIC_SLOW, "classic-slow",
		    "01, 100 ms, 11, 10, 550 ms, 00" },
		{ RESET_USB_JTAG, "usb-jtag",
		    "00, 100 ms, 10, 100 ms, 11, 01, 100 ms, 00" },
		{ RESET_HARD, "hard", "01, 100 ms, 00" },
		{ RESET_HARD_USB, "hard-usb", "01, 200 ms, 00, 200 ms" },
		{ RESET_HARD_FLOW, "hard-flow", "01, 100 ms, 11, 100 ms, 10" },
	};

	(void)state;
	assert_int_equal(UNIT_COUNT(rows), RESET_COUNT);
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		const struct reset_step	*s;
		size_t			 count;

		s = reset_steps(rows[i].which, &count);
		assert_string_equal(written(s, count), rows[i].steps);
		assert_string_equal(reset_name(rows[i].which), rows[i].name);
		assert_int_equal(reset_by_name(rows[i].name), rows[i].which);
	}
	assert_int_equal(reset_by_name("fast"), RESET_NONE);
	assert_int_equal(reset_by_name(""), RESET_NONE);
}

static void
check_order(bool usb, bool remote, enum reset_recipe first,
    const enum reset_recipe *want, size_t count)
{
	for (unsigned n = 0; n < 3 * count; n++)
		assert_int_equal(reset_choose(n, usb, remote, first),
		    want[n % count]);
}

static void
test_recipes_take_turns_and_the_remembered_one_is_first(void **state)
{
	static const enum reset_recipe local[] = {
		RESET_TIGHT, RESET_TIGHT_SLOW, RESET_CLASSIC,
		RESET_CLASSIC_SLOW,
	}, third[] = {
		RESET_CLASSIC, RESET_TIGHT, RESET_TIGHT_SLOW,
		RESET_CLASSIC_SLOW,
	}, last[] = {
		RESET_CLASSIC_SLOW, RESET_TIGHT, RESET_TIGHT_SLOW,
		RESET_CLASSIC,
	}, remote[] = {
		RESET_CLASSIC, RESET_CLASSIC_SLOW,
	}, remote_slow[] = {
		RESET_CLASSIC_SLOW, RESET_CLASSIC,
	}, usb[] = { RESET_USB_JTAG };

	(void)state;
	check_order(false, false, RESET_NONE, local, 4);
	check_order(false, false, RESET_TIGHT, local, 4);
	check_order(false, false, RESET_CLASSIC, third, 4);
	check_order(false, false, RESET_CLASSIC_SLOW, last, 4);
	check_order(false, true, RESET_NONE, remote, 2);
	check_order(false, true, RESET_CLASSIC_SLOW, remote_slow, 2);
	/* What does not fit the port does not count. */
	check_order(false, true, RESET_TIGHT, remote, 2);
	check_order(false, false, RESET_USB_JTAG, local, 4);
	check_order(false, false, RESET_HARD, local, 4);
	check_order(true, false, RESET_CLASSIC, usb, 1);
	check_order(true, true, RESET_NONE, usb, 1);
}

static void
test_sequences_become_rows(void **state)
{
	static const struct { const char *s, *steps; } cases[] = {
		{ "D0|R1|W0.1|D1|R0|W0.05|D0",
		    "00, 01, 100 ms, 11, 10, 50 ms, 00" },
		{ "U0,0|U1,1|U0,1|W0.1|U1,0|W0.55|U0,0|D0",
		    "00, 11, 01, 100 ms, 10, 550 ms, 00, 00" },
		{ "R1", "01" },
		{ "D1", "10" },
		{ "U1,0|R1|D0", "10, 11, 01" },
		{ "R1|W1|W0.5", "01, 1500 ms" },
		{ "W0.2|R1", "00, 200 ms, 01" },
		{ "R1|W0", "01" },
		{ "R1|W60", "01, 60000 ms" },
		{ "R1|W59.999|W0.001", "01, 60000 ms" },
		{ "R1|W0000.0100", "01, 10 ms" },
		{ "R1|W0.0001", "01, 1 ms" },	/* never shorter than asked */
		{ "R1|W0.0010000000000000000000000001", "01, 2 ms" },
		{ "R1|W0.0000000000000000000000000000", "01" },
	};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(cases); i++)
		assert_string_equal(parsed(cases[i].s), cases[i].steps);
}

static void
test_bad_steps_are_named(void **state)
{
	static const struct { const char *s, *says; } cases[] = {
		{ "", "the reset sequence is empty" },
		{ "|", "step 1 of the reset sequence, \"\", is wrong" },
		{ "R1|", "step 2 of the reset sequence, \"\", is wrong" },
		{ "|R1", "step 1 " }, { "R1||R0", "step 2 " },
		{ "D2", "\"D2\", is wrong: D takes 0 or 1" },
		{ "D", "D takes 0 or 1" }, { "D01", "D takes 0 or 1" },
		{ "D-1", "D takes 0 or 1" }, { "DTrue", "D takes 0 or 1" },
		{ "D1 ", "D takes 0 or 1" }, { "D 1", "D takes 0 or 1" },
		{ "D0|R2", "step 2 of the reset sequence, \"R2\", is wrong: R "
		    "takes 0 or 1" },
		{ "R", "R takes 0 or 1" }, { "R1R0", "R takes 0 or 1" },
		{ "U", "U takes DTR and RTS, as in U0,1" },
		{ "U0", "U takes" }, { "U0,", "U takes" }, { "U01", "U takes" },
		{ "U0,2", "U takes" }, { "U2,0", "U takes" },
		{ "U0, 1", "U takes" }, { "U0,1,1", "U takes" },
		{ "U0;1", "U takes" },
		{ "W", "W takes seconds from 0 to 60" },
		{ "W-1", "W takes" }, { "W+1", "W takes" }, { "W.5", "W takes" },
		{ "W1.", "W takes" }, { "W1e3", "W takes" }, { "W1s", "W takes" },
		{ "W0x1", "W takes" }, { "Winf", "W takes" },
		{ "Wnan", "W takes" }, { "W 1", "W takes" }, { "W1 ", "W takes" },
		{ "W1,5", "W takes" }, { "W1.5.5", "W takes" },
		{ "W61", "W takes" },
		{ "W99999999999999999999999", "W takes" },
		{ "W60.001", "longer than 60 seconds" },
		{ "R1|W30|R0|W31", "step 4 of the reset sequence, \"W31\", is "
		    "wrong: all pauses together are longer than 60 seconds" },
		{ "X", "a step is D0, D1, R0, R1, U0,1 or W0.1" },
		{ "d0", "a step is" }, { "r1", "a step is" },
		{ " D0", "a step is" }, { "0", "a step is" },
		{ "D0,R1", "D takes" }, { "hard", "a step is" },
		{ "D0|__import__('os').system('true')", "step 2 of the reset "
		    "sequence, \"__import__('os').system('true')\", is wrong" },
		{ "R1|\x1b[2J\n", "step 2 of the reset sequence, \".[2J.\"" },
	};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		struct reset_custom	c = { .count = 7 };
		struct why		why = { 0 };

		if (reset_parse(cases[i].s, &c, &why) != ERR_PARAMS)
			fail_msg("\"%s\" was taken", cases[i].s);
		assert_int_equal(why.err, ERR_PARAMS);
		assert_int_equal(c.count, 7);	/* only set on success */
		if (strstr(why.text, cases[i].says) == NULL)
			fail_msg("\"%s\": \"%s\" lacks \"%s\"", cases[i].s,
			    why.text, cases[i].says);
		assert_int_equal(reset_parse(cases[i].s, &c, NULL),
		    ERR_PARAMS);
	}
}

static void
test_a_sequence_has_an_end(void **state)
{
	char			text[3 * (RESET_STEPS_MAX + 1) + 1] = "";
	struct reset_custom	c;
	struct why		why = { 0 };

	(void)state;
	for (size_t i = 0; i <= RESET_STEPS_MAX; i++)
		memcpy(text + 3 * i, i % 2 == 0 ? "R1|" : "R0|", 3);
	text[3 * RESET_STEPS_MAX - 1] = '\0';
	assert_int_equal(reset_parse(text, &c, NULL), 0);
	assert_int_equal(c.count, RESET_STEPS_MAX);
	text[3 * RESET_STEPS_MAX - 1] = '|';
	text[3 * (RESET_STEPS_MAX + 1) - 1] = '\0';
	assert_int_equal(reset_parse(text, &c, &why), ERR_PARAMS);
	assert_string_equal(why.text, "step 65 of the reset sequence, \"R1\", "
	    "is wrong: a sequence has at most 64 steps that set lines");
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_recipes_are_the_documented_ones),
		cmocka_unit_test(
		    test_recipes_take_turns_and_the_remembered_one_is_first),
		cmocka_unit_test(test_sequences_become_rows),
		cmocka_unit_test(test_bad_steps_are_named),
		cmocka_unit_test(test_a_sequence_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
