/*
 * second - esp-idf's bootloader, as far as it decides whether an application
 * starts: the partition table, and what esp_image_format.c checks.
 */
#include "tests/sim/boot.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/bytes.h"
#include "tests/sim/secure.h"

enum {
	TABLE_AT	= 0x8000,
	TABLE_MAX	= 0xc00,
	ENTRY		= 32,		/* bytes */
	ENTRY_MAGIC	= 0x50aa,
	TYPE_APP	= 0,
	SEGMENT_HEAD	= 8,
	SHA256		= 32,
	AT_CHIP		= 12,
	AT_DIGEST	= 23,
	PADDING_END	= 0x10000,	/* addresses below are nowhere */
	PAGE		= 64 << 10,
	DESC_MAGIC_AT	= 0x20,		/* in an application's image */
	DESC_PAGE_AT	= 0x20 + 180,	/* log2; 0: not told */
	TEXT_MAX	= 160,
};

#define DESC_MAGIC	0xabcd5432u

/* Where flash shows as code and data; esp-idf, soc/ext_mem_defs.h. */
static const struct window {
	const struct simchip	*chip;
	struct simram		 code, data;
} windows[] = {
	{ &simchip_esp32, { 0x400d0000, 0x40400000 },
	  { 0x3f400000, 0x3f800000 } },
	{ &simchip_esp32s2, { 0x40080000, 0x40800000 },
	  { 0x3f000000, 0x3ff80000 } },
	{ &simchip_esp32s3, { 0x42000000, 0x44000000 },
	  { 0x3c000000, 0x3e000000 } },
	{ &simchip_esp32c2, { 0x42000000, 0x42400000 },
	  { 0x3c000000, 0x3c400000 } },
	{ &simchip_esp32c3, { 0x42000000, 0x42800000 },
	  { 0x3c000000, 0x3c800000 } },
	/* From here on both are one. */
	{ &simchip_esp32c5, { 0x42000000, 0x44000000 }, { 0, 0 } },
	{ &simchip_esp32c6, { 0x42000000, 0x43000000 }, { 0, 0 } },
	{ &simchip_esp32c61, { 0x42000000, 0x44000000 }, { 0, 0 } },
	{ &simchip_esp32h2, { 0x42000000, 0x43000000 }, { 0, 0 } },
	{ &simchip_esp32h21, { 0x42000000, 0x43000000 }, { 0, 0 } },
	{ &simchip_esp32h4, { 0x42000000, 0x44000000 }, { 0, 0 } },
	{ &simchip_esp32p4, { 0x40000000, 0x4c000000 }, { 0, 0 } },
	{ &simchip_esp32s31, { 0x40000000, 0x54000000 }, { 0, 0 } },
	{ &simchip_esp32e22, { 0x3c000000, 0x40000000 }, { 0, 0 } },
};

/* One application that is tried. */
struct app {
	struct board		*board;
	uint32_t		 at, size, entry;
	uint32_t		 page;
	struct boot_image	 image;
	char			 why[TEXT_MAX];
};

/* Always false, so that a refusal is one expression. */
static bool __attribute__((format(printf, 2, 3)))
refuse(struct app *a, const char *fmt, ...)
{
	va_list	ap;

	va_start(ap, fmt);
	(void)vsnprintf(a->why, sizeof(a->why), fmt, ap);
	va_end(ap);
	return false;
}

static bool
is_within(const struct simram *r, uint32_t addr, uint32_t len)
{
	return addr >= r->start && addr < r->end && len <= r->end - addr;
}

static bool
is_mapped(const struct simchip *c, uint32_t addr, uint32_t len)
{
	for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++)
		if (windows[i].chip == c)
			return is_within(&windows[i].code, addr, len) ||
			    is_within(&windows[i].data, addr, len);
	return false;
}

static bool
check_header(struct app *a, const uint8_t head[BOOT_HEADER_LONG])
{
	unsigned	id = le16_get(head + AT_CHIP);

	if (head[0] != BOOT_IMAGE_MAGIC)
		return refuse(a, "esp_image: image at 0x%x has invalid magic "
		    "byte (nothing flashed here?)", (unsigned)a->at);
	if (id != a->board->chip->chip_id)
		return refuse(a, "boot_comm: mismatch chip ID, expected %u, "
		    "found %u", (unsigned)a->board->chip->chip_id, id);
	if (head[1] > BOOT_SEGMENTS)
		return refuse(a, "esp_image: image at 0x%x segment count %u "
		    "exceeds max %d", (unsigned)a->at, head[1], BOOT_SEGMENTS);
	return true;
}

