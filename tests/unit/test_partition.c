#include "proto/image/partition.h"

#include <stdio.h>
#include <string.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "tests/unit/unit.h"

static struct partition_table	table;
static struct why		why;
static char			notes[1024];

static void
tell(void *arg, const char *text)
{
	size_t	at = strlen(notes);

	(void)arg;
	(void)snprintf(notes + at, sizeof notes - at, "%s\n", text);
}

static const struct image_notes	hear = { .tell = tell };

#define assert_has(text, part) do {					\
	if (strstr((text), (part)) == NULL)				\
		fail_msg("\"%s\" lacks \"%s\"", (text), (part));	\
} while (0)

static int
parse(const void *data, size_t len, const struct chip *chip)
{
	const struct partition_place	place = { PARTITION_OFFSET, chip };

	why_clear(&why);
	notes[0] = '\0';
	return partition_parse(data, len, &place, &table, &hear, &why);
}

/* A table as "nvs=1/2@9000+6000 ..."; or the sentence of a mistake. */
static const char *
places_for(const char *csv, const struct chip *chip)
{
	static char	out[1024];
	size_t		at = 0;

	if (parse(csv, strlen(csv), chip) < 0)
		return why.text;
	for (size_t i = 0; i < table.count; i++) {
		const struct partition	*p = &table.list[i];

		at += (size_t)snprintf(out + at, sizeof out - at,
		    "%s%s=%x/%x@%x+%x%s%s", i > 0 ? " " : "", p->name,
		    p->type, p->subtype, p->offset, p->size,
		    p->flags & PARTITION_ENCRYPTED ? "E" : "",
		    p->flags & PARTITION_READONLY ? "R" : "");
	}
	return out;
}

static const char *
places(const char *csv)
{
	return places_for(csv, NULL);
}

static int
check(const char *csv)
{
	assert_int_equal(parse(csv, strlen(csv), NULL), 0);
	return partition_check(&table, PARTITION_OFFSET, &why);
}

/* ---- CSV ---- */

static void
test_the_table_of_the_manual(void **state)
{
	(void)state;
	assert_string_equal(places(
	    "# Name,   Type, SubType,  Offset,   Size,  Flags\n"
	    "nvs,      data, nvs,      0x9000,  0x4000\n"
	    "otadata,  data, ota,      0xd000,  0x2000\n"
	    "\n"
	    "phy_init, data, phy,      0xf000,  0x1000\r\n"
	    "factory,  app,  factory,  0x10000,  1M\n"
	    "ota_0,    app,  ota_0,    ,         1M\n"
	    "ota_1,    app,  ota_1,    ,         1M\n"
	    "  nvs_key,  data, nvs_keys, ,        0x1000, encrypted"),
	    "nvs=1/2@9000+4000 otadata=1/0@d000+2000 phy_init=1/1@f000+1000 "
	    "factory=0/0@10000+100000 ota_0=0/10@110000+100000 "
	    "ota_1=0/11@210000+100000 nvs_key=1/4@310000+1000E");
	assert_false(table.guessed);
	assert_false(table.has_md5);
}

static void
test_numbers_words_and_what_stands_open(void **state)
{
	(void)state;
	assert_string_equal(places("a,0,0x10,64k,1M\nb,0x40,255,,0x20000"),
	    "a=0/10@10000+100000 b=40/ff@110000+20000");
	assert_string_equal(places("A,APP,Factory,65536,1048576,:READONLY"
	    ":encrypted:"), "A=0/0@10000+100000ER");
	/* An end instead of a size, and a type without subtype. */
	assert_string_equal(places("a,app,test,0x10000,-2M\nb,data,,,32K"),
	    "a=0/20@10000+1f0000 b=1/6@200000+8000");
	/* What comes behind the flags is nobody's. */
	assert_string_equal(places("a,data,fat,0x9000,4K,,what,ever"),
	    "a=1/81@9000+1000");
	assert_string_equal(places("\xef\xbb\xbf# x\na,data,fat,,4K"),
	    "a=1/81@9000+1000");
}

static void
test_a_program_without_offset_goes_where_its_chip_can_run_it(void **state)
{
	static const char	csv[] = "nvs,data,nvs,,0x5000\n"
				    "app,app,factory,,512K";

	(void)state;
	assert_string_equal(places(csv),
	    "nvs=1/2@9000+5000 app=0/0@10000+80000");
	assert_true(table.guessed);
	assert_string_equal(places_for(csv, &chip_esp32c3),
	    "nvs=1/2@9000+5000 app=0/0@10000+80000");
	assert_false(table.guessed);
	assert_string_equal(places_for(csv, &chip_esp8266),
	    "nvs=1/2@9000+5000 app=0/0@e000+80000");
	assert_false(table.guessed);
}

