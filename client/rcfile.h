#ifndef CLIENT_RCFILE_H
#define CLIENT_RCFILE_H
/*
 * rcfile - the configuration file that esptool reads, too: the section
 * [esptool] of an INI file (esptool 5.3, __init__.py).
 *
 * $ESPTOOL_CFGFILE, then esptool.cfg, setup.cfg or tox.ini in the working
 * directory, in ~/.config/esptool, in ~: the first with that section counts.
 */
#include <stdbool.h>
#include <stddef.h>

#include "proto/base/why.h"

struct json_object;

enum { RCFILE_MAX = 256 * 1024 };	/* bytes of a file that is looked at */

struct rcfile {
	char			*path;		/* absolute; NULL: there is none */
	bool			 from_env;	/* $ESPTOOL_CFGFILE named it */
	struct json_object	*values;	/* known keys: texts */
	/* To tell the user: options that nobody knows, options without effect
	 * here, files that could not be read ("PATH: why"): arrays of texts,
	 * sorted. */
	struct json_object	*unknown, *idle, *invalid;
};

/* Find and read it.  Values are judged by who uses them. */
void rcfile_load(struct rcfile *);
void rcfile_done(struct rcfile *);

/* The value of a key; NULL when the file does not set it. */
const char *rcfile_value(const struct rcfile *, const char *key);

/*
 * The lines of [esptool] in `text`: *values is a new object of key (lower case)
 * and value, NULL when there is no such section.  ERR_PARAMS with a sentence for
 * a line that makes no sense and for a key that is set twice.
 */
int rcfile_parse(const char *text, size_t len, struct json_object **values,
    struct why *);
#endif
