/* The address space of a board: ROM words, eFuses, UART, flash controller, RAM. */
#include "tests/sim/board.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/bytes.h"

enum {
	SPI_CMD		= 0x00,
	SPI_ADDR	= 0x04,
	SPI_CMD_USR	= 1 << 18,
	SPI_LAST	= 0x100,

	USR_MOSI	= 1 << 27,
	USR_MISO	= 1 << 28,
	USR_ADDR	= 1 << 30,

	FIFO_BYTES	= 64,

	HOOK_USUAL	= 0x40000a3c,	/* a function of the ROM */
	CALI_CYCLES	= 40,
	CALI_CK8M	= 0x80,		/* as the fuse says */

	/* Watchdog CONFIG0 bit 31: enabled.  It bites after about this
	 * long. */
	WDT_US		= 20000,
	WDT_KEY		= 0x50d83aa1,	/* opens its write protection */
};

void
regs_set(struct board *b, uint32_t addr, uint32_t value)
{
	for (size_t i = 0; i < b->cells; i++) {
		if (b->cell[i].addr == addr) {
			b->cell[i].value = value;
			return;
		}
	}
	if (b->cells < BOARD_CELLS)
		b->cell[b->cells++] = (struct simreg){ addr, value };
}

/* The state after a reset. */
void
regs_init(struct board *b)
{
	uint8_t	word[4];

	b->cells = 0;
	memset(b->spi, 0, sizeof(b->spi));
	if (b->chip->hook_addr != 0) {
		le32_put(word, HOOK_USUAL);
		ram_write(b, b->chip->hook_addr, word, sizeof(word));
	}
}

static bool
reg_fixed(const struct board *b, uint32_t addr, uint32_t *value)
{
	if (addr == b->chip->clkdiv_addr && addr != 0) {
		/* The fraction stands above bit 20 and is left out. */
		*value = (uint32_t)((uint64_t)b->traits.xtal_hz *
		    b->chip->clkdiv_mul / b->bps);
		return true;
	}
	if (addr == b->chip->cali_addr && addr != 0) {
		/* TRM, "timer group", calibration: cycles of the crystal in
		 * some of the 8 MHz oscillator, above bit 7. */
		*value = (uint32_t)((uint64_t)board_rom_xtal(b) *
		    CALI_CYCLES / (15625 * CALI_CK8M)) << 7;
		return true;
	}
	if (addr == b->chip->strap_addr && addr != 0) {
		*value = b->strap_low ? 0 : b->chip->strap_boot;
		return true;
	}
	return fuse_read(&b->fuses, addr, value);
}

/* ---- RAM ---- */

bool
ram_has(const struct board *b, uint32_t addr, uint32_t len)
{
	for (size_t i = 0; i < sizeof(b->chip->ram) / sizeof(b->chip->ram[0]);
	    i++) {
		const struct simram	*r = &b->chip->ram[i];

		if (addr >= r->start && addr < r->end &&
		    len <= r->end - addr)
			return true;
	}
	return false;
}

static uint8_t *
ram_page(struct board *b, uint32_t addr, bool make)
{
	uint32_t	 start = addr & ~(BOARD_RAM_PAGE - 1u);
	struct ram_page	*more;

	for (size_t i = 0; i < b->rams; i++)
		if (b->ram[i].addr == start)
			return b->ram[i].data;
	if (!make || !ram_has(b, addr, 1))
		return NULL;
	more = realloc(b->ram, (b->rams + 1) * sizeof(*more));
	if (more == NULL)
		abort();	/* small, and at most the chip's RAM */
	b->ram = more;
	more += b->rams++;
	more->addr = start;
	more->data = calloc(1, BOARD_RAM_PAGE);
	if (more->data == NULL)
		abort();
	return more->data;
}

void
ram_write(struct board *b, uint32_t addr, const void *data, size_t len)
{
	const uint8_t	*from = data;

	for (size_t i = 0; i < len; i++, addr++) {
		uint8_t	*page = ram_page(b, addr, true);

		if (page != NULL)
			page[addr % BOARD_RAM_PAGE] = from[i];
	}
}

static uint32_t
ram_read(struct board *b, uint32_t addr)
{
	uint8_t	*page = ram_page(b, addr, false);

	return page == NULL ? 0 : le32_get(page + addr % BOARD_RAM_PAGE);
}

void
ram_forget(struct board *b)
{
	for (size_t i = 0; i < b->rams; i++)
		free(b->ram[i].data);
	free(b->ram);
	b->ram = NULL;
	b->rams = 0;
}

/* ---- the flash controller ---- */

static size_t
spi_bytes(uint32_t bits_less_one)
{
	size_t	n = (bits_less_one + 1) / 8;

	return n > FIFO_BYTES ? FIFO_BYTES : n;
}

/* A transaction made by hand ("USR"): what the host wrote into the registers
 * goes over the pins.  TRM, "SPI controller", general-purpose commands. */
