/*
 * proto/efuse/state, value, json and virt: whatever the registers hold, every
 * field has a value, they travel and come back, and burning clears nothing
 * that can be read.  Input: chip, block, 32 bytes to burn, registers.
 */
#include "proto/efuse/state.h"

#include <json-c/json.h>
#include <string.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/efuse/coding.h"
#include "proto/efuse/json.h"
#include "proto/efuse/virt.h"
#include "tests/fuzz/fuzz.h"

static void
check_text(const char *text)
{
	size_t	len = strlen(text);

	FUZZ_CHECK(len > 0 && len < EFUSE_TEXT_MAX);
	for (size_t i = 0; i < len; i++)
		FUZZ_CHECK(text[i] >= ' ' && text[i] <= '~');
}

static void
check_values(const struct efuse_state *st)
{
	const struct efuse_field	*f = NULL;
	uint8_t				 bits[EFUSE_BLOCK_BYTES];
	char				 out[EFUSE_TEXT_MAX];

	while ((f = efuse_field_next(st, f)) != NULL) {
		struct json_object	*o;

		efuse_value(st, f, out);
		check_text(out);
		efuse_shown(st, f, out);
		check_text(out);
		efuse_bits(st, f, bits);
		efuse_bits_text(bits, efuse_field_bits(st, f), out);
		check_text(out);
		o = efuse_field_json(st, f);
		FUZZ_CHECK(json_object_object_length(o) == 12);
		json_object_put(o);
	}
}

static void
check_travel(const struct efuse_raw *raw)
{
	static struct efuse_raw	back;
	struct json_object	*o = efuse_raw_json(raw);
	uint8_t			 file[EFUSE_WINDOW];
	const struct efuse_chip	*efuse;
	size_t			 len;

	FUZZ_CHECK(efuse_raw_parse(&back, o, NULL) == 0);
	json_object_put(o);
	FUZZ_CHECK(back.chip == raw->chip && back.date == raw->date);
	efuse = efuse_chip_find(raw->chip, raw->revision);
	FUZZ_CHECK(memcmp(back.window, raw->window, efuse->window) == 0);
	len = virt_save(raw, file);
	FUZZ_CHECK(len == efuse->window);
	FUZZ_CHECK(virt_load(&back, efuse, file, len, NULL) == 0);
	FUZZ_CHECK(memcmp(back.window, raw->window, len) == 0);
}

static void
check_burn(const struct efuse_state *before, unsigned block,
    const uint8_t data[CODING_RS_DATA])
{
	static struct efuse_state	after;
	static struct efuse_raw		raw;
	struct efuse_step		step = { .block = block };
	uint8_t				coded[64] = { 0 };
	size_t				blocks;

	memcpy(coded, data, CODING_RS_DATA);
	if (efuse_block_coding(before, block) == EFUSE_34)
		coding_34(data, 24, coded);
	if (efuse_block_coding(before, block) == EFUSE_RS)
		coding_rs(data, coded + CODING_RS_DATA);
	step.burn_words = EFUSE_BURN_WORDS;
	for (size_t i = 0; i < EFUSE_BURN_WORDS; i++)
		step.burn[i] = le32_get(coded + 4 * i);
	raw = before->raw;
	if (virt_burn(&raw, &step, NULL) < 0) {
		/* It may have become a coding that nobody uses. */
		FUZZ_CHECK(block == 0);
		FUZZ_CHECK(memcmp(&raw, &before->raw, sizeof raw) == 0);
		return;
	}
	FUZZ_CHECK(efuse_state_read(&after, &raw, NULL, NULL) == 0);
	if (after.coding != before->coding)
		return;			/* other bits are data now */
	blocks = efuse_block_count(before->efuse);
	for (unsigned b = 1; b < blocks; b++)
		for (size_t i = 0; i < EFUSE_WORDS; i++) {
			uint32_t	was = before->words[b][i];
			uint32_t	is = after.words[b][i];

			if (efuse_block_readable(&after, b))
				FUZZ_CHECK((was & ~is) == 0);
			if (b != block || !efuse_block_writable(before, b))
				FUZZ_CHECK((is & ~was) == 0);
		}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static struct efuse_state	st;
	static struct efuse_raw		raw;
	const struct efuse_chip		*efuse;
	size_t				 count = 0, size;
	struct why			 why = { 0 };
	int				 r;

	if (len < 2 + CODING_RS_DATA)
		return 0;
	while (efuse_chips[count] != NULL)
		count++;
	efuse = efuse_chips[p[0] % count];
	virt_new(&raw, efuse);
	raw.revision = efuse->from_revision;
	size = len - 2 - CODING_RS_DATA;
	for (size_t i = 0; i < size / 4 && i < efuse->window / 4u; i++)
		raw.window[i] = le32_get(p + 2 + CODING_RS_DATA + 4 * i);
	check_travel(&raw);
	r = efuse_state_read(&st, &raw, NULL, &why);
	FUZZ_CHECK(r == 0 || r == ERR_UNSUPPORTED);
	FUZZ_CHECK(why.err == r);
	if (r < 0)
		return 0;
	check_values(&st);
	check_burn(&st, p[1] % (unsigned)efuse_block_count(efuse), p + 2);
	return 0;
}
