#ifndef CLIENT_ARGS_H
#define CLIENT_ARGS_H
/*
 * args - the command line: from argv to a command, its operands, and the
 * parameters of its method.
 *
 * The options of a command are the parameters of its method: "no_stub" is
 * --no-stub (option.h).  They may stand before or after the command, and '_' and
 * '-' are one letter in commands, options and choices, as in esptool's older
 * releases.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/why.h"

struct command;
struct rcfile;
struct json_object;

/* Words behind an option that takes all up to the next option. */
struct args_words {
	const char	**words;	/* pointers into argv; NULL: none */
	size_t		 count;
};

struct args {
	const struct command	*command;
	struct json_object	*params;	/* checked values, by name */
	struct json_object	*filters;	/* --port-filter, ["vid=1"]; or NULL */
	/* Older spellings that were used: sentences such as "Command
	 * 'flash_id' is deprecated. Use 'flash-id' instead." */
	struct json_object	*older;
	const char		**operands;	/* pointers into argv */
	size_t			 operand_count;
	struct args_words	 encrypt_files;	/* --encrypt-files */
	struct args_words	 diff_with;	/* --diff-with */
	struct args_words	 segfiles;	/* --segfile, --segaddr of */
	struct args_words	 segaddrs;	/* make-image, one by one */
	const char		*output;	/* --output; NULL */
	const char		*table;		/* --partition-table; NULL */
	const char		*socket;	/* --socket; NULL */
	uint32_t		 open_attempts;	/* 0: for ever */
	unsigned		 own;		/* 1 << OWN_X: was given */
	bool			 json;
	bool			 no_wait;
	bool			 no_progress;
	bool			 silent;
	bool			 help;
	bool			 encrypt;
	bool			 no_encrypt;	/* flash --no-encrypt */
	bool			 diff;		/* verify-flash --diff */
	bool			 follow;	/* ports --follow */
	bool			 remove;	/* label --remove */
};

/* Value of an environment variable or NULL; getenv(3) fits. */
typedef char *args_env(const char *name);

/* What else there is than argv. */
struct args_source {
	args_env		*env;
	const struct rcfile	*config;	/* or NULL */
	/* As esptool: options of all jobs may stand with every command. */
	bool			 lenient;
};

/*
 * Take argv apart.  What it does not say comes from the environment, then from
 * the configuration file.  ERR_USAGE with a sentence for what nobody knows,
 * with the nearest name.  `json` is right even then.  args_done() also after a
 * failure.
 */
int args_parse(struct args *, int argc, char **argv,
    const struct args_source *, struct why *);
void args_done(struct args *);

/* Give a parameter of args->command a value that is for when the command line
 * did not say one; `source` is from where, for ERR_USAGE. */
int args_default(struct args *, const char *name, const char *source,
    const char *value, struct why *);

/*
 * A selector as the daemon wants it (daemon/port/select.h), of what a user
 * wrote: paths begin at the root, "ttyUSB0" is the one in /dev, and so is a
 * link there; any other bare word is a label.  The caller frees it; NULL: out
 * of memory.
 */
char *args_selector(const char *word);
#endif
