/*
 * build - images from linked programs.
 *
 * Programs made here show what each rule does; and where ESPFLASHD_VECTORS
 * names a folder with recorded images (images/manifest.json), all of those are
 * made again and their SHA-256 compared.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>
#include <openssl/evp.h>
#include <zlib.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/image/build.h"
#include "proto/image/segments.h"
#include "tests/unit/elf_maker.h"
#include "tests/unit/unit.h"

enum {
	PATH_SIZE	= 512,
	VECTOR_MAX	= 16 << 20,
	NOTES_SIZE	= 4096,
	CASES_MIN	= 190,		/* recorded; fewer: we look wrong */
};

static char		notes[NOTES_SIZE];
static struct build	b;
static struct why	why;

static void
note(void *arg, const char *text)
{
	size_t	at = strlen(notes);

	(void)arg;
	(void)snprintf(notes + at, sizeof notes - at, "%s\n", text);
}

static int
make(const void *elf, size_t len, const struct build_options *o)
{
	static const struct image_notes	n = { note, NULL };

	build_done(&b);
	why_clear(&why);
	notes[0] = '\0';
	return build_image(elf, len, o, &b, &n, &why);
}

static int
make_of(const struct elf_maker *m, const struct build_options *o)
{
	return make(m->bytes, m->len, o);
}

static struct build_options
options_of(const struct chip *c)
{
	return (struct build_options){
		.chip = c, .version = 1, .max_rev_full = HEADER_ANY_REV,
	};
}

/* Where the bytes of the image's segment for `addr` are. */
static size_t
find_segment(const struct buf *f, uint32_t addr, uint32_t *len)
{
	size_t		at = HEADER_EXTENDED;
	uint32_t	got;

	for (unsigned i = 0; i < f->data[1]; i++) {
		assert_int_equal(header_segment(f->data, f->len, &at, &got,
		    len), 0);
		if (got == addr)
			return at - *len;
	}
	fail_msg("no segment at 0x%08x", addr);
	return 0;
}

static void
test_every_chip_gets_an_image_with_its_id(void **state)
{
	static struct elf_maker	m;
	struct build_options	o;
	struct segments		s;

	(void)state;
	for (size_t i = 0; chips[i] != NULL; i++) {
		const struct chip	*c = chips[i];
		const struct chip_range	*r = c->ranges;

		while (strcmp(r->name, "DRAM") != 0)
			r++;
		elf_start(&m);
		elf_add(&m, ".dram0.data", r->from, 0x40);
		elf_add(&m, ".flash.text", c->irom.from + 0x20, 0x100);
		elf_finish(&m, r->from);
		o = options_of(c);
		o.version = c->image_id < 0 ? 3 : 1;
		assert_int_equal(make_of(&m, &o), 0);
		assert_int_equal(segments_parse(b.files[0].bytes.data,
		    b.files[0].bytes.len, c->image_id >= 0, &s, &why), 0);
		assert_int_equal(s.entry, r->from);
		if (c->image_id >= 0)
			assert_int_equal(s.chip_id, c->image_id);
		assert_string_equal(notes, "");
	}
}

static void
test_flash_lies_in_its_page(void **state)
{
	struct build_options	o = options_of(&chip_esp32c3);
	static struct elf_maker	m;
	uint32_t		len;

	(void)state;
	/* What of the RAM stands before it takes any room up to a page. */
	for (uint32_t ram = 4; ram < 0x20000; ram += 0x3ffc) {
		elf_start(&m);
		elf_add(&m, ".dram0.data", 0x3fc90000, ram);
		elf_add(&m, ".flash.rodata", 0x3c020020, 0x130);
		elf_add(&m, ".flash.text", 0x42000020, 0xfff8);
		elf_finish(&m, 0x42000020);
		assert_int_equal(make_of(&m, &o), 0);
		assert_int_equal(find_segment(&b.files[0].bytes, 0x3c020020,
		    &len) % CHIP_MMU_PAGE, 0x20);
		assert_int_equal(len, 0x130);
		assert_int_equal(find_segment(&b.files[0].bytes, 0x42000020,
		    &len) % CHIP_MMU_PAGE, 0x20);
	}
}

