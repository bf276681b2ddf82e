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

enum secure_call {
	SECURE_CALL_NONE,	/* something else is called */
	SECURE_CALL_ESPCTL,	/* "espctl secure": the house's exit statuses */
	SECURE_CALL_ESPSECURE,	/* as espsecure: exit 0 or 2 */
};

/* Which of them; *skip words of argv go ahead of the command line, its own name
 * among them.  With SECURE_CALL_ESPCTL the word "secure" is taken out of
 * argv. */
enum secure_call secure_called(int *argc, char **argv, int *skip);

/* Do it.  0 or an enum err, with client->why set unless all was said. */
int secure_main(struct client *, enum secure_call, int argc, char **argv);
#endif
