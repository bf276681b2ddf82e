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
	const char		**operands;	/* pointers into argv */
	size_t			 operand_count;
	const char		*socket;	/* --socket; NULL */
	bool			 json;
	bool			 no_wait;
	bool			 no_progress;
	bool			 help;
};

/* Value of an environment variable or NULL; getenv(3) fits. */
typedef char *args_env(const char *name);

/*
 * Take argv apart.  ERR_USAGE with a sentence for what nobody knows, with the
 * nearest name.  `json` is right even then.  args_done() also after a failure.
 */
int args_parse(struct args *, int argc, char **argv, args_env *, struct why *);
void args_done(struct args *);

/* The command of that name, spelled either way; NULL with a sentence that
 * suggests the nearest. */
const struct command *args_command(const char *name, struct why *);

/* The options of a command, with their help. */
void args_show_options(struct show *, const struct command *);
#endif