static void
test_an_offset_that_releases_differ_about_is_doubtful(void **state)
{
	static const char	csv[] = "a,data,nvs,,0x1802\nb,data,fat,,4K";

	(void)state;
	assert_string_equal(places(csv), "a=1/2@9000+1802 b=1/81@b000+1000");
	assert_true(table.doubtful);
	assert_string_equal(places_for(csv, &chip_esp32),
	    "a=1/2@9000+1802 b=1/81@b000+1000");
	assert_true(table.doubtful);
	assert_string_equal(places_for(csv, &chip_esp8266),
	    "a=1/2@9000+1802 b=1/81@a804+1000");
	assert_false(table.doubtful);
	(void)places("a,data,nvs,,0x1802\nb,data,fat,0xb000,4K");
	assert_false(table.doubtful);
}

static void
test_bootloader_and_table_may_be_in_the_table(void **state)
{
	static const char	csv[] =
	    "boot,bootloader,primary,N/A,N/A\n"
	    "table,partition_table,primary,,\n"
	    "nvs,data,nvs,,0x6000\n"
	    "boot2,bootloader,ota,,N/A\n"
	    "table2,partition_table,ota,,";

	(void)state;
	assert_string_equal(places_for(csv, &chip_esp32),
	    "boot=2/0@1000+7000 table=3/0@8000+1000 nvs=1/2@9000+6000 "
	    "boot2=2/1@f000+7000 table2=3/1@16000+1000");
	assert_int_equal(partition_check(&table, 0x8000, &why), 0);
	assert_string_equal(places_for("b,bootloader,primary,,",
	    &chip_esp32c3), "b=2/0@0+8000");
	assert_has(places(csv), "line 1 of the partition table: \"boot\" "
	    "leaves open where the bootloader is; name the chip");
	assert_string_equal(places("b,bootloader,primary,0x1000,0x7000"),
	    "b=2/0@1000+7000");
	assert_has(places_for("b,bootloader,primary,0,28K", &chip_esp32),
	    "is not where the bootloader of this chip is");
	assert_has(places("t,partition_table,primary,0x9000,4K"),
	    "is not where the partition table is");
	assert_has(places("r,bootloader,recovery,,4K"), "the fuses");
	assert_has(places("r,bootloader,ota,,"), "how large");
}

static void
test_mistakes_are_refused_with_their_line(void **state)
{
	static const struct { const char *csv, *part; } rows[] = {
		{ "# nothing\n\n", "is empty" },
		{ "", "is empty" },
		{ "x", "line 1 of the partition table: \"\" is no type" },
		{ "# a\nx,apps,0,,4K", "line 2" },
		{ "x,255,0,,4K", "\"255\" is no type" },
		{ "x,app,,,4K", "\"\" is no subtype" },
		{ "x,app,nvs,,4K", "\"nvs\" is no subtype" },
		{ "x,data,256,,4K", "\"256\" is no subtype" },
		{ "x,data,nvs,here,4K", "\"here\" is no offset" },
		{ "x,data,nvs,0x9000", "\"x\" has no size" },
		{ "x,data,nvs,0x9000,0", "\"0\" is no size" },
		{ "x,data,nvs,0x9000,big", "\"big\" is no size" },
		{ "x,data,nvs,0x9000,010", "\"010\" is no size" },
		{ "x,data,nvs,-4K,4K", "\"-4K\" is no offset" },
		{ "x,data,nvs,0x9000,-", "is no end" },
		{ "x,data,nvs,0x9000,-36K", "\"-36K\" is no end" },
		{ "x,data,nvs,0x9000,4G", "\"4G\" is no size" },
		{ "x,data,nvs,0x9000,4K # c", "is no size" },
		{ "x,data,nvs,0x9000,4K,crypted", "\"crypted\" is no flag" },
		{ "x,data,nvs,0xfffff000,8K", "ends beyond 4 GB" },
		{ "x,data,nvs,0xfffff000,4K\ny,data,fat,,4K",
		  "line 2 of the partition table: \"y\" begins beyond 4 GB" },
		{ "x,data,nvs,0x8fff,4K", "0x9000 is the first free one" },
		{ "x,data,nvs,0x9000,8K\ny,data,fat,0xa000,4K",
		  "partition 'x' before it ends at 0xb000" },
		{ "$NAME,data,nvs,,4K", "variables have no value" },
		{ "a\tb,data,nvs,,4K", "no text" },
		{ "a\xff,data,nvs,,4K", "no text" },
	};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		const char	*said = places(rows[i].csv);

		if (why.err == 0 || strstr(said, rows[i].part) == NULL)
			fail_msg("%s: %s", rows[i].csv, said);
	}
}

