#include "tests/sim/flash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "proto/base/bytes.h"

/* W25Q32JV, "AC electrical characteristics", typical column. */
const struct flash_times flash_typical = {
	.page_us	= 400,
	.first_us	= 30,
	.byte_ns	= 2500,
	.sector_us	= 45000,
	.block32_us	= 120000,
	.block_us	= 150000,
	.chip_us	= 10000000,
	.read_ns	= 400,		/* 20 MHz on one wire */
};
const struct flash_times flash_instant = { 0 };

enum {
	STATUS_BUSY	= 0x01,
	STATUS_WEL	= 0x02,
	STATUS_BLOCKS	= 0x1c,		/* BP0 to BP2: any of them protects */
	MAKER_WINBOND	= 0xef,
	MAKER_XMC	= 0x20,
	MAKER_MACRONIX	= 0xc2,
	TYPE_USUAL	= 0x40,
	TYPE_OCTAL	= 0x80,		/* MX25UM */
	SIZE_OCTAL	= 0x20,		/* its sizes: 0x39 is 32 MB */
	SFDP_MAKER	= 0x10,		/* XMC's parts say here who they are */
	REACH		= 1 << 24,	/* of three address bytes */
};

/* The first bytes of a JESD216 header and table, without the density. */
static const uint8_t sfdp[] = {
	'S', 'F', 'D', 'P', 0x05, 0x01, 0x00, 0xff,
	0x00, 0x05, 0x01, 0x10, 0x80, 0x00, 0x00, 0xff,
};

static int
flash_fill(int fd, off_t from, off_t to)
{
	uint8_t	ff[FLASH_SECTOR / 2];

	memset(ff, 0xff, sizeof(ff));
	while (from < to) {
		size_t	n = sizeof(ff);

		if ((off_t)n > to - from)
			n = (size_t)(to - from);
		ssize_t	done = pwrite(fd, ff, n, from);
		if (done <= 0)
			return -(errno != 0 ? errno : EIO);
		from += done;
	}
	return 0;
}

static int
flash_open(struct flash *f, const char *path)
{
	struct stat	st;
	int		r = 0;
	int		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) != 0)
		r = -errno;
	else if (st.st_size < f->size)
		r = flash_fill(fd, st.st_size, f->size);
	if (r == 0) {
		f->map = mmap(NULL, f->size, PROT_READ | PROT_WRITE, MAP_SHARED,
		    fd, 0);
		if (f->map == MAP_FAILED) {
			f->map = NULL;
			r = -errno;
		}
	}
	(void)close(fd);	/* the mapping stays */
	return r;
}

int
flash_init(struct flash *f, const struct flash_traits *traits, uint32_t size,
    const char *path)
{
	memset(f, 0, sizeof(*f));
	f->traits = *traits;
	f->size = size;
	for (int i = 0; i < FLASH_STATUS; i++)
		f->kept[i] = (uint8_t)(traits->status >> 8 * i);
	flash_power(f);
	if (path != NULL)
		return flash_open(f, path);
	f->sector = calloc(size / FLASH_SECTOR, sizeof(*f->sector));
	return f->sector == NULL ? -ENOMEM : 0;
}

void
flash_done(struct flash *f)
{
	if (f->map != NULL)
		(void)munmap(f->map, f->size);
	if (f->sector != NULL)
		for (uint32_t i = 0; i < f->size / FLASH_SECTOR; i++)
			free(f->sector[i]);
	free(f->sector);
	memset(f, 0, sizeof(*f));
}

/* As after the two reset commands. */
static void
flash_reset(struct flash *f)
{
	memcpy(f->status, f->kept, sizeof(f->status));
	f->status[0] &= (uint8_t)~(STATUS_BUSY | STATUS_WEL);
	f->volatile_next = false;
	f->sleeping = false;
	f->slept = 0;
	f->reset_armed = false;
	f->busy_until_us = 0;
}

void
flash_power(struct flash *f)
{
	flash_reset(f);
	f->failed = f->traits.xmc_failed;
}

bool
flash_protected(const struct flash *f)
{
	return (f->status[0] & STATUS_BLOCKS) != 0;
}

