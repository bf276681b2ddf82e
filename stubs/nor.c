#include "stubs/nor.h"

#include "stubs/hal.h"
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
	SR_PROTECT	= 0x3c,		/* BP0 to BP2, TB or BP3 */
	SR2_CMP		= 0x40,		/* protects what BP does not */

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

static void
nor_command(struct stub *s, uint8_t command)
{
	const struct hal_spi	spi = { .command = command };

	hal_spi(s, &spi);
}

static uint8_t
nor_register(struct stub *s, uint8_t command)
{
	uint8_t			v = 0;
	const struct hal_spi	spi = { .command = command, .read = &v,
	    .read_len = 1 };

	hal_spi(s, &spi);
	return v;
}

/* A command with an address: `wide` is the same for one of four bytes. */
static void
nor_at(struct stub *s, uint8_t command, uint8_t wide, uint32_t addr,
    struct hal_spi *spi)
{
	bool	far = addr >= SIZE_3BYTE ||
	    addr + spi->read_len + spi->send_len > SIZE_3BYTE;

	spi->command = far ? wide : command;
	spi->addr_bits = far ? 32 : 24;
	spi->addr = addr;
	hal_spi(s, spi);
}

void
nor_identify(struct stub *s)
{
	uint8_t			id[3] = { 0 };
	const struct hal_spi	spi = { .command = NOR_RDID, .read = id,
	    .read_len = sizeof(id) };

	nor_touched(s);
	/* Nobody there, or not on these pins: the host, which waits for the
	 * greeting, may know better. */
	if (nor_register(s, NOR_RDSR) == 0xff)
		s->nor_work = 0;
	(void)nor_wait(s);	/* one that hangs has no sensible size either */
	hal_spi(s, &spi);
	s->nor_maker = id[0];
	s->nor_no_32k = false;
	s->nor_size = SIZE_3BYTE;
	if (id[2] >= SIZE_DECIMAL)
		id[2] -= SIZE_DECIMAL - SIZE_3BYTE_SHIFT - 2;
	if (id[2] >= SIZE_SHIFT_MIN && id[2] <= SIZE_SHIFT_MAX)
		s->nor_size = 1u << id[2];
}

bool
nor_has(const struct stub *s, uint32_t addr, uint32_t len)
{
	uint32_t	size = s->nor_size;

	if (size > SIZE_3BYTE && (s->caps & EXT_CAP_4BYTE) == 0)
		size = SIZE_3BYTE;
	return addr <= size && len <= size - addr;
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
	nor_started(s, EXT_COUNT_PROGRAM, STATUS_MS);
}

bool
nor_busy(struct stub *s)
{
	if (s->nor_work != 0 && (nor_register(s, NOR_RDSR) & SR_BUSY) == 0)
		s->nor_work = 0;
	return s->nor_work != 0;
}

uint8_t
nor_wait(struct stub *s)
{
	uint32_t	was, polls = 0;

	if (s->nor_work == 0)
		return STATUS_OK;
	was = meter_switch(s, s->nor_work);
	while (nor_busy(s) && !s->left && polls++ < s->nor_polls) {
		stub_pump(s);
		hal_idle(s);
	}
	(void)meter_switch(s, was);
	return s->nor_work == 0 ? STATUS_OK : STATUS_SPI;
}

/* ---- reading ---- */

uint8_t
nor_read(struct stub *s, uint32_t addr, uint8_t *out, uint32_t len)
{
	uint8_t	e = nor_wait(s);

	while (e == STATUS_OK && len > 0) {
		uint32_t	n = len < STUB_SLICE ? len : STUB_SLICE;
		struct hal_spi	spi = { .read = out, .read_len = n };

		nor_at(s, NOR_READ, NOR_READ_4, addr, &spi);
		addr += n;
		out += n;
		len -= n;
		stub_pump(s);
	}
	return e;
}

