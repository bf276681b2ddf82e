#include "stubs/nor.h"

#include "stubs/meter.h"
#include "stubs/stub.h"

enum nor_op {
	NOR_WRSR	= 0x01,
	NOR_PROGRAM	= 0x02,
	NOR_READ	= 0x03,
	NOR_RDSR	= 0x05,
	NOR_WREN	= 0x06,
	NOR_PROGRAM_4	= 0x12,		/* addresses of four bytes */
	NOR_READ_4	= 0x13,
	NOR_ERASE	= 0x20,
	NOR_ERASE_4	= 0x21,
	NOR_RDSR2	= 0x35,
	NOR_ERASE32	= 0x52,
	NOR_ERASE32_4	= 0x5c,
	NOR_RDID	= 0x9f,
	NOR_ERASE_ALL	= 0xc7,
	NOR_ERASE64	= 0xd8,
	NOR_ERASE64_4	= 0xdc,
};

enum {
	SR_BUSY		= 0x01,
	SR_WEL		= 0x02,
	SR_PROTECT	= 0x403c,	/* BP0 to BP2, TB or BP3; and CMP of the
					 * second register: what BP does not */

	MAKER_MACRONIX	= 0xc2,		/* to these 0x35 is not RDSR2: */
	MAKER_ISSI	= 0x9d,		/* they would change to four lines */

	SIZE_3BYTE	= 16 << 20,	/* what addresses of 24 bits reach */
	SIZE_SHIFT_MIN	= 16,		/* 64 KB to 256 MB: RDID tells the
					 * exponent... */
	SIZE_SHIFT_MAX	= 28,
	SIZE_3BYTE_SHIFT = 24,
	SIZE_DECIMAL	= 0x20,		/* ...but some count 18 19 20 21 in
					 * what looks like decimal */

	/* To ask takes at least two microseconds on each chip. */
	POLLS_PER_MS	= 500,
	PROGRAM_MS	= 1000,
	STATUS_MS	= 2000,
	ERASE_MS	= 5000,
	ERASE64_MS	= 10000,
	ERASE_ALL_MS	= 200000,
};

/* The transaction that s->spi tells. */
static void
nor_do(struct stub *s, uint8_t command)
{
	s->spi.command = command;
	hal_spi(s, &s->spi);
	s->spi.addr_bits = 0;
	s->spi.send_len = s->spi.read_len = 0;
}

/* A command with an address: `wide` is the same for one of four bytes. */
static void
nor_at(struct stub *s, uint8_t command, uint8_t wide, uint32_t addr)
{
	s->spi.addr = addr;
	s->spi.addr_bits = 24;
	if (addr >= SIZE_3BYTE ||
	    addr + s->spi.read_len + s->spi.send_len > SIZE_3BYTE) {
		s->spi.addr_bits = 32;
		command = wide;
	}
	nor_do(s, command);
}

static uint8_t
nor_register(struct stub *s, uint8_t command)
{
	s->spi.read = s->slice;
	s->spi.read_len = 1;
	nor_do(s, command);
	return s->slice[0];
}

void
nor_identify(struct stub *s)
{
	uint8_t	*id = s->slice;

	nor_touched(s);
	/* Nobody there, or not on these pins: the host, which waits for the
	 * greeting, may know better. */
	if (nor_register(s, NOR_RDSR) == 0xff)
		s->nor_work = 0;
	nor_wait(s);
	s->spi.read = id;
	s->spi.read_len = 3;
	nor_do(s, NOR_RDID);
	s->nor_maker = id[0];
	s->nor_no_32k = false;
	s->nor_size = SIZE_3BYTE;
	if (id[2] >= SIZE_DECIMAL)
		id[2] -= SIZE_DECIMAL - SIZE_3BYTE_SHIFT - 2;
	if (id[2] >= SIZE_SHIFT_MIN && id[2] <= SIZE_SHIFT_MAX)
		s->nor_size = 1u << id[2];
}

bool
nor_has(struct stub *s, uint32_t addr, uint32_t len)
{
	uint32_t	size = s->nor_size;
	bool		has;

	if (size > SIZE_3BYTE && (s->caps & EXT_CAP_4BYTE) == 0)
		size = SIZE_3BYTE;
	has = addr <= size && len <= size - addr;
	if (!has)
		stub_fail(s, STATUS_LENGTH);
	return has;
}

/* ---- waiting ---- */

static void
nor_started(struct stub *s, uint8_t work, uint32_t ms)
{
	s->nor_work = work;
	s->nor_polls = ms * POLLS_PER_MS;
}

void
nor_touched(struct stub *s)
{
	nor_started(s, EXT_COUNT_IDLE, STATUS_MS);
}

bool
nor_busy(struct stub *s)
{
	if (s->nor_work != 0 && (nor_register(s, NOR_RDSR) & SR_BUSY) == 0)
		s->nor_work = 0;
	return s->nor_work != 0;
}

void
nor_wait(struct stub *s)
{
	uint32_t	was;

	if (s->nor_work == 0)
		return;
	was = meter_switch(s, s->nor_work);
	while (nor_busy(s)) {
		if (s->left || s->nor_polls-- == 0) {
			s->nor_polls = 0;
			stub_fail(s, STATUS_SPI);
			break;
		}
		stub_pump(s);
		hal_idle(s);
	}
	(void)meter_switch(s, was);
}

/* ---- reading ---- */

void
nor_read(struct stub *s, uint32_t addr, uint32_t len)
{
	nor_wait(s);
	if (s->error != STATUS_OK)
		return;
	s->spi.read = s->slice;
	s->spi.read_len = len;
	nor_at(s, NOR_READ, NOR_READ_4, addr);
	stub_pump(s);
}

