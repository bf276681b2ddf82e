#include "proto/image/partition.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/chip/flashid.h"
#include "proto/image/partition_impl.h"

enum {
	MAGIC		= 0x50aa,	/* AA 50 */
	MAGIC_MD5	= 0xebeb,
	MD5_AT		= 16,		/* in its row */
	MD5_LEN		= 16,
	AT_TYPE		= 2,
	AT_SUBTYPE	= 3,
	AT_OFFSET	= 4,
	AT_SIZE		= 8,
	AT_NAME		= 12,
	AT_FLAGS	= 28,
	KNOWN_FLAGS	= PARTITION_ENCRYPTED | PARTITION_READONLY,
	APP_ALIGN	= 0x10000,	/* pages of the MMU */
	APP_ALIGN_8266	= 0x1000,
	OTADATA_BYTES	= 0x2000,	/* two sectors */
	NAMES		= 300,		/* of a sentence that lists them */
};

const struct partition_word partition_types[] = {
	{ PARTITION_APP, 0, "app" },
	{ PARTITION_DATA, 0, "data" },
	{ PARTITION_BOOTLOADER, 0, "bootloader" },
	{ PARTITION_TABLE, 0, "partition_table" },
	{ 0, 0, NULL }
};

const struct partition_word partition_subtypes[] = {
	{ PARTITION_APP, 0x00, "factory" },
	{ PARTITION_APP, 0x10, "ota_0" },
	{ PARTITION_APP, 0x11, "ota_1" },
	{ PARTITION_APP, 0x12, "ota_2" },
	{ PARTITION_APP, 0x13, "ota_3" },
	{ PARTITION_APP, 0x14, "ota_4" },
	{ PARTITION_APP, 0x15, "ota_5" },
	{ PARTITION_APP, 0x16, "ota_6" },
	{ PARTITION_APP, 0x17, "ota_7" },
	{ PARTITION_APP, 0x18, "ota_8" },
	{ PARTITION_APP, 0x19, "ota_9" },
	{ PARTITION_APP, 0x1a, "ota_10" },
	{ PARTITION_APP, 0x1b, "ota_11" },
	{ PARTITION_APP, 0x1c, "ota_12" },
	{ PARTITION_APP, 0x1d, "ota_13" },
	{ PARTITION_APP, 0x1e, "ota_14" },
	{ PARTITION_APP, 0x1f, "ota_15" },
	{ PARTITION_APP, 0x20, "test" },
	{ PARTITION_APP, 0x30, "tee_0" },
	{ PARTITION_APP, 0x31, "tee_1" },
	{ PARTITION_DATA, PARTITION_OTADATA, "ota" },
	{ PARTITION_DATA, 0x01, "phy" },
	{ PARTITION_DATA, 0x02, "nvs" },
	{ PARTITION_DATA, PARTITION_COREDUMP, "coredump" },
	{ PARTITION_DATA, 0x04, "nvs_keys" },
	{ PARTITION_DATA, 0x05, "efuse" },
	{ PARTITION_DATA, PARTITION_UNDEFINED, "undefined" },
	{ PARTITION_DATA, 0x80, "esphttpd" },
	{ PARTITION_DATA, 0x81, "fat" },
	{ PARTITION_DATA, 0x82, "spiffs" },
	{ PARTITION_DATA, 0x83, "littlefs" },
	{ PARTITION_DATA, PARTITION_TEE_OTADATA, "tee_ota" },
	{ PARTITION_DATA, 0x91, "tee_sec_stg" },
	{ PARTITION_BOOTLOADER, PARTITION_PRIMARY, "primary" },
	{ PARTITION_BOOTLOADER, 0x01, "ota" },
	{ PARTITION_BOOTLOADER, PARTITION_RECOVERY, "recovery" },
	{ PARTITION_TABLE, PARTITION_PRIMARY, "primary" },
	{ PARTITION_TABLE, 0x01, "ota" },
	{ 0, 0, NULL }
};

/* ---- words ---- */

