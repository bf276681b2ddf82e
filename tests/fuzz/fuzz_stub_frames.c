/*
 * stubs: any bytes on the line of our flasher stub, with a flash of 1 MB.  The
 * first byte says how it is run: as Espressif's, with which abilities, and
 * whether the rest is the line itself or a list of requests whose checksums,
 * lengths and numbers are made here:
 *
 *	op, length (16 bits), so many bytes of data (fewer at the end)
 *
 * Nothing may be read or written where it must not be, and there is an end.
 */
#include <string.h>
#include <zlib.h>

#include "proto/base/bytes.h"
#include "proto/serial/cmd.h"
#include "proto/serial/ext.h"
#include "stubs/hal.h"
#include "stubs/stub.h"
#include "tests/fuzz/fuzz.h"

enum {
	FLASH		= 1 << 20,
	LINE		= 1 << 17,
	CALLS		= 60000,	/* of the HAL, then it is stopped */
	DATA_MAX	= 16384 + 64,
	AS_OFFICIAL	= 1 << 0,	/* the first byte */
	AS_REQUESTS	= 1 << 1,
	AS_ABLE		= 1 << 2,
	AS_BLANK	= 1 << 3,
	AS_DRIPPING	= 1 << 4,
};

static struct machine {
	uint8_t		 flash[FLASH];
	uint8_t		 line[LINE];
	size_t		 len, at;
	uint8_t		 how;
	uint8_t		 status;
	uint32_t	 calls;
	uint32_t	 now;
	uint32_t	 busy;		/* polls until it is not */
	uint32_t	 block;		/* number of the next EXT_BLOCK */
} m;

static void
spend(struct stub *s)
{
	m.now++;
	if (++m.calls == CALLS)
		stub_stop(s);
}

void
hal_init(struct stub *s)
{
	spend(s);
}

uint32_t
hal_receive(struct stub *s, uint8_t *out, uint32_t max)
{
	size_t	n = m.len - m.at;

	spend(s);
	FUZZ_CHECK(max > 0);
	if (n > max)
		n = max;
	if ((m.how & AS_DRIPPING) != 0 && n > 3)
		n = 3;
	memcpy(out, m.line + m.at, n);
	m.at += n;
	return (uint32_t)n;
}

uint32_t
hal_send(struct stub *s, const uint8_t *data, uint32_t len)
{
	uint8_t	last;

	spend(s);
	FUZZ_CHECK(len > 0 && len <= 64);
	memcpy(&last, data + len - 1, 1);	/* a sanitizer looks */
	return (m.how & AS_DRIPPING) != 0 ? len / 2 + (last & 1) % len : len;
}

void
hal_send_end(struct stub *s)
{
	spend(s);
}

void
hal_baud(struct stub *s, uint32_t was, uint32_t baud)
{
	m.now += was ^ baud;
	spend(s);
}

void
hal_attach(struct stub *s, uint32_t pins)
{
	m.now += pins;
	spend(s);
}

int
hal_encrypt(struct stub *s, uint32_t addr, const uint8_t *data, uint32_t len)
{
	spend(s);
	FUZZ_CHECK(len <= HAL_SEAL && len % 16 == 0);
	for (uint32_t i = 0; i < len; i++)
		m.flash[(addr + i) % FLASH] = data[i];
	return addr % 48 == 0 ? -1 : 0;
}

uint32_t
hal_caps(struct stub *s)
{
	spend(s);
	return (m.how & AS_ABLE) != 0 ? EXT_CAP_ENCRYPT | EXT_CAP_SECINFO |
	    EXT_CAP_4BYTE : 0;
}

uint32_t
hal_chip(struct stub *s)
{
	spend(s);
	return UINT32_MAX;
}

uint32_t
hal_security(struct stub *s, uint8_t *out)
{
	spend(s);
	memset(out, 0, HAL_SECINFO);
	return (m.how & AS_ABLE) != 0 ? HAL_SECINFO : 0;
}

uint32_t
hal_read(struct stub *s, uint32_t addr)
{
	spend(s);
	return addr * 0x9e3779b9 >> 28;
}

void
hal_write(struct stub *s, uint32_t addr, uint32_t value)
{
	m.now += addr ^ value;
	spend(s);
}

void
hal_delay(struct stub *s, uint32_t us)
{
	m.now += us;
	spend(s);
}

uint32_t
hal_ticks(struct stub *s)
{
	spend(s);
	return m.now;
}

void
hal_idle(struct stub *s)
{
	spend(s);
	if (m.at == m.len && m.busy == 0)
		stub_stop(s);
}

void
hal_jump(struct stub *s, uint32_t entry)
{
	m.now += entry;
	spend(s);
}

