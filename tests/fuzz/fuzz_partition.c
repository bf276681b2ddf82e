/* proto/image/partition: any bytes are a table that is written and read again as
 * the same one, binary and CSV, or are refused. */
#include "proto/image/partition.h"

#include <string.h>

#include "proto/base/err.h"
#include "proto/chip/flashid.h"
#include "tests/fuzz/fuzz.h"

static const struct partition_place	place = {
	.offset = PARTITION_OFFSET, .chip = &chip_esp32,
};

static bool
is_same(const struct partition *a, const struct partition *b, uint32_t flags)
{
	return strcmp(a->name, b->name) == 0 && a->type == b->type &&
	    a->subtype == b->subtype && a->offset == b->offset &&
	    a->size == b->size && (a->flags & flags) == (b->flags & flags);
}

static void
check_same(const struct partition_table *a, const struct partition_table *b,
    uint32_t flags)
{
	FUZZ_CHECK(a->count == b->count);
	for (size_t i = 0; i < a->count; i++)
		FUZZ_CHECK(is_same(&a->list[i], &b->list[i], flags));
}

static void
check_binary(const struct partition_table *t)
{
	static uint8_t			out[PARTITION_BYTES];
	static struct partition_table	again;
	bool				md5 = t->count < PARTITION_ROWS;

	FUZZ_CHECK(partition_build(t, md5, out, NULL) == 0);
	FUZZ_CHECK(partition_parse(out, sizeof out, &place, &again, NULL,
	    NULL) == 0);
	FUZZ_CHECK(again.has_md5 == md5);
	check_same(t, &again, UINT32_MAX);
}

/* CSV has no place for whatever a table may hold; what it has is right. */
static void
check_csv(const struct partition_table *t)
{
	static struct partition_table	again;
	struct buf			out;
	struct why			why = { 0 };
	int				r;

	buf_init(&out, PARTITION_FILE_MAX);
	r = partition_csv(t, &out, &why);
	FUZZ_CHECK(r == 0 || r == ERR_IMAGE);
	if (r == 0 && partition_parse(out.data, out.len, &place, &again, NULL,
	    NULL) == 0)
		check_same(t, &again, PARTITION_ENCRYPTED |
		    PARTITION_READONLY);
	buf_done(&out);
}

/* A table that may be relied on has no two bytes of flash with two owners. */
static void
check_sound(const struct partition_table *t)
{
	const struct partition	*p;
	uint32_t		 bytes;
	struct why		 why = { 0 };

	for (size_t i = 0; i < t->count; i++) {
		p = &t->list[i];
		FUZZ_CHECK(partition_find(t, p->name) == p);
		FUZZ_CHECK((uint64_t)p->offset + p->size <=
		    (uint64_t)UINT32_MAX + 1);
		if (partition_sectors(t, p, &bytes, &why) < 0)
			continue;
		FUZZ_CHECK(bytes >= p->size && bytes % FLASH_SECTOR == 0);
		for (size_t k = 0; k < t->count; k++)
			FUZZ_CHECK(k == i || t->list[k].offset < p->offset ||
			    t->list[k].offset - p->offset >= bytes);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static struct partition_table	t;
	struct why			why = { 0 };
	int				r;

	r = partition_parse(p, len, &place, &t, NULL, &why);
	FUZZ_CHECK(r == 0 || r == ERR_IMAGE || r == ERR_LIMIT ||
	    r == ERR_OVERLAP);
	FUZZ_CHECK(why.err == r);
	if (r < 0)
		return 0;
	FUZZ_CHECK(t.count > 0 && t.count <= PARTITION_ROWS);
	check_binary(&t);
	check_csv(&t);
	if (partition_check(&t, place.offset, &why) == 0)
		check_sound(&t);
	(void)partition_check_rules(&t, &place, NULL, &why);
	return 0;
}
