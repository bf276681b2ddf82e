#include "tests/conv/tape.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/serial/cmd.h"

enum { LINE_MAX_BYTES = 16 * 1024, EFUSE_BYTES = 0x200 };

/* Remember which flash command the SPI controller was told. */
static void
follow_spi(struct tape *t, const uint8_t *p, size_t len)
{
	uint32_t	usr2 = t->chip->spi.base + t->chip->spi.usr2;

	for (; len >= 16; p += 16, len -= 16)
		if (le32_get(p) == usr2 && le32_get(p + 4) >> 28 == 7)
			t->spi_command = p[4];
}

/*
 * The meaning of a request: what decides the answer.  Bytes of a block and
 * its checksum do not, nor how many register writes share a packet, nor the
 * fifth word of a BEGIN.
 */
static void
make_key(struct tape *t, const uint8_t *f, size_t len, struct tape_turn *turn)
{
	const uint8_t	*p = f + CMD_HEADER;
	size_t		 n = len - CMD_HEADER, from = 0;

	if (len < CMD_HEADER) {		/* the ack of a read */
		turn->key_len = len;
		memcpy(turn->key, f, len);
		return;
	}
	if (f[1] == CMD_WRITE_REG) {
		follow_spi(t, p, n);
		n = 0;
	}
	if (f[1] == CMD_FLASH_DATA || f[1] == CMD_FLASH_DEFL_DATA ||
	    f[1] == CMD_MEM_DATA) {
		from = 4;
		n = 4;
	}
	if ((f[1] == CMD_FLASH_BEGIN || f[1] == CMD_FLASH_DEFL_BEGIN) &&
	    n > 16)
		n = 16;
	if (n > TAPE_KEY - 2)
		n = TAPE_KEY - 2;
	turn->key[0] = f[1];
	memcpy(turn->key + 1, p + from, n);
	turn->key_len = 1 + n;
	if (f[1] == CMD_READ_REG &&
	    le32_get(p) == t->chip->spi.base + t->chip->spi.w0)
		turn->key[turn->key_len++] = t->spi_command;
}

static void
add_turn(struct tape *t, const uint8_t *frame, size_t len)
{
	struct tape_turn	*turn;

	if (t->count == t->room) {
		t->room = t->room * 2 + 64;
		t->turns = realloc(t->turns, t->room * sizeof *t->turns);
		assert(t->turns != NULL);
	}
	turn = &t->turns[t->count++];
	memset(turn, 0, sizeof *turn);
	turn->sent = malloc(len);
	assert(turn->sent != NULL);
	memcpy(turn->sent, frame, len);
	turn->sent_len = len;
	make_key(t, frame, len, turn);
}

static void
add_answer(struct tape *t, const uint8_t *p, size_t len)
{
	struct tape_turn	*turn;

	if (t->count == 0)
		return;		/* boot text */
	turn = &t->turns[t->count - 1];
	turn->got = realloc(turn->got, turn->got_len + len);
	assert(turn->got != NULL);
	memcpy(turn->got + turn->got_len, p, len);
	turn->got_len += len;
}

static void
add_line(struct tape *t, const char *line)
{
	static uint8_t	bytes[LINE_MAX_BYTES / 2];
	char		dir;
	int		at = 0, n;
	const uint8_t	*p = bytes;

	if (line[0] == '#' || sscanf(line, "%*d %c %n", &dir, &at) < 1)
		return;
	assert(at > 0);
	n = text_unhex(line + at, bytes, sizeof bytes);
	assert(n > 0);
	if (dir == '<') {
		add_answer(t, bytes, (size_t)n);
		return;
	}
	for (size_t left = (size_t)n, used; left > 0; p += used, left -= used) {
		int	len = slip_decode(&t->slip, p, left, &used);

		assert(len >= 0);
		if (len > 0)
			add_turn(t, t->frame, (size_t)len);
	}
}

/* The turn of that meaning: one not used yet, else the last. */
static struct tape_turn *
find(struct tape *t, const struct tape_turn *like)
{
	struct tape_turn	*last = NULL;

	for (size_t i = 0; i < t->count; i++) {
		struct tape_turn	*turn = &t->turns[i];

		if (turn->key_len != like->key_len ||
		    memcmp(turn->key, like->key, like->key_len) != 0)
			continue;
		last = turn;
		if (!turn->used)
			break;
	}
	return last;
}