static void
test_a_long_name_is_cut_between_characters_and_told(void **state)
{
	(void)state;
	assert_string_equal(places("sixteen_bytes_16,data,nvs,,4K"),
	    "sixteen_bytes_16=1/2@9000+1000");
	assert_string_equal(notes, "");
	assert_string_equal(places("seventeen_bytes_1\xc3\xa4,data,nvs,,4K"),
	    "seventeen_bytes_=1/2@9000+1000");
	assert_has(notes, "cut to \"seventeen_bytes_\"");
	assert_string_equal(places("fifteen_bytes_1\xc3\xa4,data,nvs,,4K"),
	    "fifteen_bytes_1=1/2@9000+1000");
}

static void
test_what_is_no_table_at_all_is_told_apart(void **state)
{
	static const uint8_t	image[] = { 0xe9, 3, 2, 0x20, 0, 0, 1 };
	static char		much[PARTITION_FILE_MAX + 1];

	(void)state;
	assert_int_equal(parse(image, sizeof image, NULL), ERR_IMAGE);
	assert_has(why.text, "begins with e9 03");
	memset(much, '#', sizeof much);
	assert_int_equal(parse(much, sizeof much, NULL), ERR_IMAGE);
	assert_has(why.text, "too much");
	assert_int_equal(parse("", 0, NULL), ERR_IMAGE);
}

static void
test_a_csv_has_at_most_the_rows_that_a_table_has(void **state)
{
	char	csv[96 * 24];
	size_t	at = 0;

	(void)state;
	for (int i = 0; i < 96; i++)
		at += (size_t)snprintf(csv + at, sizeof csv - at,
		    "p%d,data,fat,,4K\n", i);
	assert_int_equal(parse(csv, at, NULL), ERR_LIMIT);
	assert_int_equal(parse(csv, at - 17, NULL), 0);
	assert_int_equal(table.count, 95);
}

/* ---- binary ---- */

/* MD5 values that ESP-IDF's own tests of its tool hold (components/
 * partition_table/test_gen_esp32part_host). */
static void
test_the_binary_table_is_that_of_esp_idf(void **state)
{
	uint8_t	out[PARTITION_BYTES];
	char	hex[2 * PARTITION_ROW + 1];

	(void)state;
	assert_string_equal(places("first, 0x30, 0xEE, 0x100400, 0x300000"),
	    "first=30/ee@100400+300000");
	assert_int_equal(partition_build(&table, true, out, &why), 0);
	text_hex(hex, out, PARTITION_ROW);
	assert_string_equal(hex, "aa5030ee0004100000003000"
	    "6669727374000000000000000000000000000000");
	text_hex(hex, out + PARTITION_ROW, PARTITION_ROW);
	assert_string_equal(hex, "ebebffffffffffffffffffffffffffff"
	    "43033f334087575169839b4061b12726");
	for (size_t i = 2 * PARTITION_ROW; i < sizeof out; i++)
		assert_int_equal(out[i], 0xff);
}

static const char	longer[] =
    "aa50000000000100000010006661" "63746f7279000000000000000000" "00000000"
    "aa50012000001100000200006461" "7461000000000000000000000000" "00000000"
    "aa50100000001500001000007365" "636f6e6400000000000000000000" "00000000"
    "ebebffffffffffffffffffffffffffff" "f9bd061b45686f86571a2cd52a1da65b"
    "ffffffffffffffffffffffffffffffff" "ffffffffffffffffffffffffffffffff";

enum { LONGER = 5 * PARTITION_ROW };

static void
get_longer(uint8_t out[LONGER])
{
	assert_int_equal(text_unhex(longer, out, LONGER), LONGER);
}

