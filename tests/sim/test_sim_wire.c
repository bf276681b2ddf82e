/*
 * The recorded conversations with genuine mask ROMs, replayed against the
 * simulated ones: same packets in, same frames out.
 *
 * The recordings are not part of this tree: ESPFLASHD_VECTORS names their
 * folder; without it the test is skipped.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>
#include <zlib.h>

#include "proto/base/text.h"
#include "proto/serial/slip.h"
#include "tests/sim/bench.h"

enum {
	SKIPPED		= 77,		/* automake */
	TEXT_MAX	= 1 << 20,
	PATTERN_AT	= 0x200000,	/* in flash before each recording */
	PATTERN_LEN	= 0x10000,
};

/*
 * Steps that are answered otherwise on purpose.  The recordings come from an
 * emulator with genuine ROMs; most of these are its limits.  A row whose step
 * does agree is an error, too.
 */
static const struct {
	const char	*id;
	const char	*label;		/* NULL: all steps may differ */
	const char	*why;
} exceptions[] = {
#define BAD_SPI "emulator: the ESP32's ROM reads its flash wrongly"
	{ "raw-esp32-md5", "md5", BAD_SPI },
	{ "raw-esp32-md5", "md5 12-byte request", BAD_SPI },
	{ "raw-esp32-md5", "md5 beyond the chip", BAD_SPI },
	{ "raw-esp32-flash-defl-garbage", "md5", BAD_SPI },
	{ "raw-esp32-flash-defl-truncated", "md5", BAD_SPI },
	{ "raw-esp32-flash-ok-then-errors", "data 0", BAD_SPI },
	{ "raw-esp32-flash-ok-then-errors", "data 2, beyond the end", BAD_SPI },
	{ "raw-esp32-flash-ok-then-errors", "md5", BAD_SPI },
	{ "raw-esp32-flash-ok-then-errors", "end stay",
	    "two stale bytes come from the MD5 before it" },
	{ "raw-esp32-flash-data-wrong-length", "512-byte block", BAD_SPI },
#define NO_PINS "emulator: its flash is wired without SPI_ATTACH"
	{ "raw-esp32c3-flash-data-before-begin", "flash data", NO_PINS },
	{ "raw-esp32c3-flash-begin-before-attach", "begin 1024", NO_PINS },
	{ "raw-esp32c3-flash-begin-before-attach", "data", NO_PINS },
	{ "raw-esp32c3-flash-begin-before-attach", "md5", NO_PINS },
	{ "raw-esp32-flash-data-before-begin", "ok",
	    "BASIC interpreter in the ROM, which runs when nothing else does" },
#define LOST "emulator: loses bytes of 1 KiB blocks at 115200"
	{ "raw-esp32s3-flash-data-before-begin", "flash data", LOST },
	{ "raw-esp32s3-flash-data-before-begin", "flash end stay", LOST },
};

static const char	*folder;	/* .../wire */
static struct bench	 t;

/* A file of the recordings, gzipped or not; malloc'ed, NUL-terminated. */
static char *
slurp(const char *name, size_t *len)
{
	char	 path[512];
	char	*text = malloc(TEXT_MAX);
	gzFile	 f;
	int	 n;

	assert_non_null(text);
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (access(path, R_OK) != 0)
		(void)snprintf(path, sizeof(path), "%s/%s.gz", folder, name);
	f = gzopen(path, "rb");		/* reads plain files as well */
	assert_non_null(f);
	n = gzread(f, text, TEXT_MAX - 1);
	assert_true(n >= 0);
	(void)gzclose(f);
	text[n] = '\0';
	*len = (size_t)n;
	return text;
}

static const char *
get(struct json_object *o, const char *key)
{
	return json_object_get_string(json_object_object_get(o, key));
}

static const char *
exception(const char *id, const char *label)
{
	for (size_t i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++)
		if (strcmp(exceptions[i].id, id) == 0 &&
		    strcmp(exceptions[i].label, label) == 0)
			return exceptions[i].why;
	return NULL;
}

/* Hex digits to the board. */
static void
send_hex(const char *hex, size_t len)
{
	uint8_t	part[512];

	while (len > 0) {
		char	digits[2 * sizeof(part) + 1];
		size_t	n = len < sizeof(digits) - 1 ? len : sizeof(digits) - 1;
		int	bytes;

		memcpy(digits, hex, n);
		digits[n] = '\0';
		bytes = text_unhex(digits, part, sizeof(part));
		assert_true(bytes > 0);
		bench_send(&t, part, (size_t)bytes);
		hex += n;
		len -= n;
	}
}

