#include "tests/virt/machine.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/wire/fiber.h"
#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/serial/ext.h"
#include "stubs/hal.h"
#include "stubs/state.h"

enum {
	BITS		= 10,		/* of a byte on the line: 8N1 */
	SPI_BIT		= 50,		/* ns: 20 MHz */
	READ_STATUS	= 0x05,
	CALL		= 20000,	/* ns of a system call of the host */
	USB_FRAME	= 1000000,	/* ns; full speed */
	REACT		= 100000,	/* ns until a waiting host runs */
	QUEUE		= 4096,		/* bytes; Linux, USB serial ports */
	TICK		= 25,		/* ns: 40 MHz */
	IDLE_MOST	= 1000000,	/* ns */
	GRAIN		= 8,		/* bytes that one idle waits for */
	SKEW		= 33,		/* rates that differ by 3 %: noise */
	SECINFO		= 20,
	SLICE		= 64,		/* bytes of work between two looks at
					 * the line */
};

#define MS	UINT64_C(1000000)	/* in ns */

static struct machine *
machine_of(const struct wire *w)
{
	return (struct machine *)(uintptr_t)w;	/* the first member */
}

/* ---- the line ---- */

static uint64_t
byte_ns(uint32_t baud)
{
	return (BITS * UINT64_C(1000000000) + baud / 2) / baud;
}

/* An adapter hands over what it has once in a frame of its bus. */
static void
put(struct machine_line *l, uint8_t value, uint64_t at, uint32_t baud)
{
	assert(l->in - l->out < MACHINE_LINE);
	at = (at + l->frame - 1) / l->frame * l->frame;
	l->bytes[l->in++ % MACHINE_LINE] = (struct machine_byte){
		.at = at, .baud = baud, .value = value,
	};
}

static const struct machine_fault *
fault_of(const struct machine *m, enum machine_way way)
{
	uint64_t	n = m->lines[way].sent;

	for (unsigned i = 0; i < m->fault_count; i++) {
		const struct machine_fault	*f = &m->faults[i];

		if (f->way == way && n >= f->at && n < f->at + f->count)
			return f;
	}
	return NULL;
}

/* A byte leaves one end, not before `from`, and is there `later` after that. */
static void
send_byte(struct machine *m, enum machine_way way, uint8_t value,
    uint64_t from, uint32_t baud, uint64_t later)
{
	struct machine_line		*l = &m->lines[way];
	const struct machine_fault	*f = fault_of(m, way);
	uint64_t			 ns = byte_ns(baud);

	l->free = (l->free > from ? l->free : from) + ns;
	l->sent++;
	if (f != NULL && f->harm == MACHINE_LOSE)
		return;
	if (f != NULL && f->harm == MACHINE_FLIP)
		value ^= (uint8_t)(1u << l->sent % 8);
	put(l, value, l->free + later, baud);
	if (f == NULL || f->harm != MACHINE_DOUBLE)
		return;
	l->free += ns;
	put(l, value, l->free + later, baud);
}

static const struct machine_byte *
next_byte(const struct machine *m, enum machine_way way)
{
	const struct machine_line	*l = &m->lines[way];

	return l->in == l->out ? NULL : &l->bytes[l->out % MACHINE_LINE];
}

/* The next byte that is there, as this end hears it; -1: none. */
static int
take_byte(struct machine *m, enum machine_way way, uint64_t now,
    uint32_t baud)
{
	const struct machine_byte	*b = next_byte(m, way);
	uint32_t			 off;

	if (b == NULL || b->at > now)
		return -1;
	m->lines[way].out++;
	off = b->baud > baud ? b->baud - baud : baud - b->baud;
	if (off <= baud / SKEW)
		return b->value;
	m->spoilt++;
	return b->value ^ 0xa5;
}

/* ---- the two sides take turns ---- */

/* The chip may go on until then. */
static void
run(struct machine *m, uint64_t until)
{
	m->limit = until;
	while (m->fiber != NULL && m->now < m->limit) {
		if (fiber_resume(m->fiber, 0))
			continue;
		fiber_free(m->fiber);
		m->fiber = NULL;
	}
}

/* The chip must not look further into the future than the host allows. */
static void
pause_chip(struct machine *m)
{
	while (m->now >= m->limit)
		(void)fiber_wait();
}

static void
live(void *arg)
{
	struct machine	*m = arg;

	stub_main(m->stub, m, m->official);
}

/* ---- the wire ---- */

