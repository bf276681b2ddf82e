#include "daemon/link/rom.h"

#include <assert.h>
#include <string.h>

#include "daemon/link/rom_impl.h"
#include "daemon/link/try.h"
#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/base/text.h"
#include "proto/chip/flashid.h"

enum {
	SYNC_ANSWERS	= 8,	/* a ROM answers one SYNC eight times */
	COPY_MS		= 200,	/* between copies of one answer; esptool waits
				 * as long for them all */
	SYNC_COPY_MS	= 100,
	MEM_END_MS	= 200,	/* a ROM may jump without an answer */
	TX_MAX		= 2 * (CMD_HEADER + CMD_BLOCK_HEADER +
			    STUB_FLASH_BLOCK) + 2,
	RX_TURNS	= 8,
	LONG_FRAME	= 256,	/* bytes from which line time counts */
	REG_BYTES	= 16,	/* of one register write */
	MD5_HEX		= 32,
	MD5_BYTES	= 16,
	SPI_BLOCK	= 65536,
	SPI_PAGE	= 256,
	SPI_STATUS_MASK	= 0xffff,
};

void
rom_init(struct rom *r, struct wire *w)
{
	memset(r, 0, sizeof *r);
	r->wire = w;
	slip_init(&r->slip, r->frame, sizeof r->frame);
	buf_init(&r->tx, TX_MAX);
}

void
rom_done(struct rom *r)
{
	buf_done(&r->tx);
}

uint32_t
rom_mem_block(const struct rom *r)
{
	return r->usb_otg ? USB_OTG_BLOCK : ROM_MEM_BLOCK;
}

uint32_t
rom_flash_block(const struct rom *r)
{
	if (!r->stub)
		return ROM_FLASH_BLOCK;
	return r->usb_otg ? USB_OTG_BLOCK : STUB_FLASH_BLOCK;
}

int
rom_flush(struct rom *r)
{
	r->rx_len = r->rx_pos = 0;
	slip_reset(&r->slip);
	return wire_flush(r->wire);
}

/* What is queued below us is not sent when wire_send() returns. */
unsigned
rom_line_ms(const struct rom *r, size_t bytes)
{
	if (r->baud == 0 || bytes < LONG_FRAME)
		return 0;
	return (unsigned)((uint64_t)bytes * 10 * 1000 / r->baud);
}

/* Keep what is printed outside frames; the newest bytes stay. */
static void
keep_text(struct rom *r, const uint8_t *p, size_t len)
{
	for (; len > 0 && *p != 0xc0; p++, len--) {
		if (r->text_len == sizeof r->text) {
			r->text_len /= 2;
			memmove(r->text, r->text + r->text_len, r->text_len);
		}
		r->text[r->text_len++] = (char)*p;
	}
}

/* Wait at most `ms` for more bytes into rx, which is used up. */
static int
receive(struct rom *r, unsigned ms)
{
	int	n = wire_recv(r->wire, r->rx, sizeof r->rx, ms);

	r->rx_pos = 0;
	r->rx_len = n > 0 ? (size_t)n : 0;
	if (n > 0 && !r->slip.inside)
		keep_text(r, r->rx, r->rx_len);
	return n;
}

/* As above until a deadline, behind which nothing more is taken. */
static int
fill(struct rom *r, uint64_t deadline)
{
	uint64_t	now = wire_now(r->wire);
	int		n = ERR_TIMEOUT;

	if (now < deadline)
		n = receive(r, (unsigned)(deadline - now));
	if (n == ERR_TIMEOUT &&
	    (r->noise || r->slip.skipped > 0 || r->slip.len > 0))
		return ERR_NOISE;
	return n;
}

/* A frame that is whole among the bytes in rx: its length, or 0. */
static int
take_frame(struct rom *r)
{
	while (r->rx_pos < r->rx_len) {
		size_t	used;
		int	n;

		n = slip_decode(&r->slip, r->rx + r->rx_pos,
		    r->rx_len - r->rx_pos, &used);
		r->rx_pos += used;
		if (n > 0)
			return n;
		if (n < 0)
			r->noise = true;
	}
	return 0;
}