/* What step `step` sent, from the transcript: it is too long for the list. */
static void
send_from_transcript(struct json_object *e, size_t step)
{
	size_t	 len, at = 0;
	char	*text = slurp(get(e, "transcript"), &len);
	char	*line, *rest = text;

	while ((line = strsep(&rest, "\n")) != NULL) {
		char	*gt = strstr(line, " > ");

		if (line[0] == '#')
			at++;
		else if (at == step + 1 && gt != NULL)
			send_hex(gt + 3, strlen(gt + 3));
	}
	free(text);
}

/* The frames heard, as hex with a blank after each. */
static char *
frames_heard(void)
{
	static uint8_t		frame[BOARD_PACKET];
	struct slip_decoder	d;
	char			*out = calloc(1, TEXT_MAX);
	size_t			used, at = 0, end = 0;

	assert_non_null(out);
	slip_init(&d, frame, sizeof(frame));
	while (at < t.heard.len) {
		int	n = slip_decode(&d, t.heard.data + at,
		    t.heard.len - at, &used);

		at += used;
		if (n <= 0)
			continue;
		assert_true(end + 2 * (size_t)n + 2 < TEXT_MAX);
		text_hex(out + end, frame, (size_t)n);
		end += 2 * (size_t)n;
		out[end++] = ' ';
	}
	return out;
}

static char *
frames_recorded(struct json_object *step)
{
	struct json_object	*a;
	char			*out = calloc(1, TEXT_MAX);
	size_t			 end = 0;

	assert_non_null(out);
	a = json_object_object_get(step, "reply_frames");
	for (size_t i = 0; i < json_object_array_length(a); i++) {
		const char	*hex = json_object_get_string(
		    json_object_array_get_idx(a, i));

		end += (size_t)snprintf(out + end, TEXT_MAX - end, "%s ", hex);
	}
	return out;
}

/* True when the step went as it should. */
static bool
replay_step(struct json_object *e, struct json_object *step, size_t n)
{
	const char	*id = get(e, "id"), *label = get(step, "label");
	const char	*hex = get(step, "sent");
	const char	*why = exception(id, label);
	char		*want, *have;
	bool		 equal;

	buf_clear(&t.heard);
	if (hex != NULL)
		send_hex(hex, strlen(hex));
	else
		send_from_transcript(e, n);
	want = frames_recorded(step);
	have = frames_heard();
	equal = strcmp(want, have) == 0;
	if (equal == (why != NULL))
		print_error("%s, %s%s:\n  recorded  %s\n  simulated %s\n", id,
		    label, equal ? " agrees, but is an exception" : "", want,
		    have);
	free(want);
	free(have);
	return equal != (why != NULL);
}

static size_t
replay(struct json_object *e, const char *pattern)
{
	struct json_object	*steps = json_object_object_get(e, "steps");
	size_t			 bad = 0;

	bench_init(&t, get(e, "chip"));
	flash_program(&t.board.flash, PATTERN_AT, pattern, PATTERN_LEN);
	for (size_t i = 0; i < json_object_array_length(steps); i++)
		bad += !replay_step(e, json_object_array_get_idx(steps, i), i);
	bench_done(&t);
	return bad;
}

static void
test_recorded_conversations_replay(void **state)
{
	size_t			 len, bad = 0, count = 0;
	char			*text = slurp("manifest.json", &len);
	char			*pattern;
	struct json_object	*list = json_tokener_parse(text);

	(void)state;
	assert_non_null(list);
	free(text);
	pattern = slurp("in/pattern64k.bin", &len);
	assert_int_equal(len, PATTERN_LEN);
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object	*e = json_object_array_get_idx(list, i);

		if (strncmp(get(e, "id"), "raw-", 4) != 0)
			continue;
		bad += replay(e, pattern);
		count++;
	}
	free(pattern);
	json_object_put(list);
	print_message("%zu conversations\n", count);
	assert_true(count > 0);
	assert_int_equal(bad, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recorded_conversations_replay),
	};
	static char	 path[512];
	const char	*env = getenv("ESPFLASHD_VECTORS");

	(void)snprintf(path, sizeof(path), "%s/wire", env != NULL ? env : "");
	folder = path;
	if (access(path, R_OK) != 0) {
		fprintf(stderr, "skipped: ESPFLASHD_VECTORS names no folder of "
		    "recordings (%s)\n", path);
		return SKIPPED;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