/* Esptool stops there with an assertion: the gap has room for a head alone. */
static void
test_a_gap_of_eight_bytes_is_an_empty_segment(void **state)
{
	struct build_options	o = options_of(&chip_esp32c3);
	static struct elf_maker	m;
	uint32_t		len;

	(void)state;
	elf_start(&m);
	elf_add(&m, ".flash.rodata", 0x3c000020, 0xffe0 - 8 - 8);
	elf_add(&m, ".flash.text", 0x42010008, 0x10);
	elf_finish(&m, 0x42010008);
	assert_int_equal(make_of(&m, &o), 0);
	assert_int_equal(find_segment(&b.files[0].bytes, 0x42010008, &len) %
	    CHIP_MMU_PAGE, 8);
}

static void
test_two_sections_in_one_page_are_refused(void **state)
{
	struct build_options	o = options_of(&chip_esp32c3);
	static struct elf_maker	m;

	(void)state;
	elf_start(&m);
	elf_add(&m, ".flash.rodata", 0x3c000020, 0x10);
	elf_add(&m, ".flash.more", 0x3c000040, 0x10);
	elf_finish(&m, 0x3c000020);
	assert_int_equal(make_of(&m, &o), ERR_IMAGE);
	assert_non_null(strstr(why.text, "0x3c000040 lands in same 64 KB"));
}

static void
test_the_largest_gap_is_sixteen_megabytes(void **state)
{
	struct build_options	o = options_of(&chip_esp32);
	static struct elf_maker	m;

	(void)state;
	o.ram_only_header = true;
	elf_start(&m);
	elf_add(&m, ".a", 0x3ffb0000, 0x10);
	elf_add(&m, ".b", 0x80000000, 0x10);
	elf_align(&m, 1u << 31);
	elf_finish(&m, 0x3ffb0000);
	assert_int_equal(make_of(&m, &o), ERR_IMAGE);
	assert_non_null(strstr(why.text, "16 MB limit"));
}

static void
test_a_signed_image_ends_at_a_page(void **state)
{
	struct build_options	o = options_of(&chip_esp32);
	static struct elf_maker	m;

	(void)state;
	elf_start(&m);
	elf_add(&m, ".dram0.data", 0x3ffc0000, 0x104);
	elf_finish(&m, 0x3ffc0000);
	o.secure_pad_v2 = true;
	assert_int_equal(make_of(&m, &o), 0);
	assert_int_equal(b.files[0].bytes.len % CHIP_MMU_PAGE, 0);
	o.secure_pad_v2 = false;
	o.secure_pad = true;
	assert_int_equal(make_of(&m, &o), 0);
	assert_int_equal((b.files[0].bytes.len + 4 + 64 + 12) % CHIP_MMU_PAGE,
	    0);
	o.no_digest = true;
	assert_int_equal(make_of(&m, &o), ERR_PARAMS);
	/* Version 1 is of the ESP32 alone. */
	o.chip = &chip_esp32s2;
	assert_int_equal(make_of(&m, &o), 0);
	assert_true(b.files[0].bytes.len < 0x200);
}

static void
test_a_digest_that_has_no_place_is_told(void **state)
{
	struct build_options	o = options_of(&chip_esp32);
	static struct elf_maker	m;

	(void)state;
	elf_start(&m);
	elf_add_zeros(&m, ".iram0.text", 0x40080000, 0x40);
	elf_finish(&m, 0x40080000);
	o.elf_sha_at = 0x40;	/* its last byte is the segment's */
	assert_int_equal(make_of(&m, &o), 0);
	assert_string_equal(notes, "");
	o.elf_sha_at = 0x41;
	assert_int_equal(make_of(&m, &o), ERR_IMAGE);
	o.elf_sha_at = 0x1c;	/* in the head of the segment */
	assert_int_equal(make_of(&m, &o), ERR_IMAGE);
	o.elf_sha_at = 0x10000;
	assert_int_equal(make_of(&m, &o), 0);
	assert_non_null(strstr(notes, "no byte at 0x10000"));
}

