/*
 * The ROM loader.  Its manners are those of the genuine mask ROMs of ESP32,
 * ESP32-S3 and ESP32-C3, as recorded over the wire; the ESP8266 is taken to
 * differ only in its shorter status and its fewer commands.
 *
 * Odd but true, and kept: the packet and the reply are static buffers that are
 * never cleared, so a short request is completed by the one before, and the
 * value, error byte and last two bytes of a reply may be older than it is.
 * An unknown command leaves the reply's opcode alone and only sets its status;
 * and because SYNC's reply is sent eight times, so is the refusal of what
 * comes right after it.
 */
#include <string.h>

#include "proto/base/bytes.h"
#include "proto/serial/cmd.h"
#include "tests/sim/board.h"

enum rom_error {
	ROM_OK		= 0,
	ROM_INVALID	= 0x05,
	ROM_FAILED	= 0x06,
	ROM_CHECKSUM	= 0x07,
	ROM_WRITE	= 0x08,
	ROM_READ	= 0x09,
	ROM_READ_LEN	= 0x0a,
	ROM_INFLATE	= 0x0b,
	ROM_ADLER	= 0x0c,
};

enum {
	RAM_BLOCK	= 0x1800,	/* largest the ROM has room for */
	READ_SLOW	= 64,
	SYNC_REPLIES	= 8,
};

static uint32_t
rom_word(const struct board *b, unsigned n)
{
	return le32_get(b->packet + BOARD_DATA + 4 * (size_t)n);
}

static void
rom_answer(struct board *b, size_t payload)
{
	uint8_t	head[CMD_HEADER];
	size_t	len = payload + b->chip->status_len;
	int	copies = b->reply.op == CMD_SYNC ? SYNC_REPLIES : 1;

	head[0] = CMD_REPLY;
	head[1] = b->reply.op;
	le16_put(head + 2, (uint16_t)len);
	le32_put(head + 4, b->reply.value);
	while (copies-- > 0)
		board_frame(b, head, sizeof(head), b->reply.data, len);
}

/* Block transfers say "done" without clearing the error byte. */
static bool
rom_keeps_error(uint8_t op)
{
	return (op >= CMD_FLASH_BEGIN && op <= CMD_MEM_DATA) ||
	    (op >= CMD_FLASH_DEFL_BEGIN && op <= CMD_FLASH_DEFL_END);
}

static void
rom_reply(struct board *b, uint8_t op, size_t payload, enum rom_error error)
{
	uint8_t	*status = b->reply.data + payload;

	b->reply.op = op;
	status[0] = error != ROM_OK;
	if (error != ROM_OK || !rom_keeps_error(op))
		status[1] = (uint8_t)error;
	rom_answer(b, payload);
}

static void
rom_unknown(struct board *b)
{
	b->reply.data[0] = 1;
	b->reply.data[1] = ROM_INVALID;
	rom_answer(b, 0);
}

static void
rom_sync(struct board *b)
{
	b->reply.value = rom_word(b, 0);
	rom_reply(b, CMD_SYNC, 0, ROM_OK);
}

/* ---- memory ---- */

static enum rom_error
rom_mem_begin(struct board *b, size_t len)
{
	if (len != BOARD_DATA + 16 || rom_word(b, 2) > RAM_BLOCK)
		return ROM_INVALID;
	(void)transfer_begin(&b->transfer, TRANSFER_MEM, rom_word(b, 0),
	    rom_word(b, 1), rom_word(b, 3));
	b->last_bytes = 0;
	return ROM_OK;
}

static void
rom_mem_end(struct board *b)
{
	bool	run = rom_word(b, 0) == 0 && rom_word(b, 1) != 0;

	transfer_done(&b->transfer);
	if (run && (b->chip->caps & SIM_SECBOOT_NO_JUMP) &&
	    fuse_boots_securely(&b->fuses, b->chip)) {
		rom_reply(b, CMD_MEM_END, 0, ROM_INVALID);
		return;
	}
	rom_reply(b, CMD_MEM_END, 0, ROM_OK);
	if (run)
		b->leave = LEAVE_START;
}

/* READ_REG may crash the chip; then nothing is answered. */
static void
rom_read_reg(struct board *b)
{
	uint32_t	v = regs_read(b, rom_word(b, 0));

	if (b->mode != BOARD_ROM)
		return;
	b->reply.value = v;
	rom_reply(b, CMD_READ_REG, 0, ROM_OK);
}

void
rom_written(struct board *b)
{
	rom_reply(b, CMD_WRITE_REG, 0, ROM_OK);
}

