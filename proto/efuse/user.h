#ifndef PROTO_EFUSE_USER_H
#define PROTO_EFUSE_USER_H
/*
 * user - fields that a user named himself, from ESP-IDF's
 * esp_efuse_custom_table.csv: name, EFUSE_BLKn, start bit, length, comment
 * ("[ALT_NAME] what it is").  (ESP-IDF Programming Guide, eFuse Manager.)
 */
#include <stddef.h>

#include "proto/base/why.h"
#include "proto/efuse/efuse.h"

enum { EFUSE_USER_MAX = 256 };		/* fields of a table */

struct efuse_user {
	struct efuse_field	*fields;	/* name NULL ends; owned, with
						 * their strings */
	size_t			 count;
};

/* Read a table for that chip.  ERR_PARAMS with a sentence that names the line:
 * no such block, beyond its end, overlapping, a name that is taken. */
int efuse_user_read(struct efuse_user *, const struct efuse_chip *,
    const char *text, size_t len, const char *name, struct why *);
void efuse_user_done(struct efuse_user *);
#endif
