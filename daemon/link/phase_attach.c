/*
 * attach: make the loader talk to the flash chip, and learn its size.
 */
#include "daemon/link/link.h"

#include <stdio.h>
#include <string.h>

#include "daemon/link/spiflash.h"
#include "daemon/link/try.h"
#include "proto/base/err.h"
#include "proto/base/text.h"

enum {
	/* What a ROM is told when the size is not known: it refuses what lies
	 * beyond, and assumes 2 MB when told nothing. */
	UNKNOWN_FLASH	= 16 * 1024 * 1024,
	SIZE_NAME	= 24,
	RANGES		= 64,
	WAKE		= 0xab,		/* "release power-down", JEDEC */
	HSPI		= 1,		/* instead of pins */
	XMC		= 0x20,		/* JEDEC number of the maker */
	XMC_WAKE_MS	= 2,		/* tXUDPD */
};

/* "0-21, 26-48" */
static void
name_pins(uint64_t pins, char out[RANGES])
{
	size_t	at = 0;

	out[0] = '\0';
	for (unsigned i = 0; i < 64 && at < RANGES; i++) {
		unsigned	last = i;

		if ((pins >> i & 1) == 0)
			continue;
		while (last < 63 && (pins >> (last + 1) & 1) != 0)
			last++;
		at += (size_t)snprintf(out + at, RANGES - at, "%s%u",
		    at > 0 ? ", " : "", i);
		if (last > i && at < RANGES)
			at += (size_t)snprintf(out + at, RANGES - at, "-%u",
			    last);
		i = last;
	}
}

/* The user's pins must be some that can carry a flash. */
static int
check_pins(struct link *l)
{
	static const char *const	 names[] = { "CLK", "Q", "D", "HD", "CS" };
	const struct chip_pins		*p = &l->chip->pins;
	char				 ranges[RANGES];

	name_pins(p->allowed, ranges);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		unsigned	pin = l->opt.spi_pins[i];

		if (pin >= 64 || (p->allowed >> pin & 1) == 0)
			return link_fail(l, ERR_PARAMS, "%s cannot be pin %u: "
			    "SPI pin numbers must be in the range %s on the "
			    "%s", names[i], pin, ranges, l->chip->name);
		if (i == 3 && p->hd_max != 0 && pin > p->hd_max)
			return link_fail(l, ERR_PARAMS, "HD cannot be pin %u: "
			    "on the %s the SPI HD pin number must be <= %u",
			    pin, l->chip->name, p->hd_max);
		if ((p->usb >> pin & 1) != 0)
			link_note(l, "pin %u is one of the USB port; another "
			    "one for %s would leave that free", pin, names[i]);
	}
	return 0;
}

/* CLK, Q, D, HD, CS as SPI_ATTACH takes them; the order of the fields was
 * seen on the wire (esptool 5.3, loader.py). */
static uint32_t
pins_word(const uint8_t p[CHIP_PADS])
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[4] << 18 |
	    (uint32_t)p[2] << 12 | (uint32_t)p[1] << 6 | p[0];
}

/* The pins that the fuses tell, most of them in one word. */
static int
read_pads(struct link *l, uint32_t *word)
{
	const struct chip_field	*pads = l->chip->pins.pads;
	uint8_t			 pins[CHIP_PADS];
	uint32_t		 first, fuses;

	TRY(rom_read_reg(&l->rom, pads[0].addr, &first));
	for (size_t i = 0; i < CHIP_PADS; i++) {
		fuses = first;
		if (pads[i].addr != pads[0].addr)
			TRY(rom_read_reg(&l->rom, pads[i].addr, &fuses));
		pins[i] = (uint8_t)((fuses & pads[i].mask) /
		    (pads[i].mask & -pads[i].mask));
	}
	*word = pins_word(pins);
	return 0;
}

/* What SPI_ATTACH gets. */
static int
choose_pins(struct link *l, uint32_t *word)
{
	*word = 0;
	switch (l->opt.spi) {
	case LINK_SPI_HSPI:
		*word = HSPI;
		return 0;
	case LINK_SPI_PINS:
		*word = pins_word(l->opt.spi_pins);
		return 0;
	case LINK_SPI_DEFAULT:
		break;
	}
	if (l->chip->pins.pads[0].addr == 0 || link_is_secure(l))
		return 0;
	return read_pads(l, word);
}