static void
rom_write_reg(struct board *b, size_t len)
{
	for (unsigned i = 0; BOARD_DATA + 16 * ((size_t)i + 1) <= len; i++) {
		board_spend(b, rom_word(b, 4 * i + 3));
		regs_write(b, rom_word(b, 4 * i), rom_word(b, 4 * i + 1),
		    rom_word(b, 4 * i + 2));
	}
	if (board_fused(b))
		rom_written(b);
}

/* ---- flash ---- */

/*
 * How many bytes the ROM really erases.  The ESP8266's SPIEraseArea counts
 * the sectors up to the first block border twice.
 */
static uint32_t
rom_erase_bytes(const struct board *b, uint32_t addr, uint32_t size)
{
	uint32_t	n = (size + FLASH_SECTOR - 1) / FLASH_SECTOR;
	uint32_t	head = 16 - addr / FLASH_SECTOR % 16;

	if (b->chip->caps & SIM_ERASE_BUG)
		n += n <= head ? n : head;
	return n * FLASH_SECTOR;
}

static enum rom_error
rom_flash_begin(struct board *b, enum transfer_kind kind, size_t len)
{
	uint32_t	size = rom_word(b, 0);
	uint32_t	addr = rom_word(b, 3);
	bool		encrypted = b->chip->begin_words > 4 &&
				    rom_word(b, 4) != 0;

	if (len != BOARD_DATA + 4 * (size_t)b->chip->begin_words)
		return ROM_INVALID;
	if (encrypted && fuse_get(&b->fuses, &b->chip->fuses.no_encrypt) != 0)
		return ROM_INVALID;
	if (b->chip->caps & SIM_BEGIN_ATTACHES) {
		board_attach(b, 0);
		b->params_size = b->flash.size;
	}
	if (!board_flash_there(b) || !flash_unprotect(&b->flash) ||
	    addr % FLASH_SECTOR != 0 || addr > b->params_size ||
	    size > b->params_size - addr ||
	    (size > 0 && addr == b->params_size))
		return ROM_FAILED;
	addr = board_reach(addr);
	if (!transfer_begin(&b->transfer, kind, size, rom_word(b, 1), addr))
		return ROM_FAILED;
	b->transfer.encrypted = encrypted;
	board_spend(b, flash_erase(&b->flash, addr,
	    rom_erase_bytes(b, addr, size)));
	return ROM_OK;
}

/* Program and read back, as the ROM does. */
static enum rom_error
rom_program(struct board *b, const uint8_t *data, size_t len)
{
	struct buf	 sealed;
	uint8_t		 back[FLASH_PAGE];
	uint32_t	 addr;
	enum rom_error	 e = ROM_OK;

	data = board_seal(b, data, &len, &addr, &sealed);
	if (!board_flash_there(b))
		e = ROM_WRITE;
	else
		board_spend(b, flash_program(&b->flash, addr, data, len));
	for (size_t i = 0, n; i < len && e == ROM_OK; i += n) {
		n = len - i < sizeof(back) ? len - i : sizeof(back);
		flash_read(&b->flash, addr + (uint32_t)i, back, n);
		if (memcmp(back, data + i, n) != 0)
			e = ROM_WRITE;
	}
	buf_done(&sealed);
	return e;
}

/*
 * At the end of a stream the ROM of the ESP32 writes all of its window, with
 * whatever is left there behind the last byte, erased or not.  Seen on the
 * genuine one; it does not tell of the failed read-back either.
 */
static void
rom_spill(struct board *b)
{
	enum { WINDOW = 32768 };
	const struct transfer	*t = &b->transfer;
	uint32_t		 from = t->written % WINDOW;
	uint8_t			 junk[FLASH_PAGE];

	memset(junk, 0x5a, sizeof(junk));
	for (uint32_t n; from < WINDOW; from += n) {
		n = WINDOW - from < sizeof(junk) ? WINDOW - from : sizeof(junk);
		(void)flash_program(&b->flash, t->addr + t->written -
		    t->written % WINDOW + from, junk, n);
	}
}

static enum rom_error
rom_inflate(struct board *b, const uint8_t *data, size_t len)
{
	struct transfer	*t = &b->transfer;
	struct buf	 out;
	enum rom_error	 e;
	bool		 adler;
	int		 r;

	buf_init(&out, t->size > t->written ? t->size - t->written : 0);
	r = transfer_inflate(t, data, len, &out, &adler);
	if (r == Z_BUF_ERROR)
		e = ROM_INVALID;	/* longer than was begun */
	else if (r != Z_OK && r != Z_STREAM_END)
		e = adler ? ROM_ADLER : ROM_INFLATE;
	else
		e = rom_program(b, out.data, out.len);
	if (r == Z_STREAM_END && (b->chip->caps & SIM_INFLATE_SPILLS))
		rom_spill(b);
	buf_done(&out);
	return e;
}

