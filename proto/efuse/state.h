#ifndef PROTO_EFUSE_STATE_H
#define PROTO_EFUSE_STATE_H
/*
 * state - what the fuses of one chip hold, as it was read: blocks, errors, and
 * the values of fields.  Plain data; it can be copied.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/why.h"
#include "proto/efuse/efuse.h"

struct efuse_user;

/*
 * As read from a chip or a virtual file: its registers from the base on, and
 * what else the fuses need.  Words that efuse_raw_needs() does not name may be 0.
 */
struct efuse_raw {
	const struct chip	*chip;
	uint32_t		 revision;	/* major * 100 + minor */
	uint32_t		 xtal_mhz;	/* 0: unknown */
	uint32_t		 date;		/* ESP32: register 0x3ff6607c */
	uint32_t		 window[EFUSE_WINDOW / 4];
};

/* Must word `i` of the window be read for efuse_state_read()? */
bool efuse_raw_needs(const struct efuse_chip *, size_t i);

struct efuse_state {
	const struct efuse_chip	*efuse;
	struct efuse_raw	 raw;
	enum efuse_coding	 coding;	/* of all blocks but 0 */
	uint32_t		 words[EFUSE_BLOCKS][EFUSE_WORDS]; /* decoded */
	uint32_t		 err0[EFUSE_WORDS];	/* BLOCK0, as words */
	unsigned		 errors[EFUSE_BLOCKS];	/* corrected ones */
	bool			 failed[EFUSE_BLOCKS];	/* not correctable */
	uint32_t		 shown;		/* 1 << enum efuse_when */
	const struct efuse_user	*user;		/* borrowed; or NULL */
};

/* ERR_UNSUPPORTED with a sentence: no table for the chip, or a coding that
 * nobody uses.  `user` (user.h) is borrowed for as long as the state lives. */
int efuse_state_read(struct efuse_state *, const struct efuse_raw *,
    const struct efuse_user *, struct why *);

/* Bytes of a block that can be used: fewer with 3/4 coding. */
size_t efuse_block_bytes(const struct efuse_state *, unsigned block);
enum efuse_coding efuse_block_coding(const struct efuse_state *, unsigned block);
/* Its bytes, the first one in the low bits of word 0. */
void efuse_block_get(const struct efuse_state *, unsigned block,
    uint8_t out[EFUSE_BLOCK_BYTES]);
bool efuse_block_empty(const struct efuse_state *, unsigned block);
bool efuse_block_readable(const struct efuse_state *, unsigned block);
bool efuse_block_writable(const struct efuse_state *, unsigned block);
/* What its key is for, by the fuses that say so; NULL: none do, or an unknown
 * number.  `room` as in efuse_purpose_of(). */
const struct efuse_purpose *efuse_block_purpose(const struct efuse_state *,
    unsigned block, struct efuse_purpose *room);

/* The fields that are there, in the order of the table, those of the user last:
 * NULL starts and ends. */
const struct efuse_field *efuse_field_next(const struct efuse_state *,
    const struct efuse_field *);
/* By name or older name.  One that is there only under a condition, is from
 * now on.  NULL: there is none. */
const struct efuse_field *efuse_field_find(struct efuse_state *,
    const char *name);
/* Its length here: ESP32 with 3/4 coding has shorter keys. */
size_t efuse_field_bits(const struct efuse_state *, const struct efuse_field *);
/* "bool", "uint:4", "bytes:32" */
void efuse_field_type(const struct efuse_state *, const struct efuse_field *,
    char out[16]);
bool efuse_readable(const struct efuse_state *, const struct efuse_field *);
bool efuse_writable(const struct efuse_state *, const struct efuse_field *);
/* It has errors: bits that the copies of BLOCK0 differ in, or its block. */
bool efuse_field_bad(const struct efuse_state *, const struct efuse_field *);

/* The bits, lowest first in byte 0; of calculated ones the value. */
void efuse_bits(const struct efuse_state *, const struct efuse_field *,
    uint8_t out[EFUSE_BLOCK_BYTES]);
/* The bits of a field of up to 32 bits by name; 0 when there is none. */
uint32_t efuse_number(const struct efuse_state *, const char *name);

enum { EFUSE_TEXT_MAX = 160 };		/* bytes of a value as text */

/*
 * As people read it, and as esptool writes it: "True", "3", "00 01 02",
 * "aa:bb:cc:dd:ee:ff (OK)", "-1.5".  value: without the words of meanings;
 * meaning: with them ("Disable").  shown: also what cannot be read as '?', as
 * the summary has it.
 */
void efuse_value(const struct efuse_state *, const struct efuse_field *,
    char out[EFUSE_TEXT_MAX]);
void efuse_meaning(const struct efuse_state *, const struct efuse_field *,
    char out[EFUSE_TEXT_MAX]);
void efuse_shown(const struct efuse_state *, const struct efuse_field *,
    char out[EFUSE_TEXT_MAX]);
/* What the value is to JSON: a number with a fraction, a whole one, a truth,
 * or a text. */
enum efuse_kind { EFUSE_IS_TEXT, EFUSE_IS_NUMBER, EFUSE_IS_TRUTH, EFUSE_IS_REAL };
enum efuse_kind efuse_kind(const struct efuse_state *,
    const struct efuse_field *);
/* "0x0f", as JSON's raw_value: bytes in their order, all else as a number. */
void efuse_raw_hex(const struct efuse_state *, const struct efuse_field *,
    char out[EFUSE_TEXT_MAX]);
/* Any bits as people who know bitstring read them: "0b010", "0x0f3c". */
void efuse_bits_text(const uint8_t *bits, size_t count,
    char out[EFUSE_TEXT_MAX]);

/* Version of the contents of the factory's blocks: major * 100 + minor. */
unsigned efuse_block_version(const struct efuse_state *);

/* The flash supply in a sentence or two ('\n' between); "" for chips that do
 * not set it. */
void efuse_supply(const struct efuse_state *, char *out, size_t size);
#endif