/* A register that reads zero: the other eFuse words (blank), and what tells of
 * the flash supply (nothing forced, the pin low). */
static bool
is_blank(const struct chip *chip, uint32_t addr)
{
	return addr - chip->efuse_base < EFUSE_BYTES ||
	    addr == chip->supply.rtc || addr == chip->supply.pin_1v8.addr;
}

/* What nobody asked when the tape was made but every such chip answers: more
 * registers, and SPI_SET_PARAMS, which is on other tapes. */
static void
answer_blank(struct tape *t, const struct tape_turn *like)
{
	uint8_t	op = like->key[0];
	uint8_t	out[CMD_HEADER + 4] = { CMD_REPLY, op, 4 };

	if ((op == CMD_READ_REG && like->key_len == 5 &&
	    is_blank(t->chip, le32_get(like->key + 1))) ||
	    op == CMD_SPI_SET_PARAMS) {
		t->blank++;
		assert(slip_encode(&t->rx, out, sizeof out) == 0);
		return;
	}
	(void)fprintf(stderr, "not on the tape: command %02x, first word "
	    "%08x\n", like->key[0], le32_get(like->key + 1));
}

static int
tape_send(struct wire *w, const void *data, size_t len)
{
	struct tape	*t = (struct tape *)(uintptr_t)w;
	const uint8_t	*p = data;

	for (size_t used; len > 0; p += used, len -= used) {
		struct tape_turn	*turn, like = { 0 };
		int			 n;

		n = slip_decode(&t->slip, p, len, &used);
		assert(n >= 0);
		if (n == 0)
			continue;
		make_key(t, t->frame, (size_t)n, &like);
		turn = find(t, &like);
		if (turn == NULL) {
			answer_blank(t, &like);
			continue;
		}
		turn->used = true;
		t->asked++;
		if (n > 1 && ((size_t)n != turn->sent_len ||
		    memcmp(t->frame, turn->sent, turn->sent_len) != 0))
			t->differ[t->frame[1]]++;
		assert(buf_add(&t->rx, turn->got, turn->got_len) == 0);
	}
	return 0;
}

static int
tape_recv(struct wire *w, void *out, size_t size, unsigned ms)
{
	struct tape	*t = (struct tape *)(uintptr_t)w;
	size_t		 n = t->rx.len < size ? t->rx.len : size;

	if (n == 0) {
		t->now += ms;
		return ERR_TIMEOUT;
	}
	memcpy(out, t->rx.data, n);
	buf_consume(&t->rx, n);
	return (int)n;
}

static int
tape_sleep(struct wire *w, unsigned ms)
{
	((struct tape *)(uintptr_t)w)->now += ms;
	return 0;
}

static int
tape_lines(struct wire *w, bool dtr, bool rts)
{
	(void)w;
	(void)dtr;
	(void)rts;
	return ERR_UNSUPPORTED;
}

static int
tape_baud(struct wire *w, uint32_t baud)
{
	(void)w;
	(void)baud;
	return 0;
}

static int
tape_flush(struct wire *w)
{
	buf_clear(&((struct tape *)(uintptr_t)w)->rx);
	return 0;
}

static uint64_t
tape_now(const struct wire *w)
{
	return ((const struct tape *)(uintptr_t)w)->now;
}

static const struct wire_ops tape_ops = {
	.send = tape_send, .recv = tape_recv, .sleep = tape_sleep,
	.lines = tape_lines, .baud = tape_baud, .flush = tape_flush,
	.now = tape_now,
};

int
tape_load(struct tape *t, const struct chip *chip, const char *path)
{
	static char	line[LINE_MAX_BYTES];
	gzFile		f;

	memset(t, 0, sizeof *t);
	t->wire.ops = &tape_ops;
	t->chip = chip;
	buf_init(&t->rx, 1 << 20);
	slip_init(&t->slip, t->frame, sizeof t->frame);
	if ((f = gzopen(path, "rb")) == NULL)
		return 0;
	while (gzgets(f, line, sizeof line) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		add_line(t, line);
	}
	assert(gzclose(f) == Z_OK);
	slip_reset(&t->slip);
	t->spi_command = 0;
	return 1;
}

void
tape_done(struct tape *t)
{
	for (size_t i = 0; i < t->count; i++) {
		free(t->turns[i].sent);
		free(t->turns[i].got);
	}
	free(t->turns);
	buf_done(&t->rx);
}
