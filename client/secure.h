#ifndef CLIENT_SECURE_H
#define CLIENT_SECURE_H
/*
 * secure - "espctl secure ...", and being called in the place of espsecure:
 * "espctl espsecure ...", or by the name of espsecure or espsecure.py.
 *
 * Keys, signatures and flash encryption of files.  No daemon has a part in it:
 * private keys stay in this process, which leaves nothing of them behind.
 */
struct client;

/* Do it.  0 or an enum err, with client->why set unless all was said. */
int secure_main(struct client *, int argc, char **argv);
#endif