/* Segments that flash shows by itself must lie in it as in their pages. */
static bool
take_segment(struct app *a, unsigned number)
{
	struct board	*b = a->board;
	uint8_t		 head[SEGMENT_HEAD];
	uint32_t	 addr, len, data;
	bool		 mapped;
	char		 line[TEXT_MAX];

	boot_image_read(&a->image, head, sizeof(head), false);
	addr = le32_get(head);
	len = le32_get(head + 4);
	data = a->image.at;
	if (len % 4 != 0 || len > a->size || data - a->at > a->size - len)
		return refuse(a, "esp_image: segment %u: invalid length 0x%x",
		    number, (unsigned)len);
	mapped = is_mapped(b->chip, addr, len);
	(void)snprintf(line, sizeof(line), "I (40) esp_image: segment %u: "
	    "paddr=%08x vaddr=%08x size=%05xh (%6u) %s\r\n", number,
	    (unsigned)data, (unsigned)addr, (unsigned)len, (unsigned)len,
	    mapped ? "map" : addr >= PADDING_END ? "load" : "");
	board_text(b, line);
	if (mapped && addr % a->page != data % a->page)
		return refuse(a, "esp_image: Segment %u load address 0x%08x, "
		    "doesn't match data 0x%08x", number, (unsigned)addr,
		    (unsigned)data);
	if (!mapped && addr >= PADDING_END && !ram_has(b, addr, len))
		return refuse(a, "esp_image: Segment %u 0x%08x-0x%08x "
		    "invalid: bad load address range", number, (unsigned)addr,
		    (unsigned)(addr + len));
	boot_image_read(&a->image, NULL, len, true);
	return true;
}

static bool
check_image(struct app *a, bool *has_digest)
{
	uint8_t	head[BOOT_HEADER_LONG], sum;

	boot_image_read(&a->image, head, sizeof(head), false);
	if (!check_header(a, head))
		return false;
	for (unsigned i = 0; i < head[1]; i++)
		if (!take_segment(a, i))
			return false;
	sum = boot_image_sum(&a->image);
	if (sum != a->image.sum)
		return refuse(a, "esp_image: Checksum failed. Calculated 0x%x "
		    "read 0x%x", a->image.sum, sum);
	a->entry = le32_get(head + 4);
	*has_digest = head[AT_DIGEST] == 1;
	if (!ram_has(a->board, a->entry, 1) &&
	    !is_mapped(a->board->chip, a->entry, 1))
		return refuse(a, "boot: entry 0x%08x is no memory",
		    (unsigned)a->entry);
	return true;
}

/* Other pages than the usual ones are told by the description. */
static void
find_page(struct app *a)
{
	uint8_t	word[4], log2;

	a->page = PAGE;
	boot_read(a->board, a->at + DESC_MAGIC_AT, word, sizeof(word));
	boot_read(a->board, a->at + DESC_PAGE_AT, &log2, 1);
	if (le32_get(word) == DESC_MAGIC && log2 > 0 && log2 < 31)
		a->page = 1u << log2;
}

static bool
check_app(struct app *a)
{
	uint8_t	sha256[SHA256], stored[SHA256];
	bool	good, has_digest = false;

	find_page(a);
	boot_image_begin(&a->image, a->board, a->at);
	good = check_image(a, &has_digest);
	boot_image_end(&a->image, sha256);
	if (!good)
		return false;
	if (secure_on(a->board) && !secure_verify(a->board, a->at,
	    a->image.at, NULL))
		return refuse(a, "esp_image: Secure boot signature "
		    "verification failed");
	boot_read(a->board, a->image.at, stored, sizeof(stored));
	if (has_digest && memcmp(sha256, stored, sizeof(sha256)) != 0)
		return refuse(a, "esp_image: Image hash failed - image is "
		    "corrupt");
	return true;
}

/* The first application of the table; false: none.  *there: a table is. */
static bool
find_app(struct board *b, struct app *a, bool *there)
{
	uint8_t	e[ENTRY];

	*a = (struct app){ .board = b };
	*there = false;
	for (uint32_t at = 0; at < TABLE_MAX; at += ENTRY) {
		boot_read(b, TABLE_AT + at, e, sizeof(e));
		if (le16_get(e) != ENTRY_MAGIC)
			return false;
		*there = true;
		a->at = le32_get(e + 4);
		a->size = le32_get(e + 8);
		if (e[2] == TYPE_APP && a->at < b->flash.size &&
		    a->size <= b->flash.size - a->at)
			return true;
	}
	return false;
}

bool
second_start(struct board *b)
{
	struct app	a;
	char		line[TEXT_MAX + 96];
	bool		there;

	if (!find_app(b, &a, &there)) {
		if (there)
			boot_fail(b, "E (40) boot: No bootable app partitions "
			    "in the partition table\r\n",
			    "no application in the partition table");
		return there;
	}
	if (!check_app(&a)) {
		(void)snprintf(line, sizeof(line), "E (40) %s\r\nE (40) boot: "
		    "No bootable app partitions in the partition table\r\n",
		    a.why);
		boot_fail(b, line, a.why);
		return true;
	}
	(void)snprintf(line, sizeof(line), "I (40) boot: Loaded app from "
	    "partition at offset 0x%x\r\n", (unsigned)a.at);
	board_text(b, line);
	(void)snprintf(line, sizeof(line), "starts: app at 0x%x, entry "
	    "0x%08x", (unsigned)a.at, (unsigned)a.entry);
	board_note(b, line);
	return true;
}
