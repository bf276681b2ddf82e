#include "client/client.h"

#include "client/member.h"
#include "client/spawn.h"
#include "proto/base/err.h"

enum { TRIES = 3 };	/* a daemon may leave just when we come */

int
client_connect(struct client *c)
{
	struct why	none = { 0 };
	char		log[256];
	int		fd, r;

	for (int i = 0; i < TRIES; i++) {
		if ((fd = spawn_connect(c->args.socket, &c->why)) < 0)
			return fd;
		if ((r = conn_open(&c->conn, fd, &c->why)) <= 0)
			return r;
	}
	if (c->args.socket == NULL && spawn_log(log, sizeof log, &none) == 0)
		return why_set(&c->why, ERR_DAEMON, "the daemon hangs up "
		    "without a word; %s tells why", log);
	return why_set(&c->why, ERR_DAEMON, "the daemon at %s hangs up "
	    "without a word; its log tells why",
	    c->args.socket != NULL ? c->args.socket : "its socket");
}

int
client_call(struct client *c, const char *method, struct json_object *params,
    struct json_object **result)
{
	return conn_call(&c->conn, method, params, NULL, 0, result, &c->why);
}

void
client_result(struct client *c, struct json_object *result)
{
	struct json_object	*o = json_object_new_object();

	json_object_object_add(o, "type", json_object_new_string("result"));
	json_object_object_add(o, "exit", json_object_new_int(0));
	if (json_object_is_type(result, json_type_object)) {
		json_object_object_foreach(result, key, value)
			json_object_object_add(o, key, json_object_get(value));
	}
	show_json(&c->show, o);
	json_object_put(o);
	json_object_put(result);
}