void
hal_restart(struct stub *s)
{
	spend(s);
}

void
hal_run(struct stub *s)
{
	spend(s);
}

static void
flash_answer(const struct hal_spi *x)
{
	static const uint8_t	id[3] = { 0xef, 0x40, 20 };

	for (uint32_t i = 0; i < x->read_len; i++) {
		if (x->command == 0x05)
			x->read[i] = (uint8_t)(m.status | (m.busy != 0));
		else if (x->command == 0x9f)
			x->read[i] = id[i % 3];
		else
			x->read[i] = m.flash[(x->addr + i) % FLASH];
	}
	if (x->command == 0x05 && m.busy > 0)
		m.busy--;
}

void
hal_spi(struct stub *s, const struct hal_spi *x)
{
	uint32_t	size = 0;

	spend(s);
	FUZZ_CHECK(x->send_len <= 64 && x->read_len <= 64);
	flash_answer(x);
	for (uint32_t i = 0; i < x->send_len; i++) {
		if (x->command == 0x01)
			m.status = x->send[0] & 0xfc;
		else
			m.flash[(x->addr + i) % FLASH] &= x->send[i];
	}
	if (x->command == 0x20)
		size = 4096;
	else if (x->command == 0x52)
		size = 32768;
	else if (x->command == 0xd8)
		size = 65536;
	else if (x->command == 0xc7)
		size = FLASH;
	if (size > 0)
		memset(m.flash + (x->addr & (FLASH - size)), 0xff, size);
	if (size > 0 || x->send_len > 0)
		m.busy = m.now % 4;
}

/* ---- the line ---- */

static void
put(uint8_t c)
{
	if (m.len < LINE)
		m.line[m.len++] = c;
}

static void
put_escaped(const uint8_t *p, size_t len)
{
	for (; len > 0; len--, p++) {
		if (*p == 0xc0 || *p == 0xdb) {
			put(0xdb);
			put(*p == 0xc0 ? 0xdc : 0xdd);
		} else {
			put(*p);
		}
	}
}

/* What a careful host would put into the first words. */
static uint32_t
fill_in(uint8_t op, uint8_t *data, size_t len)
{
	if (op == EXT_WRITE)
		m.block = 0;
	if (op == EXT_BLOCK && len > EXT_BLOCK_HEAD && data[3] < 0xf0) {
		data[0] = (uint8_t)m.block;
		data[1] = (uint8_t)(m.block++ >> 8);
		data[2] = 0;
	}
	if ((op == CMD_FLASH_DATA || op == CMD_FLASH_DEFL_DATA ||
	    op == CMD_MEM_DATA) && len >= CMD_BLOCK_HEADER) {
		le32_put(data, (uint32_t)(len - CMD_BLOCK_HEADER));
		return cmd_checksum(data + CMD_BLOCK_HEADER,
		    len - CMD_BLOCK_HEADER);
	}
	return 0;
}

static void
put_request(uint8_t op, const uint8_t *p, size_t len)
{
	static uint8_t	data[DATA_MAX];
	uint8_t		head[CMD_HEADER] = { 0, op };
	uint32_t	sum;

	memcpy(data, p, len);
	sum = fill_in(op, data, len);
	le16_put(head + 2, (uint16_t)len);
	if (op >= EXT_INFO && (m.how & AS_OFFICIAL) == 0)
		sum = (uint32_t)crc32(crc32(0, head + 1, 3), data, (uInt)len);
	le32_put(head + 4, sum);
	put(0xc0);
	put_escaped(head, sizeof(head));
	put_escaped(data, len);
	put(0xc0);
}

static void
put_requests(const uint8_t *p, size_t len)
{
	while (len >= 3) {
		size_t	n = le16_get(p + 1) % DATA_MAX;

		if (n > len - 3)
			n = len - 3;
		put_request(p[0], p + 3, n);
		p += 3 + n;
		len -= 3 + n;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct stub	*s;

	if (len == 0)
		return 0;
	m.how = p[0];
	m.len = m.at = 0;
	m.calls = m.now = m.busy = m.block = 0;
	m.status = 0x1c;
	memset(m.flash, (m.how & AS_BLANK) != 0 ? 0xff : 0x5a, FLASH);
	if ((m.how & AS_REQUESTS) != 0)
		put_requests(p + 1, len - 1);
	else
		for (size_t i = 1; i < len; i++)
			put(p[i]);
	s = calloc(1, stub_size());
	FUZZ_CHECK(s != NULL);
	stub_main(s, &m, (m.how & AS_OFFICIAL) != 0);
	FUZZ_CHECK(stub_hal(s) == &m);
	free(s);
	return 0;
}