/*
 * MEM_DATA, FLASH_DATA and FLASH_DEFL_DATA.  The sequence number is counted on
 * before the check sum is looked at, so a block that came damaged cannot be
 * sent again.  The header's length is not used.
 */
static enum rom_error
rom_data(struct board *b, enum transfer_kind kind, size_t len)
{
	struct transfer	*t = &b->transfer;
	uint32_t	 size = rom_word(b, 0);
	const uint8_t	*block = b->packet + BOARD_BLOCK;

	if (t->kind == TRANSFER_NONE && kind == TRANSFER_FLASH &&
	    (b->chip->caps & SIM_DATA_UNBEGUN))
		t->kind = kind;
	if (t->kind != kind || rom_word(b, 1) != t->seq)
		return ROM_INVALID;
	t->seq++;
	if (len < BOARD_BLOCK || size > len - BOARD_BLOCK)
		return ROM_INVALID;
	if (cmd_checksum(block, size) != b->packet[4])
		return ROM_CHECKSUM;
	if (kind == TRANSFER_FLASH)
		return rom_program(b, block, size);
	if (kind == TRANSFER_DEFL)
		return rom_inflate(b, block, size);
	board_upload(b, t->addr + t->written, block, size);
	t->written += size;
	return ROM_OK;
}

/* The loader is left in any case; "failed" says that blocks are missing. */
static void
rom_flash_end(struct board *b)
{
	const struct transfer	*t = &b->transfer;
	bool	whole = t->kind == TRANSFER_FLASH && t->seq == t->blocks;

	rom_reply(b, CMD_FLASH_END, 0, whole ? ROM_OK : ROM_FAILED);
	b->leave = rom_word(b, 0) == 0 ? LEAVE_REBOOT : LEAVE_RUN;
}

static void
rom_defl_end(struct board *b)
{
	transfer_done(&b->transfer);
	rom_reply(b, CMD_FLASH_DEFL_END, 0, ROM_OK);
}

static bool
rom_can_read(const struct board *b, uint32_t addr, uint32_t len)
{
	return board_flash_there(b) && addr <= b->params_size &&
	    len <= b->params_size - addr;
}

static void
rom_md5(struct board *b)
{
	uint32_t	addr = rom_word(b, 0);
	uint32_t	size = rom_word(b, 1);
	static const char hex[] = "0123456789abcdef";
	uint8_t		digest[16];

	if (!rom_can_read(b, addr, size) ||
	    !flash_md5(&b->flash, board_reach(addr), size, digest)) {
		rom_reply(b, CMD_SPI_FLASH_MD5, 32, ROM_READ);
		return;
	}
	board_spend(b, flash_read_us(&b->flash, size));
	for (size_t i = 0; i < sizeof(digest); i++) {
		b->reply.data[2 * i] = (uint8_t)hex[digest[i] >> 4];
		b->reply.data[2 * i + 1] = (uint8_t)hex[digest[i] & 15];
	}
	rom_reply(b, CMD_SPI_FLASH_MD5, 32, ROM_OK);
}

static void
rom_read_slow(struct board *b)
{
	uint32_t	addr = rom_word(b, 0);
	uint32_t	size = rom_word(b, 1);
	enum rom_error	e = ROM_OK;

	if (regs_hooked(b)) {	/* not the ROM's function: no reply */
		b->leave = LEAVE_START;
		return;
	}
	if (size > READ_SLOW)
		e = ROM_READ_LEN;
	else if (!rom_can_read(b, addr, size))
		e = ROM_READ;
	else
		flash_read(&b->flash, board_reach(addr), b->reply.data, size);
	board_spend(b, flash_read_us(&b->flash, READ_SLOW));
	rom_reply(b, CMD_READ_FLASH_SLOW, READ_SLOW, e);
}

static enum rom_error
rom_set_params(struct board *b, size_t len)
{
	if (len != BOARD_DATA + 24)
		return ROM_INVALID;
	b->params_size = rom_word(b, 1);
	return ROM_OK;
}

/* ---- the rest ---- */

/*
 * The ESP32's ROM computes its divider from a crystal that it only estimates;
 * the true rate is off by as much as the estimate.
 */
