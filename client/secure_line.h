#ifndef CLIENT_SECURE_LINE_H
#define CLIENT_SECURE_LINE_H
/*
 * secure_line - the command line of espsecure: one command, its options, and
 * at most one operand (espsecure 5.3, espsecure/__init__.py).
 *
 * '_' and '-' are one letter in options and commands.  An option that takes
 * several files takes all words up to the next option.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/why.h"

struct json_object;
struct secure_run;
struct show;

/* Options of commands. */
enum secure_option {
	SECURE_OPT_KEYFILE	= 1 << 0,	/* one */
	SECURE_OPT_KEYFILES	= 1 << 1,	/* several */
	SECURE_OPT_OUTPUT	= 1 << 2,
	SECURE_OPT_IV		= 1 << 3,
	SECURE_OPT_VERSION	= 1 << 4,
	SECURE_OPT_SCHEME	= 1 << 5,
	SECURE_OPT_APPEND	= 1 << 6,
	SECURE_OPT_HSM		= 1 << 7,	/* and --hsm-config */
	SECURE_OPT_PRECALC	= 1 << 8,	/* --signature, --pub-key */
	SECURE_OPT_SKIP		= 1 << 9,	/* --skip-padding */
	SECURE_OPT_KEYLEN	= 1 << 10,
	SECURE_OPT_ADDRESS	= 1 << 11,
	SECURE_OPT_CRYPT_CONF	= 1 << 12,
	SECURE_OPT_XTS		= 1 << 13,
};

/* A command, as the table has it. */
struct secure_verb {
	const char	*name;		/* "sign-data"; NULL ends */
	const char	*operand;	/* "DATAFILE"; NULL: it has none */
	const char	*help;		/* one sentence */
	bool		 makes;		/* the operand is its output */
	unsigned	 options;	/* secure_option */
	unsigned	 required;	/* those that must be there */
	const char	*today;		/* the name it has now; NULL: this */
	int		(*run)(struct secure_run *);
};

extern const struct secure_verb secure_verbs[];

/* Names of files, in their order; pointers into argv. */
struct secure_names {
	const char	**names;
	size_t		  count;
};

struct secure_line {
	const struct secure_verb *verb;	/* NULL: none */
	const char	*operand;	/* NULL: none */
	const char	*keyfile;	/* the last of keys; NULL: none */
	struct secure_names keys, pub_keys, signatures;
	const char	*output;	/* NULL: none; "-": stdout */
	const char	*iv, *hsm_config;
	const char	*scheme;	/* "rsa3072", ...; NULL: none given */
	unsigned	 version;	/* of secure boot, 1 or 2 */
	unsigned	 keylen;	/* bits */
	int64_t		 address;
	unsigned	 crypt_conf;
	bool		 append, hsm, skip_padding, xts;
	bool		 json, plain, silent, help;
	struct json_object *older;	/* sentences about spellings */
};

/* Take argv apart, argv[0] is left out.  ERR_USAGE with a sentence.
 * secure_line_done() also after a failure. */
int secure_line_parse(struct secure_line *, int argc, char **argv,
    struct why *);
void secure_line_done(struct secure_line *);

/* Is "secure" the command of an espctl command line?  Then its place in argv;
 * 0: no. */
int secure_line_find(int argc, char **argv);

/* A line of help for each option: those of the command (NULL: none), then
 * those of every run. */
void secure_line_options(struct show *, const struct secure_verb *);
#endif
