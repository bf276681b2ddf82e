/*
 * Lives: a board belongs to whoever called board_init(); its buffers and RAM
 * pages to the board.  A transfer's z_stream lives from *_BEGIN to the next
 * *_BEGIN, *_END or reset.
 */
#include "tests/sim/board.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/bytes.h"
#include "proto/serial/slip.h"
#include "tests/sim/boot.h"

enum {
	/* EN has a capacitor (0.1 uF to 1 uF against 10 kOhm): the straps are
	 * sampled a little after the reset line is let go. */
	EN_RISE_US	= 5000,
	EN_SLOW_US	= 300000,
	IN_MAX		= 256 * 1024,
	OUT_MAX		= 64 * 1024,
	PARAMS_SIZE	= 2 * 1024 * 1024, /* what a ROM takes flash for */
	GREETING	= 0x4941484f,	/* "OHAI" */
	GREETING_OWN	= 0x46505345,	/* "ESPF" */
	LUI_GREETING	= 0x49415037,	/* lui rd, 0x49415; then addi -0x7b1 */
	LUI_MASK	= 0xfffff07f,
	SPEAK_US	= 100000,	/* between a program's texts */
	TEXT_MIN	= 8,
	/* How long the watchdogs leave a loader alone. */
	DOG_US		= 5000000,
	SECOND_SIZE	= 8 << 20,
	LOADER_REACH	= 1 << 24,
};

void
board_note(struct board *b, const char *text)
{
	if (b->ops->note != NULL && !b->looping)
		b->ops->note(b->ctx, text);
}

const struct board_traits board_usual = {
	.fuse = { .revision = REVISION_USUAL },
};

/* The fuses, as they were left. */
static int
board_burned(struct board *b, unsigned number)
{
	const char	*path = b->traits.fuse_path;
	char		 inside[SIMEFUSE_PATH];
	int		 r;

	if (path != NULL && path[0] != '\0' &&
	    path[strlen(path) - 1] == '/') {
		(void)snprintf(inside, sizeof(inside), "%sboard-%u.fuses",
		    path, number);
		path = inside;
	}
	r = simefuse_init(&b->efuse, b->chip, &b->fuses,
	    b->traits.xtal_hz / 1000000, path);
	b->efuse.fault = b->traits.fuse_fault;
	return r;
}

/* The flash's key is the one in the fuses, if one was burned. */
static void
board_keyed(struct board *b)
{
	uint8_t	key[CRYPT_KEY_MAX];
	size_t	len = simefuse_key(&b->efuse, b->chip, key);

	if (len > 0)
		(void)crypt_init(&b->crypt, b->chip->crypt, key, len);
	b->crypt.config = fuse_get(&b->fuses, &b->chip->fuses.crypt_config);
}

int
board_init(struct board *b, const struct simchip *chip,
    const struct board_traits *traits, unsigned number, uint32_t flash_size,
    const char *path, const struct board_ops *ops, void *ctx)
{
	int	r;

	memset(b, 0, sizeof(*b));
	b->chip = chip;
	b->traits = *traits;
	if (b->traits.xtal_hz == 0)
		b->traits.xtal_hz = chip->xtal_hz;
	b->ops = ops;
	b->ctx = ctx;
	b->bps = 115200;
	memcpy(b->mac, chip->oui, sizeof(chip->oui));
	b->mac[3] = 0x5e;
	b->mac[4] = (uint8_t)(number >> 8);
	b->mac[5] = (uint8_t)number;
	buf_init(&b->in, IN_MAX);
	buf_init(&b->out, OUT_MAX);
	regs_init(b);
	if (!fuse_init(&b->fuses, chip, b->mac, &traits->fuse) ||
	    !crypt_init(&b->crypt, chip->crypt, traits->fuse.key,
	    traits->fuse.key_len))
		return -EOPNOTSUPP;
	r = board_burned(b, number);
	if (r != 0)
		return r;
	board_keyed(b);
	if (traits->second_pins != 0 && flash_init(&b->other,
	    &board_usual.flash, SECOND_SIZE, NULL) != 0)
		return -ENOMEM;
	return flash_init(&b->flash, &traits->flash, flash_size, path);
}

