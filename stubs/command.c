#include "stubs/command.h"

#include "proto/base/bytes.h"
#include "stubs/batch.h"
#include "stubs/extended.h"
#include "stubs/nor.h"
#include "stubs/packet.h"
#include "stubs/reader.h"
#include "stubs/stub.h"
#include "stubs/writer.h"

enum {
	SYNC_ANSWERS	= 8,
	FRAMES_AHEAD	= 2,	/* of READ_FLASH, not yet acknowledged */
	RESTART		= 0,	/* FLASH_END's word */
	BEGIN_BYTES	= 16,
	BEGIN_BYTES_SEAL = 20,	/* a fifth word: encrypt it */
};

/* ---- writing ---- */

/* FLASH_BEGIN: bytes, blocks, block bytes, address[, encrypted]. */
static void
command_begin(struct stub *s, const uint32_t *d, uint32_t len)
{
	bool	encrypted = len == BEGIN_BYTES_SEAL && stub_le(d[4]) != 0;

	if (len != BEGIN_BYTES && len != BEGIN_BYTES_SEAL)
		stub_fail(s, STATUS_LENGTH);
	else if (encrypted && (s->caps & EXT_CAP_ENCRYPT) == 0)
		stub_fail(s, STATUS_NEVER);
	else
		writer_begin(s, s->op == CMD_FLASH_BEGIN ? WRITING_PLAIN :
		    WRITING_DEFLATED, stub_le(d[0]), stub_le(d[3]));
	s->writer.encrypted = encrypted;
}

/* The data of a block, which is `*len` bytes long then. */
static const uint8_t *
command_block(struct stub *s, const uint32_t *d, uint32_t *len)
{
	const uint8_t	*p = (const uint8_t *)d + CMD_BLOCK_HEADER;
	uint8_t		 sum = CMD_CHECKSUM_SEED;

	*len -= CMD_BLOCK_HEADER;	/* a shorter one fails below */
	if (stub_le(d[0]) != *len || *len > STUB_FRAME) {
		stub_fail(s, STATUS_LENGTH);
		return p;
	}
	for (uint32_t i = 0; i < *len; i++) {
		sum ^= p[i];
		if (i % STUB_SLICE == 0)
			stub_pump(s);
	}
	if (sum != s->frame[4])
		stub_fail(s, STATUS_CHECKSUM);
	return p;
}

/* Acknowledged before it is worked on, so that the next one can come; what
 * fails then is the answer to the next command.  But not what the chip
 * encrypts: its functions for that do not look at the line. */
static void
command_data(struct stub *s, const uint32_t *d, uint32_t len)
{
	struct writer	*w = &s->writer;
	const uint8_t	*p;

	if (w->mode != (s->op == CMD_FLASH_DATA ? WRITING_PLAIN :
	    WRITING_DEFLATED) || w->stream) {
		stub_fail(s, STATUS_CLOSED);
		return;
	}
	p = command_block(s, d, &len);
	if (s->error != STATUS_OK)
		return;
	if (!w->encrypted)
		packet_answer(s);
	w->owed = w->encrypted;
	s->answered = true;
	writer_take(s, p, len);
}

static void
command_end(struct stub *s, const uint32_t *d, uint32_t len)
{
	(void)len;	/* checked by the table */
	writer_end(s);
	if (s->error == STATUS_LITTLE)	/* as Espressif's says it */
		s->error = STATUS_LENGTH;
	if (s->error != STATUS_OK)
		return;
	writer_close(s);
	packet_answer(s);
	if (stub_le(d[0]) == RESTART && !s->official &&
	    (s->caps & EXT_CAP_RESTART) != 0) {
		hal_restart(s);
		s->left = true;
	}
}

/* ---- memory and registers ---- */

static void
command_mem_begin(struct stub *s, const uint32_t *d, uint32_t len)
{
	(void)len;
	s->mem_left = stub_le(d[0]);
	s->mem_pos = stub_le(d[3]);
	if (s->mem_pos % 4 != 0) {	/* instruction RAM takes whole words */
		s->mem_left = 0;
		stub_fail(s, STATUS_LENGTH);
	}
}

static void
command_mem_data(struct stub *s, const uint32_t *d, uint32_t len)
{
	const uint8_t	*p = command_block(s, d, &len);

	if (len > s->mem_left)
		stub_fail(s, STATUS_MUCH);
	if (s->error != STATUS_OK)
		return;
	s->mem_left -= len;
	for (uint32_t at = 0; at < len; at += 4)
		stub_poke(s, s->mem_pos + at, le32_get(p + at), len - at >= 4 ?
		    UINT32_MAX : (1u << (len - at) * 8) - 1);
	s->mem_pos += len;
}

/* MEM_END: 1 = no entry, entry. */
static void
command_mem_end(struct stub *s, const uint32_t *d, uint32_t len)
{
	(void)len;
	packet_answer(s);
	if (stub_le(d[0]) != 0)
		return;
	hal_jump(s, stub_le(d[1]));
	s->left = true;
}

/* n x (address, value, mask, microseconds before it). */
static void
command_write_reg(struct stub *s, const uint32_t *d, uint32_t len)
{
	if (len == 0 || len % 16 != 0) {
		stub_fail(s, STATUS_LENGTH);
		return;
	}
	for (uint32_t n = 0; n < len / 4; n += 4) {
		hal_delay(s, stub_le(d[n + 3]));
		stub_poke(s, stub_le(d[n]), stub_le(d[n + 1]),
		    stub_le(d[n + 2]));
		stub_pump(s);
	}
	nor_touched(s);		/* perhaps by the registers of its bus */
}

