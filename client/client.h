#ifndef CLIENT_CLIENT_H
#define CLIENT_CLIENT_H
/*
 * client - what one run of espctl knows: its command line, its connection,
 * its terminal, and why it failed.
 */
#include "client/args.h"
#include "client/called.h"
#include "client/rcfile.h"
#include "client/conn.h"
#include "client/esptool.h"
#include "client/show.h"
#include "proto/base/why.h"

struct images;
struct voice;

struct client {
	struct args	args;
	struct rcfile	config;
	struct called	called;
	const struct voice *voice;
	struct esptool	esptool;	/* of voice_esptool */
	const struct images *images;	/* of a write or verify; or NULL */
	struct conn	conn;	/* closed until client_connect() */
	struct show	show;
	struct why	why;	/* to be told by main; err 0: all was said */
	int		exit;	/* status of a command that did its work */
};

/* Find or start the daemon and greet it.  Returns 0 or an enum err with
 * client->why set. */
int client_connect(struct client *);

/* Call a method; `params` is taken over.  *result is the caller's. */
int client_call(struct client *, const char *method,
    struct json_object *params, struct json_object **result);

/* The last line of --json: the members of a result, which is taken over. */
void client_result(struct client *, struct json_object *result);
#endif