void
board_done(struct board *b)
{
	board_stub_stop(b);
	board_stub_free(b);
	transfer_done(&b->transfer);
	ram_forget(b);
	buf_done(&b->in);
	buf_done(&b->out);
	flash_done(&b->flash);
	flash_done(&b->other);
}

/* ---- boot ---- */

void
board_text(struct board *b, const char *text)
{
	b->ops->send(b->ctx, text, strlen(text), b->bps);
}

void
board_crash(struct board *b)
{
	if (b->mode != BOARD_HUNG)
		board_note(b, "exception in the loader, hangs");
	b->mode = BOARD_HUNG;
}

uint32_t
board_rom_xtal(const struct board *b)
{
	const struct simchip	*c = b->chip;
	uint32_t		 hz = b->traits.xtal_hz;

	if (c->rom_xtal_hz == 0)
		return hz;
	if (c->caps & SIM_ROM_MEASURES)
		return (uint32_t)((uint64_t)hz * c->rom_xtal_hz / c->xtal_hz);
	return c->rom_xtal_hz;
}

/* `flash` is the second one from now on, or the first. */
static void
board_choose(struct board *b, bool second)
{
	struct flash	f = b->flash;

	if (second == b->swapped)
		return;
	b->flash = b->other;
	b->other = f;
	b->swapped = second;
}

static void
board_clear(struct board *b)
{
	board_stub_stop(b);
	for (int i = 0; i < ALARM_COUNT; i++)
		b->ops->alarm(b->ctx, (enum board_alarm)i, ALARM_OFF);
	buf_clear(&b->in);
	buf_clear(&b->out);
	b->work = WORK_NONE;
	b->before_us = b->after_us = 0;
	b->next_bps = 0;
	b->leave = LEAVE_NOT;
	b->inside = b->escape = false;
	b->packet_len = 0;
	memset(b->packet, 0, sizeof(b->packet));
	memset(&b->reply, 0, sizeof(b->reply));
	b->attached = (b->chip->caps & SIM_ATTACHED) != 0 &&
	    b->traits.spi_pins == 0;
	board_choose(b, false);
	b->last_bytes = 0;
	b->greeting = b->own_greeting = false;
	b->text_len = 0;
	b->text_done = false;
	b->dog_stopped = b->dog_fed = false;
	b->params_size = PARAMS_SIZE;
	transfer_done(&b->transfer);
	ram_forget(b);
	regs_init(b);
}

static void
board_booted(struct board *b)
{
	if (b->ops->booted != NULL && !b->looping)
		b->ops->booted(b->ctx);
}

/* A ROM that does not measure its crystal takes it for the one it knows. */
static uint32_t
board_log_bps(const struct board *b)
{
	const struct simchip	*c = b->chip;

	if (!(c->caps & SIM_LOG_BY_XTAL))
		return c->log_bps;
	return (uint32_t)((uint64_t)c->log_bps * b->traits.xtal_hz /
	    (c->rom_xtal_hz != 0 ? c->rom_xtal_hz : c->xtal_hz));
}

static void
board_dogs(struct board *b)
{
	if (b->traits.watchdogs && b->chip->swd_addr != 0)
		b->ops->alarm(b->ctx, ALARM_DOG, DOG_US);
}

/* Its fuses let nobody into the loader. */
static bool
board_shut(const struct board *b)
{
	return simefuse_no_download(&b->efuse,
	    fuse_revision(&b->fuses, b->chip));
}

/* EN is high now: sample the strap and boot. */
static void
board_boot(struct board *b, const char *rst)
{
	board_clear(b);
	simefuse_reset(&b->efuse);
	board_keyed(b);
	b->bps = board_log_bps(b);
	power_init(b, b->cold);
	b->cold = false;
	board_text(b, b->chip->banner);
	board_text(b, rst);
	if ((!b->io0 || b->no_lines || b->force) && !board_shut(b)) {
		board_text(b, b->chip->boot_load);
		b->mode = BOARD_ROM;
		b->autobaud = true;
		board_dogs(b);
		board_note(b, "reset: download mode");
		board_booted(b);
		return;
	}
	b->mode = BOARD_APP;
	board_text(b, b->chip->boot_flash);
	board_note(b, "reset: boots from flash");
	boot_flash(b);
	board_booted(b);
}

