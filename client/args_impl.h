#ifndef CLIENT_ARGS_IMPL_H
#define CLIENT_ARGS_IMPL_H
/*
 * args_impl - what args.c and args_value.c share.
 */
#include <stdbool.h>

#include "client/args.h"

struct method_param;

struct parse {
	struct args	*args;
	int		 argc, at;	/* the word being read */
	char		**argv;
	bool		 version;
	const struct args_source *from;
	struct why	*why;
};

/* Give a parameter its value; `source` is how the user wrote its name. */
int args_set(struct parse *, const struct method_param *, const char *source,
    const char *value);

/* A filter, "vid=0x303A", and all that follow it in argv, as esptool has it;
 * filter.h judges their values. */
int args_filters(struct parse *, const char *word);
#endif
