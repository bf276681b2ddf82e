/*
 * check: everything the job is about to do fits the chip and its flash.
 * Nothing is sent; a job that fails here has changed nothing.
 */
#include "daemon/link/link.h"

#include "daemon/link/try.h"
#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/base/text.h"

enum {
	SIZE_NAME	= 24,
	/* Image header and its extension; esp_image_format of ESP-IDF. */
	IMAGE_MAGIC	= 0xe9,
	IMAGE_HEADERS	= 24,
	IMAGE_SEGMENTS	= 16,	/* most that a bootloader takes */
	IMAGE_SEGS_AT	= 1,
	IMAGE_CHIP_AT	= 12,
	IMAGE_RESERVED_AT = 19,
	IMAGE_HASH_AT	= 23,
	IMAGE_ANY_CHIP	= 0xffff,
};

/* 1 when `bytes` from `offset` lie within the flash, as far as we know it. */
static int
fits(const struct link *l, uint64_t offset, uint64_t bytes)
{
	uint64_t	end = l->found.flash_bytes != 0 ?
			    l->found.flash_bytes : UINT64_C(1) << 32;

	return offset + bytes <= end;
}

/* The chip id in an image's extended header; -1 when it is no such image.
 * ESP8266 images have no extension, so the rest of it must look right. */
static int
image_chip(const struct blob *b)
{
	const uint8_t	*p = b->data;
	uint16_t	 id;

	if (b->len < IMAGE_HEADERS || p[0] != IMAGE_MAGIC)
		return -1;
	if (p[IMAGE_SEGS_AT] == 0 || p[IMAGE_SEGS_AT] > IMAGE_SEGMENTS ||
	    le32_get(p + IMAGE_RESERVED_AT) != 0 || p[IMAGE_HASH_AT] > 1)
		return -1;
	id = le16_get(p + IMAGE_CHIP_AT);
	return id == IMAGE_ANY_CHIP ? -1 : id;
}

static int
check_image(struct link *l, const struct link_write *w)
{
	const struct chip	*other;
	int			 id = image_chip(w->blob);

	if (id < 0 || l->chip->image_id < 0 || id == l->chip->image_id)
		return 0;
	other = chip_by_image_id((uint32_t)id);
	if (other == NULL)
		return link_fail(l, ERR_IMAGE, "%s is an image for another "
		    "chip (chip id %d), this is an %s", w->blob->name, id,
		    l->chip->name);
	return link_fail(l, ERR_IMAGE, "%s is an image for %s, this is an %s",
	    w->blob->name, other->name, l->chip->name);
}

static int
check_write(struct link *l, const struct link_write *w)
{
	char	size[SIZE_NAME];

	if (w->offset % 4 != 0)
		return link_fail(l, ERR_ALIGN, "%s: the offset 0x%x is not a "
		    "multiple of 4", w->blob->name, w->offset);
	if (!fits(l, w->offset, w->blob->len)) {
		text_size_name(size, sizeof size, l->found.flash_bytes);
		return link_fail(l, ERR_BEYOND_FLASH, "%s (%zu bytes) at 0x%x "
		    "does not fit: the flash ends at 0x%x (%s)",
		    w->blob->name, w->blob->file_len, w->offset,
		    l->found.flash_bytes, size);
	}
	return check_image(l, w);
}

static int
check_erase(struct link *l)
{
	const struct link_flash	*f = &l->flash;

	if (f->erase_offset % FLASH_SECTOR != 0 || f->erase_bytes % FLASH_SECTOR != 0)
		return link_fail(l, ERR_ALIGN, "flash is erased in sectors: "
		    "offset 0x%x and length 0x%x must be multiples of 0x%x",
		    f->erase_offset, f->erase_bytes, FLASH_SECTOR);
	if (!fits(l, f->erase_offset, f->erase_bytes))
		return link_fail(l, ERR_BEYOND_FLASH, "0x%x bytes to erase "
		    "from 0x%x do not fit: the flash ends at 0x%x",
		    f->erase_bytes, f->erase_offset, l->found.flash_bytes);
	return 0;
}

int
phase_check(struct link *l)
{
	const struct link_flash	*f = &l->flash;

	for (size_t i = 0; i < f->write_count; i++)
		TRY(check_write(l, &f->writes[i]));
	TRY(check_erase(l));
	if (!fits(l, f->read_offset, f->read_bytes))
		return link_fail(l, ERR_BEYOND_FLASH, "0x%x bytes to read "
		    "from 0x%x do not fit: the flash ends at 0x%x",
		    f->read_bytes, f->read_offset, l->found.flash_bytes);
	return 0;
}