void
board_reset(struct board *b, const char *rst)
{
	board_boot(b, rst);
}

static void
board_en_low(struct board *b)
{
	board_clear(b);
	b->en_us = 0;
	b->mode = BOARD_RESET;
}

static void
board_en_high(struct board *b)
{
	b->en_us = 0;
	b->ops->alarm(b->ctx, ALARM_EN, ALARM_OFF);
	/* Over the chip's own USB no pin moves. */
	if ((b->circuit & CIRCUIT_USB_OTG) != 0)
		b->force = !b->io0 ||
		    (b->force && (b->chip->caps & SIM_FORCE_STAYS));
	else if ((b->circuit & CIRCUIT_USB_JTAG) == 0)
		b->strap_low = !b->io0;
	board_boot(b, b->chip->rst_power);
}

/* EN was let go at `since`. */
static void
board_en_rises(struct board *b, uint64_t since)
{
	uint64_t	now = b->ops->now_us(b->ctx);

	if ((b->circuit & CIRCUIT_TIGHT) != 0) {
		board_en_high(b);
		return;
	}
	b->en_us = since + ((b->circuit & CIRCUIT_SLOW) != 0 ? EN_SLOW_US :
	    EN_RISE_US);
	b->ops->alarm(b->ctx, ALARM_EN, b->en_us > now ? b->en_us - now : 0);
}

/*
 * ESP32-C3 technical reference manual, "CDC-ACM Settings with RTS and DTR":
 * DTR alone asks for the loader, RTS alone resets, none withdraws the wish,
 * both do nothing.
 */
static void
board_usb_lines(struct board *b, bool resets, uint64_t since)
{
	if (b->dtr && !b->rts)
		b->io0 = (b->circuit & CIRCUIT_NO_BOOT) != 0;
	else if (!b->dtr && !b->rts)
		b->io0 = true;
	if (!resets)
		return;
	board_en_low(b);
	board_en_rises(b, since);
}

/* The level of the boot pin as the lines are. */
static bool
board_pin(const struct board *b)
{
	if ((b->circuit & CIRCUIT_USB_JTAG) != 0)
		return b->io0;
	return (b->circuit & CIRCUIT_NO_BOOT) != 0 || b->locked ||
	    !(b->dtr && !b->rts);
}

/*
 * The usual two transistors: each line pulls its pin low only while the other
 * line is not asserted, so both asserted is the same as none.
 */
void
board_lines_since(struct board *b, bool dtr, bool rts, uint64_t since)
{
	bool	idle = !b->dtr && !b->rts, resetting = !b->dtr && b->rts;
	bool	en;

	/* Whoever rings the alarm may be late. */
	if (b->en_us != 0 && b->en_us <= since)
		board_en_high(b);
	b->dtr = dtr;
	b->rts = rts;
	if ((b->circuit & CIRCUIT_USB_JTAG) != 0) {
		board_usb_lines(b, !dtr && rts && !resetting, since);
		return;
	}
	if ((b->circuit & CIRCUIT_CLASSIC) != 0 && idle && dtr && rts)
		b->locked = true;
	else if (!dtr && !rts)
		b->locked = false;
	en = b->locked || !(rts && !dtr);
	b->io0 = board_pin(b);
	if (en == b->en)
		return;
	b->en = en;
	if (en)
		board_en_rises(b, since);
	else
		board_en_low(b);
}

void
board_lines(struct board *b, bool dtr, bool rts)
{
	board_lines_since(b, dtr, rts, b->ops->now_us(b->ctx));
}

