#include "tests/conv/board.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/base/text.h"

enum { SECTOR = 4096, SPI_USR = 1 << 18 };

static struct board *
board_of(const struct wire *w)
{
	return (struct board *)(uintptr_t)w;	/* wire is the first member */
}

static void
say(struct board *b, const void *p, size_t len)
{
	assert(buf_add(&b->rx, p, len) == 0);
}

/* What is not at the chip's rate arrives as noise. */
void
board_say(struct board *b, const void *p, size_t len)
{
	if (b->baud != b->chip_baud ||
	    (b->deaf_above != 0 && b->baud >= b->deaf_above)) {
		say(b, "\xf8\x80\x1e", 3);
		return;
	}
	assert(slip_encode(&b->rx, p, len) == 0);
}

static void
reply(struct board *b, uint8_t op, uint32_t value, const void *payload,
    size_t len, uint16_t status)
{
	uint8_t	out[8 + 128 + 4] = { 0 };
	size_t	tail = b->stub || (b->chip->caps & CHIP_STATUS2) ? 2 : 4;

	assert(len <= 128);
	out[0] = CMD_REPLY;
	out[1] = op;
	le16_put(out + 2, (uint16_t)(len + tail));
	le32_put(out + 4, value);
	if (len > 0)
		memcpy(out + 8, payload, len);
	out[8 + len] = (uint8_t)(status >> 8);
	out[9 + len] = (uint8_t)status;
	board_say(b, out, 8 + len + tail);
}

static void
ok(struct board *b, uint8_t op)
{
	reply(b, op, b->stub ? 0 : 0x20120707, NULL, 0, 0);
}

/* As recorded: the last answer again, eight times after a SYNC. */
static void
unknown(struct board *b, uint8_t op)
{
	unsigned	n;
	size_t		at;

	if (b->stub) {
		reply(b, op, 0, NULL, 0, 0xff00);
		return;
	}
	n = b->copies != 0 ? b->copies : b->last_op == CMD_SYNC ? 8 : 1;
	reply(b, b->last_op, 0x20120707, NULL, 0, 0x0105);
	at = b->rx.len;
	while (--n > 0)
		reply(b, b->last_op, 0x20120707, NULL, 0, 0x0105);
	if (b->late_ms == 0)
		return;
	assert(buf_add(&b->held, b->rx.data + at, b->rx.len - at) == 0);
	b->rx.len = at;
}

/* What came late is there now. */
static void
let_go(struct board *b)
{
	say(b, b->held.data, b->held.len);
	buf_clear(&b->held);
}

uint32_t *
board_reg(struct board *b, uint32_t addr)
{
	for (size_t i = 0; i < b->reg_count; i++)
		if (b->regs[i].addr == addr)
			return &b->regs[i].value;
	assert(b->reg_count < BOARD_REGS);
	b->regs[b->reg_count].addr = addr;
	b->regs[b->reg_count].value = 0;
	return &b->regs[b->reg_count++].value;
}

void
board_set_reg(struct board *b, uint32_t addr, uint32_t value)
{
	*board_reg(b, addr) = value;
}

void
board_write(struct board *b, uint32_t addr, uint32_t value)
{
	const struct chip_spi	*s = &b->chip->spi;
	uint32_t		*r = board_reg(b, addr);
	size_t			 at = strlen(b->writes);

	(void)snprintf(b->writes + at, sizeof b->writes - at, "%x=%x ", addr,
	    value);
	*r = value;
	if (b->on_write != NULL)
		b->on_write(b, addr, value);
	if (addr != s->base || !(*r & SPI_USR))
		return;
	if (!b->spi.never_done)
		*r = 0;
	board_spi(b);
}

static void
write_reg(struct board *b, const uint8_t *p)
{
	uint32_t	addr = le32_get(p), mask = le32_get(p + 8);

	board_write(b, addr, (*board_reg(b, addr) & ~mask) |
	    (le32_get(p + 4) & mask));
}

uint32_t
board_read(struct board *b, uint32_t addr)
{
	uint32_t	at = addr - b->ram_at;

	assert(addr % 4 == 0);
	if (b->on_read != NULL)
		b->on_read(b, addr);
	return b->ram != NULL && at < b->ram_len ? le32_get(b->ram + at) :
	    *board_reg(b, addr);
}

