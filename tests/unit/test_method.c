#include "proto/rpc/method.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "proto/base/err.h"

#define WRITE	"{\"port\":\"/dev/a\",\"images\":"

/* Check parameters; the plain text of the checked object, or "" and *why. */
static const char *
check(const char *method, const char *params, unsigned fds, struct why *why)
{
	static char		 text[4096];
	struct json_object	*o = NULL, *checked = NULL;
	int			 r;

	if (params != NULL)
		assert_non_null(o = json_tokener_parse(params));
	why_clear(why);
	text[0] = '\0';
	r = method_check(method_find(method), o, fds, &checked, why);
	assert_int_equal(r, why->err);
	if (r == 0)
		(void)strncpy(text, json_object_to_json_string_ext(checked,
		    JSON_C_TO_STRING_PLAIN), sizeof text - 1);
	else
		assert_null(checked);
	json_object_put(checked);
	json_object_put(o);
	return text;
}

static void
test_the_table_is_in_order(void **state)
{
	(void)state;
	for (const struct method *m = methods; m->name != NULL; m++) {
		assert_ptr_equal(method_find(m->name), m);
		assert_non_null(strchr(m->name, '.'));
		assert_true(m->help != NULL && m->result != NULL);
		for (const struct method_param *p = m->params;
		    p != NULL && p->name != NULL; p++) {
			assert_ptr_equal(method_param(m, p->name), p);
			assert_non_null(p->help);
			assert_true((p->choices != NULL) ==
			    (p->type == METHOD_CHOICE));
			assert_true(p->type != METHOD_BOOL ||
			    p->initial != NULL);
			assert_false(p->required && p->initial != NULL);
			assert_true(p->max == 0 || p->min <= p->max);
			if (m->flags & METHOD_JOB)
				for (const struct method_param *c =
				    method_job_params; c->name != NULL; c++)
					assert_string_not_equal(c->name,
					    p->name);
		}
	}
	assert_null(method_find("flash"));
	assert_null(method_find(""));
}

static void
test_defaults_are_filled_in_and_values_made_plain(void **state)
{
	struct why	why;

	(void)state;
	assert_string_equal(check("flash.write", WRITE "[{\"offset\":"
	    "\"0x1000\",\"fd\":0,\"name\":\"a.bin\"},{\"fd\":1,\"offset\":"
	    "\"64k\",\"name\":null}],\"baud\":\"0x1c200\",\"chip\":null}", 2,
	    &why),
	    "{\"images\":[{\"offset\":4096,\"fd\":0,\"name\":\"a.bin\","
	    "\"encrypt\":false},{\"fd\":1,\"offset\":65536,"
	    "\"name\":\"image 2\",\"encrypt\":false}],"
	    "\"partition_table_offset\":32768,"
	    "\"plain\":false,\"erase_all\":false,\"skip_flashed\":false,"
	    "\"trust_flash_content\":false,"
	    "\"ignore_flash_enc_efuse\":false,\"force\":false,"
	    "\"flash_mode\":\"keep\",\"flash_freq\":\"keep\","
	    "\"flash_size\":\"keep\",\"port\":[\"\\/dev\\/a\"],"
	    "\"chip\":\"auto\",\"baud\":115200,\"before\":\"default-reset\","
	    "\"after\":\"hard-reset\",\"no_stub\":false,"
	    "\"connect_attempts\":7,\"reattach_s\":10,\"trace\":false}");
	assert_string_equal(check("port.list", NULL, 0, &why), "{}");
	assert_non_null(strstr(check("flash.read", "{\"port\":\"a\","
	    "\"offset\":\"4k\",\"size\":\"ALL\",\"output\":[0]}", 1, &why),
	    "\"offset\":4096,\"size\":0,"));
	assert_string_equal(check("job.wait", "{\"job\":3}", 0, &why),
	    "{\"job\":3,\"timeout_ms\":0}");
}