void
board_power(struct board *b)
{
	flash_power(&b->flash);
	flash_power(&b->other);
	b->en = b->io0 = true;
	b->io0 = board_pin(b);
	b->strap_low = !b->io0 || b->no_lines;
	b->force = false;
	b->cold = true;
	board_boot(b, b->chip->rst_power);
}

void
board_unpower(struct board *b)
{
	board_clear(b);
	b->dtr = b->rts = b->locked = false;
	b->en_us = 0;
	b->mode = BOARD_RESET;
}

/* ---- input ---- */

static void
board_packet(struct board *b, size_t len)
{
	if (b->ops->command != NULL && len > 1)
		b->ops->command(b->ctx, b->packet[1]);
	rom_packet(b, len);
}

/*
 * The chip's own SLIP receiver.  It differs from a good one as the mask ROMs
 * do: a bad escape does not spoil the frame, DB C0 swallows the delimiter,
 * and what does not fit is cut off.  True when a frame is complete.
 */
bool
board_slip(struct board *b, uint8_t c)
{
	if (!b->inside) {
		if (c == 0xc0) {
			b->inside = true;
			b->escape = false;
			b->packet_len = 0;
		}
		return false;
	}
	if (b->escape) {
		b->escape = false;
		c = c == 0xdc ? 0xc0 : c == 0xdd ? 0xdb : c;
	} else if (c == 0xdb) {
		b->escape = true;
		return false;
	} else if (c == 0xc0) {
		if (b->packet_len == 0)
			return false;	/* still the first delimiter */
		b->inside = false;
		return true;
	}
	if (b->packet_len < sizeof(b->packet))
		b->packet[b->packet_len++] = c;
	return false;
}

void
board_leave(struct board *b)
{
	bool	held = b->io0;

	switch (b->leave) {
	case LEAVE_NOT:
		return;
	case LEAVE_START:
		b->leave = LEAVE_NOT;
		board_start(b);
		return;
	case LEAVE_REBOOT:
		break;
	case LEAVE_LOADER:
		b->io0 = false;
		break;
	case LEAVE_RUN:
		b->io0 = true;
		break;
	}
	/* EN is not touched. */
	board_boot(b, b->chip->rst_soft);
	b->io0 = held;
}

/* The reply is out: do what was to wait for that. */
static void
board_replied(struct board *b)
{
	if (b->out.len > 0)
		b->ops->send(b->ctx, b->out.data, b->out.len, b->bps);
	buf_clear(&b->out);
	if (b->next_bps != 0)
		b->bps = b->next_bps;
	b->next_bps = 0;
	board_leave(b);
}

static void
board_wait(struct board *b)
{
	if (b->work == WORK_NONE && b->before_us > 0) {
		b->work = WORK_BEFORE;
		b->ops->alarm(b->ctx, ALARM_WORK, b->before_us);
		b->before_us = 0;
		return;
	}
	board_replied(b);
	b->work = WORK_NONE;
	if (b->after_us > 0) {
		b->work = WORK_AFTER;
		b->ops->alarm(b->ctx, ALARM_WORK, b->after_us);
		b->after_us = 0;
	}
}

static void
board_work(struct board *b)
{
	size_t	i = 0;

	while (i < b->in.len && b->work == WORK_NONE && b->mode == BOARD_ROM) {
		if (!board_slip(b, b->in.data[i++]))
			continue;
		/* A command may reset the board, which empties `in`, or start
		 * a stub, which takes the rest of it. */
		buf_consume(&b->in, i);
		i = 0;
		board_packet(b, b->packet_len);
		board_wait(b);
	}
	buf_consume(&b->in, i);
	if (b->mode == BOARD_STUB)
		board_stub_receive(b);
	else if (b->mode != BOARD_ROM)
		buf_clear(&b->in);
}

/*
 * The fuses were written to: a test may want to stop here, and a loader that is
 * shut falls silent at once; but the ESP32's looks at that at a reset only.  One
 * that locks itself does not answer this command any more: esptool, too, awaits
 * that it has to connect again.
 */
