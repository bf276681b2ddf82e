/*
 * mem: words of the chip's memory and registers.  Loaders read aligned words
 * only.
 */
#include "daemon/link/link.h"

#include <stdio.h>

#include "daemon/link/regs.h"
#include "daemon/link/try.h"
#include "proto/base/err.h"

enum {
	WORD	= 4,		/* bytes */
	PIECE	= 1024,		/* bytes handed on at once */
};

static int
fail_at(struct link *l, int err, const char *what, uint32_t address)
{
	char	doing[48];

	(void)snprintf(doing, sizeof doing, "%s 0x%08x", what, address);
	return link_fail_rom(l, err, doing);
}

int
phase_mem_read(struct link *l)
{
	const uint32_t	address = l->flash.mem.address;
	int		err;

	if ((err = rom_read_reg(&l->rom, address, &l->found.word)) < 0)
		return fail_at(l, err, "read the word at", address);
	return 0;
}

int
phase_mem_write(struct link *l)
{
	const struct link_mem	*m = &l->flash.mem;
	int			 err;

	err = rom_write_reg(&l->rom, m->address, m->value, m->mask, 0);
	if (err < 0)
		return fail_at(l, err, "write the word at", m->address);
	return 0;
}

/* Hand on what has been read. */
static int
deliver(struct link *l, const uint8_t *data, size_t len, uint32_t *done)
{
	TRY(link_sink(l, data, len));
	*done += (uint32_t)len;
	link_progress(l, *done, l->flash.mem.bytes);
	return link_check_deadline(l);
}

int
phase_mem_dump(struct link *l)
{
	const struct link_mem	*m = &l->flash.mem;
	uint8_t			 piece[PIECE];
	uint32_t		 done = 0;

	link_progress(l, 0, m->bytes);
	while (done < m->bytes) {
		uint32_t	at = m->address + done;
		uint32_t	skip = at % WORD, n = PIECE - skip;
		size_t		words;
		int		err;

		/* The ends need not be whole words. */
		if (n > m->bytes - done)
			n = m->bytes - done;
		err = regs_read(&l->rom, at - skip, piece,
		    (skip + n + WORD - 1) / WORD, &words);
		if (err < 0)
			return fail_at(l, err, "read the memory at",
			    at - skip + WORD * (uint32_t)words);
		TRY(deliver(l, piece + skip, n, &done));
	}
	return 0;
}
