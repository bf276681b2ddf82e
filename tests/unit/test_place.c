/* place - names of partitions in the parameters of a job. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "daemon/job/place.h"
#include "proto/base/err.h"

static const char	csv[] = "nvs,data,nvs,0x9000,0x5800\n"
			    "factory,app,factory,0x10000,1M\n"
			    "keys,data,nvs_keys,,4K,encrypted\n";

static struct why	why;
static int		status;

/* Parameters with the table `text` (NULL: none), after their names were looked
 * up. */
static const char *
resolved_by(const char *text, bool alters, const char *json)
{
	static char		 out[1024];
	struct json_object	*params = json_tokener_parse(json);
	int			 fd = memfd_create("table", MFD_CLOEXEC);
	struct input_fds	 fds = { .fd = &fd, .count = 1 };
	ssize_t			 len = text != NULL ? (ssize_t)strlen(text) : 0;

	assert_non_null(params);
	assert_true(fd >= 0);
	assert_true(len == 0 || write(fd, text, (size_t)len) == len);
	if (text != NULL)
		json_object_object_add(params, "partition_table",
		    json_tokener_parse("{\"fd\":0,\"name\":\"t.csv\"}"));
	why_clear(&why);
	status = place_resolve(params, &fds, alters, &why);
	json_object_object_del(params, "partition_table");
	(void)snprintf(out, sizeof out, "%s", json_object_to_json_string_ext(
	    params, JSON_C_TO_STRING_PLAIN));
	json_object_put(params);
	/* It stays the caller's. */
	assert_int_equal(close(fd), 0);
	return status < 0 ? why_text(&why) : out;
}

static const char *
resolved(bool alters, const char *json)
{
	return resolved_by(csv, alters, json);
}

#define assert_has(text, part) do {					\
	if (strstr((text), (part)) == NULL)				\
		fail_msg("\"%s\" lacks \"%s\"", (text), (part));	\
} while (0)

static void
test_names_become_addresses_with_their_room(void **state)
{
	(void)state;
	assert_string_equal(resolved(true, "{\"images\":[{\"offset\":"
	    "\"factory\"},{\"offset\":4096},{\"offset\":\"keys\"},"
	    "{\"offset\":\"nvs\"}]}"),
	    "{\"images\":[{\"offset\":65536,\"partition\":\"factory\","
	    "\"room\":1048576,\"secret\":true},{\"offset\":4096},"
	    "{\"offset\":1114112,\"partition\":\"keys\",\"room\":4096,"
	    "\"secret\":true},{\"offset\":36864,\"partition\":\"nvs\","
	    "\"room\":22528,\"secret\":false}]}");
}

static void
test_all_of_a_region_is_all_of_its_partition(void **state)
{
	(void)state;
	/* Sectors are erased, and bytes read. */
	assert_string_equal(resolved(true, "{\"offset\":\"nvs\",\"size\":0}"),
	    "{\"offset\":36864,\"size\":24576,\"partition\":\"nvs\","
	    "\"room\":22528,\"secret\":false}");
	assert_string_equal(resolved(false, "{\"offset\":\"nvs\",\"size\":0}"),
	    "{\"offset\":36864,\"size\":22528,\"partition\":\"nvs\","
	    "\"room\":22528,\"secret\":false}");
	assert_string_equal(resolved(true, "{\"offset\":\"nvs\","
	    "\"size\":4096}"), "{\"offset\":36864,\"size\":4096,"
	    "\"partition\":\"nvs\",\"room\":22528,\"secret\":false}");
	assert_has(resolved(true, "{\"offset\":\"nvs\",\"size\":24576}"),
	    "0x6000 bytes are more than partition 'nvs' has");
	assert_int_equal(status, ERR_BEYOND_FLASH);
}

static void
test_without_a_table_names_stay(void **state)
{
	static const char	json[] = "{\"offset\":\"nvs\",\"size\":0}";
	struct json_object	*o = json_tokener_parse(json);
	struct place		 place;

	(void)state;
	assert_string_equal(resolved_by(NULL, true, json), json);
	place_of(o, &place);
	assert_true(place.open);
	assert_string_equal(place.partition, "nvs");
	assert_int_equal(place.offset, 0);
	json_object_put(o);
	/* A name that is a number to others. */
	o = json_tokener_parse("{\"offset\":\"4096\"}");
	place_of(o, &place);
	assert_true(place.open);
	assert_string_equal(place.partition, "4096");
	assert_int_equal(place.offset, 0);
	json_object_put(o);
}

