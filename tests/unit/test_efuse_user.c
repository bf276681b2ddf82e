/* proto/efuse/user */
#include "proto/efuse/user.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/err.h"
#include "proto/efuse/state.h"
#include "proto/efuse/virt.h"
#include "tests/unit/unit.h"

static struct efuse_user	user;
static struct why		why;

static const struct efuse_chip *
table(const char *name)
{
	return efuse_chip_find(chip_by_name(name), 9999);
}

static int
load(const char *chip, const char *text)
{
	why_clear(&why);
	return efuse_user_read(&user, table(chip), text, strlen(text),
	    "my.csv", &why);
}

static void
refused(const char *chip, const char *text, const char *sentence)
{
	assert_int_equal(load(chip, text), ERR_PARAMS);
	if (strstr(why_text(&why), sentence) == NULL)
		fail_msg("\"%s\" is not \"%s\"", why_text(&why), sentence);
	assert_null(user.fields);
	assert_int_equal(user.count, 0);
}

static const struct efuse_field *
field(const char *name)
{
	for (size_t i = 0; i < user.count; i++)
		if (strcmp(user.fields[i].name, name) == 0)
			return &user.fields[i];
	fail_msg("%s is not there", name);
	return NULL;
}

static void
expect(const char *name, unsigned block, unsigned bit, unsigned bits,
    enum efuse_type type)
{
	const struct efuse_field	*f = field(name);

	assert_int_equal(f->block, block);
	assert_int_equal(f->bit, bit);
	assert_int_equal(f->bits, bits);
	assert_int_equal(f->type, type);
	assert_string_equal(f->category, "User");
}

/* Everything that the format has. */
static const char full[] =
    "# field_name, | efuse_block, | bit_start, | bit_count, | comment\r\n"
    "MODULE_VERSION, EFUSE_BLK3, 56, 8, Module version\r\n"
    "\r\n"
    "SETTING_1,EFUSE_BLK3,67,6,[SETTING_1_ALT_NAME OLD_ONE] Setting 1\n"
    "NEXT,EFUSE_BLK3,,1,\n"
    "   # indented\n"
    "ID_NUM, 3, 0x8c, 8, [MY_ID_NUM] comment\n"
    ", EFUSE_BLK3, 132, 8, [MY_ID_NUM] comment\n"
    ", EFUSE_BLK3, 122, 8, [MY_ID_NUM] comment\n"
    "MY_DATA, EFUSE_BLK3, 190, 10, My data\n"
    "MY_DATA.FIELD1, EFUSE_BLK3, 190, 7, Field, and what follows\n"
    "LONG, EFUSE_BLK4, , 40, \n"
    "ODD, EFUSE_BLK4, , 41, \n"
    "KEY, EFUSE_BLK5, , MAX_BLK_LEN, all of it";

static void
test_a_table_of_esp_idf_is_read(void **state)
{
	(void)state;
	assert_int_equal(load("esp32c3", full), 0);
	assert_int_equal(user.count, 11);
	assert_null(user.fields[11].name);
	expect("MODULE_VERSION", 3, 56, 8, EFUSE_UINT);
	expect("SETTING_1", 3, 67, 6, EFUSE_UINT);
	expect("NEXT", 3, 73, 1, EFUSE_BOOL);
	expect("ID_NUM_0", 3, 140, 8, EFUSE_UINT);
	expect("ID_NUM_1", 3, 132, 8, EFUSE_UINT);
	expect("ID_NUM_2", 3, 122, 8, EFUSE_UINT);
	expect("MY_DATA_FIELD1", 3, 190, 7, EFUSE_UINT);
	expect("LONG", 4, 0, 40, EFUSE_BYTES);
	expect("ODD", 4, 40, 41, EFUSE_UINT);
	expect("KEY", 5, 0, 256, EFUSE_BYTES);
	assert_string_equal(field("SETTING_1")->alt,
	    "SETTING_1_ALT_NAME OLD_ONE");
	assert_string_equal(field("ID_NUM_2")->alt, "MY_ID_NUM_2");
	assert_string_equal(field("MODULE_VERSION")->help,
	    "Module version (56-63)");
	assert_string_equal(field("NEXT")->help, "(73-73)");
	assert_string_equal(field("MY_DATA_FIELD1")->help, "Field (190-196)");
	efuse_user_done(&user);
	assert_null(user.fields);
}

