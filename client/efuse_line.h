#ifndef CLIENT_EFUSE_LINE_H
#define CLIENT_EFUSE_LINE_H
/*
 * efuse_line - the command line of espefuse: options of the whole run, and
 * commands one after the other, each with its operands and options
 * (espefuse 5.3, espefuse/__init__.py and cli_util.py).
 *
 * Options of the run may stand anywhere; '_' and '-' are one letter in options
 * and commands.  Whatever is the name of a command begins that command.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/args.h"
#include "proto/base/why.h"

struct client;
struct efuse_line;
struct efuse_run;
struct json_object;
struct show;

/* Options that only some commands take. */
enum efuse_option {
	EFUSE_OPT_FORMAT	= 1 << 0,
	EFUSE_OPT_FILE		= 1 << 1,	/* summary --file */
	EFUSE_OPT_FILE_NAME	= 1 << 2,	/* dump --file-name */
	EFUSE_OPT_RECOVERY	= 1 << 3,
	EFUSE_OPT_FORCE		= 1 << 4,
	EFUSE_OPT_ALWAYS	= 1 << 5,	/* --force-write-always */
	EFUSE_OPT_OFFSET	= 1 << 6,
	EFUSE_OPT_SHOW		= 1 << 7,	/* --show-sensitive-info */
	EFUSE_OPT_PROTECT	= 1 << 8,	/* --no-write-protect, --no-read-
						 * protect; ESP32:
						 * --no-protect-key */
};

/* What a command can be about, for help: the names that a chip has. */
enum efuse_about {
	EFUSE_ABOUT_NOTHING,
	EFUSE_ABOUT_FIELDS,
	EFUSE_ABOUT_HIDDEN,	/* fields that can be read-protected */
	EFUSE_ABOUT_LOCKED,	/* ... write-protected */
	EFUSE_ABOUT_BLOCKS,
	EFUSE_ABOUT_KEYS,	/* blocks, and what a key is for */
	EFUSE_ABOUT_DIGESTS,
};

/* A command, as the table has it. */
struct efuse_verb {
	const char	*name;		/* "burn-key"; NULL ends */
	const char	*operands;	/* for help */
	const char	*help;		/* one sentence */
	bool		 burns;
	unsigned	 min, max;	/* operands */
	unsigned	 options;	/* efuse_option */
	const char	*formats;	/* "a|b", the first is the usual one */
	enum efuse_about about;
	/* Reading: show it, of the board that the run is at. */
	int		(*read)(struct efuse_run *, size_t command);
	/* Burning: what is wanted. */
	int		(*wish)(struct efuse_run *, size_t command);
};

extern const struct efuse_verb efuse_verbs[];

struct efuse_command {
	const struct efuse_verb	*verb;
	const char		**words;	/* operands */
	size_t			 count;
	const char		*format;	/* one of verb->formats */
	const char		*file;		/* --file, --file-name; NULL */
	uint32_t		 offset;
	bool			 recovery, force, always, show;
	bool			 writable, readable;	/* --no-..-protect */
	bool			 help;
};

struct efuse_line {
	struct json_object	*params;	/* port, chip, baud, before, after,
						 * trace, as jobs take them */
	struct json_object	*older;		/* sentences about spellings */
	struct efuse_command	*commands;
	size_t			 count;
	const char		**words;	/* operands of all commands,
						 * pointers into argv */
	size_t			 word_count;
	const char		*virt_file;	/* NULL: nothing is kept */
	const char		*table;		/* --extend-efuse-table */
	const char		*socket;
	bool			 virt, debug, do_not_confirm, postpone;
	bool			 json, plain, silent, help;
};

/*
 * Take argv apart, argv[0] is left out.  The environment stands in for --chip,
 * --port, --baud and --socket, the configuration file for options of jobs.
 * ERR_USAGE with a sentence.  efuse_line_done() also after a failure.
 */
int efuse_line_parse(struct efuse_line *, int argc, char **argv,
    const struct args_source *, struct why *);
void efuse_line_done(struct efuse_line *);

/* Is "efuse" the command of an espctl command line?  Then its place in argv;
 * 0: no. */
int efuse_line_find(int argc, char **argv);

/* A line of help for each option: those of the run (0), or of a command
 * (efuse_option). */
void efuse_line_options(struct show *, unsigned needs);
#endif