int
rom_next_frame(struct rom *r, uint64_t deadline)
{
	int	n;

	while ((n = take_frame(r)) == 0)
		TRY(fill(r, deadline));
	return n;
}

int
rom_frame_now(struct rom *r)
{
	int	n = take_frame(r);

	/* A line that never falls silent must not keep us. */
	for (int i = 0; n == 0 && i < RX_TURNS; i++) {
		n = receive(r, 0);
		if (n < 0)
			return n == ERR_TIMEOUT ? 0 : n;
		n = take_frame(r);
	}
	return n;
}

int
rom_listen(struct rom *r, unsigned quiet_ms, unsigned ms)
{
	uint64_t	end = wire_now(r->wire) + ms;

	slip_reset(&r->slip);
	r->noise = false;
	for (;;) {
		uint64_t	now = wire_now(r->wire);
		int		n;

		if (now >= end)
			break;
		if (now + quiet_ms > end)
			quiet_ms = (unsigned)(end - now);
		n = fill(r, now + quiet_ms);
		if (n == ERR_TIMEOUT)
			break;
		if (n < 0)
			return n;
	}
	r->rx_len = r->rx_pos = 0;
	return 0;
}

int
rom_request(struct rom *r, const struct rom_packet *p)
{
	uint8_t	head[CMD_HEADER + CMD_BLOCK_HEADER];

	assert(p->head_len <= CMD_BLOCK_HEADER);
	r->op = p->op;
	cmd_header(head, p->op, p->head_len + p->len, p->sum);
	if (p->head_len > 0)
		memcpy(head + CMD_HEADER, p->head, p->head_len);
	buf_clear(&r->tx);
	TRY(slip_encode2(&r->tx, head, CMD_HEADER + p->head_len, p->data,
	    p->len));
	return wire_send(r->wire, r->tx.data, r->tx.len);
}

/* Send one command, whose answer will be waited for: the header, a block header
 * or NULL, the data. */
static int
request(struct rom *r, uint8_t op, uint8_t sum,
    const uint8_t block_head[CMD_BLOCK_HEADER], const void *data, size_t len)
{
	const struct rom_packet	p = {
		.op = op, .sum = sum, .head = block_head,
		.head_len = block_head != NULL ? CMD_BLOCK_HEADER : 0,
		.data = data, .len = len,
	};

	r->noise = false;
	r->slip.skipped = 0;
	return rom_request(r, &p);
}

/* A ROM that does not know a command repeats its last answer, with the status
 * "invalid message": after SYNC eight times, else once (recorded from the
 * mask ROMs of ESP32, ESP32-C3 and ESP32-S3; esptool expects eight). */
static bool
is_unknown(const struct cmd_reply *reply)
{
	return reply->len >= 2 && reply->data[0] != 0 &&
	    reply->data[1] == CMD_STATUS_INVALID;
}

/* Take `copies` more answers; it is fine when fewer come.  *all_zero is
 * cleared when one of them carries a value. */
static int
take_copies(struct rom *r, int copies, unsigned ms, bool *all_zero)
{
	struct cmd_reply	reply;

	while (copies-- > 0) {
		int	n = rom_next_frame(r, wire_now(r->wire) + ms);

		if (n == ERR_TIMEOUT || n == ERR_NOISE)
			return 0;
		if (n < 0)
			return n;
		if (cmd_parse(r->frame, (size_t)n, &reply) == 0 &&
		    reply.value != 0)
			*all_zero = false;
	}
	return 0;
}