void
nor_md5(struct stub *s, uint32_t addr, uint32_t len)
{
	uint32_t	n = STUB_SLICE;

	md5_begin(&s->md5);
	for (; len > 0 && s->error == STATUS_OK && !s->left;
	    addr += n, len -= n) {
		if (n > len)
			n = len;
		nor_read(s, addr, n);
		md5_add(&s->md5, s->slice, n);
	}
	md5_end(&s->md5, (uint8_t *)s->scratch);
}

/* FF all over: erased, or need not be programmed. */
static bool
nor_is_blank(const uint8_t *p, uint32_t len)
{
	while (len > 0 && *p == 0xff) {
		p++;
		len--;
	}
	return len == 0;
}

/* ---- protection ---- */

/* As the ROM's unlocking does; but no bit is touched that does something else
 * (four lines, locks for good). */
void
nor_unlock(struct stub *s)
{
	bool		two = s->nor_maker != MAKER_MACRONIX &&
	    s->nor_maker != MAKER_ISSI;
	uint32_t	status;
	uint8_t		send[2];

	for (bool again = false;; again = true) {
		nor_wait(s);
		status = nor_register(s, NOR_RDSR);
		/* Nobody there: that is for others to find. */
		if (s->error != STATUS_OK || status == 0xff)
			return;
		if (two)
			status |= (uint32_t)nor_register(s, NOR_RDSR2) << 8;
		if ((status & SR_PROTECT) == 0)
			return;
		if (again) {
			stub_fail(s, STATUS_UNLOCK);
			return;
		}
		status &= ~(uint32_t)(SR_PROTECT | SR_WEL | SR_BUSY);
		send[0] = (uint8_t)status;
		send[1] = (uint8_t)(status >> 8);
		nor_do(s, NOR_WREN);
		s->spi.send = send;
		s->spi.send_len = two ? 2 : 1;
		nor_do(s, NOR_WRSR);
		nor_touched(s);
	}
}

/* ---- erasing ---- */

static const struct nor_step {
	uint32_t	size;
	uint16_t	ms;
	uint8_t		command, wide;
} nor_steps[] = {
	{ NOR_BLOCK,	ERASE64_MS,	NOR_ERASE64,	NOR_ERASE64_4 },
	{ NOR_BLOCK32,	ERASE_MS,	NOR_ERASE32,	NOR_ERASE32_4 },
	{ NOR_SECTOR,	ERASE_MS,	NOR_ERASE,	NOR_ERASE_4 },
};

/* Only the begin of each sector, or all of it. */
static bool
nor_blank(struct stub *s, uint32_t addr, uint32_t len, uint32_t stride)
{
	for (uint32_t at = 0; at < len; at += stride) {
		nor_read(s, addr + at, STUB_SLICE);
		if (s->error != STATUS_OK || !nor_is_blank(s->slice, STUB_SLICE))
			return false;
	}
	return true;
}

uint32_t
nor_erase(struct stub *s, uint32_t addr, uint32_t len)
{
	const struct nor_step	*e = nor_steps;

	while (addr % e->size != 0 || len < e->size ||
	    (e->size == NOR_BLOCK32 && s->nor_no_32k))
		e++;
	/* A short look at each sector tells most that are not. */
	if (nor_blank(s, addr, e->size, NOR_SECTOR) &&
	    nor_blank(s, addr, e->size, STUB_SLICE)) {
		s->counters[EXT_COUNT_BLANK] += e->size / NOR_SECTOR;
		return e->size;
	}
	if (s->error != STATUS_OK)
		return e->size;
	nor_do(s, NOR_WREN);
	nor_at(s, e->command, e->wide, addr);
	/* Not all parts have the 32 KB erase.  One that does not know a command
	 * keeps the bit which the write enable before it has set. */
	if (e->size == NOR_BLOCK32 && (nor_register(s, NOR_RDSR) &
	    (SR_BUSY | SR_WEL)) == SR_WEL) {
		s->nor_no_32k = true;
		return 0;
	}
	nor_started(s, EXT_COUNT_ERASE, e->ms);
	s->counters[EXT_COUNT_ERASES]++;
	return e->size;
}

void
nor_erase_chip(struct stub *s)
{
	nor_unlock(s);
	if (s->error != STATUS_OK)
		return;
	nor_do(s, NOR_WREN);
	nor_do(s, NOR_ERASE_ALL);
	nor_started(s, EXT_COUNT_ERASE, ERASE_ALL_MS);
	s->counters[EXT_COUNT_ERASES]++;
	nor_wait(s);
}

/* ---- programming ---- */

void
nor_program(struct stub *s, uint32_t addr, const uint8_t *data, uint32_t len)
{
	uint32_t	n;

	for (; len > 0; addr += n, data += n, len -= n) {
		/* Never over the end of a page: 256 is a multiple. */
		n = STUB_SLICE - addr % STUB_SLICE;
		if (n > len)
			n = len;
		stub_pump(s);
		if (nor_is_blank(data, n))
			continue;
		nor_wait(s);
		if (s->error != STATUS_OK)
			return;
		nor_do(s, NOR_WREN);
		s->spi.send = data;
		s->spi.send_len = n;
		nor_at(s, NOR_PROGRAM, NOR_PROGRAM_4, addr);
		nor_started(s, EXT_COUNT_PROGRAM, PROGRAM_MS);
		s->counters[EXT_COUNT_PROGRAMS]++;
	}
}