static void
test_its_fields_come_last_and_have_values(void **state)
{
	const struct efuse_field	*f = NULL;
	struct efuse_raw		 raw;
	struct efuse_state		 st;
	size_t				 count = 0, first = 0;
	char				 out[EFUSE_TEXT_MAX];

	(void)state;
	assert_int_equal(load("esp32c3", full), 0);
	virt_new(&raw, table("esp32c3"));
	raw.window[0x9c / 4] = 0xffffffff;
	raw.window[0x9c / 4 + 1] = 0xffffffff;
	raw.window[0x9c / 4 + 2] = 0xffffffff;
	raw.window[0x30 / 4] = 1;		/* RD_DIS: BLOCK_KEY0 */
	assert_int_equal(efuse_state_read(&st, &raw, &user, &why), 0);
	while ((f = efuse_field_next(&st, f)) != NULL) {
		count++;
		if (strcmp(f->category, "User") != 0)
			first = count;
	}
	assert_int_equal(count, first + 11);
	f = efuse_field_find(&st, "OLD_ONE");
	assert_ptr_equal(f, field("SETTING_1"));
	assert_false(efuse_readable(&st, field("LONG")));
	assert_true(efuse_readable(&st, field("KEY")));
	efuse_value(&st, field("LONG"), out);
	assert_string_equal(out, "ff ff ff ff ff");
	/* More than any number of the machine. */
	efuse_value(&st, field("ODD"), out);
	assert_string_equal(out, "2199023255551");
	efuse_raw_hex(&st, field("ODD"), out);
	assert_string_equal(out, "0x1ffffffffff");
	efuse_user_done(&user);
}

static void
test_a_field_is_protected_as_its_block_is(void **state)
{
	(void)state;
	assert_int_equal(load("esp32c3", "A,EFUSE_BLK3,0,8,\n"
	    "B,EFUSE_BLK4,0,8,\nC,EFUSE_BLK0,40,1,\nD,EFUSE_BLK0,190,2,\n"),
	    0);
	assert_int_equal(field("A")->wr_dis, 22);
	assert_int_equal(field("A")->rd_dis, 0);
	assert_int_equal(field("B")->wr_dis, 23);
	assert_int_equal(field("B")->rd_dis, 1);
	assert_int_equal(field("C")->wr_dis, 2);	/* DIS_ICACHE */
	assert_int_equal(field("D")->wr_dis, EFUSE_NO_BIT);
	efuse_user_done(&user);

	assert_int_equal(load("esp32c2", "LOW,EFUSE_BLK3,120,8,\n"
	    "HIGH,EFUSE_BLK3,128,8,\nBOTH,EFUSE_BLK3,136,8,\n"
	    "BOTH.X,EFUSE_BLK3,0,256,\n"), ERR_PARAMS);
	assert_int_equal(load("esp32c2", "LOW,EFUSE_BLK3,112,8,\n"
	    "HIGH,EFUSE_BLK3,136,8,\nBOTH,EFUSE_BLK3,120,16,\n"), 0);
	assert_int_equal(field("LOW")->rd_dis, 1);
	assert_int_equal(field("HIGH")->rd_dis, 2);
	assert_int_equal(field("BOTH")->rd_dis, 3);
	efuse_user_done(&user);
}

static void
test_what_is_wrong_is_told_with_its_line(void **state)
{
	(void)state;
	refused("esp32c3", "\n,EFUSE_BLK3,0,8,", "my.csv, line 2: the first");
	refused("esp32c3", "A,,0,8,", "line 1: \"\" is no block");
	refused("esp32c3", "A,EFUSE_BLK11,0,8,", "EFUSE_BLK0 to EFUSE_BLK10");
	refused("esp32", "A,EFUSE_BLK4,0,8,", "EFUSE_BLK0 to EFUSE_BLK3");
	refused("esp32c3", "A,EFUSE_BLK3,x,8,", "\"x\" is no number of a bit");
	refused("esp32c3", "A,EFUSE_BLK3,-1,8,", "\"-1\" is no number");
	refused("esp32c3", "A,EFUSE_BLK3,0,,", "\"\" is no number of bits");
	refused("esp32c3", "A,EFUSE_BLK3,0,0,", "\"0\" is no number of bits");
	refused("esp32c3", "A,EFUSE_BLK3", "\"\" is no number of bits");
	refused("esp32c3", "A,EFUSE_BLK3,255,2,", "do not fit into block 3");
	refused("esp32c3", "A,EFUSE_BLK3,4294967295,1,", "do not fit");
	refused("esp32c3", "A,EFUSE_BLK3,1,4294967295,", "do not fit");
	refused("esp32c3", "A,EFUSE_BLK3,1,MAX_BLK_LEN,",
	    "256 bits from bit 1 on do not fit");
}

