#ifndef PROTO_IMAGE_BUILD_IMPL_H
#define PROTO_IMAGE_BUILD_IMPL_H
/*
 * build_impl - what the files build*.c share: a program as segments of pieces,
 * and an image that grows.
 */
#include "proto/image/build.h"
#include "proto/image/elf.h"

enum {
	BUILD_LINE	= 16,		/* a check sum ends one */
};

/* Bytes of the file, and then zeros. */
struct build_piece {
	const uint8_t	*data;
	size_t		 len, zeros;
};

struct build_segment {
	const char		*name;		/* of its first part */
	uint32_t		 addr;
	size_t			 len;		/* bytes, with all zeros */
	const struct build_piece *piece;	/* where it begins */
	size_t			 skip;		/* in that piece */
};

/* An image being made. */
struct builder {
	const struct build_options	*options;
	/* Whose tables count: for version 3 of an ESP8266 those of the ESP32,
	 * because esptool has it so. */
	const struct chip		*chip;
	bool				 esp8266_v1_v2;
	uint32_t			 page;	/* of the MMU; 0: none */
	uint32_t			 entry;
	uint8_t				 mode, size_freq;
	bool				 digest;
	bool				 has_sha;	/* of the ELF file */
	uint32_t			 sha_at;
	uint8_t				 sha[HEADER_SHA256];
	bool				 sha_done;	/* it found its place */
	struct build_piece		*pieces;
	struct build_segment		*segments;
	size_t				 count;
	const struct image_notes	*notes;
	struct why			*why;
	struct build			*result;
};

/* Is that address one of the flash, as the image is to show it? */
bool build_in_flash(const struct builder *, uint32_t addr);

/* The header of eight bytes. */
int build_header(const struct builder *, struct buf *, uint8_t magic,
    size_t segments);

/*
 * Add a segment: its head, its bytes, `zeros` more of them, and the digest of
 * the ELF file if its place is there.  *sum (NULL: none) goes on.  `name` is
 * for the sentence of ERR_IMAGE: no multiple of four, or 16 MB.
 */
int build_add(struct builder *, struct buf *, const char *name,
    const struct build_segment *, size_t zeros, uint8_t *sum);
/* The same with zeros alone, for address 0. */
int build_add_zeros(struct builder *, struct buf *, const char *name,
    size_t zeros, uint8_t *sum);

/* The bytes of a segment alone. */
int build_bytes(const struct builder *, struct buf *,
    const struct build_segment *);

/* Cut `len` bytes (at most all) off the front into *front. */
void build_split(struct build_segment *, size_t len,
    struct build_segment *front);

/* Zeros up to the end of a line, and there the check sum. */
int build_sum(const struct builder *, struct buf *, uint8_t sum);
/* SHA-256 of all that is there. */
int build_digest(const struct builder *, struct buf *);
int build_fill(const struct builder *, struct buf *, uint8_t value, size_t len);

/* Room in the file for all of it: the only allocation. */
int build_room(const struct builder *, struct buf *);

/* Put the segments into two lists, each by address (as they are linked where
 * those are the same): flash first, flash_count of them.  *sorted is for
 * free(). */
int build_sorted(const struct builder *, struct build_segment **sorted,
    size_t *flash_count);
/* ERR_IMAGE when two of the flash need the same page. */
int build_check_pages(const struct builder *, const struct build_segment *,
    size_t count);

/* The forms of an image; they fill builder->result. */
int build_esp8266_v1(struct builder *);
int build_esp8266_v2(struct builder *);
int build_esp8266_v3(struct builder *);
int build_esp32(struct builder *);
#endif
