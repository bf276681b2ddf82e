#include "client/place.h"

#include <stdio.h>

#include <json-c/json.h>

#include "client/client.h"
#include "client/command.h"
#include "client/submit.h"
#include "client/work.h"
#include "proto/base/err.h"
#include "proto/rpc/method.h"

int
place_parse(struct client *c, const char *word, struct place *p)
{
	*p = (struct place){ .partition = NULL };
	if (c->show.esptool || !(c->args.command->options & COMMAND_PLACES))
		return submit_size(c, "address", word, &p->offset);
	if (method_place(word, &p->offset, &p->partition) == 0)
		return 0;
	return why_set(&c->why, ERR_USAGE, "%s: \"%.80s\" is no address and no "
	    "name of a partition; an address looks like 0x10000, 65536 or "
	    "64k, a name has at most %d bytes (partition=NAME when it begins "
	    "with a digit)%s", c->args.command->name, word, METHOD_NAME_MAX,
	    submit_port_hint(c));
}

struct json_object *
place_json(const struct place *p)
{
	char	text[sizeof "partition=" + METHOD_NAME_MAX];

	if (p->partition == NULL)
		return json_object_new_int64(p->offset);
	(void)snprintf(text, sizeof text, "partition=%s", p->partition);
	return json_object_new_string(text);
}

int
place_table(struct client *c, struct parcel *p)
{
	return c->args.table == NULL ? 0 :
	    work_file(c, p, "partition_table", c->args.table);
}