bool
board_fused(struct board *b)
{
	bool	fresh = b->efuse.fresh && (b->chip->caps & SIM_SECINFO) != 0;
	bool	locks = b->efuse.locks;

	b->efuse.fresh = b->efuse.locks = false;
	if (b->efuse.mistimed)
		board_note(b, "burning fuses with times that are not right");
	b->efuse.mistimed = false;
	if (b->efuse.held && b->mode == BOARD_ROM) {
		b->mode = BOARD_HELD;
		board_note(b, "held at a burning of fuses");
	} else if (fresh && b->mode == BOARD_ROM && board_shut(b)) {
		b->mode = BOARD_HUNG;
		board_note(b, "the loader is shut by a fuse");
	}
	return b->mode == BOARD_ROM && !locks;
}

void
board_go_on(struct board *b)
{
	if (b->mode != BOARD_HELD)
		return;
	simefuse_resume(&b->efuse);
	b->mode = BOARD_ROM;
	rom_written(b);
	board_wait(b);
}

void
board_receive(struct board *b, const void *data, size_t len)
{
	if (b->mode != BOARD_ROM && b->mode != BOARD_STUB)
		return;
	/* Full: the bytes are lost, as in a FIFO that nobody empties. */
	(void)buf_add(&b->in, data, len);
	board_work(b);
}

static void
board_speak(struct board *b)
{
	b->ops->send(b->ctx, b->text, b->text_len, b->bps);
	b->ops->alarm(b->ctx, ALARM_SPEAK, SPEAK_US);
}

/* The RTC watchdog takes the RTC's registers with it and samples the straps. */
static void
board_bitten(struct board *b)
{
	b->force = false;
	b->strap_low = !b->io0 || b->no_lines;
	board_boot(b, b->chip->rst_wdt);
}

void
board_alarm(struct board *b, enum board_alarm which)
{
	switch (which) {
	case ALARM_EN:
		board_en_high(b);
		break;
	case ALARM_SPEAK:
		board_speak(b);
		break;
	case ALARM_DOG:
		board_note(b, "a watchdog was not stopped");
		board_bitten(b);
		break;
	case ALARM_RESTART:
		b->looping = b->mode == BOARD_APP && b->io0;
		board_bitten(b);
		b->looping = false;
		break;
	case ALARM_WORK:
		if (b->mode == BOARD_STUB) {
			board_stub_alarm(b);
			break;
		}
		if (b->work == WORK_AFTER)
			b->work = WORK_NONE;
		else
			board_wait(b);
		board_work(b);
		break;
	case ALARM_COUNT:
		break;
	}
}

/* ---- output ---- */

void
board_spend(struct board *b, uint64_t us)
{
	if (b->out.len == 0)
		b->before_us += us;
	else
		b->after_us += us;
}

void
board_frame(struct board *b, const void *head, size_t head_len,
    const void *data, size_t len)
{
	/* One command's replies are far below the cap. */
	(void)slip_encode2(&b->out, head, head_len, data, len);
}

/* ---- flash ---- */

void
board_attach(struct board *b, uint32_t pins)
{
	bool	second = pins != 0 && pins == b->traits.second_pins;

	b->attached = second || pins == b->traits.spi_pins;
	if (b->attached)
		board_choose(b, second);
}

bool
board_flash_there(const struct board *b)
{
	return b->attached && b->powered;
}

uint32_t
board_reach(uint32_t addr)
{
	return addr % LOADER_REACH;
}

const uint8_t *
board_seal(struct board *b, const uint8_t *data, size_t *len, uint32_t *addr,
    struct buf *sealed)
{
	struct transfer	*t = &b->transfer;
	size_t		 whole;

	*addr = t->addr + t->written - t->tail_len;
	t->written += (uint32_t)*len;
	buf_init(sealed, t->tail_len + *len + CRYPT_ALIGN);
	if (!t->encrypted)
		return data;
	/* It cannot be too much: the cap is made for it. */
	(void)buf_add(sealed, t->tail, t->tail_len);
	(void)buf_add(sealed, data, *len);
	while (t->written >= t->size && sealed->len % CRYPT_ALIGN != 0)
		(void)buf_add(sealed, "\xff", 1);
	whole = sealed->len & ~(size_t)(CRYPT_ALIGN - 1);
	t->tail_len = (uint32_t)(sealed->len - whole);
	if (t->tail_len > 0)
		memcpy(t->tail, sealed->data + whole, t->tail_len);
	if (whole > 0)
		(void)crypt_run(&b->crypt, false, *addr, sealed->data, whole);
	*len = whole;
	return sealed->data;
}

