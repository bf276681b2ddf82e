#ifndef PROTO_EFUSE_WISH_H
#define PROTO_EFUSE_WISH_H
/*
 * wish - one thing that a user wants burned, as espefuse's commands take it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/why.h"

struct json_object;

enum efuse_wish_kind {
	EFUSE_WISH_FIELD,	/* name, value (NULL: bool or counter), or data:
				 * see efuse_wish_seal() */
	EFUSE_WISH_BITS,	/* name of a block, bits */
	EFUSE_WISH_DATA,	/* name of a block, data, offset */
	EFUSE_WISH_KEY,		/* name of a block, data as in a key file, purpose
				 * (ESP32: NULL).  Of an ECDSA key its scalar,
				 * zeros in front: 32, of P-384 64 bytes */
	EFUSE_WISH_DIGEST,	/* as KEY, of a public key.  ESP32, C2: name NULL */
	EFUSE_WISH_MAC,		/* value */
	EFUSE_WISH_VOLTAGE,	/* value: "1.8V", "3.3V", "OFF" */
	EFUSE_WISH_HIDE,	/* name: of a field, protect from reading */
	EFUSE_WISH_LOCK,	/* ... from writing */
	EFUSE_WISH_REPAIR,	/* burn damaged blocks again */
};

enum {
	EFUSE_WISH_BYTES = 64,		/* data at most: a key of two halves */
	EFUSE_WISH_BITS_MAX = 288,
	EFUSE_WISHES_MAX = 256,
};

struct efuse_wish {
	enum efuse_wish_kind	 kind;
	unsigned		 command;	/* wishes of one command have the
						 * same, counted from 0 */
	char			*name, *value, *purpose;	/* owned, or NULL */
	uint8_t			 data[EFUSE_WISH_BYTES];
	size_t			 len, offset;
	uint16_t		 bits[EFUSE_WISH_BITS_MAX];
	size_t			 bit_count;
	bool			 writable;	/* --no-write-protect */
	bool			 readable;	/* --no-read-protect */
	bool			 force;		/* incompatible settings */
	bool			 write_always;	/* --force-write-always */
	bool			 show;		/* lines may tell key bytes */
};

/* How they travel: {"burn": "field", "name", "value", "purpose", "offset",
 * "bits", "command", "writable", ...}; data come apart, as descriptor "fd",
 * whose index is returned in *fd (-1: none).  ERR_PARAMS with a sentence. */
int efuse_wish_parse(struct efuse_wish *, struct json_object *, int *fd,
    struct why *);
/* A new object; `fd` is the index that its data will have. */
struct json_object *efuse_wish_json(const struct efuse_wish *, int fd);

/* Frees the strings and wipes the data. */
void efuse_wish_done(struct efuse_wish *);
#endif
