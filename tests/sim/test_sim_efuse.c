/* tests/sim/efuse: what a chip's controller does with what is written to it. */
#include "tests/sim/efuse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/efuse/coding.h"
#include "proto/efuse/efuse.h"
#include "proto/base/bytes.h"
#include "tests/unit/unit.h"

enum {
	READ = 1, PROGRAM = 2, LOOKS = 100,
	C3 = 0x60008800, C3_KEY0 = C3 + 0x9c, C3_WR_DIS = C3 + 0x2c,
	C3_RD_DIS = C3 + 0x30, C3_RS = C3 + 0x1c0,
	C2 = 0x60008800, C2_KEY0 = C2 + 0x60, C2_RD_DIS = C2 + 0x30,
	ESP32 = 0x3ff5a000, ESP32_BLOCK1 = ESP32 + 0x38,
	ESP32_WDATA0 = ESP32 + 0x1c, ESP32_WDATA1 = ESP32 + 0x98,
	ESP32_STATUS = ESP32 + 0x11c,
};

struct bench {
	struct simefuse	e;
	struct fuses	f;
};

static void
begin(struct bench *b, const char *chip, const char *path)
{
	static const uint8_t		 mac[6] = { 0x40, 1, 2, 3, 4, 5 };
	const struct simchip		*c = simchip_find(chip);

	assert_true(fuse_init(&b->f, c, mac, NULL));
	assert_int_equal(simefuse_init(&b->e, c, &b->f, path), 0);
}

static uint32_t
shown(const struct bench *b, uint32_t addr)
{
	uint32_t	v = 0;

	assert_true(fuse_read(&b->f, addr, &v));
	return v;
}

/* False when the command never ends. */
static bool
command(struct bench *b, uint32_t conf, uint32_t cmd)
{
	uint32_t	base = b->e.row->base;

	simefuse_write(&b->e, base + b->e.row->conf, conf);
	simefuse_write(&b->e, base + b->e.row->cmd, cmd);
	for (int i = 0; i < LOOKS; i++)
		if (simefuse_read(&b->e, base + b->e.row->cmd) == 0)
			return true;
	return false;
}

static void
burn(struct bench *b, unsigned block, const uint32_t *words, size_t count)
{
	for (size_t i = 0; i < SIMEFUSE_WORDS; i++)
		simefuse_write(&b->e, b->e.row->base + 4 * (uint32_t)i,
		    i < count ? words[i] : 0);
	assert_true(command(b, 0x5a5a, PROGRAM | block << 2));
}

static void
look(struct bench *b)
{
	assert_true(command(b, 0x5aa5, READ));
}

static void
burn_bit(struct bench *b, unsigned bit)
{
	uint32_t	words[SIMEFUSE_WORDS] = { 0 };

	words[bit / 32] = 1u << bit % 32;
	burn(b, 0, words, 8);
	look(b);
}

/* A block of `word`s with its check bytes. */
static void
coded(uint32_t words[SIMEFUSE_WORDS], uint32_t word)
{
	for (int i = 0; i < 8; i++)
		words[i] = word;
	simefuse_check(words, words + 8);
}

static void
test_check_bytes_are_those_of_the_model(void **state)
{
	uint32_t	words[SIMEFUSE_WORDS];
	uint8_t		data[CODING_RS_DATA], check[CODING_RS_CHECK];
	uint32_t	seed = 1;

	(void)state;
	for (int round = 0; round < 50; round++) {
		for (int i = 0; i < 8; i++) {
			seed = seed * 1664525 + 1013904223;
			words[i] = seed;
			le32_put(data + 4 * i, seed);
		}
		simefuse_check(words, words + 8);
		coding_rs(data, check);
		for (int i = 0; i < 3; i++)
			assert_int_equal(words[8 + i],
			    le32_get(check + 4 * i));
	}
}

