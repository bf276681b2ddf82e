#include "proto/serial/cmd.h"

#include <stdio.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/serial/ext.h"

static const struct {
	uint8_t		 op;
	const char	*name;
} names[] = {
	{ CMD_FLASH_BEGIN,	"FLASH_BEGIN" },
	{ CMD_FLASH_DATA,	"FLASH_DATA" },
	{ CMD_FLASH_END,	"FLASH_END" },
	{ CMD_MEM_BEGIN,	"MEM_BEGIN" },
	{ CMD_MEM_END,		"MEM_END" },
	{ CMD_MEM_DATA,		"MEM_DATA" },
	{ CMD_SYNC,		"SYNC" },
	{ CMD_WRITE_REG,	"WRITE_REG" },
	{ CMD_READ_REG,		"READ_REG" },
	{ CMD_SPI_SET_PARAMS,	"SPI_SET_PARAMS" },
	{ CMD_SPI_ATTACH,	"SPI_ATTACH" },
	{ CMD_READ_FLASH_SLOW,	"READ_FLASH_SLOW" },
	{ CMD_CHANGE_BAUDRATE,	"CHANGE_BAUDRATE" },
	{ CMD_FLASH_DEFL_BEGIN,	"FLASH_DEFL_BEGIN" },
	{ CMD_FLASH_DEFL_DATA,	"FLASH_DEFL_DATA" },
	{ CMD_FLASH_DEFL_END,	"FLASH_DEFL_END" },
	{ CMD_SPI_FLASH_MD5,	"SPI_FLASH_MD5" },
	{ CMD_GET_SECURITY_INFO,"GET_SECURITY_INFO" },
	{ CMD_ERASE_FLASH,	"ERASE_FLASH" },
	{ CMD_ERASE_REGION,	"ERASE_REGION" },
	{ CMD_READ_FLASH,	"READ_FLASH" },
	{ CMD_RUN_USER_CODE,	"RUN_USER_CODE" },
	{ EXT_INFO,		"EXT_INFO" },
	{ EXT_BATCH,		"EXT_BATCH" },
	{ EXT_WRITE,		"EXT_WRITE" },
	{ EXT_BLOCK,		"EXT_BLOCK" },
	{ EXT_END,		"EXT_END" },
	{ EXT_READ,		"EXT_READ" },
	{ EXT_ACK,		"EXT_ACK" },
	{ EXT_COUNTERS,		"EXT_COUNTERS" },
};

/* ROM: 0x01xx with the error in the low byte; stub: the number as it is. */
static const struct {
	uint16_t	 status;
	const char	*name;
} statuses[] = {
	{ 0x0100, "undefined error" },
	{ 0x0101, "a parameter is wrong" },
	{ 0x0102, "out of memory" },
	{ 0x0103, "sending failed" },
	{ 0x0104, "receiving failed" },
	{ 0x0105, "the message is invalid or the command unknown" },
	{ 0x0106, "the result is wrong" },
	{ 0x0107, "the checksum is wrong" },
	{ 0x0108, "flash did not take what was written" },
	{ 0x0109, "flash could not be read" },
	{ 0x010a, "the length to read is wrong" },
	{ 0x010b, "the compressed data is damaged" },
	{ 0x010c, "the checksum of the inflated data is wrong" },
	{ 0x010d, "the compressed data does not fit its announcement" },
	{ 0x010e, "the size does not fit into RAM" },
	{ 0x010f, "that address is not RAM" },
	{ 0x0164, "a parameter is wrong" },
	{ 0x0165, "the format is wrong" },
	{ 0x0166, "the description is too long" },
	{ 0x0167, "the encoding is wrong" },
	{ 0x0169, "there is no storage" },
	{ 0xc000, "the length of the data is wrong" },
	{ 0xc100, "the checksum is wrong" },
	{ 0xc200, "the block size is wrong" },
	{ 0xc300, "the command is unknown" },
	{ 0xc400, "the flash chip did not do it" },
	{ 0xc500, "the flash chip could not be unlocked" },
	{ 0xc600, "no flash write is under way" },
	{ 0xc700, "the compressed data is damaged" },
	{ 0xc800, "there is not enough data" },
	{ 0xc900, "there is too much data" },
	{ 0xff00, "not implemented" },
};

#define COUNT(a)	(sizeof (a) / sizeof (a)[0])

const char *
cmd_name(uint8_t op, char out[CMD_NAME_MAX])
{
	for (size_t i = 0; i < COUNT(names); i++)
		if (names[i].op == op)
			return names[i].name;
	(void)snprintf(out, CMD_NAME_MAX, "command 0x%02x", op);
	return out;
}

uint8_t
cmd_checksum(const void *data, size_t len)
{
	const uint8_t	*p = data;
	uint8_t		 sum = CMD_CHECKSUM_SEED;

	while (len-- > 0)
		sum ^= *p++;
	return sum;
}

void
cmd_header(uint8_t out[CMD_HEADER], uint8_t op, size_t len, uint32_t checksum)
{
	out[0] = CMD_REQUEST;
	out[1] = op;
	le16_put(out + 2, (uint16_t)len);
	le32_put(out + 4, checksum);
}

int
cmd_parse(const void *frame, size_t len, struct cmd_reply *reply)
{
	const uint8_t	*p = frame;

	if (len < CMD_HEADER || p[0] != CMD_REPLY)
		return ERR_NOISE;
	*reply = (struct cmd_reply){
		.op = p[1], .value = le32_get(p + 4),
		.data = p + CMD_HEADER, .len = len - CMD_HEADER,
	};
	return 0;
}

int
cmd_status(const struct cmd_reply *reply, size_t payload, uint16_t *status)
{
	const uint8_t	*at = reply->data;

	if (reply->len >= payload + 2)
		at += payload;
	else if (reply->len < 2 || at[0] == 0)
		return ERR_NOISE;
	*status = at[0] == 0 ? 0 : (uint16_t)(at[0] << 8 | at[1]);
	return 0;
}

const char *
cmd_status_name(uint16_t status)
{
	for (size_t i = 0; i < COUNT(statuses); i++)
		if (statuses[i].status == status)
			return statuses[i].name;
	return "unknown error";
}
