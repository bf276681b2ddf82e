#include "tests/virt/w25q.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* JEDEC commands; W25Q32JV and W25Q256JV data sheets. */
	WRITE_STATUS1	= 0x01,
	PROGRAM		= 0x02,
	READ		= 0x03,
	WRITE_DISABLE	= 0x04,
	READ_STATUS1	= 0x05,
	WRITE_ENABLE	= 0x06,
	WRITE_STATUS3	= 0x11,
	PROGRAM4	= 0x12,
	READ4		= 0x13,
	READ_STATUS3	= 0x15,
	SECTOR_ERASE	= 0x20,
	SECTOR_ERASE4	= 0x21,
	WRITE_STATUS2	= 0x31,
	READ_STATUS2	= 0x35,
	HALF_ERASE	= 0x52,
	READ_SFDP	= 0x5a,
	HALF_ERASE4	= 0x5c,
	CHIP_ERASE2	= 0x60,
	RESET_ENABLE	= 0x66,
	RESET_NOW	= 0x99,
	READ_ID		= 0x9f,
	WAKE		= 0xab,
	CHIP_ERASE	= 0xc7,
	BLOCK_ERASE	= 0xd8,
	BLOCK_ERASE4	= 0xdc,

	BUSY		= 1 << 0,	/* of status register 1 */
	WEL		= 1 << 1,
	PROTECT		= 7 << 2,	/* BP0..BP2 */
	HALF_BLOCK	= W25Q_BLOCK / 2,
	TRANSFER_MAX	= 64,		/* of the SPI controllers' buffers */
};

#define MS	UINT64_C(1000000)	/* in ns */

void
w25q_init(struct w25q *n, uint32_t size, uint8_t fill)
{
	memset(n, 0, sizeof *n);
	n->data = malloc(size);
	assert(n->data != NULL && (size & (size - 1)) == 0);
	n->size = size;
	n->slow = 1;
	n->stuck_after = W25Q_NEVER;
	memset(n->data, fill, size);
}

void
w25q_done(struct w25q *n)
{
	free(n->data);
	n->data = NULL;
}

static void
complain(struct w25q *n, const char *what)
{
	if (n->errors++ == 0)
		n->error = what;
}

bool
w25q_is_busy(const struct w25q *n, uint64_t now)
{
	return n->never_ready || now < n->ready;
}

static void
work(struct w25q *n, uint64_t now, uint64_t ns)
{
	n->enabled = false;
	ns *= n->slow;
	n->ready = now + ns;
	n->busy_ns += ns;
	if (n->stuck_after != W25Q_NEVER && n->stuck_after-- == 0)
		n->never_ready = true;
}

/* May flash be changed?  What is protected silently stays. */
static bool
may_change(struct w25q *n, const struct hal_spi *t, unsigned bits)
{
	if (t->addr_bits != bits)
		complain(n, "address of the wrong length");
	if (!n->enabled) {
		complain(n, "change without WREN");
		return false;
	}
	n->enabled = false;
	return (n->status[0] & PROTECT) == 0;
}

static void
program(struct w25q *n, const struct hal_spi *t, uint64_t now, unsigned bits)
{
	uint32_t	page = t->addr & ~(uint32_t)(W25Q_PAGE - 1);

	if (!may_change(n, t, bits))
		return;
	if (t->addr >= n->size || t->send_len == 0) {
		complain(n, "program of nothing, or beyond the end");
		return;
	}
	if (t->addr % W25Q_PAGE + t->send_len > W25Q_PAGE)
		complain(n, "program beyond the page");
	for (uint32_t i = 0; i < t->send_len; i++) {
		uint8_t	*p = n->data + page + (t->addr + i) % W25Q_PAGE;

		if ((~*p & t->send[i]) != 0)
			complain(n, "program without erase");
		*p &= t->send[i];
	}
	n->programs++;
	n->programmed += t->send_len;
	work(n, now, 30000 + UINT64_C(2500) * t->send_len);
}

static void
erase(struct w25q *n, const struct hal_spi *t, uint64_t now, unsigned bits,
    uint32_t len, uint64_t ns)
{
	if (!may_change(n, t, bits))
		return;
	if (t->addr >= n->size) {
		complain(n, "erase beyond the end");
		return;
	}
	memset(n->data + (t->addr & ~(len - 1)), 0xff, len);
	n->erases++;
	n->sector_erases += len == W25Q_SECTOR;
	n->half_erases += len == HALF_BLOCK;
	n->block_erases += len == W25Q_BLOCK;
	work(n, now, ns);
}