/* What goes into RAM, for the tests to see. */
static void
note_mem(struct board *b, uint8_t op, const uint8_t *p)
{
	size_t	at = strlen(b->mem);

	if (op == CMD_MEM_BEGIN)
		(void)snprintf(b->mem + at, sizeof b->mem - at, "%x+%u ",
		    le32_get(p + 12), le32_get(p));
	else if (op == CMD_MEM_END)
		(void)snprintf(b->mem + at, sizeof b->mem - at, "!%x ",
		    le32_get(p + 4));
	else
		(void)snprintf(b->mem + at, sizeof b->mem - at, "#%u:%u ",
		    le32_get(p + 4), le32_get(p));
}

void
board_erase(struct board *b, uint32_t at, uint32_t len)
{
	uint32_t	from = at / SECTOR * SECTOR;
	uint32_t	to = (at + len + SECTOR - 1) / SECTOR * SECTOR;

	if (to > BOARD_FLASH)
		to = BOARD_FLASH;
	if (from < to)
		memset(b->flash + from, 0xff, to - from);
}

static void
begin(struct board *b, uint8_t op, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < 5; i++)
		b->begin[i] = 4 * i < len ? le32_get(p + 4 * i) : 0;
	b->pos = b->begin[3];
	b->left = b->begin[0];
	b->writing = true;
	b->deflate = op == CMD_FLASH_DEFL_BEGIN;
	(void)inflateReset(&b->z);
	board_erase(b, b->pos, b->begin[0]);
	ok(b, op);
}

/* Program: flash bits only go from 1 to 0. */
static void
program(struct board *b, const uint8_t *p, size_t len)
{
	for (; len > 0 && b->left > 0; len--, p++, b->left--)
		if (b->pos < BOARD_FLASH)
			b->flash[b->pos++] &= *p;
}

static uint16_t
inflate_block(struct board *b, const uint8_t *p, size_t len)
{
	uint8_t	out[1024];
	int	r;

	b->z.next_in = (Bytef *)(uintptr_t)p;
	b->z.avail_in = (uInt)len;
	do {
		b->z.next_out = out;
		b->z.avail_out = sizeof out;
		r = inflate(&b->z, Z_NO_FLUSH);
		if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR)
			return b->stub ? 0xc700 : 0x010b;
		program(b, out, sizeof out - b->z.avail_out);
	} while (r == Z_OK && (b->z.avail_in > 0 || b->z.avail_out == 0));
	return 0;
}

uint16_t
board_take(struct board *b, const uint8_t *p, size_t len)
{
	if (b->deflate)
		return inflate_block(b, p, len);
	program(b, p, len);
	return 0;
}

static void
data(struct board *b, uint8_t op, const uint8_t *p, size_t len, uint32_t sum)
{
	uint16_t	status;

	if (len < 16 || le32_get(p) != len - 16 || !b->writing)
		status = 0xc600;
	else if (cmd_checksum(p + 16, len - 16) != sum)
		status = b->stub ? 0xc100 : 0x0107;
	else
		status = board_take(b, p + 16, len - 16);
	b->last_block = (uint32_t)len - 16;
	b->block_bytes += b->last_block;
	reply(b, op, 0, NULL, 0, status);
}

static void
md5_of(const uint8_t *p, size_t len, uint8_t out[16])
{
	uint8_t	sum[EVP_MAX_MD_SIZE];

	assert(EVP_Digest(p, len, sum, NULL, EVP_md5(), NULL) == 1);
	memcpy(out, sum, 16);
}

static void
md5(struct board *b, const uint8_t *p)
{
	uint8_t	sum[16];
	char	hex[33];

	md5_of(b->flash + le32_get(p), le32_get(p + 4), sum);
	text_hex(hex, sum, 16);
	if (b->stub)
		reply(b, CMD_SPI_FLASH_MD5, 0, sum, 16, 0);
	else
		reply(b, CMD_SPI_FLASH_MD5, 0, hex, 32, 0);
}

