#include "proto/image/merge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

#include "proto/base/buf.h"
#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/image/uf2.h"
#include "tests/unit/unit.h"

enum { FILE_MAX = 4 << 20 };

static struct why	why;
static char		told[1024];	/* notes, joined by '|' */
static struct buf	out;

static void
tell(void *arg, const char *text)
{
	size_t	at = strlen(told);

	(void)arg;
	(void)snprintf(told + at, sizeof told - at, "%s|", text);
}

static const struct image_notes	notes = { .tell = tell };

static int
merge(const struct merge *m, struct merge_part *parts, size_t count)
{
	why_clear(&why);
	told[0] = '\0';
	return merge_images(m, parts, count, &notes, &out, &why);
}

static void
assert_refused(const struct merge *m, struct merge_part *parts, size_t count,
    int err, const char *part)
{
	assert_int_equal(merge(m, parts, count), err);
	assert_int_equal(why.err, err);
	assert_int_equal(out.len, 0);
	if (strstr(why.text, part) == NULL)
		fail_msg("%s: %s", part, why.text);
}

#define PART(off, text) \
	{ .name = text, .offset = (off), \
	  .data = (const uint8_t *)(text), .len = sizeof(text) - 1 }

static void
test_gaps_become_ff(void **state)
{
	struct merge_part	p[] = { PART(6, "cd"), PART(2, "ab") };
	const struct merge	m = { .chip = &chip_esp32 };

	(void)state;
	assert_int_equal(merge(&m, p, 2), 0);
	assert_int_equal(out.len, 8);
	assert_memory_equal(out.data, "\xff\xff" "ab\xff\xff" "cd", 8);
	assert_string_equal(told, "");
	assert_int_equal(p[0].offset, 2);
	buf_done(&out);
}

static void
test_output_begins_at_the_target_and_ends_at_the_size(void **state)
{
	struct merge_part	p[] = { PART(0x1001, "ab") };
	struct merge		m = { .chip = &chip_esp32,
				    .target_offset = 0x1000,
				    .pad_to_size = 0x1004 };

	(void)state;
	assert_int_equal(merge(&m, p, 1), 0);
	assert_int_equal(out.len, 4);
	assert_memory_equal(out.data, "\xff" "ab\xff", 4);
	buf_done(&out);
	m.pad_to_size = 0x1002;
	assert_refused(&m, p, 1, ERR_PARAMS, "0x1002 bytes to pad to are too "
	    "few");
	m.pad_to_size = 0;
	m.target_offset = 0x1002;
	assert_refused(&m, p, 1, ERR_PARAMS, "Output data target offset is "
	    "0x1002. Input data offset 0x1001 is before this");
}

static void
test_empty_files_count_for_their_place_only(void **state)
{
	struct merge_part	p[] = { PART(8, ""), PART(0, "ab"),
				    PART(1, "") };
	const struct merge	m = { .chip = &chip_esp32 };

	(void)state;
	assert_int_equal(merge(&m, p + 2, 1), 0);
	assert_int_equal(out.len, 1);
	buf_done(&out);
	assert_int_equal(merge(&m, p, 3), 0);
	assert_int_equal(out.len, 8);
	assert_memory_equal(out.data, "ab\xff\xff\xff\xff\xff\xff", 8);
	buf_done(&out);
}

static void
test_what_cannot_be_is_refused(void **state)
{
	struct merge_part	p[] = { PART(2, "abc"), PART(4, "d") };
	struct merge_part	far[] = { PART(0, "a"), PART(128 << 20, "b") };
	struct merge_part	top[] = { PART(0xffffffff, "ab") };
	struct merge		m = { .chip = &chip_esp32 };

	(void)state;
	assert_refused(&m, NULL, 0, ERR_PARAMS, "nothing to merge");
	assert_refused(&m, p, 2, ERR_OVERLAP, "Detected overlap at address: "
	    "0x4 for file: d");
	assert_refused(&m, far, 2, ERR_BEYOND_FLASH, "more than 128 MB");
	assert_refused(&m, top, 1, ERR_BEYOND_FLASH, "beyond 4 GB");
	m.format = MERGE_UF2;
	m.chunk_size = 5;
	assert_refused(&m, p, 1, ERR_PARAMS, "Chunk size should be a 4-byte "
	    "aligned number");
	/* Far away is fine where gaps cost nothing. */
	m.chunk_size = 0;
	assert_int_equal(merge(&m, far, 2), 0);
	assert_int_equal(out.len, 2 * UF2_BLOCK);
	buf_done(&out);
}

/* 512 bytes for 4: what would be larger than 512 MB is none of our work. */
static void
test_tiny_blocks_of_much_are_refused(void **state)
{
	size_t			len = 8 << 20;
	uint8_t			*data = calloc(1, len);
	struct merge_part	p = { .name = "big", .data = data, .len = len };
	const struct merge	m = { .chip = &chip_esp32, .format = MERGE_UF2,
				    .chunk_size = 4 };

	(void)state;
	assert_non_null(data);
	assert_refused(&m, &p, 1, ERR_LIMIT, "larger than 512 MB");
	free(data);
}

