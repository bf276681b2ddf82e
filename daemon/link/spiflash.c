#include "daemon/link/spiflash.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "daemon/link/rom.h"
#include "daemon/link/try.h"
#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/chip/chip.h"

/* Bits of the SPI controller; technical reference manuals, "SPI registers". */
#define CMD_USR		(1u << 18)
#define USR_COMMAND	(1u << 31)
#define USR_ADDR	(1u << 30)
#define USR_DUMMY	(1u << 29)
#define USR_MISO	(1u << 28)
#define USR_MOSI	(1u << 27)

enum {
	CMD_OFFSET	= 0x00,
	ADDR_OFFSET	= 0x04,
	USR2_COMMAND_SHIFT = 28,	/* bits of the command - 1 */
	USR1_ADDR_SHIFT	= 26,
	USR1_MOSI_SHIFT	= 17,		/* ESP8266: the lengths live here */
	USR1_MISO_SHIFT	= 8,
	WORDS_MAX	= SPIFLASH_DATA_MAX / 4,
	WRITES_MAX	= 8 + WORDS_MAX,
	POLLS		= 10,
	COMMAND_US	= 50,		/* 8 bits are out by then */
	RESET_MS	= 1,		/* tRST of common parts: 30 us..1 ms */
	SFDP_MAKER	= 0x10,		/* of the second table: the maker's */
	/* JEDEC commands; JESD216 and data sheets. */
	READ_JEDEC	= 0x9f,
	READ_SFDP	= 0x5a,
	SFDP_ADDR_BITS	= 24,
	SFDP_DUMMY_BITS	= 8,
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
	if (op->read_bytes > 0)
		usr |= USR_MISO;
	if (op->send_bytes > 0)
		usr |= USR_MOSI;
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
	if (c->spi.miso_len == 0 && op->read_bytes > 0)
		usr1 |= (8u * op->read_bytes - 1) << USR1_MISO_SHIFT;
	if (c->spi.mosi_len == 0 && op->send_bytes > 0)
		usr1 |= (8u * op->send_bytes - 1) << USR1_MOSI_SHIFT;
	return usr1;
}

static void
put(struct chip_regop out[WRITES_MAX], size_t *n, uint32_t addr,
    uint32_t value)
{
	out[(*n)++] = (struct chip_regop){ .addr = addr, .value = value,
	    .mask = UINT32_MAX };
}

static void
put_data(const struct chip *c, const struct spiflash_op *op,
    struct chip_regop out[WRITES_MAX], size_t *n)
{
	uint32_t	w0 = c->spi.base + c->spi.w0;

	for (size_t at = 0; at < op->send_bytes; at += 4) {
		uint8_t	word[4] = { 0 };
		size_t	left = op->send_bytes - at;

		memcpy(word, op->send + at, left < 4 ? left : 4);
		put(out, n, w0 + (uint32_t)at, le32_get(word));
	}
}

/* The register writes that set up and start the transaction. */
static size_t
make_writes(struct spiflash *f, const struct spiflash_op *op,
    struct chip_regop out[WRITES_MAX])
{
	const struct chip	*c = f->chip;
	const struct chip_spi	*s = &c->spi;
	uint32_t		 addr = op->addr, usr1 = usr1_bits(c, op);
	size_t			 n = 0;

