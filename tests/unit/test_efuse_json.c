/* proto/efuse/json */
#include "proto/efuse/json.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/err.h"
#include "proto/efuse/user.h"
#include "proto/efuse/virt.h"
#include "tests/unit/unit.h"

static struct why	why;

static const struct efuse_chip *
table(const char *name)
{
	return efuse_chip_find(chip_by_name(name), 9999);
}

static void
test_registers_travel_and_come_back(void **state)
{
	struct efuse_raw	raw, back;
	struct json_object	*o;

	(void)state;
	for (size_t n = 0; efuse_chips[n] != NULL; n++) {
		virt_new(&raw, efuse_chips[n]);
		raw.revision = efuse_chips[n]->from_revision + 1;
		raw.date = 0x96042000;
		for (size_t i = 0; i < efuse_chips[n]->window / 4u; i++)
			raw.window[i] = (uint32_t)(0x01020304 * i);
		o = efuse_raw_json(&raw);
		assert_int_equal(efuse_raw_parse(&back, o, &why), 0);
		assert_ptr_equal(back.chip, raw.chip);
		assert_int_equal(back.revision, raw.revision);
		assert_int_equal(back.xtal_mhz, raw.xtal_mhz);
		assert_int_equal(back.date, raw.date);
		assert_memory_equal(back.window, raw.window,
		    sizeof raw.window);
		json_object_put(o);
	}
}

static void
test_the_first_register_comes_first(void **state)
{
	struct efuse_raw	raw;
	struct json_object	*o;
	const char		*hex;

	(void)state;
	virt_new(&raw, table("esp32"));
	raw.window[0] = 0x44332211;
	o = efuse_raw_json(&raw);
	hex = json_object_get_string(json_object_object_get(o, "registers"));
	assert_int_equal(strlen(hex), 2 * 0x120);
	assert_memory_equal(hex, "1122334400", 10);
	assert_string_equal(json_object_get_string(
	    json_object_object_get(o, "chip")), "ESP32");
	json_object_put(o);
}

static void
refused(const char *text, const char *sentence)
{
	struct json_object	*o = json_tokener_parse(text);
	struct efuse_raw	 raw;

	why_clear(&why);
	assert_int_equal(efuse_raw_parse(&raw, o, &why), ERR_PARAMS);
	if (strstr(why_text(&why), sentence) == NULL)
		fail_msg("\"%s\" is not \"%s\"", why_text(&why), sentence);
	json_object_put(o);
}

static void
test_other_objects_are_refused(void **state)
{
	(void)state;
	refused("null", "no object");
	refused("[]", "no object");
	refused("{}", "names no chip");
	refused("{\"chip\": 1}", "names no chip");
	refused("{\"chip\": \"ESP99\"}", "ESP99");
	refused("{\"chip\": \"ESP32\", \"revision\": -1}", "\"revision\"");
	refused("{\"chip\": \"ESP32\", \"revision\": \"1\"}", "\"revision\"");
	refused("{\"chip\": \"ESP32\", \"revision\": 1, \"crystal_mhz\": 40, "
	    "\"date\": 4294967296, \"registers\": \"\"}", "\"date\"");
	refused("{\"chip\": \"ESP32\", \"revision\": 1, \"crystal_mhz\": 40, "
	    "\"date\": 0}", "288 bytes");
	refused("{\"chip\": \"ESP32\", \"revision\": 1, \"crystal_mhz\": 40, "
	    "\"date\": 0, \"registers\": \"0011\"}", "288 bytes");
	refused("{\"chip\": \"ESP32\", \"revision\": 1, \"crystal_mhz\": 40, "
	    "\"date\": 0, \"registers\": 5}", "288 bytes");
}

static void
expect_field(struct efuse_state *st, const char *name, const char *want)
{
	const struct efuse_field	*f = efuse_field_find(st, name);
	struct json_object		*got, *plan = json_tokener_parse(want);

	assert_non_null(f);
	assert_non_null(plan);
	got = efuse_field_json(st, f);
	assert_true(strlen(json_object_get_string(json_object_object_get(got,
	    "description"))) > 0);
	json_object_object_del(got, "description");
	if (!json_object_equal(got, plan))
		fail_msg("%s", json_object_to_json_string(got));
	json_object_put(got);
	json_object_put(plan);
}