/* The ESP8266 has no SPI_ATTACH: its FLASH_BEGIN does it. */
static int
attach_by_begin(struct link *l)
{
	const struct rom_begin	nothing = { .block_bytes = ROM_FLASH_BLOCK };

	return rom_flash_begin(&l->rom, &nothing, ROM_REPLY_MS);
}

int
link_attach(struct link *l)
{
	bool		can = (l->chip->caps & CHIP_ROM_ATTACH) != 0;
	uint32_t	word;
	int		err;

	if (l->opt.spi != LINK_SPI_DEFAULT && !can)
		return link_fail(l, ERR_UNSUPPORTED, "the flash of the %s "
		    "hangs on fixed pins: another SPI connection is not "
		    "supported by it", l->chip->name);
	if (l->opt.spi == LINK_SPI_PINS)
		TRY(check_pins(l));
	/* A stub did it when it started. */
	if (l->rom.stub && l->opt.spi == LINK_SPI_DEFAULT)
		return 0;
	if (!can) {
		err = attach_by_begin(l);
	} else {
		err = choose_pins(l, &word);
		if (err == 0)
			err = rom_spi_attach(&l->rom, word);
	}
	if (err < 0)
		return link_fail_rom(l, err, "attach the flash chip");
	return 0;
}

/* Parts of XMC that have started up tell one of these; ESP-IDF,
 * bootloader_flash.c. */
static bool
is_xmc(uint32_t rdid)
{
	unsigned	type = rdid >> 8 & 0xff, capacity = rdid >> 16 & 0xff;

	if ((rdid & 0xff) != XMC)
		return false;
	return (type == 0x40 && capacity >= 0x13 && capacity <= 0x20) ||
	    (type == 0x41 && capacity >= 0x17 && capacity <= 0x20) ||
	    (type == 0x50 && capacity >= 0x15 && capacity <= 0x16);
}

/* Into ultra deep power-down and out of it again. */
static int
restart_xmc(struct link *l, struct spiflash *f)
{
	static const uint8_t	steps[] = { 0xb9, 0x79, 0xff };

	TRY(spiflash_commands(f, steps, sizeof steps));
	TRY(wire_sleep(l->rom.wire, XMC_WAKE_MS));
	TRY(spiflash_command(f, WAKE));
	TRY(spiflash_id(f, &l->found.rdid));
	link_note(l, is_xmc(l->found.rdid) ? "this XMC flash chip had not "
	    "started up well; its start-up sequence has helped" :
	    "this XMC flash chip has not started up well, and its start-up "
	    "sequence did not help: take the power away for a moment");
	return 0;
}

/* The id.  A part of XMC that did not start up well gives a wrong one, but its
 * SFDP still tells who made it. */
static int
ask_id(struct link *l, struct spiflash *f)
{
	uint8_t	maker;

	TRY(spiflash_id_and_maker(f, &l->found.rdid, &maker));
	return maker == XMC && !is_xmc(l->found.rdid) ?
	    restart_xmc(l, f) : 0;
}

/* Any other sign of life: a flash left asleep hears only that it shall wake
 * up, one in the middle of something a reset. */
static int
find_sleeper(struct link *l, struct spiflash *f, bool *there)
{
	uint8_t	signature[4];

	TRY(spiflash_sfdp(f, 0, signature, sizeof signature));
	*there = memcmp(signature, "SFDP", sizeof signature) == 0;
	if (*there)
		return 0;
	TRY(spiflash_command(f, WAKE));
	TRY(spiflash_reset(f));
	TRY(spiflash_id(f, &l->found.rdid));
	*there = !flashid_absent(l->found.rdid);
	return 0;
}

/* The reset puts the flash into the state that the loaders expect, whatever a
 * program left it in. */
static int
look(struct link *l, bool *there)
{
	struct spiflash	f;

	TRY(spiflash_open(&f, &l->rom, l->chip));
	TRY(ask_id(l, &f));
	*there = !flashid_absent(l->found.rdid);
	if (!*there)
		TRY(find_sleeper(l, &f, there));
	TRY(spiflash_reset(&f));
	return spiflash_close(&f);
}