/* A place as "0x1000" or "<nvs>", or "" for neither. */
static const char *
place(const char *word)
{
	static char	 out[64];
	const char	*partition;
	uint32_t	 address;

	if (method_place(word, &address, &partition) < 0)
		return "";
	if (partition == NULL)
		(void)snprintf(out, sizeof out, "0x%x", address);
	else
		(void)snprintf(out, sizeof out, "<%s>", partition);
	return out;
}

static void
test_a_place_is_an_address_or_the_name_of_a_partition(void **state)
{
	(void)state;
	assert_string_equal(place("0x1000"), "0x1000");
	assert_string_equal(place("4k"), "0x1000");
	assert_string_equal(place("nvs"), "<nvs>");
	assert_string_equal(place("factory"), "<factory>");
	assert_string_equal(place("16 bytes or less"), "");
	assert_string_equal(place("x6 bytes or less"), "<x6 bytes or less>");
	assert_string_equal(place("x6 bytes or less!"), "");
	/* A number that somebody has mistyped is no name. */
	assert_string_equal(place("0x100O"), "");
	assert_string_equal(place("-1"), "");
	assert_string_equal(place("10000h"), "");
	assert_string_equal(place(""), "");
	/* One that looks like a number, for certain. */
	assert_string_equal(place("partition=4k"), "<4k>");
	assert_string_equal(place("partition=0x1000"), "<0x1000>");
	assert_string_equal(place("partition=nvs"), "<nvs>");
	assert_string_equal(place("partition=partition=a"), "<partition=a>");
	assert_string_equal(place("partition="), "");
}

static void
test_places_of_jobs_stay_names(void **state)
{
	struct why	why;

	(void)state;
	assert_non_null(strstr(check("flash.write", WRITE "[{\"offset\":"
	    "\"nvs\",\"fd\":0},{\"offset\":\"partition=4k\",\"fd\":1}]}",
	    2, &why), "[{\"offset\":\"nvs\",\"fd\":0,\"name\":\"image 1\","
	    "\"encrypt\":false},{\"offset\":\"4k\""));
	assert_non_null(strstr(check("flash.erase_region", "{\"port\":\"a\","
	    "\"offset\":\"nvs\",\"size\":\"all\",\"partition_table\":"
	    "{\"fd\":0,\"name\":\"t.csv\"}}", 1, &why),
	    "\"offset\":\"nvs\",\"size\":0,\"partition_table\":{\"fd\":0,"
	    "\"name\":\"t.csv\"},\"partition_table_offset\":32768,"));
}

