/*
 * The flasher stub, as it looks from the host: two status bytes, value 0,
 * blocks acknowledged before they are written, their errors reported in the
 * answer to the next command, which is then not carried out.
 *
 * FLASH_END with "reboot" stays in the stub, as the current stubs do.
 */
#include <string.h>

#include "proto/base/bytes.h"
#include "proto/serial/cmd.h"
#include "tests/sim/board.h"

enum stub_error {		/* status << 8 | error */
	STUB_OK		= 0,
	STUB_LENGTH	= 0xc000,
	STUB_CHECKSUM	= 0xc100,
	STUB_INVALID	= 0xc300,
	STUB_SPI	= 0xc400,
	STUB_UNLOCK	= 0xc500,
	STUB_NOT_FLASHING = 0xc600,
	STUB_INFLATE	= 0xc700,
	STUB_TOO_LITTLE	= 0xc800,
	STUB_TOO_MUCH	= 0xc900,
	STUB_NOT_DONE	= 0xff00,
};

enum {
	SYNC_REPLIES	= 8,
	READ_BLOCK_MAX	= 4096,
	ADLER_BYTES	= 4,
};

static uint32_t
stub_word(const struct board *b, unsigned n)
{
	return le32_get(b->packet + BOARD_DATA + 4 * (size_t)n);
}

static void
stub_answer(struct board *b, uint8_t op, uint32_t value, const void *payload,
    size_t len, unsigned error)
{
	uint8_t	head[CMD_HEADER];
	uint8_t	data[SECINFO_MAX + 2];

	if (len > 0)
		memcpy(data, payload, len);
	data[len] = (uint8_t)(error >> 8);
	data[len + 1] = (uint8_t)error;
	len += 2;
	head[0] = CMD_REPLY;
	head[1] = op;
	le16_put(head + 2, (uint16_t)len);
	le32_put(head + 4, value);
	board_frame(b, head, sizeof(head), data, len);
}

static void
stub_reply(struct board *b, uint8_t op, unsigned error)
{
	stub_answer(b, op, 0, NULL, 0, error);
}

/* The stub connects the flash itself before it says hello. */
void
stub_start(struct board *b)
{
	transfer_done(&b->transfer);
	b->mode = BOARD_STUB;
	board_attach(b, 0);
	b->params_size = b->flash.size;
	b->deferred = 0;
	b->greeting = false;
	b->text_len = 0;	/* what is uploaded next is another program */
	b->text_done = false;
	memset(&b->reading, 0, sizeof(b->reading));
	board_frame(b, "OHAI", 4, NULL, 0);
}

/* ---- writing ---- */

static enum stub_error
stub_flash_begin(struct board *b, enum transfer_kind kind, size_t words)
{
	uint32_t	addr = board_reach(b, stub_word(b, 3));
	struct transfer	*t = &b->transfer;
	bool		encrypted = words == 5 && stub_word(b, 4) != 0;

	if (words != 4 && words != 5)
		return STUB_LENGTH;
	if (encrypted && (b->chip->crypt == CRYPT_NONE ||
	    fuse_get(&b->fuses, &b->chip->fuses.no_encrypt) != 0))
		return STUB_SPI;
	if (!flash_unprotect(&b->flash))
		return STUB_UNLOCK;
	if (!transfer_begin(t, kind, stub_word(b, 0), stub_word(b, 1), addr))
		return STUB_INFLATE;
	t->encrypted = encrypted;
	t->erased = addr & ~(FLASH_SECTOR - 1u);
	t->erase_end = (addr + t->size + FLASH_SECTOR - 1) &
	    ~(FLASH_SECTOR - 1u);
	return STUB_OK;
}

/* Erase ahead of what is to be programmed, by blocks where they fit. */
static void
stub_erase_to(struct board *b, uint32_t end)
{
	struct transfer	*t = &b->transfer;
	uint32_t	 step;

	while (t->erased < end && t->erased < t->erase_end) {
		step = FLASH_SECTOR;
		if (t->erased % FLASH_BLOCK == 0 &&
		    t->erase_end - t->erased >= FLASH_BLOCK)
			step = FLASH_BLOCK;
		board_spend(b, flash_erase(&b->flash, t->erased, step));
		t->erased += step;
	}
}

