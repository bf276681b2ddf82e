#include "tests/sim/bench.h"

#include <stdarg.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/bytes.h"
#include "proto/serial/cmd.h"
#include "proto/serial/slip.h"

enum { HEARD_MAX = 1 << 20, WORDS_MAX = 8 };

static void
bench_board_send(void *ctx, const void *data, size_t len, uint32_t bps)
{
	struct bench	*t = ctx;

	t->heard_bps = bps;
	if (buf_add(&t->heard, data, len) != 0)
		abort();
}

static void
bench_board_alarm(void *ctx, enum board_alarm which, uint64_t us)
{
	struct bench	*t = ctx;

	t->alarms += us != ALARM_OFF;
	t->alarm[which] = us == ALARM_OFF ? ALARM_OFF : t->now_us + us;
}

static uint64_t
bench_now(void *ctx)
{
	return ((struct bench *)ctx)->now_us;
}

static void
bench_command(void *ctx, uint8_t op)
{
	(void)op;
	((struct bench *)ctx)->commands++;
}

static void
bench_note(void *ctx, const char *text)
{
	struct bench	*t = ctx;

	(void)snprintf(t->note, sizeof(t->note), "%s", text);
}

static const struct board_ops bench_ops = {
	.send		= bench_board_send,
	.alarm		= bench_board_alarm,
	.now_us		= bench_now,
	.command	= bench_command,
	.note		= bench_note,
};

void
bench_init(struct bench *t, const char *chip)
{
	bench_init_as(t, chip, &board_usual, 4 << 20);
}

void
bench_init_as(struct bench *t, const char *chip,
    const struct board_traits *traits, uint32_t flash_size)
{
	memset(t, 0, sizeof(*t));
	for (int i = 0; i < ALARM_COUNT; i++)
		t->alarm[i] = ALARM_OFF;
	buf_init(&t->heard, HEARD_MAX);
	if (board_init(&t->board, simchip_find(chip), traits, 7, flash_size,
	    NULL, &bench_ops, t) != 0)
		abort();
	t->board.dtr = true;	/* IO0 low */
	board_power(&t->board);
	board_lines(&t->board, false, false);
	buf_clear(&t->heard);
}

void
bench_done(struct bench *t)
{
	board_done(&t->board);
	buf_done(&t->heard);
}

void
bench_ring(struct bench *t, enum board_alarm which)
{
	if (t->alarm[which] == ALARM_OFF)
		return;
	if (t->now_us < t->alarm[which])
		t->now_us = t->alarm[which];
	t->alarm[which] = ALARM_OFF;
	board_alarm(&t->board, which);
}

void
bench_work(struct bench *t)
{
	while (t->alarm[ALARM_WORK] != ALARM_OFF)
		bench_ring(t, ALARM_WORK);
}

void
bench_wait(struct bench *t, uint64_t us)
{
	uint64_t	end = t->now_us + us;
	int		first;

	for (;;) {
		first = 0;
		for (int i = 1; i < ALARM_COUNT; i++)
			if (t->alarm[i] < t->alarm[first])
				first = i;
		if (t->alarm[first] > end)
			break;
		bench_ring(t, (enum board_alarm)first);
	}
	t->now_us = end;
}

void
bench_send(struct bench *t, const void *data, size_t len)
{
	board_receive(&t->board, data, len);
	bench_work(t);
}

static size_t
bench_decode(struct bench *t, size_t *used)
{
	struct slip_decoder	d;
	int			n;

	slip_init(&d, t->reply, sizeof(t->reply));
	n = slip_decode(&d, t->heard.data, t->heard.len, used);
	return n > 0 ? (size_t)n : 0;
}

size_t
bench_frame(struct bench *t)
{
	size_t	used;

	return bench_decode(t, &used);
}

size_t
bench_next(struct bench *t)
{
	size_t	used, n = bench_decode(t, &used);

	buf_consume(&t->heard, used);
	return n;
}

size_t
bench_ask(struct bench *t, uint8_t op, uint32_t checksum, const void *data,
    size_t len)
{
	uint8_t		head[CMD_HEADER];
	struct buf	out;

	buf_init(&out, HEARD_MAX);
	cmd_header(head, op, len, checksum);
	if (slip_encode2(&out, head, sizeof(head), data, len) != 0)
		abort();
	buf_clear(&t->heard);
	bench_send(t, out.data, out.len);
	buf_done(&out);
	return bench_frame(t);
}

size_t
bench_words(struct bench *t, uint8_t op, size_t count, ...)
{
	uint8_t	data[4 * WORDS_MAX];
	va_list	ap;

	va_start(ap, count);
	for (size_t i = 0; i < count; i++)
		le32_put(data + 4 * i, va_arg(ap, uint32_t));
	va_end(ap);
	return bench_ask(t, op, 0, data, 4 * count);
}

size_t
bench_block(struct bench *t, uint8_t op, uint32_t seq, const void *data,
    size_t len)
{
	uint8_t	*block = calloc(1, 16 + len);
	size_t	 n;

	if (block == NULL)
		abort();
	le32_put(block, (uint32_t)len);
	le32_put(block + 4, seq);
	memcpy(block + 16, data, len);
	n = bench_ask(t, op, cmd_checksum(data, len), block, 16 + len);
	free(block);
	return n;
}

unsigned
bench_status(const struct bench *t, size_t len, size_t payload)
{
	const uint8_t	*p = t->reply + CMD_HEADER + payload;

	if (len < CMD_HEADER + payload + 2)
		return UINT32_MAX;
	return (unsigned)p[0] << 8 | p[1];
}

static void
bench_start(struct bench *t, const char code[16])
{
	uint32_t	ram = t->board.chip->ram[0].start + 0x8000;

	(void)bench_words(t, CMD_MEM_BEGIN, 4, 16u, 1u, 0x1800u, ram);
	(void)bench_block(t, CMD_MEM_DATA, 0, code, 16);
	(void)bench_words(t, CMD_MEM_END, 2, 0u, ram);
}

void
bench_stub(struct bench *t)
{
	bench_start(t, "code\0\0\0\0OHAI\0\0\0");
}

void
bench_own_stub(struct bench *t)
{
	bench_start(t, "code\0\0\0OHAIESPF");
}

void
bench_ext(struct buf *out, uint8_t op, const void *data, size_t len)
{
	uint8_t		head[CMD_HEADER];
	uint32_t	sum;

	cmd_header(head, op, len, 0);
	sum = (uint32_t)crc32(0, head + 1, 3);
	if (len > 0)		/* without data zlib begins anew */
		sum = (uint32_t)crc32(sum, data, (uInt)len);
	cmd_header(head, op, len, sum);
	if (slip_encode2(out, head, sizeof(head), data, len) != 0)
		abort();
}

bool
bench_whole(const struct bench *t, size_t len)
{
	return len > 4 && crc32(0, t->reply, (uInt)len - 4) ==
	    le32_get(t->reply + len - 4);
}

bool
bench_heard(const struct bench *t, const char *text)
{
	return memmem(t->heard.data, t->heard.len, text, strlen(text)) != NULL;
}