static int
find_flash(struct link *l)
{
	bool	there;
	int	err;

	err = look(l, &there);
	if (err == ERR_FLASH)
		return link_fail(l, err, "the SPI controller of the %s does "
		    "not finish a command to the flash chip", l->chip->name);
	if (err < 0)
		return link_fail_rom(l, err, "read the flash chip's id");
	if (!there)
		return link_fail(l, ERR_FLASH, "the flash chip does not answer "
		    "(its id reads 0x%06x); check its wiring and supply, and "
		    "that the boot pins select the right flash voltage%s",
		    l->found.rdid, l->opt.spi == LINK_SPI_DEFAULT ? "" :
		    "; other parts may use these pins, try some others");
	return 0;
}

/* The size that the user gave; 0: none.  "2MB-c1" is a way to arrange 2 MB. */
static uint32_t
given_size(const struct link *l)
{
	const char	*word = l->flash.header.size;
	char		 text[SIZE_NAME];
	uint32_t	 size;

	if (word == NULL)
		return 0;
	(void)snprintf(text, sizeof text, "%.*s", (int)strcspn(word, "-"),
	    word);
	return text_size(text, &size) == 0 ? size : 0;	/* "detect" */
}

/* The size that counts: what the chip says or the user, the smaller one, as far
 * as the loader reaches. */
static void
choose_size(struct link *l)
{
	uint32_t	given = given_size(l), most = l->chip->flash_max;
	uint32_t	has = l->found.flash.size;
	char		one[SIZE_NAME], two[SIZE_NAME];

	text_size_name(one, sizeof one, has);
	if (most > CHIP_ROM_FLASH_MAX && (!l->rom.stub ||
	    (ext_there(&l->rom) && !ext_can(&l->rom, EXT_CAP_4BYTE))))
		most = CHIP_ROM_FLASH_MAX;
	l->found.flash_bytes = has != 0 ? has : given;
	if (given != 0 && given < l->found.flash_bytes)
		l->found.flash_bytes = given;
	text_size_name(two, sizeof two, given);
	if (has != 0 && given > has)
		link_note(l, "the flash chip has %s, not %s: what it has "
		    "counts", one, two);
	if (most == 0 || l->found.flash_bytes <= most)
		return;
	text_size_name(one, sizeof one, l->found.flash_bytes);
	text_size_name(two, sizeof two, most);
	link_note(l, "the flash chip has %s, of which %s can be reached", one,
	    two);
	l->found.flash_bytes = most;
}

/* Without a size nothing is checked against it; say so. */
static void
note_unknown(struct link *l)
{
	if (l->found.flash_bytes != 0)
		return;
	if (link_is_secure(l))
		link_note(l, "the flash size cannot be read in secure download "
		    "mode: the loader is told 16MB, and sizes are not checked; "
		    "name the flash size to have them checked");
	else
		link_note(l, "the flash chip's id 0x%06x does not tell its "
		    "size; sizes are not checked", l->found.rdid);
}

int
phase_attach(struct link *l)
{
	uint32_t	bytes;
	int		err;

	if (link_is_secure(l) && l->flash.header.size != NULL &&
	    strcmp(l->flash.header.size, "detect") == 0)
		return link_fail(l, ERR_SECURITY, "Detecting flash size is "
		    "not supported in secure download mode. Name the size of "
		    "the flash instead");
	TRY(link_attach(l));
	if (!link_is_secure(l)) {
		TRY(find_flash(l));
		flashid_parse(l->found.rdid, &l->found.flash);
	}
	choose_size(l);
	note_unknown(l);
	if (!l->rom.stub && (l->chip->caps & CHIP_ROM_ATTACH) == 0)
		return 0;	/* ESP8266 ROM: no such command, none needed */
	bytes = l->found.flash_bytes != 0 ? l->found.flash_bytes :
	    UNKNOWN_FLASH;
	if ((err = rom_spi_set_params(&l->rom, bytes)) < 0)
		return link_fail_rom(l, err, "tell the loader the flash size");
	return 0;
}