static void
rom_baud(struct board *b)
{
	uint64_t	bps = rom_word(b, 0);

	bps = bps * b->traits.xtal_hz / board_rom_xtal(b);
	/* The first rate was measured from the host: asking for about the
	 * same again changes nothing that could be seen. */
	if (bps >= 300 && bps <= 5000000 && !(b->fuses.secure_download &&
	    (b->chip->caps & SIM_KEEPS_BAUD)))
		b->next_bps = (uint32_t)bps;
	rom_reply(b, CMD_CHANGE_BAUDRATE, 0, ROM_OK);
}

static void
rom_secinfo(struct board *b)
{
	size_t	len = fuse_secinfo(&b->fuses, b->chip, b->reply.data);

	rom_reply(b, CMD_GET_SECURITY_INFO, len, ROM_OK);
}

/* In secure download mode; esp-idf's security guide, "Secure Download
 * Mode", and esptool's serial protocol. */
static bool
rom_still_knows(uint8_t op)
{
	switch (op) {
	case CMD_SYNC:
	case CMD_FLASH_BEGIN:
	case CMD_FLASH_DATA:
	case CMD_FLASH_END:
	case CMD_SPI_ATTACH:
	case CMD_SPI_SET_PARAMS:
	case CMD_CHANGE_BAUDRATE:
	case CMD_GET_SECURITY_INFO:
		return true;
	}
	return false;
}

/* Which commands need which capability. */
static bool
rom_knows(const struct board *b, uint8_t op)
{
	if (b->fuses.secure_download && !rom_still_knows(op))
		return false;
	switch (op) {
	case CMD_SPI_SET_PARAMS:
	case CMD_SPI_ATTACH:
		return b->chip->caps & SIM_ATTACH;
	case CMD_READ_FLASH_SLOW:
		return b->chip->caps & SIM_READ;
	case CMD_CHANGE_BAUDRATE:
		return b->chip->caps & SIM_BAUD;
	case CMD_FLASH_DEFL_BEGIN:
	case CMD_FLASH_DEFL_DATA:
	case CMD_FLASH_DEFL_END:
		return b->chip->caps & SIM_DEFLATE;
	case CMD_SPI_FLASH_MD5:
		return b->chip->caps & SIM_MD5;
	case CMD_GET_SECURITY_INFO:
		return b->chip->caps & SIM_SECINFO;
	}
	return op >= CMD_FLASH_BEGIN && op <= CMD_READ_REG;
}

/* Commands that answer with a status alone. */
static enum rom_error
rom_simple(struct board *b, uint8_t op, size_t len)
{
	switch (op) {
	case CMD_FLASH_BEGIN:
		return rom_flash_begin(b, TRANSFER_FLASH, len);
	case CMD_FLASH_DEFL_BEGIN:
		return rom_flash_begin(b, TRANSFER_DEFL, len);
	case CMD_MEM_BEGIN:
		return rom_mem_begin(b, len);
	case CMD_FLASH_DATA:
		return rom_data(b, TRANSFER_FLASH, len);
	case CMD_FLASH_DEFL_DATA:
		return rom_data(b, TRANSFER_DEFL, len);
	case CMD_MEM_DATA:
		return rom_data(b, TRANSFER_MEM, len);
	case CMD_SPI_SET_PARAMS:
		return rom_set_params(b, len);
	case CMD_SPI_ATTACH:
		board_attach(b, rom_word(b, 0));
		return ROM_OK;
	}
	return ROM_INVALID;
}

void
rom_packet(struct board *b, size_t len)
{
	uint8_t	op = b->packet[1];

	if (b->packet[0] != CMD_REQUEST || len < 2 || !rom_knows(b, op)) {
		rom_unknown(b);
		return;
	}
	switch (op) {
	case CMD_SYNC:
		rom_sync(b);
		break;
	case CMD_READ_REG:
		rom_read_reg(b);
		break;
	case CMD_WRITE_REG:
		rom_write_reg(b, len);
		break;
	case CMD_MEM_END:
		rom_mem_end(b);
		break;
	case CMD_FLASH_END:
		rom_flash_end(b);
		break;
	case CMD_FLASH_DEFL_END:
		rom_defl_end(b);
		break;
	case CMD_SPI_FLASH_MD5:
		rom_md5(b);
		break;
	case CMD_READ_FLASH_SLOW:
		rom_read_slow(b);
		break;
	case CMD_CHANGE_BAUDRATE:
		rom_baud(b);
		break;
	case CMD_GET_SECURITY_INFO:
		rom_secinfo(b);
		break;
	default:
		rom_reply(b, op, 0, rom_simple(b, op, len));
		break;
	}
}
