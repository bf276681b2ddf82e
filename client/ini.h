#ifndef CLIENT_INI_H
#define CLIENT_INI_H
/*
 * ini - the lines of an INI file, as Python's configparser reads them: what
 * esptool and espsecure are configured with.
 *
 *	[section]
 *	key = value		or "key: value"
 *	    more of the value	a line further in than its key's
 *	# a note, or ; a note	on a line of its own
 *
 * Nothing is copied: what is found points into the text.
 *
 * Source: Python 3 Library Reference, configparser, "Supported INI File
 * Structure".
 */
#include <stdbool.h>
#include <stddef.h>

struct ini_span {
	const char	*p;
	size_t		 len;
};

enum ini_kind {
	INI_SECTION,
	INI_OPTION,
	INI_MORE,		/* of the last option's value; may be empty */
	INI_BAD,		/* none of these, or ahead of all sections */
};

struct ini_line {
	enum ini_kind	kind;
	unsigned	number;		/* from 1 */
	struct ini_span	name;		/* of a section, of an option */
	struct ini_span	value;		/* blanks around it taken off */
};

/* Where reading stands; belongs to ini.c. */
struct ini {
	struct ini_span	rest;
	unsigned	number;
	size_t		indent;		/* of the last section or option */
	bool		section;	/* in one */
	bool		option;		/* after one, which may go on */
};

void ini_init(struct ini *, const char *text, size_t len);

/* The next line that says something; false at the end. */
bool ini_next(struct ini *, struct ini_line *);

/*
 * A value with its further lines, which `all` spans from the first line's value
 * to the last's end: each without blanks around it, LF between them, notes left
 * out.  `out` takes all.len bytes; returns how many are set.
 */
size_t ini_join(struct ini_span all, char *out);

bool ini_is(struct ini_span, const char *word);

/* Without the blanks around it. */
struct ini_span ini_trim(struct ini_span);
#endif
