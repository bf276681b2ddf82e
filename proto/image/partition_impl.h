#ifndef PROTO_IMAGE_PARTITION_IMPL_H
#define PROTO_IMAGE_PARTITION_IMPL_H
/*
 * partition_impl - what partition.c and partition_csv.c share.
 */
#include "proto/image/partition.h"

enum {
	PARTITION_PRIMARY	= 0x00,	/* of bootloader and table */
	PARTITION_RECOVERY	= 0x02,	/* of bootloader */
	PARTITION_OTADATA	= 0x00,	/* of data */
	PARTITION_COREDUMP	= 0x03,
	PARTITION_UNDEFINED	= 0x06,
	PARTITION_TEE_OTADATA	= 0x90,
};

/* A word of CSV and what it stands for; NULL ends a table. */
struct partition_word {
	uint8_t		 type, subtype;
	const char	*word;
};

extern const struct partition_word partition_types[], partition_subtypes[];

bool partition_is_primary(const struct partition *, enum partition_type);

/* Where a program may begin; ESP-IDF's rule for a chip that is not known. */
uint32_t partition_app_align(const struct chip *);

/* How many of the bytes, from the first on, are printable UTF-8. */
size_t partition_text(const void *, size_t len);

int partition_parse_csv(const char *, size_t len,
    const struct partition_place *, struct partition_table *,
    const struct image_notes *, struct why *);
#endif
