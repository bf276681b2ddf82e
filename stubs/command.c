#include "stubs/command.h"

#include "proto/base/bytes.h"
#include "stubs/hal.h"
#include "stubs/nor.h"
#include "stubs/packet.h"
#include "stubs/reader.h"
#include "stubs/stub.h"
#include "stubs/writer.h"

enum { SYNC_ANSWERS = 8 };

/* ---- writing ---- */

/* FLASH_BEGIN: bytes, blocks, block bytes, address[, encrypted]. */
static uint8_t
command_begin(struct stub *s, enum writing mode, uint32_t len)
{
	bool	encrypted = len == 20 && stub_word(s, 4) != 0;
	uint8_t	e;

	if (len != 16 && len != 20)
		return STATUS_LENGTH;
	if (encrypted && (s->caps & EXT_CAP_ENCRYPT) == 0)
		return STATUS_NEVER;
	e = writer_begin(s, mode, stub_word(s, 0), stub_word(s, 3));
	s->writer.encrypted = encrypted;
	return e;
}

/* The checks of a block that come before anything is done with it. */
static uint8_t
command_block(struct stub *s, uint32_t len)
{
	const uint8_t	*p = s->frame + CMD_HEADER + CMD_BLOCK_HEADER;
	uint8_t		 sum = CMD_CHECKSUM_SEED;

	if (len < CMD_BLOCK_HEADER || stub_word(s, 0) != len - CMD_BLOCK_HEADER)
		return STATUS_LENGTH;
	for (uint32_t i = CMD_BLOCK_HEADER; i < len; i++) {
		sum ^= *p++;
		if (i % STUB_SLICE == 0)
			stub_pump(s);
	}
	return sum == s->frame[4] ? STATUS_OK : STATUS_CHECKSUM;
}

/* Acknowledged before it is worked on, so that the next one can come; what
 * fails then is the answer to the next command.  But not what the chip
 * encrypts: its functions for that do not look at the line. */
static void
command_data(struct stub *s, uint8_t op, enum writing mode, uint32_t len)
{
	struct writer	*w = &s->writer;
	uint8_t		 e = STATUS_CLOSED;

	if (w->mode == mode && !w->stream)
		e = command_block(s, len);
	if (e == STATUS_OK && !w->encrypted)
		packet_answer(s, op, 0, STATUS_OK);
	if (e == STATUS_OK) {
		e = writer_take(s, s->frame + CMD_HEADER + CMD_BLOCK_HEADER,
		    len - CMD_BLOCK_HEADER);
		s->deferred = e;
		if (!w->encrypted)
			return;
		s->deferred = STATUS_OK;
	}
	packet_answer(s, op, 0, e);
}

static void
command_end(struct stub *s, uint8_t op, uint32_t len)
{
	uint8_t	e = len == 4 ? writer_end(s) : STATUS_LENGTH;

	if (e == STATUS_LITTLE)		/* as Espressif's says it */
		e = STATUS_LENGTH;
	packet_answer(s, op, 0, e);
	if (e != STATUS_OK)
		return;
	writer_close(s);
	if (stub_word(s, 0) == 0 && !s->official &&
	    (s->caps & EXT_CAP_RESTART) != 0) {
		hal_restart(s);
		s->left = true;
	}
}

/* ---- memory and registers ---- */

static uint8_t
command_mem_begin(struct stub *s, uint32_t len)
{
	if (len != 16)
		return STATUS_LENGTH;
	s->mem_left = stub_word(s, 0);
	s->mem_pos = stub_word(s, 3);
	return STATUS_OK;
}

/* Instruction RAM takes whole words only. */
static void
command_mem_byte(struct stub *s, uint32_t addr, uint8_t c)
{
	uint32_t	word = addr & ~3u, shift = addr % 4 * 8;
	uint32_t	v = hal_read(s, word) & ~(0xffu << shift);

	hal_write(s, word, v | (uint32_t)c << shift);
}

static uint8_t
command_mem_data(struct stub *s, uint32_t len)
{
	const uint8_t	*p = s->frame + CMD_HEADER + CMD_BLOCK_HEADER;
	uint8_t		 e = command_block(s, len);

	if (e != STATUS_OK)
		return e;
	len -= CMD_BLOCK_HEADER;
	if (len > s->mem_left)
		return STATUS_MUCH;
	s->mem_left -= len;
	while (len > 0) {
		uint32_t	n = 4;

		if (len >= n && s->mem_pos % n == 0) {
			hal_write(s, s->mem_pos, le32_get(p));
		} else {
			n = 1;
			command_mem_byte(s, s->mem_pos, *p);
		}
		s->mem_pos += n;
		p += n;
		len -= n;
	}
	return STATUS_OK;
}

/* MEM_END: 1 = no entry, entry. */
static void
command_mem_end(struct stub *s, uint8_t op, uint32_t len)
{
	packet_answer(s, op, 0, len == 8 ? STATUS_OK : STATUS_LENGTH);
	s->mem_left = 0;
	if (len != 8 || stub_word(s, 0) != 0)
		return;
	hal_jump(s, stub_word(s, 1));
	s->left = true;
}