static void
flash_set_status(struct flash *f, size_t n, uint8_t value, bool keep)
{
	uint8_t	fixed = (uint8_t)(f->traits.fixed >> 8 * n);

	if (n == 0)
		fixed |= STATUS_BUSY | STATUS_WEL;
	f->status[n] = (uint8_t)((f->status[n] & fixed) | (value & ~fixed));
	if (keep)
		f->kept[n] = n == 0 ? f->status[n] & 0xfc : f->status[n];
}

bool
flash_unprotect(struct flash *f)
{
	if (flash_protected(f))
		flash_set_status(f, 0, f->status[0] & (uint8_t)~STATUS_BLOCKS,
		    true);
	return !flash_protected(f);
}

/* Where a sector's bytes stand; NULL when it is blank (and not `make`). */
static uint8_t *
flash_sector(const struct flash *f, uint32_t addr, bool make)
{
	uint32_t	n = (addr & (f->size - 1)) / FLASH_SECTOR;

	if (f->map != NULL)
		return f->map + (size_t)n * FLASH_SECTOR;
	if (f->sector[n] == NULL && make) {
		f->sector[n] = malloc(FLASH_SECTOR);
		if (f->sector[n] == NULL)
			abort();	/* a small fixed allocation */
		memset(f->sector[n], 0xff, FLASH_SECTOR);
	}
	return f->sector[n];
}

void
flash_read(const struct flash *f, uint32_t addr, void *out, size_t len)
{
	uint8_t	*to = out;

	while (len > 0) {
		size_t		 in = addr % FLASH_SECTOR;
		size_t		 n = FLASH_SECTOR - in;
		const uint8_t	*from = flash_sector(f, addr, false);

		if (n > len)
			n = len;
		if (from != NULL)
			memcpy(to, from + in, n);
		else
			memset(to, 0xff, n);
		to += n;
		addr += (uint32_t)n;
		len -= n;
	}
}

static bool
flash_writable(const struct flash *f)
{
	return !f->failed && !flash_protected(f);
}

uint64_t
flash_program(struct flash *f, uint32_t addr, const void *data, size_t len)
{
	const uint8_t	*from = data;
	uint64_t	 us = 0;

	while (len > 0) {
		size_t	 n = FLASH_PAGE - addr % FLASH_PAGE;
		size_t	 i;

		if (n > len)
			n = len;
		for (i = 0; i < n && from[i] == 0xff; i++)
			;
		if (i < n && flash_writable(f)) {	/* a page of FF alone changes nothing */
			uint8_t	*to = flash_sector(f, addr, true) +
			    addr % FLASH_SECTOR;

			for (; i < n; i++)
				to[i] &= from[i];
		}
		us += f->times.page_us;
		from += n;
		addr += (uint32_t)n;
		len -= n;
	}
	return us;
}

static void
flash_blank(struct flash *f, uint32_t addr)
{
	uint32_t	n = (addr & (f->size - 1)) / FLASH_SECTOR;

	if (!flash_writable(f))
		return;
	if (f->map != NULL) {
		memset(f->map + (size_t)n * FLASH_SECTOR, 0xff, FLASH_SECTOR);
		return;
	}
	free(f->sector[n]);
	f->sector[n] = NULL;
}

uint64_t
flash_erase(struct flash *f, uint32_t addr, uint32_t len)
{
	uint64_t	us = 0;
	uint32_t	step;

	for (uint32_t at = 0; at < len; at += FLASH_SECTOR)
		flash_blank(f, addr + at);
	for (; len > 0; len -= step, addr += step) {
		step = FLASH_SECTOR;
		if (addr % FLASH_BLOCK == 0 && len >= FLASH_BLOCK)
			step = FLASH_BLOCK;
		us += step == FLASH_BLOCK ? f->times.block_us :
		    f->times.sector_us;
		if (step > len)
			step = len;
	}
	return us;
}

uint64_t
flash_erase_chip(struct flash *f)
{
	for (uint32_t at = 0; at < f->size; at += FLASH_SECTOR)
		flash_blank(f, at);
	return f->times.chip_us;
}

uint64_t
flash_read_us(const struct flash *f, size_t len)
{
	return (uint64_t)len * f->times.read_ns / 1000;
}

