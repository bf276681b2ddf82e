/* daemon/link/stubs */
#include "daemon/link/stubs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/err.h"
#include "tests/unit/unit.h"

/* "hello" and "ab". */
#define GOOD	"{\"entry\": 1074429953, \"text\": \"aGVsbG8=\", " \
		"\"text_start\": 1074429952, \"data\": \"YWI=\", " \
		"\"data_start\": 1073605996, \"bss_start\": 1073528832}\n"

static int
parse(const char *json, struct stub_image **out, struct why *why)
{
	*why = (struct why){ 0 };
	*out = NULL;
	return stubs_parse(json, strlen(json), out, why);
}

/* It is refused with a sentence that has `word` in it. */
static void
assert_refused(const char *json, const char *word)
{
	struct stub_image	*s;
	struct why		 why;

	assert_int_equal(parse(json, &s, &why), ERR_IMAGE);
	assert_int_equal(why.err, ERR_IMAGE);
	if (strstr(why.text, word) == NULL)
		fail_msg("\"%s\" does not mention %s", why.text, word);
	assert_null(s);
}

static void
test_a_good_image(void **state)
{
	struct stub_image	*s;
	struct why		 why;

	(void)state;
	assert_int_equal(parse(GOOD, &s, &why), 0);
	assert_int_equal(s->text_len, 5);
	assert_memory_equal(s->text, "hello", 5);
	assert_int_equal(s->text_start, 1074429952);
	assert_int_equal(s->entry, 1074429953);
	assert_int_equal(s->data_len, 2);
	assert_memory_equal(s->data, "ab", 2);
	assert_int_equal(s->data_start, 1073605996);
	stubs_free(s);
	stubs_free(NULL);
}

static void
test_data_may_be_missing(void **state)
{
	struct stub_image	*s;
	struct why		 why;

	(void)state;
	assert_int_equal(parse("{\"entry\": 4096, \"text\": \"AAAA\", "
	    "\"text_start\": 4096}", &s, &why), 0);
	assert_null(s->data);
	assert_int_equal(s->data_len, 0);
	stubs_free(s);
	assert_int_equal(parse("{\"entry\": 4096, \"text\": \"AAAA\", "
	    "\"text_start\": 4096, \"data\": \"\"}", &s, &why), 0);
	assert_null(s->data);
	stubs_free(s);
}

/* The text need not end in NUL; every shorter text is refused. */
static void
test_every_truncation_is_refused(void **state)
{
	size_t	whole = strlen(GOOD) - 1;	/* up to the brace */

	(void)state;
	for (size_t len = 0; len < whole; len++) {
		struct stub_image	*s = NULL;
		struct why		 why = { 0 };
		char			*copy = malloc(len + 1);

		assert_non_null(copy);
		memcpy(copy, GOOD, len);
		assert_int_equal(stubs_parse(copy, len, &s, &why), ERR_IMAGE);
		assert_null(s);
		free(copy);
	}
}

static void
test_what_is_not_json_or_not_an_object(void **state)
{
	(void)state;
	assert_refused("", "not a whole JSON object");
	assert_refused("{", "not a whole JSON object");
	assert_refused("hello", "not JSON");
	assert_refused("null", "not a whole JSON object");
	assert_refused("null ", "not a whole JSON object");
	assert_refused("[1, 2]", "not a JSON object");
	assert_refused("7 ", "not a JSON object");
	assert_refused(GOOD "x", "JSON");
	assert_refused(GOOD "{}", "JSON");
	assert_refused("{\"a\":[[[[[[[[[[[[1]]]]]]]]]]]]}", "JSON");
}

static void
test_bytes_behind_the_object_are_refused_even_nul(void **state)
{
	static const char	json[] = GOOD "\0";
	struct stub_image	*s = NULL;
	struct why		 why = { 0 };

	(void)state;
	assert_int_equal(stubs_parse(json, sizeof json - 1, &s, &why),
	    ERR_IMAGE);
	assert_non_null(strstr(why.text, "behind the JSON object"));
	assert_null(s);
}

