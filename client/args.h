#ifndef CLIENT_ARGS_H
#define CLIENT_ARGS_H
/*
 * args - the command line: from argv to a command, its operands, and the
 * parameters of its method.
 *
 * The options of a command are the parameters of its method: "no_stub" is
 * --no-stub.  They may stand before or after the command, and '_' and '-' are
 * one letter in commands, options and choices, as in esptool's older releases.
 */
#include <stdbool.h>
#include <stddef.h>

#include "proto/base/why.h"

struct command;
struct json_object;
struct show;

struct args {
	const struct command	*command;
	struct json_object	*params;	/* checked values, by name */
	struct json_object	*filters;	/* --port-filter, ["vid=1"]; or NULL */
	const char		**operands;	/* pointers into argv */
	size_t			 operand_count;
	const char		*socket;	/* --socket; NULL */
	bool			 json;
	bool			 no_wait;
	bool			 no_progress;
	bool			 help;
	bool			 follow;	/* ports --follow */
	bool			 remove;	/* label --remove */
};

/* Value of an environment variable or NULL; getenv(3) fits. */
typedef char *args_env(const char *name);

/*
 * Take argv apart.  ERR_USAGE with a sentence for what nobody knows, with the
 * nearest name.  `json` is right even then.  args_done() also after a failure.
 */
int args_parse(struct args *, int argc, char **argv, args_env *, struct why *);
void args_done(struct args *);

/*
 * A selector as the daemon wants it (daemon/port/select.h), of what a user
 * wrote: paths begin at the root, "ttyUSB0" is the one in /dev, and so is a
 * link there; any other bare word is a label.  The caller frees it; NULL: out
 * of memory.
 */
char *args_selector(const char *word);

/* The command of that name, spelled either way; NULL with a sentence that
 * suggests the nearest. */
const struct command *args_command(const char *name, struct why *);

/* The options of a command, with their help. */
void args_show_options(struct show *, const struct command *);
#endif