static int
machine_send(struct wire *w, const void *data, size_t len)
{
	struct machine		*m = machine_of(w);
	struct machine_line	*l = &m->lines[MACHINE_TO_CHIP];
	const uint8_t		*p = data;
	uint64_t		 ahead;

	if (w->stop != 0)
		return w->stop;
	m->host += CALL;
	m->asked = true;
	for (; len > 0; len--)
		send_byte(m, MACHINE_TO_CHIP, *p++, m->host + m->latency,
		    m->host_baud, 0);
	ahead = m->latency + m->queue * byte_ns(m->host_baud);
	if (l->free > m->host + ahead) {
		m->host = l->free - ahead;
		run(m, m->host);
	}
	return 0;
}

static int
machine_recv(struct wire *w, void *buf, size_t size, unsigned ms)
{
	struct machine			*m = machine_of(w);
	uint64_t			 end;
	const struct machine_byte	*b;
	uint8_t				*out = buf;
	size_t				 n = 0;
	int				 c;

	if (w->stop != 0)
		return w->stop;
	m->host += CALL;
	end = m->host + ms * MS;
	run(m, m->host);
	b = next_byte(m, MACHINE_TO_HOST);
	if (b == NULL && end > m->host) {
		m->listening = true;	/* hal_send() shortens it */
		run(m, end);
		m->listening = false;
		b = next_byte(m, MACHINE_TO_HOST);
	}
	if (b == NULL || b->at > end) {
		m->host = end;
		run(m, end);
		return ERR_TIMEOUT;
	}
	if (b->at > m->host) {
		m->host = b->at + m->react;
		m->turns += m->asked;
		m->asked = false;
		run(m, m->host);
	}
	while (n < size && (c = take_byte(m, MACHINE_TO_HOST, m->host,
	    m->host_baud)) >= 0)
		out[n++] = (uint8_t)c;
	return (int)n;
}

static int
machine_sleep(struct wire *w, unsigned ms)
{
	struct machine	*m = machine_of(w);

	if (w->stop != 0)
		return w->stop;
	m->host += (ms + 1) * MS;
	run(m, m->host);
	return 0;
}

static int
machine_lines(struct wire *w, bool dtr, bool rts)
{
	(void)dtr;
	(void)rts;
	return w->stop;
}

static int
machine_baud(struct wire *w, uint32_t baud)
{
	struct machine		*m = machine_of(w);
	struct machine_line	*l = &m->lines[MACHINE_TO_CHIP];

	if (w->stop != 0)
		return w->stop;
	m->host += CALL;
	if (l->free > m->host + m->latency)
		m->host = l->free - m->latency;
	m->host_baud = baud;
	run(m, m->host);
	return 0;
}

static int
machine_flush(struct wire *w)
{
	struct machine	*m = machine_of(w);

	if (w->stop != 0)
		return w->stop;
	m->host += CALL;
	run(m, m->host);
	while (take_byte(m, MACHINE_TO_HOST, m->host, m->host_baud) >= 0)
		continue;
	return 0;
}

static uint64_t
machine_now(const struct wire *w)
{
	return machine_of(w)->host / MS;
}

static const struct wire_ops machine_ops = {
	.send = machine_send, .recv = machine_recv, .sleep = machine_sleep,
	.lines = machine_lines, .baud = machine_baud, .flush = machine_flush,
	.now = machine_now,
};

/* ---- what the stub stands on ---- */

void
hal_init(struct stub *s)
{
	(void)s;
}

/* Bytes that arrived go into the FIFO; what finds no room is gone. */
static void
fill_fifo(struct machine *m)
{
	int	c;

	while ((c = take_byte(m, MACHINE_TO_CHIP, m->now, m->chip_baud)) >= 0) {
		if (m->fifo_len < MACHINE_FIFO)
			m->fifo[m->fifo_len++] = (uint8_t)c;
		else
			m->overflows++;
	}
}

/* Whoever works for long looks at the line after each slice of it. */
static void
pay(struct machine *m)
{
	uint64_t	slice = SLICE * m->cpu.inflate_byte;

	if (slice > m->debt)
		slice = m->debt;
	m->debt -= slice;
	m->now += m->cpu.poll + slice;
}

uint32_t
hal_receive(struct stub *s, uint8_t *out, uint32_t max)
{
	struct machine	*m = stub_hal(s);
	uint32_t	 n;

	pay(m);
	pause_chip(m);
	fill_fifo(m);
	n = m->fifo_len < max ? m->fifo_len : max;
	memcpy(out, m->fifo, n);
	m->fifo_len -= n;
	memmove(m->fifo, m->fifo + n, m->fifo_len);
	m->now += n * m->cpu.byte;
	return n;
}

/* Time until which the FIFO has bytes beyond those `left`. */
static uint64_t
drained_to(const struct machine *m, unsigned left)
{
	uint64_t	ns = left * byte_ns(m->chip_baud);
	uint64_t	end = m->lines[MACHINE_TO_HOST].free;

	return end > ns ? end - ns : 0;
}

