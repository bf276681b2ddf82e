/* proto/chip: what the fuses of each chip say of encryption and secure boot. */
#include "proto/chip/security.h"

#include <string.h>

#include "proto/base/err.h"
#include "tests/unit/unit.h"

struct regs {
	struct { uint32_t addr, value; } r[12];
	uint32_t	fail_addr;	/* reading this one fails */
	unsigned	reads;
};

static int
read_reg(void *arg, uint32_t addr, uint32_t *value)
{
	struct regs	*regs = arg;

	regs->reads++;
	if (addr == regs->fail_addr)
		return ERR_UNPLUGGED;
	*value = 0;
	for (size_t i = 0; i < UNIT_COUNT(regs->r); i++)
		if (regs->r[i].addr == addr)
			*value = regs->r[i].value;
	return 0;
}

static struct security
read_all(const struct chip *chip, uint32_t revision, struct regs *regs)
{
	struct security	s;

	assert_int_equal(security_read(chip, revision, true, read_reg, regs,
	    &s), 0);
	return s;
}

/* One word of a chip, nothing else. */
static struct security
with_word(const struct chip *chip, uint32_t addr, uint32_t word)
{
	struct regs	regs = { .r = { { addr, word } } };

	return read_all(chip, 300, &regs);
}

static void
test_blank_fuses_say_nothing(void **state)
{
	static const struct security	none;

	(void)state;
	for (const struct chip *const *c = chips; *c != NULL; c++) {
		struct regs	regs = { .reads = 0 };
		struct security	s = read_all(*c, 0, &regs);

		/* Nobody has told an ESP32 which bits tweak its key. */
		assert_int_equal(s.crypt_config_bad, *c == &chip_esp32);
		s.crypt_config_bad = false;
		assert_memory_equal(&s, &none, sizeof s);
		assert_true(regs.reads <= 12);
	}
}

/* Where the bits are: esptool 5.3, targets/. */
static const struct row {
	const struct chip	*chip;
	uint32_t		 crypt, crypt_mask;	/* address, counter */
	uint32_t		 manual, manual_mask;
	uint32_t		 boot, boot_mask;
} rows[] = {
	{ &chip_esp32s2, 0x3f41a034, 0x1c0000, 0x3f41a030, 0x80000,
	    0x3f41a038, 0x100000 },
	{ &chip_esp32s3, 0x60007034, 0x1c0000, 0x60007030, 0x100000,
	    0x60007038, 0x100000 },
	{ &chip_esp32c3, 0x60008834, 0x1c0000, 0x60008830, 0x100000,
	    0x60008838, 0x100000 },
	{ &chip_esp32c2, 0x60008830, 0x380, 0x60008830, 0x40, 0x60008830,
	    0x200000 },
	{ &chip_esp32c6, 0x600b0834, 0x1c0000, 0x600b0830, 0x100000,
	    0x600b0838, 0x100000 },
	{ &chip_esp32c61, 0x600b4830, 0x3800000, 0x600b4830, 0x4000,
	    0x600b4834, 0x4000000 },
	{ &chip_esp32c5, 0x600b4834, 0x70000, 0x600b4830, 0x100000,
	    0x600b4838, 0x2000000 },
	{ &chip_esp32h2, 0x600b0834, 0x1c0000, 0x600b0830, 0x100000,
	    0x600b0838, 0x100000 },
	{ &chip_esp32h21, 0x600b4034, 0x1c0000, 0x600b4030, 0x100000,
	    0x600b4038, 0x100000 },
	{ &chip_esp32h4, 0x600b1830, 0x3800000, 0x600b1830, 0x4000,
	    0x600b1838, 0x20 },
	{ &chip_esp32p4, 0x5012d034, 0x1c0000, 0x5012d030, 0x100000,
	    0x5012d038, 0x100000 },
	{ &chip_esp32s31, 0x20715034, 0xe00000, 0x20715030, 0x100000,
	    0x2071503c, 0x4 },
};

static void
test_encryption_is_on_for_an_odd_number_of_ones(void **state)
{
	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		uint32_t	one = rows[i].crypt_mask & -rows[i].crypt_mask;

		for (uint32_t n = 0; n < 8; n++)
			assert_int_equal(with_word(rows[i].chip, rows[i].crypt,
			    n * one).encrypted, n == 1 || n == 2 || n == 4 ||
			    n == 7);
		assert_false(with_word(rows[i].chip, rows[i].crypt,
		    ~rows[i].crypt_mask).encrypted);
	}
}

