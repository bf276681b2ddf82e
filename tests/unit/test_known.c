/* known - what is remembered survives a restart, and a broken file nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/port/known.h"
#include "proto/base/err.h"

struct place {
	char	dir[64];
	char	file[96];
};

static int
place_new(void **state)
{
	struct place	*p = calloc(1, sizeof *p);

	assert_non_null(p);
	(void)snprintf(p->dir, sizeof p->dir, "/tmp/known.XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	(void)snprintf(p->file, sizeof p->file, "%s/boards.json", p->dir);
	assert_int_equal(loop_init(), 0);
	log_set_level(LOG_LEVEL_ERR);
	*state = p;
	return 0;
}

static int
place_free(void **state)
{
	struct place	*p = *state;
	char		 bad[128];

	known_close();
	loop_done();
	(void)snprintf(bad, sizeof bad, "%s.bad", p->file);
	(void)unlink(bad);
	(void)unlink(p->file);
	assert_int_equal(rmdir(p->dir), 0);	/* nothing else was left */
	free(p);
	return 0;
}

static void
write_file(const char *path, const char *text)
{
	FILE	*f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void
open_again(const struct place *p)
{
	struct why	why = { 0 };

	known_close();
	assert_int_equal(known_open(p->file, &why), 0);
}

static void
test_what_is_set_is_there_after_a_restart(void **state)
{
	const struct place	*p = *state;
	struct why		 why = { 0 };
	const struct known	*k;
	struct stat		 st;

	assert_int_equal(known_open(p->file, &why), 0);
	assert_null(known_find("serial=A vid=10c4"));
	known_set("serial=A vid=10c4", "esp32", "24:0a:c4:01:02:03", NULL);
	known_set("serial=A vid=10c4", NULL, "", "tight-slow");
	assert_int_equal(known_set_label("jig1", "location=1-2.3", &why), 0);
	open_again(p);
	k = known_find("serial=A vid=10c4");
	assert_non_null(k);
	assert_string_equal(k->chip, "esp32");
	assert_string_equal(k->mac, "24:0a:c4:01:02:03");
	assert_string_equal(k->recipe, "tight-slow");
	assert_string_equal(known_label("JIG1"), "location=1-2.3");
	assert_int_equal(stat(p->file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void
stop(void *arg)
{
	(void)arg;
	loop_stop();
}

static void
test_it_is_written_soon_not_only_at_the_end(void **state)
{
	const struct place	*p = *state;
	struct loop_timer	 end = { 0 };
	struct why		 why = { 0 };

	assert_int_equal(known_open(p->file, &why), 0);
	known_set("/dev/ttyS0", "esp32", NULL, NULL);
	assert_int_not_equal(access(p->file, F_OK), 0);
	assert_int_equal(loop_timer_set(&end, 1200, stop, NULL), 0);
	assert_int_equal(loop_run(), 0);
	loop_timer_clear(&end);
	assert_int_equal(access(p->file, F_OK), 0);
}

static void
test_without_a_file_nothing_is_written(void **state)
{
	const struct place	*p = *state;

	known_set("/dev/ttyS0", "esp32", NULL, NULL);
	assert_non_null(known_find("/dev/ttyS0"));
	known_close();
	assert_null(known_find("/dev/ttyS0"));
	assert_int_not_equal(access(p->file, F_OK), 0);
}

static void
test_a_broken_file_is_put_aside(void **state)
{
	static const char *const broken[] = {
		"", "{", "[]", "{\"boards\": 7}", "nonsense",
		"{\"boards\": [], \"labels\": []}",
	};
	const struct place	*p = *state;
	struct why		 why = { 0 };
	char			 bad[128];

	(void)snprintf(bad, sizeof bad, "%s.bad", p->file);
	for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
		write_file(p->file, broken[i]);
		assert_int_equal(known_open(p->file, &why), 0);
		assert_int_equal(access(bad, F_OK), 0);
		assert_int_not_equal(access(p->file, F_OK), 0);
		assert_int_equal(unlink(bad), 0);
		known_close();
	}
}

static void
test_members_that_make_no_sense_are_left_out(void **state)
{
	const struct place	*p = *state;
	struct why		 why = { 0 };
	const char		*select;

	write_file(p->file, "{\"boards\": [7, {\"identity\": 3}, {}, "
	    "{\"identity\": \"/dev/a\", \"chip\": \"a name far too long for "
	    "any chip\", \"mac\": \"x\"}], \"labels\": {\"a b\": \"all\", "
	    "\"ok\": \"vid=10c4\", \"n\": 5}}");
	assert_int_equal(known_open(p->file, &why), 0);
	assert_non_null(known_find("/dev/a"));
	assert_string_equal(known_find("/dev/a")->chip, "");
	assert_string_equal(known_label_at(0, &select), "ok");
	assert_null(known_label_at(1, &select));
}

static void
test_the_board_not_seen_longest_is_forgotten(void **state)
{
	char	id[32];

	(void)state;
	for (int i = 0; i < KNOWN_MAX; i++) {
		(void)snprintf(id, sizeof id, "serial=%d", i);
		known_set(id, "esp32", NULL, NULL);
	}
	known_set("serial=0", NULL, NULL, "tight");	/* seen again */
	known_set("serial=new", "esp32", NULL, NULL);
	assert_non_null(known_find("serial=0"));
	assert_null(known_find("serial=1"));
	assert_non_null(known_find("serial=2"));
	assert_non_null(known_find("serial=new"));
}

static void
test_labels_have_rules(void **state)
{
	static const char *const wrong[] = {
		"", "a b", "all", "ALL", "a=b", "/dev/x", "jig\n",
		"a-name-that-is-longer-than-forty-seven-characters",
	};
	struct why	why;
	const char	*select;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		why_clear(&why);
		assert_int_equal(known_set_label(wrong[i], "vid=10c4", &why),
		    ERR_PARAMS);
		assert_true(why_text(&why)[0] != '\0');
	}
	why_clear(&why);
	assert_int_equal(known_set_label("a", "vid=10c4", &why), 0);
	assert_int_equal(known_set_label("b", "vid=1a86", &why), 0);
	assert_int_equal(known_set_label("A", "vid=303a", &why), 0);
	assert_string_equal(known_label("a"), "vid=303a");
	assert_int_equal(known_set_label("a", NULL, &why), 0);
	assert_null(known_label("a"));
	assert_string_equal(known_label_at(0, &select), "b");
	assert_string_equal(select, "vid=1a86");
	assert_int_equal(known_set_label("gone", "", &why), 0);
}

static void
test_labels_have_a_limit(void **state)
{
	struct why	why = { 0 };
	char		name[16];

	(void)state;
	for (int i = 0; i < KNOWN_LABELS_MAX; i++) {
		(void)snprintf(name, sizeof name, "l%d", i);
		assert_int_equal(known_set_label(name, "all", &why), 0);
	}
	assert_int_equal(known_set_label("one-more", "all", &why), ERR_LIMIT);
	assert_int_equal(known_set_label("l7", "vid=10c4", &why), 0);
}

#define PLACED(test) \
	cmocka_unit_test_setup_teardown(test, place_new, place_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLACED(test_what_is_set_is_there_after_a_restart),
		PLACED(test_it_is_written_soon_not_only_at_the_end),
		PLACED(test_without_a_file_nothing_is_written),
		PLACED(test_a_broken_file_is_put_aside),
		PLACED(test_members_that_make_no_sense_are_left_out),
		PLACED(test_the_board_not_seen_longest_is_forgotten),
		PLACED(test_labels_have_rules),
		PLACED(test_labels_have_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