static void
test_what_is_burned_shows_after_a_read(void **state)
{
	uint32_t	words[SIMEFUSE_WORDS];
	struct bench	b;

	(void)state;
	begin(&b, "esp32c3", NULL);
	coded(words, 0x01020304);
	burn(&b, 4, words, SIMEFUSE_WORDS);
	assert_int_equal(shown(&b, C3_KEY0), 0);
	look(&b);
	assert_int_equal(shown(&b, C3_KEY0), 0x01020304);
	assert_int_equal(shown(&b, C3_KEY0 + 28), 0x01020304);
	assert_int_equal(simefuse_read(&b.e, C3_RS), 0);
	assert_int_equal(b.e.programs, 1);
}

static void
test_nothing_is_burned_without_the_code(void **state)
{
	struct bench	b;

	(void)state;
	begin(&b, "esp32c3", NULL);
	simefuse_write(&b.e, C3, 1u << 20);
	assert_true(command(&b, 0x5aa5, PROGRAM));
	look(&b);
	assert_int_equal(shown(&b, C3_WR_DIS), 0);
	assert_int_equal(b.e.programs, 0);
}

static void
test_a_bit_that_is_burned_stays(void **state)
{
	struct bench	b;

	(void)state;
	begin(&b, "esp32c3", NULL);
	burn_bit(&b, 41);
	burn_bit(&b, 43);
	assert_int_equal(shown(&b, C3_RD_DIS), 1 << 9 | 1 << 11);
	simefuse_reset(&b.e);
	assert_int_equal(shown(&b, C3_RD_DIS), 1 << 9 | 1 << 11);
}

static void
test_a_coded_block_burned_twice_tells_of_it(void **state)
{
	uint32_t	words[SIMEFUSE_WORDS];
	struct bench	b;

	(void)state;
	begin(&b, "esp32c3", NULL);
	coded(words, 0x11);
	burn(&b, 4, words, SIMEFUSE_WORDS);
	coded(words, 0x22);
	burn(&b, 4, words, SIMEFUSE_WORDS);
	look(&b);
	assert_int_equal(shown(&b, C3_KEY0), 0x33);
	/* The ESP32-C3 tells the count of KEY0 in bits 12..14, and that it was
	 * too much in bit 19. */
	assert_int_equal(simefuse_read(&b.e, C3_RS), 7u << 12 | 1u << 19);
}

static void
test_a_write_protected_block_takes_nothing(void **state)
{
	uint32_t	words[SIMEFUSE_WORDS];
	struct bench	b;

	(void)state;
	begin(&b, "esp32c3", NULL);
	burn_bit(&b, 23);		/* WR_DIS of KEY0 */
	coded(words, 5);
	burn(&b, 4, words, SIMEFUSE_WORDS);
	look(&b);
	assert_int_equal(shown(&b, C3_KEY0), 0);
}

static void
test_a_read_protected_block_shows_zeros(void **state)
{
	uint32_t	words[SIMEFUSE_WORDS];
	struct bench	b;

	(void)state;
	begin(&b, "esp32c3", NULL);
	coded(words, 5);
	burn(&b, 4, words, SIMEFUSE_WORDS);
	burn_bit(&b, 32);		/* RD_DIS of KEY0 */
	assert_int_equal(shown(&b, C3_KEY0), 0);
	assert_int_equal(b.e.cell[4][0], 5);
}

static void
test_the_c2_hides_halves_of_its_key(void **state)
{
	uint32_t	words[SIMEFUSE_WORDS];
	struct bench	b;

	(void)state;
	begin(&b, "esp32c2", NULL);
	coded(words, 5);
	burn(&b, 3, words, SIMEFUSE_WORDS);
	burn_bit(&b, 33);
	assert_int_equal(shown(&b, C2_KEY0 + 12), 5);
	assert_int_equal(shown(&b, C2_KEY0 + 16), 0);
	burn_bit(&b, 32);
	assert_int_equal(shown(&b, C2_KEY0 + 12), 0);
}

