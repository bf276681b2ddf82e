/* The flash chip of a board, as the SPI controller reaches it. */
#include "tests/conv/board.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/bytes.h"

enum { WORDS = 16 };

static uint32_t
field(struct board *b, uint16_t offset)
{
	return *board_reg(b, b->chip->spi.base + offset);
}

/* How many bytes the controller was told to send or to take. */
static size_t
length(struct board *b, uint16_t len_reg, unsigned shift)
{
	uint32_t	bits;

	bits = len_reg != 0 ? field(b, len_reg) :
	    field(b, b->chip->spi.usr1) >> shift & 0x1ff;
	assert(bits % 8 == 7);
	return (bits + 1) / 8;
}

static void
get_data(struct board *b, uint8_t *out, size_t len)
{
	assert(len <= 4 * WORDS);
	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)(field(b, (uint16_t)(b->chip->spi.w0 +
		    i / 4 * 4)) >> i % 4 * 8);
}

static void
put_data(struct board *b, const uint8_t *p, size_t len)
{
	assert(len <= 4 * WORDS);
	for (size_t i = 0; i < len; i++) {
		uint32_t	*w = board_reg(b, b->chip->spi.base +
				    b->chip->spi.w0 + (uint32_t)(i / 4 * 4));
		unsigned	 shift = i % 4 * 8;

		*w = (*w & ~(0xffu << shift)) | (uint32_t)p[i] << shift;
	}
}

/* The address as it goes out. */
static uint32_t
address(struct board *b)
{
	uint32_t	bits = (field(b, b->chip->spi.usr1) >> 26) + 1;
	uint32_t	addr = field(b, 4);

	assert(bits == 24);
	return b->chip->caps & CHIP_ADDR_MSB ? addr >> (32 - bits) : addr;
}

static void
set_status(struct board_spi *s, size_t i, uint8_t value)
{
	uint8_t	keep = s->locked[i];

	s->status[i] = (uint8_t)((s->status[i] & keep) | (value & ~keep));
}

static void
write_status(struct board *b, uint8_t command, const uint8_t *p, size_t len)
{
	struct board_spi	*s = &b->spi;

	assert(s->write_enabled && s->busy == 0);
	s->write_enabled = false;
	s->busy = s->busy_for;
	if (command != 0x01) {
		if (!s->one_command)
			set_status(s, command == 0x31 ? 1 : 2, p[0]);
		return;
	}
	set_status(s, 0, p[0]);
	if (s->one_command)		/* the short form clears the second */
		set_status(s, 1, len > 1 ? p[1] : 0);
}

/* Steps of the start-up fix: b9 79 ff ab. */
static void
follow_fix(struct board *b, uint8_t command)
{
	static const uint8_t	steps[] = { 0xb9, 0x79, 0xff, 0xab };

	b->spi.fix = command == steps[b->spi.fix] ? b->spi.fix + 1 : 0;
	if (b->spi.fix < sizeof steps)
		return;
	b->spi.fix = 0;
	if (b->spi.rdid_fixed != 0)
		b->rdid = b->spi.rdid_fixed;
}

/* What the flash says to a command, into `out` (64 bytes). */
static void
answer(struct board *b, uint8_t command, uint32_t from, uint8_t *out,
    size_t len)
{
	struct board_spi	*s = &b->spi;

	memset(out, 0xff, 4 * WORDS);
	if (command == 0x9f) {
		le32_put(out, b->rdid);
	} else if (command == 0x5a) {
		for (size_t i = 0; i < len; i++)
			out[i] = from + i < BOARD_SFDP ? s->sfdp[from + i] :
			    0xff;
	} else if (command == 0x05) {
		out[0] = (uint8_t)(s->status[0] | (s->busy > 0) |
		    s->write_enabled << 1);
		s->busy -= s->busy > 0;
	} else if (command == 0x35 || command == 0x15) {
		out[0] = s->status[command == 0x35 ? 1 : 2];
	}
}

static void
note(struct board *b, uint8_t command, const uint32_t *addr,
    const uint8_t *sent, size_t len)
{
	char	*log = b->spi.log;
	size_t	 at = strlen(log), size = sizeof b->spi.log;

	at += (size_t)snprintf(log + at, size - at, "%02x", command);
	if (addr != NULL)
		at += (size_t)snprintf(log + at, size - at, "@%x", *addr);
	if (len > 0)
		at += (size_t)snprintf(log + at, size - at, "=");
	for (size_t i = 0; i < len; i++)
		at += (size_t)snprintf(log + at, size - at, "%02x", sent[i]);
	(void)snprintf(log + at, size - at, " ");
}

void
board_spi_direct(struct board *b, uint8_t command, const uint32_t *addr,
    const uint8_t *sent, size_t sent_len, uint8_t *read, size_t read_len)
{
	uint8_t	out[4 * WORDS];

	note(b, command, addr, sent, sent_len);
	memset(out, 0xff, sizeof out);
	if (!b->spi.asleep || command == 0xab) {
		b->spi.asleep = false;
		follow_fix(b, command);
		if (command == 0x06 || command == 0x50)
			b->spi.write_enabled = true;
		if (command == 0x04)
			b->spi.write_enabled = false;
		if (command == 0x01 || command == 0x31 || command == 0x11)
			write_status(b, command, sent, sent_len);
		if (read_len > 0)
			answer(b, command, addr != NULL ? *addr : 0, out,
			    read_len);
	}
	if (read_len > 0)
		memcpy(read, out, read_len);
}

void
board_spi(struct board *b)
{
	const struct chip_spi	*c = &b->chip->spi;
	uint32_t		 usr = field(b, c->usr), addr = 0;
	uint8_t			 command = (uint8_t)field(b, c->usr2);
	uint8_t			 sent[4 * WORDS], read[4 * WORDS];
	size_t			 sent_len = 0, read_len = 0;

	assert(usr & 1u << 31 && field(b, c->usr2) >> 28 == 7);
	if (usr & 1u << 27)
		get_data(b, sent, sent_len = length(b, c->mosi_len, 17));
	if (usr & 1u << 28)
		read_len = length(b, c->miso_len, 8);
	if (usr & 1u << 30)
		addr = address(b);
	board_spi_direct(b, command, usr & 1u << 30 ? &addr : NULL, sent,
	    sent_len, read, read_len);
	if (read_len > 0)
		put_data(b, read, read_len);
}
