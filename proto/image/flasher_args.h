#ifndef PROTO_IMAGE_FLASHER_ARGS_H
#define PROTO_IMAGE_FLASHER_ARGS_H
/*
 * flasher_args - what ESP-IDF leaves in a build directory to say how the build
 * is flashed: flasher_args.json, or the words of flash_args,
 * flash_project_args, flash_app_args ..., which esptool takes as @FILE.
 * Source: ESP-IDF, components/esptool_py (flasher_args.json.in,
 * project_include.cmake).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/why.h"

enum {
	FLASHER_ARGS_MAX	= 256 * 1024,	/* bytes of such a file */
	FLASHER_FILES_MAX	= 64,
	FLASHER_TEXT_MAX	= 4096,		/* of one path or value */
};

/* Settings that have a value, and those that are on or off. */
enum flasher_value {
	FLASHER_CHIP, FLASHER_BEFORE, FLASHER_AFTER, FLASHER_MODE,
	FLASHER_FREQ, FLASHER_SIZE, FLASHER_SPI, FLASHER_VALUES
};
enum flasher_flag {
	FLASHER_NO_STUB, FLASHER_PLAIN, FLASHER_ERASE_ALL,
	FLASHER_SKIP_FLASHED, FLASHER_FORCE, FLASHER_IGNORE_EFUSE,
	FLASHER_FLAGS
};

/* The parameters of flash.write that they are: "flash_mode", "no_stub". */
extern const char *const flasher_value_names[FLASHER_VALUES];
extern const char *const flasher_flag_names[FLASHER_FLAGS];

struct flasher_file {
	uint32_t	 offset;
	char		*path;		/* not empty; seen from the folder that
					 * the settings lie in */
	bool		 encrypt;	/* by the chip, on its way */
};

struct flasher_args {
	char			*values[FLASHER_VALUES];	/* NULL: not said */
	bool			 flags[FLASHER_FLAGS];
	struct flasher_file	*files;		/* in the file's order */
	size_t			 count;		/* > 0 */
};

/*
 * Read the whole text of such a file: JSON if it begins with '{', words else.
 * Values are as they stand there.  ERR_IMAGE with what makes no sense, ERR_LIMIT,
 * ERR_NOMEM.  flasher_args_done() after success only.
 */
int flasher_args_parse(const char *text, size_t len, struct flasher_args *,
    struct why *);
void flasher_args_done(struct flasher_args *);
#endif
