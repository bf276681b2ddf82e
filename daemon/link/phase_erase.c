/*
 * erase: the whole flash, or a region of it.
 */
#include "daemon/link/link.h"

#include <stdio.h>

#include "daemon/link/try.h"
#include "proto/base/err.h"

enum { ERASE_ALL_MS = 120000 };	/* datasheets: up to 100 s for 16 MB */

/* A ROM has no command to erase; its FLASH_BEGIN does, and no data needs to
 * follow. */
static int
erase_by_rom(struct link *l, uint32_t offset, uint32_t bytes,
    const char *doing)
{
	const struct rom_begin	b = {
		.bytes = bytes,
		.blocks = (bytes + ROM_FLASH_BLOCK - 1) / ROM_FLASH_BLOCK,
		.block_bytes = ROM_FLASH_BLOCK,
		.offset = offset,
		.five_words = (l->chip->caps & CHIP_ROM_BEGIN5) != 0,
	};
	int			err;

	if ((l->chip->caps & CHIP_ERASE_QUIRK) != 0)
		return link_fail(l, ERR_UNSUPPORTED, "could not %s: the ROM "
		    "loader of the %s erases more than it is told; this needs "
		    "the flasher stub", doing, l->chip->name);
	err = rom_flash_begin(&l->rom, &b, link_write_ms(bytes));
	return err < 0 ? link_fail_rom(l, err, doing) : 0;
}

static int
erase_all(struct link *l)
{
	static const char	doing[] = "erase the flash";
	unsigned		ms = link_write_ms(l->found.flash_bytes);
	int			err;

	if (!l->rom.stub && l->found.flash_bytes == 0)
		return link_fail(l, ERR_UNSUPPORTED, "could not %s: its size "
		    "is not known to the ROM loader; erase a region instead",
		    doing);
	if (!l->rom.stub)
		return erase_by_rom(l, 0, l->found.flash_bytes, doing);
	err = rom_erase_flash(&l->rom, ms > ERASE_ALL_MS ? ms : ERASE_ALL_MS);
	return err < 0 ? link_fail_rom(l, err, doing) : 0;
}

static int
erase_region(struct link *l, uint32_t offset, uint32_t bytes)
{
	char	doing[64];
	int	err;

	(void)snprintf(doing, sizeof doing, "erase 0x%x bytes at 0x%x", bytes,
	    offset);
	if (!l->rom.stub)
		return erase_by_rom(l, offset, bytes, doing);
	err = rom_erase_region(&l->rom, offset, bytes, link_write_ms(bytes));
	return err < 0 ? link_fail_rom(l, err, doing) : 0;
}

int
phase_erase(struct link *l)
{
	const struct link_flash	*f = &l->flash;

	if (f->erase_all) {
		/* Not what an earlier attempt has written since. */
		if (!l->resume.erased)
			TRY(erase_all(l));
		l->resume.erased = true;
		return 0;
	}
	if (f->erase_bytes == 0)
		return 0;
	return erase_region(l, f->erase_offset, f->erase_bytes);
}