/* The next frame of a read, or its digest. */
static void
read_more(struct board *b)
{
	uint32_t	n = b->read_end - b->read_pos;
	uint8_t		sum[16];

	if (n > SECTOR)
		n = SECTOR;
	if (n > 0 && b->silent_after > 0 && --b->silent_after == 0) {
		b->hung = b->silent = true;
		return;
	}
	if (n > 0) {
		bool	damage = b->damage_frame > 0 && --b->damage_frame == 0;

		b->flash[b->read_pos] ^= damage;
		board_say(b, b->flash + b->read_pos, n);
		b->flash[b->read_pos] ^= damage;
		b->read_pos += n;
		return;
	}
	md5_of(b->flash + b->read_start, b->read_end - b->read_start, sum);
	sum[0] ^= b->spoil_read;
	board_say(b, sum, 16);
	b->reading = false;
}

static void
security_info(struct board *b)
{
	uint8_t	out[20] = { 0 };

	if (!(b->chip->caps & CHIP_ROM_SECINFO)) {
		unknown(b, CMD_GET_SECURITY_INFO);
		return;
	}
	le32_put(out, b->flags);
	le32_put(out + 12, b->chip_id);
	reply(b, CMD_GET_SECURITY_INFO, 0, out,
	    b->chip == chip_without_id() ? SECINFO_LEN_S2 : sizeof out, 0);
}

static void
stub_command(struct board *b, uint8_t op, const uint8_t *p)
{
	if (!b->stub || op >= EXT_INFO) {
		unknown(b, op);
		return;
	}
	if (op == CMD_ERASE_FLASH)
		board_erase(b, 0, BOARD_FLASH);
	if (op == CMD_ERASE_REGION)
		board_erase(b, le32_get(p), le32_get(p + 4));
	ok(b, op);
	if (op != CMD_READ_FLASH)
		return;
	b->read_pos = b->read_start = le32_get(p);
	b->read_end = b->read_pos + le32_get(p + 4);
	b->reading = true;
	read_more(b);
}

static void
sync_chip(struct board *b)
{
	if (b->garbage_sync)
		say(b, "temperature 21.5\r\n", 18);
	for (int i = b->garbage_sync ? 0 : b->odd_sync ? 1 : 8; i > 0; i--)
		ok(b, CMD_SYNC);
}

/* Does the ROM in secure download mode turn its back on this? */
static bool
is_secret(const struct board *b, uint8_t op)
{
	return (b->flags & SECINFO_SECURE_DOWNLOAD) != 0 &&
	    (op == CMD_READ_REG || op == CMD_WRITE_REG ||
	    (op >= CMD_MEM_BEGIN && op <= CMD_MEM_DATA) ||
	    op == CMD_READ_FLASH_SLOW || op == CMD_SPI_FLASH_MD5);
}

/* A rate that the ROM reckons with the crystal it believes in. */
static uint32_t
true_rate(const struct board *b, uint32_t asked)
{
	if (b->stub || b->xtal_mhz == 0)
		return asked;
	return (uint32_t)(((uint64_t)asked * b->xtal_mhz + b->xtal_believed / 2)
	    / b->xtal_believed);
}

/* Jump into RAM, but for a ROM that secure boot keeps from it. */
static void
run_stub(struct board *b, uint8_t op, uint32_t entry)
{
	ok(b, op);
	b->entry = entry;
	if (entry == 0 || (b->chip->secboot_hook != 0 && op == CMD_MEM_END &&
	    (b->flags & SECINFO_SECURE_BOOT) != 0))
		return;
	b->stub = true;
	board_say(b, "OHAI", 4);
}

