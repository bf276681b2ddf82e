/*
 * check: everything the job is about to do fits the chip, its fuses and its
 * flash.  Nothing is sent but questions; a job that fails here has changed
 * nothing.
 */
#include "daemon/link/link.h"

#include "daemon/link/guards.h"
#include "daemon/link/images.h"
#include "daemon/link/signatures.h"
#include "daemon/link/try.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/image/header.h"

enum { SIZE_NAME = 24 };

/* ---- images ---- */

/* An image with a header for another chip, or for another revision. */
static int
check_target(struct link *l, const struct link_write *w)
{
	const struct chip	*other;
	const char		*name = w->blob->name;
	struct header		 h;
	struct why		 why = { 0 };

	if (l->chip->image_id < 0 || header_parse(w->blob->data,
	    w->blob->file_len, true, &h) < 0 || h.chip_id == HEADER_ANY_CHIP)
		return 0;
	if (h.chip_id != l->chip->image_id) {
		other = chip_by_image_id(h.chip_id);
		return link_fail(l, ERR_IMAGE, "'%s' is not an %s image. Use "
		    "the force argument to flash anyway. Unexpected chip ID in "
		    "image. Expected %d but value was %u. Is this image for a "
		    "different chip model? (%u is %s.)", name, l->chip->name,
		    l->chip->image_id, h.chip_id, h.chip_id,
		    other != NULL ? other->name : "not known");
	}
	if (!l->found.facts.has_revision ||
	    header_check_revision(&h, l->chip, l->found.facts.revision,
	    &why) == 0)
		return 0;
	return link_fail(l, ERR_IMAGE, "'%s' requires %s. Use the force "
	    "argument to flash anyway.", name, why.text);
}

static int
check_size(struct link *l, size_t i)
{
	const struct link_write		*w = &l->flash.writes[i];
	const struct link_image		*im = &l->images[i];
	uint64_t			 end = link_flash_end(l);
	char				 size[SIZE_NAME];

	if (w->offset + (uint64_t)w->blob->file_len <= end &&
	    im->start + (uint64_t)im->data->len <= end)
		return 0;
	text_size_name(size, sizeof size, (uint32_t)end);
	return link_fail(l, ERR_BEYOND_FLASH, "File '%s' (length %zu) at "
	    "offset 0x%08x will not fit in %u bytes of flash: it ends at 0x%x "
	    "(%s). Change the flash_size argument or flashing address.",
	    w->blob->name, w->blob->file_len, w->offset, (uint32_t)end,
	    (uint32_t)end, size);
}

static int
check_writes(struct link *l)
{
	for (size_t i = 0; i < l->flash.write_count && !l->opt.force &&
	    !l->flash.must_verify; i++)
		TRY(check_target(l, &l->flash.writes[i]));
	if (!l->flash.must_verify)
		TRY(guards_write(l));
	TRY(images_prepare(l));
	for (size_t i = 0; i < l->flash.write_count; i++)
		TRY(check_size(l, i));
	return l->flash.must_verify ? 0 : signatures_check(l);
}

/* ---- erasing and reading ---- */

/* A range that may go "up to the end": its bytes are set. */
static int
check_range(struct link *l, const char *what, bool rest, uint32_t offset,
    uint32_t *bytes)
{
	uint64_t	end = link_flash_end(l);

	if (rest && end > UINT32_MAX)
		return link_fail(l, ERR_PARAMS, "the size of the flash is not "
		    "known, so say how many bytes to %s (or the flash_size)",
		    what);
	if (rest && offset < end)
		*bytes = (uint32_t)end - offset;
	if (offset + (uint64_t)*bytes <= end && (!rest || offset < end))
		return 0;
	return link_fail(l, ERR_BEYOND_FLASH, "0x%x bytes to %s from 0x%x do "
	    "not fit: the flash ends at 0x%x. Can't access flash regions "
	    "larger than detected flash size", *bytes, what, offset,
	    (uint32_t)end);
}

static int
check_erase(struct link *l)
{
	struct link_flash	*f = &l->flash;

	if (f->erase_all)
		return guards_erase(l, 0, 0);
	if (f->erase_bytes == 0 && !f->erase_rest)
		return 0;
	if (f->erase_offset % FLASH_SECTOR != 0 ||
	    f->erase_bytes % FLASH_SECTOR != 0)
		return link_fail(l, ERR_ALIGN, "flash is erased in sectors: "
		    "offset 0x%x and length 0x%x must be multiples of 0x%x",
		    f->erase_offset, f->erase_bytes, FLASH_SECTOR);
	TRY(check_range(l, "erase", f->erase_rest, f->erase_offset,
	    &f->erase_bytes));
	return guards_erase(l, f->erase_offset, f->erase_bytes);
}

/* Nothing is written, erased or read at a place that nobody knows. */
static int
check_places(struct link *l)
{
	bool	open = l->flash.open;

	for (size_t i = 0; i < l->flash.write_count; i++)
		open |= l->flash.writes[i].open;
	return open ? link_fail(l, ERR_INTERNAL, "the place of a partition is "
	    "not known; nothing was done") : 0;
}

int
phase_check(struct link *l)
{
	struct link_flash	*f = &l->flash;

	TRY(check_places(l));
	TRY(check_writes(l));
	TRY(check_erase(l));
	return check_range(l, "read", f->read_rest, f->read_offset,
	    &f->read_bytes);
}