static void
word_or_number(const char *word, unsigned number, char out[PARTITION_WORD])
{
	if (word != NULL)
		(void)snprintf(out, PARTITION_WORD, "%s", word);
	else
		(void)snprintf(out, PARTITION_WORD, "%u", number);
}

void
partition_type_word(const struct partition *p, char out[PARTITION_WORD])
{
	const struct partition_word	*w = partition_types;

	while (w->word != NULL && w->type != p->type)
		w++;
	word_or_number(w->word, p->type, out);
}

void
partition_subtype_word(const struct partition *p, char out[PARTITION_WORD])
{
	const struct partition_word	*w = partition_subtypes;

	while (w->word != NULL &&
	    (w->type != p->type || w->subtype != p->subtype))
		w++;
	word_or_number(w->word, p->subtype, out);
}

bool
partition_is_primary(const struct partition *p, enum partition_type type)
{
	return p->type == type && p->subtype == PARTITION_PRIMARY;
}

uint32_t
partition_app_align(const struct chip *chip)
{
	/* The one chip without an id in its images has no MMU for flash. */
	return chip != NULL && chip->image_id < 0 ? APP_ALIGN_8266 : APP_ALIGN;
}

size_t
partition_text(const void *name, size_t len)
{
	const uint8_t	*s = name;
	size_t		 at = 0, n;

	while (at < len && (n = text_letter(s + at, len - at)) > 0)
		at += n;
	return at;
}

/* ---- binary ---- */

static int
md5_of(const void *data, size_t len, uint8_t md5[MD5_LEN], struct why *why)
{
	uint8_t	sum[EVP_MAX_MD_SIZE];

	if (EVP_Digest(data, len, sum, NULL, EVP_md5(), NULL) != 1)
		return why_set(why, ERR_INTERNAL, "no MD5 from libcrypto");
	memcpy(md5, sum, MD5_LEN);
	return 0;
}

bool
partition_is_binary(const void *data, size_t len)
{
	unsigned	magic = len >= 2 ? le16_get(data) : 0;

	return magic == MAGIC || magic == MAGIC_MD5 || magic == 0xffff;
}

static bool
is_end(const uint8_t *row)
{
	for (size_t i = 0; i < PARTITION_ROW; i++)
		if (row[i] != 0xff)
			return false;
	return true;
}

static int
check_md5(const uint8_t *table, size_t len, const uint8_t *row,
    struct why *why)
{
	uint8_t	md5[MD5_LEN];
	char	have[2 * MD5_LEN + 1], want[2 * MD5_LEN + 1];
	int	r;

	if ((r = md5_of(table, len, md5, why)) < 0)
		return r;
	if (memcmp(md5, row + MD5_AT, MD5_LEN) == 0)
		return 0;
	text_hex(have, md5, MD5_LEN);
	text_hex(want, row + MD5_AT, MD5_LEN);
	return why_set(why, ERR_IMAGE, "the partition table is damaged: the "
	    "MD5 of its rows is %s, it says %s", have, want);
}

static int
take_row(const uint8_t *row, size_t number, struct partition *p,
    const struct image_notes *notes, struct why *why)
{
	size_t	len = strnlen((const char *)row + AT_NAME, PARTITION_NAME);

	if (partition_text(row + AT_NAME, len) != len)
		return why_set(why, ERR_IMAGE, "the name in row %zu of the "
		    "partition table is no text", number);
	*p = (struct partition){
		.type = row[AT_TYPE], .subtype = row[AT_SUBTYPE],
		.offset = le32_get(row + AT_OFFSET),
		.size = le32_get(row + AT_SIZE),
		.flags = le32_get(row + AT_FLAGS),
	};
	memcpy(p->name, row + AT_NAME, len);
	if ((p->flags & ~(uint32_t)KNOWN_FLAGS) != 0)
		image_note(notes, "Warning: partition '%s' has flags that "
		    "nobody knows (0x%08x); the table may be newer than this "
		    "program", p->name, p->flags);
	return 0;
}