static void
test_sizes_to_pad_to_have_a_unit(void **state)
{
	static const char *const	bad[] = {
		"", "0", "100", "4096", "KB", "0KB", "-1KB", "4kb", "129MB",
		"4194304KB", "99999999999MB", "4 KB", "4MB ",
	};
	uint32_t			n;

	(void)state;
	assert_int_equal(build_pad_size("64KB", &n, &why), 0);
	assert_int_equal(n, 64 << 10);
	assert_int_equal(build_pad_size("128MB", &n, &why), 0);
	assert_int_equal(n, 128 << 20);
	for (size_t i = 0; i < UNIT_COUNT(bad); i++) {
		why_clear(&why);
		assert_int_equal(build_pad_size(bad[i], &n, &why), ERR_PARAMS);
		assert_non_null(strstr(why.text, "Unknown size"));
	}
}

/* Esptool pads over the image then. */
static void
test_padding_without_a_digest_comes_behind_the_image(void **state)
{
	struct build_options	o = options_of(&chip_esp32);
	static struct elf_maker	m;
	struct segments		s;
	size_t			len;

	(void)state;
	elf_start(&m);
	elf_add(&m, ".dram0.data", 0x3ffc0000, 0x104);
	elf_finish(&m, 0x3ffc0000);
	o.no_digest = true;
	assert_int_equal(make_of(&m, &o), 0);
	len = b.files[0].bytes.len;
	o.pad_to = 4096;
	assert_int_equal(make_of(&m, &o), 0);
	assert_int_equal(b.files[0].bytes.len, 4096);
	assert_int_equal(segments_parse(b.files[0].bytes.data, len, true, &s,
	    &why), 0);
	for (size_t i = len; i < 4096; i++)
		assert_int_equal(b.files[0].bytes.data[i], 0xff);
}

/* ---- recorded images ---- */

static char	folder[PATH_SIZE];

/* What we do instead; the rest of the failures of esptool fail here, too. */
static const struct exception {
	const char	*id;
	bool		 refused;	/* else made, but otherwise */
} exceptions[] = {
	/* Esptool cuts the section off where the file ends. */
	{ "e2i-hand-bad-section-past-eof", true },
	/* Where no digest is added, it pads from the third byte on, over the
	 * image; ours pads behind it. */
	{ "e2i-opt-padto-ramonly", false },
	{ "e2i-opt-padto-nodigest", false },
};

/* Words that never come so far: the command line refuses them. */
static const char *const	for_clients[] = {
	"e2i-opt-nochip", "e2i-opt-auto", "e2i-opt-badchip",
	"e2i-opt-minrev-neg", "e2i-opt-minrev-text", "e2i-opt-mmu-bad",
	"e2i-missing-file", "e2i-outdir-missing", "e2i-opt-sha-m4",
};

static const char *
member(struct json_object *o, const char *name)
{
	struct json_object	*v;

	assert_true(json_object_object_get_ex(o, name, &v));
	return json_object_get_string(v);
}

static bool
listed(const char *id)
{
	for (size_t i = 0; i < UNIT_COUNT(for_clients); i++)
		if (strcmp(id, for_clients[i]) == 0)
			return true;
	return false;
}

/* The bytes of a file, compressed or not. */
static uint8_t *
load(const char *name, size_t *len)
{
	static const char *const	ends[] = { "", ".gz" };
	char				path[2 * PATH_SIZE];
	uint8_t				*data;
	gzFile				f = NULL;
	int				n;

	for (size_t i = 0; f == NULL && i < UNIT_COUNT(ends); i++) {
		(void)snprintf(path, sizeof path, "%s/%s%s", folder, name,
		    ends[i]);
		f = gzopen(path, "rb");
	}
	if (f == NULL)
		return NULL;
	data = malloc(VECTOR_MAX);
	assert_non_null(data);
	n = gzread(f, data, VECTOR_MAX);
	assert_in_range(n, 0, VECTOR_MAX - 1);
	(void)gzclose_r(f);	/* only read from */
	*len = (size_t)n;
	return data;
}