static void
stub_program(struct board *b, const uint8_t *data, size_t len)
{
	struct buf	 sealed;
	uint32_t	 addr;

	data = board_seal(b, data, &len, &addr, &sealed);
	if (board_flash_there(b)) {
		stub_erase_to(b, addr + (uint32_t)len);
		board_spend(b, flash_program(&b->flash, addr, data, len));
	}
	buf_done(&sealed);
}

/* What is done with a plain block after it was acknowledged. */
static enum stub_error
stub_write(struct board *b, const uint8_t *data, size_t len)
{
	struct transfer	*t = &b->transfer;
	uint32_t	 left = t->size - t->written;

	if (left == 0 && len > 0)
		return STUB_TOO_MUCH;
	/* The last block comes padded. */
	stub_program(b, data, len < left ? len : left);
	return STUB_OK;
}

static enum stub_error
stub_inflate(struct board *b, const uint8_t *data, size_t len)
{
	struct transfer	*t = &b->transfer;
	struct buf	 out;
	enum stub_error	 e = STUB_OK;
	bool		 adler;
	int		 r;

	if (t->ended)	/* the check sum alone may come as a block of its own */
		return len <= ADLER_BYTES ? STUB_OK : STUB_TOO_MUCH;
	buf_init(&out, t->size - t->written);
	r = transfer_inflate(t, data, len, &out, &adler);
	if (r == Z_BUF_ERROR)
		e = STUB_TOO_MUCH;
	else if (r != Z_OK && r != Z_STREAM_END)
		e = STUB_INFLATE;
	/* What came out before the fault is in the flash already. */
	stub_program(b, out.data, out.len);
	buf_done(&out);
	if (e == STUB_OK && r == Z_STREAM_END && t->written < t->size)
		e = STUB_TOO_LITTLE;
	return e;
}

static void
stub_flash_data(struct board *b, uint8_t op, size_t len)
{
	enum transfer_kind kind = op == CMD_FLASH_DATA ? TRANSFER_FLASH :
	    TRANSFER_DEFL;
	const uint8_t	*block = b->packet + BOARD_BLOCK;
	uint32_t	 size = stub_word(b, 0);
	enum stub_error	 e = STUB_OK;

	if (b->transfer.kind != kind)
		e = STUB_NOT_FLASHING;
	else if (len < BOARD_BLOCK || size != len - BOARD_BLOCK)
		e = STUB_LENGTH;
	else if (cmd_checksum(block, size) != b->packet[4])
		e = STUB_CHECKSUM;
	stub_reply(b, op, e);
	if (e != STUB_OK)
		return;
	e = kind == TRANSFER_FLASH ? stub_write(b, block, size) :
	    stub_inflate(b, block, size);
	b->deferred = (uint16_t)e;
}

static enum stub_error
stub_flash_end(struct board *b)
{
	struct transfer	*t = &b->transfer;

	if (t->kind != TRANSFER_FLASH && t->kind != TRANSFER_DEFL)
		return STUB_NOT_FLASHING;
	if (t->written < t->size)
		return STUB_LENGTH;
	transfer_done(t);
	return STUB_OK;
}

static enum stub_error
stub_erase_region(struct board *b)
{
	uint32_t	addr = board_reach(b, stub_word(b, 0));
	uint32_t	size = stub_word(b, 1);

	if (!flash_unprotect(&b->flash))
		return STUB_UNLOCK;
	if (addr % FLASH_SECTOR != 0 || size % FLASH_SECTOR != 0 ||
	    addr > b->flash.size || size > b->flash.size - addr)
		return STUB_LENGTH;
	board_spend(b, flash_erase(&b->flash, addr, size));
	return STUB_OK;
}

/* ---- reading ---- */

/* One frame on its way at a time: the host acknowledges each. */
static void
stub_read_more(struct board *b)
{
	uint8_t		part[READ_BLOCK_MAX - 256], digest[16];
	uint32_t	left = b->reading.size - b->reading.sent;
	uint32_t	n = left < b->reading.block ? left : b->reading.block;

	if (left > 0) {
		struct buf	frame;

		buf_init(&frame, READ_BLOCK_MAX);
		for (uint32_t at = 0, k; at < n; at += k) {
			k = n - at < sizeof(part) ? n - at : sizeof(part);
			memset(part, 0xff, k);
			if (board_flash_there(b))
				flash_read(&b->flash, b->reading.addr +
				    b->reading.sent + at, part, k);
			(void)buf_add(&frame, part, k);	/* fits, see begin */
		}
		board_spend(b, flash_read_us(&b->flash, n));
		board_frame(b, frame.data, frame.len, NULL, 0);
		buf_done(&frame);
		b->reading.sent += n;
		return;
	}
	b->reading.active = false;
	if (flash_md5(&b->flash, b->reading.addr, b->reading.size, digest))
		board_frame(b, digest, sizeof(digest), NULL, 0);
}

