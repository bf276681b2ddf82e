/*
 * identify: which chip is it, and what does it say of itself.
 *
 * Newer ROMs tell a chip id with GET_SECURITY_INFO; the ESP8266 and the ESP32
 * do not know the command, the ESP32-S2 leaves the id out, and they are told by
 * a word of their ROM.
 */
#include "daemon/link/link.h"

#include <stdio.h>
#include <string.h>

#include "daemon/link/regs.h"
#include "daemon/link/try.h"
#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/base/text.h"

enum {
	WORDS_MAX	= 128,		/* fuses remembered while a chip is
					 * identified */
	LINE		= 16,		/* words that our own stub reads at once */
	FUSES		= 0x200,	/* bytes behind efuse_base: registers
					 * that reading does not change */
};

/* Ask for the security info; a loader without it is fine. */
static int
ask_security(struct link *l)
{
	int	err;

	err = rom_security_info(&l->rom, &l->found.secinfo);
	if (err == ERR_UNSUPPORTED)
		return 0;
	if (err < 0)
		return link_fail_rom(l, err, "ask for the chip's id");
	l->found.has_secinfo = true;
	return 0;
}

static int
ask_magic(struct link *l, uint32_t *magic)
{
	int	err;

	if ((err = rom_read_reg(&l->rom, CHIP_MAGIC_REG, magic)) < 0)
		return link_fail_rom(l, err, "read which chip it is");
	return 0;
}

/* Find out; *chip is NULL for one we do not know, with its name in `who`. */
static int
find_chip(struct link *l, const struct chip **chip, char *who, size_t size)
{
	const struct secinfo	*s = &l->found.secinfo;
	uint32_t		 magic = 0;

	/* Asking an ESP32 for what it does not know costs nine answers. */
	if (l->opt.chip != NULL && l->opt.chip->by_magic &&
	    (l->opt.chip->caps & CHIP_ROM_SECINFO) == 0) {
		TRY(ask_magic(l, &magic));
		if (magic == l->opt.chip->magic) {
			*chip = l->opt.chip;
			return 0;
		}
	}
	TRY(ask_security(l));
	*chip = NULL;
	if (l->found.has_secinfo && s->has_chip_id) {
		*chip = chip_by_image_id(s->chip_id);
		(void)snprintf(who, size, "chip id %u", s->chip_id);
	}
	/* In secure download mode no word can be read. */
	if (l->found.has_secinfo && !s->has_chip_id && link_is_secure(l))
		*chip = chip_without_id();
	if (*chip == NULL && !link_is_secure(l)) {
		TRY(ask_magic(l, &magic));
		*chip = chip_by_magic(magic);
		if (!(l->found.has_secinfo && s->has_chip_id))
			(void)snprintf(who, size, "ROM word 0x%08x", magic);
	}
	return 0;
}

static int
check_chip(struct link *l, const struct chip *chip, const char *who)
{
	const struct chip	*want = l->opt.chip;

	if (chip == NULL && want != NULL)
		return link_fail(l, ERR_CHIP_MISMATCH, "this chip (%s) is not "
		    "an %s", who, want->name);
	if (chip == NULL)
		return link_fail(l, ERR_CHIP_UNKNOWN, "this chip (%s) is not "
		    "known; known are %s", who, chip_names());
	if (want != NULL && want != chip)
		return link_fail(l, ERR_CHIP_MISMATCH, "this is an %s, not an "
		    "%s. Wrong chip argument? Connect the right board or name "
		    "the right chip",
		    chip->name, want->name);
	return 0;
}

/* What a chip in secure download mode lets us know, and do. */
static int
go_on_in_secret(struct link *l)
{
	struct chip_facts	*f = &l->found.facts;

	(void)snprintf(f->description, sizeof f->description, "%s",
	    l->chip->name);
	if (!l->opt.secure_ok)
		return link_fail(l, ERR_SECURITY, "this command is not "
		    "available in secure download mode, which the fuses of "
		    "this %s demand: it only takes writing, erasing a region "
		    "and asking for its security info; nothing was done to it",
		    l->chip->name);
	link_note(l, "the chip is in secure download mode: its MAC, revision "
	    "and flash id cannot be read");
	return 0;
}

/* Fuses that were read: revision, MAC and security stand in the same few
 * words, and each costs a round trip. */
struct words {
	struct link	*link;
	size_t		 count;
	struct { uint32_t addr, value; } word[WORDS_MAX];
};

static void
remember(struct words *w, uint32_t addr, uint32_t value)
{
	if (w->count == WORDS_MAX)
		return;
	w->word[w->count].addr = addr;
	w->word[w->count++].value = value;
}

