/*
 * ram: load a program into RAM and start it.  Everything is checked before the
 * first byte is loaded.
 */
#include "daemon/link/link.h"

#include <stdio.h>

#include "daemon/link/ext.h"
#include "daemon/link/stubs.h"
#include "daemon/link/try.h"
#include "proto/base/err.h"
#include "proto/image/segments.h"

/* Is it for this chip? */
static int
check_chip(struct link *l, const char *name, const struct segments *s)
{
	const struct chip	*other;
	char			 number[32];

	if (l->chip->image_id < 0 || s->chip_id == l->chip->image_id ||
	    l->opt.force)
		return 0;
	other = chip_by_image_id(s->chip_id);
	(void)snprintf(number, sizeof number, "chip number %u", s->chip_id);
	return link_fail(l, ERR_IMAGE, "%s is an image for the %s, this is an "
	    "%s: nothing was loaded", name,
	    other != NULL ? other->name : number, l->chip->name);
}

/* A part of a stub that runs, against all segments. */
static int
check_clear(struct link *l, const struct segments *s, uint32_t from,
    uint64_t to)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct segment	*g = &s->list[i];
		uint64_t		 end = g->addr + (uint64_t)g->len;

		if (g->len == 0 || g->addr >= to || end <= from)
			continue;
		return link_fail(l, ERR_IMAGE, "a flasher stub is running at "
		    "0x%08x-0x%08x, where segment %zu (0x%08x-0x%08x) would "
		    "overwrite it; reset the chip and load again: nothing was "
		    "loaded", from, (uint32_t)to, i + 1, g->addr,
		    (uint32_t)end);
	}
	return 0;
}

/* Its variables: those with a value, and those that begin as zero, of which
 * only the start is known. */
static int
check_data(struct link *l, const struct segments *s,
    const struct stub_image *stub)
{
	uint32_t	from = stub->data_start;
	uint64_t	to = stub->data_start + (uint64_t)stub->data_len;

	if (stub->bss_start != 0 && (from == 0 || stub->bss_start < from))
		from = stub->bss_start;
	return from < to ? check_clear(l, s, from, to) : 0;
}

/* A stub that was left running does the loading: it must not be hit. */
static int
check_stub(struct link *l, const struct segments *s)
{
	const struct stub_wish	 wish = {
		.choice = ext_there(&l->rom) ? STUB_OWN : STUB_ESPRESSIF,
		.chip = l->chip,
		.revision = l->found.facts.revision,
		.path = l->opt.stub_path,
	};
	struct stub_image	*stub;
	struct why		 why = { 0 };
	int			 err;

	if (!l->rom.stub)
		return 0;
	err = stubs_load(&wish, &stub, &why);
	if (err < 0) {
		link_note(l, "a flasher stub is running, and it is not known "
		    "where: the program may overwrite it");
		return 0;
	}
	err = check_clear(l, s, stub->text_start,
	    stub->text_start + (uint64_t)stub->text_len);
	if (err == 0)
		err = check_data(l, s, stub);
	stubs_free(stub);
	return err;
}

/* One segment into its place. */
static int
load_one(struct link *l, const struct segment *s, uint64_t *done,
    uint64_t total)
{
	const uint8_t	*data = s->data;
	size_t		 left = s->len;
	char		 doing[64];
	int		 err;

	(void)snprintf(doing, sizeof doing, "load %zu bytes into RAM at "
	    "0x%08x", s->len, s->addr);
	err = rom_mem_begin(&l->rom, (uint32_t)s->len, s->addr);
	if (err < 0)
		return link_fail_rom(l, err, doing);
	for (uint32_t seq = 0; left > 0; seq++) {
		size_t	most = rom_mem_block(&l->rom);
		size_t	n = left < most ? left : most;

		if ((err = rom_mem_data(&l->rom, seq, data, n)) < 0)
			return link_fail_rom(l, err, doing);
		data += n;
		left -= n;
		*done += n;
		link_progress(l, *done, total);
	}
	return 0;
}

static int
load_all(struct link *l, const struct segments *s)
{
	uint64_t	done = 0, total = 0;

	for (size_t i = 0; i < s->count; i++)
		total += s->list[i].len;
	link_progress(l, 0, total);
	for (size_t i = 0; i < s->count; i++)
		if (s->list[i].len > 0)
			TRY(load_one(l, &s->list[i], &done, total));
	return 0;
}

int
phase_ram(struct link *l)
{
	const struct blob	*b = l->flash.writes[0].blob;
	struct segments		 s;
	struct why		 why = { 0 };
	int			 err;

	err = segments_parse(b->data, b->file_len, l->chip->image_id >= 0, &s,
	    &why);
	if (err < 0)
		return link_fail(l, err, "%s cannot be loaded into RAM: %s",
		    b->name, why_text(&why));
	TRY(check_chip(l, b->name, &s));
	TRY(check_stub(l, &s));
	TRY(load_all(l, &s));
	if ((err = rom_mem_end(&l->rom, s.entry)) < 0)
		return link_fail_rom(l, err, "start the program in RAM");
	l->found.ram_entry = s.entry;
	l->found.ram_segments = (uint32_t)s.count;
	l->leave = NULL;	/* it runs: a reset would end it */
	return 0;
}
