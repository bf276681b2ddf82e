#ifndef PROTO_IMAGE_PARTITION_H
#define PROTO_IMAGE_PARTITION_H
/*
 * partition - the table that tells what lies where in the flash: as it stands
 * in there (binary), and as people write it (CSV).
 *
 * Binary: rows of 32 bytes, little-endian: magic AA 50, type, subtype, offset,
 * size, a name of 16 bytes (NUL behind it when shorter), flags.  Behind them may
 * stand a row EB EB, fourteen FF, and the MD5 of all rows before it; then a row
 * of FF ends the table.  Sources: ESP-IDF, docs/en/api-guides/
 * partition-tables.rst and components/partition_table/gen_esp32part.py 1.4 for
 * the formats and what a table must fulfil, bootloader_support
 * (flash_partitions.c) for what a chip accepts; ESP8266_RTOS_SDK for that chip.
 *
 * Nothing here keeps memory; a table is a plain struct of the caller's.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/buf.h"
#include "proto/base/why.h"
#include "proto/chip/chip.h"
#include "proto/image/note.h"

enum {
	PARTITION_ROW		= 32,		/* bytes */
	PARTITION_BYTES		= 0xc00,	/* of a binary table, with FF */
	PARTITION_AREA		= 0x1000,	/* kept free for it in flash */
	PARTITION_ROWS		= 95,		/* before the end, MD5 included */
	PARTITION_NAME		= 16,		/* bytes, without a NUL */
	PARTITION_OFFSET	= 0x8000,	/* of the table: the default */
	PARTITION_FILE_MAX	= 64 * 1024,	/* longer ones are no table */
};

enum partition_type {
	PARTITION_APP, PARTITION_DATA, PARTITION_BOOTLOADER, PARTITION_TABLE,
};

enum partition_flag {
	PARTITION_ENCRYPTED	= 1 << 0,
	PARTITION_READONLY	= 1 << 1,
};

struct partition {
	char		name[PARTITION_NAME + 1];	/* UTF-8, printable */
	uint8_t		type, subtype;
	uint32_t	offset, size;			/* bytes */
	uint32_t	flags;				/* unknown bits too */
};

struct partition_table {
	size_t			count;			/* 1 or more */
	bool			has_md5;		/* and it is right */
	/* CSV: the chip was not known, and an ESP8266 would have an offset
	 * that was left open elsewhere. */
	bool			guessed;
	/* CSV: releases of ESP-IDF would differ about an offset that was left
	 * open, behind a partition that does not end with a sector (before 5.0
	 * data needed no alignment).  It is where the newer ones put it. */
	bool			doubtful;
	struct partition	list[PARTITION_ROWS];
};

/* Where a table lies, and for which chip. */
struct partition_place {
	uint32_t		 offset;	/* of the table */
	const struct chip	*chip;		/* NULL: not known */
};

/*
 * Read a table, binary or CSV.  What is doubtful but no mistake is told as a
 * note, "Warning: ...".  ERR_IMAGE with the row or line that makes no sense;
 * an MD5 that is wrong, or no row at all, is a mistake.
 */
int partition_parse(const void *, size_t len, const struct partition_place *,
    struct partition_table *, const struct image_notes *, struct why *);

/* Does it look like a binary table, or like the empty flash where one should
 * be?  (Everything else is taken for CSV by partition_parse().) */
bool partition_is_binary(const void *, size_t len);

/* Can it be relied on?  Names differ, nothing overlaps or covers the table,
 * nothing ends beyond 4 GB.  ERR_IMAGE, ERR_OVERLAP, ERR_BEYOND_FLASH. */
int partition_check(const struct partition_table *, uint32_t table_offset,
    struct why *);

/* Does all of it lie within so many bytes of flash?  ERR_BEYOND_FLASH. */
int partition_check_flash(const struct partition_table *, uint64_t flash_bytes,
    struct why *);

/* The rules of ESP-IDF besides: alignment of programs, otadata, read-only.
 * ERR_ALIGN, ERR_IMAGE; smaller things are notes. */
int partition_check_rules(const struct partition_table *,
    const struct partition_place *, const struct image_notes *, struct why *);

/* The one of that name; NULL. */
const struct partition *partition_find(const struct partition_table *,
    const char *name);

/* As above, ERR_PARAMS with a sentence that lists what there is. */
int partition_get(const struct partition_table *, const char *name,
    const struct partition **, struct why *);

/*
 * May it be erased and written without harm to another?  Flash is erased in
 * sectors of 4096 bytes: it must begin with one, and none but it may begin in
 * its last one.  *bytes is its size in whole sectors.  ERR_ALIGN.
 */
int partition_sectors(const struct partition_table *, const struct partition *,
    uint32_t *bytes, struct why *);

/* The binary table.  ERR_LIMIT: too many rows; ERR_INTERNAL: no MD5 here. */
int partition_build(const struct partition_table *, bool md5,
    uint8_t out[PARTITION_BYTES], struct why *);

/* The CSV, as ESP-IDF's tool writes it, at the end of the buffer.  ERR_IMAGE: a
 * name that CSV cannot tell; ERR_NOMEM, ERR_LIMIT. */
int partition_csv(const struct partition_table *, struct buf *, struct why *);

/* The words of CSV; a number where there is none. */
enum { PARTITION_WORD = 16 };
void partition_type_word(const struct partition *, char out[PARTITION_WORD]);
void partition_subtype_word(const struct partition *,
    char out[PARTITION_WORD]);
#endif
