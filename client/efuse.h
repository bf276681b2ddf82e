#ifndef CLIENT_EFUSE_H
#define CLIENT_EFUSE_H
/*
 * efuse - "espctl efuse ...", and being called in the place of espefuse:
 * "espctl espefuse ...", or by the name of espefuse or espefuse.py.
 *
 * A run reads the fuses of its boards once, then does its commands one after
 * the other.  What is to be burned is planned here (proto/efuse/plan.h), shown
 * with what it makes impossible, and burned when BURN was typed: by the
 * daemon, which plans it again by itself, or into the file of a virtual chip.
 */
#include <stdbool.h>

struct client;

enum efuse_call {
	EFUSE_CALL_NONE,	/* something else is called */
	EFUSE_CALL_ESPCTL,	/* "espctl efuse": in our own words */
	EFUSE_CALL_ESPEFUSE,	/* in those of espefuse, its exit statuses */
};

/* Which of them; *skip words of argv go ahead of the command line, its own name
 * among them.  With EFUSE_CALL_ESPCTL the word "efuse" is taken out of argv. */
enum efuse_call efuse_called(int *argc, char **argv, int *skip);

/* Do it.  0 or an enum err, with client->why set unless all was said. */
int efuse_main(struct client *, enum efuse_call, int argc, char **argv);
#endif
