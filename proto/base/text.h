#ifndef PROTO_BASE_TEXT_H
#define PROTO_BASE_TEXT_H
/*
 * text - numbers and bytes as people write them.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TEXT_MAC_MAX = 18 };	/* "aa:bb:cc:dd:ee:ff" and NUL */

/* A whole number: "4096", "0x1000", "0o17", "0b11"; nothing before or after
 * it.  ERR_PARAMS when it is none or does not fit. */
int text_u32(const char *s, uint32_t *value);

/* A number as above, or with a suffix: "4k" = "4KB" = 4096, "1M" = "1MB"
 * (powers of two; B alone is bytes; letter case does not matter). */
int text_size(const char *s, uint32_t *value);

/* Bytes as lower-case hex; `out` takes 2 * len + 1 bytes. */
void text_hex(char *out, const void *p, size_t len);

/* Hex digits to bytes; returns the number of bytes, ERR_PARAMS when `s` is not
 * an even number of hex digits or needs more than `size` bytes. */
int text_unhex(const char *s, void *out, size_t size);

/* "4MB", "512KB", "100 bytes": what a person would write for a size. */
void text_size_name(char *out, size_t size, uint32_t bytes);

/*
 * The next word from *at on, as a shell splits a line: at blanks and line ends,
 * with quotes and '\'.  1 with the word in `out`, which takes len + 1 bytes; 0
 * at the end; ERR_PARAMS for a quote without an end.
 */
int text_word(const char *text, size_t len, size_t *at, char *out,
    size_t *out_len);

/* Is it one of the words in `choices`, which have '|' between them? */
bool text_choice(const char *choices, const char *word);

/* Six bytes as aa:bb:cc:dd:ee:ff. */
void text_mac(char out[TEXT_MAC_MAX], const uint8_t mac[6]);

/* Copy `s` into `out` (cut to `size` with its NUL); bytes that are not
 * printable ASCII become '.': for log lines and messages. */
void text_printable(char *out, size_t size, const void *s, size_t len);

/* Bytes of the letter in UTF-8 (RFC 3629) that begins at p, 1 to 4; 0: there is
 * none, or it is a control character. */
size_t text_letter(const void *p, size_t len);

/* The same of a whole string; NULL is "". */
void text_clean(char *out, size_t size, const char *s);
#endif
