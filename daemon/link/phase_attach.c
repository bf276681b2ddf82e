/*
 * attach: make the loader talk to the flash chip, and learn its size.
 */
#include "daemon/link/link.h"

#include "daemon/link/spiflash.h"
#include "daemon/link/try.h"
#include "proto/base/err.h"
#include "proto/base/text.h"

enum {
	/* What a ROM is told when the size is not known: it refuses what lies
	 * beyond, and assumes 2 MB when told nothing. */
	UNKNOWN_FLASH	= 16 * 1024 * 1024,
	SIZE_NAME	= 24,
	WAKE		= 0xab,		/* "release power-down", JEDEC */
};

/* Connect the SPI controller to the pins of the flash.  Stubs did it when
 * they started. */
int
link_attach(struct link *l)
{
	const struct rom_begin	nothing = {
		.block_bytes = ROM_FLASH_BLOCK,
		.five_words = (l->chip->caps & CHIP_ROM_BEGIN5) != 0,
	};
	int			err;

	if (l->rom.stub)
		return 0;
	/* The ESP8266 has no SPI_ATTACH: its FLASH_BEGIN does it. */
	if ((l->chip->caps & CHIP_ROM_ATTACH) == 0)
		err = rom_flash_begin(&l->rom, &nothing, ROM_REPLY_MS);
	else
		err = rom_spi_attach(&l->rom, 0);
	if (err < 0)
		return link_fail_rom(l, err, "attach the flash chip");
	return 0;
}

/* A flash left asleep or in continuous read hears only a reset. */
static int
ask_id(struct link *l, uint32_t *rdid)
{
	struct spiflash	f;

	TRY(spiflash_open(&f, &l->rom, l->chip));
	TRY(spiflash_id(&f, rdid));
	if (flashid_absent(*rdid)) {
		TRY(spiflash_command(&f, WAKE));
		TRY(spiflash_reset(&f));
		TRY(spiflash_id(&f, rdid));
	}
	return spiflash_close(&f);
}

static int
read_id(struct link *l)
{
	uint32_t	*rdid = &l->found.rdid;
	int		 err;

	err = ask_id(l, rdid);
	if (err == ERR_FLASH)
		return link_fail(l, err, "the SPI controller of the %s does "
		    "not finish a command to the flash chip", l->chip->name);
	if (err < 0)
		return link_fail_rom(l, err, "read the flash chip's id");
	if (flashid_absent(*rdid))
		return link_fail(l, ERR_FLASH, "the flash chip does not answer "
		    "(its id reads 0x%06x); check its wiring and supply, and "
		    "that the boot pins select the right flash voltage",
		    *rdid);
	return 0;
}

/* The size that counts: what the chip says, as far as the loader reaches. */
static void
choose_size(struct link *l)
{
	char		has[SIZE_NAME], used[SIZE_NAME];
	uint32_t	most = l->chip->flash_max;

	if (!l->rom.stub && most > CHIP_ROM_FLASH_MAX)
		most = CHIP_ROM_FLASH_MAX;
	flashid_parse(l->found.rdid, &l->found.flash);
	l->found.flash_bytes = l->found.flash.size;
	if (l->found.flash.size == 0) {
		link_note(l, "the flash chip's id 0x%06x does not tell its "
		    "size; sizes are not checked", l->found.rdid);
		return;
	}
	if (most == 0 || l->found.flash.size <= most)
		return;
	text_size_name(has, sizeof has, l->found.flash.size);
	text_size_name(used, sizeof used, most);
	link_note(l, "the flash chip has %s, of which %s can be reached", has,
	    used);
	l->found.flash_bytes = most;
}

int
phase_attach(struct link *l)
{
	uint32_t	bytes;
	int		err;

	TRY(link_attach(l));
	if (link_is_secure(l)) {
		link_note(l, "the flash size cannot be read in secure "
		    "download mode; sizes are not checked");
	} else {
		TRY(read_id(l));
		choose_size(l);
	}
	if (!l->rom.stub && (l->chip->caps & CHIP_ROM_ATTACH) == 0)
		return 0;	/* ESP8266 ROM: no such command, none needed */
	bytes = l->found.flash_bytes != 0 ? l->found.flash_bytes :
	    UNKNOWN_FLASH;
	if ((err = rom_spi_set_params(&l->rom, bytes)) < 0)
		return link_fail_rom(l, err, "tell the loader the flash size");
	return 0;
}
