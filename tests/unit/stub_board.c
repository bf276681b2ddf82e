#include "tests/unit/stub_board.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "daemon/wire/fiber.h"
#include "proto/base/bytes.h"
#include "proto/serial/cmd.h"
#include "stubs/hal.h"
#include "tests/unit/unit.h"

enum {
	WEL		= 2,
	BUSY		= 1,
	PROTECT		= 0x3c,
	CMP		= 0x40,
	PAGE		= 256,
	TICKS_PER_US	= 40,
};

static struct stub_board *
board_of(struct stub *s)
{
	return stub_hal(s);
}

/* ---- the machine ---- */

void
hal_init(struct stub *s)
{
	(void)s;	/* nothing to do */
}

uint32_t
hal_receive(struct stub *s, uint8_t *out, uint32_t max)
{
	struct stub_board	*b = board_of(s);
	size_t			 n = b->in_len - b->in_at;

	if (n > max)
		n = max;
	if (b->fifo != 0 && n > b->fifo)
		n = b->fifo;
	memcpy(out, b->in + b->in_at, n);
	b->in_at += n;
	return (uint32_t)n;
}

uint32_t
hal_send(struct stub *s, const uint8_t *data, uint32_t len)
{
	struct stub_board	*b = board_of(s);

	assert(b->out_len + len <= BOARD_OUT);
	memcpy(b->out + b->out_len, data, len);
	b->out_len += len;
	return len;
}

void
hal_send_end(struct stub *s)
{
	(void)s;	/* it has left already */
}

void
hal_baud(struct stub *s, uint32_t was, uint32_t baud)
{
	(void)was;	/* this machine needs no help to find it */
	board_of(s)->baud = baud;
}

void
hal_attach(struct stub *s, uint32_t pins)
{
	board_of(s)->pins = pins;
}

int
hal_encrypt(struct stub *s, uint32_t addr, const uint8_t *data, uint32_t len)
{
	struct stub_board	*b = board_of(s);

	if (addr % 32 != 0 || len % 32 != 0)
		return -1;
	for (uint32_t i = 0; i < len; i++)
		b->flash[(addr + i) % b->flash_size] = data[i] ^ 0x5a;
	b->sealed += len;
	return 0;
}

uint32_t
hal_caps(struct stub *s)
{
	return board_of(s)->caps;
}

uint32_t
hal_chip(struct stub *s)
{
	(void)s;
	return 5;
}

uint32_t
hal_security(struct stub *s, uint8_t *out)
{
	if ((board_of(s)->caps & EXT_CAP_SECINFO) == 0)
		return 0;
	memset(out, 0x11, 20);
	return 20;
}

uint32_t
hal_read(struct stub *s, uint32_t addr)
{
	assert(addr % 4 == 0);
	return board_of(s)->reg[addr / 4 % BOARD_REGS];
}

void
hal_write(struct stub *s, uint32_t addr, uint32_t value)
{
	assert(addr % 4 == 0);
	board_of(s)->reg[addr / 4 % BOARD_REGS] = value;
}

void
hal_delay(struct stub *s, uint32_t us)
{
	board_of(s)->now_us += us;
}

uint32_t
hal_ticks(struct stub *s)
{
	return (uint32_t)(board_of(s)->now_us * TICKS_PER_US);
}

void
hal_idle(struct stub *s)
{
	struct stub_board	*b = board_of(s);

	if (b->busy_until_us > b->now_us)
		b->now_us = b->busy_until_us;
	else if (b->in_at == b->in_len && !(b->dead && b->polled))
		(void)fiber_wait();	/* the value tells nothing */
	else
		b->now_us++;
	b->polled = false;
}

void
hal_jump(struct stub *s, uint32_t entry)
{
	board_of(s)->left = BOARD_JUMPED;
	board_of(s)->entry = entry;
}

void
hal_restart(struct stub *s)
{
	board_of(s)->left = BOARD_RESTARTED;
}

void
hal_run(struct stub *s)
{
	board_of(s)->left = BOARD_RAN;
}

/* ---- its flash ---- */

static void
flash_program(struct stub_board *b, uint32_t addr, const struct hal_spi *x)
{
	for (uint32_t i = 0; i < x->send_len; i++) {
		uint32_t	at = (addr & ~(uint32_t)(PAGE - 1)) |
		    ((addr + i) % PAGE);

		b->faults += (~b->flash[at] & x->send[i]) != 0;
		b->flash[at] &= x->send[i];
	}
	b->programs++;
	b->busy_until_us = b->now_us + 30 + x->send_len * 5 / 2;
}