uint8_t
nor_md5(struct stub *s, uint32_t addr, uint32_t len, uint8_t out[MD5_BYTES])
{
	uint8_t	slice[STUB_SLICE], e = STATUS_OK;

	md5_begin(&s->md5);
	while (e == STATUS_OK && len > 0) {
		uint32_t	n = len < STUB_SLICE ? len : STUB_SLICE;

		e = s->left ? STATUS_SPI : nor_read(s, addr, slice, n);
		md5_add(&s->md5, slice, n);
		addr += n;
		len -= n;
	}
	md5_end(&s->md5, out);
	return e;
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

static bool
nor_has_status2(const struct stub *s)
{
	return s->nor_maker != MAKER_MACRONIX && s->nor_maker != MAKER_ISSI;
}

/* As the ROM's unlocking does; but no bit is touched that does something else
 * (four lines, locks for good). */
static bool
nor_protected(struct stub *s, uint8_t status[2])
{
	status[0] = nor_register(s, NOR_RDSR);
	status[1] = 0;
	if (nor_has_status2(s))
		status[1] = nor_register(s, NOR_RDSR2);
	/* Nobody there: that is for others to find. */
	if (status[0] == 0xff)
		return false;
	return (status[0] & SR_PROTECT) != 0 || (status[1] & SR2_CMP) != 0;
}

uint8_t
nor_unlock(struct stub *s)
{
	uint8_t		status[2], e = nor_wait(s);
	struct hal_spi	spi = { .command = NOR_WRSR, .send = status,
	    .send_len = 2 };

	if (e != STATUS_OK || !nor_protected(s, status))
		return e;
	if (!nor_has_status2(s))
		spi.send_len = 1;
	status[0] &= (uint8_t)~(SR_PROTECT | SR_WEL | SR_BUSY);
	status[1] &= (uint8_t)~SR2_CMP;
	nor_command(s, NOR_WREN);
	hal_spi(s, &spi);
	nor_started(s, EXT_COUNT_PROGRAM, STATUS_MS);
	if (nor_wait(s) != STATUS_OK || nor_protected(s, status))
		return STATUS_UNLOCK;
	return STATUS_OK;
}

/* ---- erasing ---- */

/* A short look at each sector tells most that are not. */
static bool
nor_blank(struct stub *s, uint32_t addr, uint32_t len)
{
	uint8_t	slice[STUB_SLICE];

	for (uint32_t at = 0; at < len; at += NOR_SECTOR)
		if (nor_read(s, addr + at, slice, sizeof(slice)) != STATUS_OK ||
		    !nor_is_blank(slice, sizeof(slice)))
			return false;
	for (uint32_t at = 0; at < len; at += sizeof(slice))
		if (s->left ||
		    nor_read(s, addr + at, slice, sizeof(slice)) != STATUS_OK ||
		    !nor_is_blank(slice, sizeof(slice)))
			return false;
	return true;
}

/* Not all parts have the 32 KB erase.  One that does not know a command keeps
 * the bit which the write enable before it has set. */
static bool
nor_erase_ignored(struct stub *s)
{
	return (nor_register(s, NOR_RDSR) & (SR_BUSY | SR_WEL)) == SR_WEL;
}

static void
nor_erase_start(struct stub *s, uint32_t addr, uint32_t *step)
{
	struct hal_spi	spi = { .command = 0 };

	nor_command(s, NOR_WREN);
	if (*step == NOR_BLOCK) {
		nor_at(s, NOR_ERASE64, NOR_ERASE64_4, addr, &spi);
	} else if (*step == NOR_BLOCK32) {
		nor_at(s, NOR_ERASE32, NOR_ERASE32_4, addr, &spi);
		if (nor_erase_ignored(s)) {
			s->nor_no_32k = true;
			*step = 0;
			return;
		}
	} else {
		nor_at(s, NOR_ERASE, NOR_ERASE_4, addr, &spi);
	}
	nor_started(s, EXT_COUNT_ERASE,
	    *step == NOR_BLOCK ? ERASE64_MS : ERASE_MS);
	s->counters[EXT_COUNT_ERASES]++;
}

uint8_t
nor_erase(struct stub *s, uint32_t addr, uint32_t len, uint32_t *step)
{
	uint8_t	e = nor_wait(s);

	if (e != STATUS_OK)
		return e;
	*step = NOR_BLOCK;
	if (addr % NOR_BLOCK != 0 || len < NOR_BLOCK)
		*step = NOR_BLOCK32;
	if (addr % NOR_BLOCK32 != 0 || len < *step ||
	    (*step == NOR_BLOCK32 && s->nor_no_32k))
		*step = NOR_SECTOR;
	if (nor_blank(s, addr, *step)) {
		s->counters[EXT_COUNT_BLANK] += *step / NOR_SECTOR;
		return STATUS_OK;
	}
	nor_erase_start(s, addr, step);
	return STATUS_OK;
}

uint8_t
nor_erase_chip(struct stub *s)
{
	uint8_t	e = nor_unlock(s);

	if (e != STATUS_OK)
		return e;
	nor_command(s, NOR_WREN);
	nor_command(s, NOR_ERASE_ALL);
	nor_started(s, EXT_COUNT_ERASE, ERASE_ALL_MS);
	s->counters[EXT_COUNT_ERASES]++;
	return nor_wait(s);
}

/* ---- programming ---- */

uint8_t
nor_program(struct stub *s, uint32_t addr, const uint8_t *data, uint32_t len)
{
	uint8_t	e = STATUS_OK;

	while (e == STATUS_OK && len > 0) {
		/* Never over the end of a page: 256 is a multiple. */
		uint32_t	n = STUB_SLICE - addr % STUB_SLICE;
		struct hal_spi	spi = { .send = data };

		if (n > len)
			n = len;
		if (!nor_is_blank(data, n)) {
			spi.send_len = n;
			if ((e = nor_wait(s)) != STATUS_OK)
				return e;
			nor_command(s, NOR_WREN);
			nor_at(s, NOR_PROGRAM, NOR_PROGRAM_4, addr, &spi);
			nor_started(s, EXT_COUNT_PROGRAM, PROGRAM_MS);
			s->counters[EXT_COUNT_PROGRAMS]++;
		}
		stub_pump(s);
		addr += n;
		data += n;
		len -= n;
	}
	return e;
}