static void
test_a_binary_table_is_read_and_made_again(void **state)
{
	uint8_t	in[LONGER], out[PARTITION_BYTES];

	(void)state;
	get_longer(in);
	assert_int_equal(parse(in, sizeof in, NULL), 0);
	assert_int_equal(table.count, 3);
	assert_true(table.has_md5);
	assert_string_equal(table.list[2].name, "second");
	assert_int_equal(table.list[2].offset, 0x150000);
	assert_int_equal(table.list[2].size, 0x1000);
	assert_int_equal(partition_build(&table, true, out, &why), 0);
	assert_memory_equal(in, out, sizeof in);
	assert_int_equal(partition_build(&table, false, out, &why), 0);
	assert_memory_equal(in, out, 3 * PARTITION_ROW);
	assert_int_equal(out[3 * PARTITION_ROW], 0xff);
	assert_int_equal(parse(out, sizeof out, NULL), 0);
	assert_false(table.has_md5);
}

/* Whatever byte of a table with an MD5 is another one, it is refused. */
static void
test_no_damaged_byte_is_believed(void **state)
{
	uint8_t	in[LONGER];

	(void)state;
	get_longer(in);
	for (size_t i = 0; i < LONGER; i++) {
		if (i > 3 * PARTITION_ROW + 1 && i < 3 * PARTITION_ROW + 16)
			continue;	/* filling, which tells nothing */
		in[i] ^= 0x11;
		if (parse(in, sizeof in, NULL) == 0)
			fail_msg("byte %zu", i);
		in[i] ^= 0x11;
	}
	in[40] ^= 1;
	assert_int_equal(parse(in, sizeof in, NULL), ERR_IMAGE);
	assert_has(why.text, "is damaged: the MD5 of its rows is");
	assert_has(why.text, "it says f9bd061b45686f86571a2cd52a1da65b");
}

static void
test_a_table_that_does_not_end_is_refused(void **state)
{
	uint8_t	in[LONGER], out[PARTITION_BYTES];

	(void)state;
	get_longer(in);
	for (size_t len = 1; len < LONGER; len++)
		assert_int_equal(parse(in, len, NULL), ERR_IMAGE);
	/* A partition behind the MD5. */
	memcpy(in + 4 * PARTITION_ROW, in, PARTITION_ROW);
	assert_int_equal(parse(in, sizeof in, NULL), ERR_IMAGE);
	assert_has(why.text, "behind its MD5, in row 5");
	for (size_t i = 0; i < PARTITION_BYTES; i += PARTITION_ROW)
		memcpy(out + i, in, PARTITION_ROW);
	assert_int_equal(parse(out, sizeof out, NULL), ERR_IMAGE);
	assert_has(why.text, "no end within");
	memset(out, 0xff, sizeof out);
	assert_int_equal(parse(out, sizeof out, NULL), ERR_IMAGE);
	assert_has(why.text, "is empty");
}

static void
test_as_many_rows_as_fit(void **state)
{
	uint8_t	out[PARTITION_BYTES];

	(void)state;
	memset(&table, 0, sizeof table);
	table.count = 95;
	for (size_t i = 0; i < table.count; i++) {
		(void)snprintf(table.list[i].name, PARTITION_NAME, "%u",
		    (unsigned)i % 100);
		table.list[i].size = 4096;
	}
	assert_int_equal(partition_build(&table, true, out, &why), ERR_LIMIT);
	why_clear(&why);
	assert_int_equal(partition_build(&table, false, out, &why), 0);
	assert_int_equal(parse(out, sizeof out, NULL), 0);
	assert_int_equal(table.count, 95);
	table.count = 94;
	assert_int_equal(partition_build(&table, true, out, &why), 0);
	assert_int_equal(parse(out, sizeof out, NULL), 0);
	assert_int_equal(table.count, 94);
}

static void
test_flags_and_names_of_a_binary_table(void **state)
{
	uint8_t	in[LONGER];

	(void)state;
	get_longer(in);
	memset(in + 3 * PARTITION_ROW, 0xff, PARTITION_ROW);	/* no MD5 */
	in[28] = 0x85;
	memcpy(in + 12, "sixteen bytes..!", 16);
	assert_int_equal(parse(in, sizeof in, NULL), 0);
	assert_string_equal(table.list[0].name, "sixteen bytes..!");
	assert_int_equal(table.list[0].flags, 0x85);
	assert_has(notes, "flags that nobody knows (0x00000085)");
	in[14] = '\n';
	assert_int_equal(parse(in, sizeof in, NULL), ERR_IMAGE);
	assert_has(why.text, "the name in row 1");
}