	if (op->addr_bits > 0 && (c->caps & CHIP_ADDR_MSB))
		addr <<= 32 - op->addr_bits;
	if (s->mosi_len != 0 && op->send_bytes > 0)
		put(out, &n, s->base + s->mosi_len, 8u * op->send_bytes - 1);
	if (s->miso_len != 0 && op->read_bytes > 0)
		put(out, &n, s->base + s->miso_len, 8u * op->read_bytes - 1);
	if (usr1 != 0)
		put(out, &n, s->base + s->usr1, usr1);
	if (f->usr_now != usr_bits(op))
		put(out, &n, s->base + s->usr, f->usr_now = usr_bits(op));
	put(out, &n, s->base + s->usr2,
	    7u << USR2_COMMAND_SHIFT | op->command);
	if (op->addr_bits > 0)
		put(out, &n, s->base + ADDR_OFFSET, addr);
	put_data(c, op, out, &n);
	put(out, &n, s->base + CMD_OFFSET, CMD_USR);
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
spiflash_open(struct spiflash *f, struct rom *r, const struct chip *c)
{
	f->rom = r;
	f->chip = c;
	if (ext_there(r))
		return 0;
	TRY(rom_read_reg(r, c->spi.base + c->spi.usr, &f->usr));
	f->usr_now = f->usr;
	return rom_read_reg(r, c->spi.base + c->spi.usr2, &f->usr2);
}

/* Our own stub has the controller in its own hands. */
static int
run_by_ours(struct spiflash *f, const struct spiflash_op *ops, size_t count)
{
	struct ext_do	steps[SPIFLASH_LIST_MAX];

	for (size_t i = 0; i < count; i++)
		steps[i] = (struct ext_do){
			.step = EXT_STEP_SPI, .command = ops[i].command,
			.addr_bits = ops[i].addr_bits, .addr = ops[i].addr,
			.dummy_bits = ops[i].dummy_bits,
			.x = ops[i].send_bytes, .send = ops[i].send,
			.y = ops[i].read_bytes, .read = ops[i].read,
		};
	return ext_batch(f->rom, steps, count, NULL);
}

static int
run_one(struct spiflash *f, const struct spiflash_op *op)
{
	const struct chip_spi	*s = &f->chip->spi;
	struct chip_regop	 writes[WRITES_MAX];

	assert(op->read_bytes <= SPIFLASH_DATA_MAX &&
	    op->send_bytes <= SPIFLASH_DATA_MAX);
	assert(op->read_bytes == 0 || op->send_bytes == 0);
	TRY(rom_write_regs(f->rom, writes, make_writes(f, op, writes)));
	TRY(wait_idle(f->rom, f->chip));
	for (size_t at = 0; at < op->read_bytes; at += 4) {
		uint32_t	value;
		uint8_t		word[4];
		size_t		left = op->read_bytes - at;

		TRY(rom_read_reg(f->rom, s->base + s->w0 + (uint32_t)at,
		    &value));
		le32_put(word, value);
		memcpy(op->read + at, word, left < 4 ? left : 4);
	}
	return 0;
}

int
spiflash_list(struct spiflash *f, const struct spiflash_op *ops, size_t count)
{
	assert(count >= 1 && count <= SPIFLASH_LIST_MAX);
	if (ext_there(f->rom))
		return run_by_ours(f, ops, count);
	for (size_t i = 0; i < count; i++)
		TRY(run_one(f, &ops[i]));
	return 0;
}

int
spiflash_run(struct spiflash *f, const struct spiflash_op *op)
{
	return spiflash_list(f, op, 1);
}

int
spiflash_close(struct spiflash *f)
{
	const struct chip_spi	*s = &f->chip->spi;
	const struct chip_regop	 restore[2] = {
		{ s->base + s->usr, f->usr, UINT32_MAX, 0 },
		{ s->base + s->usr2, f->usr2, UINT32_MAX, 0 },
	};

	if (ext_there(f->rom))
		return 0;
	return rom_write_regs(f->rom, restore, 2);
}

/* The controller is given time for all but the last, instead of being asked: a
 * stub takes them in one packet. */
int
spiflash_commands(struct spiflash *f, const uint8_t *commands, size_t count)
{
	struct spiflash_op	ops[SPIFLASH_COMMANDS_MAX];
	struct chip_regop	writes[3 * SPIFLASH_COMMANDS_MAX + WRITES_MAX];
	size_t			n = 0;

	assert(count >= 1 && count <= SPIFLASH_COMMANDS_MAX);
	for (size_t i = 0; i < count; i++)
		ops[i] = (struct spiflash_op){ .command = commands[i] };
	if (ext_there(f->rom))
		return run_by_ours(f, ops, count);
	for (size_t i = 0; i < count; i++) {
		size_t	from = n;

		n += make_writes(f, &ops[i], writes + n);
		if (i > 0)
			writes[from].delay_us = COMMAND_US;
	}
	TRY(rom_write_regs(f->rom, writes, n));
	return wait_idle(f->rom, f->chip);
}

int
spiflash_command(struct spiflash *f, uint8_t command)
{
	return spiflash_commands(f, &command, 1);
}

int
spiflash_id(struct spiflash *f, uint32_t *rdid)
{
	uint8_t				id[4] = { 0 };
	const struct spiflash_op	op = {
		.command = READ_JEDEC, .read_bytes = 3, .read = id,
	};

	TRY(spiflash_run(f, &op));
	*rdid = le32_get(id);
	return 0;
}

static struct spiflash_op
sfdp_op(uint32_t addr, uint8_t *out, size_t len)
{
	return (struct spiflash_op){
		.command = READ_SFDP, .addr = addr,
		.addr_bits = SFDP_ADDR_BITS, .dummy_bits = SFDP_DUMMY_BITS,
		.read_bytes = (uint8_t)len, .read = out,
	};
}

int
spiflash_id_and_maker(struct spiflash *f, uint32_t *rdid, uint8_t *maker)
{
	uint8_t				id[4] = { 0 };
	const struct spiflash_op	ops[] = {
		{ .command = READ_JEDEC, .read_bytes = 3, .read = id },
		sfdp_op(SFDP_MAKER, maker, 1),
	};

	TRY(spiflash_list(f, ops, 2));
	*rdid = le32_get(id);
	return 0;
}

int
spiflash_sfdp(struct spiflash *f, uint32_t addr, uint8_t *out, size_t len)
{
	const struct spiflash_op	op = sfdp_op(addr, out, len);

	return spiflash_run(f, &op);
}

int
spiflash_reset(struct spiflash *f)
{
	static const uint8_t	commands[] = { RESET_ENABLE, RESET_NOW };

	TRY(spiflash_commands(f, commands, sizeof commands));
	return wire_sleep(f->rom->wire, RESET_MS);
}

int
spiflash_status(struct spiflash *f, unsigned count, uint32_t *status)
{
	/* Status registers 1, 2 and 3. */
	static const uint8_t	commands[] = { 0x05, 0x35, 0x15 };
	struct spiflash_op	ops[sizeof commands];
	uint8_t			bytes[4] = { 0 };

	assert(count >= 1 && count <= sizeof commands);
	for (unsigned i = 0; i < count; i++)
		ops[i] = (struct spiflash_op){
			.command = commands[i], .read_bytes = 1,
			.read = bytes + i,
		};
	TRY(spiflash_list(f, ops, count));
	*status = le32_get(bytes);
	return 0;
}