static void
test_a_chunk_is_no_larger_than_its_block(void **state)
{
	struct merge_part	p[] = { PART(0, "abcdefgh") };
	struct merge		m = { .chip = &chip_esp32, .format = MERGE_UF2,
				    .chunk_size = 476 };

	(void)state;
	assert_int_equal(merge(&m, p, 1), 0);
	assert_non_null(strstr(told, "room for 452 bytes and their digest"));
	buf_done(&out);
	m.md5_disable = true;
	assert_int_equal(merge(&m, p, 1), 0);
	assert_string_equal(told, "");
	buf_done(&out);
	m.chunk_size = 4;
	m.pad_to_size = 1 << 20;
	assert_int_equal(merge(&m, p, 1), 0);
	assert_non_null(strstr(told, "only raw files are padded"));
	assert_int_equal(out.len, 2 * UF2_BLOCK);
	assert_int_equal(le32_get(out.data + 28), chip_esp32.uf2_family);
	buf_done(&out);
}

/* ---- headers ---- */

enum { BOOT = 64 };

static void
make_boot(uint8_t p[BOOT], uint8_t chip_id)
{
	memset(p, 0, BOOT);
	p[0] = 0xe9;
	p[1] = 1;
	p[2] = 2;
	p[3] = 0x10;
	p[12] = chip_id;
	le32_put(p + 24, 0x40080000);
	le32_put(p + 28, 4);
}

static void
test_the_bootloader_and_nothing_else_gets_its_header_set(void **state)
{
	uint8_t			boot[BOOT], was[BOOT];
	struct merge_part	p[] = {
		{ .name = "app", .offset = 0x10000, .data = boot, .len = BOOT },
		{ .name = "boot", .offset = 0x1000, .data = boot, .len = BOOT },
	};
	const struct merge	m = { .chip = &chip_esp32,
				    .words = { .mode = "dout", .size = "4MB" } };

	(void)state;
	make_boot(boot, 0);
	memcpy(was, boot, BOOT);
	assert_int_equal(merge(&m, p, 2), 0);
	assert_memory_equal(boot, was, BOOT);
	assert_memory_equal(out.data + 0x10000, was, BOOT);
	assert_int_equal(out.data[0x1002], 3);
	assert_int_equal(out.data[0x1003], 0x20);
	assert_string_equal(p[0].name, "boot");
	assert_true(p[0].patched);
	assert_int_equal(p[0].params, 0x0320);
	assert_false(p[0].digested);
	assert_false(p[1].patched);
	assert_string_equal(told, "");
	buf_done(&out);
}

static void
test_what_is_no_image_is_merged_as_it_is_and_told(void **state)
{
	uint8_t			boot[BOOT];
	struct merge_part	p[] = { PART(0x1000, "no image at all") };
	struct merge_part	b = { .name = "boot", .offset = 0x1000,
				    .data = boot, .len = BOOT };
	struct merge		m = { .chip = &chip_esp32,
				    .words = { .mode = "dout" } };

	(void)state;
	assert_int_equal(merge(&m, p, 1), 0);
	assert_non_null(strstr(told, "Warning: Image file at 0x1000 doesn't "
	    "look like an image file, so not changing any flash settings."));
	assert_false(p[0].patched);
	buf_done(&out);
	make_boot(boot, 5);
	assert_int_equal(merge(&m, &b, 1), 0);
	assert_non_null(strstr(told, "Unexpected chip ID in image. Expected 0 "
	    "but value was 5."));
	assert_true(b.patched);
	buf_done(&out);
	m.words.freq = "60m";
	assert_refused(&m, &b, 1, ERR_PARAMS, "Flash frequency '60m' is not "
	    "supported");
}

/* ---- what esptool makes of the same ---- */

static size_t
load(const char *folder, const char *name, uint8_t *to)
{
	char	path[512];
	gzFile	file;
	int	n;

	(void)snprintf(path, sizeof path, "%s/merge/%s", folder, name);
	if ((file = gzopen(path, "rb")) == NULL) {
		(void)snprintf(path, sizeof path, "%s/merge/%s.gz", folder,
		    name);
		file = gzopen(path, "rb");
	}
	assert_non_null(file);
	n = gzread(file, to, FILE_MAX);
	assert_int_equal(gzclose(file), Z_OK);
	assert_true(n >= 0);
	return (size_t)n;
}

struct vector {
	const char	*id, *out;
	struct {
		uint32_t	 offset;
		const char	*name;
	}		 in[3];
	struct merge	 m;
};

static void
check_vector(const char *folder, const struct vector *v, uint8_t *mem)
{
	struct merge_part	parts[3] = { { .name = NULL } };
	char			name[256];
	size_t			count = 0, len;
	uint8_t			*at = mem;

	for (; count < 3 && v->in[count].name != NULL; count++) {
		(void)snprintf(name, sizeof name, "in/%s", v->in[count].name);
		parts[count] = (struct merge_part){
			.name = v->in[count].name, .data = at,
			.offset = v->in[count].offset,
			.len = load(folder, name, at),
		};
		at += parts[count].len;
	}
	assert_int_equal(merge(&v->m, parts, count), 0);
	(void)snprintf(name, sizeof name, "out/%s/%s", v->id, v->out);
	len = load(folder, name, at);
	if (len != out.len || (len > 0 && memcmp(at, out.data, len) != 0))
		fail_msg("%s differs", v->id);
	buf_done(&out);
}