static void
flash_erase(struct stub_board *b, uint32_t addr, uint32_t len, uint32_t us)
{
	memset(b->flash + (addr & ~(len - 1)), 0xff, len);
	b->erases++;
	b->busy_until_us = b->now_us + us;
}

static void
flash_status(struct stub_board *b, const struct hal_spi *x)
{
	b->status[0] = (uint8_t)((x->send[0] & ~b->fixed) |
	    (b->status[0] & b->fixed));
	b->status[1] = x->send_len > 1 ? x->send[1] : 0;
	b->busy_until_us = b->now_us + 10000;
}

/* What changes it; only with write enable, and not what is protected. */
static void
flash_change(struct stub_board *b, const struct hal_spi *x, uint32_t addr)
{
	bool	protect = (b->status[0] & PROTECT) != 0 ||
	    (b->status[1] & CMP) != 0;

	if (b->no_32k && x->command == 0x52)
		return;
	b->faults += (b->status[0] & WEL) == 0;
	b->status[0] &= (uint8_t)~WEL;
	if (x->command == 0x01)
		flash_status(b, x);
	else if (protect)
		return;
	else if (x->command == 0x02 || x->command == 0x12)
		flash_program(b, addr, x);
	else if (x->command == 0x20 || x->command == 0x21)
		flash_erase(b, addr, 4096, 45000);
	else if (x->command == 0x52 || x->command == 0x5c)
		flash_erase(b, addr, 32768, 120000);
	else if (x->command == 0xd8 || x->command == 0xdc)
		flash_erase(b, addr, 65536, 150000);
	else if (x->command == 0xc7)
		flash_erase(b, 0, b->flash_size, 10000000);
	else
		b->faults++;
}

static void
flash_id(const struct stub_board *b, const struct hal_spi *x)
{
	uint8_t	id[3] = { b->maker, 0x40, 0 };

	for (uint32_t n = b->flash_size; n > 1; n /= 2)
		id[2]++;
	memcpy(x->read, id, x->read_len < 3 ? x->read_len : 3);
}

void
hal_spi(struct stub *s, const struct hal_spi *x)
{
	struct stub_board	*b = board_of(s);
	bool			 busy = b->now_us < b->busy_until_us || b->dead;
	uint32_t		 addr = x->addr & (x->addr_bits == 24 ?
	    0xffffff : UINT32_MAX) & (b->flash_size - 1);

	b->faults += x->send_len > 64 || x->read_len > 64;
	b->faults += busy && x->command != 0x05;
	b->far += x->addr_bits == 32;
	b->now_us++;
	switch (x->command) {
	case 0x05:
		b->polled = true;
		x->read[0] = (uint8_t)(b->status[0] | (busy ? BUSY : 0));
		break;
	case 0x35:
		x->read[0] = b->status[1];
		b->faults += b->maker == 0xc2;
		break;
	case 0x06:
		b->status[0] |= WEL;
		break;
	case 0x03:
	case 0x13:
		for (uint32_t i = 0; i < x->read_len; i++)
			x->read[i] = b->flash[(addr + i) % b->flash_size];
		b->reads += x->read_len;
		break;
	case 0x9f:
		flash_id(b, x);
		break;
	default:
		flash_change(b, x, addr);
		break;
	}
}

/* ---- the test's side ---- */

void
board_init(struct stub_board *b, uint32_t flash_size)
{
	memset(b, 0, sizeof(*b));
	b->flash_size = flash_size;
	b->flash = malloc(flash_size);
	b->stub = calloc(1, stub_size());
	assert(b->flash != NULL && b->stub != NULL);
	memset(b->flash, 0xff, flash_size);
	b->maker = 0xef;
	b->caps = EXT_CAP_4BYTE | EXT_CAP_TICKS | EXT_CAP_RESTART;
}

static void
board_main(void *arg)
{
	struct stub_board	*b = arg;

	stub_main(b->stub, b, b->official);
}

void
board_run(struct stub_board *b)
{
	if (b->fiber != NULL && !fiber_resume(b->fiber, 0)) {
		fiber_free(b->fiber);
		b->fiber = NULL;
	}
}

void
board_start(struct stub_board *b)
{
	b->fiber = fiber_new(board_main, b);
	assert(b->fiber != NULL);
	board_run(b);
}

void
board_done(struct stub_board *b)
{
	if (b->fiber != NULL) {
		stub_stop(b->stub);
		b->dead = false;
		board_run(b);
		assert(b->fiber == NULL);
	}
	free(b->flash);
	free(b->stub);
}