static void
stub_read_flash(struct board *b, size_t words)
{
	if (words != 4) {
		stub_reply(b, CMD_READ_FLASH, STUB_LENGTH);
		return;
	}
	b->reading.addr = board_reach(b, stub_word(b, 0));
	b->reading.size = stub_word(b, 1);
	b->reading.block = stub_word(b, 2);
	b->reading.sent = b->reading.acked = 0;
	if (b->reading.block == 0 || b->reading.block > READ_BLOCK_MAX) {
		stub_reply(b, CMD_READ_FLASH, STUB_LENGTH);
		return;
	}
	stub_reply(b, CMD_READ_FLASH, STUB_OK);
	b->reading.active = true;
	stub_read_more(b);
}

/* Four bytes: how many were received.  Anything else ends the reading. */
static void
stub_read_ack(struct board *b, size_t len)
{
	if (len != 4) {
		b->reading.active = false;
		return;
	}
	b->reading.acked = le32_get(b->packet);
	if (b->reading.acked >= b->reading.sent)
		stub_read_more(b);
}

static void
stub_md5(struct board *b)
{
	uint32_t	addr = board_reach(b, stub_word(b, 0));
	uint32_t	size = stub_word(b, 1);
	uint8_t		digest[16] = { 0 };

	board_spend(b, flash_read_us(&b->flash, size));
	if (size > b->flash.size ||
	    !flash_md5(&b->flash, addr, size, digest))
		stub_reply(b, CMD_SPI_FLASH_MD5, STUB_LENGTH);
	else
		stub_answer(b, CMD_SPI_FLASH_MD5, 0, digest, sizeof(digest),
		    STUB_OK);
}

/* ---- memory and registers ---- */

static enum stub_error
stub_mem_begin(struct board *b, size_t words)
{
	if (words != 4)
		return STUB_LENGTH;
	(void)transfer_begin(&b->transfer, TRANSFER_MEM, stub_word(b, 0),
	    stub_word(b, 1), stub_word(b, 3));
	b->last_bytes = 0;
	return STUB_OK;
}

static enum stub_error
stub_mem_data(struct board *b, size_t len)
{
	struct transfer	*t = &b->transfer;
	const uint8_t	*block = b->packet + BOARD_BLOCK;
	uint32_t	 size = stub_word(b, 0);

	if (t->kind != TRANSFER_MEM)
		return STUB_NOT_FLASHING;
	if (len < BOARD_BLOCK || size != len - BOARD_BLOCK)
		return STUB_LENGTH;
	if (cmd_checksum(block, size) != b->packet[4])
		return STUB_CHECKSUM;
	board_upload(b, t->addr + t->written, block, size);
	t->written += size;
	return STUB_OK;
}

/* Another stub, or a program that is not one. */
static void
stub_mem_end(struct board *b)
{
	uint32_t	entry = stub_word(b, 1);
	bool		run = stub_word(b, 0) == 0 && entry != 0;

	transfer_done(&b->transfer);
	stub_reply(b, CMD_MEM_END, STUB_OK);
	if (!run)
		return;
	board_start(b);
}

static enum stub_error
stub_write_reg(struct board *b, size_t words)
{
	if (words == 0 || words % 4 != 0)
		return STUB_LENGTH;
	for (unsigned i = 0; i < words; i += 4) {
		board_spend(b, stub_word(b, i + 3));
		regs_write(b, stub_word(b, i), stub_word(b, i + 1),
		    stub_word(b, i + 2));
	}
	return STUB_OK;
}

static void
stub_read_reg(struct board *b, size_t words)
{
	uint32_t	v;

	if (words != 1) {
		stub_reply(b, CMD_READ_REG, STUB_LENGTH);
		return;
	}
	v = regs_read(b, stub_word(b, 0));
	if (b->mode == BOARD_STUB)
		stub_answer(b, CMD_READ_REG, v, NULL, 0, STUB_OK);
}