uint32_t
hal_send(struct stub *s, const uint8_t *p, uint32_t len)
{
	struct machine			*m = stub_hal(s);
	const struct machine_byte	*b;
	uint32_t			 n = 0;

	m->now += m->cpu.poll;
	while (n < len && drained_to(m, MACHINE_FIFO - 1) <= m->now) {
		m->now += m->cpu.send;
		send_byte(m, MACHINE_TO_HOST, p[n++], m->now, m->chip_baud,
		    m->latency);
	}
	b = next_byte(m, MACHINE_TO_HOST);
	if (m->listening && b != NULL && b->at < m->limit)
		m->limit = b->at;
	return n;
}

void
hal_send_end(struct stub *s)
{
	(void)s;
}

void
hal_baud(struct stub *s, uint32_t was, uint32_t baud)
{
	struct machine	*m = stub_hal(s);
	uint64_t	 end = drained_to(m, 0);

	if (end > m->now)
		m->now = end;
	m->chip_baud = (uint32_t)((uint64_t)m->chip_baud * baud / was);
}

/* With the last bytes of a piece programmed, the next one is inflated. */
static void
owe(struct machine *m, uint32_t programmed)
{
	m->piece += programmed;
	if (m->piece < STUB_SLICE)
		return;
	m->piece -= STUB_SLICE;
	m->debt += STUB_SLICE * m->cpu.inflate_byte;
}

void
hal_spi(struct stub *s, const struct hal_spi *t)
{
	struct machine	*m = stub_hal(s);
	uint32_t	 bytes = t->send_len + t->read_len, ns;

	ns = m->cpu.spi + bytes * m->cpu.spi_byte +
	    SPI_BIT * (8u + t->addr_bits + t->dummy_bits + 8 * bytes);
	if (t->command != READ_STATUS)
		m->spi_ns += ns;
	m->now += ns;
	w25q_run(&m->flash, t, m->now);
	/* Status registers are not what the CPU works on. */
	if (t->read_len > 4)
		m->now += t->read_len * m->cpu.read_byte;
	if (t->send_len > 4)
		owe(m, t->send_len);
}

void
hal_attach(struct stub *s, uint32_t pins)
{
	(void)s;
	(void)pins;
}

/* Not a cipher, but one can see that it was asked. */
int
hal_encrypt(struct stub *s, uint32_t addr, const uint8_t *p, uint32_t len)
{
	struct machine	*m = stub_hal(s);

	if (addr % 32 != 0 || len % 32 != 0 || addr + len > m->flash.size)
		return -1;
	for (uint32_t i = 0; i < len; i++)
		m->flash.data[addr + i] &= (uint8_t)~p[i];
	m->now += UINT64_C(5000) * len;
	return 0;
}

uint32_t
hal_caps(struct stub *s)
{
	struct machine	*m = stub_hal(s);

	return m->caps;
}

uint32_t
hal_chip(struct stub *s)
{
	struct machine	*m = stub_hal(s);

	return m->chip;
}

uint32_t
hal_security(struct stub *s, uint8_t *out)
{
	struct machine	*m = stub_hal(s);

	memset(out, 0, SECINFO);
	le32_put(out + 12, m->chip);
	return SECINFO;
}

static uint32_t *
reg_of(struct machine *m, uint32_t addr)
{
	for (unsigned i = 0; i < m->reg_count; i++)
		if (m->regs[i].addr == addr)
			return &m->regs[i].value;
	assert(m->reg_count < MACHINE_REGS);
	m->regs[m->reg_count].addr = addr;
	return &m->regs[m->reg_count++].value;
}

void
machine_set(struct machine *m, uint32_t addr, uint32_t value)
{
	*reg_of(m, addr) = value;
}

uint32_t
hal_read(struct stub *s, uint32_t addr)
{
	return *reg_of(stub_hal(s), addr);
}

void
hal_write(struct stub *s, uint32_t addr, uint32_t value)
{
	*reg_of(stub_hal(s), addr) = value;
}

void
hal_delay(struct stub *s, uint32_t us)
{
	struct machine	*m = stub_hal(s);

	m->now += us * UINT64_C(1000);
}

uint32_t
hal_ticks(struct stub *s)
{
	struct machine	*m = stub_hal(s);

	return (uint32_t)(m->now / TICK);
}

/* When the bytes that come in one go are there: not each wakes the fiber up. */
static uint64_t
next_arrival(const struct machine *m)
{
	const struct machine_line	*l = &m->lines[MACHINE_TO_CHIP];
	uint64_t			 ns = byte_ns(m->chip_baud), at;

	at = l->bytes[l->out % MACHINE_LINE].at;
	for (uint64_t i = l->out + 1; i < l->in && i < l->out + GRAIN; i++) {
		uint64_t	next = l->bytes[i % MACHINE_LINE].at;

		if (next - at > 2 * ns)
			break;
		at = next;
	}
	return at;
}

