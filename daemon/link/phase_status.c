/*
 * status, set_status: the status registers of the flash chip.
 */
#include "daemon/link/link.h"

#include "daemon/link/spiflash.h"
#include "daemon/link/try.h"
#include "proto/base/bytes.h"
#include "proto/base/err.h"

enum {
	/* JEDEC commands, as in the data sheets of Winbond and GigaDevice. */
	WRITE_ENABLE		= 0x06,
	WRITE_ENABLE_VOLATILE	= 0x50,
	WRITE_DISABLE		= 0x04,
	BUSY			= 1 << 0,	/* of register 1 */
	READ_ONLY		= 0x03,		/* ... busy, and write enabled */
	WRITE_MS		= 1000,		/* data sheets: tW up to 30 ms,
						 * a few parts 200 ms */
};

static int
fail_status(struct link *l, int err, const char *doing)
{
	if (err == ERR_FLASH)
		return link_fail(l, err, "could not %s: the SPI controller of "
		    "the %s does not finish a command", doing, l->chip->name);
	return link_fail_rom(l, err, doing);
}

static int
read_status(struct link *l, struct spiflash *f, uint32_t *status)
{
	int	err;

	err = spiflash_status(f, l->flash.status.bytes, status);
	if (err < 0)
		return fail_status(l, err, "read the flash status");
	return 0;
}

/* Wait until the registers hold what was written. */
static int
wait_written(struct link *l, struct spiflash *f)
{
	uint64_t	end = wire_now(l->rom.wire) + WRITE_MS;
	uint32_t	status;

	for (;;) {
		TRY(spiflash_status(f, 1, &status));
		if ((status & BUSY) == 0)
			return 0;
		if (wire_now(l->rom.wire) >= end)
			return link_fail(l, ERR_FLASH, "could not write the "
			    "flash status: the flash chip is still busy after "
			    "%d ms", WRITE_MS);
		TRY(wire_sleep(l->rom.wire, 1));
	}
}

/* One write of `len` registers with its permission. */
static int
write_one(struct link *l, struct spiflash *f, uint8_t command,
    const uint8_t *value, size_t len)
{
	const struct spiflash_op	op = {
		.command = command, .send = value, .send_bytes = (uint8_t)len,
	};

	TRY(spiflash_command(f, l->flash.status.non_volatile ? WRITE_ENABLE :
	    WRITE_ENABLE_VOLATILE));
	TRY(spiflash_run(f, &op));
	return wait_written(l, f);
}

/* Bits of the registers that are not as they were asked to be. */
static uint32_t
wrong_bits(const struct link *l, uint32_t status)
{
	return (status ^ l->flash.status.value) & ~(uint32_t)READ_ONLY;
}

/*
 * Some parts take two registers with one command only, others each register
 * with one of its own, and on some the short form clears the second one: so
 * the long form comes first, and the others only if it was not enough.
 */
static int
write_all(struct link *l, struct spiflash *f)
{
	static const uint8_t		 commands[] = { 0x01, 0x31, 0x11 };
	const struct link_status	*s = &l->flash.status;
	uint8_t				 value[4];
	uint32_t			 now;

	le32_put(value, s->value);
	if (s->bytes == 2) {
		TRY(write_one(l, f, commands[0], value, 2));
		TRY(spiflash_status(f, 2, &now));
		if (wrong_bits(l, now) == 0)
			return spiflash_command(f, WRITE_DISABLE);
	}
	for (unsigned i = 0; i < s->bytes; i++)
		TRY(write_one(l, f, commands[i], value + i, 1));
	return spiflash_command(f, WRITE_DISABLE);
}

static int
check_written(struct link *l)
{
	const uint32_t	*status = l->found.status;
	int		 digits = 2 * (int)l->flash.status.bytes;

	if (wrong_bits(l, status[1]) == 0)
		return 0;
	return link_fail(l, ERR_FLASH, "the flash status is 0x%0*x after "
	    "0x%0*x was written (0x%0*x before): the bits 0x%0*x did not "
	    "change; they are write-protected (by SRP bits or the pin WP), or "
	    "this flash chip has none", digits, status[1], digits,
	    l->flash.status.value, digits, status[0], digits,
	    wrong_bits(l, status[1]));
}

static int
open_flash(struct link *l, struct spiflash *f)
{
	int	err;

	if ((err = spiflash_open(f, &l->rom, l->chip)) < 0)
		return fail_status(l, err, "read the flash status");
	return 0;
}

static int
close_flash(struct link *l, struct spiflash *f)
{
	int	err;

	if ((err = spiflash_close(f)) < 0)
		return fail_status(l, err, "give the flash back to the loader");
	return 0;
}

int
phase_status(struct link *l)
{
	struct spiflash	f;

	TRY(open_flash(l, &f));
	TRY(read_status(l, &f, &l->found.status[0]));
	return close_flash(l, &f);
}

int
phase_set_status(struct link *l)
{
	struct spiflash	f;
	int		err;

	TRY(open_flash(l, &f));
	TRY(read_status(l, &f, &l->found.status[0]));
	if ((err = write_all(l, &f)) < 0)
		return fail_status(l, err, "write the flash status");
	TRY(read_status(l, &f, &l->found.status[1]));
	TRY(close_flash(l, &f));
	return check_written(l);
}