static void
test_what_cannot_be_looked_up_is_refused(void **state)
{
	static const struct {
		const char	*table, *params, *says;
		int		 err;
	} rows[] = {
		{ csv, "{\"offset\":\"other\",\"size\":0}",
		  "t.csv: there is no partition 'other'", ERR_PARAMS },
		{ "", "{\"offset\":\"nvs\",\"size\":0}", "the file is empty",
		  ERR_FILE_EMPTY },
		{ "nvs", "{\"offset\":4096,\"size\":0}", "t.csv: line 1",
		  ERR_IMAGE },
		{ "a,data,nvs,,4K\na,data,fat,,4K",
		  "{\"offset\":4096,\"size\":0}", "two partitions",
		  ERR_IMAGE },
		{ csv, "{\"offset\":\"nvs\",\"size\":0,"
		  "\"partition_table_offset\":36864}", "0x9000 to 0x9fff",
		  ERR_OVERLAP },
		{ csv, "{\"offset\":\"nvs\",\"size\":0,"
		  "\"partition_table_offset\":100}", "multiple of 0x1000",
		  ERR_ALIGN },
		{ "a,data,nvs,,0x5000\nb,app,0,,1M",
		  "{\"offset\":\"a\",\"size\":0,\"chip\":\"auto\"}",
		  "(chip, --chip)", ERR_PARAMS },
		{ "a,data,nvs,,0x801\nb,data,fat,,4K",
		  "{\"offset\":\"a\",\"size\":0,\"chip\":\"esp32\"}",
		  "not all releases of ESP-IDF", ERR_PARAMS },
		{ "a,data,nvs,,0x1800\nb,data,fat,0xa800,4K",
		  "{\"offset\":\"a\",\"size\":0}", "begins in the same sector",
		  ERR_ALIGN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_has(resolved_by(rows[i].table, true, rows[i].params),
		    rows[i].says);
		assert_int_equal(status, rows[i].err);
	}
	/* What reads only disturbs no neighbour. */
	assert_has(resolved_by("a,data,nvs,,0x1800\nb,data,fat,0xa800,4K",
	    false, "{\"offset\":\"a\",\"size\":0}"), "\"size\":6144");
}

static void
test_the_chip_decides_where_its_programs_begin(void **state)
{
	static const char	open[] = "a,data,nvs,,0x5000\nb,app,0,,1M";

	(void)state;
	assert_has(resolved_by(open, true, "{\"offset\":\"b\",\"size\":0,"
	    "\"chip\":\"esp32\"}"), "\"offset\":65536,");
	assert_has(resolved_by(open, true, "{\"offset\":\"b\",\"size\":0,"
	    "\"chip\":\"esp8266\"}"), "\"offset\":57344,");
}

static void
test_a_table_must_be_a_file(void **state)
{
	struct json_object	*params = json_tokener_parse("{\"offset\":"
				    "\"nvs\",\"size\":0,\"partition_table\":"
				    "{\"fd\":0,\"name\":\"t\"}}");
	int			 ends[2];
	struct input_fds	 fds = { .fd = ends, .count = 1 };

	(void)state;
	assert_int_equal(pipe(ends), 0);
	why_clear(&why);
	assert_int_equal(place_resolve(params, &fds, true, &why), ERR_IMAGE);
	assert_has(why.text, "t: not a regular file");
	fds.count = 0;
	why_clear(&why);
	assert_int_equal(place_resolve(params, &fds, true, &why), ERR_PARAMS);
	assert_int_equal(close(ends[0]), 0);
	assert_int_equal(close(ends[1]), 0);
	json_object_put(params);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_become_addresses_with_their_room),
		cmocka_unit_test(test_all_of_a_region_is_all_of_its_partition),
		cmocka_unit_test(test_without_a_table_names_stay),
		cmocka_unit_test(test_what_cannot_be_looked_up_is_refused),
		cmocka_unit_test(
		    test_the_chip_decides_where_its_programs_begin),
		cmocka_unit_test(test_a_table_must_be_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