static uint32_t
number(const char *word)
{
	uint32_t	n;

	assert_int_equal(text_u32(word, &n), 0);
	return n;
}

/* One option with its value; false: it is one without. */
static bool
set_value(struct build_options *o, const char *name, const char *v, int *err)
{
	if (strcmp(name, "--chip") == 0)
		o->chip = chip_by_name(v);
	else if (strcmp(name, "--version") == 0)
		o->version = number(v);
	else if (strcmp(name, "--flash-mode") == 0)
		o->words.mode = v;
	else if (strcmp(name, "--flash-freq") == 0 || strcmp(name, "-ff") == 0)
		o->words.freq = v;
	else if (strcmp(name, "--flash-size") == 0)
		o->words.size = v;
	else if (strcmp(name, "--min-rev-full") == 0)
		o->min_rev_full = (uint16_t)number(v);
	else if (strcmp(name, "--max-rev-full") == 0)
		o->max_rev_full = (uint16_t)number(v);
	else if (strcmp(name, "--elf-sha256-offset") == 0)
		o->elf_sha_at = number(v);
	else if (strcmp(name, "--flash-mmu-page-size") == 0)
		assert_int_equal(text_size(v, &o->mmu_page), 0);
	else if (strcmp(name, "--pad-to-size") == 0)
		*err = build_pad_size(v, &o->pad_to, &why);
	else
		return strcmp(name, "-o") == 0;
	return true;
}

static void
set_flag(struct build_options *o, const char *name)
{
	if (strcmp(name, "--use-segments") == 0)
		o->use_segments = true;
	else if (strcmp(name, "--ram-only-header") == 0)
		o->ram_only_header = true;
	else if (strcmp(name, "--dont-append-digest") == 0)
		o->no_digest = true;
	else if (strcmp(name, "--secure-pad") == 0)
		o->secure_pad = true;
	else if (strcmp(name, "--secure-pad-v2") == 0)
		o->secure_pad_v2 = true;
	else
		fail_msg("what is %s?", name);
}

static int
set_options(struct json_object *args, struct build_options *o,
    const char **file)
{
	char	name[64];
	size_t	count = json_object_array_length(args);
	int	err = 0;

	for (size_t i = 0; i < count; i++) {
		const char	*w = json_object_get_string(
				    json_object_array_get_idx(args, i));
		const char	*v = json_object_get_string(
				    json_object_array_get_idx(args, i + 1));

		if (w[0] != '-') {
			*file = w;	/* the command, then the file */
			continue;
		}
		(void)snprintf(name, sizeof name, "%s", w);
		for (char *p = name; *p != '\0'; p++)
			*p = *p == '_' ? '-' : *p;
		if (set_value(o, name, v, &err))
			i++;
		else
			set_flag(o, name);
	}
	return err;
}

/* Which of our files an expected one is: an ESP8266 names the offset. */
static size_t
file_of(const char *name)
{
	size_t		len = strlen(name);
	uint32_t	offset;
	char		word[16];

	if (b.file_count < 2 || len < 11)
		return 0;
	(void)snprintf(word, sizeof word, "%.7s", name + len - 11);
	if (text_u32(word, &offset) < 0)
		return 0;
	return offset == b.files[1].offset;
}

/* What a command with `setup` reads: the file that is copied. */
static const char *
input_of(struct json_object *c, const char *file)
{
	struct json_object	*setup;

	if (!json_object_object_get_ex(c, "setup", &setup))
		return file;
	return member(json_object_array_get_idx(setup, 0), "copy");
}