static void
test_a_field_is_as_espefuse_writes_it(void **state)
{
	static const char	csv[] = "HUGE,EFUSE_BLK3,0,71,a long one\n";
	struct efuse_user	user;
	struct efuse_raw	raw;
	struct efuse_state	st;
	struct json_object	*o;

	(void)state;
	virt_new(&raw, table("esp32s2"));
	assert_int_equal(efuse_user_read(&user, table("esp32s2"), csv,
	    sizeof csv - 1, "csv", &why), 0);
	raw.window[0x2c / 4 + 1] = 1;		/* RD_DIS */
	raw.window[0x7c / 4 + 2] = 1 << 6;	/* bit 70 of BLOCK3 */
	raw.window[0x5c / 4 + 4] = 0x11 << 7;	/* TEMP_CALIB */
	assert_int_equal(efuse_state_read(&st, &raw, &user, &why), 0);
	expect_field(&st, "RD_DIS", "{\"name\": \"RD_DIS\", \"value\": 1, "
	    "\"raw_value\": \"0x01\", \"readable\": true, "
	    "\"writeable\": true, \"category\": \"config\", \"block\": 0, "
	    "\"word\": 1, \"pos\": 0, \"efuse_type\": \"uint:7\", "
	    "\"bit_len\": 7}");
	expect_field(&st, "DIS_ICACHE", "{\"name\": \"DIS_ICACHE\", "
	    "\"value\": false, "
	    "\"raw_value\": \"0x0\", \"readable\": true, "
	    "\"writeable\": true, \"category\": \"config\", \"block\": 0, "
	    "\"word\": 1, \"pos\": 8, \"efuse_type\": \"bool\", "
	    "\"bit_len\": 1}");
	o = efuse_field_json(&st, efuse_field_find(&st, "TEMP_CALIB"));
	assert_non_null(strstr(json_object_to_json_string(o),
	    "\"value\": 1.7,"));
	json_object_put(o);
	o = efuse_field_json(&st, efuse_field_find(&st, "HUGE"));
	assert_non_null(strstr(json_object_to_json_string(o),
	    "\"value\": 1180591620717411303424,"));
	json_object_put(o);
	o = efuse_field_json(&st, efuse_field_find(&st, "BLOCK_KEY0"));
	assert_non_null(strstr(json_object_to_json_string(o),
	    "\"value\": \"?? ??"));
	json_object_put(o);
	o = efuse_field_json(&st, efuse_field_find(&st,
	    "WAFER_VERSION_MINOR"));
	assert_non_null(strstr(json_object_to_json_string(o),
	    "\"word\": null, \"pos\": null"));
	json_object_put(o);
	efuse_user_done(&user);
}

static void
wish(struct efuse_plan *plan, const struct efuse_wish *w)
{
	if (efuse_plan_add(plan, w, &why) < 0)
		fail_msg("%s", why_text(&why));
}

static void
test_a_plan_tells_all_but_secrets(void **state)
{
	static char		block[] = "BLOCK_KEY0", hmac[] = "HMAC_UP";
	static char		field[] = "DIS_ICACHE";
	struct efuse_wish	key = { .kind = EFUSE_WISH_KEY, .name = block,
		.purpose = hmac, .len = 32 };
	struct efuse_wish	bit = { .kind = EFUSE_WISH_FIELD,
		.command = 1, .name = field };
	struct efuse_raw	raw;
	struct efuse_state	st;
	struct efuse_plan	*plan;
	struct json_object	*o, *steps;
	const char		*text;

	(void)state;
	memset(key.data, 0xa7, 32);
	virt_new(&raw, table("esp32c3"));
	assert_int_equal(efuse_state_read(&st, &raw, NULL, &why), 0);
	plan = efuse_plan_new(&st, true);
	assert_non_null(plan);
	wish(plan, &key);
	wish(plan, &bit);
	if (efuse_plan_finish(plan, &why) < 0)
		fail_msg("%s", why_text(&why));
	o = efuse_plan_json(plan);
	text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);
	assert_null(strstr(text, "a7"));
	assert_non_null(strstr(text, "{\"name\":\"DIS_ICACHE\","
	    "\"before\":\"False\",\"after\":\"True\"}"));
	assert_non_null(strstr(text, "{\"name\":\"KEY_PURPOSE_0\","
	    "\"before\":\"USER\",\"after\":\"HMAC_UP\"}"));
	assert_non_null(strstr(text, "\"name\":\"BLOCK_KEY0\""));
	steps = json_object_object_get(o, "steps");
	assert_int_equal(json_object_array_length(steps), 3);
	/* A key: how many of its bits are set is not told. */
	assert_string_equal(json_object_to_json_string_ext(
	    json_object_array_get_idx(steps, 0), JSON_C_TO_STRING_PLAIN),
	    "{\"block\":\"BLOCK_KEY0\",\"late\":false}");
	/* The purpose, 8, and DIS_ICACHE. */
	assert_string_equal(json_object_to_json_string_ext(
	    json_object_array_get_idx(steps, 1), JSON_C_TO_STRING_PLAIN),
	    "{\"block\":\"BLOCK0\",\"late\":false,\"bits\":2}");
	/* Protection of the key from reading, of key and purpose from
	 * writing. */
	assert_string_equal(json_object_to_json_string_ext(
	    json_object_array_get_idx(steps, 2), JSON_C_TO_STRING_PLAIN),
	    "{\"block\":\"BLOCK0\",\"late\":true,\"bits\":3}");
	assert_true(json_object_array_length(json_object_object_get(o,
	    "consequences")) > 0);
	assert_int_equal(json_object_get_type(json_object_object_get(o,
	    "notes")), json_type_array);
	json_object_put(o);
	efuse_plan_free(plan);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_registers_travel_and_come_back),
		cmocka_unit_test(test_the_first_register_comes_first),
		cmocka_unit_test(test_other_objects_are_refused),
		cmocka_unit_test(test_a_field_is_as_espefuse_writes_it),
		cmocka_unit_test(test_a_plan_tells_all_but_secrets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
