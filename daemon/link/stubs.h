#ifndef DAEMON_LINK_STUBS_H
#define DAEMON_LINK_STUBS_H
/*
 * stubs - which flasher stub fits a chip, and its bytes.
 *
 * A stub image is JSON in esptool's format: base64 `text` and `data`, numbers
 * `text_start`, `data_start`, `entry`, `bss_start`.  Ours (stubs/own) are part
 * of the program; Espressif's are looked for as CHIP.json ("esp32c3.json") in
 * each directory of a search path.  An old revision of a chip that needs a stub
 * of its own has its name in struct chip (stub_old) and never takes the other
 * one.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/why.h"
#include "proto/chip/chip.h"

struct stub_image {
	uint8_t		*text, *data;	/* data may be NULL */
	size_t		 text_len, data_len;
	uint32_t	 text_start, data_start, entry;
	uint32_t	 bss_start;	/* 0: none told */
	char		 path[1024];	/* where it came from */
};

enum stub_choice {
	STUB_AUTO,		/* what stubs_first() says, else the other */
	STUB_OWN,
	STUB_ESPRESSIF,
	STUB_NONE,		/* the ROM loader alone */
};

/* "auto", "own", "espressif", "none"; -1 for another word. */
int stubs_choice(const char *word);

/* Which of the two is tried first; *reason is a clause that says why. */
enum stub_choice stubs_first(const struct chip *, const char **reason);

enum { STUB_MAX = 256 * 1024 };	/* bytes of a stub file we take */

/* What is asked for: a stub for a chip of that revision (major * 100 + minor).
 * `path` is directories with ':' between, or NULL.  Ours does not work over the
 * chip's own USB-OTG, whose driver in ROM needs interrupts. */
struct stub_wish {
	enum stub_choice	 choice;	/* not STUB_NONE */
	const struct chip	*chip;
	uint32_t		 revision;
	bool			 usb_otg;
	const char		*path;
};

/* Load it.  Reads files, which blocks; they are small.  Returns 0 with *out
 * (stubs_free() it), ERR_FILE_MISSING without a sentence when there is none
 * (not a failure: the ROM loader does the work), ERR_IMAGE with a sentence for
 * a file that is no stub image, ERR_FILE_DENIED or ERR_IO with one for a file
 * that cannot be read. */
int stubs_load(const struct stub_wish *, struct stub_image **out,
    struct why *);

/* Parse the text of such a file; it need not end in NUL.  0, ERR_IMAGE or
 * ERR_NOMEM; the sentence says what is wrong, not with which file. */
int stubs_parse(const char *json, size_t len, struct stub_image **out,
    struct why *);

void stubs_free(struct stub_image *);	/* NULL is fine */
#endif
