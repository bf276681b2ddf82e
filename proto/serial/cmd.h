#ifndef PROTO_SERIAL_CMD_H
#define PROTO_SERIAL_CMD_H
/*
 * cmd - the packets of Espressif's serial loader: what is inside a SLIP frame.
 *
 * Request: 00 op len16 checksum32 data[len].  Reply: 01 op len16 value32
 * data[...] status.  All numbers are little-endian.  Source: serial-protocol.rst
 * of esptool; replies of the mask ROMs as recorded in tests/data/wire.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cmd_op {
	CMD_FLASH_BEGIN		= 0x02,	/* erase bytes, blocks, block bytes, offset[, encrypted] */
	CMD_FLASH_DATA		= 0x03,	/* len, seq, 0, 0, data */
	CMD_FLASH_END		= 0x04,	/* 0 reboot, 1 stay */
	CMD_MEM_BEGIN		= 0x05,	/* bytes, blocks, block bytes, address */
	CMD_MEM_END		= 0x06,	/* 1 = no entry, entry */
	CMD_MEM_DATA		= 0x07,	/* len, seq, 0, 0, data */
	CMD_SYNC		= 0x08,	/* 07 07 12 20, 32 x 55 */
	CMD_WRITE_REG		= 0x09,	/* n x (address, value, mask, delay us) */
	CMD_READ_REG		= 0x0a,	/* address; answer in `value` */
	CMD_SPI_SET_PARAMS	= 0x0b,	/* id, bytes, block, sector, page, status mask */
	CMD_SPI_ATTACH		= 0x0d,	/* pins[, 0] (the second word: ROM only) */
	CMD_READ_FLASH_SLOW	= 0x0e,	/* offset, len <= 64; ROM only */
	CMD_CHANGE_BAUDRATE	= 0x0f,	/* new, old (0 to a ROM) */
	CMD_FLASH_DEFL_BEGIN	= 0x10,	/* inflated bytes, blocks, block bytes, offset[, encrypted] */
	CMD_FLASH_DEFL_DATA	= 0x11,
	CMD_FLASH_DEFL_END	= 0x12,
	CMD_SPI_FLASH_MD5	= 0x13,	/* address, bytes, 0, 0; ROM: 32 hex digits, stub: 16 bytes */
	CMD_GET_SECURITY_INFO	= 0x14,
	CMD_ERASE_FLASH		= 0xd0,	/* from here: stub only */
	CMD_ERASE_REGION	= 0xd1,	/* offset, bytes */
	CMD_READ_FLASH		= 0xd2,	/* offset, bytes, frame bytes, window */
	CMD_RUN_USER_CODE	= 0xd3,
};

enum {
	CMD_HEADER		= 8,	/* bytes before the data, both ways */
	CMD_BLOCK_HEADER	= 16,	/* bytes before the block in *_DATA */
	CMD_CHECKSUM_SEED	= 0xef,
	CMD_REQUEST		= 0,	/* first byte */
	CMD_REPLY		= 1,
	CMD_SYNC_LEN		= 36,	/* bytes of SYNC's data */
};

/* "READ_REG", or "command 0x77" made in `out`, which takes CMD_NAME_MAX. */
enum { CMD_NAME_MAX = 20 };
const char *cmd_name(uint8_t op, char out[CMD_NAME_MAX]);

/* 0xEF xor every byte: the checksum of a block. */
uint8_t cmd_checksum(const void *, size_t len);

/* Write the eight header bytes of a request. */
void cmd_header(uint8_t out[CMD_HEADER], uint8_t op, size_t len,
    uint32_t checksum);

struct cmd_reply {
	uint8_t		 op;
	uint32_t	 value;
	const uint8_t	*data;		/* inside the frame: payload and status */
	size_t		 len;		/* bytes of data */
};

/* Take a decoded frame apart; `reply` points into it.  ERR_NOISE when the
 * frame is not a reply at all (shorter than a header, wrong first byte). */
int cmd_parse(const void *frame, size_t len, struct cmd_reply *reply);

/*
 * Split the data of a reply into `payload` bytes and the two status bytes
 * after them (ROMs but the ESP8266's append two more, unused).  *status is
 * status << 8 | error, 0 when the command was done.  A refusal may be shorter
 * than the payload: then its first two bytes are the status.  ERR_NOISE when
 * the reply is too short to hold a status.
 */
int cmd_status(const struct cmd_reply *, size_t payload, uint16_t *status);

/* What a status means: "checksum is wrong"; "unknown error" for a new one.
 * Both the ROM's numbers (0x01xx) and the stub's (0xc000..) are known. */
const char *cmd_status_name(uint16_t status);

enum {
	CMD_STATUS_INVALID	= 0x05,	/* low byte: ROM does not know the command */
};
#endif
