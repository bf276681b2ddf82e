#ifndef PROTO_IMAGE_HEADER_H
#define PROTO_IMAGE_HEADER_H
/*
 * header - the first bytes of a program image: which chip and revision it is
 * for, and how the flash is to be used.
 *
 * Eight bytes on every chip (magic E9, segments, flash mode, size and
 * frequency, entry), sixteen more on all but the ESP8266 (chip id, revisions,
 * "a digest follows").  Source: esp_image_format of ESP-IDF; esptool 5.3,
 * bin_image.py and cmds.py.
 *
 * After the headers come the segments (address, length, data), zeros up to a
 * check sum in the last byte of a group of 16, and the SHA-256 of all that.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/why.h"
#include "proto/chip/chip.h"

enum {
	HEADER_MAGIC	= 0xe9,
	HEADER_SEGMENTS	= 16,	/* most that a loader takes */
	HEADER_BYTES	= 8,
	HEADER_EXTENDED	= 24,	/* with the sixteen */
	HEADER_ANY_CHIP	= 0xffff,
	HEADER_ANY_REV	= 0xffff,
	HEADER_MAGIC_2	= 0xea,	/* ESP8266: a second kind, see header_crc() */
	HEADER_SEGMENT	= 8,	/* bytes of a segment's head */
	HEADER_SUM_SEED	= 0xef,	/* the check sum begins with it */
	HEADER_SHA256	= 32,	/* bytes of the digest */
	HEADER_WP_NONE	= 0xee,	/* no pin protects from writing */
	/* Where in the header. */
	HEADER_AT_SEGMENTS	= 1,
	HEADER_AT_MODE		= 2,
	HEADER_AT_SIZE_FREQ	= 3,	/* nibbles, size in the upper one */
	HEADER_AT_ENTRY		= 4,
	HEADER_AT_WP_PIN	= 8,
	HEADER_AT_DRIVE		= 9,	/* three bytes of two nibbles */
	HEADER_AT_CHIP		= 12,
	HEADER_AT_MIN_REV	= 14,
	HEADER_AT_MIN_REV_FULL	= 15,
	HEADER_AT_MAX_REV_FULL	= 17,
	HEADER_AT_RESERVED	= 19,	/* four bytes */
	HEADER_AT_DIGEST	= 23,
};

struct header {
	uint8_t		segments;
	uint8_t		mode, size, freq;	/* as in the image; nibbles */
	uint32_t	entry;
	/* Of the extended header; all 0 without one. */
	bool		extended;
	uint16_t	chip_id;
	uint8_t		min_rev;		/* of old images */
	uint16_t	min_rev_full, max_rev_full;	/* major * 100 + minor */
	bool		has_digest;
};

/* Read a header.  `extended`: the image is for a chip that has one.  ERR_IMAGE
 * when it cannot be one. */
int header_parse(const void *, size_t len, bool extended, struct header *);

/* One segment: *at is where its head (address, length) begins, and then behind
 * its last byte; its bytes are the *len before that.  ERR_IMAGE: the image ends
 * within it, or within its head (*len is 0 then). */
int header_segment(const void *image, size_t image_len, size_t *at,
    uint32_t *addr, uint32_t *len);

/* Where the check sum of segments that end at `end` is: the last byte of its
 * group of 16. */
size_t header_sum_at(size_t end);

/* Exclusive or of some bytes, to go on with a check sum. */
uint8_t header_sum(const void *, size_t len);

/*
 * ESP8266: an image of the second kind puts what runs from flash in front, in a
 * segment behind a header with HEADER_MAGIC_2; a usual image follows, and then
 * the CRC-32 of all that, as the SDK's bootloader reckons it.
 */
uint32_t header_crc(const void *, size_t len);

/* Where the digest of an image stands (or would): behind its check sum.
 * ERR_IMAGE when a segment reaches beyond the end. */
int header_digest_at(const void *, size_t len, const struct header *,
    size_t *at);

/* Does an image with that header run on a chip of that revision (major * 100 +
 * minor)?  0, or ERR_IMAGE with what it needs: "chip revision 3 or higher (this
 * chip is revision 1)". */
int header_check_revision(const struct header *, const struct chip *,
    uint32_t revision, struct why *);

/* Words that a user writes; NULL: keep what is there. */
struct header_words {
	const char	*mode;	/* "qio", "qout", "dio", "dout" */
	const char	*freq, *size;	/* of struct chip */
};

/* Put the codes of the words into a header.  ERR_PARAMS: a word that this chip
 * does not know. */
int header_set_words(struct header *, const struct chip *,
    const struct header_words *, struct why *);

/* What header_patch() would set, without doing it. */
int header_params(const uint8_t *data, size_t len, const struct chip *,
    const struct header_words *, uint16_t *params, struct why *);

/*
 * Set what the words say, and the digest anew if there is one; what comes
 * behind stays.  *params is then bytes 2 and 3, big-endian.  Nothing is
 * changed on failure: ERR_IMAGE (no image of this chip; the sentence says why)
 * or ERR_PARAMS (a word that this chip does not know).
 */
int header_patch(uint8_t *data, size_t len, const struct chip *,
    const struct header_words *, uint16_t *params, struct why *);

/* The word of a flash mode, "dio"; NULL: there is none of that number. */
const char *header_mode_word(uint8_t mode);

/* The word of a flash of that many bytes in chip->sizes; NULL: none. */
const char *header_size_word(const struct chip *, uint32_t bytes);
#endif