static void
wake_at(const struct machine *m, uint64_t at, uint64_t *next)
{
	if (at > m->now && at < *next)
		*next = at;
}

void
hal_idle(struct stub *s)
{
	struct machine			*m = stub_hal(s);
	const struct machine_byte	*b = next_byte(m, MACHINE_TO_CHIP);
	uint64_t			 next = m->now + IDLE_MOST;

	m->now += m->cpu.poll;
	if (m->fifo_len > 0 || (b != NULL && b->at <= m->now))
		return;
	/* Who asks a flash that never gets ready counts how often. */
	if (m->flash.never_ready) {
		pause_chip(m);
		return;
	}
	wake_at(m, m->limit, &next);
	if (b != NULL)
		wake_at(m, next_arrival(m), &next);
	wake_at(m, m->flash.ready, &next);
	wake_at(m, drained_to(m, MACHINE_FIFO / 2), &next);
	m->now = next;
	pause_chip(m);
}

void
hal_jump(struct stub *s, uint32_t entry)
{
	struct machine	*m = stub_hal(s);

	m->left = MACHINE_JUMPED;
	m->entry = entry;
}

void
hal_restart(struct stub *s)
{
	struct machine	*m = stub_hal(s);

	m->left = MACHINE_RESTARTED;
}

void
hal_run(struct stub *s)
{
	struct machine	*m = stub_hal(s);

	m->left = MACHINE_RAN;
}

/* ---- as a whole ---- */

static const struct machine_cpu slow_cpu = {
	.poll = 20 * TICK, .byte = 50 * TICK, .send = 25 * TICK,
	.spi = 80 * TICK, .spi_byte = 4 * TICK,
};

void
machine_init(struct machine *m, uint32_t flash_bytes, uint32_t baud,
    unsigned latency_ms, bool official)
{
	memset(m, 0, sizeof *m);
	m->wire.ops = &machine_ops;
	m->latency = latency_ms * MS;
	m->react = REACT;
	m->lines[MACHINE_TO_CHIP].frame = 1;
	m->lines[MACHINE_TO_HOST].frame = USB_FRAME;
	m->queue = QUEUE;
	m->cpu = slow_cpu;
	m->chip = 5;
	m->caps = EXT_CAP_4BYTE | EXT_CAP_TICKS | EXT_CAP_SECINFO |
	    EXT_CAP_RESTART | EXT_CAP_ENCRYPT;
	m->host_baud = m->chip_baud = baud;
	m->official = official;
	w25q_init(&m->flash, flash_bytes, 0x5a);
	for (unsigned i = 0; i < MACHINE_WAYS; i++) {
		m->lines[i].bytes = calloc(MACHINE_LINE,
		    sizeof *m->lines[i].bytes);
		assert(m->lines[i].bytes != NULL);
	}
	m->stub = calloc(1, stub_size());
	assert(m->stub != NULL);
	m->fiber = fiber_new(live, m);
	assert(m->fiber != NULL);
}

void
machine_done(struct machine *m)
{
	stub_stop(m->stub);
	run(m, UINT64_MAX);
	assert(m->fiber == NULL);
	for (unsigned i = 0; i < MACHINE_WAYS; i++)
		free(m->lines[i].bytes);
	free(m->stub);
	w25q_done(&m->flash);
}

void
machine_count(struct machine *m)
{
	m->since = m->host;
	m->spi_ns = 0;
	m->overflows = m->turns = m->spoilt = 0;
	m->asked = false;
	m->fault_count = 0;
	for (unsigned i = 0; i < MACHINE_WAYS; i++)
		m->lines[i].sent = 0;
	m->flash.busy_ns = m->flash.programmed = 0;
	m->flash.programs = m->flash.erases = 0;
	m->flash.sector_erases = m->flash.half_erases = m->flash.block_erases = 0;
}

void
machine_harm(struct machine *m, const struct machine_fault *f)
{
	struct machine_fault	*mine = &m->faults[m->fault_count];

	assert(m->fault_count < MACHINE_FAULTS);
	*mine = *f;
	mine->at += m->lines[f->way].sent;
	m->fault_count++;
}

uint64_t
machine_ns(const struct machine *m)
{
	return m->host - m->since;
}

double
machine_use(const struct machine *m, enum machine_way way)
{
	return (double)(m->lines[way].sent * byte_ns(m->host_baud)) /
	    (double)machine_ns(m);
}

uint64_t
machine_floor(const struct machine *m)
{
	return m->flash.busy_ns + m->spi_ns;
}