static void
test_secure_boot_and_forbidden_encryption_by_one_bit_each(void **state)
{
	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		const struct row	*r = &rows[i];

		assert_true(with_word(r->chip, r->boot, r->boot_mask)
		    .secure_boot);
		assert_false(with_word(r->chip, r->boot, ~r->boot_mask)
		    .secure_boot);
		assert_true(with_word(r->chip, r->manual, r->manual_mask)
		    .no_encrypt);
		assert_false(with_word(r->chip, r->manual, ~r->manual_mask)
		    .no_encrypt);
		assert_false(with_word(r->chip, r->boot, UINT32_MAX)
		    .secure_boot_v1);
	}
}

/* Where the number of a key's purpose begins. */
struct place {
	const struct chip	*chip;
	uint32_t		 addr[CHIP_KEYS];
	uint8_t			 shift[CHIP_KEYS];
	unsigned		 keys;
	bool			 halves;	/* two halves make a key */
};

#define LIKE_S2(chip, efuse, halves)	{ &(chip), { (efuse) + 0x34, \
	(efuse) + 0x34, (efuse) + 0x38, (efuse) + 0x38, (efuse) + 0x38, \
	(efuse) + 0x38 }, { 24, 28, 0, 4, 8, 12 }, 6, halves }

static const struct place	places[] = {
	LIKE_S2(chip_esp32s2, 0x3f41a000, true),
	LIKE_S2(chip_esp32s3, 0x60007000, true),
	LIKE_S2(chip_esp32c3, 0x60008800, false),
	LIKE_S2(chip_esp32c6, 0x600b0800, false),
	LIKE_S2(chip_esp32h2, 0x600b0800, false),
	LIKE_S2(chip_esp32h21, 0x600b4000, false),
	LIKE_S2(chip_esp32p4, 0x5012d000, true),
	LIKE_S2(chip_esp32e22, 0xc4008000, true),
	{ &chip_esp32c61, { 0x600b4834, 0x600b4834, 0x600b4834, 0x600b4834,
	    0x600b4834, 0x600b4834 }, { 0, 4, 8, 12, 16, 20 }, 6, false },
	{ &chip_esp32c5, { 0x600b4834, 0x600b4834, 0x600b4838, 0x600b4838,
	    0x600b4838, 0x600b4838 }, { 22, 27, 0, 5, 10, 15 }, 6, false },
	{ &chip_esp32h4, { 0x600b1834, 0x600b1834, 0x600b1834, 0x600b1834,
	    0x600b1834, 0x600b1834 }, { 0, 5, 10, 15, 20, 25 }, 6, true },
	{ &chip_esp32s31, { 0x20715038, 0x20715038, 0x20715038, 0x20715038,
	    0x20715038 }, { 0, 5, 10, 15, 20 }, 5, true },
};

static bool
has_key(const struct place *p, unsigned a, unsigned b, unsigned purpose_a,
    unsigned purpose_b)
{
	struct regs	regs = { .r = {
		{ p->addr[a], purpose_a << p->shift[a] },
		{ p->addr[b], purpose_b << p->shift[b] },
	} };

	if (p->addr[a] == p->addr[b])
		regs.r[1].value |= regs.r[0].value;
	return read_all(p->chip, 300, &regs).has_key;
}

static void
test_a_key_for_the_flash_is_found_in_any_block(void **state)
{
	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(places); i++)
		for (unsigned k = 0; k < places[i].keys; k++) {
			unsigned	o = (k + 1) % places[i].keys;

			assert_true(has_key(&places[i], k, o, 4, 0));
			assert_false(has_key(&places[i], k, o, 9, 5));
			/* Half a key is none. */
			assert_false(has_key(&places[i], k, o, 2, 0));
			assert_false(has_key(&places[i], k, o, 3, 3));
			assert_int_equal(has_key(&places[i], k, o, 2, 3),
			    places[i].halves);
		}
}

static void
test_a_key_manager_may_hold_the_key(void **state)
{
	static const struct { const struct chip *chip; uint32_t addr, bit; }
	managers[] = {
		{ &chip_esp32c5, 0x600b4834, 11 },
		{ &chip_esp32h4, 0x600b1838, 20 },
		{ &chip_esp32p4, 0x5012d034, 10 },
		{ &chip_esp32s31, 0x20715034, 13 },
	};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(managers); i++) {
		struct security	s = with_word(managers[i].chip,
				    managers[i].addr, 1u << managers[i].bit);

		assert_true(s.key_is_managed);
		assert_true(s.has_key);
		s = with_word(managers[i].chip, managers[i].addr,
		    1u << (managers[i].bit - 1));
		assert_false(s.key_is_managed);
	}
}