static void
do_command(struct board *b, uint8_t op, const uint8_t *p, size_t len,
    uint32_t sum)
{
	if (is_secret(b, op)) {
		unknown(b, op);
		return;
	}
	switch (op) {
	case CMD_SYNC:
		sync_chip(b);
		return;
	case CMD_READ_REG:
		reply(b, op, board_read(b, le32_get(p)), NULL, 0, 0);
		return;
	case CMD_WRITE_REG:
		for (size_t i = 0; i + 16 <= len; i += 16)
			write_reg(b, p + i);
		break;
	case CMD_GET_SECURITY_INFO:
		security_info(b);
		return;
	case CMD_FLASH_BEGIN:
	case CMD_FLASH_DEFL_BEGIN:
		begin(b, op, p, len);
		return;
	case CMD_FLASH_DATA:
	case CMD_FLASH_DEFL_DATA:
		data(b, op, p, len, sum);
		return;
	case CMD_SPI_FLASH_MD5:
		md5(b, p);
		return;
	case CMD_READ_FLASH_SLOW:
		if (le32_get(p + 4) == 0 && b->chip->secboot_hook != 0) {
			run_stub(b, op, *board_reg(b, b->chip->secboot_hook));
			return;
		}
		reply(b, op, 0, b->flash + le32_get(p), 64, 0);
		return;
	case CMD_CHANGE_BAUDRATE:
		ok(b, op);
		b->chip_baud = true_rate(b, le32_get(p));
		return;
	case CMD_MEM_BEGIN:
	case CMD_MEM_DATA:
		note_mem(b, op, p);
		break;
	case CMD_MEM_END:
		note_mem(b, op, p);
		run_stub(b, op, le32_get(p + 4));
		return;
	default:
		if (op >= CMD_ERASE_FLASH) {
			stub_command(b, op, p);
			return;
		}
		break;
	}
	ok(b, op);
}

/* The fault of this command; true when it has been dealt with. */
static bool
do_fault(struct board *b, uint8_t op)
{
	if (b->fault == FAULT_NONE || b->fault_op != op)
		return false;
	if (b->fault_skip > 0) {
		b->fault_skip--;
		return false;
	}
	switch (b->fault) {
	case FAULT_NONE:
		return false;
	case FAULT_SILENCE:
		return b->silent = true;
	case FAULT_GARBAGE:
		return b->garbage = true;
	case FAULT_HANG:
		b->fault_skip = b->fault_every;
		if (!b->fault_again)
			b->fault = FAULT_NONE;
		return b->hung = b->silent = true;
	case FAULT_NOISE:
		b->fault = FAULT_NONE;
		return b->hung = b->garbage = true;
	case FAULT_REFUSAL:
		b->fault = FAULT_NONE;
		__attribute__((fallthrough));
	case FAULT_REFUSAL_ALWAYS:
		reply(b, op, 0, NULL, 0, b->fault_status);
		return true;
	case FAULT_CANCEL:
		b->wire.stop = ERR_CANCELED;
		return true;
	case FAULT_UNPLUG:
		b->wire.stop = ERR_UNPLUGGED;
		return true;
	case FAULT_LATE:
		b->fault = FAULT_NONE;
		b->late = b->fault_status;
		ok(b, op);
		return true;
	}
	return false;
}

static void
on_frame(struct board *b, size_t len)
{
	const uint8_t	*f = b->frame;
	uint16_t	 late = b->late;
	uint8_t		 op;

	if (b->reading && b->hung && len == 4)
		return;
	if (b->reading && !b->hung && !b->ext.there) {
		assert(len == 4);
		assert(le32_get(f) == b->read_pos - b->read_start);
		read_more(b);
		return;
	}
	assert(len >= CMD_HEADER && f[0] == CMD_REQUEST);
	assert(le16_get(f + 2) == len - CMD_HEADER);
	op = f[1];
	let_go(b);
	b->frames++;
	b->sent[op]++;
	b->bytes[op] = len - CMD_HEADER;
	for (size_t i = 0; i < 2 && 4 * i + 4 <= b->bytes[op]; i++)
		b->words[op][i] = le32_get(f + CMD_HEADER + 4 * i);
	if (b->baud != b->chip_baud) {
		board_say(b, NULL, 0);
		return;
	}
	if (!b->silent && !b->garbage && late != 0) {
		b->late = 0;
		reply(b, op, 0, NULL, 0, late);
		return;
	}
	if (!b->silent && !b->garbage && !do_fault(b, op) &&
	    !board_ext(b, f, len))
		do_command(b, op, f + 8, len - 8, le32_get(f + 4));
	if (b->garbage)
		say(b, "temperature 21.5\r\n", 18);
	b->last_op = op;
}

