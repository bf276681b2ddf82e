#ifndef CLIENT_OPTION_H
#define CLIENT_OPTION_H
/*
 * option - the table of options: which parameter of a method each sets, or
 * what of espctl itself, how else it is spelled, and from where it comes when
 * the command line does not say.
 *
 * A parameter of a method is an option by its own name ("no_stub" is
 * --no-stub); only what differs from that has a row.
 */
#include <stdbool.h>
#include <stddef.h>

struct command;
struct json_object;
struct method_param;
struct show;
struct why;

enum { OPTION_NAME_MAX = 40 };		/* of a command or an option, bytes */

/* Options of espctl itself, which no method knows. */
enum own {
	OWN_NONE, OWN_JSON, OWN_SOCKET, OWN_NO_WAIT, OWN_NO_PROGRESS,
	OWN_VERBOSE, OWN_SILENT, OWN_FILTER, OWN_FOLLOW, OWN_REMOVE, OWN_ENCRYPT,
	OWN_NO_ENCRYPT, OWN_ENCRYPT_FILES, OWN_DIFF_WITH, OWN_DIFF, OWN_OPEN_ATTEMPTS,
	OWN_OUTPUT, OWN_SEGFILE, OWN_SEGADDR, OWN_TABLE, OWN_IGNORED, OWN_HELP,
	OWN_VERSION,
};

struct spelling {
	const char	*name;		/* "no-compress"; NULL ends */
	const char	*key;		/* "u", "fs": with one '-'; NULL */
	/* Commands behind which the key means this option and not another;
	 * NULL: everywhere. */
	const char	*behind;
	const char	*param;		/* of a method, or NULL */
	bool		 off;		/* sets a boolean to false */
	bool		 older;		/* another name; help is silent */
	const char	*env;		/* stands in when it is not given */
	const char	*config;	/* and then that of a config file */
	enum own	 own;
	const char	*value;		/* of an own option, for help; NULL:
					 * it takes none */
	unsigned	 needs;		/* command_option that a command has
					 * when it takes this; 0: all do */
	const char	*help;		/* where no method has one */
};

extern const struct spelling spellings[];

/* An option as found: a spelling, or a parameter by its own name. */
struct option {
	const struct spelling		*spelling;	/* or NULL */
	const struct method_param	*param;		/* or NULL */
};

/* By its long name, with dashes.  What a command that was read already (NULL:
 * none yet) has as a parameter by that name goes before an option of ours. */
bool option_find(const char *name, const struct command *command,
    struct option *);

/* By what stands behind one '-', `len` bytes, where `command` was read
 * already (NULL: none yet). */
bool option_key(const char *key, size_t len, const struct command *command,
    struct option *);

bool option_takes_value(const struct option *);

/* How a parameter is spelled on the command line: a long name. */
const char *option_name_of(const char *param);

/* Does the command take that option of espctl's own? */
bool option_fits(const struct command *, const struct spelling *);

/* Some method's parameter of that name; NULL. */
const struct method_param *option_param(const char *name);

/* Copy with '_' as '-', cut to size. */
void option_dashes(char *out, size_t size, const char *s, size_t len);

/* ERR_USAGE for a name that nobody knows, with the nearest one. */
int option_unknown(const char *name, struct why *);

/* The command of that name, spelled either way; NULL with a sentence that
 * suggests the nearest. */
const struct command *option_command(const char *name, struct why *);

/* Somebody wrote an older spelling: a sentence more in the array. */
void option_older(struct json_object *array, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The options of a command, with their help. */
void option_show(struct show *, const struct command *);
#endif