/* n x (address, value, mask, microseconds before it). */
static uint8_t
command_write_reg(struct stub *s, uint32_t len)
{
	if (len == 0 || len % 16 != 0)
		return STATUS_LENGTH;
	for (uint32_t n = 0; n < len / 4; n += 4) {
		uint32_t	addr = stub_word(s, n);
		uint32_t	v = stub_word(s, n + 1);
		uint32_t	mask = stub_word(s, n + 2);

		hal_delay(s, stub_word(s, n + 3));
		if (mask != UINT32_MAX)
			v = (v & mask) | (hal_read(s, addr) & ~mask);
		hal_write(s, addr, v);
		stub_pump(s);
	}
	nor_touched(s);		/* perhaps by the registers of its bus */
	return STATUS_OK;
}

/* ---- the rest ---- */

static void
command_md5(struct stub *s, uint8_t op, uint32_t len)
{
	uint8_t	digest[MD5_BYTES], e = STATUS_LENGTH;

	if (len == 16 && nor_has(s, stub_word(s, 0), stub_word(s, 1)))
		e = nor_md5(s, stub_word(s, 0), stub_word(s, 1), digest);
	packet_reply(s, op, 0, e == STATUS_OK ? sizeof(digest) : 0);
	if (e == STATUS_OK)
		packet_add(s, digest, sizeof(digest));
	packet_status(s, e);
}

static void
command_security(struct stub *s, uint8_t op)
{
	uint8_t		info[HAL_SECINFO];
	uint32_t	n = hal_security(s, info);

	packet_reply(s, op, 0, n);
	packet_add(s, info, n);
	packet_status(s, n > 0 ? STATUS_OK : STATUS_NEVER);
}

static void
command_baud(struct stub *s, uint8_t op, uint32_t len)
{
	packet_answer(s, op, 0, len == 8 ? STATUS_OK : STATUS_LENGTH);
	if (len == 8)
		hal_baud(s, stub_word(s, 1), stub_word(s, 0));
}

static uint8_t
command_attach(struct stub *s, uint32_t len)
{
	if (len != 4)
		return STATUS_LENGTH;
	hal_attach(s, stub_word(s, 0));
	nor_identify(s);
	return STATUS_OK;
}

/* SPI_SET_PARAMS: id, bytes, block, sector, page, status mask. */
static uint8_t
command_params(struct stub *s, uint32_t len)
{
	if (len != 24)
		return STATUS_LENGTH;
	s->nor_size = stub_word(s, 1);
	return STATUS_OK;
}

static void
command_read_flash(struct stub *s, uint8_t op, uint32_t len)
{
	uint8_t	e = STATUS_LENGTH;

	if (len == 16)
		e = reader_begin(s, stub_word(s, 0), stub_word(s, 1),
		    stub_word(s, 2));
	packet_answer(s, op, 0, e);
}

void
command_sync(struct stub *s)
{
	for (int i = 0; i < SYNC_ANSWERS; i++)
		packet_answer(s, CMD_SYNC, 0, STATUS_OK);
}

/* Those that answer with a status alone. */
static uint8_t
command_simple(struct stub *s, uint8_t op, uint32_t len)
{
	switch (op) {
	case CMD_FLASH_BEGIN:
		return command_begin(s, WRITING_PLAIN, len);
	case CMD_FLASH_DEFL_BEGIN:
		return command_begin(s, WRITING_DEFLATED, len);
	case CMD_MEM_BEGIN:
		return command_mem_begin(s, len);
	case CMD_MEM_DATA:
		return command_mem_data(s, len);
	case CMD_WRITE_REG:
		return command_write_reg(s, len);
	case CMD_SPI_ATTACH:
		return command_attach(s, len);
	case CMD_SPI_SET_PARAMS:
		return command_params(s, len);
	case CMD_ERASE_FLASH:
		writer_close(s);
		return nor_erase_chip(s);
	case CMD_ERASE_REGION:
		if (len != 8)
			return STATUS_LENGTH;
		return writer_erase(s, stub_word(s, 0), stub_word(s, 1));
	}
	return STATUS_COMMAND;
}

void
command_run(struct stub *s, uint8_t op, uint32_t len)
{
	switch (op) {
	case CMD_FLASH_DATA:
		command_data(s, op, WRITING_PLAIN, len);
		break;
	case CMD_FLASH_DEFL_DATA:
		command_data(s, op, WRITING_DEFLATED, len);
		break;
	case CMD_FLASH_END:
	case CMD_FLASH_DEFL_END:
		command_end(s, op, len);
		break;
	case CMD_MEM_END:
		command_mem_end(s, op, len);
		break;
	case CMD_READ_REG:
		packet_answer(s, op, len == 4 ? hal_read(s, stub_word(s, 0)) :
		    0, len == 4 ? STATUS_OK : STATUS_LENGTH);
		break;
	case CMD_CHANGE_BAUDRATE:
		command_baud(s, op, len);
		break;
	case CMD_SPI_FLASH_MD5:
		command_md5(s, op, len);
		break;
	case CMD_GET_SECURITY_INFO:
		command_security(s, op);
		break;
	case CMD_READ_FLASH:
		command_read_flash(s, op, len);
		break;
	case CMD_RUN_USER_CODE:		/* never answered */
		if ((s->caps & EXT_CAP_RUN) != 0) {
			hal_run(s);
			s->left = true;
		}
		break;
	default:
		packet_answer(s, op, 0, command_simple(s, op, len));
		break;
	}
}