static void
test_bad_base64(void **state)
{
	static const char *const	bad[] = {
		"AAA", "A", "AAAAA", "AA=A", "====", "A===", "AAA\\n",
		"AAAA AAA", " AAA", "AA-_", "AAAA====", "A=AA", "\\u0000AAA",
		"AAA\\u0000",
	};
	char	json[256];

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(bad); i++) {
		(void)snprintf(json, sizeof json, "{\"entry\": 4096, "
		    "\"text_start\": 4096, \"text\": \"%s\"}", bad[i]);
		assert_refused(json, "base64");
	}
}

static void
test_numbers_out_of_range(void **state)
{
	static const char *const	bad[] = {
		"-1", "4294967296", "9223372036854775808",
		"18446744073709551616", "-9223372036854775809",
		"99999999999999999999999999",
	};
	char	json[256];

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(bad); i++) {
		(void)snprintf(json, sizeof json, "{\"entry\": %s, "
		    "\"text_start\": 4096, \"text\": \"AAAA\"}", bad[i]);
		assert_refused(json, "entry");
		(void)snprintf(json, sizeof json, "{\"entry\": 4096, "
		    "\"text_start\": %s, \"text\": \"AAAA\"}", bad[i]);
		assert_refused(json, "text_start");
		(void)snprintf(json, sizeof json, "{\"entry\": 4096, "
		    "\"text_start\": 4096, \"text\": \"AAAA\", "
		    "\"data\": \"AAAA\", \"data_start\": %s}", bad[i]);
		assert_refused(json, "data_start");
	}
}

static void
test_wrong_types_and_missing_members(void **state)
{
	(void)state;
	assert_refused("{\"entry\": \"4096\", \"text_start\": 4096, "
	    "\"text\": \"AAAA\"}", "entry");
	assert_refused("{\"entry\": 4096.0, \"text_start\": 4096, "
	    "\"text\": \"AAAA\"}", "entry");
	assert_refused("{\"entry\": null, \"text_start\": 4096, "
	    "\"text\": \"AAAA\"}", "entry");
	assert_refused("{\"entry\": 4096, \"text_start\": [], "
	    "\"text\": \"AAAA\"}", "text_start");
	assert_refused("{\"entry\": 4096, \"text_start\": 4096, "
	    "\"text\": 7}", "text");
	assert_refused("{\"entry\": 4096, \"text_start\": 4096, "
	    "\"text\": null}", "text");
	assert_refused("{\"entry\": 4096, \"text_start\": 4096, "
	    "\"text\": \"AAAA\", \"data\": {}}", "data");
	assert_refused("{\"entry\": 4096, \"text_start\": 4096, "
	    "\"text\": \"AAAA\", \"data\": \"AAAA\"}", "data_start");
	assert_refused("{\"text_start\": 4096, \"text\": \"AAAA\"}", "entry");
	assert_refused("{\"entry\": 4096, \"text\": \"AAAA\"}", "text_start");
	assert_refused("{\"entry\": 4096, \"text_start\": 4096}", "text");
	assert_refused("{\"entry\": 4096, \"text_start\": 4096, "
	    "\"text\": \"\"}", "text");
}

static void
test_places_that_make_no_sense(void **state)
{
	(void)state;
	assert_refused("{\"entry\": 4095, \"text_start\": 4096, "
	    "\"text\": \"AAAA\"}", "entry");
	assert_refused("{\"entry\": 4099, \"text_start\": 4096, "
	    "\"text\": \"AAAA\"}", "entry");
	assert_refused("{\"entry\": 4294967294, \"text_start\": 4294967294, "
	    "\"text\": \"AAAA\"}", "end of the address space");
	assert_refused("{\"entry\": 4096, \"text_start\": 4096, "
	    "\"text\": \"AAAA\", \"data\": \"AAAA\", "
	    "\"data_start\": 4294967295}", "end of the address space");
	assert_refused("{\"entry\": 4096, \"text_start\": 4096, "
	    "\"text\": \"AAAA\", \"data\": \"AAAA\", \"data_start\": 4098}",
	    "overlap");
}

