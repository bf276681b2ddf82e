#include "daemon/link/link.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/link/bootlog.h"
#include "daemon/link/images.h"
#include "proto/base/err.h"
#include "proto/base/text.h"

enum {
	USB_VID_ESPRESSIF	= 0x303a, /* esptool 5.3, targets/ */
	USB_JTAG_PID		= 0x1001,
	/* Budgets of esptool 5.3, loader.py; a megabyte is 1e6 bytes. */
	FLOOR_MS		= 3000,
	WRITE_US_PER_BYTE	= 40,
	MD5_US_PER_BYTE		= 8,
	HEARD_MIN		= 8,	/* bytes that are worth showing */
	HEARD_MAX		= 80,
};

static const struct phase phase_leaving = {
	.name = "leave", .deadline_ms = LINK_LEAVE_MS,
};

void
link_init(struct link *l, struct wire *w)
{
	memset(l, 0, sizeof *l);
	rom_init(&l->rom, w);
	l->baud = l->rom.baud = LINK_BAUD;
	l->opt.baud = LINK_BAUD;
	l->opt.attempts = LINK_ATTEMPTS;
	l->opt.reconnects = LINK_RECONNECTS;
	l->leave = phase_leave;
}

void
link_done(struct link *l)
{
	images_done(l);
	fuses_done(l);
	free(l->own_writes);
	rom_done(&l->rom);
}

static void
set_phase(struct link *l, const struct phase *p)
{
	l->phase = p;
	l->phase_ends = p->deadline_ms == 0 ? 0 :
	    wire_now(l->rom.wire) + p->deadline_ms;
	if (l->hooks != NULL && l->hooks->phase != NULL)
		l->hooks->phase(l->hook_arg, p);
}

/* A restart that the user wrote may take longer than ours. */
static unsigned
leave_ms(const struct link *l)
{
	unsigned	ms = LINK_LEAVE_MS;

	for (size_t i = 0; i < l->opt.hard_custom.count; i++)
		ms += l->opt.hard_custom.steps[i].ms;
	return ms;
}

void
link_main(void *arg)
{
	struct link	*l = arg;

	l->result = 0;
	for (const struct phase *p = l->phases; p->name != NULL; p++) {
		set_phase(l, p);
		l->result = p->run(l);
		if (l->result < 0)
			break;
		l->result = 0;
	}
	l->found.baud = l->baud;
	if (l->leave != NULL) {
		if (l->rearm != NULL)
			l->rearm(l->hook_arg, leave_ms(l));
		set_phase(l, &phase_leaving);
		/* What leave could not do it has noted; the work's result
		 * stands. */
		(void)l->leave(l);
	}
	l->phase = NULL;
	l->phase_ends = 0;
}

int
link_fail(struct link *l, int err, const char *fmt, ...)
{
	char	text[WHY_MAX];
	va_list	ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);	/* cut is fine */
	va_end(ap);
	return why_set(&l->why, err, "%s", text);
}

/* What came instead of an answer, as ", it says ..."; or "". */
static void
heard(const struct link *l, char out[HEARD_MAX + 32])
{
	const struct slip_decoder	*d = &l->rom.slip;
	char				 text[HEARD_MAX];

	out[0] = '\0';
	if (d->len < HEARD_MIN)
		return;
	text_printable(text, sizeof text, d->buf, d->len);
	(void)snprintf(out, HEARD_MAX + 32, " (it says \"%s\")", text);
}

/* When it printed how it starts since it was in step, that is the reason. */
static bool
restarted(const struct link *l, struct bootlog *log)
{
	*log = (struct bootlog){ .has_reset = false };
	bootlog_read(log, l->rom.text, l->rom.text_len);
	/* Behind a frame, text looks like the beginning of another one. */
	bootlog_read(log, (const char *)l->rom.slip.buf, l->rom.slip.len);
	return log->has_reset;
}

