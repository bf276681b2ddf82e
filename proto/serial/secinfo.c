#include "proto/serial/secinfo.h"

#include <string.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"

int
secinfo_parse(const void *data, size_t len, struct secinfo *info)
{
	const uint8_t	*p = data;

	if (len < SECINFO_LEN_S2)
		return ERR_NOISE;
	*info = (struct secinfo){
		.flags = le32_get(p),
		.crypt_count = p[4],
		.has_chip_id = len >= SECINFO_LEN,
	};
	memcpy(info->key_purposes, p + 5, SECINFO_KEYS);
	if (info->has_chip_id) {
		info->chip_id = le32_get(p + 12);
		info->api_version = le32_get(p + 16);
	}
	return 0;
}

const char *
secinfo_flag_name(uint32_t flag)
{
	static const char *const names[] = {
		"secure boot", "aggressive key revocation",
		"secure download mode", "key digest 0 revoked",
		"key digest 1 revoked", "key digest 2 revoked",
		"JTAG off by software", "JTAG off for ever", "USB off",
		"data cache off in download mode",
		"instruction cache off in download mode",
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (flag == 1u << i)
			return names[i];
	return NULL;
}
