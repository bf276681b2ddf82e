/*
 * The flasher stub: our own, from its source (stubs/), in a fiber.  Here is
 * what that needs of a machine (stubs/hal.h), on a simulated board.
 *
 * Time.  Each transaction with the flash takes as long as its bits; a busy
 * flash is waited for.  So that waits of microseconds need no timer each, the
 * stub's clock may run ahead of its owner's by AHEAD_NS; only what is further
 * away suspends the fiber until then.  The FIFO of 128 bytes is not modelled:
 * what arrives waits until the stub takes it.
 *
 * Lives: the fiber from board_stub_start() until the stub leaves by itself or
 * board_stub_stop() makes it jump out of whatever it waits for.  The memory of
 * the stub belongs to the board and is cleared for each start.
 */
#include "stubs/stub.h"

#include <assert.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/wire/fiber.h"
#include "proto/base/bytes.h"
#include "proto/serial/cmd.h"
#include "proto/serial/ext.h"
#include "stubs/hal.h"
#include "tests/sim/board.h"

enum {
	AHEAD_NS	= 2000000,
	POLL_NS		= 2000,		/* between two looks at something */
	OUT_MANY	= 16 * 1024,
	IN_MANY		= 64 * 1024,
	SEAL_UNIT	= 32,		/* of the ESP32 */
	STATUS_READ	= 0x05,
	STATUS_BUSY	= 0x01,
};

/* What a suspended stub waits for. */
enum stub_wait {
	WAIT_NOTHING,		/* it is not suspended */
	WAIT_TIME,		/* the owner's clock */
	WAIT_BYTES,		/* bytes, or the alarm if one is set */
};

struct stub_run {
	struct stub	*stub;
	struct fiber	*fiber;		/* NULL: none runs */
	bool		 own;		/* not in the place of Espressif's */
	enum stub_wait	 wait;
	bool		 alarm;		/* ALARM_WORK is set */
	bool		 arrived;	/* bytes that it has not seen */
	bool		 polls;		/* looked at something that changes */
	size_t		 taken;		/* bytes of board->in */
	uint64_t	 clock_ns;	/* the stub's, if it is ahead */
	jmp_buf		 out;		/* of the fiber's own stack */
};

/* ---- time ---- */

static uint64_t
stub_owner_ns(const struct board *b)
{
	return b->ops->now_us(b->ctx) * 1000;
}

static uint64_t
stub_now_ns(const struct board *b)
{
	uint64_t	now = stub_owner_ns(b);

	return b->stub->clock_ns > now ? b->stub->clock_ns : now;
}

uint64_t
board_now(const struct board *b)
{
	return b->mode == BOARD_STUB ? stub_now_ns(b) / 1000 :
	    b->ops->now_us(b->ctx);
}

/* What has been said leaves. */
static void
stub_flush(struct board *b)
{
	if (b->out.len > 0)
		b->ops->send(b->ctx, b->out.data, b->out.len, b->bps);
	buf_clear(&b->out);
}

/* Suspend the fiber; `until_ns` (0: none) is when the alarm rings. */
static void
stub_suspend(struct board *b, enum stub_wait wait, uint64_t until_ns)
{
	struct stub_run	*r = b->stub;
	uint64_t	 now = stub_owner_ns(b);

	stub_flush(b);
	if (until_ns > now)
		b->ops->alarm(b->ctx, ALARM_WORK,
		    (until_ns - now + 999) / 1000);
	else if (r->alarm)
		b->ops->alarm(b->ctx, ALARM_WORK, ALARM_OFF);
	r->alarm = until_ns > now;
	r->wait = wait;
	if (fiber_wait() < 0)
		longjmp(r->out, 1);
	r->wait = WAIT_NOTHING;
}

/* The stub works for so long. */
static void
stub_spend(struct board *b, uint64_t ns)
{
	struct stub_run	*r = b->stub;

	r->clock_ns = stub_now_ns(b) + ns;
	while (r->clock_ns > stub_owner_ns(b) + AHEAD_NS)
		stub_suspend(b, WAIT_TIME, r->clock_ns);
}

/* ---- life ---- */

static void
stub_fiber(void *arg)
{
	struct board	*b = arg;

	if (setjmp(b->stub->out) == 0)
		stub_main(b->stub->stub, b, !b->stub->own);
}

/* Let it run until it waits again or has left. */
static void
stub_resume(struct board *b)
{
	struct stub_run	*r = b->stub;

	if (fiber_resume(r->fiber, 0))
		return;
	fiber_free(r->fiber);
	r->fiber = NULL;
	buf_consume(&b->in, r->taken);
	r->taken = 0;
	if (b->mode == BOARD_HUNG)
		return;
	stub_flush(b);
	if (b->leave == LEAVE_NOT)	/* it fell off its end */
		b->mode = BOARD_HUNG;
	board_leave(b);
}