static void
test_csv_is_written_as_esp_idf_does(void **state)
{
	struct buf	out;

	(void)state;
	buf_init(&out, 4096);
	assert_int_equal(check("nvs,data,nvs,0x9000,24K\n"
	    "app,app,ota_15,64K,1M,encrypted:readonly\n"
	    "odd,0x40,7,,0x1234,readonly"), 0);
	assert_int_equal(partition_csv(&table, &out, &why), 0);
	assert_int_equal(buf_add_byte(&out, 0), 0);
	assert_string_equal((char *)out.data, "# ESP-IDF Partition Table\n"
	    "# Name, Type, SubType, Offset, Size, Flags\n"
	    "nvs,data,nvs,0x9000,24K,\n"
	    "app,app,ota_15,0x10000,1M,encrypted:readonly\n"
	    "odd,64,7,0x110000,0x1234,readonly\n");
	buf_clear(&out);
	(void)snprintf(table.list[1].name, PARTITION_NAME, "a,b");
	assert_int_equal(partition_csv(&table, &out, &why), ERR_IMAGE);
	buf_done(&out);
}

/* ---- checks ---- */

static void
test_a_table_that_cannot_be_relied_on_is_refused(void **state)
{
	(void)state;
	assert_int_equal(check("a,data,nvs,0x9000,4K\nb,data,fat,0xa000,4K"),
	    0);
	(void)snprintf(table.list[1].name, PARTITION_NAME, "a");
	assert_int_equal(partition_check(&table, 0x8000, &why), ERR_IMAGE);
	assert_has(why.text, "two partitions are named 'a', at 0x9000 and at "
	    "0xa000");
	(void)check("a,data,nvs,0x9000,4K\nb,data,fat,0xa000,4K");
	table.list[0].size++;
	assert_int_equal(partition_check(&table, 0x8000, &why), ERR_OVERLAP);
	assert_has(why.text, "'a' (0x9000 to 0xa000) and partition 'b' "
	    "(0xa000 to 0xafff) overlap");
	(void)check("a,data,nvs,0x9000,4K");
	assert_int_equal(partition_check(&table, 0x9000, &why), ERR_IMAGE);
	assert_has(why.text, "begins at 0x9000, but");
	(void)check("a,data,nvs,0x9000,4K");
	table.list[0].offset = 0x1000;
	assert_int_equal(partition_check(&table, 0x8000, &why), ERR_IMAGE);
	(void)check("a,data,nvs,0x9000,4K");
	table.list[0].size = 0xffff7001;
	assert_int_equal(partition_check(&table, 0x8000, &why),
	    ERR_BEYOND_FLASH);
	(void)check("a,data,nvs,0x9000,4K");
	table.list[0].size = 0;
	assert_int_equal(partition_check(&table, 0x8000, &why), ERR_IMAGE);
}

static void
test_a_bootloader_may_not_reach_into_the_table(void **state)
{
	(void)state;
	assert_int_equal(check("b,bootloader,primary,0x1000,0x7000"), 0);
	assert_int_equal(check("b,bootloader,primary,0x1000,0x7001"),
	    ERR_IMAGE);
	assert_int_equal(check("t,partition_table,primary,,4K"), 0);
	assert_int_equal(check("t,partition_table,primary,,8K"), ERR_IMAGE);
}

static void
test_the_last_byte_of_the_flash_belongs_to_it(void **state)
{
	(void)state;
	assert_int_equal(check("a,data,nvs,0x9000,-4M"), 0);
	assert_int_equal(partition_check_flash(&table, 4 << 20, &why), 0);
	assert_int_equal(partition_check_flash(&table, (4 << 20) - 1, &why),
	    ERR_BEYOND_FLASH);
	assert_has(why.text, "ends at 0x400000, the flash at 0x3fffff");
}

static int
rules(const char *csv, const struct chip *chip)
{
	const struct partition_place	place = { PARTITION_OFFSET, chip };

	assert_int_equal(parse(csv, strlen(csv), chip), 0);
	notes[0] = '\0';
	return partition_check_rules(&table, &place, &hear, &why);
}

