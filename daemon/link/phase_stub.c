/*
 * stub: load the flasher stub into RAM and start it.
 */
#include "daemon/link/link.h"

#include <stdio.h>
#include <string.h>

#include "daemon/link/stubs.h"
#include "daemon/link/try.h"
#include "proto/base/err.h"

enum { LOAD_BAUD = 460800 };	/* tried with the mask ROMs of C3 and S3 */

/* Load one part of the stub to its place. */
static int
load_part(struct link *l, const char *what, const uint8_t *data, size_t len,
    uint32_t addr)
{
	char	doing[64];
	int	err;

	if (len == 0)
		return 0;
	(void)snprintf(doing, sizeof doing, "load the stub's %s into RAM",
	    what);
	if ((err = rom_mem_begin(&l->rom, (uint32_t)len, addr)) < 0)
		return link_fail_rom(l, err, doing);
	for (uint32_t seq = 0; len > 0; seq++) {
		size_t	most = rom_mem_block(&l->rom);
		size_t	n = len < most ? len : most;

		if ((err = rom_mem_data(&l->rom, seq, data, n)) < 0)
			return link_fail_rom(l, err, doing);
		data += n;
		len -= n;
	}
	return 0;
}

/* Is secure boot on, as the fuses or the ROM say? */
static bool
has_secure_boot(const struct link *l)
{
	return l->found.security.secure_boot || (l->found.has_secinfo &&
	    (l->found.secinfo.flags & SECINFO_SECURE_BOOT) != 0);
}

/* Jump to the stub and hear its greeting. */
static int
jump(struct link *l, const struct stub_image *s)
{
	TRY(rom_mem_end(&l->rom, s->entry));
	return rom_wait_stub(&l->rom, ROM_REPLY_MS);
}

/*
 * With secure boot on, some ROM does not jump into RAM; but it calls its flash
 * reader through a word there (struct chip, secboot_hook).  The stub takes the
 * reader's place for one call and gives it back when it runs.  Order: esptool
 * 5.3, targets/esp32s3.py.
 */
static int
jump_by_hook(struct link *l, const struct stub_image *s)
{
	uint32_t	hook = l->chip->secboot_hook, reader;
	int		err;

	TRY(rom_mem_end(&l->rom, 0));
	TRY(rom_read_reg(&l->rom, hook, &reader));
	TRY(rom_write_reg(&l->rom, hook, s->entry, UINT32_MAX, 0));
	TRY(rom_post_read(&l->rom));
	if ((err = rom_wait_stub(&l->rom, ROM_REPLY_MS)) < 0)
		return err;
	return rom_write_reg(&l->rom, hook, reader, UINT32_MAX, 0);
}

/*
 * Most of the time until a stub runs is its way over the line, so a ROM that was
 * seen to take it faster gets it faster.  Not where no reset could help if that
 * went wrong, and over the chip's own USB there is no rate.
 */
static bool
may_speed_up(const struct link *l)
{
	return (l->chip->caps & CHIP_FAST_LOAD) != 0 && !l->slow_load &&
	    l->opt.has_lines && l->opt.before == LINK_DEFAULT_RESET &&
	    !link_is_usb_jtag(l) && !link_is_usb_otg(l) &&
	    l->opt.baud > l->baud;
}

static int
speed_up(struct link *l)
{
	struct why	why = { 0 };
	uint32_t	baud = l->opt.baud < LOAD_BAUD ? l->opt.baud :
			    LOAD_BAUD;

	return may_speed_up(l) ? link_change_baud(l, baud, &why) : 0;
}

static int
load(struct link *l, const struct stub_image *s)
{
	int	err;

	if ((err = speed_up(l)) < 0)
		return link_fail_rom(l, err, "change the rate");
	TRY(load_part(l, "code", s->text, s->text_len, s->text_start));
	return load_part(l, "data", s->data, s->data_len, s->data_start);
}

/* At the first rate when a higher one did not work: then the chip is somewhere
 * between the two, and only a reset helps. */
static int
load_again(struct link *l, const struct stub_image *s)
{
	why_clear(&l->why);
	l->slow_load = true;
	TRY(phase_connect(l));
	return load(l, s);
}

static int
start(struct link *l, const struct stub_image *s)
{
	bool	fast = may_speed_up(l);
	int	err;

	err = load(l, s);
	if (fast && (err == ERR_TIMEOUT || err == ERR_NOISE ||
	    err == ERR_REFUSED))
		err = load_again(l, s);
	TRY(err);
	err = l->chip->secboot_hook != 0 && has_secure_boot(l) ?
	    jump_by_hook(l, s) : jump(l, s);
	if (err == ERR_TIMEOUT || err == ERR_NOISE)
		return link_fail(l, ERR_STUB, "the flasher stub %s was loaded "
		    "but did not start; try without a stub", s->path);
	if (err < 0)
		return link_fail_rom(l, err, "start the flasher stub");
	l->rom.stub = true;
	return link_ask_stub(l);
}

/* A reason to let the ROM do the work, or NULL. */
static const char *
unwanted(const struct link *l)
{
	if (link_is_secure(l))
		return "Stub flasher is not supported in Secure Download "
		    "Mode";
	if (has_secure_boot(l) &&
	    (l->chip->caps & CHIP_SECBOOT_NO_STUB) != 0)
		return "Stub flasher is not supported on this chip with "
		    "Secure Boot";
	if (l->found.facts.revision < l->chip->stub_from)
		return l->chip->stub_none;
	return NULL;
}

/* Where it was looked for. */
static void
note_missing(struct link *l)
{
	const char	*name = l->chip->name;

	if (l->opt.stub == STUB_OWN && l->rom.usb_otg)
		link_note(l, "our flasher stub cannot use the USB-OTG of the "
		    "%s, which needs interrupts; the ROM loader does the work, "
		    "slower", name);
	else if (l->opt.stub == STUB_OWN)
		link_note(l, "there is no flasher stub of ours for the %s; the "
		    "ROM loader does the work, slower", name);
	else
		link_note(l, "no flasher stub for %s found; the ROM loader "
		    "does the work, slower (none in %s; --no-stub asks for "
		    "that)", name, l->opt.stub_path);
}

int
phase_stub(struct link *l)
{
	const struct stub_wish	 wish = {
		.choice = l->opt.stub, .chip = l->chip,
		.revision = l->found.facts.revision,
		.usb_otg = l->rom.usb_otg, .path = l->opt.stub_path,
	};
	struct stub_image	*s;
	struct why		 why = { 0 };
	const char		*reason;
	int			 err;

	if (l->rom.stub) {
		if (l->opt.stub == STUB_NONE)
			link_note(l, "a flasher stub is already running and "
			    "does the work; reset the chip to use its ROM "
			    "loader");
		return 0;	/* identify has asked whose it is */
	}
	if (l->opt.stub == STUB_NONE)
		return 0;
	if ((reason = unwanted(l)) != NULL) {
		link_note(l, "%s; the ROM loader does the work, slower",
		    reason);
		return 0;
	}
	err = stubs_load(&wish, &s, &why);
	if (err == ERR_FILE_MISSING) {
		note_missing(l);
		return 0;
	}
	if (err < 0)
		return link_fail(l, err, "%s", why_text(&why));
	err = start(l, s);
	stubs_free(s);
	return err;
}