/* The row that has the MD5, or another one that is no partition. */
static int
take_other(const uint8_t *table, const uint8_t *row, size_t number,
    struct partition_table *t, struct why *why)
{
	if (le16_get(row) != MAGIC_MD5)
		return why_set(why, ERR_IMAGE, "row %zu of the partition table "
		    "begins with %02x %02x, a partition with aa 50", number,
		    row[0], row[1]);
	t->has_md5 = true;
	return check_md5(table, (size_t)(row - table), row, why);
}

static int
parse_binary(const uint8_t *data, size_t len, struct partition_table *t,
    const struct image_notes *notes, struct why *why)
{
	int	r;

	for (size_t i = 0; i <= PARTITION_ROWS; i++) {
		const uint8_t	*row = data + i * PARTITION_ROW;

		if ((i + 1) * PARTITION_ROW > len)
			return why_set(why, ERR_IMAGE, "the partition table "
			    "ends after %zu bytes without a row that says so",
			    len);
		if (is_end(row))
			return t->count > 0 ? 0 : why_set(why, ERR_IMAGE,
			    "the partition table is empty");
		if (i == PARTITION_ROWS)
			break;
		if (t->has_md5)
			return why_set(why, ERR_IMAGE, "the partition table "
			    "goes on behind its MD5, in row %zu", i + 1);
		if (le16_get(row) != MAGIC)
			r = take_other(data, row, i + 1, t, why);
		else
			r = take_row(row, i + 1, &t->list[t->count++], notes,
			    why);
		if (r < 0)
			return r;
	}
	return why_set(why, ERR_IMAGE, "the partition table has no end within "
	    "its %d bytes", PARTITION_BYTES);
}

int
partition_parse(const void *data, size_t len,
    const struct partition_place *place, struct partition_table *t,
    const struct image_notes *notes, struct why *why)
{
	*t = (struct partition_table){ .count = 0 };
	if (len == 0)
		return why_set(why, ERR_IMAGE, "the partition table is empty");
	if (partition_is_binary(data, len))
		return parse_binary(data, len, t, notes, why);
	return partition_parse_csv(data, len, place, t, notes, why);
}

static void
put_row(uint8_t row[PARTITION_ROW], const struct partition *p)
{
	memset(row, 0, PARTITION_ROW);
	le16_put(row, MAGIC);
	row[AT_TYPE] = p->type;
	row[AT_SUBTYPE] = p->subtype;
	le32_put(row + AT_OFFSET, p->offset);
	le32_put(row + AT_SIZE, p->size);
	memcpy(row + AT_NAME, p->name, strlen(p->name));
	le32_put(row + AT_FLAGS, p->flags);
}

int
partition_build(const struct partition_table *t, bool md5,
    uint8_t out[PARTITION_BYTES], struct why *why)
{
	uint8_t	*row = out + t->count * PARTITION_ROW;

	if (t->count + md5 > PARTITION_ROWS)
		return why_set(why, ERR_LIMIT, "%zu partitions%s are too many "
		    "for one table, %d rows are possible", t->count,
		    md5 ? " and the MD5" : "", PARTITION_ROWS);
	memset(out, 0xff, PARTITION_BYTES);
	for (size_t i = 0; i < t->count; i++)
		put_row(out + i * PARTITION_ROW, &t->list[i]);
	if (!md5)
		return 0;
	le16_put(row, MAGIC_MD5);
	return md5_of(out, t->count * PARTITION_ROW, row + MD5_AT, why);
}

/* ---- what a table must fulfil ---- */

static uint64_t
end_of(const struct partition *p)
{
	return (uint64_t)p->offset + p->size;
}

/* What no other partition may be: below the end of the table itself. */
static int
check_low(const struct partition *p, uint32_t at, struct why *why)
{
	if (partition_is_primary(p, PARTITION_BOOTLOADER) && end_of(p) <= at)
		return 0;
	if (partition_is_primary(p, PARTITION_TABLE) && p->offset == at &&
	    p->size <= PARTITION_AREA)
		return 0;
	if (p->offset >= (uint64_t)at + PARTITION_AREA)
		return 0;
	return why_set(why, ERR_IMAGE, "partition '%s' begins at 0x%x, but the "
	    "partition table takes 0x%x to 0x%llx, and only a bootloader goes "
	    "before it", p->name, p->offset, at,
	    (unsigned long long)at + PARTITION_AREA - 1);
}