static void
test_esp32_encryption(void **state)
{
	struct regs	regs = { .r = { { 0x3ff5a000, 1u << 20 },
			    { 0x3ff5a014, 0xfu << 28 }, { 0x3ff5a018, 0 },
			    { 0x3ff5a054, 1 } } };
	struct security	s = read_all(&chip_esp32, 0, &regs);

	(void)state;
	assert_true(s.encrypted);
	assert_true(s.has_key);		/* its last word is not zero */
	assert_false(s.crypt_config_bad);
	assert_false(s.no_encrypt);
	regs.r[0].value = 0x7fu << 20;	/* seven ones: odd */
	regs.r[1].value = 0x7u << 28;
	regs.r[2].value = 1u << 7;
	regs.r[3].value = 0;
	s = read_all(&chip_esp32, 0, &regs);
	assert_true(s.encrypted);
	assert_false(s.has_key);
	assert_true(s.crypt_config_bad);
	assert_true(s.no_encrypt);
	/* What is hidden was burned. */
	regs.r[0].value = 3u << 20 | 1u << 19 | 1u << 16;
	s = read_all(&chip_esp32, 0, &regs);
	assert_false(s.encrypted);
	assert_true(s.has_key);
	assert_false(s.crypt_config_bad);
}

/* ABS_DONE_0 is version 1; ABS_DONE_1 is version 2, which v3.0 brought. */
static void
test_esp32_secure_boot_by_revision(void **state)
{
	struct regs	regs = { .r = { { 0x3ff5a018, 1u << 4 } } };
	struct security	s = read_all(&chip_esp32, 100, &regs);

	(void)state;
	assert_true(s.secure_boot_v1);
	assert_false(s.secure_boot);
	regs.r[0].value = 1u << 5;
	s = read_all(&chip_esp32, 299, &regs);
	assert_false(s.secure_boot_v1);
	assert_false(s.secure_boot);
	s = read_all(&chip_esp32, 300, &regs);
	assert_true(s.secure_boot);
}

/* A short key is the first half of its block. */
static void
test_esp32c2_key_by_its_length(void **state)
{
	enum { BLOCK0 = 0x60008830, KEY = 0x60008860, LONG = 1 << 10 };
	static const struct {
		uint32_t	block0, key_word;	/* word of the key set */
		bool		has_key;
	} cases[] = {
		{ 0, 99, false }, { 0, 0, true }, { 0, 3, true },
		{ 0, 4, false }, { LONG, 7, true }, { LONG, 99, false },
		{ 1, 99, true }, { LONG | 1, 99, false }, { LONG | 3, 99, true },
	};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		struct regs	regs = { .r = { { BLOCK0, cases[i].block0 },
				    { KEY + 4 * cases[i].key_word, 5 } } };

		assert_int_equal(read_all(&chip_esp32c2, 0, &regs).has_key,
		    cases[i].has_key);
	}
}

static void
test_a_chip_without_such_fuses_has_none(void **state)
{
	struct regs	regs = { .reads = 0 };

	(void)state;
	(void)read_all(&chip_esp8266, 0, &regs);
	assert_int_equal(regs.reads, 0);
}

/* And what was there stays as it was. */
static void
test_a_failure_comes_back(void **state)
{
	struct security	s = { .has_key = true }, before = s;

	(void)state;
	for (const struct chip *const *c = chips; *c != NULL; c++) {
		struct regs	regs = {
			.fail_addr = (*c)->security.secure_boot.addr,
		};

		if (regs.fail_addr == 0)
			continue;
		assert_int_equal(security_read(*c, 300, true, read_reg, &regs,
		    &s), ERR_UNPLUGGED);
		assert_memory_equal(&s, &before, sizeof s);
	}
}

static void
test_purposes_have_names(void **state)
{
	(void)state;
	assert_string_equal(security_purpose_name(0), "USER/EMPTY");
	assert_string_equal(security_purpose_name(4), "XTS_AES_128_KEY");
	assert_string_equal(security_purpose_name(9), "SECURE_BOOT_DIGEST0");
	assert_string_equal(security_purpose_name(12), "KM_INIT_KEY");
	assert_string_equal(security_purpose_name(19), "SDC_KEY_DIGEST");
	assert_string_equal(security_purpose_name(20), "unknown");
	assert_string_equal(security_purpose_name(255), "unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blank_fuses_say_nothing),
		cmocka_unit_test(test_encryption_is_on_for_an_odd_number_of_ones),
		cmocka_unit_test(test_secure_boot_and_forbidden_encryption_by_one_bit_each),
		cmocka_unit_test(test_a_key_for_the_flash_is_found_in_any_block),
		cmocka_unit_test(test_a_key_manager_may_hold_the_key),
		cmocka_unit_test(test_esp32_encryption),
		cmocka_unit_test(test_esp32_secure_boot_by_revision),
		cmocka_unit_test(test_esp32c2_key_by_its_length),
		cmocka_unit_test(test_a_chip_without_such_fuses_has_none),
		cmocka_unit_test(test_a_failure_comes_back),
		cmocka_unit_test(test_purposes_have_names),
	};

	return cmocka_run_group_tests_name("security", tests, NULL, NULL);
}