/* Wait for the answer to the last request; its status is not looked at. */
static int
answer(struct rom *r, unsigned ms)
{
	uint64_t	deadline;
	bool		zero;

	deadline = wire_now(r->wire) + ms + rom_line_ms(r, r->tx.len);
	for (;;) {
		int	n = rom_next_frame(r, deadline);

		if (n < 0)
			return n;
		if (cmd_parse(r->frame, (size_t)n, &r->reply) < 0) {
			if (n == 4 && memcmp(r->frame, "OHAI", 4) == 0)
				r->ohai = true;
			else
				r->noise = true;
			continue;
		}
		if (r->reply.op == r->op)
			return 0;
		if (!is_unknown(&r->reply))
			continue;	/* late, to an earlier command */
		/* All copies must be gone before the next command, which they
		 * would answer.  Some adapters (CP210x) deliver late; when the
		 * eighth is there nothing is left to wait for. */
		TRY(take_copies(r, SYNC_ANSWERS - 1, COPY_MS, &zero));
		return ERR_UNSUPPORTED;
	}
}

static int
status(struct rom *r, size_t payload)
{
	TRY(cmd_status(&r->reply, payload, &r->status));
	return r->status == 0 ? 0 : ERR_REFUSED;
}

/* A whole command whose parameters are words. */
static int
command(struct rom *r, uint8_t op, const uint32_t *words, size_t count,
    size_t payload, unsigned ms)
{
	uint8_t	data[24];

	assert(4 * count <= sizeof data);
	for (size_t i = 0; i < count; i++)
		le32_put(data + 4 * i, words[i]);
	TRY(request(r, op, 0, NULL, data, 4 * count));
	TRY(answer(r, ms));
	return status(r, payload);
}

/* A whole command that carries a block. */
static int
block(struct rom *r, uint8_t op, uint32_t seq, const void *data, size_t len,
    unsigned ms)
{
	uint8_t	head[CMD_BLOCK_HEADER] = { 0 };

	le32_put(head, (uint32_t)len);
	le32_put(head + 4, seq);
	TRY(request(r, op, cmd_checksum(data, len), head, data, len));
	TRY(answer(r, ms));
	return status(r, 0);
}

int
rom_sync(struct rom *r, bool *stub)
{
	uint8_t	data[CMD_SYNC_LEN] = { 0x07, 0x07, 0x12, 0x20 };
	bool	zero;
	int	err;

	memset(data + 4, 0x55, sizeof data - 4);
	TRY(request(r, CMD_SYNC, 0, NULL, data, sizeof data));
	TRY(answer(r, ROM_SYNC_MS));
	zero = r->reply.value == 0;
	err = status(r, 0);
	TRY(take_copies(r, SYNC_ANSWERS - 1, SYNC_COPY_MS, &zero));
	if (err < 0)
		return ERR_NOISE;
	*stub = zero;
	return 0;
}

int
rom_read_reg(struct rom *r, uint32_t addr, uint32_t *value)
{
	TRY(command(r, CMD_READ_REG, &addr, 1, 0, ROM_REPLY_MS));
	*value = r->reply.value;
	return 0;
}

int
rom_write_reg(struct rom *r, uint32_t addr, uint32_t value, uint32_t mask,
    uint32_t delay_us)
{
	const uint32_t	words[] = { addr, value, mask, delay_us };

	return command(r, CMD_WRITE_REG, words, 4, 0,
	    ROM_REPLY_MS + delay_us / 1000);
}

int
rom_post_reg(struct rom *r, uint32_t addr, uint32_t value)
{
	uint8_t	data[REG_BYTES];

	le32_put(data, addr);
	le32_put(data + 4, value);
	le32_put(data + 8, UINT32_MAX);
	le32_put(data + 12, 0);
	return request(r, CMD_WRITE_REG, 0, NULL, data, sizeof data);
}

int
rom_write_packet(struct rom *r, const struct chip_regop *ops, size_t count)
{
	uint8_t		data[ROM_REG_BATCH * REG_BYTES];
	unsigned	ms = ROM_REPLY_MS;

	assert(count <= ROM_REG_BATCH);
	for (size_t i = 0; i < count; i++) {
		le32_put(data + REG_BYTES * i, ops[i].addr);
		le32_put(data + REG_BYTES * i + 4, ops[i].value);
		le32_put(data + REG_BYTES * i + 8, ops[i].mask);
		le32_put(data + REG_BYTES * i + 12, ops[i].delay_us);
		ms += ops[i].delay_us / 1000;
	}
	TRY(request(r, CMD_WRITE_REG, 0, NULL, data, count * REG_BYTES));
	TRY(answer(r, ms));
	return status(r, 0);
}

