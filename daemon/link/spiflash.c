#include "daemon/link/spiflash.h"

#include <assert.h>
#include <stdbool.h>

#include "daemon/link/rom.h"
#include "daemon/link/try.h"
#include "proto/base/err.h"
#include "proto/chip/chip.h"

/* Bits of the SPI controller; technical reference manuals, "SPI registers". */
#define CMD_USR		(1u << 18)
#define USR_COMMAND	(1u << 31)
#define USR_ADDR	(1u << 30)
#define USR_DUMMY	(1u << 29)
#define USR_MISO	(1u << 28)

enum {
	CMD_OFFSET	= 0x00,
	ADDR_OFFSET	= 0x04,
	USR2_COMMAND_SHIFT = 28,	/* bits of the command - 1 */
	USR1_ADDR_SHIFT	= 26,
	USR1_MISO_SHIFT	= 8,		/* ESP8266: the lengths live here */
	POLLS		= 10,
	RESET_US	= 1000,		/* tRST of common parts: 30 us..1 ms */
	READ_JEDEC	= 0x9f,
	WAKE		= 0xab,
	RESET_ENABLE	= 0x66,
	RESET_NOW	= 0x99,
};

static uint32_t
usr_bits(const struct spiflash_op *op)
{
	uint32_t	usr = USR_COMMAND;

	if (op->addr_bits > 0)
		usr |= USR_ADDR;
	if (op->dummy_bits > 0)
		usr |= USR_DUMMY;
	if (op->read_bits > 0)
		usr |= USR_MISO;
	return usr;
}

static uint32_t
usr1_bits(const struct chip *c, const struct spiflash_op *op)
{
	uint32_t	usr1 = 0;

	if (op->addr_bits > 0)
		usr1 |= (uint32_t)(op->addr_bits - 1) << USR1_ADDR_SHIFT;
	if (op->dummy_bits > 0)
		usr1 |= op->dummy_bits - 1u;
	if (c->spi.miso_len == 0 && op->read_bits > 0)
		usr1 |= (op->read_bits - 1u) << USR1_MISO_SHIFT;
	return usr1;
}

/* The register writes that set up and start the transaction. */
static size_t
make_writes(const struct chip *c, const struct spiflash_op *op,
    struct chip_regop out[8])
{
	const struct chip_spi	*s = &c->spi;
	uint32_t		 addr = op->addr;
	size_t			 n = 0;

#define PUT(offset, v) \
	(out[n++] = (struct chip_regop){ .addr = s->base + (offset), \
	    .value = (v), .mask = UINT32_MAX })
	if (op->addr_bits > 0 && (c->caps & CHIP_ADDR_MSB))
		addr <<= 32 - op->addr_bits;
	if (s->miso_len != 0 && op->read_bits > 0)
		PUT(s->miso_len, op->read_bits - 1u);
	if (usr1_bits(c, op) != 0)
		PUT(s->usr1, usr1_bits(c, op));
	PUT(s->usr, usr_bits(op));
	PUT(s->usr2, 7u << USR2_COMMAND_SHIFT | op->command);
	if (op->addr_bits > 0)
		PUT(ADDR_OFFSET, addr);
	PUT(s->w0, 0);
	PUT(CMD_OFFSET, CMD_USR);
#undef PUT
	return n;
}

/* Wait for the end of the transaction. */
static int
wait_idle(struct rom *r, const struct chip *c)
{
	for (int i = 0; i < POLLS; i++) {
		uint32_t	cmd;

		TRY(rom_read_reg(r, c->spi.base + CMD_OFFSET, &cmd));
		if ((cmd & CMD_USR) == 0)
			return 0;
	}
	return ERR_FLASH;
}

int
spiflash_run(struct rom *r, const struct chip *c,
    const struct spiflash_op *op, uint32_t *value)
{
	const uint32_t		usr_at = c->spi.base + c->spi.usr;
	const uint32_t		usr2_at = c->spi.base + c->spi.usr2;
	struct chip_regop	writes[8];
	struct chip_regop	restore[2] = {
		{ .addr = usr_at, .mask = UINT32_MAX },
		{ .addr = usr2_at, .mask = UINT32_MAX },
	};
	size_t			n = make_writes(c, op, writes);

	assert(op->read_bits <= 32);
	/* The loader's own flash functions rely on these two. */
	TRY(rom_read_reg(r, usr_at, &restore[0].value));
	TRY(rom_read_reg(r, usr2_at, &restore[1].value));
	TRY(rom_write_regs(r, writes, n));
	TRY(wait_idle(r, c));
	if (op->read_bits > 0)
		TRY(rom_read_reg(r, c->spi.base + c->spi.w0, value));
	return rom_write_regs(r, restore, 2);
}

int
spiflash_id(struct rom *r, const struct chip *c, uint32_t *rdid)
{
	const struct spiflash_op	op = {
		.command = READ_JEDEC, .read_bits = 24,
	};
	uint32_t			value;

	TRY(spiflash_run(r, c, &op, &value));
	*rdid = value & 0xffffff;
	return 0;
}

int
spiflash_reset(struct rom *r, const struct chip *c)
{
	static const uint8_t	commands[] = { WAKE, RESET_ENABLE, RESET_NOW };
	struct spiflash_op	op = { 0 };

	for (size_t i = 0; i < sizeof commands; i++) {
		op.command = commands[i];
		TRY(spiflash_run(r, c, &op, NULL));
	}
	return wire_sleep(r->wire, RESET_US / 1000);
}
