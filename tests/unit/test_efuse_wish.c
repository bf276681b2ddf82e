/*
 * Wishes as they travel: what is written is read again, and what is no wish is
 * refused with a sentence.
 */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "proto/base/err.h"
#include "proto/base/why.h"
#include "proto/efuse/wish.h"

static int
parse(struct efuse_wish *w, const char *text, int *fd, struct why *why)
{
	struct json_object	*o = json_tokener_parse(text);
	int			 r;

	assert_non_null(o);
	why_clear(why);
	r = efuse_wish_parse(w, o, fd, why);
	json_object_put(o);
	return r;
}

static void
test_a_wish_comes_back_as_it_went(void **state)
{
	struct efuse_wish	w = { .kind = EFUSE_WISH_KEY, .command = 3,
	    .name = (char *)(uintptr_t)"BLOCK_KEY0",
	    .purpose = (char *)(uintptr_t)"HMAC_UP", .offset = 6,
	    .bits = { 1, 255, 287 }, .bit_count = 3, .writable = true,
	    .force = true, .show = true };
	struct efuse_wish	back;
	struct json_object	*o = efuse_wish_json(&w, 2);
	int			 fd = -7;

	assert_int_equal(efuse_wish_parse(&back, o, &fd, NULL), 0);
	assert_int_equal(fd, 2);
	assert_int_equal(back.kind, EFUSE_WISH_KEY);
	assert_int_equal(back.command, 3);
	assert_string_equal(back.name, "BLOCK_KEY0");
	assert_string_equal(back.purpose, "HMAC_UP");
	assert_null(back.value);
	assert_int_equal(back.offset, 6);
	assert_int_equal(back.bit_count, 3);
	assert_int_equal(back.bits[2], 287);
	assert_true(back.writable && back.force && back.show);
	assert_false(back.readable || back.write_always);
	efuse_wish_done(&back);
	assert_null(back.name);
	json_object_put(o);
	(void)state;
}

static void
test_all_kinds_have_a_word(void **state)
{
	for (int k = EFUSE_WISH_FIELD; k <= EFUSE_WISH_REPAIR; k++) {
		struct efuse_wish	w = { .kind = (enum efuse_wish_kind)k };
		struct efuse_wish	back;
		struct json_object	*o = efuse_wish_json(&w, -1);
		int			 fd = 0;

		assert_int_equal(efuse_wish_parse(&back, o, &fd, NULL), 0);
		assert_int_equal(back.kind, k);
		assert_int_equal(fd, -1);
		json_object_put(o);
		efuse_wish_done(&back);
	}
	(void)state;
}

static void
test_data_are_not_in_the_text(void **state)
{
	struct efuse_wish	w = { .kind = EFUSE_WISH_KEY, .len = 32 };
	struct json_object	*o;

	memset(w.data, 0xa5, sizeof(w.data));
	o = efuse_wish_json(&w, 0);
	assert_null(strstr(json_object_to_json_string(o), "a5"));
	assert_null(strstr(json_object_to_json_string(o), "165"));
	json_object_put(o);
	(void)state;
}

static void
test_what_is_no_wish_is_refused(void **state)
{
	static const struct {
		const char	*text, *words;
	} rows[] = {
		{ "[]", "an object with \"burn\"" },
		{ "{}", "an object with \"burn\"" },
		{ "{\"burn\": \"all\"}", "must be field, bits" },
		{ "{\"burn\": 1}", "must be field, bits" },
		{ "{\"burn\": \"bits\", \"color\": 1}", "no \"color\"" },
		{ "{\"burn\": \"bits\", \"name\": 1}", "must be a string" },
		{ "{\"burn\": \"bits\", \"name\": \"a\\u0000b\"}", "NUL" },
		{ "{\"burn\": \"bits\", \"name\": \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		  "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}", "longer" },
		{ "{\"burn\": \"bits\", \"bits\": 3}", "a list" },
		{ "{\"burn\": \"bits\", \"bits\": [-1]}", "from 0 to" },
		{ "{\"burn\": \"bits\", \"bits\": [\"1\"]}", "from 0 to" },
		{ "{\"burn\": \"data\", \"offset\": 70000}", "from 0 to" },
		{ "{\"burn\": \"data\", \"command\": 256}", "from 0 to" },
		{ "{\"burn\": \"data\", \"fd\": -1}", "from 0 to" },
		{ "{\"burn\": \"data\", \"force\": 1}", "true or false" },
	};
	struct efuse_wish	w = { .kind = EFUSE_WISH_MAC };
	struct why		why;
	int			fd = 5;

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		if (parse(&w, rows[i].text, &fd, &why) != ERR_PARAMS ||
		    !strstr(why.text, rows[i].words))
			fail_msg("%s: \"%s\"", rows[i].text, why.text);
		assert_int_equal(w.kind, EFUSE_WISH_MAC);
		assert_int_equal(fd, 5);
	}
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_a_wish_comes_back_as_it_went),
		cmocka_unit_test(test_all_kinds_have_a_word),
		cmocka_unit_test(test_data_are_not_in_the_text),
		cmocka_unit_test(test_what_is_no_wish_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