/* ---- transfers ---- */

/* Some chips' stubs are none, or hang in a chip that is locked. */
static bool
board_runs_stub(const struct board *b)
{
	const struct simchip	*c = b->chip;

	return !(c->caps & SIM_NO_STUB) &&
	    fuse_revision(&b->fuses, c) >= c->stub_from &&
	    !((c->caps & SIM_SECBOOT_NO_STUB) &&
	    fuse_boots_securely(&b->fuses, c));
}

void
board_start(struct board *b)
{
	if (b->greeting && board_runs_stub(b)) {
		board_stub_start(b);
		return;
	}
	b->mode = BOARD_APP;
	board_note(b, "runs a program from RAM");
	if (!b->greeting && b->text_done)
		board_speak(b);
}

/* See the header: the first text in what is uploaded. */
static void
board_overhear(struct board *b, uint8_t c)
{
	if (b->text_done)
		return;
	if (c == 0 && b->text_len >= TEXT_MIN) {
		b->text_done = true;
		return;
	}
	if ((c < 0x20 || c > 0x7e) && c != '\n' && c != '\r' && c != '\t')
		b->text_len = 0;
	else if (b->text_len < sizeof(b->text))
		b->text[b->text_len++] = (char)c;
}

void
board_upload(struct board *b, uint32_t addr, const void *data, size_t len)
{
	const uint8_t	*p = data;

	for (size_t i = 0; i < len; i++) {
		board_overhear(b, p[i]);
		b->last_bytes = b->last_bytes >> 8 | (uint64_t)p[i] << 56;
		if (b->last_bytes >> 32 == GREETING ||
		    (b->last_bytes >> 32 & LUI_MASK) == LUI_GREETING)
			b->greeting = true;
		if (b->last_bytes == ((uint64_t)GREETING_OWN << 32 | GREETING))
			b->own_greeting = true;
	}
	ram_write(b, addr, data, len);
}

void
transfer_done(struct transfer *t)
{
	if (t->inflating)
		(void)inflateEnd(&t->z);
	memset(t, 0, sizeof(*t));
}

bool
transfer_begin(struct transfer *t, enum transfer_kind kind, uint32_t size,
    uint32_t blocks, uint32_t addr)
{
	transfer_done(t);
	t->kind = kind;
	t->size = size;
	t->blocks = blocks;
	t->addr = addr;
	if (kind != TRANSFER_DEFL)
		return true;
	t->inflating = inflateInit(&t->z) == Z_OK;
	return t->inflating;
}

int
transfer_inflate(struct transfer *t, const uint8_t *data, size_t len,
    struct buf *out, bool *adler)
{
	uint8_t	 part[4096 - 512];
	int	 r;

	*adler = false;
	if (!t->inflating)
		return Z_STREAM_ERROR;
	t->z.next_in = (uint8_t *)(uintptr_t)data;	/* zlib's prototype */
	t->z.avail_in = (uInt)len;
	do {
		t->z.next_out = part;
		t->z.avail_out = sizeof(part);
		r = inflate(&t->z, Z_NO_FLUSH);
		if (buf_add(out, part, sizeof(part) - t->z.avail_out) != 0)
			return Z_BUF_ERROR;
	} while (r == Z_OK && t->z.avail_out == 0);
	if (r == Z_BUF_ERROR)
		r = Z_OK;	/* only: nothing more to do yet */
	if (r == Z_DATA_ERROR && t->z.msg != NULL)
		*adler = strcmp(t->z.msg, "incorrect data check") == 0;
	t->ended = r == Z_STREAM_END;
	return r;
}