#define BOOT32	"bootloader_esp32.bin"
#define BOOT52	"bootloader_esp32_v5_2.bin"
#define TABLE	"partitions_singleapp.bin"
#define RAW	.chip = &chip_esp32, .format = MERGE_RAW
#define UF2	.chip = &chip_esp32, .format = MERGE_UF2
#define HEX	.chip = &chip_esp32, .format = MERGE_HEX

static const struct vector	vectors[] = {
	{ "raw-basic", "m.bin", { { 0x1000, BOOT32 }, { 0x8000, TABLE },
	  { 0x10000, "helloworld-esp32.bin" } }, { RAW } },
	{ "raw-zerolen-mid", "m.bin", { { 0, "one_kb.bin" },
	  { 0x2000, "zerolength.bin" }, { 0x4000, "not_4_byte_aligned.bin" } },
	  { RAW } },
	{ "raw-target-offset", "m.bin", { { 0x1000, BOOT32 },
	  { 0x8000, TABLE } }, { RAW, .target_offset = 0x1000 } },
	{ "raw-pad-with-offset", "m.bin", { { 0x1000, "one_kb.bin" } },
	  { RAW, .target_offset = 0x1000, .pad_to_size = 256 << 10 } },
	{ "raw-flash-all", "m.bin", { { 0x1000, BOOT52 }, { 0x8000, TABLE } },
	  { RAW, .words = { "dout", "80m", "16MB" } } },
	{ "raw-bad-digest-in", "m.bin", { { 0x1000, "boot_bad_digest.bin" } },
	  { RAW, .words = { .mode = "dout" } } },
	{ "uf2-onebyte", "m.uf2", { { 0, "onebyte.bin" } }, { UF2 } },
	{ "uf2-chunk-256", "m.uf2", { { 0x1000, "rand300.bin" } },
	  { UF2, .chunk_size = 256 } },
	{ "uf2-chunk-1000", "m.uf2", { { 0x1000, "rand300.bin" } },
	  { UF2, .chunk_size = 1000 } },
	{ "uf2-nomd5", "m.uf2", { { 0x1000, "rand5000.bin" } },
	  { UF2, .md5_disable = true } },
	{ "uf2-flash", "m.uf2", { { 0x1000, BOOT52 } },
	  { UF2, .words = { "dout", "80m", "16MB" } } },
	{ "hex-basic", "m.hex", { { 0x1000, "rand300.bin" },
	  { 0x8000, TABLE } }, { HEX } },
	{ "hex-64k", "m.hex", { { 0xfff0, "rand300.bin" } }, { HEX } },
	{ "hex-unaligned", "m.hex", { { 0x1003, "not_4_byte_aligned.bin" },
	  { 0x3001, "onebyte.bin" } }, { HEX } },
	{ "hex-flash", "m.hex", { { 0x1000, BOOT52 },
	  { 0x10000, "rand300.bin" } },
	  { HEX, .words = { .mode = "dout", .size = "16MB" } } },
	{ "hex-high", "m.hex", { { 0xfffff0, "rand300.bin" },
	  { 0x2000, "not_4_byte_aligned.bin" } }, { HEX } },
};

static void
test_esptool_comes_to_the_same_bytes(void **state)
{
	const char	*folder = getenv("ESPFLASHD_VECTORS");
	uint8_t		*mem;

	(void)state;
	if (folder == NULL || access(folder, R_OK) != 0) {
		skip();
		return;
	}
	mem = malloc(4 * FILE_MAX);
	assert_non_null(mem);
	for (size_t i = 0; i < UNIT_COUNT(vectors); i++)
		check_vector(folder, &vectors[i], mem);
	free(mem);
}

static void
test_formats_have_names(void **state)
{
	enum merge_format	f = MERGE_RAW;

	(void)state;
	assert_true(merge_format_by_name("hex", &f));
	assert_int_equal(f, MERGE_HEX);
	assert_false(merge_format_by_name("elf", &f));
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_gaps_become_ff),
		cmocka_unit_test(
		    test_output_begins_at_the_target_and_ends_at_the_size),
		cmocka_unit_test(test_empty_files_count_for_their_place_only),
		cmocka_unit_test(test_what_cannot_be_is_refused),
		cmocka_unit_test(test_tiny_blocks_of_much_are_refused),
		cmocka_unit_test(test_a_chunk_is_no_larger_than_its_block),
		cmocka_unit_test(
		    test_the_bootloader_and_nothing_else_gets_its_header_set),
		cmocka_unit_test(
		    test_what_is_no_image_is_merged_as_it_is_and_told),
		cmocka_unit_test(test_esptool_comes_to_the_same_bytes),
		cmocka_unit_test(test_formats_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