static void
spi_user(struct board *b)
{
	const struct simchip	*c = b->chip;
	uint32_t	usr = b->spi[c->spi_usr / 4];
	uint32_t	usr1 = b->spi[c->spi_usr1 / 4];
	uint32_t	usr2 = b->spi[c->spi_usr2 / 4];
	uint32_t	bits = (usr1 >> 26) + 1;
	uint32_t	addr = 0;
	size_t		tx_len = 0, rx_len = 0;
	uint8_t		tx[FIFO_BYTES], rx[FIFO_BYTES];

	if (usr & USR_ADDR) {
		addr = b->spi[SPI_ADDR / 4];
		if (c->caps & SIM_ADDR_MSB)
			addr >>= 32 - bits;
	}
	if (usr & USR_MOSI)
		tx_len = spi_bytes(c->caps & SIM_SPI_USR1_LEN ?
		    usr1 >> 17 & 0x1ff : b->spi[c->spi_mosi_len / 4]);
	if (usr & USR_MISO)
		rx_len = spi_bytes(c->caps & SIM_SPI_USR1_LEN ?
		    usr1 >> 8 & 0x1ff : b->spi[c->spi_miso_len / 4]);
	for (size_t i = 0; i < FIFO_BYTES; i += 4)
		le32_put(tx + i, b->spi[(c->spi_w0 + i) / 4]);
	memset(rx, 0xff, sizeof(rx));
	if (board_flash_there(b))
		flash_spi(&b->flash, board_now(b), usr2 & 0xff, addr,
		    tx, tx_len, rx, rx_len);
	for (size_t i = 0; i < rx_len; i += 4) {
		uint32_t	v = le32_get(rx + i);

		if (rx_len - i < 4)	/* a part of the word */
			v &= (1u << 8 * (rx_len - i)) - 1;
		b->spi[(c->spi_w0 + i) / 4] = v;
	}
}

/* ---- the bus ---- */

static uint32_t
cell_get(const struct board *b, uint32_t addr)
{
	if (addr == b->chip->force_addr && addr != 0)
		return b->force ? b->chip->force_bit : 0;
	for (size_t i = 0; i < b->cells; i++)
		if (b->cell[i].addr == addr)
			return b->cell[i].value;
	return 0;
}

/* A register that keeps what is written, and what comes of it. */
static void
cell_write(struct board *b, uint32_t addr, uint32_t value)
{
	const struct simchip	*c = b->chip;
	bool			 dog = c->wdt_addr != 0 &&
				    addr - c->wdt_addr < 8;

	if (dog && cell_get(b, c->wdt_protect) != WDT_KEY)
		return;
	if (addr == c->swd_addr && addr != 0 &&
	    cell_get(b, c->swd_protect) != c->swd_key)
		return;
	if (addr == c->force_addr && addr != 0) {
		/* It survives resets; see board_bitten(). */
		b->force = (value & c->force_bit) != 0;
		return;
	}
	regs_set(b, addr, value);
	power_written(b, addr);
	if (dog && addr == c->wdt_addr && value >> 31)
		b->ops->alarm(b->ctx, ALARM_RESTART, WDT_US);
	if (addr == c->wdt_addr)
		b->dog_stopped = value >> 31 == 0;
	if (addr == c->swd_addr)
		b->dog_fed = (value & c->swd_feed) != 0;
	if (b->dog_stopped && b->dog_fed)
		b->ops->alarm(b->ctx, ALARM_DOG, ALARM_OFF);
}

uint32_t
regs_read(struct board *b, uint32_t addr)
{
	uint32_t	v;

	if (addr % 4 != 0) {	/* the bus is little-endian bytes */
		uint32_t	shift = addr % 4 * 8;

		return regs_read(b, addr & ~3u) >> shift |
		    regs_read(b, (addr | 3) + 1) << (32 - shift);
	}
	/* Nothing is mapped at the two ends: the core takes an exception. */
	if (addr < 0x20000000 || addr >= 0xe0000000) {
		board_crash(b);
		return 0;
	}
	if (addr - b->chip->spi_base < SPI_LAST)
		return b->spi[(addr - b->chip->spi_base) / 4];
	if (simefuse_has(&b->efuse, addr))
		return simefuse_read(&b->efuse, addr);
	if (reg_fixed(b, addr, &v))
		return v;
	if (ram_has(b, addr, 4))
		return ram_read(b, addr);
	return cell_get(b, addr);
}

void
regs_write(struct board *b, uint32_t addr, uint32_t value, uint32_t mask)
{
	uint32_t	v = value & mask;
	uint8_t		word[4];
	uint32_t	unused;

	if (mask != UINT32_MAX)
		v |= regs_read(b, addr) & ~mask;
	if (addr < 0x20000000 || addr >= 0xe0000000) {
		board_crash(b);
		return;
	}
	if (addr - b->chip->spi_base < SPI_LAST) {
		uint32_t	off = addr - b->chip->spi_base;

		b->spi[off / 4] = v;
		if (off == SPI_CMD && (v & SPI_CMD_USR)) {
			spi_user(b);
			b->spi[SPI_CMD / 4] = v & ~(uint32_t)SPI_CMD_USR;
		}
	} else if (ram_has(b, addr, 4)) {
		le32_put(word, v);
		ram_write(b, addr, word, sizeof(word));
	} else if (simefuse_has(&b->efuse, addr)) {
		simefuse_write(&b->efuse, addr, v);
	} else if (!reg_fixed(b, addr, &unused)) {
		cell_write(b, addr, v);
	}
}

bool
regs_hooked(struct board *b)
{
	return b->chip->hook_addr != 0 &&
	    regs_read(b, b->chip->hook_addr) != HOOK_USUAL;
}
