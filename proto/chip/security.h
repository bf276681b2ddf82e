#ifndef PROTO_CHIP_SECURITY_H
#define PROTO_CHIP_SECURITY_H
/*
 * security - what a chip's fuses say of flash encryption and secure boot, as
 * far as it decides which bytes may be written.  By struct chip_security.
 */
#include <stdbool.h>

#include "proto/chip/chip.h"

struct security {
	bool	secure_boot_v1;		/* only what is signed starts, V1 */
	bool	secure_boot;		/* V2 */
	bool	encrypted;		/* the flash is read through AES */
	bool	no_encrypt;		/* the loader does not encrypt */
	bool	has_key;		/* a usable key for flash encryption;
					 * only known when asked for */
	bool	key_is_managed;		/* ... comes from the key manager */
	bool	crypt_config_bad;	/* ESP32: not all address bits tweak */
};

/* Names of key purposes as GET_SECURITY_INFO and the fuses number them, as
 * esp-idf and its tools write them; "unknown" for a new one. */
const char *security_purpose_name(unsigned purpose);

/* Read the fuses of a connected chip of that revision (major * 100 + minor);
 * `key`: those of the key too, which are up to eight words more.  Returns 0 or
 * read()'s error.  A chip without such fuses has all false. */
int security_read(const struct chip *, uint32_t revision, bool key,
    chip_read_reg *read, void *arg, struct security *);
#endif