static void
test_each_mistake_is_named(void **state)
{
	static const struct { const char *method, *params, *part; } rows[] = {
		{ "job.get", "[1]", "by name" },
		{ "job.get", "{}", "\"job\": it is missing" },
		{ "job.get", "{\"job\":null}", "\"job\": it is missing" },
		{ "job.get", "{\"job\":0}", "at least 1" },
		{ "job.get", "{\"job\":-1}", "\"job\"" },
		{ "job.get", "{\"job\":1.5}", "\"job\"" },
		{ "job.get", "{\"job\":4294967296}", "\"job\"" },
		{ "job.get", "{\"job\":\"x\"}", "\"job\"" },
		{ "job.get", "{\"job\":\"1\\u0000\"}", "\"job\"" },
		{ "job.get", "{\"job\":1,\"jab\":1}", "no parameter \"jab\"" },
		{ "port.list", "{\"port\":\"a\"}", "no parameter \"port\"" },
		{ "flash.id", "{}", "\"port\": it is missing" },
		{ "flash.id", "{\"port\":[]}", "\"port\"" },
		{ "flash.id", "{\"port\":[1]}", "\"port\"" },
		{ "flash.id", "{\"port\":\"\"}", "\"port\"" },
		{ "flash.id", "{\"port\":\"a\\u0000b\"}", "\"port\"" },
		{ "flash.id", "{\"port\":[\"a\",\"a\"]}", "twice" },
		{ "flash.id", "{\"port\":\"a\",\"baud\":299}", "at least 300" },
		{ "flash.id", "{\"port\":\"a\",\"baud\":99999999}",
		  "at most" },
		{ "flash.id", "{\"port\":\"a\",\"no_stub\":1}", "no_stub" },
		{ "flash.id", "{\"port\":\"a\",\"before\":\"default\"}",
		  "default-reset|usb-reset" },
		{ "flash.id", "{\"port\":\"a\",\"before\":\"\"}", "before" },
		{ "flash.id", "{\"port\":\"a\",\"before\":7}", "before" },
		{ "flash.write", "{\"port\":\"a\"}", "\"images\"" },
		{ "flash.write", WRITE "{}}", "\"images\"" },
		{ "flash.write", WRITE "[]}", "\"images\"" },
		{ "flash.write", WRITE "[7]}", "\"images\"" },
		{ "flash.write", WRITE "[{\"fd\":0,\"offset\":\"9nvs\"}]}",
		  "\"images.offset\": an address in flash is wanted" },
		{ "flash.write", WRITE "[{\"fd\":0,\"offset\":\"a\\u0000\"}]}",
		  "\"images.offset\"" },
		{ "flash.write", WRITE "[{\"fd\":0,\"offset\":1,"
		  "\"partition\":\"nvs\"}]}", "no member \"partition\"" },
		{ "flash.erase_region", "{\"port\":\"a\",\"size\":\"all\","
		  "\"offset\":\"0x1000g\"}", "\"offset\"" },
		{ "flash.write", WRITE "[null]}", "\"images\"" },
		{ "flash.write", WRITE "[{\"fd\":0}]}", "offset" },
		{ "flash.write", WRITE "[{\"offset\":0}]}", "\"fd\"" },
		{ "flash.write", WRITE "[{\"offset\":0,\"fd\":2}]}",
		  "descriptor 2" },
		{ "flash.write", WRITE "[{\"offset\":0,\"fd\":-1}]}",
		  "descriptor -1" },
		{ "flash.write", WRITE "[{\"offset\":0,\"fd\":\"0\"}]}",
		  "index" },
		{ "flash.write", WRITE "[{\"offset\":\"4GB\",\"fd\":0}]}",
		  "images.offset" },
		{ "flash.write", WRITE "[{\"offset\":0,\"fd\":0,\"x\":1}]}",
		  "\"x\"" },
		{ "flash.write", WRITE "[{\"offset\":0,\"fd\":0,\"old\":2}]}",
		  "images.old" },
		{ "flash.write", WRITE "[{\"offset\":0,\"fd\":0,"
		  "\"encrypt\":1}]}", "images.encrypt" },
		{ "flash.read", "{\"port\":\"a\",\"offset\":0,\"size\":0,"
		  "\"output\":[0]}", "at least 1" },
		{ "flash.read", "{\"port\":\"a\",\"offset\":0,"
		  "\"size\":\"some\",\"output\":[0]}", "number of bytes" },
		{ "flash.read", "{\"port\":[\"a\",\"b\"],\"offset\":0,"
		  "\"size\":1,\"output\":[0]}", "for each port" },
		{ "flash.read", "{\"port\":[\"a\",\"b\"],\"offset\":0,"
		  "\"size\":1,\"output\":[0,0]}", "twice" },
		{ "efuse.plan", "{\"port\":\"a\"}", "\"wishes\": it is missing" },
		{ "efuse.plan", "{\"port\":\"a\",\"wishes\":[]}", "array" },
		{ "efuse.plan", "{\"port\":\"a\",\"wishes\":[7]}", "object" },
		{ "efuse.plan", "{\"port\":\"a\",\"wishes\":[{\"fd\":2}]}",
		  "no descriptor 2" },
		{ "efuse.plan", "{\"port\":\"a\",\"wishes\":[{\"fd\":1},"
		  "{\"fd\":1}]}", "twice" },
		{ "efuse.burn", "{\"port\":\"a\"}", "\"token\": it is missing" },
	};
	struct why	why;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check(rows[i].method, rows[i].params, 2, &why);
		assert_int_equal(why.err, ERR_PARAMS);
		if (strstr(why.text, rows[i].part) == NULL)
			fail_msg("%s: \"%s\" lacks \"%s\"", rows[i].params,
			    why.text, rows[i].part);
	}
}