static void
test_an_oversized_text_is_not_even_parsed(void **state)
{
	char			*big = malloc(STUB_MAX + 1);
	struct stub_image	*s = NULL;
	struct why		 why = { 0 };

	(void)state;
	assert_non_null(big);
	memset(big, ' ', STUB_MAX + 1);
	assert_int_equal(stubs_parse(big, STUB_MAX + 1, &s, &why), ERR_IMAGE);
	assert_non_null(strstr(why.text, "larger than 256 KB"));
	free(big);
}

/* Two directories, each test gets fresh ones. */
struct dirs {
	char	a[64], b[64], path[256];
};

static void
put(const char *dir, const char *name, const char *text)
{
	char	 file[128];
	FILE	*f;

	(void)snprintf(file, sizeof file, "%s/%s", dir, name);
	f = fopen(file, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void
drop(const char *dir, const char *name)
{
	char	file[128];

	(void)snprintf(file, sizeof file, "%s/%s", dir, name);
	assert_true(unlink(file) == 0 || rmdir(file) == 0 || errno == ENOENT);
}

static int
make_dirs(void **state)
{
	struct dirs	*d = calloc(1, sizeof *d);

	assert_non_null(d);
	(void)snprintf(d->a, sizeof d->a, "/tmp/stubs-a-XXXXXX");
	(void)snprintf(d->b, sizeof d->b, "/tmp/stubs-b-XXXXXX");
	assert_non_null(mkdtemp(d->a));
	assert_non_null(mkdtemp(d->b));
	(void)snprintf(d->path, sizeof d->path, ":%s/none::%s:%s:", d->a,
	    d->a, d->b);
	*state = d;
	return 0;
}

static int
drop_dirs(void **state)
{
	static const char *const	names[] = {
		"esp32.json", "esp32p4.json", "esp32p4-rev1.json",
	};
	struct dirs	*d = *state;

	for (size_t i = 0; i < UNIT_COUNT(names); i++) {
		drop(d->a, names[i]);
		drop(d->b, names[i]);
	}
	assert_int_equal(rmdir(d->a), 0);
	assert_int_equal(rmdir(d->b), 0);
	free(d);
	return 0;
}

static int
load(const char *path, const struct chip *chip, uint32_t revision,
    struct stub_image **out, struct why *why)
{
	const struct stub_wish	wish = {
		.choice = STUB_ESPRESSIF, .chip = chip, .revision = revision,
		.path = path,
	};

	return stubs_load(&wish, out, why);
}

static void
test_the_first_directory_that_has_one_wins(void **state)
{
	struct dirs		*d = *state;
	struct stub_image	*s = NULL;
	struct why		 why = { 0 };
	char			 want[128];

	assert_int_equal(load(d->path, &chip_esp32, 0, &s, &why),
	    ERR_FILE_MISSING);
	assert_int_equal(why.err, 0);
	assert_int_equal(load(NULL, &chip_esp32, 0, &s, &why),
	    ERR_FILE_MISSING);
	assert_int_equal(load("", &chip_esp32, 0, &s, &why),
	    ERR_FILE_MISSING);
	assert_int_equal(load(":", &chip_esp32, 0, &s, &why),
	    ERR_FILE_MISSING);

	put(d->b, "esp32.json", GOOD);
	assert_int_equal(load(d->path, &chip_esp32, 0, &s, &why), 0);
	(void)snprintf(want, sizeof want, "%s/esp32.json", d->b);
	assert_string_equal(s->path, want);
	assert_memory_equal(s->text, "hello", 5);
	stubs_free(s);

	put(d->a, "esp32.json", GOOD);
	assert_int_equal(load(d->path, &chip_esp32, 0, &s, &why), 0);
	(void)snprintf(want, sizeof want, "%s/esp32.json", d->a);
	assert_string_equal(s->path, want);
	stubs_free(s);
}

/* Whose stub a wish gets: "own", "espressif", or "none". */
static const char *
whose(struct dirs *d, enum stub_choice choice, const struct chip *chip,
    bool usb_otg)
{
	const struct stub_wish	wish = {
		.choice = choice, .chip = chip, .revision = UINT32_MAX,
		.usb_otg = usb_otg, .path = d->path,
	};
	struct stub_image	*s = NULL;
	struct why		 why = { 0 };
	bool			 own;
	int			 r = stubs_load(&wish, &s, &why);

	if (r == ERR_FILE_MISSING)
		return "none";
	assert_int_equal(r, 0);
	own = strstr(s->path, "our own") != NULL;
	/* The mark by which a simulator knows it (stubs/core.c). */
	assert_true(own == (memmem(s->data, s->data_len, "OHAIESPF", 8) !=
	    NULL));
	stubs_free(s);
	return own ? "own" : "espressif";
}

static void
test_whose_stub_it_is(void **state)
{
	struct dirs	*d = *state;
	const char	*reason;

	assert_string_equal(whose(d, STUB_AUTO, &chip_esp32, false), "own");
	assert_string_equal(whose(d, STUB_AUTO, &chip_esp32p4, false), "own");
	assert_string_equal(whose(d, STUB_AUTO, &chip_esp32p4, true), "none");
	assert_string_equal(whose(d, STUB_ESPRESSIF, &chip_esp32, false),
	    "none");
	assert_string_equal(whose(d, STUB_OWN, &chip_esp32e22, false), "none");

	put(d->b, "esp32.json", GOOD);
	put(d->b, "esp32p4.json", GOOD);
	assert_string_equal(whose(d, STUB_AUTO, &chip_esp32, false), "own");
	assert_string_equal(whose(d, STUB_ESPRESSIF, &chip_esp32, false),
	    "espressif");
	assert_string_equal(whose(d, STUB_AUTO, &chip_esp32p4, false),
	    "espressif");
	assert_string_equal(whose(d, STUB_OWN, &chip_esp32p4, false), "own");
	assert_string_equal(whose(d, STUB_AUTO, &chip_esp32p4, true),
	    "espressif");
	assert_string_equal(whose(d, STUB_OWN, &chip_esp32p4, true), "none");

	assert_int_equal(stubs_first(&chip_esp32c3, &reason), STUB_OWN);
	assert_non_null(strstr(reason, "mask ROM"));
	assert_int_equal(stubs_first(&chip_esp32c6, &reason), STUB_ESPRESSIF);
	assert_non_null(strstr(reason, "never"));
	assert_int_equal(stubs_choice("own"), STUB_OWN);
	assert_int_equal(stubs_choice("none"), STUB_NONE);
	assert_int_equal(stubs_choice("ours"), -1);
}

/* Each chip that can have one has one of ours. */
static void
test_ours_are_there(void **state)
{
	const struct stub_wish	 old = {
		.choice = STUB_OWN, .chip = &chip_esp32p4, .revision = 100,
	};
	struct dirs		*d = *state;
	struct stub_image	*s = NULL;
	struct why		 why = { 0 };

	for (const struct chip *const *c = chips; *c != NULL; c++)
		assert_string_equal(whose(d, STUB_OWN, *c, false),
		    (*c)->stub_from == UINT32_MAX ? "none" : "own");
	assert_int_equal(stubs_load(&old, &s, &why), 0);
	assert_string_equal(s->path, "esp32p4-rev1.json (our own)");
	stubs_free(s);
}

/* A broken file is told, not skipped: the user put it there. */
static void
test_a_broken_file_is_named(void **state)
{
	struct dirs		*d = *state;
	struct stub_image	*s = NULL;
	struct why		 why = { 0 };
	char			 file[128];

	put(d->a, "esp32.json", "{\"entry\": 1}");
	put(d->b, "esp32.json", GOOD);
	assert_int_equal(load(d->path, &chip_esp32, 0, &s, &why),
	    ERR_IMAGE);
	(void)snprintf(file, sizeof file, "%s/esp32.json", d->a);
	assert_non_null(strstr(why.text, file));
	assert_non_null(strstr(why.text, "\"text\""));
	assert_null(s);
}

static void
test_a_file_that_is_none_is_told(void **state)
{
	struct dirs		*d = *state;
	struct stub_image	*s = NULL;
	struct why		 why = { 0 };
	char			 file[128];

	(void)snprintf(file, sizeof file, "%s/esp32.json", d->a);
	assert_int_equal(mkdir(file, 0700), 0);
	assert_int_equal(load(d->path, &chip_esp32, 0, &s, &why), ERR_IO);
	assert_non_null(strstr(why.text, file));
	assert_int_equal(rmdir(file), 0);

	why_clear(&why);
	assert_int_equal(mkfifo(file, 0600), 0);	/* must not block */
	assert_int_equal(load(d->path, &chip_esp32, 0, &s, &why), ERR_IO);
	assert_null(s);
}

static void
test_a_file_of_the_largest_size_is_taken(void **state)
{
	struct dirs		*d = *state;
	struct stub_image	*s = NULL;
	struct why		 why = { 0 };
	char			*text = malloc(STUB_MAX + 2);

	assert_non_null(text);
	memset(text, ' ', STUB_MAX + 1);
	memcpy(text, GOOD, strlen(GOOD));
	text[STUB_MAX] = '\0';
	put(d->a, "esp32.json", text);
	assert_int_equal(load(d->path, &chip_esp32, 0, &s, &why), 0);
	stubs_free(s);
	s = NULL;

	text[STUB_MAX] = ' ';
	text[STUB_MAX + 1] = '\0';
	put(d->a, "esp32.json", text);
	assert_int_equal(load(d->path, &chip_esp32, 0, &s, &why),
	    ERR_IMAGE);
	assert_non_null(strstr(why.text, "larger"));
	free(text);
}

static void
test_an_old_revision_takes_only_its_own_stub(void **state)
{
	static const struct chip	p4 = {
		.cli = "esp32p4", .stub_old = "esp32p4-rev1",
		.stub_old_below = 300,
	};
	struct dirs		*d = *state;
	struct stub_image	*s = NULL;
	struct why		 why = { 0 };

	put(d->a, "esp32p4.json", GOOD);
	assert_int_equal(load(d->path, &p4, 300, &s, &why), 0);
	stubs_free(s);
	s = NULL;
	assert_int_equal(load(d->path, &p4, 299, &s, &why),
	    ERR_FILE_MISSING);
	put(d->b, "esp32p4-rev1.json", GOOD);
	assert_int_equal(load(d->path, &p4, 299, &s, &why), 0);
	assert_non_null(strstr(s->path, "/esp32p4-rev1.json"));
	stubs_free(s);
}

static void
test_a_directory_name_too_long_is_told(void **state)
{
	char			 path[2000];
	struct stub_image	*s = NULL;
	struct why		 why = { 0 };

	(void)state;
	memset(path, 'x', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	assert_int_equal(load(path, &chip_esp32, 0, &s, &why), ERR_IMAGE);
	assert_non_null(strstr(why.text, "too long"));
}

#define IN_DIRS(f)	cmocka_unit_test_setup_teardown(f, make_dirs, drop_dirs)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_good_image),
		cmocka_unit_test(test_data_may_be_missing),
		cmocka_unit_test(test_every_truncation_is_refused),
		cmocka_unit_test(test_what_is_not_json_or_not_an_object),
		cmocka_unit_test(test_bytes_behind_the_object_are_refused_even_nul),
		cmocka_unit_test(test_bad_base64),
		cmocka_unit_test(test_numbers_out_of_range),
		cmocka_unit_test(test_wrong_types_and_missing_members),
		cmocka_unit_test(test_places_that_make_no_sense),
		cmocka_unit_test(test_an_oversized_text_is_not_even_parsed),
		IN_DIRS(test_the_first_directory_that_has_one_wins),
		IN_DIRS(test_whose_stub_it_is),
		IN_DIRS(test_ours_are_there),
		IN_DIRS(test_a_broken_file_is_named),
		IN_DIRS(test_a_file_that_is_none_is_told),
		IN_DIRS(test_a_file_of_the_largest_size_is_taken),
		IN_DIRS(test_an_old_revision_takes_only_its_own_stub),
		cmocka_unit_test(test_a_directory_name_too_long_is_told),
	};

	return cmocka_run_group_tests_name("stubs", tests, NULL, NULL);
}