static void
erase_chip(struct w25q *n, const struct hal_spi *t, uint64_t now)
{
	if (!may_change(n, t, 0))
		return;
	memset(n->data, 0xff, n->size);
	n->erases++;
	work(n, now, n->size / W25Q_BLOCK * 150 * MS);
}

static void
read_data(struct w25q *n, const struct hal_spi *t, unsigned bits)
{
	if (t->addr_bits != bits)
		complain(n, "address of the wrong length");
	for (uint32_t i = 0; i < t->read_len; i++)
		t->read[i] = n->data[(t->addr + i) & (n->size - 1)];
}

static void
fill(const struct hal_spi *t, uint8_t byte)
{
	if (t->read_len > 0)
		memset(t->read, byte, t->read_len);
}

/* As much of the registers as is sent, from `first` on. */
static void
write_status(struct w25q *n, const struct hal_spi *t, uint64_t now,
    unsigned first)
{
	if (!n->enabled) {
		complain(n, "status written without WREN");
		return;
	}
	for (uint32_t i = 0; i < t->send_len && first + i < 3; i++) {
		uint8_t	keep = first + i == 0 ? n->locked | BUSY | WEL : 0;
		uint8_t	*s = &n->status[first + i];

		*s = (uint8_t)((*s & keep) | (t->send[i] & ~keep));
	}
	work(n, now, 10 * MS);
}

static void
read_id(const struct w25q *n, const struct hal_spi *t)
{
	uint8_t	id[3] = { 0xef, 0x40, 0 };

	while ((1u << id[2]) < n->size)
		id[2]++;
	for (uint32_t i = 0; i < t->read_len; i++)
		t->read[i] = i < sizeof id ? id[i] : 0;
}

/* Commands that read or that set a mode; false: another one. */
static bool
run_plain(struct w25q *n, const struct hal_spi *t)
{
	switch (t->command) {
	case READ:
		read_data(n, t, 24);
		return true;
	case READ4:
		read_data(n, t, 32);
		return true;
	case READ_STATUS2:
		fill(t, n->status[1]);
		return true;
	case READ_STATUS3:
		fill(t, n->status[2]);
		return true;
	case READ_SFDP:
		fill(t, 0xff);
		return true;
	case READ_ID:
		read_id(n, t);
		return true;
	case WRITE_ENABLE:
		n->enabled = true;
		return true;
	case WRITE_DISABLE:
	case WAKE:
		n->enabled = false;
		return true;
	case RESET_ENABLE:
		n->reset_enabled = true;
		return true;
	case RESET_NOW:
		if (!n->reset_enabled)
			complain(n, "reset without being enabled");
		n->enabled = n->reset_enabled = false;
		return true;
	default:
		return false;
	}
}

static void
run_change(struct w25q *n, const struct hal_spi *t, uint64_t now)
{
	switch (t->command) {
	case WRITE_STATUS1:
		write_status(n, t, now, 0);
		return;
	case WRITE_STATUS2:
		write_status(n, t, now, 1);
		return;
	case WRITE_STATUS3:
		write_status(n, t, now, 2);
		return;
	case PROGRAM:
		program(n, t, now, 24);
		return;
	case PROGRAM4:
		program(n, t, now, 32);
		return;
	case SECTOR_ERASE:
		erase(n, t, now, 24, W25Q_SECTOR, 45 * MS);
		return;
	case SECTOR_ERASE4:
		erase(n, t, now, 32, W25Q_SECTOR, 45 * MS);
		return;
	case HALF_ERASE:
		erase(n, t, now, 24, HALF_BLOCK, 120 * MS);
		return;
	case HALF_ERASE4:
		erase(n, t, now, 32, HALF_BLOCK, 120 * MS);
		return;
	case BLOCK_ERASE:
		erase(n, t, now, 24, W25Q_BLOCK, 150 * MS);
		return;
	case BLOCK_ERASE4:
		erase(n, t, now, 32, W25Q_BLOCK, 150 * MS);
		return;
	case CHIP_ERASE:
	case CHIP_ERASE2:
		erase_chip(n, t, now);
		return;
	default:
		complain(n, "unknown command");
		return;
	}
}

void
w25q_run(struct w25q *n, const struct hal_spi *t, uint64_t now)
{
	bool	busy = w25q_is_busy(n, now);

	if (t->send_len > TRANSFER_MAX || t->read_len > TRANSFER_MAX)
		complain(n, "more bytes than the controller holds");
	if (t->command == READ_STATUS1) {
		fill(t, (uint8_t)(n->status[0] | (busy ? BUSY : 0) |
		    (n->enabled ? WEL : 0)));
		return;
	}
	if (busy) {
		complain(n, "command while busy");
		fill(t, 0xff);
		return;
	}
	if (!run_plain(n, t))
		run_change(n, t, now);
}