/* Bits of BLOCK0 by the groups, as the other table has them by fields. */
static void
test_groups_agree_with_the_fields(void **state)
{
	(void)state;
	for (const struct simefuse_row *r = simefuse_rows; r->chip; r++) {
		const struct efuse_chip	*e;

		e = efuse_chip_find(chip_by_name(r->chip), r->from_revision);
		assert_non_null(e);
		assert_int_equal(r->base, e->base);
		for (const struct efuse_field *f = e->fields; f->name; f++) {
			unsigned	wr = EFUSE_NO_BIT;

			/* esp-idf has no fields of old revisions. */
			if (f->block != 0 || f->bit == EFUSE_NOWHERE ||
			    f->when == EFUSE_OLD_REVISION)
				continue;
			for (const struct simefuse_group *g = r->groups;
			    g->count > 0; g++)
				if (f->bit >= g->first &&
				    f->bit < g->first + g->count)
					wr = g->wr_dis;
			if (wr != f->wr_dis)
				fail_msg("%s: %s: %u, not %u", r->chip,
				    f->name, wr, f->wr_dis);
		}
	}
}

static void
test_blocks_agree_with_the_model(void **state)
{
	(void)state;
	for (const struct simefuse_row *r = simefuse_rows; r->chip; r++) {
		const struct efuse_chip	*e;

		e = efuse_chip_find(chip_by_name(r->chip), r->from_revision);
		assert_int_equal(r->conf, e->control.conf);
		assert_int_equal(r->cmd, e->control.cmd);
		for (unsigned n = 0; n < efuse_block_count(e); n++) {
			assert_int_equal(r->block[n].read, e->blocks[n].read);
			assert_int_equal(r->block[n].words,
			    e->blocks[n].words);
			assert_int_equal(r->block[n].wr_dis,
			    e->blocks[n].wr_dis);
		}
	}
}

static void
esp32_burn(struct bench *b, uint32_t to, const uint32_t *words, size_t count)
{
	for (uint32_t i = 0; i < count; i++)
		simefuse_write(&b->e, to + 4 * i, words[i]);
	assert_true(command(b, 0x5a5a, PROGRAM));
	for (uint32_t i = 0; i < count; i++)
		simefuse_write(&b->e, to + 4 * i, 0);
	look(b);
}