static void
command_read_reg(struct stub *s, const uint32_t *d, uint32_t len)
{
	(void)len;
	s->value = hal_read(s, stub_le(d[0]));
}

/* ---- the rest ---- */

static void
command_sync(struct stub *s, const uint32_t *d, uint32_t len)
{
	(void)d;
	(void)len;
	for (int i = 0; i < SYNC_ANSWERS; i++)
		packet_answer(s);
}

static void
command_md5(struct stub *s, const uint32_t *d, uint32_t len)
{
	(void)len;
	if (!nor_has(s, stub_le(d[0]), stub_le(d[1])))
		return;
	nor_md5(s, stub_le(d[0]), stub_le(d[1]));
	if (s->error == STATUS_OK)
		s->payload_len = MD5_BYTES;
}

static void
command_security(struct stub *s, const uint32_t *d, uint32_t len)
{
	(void)d;
	(void)len;
	s->payload_len = hal_security(s, (uint8_t *)s->scratch);
	if (s->payload_len == 0)
		stub_fail(s, STATUS_NEVER);
}

static void
command_baud(struct stub *s, const uint32_t *d, uint32_t len)
{
	(void)len;
	packet_answer(s);
	hal_baud(s, stub_le(d[1]), stub_le(d[0]));
}

static void
command_attach(struct stub *s, const uint32_t *d, uint32_t len)
{
	(void)len;
	hal_attach(s, stub_le(d[0]));
	nor_identify(s);
}

/* SPI_SET_PARAMS: id, bytes, block, sector, page, status mask. */
static void
command_params(struct stub *s, const uint32_t *d, uint32_t len)
{
	(void)len;
	s->nor_size = stub_le(d[1]);
}

static void
command_erase_all(struct stub *s, const uint32_t *d, uint32_t len)
{
	(void)d;
	(void)len;
	writer_close(s);
	nor_erase_chip(s);
}

static void
command_erase(struct stub *s, const uint32_t *d, uint32_t len)
{
	(void)len;
	writer_erase(s, stub_le(d[0]), stub_le(d[1]));
}

static void
command_read_flash(struct stub *s, const uint32_t *d, uint32_t len)
{
	(void)len;
	reader_begin(s, READING_FRAMES, stub_le(d[0]), stub_le(d[1]),
	    stub_le(d[2]),
	    (s->official ? 1 : FRAMES_AHEAD) * stub_le(d[2]));
}

/* Never answered. */
static void
command_run_flash(struct stub *s, const uint32_t *d, uint32_t len)
{
	(void)d;
	(void)len;
	s->answered = true;
	if ((s->caps & EXT_CAP_RUN) != 0) {
		hal_run(s);
		s->left = true;
	}
}

/* ---- */

enum { ANY = 0xff };		/* length; the function looks at it */

static const struct command {
	uint8_t	  op;
	uint8_t	  len;
	void	(*run)(struct stub *, const uint32_t *words, uint32_t len);
} commands[] = {
	{ EXT_BLOCK,		ANY,	extended_block },
	{ CMD_FLASH_DATA,	ANY,	command_data },
	{ CMD_FLASH_DEFL_DATA,	ANY,	command_data },
	{ CMD_FLASH_BEGIN,	ANY,	command_begin },
	{ CMD_FLASH_DEFL_BEGIN,	ANY,	command_begin },
	{ CMD_FLASH_END,	4,	command_end },
	{ CMD_FLASH_DEFL_END,	4,	command_end },
	{ CMD_MEM_BEGIN,	16,	command_mem_begin },
	{ CMD_MEM_DATA,		ANY,	command_mem_data },
	{ CMD_MEM_END,		8,	command_mem_end },
	{ CMD_SYNC,		CMD_SYNC_LEN, command_sync },
	{ CMD_WRITE_REG,	ANY,	command_write_reg },
	{ CMD_READ_REG,		4,	command_read_reg },
	{ CMD_SPI_SET_PARAMS,	24,	command_params },
	{ CMD_SPI_ATTACH,	4,	command_attach },
	{ CMD_CHANGE_BAUDRATE,	8,	command_baud },
	{ CMD_SPI_FLASH_MD5,	16,	command_md5 },
	{ CMD_GET_SECURITY_INFO, 0,	command_security },
	{ CMD_ERASE_FLASH,	0,	command_erase_all },
	{ CMD_ERASE_REGION,	8,	command_erase },
	{ CMD_READ_FLASH,	16,	command_read_flash },
	{ CMD_RUN_USER_CODE,	0,	command_run_flash },
	{ EXT_INFO,		0,	extended_info },
	{ EXT_BATCH,		ANY,	batch_run },
	{ EXT_WRITE,		12,	extended_write },
	{ EXT_END,		4,	extended_end },
	{ EXT_READ,		20,	extended_read },
	{ EXT_ACK,		8,	extended_acked },
	{ EXT_COUNTERS,		4,	extended_counters },
	{ 0,			0,	NULL },
};

void
command_run(struct stub *s, uint32_t len)
{
	const struct command	*c = commands;

	s->answered = false;
	s->value = s->payload_len = 0;
	s->payload = s->scratch;
	while (c->run != NULL && c->op != s->op)
		c++;
	if (s->error != STATUS_OK)	/* of the one before; not carried out */
		writer_close(s);
	else if (c->run == NULL || (s->op >= EXT_INFO && s->official))
		stub_fail(s, STATUS_COMMAND);
	else if ((c->len != ANY && c->len != len) ||
	    le16_get(s->frame + 2) != len)
		stub_fail(s, STATUS_LENGTH);
	else
		c->run(s, stub_words(s), len);
	if (!s->answered)
		packet_answer(s);
}
