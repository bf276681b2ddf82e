#ifndef PROTO_IMAGE_UF2_H
#define PROTO_IMAGE_UF2_H
/*
 * uf2 - files of 512-byte blocks, each of which says where in the flash its
 * bytes go and for which family of chips; boards that show up as a USB disk
 * take such files.
 * Source: github.com/microsoft/uf2, README.md; esptool 5.3, uf2_writer.py (its
 * choice of chunk size, and a digest of each block right behind its bytes).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/why.h"

struct buf;
struct chip;

enum {
	UF2_BLOCK	= 512,	/* bytes */
	UF2_DATA	= 476,	/* of them, bytes for the flash at most */
	UF2_MD5		= 24,	/* fewer, when each block has its digest */
};

/* Bytes that follow each other without a gap. */
struct uf2_region {
	uint32_t	 family;	/* of chips; 0: it is not told */
	uint32_t	 address;
	size_t		 len;		/* > 0 */
	const uint8_t	*data;		/* within the struct uf2 */
};

struct uf2 {
	struct uf2_region	*regions;	/* by family, then address */
	size_t			 count;		/* > 0 */
	uint8_t			*bytes;		/* of all regions */
};

/* Does a file begin as these do? */
bool uf2_is(const void *, size_t len);

/*
 * Read a whole file.  The blocks of one file that was put into it are numbered
 * from 0, or those of all are: both are in use.  ERR_IMAGE with the block that
 * makes no sense, is missing or is damaged; ERR_OVERLAP where two blocks set
 * one byte; ERR_NOMEM.  uf2_done() after success only.
 */
int uf2_parse(const void *file, size_t len, struct uf2 *, struct why *);
void uf2_done(struct uf2 *);

/* Is there anything for that family?  What is for none is for all. */
bool uf2_has(const struct uf2 *, uint32_t family);

/* The only chip that it is for.  0; ERR_IMAGE: it is for several (the sentence
 * names them); *chip is NULL when the file does not say, or names a family
 * that is not in our table. */
int uf2_chip(const struct uf2 *, const struct chip **chip, struct why *);

/* How to write one. */
struct uf2_form {
	uint32_t	family;
	uint32_t	chunk;		/* bytes of a block; 1..uf2_chunk_max() */
	bool		md5;		/* each block has its digest */
};

uint32_t uf2_chunk_max(bool md5);

/* Bytes that uf2_write() appends. */
uint64_t uf2_size(const struct uf2_region *, size_t count,
    const struct uf2_form *);

/*
 * Append a file that holds the regions in their order (their family does not
 * matter, an empty one makes no block).  The blocks are numbered through the
 * whole file, so that a reader knows when it has all.  ERR_NOMEM, ERR_LIMIT of
 * the buf; ERR_UNSUPPORTED: libcrypto has no MD5.
 */
int uf2_write(const struct uf2_region *, size_t count,
    const struct uf2_form *, struct buf *, struct why *);
#endif