int
rom_write_regs(struct rom *r, const struct chip_regop *ops, size_t count)
{
	size_t	most = r->stub ? ROM_REG_BATCH : 1;

	while (count > 0) {
		size_t	n = count < most ? count : most;

		TRY(rom_write_packet(r, ops, n));
		ops += n;
		count -= n;
	}
	return 0;
}

int
rom_security_info(struct rom *r, struct secinfo *info)
{
	size_t	payload;
	int	err;

	TRY(request(r, CMD_GET_SECURITY_INFO, 0, NULL, NULL, 0));
	TRY(answer(r, ROM_REPLY_MS));
	payload = r->reply.len >= SECINFO_LEN + 2 ? SECINFO_LEN :
	    SECINFO_LEN_S2;
	/* The stub of a chip without it refuses with FF00, as a stub refuses
	 * every command it has not got. */
	err = status(r, payload);
	if (err == ERR_REFUSED)
		return ERR_UNSUPPORTED;
	TRY(err);
	return secinfo_parse(r->reply.data, payload, info);
}

int
rom_mem_begin(struct rom *r, uint32_t bytes, uint32_t addr)
{
	uint32_t	most = rom_mem_block(r);
	const uint32_t	words[] = { bytes, (bytes + most - 1) / most, most,
	    addr };

	return command(r, CMD_MEM_BEGIN, words, 4, 0, ROM_REPLY_MS);
}

int
rom_mem_data(struct rom *r, uint32_t seq, const void *data, size_t len)
{
	return block(r, CMD_MEM_DATA, seq, data, len, ROM_REPLY_MS);
}

int
rom_mem_end(struct rom *r, uint32_t entry)
{
	const uint32_t	words[] = { entry == 0, entry };
	int		err;

	r->ohai = false;
	err = command(r, CMD_MEM_END, words, 2, 0,
	    r->stub ? ROM_REPLY_MS : MEM_END_MS);
	if (!r->stub && (err == ERR_TIMEOUT || err == ERR_NOISE))
		return 0;	/* it may jump before its answer is out */
	return err;
}

int
rom_wait_stub(struct rom *r, unsigned ms)
{
	uint64_t	deadline = wire_now(r->wire) + ms;

	while (!r->ohai) {
		int	n = rom_next_frame(r, deadline);

		if (n < 0)
			return n;
		if (n == 4 && memcmp(r->frame, "OHAI", 4) == 0)
			break;
	}
	r->ohai = false;
	return 0;
}

int
rom_change_baud(struct rom *r, uint32_t baud, uint32_t old)
{
	const uint32_t	words[] = { baud, old };

	return command(r, CMD_CHANGE_BAUDRATE, words, 2, 0, ROM_REPLY_MS);
}

int
rom_spi_attach(struct rom *r, uint32_t pins)
{
	const uint32_t	words[] = { pins, 0 };

	/* The second word is for ROMs only; serial-protocol.rst. */
	return command(r, CMD_SPI_ATTACH, words, r->stub ? 1 : 2, 0,
	    ROM_REPLY_MS);
}

int
rom_spi_set_params(struct rom *r, uint32_t flash_bytes)
{
	const uint32_t	words[] = { 0, flash_bytes, SPI_BLOCK, FLASH_SECTOR,
	    SPI_PAGE, SPI_STATUS_MASK };

	return command(r, CMD_SPI_SET_PARAMS, words, 6, 0, ROM_REPLY_MS);
}

