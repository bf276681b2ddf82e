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
struct client;

/* Do it.  0 or an enum err, with client->why set unless all was said. */
int efuse_main(struct client *, int argc, char **argv);
#endif