static int
board_send(struct wire *w, const void *p, size_t len)
{
	struct board	*b = board_of(w);

	if (w->stop)
		return w->stop;
	while (len > 0) {
		size_t	used;
		int	n = slip_decode(&b->slip, p, len, &used);

		assert(n >= 0);
		p = (const uint8_t *)p + used;
		len -= used;
		if (n > 0)
			on_frame(b, (size_t)n);
	}
	return w->stop;
}

static int
board_recv(struct wire *w, void *out, size_t size, unsigned ms)
{
	struct board	*b = board_of(w);
	size_t		 n = b->rx.len < size ? b->rx.len : size;

	if (w->stop)
		return w->stop;
	if (n == 0 && b->held.len > 0 && ms >= b->late_ms) {
		b->now += b->late_ms;
		let_go(b);
		n = b->rx.len < size ? b->rx.len : size;
	}
	if (n == 0) {
		b->now += ms;
		return ERR_TIMEOUT;
	}
	/* Odd pieces: no one may rely on where they end. */
	if (n > 7)
		n -= n % 7;
	memcpy(out, b->rx.data, n);
	buf_consume(&b->rx, n);
	return (int)n;
}

static int
board_sleep(struct wire *w, unsigned ms)
{
	board_of(w)->now += ms;
	return w->stop;
}

/* A chip that hung runs its ROM again, with nothing under way. */
static void
restart(struct board *b)
{
	if (!b->hung && b->deaf_above == 0)
		return;
	b->silent = b->garbage = b->hung = false;
	b->flash[b->spoil_on_reset] ^= b->spoil_on_reset != 0;
	b->spoil_on_reset = 0;
	b->stub = b->writing = b->reading = b->ext.open = false;
	b->chip_baud = LINK_BAUD;
}

static int
board_lines(struct wire *w, bool dtr, bool rts)
{
	struct board	*b = board_of(w);
	size_t		 at = strlen(b->lines);
	bool		 reset = rts && !dtr;

	if (w->stop)
		return w->stop;
	if (b->no_lines)
		return ERR_UNSUPPORTED;
	(void)snprintf(b->lines + at, sizeof b->lines - at, "%d%d ", dtr, rts);
	at = strlen(b->timeline);
	(void)snprintf(b->timeline + at, sizeof b->timeline - at,
	    "%d%d@%u ", dtr, rts, (unsigned)b->now);
	if (b->goes_away && b->rts && !reset) {
		b->goes_away = false;
		return b->wire.stop = ERR_UNPLUGGED;
	}
	if (b->boot_low && !(dtr && !rts) && b->slow_en_ms > 0)
		b->silent = b->now - b->en_at < b->slow_en_ms;
	if (dtr && !rts)
		b->boot_low = true;
	if (b->rts && !reset) {
		b->resets++;
		restart(b);
		b->en_at = b->now;
		b->boot_low = dtr && !rts;
		if (b->boot_text != NULL)
			say(b, b->boot_text, strlen(b->boot_text));
	}
	b->rts = reset;
	return 0;
}

static int
board_baud(struct wire *w, uint32_t baud)
{
	struct board	*b = board_of(w);

	b->baud = baud;
	return w->stop;
}

static int
board_flush(struct wire *w)
{
	struct board	*b = board_of(w);

	buf_clear(&b->rx);
	b->flushes++;
	return w->stop;
}

static uint64_t
board_now(const struct wire *w)
{
	return board_of(w)->now;
}

static const struct wire_ops board_ops = {
	.send = board_send, .recv = board_recv, .sleep = board_sleep,
	.lines = board_lines, .baud = board_baud, .flush = board_flush,
	.now = board_now,
};

static void
hear_note(void *arg, const char *text)
{
	struct board	*b = arg;
	size_t		 at = strlen(b->notes);

	(void)snprintf(b->notes + at, sizeof b->notes - at, "%s\n", text);
}

static void
hear_progress(void *arg, uint64_t done, uint64_t total)
{
	struct board	*b = arg;

	assert(done <= total && (done >= b->done || done == 0));
	b->done = done;
	b->total = total;
	b->progress++;
}

