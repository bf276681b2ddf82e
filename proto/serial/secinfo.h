#ifndef PROTO_SERIAL_SECINFO_H
#define PROTO_SERIAL_SECINFO_H
/*
 * secinfo - the answer to GET_SECURITY_INFO: 12 bytes from an ESP32-S2 ROM,
 * 20 from every later one (flags u32, crypt count u8, key purposes 7 x u8,
 * then chip id u32 and API version u32).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SECINFO_LEN_S2	= 12,	/* bytes */
	SECINFO_LEN	= 20,
	SECINFO_KEYS	= 7,
};

enum secinfo_flag {
	SECINFO_SECURE_BOOT		= 1 << 0,
	SECINFO_AGGRESSIVE_REVOKE	= 1 << 1,
	SECINFO_SECURE_DOWNLOAD		= 1 << 2,
	SECINFO_REVOKE_KEY0		= 1 << 3,
	SECINFO_REVOKE_KEY1		= 1 << 4,
	SECINFO_REVOKE_KEY2		= 1 << 5,
	SECINFO_JTAG_OFF_SOFT		= 1 << 6,
	SECINFO_JTAG_OFF_HARD		= 1 << 7,
	SECINFO_USB_OFF			= 1 << 8,
	SECINFO_DCACHE_OFF		= 1 << 9,
	SECINFO_ICACHE_OFF		= 1 << 10,
};

struct secinfo {
	uint32_t	flags;			/* enum secinfo_flag */
	uint8_t		crypt_count;		/* odd number of ones: encryption on */
	uint8_t		key_purposes[SECINFO_KEYS];
	bool		has_chip_id;		/* false: the 12-byte form */
	uint32_t	chip_id;
	uint32_t	api_version;
};

/* ERR_NOISE when `len` is neither form (longer is fine: newer ROMs append). */
int secinfo_parse(const void *, size_t len, struct secinfo *);

/* The name of one flag bit ("secure boot"); NULL for an unknown one. */
const char *secinfo_flag_name(uint32_t flag);
#endif