bool
flash_md5(const struct flash *f, uint32_t addr, uint32_t len,
    uint8_t digest[16])
{
	EVP_MD_CTX	*md = EVP_MD_CTX_new();
	uint8_t		 part[1024];
	bool		 ok;

	ok = md != NULL && EVP_DigestInit_ex(md, EVP_md5(), NULL) == 1;
	while (ok && len > 0) {
		uint32_t	n = len < sizeof(part) ? len : sizeof(part);

		flash_read(f, addr, part, n);
		ok = EVP_DigestUpdate(md, part, n) == 1;
		addr += n;
		len -= n;
	}
	ok = ok && EVP_DigestFinal_ex(md, digest, NULL) == 1;
	EVP_MD_CTX_free(md);
	return ok;
}

static uint8_t
flash_maker(const struct flash *f)
{
	return f->traits.octal ? MAKER_MACRONIX : f->traits.xmc_failed ?
	    MAKER_XMC : MAKER_WINBOND;
}

static void
flash_id(const struct flash *f, uint8_t id[3])
{
	id[0] = flash_maker(f);
	id[1] = f->traits.octal ? TYPE_OCTAL : TYPE_USUAL;
	id[2] = 0;
	for (uint32_t size = f->size; size > 1; size >>= 1)
		id[2]++;
	if (f->failed)
		id[1] = id[2] = 0xff;
	else if (f->traits.octal)
		id[2] = (uint8_t)(id[2] + SIZE_OCTAL);
	/* Above 32 MB Winbond counts on in decimal: 0x20 is 64 MB. */
	else if (id[2] > 0x19)
		id[2] = (uint8_t)(id[2] + 0x20 - 0x1a);
}

static void
flash_read_sfdp(const struct flash *f, uint32_t addr, uint8_t *rx, size_t len)
{
	uint8_t	density[4];

	le32_put(density, f->size / 4 * 32 - 1);	/* bits - 1 */
	for (size_t i = 0; i < len; i++, addr++) {
		rx[i] = 0xff;
		if (f->traits.no_sfdp)
			continue;
		if (addr < sizeof(sfdp))
			rx[i] = sfdp[addr];
		else if (addr == SFDP_MAKER && f->traits.xmc_failed)
			rx[i] = MAKER_XMC;
		else if (addr >= 0x84 && addr < 0x88)
			rx[i] = density[addr - 0x84];
		else if (addr == 0x80)
			rx[i] = 0xe5;	/* 4 KB erase, as W25Q says */
		else if (addr == 0x81)
			rx[i] = 0x20;	/* by this command */
	}
}

/* Commands that only tell something.  True when it was one. */
static bool
flash_spi_read(struct flash *f, uint8_t cmd, uint32_t addr, uint8_t *rx,
    size_t len)
{
	uint8_t	id[3];

	switch (cmd) {
	case 0x9f:
		flash_id(f, id);
		for (size_t i = 0; i < len; i++)
			rx[i] = i < sizeof(id) ? id[i] : 0;
		return true;
	case 0x90:	/* maker, device, and again */
	case 0xab:	/* device; also wakes the chip up */
		flash_id(f, id);
		for (size_t i = 0; i < len; i++)
			rx[i] = cmd == 0x90 && i % 2 == 0 ? id[0] :
			    (uint8_t)(id[2] - 1);
		return true;
	case 0x05:
	case 0x35:
	case 0x15:
		memset(rx, f->status[cmd == 0x05 ? 0 : cmd == 0x35 ? 1 : 2],
		    len);
		return true;
	case 0x03:
	case 0x0b:
	case 0x13:
	case 0x0c:
		flash_read(f, addr, rx, len);
		return true;
	case 0x5a:
		flash_read_sfdp(f, addr, rx, len);
		return true;
	case 0x4b:
		memset(rx, 0x5a, len);	/* unique id */
		return true;
	}
	return false;
}

/* The same data sheet's time of a part of a page. */
static uint64_t
flash_program_us(const struct flash *f, size_t len)
{
	uint64_t	us = f->times.first_us +
			    (uint64_t)len * f->times.byte_ns / 1000;

	return us < f->times.page_us ? us : f->times.page_us;
}