static void
rearm(void *arg, unsigned ms)
{
	struct board	*b = arg;

	(void)ms;	/* the virtual clock is nobody's deadline */
	if (b->wire.stop != ERR_UNPLUGGED)
		b->wire.stop = 0;
}

static const struct link_hooks hooks = {
	.note = hear_note, .progress = hear_progress,
};

/* The registers that identification reads. */
static void
set_identity(struct board *b)
{
	const struct chip	*c = b->chip;

	board_set_reg(b, CHIP_MAGIC_REG, c->magic);
	if (c->mac.form == CHIP_MAC_ESP8266) {
		board_set_reg(b, c->mac.addr, 0x66000000);
		board_set_reg(b, c->mac.addr + 4, 0x4455);
		board_set_reg(b, c->mac.addr + 12, 0x112233);
	} else {
		board_set_reg(b, c->mac.addr, 0x33445566);
		board_set_reg(b, c->mac.addr + 4, 0xabcd1122);
	}
	if (c->uart_clkdiv != 0)
		board_set_reg(b, c->uart_clkdiv, 347);
}

void
board_init(struct board *b, struct link *l, const struct chip *chip)
{
	memset(b, 0, sizeof *b);
	b->wire.ops = &board_ops;
	b->chip = chip;
	b->chip_id = (uint32_t)chip->image_id;
	b->rdid = BOARD_RDID;
	b->spi.busy_for = 2;
	memcpy(b->spi.sfdp, "SFDP\x06\x01\x01\xff", 8);
	b->spi.sfdp[0x10] = (uint8_t)b->rdid;	/* the maker's own table */
	b->baud = b->chip_baud = LINK_BAUD;
	buf_init(&b->rx, 1 << 20);
	buf_init(&b->held, 1 << 10);
	slip_init(&b->slip, b->frame, sizeof b->frame);
	b->flash = malloc(BOARD_FLASH);
	assert(b->flash != NULL && inflateInit(&b->z) == Z_OK);
	memset(b->flash, 0xff, BOARD_FLASH);
	set_identity(b);
	link_init(l, &b->wire);
	l->hooks = &hooks;
	l->hook_arg = b;
	l->rearm = rearm;
	l->opt.attempts = 7;
	l->opt.has_lines = true;
	l->opt.stub = STUB_ESPRESSIF;
	l->opt.stub_path = "/nonexistent";
}

void
board_done(struct board *b, struct link *l)
{
	link_done(l);
	buf_done(&b->rx);
	buf_done(&b->held);
	(void)inflateEnd(&b->z);
	free(b->flash);
}

void
board_fault(struct board *b, enum board_fault fault, uint8_t op,
    unsigned skip)
{
	b->fault = fault;
	b->fault_op = op;
	b->fault_skip = b->fault_every = skip;
	b->fault_status = 0x0108;
}

void
board_ready(struct board *b, struct link *l, bool stub)
{
	assert(phase_connect(l) == 0);
	assert(phase_identify(l) == 0);
	if (stub) {
		b->stub = true;
		l->rom.stub = true;
	}
	memset(b->sent, 0, sizeof b->sent);
	memset(b->lines, 0, sizeof b->lines);
	memset(b->timeline, 0, sizeof b->timeline);
	memset(b->writes, 0, sizeof b->writes);
	memset(b->spi.log, 0, sizeof b->spi.log);
	b->frames = b->resets = 0;
	b->now = 0;
	l->found.flash_bytes = BOARD_FLASH;
}

struct blob *
board_blob(const char *name, size_t len, unsigned seed, bool compressible)
{
	uint8_t		*p = malloc(len + 3);
	struct blob	*blob;
	int		 r;

	assert(p != NULL);
	for (size_t i = 0; i < len; i++) {
		seed = seed * 1103515245 + 12345;
		p[i] = compressible ? (uint8_t)("abcdefgh"[seed >> 29]) :
		    (uint8_t)(seed >> 21);
	}
	blob = blob_new(name, p, len);
	assert(blob != NULL);
	while ((r = blob_step(blob)) > 0)
		continue;
	assert(r == 0);
	return blob;
}