static void
test_too_many_images_are_refused(void **state)
{
	struct json_object	*o = json_object_new_object(), *list, *image;
	struct json_object	*checked = NULL;
	struct why		 why = { 0 };

	(void)state;
	list = json_object_new_array();
	for (int i = 0; i <= METHOD_IMAGES_MAX; i++) {
		image = json_object_new_object();
		json_object_object_add(image, "offset",
		    json_object_new_int(i * 4096));
		json_object_object_add(image, "fd", json_object_new_int(0));
		(void)json_object_array_add(list, image);
	}
	json_object_object_add(o, "port", json_object_new_string("a"));
	json_object_object_add(o, "images", list);
	assert_int_equal(method_check(method_find("flash.write"), o, 1,
	    &checked, &why), ERR_PARAMS);
	(void)json_object_array_del_idx(list, 0, 1);
	why_clear(&why);
	assert_int_equal(method_check(method_find("flash.write"), o, 1,
	    &checked, &why), 0);
	json_object_put(checked);
	json_object_put(o);
}

static void
test_readers_give_the_value_or_what_stands_for_none(void **state)
{
	struct json_object	*o = json_tokener_parse(
	    "{\"a\":4294967295,\"b\":true,\"c\":\"s\"}");

	(void)state;
	assert_int_equal(method_number(o, "a", 1), UINT32_MAX);
	assert_int_equal(method_number(o, "z", 1), 1);
	assert_true(method_bool(o, "b"));
	assert_false(method_bool(o, "z"));
	assert_string_equal(method_string(o, "c", "t"), "s");
	assert_string_equal(method_string(o, "z", "t"), "t");
	json_object_put(o);
}

static struct json_object *
member(struct json_object *o, const char *name)
{
	struct json_object	*v = NULL;

	assert_true(json_object_object_get_ex(o, name, &v));
	return v;
}

static void
test_discover_shows_every_method_and_parameter(void **state)
{
	struct json_object	*o = method_discover(), *list, *m;
	size_t			 i = 0;

	(void)state;
	list = member(o, "methods");
	for (; methods[i].name != NULL; i++) {
		m = json_object_array_get_idx(list, i);
		assert_string_equal(json_object_get_string(member(m, "name")),
		    methods[i].name);
	}
	assert_int_equal(json_object_array_length(list), i);
	m = json_object_array_get_idx(list, 0);		/* flash.write */
	assert_int_equal(json_object_array_length(member(m, "params")), 14 + 12);
	m = json_object_array_get_idx(member(m, "params"), 16);
	assert_string_equal(json_object_get_string(member(m, "name")),
	    "before");
	m = member(m, "schema");
	assert_int_equal(json_object_array_length(member(m, "enum")), 4);
	assert_string_equal(json_object_get_string(member(m, "default")),
	    "default-reset");
	json_object_put(o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_table_is_in_order),
		cmocka_unit_test(
		    test_defaults_are_filled_in_and_values_made_plain),
		cmocka_unit_test(
		    test_a_place_is_an_address_or_the_name_of_a_partition),
		cmocka_unit_test(test_places_of_jobs_stay_names),
		cmocka_unit_test(test_each_mistake_is_named),
		cmocka_unit_test(test_too_many_images_are_refused),
		cmocka_unit_test(
		    test_readers_give_the_value_or_what_stands_for_none),
		cmocka_unit_test(
		    test_discover_shows_every_method_and_parameter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
