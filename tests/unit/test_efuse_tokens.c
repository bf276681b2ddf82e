/* efuse_tokens - one use, one user, one port; and what was burned is written
 * down. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "daemon/base/loop.h"
#include "daemon/job/efuse_order.h"
#include "daemon/job/efuse_tokens.h"
#include "proto/base/err.h"

static struct efuse_order *
order_new(void)
{
	struct json_object	*params = json_object_new_object();
	struct input_fds	 fds = { .count = 0 };
	struct efuse_order	*o = NULL;

	json_object_object_add(params, "postpone",
	    json_object_new_boolean(true));
	assert_int_equal(efuse_order_new(params, &fds, &o, NULL), 0);
	json_object_put(params);
	return o;
}

static void
add(uid_t uid, const char *identity, char token[EFUSE_TOKEN_LEN])
{
	struct efuse_order	*o = order_new();

	assert_int_equal(efuse_tokens_add(o, uid, identity, token, NULL), 0);
	efuse_order_unref(o);
}

static int
take(const char *token, uid_t uid, const char *identity)
{
	struct efuse_order	*o = NULL;
	struct why		 why = { 0 };
	int			 r;

	r = efuse_tokens_take(token, uid, identity, &o, &why);
	assert_int_equal(o != NULL, r == 0);
	assert_int_equal(why.err, r);
	efuse_order_unref(o);
	return r;
}

static void
test_a_token_is_good_once(void **state)
{
	char	token[EFUSE_TOKEN_LEN];

	(void)state;
	add(7, "location=1-2", token);
	assert_int_equal(strspn(token, "0123456789abcdef"), 32);
	assert_int_equal(take(token, 7, "location=1-2"), 0);
	assert_int_equal(take(token, 7, "location=1-2"), ERR_PARAMS);
	assert_int_equal(efuse_tokens_count(), 0);
}

/* And whoever has no right to it does not use it up. */
static void
test_a_token_is_for_one_user_and_port(void **state)
{
	char	token[EFUSE_TOKEN_LEN];

	(void)state;
	add(7, "location=1-2", token);
	assert_int_equal(take(token, 8, "location=1-2"), ERR_DENIED);
	assert_int_equal(take(token, 7, "location=1-3"), ERR_CONFLICT);
	assert_int_equal(take("", 7, "location=1-2"), ERR_PARAMS);
	assert_int_equal(take(token, 7, "location=1-2"), 0);
}

static void
test_tokens_differ_and_the_oldest_goes(void **state)
{
	char	first[EFUSE_TOKEN_LEN], token[EFUSE_TOKEN_LEN];

	(void)state;
	add(7, "a", first);
	for (int i = 0; i < EFUSE_TOKENS_MAX; i++) {
		add(7, "a", token);
		assert_string_not_equal(token, first);
	}
	assert_int_equal(efuse_tokens_count(), EFUSE_TOKENS_MAX);
	assert_int_equal(take(first, 7, "a"), ERR_PARAMS);
	assert_int_equal(take(token, 7, "a"), 0);
}

static int
set_up(void **state)
{
	(void)state;
	return loop_init();
}

static int
tear_down(void **state)
{
	(void)state;
	efuse_tokens_done();
	assert_int_equal(efuse_tokens_count(), 0);
	loop_done();
	return 0;
}

#define test(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(test_a_token_is_good_once),
		test(test_a_token_is_for_one_user_and_port),
		test(test_tokens_differ_and_the_oldest_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