int
rom_flash_begin(struct rom *r, const struct rom_begin *b, unsigned ms)
{
	const uint32_t	words[] = { b->bytes, b->blocks, b->block_bytes,
	    b->offset, b->encrypt };

	return command(r, b->deflate ? CMD_FLASH_DEFL_BEGIN : CMD_FLASH_BEGIN,
	    words, b->five_words ? 5 : 4, 0, ms);
}

int
rom_flash_data(struct rom *r, bool deflate, uint32_t seq, const void *data,
    size_t len, unsigned ms)
{
	return block(r, deflate ? CMD_FLASH_DEFL_DATA : CMD_FLASH_DATA, seq,
	    data, len, ms);
}

int
rom_flash_end(struct rom *r, bool deflate, bool stay, unsigned ms)
{
	const uint32_t	word = stay;

	return command(r, deflate ? CMD_FLASH_DEFL_END : CMD_FLASH_END, &word,
	    1, 0, ms);
}

int
rom_run_user_code(struct rom *r)
{
	return request(r, CMD_RUN_USER_CODE, 0, NULL, NULL, 0);
}

int
rom_md5(struct rom *r, uint32_t addr, uint32_t bytes, uint8_t md5[16],
    unsigned ms)
{
	const uint32_t	words[] = { addr, bytes, 0, 0 };
	char		hex[MD5_HEX + 1];

	if (r->stub) {
		TRY(command(r, CMD_SPI_FLASH_MD5, words, 4, MD5_BYTES, ms));
		memcpy(md5, r->reply.data, MD5_BYTES);
		return 0;
	}
	/* ROMs answer in hex digits. */
	TRY(command(r, CMD_SPI_FLASH_MD5, words, 4, MD5_HEX, ms));
	memcpy(hex, r->reply.data, MD5_HEX);
	hex[MD5_HEX] = '\0';
	return text_unhex(hex, md5, MD5_BYTES) == MD5_BYTES ? 0 : ERR_NOISE;
}

int
rom_read_slow(struct rom *r, uint32_t addr, void *out, size_t len)
{
	const uint32_t	words[] = { addr, (uint32_t)len };

	assert(len <= ROM_READ_SLOW);
	/* The ROM always answers with 64 bytes, however few were asked for. */
	TRY(command(r, CMD_READ_FLASH_SLOW, words, 2, ROM_READ_SLOW,
	    ROM_REPLY_MS));
	if (r->reply.len < ROM_READ_SLOW)
		return ERR_NOISE;
	memcpy(out, r->reply.data, len);
	return 0;
}

int
rom_post_read(struct rom *r)
{
	uint8_t	data[8] = { 0 };	/* nothing, from the start */

	r->ohai = false;
	return request(r, CMD_READ_FLASH_SLOW, 0, NULL, data, sizeof data);
}

int
rom_erase_flash(struct rom *r, unsigned ms)
{
	return command(r, CMD_ERASE_FLASH, NULL, 0, 0, ms);
}

int
rom_erase_region(struct rom *r, uint32_t addr, uint32_t bytes, unsigned ms)
{
	const uint32_t	words[] = { addr, bytes };

	return command(r, CMD_ERASE_REGION, words, 2, 0, ms);
}

int
rom_read_begin(struct rom *r, uint32_t addr, uint32_t bytes,
    uint32_t frame_bytes, uint32_t window)
{
	const uint32_t	words[] = { addr, bytes, frame_bytes, window };

	return command(r, CMD_READ_FLASH, words, 4, 0, ROM_REPLY_MS);
}

int
rom_read_frame(struct rom *r, const uint8_t **data, unsigned ms)
{
	int	n;

	n = rom_next_frame(r, wire_now(r->wire) + ms +
	    rom_line_ms(r, sizeof r->frame));
	if (n > 0)
		*data = r->frame;
	return n;
}

int
rom_read_ack(struct rom *r, uint32_t bytes_so_far)
{
	uint8_t	word[4];

	le32_put(word, bytes_so_far);
	buf_clear(&r->tx);
	TRY(slip_encode(&r->tx, word, sizeof word));
	return wire_send(r->wire, r->tx.data, r->tx.len);
}