int
link_fail_rom(struct link *l, int err, const char *doing)
{
	struct bootlog	log;
	char		name_buf[CMD_NAME_MAX], said[HEARD_MAX + 32];
	const char	*name = cmd_name(l->rom.op, name_buf);

	if ((err == ERR_TIMEOUT || err == ERR_NOISE) && restarted(l, &log))
		return link_fail(l, err, "could not %s: the chip restarted in "
		    "the middle of the work (%s); %s", doing, log.reset,
		    log.brownout ? LINK_WEAK_SUPPLY :
		    "check cable and power supply");
	switch (err) {
	case ERR_REFUSED:
		return link_fail(l, err, "could not %s: the chip refused %s, "
		    "%s (status 0x%04x)", doing, name,
		    cmd_status_name(l->rom.status), l->rom.status);
	case ERR_UNSUPPORTED:
		return link_fail(l, err, "could not %s: this loader does not "
		    "know %s", doing, name);
	case ERR_TIMEOUT:
		return link_fail(l, err, "could not %s: the chip fell silent "
		    "at %s; check cable and power supply, or try a lower "
		    "baud rate", doing, name);
	case ERR_NOISE:
		heard(l, said);
		return link_fail(l, err, "could not %s: what came back to %s "
		    "makes no sense%s; the chip may have restarted, or the "
		    "line is bad: check cable and power supply, or try a "
		    "lower baud rate", doing, name, said);
	case ERR_CANCELED:
		return link_fail(l, err, "cancelled before it could %s",
		    doing);
	case ERR_INTERRUPTED:
		return link_fail(l, err, "the daemon was stopped before it "
		    "could %s; run the job again", doing);
	case ERR_UNPLUGGED:
		return link_fail(l, err, "the port went away before it could "
		    "%s; plug it in and run the job again", doing);
	default:
		return link_fail(l, err, "could not %s: %s", doing,
		    err_sentence(err));
	}
}

void
link_note(struct link *l, const char *fmt, ...)
{
	char	text[WHY_MAX];
	va_list	ap;

	if (l->hooks == NULL || l->hooks->note == NULL)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);	/* cut is fine */
	va_end(ap);
	l->hooks->note(l->hook_arg, text);
}

void
link_progress(struct link *l, uint64_t done, uint64_t total)
{
	if (l->hooks != NULL && l->hooks->progress != NULL)
		l->hooks->progress(l->hook_arg, done, total);
}

int
link_sink(struct link *l, const void *data, size_t len)
{
	int	err;

	err = l->flash.sink(l->flash.sink_arg, data, len);
	if (err < 0)
		return link_fail(l, err, "what was read could not be stored: "
		    "%s", err_sentence(err));
	return 0;
}

int
link_check_deadline(struct link *l)
{
	if (l->phase_ends == 0 || wire_now(l->rom.wire) < l->phase_ends)
		return 0;
	return link_fail(l, ERR_TIMEOUT, "\"%s\" took longer than %u s and "
	    "was given up", l->phase->name, l->phase->deadline_ms / 1000);
}

int
link_ask_stub(struct link *l)
{
	int	err;

	if ((err = ext_ask(&l->rom)) < 0)
		return link_fail_rom(l, err, "ask the flasher stub what it "
		    "can do");
	return 0;
}

int
link_read_reg(void *arg, uint32_t addr, uint32_t *value)
{
	struct link	*l = arg;

	return rom_read_reg(&l->rom, addr, value);
}

bool
link_is_usb_jtag(const struct link *l)
{
	return l->opt.usb_pid == USB_JTAG_PID;
}

bool
link_is_usb_otg(const struct link *l)
{
	/* Its ROM shows the chip's number as the product id. */
	return l->chip != NULL && (l->chip->caps & CHIP_USB_OTG) != 0 &&
	    l->opt.usb_vid == USB_VID_ESPRESSIF &&
	    l->opt.usb_pid == l->chip->image_id;
}

bool
link_is_secure(const struct link *l)
{
	return l->found.has_secinfo &&
	    (l->found.secinfo.flags & SECINFO_SECURE_DOWNLOAD) != 0;
}

bool
link_digests(const struct link *l)
{
	return l->rom.stub || ((l->chip->caps & CHIP_ROM_MD5) != 0 &&
	    !link_is_secure(l));
}

static unsigned
budget_ms(uint64_t bytes, unsigned us_per_byte)
{
	uint64_t	ms = bytes * us_per_byte / 1000;

	return ms < FLOOR_MS ? FLOOR_MS : (unsigned)ms;
}

uint64_t
link_flash_end(const struct link *l)
{
	uint32_t	used = l->found.flash_bytes;
	uint32_t	real = l->found.flash.size;

	if (used == 0 || (real != 0 && real < used))
		used = real;
	return used != 0 ? used : UINT64_C(1) << 32;
}

unsigned
link_write_ms(uint64_t bytes)
{
	return budget_ms(bytes, WRITE_US_PER_BYTE);
}

unsigned
link_md5_ms(uint64_t bytes)
{
	return budget_ms(bytes, MD5_US_PER_BYTE);
}