void
board_stub_start(struct board *b)
{
	struct stub_run	*r = b->stub;

	if (r == NULL) {
		r = b->stub = calloc(1, sizeof(*r));
		if (r == NULL || (r->stub = malloc(stub_size())) == NULL)
			abort();
	}
	assert(r->fiber == NULL);
	transfer_done(&b->transfer);
	b->mode = BOARD_STUB;
	r->own = b->own_greeting;
	b->greeting = b->own_greeting = false;
	b->text_len = 0;	/* what is uploaded next is another program */
	b->text_done = false;
	memset(r->stub, 0, stub_size());
	r->wait = WAIT_NOTHING;
	r->alarm = r->polls = false;
	r->arrived = b->in.len > 0;
	r->taken = 0;
	r->clock_ns = 0;
	r->fiber = fiber_new(stub_fiber, b);
	if (r->fiber == NULL)
		abort();
	stub_resume(b);
}

void
board_stub_stop(struct board *b)
{
	struct stub_run	*r = b->stub;

	if (r == NULL || r->fiber == NULL)
		return;
	assert(r->wait != WAIT_NOTHING);
	(void)fiber_resume(r->fiber, -1);	/* it has ended now */
	fiber_free(r->fiber);
	r->fiber = NULL;
}

void
board_stub_free(struct board *b)
{
	if (b->stub != NULL)
		free(b->stub->stub);
	free(b->stub);
	b->stub = NULL;
}

/* While it runs what it sends may bring an answer at once: that only waits. */
void
board_stub_receive(struct board *b)
{
	struct stub_run	*r = b->stub;

	if (b->in.len == r->taken)
		return;
	r->arrived = true;
	if (r->wait == WAIT_BYTES)
		stub_resume(b);
}

void
board_stub_alarm(struct board *b)
{
	b->stub->alarm = false;
	if (b->stub->wait != WAIT_NOTHING)
		stub_resume(b);
}

/* ---- line ---- */

/* The owner wants to know which commands come. */
static void
stub_overhear(struct board *b, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (board_slip(b, p[i]) && b->packet_len >= CMD_HEADER &&
		    b->packet[0] == CMD_REQUEST)
			b->ops->command(b->ctx, b->packet[1]);
}

uint32_t
hal_receive(struct stub *s, uint8_t *to, uint32_t max)
{
	struct board	*b = stub_hal(s);
	struct stub_run	*r = b->stub;
	size_t		 n = b->in.len - r->taken;

	if (n > max)
		n = max;
	if (n == 0)
		return 0;
	memcpy(to, b->in.data + r->taken, n);
	r->taken += n;
	if (r->taken == b->in.len)
		r->arrived = false;
	if (r->taken == b->in.len || r->taken > IN_MANY) {
		buf_consume(&b->in, r->taken);
		r->taken = 0;
	}
	if (b->ops->command != NULL)
		stub_overhear(b, to, n);
	return (uint32_t)n;
}

uint32_t
hal_send(struct stub *s, const uint8_t *data, uint32_t len)
{
	struct board	*b = stub_hal(s);

	if (b->out.len >= OUT_MANY)
		stub_flush(b);
	(void)buf_add(&b->out, data, len);
	return len;
}

void
hal_send_end(struct stub *s)
{
	stub_flush(stub_hal(s));
}

void
hal_baud(struct stub *s, uint32_t was, uint32_t baud)
{
	struct board	*b = stub_hal(s);

	(void)was;
	stub_flush(b);
	if (baud >= 300 && baud <= 5000000)
		b->bps = baud;
}

/* ---- flash ---- */

void
hal_spi(struct stub *s, const struct hal_spi *t)
{
	struct board	*b = stub_hal(s);
	struct stub_run	*r = b->stub;
	uint32_t	 bytes = 1 + t->send_len + t->read_len +
			    (t->addr_bits + t->dummy_bits) / 8u;

	r->clock_ns = stub_now_ns(b) +
	    (uint64_t)bytes * b->flash.times.read_ns;
	if (board_flash_there(b))
		flash_spi(&b->flash, board_now(b), t->command, t->addr,
		    t->send, t->send_len, t->read, t->read_len);
	else if (t->read_len > 0)
		memset(t->read, 0xff, t->read_len);
	if (t->command == STATUS_READ && t->read_len > 0)
		r->polls = (t->read[0] & STATUS_BUSY) != 0;
	stub_spend(b, 0);
}

void
hal_attach(struct stub *s, uint32_t pins)
{
	board_attach(stub_hal(s), pins);
}