/* ---- the rest ---- */

static enum stub_error
stub_baud(struct board *b, size_t words)
{
	uint32_t	bps = stub_word(b, 0);

	if (words != 2)
		return STUB_LENGTH;
	if (bps >= 300 && bps <= 5000000)
		b->next_bps = bps;
	return STUB_OK;
}

static void
stub_secinfo(struct board *b)
{
	uint8_t	d[SECINFO_MAX];
	size_t	len;

	if (!(b->chip->caps & SIM_SECINFO)) {
		stub_reply(b, CMD_GET_SECURITY_INFO, STUB_NOT_DONE);
		return;
	}
	len = fuse_secinfo(&b->fuses, b->chip, d);
	stub_answer(b, CMD_GET_SECURITY_INFO, 0, d, len, STUB_OK);
}

/* Commands that answer with a status alone. */
static enum stub_error
stub_simple(struct board *b, uint8_t op, size_t len, size_t words)
{
	switch (op) {
	case CMD_FLASH_BEGIN:
		return stub_flash_begin(b, TRANSFER_FLASH, words);
	case CMD_FLASH_DEFL_BEGIN:
		return stub_flash_begin(b, TRANSFER_DEFL, words);
	case CMD_FLASH_END:
	case CMD_FLASH_DEFL_END:
		return stub_flash_end(b);
	case CMD_MEM_BEGIN:
		return stub_mem_begin(b, words);
	case CMD_MEM_DATA:
		return stub_mem_data(b, len);
	case CMD_WRITE_REG:
		return stub_write_reg(b, words);
	case CMD_SPI_ATTACH:
		if (words == 1)
			board_attach(b, stub_word(b, 0));
		return words == 1 ? STUB_OK : STUB_LENGTH;
	case CMD_SPI_SET_PARAMS:
		return words == 6 ? STUB_OK : STUB_LENGTH;
	case CMD_CHANGE_BAUDRATE:
		return stub_baud(b, words);
	case CMD_ERASE_FLASH:
		if (!flash_unprotect(&b->flash))
			return STUB_UNLOCK;
		if (board_flash_there(b))
			board_spend(b, flash_erase_chip(&b->flash));
		return STUB_OK;
	case CMD_ERASE_REGION:
		return words == 2 ? stub_erase_region(b) : STUB_LENGTH;
	}
	return STUB_INVALID;
}

static void
stub_command(struct board *b, uint8_t op, size_t len)
{
	size_t	words = (len - BOARD_DATA) / 4;

	switch (op) {
	case CMD_SYNC:
		for (int i = 0; i < SYNC_REPLIES; i++)
			stub_reply(b, op, STUB_OK);
		break;
	case CMD_FLASH_DATA:
	case CMD_FLASH_DEFL_DATA:
		stub_flash_data(b, op, len);
		break;
	case CMD_MEM_END:
		stub_mem_end(b);
		break;
	case CMD_READ_REG:
		stub_read_reg(b, words);
		break;
	case CMD_READ_FLASH:
		stub_read_flash(b, words);
		break;
	case CMD_SPI_FLASH_MD5:
		stub_md5(b);
		break;
	case CMD_GET_SECURITY_INFO:
		stub_secinfo(b);
		break;
	case CMD_RUN_USER_CODE:		/* never answered */
		if (b->chip->caps & SIM_BEGIN_ATTACHES)
			b->leave = LEAVE_RUN;
		break;
	default:
		stub_reply(b, op, stub_simple(b, op, len, words));
		break;
	}
}

void
stub_packet(struct board *b, size_t len)
{
	uint8_t	op;

	if (b->reading.active) {
		stub_read_ack(b, len);
		return;
	}
	if (len < BOARD_DATA || b->packet[0] != CMD_REQUEST)
		return;		/* not a request: nothing is said */
	op = b->packet[1];
	if (len - BOARD_DATA != le16_get(b->packet + 2)) {
		stub_reply(b, op, STUB_LENGTH);
		return;
	}
	if (b->deferred != 0) {
		stub_reply(b, op, b->deferred);
		b->deferred = 0;
		return;
	}
	stub_command(b, op, len);
}