static int
check_pair(const struct partition *a, const struct partition *b,
    struct why *why)
{
	if (strcmp(a->name, b->name) == 0)
		return why_set(why, ERR_IMAGE, "two partitions are named "
		    "'%s', at 0x%x and at 0x%x", a->name, a->offset,
		    b->offset);
	if (a->offset >= end_of(b) || b->offset >= end_of(a))
		return 0;
	return why_set(why, ERR_OVERLAP, "partition '%s' (0x%x to 0x%llx) and "
	    "partition '%s' (0x%x to 0x%llx) overlap", a->name, a->offset,
	    (unsigned long long)end_of(a) - 1, b->name, b->offset,
	    (unsigned long long)end_of(b) - 1);
}

int
partition_check(const struct partition_table *t, uint32_t at, struct why *why)
{
	int	r;

	if ((r = partition_check_flash(t, (uint64_t)UINT32_MAX + 1, why)) < 0)
		return r;
	for (size_t i = 0; i < t->count; i++) {
		const struct partition	*p = &t->list[i];

		if (p->size == 0)
			return why_set(why, ERR_IMAGE, "partition '%s' at 0x%x "
			    "has no room: its size is 0", p->name, p->offset);
		if ((r = check_low(p, at, why)) < 0)
			return r;
		for (size_t k = 0; k < i; k++)
			if ((r = check_pair(&t->list[k], p, why)) < 0)
				return r;
	}
	return 0;
}

int
partition_check_flash(const struct partition_table *t, uint64_t flash_bytes,
    struct why *why)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct partition	*p = &t->list[i];

		if (end_of(p) > flash_bytes)
			return why_set(why, ERR_BEYOND_FLASH, "partition '%s' "
			    "(0x%x bytes at 0x%x) ends at 0x%llx, the flash at "
			    "0x%llx", p->name, p->size, p->offset,
			    (unsigned long long)end_of(p),
			    (unsigned long long)flash_bytes);
	}
	return 0;
}

/* ---- the rules of ESP-IDF ---- */

static int
check_app(const struct partition *p, const struct chip *chip,
    const struct image_notes *notes, struct why *why)
{
	uint32_t	align = partition_app_align(chip);

	if (p->offset % align != 0 && (chip != NULL ||
	    p->offset % APP_ALIGN_8266 != 0))
		return why_set(why, ERR_ALIGN, "partition '%s' at 0x%x: a "
		    "program must begin at a multiple of 0x%x", p->name,
		    p->offset, align);
	if (p->offset % align != 0)
		image_note(notes, "Warning: partition '%s' at 0x%x is no "
		    "multiple of 0x%x: only an ESP8266 could run a program "
		    "there", p->name, p->offset, align);
	if (p->size % FLASH_SECTOR != 0)
		image_note(notes, "Warning: the size of partition '%s', 0x%x, "
		    "is no multiple of 0x%x; newer releases of ESP-IDF refuse "
		    "that", p->name, p->size, FLASH_SECTOR);
	return 0;
}

static void
check_other(const struct partition *p, const struct image_notes *notes)
{
	if (p->offset % FLASH_SECTOR != 0)
		image_note(notes, "Warning: partition '%s' at 0x%x is not "
		    "aligned to 0x%x; newer releases of ESP-IDF refuse that",
		    p->name, p->offset, FLASH_SECTOR);
}

/* A name that is a word of the table, and means something else here. */
static void
check_name(const struct partition *p, const struct image_notes *notes)
{
	const struct partition_word	*w;
	bool				 is = false, fits = false;

	for (w = partition_types; w->word != NULL; w++)
		if (strcmp(w->word, p->name) == 0 && w->type != p->type)
			image_note(notes, "Warning: partition '%s' is named "
			    "like a type, but is of type %u", p->name,
			    p->type);
	for (w = partition_subtypes; w->word != NULL; w++)
		if (strcmp(w->word, p->name) == 0) {
			is = true;
			fits |= w->type == p->type &&
			    w->subtype == p->subtype;
		}
	if (is && !fits)
		image_note(notes, "Warning: partition '%s' is named like a "
		    "subtype, but is of type %u, subtype %u", p->name,
		    p->type, p->subtype);
}