int
hal_encrypt(struct stub *s, uint32_t addr, const uint8_t *data, uint32_t len)
{
	struct board	*b = stub_hal(s);
	uint32_t	 unit = b->chip->crypt == CRYPT_ESP32 ? SEAL_UNIT :
			    CRYPT_ALIGN;
	uint8_t		 sealed[SEAL_UNIT];

	if (b->chip->crypt == CRYPT_NONE || !board_flash_there(b) ||
	    addr % unit != 0 || len % unit != 0 || len > HAL_SEAL ||
	    fuse_get(&b->fuses, &b->chip->fuses.no_encrypt) != 0)
		return -1;
	for (uint32_t n; len > 0; addr += n, data += n, len -= n) {
		n = len < SEAL_UNIT ? len : SEAL_UNIT;
		memcpy(sealed, data, n);
		if (!crypt_run(&b->crypt, false, addr, sealed, n))
			return -1;
		stub_spend(b, flash_program(&b->flash, addr, sealed, n) *
		    1000);
	}
	return 0;
}

/* ---- the rest ---- */

/* The watchdogs: a stub of Espressif's leaves them alone on a UART. */
void
hal_init(struct stub *s)
{
	struct board	*b = stub_hal(s);

	board_attach(b, 0);
	b->params_size = b->flash.size;
	if (!b->stub->own)
		return;
	b->dog_stopped = b->dog_fed = true;
	b->ops->alarm(b->ctx, ALARM_DOG, ALARM_OFF);
}

uint32_t
hal_caps(struct stub *s)
{
	const struct board	*b = stub_hal(s);
	unsigned		 has = b->chip->caps;
	uint32_t		 caps = EXT_CAP_TICKS;

	if (b->chip->crypt != CRYPT_NONE)
		caps |= EXT_CAP_ENCRYPT;
	if (has & SIM_SECINFO)
		caps |= EXT_CAP_SECINFO;
	if (has & SIM_STUB_4BYTE)
		caps |= EXT_CAP_4BYTE;
	if (has & SIM_BEGIN_ATTACHES)
		caps |= EXT_CAP_RUN;
	/* Espressif's stay where they are. */
	if (b->stub->own)
		caps |= EXT_CAP_RESTART;
	return caps;
}

uint32_t
hal_chip(struct stub *s)
{
	const struct board	*b = stub_hal(s);

	return b->chip->caps & SIM_BEGIN_ATTACHES ? UINT32_MAX :
	    b->chip->chip_id;
}

uint32_t
hal_security(struct stub *s, uint8_t *out)
{
	const struct board	*b = stub_hal(s);

	return b->chip->caps & SIM_SECINFO ?
	    (uint32_t)fuse_secinfo(&b->fuses, b->chip, out) : 0;
}

/* An exception: it ends here. */
static void
stub_survived(struct board *b)
{
	if (b->mode == BOARD_HUNG)
		longjmp(b->stub->out, 1);
}

uint32_t
hal_read(struct stub *s, uint32_t addr)
{
	struct board	*b = stub_hal(s);
	uint32_t	 value = regs_read(b, addr);

	stub_survived(b);
	b->stub->polls = true;
	return value;
}

void
hal_write(struct stub *s, uint32_t addr, uint32_t value)
{
	struct board	*b = stub_hal(s);
	uint8_t		 word[4];

	if (ram_has(b, addr, sizeof(word))) {
		le32_put(word, value);
		board_upload(b, addr, word, sizeof(word));
		return;
	}
	regs_write(b, addr, value, UINT32_MAX);
	simefuse_resume(&b->efuse);	/* only a ROM can be held */
	stub_survived(b);
}

void
hal_delay(struct stub *s, uint32_t us)
{
	stub_spend(stub_hal(s), (uint64_t)us * 1000);
}

uint32_t
hal_ticks(struct stub *s)
{
	return (uint32_t)(stub_now_ns(stub_hal(s)) / 1000);
}

/* Until bytes come, or until what it looks at may have changed. */
void
hal_idle(struct stub *s)
{
	struct board	*b = stub_hal(s);
	struct stub_run	*r = b->stub;
	uint64_t	 now = stub_now_ns(b);
	uint64_t	 end = b->flash.busy_until_us * 1000;

	stub_flush(b);
	if (r->arrived) {
		r->arrived = false;
		return;
	}
	if (end <= now)
		end = r->polls ? now + POLL_NS : 0;
	r->polls = false;
	if (end != 0 && end <= stub_owner_ns(b) + AHEAD_NS)
		r->clock_ns = end;
	else
		stub_suspend(b, WAIT_BYTES, end);
}

void
hal_jump(struct stub *s, uint32_t entry)
{
	(void)entry;
	((struct board *)stub_hal(s))->leave = LEAVE_START;
}

void
hal_restart(struct stub *s)
{
	((struct board *)stub_hal(s))->leave = LEAVE_LOADER;
}

void
hal_run(struct stub *s)
{
	((struct board *)stub_hal(s))->leave = LEAVE_RUN;
}