/* Commands that need the write enable latch; returns the time in us. */
static uint64_t
flash_spi_change(struct flash *f, uint8_t cmd, uint32_t addr,
    const uint8_t *tx, size_t len)
{
	uint32_t	page = addr & ~(uint32_t)(FLASH_PAGE - 1);
	size_t		fit;

	switch (cmd) {
	case 0x02:
	case 0x12:
		/* Bytes beyond the page's end wrap to its start. */
		fit = FLASH_PAGE - addr % FLASH_PAGE;
		fit = len < fit ? len : fit;
		(void)flash_program(f, addr, tx, fit);
		(void)flash_program(f, page, tx + fit, len - fit);
		return flash_program_us(f, len);
	case 0x20:
	case 0x21:
		return flash_erase(f, addr & ~(FLASH_SECTOR - 1u),
		    FLASH_SECTOR);
	case 0x52:
	case 0x5c:
		(void)flash_erase(f, addr & ~(FLASH_BLOCK32 - 1u),
		    FLASH_BLOCK32);
		return f->times.block32_us;
	case 0xd8:
	case 0xdc:
		return flash_erase(f, addr & ~(FLASH_BLOCK - 1u), FLASH_BLOCK);
	case 0x60:
	case 0xc7:
		return flash_erase_chip(f);
	}
	return 0;
}

/* The status registers, all at once or one of them; us. */
static uint64_t
flash_spi_status(struct flash *f, uint8_t cmd, const uint8_t *tx, size_t len)
{
	bool	keep = !f->volatile_next;

	f->volatile_next = false;
	if (cmd != 0x01 && len > 0)
		flash_set_status(f, cmd == 0x31 ? 1 : 2, tx[0], keep);
	for (size_t i = 0; cmd == 0x01 && i < len && i < 2; i++)
		flash_set_status(f, i, tx[i], keep);
	return keep ? f->times.page_us : 0;
}

/* A part that failed wakes up well from its second, deeper sleep. */
static void
flash_spi_sleep(struct flash *f, uint8_t cmd)
{
	if (cmd == 0xab) {
		if (f->slept == 0xff)
			f->failed = false;
		f->sleeping = false;
		f->slept = 0;
	} else if (cmd == 0xb9) {
		f->sleeping = true;
		f->slept = cmd;
	} else if ((cmd == 0x79 && f->slept == 0xb9) ||
	    (cmd == 0xff && f->slept == 0x79)) {
		f->slept = cmd;
	}
}

static void
flash_spi_disable(struct flash *f)
{
	f->status[0] &= (uint8_t)~STATUS_WEL;
	f->volatile_next = false;
}

static void
flash_spi_work(struct flash *f, uint64_t now_us, uint8_t cmd, uint32_t addr,
    const uint8_t *tx, size_t len)
{
	uint64_t	us;

	if (cmd == 0x01 || cmd == 0x31 || cmd == 0x11)
		us = flash_spi_status(f, cmd, tx, len);
	else if (f->status[0] & STATUS_WEL)
		us = flash_spi_change(f, cmd, addr, tx, len);
	else
		return;		/* 0x50 is for the status alone */
	f->busy_until_us = now_us + us;
	flash_spi_disable(f);
}

void
flash_spi(struct flash *f, uint64_t now_us, uint8_t cmd, uint32_t addr,
    const uint8_t *tx, size_t tx_len, uint8_t *rx, size_t rx_len)
{
	bool	armed = f->reset_armed;

	if (rx_len > 0)
		memset(rx, 0xff, rx_len);
	f->status[0] &= (uint8_t)~STATUS_BUSY;
	if (now_us < f->busy_until_us) {
		f->status[0] |= STATUS_BUSY;
		if (cmd != 0x05)
			return;		/* a busy flash hears nothing else */
	}
	flash_spi_sleep(f, cmd);
	if (f->sleeping)
		return;
	f->reset_armed = cmd == 0x66;
	/* Three address bytes reach no further than 16 MB. */
	if (cmd != 0x13 && cmd != 0x0c && cmd != 0x12 && cmd != 0x21 &&
	    cmd != 0x5c && cmd != 0xdc)
		addr %= REACH;
	if (flash_spi_read(f, cmd, addr, rx, rx_len))
		return;
	if (cmd == 0x06)
		f->status[0] |= STATUS_WEL;
	else if (cmd == 0x50)
		f->volatile_next = true;
	else if (cmd == 0x04)
		flash_spi_disable(f);
	else if (cmd == 0x99 && armed)
		flash_reset(f);
	else if (f->status[0] & STATUS_WEL || f->volatile_next)
		flash_spi_work(f, now_us, cmd, addr, tx, tx_len);
}
