/* espctl - the client of espflashd: command lines become jobs. */
#include <stdlib.h>

#include "client/client.h"
#include "client/command.h"
#include "client/member.h"
#include "proto/base/err.h"
#include "proto/rpc/rpc.h"

/* Why nothing came of it; jobs have told theirs. */
static void
tell(struct client *c)
{
	struct json_object	*o;

	if (c->why.err == 0)
		return;
	if (!c->show.json) {
		show_error(&c->show, "%s", why_text(&c->why));
		return;
	}
	o = json_object_new_object();
	json_object_object_add(o, "type", json_object_new_string("result"));
	json_object_object_add(o, "exit",
	    json_object_new_int(err_exit(c->why.err)));
	json_object_object_add(o, "error", rpc_error_object(&c->why, NULL));
	show_json(&c->show, o);
	json_object_put(o);
}

int
main(int argc, char **argv)
{
	struct client	c = { 0 };
	int		r;

	conn_init(&c.conn);
	r = args_parse(&c.args, argc, argv, getenv, &c.why);
	show_init(&c.show, c.args.json, c.args.no_progress);
	if (r == 0)
		r = c.args.help ? cmd_help(&c) : c.args.command->run(&c);
	if (r < 0)
		tell(&c);
	if (show_flush(&c.show) < 0) {
		show_error(&c.show, "the result could not be printed");
		r = r == 0 ? ERR_IO : r;
	}
	conn_done(&c.conn);
	args_done(&c.args);
	return r < 0 ? err_exit(r) : c.exit;
}