void
board_raw(struct stub_board *b, const void *data, size_t len)
{
	if (b->in_at == b->in_len)
		b->in_at = b->in_len = 0;
	assert(b->in_len + len <= BOARD_IN);
	memcpy(b->in + b->in_len, data, len);
	b->in_len += len;
}

static void
board_escaped(struct stub_board *b, const uint8_t *p, size_t len)
{
	for (; len > 0; len--, p++) {
		if (*p == 0xc0)
			board_raw(b, "\xdb\xdc", 2);
		else if (*p == 0xdb)
			board_raw(b, "\xdb\xdd", 2);
		else
			board_raw(b, p, 1);
	}
}

void
board_frame(struct stub_board *b, const void *data, size_t len)
{
	board_raw(b, "\xc0", 1);
	board_escaped(b, data, len);
	board_raw(b, "\xc0", 1);
}

static void
board_packet(struct stub_board *b, uint8_t op, uint32_t sum, const void *data,
    size_t len)
{
	uint8_t	head[CMD_HEADER] = { 0, op };

	le16_put(head + 2, (uint16_t)len);
	if (op >= EXT_INFO) {
		sum = (uint32_t)crc32(0, head + 1, 3);
		if (len > 0)
			sum = (uint32_t)crc32(sum, data, (uInt)len);
	}
	le32_put(head + 4, sum);
	board_raw(b, "\xc0", 1);
	board_escaped(b, head, sizeof(head));
	board_escaped(b, data, len);
	board_raw(b, "\xc0", 1);
}

void
board_request(struct stub_board *b, uint8_t op, const void *data, size_t len)
{
	board_packet(b, op, 0, data, len);
}

void
board_block(struct stub_board *b, uint8_t op, uint32_t seq, const void *data,
    size_t len)
{
	static uint8_t	p[BOARD_FRAME];
	size_t		head = op == EXT_BLOCK ? EXT_BLOCK_HEAD : CMD_BLOCK_HEADER;

	assert(len + head <= sizeof(p));
	memset(p, 0, head);
	le32_put(p, op == EXT_BLOCK ? seq : (uint32_t)len);
	if (op != EXT_BLOCK)
		le32_put(p + 4, seq);
	if (len > 0)
		memcpy(p + head, data, len);
	board_packet(b, op, cmd_checksum(data, len), p, head + len);
}

void
board_words(struct stub_board *b, uint8_t op, unsigned n, ...)
{
	uint8_t	p[4 * 32];
	va_list	ap;

	assert(n <= 32);
	va_start(ap, n);
	for (unsigned i = 0; i < n; i++)
		le32_put(p + 4 * i, va_arg(ap, uint32_t));
	va_end(ap);
	board_request(b, op, p, 4 * n);
}

size_t
board_answer(struct stub_board *b, uint8_t out[BOARD_FRAME])
{
	size_t	n = 0;

	while (b->out_at < b->out_len) {
		uint8_t	c = b->out[b->out_at++];

		if (c == 0xc0 && n > 0)
			return n;
		if (c == 0xc0)
			continue;
		if (c == 0xdb)
			c = b->out[b->out_at++] == 0xdc ? 0xc0 : 0xdb;
		assert(n < BOARD_FRAME);
		out[n++] = c;
	}
	b->out_at = b->out_len = 0;
	return 0;
}

unsigned
board_status(struct stub_board *b, uint8_t op, uint8_t out[BOARD_FRAME],
    size_t *len, uint32_t *value)
{
	size_t	n = board_answer(b, out);
	size_t	crc = op >= EXT_INFO && !b->official ? EXT_CRC : 0;

	assert_true(n >= CMD_HEADER + 2 + crc);
	assert_int_equal(out[0], CMD_REPLY);
	assert_int_equal(out[1], op);
	assert_int_equal(le16_get(out + 2), n - CMD_HEADER);
	if (crc != 0)
		assert_int_equal(le32_get(out + n - crc),
		    crc32(0, out, (uInt)(n - crc)));
	if (value != NULL)
		*value = le32_get(out + 4);
	n -= 2 + crc;
	*len = n - CMD_HEADER;
	return (unsigned)(out[n] << 8 | out[n + 1]);
}

void
board_fill(uint8_t *data, size_t len)
{
	uint32_t	v = 12345;

	for (size_t i = 0; i < len; i++) {
		v = v * 1103515245 + 12345;
		data[i] = i % 1000 < 500 ? (uint8_t)(i / 300) :
		    (uint8_t)(v >> 16);
	}
}