static void
test_the_esp32_burns_a_block_as_it_is(void **state)
{
	static const uint32_t	words[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct bench		b;

	(void)state;
	begin(&b, "esp32", NULL);
	esp32_burn(&b, ESP32_WDATA1, words, 8);
	assert_int_equal(shown(&b, ESP32_BLOCK1), 1);
	assert_int_equal(shown(&b, ESP32_BLOCK1 + 28), 8);
	assert_int_equal(simefuse_read(&b.e, ESP32_STATUS), 0);
}

static void
test_the_esp32_decodes_three_quarters(void **state)
{
	static const uint32_t	scheme[] = { 0, 0, 0, 0, 0, 0, 1 };
	static const uint32_t	bad[] = { 0x04030201, 0x00000605 };
	uint8_t			data[24], out[32];
	uint32_t		words[8];
	struct bench		b;

	(void)state;
	for (uint8_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + 1);
	coding_34(data, sizeof(data), out);
	for (int i = 0; i < 8; i++)
		words[i] = le32_get(out + 4 * i);
	begin(&b, "esp32", NULL);
	esp32_burn(&b, ESP32_WDATA0, scheme, 7);
	esp32_burn(&b, ESP32_WDATA1, words, 8);
	for (uint32_t i = 0; i < 6; i++)
		assert_int_equal(shown(&b, ESP32_BLOCK1 + 4 * i),
		    le32_get(data + 4 * i));
	assert_int_equal(simefuse_read(&b.e, ESP32_STATUS), 0);
	esp32_burn(&b, ESP32_WDATA1 + 0x20, bad, 2);
	assert_int_equal(simefuse_read(&b.e, ESP32_STATUS), 0xf0);
}

static void
test_fuses_outlive_the_board_in_a_file(void **state)
{
	char		path[] = "/tmp/test_sim_efuse.XXXXXX";
	int		fd = mkstemp(path);
	uint32_t	words[SIMEFUSE_WORDS];
	struct bench	b;

	(void)state;
	assert_true(fd >= 0);
	(void)close(fd);
	begin(&b, "esp32c3", path);
	coded(words, 0xabcd);
	burn(&b, 4, words, SIMEFUSE_WORDS);
	begin(&b, "esp32c3", path);
	assert_int_equal(shown(&b, C3_KEY0), 0xabcd);
	assert_int_equal(simefuse_read(&b.e, C3_RS), 0);
	(void)unlink(path);
}

static void
test_a_file_of_another_length_is_refused(void **state)
{
	static const uint8_t	 mac[6] = { 0 };
	char			 path[] = "/tmp/test_sim_efuse.XXXXXX";
	int			 fd = mkstemp(path);
	const struct simchip	*c = simchip_find("esp32c3");
	struct bench		 b;

	(void)state;
	assert_int_equal(write(fd, "short", 5), 5);
	(void)close(fd);
	assert_true(fuse_init(&b.f, c, mac, NULL));
	assert_true(simefuse_init(&b.e, c, &b.f, path) < 0);
	(void)unlink(path);
}

static void
test_a_weak_fuse_takes_the_second_try(void **state)
{
	struct bench	b;

	(void)state;
	begin(&b, "esp32c3", NULL);
	b.e.fault.weak = 1;
	burn_bit(&b, 41);
	assert_int_equal(shown(&b, C3_RD_DIS), 0);
	burn_bit(&b, 41);
	assert_int_equal(shown(&b, C3_RD_DIS), 1 << 9);
}

static void
test_a_stuck_controller_never_ends(void **state)
{
	struct bench	b;

	(void)state;
	begin(&b, "esp32c3", NULL);
	b.e.fault.stuck = true;
	assert_false(command(&b, 0x5aa5, READ));
}

static void
test_it_stops_before_and_behind_a_burning(void **state)
{
	uint32_t	words[SIMEFUSE_WORDS] = { 0, 1 << 9 };
	struct bench	b;

	(void)state;
	begin(&b, "esp32c3", NULL);
	b.e.hold = 1;
	b.e.hold_before = true;
	burn(&b, 0, words, 8);
	assert_true(b.e.held);
	assert_int_equal(b.e.cell[0][1], 0);
	simefuse_resume(&b.e);
	assert_false(b.e.held);
	assert_int_equal(b.e.cell[0][1], 1 << 9);
	b.e.hold = 2;
	b.e.hold_before = false;
	words[1] = 1 << 11;
	burn(&b, 0, words, 8);
	assert_true(b.e.held);
	assert_int_equal(b.e.cell[0][1], 1 << 9 | 1 << 11);
}

static void
test_secure_download_begins_with_a_read(void **state)
{
	uint32_t	words[SIMEFUSE_WORDS] = { 0, 0, 0, 0, 1 << 5 };
	struct bench	b;

	(void)state;
	begin(&b, "esp32c3", NULL);
	burn(&b, 0, words, 8);
	assert_false(b.f.secure_download);
	look(&b);
	assert_true(b.f.secure_download);
	assert_false(simefuse_no_download(&b.e, 4));
	burn_bit(&b, 128);
	assert_true(simefuse_no_download(&b.e, 4));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check_bytes_are_those_of_the_model),
		cmocka_unit_test(test_what_is_burned_shows_after_a_read),
		cmocka_unit_test(test_nothing_is_burned_without_the_code),
		cmocka_unit_test(test_a_bit_that_is_burned_stays),
		cmocka_unit_test(test_a_coded_block_burned_twice_tells_of_it),
		cmocka_unit_test(test_a_write_protected_block_takes_nothing),
		cmocka_unit_test(test_a_read_protected_block_shows_zeros),
		cmocka_unit_test(test_the_c2_hides_halves_of_its_key),
		cmocka_unit_test(test_groups_agree_with_the_fields),
		cmocka_unit_test(test_blocks_agree_with_the_model),
		cmocka_unit_test(test_the_esp32_burns_a_block_as_it_is),
		cmocka_unit_test(test_the_esp32_decodes_three_quarters),
		cmocka_unit_test(test_fuses_outlive_the_board_in_a_file),
		cmocka_unit_test(test_a_file_of_another_length_is_refused),
		cmocka_unit_test(test_a_weak_fuse_takes_the_second_try),
		cmocka_unit_test(test_a_stuck_controller_never_ends),
		cmocka_unit_test(test_it_stops_before_and_behind_a_burning),
		cmocka_unit_test(test_secure_download_begins_with_a_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