static void
test_the_rules_of_esp_idf(void **state)
{
	(void)state;
	assert_int_equal(rules("a,app,factory,0x11000,1M", &chip_esp32),
	    ERR_ALIGN);
	assert_has(why.text, "multiple of 0x10000");
	assert_int_equal(rules("a,app,factory,0x11000,1M", &chip_esp8266), 0);
	assert_string_equal(notes, "");
	assert_int_equal(rules("a,app,factory,0x11000,1M", NULL), 0);
	assert_has(notes, "only an ESP8266");
	assert_int_equal(rules("a,app,factory,0x10800,1M", NULL), ERR_ALIGN);
	assert_int_equal(rules("o,data,ota,,4K", NULL), ERR_IMAGE);
	assert_has(why.text, "must have 0x2000 bytes");
	assert_int_equal(rules("o,data,tee_ota,,4K", NULL), ERR_IMAGE);
	assert_int_equal(rules("o,data,ota,,8K\np,data,ota,,8K", NULL),
	    ERR_IMAGE);
	assert_int_equal(rules("o,data,ota,,8K,readonly", NULL), ERR_IMAGE);
	assert_int_equal(rules("o,data,nvs,,8K,readonly", NULL), 0);
	assert_string_equal(notes, "");
	assert_int_equal(rules("x,data,nvs,0x9004,8K", NULL), 0);
	assert_has(notes, "not aligned to 0x1000");
	assert_int_equal(rules("ota_0,app,ota_1,,1M", NULL), 0);
	assert_has(notes, "named like a subtype");
	assert_int_equal(rules("app,data,nvs,,4K", NULL), 0);
	assert_has(notes, "named like a type");
}

/* ---- looking up ---- */

static void
test_a_name_is_found_whole_and_exactly(void **state)
{
	const struct partition	*p;

	(void)state;
	(void)places("nvs,data,nvs,,4K\nnvs2,data,nvs,,4K");
	assert_ptr_equal(partition_find(&table, "nvs2"), &table.list[1]);
	assert_null(partition_find(&table, "nv"));
	assert_null(partition_find(&table, "NVS"));
	assert_int_equal(partition_get(&table, "NVS", &p, &why), ERR_PARAMS);
	assert_has(why.text, "no partition 'NVS' in the partition table; it "
	    "has nvs, nvs2");
}

static void
test_no_neighbour_is_erased(void **state)
{
	uint32_t	bytes = 0;

	(void)state;
	(void)places("a,data,nvs,0x9000,0x1800\nb,data,fat,0xa800,0x800\n"
	    "c,data,fat,0xc000,0x10\nd,data,fat,0xd000,4K");
	assert_int_equal(partition_sectors(&table, &table.list[0], &bytes,
	    &why), ERR_ALIGN);
	assert_has(why.text, "ends at 0xa800 and 'b' begins in the same");
	why_clear(&why);
	assert_int_equal(partition_sectors(&table, &table.list[1], &bytes,
	    &why), ERR_ALIGN);
	assert_has(why.text, "begins at 0xa800, within a sector");
	assert_int_equal(partition_sectors(&table, &table.list[2], &bytes,
	    &why), 0);
	assert_int_equal(bytes, 4096);
	assert_int_equal(partition_sectors(&table, &table.list[3], &bytes,
	    &why), 0);
	assert_int_equal(bytes, 4096);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_the_table_of_the_manual),
		cmocka_unit_test(test_numbers_words_and_what_stands_open),
		cmocka_unit_test(
		    test_a_program_without_offset_goes_where_its_chip_can_run_it),
		cmocka_unit_test(
		    test_an_offset_that_releases_differ_about_is_doubtful),
		cmocka_unit_test(test_bootloader_and_table_may_be_in_the_table),
		cmocka_unit_test(test_mistakes_are_refused_with_their_line),
		cmocka_unit_test(
		    test_a_long_name_is_cut_between_characters_and_told),
		cmocka_unit_test(test_what_is_no_table_at_all_is_told_apart),
		cmocka_unit_test(
		    test_a_csv_has_at_most_the_rows_that_a_table_has),
		cmocka_unit_test(test_the_binary_table_is_that_of_esp_idf),
		cmocka_unit_test(test_a_binary_table_is_read_and_made_again),
		cmocka_unit_test(test_no_damaged_byte_is_believed),
		cmocka_unit_test(test_a_table_that_does_not_end_is_refused),
		cmocka_unit_test(test_as_many_rows_as_fit),
		cmocka_unit_test(test_flags_and_names_of_a_binary_table),
		cmocka_unit_test(test_csv_is_written_as_esp_idf_does),
		cmocka_unit_test(
		    test_a_table_that_cannot_be_relied_on_is_refused),
		cmocka_unit_test(test_a_bootloader_may_not_reach_into_the_table),
		cmocka_unit_test(test_the_last_byte_of_the_flash_belongs_to_it),
		cmocka_unit_test(test_the_rules_of_esp_idf),
		cmocka_unit_test(test_a_name_is_found_whole_and_exactly),
		cmocka_unit_test(test_no_neighbour_is_erased),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