static void
compare(const char *id, struct json_object *outputs, bool otherwise)
{
	uint8_t	sum[EVP_MAX_MD_SIZE];
	char	hex[2 * EVP_MAX_MD_SIZE + 1];

	assert_int_equal(json_object_object_length(outputs), b.file_count);
	json_object_object_foreach(outputs, name, expected) {
		const struct buf	*f = &b.files[file_of(name)].bytes;

		assert_int_equal(EVP_Digest(f->data, f->len, sum, NULL,
		    EVP_sha256(), NULL), 1);
		text_hex(hex, sum, 32);
		if ((strcmp(hex, json_object_get_string(expected)) != 0) !=
		    otherwise)
			fail_msg("%s: %s (%zu bytes) %s", id, name, f->len,
			    otherwise ? "is the same" : "differs");
	}
}

static void
run_case(struct json_object *c)
{
	struct build_options	 o = options_of(NULL);
	const struct exception	*x = NULL;
	struct json_object	*args, *outputs, *exit;
	const char		*id = member(c, "id"), *file = NULL;
	uint8_t			*elf;
	size_t			 len = 0;
	int			 e;
	bool			 fails;

	assert_true(json_object_object_get_ex(c, "args", &args));
	assert_true(json_object_object_get_ex(c, "outputs", &outputs));
	assert_true(json_object_object_get_ex(c, "exit", &exit));
	fails = json_object_get_int(exit) != 0;
	for (size_t i = 0; i < UNIT_COUNT(exceptions); i++)
		if (strcmp(exceptions[i].id, id) == 0)
			x = &exceptions[i];
	fails |= x != NULL && x->refused;
	e = set_options(args, &o, &file);
	if ((elf = load(input_of(c, file), &len)) == NULL)
		fail_msg("%s: %s cannot be read", id, file);
	if (e == 0)
		e = make(elf, len, &o);
	free(elf);
	if (fails != (e < 0))
		fail_msg("%s: %s", id, e < 0 ? why_text(&why) : "not refused");
	if (!fails)
		compare(id, outputs, x != NULL);
}

static void
test_recorded_images_are_made_again(void **state)
{
	const char		*top = getenv("ESPFLASHD_VECTORS");
	char			 path[2 * PATH_SIZE];
	struct json_object	*all;
	unsigned		 done = 0;

	(void)state;
	(void)snprintf(folder, sizeof folder, "%s/images",
	    top != NULL ? top : "/nonexistent");
	(void)snprintf(path, sizeof path, "%s/manifest.json", folder);
	if ((all = json_object_from_file(path)) == NULL)
		skip();
	for (size_t i = 0; i < json_object_array_length(all); i++) {
		struct json_object	*c = json_object_array_get_idx(all, i);

		if (strncmp(member(c, "id"), "e2i-", 4) != 0 ||
		    listed(member(c, "id")))
			continue;
		run_case(c);
		done++;
	}
	json_object_put(all);
	assert_true(done >= CASES_MIN);
}

static int
put_away(void **state)
{
	(void)state;
	build_done(&b);
	return 0;
}

int
main(void)
{
	static const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_every_chip_gets_an_image_with_its_id),
		cmocka_unit_test(test_flash_lies_in_its_page),
		cmocka_unit_test(test_a_gap_of_eight_bytes_is_an_empty_segment),
		cmocka_unit_test(test_two_sections_in_one_page_are_refused),
		cmocka_unit_test(test_the_largest_gap_is_sixteen_megabytes),
		cmocka_unit_test(test_a_signed_image_ends_at_a_page),
		cmocka_unit_test(test_a_digest_that_has_no_place_is_told),
		cmocka_unit_test(test_sizes_to_pad_to_have_a_unit),
		cmocka_unit_test(
		    test_padding_without_a_digest_comes_behind_the_image),
		cmocka_unit_test(test_recorded_images_are_made_again),
	};

	return cmocka_run_group_tests(tests, NULL, put_away);
}