static void
test_bits_belong_to_one_field(void **state)
{
	(void)state;
	refused("esp32c3", "A,EFUSE_BLK3,0,8,\n\nB,EFUSE_BLK3,7,8,\n",
	    "line 3: B has bits that A of line 1 has, too");
	refused("esp32c3", "A,EFUSE_BLK3,0,8,\nAB.C,EFUSE_BLK3,7,1,\n",
	    "line 2: AB.C has bits");
	refused("esp32c3", "A,EFUSE_BLK3,0,8,\n,EFUSE_BLK3,4,8,\n",
	    "line 2: A has bits");
	assert_int_equal(load("esp32c3", "A,EFUSE_BLK3,0,8,\n"
	    "A.X,EFUSE_BLK3,0,4,\nA.Y,EFUSE_BLK3,2,4,\nB,EFUSE_BLK3,8,8,\n"
	    "C,EFUSE_BLK4,0,8,\n"), 0);
	efuse_user_done(&user);
}

static void
test_a_name_is_that_of_one_field(void **state)
{
	(void)state;
	refused("esp32c3", "MAC,EFUSE_BLK3,0,8,", "has a field MAC already");
	refused("esp32c3", "MAC_FACTORY,EFUSE_BLK3,0,8,",
	    "has a field MAC_FACTORY already");
	refused("esp32c3", "A,EFUSE_BLK3,0,8,[USER_DATA] x",
	    "has a field USER_DATA already");
	refused("esp32c3", "A,EFUSE_BLK3,0,8,\nA,EFUSE_BLK3,8,8,\n",
	    "line 2: the name A is that of line 1, too");
	refused("esp32c3", "A.B,EFUSE_BLK3,0,8,\nA_B,EFUSE_BLK3,8,8,\n",
	    "line 2: the name A_B is that of line 1, too");
	refused("esp32c3", "A,EFUSE_BLK3,0,8,[B]\nB,EFUSE_BLK3,8,8,\n",
	    "line 2: the name B is that of line 1, too");
	refused("esp32c3", "A B,EFUSE_BLK3,0,8,", "cannot be a name");
	refused("esp32c3", "1A,EFUSE_BLK3,0,8,", "cannot be a name");
	refused("esp32c3",
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZABCD,"
	    "EFUSE_BLK3,0,8,", "cannot be a name");
}

static void
test_a_table_has_an_end(void **state)
{
	char	*text = malloc(EFUSE_USER_MAX * 32 + 64);
	size_t	 len = 0;

	(void)state;
	assert_non_null(text);
	for (int i = 0; i < EFUSE_USER_MAX; i++)
		len += (size_t)snprintf(text + len, 32,
		    "F%d,EFUSE_BLK3,%d,1,\n", i, i);
	assert_int_equal(load("esp32c3", text), 0);
	assert_int_equal(user.count, EFUSE_USER_MAX);
	efuse_user_done(&user);
	snprintf(text + len, 32, "MORE,EFUSE_BLK4,0,1,\n");
	refused("esp32c3", text, "line 257: a table has up to 256 fields");
	free(text);
}

static void
test_a_comment_cannot_speak_to_a_terminal(void **state)
{
	(void)state;
	assert_int_equal(load("esp32c3", "A,EFUSE_BLK3,0,8,a\033[2J\303\244b"),
	    0);
	assert_string_equal(field("A")->help, "a.[2J\303\244b (0-7)");
	efuse_user_done(&user);
}

static void
test_an_empty_table_has_no_fields(void **state)
{
	(void)state;
	assert_int_equal(load("esp32c3", ""), 0);
	assert_int_equal(user.count, 0);
	efuse_user_done(&user);
	assert_int_equal(load("esp32c3", "# nothing\n"), 0);
	assert_int_equal(user.count, 0);
	efuse_user_done(&user);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_table_of_esp_idf_is_read),
		cmocka_unit_test(test_its_fields_come_last_and_have_values),
		cmocka_unit_test(test_a_field_is_protected_as_its_block_is),
		cmocka_unit_test(test_what_is_wrong_is_told_with_its_line),
		cmocka_unit_test(test_bits_belong_to_one_field),
		cmocka_unit_test(test_a_name_is_that_of_one_field),
		cmocka_unit_test(test_a_table_has_an_end),
		cmocka_unit_test(test_a_comment_cannot_speak_to_a_terminal),
		cmocka_unit_test(test_an_empty_table_has_no_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