/* A fuse and those around it, which will be asked for next. */
static int
read_line(struct words *w, uint32_t addr)
{
	uint32_t	from = addr - addr % (4 * LINE);
	uint8_t		line[4 * LINE];
	size_t		done;

	TRY(regs_read(&w->link->rom, from, line, LINE, &done));
	for (uint32_t i = 0; i < LINE; i++)
		remember(w, from + 4 * i, le32_get(line + 4 * i));
	return 0;
}

static bool
is_fuse(const struct link *l, uint32_t addr)
{
	const struct chip	*c = l->chip;

	return c->mac.form == CHIP_MAC_EFUSE && addr >= c->efuse_base &&
	    addr - c->efuse_base < FUSES && addr % 4 == 0;
}

static bool
recall(const struct words *w, uint32_t addr, uint32_t *value)
{
	for (size_t i = 0; i < w->count; i++)
		if (w->word[i].addr == addr) {
			*value = w->word[i].value;
			return true;
		}
	return false;
}

/* A register, from the chip only the first time; arg is a struct words. */
static int
read_once(void *arg, uint32_t addr, uint32_t *value)
{
	struct words	*w = arg;

	if (recall(w, addr, value))
		return 0;
	if (ext_there(&w->link->rom) && is_fuse(w->link, addr)) {
		TRY(read_line(w, addr));
		if (recall(w, addr, value))
			return 0;
	}
	TRY(link_read_reg(w->link, addr, value));
	remember(w, addr, *value);
	return 0;
}

/* Shall the chip encrypt something?  Only then its key matters. */
static bool
encrypts(const struct link *l)
{
	for (size_t i = 0; i < l->flash.write_count; i++)
		if (l->flash.writes[i].encrypt)
			return true;
	return false;
}

/* Revision, MAC and the rest, as far as registers may be read. */
static int
read_facts(struct link *l)
{
	struct words		 seen = { .link = l };
	struct chip_facts	*f = &l->found.facts;
	int			 err;

	if (link_is_secure(l))
		return go_on_in_secret(l);
	err = chip_identify(l->chip, read_once, &seen, l->baud, f);
	if (err == ERR_CHIP_UNKNOWN)
		return link_fail(l, err, "the %s has a MAC address of no "
		    "known maker", l->chip->name);
	if (err < 0)
		return link_fail_rom(l, err, "read the chip's MAC and "
		    "revision");
	/* A stub may have given the UART another clock (Espressif's does so on
	 * the ESP32), and then its divider measures nothing. */
	if (l->rom.stub && (l->chip->caps & CHIP_XTAL_MEASURED) != 0)
		f->xtal_mhz = 0;
	err = security_read(l->chip, f->revision, encrypts(l), read_once,
	    &seen, &l->found.security);
	if (err < 0)
		return link_fail_rom(l, err, "read the chip's security fuses");
	return 0;
}

/* After the port went away: is it still the board that the job began on? */
static int
check_same_board(struct link *l)
{
	const uint8_t	*mac = l->found.facts.mac;
	char		 is[TEXT_MAC_MAX], was[TEXT_MAC_MAX];

	if (!l->opt.has_expected)
		return 0;
	text_mac(was, l->opt.expected_mac);
	if (link_is_secure(l))
		return link_fail(l, ERR_CHIP_MISMATCH, "this board does not "
		    "tell its MAC (secure download mode), so it is not the "
		    "one that the job began on (%s): nothing was written to "
		    "it", was);
	if (memcmp(mac, l->opt.expected_mac, sizeof l->opt.expected_mac) == 0)
		return 0;
	text_mac(is, mac);
	return link_fail(l, ERR_CHIP_MISMATCH, "another board was plugged in: "
	    "its MAC is %s, the job began on %s; nothing was written to it",
	    is, was);
}

/* Over its own USB a chip's watchdogs keep running and would cut the work. */
static int
stop_watchdogs(struct link *l)
{
	int	err;

	if (!link_is_usb_jtag(l) || l->chip->rtc_wdt.config0 == 0 ||
	    l->rom.stub || link_is_secure(l))
		return 0;
	if ((err = regs_wdt_off(&l->rom, &l->chip->rtc_wdt)) < 0)
		return link_fail_rom(l, err, "stop the chip's watchdogs");
	return 0;
}

int
phase_identify(struct link *l)
{
	const struct chip	*chip;
	char			 who[48] = "no id";

	if (l->rom.stub)
		TRY(link_ask_stub(l));
	TRY(find_chip(l, &chip, who, sizeof who));
	TRY(check_chip(l, chip, who));
	l->chip = chip;
	l->rom.status2 = (chip->caps & CHIP_STATUS2) != 0;
	l->rom.usb_otg = link_is_usb_otg(l);
	TRY(read_facts(l));
	TRY(check_same_board(l));
	TRY(stop_watchdogs(l));
	return link_power(l);
}
