#ifndef CLIENT_EXPAND_H
#define CLIENT_EXPAND_H
/*
 * expand - "@file" on the command line stands for the words of that file,
 * split as a shell does: at blanks and line ends, with quotes and '\'.
 */
#include <stdbool.h>
#include <stddef.h>

#include "proto/base/why.h"

enum {
	EXPAND_FILE_MAX	 = 256 * 1024,	/* bytes of one file */
	EXPAND_WORDS_MAX = 8192,	/* of the whole command line */
};

struct expand {
	int	  argc;
	char	**argv;		/* all words, NULL behind them */
	bool	  any;		/* there was an @file */
};

/* The command line with its files in place.  ERR_FILE_MISSING and the like,
 * ERR_LIMIT, ERR_USAGE (a quote without end); expand_done() even then.  A word
 * that comes out of a file is not looked at again; behind a command that reads
 * such files itself (COMMAND_BUILD) they stay. */
int expand_args(struct expand *, int argc, char **argv, struct why *);
void expand_done(struct expand *);

/* Add the words of a text. */
int expand_text(struct expand *, const char *text, size_t len, struct why *);
#endif