/* Which slot to start is kept once, in two sectors. */
static int
check_otadata(const struct partition_table *t, uint8_t subtype,
    struct why *why)
{
	const struct partition	*found = NULL;

	for (size_t i = 0; i < t->count; i++) {
		const struct partition	*p = &t->list[i];

		if (p->type != PARTITION_DATA || p->subtype != subtype)
			continue;
		if (found != NULL)
			return why_set(why, ERR_IMAGE, "both '%s' and '%s' "
			    "are partitions that keep which program starts; "
			    "there can be one", found->name, p->name);
		if (p->size != OTADATA_BYTES)
			return why_set(why, ERR_IMAGE, "partition '%s' keeps "
			    "which program starts and must have 0x%x bytes, "
			    "not 0x%x", p->name, OTADATA_BYTES, p->size);
		found = p;
	}
	return 0;
}

int
partition_check_rules(const struct partition_table *t,
    const struct partition_place *place, const struct image_notes *notes,
    struct why *why)
{
	int	r = 0;

	for (size_t i = 0; i < t->count && r == 0; i++) {
		const struct partition	*p = &t->list[i];

		if (p->type == PARTITION_APP)
			r = check_app(p, place->chip, notes, why);
		else
			check_other(p, notes);
		check_name(p, notes);
		if (p->type == PARTITION_DATA &&
		    (p->subtype == PARTITION_OTADATA ||
		    p->subtype == PARTITION_COREDUMP) &&
		    (p->flags & PARTITION_READONLY) != 0)
			r = why_set(why, ERR_IMAGE, "partition '%s' is written "
			    "by the chip and cannot be read-only", p->name);
	}
	if (r == 0)
		r = check_otadata(t, PARTITION_OTADATA, why);
	return r < 0 ? r : check_otadata(t, PARTITION_TEE_OTADATA, why);
}

/* ---- looking up ---- */

const struct partition *
partition_find(const struct partition_table *t, const char *name)
{
	for (size_t i = 0; i < t->count; i++)
		if (strcmp(t->list[i].name, name) == 0)
			return &t->list[i];
	return NULL;
}

int
partition_get(const struct partition_table *t, const char *name,
    const struct partition **out, struct why *why)
{
	char	names[NAMES] = "";
	size_t	at = 0;

	if ((*out = partition_find(t, name)) != NULL)
		return 0;
	for (size_t i = 0; i < t->count && at < sizeof names; i++)
		at += (size_t)snprintf(names + at, sizeof names - at, "%s%s",
		    i > 0 ? ", " : "", t->list[i].name);
	return why_set(why, ERR_PARAMS, "there is no partition '%s' in the "
	    "partition table; it has %s%s", name, names,
	    at < sizeof names ? "" : "...");
}

int
partition_sectors(const struct partition_table *t, const struct partition *p,
    uint32_t *bytes, struct why *why)
{
	uint64_t	end = (end_of(p) + FLASH_SECTOR - 1) / FLASH_SECTOR *
			    FLASH_SECTOR;

	if (p->offset % FLASH_SECTOR != 0)
		return why_set(why, ERR_ALIGN, "partition '%s' begins at 0x%x, "
		    "within a sector of flash (4096 bytes): erasing it would "
		    "erase what stands before it; give an address if you mean "
		    "that", p->name, p->offset);
	for (size_t i = 0; i < t->count; i++)
		if (t->list[i].offset >= end_of(p) && t->list[i].offset < end)
			return why_set(why, ERR_ALIGN, "partition '%s' ends at "
			    "0x%llx and '%s' begins in the same sector of "
			    "flash (4096 bytes): erasing the one would erase "
			    "the other; give an address if you mean that",
			    p->name, (unsigned long long)end_of(p),
			    t->list[i].name);
	*bytes = (uint32_t)(end - p->offset);
	return 0;
}
