#include "proto/rpc/rpc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "proto/base/err.h"

static void
expect_text(struct json_object *o, const char *text)
{
	assert_string_equal(json_object_to_json_string_ext(o,
	    JSON_C_TO_STRING_PLAIN), text);
	json_object_put(o);
}

static void
test_a_request_is_taken_apart(void **state)
{
	struct json_object	*o = json_tokener_parse("{\"jsonrpc\":\"2.0\","
	    "\"id\":\"q\",\"method\":\"job.get\",\"params\":{\"job\":1}}");
	struct rpc_request	 r;
	struct why		 why = { 0 };

	(void)state;
	assert_int_equal(rpc_request_parse(o, &r, &why), 0);
	assert_true(r.has_id);
	assert_string_equal(json_object_get_string(r.id), "q");
	assert_string_equal(r.method, "job.get");
	assert_int_equal(json_object_object_length(r.params), 1);
	json_object_put(o);
}

static void
test_null_id_differs_from_none(void **state)
{
	struct json_object	*o = json_tokener_parse(
	    "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"m\"}");
	struct rpc_request	 r;
	struct why		 why = { 0 };

	(void)state;
	assert_int_equal(rpc_request_parse(o, &r, &why), 0);
	assert_true(r.has_id);
	assert_null(r.id);
	assert_null(r.params);
	json_object_object_del(o, "id");
	assert_int_equal(rpc_request_parse(o, &r, &why), 0);
	assert_false(r.has_id);
	json_object_put(o);
}

static void
test_what_is_no_request_is_refused_with_the_reason(void **state)
{
	static const struct { const char *text, *part; } rows[] = {
		{ "null", "object" },
		{ "17", "object" },
		{ "[{}]", "batch" },
		{ "{}", "jsonrpc" },
		{ "{\"jsonrpc\":2.0,\"method\":\"m\"}", "jsonrpc" },
		{ "{\"jsonrpc\":\"1.0\",\"method\":\"m\"}", "jsonrpc" },
		{ "{\"jsonrpc\":\"2.0\"}", "method" },
		{ "{\"jsonrpc\":\"2.0\",\"method\":1}", "method" },
		{ "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"params\":1}",
		  "params" },
		{ "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"id\":{}}", "id" },
		{ "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"id\":true}", "id" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct json_object	*o = json_tokener_parse(rows[i].text);
		struct rpc_request	 r;
		struct why		 why = { 0 };

		assert_int_equal(rpc_request_parse(o, &r, &why), ERR_REQUEST);
		assert_non_null(strstr(why.text, rows[i].part));
		json_object_put(o);
	}
}

static void
test_envelopes_are_those_of_the_specification(void **state)
{
	struct json_object	*id = json_object_new_string("7");

	(void)state;
	expect_text(rpc_request("m", NULL, 3),
	    "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"id\":3}");
	expect_text(rpc_notification("event", json_object_new_object()),
	    "{\"jsonrpc\":\"2.0\",\"method\":\"event\",\"params\":{}}");
	expect_text(rpc_result(id, json_object_new_boolean(1)),
	    "{\"jsonrpc\":\"2.0\",\"id\":\"7\",\"result\":true}");
	expect_text(rpc_error(NULL, &(struct why){ .err = ERR_PARSE }, NULL),
	    "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700,"
	    "\"message\":\"that is not JSON\","
	    "\"data\":{\"class\":\"parse\",\"exit\":45}}}");
	json_object_put(id);	/* still ours */
}

static void
test_an_error_survives_the_way_there_and_back(void **state)
{
	(void)state;
	for (int err = -1; err > -ERR_COUNT; err--) {
		struct why		 why = { .err = err }, back;
		struct json_object	*o;

		(void)strncpy(why.text, "the reason", sizeof why.text);
		o = rpc_error_object(&why, json_object_new_object());
		rpc_error_read(o, &back);
		assert_int_equal(back.err, err);
		assert_string_equal(back.text, "the reason");
		json_object_put(o);
	}
}

static void
test_a_foreign_error_is_known_by_its_code(void **state)
{
	struct json_object	*o = json_tokener_parse(
	    "{\"code\":-32601,\"message\":\"no\"}");
	struct why		 why;

	(void)state;
	rpc_error_read(o, &why);
	assert_int_equal(why.err, ERR_METHOD);
	json_object_put(o);
	rpc_error_read(NULL, &why);
	assert_int_equal(why.err, ERR_INTERNAL);
	o = json_tokener_parse("{\"data\":{\"class\":\"ok\"}}");
	rpc_error_read(o, &why);
	assert_int_equal(why.err, ERR_INTERNAL);
	json_object_put(o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_request_is_taken_apart),
		cmocka_unit_test(test_null_id_differs_from_none),
		cmocka_unit_test(
		    test_what_is_no_request_is_refused_with_the_reason),
		cmocka_unit_test(test_envelopes_are_those_of_the_specification),
		cmocka_unit_test(test_an_error_survives_the_way_there_and_back),
		cmocka_unit_test(test_a_foreign_error_is_known_by_its_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
